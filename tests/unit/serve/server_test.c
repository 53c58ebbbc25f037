/* SPDX-License-Identifier: MIT */
/* What transcripts cannot say: pages, waiting, slow readers, ports, and the server's end. */
#include "world.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "serve/conn.h"
#include "serve/hub.h"
#include "ws/ws_frame.h"

static size_t count_connections(struct world *w)
{
    struct dev_server_stats stats;

    dev_server_get_stats(w->server, &stats);
    return stats.connections;
}

static bool has(const struct client *c, const char *text)
{
    return str_find_str(strbuf_str(&c->in), str_from(text)) != STR_NONE;
}

static void ask(
        struct world *w, struct client *c, const char *method, const char *target, const char *more)
{
    struct strbuf b;

    strbuf_init(&b, 1 << 20);
    strbuf_addf(&b, "%s %s HTTP/1.1\r\nHost: localhost:%u\r\n%s\r\n", method, target,
            dev_server_port(w->server), more);
    client_send(c, strbuf_str(&b));
    strbuf_finish(&b);
}

static const char *with_token(struct world *w, const char *path)
{
    static char target[256];

    (void)snprintf(target, sizeof(target), "%s%.*s", path, STR_FMT(dev_server_token(w->server)));
    return target;
}

/* Opens a page and forgets the handshake's answer. */
static struct client *open_page(struct world *w)
{
    struct client *c = client_open(w);
    size_t before = w->opened_count;

    ask(w, c, "GET", with_token(w, "/__orbit/ws?token="),
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    world_until(w, w->opened_count > before && has(c, "\r\n\r\n"));
    strbuf_consume(&c->in, str_find_str(strbuf_str(&c->in), STR("\r\n\r\n")) + 4);
    return c;
}

/* Sends a masked frame. */
static void send_frame(struct client *c, unsigned opcode, bool fin, struct str payload)
{
    static const char mask[4] = { 'm', 'a', 's', 'k' };
    struct strbuf b;

    strbuf_init(&b, 1 << 24);
    strbuf_addc(&b, (char)(opcode | (fin ? 0x80 : 0)));
    if (payload.len < 126) {
        strbuf_addc(&b, (char)(0x80 | payload.len));
    } else if (payload.len < 65536) {
        strbuf_addc(&b, (char)(0x80 | 126));
        strbuf_addc(&b, (char)(payload.len >> 8));
        strbuf_addc(&b, (char)(payload.len & 255));
    } else {
        strbuf_addc(&b, (char)(0x80 | 127));
        for (int shift = 56; shift >= 0; shift -= 8) {
            strbuf_addc(&b, (char)((uint64_t)payload.len >> shift & 255));
        }
    }
    strbuf_add(&b, (struct str){ mask, 4 });
    for (size_t i = 0; i < payload.len; i++) {
        strbuf_addc(&b, (char)(payload.ptr[i] ^ mask[i % 4]));
    }
    client_send(c, strbuf_str(&b));
    strbuf_finish(&b);
}

static void send_text(struct world *w, page_id page, struct str text)
{
    struct blob *blob = blob_create(text);

    dev_server_send(w->server, page, blob);
    blob_unref(blob);
}

TEST(server_page_gets_and_sends_messages)
{
    struct world w;

    world_init(&w);
    w.hello = "{\"type\":\"hello\"}";
    world_start(&w);
    struct client *c = open_page(&w);

    world_until(&w, c->in.len >= 18);
    assert_str(strbuf_str(&c->in), STR("\x81\x10{\"type\":\"hello\"}"));
    strbuf_reset(&c->in);
    send_frame(c, WS_TEXT, true, STR("one"));
    send_frame(c, WS_TEXT, false, STR("tw"));
    send_frame(c, WS_PING, true, STR("are you there"));
    send_frame(c, WS_CONTINUATION, true, STR("o"));
    world_until(&w, w.messages.len >= 12);
    assert_str(strbuf_str(&w.messages), STR("1:one\n1:two\n"));
    world_until(&w, c->in.len >= 15);
    assert_str(strbuf_str(&c->in), STR("\x8a\x0d"
                                       "are you there"));
    strbuf_reset(&c->in);
    send_text(&w, 1, STR("abc"));
    send_text(&w, 1, STR("def"));
    send_text(&w, 99, STR("to nobody"));
    world_until(&w, c->in.len >= 10);
    assert_str(strbuf_str(&c->in), STR("\x81\x03"
                                       "abc\x81\x03"
                                       "def"));
    assert_int_equal(w.closed_count, 0);
    client_close(&w, c);
    world_until(&w, w.closed_count == 1);
    assert_int_equal(w.closed[0], 1);
    world_finish(&w);
    assert_int_equal(w.closed_count, 1);
}

TEST(server_pages_share_a_message_and_have_their_own_ids)
{
    struct world w;

    world_init(&w);
    world_start(&w);
    struct client *a = open_page(&w);
    struct client *b = open_page(&w);
    struct blob *blob = blob_create(STR("both"));

    assert_int_not_equal(w.opened[0], w.opened[1]);
    dev_server_send(w.server, w.opened[0], blob);
    dev_server_send(w.server, w.opened[1], blob);
    blob_unref(blob);
    world_until(&w, has(a, "both") && has(b, "both"));
    client_close(&w, a);
    world_until(&w, w.closed_count == 1);
    struct client *d = open_page(&w);

    assert_int_equal(w.opened[2], 3);
    client_close(&w, b);
    client_close(&w, d);
    world_finish(&w);
}

static void expect_close(unsigned opcode, bool fin, struct str payload, unsigned code)
{
    struct world w;

    world_init(&w);
    world_start(&w);
    struct client *c = open_page(&w);

    send_frame(c, opcode, fin, payload);
    world_until(&w, c->ended);
    assert_int_equal(c->error, 0);
    assert_true(c->in.len >= 2);
    assert_int_equal((unsigned char)c->in.ptr[0], 0x88);
    unsigned given =
            c->in.len >= 4
                    ? (unsigned)((unsigned char)c->in.ptr[2] << 8 | (unsigned char)c->in.ptr[3])
                    : 1005;

    assert_int_equal(given, code);
    assert_int_equal(c->in.len, 2 + (size_t)(unsigned char)c->in.ptr[1]);
    assert_int_equal(w.closed_count, 1);
    assert_int_equal(w.messages.len, 0);
    client_close(&w, c);
    world_finish(&w);
    assert_int_equal(w.closed_count, 1);
}

TEST(server_closes_a_page_that_breaks_the_rules)
{
    static char big[WS_MESSAGE_MAX + 1];

    memset(big, 'x', sizeof(big));
    expect_close(WS_TEXT, true, (struct str){ big, sizeof(big) }, WS_CLOSE_TOO_BIG);
    expect_close(WS_BINARY, true, STR("x"), WS_CLOSE_DATA);
    expect_close(WS_TEXT, true, STR("\xff"), WS_CLOSE_UTF8);
    expect_close(3, true, STR("x"), WS_CLOSE_PROTOCOL);
    expect_close(WS_CONTINUATION, true, STR("x"), WS_CLOSE_PROTOCOL);
}

TEST(server_answers_a_close)
{
    expect_close(WS_CLOSE, true, STR("\x03\xe8"), WS_CLOSE_NORMAL);
    expect_close(WS_CLOSE, true, STR(""), 1005);
}

TEST(server_refuses_an_unmasked_frame)
{
    struct world w;

    world_init(&w);
    world_start(&w);
    struct client *c = open_page(&w);

    client_send(c, STR("\x81\x01x"));
    world_until(&w, c->ended);
    assert_str(str_sub(strbuf_str(&c->in), 0, 4), STR("\x88\x02\x03\xea"));
    client_close(&w, c);
    world_finish(&w);
}

TEST(server_drops_a_page_that_does_not_read)
{
    static char text[64 * 1024];
    struct dev_server_stats stats;
    struct world w;
    size_t sent = 0;

    memset(text, 'x', sizeof(text));
    world_init(&w);
    world_start(&w);
    struct client *slow = open_page(&w);
    struct client *other = open_page(&w);

    client_read(slow, false);
    /* the kernel's buffers take some, the queue 256 KiB; without a limit this would never end */
    do {
        send_text(&w, 1, (struct str){ text, sizeof(text) });
        assert_true(++sent < 4096);
        dev_server_get_stats(w.server, &stats);
    } while (stats.dropped_pages == 0);
    assert_true(sent > 4);
    assert_int_equal(stats.pages, 1);
    assert_int_equal(w.closed_count, 0);
    send_text(&w, 1, STR("nobody is there"));
    world_until(&w, w.closed_count == 1);
    assert_int_equal(w.closed[0], 1);
    send_text(&w, 2, STR("you are"));
    world_until(&w, has(other, "you are"));
    client_close(&w, slow);
    client_close(&w, other);
    world_finish(&w);
}

TEST(server_queues_for_a_page_that_is_slow_for_a_while)
{
    static char text[64 * 1024];
    struct dev_server_stats stats;
    struct world w;
    size_t total = 0;

    memset(text, 'x', sizeof(text));
    world_init(&w);
    world_start(&w);
    struct client *c = open_page(&w);

    client_read(c, false);
    /* three messages more than the kernel takes at most are never reached: so send until the
     * queue must hold some, which shows in nothing but the order and the sum that arrive */
    for (int i = 0; i < 3; i++) {
        text[0] = (char)('0' + i);
        send_text(&w, 1, (struct str){ text, sizeof(text) });
        total += 10 + sizeof(text);
    }
    client_read(c, true);
    world_until(&w, c->in.len >= total);
    assert_int_equal(c->in.len, total);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(c->in.ptr[i * (10 + sizeof(text)) + 10], '0' + (int)i);
    }
    dev_server_get_stats(w.server, &stats);
    assert_int_equal(stats.dropped_pages, 0);
    client_close(&w, c);
    world_finish(&w);
}

TEST(server_event_stream_carries_the_same_messages)
{
    struct world w;
    char more[256];

    world_init(&w);
    w.hello = "{\"type\":\"hello\"}";
    world_start(&w);
    struct client *c = client_open(&w);

    ask(&w, c, "GET", with_token(&w, "/__orbit/events?token="), "");
    world_until(&w, has(c, "hello"));
    assert_true(has(c, "HTTP/1.1 200 OK\r\n"));
    assert_true(has(c, "Content-Type: text/event-stream\r\n"));
    assert_false(has(c, "Content-Length"));
    assert_true(has(c, "data: {\"type\":\"hello\"}\n\n"));
    send_text(&w, 1, STR("a\nb\r\nc\rd"));
    world_until(&w, has(c, "data: a\ndata: b\ndata: c\ndata: d\n\n"));

    struct client *post = client_open(&w);

    (void)snprintf(more, sizeof(more),
            "Origin: http://localhost:%u\r\nX-Orbit-Token: %.*s\r\nContent-Length: 5\r\n\r\nhello",
            dev_server_port(w.server), STR_FMT(dev_server_token(w.server)));
    more[strlen(more)] = '\0';
    ask(&w, post, "POST", "/__orbit/send?page=1", more);
    world_until(&w, w.messages.len > 0);
    assert_str(strbuf_str(&w.messages), STR("1:hello\n"));
    world_until(&w, has(post, "HTTP/1.1 204"));
    client_close(&w, c);
    world_until(&w, w.closed_count == 1);
    client_close(&w, post);
    world_finish(&w);
}

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

TEST(server_listens_on_both_loopback_addresses)
{
    struct world w;
    int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 name = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    bool has6 = probe >= 0 && bind(probe, (struct sockaddr *)&name, sizeof(name)) == 0;

    if (probe >= 0) {
        (void)close(probe);
    }
    world_init(&w);
    world_start(&w);
    if (has6) {
        struct client *c = client_open_at(&w, "::1", dev_server_port(w.server));

        ask(&w, c, "GET", "/none", "");
        world_until(&w, has(c, "404"));
        client_close(&w, c);
    }
    struct client *c = client_open_at(&w, "127.0.0.1", dev_server_port(w.server));

    ask(&w, c, "GET", "/none", "");
    world_until(&w, has(c, "404"));
    client_close(&w, c);
    world_finish(&w);
}

/* Takes a port on one address, as another program would. */
static int take_port(int family, uint16_t *port)
{
    struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = htons(*port)
    };
    struct sockaddr_in in4 = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(*port)
    };
    bool is6 = family == AF_INET6;
    socklen_t len = is6 ? sizeof(in6) : sizeof(in4);
    struct sockaddr *name = is6 ? (struct sockaddr *)&in6 : (struct sockaddr *)&in4;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, name, len) < 0 || listen(fd, 1) < 0 || getsockname(fd, name, &len) < 0) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return -1;
    }
    *port = ntohs(is6 ? in6.sin6_port : in4.sin_port);
    return fd;
}

static void expect_busy(int family)
{
    struct world w;
    uint16_t port = 0;
    int fd = take_port(family, &port);

    if (fd < 0) {
        assert_int_equal(family, AF_INET6); /* a machine without it */
        return;
    }
    world_init(&w);
    w.options.port = port;
    w.options.strict_port = true;
    assert_int_equal(dev_server_create(&w.loop, &w.options, &w.server), -EADDRINUSE);
    w.options.strict_port = false;
    /* the last ports have no next one */
    if (port < 65000) {
        world_start(&w);
        assert_true(dev_server_port(w.server) > port);
        assert_true(dev_server_port(w.server) < port + 100);
        struct client *c = client_open(&w);

        ask(&w, c, "GET", "/none", "");
        world_until(&w, has(c, "404"));
        client_close(&w, c);
    } else {
        w.server = NULL;
    }
    world_finish(&w);
    (void)close(fd);
}

TEST(server_takes_the_next_port_if_one_address_is_busy)
{
    expect_busy(AF_INET);
    expect_busy(AF_INET6);
}

TEST(server_strict_port_is_that_port)
{
    struct world w;
    uint16_t port = 0;
    int fd = take_port(AF_INET, &port);

    (void)close(fd);
    world_init(&w);
    w.options.port = port;
    w.options.strict_port = true;
    world_start(&w);
    assert_int_equal(dev_server_port(w.server), port);
    world_finish(&w);
}

TEST(server_on_all_addresses_knows_those_of_the_machine)
{
    struct world w;

    world_init(&w);
    w.options.host = STR("0.0.0.0");
    world_start(&w);
    struct client *c = client_open(&w);

    ask(&w, c, "GET", "/none", "");
    world_until(&w, has(c, "404"));
    strbuf_reset(&c->in);
    client_send(c, STR("GET / HTTP/1.1\r\nHost: 203.0.113.9\r\n\r\n"));
    world_until(&w, has(c, "HTTP/1.1 403"));
    client_close(&w, c);
    world_finish(&w);
}

TEST(server_refuses_a_host_that_is_not_there)
{
    struct world w;

    world_init(&w);
    w.options.host = STR("203.0.113.9");
    assert_true(dev_server_create(&w.loop, &w.options, &w.server) < 0);
    w.options.host = STR("no host\n");
    assert_true(dev_server_create(&w.loop, &w.options, &w.server) < 0);
    w.server = NULL;
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

/* Lets every deadline be due, as if its time had passed. */
static void let_time_pass(struct world *w)
{
    for (struct conn *conn = w->server->conns; conn; conn = conn->next) {
        conn->due_ms = conn->due_ms ? 1 : 0;
    }
    conn_on_timer(&w->server->timer);
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

TEST(server_pings_and_drops_a_page_that_is_silent)
{
    struct dev_server_stats stats;
    struct world w;

    world_init(&w);
    world_start(&w);
    struct client *c = open_page(&w);

    for (int i = 0; i < 5; i++) {
        let_time_pass(&w);
        world_until(&w, c->in.len >= 2);
        assert_str(strbuf_str(&c->in), STR("\x89\x00"));
        strbuf_reset(&c->in);
        send_frame(c, WS_PONG, true, STR(""));
        world_until(&w, w.server->pages->unanswered == 0);
    }
    let_time_pass(&w);
    let_time_pass(&w);
    dev_server_get_stats(w.server, &stats);
    assert_int_equal(stats.pages, 1);
    let_time_pass(&w);
    dev_server_get_stats(w.server, &stats);
    assert_int_equal(stats.pages, 0);
    assert_int_equal(stats.dropped_pages, 1);
    world_until(&w, c->ended && w.closed_count == 1);
    client_close(&w, c);

    struct client *events = client_open(&w);

    ask(&w, events, "GET", with_token(&w, "/__orbit/events?token="), "");
    world_until(&w, has(events, ": open\n\n"));
    for (int i = 0; i < 5; i++) {
        strbuf_reset(&events->in);
        let_time_pass(&w);
        world_until(&w, has(events, ": ping\n\n"));
    }
    client_close(&w, events);
    world_finish(&w);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(server_page_gets_and_sends_messages),
        CASE(server_pages_share_a_message_and_have_their_own_ids),
        CASE(server_closes_a_page_that_breaks_the_rules),
        CASE(server_answers_a_close),
        CASE(server_refuses_an_unmasked_frame),
        CASE(server_drops_a_page_that_does_not_read),
        CASE(server_queues_for_a_page_that_is_slow_for_a_while),
        CASE(server_event_stream_carries_the_same_messages),
        CASE(server_holds_artefacts_while_a_build_runs),
        CASE(server_serves_an_artefact_outside_of_the_root),
        CASE(server_sync_waits_for_the_engine),
        CASE(server_open_tells_the_place),
        CASE(server_open_knows_all_ways_to_write_a_place),
        CASE(server_slow_reader_does_not_stall_others),
        CASE(server_survives_readers_that_leave),
        CASE(server_answers_a_peer_that_has_closed_its_side),
        CASE(server_serves_what_is_on_disk_now),
        CASE(server_listens_on_both_loopback_addresses),
        CASE(server_takes_the_next_port_if_one_address_is_busy),
        CASE(server_strict_port_is_that_port),
        CASE(server_on_all_addresses_knows_those_of_the_machine),
        CASE(server_refuses_a_host_that_is_not_there),
        CASE(server_without_hmr_injects_nothing),
        CASE(server_resolves_urls_by_the_rules_of_a_request),
        CASE(server_end_tells_the_pages),
        CASE(server_closes_connections_that_take_too_long),
        CASE(server_timer_rests_when_nobody_is_connected),
        CASE(server_pings_and_drops_a_page_that_is_silent),
        CASE(server_turns_away_more_connections_than_its_limit),
    };

    return RUN(cases);
}
