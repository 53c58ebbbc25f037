/* SPDX-License-Identifier: MIT */
/*
 * Asks all rules that apply to a path. A folder's rules are in its node, so
 * that the walk up needs no look at the disk; like git it never asks about what
 * lies in an ignored folder, because such a folder has no node.
 */
#include "watch/folder_rules.h"

#include <stdlib.h>

#include "base/path.h"
#include "base/vec.h"
#include "files/workspace.h"

/* The part of `path` behind `folder` and its slash. */
static struct str relative(struct str path, struct str folder)
{
    return folder.len > 0 ? str_skip(path, folder.len + 1) : path;
}

static bool is_built_in(struct str name, bool is_dir)
{
    return str_eq(name, STR(".git")) || (is_dir && str_eq(name, STR("node_modules")));
}

/*
 * The path as a folder above the root sees it, from which the root is `prefix`, in `a`. False for a path
 * of the workspace, if that folder is not above the workspace: the tree has its rules.
 */
static bool seen_from(const struct folder_rules *r, struct str prefix, struct str path,
        struct arena *a, struct str *ret)
{
    struct str inner = path;

    if (r->project.len > 0 && workspace_cut(path, &inner)) {
        if (prefix.len <= r->project.len) {
            return false;
        }
        prefix.len -= r->project.len;
    }
    *ret = arena_printf(a, "%.*s%.*s", STR_FMT(prefix), STR_FMT(inner));
    return true;
}

/* info/exclude and the person's own file know the path from the repository's top, where a workspace may
 * begin, too. */
static struct str seen_from_top(const struct folder_rules *r, struct str path, struct arena *a)
{
    struct str inner;
    struct str whole;

    if (seen_from(r, r->exclude_prefix, path, a, &whole)) {
        return whole;
    }
    return workspace_cut(path, &inner) ? inner : path;
}

static enum ignore_verdict match_outside(const struct folder_rules *r, struct str path, bool is_dir)
{
    struct arena scratch = { 0 };
    enum ignore_verdict verdict = IGNORE_UNDECIDED;

    for (size_t i = 0; i < r->outer.count && verdict == IGNORE_UNDECIDED; i++) {
        const struct outer_rules *outer = &r->outer.items[i];

        struct str whole;

        if (outer->rules.count > 0 && seen_from(r, outer->prefix, path, &scratch, &whole)) {
            verdict = ignore_rules_match(&outer->rules, whole, is_dir);
        }
    }
    if (verdict == IGNORE_UNDECIDED && r->exclude.count + r->global.count > 0) {
        struct str whole = seen_from_top(r, path, &scratch);

        verdict = ignore_rules_match(&r->exclude, whole, is_dir);
        if (verdict == IGNORE_UNDECIDED) {
            verdict = ignore_rules_match(&r->global, whole, is_dir);
        }
    }
    arena_finish(&scratch);
    return verdict;
}

/* The folder whose rules come behind those of `f`: in the workspace the project's have no say. */
static const struct tree_folder *next_above(
        const struct folder_rules *r, const struct tree_folder *f)
{
    return r->project.len > 0 && str_eq(f->path, WORKSPACE_NAME) ? NULL : f->parent;
}

static bool is_ignored(const struct folder_rules *r, const struct tree_folder *folder,
        struct str path, bool is_dir)
{
    if (folder->passage || is_built_in(path_name(path), is_dir)) {
        return true;
    }
    enum ignore_verdict verdict = ignore_rules_match(&r->options, path, is_dir);

    for (const struct tree_folder *f = folder; f && verdict == IGNORE_UNDECIDED;
            f = next_above(r, f)) {
        if (f->rules) {
            verdict = ignore_rules_match(f->rules, relative(path, f->path), is_dir);
        }
    }
    if (verdict == IGNORE_UNDECIDED) {
        verdict = match_outside(r, path, is_dir);
    }
    return verdict == IGNORE_YES;
}

/* Records of package managers: node_modules itself is not watched, but that something was installed
 * there is worth knowing, also in that of the workspace. */
static const struct str records[] = { STR_INIT("node_modules/.package-lock.json"),
    STR_INIT("node_modules/.modules.yaml"), STR_INIT("node_modules/.yarn-state.yml"),
    STR_INIT("node_modules/.yarn-integrity") };

/* The class by what pages use of packages beside the project. */
static enum path_class class_of_use(const struct folder_rules *r, struct str path, bool is_dir)
{
    struct str parent = path_parent(path);

    if (!is_dir) {
        enum package_folder_kind kind = package_folders_find(&r->packages, parent);
        bool is_extended = workspace_is_config(path_name(path)) &&
                           (kind == PACKAGE_FOLDER_PASSAGE || str_eq(parent, WORKSPACE_NAME));

        return kind == PACKAGE_FOLDER_USED || is_extended ? PATH_SEEN : PATH_IGNORED;
    }
    switch (package_folders_find(&r->packages, path)) {
    case PACKAGE_FOLDER_NONE: break;
    case PACKAGE_FOLDER_PASSAGE: return PATH_PASSAGE;
    case PACKAGE_FOLDER_USED:
    case PACKAGE_FOLDER_OWN: return PATH_SEEN;
    }
    return PATH_IGNORED;
}

enum path_class folder_rules_unignore(const struct folder_rules *r, struct str path, bool is_dir)
{
    enum path_class result = PATH_IGNORED;
    struct str inner = path;

    if (r->project.len > 0 && workspace_cut(path, &inner)) {
        result = class_of_use(r, path, is_dir);
        if (result == PATH_SEEN) {
            return result;
        }
    }

    for (size_t i = 0; i < r->unignore_count; i++) {
        if (path_is_below(path, r->unignore[i])) {
            return PATH_SEEN;
        }
        if (is_dir && path_is_below(r->unignore[i], path)) {
            result = PATH_PASSAGE;
        }
    }
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        if (str_eq(inner, records[i])) {
            return PATH_SEEN;
        }
        if (is_dir && path_is_below(records[i], inner)) {
            result = PATH_PASSAGE;
        }
    }
    return result;
}

enum path_class folder_rules_classify(const struct folder_rules *r,
        const struct tree_folder *folder, struct str path, bool is_dir)
{
    if (ignore_is_dropping(path_name(path))) {
        return PATH_IGNORED;
    }
    if (r->project.len > 0 && str_eq(path, WORKSPACE_NAME)) {
        return PATH_PASSAGE;
    }
    return is_ignored(r, folder, path, is_dir) ? folder_rules_unignore(r, path, is_dir) : PATH_SEEN;
}

void folder_rules_drop_outer(struct folder_rules *r)
{
    for (size_t i = 0; i < r->outer.count; i++) {
        ignore_rules_finish(&r->outer.items[i].rules);
    }
    vec_finish(&r->outer);
}

void folder_rules_finish(struct folder_rules *r)
{
    folder_rules_drop_outer(r);
    ignore_rules_finish(&r->options);
    ignore_rules_finish(&r->exclude);
    ignore_rules_finish(&r->global);
    package_folders_finish(&r->packages);
    arena_finish(&r->unignore_arena);
    arena_finish(&r->arena);
}
