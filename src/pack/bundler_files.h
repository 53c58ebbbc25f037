/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_BUNDLER_FILES_H
#define ORBITON_PACK_BUNDLER_FILES_H

/*
 * What Node is given to make a pack by rolldown (sidecar/pack.mjs), as bytes in the program. The C file
 * behind this header is written by tools/embed.c at build time.
 */

#include <stddef.h>

#include "base/str.h"

struct bundler_file {
    struct str name; /* "pack.mjs" */
    struct str bytes;
};

extern const struct bundler_file bundler_files[];
extern const size_t bundler_file_count; /* 1 */

#endif
