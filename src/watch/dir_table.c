/* SPDX-License-Identifier: MIT */
/*
 * The snapshot of the tree. Folders and files are found by their whole path:
 * that costs some bytes for each and makes a renamed folder a removed and an
 * added one, which is what the rest of orbiton must be told anyway.
 */
#include "watch/dir_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "base/mem.h"
#include "base/path.h"
#include "files/workspace.h"

struct tree_folder *dir_table_find_folder(const struct dir_table *t, struct str path)
{
    struct tree_folder *folder;

    HASH_FIND(hh, t->folders, path.len > 0 ? path.ptr : "", path.len, folder);
    return folder;
}

struct tree_folder *dir_table_find_watch(const struct dir_table *t, int watch)
{
    struct tree_folder *folder;

    HASH_FIND(hh_watch, t->watched, &watch, sizeof(watch), folder);
    return folder;
}

struct tree_folder *dir_table_add_folder(
        struct dir_table *t, struct tree_folder *parent, struct str path)
{
    struct tree_folder *folder = mem_alloc(1, sizeof(*folder) + path.len + 1);

    if (path.len > 0) {
        memcpy(folder->bytes, path.ptr, path.len);
    }
    folder->path = (struct str){ folder->bytes, path.len };
    folder->parent = parent;
    folder->watch = -1;
    t->outside += path_is_below(path, WORKSPACE_NAME);
    HASH_ADD_KEYPTR(hh, t->folders, folder->bytes, path.len, folder);
    if (parent) {
        DL_APPEND(parent->folders, folder);
    }
    return folder;
}

static void unqueue(struct dir_table *t, struct tree_folder *folder)
{
    if (folder->queued) {
        DL_DELETE2(t->to_list, folder, queue_prev, queue_next);
        folder->queued = false;
    }
}

void dir_table_remove_folder(struct dir_table *t, struct tree_folder *folder)
{
    assert(!folder->folders);
    while (folder->files) {
        struct tree_file *file = folder->files;

        DL_DELETE(folder->files, file);
        file->folder = NULL;
    }
    unqueue(t, folder);
    dir_table_set_watch(t, folder, -1);
    dir_table_set_polled(t, folder, false);
    if (folder->parent) {
        DL_DELETE(folder->parent->folders, folder);
    }
    t->outside -= path_is_below(folder->path, WORKSPACE_NAME);
    HASH_DEL(t->folders, folder);
    if (folder->rules) {
        ignore_rules_finish(folder->rules);
        free(folder->rules);
    }
    free(folder);
}

void dir_table_set_watch(struct dir_table *t, struct tree_folder *folder, int watch)
{
    if (folder->watch >= 0) {
        HASH_DELETE(hh_watch, t->watched, folder);
    }
    folder->watch = watch;
    if (watch >= 0) {
        assert(!dir_table_find_watch(t, watch));
        HASH_ADD(hh_watch, t->watched, watch, sizeof(folder->watch), folder);
    }
}

void dir_table_set_polled(struct dir_table *t, struct tree_folder *folder, bool polled)
{
    t->polled += (size_t)polled;
    t->polled -= (size_t)folder->polled;
    folder->polled = polled;
}

void dir_table_queue_folder(struct dir_table *t, struct tree_folder *folder)
{
    if (!folder->queued) {
        DL_APPEND2(t->to_list, folder, queue_prev, queue_next);
        folder->queued = true;
    }
}

struct tree_folder *dir_table_take_folder(struct dir_table *t)
{
    struct tree_folder *folder = t->to_list;

    if (folder) {
        unqueue(t, folder);
    }
    return folder;
}

struct tree_file *dir_table_find_file(const struct dir_table *t, struct str path)
{
    struct tree_file *file;

    HASH_FIND(hh, t->files, path.len > 0 ? path.ptr : "", path.len, file);
    return file;
}

struct tree_file *dir_table_add_file(
        struct dir_table *t, struct tree_folder *folder, struct str path)
{
    struct tree_file *file = mem_alloc(1, sizeof(*file) + path.len + 1);

    if (path.len > 0) {
        memcpy(file->bytes, path.ptr, path.len);
    }
    file->path = (struct str){ file->bytes, path.len };
    file->exists = true;
    HASH_ADD_KEYPTR(hh, t->files, file->bytes, path.len, file);
    dir_table_attach(t, file, folder);
    return file;
}

void dir_table_attach(struct dir_table *t, struct tree_file *file, struct tree_folder *folder)
{
    (void)t;
    if (file->folder == folder) {
        return;
    }
    if (file->folder) {
        DL_DELETE(file->folder->files, file);
    }
    file->folder = folder;
    DL_APPEND(folder->files, file);
}

static void unqueue_file(struct dir_table *t, struct tree_file *file)
{
    if (file->queued) {
        DL_DELETE2(t->to_hash, file, queue_prev, queue_next);
        file->queued = false;
    }
}

static void set_link(struct dir_table *t, struct tree_file *file, bool is_link)
{
    if (file->is_link == is_link) {
        return;
    }
    file->is_link = is_link;
    if (is_link) {
        DL_APPEND2(t->links, file, link_prev, link_next);
        t->link_count++;
    } else {
        DL_DELETE2(t->links, file, link_prev, link_next);
        t->link_count--;
    }
}

void dir_table_remove_file(struct dir_table *t, struct tree_file *file)
{
    if (file->folder) {
        DL_DELETE(file->folder->files, file);
    }
    unqueue_file(t, file);
    set_link(t, file, false);
    HASH_DEL(t->files, file);
    free(file);
}

static uint64_t timespec_ns(struct timespec t)
{
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void dir_table_set_stat(struct dir_table *t, struct tree_file *file, const struct stat *st)
{
    file->size = (uint64_t)st->st_size;
    file->mtime_ns = timespec_ns(st->st_mtim);
    file->ctime_ns = timespec_ns(st->st_ctim);
    file->inode = (uint64_t)st->st_ino;
    set_link(t, file, S_ISLNK(st->st_mode));
}

bool tree_file_is(const struct tree_file *file, const struct stat *st)
{
    return file->size == (uint64_t)st->st_size && file->mtime_ns == timespec_ns(st->st_mtim) &&
           file->ctime_ns == timespec_ns(st->st_ctim) && file->inode == (uint64_t)st->st_ino &&
           file->is_link == (bool)S_ISLNK(st->st_mode);
}

void dir_table_queue_file(struct dir_table *t, struct tree_file *file)
{
    if (!file->queued) {
        DL_APPEND2(t->to_hash, file, queue_prev, queue_next);
        file->queued = true;
    }
}

struct tree_file *dir_table_take_file(struct dir_table *t)
{
    struct tree_file *file = t->to_hash;

    if (file) {
        unqueue_file(t, file);
    }
    return file;
}

static void remove_below(struct dir_table *t, struct tree_folder *folder)
{
    while (folder->folders) {
        remove_below(t, folder->folders);
    }
    dir_table_remove_folder(t, folder);
}

void dir_table_finish(struct dir_table *t)
{
    struct tree_folder *root = dir_table_find_folder(t, STR(""));

    if (root) {
        remove_below(t, root);
    }
    while (t->files) {
        dir_table_remove_file(t, t->files);
    }
}
