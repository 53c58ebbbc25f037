/* SPDX-License-Identifier: MIT */
#include "scan/js_lex.h"

#include "test.h"

typedef const char *end_fn(const char *p, const char *end);

/* How many bytes the piece at the front has; -1 if it has no end. Every text is an exact copy. */
static long length(end_fn *fn, const char *cstr)
{
    struct str text = exact_copy(str_from(cstr));
    const char *behind = fn(text.ptr, text.ptr + text.len);
    long n = behind ? behind - text.ptr : -1;

    free((void *)(uintptr_t)text.ptr);
    return n;
}

static long blank(const char *cstr, bool *ret_line)
{
    struct str text = exact_copy(str_from(cstr));
    const char *behind = js_blank_end(text.ptr, text.ptr + text.len, ret_line);
    long n = behind ? behind - text.ptr : -1;

    free((void *)(uintptr_t)text.ptr);
    return n;
}

static void assert_decoded(const char *raw, struct str expected)
{
    struct arena a = { NULL };
    struct str text = exact_copy(str_from(raw));

    assert_str(js_decode(text, &a), expected);
    free((void *)(uintptr_t)text.ptr);
    arena_finish(&a);
}

TEST(a_string_ends_at_its_own_quote)
{
    assert_int_equal(length(js_string_end, "'a\"b' + 'c'"), 5);
    assert_int_equal(length(js_string_end, "\"\"x"), 2);
    assert_int_equal(length(js_string_end, "'\\''x"), 4);
    assert_int_equal(length(js_string_end, "'\\\\'x'"), 4);
    assert_int_equal(length(js_string_end, "'0123456789abcdefghijklmnop'x"), 28);
    assert_int_equal(length(js_string_end, "'\xe2\x80\xa8'x"), 5);
}

TEST(a_string_without_an_end_has_none)
{
    assert_int_equal(length(js_string_end, "'"), -1);
    assert_int_equal(length(js_string_end, "'abc"), -1);
    assert_int_equal(length(js_string_end, "'abc\n'"), -1);
    assert_int_equal(length(js_string_end, "'abc\r'"), -1);
    assert_int_equal(length(js_string_end, "'abc\\"), -1);
    assert_int_equal(length(js_string_end, "'abc\\'"), -1);
}

TEST(a_string_goes_on_behind_an_escaped_line_end)
{
    assert_int_equal(length(js_string_end, "'a\\\nb'x"), 6);
    assert_int_equal(length(js_string_end, "'a\\\r\nb'x"), 7);
    assert_int_equal(length(js_string_end, "'a\\\r"), -1);
}

TEST(a_template_stretch_ends_at_a_tick_or_a_substitution)
{
    assert_int_equal(length(js_template_end, "abc`x"), 4);
    assert_int_equal(length(js_template_end, "a$b${x"), 5);
    assert_int_equal(length(js_template_end, "a\\${b\\`c`x"), 9);
    assert_int_equal(length(js_template_end, "$$${"), 4);
    assert_int_equal(length(js_template_end, "abc$"), -1);
    assert_int_equal(length(js_template_end, "abc\\"), -1);
    assert_int_equal(length(js_template_end, "0123456789abcdef0123456789\n`"), 28);
}

TEST(a_slash_in_a_class_ends_no_regular_expression)
{
    assert_int_equal(length(js_regex_end, "/a/gi.x"), 5);
    assert_int_equal(length(js_regex_end, "/[/]/x"), 6);
    assert_int_equal(length(js_regex_end, "/[\\]/]/ x"), 7);
    assert_int_equal(length(js_regex_end, "/\\//.x"), 4);
    assert_int_equal(length(js_regex_end, "/[[/]/]/"), 6);
    assert_int_equal(length(js_regex_end, "/a"), -1);
    assert_int_equal(length(js_regex_end, "/a\n/"), -1);
    assert_int_equal(length(js_regex_end, "/a\\\n/"), -1);
    assert_int_equal(length(js_regex_end, "/a\\"), -1);
    assert_int_equal(length(js_regex_end, "/a\xe2\x80\xa8/"), -1);
    assert_int_equal(length(js_regex_end, "/a\xe2\x82\xac/"), 6);
}

TEST(numbers_of_every_form)
{
    static const char *const whole[] = { "0", "1e+5", "1E-5", "1_000n", "0x1eF", "0b01", "0o17",
        ".5", "1.", "1.5e10", "0.e1", "0e1" };

    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        assert_int_equal(length(js_number_end, whole[i]), (long)strlen(whole[i]));
    }
    assert_int_equal(length(js_number_end, "0x1e+5"), 4);
    assert_int_equal(length(js_number_end, "1..a"), 2);
    assert_int_equal(length(js_number_end, "1.5.a"), 3);
    assert_int_equal(length(js_number_end, "1e5.a"), 3);
}

TEST(words_hold_letters_of_every_script_and_escapes)
{
    bool escaped = false;
    struct str text = exact_copy(STR("\xc3\xbc"
                                     "b$_1\xe2\x82\xac\xc2\xa0x"));

    assert_ptr_equal(js_word_end(text.ptr, text.ptr + text.len, &escaped), text.ptr + 9);
    assert_false(escaped);
    free((void *)(uintptr_t)text.ptr);
    text = exact_copy(STR("a\\u{62}\\u0063+"));
    assert_ptr_equal(js_word_end(text.ptr, text.ptr + text.len, &escaped), text.ptr + 13);
    assert_true(escaped);
    free((void *)(uintptr_t)text.ptr);
    text = exact_copy(STR("a\\u{6"));
    assert_ptr_equal(js_word_end(text.ptr, text.ptr + text.len, &escaped), text.ptr + 5);
    free((void *)(uintptr_t)text.ptr);
}

TEST(blanks_tell_of_line_ends)
{
    static const struct {
        const char *text;
        long len;
        bool line;
    } cases[] = {
        { "", 0, false },
        { " \t\v\f\xc2\xa0\xef\xbb\xbf\xe3\x80\x80\xe2\x81\x9f\xe1\x9a\x80\xe2\x80\x8a\xe2\x80\xafx",
                24, false },
        { "\nx", 1, true },
        { "\rx", 1, true },
        { "\xe2\x80\xa8x", 3, true },
        { "\xe2\x80\xa9x", 3, true },
        { "/* a */x", 7, false },
        { "/***/x", 5, false },
        { "/*/ * / */x", 10, false },
        { "/*\n*/x", 5, true },
        { "/*\r*/x", 5, true },
        { "/*\xe2\x80\xa8*/x", 7, true },
        { "/*\xe2\x80\xa7*/x", 7, false },
        { "// a\nx", 5, true },
        { "// a\xe2\x80\xa9x", 7, true },
        { "// a\xe2\x82\xac", 7, false },
        { "/x", 0, false },
        { "\xe2\x80\x8bx", 0, false },
        { "\xc2", 0, false },
        { "\xe2\x80", 0, false },
        { "/*", -1, false },
        { "/*/", -1, false },
        { " /* *", -1, false },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool line = false;
        assert_int_equal(blank(cases[i].text, &line), cases[i].len);
        assert_int_equal(line, cases[i].line);
    }
}

TEST(escapes_are_decoded)
{
    assert_decoded("plain", STR("plain"));
    assert_decoded("\\b\\t\\n\\v\\f\\r\\'\\\"\\\\\\q", STR("\b\t\n\v\f\r'\"\\q"));
    assert_decoded("\\x41\\u0042\\u{43}\\u{1F600}", STR("ABC\xf0\x9f\x98\x80"));
    assert_decoded("\\ud83d\\ude00", STR("\xf0\x9f\x98\x80"));
    assert_decoded("\\ud83dx", STR("\xef\xbf\xbdx"));
    assert_decoded("\\ude00", STR("\xef\xbf\xbd"));
    assert_decoded("\\ud83d\\u0041", STR("\xef\xbf\xbd"
                                         "A"));
    assert_decoded("a\\0b", STR("a\0b"));
    assert_decoded("a\\\nb\\\r\nc\\\rd\\\xe2\x80\xa8"
                   "e",
            STR("abcde"));
    assert_decoded("a\r\nb\rc", STR("a\nb\nc"));
}

TEST(malformed_escapes_are_taken_by_their_letters)
{
    assert_decoded("\\x4", STR("x4"));
    assert_decoded("\\u{}", STR("u{}"));
    assert_decoded("\\u{110000}", STR("u{110000}"));
    assert_decoded("\\u{ffffffffffff}", STR("u{ffffffffffff}"));
    assert_decoded("\\u12", STR("u12"));
    assert_decoded("a\\", STR("a\\"));
}

TEST(pieces_follow_one_another)
{
    struct str text = exact_copy(STR("import /* c */ {\n'a' as b1 } `t` `${"));
    const char *end = text.ptr + text.len;
    static const struct {
        enum js_piece_kind kind;
        const char *raw;
        bool line;
    } expected[] = {
        { JS_PIECE_WORD, "import", false },
        { JS_PIECE_BYTE, "{", false },
        { JS_PIECE_STRING, "a", true },
        { JS_PIECE_WORD, "as", false },
        { JS_PIECE_WORD, "b1", false },
        { JS_PIECE_BYTE, "}", false },
        { JS_PIECE_TEMPLATE, "t", false },
        { JS_PIECE_BYTE, "`", false },
        { JS_PIECE_WORD, "$", false },
        { JS_PIECE_BYTE, "{", false },
        { JS_PIECE_END, "", false },
    };
    const char *p = text.ptr;

    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        struct js_piece t = js_piece_at(p, end);
        assert_int_equal(t.kind, expected[i].kind);
        assert_str(js_piece_raw(&t), str_from(expected[i].raw));
        assert_int_equal(t.line, expected[i].line);
        p = t.end;
    }
    free((void *)(uintptr_t)text.ptr);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_string_ends_at_its_own_quote),
        CASE(a_string_without_an_end_has_none),
        CASE(a_string_goes_on_behind_an_escaped_line_end),
        CASE(a_template_stretch_ends_at_a_tick_or_a_substitution),
        CASE(a_slash_in_a_class_ends_no_regular_expression),
        CASE(numbers_of_every_form),
        CASE(words_hold_letters_of_every_script_and_escapes),
        CASE(blanks_tell_of_line_ends),
        CASE(escapes_are_decoded),
        CASE(malformed_escapes_are_taken_by_their_letters),
        CASE(pieces_follow_one_another),
    };

    return RUN(cases);
}
