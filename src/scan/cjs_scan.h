/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_CJS_SCAN_H
#define ORBITON_SCAN_CJS_SCAN_H

/*
 * What a CommonJS module requires and exports, as far as its text shows without
 * being run. The forms of exports are those that Node knows (the grammar in the
 * README of cjs-module-lexer), and more: values of object literals need not be
 * names, and what SWC and esbuild write is known as well. A name too many is
 * read as undefined; one that is missing cannot be imported.
 *
 * Code that never runs while developing, since it stands behind a comparison of
 * process.env.NODE_ENV with a text, is not looked at: neither its requires nor
 * its exports count.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum { CJS_NAMES_MAX = 1 << 16 /* names, specifiers: of each */ };

struct cjs_facts {
    struct str *exports; /* each once, in order; "default" and "__esModule" too */
    size_t export_count;
    struct str *reexports; /* specifiers of modules whose names are exported too, each once */
    size_t reexport_count;
    struct str *requires; /* specifiers of all require("x"), each once, in order */
    size_t require_count;
    bool has_process; /* `process` is used, beside process.env.NODE_ENV */
    bool has_global;
};

/* Scans `text`. What it finds lies in the arena; after an error in the text, what stands before. */
void cjs_scan(struct str text, struct arena *a, struct cjs_facts *ret);

/* Whether the file exports such a name. */
bool cjs_has_export(const struct cjs_facts *facts, struct str name);

#endif
