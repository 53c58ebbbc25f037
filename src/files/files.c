/* SPDX-License-Identifier: MIT */
/*
 * The project's files on disk and a cache of their content hashes, by path.
 *
 * Invariant: a cached hash is used only for a file whose size, times and inode
 * are those it had when it was hashed, and only if those times were already
 * old then. A file system's clock ticks slowly (4 to 10 ms, on FAT 2 s), so a
 * second write within a tick leaves the times as they are; a hash made that
 * early is made again at the next look.
 */
#include "files/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "base/table.h"

enum {
    CHUNK = 256 * 1024,      /* bytes read at a time; a whole file is never held in memory */
    CACHE_MAX = 1024 * 1024, /* paths; the oldest goes when one more comes */
    WASM_SECTIONS_MAX = 64 * 1024,
    WASM_HEADER = 8, /* magic and version */
};

#define TICK_NS        UINT64_C(20000000)   /* twice the slowest kernel tick */
#define COARSE_TICK_NS UINT64_C(2500000000) /* FAT counts in 2 s, ext3 and HFS+ in 1 s */

struct entry {
    UT_hash_handle hh;
    struct hash hash;
    uint64_t size;
    uint64_t mtime_ns;
    uint64_t ctime_ns;
    uint64_t inode;
    uint64_t device;
    bool racy; /* hashed within a tick of its last change */
    size_t len;
    char path[];
};

struct files {
    int root_fd;
    char *root;
    struct entry *entries; /* in the order they were first looked at */
    struct hash_stream *stream;
    char *chunk; /* CHUNK bytes */

    /* The chunk holds a whole file, of that hash. */
    bool has_last;
    size_t last_len;
    struct hash last_hash;
    char root_name[PATH_MAX];    /* what files_root_name() was told */
    size_t root_name_len;        /* 0: nothing yet */
    struct workspace *workspace; /* NULL: none */
};

static uint64_t timespec_ns(struct timespec t)
{
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int open_root(const char *root)
{
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

int files_create(struct str root, struct files **ret)
{
    while (root.len > 1 && root.ptr[root.len - 1] == '/') {
        root.len--;
    }
    if (root.len == 0 || root.ptr[0] != '/' || str_find(root, '\0') != STR_NONE) {
        return -EINVAL;
    }
    char *name = mem_strcopy(root);
    int fd = open_root(name);

    if (fd < 0) {
        free(name);
        return fd;
    }
    struct files *files = mem_new(struct files);

    files->root_fd = fd;
    files->root = name;
    files->stream = hash_stream_create();
    files->chunk = mem_alloc(CHUNK, 1);
    *ret = files;
    return 0;
}

static void drop(struct files *files, struct entry *e)
{
    HASH_DEL(files->entries, e);
    free(e);
}

void files_destroy(struct files *files)
{
    if (!files) {
        return;
    }
    while (files->entries) {
        drop(files, files->entries);
    }
    workspace_destroy(files->workspace);
    hash_stream_destroy(files->stream);
    sys_close(files->root_fd);
    free(files->chunk);
    free(files->root);
    free(files);
}

int files_reopen(struct files *files)
{
    int fd = open_root(files->root);

    if (fd < 0) {
        return fd;
    }
    sys_close(files->root_fd);
    files->root_fd = fd;
    files->root_name_len = 0;
    return 0;
}

int files_root_fd(const struct files *files)
{
    return files->root_fd;
}

struct str files_root(const struct files *files)
{
    /* the root of the file system is the one path that is nothing but a slash */
    return strcmp(files->root, "/") == 0 ? STR("") : str_from(files->root);
}

bool files_root_name(struct files *files, bool again, struct str *ret)
{
    if (again || files->root_name_len == 0) {
        char link[64];

        snprintf(link, sizeof(link), "/proc/self/fd/%d", files->root_fd);
        ssize_t len = readlink(link, files->root_name, sizeof(files->root_name));

        files->root_name_len = len > 0 && len < (ssize_t)sizeof(files->root_name) ? (size_t)len : 0;
    }
    *ret = (struct str){ files->root_name, files->root_name_len };
    if (str_eq(*ret, STR("/"))) {
        ret->len = 0;
    }
    return files->root_name_len > 0;
}

void files_find_workspace(struct files *files)
{
    struct str root;
    int own = sys_open_beneath(files->root_fd, WORKSPACE_NAME, O_PATH);

    sys_close(own);
    if (own == -ENOENT && files_root_name(files, false, &root) && root.len > 0) {
        workspace_destroy(files->workspace);
        files->workspace = workspace_find(root);
    }
}

struct str files_within(const struct files *files)
{
    return files->workspace ? workspace_within(files->workspace) : STR("");
}

void files_on_use(struct files *files, workspace_use_fn fn, void *ctx)
{
    if (files && files->workspace) {
        workspace_on_use(files->workspace, fn, ctx);
    }
}

int files_base(const struct files *files, struct str path, struct str *ret_inner)
{
    if (files->workspace && workspace_cut(path, ret_inner)) {
        *ret_inner = ret_inner->len > 0 ? *ret_inner : STR(".");
        return workspace_fd(files->workspace);
    }
    *ret_inner = path;
    return files->root_fd;
}

struct str files_full_path(const struct files *files, struct str path, struct arena *a)
{
    struct str inner;

    if (files->workspace && workspace_cut(path, &inner)) {
        return path_join(a, workspace_folder(files->workspace), inner);
    }
    return arena_printf(a, "%.*s/%.*s", STR_FMT(files_root(files)), STR_FMT(path));
}

int files_open_beneath(struct files *files, struct str path, int flags)
{
    struct str inner;
    struct arena a = { 0 };

    if (files->workspace && workspace_cut(path, &inner)) {
        return workspace_open(files->workspace, inner, flags);
    }
    int fd = sys_open_beneath(files->root_fd, path, flags);

    if (fd == -EXDEV && files->workspace && str_find_str(path, STR("node_modules")) != STR_NONE) {
        (void)workspace_cut(workspace_within(files->workspace), &inner);
        inner = path_join(&a, inner, path);
        fd = workspace_open(files->workspace, inner, flags);
        arena_finish(&a);
    }
    return fd;
}

bool files_path_of(struct files *files, int fd, struct arena *a, struct str *ret)
{
    char link[64];
    char name[PATH_MAX];
    struct str root;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, name, sizeof(name));
    struct str full = { name, len > 0 && len < (ssize_t)sizeof(name) ? (size_t)len : 0 };

    for (int again = 0; full.len > 0 && again < 2; again++) {
        if (files_root_name(files, again > 0, &root) && path_is_below(full, root)) {
            *ret = arena_str(a, str_skip(full, root.len + 1));
            return true;
        }
    }
    if (full.len > 0 && files->workspace &&
            path_is_below(full, workspace_folder(files->workspace))) {
        *ret = path_join(
                a, WORKSPACE_NAME, str_skip(full, workspace_folder(files->workspace).len + 1));
        return true;
    }
    return false;
}

/* Whether an error of the kernel's walk means that no such file lies beneath the root. */
static bool means_not_there(int error)
{
    return error == -ENOTDIR || error == -EXDEV || error == -ELOOP || error == -ENXIO ||
           error == -ENAMETOOLONG || error == -ENODEV || error == -EINVAL;
}

/* Closes `fd` if it is no regular file; an error of its opening goes through. */
static int check_regular(int fd, struct stat *ret)
{
    struct stat st;

    if (fd < 0) {
        return means_not_there(fd) ? -ENOENT : fd;
    }
    if (fstat(fd, &st) < 0) {
        int error = -errno;

        sys_close(fd);
        return error;
    }
    if (!S_ISREG(st.st_mode)) {
        sys_close(fd);
        return -ENOENT;
    }
    *ret = st;
    return fd;
}

int files_open(struct files *files, struct str path, struct stat *ret)
{
    return check_regular(files_open_beneath(files, path, O_RDONLY), ret);
}

int files_open_as_named(struct files *files, struct str path, struct stat *ret)
{
    struct str inner;

    if (workspace_cut(path, &inner)) {
        return -ELOOP; /* the folder of a package stands for another one */
    }
    int fd = sys_open_as_named(files->root_fd, path, O_RDONLY);

    return fd == -ELOOP ? fd : check_regular(fd, ret);
}

static struct entry *find(const struct files *files, struct str path)
{
    struct entry *e;

    HASH_FIND(hh, files->entries, path.len > 0 ? path.ptr : "", path.len, e);
    return e;
}

static struct entry *find_or_add(struct files *files, struct str path)
{
    struct entry *e = find(files, path);

    if (e) {
        return e;
    }
    if (HASH_COUNT(files->entries) >= CACHE_MAX) {
        drop(files, files->entries);
    }
    e = mem_alloc(1, sizeof(*e) + path.len + 1);
    e->len = path.len;
    if (path.len > 0) {
        memcpy(e->path, path.ptr, path.len);
    }
    HASH_ADD_KEYPTR(hh, files->entries, e->path, e->len, e);
    return e;
}

/* Reads up to `len` bytes at `offset`; fewer only at the end of the file. */
static ssize_t read_at(int fd, char *to, size_t len, uint64_t offset)
{
    size_t done = 0;

    while (done < len) {
        ssize_t got = pread(fd, to + done, len - done, (off_t)(offset + done));

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -errno;
        }
        if (got == 0) {
            break;
        }
        done += (size_t)got;
    }
    return (ssize_t)done;
}

/* Adds the bytes [from, to), or what there is of them, to the stream. */
static int add_range(struct files *files, int fd, uint64_t from, uint64_t to)
{
    files->has_last = false;
    while (from < to) {
        size_t len = to - from < CHUNK ? (size_t)(to - from) : CHUNK;
        ssize_t got = read_at(fd, files->chunk, len, from);

        if (got < 0) {
            return (int)got;
        }
        files->has_last = from == 0 && (size_t)got < len;
        files->last_len = (size_t)got;
        hash_stream_add(files->stream, (struct str){ files->chunk, (size_t)got });
        if ((size_t)got < len) {
            break;
        }
        from += len;
    }
    return 0;
}

struct section {
    unsigned char id;
    uint64_t end; /* offset of the byte behind it */
};

/* Reads the head of the section at `offset`; false if it is malformed or passes `size`. */
static bool read_section(int fd, uint64_t offset, uint64_t size, struct section *ret)
{
    unsigned char head[6]; /* id and a LEB128 number of 32 bits */
    ssize_t got = read_at(fd, (char *)head, sizeof(head), offset);
    uint64_t len = 0;

    for (unsigned i = 1; got > 0 && i < (unsigned)got; i++) {
        len |= (uint64_t)(head[i] & 0x7f) << (7 * (i - 1));
        if (!(head[i] & 0x80)) {
            ret->id = head[0];
            ret->end = offset + i + 1 + len;
            return ret->end <= size;
        }
    }
    return false;
}

static bool is_wasm(int fd, uint64_t size)
{
    char head[WASM_HEADER];
    struct section section;
    uint64_t at = WASM_HEADER;

    if (read_at(fd, head, sizeof(head), 0) != sizeof(head) ||
            memcmp(head, "\0asm\1\0\0\0", sizeof(head)) != 0) {
        return false;
    }
    for (unsigned i = 0; at < size; i++, at = section.end) {
        if (i == WASM_SECTIONS_MAX || !read_section(fd, at, size, &section)) {
            return false;
        }
    }
    return true;
}

/* A module whose sections is_wasm() has seen to be whole: all of it but the custom sections. */
static int hash_wasm(struct files *files, int fd, uint64_t size)
{
    struct section section;
    int result = add_range(files, fd, 0, WASM_HEADER);

    for (uint64_t at = WASM_HEADER; result == 0 && at < size; at = section.end) {
        /* a file that another process cuts meanwhile has other times at the next look */
        if (!read_section(fd, at, size, &section)) {
            break;
        }
        if (section.id != 0) {
            result = add_range(files, fd, at, section.end);
        }
    }
    return result;
}

static int hash_file(
        struct files *files, struct str path, int fd, const struct stat *st, struct hash *ret)
{
    uint64_t size = (uint64_t)st->st_size;
    int result;

    if (size > FILES_HASH_MAX) {
        uint64_t identity[] = { size, timespec_ns(st->st_mtim), timespec_ns(st->st_ctim),
            (uint64_t)st->st_ino, (uint64_t)st->st_dev };

        *ret = hash_bytes((struct str){ (const char *)identity, sizeof(identity) });
        return 0;
    }
    if (str_ieq(path_ext(path), STR(".wasm")) && is_wasm(fd, size)) {
        result = hash_wasm(files, fd, size);
        files->has_last = false; /* the hash is not that of all bytes */
    } else {
        /* up to the end, even if the file grew since the stat */
        result = add_range(files, fd, 0, FILES_HASH_MAX);
    }
    struct hash hash = hash_stream_take(files->stream);

    if (result == 0) {
        *ret = hash;
    }
    files->has_last = files->has_last && result == 0;
    files->last_hash = hash;
    return result;
}

static bool is_same_file(const struct entry *e, const struct stat *st)
{
    return e->size == (uint64_t)st->st_size && e->mtime_ns == timespec_ns(st->st_mtim) &&
           e->ctime_ns == timespec_ns(st->st_ctim) && e->inode == (uint64_t)st->st_ino &&
           e->device == (uint64_t)st->st_dev;
}

/* Whether a write that follows now could leave the times of `st` as they are. */
static bool is_racy(const struct stat *st, uint64_t wall_ns)
{
    uint64_t mtime = timespec_ns(st->st_mtim);
    uint64_t ctime = timespec_ns(st->st_ctim);
    uint64_t last = mtime > ctime ? mtime : ctime;
    bool coarse = st->st_mtim.tv_nsec == 0 && st->st_ctim.tv_nsec == 0;

    /* a time in the future (a copied clock, a network server's) cannot be trusted for ever, so
     * it counts as old once it is further away than any tick */
    uint64_t distance = wall_ns > last ? wall_ns - last : last - wall_ns;

    return distance < (coarse ? COARSE_TICK_NS : TICK_NS);
}

int files_look_open(
        struct files *files, struct str path, int fd, const struct stat *st, struct file_facts *ret)
{
    struct entry *e = find(files, path);
    struct hash hash;

    if (!e || e->racy || !is_same_file(e, st)) {
        /* the clock is read first: what is written while we read must count as racy */
        uint64_t wall = sys_wall_ns();
        int result = hash_file(files, path, fd, st, &hash);

        if (result < 0) {
            return result;
        }
        e = find_or_add(files, path);
        e->hash = hash;
        e->size = (uint64_t)st->st_size;
        e->mtime_ns = timespec_ns(st->st_mtim);
        e->ctime_ns = timespec_ns(st->st_ctim);
        e->inode = (uint64_t)st->st_ino;
        e->device = (uint64_t)st->st_dev;
        e->racy = is_racy(st, wall);
    }
    *ret = (struct file_facts){ .size = e->size, .mtime_ns = e->mtime_ns, .hash = e->hash };
    return 0;
}

int files_look(struct files *files, struct str path, struct file_facts *ret)
{
    struct stat st;
    int fd = files_open(files, path, &st);

    if (fd < 0) {
        return fd;
    }
    int result = files_look_open(files, path, fd, &st, ret);

    sys_close(fd);
    return result;
}

bool files_last_bytes(const struct files *files, struct hash hash, struct str *ret)
{
    if (!files->has_last || !hash_eq(files->last_hash, hash)) {
        return false;
    }
    *ret = (struct str){ files->chunk, files->last_len };
    return true;
}

void files_forget(struct files *files, struct str path)
{
    struct entry *e = find(files, path);

    if (e) {
        drop(files, e);
    }
}
