/* SPDX-License-Identifier: MIT */
/* See packs_private.h: how files and packages are served, once somebody has asked. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "pack/packs_private.h"

enum { WHY_MAX = 4096 /* bytes of a reason that is kept */ };

struct known *known_find(const struct packs *p, struct str path)
{
    struct known *k;

    HASH_FIND(hh, p->table, path.ptr, path.len, k);
    return k;
}

uint64_t known_stamp(const struct packs *p, struct str package)
{
    struct arena a = { 0 };
    struct fs_stat st = { 0 };
    bool found = p->fs.stat(p->fs.ctx, path_join(&a, package, STR("package.json")), &st);

    arena_finish(&a);
    return found ? st.version : 0;
}

struct known *known_add(struct packs *p, struct str path)
{
    struct known *k = mem_alloc(1, sizeof(*k) + path.len + 1);

    memcpy(k->path, path.ptr, path.len);
    HASH_ADD_KEYPTR(hh, p->table, k->path, path.len, k);
    return k;
}

void known_forget(struct packs *p, struct known *k)
{
    HASH_DEL(p->table, k);
    free(k->why);
    free(k);
}

void known_leave(struct packs *p, struct str path, struct str package, struct str why)
{
    struct known *k = known_find(p, path);

    k = k ? k : known_add(p, path);
    k->pack = NULL;
    k->refusals = 0;
    k->version = known_stamp(p, package);
    k->round = p->round;
    free(k->why);
    k->why = why.len > 0 ? mem_strcopy(str_sub(why, 0, why.len < WHY_MAX ? why.len : WHY_MAX))
                         : NULL;
}

/* What is known of a file or a package that is no pack's; no longer where it was installed anew. */
static const struct known *find_left(struct packs *p, struct str path, struct str package)
{
    struct known *k = known_find(p, path);

    if (k && !k->pack && k->round != p->round) {
        k->round = p->round;
        if (k->version == 0 || k->version != known_stamp(p, package)) {
            known_forget(p, k);
            return NULL;
        }
    }
    return k && !k->pack ? k : NULL;
}

bool known_is_left(struct packs *p, struct str path, struct str package)
{
    const struct known *k = find_left(p, path, package);

    return k && k->refusals == 0;
}

bool known_is_alone(struct packs *p, struct str package)
{
    const struct known *k = find_left(p, package, package);

    return (k && k->refusals >= PACKS_REFUSALS_MAX) || p->has_maps(p->ctx);
}

void known_refuse(struct packs *p, struct str package, unsigned more)
{
    const struct known *k = known_find(p, package);
    unsigned before = k ? k->refusals : 0;

    known_leave(p, package, package, STR(""));
    known_find(p, package)->refusals = before + more;
}
