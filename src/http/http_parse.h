/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HTTP_HTTP_PARSE_H
#define ORBITON_HTTP_HTTP_PARSE_H

/*
 * HTTP/1.1 heads and chunked bodies: bytes in, facts out (RFC 9112,
 * read strictly: whatever two readers could read differently is refused).
 * No sockets, no allocation; slices of the input.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum parse_status { PARSE_DONE, PARSE_INCOMPLETE, PARSE_MALFORMED };

enum {
    HTTP_LINE_MAX = 8 * 1024,  /* request line */
    HTTP_HEAD_MAX = 16 * 1024, /* whole head; reading never waits for more */
    HTTP_HEADERS_MAX = 100,
    HTTP_BODY_MAX = 1024 * 1024,
};

struct http_header {
    struct str name;  /* as sent */
    struct str value; /* without the white space around it */
};

struct http_request {
    struct str method;
    struct str target; /* as sent */
    int minor;         /* HTTP/1.x: 0 or 1 */
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t header_count;
    struct str host;        /* exactly one; empty only in HTTP/1.0 without one */
    int64_t content_length; /* -1: none given */
    bool chunked;
    bool keep_alive;
    bool upgrade_websocket; /* Connection has "upgrade" and Upgrade has "websocket" */
    bool expect_continue;
};

/*
 * Reads one head at the start of `in`. DONE: *ret_len is its length in bytes. MALFORMED:
 * *ret_status is the answer to give: 400, 414, 431, 501 (transfer coding), 505. Only DONE leaves
 * something to rely on in *ret. More bytes behind `in` never change DONE or MALFORMED.
 */
enum parse_status http_parse_request(
        struct str in, struct http_request *ret, size_t *ret_len, int *ret_status);

/* The value of the first header of that name; false if absent. `ret` may be NULL. */
bool http_header(const struct http_request *request, struct str name, struct str *ret);

/* What another server answers. */
struct http_answer {
    int minor;  /* HTTP/1.x: 0 or 1 */
    int status; /* 100 to 999 */
    struct str reason;
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t header_count;
    int64_t content_length; /* -1: none given */
    bool chunked;
};

/* Reads the head of an answer at the start of `in`, as http_parse_request() does. */
enum parse_status http_parse_answer(struct str in, struct http_answer *ret, size_t *ret_len);

/* Whether the value of a comma-separated list field has the token (ASCII case ignored). */
bool http_list_has(struct str list, struct str token);

/* A chunked body, read piece by piece. Zeroed: at the start. */
struct http_chunked {
    int state;        /* private */
    uint64_t left;    /* private */
    unsigned trailer; /* private: bytes of extensions and trailers, at most HTTP_HEAD_MAX */
};

/*
 * Reads from the front of `in`: *ret_used bytes are done with, *ret_data is a piece of the body
 * among them (may be empty). DONE after the last chunk and its trailers (which are dropped).
 * INCOMPLETE with less than all used: call again with the rest. MALFORMED is for good (400). How
 * much data is too much is for the caller to say.
 */
enum parse_status http_chunked_read(
        struct http_chunked *c, struct str in, size_t *ret_used, struct str *ret_data);

/* A request target, decided once: one canonical form for everybody. */
struct http_target {
    struct str
            path; /* decoded, normalised, relative ("" is the root), as base/path.h; in the arena */
    struct str query; /* raw, without '?'; empty if none */
    bool folder;      /* the path ended in '/' */
};

/*
 * Percent-decodes once, demands strict UTF-8, resolves dot segments. False (400) for: not
 * origin-form (an absolute form whose authority equals `host` is accepted), bytes outside
 * 0x21..0x7e, '#', a bad or a double encoding of '%', NUL, control bytes, backslash, encoded
 * slash, an empty segment, dot-dot above the root.
 */
bool http_target_parse(
        struct arena *a, struct str target, struct str host, struct http_target *ret);

/* The value of `name` in a query string, percent-decoded in `a`, '+' as a space; false if absent,
 * given twice, or malformed. */
bool http_query_get(struct arena *a, struct str query, struct str name, struct str *ret);

#endif
