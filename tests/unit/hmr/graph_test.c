/* SPDX-License-Identifier: MIT */
#include "hmr/graph.h"

#include "base/vec.h"
#include "test.h"

static struct hash h(uint64_t n)
{
    return (struct hash){ n, n };
}

static struct str path_of(const char *url)
{
    return str_skip(str_from(url), 1);
}

static struct node *get(struct graph *g, const char *url)
{
    return graph_get(g, str_from(url), path_of(url), NODE_JS);
}

/* Gives the node an edition with static imports of `to` (NULL ends it). */
static struct edition *set(struct graph *g, struct node *n, uint64_t hash, const char *const *to)
{
    struct edge edges[8] = { 0 };
    size_t count = 0;

    for (; to && to[count]; count++) {
        edges[count] = (struct edge){ .kind = DEP_IMPORT,
            .url = str_from(to[count]),
            .path = path_of(to[count]),
            .target = NODE_JS };
    }
    return graph_set_edition(g, n,
            &(struct edition_facts){
                    .hash = h(hash), .exists = true, .edges = edges, .edge_count = count });
}

#define TO(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void count_node(void *ctx, struct node *node)
{
    (void)node;
    ++*(size_t *)ctx;
}

TEST(a_node_goes_with_its_last_user_and_all_that_hung_on_it)
{
    struct graph *g = graph_create();
    struct node *a = get(g, "/a.js");

    node_ref(a);
    set(g, a, 1, TO("/b.js"));
    set(g, get(g, "/b.js"), 1, TO("/c.js"));
    assert_int_equal(graph_count(g), 3);
    node_unref(g, a);
    assert_int_equal(graph_count(g), 0);
    graph_destroy(g);
}

TEST(a_long_chain_is_freed_without_recursion)
{
    enum { LENGTH = 100 * 1000 };
    struct graph *g = graph_create();
    char from[32];
    char to[32];

    for (int i = LENGTH; i > 0; i--) {
        (void)snprintf(from, sizeof(from), "/%d.js", i - 1);
        (void)snprintf(to, sizeof(to), "/%d.js", i);
        set(g, get(g, from), 1, TO(to));
    }
    struct node *first = graph_find(g, STR("/0.js"));
    struct arena a = { 0 };
    size_t count;

    node_ref(first);
    (void)graph_unit(g, first, &a, &count);
    assert_int_equal(count, 1);
    node_unref(g, first);
    assert_int_equal(graph_count(g), 0);
    arena_finish(&a);
    graph_destroy(g);
}

TEST(an_edition_that_a_page_runs_stays_when_the_file_has_changed)
{
    struct graph *g = graph_create();
    struct node *a = get(g, "/a.js");
    size_t importers = 0;

    node_ref(a);
    struct edition *old = set(g, a, 1, TO("/b.js"));

    edition_ref(old);
    set(g, a, 2, NULL);
    assert_ptr_equal(node_find_edition(a, h(1)), old);
    assert_non_null(graph_find(g, STR("/b.js")));
    graph_each_importer(g, graph_find(g, STR("/b.js")), count_node, &importers);
    assert_int_equal(importers, 1);

    edition_unref(g, old);
    assert_null(node_find_edition(a, h(1)));
    assert_null(graph_find(g, STR("/b.js")));
    node_unref(g, a);
    graph_destroy(g);
}

TEST(an_edition_keeps_its_node_without_any_reference_to_it)
{
    struct graph *g = graph_create();
    struct edition *old = set(g, get(g, "/a.js"), 1, NULL);

    edition_ref(old);
    set(g, get(g, "/a.js"), 2, NULL);
    assert_int_equal(graph_count(g), 1);
    edition_unref(g, old);
    assert_int_equal(graph_count(g), 0);
    graph_destroy(g);
}

TEST(the_same_facts_are_the_same_edition)
{
    struct graph *g = graph_create();
    struct node *a = get(g, "/a.js");

    node_ref(a);
    struct edition *first = set(g, a, 1, TO("/b.js"));

    assert_ptr_equal(set(g, a, 1, TO("/b.js")), first);
    edition_ref(first);
    assert_ptr_not_equal(set(g, a, 1, TO("/c.js")), first);
    assert_ptr_equal(set(g, a, 1, TO("/b.js")), first);
    edition_unref(g, first);
    node_unref(g, a);
    graph_destroy(g);
}

TEST(circles_are_collected_once_enough_has_been_lost)
{
    enum { CIRCLES = 100 };
    struct graph *g = graph_create();
    struct node *kept = get(g, "/kept.js");

    node_ref(kept);
    set(g, kept, 1, NULL);
    for (int i = 0; i < CIRCLES; i++) {
        char a[32];
        char b[32];

        (void)snprintf(a, sizeof(a), "/a%d.js", i);
        (void)snprintf(b, sizeof(b), "/b%d.js", i);
        node_ref(get(g, a));
        set(g, get(g, a), 1, TO(b, "/kept.js"));
        set(g, get(g, b), 1, TO(a));
        node_unref(g, get(g, a));
    }
    assert_int_equal(graph_count(g), 1 + 2 * CIRCLES);
    graph_collect(g);
    assert_int_equal(graph_count(g), 1);
    assert_ptr_equal(graph_find(g, STR("/kept.js")), kept);
    size_t importers = 0;

    graph_each_importer(g, kept, count_node, &importers);
    assert_int_equal(importers, 0);
    node_unref(g, kept);
    graph_destroy(g);
}

TEST(a_module_that_imports_itself_is_no_leak)
{
    struct graph *g = graph_create();

    for (int i = 0; i < 100; i++) {
        char a[32];

        (void)snprintf(a, sizeof(a), "/a%d.js", i);
        node_ref(get(g, a));
        set(g, get(g, a), 1, TO(a));
        node_unref(g, get(g, a));
    }
    graph_collect(g);
    assert_int_equal(graph_count(g), 0);
    graph_destroy(g);
}

TEST(units_follow_the_static_imports_of_current_editions)
{
    struct graph *g = graph_create();
    struct node *a = get(g, "/a.js");
    struct node *b = get(g, "/b.js");
    struct node *c = get(g, "/c.js");
    struct arena arena = { 0 };
    size_t count;

    node_ref(a);
    node_ref(b);
    node_ref(c);
    set(g, a, 1, TO("/b.js"));
    set(g, b, 1, TO("/c.js"));
    set(g, c, 1, TO("/a.js"));
    assert_true(graph_same_unit(g, a, c));
    struct node **members = graph_unit(g, b, &arena, &count);

    assert_int_equal(count, 3);
    assert_non_null(members[0]);
    set(g, c, 2, NULL);
    assert_false(graph_same_unit(g, a, c));
    (void)graph_unit(g, b, &arena, &count);
    assert_int_equal(count, 1);
    node_unref(g, a);
    node_unref(g, b);
    node_unref(g, c);
    arena_finish(&arena);
    graph_destroy(g);
}

TEST(waiting_nodes_are_found_by_the_path_that_would_heal_them)
{
    struct graph *g = graph_create();
    struct node *a = get(g, "/a.js");
    struct str tried[] = { STR_INIT("x.js"), STR_INIT("x.ts") };
    struct edge edge = {
        .kind = DEP_IMPORT, .missing = true, .tried = tried, .tried_count = 2, .path = STR("x")
    };
    size_t found = 0;

    node_ref(a);
    graph_set_edition(g, a,
            &(struct edition_facts){
                    .hash = h(1), .exists = true, .edges = &edge, .edge_count = 1 });
    graph_each_waiting_for(g, STR("x.ts"), count_node, &found);
    assert_int_equal(found, 1);
    graph_each_waiting_for(g, STR("x"), count_node, &found);
    assert_int_equal(found, 2);
    graph_each_waiting_for(g, STR("y"), count_node, &found);
    assert_int_equal(found, 2);

    set(g, a, 1, TO("/x.ts"));
    graph_each_waiting_for(g, STR("x.ts"), count_node, &found);
    assert_int_equal(found, 2);
    node_unref(g, a);
    graph_destroy(g);
}

TEST(a_file_may_have_several_nodes)
{
    struct graph *g = graph_create();
    size_t found = 0;

    (void)graph_get(g, STR("/a.css"), STR("a.css"), NODE_CSS);
    (void)graph_get(g, STR("/a.css?import"), STR("a.css"), NODE_CSS_JS);
    graph_each_of_path(g, STR("a.css"), count_node, &found);
    assert_int_equal(found, 2);
    graph_destroy(g);
}

TEST(stamps_only_rise)
{
    struct graph *g = graph_create();
    struct node *a = get(g, "/a.js");

    node_raise_stamp(a, 5);
    node_raise_stamp(a, 3);
    assert_int_equal(node_stamp(a), 5);
    graph_destroy(g);
}

static bool text_of(void *ctx, struct hash hash, struct str *ret)
{
    (void)hash;
    *ret = *(struct str *)ctx;
    return true;
}

/* a.js, which imports the name from b.js. */
static struct node *importer_of(struct graph *g, struct imported_name *name)
{
    struct node *a = get(g, "/a.js");
    struct edge edge = {
        .kind = DEP_IMPORT, .url = STR("/b.js"), .path = STR("b.js"), .names = name, .name_count = 1
    };

    graph_set_edition(g, a,
            &(struct edition_facts){
                    .hash = h(1), .exists = true, .edges = &edge, .edge_count = 1 });
    return a;
}

TEST(a_missing_name_is_told_with_its_place_and_a_near_one)
{
    struct graph *g = graph_create();
    struct str text = STR("// first\nimport { ad } from '/b.js';\n");
    struct str exports[] = { STR_INIT("sub"), STR_INIT("add") };
    struct imported_name name = { .offset = 18, .name = STR_INIT("ad") };
    struct node *a = importer_of(g, &name);
    struct diag_list list = { 0 };

    graph_set_text_source(g, text_of, &text);
    assert_true(graph_check(g, a, &list));
    graph_set_edition(g, graph_find(g, STR("/b.js")),
            &(struct edition_facts){ .hash = h(2),
                    .exists = true,
                    .exports = exports,
                    .export_count = 2,
                    .knows_exports = true });
    assert_false(graph_check(g, a, &list));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].line, 2);
    assert_int_equal(list.items[0].col, 10);
    assert_str(list.items[0].path, STR("a.js"));
    assert_str(list.items[0].hint, STR("did you mean 'add'?"));
    diag_list_finish(&list);
    graph_destroy(g);
}

/* What is said of a.js, which imports `draw` from b.js, when that has the text and these exports. */
static struct str told_with(struct str text, struct str *exports, size_t export_count,
        struct arena *arena, struct str *ret_hint)
{
    struct graph *g = graph_create();
    struct imported_name name = { .name = STR_INIT("draw") };
    struct node *a = importer_of(g, &name);
    struct diag_list list = { 0 };

    graph_set_text_source(g, text_of, &text);
    graph_set_edition(g, graph_find(g, STR("/b.js")),
            &(struct edition_facts){ .hash = h(2),
                    .exists = true,
                    .knows_exports = true,
                    .exports = exports,
                    .export_count = export_count });
    assert_false(graph_check(g, a, &list));
    assert_int_equal(list.count, 1);
    struct str told = arena_str(arena, list.items[0].text);

    *ret_hint = arena_str(arena, list.items[0].hint);

    diag_list_finish(&list);
    graph_destroy(g);
    return told;
}

static struct str told_of(struct str text, struct arena *arena)
{
    struct str hint;

    return told_with(text, NULL, 0, arena, &hint);
}

TEST(a_near_name_is_told_beside_a_declaration_which_may_be_a_word_of_a_comment)
{
    struct arena a = { 0 };
    struct str exports[] = { STR_INIT("drew") };
    struct str hint;

    (void)told_with(STR("// a function draw() would be nice"), exports, 1, &a, &hint);
    assert_str(hint, STR("is an 'export' missing there, or misspelt; or did you mean 'drew'?"));
    (void)told_with(STR("function draw() {}"), NULL, 0, &a, &hint);
    assert_str(hint, STR("is an 'export' missing there, or misspelt?"));
    arena_finish(&a);
}

TEST(a_name_that_lost_its_export_is_told_with_the_place_where_it_is_declared)
{
    struct arena a = { 0 };

    assert_str(told_of(STR("// draw\nexp ort function draw() {}\n"), &a),
            STR("'draw' is not exported by /b.js, which declares it at b.js:2:18"));
    assert_str(told_of(STR("const drawn = 1; async function *draw() {}"), &a),
            STR("'draw' is not exported by /b.js, which declares it at b.js:1:34"));
    assert_str(told_of(STR("class draw"), &a),
            STR("'draw' is not exported by /b.js, which declares it at b.js:1:7"));
    arena_finish(&a);
}

TEST(a_name_that_is_declared_nowhere_is_told_without_a_place)
{
    struct arena a = { 0 };
    const struct str texts[] = { STR_INIT(""), STR_INIT("draw"), STR_INIT("const drawn = draw;"),
        STR_INIT("myconst draw"), STR_INIT("constdraw"), STR_INIT("const withdraw = 1") };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_str(told_of(texts[i], &a), STR("'draw' is not exported by /b.js"));
    }
    arena_finish(&a);
}

TEST(export_star_in_a_circle_ends)
{
    struct graph *g = graph_create();
    struct node *a = get(g, "/a.js");
    struct node *b = get(g, "/b.js");
    struct imported_name name = { .name = STR_INIT("x") };
    struct edge to_b = { .kind = DEP_REEXPORT, .url = STR("/b.js"), .path = STR("b.js") };
    struct edge to_a = { .kind = DEP_REEXPORT, .url = STR("/a.js"), .path = STR("a.js") };
    struct edge wants = { .kind = DEP_IMPORT,
        .url = STR("/a.js"),
        .path = STR("a.js"),
        .names = &name,
        .name_count = 1 };
    struct diag_list list = { 0 };

    graph_set_edition(g, a,
            &(struct edition_facts){ .hash = h(1),
                    .exists = true,
                    .knows_exports = true,
                    .edges = &to_b,
                    .edge_count = 1 });
    graph_set_edition(g, b,
            &(struct edition_facts){ .hash = h(2),
                    .exists = true,
                    .knows_exports = true,
                    .edges = &to_a,
                    .edge_count = 1 });
    struct node *c = get(g, "/c.js");

    graph_set_edition(g, c,
            &(struct edition_facts){
                    .hash = h(3), .exists = true, .edges = &wants, .edge_count = 1 });
    assert_false(graph_check(g, c, &list));
    assert_int_equal(list.count, 1);
    diag_list_finish(&list);
    graph_destroy(g);
}

TEST(the_dump_has_the_form_of_the_scenarios)
{
    struct graph *g = graph_create();
    struct strbuf out;

    strbuf_init(&out, 1000);
    set(g, get(g, "/a.js"), 1, TO("/b.js", "/c.js"));
    graph_dump(g, &out);
    assert_str(strbuf_str(&out), STR("  /a.js -> /b.js, /c.js\n  /b.js\n  /c.js\n"));
    strbuf_finish(&out);
    graph_destroy(g);
}

/* The model: for every node the set of URLs that its current text imports. */
TEST(random_edits_keep_edges_and_reverse_edges_alike)
{
    enum { NODES = 12, STEPS = 4000 };
    struct graph *g = graph_create();
    bool imports[NODES][NODES] = { 0 };
    char urls[NODES][16];
    struct node *nodes[NODES];
    uint32_t seed = 1;

    for (int i = 0; i < NODES; i++) {
        (void)snprintf(urls[i], sizeof(urls[i]), "/n%d.js", i);
        nodes[i] = get(g, urls[i]);
        node_ref(nodes[i]);
    }
    for (int step = 0; step < STEPS; step++) {
        const char *to[NODES + 1] = { NULL };
        size_t count = 0;

        seed = seed * 1664525 + 1013904223;
        int i = (int)(seed >> 16) % NODES;

        for (int k = 0; k < NODES && count < 7; k++) {
            seed = seed * 1664525 + 1013904223;
            imports[i][k] = (seed >> 16) % 6 == 0;
            if (imports[i][k]) {
                to[count++] = urls[k];
            }
        }
        for (int k = 0; k < NODES; k++) { /* what did not fit is no import */
            bool listed = false;

            for (size_t n = 0; n < count; n++) {
                listed = listed || to[n] == urls[k];
            }
            imports[i][k] = listed;
        }
        set(g, nodes[i], (uint64_t)step + 2, to);
        if (step % 50 > 0) {
            continue;
        }
        for (int k = 0; k < NODES; k++) {
            size_t expected = 0;
            size_t found = 0;

            for (int n = 0; n < NODES; n++) {
                expected += imports[n][k];
            }
            graph_each_importer(g, nodes[k], count_node, &found);
            assert_int_equal(found, expected);
        }
        /* units by the plain definition: each reaches the other */
        bool reach[NODES][NODES];

        memcpy(reach, imports, sizeof(reach));
        for (int m = 0; m < NODES; m++) {
            for (int x = 0; x < NODES; x++) {
                for (int y = 0; y < NODES; y++) {
                    reach[x][y] = reach[x][y] || (reach[x][m] && reach[m][y]);
                }
            }
        }
        for (int x = 0; x < NODES; x++) {
            for (int y = 0; y < NODES; y++) {
                bool same = x == y || (reach[x][y] && reach[y][x]);

                assert_int_equal(graph_same_unit(g, nodes[x], nodes[y]), same);
            }
        }
    }
    for (int i = 0; i < NODES; i++) {
        node_unref(g, nodes[i]);
    }
    graph_destroy(g);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_node_goes_with_its_last_user_and_all_that_hung_on_it),
        CASE(a_long_chain_is_freed_without_recursion),
        CASE(an_edition_that_a_page_runs_stays_when_the_file_has_changed),
        CASE(an_edition_keeps_its_node_without_any_reference_to_it),
        CASE(the_same_facts_are_the_same_edition),
        CASE(circles_are_collected_once_enough_has_been_lost),
        CASE(a_module_that_imports_itself_is_no_leak),
        CASE(units_follow_the_static_imports_of_current_editions),
        CASE(waiting_nodes_are_found_by_the_path_that_would_heal_them),
        CASE(a_file_may_have_several_nodes),
        CASE(stamps_only_rise),
        CASE(a_missing_name_is_told_with_its_place_and_a_near_one),
        CASE(a_near_name_is_told_beside_a_declaration_which_may_be_a_word_of_a_comment),
        CASE(a_name_that_lost_its_export_is_told_with_the_place_where_it_is_declared),
        CASE(a_name_that_is_declared_nowhere_is_told_without_a_place),
        CASE(export_star_in_a_circle_ends),
        CASE(the_dump_has_the_form_of_the_scenarios),
        CASE(random_edits_keep_edges_and_reverse_edges_alike),
    };

    return RUN(cases);
}
