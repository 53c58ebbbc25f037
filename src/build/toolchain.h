/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BUILD_TOOLCHAIN_H
#define ORBITON_BUILD_TOOLCHAIN_H

/*
 * Which cargo to use: the first on PATH whose rustc, from the same folder, has
 * the WebAssembly target. (A cargo cannot drive another version's rustc, and
 * rustup's proxies often come first without the target.) Asks by running them;
 * installs nothing.
 */

#include "base/diag.h"
#include "build/tool.h"

#define WASM_TARGET "wasm32-unknown-unknown"

struct toolchain;

/* `done` is called once a search, possibly before toolchain_find() returns. */
struct toolchain *toolchain_create(
        const struct tool_host *host, void (*done)(void *ctx, bool found), void *ctx);

/* Searches; when nothing is found, `diags` says what is missing and how to get it. */
void toolchain_find(struct toolchain *tc, struct diag_list *diags);
void toolchain_kill(struct toolchain *tc);

/* The folder of the cargo that was found, and "cargo 0.66.0 (/usr/bin), ..."; "" before. */
struct str toolchain_folder(const struct toolchain *tc);
struct str toolchain_describe(const struct toolchain *tc);

/* Its environment, for spawn: the configured one, with the folder first in PATH, so that cargo
 * finds the rustc beside it. In `a`. */
const char *const *toolchain_env(const struct toolchain *tc, struct arena *a);

void toolchain_destroy(struct toolchain *tc);

#endif
