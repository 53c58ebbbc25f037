/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HMR_TRANSACTION_H
#define ORBITON_HMR_TRANSACTION_H

/*
 * One change set, for all pages: what each of them must do about the modules that
 * wait in it, or why they have to wait on. All pages get one number, so that one
 * instance of a module has one name everywhere. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "hmr/graph.h"
#include "hmr/pages.h"
#include "hmr/plan.h"

/* Sees to it that a node has a current edition, reading its file if it must. */
struct module_loader {
    void (*load)(void *ctx, struct node *node); /* NULL: all editions are there */
    void *ctx;
};

enum { TRANSACTION_CHECKS_MAX = 20 * 1000 }; /* modules looked at for one page */

struct page_step {
    struct page *page;
    bool bad;         /* some version among them cannot load: nothing is done, `diags` says why */
    struct plan plan; /* else */
    bool by_page;     /* a module gave an update away; nothing on disk led to it */
};

/*
 * Plans transaction `seq` for `only`, or for all pages when it is NULL. Pages where no untried module
 * waits have no step, nor have those that have not answered the transaction before. The replaced
 * modules get the stamp `seq` in the graph; carrying a step out is page_begin(). What is bad is
 * appended to `diags`, each once. Steps and texts lie in `a`.
 */
struct page_step *transaction_plan(struct graph *graph, struct pages *pages, struct page *only,
        uint64_t seq, const struct module_loader *loader, struct arena *a, struct diag_list *diags,
        size_t *ret_count);

/*
 * Whether what waits in the page could load: the waiting modules, those that import them, and what
 * they newly bring. Appends why not to `diags`.
 */
bool transaction_check(struct graph *graph, const struct page *page,
        const struct module_loader *loader, struct diag_list *diags);

/* The same for all modules of the page, whether or not they wait. */
bool transaction_check_all(struct graph *graph, const struct page *page,
        const struct module_loader *loader, struct diag_list *diags);

/* Changes of these nodes are coming: the pages whose workers run them are made their users. */
void transaction_find_workers(struct graph *graph, struct pages *pages, struct node *const *changed,
        size_t changed_count);

#endif
