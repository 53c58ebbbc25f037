/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void mem_die(void)
{
    static const char text[] = "orbiton: out of memory\n";

    (void)!write(STDERR_FILENO, text, sizeof(text) - 1); /* nothing more can be done */
    _exit(70);
}

void *mem_alloc(size_t count, size_t size)
{
    void *ptr = calloc(count > 0 ? count : 1, size);

    if (!ptr) {
        mem_die();
    }
    return ptr;
}

void *mem_realloc(void *ptr, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        mem_die();
    }
    ptr = realloc(ptr, bytes > 0 ? bytes : 1);
    if (!ptr) {
        mem_die();
    }
    return ptr;
}

char *mem_strcopy(struct str s)
{
    char *copy = mem_alloc(s.len + 1, 1);

    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    return copy;
}

char *mem_strdup(const char *cstr)
{
    return mem_strcopy(str_from(cstr));
}
