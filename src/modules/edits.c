/* SPDX-License-Identifier: MIT */
/*
 * From the edges of an edition to the edits of its text.
 *
 * A specifier stays as it is written when the browser comes by it to the node's
 * URL. What must only be added (a mark, a stamp) is added behind it; else it is
 * replaced by the URL from the root on. No edit has a line break that was not
 * there before.
 */
#include <string.h>

#include "base/vec.h"
#include "modules/members.h"
#include "modules/modules_private.h"
#include "modules/node_stub.h"
#include "resolve/url.h"
#include "scan/js_scan.h"

enum { TEXT_MAX = 16 * 1024 * 1024 }; /* of one edit: the object of a large glob */

/* One script on its way. */
struct script {
    struct edit_list *list;
    const struct stamps *stamps;
    struct arena *arena;
    struct str path;
    struct str base; /* URL that its specifiers start from */
    struct str text;
    size_t offset; /* of `text` in what is edited */
    const struct js_facts *js;
    const struct edge **edges; /* of each dependency */
    bool is_module;            /* surely none that a classic <script> loads */
    struct strbuf hoisted;     /* imports of eager globs */
    size_t glob_files;
};

const struct edge *edge_list_next(struct edge_list *edges)
{
    static const struct edge none = { .target = NODE_ASSET };

    if (edges->next >= edges->count) {
        return &none;
    }
    size_t i = edges->next++;

    return edges->edges ? &edges->edges[i] : edition_edge(edges->edition, i);
}

static struct str stamp_text(struct arena *a, uint64_t stamp, uint64_t page)
{
    if (stamp == 0) {
        return STR("");
    }
    return page > 0 ? arena_printf(a, "orbit=%llur%llu", (unsigned long long)stamp,
                              (unsigned long long)page)
                    : arena_printf(a, "orbit=%llu", (unsigned long long)stamp);
}

struct str stamps_get(const struct stamps *stamps, struct str url)
{
    const struct modules_options *o = &stamps->modules->options;
    struct module_record record = { 0 };

    if (stamps->none || !o->hmr) {
        return STR("");
    }
    if (stamps->transaction > 0 && o->find_record &&
            o->find_record(o->ctx, stamps->transaction, stamps->page, url, &record)) {
        return record.member ? stamp_text(stamps->arena, stamps->transaction, stamps->page)
                             : stamp_text(stamps->arena, record.stamp, record.stamp_page);
    }
    struct node *node = graph_find(o->graph, url);

    return node ? stamp_text(stamps->arena, node_stamp(node), 0) : STR("");
}

static struct str take(struct arena *a, struct strbuf *b)
{
    struct str s = b->overflow ? STR("") : arena_str(a, strbuf_str(b));

    strbuf_finish(b);
    return s;
}

/* The URL that the browser comes to from a specifier as it is written, without fragment; empty if
 * there is none of ours. */
static struct str natural_url(const struct script *s, struct str specifier)
{
    const struct import_map *map = s->stamps->map;
    struct str url = { 0 };

    if (map) {
        switch (import_map_resolve(map, specifier, s->base, s->arena, &url)) {
        case IMPORT_MAP_NONE: break;
        case IMPORT_MAP_URL: goto found;
        case IMPORT_MAP_BLOCKED: return STR("");
        }
    }
    if (!url_is_like(specifier) ||
            url_join(s->arena, s->base, STR(""), specifier, &url) != URL_OWN) {
        return STR("");
    }
found:
    (void)str_cut(url, '#', &url, &(struct str){ 0 });
    return url;
}

/* The mark that the specifier as it is written lacks; *ret_natural: nothing else is wrong. */
static struct str missing_mark(const struct script *s, struct str specifier,
        const struct edge *edge, struct str type, bool *ret_natural)
{
    struct str natural = natural_url(s, specifier);
    struct str path;
    struct str query;
    struct strbuf b;
    bool has_query = str_cut(natural, '?', &path, &query);
    struct str question = has_query ? str_skip(natural, path.len) : STR("");
    struct str mark = module_import_mark(edge->path, question, type);

    if (str_eq(natural, edge->url)) {
        *ret_natural = true;
        return STR("");
    }
    strbuf_init(&b, MODULE_URL_MAX * 4);
    strbuf_add(&b, natural);
    module_url_add(&b, has_query, mark);
    *ret_natural = natural.len > 0 && str_eq(strbuf_str(&b), edge->url);
    strbuf_finish(&b);
    return mark;
}

static struct str fragment_of(struct str specifier)
{
    size_t at = url_is_like(specifier) ? str_find(specifier, '#') : STR_NONE;

    return at == STR_NONE ? STR("") : str_skip(specifier, at);
}

/* A URL from the root on, with the origin in front for a text that has no place under the root. */
static void add_url(const struct script *s, struct strbuf *b, struct str url)
{
    if (str_starts(url, STR("/"))) {
        strbuf_add(b, s->stamps->origin);
    }
    strbuf_add(b, url);
}

/* Puts the whole URL in the place of a specifier. */
static void replace(
        struct script *s, struct span span, struct str url, struct str stamp, struct str fragment)
{
    char quote = span.start > 0 ? s->text.ptr[span.start - 1] : '"';
    struct strbuf b;
    struct strbuf quoted;

    strbuf_init(&b, MODULE_URL_MAX * 4);
    add_url(s, &b, url);
    module_url_add(&b, str_find(url, '?') != STR_NONE, stamp);
    strbuf_add(&b, fragment);
    strbuf_init(&quoted, MODULE_URL_MAX * 8);
    rewrite_add_quoted(&quoted, strbuf_str(&b), quote);
    /* a specifier may be broken over lines by escapes; they stay, behind escapes of their own */
    struct str with = take(s->arena, &quoted);
    struct str breaks = rewrite_breaks(s->arena, s->text, span);

    for (size_t i = 0; i < breaks.len && with.len > 0; i++) {
        with = arena_printf(s->arena, "%.*s%s%c", STR_FMT(with),
                breaks.ptr[i] == '\n' && i > 0 && breaks.ptr[i - 1] == '\r' ? "" : "\\",
                breaks.ptr[i]);
    }
    strbuf_finish(&b);
    if (with.len > 0) {
        edit_add(s->list, s->offset + span.start, s->offset + span.end, with);
    }
}

/* Puts parameters behind a specifier, before its fragment. */
static void append(struct script *s, struct span span, struct str mark, struct str stamp)
{
    struct str raw = str_sub(s->text, span.start, span.end);
    size_t hash = str_find(raw, '#');
    size_t at = hash == STR_NONE ? raw.len : hash;
    bool has_query = str_find(str_sub(raw, 0, at), '?') != STR_NONE;
    struct strbuf b;

    strbuf_init(&b, MODULE_URL_MAX);
    module_url_add(&b, has_query, mark);
    module_url_add(&b, has_query || mark.len > 0, stamp);
    struct str with = take(s->arena, &b);

    if (with.len > 0) {
        edit_add(s->list, s->offset + span.start + at, s->offset + span.start + at, with);
    }
}

/* A page may have the importer by a URL below /@packages/, where a relative way out of the packages
 * would lead to another URL than that of the module. */
static bool leaves_packages(const struct script *s, struct str specifier, const struct edge *edge)
{
    return str_starts(specifier, STR(".")) && module_url_is_package(s->base) &&
           !module_url_is_package(edge->url);
}

/* What a specifier leads to, whatever it looks like. What is not ours, or is nothing, stays as it is. */
static void edit_whole(struct script *s, struct span span, struct str text, const struct edge *edge,
        bool with_stamp)
{
    bool known = edge->url.len > 0 && !edge->missing;
    struct str url = known ? edge->url : natural_url(s, text);
    bool may_have_stamp = with_stamp && edge->url.len > 0;

    if (url.len > 0) {
        replace(s, span, url, may_have_stamp ? stamps_get(s->stamps, edge->url) : STR(""),
                fragment_of(text));
    }
}

static void edit_specifier(struct script *s, struct span span, struct str text,
        const struct edge *edge, struct str type, bool with_stamp)
{
    bool natural = false;

    if (str_eq(edge->problem, EMPTY_MODULE)) {
        replace(s, span, EMPTY_MODULE_URL, STR(""), STR(""));
        return;
    }
    if (str_eq(edge->problem, NODE_MODULE)) {
        struct str *names;
        size_t count =
                members_asked(s->arena, s->text, s->offset, edge->names, edge->name_count, &names);

        replace(s, span, node_stub_url(s->arena, text, s->path, names, count), STR(""), STR(""));
        return;
    }
    if (s->stamps->origin.len > 0) {
        edit_whole(s, span, text, edge, with_stamp);
        return;
    }
    if (edge->url.len == 0) {
        return;
    }
    struct str stamp = with_stamp ? stamps_get(s->stamps, edge->url) : STR("");
    struct str raw = str_sub(s->text, span.start, span.end);
    bool is_url = url_is_like(text) && str_find(raw, '\\') == STR_NONE;

    if (edge->missing) {
        if (is_url && stamp.len > 0) {
            append(s, span, STR(""), stamp); /* the browser still has what was there */
        }
        return;
    }
    struct str mark = missing_mark(s, text, edge, type, &natural);

    if (leaves_packages(s, text, edge)) {
        natural = false;
    }
    if (natural && mark.len + stamp.len == 0) {
        return;
    }
    if (natural && is_url) {
        append(s, span, mark, stamp);
    } else {
        replace(s, span, edge->url, stamp, fragment_of(text));
    }
}

static bool is_wrapped(struct arena *a, const struct edge *edge)
{
    struct module_url url;

    module_url_parse(a, edge->url, &url);
    return url.want != WANT_FILE;
}

static void edit_import(struct script *s, const struct dep *dep, const struct edge *edge)
{
    bool has_clause = dep->attributes.end > dep->attributes.start;
    bool wrapped = edge->url.len > 0 && !edge->missing && is_wrapped(s->arena, edge);

    edit_specifier(s, dep->specifier, dep->text, edge, dep->type, true);
    if (has_clause && wrapped && module_type_is_known(dep->type)) {
        edit_add(s->list, s->offset + dep->attributes.start, s->offset + dep->attributes.end,
                rewrite_blank(s->arena, s->text, dep->attributes));
    }
}

static void edit_expression(struct script *s, const struct dep *dep)
{
    if (dep->ignore || !s->is_module || !s->stamps->modules->options.hmr) {
        return;
    }
    edit_add(s->list, s->offset + dep->specifier.start, s->offset + dep->specifier.start,
            STR("(globalThis.__orbiton__?.at\?\?(x=>x))("));
    edit_add(s->list, s->offset + dep->specifier.end, s->offset + dep->specifier.end,
            STR(",import.meta.url)"));
}

static void add_glob_url(struct script *s, struct strbuf *b, const struct edge *edge)
{
    struct strbuf url;

    strbuf_init(&url, MODULE_URL_MAX * 4);
    add_url(s, &url, edge->url);
    module_url_add(&url, str_find(edge->url, '?') != STR_NONE, stamps_get(s->stamps, edge->url));
    strbuf_add_json(b, strbuf_str(&url));
    strbuf_finish(&url);
}

/* One file of a glob: `"key":value`. */
static void add_glob_file(struct script *s, struct strbuf *b, const struct js_glob *call,
        const struct edge *edge, struct str key)
{
    bool whole = call->import.len == 0 || str_eq(call->import, STR("*"));
    struct strbuf *h = &s->hoisted;

    strbuf_add_json(b, key);
    if (!call->eager) {
        strbuf_add(b, STR(":()=>import("));
        add_glob_url(s, b, edge);
        strbuf_addc(b, ')');
        if (!whole) {
            strbuf_add(b, STR(".then(m=>m["));
            strbuf_add_json(b, call->import);
            strbuf_add(b, STR("])"));
        }
        strbuf_addc(b, ',');
        return;
    }
    if (whole) {
        strbuf_addf(h, "import*as __orbit_glob_%zu from", s->glob_files);
    } else {
        strbuf_add(h, STR("import{"));
        strbuf_add_json(h, call->import);
        strbuf_addf(h, " as __orbit_glob_%zu}from", s->glob_files);
    }
    add_glob_url(s, h, edge);
    strbuf_addc(h, ';');
    strbuf_addf(b, ":__orbit_glob_%zu,", s->glob_files++);
}

static void edit_glob(struct script *s, size_t dep, struct edge_list *edges)
{
    struct span statement = s->js->deps[dep].statement;
    const struct js_glob *call = NULL;
    struct str error = { 0 };
    struct strbuf b;

    for (size_t i = 0; i < s->js->glob_count; i++) {
        call = s->js->globs[i].dep == dep ? &s->js->globs[i] : call;
    }
    if (!call) {
        return;
    }
    struct glob *glob = glob_of_call(s->stamps->modules, s->arena, call, s->path, &error);

    if (!glob) {
        return;
    }
    /* a word and no bracket first: a line before it that ends without a semicolon ends there */
    strbuf_init(&b, TEXT_MAX);
    strbuf_add(&b, STR("Object.assign({"));
    while (edges->next < edges->count) {
        struct edge_list ahead = *edges;
        const struct edge *edge = edge_list_next(&ahead);

        if (edge->specifier.start != s->offset + statement.start ||
                edge->specifier.end != s->offset + statement.end ||
                (edge->kind != DEP_IMPORT && edge->kind != DEP_DYNAMIC)) {
            break;
        }
        *edges = ahead;
        add_glob_file(s, &b, call, edge, glob_key(glob, s->arena, edge->path));
    }
    strbuf_add(&b, rewrite_breaks(s->arena, s->text, statement));
    strbuf_add(&b, STR("})"));
    edit_add(s->list, s->offset + statement.start, s->offset + statement.end, take(s->arena, &b));
}

/* process.env.NODE_ENV becomes the text that it is, on as many columns and lines. */
static void edit_node_envs(struct script *s)
{
    struct str value = STR("\"development\"");

    for (size_t i = 0; i < s->js->node_env_count; i++) {
        struct span span = s->js->node_envs[i];
        struct span head = { span.start, span.start + (uint32_t)value.len };
        struct span tail = { head.end, span.end };
        struct str rest = rewrite_breaks(s->arena, s->text, head).len > 0
                                  ? rewrite_breaks(s->arena, s->text, span)
                                  : rewrite_blank(s->arena, s->text, tail);

        edit_add(s->list, s->offset + span.start, s->offset + span.end,
                arena_printf(s->arena, "%.*s%.*s", STR_FMT(value), STR_FMT(rest)));
    }
}

/* accept("./x"): the client knows modules by their keys. */
static void edit_accepts(struct script *s)
{
    for (size_t i = 0; i < s->js->accept_count; i++) {
        const struct accept *accept = &s->js->accepts[i];

        for (size_t k = 0; accept->kind == ACCEPT_DEP && k < s->js->dep_count; k++) {
            const struct dep *dep = &s->js->deps[k];

            if ((dep->kind == DEP_IMPORT || dep->kind == DEP_REEXPORT ||
                        dep->kind == DEP_DYNAMIC) &&
                    str_eq(dep->text, accept->text)) {
                edit_specifier(s, accept->specifier, accept->text, s->edges[k], dep->type, false);
                break;
            }
        }
    }
}

static void add_prefix(struct script *s, struct str hot_key)
{
    struct modules *m = s->stamps->modules;
    struct strbuf b;

    strbuf_init(&b, TEXT_MAX);
    strbuf_add(&b, s->stamps->before);
    if (s->js->has_hot && m->options.hmr) {
        strbuf_add(&b, STR("import.meta.hot=globalThis.__orbiton__?.hot("));
        strbuf_add(&b, hot_key);
        strbuf_add(&b, STR(");"));
    }
    if (s->js->has_env) {
        strbuf_add(&b, STR("import.meta.env="));
        strbuf_add(&b, env_get(m));
        strbuf_addc(&b, ';');
    }
    strbuf_add(&b, strbuf_str(&s->hoisted));
    struct str prefix = take(s->arena, &b);

    if (prefix.len > 0) {
        edit_add(s->list, s->offset + s->js->prefix_at, s->offset + s->js->prefix_at, prefix);
    }
}

/* import() alone may stand in a classic script, where import.meta is an error. */
static bool is_surely_module(const struct js_facts *js)
{
    bool surely = js->export_count > 0 || js->has_hot || js->has_env || js->has_await;

    for (size_t i = 0; !surely && i < js->dep_count; i++) {
        surely = js->deps[i].kind != DEP_DYNAMIC && js->deps[i].kind != DEP_DYNAMIC_EXPR;
    }
    return surely;
}

void edits_js(struct edit_list *list, const struct stamps *stamps, struct str path, struct str base,
        struct str text, size_t offset, const struct js_facts *js, struct edge_list *edges,
        struct str hot_key)
{
    struct script s = {
        .list = list,
        .stamps = stamps,
        .arena = stamps->arena,
        .path = path,
        .base = base,
        .text = text,
        .offset = offset,
        .js = js,
        .edges = arena_array(stamps->arena, const struct edge *, js->dep_count),
        .is_module = offset > 0 || is_surely_module(js), /* inline ones are known to be */
    };

    strbuf_init(&s.hoisted, TEXT_MAX);
    for (size_t i = 0; i < js->dep_count; i++) {
        const struct dep *dep = &js->deps[i];

        s.edges[i] = edge_list_next(edges);
        switch (dep->kind) {
        case DEP_IMPORT:
        case DEP_REEXPORT:
        case DEP_DYNAMIC: edit_import(&s, dep, s.edges[i]); break;
        case DEP_DYNAMIC_EXPR: edit_expression(&s, dep); break;
        case DEP_GLOB: edit_glob(&s, i, edges); break;
        case DEP_NEW_URL:
        case DEP_WORKER:
        case DEP_CSS_IMPORT:
        case DEP_CSS_URL:
        case DEP_SCRIPT:
        case DEP_MODULE:
        case DEP_STYLESHEET:
        case DEP_PICTURE: break;
        }
    }
    edit_accepts(&s);
    add_prefix(&s, hot_key); /* before edits of what stands at its place */
    edit_node_envs(&s);
    strbuf_finish(&s.hoisted);
}

/* <script type=module src>: only a stamp is ever added. */
static void edit_tag(struct edit_list *list, const struct stamps *stamps, const struct dep *dep,
        const struct edge *edge, struct str text)
{
    struct str stamp = edge->url.len > 0 ? stamps_get(stamps, edge->url) : STR("");
    struct str raw = str_sub(text, dep->specifier.start, dep->specifier.end);
    size_t hash = str_find(dep->text, '#') == STR_NONE ? STR_NONE : str_rfind(raw, '#');
    size_t at = dep->specifier.start + (hash == STR_NONE ? raw.len : hash);

    if (stamp.len > 0) {
        edit_add(list, at, at,
                arena_printf(stamps->arena, "%s%.*s",
                        str_find(dep->text, '?') == STR_NONE ? "?" : "&amp;", STR_FMT(stamp)));
    }
}

void edits_document(struct edit_list *list, const struct stamps *stamps, struct str url,
        struct str path, struct str text, const struct html_facts *html, struct edge_list *edges)
{
    struct str base = edges_document_base(stamps->arena, url, html);
    size_t scripts = 0;

    for (size_t i = 0; i < html->dep_count; i++) {
        if (!html->deps[i].inline_html) {
            const struct edge *edge = edge_list_next(edges);

            if (html->deps[i].kind == DEP_MODULE) {
                edit_tag(list, stamps, &html->deps[i], edge, text);
            }
        }
    }
    for (size_t i = 0; i < html->code_count; i++) {
        const struct html_code *code = &html->codes[i];

        if (code->kind == HTML_MODULE_SCRIPT && code->src.len == 0) {
            struct str inside = str_sub(text, code->text.start, code->text.end);
            struct js_facts js;
            struct strbuf key;

            strbuf_init(&key, MODULE_URL_MAX);
            strbuf_add(&key, STR("new URL("));
            strbuf_add_json(
                    &key, arena_printf(stamps->arena, "%.*s?inline=%zu", STR_FMT(url), scripts++));
            strbuf_add(&key, STR(",import.meta.url).href"));
            js_scan(inside, stamps->arena, &js);
            edits_js(list, stamps, path, base, inside, code->text.start, &js, edges,
                    take(stamps->arena, &key));
        }
    }
}
