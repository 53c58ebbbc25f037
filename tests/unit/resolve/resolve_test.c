/* SPDX-License-Identifier: MIT */
/* Specifiers that are URLs, and the conveniences around them. */
#include "resolve_fixture.h"

TEST(files_by_their_urls)
{
    add("src/a.js", "");
    add("src/b.js", "");

    imports("src/a.js", "./b.js", "src/b.js /src/b.js same");
    imports("src/a.js", "/src/b.js?x#y", "src/b.js /src/b.js?x#y same");
    imports("src/a.js", "../src/./b.js", "src/b.js /src/b.js same");
    imports("src/a.js", "../../../src/b.js", "src/b.js /src/b.js same");
    imports("src/a.js", "./c.js", "MISSING");
    imports("src/a.js", "/b.js", "MISSING");
}

TEST(names_with_signs_have_one_spelling)
{
    add("a b.js", "");
    add("c#d?e%.js", "");
    add("\xc3\xa4.js", "");

    imports("x.js", "./a b.js", "a b.js /a%20b.js same");
    imports("x.js", "./a%20b.js", "a b.js /a%20b.js same");
    imports("x.js", "./%61%20b.js", "a b.js /a%20b.js");
    imports("x.js", "./c%23d%3Fe%25.js", "c#d?e%.js /c%23d%3Fe%25.js same");
    imports("x.js", "./c%23d%3fe%25.js", "c#d?e%.js /c%23d%3Fe%25.js");
    imports("x.js", "./\xc3\xa4.js", "\xc3\xa4.js /%C3%A4.js same");
    imports("x.js", "./c#d?e%.js", "MISSING");
}

TEST(two_slashes_are_one_to_a_module)
{
    add("lib/a/b.js", "");

    imports("lib/x.js", "./a//b.js", "lib/a/b.js /lib/a/b.js");
    imports("lib/a/x.js", ".//b.js", "lib/a/b.js /lib/a/b.js");
    imports("lib/a/x.js", "..//a/b.js", "lib/a/b.js /lib/a/b.js");
}

TEST(a_name_may_look_like_an_encoded_one)
{
    add("a%20b.js", "");
    add("a%41.js", "");

    imports("x.js", "./a%2520b.js", "a%20b.js /a%2520b.js same");
    imports("x.js", "./a%2541.js", "a%41.js /a%2541.js same");
    imports("x.js", "./a%20b.js", "MISSING");
}

TEST(what_the_server_refuses_is_missing)
{
    add("a/b.js", "");
    add("a%2eb.js", "");

    imports("x.js", "./a%2Fb.js", "MISSING");
    imports("x.js", "./a%00.js", "MISSING");
    imports("x.js", "./a%FF.js", "MISSING");
    imports("x.js", "./a%5Cb.js", "MISSING");
    imports("x.js", "./a%252eb.js", "MISSING");
}

TEST(extensions_in_the_order_of_vite)
{
    add("a.ts", "");
    add("a.jsx", "");
    add("b.json", "");
    add("c.d", "");
    add("c.d.mjs", "");
    add("e.js/x", "");
    add("e.js.ts", "");

    imports("x.js", "./a", "a.ts /a.ts");
    imports("x.js", "./b", "b.json /b.json");
    imports("x.js", "./c.d", "c.d /c.d same");
    add("a.js", "");
    imports("x.js", "./a", "a.js /a.js");
    add("a.mjs", "");
    imports("x.js", "./a?q", "a.mjs /a.mjs?q");
    imports("x.js", "./e.js", "e.js.ts /e.js.ts");
}

TEST(typescript_by_the_name_of_its_output)
{
    add("a.ts", "");
    add("b.tsx", "");
    add("c.mts", "");
    add("d.ts", "");
    add("d.js", "");

    imports("x.ts", "./a.js", "a.ts /a.ts");
    imports("x.ts", "./b.js", "b.tsx /b.tsx");
    imports("x.ts", "./b.jsx", "b.tsx /b.tsx");
    imports("x.ts", "./c.mjs", "c.mts /c.mts");
    imports("x.ts", "./d.js", "d.js /d.js same");
}

TEST(folders_have_index_files)
{
    add("lib/index.ts", "");
    add("lib/sub/index.js", "");
    add("pkg/package.json", "{\"main\":\"./m\"}");
    add("pkg/m.js", "");
    add("lib.js", "");

    imports("lib/sub/a.js", "..", "lib/index.ts /lib/index.ts");
    imports("lib/sub/a.js", ".", "lib/sub/index.js /lib/sub/index.js");
    imports("lib/sub/a.js", "./", "lib/sub/index.js /lib/sub/index.js");
    imports("x.js", "./lib", "lib.js /lib.js");
    imports("x.js", "./lib/", "lib/index.ts /lib/index.ts");
    imports("x.js", "./pkg", "pkg/m.js /pkg/m.js");
}

TEST(a_folder_of_a_package_may_have_its_entry_beside_it)
{
    add("node_modules/p/package.json", "{\"module\": \"dist/index.js\"}");
    add("node_modules/p/dist/index.js", "");
    add("node_modules/p/dist/constants.js", "");
    add("node_modules/p/constants/package.json",
            "{\"main\": \"../dist/es5.js\", \"module\": \"../dist/constants.js\"}");
    add("node_modules/p/away/package.json", "{\"main\": \"../../../../../x.js\"}");
    add("node_modules/p/up/package.json", "{\"main\": \"..\"}");

    imports("x.js", "p/constants",
            "node_modules/p/dist/constants.js /node_modules/p/dist/constants.js");
    imports("x.js", "p/away", "MISSING");
    imports("x.js", "p/up", "node_modules/p/dist/index.js /node_modules/p/dist/index.js");
}

TEST(entries_that_name_folders_end)
{
    add("a/package.json", "{\"main\":\"a\",\"module\":\"a\",\"browser\":\"a\"}");
    add("a/b.js", "");
    fs_mem_add_link(mem, STR("a/a"), STR("a"));

    imports("x.js", "./a", "MISSING");
}

TEST(static_folders_are_served_from_the_root)
{
    add("public/js/a.js", "");
    add("static/js/b.js", "");
    add("js/a.js", "");

    imports("src/x.js", "/js/a.js", "js/a.js /js/a.js same");
    imports("src/x.js", "/js/b.js", "static/js/b.js /js/b.js same");
    imports("src/x.js", "/js/b", "static/js/b.js /js/b.js");
    imports("src/x.js", "/public/js/a.js", "public/js/a.js /public/js/a.js same");
    fs_mem_remove(mem, STR("js"));
    imports("src/x.js", "/js/a.js", "public/js/a.js /js/a.js same");
}

TEST(the_url_of_the_importer_decides)
{
    struct resolve_request q = {
        .kind = RESOLVE_IMPORT,
        .specifier = STR("./b.js"),
        .importer = STR("public/a.js"),
        .importer_url = STR("/a.js?v=1"),
    };

    add("public/b.js", "");
    resolve(resolver, &q, &arena, &result);
    assert_int_equal(result.kind, RESOLVED_FILE);
    assert_str(result.path, STR("public/b.js"));
    assert_str(result.url, STR("/b.js"));
    q.importer_url = STR("https://cdn/x/");
    resolve(resolver, &q, &arena, &result);
    assert_int_equal(result.kind, RESOLVED_LEAVE);
}

TEST(links_are_one_module)
{
    add("src/real.js", "");
    fs_mem_add_link(mem, STR("link.js"), STR("src/real.js"));
    fs_mem_add_link(mem, STR("public/l.js"), STR("src/real.js"));

    imports("x.js", "./link.js", "src/real.js /src/real.js");
    imports("x.js", "/l.js", "src/real.js /src/real.js");
    assert_str(ask(RESOLVE_URL, "x.js", "./link.js"), STR("link.js /link.js same"));
}

TEST(what_is_not_ours_is_left)
{
    imports("x.js", "https://esm.sh/react", "LEAVE");
    imports("x.js", "//cdn/x.js", "LEAVE");
    imports("x.js", "data:text/javascript,1", "LEAVE");
    imports("x.js", "blob:http://x/1", "LEAVE");
    imports("x.js", "node:fs", "LEAVE!");
    imports("x.js", "", "LEAVE!");
}

TEST(other_languages_name_urls)
{
    add("a/x.png", "");
    add("a/index.html", "");
    add("a/w.ts", "");
    add("a/y.css", "");

    assert_str(ask(RESOLVE_CSS_URL, "a/s.css", "x.png"), STR("a/x.png /a/x.png same"));
    assert_str(ask(RESOLVE_CSS_URL, "a/s.css", "x"), STR("MISSING"));
    assert_str(ask(RESOLVE_CSS_URL, "a/s.css", "#id"), STR("LEAVE"));
    assert_str(ask(RESOLVE_HTML, "b.html", "a/"), STR("a/index.html /a/ same"));
    assert_str(ask(RESOLVE_HTML, "b.html", "a"), STR("a/index.html /a/"));
    assert_str(ask(RESOLVE_HTML, "b.html", "a/index.html"), STR("a/index.html /a/index.html same"));
    assert_str(ask(RESOLVE_HTML, "b.html", ""), STR("LEAVE"));
    assert_str(ask(RESOLVE_HTML, "b.html", " a/x.png\n"), STR("a/x.png /a/x.png same"));
    assert_str(ask(RESOLVE_HTML, "b.html", "mailto:x@y"), STR("LEAVE"));
    assert_str(ask(RESOLVE_URL, "a/b.js", "w.js"), STR("a/w.ts /a/w.ts"));
    assert_str(ask(RESOLVE_CSS_IMPORT, "a/s.css", "y.css"), STR("a/y.css /a/y.css same"));
}

TEST(a_missing_file_says_what_was_tried_and_what_is_near)
{
    bool seen = false;

    add("src/view.js", "");
    imports("src/a.js", "./viwe.js", "MISSING");
    assert_str(result.near, STR("src/view.js"));
    assert_str(result.hint, STR("did you mean src/view.js?"));
    assert_str(result.message, STR("\"./viwe.js\": there is no such file"));
    assert_str(result.path, STR("src/viwe.js"));
    assert_str(result.tried[0], STR("src/viwe.js"));
    for (size_t i = 0; i < result.tried_count; i++) {
        seen = seen || str_eq(result.tried[i], STR("src/viwe.ts"));
    }
    assert_true(seen);
}

TEST(what_would_come_first_is_told_of_a_file_too)
{
    add("a.js", "");
    imports("x.js", "./a", "a.js /a.js");
    assert_true(result.tried_count > 0);
    for (size_t i = 0; i < result.tried_count; i++) {
        struct str path = result.tried[i];
        struct fs fs = fs_mem_face(mem);

        assert_int_equal(fs_kind_of(&fs, path), FS_NONE);
    }
    assert_str(result.tried[0], STR("a"));
}

TEST(import_maps_come_first)
{
    struct str error;
    struct import_map *map = import_map_parse(&arena,
            STR("{\"imports\":{\"a\":\"/lib/a.js?v\",\"b\":\"https://cdn/b\",\"c\":null,"
                "\"./d.js\":\"/lib/a.js\",\"e\":\"/lib/a\"}}"),
            STR("/index.html"), STR(""), &error);
    struct resolve_request q = {
        .kind = RESOLVE_IMPORT, .importer = STR("x.js"), .map = map, .specifier = STR("a")
    };

    add("lib/a.js", "");
    resolve(resolver, &q, &arena, &result);
    assert_str(result.path, STR("lib/a.js"));
    assert_str(result.query, STR("?v"));
    assert_true(result.same_url);
    q.specifier = STR("b");
    resolve(resolver, &q, &arena, &result);
    assert_int_equal(result.kind, RESOLVED_LEAVE);
    assert_false(result.warn);
    q.specifier = STR("c");
    resolve(resolver, &q, &arena, &result);
    assert_int_equal(result.kind, RESOLVED_MISSING);
    q.specifier = STR("./d.js");
    resolve(resolver, &q, &arena, &result);
    assert_str(result.path, STR("lib/a.js"));
    assert_true(result.same_url);
    q.specifier = STR("e");
    resolve(resolver, &q, &arena, &result);
    assert_str(result.url, STR("/lib/a.js"));
    assert_false(result.same_url);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        PROJECT(files_by_their_urls),
        PROJECT(names_with_signs_have_one_spelling),
        PROJECT(a_name_may_look_like_an_encoded_one),
        PROJECT(what_the_server_refuses_is_missing),
        PROJECT(extensions_in_the_order_of_vite),
        PROJECT(typescript_by_the_name_of_its_output),
        PROJECT(two_slashes_are_one_to_a_module),
        PROJECT(folders_have_index_files),
        PROJECT(a_folder_of_a_package_may_have_its_entry_beside_it),
        PROJECT(entries_that_name_folders_end),
        PROJECT(static_folders_are_served_from_the_root),
        PROJECT(the_url_of_the_importer_decides),
        PROJECT(links_are_one_module),
        PROJECT(what_is_not_ours_is_left),
        PROJECT(other_languages_name_urls),
        PROJECT(a_missing_file_says_what_was_tried_and_what_is_near),
        PROJECT(what_would_come_first_is_told_of_a_file_too),
        PROJECT(import_maps_come_first),
    };

    return RUN(cases);
}
