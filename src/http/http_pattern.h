/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HTTP_HTTP_PATTERN_H
#define ORBITON_HTTP_HTTP_PATTERN_H

/* Regular expressions of JavaScript, as people write them for the begin of a URL's path. */

#include <stdbool.h>

#include "base/str.h"

struct http_pattern;

/* `source` begins with '^'. NULL if it does not, or is not understood. */
struct http_pattern *http_pattern_create(struct str source);
void http_pattern_destroy(struct http_pattern *p); /* accepts NULL */

/* Whether it fits a terminated text. */
bool http_pattern_fits(const struct http_pattern *p, const char *text);

#endif
