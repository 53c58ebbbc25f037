/* SPDX-License-Identifier: MIT */
/*
 * Records of components.
 *
 * Invariant: a record that is neither stale nor bad has in `good` the compilation
 * of the text with the hash `seen`.
 */
#include "modules/orbit_store.h"

#include <errno.h>
#include <stdlib.h>

#include "base/path.h"
#include "base/table.h"
#include "base/vec.h"

/* A component's file by its name. */
struct named {
    struct str name;
    struct str path;
    struct str other; /* another file of the same name; empty if there is none */
};

struct slot {
    struct orbit_record record;
    UT_hash_handle hh; /* by path */
    char path[];
};

struct orbit_store {
    struct fs fs;
    struct slot *slots;
    bool indexed;
    struct arena index_arena;
    struct named_list {
        struct named *items;
        size_t count, cap;
    } index; /* sorted by name, then by path */
};

struct orbit_store *orbit_store_create(const struct fs *fs)
{
    struct orbit_store *store = mem_new(struct orbit_store);

    store->fs = *fs;
    return store;
}

static void finish_record(struct orbit_record *r)
{
    if (r->has_good) {
        orbit_component_finish(&r->good);
    }
    orbit_running_finish(&r->running);
    orbit_running_finish(&r->building);
    diag_list_finish(&r->diags);
    arena_finish(&r->other_arena);
}

void orbit_store_destroy(struct orbit_store *store)
{
    struct slot *s;
    struct slot *next;

    if (!store) {
        return;
    }
    HASH_ITER(hh, store->slots, s, next)
    {
        HASH_DEL(store->slots, s);
        finish_record(&s->record);
        free(s);
    }
    vec_finish(&store->index);
    arena_finish(&store->index_arena);
    free(store);
}

bool orbit_is_file(struct str path)
{
    return str_ends(path, STR(".orbit")) && path_ext(path).len > 0 && path.ptr[0] != '/';
}

struct orbit_record *orbit_store_get(struct orbit_store *store, struct str path)
{
    struct slot *s;

    HASH_FIND(hh, store->slots, path.ptr, path.len, s);
    if (!s && HASH_COUNT(store->slots) < ORBIT_RECORDS_MAX) {
        s = mem_alloc(1, sizeof(*s) + path.len + 1);
        memcpy(s->path, path.ptr, path.len);
        s->record.path = (struct str){ s->path, path.len };
        s->record.stale = true;
        HASH_ADD_KEYPTR(hh, store->slots, s->path, path.len, s);
    }
    return s ? &s->record : NULL;
}

/* ---- names ---- */

static int by_name(const void *a, const void *b)
{
    const struct named *x = a;
    const struct named *y = b;
    int order = str_cmp(x->name, y->name);

    return order != 0 ? order : str_cmp(x->path, y->path);
}

static bool is_searched(struct str name)
{
    static const struct str not [] = { STR_INIT("node_modules"), STR_INIT("target"),
        STR_INIT("build"), STR_INIT("dist") };

    for (size_t i = 0; i < sizeof(not ) / sizeof(not [0]); i++) {
        if (str_eq(name, not [i])) {
            return false;
        }
    }
    return name.len > 0 && name.ptr[0] != '.';
}

struct folders {
    struct str *items;
    size_t count, cap;
};

static void add_named(struct orbit_store *store, struct str path)
{
    struct arena *a = &store->index_arena;
    struct named named = { .path = path, .name = orbit_component_name(a, path) };

    if (store->index.count < ORBIT_RECORDS_MAX) {
        vec_push(&store->index, named);
    }
}

static void read_folder(struct orbit_store *store, struct str folder, struct folders *todo)
{
    enum { ENTRIES_MAX = 20000 };
    struct arena *a = &store->index_arena;
    struct fs_entry *entries;
    size_t count = 0;

    if (store->fs.list(store->fs.ctx, folder, a, &entries, &count, ENTRIES_MAX) == -ENOENT) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct fs_entry *entry = &entries[i];

        if (entry->kind == FS_FOLDER && !entry->link && is_searched(entry->name) &&
                todo->count < ORBIT_FOLDERS_MAX) {
            vec_push(todo, path_join(a, folder, entry->name));
        } else if (entry->kind == FS_FILE && orbit_is_file(entry->name)) {
            add_named(store, path_join(a, folder, entry->name));
        }
    }
}

static void make_index(struct orbit_store *store)
{
    struct folders todo = { 0 };
    size_t kept = 0;

    if (store->indexed) {
        return;
    }
    arena_reset(&store->index_arena);
    store->index.count = 0;
    vec_push(&todo, STR(""));
    for (size_t i = 0; i < todo.count; i++) {
        read_folder(store, todo.items[i], &todo);
    }
    vec_finish(&todo);
    struct named *items = store->index.items;

    if (store->index.count > 1) {
        qsort(items, store->index.count, sizeof(*items), by_name);
    }
    for (size_t i = 0; i < store->index.count; i++) {
        if (kept > 0 && items[i].name.len > 0 && str_eq(items[kept - 1].name, items[i].name)) {
            items[kept - 1].other = items[i].path;
        } else {
            items[kept++] = items[i];
        }
    }
    store->index.count = kept;
    store->indexed = true;
}

void orbit_store_forget_names(struct orbit_store *store)
{
    struct slot *s;
    struct slot *next;

    store->indexed = false;
    HASH_ITER(hh, store->slots, s, next)
    {
        s->record.stale = true;
    }
}

static enum orbit_lookup find(
        void *ctx, struct str name, struct str *ret_path, struct str *ret_other)
{
    struct orbit_store *store = ctx;

    make_index(store);
    for (size_t i = 0; i < store->index.count; i++) {
        const struct named *n = &store->index.items[i];

        if (n->name.len > 0 && str_eq(n->name, name)) {
            *ret_path = n->path;
            *ret_other = n->other;
            return n->other.len > 0 ? ORBIT_LOOKUP_TWO : ORBIT_LOOKUP_FOUND;
        }
    }
    return ORBIT_LOOKUP_NONE;
}

static bool read_file(void *ctx, struct str path, struct arena *a, struct str *ret)
{
    struct orbit_store *store = ctx;

    return store->fs.read(store->fs.ctx, path, a, ret, ORBIT_FILE_MAX);
}

/* ---- compiling ---- */

/* Another file of the same name makes both of them no components. */
static bool check_name(struct orbit_store *store, struct orbit_record *r)
{
    struct arena a = { 0 };
    struct str path = { 0 };
    struct str other = { 0 };
    struct str name = orbit_component_name(&a, r->path);
    bool two = find(store, name, &path, &other) == ORBIT_LOOKUP_TWO;

    if (two) {
        diag_list_add(
                &r->diags, &(struct diag){ .severity = DIAG_ERROR,
                                   .path = r->path,
                                   .line = 1,
                                   .col = 1,
                                   .text = arena_printf(&a,
                                           "two files are the component '%.*s': %.*s and %.*s",
                                           STR_FMT(name), STR_FMT(path), STR_FMT(other)),
                                   .hint = STR("rename one of them") });
    }
    arena_finish(&a);
    return !two;
}

static void keep_others(struct orbit_record *r, const struct orbit_component *c)
{
    arena_reset(&r->other_arena);
    r->others = arena_array(&r->other_arena, struct str, c->other_count);
    r->other_count = c->other_count;
    for (size_t i = 0; i < c->other_count; i++) {
        r->others[i] = arena_str(&r->other_arena, c->others[i]);
    }
}

void orbit_record_update(struct orbit_store *store, struct orbit_record *r, struct str text)
{
    const struct orbit_surroundings around = { .find = find, .read = read_file, .ctx = store };
    struct hash hash = hash_bytes(text);
    struct orbit_component fresh;

    r->exists = true;
    if (!r->stale && hash_eq(hash, r->seen)) {
        return;
    }
    r->seen = hash;
    r->stale = false;
    diag_list_reset(&r->diags);
    bool good = orbit_component_compile(&fresh, r->path, text, r->has_good ? &r->good : NULL,
            r->running.id[0] ? &r->running : NULL, &around, &r->diags);

    good = check_name(store, r) && good;
    keep_others(r, &fresh);
    r->bad = !good;
    if (!good) {
        orbit_component_finish(&fresh);
        return;
    }
    r->change = orbit_component_compare(r->has_good ? &r->good : NULL, &fresh);
    r->changed = true;
    if (r->has_good) {
        orbit_component_finish(&r->good);
    }
    r->good = fresh;
    r->has_good = true;
}

void orbit_record_load(struct orbit_store *store, struct orbit_record *r)
{
    struct arena a = { 0 };
    struct str text;

    if (read_file(store, r->path, &a, &text)) {
        orbit_record_update(store, r, text);
    } else {
        r->exists = false;
        r->stale = true;
    }
    arena_finish(&a);
}

static int by_path(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void orbit_store_each(
        struct orbit_store *store, void (*fn)(void *ctx, struct orbit_record *record), void *ctx)
{
    struct folders paths = { 0 };

    make_index(store);
    for (size_t i = 0; i < store->index.count; i++) {
        vec_push(&paths, store->index.items[i].path);
        if (store->index.items[i].other.len > 0) {
            vec_push(&paths, store->index.items[i].other);
        }
    }
    if (paths.count > 1) {
        qsort(paths.items, paths.count, sizeof(*paths.items), by_path);
    }
    for (size_t i = 0; i < paths.count; i++) {
        struct orbit_record *r = orbit_store_get(store, paths.items[i]);

        if (r) {
            fn(ctx, r);
        }
    }
    vec_finish(&paths);
}

void orbit_store_each_user(struct orbit_store *store, struct str path,
        void (*fn)(void *ctx, struct orbit_record *record), void *ctx)
{
    struct slot *s;
    struct slot *next;

    HASH_ITER(hh, store->slots, s, next)
    {
        for (size_t i = 0; i < s->record.other_count; i++) {
            if (str_eq(s->record.others[i], path)) {
                fn(ctx, &s->record);
                break;
            }
        }
    }
}

bool orbit_store_forget_changes(struct orbit_store *store)
{
    struct slot *s;
    struct slot *next;
    bool any = false;

    HASH_ITER(hh, store->slots, s, next)
    {
        any = any || s->record.changed;
        s->record.changed = false;
    }
    return any;
}
