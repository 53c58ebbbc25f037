/* SPDX-License-Identifier: MIT */
/*
 * CommonJS between resolution and text: what URL an import of it gets, what its factory and its
 * facade depend on, and how they are served.
 *
 * Invariant: the edges of a factory are those of its import()s, then one for each specifier that it
 * requires, in the order of cjs_scan(). One that leads nowhere has no URL and says why in `problem`;
 * it is never missing in the graph's sense, since many a package asks for what it can do without.
 */
#include <string.h>

#include "base/path.h"
#include "base/vec.h"
#include "modules/cjs_text.h"
#include "modules/members.h"
#include "modules/modules_private.h"
#include "resolve/package.h"
#include "resolve/url.h"
#include "scan/cjs_scan.h"
#include "scan/js_scan.h"

bool cjs_is_target(const struct resolved *found, const struct edge *edge)
{
    enum file_kind kind = module_file_kind(found->path);

    return found->is_commonjs && (kind == FILE_JS || kind == FILE_NAMELESS) &&
           str_find(edge->url, '?') == STR_NONE;
}

void cjs_mark(struct reading *r, enum resolve_kind kind, struct edge *edge)
{
    edge->url = arena_printf(
            r->arena, "%.*s?%s", STR_FMT(edge->url), kind == RESOLVE_REQUIRE ? "require" : "cjs");
    edge->target = NODE_JS;
}

/* Names as the value of a parameter, as many as fit: percent-encoded, with commas between. */
static struct str names_parameter(struct arena *a, const struct str *names, size_t count)
{
    struct strbuf b;

    strbuf_init(&b, CJS_ASKED_BYTES);
    size_t fits = 0;

    for (size_t i = 0; i < count && !b.overflow; i++) {
        fits = strbuf_str(&b).len;
        strbuf_add(&b, i > 0 ? STR(",") : STR(""));
        strbuf_add_encoded(&b, names[i], STR("_$"));
    }
    struct str s = arena_str(a, str_sub(strbuf_str(&b), 0, b.overflow ? fits : STR_NONE));

    strbuf_finish(&b);
    return s;
}

/* What is asked for by name and cannot be seen in the file's text, sorted, each once. */
static size_t unseen(struct reading *r, const struct edge *edge, const struct str *names,
        size_t count, struct str **ret)
{
    size_t asked = members_asked(r->arena, r->text, 0, edge->names, edge->name_count, ret);
    size_t kept = 0;

    for (size_t i = 0; i < asked; i++) {
        if (!cjs_names_have(names, count, (*ret)[i])) {
            (*ret)[kept++] = (*ret)[i];
        }
    }
    return kept;
}

void cjs_finish_edge(struct reading *r, struct edge *edge)
{
    struct module_url url;
    struct str *names;
    size_t count;
    struct str *asked;

    if (str_find_str(edge->url, STR("?cjs")) == STR_NONE) {
        return; /* nearly all */
    }
    module_url_parse(r->arena, edge->url, &url);
    bool node = url.want == WANT_CJS && resolver_is_node_module(r->modules->resolver, r->path);

    if (url.want != WANT_CJS || (edge->name_count == 0 && !node)) {
        return;
    }
    cjs_names(r->modules, edge->path, r->arena, &names, &count);
    size_t asked_count = unseen(r, edge, names, count, &asked);

    if (node && cjs_names_have(names, count, STR("__esModule"))) {
        edge->url = arena_printf(r->arena, "%.*s&node", STR_FMT(edge->url));
    }
    if (asked_count > 0) {
        struct str more = names_parameter(r->arena, asked, asked_count);

        if (more.len > 0) {
            edge->url =
                    arena_printf(r->arena, "%.*s&names=%.*s", STR_FMT(edge->url), STR_FMT(more));
        }
    }
}

static struct str factory_url(struct arena *a, const struct module_url *url)
{
    return arena_printf(a, "%.*s?require", STR_FMT(url->path));
}

void cjs_read_facade(struct reading *r)
{
    struct str *names;
    size_t count;

    cjs_names(r->modules, r->path, r->arena, &names, &count);
    for (size_t i = 0; i < count; i++) {
        edges_mix(r, names[i]);
    }
    r->uses_names = true;
    r->facts.knows_exports = false;
    edges_add(r, (struct edge){ .kind = DEP_IMPORT,
                         .url = factory_url(r->arena, &r->url),
                         .path = r->path,
                         .target = NODE_JS });
}

/* One specifier of require(). */
static struct edge read_require(struct reading *r, struct str specifier)
{
    struct edge edge = edges_resolve(r, RESOLVE_REQUIRE, DEP_IMPORT, specifier, STR(""), true);

    if (edge.missing) {
        edge.missing = false;
        edge.url = STR("");
        edge.path = STR("");
    }
    return edge;
}

void cjs_read_factory(struct reading *r)
{
    struct js_facts js;
    struct cjs_facts cjs;

    js_scan(r->text, r->arena, &js);
    edges_read_js(r, &js, 0);
    cjs_scan(r->text, r->arena, &cjs);
    for (size_t i = 0; i < cjs.require_count; i++) {
        edges_add(r, read_require(r, cjs.requires[i]));
    }
    r->facts.knows_exports = false;
}

static struct str stamped(const struct stamps *stamps, struct str url)
{
    struct str stamp = stamps_get(stamps, url);

    return stamp.len == 0 ? url
                          : arena_printf(stamps->arena, "%.*s%c%.*s", STR_FMT(url),
                                    str_find(url, '?') == STR_NONE ? '?' : '&', STR_FMT(stamp));
}

void cjs_make_facade(struct strbuf *out, const struct module_url *url, struct str path,
        const struct stamps *stamps)
{
    struct arena *a = stamps->arena;
    struct str *names;
    size_t count;
    struct str more = url->names;
    struct str name;

    cjs_names(stamps->modules, path, a, &names, &count);
    struct str *all = arena_array(a, struct str, count + more.len + 1);

    for (size_t i = 0; i < count; i++) {
        all[i] = names[i];
    }
    while (more.len > 0) {
        (void)str_cut(more, ',', &name, &more);
        name = url_decode(a, name);
        if (name.len > 0) {
            all[count++] = name;
        }
    }
    count = str_sort_once(all, count);
    cjs_facade(out, stamped(stamps, factory_url(a, url)), all, count, url->node);
}

static struct cjs_dep make_dep(
        const struct stamps *stamps, struct str specifier, const struct edge *edge)
{
    struct cjs_dep dep = { .kind = CJS_DEP_ERROR, .specifier = specifier };
    struct module_url url;

    if (edge->url.len > 0) {
        module_url_parse(stamps->arena, edge->url, &url);
        dep.url = stamped(stamps, edge->url);
        dep.kind = url.want == WANT_REQUIRE ? CJS_DEP_CJS
                   : url.want == WANT_IMPORT && module_file_kind(edge->path) == FILE_JSON
                           ? CJS_DEP_JSON
                           : CJS_DEP_ESM;
    } else if (str_eq(edge->problem, EMPTY_MODULE)) {
        dep.kind = CJS_DEP_EMPTY;
    } else if (package_is_builtin(specifier)) {
        dep.kind = CJS_DEP_BUILTIN;
    } else {
        dep.url = edge->problem.len > 0
                          ? edge->problem
                          : arena_printf(stamps->arena, "cannot find \"%.*s\"", STR_FMT(specifier));
    }
    return dep;
}

void cjs_make_factory(struct strbuf *out, const struct module_url *url, struct str path,
        struct str text, const struct stamps *stamps, struct edge_list *edges)
{
    struct arena *a = stamps->arena;
    struct edit_list list = { 0 };
    struct js_facts js;
    struct cjs_facts cjs;
    size_t mark = str_starts(text, STR("\xEF\xBB\xBF")) ? 3 : 0;

    js_scan(text, a, &js);
    cjs_scan(text, a, &cjs);
    edits_js(&list, stamps, path, url->key, text, 0, &js, edges, STR("import.meta.url"));
    struct cjs_dep *deps = arena_array(a, struct cjs_dep, cjs.require_count + 1);

    for (size_t i = 0; i < cjs.require_count; i++) {
        deps[i] = make_dep(stamps, cjs.requires[i], edge_list_next(edges));
    }
    struct cjs_factory factory = {
        .path = url_decode(a, url->path),
        .deps = deps,
        .dep_count = cjs.require_count,
        .has_process = cjs.has_process,
        .has_global = cjs.has_global,
        .has_hashbang = str_starts(str_skip(text, mark), STR("#!")),
    };

    cjs_factory_begin(out, &factory);
    rewrite_apply(out, text, &list);
    cjs_factory_end(out);
    vec_finish(&list);
}
