/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_CACHE_H
#define ORBITON_PACK_CACHE_H

/*
 * Texts that are kept from one run to the next: a folder of files, each named by the key of what it was
 * made of. A file begins with a line that has the hash of the rest; one that is damaged is not there.
 */

#include <stdbool.h>

#include "base/hash.h"
#include "base/str.h"
#include "base/strbuf.h"

/* The folder of a project, from its root. Texts of packs name other files by their way from there. */
#define CACHE_FOLDER "node_modules/.cache/orbiton"

enum { CACHE_FILES_MAX = 256 }; /* those that were not read for the longest time go */

/* Makes the folder (an absolute path) and the one above it; that above both has to be there. Removes what
 * others have begun to write there and not ended for an hour. False if it cannot be written to. */
bool cache_make(struct str folder);

/* Reads a text, which is the last to go then; false if it is not there. `into` has the limit. */
bool cache_read(struct str folder, struct hash key, struct strbuf *into);

/* Keeps a text, which readers see whole or not at all; false if that did not work. */
bool cache_write(struct str folder, struct hash key, struct str text);

#endif
