/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_CLI_TEMPLATE_FILES_H
#define ORBITON_CLI_TEMPLATE_FILES_H

/*
 * The files that `orbiton new` makes projects of, as bytes in the program: the examples of this
 * repository and the libraries that they use. The C file behind this header is written by
 * tools/embed.c at build time.
 */

#include <stddef.h>

#include "base/str.h"

struct template_file {
    struct str path; /* in the repository: "examples/plain/index.html" */
    struct str bytes;
};

extern const struct template_file template_files[];
extern const size_t template_file_count;

#endif
