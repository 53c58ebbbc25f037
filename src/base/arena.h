/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BASE_ARENA_H
#define ORBITON_BASE_ARENA_H

/*
 * Memory with one lifetime. Blocks come zeroed and are given back all at once:
 * by arena_reset() at the end of a turn or request, by arena_rewind() at the
 * end of a function that needed temporary space, by arena_finish() for good.
 * Grows in chunks; pointers stay valid until then.
 */

#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunk; /* private; the newest chunk. A zeroed arena is an empty one */
};

struct arena_mark {
    struct arena_chunk *chunk;
    size_t used;
};

/* `size` zeroed bytes, aligned for anything; never NULL. */
void *arena_alloc(struct arena *a, size_t size);

/* As arena_alloc for `count` items of `size` bytes; checks the multiplication. */
void *arena_alloc_array(struct arena *a, size_t count, size_t size);

#define arena_new(a, T)      ((T *)arena_alloc((a), sizeof(T)))
#define arena_array(a, T, n) ((T *)arena_alloc_array((a), (n), sizeof(T)))

/* A copy of the bytes, with a zero byte behind them that is not counted. */
struct str arena_str(struct arena *a, struct str s);

/* The same, as a C string. */
char *arena_cstr(struct arena *a, struct str s);

/* Formatted text in the arena. */
struct str arena_printf(struct arena *a, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* Where the arena stands; arena_rewind() gives back everything taken since. */
struct arena_mark arena_get_mark(struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark mark);

/* Gives back everything but one chunk, which is kept for the next use. */
void arena_reset(struct arena *a);

/* Gives back everything. */
void arena_finish(struct arena *a);

#endif
