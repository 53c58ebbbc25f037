/* SPDX-License-Identifier: MIT */
/*
 * A file system in memory, for tests: a table of paths. Folders are implied by what lies in them.
 *
 * Invariant: no entry's path lies below another entry that is a file. A version is a count, so it
 * never repeats.
 */
#include "resolve/fs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/vec.h"

enum { LINKS_MAX = 32 };

struct node {
    struct str path;    /* owned */
    struct str content; /* owned; of a link: its target */
    bool link;
    uint64_t version;
};

struct fs_mem {
    struct node *items;
    size_t count;
    size_t cap;
    uint64_t versions;
    size_t reads;
};

static struct str copy(struct str s)
{
    char *p = mem_alloc(s.len + 1, 1);

    if (s.len > 0) {
        memcpy(p, s.ptr, s.len);
    }
    return (struct str){ p, s.len };
}

static void drop(struct fs_mem *mem, size_t i)
{
    free((void *)(uintptr_t)mem->items[i].path.ptr);
    free((void *)(uintptr_t)mem->items[i].content.ptr);
    vec_remove(mem, i);
}

struct fs_mem *fs_mem_create(void)
{
    return mem_new(struct fs_mem);
}

void fs_mem_destroy(struct fs_mem *mem)
{
    if (!mem) {
        return;
    }
    while (mem->count > 0) {
        drop(mem, mem->count - 1);
    }
    vec_finish(mem);
    free(mem);
}

void fs_mem_remove(struct fs_mem *mem, struct str path)
{
    for (size_t i = mem->count; i-- > 0;) {
        if (path_is_below(mem->items[i].path, path)) {
            drop(mem, i);
        }
    }
}

static void add(struct fs_mem *mem, struct str path, struct str content, bool link)
{
    fs_mem_remove(mem, path);
    vec_push(mem, ((struct node){ copy(path), copy(content), link, ++mem->versions }));
}

void fs_mem_add(struct fs_mem *mem, struct str path, struct str content)
{
    add(mem, path, content, false);
}

void fs_mem_add_link(struct fs_mem *mem, struct str path, struct str target)
{
    add(mem, path, target, true);
}

size_t fs_mem_reads(const struct fs_mem *mem)
{
    return mem->reads;
}

static struct node *find(const struct fs_mem *mem, struct str path)
{
    for (size_t i = 0; i < mem->count; i++) {
        if (str_eq(mem->items[i].path, path)) {
            return &mem->items[i];
        }
    }
    return NULL;
}

/* Follows links in every part of the path; false for a circle. */
static bool follow(const struct fs_mem *mem, struct arena *a, struct str path, struct str *ret)
{
    for (int left = LINKS_MAX; left > 0; left--) {
        bool changed = false;

        for (size_t i = 0; i < mem->count && !changed; i++) {
            const struct node *n = &mem->items[i];

            if (n->link && path_is_below(path, n->path)) {
                path = path_join(a, n->content, str_skip(path, n->path.len + 1));
                changed = true;
            }
        }
        if (!changed) {
            *ret = path;
            return true;
        }
    }
    return false;
}

static enum fs_kind look(const struct fs_mem *mem, struct str real, struct node **ret)
{
    *ret = find(mem, real);
    if (*ret) {
        return FS_FILE;
    }
    for (size_t i = 0; i < mem->count; i++) {
        if (path_is_below(mem->items[i].path, real)) {
            return FS_FOLDER;
        }
    }
    return real.len == 0 ? FS_FOLDER : FS_NONE;
}

static bool mem_stat(void *ctx, struct str path, struct fs_stat *ret)
{
    struct fs_mem *mem = ctx;
    struct arena a = { 0 };
    struct node *n = NULL;
    struct str real;

    *ret = (struct fs_stat){ 0 };
    if (follow(mem, &a, path, &real)) {
        ret->kind = look(mem, real, &n);
        ret->version = n ? n->version : mem->versions + 1;
    }
    arena_finish(&a);
    return ret->kind != FS_NONE;
}

static bool mem_real(void *ctx, struct str path, struct arena *a, struct str *ret)
{
    struct fs_mem *mem = ctx;
    struct node *n;
    struct str real;

    if (!follow(mem, a, path, &real) || look(mem, real, &n) == FS_NONE) {
        return false;
    }
    *ret = real;
    return true;
}

static bool mem_link(void *ctx, struct str path, struct arena *a, struct str *ret)
{
    const struct node *n = find(ctx, path);
    bool found = n && n->link;

    *ret = found ? arena_str(a, n->content) : STR("");
    return found;
}

static bool mem_read(void *ctx, struct str path, struct arena *a, struct str *ret, size_t limit)
{
    struct fs_mem *mem = ctx;
    struct node *n;
    struct str real;

    mem->reads++;
    if (!follow(mem, a, path, &real) || look(mem, real, &n) != FS_FILE || n->content.len > limit) {
        return false;
    }
    *ret = arena_str(a, n->content);
    return true;
}

static int by_name(const void *left, const void *right)
{
    return str_cmp(((const struct fs_entry *)left)->name, ((const struct fs_entry *)right)->name);
}

static int mem_list(void *ctx, struct str path, struct arena *a, struct fs_entry **ret,
        size_t *ret_count, size_t limit)
{
    struct fs_mem *mem = ctx;
    struct node *n;
    struct str real;
    size_t count = 0;
    bool more = false;

    if (!follow(mem, a, path, &real) || look(mem, real, &n) != FS_FOLDER) {
        return -ENOENT;
    }
    struct fs_entry *entries = arena_array(a, struct fs_entry, mem->count + 1);

    for (size_t i = 0; i < mem->count; i++) {
        struct str below = mem->items[i].path;
        struct str name;
        bool known = false;

        if (!path_is_below(below, real)) {
            continue;
        }
        below = real.len > 0 ? str_skip(below, real.len + 1) : below;
        bool folder = str_cut(below, '/', &name, &below);

        for (size_t j = 0; j < count && !known; j++) {
            known = str_eq(entries[j].name, name);
        }
        if (known) {
            continue;
        }
        if (count == limit) {
            more = true;
            break;
        }
        struct fs_stat st;
        struct str full = path_join(a, real, name);

        mem_stat(ctx, full, &st);
        entries[count++] =
                (struct fs_entry){ arena_str(a, name), st.kind, !folder && mem->items[i].link };
    }
    qsort(entries, count, sizeof(*entries), by_name);
    *ret = entries;
    *ret_count = count;
    return more ? -E2BIG : 0;
}

struct fs fs_mem_face(struct fs_mem *mem)
{
    return (struct fs){
        .stat = mem_stat,
        .read = mem_read,
        .list = mem_list,
        .real = mem_real,
        .link = mem_link,
        .ctx = mem,
    };
}
