/* SPDX-License-Identifier: MIT */
/* See part.h. */
#include "pack/part.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/table.h"
#include "resolve/package.h"
#include "scan/cjs_tokens.h"
#include "scan/js_scan.h"

struct known_part {
    struct part part;
    UT_hash_handle hh;
};

struct known_target {
    struct part_target target;
    UT_hash_handle hh;
};

struct known_folder {
    bool has_own_rules; /* names mean something else below it than above */
    UT_hash_handle hh;
};

struct parts {
    const struct fs *fs;
    struct resolver *resolver;
    struct arena arena;
    struct arena scratch;         /* of one file */
    struct known_part *files;     /* by path */
    struct known_target *targets; /* FOLDER NAME, as files of a package import it; or a path */
    struct known_folder *folders; /* below those of packages */
};

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

struct str pack_name_of(struct str folder)
{
    return str_skip(folder, behind_modules(folder));
}

bool pack_is_script(struct str path)
{
    struct str ext = path_ext(path);

    return (str_eq(ext, STR(".js")) || str_eq(ext, STR(".mjs"))) &&
           !str_ends(path, STR(".svelte.js"));
}

static bool has(struct str text, struct str word)
{
    return str_find_str(text, word) != STR_NONE;
}

/* Whether a package.json or a node_modules in the folder gives names another meaning. */
static bool has_own_rules(struct parts *p, const struct member *home, struct str folder)
{
    struct known_folder *known;
    struct str text;

    HASH_FIND(hh, p->folders, folder.ptr, folder.len, known);
    if (known) {
        return known->has_own_rules;
    }
    known = arena_new(&p->arena, struct known_folder);
    if (p->fs->read(p->fs->ctx, path_join(&p->scratch, folder, STR("package.json")), &p->scratch,
                &text, RESOLVE_PACKAGE_MAX)) {
        struct effects effects = effects_read(&p->scratch, text, folder);

        known->has_own_rules = home->maps_browser || has(text, STR("\"browser\"")) ||
                               has(text, STR("\"imports\"")) || has(text, STR("\"exports\"")) ||
                               (effects.is_said && (effects.all || effects.some));
    }
    if (fs_kind_of(p->fs, path_join(&p->scratch, folder, STR("node_modules"))) != FS_NONE) {
        known->has_own_rules = true;
    }
    folder = arena_str(&p->arena, folder);
    HASH_ADD_KEYPTR(hh, p->folders, folder.ptr, folder.len, known);
    return known->has_own_rules;
}

/* Whether names mean the same for all files of the package. */
static bool is_of_one_manifest(struct parts *p, const struct member *home, struct str path)
{
    bool same = true;

    for (struct str folder = path_parent(path); same && folder.len > home->folder.len;
            folder = path_parent(folder)) {
        same = !has_own_rules(p, home, folder);
    }
    return same;
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

/* A package's: neither an address nor a name of the package's own "imports". */
static bool is_bare(struct str s)
{
    return s.len > 0 && s.ptr[0] != '.' && s.ptr[0] != '/' && s.ptr[0] != '#' &&
           str_find(s, ':') == STR_NONE;
}

/* Whether code names what a bundler gives a meaning that no browser knows (require), or what sees the names
 * that a bundler changes (eval). */
static bool is_bundlers(struct parts *p, struct str text)
{
    struct js_tokens t;
    bool found = false;

    if (!has(text, STR("require")) && !has(text, STR("eval"))) {
        return false; /* as most are; a word with an escape in it is nobody's */
    }
    js_tokens(text, &p->scratch, &t);
    for (size_t i = 0; !found && i < t.count; i++) {
        found = (token_is(&t, i, "require") || token_is(&t, i, "eval")) && !token_is_member(&t, i);
    }
    return found;
}

static void resolve_from(
        struct parts *p, struct str importer, struct str specifier, struct part_target *ret)
{
    struct resolved found;

    resolve(p->resolver,
            &(struct resolve_request){
                    .kind = RESOLVE_IMPORT, .specifier = specifier, .importer = importer },
            &p->scratch, &found);
    *ret = (struct part_target){ .kind = found.kind };
    if (found.kind == RESOLVED_FILE) {
        ret->path = arena_str(&p->arena, found.path);
        ret->url = arena_printf(&p->arena, "%.*s%.*s%.*s", STR_FMT(found.url), STR_FMT(found.query),
                STR_FMT(found.fragment));
        ret->folder = pack_package_of(ret->path);
        ret->is_commonjs = found.is_commonjs;
        /* a bundler has no aliases */
        ret->is_part = !found.is_commonjs && !found.by_alias && str_eq(ret->url, found.url) &&
                       str_starts(ret->path, STR("node_modules/")) && pack_is_script(ret->path);
    }
}

/* A specifier in a way that is the same for all files of the package: the path that a relative one is written
 * for, which may be a folder's; empty: it leads out of the root. */
static struct str key_of(
        struct parts *p, const struct member *home, struct str importer, struct str specifier)
{
    bool is_folder = str_ends(specifier, STR("/")) || str_ends(specifier, STR("."));
    struct str path;

    if (!is_relative(specifier)) {
        return arena_printf(&p->scratch, "%.*s\n%.*s", STR_FMT(home->folder), STR_FMT(specifier));
    }
    return path_normalise(
                   &p->scratch, path_join(&p->scratch, path_parent(importer), specifier), &path)
                   ? arena_printf(&p->scratch, "%.*s%s", STR_FMT(path), is_folder ? "/" : "")
                   : STR("");
}

static const struct part_target *target_of(
        struct parts *p, const struct member *home, struct str importer, struct str specifier)
{
    struct str key = key_of(p, home, importer, specifier);
    struct known_target *known;
    struct str subpath;

    HASH_FIND(hh, p->targets, key.ptr, key.len, known);
    if (!known) {
        known = arena_new(&p->arena, struct known_target);
        resolve_from(p, importer, specifier, &known->target);
        if (is_bare(specifier)) {
            bool is_split = package_split(&p->arena, specifier, &known->target.name, &subpath);

            known->target.name = is_split ? known->target.name : specifier;
        }
        key = arena_str(&p->arena, key);
        HASH_ADD_KEYPTR(hh, p->targets, key.ptr, key.len, known);
    }
    return &known->target;
}

bool parts_agree(struct parts *parts, const struct member *home, struct str path,
        const struct member *other_home, struct str other, struct str specifier)
{
    const struct part_target *one = target_of(parts, home, path, specifier);
    const struct part_target *two = target_of(parts, other_home, other, specifier);

    return one->kind == two->kind && str_eq(one->url, two->url) &&
           one->is_commonjs == two->is_commonjs;
}

/* import "x", of which nothing is wanted but that it runs. */
static bool is_for_effects(struct str text, const struct dep *dep)
{
    struct str between = str_sub(text, dep->statement.start, dep->specifier.start);

    return dep->kind == DEP_IMPORT && !has(between, STR("from"));
}

/* One dependency; false if it cannot be one of a pack. */
static bool read_dep(struct parts *p, const struct member *home, struct str path, struct str text,
        const struct dep *dep, struct part_dep *ret)
{
    bool is_static = dep->kind == DEP_IMPORT || dep->kind == DEP_REEXPORT;

    if (dep->type.len > 0 || dep->phase != PHASE_EVALUATION ||
            (!is_static && dep->kind != DEP_DYNAMIC)) {
        return false; /* an address that is computed may be one of the package's own */
    }
    *ret = (struct part_dep){ .kind = dep->kind,
        .export_all = dep->export_all,
        .for_effects = is_for_effects(text, dep),
        .specifier = arena_str(&p->arena, dep->text) };
    if (!is_bare(dep->text) && !(is_static && is_relative(dep->text))) {
        return false;
    }
    ret->target = target_of(p, home, path, ret->specifier);
    return ret->target->name.len > 0 ||
           (ret->target->is_part && str_eq(ret->target->folder, home->folder));
}

static const char *read_deps(struct parts *p, const struct member *home, struct str text,
        const struct js_facts *js, struct part *part)
{
    part->deps = arena_array(&p->arena, struct part_dep, js->dep_count);
    for (size_t i = 0; i < js->dep_count; i++) {
        struct part_dep *dep = &part->deps[part->dep_count++];

        if (!read_dep(p, home, part->path, text, &js->deps[i], dep)) {
            return "imports what cannot be packed";
        }
        if (!home->effects.is_said && dep->for_effects) {
            return "imports a file for its side effects, of which its package says nothing";
        }
    }
    return "";
}

static const char *read_exports(struct parts *p, const struct js_facts *js, struct part *part)
{
    part->exports = arena_array(&p->arena, struct str, js->export_count);
    for (size_t i = 0; i < js->export_count; i++) {
        if (!is_name(js->exports[i])) {
            return "exports a name that is none";
        }
        part->exports[part->export_count++] = arena_str(&p->arena, js->exports[i]);
    }
    return "";
}

/* What is in the way; empty: nothing. */
static const char *read_part(struct parts *p, const struct member *home, struct part *part)
{
    const char *why;
    struct js_facts js;
    struct fs_stat st;
    struct str text;

    if (!p->fs->stat(p->fs->ctx, part->path, &st) || st.kind != FS_FILE ||
            !p->fs->read(p->fs->ctx, part->path, &p->scratch, &text, PART_BYTES_MAX)) {
        return "cannot be read, or there is too much";
    }
    if (home->effects.is_said && effects_may_have(&home->effects, part->path)) {
        return "has side effects, as its package says";
    }
    if (has(text, STR("import.meta"))) {
        return "uses import.meta";
    }
    if (is_bundlers(p, text)) {
        return "uses require or eval";
    }
    if (!is_of_one_manifest(p, home, part->path)) {
        return "has a package.json or a node_modules of its own";
    }
    js_scan(text, &p->scratch, &js);
    part->is_node_module = resolver_is_node_module(p->resolver, part->path);
    if (js.error.failed || js.has_await || !(js.has_module_syntax || part->is_node_module)) {
        return "is no ES module, or waits when it is loaded";
    }
    part->makes_workers = has(text, STR("Worker(")) || has(text, STR("createObjectURL"));
    part->version = st.version;
    part->bytes = text.len;
    part->hash = hash_bytes(text);
    why = read_exports(p, &js, part);
    return *why ? why : read_deps(p, home, text, &js, part);
}

const struct part *parts_get(struct parts *parts, const struct member *home, struct str path)
{
    struct known_part *known;

    HASH_FIND(hh, parts->files, path.ptr, path.len, known);
    if (!known) {
        known = arena_new(&parts->arena, struct known_part);
        known->part.path = arena_str(&parts->arena, path);
        known->part.why = str_from(read_part(parts, home, &known->part));
        HASH_ADD_KEYPTR(hh, parts->files, known->part.path.ptr, known->part.path.len, known);
        arena_reset(&parts->scratch);
    }
    return &known->part;
}

struct parts *parts_create(const struct fs *fs, struct resolver *resolver)
{
    struct parts *parts = mem_new(struct parts);

    parts->fs = fs;
    parts->resolver = resolver;
    return parts;
}

void parts_destroy(struct parts *parts)
{
    if (parts) {
        HASH_CLEAR(hh, parts->files);
        HASH_CLEAR(hh, parts->targets);
        HASH_CLEAR(hh, parts->folders);
        arena_finish(&parts->arena);
        arena_finish(&parts->scratch);
        free(parts);
    }
}
