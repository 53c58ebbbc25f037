/* SPDX-License-Identifier: MIT */
/*
 * Node's algorithms for "exports" and "imports", by their names in Node's documentation ("Modules:
 * ECMAScript modules", Resolution Algorithm Specification), and the browser field as bundlers
 * read it.
 *
 * Invariant: a PACKAGE_PATH has no empty, "." or ".." part and no part named node_modules, also not
 * percent-encoded: it stays within the package.
 */
#include "resolve/package.h"

#include <string.h>

#include "base/path.h"
#include "resolve/url.h"

struct walk {
    struct arena *a;
    const struct str *conditions;
    size_t condition_count;
    struct str star; /* what stands for '*'; ptr is NULL without a pattern */
    bool imports;
};

static struct str text_of(const json_t *string)
{
    return (struct str){ json_string_value(string), json_string_length(string) };
}

/* Whether some part would leave the package, or hide in it. */
static bool has_bad_part(struct arena *a, struct str path, bool may_be_empty)
{
    bool more = true;

    while (more) {
        size_t end = 0;

        while (end < path.len && path.ptr[end] != '/' && path.ptr[end] != '\\') {
            end++;
        }
        struct str part = url_decode(a, str_sub(path, 0, end));

        if ((part.len == 0 && !may_be_empty) || str_eq(part, STR(".")) || str_eq(part, STR("..")) ||
                str_ieq(part, STR("node_modules"))) {
            return true;
        }
        more = end < path.len;
        path = str_skip(path, end + 1);
    }
    return false;
}

/* All '*' of `text` replaced. */
static struct str fill(const struct walk *w, struct str text)
{
    size_t stars = 0;
    size_t len = 0;

    if (!w->star.ptr) {
        return arena_str(w->a, text);
    }
    for (size_t i = 0; i < text.len; i++) {
        stars += text.ptr[i] == '*';
    }
    char *to = arena_alloc(w->a, text.len + stars * w->star.len + 1);

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '*') {
            to[len++] = text.ptr[i];
        } else if (w->star.len > 0) {
            memcpy(to + len, w->star.ptr, w->star.len);
            len += w->star.len;
        }
    }
    return (struct str){ to, len };
}

static struct package_target resolve_string(const struct walk *w, struct str target)
{
    if (!str_starts(target, STR("./"))) {
        bool bare = target.len > 0 && target.ptr[0] != '/' && target.ptr[0] != '.' &&
                    target.ptr[0] != '#';

        return (struct package_target){
            .answer = w->imports && bare ? PACKAGE_BARE : PACKAGE_BAD_TARGET,
            .text = w->imports && bare ? fill(w, target) : arena_str(w->a, target),
        };
    }
    if (has_bad_part(w->a, str_skip(target, 2), false)) {
        return (struct package_target){ PACKAGE_BAD_TARGET, arena_str(w->a, target), false };
    }
    /* As Node does, slashes at the ends of what stands for the '*' are let pass, as long as no two
     * of them meet in the path that comes of it. */
    struct str path = fill(w, str_skip(target, 2));

    if (w->star.ptr && (has_bad_part(w->a, w->star, true) || has_bad_part(w->a, path, false))) {
        return (struct package_target){ PACKAGE_BAD_SPECIFIER, w->star, false };
    }
    return (struct package_target){ PACKAGE_PATH, path, false };
}

static bool holds(const struct walk *w, struct str condition)
{
    for (size_t i = 0; i < w->condition_count; i++) {
        if (str_eq(condition, w->conditions[i])) {
            return true;
        }
    }
    return str_eq(condition, STR("default"));
}

static struct package_target resolve_target(const struct walk *w, json_t *target, int depth);

static struct package_target resolve_conditions(const struct walk *w, json_t *target, int depth)
{
    const char *key;
    json_t *value;

    json_object_foreach(target, key, value)
    {
        struct str condition = str_from(key);

        if (!holds(w, condition)) {
            continue;
        }
        struct package_target t = resolve_target(w, value, depth + 1);

        if (t.answer != PACKAGE_NONE) {
            t.is_module = t.is_module || str_eq(condition, STR("import")) ||
                          str_eq(condition, STR("module"));
            return t;
        }
    }
    return (struct package_target){ 0 };
}

/* The first that is neither undefined, null nor wrong; else the last that is not undefined. */
static struct package_target resolve_array(const struct walk *w, json_t *target, int depth)
{
    struct package_target last = { .answer = json_array_size(target) > 0 ? PACKAGE_NONE
                                                                         : PACKAGE_NULL };
    size_t i;
    json_t *value;

    json_array_foreach(target, i, value)
    {
        struct package_target t = resolve_target(w, value, depth + 1);

        if (t.answer == PACKAGE_PATH || t.answer == PACKAGE_BARE ||
                t.answer == PACKAGE_BAD_SPECIFIER) {
            return t;
        }
        if (t.answer != PACKAGE_NONE) {
            last = t;
        }
    }
    return last;
}

/* PACKAGE_TARGET_RESOLVE */
static struct package_target resolve_target(const struct walk *w, json_t *target, int depth)
{
    if (depth > PACKAGE_NESTING_MAX) {
        return (struct package_target){ PACKAGE_BAD_TARGET, STR("(too deep)"), false };
    }
    if (json_is_string(target)) {
        return resolve_string(w, text_of(target));
    }
    if (json_is_object(target)) {
        return resolve_conditions(w, target, depth);
    }
    if (json_is_array(target)) {
        return resolve_array(w, target, depth);
    }
    return (struct package_target){
        .answer = json_is_null(target) ? PACKAGE_NULL : PACKAGE_BAD_TARGET,
        .text = json_is_null(target) ? STR("") : STR("(no string)"),
    };
}

/* PATTERN_KEY_COMPARE: whether `a` is the more specific of two keys with one '*' each. */
static bool is_closer(struct str a, struct str b)
{
    size_t base_a = str_find(a, '*');
    size_t base_b = str_find(b, '*');

    return base_a != base_b ? base_a > base_b : a.len > b.len;
}

/* PACKAGE_IMPORTS_EXPORTS_RESOLVE */
static struct package_target resolve_key(struct walk *w, struct str name, json_t *object)
{
    const char *key;
    json_t *value;
    json_t *found = NULL;
    struct str best = { NULL, 0 };

    if (str_ends(name, STR("/"))) {
        return (struct package_target){ 0 };
    }
    json_object_foreach(object, key, value)
    {
        struct str pattern = str_from(key);
        size_t star = str_find(pattern, '*');

        if (star == STR_NONE) {
            if (str_eq(pattern, name)) {
                w->star = (struct str){ NULL, 0 };
                return resolve_target(w, value, 0);
            }
            continue;
        }
        struct str base = str_sub(pattern, 0, star);
        struct str trailer = str_skip(pattern, star + 1);

        if (str_find(trailer, '*') == STR_NONE && str_starts(name, base) && !str_eq(name, base) &&
                (trailer.len == 0 || (str_ends(name, trailer) && name.len >= pattern.len)) &&
                (!best.ptr || is_closer(pattern, best))) {
            best = pattern;
            found = value;
            w->star = str_sub(name, base.len, name.len - trailer.len);
        }
    }
    return found ? resolve_target(w, found, 0) : (struct package_target){ 0 };
}

/* 1: all keys begin with a dot; 0: none does; -1: some do. */
static int dotted(json_t *object)
{
    const char *key;
    json_t *value;
    size_t with = 0;

    json_object_foreach(object, key, value)
    {
        (void)value;
        with += key[0] == '.';
    }
    return with == 0 ? 0 : with == json_object_size(object) ? 1 : -1;
}

void package_exports(json_t *exports, struct str subpath, const struct str *conditions,
        size_t condition_count, struct arena *a, struct package_target *ret)
{
    struct walk w = { .a = a, .conditions = conditions, .condition_count = condition_count };
    int dots = json_is_object(exports) ? dotted(exports) : 0;

    if (dots < 0) {
        *ret = (struct package_target){ .answer = PACKAGE_BAD_CONFIG };
    } else if (dots > 0) {
        /* No pattern stands for the package itself. */
        json_t *self = json_object_get(exports, ".");

        *ret = !str_eq(subpath, STR(".")) ? resolve_key(&w, subpath, exports)
               : self                     ? resolve_target(&w, self, 0)
                                          : (struct package_target){ 0 };
    } else if (str_eq(subpath, STR("."))) {
        *ret = resolve_target(&w, exports, 0);
    } else {
        *ret = (struct package_target){ 0 };
    }
}

void package_imports(json_t *imports, struct str name, const struct str *conditions,
        size_t condition_count, struct arena *a, struct package_target *ret)
{
    struct walk w = {
        .a = a, .conditions = conditions, .condition_count = condition_count, .imports = true
    };

    if (name.len < 2 || name.ptr[0] != '#') {
        *ret = (struct package_target){ .answer = PACKAGE_BAD_SPECIFIER, .text = name };
        return;
    }
    *ret = json_is_object(imports) ? resolve_key(&w, name, imports) : (struct package_target){ 0 };
}

static json_t *get(json_t *object, struct arena *a, struct str key)
{
    return str_find(key, '\0') != STR_NONE ? NULL : json_object_get(object, arena_cstr(a, key));
}

enum package_browser package_browser_map(
        json_t *browser, struct str name, struct arena *a, struct str *ret_text)
{
    if (!json_is_object(browser)) {
        return PACKAGE_BROWSER_SAME;
    }
    json_t *value = get(browser, a, name);

    if (!value && str_starts(name, STR("./"))) {
        struct str stem = str_sub(name, 0, name.len - path_ext(name).len);

        value = get(browser, a, str_skip(name, 2));
        value = value ? value : get(browser, a, stem);
        value = value ? value : get(browser, a, str_skip(stem, 2));
        if (!value && str_ends(stem, STR("/index"))) {
            value = get(browser, a, path_parent(stem));
        }
    }
    if (json_is_false(value)) {
        return PACKAGE_BROWSER_EMPTY;
    }
    if (!json_is_string(value)) {
        return PACKAGE_BROWSER_SAME;
    }
    *ret_text = arena_str(a, text_of(value));
    return str_eq(*ret_text, name) ? PACKAGE_BROWSER_SAME : PACKAGE_BROWSER_OTHER;
}

bool package_split(
        struct arena *a, struct str specifier, struct str *ret_name, struct str *ret_subpath)
{
    size_t end = str_find(specifier, '/');

    if (specifier.len == 0 || specifier.ptr[0] == '.' || specifier.ptr[0] == '#') {
        return false;
    }
    if (specifier.ptr[0] == '@') {
        if (end == STR_NONE || end == 1) {
            return false;
        }
        size_t second = str_find(str_skip(specifier, end + 1), '/');

        end = second == STR_NONE ? STR_NONE : end + 1 + second;
    }
    struct str name = str_sub(specifier, 0, end);

    if (str_ends(name, STR("/")) || str_find(name, '\\') != STR_NONE ||
            str_find(name, '%') != STR_NONE || str_find(name, '\0') != STR_NONE ||
            str_eq(path_name(name), STR("..")) || str_eq(path_name(name), STR("."))) {
        return false;
    }
    *ret_name = name;
    *ret_subpath = end == STR_NONE || end + 1 == specifier.len
                           ? STR(".")
                           : arena_printf(a, ".%.*s", STR_FMT(str_skip(specifier, end)));
    return name.len > 0;
}

bool package_is_builtin(struct str specifier)
{
    static const char names[] =
            " assert async_hooks buffer child_process cluster console constants "
            "crypto dgram diagnostics_channel dns domain events fs http http2 "
            "https inspector module net os path perf_hooks process punycode "
            "querystring readline repl stream string_decoder sys timers tls "
            "trace_events tty url util v8 vm wasi worker_threads zlib ";
    char key[32];
    struct str name;
    struct str rest;

    if (str_starts(specifier, STR("node:"))) {
        return true;
    }
    str_cut(specifier, '/', &name, &rest);
    if (name.len == 0 || name.len > sizeof(key) - 3 || str_find(name, ' ') != STR_NONE ||
            str_find(name, '\0') != STR_NONE) {
        return false;
    }
    key[0] = ' ';
    memcpy(key + 1, name.ptr, name.len);
    key[name.len + 1] = ' ';
    key[name.len + 2] = '\0';
    return strstr(names, key) != NULL;
}
