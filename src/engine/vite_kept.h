/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ENGINE_VITE_KEPT_H
#define ORBITON_ENGINE_VITE_KEPT_H

/*
 * What the project's vite.config has said, from one run to the next (pack/cache.h): so a page need not wait until
 * the project's Vite is loaded and says the same again. An answer fits if all is what it was made of: the file
 * and the others that were read for it, the .env files, what is installed (the stamps of resolve/markers.h and the
 * package.json of Vite), the project's place on disk, and orbiton. NODE_ENV and the mode are the same in every run.
 * A file may read more than that, so an answer that is taken from here has to be asked for again (vite_turn.c).
 *
 *     0123456789abcdef0123456789abcdef vite.config.ts      the hash of the text, the path from the root
 *     ...
 *                                                          an empty line
 *     {"alias":[...]}                                      the answer, which only vite_config.h reads
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/hash.h"
#include "base/str.h"
#include "resolve/fs.h"

enum {
    VITE_KEPT_DEPS_MAX = 200, /* files; of more than these no answer is kept */
    VITE_KEPT_TEXT_MAX = 8 * 1024 * 1024,
};

struct vite_config;

/* Of what an answer is. */
struct vite_kept {
    const struct fs *fs;
    struct str root;  /* of the project, absolute */
    struct str file;  /* the vite.config */
    struct hash text; /* what was evaluated of it */
};

/* Gives `config` the answer; false, and all stays as it is, if none fits. */
bool vite_kept_read(const struct vite_kept *kept, struct vite_config *config);

/* Keeps an answer (JSON) and the files that it was made of, as they are now. False if that cannot be: there is no
 * node_modules, no Vite in it or above it, one of the files is not there, or the disk does not take it. */
bool vite_kept_write(
        const struct vite_kept *kept, struct str json, const struct str *deps, size_t dep_count);

#endif
