/* SPDX-License-Identifier: MIT */
/*
 * The modules of the page model: which edition and which instance a page runs,
 * and what it accepts and imports by expressions, as the page has said or, until
 * then, as the text says.
 */
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/mem.h"
#include "base/vec.h"
#include "hmr/graph_private.h"
#include "hmr/pages.h"
#include "hmr/pages_private.h"

void pages_set_edition(struct pages *pages, struct loaded *l, struct edition *edition)
{
    struct edition *old = l->m.edition;

    if (edition) {
        edition_ref(edition);
    }
    l->m.edition = edition;
    if (old) {
        edition_unref(pages->graph, old);
    }
}

static void set_node(struct pages *pages, struct loaded *l, struct node *node)
{
    struct page *page = l->page;
    struct loaded *other = NULL;

    if (l->m.node == node) {
        return;
    }
    if (node) {
        node_ref(node);
    }
    if (l->is_by_node) {
        HASH_DELETE(by_node, page->nodes, l);
        l->is_by_node = false;
    }
    if (l->m.node) {
        node_unref(pages->graph, l->m.node);
    }
    l->m.node = node;
    if (node) {
        HASH_FIND(by_node, page->nodes, &node, sizeof(node), other);
        l->is_by_node = !other;
    }
    if (l->is_by_node) {
        HASH_ADD(by_node, page->nodes, m.node, sizeof(node), l);
    }
}

struct version pages_version_of(const struct node *node)
{
    const struct edition *ed = node_current(node);

    return (struct version){ .known = ed != NULL,
        .exists = ed && edition_exists(ed),
        .hash = ed ? edition_hash(ed) : (struct hash){ 0, 0 } };
}

static struct edition *find_edition(const struct node *node, struct version v)
{
    return v.known && v.exists ? node_find_edition(node, v.hash) : NULL;
}

/* The edition of that text, or what stands in for it. */
static struct edition *edition_for(const struct node *node, struct version v)
{
    struct edition *ed = find_edition(node, v);

    return ed ? ed : node_current(node);
}

void pages_find_edition(struct pages *pages, struct loaded *l)
{
    struct edition *ed = find_edition(l->m.node, l->m.runs);

    if (ed) {
        pages_set_edition(pages, l, ed);
    }
}

static void drop_hot(struct loaded *l)
{
    free(l->m.deps);
    free(l->m.exports);
    l->m.accepts_self = false;
    l->m.deps = l->m.exports = NULL;
    l->m.dep_count = l->m.export_count = 0;
    l->m.hot_said = false;
}

void pages_drop_module(struct pages *pages, struct loaded *l)
{
    struct expr_edge *edge;
    struct expr_edge *next;

    pages_stop_waiting(l);
    pages_set_edition(pages, l, NULL);
    set_node(pages, l, NULL);
    drop_hot(l);
    l->m.by_worker = false;
    l->m.stamp = (struct stamp){ 0 };
    DL_FOREACH_SAFE(l->expr_importers, edge, next)
    {
        DL_DELETE2(edge->key.from->expr_targets, edge, prev_out, next_out);
        HASH_DEL(l->page->expr_edges, edge);
        free(edge);
    }
    l->expr_importers = NULL;
}

void pages_take_inline_scripts(struct pages *pages, struct loaded *document)
{
    const struct edition *ed = document->m.edition;

    if (node_kind_of(document->m.node) != NODE_DOCUMENT) {
        return;
    }
    for (size_t i = 0; ed && i < edition_edge_count(ed); i++) {
        struct node *to = edition_target(ed, i);
        struct loaded *l = NULL;

        if (to && str_find_str(node_url(to), STR("?inline=")) != STR_NONE) {
            l = pages_get_loaded(document->page, node_url(to));
        }
        if (l) {
            set_node(pages, l, to);
            l->m.by_page = true;
            l->m.runs = l->m.told = pages_version_of(to);
            pages_set_edition(pages, l, node_current(to));
        }
    }
}

/*
 * A copy of the list on the heap; NULL for an empty one. The texts lie behind the items, in the same
 * block: a page may have thousands of modules that name something.
 */
static struct str *own_names(const struct str *names, size_t count)
{
    size_t len = 0;

    for (size_t i = 0; i < count; i++) {
        len += names[i].len;
    }
    if (count == 0) {
        return NULL;
    }
    struct str *copy = mem_alloc(1, count * sizeof(*copy) + len);
    char *text = (char *)(copy + count);

    for (size_t i = 0; i < count; i++) {
        memcpy(text, names[i].ptr ? names[i].ptr : "", names[i].len);
        copy[i] = (struct str){ text, names[i].len };
        text += names[i].len;
    }
    return copy;
}

static void set_names(struct loaded *l, const struct str *deps, size_t dep_count,
        const struct str *exports, size_t export_count)
{
    l->m.dep_count = dep_count < PAGE_NAMES_MAX ? dep_count : PAGE_NAMES_MAX;
    l->m.deps = own_names(deps, l->m.dep_count);
    l->m.export_count = export_count < PAGE_NAMES_MAX ? export_count : PAGE_NAMES_MAX;
    l->m.exports = own_names(exports, l->m.export_count);
}

/*
 * A page says what it has loaded and what that accepts in messages of their own: between the two,
 * the text is asked. A page in which it has not run at all knows that, and does not go by it.
 */
static void assume_hot(struct loaded *l)
{
    struct arena a = { 0 };
    size_t dep_count = 0;
    size_t export_count = 0;
    size_t count = 0;
    const struct accept *accepts = l->m.edition ? edition_accepts(l->m.edition, &count) : NULL;

    if (l->m.hot_said) {
        return;
    }
    drop_hot(l);
    if (count == 0) {
        return;
    }
    struct str *deps = arena_array(&a, struct str, count);
    struct str *exports = arena_array(&a, struct str, count);

    for (size_t i = 0; i < count; i++) {
        switch (accepts[i].kind) {
        case ACCEPT_SELF: l->m.accepts_self = true; break;
        case ACCEPT_DEP: deps[dep_count++] = accepts[i].text; break;
        case ACCEPT_EXPORTS: exports[export_count++] = accepts[i].text; break;
        }
    }
    set_names(l, deps, dep_count, exports, export_count);
    arena_finish(&a);
}

bool page_register_module(struct pages *pages, struct page *page, struct str url, struct str path,
        struct version runs, struct node *node, struct stamp stamp)
{
    struct loaded *l = pages_get_loaded(page, url);

    if (!l) {
        return false;
    }
    /* what the page has taken back it registers as it runs: that is no reason to send it again */
    if (l->m.by_page && l->m.node == node && version_eq(l->m.runs, runs) &&
            stamp_eq(l->m.stamp, stamp)) {
        l->m.brought = false;
        return true;
    }
    l->m.brought = !l->m.by_page || !stamp_eq(l->m.stamp, stamp);
    pages_set_file(pages, l, path);
    pages_stop_waiting(l);
    set_node(pages, l, node);
    l->m.by_page = true;
    l->m.told = runs;
    l->m.runs = runs;
    l->m.has_source = false;
    l->m.stamp = stamp;
    pages_set_edition(pages, l, edition_for(node, runs));
    assume_hot(l);
    pages_take_inline_scripts(pages, l);
    return true;
}

/* ---- modules that were loaded while others were replaced ---- */

static uint64_t newest_known(const struct page_module *m)
{
    return m->stamp.seq > m->seen ? m->stamp.seq : m->seen;
}

static bool imports_statically(const struct page_module *importer, const struct node *node)
{
    size_t count = 0;
    const uint32_t *edges =
            importer->edition ? edition_edges_to(importer->edition, node, &count) : NULL;

    for (size_t i = 0; i < count; i++) {
        if (graph_is_static(edition_edge(importer->edition, edges[i])->kind)) {
            return true;
        }
    }
    return false;
}

struct behind {
    const struct page *page;
    const struct page_module *of;
    struct {
        struct str *items;
        size_t count, cap;
    } urls;
};

/* `m` has an older instance of `dep` than the page runs. So has whoever imports what accepts itself. */
static void add_behind(struct behind *b, const struct page_module *m, const struct page_module *dep)
{
    if (dep->accepts_self || !((const struct loaded *)m)->file) {
        return;
    }
    for (size_t i = 0; i < m->dep_count; i++) {
        if (str_eq(m->deps[i], dep->url)) {
            vec_push(&b->urls, dep->url); /* it takes a new one */
            return;
        }
    }
    vec_push(&b->urls, m->url);
}

static void look_at_imports(struct behind *b)
{
    const struct edition *ed = b->of->edition;
    size_t count = ed ? edition_edge_count(ed) : 0;

    for (size_t i = 0; i < count; i++) {
        enum dep_kind kind = edition_edge(ed, i)->kind;
        bool runs = graph_is_static(kind) || kind == DEP_DYNAMIC;
        const struct node *to = edition_target(ed, i);
        const struct page_module *dep = to && runs ? page_find_node(b->page, to) : NULL;

        if (dep && dep != b->of && dep->stamp.seq > newest_known(b->of)) {
            add_behind(b, b->of, dep);
        }
    }
}

static void look_at_importer(void *ctx, struct node *node)
{
    struct behind *b = ctx;
    const struct page_module *m =
            node_kind_of(node) == NODE_JS ? page_find_node(b->page, node) : NULL;

    if (m && m->by_page && m != b->of && b->of->stamp.seq > newest_known(m) &&
            imports_statically(m, b->of->node)) {
        add_behind(b, m, b->of);
    }
}

void page_set_seen(struct page *page, struct str url, uint64_t seen)
{
    struct loaded *l = pages_find_loaded(page, url);

    if (l) {
        l->m.seen = seen;
    }
}

struct str *page_find_behind(const struct pages *pages, const struct page *page, struct str url,
        struct arena *a, size_t *ret_count)
{
    struct behind b = { .page = page, .of = page_find_module(page, url) };

    *ret_count = 0;
    if (!b.of || !b.of->node || node_kind_of(b.of->node) != NODE_JS) {
        return NULL;
    }
    look_at_imports(&b);
    if (b.of->brought && b.of->stamp.seq > 0) {
        graph_each_importer(pages->graph, b.of->node, look_at_importer, &b);
    }
    struct str *urls = arena_array(a, struct str, b.urls.count);

    for (size_t i = 0; i < b.urls.count; i++) {
        urls[(*ret_count)++] = b.urls.items[i];
    }
    vec_finish(&b.urls);
    return urls;
}

void page_forget_told(struct page *page, struct str url)
{
    struct loaded *l = pages_find_loaded(page, url);

    if (l) {
        l->m.told = (struct version){ 0 };
    }
}

void page_set_hot(struct page *page, struct str url, bool self, const struct str *deps,
        size_t dep_count, const struct str *exports, size_t export_count)
{
    bool is_inline = str_find_str(url, STR("?inline=")) != STR_NONE;
    struct loaded *l = pages_get_loaded(page, url);
    bool is_new = true;

    if (!l) {
        return;
    }
    drop_hot(l);
    l->m.hot_said = true;
    l->m.accepts_self = self;
    set_names(l, deps, dep_count, exports, export_count);
    for (size_t i = 0; is_inline && i < page->inlines.count; i++) {
        is_new = is_new && page->inlines.items[i] != l;
    }
    if (is_inline && is_new && page->inlines.count < PAGE_NAMES_MAX) {
        vec_push(&page->inlines, l);
    }
}

static void add_expr_edge(struct page *page, struct loaded *from, struct loaded *to)
{
    struct expr_edge *edge = mem_new(struct expr_edge);
    struct expr_edge *known = NULL;

    edge->key.from = from;
    edge->key.to = to;
    HASH_FIND(hh, page->expr_edges, &edge->key, sizeof(edge->key), known);
    if (known) {
        free(edge);
        return;
    }
    HASH_ADD(hh, page->expr_edges, key, sizeof(edge->key), edge);
    DL_APPEND(to->expr_importers, edge);
    DL_APPEND2(from->expr_targets, edge, prev_out, next_out);
}

void page_set_edges(struct page *page, struct str url, const struct str *targets, size_t count)
{
    struct loaded *from = pages_get_loaded(page, url);

    for (size_t i = 0; from && i < count && i < PAGE_NAMES_MAX; i++) {
        struct loaded *to = pages_get_loaded(page, targets[i]);

        if (!to) {
            return;
        }
        add_expr_edge(page, from, to);
    }
}

void page_use_by_worker(struct pages *pages, struct page *page, struct node *node)
{
    struct loaded *l = pages_get_loaded(page, node_url(node));

    if (!l || l->m.by_worker) {
        return;
    }
    l->m.by_worker = true;
    if (l->m.node) {
        return;
    }
    set_node(pages, l, node);
    pages_set_file(pages, l, node_path(node));
    pages_set_edition(pages, l, node_current(node));
    l->m.runs = l->m.told = pages_version_of(node);
}

const struct page_module *page_find_module(const struct page *page, struct str url)
{
    const struct loaded *l = pages_find_loaded(page, url);

    return l ? &l->m : NULL;
}

const struct page_module *page_find_node(const struct page *page, const struct node *node)
{
    struct loaded *l = NULL;

    HASH_FIND(by_node, page->nodes, &node, sizeof(node), l);
    return l ? &l->m : NULL;
}

const struct page_module *page_next_module(const struct page *page, const struct page_module *m)
{
    const struct loaded *l = m ? ((const struct loaded *)m)->hh.next : page->loaded;

    return l ? &l->m : NULL;
}

const struct page_module *page_inline_script(const struct page *page, size_t i)
{
    return i < page->inlines.count ? &page->inlines.items[i]->m : NULL;
}

void page_each_expr_importer(const struct page *page, struct str url,
        void (*fn)(void *ctx, const struct page_module *importer), void *ctx)
{
    const struct loaded *l = pages_find_loaded(page, url);
    const struct expr_edge *edge;

    if (l) {
        DL_FOREACH(l->expr_importers, edge)
        {
            fn(ctx, &edge->key.from->m);
        }
    }
}

void page_each_expr_target(const struct page_module *m,
        void (*fn)(void *ctx, const struct page_module *target), void *ctx)
{
    const struct loaded *l = (const struct loaded *)m; /* `m` is its first member */
    const struct expr_edge *edge;

    DL_FOREACH2(l->expr_targets, edge, next_out)
    {
        fn(ctx, &edge->key.to->m);
    }
}
