/* SPDX-License-Identifier: MIT */
/* See http_forward.h. Fields are looked through once for each of them: there are at most a hundred. */
#include "http/http_forward.h"

#include <inttypes.h>
#include <string.h>

static bool is_of_host(char c)
{
    bool alnum = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');

    return alnum || (c != '\0' && strchr("-._~:%", c));
}

static bool is_clean(struct str s, bool (*accepts)(char))
{
    bool clean = true;

    for (size_t i = 0; clean && i < s.len; i++) {
        clean = accepts(s.ptr[i]);
    }
    return clean;
}

static bool is_of_path(char c)
{
    return c > 0x20 && c < 0x7f && c != '#' && c != '?';
}

/* Cuts the port from the end; without one *ret stays. */
static bool cut_port(struct str *authority, uint16_t *ret)
{
    size_t colon = str_rfind(*authority, ':');
    uint64_t port;

    if (colon == STR_NONE || str_ends(*authority, STR("]"))) {
        return true;
    }
    if (!str_parse_u64(str_skip(*authority, colon + 1), &port) || port == 0 || port > UINT16_MAX) {
        return false;
    }
    *authority = str_sub(*authority, 0, colon);
    *ret = (uint16_t)port;
    return true;
}

bool http_upstream_parse(struct str url, struct http_upstream *ret, const char **ret_expected)
{
    struct http_upstream found = { .port = 80 };
    struct str scheme = str_sub(url, 0, str_find(url, ':'));
    struct str rest = str_skip(url, scheme.len);
    bool is_socket = str_ieq(scheme, STR("ws"));

    if (str_ieq(scheme, STR("https")) || str_ieq(scheme, STR("wss"))) {
        *ret_expected = "an http:// URL (orbiton has no TLS for another server)";
        return false;
    }
    *ret_expected = "a URL such as \"http://localhost:8080\"";
    if ((!is_socket && !str_ieq(scheme, STR("http"))) || !str_starts(rest, STR("://"))) {
        return false;
    }
    rest = str_skip(rest, 3);
    struct str authority = str_sub(rest, 0, str_find(rest, '/'));

    found.base = str_skip(rest, authority.len);
    while (str_ends(found.base, STR("/"))) {
        found.base.len--;
    }
    found.host = authority;
    if (!cut_port(&found.host, &found.port)) {
        return false;
    }
    found.authority = found.port == 80 ? found.host : authority;
    if (str_starts(found.host, STR("[")) && str_ends(found.host, STR("]"))) {
        found.host = str_sub(found.host, 1, found.host.len - 1);
    } else if (str_find(found.host, ':') != STR_NONE) {
        return false;
    }
    if (found.host.len == 0 || found.host.len > 253 || !is_clean(found.host, is_of_host) ||
            !is_clean(found.base, is_of_path) || found.base.len > HTTP_LINE_MAX / 2) {
        return false;
    }
    found.is_socket = is_socket;
    *ret = found;
    return true;
}

static bool is_one_of(struct str name, const struct str *names, size_t count)
{
    bool found = false;

    for (size_t i = 0; i < count && !found; i++) {
        found = str_ieq(name, names[i]);
    }
    return found;
}

/* Fields of one connection: those that always are, and those that its Connection field names. */
static bool is_of_hop(const struct http_header *headers, size_t count, struct str name)
{
    static const struct str names[] = { STR_INIT("Connection"), STR_INIT("Keep-Alive"),
        STR_INIT("Proxy-Connection"), STR_INIT("TE"), STR_INIT("Trailer"),
        STR_INIT("Transfer-Encoding"), STR_INIT("Upgrade"), STR_INIT("Content-Length") };
    bool found = is_one_of(name, names, sizeof(names) / sizeof(names[0]));

    for (size_t i = 0; i < count && !found; i++) {
        found = str_ieq(headers[i].name, STR("Connection")) &&
                http_list_has(headers[i].value, name);
    }
    return found;
}

/* Whether the lines "Name: value\r\n" have one of that name. */
static bool has_line(struct str lines, struct str name)
{
    bool found = false;

    while (lines.len > 0 && !found) {
        struct str line;

        (void)str_cut(lines, '\n', &line, &lines);
        found = str_ieq(str_sub(line, 0, str_find(line, ':')), name);
    }
    return found;
}

static void add_field(struct strbuf *b, struct str name, struct str value)
{
    strbuf_add(b, name);
    strbuf_add(b, STR(": "));
    strbuf_add(b, value);
    strbuf_add(b, STR("\r\n"));
}

static void add_framing(struct strbuf *b, bool chunked, int64_t length)
{
    if (chunked) {
        strbuf_add(b, STR("Transfer-Encoding: chunked\r\n"));
    } else if (length >= 0) {
        strbuf_addf(b, "Content-Length: %" PRId64 "\r\n", length);
    }
}

static void add_target(struct strbuf *b, const struct http_forward *how)
{
    struct str rest = how->target;
    struct str add = STR("");

    if (str_starts(rest, how->strip)) {
        rest = str_skip(rest, how->strip.len);
        add = how->add;
    }
    strbuf_add(b, how->to->base);
    /* one slash at the begin, and between */
    if (!str_starts(add.len > 0 ? add : rest, STR("/"))) {
        strbuf_addc(b, '/');
    }
    strbuf_add(b, add);
    strbuf_add(b, str_skip(rest, str_ends(add, STR("/")) && str_starts(rest, STR("/")) ? 1 : 0));
}

void http_forward_request(
        struct strbuf *b, const struct http_request *request, const struct http_forward *how)
{
    bool kept_host = !how->change_host && request->host.len > 0;

    strbuf_add(b, request->method);
    strbuf_addc(b, ' ');
    add_target(b, how);
    strbuf_add(b, STR(" HTTP/1.1\r\n"));
    if (!has_line(how->headers, STR("Host"))) {
        add_field(b, STR("Host"), kept_host ? request->host : how->to->authority);
    }
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *h = &request->headers[i];

        if (!is_of_hop(request->headers, request->header_count, h->name) &&
                !str_ieq(h->name, STR("Host")) && !has_line(how->headers, h->name)) {
            add_field(b, h->name, h->value);
        }
    }
    strbuf_add(b, how->headers);
    add_framing(b, request->chunked, request->content_length);
    strbuf_add(b, request->upgrade_websocket
                          ? STR("Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
                          : STR("Connection: close\r\n\r\n"));
}

enum http_framing http_answer_framing(const struct http_answer *answer, bool head_only)
{
    if (head_only || answer->status < 200 || answer->status == 204 || answer->status == 304) {
        return HTTP_NO_BODY;
    }
    if (answer->chunked) {
        return HTTP_CHUNKED;
    }
    return answer->content_length >= 0 ? HTTP_LENGTH : HTTP_UNTIL_CLOSE;
}

void http_forward_answer(struct strbuf *b, const struct http_answer *answer,
        enum http_framing framing, bool keep_alive)
{
    strbuf_addf(b, "HTTP/1.1 %d ", answer->status);
    strbuf_add(b, answer->reason);
    strbuf_add(b, STR("\r\n"));
    for (size_t i = 0; i < answer->header_count; i++) {
        const struct http_header *h = &answer->headers[i];

        if (!is_of_hop(answer->headers, answer->header_count, h->name)) {
            add_field(b, h->name, h->value);
        }
    }
    if (answer->status == 101) {
        strbuf_add(b, STR("Connection: Upgrade\r\nUpgrade: websocket\r\n"));
    } else if (answer->status >= 200) {
        /* the length of a body that is not sent may be said, but with 204 */
        bool has_length =
                framing == HTTP_LENGTH || (framing == HTTP_NO_BODY && answer->status != 204);

        add_framing(b, framing == HTTP_CHUNKED, has_length ? answer->content_length : -1);
        strbuf_add(
                b, keep_alive ? STR("Connection: keep-alive\r\n") : STR("Connection: close\r\n"));
    }
    strbuf_add(b, STR("\r\n"));
}
