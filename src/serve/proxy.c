/* SPDX-License-Identifier: MIT */
/*
 * See proxy.h. The way of one request:
 *
 *     LOOKUP --> CONNECT --> ASKED --> ANSWER --> (parted)     any answer, behind it the next request
 *                  |  ^        |
 *                  +--+        +-----> TUNNEL --> (parted)     101: bytes, until one side ends
 *              next address
 *
 * Invariants: `out` has one piece of the request, which is being written, and the next is made when it is sent;
 * of the answer nothing is taken while the client still gets what was taken before. A connection to a target
 * (struct link) outlives its request by its closing, and a look-up by its end: both then find that they have
 * none. Nothing here answers from inside proxy_read(), but what breaks off the connection, so that requests
 * behind each other do not nest.
 */
#include "serve/proxy.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "serve/conn.h"

enum {
    ADDRESSES_MAX = 8,
    OUT_MAX = 2 * (HTTP_HEAD_MAX + SERVE_READ) + HTTP_LINE_MAX, /* a head, or what conn->in holds */
    IN_MAX = HTTP_HEAD_MAX + SERVE_READ + 1,
    TEXT_MAX = 4 * 1024,
    KEEPALIVE_S = 60, /* a target, or a client, whose machine is gone is noticed so */
    SHOWN_MAX = 200,  /* bytes of a name in a sentence */
};

enum proxied_state { LOOKUP, CONNECT, ASKED, ANSWER, TUNNEL };

struct proxied;

/* One connection to a target. */
struct link {
    uv_tcp_t tcp;
    uv_connect_t connect;
    uv_write_t write;
    struct dev_server *server;
    struct proxied *of; /* NULL once they have parted: it is being closed */
    struct strbuf out;  /* being written */
};

/* The look-up of a name. */
struct lookup {
    uv_getaddrinfo_t request;
    struct dev_server *server;
    struct proxied *of; /* NULL: nobody waits */
};

struct proxied {
    struct conn *conn;
    struct proxy_rules *rules; /* one reference */
    struct proxy_way *way;     /* of them */
    enum proxied_state state;
    struct lookup *lookup;
    struct link *link;
    struct sockaddr_storage addresses[ADDRESSES_MAX];
    size_t address_count, next_address;
    int error; /* why the last address led nowhere */

    /* the request */
    int minor;
    bool head_only, upgrades, expects;
    struct strbuf head; /* for the target, until it is connected */
    struct http_chunked chunked_in;
    bool is_chunked;
    uint64_t left; /* of a body with a length */
    bool body_done;
    bool writing;
    bool is_deaf; /* the target takes no more; it may have answered all the same */
    bool ended;   /* TUNNEL: the client says no more */

    /* the answer */
    struct strbuf in; /* received and not yet passed on */
    bool reading;
    bool target_ended;
    int target_error; /* 0: it closed as one does */
    enum http_framing from, to;
    struct http_chunked chunked_out;
    uint64_t answer_left;
    bool answer_done;
    bool sending; /* the client has not yet taken what was passed on */

    bool is_held; /* pull() is at work with it, and frees it in the end if they part in between */
    bool is_gone;
};

static void pull(struct proxied *p);
static void connect_next(struct proxied *p);

static void on_link_closed(uv_handle_t *handle)
{
    struct link *link = handle->data;
    struct dev_server *server = link->server;

    strbuf_finish(&link->out);
    free(link);
    dev_server_unref(server);
}

static void drop_link(struct proxied *p)
{
    if (p->link) {
        p->link->of = NULL;
        uv_close((uv_handle_t *)&p->link->tcp, on_link_closed);
        p->link = NULL;
        p->reading = p->writing = false;
    }
}

static void drop_lookup(struct proxied *p)
{
    if (p->lookup) {
        p->lookup->of = NULL;
        (void)uv_cancel((uv_req_t *)&p->lookup->request); /* one that runs ends by itself */
        p->lookup = NULL;
    }
}

/* Client and target go their own ways; `p` is gone, for all but pull(). */
static void part(struct proxied *p)
{
    drop_lookup(p);
    drop_link(p);
    p->conn->proxied = NULL;
    proxy_rules_unref(p->rules);
    strbuf_finish(&p->head);
    strbuf_finish(&p->in);
    p->is_gone = true;
    if (!p->is_held) {
        free(p);
    }
}

void proxy_drop(struct conn *conn)
{
    part(conn->proxied);
}

/* Answers 502 by that, and tells it in the terminal, too, if it is news. */
static void refuse(struct proxied *p, const char *why, bool is_news)
{
    struct conn *conn = p->conn;
    struct dev_server *server = conn->server;
    const struct dev_server_proxy *rule = &p->way->rule;
    struct strbuf text;

    strbuf_init(&text, TEXT_MAX);
    strbuf_add_printable(&text, str_sub(rule->target, 0, SHOWN_MAX));
    strbuf_addf(&text, ": %s; it is the target of '", why);
    strbuf_add_printable(&text, str_sub(rule->path, 0, SHOWN_MAX));
    strbuf_add(&text, STR("' in "));
    strbuf_add_printable(&text, str_sub(rule->source, 0, SHOWN_MAX));
    if (is_news && server->options.on_proxy_trouble) {
        server->options.on_proxy_trouble(server->options.ctx, rule->path, strbuf_str(&text));
    }
    strbuf_addc(&text, '\n');
    conn->keep_alive = conn->keep_alive && p->body_done;
    part(p);
    answer_text(conn, 502, STR("text/plain; charset=utf-8"), strbuf_str(&text));
    conn_proceed(conn);
    strbuf_finish(&text);
}

/* Nothing (more) can come of it: once the answer has begun only a cut connection tells. */
static void fail(struct proxied *p, const char *why)
{
    if (p->state >= ANSWER || p->sending) {
        conn_close(p->conn);
    } else {
        refuse(p, why, proxy_rules_set_down(p->rules, p->way, true));
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    struct link *link = handle->data;

    /* one buffer for all: libuv calls on_target_read before the next on_alloc */
    (void)suggested;
    *ret = uv_buf_init(link->server->chunk, SERVE_READ);
}

static void on_target_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
    struct link *link = stream->data;
    struct proxied *p = link->of;

    if (!p || got == 0) {
        return;
    }
    if (got < 0) {
        p->target_ended = true;
        p->target_error = got == UV_EOF ? 0 : (int)got;
    } else {
        strbuf_add(&p->in, (struct str){ buf->base, (size_t)got });
    }
    pull(p);
}

static void set_reading(struct proxied *p)
{
    bool on = !p->sending && !p->target_ended && p->in.len <= HTTP_HEAD_MAX;

    if (on != p->reading) {
        p->reading = on;
        if (on) {
            (void)uv_read_start((uv_stream_t *)&p->link->tcp, on_alloc, on_target_read);
        } else {
            (void)uv_read_stop((uv_stream_t *)&p->link->tcp);
        }
    }
}

static void add_chunk(struct strbuf *b, struct str piece)
{
    if (piece.len > 0) {
        strbuf_addf(b, "%zx\r\n", piece.len);
        strbuf_add(b, piece);
        strbuf_add(b, STR("\r\n"));
    }
}

/* A chunked body from conn->in to `out`. */
static void take_body_chunks(struct proxied *p, struct strbuf *out)
{
    struct conn *conn = p->conn;
    enum parse_status status = PARSE_INCOMPLETE;
    struct str rest = strbuf_str(&conn->in);
    size_t used = 1;

    while (status == PARSE_INCOMPLETE && used > 0 && rest.len > 0) {
        struct str piece = { 0 };

        status = http_chunked_read(&p->chunked_in, rest, &used, &piece);
        add_chunk(out, piece);
        rest = str_skip(rest, used);
    }
    strbuf_consume(&conn->in, conn->in.len - rest.len);
    if (status == PARSE_DONE) {
        strbuf_add(out, STR("0\r\n\r\n"));
        p->body_done = true;
    } else if (status == PARSE_MALFORMED) {
        conn_close(conn); /* with the connection the target sees that it is unfinished */
    }
}

/* What the client has sent, as the target is to get it. False if the connection is closed by that. */
static bool take_body(struct proxied *p, struct strbuf *out)
{
    struct conn *conn = p->conn;

    if (p->state == TUNNEL) {
        strbuf_add(out, strbuf_str(&conn->in));
        strbuf_reset(&conn->in);
    } else if (p->is_chunked && !p->body_done) {
        take_body_chunks(p, out);
    } else if (!p->body_done) {
        struct str in = strbuf_str(&conn->in);
        struct str piece = str_sub(in, 0, p->left < in.len ? (size_t)p->left : in.len);

        strbuf_add(out, piece);
        strbuf_consume(&conn->in, piece.len);
        p->left -= piece.len;
        p->body_done = p->left == 0;
    }
    return conn->state != CONN_CLOSED;
}

static void push(struct proxied *p);

static void on_target_written(uv_write_t *write, int status)
{
    struct link *link = write->data;
    struct proxied *p = link->of;

    if (!p) {
        return;
    }
    strbuf_reset(&link->out);
    p->writing = false;
    if (status < 0) {
        /* that it goes is told by reading, behind what it may have answered before */
        p->is_deaf = true;
    }
    struct conn *conn = p->conn;

    push(p);
    if (conn->state == CONN_PROXY) {
        conn_read_on(conn);
    }
}

/* Writes to the target what there is for it, unless something is being written. */
static void push(struct proxied *p)
{
    struct link *link = p->link;

    if (p->is_deaf && p->ended) {
        conn_close(p->conn);
        return;
    }
    if (p->writing || p->is_deaf || p->state < ASKED) {
        return;
    }
    if (p->head.len > 0) {
        strbuf_add(&link->out, strbuf_str(&p->head));
        strbuf_finish(&p->head);
    }
    if (!take_body(p, &link->out)) {
        return;
    }
    if (link->out.len == 0) {
        if (p->ended) {
            conn_close(p->conn);
        }
        return;
    }
    uv_buf_t buf = uv_buf_init(link->out.ptr, (unsigned)link->out.len);

    link->write.data = link;
    p->writing = true;
    if (uv_write(&link->write, (uv_stream_t *)&link->tcp, &buf, 1, on_target_written) < 0) {
        strbuf_reset(&link->out);
        p->writing = false;
        p->is_deaf = true;
    }
}

void proxy_read(struct conn *conn)
{
    push(conn->proxied);
}

void proxy_on_end(struct conn *conn)
{
    struct proxied *p = conn->proxied;

    if (p->state == TUNNEL) {
        p->ended = true;
        push(p);
    } else {
        conn_close(conn);
    }
}

/* Passes bytes on to the client. False if nothing more may be passed on for now. */
static bool pass(struct proxied *p, struct str bytes)
{
    struct conn *conn = p->conn;

    if (conn_write(conn, bytes)) {
        return true;
    }
    if (conn->state == CONN_PROXY) {
        p->sending = true;
    }
    return false;
}

/* A head that came before the final one (100, 103). */
static bool pass_interim(struct proxied *p, const struct http_answer *answer)
{
    struct strbuf *b = &p->conn->server->answer;

    if (p->minor == 0 || (answer->status == 100 && !p->expects)) {
        return true;
    }
    strbuf_reset(b);
    http_forward_answer(b, answer, HTTP_NO_BODY, true);
    return pass(p, strbuf_str(b));
}

static bool pass_head(struct proxied *p, const struct http_answer *answer)
{
    struct conn *conn = p->conn;
    struct strbuf *b = &conn->server->answer;

    (void)proxy_rules_set_down(p->rules, p->way, false);
    p->from = p->to = http_answer_framing(answer, p->head_only);
    if (p->to == HTTP_UNTIL_CLOSE && p->minor == 1) {
        p->to = HTTP_CHUNKED;
    } else if (p->to == HTTP_CHUNKED && p->minor == 0) {
        p->to = HTTP_UNTIL_CLOSE;
    }
    conn->keep_alive =
            conn->keep_alive && p->to != HTTP_UNTIL_CLOSE && !p->upgrades && p->body_done;
    p->answer_left = p->from == HTTP_LENGTH ? (uint64_t)answer->content_length : 0;
    p->state = answer->status == 101 ? TUNNEL : ANSWER;
    p->answer_done = p->state == ANSWER &&
                     (p->from == HTTP_NO_BODY || (p->from == HTTP_LENGTH && p->answer_left == 0));
    strbuf_reset(b);
    http_forward_answer(b, answer, p->to, conn->keep_alive);
    return pass(p, strbuf_str(b));
}

/* Reads a head of the answer. False if there is nothing more to do for now. */
static bool take_head(struct proxied *p)
{
    struct conn *conn = p->conn;
    struct http_answer answer;
    size_t len = 0;

    switch (http_parse_answer(strbuf_str(&p->in), &answer, &len)) {
    case PARSE_INCOMPLETE: return false;
    case PARSE_MALFORMED:
        fail(p, "what it answers is no HTTP/1.1, or has a head of more than 16 KiB");
        return false;
    case PARSE_DONE: break;
    }
    if (answer.status == 101 && !p->upgrades) {
        fail(p, "it answers 101 to what was no upgrade");
        return false;
    }
    bool more = answer.status < 200 && answer.status != 101 ? pass_interim(p, &answer)
                                                            : pass_head(p, &answer);

    if (conn->state != CONN_PROXY) {
        return false;
    }
    strbuf_consume(&p->in, len);
    if (p->state == TUNNEL) {
        push(p); /* what was sent behind the request */
    }
    return more;
}

static void add_piece(const struct proxied *p, struct strbuf *b, struct str piece)
{
    if (p->to == HTTP_CHUNKED) {
        add_chunk(b, piece);
    } else {
        strbuf_add(b, piece);
    }
}

/* Takes what there is of a chunked body. False if it is malformed. */
static bool take_chunks(struct proxied *p, struct strbuf *b)
{
    enum parse_status status = PARSE_INCOMPLETE;
    struct str rest = strbuf_str(&p->in);
    size_t used = 1;

    while (status == PARSE_INCOMPLETE && used > 0 && rest.len > 0) {
        struct str piece = { 0 };

        status = http_chunked_read(&p->chunked_out, rest, &used, &piece);
        add_piece(p, b, piece);
        rest = str_skip(rest, used);
    }
    strbuf_reset(&p->in);
    p->answer_done = status == PARSE_DONE;
    return status != PARSE_MALFORMED;
}

/* The body: all that has come of it, as one write. */
static void take_answer(struct proxied *p)
{
    struct conn *conn = p->conn;
    struct strbuf *b = &conn->server->answer;
    struct str in = strbuf_str(&p->in);
    bool good = true;

    strbuf_reset(b);
    if (p->state == TUNNEL || p->from == HTTP_UNTIL_CLOSE) {
        add_piece(p, b, in);
        strbuf_reset(&p->in);
        p->answer_done = p->target_ended;
        good = p->target_error == 0 || p->state == TUNNEL;
    } else if (p->from == HTTP_CHUNKED) {
        good = take_chunks(p, b);
    } else {
        struct str piece =
                str_sub(in, 0, p->answer_left < in.len ? (size_t)p->answer_left : in.len);

        add_piece(p, b, piece);
        p->answer_left -= piece.len;
        p->answer_done = p->answer_left == 0;
        strbuf_reset(&p->in); /* what is too much is not the answer's */
    }
    if (p->answer_done && good && p->to == HTTP_CHUNKED) {
        strbuf_add(b, STR("0\r\n\r\n"));
    }
    bool is_cut = !good || (p->target_ended && !p->answer_done);

    if (b->len > 0) {
        (void)pass(p, strbuf_str(b));
    }
    if (is_cut && conn->state == CONN_PROXY) {
        conn_close(conn); /* nothing else tells that there should be more */
    }
}

/* The client has got all of it. */
static void finish(struct proxied *p)
{
    struct conn *conn = p->conn;

    conn->keep_alive = conn->keep_alive && p->body_done;
    part(p);
    conn_finish(conn);
}

static void pull_held(struct proxied *p)
{
    while (!p->is_gone && !p->sending && p->state == ASKED && take_head(p)) {
    }
    if (!p->is_gone && !p->sending && p->state >= ANSWER && !p->answer_done) {
        take_answer(p);
    }
    if (p->is_gone) {
        return;
    }
    if (!p->sending && p->answer_done) {
        finish(p);
    } else if (!p->sending && p->state == ASKED && p->target_ended) {
        fail(p, p->in.len > 0 ? "it closed the connection in the midst of an answer's head"
                              : "it closed the connection without an answer");
    } else {
        set_reading(p);
    }
}

/* Does with what the target has sent what can be done. `p` may be gone afterwards: behind an answer the client's next
 * request begins, which may be handed on as well, and would be taken for this one if that were freed before. */
static void pull(struct proxied *p)
{
    p->is_held = true;
    pull_held(p);
    p->is_held = false;
    if (p->is_gone) {
        free(p);
    }
}

void proxy_on_sent(struct conn *conn)
{
    struct proxied *p = conn->proxied;

    p->sending = false;
    pull(p);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct link *link = connect->data;
    struct proxied *p = link->of;

    if (!p) {
        return;
    }
    if (status < 0) {
        p->error = status;
        drop_link(p);
        connect_next(p);
        return;
    }
    struct conn *conn = p->conn;

    p->state = ASKED;
    conn_set_due(conn, 0);
    (void)uv_tcp_nodelay(&link->tcp, 1);
    (void)uv_tcp_keepalive(&link->tcp, 1, KEEPALIVE_S);
    set_reading(p);
    push(p);
    if (conn->state == CONN_PROXY) {
        conn_read_on(conn);
    }
}

/* Tries the next address; after the last one, that is the answer. */
static void connect_next(struct proxied *p)
{
    struct dev_server *server = p->conn->server;

    p->state = CONNECT;
    while (p->next_address < p->address_count) {
        const struct sockaddr *address = (struct sockaddr *)&p->addresses[p->next_address++];
        struct link *link = mem_new(struct link);

        p->error = UV_EMFILE;
        link->server = server;
        link->of = p;
        link->tcp.data = link->connect.data = link;
        strbuf_init(&link->out, OUT_MAX);
        if (uv_tcp_init(server->loop, &link->tcp) < 0) {
            free(link);
            continue;
        }
        server->handles++;
        p->link = link;
        p->error = uv_tcp_connect(&link->connect, &link->tcp, address, on_connected);
        if (p->error == 0) {
            conn_set_due(p->conn, PROXY_CONNECT_MS);
            return;
        }
        drop_link(p);
    }
    char why[128];

    (void)snprintf(why, sizeof(why), "cannot connect: %s", uv_strerror(p->error));
    fail(p, why);
}

static void add_address(struct proxied *p, const struct sockaddr *address)
{
    struct sockaddr_storage *to = &p->addresses[p->address_count];

    if (p->address_count == ADDRESSES_MAX) {
        return;
    }
    if (address->sa_family == AF_INET6) {
        memcpy(to, address, sizeof(struct sockaddr_in6));
        ((struct sockaddr_in6 *)to)->sin6_port = htons(p->way->to.port);
        p->address_count++;
    } else if (address->sa_family == AF_INET) {
        memcpy(to, address, sizeof(struct sockaddr_in));
        ((struct sockaddr_in *)to)->sin_port = htons(p->way->to.port);
        p->address_count++;
    }
}

static void on_looked_up(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
    struct lookup *lookup = request->data;
    struct proxied *p = lookup->of;
    char why[128];

    if (p) {
        p->lookup = NULL;
        for (const struct addrinfo *each = status < 0 ? NULL : list; each; each = each->ai_next) {
            add_address(p, each->ai_addr);
        }
        if (p->address_count > 0) {
            connect_next(p);
        } else {
            (void)snprintf(why, sizeof(why), "cannot find its address: %s",
                    status < 0 ? uv_strerror(status) : "it has none");
            fail(p, why);
        }
    }
    uv_freeaddrinfo(list);
    dev_server_unref(lookup->server);
    free(lookup);
}

/* An address as it is, and this machine by its two: no look-up could say anything else. */
static void add_known(struct proxied *p, const char *host)
{
    struct sockaddr_storage address;
    bool local = str_ieq(p->way->to.host, STR("localhost"));

    if (uv_ip6_addr(local ? "::1" : host, 0, (struct sockaddr_in6 *)&address) == 0) {
        add_address(p, (struct sockaddr *)&address);
    }
    if (uv_ip4_addr(local ? "127.0.0.1" : host, 0, (struct sockaddr_in *)&address) == 0) {
        add_address(p, (struct sockaddr *)&address);
    }
}

static void look_up(struct proxied *p)
{
    struct dev_server *server = p->conn->server;
    const char *host = arena_cstr(&server->arena, p->way->to.host);
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };

    add_known(p, host);
    if (p->address_count > 0) {
        connect_next(p);
        return;
    }
    struct lookup *lookup = mem_new(struct lookup);

    lookup->server = server;
    lookup->of = p;
    lookup->request.data = lookup;
    if (uv_getaddrinfo(server->loop, &lookup->request, on_looked_up, host, NULL, &hints) < 0) {
        free(lookup);
        fail(p, "cannot look for its address");
        return;
    }
    server->handles++;
    p->lookup = lookup;
    conn_set_due(p->conn, PROXY_CONNECT_MS);
}

void proxy_on_due(struct conn *conn)
{
    struct proxied *p = conn->proxied;

    if (p->state == LOOKUP) {
        drop_lookup(p);
        fail(p, "its address was not found in 10 seconds");
    } else if (p->state == CONNECT) {
        p->error = UV_ETIMEDOUT;
        drop_link(p);
        connect_next(p);
    }
}

void proxy_begin(struct conn *conn, const struct http_request *request, struct str target,
        struct proxy_way *way)
{
    struct proxied *p = mem_new(struct proxied);
    struct http_forward how = {
        .to = &way->to,
        .target = target,
        .strip = way->rule.strip,
        .add = way->rule.add,
        .headers = way->rule.headers,
        .change_host = way->rule.change_origin,
    };

    p->conn = conn;
    p->rules = proxy_rules_ref(conn->server->proxy);
    p->way = way;
    p->minor = request->minor;
    p->head_only = conn->head_only;
    p->upgrades = request->upgrade_websocket;
    p->expects = request->expect_continue;
    p->is_chunked = request->chunked;
    p->left = request->content_length > 0 ? (uint64_t)request->content_length : 0;
    p->body_done = !p->is_chunked && p->left == 0;
    strbuf_init(&p->head, OUT_MAX);
    strbuf_init(&p->in, IN_MAX);
    conn->proxied = p;
    conn->state = CONN_PROXY;
    conn->keep_alive = request->keep_alive;
    if (way->wrong) {
        char why[160];

        (void)snprintf(why, sizeof(why), "it is not %s", way->wrong);
        fail(p, why);
        return;
    }
    if (p->upgrades && !proxy_way_takes_sockets(way)) {
        bool is_news = !way->told_socket;

        way->told_socket = true;
        refuse(p, "no WebSockets are handed to it: there is no `ws = true`", is_news);
        return;
    }
    http_forward_request(&p->head, request, &how);
    if (p->head.overflow) {
        fail(p, "the request's head is too long for it");
        return;
    }
    (void)uv_tcp_keepalive(&conn->tcp, 1, KEEPALIVE_S);
    look_up(p);
}
