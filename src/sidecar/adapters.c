/* SPDX-License-Identifier: MIT */
/*
 * See adapters.h. What package.json says is read when it is first asked for, and again when one of
 * the files that decide has changed; between two changes a question costs no system call.
 */
#include "sidecar/adapters.h"

#include <stdlib.h>

#include <jansson.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/path.h"
#include "resolve/resolve.h"
#include "resolve/tsconfig.h"
#include "resolve/vite_config.h"

struct own_plugin {
    struct str ending;
    struct str file;
};

struct adapters {
    struct fs fs;
    struct tsconfigs *tsconfigs;    /* may be NULL */
    const struct vite_config *vite; /* may be NULL */
    bool (*is_installed)(void *ctx, const char *name);
    void *ctx;
    bool is_read;
    struct arena arena; /* of what was read */
    struct str stamp;   /* of all files that decide */
    struct str refresh; /* "react", "preact" or empty */
    struct str foreign; /* "solid", "qwik" or empty: JSX that only their own compilers read */
    bool has_script;
    bool has_styles; /* every sheet goes through PostCSS or Tailwind */
    bool has_less;
    bool has_stylus;
    struct own_plugin *plugins;
    size_t plugin_count;
};

/* Files in the project's folder that decide; a compiler's own configuration among them. */
static const struct str deciders[] = { STR_INIT("package.json"), STR_INIT("svelte.config.js"),
    STR_INIT("svelte.config.mjs"), STR_INIT("postcss.config.js"), STR_INIT("postcss.config.mjs"),
    STR_INIT("postcss.config.cjs"), STR_INIT("postcss.config.json"), STR_INIT(".postcssrc"),
    STR_INIT(".postcssrc.json"), STR_INIT(".postcssrc.js"), STR_INIT(".postcssrc.mjs"),
    STR_INIT(".postcssrc.cjs") };

enum { DECIDERS = sizeof(deciders) / sizeof(deciders[0]) };

struct adapters *adapters_create(const struct fs *fs, struct tsconfigs *tsconfigs,
        const struct vite_config *vite, bool (*installed)(void *ctx, const char *name), void *ctx)
{
    struct adapters *ad = mem_new(struct adapters);

    ad->fs = *fs;
    ad->tsconfigs = tsconfigs;
    ad->vite = vite;
    ad->is_installed = installed;
    ad->ctx = ctx;
    return ad;
}

void adapters_destroy(struct adapters *ad)
{
    if (ad) {
        arena_finish(&ad->arena);
        free(ad);
    }
}

static bool is_installed(const struct adapters *ad, const char *name)
{
    return ad->is_installed(ad->ctx, name);
}

/* Vite and its plugins bring them along; pnpm has them where these find them and the project does not
 * (project.mjs). */
static bool has_rolldown(const struct adapters *ad)
{
    return is_installed(ad, "rolldown") || is_installed(ad, ".pnpm/node_modules/rolldown");
}

static bool has_babel(const struct adapters *ad)
{
    return is_installed(ad, "@babel/core") || is_installed(ad, ".pnpm/node_modules/@babel/core");
}

static bool is_named(const json_t *manifest, const char *name)
{
    static const char *const fields[] = { "dependencies", "devDependencies", "optionalDependencies",
        "peerDependencies" };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (json_object_get(json_object_get(manifest, fields[i]), name)) {
            return true;
        }
    }
    return false;
}

static struct str refresh_of(struct adapters *ad, const json_t *manifest)
{
    bool compiles = is_installed(ad, "oxc-transform") || has_rolldown(ad) ||
                    is_installed(ad, "@swc/core") || has_babel(ad);

    if (!compiles) {
        return STR("");
    }
    if (is_named(manifest, "react") &&
            (is_installed(ad, "react-refresh") || is_installed(ad, "@vitejs/plugin-react") ||
                    is_installed(ad, "@vitejs/plugin-react-swc"))) {
        return STR("react");
    }
    return is_named(manifest, "preact") && is_installed(ad, "@prefresh/core") ? STR("preact")
                                                                              : STR("");
}

static struct str foreign_of(const json_t *manifest)
{
    if (is_named(manifest, "react") || is_named(manifest, "preact")) {
        return STR("");
    }
    if (is_named(manifest, "solid-js")) {
        return STR("solid");
    }
    return is_named(manifest, "@builder.io/qwik") || is_named(manifest, "@qwik.dev/core")
                   ? STR("qwik")
                   : STR("");
}

static bool has_script_compiler(struct adapters *ad)
{
    return !is_installed(ad, "esbuild") &&
           (is_installed(ad, "oxc-transform") || has_rolldown(ad) ||
                   is_installed(ad, "@swc/core") || is_installed(ad, "typescript"));
}

static void read_plugins(struct adapters *ad, const json_t *manifest)
{
    json_t *list = json_object_get(json_object_get(manifest, "orbiton"), "plugins");
    const char *ending;
    json_t *file;

    ad->plugins = arena_array(&ad->arena, struct own_plugin, ADAPTERS_PLUGINS_MAX);
    ad->plugin_count = 0;
    json_object_foreach(list, ending, file)
    {
        struct str path;

        if (ad->plugin_count < ADAPTERS_PLUGINS_MAX && ending[0] == '.' && json_is_string(file) &&
                path_normalise(&ad->arena, str_from(json_string_value(file)), &path)) {
            ad->plugins[ad->plugin_count++] = (struct own_plugin){
                .ending = arena_str(&ad->arena, str_from(ending)),
                .file = arena_printf(&ad->arena, "./%.*s", STR_FMT(path)),
            };
        }
    }
}

/* One text of the stamps of everything that decides; plugins of the project too. */
static struct str stamp_of(struct adapters *ad, struct str manifest)
{
    struct hash_stream *stream = hash_stream_create();
    char hex[HASH_HEX_LEN + 1];

    for (size_t i = 0; i < DECIDERS + ad->plugin_count; i++) {
        struct str path = i < DECIDERS ? deciders[i] : str_skip(ad->plugins[i - DECIDERS].file, 2);
        struct str text = STR("");
        struct arena_mark mark = arena_get_mark(&ad->arena);

        if (i == 0) {
            text = manifest;
        } else {
            (void)ad->fs.read(ad->fs.ctx, path, &ad->arena, &text, ADAPTERS_MANIFEST_MAX);
        }
        hash_stream_add(stream, text);
        hash_stream_add(stream, STR("\0"));
        arena_rewind(&ad->arena, mark);
    }
    hash_format(hash_stream_take(stream), hex);
    hash_stream_destroy(stream);
    return arena_str(&ad->arena, str_from(hex));
}

static bool has_config(struct adapters *ad)
{
    for (size_t i = 0; i < DECIDERS; i++) {
        if (str_find_str(deciders[i], STR("postcss")) != STR_NONE &&
                fs_kind_of(&ad->fs, deciders[i]) == FS_FILE) {
            return true;
        }
    }
    return false;
}

static void bring_up_to_date(struct adapters *ad)
{
    struct str text = STR("");

    if (ad->is_read) {
        return;
    }
    arena_reset(&ad->arena);
    ad->is_read = true;
    (void)ad->fs.read(ad->fs.ctx, deciders[0], &ad->arena, &text, ADAPTERS_MANIFEST_MAX);
    json_t *manifest = json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL);

    ad->refresh = refresh_of(ad, manifest);
    ad->foreign = foreign_of(manifest);
    ad->has_script = has_script_compiler(ad);
    ad->has_styles = json_object_get(manifest, "postcss") != NULL ||
                     is_named(manifest, "@tailwindcss/postcss") ||
                     is_named(manifest, "@tailwindcss/vite") || has_config(ad);
    ad->has_less = is_named(manifest, "less") || is_installed(ad, "less");
    ad->has_stylus = is_named(manifest, "stylus") || is_installed(ad, "stylus");
    read_plugins(ad, manifest);
    ad->stamp = stamp_of(ad, text);
    json_decref(manifest);
}

/* The project's own plugin for the file: that with the longest ending. */
static struct str own_plugin_of(const struct adapters *ad, struct str path)
{
    const struct own_plugin *best = NULL;

    for (size_t i = 0; i < ad->plugin_count; i++) {
        const struct own_plugin *plugin = &ad->plugins[i];

        if (str_ends(path, plugin->ending) && (!best || plugin->ending.len > best->ending.len)) {
            best = plugin;
        }
    }
    return best ? best->file : STR("");
}

static bool is_script(struct str path, struct str ext)
{
    return !str_ends(path, STR(".d.ts")) &&
           (str_eq(ext, STR(".tsx")) || str_eq(ext, STR(".jsx")) || str_eq(ext, STR(".ts")) ||
                   str_eq(ext, STR(".mts")) || str_eq(ext, STR(".cts")));
}

/* A sheet that is no CSS yet. */
static bool is_source_of_css(const struct adapters *ad, struct str ext)
{
    return str_eq(ext, STR(".scss")) || str_eq(ext, STR(".sass")) ||
           (ad->has_less && str_eq(ext, STR(".less"))) ||
           (ad->has_stylus && (str_eq(ext, STR(".styl")) || str_eq(ext, STR(".stylus"))));
}

static bool is_sheet(const struct adapters *ad, struct str path, struct str ext)
{
    return is_source_of_css(ad, ext) || str_ends(path, STR(".module.css")) ||
           (ad->has_styles && str_eq(ext, STR(".css")));
}

/* JSX that only the framework's compiler reads; that of "solid-js/h" is calls, as React's is. */
static bool is_foreign(const struct adapters *ad, struct str path, struct str ext)
{
    return ad->foreign.len > 0 && (str_eq(ext, STR(".tsx")) || str_eq(ext, STR(".jsx"))) &&
           !(ad->tsconfigs && str_find_str(tsconfigs_get(ad->tsconfigs, path)->options,
                                      STR("\"jsxImportSource\":\"solid-js/h\"")) != STR_NONE);
}

/* The adapter of a file, whatever plugins vite.config has. */
static struct str compiler_of(struct adapters *ad, struct str path)
{
    struct str ext = path_ext(path);
    bool is_package = resolve_is_below_modules(path);

    bring_up_to_date(ad);
    if (!is_package) {
        struct str own = own_plugin_of(ad, path);

        if (own.len > 0) {
            return own;
        }
    }
    if (str_eq(ext, STR(".vue"))) {
        return STR("vue");
    }
    if (str_eq(ext, STR(".svelte")) || str_ends(path, STR(".svelte.js")) ||
            str_ends(path, STR(".svelte.ts"))) {
        return STR("svelte");
    }
    if (is_package) {
        return is_source_of_css(ad, ext) ? STR("style") : STR("");
    }
    if (is_sheet(ad, path, ext)) {
        return STR("style");
    }
    if (!is_script(path, ext)) {
        return STR("");
    }
    if (is_foreign(ad, path, ext)) {
        return ad->foreign;
    }
    return ad->refresh.len > 0 ? ad->refresh : ad->has_script ? STR("script") : STR("");
}

static bool is_any(struct str ext, const struct str *list, size_t count)
{
    bool found = false;

    for (size_t i = 0; i < count; i++) {
        found = found || str_ieq(ext, list[i]);
    }
    return found;
}

/* With the plugins of vite.config around the adapter that a file has; sheets and what is data have none around. */
static struct str with_plugins(
        struct adapters *ad, struct str path, bool has_query, struct str compiler)
{
    /* read as text they mean nothing, and may be large */
    static const struct str binary[] = { STR_INIT(".png"), STR_INIT(".jpg"), STR_INIT(".jpeg"),
        STR_INIT(".gif"), STR_INIT(".webp"), STR_INIT(".avif"), STR_INIT(".ico"), STR_INIT(".bmp"),
        STR_INIT(".mp4"), STR_INIT(".webm"), STR_INIT(".mov"), STR_INIT(".ogg"), STR_INIT(".mp3"),
        STR_INIT(".wav"), STR_INIT(".flac"), STR_INIT(".aac"), STR_INIT(".woff"),
        STR_INIT(".woff2"), STR_INIT(".eot"), STR_INIT(".ttf"), STR_INIT(".otf"), STR_INIT(".pdf"),
        STR_INIT(".glb"), STR_INIT(".bin"), STR_INIT(".zip") };
    static const struct str around[] = { STR_INIT("plugins:react"), STR_INIT("plugins:preact"),
        STR_INIT("plugins:vue"), STR_INIT("plugins:svelte"), STR_INIT("plugins:script") };
    static const struct str data[] = { STR_INIT(".css"), STR_INIT(".json"), STR_INIT(".wasm"),
        STR_INIT(".html"), STR_INIT(".htm"), STR_INIT(".orbit"), STR_INIT(".less"),
        STR_INIT(".styl"), STR_INIT(".pcss"), STR_INIT("") };
    struct str ext = path_ext(path);

    if (is_script(path, ext) &&
            (compiler.len == 0 || (ad->foreign.len > 0 && str_eq(compiler, ad->foreign)))) {
        return STR("plugins:script");
    }
    for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
        if (str_eq(str_skip(around[i], STR("plugins:").len), compiler)) {
            return around[i];
        }
    }
    bool is_alone = compiler.len > 0 || is_any(ext, data, sizeof(data) / sizeof(data[0])) ||
                    (!has_query && is_any(ext, binary, sizeof(binary) / sizeof(binary[0])));

    return is_alone ? compiler : STR("plugins");
}

struct str adapters_find(struct adapters *ad, struct str path)
{
    struct str file;
    struct str query = STR("");

    if (!str_cut(path, '?', &file, &query)) {
        file = path;
    }
    if (str_ends(path, STR(VITE_CONFIG_MARK))) {
        return STR("config");
    }
    struct str compiler = compiler_of(ad, file);

    if (!vite_config_has_plugins(ad->vite) || resolve_is_below_modules(path) ||
            str_starts(path, STR("public/")) || str_ends(file, STR(".orbit.ts"))) {
        return query.len > 0 ? STR("") : compiler;
    }
    return with_plugins(ad, file, query.len > 0, compiler);
}

struct str adapters_options(struct adapters *ad, struct str path, struct arena *a)
{
    bring_up_to_date(ad);
    return arena_printf(a, "%.*s %.*s", STR_FMT(adapters_find(ad, path)), STR_FMT(ad->stamp));
}

bool adapters_changed(struct adapters *ad, struct str path)
{
    /* what is watched in there are the records of package managers: something was installed */
    bool decides = str_starts(path, STR("node_modules/"));

    for (size_t i = 0; i < DECIDERS && !decides; i++) {
        decides = str_eq(path, deciders[i]);
    }
    for (size_t i = 0; ad->is_read && i < ad->plugin_count && !decides; i++) {
        decides = str_eq(path, str_skip(ad->plugins[i].file, 2));
    }
    if (decides) {
        ad->is_read = false;
    }
    return decides;
}
