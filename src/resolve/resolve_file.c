/* SPDX-License-Identifier: MIT */
/*
 * From a path as it was written to a file that is there: the path itself, a TypeScript source whose
 * output was named, a missing extension, a folder. Only imports get these; what the browser
 * fetches from a URL that nobody rewrites must be there as it is named.
 */
#include "resolve/resolve_private.h"

#include <errno.h>

#include "base/path.h"

/* The order of Vite. */
static const struct str import_exts[] = { STR_INIT(".mjs"), STR_INIT(".js"), STR_INIT(".mts"),
    STR_INIT(".ts"), STR_INIT(".jsx"), STR_INIT(".tsx"), STR_INIT(".json") };
static const struct str require_exts[] = { STR_INIT(".js"), STR_INIT(".json"), STR_INIT(".cjs"),
    STR_INIT(".mjs") };

/* What a name means that TypeScript would have written. */
static const struct {
    struct str ext;
    struct str sources[2];
} outputs[] = {
    { STR_INIT(".js"), { STR_INIT(".ts"), STR_INIT(".tsx") } },
    { STR_INIT(".jsx"), { STR_INIT(".tsx"), STR_INIT("") } },
    { STR_INIT(".mjs"), { STR_INIT(".mts"), STR_INIT("") } },
    { STR_INIT(".cjs"), { STR_INIT(".cts"), STR_INIT("") } },
};

static bool is_code(const struct job *j)
{
    return j->q->kind == RESOLVE_IMPORT || j->q->kind == RESOLVE_REQUIRE;
}

static const struct str *exts_of(const struct job *j, size_t *ret_count)
{
    static const struct str css[] = { STR_INIT(".css") };

    switch (j->q->kind) {
    case RESOLVE_IMPORT:
        *ret_count = sizeof(import_exts) / sizeof(import_exts[0]);
        return import_exts;
    case RESOLVE_REQUIRE:
        *ret_count = sizeof(require_exts) / sizeof(require_exts[0]);
        return require_exts;
    case RESOLVE_CSS_IMPORT: *ret_count = 1; return css;
    case RESOLVE_URL:
    case RESOLVE_CSS_URL:
    case RESOLVE_HTML:
    default: *ret_count = 0; return css;
    }
}

bool job_try(struct job *j, struct str path)
{
    if (fs_kind_of(&j->r->fs, path) == FS_FILE) {
        return true;
    }
    for (size_t i = 0; i < j->ret->tried_count; i++) {
        if (str_eq(j->tried[i], path)) {
            return false;
        }
    }
    if (j->ret->tried_count < RESOLVE_TRIED_MAX) {
        j->tried[j->ret->tried_count++] = arena_str(j->a, path);
    }
    return false;
}

static struct str with_ext(struct job *j, struct str stem, struct str ext)
{
    return arena_printf(j->a, "%.*s%.*s", STR_FMT(stem), STR_FMT(ext));
}

/* The names that `path` may stand for, the likeliest first. */
static size_t candidates(struct job *j, struct str path, struct str ret[CANDIDATES_MAX])
{
    size_t count = 0;
    size_t ext_count;
    const struct str *exts = exts_of(j, &ext_count);
    struct str ext = path_ext(path);

    ret[count++] = path;
    if ((is_code(j) || j->q->kind == RESOLVE_URL) && !resolve_is_below_modules(path)) {
        for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
            for (size_t k = 0; k < 2 && str_eq(ext, outputs[i].ext); k++) {
                if (outputs[i].sources[k].len > 0) {
                    ret[count++] = with_ext(
                            j, str_sub(path, 0, path.len - ext.len), outputs[i].sources[k]);
                }
            }
        }
    }
    for (size_t i = 0; is_code(j) && i < ext_count; i++) {
        ret[count++] = with_ext(j, path, exts[i]);
    }
    return count;
}

/* The index file of a folder. */
static bool find_index(struct job *j, struct str folder, struct str *ret)
{
    size_t count;
    const struct str *exts = exts_of(j, &count);

    if (j->q->kind == RESOLVE_HTML || j->q->kind == RESOLVE_URL) {
        *ret = path_join(j->a, folder, STR("index.html"));
        return job_try(j, *ret);
    }
    for (size_t i = 0; i < count; i++) {
        *ret = path_join(j->a, folder, with_ext(j, STR("index"), exts[i]));
        if (job_try(j, *ret)) {
            return true;
        }
    }
    return false;
}

/* A folder stands for its package's entry or its index file. */
static bool find_folder(struct job *j, struct str folder, struct str *ret)
{
    if (fs_kind_of(&j->r->fs, folder) != FS_FOLDER) {
        return false;
    }
    if (is_code(j) && folder.len > 0) {
        const struct manifest *m = job_manifest(j, folder);

        /* A folder's entry may be a folder with an entry of its own, but not for ever. */
        if (m->found && j->nesting < JOB_NESTING_MAX) {
            j->nesting++;
            bool there = job_find_entry(j, m, ret);

            j->nesting--;
            return there;
        }
    }
    return find_index(j, folder, ret);
}

bool job_find(struct job *j, struct str path, struct str *ret)
{
    struct str names[CANDIDATES_MAX];
    size_t count = path.len > 0 ? candidates(j, path, names) : 0;

    for (size_t i = 0; i < count; i++) {
        if (job_try(j, names[i])) {
            *ret = names[i];
            return true;
        }
    }
    return find_folder(j, path, ret);
}

bool job_find_entry(struct job *j, const struct manifest *m, struct str *ret)
{
    struct str fields[4];
    size_t count = 0;

    if (j->q->kind == RESOLVE_CSS_IMPORT) {
        fields[count++] = m->style;
        fields[count++] = str_ends(m->main, STR(".css")) ? m->main : STR("");
    } else if (j->q->kind == RESOLVE_REQUIRE) {
        fields[count++] = m->browser;
        fields[count++] = m->main;
    } else {
        fields[count++] = m->browser;
        fields[count++] = m->module;
        fields[count++] = m->main;
    }
    for (size_t i = 0; i < count; i++) {
        struct str path;

        /* A folder of a package may have an entry of its own that lies beside it: "../dist/x.js". */
        if (fields[i].len == 0 || str_starts(fields[i], STR("/")) ||
                !path_normalise(j->a, path_join(j->a, m->folder, fields[i]), &path)) {
            continue;
        }
        /* Its own folder as the entry (".", "./") means the index file. */
        if (str_eq(path, m->folder) || !job_find(j, path, ret)) {
            continue;
        }
        bool by_module = j->q->kind == RESOLVE_IMPORT && i == 1;

        /* A browser build beside a module is often a script for all the world; it is preferred only
         * if it is a module itself. */
        if (j->q->kind == RESOLVE_IMPORT && i == 0 && m->module.len > 0 &&
                commonjs_is(j->r, *ret, true)) {
            continue;
        }
        j->is_module = j->is_module || by_module;
        return true;
    }
    return find_index(j, m->folder, ret);
}

bool job_find_url(struct job *j, struct str path, bool folder, struct found *ret)
{
    struct str names[CANDIDATES_MAX];
    size_t count = path.len > 0 && !folder ? candidates(j, path, names) : 0;
    size_t mounts = resolve_is_below_modules(path) ? 1 : j->r->mount_count;

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < mounts; k++) {
            ret->mount = j->r->mounts[k];
            ret->path = path_join(j->a, ret->mount, names[i]);
            if (job_try(j, ret->path)) {
                return true;
            }
        }
    }
    for (size_t k = 0; k < mounts; k++) {
        ret->mount = j->r->mounts[k];
        if (find_folder(j, path_join(j->a, ret->mount, path), &ret->path)) {
            return true;
        }
    }
    return false;
}

void job_suggest(struct job *j, struct str path)
{
    struct fs_entry *entries;
    size_t count;
    struct str folder = path_parent(path);

    if (path.len == 0 || j->r->fs.list(j->r->fs.ctx, folder, j->a, &entries, &count,
                                 RESOLVE_NAMES_MAX) == -ENOENT) {
        return;
    }
    struct str *names = arena_array(j->a, struct str, count + 1);

    for (size_t i = 0; i < count; i++) {
        names[i] = entries[i].name;
    }
    struct str near = str_nearest(path_name(path), names, count);

    if (near.len > 0) {
        j->ret->near = path_join(j->a, folder, near);
        j->ret->hint = arena_printf(j->a, "did you mean %.*s?", STR_FMT(j->ret->near));
    }
}
