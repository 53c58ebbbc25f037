/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WATCH_WATCH_PRIVATE_H
#define ORBITON_WATCH_WATCH_PRIVATE_H

/*
 * What the files of the watcher share. The way of an event:
 *
 *     events.h      "look here"                       (inotify.c)
 *     on_event()    folders to list, files to look at (watch_events.c)
 *     crawl.h       a folder's listing against the snapshot
 *     settle.h      when a file is worth a look
 *     look_at()     the file against the snapshot, into the set (look.c)
 *     step()        when the set is handed over       (watch.c)
 *
 * Invariant: whatever changed on disk is announced, or pending in settle, or in
 * a folder that waits to be listed, or in an event not yet read.
 */

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/arena.h"
#include "watch/change_set.h"
#include "watch/dir_table.h"
#include "watch/events.h"
#include "watch/folder_rules.h"
#include "watch/git.h"
#include "watch/settle.h"
#include "watch/watch.h"

struct sync {
    watch_sync_fn fn;
    void *ctx;
    uint64_t at_ns; /* 0 until the queue has been read dry after the call */
};

struct sync_list {
    struct sync *items;
    size_t count;
    size_t cap;
};

struct watch {
    uv_loop_t *loop; /* borrowed */
    uv_poll_t poll;
    uv_timer_t timer;      /* the next thing that is due */
    uv_timer_t poll_timer; /* runs only while something is polled */
    uv_idle_t idle;        /* runs only while there is work */
    unsigned open_handles;
    bool closing;

    struct files *files; /* borrowed */
    watch_changes_fn on_changes;
    watch_notice_fn on_notice;
    void *ctx;
    const char *(*env)(const char *name);
    unsigned poll_ms;

    struct events *events; /* NULL if the kernel gave none: everything is polled */
    struct dir_table table;
    struct folder_rules rules;
    struct settle settle;
    struct git git;
    bool git_moved; /* something named .git came or went in the root */

    int parent_watch;  /* of the folder that holds the root; -1 if there is none */
    bool root_doubted; /* the root may have been deleted, moved or made again */
    bool root_lost;

    bool listed;            /* the first listing is complete */
    uint64_t start_wall_ns; /* what changed since is announced even if first seen by listing */
    unsigned listings;      /* counts them, to tell what the last one saw */
    bool lost;              /* listing after lost events is under way */
    size_t overflows;

    struct {
        uint32_t cookie;
        struct str path; /* in moved_arena */
    } moved;             /* the last name that was renamed away */
    struct arena moved_arena;

    struct change_set set;
    struct change_set spare; /* keeps its memory while the other is handed over */
    size_t linked_changes;   /* changes in the set when the links were last looked at */
    uint64_t committed_ns;   /* when the set got its first entry */
    uint64_t event_ns;       /* of the last event but repeated writes to one open file */
    uint64_t handed_over_ns;
    struct sync_list syncs;
    struct arena scratch; /* reset at the end of each step */
    bool is_looking;      /* it is the watcher itself that opens a file */
    bool noticed_limit, noticed_poll, noticed_packages;
};

/* One sentence for the user, through the options' callback. */
void watch_notice(struct watch *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* watch_events.c: reads the kernel's queue dry. */
void watch_drain(struct watch *w);

/* look.c: compares one file with the snapshot and puts what changed into the set. False if the
 * look came too early and `p` has a new due time. */
bool watch_look_at(struct watch *w, struct pending *p);

/* look.c: stat() of a path, as the watcher sees it. */
bool watch_stat(struct watch *w, struct str path, struct stat *ret, int flags);

/* watch.c: the time by the clock that stamps files, which ticks every few milliseconds. */
uint64_t watch_file_clock_ns(void);
/* watch.c: something is to be done in the next iteration of the loop. */
void watch_wake(struct watch *w);

/* look.c: a link changes with the file it leads to. */
void watch_look_at_links(struct watch *w);
/* Whether the link at `path` leads to a file that may be read. */
bool watch_leads_to_file(struct watch *w, struct str path);
/* Whether it leads to a folder, wherever that lies. */
bool watch_leads_to_folder(struct watch *w, struct str path);

/* look.c: learns the content of one file whose hash is unknown. */
void watch_hash_one(struct watch *w);

#endif
