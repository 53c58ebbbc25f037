/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TESTS_WATCH_WORLD_H
#define ORBITON_TESTS_WATCH_WORLD_H

/*
 * A watcher on a real folder with a real loop, for its tests. Nothing here
 * sleeps: each case changes files and waits for watch_sync(), and a watchdog
 * ends what hangs.
 */
#include "watch/watch.h"

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/sys.h"
#include "watch/poll.h"
#include "watch/watch_private.h"

static char root[64];
static struct files *files;
static uv_loop_t loop;
static struct watch *watch;
static struct change_set seen; /* everything handed over since the last look */
static int handed_over;        /* how many sets that were */
static bool lost_events;
static char git_note[128];
static char notice[1024];

static inline void on_changes(void *ctx, const struct change_set *set)
{
    (void)ctx;
    assert_true(set->count > 0);
    assert_true(set->first_ns > 0 && set->first_ns <= sys_now_ns());
    for (size_t i = 0; i < set->count; i++) {
        change_set_add(&seen, set->entries[i].path, set->entries[i].kind);
    }
    handed_over++;
    lost_events = lost_events || set->lost_events;
    if (set->git_note.len > 0) {
        (void)snprintf(git_note, sizeof(git_note), "%.*s", STR_FMT(set->git_note));
    }
}

static inline void on_notice(void *ctx, struct str text)
{
    (void)ctx;
    (void)snprintf(notice, sizeof(notice), "%.*s", STR_FMT(text));
}

static inline void on_sync(void *ctx)
{
    *(bool *)ctx = true;
    uv_stop(&loop); /* or this very turn would go on to wait for an event that never comes */
}

static inline void forget(void)
{
    change_set_reset(&seen);
    handed_over = 0;
    lost_events = false;
    git_note[0] = notice[0] = '\0';
}

/* Runs the loop until everything done so far has been handed over. */
static inline void settle(void)
{
    bool done = false;

    (void)alarm(60);
    watch_sync(watch, on_sync, &done);
    while (!done) {
        (void)uv_run(&loop, UV_RUN_ONCE);
    }
    (void)alarm(0);
}

static inline void hash_all(void)
{
    struct watch_stats stats;

    (void)alarm(60);
    for (watch_get_stats(watch, &stats); !stats.hashed; watch_get_stats(watch, &stats)) {
        (void)uv_run(&loop, UV_RUN_NOWAIT);
    }
    (void)alarm(0);
}

static inline void make_root(void)
{
    (void)snprintf(root, sizeof(root), "/tmp/orbiton-watch-XXXXXX");
    assert_non_null(mkdtemp(root));
    assert_int_equal(chdir(root), 0);
    assert_int_equal(files_create(str_from(root), &files), 0);
    assert_int_equal(uv_loop_init(&loop), 0);
}

static inline void start_with(struct watch_options options)
{
    options.files = files;
    options.on_changes = on_changes;
    options.on_notice = on_notice;
    options.poll_ms = options.poll_ms ? options.poll_ms : 5;
    forget();
    assert_int_equal(watch_create(&loop, &options, &watch), 0);
    settle();
    hash_all();
}

static inline void start(void)
{
    start_with((struct watch_options){ 0 });
    assert_int_equal(handed_over, 0);
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void remove_tree(const char *path)
{
    (void)nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

static inline void stop(void)
{
    watch_destroy(watch);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
    files_destroy(files);
    change_set_finish(&seen);
    assert_int_equal(chdir("/"), 0);
    remove_tree(root);
}

static inline void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(sys_write_all(fd, str_from(text)), 0);
    sys_close(fd);
}

static inline void run(const char *command)
{
    int status = system(command);

    if (status != 0) {
        fail_msg("\"%s\" ended with %d", command, status);
    }
}

static inline const char *show(void)
{
    static char text[2000];
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < seen.count && len + 100 < sizeof(text); i++) {
        struct str kind = change_kind_name(seen.entries[i].kind);

        len += (size_t)snprintf(text + len, sizeof(text) - len, "%.*s %.60s; ", STR_FMT(kind),
                seen.entries[i].path.ptr);
    }
    return text;
}

/* Settles, checks that exactly these "kind path" pairs were handed over, and forgets them. */
#define expect(...)      expect_all((const char *const[]){ __VA_ARGS__, NULL }, __LINE__)
#define expect_nothing() expect_all((const char *const[]){ NULL }, __LINE__)

static inline void expect_all(const char *const *wanted, int line)
{
    size_t count = 0;

    settle();
    for (; wanted[count]; count++) {
        struct str kind;
        struct str path;

        (void)str_cut(str_from(wanted[count]), ' ', &kind, &path);
        const struct change *change = change_set_find(&seen, path);

        if (!change || !str_eq(change_kind_name(change->kind), kind)) {
            fail_msg("line %d: wanted \"%s\", got: %s", line, wanted[count], show());
        }
    }
    if (seen.count != count) {
        fail_msg("line %d: wanted %zu paths, got: %s", line, count, show());
    }
    forget();
}

/* Whether events arrive at all here; where they do not, there is nothing to test. */
static inline bool has_events(void)
{
    char dir[] = "/tmp/orbiton-probe-XXXXXX";
    char event[4096];
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    if (fd < 0 || !mkdtemp(dir)) {
        return false;
    }
    (void)inotify_add_watch(fd, dir, IN_CREATE);
    (void)chdir(dir);
    put("probe", "1");
    bool result = read(fd, event, sizeof(event)) > 0;

    sys_close(fd);
    (void)!chdir("/");
    remove_tree(dir);
    return result;
}

#endif
