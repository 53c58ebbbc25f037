/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_MODULE_URL_H
#define ORBITON_MODULES_MODULE_URL_H

/* What a module's URL says: its key, its stamp, and what is wanted of the file. Pure. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "hmr/graph.h"

enum {
    MODULE_URL_MAX = 16 * 1024, /* bytes; a longer specifier is left as it is */
    PACKAGES_VERSION_LEN = 12,  /* hexadecimal digits */
};

/* What is wanted of the file. */
enum module_want {
    WANT_FILE,          /* the file itself */
    WANT_IMPORT,        /* ?import: the module that a file of its kind becomes */
    WANT_RAW,           /* ?raw: its text */
    WANT_URL,           /* ?url */
    WANT_INLINE,        /* ?inline: the text of a stylesheet, a data: URL of all else */
    WANT_WORKER,        /* ?worker: a class that starts it */
    WANT_SHARED_WORKER, /* ?sharedworker */
    WANT_INIT,          /* ?init: a function that starts a wasm module */
    WANT_CJS,           /* ?cjs: the ES module that a CommonJS file becomes (cjs_text.h) */
    WANT_REQUIRE,       /* ?require: its factory */
};

/* What a file is to an importer. */
enum file_kind {
    FILE_JS,
    FILE_COMPILED,  /* a tool of the project makes JavaScript of it: TypeScript, JSX */
    FILE_TRANSFORM, /* would have to be compiled to be JavaScript (or CSS) */
    FILE_CSS,
    FILE_SHEET, /* a tool of the project makes CSS of it: Sass, Less, Stylus */
    FILE_JSON,
    FILE_WASM,
    FILE_HTML,
    FILE_OTHER,
    FILE_NAMELESS, /* no ending that would say what it is */
};

struct module_url {
    struct str key;   /* without our parameters */
    struct str path;  /* the key up to its '?' */
    struct str query; /* of the key, without '?' */
    bool has_version; /* by "v=": a page has it by such a URL (kept.c), or has swapped a sheet */
    struct hash version;
    uint64_t stamp;
    uint64_t stamp_page; /* of "NrP"; 0 if there is none */
    enum module_want want;
    struct str type;  /* of "type=", with WANT_IMPORT: the attribute that the importer gave */
    struct str names; /* of "names=", with WANT_CJS: what is imported and not seen in the text */
    bool node;        /* "node", with WANT_CJS: the importer is written for Node */
};

/* Cuts "/@packages/VERSION" off from in front of a path: a page has packages by such URLs (kept.c).
 * False, and nothing changed, if it is not there. `ret_version` may be NULL. */
bool module_url_cut_packages(struct str *url, struct str *ret_version);

/* Whether an import of this URL, a key, comes to one with a version in such a page. */
bool module_url_is_package(struct str url);

/* Reads a URL of ours ("/a.js?x#y", or with http://host before it). Texts are slices of `url` or
 * lie in `a`. */
void module_url_parse(struct arena *a, struct str url, struct module_url *ret);

enum file_kind module_file_kind(struct str path);

/* What a node of that URL and file is. */
enum node_kind module_node_kind(const struct module_url *url, struct str path);

/*
 * What has to be added to the query of an import of that file: "import", "import&type=css", or
 * nothing. `query` is that of the specifier, `type` the attribute of the import, both may be empty.
 */
struct str module_import_mark(struct str path, struct str query, struct str type);

/* Whether an attribute of that type can be served: json, css, text. */
bool module_type_is_known(struct str type);

/* Appends "?" or "&", and the parameter; nothing if it is empty. `has_query` says which sign. */
void module_url_add(struct strbuf *out, bool has_query, struct str parameter);

#endif
