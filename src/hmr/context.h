/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HMR_CONTEXT_H
#define ORBITON_HMR_CONTEXT_H

/*
 * HmrContext: what changed, what is pending, when the last rebuild was. Pure:
 * times are arguments, in milliseconds of any monotonic clock.
 *
 * A module is pending from its recorded change until it is marked updated or a
 * rebuild that began after the change has been recorded. Nothing is dropped: a
 * change that arrives while a rebuild runs stays pending when that rebuild ends.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct hmr_context;

struct hmr_context *hmr_context_create(void);

/* Accepts NULL. */
void hmr_context_destroy(struct hmr_context *context);

/*
 * The name of the module that a file is: a .rs or .orbit file under src/ loses "src/" and that
 * ending, only at the start and the end of the path; any other file is its path from the root.
 * In `a`. Two files can come to one name here (src/a.rs and src/a.orbit); a context tells them
 * apart: the second that it meets is named by its whole path.
 */
struct str hmr_module_name(struct arena *a, struct str path);

/* Records that a file changed at `now_ms`; returns its module's name, borrowed from the context. */
struct str hmr_context_record_file_change(
        struct hmr_context *context, struct str path, uint64_t now_ms);

/* Whether the module has a change that no update has taken to the pages. */
bool hmr_context_needs_update(const struct hmr_context *context, struct str module);

/* The names of the pending modules, oldest change first, in `a`. */
struct str *hmr_context_pending_updates(
        const struct hmr_context *context, struct arena *a, size_t *ret_count);

/* The module's changes up to now have reached the pages. */
void hmr_context_mark_updated(struct hmr_context *context, struct str module);

/* A rebuild begins: what is pending now is what it takes along. */
void hmr_context_rebuild_started(struct hmr_context *context);

/*
 * The rebuild ended at `now_ms`. After a good one the modules that it took along are no longer
 * pending, and are returned in `a`; after a failed one they stay pending, and none is returned.
 */
struct str *hmr_context_record_rebuild(
        struct hmr_context *context, bool ok, uint64_t now_ms, struct arena *a, size_t *ret_count);

/*
 * False while less than `debounce_ms` has passed since the last rebuild ended; otherwise
 * whether anything is pending that no failed rebuild has already tried.
 */
bool hmr_context_should_rebuild(
        const struct hmr_context *context, uint64_t debounce_ms, uint64_t now_ms);

/* How long until should_rebuild() can be true: for arming a timer. 0 when it can be now. */
uint64_t hmr_context_rebuild_wait(
        const struct hmr_context *context, uint64_t debounce_ms, uint64_t now_ms);

/* The age of the oldest pending change; 0 when nothing is pending. */
uint64_t hmr_context_oldest_age(const struct hmr_context *context, uint64_t now_ms);

/* The modules that have been pending for longer than `limit_ms`, in `a`. */
struct str *hmr_context_stale_entries(const struct hmr_context *context, uint64_t limit_ms,
        uint64_t now_ms, struct arena *a, size_t *ret_count);

#endif
