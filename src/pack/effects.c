/* SPDX-License-Identifier: MIT */
/* See effects.h. In doubt a file may have effects. */
#include "pack/effects.h"

#include <jansson.h>

#include "base/path.h"

/* The list's patterns as those of a glob() in that folder; NULL if one of them is none. */
static const struct glob *read_patterns(struct arena *a, const json_t *list, struct str folder)
{
    size_t count = json_array_size(list);
    struct str *patterns = arena_array(a, struct str, count);
    struct str error;

    for (size_t i = 0; i < count; i++) {
        struct str text = str_from(json_string_value(json_array_get(list, i)));

        if (text.len == 0 || text.ptr[0] == '!' || text.ptr[0] == '/' ||
                str_find(text, '(') != STR_NONE) {
            return NULL;
        }
        const char *folders = str_find(text, '/') == STR_NONE ? "**/" : "";

        text = str_starts(text, STR("./")) ? str_skip(text, 2) : text;
        patterns[i] = arena_printf(a, "./%s%.*s", folders, STR_FMT(text));
    }
    return glob_parse(a, patterns, count, path_join(a, folder, STR("package.json")), &error);
}

struct effects effects_read(struct arena *a, struct str manifest, struct str folder)
{
    json_t *root = json_loadb(manifest.ptr ? manifest.ptr : "", manifest.len, 0, NULL);
    const json_t *value = json_object_get(root, "sideEffects");
    struct effects effects = { .is_said = !json_is_object(root) || value,
        .all = !json_is_false(value),
        .folder = arena_str(a, folder) };

    if (json_is_array(value)) {
        effects.some = json_array_size(value) > 0 ? read_patterns(a, value, folder) : NULL;
        effects.all = json_array_size(value) > 0 && !effects.some;
    }
    effects.is_odd = effects.all && value && !json_is_true(value);
    json_decref(root);
    return effects;
}

/* Whether a name in the path below the folder begins with a dot. */
static bool is_dotted(struct str folder, struct str path)
{
    return str_find_str(str_skip(path, folder.len), STR("/.")) != STR_NONE;
}

bool effects_may_have(const struct effects *effects, struct str path)
{
    return effects->all ||
           (effects->some && (is_dotted(effects->folder, path) || glob_match(effects->some, path)));
}
