/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_EFFECTS_H
#define ORBITON_PACK_EFFECTS_H

/*
 * What a package.json says by its "sideEffects" of which files may as well not run: false stands for all of
 * them, a list of patterns for all but those that one matches. A pattern without a slash is of names in any
 * folder, as bundlers have it ("x.js"; "./x.js" is that one file). Where bundlers differ, a file may have effects: a list with a pattern in
 * parentheses is not understood, and beside a list all files whose path has a name that begins with a dot may.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "resolve/glob.h"

struct effects {
    bool is_said;            /* the field is there */
    bool all;                /* any file may have effects: true, nothing, or what cannot be read */
    bool is_odd;             /* it is there and is not understood */
    const struct glob *some; /* files of these names may; NULL: no others */
    struct str folder;       /* of the package */
};

/* `manifest` is the text of the package.json in `folder`, a path from the root. The result lies in `a`. */
struct effects effects_read(struct arena *a, struct str manifest, struct str folder);

/* Whether the file, a path from the root, may have effects. */
bool effects_may_have(const struct effects *effects, struct str path);

#endif
