/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HTTP_MIME_H
#define ORBITON_HTTP_MIME_H

#include <stdbool.h>

#include "base/str.h"

/* The media type by a path's ending, with charset=utf-8 for text that is always that (js, css,
 * json, svg, txt, md); HTML is "text/html" alone: its charset is the document's own affair.
 * "application/octet-stream" when the ending is not known. */
struct str mime_type(struct str path);

#endif
