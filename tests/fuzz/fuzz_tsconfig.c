/* SPDX-License-Identifier: MIT */
/*
 * tsconfig.json, which may extend itself or base.json, the second part of the input behind a zero byte.
 * Asking twice gives the same; JSON stays what it is; names lead to paths from the root.
 */
#include <stdint.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/path.h"
#include "resolve/jsonc.h"
#include "resolve/tsconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str in = { (const char *)data, size };
    struct str base;
    struct arena a = { 0 };
    struct fs_mem *mem = fs_mem_create();
    struct fs fs = fs_mem_face(mem);
    struct tsconfigs *t = tsconfigs_create(&fs);
    json_error_t error;
    size_t count;
    struct str json = jsonc_to_json(&a, in);

    json_t *valid = json_loadb(json.ptr, json.len, 0, &error);

    check(json.len == in.len && (!valid || str_eq(jsonc_to_json(&a, json), json)));
    json_decref(valid);
    (void)str_cut(in, '\0', &in, &base);
    fs_mem_add(mem, STR("tsconfig.json"), in);
    fs_mem_add(mem, STR("base.json"), base);
    struct str once = arena_str(&a, tsconfigs_get(t, STR("src/a.ts"))->options);
    const struct tsconfig *config = tsconfigs_get(t, STR("src/a.ts"));

    check(str_eq(once, config->options));
    for (size_t i = 0; i < config->alias_count; i++) {
        struct str *paths = tsconfig_candidates(config, config->aliases[i].name, &a, &count);

        for (size_t k = 0; k < count; k++) {
            struct str same;

            check(path_normalise(&a, paths[k], &same) && str_eq(same, paths[k]));
        }
    }
    tsconfigs_destroy(t);
    fs_mem_destroy(mem);
    arena_finish(&a);
    return 0;
}
