/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BASE_PATH_H
#define ORBITON_BASE_PATH_H

/*
 * Paths as orbiton keeps them: relative to the root, '/' between the parts, no
 * empty, "." or ".." part, no slash at either end; the root itself is "". They
 * may hold any byte but NUL.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* The part behind the last slash. */
struct str path_name(struct str path);

/* What is before the last slash; "" for a path without one. */
struct str path_parent(struct str path);

/* The ending with its dot, lower case or not as written ("css" files have ".css"); "" if none.
 * A name that begins with its only dot (".env") has none. */
struct str path_ext(struct str path);

/* `base` and `name` with one slash between them; either may be "". In `a`, terminated. */
struct str path_join(struct arena *a, struct str base, struct str name);

/*
 * Brings a relative path written by a person or a tool into the form above,
 * resolving "." and ".." by text. False if it leaves the root or is absolute.
 */
bool path_normalise(struct arena *a, struct str path, struct str *ret);

/* Whether `path` is `folder` or lies below it; every path lies below "". */
bool path_is_below(struct str path, struct str folder);

#endif
