/* SPDX-License-Identifier: MIT */
/*
 * Two walks down from the roots of the page, over the editions that run and over
 * those that will. Only an update that loses an edge pays for it.
 *
 * After a restart the server has not got the texts that changed while it was away, so it
 * cannot tell what they imported. When the last of them is replaced, a module that only they
 * can have brought goes with them. So does, after an update that was taken back, a sheet that only the
 * version of that update has imported: nothing but an import brings a sheet's wrapper into a page.
 */
#include "hmr/prune.h"

#include "base/table.h"
#include "base/vec.h"
#include "hmr/pages.h"

struct life {
    const struct node *node;     /* the key */
    const struct page_module *m; /* NULL: the update brings it */
    bool moved;
    bool has_importer;
    bool before, after; /* reached */
    UT_hash_handle hh;
};

struct line {
    struct life **items;
    size_t count, cap;
};

static const struct page_module *loaded_target(
        const struct page *page, const struct edition *ed, size_t i)
{
    const struct node *to = edition_target(ed, i);
    const struct page_module *m = to ? page_find_node(page, to) : NULL;

    return m && m->by_page ? m : NULL;
}

static bool leads_to(const struct edition *ed, const struct node *node)
{
    size_t count = 0;

    if (ed) {
        (void)edition_edges_to(ed, node, &count);
    }
    return count > 0;
}

static bool runs_unknown_text(const struct page_module *m)
{
    return m && m->node && node_kind_of(m->node) == NODE_JS && m->runs.known && m->runs.exists &&
           !(m->edition && edition_exists(m->edition) &&
                   hash_eq(edition_hash(m->edition), m->runs.hash));
}

/* It speaks to import.meta.hot, or is the wrapper of a sheet: no script that the page added. */
static bool was_imported(const struct page_module *m)
{
    return node_kind_of(m->node) == NODE_CSS_JS ||
           (node_kind_of(m->node) == NODE_JS && m->hot_said &&
                   str_find_str(m->url, STR("?inline=")) == STR_NONE);
}

static bool loses_an_edge(const struct page *page, struct node *const *moved, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct page_module *m = page_find_node(page, moved[i]);
        const struct edition *runs = m ? m->edition : NULL;
        const struct edition *next = node_current(moved[i]);

        if (runs_unknown_text(m)) {
            return true;
        }
        for (size_t k = 0; runs && runs != next && k < edition_edge_count(runs); k++) {
            if (loaded_target(page, runs, k) && !leads_to(next, edition_target(runs, k))) {
                return true;
            }
        }
    }
    return false;
}

static struct life *find_life(struct life *lives, const struct node *node)
{
    struct life *l = NULL;

    HASH_FIND_PTR(lives, &node, l);
    return l;
}

static const struct edition *edition_then(const struct life *l, bool after)
{
    const struct edition *current = node_current(l->node);
    bool moves = after && l->moved && current && !edition_error(current);

    return moves || !l->m ? current : l->m->edition; /* what does not parse names nothing */
}

struct reach {
    const struct page *page;
    struct arena *a;
    struct life *lives;
    struct line line;
    bool after;
    bool unknown_goes; /* of the texts that are not known the last one is replaced */
    bool sheets_go;    /* those that no module of the page imports */
};

static struct life *add_life(struct reach *r, const struct node *node, const struct page_module *m)
{
    struct life *l = arena_new(r->a, struct life);

    l->node = node;
    l->m = m;
    HASH_ADD_PTR(r->lives, node, l);
    return l;
}

static void arrive(struct reach *r, struct life *l)
{
    bool *reached = r->after ? &l->after : &l->before;

    if (!*reached) {
        *reached = true;
        vec_push(&r->line, l);
    }
}

/* What the page has not got it has then, and all that this imports. */
static void arrive_at(struct reach *r, const struct node *node)
{
    struct life *l = find_life(r->lives, node);

    if (!l && r->after) {
        l = add_life(r, node, NULL);
    }
    if (l) {
        arrive(r, l);
    }
}

/* Which instance it came from is not known: as long as the importer is there, it stays. */
static void arrive_by_expr(void *ctx, const struct page_module *target)
{
    if (target->node) {
        arrive_at(ctx, target->node);
    }
}

static void note_expr_importer(void *ctx, const struct page_module *importer)
{
    (void)importer;
    ((struct life *)ctx)->has_importer = true;
}

static bool is_root(const struct reach *r, const struct life *l)
{
    if (!l->m || node_kind_of(l->node) == NODE_DOCUMENT) {
        return l->m;
    }
    bool may_go = (r->unknown_goes && was_imported(l->m)) ||
                  (r->sheets_go && node_kind_of(l->node) == NODE_CSS_JS);

    return !l->has_importer && !(r->after && may_go);
}

/* Whether texts are replaced that are not known, and no such text stays. */
static bool unknown_goes(const struct reach *r)
{
    bool goes = false;

    for (const struct life *l = r->lives; l; l = l->hh.next) {
        if (runs_unknown_text(l->m)) {
            if (!l->moved) {
                return false;
            }
            goes = true;
        }
    }
    return goes;
}

static bool some_text_is_unknown(const struct reach *r)
{
    const struct life *l = r->lives;

    while (l && !runs_unknown_text(l->m)) {
        l = l->hh.next;
    }
    return l != NULL;
}

static void walk_down(struct reach *r)
{
    while (r->line.count > 0) {
        const struct life *l = r->line.items[--r->line.count];
        const struct edition *ed = edition_then(l, r->after);

        for (size_t i = 0; ed && i < edition_edge_count(ed); i++) {
            if (edition_target(ed, i)) {
                arrive_at(r, edition_target(ed, i));
            }
        }
        if (l->m) {
            page_each_expr_target(l->m, arrive_by_expr, r);
        }
    }
}

void prune_find(const struct page *page, struct node *const *moved, size_t moved_count,
        struct arena *a, struct str **ret, size_t *ret_count)
{
    struct reach r = { .page = page, .a = a };
    size_t count = 0;

    *ret = NULL;
    *ret_count = 0;
    if (!page_took_back(page) && !loses_an_edge(page, moved, moved_count)) {
        return;
    }
    for (const struct page_module *m = page_next_module(page, NULL); m;
            m = page_next_module(page, m)) {
        if (m->by_page && page_find_node(page, m->node) == m) {
            (void)add_life(&r, m->node, m);
            count++;
        }
    }
    for (size_t i = 0; i < moved_count; i++) {
        struct life *l = find_life(r.lives, moved[i]);

        if (l) {
            l->moved = true;
        }
    }
    for (struct life *l = r.lives; l; l = l->hh.next) {
        const struct edition *ed = l->m->edition;

        for (size_t i = 0; ed && i < edition_edge_count(ed); i++) {
            struct life *to = find_life(r.lives, edition_target(ed, i));

            if (to && to != l) {
                to->has_importer = true;
            }
        }
        page_each_expr_importer(page, l->m->url, note_expr_importer, l);
    }
    r.unknown_goes = unknown_goes(&r);
    r.sheets_go = page_took_back(page) && !some_text_is_unknown(&r);
    for (int after = 0; after <= 1; after++) {
        r.after = after == 1;
        for (struct life *l = r.lives; l; l = l->hh.next) {
            if (is_root(&r, l)) {
                arrive(&r, l);
            }
        }
        walk_down(&r);
    }
    *ret = arena_array(a, struct str, count);
    for (struct life *l = r.lives; l; l = l->hh.next) {
        if (l->before && !l->after && !l->m->by_worker && node_kind_of(l->node) <= NODE_CSS_JS) {
            (*ret)[(*ret_count)++] = l->m->url;
        }
    }
    HASH_CLEAR(hh, r.lives);
    vec_finish(&r.line);
}
