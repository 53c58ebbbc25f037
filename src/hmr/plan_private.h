/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HMR_PLAN_PRIVATE_H
#define ORBITON_HMR_PLAN_PRIVATE_H

/* The search behind a plan: plan_search.c goes up from the changes, plan.c lists what came of it. */

#include "base/table.h"
#include "hmr/plan.h"

#define PLAN_NONE SIZE_MAX

struct visit {
    struct node *node; /* the key */
    const struct page_module *m;
    size_t group;
    UT_hash_handle hh;
};

/* What becomes of a unit. */
enum fate {
    FATE_ALIVE = 1, /* a boundary takes it, or something above it */
    FATE_DEAD = 2,  /* a way from it ends at a root */
    FATE_TAKEN = 4, /* gets new instances */
};

/* A unit, as far as the page has loaded it. */
struct group {
    struct visit **members;
    size_t member_count;
    unsigned fates; /* of enum fate */
    bool changed;
    bool refused; /* changed, and not taken */
    bool ended;   /* the dead end is here */
    const struct visit *ended_at;
    struct str ended_by; /* the module that started the worker; empty otherwise */
    bool by_worker;
    size_t reached_by; /* the way of the search for a chain: an index of `ups`, or PLAN_NONE */
    bool reached;
};

/* `to` imports `from`, and does not accept it. */
struct up {
    struct visit *from, *to;
};

/* The indices of `ups`, those of one group in a row: group g has [starts[g], starts[g + 1]). */
struct ways {
    size_t *starts;
    size_t *ups;
};

struct found {
    struct plan_boundary boundary;
    const struct node *accepted;
    size_t group;
};

struct group_list {
    struct group *items;
    size_t count, cap;
};

struct up_list {
    struct up *items;
    size_t count, cap;
};

struct found_list {
    struct found *items;
    size_t count, cap;
};

struct plan_nodes {
    struct node **items;
    size_t count, cap;
};

struct walk {
    struct graph *graph;
    const struct page *page;
    struct arena *a;
    const struct node *unwilling; /* said that it cannot take an update; NULL if none did */
    bool unwilling_given;         /* ... but an importer takes a new instance of it */
    struct visit *visits;
    struct group_list groups;
    struct up_list ups;
    struct ways ways_up; /* `ups` by the group that they come from */
    struct found_list found;
};

/*
 * Searches for `page` from `changed` upward and judges what was met. Modules that have to join
 * are appended to `changed`. `w` is finished by plan_search_finish(), but for what lies in `a`.
 */
void plan_search(struct walk *w, struct graph *graph, const struct page *page,
        const struct node *unwilling, struct plan_nodes *changed, struct arena *a);
void plan_search_finish(struct walk *w);

/* The visit of the node, or NULL. */
struct visit *plan_find_visit(const struct walk *w, const struct node *node);

/* Whether the node gets a new instance in the page. */
bool plan_is_replaced(const struct walk *w, const struct node *node);

#endif
