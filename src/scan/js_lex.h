/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_JS_LEX_H
#define ORBITON_SCAN_JS_LEX_H

/*
 * The pieces of JavaScript text: where a blank, a word, a string, a number, a
 * regular expression or a stretch of template ends, and what an escape means.
 * All functions take a place and the end of the text and give a place between
 * the two, or NULL where the piece has no end. Nothing here knows of syntax:
 * whether a '/' divides is the caller's business.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* What a byte begins. */
enum js_class {
    JS_OTHER, /* nothing that JavaScript knows */
    JS_WORD,  /* a letter, '$', '_' */
    JS_DIGIT,
    JS_ESCAPE, /* a backslash: an identifier begins with an escape */
    JS_HIGH,   /* not ASCII: a letter or a blank */
    JS_BLANK,
    JS_LINE, /* \n and \r */
    JS_QUOTE,
    JS_TEMPLATE,
    JS_SLASH,
    JS_DOT,
    JS_COMMA,
    JS_SEMICOLON,
    JS_COLON,
    JS_QUESTION,
    JS_EQUALS,
    JS_SIGN, /* + and - */
    JS_BANG, /* ! and ~: operators that only stand before a value */
    JS_STAR,
    JS_OPERATOR, /* all others between two values */
    JS_HASH,
    JS_AT,
    JS_PAREN_OPEN,
    JS_PAREN_CLOSE,
    JS_BRACKET_OPEN,
    JS_BRACKET_CLOSE,
    JS_BRACE_OPEN,
    JS_BRACE_CLOSE,
};

extern const uint8_t js_classes[256]; /* enum js_class */

static inline enum js_class js_class_of(char c)
{
    return (enum js_class)js_classes[(uint8_t)c];
}

/* Behind the ASCII letters, digits, '$' and '_' at `p`. */
static inline const char *js_ascii_word_end(const char *p, const char *end)
{
    while (p < end && (uint8_t)(js_classes[(uint8_t)*p] - JS_WORD) <= JS_DIGIT - JS_WORD) {
        p++;
    }
    return p;
}

/* The length of the blank of more than one byte at `p` (U+00A0, U+FEFF, Zs, U+2028, U+2029), or 0.
 * `*ret_line` is set if it ends a line and left alone otherwise. */
unsigned js_high_blank(const char *p, const char *end, bool *ret_line);

/* Behind white space and comments. Sets *ret_line if a line ends in them, and leaves it alone
 * otherwise. NULL: a comment has no end. */
const char *js_blank_end(const char *p, const char *end, bool *ret_line);

/* Behind the comment at `p`, which begins with two slashes or a slash and a star. */
const char *js_comment_end(const char *p, const char *end, bool *ret_line);

/* Behind an identifier, keyword, or rest of one. Sets *ret_escaped if it holds an escape. */
const char *js_word_end(const char *p, const char *end, bool *ret_escaped);

/* Behind the string whose opening quote is at `p`. */
const char *js_string_end(const char *p, const char *end);

/* Behind the "`" or "${" that ends the stretch of template text at `p`. */
const char *js_template_end(const char *p, const char *end);

/* Behind the regular expression whose '/' is at `p`, and its flags. */
const char *js_regex_end(const char *p, const char *end);

/* Behind the number at `p`, a digit or a '.' before one. */
const char *js_number_end(const char *p, const char *end);

/* The text of a string, template or identifier, with its escapes and (in templates) line ends
 * decoded; lone surrogates become U+FFFD. A copy in the arena. */
struct str js_decode(struct str raw, struct arena *a);

enum js_piece_kind {
    JS_PIECE_END,  /* the end of the text, or something without an end */
    JS_PIECE_WORD, /* an identifier, keyword or number */
    JS_PIECE_STRING,
    JS_PIECE_TEMPLATE, /* one without "${" */
    JS_PIECE_BYTE,     /* anything else, one byte of it */
};

/* A piece of the parts of the syntax that hold no expression, and the blank before it. */
struct js_piece {
    enum js_piece_kind kind;
    char byte;               /* of JS_PIECE_BYTE, 0 otherwise */
    bool line;               /* a line ends before it */
    const char *blank;       /* where the blank before it begins */
    const char *start, *end; /* with the quotes */
};

/* The piece at or behind `p`. */
struct js_piece js_piece_at(const char *p, const char *end);

/* Whether it is this word, written without escapes. */
bool js_piece_is(const struct js_piece *t, struct str word);

/* What stands between the quotes, or the word. */
struct str js_piece_raw(const struct js_piece *t);

static inline bool js_piece_is_text(const struct js_piece *t)
{
    return t->kind == JS_PIECE_STRING || t->kind == JS_PIECE_TEMPLATE;
}

#endif
