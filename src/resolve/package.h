/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_PACKAGE_H
#define ORBITON_RESOLVE_PACKAGE_H

/*
 * The maps of a package.json by Node's algorithms (PACKAGE_EXPORTS_RESOLVE,
 * PACKAGE_IMPORTS_RESOLVE, PACKAGE_TARGET_RESOLVE), and the browser field. Pure:
 * from JSON and a name to a name; whether a file is there is for others to ask.
 */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/str.h"

enum { PACKAGE_NESTING_MAX = 64 /* conditions and arrays inside one another */ };

enum package_answer {
    PACKAGE_NONE,          /* no entry, or no condition of it holds */
    PACKAGE_NULL,          /* the package says null: not to be had */
    PACKAGE_PATH,          /* `text` is a path from the package's folder, without "./" */
    PACKAGE_BARE,          /* `text` is another specifier (imports only) */
    PACKAGE_BAD_CONFIG,    /* keys with and without a dot are mixed */
    PACKAGE_BAD_TARGET,    /* `text` is a target that leaves the package or is no path */
    PACKAGE_BAD_SPECIFIER, /* what stands for the '*' would leave the package */
};

struct package_target {
    enum package_answer answer;
    struct str text;
    bool is_module; /* reached by the condition "import" or "module" */
};

/* `subpath` is "." or "./x". */
void package_exports(json_t *exports, struct str subpath, const struct str *conditions,
        size_t condition_count, struct arena *a, struct package_target *ret);

/* `name` begins with '#'. */
void package_imports(json_t *imports, struct str name, const struct str *conditions,
        size_t condition_count, struct arena *a, struct package_target *ret);

enum package_browser {
    PACKAGE_BROWSER_SAME,  /* nothing is said */
    PACKAGE_BROWSER_OTHER, /* *ret_text is taken in its place: "./x" or a package's name */
    PACKAGE_BROWSER_EMPTY, /* false: an empty module */
};

/* What the object form of the browser field says of "./x/y.js" (also found as "./x/y", "x/y.js",
 * and "./x" for "./x/index.js") or of a package's name. */
enum package_browser package_browser_map(
        json_t *browser, struct str name, struct arena *a, struct str *ret_text);

/* Cuts "@scope/name/sub/path" into the name and "./sub/path" ("." if there is none), in `a`. False
 * if it is no package's name. */
bool package_split(
        struct arena *a, struct str specifier, struct str *ret_name, struct str *ret_subpath);

/* Whether Node has a module of its own by this name ("fs", "node:fs", "fs/promises"). */
bool package_is_builtin(struct str specifier);

#endif
