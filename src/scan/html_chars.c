/* SPDX-License-Identifier: MIT */
/*
 * Character references (HTML, "13.2.5.72 Character reference state" and those
 * behind it). A decoded character is never longer than its reference, so the
 * result fits where the source did. NUL stays as it is.
 */
#include "scan/html_chars.h"

#include <string.h>

enum { UNICODE_MAX = 0x10ffff, REPLACEMENT = 0xfffd };

struct reference {
    struct str name;
    char c;
    bool legacy; /* counts without ';' too */
};

static const struct reference references[] = {
    { STR_INIT("amp"), '&', true },
    { STR_INIT("AMP"), '&', true },
    { STR_INIT("quot"), '"', true },
    { STR_INIT("QUOT"), '"', true },
    { STR_INIT("lt"), '<', true },
    { STR_INIT("LT"), '<', true },
    { STR_INIT("gt"), '>', true },
    { STR_INIT("GT"), '>', true },
    { STR_INIT("apos"), '\'', false },
    { STR_INIT("Tab"), '\t', false },
    { STR_INIT("NewLine"), '\n', false },
    { STR_INIT("excl"), '!', false },
    { STR_INIT("num"), '#', false },
    { STR_INIT("dollar"), '$', false },
    { STR_INIT("percnt"), '%', false },
    { STR_INIT("lpar"), '(', false },
    { STR_INIT("rpar"), ')', false },
    { STR_INIT("ast"), '*', false },
    { STR_INIT("plus"), '+', false },
    { STR_INIT("comma"), ',', false },
    { STR_INIT("period"), '.', false },
    { STR_INIT("sol"), '/', false },
    { STR_INIT("colon"), ':', false },
    { STR_INIT("semi"), ';', false },
    { STR_INIT("equals"), '=', false },
    { STR_INIT("quest"), '?', false },
    { STR_INIT("commat"), '@', false },
    { STR_INIT("lsqb"), '[', false },
    { STR_INIT("bsol"), '\\', false },
    { STR_INIT("rsqb"), ']', false },
    { STR_INIT("lowbar"), '_', false },
    { STR_INIT("lcub"), '{', false },
    { STR_INIT("verbar"), '|', false },
    { STR_INIT("rcub"), '}', false },
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alphanumeric(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The value of a digit, or 16. */
static unsigned hex_value(char c)
{
    if (is_digit(c)) {
        return (unsigned)(c - '0');
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

static size_t put_utf8(char *out, unsigned c)
{
    size_t count = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    if (count == 1) {
        out[0] = (char)c;
        return 1;
    }
    for (size_t i = count - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    out[0] = (char)(0xf00 >> count | c);
    return count;
}

/* "Numeric character reference end": numbers that are no character, and those that are taken for
 * windows-1252. */
static unsigned character_of(unsigned c)
{
    static const uint16_t windows[32] = { 0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020,
        0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f, 0x90, 0x2018, 0x2019,
        0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e,
        0x178 };

    if (c == 0 || c > UNICODE_MAX || (c >= 0xd800 && c < 0xe000)) {
        return REPLACEMENT;
    }
    return c >= 0x80 && c < 0xa0 ? windows[c - 0x80] : c;
}

/* A numeric reference at `s`, from "&#" on; the bytes it takes, 0 if it is none. */
static size_t read_number(struct str s, unsigned *ret)
{
    bool is_hex = s.len > 2 && (s.ptr[2] == 'x' || s.ptr[2] == 'X');
    unsigned base = is_hex ? 16 : 10;
    size_t start = is_hex ? 3 : 2, i = start;
    unsigned c = 0;

    while (i < s.len && hex_value(s.ptr[i]) < base) {
        c = c > UNICODE_MAX ? c : c * base + hex_value(s.ptr[i]);
        i++;
    }
    *ret = character_of(c);
    if (i == start) {
        return 0;
    }
    return i < s.len && s.ptr[i] == ';' ? i + 1 : i;
}

/* A named reference at `s`, which begins with "&". */
static size_t read_name(struct str s, enum html_chars_kind kind, unsigned *ret)
{
    for (size_t k = 0; k < sizeof(references) / sizeof(references[0]); k++) {
        const struct reference *r = &references[k];
        size_t end = 1 + r->name.len;
        if (!str_starts(str_skip(s, 1), r->name)) {
            continue;
        }
        *ret = (unsigned char)r->c;
        if (end < s.len && s.ptr[end] == ';') {
            return end + 1;
        }
        if (r->legacy && !(kind == HTML_CHARS_ATTRIBUTE && end < s.len &&
                                 (s.ptr[end] == '=' || is_alphanumeric(s.ptr[end])))) {
            return end;
        }
    }
    return 0;
}

static size_t read_reference(struct str s, enum html_chars_kind kind, unsigned *ret)
{
    return s.len > 1 && s.ptr[1] == '#' ? read_number(s, ret) : read_name(s, kind, ret);
}

static bool is_plain(const struct html_piece *piece)
{
    return piece->kind == HTML_CHARS_RAW || str_find(piece->text, '&') == STR_NONE;
}

/* Decodes a piece to the end of `chars`, which has room for it. */
static void append(
        struct html_chars *chars, char *out, struct str document, const struct html_piece *piece)
{
    struct str s = piece->text;
    uint32_t start = (uint32_t)(s.ptr - document.ptr);
    size_t n = chars->text.len;

    for (size_t i = 0; i < s.len;) {
        unsigned c = 0;
        size_t taken = 0, put = 1;
        if (s.ptr[i] == '&' && piece->kind != HTML_CHARS_RAW) {
            taken = read_reference(str_skip(s, i), piece->kind, &c);
        }
        if (taken > 0) {
            put = put_utf8(out + n, c);
        } else {
            out[n] = s.ptr[i];
            taken = 1;
        }
        for (size_t k = 0; k < put; k++) {
            chars->offsets[n + k] = start + (uint32_t)i;
        }
        n += put;
        i += taken;
    }
    chars->offsets[n] = start + (uint32_t)s.len;
    chars->text.len = n;
}

struct html_chars html_chars_decode(
        struct str document, const struct html_piece *pieces, size_t count, struct arena *a)
{
    struct html_chars ret = { { NULL, 0 }, NULL, 0 };
    size_t room = 0;
    char *out;

    if (count == 0) {
        return ret;
    }
    if (count == 1 && is_plain(&pieces[0])) {
        ret.text = pieces[0].text;
        ret.start = ret.text.len > 0 ? (uint32_t)(ret.text.ptr - document.ptr) : 0;
        return ret;
    }
    for (size_t i = 0; i < count; i++) {
        room += pieces[i].text.len;
    }
    ret.text.ptr = out = arena_alloc(a, room + 1);
    ret.offsets = arena_array(a, uint32_t, room + 1);
    for (size_t i = 0; i < count; i++) {
        append(&ret, out, document, &pieces[i]);
    }
    return ret;
}

static uint32_t offset_at(const struct html_chars *chars, size_t i)
{
    return chars->offsets ? chars->offsets[i] : chars->start + (uint32_t)i;
}

struct span html_chars_span(const struct html_chars *chars, size_t start, size_t end)
{
    return (struct span){ offset_at(chars, start), offset_at(chars, end) };
}
