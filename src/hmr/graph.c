/* SPDX-License-Identifier: MIT */
/*
 * Nodes by URL, their editions, and the edges between them. Every edge of a
 * living edition stands in the list of the node that it leads to, so that going
 * up costs what there is above.
 *
 * A node goes with its last user: a reference, an edition that somebody keeps, or
 * an edge that leads to it. Modules that import one another in a circle keep each
 * other; graph_collect() finds those, after so many have lost a user that it pays.
 */
#include "hmr/graph.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/vec.h"
#include "hmr/graph_private.h"

enum { COLLECT_LEAST = 64 };

static struct str own(struct str s)
{
    char *copy = mem_alloc(s.len + 1, 1);

    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    return (struct str){ copy, s.len };
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

/* ---- lifetime ---- */

static bool is_needed(const struct node *n)
{
    bool kept = n->editions && (n->editions != n->current || n->editions->next);

    return n->refs > 0 || n->importers || kept || (n->current && n->current->refs > 1);
}

/* Frees `n` later, if nobody needs it any more. */
static void consider(struct graph *graph, struct node *n)
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

static void drop_waits(struct graph *graph, struct edition *ed)
{
    for (size_t i = 0; i < ed->wait_count; i++) {
        struct wanted *w = ed->waits[i].wanted;

        DL_DELETE(w->waits, &ed->waits[i]);
        if (!w->waits) {
            HASH_DEL(graph->wanted, w);
            disown(w->path);
            free(w);
        }
    }
    free(ed->waits);
    ed->waits = NULL;
    ed->wait_count = 0;
}

static void free_edition(struct graph *graph, struct edition *ed)
{
    drop_waits(graph, ed);
    for (size_t i = 0; i < ed->edge_count; i++) {
        struct node *to = ed->links[i].to;

        graph->worker_edges -= ed->edges[i].kind == DEP_WORKER;
        if (to) {
            DL_DELETE(to->importers, &ed->links[i]);
            consider(graph, to);
        }
    }
    DL_DELETE(ed->node->editions, ed);
    free(ed->block);
    free(ed);
}

static void free_node(struct graph *graph, struct node *n)
{
    struct graph_file *f = n->file;

    if (n->current) {
        free_edition(graph, n->current);
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
static void free_doomed(struct graph *graph)
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
            free_edition(graph, n->editions);
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
            free_edition(graph, n->current);
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
    free_doomed(graph);
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

void graph_each_waiting_for(const struct graph *graph, struct str path,
        void (*fn)(void *ctx, struct node *node), void *ctx)
{
    struct wanted *w = NULL;
    const struct node *last = NULL;
    struct wait *wait;

    HASH_FIND(hh, graph->wanted, path.ptr, path.len, w);
    if (!w) {
        return;
    }
    DL_FOREACH(w->waits, wait)
    {
        /* the wishes of one edition stand in a row */
        if (wait->node != last) {
            last = wait->node;
            fn(ctx, wait->node);
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
        consider(graph, node);
        free_doomed(graph);
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

struct edition *node_find_edition(const struct node *node, struct hash hash)
{
    struct edition *ed;
    struct edition *found = NULL;

    if (node->current && node->current->exists && hash_eq(node->current->hash, hash)) {
        return node->current;
    }
    DL_FOREACH(node->editions, ed)
    {
        if (ed->exists && hash_eq(ed->hash, hash)) {
            found = ed; /* the newest one: an older one of the same text was resolved otherwise */
        }
    }
    return found;
}

struct edition *node_current(const struct node *node)
{
    return node->current;
}

/* ---- editions ---- */

static int compare_strs(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool same_diag(const struct diag *a, const struct diag *b)
{
    if (!a || !b) {
        return a == b;
    }
    return str_eq(a->text, b->text) && a->line == b->line && a->col == b->col;
}

static bool same_edge(const struct edge *a, const struct edge *b)
{
    bool same = a->kind == b->kind && a->missing == b->missing && str_eq(a->url, b->url) &&
                str_eq(a->path, b->path) && str_eq(a->problem, b->problem) &&
                str_eq(a->link, b->link) && a->tried_count == b->tried_count;

    for (size_t i = 0; same && i < a->tried_count; i++) {
        same = str_eq(a->tried[i], b->tried[i]);
    }
    return same;
}

/* One text has one set of facts, but for where its specifiers lead: files come and go. */
static bool is_same(const struct edition *ed, const struct edition_facts *facts)
{
    bool same = ed->exists == facts->exists;

    if (!same || !facts->exists) {
        return same;
    }
    same = hash_eq(ed->hash, facts->hash) && ed->edge_count == facts->edge_count &&
           ed->knows_exports == facts->knows_exports && same_diag(ed->error, facts->error);
    for (size_t i = 0; same && i < ed->edge_count; i++) {
        same = same_edge(&ed->edges[i], &facts->edges[i]);
    }
    return same;
}

/* Lays arrays and texts out in one block: a first pass counts, a second one copies. */
struct packer {
    char *at; /* NULL while counting */
    size_t size;
};

static void *pack(struct packer *p, const void *src, size_t size)
{
    void *place = p->at;

    size = (size + 15) & ~(size_t)15;
    p->size += size;
    if (!p->at) {
        return NULL;
    }
    p->at += size;
    (void)src;
    return place;
}

static void *pack_copy(struct packer *p, const void *src, size_t size)
{
    void *place = pack(p, src, size);

    if (place && size > 0) {
        memcpy(place, src, size);
    }
    return place;
}

static struct str pack_str(struct packer *p, struct str s)
{
    char *place = pack_copy(p, s.ptr, s.len);

    return (struct str){ place ? place : "", s.len };
}

static void pack_edges(struct packer *p, struct edition *ed, const struct edition_facts *facts)
{
    struct edge *edges = pack_copy(p, facts->edges, facts->edge_count * sizeof(*facts->edges));
    struct link *links = pack(p, NULL, facts->edge_count * sizeof(*links));

    for (size_t i = 0; i < facts->edge_count; i++) {
        const struct edge *from = &facts->edges[i];
        struct edge e = *from;

        e.url = pack_str(p, from->url);
        e.path = pack_str(p, from->path);
        e.problem = pack_str(p, from->problem);
        e.link = pack_str(p, from->link);
        struct str *tried = pack(p, NULL, from->tried_count * sizeof(*tried));
        struct imported_name *names = pack_copy(p, from->names, from->name_count * sizeof(*names));

        for (size_t k = 0; k < from->tried_count; k++) {
            struct str s = pack_str(p, from->tried[k]);

            if (tried) {
                tried[k] = s;
            }
        }
        for (size_t k = 0; k < from->name_count; k++) {
            struct str s = pack_str(p, from->names[k].name);

            if (names) {
                names[k].name = s;
            }
        }
        e.tried = tried;
        e.names = names;
        if (edges) {
            edges[i] = e;
        }
    }
    ed->edges = edges;
    ed->links = links;
}

static void pack_rest(struct packer *p, struct edition *ed, const struct edition_facts *facts)
{
    struct str *exports = pack(p, NULL, facts->export_count * sizeof(*exports));
    struct accept *accepts = pack_copy(p, facts->accepts, facts->accept_count * sizeof(*accepts));

    for (size_t i = 0; i < facts->export_count; i++) {
        struct str s = pack_str(p, facts->exports[i]);

        if (exports) {
            exports[i] = s;
        }
    }
    for (size_t i = 0; i < facts->accept_count; i++) {
        struct str s = pack_str(p, facts->accepts[i].text);

        if (accepts) {
            accepts[i].text = s;
        }
    }
    ed->exports = exports;
    ed->accepts = accepts;
    if (facts->error) {
        struct diag d = *facts->error;
        struct diag *place = pack(p, NULL, sizeof(*place));

        d.path = pack_str(p, d.path);
        d.code = pack_str(p, d.code);
        d.text = pack_str(p, d.text);
        d.hint = pack_str(p, d.hint);
        d.frame = pack_str(p, d.frame);
        if (place) {
            *place = d;
        }
        ed->error = place;
    }
}

static void want(struct graph *graph, struct edition *ed, struct wait *wait, struct str path)
{
    struct wanted *w = NULL;

    HASH_FIND(hh, graph->wanted, path.ptr, path.len, w);
    if (!w) {
        w = mem_new(struct wanted);
        w->path = own(path);
        HASH_ADD_KEYPTR(hh, graph->wanted, w->path.ptr, w->path.len, w);
    }
    wait->node = ed->node;
    wait->wanted = w;
    DL_APPEND(w->waits, wait);
}

static void add_waits(struct graph *graph, struct edition *ed)
{
    size_t count = 0;

    for (size_t i = 0; i < ed->edge_count; i++) {
        const struct edge *e = &ed->edges[i];

        count += e->missing ? e->tried_count + (e->path.len > 0) : e->link.len > 0;
    }
    if (count == 0) {
        return;
    }
    ed->waits = mem_alloc(count, sizeof(*ed->waits));
    for (size_t i = 0; i < ed->edge_count; i++) {
        const struct edge *e = &ed->edges[i];

        if (!e->missing) {
            if (e->link.len > 0) {
                want(graph, ed, &ed->waits[ed->wait_count++], e->link);
            }
            continue;
        }
        if (e->path.len > 0) {
            want(graph, ed, &ed->waits[ed->wait_count++], e->path);
        }
        for (size_t k = 0; k < e->tried_count; k++) {
            want(graph, ed, &ed->waits[ed->wait_count++], e->tried[k]);
        }
    }
}

static struct edition *make_edition(
        struct graph *graph, struct node *node, const struct edition_facts *given)
{
    static const struct edition_facts nothing = { .exists = false };
    const struct edition_facts *facts = given->exists ? given : &nothing;
    struct edition *ed = mem_new(struct edition);
    struct packer p = { 0 };

    pack_edges(&p, ed, facts);
    pack_rest(&p, ed, facts);
    ed->block = mem_alloc(p.size > 0 ? p.size : 1, 1);
    p = (struct packer){ .at = ed->block };
    pack_edges(&p, ed, facts);
    pack_rest(&p, ed, facts);
    ed->node = node;
    ed->hash = facts->hash;
    ed->exists = facts->exists;
    ed->knows_exports = facts->knows_exports;
    ed->has_hot = facts->has_hot;
    ed->edge_count = facts->edge_count;
    ed->export_count = facts->export_count;
    ed->accept_count = facts->accept_count;
    if (ed->export_count > 0) {
        qsort(ed->exports, ed->export_count, sizeof(*ed->exports), compare_strs);
    }
    for (size_t i = 0; i < ed->edge_count; i++) {
        struct edge *e = &ed->edges[i];
        struct link *l = &ed->links[i];

        *l = (struct link){ .from = ed };
        graph->worker_edges += e->kind == DEP_WORKER;
        if (e->url.len > 0) {
            l->to = graph_get(graph, e->url, e->path, e->target);
            DL_APPEND(l->to->importers, l);
        }
    }
    DL_APPEND(node->editions, ed);
    return ed;
}

/* Whether both have the same static imports, so that the units stay as they are. */
static bool same_circles(const struct edition *a, const struct edition *b)
{
    size_t i = 0;
    size_t k = 0;

    if (!a || !b) {
        return false;
    }
    while (true) {
        while (i < a->edge_count && !graph_is_static(a->edges[i].kind)) {
            i++;
        }
        while (k < b->edge_count && !graph_is_static(b->edges[k].kind)) {
            k++;
        }
        if (i == a->edge_count || k == b->edge_count) {
            return i == a->edge_count && k == b->edge_count;
        }
        if (a->links[i++].to != b->links[k++].to) {
            return false;
        }
    }
}

struct edition *graph_set_edition(
        struct graph *graph, struct node *node, const struct edition_facts *facts)
{
    struct edition *old = node->current;
    struct edition *ed;

    if (old && is_same(old, facts)) {
        return old;
    }
    DL_FOREACH(node->editions, ed)
    {
        if (is_same(ed, facts)) {
            break;
        }
    }
    if (!ed) {
        ed = make_edition(graph, node, facts);
    }
    if (!same_circles(old, ed)) {
        graph->units_known = false;
    }
    ed->refs++;
    node->current = ed;
    add_waits(graph, ed);
    if (old) {
        drop_waits(graph, old);
        node->refs++; /* the node must outlive its old edition's end */
        edition_unref(graph, old);
        node->refs--;
    }
    return ed;
}

void edition_ref(struct edition *edition)
{
    edition->refs++;
}

void edition_unref(struct graph *graph, struct edition *edition)
{
    struct node *node = edition->node;

    assert(edition->refs > 0);
    if (--edition->refs == 0) {
        free_edition(graph, edition);
    }
    if (node->refs == 0) {
        consider(graph, node);
    }
    free_doomed(graph);
}

struct hash edition_hash(const struct edition *edition)
{
    return edition->hash;
}

bool edition_exists(const struct edition *edition)
{
    return edition->exists;
}

const struct diag *edition_error(const struct edition *edition)
{
    return edition->error;
}

bool edition_has_hot(const struct edition *edition)
{
    return edition->has_hot;
}

const struct accept *edition_accepts(const struct edition *edition, size_t *ret_count)
{
    *ret_count = edition->accept_count;
    return edition->accepts;
}

const struct str *edition_exports(const struct edition *edition, size_t *ret_count)
{
    *ret_count = edition->export_count;
    return edition->exports;
}

bool edition_knows_exports(const struct edition *edition)
{
    return edition->knows_exports;
}

size_t edition_edge_count(const struct edition *edition)
{
    return edition->edge_count;
}

struct node *edition_target(const struct edition *edition, size_t i)
{
    return edition->links[i].to;
}

const struct edge *edition_edge(const struct edition *edition, size_t i)
{
    return &edition->edges[i];
}
