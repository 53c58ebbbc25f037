/* SPDX-License-Identifier: MIT */
/*
 * Parsed package.json files in a table by folder, oldest first. Of each only what resolution reads
 * is kept, so that a package.json with a long readme costs no more than its maps.
 *
 * Invariant: an entry whose turn is the present one is neither changed nor freed.
 */
#include "resolve/manifests.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/table.h"
#include "resolve/resolve.h"

struct entry {
    UT_hash_handle hh;
    struct manifest manifest;
    struct arena arena; /* its texts */
    uint64_t version;
    uint64_t turn;
    size_t bytes;
    size_t len;
    char folder[];
};

struct manifests {
    struct fs fs;
    size_t max;
    size_t max_bytes;
    size_t bytes; /* of all entries */
    uint64_t turn;
    struct entry *entries;
};

struct manifests *manifests_create(const struct fs *fs, size_t max, size_t max_bytes)
{
    struct manifests *m = mem_new(struct manifests);

    m->fs = *fs;
    m->max = max;
    m->max_bytes = max_bytes;
    return m;
}

static void empty(struct manifests *m, struct entry *e)
{
    json_decref(e->manifest.browser_map);
    json_decref(e->manifest.exports);
    json_decref(e->manifest.imports);
    e->manifest = (struct manifest){ .folder = { e->folder, e->len } };
    arena_finish(&e->arena);
    m->bytes -= e->bytes;
    e->bytes = 0;
    e->version = 0;
}

static void drop(struct manifests *m, struct entry *e)
{
    empty(m, e);
    HASH_DEL(m->entries, e);
    free(e);
}

void manifests_destroy(struct manifests *m)
{
    if (m) {
        manifests_forget(m, STR(""));
        free(m);
    }
}

void manifests_turn(struct manifests *m)
{
    m->turn++;
    while (m->entries && (HASH_COUNT(m->entries) > m->max || m->bytes > m->max_bytes)) {
        drop(m, m->entries);
    }
}

void manifests_forget(struct manifests *m, struct str folder)
{
    struct entry *e;
    struct entry *next;

    HASH_ITER(hh, m->entries, e, next)
    {
        if (path_is_below((struct str){ e->folder, e->len }, folder)) {
            drop(m, e);
        }
    }
}

static struct str get_text(struct entry *e, const json_t *root, const char *key)
{
    const json_t *value = json_object_get(root, key);

    if (!json_is_string(value)) {
        return STR("");
    }
    return arena_str(
            &e->arena, (struct str){ json_string_value(value), json_string_length(value) });
}

static void take(struct entry *e, json_t *root)
{
    struct manifest *m = &e->manifest;
    json_t *exports = json_object_get(root, "exports");
    json_t *browser = json_object_get(root, "browser");

    m->name = get_text(e, root, "name");
    m->is_module = str_eq(get_text(e, root, "type"), STR("module"));
    m->main = get_text(e, root, "main");
    m->module = get_text(e, root, "module");
    if (m->module.len == 0) {
        m->module = get_text(e, root, "jsnext:main");
    }
    m->style = get_text(e, root, "style");
    m->browser = get_text(e, root, "browser");
    m->browser_map = json_is_object(browser) ? json_incref(browser) : NULL;
    m->exports = exports && !json_is_null(exports) ? json_incref(exports) : NULL;
    m->imports = json_incref(json_object_get(root, "imports"));
}

static void parse(struct entry *e, struct str text)
{
    json_error_t error;

    if (str_starts(text, STR("\xef\xbb\xbf"))) {
        text = str_skip(text, 3);
    }
    json_t *root = json_loadb(text.ptr, text.len, JSON_DECODE_ANY, &error);

    if (!root) {
        e->manifest.error = arena_printf(&e->arena, "line %d: %s", error.line, error.text);
    } else if (!json_is_object(root)) {
        e->manifest.error = STR("it is no object");
    } else {
        take(e, root);
    }
    json_decref(root);
}

static void load(struct manifests *m, struct entry *e)
{
    struct arena a = { 0 };
    struct fs_stat st = { 0 };
    struct str path = path_join(&a, e->manifest.folder, STR("package.json"));
    bool found = m->fs.stat(m->fs.ctx, path, &st) && st.kind == FS_FILE;
    struct str text = STR("");

    if (found != e->manifest.found || (found && (st.version == 0 || st.version != e->version))) {
        empty(m, e);
        e->manifest.found = found;
        e->version = st.version;
        if (found && !m->fs.read(m->fs.ctx, path, &a, &text, RESOLVE_PACKAGE_MAX)) {
            e->manifest.error = STR("it cannot be read, or is too long");
        } else if (found) {
            parse(e, text);
            e->bytes = text.len;
            m->bytes += text.len;
        }
    }
    arena_finish(&a);
}

const struct manifest *manifests_get(struct manifests *m, struct str folder)
{
    struct entry *e;

    HASH_FIND(hh, m->entries, folder.len > 0 ? folder.ptr : "", folder.len, e);
    if (!e) {
        e = mem_alloc(1, sizeof(*e) + folder.len + 1);
        e->len = folder.len;
        if (folder.len > 0) {
            memcpy(e->folder, folder.ptr, folder.len);
        }
        e->manifest.folder = (struct str){ e->folder, e->len };
        HASH_ADD_KEYPTR(hh, m->entries, e->folder, e->len, e);
    } else if (e->turn == m->turn) {
        return &e->manifest;
    }
    load(m, e);
    e->turn = m->turn;
    return &e->manifest;
}
