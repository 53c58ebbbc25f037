/* SPDX-License-Identifier: MIT */
/* The CSS tokenizer: each case is a source and its tokens, written as kind(text) or a mark. */
#include "scan/css_lex.h"

#include "base/strbuf.h"
#include "test.h"

static const char *const kinds[] = {
    [CSS_EOF] = "eof",
    [CSS_SPACE] = "_",
    [CSS_COMMENT] = "comment",
    [CSS_IDENT] = "ident",
    [CSS_FUNCTION] = "function",
    [CSS_AT_KEYWORD] = "at",
    [CSS_HASH] = "hash",
    [CSS_STRING] = "string",
    [CSS_BAD_STRING] = "bad-string",
    [CSS_URL] = "url",
    [CSS_BAD_URL] = "bad-url",
    [CSS_NUMBER] = "number",
    [CSS_PERCENTAGE] = "percentage",
    [CSS_DIMENSION] = "dimension",
    [CSS_CDO] = "cdo",
    [CSS_CDC] = "cdc",
    [CSS_COLON] = ":",
    [CSS_SEMICOLON] = ";",
    [CSS_COMMA] = ",",
    [CSS_LEFT_SQUARE] = "[",
    [CSS_RIGHT_SQUARE] = "]",
    [CSS_LEFT_PAREN] = "(",
    [CSS_RIGHT_PAREN] = ")",
    [CSS_LEFT_BRACE] = "{",
    [CSS_RIGHT_BRACE] = "}",
    [CSS_DELIM] = "delim",
};

struct example {
    struct str source;
    const char *tokens; /* with their decoded texts */
};

#define EXAMPLE(source, tokens)                                                                    \
    {                                                                                              \
        STR_INIT(source), tokens                                                                   \
    }

static void check_example(const struct example *example)
{
    struct str source = exact_copy(example->source);
    struct arena arena = { NULL };
    struct strbuf out;
    struct css_lex lex;
    struct css_token t;
    size_t at;

    strbuf_init(&out, 1 << 16);
    css_lex_init(&lex, source);
    at = lex.at;
    for (css_lex_next(&lex, &t); t.kind != CSS_EOF; css_lex_next(&lex, &t)) {
        assert_int_equal(t.start, at);
        assert_true(t.end > t.start && t.end <= source.len);
        at = t.end;
        strbuf_addf(&out, "%s%s", out.len > 0 ? " " : "", kinds[t.kind]);
        if (t.text.ptr) {
            strbuf_addf(&out, "(%.*s)", STR_FMT(css_unescape(&t, &arena)));
        }
    }
    assert_int_equal(at, source.len);
    if (!str_eq(strbuf_str(&out), str_from(example->tokens))) {
        fail_msg("\"%.*s\" gives %.*s", STR_FMT(source), STR_FMT(strbuf_str(&out)));
    }
    strbuf_finish(&out);
    arena_finish(&arena);
    free((void *)(uintptr_t)source.ptr);
}

static void check(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_example(&examples[i]);
    }
}

#define CHECK(examples) check(examples, sizeof(examples) / sizeof((examples)[0]))

TEST(numbers)
{
    static const struct example examples[] = {
        EXAMPLE("10 1.5 .5", "number(10) _ number(1.5) _ number(.5)"),
        EXAMPLE("+.5 -1 +1", "number(+.5) _ number(-1) _ number(+1)"),
        EXAMPLE("1. +a", "number(1) delim(.) _ delim(+) ident(a)"),
        EXAMPLE("10e3px", "dimension(10e3)"),
        EXAMPLE("1e-x", "dimension(1)"),
        EXAMPLE("1e-3 1E+3", "number(1e-3) _ number(1E+3)"),
        EXAMPLE("1e", "dimension(1)"),
        EXAMPLE("5% 5\\70 x", "percentage(5) _ dimension(5)"),
        EXAMPLE("1--x 1-->", "dimension(1) _ dimension(1) delim(>)"),
        EXAMPLE("1-2", "number(1) number(-2)"),
        EXAMPLE("U+26 u+0025-00FF", "ident(U) number(+26) _ ident(u) number(+0025) dimension(-00)"),
        EXAMPLE("+", "delim(+)"),
        EXAMPLE("-", "delim(-)"),
        EXAMPLE(".", "delim(.)"),
        EXAMPLE("-.", "delim(-) delim(.)"),
    };

    CHECK(examples);
}

TEST(names)
{
    static const struct example examples[] = {
        EXAMPLE("a -a --a -- _a", "ident(a) _ ident(-a) _ ident(--a) _ ident(--) _ ident(_a)"),
        EXAMPLE("-\\31 x", "ident(-1x)"),
        EXAMPLE("\xc3\xa9t\xc3\xa9", "ident(\xc3\xa9t\xc3\xa9)"),
        EXAMPLE("a\0b", "ident(a\xef\xbf\xbd"
                        "b)"),
        EXAMPLE("a(", "function(a)"),
        EXAMPLE("a (", "ident(a) _ ("),
        EXAMPLE("#a #1 #-", "hash(a) _ hash(1) _ hash(-)"),
        EXAMPLE("# #", "delim(#) _ delim(#)"),
        EXAMPLE("@a @-a @1 @", "at(a) _ at(-a) _ delim(@) number(1) _ delim(@)"),
        EXAMPLE("@\\69mport", "at(import)"),
        EXAMPLE("\\{ \\", "ident({) _ ident(\xef\xbf\xbd)"),
        EXAMPLE("\\\na", "delim(\\) _ ident(a)"),
        EXAMPLE("a\\\r\nb", "ident(a) delim(\\) _ ident(b)"),
    };

    CHECK(examples);
}

TEST(escapes)
{
    static const struct example examples[] = {
        EXAMPLE("\\41 b \\41\tb", "ident(Ab) _ ident(Ab)"),
        EXAMPLE("\\41\r\nb", "ident(Ab)"),
        EXAMPLE("\\41\r\rb", "ident(A) _ ident(b)"),
        EXAMPLE("\\41\fb", "ident(Ab)"),
        EXAMPLE("\\0000411", "ident(A1)"),
        EXAMPLE("\\0 \\d800 \\110000 ", "ident(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd)"),
        EXAMPLE("\\e9 \\20ac \\1f600 ", "ident(\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80)"),
        EXAMPLE("\\\xc3\xa9", "ident(\xc3\xa9)"),
        EXAMPLE("\\\0", "ident(\xef\xbf\xbd)"),
        EXAMPLE("'\\\0'", "string(\xef\xbf\xbd)"),
    };

    CHECK(examples);
}

TEST(strings)
{
    static const struct example examples[] = {
        EXAMPLE("'a' \"a'b\"", "string(a) _ string(a'b)"),
        EXAMPLE("'' \"\"", "string() _ string()"),
        EXAMPLE("'a\\'b'", "string(a'b)"),
        EXAMPLE("'a\\\nb' 'a\\\r\nb' 'a\\\fb'", "string(ab) _ string(ab) _ string(ab)"),
        EXAMPLE("'a\nb'", "bad-string(a) _ ident(b) string()"),
        EXAMPLE("'a\rb", "bad-string(a) _ ident(b)"),
        EXAMPLE("'a", "string(a)"),
        EXAMPLE("'a\\", "string(a)"),
        EXAMPLE("'\\41 b'", "string(Ab)"),
        EXAMPLE("'a\0'", "string(a\xef\xbf\xbd)"),
    };

    CHECK(examples);
}

TEST(urls)
{
    static const struct example examples[] = {
        EXAMPLE("url(a) URL( a\n) url()", "url(a) _ url(a) _ url()"),
        EXAMPLE("url(a\\)b\\ ) url(\\61 b)", "url(a)b ) _ url(ab)"),
        EXAMPLE("url('a')", "function(url) string(a) )"),
        EXAMPLE("url( \"a\" )", "function(url) _ string(a) _ )"),
        EXAMPLE("\\75 rl(x) u\\52\r\nL(x)", "url(x) _ url(x)"),
        EXAMPLE("url/**/(x)", "ident(url) comment ( ident(x) )"),
        EXAMPLE("url(x y)z", "bad-url() ident(z)"),
        EXAMPLE("url(x'y)z", "bad-url() ident(z)"),
        EXAMPLE("url(x(y)z", "bad-url() ident(z)"),
        EXAMPLE("url(x y\\)z)w", "bad-url() ident(w)"),
        EXAMPLE("url(x\\\ny)z", "bad-url() ident(z)"),
        EXAMPLE("url(x\x01)z", "bad-url() ident(z)"),
        EXAMPLE("url(x\x7f)z", "bad-url() ident(z)"),
        EXAMPLE("url(x\0)", "url(x\xef\xbf\xbd)"),
        EXAMPLE("url(", "url()"),
        EXAMPLE("url(x", "url(x)"),
        EXAMPLE("url(x ", "url(x)"),
        EXAMPLE("url(x y", "bad-url()"),
        EXAMPLE("url(x\\", "url(x\xef\xbf\xbd)"),
        EXAMPLE("url(/*x*/)", "url(/*x*/)"),
        EXAMPLE("urls(a)", "function(urls) ident(a) )"),
        EXAMPLE("src(a)", "function(src) ident(a) )"),
    };

    CHECK(examples);
}

TEST(comments_and_marks)
{
    static const struct example examples[] = {
        EXAMPLE("/**/ /* /* */ */", "comment _ comment _ delim(*) delim(/)"),
        EXAMPLE("/*/ a */b", "comment ident(b)"),
        EXAMPLE("/* a **/b", "comment ident(b)"),
        EXAMPLE("/* a *", "comment"),
        EXAMPLE("/*", "comment"),
        EXAMPLE("/", "delim(/)"),
        EXAMPLE("<!-- --> <! --", "cdo _ cdc _ delim(<) delim(!) _ ident(--)"),
        EXAMPLE("a{b:c;}[d,e]", "ident(a) { ident(b) : ident(c) ; } [ ident(d) , ident(e) ]"),
        EXAMPLE("& > ! ~", "delim(&) _ delim(>) _ delim(!) _ delim(~)"),
        EXAMPLE("\x01", "delim(\x01)"),
        EXAMPLE("\xef\xbb\xbf"
                "a",
                "ident(a)"),
        EXAMPLE("a\xef\xbb\xbf", "ident(a\xef\xbb\xbf)"),
        EXAMPLE(" \t\r\n\f", "_"),
        EXAMPLE("", ""),
    };

    CHECK(examples);
}

TEST(names_are_compared_whatever_their_case_and_escapes)
{
    assert_true(css_name_is(STR("URL"), STR("url")));
    assert_true(css_name_is(STR("\\75 rl"), STR("url")));
    assert_true(css_name_is(STR("\\000075\r\n\\000072\r\n\\00006c\r\n"), STR("url")));
    assert_false(css_name_is(STR("urls"), STR("url")));
    assert_false(css_name_is(STR("\\75 rls"), STR("url")));
    assert_false(css_name_is(STR("ur"), STR("url")));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(numbers),
        CASE(names),
        CASE(escapes),
        CASE(strings),
        CASE(urls),
        CASE(comments_and_marks),
        CASE(names_are_compared_whatever_their_case_and_escapes),
    };

    return RUN(cases);
}
