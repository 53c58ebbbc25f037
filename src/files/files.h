/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_FILES_FILES_H
#define ORBITON_FILES_FILES_H

/*
 * The project's files as they are on disk now, and their content hashes. The
 * watcher, the server and the engine all look at the disk through here, so
 * that they agree on what a file is: a regular file that the kernel finds
 * beneath the root.
 *
 * A hash is remembered and stays valid while size, mtime, ctime and inode are
 * what they were; a file that was written a moment before it was hashed is
 * hashed again (a second write within one tick of the file system's clock
 * would not show in its times).
 *
 * The hash of a .wasm file leaves its custom sections out (debug information,
 * names, producers): two modules that run alike are alike.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"
#include "files/workspace.h"

struct files;

struct file_facts {
    uint64_t size;     /* bytes */
    uint64_t mtime_ns; /* since 1970 */
    struct hash hash;  /* of the content */
};

enum { FILES_HASH_MAX = 256 * 1024 * 1024 }; /* a larger file is known by size, times, inode */

/* `root` is an absolute path of a folder. 0 or -errno. */
int files_create(struct str root, struct files **ret);

/* Accepts NULL. */
void files_destroy(struct files *files);

/*
 * Opens the root anew by its path, after it was deleted and made again: the old
 * descriptor still means the old folder. 0, or -errno and the old one stays.
 */
int files_reopen(struct files *files);

/* The root's descriptor, owned by `files` and good until files_reopen(), and its absolute path without a slash at the end. */
int files_root_fd(const struct files *files);
struct str files_root(const struct files *files);

/*
 * Where the kernel says that the root is, without symbolic links and without a slash at the end; a
 * person may move it, so `again` asks anew. False if it cannot be said. Good until the next such call.
 */
bool files_root_name(struct files *files, bool again, struct str *ret);

/*
 * Looks for the workspace that the project is part of (workspace.h). From then on its packages are
 * beneath the root as WORKSPACE_NAME, and a link in node_modules may lead to one of them. Not if the
 * root has something of that name itself.
 */
void files_find_workspace(struct files *files);

/* The root's own path in the workspace: "@workspace/packages/app"; empty if there is none. */
struct str files_within(const struct files *files);

/* workspace_on_use() of it; nothing if there is none. Accepts NULL. */
void files_on_use(struct files *files, workspace_use_fn fn, void *ctx);

/*
 * The folder that a path is to be opened from, and the path from there on: the root, or the workspace. For
 * who looks at folders (the watcher), since through it all of the workspace is seen. Owned by `files`.
 */
int files_base(const struct files *files, struct str path, struct str *ret_inner);

/* The absolute path of a path of the root or of the workspace, in `a`. */
struct str files_full_path(const struct files *files, struct str path, struct arena *a);

/* sys_open_beneath() of the root, and of the packages of the workspace. */
int files_open_beneath(struct files *files, struct str path, int flags);

/* The path of an open descriptor without symbolic links, from the root on or in the workspace, in
 * `a`. False if it is neither. */
bool files_path_of(struct files *files, int fd, struct arena *a, struct str *ret);

/*
 * Opens a regular file for reading and tells its stat. A descriptor, which the
 * caller closes, or -errno (-ENOENT for whatever is not a regular file beneath the root).
 */
int files_open(struct files *files, struct str path, struct stat *ret);

/* The same, if the path leads through no symbolic link (-ELOOP): then it is the file's only name, which
 * files_path_of() need not be asked for. */
int files_open_as_named(struct files *files, struct str path, struct stat *ret);

/* Size, time and hash of a file as it is now. 0 or -errno as files_open(). */
int files_look(struct files *files, struct str path, struct file_facts *ret);

/* The same for a file that is already open, with the stat that files_open() gave. */
int files_look_open(struct files *files, struct str path, int fd, const struct stat *st,
        struct file_facts *ret);

/* The bytes that were hashed last, if `hash` is theirs and they are no more than are read at a time;
 * so what has just been looked at need not be read again. Borrowed until the next look. */
bool files_last_bytes(const struct files *files, struct hash hash, struct str *ret);

/* Forgets a path that is gone. */
void files_forget(struct files *files, struct str path);

#endif
