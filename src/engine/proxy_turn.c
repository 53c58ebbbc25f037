/* SPDX-License-Identifier: MIT */
/* Which requests the server hands to others: what orbiton.toml says. The first rule that fits counts. */
#include "engine/state.h"

#include "base/path.h"

struct dev_server_proxy *proxy_turn_rules(struct engine *e, struct arena *a, size_t *ret_count)
{
    const struct options *o = e->options;
    struct dev_server_proxy *rules = arena_array(a, struct dev_server_proxy, o->proxy_count);
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
    *ret_count = count;
    return rules;
}

void proxy_turn_on_trouble(void *ctx, struct str path, struct str text)
{
    turn_print(ctx, "warn", path, text);
}
