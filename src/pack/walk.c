/* SPDX-License-Identifier: MIT */
/* See walk.h. Each file is read and scanned once, in the order in which it was found. */
#include "pack/walk.h"

#include "base/path.h"
#include "base/table.h"
#include "base/vec.h"
#include "scan/js_scan.h"

/* A path that was seen; in the scratch arena. */
struct seen {
    struct str path; /* the key's bytes */
    size_t number;
    UT_hash_handle hh;
};

struct walk {
    const struct fs *fs;
    struct resolver *resolver;
    bool (*is_taken)(void *ctx, struct str path);
    void *ctx;
    struct arena *arena;   /* of the result */
    struct arena scratch;  /* of the walk */
    struct arena per_file; /* reset for each */
    struct str package;    /* its folder */
    bool maps_browser;     /* its package.json has a field "browser" */
    bool is_node_module;   /* the entry imports CommonJS as Node does */
    struct seen *files;
    struct seen *folders;
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

/* The folder of the package that a file below node_modules is of; empty if it is of none. */
static struct str package_of(struct str path)
{
    const struct str modules = STR("node_modules/");
    size_t start = 0;
    size_t at;

    while ((at = str_find_str(str_skip(path, start), modules)) != STR_NONE) {
        start += at + modules.len;
    }
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

/* A package.json between the package's and the file may give names another meaning there. */
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
                    &w->scratch, &text, RESOLVE_PACKAGE_MAX) &&
                (w->maps_browser || has(text, STR("\"browser\"")) ||
                        has(text, STR("\"imports\"")))) {
            return false;
        }
        arena_rewind(&w->scratch, mark);
    }
    return true;
}

/* Adds a file if it is new; false if there is no room for it. */
static bool add_file(struct walk *w, struct str path, size_t *ret)
{
    unsigned before = HASH_COUNT(w->files);

    *ret = number_of(w, &w->files, path, w->is_taken(w->ctx, path) ? OUTSIDE : w->list.count);
    if (HASH_COUNT(w->files) > before) {
        struct pack_file file = { .path = arena_str(w->arena, path) };

        if (*ret == OUTSIDE) {
            vec_push(&w->outside, file.path);
        } else {
            vec_push(&w->list, file);
        }
    }
    return HASH_COUNT(w->files) <= PACK_FILES_MAX;
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
    return str_starts(s, STR("./")) || str_starts(s, STR("../"));
}

/* Another package's: neither an address nor a name of the package's own "imports". */
static bool is_bare(struct str s)
{
    return s.len > 0 && s.ptr[0] != '.' && s.ptr[0] != '/' && s.ptr[0] != '#' &&
           str_find(s, ':') == STR_NONE;
}

static bool is_script(struct str path)
{
    struct str ext = path_ext(path);

    return str_eq(ext, STR(".js")) || str_eq(ext, STR(".mjs"));
}

/* The file that an import within the package means, and its URL. */
static bool follow(
        struct walk *w, struct str importer, struct str specifier, size_t *ret, struct str *ret_url)
{
    struct resolved found;

    resolve(w->resolver,
            &(struct resolve_request){
                    .kind = RESOLVE_IMPORT, .specifier = specifier, .importer = importer },
            &w->per_file, &found);
    *ret_url = arena_str(w->arena, found.url);
    return found.kind == RESOLVED_FILE && found.query.len == 0 && found.fragment.len == 0 &&
           !found.is_commonjs && str_eq(package_of(found.path), w->package) &&
           is_script(found.path) && add_file(w, found.path, ret);
}

/* One dependency; what it hands on is noted in `stars`. */
static bool take_dep(struct walk *w, struct str path, const struct dep *dep,
        struct pack_star *stars, size_t *star_count)
{
    struct pack_star star = { .specifier = STR("") };
    struct str star_url = STR("");

    if (dep->kind == DEP_DYNAMIC_EXPR) {
        return true; /* whoever gave the address */
    }
    if (dep->type.len > 0 || dep->phase != PHASE_EVALUATION) {
        return false;
    }
    if (is_bare(dep->text)) {
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
            (w->bytes += text.len) > PACK_BYTES_MAX || has(text, STR("import.meta")) ||
            !is_of_one_manifest(w, path) ||
            resolver_is_node_module(w->resolver, path) != w->is_node_module) {
        return false;
    }
    js_scan(text, &w->per_file, &js);
    if (js.error.failed || !js.has_module_syntax || js.has_await) {
        return false;
    }
    file.version = st.version;
    file.exports = arena_array(w->arena, struct str, js.export_count);
    for (size_t i = 0; i < js.export_count; i++) {
        if (!is_name(js.exports[i])) {
            return false;
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
            return false;
        }
    }
    w->list.items[number] = file;
    return true;
}

bool pack_walk(const struct fs *fs, struct resolver *resolver, struct str entry,
        bool (*is_taken)(void *ctx, struct str path), void *ctx, struct arena *a,
        struct pack_list *ret)
{
    struct walk w = { .fs = fs,
        .resolver = resolver,
        .is_taken = is_taken,
        .ctx = ctx,
        .arena = a,
        .package = package_of(entry),
        .is_node_module = resolver_is_node_module(resolver, entry),
        .hash = hash_stream_create() };
    struct str manifest;
    size_t number;
    bool good = w.package.len > 0 && !resolver_is_commonjs(resolver, entry) &&
                fs->read(fs->ctx, path_join(&w.scratch, w.package, STR("package.json")), &w.scratch,
                        &manifest, RESOLVE_PACKAGE_MAX);

    w.maps_browser = good && has(manifest, STR("\"browser\""));
    good = add_file(&w, entry, &number) && good && number == 0;
    for (size_t i = 0; good && i < w.list.count; i++) {
        good = take_file(&w, i);
    }
    *ret = (struct pack_list){ .files = arena_array(a, struct pack_file, w.list.count),
        .count = w.list.count,
        .outside = arena_array(a, struct str, w.outside.count),
        .outside_count = w.outside.count };
    for (size_t i = 0; i < w.outside.count; i++) {
        ret->outside[i] = w.outside.items[i];
        hash_stream_add(w.hash, w.outside.items[i]);
        hash_stream_add(w.hash, STR("\0"));
    }
    ret->key = hash_stream_take(w.hash);
    for (size_t i = 0; i < w.list.count; i++) {
        ret->files[i] = good ? w.list.items[i] : (struct pack_file){ .path = w.list.items[i].path };
    }
    hash_stream_destroy(w.hash);
    HASH_CLEAR(hh, w.files);
    HASH_CLEAR(hh, w.folders);
    vec_finish(&w.list);
    vec_finish(&w.outside);
    arena_finish(&w.scratch);
    arena_finish(&w.per_file);
    return good && ret->count >= PACK_FILES_MIN;
}
