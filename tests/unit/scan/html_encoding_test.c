/* SPDX-License-Identifier: MIT */
/* The prescan's details: what it takes for a declaration, and what ends it without an answer. */
#include "scan/html_encoding.h"

#include "base/strbuf.h"
#include "test.h"

static void check(struct str document, struct str expected)
{
    struct str copy = exact_copy(document);

    assert_str(html_encoding_prescan(copy), expected);
    free((void *)(uintptr_t)copy.ptr);
    for (size_t len = 0; len < document.len; len++) {
        struct str prefix = exact_copy(str_sub(document, 0, len));

        (void)html_encoding_prescan(prefix);
        free((void *)(uintptr_t)prefix.ptr);
    }
}

#define CHECK(document, expected) check(STR(document), STR(expected))

TEST(labels_are_names_in_any_case_and_spacing)
{
    assert_str(html_encoding_get(STR(" UTF8\n")), STR("UTF-8"));
    assert_str(html_encoding_get(STR("latin1")), STR("windows-1252"));
    assert_str(html_encoding_get(STR("Shift-JIS")), STR("Shift_JIS"));
    assert_str(html_encoding_get(STR("iso-8859-8-i")), STR("ISO-8859-8-I"));
    assert_str(html_encoding_get(STR("x-x-big5")), STR("Big5"));
    assert_str(html_encoding_get(STR("utf")), STR(""));
    assert_str(html_encoding_get(STR("utf-8 utf8")), STR(""));
    assert_str(html_encoding_get(STR("")), STR(""));
}

TEST(meta_charset_in_all_forms)
{
    CHECK("<meta charset=koi8-r>", "KOI8-R");
    CHECK("<META CHARSET = \"KOI8-R\">", "KOI8-R");
    CHECK("<meta/charset='koi8-r'/>", "KOI8-R");
    CHECK("<meta\ncharset=' koi8-r '>", "KOI8-R");
    CHECK("<meta charset=koi8-r/>", "");
    CHECK("<metacharset=koi8-r>", "");
    CHECK("<meta name=x><p><meta charset=koi8-r>", "KOI8-R");
    CHECK("<meta charset=nonsense><meta charset=koi8-r>", "KOI8-R");
    CHECK("<meta charset=koi8-r charset=utf-8>", "KOI8-R");
}

TEST(meta_pragma_in_all_forms)
{
    CHECK("<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>", "KOI8-R");
    CHECK("<meta content='text/html; charset=koi8-r' http-equiv=content-type>", "KOI8-R");
    CHECK("<meta content='text/html; charset=koi8-r'>", "");
    CHECK("<meta http-equiv=refresh content='text/html; charset=koi8-r'>", "");
    CHECK("<meta http-equiv=content-type content='charset charset = \"koi8-r\" '>", "KOI8-R");
    CHECK("<meta http-equiv=content-type content='charset=\"koi8-r'>", "");
    CHECK("<meta http-equiv=content-type content='charset='>", "");
    CHECK("<meta http-equiv=content-type content='charset=koi8-r;x'>", "KOI8-R");
    CHECK("<meta http-equiv=content-type content='charset'><meta charset=utf-8>", "UTF-8");
    CHECK("<meta content='charset=koi8-r' charset=utf-8>", "UTF-8");
    CHECK("<meta charset=utf-8 content='charset=koi8-r'>", "UTF-8");
    CHECK("<meta charset=nonsense http-equiv=content-type content='charset=koi8-r'>", "");
}

TEST(meta_inside_of_comments_and_other_tags_is_none)
{
    CHECK("<!-- <meta charset=koi8-r> -->", "");
    CHECK("<!--><meta charset=koi8-r>", "KOI8-R");
    CHECK("<a title='<meta charset=koi8-r>'>", "");
    CHECK("</a title='<meta charset=koi8-r>'>", "");
    CHECK("<!x '<meta charset=koi8-r>", "");
    CHECK("<?x <meta charset=koi8-r>", "");
    CHECK("</ <meta charset=koi8-r>", "");
    CHECK("< <meta charset=koi8-r>", "KOI8-R");
    /* Unlike the tokenizer, the prescan knows no script. */
    CHECK("<script>'<meta charset=koi8-r>'</script>", "KOI8-R");
}

TEST(utf16_declared_in_ascii_is_utf8)
{
    CHECK("<meta charset=utf-16>", "UTF-8");
    CHECK("<meta charset=utf-16be>", "UTF-8");
    CHECK("<meta charset=x-user-defined>", "windows-1252");
}

TEST(prescan_ends_without_an_answer_where_the_bytes_run_out)
{
    struct strbuf b;

    CHECK("<meta charset=koi8-r", "");
    CHECK("<meta charset=koi8-r ", "");
    CHECK("<meta charset='koi8-r", "");

    strbuf_init(&b, 4096);
    while (b.len < HTML_PRESCAN_MAX - 21) {
        strbuf_addc(&b, ' ');
    }
    strbuf_add(&b, STR("<meta charset=koi8-r>"));
    check(strbuf_str(&b), STR("KOI8-R"));
    strbuf_reset(&b);
    while (b.len < HTML_PRESCAN_MAX - 20) {
        strbuf_addc(&b, ' ');
    }
    strbuf_add(&b, STR("<meta charset=koi8-r>"));
    check(strbuf_str(&b), STR(""));
    strbuf_finish(&b);
}

TEST(xml_declaration_counts_when_no_meta_does)
{
    CHECK("<?xml version='1.0' encoding='koi8-r'?><p>", "KOI8-R");
    CHECK("<?xml encoding = \"utf-16\"?>", "UTF-8");
    CHECK("<?xml encoding='koi8-r'?><meta charset=utf-8>", "UTF-8");
    CHECK(" <?xml encoding='koi8-r'?>", "");
    CHECK("<?xml encoding='koi8 r'?>", "");
    CHECK("<?xml encoding=koi8-r?>", "");
    CHECK("<?xml encoding='koi8-r?>", "");
    CHECK("<?xml?>", "");
    check(STR("<\0?\0x\0m\0"), STR("UTF-16LE"));
    check(STR("\0<\0?\0x\0m"), STR("UTF-16BE"));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(labels_are_names_in_any_case_and_spacing),
        CASE(meta_charset_in_all_forms),
        CASE(meta_pragma_in_all_forms),
        CASE(meta_inside_of_comments_and_other_tags_is_none),
        CASE(utf16_declared_in_ascii_is_utf8),
        CASE(prescan_ends_without_an_answer_where_the_bytes_run_out),
        CASE(xml_declaration_counts_when_no_meta_does),
    };

    return RUN(cases);
}
