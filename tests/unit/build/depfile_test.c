/* SPDX-License-Identifier: MIT */
/* Dependency files as compilers write them, and as nobody should. */
#include "test.h"

#include "base/strbuf.h"
#include "build/depfile.h"
#include "build/path_set.h"

static void collect(void *ctx, struct str path)
{
    strbuf_add(ctx, path);
    strbuf_addc(ctx, '|');
}

static void expect(struct str text, struct str paths)
{
    struct strbuf found;
    struct str copy = exact_copy(text);

    strbuf_init(&found, 1 << 20);
    depfile_parse(copy, collect, &found);
    assert_str(strbuf_str(&found), paths);
    strbuf_finish(&found);
    free((void *)(uintptr_t)copy.ptr);
}

TEST(clang_continues_lines)
{
    expect(STR("app.o: app.c \\\n  page.h\\\n more.h\nphony.h:\n"), STR("app.c|page.h|more.h|"));
    expect(STR("app.o: app.c \\\r\n  page.h\r\n"), STR("app.c|page.h|"));
}

TEST(cargo_writes_absolute_paths)
{
    expect(STR("/t/x.wasm: /p/src/a\\ b.rs /p/src/lib.rs\n# env-dep:HOME\n/t/x.d: /p/c.rs"),
            STR("/p/src/a b.rs|/p/src/lib.rs|/p/c.rs|"));
}

TEST(escapes_are_undone)
{
    expect(STR("a: x\\#y z$$w c:d back\\slash\n"), STR("x#y|z$w|c:d|back\\slash|"));
}

TEST(several_targets_are_no_prerequisites)
{
    expect(STR("a b c : d\nnothing here\n: e\n"), STR("d|e|"));
}

TEST(every_prefix_is_harmless)
{
    struct str text = STR("a.o: b\\ c.c \\\n d$$.h # x\ne: f\\");

    for (size_t len = 0; len <= text.len; len++) {
        struct str copy = exact_copy(str_sub(text, 0, len));
        struct strbuf found;

        strbuf_init(&found, 1 << 16);
        depfile_parse(copy, collect, &found);
        strbuf_finish(&found);
        free((void *)(uintptr_t)copy.ptr);
    }
}

TEST(a_path_that_is_too_long_is_left_out)
{
    struct strbuf text;

    strbuf_init(&text, 1 << 20);
    strbuf_add(&text, STR("a: "));
    for (int i = 0; i < DEPFILE_PATH_MAX + 1; i++) {
        strbuf_addc(&text, 'x');
    }
    strbuf_add(&text, STR(" b"));
    expect(strbuf_str(&text), STR("b|"));
    strbuf_finish(&text);
}

TEST(paths_become_relative_to_the_root)
{
    struct arena a = { 0 };
    struct str got;

    assert_true(path_relative(&a, STR("/p"), STR("/p"), STR("/p/src/x.rs"), &got));
    assert_str(got, STR("src/x.rs"));
    assert_true(path_relative(&a, STR("/p"), STR("/p/sub"), STR("../x.c"), &got));
    assert_str(got, STR("x.c"));
    assert_true(path_relative(&a, STR("/p/app"), STR("/p"), STR("app/src/lib.rs"), &got));
    assert_str(got, STR("src/lib.rs"));
    assert_false(path_relative(&a, STR("/p"), STR("/p"), STR("../q/x"), &got));
    assert_false(path_relative(&a, STR("/p"), STR("/p"), STR("/pq/x"), &got));
    assert_false(path_relative(&a, STR("/p"), STR("/p"), STR("/p"), &got));
    assert_false(path_relative(&a, STR("/p"), STR("/p"), STR("../../../../x"), &got));
    arena_finish(&a);
}

TEST(a_set_knows_what_it_holds)
{
    struct path_set set = { 0 };

    assert_false(path_set_has(&set, STR("a")));
    path_set_add(&set, STR("b.c"));
    path_set_add(&set, STR("a.rs"));
    assert_true(path_set_has(&set, STR("a.rs")));
    assert_true(path_set_has_ext(&set, STR(".c")));
    assert_false(path_set_has_ext(&set, STR("")));
    path_set_add(&set, STR("a"));
    assert_true(path_set_has(&set, STR("a")));
    path_set_add(&set, STR("other.c"));
    path_set_reset(&set);
    assert_false(path_set_has(&set, STR("a")));
    assert_false(path_set_has_ext(&set, STR(".c")));
    path_set_add(&set, STR("c.rs"));
    assert_true(path_set_has_ext(&set, STR(".rs")));
    assert_false(path_set_has_ext(&set, STR(".c")));
    path_set_finish(&set);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(clang_continues_lines),
        CASE(cargo_writes_absolute_paths),
        CASE(escapes_are_undone),
        CASE(several_targets_are_no_prerequisites),
        CASE(every_prefix_is_harmless),
        CASE(a_path_that_is_too_long_is_left_out),
        CASE(paths_become_relative_to_the_root),
        CASE(a_set_knows_what_it_holds),
    };

    return RUN(cases);
}
