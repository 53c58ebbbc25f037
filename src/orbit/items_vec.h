/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_ITEMS_VEC_H
#define ORBITON_ORBIT_ITEMS_VEC_H

/* private to *_items.c: lists that grow, and slices of tokens. */

#include <string.h>

#include "base/vec.h"
#include "orbit/items.h"
#include "orbit/lex.h"

struct member_vec {
    struct orbit_member *items;
    size_t count, cap;
};

struct item_vec {
    struct orbit_item *items;
    size_t count, cap;
};

struct reader {
    struct arena *arena;
    struct orbit_tokens t;
    struct item_vec items;
    struct orbit_items *ret;
};

/* The text of the tokens [from, to); empty if there are none. */
static inline struct str slice(const struct reader *r, size_t from, size_t to)
{
    if (from >= to) {
        return STR("");
    }
    return str_sub(r->t.text, r->t.items[from].start, r->t.items[to - 1].end);
}

/* Moves the members into the arena. */
static inline void keep_members(
        struct reader *r, struct member_vec *v, struct orbit_member **ret, size_t *ret_count)
{
    *ret = arena_array(r->arena, struct orbit_member, v->count + 1);
    if (v->count > 0) {
        memcpy(*ret, v->items, v->count * sizeof(*v->items));
    }
    *ret_count = v->count;
    vec_finish(v);
}

/* Moves the items into the arena and finishes the reader. */
static inline void keep_items(struct reader *r)
{
    r->ret->items = arena_array(r->arena, struct orbit_item, r->items.count + 1);
    if (r->items.count > 0) {
        memcpy(r->ret->items, r->items.items, r->items.count * sizeof(*r->items.items));
    }
    r->ret->count = r->items.count;
    vec_finish(&r->items);
}

/* Only the first one is kept. */
static inline void fail_at(struct reader *r, size_t token, struct str error)
{
    if (r->ret->error.len == 0) {
        r->ret->error_offset = r->t.items[token].start;
        r->ret->error = error;
    }
}

static inline bool begin(struct reader *r, struct arena *a, enum orbit_lang lang, struct str text,
        struct orbit_items *ret)
{
    *r = (struct reader){ .arena = a, .ret = ret };
    *ret = (struct orbit_items){ .error = STR("") };
    orbit_lex(a, lang, text, &r->t);
    ret->error = r->t.error;
    ret->error_offset = r->t.error_offset;
    return r->t.error.len == 0;
}

#endif
