/* SPDX-License-Identifier: MIT */
/*
 * Bytes as the kernel's event queue. Properties: every name is one part of a
 * path and lies inside the input; a longer input never changes the events of its
 * beginning; after any events each pending path is due within the longest wait,
 * and a path whose writer closed it is due at once.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "watch/events.h"
#include "watch/ignore.h"
#include "watch/settle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct str bytes;
    struct settle settle;
    uint64_t now_ns;
    size_t count;
    uint64_t sum; /* of what the first `limit` events said */
    size_t limit;
};

static void must(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void on_event(void *ctx, const struct folder_event *event)
{
    struct run *run = ctx;

    must(event->kind <= EVENT_LOST);
    if (event->name.len > 0) {
        must(event->name.ptr >= run->bytes.ptr &&
                event->name.ptr + event->name.len <= run->bytes.ptr + run->bytes.len);
        must(str_find(event->name, '/') == STR_NONE && str_find(event->name, '\0') == STR_NONE);
        must(!str_eq(event->name, STR("..")) && !str_eq(event->name, STR(".")));
    }
    if (run->count++ < run->limit) {
        run->sum = run->sum * 31 + (uint64_t)event->kind * 7 + event->name.len +
                   (uint64_t)event->is_dir;
    }
    run->now_ns += (uint64_t)(event->cookie % 64) * SETTLE_MS;
    if (event->name.len == 0 || event->is_dir) {
        return;
    }
    settle_note(&run->settle, event->name, event->kind, run->now_ns);
    struct pending *p = settle_find(&run->settle, event->name);

    must(p && str_eq(p->path, event->name));
    must(p->first_ns <= run->now_ns);
    must(p->due_ns <= run->now_ns + SETTLE_PASSING);
    if (event->kind == EVENT_SAVED && !ignore_is_passing(event->name)) {
        must(p->due_ns <= run->now_ns && p->saved && !p->gone && p->opened_ns == 0);
    }
    if (event->kind == EVENT_WRITTEN) {
        must(p->due_ns <= p->opened_ns + SETTLE_OPEN_MAX);
    }
}

static struct run decode(struct str bytes, size_t limit)
{
    struct run run = { .bytes = bytes, .limit = limit };

    events_decode(bytes, on_event, &run);
    return run;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = { (const char *)data, size };
    struct run half = decode(str_sub(bytes, 0, size / 2), SIZE_MAX);
    struct run whole = decode(bytes, half.count);

    must(whole.count >= half.count && whole.sum == half.sum);
    /* whatever came, waiting long enough makes everything due */
    uint64_t late = whole.now_ns + SETTLE_OPEN_MAX;

    for (struct pending *p; (p = settle_find_due(&whole.settle, late));) {
        settle_remove(&whole.settle, p);
    }
    must(settle_count(&whole.settle) == 0 && settle_next_ns(&whole.settle) == UINT64_MAX);
    settle_finish(&half.settle);
    settle_finish(&whole.settle);
    return 0;
}
