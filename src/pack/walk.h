/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_WALK_H
#define ORBITON_PACK_WALK_H

/*
 * Which files of a package can become one: the entry and all that it imports within its package, and what
 * each exports. The answer is no as soon as one of them does what depends on its own URL, or is read
 * otherwise by a bundler than by us; then all of them are served as they are.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "resolve/resolve.h"

enum {
    PACK_FILES_MIN = 8,                    /* fewer are loaded as they are */
    PACK_FILES_MAX = 4096,                 /* of one pack */
    PACK_FILE_BYTES_MAX = 2 * 1024 * 1024, /* of a file */
    PACK_BYTES_MAX = 16 * 1024 * 1024,     /* of all of them */
};

/* export * from another file of the pack, or from outside of it. */
struct pack_star {
    size_t file;          /* its number; or, if it is not empty, */
    struct str specifier; /* a package's name or the URL of a file */
};

struct pack_file {
    struct str path;     /* from the root */
    uint64_t version;    /* its stamp when it was read, see fs.h */
    struct str *exports; /* names that it says itself */
    size_t export_count;
    struct pack_star *stars;
    size_t star_count;
};

/* The files, the entry first; in the arena that pack_walk() was given. */
struct pack_list {
    struct pack_file *files;
    size_t count;
    struct str *outside; /* files of the package that are imported, and are served without it */
    size_t outside_count;
    struct hash key; /* of all paths and all bytes */
};

/*
 * Follows `entry` through its package; `is_taken` says which files are served already, as they are or
 * as another pack's: they stay outside. True if the others can be packed. If not, the list has those that
 * were seen, each with nothing but its path.
 */
bool pack_walk(const struct fs *fs, struct resolver *resolver, struct str entry,
        bool (*is_taken)(void *ctx, struct str path), void *ctx, struct arena *a,
        struct pack_list *ret);

#endif
