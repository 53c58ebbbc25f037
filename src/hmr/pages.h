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
#include "hmr/graph.h"
#include "hmr/update.h"

struct pages;
struct page;

enum {
    PAGE_LOADED_MAX = 50 * 1000, /* URLs a page may register; more are not kept */
    PAGE_URL_MAX = 4096,
};

/* `graph`, borrowed, has the modules; NULL: nothing is one. */
struct pages *pages_create(struct graph *graph);

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

/* Whether the page shows a fault of one of its modules; kept for the engine. */
bool page_is_faulty(const struct page *page);
void page_set_faulty(struct page *page, bool faulty);

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
 * pages have loaded the file, whether or not they need an update. Of a module the current edition
 * counts, which must be up to date.
 */
size_t pages_mark(struct pages *pages, struct str path, struct str module, struct version now);

/* A module may say something else now for another reason than its file: the same for its node. */
void pages_mark_node(struct pages *pages, const struct node *node, struct str module);

/* As pages_mark() for one page only, when it registers. */
void page_mark(struct page *page, struct str url, struct str module, struct version now);

/* The updates that have been marked for the page since page_sent(); borrowed until then. */
const struct update *page_updates(const struct page *page, size_t *ret_count);

/*
 * Whether one of them was not sent before. What was sent and taken back goes along with the next
 * transaction, but is no reason for one.
 */
bool page_has_news(const struct page *page);

/*
 * The updates went out as transaction `seq`: they are what the page was told, and the list is empty.
 * If the page takes the transaction back they are on the list again.
 */
void page_sent(struct pages *pages, struct page *page, uint64_t seq);

/* Calls `fn` for every file that any page has loaded, once per file. */
void pages_each_path(struct pages *pages, void (*fn)(void *ctx, struct str path), void *ctx);

/*
 * Modules. What a page has loaded is a module when the engine says so; then the model holds which
 * edition runs, in which instance, and what it accepts.
 *
 * A changed module does not become an update by itself: it waits (page_waiting()) until a plan has
 * been made for all that wait, since one bad version among them keeps the others back. What a page
 * has taken back waits on, as tried, and goes along with the next change.
 */

enum {
    PAGE_NAMES_MAX = 1000, /* keys or names that one module may accept, or import by expression */
    PAGE_RECORDS_MAX = 8,  /* transactions that can be taken back, or whose old texts are in use */
};

/* One module of a page, or a key that only its calls of accept() have named. Read only. */
struct page_module {
    struct str url;
    struct node *node;       /* NULL: no module, or not loaded */
    struct edition *edition; /* that runs; the current one if the page could not tell */
    struct stamp stamp;
    struct version runs; /* the version that runs, as far as known */
    struct version told; /* what the page was last told of, or has registered */
    uint64_t seen;   /* the newest transaction that its text can know, if the stamp is not newer */
    bool brought;    /* the page has told of its instance: no plan for the page made it */
    bool by_worker;  /* a worker of the page has loaded it, as far as the graph can tell */
    bool by_page;    /* the page itself has */
    bool hot_said;   /* the page has said what it accepts; before that, its text does */
    bool waits;      /* changed, and not yet an update */
    bool has_source; /* of a document: its text came by an update, so the page keeps it */
    bool accepts_self;
    struct str *
            deps; /* keys of dependencies that it accepts; as the text has them, until the page says */
    size_t dep_count;
    struct str *exports; /* names that it accepts changes of */
    size_t export_count;
};

/* As page_register(), for a URL that is a module. Saying again what is known changes nothing. */
bool page_register_module(struct pages *pages, struct page *page, struct str url, struct str path,
        struct version runs, struct node *node, struct stamp stamp);

/* The text of the module `url` was made when transaction `seen` was the newest. */
void page_set_seen(struct page *page, struct str url, uint64_t seen);

/*
 * What is to be sent again since the page runs two instances of one module: the module `url`, just
 * registered, may name instances that have been replaced since its text was made; or others, made
 * before, name an older one of it. Those are given, in `a`, or where they accept the module that they
 * name, that one. To be asked when all of a registration is known, with page_set_seen().
 */
struct str *page_find_behind(const struct pages *pages, const struct page *page, struct str url,
        struct arena *a, size_t *ret_count);

/* What the page was told of the module is forgotten: it is changed, whatever it runs. */
void page_forget_told(struct page *page, struct str url);

/* What accept() calls ran in the module `url` ("/index.html?inline=1" for an inline script). */
void page_set_hot(struct page *page, struct str url, bool self, const struct str *deps,
        size_t dep_count, const struct str *exports, size_t export_count);

/* Modules that `url` has imported by an expression. */
void page_set_edges(struct page *page, struct str url, const struct str *targets, size_t count);

/* A worker of the page runs the module: a change of it concerns the page. */
void page_use_by_worker(struct pages *pages, struct page *page, struct node *node);

/* The module at the key, or NULL. Borrowed until the page's next change. */
const struct page_module *page_find_module(const struct page *page, struct str url);

/* The module that a node is in the page, or NULL. */
const struct page_module *page_find_node(const struct page *page, const struct node *node);

/* All that the page has loaded or named, one after the other; NULL begins and ends. */
const struct page_module *page_next_module(const struct page *page, const struct page_module *m);

/* The i-th inline script that accepts something, or NULL. */
const struct page_module *page_inline_script(const struct page *page, size_t i);

/* Calls `fn` for each module that has imported `url` by an expression. */
void page_each_expr_importer(const struct page *page, struct str url,
        void (*fn)(void *ctx, const struct page_module *importer), void *ctx);

/* Calls `fn` for each module that `m`, of the page, has imported by an expression. */
void page_each_expr_target(const struct page_module *m,
        void (*fn)(void *ctx, const struct page_module *target), void *ctx);

/* The changed modules that wait, in `a`; *ret_fresh says whether one of them is untried. */
struct node **page_waiting(
        const struct page *page, struct arena *a, size_t *ret_count, bool *ret_fresh);

/*
 * Whether the page has a transaction of modules that it has not answered, or PAGE_RECORDS_MAX of
 * others. The next one has to wait, whatever is in it: it would be planned for a page in which
 * that one came through, or there would be no record by which it could be taken back.
 */
bool page_is_busy(const struct page *page);

/* Whether it has PAGE_RECORDS_MAX that it has not answered: nothing at all may go out. */
bool page_is_full(const struct page *page);

/* Calls `fn` for each module that a transaction which the page has not answered prunes. */
void page_each_pruned(const struct page *page, void (*fn)(void *ctx, struct str url), void *ctx);

/*
 * The plan of transaction `seq` is carried out: what waits becomes updates, the replaced modules
 * get the new stamp (mostly `seq` too), and how it was is kept for taking it back. With `by_page` the
 * plan is not one for what waits, since a module gave its update away: of that only the replaced
 * modules become updates, and if it fails they all wait, changed or not.
 */
void page_begin(struct pages *pages, struct page *page, uint64_t seq, uint64_t stamp,
        const struct str *replaced, size_t replaced_count, const struct str *pruned,
        size_t pruned_count, bool by_page);

/* The page runs transaction `seq`: what was pruned is forgotten. */
void page_applied(struct pages *pages, struct page *page, uint64_t seq);

/* Transaction `seq` failed: the page runs what it ran; with `evaluated_again` in new instances. */
void page_taken_back(struct pages *pages, struct page *page, uint64_t seq, bool evaluated_again);

/* Whether the page may have what only versions brought that it has taken back: it has evaluated some,
 * and no plan has come through since. */
bool page_took_back(const struct page *page);

/* The edition that the page ran before transaction `seq`, if its record is kept and names the URL:
 * what "?orbit=SEQrPAGE" means. Else NULL. */
struct edition *page_old_edition(const struct page *page, uint64_t seq, struct str url);

#endif
