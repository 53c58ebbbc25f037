/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_FILES_WORKSPACE_H
#define ORBITON_FILES_WORKSPACE_H

/*
 * The folder above the root whose packages the project uses: that of a workspace,
 * in which node_modules often lies above the project and links lead to the
 * packages beside it. Paths in it begin with WORKSPACE_NAME, as if it were a
 * folder of the root.
 *
 * Only packages can be opened: what lies in a node_modules, and what a link in a
 * node_modules leads to, unless the project itself lies in there. The kernel keeps every walk beneath the workspace.
 */

#include <stdbool.h>

#include "base/str.h"

#define WORKSPACE_NAME STR("@workspace")

struct workspace;

enum {
    WORKSPACE_LEVELS_MAX = 16,            /* folders above the root that are looked at */
    WORKSPACE_MANIFEST_MAX = 1024 * 1024, /* bytes of a package.json that is looked into */
    WORKSPACE_PACKAGES_MAX = 1024,        /* packages that links lead to */
};

/*
 * Looks above `root` (absolute, without links) for the nearest folder that says that it is a
 * workspace (pnpm-workspace.yaml, lerna.json, "workspaces" in package.json), or else for the nearest
 * that has a package.json; not beyond the folder that has a .git. NULL if there is none.
 */
struct workspace *workspace_find(struct str root);

/* Accepts NULL. */
void workspace_destroy(struct workspace *w);

/* The root's path in it: "@workspace/packages/app". */
struct str workspace_within(const struct workspace *w);

/* Its absolute path. */
struct str workspace_folder(const struct workspace *w);

/* Cuts WORKSPACE_NAME off; false if the path does not begin with it. */
bool workspace_cut(struct str path, struct str *ret_inner);

/* Opens what lies at `inner`, as sys_open_beneath() does; -ENOENT for what belongs to no package. */
int workspace_open(struct workspace *w, struct str inner, int flags);

#endif
