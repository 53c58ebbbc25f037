/* SPDX-License-Identifier: MIT */
/*
 * Without it an empty machine is not only an error here and there: jansson 2.14 leaves out bytes of
 * a text when it cannot grow it, so that a name would be read as another one, and libuv aborts
 * without a word.
 */
#include "cli/memory.h"

#include <jansson.h>
#include <stdlib.h>
#include <uv.h>

#include "base/mem.h"

static void *give(size_t size)
{
    return mem_realloc(NULL, size, 1);
}

static void *give_again(void *bytes, size_t size)
{
    return mem_realloc(bytes, size, 1);
}

void memory_use_everywhere(void)
{
    json_set_alloc_funcs(give, free);
    (void)uv_replace_allocator(
            give, give_again, mem_alloc, free); /* fails without functions only */
}
