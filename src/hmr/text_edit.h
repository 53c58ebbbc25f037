/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HMR_TEXT_EDIT_H
#define ORBITON_HMR_TEXT_EDIT_H

/*
 * What makes one text of the next, for a page that has the one. A page counts as JavaScript does: in
 * UTF-16 units, of which a character beyond U+FFFF has two.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct text_edit {
    size_t at;       /* units before it */
    size_t removed;  /* units */
    struct str text; /* that comes in their place: a part of the new text */
};

/*
 * The smallest edit, in one piece, of whole characters, that makes `text` of `base`. False where a page
 * would count otherwise: up to its end one of them is no UTF-8, or begins with a byte order mark.
 */
bool text_edit_find(struct str base, struct str text, struct text_edit *ret);

#endif
