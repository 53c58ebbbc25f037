/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TRANSFORM_TRANSFORM_H
#define ORBITON_TRANSFORM_TRANSFORM_H

/*
 * Files that a tool of the project turns into what a browser takes: a name, the source's bytes and
 * options in; JavaScript or CSS, a source map, errors with their places and the other files that
 * were read out. Nothing here waits: who asks is called back from the loop, and nothing that does
 * not need a tool ever stands behind one.
 *
 *     modules --transform_start()--> transform --start()--> a backend (esbuild, the sidecar, ...)
 *             <------on_done()------           <--transform_job_done()--
 *
 * A *backend* is one tool. It says by a file's name whether it is for that file; the first that was
 * added and says yes gets it. This file has what all of them need: how many jobs a tool is given at
 * once, and how long it may take. What came of a text is remembered by those who asked
 * (modules/transformed.c), by path, text and options.
 */

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"

struct transform;
struct transform_job;

enum {
    TRANSFORM_SOURCE_MAX = 8 * 1024 * 1024,  /* bytes of a source */
    TRANSFORM_OUTPUT_MAX = 32 * 1024 * 1024, /* of code and map together */
    TRANSFORM_DEPS_MAX = 4096,               /* other files of one result; more are dropped */
    TRANSFORM_AT_ONCE = 32,                  /* jobs that one tool is given at a time */
    TRANSFORM_MS = 10 * 1000,                /* for one job, from when the tool has it; or as its
                                              * backend says */
};

enum transform_type { TRANSFORM_JS, TRANSFORM_CSS };

/* What came of one source. Texts are borrowed for the call in which it is given. */
struct transform_output {
    enum transform_type type;
    struct str code;
    struct str map; /* a source map (JSON, version 3) from `code` to the source; empty: none */
    /* Errors and warnings with places in the source; paths from the root, or empty for the source
     * itself. With an error there is no code. */
    const struct diag_list *diags;
    /* Files beside the source that were read or looked for in vain, from the root: when one of them
     * changes, comes or goes, the source is transformed again. */
    const struct str *deps;
    size_t dep_count;
    /* The tool itself is at fault (it is not installed, has died, does not answer): the result is
     * not kept, and the source is tried again when it is asked for the next time. */
    bool is_passing;
};

/* One file's way through a tool. The backend that has it may read it until transform_job_done(). */
struct transform_job {
    struct str path;    /* of the source, from the root */
    struct str text;    /* its bytes */
    struct str options; /* what options() gave */
    uint64_t id;        /* from 1, never used again: for a protocol's request numbers */
    void *backend_data; /* the backend's own */
};

struct transform_backend {
    const char *name; /* of the tool, for messages */
    /* Whether this is the tool for that file (path from the root). Asked often: what it has to read for
     * that it keeps, until look_anew(); beyond that no system calls but for a stamp. */
    bool (*takes)(void *self, struct str path);
    /*
     * All that decides the output beside path and text (settings, the tool's version), as a text of
     * the backend's own form, in `a`. Asked for each lookup: it must be as the disk is now.
     */
    struct str (*options)(void *self, struct str path, struct arena *a);
    /* Takes the job. transform_job_done() follows exactly once, unless cancel() comes first; it may
     * be called before this has returned. */
    void (*start)(void *self, struct transform_job *job);
    /* How long the job may take, in ms: more than TRANSFORM_MS where the tool has to be loaded
     * first. NULL: TRANSFORM_MS. */
    unsigned (*limit)(void *self, const struct transform_job *job);
    /* The job is not wanted any more, or (`hangs`) took longer than it may; what the tool still
     * says of it is to be dropped. The job is gone afterwards. */
    void (*cancel)(void *self, struct transform_job *job, bool hangs);
    /* What to do after a job that took too long. NULL: to save the file. */
    const char *hint;
    /* What the tool makes of the file, or why it does not take it: a sentence without its full stop, in
     * `a`, for a person who asks; empty if there is nothing to say. Reads no file. NULL: there never is. */
    struct str (*remark)(void *self, struct str path, struct arena *a);
    /* A page is loaded anew, or something was installed: what takes() and options() keep of the disk is
     * to be looked at again. NULL: nothing is kept. */
    void (*look_anew)(void *self);
    /* Ends the tool. All jobs have been cancelled. Handles are closed by the loop. */
    void (*destroy)(void *self);
    void *self;
};

struct transform *transform_create(uv_loop_t *loop);

/* Cancels all jobs without a call, and destroys the backends. Accepts NULL. */
void transform_destroy(struct transform *transform);

/* Adds a tool behind those that are there; the structure is copied. */
void transform_add(struct transform *transform, const struct transform_backend *backend);

/* Whether some tool takes the file. */
bool transform_takes(const struct transform *transform, struct str path);

/* Whether a tool takes the file that was added before the one that is `self`. */
bool transform_has_other(const struct transform *transform, struct str path, const void *self);

/* What that tool's options() says; empty if no tool takes it. */
struct str transform_options(const struct transform *transform, struct str path, struct arena *a);

/* What the tools have to say of the file to a person who asks: the first that has something, in `a`;
 * else empty. */
struct str transform_remark(const struct transform *transform, struct str path, struct arena *a);

/* Lets all tools look at the disk again. */
void transform_look_anew(struct transform *transform);

/*
 * Transforms a file that some tool takes. Texts are copied. `on_done` comes once, later, from the
 * loop; with an error of that module if the tool fails. Not after transform_destroy().
 */
void transform_start(struct transform *transform, struct str path, struct str text,
        struct str options, void (*on_done)(void *ctx, const struct transform_output *output),
        void *ctx);

/* The backend's answer to a job, which is gone afterwards. */
void transform_job_done(struct transform_job *job, const struct transform_output *output);

/* The job is given to the tool once more, which was started anew: its time begins again. */
void transform_job_again(struct transform_job *job);

/* The same as transform_job_done(): an error that is the tool's own (see is_passing), with what to do about it. */
void transform_job_fail(struct transform_job *job, struct str text, struct str hint);

#endif
