/* SPDX-License-Identifier: MIT */
#include "resolve/tsconfig_files.h"

/* Whether a name fits a pattern of one name. A '*' that took too little takes one more. */
static bool name_fits(struct str pattern, struct str name)
{
    size_t p = 0;
    size_t star = STR_NONE;
    size_t from = 0; /* where the star's part began, and what it has not got */

    for (size_t n = 0; n < name.len;) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            from = n;
        } else if (p < pattern.len && (pattern.ptr[p] == '?' || pattern.ptr[p] == name.ptr[n])) {
            p++;
            n++;
        } else if (star != STR_NONE) {
            p = star + 1;
            n = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*') {
        p++;
    }
    return p == pattern.len;
}

/* Takes the first name off a path. */
static struct str take_name(struct str *path)
{
    struct str name;
    struct str rest = { NULL, 0 };

    if (!str_cut(*path, '/', &name, &rest)) {
        name = *path;
        rest = str_skip(*path, path->len);
    }
    *path = rest;
    return name;
}

/* "*" and "*.ts"; "*.spec.ts" says more of a name than how it ends. */
static bool says_only_ending(struct str pattern)
{
    return str_eq(pattern, STR("*")) ||
           (str_starts(pattern, STR("*.")) && str_find(str_skip(pattern, 2), '.') == STR_NONE);
}

static bool last_name_fits(struct str pattern, struct str name, enum tsconfig_fit fit)
{
    return (fit == TSCONFIG_FIT_ANY_ENDING && says_only_ending(pattern)) ||
           name_fits(pattern, name);
}

static bool is_folder(struct str name)
{
    return str_find(name, '*') == STR_NONE && str_find(name, '?') == STR_NONE &&
           str_find(name, '.') == STR_NONE;
}

bool tsconfig_pattern_has(struct str pattern, struct str path, enum tsconfig_fit fit)
{
    struct str after_folders = { NULL, 0 }; /* the pattern behind the last "**" */
    struct str from = { NULL, 0 };          /* where that is tried */
    bool any_folders = false;

    while (path.len > 0) {
        struct str rest = pattern;
        struct str wanted = take_name(&rest);
        struct str path_rest = path;
        struct str name = take_name(&path_rest);

        if (pattern.len == 0) {
            return true; /* it was the root, or ended in "**" */
        }
        if (str_eq(wanted, STR("**"))) {
            any_folders = true;
            after_folders = pattern = rest;
            from = path;
            continue;
        }
        bool last = rest.len == 0;

        if (last ? last_name_fits(wanted, name, fit) : name_fits(wanted, name)) {
            if (last && (path_rest.len == 0 || fit == TSCONFIG_FIT_BELOW || is_folder(wanted))) {
                return true;
            }
            if (!last) {
                pattern = rest;
                path = path_rest;
                continue;
            }
        }
        if (!any_folders) {
            return false;
        }
        (void)take_name(&from);
        path = from;
        pattern = after_folders;
    }
    return false;
}
