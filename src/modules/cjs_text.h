/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_CJS_TEXT_H
#define ORBITON_MODULES_CJS_TEXT_H

/*
 * The two ES modules that a CommonJS file is. Pure: texts in, text out.
 *
 * "x.js?require" is its *factory*: the file's text as a function, from line 1 on,
 * and about(), which says its path and what it requires. Importing it runs
 * nothing. "x.js?cjs" is its *facade*: it runs the factory, unless that has been
 * run, and exports what is on module.exports. client/cjs.js does the running.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/strbuf.h"

enum cjs_dep_kind {
    CJS_DEP_CJS,     /* `url` is a factory */
    CJS_DEP_ESM,     /* `url` is an ES module */
    CJS_DEP_JSON,    /* `url` is the module of a JSON file */
    CJS_DEP_EMPTY,   /* a package.json says false */
    CJS_DEP_BUILTIN, /* a module of Node */
    CJS_DEP_ERROR,   /* `url` is the message */
};

/* What require(specifier) gives. */
struct cjs_dep {
    enum cjs_dep_kind kind;
    struct str specifier;
    struct str url;
};

struct cjs_factory {
    struct str path; /* from the root of the server, with its slash: __filename */
    const struct cjs_dep *deps;
    size_t dep_count;
    bool has_process;
    bool has_global;
    bool has_hashbang; /* it would be an error within a function */
};

/* What stands before the file's text, on its first line. */
void cjs_factory_begin(struct strbuf *out, const struct cjs_factory *factory);

/* What stands behind it. */
void cjs_factory_end(struct strbuf *out);

/* `factory` is a URL; `node`: the default export is module.exports, whatever a compiler marked. */
void cjs_facade(
        struct strbuf *out, struct str factory, const struct str *names, size_t count, bool node);

#endif
