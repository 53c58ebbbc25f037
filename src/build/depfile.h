/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BUILD_DEPFILE_H
#define ORBITON_BUILD_DEPFILE_H

/*
 * Dependency files in Makefile syntax, as gcc and clang (-MMD), rustc and cargo
 * write them: "target...: prerequisite..." with "\ ", "\#", "$$" and lines
 * continued by a backslash. Comments are skipped.
 */

#include "base/str.h"

enum { DEPFILE_MAX = 16 * 1024 * 1024, DEPFILE_PATH_MAX = 4096 };

/* Calls `fn` for each prerequisite, unescaped; the text is valid for the call. Targets that stand
 * alone ("header.h:", from -MP) are no prerequisites. */
void depfile_parse(struct str text, void (*fn)(void *ctx, struct str path), void *ctx);

#endif
