/* SPDX-License-Identifier: MIT */
/* exports, imports and browser with the examples of Node's documentation, and module syntax. */
#include "test.h"

#include "resolve/module_syntax.h"
#include "resolve/package.h"

static const struct str conditions[] = { STR_INIT("browser"), STR_INIT("import"),
    STR_INIT("module"), STR_INIT("development") };

/* The path, or "-" none, "null", "config", "target", "specifier", ">x" another package. */
static void expect(const char *json, const char *name, const char *result)
{
    struct arena a = { 0 };
    struct package_target t;
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    struct str got = STR("-");

    assert_non_null(value);
    if (name[0] == '#') {
        package_imports(value, str_from(name), conditions, 4, &a, &t);
    } else {
        package_exports(value, str_from(name), conditions, 4, &a, &t);
    }
    switch (t.answer) {
    case PACKAGE_NULL: got = STR("null"); break;
    case PACKAGE_PATH: got = t.text; break;
    case PACKAGE_BARE: got = arena_printf(&a, ">%.*s", STR_FMT(t.text)); break;
    case PACKAGE_BAD_CONFIG: got = STR("config"); break;
    case PACKAGE_BAD_TARGET: got = STR("target"); break;
    case PACKAGE_BAD_SPECIFIER: got = STR("specifier"); break;
    case PACKAGE_NONE:
    default: break;
    }
    assert_str(got, str_from(result));
    json_decref(value);
    arena_finish(&a);
}

TEST(main_entry)
{
    expect("\"./index.js\"", ".", "index.js");
    expect("\"./index.js\"", "./index.js", "-");
    expect("{\".\":\"./index.js\",\"./sub\":\"./sub.js\"}", ".", "index.js");
    expect("{\"./sub\":\"./sub.js\"}", ".", "-");
    expect("{\"./*\":\"./sub.js\"}", ".", "-");
    expect("null", ".", "null");
    expect("{}", ".", "-");
}

TEST(subpath_patterns)
{
    const char *json = "{\"./features/*.js\":\"./src/features/*.js\","
                       "\"./features/private-internal/*\":null,\"./a/*\":\"./*/x/*.js\","
                       "\"./exact\":\"./exact.js\",\"./*/y/*\":\"./no.js\"}";

    expect(json, "./features/x.js", "src/features/x.js");
    expect(json, "./features/y/y.js", "src/features/y/y.js");
    expect(json, "./features/private-internal/m", "null");
    expect(json, "./features/private-internal/m.js", "null");
    expect(json, "./features/.js", "-");
    expect(json, "./a/b", "b/x/b.js");
    expect(json, "./a/", "-");
    expect(json, "./a/../b", "specifier");
    expect(json, "./a/%2e%2e/b", "specifier");
    expect(json, "./a/node_modules/b", "specifier");
    expect(json, "./exact", "exact.js");
    expect("{\"./*\":\"./x\"}", "./a/../b", "specifier");
    expect("{\"./*\":\"./x/*\",\"./a\":\"./*\"}", "./a", "*");
    expect("{\"./x*\":\"./y*\"}", "./x/a", "y/a");
    expect("{\"./x*\":\"./y/*\"}", "./x/a", "specifier");
    expect(json, "./c/y/d", "-");
}

TEST(the_closest_pattern_wins)
{
    expect("{\"./*\":\"./1/*\",\"./a/*\":\"./2/*\",\"./a/*.js\":\"./3/*\"}", "./a/b.js", "3/b");
    expect("{\"./a/*.js\":\"./3/*\",\"./a/b*\":\"./4/*\"}", "./a/b.js", "4/.js");
}

TEST(conditions_in_the_order_of_the_file)
{
    expect("{\"node\":\"./n.js\",\"import\":\"./i.js\",\"browser\":\"./b.js\"}", ".", "i.js");
    expect("{\"require\":\"./r.js\",\"default\":\"./d.js\"}", ".", "d.js");
    expect("{\"node\":\"./n.js\"}", ".", "-");
    expect("{\".\":{\"browser\":{\"require\":\"./r.js\"},\"default\":\"./d.js\"}}", ".", "d.js");
    expect("{\"browser\":null,\"default\":\"./d.js\"}", ".", "null");
    expect("{\"import\":{\"production\":\"./p.js\",\"development\":\"./d.js\"}}", ".", "d.js");
    expect("{\".\":\"./a.js\",\"import\":\"./b.js\"}", ".", "config");
}

TEST(arrays_take_the_first_that_works)
{
    expect("[\"bad\",{\"node\":\"./n.js\"},\"./a.js\",\"./b.js\"]", ".", "a.js");
    expect("[\"bad\"]", ".", "target");
    expect("[\"bad\",null]", ".", "null");
    expect("[]", ".", "null");
    expect("{\"default\":[{\"node\":\"./n.js\"}],\"module\":\"./m.js\"}", ".", "m.js");
}

TEST(targets_stay_in_the_package)
{
    expect("\"../x.js\"", ".", "target");
    expect("\"/x.js\"", ".", "target");
    expect("\"./a/../../x.js\"", ".", "target");
    expect("\"./%2e%2e/x.js\"", ".", "target");
    expect("\"./node_modules/x.js\"", ".", "target");
    expect("\"./a//x.js\"", ".", "target");
    expect("\".\"", ".", "target");
    expect("1", ".", "target");
}

TEST(imports_may_name_packages)
{
    const char *json = "{\"#dep\":{\"node\":\"dep-node\",\"default\":\"./dep.js\"},"
                       "\"#in/*\":\"./in/*.js\",\"#out/*\":\"pkg/*\",\"#up\":\"../x\"}";

    expect(json, "#dep", "dep.js");
    expect(json, "#in/a", "in/a.js");
    expect(json, "#out/a", ">pkg/a");
    expect(json, "#up", "target");
    expect(json, "#none", "-");
    expect(json, "#", "specifier");
}

static void browser(const char *name, enum package_browser answer, const char *text)
{
    struct arena a = { 0 };
    struct str got = STR("");
    json_t *json =
            json_loads("{\"./a.js\":\"./b.js\",\"fs\":false,\"ws\":\"./ws.js\",\"./c\":false,"
                       "\"d.js\":false,\"./e\":\"other\",\"x\":\"x\",\"n\":null}",
                    0, NULL);

    assert_int_equal(package_browser_map(json, str_from(name), &a, &got), answer);
    assert_str(got, str_from(text));
    json_decref(json);
    arena_finish(&a);
}

TEST(browser_field)
{
    struct str got = STR("");

    browser("./a.js", PACKAGE_BROWSER_OTHER, "./b.js");
    browser("fs", PACKAGE_BROWSER_EMPTY, "");
    browser("ws", PACKAGE_BROWSER_OTHER, "./ws.js");
    browser("./c.js", PACKAGE_BROWSER_EMPTY, "");
    browser("./d.js", PACKAGE_BROWSER_EMPTY, "");
    browser("./e/index.js", PACKAGE_BROWSER_OTHER, "other");
    browser("x", PACKAGE_BROWSER_SAME, "x");
    assert_int_equal(package_browser_map(NULL, STR("x"), NULL, &got), PACKAGE_BROWSER_SAME);
    browser("n", PACKAGE_BROWSER_SAME, "");
}

static void splits(const char *specifier, const char *name, const char *subpath)
{
    struct arena a = { 0 };
    struct str got_name = STR("");
    struct str got_path = STR("");

    assert_int_equal(package_split(&a, str_from(specifier), &got_name, &got_path), name[0] != '\0');
    assert_str(got_name, str_from(name));
    assert_str(got_path, str_from(subpath));
    arena_finish(&a);
}

TEST(names_of_packages)
{
    splits("a", "a", ".");
    splits("a/", "a", ".");
    splits("a/b/c.js", "a", "./b/c.js");
    splits("@s/a", "@s/a", ".");
    splits("@s/a/b", "@s/a", "./b");
    splits("@s", "", "");
    splits("@/a", "", "");
    splits("@s/", "", "");
    splits("@s/..", "", "");
    splits("a\\b", "", "");
    splits("a%2fb", "", "");
    splits(".a", "", "");
    splits("", "", "");
    assert_true(package_is_builtin(STR("fs/promises")));
    assert_true(package_is_builtin(STR("node:x")));
    assert_false(package_is_builtin(STR("s")));
    assert_false(package_is_builtin(STR("fs http")));
    assert_false(package_is_builtin(STR("")));
}

static void module(const char *text, bool is)
{
    struct str copy = exact_copy(str_from(text));

    if (module_syntax_is_module(copy) != is) {
        fail_msg("%s", text);
    }
    free((void *)(uintptr_t)copy.ptr);
}

TEST(module_syntax)
{
    module("import 'x'", true);
    module("import x from 'x'", true);
    module("import{x}from'x'", true);
    module("import/**/*as x from 'x'", true);
    module("var a;export default a", true);
    module("export{a}", true);
    module("#!/bin/node\nexport * from 'x'", true);
    module("f(()=>import.meta.url)", true);
    module("if(a)/'/.test(b);export{a}", true);
    module("a=b/c;export{a};d/e", true);
    module("a=`x${`${'}'}`}`;export{a}", true);
    module("x++/2;export const y = 1 / 3", true);
    module("const a = {...b};\nexport {a}", true);
    module("", false);
    module("import('x')", false);
    module("// export default\nmodule.exports = 1", false);
    module("/* export {a} */ exports.a = 1", false);
    module("'export {a}'", false);
    module("`export {a}`", false);
    module("/export {a}/.test(x)", false);
    module("a.import(x);b.export .c", false);
    module("({export:1,import:2})", false);
    module("function f(){ return /[/]export {a}/ }", false);
    module("`${", false);
    module("/*", false);
    module("'\\", false);
    module("import.metadata", false);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(main_entry),
        CASE(subpath_patterns),
        CASE(the_closest_pattern_wins),
        CASE(conditions_in_the_order_of_the_file),
        CASE(arrays_take_the_first_that_works),
        CASE(targets_stay_in_the_package),
        CASE(imports_may_name_packages),
        CASE(browser_field),
        CASE(names_of_packages),
        CASE(module_syntax),
    };

    return RUN(cases);
}
