/* SPDX-License-Identifier: MIT */
/*
 * An .orbit file as modules: the facade that is imported, and behind it one module
 * for the template, one for the code, and one for each style. Each is a text of
 * its own with its own hash, so that an edit of one section is a change of one
 * module. A text that has an error is the template's: the others stay what they
 * were last, and the page keeps running them.
 *
 * The code of a component in TypeScript is what a tool makes of the generated module
 * (transformed.c), in which the types still stand.
 */
#include "base/path.h"
#include "modules/modules_private.h"
#include "modules/source_map.h"
#include "orbit/gen.h"
#include "resolve/url.h"

enum part { PART_FACADE, PART_TEMPLATE, PART_CODE, PART_STYLE };

enum { PART_MAX = 20 << 20 };

static enum part part_of(const struct module_url *url, size_t *ret_index)
{
    struct str rest = url->query;
    enum part part = PART_FACADE;
    uint64_t index = 0;

    for (bool more = rest.len > 0; more;) {
        struct str parameter;

        more = str_cut(rest, '&', &parameter, &rest);
        if (str_eq(parameter, STR("orbit=template"))) {
            part = PART_TEMPLATE;
        } else if (str_eq(parameter, STR("orbit=code"))) {
            part = PART_CODE;
        } else if (str_eq(parameter, STR("orbit=style"))) {
            part = PART_STYLE;
        } else if (str_starts(parameter, STR("n="))) {
            (void)str_parse_u64(str_skip(parameter, 2), &index); /* else the first */
        }
    }
    *ret_index = (size_t)index;
    return part;
}

bool parts_is(const struct module_url *url, struct str path)
{
    return orbit_is_file(path) && (url->want == WANT_FILE || url->want == WANT_IMPORT);
}

bool parts_is_facade(const struct module_url *url, struct str path)
{
    size_t index;

    return parts_is(url, path) && part_of(url, &index) == PART_FACADE;
}

bool parts_is_code(const struct module_url *url, struct str path)
{
    size_t index;

    return parts_is(url, path) && part_of(url, &index) == PART_CODE;
}

/* The component whose code the URL is, as it was last compiled; NULL: there is none. */
static const struct orbit_component *component_of(
        const struct modules *m, const struct module_url *url, struct str path)
{
    struct orbit_record *r = parts_is_code(url, path) ? orbit_store_get(m->orbit, path) : NULL;

    return r && r->has_good ? &r->good : NULL;
}

bool parts_is_typed(const struct modules *m, const struct module_url *url, struct str path)
{
    const struct orbit_component *c = component_of(m, url, path);

    return c && c->lang == ORBIT_TS;
}

void parts_source(struct modules *m, const struct module_url *url, struct str path,
        struct str *text, struct hash *hash)
{
    if (!parts_is_code(url, path)) {
        return;
    }
    struct orbit_record *record = orbit_store_get(m->orbit, path);

    if (record && text->ptr) {
        orbit_record_update(m->orbit, record, *text);
    }
    if (record && parts_is_typed(m, url, path)) {
        *text = strbuf_str(&record->good.code.text);
        *hash = hash_bytes(*text);
    }
}

/* ---- where its code was written ---- */

/* The map of the generated code; the sources go by their URLs, or by their paths. */
static void write_map(
        const struct orbit_component *c, bool by_url, struct arena *a, struct strbuf *out)
{
    const struct orbit_map *map = &c->code.map;
    struct source_map_piece *pieces = arena_array(a, struct source_map_piece, map->count + 1);
    struct source_map_source sources[ORBIT_FROM_COUNT];
    size_t number[ORBIT_FROM_COUNT];
    size_t count = 0;

    for (size_t from = 0; from < ORBIT_FROM_COUNT; from++) {
        const struct orbit_mapped *mapped = &c->mapped[from];

        number[from] = count;
        for (size_t i = 0; i < map->count; i++) {
            if (map->items[i].from == from) {
                sources[count++] = (struct source_map_source){
                    by_url ? resolve_url_of(a, mapped->path) : mapped->path, mapped->text
                };
                break;
            }
        }
    }
    for (size_t i = 0; i < map->count; i++) {
        const struct orbit_map_entry *entry = &map->items[i];

        pieces[i] = (struct source_map_piece){ .at = entry->out_offset,
            .len = entry->len,
            .from = entry->source_offset,
            .source = number[entry->from] };
    }
    source_map_write(out, strbuf_str(&c->code.text), pieces, map->count, sources, count);
}

/* The same of the module with that hash, if it is the present one. */
static bool find_map(struct modules *m, const struct module_url *url, struct str path,
        struct hash hash, bool by_url, struct arena *a, struct strbuf *out)
{
    const struct orbit_component *c = component_of(m, url, path);

    strbuf_init(out, 8 * (size_t)ORBIT_GEN_MAX);
    if (!c || c->code.map.count == 0 || !hash_eq(hash_bytes(strbuf_str(&c->code.text)), hash)) {
        return false;
    }
    write_map(c, by_url, a, out);
    return !out->overflow;
}

bool parts_map(struct modules *m, const struct module_url *url, struct str path, struct hash hash,
        struct arena *a, struct str *ret)
{
    struct strbuf map;
    bool found = find_map(m, url, path, hash, true, a, &map);

    if (found) {
        *ret = arena_str(a, strbuf_str(&map));
    }
    strbuf_finish(&map);
    return found;
}

bool parts_place(struct modules *m, const struct module_url *url, struct str path, struct hash hash,
        struct diag *d, struct arena *a)
{
    const struct orbit_component *c = component_of(m, url, path);
    struct source_map_found place;
    struct strbuf map;

    if (d->line == 0) {
        return false;
    }
    bool found = find_map(m, url, path, hash, false, a, &map) &&
                 source_map_find(strbuf_str(&map), strbuf_str(&c->code.text), d->line,
                         d->col > 0 ? d->col : 1, a, &place);
    strbuf_finish(&map);
    d->line = found ? place.line : 0;
    d->col = found ? place.col : 0;
    d->end_line = d->end_col = 0;
    d->frame = found ? diag_frame(a, place.text, place.line, place.col) : STR("");
    d->path = found ? place.source : path;
    return found;
}

static void write_style(const struct orbit_component *c, size_t index, struct strbuf *out)
{
    struct arena a = { 0 };
    struct strbuf css;

    if (index >= c->style_count) {
        strbuf_add(out, STR("export {};\n")); /* about to be pruned */
        return;
    }
    strbuf_init(&css, PART_MAX);
    css_text_add(&css, &a, c->styles[index].text, resolve_url_of(&a, c->styles[index].path));
    orbit_style_write(c->path, index, strbuf_str(&css), out);
    strbuf_finish(&css);
    arena_finish(&a);
}

static void write_code(const struct modules *m, const struct orbit_component *c, struct strbuf *out)
{
    if (orbit_is_built(c->lang)) {
        orbit_loader_write(
                m->orbit_wasm.len > 0 ? strbuf_str(&m->orbit_wasm) : STR("/app.wasm"), out);
    } else {
        strbuf_add(out, strbuf_str(&c->code.text));
    }
}

static const struct diag *first_error(const struct diag_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].severity == DIAG_ERROR) {
            return &list->items[i];
        }
    }
    return NULL;
}

/* What is there instead of a part that cannot be had. */
static void write_error(const struct diag *d, struct strbuf *out)
{
    struct strbuf text;

    strbuf_init(&text, 2 * DIAG_TEXT_MAX);
    strbuf_add(&text, d->path);
    strbuf_addf(&text, ":%u:%u: ", d->line, d->col);
    strbuf_add(&text, d->text);
    strbuf_add(out, STR("throw new Error("));
    strbuf_add_json(out, strbuf_str(&text));
    strbuf_add(out, STR(");\n"));
    strbuf_finish(&text);
}

/* The part's text from the record; the error that stands for it, or NULL. */
static const struct diag *write_part(
        struct modules *m, struct orbit_record *r, const struct module_url *url, struct strbuf *out)
{
    size_t index;
    enum part part = part_of(url, &index);
    const struct diag *error = r->bad ? first_error(&r->diags) : NULL;

    if (error && (part == PART_TEMPLATE || !r->has_good)) {
        write_error(error, out);
        return error;
    }
    switch (part) {
    case PART_TEMPLATE: orbit_template_write(&r->good, out); break;
    case PART_CODE: write_code(m, &r->good, out); break;
    case PART_STYLE: write_style(&r->good, index, out); break;
    case PART_FACADE: orbit_facade_write(&r->good, resolve_url_of, out); break;
    }
    return NULL;
}

void parts_read(struct reading *r)
{
    struct modules *m = r->modules;
    struct orbit_record *record = orbit_store_get(m->orbit, r->path);
    struct strbuf out;

    if (!record || !r->text.ptr) {
        edges_set_error(r, STR_NONE,
                record ? STR("the file cannot be read")
                       : STR("the project has too many components"),
                STR(""));
        return;
    }
    orbit_record_update(m->orbit, record, r->text);
    strbuf_init(&out, PART_MAX);
    const struct diag *error = write_part(m, record, &r->url, &out);

    r->text = arena_str(r->arena, strbuf_str(&out));
    r->version = hash_bytes(r->text);
    strbuf_finish(&out);
    if (error) {
        r->error = *error;
        r->facts.error = &r->error;
    }
}

bool parts_text(struct modules *m, const struct module_url *url, struct str path, struct arena *a,
        struct str *ret)
{
    struct orbit_record *record = orbit_store_get(m->orbit, path);
    struct strbuf out;

    if (!record || (!record->has_good && !record->bad)) {
        return false;
    }
    strbuf_init(&out, PART_MAX);
    (void)write_part(m, record, url, &out); /* an error has its text */
    *ret = arena_str(a, strbuf_str(&out));
    strbuf_finish(&out);
    return true;
}

bool modules_part(struct modules *m, struct str key, struct str path, struct hash hash, size_t max,
        struct arena *a, struct str *ret_name, struct str *ret_arguments)
{
    struct module_url url;
    struct str text;
    size_t index;

    module_url_parse(a, key, &url);
    if (!parts_is(&url, path)) {
        return false;
    }
    enum part part = part_of(&url, &index);

    return (part == PART_TEMPLATE || part == PART_STYLE) &&
           text_store_get(m->store, hash, a, &text) && text.len <= max &&
           orbit_part_read(text, ret_name, ret_arguments);
}

struct orbit_store *modules_orbit(struct modules *m)
{
    return m->orbit;
}

void modules_orbit_built(struct modules *m, struct str wasm_url)
{
    strbuf_reset(&m->orbit_wasm);
    strbuf_add(&m->orbit_wasm, wasm_url);
}
