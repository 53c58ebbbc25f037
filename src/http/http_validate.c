/* SPDX-License-Identifier: MIT */
/* Conditional and partial requests: entity tags and ranges. */
#include "http/http_char.h"
#include "http/http_reply.h"

static struct str without_weak(struct str etag)
{
    return str_starts(etag, STR("W/")) ? str_skip(etag, 2) : etag;
}

/* The length of the entity tag at the front, 0 if there is none. A comma may be part of it. */
static size_t etag_len(struct str s)
{
    size_t i = str_starts(s, STR("W/")) ? 2 : 0;

    if (i >= s.len || s.ptr[i] != '"') {
        return 0;
    }
    for (i++; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (c == '"') {
            return i + 1;
        }
        if (c < 0x21 || c == 0x7f) {
            return 0;
        }
    }
    return 0;
}

bool http_etag_matches(struct str if_none_match, struct str etag)
{
    struct str rest = http_trim(if_none_match);

    if (str_eq(rest, STR("*"))) {
        return true;
    }
    while (rest.len > 0) {
        size_t len = etag_len(rest);

        if (len == 0) {
            return false;
        }
        if (str_eq(without_weak(str_sub(rest, 0, len)), without_weak(etag))) {
            return true;
        }
        rest = http_trim(str_skip(rest, len));
        if (rest.len > 0) {
            if (rest.ptr[0] != ',') {
                return false;
            }
            rest = http_trim(str_skip(rest, 1));
        }
    }
    return false;
}

/* Reads digits at the front, keeping the highest value when they are more than fit. */
static bool cut_number(struct str *s, uint64_t *ret)
{
    uint64_t value = 0;
    size_t i = 0;

    for (; i < s->len && s->ptr[i] >= '0' && s->ptr[i] <= '9'; i++) {
        uint64_t digit = (uint64_t)(s->ptr[i] - '0');

        value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
    }
    *s = str_skip(*s, i);
    *ret = value;
    return i > 0;
}

enum http_range http_range_parse(
        struct str range, uint64_t size, uint64_t *ret_from, uint64_t *ret_len)
{
    struct str unit = STR("bytes=");
    struct str rest = str_skip(range, unit.len);
    uint64_t first = 0;
    uint64_t last = UINT64_MAX;

    if (!str_ieq(str_sub(range, 0, unit.len), unit)) {
        return HTTP_RANGE_NONE;
    }
    bool has_first = cut_number(&rest, &first);

    if (!str_starts(rest, STR("-"))) {
        return HTTP_RANGE_NONE;
    }
    rest = str_skip(rest, 1);
    bool has_last = cut_number(&rest, &last);

    if (rest.len > 0 || (!has_first && !has_last)) {
        return HTTP_RANGE_NONE;
    }
    if (!has_first) { /* the last so many bytes */
        if (last == 0) {
            return HTTP_RANGE_UNSATISFIABLE;
        }
        if (size == 0) {
            return HTTP_RANGE_NONE; /* all of nothing, for which Content-Range has no words */
        }
        *ret_len = last < size ? last : size;
        *ret_from = size - *ret_len;
        return HTTP_RANGE_ONE;
    }
    if (!has_last) {
        last = UINT64_MAX;
    }
    if (last < first) {
        return HTTP_RANGE_NONE;
    }
    if (first >= size) {
        return HTTP_RANGE_UNSATISFIABLE;
    }
    *ret_from = first;
    *ret_len = (last < size ? last + 1 : size) - first;
    return HTTP_RANGE_ONE;
}
