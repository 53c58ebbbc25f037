/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TRANSFORM_ESBUILD_H
#define ORBITON_TRANSFORM_ESBUILD_H

/*
 * TypeScript and JSX by the project's own esbuild: the native program that npm or pnpm has put into
 * node_modules of the project or of a folder above it, else the one on PATH.
 *
 * It is started when the first file asks for it, and stays: as a service it takes a few
 * milliseconds a file (esbuild_wire.h). Where that does not work, be it that the service dies or that it
 * speaks otherwise than expected, a text is given to an esbuild of its own.
 */

#include <sys/stat.h>
#include <uv.h>

#include "base/str.h"
#include "resolve/tsconfig.h"
#include "transform/transform.h"

struct esbuild_options {
    uv_loop_t *loop;
    struct str root;             /* of the project, absolute; copied */
    struct tsconfigs *tsconfigs; /* borrowed */
    const char *path;            /* PATH; may be NULL. Copied */
};

/* The backend for transform_add(), which frees it. */
struct transform_backend esbuild_create(const struct esbuild_options *options);

/* The project's esbuild: its absolute path on the heap, and what stat() says of it; NULL: there is none.
 * `root` is the project's, absolute; `path` is PATH. */
char *esbuild_find(struct str root, const char *path, struct stat *ret);

/* Whether a file is TypeScript or JSX by its name. */
bool esbuild_is_source(struct str path);

#endif
