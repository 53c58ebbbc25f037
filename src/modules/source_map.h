/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_SOURCE_MAP_H
#define ORBITON_MODULES_SOURCE_MAP_H

/*
 * Source maps (version 3). Of texts that are edited once more before they are served: what stands on a
 * line is moved along with it, and lines never move. Of texts that are put together from pieces of
 * others. And of texts that something was made of which has a map itself. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "modules/rewrite.h"

/*
 * Appends the map of `code` with its edits, from `map`, which is that of `code`. Its one source is called
 * `source` in it; with an empty name the sources keep theirs. False if `map` is no such map; then
 * nothing was appended. Columns are UTF-16 units, as everywhere in source maps.
 */
bool source_map_edit(struct strbuf *out, struct str map, struct str source, struct str code,
        const struct edit_list *edits);

/* A place in a source; texts in the caller's arena. */
struct source_map_found {
    struct str source;  /* its name, as in the map */
    struct str text;    /* the source itself */
    unsigned line, col; /* from 1; columns are characters */
};

/* The place of a place in the code (of the same units). False if the map does not say. */
bool source_map_find(struct str map, struct str code, unsigned line, unsigned col, struct arena *a,
        struct source_map_found *ret);

struct source_map_source {
    struct str name, text;
};

/* A part of a text that was copied from a source. */
struct source_map_piece {
    size_t at, len; /* bytes of the text */
    size_t from;    /* where they stand in the source */
    size_t source;  /* its number */
};

/*
 * Appends the map of a text with these pieces, which are sorted by `at` and do not overlap: each word of
 * a piece has a place. What stands before a piece on its line belongs to the piece's begin, since it
 * was put there for it; other text has no place.
 */
void source_map_write(struct strbuf *out, struct str text, const struct source_map_piece *pieces,
        size_t count, const struct source_map_source *sources, size_t source_count);

/*
 * Appends the map from what `outer` is the map of, by the text that both speak of, to the sources of
 * `inner`. False if one of them is no map; then nothing was appended.
 */
bool source_map_join(struct strbuf *out, struct str outer, struct str inner);

#endif
