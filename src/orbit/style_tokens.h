/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_STYLE_TOKENS_H
#define ORBITON_ORBIT_STYLE_TOKENS_H

/*
 * private to style_*.c: the tokens of a sheet with their brackets paired, and
 * the edits that are made to it. A closing bracket that fits no open one is an
 * ordinary token, and an open one without an end goes to the end of the sheet,
 * as CSS has it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "scan/css_lex.h"

struct style_edit {
    size_t start, end; /* bytes of the sheet that are replaced */
    struct str text;
    size_t order; /* of edits at one place */
};

struct style {
    struct str css;
    struct arena *arena;
    struct diag_list *diags; /* may be NULL */
    struct str attribute;    /* with its brackets: "[data-o-1f2e]" */
    struct str suffix;       /* of animations: "-o-1f2e" */
    const struct css_token *tokens;
    const uint32_t *match; /* of an opening bracket: its closing one, or count; else 0 */
    size_t count;          /* tokens[count] is CSS_EOF */
    unsigned depth;        /* of :is() in :is() */
    struct {
        struct str *items;
        size_t count, cap;
    } animations; /* the names that @keyframes define, decoded */
    struct {
        struct style_edit *items;
        size_t count, cap;
    } edits;
};

static inline enum css_token_kind style_kind(const struct style *s, size_t i)
{
    return s->tokens[i].kind;
}

static inline bool style_delim(const struct style *s, size_t i, char c)
{
    return s->tokens[i].kind == CSS_DELIM && s->css.ptr[s->tokens[i].start] == c;
}

/* Behind the token or the group at `i`. */
static inline size_t style_skip(const struct style *s, size_t i)
{
    if (s->match[i] == 0) {
        return i < s->count ? i + 1 : i;
    }
    return s->match[i] < s->count ? s->match[i] + 1 : s->count;
}

/* The first token in [i, to) that is neither a blank nor a comment, or `to`. */
static inline size_t style_solid(const struct style *s, size_t i, size_t to)
{
    while (i < to && (s->tokens[i].kind == CSS_SPACE || s->tokens[i].kind == CSS_COMMENT)) {
        i++;
    }
    return i;
}

void style_replace(struct style *s, size_t start, size_t end, struct str text);

/* In front of token `i`. */
void style_insert(struct style *s, size_t i, struct str text);

void style_warn(struct style *s, size_t i, struct str text);

struct style_selectors {
    bool valid;
    bool deep;   /* one has :deep() */
    bool global; /* one has nothing that is not :global() */
};

/* What the list of selectors [from, to) holds. */
struct style_selectors style_selectors_look(struct style *s, size_t from, size_t to, bool nested);

/* Scopes each of a valid list. `wrapped`: only those parts that :deep() and :global() ask for. */
void style_selectors_scope(struct style *s, size_t from, size_t to, bool nested, bool wrapped);

#endif
