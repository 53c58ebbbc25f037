/* SPDX-License-Identifier: MIT */
/* CommonJS: by which URL it is imported, and what its two modules are served as. */
#include "world.h"

#include "modules/cjs_text.h"
#include "modules/module_url.h"

#define FACADE(names)                                                                              \
    "import*as factory from\"/node_modules/pkg/index.js?require\";\n"                              \
    "import{load,pick,standard}from\"/__orbit/cjs.js\";\n"                                         \
    "const exports=load(factory);\nexport default standard(exports);\n" names

#define FACTORY(imports, path, deps, text)                                                         \
    imports "function __orbit_about(){return{path:\"" path "\",deps:{" deps                        \
            "}}}export{__orbit_about as about};"                                                   \
            "export default function(exports,require,module,__filename,__dirname){" text "\n}\n"

static void put_package(const char *text)
{
    put("src/x.js", "export const x = 1;");
    put("node_modules/pkg/package.json", "{\"name\":\"pkg\",\"browser\":{\"./off\":false}}");
    put("node_modules/pkg/index.js", text);
}

static struct str factory_of(const char *text)
{
    put("node_modules/pkg/index.js", text);
    return ask("/node_modules/pkg/index.js?require").text;
}

TEST(an_import_of_commonjs_leads_to_its_facade)
{
    begin();
    put_package("exports.a = 1;");
    SERVED("import { a } from 'pkg';", "import { a } from '/node_modules/pkg/index.js?cjs';");
    SERVED("import d from '../node_modules/pkg/index.js';import('pkg');import * as n from 'pkg';",
            "import d from '/node_modules/pkg/index.js?cjs';import('/node_modules/pkg/index.js?cjs');"
            "import * as n from '/node_modules/pkg/index.js?cjs';");
    SAME("import u from '/node_modules/pkg/index.js?url';");
    assert_int_equal(p.warnings, 0);
    assert_str(ask("/node_modules/pkg/index.js?cjs").text,
            STR(FACADE("const _0=pick(exports,\"a\");export{_0 as\"a\"};\n")));
    /* a classic script gets the file */
    assert_int_equal(ask("/node_modules/pkg/index.js").form, MODULE_PLAIN);
    end();
}

TEST(names_that_the_text_does_not_show_come_with_the_import)
{
    begin();
    put_package("module.exports = make();");
    SERVED("import d, { b, a as c, b as e } from 'pkg';",
            "import d, { b, a as c, b as e } from '/node_modules/pkg/index.js?cjs&names=a,b';");
    SERVED("import * as m from 'pkg';m.a(m?.b, am.c, x.m.d, m.default, m [1], m\n.a);",
            "import * as m from '/node_modules/pkg/index.js?cjs&names=a,b';"
            "m.a(m?.b, am.c, x.m.d, m.default, m [1], m\n.a);");
    SERVED("import*as m from 'pkg';f(...m.z);",
            "import*as m from '/node_modules/pkg/index.js?cjs&names=z';f(...m.z);");
    SERVED("import { 'a,b' as x } from 'pkg';",
            "import { 'a,b' as x } from '/node_modules/pkg/index.js?cjs&names=a%2Cb';");
    assert_str(ask("/node_modules/pkg/index.js?cjs&names=a%2Cb,c").text,
            STR(FACADE("const _0=pick(exports,\"a,b\");export{_0 as\"a,b\"};\n"
                       "const _1=pick(exports,\"c\");export{_1 as\"c\"};\n")));
    assert_str(ask("/node_modules/pkg/index.js?cjs&names=b,a,%61,b").text, /* as nobody asks */
            STR(FACADE("const _0=pick(exports,\"a\");export{_0 as\"a\"};\n"
                       "const _1=pick(exports,\"b\");export{_1 as\"b\"};\n")));
    SERVED("import { a } from 'pkg';import.meta.hot.accept('pkg', f);",
            "import.meta.hot=globalThis.__orbiton__?.hot(import.meta.url);"
            "import { a } from '/node_modules/pkg/index.js?cjs&names=a';"
            "import.meta.hot.accept('/node_modules/pkg/index.js?cjs&names=a', f);");
    end();
}

TEST(modules_that_are_written_for_node_get_module_exports)
{
    begin();
    put_package("exports.__esModule = true; exports.default = 1;");
    put("node_modules/esm/package.json", "{\"type\":\"module\",\"main\":\"./i.js\"}");
    put("node_modules/esm/i.js", "import p from 'pkg';");
    assert_str(ask("/node_modules/esm/i.js").text,
            STR("import p from '/node_modules/pkg/index.js?cjs&node';"));
    assert_non_null(
            strstr(ask("/node_modules/pkg/index.js?cjs&node").text.ptr, "export default exports;"));
    SERVED("import p from 'pkg';", "import p from '/node_modules/pkg/index.js?cjs';");
    put_package("exports.a = 1;");
    put("node_modules/esm/i.js", "import q from 'pkg';");
    assert_str(ask("/node_modules/esm/i.js").text,
            STR("import q from '/node_modules/pkg/index.js?cjs';"));
    end();
}

TEST(a_factory_holds_the_text_from_its_first_line_on)
{
    begin();
    put_package("");
    put("node_modules/pkg/b.js", "exports.b = 1;");
    put("node_modules/pkg/m.mjs", "export const m = 1;");
    put("node_modules/pkg/d.json", "{}");
    assert_str(factory_of("'use strict';\nexports.a = 1;"),
            STR(FACTORY("", "/node_modules/pkg/index.js", "", "'use strict';\nexports.a = 1;")));
    assert_str(factory_of("require('./b');require('./m.mjs');require('./d');"),
            STR(FACTORY("import*as __orbit_0 from\"/node_modules/pkg/b.js?require\";"
                        "import*as __orbit_1 from\"/node_modules/pkg/m.mjs\";"
                        "import*as __orbit_2 from\"/node_modules/pkg/d.json?import\";",
                    "/node_modules/pkg/index.js",
                    "\"./b\":{cjs:__orbit_0},\"./m.mjs\":{esm:__orbit_1},\"./d\":{json:__orbit_2}",
                    "require('./b');require('./m.mjs');require('./d');")));
    assert_str(factory_of("require('fs');require('./off');require('./no');global;process.cwd()"),
            STR(FACTORY(
                    "import{process}from\"/__orbit/cjs.js\";import{global}from\"/__orbit/cjs.js\";",
                    "/node_modules/pkg/index.js",
                    "\"fs\":{builtin:true},\"./off\":{empty:true},"
                    "\"./no\":{error:\"\\\"./no\\\": there is no such file\"}",
                    "require('fs');require('./off');require('./no');global;process.cwd()")));
    assert_str(factory_of("#!/usr/bin/env node\nimport('./m.mjs')"),
            STR(FACTORY("", "/node_modules/pkg/index.js", "",
                    "//#!/usr/bin/env node\nimport('./m.mjs')")));
    end();
}

TEST(the_value_of_node_env_is_written_in_its_columns)
{
    begin();
    put_package("");
    SERVED("if (process.env.NODE_ENV !== 'production') f();",
            "if (\"development\"        !== 'production') f();");
    SERVED("x(process\n.env\n.NODE_ENV)", "x(\"development\"\n\n)");
    assert_str(factory_of("process.env.NODE_ENV"),
            STR(FACTORY("", "/node_modules/pkg/index.js", "", "\"development\"       ")));
    end();
}

TEST(names_come_from_the_files_that_are_handed_on)
{
    size_t count;

    begin();
    put_package("module.exports = require('./other');");
    put("node_modules/pkg/other.js", "exports.a = 1;");
    SERVED("import { a } from 'pkg';", "import { a } from '/node_modules/pkg/index.js?cjs';");
    assert_str(ask("/node_modules/pkg/index.js?cjs").text,
            STR(FACADE("const _0=pick(exports,\"a\");export{_0 as\"a\"};\n")));
    struct node *facade = graph_find(p.graph, STR("/node_modules/pkg/index.js?cjs"));
    struct hash before = edition_hash(node_current(facade));

    put("node_modules/pkg/other.js", "exports.b = 1; exports.a = 2;");
    struct node **nodes = touch("node_modules/pkg/other.js", false, &count);
    bool touched = false;

    for (size_t i = 0; i < count; i++) {
        touched = touched || nodes[i] == facade;
    }
    assert_true(touched);
    assert_false(hash_eq(edition_hash(modules_refresh(p.modules, facade, &p.arena)), before));
    assert_str(ask("/node_modules/pkg/index.js?cjs").text,
            STR(FACADE("const _0=pick(exports,\"a\");export{_0 as\"a\"};\n"
                       "const _1=pick(exports,\"b\");export{_1 as\"b\"};\n")));
    end();
}

TEST(files_that_hand_on_one_another_end)
{
    begin();
    put_package("module.exports = require('./other');");
    put("node_modules/pkg/other.js", "exports.a = 1; module.exports = require('./index');");
    assert_str(ask("/node_modules/pkg/index.js?cjs").text,
            STR(FACADE("const _0=pick(exports,\"a\");export{_0 as\"a\"};\n")));
    end();
}

TEST(stamps_go_through_facade_and_factory)
{
    begin();
    put_package("require('./b');");
    put("node_modules/pkg/b.js", "1;");
    SERVED("import 'pkg';", "import '/node_modules/pkg/index.js?cjs';");
    (void)ask("/node_modules/pkg/index.js?cjs");
    (void)ask("/node_modules/pkg/index.js?require");
    node_raise_stamp(graph_find(p.graph, STR("/node_modules/pkg/b.js?require")), 3);
    node_raise_stamp(graph_find(p.graph, STR("/node_modules/pkg/index.js?require")), 3);
    node_raise_stamp(graph_find(p.graph, STR("/node_modules/pkg/index.js?cjs")), 3);
    assert_non_null(strstr(ask("/src/m.js").text.ptr, "/node_modules/pkg/index.js?cjs&orbit=3"));
    assert_non_null(
            strstr(ask("/node_modules/pkg/index.js?cjs&orbit=3").text.ptr, "?require&orbit=3"));
    assert_non_null(strstr(
            ask("/node_modules/pkg/index.js?require&orbit=3").text.ptr, "b.js?require&orbit=3"));
    end();
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(an_import_of_commonjs_leads_to_its_facade),
        CASE(names_that_the_text_does_not_show_come_with_the_import),
        CASE(modules_that_are_written_for_node_get_module_exports),
        CASE(a_factory_holds_the_text_from_its_first_line_on),
        CASE(the_value_of_node_env_is_written_in_its_columns),
        CASE(names_come_from_the_files_that_are_handed_on),
        CASE(files_that_hand_on_one_another_end),
        CASE(stamps_go_through_facade_and_factory),
    };

    return RUN(cases);
}
