/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TESTS_WORLD_H
#define ORBITON_TESTS_WORLD_H

/*
 * A small world for the server's tests: a temporary site, a server on any
 * port, and raw clients, all on one loop. Nothing waits on time: each wait runs
 * the loop until what is awaited is there, and a watchdog ends a test that hangs.
 */

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/strbuf.h"
#include "serve/dev_server.h"

enum { WORLD_WATCHDOG_S = 100, WORLD_IN_MAX = 64 * 1024 * 1024, WORLD_PAGES = 64 };

struct world {
    uv_loop_t loop;
    char dir[64];
    struct files *files;
    struct dev_server_options options;
    struct dev_server *server;

    /* what the server said */
    page_id opened[WORLD_PAGES];
    size_t opened_count;
    page_id closed[WORLD_PAGES];
    size_t closed_count;
    struct strbuf messages; /* "ID:TEXT\n" */
    uint64_t ticket;
    size_t syncs;
    struct strbuf edited; /* "PATH:LINE:COL\n" */
    const char *hello;    /* sent to each page that opens, unless NULL */
    uint64_t seq;
    bool building;
    const char *artefact; /* the path of "app.wasm", unless NULL */
};

struct client {
    uv_tcp_t tcp;
    uv_connect_t connect;
    struct strbuf in;
    bool connected;
    bool reading;
    bool ended; /* the server closed, or broke, the connection */
    bool closed;
    int error;
    char chunk[65536];
};

static inline void write_file(struct world *w, const char *name, struct str content)
{
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/%s", w->dir, name);
    for (char *p = path + strlen(w->dir) + 1; *p; p++) {
        if (*p == '/') {
            *p = '\0';
            (void)mkdir(path, 0777);
            *p = '/';
        }
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    assert_true(fd >= 0);
    while (content.len > 0) {
        ssize_t done = write(fd, content.ptr, content.len);

        assert_true(done > 0);
        content = str_skip(content, (size_t)done);
    }
    assert_int_equal(close(fd), 0);
}

static inline uint64_t world_seq(void *ctx)
{
    return ((struct world *)ctx)->seq;
}

static inline bool world_artefact(void *ctx, struct str url_path, struct str *ret)
{
    struct world *w = ctx;

    if (!w->artefact || !str_eq(url_path, STR("app.wasm"))) {
        return false;
    }
    *ret = str_from(w->artefact);
    return true;
}

static inline bool world_holds(void *ctx, struct str url_path)
{
    (void)url_path;
    return ((struct world *)ctx)->building;
}

static inline void world_page_open(void *ctx, page_id page)
{
    struct world *w = ctx;

    assert_true(w->opened_count < WORLD_PAGES);
    w->opened[w->opened_count++] = page;
    if (w->hello) {
        struct blob *blob = blob_create(str_from(w->hello));

        dev_server_send(w->server, page, blob);
        blob_unref(blob);
    }
}

static inline void world_page_message(void *ctx, page_id page, struct str text)
{
    struct world *w = ctx;

    strbuf_addf(&w->messages, "%llu:", (unsigned long long)page);
    strbuf_add(&w->messages, text);
    strbuf_addc(&w->messages, '\n');
}

static inline void world_page_close(void *ctx, page_id page)
{
    struct world *w = ctx;

    assert_true(w->closed_count < WORLD_PAGES);
    w->closed[w->closed_count++] = page;
}

static inline void world_sync(void *ctx, uint64_t ticket)
{
    struct world *w = ctx;

    w->ticket = ticket;
    w->syncs++;
}

static inline void world_edit(void *ctx, struct str path, unsigned line, unsigned col)
{
    struct world *w = ctx;

    strbuf_add(&w->edited, path);
    strbuf_addf(&w->edited, ":%u:%u\n", line, col);
}

/* Makes the folder and the options; change them before world_start(). */
static inline void world_init(struct world *w)
{
    *w = (struct world){ .dir = "/tmp/orbiton-serve-XXXXXX", .seq = 41 };
    (void)signal(SIGPIPE, SIG_IGN);
    (void)alarm(WORLD_WATCHDOG_S);
    assert_non_null(mkdtemp(w->dir));
    assert_int_equal(uv_loop_init(&w->loop), 0);
    assert_int_equal(files_create(str_from(w->dir), &w->files), 0);
    strbuf_init(&w->messages, 1 << 20);
    strbuf_init(&w->edited, 1 << 20);
    w->options = (struct dev_server_options){
        .files = w->files,
        .hmr = true,
        .epoch = STR("e1"),
        .get_seq = world_seq,
        .find_artefact = world_artefact,
        .holds = world_holds,
        .on_page_open = world_page_open,
        .on_page_message = world_page_message,
        .on_page_close = world_page_close,
        .on_sync = world_sync,
        .on_open_editor = world_edit,
        .ctx = w,
    };
}

static inline void world_start(struct world *w)
{
    assert_int_equal(dev_server_create(&w->loop, &w->options, &w->server), 0);
}

/* Ends the server; everything must be gone then. */
static inline void world_finish(struct world *w)
{
    char command[128];

    dev_server_destroy(w->server);
    while (uv_run(&w->loop, UV_RUN_DEFAULT) != 0) {
    }
    assert_int_equal(uv_loop_close(&w->loop), 0);
    files_destroy(w->files);
    strbuf_finish(&w->messages);
    strbuf_finish(&w->edited);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", w->dir);
    assert_int_equal(system(command), 0);
    (void)alarm(0);
}

static inline void client_on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *ret)
{
    struct client *c = handle->data;

    (void)size;
    *ret = uv_buf_init(c->chunk, sizeof(c->chunk));
}

static inline void client_on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
    struct client *c = stream->data;

    if (got < 0) {
        c->ended = true;
        c->error = got == UV_EOF ? 0 : (int)got;
        (void)uv_read_stop(stream);
    } else {
        strbuf_add(&c->in, (struct str){ buf->base, (size_t)got });
    }
}

static inline void client_on_connect(uv_connect_t *connect, int status)
{
    struct client *c = connect->data;

    assert_int_equal(status, 0);
    c->connected = true;
}

static inline void client_read(struct client *c, bool on)
{
    if (on && !c->reading && !c->ended) {
        assert_int_equal(uv_read_start((uv_stream_t *)&c->tcp, client_on_alloc, client_on_read), 0);
    } else if (!on && c->reading) {
        (void)uv_read_stop((uv_stream_t *)&c->tcp);
    }
    c->reading = on;
}

static inline struct client *client_open_at(struct world *w, const char *ip, uint16_t port)
{
    struct client *c = calloc(1, sizeof(*c));
    struct sockaddr_storage name;

    strbuf_init(&c->in, WORLD_IN_MAX);
    c->tcp.data = c->connect.data = c;
    assert_int_equal(uv_tcp_init(&w->loop, &c->tcp), 0);
    if (strchr(ip, ':')) {
        assert_int_equal(uv_ip6_addr(ip, port, (struct sockaddr_in6 *)&name), 0);
    } else {
        assert_int_equal(uv_ip4_addr(ip, port, (struct sockaddr_in *)&name), 0);
    }
    assert_int_equal(
            uv_tcp_connect(&c->connect, &c->tcp, (const struct sockaddr *)&name, client_on_connect),
            0);
    while (!c->connected) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
    client_read(c, true);
    return c;
}

static inline struct client *client_open(struct world *w)
{
    return client_open_at(w, "127.0.0.1", dev_server_port(w->server));
}

struct client_write {
    uv_write_t write;
    char *bytes;
};

static inline void client_on_written(uv_write_t *write, int status)
{
    struct client_write *cw = write->data;

    (void)status; /* what the server does with a broken client is the test's affair */
    free(cw->bytes);
    free(cw);
}

static inline void client_send(struct client *c, struct str bytes)
{
    struct client_write *cw = calloc(1, sizeof(*cw));

    cw->bytes = malloc(bytes.len + 1);
    memcpy(cw->bytes, bytes.ptr, bytes.len);
    cw->write.data = cw;
    uv_buf_t buf = uv_buf_init(cw->bytes, (unsigned)bytes.len);

    assert_int_equal(uv_write(&cw->write, (uv_stream_t *)&c->tcp, &buf, 1, client_on_written), 0);
}

static inline void client_on_closed(uv_handle_t *handle)
{
    ((struct client *)handle->data)->closed = true;
}

static inline void client_close(struct world *w, struct client *c)
{
    uv_close((uv_handle_t *)&c->tcp, client_on_closed);
    while (!c->closed) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
    strbuf_finish(&c->in);
    free(c);
}

/* Runs the loop until the condition holds. */
#define world_until(w, condition)                                                                  \
    do {                                                                                           \
        while (!(condition)) {                                                                     \
            uv_run(&(w)->loop, UV_RUN_ONCE);                                                       \
        }                                                                                          \
    } while (0)

#endif
