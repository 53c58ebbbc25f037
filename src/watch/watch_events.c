/* SPDX-License-Identifier: MIT */
/*
 * From "something happened to this name" to "list this folder" and "look at
 * this file". Nothing is decided here about what changed: events tell of the
 * past, and the disk is asked later.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "watch/crawl.h"
#include "watch/watch_private.h"

enum { READS_MAX = 256 }; /* buffers a call: more than the kernel's queue holds by default */

static bool is_arrival(enum folder_event_kind kind)
{
    return kind == EVENT_MADE || kind == EVENT_MOVED_HERE;
}

static bool is_departure(enum folder_event_kind kind)
{
    return kind == EVENT_GONE || kind == EVENT_MOVED_AWAY;
}

/* Whether the name is one whose content or presence decides what of its folder is watched. */
static bool is_rule(struct str name)
{
    return str_eq(name, STR(".gitignore")) || str_eq(name, STR("CACHEDIR.TAG")) ||
           str_eq(name, STR(".rustc_info.json"));
}

/* A rename within the tree comes as two events with one cookie: the old name will not come back,
 * so its absence need not be waited for. */
static void match_rename(
        struct watch *w, const struct folder_event *event, struct str path, uint64_t now_ns)
{
    if (event->kind == EVENT_MOVED_AWAY) {
        arena_reset(&w->moved_arena);
        w->moved.cookie = event->cookie;
        w->moved.path = arena_str(&w->moved_arena, path);
    } else if (event->kind == EVENT_MOVED_HERE && event->cookie != 0 &&
               event->cookie == w->moved.cookie) {
        settle_hurry(&w->settle, w->moved.path, now_ns);
    }
}

/* A link or a second name of a file has its content from the start. */
static bool is_born_whole(struct watch *w, struct str path)
{
    struct stat st;

    return watch_stat(w, path, &st, AT_SYMLINK_NOFOLLOW) &&
           (S_ISLNK(st.st_mode) || st.st_nlink > 1);
}

static void on_file_event(struct watch *w, struct tree_folder *folder,
        const struct folder_event *event, struct str path, uint64_t now_ns)
{
    enum folder_event_kind kind = event->kind;

    if (is_rule(event->name) && kind != EVENT_WRITTEN && kind != EVENT_MADE) {
        crawl_queue(w, folder, false, now_ns);
    }
    if (folder_rules_classify(&w->rules, folder, path, false) != PATH_SEEN) {
        return;
    }
    struct tree_folder *replaced = is_arrival(kind) ? dir_table_find_folder(&w->table, path) : NULL;

    if (replaced) {
        crawl_queue(w, replaced, false, now_ns);
    }
    if (kind == EVENT_MADE && is_born_whole(w, path)) {
        kind = EVENT_MOVED_HERE;
    }
    const struct pending *before = settle_find(&w->settle, path);
    bool repeated = kind == EVENT_WRITTEN && before && before->opened_ns != 0;

    if (!repeated) {
        w->event_ns = now_ns;
    }
    settle_note(&w->settle, path, kind, now_ns);
    match_rename(w, event, path, now_ns);
}

static void on_folder_event(struct watch *w, struct tree_folder *folder,
        const struct folder_event *event, struct str path, uint64_t now_ns)
{
    enum path_class class = folder_rules_classify(&w->rules, folder, path, true);
    struct tree_folder *child = dir_table_find_folder(&w->table, path);

    if (class == PATH_IGNORED) {
        return;
    }
    w->event_ns = now_ns;
    if (is_departure(event->kind) && child) {
        crawl_leave(w, child, CRAWL_GONE, now_ns);
    } else if (is_arrival(event->kind)) {
        child = child ? child : crawl_add_folder(w, folder, path, class);
        if (!child) {
            return;
        }
        child->whole = event->kind == EVENT_MOVED_HERE;
        crawl_queue(w, child, true, now_ns);
    } else if (event->kind == EVENT_TOUCHED && child) {
        crawl_queue(w, child, false, now_ns); /* perhaps it may be read now */
    }
    match_rename(w, event, path, now_ns);
}

static void on_own_event(
        struct watch *w, struct tree_folder *folder, enum folder_event_kind kind, uint64_t now_ns)
{
    if (kind == EVENT_UNWATCHED) {
        dir_table_set_watch(&w->table, folder, -1);
    }
    if (!folder->parent) {
        w->root_doubted = true;
    }
    crawl_queue(w, folder, false, now_ns);
}

static void on_lost(struct watch *w, uint64_t now_ns)
{
    struct tree_folder *root = dir_table_find_folder(&w->table, STR(""));

    w->overflows++;
    w->lost = true;
    w->root_doubted = true;
    root->lost = true;
    crawl_queue(w, root, true, now_ns);
    log_debug(LOG_WATCH, "events lost, listing the tree");
}

/* An event of the folder that holds the root. */
static void on_parent_event(struct watch *w, const struct folder_event *event)
{
    if (event->kind == EVENT_UNWATCHED) {
        w->parent_watch = -1;
        w->root_doubted = true;
    } else if (str_eq(event->name, path_name(files_root(w->files)))) {
        w->root_doubted = true;
    }
}

static void on_event(void *ctx, const struct folder_event *event)
{
    struct watch *w = ctx;
    uint64_t now_ns = sys_now_ns();

    if (event->kind == EVENT_LOST) {
        on_lost(w, now_ns);
        return;
    }
    if (git_on_event(&w->git, event, now_ns)) {
        return;
    }
    if (event->folder == w->parent_watch) {
        on_parent_event(w, event); /* which may be one of the workspace's, too */
    }
    struct tree_folder *folder = dir_table_find_watch(&w->table, event->folder);

    if (!folder) {
        return; /* queued before its watch was removed, or of the root's parent */
    }
    if (event->name.len == 0) {
        on_own_event(w, folder, event->kind, now_ns);
        return;
    }
    if (!folder->parent && w->rules.project.len > 0 && str_eq(event->name, WORKSPACE_NAME)) {
        return;
    }
    if (!folder->parent && str_eq(event->name, STR(".git"))) {
        w->git_moved = w->git_moved || is_arrival(event->kind) || is_departure(event->kind);
        return;
    }
    struct arena_mark mark = arena_get_mark(&w->scratch);
    struct str path = path_join(&w->scratch, folder->path, event->name);

    log_debug(LOG_WATCH, "event %d%s '%.*s'", (int)event->kind, event->is_dir ? " folder" : "",
            STR_FMT(path));
    if (event->is_dir) {
        on_folder_event(w, folder, event, path, now_ns);
    } else {
        on_file_event(w, folder, event, path, now_ns);
    }
    arena_rewind(&w->scratch, mark);
}

void watch_drain(struct watch *w)
{
    for (int i = 0; w->events && i < READS_MAX; i++) {
        if (events_read(w->events, on_event, w) <= 0) {
            break;
        }
    }
}
