/* SPDX-License-Identifier: MIT */
#include "cli/args.h"

#include "test.h"

static struct strbuf out;
static struct strbuf err;

static int begin(void **state)
{
    (void)state;
    strbuf_init(&out, 65536);
    strbuf_init(&err, 65536);
    return 0;
}

static int end(void **state)
{
    (void)state;
    strbuf_finish(&out);
    strbuf_finish(&err);
    return 0;
}

static enum args_command read_words(const char *a, const char *b)
{
    char program[] = "orbiton";
    char first[64];
    char second[64];
    char *argv[] = { program, a ? first : NULL, b ? second : NULL, NULL };

    (void)snprintf(first, sizeof(first), "%s", a ? a : "");
    (void)snprintf(second, sizeof(second), "%s", b ? b : "");
    strbuf_reset(&out);
    strbuf_reset(&err);
    return args_read(1 + (a != NULL) + (b != NULL), argv, &out, &err);
}

static bool says(const struct strbuf *b, const char *text)
{
    return str_find_str(strbuf_str(b), str_from(text)) != STR_NONE;
}

TEST(commands_are_found)
{
    assert_int_equal(read_words("dev", "."), ARGS_DEV);
    assert_int_equal(read_words("new", "app"), ARGS_NEW);
    assert_int_equal(read_words("help", "new"), ARGS_NEW_HELP);
    assert_int_equal(read_words("why", NULL), ARGS_WHY);
    assert_int_equal(read_words("explain", "a.js"), ARGS_EXPLAIN);
    assert_int_equal(read_words("help", "dev"), ARGS_DEV_HELP);
    assert_int_equal(read_words("help", "why"), ARGS_WHY_HELP);
    assert_int_equal(read_words("help", "explain"), ARGS_EXPLAIN_HELP);
    assert_int_equal(out.len + err.len, 0);
}

TEST(version_is_one_line)
{
    assert_int_equal(read_words("--version", NULL), ARGS_DONE);
    assert_str(strbuf_str(&out), STR("orbiton " ORBITON_VERSION "\n"));
}

TEST(help_goes_to_the_output_when_it_was_asked_for)
{
    assert_int_equal(read_words("--help", NULL), ARGS_DONE);
    assert_true(says(&out, "Usage: orbiton COMMAND"));
    assert_int_equal(read_words("help", NULL), ARGS_DONE);
    assert_true(says(&out, "Usage: orbiton COMMAND"));
    assert_int_equal(read_words(NULL, NULL), ARGS_WRONG);
    assert_true(says(&err, "Usage: orbiton COMMAND"));
    assert_int_equal(out.len, 0);
}

TEST(unknown_words_name_the_nearest)
{
    assert_int_equal(read_words("dve", NULL), ARGS_WRONG);
    assert_true(says(&err, "unknown command dve; did you mean dev?"));
    assert_int_equal(read_words("xyz", NULL), ARGS_WRONG);
    assert_true(says(&err, "unknown command xyz\n"));
    assert_int_equal(read_words("devv", NULL), ARGS_WRONG);
    assert_true(says(&err, "unknown command devv; did you mean dev?"));
    assert_int_equal(read_words("--versoin", NULL), ARGS_WRONG);
    assert_true(says(&err, "unknown flag --versoin; did you mean --version?"));
    assert_int_equal(read_words("help", "hepl"), ARGS_WRONG);
    assert_true(says(&err, "did you mean help?"));
    assert_int_equal(read_words("\033[2J", NULL), ARGS_WRONG);
    assert_true(says(&err, "\\x1b[2J"));
}

TEST(nearest_names_are_near)
{
    static const struct str names[] = { STR_INIT("show_notifications"), STR_INIT("port"),
        STR_INIT("overlay") };

    assert_str(str_nearest(STR("prot"), names, 3), STR("port"));
    assert_str(str_nearest(STR("PORT"), names, 3), STR("port"));
    assert_str(str_nearest(STR("overlya"), names, 3), STR("overlay"));
    assert_str(str_nearest(STR("notifications"), names, 3), STR("show_notifications"));
    assert_str(str_nearest(STR("xyz"), names, 3), STR(""));
    assert_str(str_nearest(STR(""), names, 3), STR(""));
    assert_str(str_nearest(STR("port"), names, 0), STR(""));
}

#define WITH_BUFFERS(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest cases[] = {
        WITH_BUFFERS(commands_are_found),
        WITH_BUFFERS(version_is_one_line),
        WITH_BUFFERS(help_goes_to_the_output_when_it_was_asked_for),
        WITH_BUFFERS(unknown_words_name_the_nearest),
        CASE(nearest_names_are_near),
    };

    return RUN(cases);
}
