/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_WASM_SCAN_H
#define ORBITON_MODULES_WASM_SCAN_H

/* The names that a wasm module imports and exports. Pure. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum { WASM_NAMES_MAX = 100000 }; /* imports, and exports; a module with more is refused */

struct wasm_facts {
    struct str *modules; /* that it imports from, each once, in order; slices of the bytes */
    size_t module_count;
    struct str *exports;
    size_t export_count;
    const char *error; /* NULL: it could be read */
};

bool wasm_scan(struct str bytes, struct arena *a, struct wasm_facts *ret);

#endif
