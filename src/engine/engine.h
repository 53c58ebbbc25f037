/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ENGINE_ENGINE_H
#define ORBITON_ENGINE_ENGINE_H

/*
 * Where the stages meet. The engine owns the watcher, the build, the server,
 * HmrContext and the page model, and carries facts between them:
 *
 *     change set -> context, pages -> messages to pages      (turn.c)
 *     inputs     -> build -> outputs -> messages to pages    (rebuild.c)
 *     registrations, acknowledgements from pages             (page_events.c)
 *     acknowledgements -> why line                           (why.c)
 *     orbiton.toml -> new options in all parts               (reconfigure.c)
 */

#include <uv.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "config/options.h"
#include "term/term.h"

struct engine;

struct engine_options {
    const struct options *options; /* borrowed */
    struct term *term;             /* borrowed; must outlive the engine */
    const char *(*env)(const char *name);
    /* Reads all layers of options again, when the file has changed: see options_read_again().
     * False if they are wrong. `ret` is to be finished in any case. NULL: never. */
    bool (*read_options)(
            void *ctx, struct options *ret, struct strbuf *err, struct diag_list *diags);
    void *read_ctx;
};

/*
 * Opens the project, listens, starts watching and the first build, and prints the banner. On
 * failure prints what failed and returns -errno; *ret is to be stopped and freed all the same.
 */
int engine_create(uv_loop_t *loop, const struct engine_options *options, struct engine **ret);

/* Where the server is reached, once it has been created. */
uint16_t engine_port(const struct engine *engine);
struct str engine_token(const struct engine *engine);

/* A key of the terminal, see term.h. */
void engine_key(struct engine *engine, char key);

/* Ends children, connections and watches. Run the loop until it has closed them. Accepts NULL. */
void engine_stop(struct engine *engine);

/* Frees a stopped engine whose loop has nothing left to do. Accepts NULL. */
void engine_free(struct engine *engine);

#endif
