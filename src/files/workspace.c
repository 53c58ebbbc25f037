/* SPDX-License-Identifier: MIT */
/*
 * Invariant: a descriptor that is given out leads to a place with a node_modules on its way, or into
 * a package that a link within a node_modules led to when it was walked, or is of a configuration.
 */
#include "files/workspace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/sys.h"
#include "base/vec.h"

struct package {
    struct str place; /* its path from the workspace's folder; owned */
    bool is_told;     /* that something in it is used */
};

struct package_list {
    struct package *items;
    size_t count;
    size_t cap;
};

struct workspace {
    int fd;
    char *folder;
    char *within;
    struct package_list packages;
    workspace_use_fn on_use; /* NULL: nobody is told */
    void *use_ctx;
    bool has_looked; /* all links were followed that are there without being asked for */
    size_t names;    /* how many were looked at for that */
};

static bool has(struct arena *a, struct str folder, const char *name)
{
    return access(arena_cstr(a, path_join(a, folder, str_from(name))), F_OK) == 0;
}

static bool says_workspaces(struct arena *a, struct str folder)
{
    struct strbuf text;
    int fd = open(arena_cstr(a, path_join(a, folder, STR("package.json"))),
            O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        return false;
    }
    strbuf_init(&text, WORKSPACE_MANIFEST_MAX);
    bool found = sys_read_all(fd, &text) == 0 &&
                 str_find_str(strbuf_str(&text), STR("\"workspaces\"")) != STR_NONE;

    strbuf_finish(&text);
    sys_close(fd);
    return found;
}

static struct workspace *make(struct arena *a, struct str folder, struct str root)
{
    int fd = open(arena_cstr(a, folder), O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) {
        return NULL;
    }
    struct workspace *w = mem_new(struct workspace);

    w->fd = fd;
    w->folder = mem_strcopy(folder);
    w->within = mem_strcopy(path_join(a, WORKSPACE_NAME, str_skip(root, folder.len + 1)));
    return w;
}

struct workspace *workspace_find(struct str root)
{
    struct arena a = { 0 };
    struct str folder = root;
    struct str nearest = STR("");
    struct workspace *w = NULL;

    for (int i = 0; i < WORKSPACE_LEVELS_MAX && !has(&a, folder, ".git"); i++) {
        folder = path_parent(folder);
        if (folder.len == 0) {
            break;
        }
        if (has(&a, folder, "pnpm-workspace.yaml") || has(&a, folder, "lerna.json") ||
                says_workspaces(&a, folder)) {
            nearest = folder;
            break;
        }
        if (nearest.len == 0 && has(&a, folder, "package.json")) {
            nearest = folder;
        }
    }
    if (nearest.len > 0) {
        w = make(&a, nearest, root);
    }
    arena_finish(&a);
    return w;
}

void workspace_destroy(struct workspace *w)
{
    if (!w) {
        return;
    }
    for (size_t i = 0; i < w->packages.count; i++) {
        free((char *)(uintptr_t)w->packages.items[i].place.ptr);
    }
    vec_finish(&w->packages);
    sys_close(w->fd);
    free(w->folder);
    free(w->within);
    free(w);
}

struct str workspace_within(const struct workspace *w)
{
    return str_from(w->within);
}

struct str workspace_folder(const struct workspace *w)
{
    return str_from(w->folder);
}

int workspace_fd(const struct workspace *w)
{
    return w->fd;
}

bool workspace_cut(struct str path, struct str *ret_inner)
{
    if (!path_is_below(path, WORKSPACE_NAME)) {
        return false;
    }
    *ret_inner = str_skip(path, WORKSPACE_NAME.len + 1);
    return true;
}

/* The root's path from the workspace's folder. */
static struct str project_of(const struct workspace *w)
{
    return str_skip(workspace_within(w), WORKSPACE_NAME.len + 1);
}

/* Behind the name of the package that the last node_modules on the way holds; 0 if there is none. */
static size_t package_end(struct str path)
{
    size_t end = 0;

    for (size_t at = 0; at < path.len;) {
        size_t len = str_find(str_skip(path, at), '/');
        size_t next = len == STR_NONE ? path.len : at + len;

        if (str_eq(str_sub(path, at, next), STR("node_modules")) && next + 1 < path.len) {
            bool scoped = path.ptr[next + 1] == '@';
            size_t slash = str_find(str_skip(path, next + 1), '/');

            end = slash == STR_NONE ? path.len : next + 1 + slash;
            if (scoped && end < path.len) {
                slash = str_find(str_skip(path, end + 1), '/');
                end = slash == STR_NONE ? path.len : end + 1 + slash;
            }
        }
        at = next + 1;
    }
    return end;
}

/* Where an open descriptor leads, from the workspace's folder on. */
static bool place_of(const struct workspace *w, int fd, char to[PATH_MAX], struct str *ret)
{
    char link[64];
    struct str folder = workspace_folder(w);

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, to, PATH_MAX);

    if (len <= 0 || len >= PATH_MAX || !path_is_below((struct str){ to, (size_t)len }, folder)) {
        return false;
    }
    *ret = str_skip((struct str){ to, (size_t)len }, folder.len + 1);
    return true;
}

static struct package *find_package(const struct workspace *w, struct str place)
{
    for (size_t i = 0; i < w->packages.count; i++) {
        if (path_is_below(place, w->packages.items[i].place)) {
            return &w->packages.items[i];
        }
    }
    return NULL;
}

static bool is_package(const struct workspace *w, struct str place)
{
    return package_end(place) > 0 || find_package(w, place);
}

/* Whether the project lies in the place: it is the workspace's folder, or one on the way from it. */
static bool has_project(const struct workspace *w, struct str place)
{
    struct str project = project_of(w);

    return place.len < project.len && path_is_below(project, place);
}

bool workspace_is_config(struct str path)
{
    struct str name = path_name(path);

    return str_ends(name, STR(".json")) &&
           (str_starts(name, STR("tsconfig")) || str_starts(name, STR("jsconfig"))) &&
           !str_starts(path, STR(".")) && str_find_str(path, STR("/.")) == STR_NONE;
}

static bool may_open(const struct workspace *w, struct str place)
{
    return is_package(w, place) || workspace_is_config(place);
}

/* Tells of the use of what lies there, and first that its package is used at all; not of what is the
 * project's own or some node_modules'. */
static void tell_use(struct workspace *w, struct str place)
{
    struct str project = project_of(w);
    struct package *package = find_package(w, place);
    struct arena a = { 0 };

    if (!w->on_use || !package || package_end(place) > 0 || path_is_below(place, project)) {
        return;
    }
    if (!package->is_told) {
        package->is_told = true;
        w->on_use(w->use_ctx, path_join(&a, WORKSPACE_NAME, package->place), true);
    }
    if (!str_eq(place, package->place)) {
        struct str folder = path_parent(place);
        bool is_own = str_eq(folder, package->place);

        w->on_use(w->use_ctx, path_join(&a, WORKSPACE_NAME, folder), is_own);
    }
    arena_finish(&a);
}

void workspace_on_use(struct workspace *w, workspace_use_fn fn, void *ctx)
{
    w->on_use = fn;
    w->use_ctx = ctx;
}

/* Follows the link of the package on the way to `inner`; what it leads to is a package, unless that
 * would be all around the project too. */
static void learn(struct workspace *w, struct str inner)
{
    char name[PATH_MAX];
    struct str place;
    int fd = sys_open_beneath(w->fd, str_sub(inner, 0, package_end(inner)), O_PATH);

    if (fd >= 0 && place_of(w, fd, name, &place) && !is_package(w, place) &&
            !has_project(w, place) && w->packages.count < WORKSPACE_PACKAGES_MAX) {
        struct package package = { .place = { mem_strcopy(place), place.len } };

        vec_push(&w->packages, package);
    }
    sys_close(fd);
}

/* Follows the links in a folder of packages, and in those of scopes there. */
static void learn_links(struct workspace *w, struct arena *a, struct str folder, bool is_scope)
{
    int fd = sys_open_beneath(w->fd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *d;

    if (!dir) {
        sys_close(fd);
        return;
    }
    while (w->names < WORKSPACE_NAMES_MAX && (d = readdir(dir)) != NULL) {
        struct str path = path_join(a, folder, str_from(d->d_name));

        w->names++;
        if (d->d_type == DT_LNK || d->d_type == DT_UNKNOWN) {
            learn(w, path);
        } else if (d->d_type == DT_DIR && d->d_name[0] == '@' && !is_scope) {
            learn_links(w, a, path, true);
        }
    }
    (void)closedir(dir);
}

/*
 * A page that was opened in another run asks for files of packages by their URLs, and nobody has walked
 * the links there yet. Follows those of the project, of the folders above it, and of the packages that
 * these lead to; once.
 */
static void learn_all(struct workspace *w)
{
    const struct str modules = STR("node_modules");
    struct str folder = project_of(w);
    struct arena a = { 0 };

    w->has_looked = true;
    for (; folder.len > 0; folder = path_parent(folder)) {
        learn_links(w, &a, path_join(&a, folder, modules), false);
    }
    learn_links(w, &a, modules, false);
    for (size_t i = 0; i < w->packages.count; i++) {
        struct str place = w->packages.items[i].place;

        learn_links(w, &a, path_join(&a, place, modules), false);
    }
    arena_finish(&a);
}

/* A file of the workspace's own, as its package.json, and what is the project's are asked for often. */
static bool may_be_package(const struct workspace *w, struct str place)
{
    return str_find(place, '/') != STR_NONE && !path_is_below(place, project_of(w));
}

int workspace_open(struct workspace *w, struct str inner, int flags)
{
    char name[PATH_MAX];
    struct str place;
    int fd = sys_open_beneath(w->fd, inner, flags);

    if (fd < 0) {
        return fd;
    }
    bool is_within = place_of(w, fd, name, &place);

    if (is_within && !may_open(w, place)) {
        if (package_end(inner) > 0) {
            learn(w, inner);
        } else if (!w->has_looked && may_be_package(w, place)) {
            learn_all(w);
        }
    }
    if (!is_within || !may_open(w, place)) {
        sys_close(fd);
        return -ENOENT;
    }
    tell_use(w, place);
    return fd;
}
