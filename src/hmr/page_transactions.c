/* SPDX-License-Identifier: MIT */
/*
 * The transactions of the page model: what waits for a plan, what becomes of it,
 * and how it was before each transaction that the page has not yet said to have
 * applied.
 *
 * The model runs ahead: with page_begin() it holds what the page will run. If
 * the page takes the transaction back, the record of it says what to put back;
 * where a later transaction has come between, its record is corrected instead.
 */
#include <stdlib.h>
#include <utlist.h>

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

/* ---- what waits ---- */

static void set_tried(struct waiting_list *list, struct waiting *w, bool tried)
{
    list->tried_count -= w->tried;
    list->tried_count += tried;
    w->tried = tried;
}

/* Takes the module off the list; its name is the caller's to free. */
static struct str take_off(struct waiting *w)
{
    struct waiting_list *list = &w->loaded->page->waiting;
    struct str module = w->module;

    set_tried(list, w, false);
    DL_DELETE(list->first, w);
    list->count--;
    w->loaded->waiting = NULL;
    w->loaded->m.waits = false;
    free(w);
    return module;
}

void pages_stop_waiting(struct loaded *l)
{
    if (l->waiting) {
        disown(take_off(l->waiting));
    }
}

static void begin_waiting(struct loaded *l, struct str module, struct version to, bool tried)
{
    struct waiting_list *list = &l->page->waiting;

    if (!l->waiting) {
        l->waiting = mem_new(struct waiting);
        l->waiting->loaded = l;
        l->waiting->module = own(module);
        l->m.waits = true;
        DL_APPEND(list->first, l->waiting);
        list->count++;
    }
    l->waiting->to = to;
    set_tried(list, l->waiting, tried);
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
        now = pages_version_of(l->m.node);
    }
    if (node_kind_of(l->m.node) == NODE_CSS_JS) {
        struct arena a = { 0 };

        if (node_current(l->m.node) && edition_error(node_current(l->m.node))) {
            page_set_faulty(page, true); /* the sheet stays what it is */
        } else if (!version_eq(l->m.told, now)) {
            pages_add_update(
                    page, UPDATE_CSS, sheet_url(&a, l->m.url), l->file->path, module, now, false);
        }
        arena_finish(&a);
        return;
    }
    if (!version_eq(l->m.told, now)) {
        begin_waiting(l, module, now, false);
    } else if (l->waiting && !l->waiting->tried) {
        struct waiting *w;

        pages_stop_waiting(l); /* it went back before the page heard of it */
        /* what failed may have failed because of it */
        for (w = page->waiting.first; w && page->waiting.tried_count > 0; w = w->next) {
            set_tried(&page->waiting, w, false);
        }
    }
}

struct node **page_waiting(
        const struct page *page, struct arena *a, size_t *ret_count, bool *ret_fresh)
{
    struct node **nodes = arena_array(a, struct node *, page->waiting.count);
    const struct waiting *w;

    *ret_fresh = page->waiting.tried_count < page->waiting.count;
    *ret_count = 0;
    DL_FOREACH(page->waiting.first, w)
    {
        nodes[(*ret_count)++] = w->loaded->m.node;
    }
    return nodes;
}

/* ---- how it was ---- */

bool page_is_busy(const struct page *page)
{
    for (size_t i = 0; i < page->records.count; i++) {
        if (page->records.items[i].open && page->records.items[i].has_modules) {
            return true;
        }
    }
    return page_is_full(page);
}

bool page_is_full(const struct page *page)
{
    size_t open = 0;

    for (size_t i = 0; i < page->records.count; i++) {
        open += page->records.items[i].open;
    }
    return open >= PAGE_RECORDS_MAX;
}

void page_each_pruned(const struct page *page, void (*fn)(void *ctx, struct str url), void *ctx)
{
    for (size_t i = 0; i < page->records.count; i++) {
        const struct record *r = &page->records.items[i];

        for (size_t k = 0; r->open && k < r->pruned_count; k++) {
            fn(ctx, r->pruned[k]);
        }
    }
}

static void free_record(struct pages *pages, struct record *r)
{
    struct old_module *old;
    struct old_module *next;

    HASH_ITER(hh, r->modules, old, next)
    {
        HASH_DEL(r->modules, old);
        disown(old->url);
        disown(old->module);
        if (old->edition) {
            edition_unref(pages->graph, old->edition);
        }
        free(old);
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
}

/* Where there is no room, the oldest one that was answered goes: it only has texts to be asked for. */
static size_t find_oldest(const struct page *page)
{
    size_t i = 0;

    while (i < page->records.count && page->records.items[i].open) {
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
    struct old_module *old = NULL;

    if (r) {
        HASH_FIND(hh, r->modules, url.ptr, url.len, old);
    }
    return old;
}

static struct old_module *keep_old(struct record *r, const struct loaded *l)
{
    struct old_module *old = mem_new(struct old_module);

    old->url = own(l->m.url);
    old->edition = l->m.edition;
    old->runs = l->m.runs;
    old->stamp = l->m.stamp;
    if (old->edition) {
        edition_ref(old->edition);
    }
    HASH_ADD_KEYPTR(hh, r->modules, old->url.ptr, old->url.len, old);
    return old;
}

/* The record of the transaction, made if there is none. */
static struct record *get_record(struct pages *pages, struct page *page, uint64_t seq)
{
    if (!find_record(page, seq)) {
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
    l->m.has_source = u->type == UPDATE_HTML;
    if (l->m.node) {
        pages_set_edition(pages, l, node_current(l->m.node));
        pages_take_inline_scripts(pages, l);
    }
}

void page_begin(struct pages *pages, struct page *page, uint64_t seq, uint64_t stamp,
        const struct str *replaced, size_t replaced_count, const struct str *pruned,
        size_t pruned_count, bool by_page)
{
    struct record r = { .seq = seq, .open = true, .has_modules = true, .by_page = by_page };
    struct waiting *w;
    struct waiting *next;

    for (size_t i = 0; i < replaced_count; i++) {
        struct loaded *l = pages_find_loaded(page, replaced[i]);

        if (l && l->m.node && !find_old(&r, l->m.url)) {
            keep_old(&r, l)->replaced = true;
            l->m.stamp = (struct stamp){ .seq = stamp };
        }
    }
    DL_FOREACH_SAFE(page->waiting.first, w, next)
    {
        struct loaded *l = w->loaded;
        struct old_module *old = find_old(&r, l->m.url);

        if (by_page && !old) {
            continue;
        }
        if (!old) {
            old = keep_old(&r, l); /* refused: a handler may still fail at it */
        }
        old->changed = true;
        old->to = w->to;
        old->module = take_off(w);
        pages_add_update(page, UPDATE_JS, l->m.url, l->file->path, old->module, old->to, false);
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

    page->took_back = page->took_back && (!done.has_modules || done.by_page);
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
    pages_set_edition(pages, l, old->edition);
    l->m.runs = old->runs;
    l->m.stamp = stamp;
    if (!l->file || l->waiting) {
        return;
    }
    if (old->changed) {
        begin_waiting(l, old->module, old->to, true);
    } else if (r->by_page) {
        begin_waiting(l, l->file->path, pages_version_of(l->m.node), true);
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
        pages_set_edition(pages, l, old->edition);
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
    page->took_back = page->took_back || evaluated_again;
    for (const struct old_module *old = r->modules; old; old = old->hh.next) {
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

bool page_took_back(const struct page *page)
{
    return page->took_back;
}

struct edition *page_old_edition(const struct page *page, uint64_t seq, struct str url)
{
    const struct old_module *old = find_old(find_record(page, seq), url);

    return old && old->replaced ? old->edition : NULL;
}
