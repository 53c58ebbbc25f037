/* SPDX-License-Identifier: MIT */
/* cargo's messages, as cargo 0.66 wrote them (shortened), and its words about manifests. */
#include "test.h"

#include "base/strbuf.h"
#include "build/cargo.h"
#include "build/cargo_json.h"

static const struct cargo_places places = { STR_INIT("/tmp/bt"), STR_INIT("/tmp/bt") };

static void collect(void *ctx, struct str path)
{
    strbuf_add(ctx, path);
    strbuf_addc(ctx, '|');
}

static bool feed(struct diag_list *list, struct strbuf *wasm, struct str line)
{
    struct str copy = exact_copy(line);
    bool known = cargo_json_message(copy, &places, list, collect, wasm);

    free((void *)(uintptr_t)copy.ptr);
    return known;
}

TEST(an_error_has_place_code_hint_and_frame)
{
    struct diag_list list = { 0 };
    struct strbuf wasm;

    strbuf_init(&wasm, 1000);
    assert_true(feed(&list, &wasm,
            STR("{\"reason\":\"compiler-message\",\"message\":{\"rendered\":\"error[E0308]: mismatched "
                "types\\n --> src/a.rs:1:18\\n\\n\",\"children\":[{\"children\":[],\"code\":null,"
                "\"level\":\"help\",\"message\":\"try this\",\"spans\":[]}],\"code\":{\"code\":\"E0308\","
                "\"explanation\":\"long\"},\"level\":\"error\",\"message\":\"mismatched types\",\"spans\":"
                "[{\"column_end\":16,\"column_start\":13,\"file_name\":\"src/a.rs\",\"is_primary\":false,"
                "\"line_end\":1,\"line_start\":1},{\"column_end\":21,\"column_start\":18,\"file_name\":"
                "\"src/a.rs\",\"is_primary\":true,\"line_end\":2,\"line_start\":1}]}}")));

    assert_int_equal(list.count, 1);
    assert_str(list.items[0].path, STR("src/a.rs"));
    assert_int_equal(list.items[0].line, 1);
    assert_int_equal(list.items[0].col, 18);
    assert_int_equal(list.items[0].end_line, 2);
    assert_int_equal(list.items[0].end_col, 21);
    assert_str(list.items[0].code, STR("E0308"));
    assert_str(list.items[0].text, STR("mismatched types"));
    assert_str(list.items[0].hint, STR("try this"));
    assert_str(list.items[0].frame, STR(" --> src/a.rs:1:18"));
    diag_list_finish(&list);
    strbuf_finish(&wasm);
}

TEST(a_frame_does_not_say_the_text_again)
{
    struct diag_list list = { 0 };
    struct strbuf wasm;

    strbuf_init(&wasm, 1000);
    (void)feed(&list, &wasm,
            STR("{\"reason\":\"compiler-message\",\"message\":{\"level\":\"error\",\"spans\":[],"
                "\"message\":\"one\\ntwo\",\"rendered\":\"error: one\\n       two\\n  |\\n\"}}"));
    (void)feed(&list, &wasm,
            STR("{\"reason\":\"compiler-message\",\"message\":{\"level\":\"error\",\"spans\":[],"
                "\"message\":\"no linker\",\"rendered\":\"error: no linker\\n\\n\"}}"));

    assert_str(list.items[0].text, STR("one\ntwo"));
    assert_str(list.items[0].frame, STR("  |"));
    assert_str(list.items[1].frame, STR(""));
    diag_list_finish(&list);
    strbuf_finish(&wasm);
}

TEST(summaries_are_left_out)
{
    struct diag_list list = { 0 };
    struct strbuf wasm;

    strbuf_init(&wasm, 1000);
    (void)feed(&list, &wasm,
            STR("{\"reason\":\"compiler-message\",\"message\":{\"level\":\"error\",\"spans\":[],"
                "\"message\":\"aborting due to previous error\"}}"));
    (void)feed(&list, &wasm,
            STR("{\"reason\":\"compiler-message\",\"message\":{\"level\":\"warning\",\"spans\":[],"
                "\"message\":\"1 warning emitted\"}}"));
    (void)feed(&list, &wasm,
            STR("{\"reason\":\"compiler-message\",\"message\":{\"level\":\"failure-note\","
                "\"message\":\"For more information\"}}"));
    assert_int_equal(list.count, 0);

    /* A linker's failure has no place either, and is none. */
    (void)feed(&list, &wasm,
            STR("{\"reason\":\"compiler-message\",\"message\":{\"level\":\"error\",\"spans\":[],"
                "\"message\":\"linker `rust-lld` not found\"}}"));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].line, 0);
    diag_list_finish(&list);
    strbuf_finish(&wasm);
}

TEST(an_error_in_a_foreign_macro_is_where_it_is_used)
{
    struct diag_list list = { 0 };
    struct strbuf wasm;

    strbuf_init(&wasm, 1000);
    (void)feed(&list, &wasm,
            STR("{\"reason\":\"compiler-message\",\"message\":{\"level\":\"warning\",\"message\":\"m\","
                "\"spans\":[{\"file_name\":\"/rustc/lib.rs\",\"is_primary\":true,\"line_start\":9,"
                "\"expansion\":{\"span\":{\"file_name\":\"src/lib.rs\",\"line_start\":4,"
                "\"column_start\":2}}}]}}"));

    assert_int_equal(list.count, 1);
    assert_str(list.items[0].path, STR("src/lib.rs"));
    assert_int_equal(list.items[0].line, 4);
    diag_list_finish(&list);
    strbuf_finish(&wasm);
}

TEST(artefacts_are_absolute_wasm_files)
{
    struct diag_list list = { 0 };
    struct strbuf wasm;

    strbuf_init(&wasm, 1000);
    assert_true(feed(&list, &wasm,
            STR("{\"reason\":\"compiler-artifact\",\"filenames\":[\"/t/a.rlib\",\"/t/b.wasm\",7,"
                "\"c.wasm\"]}")));
    assert_str(strbuf_str(&wasm), STR("/t/b.wasm|"));
    strbuf_finish(&wasm);
    diag_list_finish(&list);
}

TEST(garbage_is_no_message)
{
    static const char *const lines[] = { "", "hello", "{", "{}", "[]", "{\"reason\":5}",
        "{\"reason\":\"compiler-message\"", "{\"\xff\":1}", "{} {}" };
    struct diag_list list = { 0 };
    struct strbuf wasm;

    strbuf_init(&wasm, 1000);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_false(feed(&list, &wasm, str_from(lines[i])));
    }
    (void)feed(&list, &wasm, STR("{\"reason\":\"compiler-message\",\"message\":[1]}"));
    (void)feed(&list, &wasm, STR("{\"reason\":\"compiler-message\",\"message\":{\"spans\":{}}}"));
    assert_int_equal(list.count, 0);
    diag_list_finish(&list);
    strbuf_finish(&wasm);
}

TEST(metadata_names_targets)
{
    struct arena a = { 0 };
    struct cargo_metadata m;

    assert_true(cargo_json_metadata(&a,
            STR("{\"packages\":[{\"name\":\"rust-wasm\",\"manifest_path\":\"/p/Cargo.toml\","
                "\"targets\":[{\"kind\":[\"cdylib\"],\"name\":\"rust-wasm\"}]},{\"name\":\"srv\","
                "\"targets\":[{\"kind\":[\"bin\"],\"name\":\"a-b\"},{\"kind\":[\"test\"]}]}],"
                "\"target_directory\":\"/elsewhere\",\"workspace_root\":\"/p\"}"),
            &m));
    assert_int_equal(m.package_count, 2);
    assert_str(m.packages[0].lib, STR("rust_wasm"));
    assert_int_equal(m.packages[1].bins, 1);
    assert_str(m.packages[1].bin, STR("a-b"));
    assert_str(m.target_directory, STR("/elsewhere"));
    assert_false(cargo_json_metadata(&a, STR(""), &m));
    assert_false(cargo_json_metadata(&a, STR("{}"), &m));
    arena_finish(&a);
}

TEST(the_name_is_guessed_from_the_manifest)
{
    struct arena a = { 0 };

    assert_str(
            cargo_guess_name(&a, STR("[package]\nname = \"my-app\" # x\n[lib]\n")), STR("my_app"));
    assert_str(cargo_guess_name(&a, STR("[package]\nname='my-app'\n[dependencies]\nname = \"z\"")),
            STR("my-app"));
    assert_str(cargo_guess_name(&a, STR("[package]\nname = \"a\"\n[lib]\nname = \"b\"")), STR("b"));
    assert_str(cargo_guess_name(&a, STR("[workspace]\nmembers = [\"a\"]\nname = \"")), STR(""));
    arena_finish(&a);
}

TEST(a_broken_manifest_has_a_place)
{
    struct arena a = { 0 };
    struct diag d;

    cargo_manifest_error(&a, STR("/tmp/bt"),
            STR("error: failed to parse manifest at `/tmp/bt/sub/Cargo.toml`\n\nCaused by:\n  could "
                "not parse input as TOML\n\nCaused by:\n  TOML parse error at line 7, column 3\n"),
            101, &d);
    assert_str(d.path, STR("sub/Cargo.toml"));
    assert_int_equal(d.line, 7);
    assert_int_equal(d.col, 3);
    assert_str(d.text, STR("failed to parse manifest at `/tmp/bt/sub/Cargo.toml`"));

    cargo_manifest_error(
            &a, STR("/tmp/bt"), STR("error: no matching package named `x` found\n"), 101, &d);
    assert_str(d.path, STR(""));
    assert_str(d.text, STR("no matching package named `x` found"));

    cargo_manifest_error(&a, STR("/tmp/bt"), STR("something\n"), 137, &d);
    assert_str(d.text, STR("cargo was ended by signal 9 (Killed)"));
    assert_str(d.frame, STR("something"));
    arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(an_error_has_place_code_hint_and_frame),
        CASE(a_frame_does_not_say_the_text_again),
        CASE(summaries_are_left_out),
        CASE(an_error_in_a_foreign_macro_is_where_it_is_used),
        CASE(artefacts_are_absolute_wasm_files),
        CASE(garbage_is_no_message),
        CASE(metadata_names_targets),
        CASE(the_name_is_guessed_from_the_manifest),
        CASE(a_broken_manifest_has_a_place),
    };

    return RUN(cases);
}
