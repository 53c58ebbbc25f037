/* SPDX-License-Identifier: MIT */

/*
 * What all generators share: the output with its map, and the way through a table.
 *
 * Invariant: the entries of a map are sorted by out_offset and do not overlap.
 */

#include "orbit/gen.h"

#include <string.h>

#include "base/vec.h"

static uint32_t *new_chain(struct arena *a, size_t count)
{
    uint32_t *ret = arena_array(a, uint32_t, count + 1);

    memset(ret, 0xff, (count + 1) * sizeof(*ret)); /* ORBIT_UNKNOWN */
    return ret;
}

static void chain_up(uint32_t *first, uint32_t *next, size_t i)
{
    next[i] = *first;
    *first = (uint32_t)i;
}

struct orbit_chains orbit_gen_chain(const struct orbit_table *table, struct arena *a)
{
    struct orbit_chains ret = {
        .first_slot = new_chain(a, table->scope_count),
        .next_slot = new_chain(a, table->slot_count),
        .first_scope = new_chain(a, table->scope_count),
        .next_scope = new_chain(a, table->scope_count),
    };

    for (size_t i = table->slot_count; i-- > 0;) {
        chain_up(&ret.first_slot[table->slots[i].scope], ret.next_slot, i);
    }
    for (size_t i = table->scope_count; i-- > 1;) {
        chain_up(&ret.first_scope[table->scopes[i].parent], ret.next_scope, i);
    }
    return ret;
}

enum orbit_from orbit_gen_template_from(const struct orbit_gen_input *in)
{
    return str_eq(in->markup->path, in->source->path) ? ORBIT_FROM_FILE : ORBIT_FROM_TEMPLATE;
}

enum orbit_from orbit_gen_code_from(const struct orbit_gen_input *in)
{
    return in->code_is_other ? ORBIT_FROM_CODE : ORBIT_FROM_FILE;
}

void orbit_gen_output_init(struct orbit_gen_output *out)
{
    *out = (struct orbit_gen_output){ 0 };
    strbuf_init(&out->text, ORBIT_GEN_MAX);
}

void orbit_gen_output_finish(struct orbit_gen_output *out)
{
    strbuf_finish(&out->text);
    vec_finish(&out->map);
    vec_finish(&out->undeclared);
}

void orbit_gen_copy(
        struct orbit_gen_output *out, struct str text, size_t source_offset, enum orbit_from from)
{
    struct orbit_map *map = &out->map;
    size_t at = out->text.len;

    strbuf_add(&out->text, text);
    if (out->text.overflow || text.len == 0) {
        return;
    }
    struct orbit_map_entry *last = map->count > 0 ? &map->items[map->count - 1] : NULL;
    if (last && last->from == from && last->out_offset + last->len == at &&
            last->source_offset + last->len == source_offset) {
        last->len += text.len;
        return;
    }
    vec_push(map, ((struct orbit_map_entry){ at, source_offset, text.len, from }));
}

bool orbit_map_find(const struct orbit_map *map, size_t out_offset, size_t *ret_source_offset,
        enum orbit_from *ret_from)
{
    size_t low = 0, high = map->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (map->items[middle].out_offset <= out_offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return false;
    }
    const struct orbit_map_entry *entry = &map->items[low - 1];
    if (out_offset > entry->out_offset + entry->len) {
        return false;
    }
    *ret_source_offset = entry->source_offset + (out_offset - entry->out_offset);
    *ret_from = entry->from;
    return true;
}
