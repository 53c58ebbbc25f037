/* SPDX-License-Identifier: MIT */
/*
 * Request heads. Properties: what was decided stays decided when more bytes
 * come; a shorter input is incomplete or refused for the same reason; every
 * slice lies in the head; nothing that frames or delimits is in a slice.
 */
#include <stdlib.h>
#include <string.h>

#include "http/http_char.h"
#include "http/http_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void demand_clean(struct str s, struct str head)
{
    if (s.len == 0) {
        return;
    }
    demand(s.ptr >= head.ptr && s.ptr + s.len <= head.ptr + head.len);
    for (size_t i = 0; i < s.len; i++) {
        demand(http_is_value(s.ptr[i]));
    }
}

/* The same bytes in a block of their own, so that ASan guards its end. */
static enum parse_status parse_prefix(
        struct str in, size_t n, struct http_request *ret, size_t *ret_len, int *ret_status)
{
    char *copy = malloc(n > 0 ? n : 1);

    demand(copy != NULL);
    if (n > 0) {
        memcpy(copy, in.ptr, n);
    }
    enum parse_status status =
            http_parse_request((struct str){ copy, n }, ret, ret_len, ret_status);

    free(copy);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http_request request;
    static struct http_request other;
    struct str in = { (const char *)data, size };
    size_t len = 0;
    int refused = 0;
    enum parse_status status = http_parse_request(in, &request, &len, &refused);

    if (status == PARSE_DONE) {
        struct str head = { in.ptr, len };

        demand(len <= size && len <= HTTP_HEAD_MAX && str_ends(head, STR("\r\n\r\n")));
        demand(request.method.len > 0 && request.target.len > 0);
        demand(request.host.len > 0 || request.minor == 0);
        demand(!request.chunked || request.content_length == -1);
        demand_clean(request.method, head);
        demand_clean(request.target, head);
        demand_clean(request.host, head);
        for (size_t i = 0; i < request.header_count; i++) {
            demand(request.headers[i].name.len > 0);
            demand_clean(request.headers[i].name, head);
            demand_clean(request.headers[i].value, head);
        }
    } else if (status == PARSE_INCOMPLETE) {
        demand(size < HTTP_HEAD_MAX);
    } else {
        demand(refused == 400 || refused == 414 || refused == 431 || refused == 501 ||
                refused == 505);
    }
    /* Every prefix of small inputs, some of large ones. */
    size_t step = size / 64 + 1;

    for (size_t n = 0; n <= size; n += step) {
        size_t other_len = 0;
        int other_refused = 0;
        enum parse_status earlier = parse_prefix(in, n, &other, &other_len, &other_refused);

        if (earlier == PARSE_DONE) {
            demand(status == PARSE_DONE && other_len == len);
        } else if (earlier == PARSE_MALFORMED) {
            demand(status == PARSE_MALFORMED && other_refused == refused);
        }
        demand(status != PARSE_DONE || n >= len || earlier == PARSE_INCOMPLETE);
        demand(status != PARSE_DONE || n < len || earlier == PARSE_DONE);
    }
    return 0;
}
