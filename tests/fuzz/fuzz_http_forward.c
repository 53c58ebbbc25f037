/* SPDX-License-Identifier: MIT */
/*
 * What another server answers, and what is handed on of it. Properties: more bytes change nothing that was
 * decided; what is handed on is read again as the same answer, by the framing that was said, and has no field
 * of a connection; a pattern that is understood says yes or no.
 */
#include <stdlib.h>
#include <string.h>

#include "http/http_forward.h"
#include "http/http_pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* The same bytes in a block of their own, so that ASan guards its end. */
static enum parse_status parse_prefix(
        struct str in, size_t n, struct http_answer *ret, size_t *ret_len)
{
    char *copy = malloc(n > 0 ? n : 1);

    demand(copy != NULL);
    if (n > 0) {
        memcpy(copy, in.ptr, n);
    }
    enum parse_status status = http_parse_answer((struct str){ copy, n }, ret, ret_len);

    free(copy);
    return status;
}

static void check_forwarded(const struct http_answer *answer, bool head_only)
{
    static struct http_answer again;
    enum http_framing framing = http_answer_framing(answer, head_only);
    struct strbuf b;
    size_t len = 0;

    strbuf_init(&b, 4 * HTTP_HEAD_MAX);
    http_forward_answer(&b, answer, framing, true);
    demand(!b.overflow);
    /* it may have become longer than a head may be */
    enum parse_status status = http_parse_answer(strbuf_str(&b), &again, &len);

    demand(status == PARSE_DONE || answer->header_count + 2 > HTTP_HEADERS_MAX ||
            b.len >= HTTP_HEAD_MAX);
    if (status == PARSE_DONE) {
        demand(len == b.len && again.status == answer->status);
        demand(str_eq(again.reason, answer->reason));
        demand(answer->status < 200 || http_answer_framing(&again, head_only) == framing);
        demand(again.chunked == (framing == HTTP_CHUNKED));
        demand(framing != HTTP_LENGTH || again.content_length == answer->content_length);
        for (size_t i = 0; i < again.header_count; i++) {
            demand(!str_ieq(again.headers[i].name, STR("Keep-Alive")));
        }
    }
    strbuf_finish(&b);
}

static void check_pattern(struct str s)
{
    struct http_pattern *p = http_pattern_create(s);

    if (p) {
        (void)http_pattern_fits(p, "/api/v1/users?a=b");
    }
    http_pattern_destroy(p);
}

static void check_upstream(struct str s)
{
    struct http_upstream to;
    const char *expected = NULL;

    if (http_upstream_parse(s, &to, &expected)) {
        demand(to.host.len > 0 && to.port > 0 && !str_ends(to.base, STR("/")));
        demand(to.base.len == 0 || str_starts(to.base, STR("/")));
    } else {
        demand(expected != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http_answer answer;
    static struct http_answer other;
    struct str in = { (const char *)data, size };
    size_t len = 0;
    enum parse_status status = http_parse_answer(in, &answer, &len);

    if (status == PARSE_DONE) {
        demand(len <= size && len <= HTTP_HEAD_MAX);
        demand(answer.status >= 100 && answer.status <= 999);
        demand(!answer.chunked || answer.content_length == -1);
        check_forwarded(&answer, false);
        check_forwarded(&answer, true);
    }
    size_t step = size / 64 + 1;

    for (size_t n = 0; n <= size; n += step) {
        size_t other_len = 0;
        enum parse_status earlier = parse_prefix(in, n, &other, &other_len);

        demand(earlier == PARSE_INCOMPLETE || earlier == status);
        demand(earlier != PARSE_DONE || other_len == len);
    }
    check_pattern(in);
    check_upstream(in);
    return 0;
}
