/* SPDX-License-Identifier: MIT */
/*
 * Nodes by URL, and how long they live.
 *
 * A node goes with its last user: a reference, an edition that somebody keeps, or
 * an edge that leads to it. Modules that import one another in a circle keep each
 * other; graph_collect() finds those, after so many have lost a user that it pays.
 */
#include "hmr/graph.h"

#include <assert.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/path.h"
#include "base/vec.h"
#include "hmr/graph_private.h"

enum { COLLECT_LEAST = 64 };

static struct str own(struct str s)
{
    return (struct str){ mem_strcopy(s), s.len };
}

static void disown(struct str s)
{
    free((void *)(uintptr_t)s.ptr);
}

struct graph *graph_create(void)
{
    return mem_new(struct graph);
}

void graph_set_text_source(struct graph *graph, graph_text_fn text_of, void *ctx)
{
    graph->text_of = text_of;
    graph->text_ctx = ctx;
}

bool graph_text(const struct graph *graph, struct hash hash, struct str *ret)
{
    return graph->text_of && graph->text_of(graph->text_ctx, hash, ret);
}

void graph_set_place_source(struct graph *graph, graph_place_fn place, void *ctx)
{
    graph->place = place;
    graph->place_ctx = ctx;
}

bool graph_place(
        const struct graph *graph, const struct node *node, struct diag *d, struct arena *a)
{
    return graph->place && graph->place(graph->place_ctx, node, d, a);
}

/* ---- lifetime ---- */

static bool is_needed(const struct node *n)
{
    bool kept = n->editions && (n->editions != n->current || n->editions->next);

    return n->refs > 0 || n->importers || kept || (n->current && n->current->refs > 1);
}

void graph_consider(struct graph *graph, struct node *n)
{
    if (n->doomed) {
        return;
    }
    if (is_needed(n)) {
        graph->losses++;
        return;
    }
    n->doomed = true;
    vec_push(&graph->doomed, n);
}

static void free_node(struct graph *graph, struct node *n)
{
    struct graph_file *f = n->file;

    if (n->current) {
        graph_free_edition(graph, n->current);
    }
    if (f) {
        DL_DELETE(f->nodes, n);
        if (!f->nodes) {
            HASH_DEL(graph->files, f);
            disown(f->path);
            free(f);
        }
    }
    HASH_DEL(graph->nodes, n);
    graph->units_known = false;
    disown(n->url);
    free(n);
}

/* A list instead of a recursion: a chain of imports may be as long as a project has files. */
void graph_free_doomed(struct graph *graph)
{
    if (graph->freeing) {
        return;
    }
    graph->freeing = true;
    while (graph->doomed.count > 0) {
        struct node *n = graph->doomed.items[--graph->doomed.count];

        if (is_needed(n)) {
            n->doomed = false;
        } else {
            free_node(graph, n);
        }
    }
    graph->freeing = false;
}

void graph_destroy(struct graph *graph)
{
    struct node *n;
    struct node *next;

    if (!graph) {
        return;
    }
    graph->freeing = true; /* everything goes, in any order */
    for (n = graph->nodes; n; n = n->hh.next) {
        n->doomed = true;
    }
    for (n = graph->nodes; n; n = n->hh.next) {
        while (n->editions) {
            graph_free_edition(graph, n->editions);
        }
        n->current = NULL;
    }
    HASH_ITER(hh, graph->nodes, n, next)
    {
        free_node(graph, n);
    }
    vec_finish(&graph->doomed);
    free(graph);
}

static void mark_from(struct node_list *list, uint64_t mark)
{
    while (list->count > 0) {
        struct node *n = list->items[--list->count];
        const struct edition *ed;

        DL_FOREACH(n->editions, ed)
        {
            for (size_t i = 0; i < ed->edge_count; i++) {
                struct node *to = ed->links[i].to;

                if (to && to->mark != mark) {
                    to->mark = mark;
                    vec_push(list, to);
                }
            }
        }
    }
}

void graph_collect(struct graph *graph)
{
    size_t count = HASH_COUNT(graph->nodes);
    struct node_list list = { 0 };
    struct node *n;
    struct node *next;

    if (graph->losses < COLLECT_LEAST || graph->losses < count / 4) {
        return;
    }
    uint64_t mark = ++graph->mark;

    for (n = graph->nodes; n; n = n->hh.next) {
        bool kept = n->editions && (n->editions != n->current || n->editions->next);

        if (n->refs > 0 || kept || (n->current && n->current->refs > 1)) {
            n->mark = mark;
            vec_push(&list, n);
        }
    }
    mark_from(&list, mark);
    graph->freeing = true;
    for (n = graph->nodes; n; n = n->hh.next) {
        n->doomed = n->mark != mark; /* so that nobody puts it on the list a second time */
    }
    for (n = graph->nodes; n; n = n->hh.next) {
        if (n->doomed && n->current) {
            graph_free_edition(graph, n->current);
            n->current = NULL;
        }
    }
    HASH_ITER(hh, graph->nodes, n, next)
    {
        if (n->mark != mark) {
            free_node(graph, n);
        }
    }
    graph->freeing = false;
    graph->losses = 0;
    graph_free_doomed(graph);
    vec_finish(&list);
}

/* ---- nodes ---- */

struct node *graph_find(const struct graph *graph, struct str url)
{
    struct node *n = NULL;

    HASH_FIND(hh, graph->nodes, url.ptr, url.len, n);
    return n;
}

static struct graph_file *find_file(const struct graph *graph, struct str path)
{
    struct graph_file *f = NULL;

    HASH_FIND(hh, graph->files, path.ptr, path.len, f);
    return f;
}

static void join_file(struct graph *graph, struct node *n, struct str path)
{
    struct graph_file *f;

    if (path.len == 0) {
        return;
    }
    f = find_file(graph, path);
    if (!f) {
        f = mem_new(struct graph_file);
        f->path = own(path);
        HASH_ADD_KEYPTR(hh, graph->files, f->path.ptr, f->path.len, f);
    }
    DL_APPEND(f->nodes, n);
    n->file = f;
}

struct node *graph_get(struct graph *graph, struct str url, struct str path, enum node_kind kind)
{
    struct node *n = graph_find(graph, url);

    if (n) {
        /* a node is first seen as the end of an edge that could not know better */
        if (n->kind == NODE_ASSET && kind != NODE_ASSET && !n->current) {
            n->kind = kind;
        }
        if (!n->file) {
            join_file(graph, n, path);
        }
        return n;
    }
    n = mem_new(struct node);
    n->url = own(url);
    n->kind = kind;
    join_file(graph, n, path);
    HASH_ADD_KEYPTR(hh, graph->nodes, n->url.ptr, n->url.len, n);
    graph->units_known = false;
    return n;
}

void graph_each_of_path(const struct graph *graph, struct str path,
        void (*fn)(void *ctx, struct node *node), void *ctx)
{
    const struct graph_file *f = find_file(graph, path);
    struct node *n;

    if (f) {
        DL_FOREACH(f->nodes, n)
        {
            fn(ctx, n);
        }
    }
}

static void each_wait(const struct wanted *w, void (*fn)(void *ctx, struct node *node), void *ctx)
{
    const struct node *last = NULL;
    struct wait *wait;

    DL_FOREACH(w->waits, wait)
    {
        /* the wishes of one edition stand in a row */
        if (wait->node != last) {
            last = wait->node;
            fn(ctx, wait->node);
        }
    }
}

void graph_each_waiting_for(const struct graph *graph, struct str path,
        void (*fn)(void *ctx, struct node *node), void *ctx)
{
    struct wanted *w = NULL;

    HASH_FIND(hh, graph->wanted, path.ptr, path.len, w);
    if (w) {
        each_wait(w, fn, ctx);
    }
}

void graph_each_waiting_below(const struct graph *graph, struct str folder,
        void (*fn)(void *ctx, struct node *node), void *ctx)
{
    for (const struct wanted *w = graph->wanted; w; w = w->hh.next) {
        if (path_is_below(w->path, folder)) {
            each_wait(w, fn, ctx);
        }
    }
}

size_t graph_count(const struct graph *graph)
{
    return HASH_COUNT(graph->nodes);
}

bool graph_has_workers(const struct graph *graph)
{
    return graph->worker_edges > 0;
}

void graph_each(const struct graph *graph, void (*fn)(void *ctx, struct node *node), void *ctx)
{
    for (struct node *n = graph->nodes; n; n = n->hh.next) {
        fn(ctx, n);
    }
}

void node_ref(struct node *node)
{
    node->refs++;
}

void node_unref(struct graph *graph, struct node *node)
{
    assert(node->refs > 0);
    node->refs--;
    if (node->refs == 0) {
        graph_consider(graph, node);
        graph_free_doomed(graph);
    }
}

struct str node_url(const struct node *node)
{
    return node->url;
}

struct str node_path(const struct node *node)
{
    return node->file ? node->file->path : (struct str){ "", 0 };
}

enum node_kind node_kind_of(const struct node *node)
{
    return node->kind;
}

uint64_t node_stamp(const struct node *node)
{
    return node->stamp;
}

void node_raise_stamp(struct node *node, uint64_t stamp)
{
    if (stamp > node->stamp) {
        node->stamp = stamp;
    }
}
