/* SPDX-License-Identifier: MIT */
/* See text.h. */
#include "pack/text.h"

#include <inttypes.h>
#include <jansson.h>

#include "base/path.h"
#include "base/table.h"
#include "resolve/resolve.h"
#include "scan/js_scan.h"

/* What a file's names begin with in its pack: by its path, so that a pack which was kept of other files has
 * no name that stands for another one. */
static uint64_t tag_of(const struct pack_file *file)
{
    return hash_bytes(file->path).low;
}

void pack_add_input(struct strbuf *out, const struct pack_list *list, struct str root)
{
    struct arena a = { 0 };

    for (size_t i = 0; i < list->count; i++) {
        const struct pack_file *file = &list->files[i];
        uint64_t tag = tag_of(file);

        strbuf_add(out, file->export_count > 0 ? STR("export {") : STR("import "));
        for (size_t k = 0; k < file->export_count; k++) {
            strbuf_addf(out, "%s %.*s as __%016" PRIx64 "_%.*s", k > 0 ? "," : "",
                    STR_FMT(file->exports[k]), tag, STR_FMT(file->exports[k]));
        }
        strbuf_add(out, file->export_count > 0 ? STR(" } from ") : STR(""));
        strbuf_add_json(out, arena_printf(&a, "%.*s/%.*s", STR_FMT(root), STR_FMT(file->path)));
        strbuf_add(out, STR(";\n"));
        arena_reset(&a);
    }
    arena_finish(&a);
}

/* A name that a facade exports already, or another package that it hands on. */
struct said {
    struct str text;
    UT_hash_handle hh;
};

struct facade {
    const struct pack_list *list;
    struct arena arena;
    struct strbuf *out;
    struct said *names;
    struct said *packages;
    bool *is_done; /* by file */
};

/* Whether it is said for the first time. */
static bool say(struct facade *f, struct said **table, struct str text)
{
    struct said *known;

    HASH_FIND(hh, *table, text.ptr, text.len, known);
    if (known) {
        return false;
    }
    known = arena_new(&f->arena, struct said);
    known->text = text;
    HASH_ADD_KEYPTR(hh, *table, known->text.ptr, known->text.len, known);
    return true;
}

/* The names of a file, and those of the files that it hands on: its own come first. */
static void add_names(struct facade *f, size_t first)
{
    size_t *stack = arena_array(&f->arena, size_t, f->list->count);
    size_t depth = 0;

    stack[depth++] = first;
    f->is_done[first] = true;
    while (depth > 0) {
        size_t number = stack[--depth];
        const struct pack_file *file = &f->list->files[number];
        uint64_t tag = tag_of(file);

        for (size_t i = 0; i < file->export_count; i++) {
            struct str name = file->exports[i];

            /* export * hands no default on */
            if ((number == first || !str_eq(name, STR("default"))) && say(f, &f->names, name)) {
                strbuf_addf(f->out, "%s __%016" PRIx64 "_%.*s as %.*s",
                        HASH_COUNT(f->names) > 1 ? "," : "", tag, STR_FMT(name), STR_FMT(name));
            }
        }
        for (size_t i = file->star_count; i-- > 0;) {
            const struct pack_star *star = &file->stars[i];

            if (star->specifier.len > 0) {
                (void)say(f, &f->packages, star->specifier);
            } else if (!f->is_done[star->file]) {
                f->is_done[star->file] = true;
                stack[depth++] = star->file;
            }
        }
    }
}

void pack_add_facade(struct strbuf *out, const struct pack_list *list, size_t file, struct str url)
{
    struct facade f = { .list = list, .out = out };
    struct said *package;

    f.is_done = arena_array(&f.arena, bool, list->count);
    strbuf_add(out, STR("export {"));
    add_names(&f, file);
    strbuf_add(out, STR(" } from "));
    strbuf_add_json(out, url);
    strbuf_add(out, STR(";\n"));
    for (package = f.packages; package; package = package->hh.next) {
        strbuf_add(out, STR("export * from "));
        strbuf_add_json(out, package->text);
        strbuf_add(out, STR(";\n"));
    }
    HASH_CLEAR(hh, f.names);
    HASH_CLEAR(hh, f.packages);
    arena_finish(&f.arena);
}

bool pack_add_output(struct strbuf *out, struct str code, struct str folder)
{
    struct arena a = { 0 };
    struct js_facts js;
    size_t done = 0;

    js_scan(code, &a, &js);
    bool good = !js.error.failed;

    for (size_t i = 0; good && i < js.dep_count; i++) {
        const struct dep *dep = &js.deps[i];
        struct str path;

        if (!str_starts(dep->text, STR("./")) && !str_starts(dep->text, STR("../"))) {
            continue;
        }
        good = path_normalise(&a, path_join(&a, folder, dep->text), &path);
        strbuf_add(out, str_sub(code, done, dep->specifier.start));
        strbuf_add(out, good ? resolve_url_of(&a, path) : STR(""));
        done = dep->specifier.end;
    }
    strbuf_add(out, str_skip(code, done));
    arena_finish(&a);
    return good && !out->overflow;
}

static bool has_file(const struct pack_list *list, struct str path)
{
    size_t i = 0;

    while (i < list->count && !str_eq(list->files[i].path, path)) {
        i++;
    }
    return i < list->count;
}

bool pack_is_of(const struct pack_list *list, struct str metafile, struct str input,
        struct arena *a, struct str *ret_odd)
{
    json_t *root = json_loadb(metafile.ptr ? metafile.ptr : "", metafile.len, 0, NULL);
    json_t *inputs = json_object_get(root, "inputs");
    bool good = json_is_object(inputs) && json_object_getn(inputs, input.ptr, input.len);
    const char *key;
    json_t *value;

    *ret_odd = STR("");
    for (size_t i = 0; good && i < list->count; i++) {
        struct str path = list->files[i].path;

        good = json_object_getn(inputs, path.ptr, path.len) != NULL;
        *ret_odd = good ? STR("") : arena_str(a, path);
    }
    if (good && json_object_size(inputs) != list->count + 1) {
        good = false;
        json_object_foreach(inputs, key, value)
        {
            if (!str_eq(str_from(key), input) && !has_file(list, str_from(key))) {
                *ret_odd = arena_str(a, str_from(key));
                break;
            }
        }
    }
    json_decref(root);
    return good;
}
