/* SPDX-License-Identifier: MIT */
/*
 * The pieces of JavaScript text. Long ones (comments, strings, templates) are
 * passed sixteen bytes at a time where the machine can; no function reads
 * beyond the end.
 */
#include "scan/js_lex.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define A JS_WORD
#define D JS_DIGIT
#define B JS_BLANK
#define O JS_OPERATOR

const uint8_t js_classes[256] = {
    ['\t'] = B,
    ['\v'] = B,
    ['\f'] = B,
    [' '] = B,
    ['\n'] = JS_LINE,
    ['\r'] = JS_LINE,
    ['$'] = A,
    ['_'] = A,
    ['a'] = A,
    ['b'] = A,
    ['c'] = A,
    ['d'] = A,
    ['e'] = A,
    ['f'] = A,
    ['g'] = A,
    ['h'] = A,
    ['i'] = A,
    ['j'] = A,
    ['k'] = A,
    ['l'] = A,
    ['m'] = A,
    ['n'] = A,
    ['o'] = A,
    ['p'] = A,
    ['q'] = A,
    ['r'] = A,
    ['s'] = A,
    ['t'] = A,
    ['u'] = A,
    ['v'] = A,
    ['w'] = A,
    ['x'] = A,
    ['y'] = A,
    ['z'] = A,
    ['A'] = A,
    ['B'] = A,
    ['C'] = A,
    ['D'] = A,
    ['E'] = A,
    ['F'] = A,
    ['G'] = A,
    ['H'] = A,
    ['I'] = A,
    ['J'] = A,
    ['K'] = A,
    ['L'] = A,
    ['M'] = A,
    ['N'] = A,
    ['O'] = A,
    ['P'] = A,
    ['Q'] = A,
    ['R'] = A,
    ['S'] = A,
    ['T'] = A,
    ['U'] = A,
    ['V'] = A,
    ['W'] = A,
    ['X'] = A,
    ['Y'] = A,
    ['Z'] = A,
    ['0'] = D,
    ['1'] = D,
    ['2'] = D,
    ['3'] = D,
    ['4'] = D,
    ['5'] = D,
    ['6'] = D,
    ['7'] = D,
    ['8'] = D,
    ['9'] = D,
    ['\\'] = JS_ESCAPE,
    ['"'] = JS_QUOTE,
    ['\''] = JS_QUOTE,
    ['`'] = JS_TEMPLATE,
    ['/'] = JS_SLASH,
    ['.'] = JS_DOT,
    [','] = JS_COMMA,
    [';'] = JS_SEMICOLON,
    [':'] = JS_COLON,
    ['?'] = JS_QUESTION,
    ['='] = JS_EQUALS,
    ['+'] = JS_SIGN,
    ['-'] = JS_SIGN,
    ['!'] = JS_BANG,
    ['~'] = JS_BANG,
    ['*'] = JS_STAR,
    ['%'] = O,
    ['&'] = O,
    ['|'] = O,
    ['^'] = O,
    ['<'] = O,
    ['>'] = O,
    ['#'] = JS_HASH,
    ['@'] = JS_AT,
    ['('] = JS_PAREN_OPEN,
    [')'] = JS_PAREN_CLOSE,
    ['['] = JS_BRACKET_OPEN,
    [']'] = JS_BRACKET_CLOSE,
    ['{'] = JS_BRACE_OPEN,
    ['}'] = JS_BRACE_CLOSE,
#define H JS_HIGH, JS_HIGH, JS_HIGH, JS_HIGH, JS_HIGH, JS_HIGH, JS_HIGH, JS_HIGH
    [128] = H,
    H,
    H,
    H,
    H,
    H,
    H,
    H,
    H,
    H,
    H,
    H,
    H,
    H,
    H,
    H,
#undef H
};

#undef A
#undef D
#undef B
#undef O

/* The first of four bytes, or the end. */
static inline const char *find(const char *p, const char *end, char a, char b, char c, char d)
{
#if defined(__SSE2__)
    const __m128i as = _mm_set1_epi8(a), bs = _mm_set1_epi8(b);
    const __m128i cs = _mm_set1_epi8(c), ds = _mm_set1_epi8(d);

    while (end - p >= 16) {
        __m128i text;
        memcpy(&text, p, sizeof(text));
        __m128i ab = _mm_or_si128(_mm_cmpeq_epi8(text, as), _mm_cmpeq_epi8(text, bs));
        __m128i cd = _mm_or_si128(_mm_cmpeq_epi8(text, cs), _mm_cmpeq_epi8(text, ds));
        unsigned mask = (unsigned)_mm_movemask_epi8(_mm_or_si128(ab, cd));
        if (mask != 0) {
            return p + __builtin_ctz(mask);
        }
        p += 16;
    }
#endif
    while (p < end && *p != a && *p != b && *p != c && *p != d) {
        p++;
    }
    return p;
}

/* U+2028 or U+2029. */
static bool is_separator(const char *p, const char *end)
{
    return end - p >= 3 && memcmp(p, "\xe2\x80", 2) == 0 && (p[2] == '\xa8' || p[2] == '\xa9');
}

unsigned js_high_blank(const char *p, const char *end, bool *ret_line)
{
    if (*p == '\xc2') {
        return end - p >= 2 && p[1] == '\xa0' ? 2 : 0;
    }
    if (end - p < 3) {
        return 0;
    }
    if (is_separator(p, end)) {
        *ret_line = true;
        return 3;
    }
    if (memcmp(p, "\xe2\x80", 2) == 0) {
        uint8_t last = (uint8_t)p[2];
        return (last >= 0x80 && last <= 0x8a) || last == 0xaf ? 3 : 0;
    }
    if (memcmp(p, "\xef\xbb\xbf", 3) == 0 || memcmp(p, "\xe1\x9a\x80", 3) == 0 ||
            memcmp(p, "\xe2\x81\x9f", 3) == 0 || memcmp(p, "\xe3\x80\x80", 3) == 0) {
        return 3;
    }
    return 0;
}

static const char *line_comment_end(const char *p, const char *end)
{
    for (;;) {
        p = find(p, end, '\n', '\r', '\xe2', '\n');
        if (p == end || *p != '\xe2' || is_separator(p, end)) {
            return p;
        }
        p++;
    }
}

static bool has_line_end(const char *p, const char *end)
{
    const char *at = find(p, end, '\n', '\r', '\xe2', '\n');

    while (at < end && *at == '\xe2' && !is_separator(at, end)) {
        at = find(at + 1, end, '\n', '\r', '\xe2', '\n');
    }
    return at < end;
}

const char *js_comment_end(const char *p, const char *end, bool *ret_line)
{
    if (p[1] == '/') {
        return line_comment_end(p + 2, end);
    }
    /* Comments are full of stars at the starts of lines: a slash is rarer. */
    for (const char *at = p + 3; at < end; at++) {
        at = memchr(at, '/', (size_t)(end - at));
        if (!at) {
            break;
        }
        if (at[-1] == '*') {
            if (!*ret_line && has_line_end(p + 2, at)) {
                *ret_line = true;
            }
            return at + 1;
        }
    }
    return NULL;
}

const char *js_blank_end(const char *p, const char *end, bool *ret_line)
{
    while (p && p < end) {
        enum js_class class = js_class_of(*p);
        if (class == JS_BLANK) {
            p++;
        } else if (class == JS_LINE) {
            *ret_line = true;
            p++;
        } else if (class == JS_SLASH && end - p >= 2 && (p[1] == '/' || p[1] == '*')) {
            p = js_comment_end(p, end, ret_line);
        } else if (class == JS_HIGH) {
            unsigned len = js_high_blank(p, end, ret_line);
            if (len == 0) {
                break;
            }
            p += len;
        } else {
            break;
        }
    }
    return p;
}

/* Behind "\uXXXX" or "\u{X...}", or behind the backslash alone. */
static const char *escape_end(const char *p, const char *end)
{
    if (end - p >= 3 && p[1] == 'u' && p[2] == '{') {
        for (p += 3; p < end && js_class_of(*p) != JS_BRACE_CLOSE; p++) {
            if (js_class_of(*p) != JS_DIGIT && js_class_of(*p) != JS_WORD) {
                return p;
            }
        }
        return p < end ? p + 1 : p;
    }
    return p + 1;
}

const char *js_word_end(const char *p, const char *end, bool *ret_escaped)
{
    for (;;) {
        p = js_ascii_word_end(p, end);
        if (p == end) {
            return p;
        }
        if (js_class_of(*p) == JS_HIGH) {
            bool line;
            if (js_high_blank(p, end, &line) > 0) {
                return p;
            }
            p++;
            /* The rest of the letter: none of its bytes begins a blank. */
            while (p < end && ((uint8_t)*p & 0xc0) == 0x80) {
                p++;
            }
        } else if (js_class_of(*p) == JS_ESCAPE) {
            *ret_escaped = true;
            p = escape_end(p, end);
        } else {
            return p;
        }
    }
}

const char *js_string_end(const char *p, const char *end)
{
    char quote = *p;

    for (p++;; p++) {
        p = find(p, end, quote, '\\', '\n', '\r');
        if (p == end || *p == '\n' || *p == '\r') {
            return NULL;
        }
        if (*p == quote) {
            return p + 1;
        }
        p++;
        if (p == end) {
            return NULL;
        }
        if (*p == '\r' && end - p >= 2 && p[1] == '\n') {
            p++;
        }
    }
}

const char *js_template_end(const char *p, const char *end)
{
    for (;; p++) {
        p = find(p, end, '`', '\\', '$', '`');
        if (p == end) {
            return NULL;
        }
        if (*p == '`') {
            return p + 1;
        }
        if (*p == '\\') {
            p++;
            if (p == end) {
                return NULL;
            }
        } else if (end - p >= 2 && p[1] == '{') {
            return p + 2;
        }
    }
}

const char *js_regex_end(const char *p, const char *end)
{
    bool in_class = false;

    for (p++; p < end; p++) {
        switch (*p) {
        case '\\':
            p++;
            if (p == end || *p == '\n' || *p == '\r' || is_separator(p, end)) {
                return NULL;
            }
            break;
        case '[': in_class = true; break;
        case ']': in_class = false; break;
        case '\n':
        case '\r': return NULL;
        case '\xe2':
            if (is_separator(p, end)) {
                return NULL;
            }
            break;
        case '/':
            if (!in_class) {
                bool escaped;
                return js_word_end(p + 1, end, &escaped);
            }
            break;
        default: break;
        }
    }
    return NULL;
}

const char *js_number_end(const char *p, const char *end)
{
    bool decimal = !(*p == '0' && end - p >= 2 && js_class_of(p[1]) == JS_WORD && p[1] != 'e' &&
                     p[1] != 'E');
    bool dot = false;

    for (; p < end; p++) {
        enum js_class class = js_class_of(*p);
        if (class == JS_DIGIT) {
            continue;
        }
        if (class == JS_WORD) {
            if (decimal && (*p == 'e' || *p == 'E')) {
                dot = true;
                if (end - p >= 2 && (p[1] == '+' || p[1] == '-')) {
                    p++;
                }
            }
        } else if (class == JS_DOT && decimal && !dot) {
            dot = true;
        } else {
            break;
        }
    }
    return p;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads `count` hexadecimal digits; false if they are not there. */
static bool read_hex(const char **p, const char *end, unsigned count, uint32_t *ret)
{
    uint32_t value = 0;

    if (end - *p < (ptrdiff_t)count) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        int digit = hex_value((*p)[i]);
        if (digit < 0) {
            return false;
        }
        value = value * 16 + (uint32_t)digit;
    }
    *p += count;
    *ret = value;
    return true;
}

static bool read_braces(const char **p, const char *end, uint32_t *ret)
{
    const char *at = *p + 1;
    uint32_t value = 0;

    while (at < end && *at != '}') {
        int digit = hex_value(*at);
        if (digit < 0 || value > 0x10ffff) {
            return false;
        }
        value = value * 16 + (uint32_t)digit;
        at++;
    }
    if (at == end || at == *p + 1 || value > 0x10ffff) {
        return false;
    }
    *p = at + 1;
    *ret = value;
    return true;
}

/* The code point behind "\u"; two surrogates are one. */
static bool read_unicode(const char **p, const char *end, uint32_t *ret)
{
    uint32_t low;

    if (*p < end && **p == '{') {
        return read_braces(p, end, ret);
    }
    if (!read_hex(p, end, 4, ret)) {
        return false;
    }
    if (*ret >= 0xd800 && *ret < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
        const char *at = *p + 2;
        if (read_hex(&at, end, 4, &low) && low >= 0xdc00 && low < 0xe000) {
            *ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
            *p = at;
        }
    }
    return true;
}

/* At most four bytes; never more than the escape has. */
static char *put_utf8(char *out, uint32_t c)
{
    if (c >= 0xd800 && c < 0xe000) {
        c = 0xfffd;
    }
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xc0 | (c >> 6));
        *out++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *out++ = (char)(0xe0 | (c >> 12));
        *out++ = (char)(0x80 | ((c >> 6) & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    } else {
        *out++ = (char)(0xf0 | (c >> 18));
        *out++ = (char)(0x80 | ((c >> 12) & 0x3f));
        *out++ = (char)(0x80 | ((c >> 6) & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    }
    return out;
}

/* Decodes the escape behind the backslash at *p - 1. */
static char *decode_escape(const char **p, const char *end, char *out)
{
    static const char plain[] = "btnvfr";
    static const char meant[] = "\b\t\n\v\f\r";
    char c = **p;
    const char *at = *p + 1;
    uint32_t code = 0;
    const char *known = c ? strchr(plain, c) : NULL;

    if (known) {
        *out++ = meant[known - plain];
    } else if (c == '0' && (at == end || js_class_of(*at) != JS_DIGIT)) {
        *out++ = '\0';
    } else if (c == 'x' && read_hex(&at, end, 2, &code)) {
        out = put_utf8(out, code);
    } else if (c == 'u' && read_unicode(&at, end, &code)) {
        out = put_utf8(out, code);
    } else if (c == '\r') {
        at += at < end && *at == '\n';
    } else if (is_separator(*p, end)) {
        at += 2;
    } else if (c != '\n') {
        *out++ = c;
    }
    *p = at;
    return out;
}

struct str js_decode(struct str raw, struct arena *a)
{
    const char *p = raw.ptr;
    const char *end = p + raw.len;

    if (raw.len == 0 || find(p, end, '\\', '\r', '\\', '\r') == end) {
        return arena_str(a, raw);
    }
    char *text = arena_alloc(a, raw.len + 1);
    char *out = text;
    while (p < end) {
        char c = *p++;
        if (c == '\\' && p < end) {
            out = decode_escape(&p, end, out);
        } else if (c == '\r') {
            p += p < end && *p == '\n';
            *out++ = '\n';
        } else {
            *out++ = c;
        }
    }
    return (struct str){ text, (size_t)(out - text) };
}

struct js_piece js_piece_at(const char *p, const char *end)
{
    struct js_piece t = { .kind = JS_PIECE_END, .blank = p, .start = end, .end = end };
    const char *at = js_blank_end(p, end, &t.line);
    const char *behind = NULL;
    bool escaped;

    if (!at || at == end) {
        return t;
    }
    switch ((int)js_class_of(*at)) {
    case JS_WORD:
    case JS_DIGIT:
    case JS_ESCAPE:
    case JS_HIGH:
        behind = js_word_end(at, end, &escaped);
        t.kind = JS_PIECE_WORD;
        break;
    case JS_QUOTE:
        behind = js_string_end(at, end);
        t.kind = JS_PIECE_STRING;
        break;
    case JS_TEMPLATE:
        behind = js_template_end(at + 1, end);
        t.kind = JS_PIECE_TEMPLATE;
        if (behind && behind[-1] == '{') {
            behind = at + 1;
            t.kind = JS_PIECE_BYTE;
            t.byte = '`';
        }
        break;
    default:
        behind = at + 1;
        t.kind = JS_PIECE_BYTE;
        t.byte = *at;
        break;
    }
    t.start = at;
    t.end = behind;
    if (!behind) {
        t.kind = JS_PIECE_END;
        t.end = end;
    }
    return t;
}

bool js_piece_is(const struct js_piece *t, struct str word)
{
    return t->kind == JS_PIECE_WORD && (size_t)(t->end - t->start) == word.len &&
           memcmp(t->start, word.ptr, word.len) == 0;
}

struct str js_piece_raw(const struct js_piece *t)
{
    size_t len = (size_t)(t->end - t->start);

    if (js_piece_is_text(t)) {
        return (struct str){ t->start + 1, len - 2 };
    }
    return (struct str){ t->start, len };
}
