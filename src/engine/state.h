/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ENGINE_STATE_H
#define ORBITON_ENGINE_STATE_H

/* The engine's inside, shared by the files of this folder only. */

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "build/build.h"
#include "config/options.h"
#include "engine/report.h"
#include "engine/why.h"
#include "files/files.h"
#include "hmr/context.h"
#include "hmr/pages.h"
#include "hmr/transaction.h"
#include "modules/modules.h"
#include "resolve/fs.h"
#include "resolve/fs_memo.h"
#include "serve/dev_server.h"
#include "term/term.h"
#include "watch/watch.h"
#include "wire/message.h"

enum {
    EPOCH_LEN = 16,  /* hexadecimal digits */
    SYNCS_MAX = 256, /* requests waiting for /__orbit/sync; more are answered at once */
    DOUBTS_MAX = 1024,
    CAUSES_MAX = 4,  /* changed inputs named in a build's line */
    LOOP_BUILDS = 3, /* a file that changed during this many builds in a row starts none */
    LOOP_JITTER_MS = 50,
    BROUGHT_BITS = 52,       /* of a number that a page brings; what is larger is not taken over */
    INVALIDATIONS_KEPT = 64, /* complaints of modules that are remembered */
    INVALIDATE_TEXT_MAX = 500, /* of a module's complaint */
    AFTER_BUILD_MS = 50, /* events of a build's last writes may come this much after its end */
};

struct sync_wait;
struct held;
struct transform;
struct sidecar;
struct tsconfigs;
struct vite_config;

/* A module that could not take its update, and the instances that came of it. */
struct invalidation {
    struct hash url;
    uint64_t seq;
};

struct touched_list {
    struct node **items;
    size_t count, cap;
    struct touched_node *known; /* the same, by node; in the turn's arena */
};

/* Files that were found unfinished, by the hash of their paths. */
struct doubt_list {
    struct hash *items;
    size_t count, cap;
    bool all; /* there were more than are remembered */
};

struct target_list {
    struct why_target *items;
    size_t count, cap;
};

/* Why the next build starts: the inputs that changed since the last good one. */
struct causes {
    struct arena arena;
    struct str paths[CAUSES_MAX];
    size_t count; /* of all, also those not kept */
    uint64_t first_ns;
};

/* The loop detective's memory: a file that has changed during builds in a row. */
struct self_trigger {
    struct str path;    /* owned, on the heap; empty: nothing is suspected */
    uint64_t offset_ms; /* how long after the build's start it changed */
    unsigned builds;    /* in a row */
    bool seen;          /* a change during the present build has been noted */
    bool stopped;       /* the user has been told */
};

/* The evaluation of vite.config. */
struct vite_reading {
    bool is_running;
    bool again;       /* it has changed since that began */
    bool is_kept;     /* what holds was said in an earlier run, and is to be asked for again */
    struct hash text; /* of what is evaluated */
    struct diag_list diags; /* why what it says now does not hold */
};

struct engine {
    uv_loop_t *loop;
    const struct options *options;       /* the present ones */
    const struct options *first_options; /* what the parts were opened with; borrowed */
    struct options *own_options;         /* read again; NULL while the first ones hold */
    bool (*read_options)(
            void *ctx, struct options *ret, struct strbuf *err, struct diag_list *diags);
    void *read_ctx;
    struct diag_list config_diags; /* why the configuration on disk is not the present one */
    struct term *term;
    const char *(*env)(const char *name);

    struct files *files;
    struct watch *watch;
    struct build *build;
    struct dev_server *server;
    struct hmr_context *context;
    struct graph *graph;
    struct fs_memo *memo;
    struct fs fs; /* of the memo */
    struct modules *modules;
    struct tsconfigs *tsconfigs;
    struct vite_config *vite_config;
    struct vite_reading vite;
    struct sidecar *sidecar;     /* owned by `transform` */
    struct transform *transform; /* the project's compilers */
    struct held *held;           /* what waits for them, oldest first */
    size_t held_bytes;           /* of messages among it */
    bool releasing;              /* a held message is being taken */
    uint64_t arrived_ns;      /* of the held change set that is being taken; 0: it was not held */
    bool had_folder_links;    /* when the last change set was taken */
    struct doubt_list doubts; /* pages may run half of them, or what was there before */
    struct touched_list touched;   /* what may say something else now; one reference each */
    struct diag_list module_diags; /* why modules of pages cannot load, as last told */
    struct invalidation invalidations[INVALIDATIONS_KEPT];
    struct target_list targets; /* of the transaction that went out last; texts in `turn` */
    struct pages *pages;
    struct why_log *why;
    struct report report;
    const char **build_env; /* owned; the texts are the options' */

    char epoch[EPOCH_LEN + 1];
    uint64_t seq; /* of the last transaction */

    uv_timer_t debounce; /* armed for what is left of the debounce */
    bool debounce_armed;
    bool swap_due; /* the build is to be made anew, by new options */
    bool closing;

    struct causes causes;
    struct self_trigger self;
    bool built_once;        /* a build of this run has been good */
    bool failing;           /* the last build failed; `diags` says why */
    struct diag_list diags; /* of the last failed build */
    uint64_t build_began_ns;
    uint64_t build_ended_ns; /* 0: none has ended */
    uint64_t build_ended_wall_ns;

    struct sync_wait *waits; /* syncs that wait for the watcher */
    uint64_t *syncs;         /* tickets whose watching part is done, waiting for the build */
    size_t sync_count;

    struct arena shown;  /* the text that a message shows a place in */
    struct arena turn;   /* reset when a callback of the engine ends */
    struct arena served; /* what the server borrows of the present options */
};

/* engine.c */
/* Makes the build of the present options. The one before must be gone. */
void engine_create_build(struct engine *e);
/* The present options into the server and the watcher that run. */
void engine_configure_server(struct engine *e);
void engine_configure_watch(struct engine *e);

/* reconfigure.c */
/* Whether a path is the configuration file's. */
bool reconfigure_is_file(const struct engine *e, struct str path);
/* Reads the configuration again and applies what can be applied. */
void reconfigure_read(struct engine *e);
/* Makes the build anew if that is due and none runs. */
void reconfigure_swap_build(struct engine *e);
/* All that is wrong at present: the configuration's errors and the last build's. */
void reconfigure_collect_problems(struct engine *e, struct diag_list *ret);
/* Tells it to all pages, or that all is well. */
void reconfigure_tell_problems(struct engine *e);
void reconfigure_finish(struct engine *e);

/* turn.c */
void turn_on_changes(void *ctx, const struct change_set *set);
/* The same for a set that need not wait for any tool. */
void turn_take(struct engine *e, const struct change_set *announced);
/* The version of a file now. */
struct version turn_look(struct engine *e, struct str path);
struct str turn_module(struct engine *e, struct str path);
/* Sends a message to every page. */
void turn_broadcast(struct engine *e, const struct strbuf *text);
void turn_send(struct engine *e, uint64_t page, const struct strbuf *text);
/*
 * Sends each page its marked updates as one transaction numbered e->seq, naming `modules`, or the
 * modules of its updates when there are none given. Returns how many pages got one.
 */
size_t turn_send_updates(struct engine *e, const struct str *modules, size_t module_count,
        struct str reason, const struct message_timing *timing);
/* The same for one page. False if it has no updates. */
bool turn_send_page(struct engine *e, struct page *page, const struct str *modules,
        size_t module_count, struct str reason, const struct message_timing *timing);
/* The same, with what was planned for its modules (NULL: nothing) and the stamp of that. */
bool turn_send_step(struct engine *e, struct page *page, const struct page_step *step,
        uint64_t stamp, const struct str *modules, size_t module_count, struct str reason,
        const struct message_timing *timing);
void turn_print(struct engine *e, const char *verb, struct str what, struct str why);
/* "src/a.js:3:7", for a line. */
struct str turn_place(struct engine *e, const struct diag *diag);

/* doubts.c */
/* Whether somebody is writing the file in which `found` was seen. If so, its next announcement
 * counts even if it has the bytes that it had: for whoever asks, something else stands for it. */
bool doubts_is_unfinished(void *engine, struct str path, const struct file_facts *found);
/* Whether somebody was told so, and it has not been announced since. */
bool doubts_holds(const struct engine *e, struct str path);
/* The file was not what was announced: the same. */
void doubts_add(struct engine *e, struct str path);
/* The set with the entries as changes that are the same again, but in doubt; in the turn's arena. */
struct change_set doubts_settle(struct engine *e, const struct change_set *set);

/* linked.c: files that pages have loaded through links to folders, and that the set may have changed. Of
 * those that somebody is writing a later set tells. In the turn's arena. */
struct linked {
    struct str *paths;
    size_t count;
};
struct linked linked_find(struct engine *e, const struct change_set *set);

/* modules_turn.c */
void modules_turn_open(struct engine *e, const struct str *static_dirs, size_t static_dir_count);
/* Frees pages, modules and graph. */
void modules_turn_close(struct engine *e);
/* Files were written, came or went: all of a set at once, before any is read. */
void modules_turn_touch(struct engine *e, const struct touch *changes, size_t count);
/* All modules of components are to be made anew. */
void modules_turn_touch_components(struct engine *e);
/* `set`: of the turn; what it announces is taken and nothing else. NULL: what there is. */
void modules_turn_read(struct engine *e, const struct change_set *set);
/* What was read is marked for the pages that run something else. */
void modules_turn_mark(struct engine *e);
/* Plans transaction e->seq for `only`, or for all pages when it is NULL; in the turn's arena. */
struct page_step *modules_turn_plan(struct engine *e, struct page *only, size_t *ret_count);
/* Behind the updates: what cannot load is told, or that all is well again; to `only`, if it is given,
 * since the others know. */
void modules_turn_after(
        struct engine *e, const struct page *only, const struct page_step *steps, size_t count);
/* The page's updates with the texts that go along. */
struct update *modules_turn_updates(struct engine *e, const struct page *page, size_t *ret_count);
/* Adds the modules whose text goes along. */
void modules_turn_carry(struct engine *e, const struct page *page, const struct update *updates,
        size_t count, struct message_js *js);
/* Registers one URL; returns the version that the file has now. *ret_kept is false if there is
 * nothing to tell the page of it: it has too many, or the file was read while it was written. */
struct version modules_turn_register(struct engine *e, struct page *page,
        const struct message_loaded *loaded, struct str path, struct str document, bool missed,
        bool *ret_kept);
/* A module that the page ran before: coming back it needs a newer stamp than that. */
void modules_turn_register_pruned(
        struct engine *e, const struct message_loaded *loaded, struct str path);
void modules_turn_register_hot(struct page *page, const struct client_message *m);
void modules_turn_applied(struct engine *e, struct page *page, const struct client_message *m);
void modules_turn_invalidate(struct engine *e, struct page *page, const struct client_message *m);

/* stamps.c */
/* The stamps of all modules that have one, in the turn's arena. */
struct message_stamp *stamps_all(struct engine *e, size_t *ret_count);
/* Tells a page these. */
void stamps_send(struct engine *e, uint64_t page, const struct message_stamp *stamps, size_t count);
/* Tells the pages what was raised by the steps of other pages; these may have been sent. */
void stamps_tell_others(struct engine *e, const struct page_step *steps, size_t count);

/* transform_turn.c */
void transform_turn_open(struct engine *e);
/* Ends the compilers. */
void transform_turn_stop(struct engine *e);
void transform_turn_close(struct engine *e);
/* Whether the set has to wait for a compiler: then it is kept, and taken when that is done. */
bool transform_turn_hold(struct engine *e, const struct change_set *set);
/* As for the change of a file, of which compilers know: what is made of it is made anew. `note` says why. */
void transform_turn_remake(struct engine *e, struct str path, struct str note);
/* The same for what a page registers. */
bool transform_turn_hold_message(
        struct engine *e, page_id page, const struct client_message *m, struct str text);
/* A compiler has done its work on a file. */
void transform_turn_done(void *ctx, struct str name);

/* vite_turn.c */
/* What the project's vite.config said in an earlier run holds, if it fits. Else it begins to be read, and modules are
 * unsettled until that is done. */
void vite_turn_open(struct engine *e);
/* The server listens and has said so: what an answer of an earlier run brings about. */
void vite_turn_opened(struct engine *e);
/* A page has been loaded: what was said in an earlier run is asked for again. */
void vite_turn_confirm(struct engine *e);
/* Reads it again if a changed file is a part of it. */
void vite_turn_changed(struct engine *e, struct str path);
/* What transform_turn_done() is called with when it was read; empty if it is not being read. */
struct str vite_turn_pending(const struct engine *e);
void vite_turn_close(struct engine *e);

/* proxy_turn.c */
/* What the server hands to others, in `a`, with texts of the present options and of vite.config. */
struct dev_server_proxy *proxy_turn_rules(struct engine *e, struct arena *a, size_t *ret_count);
/* vite.config says something else of it. */
void proxy_turn_apply(struct engine *e);
void proxy_turn_on_trouble(void *ctx, struct str path, struct str text);

/* rebuild.c */
void rebuild_on_started(void *ctx);
void rebuild_on_finished(void *ctx, const struct build_result *result);
/* An input changed at `first_ns`. */
void rebuild_add_cause(struct engine *e, struct str path, uint64_t first_ns);
/* Starts, cancels or postpones the build by what is pending. */
void rebuild_consider(struct engine *e);
/* Starts one whatever is pending (first start, key r). */
void rebuild_force(struct engine *e);
bool rebuild_is_due(const struct engine *e);
/* Answers the syncs that wait for the build and for compilers, if they are done. */
void rebuild_finish_syncs(struct engine *e);

/* page_events.c */
void page_on_open(void *ctx, page_id page);
void page_on_message(void *ctx, page_id page, struct str text);
void page_on_close(void *ctx, page_id page);

#endif
