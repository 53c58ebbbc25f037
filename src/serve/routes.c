/* SPDX-License-Identifier: MIT */
/*
 * Which request means what.
 *
 * The order is the point: who asks (Host) comes before what is asked, and the
 * endpoints ask for origin and token before they look at anything else.
 */
#include "serve/routes.h"

#include "base/path.h"
#include "base/sys.h"
#include "http/http_reply.h"
#include "http/mime.h"
#include "modules/module_url.h"
#include "modules/modules.h"
#include "modules/node_stub.h"
#include "serve/client_files.h"
#include "serve/conn.h"
#include "serve/events.h"
#include "serve/file_answer.h"
#include "serve/hub.h"
#include "serve/proxy.h"
#include "serve/static_file.h"
#include "ws/ws_frame.h"

#define TEXT STR("text/plain; charset=utf-8")
#define JSON STR("application/json")

enum {
    MESSAGE_MAX = 2048,
    PLACE_MAX = 100000000,      /* a line or column */
    NODE_STUB_MAX = 256 * 1024, /* bytes of a stand-in for a part of Node */
};

static void answer_status(struct conn *conn, int status, struct str text)
{
    answer_text(conn, status, TEXT, text);
}

static void answer_empty(struct conn *conn, int status)
{
    struct strbuf *b = answer_begin(conn, status);

    http_reply_header(b, STR("Cache-Control"), STR("no-store"));
    /* 204 has no body and so no length */
    http_reply_end(b, status == 204 ? -1 : 0);
    conn_send(conn);
}

static void answer_method(struct conn *conn, struct str allow)
{
    struct strbuf *b = answer_begin(conn, 405);

    http_reply_header(b, STR("Allow"), allow);
    http_reply_end(b, 0);
    conn_send(conn);
}

void routes_malformed(struct conn *conn, int status)
{
    struct str reason = http_reason(status);
    struct strbuf text;

    strbuf_init(&text, MESSAGE_MAX);
    strbuf_add(&text, reason);
    strbuf_addc(&text, '\n');
    answer_status(conn, status, strbuf_str(&text));
    strbuf_finish(&text);
}

static void answer_foreign_host(struct conn *conn, struct str host)
{
    struct strbuf text;

    strbuf_init(&text, MESSAGE_MAX);
    strbuf_add(&text, STR("the host '"));
    strbuf_add_printable(&text, str_sub(host, 0, 256));
    strbuf_add(&text, STR("' is not allowed; if it is yours, add its name to allowed_hosts in "
                          "the [dev_server] section of orbiton.toml\n"));
    answer_status(conn, 403, strbuf_str(&text));
    strbuf_finish(&text);
}

/* Whether the Origin is ours or there is none; answers 403 if not. */
static bool check_origin(struct conn *conn, const struct http_request *request)
{
    struct str origin;

    if (!http_header(request, STR("Origin"), &origin) ||
            guard_origin(&conn->server->guard, origin, request->host)) {
        return true;
    }
    answer_status(conn, 403,
            STR("this origin may not connect; open the page from orbiton's own "
                "address, or add its name to allowed_hosts\n"));
    return false;
}

static bool check_token(struct conn *conn, struct str token)
{
    if (guard_token(token, str_from(conn->server->token))) {
        return true;
    }
    answer_status(conn, 403, STR("the token is missing or of another run; reload the page\n"));
    return false;
}

static struct str query_get(struct conn *conn, const struct http_target *target, struct str name)
{
    struct str value = { 0 };

    return http_query_get(&conn->server->arena, target->query, name, &value) ? value : STR("");
}

static struct str token_header(const struct http_request *request)
{
    struct str value = { 0 };

    return http_header(request, STR("X-Orbit-Token"), &value) ? value : STR("");
}

static bool is_get(const struct http_request *request)
{
    return str_eq(request->method, STR("GET"));
}

static bool is_reading(const struct http_request *request)
{
    return is_get(request) || str_eq(request->method, STR("HEAD"));
}

static void answer_client_file(
        struct conn *conn, const struct http_request *request, const struct client_file *file)
{
    struct str value;
    bool same = http_header(request, STR("If-None-Match"), &value) &&
                http_etag_matches(value, file->etag);

    if (!is_reading(request)) {
        answer_method(conn, STR("GET, HEAD"));
        return;
    }
    struct strbuf *b = answer_begin(conn, same ? 304 : 200);

    if (!same) {
        http_reply_header(b, STR("Content-Type"), mime_type(file->name));
    }
    http_reply_header(b, STR("ETag"), file->etag);
    http_reply_header(b, STR("Cache-Control"), STR("no-cache"));
    http_reply_end(b, same ? -1 : (int64_t)file->bytes.len);
    if (!same && !conn->head_only) {
        strbuf_add(b, file->bytes);
    }
    conn_send(conn);
}

static void answer_socket(
        struct conn *conn, const struct http_request *request, const struct http_target *target)
{
    char accept[WS_ACCEPT_LEN + 1];
    struct str version = { 0 };
    struct str key = { 0 };
    struct strbuf head;

    if (!is_get(request)) {
        answer_method(conn, STR("GET"));
        return;
    }
    if (!check_origin(conn, request) || !check_token(conn, query_get(conn, target, STR("token")))) {
        return;
    }
    (void)http_header(request, STR("Sec-WebSocket-Version"), &version); /* empty: not 13 */
    if (!request->upgrade_websocket || request->minor < 1 || !str_eq(version, STR("13"))) {
        conn->keep_alive = false;
        struct strbuf *b = answer_begin(conn, 426);

        http_reply_header(b, STR("Upgrade"), STR("websocket"));
        http_reply_header(b, STR("Sec-WebSocket-Version"), STR("13"));
        http_reply_end(b, 0);
        conn_send(conn);
        return;
    }
    if (!http_header(request, STR("Sec-WebSocket-Key"), &key) || !ws_accept_key(key, accept)) {
        conn->keep_alive = false;
        answer_status(conn, 400, STR("Sec-WebSocket-Key is missing or malformed\n"));
        return;
    }
    strbuf_init(&head, MESSAGE_MAX);
    strbuf_add(&head, STR("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Accept: "));
    strbuf_add(&head, (struct str){ accept, WS_ACCEPT_LEN });
    strbuf_add(&head, STR("\r\n\r\n"));
    struct str own = guard_own_origin(&conn->server->arena, request->host);
    struct str origin = { 0 };

    (void)http_header(request, STR("Origin"), &origin); /* programs have none */
    hub_add(conn, true, str_eq(origin, own) ? own : STR(""), strbuf_str(&head));
    strbuf_finish(&head);
}

static void answer_events(
        struct conn *conn, const struct http_request *request, const struct http_target *target)
{
    if (!is_get(request)) {
        answer_method(conn, STR("GET"));
    } else if (check_origin(conn, request) &&
               check_token(conn, query_get(conn, target, STR("token")))) {
        events_answer(conn);
    }
}

/* The checks that every POST has to pass. */
static bool check_post(struct conn *conn, const struct http_request *request)
{
    if (!str_eq(request->method, STR("POST"))) {
        answer_method(conn, STR("POST"));
        return false;
    }
    return check_origin(conn, request) && check_token(conn, token_header(request));
}

static void answer_send(
        struct conn *conn, const struct http_request *request, const struct http_target *target)
{
    uint64_t id = 0;

    if (!check_post(conn, request)) {
        return;
    }
    if (request->content_length > WS_MESSAGE_MAX) {
        answer_status(conn, 413, STR("the message is too long\n"));
    } else if (!str_parse_u64(query_get(conn, target, STR("page")), &id) ||
               !hub_find(conn->server, id)) {
        answer_status(conn, 404, STR("no such page is connected\n"));
    } else {
        conn->body_page = id;
        conn_want_body(conn, request, BODY_SEND);
    }
}

/* Cuts ":NUMBER" from the end. */
static bool cut_number(struct str *path, unsigned *ret)
{
    size_t colon = str_rfind(*path, ':');
    uint64_t number;

    if (colon == STR_NONE || !str_parse_u64(str_skip(*path, colon + 1), &number) ||
            number > PLACE_MAX) {
        return false;
    }
    *path = str_sub(*path, 0, colon);
    *ret = (unsigned)number;
    return true;
}

static bool parse_place(struct conn *conn, struct str file, struct str *ret_path,
        unsigned *ret_line, unsigned *ret_col)
{
    struct str root = files_root(conn->server->options.files);
    unsigned last = 0;
    unsigned first = 0;

    if (cut_number(&file, &last)) {
        bool both = cut_number(&file, &first);

        *ret_line = both ? first : last;
        *ret_col = both ? last : 0;
    }
    (void)module_url_cut_packages(&file, NULL);
    if (str_starts(file, root) && file.len > root.len && file.ptr[root.len] == '/') {
        file = str_skip(file, root.len + 1);
    } else if (str_starts(file, STR("/"))) {
        file = str_skip(file, 1);
    }
    return path_normalise(&conn->server->arena, file, ret_path) && ret_path->len > 0;
}

static void answer_open(
        struct conn *conn, const struct http_request *request, const struct http_target *target)
{
    struct dev_server *server = conn->server;
    uint64_t now = uv_now(server->loop);
    struct str path;
    unsigned line = 0;
    unsigned col = 0;
    struct stat st;

    if (!check_post(conn, request)) {
        return;
    }
    if (!parse_place(conn, query_get(conn, target, STR("file")), &path, &line, &col)) {
        answer_status(conn, 400, STR("file is not PATH:LINE:COL\n"));
        return;
    }
    int fd = static_file_open(server, path, &st);

    if (fd < 0) {
        answer_status(conn, 404, STR("no such file\n"));
        return;
    }
    sys_close(fd);
    if (server->editor_ms != 0 && now - server->editor_ms < SERVE_EDITOR_MS) {
        answer_status(conn, 429, STR("an editor was opened a moment ago\n"));
        return;
    }
    server->editor_ms = now > 0 ? now : 1;
    if (server->options.on_open_editor) {
        server->options.on_open_editor(server->options.ctx, path, line, col);
    }
    conn_want_body(conn, request, BODY_OPEN);
}

static void answer_token(struct conn *conn, const struct http_request *request)
{
    struct str site;
    struct strbuf json;

    if (!is_get(request)) {
        answer_method(conn, STR("GET"));
        return;
    }
    if (http_header(request, STR("Sec-Fetch-Site"), &site) && !str_eq(site, STR("same-origin"))) {
        answer_status(conn, 403, STR("only pages of this origin may ask\n"));
        return;
    }
    if (!check_origin(conn, request)) {
        return;
    }
    strbuf_init(&json, MESSAGE_MAX);
    strbuf_add(&json, STR("{\"token\":"));
    strbuf_add_json(&json, str_from(conn->server->token));
    strbuf_add(&json, STR("}\n"));
    answer_text(conn, 200, JSON, strbuf_str(&json));
    strbuf_finish(&json);
}

static void answer_sync(struct conn *conn, const struct http_request *request)
{
    struct dev_server *server = conn->server;

    if (!is_get(request)) {
        answer_method(conn, STR("GET"));
    } else if (check_origin(conn, request)) {
        conn->state = CONN_SYNC;
        conn->ticket = ++server->last_ticket;
        if (server->options.on_sync) {
            server->options.on_sync(server->options.ctx, conn->ticket);
        } else {
            dev_server_sync_done(server, conn->ticket, STR("{}"));
        }
    }
}

static unsigned query_number(struct conn *conn, const struct http_target *target, struct str name)
{
    uint64_t number = 0;

    return str_parse_u64(query_get(conn, target, name), &number) && number <= PLACE_MAX
                   ? (unsigned)number
                   : 0;
}

/* A question of the inspector, a command or a page: the engine answers by the ticket. */
static void answer_ask(struct conn *conn, const struct http_request *request,
        const struct http_target *target, enum ask_kind kind)
{
    struct dev_server *server = conn->server;
    struct dev_server_ask ask = { .kind = kind,
        .epoch = query_get(conn, target, STR("epoch")),
        .url = query_get(conn, target, STR("url")),
        .hash = query_get(conn, target, STR("hash")),
        .line = query_number(conn, target, STR("line")),
        .col = query_number(conn, target, STR("col")) };

    if (!is_get(request)) {
        answer_method(conn, STR("GET"));
        return;
    }
    if (!check_origin(conn, request) || !check_token(conn, query_get(conn, target, STR("token")))) {
        return;
    }
    if (kind == ASK_EXPLAIN &&
            (!path_normalise(&server->arena, query_get(conn, target, STR("file")), &ask.file) ||
                    ask.file.len == 0)) {
        answer_status(conn, 400, STR("file is not a path of the project\n"));
        return;
    }
    (void)str_parse_u64(query_get(conn, target, STR("after")), &ask.after); /* absent: 0 */
    conn->state = CONN_SYNC;
    conn->ticket = ++server->last_ticket;
    ask.ticket = conn->ticket;
    if (server->options.on_ask) {
        server->options.on_ask(server->options.ctx, &ask);
    } else {
        dev_server_sync_done(server, ask.ticket, STR("{}"));
    }
}

/* GET /__orbit/text/HASH: a text that was served, for a page that compares it with the present. */
static void answer_kept_text(struct conn *conn, const struct http_request *request,
        const struct http_target *target, struct str hex)
{
    struct modules *modules = conn->server->options.modules;
    struct hash hash;
    struct str text;

    if (!is_get(request)) {
        answer_method(conn, STR("GET"));
        return;
    }
    if (!check_origin(conn, request) || !check_token(conn, query_get(conn, target, STR("token")))) {
        return;
    }
    if (!modules || !hash_parse(hex, &hash) ||
            !modules_text(modules, hash, &conn->server->arena, &text)) {
        answer_status(conn, 404, STR("this text is not kept\n"));
        return;
    }
    answer_text(conn, 200, TEXT, text);
}

/* GET /__orbit/node: what stands in for a part of Node. */
static void answer_node_stub(
        struct conn *conn, const struct http_request *request, const struct http_target *target)
{
    struct strbuf text;

    if (!is_reading(request)) {
        answer_method(conn, STR("GET, HEAD"));
        return;
    }
    strbuf_init(&text, NODE_STUB_MAX);
    if (!node_stub_text(&text, query_get(conn, target, STR("name")),
                query_get(conn, target, STR("by")), query_get(conn, target, STR("names"))) ||
            text.overflow) {
        answer_status(conn, 404, STR("this is no part of Node\n"));
    } else {
        answer_text(conn, 200, STR("text/javascript; charset=utf-8"), strbuf_str(&text));
    }
    strbuf_finish(&text);
}

static void answer_endpoint(struct conn *conn, const struct http_request *request,
        const struct http_target *target, struct str name)
{
    bool hmr = conn->server->options.hmr;
    /* CommonJS needs its part of the client with and without hot replacement */
    const struct client_file *file =
            hmr || str_eq(name, STR("cjs.js"))
                    ? client_file_find(name.len > 0 ? name : STR("index.html"))
                    : NULL;

    if (file) {
        answer_client_file(conn, request, file);
    } else if (hmr && str_eq(name, STR("ws"))) {
        answer_socket(conn, request, target);
    } else if (hmr && str_eq(name, STR("events"))) {
        answer_events(conn, request, target);
    } else if (hmr && str_eq(name, STR("send"))) {
        answer_send(conn, request, target);
    } else if (hmr && str_starts(name, STR("text/"))) {
        answer_kept_text(conn, request, target, str_skip(name, 5));
    } else if (hmr && str_eq(name, STR("token"))) {
        answer_token(conn, request);
    } else if (str_eq(name, STR("node"))) {
        answer_node_stub(conn, request, target);
    } else if (str_eq(name, STR("state"))) {
        answer_ask(conn, request, target, ASK_STATE);
    } else if (str_eq(name, STR("why"))) {
        answer_ask(conn, request, target, ASK_WHY);
    } else if (str_eq(name, STR("explain"))) {
        answer_ask(conn, request, target, ASK_EXPLAIN);
    } else if (str_eq(name, STR("place"))) {
        answer_ask(conn, request, target, ASK_PLACE);
    } else if (str_eq(name, STR("open"))) {
        answer_open(conn, request, target);
    } else if (str_eq(name, STR("sync"))) {
        answer_sync(conn, request);
    } else {
        answer_status(conn, 404, STR("no such endpoint\n"));
    }
}

/* What is asked of orbiton itself, which no rule hands to anybody. */
static bool is_own(struct str path)
{
    return path_is_below(path, STR("__orbit")) || str_eq(path, STR("__orbit_hmr_client.js")) ||
           str_eq(path, STR("__open-in-editor"));
}

/* Whether the request waits for vite.config, which may hand it to another server: it is no file of the project. */
static bool waits_for_rules(
        struct conn *conn, const struct http_request *request, const struct http_target *target)
{
    struct modules *modules = conn->server->options.modules;
    struct found_file file = { .fd = -1 };

    if (!modules || !modules_is_unsettled(modules, STR("x.js"))) {
        return false;
    }
    bool found = target && is_reading(request) &&
                 static_file_find(conn->server, target, false, &file) != FOUND_NOTHING;

    sys_close(file.fd);
    return !found;
}

/* Whether a person was led here by another site's link or form (a login), in a tab of his own: no page that reads from
 * us. What a rule adds to a request may be a right that such a form does not have. */
static bool is_led_here(const struct http_request *request, const struct proxy_way *way)
{
    struct str mode = { 0 };
    struct str dest = { 0 };

    (void)http_header(request, STR("Sec-Fetch-Mode"), &mode);
    (void)http_header(request, STR("Sec-Fetch-Dest"), &dest);
    return str_eq(mode, STR("navigate")) && str_eq(dest, STR("document")) &&
           !request->upgrade_websocket && (is_reading(request) || way->rule.headers.len == 0);
}

/* Has another server answer, if a rule says so. `target` is NULL for one that is none for us. */
static bool hand_over(struct conn *conn, const struct http_request *request, struct str text,
        const struct http_target *target)
{
    struct proxy_way *way;

    if (target ? is_own(target->path) : str_find_str(text, STR("__orbit")) != STR_NONE) {
        return false;
    }
    way = proxy_rules_find(
            conn->server->proxy, &conn->server->arena, text, request->upgrade_websocket);
    if (!way) {
        if (!waits_for_rules(conn, request, target)) {
            return false;
        }
        conn->state = CONN_HELD;
        return true;
    }
    if (is_led_here(request, way) || check_origin(conn, request)) {
        proxy_begin(conn, request, text, way);
    }
    return true;
}

static void route(
        struct conn *conn, const struct http_request *request, const struct http_target *target)
{
    struct str prefix = STR("__orbit/");

    if (str_starts(target->path, prefix)) {
        answer_endpoint(conn, request, target, str_skip(target->path, prefix.len));
    } else if (str_eq(target->path, STR("__orbit"))) {
        answer_endpoint(conn, request, target, STR(""));
    } else if (str_eq(target->path, STR("__orbit_hmr_client.js"))) {
        answer_endpoint(conn, request, target, STR("client.js"));
    } else if (str_eq(target->path, STR("__open-in-editor"))) {
        answer_open(conn, request, target);
    } else if (!is_reading(request)) {
        answer_method(conn, STR("GET, HEAD"));
    } else {
        file_answer(conn, request, target);
    }
}

void routes_handle(struct conn *conn, const struct http_request *request)
{
    struct dev_server *server = conn->server;
    struct http_target target;
    struct str site = { 0 };
    struct str mode = { 0 };

    if (request->chunked || request->content_length > 0) {
        /* only an endpoint that wants the body reads it; after any other answer the rest of the
         * stream has no meaning. conn_want_body() keeps the connection alive again. */
        conn->keep_alive = false;
    }
    if (!guard_host(&server->guard, request->host) &&
            !dev_server_learn_address(server, request->host)) {
        answer_foreign_host(conn, request->host);
        return;
    }
    struct str plain = request->target;

    /* below another URL in a page, the same file */
    (void)module_url_cut_packages(&plain, NULL);
    bool good = http_target_parse(&server->arena, plain, request->host, &target);

    (void)http_header(request, STR("Sec-Fetch-Site"), &site); /* absent: not a browser of today */
    (void)http_header(request, STR("Sec-Fetch-Mode"), &mode);
    if (guard_is_foreign_include(site, mode)) {
        answer_status(conn, 403, STR("another site may not include this one\n"));
    } else if (hand_over(conn, request, plain, good ? &target : NULL)) {
        return;
    } else if (good) {
        route(conn, request, &target);
    } else {
        routes_malformed(conn, 400);
    }
}

void routes_body(struct conn *conn, struct str body)
{
    struct dev_server *server = conn->server;
    struct page *page;

    if (conn->body_use == BODY_OPEN) {
        answer_empty(conn, 204);
        return;
    }
    if (body.len > WS_MESSAGE_MAX || !str_is_utf8(body)) {
        answer_status(conn, body.len > WS_MESSAGE_MAX ? 413 : 400,
                STR("the message is too long or not UTF-8\n"));
        return;
    }
    page = hub_find(server, conn->body_page);
    if (!page) {
        answer_status(conn, 404, STR("no such page is connected\n"));
        return;
    }
    if (server->options.on_page_message) {
        server->options.on_page_message(server->options.ctx, page->id, body);
    }
    if (conn->state != CONN_CLOSED) {
        answer_empty(conn, 204);
    }
}
