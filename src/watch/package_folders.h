/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WATCH_PACKAGE_FOLDERS_H
#define ORBITON_WATCH_PACKAGE_FOLDERS_H

/*
 * The folders of packages beside the project that pages have used, and those on
 * the way to them. Pure; paths begin with WORKSPACE_NAME (files/workspace.h).
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum { PACKAGE_FOLDERS_MAX = 8192 }; /* also of folders of packages that are watched */

enum package_folder_kind {
    PACKAGE_FOLDER_NONE,
    PACKAGE_FOLDER_PASSAGE, /* one that is used lies below it */
    PACKAGE_FOLDER_USED,    /* a file in it, or a folder in it, was asked for */
    PACKAGE_FOLDER_OWN,     /* what the link in node_modules leads to */
};

/* A zeroed one is empty. */
struct package_folders {
    struct package_folder *items; /* private */
    size_t count;
};

/* True if that is new; more than PACKAGE_FOLDERS_MAX are not taken. Copies `path`. */
bool package_folders_add(struct package_folders *f, struct str path, bool is_own);

bool package_folders_are_full(const struct package_folders *f);

enum package_folder_kind package_folders_find(const struct package_folders *f, struct str path);

void package_folders_finish(struct package_folders *f);

#endif
