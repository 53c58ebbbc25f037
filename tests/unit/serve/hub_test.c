/* SPDX-License-Identifier: MIT */
/* Connected pages: messages both ways, rules of the protocol, slow and silent ones. */
#include "clients.h"

#include "serve/hub.h"

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

TEST(server_leaves_out_what_a_slow_page_can_do_without)
{
    enum { LARGE = 32 * 1024 * 1024 }; /* more than the kernel's buffers and the queue together */
    char *text = malloc(LARGE);
    struct blob *news = blob_create(STR("news"));
    struct dev_server_stats stats;
    struct world w;

    memset(text, 'x', LARGE);
    world_init(&w);
    world_start(&w);
    struct client *slow = open_page(&w);
    struct client *other = open_page(&w);

    client_read(slow, false);
    send_text(&w, 1, (struct str){ text, LARGE });
    dev_server_offer(w.server, 1, news);
    dev_server_offer(w.server, 2, news);
    dev_server_offer(w.server, 99, news);
    world_until(&w, has(other, "news"));
    client_close(&w, other);
    world_until(&w, w.closed_count == 1);
    let_time_pass(&w);
    let_time_pass(&w);
    dev_server_get_stats(w.server, &stats);
    assert_int_equal(stats.dropped_pages, 0);
    let_time_pass(&w); /* it has not read for three pings */
    dev_server_get_stats(w.server, &stats);
    assert_int_equal(stats.dropped_pages, 1);
    client_close(&w, slow);
    world_finish(&w);
    blob_unref(news);
    free(text);
}

TEST(server_keeps_a_page_that_reads_a_large_message_slowly)
{
    enum { LARGE = 48 * 1024 * 1024 }; /* more than the kernel's buffers hold, four times over */
    char *text = malloc(LARGE);
    struct dev_server_stats stats;
    struct world w;

    memset(text, 'x', LARGE);
    world_init(&w);
    world_start(&w);
    struct client *slow = open_page(&w);
    const uv_stream_t *to_slow = (const uv_stream_t *)&w.server->pages->conn->tcp;

    client_read(slow, false);
    send_text(&w, 1, (struct str){ text, LARGE });
    for (int i = 0; i < 4; i++) {
        size_t left = uv_stream_get_write_queue_size(to_slow);

        let_time_pass(&w);
        client_read(slow, true);
        world_until(&w, uv_stream_get_write_queue_size(to_slow) < left || left == 0);
        client_read(slow, false);
    }
    dev_server_get_stats(w.server, &stats);
    assert_int_equal(stats.dropped_pages, 0);
    let_time_pass(&w);
    let_time_pass(&w);
    let_time_pass(&w);
    let_time_pass(&w); /* now it has not read for three pings */
    dev_server_get_stats(w.server, &stats);
    assert_int_equal(stats.dropped_pages, 1);
    client_close(&w, slow);
    world_finish(&w);
    free(text);
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

TEST(server_whatever_arrives_shows_that_a_page_is_alive)
{
    struct dev_server_stats stats;
    struct world w;

    world_init(&w);
    world_start(&w);
    struct client *c = open_page(&w);

    for (size_t i = 0; i < 5; i++) {
        let_time_pass(&w);
        let_time_pass(&w);
        send_frame(c, WS_TEXT, true, STR("x"));
        world_until(&w, w.messages.len == 4 * (i + 1));
        dev_server_get_stats(w.server, &stats);
        assert_int_equal(stats.pages, 1);
    }
    client_close(&w, c);
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
        CASE(server_leaves_out_what_a_slow_page_can_do_without),
        CASE(server_keeps_a_page_that_reads_a_large_message_slowly),
        CASE(server_queues_for_a_page_that_is_slow_for_a_while),
        CASE(server_event_stream_carries_the_same_messages),
        CASE(server_pings_and_drops_a_page_that_is_silent),
        CASE(server_whatever_arrives_shows_that_a_page_is_alive),
    };

    return RUN(cases);
}
