/* SPDX-License-Identifier: MIT */
/*
 * Frames and messages, server side (RFC 6455 section 5):
 *
 *     byte 0   FIN  RSV1 RSV2 RSV3  opcode (4 bits)
 *     byte 1   MASK length (7 bits; 126: 2 bytes follow, 127: 8 bytes follow)
 *     then     the longer length, 4 bytes of mask, the payload
 *
 * However the input is cut, the messages and the failure are the same: every
 * check looks at bytes in their order and as soon as they are there.
 */
#include "ws/ws_frame.h"

#include <assert.h>
#include <string.h>

enum {
    CONTROL_MAX = 125, /* payload of a control frame */
    LEN_16 = 126,
    LEN_64 = 127,
};

static bool is_control(enum ws_opcode opcode)
{
    return opcode >= WS_CLOSE;
}

void ws_frame_write(struct strbuf *out, enum ws_opcode opcode, struct str payload)
{
    unsigned char header[10];
    size_t header_len = 2;

    assert(!is_control(opcode) || payload.len <= CONTROL_MAX);
    header[0] = (unsigned char)(0x80 | opcode);
    if (payload.len < LEN_16) {
        header[1] = (unsigned char)payload.len;
    } else {
        size_t bytes = payload.len <= 0xffff ? 2 : 8;

        header[1] = bytes == 2 ? LEN_16 : LEN_64;
        for (size_t i = 0; i < bytes; i++) {
            header[2 + i] = (unsigned char)((uint64_t)payload.len >> (8 * (bytes - 1 - i)));
        }
        header_len += bytes;
    }
    char *to = strbuf_reserve(out, header_len + payload.len); /* the whole frame or nothing */

    if (!to) {
        return;
    }
    memcpy(to, header, header_len);
    if (payload.len > 0) {
        memcpy(to + header_len, payload.ptr, payload.len);
    }
    strbuf_commit(out, header_len + payload.len);
}

void ws_close_write(struct strbuf *out, unsigned code, struct str reason)
{
    char payload[CONTROL_MAX];

    if (code == WS_CLOSE_NONE) {
        ws_frame_write(out, WS_CLOSE, (struct str){ NULL, 0 });
        return;
    }
    if (reason.len > CONTROL_MAX - 2) {
        size_t len = CONTROL_MAX - 2;

        while (len > 0 && ((unsigned char)reason.ptr[len] & 0xc0) == 0x80) {
            len--;
        }
        reason.len = len;
    }
    payload[0] = (char)(code >> 8);
    payload[1] = (char)(code & 0xff);
    if (reason.len > 0) {
        memcpy(payload + 2, reason.ptr, reason.len);
    }
    ws_frame_write(out, WS_CLOSE, (struct str){ payload, reason.len + 2 });
}

void ws_reader_init(struct ws_reader *reader)
{
    *reader = (struct ws_reader){ 0 };
    strbuf_init(&reader->message, WS_MESSAGE_MAX);
    strbuf_init(&reader->control, CONTROL_MAX);
}

void ws_reader_finish(struct ws_reader *reader)
{
    strbuf_finish(&reader->message);
    strbuf_finish(&reader->control);
}

static enum parse_status fail(struct ws_reader *reader, unsigned code, unsigned *ret_close)
{
    reader->failed = code;
    *ret_close = code;
    return PARSE_MALFORMED;
}

/* 0, or the code to fail with. */
static unsigned check_first_byte(const struct ws_reader *reader, unsigned byte)
{
    bool fin = (byte & 0x80) != 0;

    if ((byte & 0x70) != 0) {
        return WS_CLOSE_PROTOCOL; /* no extension gave the bits a meaning */
    }
    switch (byte & 0x0f) {
    case WS_CONTINUATION: return reader->open ? 0 : WS_CLOSE_PROTOCOL;
    case WS_TEXT:
    case WS_BINARY: return reader->open ? WS_CLOSE_PROTOCOL : 0;
    case WS_CLOSE:
    case WS_PING:
    case WS_PONG: return fin ? 0 : WS_CLOSE_PROTOCOL;
    default: return WS_CLOSE_PROTOCOL;
    }
}

/* The same for the second byte. */
static unsigned check_second_byte(unsigned first, unsigned byte)
{
    bool masked = (byte & 0x80) != 0;

    if (!masked || ((first & 0x08) != 0 && (byte & 0x7f) > CONTROL_MAX)) {
        return WS_CLOSE_PROTOCOL;
    }
    return 0;
}

/* The same for a length that was read whole. */
static unsigned check_length(
        const struct ws_reader *reader, unsigned first, unsigned form, uint64_t len)
{
    if ((form == LEN_16 && len < LEN_16) || (form == LEN_64 && len <= 0xffff) || len > INT64_MAX) {
        return WS_CLOSE_PROTOCOL;
    }
    if ((first & 0x08) != 0) {
        return 0;
    }
    if (len > WS_MESSAGE_MAX - reader->message.len) {
        return WS_CLOSE_TOO_BIG;
    }
    return reader->open && reader->fragments >= WS_FRAGMENTS_MAX ? WS_CLOSE_POLICY : 0;
}

static void begin_frame(
        struct ws_reader *reader, unsigned first, uint64_t len, const unsigned char *mask)
{
    reader->fin = (first & 0x80) != 0;
    reader->frame_opcode = (enum ws_opcode)(first & 0x0f);
    reader->left = len;
    reader->mask_at = 0;
    reader->in_frame = true;
    memcpy(reader->mask, mask, sizeof(reader->mask));
    if (is_control(reader->frame_opcode)) {
        strbuf_reset(&reader->control);
        return;
    }
    if (!reader->open) {
        reader->open = true;
        reader->opcode = reader->frame_opcode;
        reader->fragments = 0;
    }
    reader->fragments++;
}

/* Reads a header and begins its frame. MALFORMED: *ret_close; DONE: *ret_used. */
static enum parse_status read_header(
        struct ws_reader *reader, struct str in, size_t *ret_used, unsigned *ret_close)
{
    const unsigned char *p = (const unsigned char *)in.ptr;

    if (in.len < 1) {
        return PARSE_INCOMPLETE;
    }
    unsigned code = check_first_byte(reader, p[0]);

    if (code != 0) {
        return fail(reader, code, ret_close);
    }
    if (in.len < 2) {
        return PARSE_INCOMPLETE;
    }
    code = check_second_byte(p[0], p[1]);
    if (code != 0) {
        return fail(reader, code, ret_close);
    }
    unsigned form = p[1] & 0x7f;
    size_t extra = form == LEN_16 ? 2 : form == LEN_64 ? 8 : 0;
    uint64_t len = extra == 0 ? form : 0;

    if (in.len < 2 + extra) {
        return PARSE_INCOMPLETE;
    }
    for (size_t i = 0; i < extra; i++) {
        len = len << 8 | p[2 + i];
    }
    code = check_length(reader, p[0], form, len);
    if (code != 0) {
        return fail(reader, code, ret_close);
    }
    size_t header_len = 2 + extra + sizeof(reader->mask);

    if (in.len < header_len) {
        return PARSE_INCOMPLETE;
    }
    begin_frame(reader, p[0], len, p + 2 + extra);
    *ret_used = header_len;
    return PARSE_DONE;
}

/* Takes in as much of the payload as is there. */
static size_t read_payload(struct ws_reader *reader, struct str in)
{
    size_t len = in.len < reader->left ? in.len : (size_t)reader->left;

    if (len == 0) {
        return 0;
    }
    struct strbuf *into = is_control(reader->frame_opcode) ? &reader->control : &reader->message;
    char *to = strbuf_reserve(into, len);

    assert(to); /* the length was checked with the header */
    for (size_t i = 0; i < len; i++) {
        to[i] = (char)(in.ptr[i] ^ reader->mask[(reader->mask_at + i) & 3]);
    }
    strbuf_commit(into, len);
    reader->mask_at = (unsigned)((reader->mask_at + len) & 3);
    reader->left -= len;
    return len;
}

/* The codes that a peer may send (RFC 6455 section 7.4 and the IANA registry). */
static bool is_close_code(unsigned code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static enum parse_status deliver_control(
        struct ws_reader *reader, struct ws_message *ret, unsigned *ret_close)
{
    struct ws_message message = { reader->frame_opcode, strbuf_str(&reader->control), 0 };

    if (reader->frame_opcode == WS_CLOSE) {
        const unsigned char *p = (const unsigned char *)message.payload.ptr;

        message.close_code = WS_CLOSE_NONE;
        if (message.payload.len == 1) {
            return fail(reader, WS_CLOSE_PROTOCOL, ret_close);
        }
        if (message.payload.len >= 2) {
            message.close_code = (unsigned)p[0] << 8 | p[1];
            message.payload = str_skip(message.payload, 2);
            if (!is_close_code(message.close_code)) {
                return fail(reader, WS_CLOSE_PROTOCOL, ret_close);
            }
            if (!str_is_utf8(message.payload)) {
                return fail(reader, WS_CLOSE_UTF8, ret_close);
            }
        }
        reader->closed = true;
    }
    *ret = message;
    return PARSE_DONE;
}

static enum parse_status deliver_message(
        struct ws_reader *reader, struct ws_message *ret, unsigned *ret_close)
{
    struct ws_message message = { reader->opcode, strbuf_str(&reader->message), 0 };

    if (reader->opcode == WS_TEXT && !str_is_utf8(message.payload)) {
        return fail(reader, WS_CLOSE_UTF8, ret_close);
    }
    reader->open = false;
    reader->delivered = true;
    *ret = message;
    return PARSE_DONE;
}

enum parse_status ws_read(struct ws_reader *reader, struct str in, size_t *ret_used,
        struct ws_message *ret, unsigned *ret_close)
{
    size_t used = 0;

    if (reader->failed != 0) {
        *ret_used = 0;
        *ret_close = reader->failed;
        return PARSE_MALFORMED;
    }
    if (reader->closed) {
        *ret_used = in.len;
        return PARSE_INCOMPLETE;
    }
    if (reader->delivered) {
        strbuf_reset(&reader->message);
        reader->delivered = false;
    }
    for (;;) {
        if (!reader->in_frame) {
            size_t header_len = 0;
            enum parse_status status =
                    read_header(reader, str_skip(in, used), &header_len, ret_close);

            if (status != PARSE_DONE) {
                *ret_used = used;
                return status;
            }
            used += header_len;
        }
        used += read_payload(reader, str_skip(in, used));
        *ret_used = used;
        if (reader->left > 0) {
            return PARSE_INCOMPLETE;
        }
        reader->in_frame = false;
        if (is_control(reader->frame_opcode)) {
            return deliver_control(reader, ret, ret_close);
        }
        if (reader->fin) {
            return deliver_message(reader, ret, ret_close);
        }
    }
}
