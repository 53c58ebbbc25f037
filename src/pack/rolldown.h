/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_ROLLDOWN_H
#define ORBITON_PACK_ROLLDOWN_H

/*
 * The Nodes that run the project's rolldown (sidecar/pack.mjs). One makes one pack at a time, and is kept for
 * the next ones: to start it takes longer than a small pack. When none has made any for ROLLDOWN_IDLE_MS they end.
 */

#include <stdbool.h>
#include <uv.h>

#include "base/str.h"

enum {
    ROLLDOWN_AT_ONCE = 2, /* that are worth it: rolldown has threads of its own */
    ROLLDOWN_IDLE_MS = 5000,
};

struct rolldowns;

/* One of them, which makes a pack. */
struct rolldown;

struct rolldown_request {
    struct str line; /* what pack.mjs is told, without a line end; copied */
    /* Comes once, later, from the loop; not after rolldown_abandon(). Whether the two files are made; if
     * not, `said` is what was printed meanwhile. */
    void (*on_done)(void *ctx, bool good, struct str said);
    void *ctx;
};

/* `root` is the project's folder, `folder` that of the package rolldown. Both absolute, and copied. */
struct rolldowns *rolldowns_create(uv_loop_t *loop, struct str root, struct str folder);

/* Gives it to one that has nothing to do, or starts one. Borrowed until on_done. Never NULL. */
struct rolldown *rolldown_start(struct rolldowns *all, const struct rolldown_request *request);

/* Ends the one that makes it, at once. */
void rolldown_abandon(struct rolldown *r);

/* Ends them all, without a call. Accepts NULL. */
void rolldowns_destroy(struct rolldowns *all);

#endif
