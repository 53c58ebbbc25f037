/* SPDX-License-Identifier: MIT */
/*
 * Which instance of a module is the newest. A page needs it for what it has not
 * loaded yet and imports by an expression: under another name than the importers
 * of the module use, it would run twice. So each page knows all stamps: those of
 * the start by `hello`, and by `stamps` what does not fit there, and what other
 * pages' transactions have raised since.
 */
#include "engine/state.h"

struct stamp_list {
    struct message_stamp *items;
    size_t count;
};

static void add_stamp(void *ctx, struct node *node)
{
    struct stamp_list *list = ctx;

    if (node_stamp(node) > 0) {
        list->items[list->count++] =
                (struct message_stamp){ .key = node_url(node), .seq = node_stamp(node) };
    }
}

struct message_stamp *stamps_all(struct engine *e, size_t *ret_count)
{
    struct stamp_list list = { .items = arena_array(
                                       &e->turn, struct message_stamp, graph_count(e->graph)) };

    graph_each(e->graph, add_stamp, &list);
    *ret_count = list.count;
    return list.items;
}

void stamps_send(struct engine *e, uint64_t page, const struct message_stamp *stamps, size_t count)
{
    struct strbuf text;

    strbuf_init(&text, MESSAGE_TEXT_MAX);
    for (size_t sent = 0; sent < count;) {
        strbuf_reset(&text);
        sent += message_stamps(&text, stamps + sent, count - sent);
        turn_send(e, page, &text);
    }
    strbuf_finish(&text);
}

static void add_named(
        struct engine *e, struct stamp_list *list, const struct str *urls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct node *node = graph_find(e->graph, urls[i]);

        if (node) {
            add_stamp(list, node);
        }
    }
}

void stamps_tell_others(struct engine *e, const struct page_step *steps, size_t count)
{
    struct stamp_list list = { 0 };
    size_t most = 0;

    for (size_t i = 0; i < count; i++) {
        most += steps[i].bad ? 0 : steps[i].plan.replaced_count + steps[i].plan.pruned_count;
    }
    if (most == 0 || pages_count(e->pages) < 2) {
        return;
    }
    list.items = arena_array(&e->turn, struct message_stamp, most);
    for (size_t i = 0; i < count; i++) {
        const struct plan *plan = &steps[i].plan;

        if (!steps[i].bad) {
            add_named(e, &list, plan->replaced, plan->replaced_count);
            add_named(e, &list, plan->pruned, plan->pruned_count);
        }
    }
    for (struct page *p = pages_first(e->pages); p;) {
        struct page *next = pages_next(p); /* sending may drop a page that does not read */

        if (count > 1 || p != steps[0].page) {
            stamps_send(e, page_id_of(p), list.items, list.count);
        }
        p = next;
    }
}
