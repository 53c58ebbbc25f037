/* SPDX-License-Identifier: MIT */
/* Which nodes a change set concerns: those of its files, and those that say something else by them. */
#include <string.h>
#include <utlist.h>

#include "modules/modules.h"
#include "modules/modules_private.h"
#include "resolve/markers.h"

struct touched_node {
    struct node *node; /* the key */
    UT_hash_handle hh;
};

/* The nodes that a change concerns, each once. */
struct touched {
    struct modules *modules;
    struct arena *arena;
    struct touched_node *known;
    struct node **items;
    size_t count;
    size_t cap;
};

static void add_touched(void *ctx, struct node *node)
{
    struct touched *t = ctx;
    struct touched_node *known = NULL;

    HASH_FIND_PTR(t->known, &node, known);
    if (known) {
        return;
    }
    known = arena_new(t->arena, struct touched_node);
    known->node = node;
    HASH_ADD_PTR(t->known, node, known);
    if (t->count == t->cap) {
        size_t cap = t->cap > 0 ? t->cap * 2 : 16;
        struct node **wider = arena_array(t->arena, struct node *, cap);

        if (t->count > 0) {
            memcpy(wider, t->items, t->count * sizeof(struct node *));
        }
        t->items = wider;
        t->cap = cap;
    }
    t->items[t->count++] = node;
}

static void add_stale(void *ctx, struct node *node)
{
    struct touched *t = ctx;
    struct entry *e = entry_find(t->modules, node);

    if (e) {
        e->stale = true;
    }
    add_touched(t, node);
}

static bool matches(const struct glob_use *use, struct str path)
{
    for (size_t i = 0; i < use->count; i++) {
        if (glob_match(use->globs[i], path)) {
            return true;
        }
    }
    return false;
}

static void touch_record(void *ctx, struct orbit_record *record)
{
    struct touched *t = ctx;

    record->stale = true;
    graph_each_of_path(t->modules->options.graph, record->path, add_stale, t);
}

/* The components that a changed file concerns beside its own. */
static void touch_components(struct touched *t, struct str path, bool came_or_went)
{
    struct orbit_store *store = t->modules->orbit;

    orbit_store_each_user(store, path, touch_record, t);
    if (came_or_went && orbit_is_file(path)) {
        orbit_store_forget_names(store);
        orbit_store_each(store, touch_record, t);
    }
}

static struct node **take_touched(struct touched *t, size_t *ret_count)
{
    HASH_CLEAR(hh, t->known);
    *ret_count = t->count;
    return t->items;
}

struct node **modules_touch_components(
        struct modules *m, struct str path, struct arena *a, size_t *ret_count)
{
    struct touched t = { .modules = m, .arena = a };

    if (path.len > 0) {
        graph_each_of_path(m->options.graph, path, add_stale, &t);
    } else {
        orbit_store_each(m->orbit, touch_record, &t);
    }
    return take_touched(&t, ret_count);
}

/* The facades of CommonJS that export other names now. */
static void touch_facades(struct touched *t)
{
    struct modules *m = t->modules;
    struct entry *e;

    DL_FOREACH(m->entries, e)
    {
        if (e->uses_names && e->names != cjs_names_mark(m, node_path(e->node))) {
            add_stale(t, e->node);
        }
    }
}

static void touch_env_users(struct touched *t)
{
    struct entry *e;

    DL_FOREACH(t->modules->entries, e)
    {
        if (e->uses_env) {
            add_touched(t, e->node);
        }
    }
}

static void touch_importers(void *ctx, struct node *node)
{
    struct touched *t = ctx;

    graph_each_importer(t->modules->options.graph, node, add_stale, t);
}

static void touch_globs(struct touched *t, struct str path)
{
    struct entry *e;

    DL_FOREACH2(t->modules->glob_users, e, glob_next)
    {
        if (matches(e->globs, path)) {
            add_touched(t, e->node);
        }
    }
}

static void touch_one(struct touched *t, struct str path, bool came_or_went)
{
    struct modules *m = t->modules;
    struct graph *graph = m->options.graph;

    graph_each_of_path(graph, path, add_touched, t);
    if (came_or_went) {
        graph_each_of_path(graph, path, touch_importers, t);
        touch_globs(t, path);
    }
    /* a link that is renamed over another has not come: it says something else */
    graph_each_waiting_for(graph, path, add_stale, t);
    if (came_or_went && fs_kind_of(m->options.fs, path) == FS_FOLDER) {
        graph_each_waiting_below(graph, path, add_stale, t); /* a link to a folder */
    }
    touch_components(t, path, came_or_went);
    transformed_each_user(m, path, add_stale, t);
}

struct node **modules_touch(struct modules *m, const struct touch *changes, size_t count,
        struct arena *a, size_t *ret_count)
{
    struct touched t = { .modules = m, .arena = a };
    bool packages = false;
    bool facades = false;
    bool env = false;

    for (size_t i = 0; i < count; i++) {
        struct str path = changes[i].path;
        bool marker = resolve_is_marker(path);

        if (marker || changes[i].came_or_went) {
            resolver_forget(m->resolver, path);
        }
        packages = packages || marker;
        facades = facades || cjs_names_know(m, path);
        env = env || env_is_file(path);
    }
    for (size_t i = 0; i < count; i++) {
        touch_one(&t, changes[i].path, changes[i].came_or_went);
    }
    /* what looks at everything that is known, once for all of them */
    if (packages) {
        m->generation++; /* whoever is asked for next is resolved again */
        packages_each_changed(m, add_stale, &t);
    }
    if (facades) {
        touch_facades(&t);
    }
    if (env) {
        touch_env_users(&t);
    }
    return take_touched(&t, ret_count);
}
