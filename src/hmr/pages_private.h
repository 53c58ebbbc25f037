/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HMR_PAGES_PRIVATE_H
#define ORBITON_HMR_PAGES_PRIVATE_H

/*
 * The page model's inside, shared by pages.c (URLs and files), page_modules.c (which module
 * runs), and page_transactions.c (what waits, what was told, and how it was before).
 *
 * A page may hold tens of thousands of entries and a checkout may change all of them: whatever
 * is looked up in a loop over them has a table or a pointer here.
 */

#include "base/table.h"
#include "hmr/pages.h"

struct file;

/* An import by expression, in the lists of both ends. */
struct expr_edge {
    struct {
        struct loaded *from, *to; /* borrowed */
    } key;
    struct expr_edge *prev, *next;         /* of those that lead to `to` */
    struct expr_edge *prev_out, *next_out; /* of those that come from `from` */
    UT_hash_handle hh;
};

struct loaded {
    struct page_module m; /* first; `url` is owned and the key, its lists are owned blocks */
    struct page *page;    /* borrowed: it owns this */
    struct file *file;    /* borrowed; NULL for a URL that is no file of ours */
    struct expr_edge *expr_importers;
    struct expr_edge *expr_targets;
    struct waiting *waiting; /* NULL: it does not */
    UT_hash_handle hh;
    UT_hash_handle by_node; /* while `m.node` is there and no other entry of the page has it */
    bool is_by_node;
    struct loaded *prev, *next; /* users of the file */
};

struct file {
    struct str path; /* owned, the key */
    struct loaded *users;
    UT_hash_handle hh;
};

/* A module of the page that changed and has not become an update. */
struct waiting {
    struct loaded *loaded; /* borrowed */
    struct version to;
    struct str module; /* owned */
    bool tried;        /* was sent, and taken back */
    struct waiting *prev, *next;
};

struct waiting_list {
    struct waiting *first;
    size_t count;
    size_t tried_count;
};

/* Where the update for a URL stands in the page's list. */
struct update_place {
    struct str url; /* in the page's arena */
    size_t index;
    UT_hash_handle hh;
};

struct inline_list {
    struct loaded **items;
    size_t count, cap;
};

/* How one module was before a transaction. */
struct old_module {
    struct str url;          /* owned, the key */
    struct edition *edition; /* one reference */
    struct version runs;
    struct stamp stamp;
    struct version to; /* what the transaction made it */
    struct str module; /* owned; empty if its text did not change */
    bool changed;
    bool replaced; /* has a new instance */
    UT_hash_handle hh;
};

/* How what is no module was before a transaction. */
struct old_file {
    struct str url;    /* owned, of the entry */
    struct str told;   /* owned, of the update: a sheet's wrapper is told of by the sheet */
    struct str module; /* owned */
    enum update_type type;
    struct edition *edition; /* one reference, or NULL */
    struct version runs;
    struct version to; /* what the transaction made it */
};

struct old_file_list {
    struct old_file *items;
    size_t count, cap;
};

struct record {
    uint64_t seq;
    bool open; /* the page has not said how it went */
    bool has_modules;
    bool by_page;
    struct old_file_list files;
    struct old_module *modules; /* by URL, in the order of the plan */
    struct str *pruned;         /* owned texts */
    size_t pruned_count;
};

struct record_list {
    struct record *items;
    size_t count, cap;
};

struct page {
    uint64_t id;
    char *url; /* owned */
    bool faulty;
    bool took_back; /* page_took_back() */
    struct loaded *loaded;
    struct loaded *nodes; /* the same by node */
    struct arena arena;   /* texts of `updates` */
    struct update *items;
    size_t count;
    size_t cap;
    struct update_place *places;  /* of `items` by URL */
    struct expr_edge *expr_edges; /* owned, by their ends */
    struct waiting_list waiting;
    struct inline_list inlines;
    struct record_list records; /* the newest last */
    UT_hash_handle hh;
};

struct pages {
    struct page *pages;
    struct file *files;
    struct graph *graph; /* borrowed; NULL: there are no modules */
};

struct loaded *pages_find_loaded(const struct page *page, struct str url);

/* The entry, made if it is not there; NULL when a limit is passed. */
struct loaded *pages_get_loaded(struct page *page, struct str url);

/* Says what file the entry means. */
void pages_set_file(struct pages *pages, struct loaded *l, struct str path);

/* The page runs it no more. The entry stays, since others may name it. */
void pages_forget_loaded(struct pages *pages, struct loaded *l);

/* Puts an update on the page's list, or changes the one for that URL. */
void pages_add_update(struct page *page, enum update_type type, struct str url, struct str path,
        struct str module, struct version to, bool tried);

/* page_modules.c */

/* The entry is no module, or no longer. */
void pages_drop_module(struct pages *pages, struct loaded *l);

/* Which text of its node the entry runs; `edition` may be NULL. */
void pages_set_edition(struct pages *pages, struct loaded *l, struct edition *edition);

/* The text that the module runs may be known by now, though it was not when the page came. */
void pages_find_edition(struct pages *pages, struct loaded *l);

/* The module scripts in a document run with it, and are no resources of their own. */
void pages_take_inline_scripts(struct pages *pages, struct loaded *document);

/* What is on disk of the node, as far as the graph was told. */
struct version pages_version_of(const struct node *node);

/* page_transactions.c */

/* Marks an entry that is a module; `now` differs from what the page was told, or equals it. */
void pages_mark_module(struct loaded *l, struct str module, struct version now);

/* The entry does not wait, or no longer. */
void pages_stop_waiting(struct loaded *l);

/* Frees the page's records; its entries are there still. */
void pages_drop_records(struct pages *pages, struct page *page);

/* The page was told of `to`: the model follows, and the record of `seq` holds how it was. */
void pages_tell(struct pages *pages, struct page *page, uint64_t seq, const struct update *u,
        struct loaded *l);

#endif
