/* SPDX-License-Identifier: MIT */
/* See protocol.h. */
#include "sidecar/protocol.h"

#include <stdlib.h>

#include <jansson.h>

#include "base/path.h"
#include "files/workspace.h"
#include "sidecar/sidecar_files.h"

void sidecar_write_files(struct strbuf *out, const struct sidecar_file *files, size_t count)
{
    strbuf_add(out, STR("{\"files\":["));
    for (size_t i = 0; i < count; i++) {
        strbuf_add(out, i > 0 ? STR(",[") : STR("["));
        strbuf_add_json(out, files[i].name);
        strbuf_addc(out, ',');
        strbuf_add_json(out, files[i].bytes);
        strbuf_addc(out, ']');
    }
    strbuf_add(out, STR("]}\n"));
}

void sidecar_write_hello(struct strbuf *out, struct sidecar_folders in)
{
    strbuf_addf(out, "{\"hello\":{\"protocol\":%d,\"root\":", SIDECAR_PROTOCOL);
    strbuf_add_json(out, in.root);
    if (in.workspace.len > 0) {
        strbuf_add(out, STR(",\"workspace\":"));
        strbuf_add_json(out, in.workspace);
    }
    strbuf_add(out, STR(",\"mode\":\"development\"}}\n"));
}

static void add_absolute(struct strbuf *out, struct sidecar_folders in, struct str path)
{
    struct arena a = { 0 };
    struct str inner;
    bool is_outside = in.workspace.len > 0 && workspace_cut(path, &inner);

    strbuf_add_json(
            out, is_outside ? path_join(&a, in.workspace, inner) : path_join(&a, in.root, path));
    arena_finish(&a);
}

struct str sidecar_paths(const struct tsconfig *config, struct sidecar_folders in, struct arena *a)
{
    struct strbuf out;

    if (config->alias_count == 0) {
        return STR("");
    }
    strbuf_init(&out, SIDECAR_LINE_MAX);
    for (size_t i = 0; i < config->alias_count; i++) {
        const struct ts_alias *alias = &config->aliases[i];

        strbuf_add(&out, i == 0 ? STR("[[") : STR(",["));
        strbuf_add_json(&out, alias->name);
        strbuf_add(&out, STR(",["));
        for (size_t k = 0; k < alias->target_count; k++) {
            strbuf_add(&out, k == 0 ? STR("") : STR(","));
            add_absolute(&out, in, alias->targets[k]);
        }
        strbuf_add(&out, STR("]]"));
    }
    strbuf_add(&out, STR("]"));

    struct str json = out.overflow ? STR("") : arena_str(a, strbuf_str(&out));

    strbuf_finish(&out);
    return json;
}

void sidecar_write_transform(struct strbuf *out, uint64_t id, struct str plugin,
        struct sidecar_folders in, struct str path, struct str paths, struct str config,
        struct str tsconfig, struct str text)
{
    struct arena a = { 0 };

    strbuf_addf(out, "{\"id\":%llu,\"op\":\"transform\",\"plugin\":", (unsigned long long)id);
    strbuf_add_json(out, plugin);
    strbuf_add(out, STR(",\"path\":"));
    add_absolute(out, in, path);
    strbuf_add(out, STR(",\"url\":"));
    strbuf_add_json(out, arena_printf(&a, "/%.*s", STR_FMT(path)));
    if (paths.len > 0) {
        strbuf_add(out, STR(",\"paths\":"));
        strbuf_add(out, paths);
    }
    if (config.len > 0) {
        strbuf_add(out, STR(",\"config\":"));
        strbuf_add(out, config);
    }
    if (tsconfig.len > 0) {
        strbuf_add(out, STR(",\"tsconfig\":"));
        strbuf_add(out, tsconfig);
    }
    strbuf_add(out, STR(",\"code\":"));
    strbuf_add_json(out, text);
    strbuf_add(out, STR("}\n"));
    arena_finish(&a);
}

void sidecar_write_cancel(struct strbuf *out, uint64_t id)
{
    strbuf_addf(out, "{\"op\":\"cancel\",\"id\":%llu}\n", (unsigned long long)id);
}

void sidecar_write_changed(struct strbuf *out, struct sidecar_folders in, struct str path)
{
    strbuf_add(out, STR("{\"op\":\"changed\",\"paths\":["));
    add_absolute(out, in, path);
    strbuf_add(out, STR("]}\n"));
}

static struct str text_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_string(value)
                   ? (struct str){ json_string_value(value), json_string_length(value) }
                   : STR("");
}

static unsigned number_of(const json_t *object, const char *name)
{
    json_int_t value = json_integer_value(json_object_get(object, name));

    return value > 0 && value < 1000 * 1000 * 1000 ? (unsigned)value : 0;
}

/* What is left of a path behind a folder; both have no slash at their ends. */
static bool cut_folder(struct str folder, struct str path, struct str *ret)
{
    if (!path_is_below(path, folder)) {
        return false;
    }
    *ret = str_skip(path, folder.len > 0 ? folder.len + 1 : 0);
    return true;
}

/* An absolute path as one from the root, in `a`; false if it lies neither there nor in the workspace. */
static bool relative_to(
        struct sidecar_folders in, struct str path, struct arena *a, struct str *ret)
{
    struct str clean;
    struct str inner;

    if (!str_starts(path, STR("/")) || !path_normalise(a, str_skip(path, 1), &clean)) {
        return false;
    }
    if (cut_folder(str_skip(in.root, 1), clean, &inner)) {
        *ret = arena_str(a, inner);
        return true;
    }
    if (in.workspace.len > 0 && cut_folder(str_skip(in.workspace, 1), clean, &inner)) {
        *ret = path_join(a, WORKSPACE_NAME, inner);
        return true;
    }
    return false;
}

static struct str place_of(
        const json_t *loc, struct sidecar_folders in, struct arena *a, struct diag *ret)
{
    struct str path = STR("");

    (void)relative_to(in, text_of(loc, "file"), a, &path);
    ret->line = number_of(loc, "line");
    ret->col = ret->line > 0 ? number_of(loc, "column") : 0;
    return path;
}

static void add_diag(const json_t *message, enum diag_severity severity, struct sidecar_folders in,
        struct arena *a, struct diag_list *diags)
{
    struct diag diag = { .severity = severity, .text = text_of(message, "message") };
    const json_t *notes = json_object_get(message, "notes");
    struct strbuf hint;

    if (diag.text.len == 0) {
        diag.text = STR("the plugin gave no reason");
    }
    diag.path = place_of(json_object_get(message, "loc"), in, a, &diag);
    strbuf_init(&hint, DIAG_TEXT_MAX);
    for (size_t i = 0; i < json_array_size(notes) && i < SIDECAR_NOTES_MAX; i++) {
        const json_t *note = json_array_get(notes, i);

        if (json_is_string(note)) {
            strbuf_add(&hint, hint.len > 0 ? STR("\n") : STR(""));
            strbuf_add(&hint, (struct str){ json_string_value(note), json_string_length(note) });
        }
    }
    diag.hint = strbuf_str(&hint);
    diag_list_add(diags, &diag);
    strbuf_finish(&hint);
}

/* The paths of `deps`, and of `dirs` with a slash behind each, that lie in the project. */
static void read_deps(const json_t *message, struct sidecar_folders in, struct arena *a,
        struct transform_output *ret)
{
    const json_t *deps = json_object_get(message, "deps");
    const json_t *dirs = json_object_get(message, "dirs");
    size_t files = json_array_size(deps);
    size_t total = files + json_array_size(dirs);
    size_t max = total < TRANSFORM_DEPS_MAX ? total : TRANSFORM_DEPS_MAX;
    struct str *list = arena_array(a, struct str, max + 1);

    for (size_t i = 0; i < total && ret->dep_count < max; i++) {
        const json_t *item = i < files ? json_array_get(deps, i) : json_array_get(dirs, i - files);
        struct str path;

        if (!json_is_string(item) ||
                !relative_to(in, (struct str){ json_string_value(item), json_string_length(item) },
                        a, &path)) {
            continue;
        }
        list[ret->dep_count++] = i < files ? path : arena_printf(a, "%.*s/", STR_FMT(path));
    }
    ret->deps = list;
}

static void read_answer(const json_t *message, struct sidecar_folders in, struct arena *a,
        struct sidecar_message *ret)
{
    const json_t *error = json_object_get(message, "error");
    const json_t *code = json_object_get(message, "code");
    const json_t *map = json_object_get(message, "map");
    const json_t *warnings = json_object_get(message, "warnings");
    struct transform_output *output = &ret->output;

    read_deps(message, in, a, output);
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        add_diag(json_array_get(warnings, i), DIAG_WARNING, in, a, &ret->diags);
    }
    if (error) {
        add_diag(error, DIAG_ERROR, in, a, &ret->diags);
        output->is_passing = json_is_string(json_object_get(error, "install"));
        return;
    }
    if (!json_is_string(code)) {
        diag_list_addf(&ret->diags, "the sidecar gave no code");
        return;
    }
    output->code = arena_str(a, (struct str){ json_string_value(code), json_string_length(code) });
    output->type = str_eq(text_of(message, "type"), STR("css")) ? TRANSFORM_CSS : TRANSFORM_JS;
    if (json_is_object(map)) {
        char *text = json_dumps(map, JSON_COMPACT);

        output->map = text ? arena_str(a, str_from(text)) : STR("");
        free(text);
    }
}

void sidecar_read(
        struct str line, struct sidecar_folders in, struct arena *a, struct sidecar_message *ret)
{
    size_t start = str_find(line, '{');
    json_t *message = NULL;

    *ret = (struct sidecar_message){ .kind = SIDECAR_RUBBISH };
    if (start != STR_NONE) {
        message = json_loadb(line.ptr + start, line.len - start, JSON_ALLOW_NUL, NULL);
    }
    const json_t *id = json_object_get(message, "id");

    if (json_is_object(json_object_get(message, "ready"))) {
        ret->kind = SIDECAR_READY;
    } else if (json_is_true(json_object_get(message, "stale"))) {
        ret->kind = SIDECAR_STALE;
        read_deps(message, in, a, &ret->output);
    } else if (json_is_integer(id) && json_integer_value(id) > 0) {
        ret->kind = SIDECAR_ANSWER;
        ret->id = (uint64_t)json_integer_value(id);
        read_answer(message, in, a, ret);
    }
    ret->output.diags = &ret->diags;
    json_decref(message);
}

unsigned sidecar_column(struct str text, unsigned line, unsigned units)
{
    struct str rest = text;
    struct str one = { 0 };
    unsigned col = units;
    bool more = true;

    for (unsigned i = 0; i < line; i++) {
        one = STR("");
        more = more && str_cut(rest, '\n', &one, &rest);
    }
    for (size_t i = 0, at = 1; i < one.len && at < units; i++) {
        unsigned here = str_utf16_units(one.ptr[i]);

        at += here;
        col -= here == 2;
    }
    return col;
}
