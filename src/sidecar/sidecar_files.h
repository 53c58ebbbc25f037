/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SIDECAR_SIDECAR_FILES_H
#define ORBITON_SIDECAR_SIDECAR_FILES_H

/*
 * The sidecar's own files (sidecar/), as bytes in the program, in the order in which they import
 * each other; the first one, boot.js, is what Node is given. The C file behind this header is
 * written by tools/embed.c at build time.
 */

#include <stddef.h>

#include "base/str.h"

struct sidecar_file {
    struct str name; /* "main.mjs" */
    struct str bytes;
};

extern const struct sidecar_file sidecar_files[];
extern const size_t sidecar_file_count;

#endif
