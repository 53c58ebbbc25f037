/* SPDX-License-Identifier: MIT */
/* What a CommonJS module exports and requires, by the forms in which people and compilers write. */
#include "scan/cjs_scan.h"
#include "test.h"

#include <unistd.h>

#include "base/strbuf.h"

static struct arena arena;

static struct str joined(const struct str *texts, size_t count)
{
    struct str all = STR("");

    for (size_t i = 0; i < count; i++) {
        all = arena_printf(&arena, "%.*s%s%.*s", STR_FMT(all), i > 0 ? " " : "", STR_FMT(texts[i]));
    }
    return all;
}

/* Lists are written with blanks between. */
static void check(
        const char *text, const char *exports, const char *reexports, const char *requires)
{
    struct str copy = exact_copy(str_from(text));
    struct cjs_facts facts;

    cjs_scan(copy, &arena, &facts);
    assert_str(joined(facts.exports, facts.export_count), str_from(exports));
    assert_str(joined(facts.reexports, facts.reexport_count), str_from(reexports));
    assert_str(joined(facts.requires, facts.require_count), str_from(requires));
    free((void *)(uintptr_t)copy.ptr);
    arena_reset(&arena);
}

TEST(members_of_exports_that_are_given_a_value)
{
    check("exports.a = 1; exports['b'] = 2; module.exports.c = 3; module.exports[\"d\"] = 4",
            "a b c d", "", "");
    check("exports.a = exports.b = void 0;", "a b", "", "");
    check("(function (exports) { exports.a = 1 })(exports)", "a", "", "");
    check("exports\n  .a\n  = 1", "a", "", "");
    check("exports.a == 1; exports.b => 1; x.exports.c = 1; exports[d] = 1; module.exports.e", "",
            "", "");
    check("exports.if = 1; exports.a = 1; exports.a = 2; exports['not a name'] = 1",
            "if a not a name", "", "");
    check("// exports.a = 1\n/* exports.b = 1 */ 'exports.c = 1'; `exports.d = 1`; /exports.e = 1/",
            "", "", "");
}

TEST(an_object_literal_gives_its_keys)
{
    check("module.exports = { a, b: c, 'd': 1, e() {}, get f() { return 1 }, async *g() {}, 2: 3 }",
            "a b d e f g", "", "");
    check("module.exports = { a: require('x').y, b: function () { return { no: 1 } }, c: [1, 2], d }",
            "a b c d", "", "x");
    check("module.exports = { a: x => x, b: `${{ no: 1 }}, no`, ...rest, c }", "a b c", "", "");
    check("exports = module.exports = { a }", "a", "", "");
    check("module.exports = exports = { a }", "a", "", "");
    check("exports = { a }; var module = { exports: { b } }", "", "", "");
    check("0 && (module.exports = { a, b, ...require('./c') })", "a b", "./c", "./c");
}

TEST(properties_that_are_defined)
{
    check("Object.defineProperty(exports, '__esModule', { value: true })", "__esModule", "", "");
    check("Object.defineProperty(exports, \"a\", { enumerable: true, get: function () { return q.p; } });"
          "Object.defineProperty(module.exports, 'b', { get() { return q['p'] }, enumerable: !0 });"
          "Object.defineProperty(exports, 'c', { enumerable: true, get: () => q.p });"
          "Object.defineProperty(exports, 'd', { enumerable: true, get: function get() { return q } })",
            "a b c d", "", "");
    check("Object.defineProperty(exports, 'a', { get: function () { return dynamic() } });"
          "Object.defineProperty(exports, 'b', { get: function () { warn(); return q } });"
          "Object.defineProperty(exports, c, { value: 1 }); Object.defineProperty(x, 'd', { value: 1 });"
          "Object.defineProperty(exports, 'e', descriptor)",
            "", "", "");
}

TEST(another_module_is_handed_on)
{
    check("module.exports = require('./a')", "", "./a", "./a");
    check("var a = require('./a'); module.exports = a;", "", "./a", "./a");
    check("module.exports = { ...require('a'), b, ...c }; ", "b", "a", "a");
    check("const c = require('c'); module.exports = { ...c }", "", "c", "c");
    check("__export(require('a')); tslib_1.__exportStar(require('b'), exports);"
          "(0, tslib_1.__exportStar)(require('c'), exports); _export_star(require('d'), exports)",
            "", "a b c d", "a b c d");
    check("var _a = require('a'); Object.keys(_a).forEach(function (key) {"
          "  if (key === 'default' || key === '__esModule') return;"
          "  if (key in exports && exports[key] === _a[key]) return;"
          "  Object.defineProperty(exports, key, { enumerable: true, get: function () { return _a[key]; } });"
          "});",
            "", "a", "a");
    check("var b = _interopRequireWildcard(require('b'));"
          "Object.keys(b).forEach((k) => { exports[k] = b[k] })",
            "", "b", "b");
    check("var b = require('b'); Object.keys(b).forEach(function (k) { other[k] = b[k] })", "", "",
            "b");
    check("_export(exports, { a: function () { return a; }, 'b': function () { return b; } })",
            "a b", "", "");
}

TEST(what_is_required_by_a_literal)
{
    check("require('a'); require(`b`); require(\"c\"); require('a')", "", "", "a b c");
    check("require(x); require('a' + b); x.require('c'); require; requires('d'); require(`${e}`)",
            "", "", "");
    check("function f() { if (x) return require('late') }", "", "", "late");
    /* a bundle has its modules inside; in the form of AMD it is the one that was given */
    check("({1:[function(require,module,exports){ require('./in') },{}]}); require('out')", "", "",
            "out");
    check("(function (f) { f(require, exports) })(function (require, exports) {"
          "exports.a = require('a') })",
            "a", "", "a");
}

TEST(code_for_production_is_not_looked_at)
{
    check("if (process.env.NODE_ENV === 'production') { module.exports = require('./p') }"
          "else { module.exports = require('./d') }",
            "", "./d", "./d");
    check("if ('production' !== process.env.NODE_ENV) module.exports = require('./d');"
          "else module.exports = require('./p');",
            "", "./d", "./d");
    check("if (process.env.NODE_ENV == 'production')\n  require('./p')\nelse\n  require('./d')\n"
          "require('./e')",
            "", "", "./d ./e");
    check("if (process.env['NODE_ENV'] === \"production\") for (;;) { require('./p') } require('./e')",
            "", "", "./e");
    check("module.exports = process.env.NODE_ENV === 'production' ? require('./p') : require('./d'), x",
            "", "./d", "./d");
    check("process.env.NODE_ENV !== 'production' ? exports.d = 1 : exports.p = 1; exports.e = 1",
            "d e", "", "");
    check("process.env.NODE_ENV === 'production' && require('./p'), require('./e')", "", "", "./e");
    check("'production' === process.env.NODE_ENV || (function () { exports.d = 1 })()", "d", "",
            "");
    check("if (process.env.NODE_ENV === 'production' && x) require('./p'); else require('./d')", "",
            "", "./d");
    check("if (process.env.NODE_ENV === 'development') { require('./d') } else require('./p')", "",
            "", "./d");
}

TEST(conditions_that_may_hold_are_left_alone)
{
    check("if (x) require('a'); else require('b')", "", "", "a b");
    check("if (process.env.NODE_ENV === 'production' || x) require('a')", "", "", "a");
    check("if (process.env.NODE_ENV === 'production' && x || y) require('a')", "", "", "a");
    check("if (!process.env.NODE_ENV === 'production') require('a')", "", "", "a");
    check("if (process.env.OTHER === 'production') require('a')", "", "", "a");
    check("x && process.env.NODE_ENV !== 'production' ? require('a') : require('b')", "", "",
            "a b");
}

TEST(broken_text_gives_what_stood_before)
{
    check("exports.a = 1; ) exports.b = 2", "a", "", "");
    check("module.exports = { a, b", "a b", "", "");
    check("module.exports = {", "", "", "");
    check("Object.keys(a).forEach(function (k) {", "", "", "");
    check("if (process.env.NODE_ENV === 'production') {", "", "", "");
    check("process.env.NODE_ENV === 'production' ?", "", "", "");
    check("require('a'", "", "", "");
    check("", "", "", "");
    check("exports", "", "", "");
}

TEST(names_that_browsers_do_not_have)
{
    struct cjs_facts facts;

    cjs_scan(STR("process.env.NODE_ENV; a.process; a.global"), &arena, &facts);
    assert_false(facts.has_process);
    assert_false(facts.has_global);
    cjs_scan(STR("typeof process; global.x = 1"), &arena, &facts);
    assert_true(facts.has_process);
    assert_true(facts.has_global);
    arena_reset(&arena);
}

static void add_times(struct strbuf *b, const char *text, int times)
{
    for (int i = 0; i < times; i++) {
        strbuf_add(b, str_from(text));
    }
}

/* Each of these would look at all that follows, and that is some minutes' work; alarm() ends it. */
TEST(what_lies_in_one_another_is_not_looked_at_again_and_again)
{
    static const char *const repeated[] = { "Object.keys(a).forEach(function(k){",
        "if('development'==process.env.NODE_ENV)do " };
    struct cjs_facts facts;

    alarm(100);
    for (size_t i = 0; i < sizeof(repeated) / sizeof(repeated[0]); i++) {
        struct strbuf text;

        strbuf_init(&text, 8 * 1024 * 1024);
        add_times(&text, repeated[i], 7000);
        add_times(&text, "x;", 1000000);
        cjs_scan(strbuf_str(&text), &arena, &facts);
        assert_int_equal(facts.require_count, 0);
        strbuf_finish(&text);
        arena_reset(&arena);
    }
    alarm(0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(members_of_exports_that_are_given_a_value),
        CASE(an_object_literal_gives_its_keys),
        CASE(properties_that_are_defined),
        CASE(another_module_is_handed_on),
        CASE(what_is_required_by_a_literal),
        CASE(code_for_production_is_not_looked_at),
        CASE(conditions_that_may_hold_are_left_alone),
        CASE(broken_text_gives_what_stood_before),
        CASE(names_that_browsers_do_not_have),
        CASE(what_lies_in_one_another_is_not_looked_at_again_and_again),
    };
    int failed = RUN(cases);

    arena_finish(&arena);
    return failed;
}
