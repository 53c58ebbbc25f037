/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_C_HEADERS_H
#define ORBITON_ORBIT_C_HEADERS_H

/*
 * The headers of a code block in C: what components share. Their structs and
 * enums are values as those of the block are. Pure: whoever compiles reads the
 * files. No condition is looked at and no macro expanded, as in the block.
 */

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "orbit/items.h"

enum {
    ORBIT_HEADERS_MAX = 64,            /* of one component; those behind are not read */
    ORBIT_HEADERS_BYTES_MAX = 4 << 20, /* of all of them */
    ORBIT_HEADERS_TRIED_MAX = 256,     /* paths that are looked for */
};

struct orbit_headers {
    struct str text;   /* of all headers, one behind the other */
    struct str *tried; /* paths from the root, of files that are there or may come to be */
    size_t tried_count;
};

/*
 * Reads what `block`, of a file in `folder`, includes by quotes, and what that includes. A header is
 * looked for in the folder of who includes it, then in those above `folder`, up to the root.
 * `read` is that of struct orbit_surroundings. All in `a`.
 */
struct orbit_headers orbit_c_headers_read(struct arena *a, struct str folder, struct str block,
        bool (*read)(void *ctx, struct str path, struct arena *a, struct str *ret), void *ctx);

/* Puts before the items of `block` the structs and enums of the headers' text that it needs: those
 * that it names, and those that these name. */
void orbit_c_headers_add(
        struct arena *a, struct str headers, struct str block, struct orbit_items *items);

#endif
