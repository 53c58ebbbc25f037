/* SPDX-License-Identifier: MIT */
/*
 * What a page registers is compared with the file, which somebody may be writing: the writer strikes
 * here between the look at the file and the reading of it (modules_refresh() is wrapped).
 * And what it ran once comes back under a number of its own. And what another page registers takes no
 * news from it.
 */
#include "engine/state.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/vec.h"
#include "modules/modules.h"
#include "resolve/fs.h"
#include "test.h"

static struct engine engine;
static char root[64];
static struct page *page;
static const char *written; /* what the writer leaves; NULL: nobody writes */
static const struct str whole = STR_INIT("export const a = 1;\n");

struct edition *__real_modules_refresh(struct modules *, struct node *, struct arena *);
struct edition *__wrap_modules_refresh(struct modules *, struct node *, struct arena *);
bool __wrap_watch_is_unfinished(struct watch *, struct str, const struct file_facts *);
void __wrap_dev_server_send(struct dev_server *, page_id, struct blob *);

static void put(const char *text)
{
    int fd = open("a.js", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(sys_write_all(fd, str_from(text)), 0);
    sys_close(fd);
}

struct edition *__wrap_modules_refresh(struct modules *m, struct node *node, struct arena *a)
{
    if (written) {
        put(written);
    }
    return __real_modules_refresh(m, node, a);
}

/* As the watcher says of fresh bytes that no event has told of. */
bool __wrap_watch_is_unfinished(
        struct watch *watch, struct str path, const struct file_facts *found)
{
    (void)watch;
    (void)path;
    return written && !(found && hash_eq(found->hash, hash_bytes(whole)));
}

static struct {
    size_t count;
    page_id last;
} sent;

void __wrap_dev_server_send(struct dev_server *server, page_id to, struct blob *text)
{
    (void)server;
    (void)text;
    sent.count++;
    sent.last = to;
}

static int begin(void **state)
{
    (void)state;
    engine = (struct engine){ .watch = (struct watch *)&engine };
    written = NULL;
    sent.count = 0;
    (void)snprintf(root, sizeof(root), "/tmp/orbiton-register-XXXXXX");
    assert_non_null(mkdtemp(root));
    assert_int_equal(chdir(root), 0);
    assert_int_equal(files_create(str_from(root), &engine.files), 0);
    engine.fs = fs_real(engine.files);
    engine.graph = graph_create();
    engine.pages = pages_create(engine.graph);
    engine.modules = modules_create(&(struct modules_options){ .files = engine.files,
            .graph = engine.graph,
            .fs = &engine.fs,
            .hmr = true,
            .is_unfinished = doubts_is_unfinished,
            .ctx = &engine });
    page = pages_add(engine.pages, 1);
    put(whole.ptr);
    return 0;
}

static int end(void **state)
{
    (void)state;
    pages_destroy(engine.pages);
    modules_destroy(engine.modules);
    graph_destroy(engine.graph);
    files_destroy(engine.files);
    vec_finish(&engine.doubts);
    arena_finish(&engine.turn);
    assert_int_equal(unlink("a.js"), 0);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(root), 0);
    return 0;
}

/* The page says that it runs the text; whether there is something to tell it. */
static bool is_behind(struct str text)
{
    struct message_loaded loaded = { .url = STR("/a.js"),
        .version = { .known = true, .exists = true, .hash = hash_bytes(text) } };
    bool kept;
    struct version now =
            modules_turn_register(&engine, page, &loaded, STR("a.js"), STR(""), true, &kept);

    assert_non_null(page_find_module(page, STR("/a.js")));
    return kept && !version_eq(now, loaded.version);
}

TEST(what_a_page_runs_is_compared_with_the_file)
{
    assert_false(is_behind(whole));
    assert_true(is_behind(STR("export const a = 0;\n")));
    assert_int_equal(engine.doubts.count, 0);
}

TEST(half_of_a_file_that_is_being_written_is_no_news)
{
    written = "export const";
    assert_false(is_behind(whole));
    assert_true(doubts_holds(&engine, STR("a.js"))); /* its announcement will count */
}

TEST(an_emptied_file_is_no_news)
{
    written = "";
    assert_false(is_behind(whole));
    assert_true(doubts_holds(&engine, STR("a.js")));
}

TEST(what_is_announced_after_that_is_compared_again)
{
    struct change_set set = { 0 };

    written = "";
    assert_false(is_behind(whole));
    written = NULL;
    put("export const a = 23;\n");
    change_set_add(&set, STR("a.js"), CHANGE_SAME);
    assert_int_equal(doubts_settle(&engine, &set).entries[0].kind, CHANGE_MODIFIED);
    assert_true(is_behind(whole));
    change_set_finish(&set);
}

/* The page ran it, and has cleaned it up as of transaction `seq`, which page `by` has taken back, or none. */
static void register_pruned(const char *url, uint64_t seq, uint64_t by)
{
    struct message_loaded loaded = {
        .url = str_from(url), .pruned = true, .stamp = { .seq = seq, .page = by }
    };

    modules_turn_register_pruned(&engine, &loaded, str_from(url + 1));
    graph_collect(engine.graph);
}

TEST(what_was_pruned_keeps_its_number_after_a_restart)
{
    register_pruned("/a.js", 9, 0);

    assert_int_equal(node_stamp(graph_find(engine.graph, STR("/a.js"))), 9);
    assert_int_equal(engine.seq, 9); /* the next one is newer, whatever it is of */
    assert_null(page_find_module(page, STR("/a.js")));
}

TEST(an_older_number_of_what_was_pruned_takes_nothing_back)
{
    register_pruned("/a.js", 9, 0);
    register_pruned("/a.js", 4, 0);

    assert_int_equal(node_stamp(graph_find(engine.graph, STR("/a.js"))), 9);
    assert_int_equal(engine.seq, 9);
}

TEST(a_number_that_was_taken_back_is_used_up_and_one_that_is_too_large_is_none)
{
    register_pruned("/a.js", 9, 3);
    register_pruned("/a.js", UINT64_MAX, 0);

    assert_int_equal(node_stamp(graph_find(engine.graph, STR("/a.js"))), 0);
    assert_int_equal(engine.seq, 9);
}

TEST(what_is_no_module_has_no_number)
{
    register_pruned("/style.css", 9, 0);

    const struct node *node = graph_find(engine.graph, STR("/style.css"));

    assert_true(!node || node_stamp(node) == 0);
    assert_int_equal(engine.seq, 0);
}

TEST(a_page_that_is_whole_again_is_told_though_another_one_has_just_registered)
{
    const struct page *other = pages_add(engine.pages, 2);

    page_set_faulty(page, true);
    modules_turn_after(&engine, other, NULL, 0);
    assert_int_equal(sent.count, 0);
    modules_turn_after(&engine, NULL, NULL, 0);
    assert_int_equal(sent.count, 1);
    assert_int_equal(sent.last, 1);
    modules_turn_after(&engine, NULL, NULL, 0);
    assert_int_equal(sent.count, 1);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test_setup_teardown(what_a_page_runs_is_compared_with_the_file, begin, end),
        cmocka_unit_test_setup_teardown(
                half_of_a_file_that_is_being_written_is_no_news, begin, end),
        cmocka_unit_test_setup_teardown(an_emptied_file_is_no_news, begin, end),
        cmocka_unit_test_setup_teardown(what_is_announced_after_that_is_compared_again, begin, end),
        cmocka_unit_test_setup_teardown(
                what_was_pruned_keeps_its_number_after_a_restart, begin, end),
        cmocka_unit_test_setup_teardown(
                an_older_number_of_what_was_pruned_takes_nothing_back, begin, end),
        cmocka_unit_test_setup_teardown(
                a_number_that_was_taken_back_is_used_up_and_one_that_is_too_large_is_none, begin,
                end),
        cmocka_unit_test_setup_teardown(what_is_no_module_has_no_number, begin, end),
        cmocka_unit_test_setup_teardown(
                a_page_that_is_whole_again_is_told_though_another_one_has_just_registered, begin,
                end),
    };

    return RUN(cases);
}
