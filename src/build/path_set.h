/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BUILD_PATH_SET_H
#define ORBITON_BUILD_PATH_SET_H

/*
 * The files a build depends on: paths relative to the root, sorted when the
 * first question comes. Bounded, as dependency files are written by others.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum { PATH_SET_MAX = 200 * 1000 };

struct path_ending; /* ".c": one that some path has */

struct path_set {
    struct arena arena;          /* owns the paths and the endings */
    struct path_ending *endings; /* each once */
    struct str *items;
    size_t count;
    size_t cap;
    size_t sorted; /* items from here on are new */
};

/* Adds a copy; more than PATH_SET_MAX are ignored. */
void path_set_add(struct path_set *set, struct str path);

bool path_set_has(struct path_set *set, struct str path);

/* Whether some path in it has the ending `ext` (".c"); false for "". */
bool path_set_has_ext(const struct path_set *set, struct str ext);

void path_set_reset(struct path_set *set);
void path_set_finish(struct path_set *set);

/*
 * A path as a tool prints it (absolute, or relative to the absolute folder
 * `dir`) into one relative to the absolute folder `root`, in `a`. False if it is
 * outside.
 */
bool path_relative(
        struct arena *a, struct str root, struct str dir, struct str path, struct str *ret);

#endif
