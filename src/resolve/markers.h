/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_MARKERS_H
#define ORBITON_RESOLVE_MARKERS_H

/* Files whose change says that something was installed: package.json, lock files, and what package managers
 * note of their own work. */

#include <stdbool.h>

#include "base/str.h"

enum { RESOLVE_MARKERS = 11 };

/* Their paths from the root of a project. */
extern const struct str resolve_markers[RESOLVE_MARKERS];

/* Whether a file is one by its name, in whatever folder. */
bool resolve_is_marker(struct str path);

#endif
