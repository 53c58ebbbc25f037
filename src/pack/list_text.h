/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_LIST_TEXT_H
#define ORBITON_PACK_LIST_TEXT_H

/* What a pack is made of, as a text that is kept for the next run. */

#include "base/strbuf.h"
#include "pack/walk.h"

/* Appends the list, and `ground`: what else has to be the same if it is to hold. */
void pack_list_write(struct strbuf *out, const struct pack_list *list, struct hash ground);

/* Reads what the above has written, into `a`; false if it is something else. */
bool pack_list_read(
        struct str text, struct arena *a, struct pack_list *ret, struct hash *ret_ground);

#endif
