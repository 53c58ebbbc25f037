/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SPAWN_SPAWN_H
#define ORBITON_SPAWN_SPAWN_H

/*
 * The one place that starts other programs: builds, toolchain questions,
 * editors, the browser for --open. A closed set of kinds, an argument vector,
 * never a shell of ours.
 *
 * A child runs in a process group of its own under a keeper (a small process
 * of this program, `spawn_keeper_main`), which kills the whole group when orbiton
 * goes away in whatever manner, kill -9 included: a child never outlives the server.
 * Editors and browsers are let go instead.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/str.h"

enum spawn_kind {
    SPAWN_BUILD,   /* output is delivered; dies with orbiton */
    SPAWN_SERVICE, /* the same, and it is written to by spawn_write() */
    SPAWN_EDITOR,  /* output is dropped; outlives orbiton */
    SPAWN_BROWSER,
};

enum { SPAWN_UNSENT_MAX = 64 * 1024 * 1024 }; /* bytes that a service has not taken yet */

enum spawn_stream { SPAWN_STDOUT, SPAWN_STDERR };

struct spawn_child;

struct spawn_request {
    enum spawn_kind kind;
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
    const char *const *env;  /* "NAME=value" entries added to ours; NULL-terminated; may be NULL */
    const char *cwd;         /* absolute */
    /* A piece of output, in order per stream; may be NULL */
    void (*on_output)(void *ctx, enum spawn_stream stream, struct str bytes);
    /*
     * Once, after the group has ended and both streams are at their end. `status` is the exit
     * code, 128 + signal, or a negative errno if the program could not be started.
     */
    void (*on_exit)(void *ctx, int status);
    /* A service has taken all that it was given: what spawn_write() refused for want of room can be
     * given now. May be NULL */
    void (*on_drained)(void *ctx);
    size_t unsent_max; /* bytes, instead of SPAWN_UNSENT_MAX; 0: that */
    void *ctx;
};

/* Starts the program. Errors reach on_exit too, later from the loop. Never NULL. */
struct spawn_child *spawn_start(uv_loop_t *loop, const struct spawn_request *request);

/*
 * Gives a service more to read; the bytes are copied. False if it has not taken SPAWN_UNSENT_MAX
 * bytes, or has ended: then nothing of it is written, and on_exit has come or is to come. SIGPIPE
 * must be ignored.
 */
bool spawn_write(struct spawn_child *child, struct str bytes);

/* What a service was given is all there is: it reads the end behind it. */
void spawn_end_input(struct spawn_child *child);

/* Ends the whole group: SIGTERM now, SIGKILL after 500 ms. on_exit still comes. */
void spawn_kill(struct spawn_child *child);

/* Ends the group at once; neither callback comes any more. For shutdown. */
void spawn_abandon(struct spawn_child *child);

/* main() calls this first: if the program was started as a keeper it does that work and never
 * returns. */
void spawn_keeper_main(int argc, char **argv);

#endif
