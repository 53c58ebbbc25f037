/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_MANIFESTS_H
#define ORBITON_RESOLVE_MANIFESTS_H

/*
 * The package.json files that were read, by folder. Within one turn (one
 * question) a file is looked at once, so that the question sees one state; in the next turn it is
 * used again only if its stamp says that it is what it was.
 */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/str.h"
#include "resolve/fs.h"

struct manifests;

/* Good until the next turn begins. */
struct manifest {
    struct str folder;
    bool found;       /* there is a package.json */
    struct str error; /* it is not JSON, or no object: why; then all below is empty */
    struct str name;
    bool is_module; /* "type": "module" */
    struct str main;
    struct str module; /* "module", or the older "jsnext:main" */
    struct str style;
    struct str browser;  /* the string form */
    json_t *browser_map; /* the object form; NULL if none */
    json_t *exports;     /* NULL if absent or null */
    json_t *imports;
};

struct manifests *manifests_create(const struct fs *fs, size_t max, size_t max_bytes);
void manifests_destroy(struct manifests *m); /* accepts NULL */

/* Begins a turn: what was given before may be dropped now. */
void manifests_turn(struct manifests *m);

/* The package.json in `folder`; never NULL. */
const struct manifest *manifests_get(struct manifests *m, struct str folder);

/* Drops the entries of `folder` and below; all of them for "". */
void manifests_forget(struct manifests *m, struct str folder);

#endif
