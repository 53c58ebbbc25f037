/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(ptr, len)   ASAN_POISON_MEMORY_REGION((ptr), (len))
#define UNPOISON(ptr, len) ASAN_UNPOISON_MEMORY_REGION((ptr), (len))
#else
#define POISON(ptr, len)   ((void)(ptr), (void)(len))
#define UNPOISON(ptr, len) ((void)(ptr), (void)(len))
#endif

enum { CHUNK_SIZE = 16 * 1024, ALIGN = 16 };

struct arena_chunk {
    struct arena_chunk *older;
    size_t cap;
    size_t used;
    _Alignas(ALIGN) char bytes[];
};

static struct arena_chunk *add_chunk(struct arena *a, size_t size)
{
    size_t cap = size > CHUNK_SIZE ? size : CHUNK_SIZE;
    struct arena_chunk *chunk = mem_alloc(1, sizeof(*chunk) + cap);

    chunk->cap = cap;
    chunk->older = a->chunk;
    a->chunk = chunk;
    POISON(chunk->bytes, cap);
    return chunk;
}

void *arena_alloc(struct arena *a, size_t size)
{
    struct arena_chunk *chunk = a->chunk;
    size_t rounded = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);

    if (rounded < size) {
        mem_die();
    }
    if (!chunk || rounded > chunk->cap - chunk->used) {
        chunk = add_chunk(a, rounded);
    }
    char *ptr = chunk->bytes + chunk->used;

    chunk->used += rounded;
    UNPOISON(ptr, size);
    return memset(ptr, 0, size);
}

void *arena_alloc_array(struct arena *a, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        mem_die();
    }
    return arena_alloc(a, bytes);
}

struct str arena_str(struct arena *a, struct str s)
{
    return (struct str){ arena_cstr(a, s), s.len };
}

char *arena_cstr(struct arena *a, struct str s)
{
    char *copy = arena_alloc(a, s.len + 1);

    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    return copy;
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_list again;

    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    size_t size = len > 0 ? (size_t)len : 0;
    char *text = arena_alloc(a, size + 1);

    (void)vsnprintf(text, size + 1, format, again); /* measured above */
    va_end(again);
    va_end(args);
    return (struct str){ text, size };
}

struct arena_mark arena_get_mark(struct arena *a)
{
    return (struct arena_mark){ a->chunk, a->chunk ? a->chunk->used : 0 };
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
    while (a->chunk != mark.chunk) {
        struct arena_chunk *older = a->chunk->older;

        free(a->chunk);
        a->chunk = older;
    }
    if (a->chunk) {
        a->chunk->used = mark.used;
        POISON(a->chunk->bytes + mark.used, a->chunk->cap - mark.used);
    }
}

void arena_reset(struct arena *a)
{
    struct arena_chunk *chunk = a->chunk;

    while (chunk && chunk->older) {
        struct arena_chunk *older = chunk->older;

        free(chunk);
        chunk = older;
    }
    a->chunk = chunk;
    if (chunk) {
        chunk->used = 0;
        POISON(chunk->bytes, chunk->cap);
    }
}

void arena_finish(struct arena *a)
{
    arena_rewind(a, (struct arena_mark){ NULL, 0 });
}
