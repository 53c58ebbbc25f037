/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_HUB_H
#define ORBITON_SERVE_HUB_H

/*
 * The connected pages: a queue of messages for each, shared bytes, one write
 * in flight. WebSocket frames go in and out here; the event stream (events.c)
 * uses the same queue with other framing.
 */

#include "base/blob.h"
#include "serve/server.h"
#include "ws/ws_frame.h"

enum { PAGE_FRAME_MAX = 16 /* bytes of framing before or behind a payload */ };

struct page_item {
    struct page_item *next;
    struct blob *blob; /* owned reference; may be NULL */
    char head[PAGE_FRAME_MAX];
    unsigned char head_len;
    char tail[PAGE_FRAME_MAX];
    unsigned char tail_len;
};

struct page {
    struct page *prev;
    struct page *next;
    page_id id;
    struct conn *conn;
    bool is_socket;      /* WebSocket; else an event stream */
    char *origin;        /* see dev_server_origin(); owned */
    bool closing;        /* nothing is sent behind what is queued, nothing is understood */
    bool gone;           /* out of the list, and the engine knows or will at the connection's end */
    bool told;           /* the engine was told that it is gone */
    unsigned unanswered; /* pings in a row */
    struct ws_reader reader;
    struct page_item *first; /* the queue, owned; the first `in_flight` items are being written */
    struct page_item *last;
    size_t in_flight;
    size_t unsent; /* bytes in the queue */
    size_t left;   /* of those, what the kernel had not taken when the last ping was due */
    uv_write_t write;
};

/* Makes the connection a page of `origin` (or empty), with `hello` (the answer's head) first in its queue. */
void hub_add(struct conn *conn, bool is_socket, struct str origin, struct str hello);

struct page *hub_find(const struct dev_server *server, page_id id);

/* Queues one text message. */
void hub_send(struct page *page, struct blob *text);

/* Whether so many bytes more can be queued; if not, the page would be dropped. */
bool hub_has_room(const struct page *page, size_t len);

/* Bytes from a WebSocket page; consumes conn->in. */
void hub_read(struct conn *conn);

/* The ping is due: one is sent, or the page is dropped. */
void hub_on_due(struct conn *conn);

/* The peer is gone, or is about to be: the engine is told now. */
void hub_gone(struct page *page);

/* The connection is closed: frees the page, telling the engine if it does not know. */
void hub_free(struct page *page);

/* The server ends: says so to the page, as far as the socket takes it. */
void hub_shutdown(struct page *page);

/* Appends framing, a blob (or NULL) and framing as one item to the queue, and sends what can be
 * sent. Takes its own reference. */
void hub_queue(struct page *page, struct str head, struct blob *blob, struct str tail);

/* While `hold` small messages wait, to go out in one write when it ends. */
void hub_hold(struct dev_server *server, bool hold);

#endif
