/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_JSON_SCAN_H
#define ORBITON_MODULES_JSON_SCAN_H

/* Whether a text is JSON (as JSON.parse takes it), and the names of its top object. Pure. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum {
    JSON_DEPTH_MAX = 1000,
    JSON_NAMES_MAX = 1000, /* of the top object; further ones are not listed */
};

struct json_facts {
    struct str *names; /* keys that are written without an escape and are ASCII identifiers, each
                        * once; slices of the text */
    size_t name_count;
    size_t error_at;
    const char *error; /* NULL: it is JSON */
};

bool json_scan(struct str text, struct arena *a, struct json_facts *ret);

/* Whether a name may stand in `export const NAME` : an ASCII identifier and no reserved word. */
bool json_is_name(struct str name);

#endif
