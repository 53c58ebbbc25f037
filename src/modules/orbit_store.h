/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_ORBIT_STORE_H
#define ORBITON_MODULES_ORBIT_STORE_H

/*
 * The components of the project: one record an .orbit file, with its last good compilation, what is
 * wrong with the present text if that is another, and the table of the code that runs. A name is
 * looked up in one index of all .orbit files, which is made from the disk and anew when one of them
 * comes or goes.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/hash.h"
#include "base/str.h"
#include "orbit/component.h"
#include "resolve/fs.h"

enum {
    ORBIT_RECORDS_MAX = 5000,  /* components of a project */
    ORBIT_FOLDERS_MAX = 20000, /* that are looked through for them */
};

struct orbit_store;

/* Owned by the store; `good` lives until the next update of the record. */
struct orbit_record {
    struct str path;
    bool exists;
    bool has_good;
    struct orbit_component good; /* of the last text without an error */
    struct hash seen;            /* of the text that was compiled last */
    bool stale;                  /* something beside that text has changed */
    struct diag_list diags;      /* what was reported for that text */
    bool bad;                    /* it has errors */
    struct str *others;          /* files that it names; in `other_arena` */
    size_t other_count;
    struct arena other_arena;
    struct orbit_running running;  /* Rust, C: the table of the last good build */
    struct orbit_running building; /* of the sources that the present build was started with */
    struct orbit_change built;     /* what the last good build has brought */
    struct orbit_change change;    /* what the last update that changed something changed */
    bool changed;                  /* ... since orbit_store_forget_changes() */
};

/* `fs` is copied; what it needs must outlive the store. */
struct orbit_store *orbit_store_create(const struct fs *fs);
void orbit_store_destroy(struct orbit_store *store); /* accepts NULL */

/* Whether a path is a component's. */
bool orbit_is_file(struct str path);

/* The record of that file, made if it is not there; NULL above ORBIT_RECORDS_MAX. */
struct orbit_record *orbit_store_get(struct orbit_store *store, struct str path);

/* Compiles `text` unless that was done. */
void orbit_record_update(struct orbit_store *store, struct orbit_record *record, struct str text);

/* The same with what is on disk; a missing file makes `exists` false. */
void orbit_record_load(struct orbit_store *store, struct orbit_record *record);

/* An .orbit file came or went: names are looked up anew. */
void orbit_store_forget_names(struct orbit_store *store);

/* Calls `fn` for each component of the project, by path; those that no page has asked for too. */
void orbit_store_each(
        struct orbit_store *store, void (*fn)(void *ctx, struct orbit_record *record), void *ctx);

/* Calls `fn` for each record that has read or looked for `path` beside its own file. */
void orbit_store_each_user(struct orbit_store *store, struct str path,
        void (*fn)(void *ctx, struct orbit_record *record), void *ctx);

/* Sets `changed` of all records back; whether one had it. */
bool orbit_store_forget_changes(struct orbit_store *store);

#endif
