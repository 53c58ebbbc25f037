/* SPDX-License-Identifier: MIT */
/* Heads of another server's answers, and what becomes of heads on their way through a proxy. */
#include "http/http_forward.h"
#include "http/http_pattern.h"
#include "test.h"

static struct http_answer answer;

static enum parse_status parse(struct str in, size_t *ret_len)
{
    struct str copy = exact_copy(in);
    enum parse_status status = http_parse_answer(copy, &answer, ret_len);

    free((void *)(uintptr_t)copy.ptr);
    return status;
}

TEST(an_answers_head_is_read_when_it_is_whole)
{
    struct str head = STR("HTTP/1.1 404 Not  Found \r\nContent-Length: 7\r\nX:\r\n\r\nbody");
    size_t len = 0;

    for (size_t n = 0; n < head.len - 4; n++) {
        assert_int_equal(parse(str_sub(head, 0, n), &len), PARSE_INCOMPLETE);
    }
    assert_int_equal(http_parse_answer(head, &answer, &len), PARSE_DONE);
    assert_int_equal(len, head.len - 4);
    assert_int_equal(answer.status, 404);
    assert_int_equal(answer.minor, 1);
    assert_str(answer.reason, STR("Not  Found"));
    assert_int_equal(answer.content_length, 7);
    assert_false(answer.chunked);
    assert_int_equal(answer.header_count, 2);
}

TEST(a_reason_may_be_missing)
{
    static const char *const heads[] = { "HTTP/1.0 200\r\n\r\n", "HTTP/1.1 200 \r\n\r\n" };

    for (size_t i = 0; i < 2; i++) {
        size_t len = 0;

        assert_int_equal(http_parse_answer(str_from(heads[i]), &answer, &len), PARSE_DONE);
        assert_int_equal(len, strlen(heads[i]));
        assert_int_equal(answer.status, 200);
        assert_str(answer.reason, STR(""));
        assert_int_equal(answer.content_length, -1);
    }
}

TEST(an_answer_that_two_could_read_differently_is_malformed)
{
    static const char *const heads[] = {
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        size_t len = 0;

        if (parse(str_from(heads[i]), &len) != PARSE_MALFORMED) {
            fail_msg("not malformed: %s", heads[i]);
        }
    }
}

TEST(an_answers_head_has_a_limit)
{
    struct strbuf b;
    size_t len;

    strbuf_init(&b, 1 << 20);
    strbuf_add(&b, STR("HTTP/1.1 200 OK\r\nX: "));
    while (b.len < HTTP_HEAD_MAX) {
        strbuf_addc(&b, 'y');
    }
    assert_int_equal(parse(strbuf_str(&b), &len), PARSE_MALFORMED);
    b.len = HTTP_HEAD_MAX - 1;
    assert_int_equal(parse(strbuf_str(&b), &len), PARSE_INCOMPLETE);
    strbuf_finish(&b);
}

static const char *framed(const char *head, bool head_only)
{
    size_t len;

    assert_int_equal(http_parse_answer(str_from(head), &answer, &len), PARSE_DONE);
    switch (http_answer_framing(&answer, head_only)) {
    case HTTP_NO_BODY: return "none";
    case HTTP_LENGTH: return "length";
    case HTTP_CHUNKED: return "chunked";
    case HTTP_UNTIL_CLOSE: break;
    }
    return "until close";
}

TEST(the_framing_of_a_body_depends_on_the_request_too)
{
    assert_string_equal(framed("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", false), "length");
    assert_string_equal(framed("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true), "none");
    assert_string_equal(
            framed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false), "chunked");
    assert_string_equal(framed("HTTP/1.1 200 OK\r\n\r\n", false), "until close");
    assert_string_equal(framed("HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n", false), "none");
    assert_string_equal(framed("HTTP/1.1 304 No\r\nContent-Length: 3\r\n\r\n", false), "none");
    assert_string_equal(framed("HTTP/1.1 103 Hints\r\n\r\n", false), "none");
}

static void answers(
        const char *head, enum http_framing framing, bool keep_alive, const char *wanted)
{
    struct strbuf b;
    size_t len;

    strbuf_init(&b, 1 << 20);
    assert_int_equal(http_parse_answer(str_from(head), &answer, &len), PARSE_DONE);
    http_forward_answer(&b, &answer, framing, keep_alive);
    assert_str(strbuf_str(&b), str_from(wanted));
    strbuf_finish(&b);
}

TEST(an_answer_loses_what_belongs_to_one_connection)
{
    answers("HTTP/1.1 200 Fine\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: x\r\n"
            "Set-Cookie: a\r\nSet-Cookie: b\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n",
            HTTP_CHUNKED, true,
            "HTTP/1.1 200 Fine\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nTransfer-Encoding: chunked\r\n"
            "Connection: keep-alive\r\n\r\n");
    answers("HTTP/1.1 204 \r\nContent-Length: 0\r\n\r\n", HTTP_NO_BODY, true,
            "HTTP/1.1 204 \r\nConnection: keep-alive\r\n\r\n");
    answers("HTTP/1.1 304 \r\nContent-Length: 9\r\n\r\n", HTTP_NO_BODY, false,
            "HTTP/1.1 304 \r\nContent-Length: 9\r\nConnection: close\r\n\r\n");
    answers("HTTP/1.0 200 \r\nX: y\r\n\r\n", HTTP_UNTIL_CLOSE, false,
            "HTTP/1.1 200 \r\nX: y\r\nConnection: close\r\n\r\n");
    answers("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", HTTP_NO_BODY, true,
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    answers("HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-A: b\r\n\r\n",
            HTTP_NO_BODY, false,
            "HTTP/1.1 101 Go\r\nSec-A: b\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
}

static void asks(const char *head, struct http_forward how, const char *url, const char *wanted)
{
    static struct http_request request;
    struct http_upstream to;
    struct strbuf b;
    const char *expected;
    size_t len;
    int refused;

    strbuf_init(&b, 1 << 20);
    assert_int_equal(http_parse_request(str_from(head), &request, &len, &refused), PARSE_DONE);
    assert_true(http_upstream_parse(str_from(url), &to, &expected));
    how.to = &to;
    how.target = request.target;
    http_forward_request(&b, &request, &how);
    assert_str(strbuf_str(&b), str_from(wanted));
    strbuf_finish(&b);
}

TEST(a_request_is_the_same_but_for_its_connection)
{
    struct http_forward plain = { .change_host = true };

    asks("POST /api/x?y HTTP/1.1\r\nHost: localhost:8000\r\nConnection: keep-alive, x\r\nX: 1\r\n"
         "TE: trailers\r\nExpect: 100-continue\r\nCookie: a\r\nContent-Length: 3\r\n\r\n",
            plain, "http://localhost:80/",
            "POST /api/x?y HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nCookie: a\r\n"
            "Content-Length: 3\r\nConnection: close\r\n\r\n");
    asks("GET /s HTTP/1.1\r\nHost: localhost:8000\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Key: k\r\n\r\n",
            (struct http_forward){ 0 }, "ws://[::1]:81",
            "GET /s HTTP/1.1\r\nHost: localhost:8000\r\nSec-WebSocket-Key: k\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    asks("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nAccept: */*\r\n\r\n",
            (struct http_forward){ .headers = STR("accept: x\r\nHost: other\r\n") }, "http://b:81",
            "PUT / HTTP/1.1\r\naccept: x\r\nHost: other\r\nTransfer-Encoding: chunked\r\n"
            "Connection: close\r\n\r\n");
    asks("GET / HTTP/1.0\r\n\r\n", (struct http_forward){ 0 }, "http://[::1]:81",
            "GET / HTTP/1.1\r\nHost: [::1]:81\r\nConnection: close\r\n\r\n");
}

static void leads(
        const char *target, const char *strip, const char *add, const char *url, const char *wanted)
{
    char head[256];
    char line[256];

    (void)snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", target);
    (void)snprintf(
            line, sizeof(line), "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", wanted);
    asks(head, (struct http_forward){ .strip = str_from(strip), .add = str_from(add) }, url, line);
}

TEST(a_path_is_put_behind_the_targets)
{
    leads("/api/a?b", "", "", "http://x", "/api/a?b");
    leads("/api/a?b", "", "", "http://x/v1/", "/v1/api/a?b");
    leads("/api/a?b", "/api", "", "http://x/v1", "/v1/a?b");
    leads("/api?b", "/api", "", "http://x", "/?b");
    leads("/api", "/api", "", "http://x/v1", "/v1/");
    leads("/apis", "/api", "/v2", "http://x", "/v2s");
    leads("/api/a", "/api", "/v2/", "http://x", "/v2/a");
    leads("/api/a", "/api/", "/", "http://x/b", "/b/a");
    leads("/api/a", "", "/pre", "http://x", "/pre/api/a");
    leads("/other/api", "/api", "/v2", "http://x", "/other/api");
}

TEST(a_target_is_an_http_url)
{
    static const char *const wrong[] = { "", "localhost:8080", "http:/x", "http://", "http://:80",
        "http://a:0", "http://a:65536", "http://a:b", "http://a b", "http://user@a", "http://a?b",
        "http://a/b?c", "http://a/#b", "http://a\r\n", "ftp://a", "http://::1", "http://[::1",
        "https://a", "wss://a" };
    struct http_upstream to;
    const char *expected = NULL;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (http_upstream_parse(str_from(wrong[i]), &to, &expected)) {
            fail_msg("taken: %s", wrong[i]);
        }
    }
    assert_non_null(strstr(expected, "TLS"));
    assert_true(http_upstream_parse(STR("HTTP://a.b:8080/c/d//"), &to, &expected));
    assert_str(to.host, STR("a.b"));
    assert_str(to.authority, STR("a.b:8080"));
    assert_str(to.base, STR("/c/d"));
    assert_int_equal(to.port, 8080);
    assert_true(http_upstream_parse(STR("ws://[::1]:80"), &to, &expected));
    assert_str(to.host, STR("::1"));
    assert_str(to.authority, STR("[::1]"));
    assert_true(to.is_socket);
}

static bool fits(const char *source, const char *text)
{
    struct http_pattern *p = http_pattern_create(str_from(source));
    bool fits;

    assert_non_null(p);
    fits = http_pattern_fits(p, text);
    http_pattern_destroy(p);
    return fits;
}

TEST(patterns_are_those_of_javascript)
{
    assert_true(fits("^/api/.*", "/api/"));
    assert_false(fits("^/api/.*", "/x/api/"));
    assert_true(fits("^\\/(?:api|auth)\\/v\\d+$", "/auth/v12"));
    assert_false(fits("^\\/(?:api|auth)\\/v\\d+$", "/auth/v"));
    assert_true(fits("^/[\\w\\-\\]]+\\.php", "/a-b].php"));
    assert_false(fits("^/[\\w\\-]+\\.php", "/a.b-php"));
    assert_true(fits("^/[^/]{2,3}$", "/abc"));
    assert_false(fits("^/[^/]{2,3}$", "/abcd"));
    assert_true(fits("^/(?!src/|@vite)", "/srcs"));
    assert_false(fits("^/(?!src/|@vite)", "/src/a"));
    assert_false(fits("^(?!/(src|node_modules)).*", "/node_modules/x"));
    assert_true(fits("^(?!/(src|node_modules)).*", "/login"));
    assert_true(fits("^/a|/b", "/x/b"));
}

TEST(a_pattern_that_posix_has_no_word_for_is_not_understood)
{
    static const char *const sources[] = { "/api", "^(", "^[", "^[]", "^[^]", "^[[:alpha:]]",
        "^/(?=a)", "^/a(?!b)", "^/(?<name>a)", "^(a)\\1", "^\\x41", "^\\", "^[\\D]", "^a{1000}",
        "^(a{9}){9}" };

    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        if (http_pattern_create(str_from(sources[i]))) {
            fail_msg("understood: %s", sources[i]);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(an_answers_head_is_read_when_it_is_whole),
        CASE(a_reason_may_be_missing),
        CASE(an_answer_that_two_could_read_differently_is_malformed),
        CASE(an_answers_head_has_a_limit),
        CASE(the_framing_of_a_body_depends_on_the_request_too),
        CASE(an_answer_loses_what_belongs_to_one_connection),
        CASE(a_request_is_the_same_but_for_its_connection),
        CASE(a_path_is_put_behind_the_targets),
        CASE(a_target_is_an_http_url),
        CASE(patterns_are_those_of_javascript),
        CASE(a_pattern_that_posix_has_no_word_for_is_not_understood),
    };

    return RUN(cases);
}
