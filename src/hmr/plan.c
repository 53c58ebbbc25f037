/* SPDX-License-Identifier: MIT */
/*
 * The search goes up from the changed modules through their importers in the
 * page, one unit at a time, and notes which unit led to which. What a unit comes
 * to (a boundary, a dead end, both) is then carried back down to the changes, so
 * that each is judged by all ways that lead up from it, and none twice.
 *
 * A unit is taken whole: new instances of a part of a circle would import the old
 * rest of it, and the page would run some modules twice.
 */
#include "hmr/plan.h"

#include <assert.h>

#include "base/table.h"
#include "base/vec.h"
#include "hmr/pages.h"
#include "hmr/prune.h"

enum { JOIN_ROUNDS_MAX = 64 };

#define NONE SIZE_MAX

struct visit {
    struct node *node; /* the key */
    const struct page_module *m;
    size_t group;
    UT_hash_handle hh;
};

/* A unit, as far as the page has loaded it. */
struct group {
    struct visit **members;
    size_t member_count;
    bool changed;
    bool alive;   /* a boundary takes it, or something above it */
    bool dead;    /* a way from it ends at a root */
    bool refused; /* changed, and not taken */
    bool taken;   /* gets new instances */
    bool ended;   /* the dead end is here */
    const struct visit *ended_at;
    struct str ended_by; /* the module that started the worker; empty otherwise */
    bool by_worker;
    size_t reached_by; /* the way of the search for a chain: an index of `ups`, or NONE */
    bool reached;
};

/* `to` imports `from`, and does not accept it. */
struct up {
    struct visit *from, *to;
};

struct found {
    struct plan_boundary boundary;
    size_t group;
};

struct group_list {
    struct group *items;
    size_t count, cap;
};

struct up_list {
    struct up *items;
    size_t count, cap;
};

struct found_list {
    struct found *items;
    size_t count, cap;
};

struct walk {
    struct graph *graph;
    const struct page *page;
    struct arena *a;
    const struct node *unwilling; /* said that it cannot take an update; NULL if none did */
    bool unwilling_given;         /* ... but an importer takes a new instance of it */
    struct visit *visits;
    struct group_list groups;
    struct up_list ups;
    struct found_list found;
};

static const struct page_module *module_of(const struct page *page, const struct node *node)
{
    return page_find_node(page, node);
}

static struct visit *find_visit(const struct walk *w, struct node *node)
{
    struct visit *v = NULL;

    HASH_FIND_PTR(w->visits, &node, v);
    return v;
}

static struct visit *add_visit(struct walk *w, struct node *node, size_t group)
{
    struct visit *v = arena_new(w->a, struct visit);

    v->node = node;
    v->m = module_of(w->page, node);
    v->group = group;
    HASH_ADD_PTR(w->visits, node, v);
    return v;
}

/* The visit of the node; with it its whole unit is put in line. */
static struct visit *visit(struct walk *w, struct node *node)
{
    struct visit *v = find_visit(w, node);
    struct group g = { .reached_by = NONE };
    size_t count;

    if (v) {
        return v;
    }
    struct node **members = graph_unit(w->graph, node, w->a, &count);

    g.members = arena_array(w->a, struct visit *, count);
    for (size_t i = 0; i < count; i++) {
        if (members[i] == node || module_of(w->page, members[i])) {
            g.members[g.member_count++] = add_visit(w, members[i], w->groups.count);
        }
    }
    vec_push(&w->groups, g);
    return find_visit(w, node);
}

static bool has_name(const struct str *names, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(names[i], name)) {
            return true;
        }
    }
    return false;
}

/* How an importer's running text depends on a module. */
struct relation {
    bool imports;
    bool starts_worker;
    bool only_accepted; /* it takes no names but those that the module accepts changes of */
};

static bool takes_only(const struct edge *e, const struct page_module *m)
{
    if (e->kind != DEP_IMPORT && (e->kind != DEP_REEXPORT || e->name_count == 0)) {
        return false;
    }
    for (size_t i = 0; i < e->name_count; i++) {
        if (!has_name(m->exports, m->export_count, e->names[i].name)) {
            return false;
        }
    }
    return true;
}

static struct relation relate(const struct page_module *importer, const struct visit *to)
{
    struct relation r = { .only_accepted = true };
    const struct edition *ed = importer->edition;

    for (size_t i = 0; ed && i < edition_edge_count(ed); i++) {
        const struct edge *e = edition_edge(ed, i);

        if (edition_target(ed, i) != to->node) {
            continue;
        }
        switch (e->kind) {
        case DEP_WORKER: r.starts_worker = true; break;
        case DEP_IMPORT:
        case DEP_REEXPORT:
        case DEP_DYNAMIC:
        case DEP_DYNAMIC_EXPR:
        case DEP_GLOB:
        case DEP_SCRIPT:
        case DEP_MODULE:
            r.imports = true;
            r.only_accepted = r.only_accepted && to->m && takes_only(e, to->m);
            break;
        case DEP_NEW_URL:
        case DEP_CSS_IMPORT:
        case DEP_CSS_URL:
        case DEP_STYLESHEET:
        case DEP_PICTURE: break;
        }
    }
    return r;
}

/* One step up: the module whose importers are asked. */
struct step {
    struct walk *w;
    size_t group;
    struct visit *v;
    bool takes_itself;
};

static void add_found(struct step *s, struct str by)
{
    struct found f = { .boundary = { .by = by, .accepted = node_url(s->v->node) },
        .group = s->group };

    s->w->groups.items[s->group].alive = true;
    vec_push(&s->w->found, f);
}

/* A file that is gone can be taken by nobody; only those that imported it can go on without it. */
static bool is_there(const struct node *node)
{
    return !node_current(node) || edition_exists(node_current(node));
}

static bool is_inline_of(struct str key, const struct node *document)
{
    size_t at = str_find_str(key, STR("?inline="));
    struct str head = str_sub(key, 0, at == STR_NONE ? 0 : at);

    return head.len > 0 &&
           (str_eq(head, node_url(document)) || str_eq(str_skip(head, 1), node_path(document)));
}

/* The key under which `importer` accepts the module; empty if it does not. */
static struct str accepts(const struct step *s, const struct page_module *importer)
{
    struct str url = node_url(s->v->node);
    const struct page_module *script;

    if (!is_there(s->v->node)) {
        return (struct str){ NULL, 0 };
    }
    if (has_name(importer->deps, importer->dep_count, url)) {
        return importer->url;
    }
    if (importer->node && node_kind_of(importer->node) == NODE_DOCUMENT) {
        for (size_t i = 0; (script = page_inline_script(s->w->page, i)) != NULL; i++) {
            if (is_inline_of(script->url, importer->node) &&
                    has_name(script->deps, script->dep_count, url)) {
                return script->url;
            }
        }
    }
    return (struct str){ NULL, 0 };
}

static void go_up(struct step *s, struct node *importer)
{
    struct visit *to = visit(s->w, importer);

    /* a step within the unit says nothing new, unless it leads back to who gave the update away */
    if (to->group != s->group) {
        vec_push(&s->w->ups, ((struct up){ .from = s->v, .to = to }));
    }
    if (s->w->unwilling && find_visit(s->w, importer)->node == s->w->unwilling) {
        struct group *g = &s->w->groups.items[s->group];

        g->ended = true;
        g->ended_at = s->v;
        g->ended_by = node_url(importer);
    }
}

static void ask_importer(void *ctx, struct node *importer)
{
    struct step *s = ctx;
    const struct page_module *p = module_of(s->w->page, importer);
    const struct page_module *m = s->v->m;

    if (!p) {
        return;
    }
    struct relation r = relate(p, s->v);
    struct group *g = &s->w->groups.items[s->group];

    if (r.starts_worker) {
        g->ended = g->by_worker = true;
        g->ended_at = s->v;
        g->ended_by = node_url(importer);
    }
    if (!r.imports) {
        return;
    }
    if (p->by_worker && (!m || m->by_worker)) {
        go_up(s, importer); /* nothing is accepted in a worker */
    } else if (p->by_page && !s->takes_itself) {
        struct str by = accepts(s, p);

        if (by.len > 0) {
            add_found(s, by);
        } else if (!m || m->export_count == 0 || !r.only_accepted ||
                   s->v->node == s->w->unwilling) {
            go_up(s, importer);
        }
    }
}

static void ask_expr_importer(void *ctx, const struct page_module *importer)
{
    struct step *s = ctx;

    if (!importer->node || s->takes_itself) {
        return;
    }
    struct str by = accepts(s, importer);

    if (by.len > 0) {
        add_found(s, by);
    } else {
        go_up(s, importer->node);
    }
}

static void walk_group(struct walk *w, size_t index)
{
    size_t ups = w->ups.count;

    for (size_t i = 0; i < w->groups.items[index].member_count; i++) {
        struct visit *v = w->groups.items[index].members[i];
        /* a script in the document cannot be run again by itself, whatever it accepts */
        bool is_inline = str_find_str(node_url(v->node), STR("?inline=")) != STR_NONE;
        bool willing = v->m && v->node != w->unwilling && !is_inline && is_there(v->node);
        struct step s = { .w = w, .group = index, .v = v };

        if (node_kind_of(v->node) == NODE_DOCUMENT) {
            w->groups.items[index].ended = true;
            w->groups.items[index].ended_at = v;
            continue;
        }
        s.takes_itself = willing && v->m->accepts_self;
        if (s.takes_itself || (willing && v->m->export_count > 0)) {
            add_found(&s, node_url(v->node));
        }
        graph_each_importer(w->graph, v->node, ask_importer, &s);
        page_each_expr_importer(w->page, node_url(v->node), ask_expr_importer, &s);
    }
    struct group *g = &w->groups.items[index];

    if (!g->alive && !g->ended && w->ups.count == ups) {
        g->ended = true; /* nobody imports it: a root, however the page came to it */
        g->ended_at = g->members[0];
    }
}

/* Carries what the units came to down to those that led to them. */
static void judge(struct walk *w)
{
    bool moved = true;

    for (size_t i = 0; i < w->groups.count; i++) {
        w->groups.items[i].dead = w->groups.items[i].ended;
    }
    while (moved) {
        moved = false;
        /* mostly a unit is noted before those above it: backwards, one round nearly always does */
        for (size_t i = w->ups.count; i-- > 0;) {
            struct group *from = &w->groups.items[w->ups.items[i].from->group];
            const struct group *to = &w->groups.items[w->ups.items[i].to->group];

            if ((to->dead && !from->dead) || (to->alive && !from->alive)) {
                from->dead = from->dead || to->dead;
                from->alive = from->alive || to->alive;
                moved = true;
            }
        }
    }
    for (size_t i = 0; i < w->groups.count; i++) {
        struct group *g = &w->groups.items[i];

        g->refused = g->changed && (g->dead || !g->alive);
        g->taken = g->changed && !g->refused;
    }
    moved = true;
    while (moved) {
        moved = false;
        for (size_t i = 0; i < w->ups.count; i++) {
            struct group *to = &w->groups.items[w->ups.items[i].to->group];

            if (w->groups.items[w->ups.items[i].from->group].taken && !to->taken) {
                to->taken = moved = true;
            }
        }
    }
}

static bool is_replaced(const struct walk *w, struct node *node)
{
    const struct visit *v = find_visit(w, node);

    return v && w->groups.items[v->group].taken && v->m && v->m->by_page &&
           (node != w->unwilling || w->unwilling_given);
}

static void note_given(struct walk *w)
{
    for (size_t i = 0; w->unwilling && i < w->found.count; i++) {
        const struct found *f = &w->found.items[i];

        w->unwilling_given =
                w->unwilling_given || (w->groups.items[f->group].taken &&
                                              str_eq(f->boundary.accepted, node_url(w->unwilling)));
    }
}

/*
 * A module that is to be replaced imports one that stays, in another instance than this page runs:
 * it was replaced for another page, or this page has taken it back. The page would run it twice.
 */
static struct node *find_split(const struct walk *w)
{
    for (size_t i = 0; i < w->groups.count; i++) {
        const struct group *g = &w->groups.items[i];

        for (size_t k = 0; g->taken && k < g->member_count; k++) {
            const struct edition *ed = node_current(g->members[k]->node);

            for (size_t e = 0; ed && e < edition_edge_count(ed); e++) {
                struct node *to = edition_target(ed, e);
                const struct page_module *m = to ? module_of(w->page, to) : NULL;
                enum dep_kind kind = edition_edge(ed, e)->kind;

                if (m && m->by_page && node_kind_of(to) == NODE_JS && !is_replaced(w, to) &&
                        kind != DEP_WORKER && kind != DEP_NEW_URL &&
                        !stamp_eq(m->stamp, (struct stamp){ .seq = node_stamp(to) })) {
                    const struct visit *v = find_visit(w, to);

                    if (to == w->unwilling || (v && w->groups.items[v->group].changed)) {
                        continue; /* it was asked already */
                    }
                    return to;
                }
            }
        }
    }
    return NULL;
}

static void finish(struct walk *w)
{
    HASH_CLEAR(hh, w->visits);
    vec_finish(&w->groups);
    vec_finish(&w->ups);
    vec_finish(&w->found);
}

static void search(struct walk *w, struct node *const *changed, size_t changed_count)
{
    for (size_t i = 0; i < changed_count; i++) {
        if (module_of(w->page, changed[i])) {
            size_t group = visit(w, changed[i])->group;

            w->groups.items[group].changed = true;
        }
    }
    for (size_t i = 0; i < w->groups.count; i++) {
        walk_group(w, i);
    }
    judge(w);
    note_given(w);
}

/* ---- the answer ---- */

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
            struct visit *v = to ? find_visit(w, to) : NULL;

            if (v && is_replaced(w, to) && !placed[v->group]) {
                /* the first visit of a unit stands for all of it */
                placed[v->group] = to;
                vec_push(&way, ((struct level){ .node = to }));
            }
            continue;
        }
        const struct group *g = &w->groups.items[find_visit(w, here->node)->group];

        for (size_t i = 0; i < g->member_count; i++) {
            if (is_replaced(w, g->members[i]->node)) {
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
        count += w->groups.items[i].taken ? w->groups.items[i].member_count : 0;
    }
    ret->replaced = arena_array(w->a, struct str, count);
    for (size_t i = 0; i < w->groups.count; i++) {
        const struct group *g = &w->groups.items[i];

        if (g->taken && !placed[i]) {
            placed[i] = g->members[0]->node;
            put_in_order(w, g->members[0]->node, placed, ret);
        }
    }
}

static size_t place_of(const struct plan *plan, struct str url)
{
    size_t i = 0;

    while (i < plan->replaced_count && !str_eq(plan->replaced[i], url)) {
        i++;
    }
    return i;
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

static void list_boundaries(struct walk *w, struct plan *ret)
{
    struct placed_boundary *list = arena_array(w->a, struct placed_boundary, w->found.count);
    size_t count = 0;

    for (size_t i = 0; i < w->found.count; i++) {
        const struct found *f = &w->found.items[i];
        bool own = str_eq(f->boundary.by, f->boundary.accepted);
        bool known = false;

        /* a boundary that is replaced itself imports the new instance by being new */
        if (!w->groups.items[f->group].taken ||
                (!own && place_of(ret, f->boundary.by) < ret->replaced_count)) {
            continue;
        }
        for (size_t k = 0; k < count && !known; k++) {
            known = str_eq(list[k].boundary.by, f->boundary.by) &&
                    str_eq(list[k].boundary.accepted, f->boundary.accepted);
        }
        if (!known) {
            list[count] = (struct placed_boundary){ .boundary = f->boundary,
                .place = place_of(ret, f->boundary.accepted),
                .index = count };
            count++;
        }
    }
    if (count > 0) {
        qsort(list, count, sizeof(*list), compare_places);
    }
    ret->boundaries = arena_array(w->a, struct plan_boundary, count);
    for (size_t i = 0; i < count; i++) {
        ret->boundaries[ret->boundary_count++] = list[i].boundary;
    }
}

/* What goes away is not replaced first, and takes nothing. */
static void leave_out_pruned(struct plan *plan)
{
    size_t count = 0;

    for (size_t i = 0; plan->pruned_count > 0 && i < plan->replaced_count; i++) {
        if (!has_name(plan->pruned, plan->pruned_count, plan->replaced[i])) {
            plan->replaced[count++] = plan->replaced[i];
        }
    }
    plan->replaced_count = plan->pruned_count > 0 ? count : plan->replaced_count;
    count = 0;
    for (size_t i = 0; plan->pruned_count > 0 && i < plan->boundary_count; i++) {
        if (!has_name(plan->pruned, plan->pruned_count, plan->boundaries[i].by) &&
                !has_name(plan->pruned, plan->pruned_count, plan->boundaries[i].accepted)) {
            plan->boundaries[count++] = plan->boundaries[i];
        }
    }
    plan->boundary_count = plan->pruned_count > 0 ? count : plan->boundary_count;
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
    size_t *queue = arena_array(w->a, size_t, w->groups.count + 1);
    size_t end = NONE;
    size_t count = 0;

    queue[count++] = start->group;
    w->groups.items[start->group].reached = true;
    for (size_t at = 0; at < count && end == NONE; at++) {
        if (w->groups.items[queue[at]].ended) {
            end = queue[at];
            break;
        }
        for (size_t i = 0; i < w->ups.count; i++) {
            struct group *to = &w->groups.items[w->ups.items[i].to->group];

            if (w->ups.items[i].from->group == queue[at] && !to->reached) {
                to->reached = true;
                to->reached_by = i;
                queue[count++] = w->ups.items[i].to->group;
            }
        }
    }
    ret->chain = arena_array(w->a, struct str, 2 * w->groups.count + 4);
    add_to_chain(ret, node_url(start->node));
    if (end == NONE) {
        return; /* importers in a circle, none of which is a root or accepts */
    }
    size_t steps = 0;

    for (size_t g = end; w->groups.items[g].reached_by != NONE;
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
        const struct visit *v = find_visit(w, changed[i]);

        if (!v || !w->groups.items[v->group].refused) {
            continue;
        }
        if (ret->refused_count == 0) {
            list_chain(w, v, ret);
        }
        ret->refused[ret->refused_count++] = node_url(changed[i]);
    }
}

struct node_list {
    struct node **items;
    size_t count, cap;
};

static void make(struct graph *graph, const struct page *page, struct node *const *changed,
        size_t changed_count, const struct node *unwilling, struct arena *a, struct plan *ret)
{
    struct walk w = { .graph = graph, .page = page, .a = a, .unwilling = unwilling };
    struct node_list all = { 0 };

    *ret = (struct plan){ 0 };
    for (size_t i = 0; i < changed_count; i++) {
        vec_push(&all, changed[i]);
    }
    search(&w, all.items, all.count);
    for (int round = 0; round < JOIN_ROUNDS_MAX; round++) {
        struct node *split = find_split(&w);

        if (!split) {
            break;
        }
        finish(&w);
        w = (struct walk){ .graph = graph, .page = page, .a = a, .unwilling = unwilling };
        vec_push(&all, split);
        search(&w, all.items, all.count);
    }
    list_replaced(&w, ret);
    list_boundaries(&w, ret);
    list_refused(&w, all.items, all.count, ret);

    struct node **moved = arena_array(a, struct node *, all.count);
    size_t moved_count = 0;

    for (size_t i = 0; i < all.count; i++) {
        if (is_replaced(&w, all.items[i])) {
            moved[moved_count++] = all.items[i];
        }
    }
    prune_find(page, moved, moved_count, a, &ret->pruned, &ret->pruned_count);
    leave_out_pruned(ret);
    finish(&w);
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
        loaded += module_of(page, unit[i]) != NULL;
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

/* ---- what a change concerns that no page has loaded as it is ---- */

struct climb {
    struct node_list line; /* all that was met */
    const struct node *below;
    struct node_list starters;
};

static bool is_in(const struct node_list *list, const struct node *node)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == node) {
            return true;
        }
    }
    return false;
}

static void climb_worker(void *ctx, struct node *importer)
{
    struct climb *c = ctx;
    const struct edition *ed = node_current(importer);

    for (size_t i = 0; ed && i < edition_edge_count(ed); i++) {
        enum dep_kind kind = edition_edge(ed, i)->kind;

        if (edition_target(ed, i) != c->below) {
            continue;
        }
        if (kind == DEP_WORKER) {
            if (!is_in(&c->starters, importer)) {
                vec_push(&c->starters, importer);
            }
        } else if (kind <= DEP_DYNAMIC && !is_in(&c->line, importer)) {
            vec_push(&c->line, importer);
        }
    }
}

void plan_find_workers(struct graph *graph, struct node *changed, struct arena *a,
        struct node ***ret_way, size_t *ret_way_count, struct node ***ret_starters,
        size_t *ret_starter_count)
{
    struct climb c = { 0 };

    *ret_way_count = *ret_starter_count = 0;
    if (!graph_has_workers(graph)) {
        return;
    }
    vec_push(&c.line, changed);
    for (size_t i = 0; i < c.line.count && i < PLAN_CLIMB_MAX; i++) {
        c.below = c.line.items[i];
        graph_each_importer(graph, c.below, climb_worker, &c);
    }
    *ret_way = arena_array(a, struct node *, c.line.count);
    *ret_starters = arena_array(a, struct node *, c.starters.count);
    for (size_t i = 0; i < c.line.count; i++) {
        (*ret_way)[(*ret_way_count)++] = c.line.items[i];
    }
    for (size_t i = 0; i < c.starters.count; i++) {
        (*ret_starters)[(*ret_starter_count)++] = c.starters.items[i];
    }
    vec_finish(&c.starters);
    vec_finish(&c.line);
}

struct sheets {
    struct node_list line;
    bool climbed; /* the node that is looked at stands in another sheet */
    bool direct;  /* something but a sheet names it */
};

static void climb_sheet(void *ctx, struct node *importer)
{
    struct sheets *s = ctx;
    enum node_kind kind = node_kind_of(importer);

    if (kind != NODE_CSS && kind != NODE_CSS_JS) {
        s->direct = true;
        return;
    }
    s->climbed = true;
    if (!is_in(&s->line, importer)) {
        vec_push(&s->line, importer);
    }
}

struct node **plan_find_sheets(
        const struct graph *graph, struct node *node, struct arena *a, size_t *ret_count)
{
    struct sheets s = { 0 };
    struct node_list roots = { 0 };
    struct node **found;

    vec_push(&s.line, node);
    for (size_t i = 0; i < s.line.count && i < PLAN_CLIMB_MAX; i++) {
        struct node *n = s.line.items[i];

        s.climbed = s.direct = false;
        graph_each_importer(graph, n, climb_sheet, &s);
        if ((s.direct || !s.climbed) &&
                (node_kind_of(n) == NODE_CSS || node_kind_of(n) == NODE_CSS_JS)) {
            vec_push(&roots, n);
        }
    }
    found = arena_array(a, struct node *, roots.count);
    *ret_count = 0;
    for (size_t i = 0; i < roots.count; i++) {
        found[(*ret_count)++] = roots.items[i];
    }
    vec_finish(&roots);
    vec_finish(&s.line);
    return found;
}
