/* SPDX-License-Identifier: MIT */
/*
 * Functions are named as the standard's algorithms. Each takes an offset and
 * returns the one behind what it consumed. The invariant: nothing is read
 * behind source.len, and every token but the last has at least one byte.
 */
#include "scan/css_lex.h"

#include <string.h>

/* What a byte can be; a byte is often several things. */
enum {
    SPACE = 1,
    NEWLINE = 2,
    DIGIT = 4,
    HEX = 8,
    NAME_START = 16,
    NAME = 32,
    URL_PLAIN = 64, /* stands for itself in url( ) */
    STRING_PLAIN = 128,
};

/* clang-format off */
#define L   (NAME_START | NAME | URL_PLAIN | STRING_PLAIN) /* a letter, "_", a byte above 127, NUL */
#define LX  (L | HEX)
#define D   (DIGIT | HEX | NAME | URL_PLAIN | STRING_PLAIN)
#define M   (NAME | URL_PLAIN | STRING_PLAIN) /* "-" */
#define P   (URL_PLAIN | STRING_PLAIN)
#define C   (STRING_PLAIN) /* what makes a url( ) bad, or ends it */
#define S   (SPACE | STRING_PLAIN)
#define N   (SPACE | NEWLINE)
#define L16 L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L

static const unsigned char classes[256] = {
    L, C, C, C, C, C, C, C, C, S, N, C, N, N, C, C,
    C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C,
    /*   !  "  #  $  %  &  '  (  )  *  +  ,  -  .  / */
    S, P, 0, P, P, P, P, 0, C, C, P, P, P, M, P, P,
    D, D, D, D, D, D, D, D, D, D, P, P, P, P, P, P,
    P, LX, LX, LX, LX, LX, LX, L, L, L, L, L, L, L, L, L,
    /*                                    [  \  ]  ^  _ */
    L, L, L, L, L, L, L, L, L, L, L, P, 0, P, P, L,
    P, LX, LX, LX, LX, LX, LX, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, P, P, P, P, C,
    L16, L16, L16, L16, L16, L16, L16, L16,
};

#undef L
#undef LX
#undef D
#undef M
#undef P
#undef C
#undef S
#undef N
#undef L16
/* clang-format on */

enum { UNICODE_MAX = 0x10ffff, REPLACEMENT = 0xfffd, ESCAPE_DIGITS_MAX = 6 };

static bool is(struct str s, size_t i, unsigned what)
{
    return i < s.len && (classes[(unsigned char)s.ptr[i]] & what) != 0;
}

static bool has(struct str s, size_t i, char c)
{
    return i < s.len && s.ptr[i] == c;
}

static size_t skip(struct str s, size_t i, unsigned what)
{
    while (is(s, i, what)) {
        i++;
    }
    return i;
}

/* Behind one newline or white space; CRLF counts as one. */
static size_t skip_one_space(struct str s, size_t i)
{
    if (has(s, i, '\r') && has(s, i + 1, '\n')) {
        return i + 2;
    }
    return is(s, i, SPACE) ? i + 1 : i;
}

static bool is_valid_escape(struct str s, size_t i)
{
    return has(s, i, '\\') && !is(s, i + 1, NEWLINE);
}

/* From behind the backslash of a valid escape on. */
static size_t skip_escape(struct str s, size_t i)
{
    size_t start = i;

    if (!is(s, i, HEX)) {
        return i < s.len ? i + 1 : i;
    }
    while (i - start < ESCAPE_DIGITS_MAX && is(s, i, HEX)) {
        i++;
    }
    return skip_one_space(s, i);
}

static bool would_start_ident(struct str s, size_t i)
{
    if (has(s, i, '-')) {
        return is(s, i + 1, NAME_START) || has(s, i + 1, '-') || is_valid_escape(s, i + 1);
    }
    return is(s, i, NAME_START) || is_valid_escape(s, i);
}

static bool would_start_number(struct str s, size_t i)
{
    if (has(s, i, '+') || has(s, i, '-')) {
        i++;
    }
    return is(s, i, DIGIT) || (has(s, i, '.') && is(s, i + 1, DIGIT));
}

static size_t consume_name(struct str s, size_t i)
{
    for (;;) {
        i = skip(s, i, NAME);
        if (!is_valid_escape(s, i)) {
            return i;
        }
        i = skip_escape(s, i + 1);
    }
}

static size_t consume_number(struct str s, size_t i)
{
    size_t exponent;

    if (has(s, i, '+') || has(s, i, '-')) {
        i++;
    }
    i = skip(s, i, DIGIT);
    if (has(s, i, '.') && is(s, i + 1, DIGIT)) {
        i = skip(s, i + 1, DIGIT);
    }
    if (has(s, i, 'e') || has(s, i, 'E')) {
        exponent = i + 1;
        if (has(s, exponent, '+') || has(s, exponent, '-')) {
            exponent++;
        }
        if (is(s, exponent, DIGIT)) {
            i = skip(s, exponent, DIGIT);
        }
    }
    return i;
}

static size_t consume_numeric(struct str s, size_t i, struct css_token *t)
{
    size_t end = consume_number(s, i);

    t->text = (struct str){ s.ptr + i, end - i };
    if (would_start_ident(s, end)) {
        t->kind = CSS_DIMENSION;
        return consume_name(s, end);
    }
    t->kind = has(s, end, '%') ? CSS_PERCENTAGE : CSS_NUMBER;
    return t->kind == CSS_PERCENTAGE ? end + 1 : end;
}

static size_t consume_string(struct str s, size_t i, struct css_token *t)
{
    char quote = s.ptr[i];
    size_t start = ++i;

    t->kind = CSS_STRING;
    for (;;) {
        i = skip(s, i, STRING_PLAIN);
        t->text = (struct str){ s.ptr + start, i - start };
        if (i == s.len) {
            return i;
        }
        if (s.ptr[i] == quote) {
            return i + 1;
        }
        if (s.ptr[i] == '\\') {
            i = is(s, i + 1, NEWLINE) ? skip_one_space(s, i + 1) : skip_escape(s, i + 1);
        } else if (is(s, i, NEWLINE)) {
            t->kind = CSS_BAD_STRING;
            return i;
        } else {
            i++; /* the other quote */
        }
    }
}

static size_t consume_bad_url(struct str s, size_t i, struct css_token *t)
{
    t->kind = CSS_BAD_URL;
    t->text = (struct str){ s.ptr + i, 0 };
    while (i < s.len && s.ptr[i] != ')') {
        i = is_valid_escape(s, i) ? skip_escape(s, i + 1) : i + 1;
    }
    return i < s.len ? i + 1 : i;
}

/* From behind "url(" on. */
static size_t consume_url(struct str s, size_t i, struct css_token *t)
{
    size_t start;

    t->kind = CSS_URL;
    i = start = skip(s, i, SPACE);
    for (;;) {
        i = skip(s, i, URL_PLAIN);
        t->text = (struct str){ s.ptr + start, i - start };
        if (is_valid_escape(s, i)) {
            i = skip_escape(s, i + 1);
            continue;
        }
        i = skip(s, i, SPACE);
        if (i == s.len) {
            return i;
        }
        return s.ptr[i] == ')' ? i + 1 : consume_bad_url(s, i, t);
    }
}

static size_t consume_ident_like(struct str s, size_t i, struct css_token *t)
{
    size_t start = i, first;

    i = consume_name(s, i);
    t->text = (struct str){ s.ptr + start, i - start };
    if (!has(s, i, '(')) {
        t->kind = CSS_IDENT;
        return i;
    }
    t->kind = CSS_FUNCTION;
    i++;
    if (css_name_is(t->text, STR("url"))) {
        first = skip(s, i, SPACE);
        if (!has(s, first, '"') && !has(s, first, '\'')) {
            return consume_url(s, first, t);
        }
    }
    return i;
}

static size_t consume_comment(struct str s, size_t i)
{
    const char *p;

    i += 2;
    while (i < s.len && (p = memchr(s.ptr + i, '*', s.len - i))) {
        i = (size_t)(p - s.ptr) + 1;
        if (has(s, i, '/')) {
            return i + 1;
        }
    }
    return s.len;
}

static size_t single(enum css_token_kind kind, size_t i, struct css_token *t)
{
    t->kind = kind;
    return i + 1;
}

/* A token that begins with a byte that is no name, number or white space. */
static size_t consume_mark(struct str s, size_t i, struct css_token *t)
{
    switch (s.ptr[i]) {
    case '"':
    case '\'': return consume_string(s, i, t);
    case '(': return single(CSS_LEFT_PAREN, i, t);
    case ')': return single(CSS_RIGHT_PAREN, i, t);
    case ',': return single(CSS_COMMA, i, t);
    case ':': return single(CSS_COLON, i, t);
    case ';': return single(CSS_SEMICOLON, i, t);
    case '[': return single(CSS_LEFT_SQUARE, i, t);
    case ']': return single(CSS_RIGHT_SQUARE, i, t);
    case '{': return single(CSS_LEFT_BRACE, i, t);
    case '}': return single(CSS_RIGHT_BRACE, i, t);
    case '/':
        if (has(s, i + 1, '*')) {
            t->kind = CSS_COMMENT;
            return consume_comment(s, i);
        }
        break;
    case '+':
    case '.':
        if (would_start_number(s, i)) {
            return consume_numeric(s, i, t);
        }
        break;
    case '-':
        if (would_start_number(s, i)) {
            return consume_numeric(s, i, t);
        }
        if (has(s, i + 1, '-') && has(s, i + 2, '>')) {
            t->kind = CSS_CDC;
            return i + 3;
        }
        if (would_start_ident(s, i)) {
            return consume_ident_like(s, i, t);
        }
        break;
    case '<':
        if (has(s, i + 1, '!') && has(s, i + 2, '-') && has(s, i + 3, '-')) {
            t->kind = CSS_CDO;
            return i + 4;
        }
        break;
    case '#':
        if (is(s, i + 1, NAME) || is_valid_escape(s, i + 1)) {
            size_t end = consume_name(s, i + 1);
            t->kind = CSS_HASH;
            t->text = (struct str){ s.ptr + i + 1, end - i - 1 };
            return end;
        }
        break;
    case '@':
        if (would_start_ident(s, i + 1)) {
            size_t end = consume_name(s, i + 1);
            t->kind = CSS_AT_KEYWORD;
            t->text = (struct str){ s.ptr + i + 1, end - i - 1 };
            return end;
        }
        break;
    case '\\':
        if (is_valid_escape(s, i)) {
            return consume_ident_like(s, i, t);
        }
        break;
    default: break;
    }
    t->kind = CSS_DELIM;
    t->text = (struct str){ s.ptr + i, 1 };
    return i + 1;
}

void css_lex_init(struct css_lex *lex, struct str source)
{
    lex->source = source;
    lex->at = str_starts(source, STR("\xef\xbb\xbf")) ? 3 : 0;
}

void css_lex_next(struct css_lex *lex, struct css_token *ret)
{
    struct str s = lex->source;
    size_t i = lex->at;
    unsigned class;

    ret->start = i;
    ret->text = (struct str){ NULL, 0 };
    if (i >= s.len) {
        ret->kind = CSS_EOF;
        ret->end = i;
        return;
    }
    class = classes[(unsigned char)s.ptr[i]];
    if (class & NAME_START) {
        i = consume_ident_like(s, i, ret);
    } else if (class & SPACE) {
        ret->kind = CSS_SPACE;
        i = skip(s, i + 1, SPACE);
    } else if (class & DIGIT) {
        i = consume_numeric(s, i, ret);
    } else {
        i = consume_mark(s, i, ret);
    }
    lex->at = ret->end = i;
}

static unsigned hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    return (unsigned)((c | 0x20) - 'a' + 10);
}

static size_t put_utf8(char *out, unsigned c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* The character of the hexadecimal escape whose first digit stands at `i`. */
static unsigned escaped_character(struct str s, size_t i)
{
    unsigned c = 0;

    for (size_t n = 0; n < ESCAPE_DIGITS_MAX && is(s, i + n, HEX); n++) {
        c = c * 16 + hex_value(s.ptr[i + n]);
    }
    return c == 0 || c > UNICODE_MAX || (c >= 0xd800 && c < 0xe000) ? REPLACEMENT : c;
}

/* Decodes into `out`, which holds 3 bytes for each of `s`: NUL and "\0" become longer. */
static size_t unescape(struct str s, bool is_string, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len;) {
        char c = s.ptr[i];
        if (c == '\0') {
            n += put_utf8(out + n, REPLACEMENT);
            i++;
        } else if (c != '\\') {
            out[n++] = c;
            i++;
        } else if (is(s, i + 1, NEWLINE)) {
            i = skip_one_space(s, i + 1);
        } else if (i + 1 == s.len) {
            n += is_string ? 0 : put_utf8(out + n, REPLACEMENT);
            i++;
        } else if (is(s, i + 1, HEX)) {
            n += put_utf8(out + n, escaped_character(s, i + 1));
            i = skip_escape(s, i + 1);
        } else if (s.ptr[i + 1] == '\0') {
            n += put_utf8(out + n, REPLACEMENT);
            i += 2;
        } else {
            out[n++] = s.ptr[i + 1];
            i += 2;
        }
    }
    return n;
}

static bool is_plain(struct str s)
{
    return s.len == 0 || (!memchr(s.ptr, '\\', s.len) && !memchr(s.ptr, '\0', s.len));
}

struct str css_unescape(const struct css_token *token, struct arena *a)
{
    struct str s = token->text;
    bool is_string = token->kind == CSS_STRING || token->kind == CSS_BAD_STRING;
    char *out;

    if (token->kind == CSS_DELIM || is_plain(s)) {
        return s;
    }
    out = arena_alloc_array(a, s.len, 3);
    return (struct str){ out, unescape(s, is_string, out) };
}

bool css_name_is(struct str written, struct str name)
{
    enum { ESCAPE_MAX = 9, NAME_BYTES_MAX = 40, WRITTEN_MAX = NAME_BYTES_MAX * ESCAPE_MAX };
    char decoded[WRITTEN_MAX * 3];

    if (written.len == name.len) {
        return str_ieq(written, name);
    }
    if (written.len < name.len || written.len > WRITTEN_MAX || is_plain(written)) {
        return false;
    }
    return str_ieq((struct str){ decoded, unescape(written, false, decoded) }, name);
}
