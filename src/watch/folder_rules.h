/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WATCH_FOLDER_RULES_H
#define ORBITON_WATCH_FOLDER_RULES_H

/*
 * Which paths of a project are watched: all ignore rules that apply, and who
 * wins. From the strongest to the weakest:
 *
 *     .git, node_modules, editors' droppings     cannot be overruled but by name
 *     the options' own patterns
 *     .gitignore files, the nearest first, also those above the root
 *     .git/info/exclude
 *     the person's own file for all repositories (core.excludesFile)
 *
 * What the options name to be watched ("unignore") is, wherever it lies; the
 * ignored folders on the way to it are passages: watched, but for nothing else.
 * So are the records of package managers in node_modules, which tell that
 * something was installed.
 *
 * Of the workspace around the project (files/workspace.h) packages are watched
 * that pages use, by the rules that are theirs: not those of the project's
 * .gitignore. What is used itself is watched whatever they say, as that of
 * `dist`, which a build of the package writes. In the folders on the way the
 * configurations of TypeScript are seen, which those of packages extend.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "watch/dir_table.h"
#include "watch/ignore.h"
#include "watch/package_folders.h"

enum path_class { PATH_SEEN, PATH_PASSAGE, PATH_IGNORED };

struct outer_rules {
    struct ignore_rules rules;
    struct str prefix; /* the root as seen from there, with a slash at its end */
};

struct outer_list {
    struct outer_rules *items; /* the nearest folder first */
    size_t count;
    size_t cap;
};

struct folder_rules {
    struct arena arena;
    struct ignore_rules options;
    struct ignore_rules exclude;
    struct ignore_rules global;
    struct str exclude_prefix; /* the root as seen from the repository's top, for those two */
    struct outer_list outer;
    struct str
            project; /* the root as seen from the workspace, with a slash; empty: there is none */
    struct package_folders packages;
    struct arena unignore_arena;
    struct str *unignore; /* in unignore_arena */
    size_t unignore_count;
};

/* The class of an entry of `folder`, whose rules must be loaded. */
enum path_class folder_rules_classify(const struct folder_rules *r,
        const struct tree_folder *folder, struct str path, bool is_dir);

/* The class of a path that some rule has found to be ignored. */
enum path_class folder_rules_unignore(const struct folder_rules *r, struct str path, bool is_dir);

void folder_rules_drop_outer(struct folder_rules *r);
void folder_rules_finish(struct folder_rules *r);

#endif
