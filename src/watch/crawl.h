/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WATCH_CRAWL_H
#define ORBITON_WATCH_CRAWL_H

/*
 * Listing folders: watched first and listed afterwards, so that nothing falls
 * between. The same code lists the tree at the start, a folder that appeared,
 * a polled one, and everything after events were lost.
 */

#include "watch/watch_private.h"

/* Lists the folder that waits longest; false if none does. */
bool crawl_one(struct watch *w);

enum { CRAWL_AT_ONCE = 100 }; /* folders: a package, or a small project */

/* Lists up to CRAWL_AT_ONCE folders, however long it takes: where a small tree is to be known when this
 * returns. */
void crawl_some(struct watch *w);

/* Queues a folder; `deep`: with everything below it. What is found counts as having happened at
 * `since_ns`. */
void crawl_queue(struct watch *w, struct tree_folder *folder, bool deep, uint64_t since_ns);

/* Adds a folder that is not in the table; NULL if it is one too many of packages beside the root. */
struct tree_folder *crawl_add_folder(
        struct watch *w, struct tree_folder *parent, struct str path, enum path_class class);

/* Says, once, that not all of them are watched. */
void crawl_say_package_limit(struct watch *w);

/* Queues what is polled. */
void crawl_queue_polled(struct watch *w);

/* What becomes of the files of a folder that leaves the table. */
enum crawl_leave {
    CRAWL_GONE,    /* each is looked at, and announced if it is deleted */
    CRAWL_IGNORED, /* nobody cares any more */
};

/* Takes a folder and all below it out of the table. */
void crawl_leave(
        struct watch *w, struct tree_folder *folder, enum crawl_leave how, uint64_t since_ns);

#endif
