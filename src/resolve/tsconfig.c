/* SPDX-License-Identifier: MIT */
/*
 * Configurations by the folder of the file that they were asked for.
 *
 * Invariant: an entry whose seen files all have the stamps that they had says what a fresh reading
 * would say. A stamp of 0 (too fresh to be sure) is never what it was.
 */
#include "resolve/tsconfig.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/table.h"
#include "base/vec.h"
#include "resolve/jsonc.h"
#include "resolve/resolve.h"
#include "resolve/tsconfig_files.h"

/* Options that change what one file becomes; the rest is for the type checker. */
static const char *const compiled[] = { "alwaysStrict", "experimentalDecorators",
    "importsNotUsedAsValues", "jsx", "jsxFactory", "jsxFragmentFactory", "jsxImportSource",
    "preserveValueImports", "strict", "target", "useDefineForClassFields", "verbatimModuleSyntax" };

/* A file that was looked for. */
struct seen {
    struct str path;
    bool found;
    uint64_t version;
};

struct entry {
    UT_hash_handle hh;
    struct arena arena; /* all texts below */
    struct tsconfig config;
    struct {
        struct seen *items;
        size_t count, cap;
    } seen;
    bool by_file; /* of a folder: what holds depends on the file, which has an entry of its own */
    size_t len;
    char key[]; /* the folder; or the file, see `by_file` */
};

struct tsconfigs {
    struct fs fs;
    struct entry *entries; /* oldest first */
};

/* One configuration on its way. */
struct making {
    struct tsconfigs *t;
    struct entry *e;
    json_t *options; /* of `compiled` */
    size_t files;
    struct str folder; /* of the file that everything starts from: ${configDir} */
};

struct tsconfigs *tsconfigs_create(const struct fs *fs)
{
    struct tsconfigs *t = mem_new(struct tsconfigs);

    t->fs = *fs;
    return t;
}

static void drop(struct tsconfigs *t, struct entry *e)
{
    HASH_DEL(t->entries, e);
    vec_finish(&e->seen);
    arena_finish(&e->arena);
    free(e);
}

void tsconfigs_destroy(struct tsconfigs *t)
{
    while (t && t->entries) {
        drop(t, t->entries);
    }
    free(t);
}

static bool look(const struct tsconfigs *t, struct str path, uint64_t *ret_version)
{
    struct fs_stat st = { 0 };
    bool found = t->fs.stat(t->fs.ctx, path, &st) && st.kind == FS_FILE;

    *ret_version = found ? st.version : 0;
    return found;
}

/* Whether there is a file; that it was asked for is remembered. */
static bool exists(struct making *m, struct str path)
{
    struct seen seen = { .path = arena_str(&m->e->arena, path) };

    seen.found = look(m->t, path, &seen.version);
    vec_push(&m->e->seen, seen);
    return seen.found;
}

static void set_error(struct making *m, struct str path, struct str error)
{
    struct tsconfig *c = &m->e->config;

    if (c->bad_path.len == 0) {
        c->bad_path = arena_str(&m->e->arena, path);
        c->error = arena_str(&m->e->arena, error);
    }
}

/* The file as an object; NULL if it is none. The caller lets go of it. */
static json_t *read_object(struct making *m, struct str path)
{
    struct arena a = { 0 };
    struct str text;
    json_error_t error;
    json_t *root = NULL;

    if (!m->t->fs.read(m->t->fs.ctx, path, &a, &text, TSCONFIG_BYTES_MAX)) {
        set_error(m, path, STR("it cannot be read, or is too long"));
    } else {
        text = jsonc_to_json(&a, text);
        root = json_loadb(text.ptr, text.len, 0, &error);
        if (!root) {
            set_error(m, path, arena_printf(&a, "line %d: %s", error.line, error.text));
        } else if (!json_is_object(root)) {
            set_error(m, path, STR("it is no object"));
            json_decref(root);
            root = NULL;
        }
    }
    arena_finish(&a);
    return root;
}

static struct str text_of(const json_t *value)
{
    return json_is_string(value)
                   ? (struct str){ json_string_value(value), json_string_length(value) }
                   : STR("");
}

/* A path from the root, or in the workspace, of one that may lead from one into the other; false if it
 * leads out of both. */
static bool normalise(struct making *m, struct arena *a, struct str path, struct str *ret)
{
    const struct str within = m->t->fs.within;
    struct str top;
    struct str rest;
    bool is_inside = path_normalise(a, path, ret);

    if (within.len == 0 || !str_cut(within, '/', &top, &rest)) {
        return is_inside;
    }
    if (!is_inside &&
            (!path_normalise(a, path_join(a, within, path), ret) || !path_is_below(*ret, top))) {
        return false;
    }
    if (path_is_below(*ret, within)) {
        *ret = str_skip(*ret, within.len + 1); /* the project has its own name for it */
    }
    return true;
}

/* A path in a configuration of `folder`, from the root or in the workspace; false if it leads out of it. */
static bool place(
        struct making *m, struct arena *a, struct str folder, struct str text, struct str *ret)
{
    const struct str variable = STR("${configDir}");

    if (str_starts(text, variable)) {
        folder = m->folder;
        text = str_skip(text, variable.len);
        text = str_starts(text, STR("/")) ? str_skip(text, 1) : text;
    }
    if (str_starts(text, STR("/"))) {
        return false;
    }
    return normalise(m, a, path_join(a, folder, text), ret);
}

static bool try_extended(struct making *m, struct arena *a, struct str path, struct str *ret)
{
    *ret = path;
    if (exists(m, path)) {
        return true;
    }
    *ret = arena_printf(a, "%.*s.json", STR_FMT(path));
    if (!str_ends(path, STR(".json")) && exists(m, *ret)) {
        return true;
    }
    *ret = path_join(a, path, STR("tsconfig.json"));
    return exists(m, *ret);
}

/* Whether "extends": `name` is a path, and no package. */
static bool is_path(struct str name)
{
    return str_starts(name, STR(".")) || str_starts(name, STR("${"));
}

/* In the node_modules of a folder or of one above it. */
static bool find_installed(
        struct making *m, struct arena *a, struct str folder, struct str name, struct str *ret)
{
    for (struct str at = folder;; at = path_parent(at)) {
        struct str path;

        if (path_normalise(a, path_join(a, path_join(a, at, STR("node_modules")), name), &path) &&
                try_extended(m, a, path, ret)) {
            return true;
        }
        if (at.len == 0) {
            return false;
        }
    }
}

/* The file that "extends": `name` in a configuration of `folder` means. */
static bool find_extended(
        struct making *m, struct arena *a, struct str folder, struct str name, struct str *ret)
{
    struct str path;

    if (is_path(name)) {
        return place(m, a, folder, name, &path) && try_extended(m, a, path, ret);
    }
    /* above the root is what the root's own other path has above it */
    return find_installed(m, a, folder, name, ret) ||
           (m->t->fs.within.len > 0 &&
                   find_installed(m, a, path_parent(m->t->fs.within), name, ret));
}

static struct str *take_targets(
        struct making *m, struct str folder, const json_t *list, size_t *ret_count)
{
    struct arena *a = &m->e->arena;
    struct str *targets = arena_array(a, struct str, json_array_size(list));

    *ret_count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct str target;

        if (place(m, a, folder, text_of(json_array_get(list, i)), &target)) {
            targets[(*ret_count)++] = arena_str(a, target);
        }
    }
    return targets;
}

static void take_paths(struct making *m, struct str folder, json_t *paths)
{
    struct tsconfig *c = &m->e->config;
    struct arena *a = &m->e->arena;
    size_t max = json_object_size(paths);
    struct ts_alias *aliases =
            arena_array(a, struct ts_alias, max < TSCONFIG_PATHS_MAX ? max : TSCONFIG_PATHS_MAX);
    const char *key;
    json_t *list;
    size_t count = 0;
    size_t targets = 0;

    json_object_foreach(paths, key, list)
    {
        targets += json_array_size(list);
        if (count >= TSCONFIG_PATHS_MAX || targets > TSCONFIG_PATHS_MAX) {
            break;
        }
        struct ts_alias *alias = &aliases[count++];

        alias->name = arena_str(a, str_from(key));
        alias->targets = take_targets(m, folder, list, &alias->target_count);
    }
    c->aliases = aliases;
    c->alias_count = count;
}

/* Takes over what a file says itself; what it extends was taken before. */
static void take_options(struct making *m, struct str folder, const json_t *root)
{
    const json_t *options = json_object_get(root, "compilerOptions");
    struct tsconfig *c = &m->e->config;
    json_t *paths = json_object_get(options, "paths");
    struct str base = text_of(json_object_get(options, "baseUrl"));
    struct str at;

    for (size_t i = 0; i < sizeof(compiled) / sizeof(compiled[0]); i++) {
        json_t *value = json_object_get(options, compiled[i]);

        if (value) {
            (void)json_object_set(
                    m->options, compiled[i], value); /* cannot fail: memory is there */
        }
    }
    if (base.len > 0 && place(m, &m->e->arena, folder, base, &at)) {
        c->has_base = true;
        c->base = arena_str(&m->e->arena, at);
    }
    if (json_is_object(paths)) {
        /* from baseUrl, if there is one, else from the file that says it */
        take_paths(m, c->has_base ? c->base : folder, paths);
    }
}

static void take_file(struct making *m, struct arena *a, struct str path);

static void take_extended(struct making *m, struct arena *a, struct str path, const json_t *value)
{
    struct str extended;
    struct str name = text_of(value);

    if (name.len == 0) {
        return;
    }
    if (find_extended(m, a, path_parent(path), name, &extended)) {
        take_file(m, a, extended);
        return;
    }
    bool outside = is_path(name) && !place(m, a, path_parent(path), name, &extended);

    set_error(m, path,
            arena_printf(a, "the file that it extends, '%.*s', %s", STR_FMT(name),
                    outside ? "lies outside of the root and is not read" : "is not there"));
}

static void take_root(struct making *m, struct arena *a, struct str path, const json_t *root)
{
    const json_t *extends = json_object_get(root, "extends");

    take_extended(m, a, path, extends);
    for (size_t i = 0; i < json_array_size(extends); i++) {
        take_extended(m, a, path, json_array_get(extends, i));
    }
    take_options(m, path_parent(path), root);
}

static void take_file(struct making *m, struct arena *a, struct str path)
{
    if (m->files++ >= TSCONFIG_EXTENDS_MAX) {
        set_error(m, path, STR("it extends too many files, or itself"));
        return;
    }
    json_t *root = read_object(m, path);

    if (root) {
        take_root(m, a, path, root);
    }
    json_decref(root);
}

/* Whether one of the patterns that a configuration in `folder` lists has the file. */
static bool lists(struct making *m, struct arena *a, struct str folder, const json_t *patterns,
        struct str path, enum tsconfig_fit fit)
{
    for (size_t i = 0; i < json_array_size(patterns); i++) {
        struct str at;

        if (place(m, a, folder, text_of(json_array_get(patterns, i)), &at) &&
                tsconfig_pattern_has(at, path, fit)) {
            return true;
        }
    }
    return false;
}

/* Whether a configuration in `folder` has the file. */
static bool includes(struct making *m, struct arena *a, struct str folder, const json_t *root,
        struct str path, enum tsconfig_fit fit)
{
    const json_t *include = json_object_get(root, "include");
    const json_t *files = json_object_get(root, "files");

    if (lists(m, a, folder, files, path, TSCONFIG_FIT_EXACT)) {
        return true;
    }
    return (include ? lists(m, a, folder, include, path, fit)
                    : !files && path_is_below(path, folder)) &&
           !lists(m, a, folder, json_object_get(root, "exclude"), path, TSCONFIG_FIT_BELOW);
}

/* The first of the references that has the file. True if one was taken. */
static bool take_first(struct making *m, struct arena *a, struct str config,
        const json_t *references, struct str path, enum tsconfig_fit fit)
{
    for (size_t i = 0; i < json_array_size(references) && i < TSCONFIG_EXTENDS_MAX; i++) {
        struct str name = text_of(json_object_get(json_array_get(references, i), "path"));
        struct str at;
        struct str found;

        if (!place(m, a, path_parent(config), name, &at) || !try_extended(m, a, at, &found)) {
            continue;
        }
        json_t *other = read_object(m, found);

        m->folder = path_parent(found);

        bool has = other && includes(m, a, m->folder, other, path, fit);

        if (has) {
            take_root(m, a, found, other);
        }
        json_decref(other);
        if (has) {
            return true;
        }
    }
    return false;
}

/* Of a file that only names others, the one that has the file. True if one was taken. */
static bool take_reference(
        struct making *m, struct arena *a, struct str config, const json_t *root, struct str path)
{
    const json_t *references = json_object_get(root, "references");
    const json_t *files = json_object_get(root, "files");

    return json_array_size(references) > 0 && json_is_array(files) && json_array_size(files) == 0 &&
           !json_object_get(root, "include") &&
           (take_first(m, a, config, references, path, TSCONFIG_FIT_EXACT) ||
                   take_first(m, a, config, references, path, TSCONFIG_FIT_ANY_ENDING));
}

static void take_config(struct making *m, struct arena *a, struct str config, struct str path)
{
    json_t *root = read_object(m, config);

    m->files = 1;
    m->e->by_file = json_array_size(json_object_get(root, "references")) > 0;
    if (root && !take_reference(m, a, config, root, path)) {
        m->folder = path_parent(config);
        take_root(m, a, config, root);
    }
    json_decref(root);

    /* what leaves JSX in the text is for another tool behind: here nothing is behind */
    struct str jsx = text_of(json_object_get(m->options, "jsx"));

    if (str_eq(jsx, STR("preserve")) || str_eq(jsx, STR("react-native"))) {
        bool imports = json_object_get(m->options, "jsxImportSource") != NULL;

        if (imports) {
            (void)json_object_set_new(m->options, "jsx", json_string("react-jsx"));
        } else {
            (void)json_object_del(m->options, "jsx");
        }
    }
}

static bool find_config(struct making *m, struct arena *a, struct str path, struct str *ret)
{
    static const struct str names[] = { STR_INIT("tsconfig.json"), STR_INIT("jsconfig.json") };

    for (struct str at = path_parent(path);; at = path_parent(at)) {
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            *ret = path_join(a, at, names[i]);
            if (exists(m, *ret)) {
                return true;
            }
        }
        if (at.len == 0) {
            return false;
        }
    }
}

static void make(struct tsconfigs *t, struct entry *e, struct str path)
{
    struct arena a = { 0 };
    struct making m = { .t = t, .e = e, .options = json_object() };
    struct str config;

    e->config = (struct tsconfig){ 0 };
    e->by_file = false;
    arena_reset(&e->arena);
    e->seen.count = 0;
    if (!resolve_is_below_modules(path) && find_config(&m, &a, path, &config)) {
        take_config(&m, &a, config, path);

        json_t *root = json_pack("{s:O}", "compilerOptions", m.options);
        char *text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);

        e->config.options = arena_str(&e->arena, str_from(text));
        free(text);
        json_decref(root);
    }
    json_decref(m.options);
    arena_finish(&a);
}

static bool is_current(const struct tsconfigs *t, const struct entry *e)
{
    for (size_t i = 0; i < e->seen.count; i++) {
        uint64_t version;
        const struct seen *seen = &e->seen.items[i];

        if (look(t, seen->path, &version) != seen->found ||
                (seen->found && (version == 0 || version != seen->version))) {
            return false;
        }
    }
    return true;
}

/* The entry of that key, made or brought up to date for the file at `path`. */
static struct entry *get(struct tsconfigs *t, struct str key, struct str path)
{
    struct entry *e;

    HASH_FIND(hh, t->entries, key.len > 0 ? key.ptr : "", key.len, e);
    if (e && is_current(t, e)) {
        return e;
    }
    if (!e) {
        if (HASH_COUNT(t->entries) >= TSCONFIG_KEPT_MAX) {
            drop(t, t->entries);
        }
        e = mem_alloc(1, sizeof(*e) + key.len + 1);
        e->len = key.len;
        if (key.len > 0) {
            memcpy(e->key, key.ptr, key.len);
        }
        HASH_ADD_KEYPTR(hh, t->entries, e->key, e->len, e);
    }
    make(t, e, path);
    return e;
}

const struct tsconfig *tsconfigs_get(struct tsconfigs *t, struct str path)
{
    struct entry *e = get(t, path_parent(path), path);

    return e->by_file ? &get(t, path, path)->config : &e->config;
}

bool tsconfigs_is_part(const struct tsconfigs *t, struct str path)
{
    struct str name = path_name(path);
    struct entry *e;
    struct entry *next;

    if (str_eq(name, STR("tsconfig.json")) || str_eq(name, STR("jsconfig.json"))) {
        return true;
    }
    if (!str_ieq(path_ext(path), STR(".json"))) {
        return false;
    }
    HASH_ITER(hh, t->entries, e, next)
    {
        for (size_t i = 0; i < e->seen.count; i++) {
            if (str_eq(e->seen.items[i].path, path)) {
                return true;
            }
        }
    }
    return false;
}

/* Whether a name with a star, or without, is the specifier; *ret_star is what the star stands for. */
static bool matches(struct str name, struct str specifier, struct str *ret_star)
{
    struct str before;
    struct str after;

    *ret_star = STR("");
    if (!str_cut(name, '*', &before, &after)) {
        return str_eq(name, specifier);
    }
    if (specifier.len < before.len + after.len || !str_starts(specifier, before) ||
            !str_ends(specifier, after)) {
        return false;
    }
    *ret_star = str_sub(specifier, before.len, specifier.len - after.len);
    return true;
}

/* The alias with the longest text before its star; one without a star wins. */
static const struct ts_alias *find_alias(
        const struct tsconfig *config, struct str specifier, struct str *ret_star)
{
    const struct ts_alias *best = NULL;
    size_t best_len = 0;
    struct str star;

    for (size_t i = 0; i < config->alias_count; i++) {
        const struct ts_alias *alias = &config->aliases[i];
        size_t at = str_find(alias->name, '*');
        size_t len = at == STR_NONE ? STR_NONE : at;

        if (matches(alias->name, specifier, &star) && (!best || len > best_len)) {
            best = alias;
            best_len = len;
            *ret_star = star;
        }
    }
    return best;
}

struct str *tsconfig_candidates(
        const struct tsconfig *config, struct str specifier, struct arena *a, size_t *ret_count)
{
    struct str star;
    const struct ts_alias *alias = find_alias(config, specifier, &star);
    size_t max = alias ? alias->target_count : 0;
    struct str *found = arena_array(a, struct str, max + 1);
    size_t count = 0;

    for (size_t i = 0; i < max; i++) {
        struct str before;
        struct str after;
        struct str path = alias->targets[i];

        if (str_cut(path, '*', &before, &after)) {
            path = arena_printf(a, "%.*s%.*s%.*s", STR_FMT(before), STR_FMT(star), STR_FMT(after));
        }
        count += path_normalise(a, path, &found[count]);
    }
    if (config->has_base && !alias) {
        count += path_normalise(a, path_join(a, config->base, specifier), &found[count]);
    }
    *ret_count = count;
    return found;
}
