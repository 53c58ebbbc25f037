/* SPDX-License-Identifier: MIT */
/* See vite_config.h. The JSON is that of docs/plugins.md, "The protocol". */
#include "resolve/vite_config.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "resolve/alias.h"
#include "resolve/markers.h"
#include "resolve/package.h"
#include "resolve/resolve.h"
#include "resolve/url.h"

struct vite_config {
    struct arena wrong_arena;
    struct str wrong_path; /* of the last answer, or of the one before */
    bool is_wrong, was_wrong;
    struct arena kept; /* of the three below */
    struct str root;
    struct str workspace;      /* the folder around the root, absolute; empty: none */
    struct str workspace_name; /* by which paths lead there */
    struct arena arena;        /* of what the last answer said */
    struct str file;           /* empty: it says nothing */
    struct str request;
    struct str define;
    struct str env;
    bool has_plugins;
    struct str *deps;
    size_t dep_count;
    struct alias *aliases;
    size_t alias_count;
    struct str prefixes[VITE_CONFIG_PREFIXES_MAX];
    size_t prefix_count;
    struct vite_proxy proxies[VITE_CONFIG_PROXIES_MAX];
    size_t proxy_count;
    struct str *notes;
    size_t note_count;
    struct hash hash;
};

/* In the order in which Vite looks for them. */
static const struct str names[] = { STR_INIT("vite.config.js"), STR_INIT("vite.config.mjs"),
    STR_INIT("vite.config.ts"), STR_INIT("vite.config.cjs"), STR_INIT("vite.config.mts"),
    STR_INIT("vite.config.cts") };

/* The keys that are read. "defineConfig" is another word. */
static const struct str keys[] = { STR_INIT("alias"), STR_INIT("preprocessorOptions"),
    STR_INIT("define"), STR_INIT("envPrefix"), STR_INIT("proxy"),
    /* options of the plugins for React and Preact; those of swc are named so */
    STR_INIT("jsxImportSource"), STR_INIT("babel"), STR_INIT("compiler"), STR_INIT("@swc"),
    STR_INIT("swc-plugin"), STR_INIT("tsDecorators"), STR_INIT("parserConfig"),
    STR_INIT("useAtYourOwnRisk_mutateSwcOptions"),
    /* hooks of a plugin that is written there */
    STR_INIT("resolveId"), STR_INIT("load"), STR_INIT("transform") };

/* What a configuration imports that is no reason to evaluate it: it has no plugins that are run, see OURS in
 * sidecar/vite_config.mjs. */
static const struct str usual[] = { STR_INIT("vite"), STR_INIT("vitest/config"),
    STR_INIT("@vitejs/plugin-react"), STR_INIT("@vitejs/plugin-react-swc"),
    STR_INIT("@vitejs/plugin-vue"), STR_INIT("@vitejs/plugin-legacy"),
    STR_INIT("@vitejs/plugin-basic-ssl"), STR_INIT("@preact/preset-vite"),
    STR_INIT("@sveltejs/vite-plugin-svelte"), STR_INIT("@tailwindcss/vite"),
    STR_INIT("vite-tsconfig-paths"), STR_INIT("vite-plugin-vue-devtools"),
    STR_INIT("vite-plugin-inspect"), STR_INIT("vite-plugin-checker"), STR_INIT("vite-plugin-dts"),
    STR_INIT("vite-plugin-eslint"), STR_INIT("vite-plugin-mkcert"),
    STR_INIT("rollup-plugin-visualizer"), STR_INIT("tailwindcss"), STR_INIT("autoprefixer") };

enum {
    NAMES = sizeof(names) / sizeof(names[0]),
    KEYS = sizeof(keys) / sizeof(keys[0]),
    USUAL = sizeof(usual) / sizeof(usual[0])
};

struct vite_config *vite_config_create(struct str root, struct str within)
{
    struct vite_config *c = mem_new(struct vite_config);
    struct str name;
    struct str inner;

    c->root = arena_str(&c->kept, root);
    if (str_cut(within, '/', &name, &inner) && inner.len + 1 < root.len) {
        c->workspace_name = arena_str(&c->kept, name);
        c->workspace = arena_str(&c->kept, str_sub(root, 0, root.len - inner.len - 1));
    }
    return c;
}

void vite_config_destroy(struct vite_config *c)
{
    if (c) {
        arena_finish(&c->arena);
        arena_finish(&c->wrong_arena);
        arena_finish(&c->kept);
        free(c);
    }
}

bool vite_config_is_name(struct str path)
{
    bool found = false;

    for (size_t i = 0; i < NAMES; i++) {
        found = found || str_eq(path, names[i]);
    }
    return found;
}

struct str vite_config_find(const struct fs *fs)
{
    for (size_t i = 0; i < NAMES; i++) {
        if (fs_kind_of(fs, names[i]) == FS_FILE) {
            return names[i];
        }
    }
    return STR("");
}

static bool is_usual(struct str name)
{
    bool found = package_is_builtin(name);

    for (size_t i = 0; i < USUAL; i++) {
        found = found || str_eq(name, usual[i]);
    }
    return found;
}

/* Whether a quote at `at` begins the name of what is imported. */
static bool is_import(struct str text, size_t at)
{
    struct str before = str_sub(text, 0, at);

    while (before.len > 0 &&
            (before.ptr[before.len - 1] == ' ' || before.ptr[before.len - 1] == '(')) {
        before.len--;
    }
    return str_ends(before, STR("from")) || str_ends(before, STR("import")) ||
           str_ends(before, STR("require"));
}

/* Whether it imports what may be a plugin that is to be run. */
static bool imports_plugins(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        struct str rest = str_skip(text, i + 1);
        struct str name;

        if ((text.ptr[i] == '"' || text.ptr[i] == '\'') && is_import(text, i) &&
                str_cut(rest, text.ptr[i], &name, &rest) && !is_usual(name)) {
            return true;
        }
    }
    return false;
}

bool vite_config_mentions(struct str text)
{
    bool found = imports_plugins(text);

    for (size_t i = 0; i < KEYS; i++) {
        found = found || str_find_word(text, keys[i], 0) != STR_NONE;
    }
    return found;
}

static struct str text_of(const json_t *value)
{
    return json_is_string(value)
                   ? (struct str){ json_string_value(value), json_string_length(value) }
                   : STR("");
}

static void add_note(struct vite_config *c, struct str note)
{
    if (c->note_count < VITE_CONFIG_NOTES_MAX) {
        c->notes[c->note_count++] = arena_str(&c->arena, note);
    }
}

static void take_alias(struct vite_config *c, const json_t *item)
{
    struct arena *a = &c->arena;
    struct str find = text_of(json_object_get(item, "find"));
    struct str pattern = text_of(json_object_get(item, "pattern"));
    struct str flags = text_of(json_object_get(item, "flags"));
    struct str replacement = arena_str(a, text_of(json_object_get(item, "replacement")));
    struct alias *alias = &c->aliases[c->alias_count];

    if (find.len > 0) {
        *alias = alias_of_text(arena_str(a, find), replacement);
        c->alias_count++;
    } else if (pattern.len == 0) {
        return; /* it is none */
    } else if (alias_of_pattern(a, pattern, flags, replacement, alias)) {
        c->alias_count++;
    } else {
        add_note(c,
                arena_printf(a,
                        "resolve.alias: /%.*s/%.*s is no pattern that is understood; write it as a "
                        "text, or as /^text/, /^text$/ or /^text(.*)$/",
                        STR_FMT(pattern), STR_FMT(flags)));
    }
}

/* A member of the request that says no more than which file that is. */
static void set_file(const struct vite_config *c, json_t *request, const char *name, bool is_said)
{
    if (is_said) {
        (void)json_object_set_new(request, name, json_stringn(c->file.ptr, c->file.len));
    }
}

static struct str make_request(struct vite_config *c, const json_t *root)
{
    json_t *aliases = json_object_get(root, "alias");
    json_t *react = json_object_get(root, "react");
    json_t *request = json_object();
    struct str made = STR("");

    /* cannot fail: memory is there */
    if (json_array_size(aliases) > 0) {
        (void)json_object_set(request, "alias", aliases);
    }
    set_file(c, request, "css", json_is_string(json_object_get(root, "css")));
    set_file(c, request, "plugins", c->has_plugins);
    if (json_is_object(react)) {
        (void)json_object_set(request, "react", react);
    }
    if (json_object_size(request) > 0) {
        char *text = json_dumps(request, JSON_COMPACT);

        made = arena_str(&c->arena, str_from(text));
        free(text);
    }
    json_decref(request);
    return made;
}

static void take_prefixes(struct vite_config *c, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list) && c->prefix_count < VITE_CONFIG_PREFIXES_MAX;
            i++) {
        struct str prefix = text_of(json_array_get(list, i));

        if (prefix.len > 0) { /* else every name would be seen */
            c->prefixes[c->prefix_count++] = arena_str(&c->arena, prefix);
        }
    }
}

/* Whether it may stand in the first line of a request. */
static bool is_path(struct str s)
{
    bool good = true;

    for (size_t i = 0; i < s.len; i++) {
        good = good && s.ptr[i] > ' ' && s.ptr[i] < 0x7f;
    }
    return good;
}

/* Whether it is lines of a request's head, "Name: value\r\n" each. */
static bool are_lines(struct str s)
{
    bool good = true;

    while (good && s.len > 0) {
        struct str line = str_sub(s, 0, str_find_str(s, STR("\r\n")));

        s = str_skip(s, line.len);
        good = str_starts(s, STR("\r\n")) && str_find(line, ':') != STR_NONE;
        for (size_t i = 0; i < line.len; i++) {
            good = good && ((unsigned char)line.ptr[i] >= ' ' || line.ptr[i] == '\t');
        }
        s = str_skip(s, 2);
    }
    return good;
}

static void take_proxies(struct vite_config *c, const json_t *list)
{
    struct arena *a = &c->arena;

    for (size_t i = 0; i < json_array_size(list) && c->proxy_count < VITE_CONFIG_PROXIES_MAX; i++) {
        const json_t *item = json_array_get(list, i);
        struct vite_proxy proxy = {
            .path = arena_str(a, text_of(json_object_get(item, "path"))),
            .target = arena_str(a, text_of(json_object_get(item, "target"))),
            .strip = arena_str(a, text_of(json_object_get(item, "strip"))),
            .add = arena_str(a, text_of(json_object_get(item, "add"))),
            .headers = arena_str(a, text_of(json_object_get(item, "headers"))),
            .change_origin = json_is_true(json_object_get(item, "changeOrigin")),
            .ws = json_is_true(json_object_get(item, "ws")),
        };

        if (proxy.path.len > 0 && proxy.target.len > 0 && is_path(proxy.add) &&
                are_lines(proxy.headers)) {
            c->proxies[c->proxy_count++] = proxy;
        }
    }
}

/* An object of the answer as JSON; empty if there is none, or it has more than `max` bytes. */
static struct str object_of(struct vite_config *c, const json_t *root, const char *name, size_t max)
{
    const json_t *object = json_object_get(root, name);
    char *text = json_is_object(object)
                         ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_SORT_KEYS)
                         : NULL;
    struct str made = arena_str(&c->arena, str_from(text));

    free(text);
    if (made.len > max) {
        add_note(c, arena_printf(&c->arena, "%s: more than %zu bytes are not taken", name, max));
        made = STR("");
    }
    return made;
}

static void take(struct vite_config *c, const json_t *root)
{
    json_t *aliases = json_object_get(root, "alias");
    const json_t *notes = json_object_get(root, "notes");
    size_t count = json_array_size(aliases);

    c->notes = arena_array(&c->arena, struct str, VITE_CONFIG_NOTES_MAX);
    for (size_t i = 0; i < json_array_size(notes); i++) {
        add_note(c, text_of(json_array_get(notes, i)));
    }
    count = count < VITE_CONFIG_ALIASES_MAX ? count : VITE_CONFIG_ALIASES_MAX;
    c->aliases = arena_array(&c->arena, struct alias, count + 1);
    for (size_t i = 0; i < count; i++) {
        take_alias(c, json_array_get(aliases, i));
    }
    take_prefixes(c, json_object_get(root, "envPrefix"));
    take_proxies(c, json_object_get(root, "proxy"));
    c->define = object_of(c, root, "define", VITE_CONFIG_DEFINE_MAX);
    c->env = object_of(c, root, "env", VITE_CONFIG_DEFINE_MAX);
    c->has_plugins = json_is_string(json_object_get(root, "plugins"));
    c->request = make_request(c, root);
}

/* Whoever waited for it to be mended is about to be told. */
static void set_right(struct vite_config *c)
{
    c->was_wrong = c->is_wrong;
    c->is_wrong = false;
}

void vite_config_set_wrong(struct vite_config *c, struct str path)
{
    arena_reset(&c->wrong_arena);
    c->wrong_path = arena_str(&c->wrong_arena, path);
    c->is_wrong = true;
}

static void forget(struct vite_config *c)
{
    arena_reset(&c->arena);
    c->file = c->request = c->define = c->env = STR("");
    c->has_plugins = false;
    c->dep_count = c->alias_count = c->note_count = c->prefix_count = c->proxy_count = 0;
    c->hash = (struct hash){ 0 };
}

void vite_config_reset(struct vite_config *c)
{
    set_right(c);
    forget(c);
}

bool vite_config_set(struct vite_config *c, struct str file, struct str json,
        const struct str *deps, size_t dep_count)
{
    json_t *root = json.len > VITE_CONFIG_ANSWER_MAX
                           ? NULL
                           : json_loadb(json.ptr ? json.ptr : "", json.len, JSON_ALLOW_NUL, NULL);
    bool good = json_is_object(root);

    if (good) {
        vite_config_reset(c);
        c->file = arena_str(&c->arena, file);
        c->deps = arena_array(&c->arena, struct str, dep_count + 1);
        for (size_t i = 0; i < dep_count; i++) {
            c->deps[c->dep_count++] = arena_str(&c->arena, deps[i]);
        }
        c->hash = hash_bytes(json);
        take(c, root);
    }
    json_decref(root);
    return good;
}

bool vite_config_is_part(const struct vite_config *c, struct str path)
{
    bool found = vite_config_is_name(path) ||
                 (c && (c->is_wrong || c->was_wrong) &&
                         (resolve_is_marker(path) || str_eq(path, c->wrong_path)));

    for (size_t i = 0; c && i < c->dep_count; i++) {
        found = found || str_eq(path, c->deps[i]);
    }
    return found;
}

struct str vite_config_file(const struct vite_config *c)
{
    return c ? c->file : STR("");
}

struct str vite_config_request(const struct vite_config *c)
{
    return c ? c->request : STR("");
}

bool vite_config_has_plugins(const struct vite_config *c)
{
    return c && c->has_plugins;
}

struct str vite_config_plugin_url(const struct vite_config *c, struct str name, struct arena *a)
{
    static const struct str others[] = { STR_INIT("."), STR_INIT("//"), STR_INIT("http:"),
        STR_INIT("https:"), STR_INIT("data:"), STR_INIT("blob:"), STR_INIT("file:"),
        STR_INIT("node:") };
    struct strbuf b;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (str_starts(name, others[i])) {
            return STR("");
        }
    }
    if (!vite_config_has_plugins(c) || name.len == 0 || package_is_builtin(name)) {
        return STR("");
    }
    strbuf_init(&b, 4 * RESOLVE_SPECIFIER_MAX);
    strbuf_addf(&b, "/%.*s%s", STR_FMT(c->file), VITE_CONFIG_PLUGIN_MARK);
    strbuf_add_encoded(&b, name, STR("_$/.-@:~"));
    struct str url = b.overflow ? STR("") : arena_str(a, strbuf_str(&b));

    strbuf_finish(&b);
    return url;
}

struct str vite_config_define(const struct vite_config *c)
{
    return c ? c->define : STR("");
}

struct str vite_config_env(const struct vite_config *c)
{
    return c ? c->env : STR("");
}

const struct str *vite_config_prefixes(const struct vite_config *c, size_t *ret_count)
{
    *ret_count = c ? c->prefix_count : 0;
    return c ? c->prefixes : NULL;
}

const struct vite_proxy *vite_config_proxies(const struct vite_config *c, size_t *ret_count)
{
    *ret_count = c ? c->proxy_count : 0;
    return c ? c->proxies : NULL;
}

struct hash vite_config_hash(const struct vite_config *c)
{
    return c ? c->hash : (struct hash){ 0 };
}

bool vite_config_says(const struct vite_config *c, struct str json)
{
    return c->file.len > 0 && hash_eq(c->hash, hash_bytes(json));
}

const struct str *vite_config_notes(const struct vite_config *c, size_t *ret_count)
{
    *ret_count = c->note_count;
    return c->notes;
}

/* What is below `folder`, both absolute, in its own folder of the root: "/@workspace/...". */
static bool cut_folder(
        struct str folder, struct str path, struct str as, struct arena *a, struct str *ret)
{
    struct str inner = str_skip(path, folder.len);
    struct str clean;

    if (folder.len == 0 || !str_starts(path, folder) || (inner.len > 0 && inner.ptr[0] != '/') ||
            !path_normalise(a, str_skip(inner, inner.len > 0 ? 1 : 0), &clean)) {
        return false;
    }
    *ret = resolve_url_of(a, path_join(a, as, clean));
    return true;
}

struct str vite_config_file_url(const struct vite_config *c, struct str name, struct arena *a)
{
    struct str url;

    return c && (cut_folder(c->root, name, STR(""), a, &url) ||
                        cut_folder(c->workspace, name, c->workspace_name, a, &url))
                   ? url
                   : STR("");
}

/* A file of the disk has its URL; what else begins with a slash is meant from the root on, as in Vite. */
static struct str place(const struct vite_config *c, struct str text, struct arena *a)
{
    struct str url = vite_config_file_url(c, text, a);

    if (url.len > 0) {
        return url;
    }
    return str_starts(text, STR("/")) && path_normalise(a, str_skip(text, 1), &text)
                   ? resolve_url_of(a, text)
                   : text;
}

bool vite_config_alias(
        const struct vite_config *c, struct str specifier, struct arena *a, struct str *ret)
{
    struct str name;
    struct str query;
    struct str fragment;
    struct str made;

    if (!c || c->alias_count == 0) {
        return false;
    }
    /* "#/x" is a name that an alias may be for */
    if (str_starts(specifier, STR("#"))) {
        url_split(str_skip(specifier, 1), &name, &query, &fragment);
        name = str_sub(specifier, 0, name.len + 1);
    } else {
        url_split(specifier, &name, &query, &fragment);
    }
    for (size_t i = 0; i < c->alias_count; i++) {
        if (alias_apply(&c->aliases[i], name, a, &made)) {
            *ret = arena_printf(a, "%.*s%.*s%.*s", STR_FMT(place(c, made, a)), STR_FMT(query),
                    STR_FMT(fragment));
            return true;
        }
    }
    return false;
}
