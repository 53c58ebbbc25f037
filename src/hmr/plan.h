/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HMR_PLAN_H
#define ORBITON_HMR_PLAN_H

/*
 * What one page must do about modules that changed: which are replaced, at
 * which boundaries, and why a reload is needed if it is. Pure.
 *
 * The search runs on what the page registered (hmr/pages.h): only modules that
 * it has loaded count, its own accept() calls decide, and its roots are the
 * modules that nobody in it imports. docs/architecture.md has the algorithm.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "hmr/graph.h"

struct page;

/* An importer that takes the new instance of `accepted`; both alike for a self-accepting module. */
struct plan_boundary {
    struct str by;
    struct str accepted;
};

struct plan {
    /* URLs of all modules that get a new instance: the changed ones and those between them and a
     * boundary, dependencies before importers where there is such an order. */
    struct str *replaced;
    size_t replaced_count;

    struct plan_boundary *boundaries;
    size_t boundary_count;

    /* Of the changed modules, those that no boundary takes; with the way from the first one to
     * the root that does not accept ("/leaf.js", "/mid.js", "/index.html"). Empty if all are taken. */
    struct str *refused;
    size_t refused_count;
    struct str *chain;
    size_t chain_count;
    bool by_worker; /* the chain ends at the module that started the worker which runs them */

    /* Modules that the page runs and that nothing will reach any more once this is applied. */
    struct str *pruned;
    size_t pruned_count;
};

/*
 * Plans for `page`: `changed` are nodes whose current edition the page does not run. Texts and
 * arrays lie in `a`.
 */
void plan_make(struct graph *graph, const struct page *page, struct node *const *changed,
        size_t changed_count, struct arena *a, struct plan *ret);

/*
 * The module at `url` said that it cannot take the update that it was given: its importers are
 * asked as if it had not accepted itself. Coming back to it, or no importer, is a dead end. The
 * module itself gets a new instance only if an importer takes it directly.
 */
void plan_invalidate(struct graph *graph, const struct page *page, struct node *node,
        struct arena *a, struct plan *ret);

#endif
