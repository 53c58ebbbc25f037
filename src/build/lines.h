/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BUILD_LINES_H
#define ORBITON_BUILD_LINES_H

/*
 * A child's output in bounded memory: whole lines as they come, and the last
 * part of it for when nothing better is known. A child may print for ever.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

struct lines {
    struct strbuf buf;
    bool is_skipping; /* inside a line that is too long */
    size_t dropped;   /* lines that were too long */
};

typedef void (*lines_fn)(void *ctx, struct str line);

/* A line longer than `max` bytes is dropped and counted. */
void lines_init(struct lines *lines, size_t max);

/* Calls `fn` for each line that is complete now, without its line end. */
void lines_feed(struct lines *lines, struct str bytes, lines_fn fn, void *ctx);

/* The same for what stands behind the last line end; ready for another child then. */
void lines_end(struct lines *lines, lines_fn fn, void *ctx);

void lines_finish(struct lines *lines);

enum { TAIL_MAX = 64 * 1024 };

/* Appends to the last TAIL_MAX bytes; `tail` was made with strbuf_init(tail, 2 * TAIL_MAX). */
void tail_add(struct strbuf *tail, struct str bytes);

/* The last `count` lines of it, trimmed. */
struct str tail_lines(const struct strbuf *tail, size_t count);

#endif
