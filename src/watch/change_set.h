/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WATCH_CHANGE_SET_H
#define ORBITON_WATCH_CHANGE_SET_H

/*
 * What changed on disk since the last turn, one entry per path.
 *
 * The watcher fills a change set while files settle and hands it to the engine
 * when they have. A set holds facts only: it has no knowledge of modules, and
 * nothing here reads the disk or the clock.
 *
 * Merging keeps the strongest fact for a path:
 *
 *     first     then      result
 *     created   modified  created
 *     created   deleted   (dropped: nobody saw the file)
 *     modified  deleted   deleted
 *     deleted   created   modified
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum change_kind {
    CHANGE_CREATED,
    CHANGE_MODIFIED,
    CHANGE_DELETED,
    CHANGE_SAME, /* saved, but with the bytes it had: only for the why line, moves nothing */
};

struct change {
    struct str path; /* relative to the root, '/' between parts; owned by the set */
    enum change_kind kind;
};

struct change_set {
    struct arena arena;     /* holds entries and their paths */
    struct change *entries; /* in the order the paths were first seen */
    size_t count;
    size_t cap;
    bool lost_events;    /* the kernel dropped events: the set comes from a walk of the tree */
    uint64_t first_ns;   /* CLOCK_MONOTONIC of the first event of the set */
    struct str git_note; /* "switched to branch x", "rebase", ... when git made the set; else "" */
    void *index;         /* private: path -> entry */
};

/* Adds one fact, merging it with what the set has for that path. Copies `path`. */
void change_set_add(struct change_set *set, struct str path, enum change_kind kind);

/* The entry for `path`, or NULL. Borrowed until the next add or reset. */
const struct change *change_set_find(const struct change_set *set, struct str path);

/* How many entries are real changes (everything but CHANGE_SAME). */
size_t change_set_changes(const struct change_set *set);

/* Empties the set. Accepts a zeroed set. */
void change_set_reset(struct change_set *set);

/* Empties the set and frees its memory. */
void change_set_finish(struct change_set *set);

/* "created", "modified", "deleted", "same". */
struct str change_kind_name(enum change_kind kind);

#endif
