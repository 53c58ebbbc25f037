/* SPDX-License-Identifier: MIT */
/* See packs_private.h: which files a pack has, and whether they are what they were. */
#include <utlist.h>

#include "base/path.h"
#include "pack/packs_private.h"
#include "pack/part.h"
#include "resolve/markers.h"

/* A walk's context. */
struct walker {
    const struct packs *packs;
    const struct pack *pack; /* whose files are free, too */
    struct str package;      /* of the entry */
};

struct hash packs_installed(const struct packs *p)
{
    uint64_t stamps[RESOLVE_MARKERS];

    for (size_t i = 0; i < RESOLVE_MARKERS; i++) {
        struct fs_stat st = { 0 };

        stamps[i] = p->fs.stat(p->fs.ctx, resolve_markers[i], &st) ? st.version : 0;
    }
    return hash_bytes((struct str){ (const char *)stamps, sizeof(stamps) });
}

static enum pack_place place_of(void *ctx, struct str path)
{
    const struct walker *w = ctx;
    const struct known *k = known_find(w->packs, path);

    if (transform_has_other(w->packs->transform, path, w->packs)) {
        return PACK_FOREIGN;
    }
    if (k) {
        return k->pack && k->pack == w->pack ? PACK_FREE : PACK_OUTSIDE;
    }
    struct str package = pack_package_of(path);

    k = known_find(w->packs, package);
    if (!k || (k->refusals > 0 && str_eq(package, w->package))) {
        return PACK_FREE;
    }
    return k->refusals == 0 || k->refusals >= PACKS_REFUSALS_MAX ? PACK_LEFT : PACK_FREE;
}

static bool has_package(const struct pack_list *list, struct str folder)
{
    size_t i = 0;

    while (i < list->package_count && !str_eq(list->packages[i], folder)) {
        i++;
    }
    return i < list->package_count;
}

static struct str pack_of(void *ctx, struct str folder, size_t i)
{
    const struct walker *w = ctx;
    const struct pack *pack;

    DL_FOREACH(w->packs->list, pack)
    {
        if (pack != w->pack && has_package(&pack->list, folder) && i-- == 0) {
            return pack->list.packages[0];
        }
    }
    return STR("");
}

enum pack_answer packs_walk(struct packs *p, struct str entry, const struct pack *pack,
        struct arena *a, struct pack_list *ret, struct str *ret_why)
{
    struct walker w = { .packs = p, .pack = pack, .package = pack_package_of(entry) };

    return pack_walk(&(struct pack_question){ .fs = &p->fs,
                             .resolver = p->resolver,
                             .entry = entry,
                             .alone = known_is_alone(p, w.package),
                             .place = place_of,
                             .pack_of = pack_of,
                             .ctx = &w },
            a, ret, ret_why);
}

bool pack_has_same_stamps(const struct pack *pack)
{
    const struct fs *fs = &pack->packs->fs;
    bool same = true;

    for (size_t i = 0; same && i < pack->list.count; i++) {
        const struct pack_file *file = &pack->list.files[i];
        struct fs_stat st;

        same = fs->stat(fs->ctx, file->path, &st) && st.version > 0 && st.version == file->version;
    }
    return same;
}

/* Whether a walk finds what it has found. */
static bool walks_the_same(const struct pack *pack)
{
    struct arena a = { 0 };
    struct pack_list list;
    struct str why;
    bool same = packs_walk(pack->packs, pack_home(pack), pack, &a, &list, &why) == PACK_GOOD &&
                hash_eq(list.key, pack->list.key);

    arena_finish(&a);
    return same;
}

bool pack_has_same_packages(struct pack *pack)
{
    struct hash installed = packs_installed(pack->packs);
    bool may_differ =
            pack->list.package_count > 1 &&
            (!hash_eq(installed, pack->installed) || pack->packs->has_maps(pack->packs->ctx));

    pack->installed = installed;
    return !may_differ || walks_the_same(pack);
}

bool pack_has_same_files(struct pack *pack)
{
    return pack_has_same_packages(pack) && (pack_has_same_stamps(pack) || walks_the_same(pack));
}

struct str pack_home(const struct pack *pack)
{
    return pack->list.files[0].path;
}
