/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_MARKUP_H
#define ORBITON_ORBIT_MARKUP_H

/*
 * The tokens of a template: those of HTML, with three differences. {{ }} is a token of its own, in
 * which "<" is no tag; a name that begins with a capital letter is a component, whatever HTML
 * makes of it (<Title> is not <title>); and an element that closes itself has no raw text.
 *
 * The end of {{ is the first }} outside of brackets and quotes; where these do not pair, it is the
 * first }} of all, and the expression is found bad by whoever reads it. No {{ }} holds the text
 * "</template", so that one that is not closed does not reach into the code.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "scan/html_lex.h"

enum orbit_markup_kind {
    ORBIT_MARKUP_TEXT,
    ORBIT_MARKUP_VALUE,    /* {{ }}; `text` is what stands in between */
    ORBIT_MARKUP_UNCLOSED, /* {{ without }}; the token is these two bytes */
    ORBIT_MARKUP_START,
    ORBIT_MARKUP_END,
    ORBIT_MARKUP_COMMENT,
    ORBIT_MARKUP_OTHER, /* a doctype */
    ORBIT_MARKUP_EOF,   /* spans a tag or comment that the source cuts off, else empty */
};

struct orbit_markup_token {
    enum orbit_markup_kind kind;
    size_t start, end;
    struct str name; /* of a tag */
    struct str text; /* of TEXT, VALUE */
    bool is_raw;     /* TEXT: no character references in it */
    bool self_closing;
};

struct orbit_markup {
    struct html_lex lex;
    struct html_token token;  /* private */
    size_t text_end;          /* private: up to where the source is known to be text */
    size_t value_limit;       /* private: where {{ }} must have ended, once it was looked for */
    size_t unclosed_to;       /* private: up to there no {{ has an end */
    enum html_mode text_mode; /* private */
};

/* Begins at `at`; the source ends at its end. */
void orbit_markup_init(struct orbit_markup *m, struct str source, size_t at);

void orbit_markup_next(struct orbit_markup *m, struct orbit_markup_token *ret);

/* An attribute as written. */
struct orbit_markup_attribute {
    struct str name;
    struct str value; /* raw, without quotes */
    bool has_value;   /* "=" is written */
};

/* The attributes of a start tag, all of them, also those of one name; up to `max`, and *ret_count
 * can be one more than that to say that there are more. */
struct orbit_markup_attribute *orbit_markup_attributes(struct str source,
        const struct orbit_markup_token *tag, size_t max, struct arena *a, size_t *ret_count);

/* Whether the name of a tag is a component's: it begins with a capital letter. */
bool orbit_is_component_name(struct str name);

/* The offset of the first `c` at or behind `i` that stands outside of brackets and quotes of `s`,
 * or STR_NONE. A closing bracket too many ends the search, but for `c` itself. */
size_t orbit_find_outside(struct str s, size_t i, char c);

#endif
