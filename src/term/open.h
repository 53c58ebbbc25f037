/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TERM_OPEN_H
#define ORBITON_TERM_OPEN_H

/*
 * Which program opens a page or a file, as an argument vector for spawn.h.
 * Pure: reads the environment through a function, starts nothing, and never
 * makes a command line for a shell, so no name in a project can be one.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* NULL-terminated, in the arena. */
typedef const char *const *open_argv;

/*
 * The browser for `url`: $BROWSER (its words at spaces, "%s" replaced by the URL or the URL
 * added; of a list with ':' the first) or xdg-open. False with a sentence in *ret_message when
 * BROWSER=none or the URL is not http.
 */
bool open_browser_argv(struct arena *a, struct str url, const char *(*env)(const char *name),
        open_argv *ret, struct str *ret_message);

/*
 * The editor at a place in a file: ORBITON_EDITOR, VISUAL or EDITOR, with the argument form that
 * editor knows, or with {file}, {line} and {col} filled in. `path` is absolute; line and col count
 * from 1, 0 is unknown. False with a sentence in *ret_message when none is set or it needs a
 * terminal of its own.
 */
bool open_editor_argv(struct arena *a, struct str path, unsigned line, unsigned col,
        const char *(*env)(const char *name), open_argv *ret, struct str *ret_message);

#endif
