/* SPDX-License-Identifier: MIT */
#include "base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void strbuf_init(struct strbuf *b, size_t max)
{
    *b = (struct strbuf){ .max = max };
}

void strbuf_finish(struct strbuf *b)
{
    free(b->ptr);
    *b = (struct strbuf){ 0 };
}

void strbuf_reset(struct strbuf *b)
{
    b->len = 0;
    b->overflow = false;
    if (b->ptr) {
        b->ptr[0] = '\0';
    }
}

char *strbuf_reserve(struct strbuf *b, size_t count)
{
    if (b->overflow || count > b->max - b->len) {
        b->overflow = true;
        return NULL;
    }
    size_t need = b->len + count + 1;

    if (need > b->cap) {
        size_t cap = b->cap ? b->cap : 64;

        while (cap < need) {
            cap *= 2;
        }
        b->ptr = mem_realloc(b->ptr, cap, 1);
        b->cap = cap;
    }
    return b->ptr + b->len;
}

void strbuf_commit(struct strbuf *b, size_t count)
{
    b->len += count;
    b->ptr[b->len] = '\0';
}

void strbuf_add(struct strbuf *b, struct str s)
{
    char *to = strbuf_reserve(b, s.len);

    if (!to) {
        return;
    }
    if (s.len > 0) {
        memcpy(to, s.ptr, s.len);
    }
    strbuf_commit(b, s.len);
}

void strbuf_addc(struct strbuf *b, char c)
{
    strbuf_add(b, (struct str){ &c, 1 });
}

void strbuf_vaddf(struct strbuf *b, const char *format, va_list args)
{
    va_list again;

    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);

    if (len >= 0) {
        char *to = strbuf_reserve(b, (size_t)len);

        if (to) {
            (void)vsnprintf(to, (size_t)len + 1, format, again); /* measured above */
            strbuf_commit(b, (size_t)len);
        }
    }
    va_end(again);
}

void strbuf_addf(struct strbuf *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    strbuf_vaddf(b, format, args);
    va_end(args);
}

void strbuf_consume(struct strbuf *b, size_t count)
{
    if (count >= b->len) {
        b->len = 0;
    } else {
        memmove(b->ptr, b->ptr + count, b->len - count);
        b->len -= count;
    }
    if (b->ptr) {
        b->ptr[b->len] = '\0';
    }
}

struct str strbuf_str(const struct strbuf *b)
{
    return (struct str){ b->ptr, b->len };
}

char *strbuf_take(struct strbuf *b)
{
    char *ptr = b->ptr ? b->ptr : mem_alloc(1, 1);

    *b = (struct strbuf){ .max = b->max };
    return ptr;
}

/* How much of the beginning of `s` means itself in JSON, and in a script of a page. */
static size_t count_plain(struct str s)
{
    size_t i = 0;

    while (i < s.len) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '<') {
            break;
        }
        i++;
    }
    return i;
}

/* "\u003c" */
static void add_unit(struct strbuf *b, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    char text[] = { '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] };

    strbuf_add(b, (struct str){ text, sizeof(text) });
}

void strbuf_add_json(struct strbuf *b, struct str s)
{
    strbuf_addc(b, '"');
    for (size_t i = 0; i < s.len;) {
        size_t plain = count_plain(str_skip(s, i));

        strbuf_add(b, str_sub(s, i, i + plain));
        i += plain;
        if (i == s.len) {
            break;
        }
        unsigned char c = (unsigned char)s.ptr[i];
        size_t len = 1;

        if (c >= 0x80) {
            while (len < 4 && i + len < s.len && !str_is_utf8(str_sub(s, i, i + len))) {
                len++;
            }
            if (!str_is_utf8(str_sub(s, i, i + len))) {
                strbuf_add(b, STR("\\ufffd"));
                i++;
                continue;
            }
        }
        if (c == '"' || c == '\\') {
            strbuf_addc(b, '\\');
            strbuf_addc(b, (char)c);
        } else if (c == '\n') {
            strbuf_add(b, STR("\\n"));
        } else if (c < 0x20 || c == '<' || c == 0x7f) {
            add_unit(b, c);
        } else if (str_eq(str_sub(s, i, i + len), STR("\xe2\x80\xa8"))) {
            strbuf_add(b, STR("\\u2028"));
        } else if (str_eq(str_sub(s, i, i + len), STR("\xe2\x80\xa9"))) {
            strbuf_add(b, STR("\\u2029"));
        } else {
            strbuf_add(b, str_sub(s, i, i + len));
        }
        i += len;
    }
    strbuf_addc(b, '"');
}

void strbuf_add_encoded(struct strbuf *b, struct str s, struct str plain)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                str_find(plain, c) != STR_NONE) {
            strbuf_addc(b, c);
        } else {
            strbuf_addf(b, "%%%02X", (unsigned char)c);
        }
    }
}

void strbuf_add_printable(struct strbuf *b, struct str s)
{
    bool utf8 = str_is_utf8(s);

    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        /* U+0080 to U+009F are control characters too: C2 80 to C2 9F */
        bool c1 = utf8 && c >= 0x80 && c < 0xa0 && i > 0 && (unsigned char)s.ptr[i - 1] == 0xc2;

        if (c < 0x20 || c == 0x7f || c1 || (!utf8 && c >= 0x80)) {
            strbuf_addf(b, "\\x%02x", c);
        } else if (c == 0xc2 && utf8 && (unsigned char)s.ptr[i + 1] < 0xa0) {
            continue; /* the lead byte of a control character: only its second byte is shown */
        } else {
            strbuf_addc(b, (char)c);
        }
    }
}
