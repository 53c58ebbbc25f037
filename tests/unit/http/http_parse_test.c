/* SPDX-License-Identifier: MIT */
/* Request heads: the strictness table, every prefix, and the limits. */
#include "http/http_parse.h"
#include "test.h"

static struct http_request request;
static size_t len;
static int refusal;

/* Reads a heap copy of exactly these bytes. Slices of `request` are dead afterwards. */
static enum parse_status parse(struct str in)
{
    struct str copy = exact_copy(in);

    len = 0;
    refusal = 0;
    enum parse_status status = http_parse_request(copy, &request, &len, &refusal);

    free((void *)(uintptr_t)copy.ptr);
    return status;
}

struct refused {
    const char *why;
    struct str head;
    int status;
};

#define HOST "Host: localhost:8080\r\n"
#define GET  "GET / HTTP/1.1\r\n" HOST
#define POST "POST / HTTP/1.1\r\n" HOST

// clang-format off
static const struct refused table[] = {
    /* Body framing. */
    { "length and coding", STR_INIT(POST
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"), 400 },
    { "coding and length", STR_INIT(POST
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"), 400 },
    { "two lengths", STR_INIT(POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"), 400 },
    { "two equal lengths", STR_INIT(POST "Content-Length: 5\r\ncontent-length: 5\r\n\r\n"), 400 },
    { "list of lengths", STR_INIT(POST "Content-Length: 5, 5\r\n\r\n"), 400 },
    { "signed length", STR_INIT(POST "Content-Length: +5\r\n\r\n"), 400 },
    { "negative length", STR_INIT(POST "Content-Length: -5\r\n\r\n"), 400 },
    { "length with a tail", STR_INIT(POST "Content-Length: 5abc\r\n\r\n"), 400 },
    { "hexadecimal length", STR_INIT(POST "Content-Length: 0x5\r\n\r\n"), 400 },
    { "empty length", STR_INIT(POST "Content-Length:\r\n\r\n"), 400 },
    { "length of 64 bits", STR_INIT(POST "Content-Length: 18446744073709551615\r\n\r\n"), 400 },
    { "length that wraps", STR_INIT(POST "Content-Length: 18446744073709551621\r\n\r\n"), 400 },
    { "unknown coding", STR_INIT(POST "Transfer-Encoding: xchunked\r\n\r\n"), 501 },
    { "coding with a tail", STR_INIT(POST "Transfer-Encoding: chunkedx\r\n\r\n"), 501 },
    { "two codings", STR_INIT(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501 },
    { "chunked is not last", STR_INIT(POST "Transfer-Encoding: chunked, identity\r\n\r\n"), 501 },
    { "chunked twice", STR_INIT(POST "Transfer-Encoding: chunked, chunked\r\n\r\n"), 501 },
    { "vertical tab before chunked", STR_INIT(POST "Transfer-Encoding:\x0b""chunked\r\n\r\n"
            ""), 400 },
    { "tab behind chunked", STR_INIT(POST "Transfer-Encoding: chunked\t\r\n\r\n"), 400 },
    { "tab before the length", STR_INIT(POST "Content-Length:\t5\r\n\r\n"), 400 },
    { "quoted chunked", STR_INIT(POST "Transfer-Encoding: \"chunked\"\r\n\r\n"), 501 },
    { "two coding fields", STR_INIT(POST
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), 400 },
    { "a second coding field", STR_INIT(POST
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"), 400 },
    { "coding in HTTP/1.0", STR_INIT("POST / HTTP/1.0\r\n" HOST
            "Transfer-Encoding: chunked\r\n\r\n"), 400 },
    /* Fields. */
    { "space before the colon", STR_INIT(GET "X : y\r\n\r\n"), 400 },
    { "tab before the colon", STR_INIT(GET "X\t: y\r\n\r\n"), 400 },
    { "space before the name", STR_INIT("GET / HTTP/1.1\r\n Host: localhost\r\n\r\n"), 400 },
    { "obs-fold", STR_INIT(GET "X: y\r\n z\r\n\r\n"), 400 },
    { "obs-fold by tab", STR_INIT(GET "X: y\r\n\tz\r\n\r\n"), 400 },
    { "no name", STR_INIT(GET ": y\r\n\r\n"), 400 },
    { "no colon", STR_INIT(GET "X\r\n\r\n"), 400 },
    { "bare LF ends the request line", STR_INIT("GET / HTTP/1.1\n" HOST "\r\n"), 400 },
    { "bare LF ends a field", STR_INIT("GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"), 400 },
    { "bare LF ends the head", STR_INIT(GET "\n"), 400 },
    { "bare CR in a value", STR_INIT(GET "X: y\rz\r\n\r\n"), 400 },
    { "bare CR ends a field", STR_INIT(GET "X: y\r\r\n\r\n"), 400 },
    { "bare CR ends the head", STR_INIT(GET "\rX: y\r\n\r\n"), 400 },
    { "NUL in a value", STR_INIT(GET "X: y\0z\r\n\r\n"), 400 },
    { "DEL in a value", STR_INIT(GET "X: y\x7fz\r\n\r\n"), 400 },
    { "escape in a value", STR_INIT(GET "X: \x1b[2J\r\n\r\n"), 400 },
    { "NUL in a name", STR_INIT(GET "X\0: y\r\n\r\n"), 400 },
    { "UTF-8 in a name", STR_INIT(GET "\xc3\xa4: y\r\n\r\n"), 400 },
    { "bracket in a name", STR_INIT(GET "X[]: y\r\n\r\n"), 400 },
    /* The request line. */
    { "a method that is no token", STR_INIT("G(T / HTTP/1.1\r\n" HOST "\r\n"), 400 },
    { "a method with NUL", STR_INIT("GE\0T / HTTP/1.1\r\n" HOST "\r\n"), 400 },
    { "no method", STR_INIT(" / HTTP/1.1\r\n" HOST "\r\n"), 400 },
    { "an empty line first", STR_INIT("\r\n" GET "\r\n"), 400 },
    { "TLS", STR_INIT("\x16\x03\x01\x02\x00\x01\x00\x01"), 400 },
    { "no target", STR_INIT("GET HTTP/1.1\r\n" HOST "\r\n"), 400 },
    { "HTTP/0.9", STR_INIT("GET /\r\n"), 400 },
    { "two spaces before the target", STR_INIT("GET  / HTTP/1.1\r\n" HOST "\r\n"), 400 },
    { "two spaces behind the target", STR_INIT("GET /  HTTP/1.1\r\n" HOST "\r\n"), 400 },
    { "tab for space", STR_INIT("GET\t/ HTTP/1.1\r\n" HOST "\r\n"), 400 },
    { "space in the target", STR_INIT("GET /a b HTTP/1.1\r\n" HOST "\r\n"), 400 },
    { "space behind the version", STR_INIT("GET / HTTP/1.1 \r\n" HOST "\r\n"), 400 },
    { "raw UTF-8 in the target", STR_INIT("GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n"), 400 },
    { "fragment in the target", STR_INIT("GET /#/../.env HTTP/1.1\r\n" HOST "\r\n"), 400 },
    { "control byte in the target", STR_INIT("GET /\x01 HTTP/1.1\r\n" HOST "\r\n"), 400 },
    { "lower case version", STR_INIT("GET / http/1.1\r\n" HOST "\r\n"), 400 },
    { "version with letters", STR_INIT("GET / HTTP/1.x\r\n" HOST "\r\n"), 400 },
    { "version of three digits", STR_INIT("GET / HTTP/1.11\r\n" HOST "\r\n"), 400 },
    { "HTTP/3.0", STR_INIT("GET / HTTP/3.0\r\n" HOST "\r\n"), 505 },
    { "HTTP/2.0", STR_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505 },
    { "HTTP/1.2", STR_INIT("GET / HTTP/1.2\r\n" HOST "\r\n"), 505 },
    { "HTTP/0.9 written out", STR_INIT("GET / HTTP/0.9\r\n" HOST "\r\n"), 505 },
    /* Host. */
    { "no Host", STR_INIT("GET / HTTP/1.1\r\n\r\n"), 400 },
    { "two Hosts", STR_INIT(GET "Host: evil.example\r\n\r\n"), 400 },
    { "two equal Hosts", STR_INIT(GET HOST "\r\n"), 400 },
    { "two Hosts in HTTP/1.0", STR_INIT("GET / HTTP/1.0\r\n" HOST HOST "\r\n"), 400 },
    { "empty Host", STR_INIT("GET / HTTP/1.1\r\nHost: \r\n\r\n"), 400 },
    { "Host with a user", STR_INIT("GET / HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n"), 400 },
    { "Host with a path", STR_INIT("GET / HTTP/1.1\r\nHost: localhost/evil\r\n\r\n"), 400 },
    { "Host with a space", STR_INIT("GET / HTTP/1.1\r\nHost: localhost evil\r\n\r\n"), 400 },
    { "Host in UTF-8", STR_INIT("GET / HTTP/1.1\r\nHost: l\xc3\xb6\r\n\r\n"), 400 },
};
// clang-format on

TEST(whatever_two_readers_could_read_differently_is_refused)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        enum parse_status status = parse(table[i].head);

        if (status != PARSE_MALFORMED || refusal != table[i].status) {
            fail_msg("%s: %d, %d is not %d", table[i].why, status, refusal, table[i].status);
        }
    }
}

TEST(refusal_depends_only_on_the_bytes_before_it)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        bool refused = false;

        for (size_t n = 0; n <= table[i].head.len; n++) {
            enum parse_status status = parse(str_sub(table[i].head, 0, n));

            assert_int_not_equal(status, PARSE_DONE);
            assert_true(!refused || status == PARSE_MALFORMED);
            if (status == PARSE_MALFORMED) {
                refused = true;
                assert_int_equal(refusal, table[i].status);
            }
        }
        assert_true(refused);
    }
}

// clang-format off
static const struct str good[] = {
    STR_INIT("GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n"),
    STR_INIT("GET / HTTP/1.0\r\n\r\n"),
    STR_INIT("OPTIONS * HTTP/1.1\r\nhost:[::1]:8080\r\n\r\n"),
    STR_INIT("GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    STR_INIT("M-SEARCH /%C3%A4?x=y HTTP/1.1\r\nHost: \t localhost \t \r\nEmpty:\r\n"
            "Utf: \xc3\xa4\r\n\r\n"),
    STR_INIT("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n"),
    STR_INIT("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"),
    STR_INIT("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n"
            "Upgrade: websocket\r\n\r\n"),
};
// clang-format on

TEST(every_prefix_of_a_good_request_is_incomplete)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        for (size_t n = 0; n < good[i].len; n++) {
            assert_int_equal(parse(str_sub(good[i], 0, n)), PARSE_INCOMPLETE);
        }
        assert_int_equal(parse(good[i]), PARSE_DONE);
        assert_int_equal(len, good[i].len);
    }
}

static void parse_good(struct str in)
{
    assert_int_equal(http_parse_request(in, &request, &len, &refusal), PARSE_DONE);
}

TEST(request_is_sliced)
{
    parse_good(
            STR("M-SEARCH /%C3%A4?x HTTP/1.1\r\nHost:\t localhost:1 \t\r\nEmpty:\r\nA:  b  c  \r\n"
                "\r\n"));
    assert_str(request.method, STR("M-SEARCH"));
    assert_str(request.target, STR("/%C3%A4?x"));
    assert_int_equal(request.minor, 1);
    assert_str(request.host, STR("localhost:1"));
    assert_int_equal(request.header_count, 3);
    assert_str(request.headers[1].name, STR("Empty"));
    assert_str(request.headers[1].value, STR(""));
    assert_int_equal(request.content_length, -1);
    assert_false(request.chunked);
    assert_false(request.expect_continue);
    struct str value;

    assert_true(http_header(&request, STR("a"), &value));
    assert_str(value, STR("b  c"));
    assert_true(http_header(&request, STR("EMPTY"), NULL));
    assert_false(http_header(&request, STR("b"), &value));
}

TEST(pipelined_requests_are_read_one_by_one)
{
    struct str in = STR("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
                        "GET /2 HTTP/1.1\r\nHost: b\r\n\r\n"
                        "GET /3 HTTP/1.1\r\nHost: c\r\n");
    parse_good(in);
    assert_str(request.target, STR("/1"));
    in = str_skip(in, len);
    parse_good(in);
    assert_str(request.target, STR("/2"));
    assert_str(request.host, STR("b"));
    in = str_skip(in, len);
    assert_int_equal(parse(in), PARSE_INCOMPLETE);
}

TEST(facts_of_one_request_do_not_leak_into_the_next)
{
    parse_good(STR("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n"
                   "Connection: upgrade, close\r\nUpgrade: websocket\r\n\r\n"));
    assert_int_equal(request.content_length, 3);
    assert_true(request.expect_continue);
    assert_true(request.upgrade_websocket);
    assert_false(request.keep_alive);
    parse_good(STR("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
    assert_int_equal(request.content_length, -1);
    assert_true(request.chunked);
    assert_false(request.expect_continue);
    assert_false(request.upgrade_websocket);
    assert_true(request.keep_alive);
    parse_good(STR("GET / HTTP/1.0\r\n\r\n"));
    assert_false(request.chunked);
    assert_str(request.host, STR(""));
}

TEST(connection_options)
{
    // clang-format off
    static const struct {
        struct str head;
        bool keep_alive;
        bool websocket;
    } rows[] = {
        { STR_INIT("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), true, false },
        { STR_INIT("GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n"), false, false },
        { STR_INIT("GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: y ,close\r\n\r\n"),
                false, false },
        { STR_INIT("GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n"), true, false },
        { STR_INIT("GET / HTTP/1.0\r\nHost: a\r\n\r\n"), false, false },
        { STR_INIT("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"), true, false },
        { STR_INIT("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n"), false,
                false },
        { STR_INIT("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n"
            "Upgrade: WebSocket\r\n\r\n"), true, true },
        { STR_INIT("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n"
            "Upgrade: h2c, websocket\r\n\r\n"), true, true },
        { STR_INIT("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n"), true, false },
        { STR_INIT("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"),
                true, false },
        { STR_INIT("GET / HTTP/1.0\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
            "\r\n"), false, false },
    };
    // clang-format on

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        parse_good(rows[i].head);
        if (request.keep_alive != rows[i].keep_alive ||
                request.upgrade_websocket != rows[i].websocket) {
            fail_msg("row %zu", i);
        }
    }
}

TEST(lists_have_whole_items)
{
    assert_true(http_list_has(STR("gzip, br"), STR("BR")));
    assert_true(http_list_has(STR(" ,\tbr\t,"), STR("br")));
    assert_false(http_list_has(STR("brotli"), STR("br")));
    assert_false(http_list_has(STR(""), STR("br")));
    assert_false(http_list_has(STR("a b"), STR("b")));
}

/* A string of `count` times `c` between two others, on the heap. */
static struct str padded(const char *before, char c, size_t count, const char *behind)
{
    size_t left = strlen(before);
    size_t right = strlen(behind);
    char *p = malloc(left + count + right);

    memcpy(p, before, left);
    memset(p + left, c, count);
    memcpy(p + left + count, behind, right);
    return (struct str){ p, left + count + right };
}

static enum parse_status parse_padded(const char *before, char c, size_t count, const char *behind)
{
    struct str in = padded(before, c, count, behind);

    len = 0;
    refusal = 0;
    enum parse_status status = http_parse_request(in, &request, &len, &refusal);

    free((void *)(uintptr_t)in.ptr);
    return status;
}

TEST(request_line_has_a_limit)
{
    size_t fits = HTTP_LINE_MAX - strlen("GET / HTTP/1.1");
    const char *end = " HTTP/1.1\r\nHost: a\r\n\r\n";

    assert_int_equal(parse_padded("GET /", 'a', fits, end), PARSE_DONE);
    assert_int_equal(parse_padded("GET /", 'a', fits + 1, end), PARSE_MALFORMED);
    assert_int_equal(refusal, 414);
    assert_int_equal(parse_padded("GET /", 'a', HTTP_LINE_MAX, ""), PARSE_MALFORMED);
    assert_int_equal(refusal, 414);
    assert_int_equal(parse_padded("", 'A', HTTP_LINE_MAX, ""), PARSE_MALFORMED);
    assert_int_equal(refusal, 414);
    assert_int_equal(parse_padded("", 'A', HTTP_LINE_MAX - 1, ""), PARSE_INCOMPLETE);
}

TEST(head_has_a_limit_whether_it_is_complete_or_not)
{
    size_t fits = HTTP_HEAD_MAX - strlen(GET "X: \r\n\r\n");

    assert_int_equal(parse_padded(GET "X: ", 'a', fits, "\r\n\r\n"), PARSE_DONE);
    assert_int_equal(len, HTTP_HEAD_MAX);
    assert_int_equal(parse_padded(GET "X: ", 'a', fits + 1, "\r\n\r\n"), PARSE_MALFORMED);
    assert_int_equal(refusal, 431);
    assert_int_equal(parse_padded(GET "X: ", 'a', 64 * 1024, "\r\n\r\n"), PARSE_MALFORMED);
    assert_int_equal(refusal, 431);
    assert_int_equal(parse_padded(GET "", 'a', HTTP_HEAD_MAX, ""), PARSE_MALFORMED);
    assert_int_equal(refusal, 431);
    assert_int_equal(parse_padded(GET "X: ", 'a', fits + 3, ""), PARSE_INCOMPLETE);
    assert_int_equal(parse_padded(GET "X: ", 'a', fits + 4, ""), PARSE_MALFORMED);
    /* What follows a head does not count as head. */
    assert_int_equal(parse_padded(POST "\r\n", '\0', 64 * 1024, ""), PARSE_DONE);
}

TEST(number_of_headers_has_a_limit)
{
    char head[4096] = "GET / HTTP/1.1\r\n" HOST;

    for (int i = 1; i < HTTP_HEADERS_MAX; i++) {
        strcat(head, "X: y\r\n");
    }
    size_t filled = strlen(head);

    strcat(head, "\r\n");
    assert_int_equal(parse(str_from(head)), PARSE_DONE);
    assert_int_equal(request.header_count, HTTP_HEADERS_MAX);
    strcpy(head + filled, "X: y\r\n\r\n");
    assert_int_equal(parse(str_from(head)), PARSE_MALFORMED);
    assert_int_equal(refusal, 431);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(whatever_two_readers_could_read_differently_is_refused),
        CASE(refusal_depends_only_on_the_bytes_before_it),
        CASE(every_prefix_of_a_good_request_is_incomplete),
        CASE(request_is_sliced),
        CASE(pipelined_requests_are_read_one_by_one),
        CASE(facts_of_one_request_do_not_leak_into_the_next),
        CASE(connection_options),
        CASE(lists_have_whole_items),
        CASE(request_line_has_a_limit),
        CASE(head_has_a_limit_whether_it_is_complete_or_not),
        CASE(number_of_headers_has_a_limit),
    };

    return RUN(cases);
}
