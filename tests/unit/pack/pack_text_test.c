/* SPDX-License-Identifier: MIT */
/* What the bundler is given, what a file of a pack is served as, and how the bundler's word is checked. */
#include "test.h"

#include "pack/text.h"

static struct str names_0[] = { STR_INIT("default"), STR_INIT("a") };
static struct str names_1[] = { STR_INIT("default"), STR_INIT("b"), STR_INIT("a") };
static struct str names_3[] = { STR_INIT("d") };
static struct pack_star stars_0[] = { { .file = 1 }, { .specifier = STR_INIT("q") },
    { .file = 2 } };
static struct pack_star stars_2[] = { { .file = 3 }, { .file = 0 },
    { .specifier = STR_INIT("r") } };

static struct pack_file files[] = {
    { .path = STR_INIT("p/index.js"),
            .exports = names_0,
            .export_count = 2,
            .stars = stars_0,
            .star_count = 3 },
    { .path = STR_INIT("p/b.js"), .exports = names_1, .export_count = 3 },
    { .path = STR_INIT("p/c.js"), .stars = stars_2, .star_count = 3 },
    { .path = STR_INIT("p/\"d.js"), .exports = names_3, .export_count = 1 },
};
static const struct pack_list list = { .files = files, .count = 4 };

static struct strbuf out;

static int set_up(void **state)
{
    (void)state;
    strbuf_init(&out, 4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    strbuf_finish(&out);
    return 0;
}

TEST(the_bundler_gets_every_file_and_every_name_under_another)
{
    pack_add_input(&out, &list, STR("/root"));

    assert_str(strbuf_str(&out),
            STR("export { default as __0_default, a as __0_a } from \"/root/p/index.js\";\n"
                "export { default as __1_default, b as __1_b, a as __1_a } from \"/root/p/b.js\";\n"
                "import \"/root/p/c.js\";\n"
                "export { d as __3_d } from \"/root/p/\\\"d.js\";\n"));
}

TEST(a_facade_has_the_names_of_its_file_and_of_what_that_hands_on)
{
    pack_add_facade(&out, &list, 0, STR("/p/index.js?pack"));

    assert_str(strbuf_str(&out),
            STR("export { __0_default as default, __0_a as a, __1_b as b, __3_d as d } from "
                "\"/p/index.js?pack\";\n"
                "export * from \"q\";\n"
                "export * from \"r\";\n"));
}

TEST(a_circle_of_stars_ends_and_hands_on_no_default)
{
    pack_add_facade(&out, &list, 2, STR("/p"));

    assert_str(strbuf_str(&out), STR("export { __3_d as d, __0_a as a, __1_b as b } from \"/p\";\n"
                                     "export * from \"r\";\n"
                                     "export * from \"q\";\n"));
}

TEST(what_stays_outside_is_named_by_its_url)
{
    const struct str code = STR("import '../../p/a b.js'; export * from \"../../p/c.js\";\n"
                                "import q from 'q'; let text = '../../p/c.js';\n");

    assert_true(pack_add_output(&out, code, STR("node_modules/.cache/orbiton")));
    assert_str(strbuf_str(&out),
            STR("import '/node_modules/p/a%20b.js'; export * from \"/node_modules/p/c.js\";\n"
                "import q from 'q'; let text = '../../p/c.js';\n"));
    assert_false(
            pack_add_output(&out, STR("import '../../../../x.js'"), STR("node_modules/.cache/o")));
    assert_false(pack_add_output(&out, STR("let a = '"), STR("a")));
}

TEST(the_bundler_has_to_have_taken_the_very_files)
{
    const struct str good = STR("{\"inputs\":{\"in.js\":{},\"p/index.js\":{},\"p/b.js\":{},"
                                "\"p/c.js\":{},\"p/\\\"d.js\":{}}}");
    const struct str more = STR("{\"inputs\":{\"in.js\":{},\"p/index.js\":{},\"p/b.js\":{},"
                                "\"p/c.js\":{},\"p/\\\"d.js\":{},\"p/e.js\":{}}}");
    const struct str other = STR("{\"inputs\":{\"in.js\":{},\"p/index.js\":{},\"p/b.js\":{},"
                                 "\"p/c.js\":{},\"p/node.js\":{}}}");

    assert_true(pack_is_of(&list, good, STR("in.js")));
    assert_false(pack_is_of(&list, good, STR("other.js")));
    assert_false(pack_is_of(&list, more, STR("in.js")));
    assert_false(pack_is_of(&list, other, STR("in.js")));
    assert_false(pack_is_of(&list, str_sub(good, 0, 20), STR("in.js")));
    assert_false(pack_is_of(&list, STR("[]"), STR("in.js")));
    assert_false(pack_is_of(&list, STR(""), STR("in.js")));
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest cases[] = {
        EACH(the_bundler_gets_every_file_and_every_name_under_another),
        EACH(a_facade_has_the_names_of_its_file_and_of_what_that_hands_on),
        EACH(a_circle_of_stars_ends_and_hands_on_no_default),
        EACH(what_stays_outside_is_named_by_its_url),
        EACH(the_bundler_has_to_have_taken_the_very_files),
    };

    return RUN(cases);
}
