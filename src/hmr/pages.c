/* SPDX-License-Identifier: MIT */
/*
 * Two tables: each page's loaded URLs by URL, and over all pages the files by
 * path, each with the list of loaded URLs that mean it.
 */
#include "hmr/pages.h"

#include <uthash.h>
#include <utlist.h>

#include "base/mem.h"
#include "base/vec.h"

struct loaded {
    char *url; /* owned, the key */
    size_t url_len;
    struct page *page;   /* borrowed: it owns this */
    struct file *file;   /* borrowed; NULL for a URL that is no file of ours */
    struct version told; /* what it was last told of, or has registered */
    UT_hash_handle hh;
    struct loaded *prev, *next; /* users of the file */
};

struct file {
    char *path; /* owned, the key */
    size_t path_len;
    struct loaded *users;
    UT_hash_handle hh;
};

struct page {
    uint64_t id;
    char *url; /* owned */
    struct loaded *loaded;
    struct arena arena; /* texts of `updates` */
    struct update *items;
    size_t count;
    size_t cap;
    UT_hash_handle hh;
};

struct pages {
    struct page *pages;
    struct file *files;
};

static char *own(struct str s)
{
    char *copy = mem_alloc(s.len + 1, 1);

    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    return copy;
}

static struct str url_of(const struct loaded *l)
{
    return (struct str){ l->url, l->url_len };
}

static struct file *find_file(const struct pages *pages, struct str path)
{
    struct file *f = NULL;

    HASH_FIND(hh, pages->files, path.ptr, path.len, f);
    return f;
}

static struct loaded *find_loaded(const struct page *page, struct str url)
{
    struct loaded *l = NULL;

    HASH_FIND(hh, page->loaded, url.ptr, url.len, l);
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
        free(f->path);
        free(f);
    }
}

static void join_file(struct pages *pages, struct loaded *l, struct str path)
{
    struct file *f;

    if (path.len == 0) {
        return;
    }
    f = find_file(pages, path);
    if (!f) {
        f = mem_new(struct file);
        f->path = own(path);
        f->path_len = path.len;
        HASH_ADD_KEYPTR(hh, pages->files, f->path, f->path_len, f);
    }
    DL_APPEND(f->users, l);
    l->file = f;
}

static void forget_page(struct pages *pages, struct page *page)
{
    struct loaded *l;
    struct loaded *next;

    HASH_ITER(hh, page->loaded, l, next)
    {
        leave_file(pages, l);
        HASH_DEL(page->loaded, l);
        free(l->url);
        free(l);
    }
    HASH_DEL(pages->pages, page);
    arena_finish(&page->arena);
    vec_finish(page);
    free(page->url);
    free(page);
}

struct pages *pages_create(void)
{
    return mem_new(struct pages);
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
    page->url = own(STR(""));
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

struct str page_url(const struct page *page)
{
    return str_from(page->url);
}

void page_set_url(struct page *page, struct str url)
{
    free(page->url);
    page->url = own(str_sub(url, 0, PAGE_URL_MAX));
}

bool page_register(struct pages *pages, struct page *page, struct str url, struct str path,
        struct version runs)
{
    struct loaded *l = find_loaded(page, url);

    if (!l) {
        if (url.len > PAGE_URL_MAX || HASH_COUNT(page->loaded) >= PAGE_LOADED_MAX) {
            return false;
        }
        l = mem_new(struct loaded);
        l->url = own(url);
        l->url_len = url.len;
        l->page = page;
        HASH_ADD_KEYPTR(hh, page->loaded, l->url, l->url_len, l);
    }
    if (!l->file || !str_eq((struct str){ l->file->path, l->file->path_len }, path)) {
        leave_file(pages, l);
        join_file(pages, l, path);
    }
    l->told = runs;
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

static void mark(struct loaded *l, struct str module, struct version now)
{
    struct page *page = l->page;
    struct str url = url_of(l);
    struct str path = { l->file->path, l->file->path_len };

    if (version_eq(l->told, now)) {
        return;
    }
    for (size_t i = 0; i < page->count; i++) {
        if (str_eq(page->items[i].url, url)) {
            page->items[i].to = now;
            return;
        }
    }
    bool is_document = str_eq(without_query(url), without_query(page_url(page)));

    vec_push(page, ((struct update){
                           .type = update_type_of(path, is_document),
                           .url = arena_str(&page->arena, url),
                           .path = arena_str(&page->arena, path),
                           .module = arena_str(&page->arena, module),
                           .to = now,
                   }));
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

void page_mark(struct page *page, struct str url, struct str module, struct version now)
{
    struct loaded *l = find_loaded(page, url);

    if (l && l->file) {
        mark(l, module, now);
    }
}

const struct update *page_updates(const struct page *page, size_t *ret_count)
{
    *ret_count = page->count;
    return page->items;
}

void page_sent(struct page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        struct loaded *l = find_loaded(page, page->items[i].url);

        if (l) {
            l->told = page->items[i].to;
        }
    }
    page->count = 0;
    arena_reset(&page->arena);
}

void pages_each_path(struct pages *pages, void (*fn)(void *ctx, struct str path), void *ctx)
{
    struct file *f;
    struct file *next;

    HASH_ITER(hh, pages->files, f, next)
    {
        fn(ctx, (struct str){ f->path, f->path_len });
    }
}
