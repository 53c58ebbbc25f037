/* SPDX-License-Identifier: MIT */
/* What a style sheet loads: each case is a sheet and its URLs, @imports marked with '@'. */
#include "scan/css_scan.h"

#include "base/strbuf.h"
#include "test.h"

typedef void scan_fn(struct str text, struct arena *a, struct css_facts *ret);

static void check_with(scan_fn *scan, struct str source, const char *expected)
{
    struct str text = exact_copy(source);
    struct arena arena = { NULL };
    struct css_facts facts;
    struct strbuf out;

    strbuf_init(&out, 1 << 16);
    scan(text, &arena, &facts);
    assert_false(facts.error.failed);
    for (uint32_t i = 0; i < facts.dep_count; i++) {
        const struct dep *dep = &facts.deps[i];
        assert_true(dep->statement.start <= dep->specifier.start);
        assert_true(dep->specifier.end <= dep->statement.end);
        assert_true(dep->statement.end <= text.len);
        strbuf_addf(&out, "%s%s%.*s", i > 0 ? " " : "", dep->kind == DEP_CSS_IMPORT ? "@" : "",
                STR_FMT(dep->text));
    }
    if (!str_eq(strbuf_str(&out), str_from(expected))) {
        fail_msg("\"%.*s\" gives \"%.*s\"", STR_FMT(source), STR_FMT(strbuf_str(&out)));
    }
    strbuf_finish(&out);
    arena_finish(&arena);
    free((void *)(uintptr_t)text.ptr);
}

static void check(const char *source, const char *expected)
{
    check_with(css_scan, str_from(source), expected);
}

TEST(an_import_is_found_in_all_its_forms)
{
    check("@import 'a.css';", "@a.css");
    check("@import \"a.css\" screen;@import url(b.css) ;", "@a.css @b.css");
    check("@IMPORT URL( 'a.css' );", "@a.css");
    check("@import/**/url(\"a.css\" crossorigin(anonymous)) layer(x) supports(a:b) screen;",
            "@a.css");
    check("@import src('a.css');", "@a.css");
    check("@\\69mport 'a.css'", "@a.css");
    check("@import 'a.css", "@a.css");
    check("@import url(a.css", "@a.css");
    check("@import url('a.css", "@a.css");
    check("@import 'a\\62 c.css';", "@abc.css");
    check("<!-- @import 'a.css'; -->", "@a.css");
    check("\xef\xbb\xbf@import 'a.css';", "@a.css");
    check("@charset \"utf-8\";@import 'a.css';", "@a.css");
}

TEST(an_import_that_is_none_is_left)
{
    check("@import a.css;", "");
    check("@import 'a.css", "@a.css");
    check("@import 'a.css\n;", "");
    check("@import url(a b);", "");
    check("@import url(var(--a));", "");
    check("@import 'a.css' {}", "");
    check("@import url('a.css') layer(a) { b { c: url(d) } }", "d");
    check("@import;'a.css'", "");
    check("@import x 'a.css';", "");
    check("@import url() 'a.css';", "");
    check("@import src(x 'a.css');", "");
    check("@import 'data:text/css,'; @import '#a'; @import '';", "");
    check("@importx 'a.css';", "");
    check("x @import 'a.css';", "");
    check("/* @import 'a.css'; */", "");
    check("'@import \"a.css\";'", "");
}

TEST(an_import_comes_before_the_rules)
{
    check("@layer a, b;@import 'a.css';", "@a.css");
    check("@import 'a.css';@layer a;@import 'b.css';", "@a.css @b.css");
    check("@layer a{}@import 'a.css';", "");
    check("@namespace a url(x);@import 'a.css';", "");
    check("a{}@import 'a.css';", "");
    check(".a > #b, *.c{}@import 'a.css';", "");
    check("@media screen{}@import 'a.css';", "");
    check("@font-face{src:url(f)}@import 'a.css';", "f");
    check("@media screen{@import 'a.css';}", "");
    check("a{@import 'a.css';b:url(c)}", "c");
    check("@unknown x;@import 'a.css';", "@a.css");
    check("@unknown{}@import 'a.css';", "@a.css");
    check("@import x;@import 'a.css';", "@a.css");
}

TEST(an_import_behind_a_rule_that_may_be_invalid_is_reported)
{
    check("a:unheard-of{}@import 'a.css';", "@a.css");
    check("{}@import 'a.css';", "@a.css");
    check(";a{}@import 'a.css';", "@a.css");
    check("}a{}@import 'a.css';", "@a.css");
    check("a)b{}@import 'a.css';", "@a.css");
    check("a 1{}@import 'a.css';", "@a.css");
    check(">a{}@import 'a.css';", "@a.css");
}

TEST(urls_of_declarations_are_found)
{
    check("a{b:url(c)}", "c");
    check("a{b:url(c),URL( 'd' ) url(\"e\")}", "c d e");
    check("a{b:\\75 rl(x)}", "x");
    check("a{b:src('c')}", "c");
    check("a{b:src(/**/ 'c')}", "c");
    check("a{b:url('c' foo(bar) 'd')}", "c");
    check("a{--x:url(b)}", "b");
    check("a{--x:{b:url(c)} url(d)}", "c d");
    check("a{b:url(c);&:hover{d:url(e)}f:url(g)}", "c e g");
    check("@media x{a{b:url(c)}}", "c");
    check("@font-face{src:url(a.woff2) format('woff2'),local(b),url('c.woff')}", "a.woff2 c.woff");
    check("a{b:c(url(d))}", "d");
    check("a{b:[url(d)]}", "d");
    check("a{b:url(c", "c");
    check("a{b:url('c", "c");
    check("a{b:url(c\\)d)}", "c)d");
    check("a{b:'c' url(d)}", "d");
}

TEST(what_is_no_url_to_load_is_left)
{
    check("a{b:url()}", "");
    check("a{b:url('')}", "");
    check("a{b:url(#c)}", "");
    check("a{b:url( DATA:image/png,)}", "");
    check("a{b:url(\"about:blank\")}", "");
    check("a{b:url/**/(c)}", "");
    check("a{b:url(c d)}", "");
    check("a{b:url(c'd) url(e)}", "e");
    check("a{b:url('c\n') }", "");
    check("a{b:url(var(--c))}", "");
    check("a{b:src(c)}", "");
    check("a{b:src(c 'd')}", "");
    check("a{b:'url(c)'}", "");
    check("a{/* b:url(c) */}", "");
    check("a[b=url(c)]{}", "");
    check("url(c){}", "");
    check("@namespace url(c);", "");
    check("@namespace a 'c';", "");
    check("@charset 'c';", "");
    check("@supports (mask:url(c)){a{b:url(d)}}", "d");
    check("@media x{@supports (mask:url(c)){a{b:url(d)}}}", "d");
    check("@-moz-document url(c){a{b:url(d)}}", "d");
    check("a{b:local(c) format('d') attr(e)}", "");
}

TEST(strings_of_an_image_set_are_urls)
{
    check("a{b:image-set('c' 1x,url(d) type('image/png'),'e')}", "c d e");
    check("a{b:-webkit-image-set('c' 1x, url('d') 2x)}", "c d");
    check("a{b:IMAGE-SET('c' 1x)}", "c");
    check("a{b:image-set(linear-gradient('x') 1x)}", "");
    check("a{b:-moz-image-set('c')}", "");
    check("@supports (b:image-set('c')){}", "");
}

TEST(brackets_hold_together_as_the_standard_says)
{
    check("a{b:(} c{d:url(e)}", "e");
    check("a{b:c)}@import 'x';d{e:url(f)}", "f");
    check("a[{] {b:url(c)}", "");
    check("a({ @import 'b'; }){}", "");
    check("}a{b:url(c)}", "c");
    check("a{b:url(c)}}d{e:url(f)}", "c f");
}

TEST(declarations_without_a_block)
{
    check_with(css_scan_declarations, STR("a:url(b);c:url('d')"), "b d");
    check_with(css_scan_declarations, STR("@import 'a';b:url(c)"), "c");
    check_with(css_scan_declarations, STR("}a:url(b)"), "b");
    check_with(css_scan_declarations, STR(""), "");
}

TEST(nul_is_a_character)
{
    check_with(css_scan, STR("a{b:url(c\0d)}"),
            "c\xef\xbf\xbd"
            "d");
}

static struct str slice(struct str text, struct span span)
{
    return str_sub(text, span.start, span.end);
}

TEST(spans_are_exact)
{
    struct str text = STR("@import  url( 'a\\62' ) layer(x) screen ;\n@import \"c\";a{b: url( d )}"
                          "e{f:src( 'g' x ), image-set('h')}");
    struct arena arena = { NULL };
    struct css_facts facts;

    css_scan(text, &arena, &facts);
    assert_int_equal(facts.dep_count, 5);
    assert_str(
            slice(text, facts.deps[0].statement), STR("@import  url( 'a\\62' ) layer(x) screen"));
    assert_str(slice(text, facts.deps[0].specifier), STR("a\\62"));
    assert_str(slice(text, facts.deps[0].attributes), STR("layer(x) screen"));
    assert_str(slice(text, facts.deps[1].statement), STR("@import \"c\""));
    assert_int_equal(facts.deps[1].attributes.end, 0);
    assert_str(slice(text, facts.deps[2].statement), STR("url( d )"));
    assert_str(slice(text, facts.deps[2].specifier), STR("d"));
    assert_str(slice(text, facts.deps[3].statement), STR("src( 'g' x )"));
    assert_str(slice(text, facts.deps[4].statement), STR("'h'"));
    assert_str(slice(text, facts.deps[4].specifier), STR("h"));
    arena_finish(&arena);
}

TEST(brackets_beyond_the_limit_are_an_error)
{
    struct arena arena = { NULL };
    struct css_facts facts;
    struct strbuf text;

    strbuf_init(&text, 1 << 20);
    strbuf_add(&text, STR("a{b:url(c);"));
    for (size_t i = 0; i < CSS_DEPTH_MAX; i++) {
        strbuf_addc(&text, '(');
    }
    css_scan(strbuf_str(&text), &arena, &facts);
    assert_true(facts.error.failed);
    assert_int_equal(facts.error.offset, text.len - 1);
    assert_int_equal(facts.dep_count, 1);
    css_scan(str_sub(strbuf_str(&text), 0, text.len - 1), &arena, &facts);
    assert_false(facts.error.failed);
    strbuf_finish(&text);
    arena_finish(&arena);
}

static struct str to_absolute(void *ctx, struct str url)
{
    if (str_eq(url, STR("keep"))) {
        return url;
    }
    if (str_eq(url, STR("none"))) {
        return STR("");
    }
    if (str_eq(url, STR("hard"))) {
        return STR("/a b'c\"d(e)\\f\ng");
    }
    return arena_printf(ctx, "/x/%.*s", STR_FMT(url));
}

static void check_absolute(const char *source, const char *expected)
{
    struct arena arena = { NULL };
    struct css_facts facts, again;
    struct strbuf out;

    strbuf_init(&out, 1 << 16);
    css_scan(str_from(source), &arena, &facts);
    css_absolutize(&out, str_from(source), &facts, to_absolute, &arena);
    assert_str(strbuf_str(&out), str_from(expected));
    css_scan(strbuf_str(&out), &arena, &again);
    assert_int_equal(again.dep_count, facts.dep_count);
    for (uint32_t i = 0; i < facts.dep_count; i++) {
        struct str url = to_absolute(&arena, facts.deps[i].text);
        assert_str(again.deps[i].text, url.len > 0 ? url : facts.deps[i].text);
    }
    strbuf_finish(&out);
    arena_finish(&arena);
}

TEST(urls_are_replaced_and_nothing_else)
{
    check_absolute("@import 'a' x;/* 'a' */ b{c:url( d ) url('e')}",
            "@import '/x/a' x;/* 'a' */ b{c:url( /x/d ) url('/x/e')}");
    check_absolute("a{b:url(k\\65 ep) url(none) url(#x) url(data:x)}",
            "a{b:url(k\\65 ep) url(none) url(#x) url(data:x)}");
    check_absolute("a{b:url(hard)}", "a{b:url(/a\\ b\\'c\\\"d\\(e\\)\\\\f\\a g)}");
    check_absolute("a{b:url('hard')}", "a{b:url('/a b\\'c\"d(e)\\\\f\\a g')}");
    check_absolute("a{b:url(\"hard\")}", "a{b:url(\"/a b'c\\\"d(e)\\\\f\\a g\")}");
    check_absolute("a{b:url(c", "a{b:url(/x/c");
    check_absolute("a{b:url('c\\", "a{b:url('/x/c");
    check_absolute("a{b:image-set('c' 1x)}", "a{b:image-set('/x/c' 1x)}");
    check_absolute("a{b:c}", "a{b:c}");
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(an_import_is_found_in_all_its_forms),
        CASE(an_import_that_is_none_is_left),
        CASE(an_import_comes_before_the_rules),
        CASE(an_import_behind_a_rule_that_may_be_invalid_is_reported),
        CASE(urls_of_declarations_are_found),
        CASE(what_is_no_url_to_load_is_left),
        CASE(strings_of_an_image_set_are_urls),
        CASE(brackets_hold_together_as_the_standard_says),
        CASE(declarations_without_a_block),
        CASE(nul_is_a_character),
        CASE(spans_are_exact),
        CASE(brackets_beyond_the_limit_are_an_error),
        CASE(urls_are_replaced_and_nothing_else),
    };

    return RUN(cases);
}
