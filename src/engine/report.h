/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ENGINE_REPORT_H
#define ORBITON_ENGINE_REPORT_H

/*
 * What the engine knows, as JSON: for the inspector (state), for `orbiton why`,
 * and for `orbiton explain`. docs/protocol.md has the members. A state that the
 * asker has already is held back until something is new.
 */

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "serve/dev_server.h"

struct engine;

enum {
    REPORT_NODES_MAX = 3000, /* nodes of the graph in one state; the rest is counted */
    REPORT_WAITS_MAX = 16,   /* askers that wait for something new; more are answered at once */
    REPORT_REST_MS = 50,     /* changes of this long are told in one answer */
};

struct report {
    uint64_t version;                 /* of the state; counts up */
    uint64_t started_ms;              /* since 1970 */
    uint64_t waits[REPORT_WAITS_MAX]; /* tickets */
    size_t wait_count;
    uv_timer_t rest;
};

/* Answers, or keeps the ticket until report_changed(). */
void report_on_ask(void *ctx, const struct dev_server_ask *ask);

/* Something that a state shows is new. Cheap when nobody waits. */
void report_changed(struct engine *e);

/* The timer of the waiting answers; to be called once at the start and once at the end. */
void report_start(struct engine *e);
void report_stop(struct engine *e);

#endif
