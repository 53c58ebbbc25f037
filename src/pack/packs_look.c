/* SPDX-License-Identifier: MIT */
/* See packs_private.h: which files a pack has, and whether they are what they were. */
#include <utlist.h>

#include "pack/cache.h"
#include "pack/list_text.h"
#include "pack/packs_private.h"
#include "pack/part.h"
#include "resolve/markers.h"
#include "resolve/vite_config.h"

enum { LIST_TEXT_MAX = 16 * 1024 * 1024 };

/* A walk's context. */
struct walker {
    const struct packs *packs;
    const struct pack *pack; /* whose files are free, too */
    struct str package;      /* of the entry */
};

bool packs_find_ground(const struct packs *p, const struct pack_list *list, struct hash *ret)
{
    struct hash_stream *stream = hash_stream_create();
    struct hash aliases = vite_config_hash(p->vite_config);
    bool good = true;

    hash_stream_add(stream, (struct str){ (const char *)&aliases, sizeof(aliases) });
    for (size_t i = 0; i < RESOLVE_MARKERS; i++) {
        struct fs_stat st = { 0 };
        bool found = p->fs.stat(p->fs.ctx, resolve_markers[i], &st);

        st.version = found ? st.version : 0; /* none is as good as any */
        good = good && (!found || st.version > 0);
        hash_stream_add(stream, (struct str){ (const char *)&st.version, sizeof(st.version) });
    }
    for (size_t i = 0; i < list->package_count + list->before_count; i++) {
        struct str folder =
                i < list->package_count ? list->packages[i] : list->before[i - list->package_count];
        uint64_t version = known_stamp(p, folder);

        good = good && version > 0;
        hash_stream_add(stream, (struct str){ (const char *)&version, sizeof(version) });
    }
    *ret = hash_stream_take(stream);
    hash_stream_destroy(stream);
    return good;
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
                             .kept = pack ? &pack->list : NULL,
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

/* Whether a walk finds what it has found; then it is remembered what runs before it now. */
static bool walks_the_same(struct pack *pack)
{
    struct arena a = { 0 };
    struct pack_list list;
    struct str why;
    bool same = packs_walk(pack->packs, pack_home(pack), pack, &a, &list, &why) == PACK_GOOD &&
                hash_eq(list.key, pack->list.key);

    if (same) {
        pack->list.before = arena_array(&pack->arena, struct str, list.before_count);
        pack->list.before_count = list.before_count;
        for (size_t i = 0; i < list.before_count; i++) {
            pack->list.before[i] = arena_str(&pack->arena, list.before[i]);
        }
    }
    arena_finish(&a);
    return same;
}

bool pack_has_same_packages(struct pack *pack)
{
    struct packs *p = pack->packs;
    struct hash ground;

    if (pack->list.package_count == 1) {
        return true; /* other packages are looked up when a page asks */
    }
    if (packs_find_ground(p, &pack->list, &ground) && hash_eq(ground, pack->ground) &&
            !p->has_maps(p->ctx)) {
        return true;
    }
    bool same = walks_the_same(pack);

    (void)packs_find_ground(p, &pack->list, &pack->ground);
    return same;
}

bool pack_has_same_files(struct pack *pack)
{
    return pack_has_same_packages(pack) && (pack_has_same_stamps(pack) || walks_the_same(pack));
}

struct str pack_home(const struct pack *pack)
{
    return pack->list.files[0].path;
}

/* ---- from one run to the next ---- */

/* By what it is kept. */
static struct hash list_key(struct packs *p, struct str entry)
{
    struct arena a = { 0 };
    char hex[HASH_HEX_LEN + 1];

    hash_format(p->tool, hex);
    struct hash key = hash_bytes(arena_printf(&a, "list " ORBITON_VERSION " %s %d %.*s", hex,
            known_is_alone(p, pack_package_of(entry)), STR_FMT(entry)));

    arena_finish(&a);
    return key;
}

/* Whether it could have been found now, with what was asked for so far. */
static bool fits(const struct packs *p, struct str entry, const struct pack_list *list)
{
    struct walker w = { .packs = p, .package = pack_package_of(entry) };
    const struct pack *other;
    bool good = str_eq(list->files[0].path, entry);

    for (size_t i = 0; good && i < list->count; i++) {
        good = place_of(&w, list->files[i].path) == PACK_FREE;
    }
    for (size_t i = 0; good && i < list->outside_count; i++) {
        enum pack_place place = place_of(&w, list->outside[i]);

        good = place == PACK_OUTSIDE || place == PACK_LEFT;
    }
    if (list->package_count > 1) {
        DL_FOREACH(p->list, other)
        {
            for (size_t i = 0; good && i < list->before_count; i++) {
                good = !has_package(&other->list, list->before[i]);
            }
        }
    }
    return good;
}

bool packs_recall(struct pack *pack, struct str entry)
{
    struct packs *p = pack->packs;
    struct strbuf text;
    struct hash ground;

    strbuf_init(&text, LIST_TEXT_MAX);
    bool good = cache_read(str_from(p->folder), list_key(p, entry), &text) &&
                pack_list_read(strbuf_str(&text), &pack->arena, &pack->list, &ground) &&
                fits(p, entry, &pack->list) && packs_find_ground(p, &pack->list, &pack->ground) &&
                hash_eq(ground, pack->ground) && pack_has_same_stamps(pack);

    strbuf_finish(&text);
    return good;
}

void packs_remember(const struct pack *pack)
{
    struct packs *p = pack->packs;
    struct strbuf text;

    strbuf_init(&text, LIST_TEXT_MAX);
    pack_list_write(&text, &pack->list, pack->ground);
    if (!text.overflow) {
        (void)cache_write(str_from(p->folder), list_key(p, pack_home(pack)), strbuf_str(&text));
    }
    strbuf_finish(&text);
}
