/* SPDX-License-Identifier: MIT */
/*
 * The lexer of Rust: nested comments, raw strings with any number of '#',
 * byte and C strings, characters beside lifetimes, numbers with suffixes, and
 * tuple indices, which are not fractions. Every function gives a place behind
 * `p`, at most `end`.
 */
#include <string.h>

#include "orbit/lex.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool starts_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

/* The length of the Pattern_White_Space at `p` that is not ASCII (U+0085, U+200E/F, U+2028/9). */
static size_t high_blank(const char *p, const char *end)
{
    if (end - p >= 2 && memcmp(p, "\xc2\x85", 2) == 0) {
        return 2;
    }
    if (end - p >= 3 && p[0] == '\xe2' && p[1] == '\x80' &&
            (p[2] == '\x8e' || p[2] == '\x8f' || p[2] == '\xa8' || p[2] == '\xa9')) {
        return 3;
    }
    return 0;
}

static const char *word_end(const char *p, const char *end)
{
    while (p < end && (starts_word(*p) || is_digit(*p)) && high_blank(p, end) == 0) {
        p++;
    }
    return p;
}

static const char *comment_end(const char *p, const char *end, bool *ret_line)
{
    unsigned depth = 0;

    for (; p < end; p++) {
        if (end - p >= 2 && p[0] == '/' && p[1] == '*') {
            depth++;
            p++;
        } else if (end - p >= 2 && p[0] == '*' && p[1] == '/') {
            depth--;
            p++;
            if (depth == 0) {
                return p + 1;
            }
        } else if (*p == '\n') {
            *ret_line = true;
        }
    }
    return NULL;
}

const char *orbit_blank_end_rust(const char *p, const char *end, bool *ret_line)
{
    while (p && p < end) {
        if (*p == '\n') {
            *ret_line = true;
            p++;
        } else if (*p == ' ' || (*p >= '\t' && *p <= '\r')) {
            p++;
        } else if (end - p >= 2 && p[0] == '/' && p[1] == '/') {
            while (p < end && *p != '\n') {
                p++;
            }
        } else if (end - p >= 2 && p[0] == '/' && p[1] == '*') {
            p = comment_end(p, end, ret_line);
        } else {
            size_t len = high_blank(p, end);
            if (len == 0) {
                break;
            }
            p += len;
        }
    }
    return p;
}

/* Behind the closing quote; `p` is behind the opening one. NULL: there is none. */
static const char *quoted_end(const char *p, const char *end, char quote)
{
    for (; p < end; p++) {
        if (*p == '\\') {
            p++;
        } else if (*p == quote) {
            return p + 1;
        }
    }
    return NULL;
}

/* Behind the raw string whose "#"s begin at `p`. NULL: no raw string, or one without an end. */
static const char *raw_end(const char *p, const char *end)
{
    size_t hashes = 0;

    while (p < end && *p == '#') {
        hashes++;
        p++;
    }
    if (p == end || *p != '"') {
        return NULL;
    }
    for (p++; p < end; p++) {
        size_t have = 0;
        if (*p != '"') {
            continue;
        }
        while (have < hashes && (size_t)(end - p) > have + 1 && p[have + 1] == '#') {
            have++;
        }
        if (have == hashes) {
            return word_end(p + 1 + hashes, end);
        }
    }
    return NULL;
}

static const char *number_end(const char *p, const char *end, bool index)
{
    const char *start = p;
    bool radix = end - p >= 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'o' || p[1] == 'b');

    while (p < end && (is_digit(*p) || *p == '_')) {
        p++;
    }
    if (index || radix) {
        return word_end(start, end);
    }
    if (p < end && *p == '.' &&
            !(end - p >= 2 && (p[1] == '.' || (starts_word(p[1]) && !high_blank(p + 1, end))))) {
        p++;
        while (p < end && (is_digit(*p) || *p == '_')) {
            p++;
        }
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        const char *digits = p + 1;
        if (digits < end && (*digits == '+' || *digits == '-')) {
            digits++;
        }
        if (digits < end && is_digit(*digits)) {
            p = digits;
        }
    }
    return word_end(p, end);
}

/* A character or a lifetime, whose quote is at `p`. */
static const char *quote_end(
        struct orbit_tokens *t, const char *p, const char *end, struct orbit_token *ret)
{
    const char *next = p + 1;

    ret->kind = ORBIT_TOKEN_CHAR;
    if (next < end && *next == '\\') {
        const char *behind = quoted_end(next, end, '\'');
        if (!behind || memchr(next, '\n', (size_t)(behind - next))) {
            t->error = STR("this character has no end");
            return NULL;
        }
        return word_end(behind, end);
    }
    if (next < end) {
        const char *one = next + 1;
        while (one < end && ((unsigned char)*one & 0xc0) == 0x80) {
            one++;
        }
        if (one < end && *one == '\'' && *next != '\'' && *next != '\n') {
            return word_end(one + 1, end);
        }
        if (starts_word(*next) && word_end(next, end) > next) {
            ret->kind = ORBIT_TOKEN_LIFETIME;
            return word_end(next, end);
        }
    }
    t->error = STR("this character has no end; a text stands in double quotes");
    return NULL;
}

/* A string with the prefix [p, quote), where a prefix with an "r" makes it raw. */
static const char *string_end(struct orbit_tokens *t, const char *p, const char *quote,
        const char *end, struct orbit_token *ret)
{
    bool raw = quote > p && quote[-1] == 'r';
    const char *behind = raw ? raw_end(quote, end) : quoted_end(quote + 1, end, '"');

    ret->kind = ORBIT_TOKEN_STRING;
    if (!behind) {
        t->error = STR("this string has no end");
        return NULL;
    }
    return raw ? behind : word_end(behind, end);
}

static const char *word_or_string(
        struct orbit_tokens *t, const char *p, const char *end, struct orbit_token *ret)
{
    const char *behind = word_end(p, end);
    struct str word = { p, (size_t)(behind - p) };
    const char *hash = behind;

    ret->kind = ORBIT_TOKEN_WORD;
    if (behind == end || !orbit_word_in(word, "r b br c cr")) {
        return behind;
    }
    if (*behind == '"') {
        return string_end(t, p, behind, end, ret);
    }
    if (*behind == '\'' && str_eq(word, STR("b"))) {
        return quote_end(t, behind, end, ret);
    }
    while (hash < end && *hash == '#') {
        hash++;
    }
    if (hash == behind || hash == end || behind[-1] != 'r') {
        return behind;
    }
    if (*hash == '"') {
        return string_end(t, p, behind, end, ret);
    }
    if (hash == behind + 1 && word.len == 1 && word_end(hash, end) > hash && !is_digit(*hash)) {
        return word_end(hash, end);
    }
    return behind;
}

const char *orbit_lex_rust(
        struct orbit_tokens *t, const char *p, const char *end, struct orbit_token *ret)
{
    static const char operators[] = "<<= >>= ... ..= :: -> => == != <= >= && || += -= *= /= %= ^= "
                                    "&= |= << >> .. = < > ! ~ + - * / % ^ & | @ . , ; : # $ ?";
    const char *behind;

    if (starts_word(*p)) {
        return word_or_string(t, p, end, ret);
    }
    if (is_digit(*p)) {
        ret->kind = ORBIT_TOKEN_NUMBER;
        return number_end(p, end, t->count > 0 && orbit_token_is(t, t->count - 1, "."));
    }
    switch (*p) {
    case '"': return string_end(t, p, p, end, ret);
    case '\'': return quote_end(t, p, end, ret);
    case '(':
    case '[':
    case '{': ret->kind = ORBIT_TOKEN_OPEN; return p + 1;
    case ')':
    case ']':
    case '}': ret->kind = ORBIT_TOKEN_CLOSE; return p + 1;
    default: break;
    }
    ret->kind = ORBIT_TOKEN_PUNCT;
    behind = orbit_operator_end(p, end, operators);
    if (!behind) {
        t->error = STR("Rust has no such character");
    }
    return behind;
}
