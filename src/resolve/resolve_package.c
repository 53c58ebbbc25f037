/* SPDX-License-Identifier: MIT */
/*
 * Bare specifiers: the import's own package (its browser field, its imports, its name), then the
 * node_modules folders from the importer's upward. Node's rules, with what bundlers add for
 * packages that have no exports.
 */
#include "resolve/resolve_private.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/path.h"
#include "resolve/url.h"

enum { MESSAGE_MAX = 4096 };

static const struct str import_conditions[] = { STR_INIT("browser"), STR_INIT("import"),
    STR_INIT("module"), STR_INIT("development") };
/* "module" for require() too, as bundlers have it: what is imported and required is one module. */
static const struct str require_conditions[] = { STR_INIT("browser"), STR_INIT("require"),
    STR_INIT("module"), STR_INIT("development") };
static const struct str style_conditions[] = { STR_INIT("style"), STR_INIT("browser"),
    STR_INIT("import"), STR_INIT("development") };

static const struct str *conditions_of(const struct job *j, size_t *ret_count)
{
    if (j->q->kind == RESOLVE_REQUIRE) {
        *ret_count = sizeof(require_conditions) / sizeof(require_conditions[0]);
        return require_conditions;
    }
    if (j->q->kind == RESOLVE_CSS_IMPORT) {
        *ret_count = sizeof(style_conditions) / sizeof(style_conditions[0]);
        return style_conditions;
    }
    *ret_count = sizeof(import_conditions) / sizeof(import_conditions[0]);
    return import_conditions;
}

void job_fail(struct job *j, enum resolved_kind kind, const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    j->ret->kind = kind;
    j->ret->message = arena_str(j->a, str_from(text));
    j->ret->warn = kind == RESOLVED_LEAVE;
}

const struct manifest *job_manifest(struct job *j, struct str folder)
{
    const struct manifest *m = manifests_get(j->r->manifests, folder);
    struct str path = path_join(j->a, folder, STR("package.json"));

    for (size_t i = 0; i < j->ret->manifest_count; i++) {
        if (str_eq(j->manifests[i], path)) {
            return m;
        }
    }
    if (j->ret->manifest_count < RESOLVE_TRIED_MAX) {
        j->manifests[j->ret->manifest_count++] = path;
    }
    return m;
}

const struct manifest *job_scope(struct job *j, struct str path)
{
    struct str folder = path;
    const struct manifest *m;

    do {
        folder = path_parent(folder);
        m = job_manifest(j, folder);
    } while (!m->found && folder.len > 0 && !str_eq(path_name(folder), STR("node_modules")));
    return m;
}

/* A specifier that a package gives in place of another: its own file, or another package. */
static void go_on(struct job *j, const struct manifest *m, struct str specifier)
{
    struct str inside;
    struct found found = { { NULL, 0 }, { NULL, 0 } };

    if (++j->hops > JOB_HOPS_MAX) {
        job_fail(j, RESOLVED_MISSING, "\"%.*s\": packages name one another in a circle",
                STR_FMT(j->q->specifier));
        return;
    }
    if (!str_starts(specifier, STR(".")) && !str_starts(specifier, STR("/"))) {
        job_bare(j, specifier);
        return;
    }
    while (str_starts(specifier, STR("/"))) {
        specifier = str_skip(specifier, 1);
    }
    if (path_normalise(j->a, specifier, &inside) &&
            job_find(j, path_join(j->a, m->folder, inside), &found.path)) {
        job_end(j, found, false);
        return;
    }
    job_fail(j, RESOLVED_MISSING, "%.*s/package.json names \"%.*s\", and there is no such file",
            STR_FMT(m->folder), STR_FMT(specifier));
}

bool job_end_by_map(struct job *j, struct str path)
{
    const struct manifest *m = job_scope(j, path);
    struct str other;

    if (!m->found || !m->browser_map || j->mapped) {
        return false;
    }
    struct str name = arena_printf(
            j->a, "./%.*s", STR_FMT(str_skip(path, m->folder.len > 0 ? m->folder.len + 1 : 0)));

    switch (package_browser_map(m->browser_map, name, j->a, &other)) {
    case PACKAGE_BROWSER_EMPTY: j->ret->kind = RESOLVED_EMPTY; return true;
    case PACKAGE_BROWSER_OTHER:
        j->mapped = true;
        go_on(j, m, other);
        return true;
    case PACKAGE_BROWSER_SAME:
    default: return false;
    }
}

/* Each link on the way may be switched, also one to which another leads. */
static void add_links(struct job *j, struct str path)
{
    enum { LINKS_MAX = 16 };
    const struct fs *fs = &j->r->fs;
    struct resolved *ret = j->ret;
    struct str walked = STR(""); /* no link is in it */
    struct str name;

    ret->links = arena_array(j->a, struct str, LINKS_MAX);
    ret->link_count = 0;
    while (path.len > 0 && ret->link_count < LINKS_MAX) {
        struct str leads_to;

        (void)str_cut(path, '/', &name, &path);
        walked = path_join(j->a, walked, name);
        if (fs->link(fs->ctx, walked, j->a, &leads_to)) {
            ret->links[ret->link_count++] = walked;
            path = path_join(j->a, leads_to, path);
            walked = STR("");
        }
    }
}

void job_end(struct job *j, struct found found, bool by_exports)
{
    struct resolved *ret = j->ret;
    bool code = j->q->kind == RESOLVE_IMPORT || j->q->kind == RESOLVE_REQUIRE;
    struct str real;

    if (code && !by_exports && job_end_by_map(j, found.path)) {
        return;
    }
    if (!j->r->fs.real(j->r->fs.ctx, found.path, j->a, &real)) {
        real = found.path;
    }
    struct str served = code ? real : found.path;

    if (found.mount.len > 0 && path_is_below(served, found.mount)) {
        served = str_skip(served, found.mount.len + 1);
    }
    ret->kind = RESOLVED_FILE;
    /* by a URL of a document or a sheet it is what that leads to, now and later */
    ret->path = arena_str(j->a, code ? real : found.path);
    ret->url = resolve_url_of(j->a, served);
    ret->is_package = ret->package.len > 0 || resolve_is_below_modules(real);
    if (code && !ret->is_package && !str_eq(found.path, real)) {
        add_links(j, found.path);
    }
    /* what is required is CommonJS in the project's own files too */
    ret->is_commonjs =
            code && commonjs_is(j->r, real,
                            (ret->is_package && !j->is_module) || j->q->kind == RESOLVE_REQUIRE);
    ret->same_url = j->url.len > 0 && str_eq(j->url, ret->url);
    ret->hint = ret->near = ret->message = STR("");
}

/* A file that exports or imports has named exactly. */
static void end_with_target(struct job *j, const struct manifest *m, const struct package_target *t)
{
    struct found found = { { NULL, 0 }, { NULL, 0 } };
    struct str inside = url_decode(j->a, t->text);

    found.path = path_join(j->a, m->folder, inside);
    j->is_module = j->is_module || t->is_module;
    if (str_find(inside, '\0') == STR_NONE && job_try(j, found.path)) {
        job_end(j, found, true);
        return;
    }
    job_fail(j, RESOLVED_MISSING,
            "\"%.*s\": %.*s/package.json leads to %.*s, and there is no such file",
            STR_FMT(j->q->specifier), STR_FMT(m->folder), STR_FMT(found.path));
    job_suggest(j, found.path);
}

static void fail_target(
        struct job *j, const struct manifest *m, const struct package_target *t, const char *field)
{
    struct str spec = j->q->specifier;
    struct str manifest = path_join(j->a, m->folder, STR("package.json"));

    switch (t->answer) {
    case PACKAGE_BAD_CONFIG:
        job_fail(j, RESOLVED_MISSING, "\"%.*s\": %.*s mixes keys with and without a dot in \"%s\"",
                STR_FMT(spec), STR_FMT(manifest), field);
        return;
    case PACKAGE_BAD_TARGET:
        job_fail(j, RESOLVED_MISSING,
                "\"%.*s\": \"%s\" of %.*s leads to \"%.*s\", which is no path "
                "within the package",
                STR_FMT(spec), field, STR_FMT(manifest), STR_FMT(t->text));
        return;
    case PACKAGE_BAD_SPECIFIER:
        job_fail(j, RESOLVED_MISSING, "\"%.*s\" is no name that \"%s\" of %.*s can give",
                STR_FMT(spec), field, STR_FMT(manifest));
        return;
    case PACKAGE_NONE:
    case PACKAGE_NULL:
    case PACKAGE_PATH:
    case PACKAGE_BARE:
    default:
        job_fail(j, RESOLVED_MISSING, "\"%.*s\" is not among the \"%s\" of %.*s", STR_FMT(spec),
                field, STR_FMT(manifest));
        return;
    }
}

static void use_exports(struct job *j, const struct manifest *m, struct str subpath)
{
    struct package_target target;
    size_t count;
    const struct str *conditions = conditions_of(j, &count);

    package_exports(m->exports, subpath, conditions, count, j->a, &target);
    if (target.answer == PACKAGE_PATH) {
        end_with_target(j, m, &target);
    } else {
        fail_target(j, m, &target, "exports");
    }
}

/* A package that has no exports: every file may be had. */
static bool use_fields(struct job *j, const struct manifest *m, struct str subpath)
{
    struct found found = { { NULL, 0 }, { NULL, 0 } };
    struct str inside;
    bool there;

    if (str_eq(subpath, STR("."))) {
        there = job_find_entry(j, m, &found.path);
    } else {
        there = path_normalise(j->a, url_decode(j->a, subpath), &inside) && inside.len > 0 &&
                str_find(inside, '\0') == STR_NONE &&
                job_find(j, path_join(j->a, m->folder, inside), &found.path);
    }
    if (there) {
        job_end(j, found, false);
    }
    return there;
}

/* Looks in one folder for the package; true if that has ended the question. */
static bool use_folder(struct job *j, struct str folder, struct str subpath, struct str *ret_seen)
{
    if (fs_kind_of(&j->r->fs, folder) != FS_FOLDER) {
        job_try(j, path_join(j->a, folder, STR("package.json")));
        return false;
    }
    const struct manifest *m = job_manifest(j, folder);

    if (m->error.len > 0) {
        job_fail(
                j, RESOLVED_MISSING, "%.*s/package.json: %.*s", STR_FMT(folder), STR_FMT(m->error));
        return true;
    }
    if (m->exports) {
        use_exports(j, m, subpath);
        return true;
    }
    if (ret_seen->len == 0) {
        *ret_seen = folder;
    }
    return use_fields(j, m, subpath);
}

/* By the lock file beside the project's package.json. */
static const char *install_command(const struct job *j)
{
    static const struct {
        struct str lock;
        const char *command;
    } managers[] = {
        { STR_INIT("pnpm-lock.yaml"), "pnpm add" },
        { STR_INIT("yarn.lock"), "yarn add" },
        { STR_INIT("bun.lock"), "bun add" },
        { STR_INIT("bun.lockb"), "bun add" },
    };

    for (size_t i = 0; i < sizeof(managers) / sizeof(managers[0]); i++) {
        if (fs_kind_of(&j->r->fs, managers[i].lock) == FS_FILE) {
            return managers[i].command;
        }
    }
    return "npm install";
}

/* What is said of a name that a bundler may have been told of. */
#define ALIAS_HINT                                                                                 \
    "an alias is read from resolve.alias in vite.config, and from \"paths\" in tsconfig.json or "  \
    "jsconfig.json"

/* Whether no package can be meant: no name of npm begins so, or a folder of the project is called so. */
static bool is_like_alias(const struct job *j, struct str name)
{
    const struct fs *fs = &j->r->fs;
    unsigned char first = (unsigned char)name.ptr[0];

    return !(isalnum(first) || first == '@' || first == '_') || fs_kind_of(fs, name) == FS_FOLDER ||
           fs_kind_of(fs, path_join(j->a, STR("src"), name)) == FS_FOLDER;
}

static void fail_bare(struct job *j, struct str specifier, struct str name, struct str seen)
{
    if (seen.len > 0) {
        job_fail(j, RESOLVED_MISSING, "\"%.*s\": the package is in %.*s and has no such file",
                STR_FMT(specifier), STR_FMT(seen));
        return;
    }
    if (package_is_builtin(specifier)) {
        job_fail(j, RESOLVED_LEAVE, "\"%.*s\" is a part of Node, and no browser has it",
                STR_FMT(specifier));
        return;
    }
    job_fail(j, RESOLVED_LEAVE, "\"%.*s\": there is no package of this name in node_modules",
            STR_FMT(specifier));
    if (is_like_alias(j, name)) {
        j->ret->hint = STR(ALIAS_HINT);
        return;
    }
    job_suggest(j, path_join(j->a, STR("node_modules"), name));
    if (j->ret->near.len == 0) {
        j->ret->hint = arena_printf(j->a, "%s %.*s", install_command(j), STR_FMT(name));
    } else {
        j->ret->hint = arena_printf(j->a, "did you mean %.*s?",
                STR_FMT(str_skip(j->ret->near, STR("node_modules/").len)));
    }
}

/* What the importer's own package says of a name; true if that has ended the question. */
static bool use_own_package(
        struct job *j, struct str specifier, struct str name, struct str subpath)
{
    const struct manifest *m = job_scope(j, j->q->importer);
    struct str other;

    if (!m->found) {
        return false;
    }
    if (m->browser_map && !j->mapped) {
        switch (package_browser_map(m->browser_map, specifier, j->a, &other)) {
        case PACKAGE_BROWSER_EMPTY: j->ret->kind = RESOLVED_EMPTY; return true;
        case PACKAGE_BROWSER_OTHER:
            j->mapped = true;
            j->ret->package = STR("");
            go_on(j, m, other);
            return true;
        case PACKAGE_BROWSER_SAME:
        default: break;
        }
    }
    if (m->exports && str_eq(m->name, name)) {
        j->ret->package = STR("");
        use_exports(j, m, subpath);
        return true;
    }
    return false;
}

/* The same in the node_modules of a folder. */
static bool use_modules(
        struct job *j, struct str folder, struct str name, struct str subpath, struct str *ret_seen)
{
    struct str modules = path_join(j->a, folder, STR("node_modules"));

    return !str_eq(path_name(folder), STR("node_modules")) &&
           use_folder(j, path_join(j->a, modules, name), subpath, ret_seen);
}

void job_bare(struct job *j, struct str specifier)
{
    struct str name;
    struct str subpath;
    struct str folder = j->q->importer;
    struct str seen = { NULL, 0 };

    if (!package_split(j->a, specifier, &name, &subpath)) {
        job_fail(j, RESOLVED_LEAVE, "\"%.*s\" is neither a path nor a package's name",
                STR_FMT(specifier));
        j->ret->hint = STR(ALIAS_HINT);
        return;
    }
    j->ret->package = arena_str(j->a, name);
    if (use_own_package(j, specifier, name, subpath)) {
        return;
    }
    do {
        folder = path_parent(folder);
        if (use_modules(j, folder, name, subpath, &seen)) {
            return;
        }
    } while (folder.len > 0);
    /* the folders above the root, as far as the workspace goes */
    for (folder = path_parent(j->r->fs.within); folder.len > 0; folder = path_parent(folder)) {
        if (use_modules(j, folder, name, subpath, &seen)) {
            return;
        }
    }
    fail_bare(j, specifier, name, seen);
}

void job_imports(struct job *j, struct str specifier)
{
    const struct manifest *m = job_scope(j, j->q->importer);
    struct package_target target;
    size_t count;
    const struct str *conditions = conditions_of(j, &count);

    if (!m->found || !m->imports) {
        job_fail(j, RESOLVED_LEAVE, "\"%.*s\": no package.json above %.*s has \"imports\"",
                STR_FMT(specifier), STR_FMT(j->q->importer));
        return;
    }
    package_imports(m->imports, specifier, conditions, count, j->a, &target);
    if (target.answer == PACKAGE_PATH) {
        end_with_target(j, m, &target);
    } else if (target.answer == PACKAGE_BARE) {
        go_on(j, m, target.text);
    } else {
        fail_target(j, m, &target, "imports");
    }
}
