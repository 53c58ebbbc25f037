/* SPDX-License-Identifier: MIT */
/*
 * WebSocket input. The first byte says how the rest is cut. Properties: cut in
 * any way, the messages and the close code are the same; text is UTF-8; a
 * message is within its limit; no control frame is longer than 125 bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "ws/ws_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* What a reader said, with lengths in front so that no two sayings look alike. */
static void note(struct strbuf *said, const struct ws_message *message)
{
    strbuf_addf(
            said, "%d,%u,%zu:", (int)message->opcode, message->close_code, message->payload.len);
    strbuf_add(said, message->payload);
}

static void demand_within_rules(const struct ws_message *message)
{
    switch (message->opcode) {
    case WS_TEXT: demand(str_is_utf8(message->payload)); break;
    case WS_BINARY: break;
    case WS_CLOSE:
        demand(str_is_utf8(message->payload) && message->payload.len <= 123);
        demand(message->close_code >= 1000 && message->close_code < 5000);
        break;
    case WS_PING:
    case WS_PONG: demand(message->payload.len <= 125); break;
    case WS_CONTINUATION:
    default: demand(false);
    }
    demand(message->payload.len <= WS_MESSAGE_MAX);
}

static void read_in_steps(struct str in, size_t step, struct strbuf *said)
{
    struct ws_reader reader;
    size_t from = 0;
    size_t to = 0;
    enum parse_status status = PARSE_INCOMPLETE;

    ws_reader_init(&reader);
    while (status != PARSE_MALFORMED && (status == PARSE_DONE || to < in.len)) {
        if (status == PARSE_INCOMPLETE) {
            to = in.len - to < step ? in.len : to + step;
        }
        struct str piece = str_sub(in, from, to);
        struct ws_message message;
        unsigned close_code = 0;
        size_t used = 0;

        status = ws_read(&reader, piece, &used, &message, &close_code);
        demand(used <= piece.len);
        from += used;
        if (status == PARSE_DONE) {
            demand_within_rules(&message);
            note(said, &message);
        } else if (status == PARSE_MALFORMED) {
            strbuf_addf(said, "!%u", close_code);
        } else {
            demand(to - from < 14); /* a header, nothing more, is waited for */
        }
    }
    ws_reader_finish(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) {
        return 0;
    }
    struct str in = { (const char *)data + 1, size - 1 };
    const size_t steps[] = { 1, 3, (size_t)data[0] + 1 };
    struct strbuf whole;

    strbuf_init(&whole, 64 * 1024 * 1024);
    read_in_steps(in, in.len, &whole);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct strbuf cut;

        strbuf_init(&cut, 64 * 1024 * 1024);
        read_in_steps(in, steps[i], &cut);
        demand(str_eq(strbuf_str(&cut), strbuf_str(&whole)));
        strbuf_finish(&cut);
    }
    strbuf_finish(&whole);
    return 0;
}
