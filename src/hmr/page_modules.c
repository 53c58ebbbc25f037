/* SPDX-License-Identifier: MIT */
/*
 * The modules of the page model: which edition and which instance a page runs,
 * what waits for a plan, and how it was before each transaction that the page
 * has not yet said to have applied.
 *
 * The model runs ahead: with page_begin() it holds what the page will run. If
 * the page takes the transaction back, the record of it says what to put back;
 * where a later transaction has come between, its record is corrected instead.
 */
#include <stdlib.h>
#include <utlist.h>

#include "base/mem.h"
#include "base/vec.h"
#include "hmr/pages.h"
#include "hmr/pages_private.h"

static void disown(struct str s)
{
    free((void *)(uintptr_t)s.ptr);
}

static struct str own(struct str s)
{
    return (struct str){ mem_strcopy(s), s.len };
}

static void set_edition(struct pages *pages, struct loaded *l, struct edition *edition)
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

static struct version version_of(const struct node *node)
{
    const struct edition *ed = node_current(node);

    return (struct version){ .known = ed != NULL,
        .exists = ed && edition_exists(ed),
        .hash = ed ? edition_hash(ed) : (struct hash){ 0, 0 } };
}

/* The edition of that text, or what stands in for it. */
static struct edition *edition_for(const struct node *node, struct version v)
{
    struct edition *ed = v.known && v.exists ? node_find_edition(node, v.hash) : NULL;

    return ed ? ed : node_current(node);
}

static size_t find_waiting(const struct page *page, const struct loaded *l)
{
    size_t i = 0;

    while (i < page->waiting.count && page->waiting.items[i].loaded != l) {
        i++;
    }
    return i;
}

static void stop_waiting(struct page *page, const struct loaded *l)
{
    size_t i = find_waiting(page, l);

    if (i < page->waiting.count) {
        disown(page->waiting.items[i].module);
        vec_remove(&page->waiting, i);
    }
}

static void begin_waiting(struct loaded *l, struct str module, struct version to, bool tried)
{
    struct page *page = l->page;
    size_t i = find_waiting(page, l);

    if (i < page->waiting.count) {
        page->waiting.items[i].to = to;
        page->waiting.items[i].tried = tried;
        return;
    }
    vec_push(&page->waiting,
            ((struct waiting){ .loaded = l, .to = to, .module = own(module), .tried = tried }));
}

/* The sheet's own URL, from that of its wrapper: without the "import" in its query. */
static struct str sheet_url(struct arena *a, struct str url)
{
    size_t at = str_find(url, '?');
    struct str rest = str_skip(url, at == STR_NONE ? url.len : at + 1);
    struct str out = str_sub(url, 0, at == STR_NONE ? url.len : at);
    const char *sign = "?";

    while (rest.len > 0) {
        struct str part;

        str_cut(rest, '&', &part, &rest);
        if (!str_eq(part, STR("import"))) {
            out = arena_printf(a, "%.*s%s%.*s", STR_FMT(out), sign, STR_FMT(part));
            sign = "&";
        }
    }
    return out;
}

void pages_mark_module(struct loaded *l, struct str module, struct version now)
{
    struct page *page = l->page;

    /* what a module says may hang on more than its file: the graph knows */
    if (node_current(l->m.node)) {
        now = version_of(l->m.node);
    }
    if (node_kind_of(l->m.node) == NODE_CSS_JS) {
        struct arena a = { 0 };

        if (!version_eq(l->m.told, now)) {
            pages_add_update(
                    page, UPDATE_CSS, sheet_url(&a, l->m.url), l->file->path, module, now, false);
        }
        arena_finish(&a);
        return;
    }
    size_t i = find_waiting(page, l);

    if (!version_eq(l->m.told, now)) {
        begin_waiting(l, module, now, false);
    } else if (i < page->waiting.count && !page->waiting.items[i].tried) {
        stop_waiting(page, l); /* it went back before the page heard of it */
        /* what failed may have failed because of it */
        for (i = 0; i < page->waiting.count; i++) {
            page->waiting.items[i].tried = false;
        }
    }
}

static void drop_hot(struct loaded *l)
{
    l->m.accepts_self = false;
    l->m.deps = l->m.exports = NULL;
    l->m.dep_count = l->m.export_count = 0;
    arena_finish(&l->hot);
    l->hot_said = false;
}

void pages_drop_module(struct pages *pages, struct loaded *l)
{
    struct expr_edge *edge;
    struct expr_edge *next;

    stop_waiting(l->page, l);
    set_edition(pages, l, NULL);
    set_node(pages, l, NULL);
    drop_hot(l);
    l->m.by_worker = false;
    l->m.stamp = (struct stamp){ 0 };
    DL_FOREACH_SAFE(l->expr_importers, edge, next)
    {
        free(edge);
    }
    l->expr_importers = NULL;
}

/* The module scripts in a document run with it, and are no resources of their own. */
static void take_inline_scripts(struct pages *pages, struct loaded *document)
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
            l->m.runs = l->m.told = version_of(to);
            set_edition(pages, l, node_current(to));
        }
    }
}

/* Room for names. Most modules of a page have none, and an arena takes its memory by the chunk. */
static struct str *names_of(struct arena *a, size_t count)
{
    return count > 0 ? arena_array(a, struct str, count) : NULL;
}

/*
 * A page says what it has loaded and what that accepts in messages of their own: between the two,
 * the text is asked. A page in which it has not run at all knows that, and does not go by it.
 */
static void assume_hot(struct loaded *l)
{
    size_t count = 0;
    const struct accept *accepts = l->m.edition ? edition_accepts(l->m.edition, &count) : NULL;

    if (l->hot_said) {
        return;
    }
    drop_hot(l);
    count = count < PAGE_NAMES_MAX ? count : PAGE_NAMES_MAX;
    size_t named = 0;

    for (size_t i = 0; i < count; i++) {
        named += accepts[i].kind != ACCEPT_SELF;
    }
    l->m.deps = names_of(&l->hot, named);
    l->m.exports = names_of(&l->hot, named);
    for (size_t i = 0; i < count; i++) {
        switch (accepts[i].kind) {
        case ACCEPT_SELF: l->m.accepts_self = true; break;
        case ACCEPT_DEP: l->m.deps[l->m.dep_count++] = arena_str(&l->hot, accepts[i].text); break;
        case ACCEPT_EXPORTS:
            l->m.exports[l->m.export_count++] = arena_str(&l->hot, accepts[i].text);
            break;
        }
    }
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
        return true;
    }
    pages_set_file(pages, l, path);
    stop_waiting(page, l);
    set_node(pages, l, node);
    l->m.by_page = true;
    l->m.told = runs;
    l->m.runs = runs;
    l->m.stamp = stamp;
    set_edition(pages, l, edition_for(node, runs));
    assume_hot(l);
    take_inline_scripts(pages, l);
    return true;
}

static struct str *copy_names(
        struct arena *a, const struct str *names, size_t count, size_t *ret_count)
{
    struct str *copy;

    count = count < PAGE_NAMES_MAX ? count : PAGE_NAMES_MAX;
    copy = names_of(a, count);
    for (size_t i = 0; i < count; i++) {
        copy[i] = arena_str(a, names[i]);
    }
    *ret_count = count;
    return copy;
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
    l->hot_said = true;
    l->m.accepts_self = self;
    l->m.deps = copy_names(&l->hot, deps, dep_count, &l->m.dep_count);
    l->m.exports = copy_names(&l->hot, exports, export_count, &l->m.export_count);
    for (size_t i = 0; i < page->inlines.count; i++) {
        is_new = is_new && page->inlines.items[i] != l;
    }
    if (is_inline && is_new && page->inlines.count < PAGE_NAMES_MAX) {
        vec_push(&page->inlines, l);
    }
}

void page_set_edges(struct page *page, struct str url, const struct str *targets, size_t count)
{
    struct loaded *from = pages_get_loaded(page, url);

    for (size_t i = 0; from && i < count && i < PAGE_NAMES_MAX; i++) {
        struct loaded *to = pages_get_loaded(page, targets[i]);
        struct expr_edge *edge;

        if (!to) {
            return;
        }
        DL_FOREACH(to->expr_importers, edge)
        {
            if (edge->from == from) {
                break;
            }
        }
        if (!edge) {
            edge = mem_new(struct expr_edge);
            edge->from = from;
            DL_APPEND(to->expr_importers, edge);
        }
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
    set_edition(pages, l, node_current(node));
    l->m.runs = l->m.told = version_of(node);
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
            fn(ctx, &edge->from->m);
        }
    }
}

/* ---- transactions ---- */

struct node **page_waiting(
        const struct page *page, struct arena *a, size_t *ret_count, bool *ret_fresh)
{
    struct node **nodes = arena_array(a, struct node *, page->waiting.count);

    *ret_fresh = false;
    *ret_count = 0;
    for (size_t i = 0; i < page->waiting.count; i++) {
        nodes[(*ret_count)++] = page->waiting.items[i].loaded->m.node;
        *ret_fresh = *ret_fresh || !page->waiting.items[i].tried;
    }
    return nodes;
}

bool page_is_waiting(const struct page *page, const struct node *node)
{
    for (size_t i = 0; i < page->waiting.count; i++) {
        if (page->waiting.items[i].loaded->m.node == node) {
            return true;
        }
    }
    return false;
}

bool page_is_busy(const struct page *page)
{
    for (size_t i = 0; i < page->records.count; i++) {
        if (page->records.items[i].open && page->records.items[i].has_modules) {
            return true;
        }
    }
    return false;
}

static void free_record(struct pages *pages, struct record *r)
{
    for (size_t i = 0; i < r->count; i++) {
        disown(r->items[i].url);
        disown(r->items[i].module);
        if (r->items[i].edition) {
            edition_unref(pages->graph, r->items[i].edition);
        }
    }
    for (size_t i = 0; i < r->files.count; i++) {
        disown(r->files.items[i].url);
        disown(r->files.items[i].told);
        disown(r->files.items[i].module);
        if (r->files.items[i].edition) {
            edition_unref(pages->graph, r->files.items[i].edition);
        }
    }
    for (size_t i = 0; i < r->pruned_count; i++) {
        disown(r->pruned[i]);
    }
    free(r->pruned);
    vec_finish(&r->files);
    vec_finish(r);
}

/* Where there is no room the oldest one without modules goes first: its texts are in no page. */
static size_t find_oldest(const struct page *page)
{
    size_t i = 0;

    while (i < page->records.count && page->records.items[i].has_modules) {
        i++;
    }
    return i < page->records.count ? i : 0;
}

static void add_record(struct pages *pages, struct page *page, struct record r)
{
    if (page->records.count == PAGE_RECORDS_MAX) {
        size_t oldest = find_oldest(page);

        free_record(pages, &page->records.items[oldest]);
        vec_remove(&page->records, oldest);
    }
    vec_push(&page->records, r);
}

void pages_drop_records(struct pages *pages, struct page *page)
{
    for (size_t i = 0; i < page->records.count; i++) {
        free_record(pages, &page->records.items[i]);
    }
    vec_finish(&page->records);
}

static struct record *find_record(const struct page *page, uint64_t seq)
{
    for (size_t i = 0; i < page->records.count; i++) {
        if (page->records.items[i].seq == seq) {
            return &page->records.items[i];
        }
    }
    return NULL;
}

static struct old_module *find_old(const struct record *r, struct str url)
{
    for (size_t i = 0; r && i < r->count; i++) {
        if (str_eq(r->items[i].url, url)) {
            return &r->items[i];
        }
    }
    return NULL;
}

static void keep_old(struct record *r, const struct loaded *l)
{
    struct old_module old = { .url = own(l->m.url),
        .edition = l->m.edition,
        .runs = l->m.runs,
        .stamp = l->m.stamp,
        .module = { NULL, 0 } };

    if (old.edition) {
        edition_ref(old.edition);
    }
    vec_push(r, old);
}

/* The record of what is no module; NULL where it would take the place of one of modules. */
static struct record *get_record(struct pages *pages, struct page *page, uint64_t seq)
{
    bool is_full = page->records.count == PAGE_RECORDS_MAX;

    if (!find_record(page, seq) &&
            !(is_full && page->records.items[find_oldest(page)].has_modules)) {
        add_record(pages, page, (struct record){ .seq = seq, .open = true });
    }
    return find_record(page, seq);
}

void pages_tell(struct pages *pages, struct page *page, uint64_t seq, const struct update *u,
        struct loaded *l)
{
    struct record *r = u->type == UPDATE_JS ? NULL : get_record(pages, page, seq);

    if (r) {
        struct old_file old = { .url = own(l->m.url),
            .told = own(u->url),
            .module = own(u->module),
            .type = u->type,
            .edition = l->m.edition,
            .runs = l->m.runs,
            .to = u->to };

        if (old.edition) {
            edition_ref(old.edition);
        }
        vec_push(&r->files, old);
    }
    l->m.told = u->to;
    l->m.runs = u->to;
    if (l->m.node) {
        set_edition(pages, l, node_current(l->m.node));
        take_inline_scripts(pages, l);
    }
}

void page_begin(struct pages *pages, struct page *page, uint64_t seq, uint64_t stamp,
        const struct str *replaced, size_t replaced_count, const struct str *pruned,
        size_t pruned_count, bool by_page)
{
    struct record r = { .seq = seq, .open = true, .has_modules = true, .by_page = by_page };
    size_t waiting = 0;

    for (size_t i = 0; i < replaced_count; i++) {
        struct loaded *l = pages_find_loaded(page, replaced[i]);

        if (l && l->m.node) {
            keep_old(&r, l);
            r.items[r.count - 1].replaced = true;
            l->m.stamp = (struct stamp){ .seq = stamp };
        }
    }
    while (page->waiting.count > waiting) {
        struct waiting w = page->waiting.items[waiting];
        struct old_module *old = find_old(&r, w.loaded->m.url);

        if (by_page && !old) {
            waiting++;
            continue;
        }
        vec_remove(&page->waiting, waiting);
        if (!old) {
            keep_old(&r, w.loaded); /* refused: a handler may still fail at it */
            old = &r.items[r.count - 1];
        }
        old->changed = true;
        old->to = w.to;
        old->module = w.module;
        pages_add_update(
                page, UPDATE_JS, w.loaded->m.url, w.loaded->file->path, w.module, w.to, false);
    }
    r.pruned = mem_alloc(pruned_count > 0 ? pruned_count : 1, sizeof(*r.pruned));
    for (size_t i = 0; i < pruned_count; i++) {
        r.pruned[r.pruned_count++] = own(pruned[i]);
    }
    add_record(pages, page, r);
}

void page_applied(struct pages *pages, struct page *page, uint64_t seq)
{
    struct record *r = find_record(page, seq);

    if (!r || !r->open) {
        return;
    }
    struct record done = *r;

    vec_remove(&page->records, (size_t)(r - page->records.items));
    for (size_t i = 0; i < done.pruned_count; i++) {
        struct loaded *l = pages_find_loaded(page, done.pruned[i]);

        if (l) {
            pages_forget_loaded(pages, l);
        }
    }
    free_record(pages, &done);
}

/* The first transaction after `seq` that also replaced the module. */
static struct old_module *find_later(const struct page *page, uint64_t seq, struct str url)
{
    for (size_t i = 0; i < page->records.count; i++) {
        const struct record *r = &page->records.items[i];
        struct old_module *old = r->seq > seq && r->open ? find_old(r, url) : NULL;

        if (old) {
            return old;
        }
    }
    return NULL;
}

static void put_back(struct pages *pages, struct page *page, const struct record *r,
        const struct old_module *old, struct stamp stamp)
{
    uint64_t seq = r->seq;
    struct old_module *later = find_later(page, seq, old->url);
    struct loaded *l = pages_find_loaded(page, old->url);

    if (later) {
        if (old->edition) {
            edition_ref(old->edition);
        }
        if (later->edition) {
            edition_unref(pages->graph, later->edition);
        }
        later->edition = old->edition;
        later->runs = old->runs;
        later->stamp = stamp;
        return;
    }
    if (!l || !l->m.node) {
        return;
    }
    set_edition(pages, l, old->edition);
    l->m.runs = old->runs;
    l->m.stamp = stamp;
    if (!l->file || find_waiting(page, l) < page->waiting.count) {
        return;
    }
    if (old->changed) {
        begin_waiting(l, old->module, old->to, true);
    } else if (r->by_page) {
        begin_waiting(l, l->file->path, version_of(l->m.node), true);
    }
}

/* A later transaction that told of the file again has the last word. */
static void put_file_back(struct pages *pages, struct page *page, const struct old_file *old)
{
    struct loaded *l = pages_find_loaded(page, old->url);

    if (!l || !l->file || !version_eq(l->m.told, old->to) || !version_eq(l->m.runs, old->to)) {
        return;
    }
    l->m.runs = old->runs;
    if (l->m.node && old->edition) {
        set_edition(pages, l, old->edition);
    }
    pages_add_update(page, old->type, old->told, l->file->path, old->module, old->to, true);
}

void page_taken_back(struct pages *pages, struct page *page, uint64_t seq, bool evaluated_again)
{
    struct record *r = find_record(page, seq);

    if (!r || !r->open) {
        return;
    }
    r->open = false;
    for (size_t i = 0; i < r->count; i++) {
        const struct old_module *old = &r->items[i];

        put_back(pages, page, r, old,
                evaluated_again && old->replaced ? (struct stamp){ .seq = seq, .page = page->id }
                                                 : old->stamp);
    }
    for (size_t i = 0; i < r->files.count; i++) {
        put_file_back(pages, page, &r->files.items[i]);
    }
    if (!r->has_modules) {
        free_record(pages, r);
        vec_remove(&page->records, (size_t)(r - page->records.items));
    }
}

struct edition *page_old_edition(const struct page *page, uint64_t seq, struct str url)
{
    const struct old_module *old = find_old(find_record(page, seq), url);

    return old && old->replaced ? old->edition : NULL;
}
