/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_ENTRIES_H
#define ORBITON_PACK_ENTRIES_H

#include <stdbool.h>

#include "base/str.h"
#include "resolve/resolve.h"

/*
 * Whether the "exports" of the package in `folder` lead to no ES module but the one at `path`, whatever the
 * conditions: then all that it imports within its package runs whenever anything of the package does, and may
 * as well be one file. In doubt they lead to others: a pattern is not followed unless it is of names that end
 * otherwise than modules.
 */
bool entries_are_one(
        const struct fs *fs, struct resolver *resolver, struct str folder, struct str path);

#endif
