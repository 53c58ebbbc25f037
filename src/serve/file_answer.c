/* SPDX-License-Identifier: MIT */
/*
 * Answers for files.
 *
 * Invariant: the bytes of an answer are those that its ETag names. Small files
 * and documents are read whole and looked at again afterwards; a file that is
 * written meanwhile is read once more. An injected document carries this run's
 * epoch and number in its tag, and so in its ETag: no other run may say that it
 * is still the same. A module or document whose specifiers were rewritten is named
 * by the hash of what is sent; Server-Timing always names the file's own version, and the
 * newest transaction.
 */
#include "serve/file_answer.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "http/http_reply.h"
#include "http/mime.h"
#include "modules/module_url.h"
#include "modules/modules.h"
#include "serve/conn.h"
#include "serve/inject.h"
#include "serve/near_names.h"
#include "serve/text.h"

#define KEPT STR("private, max-age=31536000, immutable")

enum {
    DOCUMENT_MAX = 8 * 1024 * 1024, /* a larger one is not injected */
    PAGE_MAX = 64 * 1024,           /* of our own making */
    READ_TRIES = 3,
    ETAG_MAX = 512,
};

/* One answer on its way. */
struct reply {
    struct conn *conn;
    const struct http_request *request;
    struct found_file file;
    struct file_facts facts;
    struct hash version; /* for Server-Timing */
    struct hash sent;    /* with `rewritten`: of what is sent, before injection */
    struct strbuf etag;
    struct str type;
    const struct node *node; /* of a module; else NULL. Borrowed */
    struct str packages; /* in the tag of an injected document: the version of the packages, ... */
    struct str own;      /* ... and modules_own_versions() */
    bool injected;
    bool rewritten; /* what is sent is not what the file holds */
};

bool is_navigation(const struct http_request *request)
{
    struct str dest;
    struct str accept;

    if (http_header(request, STR("Sec-Fetch-Dest"), &dest)) {
        return str_eq(dest, STR("document")) || str_eq(dest, STR("iframe")) ||
               str_eq(dest, STR("frame"));
    }
    return !http_header(request, STR("Sec-Fetch-Mode"), NULL) &&
           http_header(request, STR("Accept"), &accept) &&
           str_find_str(accept, STR("text/html")) != STR_NONE;
}

/* Names that the server answers for; a configured header cannot contradict it. */
static bool is_reserved_header(struct str name)
{
    static const struct str names[] = {
        STR_INIT("Content-Length"),
        STR_INIT("Transfer-Encoding"),
        STR_INIT("Connection"),
        STR_INIT("Date"),
        STR_INIT("ETag"),
        STR_INIT("Last-Modified"),
        STR_INIT("Content-Range"),
        STR_INIT("Accept-Ranges"),
        STR_INIT("X-Content-Type-Options"),
        STR_INIT("Cross-Origin-Resource-Policy"),
        STR_INIT("X-Frame-Options"),
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_ieq(name, names[i])) {
            return true;
        }
    }
    return false;
}

static bool is_configured(const struct dev_server_options *o, struct str name)
{
    for (size_t i = 0; i < o->header_count; i++) {
        if (str_ieq(o->headers[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* A header that the configuration may replace. */
static void add_default(
        const struct conn *conn, struct strbuf *b, struct str name, struct str value)
{
    if (!is_configured(&conn->server->options, name)) {
        http_reply_header(b, name, value);
    }
}

static void add_configured(const struct conn *conn, struct strbuf *b)
{
    const struct dev_server_options *o = &conn->server->options;

    for (size_t i = 0; i < o->header_count; i++) {
        if (!is_reserved_header(o->headers[i].name)) {
            http_reply_header(b, o->headers[i].name, o->headers[i].value);
        }
    }
}

/* The number of the newest transaction; 0: there was none. */
static uint64_t newest_seq(const struct dev_server *server)
{
    const struct dev_server_options *o = &server->options;

    return o->get_seq ? o->get_seq(o->ctx) : 0;
}

static struct str add_tag(
        struct dev_server *server, struct strbuf *b, struct str packages, struct str own)
{
    struct str define = server->options.modules ? modules_define(server->options.modules) : STR("");

    text_add_tag(b, str_from(server->token), server->options.epoch, newest_seq(server), packages,
            own, define);
    return strbuf_str(b);
}

static void answer_missing(
        struct conn *conn, const struct http_request *request, const struct http_target *target)
{
    struct dev_server *server = conn->server;
    struct str near[NEAR_NAMES];
    size_t near_count = near_names_find(server, target->path, near);
    bool page = is_navigation(request);
    struct strbuf body;
    struct strbuf tag;

    strbuf_init(&body, PAGE_MAX);
    strbuf_init(&tag, PAGE_MAX);
    if (page) {
        text_add_missing_page(&body, target->path,
                server->options.hmr ? add_tag(server, &tag, STR(""), STR("")) : STR(""), near,
                near_count);
    } else {
        strbuf_add(&body, STR("no file for '/"));
        strbuf_add_printable(&body, target->path);
        strbuf_add(&body, STR("'\n"));
        for (size_t i = 0; i < near_count; i++) {
            strbuf_add(&body, i == 0 ? STR("did you mean '/") : STR("or '/"));
            strbuf_add_printable(&body, near[i]);
            strbuf_add(&body, STR("'?\n"));
        }
    }
    struct strbuf *b = answer_begin(conn, 404);

    http_reply_header(b, STR("Content-Type"),
            page ? STR("text/html; charset=utf-8") : STR("text/plain; charset=utf-8"));
    http_reply_header(b, STR("Cache-Control"), STR("no-store"));
    http_reply_header(b, STR("Server-Timing"), STR("orbit;desc=\"missing\""));
    add_configured(conn, b);
    http_reply_end(b, (int64_t)body.len);
    if (!conn->head_only) {
        strbuf_add(b, strbuf_str(&body));
    }
    strbuf_finish(&body);
    strbuf_finish(&tag);
    conn_send(conn);
}

static void answer_folder(struct conn *conn, const struct http_target *target)
{
    struct strbuf location;

    /* from the root on: a relative form would read "a:b/" as a scheme */
    strbuf_init(&location, PAGE_MAX);
    strbuf_addc(&location, '/');
    text_add_url_path(&location, target->path);
    strbuf_addc(&location, '/');
    if (target->query.len > 0) {
        strbuf_addc(&location, '?');
        strbuf_add(&location, target->query);
    }
    struct strbuf *b = answer_begin(conn, 301);

    http_reply_header(b, STR("Location"), strbuf_str(&location));
    http_reply_header(b, STR("Cache-Control"), STR("no-store"));
    http_reply_end(b, 0);
    strbuf_finish(&location);
    conn_send(conn);
}

/* The ETag: the content's hash; with what the hash leaves out, or what was put in, behind it. */
static void make_etag(struct reply *r)
{
    const struct dev_server *server = r->conn->server;
    char hex[HASH_HEX_LEN + 1];

    hash_format(r->rewritten ? r->sent : r->facts.hash, hex);
    strbuf_reset(&r->etag);
    strbuf_addc(&r->etag, '"');
    strbuf_add(&r->etag, (struct str){ hex, HASH_HEX_LEN });
    if (r->injected) {
        strbuf_add(&r->etag, STR("-i-"));
        text_add_url_path(&r->etag, str_sub(server->options.epoch, 0, 64));
        strbuf_addf(&r->etag, "-%" PRIu64, newest_seq(server));
        strbuf_add(&r->etag, r->packages.len > 0 ? STR("-") : STR(""));
        strbuf_add(&r->etag, r->packages);
        if (r->own.len > 0) {
            hash_format(hash_bytes(r->own), hex);
            strbuf_addf(&r->etag, "-%s", hex);
        }
    } else if (!r->rewritten && str_ieq(path_ext(r->file.path), STR(".wasm"))) {
        /* its hash does not see custom sections, but two versions must not be mixed */
        strbuf_addf(&r->etag, "-%llx-%llx", (unsigned long long)r->facts.size,
                (unsigned long long)r->facts.mtime_ns);
    }
    strbuf_addc(&r->etag, '"');
}

static uint64_t mtime_s(const struct reply *r)
{
    return r->facts.mtime_ns / 1000000000u;
}

/* A date says nothing about a file that may be written again within its second. */
static bool has_useful_date(const struct reply *r)
{
    return !r->injected && !r->rewritten && mtime_s(r) + 1 < sys_wall_ns() / 1000000000u;
}

static bool is_not_modified(const struct reply *r)
{
    struct str value;
    uint64_t since;

    if (http_header(r->request, STR("If-None-Match"), &value)) {
        return http_etag_matches(value, strbuf_str(&r->etag));
    }
    return has_useful_date(r) && http_header(r->request, STR("If-Modified-Since"), &value) &&
           http_date_parse(value, &since) && mtime_s(r) <= since;
}

/* Whether If-Range, if there is one, names exactly this version. */
static bool is_range_valid(const struct reply *r)
{
    struct str value;
    uint64_t date;

    if (!http_header(r->request, STR("If-Range"), &value)) {
        return true;
    }
    if (value.len > 0 && value.ptr[0] == '"') {
        return str_eq(value, strbuf_str(&r->etag));
    }
    return has_useful_date(r) && http_date_parse(value, &date) && date == mtime_s(r);
}

/*
 * Whether the browser may keep what is sent, and need not ask again: the module notes that it was. A large
 * file is read as it is sent, so it must not be one that is just being written.
 */
static bool keep(const struct reply *r)
{
    bool is_whole = r->rewritten || r->facts.size < SERVE_READ || has_useful_date(r);

    return r->node && is_whole &&
           modules_keep(r->conn->server->options.modules, r->node, r->request->target,
                   r->rewritten ? r->sent : r->facts.hash, r->version);
}

/* The head's headers that all answers for a file share. */
static struct strbuf *begin(const struct reply *r, int status)
{
    struct strbuf *b = answer_begin(r->conn, status);
    char date[HTTP_DATE_LEN + 1];
    uint64_t seq = newest_seq(r->conn->server);
    char timing[sizeof("orbit;desc=\"\";dur=") + HASH_HEX_LEN + 20];
    char hex[HASH_HEX_LEN + 1];
    int len;

    if (status != 304) {
        add_default(r->conn, b, STR("Content-Type"), r->type);
    }
    http_reply_header(b, STR("ETag"), strbuf_str(&r->etag));
    if (!r->injected && !r->rewritten) {
        http_date_format(mtime_s(r), date);
        http_reply_header(b, STR("Last-Modified"), (struct str){ date, HTTP_DATE_LEN });
        http_reply_header(b, STR("Accept-Ranges"), STR("bytes"));
    }
    bool kept = keep(r);

    add_default(r->conn, b, STR("Cache-Control"), kept ? KEPT : STR("no-cache"));
    if (kept) {
        /* as a worker, or by fetch(), the same URL is another answer */
        http_reply_header(b, STR("Vary"), STR("Sec-Fetch-Dest"));
    }
    hash_format(r->version, hex);
    len = snprintf(timing, sizeof(timing), "orbit;desc=\"%s\"", hex);
    if (seq > 0) {
        len += snprintf(timing + len, sizeof(timing) - (size_t)len, ";dur=%" PRIu64, seq);
    }
    http_reply_header(b, STR("Server-Timing"), (struct str){ timing, (size_t)len });
    add_configured(r->conn, b);
    return b;
}

static void send_not_modified(const struct reply *r)
{
    http_reply_end(begin(r, 304), -1);
    conn_send(r->conn);
}

static void send_bytes(const struct reply *r, struct str body)
{
    struct strbuf *b = begin(r, 200);

    http_reply_end(b, (int64_t)body.len);
    if (!r->conn->head_only) {
        strbuf_add(b, body);
    }
    conn_send(r->conn);
}

static bool is_same_version(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/*
 * Reads the whole file, up to `size` bytes; -errno, or how many there were. A short read that comes
 * to the size it is `known` by is its end: that it has not grown meanwhile shows in its facts after.
 */
static ssize_t read_whole(int fd, char *to, size_t size, size_t known)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = pread(fd, to + done, size - done, (off_t)done);

        if (got < 0 && errno != EINTR) {
            return -errno;
        }
        if (got == 0) {
            break;
        }
        done += got > 0 ? (size_t)got : 0;
        if (done == known && done < size) {
            break;
        }
    }
    return (ssize_t)done;
}

/* Reads all of the file together with the facts that are true of these bytes. */
static int read_stable(struct reply *r, char *to, size_t size, struct str *ret)
{
    struct files *files = r->conn->server->options.files;

    for (int i = 0; i < READ_TRIES; i++) {
        struct stat after;
        ssize_t got = read_whole(r->file.fd, to, size, (size_t)r->file.st.st_size);

        if (got < 0) {
            return (int)got;
        }
        if (fstat(r->file.fd, &after) < 0) {
            return -errno;
        }
        *ret = (struct str){ to, (size_t)got };
        if (is_same_version(&r->file.st, &after)) {
            return 0;
        }
        r->file.st = after;
        int result = files_look_open(files, r->file.path, r->file.fd, &after, &r->facts);

        if (result < 0) {
            return result;
        }
        r->version = r->facts.hash;
        make_etag(r);
    }
    return 0; /* written without a pause: the next change set brings another version */
}

static void fail(struct conn *conn)
{
    answer_text(conn, 500, STR("text/plain; charset=utf-8"), STR("the file cannot be read\n"));
}

/* "text/html; charset=..." as the document says; a name with odd bytes is left out. */
static struct str html_type(struct arena *a, const struct inject_place *place)
{
    switch (place->encoding) {
    case INJECT_UTF8: return STR("text/html; charset=utf-8");
    case INJECT_UTF16LE: return STR("text/html; charset=utf-16le");
    case INJECT_UTF16BE: return STR("text/html; charset=utf-16be");
    case INJECT_OTHER:
        for (size_t i = 0; i < place->charset.len; i++) {
            char c = place->charset.ptr[i];

            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                        c == '-' || c == '_' || c == '.' || c == ':' || c == '+')) {
                return STR("text/html");
            }
        }
        return place->charset.len > 0 && place->charset.len < 64
                       ? arena_printf(a, "text/html; charset=%.*s", STR_FMT(place->charset))
                       : STR("text/html");
    case INJECT_UNKNOWN: break;
    }
    return STR("text/html");
}

static bool mentions(struct str text, struct str word)
{
    bool found = false;

    for (size_t i = 0; !found && i + word.len <= text.len; i++) {
        found = (text.ptr[i] | ' ') == (word.ptr[0] | ' ') &&
                str_ieq(str_sub(text, i, i + word.len), word);
    }
    return found;
}

#define POLICY STR("Content-Security-Policy")

/* Whether answers have a content security policy. */
static bool sends_policy(const struct dev_server *server)
{
    const struct dev_server_options *o = &server->options;
    bool found = false;

    for (size_t i = 0; i < o->header_count && !found; i++) {
        found = str_ieq(str_sub(o->headers[i].name, 0, POLICY.len), POLICY);
    }
    return found;
}

/* Whether one may be the document's, which an import map needs a nonce for. */
static bool has_policy(const struct dev_server *server, struct str text)
{
    return sends_policy(server) || mentions(text, POLICY);
}

/*
 * Whether the client may put an import map into the document. One that a script of the document adds
 * would be the second, which not every browser takes. Who does not say what a request is for has an
 * origin that is not secure: such a page does not hear what it has loaded, and what a browser has kept
 * would be taken for what is there now.
 */
static bool may_have_map(const struct reply *r, const struct inject_place *place, struct str text)
{
    struct str dest;

    return http_header(r->request, STR("Sec-Fetch-Dest"), &dest) &&
           (place->nonce.len > 0 || !has_policy(r->conn->server, text)) &&
           !mentions(text, STR("importmap"));
}

/* Rewrites the module scripts of a document that a person navigates to. */
static struct str rewrite_document(struct reply *r, struct str bytes)
{
    struct dev_server *server = r->conn->server;
    struct inject_place place;

    if (!server->options.modules || !is_navigation(r->request) || r->file.path.len == 0 ||
            r->file.path.ptr[0] == '/') {
        return bytes;
    }
    inject_find(bytes, &place);
    if (place.encoding == INJECT_UTF16LE || place.encoding == INJECT_UTF16BE) {
        return bytes;
    }
    struct str text = modules_document(
            server->options.modules, r->file.path, bytes, &r->facts, &server->arena, &r->version);

    if (text.ptr != bytes.ptr) {
        r->rewritten = true;
        r->sent = hash_bytes(text);
    }
    if (place.has_policy || sends_policy(server)) {
        modules_carry_none(server->options.modules);
    }
    if (r->injected && may_have_map(r, &place, text)) {
        r->packages = modules_packages(server->options.modules, r->file.path, &server->arena);

        r->own = modules_own_versions(server->options.modules, r->file.path, &server->arena);
    }
    make_etag(r);
    return text;
}

static void send_document(struct reply *r)
{
    struct dev_server *server = r->conn->server;
    struct inject_place place;
    struct strbuf document;
    struct strbuf tag;
    struct strbuf out;
    struct str bytes = { 0 };
    /* one byte more than there is shows a file that grows */
    size_t size = (size_t)r->file.st.st_size + 1;

    strbuf_init(&document, DOCUMENT_MAX + 1);
    strbuf_init(&tag, TEXT_TAG_MAX);
    strbuf_init(&out, SERVE_ANSWER_MAX - PAGE_MAX);
    if (read_stable(r, strbuf_reserve(&document, size), size, &bytes) < 0) {
        fail(r->conn);
        goto out;
    }
    bytes = rewrite_document(r, bytes);
    inject_find(bytes, &place);
    r->type = html_type(&server->arena, &place);
    if (is_not_modified(r)) {
        send_not_modified(r);
    } else if (r->injected) {
        if (place.csp_blocks_connect) {
            log_debug(LOG_SERVE, "%.*s: its policy keeps the client from connecting: %.*s",
                    STR_FMT(r->file.path), STR_FMT(place.csp));
        }
        inject_write(&out, bytes, &place, add_tag(server, &tag, r->packages, r->own));
        send_bytes(r, strbuf_str(&out));
    } else {
        send_bytes(r, bytes);
    }
out:
    strbuf_finish(&document);
    strbuf_finish(&tag);
    strbuf_finish(&out);
}

/* Sends [from, from + len) of the file after a head that is ended here. */
static void send_part(struct reply *r, struct strbuf *b, uint64_t from, uint64_t len)
{
    struct conn *conn = r->conn;

    http_reply_end(b, (int64_t)len);
    if (!conn->head_only && len > 0) {
        conn->fd = r->file.fd;
        conn->file_at = from;
        conn->file_left = len;
        r->file.fd = -1;
    }
    conn_send(conn);
}

/* Answers for a range. False if the whole is to be sent. */
static bool send_range(struct reply *r)
{
    struct str range;
    uint64_t from = 0;
    uint64_t len = 0;
    struct strbuf *b;

    if (r->conn->head_only || !http_header(r->request, STR("Range"), &range) ||
            !is_range_valid(r)) {
        return false;
    }
    switch (http_range_parse(range, r->facts.size, &from, &len)) {
    case HTTP_RANGE_NONE: return false;
    case HTTP_RANGE_UNSATISFIABLE:
        b = begin(r, 416);
        http_reply_headerf(
                b, STR("Content-Range"), "bytes */%llu", (unsigned long long)r->facts.size);
        http_reply_end(b, 0);
        conn_send(r->conn);
        return true;
    case HTTP_RANGE_ONE: break;
    }
    b = begin(r, 206);
    http_reply_headerf(b, STR("Content-Range"), "bytes %llu-%llu/%llu", (unsigned long long)from,
            (unsigned long long)(from + len - 1), (unsigned long long)r->facts.size);
    send_part(r, b, from, len);
    return true;
}

/* Path and query of the page or module that asks, if it is of this origin. */
static struct str asker_of(const struct http_request *request)
{
    struct str referer;
    struct str host;

    if (!http_header(request, STR("referer"), &referer) ||
            !http_header(request, STR("host"), &host)) {
        return STR("");
    }
    size_t scheme = str_find_str(referer, STR("://"));
    struct str rest = str_skip(referer, scheme == STR_NONE ? referer.len : scheme + 3);

    rest = str_starts(rest, host) && str_starts(str_skip(rest, host.len), STR("/"))
                   ? str_skip(rest, host.len)
                   : STR("");
    (void)module_url_cut_packages(&rest, NULL);
    return rest;
}

static bool send_module(struct reply *r, const struct http_target *target);

/* `target`: of what may be a module; else NULL. */
static void send_file(struct reply *r, const struct http_target *target)
{
    struct dev_server *server = r->conn->server;
    struct hash seen = r->facts.hash;
    struct str bytes;

    if (is_not_modified(r)) {
        send_not_modified(r);
    } else if (send_range(r)) {
        return;
    } else if (r->facts.size >= SERVE_READ || r->conn->head_only) {
        send_part(r, begin(r, 200), 0, r->facts.size);
    } else if (read_stable(r, server->chunk, SERVE_READ, &bytes) == 0) {
        /* written since it was judged: it may be half of something now */
        if (hash_eq(seen, r->facts.hash) || !target || !send_module(r, target)) {
            send_bytes(r, bytes);
        }
    } else {
        fail(r->conn);
    }
}

static bool is_html(struct str path)
{
    struct str ext = path_ext(path);

    return str_ieq(ext, STR(".html")) || str_ieq(ext, STR(".htm"));
}

static bool wants_script(const struct http_request *request)
{
    static const struct str scripts[] = {
        STR_INIT("script"),
        STR_INIT("worker"),
        STR_INIT("sharedworker"),
        STR_INIT("serviceworker"),
    };
    struct str dest;

    if (http_header(request, STR("Sec-Fetch-Dest"), &dest)) {
        for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
            if (str_eq(dest, scripts[i])) {
                return true;
            }
        }
    }
    return false;
}

/* The origin of the page that asks, as guard_own_origin() says it; a proxy may have changed the Host. */
static struct str origin_of(struct arena *a, const struct http_request *request)
{
    struct str origin = guard_own_origin(a, request->host);
    struct str referer;

    return http_header(request, STR("Referer"), &referer) && !str_starts(referer, origin) ? STR("")
                                                                                          : origin;
}

/* A classic script is asked for without CORS, unless its element says crossorigin. */
static bool is_import(const struct http_request *request)
{
    struct str dest;
    struct str mode;

    return http_header(request, STR("Sec-Fetch-Dest"), &dest) && str_eq(dest, STR("script")) &&
           http_header(request, STR("Sec-Fetch-Mode"), &mode) && str_eq(mode, STR("cors"));
}

/* Answers with a text of ours instead of the file, if that is what the URL means. */
static bool send_module(struct reply *r, const struct http_target *target)
{
    struct dev_server *server = r->conn->server;
    struct modules *modules = server->options.modules;
    struct module_request request = {
        .url = r->request->target,
        .path = r->file.path,
        .fd = r->file.fd,
        .st = r->file.st,
        .facts = r->facts,
        .as_script = wants_script(r->request),
        .as_module = is_import(r->request),
        .as_any = !http_header(r->request, STR("Sec-Fetch-Dest"), NULL),
    };
    struct module_answer answer;

    request.origin = origin_of(&server->arena, r->request);
    if (!modules) {
        return false;
    }
    char asker_path[PATH_MAX];

    if (modules_have_maps(modules)) {
        request.asker = asker_of(r->request);
        (void)dev_server_resolve(
                server, request.asker, asker_path, sizeof(asker_path), &request.asker_path);
    }
    modules_answer(modules, &request, &server->arena, &answer);
    r->node = answer.node;
    if (answer.form == MODULE_PLAIN) {
        return false;
    }
    if (answer.form == MODULE_WAIT) {
        r->conn->state = CONN_HELD; /* the engine releases it */
        return true;
    }
    if (answer.form == MODULE_MISSING) {
        answer_missing(r->conn, r->request, target);
        return true;
    }
    r->rewritten = true;
    r->sent = answer.etag;
    r->version = answer.version;
    r->type = answer.type;
    make_etag(r);
    if (is_not_modified(r)) {
        send_not_modified(r);
    } else if (modules_answer_text(modules, &request, &server->arena, &answer)) {
        send_bytes(r, answer.text);
    } else {
        fail(r->conn);
    }
    return true;
}

static void answer_found(struct conn *conn, const struct http_request *request,
        const struct http_target *target, const struct found_file *found)
{
    struct dev_server *server = conn->server;
    struct reply r = { .conn = conn, .request = request, .file = *found };
    bool html = is_html(found->path) && found->st.st_size < DOCUMENT_MAX;

    strbuf_init(&r.etag, ETAG_MAX);
    if (files_look_open(server->options.files, found->path, found->fd, &found->st, &r.facts) < 0) {
        fail(conn);
    } else {
        r.version = r.facts.hash;
        r.injected = html && server->options.hmr && is_navigation(request);
        r.type = mime_type(found->path);
        make_etag(&r);
        /* what a person navigates to is a document, whatever its query says to an import */
        bool visited = html && is_navigation(request);

        if (visited || !send_module(&r, target)) {
            if (html && (r.injected || !http_header(request, STR("Range"), NULL))) {
                send_document(&r);
            } else {
                send_file(&r, visited ? NULL : target);
            }
        }
    }
    sys_close(r.file.fd);
    strbuf_finish(&r.etag);
}

/* Whether the answer has to wait: for the build, if what it makes is asked for or may come of it, or for what
 * decides on where names lead. */
static bool must_wait(const struct dev_server *server, const struct http_target *target,
        enum found found, const struct found_file *file)
{
    const struct dev_server_options *o = &server->options;
    bool made =
            found == FOUND_FILE ? file->artefact : str_ieq(path_ext(target->path), STR(".wasm"));

    return (found != FOUND_FOLDER && made && o->holds && o->holds(o->ctx, target->path)) ||
           (found == FOUND_FILE && o->modules && modules_is_unsettled(o->modules, file->path));
}

/*
 * A worker or worklet has no import map: what it imports, it comes to from its plain URL, and so it has to
 * be by its own, without a version. A service worker may not be redirected.
 */
static bool redirect_worker(struct conn *conn, const struct http_request *request)
{
    struct str plain = request->target;
    struct str dest;
    struct module_url url;

    if (!http_header(request, STR("Sec-Fetch-Dest"), &dest) ||
            (!str_eq(dest, STR("worker")) && !str_eq(dest, STR("sharedworker")) &&
                    !str_ends(dest, STR("worklet")))) {
        return false;
    }
    if (!module_url_cut_packages(&plain, NULL)) {
        module_url_parse(&conn->server->arena, request->target, &url);
        /* of .js files a page has no version: that is the worker's own parameter */
        if (!url.has_version || module_file_kind(url.path) == FILE_JS) {
            return false;
        }
        plain = url.key;
    }
    struct strbuf *b = answer_begin(conn, 307);

    http_reply_header(b, STR("Location"), plain);
    http_reply_header(b, STR("Cache-Control"), STR("no-store"));
    http_reply_end(b, 0);
    conn_send(conn);
    return true;
}

void file_answer(
        struct conn *conn, const struct http_request *request, const struct http_target *target)
{
    struct found_file file;

    if (redirect_worker(conn, request)) {
        return;
    }
    enum found found = static_file_find(conn->server, target, is_navigation(request), &file);

    if (must_wait(conn->server, target, found, &file)) {
        sys_close(file.fd);
        conn->state = CONN_HELD;
        return;
    }
    switch (found) {
    case FOUND_NOTHING: answer_missing(conn, request, target); break;
    case FOUND_FOLDER: answer_folder(conn, target); break;
    case FOUND_FILE: answer_found(conn, request, target, &file); break;
    }
}
