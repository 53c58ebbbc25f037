/* SPDX-License-Identifier: MIT */
/* What requests for modules are served as, on a real temporary folder. */
#include "modules/modules.h"

#include "modules/node_stub.h"
#include "world.h"

TEST(what_browsers_find_by_themselves_stays_as_it_is)
{
    begin();
    put_files();
    SAME("import { x } from './x.js';\nimport '/src/x.js';\nexport * from \"./x.js\";\n");
    SAME("const a = await import('./x.js');\n");
    SAME("new Worker(new URL('./w.js', import.meta.url), { type: 'module' });\n");
    SAME("const u = new URL('p.svg', import.meta.url);\n");
    SAME("import 'https://example.com/a.js';\nimport 'data:text/javascript,0';\n");
    SAME("import './x.js#part';\nimport './x.js?a=1';\n");
    SAME("import './none.js';\n");
    SAME("\xEF\xBB\xBFimport './x.js';\n");
    SAME("");
    end();
}

TEST(specifiers_that_only_bundlers_know_are_resolved)
{
    begin();
    put_files();
    SERVED("import { x } from './x';\n", "import { x } from '/src/x.js';\n");
    SERVED("import './dir';\n", "import '/src/dir/index.js';\n");
    SERVED("import {dep} from \"dep\";\n", "import {dep} from \"/node_modules/dep/main.js\";\n");
    SERVED("export * from './x';f(import(`./x`))\n",
            "export * from '/src/x.js';f(import(`/src/x.js`))\n");
    SERVED("import './y.js';\n", "import '/src/y.ts';\n");
    SERVED("import './x?a=1#f';\n", "import '/src/x.js?a=1#f';\n");
    end();
}

TEST(a_link_means_the_file_that_it_leads_to)
{
    begin();
    put_files();
    assert_int_equal(symlink("x.js", "src/link.js"), 0);
    SERVED("import './link.js';", "import '/src/x.js';");
    assert_int_equal(mkdir("src/folder.js", 0755), 0);
    SAME("import './folder.js';");
    assert_true(edition_edge(node_current(graph_find(p.graph, STR("/src/m.js"))), 0)->missing);
    end();
}

TEST(a_link_that_is_switched_is_another_version_of_its_importer)
{
    size_t count;

    begin();
    put_files();
    assert_int_equal(symlink("x.js", "src/link.js"), 0);
    SERVED("import './link.js';", "import '/src/x.js';");
    struct node *node = graph_find(p.graph, STR("/src/m.js"));
    struct hash before = edition_hash(node_current(node));

    put("src/y.js", "");
    assert_int_equal(symlink("y.js", "src/next.js"), 0);
    assert_int_equal(rename("src/next.js", "src/link.js"), 0);
    struct node **nodes = touch("src/link.js", false, &count);

    assert_int_equal(count, 1);
    assert_ptr_equal(nodes[0], node);
    assert_false(hash_eq(edition_hash(modules_refresh(p.modules, node, &p.arena)), before));
    assert_str(ask("/src/m.js").text, STR("import '/src/y.js';"));
    end();
}

/* Switches the link, which leads to "v1", on the way of the import in `node`. */
static void switch_to_v2(const char *link, struct node *node)
{
    size_t count;

    assert_int_equal(symlink("v2", "src/next"), 0);
    assert_int_equal(rename("src/next", link), 0);
    struct node **nodes = touch(link, false, &count);

    assert_int_equal(count, 1);
    assert_ptr_equal(nodes[0], node);
    (void)modules_refresh(p.modules, node, &p.arena);
    assert_str(ask("/src/m.js").text, STR("import '/src/v2/a.js';"));
}

TEST(a_link_of_a_folder_that_is_switched_is_another_version_too)
{
    size_t count;

    begin();
    put("src/v1/a.js", "");
    put("src/v2/a.js", "");
    assert_int_equal(symlink("v1", "src/lib"), 0);
    SERVED("import './lib/a.js';", "import '/src/v1/a.js';");
    struct node *node = graph_find(p.graph, STR("/src/m.js"));

    switch_to_v2("src/lib", node);

    /* gone, and made anew */
    assert_int_equal(unlink("src/lib"), 0);
    struct node **nodes = touch("src/lib", true, &count);
    assert_int_equal(count, 1);
    (void)modules_refresh(p.modules, node, &p.arena);
    assert_true(edition_edge(node_current(node), 0)->missing);
    assert_int_equal(symlink("v1", "src/lib"), 0);
    nodes = touch("src/lib", true, &count);
    assert_int_equal(count, 1);
    assert_ptr_equal(nodes[0], node);
    (void)modules_refresh(p.modules, node, &p.arena);
    assert_str(ask("/src/m.js").text, STR("import '/src/v1/a.js';"));
    end();
}

TEST(a_link_to_a_link_is_switched_at_either_place)
{
    begin();
    put("src/v1/a.js", "");
    put("src/v2/a.js", "");
    assert_int_equal(symlink("v1", "src/current"), 0);
    assert_int_equal(symlink("../src/current", "src/lib"), 0);
    SERVED("import './lib/a.js';", "import '/src/v1/a.js';");
    struct node *node = graph_find(p.graph, STR("/src/m.js"));
    const struct edge *edge = edition_edge(node_current(node), 0);

    assert_int_equal(edge->link_count, 2);
    assert_str(edge->links[0], STR("src/lib"));
    assert_str(edge->links[1], STR("src/current"));
    switch_to_v2("src/current", node);
    end();
}

TEST(what_is_no_javascript_is_marked)
{
    begin();
    put_files();
    SERVED("import './a.css';\nimport d from './d.json';\n",
            "import './a.css?import';\nimport d from './d.json?import';\n");
    SERVED("import t from './t.txt?x=1';", "import t from './t.txt?x=1&import';");
    SERVED("import s from './p.svg#icon';", "import s from './p.svg?import#icon';");
    SAME("import r from './t.txt?raw';import u from './x.js?url';import W from './w.js?worker';");
    SERVED("import d from './d.json' with { type: 'json' };f()\n",
            "import d from './d.json?import'                      ;f()\n");
    SERVED("import d from './a.css' with {\n  type: 'css'\n};f()\n",
            "import d from './a.css?import&type=css'       \n             \n ;f()\n");
    SERVED("import d from './x.js' with { type: 'text' };",
            "import d from './x.js?import&type=text'                      ;");
    SAME("import d from './d.json' with { type: 'bytes' };");
    end();
}

TEST(a_bare_name_that_nothing_resolves_stays_and_is_told_once)
{
    begin();
    put_files();
    SAME("import 'nothing';\n");
    SAME("import 'nothing';\nf();\n");
    assert_int_equal(p.warnings, 1);
    assert_non_null(strstr(p.warning, "nothing"));
    put("src/other.js", "import 'nothing';\n");
    (void)ask("/src/other.js");
    assert_int_equal(p.warnings, 2); /* another file has the same fault */
    end();
}

TEST(where_there_are_packages_such_a_name_is_missing_until_it_is_installed)
{
    size_t count;

    begin();
    put_files();
    put("package.json", "{}");
    put("pnpm-lock.yaml", "");
    SAME("import 'nothing';\n");
    struct node *node = graph_find(p.graph, STR("/src/m.js"));
    const struct edge *edge = edition_edge(node_current(node), 0);

    assert_true(edge->missing);
    assert_str(edge->problem, STR("\"nothing\": there is no package of this name in node_modules; "
                                  "pnpm add nothing"));
    assert_int_equal(p.warnings, 0);
    /* code that asks for a part of Node, if it runs there, is no fault */
    SAME("if (node) await import('fs');");
    assert_false(edition_edge(node_current(node), 0)->missing);
    assert_int_equal(p.warnings, 1);
    SAME("import 'nothing';\n");
    put("node_modules/nothing/package.json", "{\"type\": \"module\"}");
    put("node_modules/nothing/index.js", "");
    struct node **nodes = touch("pnpm-lock.yaml", false, &count);

    assert_int_equal(count, 1);
    assert_ptr_equal(nodes[0], node);
    (void)modules_refresh(p.modules, node, &p.arena);
    assert_str(ask("/src/m.js").text, STR("import '/node_modules/nothing/index.js';\n"));
    end();
}

TEST(a_part_of_node_is_a_stand_in_with_the_names_that_are_imported)
{
    begin();
    put_files();
    SAME("import 'fs';\n"); /* no packages here: a script may make an import map */
    put("package.json", "{}");
    SERVED("import fs, { readFile as r, stat } from 'node:fs/promises';f()\n",
            "import fs, { readFile as r, stat } from "
            "'/__orbit/node?name=node%3Afs/promises&by=src/m.js&names=readFile,stat';f()\n");
    assert_int_equal(p.warnings, 2);
    assert_string_equal(p.warning,
            "\"node:fs/promises\" is a part of Node, and no browser has it: using it throws");
    SERVED("import * as p from \"path\";p.join()",
            "import * as p from \"/__orbit/node?name=path&by=src/m.js&names=join\";p.join()");
    SERVED("export * from \"path\";", "export * from \"/__orbit/node?name=path&by=src/m.js\";");
    put("node_modules/dep/main.js", "import os from 'os';");
    assert_str(ask("/node_modules/dep/main.js").text,
            STR("import os from '/__orbit/node?name=os&by=node_modules/dep/main.js';"));
    /* a package of that name goes before it */
    put("node_modules/path/package.json", "{\"type\": \"module\"}");
    put("node_modules/path/index.js", "");
    SERVED("import 'path';", "import '/node_modules/path/index.js';");
    end();
}

TEST(a_stand_in_exports_each_name_once)
{
    struct strbuf out;

    strbuf_init(&out, 4096);
    assert_true(node_stub_text(&out, STR("fs"), STR("a\"b.js"), STR("x,default,x,,y")));
    assert_str(strbuf_str(&out), STR("import{builtin}from\"/__orbit/cjs.js\";\n"
                                     "export default builtin(\"fs\",\"a\\\"b.js\");\n"
                                     "const _0=builtin(\"fs\",\"a\\\"b.js\",\"x\");"
                                     "export{_0 as\"x\"};\n"
                                     "const _1=builtin(\"fs\",\"a\\\"b.js\",\"y\");"
                                     "export{_1 as\"y\"};\n"));
    assert_false(node_stub_text(&out, STR("left-pad"), STR(""), STR("")));
    strbuf_finish(&out);
}

TEST(a_checkout_of_many_package_jsons_looks_at_packages_once)
{
    struct touch changes[200];
    char paths[200][32];
    size_t count;

    begin();
    put_files();
    put("node_modules/dep/main.js", "import './more.js';");
    put("node_modules/dep/more.js", "");
    (void)served("import 'dep';");
    (void)ask("/node_modules/dep/main.js");
    size_t before = p.stats;

    (void)touch("package.json", false, &count);
    size_t one = p.stats - before;

    assert_int_equal(count, 1);
    for (size_t i = 0; i < 200; i++) {
        (void)snprintf(paths[i], sizeof(paths[i]), "packages/p%zu/package.json", i);
        changes[i] = (struct touch){ .path = str_from(paths[i]) };
    }
    before = p.stats;
    (void)modules_touch(p.modules, changes, 200, &p.arena, &count);
    assert_int_equal(count, 1);
    assert_true(one > 0);
    assert_int_equal(p.stats - before, one);
    end();
}

TEST(a_package_with_another_entry_is_another_version_of_its_importer)
{
    size_t count;

    begin();
    put_files();
    SERVED("import 'dep';", "import '/node_modules/dep/main.js';");
    struct node *node = graph_find(p.graph, STR("/src/m.js"));
    struct hash before = edition_hash(node_current(node));

    put("node_modules/dep/package.json", "{\"type\":\"module\",\"exports\":\"./next.js\"}");
    put("node_modules/dep/next.js", "");
    (void)touch("package-lock.json", false, &count);
    assert_int_equal(count, 1);
    assert_false(hash_eq(edition_hash(modules_refresh(p.modules, node, &p.arena)), before));
    assert_str(ask("/src/m.js").text, STR("import '/node_modules/dep/next.js';"));
    end();
}

TEST(import_meta_hot_gets_its_context_on_the_first_line)
{
    begin();
    put_files();
    SERVED("'use strict';\nimport.meta.hot?.accept();\n",
            "import.meta.hot=globalThis.__orbiton__?.hot(import.meta.url);"
            "'use strict';\nimport.meta.hot?.accept();\n");
    SERVED("\xEF\xBB\xBF#!/usr/bin/env node\nimport.meta.hot;\n",
            "#!/usr/bin/env node\nimport.meta.hot=globalThis.__orbiton__?.hot(import.meta.url);"
            "import.meta.hot;\n");
    SERVED("import './x';import.meta.hot.accept('./x', f);import.meta.hot.accept(['./x'],f);",
            "import.meta.hot=globalThis.__orbiton__?.hot(import.meta.url);"
            "import '/src/x.js';import.meta.hot.accept('/src/x.js', f);"
            "import.meta.hot.accept(['/src/x.js'],f);");
    SERVED("import './a.css';import.meta.hot.accept('./a.css');",
            "import.meta.hot=globalThis.__orbiton__?.hot(import.meta.url);"
            "import './a.css?import';import.meta.hot.accept('./a.css?import');");
    SAME("// import.meta.hot\nconst s = 'import.meta.hot';\n");
    end();
}

TEST(without_hmr_there_is_no_hot_context_and_no_stamp)
{
    begin_with(false);
    put_files();
    SAME("import './x.js';import.meta.hot?.accept();import(f());");
    node_raise_stamp(graph_find(p.graph, STR("/src/x.js")), 5);
    SAME("import './x.js';import.meta.hot?.accept();import(f());");
    SERVED("import './x';", "import '/src/x.js';");
    end();
}

TEST(an_import_of_an_expression_asks_the_client)
{
    begin();
    put_files();
    SERVED("export const f = (n) => import(n + '.js');",
            "export const f = (n) => import((globalThis.__orbiton__?.at\?\?(x=>x))"
            "(n + '.js',import.meta.url));");
    SAME("export const f = (n) => import(/* @vite-ignore */ n);");
    SAME("const f = (n) => import(n);"); /* may be a classic script */
    end();
}

TEST(a_stamp_is_added_where_a_dependency_has_one)
{
    begin();
    put_files();
    SAME("import './x.js';import './dir/index.js';\n");
    node_raise_stamp(graph_find(p.graph, STR("/src/x.js")), 12);
    struct module_answer answer = ask("/src/m.js");

    assert_int_equal(answer.form, MODULE_TEXT);
    assert_str(answer.text, STR("import './x.js?orbit=12';import './dir/index.js';\n"));
    SERVED("import './x.js?a=1#f';import './x';import d from './d.json';",
            "import './x.js?a=1#f';import '/src/x.js?orbit=12';import d from './d.json?import';");
    node_raise_stamp(graph_find(p.graph, STR("/src/d.json?import")), 13);
    SERVED("import d from './d.json';import(`./x.js`)",
            "import d from './d.json?import&orbit=13';import(`./x.js?orbit=12`)");
    SERVED("import './x.js';import.meta.hot.accept('./x.js');",
            "import.meta.hot=globalThis.__orbiton__?.hot(import.meta.url);"
            "import './x.js?orbit=12';import.meta.hot.accept('./x.js');");
    /* the browser has what was there before it was deleted, and would take that */
    SAME("import('./gone.js');");
    node_raise_stamp(graph_find(p.graph, STR("/src/gone.js")), 14);
    SERVED("import('./gone.js').catch(f);", "import('./gone.js?orbit=14').catch(f);");
    end();
}

TEST(the_version_is_the_hash_of_the_files_own_bytes)
{
    struct str text = STR("import './x';import.meta.hot;");

    begin();
    put_files();
    (void)served(text.ptr);
    assert_true(hash_eq(ask("/src/m.js").version, hash_bytes(text)));
    assert_true(hash_eq(ask("/src/d.json?import").version,
            hash_bytes(STR("{\"name\": \"n\", \"list\": [1]}"))));
    end();
}

TEST(a_file_that_has_not_changed_is_not_resolved_again)
{
    begin();
    put_files();
    (void)served("import './x.js';import d from './d.json';");
    struct edition *ed = node_current(graph_find(p.graph, STR("/src/m.js")));

    p.stats = 0;
    struct module_answer answer = ask("/src/m.js");

    assert_int_equal(p.stats, 0);
    assert_str(answer.text, STR("import './x.js';import d from './d.json?import';"));
    assert_ptr_equal(node_current(graph_find(p.graph, STR("/src/m.js"))), ed);
    end();
}

TEST(every_query_gives_what_its_name_says)
{
    begin();
    put_files();
    assert_str(ask("/src/t.txt?raw").text, STR("export default \"text\";\n"));
    assert_str(ask("/src/x.js?raw").text, STR("export default \"export const x = 1;\";\n"));
    assert_str(ask("/src/x.js?url").text, STR("export default \"/src/x.js\";\n"));
    assert_true(str_starts(ask("/src/p.svg?import").text, STR("export default \"/src/p.svg?v=")));
    assert_true(str_starts(ask("/src/p.svg?url").text, STR("export default \"/src/p.svg?v=")));
    assert_str(ask("/src/p.svg?inline").text,
            STR("export default \"data:image/svg+xml;charset=utf-8;base64,PHN2Zy8+\";\n"));
    assert_str(ask("/src/a.css?inline").text,
            STR("export default \"body { background: url(/src/p.png) }\";\n"));
    assert_str(ask("/src/a.css?import").text,
            STR("await globalThis.__orbiton__?.style(\"/src/a.css?import\",\"/src/a.css\");\n"
                "export {};\n"));
    assert_str(ask("/src/a.css?import&type=css").text,
            STR("const sheet=new CSSStyleSheet();sheet.replaceSync("
                "\"body { background: url(/src/p.png) }\");\nexport default sheet;\n"));
    assert_str(ask("/src/d.json?import").text,
            STR("const value=JSON.parse(\"{\\\"name\\\": \\\"n\\\", \\\"list\\\": [1]}\");\n"
                "export default value;\nconst _0=value[\"name\"];export{_0 as name};\n"
                "const _1=value[\"list\"];export{_1 as list};\n"));
    assert_true(str_find_str(ask("/src/w.js?worker").text, STR("extends Worker{")) != STR_NONE);
    assert_true(str_find_str(ask("/src/w.js?sharedworker").text, STR("SharedWorker{")) != STR_NONE);
    assert_int_equal(ask("/src/a.css").form, MODULE_PLAIN);
    assert_int_equal(ask("/src/d.json").form, MODULE_PLAIN);
    assert_int_equal(ask("/src/t.txt").form, MODULE_PLAIN);
    end();
}

/* imports env.f and ./x.js x; exports add, memory */
#define WASM                                                                                       \
    "\0asm\1\0\0\0"                                                                                \
    "\x02\x0d\x01\x06./x.js\x01"                                                                   \
    "x\x03\x7f\x00"                                                                                \
    "\x07\x10\x02\x03"                                                                             \
    "add\x00\x00"                                                                                  \
    "\x06memory\x02\x00"

TEST(wasm_is_imported_by_its_names)
{
    begin();
    put_files();
    put_bytes("src/a.wasm", STR(WASM));
    struct str text = ask("/src/a.wasm?import").text;

    assert_true(str_starts(text, STR("import*as m0 from\"/src/x.js\";\n")));
    assert_true(str_find_str(text, STR("const _0=exported[\"add\"];export{_0 as\"add\"};")) !=
                STR_NONE);
    assert_true(str_find_str(text, STR("export default exported;")) != STR_NONE);
    assert_true(str_find_str(ask("/src/a.wasm?init").text, STR("export default(imports={})")) !=
                STR_NONE);
    node_raise_stamp(graph_find(p.graph, STR("/src/x.js")), 3);
    assert_true(str_starts(
            ask("/src/a.wasm?import").text, STR("import*as m0 from\"/src/x.js?orbit=3\";\n")));
    end();
}

static const struct diag *error_of(const char *url)
{
    return edition_error(node_current(graph_find(p.graph, str_from(url))));
}

TEST(what_cannot_be_served_says_why)
{
    begin();
    put_files();
    put("src/bad.json", "{\n  \"a\": 1,\n}");
    put("src/s.module.css", ".a {}");
    put("src/bad.js", "import './x.js';\nconst s = 'abc\n");
    put("src/y.less", "a { b {} }");
    (void)ask("/src/y.less?import");
    assert_str(error_of("/src/y.less?import")->text, STR("there is no tool for this kind of file"));
    assert_true(
            str_find_str(error_of("/src/y.less?import")->hint, STR("package.json")) != STR_NONE);
    /* a script of the page may compile it */
    assert_int_equal(ask_as("/src/y.less", "src/y.less", false).form, MODULE_PLAIN);
    assert_true(str_starts(ask("/src/y.ts").text,
            STR("throw new Error(\"src/y.ts: there is no tool for this kind of file")));
    assert_int_equal(ask_as("/src/y.ts", "src/y.ts", false).form, MODULE_PLAIN);
    assert_true(str_starts(ask("/src/bad.json?import").text,
            STR("throw new Error(\"src/bad.json:3:1: this is not JSON")));
    assert_int_equal(error_of("/src/bad.json?import")->line, 3);
    assert_true(str_find_str(ask("/src/s.module.css").text, STR("there is no tool")) != STR_NONE);
    assert_int_equal(ask("/src/bad.js").form, MODULE_PLAIN); /* the browser says it best */
    assert_int_equal(error_of("/src/bad.js")->line, 2);
    end();
}

TEST(a_missing_import_is_an_edge_that_heals)
{
    size_t count;

    begin();
    put_files();
    SAME("import { n } from './new';\n");
    struct node *node = graph_find(p.graph, STR("/src/m.js"));
    const struct edge *edge = edition_edge(node_current(node), 0);

    assert_true(edge->missing);
    assert_true(edge->problem.len > 0);
    put("src/new.js", "export const n = 1;");
    struct node **nodes = touch("src/new.js", true, &count);

    assert_int_equal(count, 1);
    assert_ptr_equal(nodes[0], node);
    (void)modules_refresh(p.modules, node, &p.arena);
    assert_false(edition_edge(node_current(node), 0)->missing);
    assert_str(ask("/src/m.js").text, STR("import { n } from '/src/new.js';\n"));
    /* and the other way round */
    assert_int_equal(unlink("src/new.js"), 0);
    nodes = touch("src/new.js", true, &count);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        (void)modules_refresh(p.modules, nodes[i], &p.arena);
    }
    assert_true(edition_edge(node_current(node), 0)->missing);
    end();
}

TEST(a_file_that_appears_is_found_before_anybody_has_told)
{
    begin();
    put_files();
    SAME("import { n } from './new';\n");
    put("src/new.js", "export const n = 1;");
    assert_str(ask("/src/m.js").text, STR("import { n } from '/src/new.js';\n"));
    end();
}

TEST(globs_become_objects_on_their_line)
{
    size_t count;

    begin();
    put_files();
    put("src/g/a.js", "export default 1;");
    put("src/g/b c.js", "export default 2;");
    SERVED("const g = import.meta.glob('./g/*.js');\nf(g);\n",
            "const g = Object.assign({\"./g/a.js\":()=>import(\"/src/g/a.js\"),"
            "\"./g/b c.js\":()=>import(\"/src/g/b%20c.js\"),});\nf(g);\n");
    SERVED("const g = import.meta.glob('./g/a*.js', {\n  eager: true, import: 'default' });\n",
            "import{\"default\" as __orbit_glob_0}from\"/src/g/a.js\";"
            "const g = Object.assign({\"./g/a.js\":__orbit_glob_0,\n});\n");
    struct node *node = graph_find(p.graph, STR("/src/m.js"));
    struct hash before = edition_hash(node_current(node));

    put("src/g/aa.js", "export default 3;");
    struct node **nodes = touch("src/g/aa.js", true, &count);

    assert_int_equal(count, 1);
    assert_ptr_equal(nodes[0], node);
    assert_false(hash_eq(edition_hash(modules_refresh(p.modules, node, &p.arena)), before));
    assert_str(
            ask("/src/m.js").text, STR("import{\"default\" as __orbit_glob_0}from\"/src/g/a.js\";"
                                       "import{\"default\" as __orbit_glob_1}from\"/src/g/aa.js\";"
                                       "const g = Object.assign({\"./g/a.js\":__orbit_glob_0,"
                                       "\"./g/aa.js\":__orbit_glob_1,\n});\n"));
    (void)touch("src/other.js", true, &count);
    assert_int_equal(count, 0);
    end();
}

TEST(env_is_what_the_files_say)
{
    size_t count;

    begin();
    put(".env", "VITE_A=one\nSECRET=no\n");
    struct str text = served("f(import.meta.env.VITE_A);\n");

    assert_true(str_starts(text, STR("import.meta.env={")));
    assert_true(str_find_str(text, STR("\"VITE_A\":\"one\"")) != STR_NONE);
    assert_true(str_find_str(text, STR("SECRET")) == STR_NONE);
    struct hash before = ask("/src/m.js").version;

    put(".env", "VITE_A=two\n");
    struct node **nodes = touch(".env", false, &count);

    assert_int_equal(count, 1);
    assert_false(hash_eq(edition_hash(modules_refresh(p.modules, nodes[0], &p.arena)), before));
    assert_true(str_find_str(ask("/src/m.js").text, STR("\"VITE_A\":\"two\"")) != STR_NONE);
    end();
}

/* What index.html with that text is served as, and its version. */
static struct str document_of(const char *text, struct hash *ret_version)
{
    struct file_facts facts = { .hash = hash_bytes(str_from(text)), .size = strlen(text) };

    put("index.html", text);
    return modules_document(
            p.modules, STR("index.html"), str_from(text), &facts, &p.arena, ret_version);
}

TEST(a_document_has_the_env_files_values_in_the_place_of_their_names)
{
    static const char text[] =
            "<title>%VITE_A% in %MODE%</title>100% %SECRET% %VITE_NONE% %20 %%VITE_A%%"
            "<script type=module>f(import.meta.env.VITE_A, '%VITE_A%');</script>\n";
    struct hash before;
    struct hash now;
    size_t count;

    begin();
    put(".env", "VITE_A=one\nSECRET=no\n");
    struct str served = document_of(text, &before);

    assert_true(
            str_starts(served, STR("<title>one in development</title>100% %SECRET% %VITE_NONE% %20 "
                                   "%one%<script type=module>import.meta.env={")));
    assert_true(str_find_str(served, STR(";f(import.meta.env.VITE_A, 'one');")) != STR_NONE);
    struct str source;

    assert_true(modules_text(p.modules, before, &p.arena, &source));
    assert_true(str_starts(source, STR("<title>one in"))); /* what pages compare an edit with */

    put(".env", "VITE_NONE=now\nVITE_A=two\n");
    struct node **nodes = touch(".env", false, &count);

    assert_int_equal(count, 1);
    assert_false(hash_eq(edition_hash(modules_refresh(p.modules, nodes[0], &p.arena)), before));
    served = document_of(text, &now);
    assert_true(str_starts(
            served, STR("<title>two in development</title>100% %SECRET% now %20 %two%")));
    assert_true(hash_eq(edition_hash(node_current(nodes[0])), now));
    end();
}

TEST(a_document_in_which_any_value_was_filled_in_is_not_the_text_of_its_file)
{
    static const struct {
        const char *text, *served;
    } cases[] = {
        { "<link rel=icon href='%BASE_URL%i.svg'>", "<link rel=icon href='/i.svg'>" },
        { "<p>%MODE%</p>", "<p>development</p>" },
        { "<p>%DEV%</p>", "<p>true</p>" },
        { "<p>%PROD%</p>", "<p>false</p>" },
        { "<p>%SSR%</p>", "<p>false</p>" },
    };
    const struct node *node;
    struct hash version;
    struct str source;

    begin();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_str(document_of(cases[i].text, &version), str_from(cases[i].served));
        node = graph_find(p.graph, STR("/index.html"));
        assert_true(edition_is_made(node_current(node)));
        assert_true(hash_eq(edition_hash(node_current(node)), version));
        assert_true(modules_text(p.modules, version, &p.arena, &source));
        assert_str(source, str_from(cases[i].served));
    }
    document_of("<p>%OTHER% 100%</p>", &version);
    assert_false(edition_is_made(node_current(graph_find(p.graph, STR("/index.html")))));
    end();
}

TEST(a_document_without_names_of_env_is_served_as_it_is)
{
    static const char text[] = "<title>100%</title><a href='/%41%VITE_%'>%VITE_A</a>";
    struct hash version;
    size_t count;

    begin();
    put(".env", "VITE_A=one\n");
    assert_str(document_of(text, &version), str_from(text));
    assert_true(hash_eq(version, hash_bytes(str_from(text))));
    document_of("\xff%VITE_A%", &version); /* no UTF-8, which the value is */
    assert_true(hash_eq(version, hash_bytes(STR("\xff%VITE_A%"))));
    (void)touch(".env", false, &count);
    end();
}

TEST(other_folders_and_no_hmr_count_from_then_on)
{
    static const struct str dirs[] = { STR_INIT("pub") };

    begin();
    put("pub/lib.js", "export const a = 1;");
    put("src/m.js", "import '/lib.js';\nimport.meta.hot;\n");
    assert_int_equal(ask("/src/m.js").form, MODULE_TEXT);
    struct node *node = graph_find(p.graph, STR("/src/m.js"));

    assert_true(edition_edge(node_current(node), 0)->missing);
    modules_configure(p.modules, dirs, 1, false);
    assert_int_equal(ask("/src/m.js").form, MODULE_PLAIN);
    assert_str(edition_edge(node_current(node), 0)->path, STR("pub/lib.js"));
    modules_configure(p.modules, NULL, 0, true);
    assert_int_equal(ask("/src/m.js").form, MODULE_TEXT);
    assert_true(edition_edge(node_current(node), 0)->missing);
    end();
}

TEST(a_file_under_ever_new_queries_is_not_remembered_for_ever)
{
    begin();
    put("src/m.js", "import './x.js';\n");
    for (int i = 0; i < 20 * MODULES_VARIANTS_MAX; i++) {
        char url[64];

        (void)snprintf(url, sizeof(url), "/src/m.js?t=%d", i);
        assert_int_equal(ask(url).form, MODULE_PLAIN);
        graph_collect(p.graph);
    }
    assert_true(graph_count(p.graph) <= 3 * MODULES_VARIANTS_MAX);
    end();
}

TEST(hidden_files_cannot_be_imported)
{
    begin();
    put("src/.secret.js", "export const s = 1;");
    SAME("import './.secret.js';\n");
    assert_true(edition_edge(node_current(graph_find(p.graph, STR("/src/m.js"))), 0)->missing);
    end();
}

TEST(a_page_can_have_back_what_it_ran)
{
    begin();
    put_files();
    (void)served("import './x.js';import './dir/index.js';import './d.json';old();");
    p.old = ask("/src/m.js").version;
    (void)served("fresh();");
    struct module_answer answer = ask("/src/m.js?orbit=12r3");

    assert_int_equal(answer.form, MODULE_TEXT);
    assert_str(answer.text, STR("import './x.js?orbit=12r3';import './dir/index.js?orbit=7';"
                                "import './d.json?import';old();"));
    assert_true(hash_eq(answer.version, p.old));
    assert_int_equal(ask("/src/m.js?orbit=12r4").form, MODULE_MISSING);
    assert_int_equal(ask("/src/m.js?orbit=12").form, MODULE_PLAIN);
    end();
}

TEST(an_inline_script_asks_for_what_it_uses_of_a_namespace)
{
    begin();
    put("package.json", "{}");
    put("node_modules/pkg/index.js", "module.exports = make();");
    assert_str(document("<p><script type=module>import * as m from 'pkg'; m.q()</script>"),
            STR("<p><script type=module>import * as m from "
                "'/node_modules/pkg/index.js?cjs&names=q'; m.q()</script>"));
    assert_str(document("<p><script type=module>import * as m from 'fs'; m.q()</script>"),
            STR("<p><script type=module>import * as m from "
                "'/__orbit/node?name=fs&by=index.html&names=q'; m.q()</script>"));
    end();
}

TEST(documents_get_stamps_and_their_inline_scripts_are_rewritten)
{
    begin();
    put_files();
    const char *plain = "<script type=module src=/src/x.js></script><p>x";

    assert_str(document(plain), str_from(plain));
    node_raise_stamp(graph_find(p.graph, STR("/src/x.js")), 4);
    assert_str(document(plain), STR("<script type=module src=/src/x.js?orbit=4></script><p>x"));
    assert_str(document("<script type=module src='/src/x.js?a'></script>"),
            STR("<script type=module src='/src/x.js?a'></script>"));
    assert_str(document("<p>\n<script type=module>\nimport 'dep';\nimport.meta.hot;</script>"),
            STR("<p>\n<script type=module>"
                "import.meta.hot=globalThis.__orbiton__?.hot("
                "new URL(\"/index.html?inline=0\",import.meta.url).href);"
                "\nimport '/node_modules/dep/main.js';\nimport.meta.hot;</script>"));
    end();
}

TEST(a_new_query_each_time_is_remembered_for_the_newest_ones)
{
    enum { MANY = 3 * MODULES_VARIANTS_MAX };

    begin();
    put_files();
    (void)ask("/src/x.js");
    for (int i = 0; i < MANY; i++) {
        char url[64];

        snprintf(url, sizeof(url), "/src/x.js?t=%d", i);
        (void)ask(url);
    }
    assert_true(graph_count(p.graph) <= MODULES_VARIANTS_MAX + 1);
    assert_non_null(graph_find(p.graph, STR("/src/x.js"))); /* without a query it stays */
    assert_null(graph_find(p.graph, STR("/src/x.js?t=0")));
    assert_non_null(graph_find(p.graph, STR("/src/x.js?t=191")));
    end();
}

TEST(the_import_map_of_the_last_document_counts)
{
    begin();
    put_files();
    put("vendor/dep.js", "export const dep = 2;");
    SERVED("import 'dep';", "import '/node_modules/dep/main.js';");
    const char *html = "<script type=importmap>{\"imports\":{\"dep\":\"/vendor/dep.js\"}}</script>";

    assert_str(document(html), str_from(html));
    assert_int_equal(ask("/src/m.js").form, MODULE_PLAIN); /* browsers find it by the map */
    assert_str(edition_edge(node_current(graph_find(p.graph, STR("/src/m.js"))), 0)->url,
            STR("/vendor/dep.js"));
    node_raise_stamp(graph_find(p.graph, STR("/vendor/dep.js")), 9);
    assert_str(ask("/src/m.js").text, STR("import '/vendor/dep.js?orbit=9';"));
    (void)document("<p>no map");
    assert_str(ask("/src/m.js").text, STR("import '/node_modules/dep/main.js';"));
    end();
}

/* Documents whose maps send "dep" to two files. */
static void two_documents(void)
{
    put_files();
    put("one.js", "");
    put("two.js", "");
    put("src/m.js", "import 'dep';");
    (void)document("<script type=importmap>{\"imports\":{\"dep\":\"/one.js\"}}</script>"
                   "<script type=module src=named.js></script>");
    (void)document_at(
            "other.html", "<script type=importmap>{\"imports\":{\"dep\":\"/two.js\"}}</script>");
}

static struct str dep_asked_for_by(const char *asker, const char *asker_path)
{
    (void)ask_by("/src/m.js", "src/m.js", true, asker, asker_path);
    return edition_edge(node_current(graph_find(p.graph, STR("/src/m.js"))), 0)->url;
}

TEST(an_asker_of_whom_only_the_origin_is_told_is_no_root_document)
{
    begin();
    two_documents();
    put("named.js", "import 'dep';");
    /* "/" does not name it: it may be any page with a Referrer-Policy */
    assert_str(dep_asked_for_by("/", "index.html"), STR("/two.js"));
    assert_str(dep_asked_for_by("/index.html", "index.html"), STR("/one.js"));
    (void)ask_by("/named.js", "named.js", true, "/", "index.html");
    assert_str(edition_edge(node_current(graph_find(p.graph, STR("/named.js"))), 0)->url,
            STR("/one.js"));
    end();
}

TEST(a_module_that_two_maps_send_to_two_files_is_told_once)
{
    begin();
    two_documents();
    assert_str(dep_asked_for_by("/index.html", "index.html"), STR("/one.js"));
    assert_int_equal(p.warnings, 0);
    for (int i = 0; i < 2; i++) {
        assert_str(dep_asked_for_by("/other.html", "other.html"), STR("/two.js"));
        assert_str(dep_asked_for_by("/index.html", "index.html"), STR("/one.js"));
        assert_int_equal(p.warnings, 1);
    }
    assert_string_equal(
            p.warning, "the import maps of two documents send one name to /one.js and /two.js");
    end();
}

TEST(a_map_that_is_edited_is_no_second_one)
{
    begin();
    two_documents();
    assert_str(dep_asked_for_by("/index.html", "index.html"), STR("/one.js"));
    (void)document("<script type=importmap>{\"imports\":{\"dep\":\"/two.js\"}}</script>");
    assert_str(dep_asked_for_by("/index.html", "index.html"), STR("/two.js"));
    (void)document("<p>no map");
    (void)dep_asked_for_by("/index.html", "index.html");
    assert_int_equal(p.warnings, 0);
    end();
}

TEST(a_stylesheet_is_given_with_urls_from_the_root)
{
    const struct hash hash = hash_bytes(STR("body { background: url(p.png) }"));
    struct str text;

    begin();
    put_files();
    assert_true(modules_css_text(
            p.modules, STR("/src/a.css?x"), STR("src/a.css"), hash, 1000, &p.arena, &text));
    assert_str(text, STR("body { background: url(/src/p.png) }"));
    assert_false(modules_css_text(
            p.modules, STR("/src/a.css"), STR("src/a.css"), hash, 10, &p.arena, &text));
    assert_false(
            modules_css_text(p.modules, STR("/n.css"), STR("n.css"), hash, 1000, &p.arena, &text));
    /* other bytes than those that the page is told of are not given for them */
    put("src/a.css", "");
    assert_false(modules_css_text(
            p.modules, STR("/src/a.css"), STR("src/a.css"), hash, 1000, &p.arena, &text));
    end();
}

TEST(served_texts_are_kept)
{
    struct str text;

    begin();
    put_files();
    (void)served("import './x.js';");
    (void)ask("/src/a.css");
    (void)served("other();");
    assert_true(modules_text(p.modules, hash_bytes(STR("import './x.js';")), &p.arena, &text));
    assert_str(text, STR("import './x.js';"));
    assert_true(modules_text(
            p.modules, hash_bytes(STR("body { background: url(p.png) }")), &p.arena, &text));
    assert_false(modules_text(p.modules, hash_bytes(STR("never served")), &p.arena, &text));
    end();
}

TEST(the_last_whole_text_stands_for_a_file_that_is_being_written)
{
    static const char whole[] = "import './x.js'; import.meta.hot.accept();";
    static const struct {
        const char *url, *path, *text;
    } files[] = {
        { "/src/hot.js", "src/hot.js", whole },
        { "/src/plain.js", "src/plain.js", "plain();" },
        { "/src/s.css", "src/s.css", "a { color: red }" },
    };

    begin();
    put_files();
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        put(files[i].path, files[i].text);
        struct str before = arena_str(&p.arena, ask_as(files[i].url, files[i].path, false).text);
        size_t asked = p.asked;

        p.unfinished = true;
        (void)ask_as(files[i].url, files[i].path, false);
        assert_int_equal(p.asked, asked); /* the bytes that are known need no question */
        put(files[i].path, "");
        struct module_answer answer = ask_as(files[i].url, files[i].path, false);

        assert_int_equal(answer.form, MODULE_TEXT);
        assert_true(hash_eq(answer.version, hash_bytes(str_from(files[i].text))));
        if (before.len > 0) {
            assert_str(answer.text, before);
        } else {
            assert_str(answer.text, str_from(files[i].text));
        }
        assert_true(hash_eq(answer.etag, hash_bytes(answer.text)));
        p.unfinished = false;
        assert_true(
                hash_eq(ask_as(files[i].url, files[i].path, false).version, hash_bytes(STR(""))));
    }
    /* where there never was one, what is there is given */
    p.unfinished = true;
    put("src/new.js", "half");
    assert_true(
            hash_eq(ask_as("/src/new.js", "src/new.js", false).version, hash_bytes(STR("half"))));
    end();
}

TEST(only_what_was_announced_is_taken)
{
    begin();
    put("m.js", "one();");
    struct node *node = modules_get(p.modules, STR("/m.js"), STR("m.js"));
    const struct hash one = hash_bytes(STR("one();"));
    const struct hash second = hash_bytes(STR("second();"));

    assert_true(hash_eq(edition_hash(modules_refresh(p.modules, node, &p.arena)), one));
    put("m.js", "");
    assert_false(modules_refresh_to(p.modules, node, second, &p.arena));
    assert_true(hash_eq(edition_hash(node_current(node)), one));
    assert_int_equal(unlink("m.js"), 0);
    assert_false(modules_refresh_to(p.modules, node, second, &p.arena));
    assert_true(edition_exists(node_current(node)));
    put("m.js", "second();");
    assert_true(modules_refresh_to(p.modules, node, second, &p.arena));
    assert_true(hash_eq(edition_hash(node_current(node)), second));

    /* bytes that were just hashed count even if the file has them no more */
    struct file_facts facts;
    struct str text;

    put("m.js", "third();");
    assert_int_equal(files_look(p.files, STR("m.js"), &facts), 0);
    put("m.js", "");
    assert_true(modules_refresh_to(p.modules, node, facts.hash, &p.arena));
    assert_true(modules_text(p.modules, facts.hash, &p.arena, &text));
    assert_str(text, STR("third();"));

    /* deleted a moment ago, and about to come back */
    p.unfinished = true;
    assert_int_equal(unlink("m.js"), 0);
    assert_true(edition_exists(modules_refresh(p.modules, node, &p.arena)));
    p.unfinished = false;
    assert_false(edition_exists(modules_refresh(p.modules, node, &p.arena)));
    end();
}

TEST(a_missing_file_is_an_edition_too)
{
    begin();
    struct node *node = modules_get(p.modules, STR("/gone.js"), STR("gone.js"));

    assert_false(edition_exists(modules_refresh(p.modules, node, &p.arena)));
    put("gone.js", "1;");
    assert_true(edition_exists(modules_refresh(p.modules, node, &p.arena)));
    end();
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(what_browsers_find_by_themselves_stays_as_it_is),
        CASE(specifiers_that_only_bundlers_know_are_resolved),
        CASE(a_link_means_the_file_that_it_leads_to),
        CASE(a_link_that_is_switched_is_another_version_of_its_importer),
        CASE(a_link_of_a_folder_that_is_switched_is_another_version_too),
        CASE(a_link_to_a_link_is_switched_at_either_place),
        CASE(what_is_no_javascript_is_marked),
        CASE(a_bare_name_that_nothing_resolves_stays_and_is_told_once),
        CASE(where_there_are_packages_such_a_name_is_missing_until_it_is_installed),
        CASE(a_part_of_node_is_a_stand_in_with_the_names_that_are_imported),
        CASE(a_stand_in_exports_each_name_once),
        CASE(a_checkout_of_many_package_jsons_looks_at_packages_once),
        CASE(a_package_with_another_entry_is_another_version_of_its_importer),
        CASE(import_meta_hot_gets_its_context_on_the_first_line),
        CASE(without_hmr_there_is_no_hot_context_and_no_stamp),
        CASE(an_import_of_an_expression_asks_the_client),
        CASE(a_stamp_is_added_where_a_dependency_has_one),
        CASE(the_version_is_the_hash_of_the_files_own_bytes),
        CASE(a_file_that_has_not_changed_is_not_resolved_again),
        CASE(every_query_gives_what_its_name_says),
        CASE(wasm_is_imported_by_its_names),
        CASE(what_cannot_be_served_says_why),
        CASE(a_missing_import_is_an_edge_that_heals),
        CASE(a_file_that_appears_is_found_before_anybody_has_told),
        CASE(globs_become_objects_on_their_line),
        CASE(env_is_what_the_files_say),
        CASE(a_document_has_the_env_files_values_in_the_place_of_their_names),
        CASE(a_document_in_which_any_value_was_filled_in_is_not_the_text_of_its_file),
        CASE(a_document_without_names_of_env_is_served_as_it_is),
        CASE(other_folders_and_no_hmr_count_from_then_on),
        CASE(a_file_under_ever_new_queries_is_not_remembered_for_ever),
        CASE(hidden_files_cannot_be_imported),
        CASE(a_page_can_have_back_what_it_ran),
        CASE(an_inline_script_asks_for_what_it_uses_of_a_namespace),
        CASE(documents_get_stamps_and_their_inline_scripts_are_rewritten),
        CASE(a_new_query_each_time_is_remembered_for_the_newest_ones),
        CASE(the_import_map_of_the_last_document_counts),
        CASE(an_asker_of_whom_only_the_origin_is_told_is_no_root_document),
        CASE(a_module_that_two_maps_send_to_two_files_is_told_once),
        CASE(a_map_that_is_edited_is_no_second_one),
        CASE(a_stylesheet_is_given_with_urls_from_the_root),
        CASE(served_texts_are_kept),
        CASE(the_last_whole_text_stands_for_a_file_that_is_being_written),
        CASE(only_what_was_announced_is_taken),
        CASE(a_missing_file_is_an_edition_too),
    };

    return RUN(cases);
}
