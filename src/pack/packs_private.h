/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_PACKS_PRIVATE_H
#define ORBITON_PACK_PACKS_PRIVATE_H

/* What the files of packs share: packs.c (the life of a pack), packs_known.c and packs_look.c. */

#include "base/arena.h"
#include "base/hash.h"
#include "base/strbuf.h"
#include "base/table.h"
#include "pack/bundler.h"
#include "pack/packs.h"
#include "pack/walk.h"

struct bundle;
struct pack;
struct rolldowns;

enum state { STATE_NEW, STATE_RUNNING, STATE_READY };

/* A file of a package that somebody has asked for, or that is in a pack: it is served so from then on,
 * since pages run it. Or the folder of a package of which nothing is packed, or nothing with others. */
struct known {
    struct pack *pack; /* NULL: it is served as it is, as long as its package.json is the same */
    size_t number;     /* in the pack's list */
    uint64_t version;  /* without a pack: the stamp of that package.json */
    unsigned round;    /* in which that was looked at */
    unsigned refusals; /* of a package that is packed: packs with others that were not made of it */
    char *why;         /* of a package: what is in the way of packing it. May be NULL */
    UT_hash_handle hh;
    char path[];
};

struct work {
    struct pack *pack;
    struct transform_job *job;
    struct work *prev, *next;
};

struct pack {
    struct packs *packs;
    struct arena arena; /* of the list */
    struct pack_list list;
    enum state state;
    unsigned round;        /* in which its files were looked at */
    struct hash ground;    /* by which names led to where they do when that was looked at */
    struct bundle *bundle; /* while it runs */
    struct strbuf text;    /* until it is asked for; then it is read from disk, if it is there */
    bool is_on_disk;
    struct work *works;
    struct pack *prev, *next;
};

struct packs {
    uv_loop_t *loop;
    struct fs fs;
    const struct transform *transform;
    struct resolver *resolver;
    const struct vite_config *vite_config;
    char *root;
    char *folder; /* of the cache */
    char *path;
    struct bundler bundler;      /* without a name: there is none, and nothing is packed */
    struct rolldowns *rolldowns; /* if that is the bundler */
    struct hash tool;            /* part of every key */
    bool has_looked;             /* for it */
    bool has_hung;               /* it did not answer once: it is not run any more */
    bool (*has_maps)(void *ctx);
    void *ctx;
    unsigned round;
    unsigned running; /* programs */
    struct known *table;
    struct pack *list;
};

/* ---- packs_known.c: how files and packages are served ---- */

/* NULL: nobody has asked for it. */
struct known *known_find(const struct packs *p, struct str path);

struct known *known_add(struct packs *p, struct str path);
void known_forget(struct packs *p, struct known *k);

/* The stamp of a package's package.json; 0: it says nothing. */
uint64_t known_stamp(const struct packs *p, struct str package);

/* A file of the package, or all of it (then `path` is its folder), is served as it is; `why` may be empty. */
void known_leave(struct packs *p, struct str path, struct str package, struct str why);

/* The bundler did not make so many packs of this package and others. */
void known_refuse(struct packs *p, struct str package, unsigned more);

/* Whether a file or a package is served as it is. It is no longer where it was installed anew. */
bool known_is_left(struct packs *p, struct str path, struct str package);

/* Whether the package is packed without others. */
bool known_is_alone(struct packs *p, struct str package);

/* ---- packs_look.c: which files a pack has, and whether they are what they were ---- */

/* Gives the pack the list of `entry`, and the ground of it, as in an earlier run, if a walk would find the same. */
bool packs_recall(struct pack *pack, struct str entry);

/* Keeps the list for later runs; its ground says something. */
void packs_remember(const struct pack *pack);

/* What pack_walk() says of `entry`, with all that is known; `pack` (may be NULL) is made anew. */
enum pack_answer packs_walk(struct packs *p, struct str entry, const struct pack *pack,
        struct arena *a, struct pack_list *ret, struct str *ret_why);

/* By what names lead to where they do: the package.json of the list's packages and of those before them, and
 * the marks that package managers leave. False: it was changed so lately that it says nothing. */
bool packs_find_ground(const struct packs *p, const struct pack_list *list, struct hash *ret);

/* Whether no file of it has another stamp. */
bool pack_has_same_stamps(const struct pack *pack);

/* Whether names lead to the same packages; if they do, by what they lead there now is remembered. */
bool pack_has_same_packages(struct pack *pack);

/* Both, where stamps that say nothing count for nothing. */
bool pack_has_same_files(struct pack *pack);

/* The first of its files. */
struct str pack_home(const struct pack *pack);

#endif
