/* SPDX-License-Identifier: MIT */
/* Packages: where they are looked for, what they say of themselves, and what is remembered. */
#include "resolve_fixture.h"

#define MODULES "node_modules/"
#define M       "/node_modules/"

TEST(exports_are_the_only_door)
{
    add(MODULES "p/package.json", "{\"main\":\"./m.js\",\"exports\":{\".\":{\"import\":\"./i.js\"},"
                                  "\"./f/*\":\"./src/*.js\",\"./gone\":\"./gone.js\"}}");
    add(MODULES "p/i.js", "export {}");
    add(MODULES "p/m.js", "");
    add(MODULES "p/src/a b.js", "export {}");

    imports("src/a.js", "p", MODULES "p/i.js " M "p/i.js");
    imports("src/a.js", "p/f/a%20b?q", MODULES "p/src/a b.js " M "p/src/a%20b.js?q");
    imports("src/a.js", "p/m.js", "MISSING");
    imports("src/a.js", "p/gone", "MISSING");
    imports("src/a.js", "/node_modules/p/m.js", MODULES "p/m.js " M "p/m.js same cjs");
    assert_true(result.is_package);
}

TEST(fields_where_there_are_no_exports)
{
    add(MODULES "m/package.json", "{\"main\":\"./main.js\",\"module\":\"./mod.js\"}");
    add(MODULES "m/main.js", "module.exports = 1");
    add(MODULES "m/mod.js", "");
    add(MODULES "c/package.json", "{\"main\":\"lib\"}");
    add(MODULES "c/lib/index.js", "exports.a = 1");
    add(MODULES "c/x.cjs", "export {}");
    add(MODULES "e/package.json", "{\"main\":\"./main\"}");
    add(MODULES "e/main.js", "export default 1");
    add(MODULES "t/package.json", "{\"type\":\"module\",\"main\":\"gone.js\"}");
    add(MODULES "t/index.js", "");
    add(MODULES "bare/index.js", "1");

    imports("a.js", "m", MODULES "m/mod.js " M "m/mod.js");
    imports("a.js", "m/main", MODULES "m/main.js " M "m/main.js cjs");
    imports("a.js", "c", MODULES "c/lib/index.js " M "c/lib/index.js cjs");
    imports("a.js", "c/", MODULES "c/lib/index.js " M "c/lib/index.js cjs");
    imports("a.js", "c/x.cjs", MODULES "c/x.cjs " M "c/x.cjs cjs");
    imports("a.js", "c/../m", "MISSING");
    imports("a.js", "c/no", "MISSING");
    imports("a.js", "e", MODULES "e/main.js " M "e/main.js");
    imports("a.js", "t", MODULES "t/index.js " M "t/index.js");
    imports("a.js", "bare", MODULES "bare/index.js " M "bare/index.js cjs");
    assert_str(ask(RESOLVE_REQUIRE, "a.js", "m"), STR(MODULES "m/main.js " M "m/main.js cjs"));
}

TEST(browser_fields)
{
    add(MODULES "s/package.json", "{\"main\":\"m.js\",\"module\":\"e.js\",\"browser\":\"b.js\"}");
    add(MODULES "s/m.js", "");
    add(MODULES "s/e.js", "export {}");
    add(MODULES "s/b.js", "window.x = 1");
    add(MODULES "o/package.json",
            "{\"main\":\"./m.js\",\"browser\":{\"./m.js\":\"./b.js\",\"fs\":false,\"./x\":false,"
            "\"ws\":\"./w.js\",\"old\":\"new\",\"./gone.js\":\"./none.js\",\"l1\":\"l2\",\"l2\":\"l1\"}}");
    add(MODULES "o/m.js", "");
    add(MODULES "o/b.js", "export {}");
    add(MODULES "o/x.js", "");
    add(MODULES "o/w.js", "");
    add(MODULES "o/gone.js", "");
    add(MODULES "new/index.mjs", "");

    imports("a.js", "s", MODULES "s/e.js " M "s/e.js");
    add(MODULES "s/b.js", "export const x = window.x");
    imports("a.js", "s", MODULES "s/b.js " M "s/b.js");
    imports("a.js", "o", MODULES "o/b.js " M "o/b.js");
    imports(MODULES "o/b.js", "./x.js", "EMPTY");
    imports(MODULES "o/b.js", "./x", "EMPTY");
    imports(MODULES "o/b.js", "fs", "EMPTY");
    imports(MODULES "o/b.js", "ws", MODULES "o/w.js " M "o/w.js cjs");
    imports(MODULES "o/b.js", "old", MODULES "new/index.mjs " M "new/index.mjs");
    imports(MODULES "o/b.js", "./gone.js", "MISSING");
    imports(MODULES "o/b.js", "l1", "LEAVE!");
    imports("a.js", "fs", "LEAVE!");
}

TEST(own_names_and_imports)
{
    add("package.json", "{\"name\":\"me\",\"exports\":{\"./x\":\"./src/x.js\"},"
                        "\"imports\":{\"#x\":\"./src/x.js\",\"#p\":\"p\",\"#no\":null,"
                        "\"#gone\":\"./gone.js\"}}");
    add("src/x.js", "");
    add(MODULES "p/package.json", "{\"imports\":{\"#x\":\"./y.mjs\"}}");
    add(MODULES "p/y.mjs", "");
    add(MODULES "p/index.mjs", "");

    imports("src/a.js", "me/x", "src/x.js /src/x.js");
    imports("src/a.js", "me/y", "MISSING");
    imports("src/a.js", "#x", "src/x.js /src/x.js");
    imports("src/a.js", "#p", MODULES "p/index.mjs " M "p/index.mjs");
    imports("src/a.js", "#no", "MISSING");
    imports("src/a.js", "#gone", "MISSING");
    imports("src/a.js", "#other", "MISSING");
    imports(MODULES "p/index.mjs", "#x", MODULES "p/y.mjs " M "p/y.mjs");
    fs_mem_remove(mem, STR("package.json"));
    imports("src/a.js", "#x", "LEAVE!");
}

TEST(the_nearest_node_modules_wins)
{
    add(MODULES "d/index.mjs", "");
    add(MODULES "p/index.mjs", "");
    add(MODULES "p/node_modules/d/index.mjs", "");
    add(MODULES "@s/q/index.mjs", "");
    add("app/node_modules/d/README", "");

    imports(MODULES "p/lib/a.js", "d",
            MODULES "p/node_modules/d/index.mjs " M "p/node_modules/d/index.mjs");
    imports(MODULES "@s/q/a.js", "d", MODULES "d/index.mjs " M "d/index.mjs");
    imports("app/a.js", "@s/q", MODULES "@s/q/index.mjs " M "@s/q/index.mjs");
    assert_str(result.package, STR("@s/q"));
    imports("app/a.js", "d", MODULES "d/index.mjs " M "d/index.mjs");
}

TEST(linked_packages_are_where_they_are)
{
    add("packages/ui/package.json", "{\"exports\":\"./ui.js\"}");
    add("packages/ui/ui.js", "export {}");
    add("packages/ui/node_modules/dep/index.mjs", "");
    fs_mem_add_link(mem, STR(MODULES "ui"), STR("packages/ui"));

    imports("src/a.js", "ui", "packages/ui/ui.js /packages/ui/ui.js");
    assert_true(result.is_package);
    imports("packages/ui/ui.js", "dep",
            "packages/ui/node_modules/dep/index.mjs /packages/ui/node_modules/dep/index.mjs");
}

TEST(the_projects_own_files_are_modules)
{
    add("package.json", "{\"type\":\"commonjs\"}");
    add("a.js", "x = 1");
    add("b.cjs", "");

    imports("x.js", "./a.js", "a.js /a.js same");
    imports("x.js", "./b.cjs", "b.cjs /b.cjs same cjs");
    assert_false(resolver_is_commonjs(resolver, STR("a.js")));
    assert_true(resolver_is_commonjs(resolver, STR("b.cjs")));
}

TEST(stylesheets_of_packages)
{
    add(MODULES "norm/package.json", "{\"style\":\"n.css\",\"main\":\"n.js\"}");
    add(MODULES "norm/n.css", "");
    add(MODULES "exp/package.json", "{\"exports\":{\"./x.css\":{\"style\":\"./d/x.css\"}}}");
    add(MODULES "exp/d/x.css", "");

    assert_str(ask(RESOLVE_CSS_IMPORT, "a.css", "norm"), STR(MODULES "norm/n.css " M "norm/n.css"));
    assert_str(ask(RESOLVE_CSS_IMPORT, "a.css", "exp/x.css"),
            STR(MODULES "exp/d/x.css " M "exp/d/x.css"));
    assert_str(ask(RESOLVE_CSS_IMPORT, "a.css", "none"), STR("MISSING"));
    assert_str(ask(RESOLVE_CSS_IMPORT, "a.css", "./norm"), STR("MISSING"));
    add("norm", "");
    assert_str(ask(RESOLVE_CSS_IMPORT, "a.css", "norm"), STR("norm /norm same"));
}

TEST(what_is_not_installed_is_left_with_a_hint)
{
    add(MODULES "react/index.mjs", "");

    imports("a.js", "raect", "LEAVE!");
    assert_str(result.hint, STR("did you mean react?"));
    imports("a.js", "three", "LEAVE!");
    assert_str(result.hint, STR("npm install three"));
    assert_str(result.tried[0], STR(MODULES "three/package.json"));
    add(MODULES "three/index.mjs", "");
    imports("a.js", "three", MODULES "three/index.mjs " M "three/index.mjs");
}

TEST(a_name_that_a_bundler_may_have_been_told_of_has_a_hint_of_its_own)
{
    const struct str alias =
            STR("an alias is read from resolve.alias in vite.config, and from \"paths\" in "
                "tsconfig.json or jsconfig.json");

    add("src/components/Card.jsx", "");
    add("lib/x.js", "");

    imports("a.js", "@/App", "LEAVE!");
    assert_str(result.hint, alias);
    imports("a.js", "~/App", "LEAVE!");
    assert_str(result.hint, alias);
    imports("a.js", "$lib/x", "LEAVE!");
    assert_str(result.hint, alias);
    imports("a.js", "components/Card", "LEAVE!");
    assert_str(result.hint, alias);
    imports("a.js", "lib/x", "LEAVE!");
    assert_str(result.hint, alias);
    imports("a.js", "@scope/name", "LEAVE!");
    assert_str(result.hint, STR("npm install @scope/name"));
}

TEST(a_bad_package_json_is_said_with_its_line)
{
    add(MODULES "p/package.json", "{\n oops");
    add(MODULES "p/index.js", "");

    imports("a.js", "p", "MISSING");
    assert_true(str_find_str(result.message, STR("line 2")) != STR_NONE);
    add(MODULES "p/package.json", "\xef\xbb\xbf{\"main\":\"index.js\"}");
    imports("a.js", "p", MODULES "p/index.js " M "p/index.js cjs");
}

TEST(a_package_json_is_read_once_until_it_changes)
{
    add(MODULES "p/package.json", "{\"exports\":\"./a.mjs\"}");
    add(MODULES "p/a.mjs", "");
    add(MODULES "p/b.mjs", "");

    imports("a.js", "p", MODULES "p/a.mjs " M "p/a.mjs");
    size_t reads = fs_mem_reads(mem);

    imports("a.js", "p", MODULES "p/a.mjs " M "p/a.mjs");
    assert_int_equal(fs_mem_reads(mem), reads);
    assert_str(result.manifests[result.manifest_count - 1], STR(MODULES "p/package.json"));
    add(MODULES "p/package.json", "{\"exports\":\"./b.mjs\"}");
    imports("a.js", "p", MODULES "p/b.mjs " M "p/b.mjs");
    reads = fs_mem_reads(mem);
    resolver_forget(resolver, STR("package-lock.json"));
    imports("a.js", "p", MODULES "p/b.mjs " M "p/b.mjs");
    assert_int_equal(fs_mem_reads(mem), reads + 1);
    resolver_forget(resolver, STR(MODULES "other/package.json"));
    imports("a.js", "p", MODULES "p/b.mjs " M "p/b.mjs");
    assert_int_equal(fs_mem_reads(mem), reads + 1);
    fs_mem_remove(mem, STR(MODULES "p"));
    imports("a.js", "p", "LEAVE!");
}

static void requires(const char *importer, const char *specifier, const char *answer)
{
    assert_str(ask(RESOLVE_REQUIRE, importer, specifier), str_from(answer));
}

TEST(what_is_required)
{
    add(MODULES "d/package.json", "{\"exports\":{\"import\":\"./i.js\",\"require\":\"./r.js\"}}");
    add(MODULES "d/i.js", "export {}");
    add(MODULES "d/r.js", "exports.a = 1");
    add(MODULES "b/package.json",
            "{\"exports\":{\"module\":\"./m.js\",\"import\":\"./i.mjs\",\"default\":\"./r.js\"}}");
    add(MODULES "b/m.js", "export {}");
    add(MODULES "b/i.mjs", "export {}");
    add(MODULES "b/r.js", "exports.a = 1");
    add(MODULES "o/package.json", "{\"browser\":{\"./off\":false,\"./on\":\"./there\"}}");
    add(MODULES "o/there.js", "");
    add("own.js", "exports.a = 1");
    add("own.cjs", "");
    add("data.json", "{}");

    requires("own.cjs", "d", MODULES "d/r.js " M "d/r.js cjs");
    imports("a.js", "d", MODULES "d/i.js " M "d/i.js");
    /* one module for those who import it and those who require it, as bundlers have it */
    requires("own.cjs", "b", MODULES "b/m.js " M "b/m.js");
    imports("a.js", "b", MODULES "b/m.js " M "b/m.js");
    /* a browser field may speak of what is not there */
    requires(MODULES "o/index.js", "./off", "EMPTY");
    requires(MODULES "o/index.js", "./on", MODULES "o/there.js " M "o/there.js cjs");
    /* who is required is no module of the page */
    requires("own.cjs", "./own", "own.js /own.js cjs");
    requires("own.cjs", "./data", "data.json /data.json");
    imports("a.js", "./own.js", "own.js /own.js same");
}

TEST(above_the_root_is_the_workspace)
{
    struct fs fs = fs_mem_face(mem);

    add(MODULES "near/index.js", "");
    add("@workspace/" MODULES "near/index.js", "");
    add("@workspace/" MODULES "far/index.js", "");
    add("@workspace/packages/" MODULES "between/index.js", "");
    add("@workspace/packages/shared/package.json", "{\"main\":\"s.js\",\"type\":\"module\"}");
    add("@workspace/packages/shared/s.js", "");
    fs_mem_add_link(mem, STR(MODULES "shared"), STR("@workspace/packages/shared"));

    imports("a.js", "far", "LEAVE!");
    resolver_destroy(resolver);
    fs.within = STR("@workspace/packages/app");
    resolver = resolver_create(&(struct resolver_options){ .fs = fs });
    imports("a.js", "near", MODULES "near/index.js " M "near/index.js cjs");
    imports("a.js", "far", "@workspace/" MODULES "far/index.js /@workspace" M "far/index.js cjs");
    imports("a.js", "between",
            "@workspace/packages/" MODULES "between/index.js /@workspace/packages" M
            "between/index.js cjs");
    imports("a.js", "shared", "@workspace/packages/shared/s.js /@workspace/packages/shared/s.js");
    imports("@workspace/packages/shared/s.js", "far",
            "@workspace/" MODULES "far/index.js /@workspace" M "far/index.js cjs");
    imports("a.js", "nowhere", "LEAVE!");
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        PROJECT(exports_are_the_only_door),
        PROJECT(fields_where_there_are_no_exports),
        PROJECT(browser_fields),
        PROJECT(own_names_and_imports),
        PROJECT(the_nearest_node_modules_wins),
        PROJECT(linked_packages_are_where_they_are),
        PROJECT(the_projects_own_files_are_modules),
        PROJECT(stylesheets_of_packages),
        PROJECT(what_is_not_installed_is_left_with_a_hint),
        PROJECT(a_name_that_a_bundler_may_have_been_told_of_has_a_hint_of_its_own),
        PROJECT(a_bad_package_json_is_said_with_its_line),
        PROJECT(a_package_json_is_read_once_until_it_changes),
        PROJECT(what_is_required),
        PROJECT(above_the_root_is_the_workspace),
    };

    return RUN(cases);
}
