/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BUILD_CARGO_H
#define ORBITON_BUILD_CARGO_H

/* The build of a Rust crate: toolchain, targets, cargo build, inputs and artefacts. */

#include "base/diag.h"
#include "build/path_set.h"
#include "build/tool.h"

struct cargo;

struct cargo_artefact {
    struct str name; /* "NAME.wasm" */
    struct str path; /* relative to the root, or absolute if the target folder is elsewhere */
};

/* `host` is copied. Reads Cargo.toml for the artefact's name. */
struct cargo *cargo_create(const struct tool_host *host);

/* Diagnostics go to `diags`, borrowed until on_done. */
void cargo_start(struct cargo *cargo, struct diag_list *diags);
void cargo_kill(struct cargo *cargo);

struct str cargo_describe(const struct cargo *cargo);

/* The folder for everything that cargo writes; relative to the root, or absolute. */
struct str cargo_target_folder(const struct cargo *cargo);

/* What the last good build made, or before there is one, what it will probably make. */
size_t cargo_artefacts(const struct cargo *cargo, const struct cargo_artefact **ret);

/* The files the last good build read (dep-info); empty before there is one. */
struct path_set *cargo_inputs(struct cargo *cargo);

/* No callback comes any more. Accepts NULL. */
void cargo_destroy(struct cargo *cargo);

/* The target's name that a Cargo.toml will lead to ("" if it has no [package]); a guess by its
 * text, good until `cargo metadata` has answered. In `a`. Pure. */
struct str cargo_guess_name(struct arena *a, struct str manifest);

/* Finds the place in cargo's own text about a manifest it cannot read. Pure. */
void cargo_manifest_error(
        struct arena *a, struct str root, struct str output, int status, struct diag *ret);

#endif
