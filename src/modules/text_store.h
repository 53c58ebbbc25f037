/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_TEXT_STORE_H
#define ORBITON_MODULES_TEXT_STORE_H

/*
 * Texts by hash, in a temporary file without a name: what was served, so that a
 * page can go back to it after the file on disk has changed. A ring: when it is
 * full the oldest goes. When the disk is full, or there is no room for a
 * temporary file at all, texts are not kept, and nothing else fails.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"

struct text_store;

enum {
    TEXT_STORE_BYTES = 256 * 1024 * 1024,
    TEXT_STORE_ITEMS = 100000,
};

/* `max`: bytes, at most 4 GiB. Opens nothing yet. */
struct text_store *text_store_create(size_t max);

/* Accepts NULL. */
void text_store_destroy(struct text_store *store);

/* Keeps the text under that hash; nothing if it is kept already or does not fit. */
void text_store_put(struct text_store *store, struct hash hash, struct str text);

bool text_store_has(const struct text_store *store, struct hash hash);

/* The text in `a`; false if it is not kept. */
bool text_store_get(
        const struct text_store *store, struct hash hash, struct arena *a, struct str *ret);

#endif
