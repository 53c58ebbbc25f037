/* SPDX-License-Identifier: MIT */
#include "pack/entries.h"

#include <stdint.h>

#include <jansson.h>

#include "base/path.h"
#include "resolve/package.h"

struct search {
    struct resolver *resolver;
    struct arena arena;
    struct str folder, path;
};

/* Whether the text of an entry is of no other ES module. */
static bool is_no_other(struct search *s, struct str text)
{
    struct str path;

    if (!path_normalise(&s->arena, text, &path)) {
        return true; /* it leads out of the package: Node refuses it */
    }
    struct str ext = path_ext(path);
    bool is_module = str_eq(ext, STR(".js")) || str_eq(ext, STR(".mjs"));

    if (str_find(path, '*') != STR_NONE) {
        return ext.len > 0 && !is_module && str_find(ext, '*') == STR_NONE;
    }
    path = path_join(&s->arena, s->folder, path);
    return str_eq(path, s->path) || !is_module || resolver_is_commonjs(s->resolver, path);
}

static bool lead_to_no_other(struct search *s, const json_t *exports, unsigned depth)
{
    const char *key;
    json_t *value;
    size_t i;
    bool good = depth < PACKAGE_NESTING_MAX;

    if (json_is_string(exports)) {
        return is_no_other(
                s, (struct str){ json_string_value(exports), json_string_length(exports) });
    }
    json_object_foreach((json_t *)(uintptr_t)exports, key, value)
    {
        good = good && lead_to_no_other(s, value, depth + 1);
    }
    json_array_foreach(exports, i, value)
    {
        good = good && lead_to_no_other(s, value, depth + 1);
    }
    return good;
}

bool entries_are_one(
        const struct fs *fs, struct resolver *resolver, struct str folder, struct str path)
{
    struct search s = { .resolver = resolver, .folder = folder, .path = path };
    struct str text = { 0 };
    bool found = fs->read(fs->ctx, path_join(&s.arena, folder, STR("package.json")), &s.arena,
            &text, RESOLVE_PACKAGE_MAX);
    json_t *root = json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL);
    const json_t *exports = json_object_get(root, "exports");
    bool one = found && exports && lead_to_no_other(&s, exports, 0);

    json_decref(root);
    arena_finish(&s.arena);
    return one;
}
