/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BUILD_BUILD_H
#define ORBITON_BUILD_BUILD_H

/*
 * One build at a time: cargo, or any command of the configuration. The engine
 * says when; this says how, what the inputs are, and what came of it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/diag.h"
#include "base/str.h"
#include "files/files.h"

struct build;

enum build_tool {
    BUILD_NONE, /* nothing to build: the plain web */
    BUILD_CARGO,
    BUILD_COMMAND,
};

enum build_status { BUILD_COMPLETED, BUILD_FAILED, BUILD_CANCELLED };

struct build_result {
    enum build_status status;
    uint64_t ms;
    const struct diag_list *diags; /* errors and warnings; borrowed for the call */
    /* A known artefact (cargo's; [build] outputs without wildcards) has other content than after
     * the last good build; for the first one, than before it */
    bool outputs_changed;
};

struct build_options {
    struct files *files; /* borrowed */
    const char *command; /* from the configuration; NULL: cargo if there is a crate, else none */
    const struct str *inputs; /* gitignore-style patterns of the command's inputs; none: sources of
                               * all usual languages, narrowed by the depfiles */
    size_t input_count;
    const struct str *depfiles; /* Makefile-style dependency files that the command writes; the
                                 * last part may be a pattern ("build/" and "*.d") */
    size_t depfile_count;
    const struct str *outputs; /* files that the command writes, or patterns of them */
    size_t output_count;
    const struct str *cargo_args; /* more arguments for cargo build */
    size_t cargo_arg_count;
    const char *const *env; /* "NAME=value", NULL-terminated; may be NULL */
    bool use_beta;          /* cargo +beta */
    bool release;
    void (*on_started)(void *ctx);
    void (*on_finished)(void *ctx, const struct build_result *result);
    void *ctx;
};

/* Detects the tool. Errors (a crate that is not wasm-able, a missing toolchain) come as
 * diagnostics of the first build, so that the server starts all the same. */
struct build *build_create(uv_loop_t *loop, const struct build_options *options);

enum build_tool build_get_tool(const struct build *build);

/* One line for the banner: "cargo 0.66.0 (/usr/bin), target wasm32-unknown-unknown"; "" for none.
 * Known after the first build started. Borrowed. */
struct str build_describe(const struct build *build);

/* Whether a change of `path` can change what the build makes: dep-info of the last good build
 * (and manifests), or before there is one, the pattern of typical sources. Outputs never are. */
bool build_is_input(const struct build *build, struct str path);

/* Whether the build writes `path` (artefact, output, own target folder). */
bool build_is_output(const struct build *build, struct str path);

/* Starts a build; on_started is called before it returns. Must not be called while one runs. */
void build_start(struct build *build);

bool build_is_running(const struct build *build);

/* A newer save makes the running build stale: kills its process group unless it is nearly done
 * (past 80 % of the last one's time). on_finished(BUILD_CANCELLED) follows, or the build's own
 * result if it was let run. */
void build_cancel(struct build *build);

/*
 * Artefacts that are served although they lie in the build's own folder: the URL path
 * ("NAME.wasm", without the slash) to the file's path. Cargo's is known after the first good
 * build; its name is known from the start. The path is relative to the root,
 * or absolute if the target folder lies elsewhere (CARGO_TARGET_DIR). False if it is none.
 */
bool build_find_artefact(const struct build *build, struct str url_path, struct str *ret_path);

/* The wasm file that the build makes: the last artefact of cargo, or the first of [build] outputs that
 * is named in full. *ret_url is what stands behind the slash of its URL. False if there is none. */
bool build_find_wasm(const struct build *build, struct str *ret_url, struct str *ret_path);

/* Kills what runs, without a callback; freed when the loop has closed its handles. Accepts NULL. */
void build_destroy(struct build *build);

#endif
