/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SIDECAR_PROTOCOL_H
#define ORBITON_SIDECAR_PROTOCOL_H

/*
 * The lines that orbiton and the sidecar exchange: one JSON object each (docs/plugins.md). Pure:
 * texts in, texts out. What the sidecar says is believed in nothing: it has a form, or it is
 * rubbish; places and paths outside the project are dropped.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "resolve/tsconfig.h"
#include "transform/transform.h"

enum {
    SIDECAR_PROTOCOL = 1,
    SIDECAR_LINE_MAX = 64 * 1024 * 1024, /* bytes of a line, either way */
    SIDECAR_NOTES_MAX = 8,               /* lines of a plugin's own stack that are shown */
};

enum sidecar_message_kind {
    SIDECAR_RUBBISH, /* no message of the protocol */
    SIDECAR_READY,
    SIDECAR_ANSWER,
    SIDECAR_STALE, /* output.deps: what depends on these is made again */
};

/* The project's folder, and the one around it that packages lie in, whose paths begin with
 * WORKSPACE_NAME (files/workspace.h); empty if there is none. Absolute. */
struct sidecar_folders {
    struct str root;
    struct str workspace;
};

/* What a line says. Texts lie in the arena. */
struct sidecar_message {
    enum sidecar_message_kind kind;
    uint64_t id;                    /* of an ANSWER */
    struct transform_output output; /* its `diags` is the list below */
    struct diag_list diags;         /* owned: diag_list_finish() */
};

/* Appends the first line: the sidecar's own files. */
struct sidecar_file;
void sidecar_write_files(struct strbuf *out, const struct sidecar_file *files, size_t count);

/* Appends {"hello": ...}. */
void sidecar_write_hello(struct strbuf *out, struct sidecar_folders in);

/* The `paths` of a tsconfig.json with absolute targets, [["@/x",["/home/me/app/src/x"]]], as JSON in
 * `a`; empty if it has none. */
struct str sidecar_paths(const struct tsconfig *config, struct sidecar_folders in, struct arena *a);

/* Appends a request to transform a file. `path` is relative to the root; `paths` is what
 * sidecar_paths() gave, or empty; `config` is that of
 * vite_config_request(); `tsconfig` is the options of struct tsconfig, or empty. */
void sidecar_write_transform(struct strbuf *out, uint64_t id, struct str plugin,
        struct sidecar_folders in, struct str path, struct str paths, struct str config,
        struct str tsconfig, struct str text);

/* Appends the notice that the answer to a request is not wanted any more. */
void sidecar_write_cancel(struct strbuf *out, uint64_t id);

/* Appends the notice that a file was written, appeared or went. */
void sidecar_write_changed(struct strbuf *out, struct sidecar_folders in, struct str path);

/*
 * Reads a line. What stands before the first '{' is skipped: something else may
 * have printed without a line end. Texts and deps in `a`; *ret is always set.
 */
void sidecar_read(
        struct str line, struct sidecar_folders in, struct arena *a, struct sidecar_message *ret);

/*
 * The column, in characters from 1, of what JavaScript's tools call column `units` of a line of that
 * text: they count UTF-16 units, here from 1, of which an emoji has two. 0 stays 0.
 */
unsigned sidecar_column(struct str text, unsigned line, unsigned units);

#endif
