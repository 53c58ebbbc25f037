/* SPDX-License-Identifier: MIT */
/*
 * Connections: reading, parsing one request after the other, sending answers,
 * and the deadlines. server.h draws the states.
 *
 * Invariants: an answer is under way or the next request is being read, never
 * both; at most one chunk of an answer is in memory per connection beyond what
 * the socket took; reading stops while `in` holds more than a whole head and
 * nobody can use it.
 */
#include "serve/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sys.h"
#include "http/http_reply.h"
#include "serve/hub.h"
#include "serve/proxy.h"
#include "serve/routes.h"

enum {
    CHUNKS_PER_TURN = 4,   /* then other connections have their turn */
    TIMER_COARSE_MS = 500, /* deadlines are met this late at worst, and the timer rests */
    IN_MAX = HTTP_HEAD_MAX + SERVE_READ + 1,
};

static void advance(struct conn *conn);
static void pump(struct conn *conn);

static void want_timer(struct dev_server *server, uint64_t due_ms)
{
    if (!server->closing && (server->timer_ms == 0 || due_ms < server->timer_ms)) {
        uint64_t now = uv_now(server->loop);

        server->timer_ms = due_ms;
        (void)uv_timer_start(&server->timer, conn_on_timer, due_ms > now ? due_ms - now : 0, 0);
    }
}

void conn_set_due(struct conn *conn, uint64_t ms)
{
    conn->due_ms = ms ? uv_now(conn->server->loop) + ms : 0;
    if (ms) {
        want_timer(conn->server, conn->due_ms);
    }
}

void conn_on_timer(uv_timer_t *timer)
{
    struct dev_server *server = timer->data;
    uint64_t now = uv_now(server->loop);
    uint64_t next = 0;

    server->timer_ms = 1; /* earlier than any deadline: nothing below starts it */
    for (struct conn *conn = server->conns; conn; conn = conn->next) {
        if (conn->due_ms && conn->due_ms <= now) {
            conn->due_ms = 0;
            if (conn->state == CONN_PAGE) {
                hub_on_due(conn);
            } else if (conn->state == CONN_PROXY) {
                proxy_on_due(conn);
            } else {
                conn_close(conn);
            }
        }
        if (conn->due_ms && (next == 0 || conn->due_ms < next)) {
            next = conn->due_ms;
        }
    }
    server->timer_ms = 0;
    if (next) {
        want_timer(server, next < now + TIMER_COARSE_MS ? now + TIMER_COARSE_MS : next);
    }
}

static void drop_file(struct conn *conn)
{
    conn->fd = sys_close(conn->fd);
    conn->file_left = 0;
}

static void on_closed(uv_handle_t *handle)
{
    struct conn *conn = handle->data;
    struct dev_server *server = conn->server;

    if (conn->page) {
        hub_free(conn->page);
    }
    if (conn->prev) {
        conn->prev->next = conn->next;
    } else {
        server->conns = conn->next;
    }
    if (conn->next) {
        conn->next->prev = conn->prev;
    }
    server->conn_count--;
    if (server->conn_count == 0 && !server->closing) {
        (void)uv_timer_stop(&server->timer); /* cannot fail */
        server->timer_ms = 0;
    }
    strbuf_finish(&conn->in);
    strbuf_finish(&conn->out);
    strbuf_finish(&conn->body);
    free(conn);
    dev_server_unref(server);
}

void conn_close(struct conn *conn)
{
    if (conn->state != CONN_CLOSED) {
        conn->state = CONN_CLOSED;
        conn->due_ms = 0;
        drop_file(conn);
        if (conn->proxied) {
            proxy_drop(conn);
        }
        uv_close((uv_handle_t *)&conn->tcp, on_closed);
    }
}

static void on_shutdown(uv_shutdown_t *shutdown, int status)
{
    struct conn *conn = shutdown->data;

    if (status < 0) {
        conn_close(conn);
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    struct conn *conn = handle->data;

    /* one buffer for all: libuv calls on_read before the next on_alloc */
    (void)suggested;
    *ret = uv_buf_init(conn->server->chunk, SERVE_READ);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf);

static void set_reading(struct conn *conn, bool on)
{
    if (conn->paused != on || conn->state == CONN_CLOSED) {
        return;
    }
    conn->paused = !on;
    if (on) {
        (void)uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read);
    } else {
        (void)uv_read_stop((uv_stream_t *)&conn->tcp);
    }
}

void conn_linger(struct conn *conn)
{
    /* closing with unread bytes would send a reset, which may overtake the answer */
    if (conn->state == CONN_CLOSED || conn->state == CONN_LINGER) {
        return;
    }
    conn->state = CONN_LINGER;
    strbuf_finish(&conn->in);
    strbuf_init(&conn->in, IN_MAX);
    conn->shutdown.data = conn;
    if (conn->eof || uv_shutdown(&conn->shutdown, (uv_stream_t *)&conn->tcp, on_shutdown) < 0) {
        conn_close(conn);
        return;
    }
    set_reading(conn, true);
    conn_set_due(conn, SERVE_LINGER_MS);
}

/* The answer is sent. */
static void finish_answer(struct conn *conn)
{
    drop_file(conn);
    if (!conn->keep_alive) {
        conn_linger(conn);
        return;
    }
    conn->state = CONN_HEAD;
    conn_set_due(conn, conn->in.len > 0 ? SERVE_HEAD_MS : SERVE_IDLE_MS);
}

static void on_written(uv_write_t *write, int status)
{
    struct conn *conn = write->data;

    strbuf_finish(&conn->out);
    if (conn->state == CONN_CLOSED) {
        return;
    }
    if (status < 0) {
        conn_close(conn);
        return;
    }
    if (conn->state == CONN_PROXY) {
        proxy_on_sent(conn);
        return;
    }
    pump(conn);
    advance(conn);
}

/* Hands the rest to the loop; `bytes` are copied. */
static void write_rest(struct conn *conn, struct str bytes)
{
    strbuf_init(&conn->out, bytes.len);
    strbuf_add(&conn->out, bytes);

    uv_buf_t buf = uv_buf_init(conn->out.ptr, (unsigned)conn->out.len);

    conn->write.data = conn;
    if (conn->state != CONN_PROXY) {
        conn_set_due(conn, SERVE_SEND_MS);
    }
    if (uv_write(&conn->write, (uv_stream_t *)&conn->tcp, &buf, 1, on_written) < 0) {
        strbuf_finish(&conn->out);
        conn_close(conn);
    }
}

/* Sends what the socket takes at once. True if that was all of it. */
static bool write_now(struct conn *conn, struct str bytes)
{
    uv_buf_t buf = { .base = conn->server->chunk, .len = bytes.len };

    /* uv_buf_t has no const; uv_try_write() only reads */
    memcpy(&buf.base, &bytes.ptr, sizeof(buf.base));
    int sent = uv_try_write((uv_stream_t *)&conn->tcp, &buf, 1);

    if (sent < 0 && sent != UV_EAGAIN) {
        conn_close(conn);
        return false;
    }
    size_t done = sent < 0 ? 0 : (size_t)sent;

    if (done < bytes.len) {
        write_rest(conn, str_skip(bytes, done));
        return false;
    }
    return true;
}

bool conn_write(struct conn *conn, struct str bytes)
{
    return write_now(conn, bytes);
}

/* Reads the next piece of the file; an empty one is an error or a file that was cut. */
static struct str read_chunk(struct conn *conn)
{
    size_t want = conn->file_left < SERVE_READ ? (size_t)conn->file_left : SERVE_READ;
    ssize_t got;

    do {
        got = pread(conn->fd, conn->server->chunk, want, (off_t)conn->file_at);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        return (struct str){ 0 };
    }
    conn->file_at += (uint64_t)got;
    conn->file_left -= (uint64_t)got;
    return (struct str){ conn->server->chunk, (size_t)got };
}

/* Sends the file's bytes until the socket is full, then waits for it. */
static void pump(struct conn *conn)
{
    for (int i = 0; conn->file_left > 0; i++) {
        struct str piece = read_chunk(conn);

        if (piece.len == 0) {
            /* the length is promised: only a cut connection tells that it is not kept */
            conn_close(conn);
            return;
        }
        if (i >= CHUNKS_PER_TURN) {
            write_rest(conn, piece);
            return;
        }
        if (!write_now(conn, piece)) {
            return;
        }
    }
    finish_answer(conn);
}

void conn_send(struct conn *conn)
{
    struct dev_server *server = conn->server;

    conn->state = CONN_SEND;
    conn->due_ms = 0;
    if (server->answer.overflow) {
        conn_close(conn);
    } else if (write_now(conn, strbuf_str(&server->answer))) {
        pump(conn);
    }
    if (server->answer.cap > 4 * (size_t)SERVE_READ) {
        strbuf_finish(&server->answer);
        strbuf_init(&server->answer, SERVE_ANSWER_MAX);
    }
}

struct strbuf *answer_begin(struct conn *conn, int status)
{
    struct strbuf *b = &conn->server->answer;

    strbuf_reset(b);
    http_reply_begin(b, status, sys_wall_ns() / 1000000000u, conn->keep_alive);
    return b;
}

void answer_text(struct conn *conn, int status, struct str type, struct str text)
{
    struct strbuf *b = answer_begin(conn, status);

    http_reply_header(b, STR("Content-Type"), type);
    http_reply_header(b, STR("Cache-Control"), STR("no-store"));
    http_reply_end(b, (int64_t)text.len);
    if (!conn->head_only) {
        strbuf_add(b, text);
    }
    conn_send(conn);
}

void conn_want_body(struct conn *conn, const struct http_request *request, enum body_use use)
{
    conn->state = CONN_BODY;
    conn->keep_alive = request->keep_alive;
    conn->body_use = use;
    conn->body_chunked = request->chunked;
    conn->body_left = request->content_length > 0 ? (uint64_t)request->content_length : 0;
    conn->chunked = (struct http_chunked){ 0 };
    strbuf_init(&conn->body, HTTP_BODY_MAX);
    conn_set_due(conn, SERVE_IDLE_MS);
    if (request->expect_continue && (conn->body_chunked || conn->body_left > 0)) {
        uv_buf_t buf = { .base = NULL, .len = 0 };
        struct str line = STR("HTTP/1.1 100 Continue\r\n\r\n");

        memcpy(&buf.base, &line.ptr, sizeof(buf.base));
        buf.len = line.len;
        /* nothing is queued here, so a socket that does not take 25 bytes is not worth more */
        if (uv_try_write((uv_stream_t *)&conn->tcp, &buf, 1) != (int)line.len) {
            conn_close(conn);
        }
    }
}

static void finish_body(struct conn *conn)
{
    struct strbuf body = conn->body;

    conn->body = (struct strbuf){ 0 };
    arena_reset(&conn->server->arena);
    routes_body(conn, strbuf_str(&body));
    strbuf_finish(&body);
}

static void refuse(struct conn *conn, int status)
{
    strbuf_finish(&conn->body);
    conn->keep_alive = false;
    routes_malformed(conn, status);
}

static void read_chunked_body(struct conn *conn)
{
    while (conn->state == CONN_BODY) {
        struct str piece = { 0 };
        size_t used = 0;
        enum parse_status status =
                http_chunked_read(&conn->chunked, strbuf_str(&conn->in), &used, &piece);

        strbuf_add(&conn->body, piece);
        strbuf_consume(&conn->in, used);
        if (status == PARSE_MALFORMED || conn->body.overflow) {
            refuse(conn, conn->body.overflow ? 413 : 400);
        } else if (status == PARSE_DONE) {
            finish_body(conn);
        } else if (used == 0 || conn->in.len == 0) {
            return;
        }
    }
}

static void read_body(struct conn *conn)
{
    if (conn->state != CONN_BODY) {
        return;
    }
    if (conn->body_chunked) {
        read_chunked_body(conn);
        return;
    }
    struct str in = strbuf_str(&conn->in);
    struct str piece = str_sub(in, 0, conn->body_left < in.len ? (size_t)conn->body_left : in.len);

    strbuf_add(&conn->body, piece);
    conn->body_left -= piece.len;
    strbuf_consume(&conn->in, piece.len);
    if (conn->body.overflow) {
        refuse(conn, 413);
    } else if (conn->body_left == 0) {
        finish_body(conn);
    }
}

/* Reads one head and has it answered. False if there is no whole head. */
static bool take_request(struct conn *conn)
{
    struct dev_server *server = conn->server;
    struct http_request *request = &server->request;
    size_t len = 0;
    int code = 400;

    switch (http_parse_request(strbuf_str(&conn->in), request, &len, &code)) {
    case PARSE_INCOMPLETE:
        if (conn->eof) {
            conn_close(conn);
        }
        return false;
    case PARSE_MALFORMED:
        conn->keep_alive = false;
        conn->head_only = false;
        routes_malformed(conn, code);
        return false;
    case PARSE_DONE: break;
    }
    server->requests++;
    conn->keep_alive = request->keep_alive;
    conn->head_only = str_eq(request->method, STR("HEAD"));
    conn->due_ms = 0;
    arena_reset(&server->arena);
    conn->in_request = true;
    routes_handle(conn, request);
    conn->in_request = false;
    /* a held request is parsed once more from the same bytes */
    if (conn->state != CONN_HELD && conn->in.len >= len) {
        strbuf_consume(&conn->in, len);
    }
    return true;
}

void conn_read_on(struct conn *conn)
{
    if (conn->state != CONN_CLOSED) {
        set_reading(conn, conn->in.len <= HTTP_HEAD_MAX);
    }
}

/* Does what can be done with what was received. */
static void advance(struct conn *conn)
{
    for (;;) {
        if (conn->state == CONN_BODY) {
            read_body(conn);
            if (conn->state == CONN_BODY) {
                break;
            }
        } else if (conn->state == CONN_PAGE) {
            hub_read(conn);
            break;
        } else if (conn->state == CONN_PROXY) {
            proxy_read(conn);
            break;
        } else if (conn->state != CONN_HEAD || conn->in.len == 0 || !take_request(conn)) {
            break;
        }
    }
    if (conn->state == CONN_HEAD && conn->eof) {
        conn_close(conn);
    }
    conn_read_on(conn);
}

void conn_resume(struct conn *conn)
{
    if (conn->state == CONN_HELD) {
        conn->state = CONN_HEAD;
        advance(conn);
    }
}

void conn_proceed(struct conn *conn)
{
    /* from inside the request's own handling, `in` still holds its head */
    if (!conn->in_request) {
        advance(conn);
    }
}

void conn_finish(struct conn *conn)
{
    finish_answer(conn);
    conn_proceed(conn);
}

void conn_answer_sync(struct conn *conn, struct str json)
{
    answer_text(conn, 200, STR("application/json"), json);
    conn_proceed(conn);
}

static void on_end(struct conn *conn, int error)
{
    conn->eof = true;
    /* a peer that only closed its sending side still gets the answer that is under way */
    if (error == UV_EOF && conn->state == CONN_SEND) {
        return;
    }
    if (error == UV_EOF && conn->state == CONN_PROXY) {
        proxy_on_end(conn);
        return;
    }
    if (conn->page) {
        hub_gone(conn->page);
    }
    conn_close(conn);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
    struct conn *conn = stream->data;

    if (got < 0) {
        on_end(conn, (int)got);
        return;
    }
    if (got == 0 || conn->state == CONN_LINGER) {
        return;
    }
    if (conn->state == CONN_HEAD && conn->in.len == 0) {
        conn_set_due(conn, SERVE_HEAD_MS);
    } else if (conn->state == CONN_BODY) {
        conn_set_due(conn, SERVE_IDLE_MS);
    }
    strbuf_add(&conn->in, (struct str){ buf->base, (size_t)got });
    if (conn->in.overflow) {
        conn_close(conn);
        return;
    }
    advance(conn);
}

static void on_turned_away(uv_handle_t *handle)
{
    struct conn *conn = handle->data;

    dev_server_unref(conn->server);
    free(conn);
}

void conn_accept(struct dev_server *server, uv_stream_t *listener)
{
    struct conn *conn = mem_new(struct conn);

    conn->server = server;
    conn->fd = -1;
    conn->tcp.data = conn;
    if (uv_tcp_init(server->loop, &conn->tcp) < 0) {
        free(conn);
        return;
    }
    server->handles++;
    if (uv_accept(listener, (uv_stream_t *)&conn->tcp) < 0 ||
            server->conn_count >= SERVE_CONNECTIONS_MAX || server->closing) {
        uv_close((uv_handle_t *)&conn->tcp, on_turned_away);
        return;
    }
    (void)uv_tcp_nodelay(&conn->tcp, 1); /* without it all works, only later */
    strbuf_init(&conn->in, IN_MAX);
    conn->next = server->conns;
    if (conn->next) {
        conn->next->prev = conn;
    }
    server->conns = conn;
    server->conn_count++;
    conn->state = CONN_HEAD;
    conn->paused = true;
    conn_set_due(conn, SERVE_HEAD_MS);
    set_reading(conn, true);
}
