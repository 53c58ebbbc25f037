/* SPDX-License-Identifier: MIT */
/*
 * Modules whose text goes along with the message that tells of them. A page makes a data: URL of it and
 * imports that: nothing is asked for, which is most of what an update costs. Who imports the module later does it by
 * the URL of that instance, which names the data: URL (instance.c).
 */
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "modules/modules_private.h"

enum {
    DATA_URL_MAX = 3 * CARRY_TEXT_MAX + 64,
    CARRY_INSTANCES_MAX = 8,            /* of one module that are remembered */
    CARRY_BYTES_MAX = 16 * 1024 * 1024, /* of all texts that are remembered */
};

#define DATA_URL STR("data:text/javascript,")

/* What encodeURIComponent() leaves as it is, beside letters and digits. */
#define UNESCAPED STR("-_.!~*'()")

struct str carry_url(struct arena *a, const struct node *node, uint64_t stamp)
{
    struct str url = node_url(node);

    return arena_printf(a, "%.*s%corbit=%llu", STR_FMT(url),
            str_find(url, '?') == STR_NONE ? '?' : '&', (unsigned long long)stamp);
}

struct str carry_data_url(struct arena *a, struct str text)
{
    struct strbuf b;

    strbuf_init(&b, DATA_URL_MAX);
    strbuf_add(&b, DATA_URL);
    strbuf_add_encoded(&b, text, UNESCAPED);
    struct str url = b.overflow ? STR("") : arena_str(a, strbuf_str(&b));

    strbuf_finish(&b);
    return url;
}

static void drop(struct modules *m, struct entry *e, struct carried *c)
{
    LL_DELETE(e->carried, c);
    m->carry.bytes -= c->text.len;
    free(c);
}

void carry_forget(struct modules *m, struct entry *e)
{
    while (e->carried) {
        drop(m, e, e->carried);
    }
}

void carry_forget_ended(struct modules *m, struct entry *e)
{
    const struct modules_options *o = &m->options;
    struct carried *c;
    struct carried *next;

    LL_FOREACH_SAFE(e->carried, c, next)
    {
        if (c->documents < m->carry.documents && o->is_run &&
                !o->is_run(o->ctx, e->node, c->stamp)) {
            drop(m, e, c);
        }
    }
}

void modules_carry_none(struct modules *m)
{
    struct entry *e;

    if (!m->carry.none) {
        m->carry.none = true;
        DL_FOREACH(m->entries, e)
        {
            carry_forget(m, e);
        }
    }
}

const struct carried *carry_find(const struct entry *e, uint64_t stamp, struct str origin)
{
    const struct carried *c = e ? e->carried : NULL;

    while (c && c->stamp != stamp) {
        c = c->next;
    }
    return c && str_eq(c->origin, origin) ? c : NULL;
}

bool modules_is_carried(
        const struct modules *m, const struct node *node, uint64_t stamp, struct str origin)
{
    return carry_find(entry_find(m, node), stamp, origin) != NULL;
}

/* What makes the text's own URL that of the instance. It may ask for more than the file's text has said. */
static struct str prefix_of(struct arena *a, struct str url, struct str text)
{
    struct strbuf b;

    strbuf_init(&b, CARRY_TEXT_MAX);
    strbuf_add(&b, STR("import.meta.url="));
    strbuf_add_json(&b, url);
    strbuf_addc(&b, ';');
    if (str_find_str(text, STR("resolve")) != STR_NONE) {
        strbuf_add(&b, STR("import.meta.resolve=(f=>s=>f(/^\\.{0,2}\\//.test(s)?"
                           "new URL(s,import.meta.url).href:s))(import.meta.resolve);"));
    }
    struct str prefix = arena_str(a, strbuf_str(&b));

    strbuf_finish(&b);
    return prefix;
}

static struct str put(char **to, struct str s)
{
    struct str copy = { memcpy(*to, s.len > 0 ? s.ptr : "", s.len), s.len };

    *to += s.len;
    return copy;
}

static void keep(struct modules *m, struct entry *e, uint64_t stamp, const struct edition *ed,
        struct str text, struct str origin)
{
    struct carried *c = mem_alloc(1, sizeof(*c) + text.len + origin.len);
    char *bytes = c->bytes;
    size_t count = 0;

    *c = (struct carried){ .stamp = stamp,
        .version = edition_hash(ed),
        .documents = m->carry.documents,
        .has_default = edition_has_export(ed, STR("default")) };
    c->text = put(&bytes, text);
    c->origin = put(&bytes, origin);
    m->carry.bytes += text.len;
    carry_forget_ended(m, e);
    LL_PREPEND(e->carried, c);
    for (struct carried *old = c; old; old = c) {
        c = old->next;
        if (++count > CARRY_INSTANCES_MAX) {
            drop(m, e, old);
        }
    }
}

/* The text of one of them; empty if it has to be asked for. */
static struct str carry_one(
        struct modules *m, const struct node *node, uint64_t stamp, const struct stamps *before)
{
    struct arena *a = before->arena;
    struct str origin = before->origin;
    struct entry *e = entry_find(m, node);
    struct edition *ed = node_current(node);
    struct str path = node_path(node);
    const struct made *made;
    struct module_url url;
    struct str text;

    /* a data: URL is in no scope of an import map */
    if (!e || e->map > 0 || e->is_waiting || !ed || !edition_exists(ed) ||
            !edition_knows_exports(ed) || node_kind_of(node) != NODE_JS ||
            module_url_is_package(node_url(node))) {
        return STR("");
    }
    struct hash version = edition_hash(ed);

    /* pages of one transaction have one text, or the later ones ask for what names that of the first */
    const struct carried *c = e->carried; /* the newest */

    if (c && c->stamp == stamp) {
        c = carry_find(e, stamp, origin);
        return c && hash_eq(c->version, version) ? arena_str(a, c->text) : STR("");
    }
    module_url_parse(a, node_url(node), &url);
    if (wrapped_is(m, &url, path) || !source_text(m, &url, path, e, version, a, &text, &made) ||
            text.len > CARRY_TEXT_MAX || !str_is_utf8(text)) {
        return STR("");
    }
    struct str own = carry_url(a, node, stamp);
    struct stamps stamps = *before;
    struct edge_list edges = { .edition = ed, .count = edition_edge_count(ed) };

    own = arena_printf(a, "%.*s%.*s", STR_FMT(origin), STR_FMT(own));
    stamps.before = prefix_of(a, own, text);
    (void)served_text(&url, path, text, version, &stamps, &edges, made, &text);
    text = arena_printf(a, "%.*s\n//# sourceURL=%.*s\n", STR_FMT(text), STR_FMT(own));
    if (text.len > CARRY_TEXT_MAX || m->carry.bytes + text.len > CARRY_BYTES_MAX) {
        return STR("");
    }
    keep(m, e, stamp, ed, text, origin);
    return text;
}

/* In a circle a module may be used before its body has run, which says where it lies. */
static bool has_circle(struct node *const *nodes, size_t count)
{
    bool found = false;

    for (size_t i = 0; i < count; i++) {
        const struct edition *ed = node_current(nodes[i]);
        size_t edges = ed ? edition_edge_count(ed) : 0;

        for (size_t k = 0; k < edges; k++) {
            for (size_t later = i + 1; later < count; later++) {
                found = found || edition_target(ed, k) == nodes[later];
            }
        }
    }
    return found;
}

void modules_carry(struct modules *m, struct node *const *nodes, const bool *wanted, size_t count,
        uint64_t stamp, struct str origin, struct arena *a, struct str *ret_texts)
{
    bool may = !m->carry.none && m->options.hmr && origin.len > 0 && count <= CARRY_MODULES_MAX &&
               !has_circle(nodes, count);
    const struct stamps stamps = { .modules = m, .arena = a, .origin = origin };

    for (size_t i = 0; i < count; i++) {
        ret_texts[i] = may && wanted[i] ? carry_one(m, nodes[i], stamp, &stamps) : STR("");
    }
}
