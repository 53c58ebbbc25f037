/* SPDX-License-Identifier: MIT */
/* Chunked bodies: cut anywhere, they give the same bytes. */
#include "http/http_parse.h"
#include "test.h"

struct outcome {
    enum parse_status status;
    size_t used;
    char body[256 * 1024];
    size_t body_len;
};

static struct outcome outcome;

/* Feeds `in` in pieces of at most `step` bytes, each in a heap block of its own. */
static void read_in_steps(struct str in, size_t step)
{
    struct http_chunked c = { 0 };

    outcome.status = PARSE_INCOMPLETE;
    outcome.used = 0;
    outcome.body_len = 0;
    while (outcome.status == PARSE_INCOMPLETE && outcome.used < in.len) {
        struct str piece = exact_copy(str_sub(in, outcome.used, outcome.used + step));
        struct str body;
        size_t used = 0;

        outcome.status = http_chunked_read(&c, piece, &used, &body);
        assert_true(used <= piece.len);
        assert_true(used > 0 || outcome.status != PARSE_INCOMPLETE);
        assert_true(outcome.body_len + body.len <= sizeof(outcome.body));
        if (body.len > 0) {
            memcpy(outcome.body + outcome.body_len, body.ptr, body.len);
            outcome.body_len += body.len;
        }
        outcome.used += used;
        free((void *)(uintptr_t)piece.ptr);
    }
}

static struct str body(void)
{
    return (struct str){ outcome.body, outcome.body_len };
}

static const struct {
    struct str in;
    struct str body;
} good[] = {
    { STR_INIT("0\r\n\r\n"), STR_INIT("") },
    { STR_INIT("5\r\nhello\r\n0\r\n\r\n"), STR_INIT("hello") },
    { STR_INIT("5\r\nhello\r\n06\r\n\r\n0\r\n\r\r\n000\r\n\r\n"), STR_INIT("hello\r\n0\r\n\r") },
    { STR_INIT("a;x=\"y\"\r\n0123456789\r\nA\r\nabcdefghij\r\n0;last\r\nT: u\r\nV:\r\n\r\n"),
            STR_INIT("0123456789abcdefghij") },
};

TEST(body_is_the_same_however_it_is_cut)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        for (size_t step = 1; step <= good[i].in.len; step++) {
            read_in_steps(good[i].in, step);
            assert_int_equal(outcome.status, PARSE_DONE);
            assert_int_equal(outcome.used, good[i].in.len);
            assert_str(body(), good[i].body);
        }
        for (size_t n = 0; n < good[i].in.len; n++) {
            read_in_steps(str_sub(good[i].in, 0, n), n);
            assert_int_equal(outcome.status, PARSE_INCOMPLETE);
        }
    }
}

TEST(what_follows_the_body_is_left_alone)
{
    read_in_steps(STR("1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1\r\n"), 1000);
    assert_int_equal(outcome.status, PARSE_DONE);
    assert_int_equal(outcome.used, strlen("1\r\nx\r\n0\r\n\r\n"));
}

TEST(framing_is_strict)
{
    // clang-format off
    static const struct str bad[] = {
        STR_INIT("\r\n"), STR_INIT("g\r\n"), STR_INIT(" 5\r\n"), STR_INIT("5 \r\n"),
        STR_INIT("-5\r\n"),
        STR_INIT("+5\r\n"), STR_INIT("0x5\r\n"), STR_INIT("5\n"), STR_INIT("5\r5"),
        STR_INIT(";x\r\n"),
        STR_INIT("5;\n"), STR_INIT("5;\x00"), STR_INIT("5;x\ry"), STR_INIT("1\r\nxy"),
        STR_INIT("1\r\nx\n"),
        STR_INIT("1\r\nx\ry"), STR_INIT("1\r\nx\r\n\r\n"), STR_INIT("8000000000000000\r\n"),
        STR_INIT("10000000000000005\r\n"), STR_INIT("0\r\n\n"), STR_INIT("0\r\n\rx"),
        STR_INIT("0\r\n x"),
        STR_INIT("0\r\n: x"), STR_INIT("0\r\nT : x"), STR_INIT("0\r\nT\r\n"),
        STR_INIT("0\r\nT: x\n"),
        STR_INIT("0\r\nT: x\ry"), STR_INIT("0\r\nT: \x7f"), STR_INIT("0\r\nT: x\r\n folded"),
    };
    // clang-format on

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        for (size_t step = 1; step <= bad[i].len; step++) {
            read_in_steps(bad[i], step);
            if (outcome.status != PARSE_MALFORMED) {
                fail_msg("row %zu by %zu: %d", i, step, outcome.status);
            }
        }
    }
}

TEST(malformed_is_for_good)
{
    struct http_chunked c = { 0 };
    struct str data;
    size_t used;

    assert_int_equal(http_chunked_read(&c, STR("x"), &used, &data), PARSE_MALFORMED);
    assert_int_equal(http_chunked_read(&c, STR("0\r\n\r\n"), &used, &data), PARSE_MALFORMED);
    assert_int_equal(used, 0);
}

TEST(largest_size_is_waited_for)
{
    struct http_chunked c = { 0 };
    struct str data;
    size_t used;

    assert_int_equal(
            http_chunked_read(&c, STR("7fffffffffffffff\r\nx"), &used, &data), PARSE_INCOMPLETE);
    assert_str(data, STR("x"));
}

/* Repeats a piece until `total` bytes are there. */
static enum parse_status read_repeated(const char *first, const char *again, size_t total)
{
    struct http_chunked c = { 0 };
    struct str data;
    size_t used;
    struct str in = str_from(first);
    enum parse_status status = PARSE_INCOMPLETE;

    for (size_t fed = 0; fed < total && status == PARSE_INCOMPLETE;) {
        status = http_chunked_read(&c, in, &used, &data);
        fed += used;
        in = str_skip(in, used);
        if (in.len == 0) {
            in = str_from(again);
        }
    }
    return status;
}

TEST(what_carries_nothing_has_a_limit)
{
    enum { FAR = HTTP_HEAD_MAX * 16 };

    assert_int_equal(read_repeated("1;", "x", FAR), PARSE_MALFORMED);
    assert_int_equal(read_repeated("1", ";x\r\ny\r\n1", FAR), PARSE_MALFORMED);
    assert_int_equal(read_repeated("0", "0", FAR), PARSE_MALFORMED);
    assert_int_equal(read_repeated("0\r\n", "T", FAR), PARSE_MALFORMED);
    assert_int_equal(read_repeated("0\r\nT:", "u", FAR), PARSE_MALFORMED);
    assert_int_equal(read_repeated("0\r\n", "T:u\r\n", FAR), PARSE_MALFORMED);
    /* Data without ballast goes on as long as the caller likes. */
    assert_int_equal(read_repeated("1", "\r\ny\r\n1", FAR), PARSE_INCOMPLETE);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(body_is_the_same_however_it_is_cut),
        CASE(what_follows_the_body_is_left_alone),
        CASE(framing_is_strict),
        CASE(malformed_is_for_good),
        CASE(largest_size_is_waited_for),
        CASE(what_carries_nothing_has_a_limit),
    };

    return RUN(cases);
}
