/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BASE_VEC_H
#define ORBITON_BASE_VEC_H

/*
 * A growing array on the heap, for any struct with the members
 *
 *     T *items;  size_t count;  size_t cap;
 *
 * A zeroed vec is an empty one. Items are moved when it grows: keep indices,
 * not pointers.
 */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Appends a value. */
#define vec_push(v, value)                                                                         \
    do {                                                                                           \
        if ((v)->count == (v)->cap) {                                                              \
            (v)->cap = (v)->cap ? (v)->cap * 2 : 8;                                                \
            (v)->items = mem_realloc((v)->items, (v)->cap, sizeof(*(v)->items));                   \
        }                                                                                          \
        (v)->items[(v)->count++] = (value);                                                        \
    } while (0)

/* Removes the item at `i`, keeping the order of the others. */
#define vec_remove(v, i)                                                                           \
    do {                                                                                           \
        memmove(&(v)->items[i], &(v)->items[(i) + 1], ((v)->count - (i)-1) * sizeof(*(v)->items)); \
        (v)->count--;                                                                              \
    } while (0)

/* Gives the memory back and leaves an empty vec. */
#define vec_finish(v)                                                                              \
    do {                                                                                           \
        free((v)->items);                                                                          \
        (v)->items = NULL;                                                                         \
        (v)->count = (v)->cap = 0;                                                                 \
    } while (0)

#endif
