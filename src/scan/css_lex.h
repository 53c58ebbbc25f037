/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_CSS_LEX_H
#define ORBITON_SCAN_CSS_LEX_H

/*
 * The tokenizer of CSS Syntax Level 3 ("4. Tokenization"), giving spans of the
 * source: nothing is copied or allocated but by css_unescape(). What the
 * standard's preprocessing does (CR, CRLF and FF are newlines, NUL is U+FFFD)
 * is done while reading, so offsets are those of the bytes as they are.
 *
 * The source is taken for UTF-8 or another encoding that holds ASCII; a byte
 * above 127 is part of a name, as every character above U+007F is.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum css_token_kind {
    CSS_EOF,
    CSS_SPACE,
    CSS_COMMENT,
    CSS_IDENT,
    CSS_FUNCTION,   /* a name and its "("; url( is one only before a quote */
    CSS_AT_KEYWORD, /* "@" and a name */
    CSS_HASH,       /* "#" and a name */
    CSS_STRING,
    CSS_BAD_STRING, /* cut off by a newline, which is not part of it */
    CSS_URL,        /* url( without quotes, up to its ")" */
    CSS_BAD_URL,
    CSS_NUMBER,
    CSS_PERCENTAGE,
    CSS_DIMENSION,
    CSS_CDO, /* "<!--" */
    CSS_CDC, /* "-->" */
    CSS_COLON,
    CSS_SEMICOLON,
    CSS_COMMA,
    CSS_LEFT_SQUARE,
    CSS_RIGHT_SQUARE,
    CSS_LEFT_PAREN,
    CSS_RIGHT_PAREN,
    CSS_LEFT_BRACE,
    CSS_RIGHT_BRACE,
    CSS_DELIM, /* any other byte */
};

struct css_token {
    enum css_token_kind kind;
    size_t start, end; /* byte offsets of the whole token in the source */
    /*
     * As written: the name of an ident, function, at-keyword or hash; what stands inside the
     * quotes of a string, or between url( and ) without white space; the digits of a number,
     * percentage or dimension (whose unit follows them); the byte of a delimiter. Else empty.
     */
    struct str text;
};

struct css_lex {
    struct str source; /* borrowed: tokens point into it */
    size_t at;         /* the next byte */
};

/* Starts at the first byte, or behind a byte order mark. */
void css_lex_init(struct css_lex *lex, struct str source);

/* The next token; tokens follow one another without a gap. CSS_EOF at the end and for ever after. */
void css_lex_next(struct css_lex *lex, struct css_token *ret);

/*
 * The text of a token with its escapes decoded: itself if there is nothing to decode, else in the
 * arena. In a string an escaped newline is dropped.
 */
struct str css_unescape(const struct css_token *token, struct arena *a);

/* Whether a name as written means `name` (in lower case), whatever its case and its escapes. */
bool css_name_is(struct str written, struct str name);

#endif
