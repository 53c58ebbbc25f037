/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ENGINE_WHY_H
#define ORBITON_ENGINE_WHY_H

/*
 * The why line: one for each transaction, printed when every page that it went
 * to has answered, or after WHY_WAIT_MS when some page has not, and then once
 * more when it has. The facts of the last WHY_KEPT_MAX transactions are kept for
 * whoever asks later.
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
    WHY_KEPT_MAX = 100,  /* transactions that can be asked for */
    WHY_PAGES_MAX = 100, /* pages listed of one; more are counted */
    WHY_NAMES_MAX = 200, /* modules listed of one */
    WHY_OPEN_MAX = 64,   /* transactions waiting for pages; the oldest is printed as it stands */
};

/* What a page was to do about its modules. Copied. */
struct why_target {
    uint64_t page;
    struct str url; /* of the document */
    const struct str *replaced;
    size_t replaced_count;
    const struct str *chain; /* from a change to the root that does not accept it; may be empty */
    size_t chain_count;
    bool by_worker;
    const struct str *pruned;
    size_t pruned_count;
};

struct why_begin {
    uint64_t seq;
    struct str what;                  /* copied */
    struct str reason;                /* copied; shown when the pages say nothing better */
    size_t pages;                     /* that must answer; not 0 */
    const struct why_target *targets; /* the same pages; NULL where there is nothing to say */
    size_t target_count;
    uint64_t first_ns; /* the save: CLOCK_MONOTONIC */
    uint64_t taken_ns; /* when the change set was handed over */
    double build_ms;   /* negative: none */
};

struct why_log *why_create(uv_loop_t *loop, struct term *term);

void why_begin(struct why_log *log, const struct why_begin *transaction, uint64_t sent_ns);

/* A page's answer. One more than were asked is dropped, and one for a transaction that is not kept. */
void why_answer(
        struct why_log *log, uint64_t page, const struct client_message *applied, uint64_t now_ns);

/* What one page answered. */
struct why_page {
    uint64_t page;
    bool answered;
    bool ok;
    bool rolled_back;
    struct str mode;               /* "hot", "handler", "reload", "held", "failed" */
    double apply_ms, paint_ms, ms; /* negative: not known; `ms` is from the save on */
    struct str error;              /* or the reason of a reload; may be empty */
};

/* A transaction, for showing. Borrowed for the call. */
struct why_entry {
    uint64_t seq;
    uint64_t wall_ms; /* since 1970, when it went out */
    bool open;        /* some page has not answered yet */
    struct str verb;  /* of the why line: "hot", "reload", "held", "error", "wait" */
    struct str what;
    struct str why;
    const struct str *chain; /* of the first page that refused */
    size_t chain_count;
    const struct str *replaced; /* of the first page */
    size_t replaced_count;
    const struct str *pruned;
    size_t pruned_count;
    double ms; /* save to the last answer; negative: none */
    struct term_times times;
    const struct why_page *pages;
    size_t page_count;
};

/* Calls `fn` for each kept transaction, the oldest first. */
void why_each(
        const struct why_log *log, void (*fn)(void *ctx, const struct why_entry *entry), void *ctx);

/* How many transactions wait for a page. */
size_t why_open(const struct why_log *log);

/* Prints what is open, closes the timer; freed by the loop. */
void why_destroy(struct why_log *log);

#endif
