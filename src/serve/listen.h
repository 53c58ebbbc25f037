/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_LISTEN_H
#define ORBITON_SERVE_LISTEN_H

/* Listening sockets: all addresses of a host on one port, or none. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { LISTEN_MAX = 8, LISTEN_BACKLOG = 511, LISTEN_PORTS = 100 };

struct listen_set {
    int fds[LISTEN_MAX]; /* the caller's from then on */
    size_t count;
    uint16_t port;
    bool wildcard; /* one of them takes connections to any address of this machine */
};

/*
 * Listens on every address of `host` ("" and "localhost": 127.0.0.1 and ::1). Without `strict` the
 * next LISTEN_PORTS ports are tried as well; port 0 is any. An address family that this machine
 * does not have is left out. 0 or -errno; -EADDRINUSE if no port was free.
 */
int listen_open(struct str host, uint16_t port, bool strict, struct listen_set *ret);

#endif
