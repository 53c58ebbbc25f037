/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_JSONC_H
#define ORBITON_RESOLVE_JSONC_H

/* JSON as people write it in tsconfig.json: with comments and with commas before a closing bracket.
 * Pure. */

#include "base/arena.h"
#include "base/str.h"

/*
 * The text as JSON, in `a`: what JSON has not is overwritten with spaces, so that every line and
 * column stays where it was. A byte order mark goes too. What is wrong besides stays wrong.
 */
struct str jsonc_to_json(struct arena *a, struct str text);

#endif
