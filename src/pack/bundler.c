/* SPDX-License-Identifier: MIT */
/* See bundler.h. */
#include "pack/bundler.h"

#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/sys.h"
#include "pack/bundler_files.h"
#include "resolve/resolve.h"
#include "transform/esbuild.h"

/* Whether the manifest is of a version whose options are those that sidecar/pack.mjs gives: from 1.0.0 on. */
static bool is_stable(struct str manifest)
{
    json_t *root = json_loadb(manifest.ptr ? manifest.ptr : "", manifest.len, 0, NULL);
    struct str version = str_from(json_string_value(json_object_get(root, "version")));
    bool good = version.len > 0 && version.ptr[0] >= '1' && version.ptr[0] <= '9' &&
                !str_starts(version, STR("1.0.0-"));

    json_decref(root);
    return good;
}

/* The package rolldown, if `folder` is that: its package.json says which version it is. */
static bool take_rolldown(struct arena *a, struct str folder, struct bundler *ret)
{
    struct strbuf manifest;

    strbuf_init(&manifest, RESOLVE_PACKAGE_MAX);
    bool good = sys_read_file(path_join(a, folder, STR("package.json")), &manifest) == 0 &&
                !manifest.overflow && is_stable(strbuf_str(&manifest));

    if (good) {
        struct hash_stream *stream = hash_stream_create();

        hash_stream_add(stream, folder);
        hash_stream_add(stream, STR("\0"));
        hash_stream_add(stream, strbuf_str(&manifest));
        hash_stream_add(stream, bundler_files[0].bytes); /* by which it is run */
        *ret = (struct bundler){
            .name = "rolldown", .path = mem_strcopy(folder), .key = hash_stream_take(stream)
        };
        hash_stream_destroy(stream);
    }
    strbuf_finish(&manifest);
    return good;
}

/* In node_modules of `folder` ("" is the file system's root). */
static bool find_rolldown_in(struct arena *a, struct str folder, struct bundler *ret)
{
    /* as npm and yarn lay it out; as pnpm does */
    static const char *const places[] = { "/node_modules/rolldown",
        "/node_modules/.pnpm/node_modules/rolldown" };
    char real[PATH_MAX];

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (take_rolldown(a, arena_printf(a, "%.*s%s", STR_FMT(folder), places[i]), ret)) {
            return true;
        }
    }
    /* pnpm, where it hoists nothing: beside the package that needs it */
    return realpath(arena_printf(a, "%.*s/node_modules/vite", STR_FMT(folder)).ptr, real) &&
           take_rolldown(a, path_join(a, path_parent(str_from(real)), STR("rolldown")), ret);
}

static bool find_rolldown(struct str root, struct bundler *ret)
{
    struct arena a = { 0 };
    struct str folder = root;
    bool found = false;

    for (bool more = true; more && !found; folder = path_parent(folder)) {
        more = folder.len > 0;
        found = find_rolldown_in(&a, folder, ret);
    }
    arena_finish(&a);
    return found;
}

static bool find_esbuild(struct str root, const char *path, struct bundler *ret)
{
    struct stat st;
    char *binary = esbuild_find(root, path, &st);

    if (binary) {
        struct arena a = { 0 };

        *ret = (struct bundler){ .name = "esbuild",
            .path = binary,
            .key = hash_bytes(arena_printf(&a, "%s %lld.%ld %lld", binary,
                    (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (long long)st.st_size)) };
        arena_finish(&a);
    }
    return binary != NULL;
}

bool bundler_find(struct str root, const char *path, struct bundler *ret)
{
    *ret = (struct bundler){ 0 };
    return find_esbuild(root, path, ret) || find_rolldown(root, ret);
}

bool bundler_is_rolldown(const struct bundler *bundler)
{
    return bundler->name && str_eq(str_from(bundler->name), STR("rolldown"));
}

/* Our NODE_OPTIONS without --inspect and its like: a bundler is not what somebody wants to debug, and waits
 * for them, or has no port. */
static const char *node_options(struct arena *a)
{
    struct str rest = str_from(getenv("NODE_OPTIONS"));
    struct str all = STR("");
    struct str word;

    while (rest.len > 0) {
        (void)str_cut(rest, ' ', &word, &rest);
        if (word.len > 0 && !str_starts(word, STR("--inspect"))) {
            all = arena_printf(
                    a, "%.*s%s%.*s", STR_FMT(all), all.len > 0 ? " " : "", STR_FMT(word));
        }
    }
    return arena_printf(a, "NODE_OPTIONS=%.*s", STR_FMT(all)).ptr;
}

const char *const *bundler_env(struct arena *a)
{
    const char **env = arena_array(a, const char *, 4);

    env[0] = "NO_COLOR=1";
    env[1] = "FORCE_COLOR=0";
    env[2] = node_options(a);
    return env;
}

void bundler_finish(struct bundler *bundler)
{
    free(bundler->path);
    *bundler = (struct bundler){ 0 };
}
