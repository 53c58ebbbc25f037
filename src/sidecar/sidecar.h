/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SIDECAR_SIDECAR_H
#define ORBITON_SIDECAR_SIDECAR_H

/*
 * The sidecar: one Node process that keeps the project's own compilers warm, as a backend of
 * transform.h. It is started with the first file that needs it and not before, unless it is asked to be.
 *
 *     none --start()--> running --ends--> (back-off) --start()--> running ...
 *
 * What was under way when it ended is given to the next one, once: a compiler that was killed is no
 * reason for an error, a file that kills its compiler is. A process that does not answer in time, or
 * says what cannot be read, is ended. What it has not read yet has a limit (SPAWN_UNSENT_MAX); the
 * rest waits until it has. Between a failure and the next start lies a time that
 * doubles, until something was answered again. Nothing else of orbiton waits for any of this.
 */

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/str.h"
#include "resolve/fs.h"
#include "transform/transform.h"

struct sidecar;
struct tsconfigs;
struct vite_config;

enum {
    SIDECAR_BACKOFF_MIN_MS = 100,
    SIDECAR_BACKOFF_MAX_MS = 5000,
    SIDECAR_LOAD_MS = 60 * 1000, /* for the first file of an adapter: its compiler is loaded */
    SIDECAR_CHANGED_MAX = 4 * 1024 * 1024, /* bytes of names of changed files, kept for a process
                                            * that does not read just now */
    SIDECAR_HEAP_MIB = 1024,   /* Node's --max-old-space-size, unless NODE_OPTIONS has one */
    SIDECAR_RUBBISH_MAX = 100, /* lines that are none of the protocol's, of one process */
};

struct sidecar_options {
    uv_loop_t *loop;
    struct str root;             /* of the project, absolute; copied */
    const struct fs *fs;         /* its files; copied */
    struct tsconfigs *tsconfigs; /* borrowed until the sidecar ends; NULL: names lead nowhere */
    const struct vite_config *vite_config; /* the same; NULL: there is none */
    const char *node;                      /* the program, looked up in PATH; NULL: "node" */
    size_t unsent_max; /* bytes of a line, and of what it leaves unread; 0: SPAWN_UNSENT_MAX */
    const char *node_options; /* NODE_OPTIONS of the environment; may be NULL */
    /* Something that is no file's error: the sidecar has ended, prints rubbish. May be NULL. */
    void (*on_warning)(void *ctx, struct str text, struct str hint);
    /* What was made and depends on these is to be made again: a plugin says something else now. Paths from the
     * root, of files or of none; borrowed. May be NULL. */
    void (*on_stale)(void *ctx, const struct str *paths, size_t count);
    void *ctx;
};

/* Starts nothing yet. */
struct sidecar *sidecar_create(const struct sidecar_options *options);

/* The backend for transform_add(), whose destroy() ends the sidecar and frees it. */
struct transform_backend sidecar_backend(struct sidecar *sidecar);

/* Starts the process now, if there is none: somebody will need it, and not at once. */
void sidecar_warm(struct sidecar *sidecar);

/* A file of the project was written, appeared or went (path from the root): compilers that remember
 * it are told, and configurations are read again. */
void sidecar_changed(struct sidecar *sidecar, struct str path);

/* How many processes were started so far. */
size_t sidecar_starts(const struct sidecar *sidecar);

#endif
