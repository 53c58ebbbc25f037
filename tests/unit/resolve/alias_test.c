/* SPDX-License-Identifier: MIT */
/* What an alias makes of a name: as Vite's own, rule by rule. */
#include "test.h"

#include "resolve/alias.h"

static struct arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

/* `wanted` is NULL where the rule does not fit. */
static void makes(const struct alias *alias, const char *name, const char *wanted)
{
    struct str copy = exact_copy(str_from(name));
    struct str got = { 0 };
    bool fits = alias_apply(alias, copy, &arena, &got);

    free((void *)(uintptr_t)copy.ptr);
    if (fits != (wanted != NULL) || (wanted && !str_eq(got, str_from(wanted)))) {
        fail_msg("%s becomes %.*s, not %s", name, STR_FMT(got), wanted ? wanted : "nothing");
    }
}

static void text(const char *find, const char *replacement, const char *name, const char *wanted)
{
    struct alias alias = alias_of_text(str_from(find), str_from(replacement));

    makes(&alias, name, wanted);
}

static void pattern(
        const char *source, const char *replacement, const char *name, const char *wanted)
{
    struct str copy = exact_copy(str_from(source));
    struct alias alias;

    if (!alias_of_pattern(&arena, copy, STR(""), str_from(replacement), &alias)) {
        fail_msg("/%s/ is not understood", source);
    }
    free((void *)(uintptr_t)copy.ptr);
    makes(&alias, name, wanted);
}

static bool understands(const char *source, const char *flags)
{
    struct alias alias;

    return alias_of_pattern(&arena, str_from(source), str_from(flags), STR("x"), &alias);
}

TEST(a_text_fits_a_name_or_the_beginning_of_its_path)
{
    text("@", "/app/src", "@/a.js", "/app/src/a.js");
    text("@", "/app/src", "@", "/app/src");
    text("@", "/app/src", "@vue/x", NULL);
    text("@", "/app/src", "./@/a.js", NULL);
    text("@/", "/app/src/", "@/a.js", "/app/src/a.js");
    text("@/", "/app/src", "@/a.js", NULL);
    text("react", "preact/compat", "react/jsx-runtime", "preact/compat/jsx-runtime");
    text("react", "preact/compat", "react-dom", NULL);
    text("src", "/src", "src/a", "/src/a");
    text("$lib", "/$$&x", "$lib/a", "/$&x/a");
}

TEST(a_pattern_fits_where_it_says)
{
    pattern("^@\\/", "/app/src/", "@/a.js", "/app/src/a.js");
    pattern("^@\\/", "/app/src/", "x@/a.js", NULL);
    pattern("\\/@\\/", "/app/src/", "/@/a.js", "/app/src/a.js");
    pattern("@/", "S/", "a/@/b/@/c", "a/S/b/@/c");
    pattern("^vue$", "vue/dist/vue.esm-bundler.js", "vue", "vue/dist/vue.esm-bundler.js");
    pattern("^vue$", "v", "vue/x", NULL);
    pattern("^~", "", "~bootstrap/scss/x", "bootstrap/scss/x");
    pattern("^~(.*)$", "$1", "~a/b", "a/b");
    pattern("^~(.+)$", "$1", "~", NULL);
    pattern("^@app/(.*)", "/src/$1.js", "@app/x/y", "/src/x/y.js");
    pattern("^@app/(.*)/index$", "/src/$1", "@app/x/index/index", "/src/x/index");
    pattern("^@app/(.*)/index$", "/src/$1", "@app/index", NULL);
    pattern("^a.*b", "[$&]", "axbxbc", "[axbxb]c");
    pattern("\\.svg$", ".png", "x.svg.svg", "x.svg.png");
    pattern("^src/.*", "$1", "src/x", "$1");
    pattern("", "x", "ab", "xab");
}

TEST(what_is_no_such_pattern_is_refused)
{
    assert_true(understands("^@\\/", "u"));
    assert_false(understands("^@\\/", "i"));
    assert_false(understands("^@\\/", "g"));
    static const char *const others[] = { "^(src|lib)/", "^@(?=/)", "^[@~]/", "^\\w+", "a+", "a*",
        "a?", "a{2}", "^@.", "(.*)(.*)", ".*.*", "(.*?)", "a|b", "a$b", "a^", "\\", "(", "^(@)/" };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (understands(others[i], "")) {
            fail_msg("/%s/ is understood", others[i]);
        }
    }
}

TEST(what_becomes_too_long_is_nothing)
{
    struct str long_one = arena_printf(&arena, "@/%0*d", ALIAS_NAME_MAX, 0);

    makes(&(struct alias){ .find = STR("@"), .replacement = STR("/") }, long_one.ptr, NULL);
    makes(&(struct alias){ .find = STR("@"), .replacement = long_one }, "@/a", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_fits_a_name_or_the_beginning_of_its_path),
        cmocka_unit_test(a_pattern_fits_where_it_says),
        cmocka_unit_test(what_is_no_such_pattern_is_refused),
        cmocka_unit_test(what_becomes_too_long_is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
