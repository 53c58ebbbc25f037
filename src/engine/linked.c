/* SPDX-License-Identifier: MIT */
/*
 * What pages have loaded by the way of a link to a folder, and may be another now.
 *
 * The watcher tells of what lies behind such a link by the file's own name alone, and of a link that is
 * switched by the link's. Which links a path leads through is not asked: one that is switched may be
 * any on the way.
 */
#include "base/path.h"
#include "base/vec.h"
#include "engine/state.h"

struct finding {
    struct engine *e;
    const struct change_set *set;
    bool links; /* some symbolic link is in the set */
    struct path_vec {
        struct str *items; /* in the turn's arena */
        size_t count, cap;
    } paths;
};

static bool has_changed(const struct change_set *set, struct str path)
{
    const struct change *c = change_set_find(set, path);

    return c && c->kind != CHANGE_SAME;
}

/* Whether the watcher tells of the file by its own name and has nothing to tell now, or will when
 * whoever is at the file has finished. */
static bool is_told_apart(const struct finding *f, struct str path, bool switched)
{
    struct engine *e = f->e;
    struct file_facts facts;
    struct str own;

    if (!e->fs.real(e->fs.ctx, path, &e->turn, &own) || watch_ignores(e->watch, own, false)) {
        return false;
    }
    if (!switched && !has_changed(f->set, own)) {
        return true;
    }
    bool exists = files_look(e->files, own, &facts) == 0;

    return doubts_is_unfinished(e, own, exists ? &facts : NULL);
}

static void look_at(void *ctx, struct str path)
{
    struct finding *f = ctx;
    bool gone = false; /* a link on the way, or it leads elsewhere */

    for (struct str up = path_parent(path); up.len > 0 && !gone; up = path_parent(up)) {
        gone = change_set_find(f->set, up) != NULL;
    }
    if ((gone || watch_is_behind_link(f->e->watch, path)) &&
            !is_told_apart(f, path, gone || f->links)) {
        vec_push(&f->paths, arena_str(&f->e->turn, path));
    }
}

struct linked linked_find(struct engine *e, const struct change_set *set)
{
    struct finding f = { .e = e, .set = set };
    bool has_links = watch_has_folder_links(e->watch);

    for (size_t i = 0; i < set->count && has_links && !f.links; i++) {
        f.links = watch_is_link(e->watch, set->entries[i].path);
    }
    if (has_links || e->had_folder_links) {
        pages_each_path(e->pages, look_at, &f);
    }
    e->had_folder_links = has_links;

    struct linked ret = { arena_array(&e->turn, struct str, f.paths.count), f.paths.count };

    for (size_t i = 0; i < ret.count; i++) {
        ret.paths[i] = f.paths.items[i];
    }
    vec_finish(&f.paths);
    return ret;
}
