/* SPDX-License-Identifier: MIT */
/*
 * From what the search found (plan_search.c) to what the page is told: the replaced
 * modules in the order in which they are evaluated, the boundaries, and the way to a
 * dead end.
 */
#include "hmr/plan.h"

#include <assert.h>

#include "base/hash.h"
#include "base/vec.h"
#include "hmr/pages.h"
#include "hmr/plan_private.h"
#include "hmr/prune.h"

/* URLs of a plan, each with its place in a list. */
struct place {
    struct str url; /* borrowed, the key */
    size_t index;
    UT_hash_handle hh;
};

static struct place *find_place(struct place *places, struct str url)
{
    struct place *p = NULL;

    HASH_FIND(hh, places, url.ptr, url.len, p);
    return p;
}

static struct place *places_of(struct arena *a, const struct str *urls, size_t count)
{
    struct place *places = NULL;

    for (size_t i = 0; i < count; i++) {
        if (!find_place(places, urls[i])) {
            struct place *p = arena_new(a, struct place);

            p->url = urls[i];
            p->index = i;
            HASH_ADD_KEYPTR(hh, places, p->url.ptr, p->url.len, p);
        }
    }
    return places;
}

/* One level of the way down that puts dependencies first. */
struct level {
    struct node *node;
    size_t edge;
};

struct order {
    struct level *items;
    size_t count, cap;
};

static void put_in_order(struct walk *w, struct node *start, struct node **placed, struct plan *ret)
{
    struct order way = { 0 };

    vec_push(&way, ((struct level){ .node = start }));
    while (way.count > 0) {
        struct level *here = &way.items[way.count - 1];
        const struct edition *ed = node_current(here->node);

        if (ed && here->edge < edition_edge_count(ed)) {
            struct node *to = edition_target(ed, here->edge++);
            struct visit *v = to ? plan_find_visit(w, to) : NULL;

            if (v && plan_is_replaced(w, to) && !placed[v->group]) {
                /* the first visit of a unit stands for all of it */
                placed[v->group] = to;
                vec_push(&way, ((struct level){ .node = to }));
            }
            continue;
        }
        const struct group *g = &w->groups.items[plan_find_visit(w, here->node)->group];

        for (size_t i = 0; i < g->member_count; i++) {
            if (plan_is_replaced(w, g->members[i]->node)) {
                ret->replaced[ret->replaced_count++] = node_url(g->members[i]->node);
            }
        }
        way.count--;
    }
    vec_finish(&way);
}

static void list_replaced(struct walk *w, struct plan *ret)
{
    struct node **placed = arena_array(w->a, struct node *, w->groups.count);
    size_t count = 0;

    for (size_t i = 0; i < w->groups.count; i++) {
        count += (w->groups.items[i].fates & FATE_TAKEN) ? w->groups.items[i].member_count : 0;
    }
    ret->replaced = arena_array(w->a, struct str, count);
    for (size_t i = 0; i < w->groups.count; i++) {
        const struct group *g = &w->groups.items[i];

        if ((g->fates & FATE_TAKEN) && !placed[i]) {
            placed[i] = g->members[0]->node;
            put_in_order(w, g->members[0]->node, placed, ret);
        }
    }
}

struct placed_boundary {
    struct plan_boundary boundary;
    size_t place; /* of what is accepted, among the replaced ones */
    size_t index;
};

static int compare_places(const void *a, const void *b)
{
    const struct placed_boundary *x = a;
    const struct placed_boundary *y = b;

    if (x->place != y->place) {
        return x->place < y->place ? -1 : 1;
    }
    return x->index < y->index ? -1 : x->index > y->index;
}

/* A boundary that was listed already; one may be found for several edges. */
struct listed {
    struct {
        const struct node *accepted;
        struct hash by;
    } key;
    UT_hash_handle hh;
};

static bool is_listed(struct listed **list, struct arena *a, const struct found *f)
{
    struct listed *new = arena_new(a, struct listed);
    struct listed *known = NULL;

    new->key.accepted = f->accepted;
    new->key.by = hash_bytes(f->boundary.by);
    HASH_FIND(hh, *list, &new->key, sizeof(new->key), known);
    if (!known) {
        HASH_ADD(hh, *list, key, sizeof(new->key), new);
    }
    return known != NULL;
}

static void list_boundaries(struct walk *w, struct plan *ret)
{
    struct placed_boundary *list = arena_array(w->a, struct placed_boundary, w->found.count);
    struct place *places = places_of(w->a, ret->replaced, ret->replaced_count);
    struct listed *listed = NULL;
    size_t count = 0;

    for (size_t i = 0; i < w->found.count; i++) {
        const struct found *f = &w->found.items[i];
        bool own = str_eq(f->boundary.by, f->boundary.accepted);

        /* a boundary that is replaced itself imports the new instance by being new */
        if (!(w->groups.items[f->group].fates & FATE_TAKEN) ||
                (!own && find_place(places, f->boundary.by)) || is_listed(&listed, w->a, f)) {
            continue;
        }
        const struct place *place = find_place(places, f->boundary.accepted);

        list[count] = (struct placed_boundary){ .boundary = f->boundary,
            .place = place ? place->index : ret->replaced_count,
            .index = count };
        count++;
    }
    if (count > 0) {
        qsort(list, count, sizeof(*list), compare_places);
    }
    ret->boundaries = arena_array(w->a, struct plan_boundary, count);
    for (size_t i = 0; i < count; i++) {
        ret->boundaries[ret->boundary_count++] = list[i].boundary;
    }
    HASH_CLEAR(hh, listed);
    HASH_CLEAR(hh, places);
}

/* What goes away is not replaced first, and takes nothing. */
static void leave_out_pruned(struct plan *plan, struct arena *a)
{
    struct place *pruned = places_of(a, plan->pruned, plan->pruned_count);
    size_t count = 0;

    if (!pruned) {
        return;
    }
    for (size_t i = 0; i < plan->replaced_count; i++) {
        if (!find_place(pruned, plan->replaced[i])) {
            plan->replaced[count++] = plan->replaced[i];
        }
    }
    plan->replaced_count = count;
    count = 0;
    for (size_t i = 0; i < plan->boundary_count; i++) {
        if (!find_place(pruned, plan->boundaries[i].by) &&
                !find_place(pruned, plan->boundaries[i].accepted)) {
            plan->boundaries[count++] = plan->boundaries[i];
        }
    }
    plan->boundary_count = count;
    HASH_CLEAR(hh, pruned);
}

static void add_to_chain(struct plan *plan, struct str url)
{
    if (plan->chain_count == 0 || !str_eq(plan->chain[plan->chain_count - 1], url)) {
        plan->chain[plan->chain_count++] = url;
    }
}

/* The shortest way from the changed module to a dead end. */
static void list_chain(struct walk *w, const struct visit *start, struct plan *ret)
{
    const struct ways *ways = &w->ways_up;
    size_t *queue = arena_array(w->a, size_t, w->groups.count + 1);
    size_t end = PLAN_NONE;
    size_t count = 0;

    queue[count++] = start->group;
    w->groups.items[start->group].reached = true;
    for (size_t at = 0; at < count && end == PLAN_NONE; at++) {
        if (w->groups.items[queue[at]].ended) {
            end = queue[at];
            break;
        }
        for (size_t i = ways->starts[queue[at]]; i < ways->starts[queue[at] + 1]; i++) {
            size_t above = w->ups.items[ways->ups[i]].to->group;
            struct group *to = &w->groups.items[above];

            if (!to->reached) {
                to->reached = true;
                to->reached_by = ways->ups[i];
                queue[count++] = above;
            }
        }
    }
    ret->chain = arena_array(w->a, struct str, 2 * w->groups.count + 4);
    add_to_chain(ret, node_url(start->node));
    if (end == PLAN_NONE) {
        return; /* importers in a circle, none of which is a root or accepts */
    }
    size_t steps = 0;

    for (size_t g = end; w->groups.items[g].reached_by != PLAN_NONE;
            g = w->ups.items[w->groups.items[g].reached_by].from->group) {
        queue[steps++] = w->groups.items[g].reached_by;
    }
    while (steps > 0) {
        const struct up *up = &w->ups.items[queue[--steps]];

        add_to_chain(ret, node_url(up->from->node));
        add_to_chain(ret, node_url(up->to->node));
    }
    const struct group *g = &w->groups.items[end];

    add_to_chain(ret, node_url(g->ended_at->node));
    if (g->ended_by.len > 0) {
        add_to_chain(ret, g->ended_by);
    }
    ret->by_worker = g->by_worker;
}

static void list_refused(
        struct walk *w, struct node *const *changed, size_t changed_count, struct plan *ret)
{
    ret->refused = arena_array(w->a, struct str, changed_count);
    for (size_t i = 0; i < changed_count; i++) {
        const struct visit *v = plan_find_visit(w, changed[i]);

        if (!v || !w->groups.items[v->group].refused) {
            continue;
        }
        if (ret->refused_count == 0) {
            list_chain(w, v, ret);
        }
        ret->refused[ret->refused_count++] = node_url(changed[i]);
    }
}

static void make(struct graph *graph, const struct page *page, struct node *const *changed,
        size_t changed_count, const struct node *unwilling, struct arena *a, struct plan *ret)
{
    struct plan_nodes all = { 0 };
    struct walk w;

    *ret = (struct plan){ 0 };
    for (size_t i = 0; i < changed_count; i++) {
        vec_push(&all, changed[i]);
    }
    plan_search(&w, graph, page, unwilling, &all, a);
    list_replaced(&w, ret);
    list_boundaries(&w, ret);
    list_refused(&w, all.items, all.count, ret);

    struct node **moved = arena_array(a, struct node *, all.count);
    size_t moved_count = 0;

    for (size_t i = 0; i < all.count; i++) {
        if (plan_is_replaced(&w, all.items[i])) {
            moved[moved_count++] = all.items[i];
        }
    }
    prune_find(page, moved, moved_count, a, &ret->pruned, &ret->pruned_count);
    leave_out_pruned(ret, a);
    plan_search_finish(&w);
    vec_finish(&all);
}

void plan_make(struct graph *graph, const struct page *page, struct node *const *changed,
        size_t changed_count, struct arena *a, struct plan *ret)
{
    make(graph, page, changed, changed_count, NULL, a, ret);
}

void plan_invalidate(struct graph *graph, const struct page *page, struct node *node,
        struct arena *a, struct plan *ret)
{
    size_t count;
    struct node **unit = graph_unit(graph, node, a, &count);
    size_t loaded = 0;

    for (size_t i = 0; i < count; i++) {
        loaded += page_find_node(page, unit[i]) != NULL;
    }
    if (loaded > 1) {
        /* any importer in the circle would bring the module back, which would say the same again */
        *ret = (struct plan){ .refused = arena_array(a, struct str, 1),
            .refused_count = 1,
            .chain = arena_array(a, struct str, 2),
            .chain_count = 2 };
        ret->refused[0] = ret->chain[0] = node_url(node);
        ret->chain[1] = node_url(unit[0] == node ? unit[1] : unit[0]);
        return;
    }
    make(graph, page, &node, 1, node, a, ret);
}
