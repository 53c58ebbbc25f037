/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_PACKS_H
#define ORBITON_PACK_PACKS_H

/*
 * Packages of many files, packed by the project's bundler (bundler.h): a page that imports lodash-es loads two
 * modules and not 640.
 *
 *     /node_modules/lodash-es/lodash.js         export { __TAG_add as add, ... } from ".../lodash.js?pack"
 *     /node_modules/lodash-es/add.js            export { __TAG_default as default } from ".../lodash.js?pack"
 *     /node_modules/lodash-es/lodash.js?pack    what the bundler made of all of them
 *
 * Each file keeps its URL, its names and its one instance, whoever imports it and however. A pack is all
 * that the first file of a package that somebody asks for imports within its package and those that only
 * it needs (walk.h), and imports other packages by their names. What cannot be packed is served as it is.
 *
 * As a backend of transform/: takes() says which files belong to a pack. That is decided when one is first
 * asked for, by reading what it imports, and holds for the run, unless a file of the pack changes or its
 * package is installed anew. As soon as one file of a package turns out to be such that it cannot be packed,
 * nothing more of it is. In node_modules/.cache/orbiton (cache.h) is kept what the bundler made, by the contents
 * of all files, and what a pack is made of, by its first file and the stamps of all.
 */

#include <uv.h>

#include "base/str.h"
#include "resolve/fs.h"
#include "transform/transform.h"

/* Behind the path of its first file, what a pack goes by, in transform/ and as its URL. */
#define PACK_MARK STR("?pack")

enum {
    PACKS_AT_ONCE = 4,          /* programs that run; of rolldown, ROLLDOWN_AT_ONCE */
    PACKS_REFUSALS_MAX = 4,     /* before a package is packed without others */
    PACKS_FILES_MAX = 50000,    /* files of packages that are remembered */
    PACKS_LIMIT_MS = 60 * 1000, /* for the bundler; a cold disk has to be read */
    PACKS_WAIT_MS = 600 * 1000, /* until it runs: for those before it */
};

struct vite_config;

struct packs_options {
    uv_loop_t *loop;
    const struct transform
            *transform;  /* borrowed; files that its other tools take are not packed */
    struct str root;     /* of the project, absolute; copied */
    const struct fs *fs; /* borrowed */
    const struct vite_config *vite_config; /* borrowed; NULL: there is none */
    const char *path;                      /* PATH; may be NULL. Copied */
    /* Whether a page may give names a meaning of its own, by an import map: then a pack has files of one
     * package only. */
    bool (*has_maps)(void *ctx);
    void *ctx;
};

/* The backend for transform_add(), which frees it. */
struct transform_backend packs_create(const struct packs_options *options);

#endif
