/* SPDX-License-Identifier: MIT */
/*
 * Which requests the server hands to others: what orbiton.toml says, and behind it what vite.config does. The first
 * rule that fits counts.
 */
#include "engine/state.h"

#include "base/path.h"
#include "http/http_pattern.h"
#include "resolve/vite_config.h"

struct dev_server_proxy *proxy_turn_rules(struct engine *e, struct arena *a, size_t *ret_count)
{
    const struct options *o = e->options;
    size_t vite_count;
    const struct vite_proxy *vite = vite_config_proxies(e->vite_config, &vite_count);
    struct dev_server_proxy *rules =
            arena_array(a, struct dev_server_proxy, o->proxy_count + vite_count);
    size_t count = 0;

    for (size_t i = 0; i < o->proxy_count; i++) {
        const struct options_proxy *p = &o->proxies[i];

        rules[count++] = (struct dev_server_proxy){ .path = p->path,
            .target = p->target,
            .strip = p->strip,
            .headers = p->headers,
            .source = arena_printf(a, "[dev_server.proxy] of %.*s", STR_FMT(path_name(o->config))),
            .change_origin = p->change_origin,
            .ws = p->ws };
    }
    for (size_t i = 0; i < vite_count; i++) {
        const struct vite_proxy *p = &vite[i];

        rules[count++] = (struct dev_server_proxy){ .path = p->path,
            .target = p->target,
            .strip = p->strip,
            .add = p->add,
            .headers = p->headers,
            .source = arena_printf(
                    a, "server.proxy of %.*s", STR_FMT(vite_config_file(e->vite_config))),
            .change_origin = p->change_origin,
            .ws = p->ws };
    }
    *ret_count = count;
    return rules;
}

void proxy_turn_apply(struct engine *e)
{
    size_t count;
    const struct vite_proxy *vite = vite_config_proxies(e->vite_config, &count);

    for (size_t i = 0; i < count; i++) {
        struct http_pattern *pattern = http_pattern_create(vite[i].path);

        if (!pattern && str_starts(vite[i].path, STR("^"))) {
            turn_print(e, "warn", vite_config_file(e->vite_config),
                    arena_printf(&e->turn,
                            "server.proxy: %.*s is no pattern that is understood; no request is "
                            "handed on by it",
                            STR_FMT(vite[i].path)));
        }
        http_pattern_destroy(pattern);
    }
    engine_configure_server(e);
}

void proxy_turn_on_trouble(void *ctx, struct str path, struct str text)
{
    turn_print(ctx, "warn", path, text);
}
