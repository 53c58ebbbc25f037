/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_NEAR_NAMES_H
#define ORBITON_SERVE_NEAR_NAMES_H

/* "Did you mean": names in a folder that are nearly the one that was asked for. */

#include "serve/server.h"

enum { NEAR_NAMES = 3 };

/* Up to NEAR_NAMES paths, the nearest first, in the server's arena; never one that may not be
 * served. Returns how many. */
size_t near_names_find(struct dev_server *server, struct str path, struct str ret[NEAR_NAMES]);

#endif
