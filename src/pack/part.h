/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_PART_H
#define ORBITON_PACK_PART_H

/*
 * One file of a package, as a pack could have it: what it exports and imports, or what is in the way. That is
 * the same whatever else is in the pack, so each file is read and scanned once, however often the packages
 * that make up the pack are chosen anew.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"
#include "pack/members.h"
#include "resolve/resolve.h"
#include "scan/facts.h"

enum { PART_BYTES_MAX = 2 * 1024 * 1024 /* of a file */ };

/* What a specifier means. */
struct part_target {
    enum resolved_kind kind;
    bool is_part;      /* the file could be one of a pack, by its name and kind */
    bool is_commonjs;  /* which importers get in two ways */
    struct str path;   /* of RESOLVED_FILE; else empty, as are `url` and `folder` */
    struct str url;    /* with query and fragment */
    struct str folder; /* of its package */
    struct str name;   /* of a package, as the specifier begins; of relative ones: empty */
};

struct part_dep {
    enum dep_kind kind; /* DEP_IMPORT, DEP_REEXPORT, DEP_DYNAMIC */
    bool export_all;
    bool for_effects; /* nothing is wanted of it but that it runs */
    struct str specifier;
    const struct part_target *target;
};

struct part {
    struct str path; /* from the root */
    struct str why; /* what is in the way, in a few words; empty: nothing, and all below is there */
    uint64_t version;
    struct hash hash; /* of the bytes */
    size_t bytes;
    bool is_node_module; /* see resolver_is_node_module() */
    bool makes_workers;  /* perhaps of the texts of functions, which are to run by themselves */
    struct str *exports;
    size_t export_count;
    struct part_dep *deps;
    size_t dep_count;
};

struct parts;

/* Both are borrowed. */
struct parts *parts_create(const struct fs *fs, struct resolver *resolver);

/* Accepts NULL. */
void parts_destroy(struct parts *parts);

/* A file of the package `home`; good until parts_destroy(). */
const struct part *parts_get(struct parts *parts, const struct member *home, struct str path);

/* Whether a name means the same for another file as it does for one of `home`: to both it is one import. */
bool parts_agree(struct parts *parts, const struct member *home, struct str path,
        const struct member *other_home, struct str other, struct str specifier);

/* The folder of the package that a file below node_modules is of, a part of `path`; empty if it is of none. */
struct str pack_package_of(struct str path);

/* The name under which the package in a folder below node_modules is installed. */
struct str pack_name_of(struct str folder);

/* Whether a file can be one of a pack, by its name. */
bool pack_is_script(struct str path);

#endif
