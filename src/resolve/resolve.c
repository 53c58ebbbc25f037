/* SPDX-License-Identifier: MIT */
/*
 * The order in which a specifier is understood: an alias, the page's import map, a URL, "#name", a package.
 *
 * Invariant: a path in a result is normalised and can be asked of the server by `url`; what the
 * server would refuse (an encoded slash, control bytes, ...) is missing, however it is on disk.
 */
#include "resolve/resolve.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "resolve/resolve_private.h"
#include "resolve/url.h"
#include "resolve/vite_config.h"

enum { URL_OF_MAX = 64 * 1024 };

struct resolver *resolver_create(const struct resolver_options *options)
{
    struct resolver *r = mem_new(struct resolver);

    r->fs = options->fs;
    r->vite_config = options->vite_config;
    r->mount_count = options->static_dir_count + 1;
    r->mounts = arena_array(&r->arena, struct str, r->mount_count);
    for (size_t i = 1; i < r->mount_count; i++) {
        if (!path_normalise(&r->arena, options->static_dirs[i - 1], &r->mounts[i])) {
            r->mounts[i] = STR("");
        }
    }
    r->manifests = manifests_create(&r->fs, RESOLVE_PACKAGES_KEPT, RESOLVE_PACKAGES_BYTES);
    return r;
}

void resolver_destroy(struct resolver *r)
{
    if (!r) {
        return;
    }
    manifests_destroy(r->manifests);
    commonjs_forget(r, STR(""));
    arena_finish(&r->arena);
    free(r);
}

void resolver_forget(struct resolver *r, struct str path)
{
    static const struct str locks[] = { STR_INIT("package-lock.json"), STR_INIT("yarn.lock"),
        STR_INIT("pnpm-lock.yaml"), STR_INIT("bun.lock"), STR_INIT("bun.lockb"),
        STR_INIT(".package-lock.json"), STR_INIT("npm-shrinkwrap.json"), STR_INIT(".modules.yaml"),
        STR_INIT(".yarn-state.yml"), STR_INIT(".yarn-integrity") };
    struct str name = path_name(path);
    bool all = false;

    for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
        all = all || str_eq(name, locks[i]);
    }
    struct str folder = all                                 ? STR("")
                        : str_eq(name, STR("package.json")) ? path_parent(path)
                                                            : path;

    manifests_forget(r->manifests, folder);
    commonjs_forget(r, folder);
}

struct str resolve_url_of(struct arena *a, struct str path)
{
    static const char digits[] = "0123456789ABCDEF";
    char *to = arena_alloc(a, path.len * 3 + 2);
    size_t len = 0;

    to[len++] = '/';
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];

        if (c <= 0x20 || c >= 0x7f || str_find(STR("\"#%<>?\\^`{|}"), (char)c) != STR_NONE) {
            to[len++] = '%';
            to[len++] = digits[c >> 4];
            to[len++] = digits[c & 15];
        } else {
            to[len++] = (char)c;
        }
    }
    return (struct str){ to, len };
}

static size_t count_signs(struct str s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        count += c < 0x20 || c == 0x7f || c == '\\' || c == '/' || c == '.';
    }
    return count;
}

/* Whether decoding has brought no sign that a path is made of, and none that no path may hold. */
static bool is_same_path(struct str path, struct str decoded)
{
    return count_signs(path) == count_signs(decoded);
}

/* Whether the server would take this path from a request: see http_target_parse(). */
static bool is_servable(struct arena *a, struct str raw, struct str decoded)
{
    if (str_find_str(raw, STR("%2f")) != STR_NONE || str_find_str(raw, STR("%2F")) != STR_NONE ||
            !str_is_utf8(decoded)) {
        return false;
    }
    /* what becomes another path when it is decoded once more means two things */
    struct str again = url_decode(a, decoded);

    for (size_t i = 0; i < decoded.len; i++) {
        unsigned char c = (unsigned char)decoded.ptr[i];

        if (c < 0x20 || c == 0x7f || c == '\\') {
            return false;
        }
    }
    return is_same_path(decoded, again);
}

/* A URL of our own origin, as the browser comes to it. */
static void resolve_own_url(struct job *j, struct str url)
{
    struct str raw;
    struct str path;
    struct found found;

    url_split(url, &raw, &j->ret->query, &j->ret->fragment);
    struct str decoded = url_decode(j->a, raw);
    /* A specifier with two slashes is for tools a path like any other; it is rewritten to that path. */
    bool is_written = j->q->kind != RESOLVE_IMPORT && j->q->kind != RESOLVE_REQUIRE;
    bool has_gap = is_written && str_find_str(raw, STR("//")) != STR_NONE;

    if (has_gap || !is_servable(j->a, raw, decoded) ||
            !path_normalise(j->a, str_skip(decoded, 1), &path)) {
        job_fail(j, RESOLVED_MISSING, "\"%.*s\" is no path that is served",
                STR_FMT(j->q->specifier));
        return;
    }
    bool folder = str_ends(decoded, STR("/"));

    j->url = raw;
    if (job_find_url(j, path, folder, &found)) {
        job_end(j, found, false);
        /* A document that stands for its folder has the folder's URL. */
        if (j->ret->kind == RESOLVED_FILE && j->q->kind != RESOLVE_IMPORT &&
                j->q->kind != RESOLVE_REQUIRE && str_eq(path_name(found.path), STR("index.html")) &&
                !str_eq(path_name(path), STR("index.html"))) {
            j->ret->url = str_sub(j->ret->url, 0, str_rfind(j->ret->url, '/') + 1);
            j->ret->same_url = str_eq(j->url, j->ret->url);
        }
        return;
    }
    if ((j->q->kind == RESOLVE_IMPORT || j->q->kind == RESOLVE_REQUIRE) &&
            resolve_is_below_modules(path) && job_end_by_map(j, path)) {
        return;
    }
    job_fail(j, RESOLVED_MISSING, "\"%.*s\": there is no such file", STR_FMT(j->q->specifier));
    j->ret->path = path;
    j->ret->url = resolve_url_of(j->a, path);
    job_suggest(j, path);
}

/* A reference that is a URL in its language, whatever it looks like. */
static void resolve_reference(struct job *j, struct str base, struct str reference)
{
    struct str text = reference;
    struct str url;

    while (text.len > 0 && (unsigned char)text.ptr[0] <= 0x20) {
        text = str_skip(text, 1);
    }
    if (text.len == 0 || text.ptr[0] == '#') {
        return;
    }
    if (url_join(j->a, base, STR(""), text, &url) == URL_OWN) {
        resolve_own_url(j, url);
    }
}

static void resolve_specifier(struct job *j, struct str base, struct str specifier)
{
    if (str_starts(specifier, STR("node:"))) {
        job_fail(j, RESOLVED_LEAVE, "\"%.*s\" is a part of Node, and no browser has it",
                STR_FMT(specifier));
    } else if (url_is_like(specifier) || str_eq(specifier, STR(".")) ||
               str_eq(specifier, STR(".."))) {
        resolve_reference(j, base, specifier);
    } else if (str_starts(specifier, STR("#"))) {
        job_imports(j, specifier);
    } else {
        struct str name;

        url_split(specifier, &name, &j->ret->query, &j->ret->fragment);
        job_bare(j, name);
    }
}

/* What the page's import map says; true if that has ended the question. */
static bool resolve_by_map(struct job *j, struct str base, struct str specifier)
{
    struct str url;

    switch (import_map_resolve(j->q->map, specifier, base, j->a, &url)) {
    case IMPORT_MAP_URL:
        if (str_starts(url, STR("/"))) {
            resolve_own_url(j, url);
        }
        return true;
    case IMPORT_MAP_BLOCKED:
        job_fail(j, RESOLVED_MISSING, "\"%.*s\" is blocked by the page's import map",
                STR_FMT(specifier));
        return true;
    case IMPORT_MAP_NONE:
    default: return false;
    }
}

void resolve(
        struct resolver *r, const struct resolve_request *q, struct arena *a, struct resolved *ret)
{
    struct job job = { .r = r, .q = q, .a = a, .ret = ret };
    struct str base = q->importer_url.len > 0 ? q->importer_url : resolve_url_of(a, q->importer);

    *ret = (struct resolved){ .kind = RESOLVED_LEAVE };
    if (q->specifier.len > RESOLVE_SPECIFIER_MAX || base.len > URL_OF_MAX) {
        return;
    }
    manifests_turn(r->manifests);
    job.tried = arena_array(a, struct str, RESOLVE_TRIED_MAX);
    job.manifests = arena_array(a, struct str, RESOLVE_TRIED_MAX);
    if (q->kind == RESOLVE_IMPORT || q->kind == RESOLVE_REQUIRE) {
        struct str specifier = q->specifier;

        ret->by_alias = vite_config_alias(r->vite_config, q->specifier, a, &specifier);
        if (!q->map || !resolve_by_map(&job, base, specifier)) {
            resolve_specifier(&job, base, specifier);
        }
        ret->same_url = ret->same_url && !ret->by_alias;
    } else {
        resolve_reference(&job, base, q->specifier);
    }
    if (q->kind == RESOLVE_CSS_IMPORT && ret->kind == RESOLVED_MISSING &&
            !url_is_like(q->specifier) && !str_starts(q->specifier, STR("."))) {
        struct resolved missing = *ret;
        struct str name;

        job.url = STR("");
        url_split(q->specifier, &name, &ret->query, &ret->fragment);
        job_bare(&job, name);
        if (ret->kind != RESOLVED_FILE) {
            missing.tried_count = ret->tried_count;
            missing.manifest_count = ret->manifest_count;
            *ret = missing;
        }
    }
    ret->tried = job.tried;
    ret->manifests = job.manifests;
}
