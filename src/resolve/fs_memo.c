/* SPDX-License-Identifier: MIT */
#include "resolve/fs_memo.h"

#include "base/mem.h"
#include "base/table.h"

struct answer {
    bool is_there;
    struct fs_stat st;
    UT_hash_handle hh;
};

struct fs_memo {
    struct fs fs;
    unsigned depth; /* of fs_memo_begin(); 0: nothing is remembered */
    struct answer *answers;
    struct arena arena; /* of them, and of their paths */
};

static bool memo_stat(void *ctx, struct str path, struct fs_stat *ret)
{
    struct fs_memo *memo = ctx;
    struct answer *answer;

    if (memo->depth == 0) {
        return memo->fs.stat(memo->fs.ctx, path, ret);
    }
    HASH_FIND(hh, memo->answers, path.len > 0 ? path.ptr : "", path.len, answer);
    if (answer) {
        *ret = answer->st;
        return answer->is_there;
    }
    bool is_there = memo->fs.stat(memo->fs.ctx, path, ret);

    /* the stamp 0 becomes another one soon, by which others can remember what they have read */
    bool holds = !is_there || ret->version != 0;

    if (holds && HASH_COUNT(memo->answers) < FS_MEMO_MAX) {
        struct str key = arena_str(&memo->arena, path);

        answer = arena_new(&memo->arena, struct answer);
        answer->is_there = is_there;
        answer->st = *ret;
        HASH_ADD_KEYPTR(hh, memo->answers, key.ptr, key.len, answer);
    }
    return is_there;
}

static bool memo_read(void *ctx, struct str path, struct arena *a, struct str *ret, size_t limit)
{
    const struct fs_memo *memo = ctx;

    return memo->fs.read(memo->fs.ctx, path, a, ret, limit);
}

static int memo_list(void *ctx, struct str path, struct arena *a, struct fs_entry **ret,
        size_t *ret_count, size_t limit)
{
    const struct fs_memo *memo = ctx;

    return memo->fs.list(memo->fs.ctx, path, a, ret, ret_count, limit);
}

static bool memo_real(void *ctx, struct str path, struct arena *a, struct str *ret)
{
    const struct fs_memo *memo = ctx;

    return memo->fs.real(memo->fs.ctx, path, a, ret);
}

static bool memo_link(void *ctx, struct str path, struct arena *a, struct str *ret)
{
    const struct fs_memo *memo = ctx;

    return memo->fs.link(memo->fs.ctx, path, a, ret);
}

static void forget(struct fs_memo *memo)
{
    HASH_CLEAR(hh, memo->answers);
    arena_reset(&memo->arena);
}

struct fs_memo *fs_memo_create(const struct fs *fs)
{
    struct fs_memo *memo = mem_new(struct fs_memo);

    memo->fs = *fs;
    return memo;
}

void fs_memo_destroy(struct fs_memo *memo)
{
    if (memo) {
        forget(memo);
        arena_finish(&memo->arena);
        free(memo);
    }
}

struct fs fs_memo_face(struct fs_memo *memo)
{
    return (struct fs){
        .stat = memo_stat,
        .read = memo_read,
        .list = memo_list,
        .real = memo_real,
        .link = memo_link,
        .ctx = memo,
        .within = memo->fs.within,
    };
}

void fs_memo_begin(struct fs_memo *memo)
{
    if (memo) {
        memo->depth++;
        forget(memo);
    }
}

void fs_memo_end(struct fs_memo *memo)
{
    if (memo && --memo->depth == 0) {
        forget(memo);
    }
}
