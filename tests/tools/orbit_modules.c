/* SPDX-License-Identifier: MIT */
/*
 * Prints the modules that an .orbit file is served as, without a server, for tests of the browser
 * runtime and of the generators:
 *
 *     orbit_modules PATH FILE [--previous OLD] [NAME=PATH...]
 *
 * One JSON object: errors, facade, template, code, styles, table, children and map (out, source,
 * len). PATH is the file's path in its project; OLD is the text it had before, whose code is kept if
 * it can be; NAME=PATH are components of the project.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "orbit/component.h"

enum { FILE_LIMIT = 4 << 20, OUT_LIMIT = 64 << 20 };

struct known {
    char **items;
    int count;
};

static enum orbit_lookup find(
        void *ctx, struct str name, struct str *ret_path, struct str *ret_other)
{
    const struct known *known = ctx;

    (void)ret_other;
    for (int i = 0; i < known->count; i++) {
        struct str key, path;
        if (str_cut(str_from(known->items[i]), '=', &key, &path) && str_eq(key, name)) {
            *ret_path = path;
            return ORBIT_LOOKUP_FOUND;
        }
    }
    return ORBIT_LOOKUP_NONE;
}

static bool read_file(struct arena *a, const char *name, struct str *ret)
{
    FILE *in = fopen(name, "rb");
    char *text = arena_alloc(a, FILE_LIMIT);

    if (!in) {
        return false;
    }
    *ret = (struct str){ text, fread(text, 1, FILE_LIMIT, in) };
    return fclose(in) == 0;
}

static bool read_other(void *ctx, struct str path, struct arena *a, struct str *ret)
{
    (void)ctx;
    return read_file(a, arena_cstr(a, path), ret);
}

static struct str url_of(struct arena *a, struct str path)
{
    return arena_printf(a, "/%.*s", STR_FMT(path));
}

static void add_text(struct strbuf *out, const char *key, struct strbuf *text)
{
    strbuf_addf(out, ",\n\"%s\":", key);
    strbuf_add_json(out, strbuf_str(text));
    strbuf_reset(text);
}

static void add_component(struct strbuf *out, const struct orbit_component *c)
{
    struct strbuf text;

    strbuf_init(&text, OUT_LIMIT);
    orbit_facade_write(c, url_of, &text);
    add_text(out, "facade", &text);
    orbit_template_write(c, &text);
    add_text(out, "template", &text);
    strbuf_add(&text, strbuf_str(&c->code.text));
    add_text(out, "code", &text);
    strbuf_finish(&text);
    strbuf_addf(out, ",\n\"table\":\"%s\",\n\"styles\":[", c->table_id);
    for (size_t i = 0; i < c->style_count; i++) {
        strbuf_add(out, i > 0 ? STR(",") : STR(""));
        strbuf_add_json(out, c->styles[i].text);
    }
    strbuf_add(out, STR("],\n\"map\":["));
    for (size_t i = 0; i < c->code.map.count; i++) {
        const struct orbit_map_entry *e = &c->code.map.items[i];
        strbuf_addf(
                out, "%s[%zu,%zu,%zu]", i > 0 ? "," : "", e->out_offset, e->source_offset, e->len);
    }
    strbuf_addc(out, ']');
}

static void add_errors(struct strbuf *out, const struct diag_list *diags)
{
    strbuf_add(out, STR("{\"errors\":["));
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *d = &diags->items[i];
        struct strbuf line;
        strbuf_init(&line, 2 * (size_t)DIAG_TEXT_MAX);
        strbuf_addf(&line, "%u:%u %.*s; %.*s", d->line, d->col, STR_FMT(d->text), STR_FMT(d->hint));
        strbuf_add(out, i > 0 ? STR(",\n") : STR(""));
        strbuf_add_json(out, strbuf_str(&line));
        strbuf_finish(&line);
    }
    strbuf_addc(out, ']');
}

int main(int argc, char **argv)
{
    struct arena a = { NULL };
    struct diag_list diags = { .count = 0 };
    struct strbuf out;
    struct str text, before;
    bool has_previous = argc > 4 && strcmp(argv[3], "--previous") == 0;
    int first = has_previous ? 5 : 3;

    if (argc < 3 || !read_file(&a, argv[2], &text) ||
            (has_previous && !read_file(&a, argv[4], &before))) {
        fprintf(stderr, "usage: orbit_modules PATH FILE [--previous OLD] [NAME=PATH...]\n");
        return 2;
    }
    struct known known = { argv + first, argc - first };
    struct orbit_surroundings around = { .find = find, .read = read_other, .ctx = &known };
    struct orbit_component old, c;
    struct str path = str_from(argv[1]);

    bool is_old_good = has_previous &&
                       orbit_component_compile(&old, path, before, NULL, NULL, &around, &diags);
    bool good = orbit_component_compile(
            &c, path, text, is_old_good ? &old : NULL, NULL, &around, &diags);

    strbuf_init(&out, OUT_LIMIT);
    add_errors(&out, &diags);
    if (good) {
        add_component(&out, &c);
    }
    strbuf_add(&out, STR("}\n"));
    fwrite(out.ptr, 1, out.len, stdout);
    strbuf_finish(&out);
    orbit_component_finish(&c);
    if (has_previous) {
        orbit_component_finish(&old);
    }
    diag_list_finish(&diags);
    arena_finish(&a);
    return 0;
}
