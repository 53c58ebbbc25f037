/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_RESOLVE_H
#define ORBITON_RESOLVE_RESOLVE_H

/*
 * From a specifier to the file that it means: the aliases of vite.config for what
 * is imported, the browser's rules for URLs and import maps, then the conveniences that bundlers have taught people
 * (missing extensions, folders, .js for .ts), then Node's rules for packages.
 *
 * A package outside the project's root is found if it belongs to the workspace that
 * the project is part of (files/workspace.h): what is found can be served.
 *
 * Parsed package.json files are remembered and are used only while the file's
 * stamp is what it was, so a stale one cannot be used; forgetting is only about
 * memory, and about file systems whose times cannot be trusted.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "resolve/fs.h"
#include "resolve/import_map.h"

struct resolver;
struct vite_config;

enum {
    RESOLVE_SPECIFIER_MAX = 16 * 1024,    /* bytes; a longer one (a data: URL) is left alone */
    RESOLVE_PACKAGE_MAX = 1024 * 1024,    /* bytes of a package.json */
    RESOLVE_PACKAGES_KEPT = 2048,         /* parsed package.json files; the oldest goes */
    RESOLVE_PACKAGES_BYTES = 32 << 20,    /* bytes of their texts */
    RESOLVE_MODULES_KEPT = 8192,          /* files known to be CommonJS or not */
    RESOLVE_MODULE_MAX = 4 * 1024 * 1024, /* bytes of a file that is looked into for that */
    RESOLVE_TRIED_MAX = 64,               /* paths in `tried` */
    RESOLVE_NAMES_MAX = 4096,             /* names of a folder that are compared for a hint */
};

enum resolve_kind {
    RESOLVE_IMPORT,     /* import, export from, import(), import.meta.hot.accept() */
    RESOLVE_REQUIRE,    /* require() in a CommonJS module */
    RESOLVE_URL,        /* new URL(x, import.meta.url), new Worker(new URL(...)) */
    RESOLVE_CSS_IMPORT, /* @import: a URL; if nothing is there, a package's stylesheet */
    RESOLVE_CSS_URL,    /* url(), image-set() */
    RESOLVE_HTML,       /* attributes; a folder means its index.html */
};

struct resolve_request {
    enum resolve_kind kind;
    struct str specifier;    /* decoded as the language writes it; not percent-decoded */
    struct str importer;     /* path of the importing file: packages are looked for from its folder
                              * upward */
    struct str importer_url; /* URL that relative specifiers start from: "/src/a.js?x", as the
                              * browser has it; an absolute URL if <base> says so; empty: taken
                              * from `importer` */
    const struct import_map *map; /* the page's, for RESOLVE_IMPORT in pages (not in workers);
                                   * NULL if none */
};

enum resolved_kind {
    RESOLVED_FILE,    /* `path` is there */
    RESOLVED_EMPTY,   /* a package.json says false: an empty module */
    RESOLVED_LEAVE,   /* not ours: another origin, data:, a bare name nothing resolves, "#id" */
    RESOLVED_MISSING, /* it would be ours, and it is not there or may not be had */
};

struct resolved {
    enum resolved_kind kind;

    /* RESOLVED_FILE, and RESOLVED_MISSING where it is known what the URL would be. */
    struct str path;     /* from the root; of what is imported, symbolic links are followed */
    struct str url;      /* path of the URL, percent-encoded, beginning with '/' */
    struct str query;    /* of the specifier, with its '?'; empty if none */
    struct str fragment; /* of the specifier, with its '#'; empty if none */
    bool same_url;       /* the browser comes to `url` from the specifier as it is written */
    bool by_alias;       /* vite.config has an alias for the specifier */
    bool is_package;     /* below node_modules, or reached by a package's name */
    struct str *links;   /* symbolic links of the project's own on the way to `path` */
    size_t link_count;
    bool is_commonjs;   /* it is CommonJS, which no browser runs (see resolver's notes) */
    struct str package; /* the package's name, of a bare specifier; else empty */

    /* What is in the way; empty for RESOLVED_FILE. */
    bool warn;          /* RESOLVED_LEAVE: worth a warning, once */
    struct str message; /* "./viwe.js: no such file" */
    struct str hint;    /* "did you mean ./view.js?"; may be empty */
    struct str near;    /* a path near the one that is missing; may be empty */

    /* Files that were not there and would have been taken: the answer may change when one of them
     * appears. In the order they were tried. */
    const struct str *tried;
    size_t tried_count;

    /* package.json files (there or not) that the answer rests on. */
    const struct str *manifests;
    size_t manifest_count;
};

struct resolver_options {
    struct fs fs;
    const struct str *static_dirs; /* folders that are also served from "/", in this order */
    size_t static_dir_count;
    const struct vite_config *vite_config; /* borrowed; NULL: no aliases */
};

/* Copies the options; fs.ctx must outlive the resolver. */
struct resolver *resolver_create(const struct resolver_options *options);

/* Accepts NULL. */
void resolver_destroy(struct resolver *r);

/* Something changed: a package.json, a lock file, or a folder with all below it. */
void resolver_forget(struct resolver *r, struct str path);

/* What a specifier means now. Everything in *ret lies in `a` or is static. */
void resolve(
        struct resolver *r, const struct resolve_request *q, struct arena *a, struct resolved *ret);

/*
 * Whether a file is CommonJS by Node's rules: .cjs is, .mjs is not; for .js and .jsx in a package,
 * "type": "module" says no, and without it the text decides (import, export or import.meta at its
 * top level: no), as Node 22 does. The project's own .js files are modules, as browsers have it.
 */
bool resolver_is_commonjs(struct resolver *r, struct str path);

/* Whether a file below node_modules says that it is an ES module for Node: .mjs, or its package's
 * type. Such modules import CommonJS as Node gives it to them. */
bool resolver_is_node_module(struct resolver *r, struct str path);

/* Whether a folder node_modules is on the way to it. */
bool resolve_is_below_modules(struct str path);

/* "/" and the percent-encoded path, in `a`: the one spelling that orbiton uses of a file's URL. */
struct str resolve_url_of(struct arena *a, struct str path);

#endif
