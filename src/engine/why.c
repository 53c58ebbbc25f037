/* SPDX-License-Identifier: MIT */
#include "engine/why.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "base/vec.h"

enum { TEXT_MAX = 2048 };

struct transaction {
    uint64_t seq;
    char *what;   /* owned */
    char *reason; /* owned */
    size_t pages;
    size_t answers;
    enum applied_mode worst; /* the answer that most disturbs a page */
    uint64_t first_ns;
    uint64_t due_ms; /* of the loop's clock: when it is printed whatever came */
    double ms;       /* save to the last answer */
    struct term_times times;
};

struct why_log {
    uv_timer_t timer; /* armed for the oldest open transaction, only while one is open */
    struct term *term;
    struct transaction *items;
    size_t count;
    size_t cap;
};

static char *own(struct str s)
{
    return mem_strcopy(str_sub(s, 0, TEXT_MAX));
}

static const char *verb_of(enum applied_mode mode)
{
    switch (mode) {
    case APPLIED_HOT:
    case APPLIED_HANDLER: return "hot";
    case APPLIED_RELOAD: return "reload";
    case APPLIED_HELD: return "held";
    case APPLIED_FAILED: return "error";
    }
    return "error";
}

/* Prints the transaction at `i` and forgets it. */
static void end(struct why_log *log, size_t i)
{
    struct transaction t = log->items[i];
    struct strbuf why;
    size_t silent = t.pages - t.answers;

    vec_remove(log, i);
    strbuf_init(&why, 2 * TEXT_MAX);
    strbuf_add(&why, str_from(t.reason));
    if (silent > 0) {
        strbuf_addf(&why, "%s%zu of %zu page%s did not answer", why.len > 0 ? "; " : "", silent,
                t.pages, t.pages == 1 ? "" : "s");
    }
    term_line(log->term, &(struct term_line){
                                 .verb = t.answers > 0 ? verb_of(t.worst) : "wait",
                                 .what = str_from(t.what),
                                 .why = strbuf_str(&why),
                                 .pages = (int)t.pages,
                                 .ms = t.answers > 0 ? t.ms : -1,
                                 .times = t.times,
                         });
    strbuf_finish(&why);
    free(t.what);
    free(t.reason);
}

static void on_due(uv_timer_t *timer);

static void arm(struct why_log *log)
{
    uint64_t now = uv_now(log->timer.loop);

    if (log->count == 0) {
        (void)uv_timer_stop(&log->timer); /* cannot fail on an open timer */
        return;
    }
    uint64_t due = log->items[0].due_ms;

    (void)uv_timer_start(&log->timer, on_due, due > now ? due - now : 0, 0);
}

static void on_due(uv_timer_t *timer)
{
    struct why_log *log = timer->data;

    while (log->count > 0 && log->items[0].due_ms <= uv_now(timer->loop)) {
        end(log, 0);
    }
    arm(log);
}

struct why_log *why_create(uv_loop_t *loop, struct term *term)
{
    struct why_log *log = mem_new(struct why_log);

    (void)uv_timer_init(loop, &log->timer); /* cannot fail */
    log->timer.data = log;
    log->term = term;
    return log;
}

void why_begin(struct why_log *log, const struct why_begin *begin, uint64_t sent_ns)
{
    if (log->count == WHY_OPEN_MAX) {
        end(log, 0);
    }
    vec_push(log, ((struct transaction){
                          .seq = begin->seq,
                          .what = own(begin->what),
                          .reason = own(begin->reason),
                          .pages = begin->pages,
                          .first_ns = begin->first_ns,
                          .due_ms = uv_now(log->timer.loop) + WHY_WAIT_MS,
                          .times = {
                                  .watch = (double)(begin->taken_ns - begin->first_ns) / 1e6,
                                  .build = begin->build_ms,
                                  .send = (double)(sent_ns - begin->taken_ns) / 1e6 -
                                          (begin->build_ms > 0 ? begin->build_ms : 0),
                                  .apply = -1,
                                  .paint = -1,
                          },
                  }));
    struct transaction *t = &log->items[log->count - 1];

    if (t->times.send < 0) {
        t->times.send = 0;
    }
    arm(log);
}

/* The ranks of the answers: a reload says more than a swap, a failure more than a reload. */
static int rank(enum applied_mode mode)
{
    return (int)mode;
}

void why_answer(struct why_log *log, const struct client_message *applied, uint64_t now_ns)
{
    for (size_t i = 0; i < log->count; i++) {
        struct transaction *t = &log->items[i];
        enum applied_mode mode =
                applied->ok || applied->mode == APPLIED_HELD ? applied->mode : APPLIED_FAILED;

        if (t->seq != applied->seq) {
            continue;
        }
        if (t->answers == 0 || rank(mode) > rank(t->worst)) {
            t->worst = mode;
        }
        t->answers++;
        t->ms = (double)(now_ns - t->first_ns) / 1e6;
        if (applied->apply_ms > t->times.apply) {
            t->times.apply = applied->apply_ms;
        }
        if (applied->paint_ms > t->times.paint) {
            t->times.paint = applied->paint_ms;
        }
        if (applied->reason.len > 0) {
            free(t->reason);
            t->reason = own(applied->reason);
        }
        if (t->answers >= t->pages) {
            end(log, i);
            arm(log);
        }
        return;
    }
}

size_t why_open(const struct why_log *log)
{
    return log->count;
}

static void on_closed(uv_handle_t *handle)
{
    struct why_log *log = handle->data;

    vec_finish(log);
    free(log);
}

void why_destroy(struct why_log *log)
{
    if (!log) {
        return;
    }
    while (log->count > 0) {
        end(log, 0);
    }
    uv_close((uv_handle_t *)&log->timer, on_closed);
}
