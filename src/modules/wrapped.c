/* SPDX-License-Identifier: MIT */
/* Modules that are not their file's text: which they are, what they depend on, and their text. */
#include "base/path.h"
#include "http/mime.h"
#include "modules/modules_private.h"
#include "modules/wrap.h"
#include "resolve/url.h"
#include "scan/css_scan.h"

/* What is made of a file. */
enum product {
    PRODUCT_NONE, /* the file itself */
    PRODUCT_REFUSED,
    PRODUCT_CSS,
    PRODUCT_CSS_OBJECT,
    PRODUCT_CSS_TEXT,
    PRODUCT_JSON,
    PRODUCT_WASM,
    PRODUCT_WASM_INIT,
    PRODUCT_RAW,
    PRODUCT_URL,
    PRODUCT_DATA,
    PRODUCT_WORKER,
    PRODUCT_SHARED_WORKER,
    PRODUCT_CJS,
    PRODUCT_REQUIRE,
};

static enum product imported(const struct module_url *url, struct str path)
{
    if (str_eq(url->type, STR("css"))) {
        return PRODUCT_CSS_OBJECT;
    }
    if (str_eq(url->type, STR("text"))) {
        return PRODUCT_RAW;
    }
    if (str_eq(url->type, STR("json"))) {
        return PRODUCT_JSON;
    }
    switch (module_file_kind(path)) {
    case FILE_CSS:
    case FILE_SHEET: return PRODUCT_CSS;
    case FILE_JSON: return PRODUCT_JSON;
    case FILE_WASM: return PRODUCT_WASM;
    case FILE_TRANSFORM: return PRODUCT_REFUSED;
    case FILE_JS:
    case FILE_COMPILED:
    case FILE_HTML:
    case FILE_NAMELESS: return PRODUCT_NONE;
    case FILE_OTHER: break;
    }
    return PRODUCT_URL;
}

static enum product product_of(
        const struct modules *m, const struct module_url *url, struct str path)
{
    enum file_kind kind = module_file_kind(path);

    if (transformed_as(m, url, path) == TRANSFORMED_SCRIPT) {
        return PRODUCT_NONE;
    }
    switch (url->want) {
    case WANT_FILE: return kind == FILE_TRANSFORM ? PRODUCT_REFUSED : PRODUCT_NONE;
    case WANT_IMPORT: return imported(url, path);
    case WANT_RAW: return PRODUCT_RAW;
    case WANT_URL: return PRODUCT_URL;
    case WANT_INLINE:
        return kind == FILE_CSS || kind == FILE_SHEET ? PRODUCT_CSS_TEXT : PRODUCT_DATA;
    case WANT_WORKER: return PRODUCT_WORKER;
    case WANT_SHARED_WORKER: return PRODUCT_SHARED_WORKER;
    case WANT_INIT: return PRODUCT_WASM_INIT;
    case WANT_CJS: return PRODUCT_CJS;
    case WANT_REQUIRE: return PRODUCT_REQUIRE;
    }
    return PRODUCT_NONE;
}

bool wrapped_is(const struct modules *m, const struct module_url *url, struct str path)
{
    return product_of(m, url, path) != PRODUCT_NONE;
}

bool wrapped_needs_text(const struct modules *m, const struct module_url *url, struct str path)
{
    switch (product_of(m, url, path)) {
    case PRODUCT_CSS_OBJECT:
    case PRODUCT_CSS_TEXT:
    case PRODUCT_JSON:
    case PRODUCT_WASM:
    case PRODUCT_RAW:
    case PRODUCT_REQUIRE:
    case PRODUCT_DATA: return true;
    case PRODUCT_NONE:
    case PRODUCT_REFUSED:
    case PRODUCT_CSS:
    case PRODUCT_WASM_INIT:
    case PRODUCT_URL:
    case PRODUCT_WORKER:
    case PRODUCT_SHARED_WORKER:
    case PRODUCT_CJS: break;
    }
    return false;
}

static struct str refusal(struct arena *a, struct str path)
{
    return arena_printf(a, "%.*s needs a transform that this version has none for", STR_FMT(path));
}

/* The file behind the wrapper, by its own URL. */
static void add_file_edge(struct reading *r, enum dep_kind kind)
{
    struct module_url url;

    module_url_parse(r->arena, r->url.path, &url);
    edges_add(r, (struct edge){ .kind = kind,
                         .url = url.key,
                         .path = r->path,
                         .target = module_node_kind(&url, r->path) });
}

static void set_exports(struct reading *r, const struct str *names, size_t count)
{
    struct str *all = arena_array(r->arena, struct str, count + 1);

    for (size_t i = 0; i < count; i++) {
        all[i] = names[i];
    }
    all[count] = STR("default");
    r->facts.exports = all;
    r->facts.export_count = count + 1;
}

static void read_json(struct reading *r)
{
    struct json_facts json;
    size_t mark = str_starts(r->text, STR("\xEF\xBB\xBF")) ? 3 : 0;

    if (json_scan(str_skip(r->text, mark), r->arena, &json)) {
        set_exports(r, json.names, r->url.type.len > 0 ? 0 : json.name_count);
    } else {
        edges_set_error(r, mark + json.error_at,
                arena_printf(r->arena, "this is not JSON: %s", json.error), STR(""));
    }
}

static void read_wasm(struct reading *r)
{
    struct wasm_facts wasm;

    if (!wasm_scan(r->text, r->arena, &wasm)) {
        edges_set_error(r, STR_NONE,
                arena_printf(r->arena, "this is not a wasm module: %s", wasm.error), STR(""));
        return;
    }
    for (size_t i = 0; i < wasm.module_count; i++) {
        struct edge edge =
                edges_resolve(r, RESOLVE_IMPORT, DEP_IMPORT, wasm.modules[i], STR(""), true);

        edges_add(r, edge);
        if (edge.url.len == 0 && !url_has_scheme(wasm.modules[i])) {
            edges_set_error(r, STR_NONE,
                    arena_printf(r->arena, "it imports from \"%.*s\", which is no module",
                            STR_FMT(wasm.modules[i])),
                    STR("import it with ?init and give its imports to the function"));
        }
    }
    set_exports(r, wasm.exports, wasm.export_count);
}

void wrapped_read(struct reading *r)
{
    enum product product = product_of(r->modules, &r->url, r->path);

    r->facts.knows_exports = true;
    if (product == PRODUCT_REFUSED) {
        edges_set_error(r, STR_NONE, refusal(r->arena, r->path),
                STR("name a plugin for it in package.json, as docs/plugins.md has it"));
        return;
    }
    if (wrapped_needs_text(r->modules, &r->url, r->path) && !r->text.ptr) {
        edges_set_error(r, STR_NONE,
                arena_printf(r->arena, "the file is larger than %d MiB, too large to be imported",
                        MODULES_TEXT_MAX >> 20),
                STR("import its URL with ?url, and fetch that"));
        return;
    }
    switch (product) {
    case PRODUCT_CSS: add_file_edge(r, DEP_STYLESHEET); break;
    case PRODUCT_JSON: read_json(r); break;
    case PRODUCT_WASM:
        read_wasm(r);
        add_file_edge(r, DEP_NEW_URL);
        break;
    case PRODUCT_WASM_INIT:
        set_exports(r, NULL, 0);
        add_file_edge(r, DEP_NEW_URL);
        break;
    case PRODUCT_WORKER:
    case PRODUCT_SHARED_WORKER:
        set_exports(r, NULL, 0);
        add_file_edge(r, DEP_WORKER);
        break;
    case PRODUCT_CJS: cjs_read_facade(r); break;
    case PRODUCT_REQUIRE: cjs_read_factory(r); break;
    case PRODUCT_NONE:
    case PRODUCT_REFUSED:
    case PRODUCT_CSS_OBJECT:
    case PRODUCT_CSS_TEXT:
    case PRODUCT_RAW:
    case PRODUCT_URL:
    case PRODUCT_DATA: set_exports(r, NULL, 0); break;
    }
}

/* "/a.svg?v=HASH": the URL of these bytes. A script keeps its plain URL: with another one it would
 * be another module. */
static struct str versioned(struct arena *a, struct str url, struct str path, struct hash version)
{
    char hex[HASH_HEX_LEN + 1];

    if (module_file_kind(path) == FILE_JS || module_file_kind(path) == FILE_COMPILED ||
            module_file_kind(path) == FILE_HTML) {
        return url;
    }
    hash_format(version, hex);
    return arena_printf(a, "%.*s?v=%s", STR_FMT(url), hex);
}

/* What css_absolutize() needs to know. */
struct css_base {
    struct arena *arena;
    struct str url;
};

static struct str from_root(void *ctx, struct str url)
{
    struct css_base *base = ctx;
    struct str joined;

    return url_join(base->arena, base->url, STR(""), url, &joined) == URL_OWN ? joined : url;
}

void css_text_add(struct strbuf *out, struct arena *a, struct str text, struct str url)
{
    struct css_facts facts;
    struct css_base base = { a, url };

    css_scan(text, a, &facts);
    css_absolutize(out, text, &facts, from_root, &base);
}

static void make_wasm(const struct stamps *stamps, struct str url, struct str text,
        struct edge_list *edges, struct strbuf *out)
{
    struct arena *a = stamps->arena;
    struct wasm_facts wasm;

    if (!wasm_scan(text, a, &wasm)) {
        wrap_error(out, STR("this is not a wasm module"));
        return;
    }
    struct str *specifiers = arena_array(a, struct str, wasm.module_count);

    for (size_t i = 0; i < wasm.module_count; i++) {
        const struct edge *edge = edge_list_next(edges);
        struct str stamp = stamps_get(stamps, edge->url);

        if (edge->url.len == 0 && !url_has_scheme(wasm.modules[i])) {
            wrap_error(out, arena_printf(a,
                                    "%.*s imports from \"%.*s\", which is no module; import "
                                    "it with ?init and give its imports to the function",
                                    STR_FMT(url), STR_FMT(wasm.modules[i])));
            return;
        }
        specifiers[i] = edge->url.len == 0 ? wasm.modules[i]
                        : stamp.len == 0   ? edge->url
                                           : arena_printf(a, "%.*s%c%.*s", STR_FMT(edge->url),
                                                   str_find(edge->url, '?') == STR_NONE ? '?' : '&',
                                                     STR_FMT(stamp));
    }
    wrap_wasm(out, url, &wasm, specifiers);
}

static void make_json(struct arena *a, const struct module_url *url, struct str path,
        struct str text, struct strbuf *out)
{
    struct json_facts json;

    if (!json_scan(str_starts(text, STR("\xEF\xBB\xBF")) ? str_skip(text, 3) : text, a, &json)) {
        unsigned line;
        unsigned col;

        diag_place(text, json.error_at, &line, &col);
        wrap_error(out, arena_printf(a, "%.*s:%u:%u: this is not JSON: %s", STR_FMT(path), line,
                                col, json.error));
        return;
    }
    wrap_json(out, text, json.names, url->type.len > 0 ? 0 : json.name_count);
}

bool wrapped_make(const struct module_url *url, struct str path, struct str text,
        struct hash version, const struct stamps *stamps, struct edge_list *edges,
        struct strbuf *out)
{
    struct arena *a = stamps->arena;
    struct str file = versioned(a, url->path, path, version);
    enum product product = product_of(stamps->modules, url, path);
    struct str worker;

    if (wrapped_needs_text(stamps->modules, url, path) && !text.ptr) {
        wrap_error(out, arena_printf(a, "%.*s is too large to be imported", STR_FMT(path)));
        return true;
    }
    switch (product) {
    case PRODUCT_NONE: return false;
    case PRODUCT_REFUSED: wrap_error(out, refusal(a, path)); break;
    case PRODUCT_CSS: wrap_css(out, url->key, url->path, stamps->modules->options.hmr); break;
    case PRODUCT_CSS_OBJECT:
    case PRODUCT_CSS_TEXT: {
        struct strbuf css;

        strbuf_init(&css, MODULES_TEXT_MAX * 2);
        css_text_add(&css, a, text, url->path);
        if (product == PRODUCT_CSS_TEXT) {
            wrap_string(out, strbuf_str(&css));
        } else {
            wrap_css_object(out, strbuf_str(&css));
        }
        strbuf_finish(&css);
        break;
    }
    case PRODUCT_JSON: make_json(a, url, path, text, out); break;
    case PRODUCT_WASM: make_wasm(stamps, file, text, edges, out); break;
    case PRODUCT_WASM_INIT: wrap_wasm_init(out, file); break;
    case PRODUCT_RAW: wrap_string(out, text); break;
    case PRODUCT_URL: wrap_string(out, file); break;
    case PRODUCT_CJS: cjs_make_facade(out, url, path, stamps); break;
    case PRODUCT_REQUIRE: cjs_make_factory(out, url, path, text, stamps, edges); break;
    case PRODUCT_DATA: wrap_data(out, mime_type(path), text); break;
    case PRODUCT_WORKER:
    case PRODUCT_SHARED_WORKER:
        worker = url->path;
        wrap_worker(out, worker, product == PRODUCT_SHARED_WORKER);
        break;
    }
    return true;
}
