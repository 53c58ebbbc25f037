/* SPDX-License-Identifier: MIT */
#include "base/path.h"

#include <string.h>

struct str path_name(struct str path)
{
    size_t slash = str_rfind(path, '/');

    return slash == STR_NONE ? path : str_skip(path, slash + 1);
}

struct str path_parent(struct str path)
{
    size_t slash = str_rfind(path, '/');

    return slash == STR_NONE ? (struct str){ NULL, 0 } : str_sub(path, 0, slash);
}

struct str path_ext(struct str path)
{
    struct str name = path_name(path);
    size_t dot = str_rfind(name, '.');

    return dot == STR_NONE || dot == 0 ? (struct str){ NULL, 0 } : str_skip(name, dot);
}

struct str path_join(struct arena *a, struct str base, struct str name)
{
    if (base.len == 0 || name.len == 0) {
        return arena_str(a, base.len > 0 ? base : name);
    }
    char *to = arena_alloc(a, base.len + name.len + 2);

    memcpy(to, base.ptr, base.len);
    to[base.len] = '/';
    memcpy(to + base.len + 1, name.ptr, name.len);
    return (struct str){ to, base.len + 1 + name.len };
}

bool path_normalise(struct arena *a, struct str path, struct str *ret)
{
    if (path.len > 0 && path.ptr[0] == '/') {
        return false;
    }
    char *to = arena_alloc(a, path.len + 1);
    size_t len = 0;
    struct str rest = path;
    struct str part;

    while (rest.len > 0) {
        str_cut(rest, '/', &part, &rest);
        if (part.len == 0 || str_eq(part, STR("."))) {
            continue;
        }
        if (str_eq(part, STR(".."))) {
            if (len == 0) {
                return false;
            }
            len = path_parent((struct str){ to, len }).len;
            continue;
        }
        if (len > 0) {
            to[len++] = '/';
        }
        memcpy(to + len, part.ptr, part.len);
        len += part.len;
    }
    to[len] = '\0';
    *ret = (struct str){ to, len };
    return true;
}

bool path_is_below(struct str path, struct str folder)
{
    if (folder.len == 0) {
        return true;
    }
    return str_starts(path, folder) && (path.len == folder.len || path.ptr[folder.len] == '/');
}
