/* SPDX-License-Identifier: MIT */
/* See path_set.h. A sorted array: built once a build, asked for each changed file. */
#include "build/path_set.h"

#include <stdlib.h>

#include "base/path.h"
#include "base/table.h"
#include "base/vec.h"

struct path_ending {
    struct str ext; /* the key */
    UT_hash_handle hh;
};

static struct path_ending *find_ending(const struct path_set *set, struct str ext)
{
    struct path_ending *found = NULL;

    HASH_FIND(hh, set->endings, ext.ptr, ext.len, found);
    return found;
}

static int compare(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void path_set_add(struct path_set *set, struct str path)
{
    if (set->count >= PATH_SET_MAX) {
        return;
    }
    struct str own = arena_str(&set->arena, path);
    struct str ext = path_ext(own);

    vec_push(set, own);
    if (!find_ending(set, ext)) {
        struct path_ending *ending = arena_new(&set->arena, struct path_ending);

        ending->ext = ext;
        HASH_ADD_KEYPTR(hh, set->endings, ending->ext.ptr, ending->ext.len, ending);
    }
}

bool path_set_has(struct path_set *set, struct str path)
{
    if (set->count == 0) {
        return false;
    }
    if (set->sorted != set->count) {
        qsort(set->items, set->count, sizeof(*set->items), compare);
        set->sorted = set->count;
    }
    return bsearch(&path, set->items, set->count, sizeof(*set->items), compare) != NULL;
}

bool path_set_has_ext(const struct path_set *set, struct str ext)
{
    return ext.len > 0 && find_ending(set, ext) != NULL;
}

void path_set_reset(struct path_set *set)
{
    HASH_CLEAR(hh, set->endings);
    arena_reset(&set->arena);
    set->count = 0;
    set->sorted = 0;
}

void path_set_finish(struct path_set *set)
{
    HASH_CLEAR(hh, set->endings);
    arena_finish(&set->arena);
    vec_finish(set);
    set->sorted = 0;
}

bool path_relative(
        struct arena *a, struct str root, struct str dir, struct str path, struct str *ret)
{
    struct str root_inside;
    struct str inside;

    if (!str_starts(path, STR("/"))) {
        path = path_join(a, dir, path);
    }
    /* Normalised beneath "/", so that ".." is resolved before the root is looked for. */
    if (!path_normalise(a, str_skip(path, 1), &inside) ||
            !path_normalise(a, str_skip(root, 1), &root_inside) ||
            !path_is_below(inside, root_inside) || inside.len == root_inside.len) {
        return false;
    }
    *ret = str_skip(inside, root_inside.len > 0 ? root_inside.len + 1 : 0);
    return true;
}
