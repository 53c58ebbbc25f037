/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WATCH_GIT_H
#define ORBITON_WATCH_GIT_H

/*
 * Git at work: whether it is changing the tree right now, and what it did. Only
 * the repository's own folder is watched (and its info/), not what lies below.
 *
 * A change set is held while index.lock or HEAD.lock exists and while a rebase or
 * a merge is under way. A rebase that stopped for a person is not: after a second
 * without any event it counts as stalled until it ends. A lock left behind by a
 * crash counts for ten seconds.
 *
 * Between the two locks git may compare all files with the new index: it gets as
 * long for that as it had the index locked, at most half a second.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/str.h"
#include "watch/events.h"
#include "watch/folder_rules.h"

struct git {
    struct arena arena;
    struct events *events;  /* borrowed; may be NULL */
    int dir_fd;             /* the repository's folder; -1 if there is none */
    int common_fd;          /* where refs and info are; differs in a worktree */
    int watch, info_watch;  /* numbers of their watches; -1 if there are none */
    struct str top;         /* absolute path of the folder that has the .git */
    bool active;            /* an event came that may begin or end something */
    bool stalled;           /* a rebase or merge waits for a person */
    bool exclude_changed;   /* info/exclude must be read again */
    uint64_t last_ns;       /* of its last event */
    uint64_t locked_ns;     /* since when the index is locked; 0 if it is not */
    uint64_t quiet_ns;      /* how long git is quiet, at most, before it writes HEAD */
    struct str head;        /* content of HEAD when git was last quiet */
    struct stat log, stash; /* logs/HEAD and refs/stash then */
};

/* Finds the repository that `root` lies in and watches it. Without one, or without events, the
 * functions below say that git does nothing. */
void git_open(struct git *g, struct events *events, struct str root);
void git_close(struct git *g);

/* Takes an event if it is about the repository's folder; false if it is not. */
bool git_on_event(struct git *g, const struct folder_event *event, uint64_t now_ns);

/* Whether git is at work, and until when at least it will be; `tree_ns` is when the last event
 * came from the tree. */
bool git_is_busy(struct git *g, uint64_t tree_ns, uint64_t now_ns, uint64_t *ret_until_ns);

/*
 * What git did since the last call, for people: "switched to branch x", "rebase", "stash",
 * "merge", "git" when its last word does not say; "" if it did nothing that it wrote down. In `a`.
 */
struct str git_take_note(struct git *g, struct arena *a);

/* Reads info/exclude, the .gitignore files between the repository's top and the root, and the file
 * that `env` (as getenv; may be NULL) leads to, which holds for all repositories. */
void git_read_rules(struct git *g, struct str root, const char *(*env)(const char *name),
        struct folder_rules *rules);

/* The note for a line of git's log ("old new who time zone<TAB>message"). */
struct str git_note_of(struct arena *a, struct str line);

#endif
