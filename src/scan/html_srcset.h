/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_HTML_SRCSET_H
#define ORBITON_SCAN_HTML_SRCSET_H

/* The URLs of a srcset attribute (HTML, "4.8.4.2.2 Parsing a srcset attribute"). Descriptors are
 * skipped, not judged: a candidate that a browser drops for its descriptor is reported too. */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* The next URL from *at on, which begins at 0 and is advanced; false at the end. */
bool html_srcset_next(struct str srcset, size_t *at, struct str *ret);

#endif
