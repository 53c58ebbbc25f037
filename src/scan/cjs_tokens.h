/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_CJS_TOKENS_H
#define ORBITON_SCAN_CJS_TOKENS_H

/* Questions about tokens, for cjs_*.c alone. Every index may be asked about, also those beyond the
 * last token: nothing is there. */

#include <string.h>

#include "scan/js_lex.h"
#include "scan/js_tokens.h"

static inline struct str token_text(const struct js_tokens *t, size_t i)
{
    return i < t->count ? str_sub(t->text, t->items[i].start, t->items[i].end) : STR("");
}

static inline bool token_is(const struct js_tokens *t, size_t i, const char *word)
{
    return i < t->count && t->items[i].class == JS_WORD && str_eq(token_text(t, i), str_from(word));
}

/* The byte of a token that has one, and is no word or number; 0 otherwise. */
static inline char token_byte(const struct js_tokens *t, size_t i)
{
    return i < t->count && t->items[i].end == t->items[i].start + 1 && t->items[i].class > JS_HIGH
                   ? t->text.ptr[t->items[i].start]
                   : '\0';
}

static inline bool token_is_name(const struct js_tokens *t, size_t i)
{
    return i < t->count && (t->items[i].class == JS_WORD || t->items[i].class == JS_HIGH ||
                                   t->items[i].class == JS_ESCAPE);
}

/* A string, or a template without "${". */
static inline bool token_is_string(const struct js_tokens *t, size_t i)
{
    return i < t->count && t->items[i].end >= t->items[i].start + 2 &&
           (t->items[i].class == JS_QUOTE ||
                   (t->items[i].class == JS_TEMPLATE && t->text.ptr[t->items[i].end - 1] == '`'));
}

/* What stands between the quotes, as it is written. */
static inline struct str token_string(const struct js_tokens *t, size_t i)
{
    return str_sub(t->text, t->items[i].start + 1, t->items[i].end - 1);
}

/* Whether it is the name behind a '.' or '?.'. */
static inline bool token_is_member(const struct js_tokens *t, size_t i)
{
    return i > 0 && i < t->count &&
           (token_byte(t, i - 1) == '.' || (t->items[i - 1].class == JS_QUESTION &&
                                                   str_eq(token_text(t, i - 1), STR("?."))));
}

static inline bool token_closes(const struct js_tokens *t, size_t i)
{
    return i < t->count && t->items[i].match < i;
}

/* Behind the token, and behind the closing one if it is an opening bracket or template. */
static inline size_t token_behind(const struct js_tokens *t, size_t i)
{
    while (i < t->count && t->items[i].match > i && t->items[i].match < t->count) {
        i = t->items[i].match;
    }
    return i < t->count ? i + 1 : t->count;
}

#endif
