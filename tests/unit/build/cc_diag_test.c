/* SPDX-License-Identifier: MIT */
/* What clang, gcc, linkers, go and tsc print, as diagnostics. */
#include "test.h"

#include "build/cc_diag.h"

static void parse(struct diag_list *list, struct str text)
{
    struct cc_diag cc;
    struct str line;

    cc_diag_init(&cc, list, STR("/p"));
    while (text.len > 0) {
        (void)str_cut(text, '\n', &line, &text);
        struct str copy = exact_copy(line);

        cc_diag_line(&cc, copy);
        free((void *)(uintptr_t)copy.ptr);
    }
    cc_diag_finish(&cc);
}

TEST(clang_errors_have_place_code_and_frame)
{
    struct diag_list list = { 0 };

    parse(&list, STR("app.c:3:5: error: use of undeclared identifier 'x'\n"
                     "    x = 1;\n"
                     "    ^\n"
                     "src/b.c:7:1: warning: unused function 'f' [-Wunused-function]\n"
                     "static void f(void)\n"
                     "            ^\n"
                     "b.h:2:6: note: declared here\n"
                     "void g(void);\n"
                     "     ^\n"
                     "1 warning and 1 error generated.\n"
                     "make: *** [Makefile:6: app.o] Error 1\n"));

    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].severity, DIAG_ERROR);
    assert_str(list.items[0].path, STR("app.c"));
    assert_int_equal(list.items[0].line, 3);
    assert_int_equal(list.items[0].col, 5);
    assert_str(list.items[0].text, STR("use of undeclared identifier 'x'"));
    assert_str(list.items[0].frame, STR("    x = 1;\n    ^"));
    assert_int_equal(list.items[1].severity, DIAG_WARNING);
    assert_str(list.items[1].path, STR("src/b.c"));
    assert_str(list.items[1].code, STR("-Wunused-function"));
    assert_str(list.items[1].text, STR("unused function 'f'"));
    assert_str(list.items[1].frame,
            STR("static void f(void)\n            ^\nb.h:2:6: note: declared here\nvoid g(void);\n"
                "     ^"));
    diag_list_finish(&list);
}

TEST(gcc_and_paths)
{
    struct diag_list list = { 0 };

    parse(&list, STR("In file included from /p/app.c:1:\n"
                     "make[1]: Entering directory '/p/sub'\n"
                     "x.h:1:1: fatal error: nope.h: No such file or directory\n"
                     "    1 | #include \"nope.h\"\n"
                     "      |          ^~~~~~~~\n"
                     "compilation terminated.\n"
                     "q.c:3:9: error: no source line\n"
                     "r.c: In function 'f':\n"
                     "/p/y.c:2: error: without a column\n"
                     "make[1]: Leaving directory '/p/sub'\n"
                     "z.c:9:9: error: after it\n"
                     "/usr/include/q.h:4:2: error: outside\n"));

    assert_int_equal(list.count, 5);
    assert_str(list.items[0].path, STR("sub/x.h"));
    assert_str(list.items[0].text, STR("nope.h: No such file or directory"));
    assert_str(list.items[1].path, STR("sub/q.c"));
    assert_str(list.items[1].frame, STR(""));
    assert_str(list.items[2].path, STR("y.c"));
    assert_int_equal(list.items[2].line, 2);
    assert_int_equal(list.items[2].col, 0);
    assert_str(list.items[3].path, STR("z.c"));
    assert_str(list.items[4].path, STR(""));
    assert_int_equal(list.items[4].line, 0);
    assert_str(list.items[4].text, STR("outside (/usr/include/q.h:4)"));
    diag_list_finish(&list);
}

TEST(linkers_go_and_tsc)
{
    struct diag_list list = { 0 };

    parse(&list, STR("wasm-ld: error: app.o: undefined symbol: nothing\n"
                     "clang: warning: argument unused [-Wunused-command-line-argument]\n"
                     "./main.go:5:2: undefined: x\n"
                     "src/a.ts(3,5): error TS2304: Cannot find name 'x'.\n"));

    assert_int_equal(list.count, 4);
    assert_str(list.items[0].text, STR("app.o: undefined symbol: nothing"));
    assert_str(list.items[0].path, STR(""));
    assert_int_equal(list.items[1].severity, DIAG_WARNING);
    assert_str(list.items[2].path, STR("main.go"));
    assert_int_equal(list.items[2].severity, DIAG_ERROR);
    assert_str(list.items[3].path, STR("src/a.ts"));
    assert_str(list.items[3].code, STR("TS2304"));
    assert_int_equal(list.items[3].col, 5);
    diag_list_finish(&list);
}

TEST(other_lines_say_nothing)
{
    struct diag_list list = { 0 };

    parse(&list, STR("12:30:45 started\nhttp://localhost:8000: ready\na:b:c\n:1:1: error: x\n"
                     "a.c:99999999999999999999:1: error: x\na.c:1:2:\na.c(1,2): hello\n\n   ^\n"
                     "It is an error: no\n"));

    assert_int_equal(list.count, 0);
    diag_list_finish(&list);
}

TEST(an_assertion_says_its_text)
{
    struct diag_list list = { 0 };

    parse(&list,
            STR("a.c:1:1: error: static_assert failed due to requirement "
                "'_Generic((v), int: 1, char *: \"x\") != 1' \"too small\"\n"
                "a.c:2:1: error: static_assert failed due to requirement 'sizeof(int) == 3'\n"
                "a.c:3:1: error: static assertion failed due to requirement 'f(': ') != 1': too "
                "wide\n"
                "a.c:4:1: error: static assertion failed due to requirement 'x == 3'\n"
                "a.c:5:1: error: static assertion failed: it is plain\n"));
    assert_int_equal(list.count, 5);
    assert_str(list.items[0].text, STR("static_assert failed: too small"));
    assert_str(
            list.items[1].text, STR("static_assert failed due to requirement 'sizeof(int) == 3'"));
    assert_str(list.items[2].text, STR("static_assert failed: too wide"));
    assert_str(list.items[3].text, STR("static assertion failed due to requirement 'x == 3'"));
    assert_str(list.items[4].text, STR("static assertion failed: it is plain"));
    diag_list_finish(&list);
}

TEST(the_same_message_comes_once)
{
    struct diag_list list = { 0 };

    parse(&list, STR("a.h:1:1: error: x\na.h:1:1: error: x\na.h:1:1: error: y\n"));
    assert_int_equal(list.count, 2);
    diag_list_finish(&list);
}

TEST(an_error_behind_many_warnings_is_kept)
{
    struct diag_list list = { 0 };
    struct cc_diag cc;

    cc_diag_init(&cc, &list, STR("/p"));
    for (int i = 1; i < 1000; i++) {
        char line[64];

        (void)snprintf(line, sizeof(line), "a.c:%d:1: warning: w", i);
        cc_diag_line(&cc, str_from(line));
    }
    cc_diag_line(&cc, STR("a.c:5:1: error: e"));
    cc_diag_finish(&cc);

    assert_int_equal(list.count, DIAG_MAX);
    assert_int_equal(diag_list_errors(&list), 1);
    diag_list_finish(&list);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(clang_errors_have_place_code_and_frame),
        CASE(gcc_and_paths),
        CASE(linkers_go_and_tsc),
        CASE(other_lines_say_nothing),
        CASE(an_assertion_says_its_text),
        CASE(the_same_message_comes_once),
        CASE(an_error_behind_many_warnings_is_kept),
    };

    return RUN(cases);
}
