/* SPDX-License-Identifier: MIT */
/*
 * node_modules is not watched: it has too many folders, and what lies there changes when something
 * is installed. Then package.json, a lock file, or a package manager's own record changes, and
 * everything that was resolved or served from there is compared with the disk.
 */
#include <utlist.h>

#include "base/path.h"
#include "files/workspace.h"
#include "modules/modules_private.h"

bool packages_are_healed(const struct modules *m, const struct edition *ed)
{
    const struct fs *fs = m->options.fs;
    size_t count = edition_edge_count(ed);

    for (size_t i = 0; i < count; i++) {
        const struct edge *edge = edition_edge(ed, i);

        for (size_t k = 0; k < edge->tried_count; k++) {
            if (fs_kind_of(fs, edge->tried[k]) == FS_FILE) {
                return true;
            }
        }
    }
    return false;
}

static bool leads_into_packages(const struct edition *ed)
{
    size_t count = edition_edge_count(ed);

    for (size_t i = 0; i < count; i++) {
        struct str path = edition_edge(ed, i)->path;

        if (resolve_is_below_modules(path) || path_is_below(path, WORKSPACE_NAME)) {
            return true;
        }
    }
    return false;
}

/* Whether a module of a package is another one now, or leads elsewhere. */
static bool is_replaced(struct modules *m, const struct entry *e, const struct edition *ed)
{
    const struct fs *fs = m->options.fs;
    struct file_facts facts;
    size_t count = edition_edge_count(ed);

    if (files_look(m->options.files, node_path(e->node), &facts) < 0 ||
            !hash_eq(facts.hash, e->file_hash)) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        const struct edge *edge = edition_edge(ed, i);

        if (!edge->missing && edge->path.len > 0 && fs_kind_of(fs, edge->path) != FS_FILE) {
            return true;
        }
    }
    return false;
}

void packages_each_changed(struct modules *m, void (*fn)(void *ctx, struct node *node), void *ctx)
{
    struct entry *e;

    DL_FOREACH(m->entries, e)
    {
        const struct edition *ed = node_current(e->node);

        if (!ed) {
            continue;
        }
        bool changed = resolve_is_below_modules(node_path(e->node)) ? is_replaced(m, e, ed)
                                                                    : leads_into_packages(ed);

        if (changed || packages_are_healed(m, ed)) {
            fn(ctx, e->node);
        }
    }
}
