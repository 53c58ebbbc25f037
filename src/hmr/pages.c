/* SPDX-License-Identifier: MIT */
/*
 * Two tables: each page's loaded URLs by URL, and over all pages the files by
 * path, each with the list of loaded URLs that mean it.
 */
#include "hmr/pages.h"

#include <utlist.h>

#include "base/mem.h"
#include "base/vec.h"
#include "hmr/pages_private.h"

static void disown(struct str s)
{
    free((void *)(uintptr_t)s.ptr);
}

static struct file *find_file(const struct pages *pages, struct str path)
{
    struct file *f = NULL;

    HASH_FIND(hh, pages->files, path.ptr, path.len, f);
    return f;
}

struct loaded *pages_find_loaded(const struct page *page, struct str url)
{
    struct loaded *l = NULL;

    HASH_FIND(hh, page->loaded, url.ptr, url.len, l);
    return l;
}

struct loaded *pages_get_loaded(struct page *page, struct str url)
{
    struct loaded *l = pages_find_loaded(page, url);

    if (l) {
        return l;
    }
    if (url.len > PAGE_URL_MAX || HASH_COUNT(page->loaded) >= PAGE_LOADED_MAX) {
        return NULL;
    }
    l = mem_new(struct loaded);
    l->m.url = (struct str){ mem_strcopy(url), url.len };
    l->page = page;
    HASH_ADD_KEYPTR(hh, page->loaded, l->m.url.ptr, l->m.url.len, l);
    return l;
}

/* Takes `l` off its file, and the file away with its last user. */
static void leave_file(struct pages *pages, struct loaded *l)
{
    struct file *f = l->file;

    if (!f) {
        return;
    }
    DL_DELETE(f->users, l);
    l->file = NULL;
    if (!f->users) {
        HASH_DEL(pages->files, f);
        disown(f->path);
        free(f);
    }
}

void pages_set_file(struct pages *pages, struct loaded *l, struct str path)
{
    struct file *f;

    if (l->file && str_eq(l->file->path, path)) {
        return;
    }
    leave_file(pages, l);
    if (path.len == 0) {
        return;
    }
    f = find_file(pages, path);
    if (!f) {
        f = mem_new(struct file);
        f->path = (struct str){ mem_strcopy(path), path.len };
        HASH_ADD_KEYPTR(hh, pages->files, f->path.ptr, f->path.len, f);
    }
    DL_APPEND(f->users, l);
    l->file = f;
}

void pages_forget_loaded(struct pages *pages, struct loaded *l)
{
    pages_drop_module(pages, l);
    leave_file(pages, l);
    l->m.by_page = false;
}

static void forget_page(struct pages *pages, struct page *page)
{
    struct loaded *l;
    struct loaded *next;

    pages_drop_records(pages, page);
    for (l = page->loaded; l; l = l->hh.next) {
        pages_forget_loaded(pages, l); /* of all before any is freed: they point at one another */
    }
    HASH_ITER(hh, page->loaded, l, next)
    {
        HASH_DEL(page->loaded, l);
        disown(l->m.url);
        free(l);
    }
    HASH_DEL(pages->pages, page);
    HASH_CLEAR(hh, page->places);
    arena_finish(&page->arena);
    vec_finish(page);
    vec_finish(&page->inlines);
    free(page->url);
    free(page);
}

struct pages *pages_create(struct graph *graph)
{
    struct pages *pages = mem_new(struct pages);

    pages->graph = graph;
    return pages;
}

void pages_destroy(struct pages *pages)
{
    struct page *page;
    struct page *next;

    if (!pages) {
        return;
    }
    HASH_ITER(hh, pages->pages, page, next)
    {
        forget_page(pages, page);
    }
    free(pages);
}

struct page *pages_add(struct pages *pages, uint64_t id)
{
    struct page *page = mem_new(struct page);

    page->id = id;
    page->url = mem_strcopy(STR(""));
    HASH_ADD(hh, pages->pages, id, sizeof(page->id), page);
    return page;
}

struct page *pages_find(const struct pages *pages, uint64_t id)
{
    struct page *page = NULL;

    HASH_FIND(hh, pages->pages, &id, sizeof(id), page);
    return page;
}

void pages_remove(struct pages *pages, uint64_t id)
{
    struct page *page = pages_find(pages, id);

    if (page) {
        forget_page(pages, page);
    }
}

size_t pages_count(const struct pages *pages)
{
    return HASH_COUNT(pages->pages);
}

struct page *pages_first(const struct pages *pages)
{
    return pages->pages;
}

struct page *pages_next(const struct page *page)
{
    return page->hh.next;
}

uint64_t page_id_of(const struct page *page)
{
    return page->id;
}

bool page_is_faulty(const struct page *page)
{
    return page->faulty;
}

void page_set_faulty(struct page *page, bool faulty)
{
    page->faulty = faulty;
}

struct str page_url(const struct page *page)
{
    return str_from(page->url);
}

void page_set_url(struct page *page, struct str url)
{
    free(page->url);
    page->url = mem_strcopy(str_sub(url, 0, PAGE_URL_MAX));
}

bool page_register(struct pages *pages, struct page *page, struct str url, struct str path,
        struct version runs)
{
    struct loaded *l = pages_get_loaded(page, url);

    if (!l) {
        return false;
    }
    if (l->m.node) {
        pages_drop_module(pages, l);
    }
    pages_set_file(pages, l, path);
    l->m.by_page = true;
    l->m.told = runs;
    l->m.runs = runs;
    return true;
}

/* The part of a URL before its query. */
static struct str without_query(struct str url)
{
    struct str head;
    struct str query;

    str_cut(url, '?', &head, &query);
    return head;
}

static struct update_place *find_place(const struct page *page, struct str url)
{
    struct update_place *place = NULL;

    HASH_FIND(hh, page->places, url.ptr, url.len, place);
    return place;
}

void pages_add_update(struct page *page, enum update_type type, struct str url, struct str path,
        struct str module, struct version to, bool tried)
{
    struct update_place *place = find_place(page, url);

    if (place) {
        struct update *u = &page->items[place->index];

        u->to = to;
        u->tried = u->tried && tried;
        return;
    }
    place = arena_new(&page->arena, struct update_place);
    place->url = arena_str(&page->arena, url);
    place->index = page->count;
    HASH_ADD_KEYPTR(hh, page->places, place->url.ptr, place->url.len, place);
    vec_push(page, ((struct update){
                           .type = type,
                           .url = place->url,
                           .path = arena_str(&page->arena, path),
                           .module = arena_str(&page->arena, module),
                           .to = to,
                           .tried = tried,
                   }));
}

/* Takes the update off the list; the last one gets its place. */
static void drop_update(struct page *page, struct update_place *place)
{
    size_t index = place->index;

    HASH_DEL(page->places, place);
    page->items[index] = page->items[--page->count];
    if (index < page->count) {
        find_place(page, page->items[index].url)->index = index;
    }
}

/* Whether the sheet or document is another text than its file: then the graph has its version. */
static bool is_made(const struct node *node)
{
    return node && (node_kind_of(node) == NODE_CSS || node_kind_of(node) == NODE_DOCUMENT) &&
           node_current(node) && edition_is_made(node_current(node));
}

static void mark(struct loaded *l, struct str module, struct version now)
{
    struct page *page = l->page;
    struct str url = l->m.url;

    if (is_made(l->m.node)) {
        if (node_kind_of(l->m.node) == NODE_CSS && edition_error(node_current(l->m.node))) {
            page_set_faulty(page, true);
            return; /* the sheet stays what it is */
        }
        now = pages_version_of(l->m.node);
    }

    if (l->m.node && node_kind_of(l->m.node) <= NODE_CSS_JS) {
        pages_mark_module(l, module, now);
        return;
    }
    if (version_eq(l->m.told, now)) {
        struct update_place *place = find_place(page, url);

        if (place && !page->items[place->index].tried) {
            drop_update(page, place); /* it went back before the page heard of it */
        }
        return;
    }
    bool is_document = str_eq(without_query(url), without_query(page_url(page)));

    pages_add_update(page, update_type_of(l->file->path, is_document), url, l->file->path, module,
            now, false);
}

size_t pages_mark(struct pages *pages, struct str path, struct str module, struct version now)
{
    struct file *f = find_file(pages, path);
    const struct page *last = NULL;
    size_t users = 0;
    struct loaded *l;

    if (!f) {
        return 0;
    }
    DL_FOREACH(f->users, l)
    {
        mark(l, module, now);
        users += l->page != last; /* a page that has a file under several URLs is one user */
        last = l->page;
    }
    return users;
}

void pages_mark_node(struct pages *pages, const struct node *node, struct str module)
{
    struct file *f = find_file(pages, node_path(node));
    struct loaded *l;

    if (f) {
        DL_FOREACH(f->users, l)
        {
            if (l->m.node == node && node_kind_of(node) <= NODE_CSS_JS) {
                pages_find_edition(pages, l);
                pages_mark_module(l, module, l->m.told);
            } else if (l->m.node == node && is_made(node)) {
                mark(l, module, l->m.told);
            }
        }
    }
}

void page_mark(struct page *page, struct str url, struct str module, struct version now)
{
    struct loaded *l = pages_find_loaded(page, url);

    if (l && l->file) {
        mark(l, module, now);
    }
}

bool page_has_news(const struct page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        if (!page->items[i].tried) {
            return true;
        }
    }
    return false;
}

const struct update *page_updates(const struct page *page, size_t *ret_count)
{
    *ret_count = page->count;
    return page->items;
}

/* The wrapper by which JavaScript has loaded the sheet, or NULL. */
static struct loaded *find_wrapper(const struct page *page, struct str url)
{
    struct arena a = { 0 };
    const char *sign = str_find(url, '?') == STR_NONE ? "?" : "&";
    struct loaded *l =
            pages_find_loaded(page, arena_printf(&a, "%.*s%simport", STR_FMT(url), sign));

    arena_finish(&a);
    return l;
}

void page_sent(struct pages *pages, struct page *page, uint64_t seq)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct update *u = &page->items[i];
        struct loaded *l = pages_find_loaded(page, u->url);

        if (l) {
            pages_tell(pages, page, seq, u, l);
        }
        l = u->type == UPDATE_CSS ? find_wrapper(page, u->url) : NULL;
        if (l) {
            pages_tell(pages, page, seq, u, l);
        }
    }
    page->count = 0;
    HASH_CLEAR(hh, page->places);
    arena_reset(&page->arena);
}

void pages_each_path(struct pages *pages, void (*fn)(void *ctx, struct str path), void *ctx)
{
    struct file *f;
    struct file *next;

    HASH_ITER(hh, pages->files, f, next)
    {
        fn(ctx, f->path);
    }
}
