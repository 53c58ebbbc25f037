/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_FS_H
#define ORBITON_RESOLVE_FS_H

/*
 * The only way in which resolution sees files: five questions. The disk answers
 * them (fs_real), and so does a table in memory (fs_mem), so that every rule is
 * tested without a disk. Paths are relative to the project's root, as base/path.h.
 *
 * Symbolic links are followed as long as they stay beneath the root; what leads
 * out of it is not there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum fs_kind {
    FS_NONE,
    FS_FILE,
    FS_FOLDER,
};

struct fs_stat {
    enum fs_kind kind;
    /* Two equal stamps of one path mean equal content. 0 says nothing: the file has changed so
     * lately that a further change might not show, and nothing read now may be kept. */
    uint64_t version;
};

struct fs_entry {
    struct str name;
    enum fs_kind kind; /* of what a link leads to; FS_NONE for devices, dead links and the like */
    bool link;         /* a symbolic link */
};

struct fs {
    /* Whether there is a file or folder; *ret has kind FS_NONE otherwise. */
    bool (*stat)(void *ctx, struct str path, struct fs_stat *ret);

    /* The content in `a`, terminated by a byte that is not counted. False if there is no such file
     * or it has more than `limit` bytes. */
    bool (*read)(void *ctx, struct str path, struct arena *a, struct str *ret, size_t limit);

    /*
     * The entries of a folder in `a`, sorted by the bytes of their names, without "." and "..".
     * 0, or -ENOENT, or -E2BIG for more than `limit` entries (then the first `limit` that were
     * met are given).
     */
    int (*list)(void *ctx, struct str path, struct arena *a, struct fs_entry **ret,
            size_t *ret_count, size_t limit);

    /* The path without symbolic links, in `a`; false if nothing is there. */
    bool (*real)(void *ctx, struct str path, struct arena *a, struct str *ret);

    /* Where a symbolic link leads by itself: a path from the root, in `a`, which may be a link again.
     * False if `path`, whose folders are none, is no link, or one that leads out of the root. */
    bool (*link)(void *ctx, struct str path, struct arena *a, struct str *ret);

    void *ctx;

    /* Another path of the root, by which the folders above it can be named: "@workspace/packages/app"
     * for one that is part of a workspace; empty if nothing above it can be seen. */
    struct str within;
};

/* The kind of what is at `path`. */
enum fs_kind fs_kind_of(const struct fs *fs, struct str path);

/*
 * A file system in memory. Folders are there as soon as something lies in them. A link's target is
 * a path from the root.
 */
struct fs_mem;
struct fs_mem *fs_mem_create(void);
void fs_mem_destroy(struct fs_mem *mem);                                  /* accepts NULL */
void fs_mem_add(struct fs_mem *mem, struct str path, struct str content); /* or replaces */
void fs_mem_add_link(struct fs_mem *mem, struct str path, struct str target);
void fs_mem_remove(struct fs_mem *mem, struct str path); /* the file or link; or all below it */
struct fs fs_mem_face(struct fs_mem *mem);

/* The number of questions answered so far, for tests of what is remembered. */
size_t fs_mem_reads(const struct fs_mem *mem);

/* The disk beneath the root of `files`, which must outlive the result. */
struct files;
struct fs fs_real(struct files *files);

#endif
