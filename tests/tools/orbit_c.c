/* SPDX-License-Identifier: MIT */
/*
 * For tests/orbit_c.test.mjs: .orbit files to C.
 *
 *   orbit_c FOLDER FILE...   writes FOLDER/NAME.c of each and FOLDER/app.c, prints the
 *                               descriptors by name as JSON
 *   orbit_c - FILE           prints the generated text, and behind it the map: each piece with
 *                               its place in the .orbit file, checked to be equal there
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "orbit/descriptor.h"
#include "orbit/gen.h"

enum { FILES_MAX = 32, TEXT_MAX = 1 << 20 };

struct one {
    struct str text;
    struct orbit_source source;
    struct orbit_file file;
    struct orbit_template tree;
    struct orbit_table table;
    struct orbit_gen_input input;
};

static struct str read_all(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    char *bytes = arena_alloc(a, TEXT_MAX);
    size_t len = f ? fread(bytes, 1, TEXT_MAX, f) : 0;

    if (!f) {
        perror(path);
        exit(2);
    }
    (void)fclose(f);
    return (struct str){ bytes, len };
}

static void write_all(const char *folder, struct str name, struct str text)
{
    char path[4096];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%.*s.c", folder, STR_FMT(name));
    f = fopen(path, "wb");
    if (!f || fwrite(text.ptr, 1, text.len, f) != text.len || fclose(f) != 0) {
        perror(path);
        exit(2);
    }
}

/* "todo-item" is todo_item and TodoItem. */
static void name_it(struct arena *a, struct str stem, struct orbit_gen_input *in)
{
    char *module = arena_cstr(a, stem), *name = arena_cstr(a, stem);
    size_t len = 0;

    for (size_t i = 0; i < stem.len; i++) {
        bool sep = stem.ptr[i] == '-' || stem.ptr[i] == '_';
        bool first = i == 0 || stem.ptr[i - 1] == '-' || stem.ptr[i - 1] == '_';
        module[i] = sep ? '_' : stem.ptr[i];
        if (!sep) {
            name[len++] = (char)(first ? toupper((unsigned char)stem.ptr[i]) : stem.ptr[i]);
        }
    }
    in->module = (struct str){ module, stem.len };
    in->name = (struct str){ name, len };
}

static bool load(struct arena *a, const char *path, struct diag_list *diags, struct one *ret)
{
    struct str whole = str_from(path);
    size_t slash = str_rfind(whole, '/');
    struct str file = str_skip(whole, slash == STR_NONE ? 0 : slash + 1);
    struct str stem = str_sub(file, 0, file.len - 6);
    struct orbit_template_options options = { .lang = ORBIT_C };

    *ret = (struct one){ .text = read_all(a, path) };
    ret->source =
            (struct orbit_source){ arena_printf(a, "src/%.*s", STR_FMT(file)), ret->text, diags };
    name_it(a, stem, &ret->input);
    if (!orbit_file_parse(&ret->source, a, &ret->file) ||
            !orbit_template_parse(
                    &ret->source, ret->file.template_section->content, &options, a, &ret->tree) ||
            !orbit_table_build(&ret->tree, &ret->source, a, &ret->table)) {
        return false;
    }
    ret->input.source = &ret->source;
    ret->input.file = &ret->file;
    ret->input.code_offset = ret->file.code ? ret->file.code->content.start : 0;
    ret->input.code = ret->file.code ? str_sub(ret->text, ret->file.code->content.start,
                                               ret->file.code->content.end)
                                     : STR("");
    ret->input.template = &ret->tree;
    ret->input.table = &ret->table;
    ret->input.path = ret->source.path;
    ret->input.id = STR("data-o-00000000");
    ret->input.table_id = STR("0000000000000001");
    return true;
}

static void print_map(const struct orbit_gen_output *out, struct str source)
{
    (void)printf("==== map\n");
    for (size_t i = 0; i < out->map.count; i++) {
        const struct orbit_map_entry *e = &out->map.items[i];
        struct str made = str_sub(strbuf_str(&out->text), e->out_offset, e->out_offset + e->len);
        struct str from = str_sub(source, e->source_offset, e->source_offset + e->len);
        unsigned line, col;
        diag_place(source, e->source_offset, &line, &col);
        (void)printf("%u:%u %s", line, col, str_eq(made, from) ? "" : "DIFFERS ");
        (void)printf("%.*s\n", STR_FMT(str_find(made, '\n') == STR_NONE ? made : STR("(block)")));
    }
}

static int print_diags(const struct diag_list *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *d = &diags->items[i];
        (void)printf("%.*s:%u:%u: %.*s (%.*s)\n", STR_FMT(d->path), d->line, d->col,
                STR_FMT(d->text), STR_FMT(d->hint));
    }
    return 1;
}

int main(int argc, char **argv)
{
    static struct arena a;
    static struct diag_list diags;
    struct orbit_gen_input inputs[FILES_MAX];
    static struct strbuf mod, json;
    size_t count = 0;
    bool prints = argc > 1 && strcmp(argv[1], "-") == 0;

    strbuf_init(&mod, TEXT_MAX);
    strbuf_init(&json, (size_t)ORBIT_GEN_MAX);
    for (int i = 2; i < argc && count < FILES_MAX; i++, count++) {
        struct one *one = arena_new(&a, struct one);
        struct orbit_gen_output out;

        orbit_gen_output_init(&out);
        if (!load(&a, argv[i], &diags, one) || !orbit_gen_c(&one->input, &a, &out, &diags)) {
            orbit_gen_output_finish(&out);
            return print_diags(&diags);
        }
        inputs[count] = one->input;
        if (prints) {
            (void)printf("%.*s", STR_FMT(strbuf_str(&out.text)));
            print_map(&out, one->text);
        } else {
            write_all(argv[1], one->input.module, strbuf_str(&out.text));
            strbuf_addf(&json, "%s\"%.*s\":", count > 0 ? ",\n" : "{", STR_FMT(one->input.name));
            orbit_descriptor_write(&one->tree, &one->table, &json);
        }
        orbit_gen_output_finish(&out);
    }
    if (!prints) {
        orbit_gen_c_app(inputs, count, &mod);
        write_all(argv[1], STR("app"), strbuf_str(&mod));
        (void)printf("%.*s}\n", STR_FMT(strbuf_str(&json)));
    }
    strbuf_finish(&mod);
    strbuf_finish(&json);
    diag_list_finish(&diags);
    arena_finish(&a);
    return 0;
}
