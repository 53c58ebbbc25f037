/* SPDX-License-Identifier: MIT */
/*
 * Event streams. A message is one line of JSON and so one "data:" line; should
 * a text have line breaks all the same, each line gets its own, and no text can
 * end an event before its time. A page's messages come as POST (routes.c).
 */
#include "serve/events.h"

#include "http/http_reply.h"
#include "serve/conn.h"

enum { EVENT_MAX = 16 * 1024 * 1024 };

void events_answer(struct conn *conn)
{
    conn->keep_alive = false;
    struct strbuf *b = answer_begin(conn, 200);

    http_reply_header(b, STR("Content-Type"), STR("text/event-stream"));
    http_reply_header(b, STR("Cache-Control"), STR("no-store"));
    /* nginx would collect the events otherwise */
    http_reply_header(b, STR("X-Accel-Buffering"), STR("no"));
    http_reply_end(b, -1);
    strbuf_add(b, STR(": open\n\n"));
    hub_add(conn, false, STR(""), strbuf_str(b));
}

static bool has_line_break(struct str s)
{
    return str_find(s, '\n') != STR_NONE || str_find(s, '\r') != STR_NONE;
}

/* The text with "data: " before each line but the first. */
static struct blob *split_lines(struct str text)
{
    struct strbuf b;

    strbuf_init(&b, EVENT_MAX);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '\n' || c == '\r') {
            strbuf_add(&b, STR("\ndata: "));
            i += c == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n';
        } else {
            strbuf_addc(&b, c);
        }
    }
    struct blob *blob = blob_create(strbuf_str(&b));

    strbuf_finish(&b);
    return blob;
}

void events_send(struct page *page, struct blob *text)
{
    struct blob *lines = has_line_break(blob_str(text)) ? split_lines(blob_str(text)) : NULL;

    hub_queue(page, STR("data: "), lines ? lines : text, STR("\n\n"));
    blob_unref(lines);
}

void events_ping(struct page *page)
{
    hub_queue(page, STR(": ping\n\n"), NULL, STR(""));
}
