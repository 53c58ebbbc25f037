/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SIDECAR_ADAPTERS_H
#define ORBITON_SIDECAR_ADAPTERS_H

/*
 * Which of the sidecar's adapters is for a file, found from the project's package.json and from what
 * is installed; no configuration. Pure but for the files that it is given.
 *
 *   .vue                         vue
 *   .svelte .svelte.js .svelte.ts svelte
 *   .scss .sass .module.css      style
 *   .less .styl .stylus          style, where the project has less, stylus
 *   .css                         style, where the project uses PostCSS or Tailwind
 *   .tsx .jsx .ts .mts .cts      react or preact, where the project has that, a compiler that can
 *                                do Fast Refresh, and its runtime; else script, where it has a
 *                                compiler but no esbuild, which needs no Node
 *   vite.config.js?config        config, which evaluates it
 *   where vite.config has plugins that are run: "plugins:NAME" in the place of a script's adapter, and "plugins"
 *   for JavaScript, for what is imported and has no adapter, and for a name behind VITE_CONFIG_PLUGIN_MARK
 *   any ending                   what "orbiton": { "plugins": { ".md": "./md.mjs" } } in
 *                                package.json names; before all of these
 *
 * In node_modules only .vue and .svelte files, and sheets that are no CSS yet, are compiled: packages bring
 * the rest as it is to be.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "resolve/fs.h"

struct adapters;
struct tsconfigs;
struct vite_config;

enum {
    ADAPTERS_MANIFEST_MAX = 1024 * 1024, /* bytes of package.json */
    ADAPTERS_PLUGINS_MAX = 64,           /* of the project's own */
};

/*
 * `fs` is copied; what it needs must outlive the result, and so must `tsconfigs` and `vite`, which may be NULL:
 * JSX that is compiled to calls of "solid-js/h" needs no compiler of Solid's, and a vite.config may have plugins.
 * `installed` says whether the project has a package of that name, which may lie above the project's folder.
 */
struct adapters *adapters_create(const struct fs *fs, struct tsconfigs *tsconfigs,
        const struct vite_config *vite, bool (*installed)(void *ctx, const char *name), void *ctx);
void adapters_destroy(struct adapters *adapters); /* accepts NULL */

/* The adapter's name in the protocol; empty if none is for that file. Until adapters_changed(). */
struct str adapters_find(struct adapters *adapters, struct str path);

/*
 * All that decides what an adapter makes of a file beside the file and those that it names: a text
 * that is another one when package.json or a compiler's configuration is. In `a`.
 */
struct str adapters_options(struct adapters *adapters, struct str path, struct arena *a);

/* The file at `path` was written, appeared or went. Whether it is one of those that decide. */
bool adapters_changed(struct adapters *adapters, struct str path);

#endif
