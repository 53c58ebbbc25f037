/* SPDX-License-Identifier: MIT */
/*
 * Heads of requests, and of what another server answers. One pass over the bytes,
 * in order, so that an answer depends only on the bytes before the place where it
 * was decided: more input never changes DONE or MALFORMED. What concerns several
 * fields together (Host, body framing, connection options) is decided once the
 * head is complete.
 *
 * Refused, though RFC 9112 lets a lenient reader accept it: an empty line
 * before the request, bare LF, obs-fold, white space around the colon's left,
 * repeated Content-Length (even when equal), and any transfer coding but a
 * single "chunked". These are the places where two readers disagree.
 */
#include "http/http_parse.h"

#include <string.h>

#include "http/http_char.h"

/* Where reading stands. `end` is never behind HTTP_HEAD_MAX. */
struct cursor {
    const char *p;
    const char *end;
    const char *start;
    bool full; /* the head was cut at its maximum: there is nothing to wait for */
    int *ret_status;
};

static enum parse_status refuse(struct cursor *c, int status)
{
    *c->ret_status = status;
    return PARSE_MALFORMED;
}

static enum parse_status starve(struct cursor *c)
{
    return c->full ? refuse(c, 431) : PARSE_INCOMPLETE;
}

static struct str slice(const char *from, const char *to)
{
    return (struct str){ from, (size_t)(to - from) };
}

/* CR LF, and nothing else. */
static enum parse_status read_eol(struct cursor *c)
{
    if (c->p == c->end) {
        return starve(c);
    }
    if (c->p[0] != '\r') {
        return refuse(c, 400);
    }
    if (c->p + 1 == c->end) {
        return starve(c);
    }
    if (c->p[1] != '\n') {
        return refuse(c, 400);
    }
    c->p += 2;
    return PARSE_DONE;
}

/*
 * The request line's end is not known beforehand, so each of its readers stops at the byte that
 * would be one too many: `limit`.
 */
static enum parse_status read_word(
        struct cursor *c, const char *limit, bool (*accepts)(char), struct str *ret)
{
    const char *from = c->p;

    for (;; c->p++) {
        if (c->p == limit) {
            return refuse(c, 414);
        }
        if (c->p == c->end) {
            return starve(c);
        }
        if (!accepts(*c->p)) {
            break;
        }
    }
    if (c->p == from || *c->p != ' ') {
        return refuse(c, 400);
    }
    *ret = slice(from, c->p);
    c->p++;
    return PARSE_DONE;
}

/* "HTTP/1.0" or "HTTP/1.1"; another pair of digits is a version that is not spoken here. */
static enum parse_status read_version(struct cursor *c, const char *limit, int *ret_minor)
{
    static const char pattern[] = "HTTP/d.d";
    enum { LEN = sizeof(pattern) - 1, MAJOR = 5, MINOR = 7 };

    for (size_t i = 0; i < LEN; i++) {
        if (c->p + i == limit) {
            return refuse(c, 414);
        }
        if (c->p + i == c->end) {
            return starve(c);
        }
        char b = c->p[i];

        if (pattern[i] == 'd' ? b < '0' || b > '9' : b != pattern[i]) {
            return refuse(c, 400);
        }
    }
    char major = c->p[MAJOR];
    char minor = c->p[MINOR];

    c->p += LEN;
    if (major != '1' || minor > '1') {
        return refuse(c, 505);
    }
    *ret_minor = minor - '0';
    return PARSE_DONE;
}

static enum parse_status read_request_line(struct cursor *c, struct http_request *ret)
{
    const char *limit = c->start + HTTP_LINE_MAX;
    enum parse_status status = read_word(c, limit, http_is_token, &ret->method);

    if (status == PARSE_DONE) {
        status = read_word(c, limit, http_is_target, &ret->target);
    }
    if (status == PARSE_DONE) {
        status = read_version(c, limit, &ret->minor);
    }
    return status == PARSE_DONE ? read_eol(c) : status;
}

static enum parse_status read_header(struct cursor *c, struct http_header *headers, size_t *count)
{
    const char *from = c->p;

    while (c->p < c->end && http_is_token(*c->p)) {
        c->p++;
    }
    if (c->p == c->end) {
        return starve(c);
    }
    if (c->p == from || *c->p != ':') {
        return refuse(c, 400);
    }
    if (*count == HTTP_HEADERS_MAX) {
        return refuse(c, 431);
    }
    struct http_header *header = &headers[*count];

    header->name = slice(from, c->p);
    c->p++;
    from = c->p;
    while (c->p < c->end && http_is_value(*c->p)) {
        c->p++;
    }
    header->value = http_trim(slice(from, c->p));
    (*count)++;
    return read_eol(c);
}

static enum parse_status read_headers(
        struct cursor *c, struct http_header headers[HTTP_HEADERS_MAX], size_t *count)
{
    *count = 0;
    for (;;) {
        if (c->p == c->end) {
            return starve(c);
        }
        if (*c->p == '\r') {
            return read_eol(c);
        }
        enum parse_status status = read_header(c, headers, count);

        if (status != PARSE_DONE) {
            return status;
        }
    }
}

/* The characters of uri-host and port (RFC 3986 section 3.2); no user name, no white space. */
static bool is_host(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool alnum = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');

        if (!alnum && (c == '\0' || !strchr("-._~:[]%!$&'()*+,;=", c))) {
            return false;
        }
    }
    return s.len > 0;
}

/* What the fields that matter to every request said; gathered first, judged afterwards. */
struct facts {
    unsigned hosts;
    unsigned lengths;
    unsigned codings;
    struct str coding;
    bool close;
    bool keep_alive;
    bool upgrade;
    bool websocket;
};

/*
 * A tab around the value is white space to RFC 9112, but llhttp takes "chunked" with a tab behind
 * it for another coding. The fields that frame a body have none, anywhere.
 */
static bool has_tab(const struct http_header *h)
{
    for (const char *p = h->name.ptr + h->name.len; *p != '\r'; p++) {
        if (*p == '\t') {
            return true;
        }
    }
    return false;
}

/* 0, or the status to refuse with. The length of a name tells nearly all of them apart. */
static int gather(const struct http_header *h, struct facts *facts, struct http_request *ret)
{
    uint64_t length;

    switch (h->name.len) {
    case 4:
        if (str_ieq(h->name, STR("Host"))) {
            facts->hosts++;
            ret->host = h->value;
        }
        break;
    case 6:
        if (str_ieq(h->name, STR("Expect"))) {
            ret->expect_continue = ret->minor == 1 && str_ieq(h->value, STR("100-continue"));
        }
        break;
    case 7:
        if (str_ieq(h->name, STR("Upgrade"))) {
            facts->websocket = facts->websocket || http_list_has(h->value, STR("websocket"));
        }
        break;
    case 10:
        if (str_ieq(h->name, STR("Connection"))) {
            facts->close = facts->close || http_list_has(h->value, STR("close"));
            facts->keep_alive = facts->keep_alive || http_list_has(h->value, STR("keep-alive"));
            facts->upgrade = facts->upgrade || http_list_has(h->value, STR("upgrade"));
        }
        break;
    case 14:
        if (str_ieq(h->name, STR("Content-Length"))) {
            if (++facts->lengths > 1 || has_tab(h) || !str_parse_u64(h->value, &length) ||
                    length > INT64_MAX) {
                return 400;
            }
            ret->content_length = (int64_t)length;
        }
        break;
    case 17:
        if (str_ieq(h->name, STR("Transfer-Encoding"))) {
            if (has_tab(h)) {
                return 400;
            }
            facts->codings++;
            facts->coding = h->value;
        }
        break;
    default: break;
    }
    return 0;
}

/* 0, or the status to refuse with. */
static int judge(struct http_request *ret)
{
    struct facts facts = { 0 };

    ret->host = (struct str){ NULL, 0 };
    ret->content_length = -1;
    ret->chunked = false;
    ret->expect_continue = false;
    for (size_t i = 0; i < ret->header_count; i++) {
        int status = gather(&ret->headers[i], &facts, ret);

        if (status != 0) {
            return status;
        }
    }
    if (facts.hosts > 1 || (facts.hosts == 0 && ret->minor == 1)) {
        return 400;
    }
    if (facts.hosts == 1 && !is_host(ret->host)) {
        return 400;
    }
    if (facts.codings > 0) {
        /* Both framings together, or a coding in HTTP/1.0, is how requests are smuggled. */
        if (facts.codings > 1 || facts.lengths > 0 || ret->minor == 0) {
            return 400;
        }
        if (!str_ieq(facts.coding, STR("chunked"))) {
            return 501;
        }
        ret->chunked = true;
    }
    ret->keep_alive = !facts.close && (ret->minor == 1 || facts.keep_alive);
    ret->upgrade_websocket = ret->minor == 1 && facts.upgrade && facts.websocket;
    return 0;
}

enum parse_status http_parse_request(
        struct str in, struct http_request *ret, size_t *ret_len, int *ret_status)
{
    bool full = in.len >= HTTP_HEAD_MAX;
    size_t len = full ? HTTP_HEAD_MAX : in.len;

    if (len == 0) {
        return PARSE_INCOMPLETE;
    }
    struct cursor c = { in.ptr, in.ptr + len, in.ptr, full, ret_status };
    enum parse_status status = read_request_line(&c, ret);

    if (status == PARSE_DONE) {
        status = read_headers(&c, ret->headers, &ret->header_count);
    }
    if (status != PARSE_DONE) {
        return status;
    }
    int refused = judge(ret);

    if (refused != 0) {
        return refuse(&c, refused);
    }
    *ret_len = (size_t)(c.p - in.ptr);
    return PARSE_DONE;
}

/* "HTTP/1.1 200 OK"; the reason may be empty, and so may the space before it be missing. */
static enum parse_status read_status_line(struct cursor *c, struct http_answer *ret)
{
    enum { DIGITS = 3 };
    enum parse_status status = read_version(c, c->start + HTTP_LINE_MAX, &ret->minor);
    const char *from;

    ret->status = 0;
    ret->reason = STR("");
    for (int i = 0; status == PARSE_DONE && i <= DIGITS; i++, c->p++) {
        if (c->p == c->end) {
            return starve(c);
        }
        bool digit = *c->p >= '0' && *c->p <= '9';

        if (i == 0 ? *c->p != ' ' : !digit) {
            return refuse(c, 0);
        }
        ret->status = i == 0 ? 0 : ret->status * 10 + (*c->p - '0');
    }
    if (status != PARSE_DONE) {
        return status;
    }
    if (ret->status < 100) {
        return refuse(c, 0);
    }
    from = c->p;
    while (c->p < c->end && http_is_value(*c->p)) {
        c->p++;
    }
    if (c->p > from && *from != ' ') {
        return refuse(c, 0);
    }
    ret->reason = http_trim(slice(from, c->p));
    return read_eol(c);
}

/* Whether the body's framing is clear. */
static bool judge_answer(struct http_answer *ret)
{
    unsigned lengths = 0;
    unsigned codings = 0;
    bool clear = true;

    ret->content_length = -1;
    ret->chunked = false;
    for (size_t i = 0; i < ret->header_count; i++) {
        const struct http_header *h = &ret->headers[i];
        uint64_t length;

        if (str_ieq(h->name, STR("Content-Length"))) {
            clear = clear && str_parse_u64(h->value, &length) && length <= INT64_MAX;
            ret->content_length = clear ? (int64_t)length : -1;
            lengths++;
        } else if (str_ieq(h->name, STR("Transfer-Encoding"))) {
            clear = clear && str_ieq(h->value, STR("chunked"));
            ret->chunked = true;
            codings++;
        }
    }
    return clear && lengths + codings <= 1 && (codings == 0 || ret->minor == 1);
}

enum parse_status http_parse_answer(struct str in, struct http_answer *ret, size_t *ret_len)
{
    int refused = 0;
    bool full = in.len >= HTTP_HEAD_MAX;
    size_t len = full ? HTTP_HEAD_MAX : in.len;

    if (len == 0) {
        return PARSE_INCOMPLETE;
    }
    struct cursor c = { in.ptr, in.ptr + len, in.ptr, full, &refused };
    enum parse_status status = read_status_line(&c, ret);

    if (status == PARSE_DONE) {
        status = read_headers(&c, ret->headers, &ret->header_count);
    }
    if (status == PARSE_DONE && !judge_answer(ret)) {
        status = PARSE_MALFORMED;
    }
    if (status == PARSE_DONE) {
        *ret_len = (size_t)(c.p - in.ptr);
    }
    return status;
}

bool http_header(const struct http_request *request, struct str name, struct str *ret)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (str_ieq(request->headers[i].name, name)) {
            if (ret) {
                *ret = request->headers[i].value;
            }
            return true;
        }
    }
    return false;
}

bool http_list_has(struct str list, struct str token)
{
    bool more = list.len > 0;

    while (more) {
        struct str item;

        more = str_cut(list, ',', &item, &list);
        if (str_ieq(http_trim(item), token)) {
            return true;
        }
    }
    return false;
}
