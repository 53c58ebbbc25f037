/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_CLI_MEMORY_H
#define ORBITON_CLI_MEMORY_H

/*
 * Gives jansson and libuv memory that cannot fail (base/mem.h), as the program's own. To be called
 * before anything else of theirs.
 */
void memory_use_everywhere(void);

#endif
