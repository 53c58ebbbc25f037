/* SPDX-License-Identifier: MIT */
/*
 * Two walks up from changes. That to the workers comes down again from them: what
 * lies above a change and is not below a worker is none of the worker's.
 */
#include "hmr/climb.h"

#include "base/table.h"
#include "base/vec.h"

/* Nodes in the order in which they were met, each once. */
struct met {
    struct node *node; /* the key */
    bool is_run;       /* by a worker */
    UT_hash_handle hh;
};

struct met_list {
    struct arena *a;
    struct met *table;
    struct met **items;
    size_t count, cap;
};

static struct met *find_met(const struct met_list *list, const struct node *node)
{
    struct met *m = NULL;

    HASH_FIND_PTR(list->table, &node, m);
    return m;
}

static struct met *meet(struct met_list *list, struct node *node)
{
    struct met *m = find_met(list, node);

    if (!m) {
        m = arena_new(list->a, struct met);
        m->node = node;
        HASH_ADD_PTR(list->table, node, m);
        vec_push(list, m);
    }
    return m;
}

static struct node **nodes_of(
        struct arena *a, const struct met_list *list, bool only_run, size_t *ret_count)
{
    struct node **nodes = arena_array(a, struct node *, list->count);

    *ret_count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (!only_run || list->items[i]->is_run) {
            nodes[(*ret_count)++] = list->items[i]->node;
        }
    }
    return nodes;
}

static void finish(struct met_list *list)
{
    HASH_CLEAR(hh, list->table);
    vec_finish(list);
}

/* ---- workers ---- */

struct climb {
    struct met_list above;
    struct met *below;        /* whose importers are looked at */
    struct met_list starters; /* modules that start a worker which is above a change */
    struct met_list run;      /* what such a worker runs, of what is above */
};

static void run(struct climb *c, struct met *m)
{
    if (!m->is_run) {
        m->is_run = true;
        vec_push(&c->run, m);
    }
}

static bool is_run_with(enum dep_kind kind)
{
    return kind == DEP_IMPORT || kind == DEP_REEXPORT || kind == DEP_DYNAMIC;
}

static void climb_importer(void *ctx, struct node *importer)
{
    struct climb *c = ctx;
    const struct edition *ed = node_current(importer);
    size_t count = 0;
    const uint32_t *edges = ed ? edition_edges_to(ed, c->below->node, &count) : NULL;

    for (size_t i = 0; i < count; i++) {
        enum dep_kind kind = edition_edge(ed, edges[i])->kind;

        if (kind == DEP_WORKER) {
            (void)meet(&c->starters, importer);
            run(c, c->below);
        } else if (is_run_with(kind)) {
            (void)meet(&c->above, importer);
        }
    }
}

static void go_down(struct climb *c)
{
    for (size_t at = 0; at < c->run.count; at++) {
        const struct edition *ed = node_current(c->run.items[at]->node);

        for (size_t i = 0; ed && i < edition_edge_count(ed); i++) {
            const struct node *to = edition_target(ed, i);
            struct met *m =
                    to && is_run_with(edition_edge(ed, i)->kind) ? find_met(&c->above, to) : NULL;

            if (m) {
                run(c, m);
            }
        }
    }
}

void climb_to_workers(struct graph *graph, struct node *const *changed, size_t changed_count,
        struct arena *a, struct node ***ret_way, size_t *ret_way_count, struct node ***ret_starters,
        size_t *ret_starter_count)
{
    struct climb c = { .above.a = a, .starters.a = a, .run.a = a };

    *ret_way = *ret_starters = NULL;
    *ret_way_count = *ret_starter_count = 0;
    if (!graph_has_workers(graph)) {
        return;
    }
    for (size_t i = 0; i < changed_count; i++) {
        (void)meet(&c.above, changed[i]);
    }
    for (size_t i = 0; i < c.above.count && i < CLIMB_MAX; i++) {
        c.below = c.above.items[i];
        graph_each_importer(graph, c.below->node, climb_importer, &c);
    }
    go_down(&c);
    *ret_way = nodes_of(a, &c.above, true, ret_way_count);
    *ret_starters = nodes_of(a, &c.starters, false, ret_starter_count);
    finish(&c.above);
    finish(&c.starters);
    vec_finish(&c.run);
}

/* ---- sheets ---- */

struct sheets {
    struct met_list line;
    bool climbed; /* the node that is looked at stands in another sheet */
    bool direct;  /* something but a sheet names it */
};

static bool is_sheet(const struct node *node)
{
    return node_kind_of(node) == NODE_CSS || node_kind_of(node) == NODE_CSS_JS;
}

static void climb_sheet(void *ctx, struct node *importer)
{
    struct sheets *s = ctx;

    if (!is_sheet(importer)) {
        s->direct = true;
        return;
    }
    s->climbed = true;
    (void)meet(&s->line, importer);
}

struct node **climb_to_sheets(
        const struct graph *graph, struct node *node, struct arena *a, size_t *ret_count)
{
    struct sheets s = { .line.a = a };
    struct met_list roots = { .a = a };

    (void)meet(&s.line, node);
    for (size_t i = 0; i < s.line.count && i < CLIMB_MAX; i++) {
        struct node *n = s.line.items[i]->node;

        s.climbed = s.direct = false;
        graph_each_importer(graph, n, climb_sheet, &s);
        if ((s.direct || !s.climbed) && is_sheet(n)) {
            (void)meet(&roots, n);
        }
    }
    struct node **found = nodes_of(a, &roots, false, ret_count);

    finish(&roots);
    finish(&s.line);
    return found;
}
