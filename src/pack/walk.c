/* SPDX-License-Identifier: MIT */
/* See walk.h. Each file is read and scanned once, in the order in which it was found. */
#include "pack/walk.h"

#include <jansson.h>

#include "base/path.h"
#include "base/table.h"
#include "base/vec.h"
#include "pack/effects.h"
#include "scan/cjs_tokens.h"
#include "scan/js_scan.h"

/* A path that was seen; in the scratch arena. */
struct seen {
    struct str path; /* the key's bytes */
    size_t number;
    UT_hash_handle hh;
};

struct walk {
    const struct pack_question *question;
    const struct fs *fs;
    struct resolver *resolver;
    struct str why;         /* it is not packed; empty until then */
    struct arena *arena;    /* of the result */
    struct arena scratch;   /* of the walk */
    struct arena per_file;  /* reset for each */
    struct str package;     /* its folder */
    struct effects effects; /* by its package.json */
    bool maps_browser;      /* its package.json has a field "browser" */
    bool is_node_module;    /* the entry imports CommonJS as Node does */
    struct seen *files;
    struct seen *folders;
    struct seen *names;    /* of other packages, as they are imported */
    struct seen *packages; /* their folders */
    struct {
        struct pack_file *items;
        size_t count, cap;
    } list;
    struct {
        struct str *items;
        size_t count, cap;
    } outside;
    size_t bytes;
    struct hash_stream *hash;
};

enum { OUTSIDE = SIZE_MAX }; /* the number of a file that is served without the pack */

/* Notes what is in the way. */
static bool no(struct walk *w, struct str path, const char *why)
{
    if (w->why.len == 0) {
        w->why = arena_printf(w->arena, "%.*s %s", STR_FMT(path), why);
    }
    return false;
}

/* Where what follows the last node_modules begins; 0: there is none. */
static size_t behind_modules(struct str path)
{
    const struct str modules = STR("node_modules/");
    size_t start = 0;
    size_t at;

    while ((at = str_find_str(str_skip(path, start), modules)) != STR_NONE) {
        start += at + modules.len;
    }
    return start;
}

struct str pack_package_of(struct str path)
{
    size_t start = behind_modules(path);
    struct str rest = str_skip(path, start);
    size_t slash = str_find(rest, '/');

    if (start > 0 && slash != STR_NONE && str_starts(rest, STR("@"))) {
        size_t second = str_find(str_skip(rest, slash + 1), '/');

        slash = second == STR_NONE ? STR_NONE : slash + 1 + second;
    }
    return start > 0 && slash != STR_NONE ? str_sub(path, 0, start + slash) : STR("");
}

static bool has(struct str text, struct str word)
{
    return str_find_str(text, word) != STR_NONE;
}

/* The number of the path in the table, with which it is added if it is not there. */
static size_t number_of(struct walk *w, struct seen **table, struct str path, size_t fresh)
{
    struct seen *s;

    HASH_FIND(hh, *table, path.ptr, path.len, s);
    if (!s) {
        s = arena_new(&w->scratch, struct seen);
        s->path = arena_str(&w->scratch, path);
        s->number = fresh;
        HASH_ADD_KEYPTR(hh, *table, s->path.ptr, s->path.len, s);
    }
    return s->number;
}

/* Whether the package in `folder` says that it needs the one that is packed: two that import each other
 * run in an order that a pack would change. */
static bool leads_back(struct walk *w, struct str folder)
{
    static const char *const fields[] = { "dependencies", "peerDependencies",
        "optionalDependencies" };
    struct str name = str_skip(w->package, behind_modules(w->package));
    struct str text;
    bool found = false;

    if (!w->fs->read(w->fs->ctx, path_join(&w->per_file, folder, STR("package.json")), &w->per_file,
                &text, RESOLVE_PACKAGE_MAX)) {
        return false;
    }
    json_t *root = json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL);

    for (size_t i = 0; !found && i < sizeof(fields) / sizeof(fields[0]); i++) {
        found = json_object_getn(json_object_get(root, fields[i]), name.ptr, name.len) != NULL;
    }
    json_decref(root);
    return found;
}

/* Whether names mean the same for the file as for the entry: a package.json between the package's and the
 * file may give them another meaning, and so does a node_modules. */
static bool is_of_one_manifest(struct walk *w, struct str path)
{
    for (struct str folder = path_parent(path); folder.len > w->package.len;
            folder = path_parent(folder)) {
        unsigned before = HASH_COUNT(w->folders);
        struct str text;

        (void)number_of(w, &w->folders, folder, 0);
        if (HASH_COUNT(w->folders) == before) {
            return true; /* it was looked at, and those above it */
        }
        struct arena_mark mark = arena_get_mark(&w->scratch);

        if (w->fs->read(w->fs->ctx, path_join(&w->scratch, folder, STR("package.json")),
                    &w->scratch, &text, RESOLVE_PACKAGE_MAX)) {
            struct effects effects = effects_read(&w->scratch, text, folder);

            if (w->maps_browser || has(text, STR("\"browser\"")) || has(text, STR("\"imports\"")) ||
                    has(text, STR("\"exports\"")) ||
                    (effects.is_said && (effects.all || effects.some))) {
                return false;
            }
        }
        if (fs_kind_of(w->fs, path_join(&w->scratch, folder, STR("node_modules"))) != FS_NONE) {
            return false;
        }
        arena_rewind(&w->scratch, mark);
    }
    return true;
}

/* Adds a file if it is new; false if it cannot be. */
static bool add_file(struct walk *w, struct str path, size_t *ret)
{
    unsigned before = HASH_COUNT(w->files);
    enum pack_place place = w->question->place(w->question->ctx, path);

    if (place == PACK_FOREIGN) {
        return no(w, path, "is made by another tool");
    }
    *ret = number_of(w, &w->files, path, place == PACK_OUTSIDE ? OUTSIDE : w->list.count);
    if (HASH_COUNT(w->files) > before) {
        struct pack_file file = { .path = arena_str(w->arena, path) };

        if (*ret == OUTSIDE) {
            vec_push(&w->outside, file.path);
        } else {
            vec_push(&w->list, file);
        }
    }
    return HASH_COUNT(w->files) <= PACK_FILES_MAX || no(w, w->package, "has too many files");
}

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
                      c >= 0x80;

        if (!letter && !(i > 0 && c >= '0' && c <= '9')) {
            return false;
        }
    }
    return s.len > 0;
}

static bool is_relative(struct str s)
{
    return str_starts(s, STR("./")) || str_starts(s, STR("../")) || str_eq(s, STR(".")) ||
           str_eq(s, STR(".."));
}

/* Another package's: neither an address nor a name of the package's own "imports". */
static bool is_bare(struct str s)
{
    return s.len > 0 && s.ptr[0] != '.' && s.ptr[0] != '/' && s.ptr[0] != '#' &&
           str_find(s, ':') == STR_NONE;
}

bool pack_is_script(struct str path)
{
    struct str ext = path_ext(path);

    return (str_eq(ext, STR(".js")) || str_eq(ext, STR(".mjs"))) &&
           !str_ends(path, STR(".svelte.js"));
}

/* Whether code names what a bundler gives a meaning that no browser knows (require), or what sees the names
 * that a bundler changes (eval). */
static bool is_bundlers(struct walk *w, struct str text)
{
    struct js_tokens t;
    bool found = false;

    if (!has(text, STR("require")) && !has(text, STR("eval"))) {
        return false; /* as most are; a word with an escape in it is nobody's */
    }
    js_tokens(text, &w->per_file, &t);
    for (size_t i = 0; !found && i < t.count; i++) {
        found = (token_is(&t, i, "require") || token_is(&t, i, "eval")) && !token_is_member(&t, i);
    }
    return found;
}

static void resolve_from(
        struct walk *w, struct str importer, struct str specifier, struct resolved *ret)
{
    resolve(w->resolver,
            &(struct resolve_request){
                    .kind = RESOLVE_IMPORT, .specifier = specifier, .importer = importer },
            &w->per_file, ret);
}

/* Another package, which is the same one for the pack as for the file (is_of_one_manifest). */
static bool take_name(struct walk *w, struct str path, struct str specifier)
{
    struct resolved found;
    unsigned before = HASH_COUNT(w->names);

    (void)number_of(w, &w->names, specifier, 0);
    if (HASH_COUNT(w->names) == before) {
        return true;
    }
    resolve_from(w, path, specifier, &found);
    struct str package = found.kind == RESOLVED_FILE ? pack_package_of(found.path) : STR("");

    if (str_eq(package, w->package)) {
        return no(w, path, "imports its own package by its name");
    }
    before = HASH_COUNT(w->packages);
    if (package.len > 0) {
        (void)number_of(w, &w->packages, package, 0);
    }
    return HASH_COUNT(w->packages) == before || !leads_back(w, package) ||
           no(w, path, "imports a package that needs this one");
}

/* The file that an import within the package means, and its URL. */
static bool follow(
        struct walk *w, struct str importer, struct str specifier, size_t *ret, struct str *ret_url)
{
    struct resolved found;

    resolve_from(w, importer, specifier, &found);
    *ret_url = arena_str(w->arena, found.url);
    return found.kind == RESOLVED_FILE && found.query.len == 0 && found.fragment.len == 0 &&
           !found.is_commonjs && str_eq(pack_package_of(found.path), w->package) &&
           pack_is_script(found.path) && add_file(w, found.path, ret);
}

/* One dependency; what it hands on is noted in `stars`. */
static bool take_dep(struct walk *w, struct str path, const struct dep *dep,
        struct pack_star *stars, size_t *star_count)
{
    struct pack_star star = { .specifier = STR("") };
    struct str star_url = STR("");

    if (dep->type.len > 0 || dep->phase != PHASE_EVALUATION) {
        return false;
    }
    if (dep->kind == DEP_DYNAMIC_EXPR) {
        return false; /* the address may be one of the package's own */
    }
    if (is_bare(dep->text)) {
        if (!take_name(w, path, dep->text)) {
            return false;
        }
        star.specifier = arena_str(w->arena, dep->text);
    } else if (dep->kind == DEP_DYNAMIC || !is_relative(dep->text) ||
               !follow(w, path, dep->text, &star.file, &star_url)) {
        return false;
    }
    if (dep->kind != DEP_IMPORT && dep->kind != DEP_REEXPORT && dep->kind != DEP_DYNAMIC) {
        return false;
    }
    if (dep->export_all) {
        star.specifier = star.file == OUTSIDE ? star_url : star.specifier;
        stars[(*star_count)++] = star;
    }
    return true;
}

static bool take_file(struct walk *w, size_t number)
{
    struct str path = w->list.items[number].path;
    struct pack_file file = { .path = path };
    struct js_facts js;
    struct fs_stat st;
    struct str text;

    arena_reset(&w->per_file);
    if (!w->fs->stat(w->fs->ctx, path, &st) || st.kind != FS_FILE ||
            !w->fs->read(w->fs->ctx, path, &w->per_file, &text, PACK_FILE_BYTES_MAX) ||
            (w->bytes += text.len) > PACK_BYTES_MAX) {
        return no(w, path, "cannot be read, or there is too much");
    }
    if (effects_may_have(&w->effects, path)) {
        return no(w, path, "has side effects, as its package says");
    }
    if (has(text, STR("import.meta"))) {
        return no(w, path, "uses import.meta");
    }
    if (is_bundlers(w, text)) {
        return no(w, path, "uses require or eval");
    }
    if (!is_of_one_manifest(w, path) ||
            resolver_is_node_module(w->resolver, path) != w->is_node_module) {
        return no(w, path, "has a package.json or a node_modules of its own");
    }
    js_scan(text, &w->per_file, &js);
    if (js.error.failed || !js.has_module_syntax || js.has_await) {
        return no(w, path, "is no ES module, or waits when it is loaded");
    }
    file.version = st.version;
    file.exports = arena_array(w->arena, struct str, js.export_count);
    for (size_t i = 0; i < js.export_count; i++) {
        if (!is_name(js.exports[i])) {
            return no(w, path, "exports a name that is none");
        }
        file.exports[file.export_count++] = arena_str(w->arena, js.exports[i]);
    }
    file.stars = arena_array(w->arena, struct pack_star, js.dep_count);
    hash_stream_add(w->hash, path);
    hash_stream_add(w->hash, STR("\0"));
    struct hash hash = hash_bytes(text);

    hash_stream_add(w->hash, (struct str){ (const char *)&hash, sizeof(hash) });
    for (size_t i = 0; i < js.dep_count; i++) {
        if (!take_dep(w, path, &js.deps[i], file.stars, &file.star_count)) {
            return no(w, path, "imports what cannot be packed");
        }
    }
    w->list.items[number] = file;
    return true;
}

/* Whether the entry can be one, and the package says that it does not matter when its files run. */
static bool take_entry(struct walk *w)
{
    struct str entry = w->question->entry;
    struct str manifest;
    size_t number;

    if (w->package.len == 0 || !pack_is_script(entry) || resolver_is_commonjs(w->resolver, entry) ||
            !w->fs->read(w->fs->ctx, path_join(&w->scratch, w->package, STR("package.json")),
                    &w->scratch, &manifest, RESOLVE_PACKAGE_MAX)) {
        return no(w, entry, "is no ES module of a package");
    }
    w->effects = effects_read(&w->scratch, manifest, w->package);
    if (w->effects.all) {
        return no(w, w->package,
                w->effects.is_odd ? "has a \"sideEffects\" that is not understood"
                                  : "does not say \"sideEffects\": false");
    }
    w->maps_browser = has(manifest, STR("\"browser\""));
    return add_file(w, entry, &number) && number == 0;
}

enum pack_answer pack_walk(const struct pack_question *question, struct arena *a,
        struct pack_list *ret, struct str *ret_why)
{
    struct walk w = { .question = question,
        .fs = question->fs,
        .resolver = question->resolver,
        .arena = a,
        .package = pack_package_of(question->entry),
        .is_node_module = resolver_is_node_module(question->resolver, question->entry),
        .hash = hash_stream_create() };
    bool good = take_entry(&w);

    for (size_t i = 0; good && i < w.list.count; i++) {
        good = take_file(&w, i);
    }
    *ret = (struct pack_list){ 0 };
    if (good) {
        ret->files = arena_array(a, struct pack_file, w.list.count);
        ret->outside = arena_array(a, struct str, w.outside.count);
        for (; ret->count < w.list.count; ret->count++) {
            ret->files[ret->count] = w.list.items[ret->count];
        }
        for (; ret->outside_count < w.outside.count; ret->outside_count++) {
            ret->outside[ret->outside_count] = w.outside.items[ret->outside_count];
            hash_stream_add(w.hash, w.outside.items[ret->outside_count]);
            hash_stream_add(w.hash, STR("\0"));
        }
    }
    ret->key = hash_stream_take(w.hash);
    *ret_why = w.why;
    hash_stream_destroy(w.hash);
    HASH_CLEAR(hh, w.files);
    HASH_CLEAR(hh, w.folders);
    HASH_CLEAR(hh, w.names);
    HASH_CLEAR(hh, w.packages);
    vec_finish(&w.list);
    vec_finish(&w.outside);
    arena_finish(&w.scratch);
    arena_finish(&w.per_file);
    return !good ? PACK_NO : ret->count >= PACK_FILES_MIN ? PACK_GOOD : PACK_SMALL;
}
