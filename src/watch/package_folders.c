/* SPDX-License-Identifier: MIT */
/* Invariant: of a folder that is here all folders above it are, too. */
#include "watch/package_folders.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/table.h"

struct package_folder {
    UT_hash_handle hh;
    enum package_folder_kind kind;
    size_t len;
    char path[];
};

static struct package_folder *find(const struct package_folders *f, struct str path)
{
    struct package_folder *folder;

    HASH_FIND(hh, f->items, path.len > 0 ? path.ptr : "", path.len, folder);
    return folder;
}

static void add(struct package_folders *f, struct str path, enum package_folder_kind kind)
{
    struct package_folder *folder = mem_alloc(1, sizeof(*folder) + path.len);

    folder->kind = kind;
    folder->len = path.len;
    memcpy(folder->path, path.ptr, path.len);
    HASH_ADD_KEYPTR(hh, f->items, folder->path, folder->len, folder);
    f->count++;
}

bool package_folders_add(struct package_folders *f, struct str path, bool is_own)
{
    enum package_folder_kind kind = is_own ? PACKAGE_FOLDER_OWN : PACKAGE_FOLDER_USED;
    struct package_folder *known = find(f, path);

    if (known) {
        bool is_new = known->kind < kind;

        known->kind = is_new ? kind : known->kind;
        return is_new;
    }
    if (path.len == 0 || package_folders_are_full(f)) {
        return false;
    }
    add(f, path, kind);
    for (struct str up = path_parent(path); up.len > 0 && !find(f, up); up = path_parent(up)) {
        add(f, up, PACKAGE_FOLDER_PASSAGE);
    }
    return true;
}

bool package_folders_are_full(const struct package_folders *f)
{
    return f->count >= PACKAGE_FOLDERS_MAX;
}

enum package_folder_kind package_folders_find(const struct package_folders *f, struct str path)
{
    const struct package_folder *folder = find(f, path);

    return folder ? folder->kind : PACKAGE_FOLDER_NONE;
}

void package_folders_finish(struct package_folders *f)
{
    while (f->items) {
        struct package_folder *folder = f->items;

        HASH_DEL(f->items, folder);
        free(folder);
    }
    f->count = 0;
}
