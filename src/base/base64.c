/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

const char base64_digits[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_value(char digit)
{
    return digit >= 'A' && digit <= 'Z'   ? digit - 'A'
           : digit >= 'a' && digit <= 'z' ? digit - 'a' + 26
           : digit >= '0' && digit <= '9' ? digit - '0' + 52
           : digit == '+'                 ? 62
           : digit == '/'                 ? 63
                                          : -1;
}

void base64_encode(struct strbuf *out, struct str bytes)
{
    const unsigned char *p = (const unsigned char *)bytes.ptr;

    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        unsigned value = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) |
                         (left > 2 ? (unsigned)p[i + 2] : 0);
        char quad[4] = { base64_digits[value >> 18], base64_digits[value >> 12 & 63],
            base64_digits[value >> 6 & 63], base64_digits[value & 63] };

        quad[2] = left > 1 ? quad[2] : '=';
        quad[3] = left > 2 ? quad[3] : '=';
        strbuf_add(out, (struct str){ quad, 4 });
    }
}

struct str base64_decode(struct arena *a, struct str text)
{
    char *to = arena_alloc(a, text.len / 4 * 3 + 4);
    size_t len = 0;
    unsigned bits = 0;
    unsigned have = 0;

    for (size_t i = 0; i < text.len && base64_value(text.ptr[i]) >= 0; i++) {
        bits = (bits << 6 | (unsigned)base64_value(text.ptr[i])) & 0xFFFFFF;
        have += 6;
        if (have >= 8) {
            have -= 8;
            to[len++] = (char)(unsigned char)(bits >> have);
        }
    }
    return (struct str){ to, len };
}
