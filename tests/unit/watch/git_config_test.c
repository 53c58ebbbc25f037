/* SPDX-License-Identifier: MIT */
/*
 * Git's configuration, compared with what git makes of the same files: one
 * setting out of written and of generated texts, and which paths are ignored
 * through the file that holds for all repositories.
 */
#include "watch/git_config.h"

#include "test.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/sys.h"
#include "watch/git.h"

static char root[64];
static unsigned long long seed;

static unsigned roll(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void put(const char *path, struct str bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(sys_write_all(fd, bytes), 0);
    sys_close(fd);
}

/* A folder that is home, repository and working directory; false without git. */
static bool enter(void)
{
    (void)snprintf(root, sizeof(root), "/tmp/orbiton-config-XXXXXX");
    assert_non_null(mkdtemp(root));
    assert_int_equal(chdir(root), 0);
    assert_int_equal(setenv("HOME", root, 1), 0);
    assert_int_equal(setenv("GIT_CONFIG_NOSYSTEM", "1", 1), 0);
    assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
    assert_int_equal(unsetenv("GIT_CONFIG_GLOBAL"), 0);
    return system("git init -q . 2>/dev/null && mkdir -p .config/git") == 0;
}

static void leave(void)
{
    assert_int_equal(chdir("/"), 0);
    (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *get_env(const char *name)
{
    return getenv(name);
}

/* Older versions of git make a space of a tab that is not quoted, newer ones do not. */
static bool is_same_value(struct str a, struct str b)
{
    bool same = a.len == b.len;

    for (size_t i = 0; i < a.len && same; i++) {
        same = a.ptr[i] == b.ptr[i] || (a.ptr[i] == ' ' && b.ptr[i] == '\t');
    }
    return same;
}

/* What the reader takes core.excludesFile to be: its last value, or false. */
static bool find(struct arena *a, struct str text, struct str *ret)
{
    struct git_config_reader reader = { .rest = text };
    struct git_setting setting;
    bool found = false;

    while (git_config_next(&reader, a, &setting)) {
        if (!setting.has_subsection && str_ieq(setting.section, STR("core")) &&
                str_ieq(setting.key, STR("excludesfile")) && setting.has_value) {
            *ret = setting.value;
            found = true;
        }
    }
    return found;
}

static void expect_setting(const char *text, const char *want)
{
    struct arena a = { 0 };
    struct str value = { 0 };
    struct str copy = exact_copy(str_from(text));
    bool found = find(&a, copy, &value);

    if (!want) {
        assert_false(found);
    } else {
        assert_true(found);
        assert_str(value, str_from(want));
    }
    free((void *)(uintptr_t)copy.ptr);
    arena_finish(&a);
}

TEST(values_of_the_manual)
{
    expect_setting("[core]\n\texcludesFile = ~/x\n", "~/x");
    expect_setting("[CORE] EXCLUDESFILE=a b  # c\n", "a b");
    expect_setting("[core]\nexcludesfile = \"a ; b \" ; c\n", "a ; b ");
    expect_setting("[core]\nexcludesfile = a\\\nb\n", "ab");
    expect_setting("[core]\nexcludesfile = \\\n = a\n", "= a");
    expect_setting("[core]\nexcludesfile = \"a\\\"b\\\\\"", "a\"b\\");
    expect_setting("[core]\nexcludesfile = one\nexcludesfile = two\n", "two");
    expect_setting("[core]\nexcludesfile =\n", "");
    expect_setting("\xef\xbb\xbf[core]\r\nexcludesfile = x\r\n", "x");
    expect_setting("[core \"sub\"]\nexcludesfile = x\n", NULL);
    expect_setting("[core.sub]\nexcludesfile = x\n", NULL);
    expect_setting("[other]\nexcludesfile = x\n", NULL);
    expect_setting("[core]\nexcludesfile\n", NULL);
    expect_setting("excludesfile = x\n", NULL);
    expect_setting("[core\nexcludesfile = x\n", NULL);
}

static void add_piece(struct strbuf *b)
{
    static const char *const pieces[] = { "[core]", "[core]\n", "[Core]", "[core \"s\"]", "[other]",
        "\n", "\n", "\n\t", "excludesfile", "excludesFile = ", "excludesfile=", " = ", "a", "b c",
        "\"", "\"q r\"", "\\\"", "\\\\", "\\n", "\\\n", "#", "; x", " ", "\t", "bare\n",
        "key = v\n", "[core] excludesfile = y\n", "\r\n", "~/z", "]", "[", "-", "\\x", "\\t" };

    strbuf_add(b, str_from(pieces[roll(sizeof(pieces) / sizeof(pieces[0]))]));
}

TEST(generated_texts_agree_with_git)
{
    enum { ROUNDS = 150 };
    const char *given = getenv("ORBITON_TEST_SEED");
    struct strbuf text;
    struct strbuf answer;
    int understood = 0;

    seed = given ? strtoull(given, NULL, 10) : 1;
    print_message("seed %llu\n", seed);
    if (!enter()) {
        leave();
        skip();
    }
    strbuf_init(&text, 1 << 16);
    strbuf_init(&answer, 1 << 16);
    for (int round = 0; round < ROUNDS; round++) {
        struct arena a = { 0 };
        struct str value = { 0 };

        strbuf_reset(&text);
        strbuf_reset(&answer);
        strbuf_add(&text, roll(4) ? STR("[core]\n") : STR(""));
        strbuf_add(&text, roll(2) ? STR("excludesfile = ") : STR(""));
        for (unsigned i = roll(9); i > 0; i--) {
            add_piece(&text);
        }
        strbuf_addc(&text, '\n');
        put("config", strbuf_str(&text));
        /* 0: a value; 1: none. Others mean a text that git refuses, and then so do we, or not. */
        int status =
                system("git config -f config -z --get-all core.excludesfile >answer 2>/dev/null");

        status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        assert_int_equal(sys_read_file(STR("answer"), &answer), 0);
        bool found = find(&a, strbuf_str(&text), &value);

        /* "excludesfile" alone is answered with an empty value, which here is none */
        bool bare = str_find_str(strbuf_str(&text), STR("excludesfile")) != STR_NONE && !found;

        if (status == 1 && found) {
            fail_msg("<<%.*s>>: git finds none", STR_FMT(strbuf_str(&text)));
        } else if (status == 0 && !bare) {
            struct str all = str_sub(strbuf_str(&answer), 0, answer.len - 1);
            size_t zero = str_rfind(all, '\0');
            struct str last = zero == STR_NONE ? all : str_skip(all, zero + 1);

            understood++;
            if (!found || (!is_same_value(last, value) && last.len > 0)) {
                fail_msg("<<%.*s>>: git says <<%.*s>>, not <<%.*s>>", STR_FMT(strbuf_str(&text)),
                        STR_FMT(last), STR_FMT(value));
            }
        }
        arena_finish(&a);
    }
    assert_true(understood > ROUNDS / 10);
    strbuf_finish(&text);
    strbuf_finish(&answer);
    leave();
}

/* Each path that git ignores in this repository is ignored by the rules, and no other. */
static void compare_with_git(struct str where, size_t want_ignored)
{
    static const char *const paths[] = { "a.swp", "a.keep", "sub/a.swp", "sub/x", "deep/sub/x", "b",
        "b.local", "out/a", "sub/out/a", "sub/kept.swp" };
    struct folder_rules rules = { 0 };
    struct tree_folder folder = { 0 };
    struct git git;
    size_t ignored = 0;

    git_open(&git, NULL, where);
    git_read_rules(&git, where, get_env, &rules);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        char command[256];

        (void)snprintf(command, sizeof(command), "cd '%.*s' && git check-ignore -q --no-index %s",
                STR_FMT(where), paths[i]);
        bool want = system(command) == 0;
        bool is = false;

        for (size_t at = 0; at <= strlen(paths[i]) && !is; at++) {
            if (paths[i][at] == '/' || paths[i][at] == '\0') {
                is = folder_rules_classify(&rules, &folder, str_sub(str_from(paths[i]), 0, at),
                             paths[i][at] == '/') != PATH_SEEN;
            }
        }
        ignored += want;
        if (is != want) {
            fail_msg("%s: git says %d", paths[i], want);
        }
    }
    assert_int_equal(ignored, want_ignored);
    git_close(&git);
    folder_rules_finish(&rules);
}

TEST(file_for_all_repositories_agrees_with_git)
{
    struct str top;

    if (!enter()) {
        leave();
        skip();
    }
    top = str_from(root);
    compare_with_git(top, 0);

    put(".config/git/ignore", STR("*.keep\n/sub/x\nout/\n"));
    compare_with_git(top, 4);

    put("mine", STR("*.local\n"));
    put(".gitconfig", STR("[core]\n\texcludesFile = ~/mine\n"));
    compare_with_git(top, 1);

    /* the repository's own configuration wins, and info/exclude over the file that it names */
    put("theirs", STR("b*\n*.keep\n"));
    put(".git/info/exclude", STR("!b\n"));
    assert_int_equal(system("git config core.excludesFile theirs"), 0);
    compare_with_git(top, 2);

    assert_int_equal(system("git config --unset core.excludesFile && rm .git/info/exclude"), 0);
    put("more", STR("[core]\nexcludesfile = \"~/with space\"\n"));
    put("with space", STR("b\n"));
    put(".gitconfig", STR("[include]\npath = more\n"));
    compare_with_git(top, 1);

    /* files that include one another end */
    put("more", STR("[include]\npath = more\n[core]\nexcludesfile = ~/mine\n"));
    struct arena a = { 0 };
    struct str found = git_config_excludes_file(&a, get_env, -1, top);

    assert_true(str_ends(found, STR("/mine")));
    arena_finish(&a);

    put(".gitconfig", STR("[core]\nexcludesfile =\n"));
    compare_with_git(top, 0);

    put("other", STR("[core]\nexcludesfile = ~/mine\n"));
    assert_int_equal(setenv("GIT_CONFIG_GLOBAL", "other", 1), 0);
    compare_with_git(top, 1);
    assert_int_equal(unsetenv("GIT_CONFIG_GLOBAL"), 0);

    /* as seen from a folder below the repository's top */
    char below[80];

    assert_int_equal(system("mkdir sub xdg xdg/git && rm .gitconfig"), 0);
    assert_int_equal(setenv("XDG_CONFIG_HOME", "xdg", 1), 0);
    put("xdg/git/ignore", STR("/sub/b\nb.local\n"));
    (void)snprintf(below, sizeof(below), "%s/sub", root);
    char absolute[80];

    (void)snprintf(absolute, sizeof(absolute), "%s/xdg", root);
    assert_int_equal(setenv("XDG_CONFIG_HOME", absolute, 1), 0);
    compare_with_git(str_from(below), 2);
    assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
    leave();
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(values_of_the_manual),
        CASE(generated_texts_agree_with_git),
        CASE(file_for_all_repositories_agrees_with_git),
    };

    return RUN(cases);
}
