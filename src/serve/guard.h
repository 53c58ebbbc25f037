/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_GUARD_H
#define ORBITON_SERVE_GUARD_H

/*
 * Who may ask, and for what: the Host and Origin rules, the token, and the
 * names that are never served. Pure; each rule is one predicate.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct guard {
    uint16_t port;             /* the one we listen on */
    struct str host;           /* the configured one; empty, an address or a name. Borrowed */
    const struct str *allowed; /* more names, from the configuration. Borrowed */
    size_t allowed_count;
    const struct str *addresses; /* of this machine, when we listen on all of them. Borrowed */
    size_t address_count;
};

/* Whether a Host header means us: an allowed name, with our port or none. */
bool guard_host(const struct guard *g, struct str host);

/* The origin of a page of this machine that asks by that Host itself, with no proxy between, in `a`; empty for
 * another host: a browser does not say what it asks for where the connection is not secure. */
struct str guard_own_origin(struct arena *a, struct str host);

/*
 * Whether an Origin header is one of ours: http://, an allowed name and our port; or, behind a
 * proxy, the authority that the request itself asked for (`host`, which guard_host() accepted),
 * over https only if that name is from the configuration. "null" never is.
 */
bool guard_origin(const struct guard *g, struct str origin, struct str host);

/* Compares in a time that depends on the lengths only; an empty token matches nothing. */
bool guard_token(struct str given, struct str token);

/* Whether a file name's shape says that it is private: a segment that starts with a dot (but
 * .well-known, and .pnpm, .store and .bun in node_modules, where packages lie), or the ending of a
 * key or certificate. */
bool guard_is_private(struct str path);

/* Whether the kernel should be asked if `path` lies in a build folder: it has a folder segment
 * "target"; *ret_folder is the path of the first one at or behind `from`. */
bool guard_find_target(struct str path, size_t from, struct str *ret_folder);

/* Whether Sec-Fetch-Site and Sec-Fetch-Mode say that another site includes us as a subresource. */
bool guard_is_foreign_include(struct str site, struct str mode);

#endif
