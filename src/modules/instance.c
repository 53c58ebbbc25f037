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

/* A module that is that of `url`. */
static bool answer_by(struct str url, bool has_default, struct hash version, struct arena *a,
        struct module_answer *ret)
{
    struct strbuf out;

    strbuf_init(&out, FACADE_MAX);
    strbuf_add(&out, STR("export * from "));
    strbuf_add_json(&out, url);
    if (has_default) {
        strbuf_add(&out, STR(";\nexport { default } from "));
        strbuf_add_json(&out, url);
    }
    strbuf_add(&out, STR(";\n"));
    bool whole = url.len > 0 && !out.overflow;

    if (whole) {
        ret->form = MODULE_TEXT;
        ret->text = arena_str(a, strbuf_str(&out));
        ret->etag = hash_bytes(ret->text);
        ret->version = version;
    }
    strbuf_finish(&out);
    return whole;
}

bool instance_answer(struct modules *m, const struct module_request *request,
        const struct module_url *url, struct entry *e, struct arena *a, struct module_answer *ret)
{
    const struct edition *ed = node_current(e->node);
    uint64_t newest = node_stamp(e->node);

    /* once no page runs one, pages that come get the module itself, as if it had never been carried */
    carry_forget_ended(m, e);
    const struct carried *c = carry_find(e, url->stamp, request->origin);

    if (!m->options.hmr || !edition_exists(ed) || !edition_knows_exports(ed)) {
        return false;
    }
    /* that of an older one is asked for by the pages that run it, whatever the file says by now */
    if (c && request->as_script && (c->stamp < newest || hash_eq(c->version, edition_hash(ed)))) {
        return answer_by(carry_data_url(a, c->text), c->has_default, c->version, a, ret);
    }
    if (!request->as_module || url->stamp >= newest || module_url_is_package(url->key)) {
        return false;
    }
    return answer_by(carry_url(a, e->node, newest), edition_has_export(ed, STR("default")),
            edition_hash(ed), a, ret);
}
