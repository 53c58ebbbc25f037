/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_URL_TEXT_H
#define ORBITON_SCAN_URL_TEXT_H

/* What the text of a URL says by itself, without a base and without a resolver. */

#include <stdbool.h>

#include "base/str.h"

/* Without the spaces and control characters at both ends, which a URL parser drops. */
struct str url_trim(struct str url);

/* Whether a browser asks a server for it: not for an empty URL, one that is only a fragment, and
 * those whose scheme is data, blob, about or javascript. */
bool url_is_fetched(struct str url);

#endif
