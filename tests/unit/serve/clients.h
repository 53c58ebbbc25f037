/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TESTS_CLIENTS_H
#define ORBITON_TESTS_CLIENTS_H

/* What clients of the small world ask and send: requests with a Host, pages, frames, and time. */

#include "world.h"

#include "serve/conn.h"
#include "ws/ws_frame.h"

static inline size_t count_connections(struct world *w)
{
    struct dev_server_stats stats;

    dev_server_get_stats(w->server, &stats);
    return stats.connections;
}

static inline bool has(const struct client *c, const char *text)
{
    return str_find_str(strbuf_str(&c->in), str_from(text)) != STR_NONE;
}

static inline void ask(
        struct world *w, struct client *c, const char *method, const char *target, const char *more)
{
    struct strbuf b;

    strbuf_init(&b, 1 << 20);
    strbuf_addf(&b, "%s %s HTTP/1.1\r\nHost: localhost:%u\r\n%s\r\n", method, target,
            dev_server_port(w->server), more);
    client_send(c, strbuf_str(&b));
    strbuf_finish(&b);
}

static inline const char *with_token(struct world *w, const char *path)
{
    static char target[256];

    (void)snprintf(target, sizeof(target), "%s%.*s", path, STR_FMT(dev_server_token(w->server)));
    return target;
}

/* Opens a page and forgets the handshake's answer. */
static inline struct client *open_page(struct world *w)
{
    struct client *c = client_open(w);
    size_t before = w->opened_count;

    ask(w, c, "GET", with_token(w, "/__orbit/ws?token="),
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    world_until(w, w->opened_count > before && has(c, "\r\n\r\n"));
    strbuf_consume(&c->in, str_find_str(strbuf_str(&c->in), STR("\r\n\r\n")) + 4);
    return c;
}

/* Sends a masked frame. */
static inline void send_frame(struct client *c, unsigned opcode, bool fin, struct str payload)
{
    static const char mask[4] = { 'm', 'a', 's', 'k' };
    struct strbuf b;

    strbuf_init(&b, 1 << 24);
    strbuf_addc(&b, (char)(opcode | (fin ? 0x80 : 0)));
    if (payload.len < 126) {
        strbuf_addc(&b, (char)(0x80 | payload.len));
    } else if (payload.len < 65536) {
        strbuf_addc(&b, (char)(0x80 | 126));
        strbuf_addc(&b, (char)(payload.len >> 8));
        strbuf_addc(&b, (char)(payload.len & 255));
    } else {
        strbuf_addc(&b, (char)(0x80 | 127));
        for (int shift = 56; shift >= 0; shift -= 8) {
            strbuf_addc(&b, (char)((uint64_t)payload.len >> shift & 255));
        }
    }
    strbuf_add(&b, (struct str){ mask, 4 });
    for (size_t i = 0; i < payload.len; i++) {
        strbuf_addc(&b, (char)(payload.ptr[i] ^ mask[i % 4]));
    }
    client_send(c, strbuf_str(&b));
    strbuf_finish(&b);
}

static inline void send_text(struct world *w, page_id page, struct str text)
{
    struct blob *blob = blob_create(text);

    dev_server_send(w->server, page, blob);
    blob_unref(blob);
}
/* Lets every deadline be due, as if its time had passed. */
static inline void let_time_pass(struct world *w)
{
    for (struct conn *conn = w->server->conns; conn; conn = conn->next) {
        conn->due_ms = conn->due_ms ? 1 : 0;
    }
    conn_on_timer(&w->server->timer);
}

#endif
