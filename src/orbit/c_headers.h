/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_C_HEADERS_H
#define ORBITON_ORBIT_C_HEADERS_H

/*
 * The headers of a code block in C: what components share. Their structs and
 * enums are values as those of the block are. Pure: whoever compiles reads the
 * files. No condition is looked at and no macro expanded, so that a type is
 * taken only if the component has it by value, and if it is declared in one way.
 */

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "orbit/items.h"

enum {
    ORBIT_HEADERS_MAX = 64,             /* of one component; those behind are not read */
    ORBIT_HEADERS_BYTES_MAX = 64 << 10, /* of all of them */
    ORBIT_HEADERS_TRIED_MAX = 256,      /* paths that are looked for */
};

struct orbit_headers {
    struct str types;  /* the declarations of the types that the component needs */
    struct str *tried; /* paths from the root, of files that are there or may come to be */
    size_t tried_count;
    struct str left_out; /* the first one that a limit leaves out; empty: none */
    struct str bad;      /* the first one that cannot be read as C, whose types are left out */
    struct str bad_why;
    unsigned bad_line;
};

/*
 * Reads what `block` of the component `name`, of a file in `folder`, includes by quotes, and what that
 * includes. A header is looked for in the folder of who includes it, then in those above `folder`, up
 * to the root. `read` is that of struct orbit_surroundings. What is returned lies in `a`.
 */
struct orbit_headers orbit_c_headers_read(struct arena *a, struct str folder, struct str name,
        struct str block,
        bool (*read)(void *ctx, struct str path, struct arena *a, struct str *ret), void *ctx);

/* Puts the types before the items of the block. */
void orbit_c_headers_add(struct arena *a, struct str types, struct orbit_items *items);

#endif
