/* SPDX-License-Identifier: MIT */
/*
 * From what a scanner found to the edges of an edition.
 *
 * Invariant: there is one edge for each dependency, in the scanner's order, also
 * for those that lead nowhere; edits.c walks both side by side. The files of a
 * glob come behind the edge of its call.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "modules/modules_private.h"
#include "resolve/package.h"
#include "resolve/tsconfig.h"
#include "resolve/url.h"
#include "resolve/vite_config.h"
#include "scan/css_scan.h"
#include "scan/js_scan.h"

void edges_add(struct reading *r, struct edge edge)
{
    if (r->edge_count == r->edge_cap) {
        size_t cap = r->edge_cap > 0 ? r->edge_cap * 2 : 16;
        struct edge *wider = arena_array(r->arena, struct edge, cap);

        if (r->edge_count > 0) {
            memcpy(wider, r->edges, r->edge_count * sizeof(*wider));
        }
        r->edges = wider;
        r->edge_cap = cap;
    }
    r->edges[r->edge_count++] = edge;
}

void edges_set_error(struct reading *r, size_t offset, struct str text, struct str hint)
{
    if (r->facts.error) {
        return;
    }
    r->error = (struct diag){ .severity = DIAG_ERROR, .path = r->path, .text = text, .hint = hint };
    if (offset != STR_NONE) {
        diag_place(r->text, offset, &r->error.line, &r->error.col);
    }
    if (offset != STR_NONE && !transformed_place_in(r, &r->error)) {
        r->error.frame = diag_frame(r->arena, r->text, r->error.line, r->error.col);
    }
    r->facts.error = &r->error;
    r->facts.knows_exports = false;
}

/* "message; hint" */
static struct str sentence(struct arena *a, struct str message, struct str hint)
{
    return hint.len > 0 ? arena_printf(a, "%.*s; %.*s", STR_FMT(message), STR_FMT(hint)) : message;
}

/* The key of what was resolved. */
static struct str key_of(
        struct reading *r, const struct resolved *found, struct str type, bool is_import)
{
    struct strbuf b;
    struct module_url url;
    struct str mark = is_import && found->path.len > 0
                              ? module_import_mark(found->path, found->query, type)
                              : STR("");

    strbuf_init(&b, MODULE_URL_MAX * 4);
    strbuf_add(&b, found->url);
    strbuf_add(&b, found->query);
    module_url_add(&b, found->query.len > 1, mark);
    struct str key = b.overflow ? STR("") : arena_str(r->arena, strbuf_str(&b));

    strbuf_finish(&b);
    module_url_parse(r->arena, key, &url);
    return url.key;
}

static void mix(struct hash *version, struct str with)
{
    struct hash_stream *stream = hash_stream_create();

    hash_stream_add(stream, (struct str){ (const char *)version, sizeof(*version) });
    hash_stream_add(stream, with);
    *version = hash_stream_take(stream);
    hash_stream_destroy(stream);
}

void edges_mix(struct reading *r, struct str with)
{
    mix(&r->version, with);
}

static struct edge edge_to(struct reading *r, const struct resolved *found, struct edge edge,
        struct str type, bool is_import)
{
    struct module_url url;

    edge.url = key_of(r, found, type, is_import);
    edge.path = found->path;
    module_url_parse(r->arena, edge.url, &url);
    edge.target = module_node_kind(&url, found->path);
    return edge;
}

/*
 * The common case, found with fewer questions than resolution asks: a URL that names a file of the
 * project by its one spelling. False if it is anything else; then nothing is said about it.
 */
static bool find_plainly(struct reading *r, struct str specifier, struct resolved *ret)
{
    struct modules *m = r->modules;
    const struct fs *fs = m->options.fs;
    struct fs_stat st;
    struct str url;
    struct str real;

    if (r->map || !url_is_like(specifier) || str_find(specifier, '?') != STR_NONE ||
            str_find(specifier, '#') != STR_NONE ||
            url_join(r->arena, r->url.key, STR(""), specifier, &url) != URL_OWN) {
        return false;
    }
    struct str path = str_skip(url_decode(r->arena, url), 1);
    struct str ext = path_ext(path);

    if (ext.len == 0 || str_ieq(ext, STR(".cjs")) || str_ends(path, STR("/")) ||
            str_find_str(url, STR("//")) != STR_NONE ||
            str_find_str(path, STR("node_modules")) != STR_NONE ||
            !str_eq(resolve_url_of(r->arena, path), url) || !fs->stat(fs->ctx, path, &st) ||
            st.kind != FS_FILE) {
        return false;
    }
    /* a link leads to a file that may have a node by another name; what was missing may be one now */
    struct node *known = graph_find(m->options.graph, url);
    bool was_there = known && str_eq(node_path(known), path) && node_current(known) &&
                     edition_exists(node_current(known));

    if (!was_there && !(fs->real(fs->ctx, path, r->arena, &real) && str_eq(real, path))) {
        return false;
    }
    *ret = (struct resolved){ .kind = RESOLVED_FILE, .path = path, .url = url, .same_url = true };
    return true;
}

/* Whether there is something by an alias of vite.config. */
static bool find_by_alias(struct reading *r, const struct resolve_request *q, struct resolved *ret)
{
    struct str name;

    if ((q->kind != RESOLVE_IMPORT && q->kind != RESOLVE_REQUIRE) ||
            !vite_config_alias(r->modules->options.vite_config, q->specifier, r->arena, &name)) {
        return false;
    }
    resolve(r->modules->resolver, q, r->arena, ret);
    return ret->kind == RESOLVED_FILE || ret->kind == RESOLVED_EMPTY;
}

/* A bare name by tsconfig.json; false if that says nothing, or there is no such file. What was looked
 * for is among *tried. */
static bool find_alias(struct reading *r, const struct resolve_request *q, struct resolved *ret,
        struct str **tried, size_t *tried_count)
{
    struct modules *m = r->modules;
    const struct tsconfig *config;
    struct str *paths;
    size_t count;

    *tried = NULL;
    *tried_count = 0;
    if (!m->options.tsconfigs || q->kind != RESOLVE_IMPORT || url_is_like(q->specifier) ||
            q->specifier.len == 0 || resolve_is_below_modules(r->path)) {
        return false;
    }
    config = tsconfigs_get(m->options.tsconfigs, r->path);
    if (config->bad_path.len > 0) {
        warn(m, config->bad_path, config->error, STR(""));
    }
    paths = tsconfig_candidates(config, q->specifier, r->arena, &count);
    for (size_t i = 0; i < count; i++) {
        struct resolve_request by_path = *q;

        by_path.specifier = resolve_url_of(r->arena, paths[i]);
        by_path.map = NULL;
        resolve(m->resolver, &by_path, r->arena, ret);
        if (ret->kind == RESOLVED_FILE) {
            ret->same_url = false;
            mix(&r->version, ret->path); /* the text does not say where it leads */
            return true;
        }
        struct str *all = arena_array(r->arena, struct str, *tried_count + ret->tried_count + 1);

        for (size_t k = 0; k < *tried_count; k++) {
            all[k] = (*tried)[k];
        }
        for (size_t k = 0; k < ret->tried_count; k++) {
            all[(*tried_count)++] = ret->tried[k];
        }
        *tried = all;
    }
    return false;
}

/* What nobody knows is asked of the plugins of vite.config. */
static bool find_by_plugin(struct reading *r, const struct resolve_request *q, struct resolved *ret)
{
    const struct vite_config *config = r->modules->options.vite_config;
    struct str url = vite_config_plugin_url(config, q->specifier, r->arena);
    struct str mapped;
    bool is_file = ret->by_alias ||
                   (str_starts(q->specifier, STR("/")) && !str_starts(q->specifier, STR("/@")));

    if (q->kind != RESOLVE_IMPORT || url.len == 0 ||
            (q->map && import_map_resolve(q->map, q->specifier, q->importer_url, r->arena,
                               &mapped) != IMPORT_MAP_NONE)) {
        return false;
    }
    struct resolve_request file = *q;

    file.specifier = vite_config_file_url(config, q->specifier, r->arena);
    if (file.specifier.len > 0) {
        resolve(r->modules->resolver, &file, r->arena, ret);
        ret->same_url = false;
        return false;
    }
    if (is_file && ret->kind == RESOLVED_MISSING) {
        return false; /* which is not there */
    }
    ret->kind = RESOLVED_FILE;
    ret->path = vite_config_file(r->modules->options.vite_config);
    url_split(url, &ret->url, &ret->query, &ret->fragment);
    ret->same_url = ret->is_commonjs = false;
    ret->package = STR("");
    mix(&r->version, url); /* the text does not say where it leads */
    return true;
}

/* Whether names are packages, and nothing else: an import map might know them otherwise, also one
 * that a script makes. */
static bool has_packages(const struct reading *r)
{
    return !r->map && fs_kind_of(r->modules->options.fs, STR("package.json")) == FS_FILE;
}

/* Whether it is written for npm: code of a package, or of a project that has some. A document alone
 * may have a script that makes an import map. */
static bool is_of_packages(const struct reading *r)
{
    return has_packages(r) || resolve_is_below_modules(r->path);
}

struct edge edges_resolve(struct reading *r, enum resolve_kind kind, enum dep_kind dep,
        struct str specifier, struct str type, bool is_import)
{
    struct modules *m = r->modules;
    bool is_static = dep == DEP_IMPORT || dep == DEP_REEXPORT;
    struct edge edge = { .kind = dep, .target = NODE_ASSET };
    struct resolved found;
    struct resolve_request q = {
        .kind = kind,
        .specifier = specifier,
        .importer = r->path,
        .importer_url = r->url.key,
        .map = kind == RESOLVE_IMPORT ? r->map : NULL,
    };

    if (str_starts(specifier, STR("/__orbit/"))) {
        return edge; /* the client's own modules, which are no files of the project */
    }
    struct str *tried = NULL;
    size_t tried_count = 0;

    if (!find_by_alias(r, &q, &found) && !find_plainly(r, specifier, &found) &&
            !find_alias(r, &q, &found, &tried, &tried_count)) {
        resolve(m->resolver, &q, r->arena, &found);
        if (found.kind != RESOLVED_FILE && tried_count > 0) {
            found.tried = tried; /* by name nothing was found, and a file may yet appear there */
            found.tried_count = tried_count;
        }
    }
    bool is_plugins = found.kind != RESOLVED_FILE && found.kind != RESOLVED_EMPTY && is_import &&
                      find_by_plugin(r, &q, &found);

    if (found.kind == RESOLVED_FILE && !is_plugins && hidden(m, found.path)) {
        found.kind = RESOLVED_MISSING;
        found.message =
                arena_printf(r->arena, "%.*s: such files are not served", STR_FMT(specifier));
        found.tried_count = 0;
    }
    edge.tried = found.tried;
    edge.tried_count = found.tried_count;
    if (found.kind == RESOLVED_FILE && found.link_count > 0) {
        edge.links = found.links;
        edge.link_count = found.link_count;
        mix(&r->version, found.path);
    } else if (found.kind == RESOLVED_FILE && found.by_alias) {
        mix(&r->version, found.path); /* the text does not say where it leads */
    } else if (found.kind == RESOLVED_FILE && found.package.len > 0 &&
               module_file_kind(r->path) != FILE_HTML) {
        /* another version of the package may have another file; a document is loaded anew if what
         * it runs is replaced */
        mix(&r->version, found.path);
    }
    switch (found.kind) {
    case RESOLVED_FILE:
        edge = edge_to(r, &found, edge, type, is_import);
        if (is_import && cjs_is_target(&found, &edge)) {
            cjs_mark(r, kind, &edge);
        }
        break;
    case RESOLVED_EMPTY: edge.problem = EMPTY_MODULE; break;
    case RESOLVED_LEAVE:
        if (kind == RESOLVE_REQUIRE) {
            edge.problem = sentence(r->arena, found.message, found.hint);
        } else if (is_static && package_is_builtin(specifier) && is_of_packages(r)) {
            edge.problem = NODE_MODULE;
            warn(m, r->path,
                    arena_printf(r->arena,
                            "\"%.*s\" is a part of Node, and no browser has it: using it throws",
                            STR_FMT(specifier)),
                    STR(""));
        } else if (found.warn && is_static && has_packages(r)) {
            edge.missing = true;
            edge.problem = sentence(r->arena, found.message, found.hint);
        } else if (found.warn) {
            warn(m, r->path, found.message, found.hint);
        }
        break;
    case RESOLVED_MISSING:
        if (found.url.len > 0) {
            edge = edge_to(r, &found, edge, type, is_import);
        }
        edge.missing = true;
        edge.problem = parts_is_facade(&r->url, r->path)
                               ? arena_printf(r->arena, "the component %.*s is gone",
                                         STR_FMT(str_skip(specifier, 1)))
                               : sentence(r->arena, found.message, found.hint);
        break;
    }
    return edge;
}

/* The attribute's type, if it is one that is served for; *ret_served is false for all others. */
static struct str served_type(const struct dep *dep, bool *ret_served)
{
    *ret_served = dep->type.len == 0 ? dep->attributes.start == dep->attributes.end
                                     : module_type_is_known(dep->type);
    return dep->type;
}

static struct edge read_dep(struct reading *r, const struct dep *dep)
{
    bool served = true;
    struct str type;

    switch (dep->kind) {
    case DEP_IMPORT:
    case DEP_REEXPORT:
    case DEP_DYNAMIC:
        type = served_type(dep, &served);
        return edges_resolve(r, RESOLVE_IMPORT, dep->kind, dep->text, type,
                served && dep->phase != PHASE_SOURCE);
    case DEP_NEW_URL:
    case DEP_WORKER: return edges_resolve(r, RESOLVE_URL, dep->kind, dep->text, STR(""), false);
    case DEP_CSS_IMPORT:
        return edges_resolve(r, RESOLVE_CSS_IMPORT, dep->kind, dep->text, STR(""), false);
    case DEP_CSS_URL:
        return edges_resolve(r, RESOLVE_CSS_URL, dep->kind, dep->text, STR(""), false);
    case DEP_SCRIPT:
    case DEP_MODULE:
    case DEP_STYLESHEET:
    case DEP_PICTURE: return edges_resolve(r, RESOLVE_HTML, dep->kind, dep->text, STR(""), false);
    case DEP_DYNAMIC_EXPR:
    case DEP_GLOB: break;
    }
    return (struct edge){ .kind = dep->kind, .target = NODE_ASSET };
}

struct str glob_file_url(struct arena *a, struct str path, struct str query)
{
    struct str url = resolve_url_of(a, path);
    struct str mark = module_import_mark(path, query, STR(""));
    struct strbuf b;

    strbuf_init(&b, MODULE_URL_MAX * 4);
    strbuf_add(&b, url);
    strbuf_add(&b, query);
    module_url_add(&b, query.len > 1, mark);
    url = arena_str(a, strbuf_str(&b));
    strbuf_finish(&b);
    return url;
}

struct glob *glob_of_call(const struct modules *m, struct arena *a, const struct js_glob *call,
        struct str path, struct str *ret_error)
{
    struct str *patterns = arena_array(a, struct str, call->pattern_count + 1);

    for (size_t i = 0; i < call->pattern_count; i++) {
        struct str pattern = call->patterns[i];
        bool is_not = str_starts(pattern, STR("!"));
        struct str url;

        patterns[i] = pattern;
        if (vite_config_alias(m->options.vite_config, str_skip(pattern, is_not ? 1 : 0), a, &url)) {
            patterns[i] = arena_printf(a, "%s%.*s", is_not ? "!" : "", STR_FMT(url_decode(a, url)));
        }
    }
    return glob_parse(a, patterns, call->pattern_count, path, ret_error);
}

/* The files of a glob, each an edge. */
static void read_glob(struct reading *r, const struct js_glob *call, struct span span)
{
    struct glob_file *files = NULL;
    size_t count = 0;
    struct str error = { 0 };

    if (!r->globs) {
        r->globs = mem_new(struct glob_use);
    }
    struct glob_use *use = r->globs;
    struct glob *glob = glob_of_call(r->modules, &use->arena, call, r->path, &error);

    if (!glob) {
        edges_set_error(r, span.start,
                arena_printf(r->arena, "import.meta.glob: %.*s", STR_FMT(error)), STR(""));
        return;
    }
    use->globs = mem_realloc(use->globs, use->count + 1, sizeof(struct glob *));
    use->globs[use->count++] = glob;
    if (!glob_expand(glob, r->modules->options.fs, r->arena, &files, &count)) {
        warn(r->modules, r->path, STR("import.meta.glob matches more files than are looked at"),
                STR("name the folders more exactly"));
    }
    for (size_t i = 0; i < count; i++) {
        struct module_url url;

        if (hidden(r->modules, files[i].path)) {
            continue;
        }
        module_url_parse(r->arena, glob_file_url(r->arena, files[i].path, call->query), &url);
        edges_add(r, (struct edge){
                             .kind = call->eager ? DEP_IMPORT : DEP_DYNAMIC,
                             .url = url.key,
                             .path = files[i].path,
                             .target = module_node_kind(&url, files[i].path),
                             .specifier = span,
                     });
        mix(&r->version, files[i].key);
    }
}

/* The names of each dependency, in one array sorted by dependency. */
static void read_names(
        struct reading *r, const struct js_facts *js, size_t offset, const size_t *edge_of)
{
    struct imported_name *names = arena_array(r->arena, struct imported_name, js->imported_count);
    size_t *starts = arena_array(r->arena, size_t, js->dep_count + 1);

    for (size_t i = 0; i < js->imported_count; i++) {
        starts[js->imported[i].dep + 1]++;
    }
    for (size_t i = 0; i < js->dep_count; i++) {
        struct edge *edge = &r->edges[edge_of[i]];

        edge->names = names + starts[i];
        edge->name_count = starts[i + 1];
        starts[i + 1] += starts[i];
    }
    for (size_t i = 0; i < js->imported_count; i++) {
        struct imported_name name = js->imported[i];

        name.offset += (uint32_t)offset;
        names[starts[name.dep]++] = name;
    }
}

static struct span moved(struct span span, size_t by)
{
    return (struct span){ span.start + (uint32_t)by, span.end + (uint32_t)by };
}

static const struct js_glob *glob_of(const struct js_facts *js, size_t dep)
{
    for (size_t i = 0; i < js->glob_count; i++) {
        if (js->globs[i].dep == dep) {
            return &js->globs[i];
        }
    }
    return NULL;
}

void edges_read_js(struct reading *r, const struct js_facts *js, size_t offset)
{
    size_t *edge_of = arena_array(r->arena, size_t, js->dep_count + 1);

    for (size_t i = 0; i < js->dep_count; i++) {
        const struct dep *dep = &js->deps[i];
        struct edge edge = read_dep(r, dep);

        edge.specifier = moved(dep->specifier, offset);
        edge_of[i] = r->edge_count;
        edges_add(r, edge);
        if (dep->kind == DEP_GLOB) {
            const struct js_glob *call = glob_of(js, i);

            if (call) {
                read_glob(r, call, moved(dep->statement, offset));
            }
        }
    }
    if (js->imported_count > 0) {
        read_names(r, js, offset, edge_of);
    }
    for (size_t i = 0; i < js->dep_count; i++) {
        cjs_finish_edge(r, &r->edges[edge_of[i]]);
    }
    if (js->has_env) {
        r->uses_env = true;
        mix(&r->version, env_get(r->modules));
    }
}

/* The edge of what is accepted: that of its import, if there is one. */
static struct edge accepted_edge(struct reading *r, const struct js_facts *js, struct str text)
{
    for (size_t i = 0; i < js->dep_count; i++) {
        const struct dep *dep = &js->deps[i];

        if (dep->kind > DEP_DYNAMIC || !str_eq(dep->text, text)) {
            continue;
        }
        for (size_t k = 0; k < r->edge_count; k++) {
            if (r->edges[k].specifier.start == dep->specifier.start &&
                    r->edges[k].kind == dep->kind) {
                return r->edges[k];
            }
        }
    }
    return edges_resolve(r, RESOLVE_IMPORT, DEP_IMPORT, text, STR(""), true);
}

static void read_accepts(struct reading *r, const struct js_facts *js)
{
    struct accept *accepts = arena_array(r->arena, struct accept, js->accept_count);

    for (size_t i = 0; i < js->accept_count; i++) {
        accepts[i] = js->accepts[i];
        if (accepts[i].kind == ACCEPT_DEP) {
            struct edge edge = accepted_edge(r, js, accepts[i].text);

            accepts[i].text = edge.url.len > 0 ? edge.url : accepts[i].text;
        }
    }
    r->facts.accepts = accepts;
    r->facts.accept_count = js->accept_count;
}

static void read_js(struct reading *r)
{
    struct js_facts js;

    js_scan(r->text, r->arena, &js);
    edges_read_js(r, &js, 0);
    read_accepts(r, &js);
    r->facts.exports = js.exports;
    r->facts.export_count = js.export_count;
    r->facts.knows_exports = js.has_module_syntax;
    if (js.error.failed) {
        edges_set_error(r, js.error.offset, js.error.text, STR(""));
    }
}

static void read_css(struct reading *r)
{
    struct css_facts css;

    css_scan(r->text, r->arena, &css);
    for (size_t i = 0; i < css.dep_count; i++) {
        struct edge edge = read_dep(r, &css.deps[i]);

        edge.specifier = css.deps[i].specifier;
        edges_add(r, edge);
    }
}

struct str edges_document_base(struct arena *a, struct str url, const struct html_facts *html)
{
    struct str base = url;

    if (html->base_href.len > 0 && url_join(a, url, STR(""), html->base_href, &base) == URL_BAD) {
        base = url;
    }
    return base;
}

static void read_document(struct reading *r)
{
    struct html_facts html;

    html_scan(r->text, r->arena, &html);
    struct str base = edges_document_base(r->arena, r->url.key, &html);

    r->map = maps_get(r->modules, maps_take(r->modules, r->url.key, base, r->text, &html, r->path));
    r->url.key = base;
    for (size_t i = 0; i < html.dep_count; i++) {
        if (!html.deps[i].inline_html) {
            struct edge edge = read_dep(r, &html.deps[i]);

            edge.specifier = html.deps[i].specifier;
            edges_add(r, edge);
        }
    }
    for (size_t i = 0; i < html.code_count; i++) {
        const struct html_code *code = &html.codes[i];

        if (code->kind == HTML_MODULE_SCRIPT && code->src.len == 0) {
            struct str text = str_sub(r->text, code->text.start, code->text.end);
            struct js_facts js;

            js_scan(text, r->arena, &js);
            edges_read_js(r, &js, code->text.start);
            if (js.error.failed) {
                edges_set_error(r, code->text.start + js.error.offset, js.error.text, STR(""));
            }
        }
    }
}

void edges_read(struct reading *r, enum node_kind kind)
{
    if (wrapped_is(r->modules, &r->url, r->path)) {
        wrapped_read(r);
        return;
    }
    switch (kind) {
    case NODE_JS: read_js(r); break;
    case NODE_CSS: read_css(r); break;
    case NODE_DOCUMENT: read_document(r); break;
    case NODE_CSS_JS:
    case NODE_ASSET: break;
    }
}
