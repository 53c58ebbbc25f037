/* SPDX-License-Identifier: MIT */
/* See proxy_rules.h. */
#include "serve/proxy_rules.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "http/http_pattern.h"

struct proxy_rules {
    unsigned refs;
    struct arena arena;
    struct proxy_way *ways;
    size_t count;
};

static bool is_pattern(struct str path)
{
    return str_starts(path, STR("^"));
}

struct proxy_rules *proxy_rules_create(const struct dev_server_proxy *rules, size_t count)
{
    struct proxy_rules *made = mem_new(struct proxy_rules);
    struct arena *a = &made->arena;

    made->refs = 1;
    made->ways = arena_array(a, struct proxy_way, count);
    for (size_t i = 0; i < count; i++) {
        struct proxy_way *way = &made->ways[made->count];

        *way = (struct proxy_way){ .rule = rules[i] };
        way->rule.path = arena_str(a, rules[i].path);
        way->rule.target = arena_str(a, rules[i].target);
        way->rule.strip = arena_str(a, rules[i].strip);
        way->rule.add = arena_str(a, rules[i].add);
        way->rule.headers = arena_str(a, rules[i].headers);
        way->rule.source = arena_str(a, rules[i].source);
        if (http_upstream_parse(way->rule.target, &way->to, &way->wrong)) {
            way->wrong = NULL;
        }
        way->pattern = is_pattern(way->rule.path) ? http_pattern_create(way->rule.path) : NULL;
        made->count += way->rule.path.len > 0 && (way->pattern || !is_pattern(way->rule.path));
    }
    return made;
}

struct proxy_rules *proxy_rules_ref(struct proxy_rules *rules)
{
    rules->refs++;
    return rules;
}

void proxy_rules_unref(struct proxy_rules *rules)
{
    if (!rules || --rules->refs > 0) {
        return;
    }
    for (size_t i = 0; i < rules->count; i++) {
        http_pattern_destroy(rules->ways[i].pattern);
    }
    arena_finish(&rules->arena);
    free(rules);
}

/* `target` is terminated. */
static bool fits(const struct proxy_way *way, struct str target)
{
    return way->pattern ? http_pattern_fits(way->pattern, target.ptr)
                        : str_starts(target, way->rule.path);
}

bool proxy_way_takes_sockets(const struct proxy_way *way)
{
    return way->rule.ws || way->to.is_socket || str_starts(way->rule.target, STR("wss:"));
}

struct proxy_way *proxy_rules_find(
        struct proxy_rules *rules, struct arena *a, struct str target, bool socket)
{
    struct proxy_way *first = NULL;
    struct proxy_way *found = NULL;

    if (rules->count == 0 || !str_starts(target, STR("/"))) {
        return NULL;
    }
    struct arena_mark mark = arena_get_mark(a);
    struct str text = arena_str(a, target);

    for (size_t i = 0; i < rules->count && !found; i++) {
        if (fits(&rules->ways[i], text)) {
            first = first ? first : &rules->ways[i];
            found = !socket || proxy_way_takes_sockets(&rules->ways[i]) ? &rules->ways[i] : NULL;
        }
    }
    arena_rewind(a, mark);
    return found ? found : first;
}

bool proxy_rules_set_down(struct proxy_rules *rules, const struct proxy_way *way, bool down)
{
    bool news = way->is_down != down;

    for (size_t i = 0; news && i < rules->count; i++) {
        struct proxy_way *other = &rules->ways[i];

        if (str_eq(other->to.authority, way->to.authority)) {
            other->is_down = down;
        }
    }
    return news;
}
