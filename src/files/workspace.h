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
 * node_modules leads to, unless the project itself lies in there; beside that only configurations
 * of TypeScript. The kernel keeps every walk beneath the workspace.
 */

#include <stdbool.h>

#include "base/str.h"

#define WORKSPACE_NAME STR("@workspace")

struct workspace;

enum {
    WORKSPACE_LEVELS_MAX = 16,            /* folders above the root that are looked at */
    WORKSPACE_MANIFEST_MAX = 1024 * 1024, /* bytes of a package.json that is looked into */
    WORKSPACE_PACKAGES_MAX = 1024,        /* packages that links lead to */
    WORKSPACE_NAMES_MAX = 16 * 1024,      /* names in node_modules that are looked at for links */
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

/* Its absolute path, and the descriptor of that, which it owns. */
struct str workspace_folder(const struct workspace *w);
int workspace_fd(const struct workspace *w);

/* Cuts WORKSPACE_NAME off; false if the path does not begin with it. */
bool workspace_cut(struct str path, struct str *ret_inner);

/* Whether the path is that of a tsconfig.json or the like, which those of packages extend: it can be
 * opened wherever it lies, but is not for pages. */
bool workspace_is_config(struct str path);

/* Opens what lies at `inner`, as sys_open_beneath() does; -ENOENT for what belongs to no package and
 * is no configuration. */
int workspace_open(struct workspace *w, struct str inner, int flags);

/*
 * Something in `folder` ("@workspace/packages/ui/src") of a package beside the project, in no
 * node_modules, has been opened and is not read yet. `is_package`: the folder is the package's own.
 * Borrowed for the call, which comes each time.
 */
typedef void (*workspace_use_fn)(void *ctx, struct str folder, bool is_package);

/* Who is told of that from now on; NULL: nobody. */
void workspace_on_use(struct workspace *w, workspace_use_fn fn, void *ctx);

#endif
