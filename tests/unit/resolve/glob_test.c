/* SPDX-License-Identifier: MIT */
/* The patterns of import.meta.glob(). */
#include "test.h"

#include "resolve/glob.h"

static struct arena arena;

static struct glob *parse(const char *first, const char *second)
{
    struct str patterns[] = { str_from(first), str_from(second) };
    struct str error = STR("");
    struct glob *glob = glob_parse(&arena, patterns, second ? 2 : 1, STR("src/app.js"), &error);

    if (!glob) {
        fail_msg("%.*s", STR_FMT(error));
    }
    return glob;
}

static void matches(const char *pattern, const char *path, bool is)
{
    struct str copy = exact_copy(str_from(path));

    if (glob_match(parse(pattern, NULL), copy) != is) {
        fail_msg("%s %s %s", pattern, is ? "should match" : "should not match", path);
    }
    free((void *)(uintptr_t)copy.ptr);
}

TEST(names)
{
    matches("./*.js", "src/a.js", true);
    matches("./*.js", "src/x/a.js", false);
    matches("./*.js", "src/app.js", false);
    matches("./*.js", "a.js", false);
    matches("../*.js", "a.js", true);
    matches("/src/?.js", "src/\xc3\xa4.js", true);
    matches("/src/?.js", "src/ab.js", false);
    matches("/src/[a-c].js", "src/b.js", true);
    matches("/src/[!a-c].js", "src/b.js", false);
    matches("/src/[^a-c]x[]].js", "src/dx].js", true);
    matches("/src/[a.js", "src/[a.js", true);
    matches("/a*b*c", "aXbYbc", true);
    matches("/a*b*c", "aXbYb", false);
    matches("/\\*.js", "*.js", true);
    matches("/\\*.js", "a.js", false);
}

TEST(folders)
{
    matches("/**/*.js", "a.js", true);
    matches("/**/*.js", "a/b/c.js", true);
    matches("./**/x.js", "src/x.js", true);
    matches("/a/**", "a/b/c", true);
    matches("/a/**/b/**/c", "a/b/b/x/c", true);
    matches("/a/**/b/**/c", "a/x/c", false);
    matches("**/c.js", "a/c.js", true);
}

TEST(braces)
{
    matches("./x.{ts,tsx}", "src/x.tsx", true);
    matches("./x.{ts,tsx}", "src/x.js", false);
    matches("./{a,{b,c}d}/x", "src/cd/x", true);
    matches("./{a,{b,c}d}/x", "src/c/x", false);
    matches("./{a,}b", "src/b", true);
    matches("./{a}", "src/{a}", true);
    matches("./{{{,}}}", "src/{{}}", true);
}

TEST(hidden_names_have_to_be_named)
{
    matches("/**/*.js", "node_modules/a.js", false);
    matches("/node_modules/*/a.js", "node_modules/x/a.js", true);
    matches("/*/a.js", "node_modules/a.js", false);
    matches("/**", ".git/a", false);
    matches("/*", ".env", false);
    matches("/.*", ".env", true);
    matches("/.e*", ".env", true);
}

TEST(what_is_taken_back)
{
    struct glob *glob = parse("./**/*.js", "!./old/**");

    assert_true(glob_match(glob, STR("src/new/a.js")));
    assert_false(glob_match(glob, STR("src/old/a.js")));
    assert_false(glob_match(parse("/**/*.js", "!**/.x/**"), STR("a/.x/b.js")));
}

TEST(wrong_patterns_are_refused)
{
    const char *wrong[] = { "x.js", "", "../../x.js",
        "/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "!y" };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct str pattern = str_from(wrong[i]);
        struct str error = STR("");

        assert_null(glob_parse(&arena, &pattern, 1, STR("src/app.js"), &error));
        assert_true(error.len > 0);
    }
}

TEST(files_are_found_sorted_with_their_keys)
{
    struct fs_mem *mem = fs_mem_create();
    struct fs fs = fs_mem_face(mem);
    struct glob_file *files;
    size_t count;
    const char *paths[] = { "src/pages/b.js", "src/pages/a.js", "src/pages/deep/c.js", "src/app.js",
        "lib/d.js", "node_modules/x/e.js", "src/pages/.f.js", "src/pages/g.css" };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        fs_mem_add(mem, str_from(paths[i]), STR("x"));
    }
    fs_mem_add_link(mem, STR("src/pages/loop"), STR("src"));

    struct glob *glob = parse("./**/*.js", "../lib/*.js");

    assert_true(glob_expand(glob, &fs, &arena, &files, &count));
    assert_int_equal(count, 4);
    assert_str(files[0].path, STR("lib/d.js"));
    assert_str(files[0].key, STR("../lib/d.js"));
    assert_str(files[1].key, STR("./pages/a.js"));
    assert_str(files[2].key, STR("./pages/b.js"));
    assert_str(files[3].key, STR("./pages/deep/c.js"));
    assert_true(
            glob_expand(parse("/src/pages/loop/pages/a.js", NULL), &fs, &arena, &files, &count));
    assert_int_equal(count, 1);
    assert_str(files[0].key, STR("/src/pages/loop/pages/a.js"));

    const struct str *folders = glob_folders(glob, &count);

    assert_int_equal(count, 2);
    assert_str(folders[0], STR("src"));
    assert_str(folders[1], STR("lib"));
    fs_mem_destroy(mem);
}

static int finish(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(names),
        CASE(folders),
        CASE(braces),
        CASE(hidden_names_have_to_be_named),
        CASE(what_is_taken_back),
        CASE(wrong_patterns_are_refused),
        CASE(files_are_found_sorted_with_their_keys),
    };

    return cmocka_run_group_tests(cases, NULL, finish);
}
