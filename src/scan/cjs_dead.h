/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_CJS_DEAD_H
#define ORBITON_SCAN_CJS_DEAD_H

/*
 * Which tokens never run while developing, because they stand behind a
 * comparison of process.env.NODE_ENV with a text:
 *
 *     if (CMP) ... else ...      CMP ? ... : ...      CMP && ...      CMP || ...
 *
 * The tokens are asked for in order, from the first to the last.
 */

#include <stddef.h>

#include "scan/js_tokens.h"

enum {
    CJS_DEAD_MAX = 64,       /* branches that are known and have not come yet */
    CJS_STATEMENTS_MAX = 64, /* statements without braces within one another */
    CJS_STEPS_MAX = 2048,    /* tokens of an expression, a bracket with all in it being one */
};

struct cjs_dead {
    const struct js_tokens *tokens;
    struct {
        size_t start, end;
    } branches[CJS_DEAD_MAX];
    size_t count;
};

/* The token behind the dead branch that begins at `i`; `i` itself if none does. */
size_t cjs_dead_skip(struct cjs_dead *d, size_t i);

/* Where the value at `i` begins, when conditions like those above are followed to what they give. */
size_t cjs_dead_value(const struct js_tokens *t, size_t i);

#endif
