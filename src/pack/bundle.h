/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_BUNDLE_H
#define ORBITON_PACK_BUNDLE_H

/*
 * One run of the bundler: all files of a pack in, one text out. It is given its input by a pipe and writes
 * to two files of its own in the cache's folder (CACHE_FOLDER), which are gone when it has ended, however that was.
 * esbuild is run as it is, rolldown by Node (rolldown.h).
 */

#include <uv.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "pack/bundler.h"
#include "pack/rolldown.h"
#include "pack/walk.h"

struct bundle;

struct bundle_request {
    uv_loop_t *loop;
    const struct bundler *bundler; /* borrowed for the start */
    struct rolldowns *rolldowns;   /* borrowed; NULL where the bundler is esbuild */
    struct str root;               /* of the project, absolute; copied */
    const struct pack_list *list;  /* borrowed until the end of the run */
    /* Comes once, later, from the loop; not after bundle_abandon(). `text` is what was made, for the
     * call, and may be taken: then an empty one is left. NULL: it is not what was asked for; `said` is
     * what the bundler has written about it, and `odd`, if it is not empty, a file that it followed an
     * import to and orbiton did not, or the other way round. */
    void (*on_done)(void *ctx, struct strbuf *text, struct str said, struct str odd);
    void *ctx;
};

/* Starts it. NULL: the input is too large, or there is no place to write to. */
struct bundle *bundle_start(const struct bundle_request *request);

/* Ends it at once, without a call. Accepts NULL. */
void bundle_abandon(struct bundle *bundle);

#endif
