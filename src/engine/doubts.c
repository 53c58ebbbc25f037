/* SPDX-License-Identifier: MIT */
/*
 * Files that somebody was writing when they were asked for.
 *
 * The watcher announces a file when its writer is done; until then a page may
 * have got half of it, or the text from before. Mostly the announcement that
 * follows puts it right. But a file that is in the end what it was is announced
 * as the same, which moves nothing: unless it is in doubt.
 *
 * Invariant: who was told that a file is unfinished finds it here until it is
 * announced.
 */
#include <string.h>

#include "base/log.h"
#include "base/vec.h"
#include "engine/state.h"

static size_t find(const struct engine *e, struct hash path)
{
    size_t i = 0;

    while (i < e->doubts.count && !hash_eq(e->doubts.items[i], path)) {
        i++;
    }
    return i;
}

void doubts_add(struct engine *e, struct str path)
{
    struct hash hash = hash_bytes(path);

    if (e->doubts.count >= DOUBTS_MAX) {
        e->doubts.all = true;
    } else if (find(e, hash) == e->doubts.count) {
        vec_push(&e->doubts, hash);
    }
}

bool doubts_is_unfinished(void *engine, struct str path, const struct file_facts *found)
{
    struct engine *e = engine;

    if (!e->watch || !watch_is_unfinished(e->watch, path, found)) {
        return false;
    }
    log_debug(LOG_WATCH, "'%.*s' is asked for while it is written", STR_FMT(path));
    doubts_add(e, path);
    return true;
}

bool doubts_holds(const struct engine *e, struct str path)
{
    return find(e, hash_bytes(path)) < e->doubts.count;
}

/* Whether the file was in doubt; now it is not. */
static bool take(struct engine *e, struct str path)
{
    size_t at = find(e, hash_bytes(path));
    bool known = at < e->doubts.count;

    if (known) {
        vec_remove(&e->doubts, at);
    }
    return known || e->doubts.all;
}

struct change_set doubts_settle(struct engine *e, const struct change_set *set)
{
    struct change_set settled = *set;
    bool copied = false;

    for (size_t i = 0; i < set->count && (e->doubts.count > 0 || e->doubts.all); i++) {
        if (!take(e, set->entries[i].path) || set->entries[i].kind != CHANGE_SAME) {
            continue;
        }
        if (!copied) {
            settled.entries = arena_array(&e->turn, struct change, set->count);
            memcpy(settled.entries, set->entries, set->count * sizeof(*settled.entries));
            copied = true;
        }
        settled.entries[i].kind = CHANGE_MODIFIED;
    }
    return settled;
}
