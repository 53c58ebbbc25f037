/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_FS_MEMO_H
#define ORBITON_RESOLVE_FS_MEMO_H

/*
 * The disk as it was when something began. To make one module of an application looks at the same few
 * tsconfig.json and package.json for each of its imports, and asks again and again what is not there; a look costs
 * some microseconds. Between fs_memo_begin() and fs_memo_end() each path is looked at once. That is for work that
 * is done in one go, after which nothing is remembered: what changed meanwhile counts from the next time on.
 */

#include "resolve/fs.h"

enum { FS_MEMO_MAX = 4096 }; /* paths; more are looked at each time */

struct fs_memo;

/* Asks `fs`, which is copied. */
struct fs_memo *fs_memo_create(const struct fs *fs);

/* Accepts NULL. */
void fs_memo_destroy(struct fs_memo *memo);

/* What remembers; as long as the memo is there. */
struct fs fs_memo_face(struct fs_memo *memo);

/* Remembers from now on, and nothing of before, also within another such time. Accepts NULL. */
void fs_memo_begin(struct fs_memo *memo);

/* The end of the last that began. Accepts NULL. */
void fs_memo_end(struct fs_memo *memo);

#endif
