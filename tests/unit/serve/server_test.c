/* SPDX-License-Identifier: MIT */
/* What transcripts cannot say: waiting, slow readers, limits, and the server's end. */
#include "clients.h"

#include "serve/static_file.h"

TEST(server_holds_artefacts_while_a_build_runs)
{
    struct world w;

    world_init(&w);
    w.building = true;
    world_start(&w);
    struct client *a = client_open(&w);
    struct client *b = client_open(&w);
    struct client *gone = client_open(&w);

    ask(&w, gone, "GET", "/app.wasm", "");
    ask(&w, a, "GET", "/app.wasm", "");
    ask(&w, a, "GET", "/other.wasm", "");
    ask(&w, a, "GET", "/x.js", "");
    /* what the build does not make is answered meanwhile */
    write_file(&w, "real.wasm", STR("real"));
    ask(&w, b, "GET", "/real.wasm", "");
    world_until(&w, has(b, "real"));
    ask(&w, b, "GET", "/x.js", "");
    world_until(&w, has(b, "404"));
    assert_int_equal(a->in.len, 0);
    /* still running: nothing is answered */
    dev_server_release(w.server);
    ask(&w, b, "GET", "/x.js?2", "");
    strbuf_reset(&b->in);
    world_until(&w, has(b, "404"));
    assert_int_equal(a->in.len, 0);
    client_close(&w, gone);

    write_file(&w, "target/CACHEDIR.TAG", STR(""));
    write_file(&w, "target/app.wasm", STR("built"));
    w.artefact = "target/app.wasm";
    w.building = false;
    dev_server_release(w.server);
    world_until(&w, has(a, "x.js"));
    assert_true(has(a, "HTTP/1.1 200 OK\r\n"));
    assert_true(has(a, "Content-Type: application/wasm\r\n"));
    assert_true(has(a, "built"));
    assert_true(has(a, "/other.wasm"));
    client_close(&w, a);
    client_close(&w, b);
    world_finish(&w);
}

TEST(server_serves_an_artefact_outside_of_the_root)
{
    struct world w;
    char path[128];

    world_init(&w);
    world_start(&w);
    write_file(&w, ".outside/app.wasm", STR("elsewhere"));
    (void)snprintf(path, sizeof(path), "%s/.outside/app.wasm", w.dir);
    w.artefact = path;
    struct client *c = client_open(&w);

    ask(&w, c, "GET", "/app.wasm", "");
    world_until(&w, has(c, "elsewhere"));
    client_close(&w, c);
    world_finish(&w);
}

/* A listener whose queue is full: the kernel lets who comes then wait. */
static int full_listener(struct sockaddr_in *ret_name, int *ret_first)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t len = sizeof(*ret_name);

    assert_int_equal(uv_ip4_addr("127.0.0.1", 0, ret_name), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)ret_name, len), 0);
    assert_int_equal(listen(fd, 0), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)ret_name, &len), 0);
    *ret_first = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(*ret_first, (struct sockaddr *)ret_name, len), 0);
    return fd;
}

TEST(server_gives_up_a_proxied_target_that_does_not_take_the_connection)
{
    struct world w;
    struct sockaddr_in name;
    int first;
    int fd = full_listener(&name, &first);
    char target[64];
    struct dev_server_proxy rule = { .path = STR("/api"), .source = STR("a test") };

    (void)snprintf(target, sizeof(target), "http://127.0.0.1:%u", ntohs(name.sin_port));
    rule.target = str_from(target);
    world_init(&w);
    w.options.proxies = &rule;
    w.options.proxy_count = 1;
    world_start(&w);
    struct client *c = client_open(&w);
    struct client *other = client_open(&w);

    ask(&w, c, "GET", "/api/x", "");
    ask(&w, c, "GET", "/behind", "");
    ask(&w, other, "GET", "/none", "");
    world_until(&w, has(other, "404"));
    assert_int_equal(c->in.len, 0);
    let_time_pass(&w);
    world_until(&w, has(c, "404"));
    assert_true(has(c, "HTTP/1.1 502 Bad Gateway\r\n"));
    assert_true(
            has(c, "cannot connect: connection timed out; it is the target of '/api' in a test"));
    /* and the server ends while one waits for a connection */
    client_close(&w, other);
    other = client_open(&w);
    ask(&w, c, "GET", "/api/y", "");
    ask(&w, other, "GET", "/none", "");
    world_until(&w, has(other, "404"));
    client_close(&w, other);
    dev_server_destroy(w.server);
    world_until(&w, c->ended);
    client_close(&w, c);
    w.server = NULL;
    world_finish(&w);
    (void)close(first);
    (void)close(fd);
}

TEST(server_sync_waits_for_the_engine)
{
    struct world w;

    world_init(&w);
    world_start(&w);
    struct client *c = client_open(&w);
    struct client *gone = client_open(&w);

    ask(&w, gone, "GET", "/__orbit/sync", "");
    world_until(&w, w.syncs == 1);
    uint64_t first = w.ticket;

    ask(&w, c, "GET", "/__orbit/sync", "");
    ask(&w, c, "GET", "/behind", "");
    world_until(&w, w.syncs == 2);
    assert_int_equal(c->in.len, 0);
    client_close(&w, gone);
    dev_server_sync_done(w.server, first, STR("{\"late\":1}"));
    dev_server_sync_done(w.server, 12345, STR("{}"));
    dev_server_sync_done(w.server, w.ticket, STR("{\"seq\":7}"));
    world_until(&w, has(c, "/behind"));
    assert_true(has(c, "Content-Type: application/json\r\n"));
    assert_true(has(c, "{\"seq\":7}HTTP/1.1 404"));
    assert_false(has(c, "late"));
    client_close(&w, c);
    world_finish(&w);
}

TEST(server_open_tells_the_place)
{
    struct world w;
    char more[256];

    world_init(&w);
    world_start(&w);
    write_file(&w, "src/a.js", STR("1"));
    struct client *c = client_open(&w);

    (void)snprintf(
            more, sizeof(more), "X-Orbit-Token: %.*s\r\n", STR_FMT(dev_server_token(w.server)));
    ask(&w, c, "POST", "/__orbit/open?file=src%2Fa.js%3A12%3A5", more);
    world_until(&w, has(c, "204"));
    assert_str(strbuf_str(&w.edited), STR("src/a.js:12:5\n"));
    client_close(&w, c);
    world_finish(&w);
}

TEST(server_open_knows_all_ways_to_write_a_place)
{
    static const struct {
        const char *file;
        const char *place;
    } cases[] = {
        { "src/a.js", "src/a.js:0:0\n" },
        { "/src/a.js:3", "src/a.js:3:0\n" },
        { "./src/../src/a.js:3:4", "src/a.js:3:4\n" },
        { "ROOT/src/a.js:1:2", "src/a.js:1:2\n" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct world w;
        char more[256];
        char target[256];
        bool root = strncmp(cases[i].file, "ROOT", 4) == 0;

        world_init(&w);
        world_start(&w);
        write_file(&w, "src/a.js", STR("1"));
        struct client *c = client_open(&w);

        (void)snprintf(
                more, sizeof(more), "X-Orbit-Token: %.*s\r\n", STR_FMT(dev_server_token(w.server)));
        (void)snprintf(target, sizeof(target), "/__open-in-editor?file=%s%s", root ? w.dir : "",
                cases[i].file + (root ? 4 : 0));
        ask(&w, c, "POST", target, more);
        world_until(&w, has(c, "204"));
        assert_str(strbuf_str(&w.edited), str_from(cases[i].place));
        client_close(&w, c);
        world_finish(&w);
    }
}

TEST(server_slow_reader_does_not_stall_others)
{
    static char big[16 * 1024 * 1024];
    struct world w;

    for (size_t i = 0; i < sizeof(big); i++) {
        big[i] = (char)('a' + i / 7 % 26);
    }
    world_init(&w);
    world_start(&w);
    write_file(&w, "big.bin", (struct str){ big, sizeof(big) });
    write_file(&w, "small.txt", STR("small"));
    struct client *slow = client_open(&w);
    struct client *other = client_open(&w);

    client_read(slow, false);
    ask(&w, slow, "GET", "/big.bin", "");
    ask(&w, slow, "GET", "/small.txt", "");
    for (int i = 0; i < 10; i++) {
        strbuf_reset(&other->in);
        ask(&w, other, "GET", "/small.txt", "");
        world_until(&w, has(other, "small"));
    }
    client_read(slow, true);
    world_until(&w, slow->in.len > sizeof(big) && has(slow, "\r\n\r\nsmall"));
    struct str body = str_skip(
            strbuf_str(&slow->in), str_find_str(strbuf_str(&slow->in), STR("\r\n\r\n")) + 4);

    assert_true(str_eq(str_sub(body, 0, sizeof(big)), (struct str){ big, sizeof(big) }));
    client_close(&w, slow);
    client_close(&w, other);
    world_finish(&w);
}

struct fairness {
    struct world w;
    size_t left; /* of the other's file, when the engine was asked */
    bool asked;
};

static void on_fair_sync(void *ctx, uint64_t ticket)
{
    struct fairness *f = ctx;

    for (struct conn *conn = f->w.server->conns; conn; conn = conn->next) {
        f->left += (size_t)conn->file_left;
    }
    f->asked = true;
    dev_server_sync_done(f->w.server, ticket, STR("{}"));
}

TEST(server_long_file_gives_way_after_some_chunks)
{
    enum { SIZE = 16 * 1024 * 1024, CHUNKS = 6 };
    static char big[SIZE];
    static struct fairness f;

    world_init(&f.w);
    f.w.options.ctx = &f;
    f.w.options.on_sync = on_fair_sync;
    world_start(&f.w);
    write_file(&f.w, "big.bin", (struct str){ big, SIZE });
    struct client *first = client_open(&f.w);
    struct client *second = client_open(&f.w);

    /* both are known to the loop, so the kernel reports them in the order in which they ask */
    ask(&f.w, first, "GET", "/none", "");
    ask(&f.w, second, "GET", "/none", "");
    world_until(&f.w, has(first, "404") && has(second, "404"));
    ask(&f.w, first, "GET", "/big.bin", "");
    ask(&f.w, second, "GET", "/__orbit/sync", "");
    world_until(&f.w, f.asked);
    assert_true(f.left >= SIZE - CHUNKS * SERVE_READ);
    assert_true(f.left < SIZE);
    client_close(&f.w, first);
    client_close(&f.w, second);
    world_finish(&f.w);
}

TEST(server_survives_readers_that_leave)
{
    static char big[4 * 1024 * 1024];
    struct world w;

    world_init(&w);
    world_start(&w);
    write_file(&w, "big.bin", (struct str){ big, sizeof(big) });
    for (int i = 0; i < 10; i++) {
        struct client *c = client_open(&w);

        client_read(c, false);
        ask(&w, c, "GET", "/big.bin", "");
        if (i % 2 == 0) {
            client_read(c, true);
            world_until(&w, c->in.len > 0);
        }
        client_close(&w, c);
    }
    world_until(&w, count_connections(&w) == 0);
    world_finish(&w);
}

TEST(server_answers_a_peer_that_has_closed_its_side)
{
    static char big[16 * 1024 * 1024];
    struct world w;
    uv_shutdown_t shutdown;

    world_init(&w);
    world_start(&w);
    write_file(&w, "big.bin", (struct str){ big, sizeof(big) });
    struct client *c = client_open(&w);

    client_read(c, false);
    ask(&w, c, "GET", "/big.bin", "");
    assert_int_equal(uv_shutdown(&shutdown, (uv_stream_t *)&c->tcp, NULL), 0);
    /* more than the kernel takes at once, so the answer is under way when the end is seen */
    world_until(&w, w.server->conns && w.server->conns->eof);
    client_read(c, true);
    world_until(&w, c->ended);
    assert_true(c->in.len > sizeof(big));
    assert_int_equal(c->error, 0);
    client_close(&w, c);
    world_finish(&w);
}

TEST(server_serves_what_is_on_disk_now)
{
    struct world w;
    char etag[64];

    world_init(&w);
    world_start(&w);
    struct client *c = client_open(&w);

    etag[0] = '\0';
    for (int i = 0; i < 20; i++) {
        char text[32];
        char found[64];

        (void)snprintf(text, sizeof(text), "version %02d", i);
        write_file(&w, "a.txt", str_from(text));
        strbuf_reset(&c->in);
        ask(&w, c, "GET", "/a.txt", "");
        world_until(&w, has(c, text));
        struct str rest =
                str_skip(strbuf_str(&c->in), str_find_str(strbuf_str(&c->in), STR("ETag: ")) + 6);

        (void)snprintf(found, sizeof(found), "%.*s", 34, rest.ptr);
        assert_string_not_equal(found, etag);
        memcpy(etag, found, sizeof(etag));
    }
    client_close(&w, c);
    world_finish(&w);
}

TEST(server_without_hmr_injects_nothing)
{
    struct world w;

    world_init(&w);
    w.options.hmr = false;
    world_start(&w);
    write_file(&w, "index.html", STR("<p>plain</p>"));
    struct client *c = client_open(&w);

    ask(&w, c, "GET", "/", "Accept: text/html\r\n");
    world_until(&w, has(c, "plain"));
    assert_false(has(c, "__orbit"));
    strbuf_reset(&c->in);
    ask(&w, c, "GET", "/__orbit/client.js", "");
    world_until(&w, has(c, "404"));
    strbuf_reset(&c->in);
    ask(&w, c, "GET", with_token(&w, "/__orbit/ws?token="),
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    world_until(&w, has(c, "404"));
    client_close(&w, c);
    world_finish(&w);
}

TEST(server_resolves_urls_by_the_rules_of_a_request)
{
    static const struct {
        const char *url;
        bool found;
        const char *path;
    } cases[] = {
        { "/", true, "index.html" },
        { "/?x", true, "index.html" },
        { "/a%20b.js?v=1", true, "a b.js" },
        { "/sub/", true, "sub/index.html" },
        { "/pub.txt", true, "public/pub.txt" },
        { "/route/of/the/page", true, "index.html" },
        { "/a%20b.js#frag", true, "a b.js" },
        { "/app.wasm", true, "target/app.wasm" },
        { "/none.js", false, "none.js" },
        { "/gone/none.css?x", false, "gone/none.css" },
        { "/.env", false, "" },
        { "/link.js", false, "" },
        { "/../x", false, "" },
        { "x.js", false, "" },
        { "", false, "" },
        { "http://evil.com/x.js", false, "" },
        { "/__orbit/client.js", false, "" },
    };
    static const struct str dirs[] = { STR_INIT("public") };
    struct world w;

    world_init(&w);
    w.options.static_dirs = dirs;
    w.options.static_dir_count = 1;
    w.artefact = "target/app.wasm";
    write_file(&w, "index.html", STR("x"));
    write_file(&w, "a b.js", STR("x"));
    write_file(&w, "sub/index.html", STR("x"));
    write_file(&w, "public/pub.txt", STR("x"));
    write_file(&w, "target/app.wasm", STR("x"));
    write_file(&w, ".env", STR("x"));
    char link[128];

    (void)snprintf(link, sizeof(link), "%s/link.js", w.dir);
    assert_int_equal(symlink(".env", link), 0);
    world_start(&w);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char buffer[4096];
        struct str path;
        bool found =
                dev_server_resolve(w.server, str_from(cases[i].url), buffer, sizeof(buffer), &path);

        if (found != cases[i].found || !str_eq(path, str_from(cases[i].path))) {
            fail_msg("'%s' is '%.*s'", cases[i].url, STR_FMT(path));
        }
    }
    char small[4];
    struct str path;

    assert_false(dev_server_resolve(w.server, STR("/sub/"), small, sizeof(small), &path));
    assert_str(path, STR(""));
    world_finish(&w);
}

TEST(what_is_secret_is_what_no_url_leads_to)
{
    static const struct {
        const char *path;
        bool secret;
    } cases[] = {
        { "a.js", false },
        { ".env", true },
        { "src/.env.local", true },
        { "server.pem", true },
        { ".pub/pic.svg", false },
        { ".pub/.env", true },
        { ".public/pic.svg", true },
        { "target/app.wasm", false },
        { "target/other.wasm", true },
    };
    static const struct str dirs[] = { STR_INIT("public"), STR_INIT(".pub") };
    struct world w;

    world_init(&w);
    w.options.static_dirs = dirs;
    w.options.static_dir_count = 2;
    w.artefact = "target/app.wasm";
    write_file(&w, "Cargo.toml", STR("x"));
    world_start(&w);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (static_file_is_secret(w.server, str_from(cases[i].path)) != cases[i].secret) {
            fail_msg("'%s' is %ssecret", cases[i].path, cases[i].secret ? "not " : "");
        }
    }
    world_finish(&w);
}

TEST(server_end_tells_the_pages)
{
    struct dev_server_stats stats;
    struct world w;

    world_init(&w);
    w.building = true;
    world_start(&w);
    struct client *page = open_page(&w);
    struct client *held = client_open(&w);
    struct client *sync = client_open(&w);
    struct client *idle = client_open(&w);

    ask(&w, held, "GET", "/app.wasm", "");
    ask(&w, sync, "GET", "/__orbit/sync", "");
    world_until(&w, w.syncs == 1);
    dev_server_get_stats(w.server, &stats);
    assert_int_equal(stats.connections, 4);
    assert_int_equal(stats.pages, 1);
    dev_server_destroy(w.server);
    world_until(&w, page->ended && held->ended && sync->ended && idle->ended);
    assert_str(strbuf_str(&page->in), STR("\x88\x02\x03\xe9"));
    assert_int_equal(w.closed_count, 0);
    client_close(&w, page);
    client_close(&w, held);
    client_close(&w, sync);
    client_close(&w, idle);
    w.server = NULL;
    world_finish(&w);
}

TEST(server_turns_away_more_connections_than_its_limit)
{
    static struct client *clients[SERVE_CONNECTIONS_MAX];
    struct world w;

    world_init(&w);
    world_start(&w);
    /* each of them costs two descriptors here; fewer are tried where that is too many */
    long limit = sysconf(_SC_OPEN_MAX);

    if (limit < 2 * SERVE_CONNECTIONS_MAX + 64) {
        world_finish(&w);
        skip();
    }
    for (size_t i = 0; i < SERVE_CONNECTIONS_MAX; i++) {
        clients[i] = client_open(&w);
    }
    world_until(&w, count_connections(&w) == SERVE_CONNECTIONS_MAX);
    struct client *c = client_open(&w);

    world_until(&w, c->ended);
    client_close(&w, c);
    client_close(&w, clients[0]);
    world_until(&w, count_connections(&w) < SERVE_CONNECTIONS_MAX);
    clients[0] = client_open(&w);
    ask(&w, clients[0], "GET", "/none", "");
    world_until(&w, has(clients[0], "404"));
    for (size_t i = 0; i < SERVE_CONNECTIONS_MAX; i++) {
        client_close(&w, clients[i]);
    }
    world_finish(&w);
}

TEST(server_closes_connections_that_take_too_long)
{
    struct world w;

    world_init(&w);
    w.building = true;
    world_start(&w);
    struct client *silent = client_open(&w);
    struct client *half = client_open(&w);
    struct client *idle = client_open(&w);
    struct client *held = client_open(&w);
    struct client *sync = client_open(&w);
    struct client *body = client_open(&w);
    char more[256];

    ask(&w, idle, "GET", "/none", "");
    world_until(&w, has(idle, "404"));
    ask(&w, held, "GET", "/x.wasm", "");
    ask(&w, sync, "GET", "/__orbit/sync", "");
    world_until(&w, w.syncs == 1);
    write_file(&w, "a.js", STR("1"));
    (void)snprintf(more, sizeof(more),
            "X-Orbit-Token: %.*s\r\nContent-Length: 9\r\nExpect: 100-continue\r\n",
            STR_FMT(dev_server_token(w.server)));
    ask(&w, body, "POST", "/__orbit/open?file=a.js", more);
    world_until(&w, has(body, "100 Continue"));
    client_send(half, STR("GET / HTTP/1.1\r\n"));
    world_until(&w, count_connections(&w) == 6);
    let_time_pass(&w);
    world_until(&w, silent->ended && half->ended && idle->ended && body->ended);
    /* a build may last as long as it wants */
    assert_false(held->ended);
    assert_false(sync->ended);
    w.building = false;
    dev_server_release(w.server);
    dev_server_sync_done(w.server, w.ticket, STR("{}"));
    world_until(&w, has(held, "404") && has(sync, "{}"));
    client_close(&w, silent);
    client_close(&w, half);
    client_close(&w, idle);
    client_close(&w, held);
    client_close(&w, sync);
    client_close(&w, body);
    world_finish(&w);
}

TEST(server_timer_rests_when_nobody_is_connected)
{
    struct world w;

    world_init(&w);
    world_start(&w);
    assert_false(uv_is_active((uv_handle_t *)&w.server->timer));
    struct client *c = client_open(&w);

    ask(&w, c, "GET", "/none", "");
    world_until(&w, has(c, "404"));
    assert_true(uv_is_active((uv_handle_t *)&w.server->timer));
    client_close(&w, c);
    world_until(&w, count_connections(&w) == 0);
    assert_false(uv_is_active((uv_handle_t *)&w.server->timer));
    world_finish(&w);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(server_holds_artefacts_while_a_build_runs),
        CASE(server_serves_an_artefact_outside_of_the_root),
        CASE(server_gives_up_a_proxied_target_that_does_not_take_the_connection),
        CASE(server_sync_waits_for_the_engine),
        CASE(server_open_tells_the_place),
        CASE(server_open_knows_all_ways_to_write_a_place),
        CASE(server_slow_reader_does_not_stall_others),
        CASE(server_long_file_gives_way_after_some_chunks),
        CASE(server_survives_readers_that_leave),
        CASE(server_answers_a_peer_that_has_closed_its_side),
        CASE(server_serves_what_is_on_disk_now),
        CASE(server_without_hmr_injects_nothing),
        CASE(server_resolves_urls_by_the_rules_of_a_request),
        CASE(what_is_secret_is_what_no_url_leads_to),
        CASE(server_end_tells_the_pages),
        CASE(server_closes_connections_that_take_too_long),
        CASE(server_timer_rests_when_nobody_is_connected),
        CASE(server_turns_away_more_connections_than_its_limit),
    };

    return RUN(cases);
}
