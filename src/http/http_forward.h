/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HTTP_HTTP_FORWARD_H
#define ORBITON_HTTP_HTTP_FORWARD_H

/*
 * Heads on their way through a proxy (RFC 9110 section 7.6.1): what belongs to one
 * connection only is dropped, the body's framing is said anew, and all else stays as
 * it was sent. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "http/http_parse.h"

/* Another server: slices of the URL that names it. */
struct http_upstream {
    struct str host;      /* a name or address, without brackets */
    struct str authority; /* for a Host field: without the port, if that is 80 */
    struct str base;      /* put before every path; empty or "/v1", without a slash at its end */
    uint16_t port;
    bool is_socket; /* ws://: it takes WebSockets */
};

/* Reads "http://HOST[:PORT][/BASE]", or ws:// the like. False: *ret_expected is what it has to be. */
bool http_upstream_parse(struct str url, struct http_upstream *ret, const char **ret_expected);

/* What of a request is another one for the server that gets it. */
struct http_forward {
    const struct http_upstream *to;
    struct str target; /* of the request */
    struct str
            strip; /* taken away at the target's begin, where it stands there (everywhere, if empty), */
    struct str add;     /* and this put there instead */
    struct str headers; /* "Name: value\r\n" each: in the place of those of that name */
    bool change_host;   /* Host is the other server's */
};

/* The head for the other server. It closes the connection after its answer, unless it switches to
 * the WebSocket protocol. */
void http_forward_request(
        struct strbuf *b, const struct http_request *request, const struct http_forward *how);

/* How the end of a body is found. */
enum http_framing {
    HTTP_NO_BODY,
    HTTP_LENGTH,
    HTTP_CHUNKED,
    HTTP_UNTIL_CLOSE,
};

/* What the answer's body has, which depends on the request: `head_only` if that was HEAD. */
enum http_framing http_answer_framing(const struct http_answer *answer, bool head_only);

/* The answer's head for whoever has asked, with a body framed as `framing` says. A 1xx has no framing,
 * and a 101 keeps its Upgrade. */
void http_forward_answer(struct strbuf *b, const struct http_answer *answer,
        enum http_framing framing, bool keep_alive);

#endif
