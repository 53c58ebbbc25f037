/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_BUNDLER_H
#define ORBITON_PACK_BUNDLER_H

/*
 * Which bundler makes the packs of a project: its esbuild, and where it has none its rolldown, which Vite
 * brings along since its version 8. They are looked for in node_modules of the project and of the folders
 * above it, where npm, yarn and pnpm put them; an esbuild also on PATH.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"

struct bundler {
    const char *name; /* "esbuild" or "rolldown"; NULL: there is none */
    char *path;      /* absolute, owned: esbuild's program, or the folder of the package rolldown */
    struct hash key; /* another one for another bundler, and for another version of it */
};

/* False if there is none; then `ret` is empty. `root` is the project's, absolute; `path` is PATH, and may
 * be NULL. */
bool bundler_find(struct str root, const char *path, struct bundler *ret);

/* Whether it is rolldown, which Node has to run. */
bool bundler_is_rolldown(const struct bundler *bundler);

/* What is added to its environment: NULL-terminated, in `a`. */
const char *const *bundler_env(struct arena *a);

void bundler_finish(struct bundler *bundler);

#endif
