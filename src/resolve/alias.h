/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_ALIAS_H
#define ORBITON_RESOLVE_ALIAS_H

/*
 * One rule of a bundler's `resolve.alias`: what it fits, and what it makes of a name. Pure.
 *
 * A text fits a name that is the text, or begins with it and a slash. A regular expression is read if it is
 * plain text with at most one ".*" or ".+" in it, alone or as the one group, and '^' and '$' at its ends:
 * "^@\/", "^vue$", "^~(.*)$". No others are understood: there is no regular expression engine here.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

enum {
    ALIAS_NAME_MAX = 4096, /* bytes of a name that is compared, and of what becomes of it */
};

struct alias {
    bool is_pattern;
    struct str find;  /* the text; of a pattern what stands before its wildcard */
    struct str after; /* of a pattern: what stands behind its wildcard */
    bool at_start;    /* "^" */
    bool at_end;      /* "$" */
    bool has_any;     /* there is a wildcard */
    bool any_is_one;  /* it stands for one byte at least: ".+" */
    bool is_group;    /* "$1" of the replacement is what it stands for */
    struct str replacement;
};

/* The rule of a text. Where both end in a slash it goes from both, as in Vite. Borrows both. */
struct alias alias_of_text(struct str find, struct str replacement);

/* The rule of a regular expression by its source and flags; false if it is one that is not understood.
 * Texts in `a`; borrows the replacement. */
bool alias_of_pattern(struct arena *a, struct str source, struct str flags, struct str replacement,
        struct alias *ret);

/* What the rule makes of the name, in `a`; false if it does not fit, or the result is too long. */
bool alias_apply(const struct alias *alias, struct str name, struct arena *a, struct str *ret);

#endif
