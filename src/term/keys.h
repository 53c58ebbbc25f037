/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TERM_KEYS_H
#define ORBITON_TERM_KEYS_H

/*
 * Single keys from a terminal, without Enter. Line editing and echo are switched
 * off, signals stay on: Ctrl+C is SIGINT and Ctrl+Z stops as everywhere. The
 * terminal is put back at exit, on a stop, and on a crash; while the program is
 * in the background it neither reads nor touches the terminal.
 */

#include <uv.h>

struct keys;

/* NULL if `fd` is no terminal that can be read. Keys of an escape sequence are left out. */
struct keys *keys_create(uv_loop_t *loop, int fd, void (*on_key)(void *ctx, char key), void *ctx);

/* Restores the terminal and closes; freed by the loop. Accepts NULL. */
void keys_destroy(struct keys *keys);

#endif
