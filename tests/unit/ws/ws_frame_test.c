/* SPDX-License-Identifier: MIT */
/* Frames and messages: RFC 6455's rules one by one, and cut at every byte. */
#include "test.h"
#include "ws/ws_frame.h"

/* What a reader said about some bytes, as one line: "text(abc) ping() close(1000,why) !1002". */
static struct strbuf script;

static void note(const struct ws_message *message)
{
    static const char *const names[] = { "?", "text", "binary", "?", "?", "?", "?", "?", "close",
        "ping", "pong" };

    strbuf_addf(&script, "%s(", names[message->opcode]);
    if (message->opcode == WS_CLOSE) {
        strbuf_addf(&script, "%u,", message->close_code);
    }
    strbuf_add(&script, message->payload);
    strbuf_add(&script, STR(") "));
}

/* Reads as a connection does: what was not used is given again, with `step` bytes more. */
static struct str read_in_steps(struct str in, size_t step)
{
    struct ws_reader reader;
    size_t from = 0;
    size_t to = 0;
    enum parse_status status = PARSE_INCOMPLETE;

    strbuf_reset(&script);
    ws_reader_init(&reader);
    while (status != PARSE_MALFORMED && (status == PARSE_DONE || to < in.len)) {
        if (status == PARSE_INCOMPLETE) {
            to = to + step < in.len ? to + step : in.len;
        }
        struct str piece = exact_copy(str_sub(in, from, to));
        struct ws_message message;
        unsigned close_code = 0;
        size_t used = 0;

        status = ws_read(&reader, piece, &used, &message, &close_code);
        assert_true(used <= piece.len);
        from += used;
        assert_true(to - from < 14 || status != PARSE_INCOMPLETE);
        if (status == PARSE_DONE) {
            note(&message);
        } else if (status == PARSE_MALFORMED) {
            strbuf_addf(&script, "!%u", close_code);
        }
        free((void *)(uintptr_t)piece.ptr);
    }
    ws_reader_finish(&reader);
    return str_trim(strbuf_str(&script));
}

/* A frame as a client writes it; `first` is the whole first byte. */
static void frame(struct strbuf *b, unsigned first, struct str payload)
{
    static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };

    strbuf_addc(b, (char)first);
    if (payload.len < 126) {
        strbuf_addc(b, (char)(0x80 | payload.len));
    } else if (payload.len <= 0xffff) {
        strbuf_addc(b, (char)(0x80 | 126));
        strbuf_addc(b, (char)(payload.len >> 8));
        strbuf_addc(b, (char)payload.len);
    } else {
        strbuf_addc(b, (char)(0x80 | 127));
        for (int shift = 56; shift >= 0; shift -= 8) {
            strbuf_addc(b, (char)((uint64_t)payload.len >> shift));
        }
    }
    strbuf_add(b, (struct str){ (const char *)mask, 4 });
    for (size_t i = 0; i < payload.len; i++) {
        strbuf_addc(b, (char)(payload.ptr[i] ^ mask[i & 3]));
    }
}

struct part {
    unsigned first;
    struct str payload;
};

enum { FIN = 0x80, MAX_PARTS = 6 };

struct row {
    struct part parts[MAX_PARTS]; /* up to the first byte 0 without payload behind the first */
    const char *said;
};

#define PART(first, payload)                                                                       \
    {                                                                                              \
        first, STR_INIT(payload)                                                                   \
    }

// clang-format off
static const struct row rows[] = {
    { { PART(FIN | 1, "abc") }, "text(abc)" },
    { { PART(FIN | 1, "") }, "text()" },
    { { PART(FIN | 2, "\xff") }, "binary(\xff)" },
    { { PART(FIN | 9, "p"), PART(FIN | 10, "q"), PART(FIN | 1, "abc") },
            "ping(p) pong(q) text(abc)" },
    { { PART(1, "ab"), PART(0, "cd"), PART(FIN, "ef"), PART(FIN | 1, "g") }, "text(abcdef) text(g)"
            },
    { { PART(1, "ab"), PART(FIN | 9, "p"), PART(0, ""), PART(FIN | 10, ""), PART(FIN, "ef") },
            "ping(p) pong() text(abef)" },
    { { PART(1, "\xc3"), PART(FIN, "\xa4") }, "text(\xc3\xa4)" },
    { { PART(1, ""), PART(FIN, "") , PART(FIN | 2, "x") }, "text() binary(x)" },
    /* Reserved bits and opcodes. */
    { { PART(FIN | 0x40 | 1, "a") }, "!1002" },
    { { PART(FIN | 0x20 | 1, "a") }, "!1002" },
    { { PART(FIN | 0x10 | 1, "a") }, "!1002" },
    { { PART(FIN | 0x40 | 9, "a") }, "!1002" },
    { { PART(FIN | 1, "a"), PART(1, "b"), PART(FIN | 0x40, "c") }, "text(a) !1002" },
    { { PART(FIN | 3, "a") }, "!1002" }, { { PART(FIN | 4, "a") }, "!1002" },
    { { PART(FIN | 5, "a") }, "!1002" }, { { PART(FIN | 6, "a") }, "!1002" },
    { { PART(FIN | 7, "a") }, "!1002" }, { { PART(FIN | 11, "a") }, "!1002" },
    { { PART(FIN | 12, "a") }, "!1002" }, { { PART(FIN | 13, "a") }, "!1002" },
    { { PART(FIN | 14, "a") }, "!1002" }, { { PART(FIN | 15, "a") }, "!1002" },
    /* Fragmentation. */
    { { PART(8, "") }, "!1002" }, { { PART(9, "") }, "!1002" }, { { PART(10, "") }, "!1002" },
    { { PART(FIN, "a") }, "!1002" },
    { { PART(0, "a") }, "!1002" },
    { { PART(1, "a"), PART(FIN | 1, "b") }, "!1002" },
    { { PART(1, "a"), PART(2, "b") }, "!1002" },
    { { PART(1, "a"), PART(FIN, "b"), PART(FIN, "c") }, "text(ab) !1002" },
    /* UTF-8: of a whole message, and of text alone. */
    { { PART(FIN | 1, "\xff") }, "!1007" },
    { { PART(FIN | 1, "a\xed\xa0\x80") }, "!1007" },
    { { PART(FIN | 1, "\xc3") }, "!1007" },
    { { PART(1, "\xc3"), PART(FIN, "a") }, "!1007" },
    { { PART(FIN | 9, "\xff"), PART(2, "\xc3"), PART(FIN, "") }, "ping(\xff) binary(\xc3)" },
    /* Close. */
    { { PART(FIN | 8, "") }, "close(1005,)" },
    { { PART(FIN | 8, "\x03\xe8") }, "close(1000,)" },
    { { PART(FIN | 8, "\x03\xe8""bye \xc3\xa4") }, "close(1000,bye \xc3\xa4)" },
    { { PART(FIN | 8, "\x03\xe8"), PART(FIN | 1, "ignored"), PART(0xff, "noise") }, "close(1000,)"
            },
    { { PART(1, "a"), PART(FIN | 8, "\x03\xe9") }, "close(1001,)" },
    { { PART(FIN | 8, "\x03") }, "!1002" },
    { { PART(FIN | 8, "\x03\xe8\xff") }, "!1007" },
    { { PART(FIN | 8, "\x00\x00") }, "!1002" },     /* 0 */
    { { PART(FIN | 8, "\x03\xe7") }, "!1002" },     /* 999 */
    { { PART(FIN | 8, "\x03\xeb") }, "close(1003,)" },
    { { PART(FIN | 8, "\x03\xec") }, "!1002" },     /* 1004 */
    { { PART(FIN | 8, "\x03\xed") }, "!1002" },     /* 1005 */
    { { PART(FIN | 8, "\x03\xee") }, "!1002" },     /* 1006 */
    { { PART(FIN | 8, "\x03\xef") }, "close(1007,)" },
    { { PART(FIN | 8, "\x03\xf6") }, "close(1014,)" },
    { { PART(FIN | 8, "\x03\xf7") }, "!1002" },     /* 1015 */
    { { PART(FIN | 8, "\x0b\xb7") }, "!1002" },     /* 2999 */
    { { PART(FIN | 8, "\x0b\xb8") }, "close(3000,)" },
    { { PART(FIN | 8, "\x13\x87") }, "close(4999,)" },
    { { PART(FIN | 8, "\x13\x88") }, "!1002" },     /* 5000 */
    { { PART(FIN | 8, "\xff\xff") }, "!1002" },
};
// clang-format on

TEST(rules_hold_however_the_input_is_cut)
{
    struct strbuf in;

    strbuf_init(&in, 4096);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];

        strbuf_reset(&in);
        for (size_t k = 0; k < MAX_PARTS && row->parts[k].payload.ptr; k++) {
            frame(&in, row->parts[k].first, row->parts[k].payload);
        }
        for (size_t step = 1; step <= in.len; step++) {
            assert_str(read_in_steps(strbuf_str(&in), step), str_from(row->said));
        }
    }
    strbuf_finish(&in);
}

TEST(frames_must_be_masked)
{
    assert_str(read_in_steps(STR("\x81\x01\x61"), 100), STR("!1002"));
    assert_str(read_in_steps(STR("\x81\x00"), 1), STR("!1002"));
    assert_str(read_in_steps(STR("\x89\x00"), 1), STR("!1002"));
}

TEST(lengths_are_minimal_and_bounded)
{
    // clang-format off
    static const struct {
        struct str in;
        const char *said;
    } cases[] = {
        { STR_INIT("\x82\xfe\x00\x7d"), "!1002" },                         /* 125 in 16 bits */
        { STR_INIT("\x82\xfe\x00\x7e"), "" },                              /* 126 */
        { STR_INIT("\x82\xff\0\0\0\0\0\0\xff\xff"), "!1002" },             /* 65535 in 64 bits */
        { STR_INIT("\x82\xff\0\0\0\0\0\x01\0\0"), "" },                    /* 65536 */
        { STR_INIT("\x82\xff\0\0\0\0\0\x01\0\x01"), "!1009" },             /* 65537 */
        { STR_INIT("\x82\xff\x80\0\0\0\0\0\0\0"), "!1002" },               /* the high bit */
        { STR_INIT("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff"), "!1002" },
        { STR_INIT("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff"), "!1009" },
        { STR_INIT("\x89\xfe\x00\x7e"), "!1002" },                         /* a ping of 126 */
        { STR_INIT("\x89\xfe"), "!1002" },
        { STR_INIT("\x88\xff"), "!1002" },
        { STR_INIT("\x89\xfd"), "" },                                      /* a ping of 125 */
    };
    // clang-format on

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t step = 1; step <= cases[i].in.len; step++) {
            assert_str(read_in_steps(cases[i].in, step), str_from(cases[i].said));
        }
    }
}

/* Reads until something else than INCOMPLETE; the whole input is at hand. */
static enum parse_status read_one(
        struct ws_reader *reader, struct strbuf *in, struct ws_message *ret, unsigned *ret_close)
{
    size_t used = 0;
    enum parse_status status = ws_read(reader, strbuf_str(in), &used, ret, ret_close);

    strbuf_consume(in, used);
    return status;
}

TEST(message_has_a_limit_in_one_frame_and_in_many)
{
    static char bytes[WS_MESSAGE_MAX];
    struct ws_reader reader;
    struct ws_message message;
    struct strbuf in;
    unsigned code = 0;

    memset(bytes, 'x', sizeof(bytes));
    strbuf_init(&in, 1024 * 1024);
    ws_reader_init(&reader);
    /* Twice, so that the first does not count for the second. */
    for (int i = 0; i < 2; i++) {
        frame(&in, FIN | WS_TEXT, (struct str){ bytes, sizeof(bytes) });
        assert_int_equal(read_one(&reader, &in, &message, &code), PARSE_DONE);
        assert_int_equal(message.payload.len, WS_MESSAGE_MAX);
        frame(&in, WS_TEXT, (struct str){ bytes, sizeof(bytes) - 1 });
        frame(&in, FIN, STR("y"));
        assert_int_equal(read_one(&reader, &in, &message, &code), PARSE_DONE);
        assert_int_equal(message.payload.len, WS_MESSAGE_MAX);
        assert_int_equal(message.payload.ptr[WS_MESSAGE_MAX - 1], 'y');
    }
    frame(&in, WS_TEXT, (struct str){ bytes, sizeof(bytes) });
    frame(&in, FIN | WS_PING, STR("ping"));
    frame(&in, FIN, STR("y"));
    assert_int_equal(read_one(&reader, &in, &message, &code), PARSE_DONE);
    assert_str(message.payload, STR("ping"));
    assert_int_equal(read_one(&reader, &in, &message, &code), PARSE_MALFORMED);
    assert_int_equal(code, WS_CLOSE_TOO_BIG);
    code = 0;
    assert_int_equal(read_one(&reader, &in, &message, &code), PARSE_MALFORMED);
    assert_int_equal(code, WS_CLOSE_TOO_BIG);
    ws_reader_finish(&reader);
    strbuf_finish(&in);
}

TEST(fragments_have_a_limit)
{
    struct ws_reader reader;
    struct ws_message message;
    struct strbuf in;
    unsigned code = 0;

    strbuf_init(&in, 1024 * 1024);
    ws_reader_init(&reader);
    frame(&in, WS_BINARY, STR(""));
    for (int i = 2; i < WS_FRAGMENTS_MAX; i++) {
        frame(&in, 0, STR(""));
    }
    frame(&in, FIN, STR("x"));
    assert_int_equal(read_one(&reader, &in, &message, &code), PARSE_DONE);
    assert_str(message.payload, STR("x"));
    frame(&in, WS_BINARY, STR(""));
    for (int i = 2; i <= WS_FRAGMENTS_MAX; i++) {
        frame(&in, 0, STR(""));
    }
    assert_int_equal(read_one(&reader, &in, &message, &code), PARSE_INCOMPLETE);
    assert_int_equal(in.len, 0);
    frame(&in, FIN, STR(""));
    assert_int_equal(read_one(&reader, &in, &message, &code), PARSE_MALFORMED);
    assert_int_equal(code, WS_CLOSE_POLICY);
    ws_reader_finish(&reader);
    strbuf_finish(&in);
}

TEST(frames_are_written_with_the_shortest_length)
{
    static char bytes[70000];
    struct strbuf out;

    memset(bytes, 'x', sizeof(bytes));
    strbuf_init(&out, 1024 * 1024);
    ws_frame_write(&out, WS_TEXT, STR("abc"));
    ws_frame_write(&out, WS_PONG, STR(""));
    assert_str(strbuf_str(&out), STR("\x81\x03"
                                     "abc\x8a\x00"));
    static const struct {
        size_t len;
        struct str header;
    } cases[] = {
        { 125, STR_INIT("\x82\x7d") },
        { 126, STR_INIT("\x82\x7e\x00\x7e") },
        { 65535, STR_INIT("\x82\x7e\xff\xff") },
        { 65536, STR_INIT("\x82\x7f\0\0\0\0\0\x01\0\0") },
        { 70000, STR_INIT("\x82\x7f\0\0\0\0\0\x01\x11\x70") },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        strbuf_reset(&out);
        ws_frame_write(&out, WS_BINARY, (struct str){ bytes, cases[i].len });
        assert_int_equal(out.len, cases[i].header.len + cases[i].len);
        assert_str(str_sub(strbuf_str(&out), 0, cases[i].header.len), cases[i].header);
    }
    strbuf_finish(&out);
    strbuf_init(&out, 10);
    ws_frame_write(&out, WS_TEXT, STR("123456789"));
    assert_true(out.overflow);
    assert_int_equal(out.len, 0);
    strbuf_finish(&out);
}

TEST(close_reasons_are_cut_between_characters)
{
    char reason[200];
    struct strbuf out;

    strbuf_init(&out, 4096);
    ws_close_write(&out, WS_CLOSE_GOING_AWAY, STR("bye"));
    ws_close_write(&out, WS_CLOSE_NONE, STR("not sent"));
    assert_str(strbuf_str(&out), STR("\x88\x05\x03\xe9"
                                     "bye\x88\x00"));
    strbuf_reset(&out);
    memset(reason, 'x', sizeof(reason));
    ws_close_write(&out, 1000, (struct str){ reason, 123 });
    assert_int_equal(out.len, 127);
    strbuf_reset(&out);
    ws_close_write(&out, 1000, (struct str){ reason, 124 });
    assert_int_equal(out.len, 127);
    strbuf_reset(&out);
    memcpy(reason + 121, "\xe2\x82\xac", 3);
    ws_close_write(&out, 1000, (struct str){ reason, 124 });
    assert_int_equal(out.len, 4 + 121);
    assert_int_equal(out.ptr[1], 2 + 121);
    strbuf_finish(&out);
}

TEST(accept_key)
{
    char accept[WS_ACCEPT_LEN + 1];

    assert_true(ws_accept_key(STR("dGhlIHNhbXBsZSBub25jZQ=="), accept));
    assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    static const struct str bad[] = {
        STR_INIT(""),
        STR_INIT("dGhlIHNhbXBsZSBub25jZQ="),
        STR_INIT("dGhlIHNhbXBsZSBub25jZQ==="),
        STR_INIT("dGhlIHNhbXBsZSBub25jZWE="),
        STR_INIT("dGhlIHNhbXBsZSBub25jZR=="),
        STR_INIT("dGhlIHNhbXBsZSBub2-jZQ=="),
        STR_INIT("dGhlIHNhbXBsZSBub2\0jZQ=="),
        STR_INIT("dGhlIHNhbXBsZSBub25jZ==="),
        STR_INIT("dGhlIHNhbXBsZQ=="),
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct str copy = exact_copy(bad[i]);

        assert_false(ws_accept_key(copy, accept));
        free((void *)(uintptr_t)copy.ptr);
    }
}

TEST(reader_may_be_finished_in_the_middle)
{
    struct ws_reader reader;
    struct ws_message message;
    unsigned code;
    size_t used = 0;

    ws_reader_init(&reader);
    assert_int_equal(
            ws_read(&reader, STR("\x01\x85\0\0\0\0ab"), &used, &message, &code), PARSE_INCOMPLETE);
    assert_int_equal(used, 8);
    assert_int_equal(
            ws_read(&reader, (struct str){ NULL, 0 }, &used, &message, &code), PARSE_INCOMPLETE);
    assert_int_equal(used, 0);
    ws_reader_finish(&reader);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(rules_hold_however_the_input_is_cut),
        CASE(frames_must_be_masked),
        CASE(lengths_are_minimal_and_bounded),
        CASE(message_has_a_limit_in_one_frame_and_in_many),
        CASE(fragments_have_a_limit),
        CASE(frames_are_written_with_the_shortest_length),
        CASE(close_reasons_are_cut_between_characters),
        CASE(accept_key),
        CASE(reader_may_be_finished_in_the_middle),
    };

    strbuf_init(&script, 1024 * 1024);
    int failed = RUN(cases);

    strbuf_finish(&script);
    return failed;
}
