/* SPDX-License-Identifier: MIT */
#include "hmr/pages.h"

#include "test.h"

static struct version v(uint64_t n)
{
    return (struct version){ .known = true, .exists = true, .hash = { n, n } };
}

struct world {
    struct graph *graph;
    struct pages *pages;
    struct page *page;
    struct node *node;
    struct arena a;
};

static struct edition *edit(struct world *w, uint64_t n)
{
    return graph_set_edition(
            w->graph, w->node, &(struct edition_facts){ .hash = { n, n }, .exists = true });
}

static void open_world(struct world *w)
{
    *w = (struct world){ .graph = graph_create() };
    w->pages = pages_create(w->graph);
    w->page = pages_add(w->pages, 3);
    w->node = graph_get(w->graph, STR("/a.js"), STR("a.js"), NODE_JS);
    edit(w, 1);
    assert_true(page_register_module(
            w->pages, w->page, STR("/a.js"), STR("a.js"), v(1), w->node, (struct stamp){ 0 }));
}

static void close_world(struct world *w)
{
    pages_destroy(w->pages);
    graph_collect(w->graph);
    assert_int_equal(graph_count(w->graph), 0);
    graph_destroy(w->graph);
    arena_finish(&w->a);
}

static const struct page_module *module(struct world *w)
{
    return page_find_module(w->page, STR("/a.js"));
}

static size_t waiting(struct world *w, bool *ret_fresh)
{
    size_t count;

    (void)page_waiting(w->page, &w->a, &count, ret_fresh);
    return count;
}

/* Sends version `n` as transaction `seq` in which the module is replaced. */
static void send(struct world *w, uint64_t n, uint64_t seq)
{
    struct str url = STR("/a.js");

    edit(w, n);
    pages_mark(w->pages, STR("a.js"), STR("a.js"), v(n));
    page_begin(w->pages, w->page, seq, seq, &url, 1, NULL, 0, false);
    page_sent(w->pages, w->page, seq);
}

TEST(a_changed_module_waits_and_is_no_update_yet)
{
    struct world w;
    size_t count;
    bool fresh;

    open_world(&w);
    edit(&w, 2);
    pages_mark(w.pages, STR("a.js"), STR("a.js"), v(2));
    page_updates(w.page, &count);
    assert_int_equal(count, 0);
    assert_int_equal(waiting(&w, &fresh), 1);
    assert_true(fresh);
    assert_true(module(&w)->waits);
    edit(&w, 1);
    pages_mark(w.pages, STR("a.js"), STR("a.js"), v(1));
    assert_int_equal(waiting(&w, &fresh), 0);
    close_world(&w);
}

TEST(a_transaction_makes_it_an_update_and_a_new_instance)
{
    struct world w;
    struct str url = STR("/a.js");
    bool fresh;
    size_t count;

    open_world(&w);
    edit(&w, 2);
    pages_mark(w.pages, STR("a.js"), STR("a.js"), v(2));
    page_begin(w.pages, w.page, 12, 12, &url, 1, NULL, 0, false);
    const struct update *updates = page_updates(w.page, &count);

    assert_int_equal(count, 1);
    assert_int_equal(updates[0].type, UPDATE_JS);
    page_sent(w.pages, w.page, 12);
    assert_int_equal(module(&w)->stamp.seq, 12);
    assert_ptr_equal(module(&w)->edition, node_current(w.node));
    assert_int_equal(waiting(&w, &fresh), 0);
    assert_int_equal(edition_hash(page_old_edition(w.page, 12, url)).low, 1);
    page_applied(w.pages, w.page, 12);
    assert_null(page_old_edition(w.page, 12, url));
    close_world(&w);
}

TEST(taken_back_runs_the_old_text_in_a_new_instance)
{
    struct world w;
    bool fresh;

    open_world(&w);
    send(&w, 2, 12);
    page_taken_back(w.pages, w.page, 12, true);
    assert_int_equal(module(&w)->edition ? edition_hash(module(&w)->edition).low : 0, 1);
    assert_true(stamp_eq(module(&w)->stamp, (struct stamp){ .seq = 12, .page = 3 }));
    assert_int_equal(waiting(&w, &fresh), 1);
    assert_false(fresh);
    assert_non_null(page_old_edition(w.page, 12, STR("/a.js")));

    /* what the page says it runs is what the model has: no reason to send it again */
    page_register_module(w.pages, w.page, STR("/a.js"), STR("a.js"), v(1), w.node,
            (struct stamp){ .seq = 12, .page = 3 });
    pages_mark(w.pages, STR("a.js"), STR("a.js"), v(2));
    assert_int_equal(waiting(&w, &fresh), 1);
    assert_false(fresh);

    edit(&w, 3);
    pages_mark(w.pages, STR("a.js"), STR("a.js"), v(3));
    (void)waiting(&w, &fresh);
    assert_true(fresh);
    close_world(&w);
}

TEST(a_failed_preflight_keeps_the_instance)
{
    struct world w;
    bool fresh;

    open_world(&w);
    send(&w, 2, 12);
    page_taken_back(w.pages, w.page, 12, false);
    assert_int_equal(module(&w)->stamp.seq, 0);
    assert_int_equal(waiting(&w, &fresh), 1);
    assert_false(fresh);
    close_world(&w);
}

TEST(a_late_failure_corrects_the_record_of_what_came_after)
{
    struct world w;
    bool fresh;

    open_world(&w);
    send(&w, 2, 12);
    send(&w, 3, 13);
    page_taken_back(w.pages, w.page, 12, true);
    assert_int_equal(module(&w)->stamp.seq, 13);
    assert_int_equal(module(&w)->runs.hash.low, 3);
    assert_int_equal(waiting(&w, &fresh), 0);
    assert_int_equal(edition_hash(page_old_edition(w.page, 13, STR("/a.js"))).low, 1);

    page_taken_back(w.pages, w.page, 13, true);
    assert_int_equal(module(&w)->runs.hash.low, 1);
    assert_true(stamp_eq(module(&w)->stamp, (struct stamp){ .seq = 13, .page = 3 }));
    assert_int_equal(waiting(&w, &fresh), 1);
    close_world(&w);
}

TEST(an_answer_that_nobody_waits_for_changes_nothing)
{
    struct world w;

    open_world(&w);
    send(&w, 2, 12);
    page_taken_back(w.pages, w.page, 11, true);
    page_applied(w.pages, w.page, 12);
    page_taken_back(w.pages, w.page, 12, true);
    assert_int_equal(module(&w)->runs.hash.low, 2);
    close_world(&w);
}

TEST(old_records_are_forgotten)
{
    struct world w;

    open_world(&w);
    for (uint64_t i = 0; i < PAGE_RECORDS_MAX + 2; i++) {
        send(&w, i + 2, i + 10);
        page_taken_back(w.pages, w.page, i + 10, true);
    }
    assert_null(page_old_edition(w.page, 11, STR("/a.js")));
    assert_non_null(page_old_edition(w.page, 12, STR("/a.js")));
    close_world(&w);
}

TEST(what_is_not_answered_is_never_forgotten)
{
    struct world w;
    struct str url = STR("/a.css");
    size_t count;

    open_world(&w);
    send(&w, 2, 10);
    page_taken_back(w.pages, w.page, 10, true); /* its texts are kept as long as there is room */
    assert_true(page_register(w.pages, w.page, url, STR("a.css"), v(1)));
    for (uint64_t i = 0; i < PAGE_RECORDS_MAX; i++) {
        assert_false(page_is_full(w.page));
        assert_false(page_is_busy(w.page));
        pages_mark(w.pages, STR("a.css"), STR("a.css"), v(i + 2));
        page_sent(w.pages, w.page, i + 20);
    }
    assert_true(page_is_full(w.page));
    assert_true(page_is_busy(w.page));
    assert_null(page_old_edition(w.page, 10, STR("/a.js")));

    /* the last one fails: it is known what the page runs, and the sheet goes along with the next */
    page_taken_back(w.pages, w.page, 20 + PAGE_RECORDS_MAX - 1, false);
    assert_false(page_is_busy(w.page));
    assert_int_equal(page_find_module(w.page, url)->runs.hash.low, PAGE_RECORDS_MAX);
    (void)page_updates(w.page, &count);
    assert_int_equal(count, 1);
    assert_false(page_has_news(w.page));
    close_world(&w);
}

TEST(what_a_page_names_is_limited)
{
    struct world w;
    static struct str names[PAGE_NAMES_MAX + 5];

    open_world(&w);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        names[i] = STR("/x.js");
    }
    page_set_hot(w.page, STR("/a.js"), true, names, PAGE_NAMES_MAX + 5, names, PAGE_NAMES_MAX + 5);
    assert_int_equal(module(&w)->dep_count, PAGE_NAMES_MAX);
    assert_int_equal(module(&w)->export_count, PAGE_NAMES_MAX);
    page_set_edges(w.page, STR("/a.js"), names, PAGE_NAMES_MAX + 5);
    close_world(&w);
}

TEST(until_a_page_says_what_it_accepts_the_text_does)
{
    struct world w;
    struct accept accepts[] = {
        { .kind = ACCEPT_SELF },
        { .kind = ACCEPT_DEP, .text = STR("/b.js") },
        { .kind = ACCEPT_EXPORTS, .text = STR("x") },
    };

    open_world(&w);
    (void)graph_set_edition(w.graph, w.node,
            &(struct edition_facts){
                    .hash = { 2, 2 }, .exists = true, .accepts = accepts, .accept_count = 3 });
    assert_false(module(&w)->accepts_self);
    assert_true(page_register_module(
            w.pages, w.page, STR("/a.js"), STR("a.js"), v(2), w.node, (struct stamp){ 0 }));
    assert_true(module(&w)->accepts_self);
    assert_int_equal(module(&w)->dep_count, 1);
    assert_str(module(&w)->deps[0], STR("/b.js"));
    assert_int_equal(module(&w)->export_count, 1);
    page_set_hot(w.page, STR("/a.js"), false, NULL, 0, NULL, 0);
    assert_true(page_register_module(
            w.pages, w.page, STR("/a.js"), STR("a.js"), v(2), w.node, (struct stamp){ .seq = 7 }));
    assert_false(module(&w)->accepts_self);
    assert_int_equal(module(&w)->dep_count + module(&w)->export_count, 0);
    close_world(&w);
}

static struct node *add_importer(struct world *w, const char *url, enum dep_kind kind)
{
    const struct edge edge = {
        .kind = kind, .url = STR("/a.js"), .path = STR("a.js"), .target = NODE_JS
    };
    struct node *node = graph_get(w->graph, str_from(url), str_from(url + 1), NODE_JS);

    (void)graph_set_edition(w->graph, node,
            &(struct edition_facts){
                    .hash = { 1, 1 }, .exists = true, .edges = &edge, .edge_count = 1 });
    assert_true(page_register_module(
            w->pages, w->page, str_from(url), str_from(url + 1), v(1), node, (struct stamp){ 0 }));
    return node;
}

static size_t behind(struct world *w, const char *url, uint64_t seen)
{
    size_t count;

    page_set_seen(w->page, str_from(url), seen);
    (void)page_find_behind(w->pages, w->page, str_from(url), &w->a, &count);
    return count;
}

TEST(a_module_that_was_served_before_its_import_was_replaced_is_behind)
{
    struct world w;

    open_world(&w);
    (void)add_importer(&w, "/before.js", DEP_IMPORT);
    assert_int_equal(behind(&w, "/before.js", 0), 0);
    send(&w, 2, 12);
    (void)add_importer(&w, "/late.js", DEP_IMPORT);
    (void)add_importer(&w, "/lazy.js", DEP_DYNAMIC);
    (void)add_importer(&w, "/starter.js", DEP_WORKER);
    assert_int_equal(behind(&w, "/late.js", 11), 1);
    assert_int_equal(behind(&w, "/late.js", 12), 0);
    assert_int_equal(behind(&w, "/lazy.js", 11), 1);
    assert_int_equal(behind(&w, "/starter.js", 11), 0);
    page_taken_back(w.pages, w.page, 12, false);
    assert_int_equal(behind(&w, "/late.js", 11), 0);
    close_world(&w);
}

TEST(what_imports_a_module_that_comes_in_a_newer_instance_is_behind)
{
    struct str own = STR("/a.js");
    struct world w;

    open_world(&w);
    (void)add_importer(&w, "/old.js", DEP_IMPORT);
    (void)add_importer(&w, "/new.js", DEP_IMPORT);
    (void)add_importer(&w, "/lazy.js", DEP_DYNAMIC);
    assert_int_equal(behind(&w, "/old.js", 4), 0);
    assert_int_equal(behind(&w, "/new.js", 5), 0);
    assert_int_equal(behind(&w, "/lazy.js", 4), 0);
    assert_true(page_register_module(
            w.pages, w.page, STR("/a.js"), STR("a.js"), v(1), w.node, (struct stamp){ .seq = 5 }));
    size_t count;
    struct str *urls = page_find_behind(w.pages, w.page, STR("/a.js"), &w.a, &count);

    assert_int_equal(count, 1);
    assert_str(urls[0], STR("/old.js"));
    page_set_hot(w.page, STR("/old.js"), false, &own, 1, NULL, 0);
    urls = page_find_behind(w.pages, w.page, STR("/a.js"), &w.a, &count);
    assert_int_equal(count, 1);
    assert_str(urls[0], STR("/a.js"));
    page_forget_told(w.page, STR("/old.js"));
    page_mark(w.page, STR("/old.js"), STR("old.js"), v(1));
    bool fresh;

    assert_int_equal(waiting(&w, &fresh), 1);
    close_world(&w);
}

static void count_importer(void *ctx, const struct page_module *importer)
{
    (void)importer;
    ++*(size_t *)ctx;
}

TEST(imports_by_expression_are_kept_once)
{
    struct world w;
    struct str to = STR("/lazy.js");
    size_t count = 0;

    open_world(&w);
    page_set_edges(w.page, STR("/a.js"), &to, 1);
    page_set_edges(w.page, STR("/a.js"), &to, 1);
    page_each_expr_importer(w.page, to, count_importer, &count);
    assert_int_equal(count, 1);
    close_world(&w);
}

TEST(the_wrapper_of_a_sheet_is_told_with_the_sheet)
{
    struct world w;
    struct node *css;
    size_t count;

    open_world(&w);
    css = graph_get(w.graph, STR("/a.css?x=1&import"), STR("a.css"), NODE_CSS_JS);
    graph_set_edition(w.graph, css, &(struct edition_facts){ .hash = { 1, 1 }, .exists = true });
    page_register_module(w.pages, w.page, STR("/a.css?x=1&import"), STR("a.css"), v(1), css,
            (struct stamp){ 0 });
    graph_set_edition(w.graph, css, &(struct edition_facts){ .hash = { 2, 2 }, .exists = true });
    pages_mark(w.pages, STR("a.css"), STR("a.css"), v(2));
    const struct update *updates = page_updates(w.page, &count);

    assert_int_equal(count, 1);
    assert_str(updates[0].url, STR("/a.css?x=1"));
    assert_int_equal(updates[0].type, UPDATE_CSS);
    page_sent(w.pages, w.page, 12);
    pages_mark(w.pages, STR("a.css"), STR("a.css"), v(2));
    page_updates(w.page, &count);
    assert_int_equal(count, 0);
    close_world(&w);
}

TEST(stamps_are_read_as_they_are_written)
{
    static const struct stamp stamps[] = { { 0, 0 }, { 12, 0 }, { 12, 3 },
        { UINT64_MAX, UINT64_MAX } };
    static const char *const wrong[] = { "", "r", "12r", "r3", "12r0", "12x", "1r2r3", "-1",
        "99999999999999999999999" };
    struct stamp got;
    char text[STAMP_LEN];

    for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
        stamp_format(stamps[i], text);
        assert_true(stamp_parse(str_from(text), &got));
        assert_true(stamp_eq(got, stamps[i]));
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(stamp_parse(str_from(wrong[i]), &got));
    }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_changed_module_waits_and_is_no_update_yet),
        CASE(a_transaction_makes_it_an_update_and_a_new_instance),
        CASE(taken_back_runs_the_old_text_in_a_new_instance),
        CASE(a_failed_preflight_keeps_the_instance),
        CASE(a_late_failure_corrects_the_record_of_what_came_after),
        CASE(an_answer_that_nobody_waits_for_changes_nothing),
        CASE(old_records_are_forgotten),
        CASE(what_is_not_answered_is_never_forgotten),
        CASE(what_a_page_names_is_limited),
        CASE(until_a_page_says_what_it_accepts_the_text_does),
        CASE(a_module_that_was_served_before_its_import_was_replaced_is_behind),
        CASE(what_imports_a_module_that_comes_in_a_newer_instance_is_behind),
        CASE(imports_by_expression_are_kept_once),
        CASE(the_wrapper_of_a_sheet_is_told_with_the_sheet),
        CASE(stamps_are_read_as_they_are_written),
    };

    return RUN(cases);
}
