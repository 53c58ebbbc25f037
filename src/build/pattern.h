/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BUILD_PATTERN_H
#define ORBITON_BUILD_PATTERN_H

/*
 * The build section's patterns, in gitignore's language: "*.c" anywhere, "/Makefile" and
 * "src/x" from the root, "src/" a folder and all below it, "**", "?", "[a-z]", and a leading "!"
 * that takes back what an earlier pattern matched.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Whether the last of the patterns that speaks about `path` (or a folder above it) includes it. */
bool pattern_list_match(const struct str *patterns, size_t count, struct str path);

/* Whether one name without slashes matches one glob without slashes. */
bool pattern_match_name(struct str glob, struct str name);

/* Whether the text holds a character that only a pattern has. */
bool pattern_is_glob(struct str text);

#endif
