/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BUILD_COMMAND_H
#define ORBITON_BUILD_COMMAND_H

/* Any other build: a command of the configuration, run by sh in the root. */

#include "base/diag.h"
#include "build/path_set.h"
#include "build/tool.h"

struct command;

/* `host` is copied. */
struct command *command_create(const struct tool_host *host);

/* Diagnostics go to `diags`, borrowed until on_done. */
void command_start(struct command *command, struct diag_list *diags);
void command_kill(struct command *command);

/* What its dependency files named after the last good build; empty without such files. */
struct path_set *command_inputs(struct command *command);

/* No callback comes any more. Accepts NULL. */
void command_destroy(struct command *command);

#endif
