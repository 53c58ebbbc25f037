/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_GLOB_H
#define ORBITON_RESOLVE_GLOB_H

/*
 * The patterns of import.meta.glob(): "./pages/p-*.js" from the importer's
 * folder, "/src/p-*.{ts,tsx}" from the root, and with a leading "!" what is left
 * out. '*' and '?' stand within one name, "**" for any number of folders,
 * {a,b} for one of several texts (also nested), [a-z] and [!a-z] for one character.
 * A backslash takes the next character literally. Names that begin with a dot and
 * folders named node_modules are matched only where the pattern names them.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "resolve/fs.h"

enum {
    GLOB_PATTERN_MAX = 4096,  /* bytes of one pattern */
    GLOB_BRACES_MAX = 256,    /* patterns that one becomes by its braces */
    GLOB_PATTERNS_MAX = 256,  /* patterns of one call, braces resolved */
    GLOB_FOLDERS_MAX = 20000, /* folders that are listed */
    GLOB_LIST_MAX = 20000,    /* entries of one folder */
    GLOB_MATCHES_MAX = 10000, /* files */
    GLOB_DEPTH_MAX = 64,      /* folders below one another */
};

/* One call's patterns, ready for use. */
struct glob;

/*
 * Reads the patterns of one call in `importer` (a path). NULL if one is wrong (neither relative nor
 * absolute, above the root, too long, too many); *ret_error says which and why. The result lies in
 * `a`, texts included.
 */
struct glob *glob_parse(struct arena *a, const struct str *patterns, size_t count,
        struct str importer, struct str *ret_error);

/* Whether a file at `path` belongs to the call: some pattern matches, none that begins with '!'
 * does, and it is not the importer itself. For files that come and go. */
bool glob_match(const struct glob *glob, struct str path);

/* The folders that have to be looked at: any match lies below one of them. */
const struct str *glob_folders(const struct glob *glob, size_t *ret_count);

struct glob_file {
    struct str path; /* from the root */
    struct str key;  /* as the call's object has it: "./x.js", "../x.js", or "/src/x.js" for a file
                      * that an absolute pattern matched */
};

/*
 * All files that match now, in `a`, sorted by path. False if a limit was reached; the files found
 * until then are given all the same.
 */
bool glob_expand(const struct glob *glob, const struct fs *fs, struct arena *a,
        struct glob_file **ret, size_t *ret_count);

/* The key of one file that matches, in `a`. */
struct str glob_key(const struct glob *glob, struct arena *a, struct str path);

#endif
