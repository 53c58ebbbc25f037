/* SPDX-License-Identifier: MIT */
/*
 * What tools are given before somebody asks for it: what a module imports that a page has just got, and
 * all that a save will need. For a save the new texts are followed through their imports, as far as
 * nobody has looked at what these lead to; what is not compiled yet ends the way, and is followed from
 * there when it is.
 */
#include <stdlib.h>

#include "base/sys.h"
#include "base/table.h"
#include "modules/modules_private.h"
#include "scan/js_scan.h"

enum { AHEAD_MAX = 10000 }; /* modules that are looked at for one save */

/* The node's text as it is on disk, in `a`. */
static bool read_source(struct modules *m, struct node *node, struct arena *a, struct str *ret)
{
    struct file_facts facts;
    int fd = open_node(m, node, a, &facts);
    bool good = fd >= 0 && read_text(m, fd, &facts, a, ret);

    sys_close(fd);
    return good;
}

void transformed_begin_imports(struct modules *m, const struct edition *ed, struct arena *a)
{
    for (size_t i = 0; i < edition_edge_count(ed); i++) {
        const struct edge *edge = edition_edge(ed, i);
        struct node *to = edition_target(ed, i);
        struct arena_mark mark = arena_get_mark(a);
        struct module_url url;
        struct str text;
        struct hash key;

        if (!to || node_current(to) || (edge->kind != DEP_IMPORT && edge->kind != DEP_REEXPORT)) {
            continue;
        }
        module_url_parse(a, node_url(to), &url);
        if (transformed_is(m, &url, edge->path) && read_source(m, to, a, &text)) {
            (void)transformed_ask(m, &url, edge->path, text, hash_bytes(text), &key);
        }
        arena_rewind(a, mark);
    }
}

/* A node that was looked at or is to be, with one reference; in the arena. */
struct looked {
    struct node *node;
    UT_hash_handle hh;
};

struct ahead {
    struct modules *modules;
    struct arena *arena;
    struct str *pending; /* in `arena` */
    size_t pending_count, pending_cap;
    struct looked *nodes; /* in the order in which they were found */
};

static void look_at(struct ahead *h, struct node *node)
{
    struct looked *known;

    HASH_FIND_PTR(h->nodes, &node, known);
    if (!known && HASH_COUNT(h->nodes) < AHEAD_MAX) {
        known = arena_new(h->arena, struct looked);
        known->node = node;
        node_ref(node);
        HASH_ADD_PTR(h->nodes, node, known);
    }
}

static void look_at_known(void *ctx, struct node *node)
{
    look_at(ctx, node);
}

static void add_pending(struct ahead *h, struct str path)
{
    if (h->pending_count == h->pending_cap) {
        size_t cap = h->pending_cap > 0 ? 2 * h->pending_cap : 16;
        struct str *wider = arena_array(h->arena, struct str, cap);

        for (size_t i = 0; i < h->pending_count; i++) {
            wider[i] = h->pending[i];
        }
        h->pending = wider;
        h->pending_cap = cap;
    }
    h->pending[h->pending_count++] = arena_str(h->arena, path);
}

/* What a text that is about to run imports and nobody has looked at yet. */
static void look_below(
        struct ahead *h, const struct module_url *url, struct str path, struct str text)
{
    struct reading r = { .modules = h->modules,
        .arena = h->arena,
        .map = maps_get(h->modules, h->modules->last_map), /* of the document that is opened */
        .url = *url,
        .path = path,
        .text = text };
    struct js_facts js;

    js_scan(text, h->arena, &js);
    for (size_t i = 0; i < js.dep_count; i++) {
        const struct dep *dep = &js.deps[i];

        if (dep->kind != DEP_IMPORT && dep->kind != DEP_REEXPORT) {
            continue;
        }
        struct edge edge = edges_resolve(&r, RESOLVE_IMPORT, dep->kind, dep->text, dep->type, true);

        if (edge.url.len == 0 || edge.missing || edge.target != NODE_JS ||
                resolve_is_below_modules(edge.path)) {
            continue; /* packages import nothing of the project */
        }
        struct node *to = graph_get(h->modules->options.graph, edge.url, edge.path, edge.target);

        if (!node_current(to)) {
            look_at(h, to);
        }
    }
}

static void look_into(struct ahead *h, struct node *node)
{
    struct modules *m = h->modules;
    struct str path = arena_str(h->arena, node_path(node));
    struct module_url url;
    struct str text;
    struct hash key;

    module_url_parse(h->arena, arena_str(h->arena, node_url(node)), &url);
    enum transformed_as as = transformed_as(m, &url, path);
    bool compiled = as != TRANSFORMED_NOT;
    bool is_code = parts_is_code(&url, path);

    if (!compiled && !is_code &&
            (node_kind_of(node) != NODE_JS || wrapped_is(m, &url, path) || parts_is(&url, path))) {
        return;
    }
    if (!read_source(m, node, h->arena, &text)) {
        return;
    }
    struct hash source = hash_bytes(text);

    if (is_code) {
        parts_source(m, &url, path, &text, &source); /* only now it is known what it is */
        as = transformed_as(m, &url, path);
        compiled = as != TRANSFORMED_NOT;
    }
    if (compiled && !transformed_ask(m, &url, path, text, source, &key)) {
        add_pending(h, transformed_name(h->modules, h->arena, &url, path));
        return;
    }
    if (as == TRANSFORMED_SHEET || (is_code && !compiled)) {
        return; /* what it imports are sheets, which wait by themselves; or it imports nothing yet */
    }
    const struct made *made = compiled ? transformed_find(m, key) : NULL;

    if (!compiled || (made && !made->is_bad && transformed_text(m, made, h->arena, &text))) {
        look_below(h, &url, path, text);
    }
}

struct str *modules_prepare(struct modules *m, const struct str *paths, size_t count,
        struct arena *a, size_t *ret_count)
{
    struct ahead h = { .modules = m, .arena = a };
    struct graph *graph = m->options.graph;

    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        m->transformed.is_used = m->transformed.is_used || modules_is_compiled(m, paths[i]) ||
                                 orbit_is_file(paths[i]);
    }
    if (!m->options.transform || !m->transformed.is_used) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        graph_each_of_path(graph, paths[i], look_at_known, &h);
        graph_each_waiting_for(graph, paths[i], look_at_known, &h);
        transformed_each_user(m, paths[i], look_at_known, &h);
    }
    struct looked *l;

    for (l = h.nodes; l; l = l->hh.next) {
        look_into(&h, l->node); /* which may add more */
    }
    for (l = h.nodes; l; l = l->hh.next) {
        node_unref(graph, l->node);
    }
    HASH_CLEAR(hh, h.nodes);
    *ret_count = h.pending_count;
    return h.pending;
}
