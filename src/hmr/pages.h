/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HMR_PAGES_H
#define ORBITON_HMR_PAGES_H

/*
 * What every connected page runs: for each URL that it has loaded, the file
 * that the URL means, the version that the page has, and the version that it
 * was last told of. The truth comes from the pages; files come as facts from
 * the engine. Pure.
 *
 * A page is told of a file only if it has loaded it (or tried to), and only if
 * the file is not what the page was last told of. Finding who uses a file costs
 * what there are users, not what there are files.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "hmr/update.h"

struct pages;
struct page;

enum {
    PAGE_LOADED_MAX = 50 * 1000, /* URLs a page may register; more are not kept */
    PAGE_URL_MAX = 4096,
};

struct pages *pages_create(void);

/* Accepts NULL. */
void pages_destroy(struct pages *pages);

/* A page has connected; nothing is known of it. Returns it, borrowed until pages_remove(). */
struct page *pages_add(struct pages *pages, uint64_t id);

/* The page, or NULL. */
struct page *pages_find(const struct pages *pages, uint64_t id);

void pages_remove(struct pages *pages, uint64_t id);

size_t pages_count(const struct pages *pages);

/* The first page and the one after `page`, in the order of connection; NULL at the end. */
struct page *pages_first(const struct pages *pages);
struct page *pages_next(const struct page *page);

uint64_t page_id_of(const struct page *page);

/* The path and query of the page's document; "" before it has said. Borrowed. */
struct str page_url(const struct page *page);
void page_set_url(struct page *page, struct str url);

/*
 * The page has loaded `url`, which means the file at `path` ("" if it is none of the project), in
 * the version `runs`. Saying it again replaces the version. False when a limit was passed.
 */
bool page_register(struct pages *pages, struct page *page, struct str url, struct str path,
        struct version runs);

/*
 * The file at `path` now has the version `now`: every page that uses it and was last told
 * something else gets an update in its list. Texts are copied into the page. Returns how many
 * pages have loaded the file, whether or not they need an update.
 */
size_t pages_mark(struct pages *pages, struct str path, struct str module, struct version now);

/* The same for one page only, when it registers. */
void page_mark(struct page *page, struct str url, struct str module, struct version now);

/* The updates that have been marked for the page since page_sent(); borrowed until then. */
const struct update *page_updates(const struct page *page, size_t *ret_count);

/* The updates went out: they are what the page was told, and the list is empty. */
void page_sent(struct page *page);

/* Calls `fn` for every file that any page has loaded, once per file. */
void pages_each_path(struct pages *pages, void (*fn)(void *ctx, struct str path), void *ctx);

#endif
