/* SPDX-License-Identifier: MIT */
/* See walk.h. Files are taken in the order in which they were found. */
#include "pack/walk.h"

#include "base/table.h"
#include "base/vec.h"
#include "pack/entries.h"
#include "pack/part.h"

/* A path or a name that was seen; in the scratch arena. */
struct seen {
    struct str path; /* the key's bytes */
    size_t number;
    UT_hash_handle hh;
};

struct strs {
    struct str *items;
    size_t count, cap;
};

struct walk {
    const struct pack_question *question;
    struct str why;       /* it is not packed; empty until then */
    struct arena scratch; /* of the walk */
    struct parts *parts;
    struct str package;      /* the folder of the entry's */
    struct members *members; /* NULL: it has no package.json */
    bool is_node_module;     /* the entry imports CommonJS as Node does */
    bool is_alone;           /* no other package is taken in */
    bool is_again;           /* one that was is kept apart now: all begins anew */
    struct seen *files;
    struct seen *apart;    /* names of packages that stay imports */
    struct seen *packages; /* their folders */
    struct {
        const struct part **items;
        size_t count, cap;
    } list;
    struct strs paths; /* of the list, which those that were not read yet are not in */
    struct strs outside;
    struct strs imports; /* the names of `apart`, in order */
    size_t bytes;
};

enum { OUTSIDE = SIZE_MAX }; /* the number of a file that is served without the pack */

/* Notes what is in the way. */
static bool no(struct walk *w, struct str path, const char *why)
{
    if (w->why.len == 0) {
        w->why = arena_printf(&w->scratch, "%.*s %s", STR_FMT(path), why);
    }
    return false;
}

/* What is known of the text in the table, to which it is added if it is not there. */
static struct seen *see(struct walk *w, struct seen **table, struct str path, bool *ret_new)
{
    struct seen *s;

    HASH_FIND(hh, *table, path.ptr, path.len, s);
    *ret_new = !s;
    if (!s) {
        s = arena_new(&w->scratch, struct seen);
        s->path = path;
        HASH_ADD_KEYPTR(hh, *table, s->path.ptr, s->path.len, s);
    }
    return s;
}

/* Adds a file if it is new; false if it cannot be. */
static bool add_file(struct walk *w, struct str path)
{
    bool is_new;
    struct seen *s = see(w, &w->files, path, &is_new);

    if (!is_new) {
        return true;
    }
    switch (w->question->place(w->question->ctx, path)) {
    case PACK_FOREIGN: return no(w, path, "is made by another tool");
    case PACK_FREE:
        s->number = w->paths.count;
        vec_push(&w->paths, path);
        break;
    case PACK_OUTSIDE:
    case PACK_LEFT:
        s->number = OUTSIDE;
        vec_push(&w->outside, path);
        members_add_before(w->members, pack_package_of(path));
    }
    return HASH_COUNT(w->files) <= PACK_FILES_MAX || no(w, w->package, "has too many files");
}

/* A package that has to stay an import is none of the pack's from now on: all begins anew if it was. */
static bool keep_apart(struct walk *w, struct str name)
{
    if (!members_keep_apart(w->members, name)) {
        w->is_again = true;
    }
    return !w->is_again;
}

/* A package that stays an import, by its name. */
static bool leave_name(struct walk *w, const struct part *part, const struct part_dep *dep)
{
    const struct part_target *target = dep->target;
    const struct member *first = members_at(w->members, 0);
    const struct member *home = members_find(w->members, pack_package_of(part->path));
    const struct member *member = members_find(w->members, target->folder);
    struct str folder = target->folder;
    bool is_new;

    if (str_eq(target->folder, w->package)) {
        return no(w, part->path, "imports its own package by its name");
    }
    if (!keep_apart(w, target->name) || (member && !keep_apart(w, member->name))) {
        return false;
    }
    if (!parts_agree(w->parts, home, part->path, first, w->question->entry, dep->specifier)) {
        return no(w, part->path, "means another package by a name than the first file would");
    }
    if (target->is_commonjs && part->is_node_module != w->is_node_module) {
        return no(w, part->path, "imports CommonJS otherwise than the first file does");
    }
    (void)see(w, &w->apart, target->name, &is_new);
    if (is_new) {
        vec_push(&w->imports, target->name);
    }
    is_new = false;
    if (target->kind == RESOLVED_FILE && folder.len == 0) {
        folder = members_folder_of(w->members, home->folder, target->name); /* by a link */
    }
    if (folder.len > 0) {
        members_add_before(w->members, folder);
        (void)see(w, &w->packages, folder, &is_new);
    }
    return !is_new || !members_needs(w->members, folder, first->name) ||
           no(w, part->path, "imports a package that needs this one");
}

/* Whether the file that a name means is one of the pack. */
static bool joins(struct walk *w, const struct part_dep *dep)
{
    const struct part_target *target = dep->target;
    const struct member *member = NULL;

    if (!w->is_alone && dep->kind != DEP_DYNAMIC && target->is_part) {
        enum pack_place place = w->question->place(w->question->ctx, target->path);

        member = place == PACK_LEFT || place == PACK_FOREIGN
                         ? NULL
                         : members_take(w->members, target->folder, target->name);
    }
    return member && !(dep->for_effects && !member->effects.is_said);
}

static bool take_dep(struct walk *w, const struct part *part, const struct part_dep *dep)
{
    const struct part_target *target = dep->target;

    if (target->name.len > 0 && !joins(w, dep)) {
        return leave_name(w, part, dep);
    }
    return add_file(w, target->path);
}

/* The next file of the list. */
static bool take_file(struct walk *w)
{
    struct str path = w->paths.items[w->list.count];
    const struct member *home = members_find(w->members, pack_package_of(path));
    const struct part *part = parts_get(w->parts, home, path);
    bool good = part->why.len == 0 || no(w, path, part->why.ptr);

    vec_push(&w->list, part);
    w->bytes += part->bytes;
    if (w->bytes > PACK_BYTES_MAX) {
        good = no(w, path, "is too much");
    }
    for (size_t i = 0; good && i < part->dep_count; i++) {
        good = take_dep(w, part, &part->deps[i]);
    }
    if (!good && !w->is_again && !str_eq(home->folder, w->package)) {
        (void)keep_apart(w, home->name);
    } else if (!good && !w->is_again && members_at(w->members, 1)) {
        w->is_alone = w->is_again = true; /* it may be too much with the others only */
    }
    return good;
}

/* Whether the entry can be one, and it does not matter when its package's files run. */
static bool take_entry(struct walk *w)
{
    struct str entry = w->question->entry;

    if (!w->members || !pack_is_script(entry) ||
            resolver_is_commonjs(w->question->resolver, entry)) {
        return no(w, entry, "is no ES module of a package");
    }
    const struct effects *effects = &members_at(w->members, 0)->effects;

    if (effects->is_odd) {
        return no(w, w->package, "has a \"sideEffects\" that is not understood");
    }
    if (effects->all) {
        if (effects->is_said ||
                !entries_are_one(w->question->fs, w->question->resolver, w->package, entry)) {
            return no(w, w->package, "does not say \"sideEffects\": false");
        }
        w->is_alone = true;
    }
    return add_file(w, entry) && w->paths.count == 1;
}

static void begin(struct walk *w)
{
    if (w->members) {
        members_begin(w->members);
    }
    HASH_CLEAR(hh, w->files);
    HASH_CLEAR(hh, w->apart);
    HASH_CLEAR(hh, w->packages);
    w->list.count = w->paths.count = w->outside.count = w->imports.count = 0;
    w->bytes = 0;
    w->why = STR("");
    w->is_again = false;
}

/* All files. False with `is_again` if one of the packages that were taken in is kept apart now. */
static bool take_all(struct walk *w)
{
    bool good = take_entry(w);

    while (good && w->list.count < w->paths.count) {
        good = take_file(w);
    }
    if (good && !members_agree(w->members, w->question->pack_of, w->question->ctx)) {
        w->is_again = !members_is_circle(w->members);
        good = w->is_again || no(w, w->package, "imports a package that needs it in the end");
    }
    return good && !w->is_again;
}

static struct str *copy_strs(struct arena *a, const struct str *strs, size_t count)
{
    struct str *copy = arena_array(a, struct str, count);

    for (size_t i = 0; i < count; i++) {
        copy[i] = arena_str(a, strs[i]);
    }
    return copy;
}

static bool is_apart(const struct walk *w, struct str name)
{
    const struct seen *s = NULL;

    HASH_FIND(hh, w->apart, name.ptr, name.len, s);
    return s != NULL;
}

static struct pack_star star_of(struct walk *w, struct arena *a, const struct part_dep *dep)
{
    const struct str path = dep->target->path;
    const struct seen *s = NULL;
    struct pack_star star = { 0 };

    if (dep->target->is_part) {
        HASH_FIND(hh, w->files, path.ptr, path.len, s);
    }
    if (!s || is_apart(w, dep->target->name)) {
        star.specifier = arena_str(a, dep->specifier);
    } else if (s->number == OUTSIDE) {
        star.specifier = arena_str(a, dep->target->url);
    } else {
        star.file = s->number;
    }
    return star;
}

static struct pack_file file_of(struct walk *w, struct arena *a, const struct part *part)
{
    struct pack_file file = { .path = arena_str(a, part->path),
        .version = part->version,
        .exports = copy_strs(a, part->exports, part->export_count),
        .export_count = part->export_count,
        .stars = arena_array(a, struct pack_star, part->dep_count) };

    for (size_t i = 0; i < part->dep_count; i++) {
        if (part->deps[i].export_all) {
            file.stars[file.star_count++] = star_of(w, a, &part->deps[i]);
        }
    }
    return file;
}

/* Of all paths and all bytes, of where names lead to, and of what stays outside. */
static struct hash key_of(const struct walk *w)
{
    struct hash_stream *stream = hash_stream_create();

    for (size_t i = 0; i < w->list.count; i++) {
        const struct part *part = w->list.items[i];

        hash_stream_add(stream, part->path);
        hash_stream_add(stream, STR("\0"));
        hash_stream_add(stream, (struct str){ (const char *)&part->hash, sizeof(part->hash) });
        for (size_t k = 0; k < part->dep_count; k++) {
            hash_stream_add(stream, part->deps[k].target->path);
            hash_stream_add(stream, STR("\0"));
        }
    }
    for (size_t i = 0; i < w->outside.count; i++) {
        hash_stream_add(stream, w->outside.items[i]);
        hash_stream_add(stream, STR("\0"));
    }
    struct hash key = hash_stream_take(stream);

    hash_stream_destroy(stream);
    return key;
}

static void give_list(struct walk *w, struct arena *a, struct pack_list *ret)
{
    const struct member *member;

    *ret = (struct pack_list){ .files = arena_array(a, struct pack_file, w->list.count),
        .count = w->list.count,
        .outside = copy_strs(a, w->outside.items, w->outside.count),
        .outside_count = w->outside.count,
        .names = copy_strs(a, w->imports.items, w->imports.count),
        .name_count = w->imports.count,
        .key = key_of(w) };
    for (size_t i = 0; i < w->list.count; i++) {
        ret->files[i] = file_of(w, a, w->list.items[i]);
        ret->makes_workers = ret->makes_workers || w->list.items[i]->makes_workers;
    }
    while (members_at(w->members, ret->package_count)) {
        ret->package_count++;
    }
    while (members_before_at(w->members, ret->before_count).len > 0) {
        ret->before_count++;
    }
    ret->before = arena_array(a, struct str, ret->before_count);
    for (size_t i = 0; i < ret->before_count; i++) {
        ret->before[i] = arena_str(a, members_before_at(w->members, i));
    }
    ret->packages = arena_array(a, struct str, ret->package_count);
    for (size_t i = 0; (member = members_at(w->members, i)) != NULL; i++) {
        ret->packages[i] = arena_str(a, member->folder);
    }
}

enum pack_answer pack_walk(const struct pack_question *question, struct arena *a,
        struct pack_list *ret, struct str *ret_why)
{
    struct walk w = { .question = question,
        .parts = parts_create(question->fs, question->resolver),
        .package = pack_package_of(question->entry),
        .is_alone = question->alone,
        .is_node_module = resolver_is_node_module(question->resolver, question->entry) };
    bool good = false;

    w.members = w.package.len > 0 ? members_create(question->fs, w.package) : NULL;
    for (size_t i = 1; w.members && question->kept && i < question->kept->package_count; i++) {
        members_allow(w.members, question->kept->packages[i]);
    }
    for (unsigned tries = 0; tries == 0 || w.is_again; tries++) {
        begin(&w);
        w.is_alone = w.is_alone || tries == PACK_TRIES_MAX;
        good = take_all(&w);
    }
    *ret = (struct pack_list){ 0 };
    if (good) {
        give_list(&w, a, ret);
    }
    *ret_why = arena_str(a, w.why);
    begin(&w);
    vec_finish(&w.list);
    vec_finish(&w.paths);
    vec_finish(&w.outside);
    vec_finish(&w.imports);
    members_destroy(w.members);
    parts_destroy(w.parts);
    arena_finish(&w.scratch);
    return !good ? PACK_NO : ret->count >= PACK_FILES_MIN ? PACK_GOOD : PACK_SMALL;
}
