/* SPDX-License-Identifier: MIT */
/*
 * The import maps of documents, each for the modules that its pages ask for.
 *
 * A request says by its Referer who asks: a document, or a module that was asked
 * for by one; a page that registers says it for all that it has loaded. What
 * nobody has said is taken for the document that was served last.
 *
 * A node has one edition: a module that two documents share, and whose names their
 * maps send to two files, goes by the page that asked last, and a warning says so.
 */
#include <utlist.h>

#include "modules/modules_private.h"

enum { MAPS_MAX = 256 };

struct page_map {
    struct str document; /* owned, the key: the URL of its node */
    uint64_t id;         /* another one for each content */
    struct hash hash;    /* of the texts, and where they start from */
    struct arena arena;
    struct import_map *map; /* all maps of the document as one; NULL: browsers refuse them */
    UT_hash_handle hh;
};

static struct page_map *find(const struct modules *m, struct str document)
{
    struct page_map *p = NULL;

    HASH_FIND(hh, m->maps, document.ptr, document.len, p);
    return p;
}

const struct import_map *maps_get(const struct modules *m, uint64_t id)
{
    for (const struct page_map *p = id > 0 ? m->maps : NULL; p; p = p->hh.next) {
        if (p->id == id) {
            return p->map;
        }
    }
    return NULL;
}

uint64_t maps_of_document(const struct modules *m, struct str document)
{
    const struct page_map *p = find(m, document);

    return p ? p->id : 0;
}

/* Whoever was resolved by one map is resolved by the other when it is asked for next. */
static void move_users(struct modules *m, uint64_t from, uint64_t to)
{
    struct entry *e;

    DL_FOREACH(m->entries, e)
    {
        if (e->map == from && from != to) {
            e->map = to;
            e->stale = true;
        }
    }
    m->last_map = m->last_map == from ? to : m->last_map;
}

static void drop(struct modules *m, struct page_map *p)
{
    HASH_DEL(m->maps, p);
    arena_finish(&p->arena);
    free((void *)(uintptr_t)p->document.ptr);
    free(p);
}

static void parse(struct modules *m, struct page_map *p, struct str base, struct str text,
        const struct html_facts *html, struct str path)
{
    arena_reset(&p->arena);
    p->map = NULL;
    for (size_t i = 0; i < html->code_count; i++) {
        const struct html_code *code = &html->codes[i];
        struct str error = { 0 };

        if (code->kind != HTML_IMPORT_MAP) {
            continue;
        }
        struct str json = arena_str(&p->arena, str_sub(text, code->text.start, code->text.end));
        struct import_map *next = import_map_parse(&p->arena, json, base, STR(""), &error);

        if (!next) {
            warn(m, path, error, STR("browsers refuse this import map"));
        } else if (!p->map) {
            p->map = next;
        } else {
            import_map_merge(&p->arena, p->map, next);
        }
    }
}

static bool hash_of(
        struct str base, struct str text, const struct html_facts *html, struct hash *ret)
{
    struct hash_stream *stream = hash_stream_create();
    bool any = false;

    for (size_t i = 0; i < html->code_count; i++) {
        const struct html_code *code = &html->codes[i];

        if (code->kind == HTML_IMPORT_MAP) {
            hash_stream_add(stream, str_sub(text, code->text.start, code->text.end));
            hash_stream_add(stream, STR("\0"));
            any = true;
        }
    }
    hash_stream_add(stream, base);
    *ret = hash_stream_take(stream);
    hash_stream_destroy(stream);
    return any;
}

uint64_t maps_take(struct modules *m, struct str document, struct str base, struct str text,
        const struct html_facts *html, struct str path)
{
    struct page_map *p = find(m, document);
    uint64_t before = p ? p->id : 0;
    struct hash hash;

    if (!hash_of(base, text, html, &hash)) {
        if (p) {
            drop(m, p);
            move_users(m, before, 0);
        }
        return 0;
    }
    if (p && hash_eq(p->hash, hash)) {
        return p->id;
    }
    if (!p) {
        if (HASH_COUNT(m->maps) == MAPS_MAX) {
            move_users(m, m->maps->id, 0);
            drop(m, m->maps);
        }
        p = mem_new(struct page_map);
        p->document = (struct str){ mem_strcopy(document), document.len };
        HASH_ADD_KEYPTR(hh, m->maps, p->document.ptr, p->document.len, p);
    }
    p->hash = hash;
    p->id = ++m->map_ids;
    parse(m, p, base, text, html, path);
    if (before > 0) {
        move_users(m, before, p->id);
    }
    return p->id;
}

static void set(struct entry *e, uint64_t map)
{
    if (e->map != map) {
        e->map = map;
        e->stale = true;
    }
}

void maps_set(struct modules *m, struct node *node, uint64_t map)
{
    struct entry *e = entry_get(m, node);

    set(e, map);
    e->map_said = true;
}

void maps_guess(struct modules *m, struct node *node)
{
    struct entry *e = entry_get(m, node);

    if (!e->map_said) {
        set(e, m->last_map);
    }
}

void maps_compare(struct modules *m, struct entry *e, const struct reading *next)
{
    const struct edition *ed = node_current(e->node);
    uint64_t before = e->read_by;
    bool two = before > 0 && before != e->map && maps_get(m, before) && maps_get(m, e->map);

    e->read_by = e->map_said ? e->map : 0;
    if (!two || !e->map_said || !ed || !hash_eq(edition_hash(ed), next->version) ||
            edition_edge_count(ed) != next->edge_count) {
        return;
    }
    for (size_t i = 0; i < next->edge_count; i++) {
        const struct edge *was = edition_edge(ed, i);
        const struct edge *is = &next->edges[i];

        if (!str_eq(was->url, is->url) && was->url.len > 0 && is->url.len > 0) {
            bool in_order = str_cmp(was->url, is->url) < 0; /* one text, whoever asks last */

            warn(m, next->path,
                    arena_printf(next->arena,
                            "the import maps of two documents send one name to %.*s and %.*s",
                            STR_FMT(in_order ? was->url : is->url),
                            STR_FMT(in_order ? is->url : was->url)),
                    STR("open pages of both are updated by the map of the page that asked last"));
            return;
        }
    }
}

bool modules_have_maps(const struct modules *m)
{
    return m->maps != NULL;
}

/*
 * A page's Referrer-Policy may leave nothing of its URL but the origin, which is the URL of the root
 * document, too: that one asks for what it names.
 */
static bool may_ask(struct modules *m, struct str url, struct str document, const struct node *node)
{
    if (!str_eq(url, STR("/"))) {
        return true;
    }
    const struct node *root = graph_find(m->options.graph, document);
    const struct edition *ed = root ? node_current(root) : NULL;
    size_t count = 0;

    if (ed) {
        (void)edition_edges_to(ed, node, &count);
    }
    return count > 0;
}

bool maps_of_asker(
        struct modules *m, const struct node *node, struct str url, struct str path, uint64_t *ret)
{
    struct arena a = { 0 };
    struct module_url parsed;
    bool known = false;

    if (path.len > 0 && module_file_kind(path) == FILE_HTML) {
        known = may_ask(m, url, resolve_url_of(&a, path), node);
        *ret = maps_of_document(m, resolve_url_of(&a, path));
    } else if (url.len > 0) {
        module_url_parse(&a, url, &parsed);
        const struct node *by = graph_find(m->options.graph, parsed.key);
        const struct entry *e = by ? entry_find(m, by) : NULL;

        known = e != NULL;
        *ret = e ? e->map : 0;
    }
    arena_finish(&a);
    return known;
}

void modules_set_document(struct modules *m, struct node *node, struct str document)
{
    if (m->maps && node_kind_of(node) == NODE_JS) {
        struct arena a = { 0 };

        maps_set(m, node, maps_of_document(m, resolve_url_of(&a, document)));
        arena_finish(&a);
    }
}

void maps_finish(struct modules *m)
{
    while (m->maps) {
        drop(m, m->maps);
    }
}
