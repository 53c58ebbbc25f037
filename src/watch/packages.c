/* SPDX-License-Identifier: MIT */
/*
 * Packages beside the project: of a workspace with hundreds of them those are watched that pages use,
 * from their first use on.
 *
 * What is used is about to be read. So its folders are listed at once, as at the start: a small package
 * is known before anybody has read it, a large one is begun, and what the rest of the listing finds
 * changed since then is announced.
 */
#include "base/path.h"
#include "base/sys.h"
#include "watch/crawl.h"
#include "watch/watch_private.h"

/* Lists it, and what of it is there already is no news. */
static void list_fresh(struct watch *w, struct tree_folder *folder)
{
    uint64_t wall_ns = watch_file_clock_ns();

    folder->fresh = true;
    folder->fresh_wall_ns = UINT64_MAX; /* and so what is found below it */
    crawl_queue(w, folder, false, sys_now_ns());
    crawl_some(w);
    for (folder = w->table.to_list; folder; folder = folder->queue_next) {
        if (folder->fresh_wall_ns == UINT64_MAX) {
            folder->fresh_wall_ns = wall_ns;
        }
    }
}

/* Puts the first folder on the way that is not in the table there; its listing finds the rest. */
static void add_way(struct watch *w, struct str folder)
{
    struct tree_folder *up = NULL;
    struct str path = folder;

    while (path.len > 0 && !up) {
        folder = path;
        path = path_parent(path);
        up = dir_table_find_folder(&w->table, path);
    }
    if (!up || !up->parent || up->inode == 0) {
        return; /* to be listed first, which will find all of it */
    }
    enum path_class class = folder_rules_classify(&w->rules, up, folder, true);
    struct tree_folder *child =
            class == PATH_IGNORED ? NULL : crawl_add_folder(w, up, folder, class);

    if (child) {
        list_fresh(w, child);
    }
}

void watch_use(struct watch *w, struct str folder, bool is_package)
{
    if (w->closing || w->is_looking || w->rules.project.len == 0) {
        return;
    }
    bool is_new = package_folders_add(&w->rules.packages, folder, is_package);

    if (!is_new) {
        if (package_folders_are_full(&w->rules.packages)) {
            crawl_say_package_limit(w);
        }
        return;
    }
    struct arena_mark mark = arena_get_mark(&w->scratch);

    watch_drain(w); /* a folder that was made a moment ago is no old one */
    struct tree_folder *known = dir_table_find_folder(&w->table, folder);

    if (!known) {
        add_way(w, folder);
    } else if (known->passage || known->hides) {
        known->passage = false;
        list_fresh(w, known);
    }
    arena_rewind(&w->scratch, mark);
    watch_wake(w);
}
