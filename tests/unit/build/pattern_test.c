/* SPDX-License-Identifier: MIT */
/* Patterns of the build section against paths. */
#include "test.h"

#include "build/pattern.h"

static bool match(const char *pattern, const char *path)
{
    struct str p = exact_copy(str_from(pattern));
    struct str s = exact_copy(str_from(path));
    bool result = pattern_list_match(&p, 1, s);

    free((void *)(uintptr_t)p.ptr);
    free((void *)(uintptr_t)s.ptr);
    return result;
}

TEST(a_name_matches_anywhere)
{
    assert_true(match("*.c", "a.c"));
    assert_true(match("*.c", "x/y/a.c"));
    assert_false(match("*.c", "a.cc"));
    assert_true(match("Makefile", "x/Makefile"));
    assert_true(match("a?c[0-9]", "abc7"));
    assert_false(match("a?c[!0-9]", "abc7"));
    assert_true(match("*a*b*c", "xxaxxbxxc"));
    assert_true(match("\\*", "*"));
    assert_false(match("\\*", "x"));
}

TEST(a_slash_anchors)
{
    assert_true(match("/a.c", "a.c"));
    assert_false(match("/a.c", "x/a.c"));
    assert_true(match("src/*.c", "src/a.c"));
    assert_false(match("src/*.c", "src/x/a.c"));
    assert_false(match("src/*.c", "x/src/a.c"));
    assert_true(match("./src/a.c", "src/a.c"));
}

TEST(a_folder_is_all_below_it)
{
    assert_true(match("gen/", "gen/x/y.c"));
    assert_true(match("gen/", "a/gen/y.c"));
    assert_false(match("gen/", "a/gen"));
    assert_true(match("/gen/", "gen/y.c"));
    assert_false(match("/gen/", "a/gen/y.c"));
    assert_true(match("a/gen/", "a/gen/y.c"));
    assert_true(match("gen", "gen/y.c"));
}

TEST(two_stars_cross_folders)
{
    assert_true(match("src/**/*.c", "src/a.c"));
    assert_true(match("src/**/*.c", "src/x/y/a.c"));
    assert_true(match("**/a.c", "a.c"));
    assert_true(match("src/**", "src/x/y"));
    assert_false(match("src/**", "srcx/y"));
    assert_false(match("**/**/**/**/**/**/**/**/**/**/**/z", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p"));
}

TEST(the_last_pattern_that_speaks_decides)
{
    struct str list[] = { STR_INIT("*.c"), STR_INIT("!gen/"), STR_INIT("gen/keep.c") };

    assert_true(pattern_list_match(list, 3, STR("a.c")));
    assert_false(pattern_list_match(list, 3, STR("gen/a.c")));
    assert_true(pattern_list_match(list, 3, STR("gen/keep.c")));
}

TEST(broken_patterns_match_nothing_and_do_no_harm)
{
    assert_false(match("", "a"));
    assert_false(match("/", "a"));
    assert_false(match("!", "a"));
    assert_false(match("[", "["));
    assert_false(match("[a", "a"));
    assert_false(match("a[]", "a"));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_name_matches_anywhere),
        CASE(a_slash_anchors),
        CASE(a_folder_is_all_below_it),
        CASE(two_stars_cross_folders),
        CASE(the_last_pattern_that_speaks_decides),
        CASE(broken_patterns_match_nothing_and_do_no_harm),
    };

    return RUN(cases);
}
