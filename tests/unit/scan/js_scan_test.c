/* SPDX-License-Identifier: MIT */
/*
 * The scanner by small sources. What a source holds is written as one line:
 * edges as their specifiers, "~" for an import() of an expression. The golden
 * files and the comparison with acorn have the same cases in their combination.
 */
#include "scan/js_scan.h"

#include "base/strbuf.h"
#include "test.h"

enum { LINE_MAX = 4096 };

static struct arena arena;
static char line[LINE_MAX];

static struct js_facts scan(struct str source)
{
    struct str text = exact_copy(source);
    struct js_facts facts;

    arena_reset(&arena);
    js_scan(text, &arena, &facts);
    free((void *)(uintptr_t)text.ptr);
    return facts;
}

static struct js_facts scan_good(const char *source)
{
    struct js_facts facts = scan(str_from(source));

    if (facts.error.failed) {
        fail_msg("%s: %.*s at %u", source, STR_FMT(facts.error.text), facts.error.offset);
    }
    return facts;
}

static void add(struct str text)
{
    size_t n = strlen(line);

    snprintf(line + n, sizeof(line) - n, "%s%.*s", n > 0 ? " " : "", STR_FMT(text));
}

static void assert_edges(const char *source, const char *expected)
{
    struct js_facts facts = scan_good(source);

    line[0] = '\0';
    for (uint32_t i = 0; i < facts.dep_count; i++) {
        add(facts.deps[i].kind == DEP_DYNAMIC_EXPR ? STR("~") : facts.deps[i].text);
    }
    if (strcmp(line, expected) != 0) {
        fail_msg("%s: \"%s\" is not \"%s\"", source, line, expected);
    }
}

static void assert_exports(const char *source, const char *expected)
{
    struct js_facts facts = scan_good(source);

    line[0] = '\0';
    for (uint32_t i = 0; i < facts.export_count; i++) {
        add(facts.exports[i]);
    }
    if (strcmp(line, expected) != 0) {
        fail_msg("%s: \"%s\" is not \"%s\"", source, line, expected);
    }
}

static void assert_imported(const char *source, const char *expected)
{
    struct js_facts facts = scan_good(source);

    line[0] = '\0';
    for (uint32_t i = 0; i < facts.imported_count; i++) {
        assert_int_equal(facts.imported[i].dep, 0);
        add(facts.imported[i].name);
    }
    assert_string_equal(line, expected);
}

static void assert_error(const char *source, uint32_t offset, const char *text)
{
    struct js_facts facts = scan(str_from(source));

    if (!facts.error.failed) {
        fail_msg("%s: no error", source);
    }
    assert_str(facts.error.text, str_from(text));
    assert_int_equal(facts.error.offset, offset);
}

static void assert_spans(const char *source, const char *statement, const char *specifier)
{
    struct js_facts facts = scan_good(source);
    const struct dep *dep = &facts.deps[0];

    assert_int_equal(facts.dep_count, 1);
    assert_str(str_sub(str_from(source), dep->statement.start, dep->statement.end),
            str_from(statement));
    assert_str(str_sub(str_from(source), dep->specifier.start, dep->specifier.end),
            str_from(specifier));
}

/* Sources in which the one import() stands in a regular expression, so that nothing is found. */
TEST(a_slash_begins_a_regular_expression_where_no_value_stands)
{
    static const char *const sources[] = {
        "/import('x')/",
        "x = /import('x')/",
        "(/import('x')/)",
        "[/import('x')/]",
        "if (a) /import('x')/.test(b)",
        "while (a) /import('x')/.test(b)",
        "for (;;) /import('x')/.test(b)",
        "for (;/import('x')/;) ;",
        "for (const a of /import('x')/) ;",
        "for (const of of /import('x')/) ;",
        "with_: for (;;) break with_\n/import('x')/",
        "for (;;) { continue\n/import('x')/ }",
        "{} /import('x')/",
        "{ a } /import('x')/",
        "lbl: {} /import('x')/",
        "if (a) {} else /import('x')/",
        "if (a) {} /import('x')/",
        "do /import('x')/.test(a); while (b)",
        "do {} while (b) /import('x')/",
        "try {} finally {} /import('x')/",
        "try {} catch {} /import('x')/",
        "try {} catch (e) {} /import('x')/",
        "switch (a) { case /import('x')/: }",
        "switch (a) { case 1: /import('x')/ }",
        "switch (a) { case 1: {} /import('x')/ }",
        "switch (a) { default: /import('x')/ }",
        "switch (a) {} /import('x')/",
        "function f() {} /import('x')/",
        "async function f() {} /import('x')/",
        "function* f() {} /import('x')/",
        "class A {} /import('x')/",
        "class A extends B {} /import('x')/",
        "class A extends class {} {} /import('x')/",
        "class A extends function () {} {} /import('x')/",
        "class A extends {}.a {} /import('x')/",
        "export default function () {} /import('x')/",
        "export default async function () {} /import('x')/",
        "export default class {} /import('x')/",
        "export default /import('x')/",
        "x = () => {}\n/import('x')/",
        "x = a => /import('x')/",
        "() => { return /import('x')/ }",
        "() => { return\n/import('x')/ }",
        "() => { throw /import('x')/ }",
        "function* f() { yield /import('x')/ }",
        "function* f() { yield\n/import('x')/ }",
        "function* f() { yield* /import('x')/ }",
        "async () => { await /import('x')/ }",
        "debugger\n/import('x')/",
        "typeof /import('x')/",
        "void /import('x')/",
        "delete /import('x')/.y",
        "new /import('x')/.constructor",
        "a in /import('x')/",
        "a instanceof /import('x')/",
        "a ? /import('x')/ : 1",
        "a ? 1 : /import('x')/",
        "a ?? /import('x')/",
        "a && /import('x')/",
        "!/import('x')/",
        "a\n++/import('x')/.lastIndex",
        "-/import('x')/",
        "...[/import('x')/]",
        "`${/import('x')/}`",
        "x = { a: /import('x')/ }",
        "x = { [/import('x')/]: 1 }",
        "class A { a = /import('x')/ }",
        "class A { static { /import('x')/ } }",
        "class A { m() {} [/import('x')/] }",
        "let [a = /import('x')/] = b",
        "let { a = /import('x')/ } = b",
        "() => {};/import('x')/",
        "x = /[/]import('x')/",
        "async () => { for await (const a of b) /import('x')/ }",
        "x = /\\/import('x')/",
        "x = /(?:)import('x')/v",
    };

    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        assert_edges(sources[i], "");
    }
}

/* Sources in which a '/' before the import() divides, so that "x" is found. */
TEST(a_slash_behind_a_value_divides)
{
    static const char *const sources[] = {
        "a / import('x') / 1",
        "1 / import('x') / 1",
        "1. / import('x') / 1",
        ".5 / import('x') / 1",
        "0x1e / import('x') / 1",
        "1_0n / import('x') / 1",
        "1..a / import('x') / 1",
        "a?.5:1 / import('x') / 1",
        "'s' / import('x') / 1",
        "`t` / import('x') / 1",
        "`t${1}` / import('x') / 1",
        "f() / import('x') / 1",
        "(a) / import('x') / 1",
        "[1] / import('x') / 1",
        "a[0] / import('x') / 1",
        "a++ / import('x') / 1",
        "a-- / import('x') / 1",
        "a ++ / import('x') / 1",
        "this / import('x') / 1",
        "null / import('x') / 1",
        "x = {} / import('x') / 1",
        "x = { a: {} / import('x') / 1 }",
        "f({} / import('x') / 1)",
        "return_ / import('x') / 1",
        "a.return / import('x') / 1",
        "a?.if / import('x') / 1",
        "a. /* c */ typeof / import('x') / 1",
        "x = function () {} / import('x') / 1",
        "x = async function () {} / import('x') / 1",
        "x = function* () {} / import('x') / 1",
        "x = class {} / import('x') / 1",
        "x = class extends B {} / import('x') / 1",
        "x = /re/ / import('x') / 1",
        "x = /re/g / import('x') / 1",
        "import.meta / import('x') / 1",
        "function f() { new.target / import('x') / 1 }",
        "x = new class { y = {} / 1 } / import('x') / 1",
        "class A { #p; m(o) { return o.#p / import('x') / 1 } }",
        "class A { a = function () {} / import('x') / 1 }",
        "x = (function () {}) / import('x') / 1",
        "x = a\n/ import('x') / 1",
        "\xc3\xbc / import('x') / 1",
        "\\u0061 / import('x') / 1",
        "of / import('x') / 1",
        "async / import('x') / 1",
        "export const a = b / import('x') / 1",
        "export default a / import('x') / 1",
        "a <!--b / import('x') / 1",
        "a\nof / import('x') / 1",
        "x = a?.5:{} / import('x') / 1",
        "class A { a = class\nB {} / import('x') / 1 }",
        "() => { return\n{ a / import('x') / 1 } }",
    };

    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        assert_edges(sources[i], "x");
    }
}

TEST(import_is_a_name_behind_a_dot_and_where_members_are_named)
{
    static const char *const sources[] = {
        "a.import('x')",
        "a?.import('x')",
        "a.\nimport('x')",
        "x = { import: 1 }",
        "x = { import() {} }",
        "x = { import(a = 'x') {} }",
        "x = { async import() {}, *import() {}, async *import() {} }",
        "x = { get import() { return 1 }, set import(v) {} }",
        "x = { a: 1, import() {} }",
        "x = { a() {}, import() {} }",
        "x = { a, import() {} }",
        "x = { [a]: 1, import() {} }",
        "x = { a: () => {}, import() {} }",
        "x = { export: 1, export() {} }",
        "class A { import() {} }",
        "class A { import }",
        "class A { import = 1 }",
        "class A { static import() {} static export() {} }",
        "class A { #import() {} }",
        "class A { a = 1\nimport() {} }",
        "class A { a = b\nimport() {} }",
        "class A { a\nimport() {} }",
        "class A { a = () => {}\nimport() {} }",
        "class A { a = () => {}\n*import() {} }",
        "class A { a = {}\nimport() {} }",
        "class A { a = 1\n'b'() {} import() {} }",
        "class A { a = 1\n#b() {} import() {} }",
        "class A { a = 1\n2() {} import() {} }",
        "class A { static {} import() {} }",
        "class A { a() {} import() {} }",
        "class A { a() {}; import() {} }",
        "class A { @dec import() {} @dec() export() {} }",
        "({ import } = a) => 1",
        "\\u0069mport('x')",
    };

    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        assert_edges(sources[i], "");
    }
}

TEST(expressions_in_members_are_scanned)
{
    assert_edges(
            "x = { a: import('1'), [import('2')]: 1, ...import('3'), m(p = import('4')) { import('5') } }",
            "1 2 3 4 5");
    assert_edges(
            "class A extends f(import('1')) { [import('2')] = import('3'); static { import('4') } }",
            "1 2 3 4");
    assert_edges("class A { a = 1\n[import('1')] = 2 }", "1");
    assert_edges("class A { a = b\n(import('1')) }", "1");
    assert_edges("({ a = import('1') } = {})", "1");
    assert_edges("x = a ? { b: import('1') } : { c() { import('2') } }", "1 2");
}

TEST(templates_hold_expressions_that_hold_templates)
{
    assert_edges("`${import('1')}`", "1");
    assert_edges("`a${`b${import('1')}`}c${import('2')}`", "1 2");
    assert_edges("`${{ a: `}` }.a + import('1')}`", "1");
    assert_edges("`\\${import('1')}`", "");
    assert_edges("f`import('1')${1}import('2')`", "");
    assert_edges("`${/}`/}import('1')`", "");
    assert_edges("`$${import('1')}`", "1");
}

TEST(comments_and_strings_hold_nothing)
{
    assert_edges("// import('x')\n/* import('y') */ 'import(\"z\")'", "");
    assert_edges("// import('x')\xe2\x80\xa8import('y')", "y");
    assert_edges("'\xe2\x80\xa8import(1)'", "");
    assert_edges("#!/bin/sh import('x')\nimport('y')", "y");
    assert_edges("\xef\xbb\xbfimport 'y'", "y");
    assert_edges("import(/* 'x' */ 'y' /* z */)", "y");
}

TEST(static_imports_of_every_form)
{
    assert_edges("import 'a';import\"b\";import c,{d}from'e';import*as f from'g'", "a b e g");
    assert_imported("import 'a'", "");
    assert_imported("import a from 'a'", "default");
    assert_imported("import * as a from 'a'", "*");
    assert_imported("import { a, b as c, default as d, 'e f' as g, } from 'a'", "a b default e f");
    assert_imported("import a, { b } from 'a'", "default b");
    assert_imported("import a, * as b from 'a'", "default *");
    assert_imported("import {} from 'a'", "");
    assert_imported("import { as as as, from as from } from 'a'", "as from");
    assert_imported("import from from 'a'", "default");
    assert_imported("import source from 'a'", "default");
    assert_imported("import defer, { type } from 'a'", "default type");
    assert_imported("import { \\u0061b } from 'a'", "ab");
    assert_edges("import a from 'a'\n{ b }\nimport 'c'", "a c");
    assert_edges("f()\nimport a from 'a'", "a");
}

TEST(phases_are_told_from_bindings_of_their_names)
{
    static const struct {
        const char *source;
        enum import_phase phase;
    } cases[] = {
        { "import source a from 'a'", PHASE_SOURCE },
        { "import source from 'a'", PHASE_EVALUATION },
        { "import source from from 'a'", PHASE_SOURCE },
        { "import source, { b } from 'a'", PHASE_EVALUATION },
        { "import defer * as a from 'a'", PHASE_DEFER },
        { "import defer from 'a'", PHASE_EVALUATION },
        { "import.source('a')", PHASE_SOURCE },
        { "import.defer('a')", PHASE_DEFER },
        { "import('a')", PHASE_EVALUATION },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct js_facts facts = scan_good(cases[i].source);
        assert_int_equal(facts.dep_count, 1);
        assert_int_equal(facts.deps[0].phase, cases[i].phase);
        assert_str(facts.deps[0].text, STR("a"));
    }
}

TEST(spans_cover_what_is_written)
{
    assert_spans(";import a from './a.js' ;", "import a from './a.js'", "./a.js");
    assert_spans("x; export * from \"b\"\n", "export * from \"b\"", "b");
    assert_spans("f(import( 'a' ))", "import( 'a' )", "a");
    assert_spans("import('a', { b: (1) })", "import('a', { b: (1) })", "a");
    assert_spans("import( a + (b, c) , d)", "import( a + (b, c) , d)", "a + (b, c)");
    assert_spans("import(`x${1}`)", "import(`x${1}`)", "`x${1}`");
    assert_spans("import('a' + b)", "import('a' + b)", "'a' + b");
    assert_spans("import(('a'))", "import(('a'))", "('a')");
    assert_spans("import 'a\\x62'", "import 'a\\x62'", "a\\x62");
    assert_spans("x = new URL('a', import.meta.url).href", "new URL('a', import.meta.url)", "a");
    assert_spans("new Worker(new URL('a', import.meta.url), f(1))",
            "new Worker(new URL('a', import.meta.url), f(1))", "a");
}

TEST(attributes_are_read)
{
    static const struct {
        const char *source, *attributes, *type;
    } cases[] = {
        { "import a from 'a' with { type: 'json' };", "with { type: 'json' }", "json" },
        { "import 'a'\nwith\n{ 'type': \"css\", b: 'c', }", "with\n{ 'type': \"css\", b: 'c', }",
                "css" },
        { "import 'a' assert { type: 'json' }", "assert { type: 'json' }", "json" },
        { "import 'a'\nassert\n{ type }", "", "" },
        { "import 'a' with {}", "with {}", "" },
        { "export * from 'a' with { type: 'json' }", "with { type: 'json' }", "json" },
        { "export { b } from 'a' with { type: 'json' }", "with { type: 'json' }", "json" },
        { "import('a', { with: { type: 'json' } })", "{ with: { type: 'json' } }", "json" },
        { "import('a', { with: { type: 'json' } }, )", "{ with: { type: 'json' } }", "json" },
        { "import('a', b)", "b", "" },
        { "import('a',)", "", "" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct js_facts facts = scan_good(cases[i].source);
        const struct dep *dep = &facts.deps[0];
        assert_int_equal(facts.dep_count, 1);
        assert_str(str_sub(str_from(cases[i].source), dep->attributes.start, dep->attributes.end),
                str_from(cases[i].attributes));
        assert_str(dep->type, str_from(cases[i].type));
    }
}

TEST(dynamic_imports_nest_and_say_ignore)
{
    assert_edges("import(import('a'))", "~ a");
    assert_edges("import(`a`); import ( 'b', ); import\n('c')", "a b c");
    assert_true(scan_good("import(/* @vite-ignore */ a)").deps[0].ignore);
    assert_true(scan_good("import(/* x @orbiton-ignore y */ 'a')").deps[0].ignore);
    assert_true(scan_good("import( // @vite-ignore\n a)").deps[0].ignore);
    assert_false(scan_good("import('@vite-ignore')").deps[0].ignore);
    assert_false(scan_good("import('a' /* @vite-ignore */)").deps[0].ignore);
}

TEST(exports_of_every_form)
{
    assert_exports("export default 1", "default");
    assert_exports("export default function f() {}", "default");
    assert_exports(
            "export function f() {} export function* g() {} export async function h() {}", "f g h");
    assert_exports("export class A extends B {}", "A");
    assert_exports("export { a, b as c, d as default, e as 'f g', }", "a c default f g");
    assert_exports("export * from 'a'", "");
    assert_exports("export * as b from 'a'; export * as 'c d' from 'a'", "b c d");
    assert_exports("export { default } from 'a'", "default");
    assert_exports("export { default as a, b } from 'a'", "a b");
    assert_exports("export {}", "");
    assert_exports("export let \\u{61}b, async, of, get", "ab async of get");
}

TEST(exported_declarations_name_what_they_bind)
{
    assert_exports("export const a = 1, b = (c, d), e = [f, g], h = { i, j }", "a b e h");
    assert_exports("export let a, b", "a b");
    assert_exports(
            "export const a = () => {}, b = x => y, c = function () { d, e }, f = class { g = 1 }",
            "a b c f");
    assert_exports("export const a = `${b, c}`, d = /,e/, f = g / 2, h = i ? j : k", "a d f h");
    assert_exports("export let a = 1\nb, c", "a");
    assert_exports("export let a = b\n++c, d", "a");
    assert_exports("export let a = () => {}\nb, c", "a");
    assert_exports("export let a = b\n!c, d", "a");
    assert_exports("export let a = b\n, c", "a c");
    assert_exports("export let a = b\n'c', d", "a");
    assert_exports("export let a = b\nlet c, d", "a");
    assert_exports("export let a = b; c, d", "a");
    assert_exports("export let a = b\n{ c, d }", "a");
    assert_exports(
            "export const { a, b: c, d = e, f: { g, ...h }, [i]: j, 'k': l, 1: m, n: [o] } = p",
            "a c d g h j l m o");
    assert_exports("export const [a, [b], , { c }, d = e, ...f] = g, h = 1", "a b c d f h");
    assert_exports("export const [{ a = (b, c) }, ...[d]] = e", "a d");
    assert_exports("export const { ...a } = b, { c } = d", "a c");
    assert_exports("export const { [{ x }.y]: a, b = { z }, c: [d = { w }] } = e", "a b d");
}

TEST(reexports_need_the_names_of_the_other_module)
{
    assert_imported("export { a, b as c, default as d, 'e' as f } from 'a'", "a b default e");
    assert_imported("export * as a from 'a'", "*");
    assert_imported("export * from 'a'", "");
    assert_true(scan_good("export * from 'a'").deps[0].export_all);
    assert_false(scan_good("export * as b from 'a'").deps[0].export_all);
    assert_int_equal(scan_good("export {} from 'a'").deps[0].kind, DEP_REEXPORT);
}

TEST(hot_accepts_are_read_by_their_first_argument)
{
    struct js_facts facts = scan_good("import.meta.hot.accept(); import.meta.hot?.accept(f);"
                                      "import.meta.hot.accept(/* c */ './a', f);"
                                      "import . meta . hot . accept([\n'./b', `./c`, ]);"
                                      "import.meta.hot.acceptExports(['d', \"e\"]);"
                                      "import.meta.hot.accept(`f${1}`);"
                                      "import.meta.hot.accept('g' + h);"
                                      "x.import.meta.hot.accept('i');"
                                      "import.meta?.hot?.accept?.('j\\x6b');");
    static const struct {
        enum accept_kind kind;
        const char *text;
    } expected[] = {
        { ACCEPT_SELF, "" },
        { ACCEPT_SELF, "" },
        { ACCEPT_DEP, "./a" },
        { ACCEPT_DEP, "./b" },
        { ACCEPT_DEP, "./c" },
        { ACCEPT_EXPORTS, "d" },
        { ACCEPT_EXPORTS, "e" },
        { ACCEPT_DEP, "jk" },
    };
    size_t count = sizeof(expected) / sizeof(expected[0]);

    assert_int_equal(facts.accept_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(facts.accepts[i].kind, expected[i].kind);
        assert_str(facts.accepts[i].text, str_from(expected[i].text));
    }
    assert_true(facts.has_hot);
    assert_int_equal(scan_good("import.meta.hot.acceptExports(f)").accept_count, 0);
}

TEST(import_meta_is_told_by_its_member)
{
    assert_true(scan_good("import.meta.hot").has_hot);
    assert_true(scan_good("import.meta?.hot").has_hot);
    assert_true(scan_good("import /* a */ . /* b */ meta\n.hot").has_hot);
    assert_false(scan_good("import.meta.hotter").has_hot);
    assert_false(scan_good("'import.meta.hot'").has_hot);
    assert_false(scan_good("a.import.meta.hot").has_hot);
    assert_true(scan_good("import.meta.env.MODE").has_env);
    assert_false(scan_good("import.meta.url").has_env);
    assert_true(scan_good("import.meta").has_module_syntax);
    assert_true(scan_good("export {}").has_module_syntax);
    assert_false(scan_good("a.import, { export: 1 }").has_module_syntax);
}

TEST(urls_and_workers_beside_the_module)
{
    struct js_facts facts =
            scan_good("new URL('a', import.meta.url);"
                      "new Worker(new URL('b', import.meta.url), { type: 'module' });"
                      "new SharedWorker(new URL(`c`, import.meta.url,));"
                      "new Worker(new URL('d', import.meta.url), { name: 'x', type: t });"
                      "new URL('n', location); new URL(x, import.meta.url);"
                      "new URL('n' + 'm', import.meta.url); new Worker('n');"
                      "x.URL('n', import.meta.url); new x.URL('n', import.meta.url)");

    assert_int_equal(facts.dep_count, 4);
    assert_int_equal(facts.deps[0].kind, DEP_NEW_URL);
    assert_int_equal(facts.deps[1].kind, DEP_WORKER);
    assert_true(facts.deps[1].module_worker);
    assert_int_equal(facts.deps[2].kind, DEP_WORKER);
    assert_str(facts.deps[2].text, STR("c"));
    assert_false(facts.deps[2].module_worker);
    assert_false(facts.deps[3].module_worker);
}

TEST(globs_of_literals_are_read)
{
    struct js_facts facts = scan_good(
            "import.meta.glob('./*.js');"
            "import.meta.glob(['./a/*', `!./b`], { eager: true, import: 'c', query: '?d' },);"
            "import.meta.glob('./e', { eager: false, query: { f: 'g', h: true } });"
            "import.meta.glob(i); import.meta.glob(['j', k]); import.meta.glob('l', { eager: m() });"
            "import.meta.glob('n' + o)");

    assert_int_equal(facts.glob_count, 3);
    assert_int_equal(facts.dep_count, 3);
    assert_str(facts.globs[0].patterns[0], STR("./*.js"));
    assert_false(facts.globs[0].eager);
    assert_int_equal(facts.globs[1].pattern_count, 2);
    assert_str(facts.globs[1].patterns[1], STR("!./b"));
    assert_true(facts.globs[1].eager);
    assert_str(facts.globs[1].import, STR("c"));
    assert_str(facts.globs[1].query, STR("?d"));
    assert_str(facts.globs[2].query, STR("?f=g&h=true"));
    assert_false(facts.globs[2].eager);
    assert_int_equal(facts.globs[2].dep, 2);
}

TEST(await_at_the_top_level)
{
    static const char *const top[] = { "await 1", "x = await f()", "for await (const a of b) ;",
        "if (a) { await 1 }", "const f = async () => 1\nawait f()", "[async () => 1, await 2]",
        "x = a ? async () => 1 : await 2", "f(async () => {}, await 1)", "`${await 1}`",
        "const f = async () => 1; await f()", "x = { a: await 1 }", "export default await 1" };
    static const char *const not_top[] = { "async () => await 1", "async () => { await 1 }",
        "async function f() { for await (const a of b) ; }", "x = { async m() { await 1 } }",
        "class A { async m() { await 1 } }", "async x => y => 1, async () => a ? await 1 : await 2",
        "x = { await: 1 }", "a.await", "async () => [await 1, await 2]",
        "async () => ({ a: await 1 })" };

    for (size_t i = 0; i < sizeof(top) / sizeof(top[0]); i++) {
        if (!scan_good(top[i]).has_await) {
            fail_msg("%s", top[i]);
        }
    }
    for (size_t i = 0; i < sizeof(not_top) / sizeof(not_top[0]); i++) {
        if (scan_good(not_top[i]).has_await) {
            fail_msg("%s", not_top[i]);
        }
    }
}

TEST(the_prefix_goes_behind_mark_and_hashbang)
{
    assert_int_equal(scan(STR("a")).prefix_at, 0);
    assert_int_equal(scan(STR("\xef\xbb\xbf"
                              "a"))
                             .prefix_at,
            3);
    assert_int_equal(scan(STR("#!x\na")).prefix_at, 4);
    assert_int_equal(scan(STR("#!x\r\na")).prefix_at, 5);
    assert_int_equal(scan(STR("#!x\ra")).prefix_at, 4);
    assert_int_equal(scan(STR("#!x\xe2\x80\xa8"
                              "a"))
                             .prefix_at,
            6);
    assert_int_equal(scan(STR("#!x")).prefix_at, 3);
    assert_int_equal(scan(STR("")).prefix_at, 0);
}

static void assert_node_envs(const char *source, const char *expected)
{
    struct js_facts facts = scan_good(source);

    line[0] = '\0';
    for (uint32_t i = 0; i < facts.node_env_count; i++) {
        add(str_sub(str_from(source), facts.node_envs[i].start, facts.node_envs[i].end));
    }
    assert_string_equal(line, expected);
}

TEST(the_value_of_node_env_is_asked_for)
{
    assert_node_envs("if (process.env.NODE_ENV !== 'x') y", "process.env.NODE_ENV");
    assert_node_envs("process.env.NODE_ENV == x; process?.env?.NODE_ENV",
            "process.env.NODE_ENV process?.env?.NODE_ENV");
    assert_node_envs("process.env['NODE_ENV']", "process.env['NODE_ENV']");
    assert_node_envs("process.env.NODE_ENV = 'x'; a.process.env.NODE_ENV; process.env.OTHER", "");
    assert_node_envs("({ process: 1 }); function process() {} /a/", "");
    assert_node_envs("process.env.NODE_ENV_2; // process.env.NODE_ENV\n'process.env.NODE_ENV'", "");
}

TEST(errors_say_where_and_what)
{
    assert_error("a 'b", 2, "unterminated string");
    assert_error("a 'b\n'", 2, "unterminated string");
    assert_error("a `b${c}d", 2, "unterminated template");
    assert_error("a `b${c", 2, "unterminated template");
    assert_error("a /* b", 2, "unterminated comment");
    assert_error("a = /b\n/", 4, "unterminated regular expression");
    assert_error("(a]", 2, "unexpected ']'");
    assert_error("a)", 1, "unexpected ')'");
    assert_error("}", 0, "unexpected '}'");
    assert_error("[a}", 2, "unexpected '}'");
    assert_error("a(b, { c: [", 10, "unclosed '['");
    assert_error("a(b, { c", 5, "unclosed '{'");
    assert_error("a \x01", 2, "unexpected character");
    assert_error("a # b", 2, "unexpected '#'");
    assert_error("import a", 8, "malformed import declaration");
    assert_error("import a b from 'c'", 9, "malformed import declaration");
    assert_error("import { a b } from 'c'", 11, "malformed import declaration");
    assert_error("import { a } from c", 18, "malformed import declaration");
    assert_error("import { a } from 'c", 18, "unterminated string");
    assert_error("import { a /* ", 11, "unterminated comment");
    assert_error("import * a from 'c'", 9, "malformed import: expected 'as'");
    assert_error("import 'a' with { b }", 20, "malformed import attributes");
    assert_error("import.mata", 7, "expected 'meta' behind 'import.'");
    assert_error("if (a) { import b from 'c' }", 9, "import declaration outside of the top level");
    assert_error("function f() { export {} }", 15, "export declaration outside of the top level");
    assert_error("export async\nfunction f() {}", 13, "malformed export declaration");
    assert_error("export a", 7, "malformed export declaration");
    assert_error("export { a", 10, "malformed export declaration");
    assert_error("export function () {}", 16, "malformed export declaration: expected a name");
}

TEST(what_stands_before_an_error_is_kept)
{
    struct js_facts facts = scan(STR("import 'a'; export const b = 1; import { c, d e } from 'f'"));

    assert_true(facts.error.failed);
    assert_int_equal(facts.dep_count, 1);
    assert_int_equal(facts.imported_count, 0);
    assert_int_equal(facts.export_count, 1);
}

/* `open` written `count` times. */
static struct str repeat(const char *open, size_t count)
{
    struct strbuf b;

    strbuf_init(&b, 64 << 20);
    for (size_t i = 0; i < count; i++) {
        strbuf_add(&b, str_from(open));
    }
    return (struct str){ b.ptr, b.len };
}

TEST(limits_are_errors)
{
    struct str deep = repeat("(", JS_DEPTH_MAX * 2 + 1);
    struct str many = repeat("import 'a';", JS_FACTS_MAX + 1);
    struct str classes = repeat("class extends ", JS_CLASSES_MAX + 1);
    struct js_facts facts = scan(deep);

    assert_str(facts.error.text, STR("too many brackets within one another"));
    facts = scan(many);
    assert_str(facts.error.text, STR("too many imports, exports or names"));
    assert_int_equal(facts.dep_count, JS_FACTS_MAX);
    facts = scan(classes);
    assert_str(facts.error.text, STR("too many classes within one another"));
    facts = scan((struct str){ many.ptr, 11 * 1000 });
    assert_false(facts.error.failed);
    assert_int_equal(facts.dep_count, 1000);
    facts = (struct js_facts){ .dep_count = 1 };
    js_scan((struct str){ many.ptr, (size_t)JS_TEXT_MAX + 1 }, &arena, &facts);
    assert_true(facts.error.failed);
    assert_int_equal(facts.dep_count, 0);
    free((void *)(uintptr_t)deep.ptr);
    free((void *)(uintptr_t)many.ptr);
    free((void *)(uintptr_t)classes.ptr);
}

TEST(brackets_may_be_deep)
{
    struct str open = repeat("([{a:", 4000);
    struct str close = repeat("}])", 4000);
    struct strbuf b;

    strbuf_init(&b, 1 << 20);
    strbuf_add(&b, open);
    strbuf_add(&b, STR("import('x')"));
    strbuf_add(&b, close);
    struct js_facts facts = scan(strbuf_str(&b));
    assert_false(facts.error.failed);
    assert_int_equal(facts.dep_count, 1);
    free((void *)(uintptr_t)open.ptr);
    free((void *)(uintptr_t)close.ptr);
    strbuf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_slash_begins_a_regular_expression_where_no_value_stands),
        CASE(a_slash_behind_a_value_divides),
        CASE(import_is_a_name_behind_a_dot_and_where_members_are_named),
        CASE(expressions_in_members_are_scanned),
        CASE(templates_hold_expressions_that_hold_templates),
        CASE(comments_and_strings_hold_nothing),
        CASE(static_imports_of_every_form),
        CASE(phases_are_told_from_bindings_of_their_names),
        CASE(spans_cover_what_is_written),
        CASE(attributes_are_read),
        CASE(dynamic_imports_nest_and_say_ignore),
        CASE(exports_of_every_form),
        CASE(exported_declarations_name_what_they_bind),
        CASE(reexports_need_the_names_of_the_other_module),
        CASE(hot_accepts_are_read_by_their_first_argument),
        CASE(import_meta_is_told_by_its_member),
        CASE(urls_and_workers_beside_the_module),
        CASE(globs_of_literals_are_read),
        CASE(await_at_the_top_level),
        CASE(the_prefix_goes_behind_mark_and_hashbang),
        CASE(the_value_of_node_env_is_asked_for),
        CASE(errors_say_where_and_what),
        CASE(what_stands_before_an_error_is_kept),
        CASE(limits_are_errors),
        CASE(brackets_may_be_deep),
    };
    int failed = RUN(cases);

    arena_finish(&arena);
    return failed;
}
