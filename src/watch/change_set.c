/* SPDX-License-Identifier: MIT */
/*
 * The change set: an array in the order of arrival, and an open-addressed index
 * over it. Usually it holds one path; after a checkout it holds thousands, which
 * is why there is an index at all.
 *
 * Invariant: every entry stands in the index once; at most half of it is full.
 */
#include "watch/change_set.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

enum { FIRST_SLOTS = 64, KINDS = CHANGE_SAME + 1 };

struct index {
    uint32_t *slots; /* 0 is free, else the entry's number plus one */
    size_t cap;      /* a power of two */
};

static size_t slot_of(struct str path)
{
    return (size_t)hash_bytes(path).low;
}

static void insert(struct index *index, const struct change_set *set, size_t number)
{
    size_t at = slot_of(set->entries[number].path) & (index->cap - 1);

    while (index->slots[at] != 0) {
        at = (at + 1) & (index->cap - 1);
    }
    index->slots[at] = (uint32_t)number + 1;
}

static void rebuild(struct index *index, const struct change_set *set)
{
    memset(index->slots, 0, index->cap * sizeof(*index->slots));
    for (size_t i = 0; i < set->count; i++) {
        insert(index, set, i);
    }
}

static struct change *find(const struct change_set *set, struct str path)
{
    const struct index *index = set->index;

    if (!index || set->count == 0) {
        return NULL;
    }
    for (size_t at = slot_of(path) & (index->cap - 1); index->slots[at] != 0;
            at = (at + 1) & (index->cap - 1)) {
        struct change *entry = &set->entries[index->slots[at] - 1];

        if (str_eq(entry->path, path)) {
            return entry;
        }
    }
    return NULL;
}

static void append(struct change_set *set, struct str path, enum change_kind kind)
{
    struct index *index = set->index;

    if (!index) {
        index = mem_new(struct index);
        index->cap = FIRST_SLOTS;
        index->slots = mem_alloc(index->cap, sizeof(*index->slots));
        set->index = index;
    }
    if (set->count == set->cap) {
        set->cap = set->cap ? set->cap * 2 : 8;
        set->entries = mem_realloc(set->entries, set->cap, sizeof(*set->entries));
    }
    set->entries[set->count++] =
            (struct change){ .path = arena_str(&set->arena, path), .kind = kind };
    if (set->count * 2 > index->cap) {
        index->cap *= 2;
        free(index->slots);
        index->slots = mem_alloc(index->cap, sizeof(*index->slots));
        rebuild(index, set);
    } else {
        insert(index, set, set->count - 1);
    }
}

static void drop(struct change_set *set, struct change *entry)
{
    size_t number = (size_t)(entry - set->entries);

    memmove(entry, entry + 1, (set->count - number - 1) * sizeof(*entry));
    set->count--;
    rebuild(set->index, set);
}

void change_set_add(struct change_set *set, struct str path, enum change_kind kind)
{
    enum { C = CHANGE_CREATED, M = CHANGE_MODIFIED, D = CHANGE_DELETED, S = CHANGE_SAME };
    enum { DROP = KINDS };
    // clang-format off
    static const unsigned char merged[KINDS][KINDS] = {
        /* first \ then   created  modified  deleted  same */
        [C] =           { C,       C,        DROP,    C },
        [M] =           { M,       M,        D,       M },
        [D] =           { M,       M,        D,       M },
        [S] =           { M,       M,        D,       S },
    };
    // clang-format on
    struct change *entry = find(set, path);

    assert((unsigned)kind < KINDS);
    if (!entry) {
        append(set, path, kind);
        return;
    }
    unsigned char result = merged[entry->kind][kind];

    if (result == DROP) {
        drop(set, entry);
    } else {
        entry->kind = (enum change_kind)result;
    }
}

const struct change *change_set_find(const struct change_set *set, struct str path)
{
    return find(set, path);
}

size_t change_set_changes(const struct change_set *set)
{
    size_t changes = 0;

    for (size_t i = 0; i < set->count; i++) {
        changes += set->entries[i].kind != CHANGE_SAME;
    }
    return changes;
}

void change_set_reset(struct change_set *set)
{
    struct index *index = set->index;

    if (index && set->count > 0) {
        memset(index->slots, 0, index->cap * sizeof(*index->slots));
    }
    arena_reset(&set->arena);
    set->count = 0;
    set->lost_events = false;
    set->first_ns = 0;
    set->git_note = (struct str){ 0 };
}

void change_set_finish(struct change_set *set)
{
    struct index *index = set->index;

    if (index) {
        free(index->slots);
        free(index);
    }
    free(set->entries);
    arena_finish(&set->arena);
    *set = (struct change_set){ 0 };
}

struct str change_kind_name(enum change_kind kind)
{
    switch (kind) {
    case CHANGE_CREATED: return STR("created");
    case CHANGE_MODIFIED: return STR("modified");
    case CHANGE_DELETED: return STR("deleted");
    case CHANGE_SAME: return STR("same");
    }
    return STR("");
}
