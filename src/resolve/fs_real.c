/* SPDX-License-Identifier: MIT */
/*
 * The disk beneath the root. The only file of this folder that makes system calls; everything is
 * opened with files_open_beneath(), so a link that leads out of the root leads nowhere, unless it is
 * one in node_modules that leads to a package of the workspace.
 *
 * A stamp mixes what changes whenever the content does. A file written within a tick of the file
 * system's clock could be written again without a trace in its times: it has the stamp 0.
 */
#include "resolve/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/sys.h"
#include "files/files.h"

#define TICK_NS        INT64_C(20000000)   /* twice the slowest kernel tick */
#define COARSE_TICK_NS INT64_C(2500000000) /* FAT counts in 2 s, ext3 and HFS+ in 1 s */

static int64_t timespec_ns(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint64_t stamp(const struct stat *st)
{
    int64_t mtime = timespec_ns(st->st_mtim);
    int64_t ctime = timespec_ns(st->st_ctim);
    int64_t last = mtime > ctime ? mtime : ctime;
    int64_t tick = last % 1000000000 == 0 ? COARSE_TICK_NS : TICK_NS;

    if ((int64_t)sys_wall_ns() - last < tick) {
        return 0;
    }
    uint64_t facts[] = { (uint64_t)mtime, (uint64_t)ctime, (uint64_t)st->st_size,
        (uint64_t)st->st_ino, (uint64_t)st->st_dev };
    uint64_t mixed = hash_bytes((struct str){ (const char *)facts, sizeof(facts) }).low;

    return mixed != 0 ? mixed : 1;
}

static enum fs_kind kind_of(const struct stat *st)
{
    return S_ISREG(st->st_mode) ? FS_FILE : S_ISDIR(st->st_mode) ? FS_FOLDER : FS_NONE;
}

static bool real_stat(void *ctx, struct str path, struct fs_stat *ret)
{
    struct stat st;
    int fd = files_open_beneath(ctx, path, O_PATH);

    *ret = (struct fs_stat){ 0 };
    if (fd < 0) {
        return false;
    }
    if (fstat(fd, &st) == 0) {
        ret->kind = kind_of(&st);
        ret->version = stamp(&st);
    }
    sys_close(fd);
    return ret->kind != FS_NONE;
}

static bool real_read(void *ctx, struct str path, struct arena *a, struct str *ret, size_t limit)
{
    struct stat st;
    struct strbuf text;
    int fd = files_open(ctx, path, &st);

    if (fd < 0) {
        return false;
    }
    strbuf_init(&text, limit);
    bool good = (uint64_t)st.st_size <= limit && sys_read_all(fd, &text) == 0;

    if (good) {
        *ret = arena_str(a, strbuf_str(&text));
    }
    strbuf_finish(&text);
    sys_close(fd);
    return good;
}

static int by_name(const void *left, const void *right)
{
    return str_cmp(((const struct fs_entry *)left)->name, ((const struct fs_entry *)right)->name);
}

/* The kind of an entry whose folder does not tell, or of what a link leads to. */
static enum fs_kind look(void *ctx, struct str folder, struct str name)
{
    struct arena a = { 0 };
    struct fs_stat st;

    real_stat(ctx, path_join(&a, folder, name), &st);
    arena_finish(&a);
    return st.kind;
}

static int real_list(void *ctx, struct str path, struct arena *a, struct fs_entry **ret,
        size_t *ret_count, size_t limit)
{
    int fd = files_open_beneath(ctx, path, O_RDONLY | O_DIRECTORY);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct fs_entry *entries = NULL;
    size_t count = 0;
    size_t cap = 0;
    bool more = false;
    struct dirent *d;

    if (!dir) {
        sys_close(fd);
        return -ENOENT;
    }
    while (!more && (d = readdir(dir)) != NULL) {
        struct str name = str_from(d->d_name);

        if (str_eq(name, STR(".")) || str_eq(name, STR(".."))) {
            continue;
        }
        if (count == limit) {
            more = true;
            continue;
        }
        if (count == cap) {
            struct fs_entry *wider = arena_array(a, struct fs_entry, cap > 0 ? cap * 2 : 32);

            if (count > 0) {
                memcpy(wider, entries, count * sizeof(*entries));
            }
            entries = wider;
            cap = cap > 0 ? cap * 2 : 32;
        }
        entries[count++] = (struct fs_entry){
            .name = arena_str(a, name),
            .kind = d->d_type == DT_REG                              ? FS_FILE
                    : d->d_type == DT_DIR                            ? FS_FOLDER
                    : d->d_type == DT_LNK || d->d_type == DT_UNKNOWN ? look(ctx, path, name)
                                                                     : FS_NONE,
            .link = d->d_type == DT_LNK,
        };
    }
    closedir(dir);
    if (count > 0) {
        qsort(entries, count, sizeof(*entries), by_name);
    }
    *ret = entries;
    *ret_count = count;
    return more ? -E2BIG : 0;
}

static bool real_real(void *ctx, struct str path, struct arena *a, struct str *ret)
{
    int fd = files_open_beneath(ctx, path, O_PATH);
    bool good = fd >= 0 && files_path_of(ctx, fd, a, ret);

    sys_close(fd);
    return good;
}

static bool real_link(void *ctx, struct str path, struct arena *a, struct str *ret)
{
    char name[PATH_MAX];
    int fd = files_open_beneath(ctx, path, O_PATH | O_NOFOLLOW);
    ssize_t len = fd < 0 ? -1 : readlinkat(fd, "", name, sizeof(name)); /* -1 if it is no link */

    sys_close(fd);
    if (len <= 0 || len == (ssize_t)sizeof(name) || name[0] == '/') {
        return false; /* an absolute one counts as leading out, as it does for the kernel's walk */
    }
    return path_normalise(
            a, path_join(a, path_parent(path), (struct str){ name, (size_t)len }), ret);
}

struct fs fs_real(struct files *files)
{
    return (struct fs){
        .stat = real_stat,
        .read = real_read,
        .list = real_list,
        .real = real_real,
        .link = real_link,
        .ctx = files,
        .within = files_within(files),
    };
}
