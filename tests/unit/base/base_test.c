/* SPDX-License-Identifier: MIT */
#include "base/arena.h"
#include "base/base64.h"
#include "base/blob.h"
#include "base/diag.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/strbuf.h"

#include "test.h"

TEST(a_word_is_found_where_it_is_no_part_of_a_name)
{
    struct str text = STR("aab ab_ $ab .ab\xc3\xa4 (ab) ab");

    assert_int_equal(str_find_word(text, STR("ab"), 0), 19);
    assert_int_equal(str_find_word(text, STR("ab"), 20), 23);
    assert_int_equal(str_find_word(text, STR("ab"), 24), STR_NONE);
    assert_int_equal(str_find_word(text, STR(""), 0), STR_NONE);
    assert_int_equal(str_find_word(STR(""), STR("ab"), 0), STR_NONE);
    assert_int_equal(str_find_word(STR("aaa aa"), STR("aa"), 0), 4);
}

TEST(strings_are_sorted_each_once)
{
    struct str items[] = { STR("b"), STR("a"), STR("b"), STR("ab"), STR("a") };

    assert_int_equal(str_sort_once(items, 5), 3);
    assert_str(items[0], STR("a"));
    assert_str(items[1], STR("ab"));
    assert_str(items[2], STR("b"));
    assert_int_equal(str_sort_once(NULL, 0), 0);
}

TEST(strings_are_cut_found_and_trimmed_without_a_terminator)
{
    struct str head;
    struct str rest;

    assert_true(str_cut(STR("a=b=c"), '=', &head, &rest));
    assert_str(head, STR("a"));
    assert_str(rest, STR("b=c"));
    assert_false(str_cut(rest = STR("abc"), '=', &head, &rest));
    assert_str(head, STR("abc"));
    assert_int_equal(rest.len, 0);
    assert_str(str_trim(STR(" \t a b\r\n")), STR("a b"));
    assert_int_equal(str_find(STR("abc"), 'd'), STR_NONE);
    assert_int_equal(str_rfind(STR("a/b/c"), '/'), 3);
    assert_str(str_sub(STR("abc"), 2, 9), STR("c"));
    assert_int_equal(str_sub(STR("abc"), 5, 9).len, 0);
    assert_true(str_ieq(STR("Host"), STR("hOST")));
    assert_true(str_cmp(STR("ab"), STR("abc")) < 0);
}

TEST(the_distance_of_names_counts_edits_and_swaps)
{
    assert_int_equal(str_distance(STR("dev"), STR("dev"), 3), 0);
    assert_int_equal(str_distance(STR("dve"), STR("dev"), 3), 1);
    assert_int_equal(str_distance(STR("prot"), STR("port"), 3), 1);
    assert_int_equal(str_distance(STR(""), STR("abc"), 5), 3);
    assert_int_equal(str_distance(STR("kitten"), STR("sitting"), 5), 3);
    assert_int_equal(str_distance(STR("kitten"), STR("sitting"), 1), 2);
}

TEST(numbers_are_whole_decimal_and_do_not_overflow)
{
    uint64_t n;

    assert_true(str_parse_u64(STR("18446744073709551615"), &n));
    assert_true(n == UINT64_MAX);
    assert_false(str_parse_u64(STR("18446744073709551616"), &n));
    assert_false(str_parse_u64(STR(""), &n));
    assert_false(str_parse_u64(STR("+1"), &n));
    assert_false(str_parse_u64(STR("1 "), &n));
}

TEST(utf8_is_judged_strictly)
{
    assert_true(str_is_utf8(STR("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80")));
    assert_false(str_is_utf8(STR("\xc0\x80")));
    assert_false(str_is_utf8(STR("\xed\xa0\x80")));
    assert_false(str_is_utf8(STR("\xf4\x90\x80\x80")));
    assert_false(str_is_utf8(STR("\xe2\x82")));
    assert_false(str_is_utf8(STR("\x80")));
}

TEST(a_builder_stops_at_its_maximum_and_says_so)
{
    struct strbuf b;

    strbuf_init(&b, 4);
    strbuf_add(&b, STR("abc"));
    strbuf_add(&b, STR("de"));
    assert_true(b.overflow);
    strbuf_addc(&b, 'x');
    assert_str(strbuf_str(&b), STR("abc"));
    strbuf_reset(&b);
    strbuf_addf(&b, "%d", 1234);
    assert_false(b.overflow);
    strbuf_consume(&b, 3);
    assert_str(strbuf_str(&b), STR("4"));
    strbuf_finish(&b);
}

TEST(json_text_can_stand_in_a_script_and_is_always_utf8)
{
    struct strbuf b;

    strbuf_init(&b, 1000);
    strbuf_add_json(&b, STR("a\"\\\n<\x01\xff\xe2\x80\xa8\xc3\xa4"));
    assert_str(strbuf_str(&b), STR("\"a\\\"\\\\\\n\\u003c\\u0001\\ufffd\\u2028\xc3\xa4\""));
    strbuf_finish(&b);
}

TEST(what_is_encoded_keeps_letters_digits_and_what_is_plain)
{
    struct strbuf b;

    strbuf_init(&b, 1000);
    strbuf_add_encoded(&b, STR("aZ09 %/\xc3\xa4~_"), STR("/_"));
    assert_str(strbuf_str(&b), STR("aZ09%20%25/%C3%A4%7E_"));
    strbuf_finish(&b);
}

TEST(a_name_cannot_move_the_cursor)
{
    struct strbuf b;

    strbuf_init(&b, 1000);
    strbuf_add_printable(&b, STR("a\x1b[2J\xc2\x9b\xc3\xa4"));
    assert_str(strbuf_str(&b), STR("a\\x1b[2J\\x9b\xc3\xa4"));
    strbuf_reset(&b);
    strbuf_add_printable(&b, STR("\xc3(\xff"));
    assert_str(strbuf_str(&b), STR("\\xc3(\\xff"));
    strbuf_finish(&b);
}

TEST(an_arena_gives_zeroed_memory_and_takes_it_back)
{
    struct arena a = { 0 };
    char *p = arena_alloc(&a, 100);

    memset(p, 1, 100);
    struct arena_mark mark = arena_get_mark(&a);

    for (int i = 0; i < 100; i++) {
        char *q = arena_alloc(&a, 5000);

        assert_int_equal(q[0] | q[4999], 0);
        memset(q, 2, 5000);
    }
    arena_rewind(&a, mark);
    assert_int_equal(p[99], 1);
    char *q = arena_alloc(&a, 50);

    assert_int_equal(q[0], 0);
    arena_reset(&a);
    assert_str(arena_printf(&a, "%s-%d", "x", 7), STR("x-7"));
    arena_finish(&a);
}

TEST(a_heap_copy_is_terminated_and_never_null)
{
    char *copy = mem_strcopy(str_sub(STR("abcdef"), 1, 4));
    char *none = mem_strcopy((struct str){ 0 });

    assert_string_equal(copy, "bcd");
    assert_string_equal(none, "");
    free(copy);
    free(none);
}

TEST(paths_are_brought_into_one_form)
{
    struct arena a = { 0 };
    struct str p;

    assert_true(path_normalise(&a, STR("a//b/./c/../d/"), &p));
    assert_str(p, STR("a/b/d"));
    assert_true(path_normalise(&a, STR("./"), &p));
    assert_str(p, STR(""));
    assert_false(path_normalise(&a, STR("../a"), &p));
    assert_false(path_normalise(&a, STR("a/../.."), &p));
    assert_false(path_normalise(&a, STR("/a"), &p));
    assert_str(path_join(&a, STR("a"), STR("b")), STR("a/b"));
    assert_str(path_join(&a, STR(""), STR("b")), STR("b"));
    assert_str(path_ext(STR("a.b/c.tar.gz")), STR(".gz"));
    assert_str(path_ext(STR("a/.env")), STR(""));
    assert_true(path_is_below(STR("a/b"), STR("a")));
    assert_false(path_is_below(STR("ab"), STR("a")));
    arena_finish(&a);
}

TEST(a_diagnostic_frame_marks_the_column)
{
    struct arena a = { 0 };
    unsigned line;
    unsigned col;
    struct str text = STR("one\n  two\nthree\nfour\n");

    diag_place(text, 6, &line, &col);
    assert_int_equal(line, 2);
    assert_int_equal(col, 3);
    assert_str(diag_frame(&a, text, 2, 3),
            STR("      1 | one\n>     2 |   two\n        |   ^\n      3 | three\n"));
    arena_finish(&a);
}

TEST(a_diagnostic_list_has_a_limit)
{
    struct diag_list list = { 0 };

    for (int i = 0; i < DIAG_MAX + 5; i++) {
        diag_list_addf(&list, "error %d", i);
    }
    assert_int_equal(list.count, DIAG_MAX);
    assert_int_equal(list.dropped, 5);
    assert_int_equal(diag_list_errors(&list), DIAG_MAX);
    diag_list_finish(&list);
}

TEST(a_hash_is_read_back_as_it_was_written)
{
    char hex[HASH_HEX_LEN + 1];
    struct hash h = hash_bytes(STR("abc"));
    struct hash back;

    hash_format(h, hex);
    assert_true(hash_parse(str_from(hex), &back));
    assert_true(hash_eq(h, back));
    assert_false(hash_eq(h, hash_bytes(STR("abd"))));
    assert_false(hash_parse(STR("xyz"), &back));
    hex[5] = 'G';
    assert_false(hash_parse(str_from(hex), &back));
}

TEST(a_blob_lives_as_long_as_its_last_owner)
{
    struct blob *b = blob_create(STR("text"));
    struct blob *second = blob_ref(b);

    blob_unref(b);
    assert_str(blob_str(second), STR("text"));
    blob_unref(second);
    blob_unref(NULL);
}

/* RFC 4648, section 10 */
TEST(base64_goes_both_ways)
{
    static const char *const texts[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
        { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" }, { "\xFB\xFF\xBF", "+/+/" } };
    struct arena arena = { 0 };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct strbuf out;

        strbuf_init(&out, 100);
        base64_encode(&out, str_from(texts[i][0]));
        assert_str(strbuf_str(&out), str_from(texts[i][1]));
        assert_str(base64_decode(&arena, str_from(texts[i][1])), str_from(texts[i][0]));
        strbuf_finish(&out);
    }
    assert_str(base64_decode(&arena, STR("Zm9v\nYmFy")), STR("foo"));
    for (int value = 0; value < 64; value++) {
        assert_int_equal(base64_value(base64_digits[value]), value);
    }
    assert_int_equal(base64_value('='), -1);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_word_is_found_where_it_is_no_part_of_a_name),
        CASE(strings_are_sorted_each_once),
        CASE(strings_are_cut_found_and_trimmed_without_a_terminator),
        CASE(the_distance_of_names_counts_edits_and_swaps),
        CASE(numbers_are_whole_decimal_and_do_not_overflow),
        CASE(utf8_is_judged_strictly),
        CASE(a_builder_stops_at_its_maximum_and_says_so),
        CASE(json_text_can_stand_in_a_script_and_is_always_utf8),
        CASE(what_is_encoded_keeps_letters_digits_and_what_is_plain),
        CASE(a_name_cannot_move_the_cursor),
        CASE(an_arena_gives_zeroed_memory_and_takes_it_back),
        CASE(a_heap_copy_is_terminated_and_never_null),
        CASE(paths_are_brought_into_one_form),
        CASE(a_diagnostic_frame_marks_the_column),
        CASE(a_diagnostic_list_has_a_limit),
        CASE(a_hash_is_read_back_as_it_was_written),
        CASE(base64_goes_both_ways),
        CASE(a_blob_lives_as_long_as_its_last_owner),
    };

    return RUN(cases);
}
