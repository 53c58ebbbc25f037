/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_MEMBERS_H
#define ORBITON_MODULES_MEMBERS_H

/*
 * What an import asks of a module whose own text does not show what it exports: the names that it
 * lists, and of a namespace, "import * as M", those that the importer uses: "M.a", "M?.a". Pure.
 */

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "scan/facts.h"

enum { MEMBERS_MAX = 512 }; /* of one namespace; more are left out */

/*
 * The names, sorted, each once, in `a` but borrowed from `text` and `names`; neither "default" nor
 * "*". `text` is the importer's; it begins at `offset` of what the offsets of `names` count in. What
 * only looks like a use, in a comment or of another variable of that name, is a name too many, which
 * does no harm.
 */
size_t members_asked(struct arena *a, struct str text, size_t offset,
        const struct imported_name *names, size_t count, struct str **ret);

#endif
