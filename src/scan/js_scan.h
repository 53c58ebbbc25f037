/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_JS_SCAN_H
#define ORBITON_SCAN_JS_SCAN_H

/*
 * What a JavaScript module imports, exports and accepts, found in one pass over
 * its bytes, without a syntax tree. The scanner keeps just enough of the syntax
 * to know a regular expression from a division, a block from an object, and
 * where a member's name stands.
 *
 * The text is UTF-8 of a module: strict, without HTML-like comments, JSX or
 * types. A module that is right is never called bad; of those that are not,
 * these are found: brackets that do not match, strings, templates, comments and
 * regular expressions without an end, import and export declarations that are
 * malformed or not at the top level, and bytes that JavaScript does not know.
 *
 * Details of the facts:
 *  - deps stand in the order in which their statements begin. A statement ends
 *    behind its specifier or attributes; the semicolon is not part of it.
 *  - of import("x", options), `attributes` spans the second argument, and
 *    `type` is the value of its with: { type }.
 *  - DEP_GLOB: `specifier` spans the first argument, `text` is empty.
 *  - an import() of an expression in parentheses counts as DEP_DYNAMIC_EXPR.
 *  - accept() whose first argument is neither text nor a list counts as
 *    ACCEPT_SELF. What has to be computed is left to the run time.
 *  - exports may hold a name twice only if the module does.
 */

#include "base/arena.h"
#include "base/str.h"
#include "scan/facts.h"

enum {
    JS_TEXT_MAX = 64 << 20,  /* bytes */
    JS_DEPTH_MAX = 16 << 10, /* brackets within one another */
    JS_FACTS_MAX = 1 << 18,  /* deps, names, exports, accepts, globs: of each */
    JS_CLASSES_MAX = 30,     /* class heads within the head of a class */
};

/* Scans `text`. What it finds lies in the arena. On an error `ret` holds what stood before it. */
void js_scan(struct str text, struct arena *a, struct js_facts *ret);

#endif
