/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HMR_CLIMB_H
#define ORBITON_HMR_CLIMB_H

/*
 * What a change concerns that no page has loaded as it is: the workers that run a
 * module, and the sheets that hold a sheet or a picture. Pure.
 */

#include <stddef.h>

#include "base/arena.h"
#include "hmr/graph.h"

enum { CLIMB_MAX = 20 * 1000 }; /* nodes looked at above the changes */

/*
 * The workers that run one of `changed`: the modules from those up to the workers' own (`way`), and
 * the modules that started such a worker. None of the way need be loaded by a page itself. In `a`.
 */
void climb_to_workers(struct graph *graph, struct node *const *changed, size_t changed_count,
        struct arena *a, struct node ***ret_way, size_t *ret_way_count, struct node ***ret_starters,
        size_t *ret_starter_count);

/*
 * The outermost sheets that hold `node` (a sheet or what a url() names) through @import and url():
 * those that something else than a sheet names, or nobody. A sheet may be its own. In `a`.
 */
struct node **climb_to_sheets(
        const struct graph *graph, struct node *node, struct arena *a, size_t *ret_count);

#endif
