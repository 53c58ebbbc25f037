/* SPDX-License-Identifier: MIT */
/*
 * The watcher's face and its one step: read events, list folders, look at
 * files, hand over. The step runs when events arrive, when something is due, and
 * in slices while there is work; with nothing to do no handle but the poll on the
 * kernel's queue is active, so an idle watcher costs nothing.
 *
 * When a set goes out:
 *
 *     one path, nothing else afoot      at once
 *     a burst                           10 ms after the last event, at most 250 ms
 *     a path in it is being rewritten   when its writer is done (same limit)
 *     git is at work                    when git is done (git.h)
 *     a listing is under way            when it is complete
 */
#include "watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "base/vec.h"
#include "watch/crawl.h"
#include "watch/watch_private.h"

enum { POLL_MS = 1000 };

#define SLICE       (4 * SETTLE_MS) /* of work an iteration, so that requests are answered */
#define BURST_QUIET (10 * SETTLE_MS)
#define BURST_LIMIT (250 * SETTLE_MS)
#define UNTOLD_MAX  (2000 * SETTLE_MS) /* the event of a write is never later than this */
#define BURST_GAP   (20 * SETTLE_MS)   /* a second set sooner than this is a burst, too */

void watch_notice(struct watch *w, const char *format, ...)
{
    struct strbuf text;
    va_list args;

    strbuf_init(&text, 8192);
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    log_debug(LOG_WATCH, "%.*s", STR_FMT(strbuf_str(&text)));
    if (w->on_notice && !w->closing) {
        w->on_notice(w->ctx, strbuf_str(&text));
    }
    strbuf_finish(&text);
}

/* Whether a path of the set is being written again, or a path is about to join it. */
static bool is_unfinished(const struct watch *w, uint64_t now_ns)
{
    for (const struct pending *p = w->settle.items; p; p = p->hh.next) {
        if (p->gone || p->due_ns <= now_ns + BURST_QUIET || now_ns - p->first_ns < BURST_QUIET ||
                change_set_find(&w->set, p->path)) {
            return true;
        }
    }
    return false;
}

/* Whether folders wait to be listed; while there is no root, none can be. */
static bool is_listing(const struct watch *w)
{
    return w->table.to_list && !w->root_lost;
}

/* Whether the set may go out now; if not, *ret_at is when to ask again (or an event will tell). */
static bool may_hand_over(struct watch *w, uint64_t now_ns, uint64_t *ret_at)
{
    if (git_is_busy(&w->git, w->event_ns, now_ns, ret_at)) {
        return false;
    }
    if (w->set.count == 0 || w->lost || (w->listed && is_listing(w))) {
        return false;
    }
    if (settle_next_ns(&w->settle) <= now_ns) {
        return false; /* paths wait only for us to look at them: the limit is for slow writers */
    }
    bool unfinished = is_unfinished(w, now_ns);

    if (w->set.count == 1 && !unfinished && now_ns - w->handed_over_ns >= BURST_GAP) {
        return true;
    }
    uint64_t limit = w->committed_ns + BURST_LIMIT;
    uint64_t quiet = w->event_ns + BURST_QUIET;

    if (now_ns >= limit || (now_ns >= quiet && !unfinished)) {
        return true;
    }
    quiet = quiet > now_ns ? quiet : now_ns + BURST_QUIET;
    *ret_at = quiet < limit ? quiet : limit;
    return false;
}

static void hand_over(struct watch *w)
{
    struct change_set set;

    watch_look_at_links(w);
    set = w->set;
    w->set = w->spare;
    w->linked_changes = 0;
    w->handed_over_ns = sys_now_ns();
    log_debug(LOG_WATCH, "%zu paths handed over", set.count);
    if (set.count > 0) {
        w->on_changes(w->ctx, &set);
    }
    change_set_reset(&set);
    w->spare = set;
}

/* Takes note of what git did as soon as it is quiet, even if it changed no file. */
static struct str take_git_note(struct watch *w, bool was_active)
{
    return was_active && !w->git.active ? git_take_note(&w->git, &w->set.arena) : STR("");
}

static void read_git_rules(struct watch *w)
{
    git_read_rules(&w->git, files_root(w->files), w->env, &w->rules);
    crawl_queue(w, dir_table_find_folder(&w->table, STR("")), true, sys_now_ns());
}

static void watch_parent(struct watch *w)
{
    struct str root = files_root(w->files);

    if (!w->events || root.len == 0 || w->parent_watch >= 0) {
        return;
    }
    struct str parent = str_sub(root, 0, str_rfind(root, '/') + 1);
    int fd = open(arena_cstr(&w->scratch, parent), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        w->parent_watch = events_add_parent(w->events, fd);
        sys_close(fd);
    }
}

/* The root is gone with all its folders, but not the workspace around it. */
static void leave_all(struct watch *w, struct tree_folder *root)
{
    struct tree_folder *next;

    for (struct tree_folder *folder = root->folders; folder; folder = next) {
        next = folder->next;
        if (w->rules.project.len == 0 || !str_eq(folder->path, WORKSPACE_NAME)) {
            crawl_leave(w, folder, CRAWL_GONE, sys_now_ns());
        }
    }
}

/* Looks whether the root's path still leads to the folder that is watched. */
static void check_root(struct watch *w)
{
    struct tree_folder *root = dir_table_find_folder(&w->table, STR(""));
    struct str path = files_root(w->files);
    struct stat now;
    struct stat ours;

    w->root_doubted = false;
    watch_parent(w);
    if (stat(path.len > 0 ? arena_cstr(&w->scratch, path) : "/", &now) < 0 ||
            !S_ISDIR(now.st_mode)) {
        if (!w->root_lost) {
            w->root_lost = true;
            leave_all(w, root);
            for (struct tree_file *file = root->files; file; file = file->next) {
                settle_note(&w->settle, file->path, EVENT_GONE, sys_now_ns());
            }
            watch_notice(
                    w, "the folder '%.*s' is gone; waiting for it to come back", STR_FMT(path));
        }
        return;
    }
    bool is_other = fstat(files_root_fd(w->files), &ours) < 0 || ours.st_ino != now.st_ino ||
                    ours.st_dev != now.st_dev;

    if (!w->root_lost && !is_other) {
        return;
    }
    if (files_reopen(w->files) < 0) {
        w->root_doubted = true; /* gone again */
        return;
    }
    if (w->root_lost) {
        watch_notice(w, "the folder '%.*s' is back", STR_FMT(path));
    }
    w->root_lost = false;
    w->git_moved = true;
    root->lost = true;
    w->lost = true;
    crawl_queue(w, root, true, sys_now_ns());
}

static void reopen_git(struct watch *w)
{
    w->git_moved = false;
    git_close(&w->git);
    git_open(&w->git, w->events, files_root(w->files));
    read_git_rules(w);
}

static void list_slice(struct watch *w, uint64_t end_ns)
{
    while (!w->root_lost && crawl_one(w) && sys_now_ns() < end_ns) {
        continue;
    }
    if (is_listing(w)) {
        return;
    }
    if (!w->listed) {
        log_debug(LOG_WATCH, "%u files in %u folders", HASH_COUNT(w->table.files),
                HASH_COUNT(w->table.folders));
    }
    w->listed = true;
    if (w->lost) {
        w->lost = false;
        w->set.lost_events = true;
    }
}

/* Looks at what is due; then reads the queue once more, so that a file whose writer began again
 * while we looked is seen to be unfinished before its set can go out. */
static void look_slice(struct watch *w, uint64_t end_ns)
{
    struct pending *p;
    bool looked = false;

    while ((p = settle_find_due(&w->settle, sys_now_ns()))) {
        looked = true;
        if (watch_look_at(w, p)) {
            settle_remove(&w->settle, p);
        }
        if (sys_now_ns() >= end_ns) {
            break;
        }
    }
    if (looked) {
        watch_drain(w);
    }
}

static bool is_synced(const struct watch *w, const struct sync *sync)
{
    if (sync->at_ns == 0 || !w->listed || w->lost || is_listing(w) ||
            (w->set.count > 0 && w->set.first_ns <= sync->at_ns)) {
        return false;
    }
    for (const struct pending *p = w->settle.items; p; p = p->hh.next) {
        if (p->first_ns <= sync->at_ns) {
            return false;
        }
    }
    return true;
}

static void run_syncs(struct watch *w)
{
    for (size_t i = 0; i < w->syncs.count && !w->closing;) {
        struct sync sync = w->syncs.items[i];

        if (is_synced(w, &sync)) {
            vec_remove(&w->syncs, i);
            sync.fn(sync.ctx);
        } else {
            i++;
        }
    }
}

/* Gives the syncs that came since the last step their time, now that the queue was read dry. */
static void stamp_syncs(struct watch *w)
{
    for (size_t i = 0; i < w->syncs.count; i++) {
        if (w->syncs.items[i].at_ns == 0) {
            crawl_queue_polled(w);
            w->syncs.items[i].at_ns = sys_now_ns();
        }
    }
}

static void step(struct watch *w);

static void on_timer(uv_timer_t *timer)
{
    step(timer->data);
}

static void on_idle(uv_idle_t *idle)
{
    step(idle->data);
}

static void on_poll_timer(uv_timer_t *timer)
{
    struct watch *w = timer->data;

    w->root_doubted = true;
    crawl_queue_polled(w);
    step(w);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status; /* an error shows again when the queue is read */
    (void)events;
    step(poll->data);
}

static bool has_new_sync(const struct watch *w)
{
    return w->syncs.count > 0 && w->syncs.items[w->syncs.count - 1].at_ns == 0;
}

/* Arranges to be called again when there is something to do. uv_*_start() on an open handle
 * cannot fail, hence the casts. */
static void arm(struct watch *w, uint64_t at_ns)
{
    uint64_t now = sys_now_ns();
    uint64_t due = settle_next_ns(&w->settle);
    bool polls = w->table.polled > 0 || w->root_lost ||
                 (w->parent_watch < 0 && files_root(w->files).len > 0);

    due = at_ns < due ? at_ns : due;
    if (is_listing(w) || w->table.to_hash || w->git_moved || due <= now || has_new_sync(w)) {
        (void)uv_idle_start(&w->idle, on_idle);
    } else {
        (void)uv_idle_stop(&w->idle);
    }
    if (due != UINT64_MAX && due > now) {
        uv_update_time(w->loop);
        (void)uv_timer_start(&w->timer, on_timer, (due - now + SETTLE_MS - 1) / SETTLE_MS, 0);
    } else {
        (void)uv_timer_stop(&w->timer);
    }
    if (!polls) {
        (void)uv_timer_stop(&w->poll_timer);
    } else if (!uv_is_active((uv_handle_t *)&w->poll_timer)) {
        (void)uv_timer_start(&w->poll_timer, on_poll_timer, w->poll_ms, w->poll_ms);
    }
}

static void step(struct watch *w)
{
    uint64_t end = sys_now_ns() + SLICE;
    uint64_t at = UINT64_MAX;

    if (w->closing) {
        return;
    }
    watch_drain(w);
    if (w->root_doubted) {
        check_root(w);
    }
    if (w->git_moved) {
        reopen_git(w);
    } else if (w->git.exclude_changed) {
        read_git_rules(w);
    }
    stamp_syncs(w);
    list_slice(w, end);
    look_slice(w, end);
    bool git_was_active = w->git.active;
    bool ready = may_hand_over(w, sys_now_ns(), &at);
    struct str note = take_git_note(w, git_was_active);

    if (note.len > 0) {
        w->set.git_note = note;
    }
    if (ready) {
        hand_over(w);
    } else if (w->set.count == 0 && (w->set.git_note.len > 0 || w->set.lost_events) &&
               settle_count(&w->settle) == 0 && !is_listing(w)) {
        change_set_reset(&w->set); /* nothing that is watched was changed after all */
    }
    while (!w->closing && w->table.to_hash && !w->table.to_list && w->set.count == 0 &&
            sys_now_ns() < end) {
        watch_hash_one(w);
    }
    run_syncs(w);
    if (!w->closing) {
        arena_reset(&w->scratch);
        arm(w, at);
    }
}

static void add_handle(struct watch *w, uv_handle_t *handle)
{
    handle->data = w;
    w->open_handles++;
}

static void read_options(struct watch *w, const struct watch_options *options)
{
    struct folder_rules *r = &w->rules;

    for (size_t i = 0; i < options->ignore_count; i++) {
        ignore_rules_parse(&r->options, options->ignore[i]);
    }
    r->unignore = arena_array(&r->unignore_arena, struct str, options->unignore_count);
    for (size_t i = 0; i < options->unignore_count; i++) {
        struct str path;

        if (path_normalise(&r->unignore_arena, options->unignore_paths[i], &path) && path.len > 0) {
            r->unignore[r->unignore_count++] = arena_str(&r->unignore_arena, path);
        }
    }
}

static void find_project(struct watch *w)
{
    struct str inner;

    if (workspace_cut(files_within(w->files), &inner)) {
        w->rules.project = arena_printf(&w->rules.arena, "%.*s/", STR_FMT(inner));
    }
}

void watch_wake(struct watch *w)
{
    (void)uv_idle_start(&w->idle, on_idle); /* fails for closed handles only */
}

uint64_t watch_file_clock_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_REALTIME_COARSE, &t); /* cannot fail for this clock */
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int watch_create(uv_loop_t *loop, const struct watch_options *options, struct watch **ret)
{
    struct watch *w = mem_new(struct watch);
    int result = events_open(&w->events);

    if (result < 0 && result != -EMFILE) {
        free(w);
        return result;
    }
    w->loop = loop;
    w->files = options->files;
    w->on_changes = options->on_changes;
    w->on_notice = options->on_notice;
    w->ctx = options->ctx;
    w->env = options->env;
    w->poll_ms = options->poll_ms > 0 ? options->poll_ms : POLL_MS;
    w->parent_watch = -1;
    w->start_wall_ns = UINT64_MAX;
    if (w->events) {
        result = uv_poll_init(loop, &w->poll, events_fd(w->events));
        if (result < 0) {
            events_close(w->events);
            free(w);
            return result;
        }
        add_handle(w, (uv_handle_t *)&w->poll);
        (void)uv_poll_start(&w->poll, UV_READABLE, on_readable); /* fails for closed handles only */
    }
    (void)uv_timer_init(loop, &w->timer); /* these three always return 0 */
    (void)uv_timer_init(loop, &w->poll_timer);
    (void)uv_idle_init(loop, &w->idle);
    add_handle(w, (uv_handle_t *)&w->timer);
    add_handle(w, (uv_handle_t *)&w->poll_timer);
    add_handle(w, (uv_handle_t *)&w->idle);
    read_options(w, options);
    find_project(w);
    dir_table_add_folder(&w->table, NULL, STR(""))->fresh = true;
    git_open(&w->git, w->events, files_root(w->files));
    read_git_rules(w);
    watch_parent(w);
    /* a small tree is known when this returns, a large one is begun */
    crawl_some(w);
    list_slice(w, sys_now_ns() + SLICE);
    w->start_wall_ns = watch_file_clock_ns();
    arm(w, UINT64_MAX);
    if (!w->events) {
        watch_notice(w,
                "no inotify instance left, so everything is polled every %u ms; raise "
                "fs.inotify.max_user_instances",
                w->poll_ms);
    }
    *ret = w;
    return 0;
}

void watch_sync(struct watch *watch, watch_sync_fn fn, void *ctx)
{
    struct sync sync = { .fn = fn, .ctx = ctx };

    vec_push(&watch->syncs, sync);
    if (!watch->closing) {
        watch_wake(watch);
    }
}

void watch_set_rules(struct watch *watch, const struct watch_options *options)
{
    struct folder_rules *r = &watch->rules;

    ignore_rules_finish(&r->options);
    r->options = (struct ignore_rules){ 0 };
    arena_reset(&r->unignore_arena);
    r->unignore_count = 0;
    read_options(watch, options);
    crawl_queue(watch, dir_table_find_folder(&watch->table, STR("")), true, sys_now_ns());
    arm(watch, UINT64_MAX);
}

/* Whether this is not the content that is known; or, while none is, not the file that was listed. */
static bool is_news(const struct tree_file *file, const struct file_facts *found)
{
    if (file->hashed) {
        return !hash_eq(file->hash, found->hash);
    }
    return !file->is_link && !file->unreadable &&
           (file->size != found->size || file->mtime_ns != found->mtime_ns);
}

/* Bytes that were not announced, and of which no event has told yet. The close of a save tells of
 * all bytes but those of the next one, which may have cut the file already. */
static bool is_ahead_of_events(
        const struct watch *w, struct str path, const struct file_facts *found, bool saved)
{
    const struct tree_file *file = dir_table_find_file(&w->table, path);
    uint64_t now = sys_wall_ns();

    if (!found || !file || !file->exists || !is_news(file, found)) {
        return false;
    }
    /* a file that is cut may have its old time for a moment */
    return found->size == 0 ||
           (!saved && (found->mtime_ns <= now ? now - found->mtime_ns : found->mtime_ns - now) <
                              UNTOLD_MAX);
}

bool watch_is_unfinished(struct watch *watch, struct str path, const struct file_facts *found)
{
    if (watch->closing) {
        return false;
    }
    struct arena_mark mark = arena_get_mark(&watch->scratch);

    watch_drain(watch);
    arena_rewind(&watch->scratch, mark);
    const struct pending *p = settle_find(&watch->settle, path);

    if (settle_count(&watch->settle) > 0 || watch->table.to_list || watch->git_moved ||
            watch->root_doubted) {
        watch_wake(watch); /* the poll will not tell of what was read */
    }
    return (p && (p->opened_ns != 0 || p->gone)) ||
           is_ahead_of_events(watch, path, found, p != NULL);
}

bool watch_find_hash(const struct watch *watch, struct str path, struct hash *ret)
{
    const struct tree_file *file = dir_table_find_file(&watch->table, path);

    if (!file || !file->exists || !file->hashed) {
        return false;
    }
    *ret = file->hash;
    return true;
}

bool watch_has_folder_links(const struct watch *watch)
{
    const struct tree_file *file = watch->table.links;

    while (file && !file->to_folder) {
        file = file->link_next;
    }
    return file != NULL;
}

bool watch_is_behind_link(const struct watch *watch, struct str path)
{
    for (struct str up = path_parent(path); up.len > 0; up = path_parent(up)) {
        const struct tree_file *file = dir_table_find_file(&watch->table, up);

        if (file && file->to_folder) {
            return true;
        }
    }
    return false;
}

bool watch_is_link(const struct watch *watch, struct str path)
{
    const struct tree_file *file = dir_table_find_file(&watch->table, path);

    return file && file->is_link;
}

static bool holds_cache(struct watch *watch, struct str folder)
{
    struct stat st;

    return watch_stat(watch, path_join(&watch->scratch, folder, STR("CACHEDIR.TAG")), &st, 0);
}

bool watch_ignores(struct watch *watch, struct str path, bool is_dir)
{
    const struct tree_folder *folder = dir_table_find_folder(&watch->table, STR(""));
    const struct folder_rules *rules = &watch->rules;
    struct arena_mark mark = arena_get_mark(&watch->scratch);
    bool ignored = false;

    for (size_t i = 1; i <= path.len && !ignored; i++) {
        if (i < path.len && path.ptr[i] != '/') {
            continue;
        }
        struct str part = str_sub(path, 0, i);
        bool part_is_dir = i < path.len || is_dir;
        enum path_class class = folder_rules_classify(rules, folder, part, part_is_dir);
        const struct tree_folder *child = dir_table_find_folder(&watch->table, part);

        if (class == PATH_SEEN && part_is_dir && !child && holds_cache(watch, part)) {
            class = folder_rules_unignore(rules, part, true);
        }
        /* a passage is watched, but ignored for all who ask about it */
        ignored = class == PATH_IGNORED || (class == PATH_PASSAGE && i == path.len);
        folder = child ? child : folder;
    }
    arena_rewind(&watch->scratch, mark);
    return ignored;
}

void watch_get_stats(const struct watch *watch, struct watch_stats *ret)
{
    *ret = (struct watch_stats){
        .files = HASH_COUNT(watch->table.files),
        .folders = HASH_CNT(hh_watch, watch->table.watched),
        .polled_folders = watch->table.polled,
        .overflows = watch->overflows,
        .listed = watch->listed,
        .hashed = watch->listed && !watch->table.to_hash,
    };
}

static void on_closed(uv_handle_t *handle)
{
    struct watch *w = handle->data;

    if (--w->open_handles > 0) {
        return;
    }
    git_close(&w->git);
    events_close(w->events);
    dir_table_finish(&w->table);
    folder_rules_finish(&w->rules);
    settle_finish(&w->settle);
    change_set_finish(&w->set);
    change_set_finish(&w->spare);
    vec_finish(&w->syncs);
    arena_finish(&w->moved_arena);
    arena_finish(&w->scratch);
    free(w);
}

void watch_destroy(struct watch *watch)
{
    if (!watch || watch->closing) {
        return;
    }
    watch->closing = true;
    if (watch->events) {
        uv_close((uv_handle_t *)&watch->poll, on_closed);
    }
    uv_close((uv_handle_t *)&watch->timer, on_closed);
    uv_close((uv_handle_t *)&watch->poll_timer, on_closed);
    uv_close((uv_handle_t *)&watch->idle, on_closed);
}
