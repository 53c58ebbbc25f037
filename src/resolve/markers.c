/* SPDX-License-Identifier: MIT */
/* See markers.h. */
#include "resolve/markers.h"

#include "base/path.h"

const struct str resolve_markers[RESOLVE_MARKERS] = { STR_INIT("package.json"),
    STR_INIT("package-lock.json"), STR_INIT("npm-shrinkwrap.json"), STR_INIT("yarn.lock"),
    STR_INIT("pnpm-lock.yaml"), STR_INIT("bun.lock"), STR_INIT("bun.lockb"),
    STR_INIT("node_modules/.package-lock.json"), STR_INIT("node_modules/.modules.yaml"),
    STR_INIT("node_modules/.yarn-state.yml"), STR_INIT("node_modules/.yarn-integrity") };

bool resolve_is_marker(struct str path)
{
    struct str name = path_name(path);

    for (size_t i = 0; i < RESOLVE_MARKERS; i++) {
        if (str_eq(name, path_name(resolve_markers[i]))) {
            return true;
        }
    }
    return false;
}
