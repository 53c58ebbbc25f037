/* SPDX-License-Identifier: MIT */
/*
 * Transactions in the order in which they went out: those that wait for a page,
 * and behind them in time those that are over and only kept. Each owns an arena
 * with all its texts.
 */
#include "engine/why.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/vec.h"

enum { TEXT_MAX = 2048 };

struct transaction {
    struct arena arena;
    uint64_t seq;
    uint64_t wall_ms;
    bool open;
    struct str what;
    struct str reason;
    size_t expected; /* pages that must answer */
    size_t answers;
    enum applied_mode worst; /* the answer that most disturbs a page */
    bool rolled_back;
    uint64_t first_ns;
    uint64_t due_ms; /* of the loop's clock: when it is printed whatever came */
    double ms;       /* save to the last answer */
    struct term_times times;
    struct why_page *pages;
    size_t page_count;
    struct str *chain;
    size_t chain_count;
    struct str *replaced;
    size_t replaced_count;
    struct str *pruned;
    size_t pruned_count;
};

struct why_log {
    uv_timer_t timer; /* armed for the oldest open transaction, only while one is open */
    struct term *term;
    struct transaction **items; /* owned */
    size_t count;
    size_t cap;
    size_t open_count;
};

static struct str keep(struct transaction *t, struct str s)
{
    return arena_str(&t->arena, str_sub(s, 0, TEXT_MAX));
}

static const char *verb_of(const struct transaction *t)
{
    if (t->answers == 0) {
        return "wait";
    }
    switch (t->worst) {
    case APPLIED_HOT:
    case APPLIED_HANDLER: return "hot";
    case APPLIED_RELOAD: return "reload";
    case APPLIED_HELD: return "held";
    case APPLIED_FAILED: return "error";
    }
    return "error";
}

static struct str mode_name(enum applied_mode mode)
{
    switch (mode) {
    case APPLIED_HOT: return STR("hot");
    case APPLIED_HANDLER: return STR("handler");
    case APPLIED_RELOAD: return STR("reload");
    case APPLIED_HELD: return STR("held");
    case APPLIED_FAILED: break;
    }
    return STR("failed");
}

/* Names of modules are shown as paths. */
static void add_names(
        struct strbuf *b, const char *label, const struct str *names, size_t count, const char *sep)
{
    for (size_t i = 0; i < count; i++) {
        strbuf_add(b, str_from(i > 0 ? sep : label));
        strbuf_add(b, str_skip(names[i], str_starts(names[i], STR("/"))));
    }
}

/* What stands behind the dash of the line. */
static struct str describe(struct arena *a, const struct transaction *t)
{
    size_t silent = t->expected > t->answers ? t->expected - t->answers : 0;
    struct strbuf why;

    strbuf_init(&why, 4 * TEXT_MAX);
    if (t->rolled_back) {
        strbuf_add(&why, STR("rolled back: "));
    }
    strbuf_add(&why, t->reason);
    if (t->pruned_count > 0 && !t->rolled_back) {
        strbuf_add(&why, why.len > 0 ? STR("; ") : STR(""));
        add_names(&why, "pruned ", t->pruned, t->pruned_count, ", ");
    }
    if (silent > 0 && !t->open) {
        strbuf_addf(&why, "%s%zu of %zu page%s did not answer", why.len > 0 ? "; " : "", silent,
                t->expected, t->expected == 1 ? "" : "s");
    }
    struct str text = arena_str(a, strbuf_str(&why));

    strbuf_finish(&why);
    return text;
}

static void forget(struct transaction *t)
{
    arena_finish(&t->arena);
    free(t);
}

static void print(struct why_log *log, const struct transaction *t)
{
    struct arena a = { 0 };

    term_line(log->term, &(struct term_line){
                                 .verb = verb_of(t),
                                 .what = t->what,
                                 .why = describe(&a, t),
                                 .pages = (int)t->expected,
                                 .ms = t->answers > 0 ? t->ms : -1,
                                 .times = t->times,
                         });
    arena_finish(&a);
}

/* Prints the transaction as it stands; it is kept. */
static void end(struct why_log *log, struct transaction *t)
{
    t->open = false;
    log->open_count--;
    print(log, t);
}

static struct transaction *oldest_open(const struct why_log *log)
{
    for (size_t i = 0; i < log->count; i++) {
        if (log->items[i]->open) {
            return log->items[i];
        }
    }
    return NULL;
}

static void on_due(uv_timer_t *timer);

static void arm(struct why_log *log)
{
    uint64_t now = uv_now(log->timer.loop);
    const struct transaction *t = oldest_open(log);

    if (!t) {
        (void)uv_timer_stop(&log->timer); /* cannot fail on an open timer */
        return;
    }
    (void)uv_timer_start(&log->timer, on_due, t->due_ms > now ? t->due_ms - now : 0, 0);
}

static void on_due(uv_timer_t *timer)
{
    struct why_log *log = timer->data;
    struct transaction *t;

    while ((t = oldest_open(log)) != NULL && t->due_ms <= uv_now(timer->loop)) {
        end(log, t);
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

static struct str *keep_names(
        struct transaction *t, const struct str *names, size_t count, size_t *ret_count)
{
    struct str *kept;

    *ret_count = count < WHY_NAMES_MAX ? count : WHY_NAMES_MAX;
    kept = arena_array(&t->arena, struct str, *ret_count);
    for (size_t i = 0; i < *ret_count; i++) {
        kept[i] = keep(t, names[i]);
    }
    return kept;
}

static void keep_target(struct transaction *t, const struct why_target *target)
{
    if (t->page_count < WHY_PAGES_MAX) {
        t->pages[t->page_count++] =
                (struct why_page){ .page = target->page, .apply_ms = -1, .paint_ms = -1, .ms = -1 };
    }
    if (t->replaced_count == 0) {
        t->replaced = keep_names(t, target->replaced, target->replaced_count, &t->replaced_count);
    }
    if (t->pruned_count == 0) {
        t->pruned = keep_names(t, target->pruned, target->pruned_count, &t->pruned_count);
    }
    if (t->chain_count == 0 && target->chain_count > 0) {
        struct strbuf b;

        t->chain = keep_names(t, target->chain, target->chain_count, &t->chain_count);
        strbuf_init(&b, 4 * TEXT_MAX);
        strbuf_add(&b, t->reason);
        strbuf_add(&b, t->reason.len > 0 ? STR("; ") : STR(""));
        add_names(&b, target->by_worker ? "run by a worker: " : "not accepted: ", t->chain,
                t->chain_count, " > ");
        t->reason = keep(t, strbuf_str(&b));
        strbuf_finish(&b);
    }
}

static uint64_t wall_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail */
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void why_begin(struct why_log *log, const struct why_begin *begin, uint64_t sent_ns)
{
    struct transaction *t = mem_new(struct transaction);

    if (log->open_count == WHY_OPEN_MAX) {
        end(log, oldest_open(log));
    }
    t->seq = begin->seq;
    t->wall_ms = wall_ms();
    t->open = true;
    t->what = keep(t, begin->what);
    t->reason = keep(t, begin->reason);
    t->expected = begin->pages;
    t->first_ns = begin->first_ns;
    t->due_ms = uv_now(log->timer.loop) + WHY_WAIT_MS;
    t->times = (struct term_times){
        .watch = (double)(begin->taken_ns - begin->first_ns) / 1e6,
        .build = begin->build_ms,
        .send = (double)(sent_ns - begin->taken_ns) / 1e6 -
                (begin->build_ms > 0 ? begin->build_ms : 0),
        .apply = -1,
        .paint = -1,
    };
    if (t->times.send < 0) {
        t->times.send = 0;
    }
    t->pages = arena_array(&t->arena, struct why_page, WHY_PAGES_MAX);
    for (size_t i = 0; i < begin->target_count; i++) {
        keep_target(t, &begin->targets[i]);
    }
    if (log->count == WHY_KEPT_MAX) {
        struct transaction *oldest = log->items[0];

        if (oldest->open) {
            end(log, oldest);
        }
        forget(oldest);
        vec_remove(log, 0);
    }
    vec_push(log, t);
    log->open_count++;
    arm(log);
}

/* The page's entry; one that nobody named is added, as for the page that a reload has made. */
static struct why_page *page_of(struct transaction *t, uint64_t page)
{
    for (size_t i = 0; i < t->page_count; i++) {
        if (t->pages[i].page == page) {
            return &t->pages[i];
        }
    }
    for (size_t i = 0; i < t->page_count; i++) {
        /* a reload has made a new page of one that was named */
        if (!t->pages[i].answered && t->page_count == t->expected) {
            t->pages[i].page = page;
            return &t->pages[i];
        }
    }
    if (t->page_count == WHY_PAGES_MAX) {
        return NULL;
    }
    t->pages[t->page_count] = (struct why_page){ .page = page };
    return &t->pages[t->page_count++];
}

static void take_answer(struct transaction *t, uint64_t page, const struct client_message *applied)
{
    struct why_page *p = page_of(t, page);

    if (p) {
        *p = (struct why_page){ .page = page,
            .answered = true,
            .ok = applied->ok,
            .rolled_back = applied->rolled_back,
            .mode = mode_name(applied->mode),
            .apply_ms = applied->apply_ms,
            .paint_ms = applied->paint_ms,
            .ms = t->ms,
            .error = keep(t, applied->reason) };
    }
}

/* The ranks of the answers: a reload says more than a swap, a failure more than a reload. */
static int rank(enum applied_mode mode)
{
    return (int)mode;
}

void why_answer(
        struct why_log *log, uint64_t page, const struct client_message *applied, uint64_t now_ns)
{
    for (size_t i = 0; i < log->count; i++) {
        struct transaction *t = log->items[i];
        enum applied_mode mode =
                applied->ok || applied->mode == APPLIED_HELD ? applied->mode : APPLIED_FAILED;

        if (t->seq != applied->seq || t->answers >= t->expected) {
            continue;
        }
        if (t->answers == 0 || rank(mode) > rank(t->worst)) {
            t->worst = mode;
        }
        t->answers++;
        t->rolled_back = t->rolled_back || applied->rolled_back;
        t->ms = (double)(now_ns - t->first_ns) / 1e6;
        if (applied->apply_ms > t->times.apply) {
            t->times.apply = applied->apply_ms;
        }
        if (applied->paint_ms > t->times.paint) {
            t->times.paint = applied->paint_ms;
        }
        if (applied->reason.len > 0) {
            t->reason = keep(t, applied->reason);
        }
        take_answer(t, page, applied);
        if (t->answers < t->expected) {
            return;
        }
        if (t->open) {
            end(log, t);
            arm(log);
        } else {
            print(log, t); /* late: until now the line said that a page did not answer */
        }
        return;
    }
}

size_t why_open(const struct why_log *log)
{
    return log->open_count;
}

void why_each(
        const struct why_log *log, void (*fn)(void *ctx, const struct why_entry *entry), void *ctx)
{
    for (size_t i = 0; i < log->count; i++) {
        const struct transaction *t = log->items[i];
        struct arena a = { 0 };
        struct why_entry entry = {
            .seq = t->seq,
            .wall_ms = t->wall_ms,
            .open = t->open,
            .verb = str_from(verb_of(t)),
            .what = t->what,
            .why = describe(&a, t),
            .chain = t->chain,
            .chain_count = t->chain_count,
            .replaced = t->replaced,
            .replaced_count = t->replaced_count,
            .pruned = t->pruned,
            .pruned_count = t->pruned_count,
            .ms = t->answers > 0 ? t->ms : -1,
            .times = t->times,
            .pages = t->pages,
            .page_count = t->page_count,
        };

        fn(ctx, &entry);
        arena_finish(&a);
    }
}

static void on_closed(uv_handle_t *handle)
{
    struct why_log *log = handle->data;

    for (size_t i = 0; i < log->count; i++) {
        forget(log->items[i]);
    }
    vec_finish(log);
    free(log);
}

void why_destroy(struct why_log *log)
{
    struct transaction *t;

    if (!log) {
        return;
    }
    while ((t = oldest_open(log)) != NULL) {
        end(log, t);
    }
    uv_close((uv_handle_t *)&log->timer, on_closed);
}
