/* SPDX-License-Identifier: MIT */
/*
 * The rules at the door. A Host that is not ours is how DNS rebinding looks, a
 * foreign Origin is how a page of another site looks; the exact list and the
 * exact comparison leave nothing to parse cleverly. Nothing here knows files:
 * a private name is private whether it exists or not.
 */
#include "serve/guard.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Splits "name", "name:port", "[::1]:port"; *ret_port is -1 without a port. */
static bool split_authority(struct str authority, struct str *ret_name, int *ret_port)
{
    size_t end = 0;

    if (authority.len > 0 && authority.ptr[0] == '[') {
        end = str_find(authority, ']');
        if (end == STR_NONE) {
            return false;
        }
        end++;
    } else {
        end = str_find(authority, ':');
        end = end == STR_NONE ? authority.len : end;
    }
    struct str rest = str_skip(authority, end);
    int port = -1;

    if (rest.len > 0) {
        if (rest.ptr[0] != ':' || rest.len < 2 || rest.len > 6) {
            return false;
        }
        port = 0;
        for (size_t i = 1; i < rest.len; i++) {
            if (!is_digit(rest.ptr[i])) {
                return false;
            }
            port = port * 10 + (rest.ptr[i] - '0');
        }
    }
    *ret_name = str_sub(authority, 0, end);
    *ret_port = port;
    return end > 0;
}

/* "::1" and "[::1]" are the same host. */
static bool is_same_host(struct str name, struct str host)
{
    if (str_ieq(name, host)) {
        return true;
    }
    return name.len == host.len + 2 && name.ptr[0] == '[' &&
           str_ieq(str_sub(name, 1, name.len - 1), host);
}

static bool is_configured(const struct guard *g, struct str name)
{
    for (size_t i = 0; i < g->allowed_count; i++) {
        if (g->allowed[i].len > 0 && is_same_host(name, g->allowed[i])) {
            return true;
        }
    }
    return false;
}

static bool is_loopback(struct str name)
{
    struct str suffix = STR(".localhost");

    if (str_ieq(name, STR("localhost")) || str_eq(name, STR("127.0.0.1")) ||
            str_eq(name, STR("[::1]"))) {
        return true;
    }
    /* RFC 6761: the whole of .localhost is loopback, and no resolver may say otherwise */
    return name.len > suffix.len && str_ieq(str_skip(name, name.len - suffix.len), suffix);
}

static bool is_allowed_name(const struct guard *g, struct str name)
{
    if (is_loopback(name)) {
        return true;
    }
    if (g->host.len > 0 && is_same_host(name, g->host)) {
        return true;
    }
    for (size_t i = 0; i < g->address_count; i++) {
        if (is_same_host(name, g->addresses[i])) {
            return true;
        }
    }
    return is_configured(g, name);
}

bool guard_host(const struct guard *g, struct str host)
{
    struct str name;
    int port;

    return split_authority(host, &name, &port) && (port < 0 || port == g->port) &&
           is_allowed_name(g, name);
}

struct str guard_own_origin(struct arena *a, struct str host)
{
    struct str name;
    int port;

    return split_authority(host, &name, &port) && is_loopback(name)
                   ? arena_printf(a, "http://%.*s", STR_FMT(host))
                   : STR("");
}

bool guard_origin(const struct guard *g, struct str origin, struct str host)
{
    struct str http = STR("http://");
    struct str https = STR("https://");
    struct str name;
    int port;

    if (str_starts(origin, http)) {
        struct str authority = str_skip(origin, http.len);

        if (!split_authority(authority, &name, &port) || !is_allowed_name(g, name)) {
            return false;
        }
        return (port < 0 ? 80 : port) == g->port || str_ieq(authority, host);
    }
    if (str_starts(origin, https)) {
        struct str authority = str_skip(origin, https.len);

        return split_authority(authority, &name, &port) && is_configured(g, name) &&
               str_ieq(authority, host);
    }
    return false;
}

bool guard_token(struct str given, struct str token)
{
    volatile unsigned char differs = 0;

    if (given.len != token.len || token.len == 0) {
        return false;
    }
    for (size_t i = 0; i < token.len; i++) {
        differs = (unsigned char)(differs | (given.ptr[i] ^ token.ptr[i]));
    }
    return differs == 0;
}

static bool is_key_file(struct str name)
{
    static const struct str endings[] = {
        STR_INIT(".key"),
        STR_INIT(".pem"),
        STR_INIT(".crt"),
        STR_INIT(".p12"),
        STR_INIT(".pfx"),
    };

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (name.len >= endings[i].len &&
                str_ieq(str_skip(name, name.len - endings[i].len), endings[i])) {
            return true;
        }
    }
    return false;
}

/* Where package managers keep the packages that the links of node_modules lead to. */
static bool is_package_store(struct str parent, struct str segment)
{
    return str_eq(parent, STR("node_modules")) &&
           (str_eq(segment, STR(".pnpm")) || str_eq(segment, STR(".store")) ||
                   str_eq(segment, STR(".bun")));
}

bool guard_is_private(struct str path)
{
    struct str segment = STR("");
    struct str parent;
    bool more = true;

    while (more) {
        parent = segment;
        more = str_cut(path, '/', &segment, &path);
        if (segment.len > 0 && segment.ptr[0] == '.' && !str_eq(segment, STR(".well-known")) &&
                !is_package_store(parent, segment)) {
            return true;
        }
        if (is_key_file(segment)) {
            return true;
        }
    }
    return false;
}

bool guard_find_target(struct str path, size_t from, struct str *ret_folder)
{
    while (from < path.len) {
        size_t len = str_find(str_skip(path, from), '/');
        size_t end = len == STR_NONE ? path.len : from + len;

        /* the case is ignored: on such a file system "Target" is the same folder */
        if (str_ieq(str_sub(path, from, end), STR("target"))) {
            *ret_folder = str_sub(path, 0, end);
            return true;
        }
        from = end + 1;
    }
    return false;
}

bool guard_is_foreign_include(struct str site, struct str mode)
{
    return str_eq(site, STR("cross-site")) && !str_eq(mode, STR("navigate")) &&
           !str_eq(mode, STR("websocket"));
}
