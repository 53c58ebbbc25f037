/* SPDX-License-Identifier: MIT */
/*
 * Jobs on their way through tools.
 *
 * Invariant: a job is in exactly one list: of those that wait (they are started from the loop, never
 * from within transform_start(), so that nobody is called back before he knows that he waits), or of
 * those that their tool has. `running` of a tool is the number of its jobs in the second.
 */
#include "transform/transform.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/vec.h"

struct tool {
    struct transform_backend backend;
    size_t running;
};

struct job {
    struct transform_job face; /* first: a job is known by it */
    struct transform *transform;
    size_t tool;
    uint64_t due_ms; /* loop time; of a running one */
    unsigned limit_ms;
    bool is_running;
    void (*on_done)(void *ctx, const struct transform_output *output);
    void *ctx;
    struct job *prev, *next;
    char texts[]; /* path, text and options */
};

struct transform {
    uv_loop_t *loop;
    struct {
        struct tool *items;
        size_t count, cap;
    } tools;
    struct job *waiting; /* oldest first */
    struct job *running; /* the one that is due first, first */
    uint64_t last_id;
    uv_timer_t start_timer;
    uv_timer_t due_timer;
    unsigned open_handles;
};

static void on_start_timer(uv_timer_t *timer);
static void on_due_timer(uv_timer_t *timer);

struct transform *transform_create(uv_loop_t *loop)
{
    struct transform *t = mem_new(struct transform);

    t->loop = loop;
    (void)uv_timer_init(loop, &t->start_timer); /* cannot fail */
    (void)uv_timer_init(loop, &t->due_timer);
    t->start_timer.data = t->due_timer.data = t;
    t->open_handles = 2;
    return t;
}

static void on_closed(uv_handle_t *handle)
{
    struct transform *t = handle->data;

    if (--t->open_handles == 0) {
        vec_finish(&t->tools);
        free(t);
    }
}

void transform_destroy(struct transform *t)
{
    if (!t) {
        return;
    }
    struct job *job;
    struct job *next;

    DL_FOREACH_SAFE(t->running, job, next)
    {
        struct transform_backend *b = &t->tools.items[job->tool].backend;

        b->cancel(b->self, &job->face, false);
        free(job);
    }
    DL_FOREACH_SAFE(t->waiting, job, next)
    {
        free(job);
    }
    t->running = t->waiting = NULL;
    for (size_t i = 0; i < t->tools.count; i++) {
        t->tools.items[i].backend.destroy(t->tools.items[i].backend.self);
    }
    t->tools.count = 0;
    uv_close((uv_handle_t *)&t->start_timer, on_closed);
    uv_close((uv_handle_t *)&t->due_timer, on_closed);
}

void transform_add(struct transform *t, const struct transform_backend *backend)
{
    struct tool tool = { .backend = *backend };

    vec_push(&t->tools, tool);
}

/* The number of the tool for the file; that of all tools if there is none. */
static size_t tool_of(const struct transform *t, struct str path)
{
    size_t i = 0;

    while (i < t->tools.count &&
            !t->tools.items[i].backend.takes(t->tools.items[i].backend.self, path)) {
        i++;
    }
    return i;
}

bool transform_takes(const struct transform *t, struct str path)
{
    return tool_of(t, path) < t->tools.count;
}

bool transform_has_other(const struct transform *t, struct str path, const void *self)
{
    size_t i = 0;

    while (i < t->tools.count && t->tools.items[i].backend.self != self &&
            !t->tools.items[i].backend.takes(t->tools.items[i].backend.self, path)) {
        i++;
    }
    return i < t->tools.count && t->tools.items[i].backend.self != self;
}

struct str transform_options(const struct transform *t, struct str path, struct arena *a)
{
    size_t tool = tool_of(t, path);

    return tool < t->tools.count ? t->tools.items[tool].backend.options(
                                           t->tools.items[tool].backend.self, path, a)
                                 : STR("");
}

struct str transform_remark(const struct transform *t, struct str path, struct arena *a)
{
    struct str remark = STR("");

    for (size_t i = 0; i < t->tools.count && remark.len == 0; i++) {
        const struct transform_backend *b = &t->tools.items[i].backend;

        if (b->remark) {
            remark = b->remark(b->self, path, a);
        }
    }
    return remark;
}

void transform_look_anew(struct transform *t)
{
    for (size_t i = 0; i < t->tools.count; i++) {
        const struct transform_backend *b = &t->tools.items[i].backend;

        if (b->look_anew) {
            b->look_anew(b->self);
        }
    }
}

/* Copies a text behind those that the job has. */
static struct str keep(char **at, struct str s)
{
    struct str kept = { *at, s.len };

    if (s.len > 0) {
        memcpy(*at, s.ptr, s.len);
    }
    (*at)[s.len] = '\0';
    *at += s.len + 1;
    return kept;
}

static void want_start(struct transform *t)
{
    if (t->waiting && !uv_is_active((uv_handle_t *)&t->start_timer)) {
        (void)uv_timer_start(&t->start_timer, on_start_timer, 0, 0);
    }
}

void transform_start(struct transform *t, struct str path, struct str text, struct str options,
        void (*on_done)(void *ctx, const struct transform_output *output), void *ctx)
{
    struct job *job = mem_alloc(1, sizeof(*job) + path.len + text.len + options.len + 3);
    char *at = job->texts;

    *job = (struct job){ .transform = t,
        .tool = tool_of(t, path),
        .on_done = on_done,
        .ctx = ctx,
        .face = { .id = ++t->last_id } };
    job->face.path = keep(&at, path);
    job->face.text = keep(&at, text);
    job->face.options = keep(&at, options);
    DL_APPEND(t->waiting, job);
    want_start(t);
}

static void watch_due(struct transform *t)
{
    if (!t->running) {
        (void)uv_timer_stop(&t->due_timer);
    } else {
        uint64_t now = uv_now(t->loop);
        uint64_t due = t->running->due_ms;

        (void)uv_timer_start(&t->due_timer, on_due_timer, due > now ? due - now : 0, 0);
    }
}

/* Of those that are due at the same moment the one that was given first. */
static int by_due(const struct job *a, const struct job *b)
{
    return a->due_ms > b->due_ms ? 1 : -1;
}

/* Puts the job into the list of those that run, by when it is due. */
static void begin_time(struct job *job)
{
    struct transform *t = job->transform;
    const struct transform_backend *b = &t->tools.items[job->tool].backend;

    job->limit_ms = b->limit ? b->limit(b->self, &job->face) : TRANSFORM_MS;
    job->due_ms = uv_now(t->loop) + job->limit_ms;
    DL_INSERT_INORDER(t->running, job, by_due);
}

/* Takes the job out of its list. */
static void take_out(struct job *job)
{
    struct transform *t = job->transform;

    if (job->is_running) {
        DL_DELETE(t->running, job);
        t->tools.items[job->tool].running--;
        watch_due(t);
    } else {
        DL_DELETE(t->waiting, job);
    }
}

static void finish(struct job *job, const struct transform_output *output)
{
    struct transform *t = job->transform;

    take_out(job);
    job->on_done(job->ctx, output);
    free(job);
    want_start(t);
}

void transform_job_done(struct transform_job *face, const struct transform_output *output)
{
    if (output->code.len > TRANSFORM_OUTPUT_MAX ||
            output->map.len > TRANSFORM_OUTPUT_MAX - output->code.len) {
        transform_job_fail(face, STR("what was made of this file is too large"), STR(""));
        return;
    }
    finish((struct job *)face, output);
}

void transform_job_again(struct transform_job *face)
{
    struct job *job = (struct job *)face;

    DL_DELETE(job->transform->running, job);
    begin_time(job);
    watch_due(job->transform);
}

void transform_job_fail(struct transform_job *face, struct str text, struct str hint)
{
    struct diag_list diags = { 0 };

    diag_list_add(&diags, &(struct diag){ .severity = DIAG_ERROR, .text = text, .hint = hint });
    finish((struct job *)face, &(struct transform_output){ .diags = &diags, .is_passing = true });
    diag_list_finish(&diags);
}

static void start(struct job *job)
{
    struct transform *t = job->transform;
    struct tool *tool = &t->tools.items[job->tool];

    log_debug(LOG_BUILD, "%s: %.*s", tool->backend.name, STR_FMT(job->face.path));
    DL_DELETE(t->waiting, job);
    job->is_running = true;
    begin_time(job);
    tool->running++;
    if (t->running == job) {
        watch_due(t);
    }
    tool->backend.start(tool->backend.self, &job->face);
}

/* The oldest job whose tool has room for it. */
static struct job *next_to_start(const struct transform *t)
{
    struct job *job;

    DL_FOREACH(t->waiting, job)
    {
        if (job->tool == t->tools.count || t->tools.items[job->tool].running < TRANSFORM_AT_ONCE) {
            return job;
        }
    }
    return NULL;
}

static void on_start_timer(uv_timer_t *timer)
{
    struct transform *t = timer->data;
    struct job *job;

    while ((job = next_to_start(t)) != NULL) {
        if (job->tool < t->tools.count) {
            start(job);
        } else {
            transform_job_fail(&job->face, STR("there is no tool for this kind of file"), STR(""));
        }
    }
}

static void on_due_timer(uv_timer_t *timer)
{
    struct transform *t = timer->data;
    uint64_t now = uv_now(t->loop);

    while (t->running && t->running->due_ms <= now) {
        struct job *job = t->running;
        struct transform_backend *b = &t->tools.items[job->tool].backend;
        struct arena a = { 0 };

        b->cancel(b->self, &job->face, true);
        transform_job_fail(&job->face,
                arena_printf(
                        &a, "%s did not answer within %u seconds", b->name, job->limit_ms / 1000),
                b->hint ? str_from(b->hint) : STR("save the file to try again"));
        arena_finish(&a);
    }
    watch_due(t);
}
