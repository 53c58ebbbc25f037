/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BASE_BLOB_H
#define ORBITON_BASE_BLOB_H

/*
 * Immutable bytes with a count of owners: a message that is still being sent
 * to slow pages while a newer one exists.
 */

#include <stddef.h>

#include "base/str.h"

struct blob {
    size_t refs; /* private */
    size_t len;
    char bytes[];
};

/* A copy of the bytes with one reference, which is the caller's. */
struct blob *blob_create(struct str bytes);

/* One more reference; returns the same blob. */
struct blob *blob_ref(struct blob *b);

/* Gives one reference back; the last one frees. Accepts NULL. */
void blob_unref(struct blob *b);

/* The bytes, borrowed as long as a reference is held. */
struct str blob_str(const struct blob *b);

#endif
