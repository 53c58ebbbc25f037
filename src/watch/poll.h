/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WATCH_POLL_H
#define ORBITON_WATCH_POLL_H

/*
 * File systems whose changes the kernel does not tell: another machine, the
 * host of a virtual machine, or a program behind FUSE makes them.
 */

#include "base/str.h"

/* The name of such a file system if `fd` lies on one ("NFS"), else "". */
struct str poll_file_system(int fd);

/* The same by the number that statfs gives. */
struct str poll_name_of(unsigned long type);

#endif
