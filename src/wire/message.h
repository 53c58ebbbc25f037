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
#include "hmr/update.h"

enum {
    MESSAGE_PROTOCOL = 1,
    MESSAGE_TEXT_MAX = 4 * 1024 * 1024, /* what one message to a page may take */
    MESSAGE_PATHS_MAX = 100,            /* paths listed by fileChange */
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

/* Each appends one JSON object. */
void message_hello(struct strbuf *b, struct str epoch, uint64_t seq, uint64_t page,
        const struct message_config *config);
/* The same as in hello, when it has changed. */
void message_config(struct strbuf *b, const struct message_config *config);
void message_file_change(struct strbuf *b, const struct str *paths, size_t count, struct str kind);
/* `status` is "started", "completed" or "failed"; `diags` may be NULL. */
void message_rebuild(
        struct strbuf *b, struct str status, uint64_t ms, const struct diag_list *diags);
void message_hmr(struct strbuf *b, uint64_t seq, const struct str *modules, size_t module_count,
        const struct update *updates, size_t update_count, struct str reason,
        const struct message_timing *timing);
/* `force`: a person asked for it, so that hot-only does not hold it. */
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
    MESSAGE_CUSTOM,
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
    bool more;
    /* applied */
    bool ok;
    enum applied_mode mode;
    double apply_ms, paint_ms; /* negative: not told */
    struct str reason;         /* what failed, or why the page was reloaded; may be empty */
    /* log */
    struct str level, text;
};

/* Reads one message. False for what is not a JSON object with a "type". */
bool message_parse(struct arena *a, struct str text, struct client_message *ret);

#endif
