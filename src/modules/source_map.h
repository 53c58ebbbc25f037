/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_SOURCE_MAP_H
#define ORBITON_MODULES_SOURCE_MAP_H

/*
 * Source maps (version 3, one source) of texts that are edited once more before they are served:
 * what stands on a line is moved along with it. Lines never move. Pure.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "modules/rewrite.h"

/*
 * Appends the map of `code` with its edits, from `map`, which is that of `code`. The source is called
 * `source` in it. False if `map` is no source map; then nothing was appended. Columns are UTF-16
 * units, as everywhere in source maps.
 */
bool source_map_edit(struct strbuf *out, struct str map, struct str source, struct str code,
        const struct edit_list *edits);

/*
 * The place in the source of a place in the code: both lines and columns from 1, columns in
 * characters. *ret_text gets the source itself, in `a`. False if the map does not say.
 */
bool source_map_find(struct str map, struct str code, unsigned line, unsigned col, struct arena *a,
        unsigned *ret_line, unsigned *ret_col, struct str *ret_text);

#endif
