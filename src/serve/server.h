/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_SERVER_H
#define ORBITON_SERVE_SERVER_H

/*
 * What the files of this folder share: the server and its connections. One
 * thread, one loop; a connection is in exactly one state, and each state has
 * one way on.
 *
 *     HEAD --> SEND --> HEAD ...            an answer, then the next request
 *     HEAD --> BODY --> SEND                POST to one of our endpoints
 *     HEAD --> HELD --> HEAD                waits for a build, then asked again
 *     HEAD --> SYNC --> SEND                waits for the engine
 *     HEAD --> PAGE                         WebSocket or event stream
 *     HEAD --> PROXY --> HEAD ...           another server answers
 *     any  --> LINGER --> CLOSED            sent all; reads what the peer still says
 *     any  --> CLOSED                       gone; freed by the loop
 */

#include <uv.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "http/http_parse.h"
#include "serve/dev_server.h"
#include "serve/guard.h"

enum {
    SERVE_READ = 64 * 1024,     /* the one read buffer, and the chunk of file bodies */
    SERVE_SEND_MS = 60 * 1000,  /* a reader that takes nothing for so long is gone */
    SERVE_LINGER_MS = 2 * 1000, /* how long we listen to a peer that we have said goodbye to */
    SERVE_LISTENERS_MAX = 8,
    SERVE_ADDRESSES_MAX = 64,
    SERVE_ANSWER_MAX = 24 * 1024 * 1024, /* a document of 8 MiB in any encoding, and its head */
};

enum conn_state {
    CONN_HEAD,
    CONN_BODY,
    CONN_HELD,
    CONN_SYNC,
    CONN_SEND,
    CONN_PAGE,
    CONN_PROXY,
    CONN_LINGER,
    CONN_CLOSED,
};

/* Which endpoint a body under way is for. */
enum body_use { BODY_NONE, BODY_SEND, BODY_OPEN };

struct page;
struct proxied;
struct proxy_rules;

struct conn {
    uv_tcp_t tcp;
    struct dev_server *server;
    struct conn *prev;
    struct conn *next;
    enum conn_state state;
    uint64_t due_ms;  /* loop time at which the state has lasted too long; 0: it may last */
    struct strbuf in; /* received and not yet understood */
    bool paused;      /* reading is stopped: `in` is full while an answer is under way */
    bool eof;         /* the peer will send no more */

    /* the request being answered */
    bool keep_alive;
    bool in_request; /* its head is being handled and still in `in` */
    bool head_only;  /* HEAD: the answer is its head */
    int fd;          /* of the file being sent, or -1 */
    uint64_t file_at;
    uint64_t file_left; /* bytes not yet read from `fd` */
    struct strbuf out;  /* what the socket would not take at once; being written */
    uv_write_t write;
    uv_shutdown_t shutdown;
    uint64_t ticket; /* SYNC */

    /* BODY */
    enum body_use body_use;
    uint64_t body_left; /* of a body with a length */
    bool body_chunked;
    struct http_chunked chunked;
    struct strbuf body;
    page_id body_page; /* BODY_SEND: the page that speaks */

    struct page *page;       /* PAGE, owned; NULL otherwise */
    struct proxied *proxied; /* PROXY, owned; NULL otherwise */
};

struct listener {
    uv_tcp_t tcp;
    bool open;
};

struct dev_server {
    uv_loop_t *loop;
    struct dev_server_options options;
    struct guard guard;
    char token[SERVE_TOKEN_LEN + 1];
    char *root_real; /* the root's path as the kernel names it, to recognise links inside it */
    struct listener listeners[SERVE_LISTENERS_MAX];
    size_t listener_count;
    bool is_wildcard; /* listens on all addresses: those of this machine are allowed hosts */
    struct str addresses[SERVE_ADDRESSES_MAX]; /* in address_arena */
    struct arena address_arena;

    struct proxy_rules *proxy; /* one reference */

    struct conn *conns;
    size_t conn_count;
    struct page *pages;
    bool is_holding; /* hub_hold() */
    size_t page_count;
    page_id last_page;
    uint64_t last_ticket;
    uint64_t editor_ms; /* loop time of the last editor; 0: none yet */
    uint64_t requests;
    uint64_t dropped_pages;

    uv_timer_t timer;  /* one for all deadlines; runs only while there is one */
    uint64_t timer_ms; /* loop time it is set to; 0: stopped */

    size_t handles; /* not yet closed; the last one frees the server */
    bool closing;

    /* scratch of the request being handled; nothing of it outlives the call */
    struct arena arena;
    struct http_request request;
    struct strbuf answer;
    char chunk[SERVE_READ];
};

/* Looks at the machine's addresses again if we listen on all of them, for a Host that is an address
 * and not known. Whether it is ours now. */
bool dev_server_learn_address(struct dev_server *server, struct str host);

/* One handle is closed; the last one frees the server. */
void dev_server_unref(struct dev_server *server);

#endif
