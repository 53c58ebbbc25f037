/* SPDX-License-Identifier: MIT */
/* Pages of thousands of modules, of which thousands change at once. */
#include "hmr/plan.h"

#include <malloc.h>

#include "base/strbuf.h"
#include "hmr/pages.h"
#include "hmr/transaction.h"
#include "test.h"

enum { MANY = 10 * 1000, CHANGED = MANY / 2 };

struct world {
    struct arena a;
    struct graph *graph;
    struct pages *pages;
    struct page *page;
};

static void open_world(struct world *w)
{
    *w = (struct world){ .graph = graph_create() };
    w->pages = pages_create(w->graph);
    w->page = pages_add(w->pages, 3);
    page_set_url(w->page, STR("/"));
}

static void close_world(struct world *w)
{
    pages_destroy(w->pages);
    graph_destroy(w->graph);
    arena_finish(&w->a);
}

static struct str name(struct world *w, size_t i)
{
    return arena_printf(&w->a, "/m%zu.js", i);
}

/* The node of /mI.js in its edition `text`, which imports /mTO.js; SIZE_MAX: nothing. */
static struct node *edit(struct world *w, size_t i, uint64_t text, size_t to, enum dep_kind kind)
{
    struct str url = name(w, i);
    struct node *node = graph_get(w->graph, url, str_skip(url, 1), NODE_JS);
    struct str target = to == SIZE_MAX ? STR("") : name(w, to);
    struct edge edge = {
        .kind = kind, .url = target, .path = str_skip(target, 1), .target = NODE_JS
    };

    (void)graph_set_edition(w->graph, node,
            &(struct edition_facts){ .hash = { text, i + 1 },
                    .exists = true,
                    .edges = &edge,
                    .edge_count = to == SIZE_MAX ? 0 : 1 });
    return node;
}

static struct version version(uint64_t text, size_t i)
{
    return (struct version){ .known = true, .exists = true, .hash = { text, i + 1 } };
}

static void load(struct world *w, size_t i, struct stamp stamp)
{
    struct node *node = graph_find(w->graph, name(w, i));

    assert_true(page_register_module(
            w->pages, w->page, name(w, i), str_skip(name(w, i), 1), version(1, i), node, stamp));
}

static void accept_self(struct world *w, size_t i)
{
    page_set_hot(w->page, name(w, i), true, NULL, 0, NULL, 0);
}

static void mark(struct world *w, size_t i, uint64_t text)
{
    struct str path = str_skip(name(w, i), 1);

    assert_int_equal(pages_mark(w->pages, path, path, version(text, i)), 1);
}

static size_t waiting(struct world *w, bool *ret_fresh)
{
    size_t count;

    (void)page_waiting(w->page, &w->a, &count, ret_fresh);
    return count;
}

TEST(a_chain_that_the_page_has_taken_back_joins_as_a_whole)
{
    enum { LENGTH = 300 };
    struct world w;
    struct plan plan;

    open_world(&w);
    for (size_t i = 0; i < LENGTH; i++) {
        struct node *node = edit(&w, i, 1, i + 1 < LENGTH ? i + 1 : SIZE_MAX, DEP_IMPORT);

        node_raise_stamp(node, i > 0 ? 12 : 0);
    }
    for (size_t i = 0; i < LENGTH; i++) {
        load(&w, i, (struct stamp){ .seq = i > 0 ? 12 : 0, .page = i > 0 ? 3 : 0 });
    }
    accept_self(&w, 0);
    struct node *top = edit(&w, 0, 2, 1, DEP_IMPORT);

    plan_make(w.graph, w.page, &top, 1, &w.a, &plan);
    assert_int_equal(plan.replaced_count, LENGTH);
    assert_int_equal(plan.refused_count, 0);
    close_world(&w);
}

TEST(what_changes_together_with_a_module_of_a_worker_is_none_of_the_worker)
{
    /* 0 starts the worker 1, which imports 2; 0 imports 3 */
    struct world w;
    struct edge edges[2] = { { .kind = DEP_WORKER, .url = STR("/m1.js"), .path = STR("m1.js") },
        { .kind = DEP_IMPORT, .url = STR("/m3.js"), .path = STR("m3.js") } };

    open_world(&w);
    struct node *nodes[2] = { edit(&w, 2, 1, SIZE_MAX, DEP_IMPORT),
        edit(&w, 3, 1, SIZE_MAX, DEP_IMPORT) };
    struct node *top = graph_get(w.graph, STR("/m0.js"), STR("m0.js"), NODE_JS);

    edit(&w, 1, 1, 2, DEP_IMPORT);
    (void)graph_set_edition(w.graph, top,
            &(struct edition_facts){
                    .hash = { 1, 1 }, .exists = true, .edges = edges, .edge_count = 2 });
    load(&w, 0, (struct stamp){ 0 });
    load(&w, 3, (struct stamp){ 0 });
    transaction_find_workers(w.graph, w.pages, nodes, 2);
    assert_true(page_find_node(w.page, nodes[0])->by_worker);
    assert_true(page_find_module(w.page, STR("/m1.js"))->by_worker);
    assert_false(page_find_node(w.page, nodes[1])->by_worker);
    assert_false(page_find_node(w.page, top)->by_worker);
    close_world(&w);
}

TEST(half_of_ten_thousand_modules_are_replaced_taken_back_and_undone)
{
    struct world w;
    size_t count;
    bool fresh;

    open_world(&w);
    /* pairs: an importer that accepts itself, and what it imports */
    for (size_t i = 0; i < MANY; i++) {
        edit(&w, i, 1, i % 2 == 0 ? i + 1 : SIZE_MAX, DEP_IMPORT);
    }
    for (size_t i = 0; i < MANY; i++) {
        load(&w, i, (struct stamp){ 0 });
        if (i % 2 == 0) {
            accept_self(&w, i);
        }
    }
    for (size_t i = 1; i < MANY; i += 2) {
        edit(&w, i, 2, SIZE_MAX, DEP_IMPORT);
        mark(&w, i, 2);
    }
    struct diag_list diags = { 0 };
    struct page_step *steps = transaction_plan(
            w.graph, w.pages, NULL, 7, &(struct module_loader){ 0 }, &w.a, &diags, &count);

    assert_int_equal(count, 1);
    assert_false(steps[0].bad);
    assert_int_equal(steps[0].plan.replaced_count, MANY);
    assert_int_equal(steps[0].plan.boundary_count, CHANGED);
    /* dependencies stand before importers */
    assert_true(str_eq(steps[0].plan.replaced[0], name(&w, 1)));

    page_begin(w.pages, w.page, 7, 7, steps[0].plan.replaced, MANY, NULL, 0, false);
    (void)page_updates(w.page, &count);
    assert_int_equal(count, CHANGED);
    page_sent(w.pages, w.page, 7);
    assert_int_equal(waiting(&w, &fresh), 0);
    page_taken_back(w.pages, w.page, 7, true);
    assert_int_equal(waiting(&w, &fresh), CHANGED);
    assert_false(fresh);
    for (size_t i = 0; i < MANY; i++) {
        const struct edition *old = page_old_edition(w.page, 7, name(&w, i));

        assert_non_null(old);
        assert_int_equal(edition_hash(old).low, 1);
    }
    for (size_t i = 1; i < MANY; i += 2) {
        edit(&w, i, 3, SIZE_MAX, DEP_IMPORT);
        mark(&w, i, 3);
    }
    assert_int_equal(waiting(&w, &fresh), CHANGED);
    assert_true(fresh);
    diag_list_finish(&diags);
    close_world(&w);
}

#if defined(__SANITIZE_ADDRESS__)
size_t __sanitizer_get_current_allocated_bytes(void); /* gcc brings no header for it */
#endif

/* Bytes on the heap that have an owner. */
static size_t heap_in_use(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return __sanitizer_get_current_allocated_bytes();
#else
    return mallinfo2().uordblks;
#endif
}

TEST(what_ten_thousand_modules_accept_costs_what_its_names_are_long)
{
    enum { BYTES_EACH = 256 };
    const struct str deps[] = { STR("/a.js"), STR("/b.js") };
    const struct str exports[] = { STR("view") };
    struct world w;

    open_world(&w);
    for (size_t i = 0; i < MANY; i++) {
        edit(&w, i, 1, SIZE_MAX, DEP_IMPORT);
        load(&w, i, (struct stamp){ 0 });
    }
    size_t before = heap_in_use();

    for (size_t i = 0; i < MANY; i++) {
        page_set_hot(w.page, name(&w, i), false, deps, 2, exports, 1);
    }
    assert_true(heap_in_use() - before < (size_t)MANY * BYTES_EACH);
    const struct page_module *last = page_find_module(w.page, name(&w, MANY - 1));

    assert_int_equal(last->dep_count, 2);
    assert_true(str_eq(last->deps[1], STR("/b.js")));
    assert_true(str_eq(last->exports[0], STR("view")));
    close_world(&w);
}

TEST(an_update_that_goes_back_leaves_the_others_in_the_list)
{
    struct world w;
    const char *paths[] = { "a.png", "b.png", "c.png" };
    size_t count;

    open_world(&w);
    for (size_t i = 0; i < 3; i++) {
        struct str url = arena_printf(&w.a, "/%s", paths[i]);

        assert_true(page_register(w.pages, w.page, url, str_from(paths[i]), version(1, i)));
        pages_mark(w.pages, str_from(paths[i]), str_from(paths[i]), version(2, i));
    }
    pages_mark(w.pages, STR("a.png"), STR("a.png"), version(1, 0));
    pages_mark(w.pages, STR("c.png"), STR("c.png"), version(3, 2));
    const struct update *updates = page_updates(w.page, &count);

    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        bool is_c = str_eq(updates[i].url, STR("/c.png"));

        assert_true(is_c || str_eq(updates[i].url, STR("/b.png")));
        assert_true(version_eq(updates[i].to, is_c ? version(3, 2) : version(2, 1)));
    }
    pages_mark(w.pages, STR("c.png"), STR("c.png"), version(1, 2));
    updates = page_updates(w.page, &count);
    assert_int_equal(count, 1);
    assert_true(str_eq(updates[0].url, STR("/b.png")));
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_chain_that_the_page_has_taken_back_joins_as_a_whole),
        CASE(what_changes_together_with_a_module_of_a_worker_is_none_of_the_worker),
        CASE(half_of_ten_thousand_modules_are_replaced_taken_back_and_undone),
        CASE(what_ten_thousand_modules_accept_costs_what_its_names_are_long),
        CASE(an_update_that_goes_back_leaves_the_others_in_the_list),
    };

    return RUN(cases);
}
