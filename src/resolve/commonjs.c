/* SPDX-License-Identifier: MIT */
/*
 * Which files are CommonJS. For most the ending or the package's type tells; for the others the
 * text is looked into, and the answer is remembered with the file's stamp.
 */
#include "resolve/resolve_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/table.h"
#include "resolve/module_syntax.h"

struct known {
    UT_hash_handle hh;
    uint64_t version;
    bool is_module;
    size_t len;
    char path[];
};

static void drop(struct resolver *r, struct known *k)
{
    HASH_DEL(r->known, k);
    free(k);
}

void commonjs_forget(struct resolver *r, struct str folder)
{
    struct known *k;
    struct known *next;

    HASH_ITER(hh, r->known, k, next)
    {
        if (path_is_below((struct str){ k->path, k->len }, folder)) {
            drop(r, k);
        }
    }
}

static bool look(struct resolver *r, struct str path)
{
    struct arena a = { 0 };
    struct str text;
    bool is_module = r->fs.read(r->fs.ctx, path, &a, &text, RESOLVE_MODULE_MAX) &&
                     module_syntax_is_module(text);

    arena_finish(&a);
    return is_module;
}

/* Whether the text of the file is that of a module. */
static bool says_module(struct resolver *r, struct str path)
{
    struct fs_stat st = { 0 };
    struct known *k;

    r->fs.stat(r->fs.ctx, path, &st);
    HASH_FIND(hh, r->known, path.len > 0 ? path.ptr : "", path.len, k);
    if (k && st.version != 0 && k->version == st.version) {
        return k->is_module;
    }
    if (!k) {
        if (HASH_COUNT(r->known) >= RESOLVE_MODULES_KEPT) {
            drop(r, r->known);
        }
        k = mem_alloc(1, sizeof(*k) + path.len + 1);
        k->len = path.len;
        if (path.len > 0) {
            memcpy(k->path, path.ptr, path.len);
        }
        HASH_ADD_KEYPTR(hh, r->known, k->path, k->len, k);
    }
    k->version = st.version;
    k->is_module = look(r, path);
    return k->is_module;
}

bool resolve_is_below_modules(struct str path)
{
    struct str part;

    while (path.len > 0) {
        str_cut(path, '/', &part, &path);
        if (str_eq(part, STR("node_modules"))) {
            return true;
        }
    }
    return false;
}

/* Whether the nearest package.json says "type": "module". */
static bool is_typed(struct resolver *r, struct str path)
{
    struct str folder = path;

    do {
        folder = path_parent(folder);
        if (str_eq(path_name(folder), STR("node_modules"))) {
            return false;
        }
        const struct manifest *m = manifests_get(r->manifests, folder);

        if (m->found) {
            return m->is_module;
        }
    } while (folder.len > 0);
    return false;
}

bool commonjs_is(struct resolver *r, struct str path, bool in_package)
{
    struct str ext = path_ext(path);

    if (str_eq(ext, STR(".cjs")) || str_eq(ext, STR(".cts"))) {
        return true;
    }
    if (!in_package || !(str_eq(ext, STR(".js")) || str_eq(ext, STR(".jsx")) || ext.len == 0)) {
        return false;
    }
    return !is_typed(r, path) && !says_module(r, path);
}

bool resolver_is_node_module(struct resolver *r, struct str path)
{
    struct str ext = path_ext(path);

    manifests_turn(r->manifests);
    return resolve_is_below_modules(path) &&
           (str_eq(ext, STR(".mjs")) || str_eq(ext, STR(".mts")) || is_typed(r, path));
}

bool resolver_is_commonjs(struct resolver *r, struct str path)
{
    manifests_turn(r->manifests);
    return commonjs_is(r, path, resolve_is_below_modules(path));
}
