/* SPDX-License-Identifier: MIT */
#include "config/options.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/sys.h"
#include "test.h"

/* A project in a temporary folder, variables, and what reading printed. */
struct world {
    char dir[64];
    const char *env[16]; /* NAME, value, ... */
    struct options o;
    struct strbuf out;
    struct strbuf err;
};

static struct world w;

static int begin(void **state)
{
    (void)state;
    memset(&w, 0, sizeof(w));
    (void)snprintf(w.dir, sizeof(w.dir), "/tmp/orbiton-options-XXXXXX");
    strbuf_init(&w.out, 1024 * 1024);
    strbuf_init(&w.err, 1024 * 1024);
    return mkdtemp(w.dir) ? 0 : -1;
}

static void write_file(const char *name, const char *text)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", w.dir, name);
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(sys_write_all(fd, str_from(text)), 0);
    (void)close(fd);
}

static int end(void **state)
{
    static const char *const names[] = { "orbiton.toml", ".orbiton.toml", "other.toml", "a" };

    (void)state;
    options_finish(&w.o);
    strbuf_finish(&w.out);
    strbuf_finish(&w.err);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[256];

        (void)snprintf(path, sizeof(path), "%s/%s", w.dir, names[i]);
        (void)remove(path);
    }
    return rmdir(w.dir);
}

static const char *get_env(const char *name)
{
    for (size_t i = 0; w.env[i]; i += 2) {
        if (strcmp(w.env[i], name) == 0) {
            return w.env[i + 1];
        }
    }
    return NULL;
}

/* Reads these words and --dir DIR, and expects the outcome. */
static void read_words(enum options_outcome expected, const char *words)
{
    char copy[512];
    char flag[] = "--dir";
    char *argv[32] = { flag, w.dir };
    int argc = 2;
    char *save = NULL;

    (void)snprintf(copy, sizeof(copy), "%s", words);
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        argv[argc++] = word;
    }
    options_finish(&w.o);
    strbuf_reset(&w.out);
    strbuf_reset(&w.err);
    enum options_outcome outcome = options_read(&w.o, argc, argv, get_env, &w.out, &w.err);

    if (outcome != expected) {
        fail_msg("%s: %d, %.*s", words, outcome, STR_FMT(strbuf_str(&w.err)));
    }
}

static void expect_err(const char *text)
{
    if (str_find_str(strbuf_str(&w.err), str_from(text)) == STR_NONE) {
        fail_msg("\"%.*s\" does not say \"%s\"", STR_FMT(strbuf_str(&w.err)), text);
    }
}

TEST(without_anything_there_are_defaults)
{
    read_words(OPTIONS_RUN, "");

    assert_str(w.o.dir, str_from(w.dir));
    assert_str(w.o.project_name, str_from(strrchr(w.dir, '/') + 1));
    assert_int_equal(w.o.config.len, 0);
    assert_int_equal(w.o.port, 8000);
    assert_int_equal(w.o.host.len, 0);
    assert_true(w.o.hmr);
    assert_false(w.o.open);
    assert_int_equal(w.err.len, 0);
}

TEST(each_layer_wins_over_the_one_before)
{
    write_file("orbiton.toml", "[dev_server]\nport = 1\nhost = \"file\"\n[hmr]\nenabled = true\n");
    read_words(OPTIONS_RUN, "");
    assert_int_equal(w.o.port, 1);

    w.env[0] = "PORT";
    w.env[1] = "2";
    read_words(OPTIONS_RUN, "");
    assert_int_equal(w.o.port, 2);

    w.env[2] = "ORBITON_PORT";
    w.env[3] = "3";
    read_words(OPTIONS_RUN, "");
    assert_int_equal(w.o.port, 3);
    assert_str(w.o.host, STR("file"));

    read_words(OPTIONS_RUN, "--port 4 --host flag --no-hmr");
    assert_int_equal(w.o.port, 4);
    assert_str(w.o.host, STR("flag"));
    assert_false(w.o.hmr);
}

TEST(an_explicit_default_wins_over_the_file)
{
    write_file("orbiton.toml", "[dev_server]\nport = 1\nauto_open = true\n");
    read_words(OPTIONS_RUN, "--port 8000 --no-open");

    assert_int_equal(w.o.port, 8000);
    assert_false(w.o.open);
}

TEST(flags_take_their_values_in_both_forms)
{
    read_words(OPTIONS_RUN, "--port=5 --open --strict-port --beta --hot-only --verbose --json");
    assert_int_equal(w.o.port, 5);
    assert_true(w.o.open && w.o.strict_port && w.o.beta && w.o.hot_only);
    assert_true(w.o.verbose && w.o.json);

    read_words(OPTIONS_RUN, "-p 6 -o -q --open=false");
    assert_int_equal(w.o.port, 6);
    assert_true(w.o.quiet);
    assert_false(w.o.open);
}

TEST(host_alone_is_every_address)
{
    read_words(OPTIONS_RUN, "--host");
    assert_str(w.o.host, STR("0.0.0.0"));
    read_words(OPTIONS_RUN, "--host --open");
    assert_str(w.o.host, STR("0.0.0.0"));
    assert_true(w.o.open);
    read_words(OPTIONS_RUN, "--host 192.168.1.2");
    assert_str(w.o.host, STR("192.168.1.2"));
    read_words(OPTIONS_RUN, "--host=::1");
    assert_str(w.o.host, STR("::1"));
    read_words(OPTIONS_WRONG, "--host=");
    expect_err("--host must be a host name or address, not \"\"");
    read_words(OPTIONS_WRONG, "--host=a/b");
    expect_err("--host must be a host name or address, not a/b");
}

TEST(variables_have_all_types)
{
    static const char *const env[] = { "ORBITON_OPEN", "yes", "ORBITON_DEBOUNCE_MS", "7",
        "ORBITON_ALLOWED_HOSTS", " a.test, b.test,,", "ORBITON_STATIC_DIRS", "./x/", "ORBITON_HMR",
        "0", "ORBITON_BUILD_COMMAND", "make a,b" };

    memcpy(w.env, env, sizeof(env));
    read_words(OPTIONS_RUN, "");

    assert_true(w.o.open);
    assert_int_equal(w.o.debounce_ms, 7);
    assert_int_equal(w.o.allowed_hosts.count, 2);
    assert_str(w.o.allowed_hosts.items[1], STR("b.test"));
    assert_str(w.o.static_dirs.items[0], STR("x"));
    assert_true(w.o.static_dirs_given);
    assert_false(w.o.hmr);
    assert_str(w.o.build_command, STR("make a,b"));
}

TEST(wrong_variables_are_named)
{
    w.env[0] = "ORBITON_OPEN";
    w.env[1] = "maybe";
    read_words(OPTIONS_WRONG, "");
    expect_err("the variable ORBITON_OPEN must be true or false, not maybe");

    w.env[0] = "PORT";
    w.env[1] = "tcp://x";
    read_words(OPTIONS_WRONG, "");
    expect_err("the variable PORT must be a number from 0 to 65535");

    w.env[2] = "ORBITON_PORT";
    w.env[3] = "9";
    read_words(OPTIONS_RUN, ""); /* a PORT that does not count may be anything */

    w.env[1] = "";
    w.env[3] = "";
    read_words(OPTIONS_RUN, "");
    assert_int_equal(w.o.port, 8000);
}

TEST(wrong_use_names_the_nearest)
{
    static const struct {
        const char *words;
        const char *message;
    } cases[] = {
        { "--prot 3", "unknown flag --prot; did you mean --port?" },
        { "--strict_port", "did you mean --strict-port?" },
        { "--nohmr", "did you mean --no-hmr?" },
        { "--hlep", "did you mean --help?" },
        { "--xyzzyxyzzy", "unknown flag --xyzzyxyzzy\n" },
        { "-x", "unknown flag -x" },
        { "--port", "--port needs a value: --port N" },
        { "--port 65536", "--port must be a number from 0 to 65535, not 65536" },
        { "--port=", "--port must be" },
        { "--port x", "not x" },
        { "--no-open=1", "--no-open takes no value" },
        { "--open=perhaps", "--open must be true or false, not perhaps" },
        { "--quiet --verbose", "exclude each other" },
        { "other", "a second folder" },
        { "--config", "--config needs a value" },
        { "--config nowhere.toml", "nowhere.toml: no such file" },
        { "--\033[2J", "unknown flag --\\x1b[2J" },
        { "-- --port", "a second folder" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        read_words(OPTIONS_WRONG, cases[i].words);
        expect_err(cases[i].message);
    }
}

TEST(a_folder_that_is_none_is_said)
{
    char missing[] = "/nowhere/at/all";
    char file[128];
    char *argv[] = { missing };

    assert_int_equal(options_read(&w.o, 1, argv, get_env, &w.out, &w.err), OPTIONS_WRONG);
    expect_err("/nowhere/at/all: no such folder");
    options_finish(&w.o);

    write_file("a", "");
    (void)snprintf(file, sizeof(file), "%s/a", w.dir);
    argv[0] = file;
    assert_int_equal(options_read(&w.o, 1, argv, get_env, &w.out, &w.err), OPTIONS_WRONG);
    expect_err("/a: not a folder");
}

TEST(files_are_looked_up_by_both_names)
{
    char path[128];

    write_file(".orbiton.toml", "[dev_server]\nport = 11\n");
    read_words(OPTIONS_RUN, "");
    assert_int_equal(w.o.port, 11);
    (void)snprintf(path, sizeof(path), "%s/.orbiton.toml", w.dir);
    assert_str(w.o.config, str_from(path));

    write_file("orbiton.toml", "[dev_server]\nport = 12\n");
    read_words(OPTIONS_RUN, "");
    assert_int_equal(w.o.port, 12);
    expect_err("warning: orbiton.toml and .orbiton.toml are both here");

    write_file("other.toml", "[dev_server]\nport = 13\n");
    (void)snprintf(path, sizeof(path), "--config %s/other.toml", w.dir);
    read_words(OPTIONS_RUN, path);
    assert_int_equal(w.o.port, 13);
    assert_int_equal(w.err.len, 0);

    (void)snprintf(path, sizeof(path), "%s/other.toml", w.dir);
    w.env[0] = "ORBITON_CONFIG";
    w.env[1] = path;
    read_words(OPTIONS_RUN, "");
    assert_int_equal(w.o.port, 13);
}

TEST(errors_of_the_file_are_shown_with_place_frame_and_hint)
{
    write_file("orbiton.toml", "[dev_server]\nprot = 3000\n");
    read_words(OPTIONS_WRONG, "");

    assert_str(strbuf_str(&w.err), STR("orbiton.toml:2:1: error: unknown key prot in [dev_server]\n"
                                       "        1 | [dev_server]\n"
                                       "  >     2 | prot = 3000\n"
                                       "          | ^\n"
                                       "  did you mean port?\n"));
}

TEST(help_lists_every_flag)
{
    static const char *const flags[] = { "--port N", "--strict-port", "--host [H]", "--open",
        "--beta", "--no-hmr", "--hot-only", "--config F", "--quiet", "--verbose", "--json",
        "--dir D", "ORBITON_PORT", "dev_server.headers" };

    read_words(OPTIONS_EXIT, "--help");
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        assert_true(str_find_str(strbuf_str(&w.out), str_from(flags[i])) != STR_NONE);
    }
    for (struct str rest = strbuf_str(&w.out); rest.len > 0;) {
        struct str line;

        str_cut(rest, '\n', &line, &rest);
        assert_true(line.len <= 88);
    }
    read_words(OPTIONS_EXIT, "--version");
    assert_str(strbuf_str(&w.out), STR("orbiton " ORBITON_VERSION "\n"));
}

TEST(reading_again_gives_what_is_wrong_as_facts_and_keeps_the_layers)
{
    char *words[] = { w.dir, (char[]){ "--port=3000" }, NULL };
    struct diag_list diags = { 0 };

    write_file("orbiton.toml", "[dev_server]\nport = 1\n[hmr]\ndebounce_ms = 7\n");
    assert_int_equal(options_read_again(&w.o, 2, words, get_env, &w.err, &diags), OPTIONS_RUN);
    assert_int_equal(w.o.port, 3000);
    assert_int_equal(w.o.debounce_ms, 7);
    assert_int_equal(diags.count, 0);
    options_finish(&w.o);

    write_file("orbiton.toml", "[hmr]\ndebounce_ms = true\n");
    assert_int_equal(options_read_again(&w.o, 2, words, get_env, &w.err, &diags), OPTIONS_WRONG);
    assert_int_equal(diags.count, 1);
    assert_int_equal(diags.items[0].line, 2);
    assert_str(diags.items[0].path, STR("orbiton.toml"));
    assert_int_equal(w.err.len, 0);
    diag_list_finish(&diags);
}

#define IN_WORLD(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest cases[] = {
        IN_WORLD(without_anything_there_are_defaults),
        IN_WORLD(each_layer_wins_over_the_one_before),
        IN_WORLD(an_explicit_default_wins_over_the_file),
        IN_WORLD(flags_take_their_values_in_both_forms),
        IN_WORLD(host_alone_is_every_address),
        IN_WORLD(variables_have_all_types),
        IN_WORLD(wrong_variables_are_named),
        IN_WORLD(wrong_use_names_the_nearest),
        IN_WORLD(a_folder_that_is_none_is_said),
        IN_WORLD(files_are_looked_up_by_both_names),
        IN_WORLD(errors_of_the_file_are_shown_with_place_frame_and_hint),
        IN_WORLD(reading_again_gives_what_is_wrong_as_facts_and_keeps_the_layers),
        IN_WORLD(help_lists_every_flag),
    };

    return RUN(cases);
}
