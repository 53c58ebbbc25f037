/* SPDX-License-Identifier: MIT */
/* See cargo_json.h. Whatever is missing or of another type is as if it were empty. */
#include "build/cargo_json.h"

#include <jansson.h>
#include <string.h>

#include "build/cc_diag.h"
#include "build/path_set.h"

static struct str text_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_string(value)
                   ? (struct str){ json_string_value(value), json_string_length(value) }
                   : STR("");
}

static unsigned number_of(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));

    return value > 0 && value < INT32_MAX ? (unsigned)value : 0;
}

static const json_t *primary_span(const json_t *message)
{
    const json_t *spans = json_object_get(message, "spans");

    for (size_t i = 0; i < json_array_size(spans); i++) {
        const json_t *span = json_array_get(spans, i);

        if (json_is_true(json_object_get(span, "is_primary"))) {
            return span;
        }
    }
    return NULL;
}

/* An error inside a macro of another crate has its place where the project used the macro. */
static const json_t *span_in_project(struct arena *a, const struct cargo_places *places,
        const json_t *span, struct str *ret_path)
{
    enum { EXPANSIONS_MAX = 64 };

    for (int depth = 0; json_is_object(span) && depth < EXPANSIONS_MAX; depth++) {
        if (path_relative(
                    a, places->root, places->workspace, text_of(span, "file_name"), ret_path)) {
            return span;
        }
        span = json_object_get(json_object_get(span, "expansion"), "span");
    }
    return NULL;
}

static struct str first_help(const json_t *message)
{
    const json_t *children = json_object_get(message, "children");

    for (size_t i = 0; i < json_array_size(children); i++) {
        const json_t *child = json_array_get(children, i);

        if (str_eq(text_of(child, "level"), STR("help"))) {
            return text_of(child, "message");
        }
    }
    return STR("");
}

/* What rustc would print, without its heading, which says severity, code and text again. */
static struct str without_heading(struct str rendered, struct str text)
{
    struct str frame = str_trim(rendered);

    while (frame.len > 0) {
        struct str expected;
        struct str line;
        struct str rest;

        (void)str_cut(frame, '\n', &line, &rest);
        (void)str_cut(text, '\n', &expected, &text);
        if (expected.len == 0 || !str_ends(line, expected)) {
            break;
        }
        frame = rest;
    }
    return frame;
}

static bool is_summary(struct str text, bool has_place)
{
    return !has_place &&
           (str_starts(text, STR("aborting due to")) || str_ends(text, STR("warning emitted")) ||
                   str_ends(text, STR("warnings emitted")));
}

static void read_diagnostic(
        const json_t *message, const struct cargo_places *places, struct diag_list *diags)
{
    struct arena arena = { 0 };
    struct str level = text_of(message, "level");
    const json_t *primary = primary_span(message);
    const json_t *span;
    struct diag d = {
        .code = text_of(json_object_get(message, "code"), "code"),
        .text = text_of(message, "message"),
        .hint = first_help(message),
        .frame = without_heading(text_of(message, "rendered"), text_of(message, "message")),
    };

    if (str_starts(level, STR("error"))) {
        d.severity = DIAG_ERROR;
    } else if (str_eq(level, STR("warning"))) {
        d.severity = DIAG_WARNING;
    } else if (str_eq(level, STR("note")) || str_eq(level, STR("help"))) {
        d.severity = DIAG_NOTE;
    } else {
        return; /* "failure-note": where to read more */
    }
    if (is_summary(d.text, primary != NULL)) {
        return;
    }
    span = span_in_project(&arena, places, primary, &d.path);
    if (span) {
        d.line = number_of(span, "line_start");
        d.col = number_of(span, "column_start");
        d.end_line = number_of(span, "line_end");
        d.end_col = number_of(span, "column_end");
    }
    diag_list_add_once(diags, &d);
    arena_finish(&arena);
}

bool cargo_json_message(struct str line, const struct cargo_places *places, struct diag_list *diags,
        void (*on_wasm)(void *ctx, struct str path), void *ctx)
{
    json_t *root;
    struct str reason;

    if (!str_starts(line, STR("{"))) {
        return false; /* a build script may print what it likes */
    }
    root = json_loadb(line.ptr, line.len, 0, NULL);
    if (!root) {
        return false;
    }
    reason = text_of(root, "reason");
    if (str_eq(reason, STR("compiler-message"))) {
        read_diagnostic(json_object_get(root, "message"), places, diags);
    } else if (str_eq(reason, STR("compiler-artifact"))) {
        const json_t *names = json_object_get(root, "filenames");

        for (size_t i = 0; i < json_array_size(names); i++) {
            const json_t *name = json_array_get(names, i);
            struct str path = { json_string_value(name), json_string_length(name) };

            if (str_starts(path, STR("/")) && str_ends(path, STR(".wasm"))) {
                on_wasm(ctx, path);
            }
        }
    }
    json_decref(root);
    return reason.len > 0;
}

static bool has_text(const json_t *array, const char *text)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *item = json_string_value(json_array_get(array, i));

        if (item && strcmp(item, text) == 0) {
            return true;
        }
    }
    return false;
}

/* rustc writes a library's '-' as '_'; a program keeps its name. */
static struct str lib_file_name(struct arena *a, struct str name)
{
    char *copy = arena_cstr(a, name);

    for (size_t i = 0; i < name.len; i++) {
        copy[i] = (char)(copy[i] == '-' ? '_' : copy[i]);
    }
    return (struct str){ copy, name.len };
}

static void read_package(struct arena *a, const json_t *package, struct cargo_package *ret)
{
    const json_t *targets = json_object_get(package, "targets");

    ret->name = arena_str(a, text_of(package, "name"));
    ret->manifest = arena_str(a, text_of(package, "manifest_path"));
    for (size_t i = 0; i < json_array_size(targets); i++) {
        const json_t *target = json_array_get(targets, i);
        const json_t *kind = json_object_get(target, "kind");

        if (has_text(kind, "cdylib")) {
            ret->lib = lib_file_name(a, text_of(target, "name"));
        } else if (has_text(kind, "bin")) {
            ret->bin = arena_str(a, text_of(target, "name"));
            ret->bins++;
        }
    }
}

bool cargo_json_metadata(struct arena *a, struct str text, struct cargo_metadata *ret)
{
    json_t *root = json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL);
    const json_t *packages = json_object_get(root, "packages");

    *ret = (struct cargo_metadata){ 0 };
    if (!root) {
        return false;
    }
    ret->workspace = arena_str(a, text_of(root, "workspace_root"));
    ret->target_directory = arena_str(a, text_of(root, "target_directory"));
    ret->packages = arena_array(a, struct cargo_package, json_array_size(packages) + 1);
    for (size_t i = 0; i < json_array_size(packages); i++) {
        read_package(a, json_array_get(packages, i), &ret->packages[ret->package_count++]);
    }
    json_decref(root);
    return str_starts(ret->workspace, STR("/")) && str_starts(ret->target_directory, STR("/"));
}
