/* SPDX-License-Identifier: MIT */
/* The rules of settle.h's table. Seldom more than a handful of paths at a time. */
#include "watch/settle.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "watch/ignore.h"

struct pending *settle_find(const struct settle *s, struct str path)
{
    struct pending *p;

    HASH_FIND(hh, s->items, path.len > 0 ? path.ptr : "", path.len, p);
    return p;
}

static struct pending *add(struct settle *s, struct str path, uint64_t now_ns, uint64_t due_ns)
{
    struct pending *p = mem_alloc(1, sizeof(*p) + path.len + 1);

    if (path.len > 0) {
        memcpy(p->bytes, path.ptr, path.len);
    }
    p->path = (struct str){ p->bytes, path.len };
    p->first_ns = now_ns;
    p->due_ns = due_ns;
    HASH_ADD_KEYPTR(hh, s->items, p->bytes, path.len, p);
    return p;
}

static uint64_t open_due(struct pending *p, uint64_t now_ns)
{
    if (p->opened_ns == 0) {
        p->opened_ns = now_ns;
    }
    uint64_t last = p->opened_ns + SETTLE_OPEN_MAX;

    return now_ns + SETTLE_OPEN < last ? now_ns + SETTLE_OPEN : last;
}

void settle_note(struct settle *s, struct str path, enum folder_event_kind kind, uint64_t now_ns)
{
    struct pending *p = settle_find(s, path);

    if (!p) {
        p = add(s, path, now_ns, now_ns);
    } else if (kind == EVENT_TOUCHED) {
        return; /* whatever is awaited will see that, too */
    }
    switch (kind) {
    case EVENT_MADE:
    case EVENT_WRITTEN:
        p->gone = false;
        p->due_ns = open_due(p, now_ns);
        break;
    case EVENT_SAVED:
    case EVENT_MOVED_HERE:
        p->gone = false;
        p->saved = true;
        p->waited = false;
        p->opened_ns = 0;
        p->due_ns = ignore_is_passing(path_name(path)) ? now_ns + SETTLE_PASSING : now_ns;
        break;
    case EVENT_GONE:
    case EVENT_MOVED_AWAY:
        p->gone = true;
        p->opened_ns = 0;
        p->due_ns = now_ns + SETTLE_GONE;
        break;
    case EVENT_TOUCHED:
    case EVENT_FOLDER_LEFT:
    case EVENT_UNWATCHED:
    case EVENT_LOST: break;
    }
}

void settle_look(struct settle *s, struct str path, uint64_t now_ns, uint64_t due_ns)
{
    if (!settle_find(s, path)) {
        (void)add(s, path, now_ns, due_ns);
    }
}

void settle_hurry(struct settle *s, struct str path, uint64_t now_ns)
{
    for (struct pending *p = s->items; p; p = p->hh.next) {
        if (p->gone && path_is_below(p->path, path)) {
            p->due_ns = now_ns;
        }
    }
}

struct pending *settle_find_due(const struct settle *s, uint64_t now_ns)
{
    for (struct pending *p = s->items; p; p = p->hh.next) {
        if (p->due_ns <= now_ns) {
            return p;
        }
    }
    return NULL;
}

uint64_t settle_next_ns(const struct settle *s)
{
    uint64_t next = UINT64_MAX;

    for (const struct pending *p = s->items; p; p = p->hh.next) {
        next = p->due_ns < next ? p->due_ns : next;
    }
    return next;
}

void settle_remove(struct settle *s, struct pending *p)
{
    HASH_DEL(s->items, p);
    free(p);
}

size_t settle_count(const struct settle *s)
{
    return HASH_COUNT(s->items);
}

void settle_finish(struct settle *s)
{
    while (s->items) {
        settle_remove(s, s->items);
    }
}
