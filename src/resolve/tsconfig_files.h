/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_TSCONFIG_FILES_H
#define ORBITON_RESOLVE_TSCONFIG_FILES_H

/*
 * The patterns of `include` and `exclude` in a tsconfig.json. '*' and '?' stand within one name, "**"
 * for any number of folders, and a last name without a wildcard or a dot is a folder with all that
 * is below it. Pure.
 */

#include <stdbool.h>

#include "base/str.h"

/* What may differ between a pattern and a path that fits it. */
enum tsconfig_fit {
    TSCONFIG_FIT_EXACT,
    /* "*.ts" has "App.vue", too: what TypeScript itself cannot read imports by the same names as the
     * files beside it */
    TSCONFIG_FIT_ANY_ENDING,
    TSCONFIG_FIT_BELOW, /* all below what fits does as well: how `exclude` is read */
};

/* Whether the pattern has the file. Both are normal paths from the root. */
bool tsconfig_pattern_has(struct str pattern, struct str path, enum tsconfig_fit fit);

#endif
