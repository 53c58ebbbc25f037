/* SPDX-License-Identifier: MIT */
/*
 * Reply heads. Written for every answer, so nothing here formats through
 * printf but http_reply_headerf().
 */
#include "http/http_reply.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

struct reason {
    int status;
    struct str text;
};

// clang-format off
static const struct reason reasons[] = {
    { 100, STR_INIT("Continue") },
    { 101, STR_INIT("Switching Protocols") },
    { 200, STR_INIT("OK") },
    { 201, STR_INIT("Created") },
    { 202, STR_INIT("Accepted") },
    { 204, STR_INIT("No Content") },
    { 206, STR_INIT("Partial Content") },
    { 301, STR_INIT("Moved Permanently") },
    { 302, STR_INIT("Found") },
    { 303, STR_INIT("See Other") },
    { 304, STR_INIT("Not Modified") },
    { 307, STR_INIT("Temporary Redirect") },
    { 308, STR_INIT("Permanent Redirect") },
    { 400, STR_INIT("Bad Request") },
    { 401, STR_INIT("Unauthorized") },
    { 403, STR_INIT("Forbidden") },
    { 404, STR_INIT("Not Found") },
    { 405, STR_INIT("Method Not Allowed") },
    { 406, STR_INIT("Not Acceptable") },
    { 408, STR_INIT("Request Timeout") },
    { 409, STR_INIT("Conflict") },
    { 410, STR_INIT("Gone") },
    { 411, STR_INIT("Length Required") },
    { 412, STR_INIT("Precondition Failed") },
    { 413, STR_INIT("Content Too Large") },
    { 414, STR_INIT("URI Too Long") },
    { 415, STR_INIT("Unsupported Media Type") },
    { 416, STR_INIT("Range Not Satisfiable") },
    { 417, STR_INIT("Expectation Failed") },
    { 421, STR_INIT("Misdirected Request") },
    { 422, STR_INIT("Unprocessable Content") },
    { 426, STR_INIT("Upgrade Required") },
    { 429, STR_INIT("Too Many Requests") },
    { 431, STR_INIT("Request Header Fields Too Large") },
    { 500, STR_INIT("Internal Server Error") },
    { 501, STR_INIT("Not Implemented") },
    { 502, STR_INIT("Bad Gateway") },
    { 503, STR_INIT("Service Unavailable") },
    { 504, STR_INIT("Gateway Timeout") },
    { 505, STR_INIT("HTTP Version Not Supported") },
};
// clang-format on

struct str http_reason(int status)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status) {
            return reasons[i].text;
        }
    }
    return STR("Unknown");
}

static char *append(char *to, struct str s)
{
    memcpy(to, s.ptr, s.len);
    return to + s.len;
}

void http_reply_begin(struct strbuf *b, int status, uint64_t date_s, bool keep_alive)
{
    struct str reason = http_reason(status);
    struct str version = STR("HTTP/1.1 ");
    struct str fields = STR("\r\nX-Content-Type-Options: nosniff\r\n"
                            "Cross-Origin-Resource-Policy: same-origin\r\n"
                            "X-Frame-Options: SAMEORIGIN\r\n"
                            "Date: ");
    struct str connection =
            keep_alive ? STR("\r\nConnection: keep-alive\r\n") : STR("\r\nConnection: close\r\n");

    assert(status >= 100 && status <= 999);
    char *to = strbuf_reserve(
            b, version.len + 4 + reason.len + fields.len + HTTP_DATE_LEN + connection.len);

    if (!to) {
        return;
    }
    char *from = to;

    to = append(to, version);
    *to++ = (char)('0' + status / 100);
    *to++ = (char)('0' + status / 10 % 10);
    *to++ = (char)('0' + status % 10);
    *to++ = ' ';
    to = append(to, reason);
    if (status == 100) {
        to = append(to, STR("\r\n"));
    } else {
        char date[HTTP_DATE_LEN + 1];

        http_date_format(date_s, date);
        to = append(to, fields);
        to = append(to, (struct str){ date, HTTP_DATE_LEN });
        to = append(to, status == 101 ? STR("\r\n") : connection);
    }
    strbuf_commit(b, (size_t)(to - from));
}

/* CR, LF and NUL would end a field early for one reader or another. */
static void defuse(char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (p[i] == '\r' || p[i] == '\n' || p[i] == '\0') {
            p[i] = ' ';
        }
    }
}

void http_reply_header(struct strbuf *b, struct str name, struct str value)
{
    assert(name.len > 0);
    char *to = strbuf_reserve(b, name.len + value.len + 4);

    if (!to) {
        return;
    }
    to = append(to, name);
    *to++ = ':';
    *to++ = ' ';
    if (value.len > 0) {
        (void)append(to, value);
        defuse(to, value.len);
        to += value.len;
    }
    (void)append(to, STR("\r\n"));
    strbuf_commit(b, name.len + value.len + 4);
}

void http_reply_headerf(struct strbuf *b, struct str name, const char *format, ...)
{
    va_list args;

    assert(name.len > 0);
    strbuf_add(b, name);
    strbuf_add(b, STR(": "));
    size_t from = b->len;

    va_start(args, format);
    strbuf_vaddf(b, format, args);
    va_end(args);
    if (b->ptr) {
        defuse(b->ptr + from, b->len - from);
    }
    strbuf_add(b, STR("\r\n"));
}

void http_reply_end(struct strbuf *b, int64_t length)
{
    if (length >= 0) {
        char digits[20];
        size_t at = sizeof(digits);
        uint64_t left = (uint64_t)length;

        do {
            digits[--at] = (char)('0' + left % 10);
            left /= 10;
        } while (left > 0);
        http_reply_header(
                b, STR("Content-Length"), (struct str){ digits + at, sizeof(digits) - at });
    }
    strbuf_add(b, STR("\r\n"));
}
