/* SPDX-License-Identifier: MIT */
/*
 * What can be known about a Cargo.toml without cargo's help: the name it will
 * give the artefact, and the place that cargo's free text means when it cannot
 * read one (it prints no JSON then).
 */
#include <string.h>

#include "build/cargo.h"

/* The string value of a line `key = "value"`. */
static bool read_value(struct str line, struct str key, struct str *ret)
{
    struct str name;
    struct str value;
    size_t end;

    if (!str_cut(line, '=', &name, &value) || !str_eq(str_trim(name), key)) {
        return false;
    }
    value = str_trim(value);
    if (value.len < 2 || (value.ptr[0] != '"' && value.ptr[0] != '\'')) {
        return false;
    }
    end = str_find(str_skip(value, 1), value.ptr[0]);
    if (end == STR_NONE) {
        return false;
    }
    *ret = str_sub(value, 1, 1 + end);
    return true;
}

struct str cargo_guess_name(struct arena *a, struct str manifest)
{
    struct str section = STR("");
    struct str package = STR("");
    struct str lib = STR("");
    bool has_lib = false;
    struct str line;
    struct str name;

    while (manifest.len > 0) {
        (void)str_cut(manifest, '\n', &line, &manifest);
        line = str_trim(line);
        if (str_starts(line, STR("["))) {
            section = line;
            has_lib = has_lib || str_starts(line, STR("[lib]"));
        } else if (str_starts(section, STR("[package]"))) {
            (void)read_value(line, STR("name"), &package);
        } else if (str_starts(section, STR("[lib]"))) {
            (void)read_value(line, STR("name"), &lib);
        }
    }
    name = lib.len > 0 ? lib : package;
    if (has_lib && name.len > 0) {
        char *copy = arena_cstr(a, name);

        for (char *dash = copy; (dash = strchr(dash, '-'));) {
            *dash = '_';
        }
        return (struct str){ copy, name.len };
    }
    return arena_str(a, name);
}

static bool read_number_behind(struct str text, struct str word, unsigned *ret)
{
    size_t at = str_find_str(text, word);
    uint64_t value = 0;
    size_t len = 0;

    if (at == STR_NONE) {
        return false;
    }
    text = str_skip(text, at + word.len);
    while (len < text.len && text.ptr[len] >= '0' && text.ptr[len] <= '9') {
        len++;
    }
    if (!str_parse_u64(str_sub(text, 0, len), &value) || value > INT32_MAX) {
        return false;
    }
    *ret = (unsigned)value;
    return true;
}

void cargo_manifest_error(
        struct arena *a, struct str root, struct str output, int status, struct diag *ret)
{
    size_t at = str_find_str(output, STR("error: "));
    struct str rest;
    struct str path;

    *ret = (struct diag){ .severity = DIAG_ERROR };
    if (at == STR_NONE) {
        ret->text = arena_printf(a, "cargo %.*s", STR_FMT(tool_describe_status(a, status)));
        ret->frame = str_trim(output);
        return;
    }
    ret->frame = str_trim(str_skip(output, at));
    (void)str_cut(str_skip(ret->frame, STR("error: ").len), '\n', &ret->text, &rest);
    /* cargo names the manifest between backquotes, in one of several sentences. */
    rest = ret->text;
    while (str_cut(rest, '`', &path, &rest)) {
        (void)str_cut(rest, '`', &path, &rest);
        if (str_ends(path, STR("Cargo.toml")) && path_relative(a, root, root, path, &ret->path)) {
            if (read_number_behind(ret->frame, STR("error at line "), &ret->line)) {
                (void)read_number_behind(ret->frame, STR(", column "), &ret->col);
            } else if (read_number_behind(ret->frame, STR("Cargo.toml:"), &ret->line)) {
                struct str place = arena_printf(a, "Cargo.toml:%u:", ret->line);

                (void)read_number_behind(ret->frame, place, &ret->col);
            }
            return;
        }
    }
}
