/* SPDX-License-Identifier: MIT */
/*
 * From URL to file to answer.
 *
 * Invariant: nothing is served under a name that the guard calls private, be it
 * the name that was asked for or the one that it leads to through symbolic
 * links; for the peer such a file does not exist (the same 404, byte for byte).
 * The folders of the configuration (static_dirs) and the artefacts of the build
 * are named by the user and are exempt as far as their own name goes.
 */
#include "serve/static_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"

enum { OPEN_TRIES = 4 }; /* editors replace files by renaming, and do it once */

/* The path of an open file as the kernel names it, in `a`; empty if it has none. */
static struct str real_path(struct arena *a, int fd)
{
    char name[64];
    char target[PATH_MAX];

    (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(name, target, sizeof(target));

    return arena_str(a, (struct str){ target, len > 0 && len < PATH_MAX ? (size_t)len : 0 });
}

void static_file_learn_root(struct dev_server *server)
{
    struct str path = real_path(&server->arena, files_root_fd(server->options.files));

    free(server->root_real);
    /* the root of the file system is the empty prefix */
    server->root_real = mem_strcopy(path.len > 1 ? path : STR(""));
}

static bool cut_root(const struct dev_server *server, struct str real, struct str *ret)
{
    struct str root = str_from(server->root_real);

    if (!str_starts(real, root) || real.len <= root.len || real.ptr[root.len] != '/') {
        return false;
    }
    *ret = str_skip(real, root.len + 1);
    return true;
}

static bool exists(struct dev_server *server, struct str path)
{
    int fd = files_open_beneath(server->options.files, path, O_RDONLY);

    sys_close(fd);
    return fd >= 0 || fd == -EACCES;
}

/* Whether a path lies in a build folder: a folder "target" that cargo marked, or beside a crate. */
static bool is_build_output(struct dev_server *server, struct str base, struct str path)
{
    struct arena *a = &server->arena;
    struct str folder;
    size_t from = 0;

    while (guard_find_target(path, from, &folder)) {
        struct str whole = path_join(a, base, folder);

        if (exists(server, path_join(a, whole, STR("CACHEDIR.TAG"))) ||
                exists(server, path_join(a, path_parent(whole), STR("Cargo.toml")))) {
            return true;
        }
        from = folder.len + 1;
    }
    return false;
}

bool static_file_is_hidden(struct dev_server *server, struct str base, struct str path)
{
    struct str inner;

    return guard_is_private(path) || (workspace_cut(path, &inner) && workspace_is_config(inner)) ||
           is_build_output(server, base, path);
}

enum verdict { SHOW, HIDE, REPLACED /* by a rename, since it was opened */ };

/* Whether an open file or folder may be shown; `base` is the static folder it was found in. */
static enum verdict judge(struct dev_server *server, int fd, struct str path, struct str base)
{
    struct str real = real_path(&server->arena, fd);
    struct str inside;

    if (path.len == 0) {
        return SHOW;
    }
    if (!cut_root(server, real, &inside)) {
        /* the root itself may have been renamed meanwhile */
        static_file_learn_root(server);
        if (!cut_root(server, real, &inside) &&
                !files_path_of(server->options.files, fd, &server->arena, &inside)) {
            return HIDE;
        }
    }
    if (!str_eq(inside, path) && str_ends(inside, STR(" (deleted)"))) {
        return REPLACED;
    }
    if (base.len > 0 && path_is_below(inside, base)) {
        inside = str_skip(inside, base.len + 1);
    } else {
        base = STR("");
    }
    return static_file_is_hidden(server, base, inside) ? HIDE : SHOW;
}

/* Opens a file under one of the folders that are searched. */
static int open_in(struct dev_server *server, struct str base, struct str path, struct stat *ret_st,
        struct str *ret_path)
{
    struct str whole = base.len > 0 ? path_join(&server->arena, base, path) : path;
    struct stat st;

    if (static_file_is_hidden(server, base, path)) {
        return -ENOENT;
    }
    int plain = files_open_as_named(server->options.files, whole, ret_st);

    if (plain != -ELOOP) {
        *ret_path = whole;
        return plain;
    }
    for (int i = 0; i < OPEN_TRIES; i++) {
        int fd = files_open(server->options.files, whole, &st);

        if (fd < 0) {
            return fd;
        }
        enum verdict verdict = judge(server, fd, whole, base);

        if (verdict == SHOW) {
            *ret_st = st;
            *ret_path = whole;
            return fd;
        }
        sys_close(fd);
        if (verdict == HIDE) {
            break;
        }
    }
    return -ENOENT;
}

int static_file_open(struct dev_server *server, struct str path, struct stat *ret)
{
    struct str whole;

    return open_in(server, STR(""), path, ret, &whole);
}

int static_file_open_folder(struct dev_server *server, struct str path)
{
    if (static_file_is_hidden(server, STR(""), path)) {
        return -ENOENT;
    }
    int fd = files_open_beneath(server->options.files, path, O_RDONLY | O_DIRECTORY);

    if (fd >= 0 && judge(server, fd, path, STR("")) != SHOW) {
        sys_close(fd);
        return -ENOENT;
    }
    return fd;
}

/* The folders to search, the root first; the others as normalised paths. */
static bool get_base(struct dev_server *server, size_t i, struct str *ret)
{
    if (i == 0) {
        *ret = STR("");
        return true;
    }
    struct str dir = server->options.static_dirs[i - 1];

    return path_normalise(&server->arena, dir, ret) && ret->len > 0;
}

bool static_file_is_secret(struct dev_server *server, struct str path)
{
    const struct dev_server_options *o = &server->options;
    struct arena_mark mark = arena_get_mark(&server->arena);
    bool secret = static_file_is_hidden(server, STR(""), path);
    struct str artefact;
    struct str base;

    for (size_t i = 1; secret && i <= o->static_dir_count; i++) {
        if (get_base(server, i, &base) && path_is_below(path, base)) {
            secret = static_file_is_hidden(server, base, str_skip(path, base.len + 1));
        }
    }
    if (secret && o->find_artefact && o->find_artefact(o->ctx, path_name(path), &artefact)) {
        secret = !str_eq(artefact, path);
    }
    arena_rewind(&server->arena, mark);
    return secret;
}

static enum found find_in(struct dev_server *server, struct str base, struct str path, bool folder,
        struct found_file *ret)
{
    if (!folder && path.len > 0) {
        ret->fd = open_in(server, base, path, &ret->st, &ret->path);
        if (ret->fd >= 0) {
            return FOUND_FILE;
        }
    }
    struct str index = path_join(&server->arena, path, STR("index.html"));

    ret->fd = open_in(server, base, index, &ret->st, &ret->path);
    if (ret->fd < 0) {
        return FOUND_NOTHING;
    }
    if (folder || path.len == 0) {
        return FOUND_FILE;
    }
    ret->fd = sys_close(ret->fd);
    return FOUND_FOLDER;
}

/* An artefact is what the build says it is, wherever it lies. */
static bool find_artefact(struct dev_server *server, struct str url_path, struct found_file *ret)
{
    const struct dev_server_options *o = &server->options;
    struct str path;

    if (!o->find_artefact || !o->find_artefact(o->ctx, url_path, &path)) {
        return false;
    }
    if (path.len > 0 && path.ptr[0] == '/') {
        ret->fd = open(arena_cstr(&server->arena, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (ret->fd >= 0 && (fstat(ret->fd, &ret->st) < 0 || !S_ISREG(ret->st.st_mode))) {
            ret->fd = sys_close(ret->fd);
        }
    } else {
        ret->fd = files_open(o->files, path, &ret->st);
    }
    ret->path = path;
    ret->artefact = true;
    return ret->fd >= 0;
}

static bool is_route(struct str path)
{
    return path_ext(path).len == 0 && !guard_is_private(path);
}

enum found static_file_find(struct dev_server *server, const struct http_target *target,
        bool navigation, struct found_file *ret)
{
    size_t count = server->options.static_dir_count + 1;
    struct str base;

    *ret = (struct found_file){ .fd = -1 };
    for (size_t i = 0; i < count; i++) {
        if (get_base(server, i, &base)) {
            enum found found = find_in(server, base, target->path, target->folder, ret);

            if (found != FOUND_NOTHING) {
                return found;
            }
        }
    }
    if (find_artefact(server, target->path, ret)) {
        return FOUND_FILE;
    }
    if (!navigation || !is_route(target->path)) {
        return FOUND_NOTHING;
    }
    for (size_t i = 0; i < count; i++) {
        if (get_base(server, i, &base) && find_in(server, base, STR(""), true, ret) == FOUND_FILE) {
            ret->fallback = true;
            return FOUND_FILE;
        }
    }
    return FOUND_NOTHING;
}
