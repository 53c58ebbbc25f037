/* SPDX-License-Identifier: MIT */
/*
 * Modules that a tool of the project makes of their files: TypeScript, JSX.
 *
 *     source bytes + options -> key -> (transform/) -> `made`: hashes of code and map, or an error
 *
 * The version of such a module is the hash of its code, so that an edit that only concerns types is no
 * change. Code and maps lie in the text store; a record is a few hundred bytes. While a tool is at
 * work the module keeps its edition, or has none: whoever needs it waits (MODULE_WAIT of a request, the
 * change set of a save), and options.on_transformed() tells when it is there.
 *
 * Invariant: a record is ready exactly if its text can be had now.
 */
#include <stdlib.h>
#include <utlist.h>

#include "base/path.h"
#include "base/sys.h"
#include "base/vec.h"
#include "files/workspace.h"
#include "modules/modules_private.h"
#include "modules/source_map.h"
#include "pack/packs.h"
#include "resolve/markers.h"
#include "resolve/tsconfig.h"
#include "resolve/vite_config.h"
#include "transform/transform.h"

enum {
    MADE_MAX = 20000,                 /* records */
    MADE_HELD_MAX = 64 * 1024 * 1024, /* bytes of code that the text store could not keep */
};

/* A file that is with its tool. */
struct transforming {
    UT_hash_handle hh;
    struct modules *modules;
    struct hash key;
    struct hash source;
    struct module_url url; /* texts in `arena` */
    struct arena arena;
    char *path;
    char *name; /* see transformed_name() */
};

/* Whether it is CSS that is made of the file, by its name. */
static bool is_sheet(struct str path)
{
    enum file_kind kind = module_file_kind(path);

    return kind == FILE_CSS || kind == FILE_SHEET;
}

static bool is_taken(const struct modules *m, struct str path)
{
    return m->options.transform && transform_takes(m->options.transform, path);
}

/* The query as the importer wrote it: see module_import_mark(). */
static struct str written_query(const struct module_url *url)
{
    struct str query = url->query;

    if (url->want == WANT_IMPORT && str_ends(query, STR("import"))) {
        query = str_sub(query, 0, query.len - STR("import").len);
        query = str_ends(query, STR("&")) ? str_sub(query, 0, query.len - 1) : query;
    }
    return query;
}

struct str transformed_name(
        const struct modules *m, struct arena *a, const struct module_url *url, struct str path)
{
    bool has_plugins = vite_config_has_plugins(m->options.vite_config);

    if (parts_is_code(url, path)) {
        return arena_printf(a, "%.*s.ts", STR_FMT(path));
    }
    bool is_pack = str_eq(url->query, str_skip(PACK_MARK, 1));
    struct str query = written_query(url);

    return query.len > 0 && (is_pack || (has_plugins && !is_sheet(path) &&
                                                !resolve_is_below_modules(path)))
                   ? arena_printf(a, "%.*s?%.*s", STR_FMT(path), STR_FMT(query))
                   : path;
}

/* As is_taken(), by the name that the tools are given. */
static bool is_named_taken(const struct modules *m, const struct module_url *url, struct str path)
{
    struct arena a = { 0 };
    bool taken = is_taken(m, transformed_name(m, &a, url, path));

    arena_finish(&a);
    return taken;
}

/* Whether a plugin of vite.config may make something of this JavaScript. */
static bool is_plugged(const struct modules *m, const struct module_url *url, struct str path)
{
    return url->want == WANT_FILE && vite_config_has_plugins(m->options.vite_config) &&
           !resolve_is_below_modules(path) && is_named_taken(m, url, path);
}

/* Whether it is a pack of a package's files, or one of these. */
static bool is_packed(const struct modules *m, const struct module_url *url, struct str path)
{
    struct arena a = { 0 };
    bool packed = false;

    if (url->want == WANT_FILE && m->options.transform && resolve_is_below_modules(path)) {
        struct str name = transformed_name(m, &a, url, path);

        packed = (url->query.len == 0 || name.len > path.len) &&
                 transform_takes(m->options.transform, name);
    }
    arena_finish(&a);
    return packed;
}

enum transformed_as transformed_as(
        const struct modules *m, const struct module_url *url, struct str path)
{
    enum file_kind kind = module_file_kind(path);
    bool is_import = url->want == WANT_IMPORT;

    if (parts_is(url, path)) {
        return parts_is_typed(m, url, path) ? TRANSFORMED_SCRIPT : TRANSFORMED_NOT;
    }
    if (url->type.len > 0 || (url->want != WANT_FILE && !is_import &&
                                     !(url->want == WANT_INLINE && is_sheet(path)))) {
        return TRANSFORMED_NOT;
    }
    if (is_sheet(path)) {
        /* without a tool the file is what a script may ask for to compile it itself */
        return is_taken(m, path) || (kind == FILE_SHEET && is_import) ? TRANSFORMED_SHEET
                                                                      : TRANSFORMED_NOT;
    }
    if (kind == FILE_COMPILED) {
        return TRANSFORMED_SCRIPT;
    }
    if (kind == FILE_JS) {
        return is_packed(m, url, path) || is_plugged(m, url, path) ? TRANSFORMED_SCRIPT
                                                                   : TRANSFORMED_NOT;
    }
    bool is_own = kind == FILE_TRANSFORM || (kind == FILE_OTHER && is_import);

    return is_own && is_named_taken(m, url, path) ? TRANSFORMED_SCRIPT : TRANSFORMED_NOT;
}

bool transformed_is(const struct modules *m, const struct module_url *url, struct str path)
{
    return transformed_as(m, url, path) != TRANSFORMED_NOT;
}

struct str modules_name_of(const struct modules *m, const struct node *node, struct arena *a)
{
    struct module_url url;

    module_url_parse(a, node_url(node), &url);
    return arena_str(a, transformed_name(m, a, &url, node_path(node)));
}

bool modules_is_compiled(const struct modules *m, struct str path)
{
    enum file_kind kind = module_file_kind(path);

    if (orbit_is_file(path)) {
        const struct orbit_record *r = orbit_store_get(m->orbit, path);

        return r && r->has_good && r->good.lang == ORBIT_TS;
    }
    return kind == FILE_COMPILED || kind == FILE_SHEET || is_taken(m, path);
}

/* ---- what was made ---- */

static void drop_made(struct transformed *t, struct made *made)
{
    HASH_DEL(t->table, made);
    if (made->is_dependent) {
        DL_DELETE(t->dependent, made);
    }
    t->held -= made->held.len;
    free((void *)(uintptr_t)made->held.ptr);
    diag_list_finish(&made->diags);
    arena_finish(&made->arena);
    free(made);
}

static void free_transforming(struct transforming *w)
{
    arena_finish(&w->arena);
    free(w->name);
    free(w->path);
    free(w);
}

void transformed_finish(struct modules *m)
{
    struct transformed *t = &m->transformed;

    while (t->table) {
        drop_made(t, t->table);
    }
    while (t->under_way) {
        struct transforming *w = t->under_way;

        HASH_DEL(t->under_way, w);
        free_transforming(w);
    }
}

struct hash transformed_key(
        struct modules *m, const struct module_url *url, struct str path, struct hash source)
{
    struct arena a = { 0 };
    struct str name = transformed_name(m, &a, url, path);
    struct hash_stream *stream = hash_stream_create();

    hash_stream_add(stream, (struct str){ (const char *)&source, sizeof(source) });
    hash_stream_add(stream, name);
    hash_stream_add(stream, STR("\0"));
    hash_stream_add(stream,
            m->options.transform ? transform_options(m->options.transform, name, &a) : STR(""));
    struct hash key = hash_stream_take(stream);

    hash_stream_destroy(stream);
    arena_finish(&a);
    return key;
}

struct made *transformed_find(const struct modules *m, struct hash key)
{
    struct made *made;

    HASH_FIND(hh, m->transformed.table, &key, sizeof(key), made);
    return made && !made->is_old &&
                           (made->is_bad || made->held.ptr || text_store_has(m->store, made->code))
                   ? made
                   : NULL;
}

/* Room for one more record, and for the code that memory holds. */
static void make_room(struct transformed *t)
{
    struct made *made;
    struct made *next;

    while (HASH_COUNT(t->table) >= MADE_MAX) {
        drop_made(t, t->table);
    }
    HASH_ITER(hh, t->table, made, next)
    {
        if (t->held <= MADE_HELD_MAX) {
            break;
        }
        if (made->held.len > 0) {
            drop_made(t, made);
        }
    }
}

static void take_deps(
        const struct modules *m, struct made *made, const struct transform_output *output)
{
    made->deps = arena_array(&made->arena, struct str, output->dep_count + 1);
    for (size_t i = 0; i < output->dep_count && i < TRANSFORM_DEPS_MAX; i++) {
        struct str dep = arena_str(&made->arena, output->deps[i]);

        made->deps[made->dep_count++] = dep;
        if (path_is_below(dep, WORKSPACE_NAME)) {
            (void)fs_kind_of(m->options.fs, dep); /* so that its package is known to be used */
        }
    }
}

/* A tool that was asked for a module and gave a sheet, or the other way round. */
static void check_type(struct made *made, const struct transform_output *output)
{
    bool sheet = is_sheet(made->path);

    if (!made->is_bad && (output->type == TRANSFORM_CSS) != sheet) {
        made->is_bad = true;
        diag_list_add(&made->diags,
                &(struct diag){ .severity = DIAG_ERROR,
                        .path = made->path,
                        .text = sheet ? STR("its compiler gave JavaScript where CSS was expected")
                                      : STR("its compiler gave CSS where JavaScript was expected"),
                        .hint = sheet ? STR("name the file otherwise")
                                      : STR("end the file's name in .css, .pcss or the like") });
    }
}

/* What a tool says of a component's module is said of its file. */
static void place_in_part(struct modules *m, const struct made *made, const struct module_url *url,
        struct diag *d, struct arena *a)
{
    if (parts_is_code(url, made->path)) {
        (void)parts_place(m, url, made->path, made->source, d, a); /* else without a line */
    }
}

/* Warnings are told, errors kept; both with the path of the source where the tool gave none. */
static void take_diags(struct modules *m, struct made *made, const struct module_url *url,
        const struct diag_list *diags)
{
    for (size_t i = 0; diags && i < diags->count; i++) {
        struct diag d = diags->items[i];

        d.path = d.path.len > 0 ? d.path : made->path;
        if (d.severity == DIAG_ERROR) {
            diag_list_add(&made->diags, &d);
        } else if (d.severity == DIAG_WARNING) {
            place_in_part(m, made, url, &d, &made->arena);
            warn_at(m, &d);
        }
    }
    made->is_bad = made->diags.count > 0;
}

static void take_code(struct modules *m, struct made *made, const struct transform_output *output)
{
    struct transformed *t = &m->transformed;

    made->code = hash_bytes(output->code);
    text_store_put(m->store, made->code, output->code);
    if (!text_store_has(m->store, made->code)) {
        made->held = (struct str){ mem_strcopy(output->code), output->code.len };
        t->held += made->held.len;
    }
    if (output->map.len > 0) {
        made->map = hash_bytes(output->map);
        made->has_map = true;
        text_store_put(m->store, made->map, output->map);
    }
}

static void on_done(void *ctx, const struct transform_output *output)
{
    struct transforming *w = ctx;
    struct modules *m = w->modules;
    struct transformed *t = &m->transformed;
    struct made *made;

    HASH_DEL(t->under_way, w);
    HASH_FIND(hh, t->table, &w->key, sizeof(w->key), made);
    if (made) {
        drop_made(t, made); /* its code was no longer kept */
    }
    made = mem_new(struct made);
    made->key = w->key;
    made->source = w->source;
    made->path = arena_str(&made->arena, str_from(w->path));
    made->is_passing = output->is_passing;
    take_deps(m, made, output);
    take_diags(m, made, &w->url, output->diags);
    check_type(made, output);
    if (!made->is_bad) {
        take_code(m, made, output);
    }
    make_room(t);
    made->is_dependent = made->dep_count > 0 || made->is_passing;
    if (made->is_dependent) {
        DL_APPEND(t->dependent, made);
    }
    HASH_ADD(hh, t->table, key, sizeof(made->key), made);
    if (m->options.on_transformed) {
        m->options.on_transformed(m->options.ctx, str_from(w->name));
    }
    free_transforming(w);
}

bool transformed_ask(struct modules *m, const struct module_url *url, struct str path,
        struct str text, struct hash source, struct hash *ret_key)
{
    struct transformed *t = &m->transformed;
    struct hash key = transformed_key(m, url, path, source);
    struct transforming *w;

    *ret_key = key;
    if (transformed_find(m, key) || !m->options.transform || !text.ptr) {
        return true; /* or nothing can be made of it, which is an error of the module */
    }
    HASH_FIND(hh, t->under_way, &key, sizeof(key), w);
    if (!w) {
        struct arena a = { 0 };
        struct str name = transformed_name(m, &a, url, path);

        w = mem_new(struct transforming);
        w->modules = m;
        w->key = key;
        w->source = source;
        module_url_parse(&w->arena, arena_str(&w->arena, url->key), &w->url);
        w->path = mem_strcopy(path);
        w->name = mem_strcopy(name);
        HASH_ADD(hh, t->under_way, key, sizeof(w->key), w);
        transform_start(m->options.transform, name, text,
                transform_options(m->options.transform, name, &a), on_done, w);
        arena_finish(&a);
    }
    t->is_used = true;
    return false;
}

void transformed_forget_passing(struct modules *m)
{
    struct made *made;
    struct made *next;

    DL_FOREACH_SAFE(m->transformed.dependent, made, next)
    {
        if (made->is_passing) {
            drop_made(&m->transformed, made);
        }
    }
}

/* ---- as modules ---- */

bool transformed_text(
        const struct modules *m, const struct made *made, struct arena *a, struct str *ret)
{
    if (made->held.ptr) {
        *ret = made->held;
        return true;
    }
    return text_store_get(m->store, made->code, a, ret);
}

/* What is there instead of a module that cannot be had. */
static struct str error_text(struct arena *a, const struct diag *d)
{
    struct strbuf out;
    struct str place = d->line > 0
                               ? arena_printf(a, "%.*s:%u:%u: ", STR_FMT(d->path), d->line, d->col)
                               : arena_printf(a, "%.*s: ", STR_FMT(d->path));
    struct str hint = d->hint.len > 0 ? arena_printf(a, "; %.*s", STR_FMT(d->hint)) : STR("");

    strbuf_init(&out, 4 * DIAG_TEXT_MAX);
    strbuf_add(&out, STR("throw new Error("));
    strbuf_add_json(
            &out, arena_printf(a, "%.*s%.*s%.*s", STR_FMT(place), STR_FMT(d->text), STR_FMT(hint)));
    strbuf_add(&out, STR(");\n"));
    struct str text = arena_str(a, strbuf_str(&out));

    strbuf_finish(&out);
    return text;
}

void transformed_read(struct reading *r, struct hash key)
{
    const struct made *made = transformed_find(r->modules, key);
    struct str code;

    if (made && !made->is_bad && transformed_text(r->modules, made, r->arena, &code)) {
        r->made = made;
        r->text = code;
        r->version = made->code;
        return;
    }
    struct diag d = {
        .severity = DIAG_ERROR,
        .path = r->path,
        .text = r->text.ptr ? STR("there is no tool for this kind of file")
                            : STR("the file is too large to be compiled"),
        .hint = r->text.ptr ? STR("docs/plugins.md tells how to name one in package.json")
                            : STR(""),
    };

    r->error = made && made->is_bad ? made->diags.items[0] : d;
    if (made) {
        place_in_part(r->modules, made, &r->url, &r->error, r->arena);
    }
    r->facts.error = &r->error;
    r->text = transformed_as(r->modules, &r->url, r->path) == TRANSFORMED_SHEET
                      ? STR("/* this sheet could not be made */\n")
                      : error_text(r->arena, &r->error);
    r->version = hash_bytes(r->text);
}

/* Moves a place in the code to the source, and from a component's module to its file. */
static bool place_made(struct modules *m, const struct made *made, const struct module_url *url,
        struct str code, struct diag *d, struct arena *a)
{
    struct source_map_found place;
    struct str map;

    if (!made->has_map || !text_store_get(m->store, made->map, a, &map) ||
            !source_map_find(map, code, d->line, d->col, a, &place)) {
        return false;
    }
    d->line = place.line;
    d->col = place.col;
    d->frame = diag_frame(a, place.text, place.line, place.col);
    place_in_part(m, made, url, d, a);
    return true;
}

bool transformed_place_in(struct reading *r, struct diag *d)
{
    if (r->made) {
        return place_made(r->modules, r->made, &r->url, r->text, d, r->arena);
    }
    return parts_is_code(&r->url, r->path) &&
           parts_place(r->modules, &r->url, r->path, hash_bytes(r->text), d, r->arena);
}

bool modules_place(struct modules *m, const struct node *node, struct diag *d, struct arena *a)
{
    const struct entry *e = entry_find(m, node);
    const struct made *made = e && e->is_compiled ? transformed_find(m, e->made) : NULL;
    struct edition *ed = node_current(node);
    struct str path = node_path(node);
    struct module_url url;
    struct str code;

    module_url_parse(a, node_url(node), &url);
    if (parts_is_facade(&url, path)) {
        d->line = d->col = 0; /* a place in it says nothing to anybody */
        return true;
    }
    if (made) {
        return !made->is_bad && transformed_text(m, made, a, &code) &&
               place_made(m, made, &url, code, d, a);
    }
    if (!ed || !parts_is_code(&url, path)) {
        return false;
    }
    /* The version says more than the bytes, where the names of packages count. */
    bool has_text = text_store_get(m->store, edition_hash(ed), a, &code);

    return parts_place(m, &url, path, has_text ? hash_bytes(code) : edition_hash(ed), d, a);
}

/* The last part of a URL's path. */
static struct str last_part(struct str path)
{
    return str_skip(path, str_rfind(path, '/') + 1);
}

/* The map of a module's `code` before it is edited, and what its one source is to be called (empty: as it is). */
static bool map_of(struct modules *m, const struct made *made, const struct module_url *url,
        struct str path, struct str code, struct arena *a, struct str *ret, struct str *ret_source)
{
    bool is_part = parts_is_code(url, path);
    struct strbuf joined;
    struct str own;

    *ret_source = is_part ? STR("") : last_part(path);
    if (!made) {
        return is_part && parts_map(m, url, path, hash_bytes(code), a, ret);
    }
    if (!made->has_map || !text_store_get(m->store, made->map, a, ret)) {
        return false;
    }
    if (!is_part) {
        return true;
    }
    if (!parts_map(m, url, path, made->source, a, &own)) {
        return false;
    }
    strbuf_init(&joined, 2 * (size_t)TRANSFORM_OUTPUT_MAX);
    bool good = source_map_join(&joined, *ret, own) && !joined.overflow;

    *ret = arena_str(a, strbuf_str(&joined));
    strbuf_finish(&joined);
    return good;
}

void transformed_add_map(struct modules *m, const struct made *made, const struct module_url *url,
        struct str path, struct str code, const struct edit_list *edits, struct arena *a,
        struct strbuf *out)
{
    struct strbuf edited;
    struct str source;
    struct str map;
    char hex[HASH_HEX_LEN + 1];

    if (!map_of(m, made, url, path, code, a, &map, &source)) {
        return;
    }
    strbuf_init(&edited, 2 * (size_t)TRANSFORM_OUTPUT_MAX);
    if (source_map_edit(&edited, map, source, code, edits) && !edited.overflow) {
        struct hash hash = hash_bytes(strbuf_str(&edited));

        text_store_put(m->store, hash, strbuf_str(&edited));
        hash_format(hash, hex);
        strbuf_addf(out, "//# sourceMappingURL=%.*s?orbit-map=%s\n", STR_FMT(last_part(url->path)),
                hex);
    }
    strbuf_finish(&edited);
}

bool transformed_map(struct modules *m, const struct module_url *url, struct arena *a,
        struct hash *ret_hash, struct str *ret)
{
    const struct str name = STR("orbit-map=");

    return str_starts(url->query, name) && hash_parse(str_skip(url->query, name.len), ret_hash) &&
           text_store_get(m->store, *ret_hash, a, ret);
}

/* ---- what else it is made with ---- */

/* Whether the file decides what is made of another. A tool that was not there may be installed now. */
static bool is_made_with(const struct made *made, struct str path)
{
    for (size_t i = 0; i < made->dep_count; i++) {
        struct str dep = made->deps[i];

        if (str_eq(dep, path) ||
                (str_ends(dep, STR("/")) && path_is_below(path, str_sub(dep, 0, dep.len - 1)))) {
            return true;
        }
    }
    return made->is_passing && str_eq(path_name(path), STR("package.json"));
}

void modules_forget_made(struct modules *m, struct str path)
{
    struct made *made;

    if (m->options.transform && resolve_is_marker(path)) {
        transform_look_anew(m->options.transform);
    }
    DL_FOREACH(m->transformed.dependent, made)
    {
        made->is_old = made->is_old || is_made_with(made, path);
    }
}

void transformed_each_user(
        struct modules *m, struct str path, void (*fn)(void *ctx, struct node *node), void *ctx)
{
    struct made *made;
    struct entry *e;
    bool vite = vite_config_is_part(m->options.vite_config, path);
    bool config = vite || (m->options.tsconfigs && tsconfigs_is_part(m->options.tsconfigs, path));

    DL_FOREACH(m->transformed.dependent, made)
    {
        if (is_made_with(made, path)) {
            graph_each_of_path(m->options.graph, made->path, fn, ctx);
        }
    }
    if (config) {
        DL_FOREACH(m->entries, e)
        {
            if (node_kind_of(e->node) == NODE_JS || (vite && e->is_compiled)) {
                fn(ctx, e->node); /* names lead elsewhere, or it is compiled otherwise */
            }
        }
    }
}
