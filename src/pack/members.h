/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_MEMBERS_H
#define ORBITON_PACK_MEMBERS_H

/*
 * The packages that one pack is made of: the entry's, and those that it needs and that the project has only
 * because of it. A page that imports antd loads one pack, and not one file of each of forty packages.
 *
 * All of a pack runs at once, so no package may stand between two members: if one that stays an import (or
 * another pack) leads back to a member, it would run before what it needs. Such a member is kept apart: it is
 * imported by its name again. So is one that the project names itself, since its own modules ask for it in
 * whatever order, and a pack should be the same in the next run.
 *
 * Names are those of packages, as importers write them. Everything lies in the members' own arena.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "pack/effects.h"
#include "resolve/fs.h"

struct member {
    struct str folder; /* from the root */
    struct str name;
    struct effects effects;
    bool maps_browser; /* its package.json has a field "browser" */
};

struct members;

/* `folder` is that of the entry's package. NULL: it has no package.json. */
struct members *members_create(const struct fs *fs, struct str folder);

/* Accepts NULL. */
void members_destroy(struct members *m);

/* The package in `folder` may be a member, though the project names it. */
void members_allow(struct members *m, struct str folder);

/* Only the entry's package is a member again; what is kept apart stays so. */
void members_begin(struct members *m);

/* The members in the order in which they were taken in; NULL: it is none, or there are no more. */
const struct member *members_find(const struct members *m, struct str folder);
const struct member *members_at(const struct members *m, size_t i);

/* Takes a package in. NULL: it is kept apart, is a member by another name, or says that its files have side
 * effects. One that says nothing of them may be a member: the project does not import it. */
const struct member *members_take(struct members *m, struct str folder, struct str name);

/* Keeps a package apart, whatever its name leads to. False: it is a member, so that all begins anew. */
bool members_keep_apart(struct members *m, struct str name);

/*
 * A package that does not belong to the pack and runs before it: `folder` is imported by a member, or is the
 * package of a file that is served already. members_agree() follows what these need, and keeps the members
 * apart that it comes to; false if there were any, or if it comes to the entry's package (members_is_circle()).
 */
void members_add_before(struct members *m, struct str folder);

/* The entry's package of the i-th other pack that has files of a package; empty behind the last. */
typedef struct str members_pack_fn(void *ctx, struct str folder, size_t i);
bool members_agree(struct members *m, members_pack_fn *pack_of, void *ctx);
bool members_is_circle(const struct members *m);

/* The i-th of these packages, those that were come to included; empty behind the last. */
struct str members_before_at(const struct members *m, size_t i);

/* Where the package in `from` finds the one that it needs, as Node does, without symbolic links: it may lie
 * beside node_modules. Empty: nowhere. */
struct str members_folder_of(struct members *m, struct str from, struct str need);

/* Whether the package in `folder` says in its package.json that it needs one of that name. */
bool members_needs(const struct members *m, struct str folder, struct str name);

#endif
