/* SPDX-License-Identifier: MIT */
#include "term/out.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "term/term.h"

enum {
    RETRY_MS = 20,   /* a reader that stalls is asked again; nobody watches it closer than this */
    FLUSH_TRIES = 5, /* of RETRY_MS each, at the end */
    /* POLLOUT promises room for PIPE_BUF in a pipe; in a terminal some room, mostly more. */
    CHUNK = PIPE_BUF,
};

struct out {
    int fd;
    bool json;
    bool broken; /* nobody reads any more */
    struct strbuf queue;
    size_t dropped; /* lines since the last notice */
    uv_timer_t retry;
};

/* 1 if a write will be taken, 0 if not yet, negative if never. */
static int is_ready(const struct out *out, int wait_ms)
{
    struct pollfd p = { out->fd, POLLOUT, 0 };
    int rc = poll(&p, 1, wait_ms);

    if (rc < 0) {
        return errno == EINTR ? 0 : -1;
    }
    if (p.revents & (POLLERR | POLLNVAL)) {
        return -1;
    }
    return (p.revents & POLLOUT) != 0;
}

/* Writes as much as is taken at once. */
static void push(struct out *out, int wait_ms)
{
    size_t done = 0;

    while (done < out->queue.len) {
        int ready = is_ready(out, wait_ms);

        if (ready == 0) {
            break;
        }
        size_t left = out->queue.len - done;
        ssize_t n =
                ready < 0 ? -1 : write(out->fd, out->queue.ptr + done, left < CHUNK ? left : CHUNK);

        if (n >= 0) {
            done += (size_t)n;
            continue;
        }
        if (ready > 0 && (errno == EINTR || errno == EAGAIN)) {
            break;
        }
        if (ready > 0 && errno == ENOSPC) { /* a full disk may have room again later */
            done = out->queue.len;
            break;
        }
        out->broken = true;
        done = out->queue.len;
    }
    strbuf_consume(&out->queue, done);
}

static void add_notice(struct out *out)
{
    strbuf_addf(&out->queue,
            out->json ? "{\"event\":\"dropped\",\"count\":%zu}\n"
                      : "  %zu messages were dropped: the output was not read\n",
            out->dropped);
    out->dropped = 0;
}

static void on_retry(uv_timer_t *timer);

static void run(struct out *out)
{
    push(out, 0);
    if (out->queue.len == 0 && out->dropped > 0 && !out->broken) {
        add_notice(out);
        push(out, 0);
    }
    if (out->queue.len > 0 && !uv_is_active((uv_handle_t *)&out->retry)) {
        (void)uv_timer_start(&out->retry, on_retry, RETRY_MS, RETRY_MS);
    } else if (out->queue.len == 0) {
        (void)uv_timer_stop(&out->retry);
    }
}

static void on_retry(uv_timer_t *timer)
{
    run(timer->data);
}

struct out *out_create(uv_loop_t *loop, int fd, bool json)
{
    struct out *out = mem_new(struct out);

    out->fd = fd;
    out->json = json;
    strbuf_init(&out->queue, TERM_UNSENT_MAX + 256); /* the notice always fits */
    (void)uv_timer_init(loop, &out->retry);
    out->retry.data = out;
    uv_unref((uv_handle_t *)&out->retry);
    return out;
}

void out_write(struct out *out, struct str lines)
{
    if (out->broken) {
        return;
    }
    /* Once something is missing, nothing is added until the notice stands in its place. */
    if (out->dropped > 0 || out->queue.len + lines.len > TERM_UNSENT_MAX) {
        out->dropped++;
        run(out);
        return;
    }
    strbuf_add(&out->queue, lines);
    run(out);
}

static void on_retry_close(uv_handle_t *handle)
{
    struct out *out = handle->data;

    strbuf_finish(&out->queue);
    free(out);
}

void out_destroy(struct out *out)
{
    for (int i = 0; i < FLUSH_TRIES && out->queue.len > 0; i++) {
        push(out, RETRY_MS);
    }
    uv_close((uv_handle_t *)&out->retry, on_retry_close);
}
