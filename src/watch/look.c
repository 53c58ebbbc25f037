/* SPDX-License-Identifier: MIT */
/*
 * One file, on disk and in the snapshot: created, modified, deleted, saved with
 * the same bytes, or nothing at all. Here, and only here, a change is announced.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/sys.h"
#include "watch/crawl.h"
#include "watch/watch_private.h"

/* What is at a path now. */
struct sight {
    struct stat st; /* of the name itself */
    bool exists;    /* a regular file, or a link that leads to one beneath the root */
    bool is_link;
    bool to_folder; /* a link that leads to a folder */
    bool hashed;
    struct hash hash;
};

static void commit(struct watch *w, struct str path, enum change_kind kind, uint64_t first_ns)
{
    if (w->set.count == 0) {
        w->set.first_ns = first_ns;
        w->committed_ns = sys_now_ns();
    }
    change_set_add(&w->set, path, kind);
    if (kind != CHANGE_SAME && str_eq(path_name(path), STR(".gitignore"))) {
        struct tree_folder *folder = dir_table_find_folder(&w->table, path_parent(path));

        if (folder) {
            crawl_queue(w, folder, true, first_ns);
        }
    }
}

bool watch_stat(struct watch *w, struct str path, struct stat *ret, int flags)
{
    struct str inner;
    int base = files_base(w->files, path, &inner);

    return fstatat(base, arena_cstr(&w->scratch, inner), ret, flags) == 0;
}

bool watch_leads_to_folder(struct watch *w, struct str path)
{
    struct stat st;

    return watch_stat(w, path, &st, 0) && S_ISDIR(st.st_mode);
}

bool watch_leads_to_file(struct watch *w, struct str path)
{
    struct stat st;

    w->is_looking = true;
    int fd = files_open(w->files, path, &st);

    w->is_looking = false;
    sys_close(fd);
    return fd >= 0;
}

/* files_look(), which is no use of a package by a page. */
static int look(struct watch *w, struct str path, struct file_facts *ret)
{
    w->is_looking = true;
    int result = files_look(w->files, path, ret);

    w->is_looking = false;
    return result;
}

/* Whether the folder that the path lies in by its name is gone as a whole. */
static bool is_below_lost_root(const struct watch *w, struct str path)
{
    struct str inner;

    return w->root_lost && files_base(w->files, path, &inner) == files_root_fd(w->files);
}

static struct sight see(struct watch *w, const struct tree_folder *folder, struct str path)
{
    struct sight s = { 0 };
    struct file_facts facts;

    if (!folder || is_below_lost_root(w, path) ||
            !watch_stat(w, path, &s.st, AT_SYMLINK_NOFOLLOW)) {
        return s;
    }
    s.is_link = S_ISLNK(s.st.st_mode);
    if (!s.is_link && !S_ISREG(s.st.st_mode)) {
        return s;
    }
    int result = look(w, path, &facts);

    s.hashed = result == 0;
    s.hash = s.hashed ? facts.hash : (struct hash){ 0 };
    /* a file without read permission is there all the same; a link that leads nowhere is not */
    s.exists = s.hashed || (!s.is_link && result != -ENOENT);
    s.to_folder = s.is_link && !s.exists && watch_leads_to_folder(w, path);
    return s;
}

static void learn(struct watch *w, struct tree_file *file, const struct sight *s)
{
    dir_table_set_stat(&w->table, file, &s->st);
    file->exists = s->exists;
    file->to_folder = s->to_folder;
    file->hashed = s->hashed;
    file->unreadable = s->exists && !s->hashed;
    file->hash = s->hash;
}

/*
 * An empty file that its writer has not closed was cut a moment ago and is about to be filled. One
 * that had something in it may have been cut by the next writer, of whom no event has come yet: the
 * kernel queues it only when the cutting is done.
 */
static bool is_torn(const struct pending *p, const struct tree_file *file, const struct sight *s)
{
    bool empty = s->st.st_size == 0 || (s->hashed && hash_eq(s->hash, hash_bytes(STR(""))));
    bool had_text = file && (file->hashed ? !hash_eq(file->hash, s->hash) : file->size > 0);
    bool cut = p->opened_ns != 0 || had_text;

    return s->exists && !s->is_link && empty && cut && !p->waited;
}

static uint64_t mtime_ns(const struct stat *st)
{
    return (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec;
}

static bool is_changed(const struct tree_file *file, const struct sight *s, bool saved)
{
    if (file->hashed && s->hashed) {
        return !hash_eq(file->hash, s->hash);
    }
    /* with nothing to compare, a mere change of permissions (ctime) is still none */
    return saved || file->unreadable == s->hashed || file->size != (uint64_t)s->st.st_size ||
           file->mtime_ns != mtime_ns(&s->st) || file->inode != (uint64_t)s->st.st_ino;
}

/* A write through one name of a file tells nothing about its other names. */
static void look_at_other_names(
        struct watch *w, const struct tree_file *changed, const struct stat *st, uint64_t first_ns)
{
    if (st->st_nlink < 2) {
        return;
    }
    for (const struct tree_file *file = w->table.files; file; file = file->hh.next) {
        if (file->inode == (uint64_t)st->st_ino && file != changed) {
            settle_look(&w->settle, file->path, first_ns, first_ns);
        }
    }
}

/* What lies behind such a link is announced by its own names; the link itself says where it leads. */
static void compare_folder_links(struct watch *w, const struct pending *p,
        const struct tree_file *file, const struct sight *s)
{
    if (file->to_folder != s->to_folder) {
        commit(w, p->path, s->to_folder ? CHANGE_CREATED : CHANGE_DELETED, p->first_ns);
    } else if (s->to_folder && !tree_file_is(file, &s->st)) {
        commit(w, p->path, CHANGE_MODIFIED, p->first_ns);
    }
}

static void compare(struct watch *w, const struct pending *p, struct tree_file *file,
        struct tree_folder *folder, const struct sight *s)
{
    dir_table_attach(&w->table, file, folder);
    if (!file->exists && !s->exists) {
        compare_folder_links(w, p, file, s);
        learn(w, file, s);
        return;
    }
    if (!file->exists || !s->exists) {
        commit(w, p->path, s->exists ? CHANGE_CREATED : CHANGE_DELETED, p->first_ns);
    } else if (is_changed(file, s, p->saved || p->opened_ns != 0)) {
        commit(w, p->path, CHANGE_MODIFIED, p->first_ns);
        look_at_other_names(w, file, &s->st, p->first_ns);
    } else if (p->saved) {
        commit(w, p->path, CHANGE_SAME, p->first_ns);
    }
    learn(w, file, s);
}

bool watch_look_at(struct watch *w, struct pending *p)
{
    struct tree_folder *folder = dir_table_find_folder(&w->table, path_parent(p->path));
    struct tree_file *file = dir_table_find_file(&w->table, p->path);

    if (folder && folder_rules_classify(&w->rules, folder, p->path, false) != PATH_SEEN) {
        if (file) {
            files_forget(w->files, p->path);
            dir_table_remove_file(&w->table, file);
        }
        return true;
    }
    struct sight s = see(w, folder, p->path);

    if (is_torn(p, file, &s)) {
        p->waited = true;
        p->due_ns = p->opened_ns != 0 ? p->due_ns + SETTLE_EMPTY : sys_now_ns() + SETTLE_CUT;
        return false;
    }
    if (s.exists || s.is_link) {
        if (file) {
            compare(w, p, file, folder, &s);
            return true;
        }
        file = dir_table_add_file(&w->table, folder, p->path);
        learn(w, file, &s);
        if (s.exists || s.to_folder) {
            commit(w, p->path, CHANGE_CREATED, p->first_ns);
        }
    } else if (file) {
        if (file->exists || file->to_folder) {
            commit(w, p->path, CHANGE_DELETED, p->first_ns);
        }
        files_forget(w->files, p->path);
        dir_table_remove_file(&w->table, file);
    }
    return true;
}

void watch_look_at_links(struct watch *w)
{
    enum { LINKS_MAX = 1000 }; /* a look costs some 10 us when nothing changed */
    size_t changes = change_set_changes(&w->set);
    uint64_t now = sys_now_ns();

    if (changes == w->linked_changes || w->table.link_count > LINKS_MAX) {
        return;
    }
    for (struct tree_file *file = w->table.links; file; file = file->link_next) {
        struct sight s = see(w, file->folder, file->path);
        struct pending p = { .path = file->path, .first_ns = now };

        if (s.is_link && file->folder && !settle_find(&w->settle, file->path)) {
            compare(w, &p, file, file->folder, &s);
        }
    }
    w->linked_changes = change_set_changes(&w->set);
}

void watch_hash_one(struct watch *w)
{
    struct tree_file *file = dir_table_take_file(&w->table);
    struct file_facts facts;

    if (!file || file->hashed || settle_find(&w->settle, file->path)) {
        return;
    }
    struct str path = arena_str(&w->scratch, file->path);

    if (look(w, path, &facts) < 0) {
        file->unreadable = true;
        return;
    }
    /* what was written before we read it is in the queue now: such a content is news, and to know
     * its hash would make it look old */
    watch_drain(w);
    file = dir_table_find_file(&w->table, path);
    if (!file || settle_find(&w->settle, path)) {
        return;
    }
    if (!file->is_link && (facts.size != file->size || facts.mtime_ns != file->mtime_ns)) {
        settle_look(&w->settle, path, sys_now_ns(), sys_now_ns());
        return;
    }
    file->hashed = true;
    file->hash = facts.hash;
}
