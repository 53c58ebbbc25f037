/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TERM_OUT_H
#define ORBITON_TERM_OUT_H

/*
 * The one descriptor that term.c writes to. Never blocks the loop: a write is
 * made only when poll() says that it will be taken, the rest waits in a queue
 * with a limit. The descriptor itself stays as it is, because it is shared with
 * the shell: O_NONBLOCK would be seen there, too.
 */

#include <stdbool.h>
#include <uv.h>

#include "base/str.h"

struct out;

/* `fd` is borrowed. `json`: a notice about dropped lines is a JSON object. Never NULL. */
struct out *out_create(uv_loop_t *loop, int fd, bool json);

/* Whole lines. Dropped and counted when the queue is full; ignored when the reader is gone. */
void out_write(struct out *out, struct str lines);

/* Writes what the reader takes within a tenth of a second, and closes; freed by the loop. */
void out_destroy(struct out *out);

#endif
