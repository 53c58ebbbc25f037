/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HTTP_HTTP_REPLY_H
#define ORBITON_HTTP_HTTP_REPLY_H

/* Reply heads, dates, validators and ranges (RFC 9110, RFC 9112). Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/strbuf.h"

/* "Not Found" for 404; "Unknown" for a status that is not known. */
struct str http_reason(int status);

/* Begins a head: "HTTP/1.1 200 OK\r\n", and the Date, security and connection headers that every
 * answer carries (nosniff, CORP same-origin, X-Frame-Options SAMEORIGIN). `date_s`: seconds since
 * 1970. 101 gets no Connection field (it is "Upgrade", for the caller to add), and 100 gets nothing
 * but its line. */
void http_reply_begin(struct strbuf *b, int status, uint64_t date_s, bool keep_alive);

/* One header line. CR, LF and NUL in the value are replaced by spaces: nothing can be smuggled. */
void http_reply_header(struct strbuf *b, struct str name, struct str value);
void http_reply_headerf(struct strbuf *b, struct str name, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Ends the head, with Content-Length if `length` is not negative. */
void http_reply_end(struct strbuf *b, int64_t length);

/* "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate): 29 characters and a zero byte. Times behind the
 * year 9999 are its last second. */
enum { HTTP_DATE_LEN = 29 };
void http_date_format(uint64_t seconds, char ret[HTTP_DATE_LEN + 1]);

/* Reads an IMF-fixdate; false on anything else. */
bool http_date_parse(struct str text, uint64_t *ret_seconds);

/* Whether an If-None-Match value matches `etag` (with its quotes); weak comparison, "*" matches. */
bool http_etag_matches(struct str if_none_match, struct str etag);

enum http_range { HTTP_RANGE_NONE, HTTP_RANGE_ONE, HTTP_RANGE_UNSATISFIABLE };

/*
 * Reads a Range value for a body of `size` bytes: ONE gives [*ret_from, *ret_from + *ret_len).
 * Several ranges, other units and malformed values are NONE: the whole body is sent.
 */
enum http_range http_range_parse(
        struct str range, uint64_t size, uint64_t *ret_from, uint64_t *ret_len);

#endif
