/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_NODE_STUB_H
#define ORBITON_MODULES_NODE_STUB_H

/*
 * What a module gets that imports a part of Node ("fs"), which no browser has: a module of ours with
 * the names that it asks for, of which all throw when they are called and say who wanted them. So
 * the code beside it runs, as bundlers have it. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/strbuf.h"

enum { NODE_STUB_NAMES_MAX = 512 }; /* of one import; more are left out */

/* What stands behind NODE_STUB_URL: names of the part, of the importer's file (from the root) and of
 * what is asked for, as the query of a URL. In `a`. */
#define NODE_STUB_URL "/__orbit/node"
struct str node_stub_url(struct arena *a, struct str name, struct str importer,
        const struct str *names, size_t count);

/* Appends the module for the decoded parameters of such a URL; false if `name` is no part of Node. */
bool node_stub_text(struct strbuf *out, struct str name, struct str importer, struct str names);

#endif
