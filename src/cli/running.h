/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_CLI_RUNNING_H
#define ORBITON_CLI_RUNNING_H

/*
 * Where a running `orbiton dev` can be found by the other commands: one file a
 * project, named by the hash of its root, in a folder that only its user can
 * enter ($XDG_RUNTIME_DIR/orbiton, else /tmp/orbiton-UID). It says port and token.
 * A file that nobody removed is harmless: nobody answers at its port, or not
 * with its token.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct running {
    struct str root; /* absolute path of the project */
    struct str token;
    uint16_t port;
};

typedef const char *(*running_env)(const char *name);

/* Says that this process serves the project. 0 or -errno: then it cannot be found, and goes on. */
int running_write(const struct running *running, running_env env);

/* Takes it back, if the file is still this process's. */
void running_remove(const struct running *running, running_env env);

/*
 * The server of the project that the absolute path `dir` lies in: of the nearest folder upward that
 * has one. False if there is none. Texts lie in `a`.
 */
bool running_find(struct str dir, running_env env, struct arena *a, struct running *ret);

#endif
