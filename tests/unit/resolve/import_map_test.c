/* SPDX-License-Identifier: MIT */
/* Import maps, with the cases of the web platform tests ("import-maps/data-driven"). */
#include "test.h"

#include "resolve/import_map.h"

static struct arena arena;

static struct import_map *parse(const char *text)
{
    struct str error = STR("");
    struct str copy = exact_copy(str_from(text));
    struct import_map *map =
            import_map_parse(&arena, copy, STR("/app/index.html"), STR("http://own"), &error);

    free((void *)(uintptr_t)copy.ptr);
    if (!map) {
        fail_msg("%.*s", STR_FMT(error));
    }
    return map;
}

/* "-" for no rule, "null" for a blocked name. */
static void expect(
        const struct import_map *map, const char *from, const char *name, const char *url)
{
    struct str got = STR("");

    switch (import_map_resolve(map, str_from(name), str_from(from), &arena, &got)) {
    case IMPORT_MAP_NONE: got = STR("-"); break;
    case IMPORT_MAP_BLOCKED: got = STR("null"); break;
    case IMPORT_MAP_URL:
    default: break;
    }
    assert_str(got, str_from(url));
}

static size_t warnings(const struct import_map *map)
{
    size_t count;

    import_map_warnings(map, &count);
    return count;
}

static void refuses(const char *text)
{
    struct str error = STR("");

    assert_null(import_map_parse(&arena, str_from(text), STR("/"), STR(""), &error));
    assert_true(error.len > 0);
}

TEST(names_and_packages)
{
    struct import_map *map = parse(
            "{\"imports\":{\"moment\":\"/node_modules/moment/src/moment.js\","
            "\"moment/\":\"/node_modules/moment/src/\",\"lodash-dot\":\"./lib/lodash.js\","
            "\"lodash-dotdot\":\"../lib/lodash.js\",\"nowhere/\":null,\"out\":\"https://a/b\"}}");

    expect(map, "/js/a.js", "moment", "/node_modules/moment/src/moment.js");
    expect(map, "/js/a.js", "moment/foo", "/node_modules/moment/src/foo");
    expect(map, "/js/a.js", "moment/foo?x#y", "/node_modules/moment/src/foo?x#y");
    expect(map, "/js/a.js", "lodash-dot", "/app/lib/lodash.js");
    expect(map, "/js/a.js", "lodash-dotdot", "/lib/lodash.js");
    expect(map, "/js/a.js", "lodash-dot/foo", "-");
    expect(map, "/js/a.js", "nowhere/x", "null");
    expect(map, "/js/a.js", "out", "https://a/b");
    expect(map, "/js/a.js", "moment/../x", "null");
    expect(map, "/js/a.js", "moment/a/../x", "/node_modules/moment/src/x");
    expect(map, "/js/a.js", "./x.js", "-");
    assert_int_equal(warnings(map), 0);
}

TEST(urls_are_names_too)
{
    struct import_map *map =
            parse("{\"imports\":{\"/lib/foo.mjs\":\"./more/bar.mjs\",\"./dotrelative/foo.mjs\":"
                  "\"/lib/dot.mjs\",\"http://own/whole\":\"/lib/whole.mjs\","
                  "\"https://a/\":\"/a/\",\"data:x/\":\"/data/\"}}");

    expect(map, "/js/a.js", "/lib/foo.mjs", "/app/more/bar.mjs");
    expect(map, "/lib/a.js", "./foo.mjs", "/app/more/bar.mjs");
    expect(map, "/lib/deep/a.js", "../foo.mjs", "/app/more/bar.mjs");
    expect(map, "/app/a.js", "./dotrelative/foo.mjs", "/lib/dot.mjs");
    expect(map, "/js/a.js", "/whole", "/lib/whole.mjs");
    expect(map, "/js/a.js", "https://a/b", "/a/b");
    expect(map, "/js/a.js", "data:x/y", "-");
}

TEST(the_longest_name_wins)
{
    struct import_map *map =
            parse("{\"imports\":{\"a\":\"/1\",\"a/\":\"/2/\",\"a/b\":\"/3\",\"a/b/\":\"/4/\"}}");

    expect(map, "/", "a", "/1");
    expect(map, "/", "a/x", "/2/x");
    expect(map, "/", "a/b", "/3");
    expect(map, "/", "a/b/c", "/4/c");
    expect(map, "/", "a/", "/2/");
    expect(map, "/", "ab", "-");
}

TEST(scopes_fall_back_to_wider_ones)
{
    struct import_map *map = parse(
            "{\"imports\":{\"a\":\"/a-1.mjs\",\"b\":\"/b-1.mjs\",\"c\":\"/c-1.mjs\"},\"scopes\":{"
            "\"/scope2/\":{\"a\":\"/a-2.mjs\"},"
            "\"/scope2/scope3/\":{\"b\":\"/b-3.mjs\",\"a\":null},"
            "\"/exact.js\":{\"c\":\"/c-x.mjs\"}}}");

    expect(map, "/scope1/foo.mjs", "a", "/a-1.mjs");
    expect(map, "/scope2/foo.mjs", "a", "/a-2.mjs");
    expect(map, "/scope2/foo.mjs", "b", "/b-1.mjs");
    expect(map, "/scope2/scope3/foo.mjs", "a", "null");
    expect(map, "/scope2/scope3/foo.mjs", "b", "/b-3.mjs");
    expect(map, "/scope2/scope3/foo.mjs", "c", "/c-1.mjs");
    expect(map, "/exact.js", "c", "/c-x.mjs");
    expect(map, "/exact.js?v", "c", "/c-1.mjs");
}

TEST(bad_entries_are_dropped_with_a_warning)
{
    struct import_map *map =
            parse("{\"imports\":{\"\":\"/x\",\"n\":1,\"bare\":\"x\",\"s/\":\"/x\"},"
                  "\"integrity\":{},\"other\":1}");

    assert_int_equal(warnings(map), 5);
    expect(map, "/", "n", "null");
    expect(map, "/", "bare", "null");
    expect(map, "/", "s/x", "null");
}

TEST(of_two_alike_the_later_counts)
{
    struct import_map *map = parse("{\"imports\":{\"/app/a\":\"/1\",\"./a\":\"/2\"}}");

    expect(map, "/", "/app/a", "/2");
}

TEST(maps_that_browsers_refuse)
{
    refuses("");
    refuses("{");
    refuses("[]");
    refuses("{\"imports\":[]}");
    refuses("{\"scopes\":null}");
    refuses("{\"scopes\":{\"/\":1}}");
}

TEST(a_later_map_adds_and_does_not_change)
{
    struct import_map *map =
            parse("{\"imports\":{\"a\":\"/1\"},\"scopes\":{\"/s/\":{\"a\":\"/s1\"}}}");
    struct import_map *later = parse("{\"imports\":{\"a\":\"/2\",\"b\":\"/3\"},"
                                     "\"scopes\":{\"/s/\":{\"a\":\"/s2\",\"c\":\"/s3\"},"
                                     "\"/s/t/\":{\"a\":\"/t\"}}}");

    import_map_merge(&arena, map, later);
    expect(map, "/", "a", "/1");
    expect(map, "/", "b", "/3");
    expect(map, "/s/x", "a", "/s1");
    expect(map, "/s/x", "c", "/s3");
    expect(map, "/s/t/x", "a", "/t");
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
        CASE(names_and_packages),
        CASE(urls_are_names_too),
        CASE(the_longest_name_wins),
        CASE(scopes_fall_back_to_wider_ones),
        CASE(bad_entries_are_dropped_with_a_warning),
        CASE(of_two_alike_the_later_counts),
        CASE(maps_that_browsers_refuse),
        CASE(a_later_map_adds_and_does_not_change),
    };

    return cmocka_run_group_tests(cases, NULL, finish);
}
