/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_LEX_H
#define ORBITON_ORBIT_LEX_H

/*
 * The tokens of a piece of Rust, C, JavaScript or TypeScript, all of them, with
 * their brackets paired. What lies between two tokens is white space and
 * comments. TypeScript is read as JavaScript: its types use the same tokens.
 *
 * The invariant: tokens lie in the text in order, items[count] is a token of
 * kind ORBIT_TOKEN_END at the end of the text, and when nothing failed every
 * opening bracket's `match` is the index of its closing one and the other way
 * round. The token behind any but END can be looked at without a test.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "orbit/expr.h"

enum {
    ORBIT_LEX_MAX = 1024 * 1024, /* bytes of a text that is cut into tokens */
    ORBIT_NEST_MAX = 128,        /* brackets in brackets */
};

enum orbit_token_kind {
    ORBIT_TOKEN_END,
    ORBIT_TOKEN_WORD, /* an identifier or keyword; r#name with its r# */
    ORBIT_TOKEN_NUMBER,
    ORBIT_TOKEN_STRING, /* of any kind, with prefix and quotes */
    ORBIT_TOKEN_CHAR,
    ORBIT_TOKEN_LIFETIME,        /* 'a, also as a label */
    ORBIT_TOKEN_PRIVATE,         /* #name */
    ORBIT_TOKEN_REGEX,           /* with its flags */
    ORBIT_TOKEN_TEMPLATE,        /* one without "${" */
    ORBIT_TOKEN_TEMPLATE_HEAD,   /* from "`" to "${"; an opening bracket */
    ORBIT_TOKEN_TEMPLATE_MIDDLE, /* from "}" to "${"; belongs to what lies inside */
    ORBIT_TOKEN_TEMPLATE_TAIL,   /* from "}" to "`"; a closing bracket */
    ORBIT_TOKEN_OPEN,            /* ( [ { */
    ORBIT_TOKEN_CLOSE,
    ORBIT_TOKEN_PUNCT,     /* the longest operator that stands there */
    ORBIT_TOKEN_DIRECTIVE, /* a line of the C preprocessor, with its continuations */
};

struct orbit_token {
    enum orbit_token_kind kind;
    bool line;           /* a line ends before it, behind the token before */
    bool block;          /* "{" of JavaScript: of statements, not of an object */
    uint32_t start, end; /* byte offsets */
    uint32_t match;      /* the partner of a bracket; of a template: head and tail */
};

struct orbit_tokens {
    struct str text; /* borrowed */
    struct orbit_token *items;
    size_t count;
    size_t error_offset;
    struct str error; /* empty: all is well. Else the tokens end at the error, some unpaired */
};

/* Cuts `text`; the items live in `a`. */
void orbit_lex(struct arena *a, enum orbit_lang lang, struct str text, struct orbit_tokens *ret);

static inline struct str orbit_token_text(const struct orbit_tokens *t, size_t i)
{
    return (struct str){ t->text.ptr + t->items[i].start, t->items[i].end - t->items[i].start };
}

/* The token before `i`, or the END token for the first. */
static inline size_t orbit_token_before(const struct orbit_tokens *t, size_t i)
{
    return i > 0 ? i - 1 : t->count;
}

/* Whether token `i` reads exactly so, and is no literal. `i` may be count (END), not more. */
bool orbit_token_is(const struct orbit_tokens *t, size_t i, const char *text);

/* Whether it is an opening or a closing bracket, a template's included. */
bool orbit_token_opens(const struct orbit_tokens *t, size_t i);
bool orbit_token_closes(const struct orbit_tokens *t, size_t i);

/* The token behind `i`, or behind the whole group if `i` opens one; at most count. */
size_t orbit_token_skip(const struct orbit_tokens *t, size_t i);

/* Whether the word is one of a list, whose words stand between single spaces. */
bool orbit_word_in(struct str word, const char *list);

/* A keyword of the language: never the name of a variable. */
bool orbit_is_keyword(enum orbit_lang lang, struct str word);

/*
 * private: one token at or behind t->items[count - 1].end. Each language's lexer is called with
 * `p` at a byte that is no blank; it sets kind and gives the place behind the token, or NULL with
 * t->error set (and error_offset, if it is not the beginning of the token).
 */
const char *orbit_blank_end_rust(const char *p, const char *end, bool *ret_line);
const char *orbit_lex_rust(
        struct orbit_tokens *t, const char *p, const char *end, struct orbit_token *ret);
const char *orbit_blank_end_c(const char *p, const char *end, bool *ret_line);
const char *orbit_lex_c(
        struct orbit_tokens *t, const char *p, const char *end, struct orbit_token *ret);
const char *orbit_lex_js(struct orbit_tokens *t, const char *p, const char *end,
        struct orbit_token *ret, const struct orbit_token *open);

/* The longest of `operators` (words between spaces, the longer ones first) at `p`, or NULL. */
const char *orbit_operator_end(const char *p, const char *end, const char *operators);

#endif
