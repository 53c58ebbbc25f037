/* SPDX-License-Identifier: MIT */
/* gitignore rules: cases from its manual, and generated ones judged by git itself. */
#include "watch/ignore.h"

#include "test.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/sys.h"

static void check(const char *rules_text, const char *path, bool is_dir, enum ignore_verdict want)
{
    struct ignore_rules rules = { 0 };
    struct str text = exact_copy(str_from(rules_text));
    struct str exact = exact_copy(str_from(path));

    ignore_rules_parse(&rules, text);
    enum ignore_verdict got = ignore_rules_match(&rules, exact, is_dir);

    if (got != want) {
        fail_msg("rules \"%s\", path \"%s\": %d, not %d", rules_text, path, (int)got, (int)want);
    }
    ignore_rules_finish(&rules);
    free((void *)(uintptr_t)text.ptr);
    free((void *)(uintptr_t)exact.ptr);
}

TEST(rules_of_the_manual)
{
    static const struct {
        const char *rules;
        const char *path;
        bool is_dir;
        enum ignore_verdict want;
    } table[] = {
        { "", "a", false, IGNORE_UNDECIDED },
        { "\n\n# a\n", "# a", false, IGNORE_UNDECIDED },
        { "\\# a\n", "# a", false, IGNORE_YES },
        { "\\!a", "!a", false, IGNORE_YES },
        { "*.log", "deep/down/x.log", false, IGNORE_YES },
        { "*.log\n!keep.log", "a/keep.log", false, IGNORE_NO },
        { "!keep.log\n*.log", "a/keep.log", false, IGNORE_YES },
        { "/dist", "dist", true, IGNORE_YES },
        { "/dist", "a/dist", true, IGNORE_UNDECIDED },
        { "doc/frotz", "doc/frotz", false, IGNORE_YES },
        { "doc/frotz", "a/doc/frotz", false, IGNORE_UNDECIDED },
        { "frotz/", "a/frotz", true, IGNORE_YES },
        { "frotz/", "a/frotz", false, IGNORE_UNDECIDED },
        { "foo/*", "foo/a.json", false, IGNORE_YES },
        { "foo/*", "foo/bar/a.json", false, IGNORE_UNDECIDED },
        { "**/foo", "a/b/foo", false, IGNORE_YES },
        { "**/foo", "foo", false, IGNORE_YES },
        { "abc/**", "abc/x/y", false, IGNORE_YES },
        { "abc/**", "abc", true, IGNORE_UNDECIDED },
        { "a/**/b", "a/b", false, IGNORE_YES },
        { "a/**/b", "a/x/y/b", false, IGNORE_YES },
        { "a/**/b", "ab", false, IGNORE_UNDECIDED },
        { "x  ", "x", false, IGNORE_YES },
        { "x\\ ", "x ", false, IGNORE_YES },
        { "x\\  ", "x ", false, IGNORE_YES },
        { "x\r\n", "x", false, IGNORE_YES },
        { "\xef\xbb\xbfx", "x", false, IGNORE_YES },
        { "a?c", "abc", false, IGNORE_YES },
        { "/a?c", "a/c", false, IGNORE_UNDECIDED },
        { "[a-c]x", "bx", false, IGNORE_YES },
        { "[!a-c]x", "bx", false, IGNORE_UNDECIDED },
        { "[]a]", "]", false, IGNORE_YES },
        { "[[:digit:]]", "7", false, IGNORE_YES },
        { "[[:nope:]]", "7", false, IGNORE_UNDECIDED },
        { "[a", "[a", false, IGNORE_UNDECIDED },
        { "a\\", "a", false, IGNORE_UNDECIDED },
        { "/", "a", true, IGNORE_UNDECIDED },
        { "!", "a", true, IGNORE_UNDECIDED },
        { "a\nb", "a\nb", false, IGNORE_UNDECIDED },
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        check(table[i].rules, table[i].path, table[i].is_dir, table[i].want);
    }
}

TEST(greedy_pattern_ends_soon)
{
    char path[4000];
    struct ignore_rules rules = { 0 };

    memset(path, 'a', sizeof(path));
    ignore_rules_parse(&rules, STR("*a*a*a*a*a*a*a*a*a*a*a*a*b\n**/*a*a*a*a*a*a*a/**/b"));
    assert_int_equal(ignore_rules_match(&rules, (struct str){ path, sizeof(path) }, false),
            IGNORE_UNDECIDED);
    ignore_rules_finish(&rules);
}

TEST(droppings_of_editors)
{
    static const char *const yes[] = { "4913", ".#app.js", "#app.js#", "app.js~", ".app.js.swp",
        ".app.js.swo", ".app.js.swx", "app.js___jb_tmp___", "app.js___jb_old___",
        ".goutputstream-A1B2C3", ".DS_Store",
        "vite.config.ts.timestamp-1795995617625-611dbb61.mjs" };
    static const char *const no[] = { "app.js", "49130", "#", "#a", ".swp", "a.swf", "~a", ".a.swf",
        "sedAbC123", "vite.config.ts", "a.timestamp-1.mjs" };

    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        assert_true(ignore_is_dropping(str_from(yes[i])));
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        assert_false(ignore_is_dropping(str_from(no[i])));
    }
    assert_true(ignore_is_passing(STR("sedAbC123")));
    assert_true(ignore_is_passing(STR(".app.css.1234.tmp")));
    assert_true(ignore_is_passing(STR("app.wasm.tmpd8a6335")));
    assert_false(ignore_is_passing(STR("app.wasm.tmpd8a633")));
    assert_false(ignore_is_passing(STR("app.wasm.tmpd8a633x")));
    assert_false(ignore_is_passing(STR("d8a6335")));
    assert_false(ignore_is_passing(STR("sediment")));
    assert_false(ignore_is_passing(STR("sed.c1234")));
}

static unsigned long long seed;

static unsigned roll(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

static void add_piece(struct strbuf *b)
{
    static const char *const pieces[] = { "a", "b", "ab", "/", "/", "*", "**", "**/", "/**", "?",
        "[ab]", "[!a]", "[^b]", "[a-b]", "[b-a]", "\\a", "\\*", "\\", "[", "]", "[]a]",
        "[[:alpha:]]", "[[:x:]]", "[a-", "[\\]a]", " ", "\\ ", ".", "-", "!", "#", "***", "[/]",
        "[*]", "\\/", "[[:", "[[a]", "[a-[:digit:]]", "[:alpha:]", "\t" };

    strbuf_add(b, str_from(pieces[roll(sizeof(pieces) / sizeof(pieces[0]))]));
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

enum { ROUNDS = 60, PATHS = 60 };

/* What git does: a path is ignored if the rules say so or if a folder above it is ignored. */
static bool is_ignored(const struct ignore_rules *rules, struct str path)
{
    for (size_t i = 0; i <= path.len; i++) {
        if (i == path.len || path.ptr[i] == '/') {
            enum ignore_verdict v = ignore_rules_match(rules, str_sub(path, 0, i), i < path.len);

            if (v == IGNORE_YES) {
                return true;
            }
        }
    }
    return false;
}

TEST(generated_rules_agree_with_git)
{
    char root[] = "/tmp/orbiton-ignore-XXXXXX";
    struct strbuf patterns;
    struct strbuf paths;
    struct strbuf answer;
    const char *given = getenv("ORBITON_TEST_SEED");

    seed = given ? strtoull(given, NULL, 10) : 1;
    print_message("seed %llu\n", seed);
    assert_non_null(mkdtemp(root));
    assert_int_equal(chdir(root), 0);
    if (system("git init -q . 2>/dev/null") != 0) {
        print_message("no git here, skipped\n");
        (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        skip();
    }
    strbuf_init(&patterns, 1 << 20);
    strbuf_init(&paths, 1 << 20);
    strbuf_init(&answer, 1 << 20);
    for (int round = 0; round < ROUNDS; round++) {
        struct ignore_rules rules = { 0 };

        strbuf_reset(&patterns);
        strbuf_reset(&paths);
        strbuf_reset(&answer);
        for (unsigned i = 1 + roll(4); i > 0; i--) {
            for (unsigned j = 1 + roll(5); j > 0; j--) {
                add_piece(&patterns);
            }
            strbuf_add(&patterns, roll(9) ? STR("\n") : STR("\r\n"));
        }
        for (int i = 0; i < PATHS; i++) {
            for (unsigned j = 1 + roll(4); j > 0; j--) {
                static const char *const parts[] = { "a", "b", "ab", "aab", "c", "]", "*", "a b",
                    "!", "-", "[", "\\", "a ",
                    "."
                    "a",
                    "#", "[a", "\t" };

                strbuf_add(&paths, str_from(parts[roll(sizeof(parts) / sizeof(parts[0]))]));
                strbuf_addc(&paths, j > 1 ? '/' : '\0');
            }
        }
        put(".gitignore", strbuf_str(&patterns));
        put("paths", strbuf_str(&paths));
        /* it fails when nothing is ignored, which is an answer */
        (void)!system("git check-ignore --no-index -v -n -z --stdin <paths >answer 2>/dev/null");
        assert_int_equal(sys_read_file(STR("answer"), &answer), 0);
        ignore_rules_parse(&rules, strbuf_str(&patterns));
        struct str rest = strbuf_str(&answer);
        int seen = 0;

        while (rest.len > 0) {
            struct str source;
            struct str line;
            struct str pattern;
            struct str path;

            (void)str_cut(rest, '\0', &source, &rest);
            (void)str_cut(rest, '\0', &line, &rest);
            (void)str_cut(rest, '\0', &pattern, &rest);
            (void)str_cut(rest, '\0', &path, &rest);
            bool want = source.len > 0 && !str_starts(pattern, STR("!"));

            if (is_ignored(&rules, path) != want) {
                fail_msg("rules <<%.*s>> path <<%.*s>>: git says %d by \"%.*s\"",
                        STR_FMT(strbuf_str(&patterns)), STR_FMT(path), want, STR_FMT(pattern));
            }
            seen++;
        }
        assert_int_equal(seen, PATHS);
        ignore_rules_finish(&rules);
    }
    strbuf_finish(&patterns);
    strbuf_finish(&paths);
    strbuf_finish(&answer);
    assert_int_equal(chdir("/"), 0);
    (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(rules_of_the_manual),
        CASE(greedy_pattern_ends_soon),
        CASE(droppings_of_editors),
        CASE(generated_rules_agree_with_git),
    };

    return RUN(cases);
}
