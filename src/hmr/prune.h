/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HMR_PRUNE_H
#define ORBITON_HMR_PRUNE_H

/* Which modules of a page nothing reaches any more. Pure. */

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "hmr/graph.h"

struct page;

/*
 * `moved` are modules that are about to run their current edition. Finds the modules that the page
 * reached by its running editions and will not reach then, however far behind a lost edge. A module
 * that nothing reached before (it came to the page in a way that the graph does not know) stays,
 * unless it must have come by a text that the server has not got, and that is replaced now.
 */
void prune_find(const struct page *page, struct node *const *moved, size_t moved_count,
        struct arena *a, struct str **ret, size_t *ret_count);

#endif
