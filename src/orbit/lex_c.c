/* SPDX-License-Identifier: MIT */
/*
 * The lexer of C11, with what GNU adds to it. Lines that end in a backslash
 * go on, between tokens and inside strings, comments and directives; a name
 * that is cut by one becomes two. Every function gives a place behind `p`, at
 * most `end`.
 */
#include <string.h>

#include "orbit/lex.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool in_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

/* Behind the "\", CR and LF at `p`, or `p` if the line does not go on there. */
static const char *splice_end(const char *p, const char *end)
{
    if (end - p >= 2 && p[0] == '\\' && p[1] == '\n') {
        return p + 2;
    }
    if (end - p >= 3 && p[0] == '\\' && p[1] == '\r' && p[2] == '\n') {
        return p + 3;
    }
    return p;
}

/* The end of the line of `p`, with all lines that it goes on to; comments hide nothing here. */
static const char *line_end(const char *p, const char *end)
{
    while (p < end && *p != '\n') {
        const char *next = splice_end(p, end);
        p = next > p ? next : p + 1;
    }
    return p;
}

static const char *comment_end(const char *p, const char *end, bool *ret_line)
{
    for (p += 2; end - p >= 2; p++) {
        if (p[0] == '*' && p[1] == '/') {
            return p + 2;
        }
        if (*p == '\n') {
            *ret_line = true;
        }
    }
    return NULL;
}

const char *orbit_blank_end_c(const char *p, const char *end, bool *ret_line)
{
    while (p && p < end) {
        const char *next = splice_end(p, end);
        if (next > p) {
            p = next;
        } else if (*p == '\n') {
            *ret_line = true;
            p++;
        } else if (*p == ' ' || (*p >= '\t' && *p <= '\r')) {
            p++;
        } else if (end - p >= 2 && p[0] == '/' && p[1] == '/') {
            p = line_end(p, end);
        } else if (end - p >= 2 && p[0] == '/' && p[1] == '*') {
            p = comment_end(p, end, ret_line);
        } else {
            break;
        }
    }
    return p;
}

/* A preprocessing number: whatever letters, dots and signed exponents follow the first digit. */
static const char *number_end(const char *p, const char *end)
{
    for (p++; p < end; p++) {
        if ((*p == '+' || *p == '-') && strchr("eEpP", p[-1])) {
            continue;
        }
        if (!in_word(*p) && *p != '.') {
            break;
        }
    }
    return p;
}

/* Behind the quote that ends what begins with the one at `p`. */
static const char *quoted_end(
        struct orbit_tokens *t, const char *p, const char *end, struct orbit_token *ret)
{
    char quote = *p;

    ret->kind = quote == '"' ? ORBIT_TOKEN_STRING : ORBIT_TOKEN_CHAR;
    for (p++; p < end && *p != '\n'; p++) {
        if (*p == '\\') {
            const char *next = splice_end(p, end);
            p = next > p ? next - 1 : p + 1;
        } else if (*p == quote) {
            return p + 1;
        }
    }
    t->error = quote == '"' ? STR("this string has no end") : STR("this character has no end");
    return NULL;
}

/* A directive up to the end of its line; a comment inside may go on to the next lines. */
static const char *directive_end(const char *p, const char *end)
{
    bool line = false;

    while (p < end && *p != '\n') {
        const char *next = splice_end(p, end);
        if (next > p) {
            p = next;
        } else if (end - p >= 2 && p[0] == '/' && p[1] == '*') {
            next = comment_end(p, end, &line);
            p = next ? next : end;
        } else if (*p == '"' || *p == '\'') {
            char quote = *p;
            for (p++; p < end && *p != quote && *p != '\n'; p++) {
                if (*p == '\\' && end - p >= 2 && p[1] != '\n') {
                    p++;
                }
            }
            p += p < end && *p == quote;
        } else {
            p++;
        }
    }
    while (p[-1] == '\r') {
        p--;
    }
    return p;
}

const char *orbit_lex_c(
        struct orbit_tokens *t, const char *p, const char *end, struct orbit_token *ret)
{
    static const char operators[] = "... <<= >>= -> ++ -- << >> <= >= == != && || += -= *= /= %= "
                                    "&= ^= |= ## = < > ! ~ + - * / % ^ & | . , ; : ? #";
    const char *behind;

    if (*p == '#' && (t->count == 0 || ret->line)) {
        ret->kind = ORBIT_TOKEN_DIRECTIVE;
        return directive_end(p + 1, end);
    }
    if (is_digit(*p) || (*p == '.' && end - p >= 2 && is_digit(p[1]))) {
        ret->kind = ORBIT_TOKEN_NUMBER;
        return number_end(p, end);
    }
    if (in_word(*p)) {
        behind = p;
        while (behind < end && in_word(*behind)) {
            behind++;
        }
        struct str word = { p, (size_t)(behind - p) };
        if (behind < end && (*behind == '"' || *behind == '\'') &&
                orbit_word_in(word, "L u U u8")) {
            return quoted_end(t, behind, end, ret);
        }
        ret->kind = ORBIT_TOKEN_WORD;
        return behind;
    }
    switch (*p) {
    case '"':
    case '\'': return quoted_end(t, p, end, ret);
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
        t->error = STR("C has no such character");
    }
    return behind;
}
