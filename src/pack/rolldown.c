/* SPDX-License-Identifier: MIT */
/*
 * The life of one of them.
 *
 *     BUSY --> IDLE --> BUSY ...
 *                \--> ENDING (it has nothing more to read) --> gone
 *
 * Invariants: each is in the list until it has ended. One that ends while it is busy has failed, if it was
 * started for that; else it may have ended for any reason, and another one is started.
 */
#include "pack/rolldown.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "build/lines.h"
#include "pack/bundler.h"
#include "pack/bundler_files.h"
#include "spawn/spawn.h"

enum { LOG_MAX = 64 * 1024 };

/* How sidecar/pack.mjs begins the line that ends a pack, and the one that says that it is made. */
#define MARK STR("orbiton: ")
#define MADE STR("orbiton: made")

enum state { STATE_BUSY, STATE_IDLE, STATE_ENDING };
enum result { RESULT_NONE, RESULT_MADE, RESULT_FAILED };

struct rolldown {
    struct rolldowns *all;
    struct spawn_child *child;
    enum state state;
    bool is_fresh; /* it has made none before */
    enum result result;
    struct lines lines;
    struct strbuf said;
    struct strbuf line; /* what it was told, with a line end */
    void (*on_done)(void *ctx, bool good, struct str said);
    void *ctx;
    struct rolldown *prev, *next;
};

struct rolldowns {
    uv_loop_t *loop;
    uv_timer_t timer; /* runs out when none has made any for long enough */
    char *root, *folder;
    struct rolldown *list;
};

static void on_line(void *ctx, struct str line)
{
    struct rolldown *r = ctx;

    if (r->state != STATE_BUSY || r->result != RESULT_NONE || line.len == 0) {
        return; /* nothing that was asked for */
    }
    if (str_eq(line, MADE)) {
        r->result = RESULT_MADE;
        return;
    }
    r->result = str_starts(line, MARK) ? RESULT_FAILED : RESULT_NONE;
    strbuf_add(&r->said, line);
    strbuf_addc(&r->said, '\n');
}

static void on_idle(uv_timer_t *timer)
{
    struct rolldowns *all = timer->data;
    struct rolldown *r;

    DL_FOREACH(all->list, r)
    {
        if (r->state == STATE_IDLE) {
            r->state = STATE_ENDING;
            spawn_end_input(r->child);
        }
    }
}

static void forget(struct rolldown *r)
{
    DL_DELETE(r->all->list, r);
    lines_finish(&r->lines);
    strbuf_finish(&r->said);
    strbuf_finish(&r->line);
    free(r);
}

/* Says what came of it; the last thing that is done with `r`, which may be given the next one meanwhile. */
static void say(struct rolldown *r, bool good, bool has_ended)
{
    void (*on_done)(void *ctx, bool good, struct str said) = r->on_done;
    void *ctx = r->ctx;
    struct strbuf said = r->said;

    strbuf_init(&r->said, LOG_MAX);
    r->state = STATE_IDLE;
    r->result = RESULT_NONE;
    r->is_fresh = false;
    if (has_ended) {
        forget(r);
    } else {
        (void)uv_timer_start(&r->all->timer, on_idle, ROLLDOWN_IDLE_MS, 0); /* cannot fail */
    }
    on_done(ctx, good, good ? STR("") : strbuf_str(&said));
    strbuf_finish(&said);
}

static void on_output(void *ctx, enum spawn_stream stream, struct str bytes)
{
    struct rolldown *r = ctx;

    if (stream == SPAWN_STDERR) {
        if (r->state == STATE_BUSY) {
            strbuf_add(&r->said, bytes);
        }
        return;
    }
    lines_feed(&r->lines, bytes, on_line, r);
    if (r->result != RESULT_NONE) {
        say(r, r->result == RESULT_MADE, false);
    }
}

static void start_child(struct rolldown *r);

static void on_exit_of(void *ctx, int status)
{
    struct rolldown *r = ctx; /* the child frees itself */

    if (r->state != STATE_BUSY) {
        forget(r);
    } else if (!r->is_fresh) {
        start_child(r);
    } else {
        if (status == -ENOENT || status == -EACCES) {
            strbuf_add(&r->said, STR("Node, which runs it, is not installed"));
        }
        say(r, false, true);
    }
}

/* Starts Node, and tells it what `r` is to make. */
static void start_child(struct rolldown *r)
{
    struct arena a = { 0 };
    const char *const argv[] = { "node", "--input-type=module", "--eval",
        arena_cstr(&a, bundler_files[0].bytes), r->all->folder, NULL };

    r->is_fresh = true;
    strbuf_reset(&r->said);
    lines_finish(&r->lines);
    lines_init(&r->lines, LOG_MAX);
    r->child = spawn_start(r->all->loop, &(struct spawn_request){ .kind = SPAWN_SERVICE,
                                                 .argv = argv,
                                                 .env = bundler_env(&a),
                                                 .cwd = r->all->root,
                                                 .on_output = on_output,
                                                 .on_exit = on_exit_of,
                                                 .ctx = r });
    (void)spawn_write(r->child, strbuf_str(&r->line)); /* if not, it has ended, and says so */
    arena_finish(&a);
}

struct rolldown *rolldown_start(struct rolldowns *all, const struct rolldown_request *request)
{
    struct rolldown *r;

    DL_SEARCH_SCALAR(all->list, r, state, STATE_IDLE);
    bool is_new = !r;

    if (is_new) {
        r = mem_new(struct rolldown);
        r->all = all;
        strbuf_init(&r->said, LOG_MAX);
        DL_APPEND(all->list, r);
    }
    strbuf_finish(&r->line);
    strbuf_init(&r->line, SPAWN_UNSENT_MAX);
    strbuf_add(&r->line, request->line);
    strbuf_addc(&r->line, '\n');
    r->on_done = request->on_done;
    r->ctx = request->ctx;
    r->state = STATE_BUSY;
    if (is_new) {
        start_child(r);
    } else {
        (void)spawn_write(r->child, strbuf_str(&r->line));
    }
    return r;
}

void rolldown_abandon(struct rolldown *r)
{
    spawn_abandon(r->child);
    forget(r);
}

struct rolldowns *rolldowns_create(uv_loop_t *loop, struct str root, struct str folder)
{
    struct rolldowns *all = mem_new(struct rolldowns);

    all->loop = loop;
    all->root = mem_strcopy(root);
    all->folder = mem_strcopy(folder);
    (void)uv_timer_init(loop, &all->timer); /* cannot fail */
    all->timer.data = all;
    return all;
}

static void on_closed(uv_handle_t *handle)
{
    struct rolldowns *all = handle->data;

    free(all->root);
    free(all->folder);
    free(all);
}

void rolldowns_destroy(struct rolldowns *all)
{
    if (!all) {
        return;
    }
    while (all->list) {
        rolldown_abandon(all->list);
    }
    uv_close((uv_handle_t *)&all->timer, on_closed);
}
