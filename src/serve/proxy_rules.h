/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_PROXY_RULES_H
#define ORBITON_SERVE_PROXY_RULES_H

/*
 * Which URLs are another server's, by the configuration. The rules are a set that does not change and is
 * counted: a request that is under way keeps that by which it went. Pure, but for what a rule remembers
 * of being told.
 */

#include <stdbool.h>
#include <stddef.h>

#include "http/http_forward.h"
#include "serve/dev_server.h"

struct http_pattern;

struct proxy_way {
    struct dev_server_proxy rule;
    struct http_upstream to;
    const char *wrong; /* what the target has to be and is not; NULL: it is good */
    /* private */
    struct http_pattern *pattern; /* of a path that begins with '^' */
    bool is_down;                 /* the last request found nobody there, which was told */
    bool told_socket;
};

struct proxy_rules;

/* Copies the rules, but those by a pattern that is not understood. */
struct proxy_rules *proxy_rules_create(const struct dev_server_proxy *rules, size_t count);
struct proxy_rules *proxy_rules_ref(struct proxy_rules *rules);
void proxy_rules_unref(struct proxy_rules *rules); /* accepts NULL */

/*
 * The first rule whose path is the begin of the request's target, query and all, or is a regular expression
 * that fits it; NULL: none. With `socket` the first that takes WebSockets, else the first. `a` is for the while.
 */
struct proxy_way *proxy_rules_find(
        struct proxy_rules *rules, struct arena *a, struct str target, bool socket);

/* Whether WebSockets are handed on. */
bool proxy_way_takes_sockets(const struct proxy_way *way);

/* Nobody is there, or somebody answers again, for all rules of that target. True if that is news. */
bool proxy_rules_set_down(struct proxy_rules *rules, const struct proxy_way *way, bool down);

#endif
