/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HMR_GRAPH_PRIVATE_H
#define ORBITON_HMR_GRAPH_PRIVATE_H

/* The graph's inside, shared by graph.c, graph_edition.c and graph_walk.c only. */

#include "base/table.h"
#include "hmr/graph.h"

/* An edge in the list of the node that it leads to. */
struct link {
    struct edition *from; /* borrowed: it owns this */
    struct node *to;      /* borrowed: the link keeps it; NULL if it leads nowhere of ours */
    struct link *prev, *next;
};

/* One wish of a current edition: a file that would heal one of its edges. */
struct wait {
    struct node *node; /* borrowed: its current edition owns this */
    struct wanted *wanted;
    struct wait *prev, *next;
};

/* A path at which a file was looked for in vain. */
struct wanted {
    struct str path; /* owned */
    struct wait *waits;
    UT_hash_handle hh;
};

struct edition {
    struct node *node; /* borrowed: it goes after its last edition */
    struct hash hash;
    bool exists;
    bool knows_exports;
    bool is_made;
    size_t refs;
    void *block; /* owned: one allocation with all arrays and texts below */
    struct edge *edges;
    struct link *links;  /* one for each edge */
    uint32_t *by_target; /* the edges' numbers, sorted by the node that they lead to */
    size_t edge_count;
    struct str *exports; /* sorted */
    size_t export_count;
    struct accept *accepts;
    size_t accept_count;
    struct diag *error; /* NULL if the text is good by itself */
    struct wait *waits; /* owned array; only of the current edition */
    size_t wait_count;
    struct edition *prev, *next; /* of the node, oldest first */
};

/* The nodes of one file. */
struct graph_file {
    struct str path; /* owned */
    struct node *nodes;
    UT_hash_handle hh;
};

struct node {
    struct str url;          /* owned, the key */
    struct graph_file *file; /* borrowed; NULL if it is no file of the project */
    enum node_kind kind;
    uint64_t stamp;
    size_t refs;
    struct edition *current; /* one reference of ours */
    struct edition *editions;
    struct link *importers;
    uint64_t mark;     /* of the last walk that has been here */
    struct node *unit; /* the first member of its unit */
    struct node *unit_next;
    uint32_t index, low; /* of the search for units; 0: not visited */
    bool on_stack;
    bool doomed; /* on the list of those that are being freed */
    UT_hash_handle hh;
    struct node *prev, *next; /* of the file */
};

struct node_list {
    struct node **items;
    size_t count, cap;
};

struct graph {
    struct node *nodes;
    struct graph_file *files;
    struct wanted *wanted;
    uint64_t mark;
    bool units_known;
    size_t worker_edges;
    size_t losses;           /* nodes that lost a user and stayed, since the last collection */
    struct node_list doomed; /* to be freed when the present operation ends */
    bool freeing;
    graph_place_fn place;
    void *place_ctx;
    graph_text_fn text_of;
    void *text_ctx;
};

/* graph.c */

/* Frees the node when graph_free_doomed() is called next, if nobody needs it any more. */
void graph_consider(struct graph *graph, struct node *node);
void graph_free_doomed(struct graph *graph);

/* graph_edition.c: takes the edition off its node and its edges off theirs. */
void graph_free_edition(struct graph *graph, struct edition *ed);

/* Whether the browser loads the target before it evaluates the importer. */
static inline bool graph_is_static(enum dep_kind kind)
{
    return kind == DEP_IMPORT || kind == DEP_REEXPORT;
}

#endif
