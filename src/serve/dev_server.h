/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_DEV_SERVER_H
#define ORBITON_SERVE_DEV_SERVER_H

/*
 * DevServer: HTTP and WebSocket on one port. It serves files as they are now,
 * guards the door (Host, Origin, token, limits), injects the client, and keeps
 * the connected pages. What to tell a page is the engine's affair: the server
 * carries text to and from it and does not read it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/blob.h"
#include "base/str.h"
#include "files/files.h"

struct dev_server;
struct modules;

/* A connected page; never reused within a run. 0 is no page. */
typedef uint64_t page_id;

enum {
    SERVE_CONNECTIONS_MAX = 1024,
    SERVE_UNSENT_MAX = 256 * 1024, /* bytes unsent per page; then it is dropped and catches up */
    SERVE_HEAD_MS = 10 * 1000,
    SERVE_IDLE_MS = 15 * 1000,
    SERVE_PING_MS = 15 * 1000,
    SERVE_EDITOR_MS = 200, /* one editor per */
    SERVE_TOKEN_LEN = 32,  /* hexadecimal digits */
};

struct dev_server_header {
    struct str name;
    struct str value;
};

/* Requests that are handed to another server: see proxy_rules.h. */
struct dev_server_proxy {
    struct str path;    /* the begin of their targets, or "^...", a regular expression */
    struct str target;  /* "http://HOST[:PORT][/BASE]" */
    struct str strip;   /* taken away at the begin before BASE is put there; or empty */
    struct str add;     /* put in the place of that; or empty */
    struct str headers; /* "Name: value\r\n" each, set in the request; or empty */
    struct str source;  /* where it is configured, for a person */
    bool change_origin; /* Host is the target's */
    bool ws;            /* WebSockets, too */
};

/* What a command or the inspector asks of the engine. */
enum ask_kind {
    ASK_STATE,   /* GET /__orbit/state: everything, for the inspector */
    ASK_WHY,     /* GET /__orbit/why: the last transactions */
    ASK_EXPLAIN, /* GET /__orbit/explain?file=PATH */
    ASK_PLACE,   /* GET /__orbit/place?url=URL&line=N&col=N&hash=HASH: where it was written */
};

struct dev_server_ask {
    enum ask_kind kind;
    uint64_t ticket;  /* of dev_server_sync_done() */
    struct str file;  /* from the root; it need not exist. Borrowed for the call */
    struct str epoch; /* of the state that the asker has, with `after` its version */
    uint64_t after;
    struct str url; /* of a module that a page runs; `hash` of its text, or empty */
    struct str hash;
    unsigned line, col; /* in that text, from 1 */
};

struct dev_server_options {
    struct files *files;     /* borrowed, as everything here */
    struct modules *modules; /* what scripts are served as; NULL: as they are, all of them */
    struct str host;         /* "": loopback, 127.0.0.1 and ::1 */
    uint16_t port;           /* preferred; 0: any */
    bool strict_port;        /* else the next free one of 100 is taken */
    const struct str *allowed_hosts; /* more names for the Host header */
    size_t allowed_host_count;
    const struct str *static_dirs; /* folders searched after the root, relative to it */
    size_t static_dir_count;
    const struct dev_server_header *headers; /* added to every file answer */
    size_t header_count;
    const struct dev_server_proxy *proxies; /* the first that fits counts, before all files */
    size_t proxy_count;
    bool hmr;                       /* false: no injection, no WebSocket */
    struct str epoch;               /* this run's name, in the injected tag */
    uint64_t (*get_seq)(void *ctx); /* the last transaction's number, for the injected tag */
    /* A build's artefact by its URL path; false if it is none. See build_find_artefact(). */
    bool (*find_artefact)(void *ctx, struct str url_path, struct str *ret_path);
    /* True while answers for artefacts should wait (a build runs); dev_server_release() ends it */
    bool (*holds)(void *ctx, struct str url_path);
    void (*on_page_open)(void *ctx, page_id page);
    void (*on_page_message)(void *ctx, page_id page, struct str text); /* one JSON message */
    void (*on_page_close)(void *ctx, page_id page);
    /* GET /__orbit/sync: answer later with dev_server_sync_done(ticket, json) */
    void (*on_sync)(void *ctx, uint64_t ticket);
    /* A checked question: answer later with dev_server_sync_done(ask->ticket, json) */
    void (*on_ask)(void *ctx, const struct dev_server_ask *ask);
    /* A target does not answer, or not so that it can be understood: once for each outage */
    void (*on_proxy_trouble)(void *ctx, struct str path, struct str text);
    /* A checked request to open a file of the project in the editor */
    void (*on_open_editor)(void *ctx, struct str path, unsigned line, unsigned col);
    void *ctx;
};

/* Makes the token and listens. 0 or -errno (-EADDRINUSE with strict_port). */
int dev_server_create(
        uv_loop_t *loop, const struct dev_server_options *options, struct dev_server **ret);

/* Takes over hosts, folders, headers, proxies and hmr from new options; where it listens and whom it calls
 * stay. Of the options before only `host` and `epoch` are borrowed afterwards. */
void dev_server_configure(struct dev_server *server, const struct dev_server_options *options);

uint16_t dev_server_port(const struct dev_server *server);
struct str dev_server_token(const struct dev_server *server);

/* Sends one text message to a page (WebSocket or event stream). A page that is gone, or that is
 * over its limit and dropped by this, is no error. Takes its own reference. */
void dev_server_send(struct dev_server *server, page_id page, struct blob *text);

/* The same for what a page can do without: one that is over its limit does not get it, and stays. */
void dev_server_offer(struct dev_server *server, page_id page, struct blob *text);

/* "http://HOST" of a page of this machine with no proxy between (guard_own_origin()); else empty. Borrowed from
 * the page. */
struct str dev_server_origin(const struct dev_server *server, page_id page);

/* While `hold` small messages to pages wait, to go out in one write when it ends: a write wakes the
 * browser, and costs more than what is in it. Ended within the same turn of the loop. */
void dev_server_hold(struct dev_server *server, bool hold);

/* Requests held for a build are answered now. */
void dev_server_release(struct dev_server *server);

/* Answers a sync with 200 and a JSON body. A ticket whose connection is gone is ignored. */
void dev_server_sync_done(struct dev_server *server, uint64_t ticket, struct str json);

/*
 * The file that a URL of ours means, by the same rules as a request: query dropped, folders to
 * their index.html, static_dirs searched, artefacts found. `url` is a path ("/a/b.js?x") without
 * origin. False if it is not a URL of the project or no such file exists; then *ret_path is where
 * it would be in the root (so that its appearance can be noticed), or empty.
 */
bool dev_server_resolve(
        struct dev_server *server, struct str url, char *buffer, size_t size, struct str *ret_path);

struct dev_server_stats {
    size_t connections;
    size_t pages;
    uint64_t requests;
    uint64_t dropped_pages;
};
void dev_server_get_stats(const struct dev_server *server, struct dev_server_stats *ret);

/* Closes listeners and connections (pages get close code 1001); freed by the loop. Accepts NULL. */
void dev_server_destroy(struct dev_server *server);

#endif
