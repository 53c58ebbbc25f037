/* SPDX-License-Identifier: MIT */
/* See members.h. */
#include "pack/members.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/table.h"
#include "base/vec.h"
#include "pack/part.h"
#include "resolve/resolve.h"

struct name {
    struct str text;
    UT_hash_handle hh;
};

struct members {
    const struct fs *fs;
    struct arena arena;
    struct {
        const struct member **items;
        size_t count, cap;
    } list; /* the entry's package first */
    struct name *apart;
    struct name *before; /* folders */
    bool is_circle;
};

static bool has_name(const struct name *table, struct str text)
{
    const struct name *n;

    HASH_FIND(hh, table, text.ptr, text.len, n);
    return n != NULL;
}

static void add_name(struct members *m, struct name **table, struct str text)
{
    if (!has_name(*table, text)) {
        struct name *n = arena_new(&m->arena, struct name);

        n->text = arena_str(&m->arena, text);
        HASH_ADD_KEYPTR(hh, *table, n->text.ptr, n->text.len, n);
    }
}

static bool read_manifest(
        const struct fs *fs, struct arena *a, struct str folder, struct str *ret_text)
{
    return fs->read(
            fs->ctx, path_join(a, folder, STR("package.json")), a, ret_text, RESOLVE_PACKAGE_MAX);
}

/* The names that a package.json needs, one field after the other. */
struct needs {
    json_t *root;
    size_t field;
    json_t *object;
    void *at;
};

static struct needs needs_of(const struct fs *fs, struct arena *a, struct str folder)
{
    struct str text = { 0 };

    (void)read_manifest(fs, a, folder, &text);
    return (struct needs){ .root = json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL) };
}

/* The next name; empty behind the last. `and_tools`: devDependencies count. */
static struct str needs_next(struct needs *n, bool and_tools)
{
    static const char *const fields[] = { "dependencies", "peerDependencies",
        "optionalDependencies", "devDependencies" };
    size_t count = sizeof(fields) / sizeof(fields[0]) - (and_tools ? 0 : 1);

    n->at = n->at ? json_object_iter_next(n->object, n->at) : NULL;
    while (!n->at && n->field < count) {
        n->object = json_object_get(n->root, fields[n->field++]);
        n->at = json_object_iter(n->object);
    }
    return n->at ? (struct str){ json_object_iter_key(n->at), json_object_iter_key_len(n->at) }
                 : STR("");
}

bool members_needs(const struct members *m, struct str folder, struct str name)
{
    struct arena a = { 0 };
    struct needs needs = needs_of(m->fs, &a, folder);
    struct str need;

    do {
        need = needs_next(&needs, false);
    } while (need.len > 0 && !str_eq(need, name));
    json_decref(needs.root);
    arena_finish(&a);
    return need.len > 0;
}

static const struct member *add_member(struct members *m, struct str folder, struct str name)
{
    struct member *member = arena_new(&m->arena, struct member);
    struct str text;

    if (!read_manifest(m->fs, &m->arena, folder, &text)) {
        return NULL;
    }
    member->folder = arena_str(&m->arena, folder);
    member->name = arena_str(&m->arena, name);
    member->effects = effects_read(&m->arena, text, member->folder);
    member->maps_browser = str_find_str(text, STR("\"browser\"")) != STR_NONE;
    vec_push(&m->list, member);
    return member;
}

void members_allow(struct members *m, struct str folder)
{
    struct str name = pack_name_of(folder);
    struct name *n;

    HASH_FIND(hh, m->apart, name.ptr, name.len, n);
    if (n) {
        HASH_DEL(m->apart, n);
    }
}

struct members *members_create(const struct fs *fs, struct str folder)
{
    struct members *m = mem_new(struct members);
    struct needs project = needs_of(fs, &m->arena, STR(""));
    struct str need;

    m->fs = fs;
    while ((need = needs_next(&project, true)).len > 0) {
        add_name(m, &m->apart, need);
    }
    json_decref(project.root);
    if (!add_member(m, folder, pack_name_of(folder))) {
        members_destroy(m);
        return NULL;
    }
    return m;
}

void members_destroy(struct members *m)
{
    if (m) {
        HASH_CLEAR(hh, m->apart);
        HASH_CLEAR(hh, m->before);
        vec_finish(&m->list);
        arena_finish(&m->arena);
        free(m);
    }
}

void members_begin(struct members *m)
{
    m->list.count = 1;
    m->is_circle = false;
    HASH_CLEAR(hh, m->before);
}

bool members_is_circle(const struct members *m)
{
    return m->is_circle;
}

const struct member *members_at(const struct members *m, size_t i)
{
    return i < m->list.count ? m->list.items[i] : NULL;
}

const struct member *members_find(const struct members *m, struct str folder)
{
    const struct member *member;
    size_t i = 0;

    do {
        member = members_at(m, i++);
    } while (member && !str_eq(member->folder, folder));
    return member;
}

/* Whether it is the name of a member that can be kept apart. */
static bool is_taken_in(const struct members *m, struct str name)
{
    const struct member *member;
    size_t i = 1; /* the entry's package is what the pack is of */

    do {
        member = members_at(m, i++);
    } while (member && !str_eq(member->name, name));
    return member != NULL;
}

const struct member *members_take(struct members *m, struct str folder, struct str name)
{
    const struct member *member = members_find(m, folder);

    if (member || has_name(m->apart, name)) {
        return member && str_eq(member->name, name) ? member : NULL;
    }
    member = add_member(m, folder, name);
    if (member && member->effects.all && member->effects.is_said) {
        m->list.count--;
        member = NULL;
    }
    return member;
}

bool members_keep_apart(struct members *m, struct str name)
{
    add_name(m, &m->apart, name);
    return !is_taken_in(m, name);
}

void members_add_before(struct members *m, struct str folder)
{
    add_name(m, &m->before, folder);
}

struct str members_before_at(const struct members *m, size_t i)
{
    const struct name *n = m->before;

    while (n && i-- > 0) {
        n = n->hh.next;
    }
    return n ? n->text : STR("");
}

static struct str folder_of(const struct fs *fs, struct arena *a, struct str from, struct str need)
{
    struct str folder =
            path_join(a, from, STR("package.json")); /* its own node_modules comes first */
    struct str real = STR("");
    bool found = false;

    while (!found && folder.len > 0) {
        folder = path_parent(folder);
        if (!str_eq(path_name(folder), STR("node_modules"))) {
            struct str modules = path_join(a, folder, STR("node_modules"));

            found = fs->real(fs->ctx, path_join(a, modules, need), a, &real);
        }
    }
    return found ? real : STR("");
}

struct str members_folder_of(struct members *m, struct str from, struct str need)
{
    return folder_of(m->fs, &m->arena, from, need);
}

bool members_agree(struct members *m, members_pack_fn *pack_of, void *ctx)
{
    const struct str first = members_at(m, 0)->folder;
    bool is_one = m->list.count == 1; /* nobody to keep apart */
    bool good = true;
    struct arena a = { 0 };

    for (const struct name *each = m->before; each; each = each->hh.next) { /* grows behind it */
        struct needs needs = needs_of(m->fs, &a, each->text);
        struct str found;

        for (size_t i = 0; !is_one && (found = pack_of(ctx, each->text, i)).len > 0; i++) {
            add_name(m, &m->before, found);
        }
        for (struct str need; (need = needs_next(&needs, false)).len > 0;) {
            if (is_taken_in(m, need)) {
                good = members_keep_apart(m, need);
            } else if ((found = folder_of(m->fs, &a, each->text, need)).len > 0) {
                m->is_circle = m->is_circle || str_eq(found, first);
                add_name(m, &m->before, found);
            }
        }
        json_decref(needs.root);
        arena_reset(&a);
    }
    arena_finish(&a);
    return good && !m->is_circle;
}
