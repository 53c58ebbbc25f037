/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BASE_MEM_H
#define ORBITON_BASE_MEM_H

/*
 * Heap memory that cannot fail: out of memory ends the program with a clear
 * line. Buffers that a peer or a file can grow have a limit of their own, so
 * only a machine that is really full gets here.
 */

#include <stddef.h>

#include "base/str.h"

/* Zeroed memory for `count` items of `size` bytes; never NULL. */
void *mem_alloc(size_t count, size_t size);

/* As realloc, for `count` items of `size` bytes; never NULL, new bytes are not zeroed. */
void *mem_realloc(void *ptr, size_t count, size_t size);

/* A terminated copy on the heap. */
char *mem_strdup(const char *cstr);

/* A terminated copy of a counted string on the heap; never NULL, also for the empty one. */
char *mem_strcopy(struct str s);

/* Ends the program: "out of memory". */
void mem_die(void) __attribute__((noreturn));

#define mem_new(T) ((T *)mem_alloc(1, sizeof(T)))

#endif
