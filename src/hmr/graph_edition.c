/* SPDX-License-Identifier: MIT */
/*
 * Editions, and the edges between nodes. Every edge of a living edition stands in
 * the list of the node that it leads to, so that going up costs what there is above.
 *
 * An edition is one allocation: what it says is laid out in a block, and never
 * changes.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "hmr/graph.h"
#include "hmr/graph_private.h"

static struct str own(struct str s)
{
    return (struct str){ mem_strcopy(s), s.len };
}

static void disown(struct str s)
{
    free((void *)(uintptr_t)s.ptr);
}

/* ---- files that would heal an edge ---- */

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

        count += e->missing ? e->tried_count + (e->path.len > 0) : e->link_count;
    }
    if (count == 0) {
        return;
    }
    ed->waits = mem_alloc(count, sizeof(*ed->waits));
    for (size_t i = 0; i < ed->edge_count; i++) {
        const struct edge *e = &ed->edges[i];

        if (!e->missing) {
            for (size_t k = 0; k < e->link_count; k++) {
                want(graph, ed, &ed->waits[ed->wait_count++], e->links[k]);
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

/* ---- the same, or another ---- */

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

static bool same_diag(const struct diag *a, const struct diag *b)
{
    if (!a || !b) {
        return a == b;
    }
    return str_eq(a->text, b->text) && a->line == b->line && a->col == b->col;
}

static bool same_strs(const struct str *a, size_t a_count, const struct str *b, size_t b_count)
{
    bool same = a_count == b_count;

    for (size_t i = 0; same && i < a_count; i++) {
        same = str_eq(a[i], b[i]);
    }
    return same;
}

static bool same_edge(const struct edge *a, const struct edge *b)
{
    bool same = a->kind == b->kind && a->missing == b->missing && str_eq(a->url, b->url) &&
                str_eq(a->path, b->path) && str_eq(a->problem, b->problem) &&
                same_strs(a->links, a->link_count, b->links, b->link_count) &&
                same_strs(a->tried, a->tried_count, b->tried, b->tried_count);

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

/* ---- one block ---- */

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

static struct str *pack_strs(struct packer *p, const struct str *from, size_t count)
{
    struct str *to = pack(p, NULL, count * sizeof(*to));

    for (size_t i = 0; i < count; i++) {
        struct str s = pack_str(p, from[i]);

        if (to) {
            to[i] = s;
        }
    }
    return to;
}

static void pack_edges(struct packer *p, struct edition *ed, const struct edition_facts *facts)
{
    struct edge *edges = pack_copy(p, facts->edges, facts->edge_count * sizeof(*facts->edges));
    struct link *links = pack(p, NULL, facts->edge_count * sizeof(*links));
    uint32_t *by_target = pack(p, NULL, facts->edge_count * sizeof(*by_target));

    for (size_t i = 0; i < facts->edge_count; i++) {
        const struct edge *from = &facts->edges[i];
        struct edge e = *from;

        e.url = pack_str(p, from->url);
        e.path = pack_str(p, from->path);
        e.problem = pack_str(p, from->problem);
        e.links = pack_strs(p, from->links, from->link_count);
        e.tried = pack_strs(p, from->tried, from->tried_count);
        struct imported_name *names = pack_copy(p, from->names, from->name_count * sizeof(*names));

        for (size_t k = 0; k < from->name_count; k++) {
            struct str s = pack_str(p, from->names[k].name);

            if (names) {
                names[k].name = s;
            }
        }
        e.names = names;
        if (edges) {
            edges[i] = e;
        }
    }
    ed->edges = edges;
    ed->links = links;
    ed->by_target = by_target;
}

static void pack_rest(struct packer *p, struct edition *ed, const struct edition_facts *facts)
{
    ed->exports = pack_strs(p, facts->exports, facts->export_count);
    struct accept *accepts = pack_copy(p, facts->accepts, facts->accept_count * sizeof(*accepts));

    for (size_t i = 0; i < facts->accept_count; i++) {
        struct str s = pack_str(p, facts->accepts[i].text);

        if (accepts) {
            accepts[i].text = s;
        }
    }
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

static int compare_strs(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static int compare_targets(const void *a, const void *b, void *edition)
{
    const struct edition *ed = edition;
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    uintptr_t to_x = (uintptr_t)ed->links[x].to;
    uintptr_t to_y = (uintptr_t)ed->links[y].to;

    return to_x != to_y ? (to_x < to_y ? -1 : 1) : (x > y) - (x < y);
}

static void sort_by_target(struct edition *ed)
{
    for (size_t i = 0; i < ed->edge_count; i++) {
        ed->by_target[i] = (uint32_t)i;
    }
    if (ed->edge_count > 1) {
        qsort_r(ed->by_target, ed->edge_count, sizeof(*ed->by_target), compare_targets, ed);
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
    ed->is_made = facts->is_made;
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
    sort_by_target(ed);
    DL_APPEND(node->editions, ed);
    return ed;
}

void graph_free_edition(struct graph *graph, struct edition *ed)
{
    drop_waits(graph, ed);
    for (size_t i = 0; i < ed->edge_count; i++) {
        struct node *to = ed->links[i].to;

        graph->worker_edges -= ed->edges[i].kind == DEP_WORKER;
        if (to) {
            DL_DELETE(to->importers, &ed->links[i]);
            graph_consider(graph, to);
        }
    }
    DL_DELETE(ed->node->editions, ed);
    free(ed->block);
    free(ed);
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
        graph_free_edition(graph, edition);
    }
    if (node->refs == 0) {
        graph_consider(graph, node);
    }
    graph_free_doomed(graph);
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

bool edition_is_made(const struct edition *edition)
{
    return edition->is_made;
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

bool edition_has_export(const struct edition *edition, struct str name)
{
    size_t count;
    const struct str *exports = edition_exports(edition, &count);

    return count > 0 && bsearch(&name, exports, count, sizeof(*exports), compare_strs) != NULL;
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

const uint32_t *edition_edges_to(
        const struct edition *edition, const struct node *node, size_t *ret_count)
{
    size_t low = 0;
    size_t high = edition->edge_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if ((uintptr_t)edition->links[edition->by_target[middle]].to < (uintptr_t)node) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (high = low;
            high < edition->edge_count && edition->links[edition->by_target[high]].to == node;) {
        high++;
    }
    *ret_count = high - low;
    return edition->by_target + low;
}
