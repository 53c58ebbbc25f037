/* SPDX-License-Identifier: MIT */
/* What a document loads: each case is a document and its dependencies as "kind:text". */
#include "scan/html_scan.h"

#include "base/strbuf.h"
#include "scan/html_chars.h"
#include "scan/html_srcset.h"
#include "test.h"

static const char *const kinds[] = {
    [DEP_IMPORT] = "import",
    [DEP_REEXPORT] = "reexport",
    [DEP_DYNAMIC] = "dynamic",
    [DEP_DYNAMIC_EXPR] = "expr",
    [DEP_NEW_URL] = "new-url",
    [DEP_WORKER] = "worker",
    [DEP_GLOB] = "glob",
    [DEP_CSS_IMPORT] = "@import",
    [DEP_CSS_URL] = "url",
    [DEP_SCRIPT] = "script",
    [DEP_MODULE] = "module",
    [DEP_STYLESHEET] = "sheet",
    [DEP_PICTURE] = "picture",
};

static const char *const code_kinds[] = {
    [HTML_CLASSIC_SCRIPT] = "classic",
    [HTML_MODULE_SCRIPT] = "module",
    [HTML_IMPORT_MAP] = "map",
    [HTML_OTHER_SCRIPT] = "other",
    [HTML_STYLE] = "style",
};

struct scanned {
    struct str text;
    struct arena arena;
    struct html_facts facts;
};

static void start(struct scanned *s, struct str source)
{
    memset(s, 0, sizeof(*s));
    s->text = exact_copy(source);
    html_scan(s->text, &s->arena, &s->facts);
}

static void finish(struct scanned *s)
{
    arena_finish(&s->arena);
    free((void *)(uintptr_t)s->text.ptr);
}

static struct str slice(const struct scanned *s, struct span span)
{
    assert_true(span.start <= span.end && span.end <= s->text.len);
    return str_sub(s->text, span.start, span.end);
}

static void check_str(struct str source, const char *expected)
{
    struct scanned s;
    struct strbuf out;

    start(&s, source);
    strbuf_init(&out, 1 << 16);
    for (uint32_t i = 0; i < s.facts.dep_count; i++) {
        const struct dep *dep = &s.facts.deps[i];
        assert_true(slice(&s, dep->statement).len > 0);
        assert_true(dep->specifier.start >= dep->statement.start);
        assert_true(dep->specifier.end <= dep->statement.end);
        strbuf_addf(&out, "%s%s:%.*s", i > 0 ? " " : "", kinds[dep->kind], STR_FMT(dep->text));
    }
    if (!str_eq(strbuf_str(&out), str_from(expected))) {
        fail_msg("\"%.*s\" gives \"%.*s\"", STR_FMT(source), STR_FMT(strbuf_str(&out)));
    }
    strbuf_finish(&out);
    finish(&s);
}

static void check(const char *source, const char *expected)
{
    check_str(str_from(source), expected);
}

/* Codes as "kind(src or text)". */
static void check_codes(const char *source, const char *expected)
{
    struct scanned s;
    struct strbuf out;

    start(&s, str_from(source));
    strbuf_init(&out, 1 << 16);
    for (uint32_t i = 0; i < s.facts.code_count; i++) {
        const struct html_code *code = &s.facts.codes[i];
        assert_true(slice(&s, code->tag).ptr[0] == '<');
        strbuf_addf(&out, "%s%s(%.*s)", i > 0 ? " " : "", code_kinds[code->kind],
                STR_FMT(code->src.len > 0 ? code->src : slice(&s, code->text)));
    }
    if (!str_eq(strbuf_str(&out), str_from(expected))) {
        fail_msg("\"%s\" gives \"%.*s\"", source, STR_FMT(strbuf_str(&out)));
    }
    strbuf_finish(&out);
    finish(&s);
}

TEST(scripts_with_src)
{
    check("<script src=a.js></script>", "script:a.js");
    check("<SCRIPT SRC=' a.js\n'></SCRIPT >", "script:a.js");
    check("<script type=module src=a.js></script>", "module:a.js");
    check("<script type=' Module ' src=a.js></script>", "module:a.js");
    check("<script type='text/javascript' src=a.js></script>", "script:a.js");
    check("<script type='' language=x src=a.js></script>", "script:a.js");
    check("<script language=JavaScript1.2 src=a.js></script>", "script:a.js");
    check("<script async defer src=a.js>import 'x'</script>", "script:a.js");
    check("<script type=module src=a.js>import 'x'</script>", "module:a.js");
    check("<script for=window event='onload()' src=a.js></script>", "script:a.js");
}

TEST(scripts_that_are_not_loaded)
{
    check("<script src></script><script src=''></script>", "");
    check("<script type=importmap src=a.json></script>", "");
    check("<script type=text/template src=a.html></script>", "");
    check("<script type=' ' src=a.js></script>", "");
    check("<script language=vbscript src=a.js></script>", "");
    check("<script nomodule src=a.js></script>", "");
    check("<script type=module nomodule src=a.js></script>", "module:a.js");
    check("<script for=x event=onload src=a.js></script>", "");
    check("<script src=a.js>", "");
    check("<script type=module>import 'a'", "");
    check("<script src=data:text/javascript,></script>", "");
    check("<script>\"<script src=a.js>\"</script>", "");
    check("<!-- <script src=a.js></script> -->", "");
    check("<title><script src=a.js></script></title>", "");
    check("<noscript><img src=a><link rel=stylesheet href=b></noscript><img src=c>", "picture:c");
    check("<script src=a.js", "");
}

TEST(codes_are_told_apart)
{
    check_codes("<script>a</script><script type=module>b</script>", "classic(a) module(b)");
    check_codes("<script type=importmap>{}</script><script type=x>c</script>", "map({}) other(c)");
    check_codes("<script src=' a&amp;b '>c</script>", "classic(a&b)");
    check_codes("<style>a{}</style><style type=text/less>b</style>", "style(a{})");
    check_codes("<style>a{}", "style(a{})");
    check_codes("<script>a", "");
    check_codes("<script></script>", "classic()");
    check_codes("<template><script>a</script><style>b</style></template>", "");
    check_codes("<svg><script>a</script><style>b</style><script/></svg>",
            "classic(a) style(b) classic()");
    check_codes("<svg><style>b<div>text</div><style>c</style>", "style(b) style(c)");
    check_codes("<svg><style>b</svg>text<style>c</style>", "style(b) style(c)");
    check_codes("<svg><script>b</svg>text<style>c</style>", "style(c)");
}

TEST(links)
{
    check("<link rel=stylesheet href=a.css>", "sheet:a.css");
    check("<link rel='alternate StyleSheet' href=a.css title=x>", "sheet:a.css");
    check("<link rel=stylesheet type='text/css; charset=utf-8' href=a.css>", "sheet:a.css");
    check("<link rel=stylesheet type=text/less href=a.less>", "");
    check("<link rel=modulepreload href=a.js>", "module:a.js");
    check("<link rel=icon href=a><link rel='shortcut icon' href=b>", "picture:a picture:b");
    check("<link rel=preload as=image imagesrcset='a 1x, b 2x' href=c>",
            "picture:c picture:a picture:b");
    check("<link rel=prefetch href=a><link rel=manifest href=b>", "picture:a picture:b");
    check("<link rel=apple-touch-icon href=a>", "picture:a");
    check("<link rel=canonical href=a><link href=b><link rel=stylesheet><link rel=next href=c>",
            "");
    check("<link rel=stylesheets href=a>", "");
    check("<link rel='style&#115;heet' href=a>", "sheet:a");
    check("<svg><link rel=stylesheet href=a></svg>", "");
}

TEST(media)
{
    check("<img src=a srcset='b, c 2x'>", "picture:a picture:b picture:c");
    check("<picture><source srcset=a><img></picture>", "picture:a");
    check("<video src=a poster=b><source src=c><track src=d></video>",
            "picture:a picture:b picture:c picture:d");
    check("<audio src=a></audio><embed src=b><object data=c></object>",
            "picture:a picture:b picture:c");
    check("<input type=image src=a><input type=text src=b><input src=c>", "picture:a");
    check("<body background=a><table><td background=b>", "picture:a picture:b");
    check("<image src=a>", "picture:a");
    check("<img src=a src=b>", "picture:a");
    check("<img src='a b'>", "picture:a b");
    check("<img src><img src=''><img src='#'><img src='data:,'><img alt=a>", "");
    check("<use href=a><p src=b><a href=c><iframe src=d></iframe>", "");
}

TEST(svg)
{
    check("<svg><use href=a#b /><image xlink:href=c /><feImage href=d /></svg>",
            "picture:a#b picture:c picture:d");
    check("<svg><use href='#a'/><use href=b xlink:href=c /></svg>", "picture:b");
    check("<svg><script href=a></script><script xlink:href=b /></svg>", "script:a script:b");
    check("<svg><script type=module href=a></script></svg>", "module:a");
    check("<svg><image src=a /></svg>", "");
    check("<svg><foreignObject><img src=a></foreignObject></svg>", "picture:a");
    check("<svg><img src=a>", "picture:a");
    check("<svg><style>a{b:url(&quot;c&quot;)}</style></svg>", "url:c");
    check("<svg><style><![CDATA[a{b:url(c)}]]> d{e:url('f')}</style></svg>", "url:c url:f");
    check("<svg><style/></svg><style>a{b:url(c)}</style>", "url:c");
    check("<svg><script type=module><![CDATA[import 'a']]></script></svg>", "import:a");
}

TEST(styles)
{
    check("<style>@import 'a';b{c:url(d)}</style>", "@import:a url:d");
    check("<style type=''>a{b:url(c)}</style>", "url:c");
    check("<style type=TEXT/CSS>a{b:url(c)}</style>", "url:c");
    check("<style type=text/less>a{b:url(c)}</style>", "");
    check("<style>a{b:url(c)}", "url:c");
    check("<style>a{b:url(&quot;c)}</style>", "url:&quot;c");
    check("<p style='a:url(b)'><i style=a:url(c)>", "url:b url:c");
    check("<p style='a:url(&quot;b&amp;c&quot;)'>", "url:b&c");
    check("<p style=\"@import 'a'\">", "");
    check("<svg><g style='a:url(b)'/></svg>", "url:b");
    check("<link style='a:url(b)'><script style='a:url(c)'></script>", "url:b url:c");
}

TEST(templates_are_inert)
{
    check("<template><img src=a><p style='b:url(c)'></template><img src=d>", "picture:d");
    check("<template><template><img src=a></template><img src=b></template><img src=c>",
            "picture:c");
    check("<template><svg><image href=a /></svg></template>", "");
    check("<template shadowrootmode=open><img src=a></template><img src=b>", "picture:a picture:b");
    check("<template><template shadowrootmode=open><img src=a></template></template>", "");
    check("<template shadowrootmode=closed><template><img src=a></template><img src=b></template>",
            "picture:b");
    check("<template shadowrootmode=x><img src=a></template>", "");
    check("</template><img src=a><template><img src=b>", "picture:a");
    check("<svg><template></template></svg><img src=a>", "picture:a");
    check("<template><svg><template></template></svg><img src=a></template><img src=b>",
            "picture:b");
    check("<template><svg></template><img src=a>", "picture:a");
    check("<template><svg><template></template></template><img src=a>", "picture:a");
}

TEST(inline_modules)
{
    check("<script type=module>import 'a'; import('b')</script>", "import:a dynamic:b");
    check("<script>import('a')</script>", "");
    check("<script type=module>import '&amp;'</script>", "import:&amp;");
    check("<script type=module><!-- </script>", "");
}

TEST(references_are_decoded)
{
    check("<img src='a?b&amp;c&lt;&gt;&quot;&apos;'>", "picture:a?b&c<>\"'");
    check("<img src='&#97;&#x62;&#X63;&#100'>", "picture:abcd");
    check("<img src='a&ampb&amp=c&amp-d&amp'>", "picture:a&ampb&amp=c&-d&");
    check("<img src='a&copy=b&unknown;&;&#;&#x;&#xg'>", "picture:a&copy=b&unknown;&;&#;&#x;&#xg");
    check("<img src='&#0;&#xd800;&#x110000;&#99999999999;'>",
            "picture:\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    check("<img src='&#128;&#233;&#x20ac;&#x1f600;'>",
            "picture:\xe2\x82\xac\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    check("<img src='a&sol;b&period;c'>", "picture:a/b.c");
    check("<img src='a&apos'>", "picture:a&apos");
    check("<img src='&#32;a&NewLine;'>", "picture:a");
    check("<svg><style>a{b:url(&ampc)}</style></svg>", "url:&c");
}

TEST(base)
{
    struct scanned s;

    start(&s, STR("<base target=x><base href=' /a/&amp;b '><base href=c>"));
    assert_str(s.facts.base_href, STR("/a/&b"));
    finish(&s);
    start(&s, STR("<template><base href=a></template><base href><base href=b><svg><base href=c>"));
    assert_str(s.facts.base_href, STR(""));
    finish(&s);
}

TEST(spans_are_those_of_the_document)
{
    struct scanned s;

    start(&s, STR("<p><img src=' a&amp;b ' srcset='c&#44;d 1x, e'>"
                  "<p style='x:url(&quot;f&amp;g&quot;) y'>"
                  "<script type=module>import 'h' with { type: 'json' }</script>"));
    assert_int_equal(s.facts.dep_count, 5);
    assert_str(slice(&s, s.facts.deps[0].statement),
            STR("<img src=' a&amp;b ' srcset='c&#44;d 1x, e'>"));
    assert_str(slice(&s, s.facts.deps[0].specifier), STR("a&amp;b"));
    assert_str(slice(&s, s.facts.deps[1].specifier), STR("c&#44;d"));
    assert_str(s.facts.deps[1].text, STR("c,d"));
    assert_str(slice(&s, s.facts.deps[2].specifier), STR("e"));
    assert_str(slice(&s, s.facts.deps[3].statement), STR("url(&quot;f&amp;g&quot;)"));
    assert_str(slice(&s, s.facts.deps[3].specifier), STR("f&amp;g"));
    assert_false(s.facts.deps[3].inline_html);
    assert_str(slice(&s, s.facts.deps[4].statement), STR("import 'h' with { type: 'json' }"));
    assert_str(slice(&s, s.facts.deps[4].specifier), STR("h"));
    assert_str(s.facts.deps[4].type, STR("json"));
    assert_true(s.facts.deps[4].inline_html);
    assert_str(slice(&s, s.facts.deps[4].attributes), STR("with { type: 'json' }"));
    finish(&s);
}

TEST(a_bad_module_is_an_error_at_its_place)
{
    struct scanned s;

    start(&s,
            STR("<img src=a><script type=module>import 'b'; '</script><script type=module>(</script>"
                "<img src=c>"));
    assert_true(s.facts.error.failed);
    assert_str(str_sub(s.text, s.facts.error.offset, s.facts.error.offset + 1), STR("'"));
    assert_true(s.facts.error.offset < 47);
    assert_int_equal(s.facts.dep_count, 3);
    finish(&s);
    start(&s, STR("<script>(</script><script type=x>(</script>"));
    assert_false(s.facts.error.failed);
    finish(&s);
}

static void check_srcset(const char *source, const char *expected)
{
    struct str srcset = exact_copy(str_from(source)), url;
    struct strbuf out;
    size_t at = 0;

    strbuf_init(&out, 4096);
    while (html_srcset_next(srcset, &at, &url)) {
        strbuf_addf(&out, "[%.*s]", STR_FMT(url));
    }
    assert_str(strbuf_str(&out), str_from(expected));
    strbuf_finish(&out);
    free((void *)(uintptr_t)srcset.ptr);
}

TEST(srcsets)
{
    check_srcset("a", "[a]");
    check_srcset("a 1x,b 2x", "[a][b]");
    check_srcset(" a, b ,c,, ", "[a][b][c]");
    check_srcset("a,b", "[a,b]");
    check_srcset("a 100w 50h, b(,) 2x", "[a][b(,)]");
    check_srcset("a (1,2) 1x, b", "[a][b]");
    check_srcset("a f(1,2, b", "[a]");
    check_srcset("data:image/png;base64,x 1x, b 2x", "[data:image/png;base64,x][b]");
    check_srcset(",,,", "");
    check_srcset("", "");
    check_srcset("a,\n\tb,", "[a][b]");
}

TEST(odd_documents)
{
    check("", "");
    check("<", "");
    check("<img", "");
    check("<plaintext><img src=a>", "");
    check("<textarea><img src=a></textarea>", "");
    check("<iframe><img src=a></iframe>", "");
    check("<svg><![CDATA[<img src=a>]]></svg>", "");
    check_str(STR("<img src=\"a\0\">"), "picture:a");
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(scripts_with_src),
        CASE(scripts_that_are_not_loaded),
        CASE(codes_are_told_apart),
        CASE(links),
        CASE(media),
        CASE(svg),
        CASE(styles),
        CASE(templates_are_inert),
        CASE(inline_modules),
        CASE(references_are_decoded),
        CASE(base),
        CASE(spans_are_those_of_the_document),
        CASE(a_bad_module_is_an_error_at_its_place),
        CASE(srcsets),
        CASE(odd_documents),
    };

    return RUN(cases);
}
