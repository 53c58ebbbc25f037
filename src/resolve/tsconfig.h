/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_TSCONFIG_H
#define ORBITON_RESOLVE_TSCONFIG_H

/*
 * What tsconfig.json (or jsconfig.json) says about a file: how it is compiled, and where names lead
 * by `paths` and `baseUrl`. Pure: files are seen through `struct fs`.
 *
 * The nearest one in the file's folder or above holds, never one in node_modules. `extends` is
 * followed (a path, a package's file, or a list of them); of a file that only has `references` the
 * one whose `include` has the file counts, as editors do it. As in esbuild, what a project compiles
 * *to* (`target`, `module`, `outDir`) is no affair of a page in development.
 *
 * What was read is kept with the stamps of all files that were read or looked for, and used again
 * only if they say that they are what they were.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "resolve/fs.h"

enum {
    TSCONFIG_BYTES_MAX = 1024 * 1024, /* of one file */
    TSCONFIG_EXTENDS_MAX = 32,        /* files that one of them is made of */
    TSCONFIG_PATHS_MAX = 1000,        /* names and targets in `paths` */
    TSCONFIG_KEPT_MAX = 5000,         /* folders, and files where the answer depends on the file */
};

struct tsconfigs;

/* Good until the next tsconfigs_get(). */
struct tsconfig {
    /* {"compilerOptions":{...}} with those options that change what a file is compiled to; keys in
     * the order of their bytes. Empty if no configuration holds. */
    struct str options;
    /* A file that is wrong, and why ("line 3: ..."); what it says is left out. Empty if all is well */
    struct str bad_path;
    struct str error;
    const struct ts_alias *aliases; /* `paths`, as written */
    size_t alias_count;
    bool has_base; /* `baseUrl` is `base` */
    struct str base;
};

/* An entry of `paths`: "@/..." means "src/...". */
struct ts_alias {
    struct str name;           /* with at most one '*' */
    const struct str *targets; /* paths from the root, with at most one '*' */
    size_t target_count;
};

struct tsconfigs *tsconfigs_create(const struct fs *fs);
void tsconfigs_destroy(struct tsconfigs *t); /* accepts NULL */

/* What holds for the file at `path`; never NULL. */
const struct tsconfig *tsconfigs_get(struct tsconfigs *t, struct str path);

/* Whether a file may be a part of some configuration: it is called like one, or was read as one. */
bool tsconfigs_is_part(const struct tsconfigs *t, struct str path);

/*
 * Where a bare specifier leads by `paths` and `baseUrl`: paths from the root in `a`, the first that
 * is there counts. None if neither says something about it.
 */
struct str *tsconfig_candidates(
        const struct tsconfig *config, struct str specifier, struct arena *a, size_t *ret_count);

#endif
