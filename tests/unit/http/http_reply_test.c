/* SPDX-License-Identifier: MIT */
/* Reply heads, dates, entity tags, ranges and media types. */
#include "http/http_reply.h"
#include "http/mime.h"
#include "test.h"

enum { NOV_1994 = 784111777 };

TEST(every_answer_carries_the_security_headers)
{
    struct strbuf b;

    strbuf_init(&b, 4096);
    http_reply_begin(&b, 404, NOV_1994, true);
    http_reply_header(&b, STR("Content-Type"), STR("text/html"));
    http_reply_headerf(&b, STR("ETag"), "\"%d\"", 5);
    http_reply_end(&b, 120);
    assert_str(strbuf_str(&b), STR("HTTP/1.1 404 Not Found\r\n"
                                   "X-Content-Type-Options: nosniff\r\n"
                                   "Cross-Origin-Resource-Policy: same-origin\r\n"
                                   "X-Frame-Options: SAMEORIGIN\r\n"
                                   "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                                   "Connection: keep-alive\r\n"
                                   "Content-Type: text/html\r\n"
                                   "ETag: \"5\"\r\n"
                                   "Content-Length: 120\r\n\r\n"));
    strbuf_finish(&b);
}

TEST(closing_switching_and_continuing)
{
    struct strbuf b;

    strbuf_init(&b, 4096);
    http_reply_begin(&b, 200, 0, false);
    assert_true(str_ends(strbuf_str(&b), STR("\r\nConnection: close\r\n")));
    strbuf_reset(&b);
    http_reply_begin(&b, 101, 0, true);
    assert_true(str_starts(strbuf_str(&b), STR("HTTP/1.1 101 Switching Protocols\r\nX-")));
    assert_true(str_ends(strbuf_str(&b), STR("GMT\r\n")));
    assert_int_equal(str_find_str(strbuf_str(&b), STR("Connection")), STR_NONE);
    strbuf_reset(&b);
    http_reply_begin(&b, 100, 0, true);
    http_reply_end(&b, -1);
    assert_str(strbuf_str(&b), STR("HTTP/1.1 100 Continue\r\n\r\n"));
    strbuf_finish(&b);
}

TEST(lengths_are_written_whole)
{
    struct strbuf b;

    strbuf_init(&b, 4096);
    http_reply_end(&b, 0);
    http_reply_end(&b, INT64_MAX);
    assert_str(strbuf_str(&b), STR("Content-Length: 0\r\n\r\n"
                                   "Content-Length: 9223372036854775807\r\n\r\n"));
    strbuf_finish(&b);
}

TEST(values_cannot_smuggle)
{
    struct strbuf b;

    strbuf_init(&b, 4096);
    http_reply_header(&b, STR("Location"), STR("/a\r\nSet-Cookie: b\0c"));
    http_reply_headerf(&b, STR("X"), "%s", "a\nb\r");
    http_reply_header(&b, STR("Empty"), (struct str){ NULL, 0 });
    assert_str(strbuf_str(&b), STR("Location: /a  Set-Cookie: b c\r\nX: a b \r\nEmpty: \r\n"));
    strbuf_finish(&b);
}

TEST(what_does_not_fit_sets_overflow)
{
    struct strbuf b;

    for (size_t max = 0; max < 260; max++) {
        strbuf_init(&b, max);
        http_reply_begin(&b, 200, 0, true);
        http_reply_header(&b, STR("A"), STR("b"));
        http_reply_headerf(&b, STR("C"), "%d", 7);
        http_reply_end(&b, 5);
        bool complete = str_ends(strbuf_str(&b), STR("Content-Length: 5\r\n\r\n"));

        assert_int_equal(complete, !b.overflow);
        strbuf_finish(&b);
    }
    assert_false(b.overflow);
}

TEST(reasons)
{
    assert_str(http_reason(200), STR("OK"));
    assert_str(http_reason(431), STR("Request Header Fields Too Large"));
    assert_str(http_reason(299), STR("Unknown"));
}

TEST(dates_are_written_and_read_back)
{
    // clang-format off
    static const struct {
        uint64_t seconds;
        const char *text;
    } rows[] = {
        { 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
        { NOV_1994, "Sun, 06 Nov 1994 08:49:37 GMT" },
        { 951782399, "Mon, 28 Feb 2000 23:59:59 GMT" },
        { 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
        { 951868800, "Wed, 01 Mar 2000 00:00:00 GMT" },
        { 1709164800, "Thu, 29 Feb 2024 00:00:00 GMT" },
        { 2147483648, "Tue, 19 Jan 2038 03:14:08 GMT" },
        { 4107542399, "Sun, 28 Feb 2100 23:59:59 GMT" },
        { 4107542400, "Mon, 01 Mar 2100 00:00:00 GMT" },
        { 253402300799, "Fri, 31 Dec 9999 23:59:59 GMT" },
    };
    // clang-format on
    char text[HTTP_DATE_LEN + 1];
    uint64_t seconds;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        http_date_format(rows[i].seconds, text);
        assert_string_equal(text, rows[i].text);
        assert_true(http_date_parse(str_from(text), &seconds));
        assert_int_equal(seconds, rows[i].seconds);
    }
    for (uint64_t s = 0; s < 253402300799; s += 86400 * 37 + 11 * 3600 + 61) {
        http_date_format(s, text);
        assert_true(http_date_parse(str_from(text), &seconds));
        assert_int_equal(seconds, s);
    }
    http_date_format(UINT64_MAX, text);
    assert_string_equal(text, "Fri, 31 Dec 9999 23:59:59 GMT");
}

TEST(other_dates_are_refused)
{
    static const char *const rows[] = {
        "",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Mon, 06 Nov 1994 08:49:37 GMT",
        "sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 Nov 1994 08:49:60 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Thu, 31 Feb 2000 00:00:00 GMT",
        "Wed, 31 Dec 1969 23:59:59 GMT",
        "Sun, 6a Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 19x4 08:49:37 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str copy = exact_copy(str_from(rows[i]));
        uint64_t seconds;

        if (http_date_parse(copy, &seconds)) {
            fail_msg("%s", rows[i]);
        }
        free((void *)(uintptr_t)copy.ptr);
    }
}

TEST(etags)
{
    // clang-format off
    static const struct {
        struct str value;
        bool matches;
    } rows[] = {
        { STR_INIT("*"), true }, { STR_INIT(" * "), true }, { STR_INIT("\"a,b\""), true },
        { STR_INIT("W/\"a,b\""), true }, { STR_INIT("\"x\", \"a,b\""), true },
        { STR_INIT("\"x\" ,\tW/\"a,b\" , \"y\""), true }, { STR_INIT("\"\",\"a,b\""), true },
        { STR_INIT(""), false }, { STR_INIT("a,b"), false }, { STR_INIT("\"a,b"), false },
        { STR_INIT("\"a\""), false }, { STR_INIT("\"A,B\""), false }, { STR_INIT("w/\"a,b\""),
                false },
        { STR_INIT("x \"a,b\""), false }, { STR_INIT("\"x\" \"a,b\""), false }, {
                STR_INIT("*, \"x\""), false },
        { STR_INIT("\"x y\", \"a,b\""), false }, { STR_INIT("W/"), false }, { STR_INIT("\""), false
                },
        { STR_INIT("\"x\","), false }, { STR_INIT(","), false },
    };
    // clang-format on

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str copy = exact_copy(rows[i].value);

        if (http_etag_matches(copy, STR("\"a,b\"")) != rows[i].matches) {
            fail_msg("%.*s", STR_FMT(copy));
        }
        free((void *)(uintptr_t)copy.ptr);
    }
    assert_true(http_etag_matches(STR("\"a\""), STR("W/\"a\"")));
}

TEST(ranges)
{
    // clang-format off
    static const struct {
        const char *value;
        uint64_t size;
        enum http_range result;
        uint64_t from;
        uint64_t len;
    } rows[] = {
        { "bytes=0-", 10, HTTP_RANGE_ONE, 0, 10 },
        { "bytes=0-0", 10, HTTP_RANGE_ONE, 0, 1 },
        { "Bytes=2-5", 10, HTTP_RANGE_ONE, 2, 4 },
        { "bytes=9-", 10, HTTP_RANGE_ONE, 9, 1 },
        { "bytes=5-9", 10, HTTP_RANGE_ONE, 5, 5 },
        { "bytes=5-10", 10, HTTP_RANGE_ONE, 5, 5 },
        { "bytes=5-99999999999999999999999999", 10, HTTP_RANGE_ONE, 5, 5 },
        { "bytes=5-18446744073709551615", 10, HTTP_RANGE_ONE, 5, 5 },
        { "bytes=-1", 10, HTTP_RANGE_ONE, 9, 1 },
        { "bytes=-10", 10, HTTP_RANGE_ONE, 0, 10 },
        { "bytes=-11", 10, HTTP_RANGE_ONE, 0, 10 },
        { "bytes=-99999999999999999999999999", 10, HTTP_RANGE_ONE, 0, 10 },
        { "bytes=0-0", UINT64_MAX, HTTP_RANGE_ONE, 0, 1 },
        { "bytes=0-", UINT64_MAX, HTTP_RANGE_ONE, 0, UINT64_MAX },
        { "bytes=10-", 10, HTTP_RANGE_UNSATISFIABLE, 0, 0 },
        { "bytes=10-20", 10, HTTP_RANGE_UNSATISFIABLE, 0, 0 },
        { "bytes=99999999999999999999999999-", 10, HTTP_RANGE_UNSATISFIABLE, 0, 0 },
        { "bytes=-0", 10, HTTP_RANGE_UNSATISFIABLE, 0, 0 },
        { "bytes=0-", 0, HTTP_RANGE_UNSATISFIABLE, 0, 0 },
        { "bytes=-5", 0, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=5-4", 10, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=20-19", 10, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=0-1,3-4", 10, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=0-1,", 10, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=-", 10, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=", 10, HTTP_RANGE_NONE, 0, 0 },
        { "bytes", 10, HTTP_RANGE_NONE, 0, 0 },
        { "", 10, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=1", 10, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=+1-2", 10, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=1--2", 10, HTTP_RANGE_NONE, 0, 0 },
        { "bytes= 1-2", 10, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=1 -2", 10, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=1-2 ", 10, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=a-b", 10, HTTP_RANGE_NONE, 0, 0 },
        { "items=1-2", 10, HTTP_RANGE_NONE, 0, 0 },
    };
    // clang-format on

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str copy = exact_copy(str_from(rows[i].value));
        uint64_t from = 0;
        uint64_t len = 0;

        if (http_range_parse(copy, rows[i].size, &from, &len) != rows[i].result ||
                from != rows[i].from || len != rows[i].len) {
            fail_msg("\"%s\"", rows[i].value);
        }
        free((void *)(uintptr_t)copy.ptr);
    }
}

TEST(media_types)
{
    assert_str(mime_type(STR("src/app.js")), STR("text/javascript; charset=utf-8"));
    assert_str(mime_type(STR("A.CSS")), STR("text/css; charset=utf-8"));
    assert_str(mime_type(STR("index.html")), STR("text/html"));
    assert_str(mime_type(STR("a.min.wasm")), STR("application/wasm"));
    assert_str(mime_type(STR("a.svg")), STR("image/svg+xml; charset=utf-8"));
    assert_str(mime_type(STR("a.woff2")), STR("font/woff2"));
    assert_str(mime_type(STR("Makefile")), STR("application/octet-stream"));
    assert_str(mime_type(STR("a.js/b")), STR("application/octet-stream"));
    assert_str(mime_type(STR(".js")), STR("application/octet-stream"));
    assert_str(mime_type(STR("")), STR("application/octet-stream"));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(every_answer_carries_the_security_headers),
        CASE(closing_switching_and_continuing),
        CASE(lengths_are_written_whole),
        CASE(values_cannot_smuggle),
        CASE(what_does_not_fit_sets_overflow),
        CASE(reasons),
        CASE(dates_are_written_and_read_back),
        CASE(other_dates_are_refused),
        CASE(etags),
        CASE(ranges),
        CASE(media_types),
    };

    return RUN(cases);
}
