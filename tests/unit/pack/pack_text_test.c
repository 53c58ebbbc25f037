/* SPDX-License-Identifier: MIT */
/* What the bundler is given, what a file of a pack is served as, and how the bundler's word is checked. */
#include "test.h"

#include <inttypes.h>

#include "pack/list_text.h"
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

static struct arena arena;
static struct strbuf out;

/* A text in which "__N_" is what the names of file N begin with. */
static struct str tagged(const char *text)
{
    struct str rest = str_from(text);
    struct str done = STR("");

    while (rest.len > 0) {
        size_t at = str_find_str(rest, STR("__"));
        bool is_name = at != STR_NONE && at + 3 < rest.len && rest.ptr[at + 3] == '_';
        size_t end = at == STR_NONE ? rest.len : at + 2;

        done = arena_printf(&arena, "%.*s%.*s", STR_FMT(done), STR_FMT(str_sub(rest, 0, end)));
        if (is_name) {
            done = arena_printf(&arena, "%.*s%016" PRIx64, STR_FMT(done),
                    hash_bytes(files[rest.ptr[at + 2] - '0'].path).low);
            end++;
        }
        rest = str_skip(rest, end);
    }
    return done;
}

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
    arena_finish(&arena);
    return 0;
}

TEST(the_bundler_gets_every_file_and_every_name_under_another)
{
    pack_add_input(&out, &list, STR("/root"));

    assert_str(strbuf_str(&out),
            tagged("export { default as __0_default, a as __0_a } from \"/root/p/index.js\";\n"
                   "export { default as __1_default, b as __1_b, a as __1_a } from \"/root/p/b.js\";\n"
                   "import \"/root/p/c.js\";\n"
                   "export { d as __3_d } from \"/root/p/\\\"d.js\";\n"));
}

TEST(a_facade_has_the_names_of_its_file_and_of_what_that_hands_on)
{
    pack_add_facade(&out, &list, 0, STR("/p/index.js?pack"));

    assert_str(strbuf_str(&out),
            tagged("export { __0_default as default, __0_a as a, __1_b as b, __3_d as d } from "
                   "\"/p/index.js?pack\";\n"
                   "export * from \"q\";\n"
                   "export * from \"r\";\n"));
}

TEST(a_circle_of_stars_ends_and_hands_on_no_default)
{
    pack_add_facade(&out, &list, 2, STR("/p"));

    assert_str(
            strbuf_str(&out), tagged("export { __3_d as d, __0_a as a, __1_b as b } from \"/p\";\n"
                                     "export * from \"r\";\n"
                                     "export * from \"q\";\n"));
}

TEST(the_names_of_a_file_are_the_same_in_whatever_pack_it_is)
{
    const struct pack_list other = { .files = files + 1, .count = 3 };
    struct str first;

    pack_add_facade(&out, &list, 1, STR("/p"));
    first = arena_str(&arena, strbuf_str(&out));
    strbuf_reset(&out);
    pack_add_facade(&out, &other, 0, STR("/p"));
    assert_str(strbuf_str(&out), first);
    assert_str(first,
            tagged("export { __1_default as default, __1_b as b, __1_a as a } from \"/p\";\n"));
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

    struct arena a = { 0 };
    struct str odd;

    assert_true(pack_is_of(&list, good, STR("in.js"), &a, &odd));
    assert_false(pack_is_of(&list, good, STR("other.js"), &a, &odd));
    assert_str(odd, STR(""));
    assert_false(pack_is_of(&list, more, STR("in.js"), &a, &odd));
    assert_str(odd, STR("p/e.js"));
    assert_false(pack_is_of(&list, other, STR("in.js"), &a, &odd));
    assert_str(odd, STR("p/\"d.js"));
    assert_false(pack_is_of(&list, str_sub(good, 0, 20), STR("in.js"), &a, &odd));
    assert_false(pack_is_of(&list, STR("[]"), STR("in.js"), &a, &odd));
    assert_false(pack_is_of(&list, STR(""), STR("in.js"), &a, &odd));
    assert_str(odd, STR(""));
    arena_finish(&a);
}

TEST(a_list_is_read_as_it_was_written)
{
    static struct str texts[] = { STR_INIT("one"), STR_INIT("t/w\"o") };
    struct pack_list before = list;
    struct pack_list after;
    struct hash ground;

    files[1].version = UINT64_MAX - 1;
    before.key = hash_bytes(STR("key"));
    before.packages = before.names = before.outside = before.before = texts;
    before.package_count = before.before_count = 2;
    before.name_count = 1;
    before.makes_workers = true;
    pack_list_write(&out, &before, hash_bytes(STR("ground")));
    assert_true(pack_list_read(strbuf_str(&out), &arena, &after, &ground));
    assert_true(hash_eq(ground, hash_bytes(STR("ground"))));
    assert_true(hash_eq(after.key, before.key));
    assert_int_equal(after.count, 4);
    assert_str(after.files[3].path, STR("p/\"d.js"));
    assert_true(after.files[1].version == UINT64_MAX - 1);
    assert_str(after.files[1].exports[2], STR("a"));
    assert_int_equal(after.files[0].star_count, 3);
    assert_int_equal(after.files[0].stars[0].file, 1);
    assert_str(after.files[0].stars[1].specifier, STR("q"));
    assert_int_equal(after.package_count, 2);
    assert_str(after.packages[1], STR("t/w\"o"));
    assert_int_equal(after.name_count, 1);
    assert_int_equal(after.outside_count, 0);
    assert_int_equal(after.before_count, 2);
    assert_true(after.makes_workers);

    struct str text = strbuf_str(&out);

    for (size_t i = 0; i < text.len; i++) {
        assert_false(pack_list_read(str_sub(text, 0, i), &arena, &after, &ground));
    }
    files[0].stars[0].file = 4; /* there are only four */
    strbuf_reset(&out);
    pack_list_write(&out, &before, before.key);
    assert_false(pack_list_read(strbuf_str(&out), &arena, &after, &ground));
    files[0].stars[0].file = 1;
    assert_false(pack_list_read(STR("[]"), &arena, &after, &ground));
    assert_false(pack_list_read(STR("{}"), &arena, &after, &ground));
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest cases[] = {
        EACH(the_bundler_gets_every_file_and_every_name_under_another),
        EACH(a_facade_has_the_names_of_its_file_and_of_what_that_hands_on),
        EACH(a_circle_of_stars_ends_and_hands_on_no_default),
        EACH(the_names_of_a_file_are_the_same_in_whatever_pack_it_is),
        EACH(what_stays_outside_is_named_by_its_url),
        EACH(the_bundler_has_to_have_taken_the_very_files),
        EACH(a_list_is_read_as_it_was_written),
    };

    return RUN(cases);
}
