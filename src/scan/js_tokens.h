/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_JS_TOKENS_H
#define ORBITON_SCAN_JS_TOKENS_H

/*
 * The tokens of a JavaScript text as the scanner saw them, with their brackets
 * paired: for questions that need a look back and forth (CommonJS). What lies
 * between two tokens is white space and comments.
 *
 * Tokens are as the scanner takes them: an operator of several characters is as
 * many tokens ("===" is three), but for "=>", "++", "--", "?.", "??" and "...";
 * import( is one, which opens; of a template each stretch of text is one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct js_token {
    uint32_t start, end; /* bytes of the text */
    uint32_t match;      /* of a bracket: the index of its partner; `count` if it has none */
    uint8_t class;       /* enum js_class of its first byte */
    bool line;           /* a line ends before it, behind the token before */
};

/* items[count] is a token without bytes at the end of the text. */
struct js_tokens {
    struct str text; /* borrowed */
    struct js_token *items;
    size_t count;
};

/* Cuts `text` as far as the scanner gets; the items lie in the arena. */
void js_tokens(struct str text, struct arena *a, struct js_tokens *ret);

#endif
