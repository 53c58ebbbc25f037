/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BUILD_TOOL_H
#define ORBITON_BUILD_TOOL_H

/* What build.c gives its two tools, cargo and a command, and what both use. */

#include <stdbool.h>
#include <uv.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "build/build.h"

struct tool_host {
    uv_loop_t *loop;
    const struct build_options *options; /* borrowed as long as the tool lives */
    struct str root;                     /* absolute and without symbolic links; terminated */
    /* The run is over; may be called before the tool's start function has returned. */
    void (*on_done)(void *ctx, bool is_good);
    void *ctx;
};

/* The value that a child will see: the configured environment, then ours; "" if unset. */
struct str tool_getenv(const struct build_options *options, const char *name);

/* How a child ended, for people: "exited with status 2", "was ended by signal 9 (Killed)". */
struct str tool_describe_status(struct arena *a, int status);

/* Adds an error with the last lines of a child's output as its frame. */
void tool_add_failure(
        struct diag_list *diags, struct str program, int status, const struct strbuf *tail);

#endif
