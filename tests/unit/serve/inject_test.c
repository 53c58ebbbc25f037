/* SPDX-License-Identifier: MIT */
/* Where the tag goes, in which encoding, and what the document says about nonces and policies. */
#include "serve/inject.h"

#include "test.h"

#define TAG "<script src=c></script>"

static struct str inject(struct strbuf *b, struct str document, struct inject_place *place)
{
    struct str copy = exact_copy(document);

    strbuf_init(b, 1 << 20);
    inject_find(copy, place);
    assert_true(place->offset <= document.len);
    inject_write(b, copy, place, STR(TAG));
    assert_false(b->overflow);
    /* What was borrowed lies in the document, which is freed here. */
    place->nonce = place->csp = STR("");
    free((void *)(uintptr_t)copy.ptr);
    return strbuf_str(b);
}

static void check(struct str document, struct str expected)
{
    struct inject_place place;
    struct strbuf b;

    assert_str(inject(&b, document, &place), expected);
    strbuf_finish(&b);
}

/* The document is `before` and `after`; the tag is expected between them. */
#define CHECK(before, after) check(STR(before after), STR(before TAG after))

static void check_encoding(struct str document, enum inject_encoding encoding, struct str charset)
{
    struct inject_place place;
    struct strbuf b;

    (void)inject(&b, document, &place);
    assert_int_equal(place.encoding, encoding);
    assert_str(place.charset, charset);
    strbuf_finish(&b);
}

/* The same ASCII text, with `big` as UTF-16 of that order; for the caller to free. */
static struct str widen(struct str s, bool big)
{
    char *p = malloc(2 * s.len + 1);

    for (size_t i = 0; i < s.len; i++) {
        p[2 * i] = big ? '\0' : s.ptr[i];
        p[2 * i + 1] = big ? s.ptr[i] : '\0';
    }
    return (struct str){ p, 2 * s.len };
}

TEST(tag_goes_behind_the_head_tag)
{
    CHECK("<!doctype html>\n<html>\n<head>", "\n<title>x</title>\n</head>");
    CHECK("<HTML><HEAD class='a>b'>", "<script></script>");
    CHECK(" <!-- a --> <!doctype html> <!-- b --> <html lang=en> <!-- c --> <head>", "x");
}

TEST(tag_goes_where_the_parser_opens_the_head)
{
    CHECK("<!doctype html>\n", "<title>x</title>");
    CHECK("<html>", "<body>x</body></html>");
    CHECK("<html>\n  ", "x");
    CHECK("", "x");
    CHECK("", "</head><head>");
    CHECK("", "</br>");
    CHECK("", "</body>");
    CHECK("", "<template><head></template>");
    CHECK("", "<svg><head>");
    CHECK("<!doctype html>", "<script>1</script>");
    CHECK("<html>\n", "\xC2\xA0<head>");
    CHECK("<html>", "\x01<head>");
}

TEST(stray_end_tags_open_no_head)
{
    CHECK("</p></div></><head>", "x");
    CHECK("</p> ", "x");
}

TEST(document_that_ends_early_still_gets_the_tag)
{
    CHECK("", "");
    CHECK(" \n", "");
    CHECK("<!doctype html>", "");
    CHECK("<!-- a -->", "");
    CHECK("<html>", "");
    CHECK("<html><head>", "");
}

TEST(tag_never_goes_into_what_the_end_cuts_off)
{
    CHECK("<html>", "<head");
    CHECK("<html>", "<head a='");
    CHECK("<html>", "<!-- a");
    CHECK("<html>", "<!-- a -- >");
    CHECK("<html>", "<!--!>");
    CHECK("", "<!doctype html");
    CHECK("", "<?xml");
    CHECK("", "</");
}

/* The seven documents of which a pattern finds the wrong place in five. */
TEST(header_is_not_head)
{
    CHECK("<!doctype html>\n", "<header class=a><h1>x</h1></header>");
}

TEST(head_in_a_comment_is_not_head)
{
    CHECK("<!doctype html><!-- <head> goes here --><html><head>", "<title>x</title></head>");
}

TEST(bracket_in_an_attribute_does_not_end_the_tag)
{
    CHECK("<!doctype html><html data-x=\"a>b\">", "<body></body></html>");
    CHECK("<!doctype html><html data-x=\"a>b\"><head>", "</head></html>");
}

TEST(head_in_a_script_is_not_head)
{
    CHECK("<!doctype html>", "<script>var a=\"<head>\"</script><p>x");
}

TEST(html_in_a_comment_is_not_html)
{
    CHECK("<!-- <html> -->", "<p>x");
}

TEST(normal_document_gets_the_tag_in_its_head)
{
    CHECK("<!doctype html>\n<html lang=\"en\">\n  <head>",
            "\n    <meta charset=\"utf-8\">\n  </head>\n  <body></body>\n</html>\n");
}

TEST(fragment_without_doctype_gets_the_tag_in_front)
{
    CHECK("", "<div id=app></div><script type=module src=main.js></script>");
}

TEST(no_line_moves)
{
    struct inject_place place;
    struct strbuf b;
    struct str out = inject(&b, STR("<html>\r\n<head>\r\n<script>\rx\n</script>"), &place);

    assert_str(out, STR("<html>\r\n<head>" TAG "\r\n<script>\rx\n</script>"));
    strbuf_finish(&b);
}

TEST(encoding_by_byte_order_mark)
{
    check(STR("\xEF\xBB\xBF<p>x"), STR("\xEF\xBB\xBF" TAG "<p>x"));
    check(STR("\xEF\xBB\xBF"), STR("\xEF\xBB\xBF" TAG));
    check_encoding(STR("\xEF\xBB\xBF<p>"), INJECT_UTF8, STR("UTF-8"));
    /* The mark outweighs what the document says. */
    check_encoding(STR("\xEF\xBB\xBF<meta charset=koi8-r>"), INJECT_UTF8, STR("UTF-8"));
    check_encoding(STR("\xFF\xFE"), INJECT_UTF16LE, STR("UTF-16LE"));
    check_encoding(STR("\xFE\xFF\0<"), INJECT_UTF16BE, STR("UTF-16BE"));
}

TEST(encoding_by_declaration)
{
    check_encoding(STR("<meta charset=utf-8>\xFF"), INJECT_UTF8, STR("UTF-8"));
    check_encoding(STR("<meta charset=latin1>\xE9"), INJECT_OTHER, STR("windows-1252"));
    check_encoding(STR("<meta http-equiv=content-type content='text/html; charset=sjis'>\x83\x5C"),
            INJECT_OTHER, STR("Shift_JIS"));
    check_encoding(STR("<meta charset=utf-16>"), INJECT_UTF8, STR("UTF-8"));
    check(STR("<meta charset=windows-1252>\xE9"), STR(TAG "<meta charset=windows-1252>\xE9"));
}

TEST(encoding_by_the_bytes)
{
    check_encoding(STR("<p>\xC3\xA9"), INJECT_UTF8, STR("UTF-8"));
    check_encoding(STR(""), INJECT_UTF8, STR("UTF-8"));
    check_encoding(STR("<p>\xE9"), INJECT_UNKNOWN, STR(""));
    check(STR("<head>\xE9"), STR("<head>" TAG "\xE9"));
}

TEST(utf16_document_gets_a_utf16_tag)
{
    for (int big = 0; big < 2; big++) {
        struct str document = widen(STR("?<!doctype html><html><head a='x>y'><p>"), big);
        struct str expected = widen(STR("?<!doctype html><html><head a='x>y'>" TAG "<p>"), big);
        char mark[2] = { big ? '\xFE' : '\xFF', big ? '\xFF' : '\xFE' };
        struct inject_place place;
        struct strbuf b;

        memcpy((char *)(uintptr_t)document.ptr, mark, 2);
        memcpy((char *)(uintptr_t)expected.ptr, mark, 2);
        assert_str(inject(&b, document, &place), expected);
        assert_int_equal(place.encoding, big ? INJECT_UTF16BE : INJECT_UTF16LE);
        strbuf_finish(&b);

        /* An odd byte at the end stays where it is. */
        document.len--;
        expected.len--;
        assert_str(inject(&b, document, &place), expected);
        strbuf_finish(&b);
        free((void *)(uintptr_t)document.ptr);
        free((void *)(uintptr_t)expected.ptr);
    }
}

TEST(utf16_letters_are_no_markup)
{
    /* U+3C00 and U+003E swapped would read as '<' in the other byte order. */
    check(STR("\xFF\xFE\x00\x3C\x3C\x00p\0>\0"),
            STR("\xFF\xFE<\0s\0c\0r\0i\0p\0t\0 \0s\0r\0c\0=\0c\0>\0<\0/\0s\0c\0r\0i\0p\0t\0>\0"
                "\x00\x3C\x3C\x00p\0>\0"));
}

TEST(nonce_of_the_first_script_that_has_one_is_copied)
{
    check(STR("<head><script></script><script nonce=\"a+/=\">"),
            STR("<head><script nonce=\"a+/=\" src=c></script><script></script>"
                "<script nonce=\"a+/=\">"));
    check(STR("<body><p>x<script nonce=a><script nonce=b>"),
            STR("<script nonce=\"a\" src=c></script><body><p>x<script nonce=a><script nonce=b>"));
    check(STR("<script nonce={{n}}>"),
            STR("<script nonce=\"{{n}}\" src=c></script><script nonce={{n}}>"));
}

TEST(nonce_that_is_none_is_not_copied)
{
    check(STR("<p><style nonce=a>"), STR(TAG "<p><style nonce=a>"));
    check(STR("<p><script nonce>"), STR(TAG "<p><script nonce>"));
    check(STR("<p><script nonce='a\"b'>"), STR(TAG "<p><script nonce='a\"b'>"));
    check(STR("<!-- <script nonce=a> --><p>"), STR("<!-- <script nonce=a> -->" TAG "<p>"));
}

TEST(nonce_in_utf16_stays_utf16)
{
    struct str document = widen(STR("?<p><script nonce=ab>"), false);
    struct str expected =
            widen(STR("?<script nonce=\"ab\" src=c></script><p><script nonce=ab>"), false);
    struct inject_place place;
    struct strbuf b;

    memcpy((char *)(uintptr_t)document.ptr, "\xFF\xFE", 2);
    memcpy((char *)(uintptr_t)expected.ptr, "\xFF\xFE", 2);
    assert_str(inject(&b, document, &place), expected);
    strbuf_finish(&b);
    free((void *)(uintptr_t)document.ptr);
    free((void *)(uintptr_t)expected.ptr);
}

/* The blocking directive of a document whose head holds `policy`, or "" if nothing blocks. */
static void check_csp(struct str document, struct str expected)
{
    struct inject_place place;

    inject_find(document, &place);
    assert_str(place.csp, expected);
    assert_int_equal(place.csp_blocks_connect, expected.len > 0);
}

#define CSP(policy) STR("<meta http-equiv=Content-Security-Policy content=\"" policy "\">")

TEST(policy_that_forbids_the_connection_is_found)
{
    check_csp(CSP("connect-src 'none'"), STR("connect-src 'none'"));
    check_csp(CSP("default-src 'self'; connect-src https://api.example.com ;"),
            STR("connect-src https://api.example.com"));
    check_csp(CSP("script-src 'self';default-src 'none'"), STR("default-src 'none'"));
    check_csp(CSP("connect-src"), STR("connect-src"));
    check_csp(CSP("connect-src 'none'; connect-src 'self'"), STR("connect-src 'none'"));
    check_csp(CSP("Connect-Src https:"), STR("Connect-Src https:"));
    check_csp(CSP("connect-src &#39;none&#39;; default-src *"), STR("connect-src &#39;none&#39;"));
}

TEST(policy_that_allows_the_connection_is_no_matter)
{
    check_csp(CSP("connect-src 'self'"), STR(""));
    check_csp(CSP("default-src 'none'; connect-src 'SELF' https://x"), STR(""));
    check_csp(CSP("default-src *"), STR(""));
    check_csp(CSP("connect-src wss: ws:"), STR(""));
    check_csp(CSP("connect-src ws://localhost:*"), STR(""));
    check_csp(CSP("connect-src 127.0.0.1:5173"), STR(""));
    check_csp(CSP("default-src &#39;self&#39;; img-src *"), STR(""));
    check_csp(CSP("script-src 'none'"), STR(""));
    check_csp(CSP(""), STR(""));
    check_csp(STR("<meta http-equiv=Content-Security-Policy>"), STR(""));
}

TEST(every_policy_in_the_head_counts)
{
    check_csp(STR("<head><meta http-equiv=content-security-policy content=\"connect-src *\">"
                  "<title><body></title><script><body></script>"
                  "<meta http-equiv=content-security-policy content=\"default-src 'none'\">"),
            STR("default-src 'none'"));
    check_csp(STR("<head></head>\n<meta http-equiv=content-security-policy "
                  "content=\"default-src 'none'\">"),
            STR("default-src 'none'"));
}

TEST(policy_outside_of_the_head_does_not_count)
{
#define BLOCKS "<meta http-equiv=content-security-policy content=\"default-src 'none'\">"
    check_csp(STR("<body>" BLOCKS), STR(""));
    check_csp(STR("<head></head>x" BLOCKS), STR(""));
    check_csp(STR("x" BLOCKS), STR(""));
    check_csp(STR("<head><template>" BLOCKS "</template>"), STR(""));
    check_csp(STR("<head><template></template>" BLOCKS), STR("default-src 'none'"));
    check_csp(STR("<head><noscript>" BLOCKS "</noscript>"), STR(""));
    check_csp(STR("<!--" BLOCKS "-->"), STR(""));
}

TEST(policy_in_utf16_is_named)
{
    struct str document = widen(STR("?" BLOCKS), true);

    memcpy((char *)(uintptr_t)document.ptr, "\xFE\xFF", 2);
    check_csp(document, STR("default-src"));
    free((void *)(uintptr_t)document.ptr);
}

TEST(output_that_does_not_fit_is_reported)
{
    struct str documents[] = { STR("<p>"), STR("\xFF\xFE<\0") };

    for (size_t i = 0; i < 2; i++) {
        struct inject_place place;
        struct strbuf b;

        strbuf_init(&b, 10);
        inject_find(documents[i], &place);
        inject_write(&b, documents[i], &place, STR(TAG));
        assert_true(b.overflow);
        strbuf_finish(&b);
    }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(tag_goes_behind_the_head_tag),
        CASE(tag_goes_where_the_parser_opens_the_head),
        CASE(stray_end_tags_open_no_head),
        CASE(document_that_ends_early_still_gets_the_tag),
        CASE(tag_never_goes_into_what_the_end_cuts_off),
        CASE(header_is_not_head),
        CASE(head_in_a_comment_is_not_head),
        CASE(bracket_in_an_attribute_does_not_end_the_tag),
        CASE(head_in_a_script_is_not_head),
        CASE(html_in_a_comment_is_not_html),
        CASE(normal_document_gets_the_tag_in_its_head),
        CASE(fragment_without_doctype_gets_the_tag_in_front),
        CASE(no_line_moves),
        CASE(encoding_by_byte_order_mark),
        CASE(encoding_by_declaration),
        CASE(encoding_by_the_bytes),
        CASE(utf16_document_gets_a_utf16_tag),
        CASE(utf16_letters_are_no_markup),
        CASE(nonce_of_the_first_script_that_has_one_is_copied),
        CASE(nonce_that_is_none_is_not_copied),
        CASE(nonce_in_utf16_stays_utf16),
        CASE(policy_that_forbids_the_connection_is_found),
        CASE(policy_that_allows_the_connection_is_no_matter),
        CASE(every_policy_in_the_head_counts),
        CASE(policy_outside_of_the_head_does_not_count),
        CASE(policy_in_utf16_is_named),
        CASE(output_that_does_not_fit_is_reported),
    };

    return RUN(cases);
}
