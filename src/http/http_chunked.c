/* SPDX-License-Identifier: MIT */
/*
 * Chunked bodies (RFC 9112 section 7.1), one byte of state machine at a time
 * for the framing and whole pieces for the data:
 *
 *     size [;extension] CR LF  data CR LF  ...  0 [;extension] CR LF  trailers CR LF
 *
 * Extensions and trailers are read and dropped; together they have the budget
 * of a request head, so that a body cannot consist of them.
 */
#include "http/http_char.h"
#include "http/http_parse.h"

enum {
    SIZE_FIRST, /* the state of a zeroed struct */
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_FIRST,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    END_LF,
    END,
    BROKEN,
};

/* One hexadecimal digit of a size; BROKEN when it is none or the size leaves 63 bits. */
static int add_digit(struct http_chunked *c, char byte)
{
    int digit = http_hex(byte);

    if (digit < 0 || c->left > (uint64_t)INT64_MAX >> 4) {
        return BROKEN;
    }
    c->left = c->left << 4 | (uint64_t)digit;
    return SIZE;
}

/* The state after one byte of framing. */
static int step(struct http_chunked *c, char byte)
{
    switch (c->state) {
    case SIZE_FIRST: c->left = 0; return add_digit(c, byte);
    case SIZE:
        if (byte == '\r') {
            return SIZE_LF;
        }
        return byte == ';' ? EXTENSION : add_digit(c, byte);
    case EXTENSION:
        if (byte == '\r') {
            return SIZE_LF;
        }
        return http_is_value(byte) ? EXTENSION : BROKEN;
    case SIZE_LF:
        if (byte != '\n') {
            return BROKEN;
        }
        return c->left > 0 ? DATA : TRAILER_FIRST;
    case DATA_CR: return byte == '\r' ? DATA_LF : BROKEN;
    case DATA_LF: return byte == '\n' ? SIZE_FIRST : BROKEN;
    case TRAILER_FIRST:
        if (byte == '\r') {
            return END_LF;
        }
        return http_is_token(byte) ? TRAILER_NAME : BROKEN;
    case TRAILER_NAME:
        if (byte == ':') {
            return TRAILER_VALUE;
        }
        return http_is_token(byte) ? TRAILER_NAME : BROKEN;
    case TRAILER_VALUE:
        if (byte == '\r') {
            return TRAILER_LF;
        }
        return http_is_value(byte) ? TRAILER_VALUE : BROKEN;
    case TRAILER_LF: return byte == '\n' ? TRAILER_FIRST : BROKEN;
    case END_LF: return byte == '\n' ? END : BROKEN;
    default: return BROKEN;
    }
}

/* Whether a byte read in this state carries nothing and so is paid from the budget. Leading zeros
 * of a size carry nothing either. */
static bool is_ballast(const struct http_chunked *c)
{
    return c->state == EXTENSION || (c->state == SIZE && c->left == 0) ||
           (c->state >= TRAILER_FIRST && c->state <= TRAILER_LF);
}

enum parse_status http_chunked_read(
        struct http_chunked *c, struct str in, size_t *ret_used, struct str *ret_data)
{
    size_t i = 0;

    *ret_data = (struct str){ NULL, 0 };
    while (i < in.len && c->state != END && c->state != BROKEN) {
        if (c->state == DATA) {
            struct str piece = str_skip(in, i);

            if (piece.len >= c->left) {
                piece.len = (size_t)c->left;
                c->state = DATA_CR;
            }
            c->left -= piece.len;
            *ret_data = piece;
            *ret_used = i + piece.len;
            return PARSE_INCOMPLETE;
        }
        c->state = step(c, in.ptr[i]);
        i++;
        if (is_ballast(c) && ++c->trailer > HTTP_HEAD_MAX) {
            c->state = BROKEN;
        }
    }
    *ret_used = i;
    if (c->state == BROKEN) {
        return PARSE_MALFORMED;
    }
    return c->state == END ? PARSE_DONE : PARSE_INCOMPLETE;
}
