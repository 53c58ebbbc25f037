/* SPDX-License-Identifier: MIT */
/*
 * One folder at a time: watch it, read its ignore rules, read its names, and
 * compare them with the snapshot. What differs is not announced here; it becomes
 * a look at that file (settle.h), which sees the truth a moment later.
 *
 * Nothing here follows a symbolic link to a folder, so loops cost nothing.
 */
#include "watch/crawl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "watch/poll.h"

enum { HASH_MAX = 8 * 1024 * 1024 }; /* larger files are hashed when they first change */

/* A file changed this recently may have changed again without its times showing it. */
#define RECENT (5000 * SETTLE_MS)

struct listing {
    struct watch *w;
    struct tree_folder *folder;
    uint64_t since_ns; /* what is found counts as having happened then */
    uint64_t now_ns;
    uint64_t wall_ns;
    uint64_t fresh_wall_ns;
    bool fresh, deep, lost; /* as the folder was queued */
    bool whole;             /* its files need not be waited for */
    bool is_cache;          /* it holds what a build tool can make again */
};

void crawl_queue(struct watch *w, struct tree_folder *folder, bool deep, uint64_t since_ns)
{
    if (!folder->queued) {
        folder->since_ns = since_ns;
    }
    folder->deep = folder->deep || deep;
    dir_table_queue_folder(&w->table, folder);
}

void crawl_say_package_limit(struct watch *w)
{
    if (!w->noticed_packages) {
        w->noticed_packages = true;
        watch_notice(w,
                "the packages beside the project have more than %d folders: edits in the rest of "
                "them are seen at the next load",
                PACKAGE_FOLDERS_MAX);
    }
}

struct tree_folder *crawl_add_folder(
        struct watch *w, struct tree_folder *parent, struct str path, enum path_class class)
{
    if (w->rules.project.len > 0 && w->table.outside >= PACKAGE_FOLDERS_MAX &&
            path_is_below(path, WORKSPACE_NAME)) {
        crawl_say_package_limit(w);
        return NULL;
    }
    struct tree_folder *folder = dir_table_add_folder(&w->table, parent, path);

    folder->passage = class == PATH_PASSAGE;
    return folder;
}

void crawl_queue_polled(struct watch *w)
{
    uint64_t now_ns = sys_now_ns();

    for (struct tree_folder *f = w->table.folders; f; f = f->hh.next) {
        if (f->polled) {
            crawl_queue(w, f, false, now_ns);
        }
    }
}

static void unwatch(struct watch *w, struct tree_folder *folder)
{
    if (folder->watch >= 0 && w->events) {
        events_remove_folder(w->events, folder->watch);
        dir_table_set_watch(&w->table, folder, -1);
    }
}

static void forget_file(struct watch *w, struct tree_file *file)
{
    struct pending *p = settle_find(&w->settle, file->path);

    if (p) {
        settle_remove(&w->settle, p);
    }
    files_forget(w->files, file->path);
    dir_table_remove_file(&w->table, file);
}

void crawl_leave(
        struct watch *w, struct tree_folder *folder, enum crawl_leave how, uint64_t since_ns)
{
    while (folder->folders) {
        crawl_leave(w, folder->folders, how, since_ns);
    }
    struct tree_file *next;

    for (struct tree_file *file = folder->files; file; file = next) {
        next = file->next;
        if (how == CRAWL_IGNORED) {
            forget_file(w, file);
        } else {
            settle_note(&w->settle, file->path, EVENT_GONE, since_ns);
        }
    }
    unwatch(w, folder);
    dir_table_remove_folder(&w->table, folder);
}

static void say_limit(struct watch *w, struct tree_folder *folder)
{
    struct strbuf now;

    if (w->noticed_limit) {
        return;
    }
    w->noticed_limit = true;
    strbuf_init(&now, 64);
    (void)sys_read_file(STR("/proc/sys/fs/inotify/max_user_watches"), &now); /* only informs */
    struct str limit = str_trim(strbuf_str(&now));

    watch_notice(w,
            "cannot watch '%.*s': inotify watch limit reached, so this and further folders are "
            "polled; raise fs.inotify.max_user_watches (now %.*s)",
            STR_FMT(folder->path), STR_FMT(limit));
    strbuf_finish(&now);
}

/*
 * The kernel gave `folder` the number of another folder's watch: both names
 * lead, or led, to one inode. Usually it was renamed and the old name's turn
 * has not come yet; with a bind mount both stay, and one of them is polled.
 */
static bool take_over(struct watch *w, struct tree_folder *owner, const struct tree_folder *folder,
        const struct stat *st)
{
    struct stat other;

    if (owner->path.len == 0 || (watch_stat(w, owner->path, &other, AT_SYMLINK_NOFOLLOW) &&
                                        other.st_ino == st->st_ino && other.st_dev == st->st_dev)) {
        return false;
    }
    dir_table_set_watch(&w->table, owner, -1);
    crawl_queue(w, owner, false, folder->since_ns);
    return true;
}

/* Sees to it that changes in the folder will be noticed from now on, one way or the other. */
static void watch_folder(struct listing *l, int fd, const struct stat *st)
{
    struct watch *w = l->w;
    struct tree_folder *folder = l->folder;
    struct str system = STR("");
    bool polled = !w->events;
    int number = -1;

    if (w->events) {
        number = events_add_folder(w->events, fd);
    }
    if (number >= 0 && number != folder->watch) {
        struct tree_folder *owner = dir_table_find_watch(&w->table, number);

        if (owner && !take_over(w, owner, folder, st)) {
            number = -1;
            polled = true;
        }
    } else if (number == -ENOSPC || number == -ENOMEM) {
        say_limit(w, folder);
        polled = true;
    } else if (number < 0) {
        polled = true;
    }
    if (number != folder->watch) {
        unwatch(w, folder);
        dir_table_set_watch(&w->table, folder, number >= 0 ? number : -1);
    }
    /* a mount is the only way into another file system */
    if (!folder->parent || folder->parent->device != (uint64_t)st->st_dev) {
        system = poll_file_system(fd);
        folder->remote = system.len > 0;
    } else {
        folder->remote = folder->parent->remote;
    }
    if (system.len > 0 && !w->noticed_poll) {
        w->noticed_poll = true;
        watch_notice(w, "'%.*s' lies on %.*s, which tells of no changes: looking every %u ms",
                STR_FMT(folder->path.len > 0 ? folder->path : STR(".")), STR_FMT(system),
                w->poll_ms);
    }
    dir_table_set_polled(&w->table, folder, polled || folder->remote);
    folder->inode = (uint64_t)st->st_ino;
    folder->device = (uint64_t)st->st_dev;
}

static bool is_same_stat(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size &&
           memcmp(&a->st_mtim, &b->st_mtim, sizeof(a->st_mtim)) == 0 &&
           memcmp(&a->st_ctim, &b->st_ctim, sizeof(a->st_ctim)) == 0;
}

/* Reads the folder's .gitignore if it is not the one that was read. */
static void load_rules(struct listing *l, int dir_fd)
{
    struct tree_folder *folder = l->folder;
    struct stat st = { 0 };
    struct strbuf text;
    int fd =
            openat(dir_fd, ".gitignore", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
        st = (struct stat){ 0 };
        fd = sys_close(fd);
    }
    if (is_same_stat(&st, &folder->rules_stat)) {
        sys_close(fd);
        return;
    }
    if (folder->rules) {
        ignore_rules_finish(folder->rules);
        free(folder->rules);
        folder->rules = NULL;
    }
    folder->rules_stat = st;
    l->deep = true; /* other rules, other paths below */
    if (fd >= 0) {
        strbuf_init(&text, IGNORE_TEXT_MAX);
        (void)sys_read_all(fd, &text); /* of a longer file the beginning counts */
        folder->rules = mem_new(struct ignore_rules);
        ignore_rules_parse(folder->rules, strbuf_str(&text));
        strbuf_finish(&text);
        sys_close(fd);
    }
}

static uint64_t timespec_ns(struct timespec t)
{
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* When a file that a listing found may be looked at: one changed just now may still be open. */
static uint64_t look_time(const struct listing *l, const struct stat *st)
{
    uint64_t changed = timespec_ns(st->st_ctim);
    bool is_new = changed + SETTLE_OPEN > l->wall_ns && changed < l->wall_ns + SETTLE_OPEN;

    return is_new && !l->whole && !S_ISLNK(st->st_mode) ? l->now_ns + SETTLE_OPEN : l->now_ns;
}

static void list_file(struct listing *l, struct str path, const struct stat *st)
{
    struct watch *w = l->w;
    struct tree_file *file = dir_table_find_file(&w->table, path);

    if (!file) {
        if (!l->fresh || timespec_ns(st->st_ctim) >= l->fresh_wall_ns) {
            settle_look(&w->settle, path, l->since_ns, look_time(l, st));
            return;
        }
        file = dir_table_add_file(&w->table, l->folder, path);
        dir_table_set_stat(&w->table, file, st);
        if (file->is_link) {
            file->exists = watch_leads_to_file(w, path);
            file->to_folder = !file->exists && watch_leads_to_folder(w, path);
        }
        if (file->exists && st->st_size <= HASH_MAX) {
            dir_table_queue_file(&w->table, file);
        }
    } else {
        bool recent = timespec_ns(st->st_mtim) + RECENT > l->wall_ns;

        dir_table_attach(&w->table, file, l->folder);
        if (!tree_file_is(file, st) || (l->lost && recent)) {
            settle_look(&w->settle, path, l->since_ns, look_time(l, st));
        }
    }
    file->seen = w->listings;
}

static void list_folder(
        struct listing *l, struct str path, enum path_class class, uint64_t listed_inode)
{
    struct watch *w = l->w;
    struct tree_folder *child = dir_table_find_folder(&w->table, path);
    bool is_new = !child;

    if (is_new) {
        child = crawl_add_folder(w, l->folder, path, class);
        if (!child) {
            return;
        }
        child->fresh = l->fresh;
        child->fresh_wall_ns = l->folder->fresh_wall_ns;
    }
    if (is_new || l->deep || child->listed_inode != listed_inode) {
        child->lost = child->lost || l->lost;
        child->whole = child->whole || (is_new && l->whole);
        crawl_queue(w, child, l->deep, l->since_ns);
    }
    child->passage = class == PATH_PASSAGE;
    child->listed_inode = listed_inode;
    child->seen = w->listings;
}

static void list_entry(struct listing *l, int dir_fd, const struct dirent *entry)
{
    struct watch *w = l->w;
    struct str name = str_from(entry->d_name);
    struct stat st;
    bool is_dir = entry->d_type == DT_DIR;

    if (str_eq(name, STR(".")) || str_eq(name, STR(".."))) {
        return;
    }
    if (!is_dir && (fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)) {
        return; /* gone again */
    }
    is_dir = is_dir || S_ISDIR(st.st_mode); /* not every file system fills d_type */
    if (!is_dir && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) {
        return;
    }
    l->is_cache = l->is_cache || str_eq(name, STR("CACHEDIR.TAG")) ||
                  (str_eq(name, STR(".rustc_info.json")) &&
                          str_eq(path_name(l->folder->path), STR("target")));
    if (!l->folder->parent && w->rules.project.len > 0 && str_eq(name, WORKSPACE_NAME)) {
        return; /* the name means the workspace */
    }
    struct arena_mark mark = arena_get_mark(&w->scratch);
    struct str path = path_join(&w->scratch, l->folder->path, name);
    enum path_class class = folder_rules_classify(&w->rules, l->folder, path, is_dir);

    if (is_dir && class != PATH_IGNORED) {
        list_folder(l, path, class, entry->d_ino);
    } else if (!is_dir && class == PATH_SEEN) {
        list_file(l, path, &st);
    } else if (!is_dir && !ignore_is_dropping(name)) {
        l->folder->hides = true;
    }
    arena_rewind(&w->scratch, mark);
}

static void sweep_files(struct listing *l)
{
    struct watch *w = l->w;
    struct tree_file *next;

    for (struct tree_file *file = l->folder->files; file; file = next) {
        next = file->next;
        if (file->seen == w->listings) {
            continue;
        }
        if (folder_rules_classify(&w->rules, l->folder, file->path, false) != PATH_SEEN) {
            forget_file(w, file);
        } else if (!settle_find(&w->settle, file->path)) {
            settle_note(&w->settle, file->path, EVENT_GONE, l->since_ns);
        }
    }
}

static void sweep_folders(struct listing *l)
{
    struct watch *w = l->w;
    struct tree_folder *next;

    for (struct tree_folder *child = l->folder->folders; child; child = next) {
        next = child->next;
        if (child->seen == w->listings) {
            continue;
        }
        bool ignored =
                folder_rules_classify(&w->rules, l->folder, child->path, true) == PATH_IGNORED;

        crawl_leave(w, child, ignored ? CRAWL_IGNORED : CRAWL_GONE, l->since_ns);
    }
}

/* A folder with a CACHEDIR.TAG (cargo's target) is ignored from now on; false if it is. */
static bool stays_watched(struct listing *l)
{
    struct tree_folder *folder = l->folder;

    if (!l->is_cache || !folder->parent) {
        return true;
    }
    enum path_class class = folder_rules_unignore(&l->w->rules, folder->path, true);

    if (class == PATH_IGNORED) {
        crawl_leave(l->w, folder, CRAWL_IGNORED, l->since_ns);
        return false;
    }
    if (class == PATH_PASSAGE && !folder->passage) {
        folder->passage = true;
        crawl_queue(l->w, folder, true, l->since_ns); /* once more, with other eyes */
    }
    return true;
}

static void read_names(struct listing *l, int fd)
{
    DIR *dir = fdopendir(fd);
    const struct dirent *entry;

    if (!dir) {
        sys_close(fd);
        return;
    }
    while ((entry = readdir(dir))) {
        list_entry(l, fd, entry);
    }
    if (!l->folder->parent && l->w->rules.project.len > 0) {
        list_folder(l, WORKSPACE_NAME, PATH_PASSAGE, 0);
    }
    (void)closedir(dir);
    if (stays_watched(l)) {
        sweep_files(l);
        sweep_folders(l);
    }
}

static void list(struct listing *l)
{
    struct watch *w = l->w;
    struct stat st;
    struct str inner;
    int base = files_base(w->files, l->folder->path, &inner);
    int fd = sys_open_beneath(base, inner, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

    if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP || fd == -EXDEV || fd == -ENAMETOOLONG) {
        if (l->folder->parent) {
            crawl_leave(w, l->folder, CRAWL_GONE, l->since_ns);
        }
        return;
    }
    if (fd < 0 || fstat(fd, &st) < 0) {
        int error = fd < 0 ? fd : -errno;

        /* permission comes with an event, a free descriptor does not */
        log_debug(LOG_WATCH, "cannot list '%.*s': %.*s", STR_FMT(l->folder->path),
                STR_FMT(sys_error(error)));
        dir_table_set_polled(&w->table, l->folder, error != -EACCES);
        sys_close(fd);
        return;
    }
    watch_folder(l, fd, &st);
    load_rules(l, fd);
    read_names(l, fd);
}

bool crawl_one(struct watch *w)
{
    struct tree_folder *folder = dir_table_take_folder(&w->table);

    if (!folder) {
        return false;
    }
    struct listing l = {
        .w = w,
        .folder = folder,
        .since_ns = folder->since_ns,
        .now_ns = sys_now_ns(),
        .wall_ns = sys_wall_ns(),
        .fresh_wall_ns = folder->fresh_wall_ns > 0 ? folder->fresh_wall_ns : w->start_wall_ns,
        .fresh = folder->fresh,
        .deep = folder->deep,
        .lost = folder->lost,
        .whole = folder->whole,
    };

    w->listings++;
    folder->fresh = folder->deep = folder->lost = folder->whole = folder->hides = false;
    list(&l);
    return true;
}

void crawl_some(struct watch *w)
{
    for (int i = 0; i < CRAWL_AT_ONCE && !w->root_lost && crawl_one(w); i++) {
        continue;
    }
}
