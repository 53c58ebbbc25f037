/* SPDX-License-Identifier: MIT */
/* The lines between orbiton and the sidecar, as docs/plugins.md has them. */
#include "test.h"

#include "sidecar/protocol.h"
#include "sidecar/sidecar_files.h"

static void read_line(struct str line, struct arena *a, struct sidecar_message *ret)
{
    struct str copy = exact_copy(line);

    sidecar_read(copy, (struct sidecar_folders){ STR("/home/me/app"), STR("/home/me") }, a, ret);
    free((char *)(uintptr_t)copy.ptr);
}

static void done(struct sidecar_message *message, struct arena *a)
{
    diag_list_finish(&message->diags);
    arena_finish(a);
}

TEST(requests_are_one_line_each)
{
    struct sidecar_file files[] = {
        { STR_INIT("a.mjs"), STR_INIT("x\n") },
        { STR_INIT("b.mjs"), STR_INIT("") },
    };
    const struct sidecar_folders app = { .root = STR("/app") };
    const struct sidecar_folders within = { .root = STR("/ws/app"), .workspace = STR("/ws") };
    struct strbuf out;

    strbuf_init(&out, 4096);
    sidecar_write_files(&out, files, 2);
    sidecar_write_hello(&out, app);
    sidecar_write_hello(&out, within);
    sidecar_write_transform(
            &out, 7, STR("vue"), app, STR("src/A.vue"), STR(""), STR(""), STR(""), STR("a\n\"b\""));
    sidecar_write_transform(&out, 8, STR("style"), app, STR("a.scss"),
            STR("[[\"@/*\",[\"/app/*\"]]]"), STR("{\"alias\":[]}"), STR("{\"compilerOptions\":{}}"),
            STR("b"));
    sidecar_write_cancel(&out, 7);
    sidecar_write_changed(&out, app, STR("src/a.css"));
    /* a file of a package beside the project: the true path, and the URL that the page has it by */
    sidecar_write_transform(&out, 9, STR("style"), within, STR("@workspace/ui/a.scss"), STR(""),
            STR(""), STR(""), STR("c"));
    sidecar_write_changed(&out, within, STR("@workspace/ui/b.scss"));
    assert_str(strbuf_str(&out),
            STR("{\"files\":[[\"a.mjs\",\"x\\n\"],[\"b.mjs\",\"\"]]}\n"
                "{\"hello\":{\"protocol\":1,\"root\":\"/app\",\"mode\":\"development\"}}\n"
                "{\"hello\":{\"protocol\":1,\"root\":\"/ws/app\",\"workspace\":\"/ws\","
                "\"mode\":\"development\"}}\n"
                "{\"id\":7,\"op\":\"transform\",\"plugin\":\"vue\",\"path\":\"/app/src/A.vue\","
                "\"url\":\"/src/A.vue\",\"code\":\"a\\n\\\"b\\\"\"}\n"
                "{\"id\":8,\"op\":\"transform\",\"plugin\":\"style\",\"path\":\"/app/a.scss\","
                "\"url\":\"/a.scss\",\"paths\":[[\"@/*\",[\"/app/*\"]]],"
                "\"config\":{\"alias\":[]},\"tsconfig\":{\"compilerOptions\":{}},\"code\":\"b\"}\n"
                "{\"op\":\"cancel\",\"id\":7}\n"
                "{\"op\":\"changed\",\"paths\":[\"/app/src/a.css\"]}\n"
                "{\"id\":9,\"op\":\"transform\",\"plugin\":\"style\",\"path\":\"/ws/ui/a.scss\","
                "\"url\":\"/@workspace/ui/a.scss\",\"code\":\"c\"}\n"
                "{\"op\":\"changed\",\"paths\":[\"/ws/ui/b.scss\"]}\n"));
    strbuf_finish(&out);
}

TEST(where_names_lead_is_absolute)
{
    const struct str targets[] = { STR_INIT("src/*"), STR_INIT("gen/*") };
    const struct ts_alias aliases[] = {
        { .name = STR_INIT("@/*"), .targets = targets, .target_count = 2 },
        { .name = STR_INIT("a\"b"), .targets = targets, .target_count = 0 },
    };
    struct tsconfig config = { .aliases = aliases, .alias_count = 2 };
    struct arena a = { 0 };

    assert_str(sidecar_paths(&config, (struct sidecar_folders){ .root = STR("/app") }, &a),
            STR("[[\"@/*\",[\"/app/src/*\",\"/app/gen/*\"]],[\"a\\\"b\",[]]]"));
    config.alias_count = 0;
    assert_str(
            sidecar_paths(&config, (struct sidecar_folders){ .root = STR("/app") }, &a), STR(""));
    arena_finish(&a);
}

TEST(an_answer_has_code_map_and_the_files_that_it_was_made_of)
{
    struct arena a = { 0 };
    struct sidecar_message m;

    read_line(
            STR("{\"id\":3,\"code\":\"x\",\"map\":{\"version\":3},\"type\":\"css\","
                "\"deps\":[\"/home/me/app/src/../a.scss\",\"/etc/passwd\",\"rel\",5,\"/home/me/ui/b.scss\"],"
                "\"dirs\":[\"/home/me/app/src\",\"/home/me/app\"],"
                "\"warnings\":[{\"message\":\"hm\",\"loc\":{\"line\":2,\"column\":4}}]}"),
            &a, &m);
    assert_int_equal(m.kind, SIDECAR_ANSWER);
    assert_int_equal(m.id, 3);
    assert_int_equal(m.output.type, TRANSFORM_CSS);
    assert_str(m.output.code, STR("x"));
    assert_str(m.output.map, STR("{\"version\":3}"));
    assert_int_equal(m.output.dep_count, 4);
    assert_str(m.output.deps[0], STR("a.scss"));
    assert_str(m.output.deps[1], STR("@workspace/ui/b.scss"));
    assert_str(m.output.deps[2], STR("src/"));
    assert_str(m.output.deps[3], STR("/"));
    assert_int_equal(m.output.diags->count, 1);
    assert_int_equal(diag_list_errors(m.output.diags), 0);
    assert_int_equal(m.output.diags->items[0].line, 2);
    done(&m, &a);
}

TEST(an_error_has_its_place_and_no_code)
{
    struct arena a = { 0 };
    struct sidecar_message m;

    read_line(
            STR("{\"id\":3,\"error\":{\"message\":\"no\",\"plugin\":\"vue\",\"notes\":[\"n1\",\"n2\"],"
                "\"loc\":{\"file\":\"/home/me/app/src/A.vue\",\"line\":4,\"column\":2}},"
                "\"deps\":[\"/home/me/app/b\"]}"),
            &a, &m);
    assert_int_equal(diag_list_errors(m.output.diags), 1);
    assert_str(m.output.diags->items[0].path, STR("src/A.vue"));
    assert_str(m.output.diags->items[0].text, STR("no"));
    assert_str(m.output.diags->items[0].hint, STR("n1\nn2"));
    assert_int_equal(m.output.diags->items[0].line, 4);
    assert_int_equal(m.output.diags->items[0].col, 2);
    assert_int_equal(m.output.dep_count, 1);
    assert_int_equal(m.output.code.len, 0);
    assert_false(m.output.is_passing);
    done(&m, &a);
}

TEST(a_missing_package_is_tried_again)
{
    struct arena a = { 0 };
    struct sidecar_message m;

    read_line(
            STR("{\"id\":1,\"error\":{\"message\":\"vue is not installed\",\"install\":\"vue\"}}"),
            &a, &m);
    assert_true(m.output.is_passing);
    done(&m, &a);
}

TEST(what_is_printed_before_an_answer_is_skipped_and_all_else_is_rubbish)
{
    static const struct str rubbish[] = { STR_INIT(""), STR_INIT("hello"), STR_INIT("{"),
        STR_INIT("[1]"), STR_INIT("{}"), STR_INIT("{\"id\":-1}"), STR_INIT("{\"id\":\"1\"}"),
        STR_INIT("{\"ready\":1}"), STR_INIT("\0"), STR_INIT("{\"id\":1") };
    struct arena a = { 0 };
    struct sidecar_message m;

    read_line(STR("Compiling... {\"id\":9,\"code\":\"\"}"), &a, &m);
    assert_int_equal(m.kind, SIDECAR_ANSWER);
    assert_int_equal(m.id, 9);
    done(&m, &a);
    read_line(STR("{\"ready\":{\"protocol\":1}}"), &a, &m);
    assert_int_equal(m.kind, SIDECAR_READY);
    done(&m, &a);
    for (size_t i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]); i++) {
        read_line(rubbish[i], &a, &m);
        assert_int_equal(m.kind, SIDECAR_RUBBISH);
        done(&m, &a);
    }
}

TEST(what_a_plugin_says_otherwise_now_is_named_by_paths_of_the_project)
{
    struct arena a = { 0 };
    struct sidecar_message m;

    read_line(
            STR("{\"stale\":true,\"deps\":[\"/home/me/app/virtual:x\",\"/etc/passwd\"]}"), &a, &m);
    assert_int_equal(m.kind, SIDECAR_STALE);
    assert_int_equal(m.output.dep_count, 1);
    assert_str(m.output.deps[0], STR("virtual:x"));
    done(&m, &a);
}

TEST(an_answer_without_code_is_an_error)
{
    struct arena a = { 0 };
    struct sidecar_message m;

    read_line(STR("{\"id\":1,\"code\":5}"), &a, &m);
    assert_int_equal(diag_list_errors(m.output.diags), 1);
    done(&m, &a);
}

TEST(columns_of_javascript_tools_are_counted_in_characters)
{
    struct str text = STR("a\n\xF0\x9F\x98\x80 \xC3\xA4x\n");

    assert_int_equal(sidecar_column(text, 1, 1), 1);
    assert_int_equal(sidecar_column(text, 2, 0), 0);
    assert_int_equal(sidecar_column(text, 2, 1), 1);
    assert_int_equal(sidecar_column(text, 2, 3), 2); /* behind the emoji */
    assert_int_equal(sidecar_column(text, 2, 5), 4);
    assert_int_equal(sidecar_column(text, 2, 9), 8); /* beyond the line */
    assert_int_equal(sidecar_column(text, 7, 3), 3); /* no such line */
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(columns_of_javascript_tools_are_counted_in_characters),
        CASE(requests_are_one_line_each),
        CASE(where_names_lead_is_absolute),
        CASE(an_answer_has_code_map_and_the_files_that_it_was_made_of),
        CASE(an_error_has_its_place_and_no_code),
        CASE(a_missing_package_is_tried_again),
        CASE(what_is_printed_before_an_answer_is_skipped_and_all_else_is_rubbish),
        CASE(what_a_plugin_says_otherwise_now_is_named_by_paths_of_the_project),
        cmocka_unit_test(an_answer_without_code_is_an_error),
    };

    return RUN(cases);
}
