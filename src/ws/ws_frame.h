/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WS_WS_FRAME_H
#define ORBITON_WS_WS_FRAME_H

/*
 * WebSocket for a server (RFC 6455): the handshake's key, frames and messages.
 * Bytes in, facts out; no sockets. No extension is ever negotiated.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "http/http_parse.h"

enum {
    WS_MESSAGE_MAX = 64 * 1024,
    WS_FRAGMENTS_MAX = 128,
    WS_ACCEPT_LEN = 28,
};

enum ws_opcode {
    WS_CONTINUATION = 0,
    WS_TEXT = 1,
    WS_BINARY = 2,
    WS_CLOSE = 8,
    WS_PING = 9,
    WS_PONG = 10,
};

/* Close codes used here (RFC 6455 section 7.4.1). */
enum {
    WS_CLOSE_NORMAL = 1000,
    WS_CLOSE_GOING_AWAY = 1001,
    WS_CLOSE_PROTOCOL = 1002,
    WS_CLOSE_DATA = 1003,
    WS_CLOSE_NONE = 1005, /* never on the wire: a close without a code */
    WS_CLOSE_UTF8 = 1007,
    WS_CLOSE_POLICY = 1008,
    WS_CLOSE_TOO_BIG = 1009,
    WS_CLOSE_TRY_LATER = 1013,
};

/* Sec-WebSocket-Accept for a Sec-WebSocket-Key; false if the key is not 16 bytes in base64. */
bool ws_accept_key(struct str key, char ret[WS_ACCEPT_LEN + 1]);

/* Appends one unmasked frame with FIN. */
void ws_frame_write(struct strbuf *out, enum ws_opcode opcode, struct str payload);

/* Appends a close frame; `reason` is cut to 123 bytes, between characters. Code 1005 gives a frame
 * without a payload, so that a close may be echoed as it came. */
void ws_close_write(struct strbuf *out, unsigned code, struct str reason);

/* One message, or control frame, from a client. */
struct ws_message {
    enum ws_opcode opcode; /* TEXT, BINARY, CLOSE, PING, PONG */
    struct str payload;    /* unmasked, reassembled; valid UTF-8 when TEXT; of a CLOSE the reason
                              without the code; until the next read */
    unsigned close_code;   /* CLOSE: 1005 when none was given */
};

/* The reading side of one connection. */
struct ws_reader {
    struct strbuf message; /* fragments so far, unmasked */
    struct strbuf control; /* payload of the last control frame */
    enum ws_opcode opcode; /* of the message under way */
    unsigned fragments;
    bool open;      /* a message is under way */
    bool delivered; /* private: `message` was handed out and is to be emptied */
    /* private: the frame under way */
    bool in_frame; /* its header was read, `left` bytes of payload are missing */
    bool fin;
    enum ws_opcode frame_opcode;
    unsigned char mask[4];
    unsigned mask_at; /* which byte of the mask is next */
    uint64_t left;
    bool closed;     /* a CLOSE was handed out: what follows is dropped */
    unsigned failed; /* the code of the failure, which stays; 0 if there was none */
};

void ws_reader_init(struct ws_reader *reader);
void ws_reader_finish(struct ws_reader *reader);

/*
 * Reads from the front of `in`. DONE: *ret is a message and *ret_used its bytes. INCOMPLETE:
 * *ret_used bytes (maybe 0) are done with, give the rest again with more behind it. MALFORMED:
 * *ret_close is the code to close with, now and on every later call. Payloads are taken in
 * piece by piece, a header only when all of it is there (at most 14 bytes).
 */
enum parse_status ws_read(struct ws_reader *reader, struct str in, size_t *ret_used,
        struct ws_message *ret, unsigned *ret_close);

#endif
