/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WATCH_EVENTS_H
#define ORBITON_WATCH_EVENTS_H

/*
 * Where events about folders come from: the part of the watcher that differs
 * between kernels. inotify.c fulfils it for Linux; kqueue or FSEvents would be
 * another file behind the same functions.
 *
 * An event says where to look, never what is true: by the time it is read the
 * disk may have moved on.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum folder_event_kind {
    EVENT_MADE,        /* a name appeared (its writer may still be at work) */
    EVENT_WRITTEN,     /* content changed and the writer has not closed the file */
    EVENT_SAVED,       /* a writer closed the file */
    EVENT_MOVED_HERE,  /* a name appeared by rename: its content is whole */
    EVENT_MOVED_AWAY,  /* a name disappeared by rename */
    EVENT_GONE,        /* a name was deleted */
    EVENT_TOUCHED,     /* times, permissions, link count */
    EVENT_FOLDER_LEFT, /* the watched folder itself was deleted, moved or unmounted */
    EVENT_UNWATCHED,   /* the kernel dropped the watch, whose number means nothing any more */
    EVENT_LOST,        /* the queue overflowed; `folder` means nothing */
};

struct folder_event {
    int folder; /* as events_add_folder() returned it */
    enum folder_event_kind kind;
    bool is_dir;     /* the name is a folder's */
    uint32_t cookie; /* the same in the MOVED_AWAY and MOVED_HERE of one rename, else 0 */
    struct str name; /* one part of a path, or "" for the folder itself; borrowed for the call */
};

typedef void (*folder_event_fn)(void *ctx, const struct folder_event *event);

struct events;

/* 0 or -errno (-EMFILE: fs.inotify.max_user_instances). */
int events_open(struct events **ret);

/* Accepts NULL. */
void events_close(struct events *events);

/* Readable when events wait. */
int events_fd(const struct events *events);

/*
 * Watches the folder that `dir_fd` is open on. Its number, the same one if it
 * is watched already, or -errno (-ENOSPC: fs.inotify.max_user_watches).
 */
int events_add_folder(struct events *events, int dir_fd);

/* The same for a folder of which only the coming and going of entries matters: writes to the
 * files in it wake nobody, unless it is watched by events_add_folder() as well. */
int events_add_parent(struct events *events, int dir_fd);

void events_remove_folder(struct events *events, int folder);

/* Hands over the events that wait, one buffer of them. 1 if there were some, 0 if not, or -errno. */
int events_read(struct events *events, folder_event_fn fn, void *ctx);

/* For tests: from now on at most so many folders, as if the kernel's limit were reached. */
void events_set_limit(struct events *events, size_t folders);

/* The pure part of events_read(): walks what the kernel wrote. Bytes that end within an event, or
 * whose names are not names, end the walk. */
void events_decode(struct str bytes, folder_event_fn fn, void *ctx);

#endif
