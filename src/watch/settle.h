/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WATCH_SETTLE_H
#define ORBITON_WATCH_SETTLE_H

/*
 * The paths where something happened, and when each is worth a look. Pure: the
 * time is an argument.
 *
 *     what happened                    look
 *     closed after writing, renamed    now
 *     written, writer still open       SETTLE_OPEN after the last write, at the latest
 *                                      SETTLE_OPEN_MAX after the first
 *     deleted, renamed away            SETTLE_GONE later: editors put a new file there
 *     renamed to another watched name  now: that name will not come back
 *     a name like sed's                SETTLE_PASSING later: it will be renamed
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/table.h"
#include "watch/events.h"

#define SETTLE_MS       UINT64_C(1000000) /* in nanoseconds */
#define SETTLE_OPEN     (50 * SETTLE_MS)
#define SETTLE_OPEN_MAX (2000 * SETTLE_MS)
#define SETTLE_EMPTY    (1000 * SETTLE_MS) /* more, for a file that was cut and not yet filled */
#define SETTLE_CUT      (50 * SETTLE_MS) /* the same for one that was saved, but may be cut again */
#define SETTLE_GONE     (100 * SETTLE_MS)
#define SETTLE_PASSING  (100 * SETTLE_MS)

struct pending {
    struct str path;
    uint64_t first_ns;  /* when the first event came */
    uint64_t opened_ns; /* of the first write since the last close; 0 if none */
    uint64_t due_ns;    /* when to look */
    bool saved;         /* a writer closed it, or it was renamed into place */
    bool gone;          /* deleted or renamed away */
    bool waited;        /* found empty once already, since it was saved */
    /* private */
    UT_hash_handle hh;
    char bytes[];
};

struct settle {
    struct pending *items; /* by path, in the order of their coming */
};

/* Notes an event for a file. Copies `path`. */
void settle_note(struct settle *s, struct str path, enum folder_event_kind kind, uint64_t now_ns);

/* Asks for a look at `due_ns`, unless one is due anyway. */
void settle_look(struct settle *s, struct str path, uint64_t now_ns, uint64_t due_ns);

struct pending *settle_find(const struct settle *s, struct str path);

/* A deleted path, and all below it, were renamed to where we look anyway: no need to wait. */
void settle_hurry(struct settle *s, struct str path, uint64_t now_ns);

/* The first pending path that is due, or NULL. */
struct pending *settle_find_due(const struct settle *s, uint64_t now_ns);

/* When the next one is due; UINT64_MAX if nothing is pending. */
uint64_t settle_next_ns(const struct settle *s);

void settle_remove(struct settle *s, struct pending *p);
size_t settle_count(const struct settle *s);
void settle_finish(struct settle *s);

#endif
