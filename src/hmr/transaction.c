/* SPDX-License-Identifier: MIT */
#include "hmr/transaction.h"

#include "base/table.h"
#include "base/vec.h"
#include "hmr/climb.h"
#include "hmr/prune.h"

/* Nodes to look at, each once. */
struct checked {
    struct node *node; /* the key */
    UT_hash_handle hh;
};

/* What is wrong with a module that the page will not reach any more is no matter. */
struct check {
    struct graph *graph;
    const struct page *page;
    const struct module_loader *loader;
    struct arena arena;
    struct checked *seen;
    struct node **items;
    size_t count, cap;
};

static const struct page_module *module_of(const struct page *page, const struct node *node)
{
    const struct page_module *m = page_find_node(page, node);

    return m && m->by_page ? m : NULL;
}

static void load(const struct module_loader *loader, struct node *node)
{
    if (loader && loader->load && !node_current(node)) {
        loader->load(loader->ctx, node);
    }
}

/* False if it is there already. */
static bool add_seen(struct check *c, struct node *node)
{
    struct checked *known = NULL;

    HASH_FIND_PTR(c->seen, &node, known);
    if (known) {
        return false;
    }
    known = arena_new(&c->arena, struct checked);
    known->node = node;
    HASH_ADD_PTR(c->seen, node, known);
    return true;
}

static void look_at(struct check *c, struct node *node)
{
    if (c->count < TRANSACTION_CHECKS_MAX && add_seen(c, node)) {
        vec_push(c, node);
    }
}

static void leave_out(void *ctx, struct str url)
{
    struct check *c = ctx;
    struct node *node = graph_find(c->graph, url);

    if (node) {
        (void)add_seen(c, node);
    }
}

/* The modules that wait; what nothing reaches without their old versions is not looked at. */
static struct node **begin_check(struct check *c, size_t *ret_count)
{
    struct str *pruned;
    size_t count;
    bool fresh;
    struct node **waiting = page_waiting(c->page, &c->arena, ret_count, &fresh);

    prune_find(c->page, waiting, *ret_count, &c->arena, &pruned, &count);
    for (size_t i = 0; i < count; i++) {
        leave_out(c, pruned[i]);
    }
    page_each_pruned(c->page, leave_out, c);
    return waiting;
}

static void look_at_importer(void *ctx, struct node *importer)
{
    struct check *c = ctx;

    if (module_of(c->page, importer) && node_kind_of(importer) == NODE_JS) {
        look_at(c, importer);
    }
}

static bool same_message(const struct diag *a, const struct diag *b)
{
    return a->line == b->line && a->col == b->col && str_eq(a->path, b->path) &&
           str_eq(a->text, b->text);
}

static void add_new(struct diag_list *diags, const struct diag_list *found)
{
    for (size_t i = 0; i < found->count; i++) {
        size_t k = 0;

        while (k < diags->count && !same_message(&diags->items[k], &found->items[i])) {
            k++;
        }
        if (k == diags->count) {
            diag_list_add(diags, &found->items[i]);
        }
    }
}

/* What the node imports and the page has not got is judged with it; `load` has read it. */
static void look_below(struct check *c, struct node *node)
{
    const struct edition *ed = node_current(node);

    for (size_t i = 0; ed && i < edition_edge_count(ed); i++) {
        enum dep_kind kind = edition_edge(ed, i)->kind;
        struct node *to = edition_target(ed, i);

        if (!to || (kind != DEP_IMPORT && kind != DEP_REEXPORT)) {
            continue;
        }
        load(c->loader, to);
        if (!module_of(c->page, to) && node_kind_of(to) == NODE_JS) {
            look_at(c, to);
        }
    }
}

/* Looks at all that is in line, and at what that brings. */
static bool finish_check(struct check *c, struct diag_list *diags)
{
    struct diag_list found = { 0 };
    bool good = true;

    for (size_t i = 0; i < c->count; i++) {
        look_below(c, c->items[i]);
        good &= graph_check(c->graph, c->items[i], &found);
    }
    add_new(diags, &found);
    diag_list_finish(&found);
    HASH_CLEAR(hh, c->seen);
    arena_finish(&c->arena);
    vec_finish(c);
    return good;
}

bool transaction_check(struct graph *graph, const struct page *page,
        const struct module_loader *loader, struct diag_list *diags)
{
    struct check c = { .graph = graph, .page = page, .loader = loader };
    size_t count;
    struct node **waiting = begin_check(&c, &count);

    for (size_t i = 0; i < count; i++) {
        look_at(&c, waiting[i]);
        graph_each_importer(graph, waiting[i], look_at_importer, &c);
    }
    return finish_check(&c, diags);
}

/* A sheet that a tool makes can be bad, as a module can. */
static bool is_made_sheet(const struct node *node)
{
    return node_kind_of(node) == NODE_CSS && node_current(node) &&
           edition_is_made(node_current(node));
}

bool transaction_check_all(struct graph *graph, const struct page *page,
        const struct module_loader *loader, struct diag_list *diags)
{
    struct check c = { .graph = graph, .page = page, .loader = loader };
    size_t count;

    (void)begin_check(&c, &count);
    for (const struct page_module *m = page_next_module(page, NULL); m;
            m = page_next_module(page, m)) {
        if (m->by_page && m->node && (node_kind_of(m->node) == NODE_JS || is_made_sheet(m->node))) {
            look_at(&c, m->node);
        }
    }
    return finish_check(&c, diags);
}

static bool raise_all(struct graph *graph, const struct str *urls, size_t count, uint64_t seq)
{
    bool raised = false;

    for (size_t i = 0; i < count; i++) {
        struct node *node = graph_find(graph, urls[i]);

        if (node && node_stamp(node) < seq) {
            node_raise_stamp(node, seq);
            raised = true;
        }
    }
    return raised;
}

/*
 * True when a stamp was raised, so that other pages may have to be planned again. What is pruned has
 * another name if it is imported again: under the old one the browser would not run it once more.
 */
static bool raise_stamps(struct graph *graph, const struct plan *plan, uint64_t seq)
{
    bool replaced = raise_all(graph, plan->replaced, plan->replaced_count, seq);
    bool pruned = raise_all(graph, plan->pruned, plan->pruned_count, seq);

    return replaced || pruned;
}

struct page_step *transaction_plan(struct graph *graph, struct pages *pages, struct page *only,
        uint64_t seq, const struct module_loader *loader, struct arena *a, struct diag_list *diags,
        size_t *ret_count)
{
    struct page_step *steps = arena_array(a, struct page_step, only ? 1 : pages_count(pages));
    size_t count = 0;
    bool raised = true;

    for (struct page *p = only ? only : pages_first(pages); p; p = only ? NULL : pages_next(p)) {
        size_t waiting;
        bool fresh;

        (void)page_waiting(p, a, &waiting, &fresh);
        if (fresh && !page_is_busy(p)) {
            steps[count].page = p;
            steps[count].bad = !transaction_check(graph, p, loader, diags);
            count++;
        }
    }
    /* what is replaced for one page has another name in all: each round can only add modules */
    while (raised) {
        raised = false;
        for (size_t i = 0; i < count; i++) {
            size_t waiting;
            bool fresh;

            if (!steps[i].bad) {
                struct node **nodes = page_waiting(steps[i].page, a, &waiting, &fresh);

                plan_make(graph, steps[i].page, nodes, waiting, a, &steps[i].plan);
                raised |= raise_stamps(graph, &steps[i].plan, seq) && count > 1;
            }
        }
    }
    *ret_count = count;
    return steps;
}

void transaction_find_workers(
        struct graph *graph, struct pages *pages, struct node *const *changed, size_t changed_count)
{
    struct arena a = { 0 };
    struct node **way;
    struct node **starters;
    size_t way_count;
    size_t starter_count;

    climb_to_workers(
            graph, changed, changed_count, &a, &way, &way_count, &starters, &starter_count);
    for (struct page *p = pages_first(pages); p && starter_count > 0; p = pages_next(p)) {
        bool runs = false;

        for (size_t i = 0; i < starter_count && !runs; i++) {
            runs = module_of(p, starters[i]) != NULL;
        }
        for (size_t i = 0; runs && i < way_count; i++) {
            page_use_by_worker(pages, p, way[i]);
        }
    }
    arena_finish(&a);
}
