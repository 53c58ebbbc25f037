/* SPDX-License-Identifier: MIT */
/*
 * Ways through the graph: who imports a node, and which nodes import one another
 * in a circle. Circles are found for all nodes at once, and anew only when a
 * static import has come or gone since.
 */
#include <utlist.h>

#include "base/vec.h"
#include "hmr/graph.h"
#include "hmr/graph_private.h"

void graph_each_importer(const struct graph *graph, const struct node *node,
        void (*fn)(void *ctx, struct node *importer), void *ctx)
{
    /* the mark is no part of what the graph says */
    uint64_t mark = ++((struct graph *)(uintptr_t)graph)->mark;
    struct node_list list = { 0 };
    const struct link *l;

    /* gathered first, since `fn` may begin walks of its own */
    DL_FOREACH(node->importers, l)
    {
        struct node *from = l->from->node;

        if (from->mark != mark) {
            from->mark = mark;
            vec_push(&list, from);
        }
    }
    for (size_t i = 0; i < list.count; i++) {
        fn(ctx, list.items[i]);
    }
    vec_finish(&list);
}

void graph_each_reached(struct graph *graph, struct node *document,
        bool (*fn)(void *ctx, struct node *node), void *ctx)
{
    uint64_t mark = ++graph->mark;
    struct node_list list = { 0 }; /* whose edges are to be followed */

    vec_push(&list, document);
    document->mark = mark;
    for (size_t at = 0; at < list.count; at++) {
        const struct edition *ed = list.items[at]->current;

        for (size_t i = 0; ed && i < ed->edge_count; i++) {
            struct node *to = ed->links[i].to;
            enum dep_kind kind = ed->edges[i].kind;

            if (!to || to->mark == mark || (kind != DEP_MODULE && !graph_is_static(kind))) {
                continue;
            }
            to->mark = mark;
            if (fn(ctx, to)) {
                vec_push(&list, to);
            }
        }
    }
    vec_finish(&list);
}

/* One level of the search for units: a node, and which of its edges comes next. */
struct level {
    struct node *node;
    size_t edge;
};

struct unit_search {
    struct level *items; /* the way from the start to here */
    size_t count, cap;
    struct node_list stack; /* visited, unit not yet known */
    uint32_t next_index;
};

static void enter(struct unit_search *s, struct node *n)
{
    n->index = n->low = ++s->next_index;
    n->on_stack = true;
    vec_push(&s->stack, n);
    vec_push(s, ((struct level){ .node = n }));
}

static void leave(struct unit_search *s)
{
    struct node *n = s->items[--s->count].node;
    struct node *first = n;
    struct node *member;

    if (s->count > 0) {
        struct node *up = s->items[s->count - 1].node;

        up->low = n->low < up->low ? n->low : up->low;
    }
    if (n->low != n->index) {
        return;
    }
    first->unit_next = NULL;
    do {
        member = s->stack.items[--s->stack.count];
        member->on_stack = false;
        member->unit = first;
        if (member != first) {
            member->unit_next = first->unit_next;
            first->unit_next = member;
        }
    } while (member != n);
}

/* Tarjan's algorithm, without recursion. */
static void find_units(struct graph *graph)
{
    struct unit_search s = { 0 };

    for (struct node *n = graph->nodes; n; n = n->hh.next) {
        n->index = 0;
    }
    for (struct node *n = graph->nodes; n; n = n->hh.next) {
        if (n->index > 0) {
            continue;
        }
        enter(&s, n);
        while (s.count > 0) {
            struct level *here = &s.items[s.count - 1];
            const struct edition *ed = here->node->current;

            if (!ed || here->edge == ed->edge_count) {
                leave(&s);
                continue;
            }
            size_t i = here->edge++;
            struct node *to = ed->links[i].to;

            if (!to || !graph_is_static(ed->edges[i].kind)) {
                continue;
            }
            if (to->index == 0) {
                enter(&s, to);
            } else if (to->on_stack && to->index < here->node->low) {
                here->node->low = to->index;
            }
        }
    }
    vec_finish(&s.stack);
    vec_finish(&s);
    graph->units_known = true;
}

bool graph_same_unit(struct graph *graph, const struct node *a, const struct node *b)
{
    if (!graph->units_known) {
        find_units(graph);
    }
    return a->unit == b->unit;
}

struct node **graph_unit(struct graph *graph, struct node *node, struct arena *a, size_t *ret_count)
{
    struct node **members;
    size_t count = 0;

    if (!graph->units_known) {
        find_units(graph);
    }
    for (const struct node *n = node->unit; n; n = n->unit_next) {
        count++;
    }
    members = arena_array(a, struct node *, count);
    *ret_count = 0;
    for (struct node *n = node->unit; n; n = n->unit_next) {
        members[(*ret_count)++] = n;
    }
    return members;
}

void graph_dump(const struct graph *graph, struct strbuf *out)
{
    for (const struct node *n = graph->nodes; n; n = n->hh.next) {
        size_t shown = 0;

        strbuf_addf(out, "  %.*s", STR_FMT(n->url));
        for (size_t i = 0; n->current && i < n->current->edge_count; i++) {
            const struct node *to = n->current->links[i].to;

            if (to) {
                strbuf_addf(out, "%s%.*s", shown++ > 0 ? ", " : " -> ", STR_FMT(to->url));
            }
        }
        strbuf_addc(out, '\n');
    }
}
