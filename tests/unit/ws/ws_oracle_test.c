/* SPDX-License-Identifier: MIT */
/*
 * The reader beside wslay, an older reader of the same RFC: random frames, good
 * and bad, must give the same messages and the same verdict. The differences
 * that are meant:
 *
 *     wslay refuses text at its first bad byte, we at the end of the message,
 *     so control frames between the two are ours alone;
 *     wslay does not know the close codes 1012 to 1014, and takes a close of
 *     one byte for one without a code;
 *     wslay waits for a second byte where our first one is enough.
 */
#include <wslay/wslay.h>

#include "test.h"
#include "ws/ws_frame.h"

/* wslay itself loses queued answers when a close was sent; LeakSanitizer asks for this by name. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libwslay";
}

struct verdict {
    struct strbuf said;
    unsigned failed; /* the close code, 0 for none */
    bool closed;     /* by the peer */
    size_t used;
};

static uint64_t random_state;

/* xorshift64: the same streams in every run. */
static unsigned pick(unsigned below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)((random_state >> 20) % below);
}

static void note(struct strbuf *said, unsigned opcode, unsigned code, struct str payload)
{
    strbuf_addf(said, "%u,%u,%zu:", opcode, code, payload.len);
    strbuf_add(said, payload);
}

static void ask_ours(struct str in, struct verdict *ret)
{
    struct ws_reader reader;
    enum parse_status status;

    ws_reader_init(&reader);
    do {
        struct ws_message message;
        size_t used = 0;

        status = ws_read(&reader, str_skip(in, ret->used), &used, &message, &ret->failed);
        ret->used += used;
        if (status == PARSE_DONE) {
            note(&ret->said, message.opcode, message.close_code, message.payload);
            ret->closed = message.opcode == WS_CLOSE;
        }
    } while (status == PARSE_DONE && !ret->closed);
    ws_reader_finish(&reader);
}

/* What wslay reads from and writes to. */
struct pipe {
    struct str in;
    struct verdict *verdict;
    struct strbuf out;
    bool one_byte_close;
};

static ssize_t on_recv(wslay_event_context_ptr ctx, uint8_t *to, size_t len,
        int flags __attribute__((unused)), void *user)
{
    struct pipe *pipe = user;
    struct str piece = str_sub(pipe->in, 0, len);

    if (piece.len == 0) {
        wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(to, piece.ptr, piece.len);
    pipe->in = str_skip(pipe->in, piece.len);
    return (ssize_t)piece.len;
}

static ssize_t on_send(wslay_event_context_ptr ctx __attribute__((unused)), const uint8_t *from,
        size_t len, int flags __attribute__((unused)), void *user)
{
    struct pipe *pipe = user;

    strbuf_add(&pipe->out, (struct str){ (const char *)from, len });
    return (ssize_t)len;
}

static void on_message(wslay_event_context_ptr ctx __attribute__((unused)),
        const struct wslay_event_on_msg_recv_arg *arg, void *user)
{
    struct pipe *pipe = user;
    struct str payload = { (const char *)arg->msg, arg->msg_length };
    unsigned code = 0;

    if (arg->opcode == WS_CLOSE && payload.len == 1) {
        pipe->one_byte_close = true;
        return;
    }
    if (arg->opcode == WS_CLOSE) {
        code = payload.len == 0 ? WS_CLOSE_NONE : arg->status_code;
        payload = str_skip(payload, 2);
        pipe->verdict->closed = true;
    }
    note(&pipe->verdict->said, arg->opcode, code, payload);
}

/* The code of the last frame that wslay sent, if that was a close. One without a code is how it
 * answers a malformed header. */
static unsigned sent_close(struct str out)
{
    unsigned code = 0;

    while (out.len >= 2) {
        const unsigned char *p = (const unsigned char *)out.ptr;

        code = (p[0] & 15) != WS_CLOSE ? 0
               : p[1] >= 2             ? (unsigned)p[2] << 8 | p[3]
                                       : WS_CLOSE_PROTOCOL;
        out = str_skip(out, 2 + (size_t)p[1]); /* control frames only: short lengths */
    }
    return code;
}

static void ask_wslay(struct str in, struct verdict *ret)
{
    const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_recv,
        .send_callback = on_send,
        .on_msg_recv_callback = on_message,
    };
    struct pipe pipe = { .in = in, .verdict = ret };
    wslay_event_context_ptr ctx;

    strbuf_init(&pipe.out, 1024 * 1024);
    assert_int_equal(wslay_event_context_server_init(&ctx, &callbacks, &pipe), 0);
    wslay_event_config_set_max_recv_msg_length(ctx, WS_MESSAGE_MAX);
    size_t before;
    int status;

    do { /* it may stop at a frame that is not all there although there is more to receive */
        before = pipe.in.len;
        status = wslay_event_recv(ctx);
        assert_true(status == 0 || status == WSLAY_ERR_CALLBACK_FAILURE);
    } while (status == 0 && pipe.in.len < before);
    do { /* likewise it may stop behind the header of a frame */
        before = pipe.out.len;
        assert_int_equal(wslay_event_send(ctx), 0);
    } while (pipe.out.len > before);
    ret->failed = ret->closed ? 0 : sent_close(strbuf_str(&pipe.out));
    if (pipe.one_byte_close) {
        ret->failed = WS_CLOSE_PROTOCOL;
    }
    wslay_event_context_free(ctx);
    strbuf_finish(&pipe.out);
}

static void add_payload(struct strbuf *b, unsigned opcode, size_t len)
{
    static const char *const texts[] = { "abc", "\xc3\xa4", "\xf0\x9f\x9a\x80", "\xc3", "\xff",
        "\xed\xa0\x80" };
    static const unsigned codes[] = { 0, 999, 1000, 1001, 1003, 1004, 1005, 1006, 1007, 1011, 1015,
        2999, 3000, 4999, 5000, 65535 };
    size_t end = b->len + len;

    if (opcode == WS_CLOSE && len >= 2) {
        unsigned code = codes[pick(sizeof(codes) / sizeof(codes[0]))];

        strbuf_addc(b, (char)(code >> 8));
        strbuf_addc(b, (char)code);
    }
    while (b->len < end) {
        bool bad = pick(600) == 0; /* the last three are not UTF-8 */
        unsigned kind = bad ? 3 + pick(3) : pick(20);
        struct str text = str_from(kind < 3 || bad ? texts[kind] : "x");

        strbuf_add(b, str_sub(text, 0, end - b->len));
    }
}

/* One frame, mostly good: each rule is broken now and then. */
static void add_frame(struct strbuf *b, bool *open)
{
    static const size_t lens[] = { 0, 1, 2, 3, 10, 124, 125, 126, 127, 300, 40000, 65535, 65536 };
    bool control = pick(3) == 0;
    unsigned opcode = control ? 8 + (pick(6) == 0 ? 0 : 1 + pick(2)) : *open ? 0 : 1 + pick(2);
    bool fin = control || pick(2) == 0;
    size_t len = control ? lens[pick(7)] : lens[pick(pick(8) == 0 ? 13 : 10)];
    bool masked = true;
    unsigned form = len < 126 ? 0 : len <= 65535 ? 2 : 8;
    unsigned reserved = 0;

    if (!control) {
        *open = !fin;
    }
    switch (pick(60)) {
    case 0: opcode = pick(16); break;
    case 1: fin = !fin; break;
    case 2: reserved = 0x10U << pick(3); break;
    case 3: masked = false; break;
    case 4: form = pick(2) == 0 ? 2 : 8; break;
    case 5: len = lens[pick(13)]; break;
    default: break;
    }
    if (len > 125 && form == 0) {
        form = 8;
    }
    strbuf_addc(b, (char)((fin ? 0x80 : 0) | reserved | opcode));
    strbuf_addc(b, (char)((masked ? 0x80 : 0) | (form == 0 ? len : form == 2 ? 126 : 127)));
    for (unsigned i = 0; i < form; i++) {
        strbuf_addc(b, (char)((uint64_t)len >> (8 * (form - 1 - i))));
    }
    char mask[4] = { 0 };

    if (masked) {
        for (size_t i = 0; i < 4; i++) {
            mask[i] = (char)pick(256);
        }
        strbuf_add(b, (struct str){ mask, 4 });
    }
    size_t from = b->len;

    add_payload(b, opcode, len);
    for (size_t i = 0; from + i < b->len; i++) {
        b->ptr[from + i] = (char)(b->ptr[from + i] ^ mask[i & 3]);
    }
    if (pick(80) == 0) {
        b->ptr[pick((unsigned)b->len)] ^= (char)(1U << pick(8));
    }
}

static void demand_same(const struct verdict *ours, const struct verdict *theirs, size_t in_len)
{
    struct str we = strbuf_str(&ours->said);
    struct str they = strbuf_str(&theirs->said);

    if (theirs->failed == WS_CLOSE_UTF8) {
        assert_true(str_starts(we, they));
        return;
    }
    assert_str(we, they);
    assert_int_equal(ours->closed, theirs->closed);
    if (theirs->failed == 0 && ours->failed != 0) {
        assert_int_equal(in_len - ours->used, 1);
        return;
    }
    assert_int_equal(ours->failed, theirs->failed);
}

TEST(wslay_says_the_same)
{
    enum { STREAMS = 6000 };
    struct strbuf in;
    unsigned failures = 0;
    unsigned closes = 0;

    strbuf_init(&in, 4 * 1024 * 1024);
    for (unsigned seed = 1; seed <= STREAMS; seed++) {
        struct verdict ours = { 0 };
        struct verdict theirs = { 0 };
        bool open = false;

        random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
        strbuf_reset(&in);
        for (unsigned count = 1 + pick(8); count > 0; count--) {
            add_frame(&in, &open);
        }
        strbuf_init(&ours.said, 4 * 1024 * 1024);
        strbuf_init(&theirs.said, 4 * 1024 * 1024);
        ask_ours(strbuf_str(&in), &ours);
        ask_wslay(strbuf_str(&in), &theirs);
        demand_same(&ours, &theirs, in.len);
        failures += ours.failed != 0;
        closes += ours.closed;
        strbuf_finish(&ours.said);
        strbuf_finish(&theirs.said);
    }
    /* The streams are worth something only if they are of every kind. */
    assert_in_range(failures, STREAMS / 20, STREAMS * 3 / 4);
    assert_in_range(closes, STREAMS / 50, STREAMS * 3 / 4);
    strbuf_finish(&in);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(wslay_says_the_same),
    };

    return RUN(cases);
}
