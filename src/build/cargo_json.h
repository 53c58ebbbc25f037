/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BUILD_CARGO_JSON_H
#define ORBITON_BUILD_CARGO_JSON_H

/*
 * What cargo says on its standard output: one JSON message a line while it
 * builds (--message-format=json), one document for `cargo metadata`. Text in,
 * facts out.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"

enum { CARGO_LINE_MAX = 1024 * 1024, CARGO_METADATA_MAX = 32 * 1024 * 1024 };

/* Where the paths in messages begin and end. */
struct cargo_places {
    struct str root;      /* the project's absolute path */
    struct str workspace; /* absolute; cargo's relative paths begin there */
};

/*
 * Reads one message. A diagnostic goes to `diags` (none for summaries such as
 * "aborting due to previous error"); an artefact calls `on_wasm` with the
 * absolute path of each .wasm file. False if the line is no message of cargo's.
 */
bool cargo_json_message(struct str line, const struct cargo_places *places, struct diag_list *diags,
        void (*on_wasm)(void *ctx, struct str path), void *ctx);

struct cargo_package {
    struct str name;
    struct str manifest; /* absolute path of its Cargo.toml */
    struct str lib;      /* the file name of its cdylib without ".wasm"; empty if it has none */
    size_t bins;
    struct str bin; /* the file name of its last program */
};

struct cargo_metadata {
    struct str workspace;        /* absolute */
    struct str target_directory; /* absolute; CARGO_TARGET_DIR and cargo's configuration count */
    struct cargo_package *packages;
    size_t package_count;
};

/* Reads the document of `cargo metadata --no-deps --format-version 1`; texts live in `a`. */
bool cargo_json_metadata(struct arena *a, struct str text, struct cargo_metadata *ret);

#endif
