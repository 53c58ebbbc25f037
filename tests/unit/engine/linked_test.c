/* SPDX-License-Identifier: MIT */
/*
 * Which files behind a linked folder a change set is taken to have changed. The files are real; what
 * the watcher says is said here (its functions are wrapped).
 */
#include "engine/state.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/sys.h"
#include "base/vec.h"
#include "test.h"

static struct engine engine;
static struct change_set set;
static char root[64];
static bool is_written; /* somebody is at "dark/a.css" */
static const char *ignored;
static bool has_links;

bool __wrap_watch_has_folder_links(const struct watch *);
bool __wrap_watch_is_behind_link(const struct watch *, struct str);
bool __wrap_watch_is_link(const struct watch *, struct str);
bool __wrap_watch_ignores(struct watch *, struct str, bool);
bool __wrap_watch_is_unfinished(struct watch *, struct str, const struct file_facts *);

bool __wrap_watch_has_folder_links(const struct watch *watch)
{
    (void)watch;
    return has_links;
}

bool __wrap_watch_is_behind_link(const struct watch *watch, struct str path)
{
    (void)watch;
    return has_links && path_is_below(path, STR("skin"));
}

bool __wrap_watch_is_link(const struct watch *watch, struct str path)
{
    (void)watch;
    return has_links && (str_eq(path, STR("skin")) || str_eq(path, STR("other")));
}

bool __wrap_watch_ignores(struct watch *watch, struct str path, bool is_dir)
{
    (void)watch;
    (void)is_dir;
    return ignored && str_eq(path, str_from(ignored));
}

bool __wrap_watch_is_unfinished(
        struct watch *watch, struct str path, const struct file_facts *found)
{
    (void)watch;
    assert_non_null(found);
    return is_written && str_eq(path, STR("dark/a.css"));
}

static void put(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    sys_close(fd);
}

static int begin(void **state)
{
    static const struct str paths[] = { STR_INIT("main.js"), STR_INIT("skin/a.css"),
        STR_INIT("skin/b.css") };

    (void)state;
    engine = (struct engine){ .watch = (struct watch *)&engine };
    set = (struct change_set){ 0 };
    is_written = false;
    ignored = NULL;
    has_links = true;
    (void)snprintf(root, sizeof(root), "/tmp/orbiton-linked-XXXXXX");
    assert_non_null(mkdtemp(root));
    assert_int_equal(chdir(root), 0);
    assert_int_equal(mkdir("dark", 0755), 0);
    put("dark/a.css");
    put("dark/b.css");
    assert_int_equal(symlink("dark", "skin"), 0);
    assert_int_equal(files_create(str_from(root), &engine.files), 0);
    engine.fs = fs_real(engine.files);
    engine.pages = pages_create(NULL);
    struct page *page = pages_add(engine.pages, 1);

    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        struct version runs = { .known = true, .exists = true };

        assert_true(page_register(engine.pages, page, paths[i], paths[i], runs));
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    pages_destroy(engine.pages);
    files_destroy(engine.files);
    change_set_finish(&set);
    vec_finish(&engine.doubts);
    arena_finish(&engine.turn);
    (void)unlink("skin");
    assert_int_equal(unlink("dark/a.css"), 0);
    assert_int_equal(unlink("dark/b.css"), 0);
    assert_int_equal(rmdir("dark"), 0);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(root), 0);
    return 0;
}

/* That these are found, in this order, when `path` alone has changed. */
static void expect(const char *path, enum change_kind kind, const char *expected)
{
    struct strbuf found;

    change_set_reset(&set);
    change_set_add(&set, str_from(path), kind);
    struct linked linked = linked_find(&engine, &set);

    strbuf_init(&found, 1024);
    for (size_t i = 0; i < linked.count; i++) {
        strbuf_addf(&found, "%s%.*s", i > 0 ? " " : "", STR_FMT(linked.paths[i]));
    }
    assert_str(strbuf_str(&found), str_from(expected));
    strbuf_finish(&found);
}

TEST(a_file_behind_a_link_changes_with_its_own_name)
{
    expect("dark/a.css", CHANGE_MODIFIED, "skin/a.css");
    expect("dark/b.css", CHANGE_CREATED, "skin/b.css");
    expect("dark/b.css", CHANGE_SAME, "");
    expect("main.js", CHANGE_MODIFIED, "");
}

TEST(all_of_them_change_with_a_link)
{
    expect("skin", CHANGE_MODIFIED, "skin/a.css skin/b.css");
    expect("other", CHANGE_MODIFIED, "skin/a.css skin/b.css"); /* may be on the way */
    assert_int_equal(unlink("skin"), 0);
    has_links = false;
    expect("skin", CHANGE_DELETED, "skin/a.css skin/b.css");
    expect("main.js", CHANGE_MODIFIED, ""); /* nothing is behind a link by now */
}

TEST(what_is_not_watched_by_its_own_name_is_always_looked_at)
{
    ignored = "dark/b.css";
    expect("main.js", CHANGE_MODIFIED, "skin/b.css");
}

TEST(what_somebody_writes_is_left_to_its_announcement)
{
    is_written = true;
    expect("dark/a.css", CHANGE_MODIFIED, "");
    expect("skin", CHANGE_MODIFIED, "skin/b.css");
    assert_true(doubts_holds(&engine, STR("dark/a.css")));
    is_written = false;
    expect("dark/a.css", CHANGE_MODIFIED, "skin/a.css");
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test_setup_teardown(a_file_behind_a_link_changes_with_its_own_name, begin, end),
        cmocka_unit_test_setup_teardown(all_of_them_change_with_a_link, begin, end),
        cmocka_unit_test_setup_teardown(
                what_is_not_watched_by_its_own_name_is_always_looked_at, begin, end),
        cmocka_unit_test_setup_teardown(
                what_somebody_writes_is_left_to_its_announcement, begin, end),
    };

    return RUN(cases);
}
