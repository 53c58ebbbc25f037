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

enum { CARRY_TEXT_MAX = 32 * 1024 }; /* longer ones take browsers longer than a request */

void carry_forget(struct entry *e)
{
    free(e->carried);
    e->carried = NULL;
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

    return c && c->stamp == stamp && str_eq(str_from(c->origin), origin) &&
                           text_store_has(m->store, c->text)
                   ? c
                   : NULL;
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
    carry_forget(e);
    e->carried = c;
}

bool modules_carry(struct modules *m, const struct node *node, struct hash version, uint64_t stamp,
        struct str origin, struct arena *a, struct str *ret)
{
    struct entry *e = entry_find(m, node);
    struct edition *ed = node_current(node);
    struct str path = node_path(node);
    const struct made *made;
    struct module_url url;
    struct str text;

    /* a data: URL is in no scope of an import map */
    if (m->carries_none || !m->options.hmr || origin.len == 0 || !e || e->map > 0 ||
            e->is_waiting || !ed || !edition_exists(ed) || !hash_eq(edition_hash(ed), version) ||
            !edition_knows_exports(ed) || node_kind_of(node) != NODE_JS ||
            module_url_is_package(node_url(node))) {
        return false;
    }
    /* pages of one transaction have one text, or the later ones ask for what names that of the first */
    if (e->carried && e->carried->stamp == stamp) {
        const struct carried *c = carry_find(m, e, stamp, origin);

        return c && hash_eq(c->version, version) && text_store_get(m->store, c->text, a, ret);
    }
    module_url_parse(a, node_url(node), &url);
    if (wrapped_is(m, &url, path) || !source_text(m, &url, path, e, version, a, &text, &made) ||
            text.len > CARRY_TEXT_MAX || !str_is_utf8(text)) {
        return false;
    }
    struct str own = node_url(node);

    own = arena_printf(a, "%.*s%.*s%corbit=%llu", STR_FMT(origin), STR_FMT(own),
            str_find(own, '?') == STR_NONE ? '?' : '&', (unsigned long long)stamp);
    struct stamps stamps = {
        .modules = m, .arena = a, .origin = origin, .before = prefix_of(a, own, text)
    };
    struct edge_list edges = { .edition = ed, .count = edition_edge_count(ed) };

    if (!served_text(&url, path, text, version, &stamps, &edges, made, &text)) {
        return false;
    }
    text = arena_printf(a, "%.*s\n//# sourceURL=%.*s\n", STR_FMT(text), STR_FMT(own));
    if (text.len > CARRY_TEXT_MAX) {
        return false;
    }
    keep(m, e, stamp, origin, ed, text);
    *ret = text;
    return true;
}
