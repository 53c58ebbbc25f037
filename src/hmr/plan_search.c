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
#include <assert.h>

#include "base/vec.h"
#include "hmr/pages.h"
#include "hmr/plan_private.h"

struct visit *plan_find_visit(const struct walk *w, const struct node *node)
{
    struct visit *v = NULL;

    HASH_FIND_PTR(w->visits, &node, v);
    return v;
}

static struct visit *add_visit(struct walk *w, struct node *node, size_t group)
{
    struct visit *v = arena_new(w->a, struct visit);

    v->node = node;
    v->m = page_find_node(w->page, node);
    v->group = group;
    HASH_ADD_PTR(w->visits, node, v);
    return v;
}

/* The visit of the node; with it its whole unit is put in line. */
static struct visit *visit(struct walk *w, struct node *node)
{
    struct visit *v = plan_find_visit(w, node);
    struct group g = { .reached_by = PLAN_NONE };
    size_t count;

    if (v) {
        return v;
    }
    struct node **members = graph_unit(w->graph, node, w->a, &count);

    g.members = arena_array(w->a, struct visit *, count);
    for (size_t i = 0; i < count; i++) {
        if (members[i] == node || page_find_node(w->page, members[i])) {
            g.members[g.member_count++] = add_visit(w, members[i], w->groups.count);
        }
    }
    vec_push(&w->groups, g);
    return plan_find_visit(w, node);
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
    size_t count = 0;
    const uint32_t *edges = ed ? edition_edges_to(ed, to->node, &count) : NULL;

    for (size_t i = 0; i < count; i++) {
        const struct edge *e = edition_edge(ed, edges[i]);

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
        .accepted = s->v->node,
        .group = s->group };

    s->w->groups.items[s->group].fates |= FATE_ALIVE;
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
    if (s->w->unwilling && plan_find_visit(s->w, importer)->node == s->w->unwilling) {
        struct group *g = &s->w->groups.items[s->group];

        g->ended = true;
        g->ended_at = s->v;
        g->ended_by = node_url(importer);
    }
}

static void ask_importer(void *ctx, struct node *importer)
{
    struct step *s = ctx;
    const struct page_module *p = page_find_node(s->w->page, importer);
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

    if (g->fates == 0 && !g->ended && w->ups.count == ups) {
        g->ended = true; /* nobody imports it: a root, however the page came to it */
        g->ended_at = g->members[0];
    }
}

/* Sorts `ups` by the group at one of their ends. */
static struct ways sort_ups(const struct walk *w, bool by_to)
{
    struct ways ways = { .starts = arena_array(w->a, size_t, w->groups.count + 2),
        .ups = arena_array(w->a, size_t, w->ups.count) };
    size_t *next = ways.starts + 1; /* in the end the start of the group behind */

    for (size_t i = 0; i < w->ups.count; i++) {
        const struct up *up = &w->ups.items[i];

        ways.starts[(by_to ? up->to : up->from)->group + 2]++;
    }
    for (size_t i = 2; i < w->groups.count + 2; i++) {
        ways.starts[i] += ways.starts[i - 1];
    }
    for (size_t i = 0; i < w->ups.count; i++) {
        const struct up *up = &w->ups.items[i];

        ways.ups[next[(by_to ? up->to : up->from)->group]++] = i;
    }
    return ways;
}

/* Gives the fate of a unit to all that `ways` lead to from it. */
static void spread(struct walk *w, const struct ways *ways, bool down, enum fate fate)
{
    size_t *line = arena_array(w->a, size_t, w->groups.count);
    size_t count = 0;

    for (size_t i = 0; i < w->groups.count; i++) {
        if (w->groups.items[i].fates & fate) {
            line[count++] = i;
        }
    }
    for (size_t at = 0; at < count; at++) {
        for (size_t i = ways->starts[line[at]]; i < ways->starts[line[at] + 1]; i++) {
            const struct up *up = &w->ups.items[ways->ups[i]];
            size_t other = (down ? up->from : up->to)->group;

            if (!(w->groups.items[other].fates & fate)) {
                w->groups.items[other].fates |= fate;
                line[count++] = other;
            }
        }
    }
}

/* Carries what the units came to down to those that led to them, and what is taken up. */
static void judge(struct walk *w)
{
    struct ways ways_down = sort_ups(w, true);

    w->ways_up = sort_ups(w, false);
    for (size_t i = 0; i < w->groups.count; i++) {
        w->groups.items[i].fates |= w->groups.items[i].ended ? FATE_DEAD : 0;
    }
    spread(w, &ways_down, true, FATE_DEAD);
    spread(w, &ways_down, true, FATE_ALIVE);
    for (size_t i = 0; i < w->groups.count; i++) {
        struct group *g = &w->groups.items[i];

        g->refused = g->changed && (g->fates & (FATE_DEAD | FATE_ALIVE)) != FATE_ALIVE;
        g->fates |= g->changed && !g->refused ? FATE_TAKEN : 0;
    }
    spread(w, &w->ways_up, false, FATE_TAKEN);
}

bool plan_is_replaced(const struct walk *w, const struct node *node)
{
    const struct visit *v = plan_find_visit(w, node);

    return v && (w->groups.items[v->group].fates & FATE_TAKEN) && v->m && v->m->by_page &&
           (node != w->unwilling || w->unwilling_given);
}

static void note_given(struct walk *w)
{
    for (size_t i = 0; w->unwilling && i < w->found.count; i++) {
        const struct found *f = &w->found.items[i];

        w->unwilling_given =
                w->unwilling_given ||
                ((w->groups.items[f->group].fates & FATE_TAKEN) && f->accepted == w->unwilling);
    }
}

/* ---- what has to join ---- */

struct joined {
    struct node *node; /* the key */
    UT_hash_handle hh;
};

/* The modules that were found to be replaced, and those that join them. */
struct join {
    const struct walk *w;
    struct plan_nodes line;
    struct joined *joined;
};

static bool is_joined(const struct join *j, const struct node *node)
{
    struct joined *known = NULL;

    HASH_FIND_PTR(j->joined, &node, known);
    return known != NULL;
}

/* Whether the page runs another instance of the edge's module than the graph names. */
static bool splits(const struct join *j, struct node *to, enum dep_kind kind)
{
    const struct walk *w = j->w;
    const struct page_module *m = to ? page_find_node(w->page, to) : NULL;

    if (!m || !m->by_page || node_kind_of(to) != NODE_JS || kind == DEP_WORKER ||
            kind == DEP_NEW_URL || stamp_eq(m->stamp, (struct stamp){ .seq = node_stamp(to) })) {
        return false;
    }
    const struct visit *v = plan_find_visit(w, to);
    bool asked = to == w->unwilling || (v && w->groups.items[v->group].changed);

    return !asked && !plan_is_replaced(w, to) && !is_joined(j, to);
}

/*
 * A module that is to be replaced imports one that stays, in another instance than this page runs:
 * it was replaced for another page, or this page has taken it back. The page would run it twice. So
 * it joins, and what it imports is looked at in turn. False if none has to.
 */
static bool add_joining(const struct walk *w, struct plan_nodes *changed)
{
    struct join j = { .w = w };
    size_t before = changed->count;

    for (size_t i = 0; i < w->groups.count; i++) {
        const struct group *g = &w->groups.items[i];

        for (size_t k = 0; (g->fates & FATE_TAKEN) && k < g->member_count; k++) {
            vec_push(&j.line, g->members[k]->node);
        }
    }
    for (size_t i = 0; i < j.line.count; i++) {
        const struct edition *ed = node_current(j.line.items[i]);

        for (size_t e = 0; ed && e < edition_edge_count(ed); e++) {
            struct node *to = edition_target(ed, e);

            if (splits(&j, to, edition_edge(ed, e)->kind)) {
                struct joined *known = arena_new(w->a, struct joined);

                known->node = to;
                HASH_ADD_PTR(j.joined, node, known);
                vec_push(&j.line, to);
                vec_push(changed, to);
            }
        }
    }
    HASH_CLEAR(hh, j.joined);
    vec_finish(&j.line);
    return changed->count > before;
}

void plan_search_finish(struct walk *w)
{
    HASH_CLEAR(hh, w->visits);
    vec_finish(&w->groups);
    vec_finish(&w->ups);
    vec_finish(&w->found);
}

static void search(struct walk *w, const struct plan_nodes *changed)
{
    for (size_t i = 0; i < changed->count; i++) {
        if (page_find_node(w->page, changed->items[i])) {
            size_t group = visit(w, changed->items[i])->group;

            w->groups.items[group].changed = true;
        }
    }
    for (size_t i = 0; i < w->groups.count; i++) {
        walk_group(w, i);
    }
    judge(w);
    note_given(w);
}

void plan_search(struct walk *w, struct graph *graph, const struct page *page,
        const struct node *unwilling, struct plan_nodes *changed, struct arena *a)
{
    *w = (struct walk){ .graph = graph, .page = page, .a = a, .unwilling = unwilling };
    search(w, changed);
    /* each round has more changes than the one before; what joins may lead up to importers */
    while (add_joining(w, changed)) {
        plan_search_finish(w);
        *w = (struct walk){ .graph = graph, .page = page, .a = a, .unwilling = unwilling };
        search(w, changed);
    }
}
