/* SPDX-License-Identifier: MIT */
/* What goes to esbuild and comes back, byte by byte, and what an esbuild that is run once prints. */
#include "test.h"

#include "transform/esbuild_log.h"
#include "transform/esbuild_wire.h"

/* A string literal with zero bytes in it. */
#define BYTES(literal) ((struct str){ literal, sizeof(literal) - 1 })

#define TEXT(letter_count, text) "\x03" letter_count "\0\0\0" text
#define KEY(letter_count, text)  letter_count "\0\0\0" text

TEST(a_request_is_one_packet)
{
    const struct str flags[] = { STR_INIT("--loader=ts") };
    struct strbuf out;

    strbuf_init(&out, 1000);
    esbuild_add_request(&out, 5, flags, 1, STR("let a"));
    assert_str(strbuf_str(&out),
            BYTES("\x60\0\0\0" /* 96 bytes follow */
                  "\x0A\0\0\0" /* number 5, a request */
                  "\x06\x04\0\0\0" KEY("\x07", "command") TEXT("\x09", "transform")
                            KEY("\x05", "flags") "\x05\x01\0\0\0" TEXT("\x0B", "--loader=ts")
                                    KEY("\x07", "inputFS") "\x01\0" KEY("\x05", "input") "\x04\x05"
                                                                                         "\0\0\0"
                                                                                         "let a"));
    strbuf_finish(&out);
}

TEST(packets_are_cut_off_when_they_are_whole)
{
    size_t used = 0;
    struct str packet;

    assert_int_equal(esbuild_read_packet(BYTES("\x02\0\0"), &used, &packet), ESBUILD_INCOMPLETE);
    assert_int_equal(esbuild_read_packet(BYTES("\x02\0\0\0a"), &used, &packet), ESBUILD_INCOMPLETE);
    assert_int_equal(esbuild_read_packet(BYTES("\x02\0\0\0abc"), &used, &packet), ESBUILD_PACKET);
    assert_int_equal(used, 6);
    assert_str(packet, STR("ab"));
    assert_int_equal(
            esbuild_read_packet(BYTES("\xFF\xFF\xFF\xFF"), &used, &packet), ESBUILD_MALFORMED);
}

TEST(code_and_map_are_read)
{
    struct arena a = { 0 };
    struct esbuild_answer answer;

    assert_true(esbuild_read_answer(
            BYTES("\x0B\0\0\0\x06\x04\0\0\0" KEY("\x04", "code") TEXT("\x06", "let a;")
                            KEY("\x03", "map") TEXT("\x02", "{}")
                                    KEY("\x06", "errors") "\x05\0\0\0\0" KEY("\x05", "other") "\0"),
            STR("let a"), &a, &answer));
    assert_int_equal(answer.id, 5);
    assert_false(answer.is_request);
    assert_str(answer.code, STR("let a;"));
    assert_str(answer.map, STR("{}"));
    assert_int_equal(answer.diags.count, 0);
    diag_list_finish(&answer.diags);
    arena_finish(&a);
}

TEST(an_error_has_its_place_in_characters)
{
    struct arena a = { 0 };
    struct esbuild_answer answer;

    /* byte 3 of a line that begins with a character of two bytes */
    assert_true(esbuild_read_answer(
            BYTES("\x03\0\0\0\x06\x02\0\0\0" KEY("\x04", "code") TEXT("\0", "") KEY(
                    "\x06", "errors") "\x05\x01\0\0\0\x06\x03\0\0\0" KEY("\x04",
                    "text") TEXT("\x08", "Expected") KEY("\x08",
                    "location") "\x06\x04\0\0\0" KEY("\x04", "line") "\x02\x02\0\0\0" KEY("\x06",
                    "column") "\x02\x03"
                              "\0\0\0" KEY("\x06", "length") "\x02\x01\0\0\0" KEY(
                                      "\x08", "lineText") TEXT("\x05", "\xC3\xA4 +;")
                                      KEY("\x05", "notes") "\x05\x01\0\0\0"
                                                           "\x06\x01\0\0\0" KEY("\x04", "text")
                                                                   TEXT("\x03", "why")),
            STR("a\n\xC3\xA4 +;"), &a, &answer));
    assert_int_equal(answer.diags.count, 1);
    assert_str(answer.diags.items[0].text, STR("Expected"));
    assert_str(answer.diags.items[0].hint, STR("why"));
    assert_int_equal(answer.diags.items[0].line, 2);
    assert_int_equal(answer.diags.items[0].col, 3);
    assert_int_equal(answer.diags.items[0].end_col, 4);
    assert_true(str_find_str(answer.diags.items[0].frame, STR("\xC3\xA4 +;")) != STR_NONE);
    diag_list_finish(&answer.diags);
    arena_finish(&a);
}

TEST(messages_and_their_notes_beyond_what_anybody_reads_are_left_out)
{
    struct arena a = { 0 };
    struct esbuild_answer answer;
    struct strbuf out;

    strbuf_init(&out, 10000000);
    strbuf_add(&out, BYTES("\x03\0\0\0\x06\x03\0\0\0" KEY("\x04", "code") TEXT("\x01", "c")
                                     KEY("\x08", "warnings") "\x05\x10\x27\0\0"));
    for (int i = 0; i < 10000; i++) { /* 410,000 values */
        strbuf_add(&out, BYTES("\x06\x01\0\0\0" KEY("\x05", "notes") "\x05\x14\0\0\0"));
        for (int k = 0; k < 20; k++) {
            strbuf_add(&out, BYTES("\x06\x01\0\0\0" KEY("\x04", "text") TEXT("\x01", "x")));
        }
    }
    strbuf_add(&out, BYTES(KEY("\x03", "map") TEXT("\x02", "{}")));
    assert_true(esbuild_read_answer(strbuf_str(&out), STR(""), &a, &answer));
    assert_str(answer.code, STR("c"));
    assert_str(answer.map, STR("{}"));
    assert_int_equal(answer.diags.count, DIAG_MAX);
    assert_int_equal(answer.diags.dropped, 0); /* they were not even looked at */
    assert_str(answer.diags.items[0].hint, STR("x; x; x; x; x; x; x; x"));
    diag_list_finish(&answer.diags);
    strbuf_finish(&out);
    arena_finish(&a);
}

TEST(what_is_no_answer_is_refused)
{
    static const struct str bad[] = {
        { "", 0 }, { "\x03\0\0\0", 4 },                                /* no value */
        { "\x03\0\0\0\x09", 5 },                                       /* no such type */
        { "\x03\0\0\0\x00", 5 },                                       /* nothing */
        { "\x03\0\0\0\x06\x00\0\0\0", 9 },                             /* neither code nor error */
        { "\x03\0\0\0\x06\xFF\xFF\xFF\x7F", 9 },                       /* more than there is */
        { "\x03\0\0\0\x03\x05\0\0\0abcd", 13 },                        /* a text that is cut */
        { "\x03\0\0\0\x06\x01\0\0\0\x04\0\0\0code\x03\0\0\0\0!", 23 }, /* something behind it */
    };
    struct arena a = { 0 };
    struct esbuild_answer answer;
    struct strbuf deep;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct str exact = exact_copy(bad[i]);

        assert_false(esbuild_read_answer(exact, STR(""), &a, &answer));
        free((void *)(uintptr_t)exact.ptr);
    }
    strbuf_init(&deep, 100000);
    strbuf_add(&deep, BYTES("\x03\0\0\0"));
    for (int i = 0; i < 10000; i++) {
        strbuf_add(&deep, BYTES("\x05\x01\0\0\0"));
    }
    strbuf_addc(&deep, 0);
    assert_false(esbuild_read_answer(strbuf_str(&deep), STR(""), &a, &answer));
    strbuf_finish(&deep);
    arena_finish(&a);
}

TEST(a_failed_request_is_an_error_of_the_file)
{
    struct arena a = { 0 };
    struct esbuild_answer answer;

    assert_true(esbuild_read_answer(
            BYTES("\x03\0\0\0\x06\x01\0\0\0" KEY("\x05", "error") TEXT("\x08", "bad flag")),
            STR(""), &a, &answer));
    assert_int_equal(diag_list_errors(&answer.diags), 1);
    assert_str(answer.diags.items[0].text, STR("bad flag"));
    diag_list_finish(&answer.diags);
    arena_finish(&a);
}

TEST(what_it_prints_for_people_is_read)
{
    struct diag_list diags = { 0 };

    esbuild_read_log(STR("\xE2\x9C\x98 [ERROR] Unexpected \";\"\n\n    app.ts:2:4:\n"
                         "      2 \xE2\x94\x82  1 +;\n        \xE2\x95\xB5     ^\n\n"
                         "\xE2\x96\xB2 [WARNING] Odd [odd-code]\n\n    app.ts:1:0:\n\n"
                         "\xE2\x9C\x98 [ERROR] Nowhere\n\n2 errors\n"),
            STR("let a =\n 1 +;\n"), &diags);
    assert_int_equal(diags.count, 3);
    assert_str(diags.items[0].text, STR("Unexpected \";\""));
    assert_int_equal(diags.items[0].line, 2);
    assert_int_equal(diags.items[0].col, 5);
    assert_int_equal(diags.items[1].severity, DIAG_WARNING);
    assert_int_equal(diags.items[1].line, 1);
    assert_int_equal(diags.items[2].line, 0);
    diag_list_finish(&diags);

    esbuild_read_log(STR(""), STR(""), &diags);
    esbuild_read_log(STR("panic: runtime error\n a.ts:99999999999:1:\n"), STR(""), &diags);
    assert_int_equal(diags.count, 0);
    diag_list_finish(&diags);
}

TEST(the_map_at_the_end_of_an_output_is_cut_off)
{
    struct arena a = { 0 };
    struct str code;
    struct str map;

    esbuild_cut_map(STR("let a;\n//# sourceMappingURL=data:application/json;base64,eyJhIjoxfQ==\n"),
            &a, &code, &map);
    assert_str(code, STR("let a;\n"));
    assert_str(map, STR("{\"a\":1}"));
    esbuild_cut_map(STR("let a;\n"), &a, &code, &map);
    assert_str(code, STR("let a;\n"));
    assert_str(map, STR(""));
    esbuild_cut_map(STR(""), &a, &code, &map);
    assert_str(code, STR(""));
    arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_request_is_one_packet),
        CASE(packets_are_cut_off_when_they_are_whole),
        CASE(code_and_map_are_read),
        CASE(an_error_has_its_place_in_characters),
        CASE(messages_and_their_notes_beyond_what_anybody_reads_are_left_out),
        CASE(what_is_no_answer_is_refused),
        CASE(a_failed_request_is_an_error_of_the_file),
        CASE(what_it_prints_for_people_is_read),
        CASE(the_map_at_the_end_of_an_output_is_cut_off),
    };

    return RUN(cases);
}
