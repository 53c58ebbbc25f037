/* SPDX-License-Identifier: MIT */
#include "hmr/text_edit.h"

#include "test.h"

static void assert_edit(
        const char *base, const char *text, size_t at, size_t removed, const char *come)
{
    struct text_edit edit;

    assert_true(text_edit_find(str_from(base), str_from(text), &edit));
    assert_int_equal(edit.at, at);
    assert_int_equal(edit.removed, removed);
    assert_str(edit.text, str_from(come));
}

TEST(what_differs_is_one_piece)
{
    assert_edit("one two three", "one 2 three", 4, 3, "2");
    assert_edit("one three", "one two three", 5, 0, "wo t");
    assert_edit("one two three", "one three", 5, 4, "");
    assert_edit("a b c", "x b y", 0, 5, "x b y");
    assert_edit("same", "same", 4, 0, "");
    assert_edit("", "new", 0, 0, "new");
    assert_edit("old", "", 0, 3, "");
}

TEST(what_repeats_is_not_counted_from_both_ends)
{
    assert_edit("aa", "aaa", 2, 0, "a");
    assert_edit("aaa", "aa", 2, 1, "");
}

TEST(a_page_counts_in_utf16_and_characters_stay_whole)
{
    /* U+00E4 and U+00F6 begin with the same byte, U+00A4 and U+0124 end with the same one */
    assert_edit("\xc3\xa4x", "\xc3\xb6x", 0, 1, "\xc3\xb6");
    assert_edit("\xc2\xa4", "\xc4\xa4", 0, 1, "\xc4\xa4");
    assert_edit("\xf0\x9f\x98\x80 a", "\xf0\x9f\x98\x80 b", 3, 1, "b");
    assert_edit("\xe2\x82\xac\xf0\x9f\x98\x80", "\xe2\x82\xac\xf0\x9f\x98\x81", 1, 2,
            "\xf0\x9f\x98\x81");
}

TEST(where_a_page_may_count_otherwise_there_is_no_edit)
{
    struct text_edit edit;

    assert_false(text_edit_find(STR("\xff one"), STR("\xff two"), &edit));
    assert_false(text_edit_find(STR("one"), STR("on\xff"), &edit));
    assert_false(text_edit_find(STR("\xef\xbb\xbfone"), STR("\xef\xbb\xbftwo"), &edit));
    assert_false(text_edit_find(STR("one"), STR("\xef\xbb\xbfone"), &edit));
    /* what is behind it, nobody counts */
    assert_true(text_edit_find(STR("one \xff"), STR("two \xff"), &edit));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(what_differs_is_one_piece),
        CASE(what_repeats_is_not_counted_from_both_ends),
        CASE(a_page_counts_in_utf16_and_characters_stay_whole),
        CASE(where_a_page_may_count_otherwise_there_is_no_edit),
    };

    return RUN(cases);
}
