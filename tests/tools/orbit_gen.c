/* SPDX-License-Identifier: MIT */
/*
 * For tests/orbit_rust.test.mjs and orbit_c.test.mjs: .orbit files to what is built of them.
 *
 *   orbit_gen LANG FOLDER FILE...   writes FOLDER/NAME.rs (.c) of each and FOLDER/mod.rs (orbit-app.c),
 *                                   prints the descriptors by name as JSON
 *   orbit_gen LANG - FILE           prints the generated text, and behind it the map: each piece
 *                                   with its place in the .orbit file, checked to be equal there
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "orbit/c_headers.h"
#include "orbit/component.h"
#include "orbit/descriptor.h"
#include "orbit/gen.h"

enum { FILES_MAX = 32, TEXT_MAX = 1 << 20 };

struct language {
    const char *name;
    enum orbit_lang lang;
    const char *ext;
    struct str whole; /* what brings the components together */
    bool (*gen)(const struct orbit_gen_input *in, struct arena *a, struct orbit_gen_output *ret,
            struct diag_list *diags);
    void (*gen_whole)(const struct orbit_gen_input *inputs, size_t count, struct strbuf *out);
};

static const struct language languages[] = {
    { "rust", ORBIT_RUST, "rs", STR_INIT("mod"), orbit_gen_rust, orbit_gen_rust_mod },
    { "c", ORBIT_C, "c", STR_INIT("orbit-app"), orbit_gen_c, orbit_gen_c_app },
};

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

static void write_all(const char *folder, struct str name, const char *ext, struct str text)
{
    char path[4096];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%.*s.%s", folder, STR_FMT(name), ext);
    f = fopen(path, "wb");
    if (!f || fwrite(text.ptr, 1, text.len, f) != text.len || fclose(f) != 0) {
        perror(path);
        exit(2);
    }
}

/* "todo-item" is todo_item. */
static struct str module_of(struct arena *a, struct str stem)
{
    char *module = arena_cstr(a, stem);

    for (size_t i = 0; i < stem.len; i++) {
        module[i] = stem.ptr[i] == '-' ? '_' : stem.ptr[i];
    }
    return (struct str){ module, stem.len };
}

/* A header beside the .orbit file. */
static bool read_beside(void *ctx, struct str path, struct arena *a, struct str *ret)
{
    struct str folder = *(struct str *)ctx;
    char *whole = arena_cstr(a, arena_printf(a, "%.*s/%.*s", STR_FMT(folder), STR_FMT(path)));
    FILE *f = fopen(whole, "rb");

    if (!f) {
        return false;
    }
    (void)fclose(f);
    *ret = read_all(a, whole);
    return true;
}

static bool load(struct arena *a, enum orbit_lang lang, const char *path, struct diag_list *diags,
        struct one *ret)
{
    struct str whole = str_from(path);
    size_t slash = str_rfind(whole, '/');
    struct str file = str_skip(whole, slash == STR_NONE ? 0 : slash + 1);
    struct str stem = str_sub(file, 0, file.len - 6);
    struct orbit_template_options options = { .lang = lang };

    *ret = (struct one){ .text = read_all(a, path) };
    ret->source =
            (struct orbit_source){ arena_printf(a, "src/%.*s", STR_FMT(file)), ret->text, diags };
    ret->input.module = module_of(a, stem);
    ret->input.name = orbit_component_name(a, ret->source.path);
    if (!orbit_file_parse(&ret->source, a, &ret->file) ||
            !orbit_template_parse(
                    &ret->source, ret->file.template_section->content, &options, a, &ret->tree) ||
            !orbit_table_build(&ret->tree, &ret->source, a, &ret->table)) {
        return false;
    }
    ret->input.source = ret->input.markup = &ret->source;
    ret->input.file = &ret->file;
    ret->input.code_offset = ret->file.code ? ret->file.code->content.start : 0;
    ret->input.code_path = ret->source.path;
    ret->input.code = ret->file.code ? str_sub(ret->text, ret->file.code->content.start,
                                               ret->file.code->content.end)
                                     : STR("");
    if (lang == ORBIT_C) {
        struct str folder = str_sub(whole, 0, slash == STR_NONE ? 0 : slash);
        ret->input.headers = orbit_c_headers_read(
                a, STR(""), ret->input.name, ret->input.code, read_beside, &folder)
                                     .types;
    }
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

static const struct language *find_language(const char *name)
{
    for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
        if (strcmp(languages[i].name, name) == 0) {
            return &languages[i];
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static struct arena a;
    static struct diag_list diags;
    struct orbit_gen_input inputs[FILES_MAX];
    static struct strbuf mod, json;
    size_t count = 0;
    const struct language *language = argc > 2 ? find_language(argv[1]) : NULL;

    if (!language) {
        (void)fprintf(stderr, "usage: orbit_gen rust|c FOLDER|- FILE...\n");
        return 2;
    }
    bool prints = strcmp(argv[2], "-") == 0;

    strbuf_init(&mod, TEXT_MAX);
    strbuf_init(&json, (size_t)ORBIT_GEN_MAX);
    for (int i = 3; i < argc && count < FILES_MAX; i++, count++) {
        struct one *one = arena_new(&a, struct one);
        struct orbit_gen_output out;

        orbit_gen_output_init(&out);
        if (!load(&a, language->lang, argv[i], &diags, one) ||
                !language->gen(&one->input, &a, &out, &diags)) {
            orbit_gen_output_finish(&out);
            return print_diags(&diags);
        }
        inputs[count] = one->input;
        if (prints) {
            (void)printf("%.*s", STR_FMT(strbuf_str(&out.text)));
            print_map(&out, one->text);
        } else {
            write_all(argv[2], one->input.module, language->ext, strbuf_str(&out.text));
            strbuf_addf(&json, "%s\"%.*s\":", count > 0 ? ",\n" : "{", STR_FMT(one->input.name));
            orbit_descriptor_write(&one->tree, &one->table, &json);
        }
        orbit_gen_output_finish(&out);
    }
    if (!prints) {
        language->gen_whole(inputs, count, &mod);
        write_all(argv[2], language->whole, language->ext, strbuf_str(&mod));
        (void)printf("%.*s}\n", STR_FMT(strbuf_str(&json)));
    }
    strbuf_finish(&mod);
    strbuf_finish(&json);
    diag_list_finish(&diags);
    arena_finish(&a);
    return 0;
}
