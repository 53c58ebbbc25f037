/* SPDX-License-Identifier: MIT */
/*
 * Import maps, by the algorithms of the HTML standard ("parse an import map string", "resolve a
 * module specifier", "merge existing and new import maps"); only words for warnings are our own.
 *
 * Invariant: rules are sorted by key, the greatest first, and no key stands twice. A key that is a
 * prefix of another one is less than it, so the first rule that fits is the most specific.
 */
#include "resolve/import_map.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "resolve/url.h"

struct rule {
    struct str key;
    struct str url; /* ptr is NULL for null */
    size_t order;   /* in the text: of two alike the later one counts */
};

struct rules {
    struct rule *items;
    size_t count;
};

struct scope {
    struct str prefix;
    struct rules rules;
    size_t order;
};

struct import_map {
    struct rules imports;
    struct scope *scopes;
    size_t scope_count;
    struct str *warnings;
    size_t warning_count;
    size_t entries;
};

struct parse {
    struct arena *a;
    struct import_map *map;
    struct str base;
    struct str origin;
    struct str error;
};

static void warn(struct parse *p, const char *what, const char *key)
{
    struct import_map *map = p->map;

    if (map->warning_count < IMPORT_MAP_WARNINGS_MAX) {
        map->warnings[map->warning_count++] =
                arena_printf(p->a, "import map: %s: \"%.200s\"", what, key);
    }
}

/* The URL that a specifier is without a map, or false for a bare one. */
static bool as_url(
        struct arena *a, struct str base, struct str origin, struct str text, struct str *ret)
{
    return url_is_like(text) && url_join(a, base, origin, text, ret) != URL_BAD;
}

static int rule_order(const void *left, const void *right)
{
    const struct rule *l = left;
    const struct rule *r = right;
    int order = str_cmp(r->key, l->key);

    return order != 0 ? order : l->order < r->order ? 1 : -1;
}

static int scope_order(const void *left, const void *right)
{
    const struct scope *l = left;
    const struct scope *r = right;
    int order = str_cmp(r->prefix, l->prefix);

    return order != 0 ? order : l->order < r->order ? 1 : -1;
}

static void sort_rules(struct rules *rules)
{
    size_t kept = 0;

    if (rules->count == 0) {
        return;
    }
    qsort(rules->items, rules->count, sizeof(*rules->items), rule_order);
    for (size_t i = 0; i < rules->count; i++) {
        if (kept == 0 || !str_eq(rules->items[kept - 1].key, rules->items[i].key)) {
            rules->items[kept++] = rules->items[i];
        }
    }
    rules->count = kept;
}

static void sort_scopes(struct import_map *map)
{
    size_t kept = 0;

    if (map->scope_count == 0) {
        return;
    }
    qsort(map->scopes, map->scope_count, sizeof(*map->scopes), scope_order);
    for (size_t i = 0; i < map->scope_count; i++) {
        if (kept == 0 || !str_eq(map->scopes[kept - 1].prefix, map->scopes[i].prefix)) {
            map->scopes[kept++] = map->scopes[i];
        }
    }
    map->scope_count = kept;
}

/* The address of one entry; a NULL pointer where the standard says null. */
static struct str parse_address(struct parse *p, const char *key, const json_t *value)
{
    static const struct str null = { NULL, 0 };
    struct str url;

    if (!json_is_string(value)) {
        if (!json_is_null(value)) {
            warn(p, "the address is no string", key);
        }
        return null;
    }
    struct str text = { json_string_value(value), json_string_length(value) };

    if (!as_url(p->a, p->base, p->origin, text, &url)) {
        warn(p, "the address is no URL (it must begin with /, ./, ../ or a scheme)", key);
        return null;
    }
    if (str_ends(str_from(key), STR("/")) && !str_ends(url, STR("/"))) {
        warn(p, "the name ends in a slash, so its address must too", key);
        return null;
    }
    return arena_str(p->a, url);
}

static bool parse_rules(struct parse *p, json_t *object, struct rules *ret)
{
    const char *key;
    json_t *value;
    struct rules rules = { arena_array(p->a, struct rule, json_object_size(object) + 1), 0 };

    p->map->entries += json_object_size(object);
    if (p->map->entries > IMPORT_MAP_ENTRIES_MAX) {
        p->error = arena_printf(
                p->a, "the import map has more than %d entries", (int)IMPORT_MAP_ENTRIES_MAX);
        return false;
    }
    json_object_foreach(object, key, value)
    {
        struct str name = str_from(key);
        struct str url;

        if (name.len == 0) {
            warn(p, "an empty name means nothing", key);
            continue;
        }
        struct rule *rule = &rules.items[rules.count];

        rule->key = arena_str(p->a, as_url(p->a, p->base, p->origin, name, &url) ? url : name);
        rule->url = parse_address(p, key, value);
        rule->order = rules.count++;
    }
    sort_rules(&rules);
    *ret = rules;
    return true;
}

static bool parse_scopes(struct parse *p, json_t *scopes)
{
    const char *key;
    json_t *value;

    p->map->entries += json_object_size(scopes);
    if (p->map->entries > IMPORT_MAP_ENTRIES_MAX) {
        p->error = STR("the import map has too many scopes");
        return false;
    }
    p->map->scopes = arena_array(p->a, struct scope, json_object_size(scopes) + 1);
    json_object_foreach(scopes, key, value)
    {
        struct scope *scope = &p->map->scopes[p->map->scope_count];

        if (!json_is_object(value)) {
            p->error = arena_printf(p->a, "the scope \"%.200s\" is no object", key);
            return false;
        }
        if (url_join(p->a, p->base, p->origin, str_from(key), &scope->prefix) == URL_BAD) {
            warn(p, "the scope is no URL", key);
            continue;
        }
        scope->prefix = arena_str(p->a, scope->prefix);
        if (!parse_rules(p, value, &scope->rules)) {
            return false;
        }
        scope->order = p->map->scope_count++;
    }
    sort_scopes(p->map);
    return true;
}

static bool parse_root(struct parse *p, json_t *root)
{
    const char *key;
    json_t *value;

    if (!json_is_object(root)) {
        p->error = STR("an import map is an object");
        return false;
    }
    json_object_foreach(root, key, value)
    {
        bool imports = strcmp(key, "imports") == 0;
        bool scopes = strcmp(key, "scopes") == 0;

        if ((imports || scopes) && !json_is_object(value)) {
            p->error = arena_printf(p->a, "\"%s\" of the import map is no object", key);
            return false;
        }
        if (!(imports ? parse_rules(p, value, &p->map->imports)
                      : !scopes || parse_scopes(p, value))) {
            return false;
        }
        if (!imports && !scopes && strcmp(key, "integrity") != 0) {
            warn(p, "nothing is known of this key", key);
        }
    }
    return true;
}

struct import_map *import_map_parse(struct arena *a, struct str text, struct str base_url,
        struct str origin, struct str *ret_error)
{
    json_error_t error;
    struct parse p = { .a = a, .base = base_url, .origin = origin };

    if (text.len > IMPORT_MAP_TEXT_MAX) {
        *ret_error = STR("the import map is too long");
        return NULL;
    }
    json_t *root = json_loadb(
            text.len > 0 ? text.ptr : "", text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

    if (!root) {
        *ret_error =
                arena_printf(a, "the import map is not JSON: line %d: %s", error.line, error.text);
        return NULL;
    }
    p.map = arena_new(a, struct import_map);
    p.map->warnings = arena_array(a, struct str, IMPORT_MAP_WARNINGS_MAX);
    bool good = parse_root(&p, root);

    json_decref(root);
    if (!good) {
        *ret_error = p.error;
        return NULL;
    }
    return p.map;
}

const struct str *import_map_warnings(const struct import_map *map, size_t *ret_count)
{
    *ret_count = map->warning_count;
    return map->warnings;
}

static void merge_rules(struct arena *a, struct rules *into, const struct rules *later)
{
    struct rules all = { arena_array(a, struct rule, into->count + later->count + 1), 0 };

    for (size_t i = 0; i < later->count; i++) {
        all.items[all.count] = later->items[i];
        all.items[all.count++].order = 0;
    }
    for (size_t i = 0; i < into->count; i++) {
        all.items[all.count] = into->items[i];
        all.items[all.count++].order = 1;
    }
    sort_rules(&all);
    *into = all;
}

void import_map_merge(struct arena *a, struct import_map *map, const struct import_map *later)
{
    if (map->entries + later->entries > IMPORT_MAP_ENTRIES_MAX) {
        return;
    }
    struct scope *scopes = arena_array(a, struct scope, map->scope_count + later->scope_count + 1);
    size_t count = map->scope_count;

    for (size_t i = 0; i < map->scope_count; i++) {
        scopes[i] = map->scopes[i];
        scopes[i].order = i;
    }
    for (size_t i = 0; i < later->scope_count; i++) {
        size_t same = 0;

        while (same < map->scope_count && !str_eq(scopes[same].prefix, later->scopes[i].prefix)) {
            same++;
        }
        if (same < map->scope_count) {
            merge_rules(a, &scopes[same].rules, &later->scopes[i].rules);
        } else {
            scopes[count] = later->scopes[i];
            scopes[count].order = count;
            count++;
        }
    }
    map->scopes = scopes;
    map->scope_count = count;
    sort_scopes(map);
    merge_rules(a, &map->imports, &later->imports);
    map->entries += later->entries;
}

/* "resolve an imports match"; IMPORT_MAP_NONE goes on with the next table. */
static enum import_map_answer match(const struct rules *rules, struct str specifier,
        bool may_prefix, struct arena *a, struct str *ret_url)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule *rule = &rules->items[i];

        if (str_eq(rule->key, specifier)) {
            *ret_url = rule->url;
            return rule->url.ptr ? IMPORT_MAP_URL : IMPORT_MAP_BLOCKED;
        }
        if (!may_prefix || !str_ends(rule->key, STR("/")) || !str_starts(specifier, rule->key)) {
            continue;
        }
        struct str url;

        if (!rule->url.ptr ||
                url_join(a, rule->url, STR(""), str_skip(specifier, rule->key.len), &url) ==
                        URL_BAD ||
                !str_starts(url, rule->url)) {
            return IMPORT_MAP_BLOCKED;
        }
        *ret_url = url;
        return IMPORT_MAP_URL;
    }
    return IMPORT_MAP_NONE;
}

enum import_map_answer import_map_resolve(const struct import_map *map, struct str specifier,
        struct str importer_url, struct arena *a, struct str *ret_url)
{
    struct str url;
    struct str base = importer_url;
    struct str normal = specifier;
    bool is_url = as_url(a, importer_url, STR(""), specifier, &url);
    bool may_prefix = !is_url || url_is_special(url);
    enum import_map_answer answer;

    if (is_url) {
        normal = url;
    }
    for (size_t i = 0; i < map->scope_count; i++) {
        const struct scope *scope = &map->scopes[i];

        if (str_eq(scope->prefix, base) ||
                (str_ends(scope->prefix, STR("/")) && str_starts(base, scope->prefix))) {
            answer = match(&scope->rules, normal, may_prefix, a, ret_url);
            if (answer != IMPORT_MAP_NONE) {
                return answer;
            }
        }
    }
    return match(&map->imports, normal, may_prefix, a, ret_url);
}
