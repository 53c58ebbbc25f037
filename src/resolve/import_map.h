/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_IMPORT_MAP_H
#define ORBITON_RESOLVE_IMPORT_MAP_H

/*
 * Import maps by the HTML standard: "imports" and "scopes" (the longest scope
 * and the longest prefix win), null entries, prefixes with a trailing slash. An
 * entry that browsers drop with a warning is dropped here with a warning.
 * "integrity" is the browser's own business and is not read.
 *
 * URLs of the page's own origin are kept without it, as "/path?query#fragment";
 * others are absolute. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

struct import_map;

enum {
    IMPORT_MAP_TEXT_MAX = 1024 * 1024,
    IMPORT_MAP_ENTRIES_MAX = 16384, /* of all imports and scopes together */
    IMPORT_MAP_WARNINGS_MAX = 32,
};

/*
 * Parses the text of a <script type=importmap>. `base_url` is the document's base ("/index.html",
 * or absolute); `origin` ("http://localhost:8000") lets absolute URLs of our own be recognised, may
 * be empty. NULL if browsers would refuse the whole map; *ret_error then says why, in `a`. The
 * result lies in `a`.
 */
struct import_map *import_map_parse(struct arena *a, struct str text, struct str base_url,
        struct str origin, struct str *ret_error);

/* What was dropped or is wrong with it, one sentence each. */
const struct str *import_map_warnings(const struct import_map *map, size_t *ret_count);

/* Adds a later map's rules to `map`, which keeps its own where both have one. */
void import_map_merge(struct arena *a, struct import_map *map, const struct import_map *later);

enum import_map_answer {
    IMPORT_MAP_NONE,    /* no rule: the specifier means what it means without a map */
    IMPORT_MAP_URL,     /* *ret_url: "/path?query#fragment" of our origin, or absolute */
    IMPORT_MAP_BLOCKED, /* a rule says null, or its result is no URL or climbs above its prefix */
};

/* `specifier` as written, `importer_url` as for struct resolve_request. *ret_url lies in `a`. */
enum import_map_answer import_map_resolve(const struct import_map *map, struct str specifier,
        struct str importer_url, struct arena *a, struct str *ret_url);

#endif
