/* SPDX-License-Identifier: MIT */
/*
 * Pages and their queues. A message's bytes are shared by all pages that it is
 * for; what belongs to one page is the few bytes of framing around them.
 *
 * Invariants: at most one write is in flight per page, of the first `in_flight`
 * items; `unsent` is the sum of all queued bytes and passes SERVE_UNSENT_MAX
 * only by a single message in an empty queue. The engine is told of a page's
 * end exactly once, and never from inside a call of its own.
 */
#include "serve/hub.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "serve/conn.h"
#include "serve/events.h"

enum {
    ITEMS_PER_WRITE = 16, /* three buffers each */
    HOLD_MAX = 16 * 1024, /* bytes; what is more goes out at once */
    PINGS_MAX = 2,        /* unanswered */
};

static void flush(struct page *page);

static void unlink_page(struct page *page)
{
    struct dev_server *server = page->conn->server;

    if (page->gone) {
        return;
    }
    page->gone = true;
    if (page->prev) {
        page->prev->next = page->next;
    } else {
        server->pages = page->next;
    }
    if (page->next) {
        page->next->prev = page->prev;
    }
    server->page_count--;
}

static void drop(struct page *page)
{
    page->conn->server->dropped_pages++;
    page->closing = true;
    unlink_page(page);
    conn_close(page->conn);
}

void hub_gone(struct page *page)
{
    struct dev_server *server = page->conn->server;

    unlink_page(page);
    if (!page->told) {
        page->told = true;
        if (!server->closing && server->options.on_page_close) {
            server->options.on_page_close(server->options.ctx, page->id);
        }
    }
}

static size_t item_len(const struct page_item *item)
{
    return item->head_len + (item->blob ? item->blob->len : 0) + item->tail_len;
}

/* Forgets the first item, which is sent or never will be. */
static void pop(struct page *page)
{
    struct page_item *item = page->first;

    page->first = item->next;
    if (!page->first) {
        page->last = NULL;
    }
    page->unsent -= item_len(item);
    blob_unref(item->blob);
    free(item);
}

void hub_free(struct page *page)
{
    hub_gone(page);
    while (page->first) {
        pop(page);
    }
    ws_reader_finish(&page->reader);
    free(page->origin);
    free(page);
}

struct page *hub_find(const struct dev_server *server, page_id id)
{
    struct page *page = server->pages;

    while (page && page->id != id) {
        page = page->next;
    }
    return page;
}

static void on_page_written(uv_write_t *write, int status)
{
    struct page *page = write->data;

    for (; page->in_flight > 0; page->in_flight--) {
        pop(page);
    }
    if (page->conn->state == CONN_CLOSED) {
        return;
    }
    if (status < 0) {
        conn_close(page->conn);
        return;
    }
    flush(page);
}

/* The first items as buffers of a vectored write; *ret_items says how many items they are. */
static unsigned gather(struct page *page, uv_buf_t *bufs, size_t *ret_items)
{
    unsigned count = 0;
    size_t items = 0;

    for (struct page_item *item = page->first; item && items < ITEMS_PER_WRITE; item = item->next) {
        items++;
        if (item->head_len > 0) {
            bufs[count++] = uv_buf_init(item->head, item->head_len);
        }
        if (item->blob && item->blob->len > 0) {
            /* a buffer of uv_write() is only read; the length is that of a size_t there */
            bufs[count++] = (uv_buf_t){ .base = item->blob->bytes, .len = item->blob->len };
        }
        if (item->tail_len > 0) {
            bufs[count++] = uv_buf_init(item->tail, item->tail_len);
        }
    }
    *ret_items = items;
    return count;
}

/* Drops the first `len` bytes of the buffers; returns how many buffers are wholly gone. */
static unsigned skip(uv_buf_t *bufs, unsigned count, size_t len)
{
    unsigned i = 0;

    while (i < count && len >= bufs[i].len) {
        len -= bufs[i++].len;
    }
    if (i < count) {
        bufs[i].base += len;
        bufs[i].len -= len;
    }
    return i;
}

/* Hands the rest of the first `items` to the loop. They stay where they are until it is done. */
static void write_async(struct page *page, uv_buf_t *bufs, unsigned count, size_t items)
{
    page->write.data = page;
    page->in_flight = items;
    if (uv_write(&page->write, (uv_stream_t *)&page->conn->tcp, bufs, count, on_page_written) < 0) {
        page->in_flight = 0;
        conn_close(page->conn);
    }
}

static void flush(struct page *page)
{
    while (page->in_flight == 0 && page->first && page->conn->state == CONN_PAGE) {
        uv_buf_t bufs[ITEMS_PER_WRITE * 3];
        size_t items = 0;
        unsigned count = gather(page, bufs, &items);
        int sent = uv_try_write((uv_stream_t *)&page->conn->tcp, bufs, count);

        if (sent < 0 && sent != UV_EAGAIN) {
            conn_close(page->conn);
            return;
        }
        unsigned done = skip(bufs, count, sent < 0 ? 0 : (size_t)sent);

        if (done == count) {
            for (; items > 0; items--) {
                pop(page);
            }
        } else {
            write_async(page, bufs + done, count - done, items);
        }
    }
    if (page->closing && !page->first && page->conn->state == CONN_PAGE) {
        conn_linger(page->conn);
    }
}

bool hub_has_room(const struct page *page, size_t len)
{
    return page->unsent == 0 || page->unsent + len <= SERVE_UNSENT_MAX;
}

void hub_queue(struct page *page, struct str head, struct blob *blob, struct str tail)
{
    size_t len = head.len + (blob ? blob->len : 0) + tail.len;

    assert(head.len <= PAGE_FRAME_MAX && tail.len <= PAGE_FRAME_MAX);
    if (page->conn->server->is_holding && !hub_has_room(page, len)) {
        flush(page); /* what waits has not been tried yet */
    }
    if (page->closing || page->conn->state != CONN_PAGE) {
        return;
    }
    if (!hub_has_room(page, len)) {
        drop(page);
        return;
    }
    struct page_item *item = mem_new(struct page_item);

    item->blob = blob ? blob_ref(blob) : NULL;
    item->head_len = (unsigned char)head.len;
    item->tail_len = (unsigned char)tail.len;
    memcpy(item->head, head.ptr ? head.ptr : "", head.len);
    memcpy(item->tail, tail.ptr ? tail.ptr : "", tail.len);
    if (page->last) {
        page->last->next = item;
    } else {
        page->first = item;
    }
    page->last = item;
    page->unsent += len;
    if (!page->conn->server->is_holding || page->unsent > HOLD_MAX) {
        flush(page);
    }
}

void hub_hold(struct dev_server *server, bool hold)
{
    struct page *next;

    server->is_holding = hold;
    for (struct page *page = hold ? NULL : server->pages; page; page = next) {
        next = page->next;
        flush(page);
    }
}

/* Queues bytes that belong to this page alone. */
static void queue_bytes(struct page *page, struct str bytes)
{
    struct blob *blob = blob_create(bytes);

    hub_queue(page, STR(""), blob, STR(""));
    blob_unref(blob);
}

void hub_send(struct page *page, struct blob *text)
{
    struct strbuf frame;

    if (!page->is_socket) {
        events_send(page, text);
        return;
    }
    strbuf_init(&frame, text->len + PAGE_FRAME_MAX);
    ws_frame_write(&frame, WS_TEXT, blob_str(text));
    /* the payload behind the frame's head is shared with the other pages */
    hub_queue(page, str_sub(strbuf_str(&frame), 0, frame.len - text->len), text, STR(""));
    strbuf_finish(&frame);
}

void hub_add(struct conn *conn, bool is_socket, struct str origin, struct str hello)
{
    struct dev_server *server = conn->server;
    struct page *page = mem_new(struct page);

    page->id = ++server->last_page;
    page->conn = conn;
    page->is_socket = is_socket;
    page->origin = mem_strcopy(origin);
    ws_reader_init(&page->reader);
    page->next = server->pages;
    if (page->next) {
        page->next->prev = page;
    }
    server->pages = page;
    server->page_count++;
    conn->page = page;
    conn->state = CONN_PAGE;
    conn_set_due(conn, SERVE_PING_MS);
    queue_bytes(page, hello);
    if (server->options.on_page_open) {
        server->options.on_page_open(server->options.ctx, page->id);
    }
}

/* Ends the conversation: a close frame is the last thing the page gets. */
static void close_page(struct page *page, unsigned code)
{
    struct strbuf frame;

    strbuf_init(&frame, 256);
    ws_close_write(&frame, code, STR(""));
    queue_bytes(page, strbuf_str(&frame));
    strbuf_finish(&frame);
    page->closing = true;
    conn_set_due(page->conn, SERVE_LINGER_MS);
    hub_gone(page);
    flush(page);
}

static void answer_ping(struct page *page, struct str payload)
{
    struct strbuf frame;

    strbuf_init(&frame, 256);
    ws_frame_write(&frame, WS_PONG, payload);
    queue_bytes(page, strbuf_str(&frame));
    strbuf_finish(&frame);
}

static void on_message(struct page *page, const struct ws_message *message)
{
    struct dev_server *server = page->conn->server;

    switch (message->opcode) {
    case WS_TEXT:
        if (server->options.on_page_message) {
            server->options.on_page_message(server->options.ctx, page->id, message->payload);
        }
        break;
    case WS_BINARY: close_page(page, WS_CLOSE_DATA); break;
    case WS_PING: answer_ping(page, message->payload); break;
    case WS_CLOSE: close_page(page, message->close_code); break;
    case WS_PONG:
    case WS_CONTINUATION: break;
    }
}

void hub_read(struct conn *conn)
{
    struct page *page = conn->page;
    size_t at = 0;

    if (!page->is_socket) {
        strbuf_reset(&conn->in);
        return;
    }
    /* whatever arrives shows that the page is alive */
    page->unanswered = 0;
    while (conn->state == CONN_PAGE && !page->closing) {
        struct ws_message message = { 0 };
        unsigned code = WS_CLOSE_PROTOCOL;
        size_t used = 0;
        enum parse_status status =
                ws_read(&page->reader, str_skip(strbuf_str(&conn->in), at), &used, &message, &code);

        at += used;
        if (status == PARSE_DONE) {
            on_message(page, &message);
        } else if (status == PARSE_MALFORMED) {
            close_page(page, code);
        } else {
            break;
        }
    }
    if (page->closing) {
        strbuf_reset(&conn->in);
    } else {
        strbuf_consume(&conn->in, at);
    }
}

/* Whether some of what waited when the last ping was due has been read since. */
static bool gets_on(struct page *page)
{
    size_t before = page->left;

    page->left = uv_stream_get_write_queue_size((const uv_stream_t *)&page->conn->tcp);
    return page->left < before;
}

void hub_on_due(struct conn *conn)
{
    struct page *page = conn->page;
    struct strbuf frame;

    if (gets_on(page)) {
        page->unanswered = 0; /* the pings stand behind what it is reading */
    }
    if (page->closing || page->unanswered >= PINGS_MAX) {
        drop(page);
        return;
    }
    conn_set_due(conn, SERVE_PING_MS);
    if (!page->is_socket) {
        events_ping(page);
        return;
    }
    page->unanswered++;
    if (!hub_has_room(page, PAGE_FRAME_MAX)) {
        return; /* a large message is on its way; if it does not get anywhere, the next times tell */
    }
    strbuf_init(&frame, PAGE_FRAME_MAX);
    ws_frame_write(&frame, WS_PING, STR(""));
    queue_bytes(page, strbuf_str(&frame));
    strbuf_finish(&frame);
}

void hub_shutdown(struct page *page)
{
    struct strbuf frame;

    /* in the middle of another frame there is no place for it */
    if (!page->is_socket || page->closing || page->in_flight > 0) {
        return;
    }
    strbuf_init(&frame, 256);
    ws_close_write(&frame, WS_CLOSE_GOING_AWAY, STR(""));
    uv_buf_t buf = uv_buf_init(frame.ptr, (unsigned)frame.len);

    (void)uv_try_write((uv_stream_t *)&page->conn->tcp, &buf, 1); /* a courtesy */
    strbuf_finish(&frame);
}
