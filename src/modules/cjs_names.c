/* SPDX-License-Identifier: MIT */
/*
 * Which names a CommonJS file exports, with those of the files that it hands on. What one file says
 * is remembered with its stamp; where it leads is asked anew each time.
 */
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "modules/modules_private.h"
#include "scan/cjs_scan.h"
#include "scan/js_scan.h"

/* What one file says of its names. */
struct cjs_known {
    UT_hash_handle hh;
    uint64_t version;
    struct arena arena;
    struct cjs_facts facts; /* of an ES module its exports, and what it exports all of */
    bool is_module;
    struct str path; /* behind the struct */
    char bytes[];
};

/* One question: names are gathered once, files are asked once. */
struct gathering {
    struct modules *modules;
    struct arena *arena;
    struct str *files;
    size_t file_count;
    struct str *names;
    size_t count;
    size_t cap;
};

static void drop(struct modules *m, struct cjs_known *k)
{
    HASH_DEL(m->cjs_known, k);
    arena_finish(&k->arena);
    free(k);
}

void cjs_names_forget(struct modules *m)
{
    while (m->cjs_known) {
        drop(m, m->cjs_known);
    }
}

bool cjs_names_know(const struct modules *m, struct str path)
{
    struct cjs_known *k;

    HASH_FIND(hh, m->cjs_known, path.ptr, path.len, k);
    return k != NULL;
}

static void read_module(struct str text, struct arena *a, struct cjs_facts *ret)
{
    struct js_facts js;

    js_scan(text, a, &js);
    *ret = (struct cjs_facts){ .exports = js.exports, .export_count = js.export_count };
    ret->reexports = arena_array(a, struct str, js.dep_count + 1);
    for (uint32_t i = 0; i < js.dep_count; i++) {
        if (js.deps[i].export_all) {
            ret->reexports[ret->reexport_count++] = js.deps[i].text;
        }
    }
}

static const struct cjs_known *know(struct modules *m, struct str path)
{
    const struct fs *fs = m->options.fs;
    struct fs_stat st = { 0 };
    struct arena scratch = { 0 };
    struct cjs_known *k;
    struct str text;

    (void)fs->stat(fs->ctx, path, &st);
    HASH_FIND(hh, m->cjs_known, path.ptr, path.len, k);
    if (k && st.version != 0 && k->version == st.version) {
        return k;
    }
    if (k) {
        drop(m, k);
    } else if (HASH_COUNT(m->cjs_known) >= CJS_KNOWN_MAX) {
        drop(m, m->cjs_known);
    }
    k = mem_alloc(1, sizeof(*k) + path.len);
    memcpy(k->bytes, path.ptr, path.len);
    k->path = (struct str){ k->bytes, path.len };
    k->version = st.version;
    k->is_module = !resolver_is_commonjs(m->resolver, path);
    if (fs->read(fs->ctx, path, &scratch, &text, MODULES_TEXT_MAX)) {
        if (k->is_module) {
            read_module(text, &k->arena, &k->facts);
        } else {
            cjs_scan(text, &k->arena, &k->facts);
        }
    }
    arena_finish(&scratch);
    HASH_ADD_KEYPTR(hh, m->cjs_known, k->path.ptr, k->path.len, k);
    return k;
}

static void add_name(struct gathering *g, struct str name)
{
    if (g->count == g->cap) {
        size_t cap = g->cap > 0 ? g->cap * 2 : 64;
        struct str *wider = arena_array(g->arena, struct str, cap);

        if (g->count > 0) {
            memcpy(wider, g->names, g->count * sizeof(*wider));
        }
        g->names = wider;
        g->cap = cap;
    }
    g->names[g->count++] = arena_str(g->arena, name);
}

static void gather(struct gathering *g, struct str path)
{
    for (size_t i = 0; i < g->file_count; i++) {
        if (str_eq(g->files[i], path)) {
            return;
        }
    }
    if (g->file_count >= CJS_CHAIN_MAX || module_file_kind(path) == FILE_JSON) {
        return;
    }
    g->files[g->file_count++] = path;
    const struct cjs_known *k = know(g->modules, path);
    enum resolve_kind kind = k->is_module ? RESOLVE_IMPORT : RESOLVE_REQUIRE;
    size_t reexport_count = k->facts.reexport_count;
    /* a file further on may push this one out */
    struct str *reexports = arena_array(g->arena, struct str, reexport_count + 1);

    for (size_t i = 0; i < k->facts.export_count && g->count < CJS_NAMES_MAX; i++) {
        add_name(g, k->facts.exports[i]);
    }
    for (size_t i = 0; i < reexport_count; i++) {
        reexports[i] = arena_str(g->arena, k->facts.reexports[i]);
    }
    for (size_t i = 0; i < reexport_count; i++) {
        struct resolve_request q = { .kind = kind, .specifier = reexports[i], .importer = path };
        struct resolved found;

        resolve(g->modules->resolver, &q, g->arena, &found);
        if (found.kind == RESOLVED_FILE && !hidden(g->modules, found.path)) {
            gather(g, found.path);
        }
    }
}

void cjs_names(struct modules *m, struct str path, struct arena *a, struct str **ret_names,
        size_t *ret_count)
{
    struct gathering g = {
        .modules = m, .arena = a, .files = arena_array(a, struct str, CJS_CHAIN_MAX)
    };

    gather(&g, path);
    *ret_names = g.names;
    *ret_count = str_sort_once(g.names, g.count);
}

static int compare(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

bool cjs_names_have(const struct str *names, size_t count, struct str name)
{
    return count > 0 && bsearch(&name, names, count, sizeof(*names), compare) != NULL;
}

uint64_t cjs_names_mark(struct modules *m, struct str path)
{
    struct arena a = { 0 };
    struct hash_stream *stream = hash_stream_create();
    struct str *names;
    size_t count;

    cjs_names(m, path, &a, &names, &count);
    for (size_t i = 0; i < count; i++) {
        hash_stream_add(stream, names[i]);
        hash_stream_add(stream, STR("\n"));
    }
    uint64_t mark = hash_stream_take(stream).low;

    hash_stream_destroy(stream);
    arena_finish(&a);
    return mark;
}
