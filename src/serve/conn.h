/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_CONN_H
#define ORBITON_SERVE_CONN_H

/*
 * A connection: bytes in, requests out to routes.c, answers back in order. At
 * most one answer is under way; the requests behind it wait in `in`.
 *
 * An answer is built in the server's one buffer: answer_begin(), headers,
 * http_reply_end(), body, then conn_send(), which copies only what the socket
 * does not take at once.
 */

#include "serve/server.h"

/* Takes a connection that waits at the listener. */
void conn_accept(struct dev_server *server, uv_stream_t *listener);

/* Begins an answer: the status line and the headers that all answers carry. */
struct strbuf *answer_begin(struct conn *conn, int status);

/* A whole answer with a body of text; `type` as for Content-Type. Sends it. */
void answer_text(struct conn *conn, int status, struct str type, struct str text);

/* Sends the server's answer buffer, then the file in conn->fd if there is one. */
void conn_send(struct conn *conn);

/* For an answer that is not built but passed on (PROXY): sends `bytes`, true if the socket took all of it. Else
 * the connection is closed, or a copy of the rest is being sent: proxy_on_sent() tells when it is. */
bool conn_write(struct conn *conn, struct str bytes);

/* The answer that was passed on is sent; the requests behind it follow. */
void conn_finish(struct conn *conn);

/* An answer was given outside of a request's own handling: the requests behind it follow. */
void conn_proceed(struct conn *conn);

/* `in` was read from: there may be room for more. */
void conn_read_on(struct conn *conn);

/* Starts to read a request's body for an endpoint; routes_body() is called with the whole. */
void conn_want_body(struct conn *conn, const struct http_request *request, enum body_use use);

/* A held request is asked again; the requests behind it follow. */
void conn_resume(struct conn *conn);

/* Answers a sync; the requests behind it follow. */
void conn_answer_sync(struct conn *conn, struct str json);

/* After the last byte: tells the peer, and reads on until it has closed too. */
void conn_linger(struct conn *conn);

/* Closes at once. The memory stays until the loop has closed the handle. */
void conn_close(struct conn *conn);

/* Sets the deadline of the present state; 0 is none. */
void conn_set_due(struct conn *conn, uint64_t ms);

/* The timer of all deadlines. */
void conn_on_timer(uv_timer_t *timer);

#endif
