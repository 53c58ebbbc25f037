/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HMR_GRAPH_H
#define ORBITON_HMR_GRAPH_H

/*
 * The module graph: who imports whom, in which text. Pure.
 *
 * A *node* is a module URL: path and query, without the parameter of ours that
 * carries the stamp ("/src/a.js", "/src/a.css?import"). It means a file ("" if
 * it is none of the project) and lives as long as somebody needs it: a page
 * that has loaded it, or an edition that depends on it.
 *
 * An *edition* is what one text of a node says: its hash, what it depends on,
 * what it exports, imports and accepts. A node has a current edition (what is on
 * disk) and keeps older ones as long as a page runs them. Editions are
 * immutable and counted.
 *
 * A *stamp* is the number of the transaction that gave a node its last new
 * instance; 0 is the node as it was first loaded. It is part of the URL by
 * which importers name the module ("?orbit=12"), so that a fresh load and a hot
 * update name one version alike, and what is not on the way from a change to a
 * boundary keeps its URL and so its instance.
 *
 * Reverse edges count all living editions: finding the importers of a module
 * costs what there are of them. Modules that import one another in a circle
 * are one *unit*; units are found anew only after edges have changed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "scan/facts.h"

struct graph;
struct node;
struct edition;

enum node_kind {
    NODE_JS,       /* JavaScript, and what is served as a module of ours (JSON, ?raw, ?url, ...) */
    NODE_CSS_JS,   /* a stylesheet imported by JavaScript: its wrapper; applied as CSS */
    NODE_CSS,      /* a stylesheet by <link> or @import */
    NODE_DOCUMENT, /* an HTML document: a root */
    NODE_ASSET,    /* fetched as it is */
};

/* An edge, as the builder of an edition gives it. */
struct edge {
    enum dep_kind kind;
    struct str url;  /* the node that it leads to; empty: it leads nowhere of ours */
    struct str path; /* the file of that node; where it would be, if it is missing */
    enum node_kind target;
    struct span specifier;   /* in the text, for messages */
    bool missing;            /* no file: `tried` says where it was looked for */
    const struct str *tried; /* paths from the root: when one appears the edge is healed */
    size_t tried_count;
    const struct str *links; /* symbolic links on the way to `path`: the switching of one concerns
                              * the importer */
    size_t link_count;
    struct str problem; /* why it is missing, a whole sentence for a message; empty otherwise */
    const struct imported_name *names; /* what is imported by name through this edge */
    size_t name_count;
};

/* What one text says. Everything is copied by graph_set_edition(). */
struct edition_facts {
    struct hash hash;
    bool exists; /* false: the file is missing; nothing below counts */
    const struct edge *edges;
    size_t edge_count;
    const struct str *exports;
    size_t export_count;
    bool knows_exports;           /* false: CommonJS, wasm, ...: any name may be there */
    const struct accept *accepts; /* as the text says; `text` is the URL for ACCEPT_DEP */
    size_t accept_count;
    bool is_made;       /* by a tool, or with a value for a %NAME%: `hash` need not be the file's */
    struct diag *error; /* the text is bad by itself; NULL if it is not. Copied */
};

struct graph *graph_create(void);

/* Accepts NULL. */
void graph_destroy(struct graph *graph);

/* The node, made if it is not there. Borrowed: it may go when its last user goes. */
struct node *graph_get(struct graph *graph, struct str url, struct str path, enum node_kind kind);

/* The node or NULL. */
struct node *graph_find(const struct graph *graph, struct str url);

/* Calls `fn` for each node of the file. The graph must not be changed by it. */
void graph_each_of_path(const struct graph *graph, struct str path,
        void (*fn)(void *ctx, struct node *node), void *ctx);

/* Calls `fn` for each node that failed to find a file at `path`. */
void graph_each_waiting_for(const struct graph *graph, struct str path,
        void (*fn)(void *ctx, struct node *node), void *ctx);

/* The same for all files below `folder`. Looks at every path that is waited for. */
void graph_each_waiting_below(const struct graph *graph, struct str folder,
        void (*fn)(void *ctx, struct node *node), void *ctx);

size_t graph_count(const struct graph *graph);

/* Whether any edition starts a worker. */
bool graph_has_workers(const struct graph *graph);

/* Calls `fn` for every node, the oldest first. The graph must not be changed by it. */
void graph_each(const struct graph *graph, void (*fn)(void *ctx, struct node *node), void *ctx);

/*
 * Frees circles of modules that nothing outside them needs any more. Does nothing until enough
 * nodes have lost a user since the last time. Nodes that were made and have no user yet go too:
 * for the end of a turn, not for the middle of one.
 */
void graph_collect(struct graph *graph);

/* Gives a text by its hash for messages that show a place, borrowed until the next call; false if
 * it is not kept. Without it the messages have no line. */
typedef bool (*graph_text_fn)(void *ctx, struct hash hash, struct str *ret);
void graph_set_text_source(struct graph *graph, graph_text_fn text_of, void *ctx);
bool graph_text(const struct graph *graph, struct hash hash, struct str *ret);

/* Moves a place in the text of a node's current edition to what a person has written, where that is
 * another text: `d` has line and column, and gets its frame, in `a`. False: it is the same text. */
typedef bool (*graph_place_fn)(void *ctx, const struct node *node, struct diag *d, struct arena *a);
void graph_set_place_source(struct graph *graph, graph_place_fn place, void *ctx);
bool graph_place(
        const struct graph *graph, const struct node *node, struct diag *d, struct arena *a);

/* Somebody outside the graph (a page, a server's cache) needs the node. */
void node_ref(struct node *node);
void node_unref(struct graph *graph, struct node *node);

struct str node_url(const struct node *node);
struct str node_path(const struct node *node);
enum node_kind node_kind_of(const struct node *node);
uint64_t node_stamp(const struct node *node);

/* Never lowers it. */
void node_raise_stamp(struct node *node, uint64_t stamp);

/* The edition of that hash if the graph still has it, else NULL. */
struct edition *node_find_edition(const struct node *node, struct hash hash);

/* What is on disk, as far as it was told; NULL before the first graph_set_edition(). */
struct edition *node_current(const struct node *node);

/*
 * Tells what is on disk now. Makes the edition (or finds the one with that hash), makes the nodes
 * that it leads to, and makes it current. Returns it, borrowed from the node.
 */
struct edition *graph_set_edition(
        struct graph *graph, struct node *node, const struct edition_facts *facts);

void edition_ref(struct edition *edition);
void edition_unref(struct graph *graph, struct edition *edition);
struct hash edition_hash(const struct edition *edition);
bool edition_exists(const struct edition *edition);

/* Why the text is bad by itself, or NULL. */
const struct diag *edition_error(const struct edition *edition);

/* What the text says of itself; exports are sorted, and those of `export *` are not among them. */
bool edition_is_made(const struct edition *edition);
const struct accept *edition_accepts(const struct edition *edition, size_t *ret_count);
bool edition_knows_exports(const struct edition *edition);
const struct str *edition_exports(const struct edition *edition, size_t *ret_count);
/* Whether it is one of them, which are in order. */
bool edition_has_export(const struct edition *edition, struct str name);

size_t edition_edge_count(const struct edition *edition);
/* The i-th edge's node, or NULL if it leads nowhere of ours; the edge itself, texts borrowed. */
struct node *edition_target(const struct edition *edition, size_t i);
const struct edge *edition_edge(const struct edition *edition, size_t i);

/* The numbers of the edges that lead to the node, ascending; found without looking at the others. */
const uint32_t *edition_edges_to(
        const struct edition *edition, const struct node *node, size_t *ret_count);

/*
 * Why the current edition of the node would fail to load by what can be seen: its own error, an
 * import without a file, a name that its dependency does not export (through `export *` as well).
 * Appends to `list` and returns false if so. Looks at this node and its direct dependencies only.
 */
bool graph_check(const struct graph *graph, const struct node *node, struct diag_list *list);

/* Calls `fn` once for each node with a living edition that depends on `node` in any way. */
void graph_each_importer(const struct graph *graph, const struct node *node,
        void (*fn)(void *ctx, struct node *importer), void *ctx);

/*
 * Calls `fn` once for each node that a page with that document loads at its start: what the document's own
 * tags and inline modules name, and all that is imported from there statically, by the current editions
 * (of what a <link rel=modulepreload> names as well). `fn` says whether to go on from the node.
 */
void graph_each_reached(struct graph *graph, struct node *document,
        bool (*fn)(void *ctx, struct node *node), void *ctx);

/* Whether two nodes import one another in a circle (static imports of current editions). */
bool graph_same_unit(struct graph *graph, const struct node *a, const struct node *b);

/* The members of a node's unit, itself included, in `a`. */
struct node **graph_unit(
        struct graph *graph, struct node *node, struct arena *a, size_t *ret_count);

/*
 * Prints the graph in the form of the scenario tests, one line per node:
 * "  /index.html -> /app.js, /app.css".
 */
void graph_dump(const struct graph *graph, struct strbuf *out);

#endif
