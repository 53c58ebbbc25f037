/* SPDX-License-Identifier: MIT */
#include "term/open.h"

#include "base/strbuf.h"
#include "test.h"

static const char *variable;
static const char *value;

static const char *get_env(const char *name)
{
    return variable && strcmp(name, variable) == 0 ? value : NULL;
}

/* The vector as one text with '|' between the words, or the message. */
static void check(bool ok, open_argv argv, struct str message, const char *expected)
{
    struct strbuf b;

    strbuf_init(&b, 65536);
    for (size_t i = 0; ok && argv[i]; i++) {
        strbuf_addf(&b, "%s%s", i > 0 ? "|" : "", argv[i]);
    }
    if (!ok) {
        strbuf_addc(&b, '!');
        strbuf_add(&b, message);
    }
    if (!str_starts(strbuf_str(&b), str_from(expected)) || (ok && b.len != strlen(expected))) {
        fail_msg("%s: \"%.*s\" is not \"%s\"", value ? value : "(unset)", STR_FMT(strbuf_str(&b)),
                expected);
    }
    strbuf_finish(&b);
}

static void check_editor(const char *command, unsigned line, unsigned col, const char *expected)
{
    struct arena a = { 0 };
    open_argv argv = NULL;
    struct str message = { 0 };

    variable = "ORBITON_EDITOR";
    value = command;
    bool ok = open_editor_argv(&a, STR("/p/a b.rs"), line, col, get_env, &argv, &message);

    check(ok, argv, message, expected);
    arena_finish(&a);
}

static void check_browser(const char *command, struct str url, const char *expected)
{
    struct arena a = { 0 };
    open_argv argv = NULL;
    struct str message = { 0 };

    variable = "BROWSER";
    value = command;
    bool ok = open_browser_argv(&a, url, get_env, &argv, &message);

    check(ok, argv, message, expected);
    arena_finish(&a);
}

TEST(editors_get_the_place_in_their_own_form)
{
    check_editor("code", 3, 5, "code|-g|/p/a b.rs:3:5");
    check_editor("/usr/bin/code --wait", 3, 5, "/usr/bin/code|--wait|-g|/p/a b.rs:3:5");
    check_editor("subl", 3, 5, "subl|/p/a b.rs:3:5");
    check_editor("zed", 3, 0, "zed|/p/a b.rs:3:1");
    check_editor("idea", 3, 5, "idea|--line|3|--column|5|/p/a b.rs");
    check_editor("kate", 3, 5, "kate|-l|3|-c|5|/p/a b.rs");
    check_editor("emacsclient -n", 3, 5, "emacsclient|-n|+3:5|/p/a b.rs");
    check_editor("gvim", 3, 5, "gvim|+3|/p/a b.rs");
    check_editor("code", 0, 0, "code|/p/a b.rs");
    check_editor("unknown-editor", 3, 5, "unknown-editor|/p/a b.rs");
}

TEST(templates_are_filled_in)
{
    check_editor("my --at {line}:{col} {file}", 3, 5, "my|--at|3:5|/p/a b.rs");
    check_editor("my --at={file}#{line}", 3, 5, "my|--at=/p/a b.rs#3");
    check_editor("my +{line}", 3, 5, "my|+3|/p/a b.rs");
}

TEST(a_name_of_a_file_is_never_filled_in_again)
{
    struct arena a = { 0 };
    open_argv argv = NULL;
    struct str message = { 0 };

    variable = "ORBITON_EDITOR";
    value = "my {file} {line}";
    assert_true(open_editor_argv(&a, STR("/p/{line}{file}$(x)"), 3, 5, get_env, &argv, &message));
    check(true, argv, message, "my|/p/{line}{file}$(x)|3");
    arena_finish(&a);
}

TEST(terminal_editors_need_a_terminal)
{
    check_editor("vim", 3, 5, "!vim needs a terminal of its own: set ORBITON_EDITOR");
    check_editor("/usr/bin/nano -w", 3, 5, "!nano needs a terminal");
    check_editor("emacs -nw", 3, 5, "!emacs needs a terminal");
    check_editor("xterm -e vim", 3, 5, "xterm|-e|vim|+3|/p/a b.rs");
    check_editor("xterm -e nano", 3, 5, "xterm|-e|nano|+3,5|/p/a b.rs");
    check_editor("foot hx", 3, 5, "foot|hx|/p/a b.rs:3:5");
}

TEST(commands_are_words_not_shell)
{
    check_editor("'/my apps/code' \"a b\"", 1, 1, "/my apps/code|a b|-g|/p/a b.rs:1:1");
    check_editor("code; rm -rf $HOME", 1, 1, "code;|rm|-rf|$HOME|/p/a b.rs");
    check_editor("   ", 1, 1, "!no editor is set");
    check_editor("\"\"", 1, 1, "!the editor's command cannot be read");
    check_editor(NULL, 1, 1, "!no editor is set");
    check_editor("a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a", 1, 1,
            "!the editor's command cannot be read");
}

TEST(only_absolute_paths_are_opened)
{
    struct arena a = { 0 };
    open_argv argv;
    struct str message;

    variable = "EDITOR";
    value = "code";
    assert_false(open_editor_argv(&a, STR("--help"), 1, 1, get_env, &argv, &message));
    assert_false(open_editor_argv(&a, STR("/a\0b"), 1, 1, get_env, &argv, &message));
    assert_true(open_editor_argv(&a, STR("/a"), 1, 1, get_env, &argv, &message));
    arena_finish(&a);
}

TEST(browsers_get_the_address)
{
    struct str url = STR("http://localhost:8000/");

    check_browser(NULL, url, "xdg-open|http://localhost:8000/");
    check_browser("", url, "xdg-open|http://localhost:8000/");
    check_browser("firefox --new-tab", url, "firefox|--new-tab|http://localhost:8000/");
    check_browser("b --url=%s -x", url, "b|--url=http://localhost:8000/|-x");
    check_browser("firefox:chromium", url, "firefox|http://localhost:8000/");
    check_browser("none", url, "!BROWSER=none");
    check_browser(NULL, STR("file:///etc/passwd"), "!only http");
    check_browser(NULL, STR("--help"), "!only http");
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(editors_get_the_place_in_their_own_form),
        CASE(templates_are_filled_in),
        CASE(a_name_of_a_file_is_never_filled_in_again),
        CASE(terminal_editors_need_a_terminal),
        CASE(commands_are_words_not_shell),
        CASE(only_absolute_paths_are_opened),
        CASE(browsers_get_the_address),
    };

    return RUN(cases);
}
