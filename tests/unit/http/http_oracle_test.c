/* SPDX-License-Identifier: MIT */
/*
 * Our request heads beside llhttp's strict mode, node's parser: mutated good
 * requests. Whatever we accept it must accept too, and frame the same way. The
 * reverse does not hold and is not wanted: obs-fold, a space before a colon
 * and repeated fields are accepted there and refused here.
 */
#include <llhttp.h>

#include "base/strbuf.h"
#include "http/http_parse.h"
#include "test.h"

static uint64_t random_state;

/* xorshift64: the same requests in every run. */
static unsigned pick(unsigned below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)((random_state >> 20) % below);
}

#define HEAD " HTTP/1.1\r\nHost: localhost:8080\r\n"

static const struct str seeds[] = {
    STR_INIT("GET /" HEAD "\r\n"),
    STR_INIT("GET /a/%C3%A4?b=c&d" HEAD "Accept: */*\r\nX-Y: \xc3\xa4\t z\r\n\r\n"),
    STR_INIT("GET / HTTP/1.0\r\n\r\n"),
    STR_INIT("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"),
    STR_INIT("POST /x" HEAD "Content-Length: 5\r\nConnection: close\r\n\r\n"),
    STR_INIT("POST /x" HEAD "Transfer-Encoding: chunked\r\n\r\n"),
    STR_INIT("POST /x" HEAD "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
    STR_INIT("GET /ws" HEAD "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n"),
    STR_INIT("GET http://localhost:8080/a" HEAD "\r\n"),
    STR_INIT("HEAD /a" HEAD "Connection:\r\nConnection: close , x\r\nExpect: 100-continue\r\n\r\n"),
};

/* Pieces that matter to a reader of heads. */
static const struct str pieces[] = {
    STR_INIT("\r\n"),
    STR_INIT("\r"),
    STR_INIT("\n"),
    STR_INIT(" "),
    STR_INIT("\t"),
    STR_INIT(":"),
    STR_INIT(","),
    STR_INIT("\0"),
    STR_INIT("\x7f"),
    STR_INIT("\xff"),
    STR_INIT("\\"),
    STR_INIT("\""),
    STR_INIT("#"),
    STR_INIT("//"),
    STR_INIT("%2e"),
    STR_INIT("0"),
    STR_INIT("9"),
    STR_INIT("close"),
    STR_INIT("keep-alive, "),
    STR_INIT("chunked"),
    STR_INIT("\r\nContent-Length: 3"),
    STR_INIT("\r\nTransfer-Encoding: chunked"),
    STR_INIT("\r\nConnection: upgrade"),
    STR_INIT("\r\nUpgrade: websocket"),
    STR_INIT("\r\n folded"),
};

static void mutate(struct strbuf *b)
{
    struct str piece = pieces[pick(sizeof(pieces) / sizeof(pieces[0]))];
    unsigned at = pick((unsigned)b->len);

    switch (pick(4)) {
    case 0: b->ptr[at] = (char)pick(256); break;
    case 1: b->ptr[at] = piece.ptr[0]; break;
    case 2: /* remove */
        memmove(b->ptr + at, b->ptr + at + 1, b->len - at);
        b->len--;
        break;
    default: /* insert */
        if (strbuf_reserve(b, piece.len)) {
            memmove(b->ptr + at + piece.len, b->ptr + at, b->len - at);
            memcpy(b->ptr + at, piece.ptr, piece.len);
            strbuf_commit(b, piece.len);
        }
        break;
    }
}

struct theirs {
    bool complete;
    bool chunked;
    bool has_length;
    uint64_t length;
    bool keep_alive;
    bool upgrade;
    llhttp_errno_t error;
};

static int on_headers_complete(llhttp_t *parser)
{
    struct theirs *theirs = parser->data;

    theirs->complete = true;
    theirs->chunked = (parser->flags & F_CHUNKED) != 0;
    theirs->has_length = (parser->flags & F_CONTENT_LENGTH) != 0;
    theirs->length = parser->content_length;
    theirs->keep_alive = llhttp_should_keep_alive(parser) != 0;
    theirs->upgrade = parser->upgrade != 0;
    return HPE_PAUSED;
}

static struct theirs ask_llhttp(struct str head)
{
    struct theirs theirs = { 0 };
    llhttp_settings_t settings;
    llhttp_t parser;

    llhttp_settings_init(&settings);
    settings.on_headers_complete = on_headers_complete;
    llhttp_init(&parser, HTTP_REQUEST, &settings);
    parser.data = &theirs;
    theirs.error = llhttp_execute(&parser, head.ptr, head.len);
    return theirs;
}

static void demand_agreement(struct str in, const struct http_request *request, size_t len)
{
    struct theirs theirs = ask_llhttp(str_sub(in, 0, len));

    if (theirs.error == HPE_INVALID_METHOD) {
        return; /* it has a list of methods, we take any token */
    }
    if (!theirs.complete) {
        fail_msg("llhttp (%d) refuses: %.*s", (int)theirs.error, STR_FMT(in));
    }
    if (request->chunked != theirs.chunked || (request->content_length >= 0) != theirs.has_length ||
            (theirs.has_length && (uint64_t)request->content_length != theirs.length)) {
        fail_msg("framed differently: %.*s", STR_FMT(in));
    }
    if (request->keep_alive != theirs.keep_alive) {
        fail_msg("kept alive differently: %.*s", STR_FMT(in));
    }
    if (request->upgrade_websocket && !theirs.upgrade) {
        fail_msg("upgraded differently: %.*s", STR_FMT(in));
    }
}

TEST(llhttp_accepts_and_frames_what_we_accept)
{
    enum { REQUESTS = 60000 };
    static struct http_request request;
    struct arena arena = { 0 };
    struct strbuf in;
    unsigned accepted = 0;

    strbuf_init(&in, 4096);
    for (unsigned seed = 1; seed <= REQUESTS; seed++) {
        struct http_target target;
        size_t len;
        int status;

        random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
        strbuf_reset(&in);
        strbuf_add(&in, seeds[seed % (sizeof(seeds) / sizeof(seeds[0]))]);
        for (unsigned count = pick(4); count > 0; count--) {
            mutate(&in);
        }
        if (http_parse_request(strbuf_str(&in), &request, &len, &status) == PARSE_DONE &&
                http_target_parse(&arena, request.target, request.host, &target)) {
            demand_agreement(strbuf_str(&in), &request, len);
            accepted++;
        }
        arena_reset(&arena);
    }
    assert_in_range(accepted, REQUESTS / 5, REQUESTS * 4 / 5);
    arena_finish(&arena);
    strbuf_finish(&in);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(llhttp_accepts_and_frames_what_we_accept),
    };

    return RUN(cases);
}
