/* SPDX-License-Identifier: MIT */
/* See cache.h. */
#include "pack/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/path.h"
#include "base/sys.h"

#define FIRST_LINE "// orbiton pack "

enum {
    FIRST_LINE_LEN = sizeof(FIRST_LINE) - 1 + HASH_HEX_LEN + 1,
    BEGUN_S = 3600, /* no program writes for longer */
};

static struct str file_of(struct arena *a, struct str folder, struct hash key)
{
    char hex[HASH_HEX_LEN + 1];

    hash_format(key, hex);
    return arena_printf(a, "%.*s/%s.js", STR_FMT(folder), hex);
}

/* Whether it is the name of a text that is kept. */
static bool is_kept(struct str path)
{
    struct str name = path_name(path);
    struct hash key;

    return name.len == HASH_HEX_LEN + 3 && str_ends(name, STR(".js")) &&
           hash_parse(str_sub(name, 0, HASH_HEX_LEN), &key);
}

/* Calls `fn` for each file in the folder. */
static void each_file(
        struct str folder, void (*fn)(void *ctx, struct str path, const struct stat *st), void *ctx)
{
    struct arena a = { 0 };
    const struct dirent *entry;
    DIR *dir = opendir(arena_cstr(&a, folder));

    while (dir && (entry = readdir(dir)) != NULL) {
        struct str path = arena_printf(&a, "%.*s/%s", STR_FMT(folder), entry->d_name);
        struct stat st;

        if (stat(path.ptr, &st) == 0 && S_ISREG(st.st_mode)) {
            fn(ctx, path, &st);
        }
    }
    if (dir) {
        (void)closedir(dir);
    }
    arena_finish(&a);
}

/* Removes what runs that were killed have left. */
static void remove_begun(void *ctx, struct str path, const struct stat *st)
{
    (void)ctx;
    if (!is_kept(path) && st->st_mtim.tv_sec < time(NULL) - BEGUN_S) {
        (void)unlink(path.ptr);
    }
}

bool cache_make(struct str folder)
{
    struct arena a = { 0 };
    struct str above = path_parent(folder);

    (void)mkdir(arena_cstr(&a, above), 0777);
    (void)mkdir(arena_cstr(&a, folder), 0777);
    bool good = access(arena_cstr(&a, folder), W_OK | X_OK) == 0;

    if (good) {
        each_file(folder, remove_begun, NULL);
    }
    arena_finish(&a);
    return good;
}

bool cache_read(struct str folder, struct hash key, struct strbuf *into)
{
    struct arena a = { 0 };
    struct hash said;

    strbuf_reset(into);
    bool good = sys_read_file(file_of(&a, folder, key), into) == 0 && !into->overflow &&
                into->len >= FIRST_LINE_LEN && str_starts(strbuf_str(into), STR(FIRST_LINE)) &&
                hash_parse(str_sub(strbuf_str(into), sizeof(FIRST_LINE) - 1, FIRST_LINE_LEN - 1),
                        &said) &&
                hash_eq(said, hash_bytes(str_skip(strbuf_str(into), FIRST_LINE_LEN)));

    if (good) {
        strbuf_consume(into, FIRST_LINE_LEN);
        (void)utimensat(AT_FDCWD, file_of(&a, folder, key).ptr, NULL, 0);
    }
    arena_finish(&a);
    return good;
}

/* What a folder has too much of. */
struct room {
    struct arena arena;
    struct str fresh; /* never removed */
    struct str oldest;
    struct timespec when; /* of that */
    size_t count;
};

static void count_kept(void *ctx, struct str path, const struct stat *st)
{
    struct room *r = ctx;
    struct timespec at = st->st_mtim;

    if (!is_kept(path)) {
        return;
    }
    r->count++;
    if (!str_eq(path, r->fresh) &&
            (r->oldest.len == 0 || at.tv_sec < r->when.tv_sec ||
                    (at.tv_sec == r->when.tv_sec && at.tv_nsec < r->when.tv_nsec))) {
        r->oldest = arena_str(&r->arena, path);
        r->when = at;
    }
}

/* Removes the file that was read or written before all others, if there are too many; never `fresh`. */
static void make_room(struct str folder, struct str fresh)
{
    struct room r = { .fresh = fresh };

    each_file(folder, count_kept, &r);
    if (r.count > CACHE_FILES_MAX) {
        (void)unlink(arena_cstr(&r.arena, r.oldest));
    }
    arena_finish(&r.arena);
}

bool cache_write(struct str folder, struct hash key, struct str text)
{
    struct arena a = { 0 };
    char hex[HASH_HEX_LEN + 1];
    struct str path = file_of(&a, folder, key);
    char *fresh = arena_cstr(&a, arena_printf(&a, "%.*s.XXXXXX", STR_FMT(path)));
    int fd = mkostemp(fresh, O_CLOEXEC);

    hash_format(hash_bytes(text), hex);
    bool good = fd >= 0 && sys_write_all(fd, arena_printf(&a, FIRST_LINE "%s\n", hex)) == 0 &&
                sys_write_all(fd, text) == 0 && rename(fresh, path.ptr) == 0;

    if (fd >= 0 && !good) {
        (void)unlink(fresh);
    }
    sys_close(fd);
    make_room(folder, path);
    arena_finish(&a);
    return good;
}
