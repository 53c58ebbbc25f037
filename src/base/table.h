/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BASE_TABLE_H
#define ORBITON_BASE_TABLE_H

/*
 * uthash with our way of running out of memory, and with a hash function whose
 * macro every compiler accepts without a warning. Include this, not uthash.h.
 */

#include "base/mem.h"

#define uthash_fatal(message) mem_die()
#define HASH_FUNCTION         HASH_FNV

#include <uthash.h>

#endif
