/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TRANSFORM_ESBUILD_LOG_H
#define ORBITON_TRANSFORM_ESBUILD_LOG_H

/* What an esbuild that was run once for one text prints. Pure. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"

/*
 * Reads what it says on its error output, in the form for people:
 *
 *     X [ERROR] Unexpected ";"
 *
 *         app.ts:2:4:
 *           2 |  1 +;
 *
 * `source` is the text that it was given, for code frames.
 */
void esbuild_read_log(struct str log, struct str source, struct diag_list *diags);

/* Cuts the source map off, which ends the output as a comment with base64. Without one *ret_map is
 * empty, and *ret_code all of it. */
void esbuild_cut_map(struct str output, struct arena *a, struct str *ret_code, struct str *ret_map);

#endif
