/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WIRE_MESSAGE_H
#define ORBITON_WIRE_MESSAGE_H

/*
 * The messages of docs/protocol.md: facts to JSON text, and a page's text back
 * to facts. Pure. Messages of types that are not known are MESSAGE_UNKNOWN, and
 * unknown members are skipped.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "hmr/plan.h"
#include "hmr/update.h"

/* The largest transaction number that a page may name: what a script can count to. */
#define MESSAGE_SEQ_MAX (((uint64_t)1 << 53) - 1)

enum {
    MESSAGE_PROTOCOL = 1,
    MESSAGE_TEXT_MAX = 4 * 1024 * 1024, /* what one message to a page may take */
    MESSAGE_STAMPS_MAX = 1000,          /* stamps in one message; more follow */
    MESSAGE_PATHS_MAX = 100,            /* paths listed by fileChange */
};

/* The newest instance of a module. */
struct message_stamp {
    struct str key;
    uint64_t seq;
};

struct message_config {
    bool hot_only;
    bool badge;
    bool overlay;
};

/* Milliseconds; negative: not known, left out. */
struct message_timing {
    double watch;
    double build;
};

/* A new instance that is a data: URL's. */
struct message_carried {
    struct str key;
    struct str text;
};

/* What a page must do about JavaScript modules. */
struct message_js {
    uint64_t stamp;     /* of all new instances */
    uint64_t seq, page; /* name the record by which it can be taken back */
    const struct plan *plan;
    struct message_carried *carried;
    size_t carried_count;
};

/* Each appends one JSON object. `stamps` are those of modules that have been replaced. */
size_t message_hello(struct strbuf *b, struct str epoch, uint64_t seq, uint64_t page,
        const struct message_config *config, const struct message_stamp *stamps,
        size_t stamp_count);
/* More of them, and those that have been raised since. Both return how many they took, at least one. */
size_t message_stamps(struct strbuf *b, const struct message_stamp *stamps, size_t count);
/* The same as in hello, when it has changed. */
void message_config(struct strbuf *b, const struct message_config *config);
void message_file_change(struct strbuf *b, const struct str *paths, size_t count, struct str kind);
/* `status` is "started", "completed" or "failed"; `diags` may be NULL. */
void message_rebuild(
        struct strbuf *b, struct str status, uint64_t ms, const struct diag_list *diags);
void message_hmr(struct strbuf *b, uint64_t seq, const struct str *modules, size_t module_count,
        const struct update *updates, size_t update_count, struct str reason,
        const struct message_timing *timing, const struct message_js *js);
/* In message_hmr(), `js` may be NULL: no module changed. `force`: a person asked for it, so that hot-only does not hold it. */
void message_reload(struct strbuf *b, uint64_t seq, struct str reason, bool force);
void message_error(struct strbuf *b, const struct diag_list *diags);
void message_clear(struct strbuf *b);

/* The versions that the server gives to URLs for which the page could tell none. */
void message_versions(struct strbuf *b, const struct update *updates, size_t count);

/* A diagnostics array, as in the messages; also for --json. */
void message_add_diags(struct strbuf *b, const struct diag_list *diags);

enum message_type {
    MESSAGE_UNKNOWN,
    MESSAGE_REGISTER,
    MESSAGE_APPLIED,
    MESSAGE_LOG,
    MESSAGE_TEXTS, /* whether the page may run texts of modules that come with messages */
    MESSAGE_CUSTOM,
    MESSAGE_INVALIDATE,
};

enum applied_mode {
    APPLIED_HOT,
    APPLIED_HANDLER,
    APPLIED_RELOAD,
    APPLIED_HELD,
    APPLIED_FAILED,
};

struct message_loaded {
    struct str url;
    struct version version;
    struct stamp stamp; /* {0, 0}: the first instance, or no module */
    bool carried;       /* of a text that came with a message */
    bool pruned;        /* the page ran it, and has cleaned it up as of that stamp */
    uint64_t seen;      /* the newest transaction when it was served; UINT64_MAX: not told */
};

/* What the instances of one module accept. */
struct message_hot {
    struct str key;
    bool self;
    struct str *deps;
    size_t dep_count;
    struct str *exports;
    size_t export_count;
};

/* What one module has imported by expressions. */
struct message_edges {
    struct str key;
    struct str *targets;
    size_t target_count;
};

/* What a page said. Texts lie in the arena. */
struct client_message {
    enum message_type type;
    uint64_t seq;
    struct str epoch;
    /* register */
    struct str url; /* path and query of the document */
    struct message_loaded *loaded;
    size_t loaded_count;
    struct message_hot *hot;
    size_t hot_count;
    struct message_edges *edges;
    size_t edge_count;
    bool more;
    bool failing;  /* the page says that something is broken: it wants to know if it still is */
    bool complete; /* its `load` has been */
    /* applied */
    bool ok;
    enum applied_mode mode;
    double apply_ms, paint_ms; /* negative: not told */
    struct str reason;         /* what failed, or why the page was reloaded; may be empty */
    bool rolled_back;          /* it failed, and the page runs again what it ran before */
    /* invalidate: `url` said `text`, in the instance `stamp` */
    struct stamp stamp;
    /* log */
    struct str level, text, place; /* of an error: "src/a.ts:3:7", or empty */
};

/* Reads one message. False for what is not a JSON object with a "type". */
bool message_parse(struct arena *a, struct str text, struct client_message *ret);

#endif
