/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WATCH_DIR_TABLE_H
#define ORBITON_WATCH_DIR_TABLE_H

/*
 * The snapshot: which folders are watched, by path and by the number of their
 * watch, and which files were last announced, with what they were then.
 *
 * A plain memory of facts. It reads no disk and adds no watch; crawl.c and
 * watch.c compare it with the disk and keep it true.
 *
 * A file may outlive its folder here: when a folder disappears its files stay
 * (with folder NULL) until each has been found deleted, or found again.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/str.h"
#include "base/table.h"
#include "watch/ignore.h"

struct tree_folder;

struct tree_file {
    struct str path;
    struct tree_folder *folder; /* NULL while its folder is gone */
    uint64_t size;              /* the link's own facts if it is one */
    uint64_t mtime_ns;
    uint64_t ctime_ns;
    uint64_t inode;
    struct hash hash; /* of the content that was last announced, if `hashed` */
    bool hashed;
    bool unreadable; /* it was there, but we may not read it */
    bool is_link;    /* a symbolic link */
    bool exists;     /* false only for a link that leads to no file beneath the root */
    bool to_folder;  /* a link that leads to a folder; nothing behind it is looked at by that way */
    unsigned seen;   /* the listing that last saw it */
    /* private */
    UT_hash_handle hh;
    struct tree_file *prev, *next;             /* in its folder */
    struct tree_file *queue_prev, *queue_next; /* among those whose content is to be hashed */
    struct tree_file *link_prev, *link_next;   /* among the links */
    bool queued;
    char bytes[];
};

struct tree_folder {
    struct str path;
    struct tree_folder *parent; /* NULL for the root */
    int watch;                  /* number of its watch; -1 if it has none */
    uint64_t inode, device;     /* of what was listed; 0 before */
    uint64_t listed_inode;      /* as its parent's listing gave it; 0 if unknown */
    bool remote;                /* on a file system that tells of no changes */
    bool polled;                /* no events come from here, or not all */
    bool passage;               /* ignored itself, but leads to a path that is not */
    bool fresh;                 /* not listed yet, and part of a first listing */
    uint64_t fresh_wall_ns;     /* what changed since is news all the same; 0: since the start */
    bool hides;                 /* rules keep files in it from being seen */
    bool queued, deep;          /* waits to be listed; and everything below it */
    bool whole;                 /* it was renamed here, so its files are finished */
    bool lost;                  /* that listing makes up for lost events */
    uint64_t since_ns;          /* when it was first asked for */
    unsigned seen;
    struct ignore_rules *rules; /* of its .gitignore; NULL if it has none */
    struct stat rules_stat;
    struct tree_file *files;
    struct tree_folder *folders;
    /* private */
    UT_hash_handle hh, hh_watch;
    struct tree_folder *prev, *next;             /* in its parent */
    struct tree_folder *queue_prev, *queue_next; /* among those that wait to be listed */
    char bytes[];
};

struct dir_table {
    struct tree_folder *folders; /* by path */
    struct tree_folder *watched; /* by the number of the watch */
    struct tree_file *files;     /* by path */
    struct tree_file *links;
    struct tree_file *to_hash;
    struct tree_folder *to_list;
    size_t polled;
    size_t link_count;
    size_t outside; /* folders of the workspace, WORKSPACE_NAME itself included */
};

struct tree_folder *dir_table_find_folder(const struct dir_table *t, struct str path);
struct tree_folder *dir_table_find_watch(const struct dir_table *t, int watch);

/* Adds a folder that is not there yet; `parent` is NULL for the root. Copies `path`. */
struct tree_folder *dir_table_add_folder(
        struct dir_table *t, struct tree_folder *parent, struct str path);

/* Removes a folder that has no folders below it; its files stay without one. */
void dir_table_remove_folder(struct dir_table *t, struct tree_folder *folder);

/* Says which watch a folder has now; -1 for none. The number must be free. */
void dir_table_set_watch(struct dir_table *t, struct tree_folder *folder, int watch);
void dir_table_set_polled(struct dir_table *t, struct tree_folder *folder, bool polled);

/* The queue of folders to list, in the order of their coming; twice in it is once. */
void dir_table_queue_folder(struct dir_table *t, struct tree_folder *folder);
struct tree_folder *dir_table_take_folder(struct dir_table *t);

struct tree_file *dir_table_find_file(const struct dir_table *t, struct str path);

/* Adds a file that is not there yet. Copies `path`. */
struct tree_file *dir_table_add_file(
        struct dir_table *t, struct tree_folder *folder, struct str path);
void dir_table_remove_file(struct dir_table *t, struct tree_file *file);

/* Moves a file to the folder that is found at its parent's path now. */
void dir_table_attach(struct dir_table *t, struct tree_file *file, struct tree_folder *folder);

/* Takes over what lstat says. */
void dir_table_set_stat(struct dir_table *t, struct tree_file *file, const struct stat *st);

/* Whether that is what is known already. */
bool tree_file_is(const struct tree_file *file, const struct stat *st);

/* The queue of files whose content is not known. */
void dir_table_queue_file(struct dir_table *t, struct tree_file *file);
struct tree_file *dir_table_take_file(struct dir_table *t);

void dir_table_finish(struct dir_table *t);

#endif
