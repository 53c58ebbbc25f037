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
    CARRY_INSTANCES_MAX = 8, /* of one module that are remembered */
};

#define DATA_URL STR("data:text/javascript,")

/* What encodeURIComponent() leaves as it is, beside letters and digits. */
#define UNESCAPED STR("-_.!~*'()")

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

void carry_forget(struct entry *e)
{
    while (e->carried) {
        struct carried *c = e->carried;

        LL_DELETE(e->carried, c);
        free(c);
    }
}

void carry_forget_ended(const struct modules *m, struct entry *e)
{
    const struct modules_options *o = &m->options;
    struct carried *c;
    struct carried *next;

    LL_FOREACH_SAFE(e->carried, c, next)
    {
        if (o->is_run && !o->is_run(o->ctx, e->node, c->stamp)) {
            LL_DELETE(e->carried, c);
            free(c);
        }
    }
}

void modules_carry_none(struct modules *m)
{
    struct entry *e;

    if (!m->carries_none) {
        m->carries_none = true;
        DL_FOREACH(m->entries, e)
        {
            carry_forget(e);
        }
    }
}

const struct carried *carry_find(
        const struct modules *m, const struct entry *e, uint64_t stamp, struct str origin)
{
    const struct carried *c = e ? e->carried : NULL;

    while (c && c->stamp != stamp) {
        c = c->next;
    }
    return c && str_eq(str_from(c->origin), origin) && text_store_has(m->store, c->text) ? c : NULL;
}

bool modules_is_carried(
        const struct modules *m, const struct node *node, uint64_t stamp, struct str origin)
{
    return carry_find(m, entry_find(m, node), stamp, origin) != NULL;
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

static void keep(struct modules *m, struct entry *e, uint64_t stamp, struct str origin,
        const struct edition *ed, struct str text)
{
    struct carried *c = mem_alloc(1, sizeof(*c) + origin.len + 1);

    *c = (struct carried){ .stamp = stamp, .text = hash_bytes(text), .version = edition_hash(ed) };
    memcpy(c->origin, origin.ptr, origin.len);
    c->origin[origin.len] = '\0';
    text_store_put(m->store, c->text, text);
    carry_forget_ended(m, e);
    LL_PREPEND(e->carried, c);
    struct carried *old = e->carried;

    for (size_t i = 1; old && i < CARRY_INSTANCES_MAX; i++) {
        old = old->next;
    }
    while (old && old->next) {
        c = old->next;
        LL_DELETE(e->carried, c);
        free(c);
    }
}

/* The text of one of them; empty if it has to be asked for. `stamps` has those before it. */
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
        c = carry_find(m, e, stamp, origin);
        return c && hash_eq(c->version, version) && text_store_get(m->store, c->text, a, &text)
                       ? text
                       : STR("");
    }
    module_url_parse(a, node_url(node), &url);
    if (wrapped_is(m, &url, path) || !source_text(m, &url, path, e, version, a, &text, &made) ||
            text.len > CARRY_TEXT_MAX || !str_is_utf8(text)) {
        return STR("");
    }
    struct str own = node_url(node);

    own = arena_printf(a, "%.*s%.*s%corbit=%llu", STR_FMT(origin), STR_FMT(own),
            str_find(own, '?') == STR_NONE ? '?' : '&', (unsigned long long)stamp);
    struct stamps stamps = *before;
    struct edge_list edges = { .edition = ed, .count = edition_edge_count(ed) };

    stamps.before = prefix_of(a, own, text);
    (void)served_text(&url, path, text, version, &stamps, &edges, made, &text);
    text = arena_printf(a, "%.*s\n//# sourceURL=%.*s\n", STR_FMT(text), STR_FMT(own));
    if (text.len > CARRY_TEXT_MAX) {
        return STR("");
    }
    keep(m, e, stamp, origin, ed, text);
    return text;
}

void modules_carry(struct modules *m, struct node *const *nodes, size_t count, uint64_t stamp,
        struct str origin, struct arena *a, struct str *ret_texts)
{
    bool may = !m->carries_none && m->options.hmr && origin.len > 0 && count <= CARRY_MODULES_MAX;
    struct str *urls = arena_array(a, struct str, count);
    struct stamps stamps = {
        .modules = m, .arena = a, .origin = origin, .carried = nodes, .data_urls = urls
    };

    for (size_t i = 0; i < count; i++) {
        struct str text = may ? carry_one(m, nodes[i], stamp, &stamps) : STR("");

        urls[i] = text.len > 0 && count > 1 ? carry_data_url(a, text) : STR("");
        ret_texts[i] = text;
        stamps.carried_count = i + 1;
    }
}
