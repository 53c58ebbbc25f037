/* SPDX-License-Identifier: MIT */
/*
 * What git is doing is read from its lock, its folders for a rebase, and the
 * last line of its log. All of that is looked at only after an event came from
 * its folder, so that a save with no git in sight costs nothing here.
 */
#include "watch/git.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/sys.h"
#include "base/vec.h"
#include "watch/git_config.h"
#include "watch/settle.h"

enum { LINK_MAX_LEN = 4096, LOG_TAIL = 4096, LEVELS_MAX = 64 };

#define LOCK_LIMIT  (10000 * SETTLE_MS)
#define STALL_LIMIT (1000 * SETTLE_MS)
#define QUIET       (30 * SETTLE_MS)  /* HEAD is written a moment after the index, */
#define QUIET_MAX   (500 * SETTLE_MS) /* or when all files were compared with that */

static int open_at(int dir_fd, struct arena *a, struct str path, int flags)
{
    return openat(dir_fd, arena_cstr(a, path), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* The text of a small file, trimmed; "" if it cannot be read. */
static struct str read_small(struct arena *a, int dir_fd, struct str path)
{
    struct strbuf text;
    struct str result = { 0 };
    int fd = open_at(dir_fd, a, path, O_RDONLY);

    strbuf_init(&text, LINK_MAX_LEN);
    if (fd >= 0 && sys_read_all(fd, &text) == 0) {
        result = arena_str(a, str_trim(strbuf_str(&text)));
    }
    strbuf_finish(&text);
    sys_close(fd);
    return result;
}

/* A descriptor of the repository's folder if `folder` has a .git, be it a folder or a file. */
static int open_repository(struct arena *a, struct str folder)
{
    struct str path = arena_printf(a, "%.*s/.git", STR_FMT(folder));
    int fd = open_at(AT_FDCWD, a, path, O_RDONLY | O_DIRECTORY);

    if (fd >= 0 || errno != ENOTDIR) {
        return fd;
    }
    struct str text = read_small(a, AT_FDCWD, path);

    if (!str_starts(text, STR("gitdir: "))) {
        return -1;
    }
    struct str target = str_skip(text, 8);

    if (!str_starts(target, STR("/"))) {
        target = arena_printf(a, "%.*s/%.*s", STR_FMT(folder), STR_FMT(target));
    }
    return open_at(AT_FDCWD, a, target, O_RDONLY | O_DIRECTORY);
}

static void watch_info(struct git *g)
{
    int fd = openat(g->common_fd, "info", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        g->info_watch = events_add_folder(g->events, fd);
        sys_close(fd);
    }
}

static void remember(struct git *g)
{
    struct arena scratch = { 0 };
    struct str head = read_small(&scratch, g->dir_fd, STR("HEAD"));

    if (!str_eq(head, g->head)) {
        g->head = arena_str(&g->arena, head);
    }
    arena_finish(&scratch);
    if (fstatat(g->dir_fd, "logs/HEAD", &g->log, 0) < 0) {
        g->log = (struct stat){ 0 };
    }
    if (fstatat(g->common_fd, "refs/stash", &g->stash, 0) < 0) {
        g->stash = (struct stat){ 0 };
    }
}

void git_open(struct git *g, struct events *events, struct str root)
{
    *g = (struct git){
        .events = events, .dir_fd = -1, .common_fd = -1, .watch = -1, .info_watch = -1
    };
    for (unsigned i = 0; i < LEVELS_MAX && g->dir_fd < 0; i++) {
        g->dir_fd = open_repository(&g->arena, root);
        g->top = arena_str(&g->arena, root);
        if (root.len == 0) {
            break;
        }
        root = str_sub(root, 0, str_rfind(root, '/'));
    }
    if (g->dir_fd < 0) {
        return;
    }
    struct str common = read_small(&g->arena, g->dir_fd, STR("commondir"));

    g->common_fd = open_at(
            g->dir_fd, &g->arena, common.len > 0 ? common : STR("."), O_RDONLY | O_DIRECTORY);
    if (events) {
        g->watch = events_add_folder(events, g->dir_fd);
        watch_info(g);
    }
    remember(g);
}

void git_close(struct git *g)
{
    if (g->watch >= 0) {
        events_remove_folder(g->events, g->watch);
    }
    if (g->info_watch >= 0) {
        events_remove_folder(g->events, g->info_watch);
    }
    sys_close(g->dir_fd);
    sys_close(g->common_fd);
    arena_finish(&g->arena);
    *g = (struct git){ .dir_fd = -1, .common_fd = -1, .watch = -1, .info_watch = -1 };
}

/* Whether something of that name begins or ends what git does to the tree. */
static bool is_telling(struct str name)
{
    static const struct str names[] = { STR_INIT("index.lock"), STR_INIT("index"),
        STR_INIT("HEAD.lock"), STR_INIT("HEAD"), STR_INIT("ORIG_HEAD"), STR_INIT("MERGE_HEAD"),
        STR_INIT("rebase-merge"), STR_INIT("rebase-apply") };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_eq(name, names[i])) {
            return true;
        }
    }
    return false;
}

static bool has(const struct git *g, const char *name)
{
    return faccessat(g->dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The index is written, or was left as it is. The event of that may be still to come. */
static void on_unlocked(struct git *g, uint64_t now_ns)
{
    uint64_t held = now_ns - g->locked_ns;

    if (g->locked_ns != 0) {
        g->quiet_ns = held < QUIET_MAX ? held : QUIET_MAX;
        g->locked_ns = 0;
        g->last_ns = now_ns;
    }
}

static void on_telling_event(struct git *g, const struct folder_event *event, uint64_t now_ns)
{
    g->active = true;
    g->last_ns = now_ns;
    if (str_eq(event->name, STR("HEAD"))) {
        g->quiet_ns = 0;
    } else if (!str_eq(event->name, STR("index.lock"))) {
        return;
    } else if (event->kind == EVENT_MADE) {
        g->locked_ns = now_ns;
    } else if (event->kind == EVENT_MOVED_AWAY || event->kind == EVENT_GONE) {
        on_unlocked(g, now_ns);
    }
}

bool git_on_event(struct git *g, const struct folder_event *event, uint64_t now_ns)
{
    if (event->folder < 0) {
        return false;
    }
    if (event->folder == g->info_watch) {
        g->exclude_changed = g->exclude_changed ||
                             (str_eq(event->name, STR("exclude")) && event->kind != EVENT_WRITTEN);
        if (event->kind == EVENT_UNWATCHED) {
            g->info_watch = -1;
        }
        return true;
    }
    if (event->folder != g->watch) {
        return false;
    }
    if (event->kind == EVENT_UNWATCHED) {
        g->watch = -1;
    } else if (is_telling(event->name)) {
        on_telling_event(g, event, now_ns);
    } else if (str_eq(event->name, STR("info")) && g->info_watch < 0) {
        watch_info(g);
        g->exclude_changed = true;
    }
    return true;
}

bool git_is_busy(struct git *g, uint64_t tree_ns, uint64_t now_ns, uint64_t *ret_until_ns)
{
    if (!g->active || g->dir_fd < 0) {
        return false;
    }
    bool locked = has(g, "index.lock");
    bool under_way = has(g, "rebase-merge") || has(g, "rebase-apply") || has(g, "MERGE_HEAD");

    if (!locked) {
        on_unlocked(g, now_ns);
    } else if (g->locked_ns == 0) {
        g->locked_ns = now_ns;
    }
    uint64_t last = tree_ns > g->last_ns ? tree_ns : g->last_ns;
    uint64_t until = g->last_ns + (g->quiet_ns > QUIET ? g->quiet_ns : QUIET);

    g->stalled = g->stalled && under_way;
    if (locked || has(g, "HEAD.lock")) {
        until = last + LOCK_LIMIT;
    } else if (under_way && !g->stalled) {
        until = last + STALL_LIMIT;
    }
    if (now_ns < until) {
        *ret_until_ns = until;
        return true;
    }
    g->active = false;
    g->quiet_ns = 0;
    g->stalled = under_way;
    return false;
}

struct str git_note_of(struct arena *a, struct str line)
{
    struct str fields;
    struct str message;
    struct str word;

    if (!str_cut(line, '\t', &fields, &message)) {
        return STR("git");
    }
    struct str rest;

    (void)str_cut(message, ':', &word, &rest);
    if (str_eq(word, STR("checkout")) && str_starts(str_trim(rest), STR("moving from "))) {
        size_t to = str_find_str(rest, STR(" to "));

        if (to != STR_NONE) {
            return arena_printf(a, "switched to branch %.*s", STR_FMT(str_skip(rest, to + 4)));
        }
    }
    if (str_find_str(word, STR("rebase")) != STR_NONE) {
        return STR("rebase");
    }
    if (str_starts(word, STR("merge")) || str_starts(word, STR("pull"))) {
        return STR("merge");
    }
    return STR("git");
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static struct str last_log_line(struct git *g, struct arena *a)
{
    char tail[LOG_TAIL];
    int fd = openat(g->dir_fd, "logs/HEAD", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    off_t from = g->log.st_size > LOG_TAIL ? g->log.st_size - LOG_TAIL : 0;
    ssize_t got = fd < 0 ? 0 : pread(fd, tail, sizeof(tail), from);

    sys_close(fd);
    struct str text = str_trim((struct str){ tail, got > 0 ? (size_t)got : 0 });
    size_t newline = str_rfind(text, '\n');

    return arena_str(a, newline == STR_NONE ? text : str_skip(text, newline + 1));
}

struct str git_take_note(struct git *g, struct arena *a)
{
    struct stat log = g->log;
    struct stat stash = g->stash;
    struct str head = g->head;

    if (g->dir_fd < 0) {
        return STR("");
    }
    remember(g);
    if (!is_same(&stash, &g->stash)) {
        return STR("stash");
    }
    if (!is_same(&log, &g->log)) {
        struct str line = last_log_line(g, a);
        struct str note = git_note_of(a, line);

        /* git's log names a commit as it names a branch; HEAD tells which it was */
        if (str_starts(note, STR("switched to branch ")) &&
                !str_starts(g->head, STR("ref: refs/heads/"))) {
            return arena_printf(a, "switched to commit %.*s", STR_FMT(str_sub(g->head, 0, 10)));
        }
        return note;
    }
    if (!str_eq(head, g->head) && str_starts(g->head, STR("ref: refs/heads/"))) {
        return arena_printf(a, "switched to branch %.*s", STR_FMT(str_skip(g->head, 16)));
    }
    return g->stalled ? STR("git") : STR("");
}

static void read_rules(struct arena *a, int dir_fd, struct str path, struct ignore_rules *rules)
{
    struct strbuf text;
    int fd = open_at(dir_fd, a, path, O_RDONLY);

    strbuf_init(&text, IGNORE_TEXT_MAX);
    if (fd >= 0) {
        (void)sys_read_all(fd, &text); /* of a longer file the beginning counts */
        ignore_rules_parse(rules, strbuf_str(&text));
    }
    strbuf_finish(&text);
    sys_close(fd);
}

void git_read_rules(struct git *g, struct str root, const char *(*env)(const char *name),
        struct folder_rules *rules)
{
    struct arena scratch = { 0 };

    g->exclude_changed = false;
    folder_rules_drop_outer(rules);
    ignore_rules_finish(&rules->exclude);
    ignore_rules_finish(&rules->global);
    if (g->dir_fd >= 0) {
        struct str below = str_skip(root, g->top.len + 1);

        rules->exclude_prefix =
                below.len > 0 ? arena_printf(&rules->arena, "%.*s/", STR_FMT(below)) : STR("");
        read_rules(&scratch, g->common_fd, STR("info/exclude"), &rules->exclude);
        if (env) {
            struct str path = git_config_excludes_file(&scratch, env, g->common_fd, g->top);

            read_rules(&scratch, AT_FDCWD, path, &rules->global);
        }
        for (struct str at = root; at.len > g->top.len;) {
            struct outer_rules outer = { 0 };

            at = str_sub(at, 0, str_rfind(at, '/'));
            read_rules(&scratch, AT_FDCWD, arena_printf(&scratch, "%.*s/.gitignore", STR_FMT(at)),
                    &outer.rules);
            outer.prefix =
                    arena_printf(&rules->arena, "%.*s/", STR_FMT(str_skip(root, at.len + 1)));
            vec_push(&rules->outer, outer);
        }
    }
    arena_finish(&scratch);
}
