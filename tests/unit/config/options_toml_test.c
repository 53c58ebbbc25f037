/* SPDX-License-Identifier: MIT */
#include "base/strbuf.h"
#include "config/options.h"
#include "config/toml.h"
#include "test.h"

static struct options o;
static struct diag_list diags;

static int begin(void **state)
{
    (void)state;
    options_init(&o);
    diags = (struct diag_list){ 0 };
    return 0;
}

static int end(void **state)
{
    (void)state;
    options_finish(&o);
    diag_list_finish(&diags);
    return 0;
}

static void read(struct str text)
{
    struct str copy = exact_copy(text);

    options_read_toml(&o, STR("orbiton.toml"), copy, &diags);
    free((void *)(uintptr_t)copy.ptr); /* nothing may point into the text afterwards */
}

static void expect(size_t i, unsigned line, unsigned col, struct str text, struct str hint)
{
    assert_true(i < diags.count);
    assert_str(diags.items[i].text, text);
    assert_str(diags.items[i].hint, hint);
    assert_int_equal(diags.items[i].line, line);
    assert_int_equal(diags.items[i].col, col);
    assert_str(diags.items[i].path, STR("orbiton.toml"));
    assert_int_equal(diags.items[i].severity, DIAG_ERROR);
}

static void expect_list(struct str_list list, const char *a, const char *b)
{
    assert_int_equal(list.count, b ? 2 : 1);
    assert_str(list.items[0], str_from(a));
    if (b) {
        assert_str(list.items[1], str_from(b));
    }
}

TEST(every_key_reaches_its_field)
{
    read(STR("[project]\n"
             "name = \"shop\"\n"
             "[dev_server]\n"
             "port = 65535\n"
             "strict_port = true\n"
             "host = \"::1\"\n"
             "allowed_hosts = [\"a.test\", \"b.test\"]\n"
             "auto_open = true\n"
             "static_dirs = [\"./assets/\", \"a/../b\"]\n"
             "[dev_server.headers]\n"
             "X-Two = \"2\"\n"
             "X-One = \"1\"\n"
             "[hmr]\n"
             "enabled = false\n"
             "hot_only = true\n"
             "debounce_ms = 60_000\n"
             "ignore_patterns = [\"*.tmp\", \"!keep.tmp\"]\n"
             "show_notifications = false\n"
             "overlay = false\n"
             "[build]\n"
             "command = \"make all\"\n"
             "inputs = [\"src/**\"]\n"
             "depfiles = [\"out/a.d\"]\n"
             "outputs = [\"out/a.wasm\"]\n"
             "cargo_args = [\"--features\", \"x\"]\n"
             "env = { A = \"1=2\", B = \"\" }\n"
             "release = true\n"
             "use_beta_toolchain = true\n"));

    assert_int_equal(diags.count, 0);
    assert_str(o.project_name, STR("shop"));
    assert_int_equal(o.port, 65535);
    assert_true(o.strict_port);
    assert_str(o.host, STR("::1"));
    expect_list(o.allowed_hosts, "a.test", "b.test");
    assert_true(o.open);
    expect_list(o.static_dirs, "assets", "b");
    assert_true(o.static_dirs_given);
    assert_int_equal(o.header_count, 2);
    assert_str(o.headers[0].name, STR("X-Two"));
    assert_str(o.headers[0].value, STR("2"));
    assert_str(o.headers[1].name, STR("X-One"));
    assert_false(o.hmr);
    assert_true(o.hot_only);
    assert_int_equal(o.debounce_ms, 60000);
    expect_list(o.ignore_patterns, "*.tmp", "!keep.tmp");
    assert_false(o.show_notifications);
    assert_false(o.overlay);
    assert_str(o.build_command, STR("make all"));
    expect_list(o.inputs, "src/**", NULL);
    expect_list(o.depfiles, "out/a.d", NULL);
    expect_list(o.outputs, "out/a.wasm", NULL);
    expect_list(o.cargo_args, "--features", "x");
    expect_list(o.build_env, "A=1=2", "B=");
    assert_true(o.release);
    assert_true(o.beta);
}

TEST(an_empty_file_changes_nothing)
{
    read(STR(""));
    read(STR("# nothing\n\n[hmr]\n"));

    assert_int_equal(diags.count, 0);
    assert_int_equal(o.port, 8000);
    assert_true(o.hmr);
    assert_false(o.static_dirs_given);
}

TEST(unknown_names_have_their_place_and_the_nearest_name)
{
    read(STR("[dev_server]\n"
             "  prot = 1\n"
             "[hmr]\n"
             "debounce = 3\n"
             "zzzzzz = 3\n"
             "[biuld]\n"
             "[hmr.Overlay]\n"));

    assert_int_equal(diags.count, 5);
    expect(0, 2, 3, STR("unknown key prot in [dev_server]"), STR("did you mean port?"));
    expect(1, 4, 1, STR("unknown key debounce in [hmr]"), STR("did you mean debounce_ms?"));
    expect(2, 5, 1, STR("unknown key zzzzzz in [hmr]"),
            STR("known here: enabled, hot_only, debounce_ms, ignore_patterns, show_notifications, "
                "overlay"));
    expect(3, 7, 6, STR("unknown key Overlay in [hmr]"), STR("did you mean overlay?"));
    expect(4, 6, 2, STR("unknown table biuld"), STR("did you mean build?"));
    assert_true(str_find_str(diags.items[0].frame, STR("prot = 1")) != STR_NONE);
}

TEST(a_key_outside_of_its_table_is_sent_home)
{
    read(STR("port = 3000\nsomething = 1\n"));

    assert_int_equal(diags.count, 2);
    expect(0, 1, 1, STR("unknown key port outside of a table"),
            STR("it belongs into [dev_server]"));
    expect(1, 2, 1, STR("unknown key something"),
            STR("known here: project, dev_server, hmr, build"));
}

TEST(wrong_types_say_what_was_expected)
{
    read(STR("[dev_server]\n"
             "port = \"80\"\n"
             "strict_port = 1\n"
             "host = \"a b\"\n"
             "allowed_hosts = \"x\"\n"
             "static_dirs = [\"ok\", \"../out\"]\n"
             "[hmr]\n"
             "debounce_ms = 60001\n"
             "ignore_patterns = [\"a\", 3]\n"
             "overlay = 1.5\n"
             "enabled = 1979-05-27\n"
             "hot_only = []\n"));

    assert_int_equal(diags.count, 10);
    expect(9, 12, 12, STR("hot_only must be true or false, not a list"), STR(""));
    expect(0, 2, 8, STR("port must be a number from 0 to 65535, not \"80\""), STR(""));
    expect(1, 3, 15, STR("strict_port must be true or false, not 1"), STR(""));
    expect(2, 4, 8, STR("host must be a host name or address, not \"a b\""), STR(""));
    expect(3, 5, 17, STR("allowed_hosts must be a list of strings, not \"x\""), STR(""));
    expect(4, 6, 22,
            STR("an item of static_dirs must be a path inside the project, relative to its root, "
                "not \"../out\""),
            STR(""));
    expect(5, 8, 15, STR("debounce_ms must be a number from 0 to 60000, not 60001"), STR(""));
    expect(6, 9, 25, STR("ignore_patterns must be a list of strings, not 3"), STR(""));
    expect(7, 10, 11, STR("overlay must be true or false, not a number with a fraction"), STR(""));
    expect(8, 11, 11, STR("enabled must be true or false, not a date or time"), STR(""));
}

TEST(ports_have_bounds)
{
    static const struct {
        struct str text;
        bool ok;
    } cases[] = {
        { STR_INIT("[dev_server]\nport = 0"), true },
        { STR_INIT("[dev_server]\nport = 65535"), true },
        { STR_INIT("[dev_server]\nport = 65536"), false },
        { STR_INIT("[dev_server]\nport = -1"), false },
        { STR_INIT("[dev_server]\nport = 18446744073709551615"), false },
        { STR_INIT("[dev_server]\nport = -9223372036854775808"), false },
        { STR_INIT("[dev_server]\nport = true"), false },
        { STR_INIT("[dev_server]\nport = {}"), false },
        { STR_INIT("[dev_server.port]"), false },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        read(cases[i].text);
        assert_int_equal(diags.count == 0, cases[i].ok);
        diag_list_reset(&diags);
    }
}

TEST(headers_cannot_break_an_answer)
{
    read(STR("[dev_server.headers]\n"
             "\"A B\" = \"1\"\n"
             "Content-Length = \"5\"\n"
             "X = \"1\\r\\nY: 2\"\n"
             "Z = 1\n"
             "Fine = \"\"\n"));

    assert_int_equal(diags.count, 4);
    expect(0, 2, 1, STR("A B is not a header field's name"), STR(""));
    expect(1, 3, 1, STR("Content-Length is set by the server itself"), STR("remove the line"));
    expect(2, 4, 5, STR("X must be a string without control characters, not \"1\r\nY: 2\""),
            STR(""));
    expect(3, 5, 5, STR("Z must be a string without control characters, not 1"), STR(""));
}

TEST(a_proxy_is_a_target_or_a_table_with_one)
{
    read(STR("[dev_server.proxy]\n"
             "\"/b\" = \"http://localhost:8080/v1\"\n"
             "\"^/(c|d)/\" = { target = \"ws://[::1]:81\", ws = true, change_origin = false, "
             "strip = \"/c\", headers = { A = \"1\", B = \"\" } }\n"));

    assert_int_equal(diags.count, 0);
    assert_int_equal(o.proxy_count, 2);
    assert_str(o.proxies[0].path, STR("/b"));
    assert_str(o.proxies[0].target, STR("http://localhost:8080/v1"));
    assert_true(o.proxies[0].change_origin);
    assert_false(o.proxies[0].ws);
    assert_str(o.proxies[0].headers, STR(""));
    assert_str(o.proxies[1].path, STR("^/(c|d)/"));
    assert_false(o.proxies[1].change_origin);
    assert_true(o.proxies[1].ws);
    assert_str(o.proxies[1].strip, STR("/c"));
    assert_str(o.proxies[1].headers, STR("A: 1\r\nB: \r\n"));
}

TEST(a_wrong_proxy_has_its_place)
{
    read(STR("[dev_server.proxy]\n"
             "api = \"http://a\"\n"
             "\"/a\" = \"https://a\"\n"
             "\"/b\" = { ws = 1 }\n"
             "\"^(\" = \"http://a\"\n"
             "\"/c\" = { target = \"a:80\", strip = \"c\", timeout = 1 }\n"
             "\"/d\" = 7\n"));

    expect(0, 2, 1, STR("api is neither the begin of a path nor a pattern"),
            STR("write \"/api\", or \"^/(api|login)/\""));
    expect(1, 3, 8,
            STR("/a must be an http:// URL (orbiton has no TLS for another server), not "
                "\"https://a\""),
            STR(""));
    expect(2, 4, 15, STR("ws must be true or false, not 1"), STR(""));
    expect(3, 4, 1, STR("/b has no target"), STR("write target = \"http://localhost:8080\""));
    expect(4, 5, 1, STR("^( is neither the begin of a path nor a pattern"),
            STR("write \"/api\", or \"^/(api|login)/\""));
    expect(5, 6, 19, STR("target must be a URL such as \"http://localhost:8080\", not \"a:80\""),
            STR(""));
    expect(6, 6, 35, STR("strip must be the begin of a path, such as \"/api\", not \"c\""),
            STR(""));
    expect(7, 6, 40, STR("unknown key timeout in [dev_server.proxy.\"/c\"]"),
            STR("known here: target, change_origin, ws, strip, headers"));
    expect(8, 7, 8, STR("/d must be a string, not 7"), STR(""));
    assert_int_equal(diags.count, 9);
}

TEST(zero_bytes_are_refused)
{
    read(STR("[build]\ncommand = \"a\\u0000b\"\nenv = { A = \"\\u0000\" }\n"));

    assert_int_equal(diags.count, 2);
    assert_int_equal(diags.items[0].line, 2);
    assert_int_equal(diags.items[1].line, 3);
    assert_int_equal(o.build_command.len, 0);
    assert_int_equal(o.build_env.count, 0);
}

TEST(syntax_errors_have_their_place)
{
    read(STR("[hmr]\nenabled = tru\n"));

    assert_int_equal(diags.count, 1);
    assert_int_equal(diags.items[0].line, 2);
    assert_true(diags.items[0].col > 0);
    assert_true(diags.items[0].text.len > 0);
    assert_true(diags.items[0].frame.len > 0);
}

TEST(a_key_given_twice_is_an_error)
{
    read(STR("[hmr]\nenabled = true\nenabled = false\n"));

    assert_int_equal(diags.count, 1);
    assert_int_equal(diags.items[0].line, 3);
}

static void read_repeated(const char *before, const char *piece, size_t count, const char *after)
{
    struct strbuf b;

    strbuf_init(&b, 4 * 1024 * 1024);
    strbuf_add(&b, str_from(before));
    for (size_t i = 0; i < count; i++) {
        strbuf_add(&b, str_from(piece));
    }
    strbuf_add(&b, str_from(after));
    diag_list_reset(&diags);
    read(strbuf_str(&b));
    strbuf_finish(&b);
}

TEST(deep_and_large_texts_are_errors)
{
    read_repeated("", "a.", 100000, "b = 1");
    assert_int_equal(diags.count, 1);
    read_repeated("[", "a.", 100000, "b]");
    assert_int_equal(diags.count, 1);
    read_repeated("a = ", "[", 100000, "");
    assert_int_equal(diags.count, 1);
    read_repeated("a = ", "{a=", 80000, "");
    assert_int_equal(diags.count, 1);
    read_repeated("", "\"a\".", 60000, "b = 1");
    assert_int_equal(diags.count, 1);
    read_repeated("", "# a\n", 100000, "");
    assert_int_equal(diags.count, 1);
    assert_str(diags.items[0].text, STR("the file is larger than 256 KiB"));
    /* Dots in strings and comments are no depth. */
    read_repeated("# ", "....", 100, "\n[project]\nname = '.................'\n");
    assert_int_equal(diags.count, 0);
}

TEST(many_problems_are_counted)
{
    read_repeated("", "[x]\n[[y]]\n", 1, "");
    assert_int_equal(diags.count, 2);
    struct strbuf b;

    strbuf_init(&b, 1024 * 1024);
    for (unsigned i = 0; i < 150; i++) {
        strbuf_addf(&b, "unknown%u = 1\n", i);
    }
    diag_list_reset(&diags);
    read(strbuf_str(&b));
    strbuf_finish(&b);

    assert_int_equal(diags.count, DIAG_MAX);
    assert_int_equal(diags.dropped, 50);
    expect(99, 100, 1, STR("unknown key unknown99"),
            STR("known here: project, dev_server, hmr, build"));
}

#define ON_FILE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest cases[] = {
        ON_FILE(every_key_reaches_its_field),
        ON_FILE(an_empty_file_changes_nothing),
        ON_FILE(unknown_names_have_their_place_and_the_nearest_name),
        ON_FILE(a_key_outside_of_its_table_is_sent_home),
        ON_FILE(wrong_types_say_what_was_expected),
        ON_FILE(ports_have_bounds),
        ON_FILE(headers_cannot_break_an_answer),
        ON_FILE(a_proxy_is_a_target_or_a_table_with_one),
        ON_FILE(a_wrong_proxy_has_its_place),
        ON_FILE(zero_bytes_are_refused),
        ON_FILE(syntax_errors_have_their_place),
        ON_FILE(a_key_given_twice_is_an_error),
        ON_FILE(deep_and_large_texts_are_errors),
        ON_FILE(many_problems_are_counted),
    };

    return RUN(cases);
}
