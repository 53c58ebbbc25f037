/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_REWRITE_H
#define ORBITON_MODULES_REWRITE_H

/*
 * A text with some places replaced: bytes outside the edits stay, and so does
 * every line's number, as long as no edit adds or removes a line. Pure.
 */

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "scan/facts.h"

/* One place and what stands there afterwards; an empty place is an insertion. */
struct edit {
    struct span at;
    struct str with;
};

struct edit_list {
    struct edit *items;
    size_t count;
    size_t cap;
};

/* Adds an edit to a list for vec_finish(). */
void edit_add(struct edit_list *list, size_t start, size_t end, struct str with);

/*
 * Appends the text with its edits. They are sorted; of those that overlap the one that starts first
 * counts, and insertions at one place stand in the order in which they were added. A byte order
 * mark at the start is dropped.
 */
void rewrite_apply(struct strbuf *out, struct str text, struct edit_list *edits);

/* As many spaces as the span has bytes, with its line breaks kept, in `a`. */
struct str rewrite_blank(struct arena *a, struct str text, struct span span);

/* The line breaks of the span alone, in `a`: what a shorter text must hold in its place. */
struct str rewrite_breaks(struct arena *a, struct str text, struct span span);

/* Appends `s` as the inside of a JavaScript string between two of `quote` (', " or `). */
void rewrite_add_quoted(struct strbuf *out, struct str s, char quote);

#endif
