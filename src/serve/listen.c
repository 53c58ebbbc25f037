/* SPDX-License-Identifier: MIT */
/*
 * Sockets of the server. Both loopback addresses or none: whoever listens on
 * the one that we left free gets the requests of half of the browsers.
 */
#include "serve/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/sys.h"

enum { ANY_PORT_TRIES = 20, HOST_MAX = 256 };

struct address {
    struct sockaddr_storage name;
    socklen_t len;
};

static void close_all(struct listen_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        sys_close(set->fds[i]);
    }
    set->count = 0;
}

static bool is_wildcard(const struct address *a)
{
    if (a->name.ss_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, &a->name, sizeof(in6));
        return IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr);
    }
    struct sockaddr_in in4;

    memcpy(&in4, &a->name, sizeof(in4));
    return in4.sin_addr.s_addr == htonl(INADDR_ANY);
}

static void set_port(struct address *a, uint16_t port)
{
    /* the port stands at the same place for both families */
    struct sockaddr_in in4;

    memcpy(&in4, &a->name, sizeof(in4));
    in4.sin_port = htons(port);
    memcpy(&a->name, &in4, sizeof(in4));
}

static int get_port(int fd, uint16_t *ret)
{
    struct address a = { .len = sizeof(a.name) };
    struct sockaddr_in in4;

    if (getsockname(fd, (struct sockaddr *)&a.name, &a.len) < 0) {
        return -errno;
    }
    memcpy(&in4, &a.name, sizeof(in4));
    *ret = ntohs(in4.sin_port);
    return 0;
}

static int open_one(const struct address *a)
{
    int on = 1;
    int only6 = !is_wildcard(a);
    int fd = socket(a->name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        return -errno;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
            (a->name.ss_family == AF_INET6 &&
                    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only6, sizeof(only6)) < 0) ||
            bind(fd, (const struct sockaddr *)&a->name, a->len) < 0 ||
            listen(fd, LISTEN_BACKLOG) < 0) {
        int error = -errno;

        sys_close(fd);
        return error;
    }
    return fd;
}

static bool is_family_missing(int error)
{
    return error == -EAFNOSUPPORT || error == -EADDRNOTAVAIL || error == -EPROTONOSUPPORT;
}

/* All addresses on one port, or none. */
static int open_on(struct address *addresses, size_t count, uint16_t port, struct listen_set *ret)
{
    int missing = 0;

    *ret = (struct listen_set){ .port = port };
    for (size_t i = 0; i < count && ret->count < LISTEN_MAX; i++) {
        set_port(&addresses[i], ret->port);
        int fd = open_one(&addresses[i]);

        if (is_family_missing(fd)) {
            missing = fd;
            continue;
        }
        if (fd < 0) {
            close_all(ret);
            return fd;
        }
        ret->fds[ret->count++] = fd;
        ret->wildcard = ret->wildcard || is_wildcard(&addresses[i]);
        if (ret->port == 0) {
            int result = get_port(fd, &ret->port);

            if (result < 0) {
                close_all(ret);
                return result;
            }
        }
    }
    return ret->count > 0 ? 0 : missing;
}

/* A name or address to its addresses, without doubles. */
static int look_up(struct str host, struct address *ret, size_t *ret_count)
{
    char name[HOST_MAX];
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
    struct addrinfo *list = NULL;
    size_t count = 0;

    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']') {
        host = str_sub(host, 1, host.len - 1);
    }
    if (host.len >= sizeof(name) || str_find(host, '\0') != STR_NONE) {
        return -EINVAL;
    }
    (void)snprintf(name, sizeof(name), "%.*s", STR_FMT(host));
    if (getaddrinfo(name, NULL, &hints, &list) != 0) {
        return -EADDRNOTAVAIL;
    }
    for (const struct addrinfo *item = list; item && count < LISTEN_MAX; item = item->ai_next) {
        struct address a = { .len = item->ai_addrlen };
        bool known = false;

        if (item->ai_family != AF_INET && item->ai_family != AF_INET6) {
            continue;
        }
        memcpy(&a.name, item->ai_addr, item->ai_addrlen);
        for (size_t i = 0; i < count; i++) {
            known = known || (ret[i].len == a.len && memcmp(&ret[i].name, &a.name, a.len) == 0);
        }
        if (!known) {
            ret[count++] = a;
        }
    }
    freeaddrinfo(list);
    *ret_count = count;
    return count > 0 ? 0 : -EADDRNOTAVAIL;
}

static int get_addresses(struct str host, struct address *ret, size_t *ret_count)
{
    size_t second = 0;

    if (host.len > 0 && !str_ieq(host, STR("localhost"))) {
        return look_up(host, ret, ret_count);
    }
    int result = look_up(STR("127.0.0.1"), ret, ret_count);

    if (result == 0 && look_up(STR("::1"), ret + *ret_count, &second) == 0) {
        *ret_count += second;
    }
    return result;
}

int listen_open(struct str host, uint16_t port, bool strict, struct listen_set *ret)
{
    struct address addresses[2 * LISTEN_MAX];
    size_t count = 0;
    int result = get_addresses(host, addresses, &count);
    int tries = port == 0 ? ANY_PORT_TRIES : strict ? 1 : LISTEN_PORTS;

    if (result < 0) {
        return result;
    }
    for (int i = 0; i < tries; i++) {
        unsigned wanted = port == 0 ? 0 : port + (unsigned)i;

        if (wanted > UINT16_MAX) {
            break;
        }
        /* "any" for the first address may be taken on the second: then another is tried */
        result = open_on(addresses, count, (uint16_t)wanted, ret);
        if (result != -EADDRINUSE) {
            break;
        }
    }
    return result;
}
