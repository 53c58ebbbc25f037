/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ENGINE_WHY_H
#define ORBITON_ENGINE_WHY_H

/*
 * The why line: one for each transaction, printed when every page that it went
 * to has answered, or after WHY_WAIT_MS when some page has not.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/str.h"
#include "term/term.h"
#include "wire/message.h"

struct why_log;

enum {
    WHY_WAIT_MS = 5000,
    WHY_OPEN_MAX = 64, /* transactions waiting for pages; the oldest is printed as it stands */
};

struct why_begin {
    uint64_t seq;
    struct str what;   /* copied */
    struct str reason; /* copied; shown when the pages say nothing better */
    size_t pages;      /* that must answer; not 0 */
    uint64_t first_ns; /* the save: CLOCK_MONOTONIC */
    uint64_t taken_ns; /* when the change set was handed over */
    double build_ms;   /* negative: none */
};

struct why_log *why_create(uv_loop_t *loop, struct term *term);

void why_begin(struct why_log *log, const struct why_begin *transaction, uint64_t sent_ns);

/* A page's answer. One for a transaction that is not waited for any more is dropped. */
void why_answer(struct why_log *log, const struct client_message *applied, uint64_t now_ns);

/* How many transactions wait for a page. */
size_t why_open(const struct why_log *log);

/* Prints what is open, closes the timer; freed by the loop. */
void why_destroy(struct why_log *log);

#endif
