/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_WALK_H
#define ORBITON_PACK_WALK_H

/*
 * Which files can become one: the entry and all that it imports within its package and within those packages
 * that the project has only because of it (members.h), and what each exports. The answer is no as soon as a
 * file of the entry's package does what depends on its own URL or on the moment at which it runs, or is read
 * otherwise by a bundler than by us; then all of them are served as they are. Another package of which that is
 * true stays an import by its name.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "pack/members.h"
#include "resolve/resolve.h"

enum {
    PACK_FILES_MIN = 8,                /* fewer are loaded as they are */
    PACK_FILES_MAX = 4096,             /* of one pack */
    PACK_BYTES_MAX = 16 * 1024 * 1024, /* of all of them */
    PACK_TRIES_MAX = 64,               /* with fewer packages each; then with the entry's alone */
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
    struct str *outside; /* files of these packages that are imported, and are served without it */
    size_t outside_count;
    struct str *packages; /* their folders, the entry's first */
    size_t package_count;
    struct str *names; /* of packages that are imported, as importers write them */
    size_t name_count;
    struct str *before; /* folders of packages that run before it, because of what it imports */
    size_t before_count;
    bool makes_workers; /* perhaps of the texts of its functions */
    struct hash key;    /* of all paths and all bytes, and of where names lead to */
};

/* How a file is served that a pack could have. */
enum pack_place {
    PACK_FREE,    /* nobody has asked for it */
    PACK_OUTSIDE, /* already, as it is or as another pack's: it stays outside */
    PACK_LEFT,    /* all of its package is served as it is */
    PACK_FOREIGN, /* another tool makes it: then nothing is packed */
};

enum pack_answer {
    PACK_GOOD,
    PACK_SMALL, /* it could be packed, and is not worth it */
    PACK_NO,
};

struct pack_question {
    const struct fs *fs;
    struct resolver *resolver;
    struct str entry;
    bool alone; /* other packages stay imports */
    const struct pack_list
            *kept; /* its packages may be members, whatever the project names; or NULL */
    enum pack_place (*place)(void *ctx, struct str path);
    members_pack_fn *pack_of; /* not asked for if `alone` */
    void *ctx;
};

/*
 * Follows the entry through its package. With PACK_GOOD and PACK_SMALL the list is whole; with PACK_NO it is
 * empty, and *ret_why says in a few words, in `a`, what is in the way.
 */
enum pack_answer pack_walk(const struct pack_question *question, struct arena *a,
        struct pack_list *ret, struct str *ret_why);

#endif
