/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BASE_SYS_H
#define ORBITON_BASE_SYS_H

/*
 * System calls with the manners of this program: 0 or a descriptor on success,
 * a negative errno on failure, close-on-exec always, EINTR retried, counted
 * strings in (copied and terminated here).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/str.h"
#include "base/strbuf.h"

/*
 * Opens `path` ("" is the folder itself) beneath the folder `root_fd` by the
 * kernel's rules: openat2 with RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS, so that
 * neither ".." nor a symbolic link can leave it (-EXDEV). Never blocks on a
 * FIFO. -ENOSYS on a kernel before 5.6.
 */
int sys_open_beneath(int root_fd, struct str path, int flags);

/* The same, through no symbolic link anywhere in the path (-ELOOP). */
int sys_open_as_named(int root_fd, struct str path, int flags);

/* Appends the whole file to `into`; -EFBIG when the builder's maximum is passed. */
int sys_read_all(int fd, struct strbuf *into);

/* Opens, reads and closes a file by its path as the process sees it (relative to the cwd). */
int sys_read_file(struct str path, struct strbuf *into);

/* Writes all bytes; -errno if it cannot. */
int sys_write_all(int fd, struct str bytes);

/* Fills `len` bytes from the kernel's random source. */
int sys_random(void *bytes, size_t len);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t sys_now_ns(void);

/* CLOCK_REALTIME in nanoseconds, for comparison with file times. */
uint64_t sys_wall_ns(void);

/* Closes a descriptor if it is one; always returns -1, so `fd = sys_close(fd)` forgets it. */
int sys_close(int fd);

/* The message for a negative errno, e.g. "no such file or directory" (lower case first letter). */
struct str sys_error(int negative_errno);

#endif
