/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_PROXY_H
#define ORBITON_SERVE_PROXY_H

/*
 * Requests that another server answers. Each has a connection of its own to that, which ends with the answer.
 * Both directions flow at the same time, and neither faster than whoever reads it: what is in memory is a read
 * buffer and what came before the head was whole. Whichever side goes takes the other one along.
 */

#include "serve/proxy_rules.h"
#include "serve/server.h"

enum { PROXY_CONNECT_MS = 10 * 1000 /* for the name, and for each of its addresses */ };

/* Hands the request for `target` to whom `way` leads. The answer comes later, or is 502. */
void proxy_begin(struct conn *conn, const struct http_request *request, struct str target,
        struct proxy_way *way);

/* Something was received, and is in conn->in: of the body, or of what follows an upgrade. */
void proxy_read(struct conn *conn);

/* What conn_write() left over is sent. */
void proxy_on_sent(struct conn *conn);

/* The client says no more, as one does who has said all. */
void proxy_on_end(struct conn *conn);

/* The time for a connection to the target is over. */
void proxy_on_due(struct conn *conn);

/* The connection is being closed. */
void proxy_drop(struct conn *conn);

#endif
