/* SPDX-License-Identifier: MIT */
/*
 * Near names for a 404. Only what would be served is ever suggested: each name
 * goes through the same door as a request for it.
 */
#include "serve/near_names.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/sys.h"
#include "serve/static_file.h"

enum { ENTRIES_MAX = 2000 /* looked at; a folder with more is not worth the time */ };

struct near {
    struct str names[NEAR_NAMES];
    size_t distances[NEAR_NAMES];
    size_t count;
};

static void add(struct near *near, struct arena *a, struct str name, size_t distance)
{
    size_t at = near->count;

    while (at > 0 && near->distances[at - 1] > distance) {
        at--;
    }
    if (at == NEAR_NAMES) {
        return;
    }
    size_t last = near->count < NEAR_NAMES ? near->count++ : NEAR_NAMES - 1;

    for (size_t i = last; i > at; i--) {
        near->names[i] = near->names[i - 1];
        near->distances[i] = near->distances[i - 1];
    }
    near->names[at] = arena_str(a, name);
    near->distances[at] = distance;
}

static bool would_be_served(struct dev_server *server, struct str path)
{
    struct stat st;
    int fd = static_file_open(server, path, &st);

    if (fd < 0) {
        fd = static_file_open_folder(server, path);
    }
    sys_close(fd);
    return fd >= 0;
}

size_t near_names_find(struct dev_server *server, struct str path, struct str ret[NEAR_NAMES])
{
    struct str folder = path_parent(path);
    struct str wanted = path_name(path);
    size_t limit = wanted.len < 4 ? 1 : wanted.len < 9 ? 2 : 3;
    struct near near = { 0 };
    int fd = wanted.len > 0 ? static_file_open_folder(server, folder) : -1;
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

    if (!dir) {
        sys_close(fd);
        return 0;
    }
    for (int i = 0; i < ENTRIES_MAX; i++) {
        const struct dirent *entry = readdir(dir);

        if (!entry) {
            break;
        }
        struct str name = str_from(entry->d_name);
        size_t distance = guard_is_private(name) || !str_is_utf8(name)
                                  ? SIZE_MAX
                                  : str_distance(name, wanted, limit);

        if (distance == 0 || distance > limit) {
            continue;
        }
        if (would_be_served(server, path_join(&server->arena, folder, name))) {
            add(&near, &server->arena, name, distance);
        }
    }
    (void)closedir(dir); /* only read */
    for (size_t i = 0; i < near.count; i++) {
        ret[i] = path_join(&server->arena, folder, near.names[i]);
    }
    return near.count;
}
