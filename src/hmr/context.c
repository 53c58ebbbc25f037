/* SPDX-License-Identifier: MIT */
/*
 * A table of the modules that have ever changed in this run, each with the time
 * of its oldest change that no update has taken along. A rebuild takes along
 * what was pending when it began; a module that changes again meanwhile is
 * recorded with a newer number and so stays pending when the rebuild ends.
 */
#include "hmr/context.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/table.h"

struct module {
    struct str path; /* owned, the key */
    struct str name; /* owned, unique among the modules */
    bool pending;
    uint64_t since_ms;     /* of the oldest pending change */
    uint64_t change;       /* number of the last change; grows over all modules */
    uint64_t tried_change; /* the last change that a failed rebuild has seen */
    UT_hash_handle by_path;
    UT_hash_handle by_name;
};

struct hmr_context {
    struct module *paths; /* every module, in the order of its first change */
    struct module *names;
    uint64_t changes;         /* the number of the last recorded change */
    uint64_t building_change; /* changes up to this number are in the running rebuild */
    bool rebuilt;             /* some rebuild has ended */
    uint64_t rebuilt_ms;      /* when it did */
};

struct hmr_context *hmr_context_create(void)
{
    return mem_new(struct hmr_context);
}

void hmr_context_destroy(struct hmr_context *context)
{
    struct module *m;
    struct module *next;

    if (!context) {
        return;
    }
    HASH_CLEAR(by_name, context->names);
    HASH_ITER(by_path, context->paths, m, next)
    {
        HASH_DELETE(by_path, context->paths, m);
        free((void *)(uintptr_t)m->path.ptr);
        free((void *)(uintptr_t)m->name.ptr);
        free(m);
    }
    free(context);
}

struct str hmr_module_name(struct arena *a, struct str path)
{
    const struct str src = STR("src/");
    struct str ext = path_ext(path);

    if (str_starts(path, src) && path.len > src.len &&
            (str_eq(ext, STR(".rs")) || str_eq(ext, STR(".orbit")))) {
        path = str_sub(path, src.len, path.len - ext.len);
    }
    return arena_str(a, path);
}

static struct module *find_path(const struct hmr_context *context, struct str path)
{
    struct module *m = NULL;

    HASH_FIND(by_path, context->paths, path.ptr, path.len, m);
    return m;
}

static struct module *find_name(const struct hmr_context *context, struct str name)
{
    struct module *m = NULL;

    HASH_FIND(by_name, context->names, name.ptr, name.len, m);
    return m;
}

static struct str own(struct str s)
{
    return (struct str){ mem_strcopy(s), s.len };
}

static struct str unique_name(const struct hmr_context *context, struct arena *a, struct str path)
{
    struct str name = hmr_module_name(a, path);

    if (find_name(context, name)) {
        name = path;
    }
    while (find_name(context, name)) {
        name = arena_printf(a, "./%.*s", STR_FMT(name));
    }
    return name;
}

static struct module *add(struct hmr_context *context, struct str path)
{
    struct arena a = { 0 };
    struct module *m = mem_new(struct module);

    m->path = own(path);
    m->name = own(unique_name(context, &a, path));
    HASH_ADD_KEYPTR(by_path, context->paths, m->path.ptr, m->path.len, m);
    HASH_ADD_KEYPTR(by_name, context->names, m->name.ptr, m->name.len, m);
    arena_finish(&a);
    return m;
}

struct str hmr_context_record_file_change(
        struct hmr_context *context, struct str path, uint64_t now_ms)
{
    struct module *m = find_path(context, path);

    if (!m) {
        m = add(context, path);
    }
    if (!m->pending) {
        m->pending = true;
        m->since_ms = now_ms;
    }
    m->change = ++context->changes;
    return m->name;
}

bool hmr_context_needs_update(const struct hmr_context *context, struct str module)
{
    const struct module *m = find_name(context, module);

    return m && m->pending;
}

struct aged {
    const struct module *module;
    size_t at; /* in the order of first changes */
};

static int by_age(const void *a, const void *b)
{
    const struct aged *x = a;
    const struct aged *y = b;

    if (x->module->since_ms != y->module->since_ms) {
        return x->module->since_ms < y->module->since_ms ? -1 : 1;
    }
    return x->at < y->at ? -1 : 1;
}

/* The names of the modules for which `wanted` holds, oldest change first. */
static struct str *collect(const struct hmr_context *context, struct arena *a, size_t *ret_count,
        bool (*wanted)(const struct module *m, uint64_t bound), uint64_t bound)
{
    size_t cap = HASH_CNT(by_path, context->paths);
    struct aged *found = arena_array(a, struct aged, cap);
    struct str *names = arena_array(a, struct str, cap);
    size_t count = 0;

    for (const struct module *m = context->paths; m; m = m->by_path.next) {
        if (wanted(m, bound)) {
            found[count] = (struct aged){ .module = m, .at = count };
            count++;
        }
    }
    if (count > 1) {
        qsort(found, count, sizeof(*found), by_age);
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = arena_str(a, found[i].module->name);
    }
    *ret_count = count;
    return names;
}

static bool is_pending(const struct module *m, uint64_t bound)
{
    (void)bound;
    return m->pending;
}

static bool is_in_build(const struct module *m, uint64_t building_change)
{
    return m->pending && m->change <= building_change;
}

static bool is_older(const struct module *m, uint64_t bound_ms)
{
    return m->pending && m->since_ms < bound_ms;
}

struct str *hmr_context_pending_updates(
        const struct hmr_context *context, struct arena *a, size_t *ret_count)
{
    return collect(context, a, ret_count, is_pending, 0);
}

void hmr_context_mark_updated(struct hmr_context *context, struct str module)
{
    struct module *m = find_name(context, module);

    if (m) {
        m->pending = false;
    }
}

void hmr_context_rebuild_started(struct hmr_context *context)
{
    context->building_change = context->changes;
}

struct str *hmr_context_record_rebuild(
        struct hmr_context *context, bool ok, uint64_t now_ms, struct arena *a, size_t *ret_count)
{
    struct str *names = NULL;

    *ret_count = 0;
    if (ok) {
        names = collect(context, a, ret_count, is_in_build, context->building_change);
    }
    for (struct module *m = context->paths; m; m = m->by_path.next) {
        if (is_in_build(m, context->building_change)) {
            m->pending = !ok;
            m->tried_change = m->change;
        }
    }
    context->rebuilt = true;
    context->rebuilt_ms = now_ms;
    return names;
}

static bool is_wanted(const struct hmr_context *context)
{
    for (const struct module *m = context->paths; m; m = m->by_path.next) {
        if (m->pending && m->change != m->tried_change) {
            return true;
        }
    }
    return false;
}

uint64_t hmr_context_rebuild_wait(
        const struct hmr_context *context, uint64_t debounce_ms, uint64_t now_ms)
{
    uint64_t passed = now_ms > context->rebuilt_ms ? now_ms - context->rebuilt_ms : 0;

    return context->rebuilt && passed < debounce_ms ? debounce_ms - passed : 0;
}

bool hmr_context_should_rebuild(
        const struct hmr_context *context, uint64_t debounce_ms, uint64_t now_ms)
{
    return hmr_context_rebuild_wait(context, debounce_ms, now_ms) == 0 && is_wanted(context);
}

uint64_t hmr_context_oldest_age(const struct hmr_context *context, uint64_t now_ms)
{
    uint64_t oldest = 0;

    for (const struct module *m = context->paths; m; m = m->by_path.next) {
        if (m->pending && now_ms > m->since_ms && now_ms - m->since_ms > oldest) {
            oldest = now_ms - m->since_ms;
        }
    }
    return oldest;
}

struct str *hmr_context_stale_entries(const struct hmr_context *context, uint64_t limit_ms,
        uint64_t now_ms, struct arena *a, size_t *ret_count)
{
    return collect(context, a, ret_count, is_older, now_ms > limit_ms ? now_ms - limit_ms : 0);
}
