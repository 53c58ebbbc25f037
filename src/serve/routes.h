/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_ROUTES_H
#define ORBITON_SERVE_ROUTES_H

/* Which request means what: the guard first, then /__orbit/, then files. */

#include "serve/server.h"

/* Answers a request, or puts the connection into the state that will. */
void routes_handle(struct conn *conn, const struct http_request *request);

/* The body that conn_want_body() asked for is whole. */
void routes_body(struct conn *conn, struct str body);

/* Answers a head that is no request. */
void routes_malformed(struct conn *conn, int status);

#endif
