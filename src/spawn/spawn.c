/* SPDX-License-Identifier: MIT */
/*
 * Starts children on the loop. For a build the process that libuv knows is the
 * keeper; the program's own status comes over the control socket.
 *
 * The keeper's exit and the ends of the streams come in any order, and one may
 * not come at all: a daemon that the build started and that left its group can
 * hold a stream open for ever. So the streams have DRAIN_MS from the keeper's
 * exit to deliver what is still in the pipes.
 *
 * Invariant: a child is freed when its last handle has closed, and never with a
 * process that nobody has waited for.
 */
#include "spawn/spawn.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/vec.h"
#include "spawn/keeper.h"

enum {
    READ_MAX = 64 * 1024, /* bytes per piece of output: a pipe's default capacity */
    DRAIN_MS = 200,
};

struct spawn_child {
    struct spawn_request request; /* argv, env and cwd are not kept */
    uv_process_t process;
    uv_pipe_t control;
    uv_pipe_t streams[2]; /* by enum spawn_stream */
    uv_pipe_t input;      /* of a service */
    size_t unsent;        /* bytes of `input` on their way */
    uv_timer_t timer;     /* delivers a failed start; ends the draining */
    char *buffer;         /* READ_MAX bytes; owned */
    unsigned open_handles;
    bool has_keeper;
    bool has_input;
    bool ends_input; /* to be closed when all of it is written */
    bool has_started;
    bool is_gone;      /* the process has been waited for */
    bool is_abandoned; /* no callback any more */
    bool is_finished;  /* on_exit has been called, or never will be */
    int status;
    char status_bytes[sizeof(int)]; /* from the keeper */
    size_t status_len;
};

static void close_cb(uv_handle_t *handle)
{
    struct spawn_child *child = handle->data;

    if (--child->open_handles == 0) {
        free(child->buffer);
        free(child);
    }
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle)) {
        uv_close(handle, close_cb);
    }
}

static void close_streams(struct spawn_child *child)
{
    if (child->has_keeper) {
        close_handle((uv_handle_t *)&child->streams[SPAWN_STDOUT]);
        close_handle((uv_handle_t *)&child->streams[SPAWN_STDERR]);
        close_handle((uv_handle_t *)&child->control);
    }
    if (child->has_input) {
        close_handle((uv_handle_t *)&child->input);
    }
}

/* Everything that on_exit waits for has come. */
static void finish(struct spawn_child *child)
{
    if (child->is_finished) {
        return;
    }
    child->is_finished = true;
    close_streams(child);
    close_handle((uv_handle_t *)&child->timer);
    close_handle((uv_handle_t *)&child->process);
    log_debug(LOG_BUILD, "child ended with status %d", child->status);
    if (!child->is_abandoned && child->request.on_exit) {
        child->request.on_exit(child->request.ctx, child->status);
    }
}

static void check(struct spawn_child *child)
{
    if (child->is_gone && uv_is_closing((uv_handle_t *)&child->streams[SPAWN_STDOUT]) &&
            uv_is_closing((uv_handle_t *)&child->streams[SPAWN_STDERR]) &&
            uv_is_closing((uv_handle_t *)&child->control)) {
        finish(child);
    }
}

static void timer_cb(uv_timer_t *timer)
{
    finish(timer->data);
}

static void alloc_cb(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct spawn_child *child = handle->data;

    (void)suggested;
    *buf = uv_buf_init(child->buffer, READ_MAX);
}

static void output_cb(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
    struct spawn_child *child = stream->data;

    if (got > 0) {
        enum spawn_stream which = stream == (uv_stream_t *)&child->streams[SPAWN_STDOUT]
                                          ? SPAWN_STDOUT
                                          : SPAWN_STDERR;

        if (child->request.on_output) {
            child->request.on_output(
                    child->request.ctx, which, (struct str){ buf->base, (size_t)got });
        }
    } else if (got < 0) {
        close_handle((uv_handle_t *)stream);
        check(child);
    }
}

static void control_cb(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
    struct spawn_child *child = stream->data;

    for (ssize_t i = 0; i < got && child->status_len < sizeof(int); i++) {
        child->status_bytes[child->status_len++] = buf->base[i];
    }
    if (child->status_len == sizeof(int)) {
        memcpy(&child->status, child->status_bytes, sizeof(int));
    }
    if (got < 0) {
        close_handle((uv_handle_t *)stream);
        check(child);
    }
}

static void exit_cb(uv_process_t *process, int64_t status, int signal)
{
    struct spawn_child *child = process->data;

    child->is_gone = true;
    if (!child->has_keeper || child->status_len < sizeof(int)) {
        /* The keeper's own end counts only as long as it has not said how the program ended. */
        child->status = signal ? 128 + signal : (int)status;
    }
    if (!child->has_keeper || child->is_abandoned) {
        finish(child);
        return;
    }
    uv_timer_start(&child->timer, timer_cb, DRAIN_MS, 0);
    check(child);
}

static bool same_name(const char *a, const char *b)
{
    size_t len = strcspn(a, "=");

    return strncmp(a, b, len) == 0 && b[len] == '=';
}

/* Our environment with `extra` in it; the array is the caller's, the texts are borrowed. */
static char **merge_env(const char *const *extra)
{
    struct {
        char **items;
        size_t count;
        size_t cap;
    } env = { 0 };

    for (char **e = environ; e && *e; e++) {
        bool replaced = false;

        for (size_t i = 0; extra && extra[i]; i++) {
            replaced = replaced || same_name(*e, extra[i]);
        }
        if (!replaced) {
            vec_push(&env, *e);
        }
    }
    for (size_t i = 0; extra && extra[i]; i++) {
        bool replaced = false;

        for (size_t k = i + 1; extra[k]; k++) {
            replaced = replaced || same_name(extra[i], extra[k]);
        }
        if (!replaced) {
            union {
                const char *in;
                char *out;
            } text = { extra[i] }; /* libuv's type lacks a const */

            vec_push(&env, text.out);
        }
    }
    vec_push(&env, NULL);
    return env.items;
}

/* argv with the keeper's name in front if there is one; the array is the caller's. */
static char **make_argv(const char *const *argv, bool has_keeper)
{
    static char name[] = KEEPER_NAME;
    size_t count = 0;
    size_t shift = has_keeper ? 1 : 0;
    char **all;

    while (argv[count]) {
        count++;
    }
    all = mem_alloc(count + 2, sizeof(*all));
    all[0] = name;
    memcpy(all + shift, argv, count * sizeof(*all));
    return all;
}

static void init_handle(struct spawn_child *child, uv_handle_t *handle)
{
    handle->data = child;
    child->open_handles++;
}

static int start(struct spawn_child *child, uv_loop_t *loop, const struct spawn_request *request)
{
    char **argv = make_argv(request->argv, child->has_keeper);
    char **env = merge_env(request->env);
    uv_stdio_container_t stdio[4] = {
        { .flags = UV_IGNORE },
        { .flags = UV_IGNORE },
        { .flags = UV_IGNORE },
    };
    uv_process_options_t options = {
        .exit_cb = exit_cb,
        .file = child->has_keeper ? "/proc/self/exe" : argv[0],
        .args = argv,
        .env = env,
        .cwd = request->cwd,
        .flags = UV_PROCESS_DETACHED,
        .stdio_count = 3,
        .stdio = stdio,
    };

    if (child->has_input) {
        stdio[0].flags = UV_CREATE_PIPE | UV_READABLE_PIPE;
        stdio[0].data.stream = (uv_stream_t *)&child->input;
    }
    if (child->has_keeper) {
        for (int i = 0; i < 2; i++) {
            stdio[1 + i].flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
            stdio[1 + i].data.stream = (uv_stream_t *)&child->streams[i];
        }
        stdio[KEEPER_FD].flags = UV_CREATE_PIPE | UV_READABLE_PIPE | UV_WRITABLE_PIPE;
        stdio[KEEPER_FD].data.stream = (uv_stream_t *)&child->control;
        options.stdio_count = KEEPER_FD + 1;
    }
    int rc = uv_spawn(loop, &child->process, &options);

    free(argv);
    free(env);
    return rc;
}

struct spawn_child *spawn_start(uv_loop_t *loop, const struct spawn_request *request)
{
    struct spawn_child *child = mem_new(struct spawn_child);
    int rc;

    child->request = *request;
    child->has_input = request->kind == SPAWN_SERVICE;
    child->has_keeper = request->kind == SPAWN_BUILD || child->has_input;
    log_debug(LOG_BUILD, "starting %s", request->argv[0]);
    uv_timer_init(loop, &child->timer);
    init_handle(child, (uv_handle_t *)&child->timer);
    if (child->has_keeper) {
        child->buffer = mem_alloc(READ_MAX, 1);
        uv_pipe_init(loop, &child->control, 0);
        init_handle(child, (uv_handle_t *)&child->control);
        for (int i = 0; i < 2; i++) {
            uv_pipe_init(loop, &child->streams[i], 0);
            init_handle(child, (uv_handle_t *)&child->streams[i]);
        }
    }
    if (child->has_input) {
        uv_pipe_init(loop, &child->input, 0);
        init_handle(child, (uv_handle_t *)&child->input);
    }
    rc = start(child, loop, request);
    init_handle(child, (uv_handle_t *)&child->process);
    if (rc < 0) {
        child->status = rc;
        child->is_gone = true;
        uv_timer_start(&child->timer, timer_cb, 0, 0);
        return child;
    }
    child->has_started = true;
    if (child->has_keeper) {
        uv_read_start((uv_stream_t *)&child->streams[SPAWN_STDOUT], alloc_cb, output_cb);
        uv_read_start((uv_stream_t *)&child->streams[SPAWN_STDERR], alloc_cb, output_cb);
        uv_read_start((uv_stream_t *)&child->control, alloc_cb, control_cb);
    } else {
        uv_unref((uv_handle_t *)&child->process); /* an open editor does not keep orbiton alive */
    }
    return child;
}

/* A piece for a service on its way; the bytes lie behind it. */
struct piece {
    uv_write_t write;
    struct spawn_child *child;
    size_t len;
    char bytes[];
};

static void written_cb(uv_write_t *write, int status)
{
    struct piece *piece = write->data;

    (void)status; /* a service that cannot be written to has ended, or is about to */
    struct spawn_child *child = piece->child;

    child->unsent -= piece->len;
    free(piece);
    if (child->unsent > 0) {
        return;
    }
    if (child->ends_input) {
        close_handle((uv_handle_t *)&child->input);
    } else if (child->request.on_drained && !child->is_finished && !child->is_abandoned &&
               !uv_is_closing((uv_handle_t *)&child->input)) {
        child->request.on_drained(child->request.ctx);
    }
}

bool spawn_write(struct spawn_child *child, struct str bytes)
{
    size_t max = child->request.unsent_max > 0 ? child->request.unsent_max : SPAWN_UNSENT_MAX;

    if (!child->has_input || !child->has_started || child->ends_input ||
            uv_is_closing((uv_handle_t *)&child->input) || bytes.len > max - child->unsent) {
        return false;
    }
    if (bytes.len == 0) {
        return true;
    }
    struct piece *piece = mem_alloc(1, sizeof(*piece) + bytes.len);

    memcpy(piece->bytes, bytes.ptr, bytes.len);
    piece->child = child;
    piece->len = bytes.len;
    piece->write.data = piece;
    uv_buf_t buf = uv_buf_init(piece->bytes, (unsigned)bytes.len);

    if (uv_write(&piece->write, (uv_stream_t *)&child->input, &buf, 1, written_cb) < 0) {
        free(piece);
        return false;
    }
    child->unsent += bytes.len;
    return true;
}

void spawn_end_input(struct spawn_child *child)
{
    if (child->has_input && child->has_started) {
        child->ends_input = true;
        if (child->unsent == 0) {
            close_handle((uv_handle_t *)&child->input);
        }
    }
}

void spawn_kill(struct spawn_child *child)
{
    char order = 't';
    uv_buf_t buf = uv_buf_init(&order, 1);

    if (!child->has_started || child->is_gone) {
        return;
    }
    if (!child->has_keeper) {
        (void)uv_kill(-child->process.pid, SIGTERM);
    } else if (!uv_is_closing((uv_handle_t *)&child->control)) {
        (void)uv_try_write((uv_stream_t *)&child->control, &buf, 1);
    }
}

void spawn_abandon(struct spawn_child *child)
{
    child->is_abandoned = true;
    close_streams(child); /* the keeper kills the group when it sees the control socket's end */
    if (!child->has_keeper || !child->has_started || child->is_gone) {
        finish(child);
    }
}
