/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_CLIENT_FILES_H
#define ORBITON_SERVE_CLIENT_FILES_H

/*
 * The browser client's files (client/, its .js files), as bytes in the program. The C
 * file behind this header is written by tools/embed.c at build time; the table
 * is constant, so everything handed out lives as long as the program.
 */

#include "base/str.h"

struct client_file {
    struct str name;  /* "client.js": what stands behind /__orbit/ in the URL */
    struct str bytes; /* exactly the file */
    struct str etag;  /* a strong entity tag of the bytes, with its quotes */
};

/* The file of that name, or NULL. */
const struct client_file *client_file_find(struct str name);

#endif
