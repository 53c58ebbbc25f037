/* SPDX-License-Identifier: MIT */
/*
 * Which instance a module's URL leads to, where that is not the module itself:
 *
 *     /src/a.js?orbit=12     it was carried:       export * from "data:text/javascript,..."
 *     /src/a.js, ?orbit=7    12 is the newest:     export * from "/src/a.js?orbit=12"
 *
 * Pages that have run an instance never ask for it again. Those that ask for an older one come by a text that
 * has named it once, as carried ones do for good; what else they load names the newest.
 *
 * Invariant: whoever imports a module in a page that is loaded now, and by whatever name, comes to one instance.
 */
#include "modules/modules_private.h"

enum { FACADE_MAX = 512 * 1024 };

static bool has_default(const struct edition *ed)
{
    size_t count;
    const struct str *names = edition_exports(ed, &count);
    bool found = false;

    for (size_t i = 0; i < count && !found; i++) {
        found = str_eq(names[i], STR("default"));
    }
    return found;
}

/* A module that is that of `url`. */
static bool answer_by(
        const struct edition *ed, struct str url, struct arena *a, struct module_answer *ret)
{
    struct strbuf out;

    strbuf_init(&out, FACADE_MAX);
    strbuf_add(&out, STR("export * from "));
    strbuf_add_json(&out, url);
    if (has_default(ed)) {
        strbuf_add(&out, STR(";\nexport { default } from "));
        strbuf_add_json(&out, url);
    }
    strbuf_add(&out, STR(";\n"));
    bool whole = url.len > 0 && !out.overflow;

    if (whole) {
        ret->form = MODULE_TEXT;
        ret->text = arena_str(a, strbuf_str(&out));
        ret->etag = hash_bytes(ret->text);
        ret->version = edition_hash(ed);
    }
    strbuf_finish(&out);
    return whole;
}

static bool answer_carried(struct modules *m, const struct carried *c, const struct edition *ed,
        struct arena *a, struct module_answer *ret)
{
    struct str text;
    bool good = text_store_get(m->store, c->text, a, &text) &&
                answer_by(ed, carry_data_url(a, text), a, ret);

    ret->version = good ? c->version : ret->version;
    return good;
}

bool instance_answer(struct modules *m, const struct module_request *request,
        const struct module_url *url, struct entry *e, struct arena *a, struct module_answer *ret)
{
    const struct edition *ed = node_current(e->node);
    uint64_t newest = node_stamp(e->node);

    /* once no page runs one, pages that come get the module itself, as if it had never been carried */
    carry_forget_ended(m, e);
    const struct carried *c = carry_find(m, e, url->stamp, request->origin);

    if (!m->options.hmr || !edition_exists(ed) || !edition_knows_exports(ed)) {
        return false;
    }
    /* that of an older one is asked for by the pages that run it, whatever the file says by now */
    if (c && (c->stamp < newest || hash_eq(c->version, edition_hash(ed)))) {
        return answer_carried(m, c, ed, a, ret);
    }
    if (!request->as_module || url->stamp >= newest || module_url_is_package(url->key)) {
        return false;
    }
    struct strbuf own;

    strbuf_init(&own, MODULE_URL_MAX * 4);
    strbuf_add(&own, url->key);
    module_url_add(&own, str_find(url->key, '?') != STR_NONE,
            arena_printf(a, "orbit=%llu", (unsigned long long)newest));
    bool good = !own.overflow && answer_by(ed, strbuf_str(&own), a, ret);

    strbuf_finish(&own);
    return good;
}
