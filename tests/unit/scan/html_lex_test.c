/* SPDX-License-Identifier: MIT */
/* The tokenizer's spans, and what html5lib's cases do not ask: offsets, modes by tag name, svg. */
#include "scan/html_lex.h"

#include "base/strbuf.h"
#include "test.h"

/* Appends one token in a short form: `text`, <a x="1"/>, </a>, <!--c-->, <!d>, [cdata]. */
static void add_token(struct strbuf *b, const struct html_token *t)
{
    switch (t->kind) {
    case HTML_TEXT:
        strbuf_addc(b, '`');
        strbuf_add(b, t->text); /* not by format: it may hold NUL */
        strbuf_addc(b, '`');
        break;
    case HTML_START_TAG:
        strbuf_addf(b, "<%.*s", STR_FMT(t->name));
        for (size_t i = 0; i < t->attribute_count; i++) {
            strbuf_addf(b, " %.*s=\"%.*s\"", STR_FMT(t->attributes[i].name),
                    STR_FMT(t->attributes[i].value));
        }
        strbuf_addf(b, "%s>", t->self_closing ? "/" : "");
        break;
    case HTML_END_TAG: strbuf_addf(b, "</%.*s>", STR_FMT(t->name)); break;
    case HTML_COMMENT: strbuf_addf(b, "<!--%.*s-->", STR_FMT(t->text)); break;
    case HTML_DOCTYPE: strbuf_addf(b, "<!%.*s>", STR_FMT(t->name)); break;
    case HTML_CDATA: strbuf_addf(b, "[%.*s]", STR_FMT(t->text)); break;
    case HTML_EOF: break;
    }
    if (t->unclosed) {
        strbuf_add(b, STR("..."));
    }
}

static void check(struct str source, struct str expected)
{
    struct str copy = exact_copy(source);
    struct html_lex lex;
    struct html_token t;
    struct strbuf b;

    strbuf_init(&b, 100000);
    html_lex_init(&lex, copy);
    do {
        html_lex_next(&lex, &t);
        add_token(&b, &t);
    } while (t.kind != HTML_EOF);
    assert_str(strbuf_str(&b), expected);

    /* Every prefix, byte by byte, in an allocation of exactly its size. */
    for (size_t len = 0; len < source.len; len++) {
        struct str prefix = exact_copy(str_sub(source, 0, len));
        size_t at = 0;

        html_lex_init(&lex, prefix);
        do {
            html_lex_next(&lex, &t);
            assert_true(t.start >= at && t.end >= t.start && t.end <= len);
            at = t.end;
        } while (t.kind != HTML_EOF);
        assert_int_equal(at, len);
        free((void *)(uintptr_t)prefix.ptr);
    }
    strbuf_finish(&b);
    free((void *)(uintptr_t)copy.ptr);
}

#define CHECK(source, expected) check(STR(source), STR(expected))

TEST(document_gives_its_tokens)
{
    CHECK("<!DOCTYPE html>\n<html lang=en>\n<p class=\"a b\">x</p>",
            "<!html>`\n`<html lang=\"en\">`\n`<p class=\"a b\">`x`</p>");
    CHECK("", "");
}

TEST(spans_cover_the_source)
{
    struct html_lex lex;
    struct html_token t;

    html_lex_init(&lex, STR("a<b c>d</b><e"));

    html_lex_next(&lex, &t);
    assert_true(t.kind == HTML_TEXT && t.start == 0 && t.end == 1);
    html_lex_next(&lex, &t);
    assert_true(t.kind == HTML_START_TAG && t.start == 1 && t.end == 6);
    html_lex_next(&lex, &t);
    assert_true(t.kind == HTML_TEXT && t.start == 6 && t.end == 7);
    html_lex_next(&lex, &t);
    assert_true(t.kind == HTML_END_TAG && t.start == 7 && t.end == 11);
    html_lex_next(&lex, &t);
    assert_true(t.kind == HTML_EOF && t.start == 11 && t.end == 13);
    html_lex_next(&lex, &t);
    assert_true(t.kind == HTML_EOF && t.start == 13 && t.end == 13);
}

TEST(tag_that_the_source_cuts_off_is_dropped)
{
    CHECK("x<a", "`x`");
    CHECK("x<a b='c>", "`x`");
    CHECK("x<a b=c/", "`x`");
    CHECK("<title>x</title a", "<title>`x`");
}

TEST(less_than_that_opens_nothing_is_text)
{
    CHECK("a < b <3 <", "`a < b <3 <`");
    CHECK("a</", "`a</`");
    CHECK("a</>b", "`a``b`");
    CHECK("</></>", "");
}

TEST(attributes_in_all_forms)
{
    CHECK("<a b c=d e='f\"' g=\"h>i\" j = k l=m/n o=/>",
            "<a b=\"\" c=\"d\" e=\"f\"\" g=\"h>i\" j=\"k\" l=\"m/n\" o=\"/\">");
    CHECK("<a =b==c 'd\"e<f=1 g=>", "<a =b=\"=c\" 'd\"e<f=\"1\" g=\"\">");
    CHECK("<a b='c'd=e/f>", "<a b=\"c\" d=\"e/f\">");
    CHECK("<a/b/ >x<c / ><d/>", "<a b=\"\">`x`<c><d/>");
    CHECK("<a\tb\n=\r'c'\fd>", "<a b=\"c\" d=\"\">");
}

TEST(of_attributes_with_one_name_the_first_counts)
{
    CHECK("<a b=1 B=2 c=3 b=4>", "<a b=\"1\" c=\"3\">");
}

TEST(attributes_beyond_the_maximum_are_scanned)
{
    struct strbuf b;
    struct html_lex lex;
    struct html_token t;
    struct str value;

    strbuf_init(&b, 100000);
    strbuf_add(&b, STR("<a"));
    for (int i = 0; i < 1000; i++) {
        strbuf_addf(&b, " x%d='>'", i);
    }
    strbuf_add(&b, STR(">y"));
    html_lex_init(&lex, strbuf_str(&b));

    html_lex_next(&lex, &t);
    assert_int_equal(t.attribute_count, HTML_ATTRIBUTES_MAX);
    assert_true(html_attribute(&t, STR("X63"), &value));
    assert_false(html_attribute(&t, STR("x64"), &value));
    assert_str(value, STR(">"));
    html_lex_next(&lex, &t);
    assert_str(t.text, STR("y"));
    strbuf_finish(&b);
}

TEST(comments_in_all_states)
{
    CHECK("<!---->a<!--b-->", "<!---->`a`<!--b-->");
    CHECK("<!-->a<!--->b", "<!---->`a`<!---->`b`");
    CHECK("<!--a--!>b<!--c--!d-->", "<!--a-->`b`<!--c--!d-->");
    CHECK("<!--a--->b<!--a-- >c-->", "<!--a--->`b`<!--a-- >c-->");
    CHECK("<!--a<!--b-->c", "<!--a<!--b-->`c`");
    CHECK("<!--a--!--!>b", "<!--a--!-->`b`");
    CHECK("<!--!>b", "<!--!>b-->...");
    CHECK("<!--a", "<!--a-->...");
    CHECK("<!--a-", "<!--a-->...");
    CHECK("<!--a--", "<!--a-->...");
    CHECK("<!--a--!", "<!--a-->...");
    CHECK("<!--a-->", "<!--a-->");
}

TEST(bogus_comments_end_at_the_bracket)
{
    CHECK("<!a>b<?c?>d</ e>f<!-g>", "<!--a-->`b`<!--?c?-->`d`<!-- e-->`f`<!---g-->");
    CHECK("<!", "<!---->...");
    CHECK("<![CDATA[x>y]]>", "<!--[CDATA[x-->`y]]>`");
}

TEST(doctype_ends_at_the_bracket_even_in_quotes)
{
    CHECK("<!doctypeHTML public \"a>b", "<!HTML>`b`");
    CHECK("<!DocType><!doctype ", "<!><!>...");
}

TEST(rcdata_and_rawtext_end_at_their_own_tag)
{
    CHECK("<title><b></x>&lt;</titleX></TITLE >a", "<title>`<b></x>&lt;</titleX>`</TITLE>`a`");
    CHECK("<textarea></textarea/>a<b>", "<textarea></textarea>`a`<b>");
    CHECK("<style>a<!--</style>-->", "<style>`a<!--`</style>`-->`");
    CHECK("<xmp><a></xmp><iframe><a></iframe><noembed><a></noembed>",
            "<xmp>`<a>`</xmp><iframe>`<a>`</iframe><noembed>`<a>`</noembed>");
    CHECK("<noframes><a></noframes><noscript><a></noscript>",
            "<noframes>`<a>`</noframes><noscript>`<a>`</noscript>");
    CHECK("<plaintext><a></plaintext>", "<plaintext>`<a></plaintext>`");
}

TEST(script_data_and_its_escapes)
{
    CHECK("<script>a<b</scriptx></script>c", "<script>`a<b</scriptx>`</script>`c`");
    CHECK("<script><!--</script>a", "<script>`<!--`</script>`a`");
    CHECK("<script><!--<script></script>a</script>b",
            "<script>`<!--<script></script>a`</script>`b`");
    CHECK("<script><!--<script></script><script></script>a</script>b",
            "<script>`<!--<script></script><script></script>a`</script>`b`");
    CHECK("<script><!--<script>--></script>a", "<script>`<!--<script>-->`</script>`a`");
    CHECK("<script><!--<scripty></script>a", "<script>`<!--<scripty>`</script>`a`");
    CHECK("<script><!--<script>- -></script>a</script>b",
            "<script>`<!--<script>- -></script>a`</script>`b`");
    CHECK("<script><!--><script></script>a", "<script>`<!--><script>`</script>`a`");
    CHECK("<script><!-<script></script>a", "<script>`<!-<script>`</script>`a`");
    CHECK("<script><!--<SCRIPT\n</script/</script >", "<script>`<!--<SCRIPT\n</script/`</script>");
}

TEST(svg_holds_markup_where_html_holds_text)
{
    CHECK("<svg><style><a></style><![CDATA[<b>]]></svg><![CDATA[c]]>",
            "<svg><style><a></style>[<b>]</svg><!--[CDATA[c]]-->");
    CHECK("<svg><title/><script/></svg><p>", "<svg><title/><script/></svg><p>");
    CHECK("<svg><![CDATA[a", "<svg>[a]...");
    CHECK("<svg/><style><a></style>", "<svg/><style>`<a>`</style>");
    CHECK("<math><mi><style><a></style></mi><style><a></style></math>",
            "<math><mi><style>`<a>`</style></mi><style><a></style></math>");
    CHECK("<svg><foreignObject><style><a></style><svg><style><a></style></svg></foreignObject>"
          "<style><b></style>",
            "<svg><foreignObject><style>`<a>`</style><svg><style><a></style></svg>"
            "</foreignObject><style><b></style>");
    CHECK("<svg><title><![CDATA[x></title><![CDATA[x]]>", "<svg><title><!--[CDATA[x--></title>[x]");
}

TEST(html_tags_break_out_of_svg)
{
    CHECK("<svg><g><p><style><a></style>", "<svg><g><p><style>`<a>`</style>");
    CHECK("<svg><font><style><a></style><font size=1><style><a></style>",
            "<svg><font><style><a></style><font size=\"1\"><style>`<a>`</style>");
    CHECK("<svg><math><svg><p><style><a></style>", "<svg><math><svg><p><style>`<a>`</style>");
    CHECK("<svg></p><style><a></style>", "<svg></p><style>`<a>`</style>");
    CHECK("<math><annotation-xml encoding=text/html><style><a></style>",
            "<math><annotation-xml encoding=\"text/html\"><style>`<a>`</style>");
}

TEST(deep_nesting_is_counted)
{
    struct strbuf b;
    struct html_lex lex;
    struct html_token t;

    strbuf_init(&b, 100000);
    for (int i = 0; i < 100; i++) {
        strbuf_add(&b, STR("<svg>"));
    }
    for (int i = 0; i < 99; i++) {
        strbuf_add(&b, STR("</svg>"));
    }
    strbuf_add(&b, STR("<style></svg><title><p>"));
    html_lex_init(&lex, strbuf_str(&b));
    do {
        html_lex_next(&lex, &t);
    } while (t.kind != HTML_EOF && !str_eq(t.name, STR("style")));

    assert_true(lex.foreign);
    html_lex_next(&lex, &t);
    assert_false(lex.foreign);
    html_lex_next(&lex, &t);
    assert_int_equal(lex.mode, HTML_RCDATA);
    strbuf_finish(&b);
}

TEST(any_byte_is_allowed_anywhere)
{
    CHECK("a\0b\r\n\xff", "`a\0b\r\n\xff`");
    CHECK("<a\xff\rb\x80=\xfe\x01>", "<a\xff b\x80=\"\xfe\x01\">");
}

TEST(name_may_hold_a_nul)
{
    struct html_lex lex;
    struct html_token t;

    html_lex_init(&lex, STR("<a\0b c\0=d\0>"));
    html_lex_next(&lex, &t);
    assert_str(t.name, STR("a\0b"));
    assert_str(t.attributes[0].name, STR("c\0"));
    assert_str(t.attributes[0].value, STR("d\0"));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(document_gives_its_tokens),
        CASE(spans_cover_the_source),
        CASE(tag_that_the_source_cuts_off_is_dropped),
        CASE(less_than_that_opens_nothing_is_text),
        CASE(attributes_in_all_forms),
        CASE(of_attributes_with_one_name_the_first_counts),
        CASE(attributes_beyond_the_maximum_are_scanned),
        CASE(comments_in_all_states),
        CASE(bogus_comments_end_at_the_bracket),
        CASE(doctype_ends_at_the_bracket_even_in_quotes),
        CASE(rcdata_and_rawtext_end_at_their_own_tag),
        CASE(script_data_and_its_escapes),
        CASE(svg_holds_markup_where_html_holds_text),
        CASE(html_tags_break_out_of_svg),
        CASE(deep_nesting_is_counted),
        CASE(any_byte_is_allowed_anywhere),
        CASE(name_may_hold_a_nul),
    };

    return RUN(cases);
}
