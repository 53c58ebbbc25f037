/* SPDX-License-Identifier: MIT */
/*
 * package.json and a project around it. The first line is a specifier, the rest the package.json of
 * the package "p" and of the project itself. A path that a map gives stays within its package; a
 * file of an answer is there, normal, and its URL leads to the same file; what was tried is not
 * there; asking twice gives the same.
 */
#include <stdlib.h>

#include "base/path.h"
#include "resolve/package.h"
#include "resolve/resolve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static bool is_normal(struct arena *a, struct str path)
{
    struct str normal;

    return path_normalise(a, path, &normal) && str_eq(normal, path);
}

static void check_maps(struct arena *a, struct str text, struct str name)
{
    static const struct str conditions[] = { STR_INIT("import"), STR_INIT("browser") };
    json_t *json = json_loadb(text.len > 0 ? text.ptr : "", text.len, 0, NULL);
    struct package_target t;

    if (!json) {
        return;
    }
    package_exports(json_object_get(json, "exports"), arena_printf(a, "./%.*s", STR_FMT(name)),
            conditions, 2, a, &t);
    check(t.answer != PACKAGE_BARE);
    check(t.answer != PACKAGE_PATH || (t.text.len > 0 && is_normal(a, t.text)));
    package_imports(json_object_get(json, "imports"), arena_printf(a, "#%.*s", STR_FMT(name)),
            conditions, 2, a, &t);
    check(t.answer != PACKAGE_PATH || (t.text.len > 0 && is_normal(a, t.text)));
    json_decref(json);
}

static void check_answer(
        struct resolver *r, const struct resolve_request *q, const struct fs *fs, struct arena *a)
{
    struct resolved first;
    struct resolved second;

    resolve(r, q, a, &first);
    resolve(r, q, a, &second);
    check(first.kind == second.kind && str_eq(first.path, second.path) &&
            str_eq(first.url, second.url) && str_eq(first.message, second.message));
    for (size_t i = 0; i < first.tried_count; i++) {
        check(fs_kind_of(fs, first.tried[i]) != FS_FILE && is_normal(a, first.tried[i]));
    }
    if (first.kind == RESOLVED_MISSING) {
        check(first.message.len > 0);
    }
    if (first.kind != RESOLVED_FILE) {
        return;
    }
    struct resolve_request by_url = { .kind = RESOLVE_HTML, .specifier = first.url };

    check(fs_kind_of(fs, first.path) == FS_FILE && is_normal(a, first.path));
    resolve(r, &by_url, a, &second);
    check(second.kind == RESOLVED_FILE && str_eq(first.path, second.path) && second.same_url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const files[] = { "src/a.js", "src/index.ts", "a#b.js",
        "node_modules/p/a.js", "node_modules/p/b.mjs", "node_modules/p/lib/index.js",
        "node_modules/@s/q/index.js", "public/c d.js" };
    static const char *const importers[] = { "src/a.js", "node_modules/p/a.js" };
    static const struct str dirs[] = { STR_INIT("public") };
    struct str text = { (const char *)data, size };
    struct str specifier;
    struct arena a = { 0 };
    struct fs_mem *mem = fs_mem_create();
    struct fs fs = fs_mem_face(mem);

    str_cut(text, '\n', &specifier, &text);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        fs_mem_add(mem, str_from(files[i]), STR("x"));
    }
    fs_mem_add_link(mem, STR("src/loop"), STR("src"));
    fs_mem_add(mem, STR("node_modules/p/package.json"), text);
    fs_mem_add(mem, STR("package.json"), text);
    struct resolver *r = resolver_create(
            &(struct resolver_options){ .fs = fs, .static_dirs = dirs, .static_dir_count = 1 });

    for (size_t i = 0; i < 2; i++) {
        for (int kind = RESOLVE_IMPORT; kind <= RESOLVE_HTML; kind++) {
            struct resolve_request q = { .kind = (enum resolve_kind)kind,
                .specifier = specifier,
                .importer = str_from(importers[i]) };

            check_answer(r, &q, &fs, &a);
        }
    }
    check_maps(&a, text, specifier);
    resolver_destroy(r);
    fs_mem_destroy(mem);
    arena_finish(&a);
    return 0;
}
