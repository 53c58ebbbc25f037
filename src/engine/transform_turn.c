/* SPDX-License-Identifier: MIT */
/*
 * What waits for the project's compilers: saves, and what pages say of modules that nobody has
 * compiled in this run yet. A change set goes on as a whole, since files that were saved together only
 * work together, and it waits for its own files alone: a tool that hangs holds up what needs it and
 * nothing else. Requests wait in the server.
 *
 * Invariant: something held has at least one pending name, and on_transformed() comes for each.
 */
#include <limits.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/sys.h"
#include "base/vec.h"
#include "engine/state.h"
#include "modules/module_url.h"
#include "modules/orbit_store.h"
#include "pack/packs.h"
#include "resolve/tsconfig.h"
#include "resolve/vite_config.h"
#include "sidecar/sidecar.h"
#include "transform/esbuild.h"
#include "transform/transform.h"

enum {
    HELD_MESSAGES_MAX = 16 * 1024 * 1024, /* bytes; what comes then is taken as it stands */
};

/* A change set, or a message of a page. */
struct held {
    struct change_set set;
    uint64_t arrived_ns;
    page_id page; /* 0: it is a change set */
    struct str message;
    bool is_early; /* it waits for what decides on where names lead: what else for is not known yet */
    struct {
        struct hash *items; /* of names, see modules_name_of() */
        size_t count, cap;
    } pending;
    struct held *prev, *next; /* oldest first */
};

static void on_sidecar_warning(void *ctx, struct str text, struct str hint)
{
    struct engine *e = ctx;

    if (!e->closing) {
        struct str said =
                hint.len > 0 ? arena_printf(&e->turn, "%.*s; %.*s", STR_FMT(text), STR_FMT(hint))
                             : text;

        turn_print(e, "warn", STR("sidecar"), said);
    }
}

/* As if files of these names were saved: what depends on them is made again, and pages get what comes of it. */
static void on_stale(void *ctx, const struct str *paths, size_t count)
{
    struct engine *e = ctx;
    struct change_set set = { 0 };

    for (size_t i = 0; i < count && !e->closing; i++) {
        change_set_add(&set, paths[i], CHANGE_MODIFIED);
    }
    if (set.count > 0) {
        turn_on_changes(e, &set);
    }
    change_set_finish(&set);
}

static bool has_maps(void *ctx)
{
    const struct engine *e = ctx;

    return modules_have_maps(e->modules);
}

void transform_turn_open(struct engine *e)
{
    struct transform_backend sidecar;
    struct transform_backend esbuild;
    struct transform_backend packs;

    e->tsconfigs = tsconfigs_create(&e->fs);
    e->vite_config = vite_config_create(files_root(e->files), e->fs.within);
    e->transform = transform_create(e->loop);
    esbuild = esbuild_create(&(struct esbuild_options){ .loop = e->loop,
            .root = files_root(e->files),
            .tsconfigs = e->tsconfigs,
            .path = e->env("PATH") });
    e->sidecar = sidecar_create(&(struct sidecar_options){ .loop = e->loop,
            .root = files_root(e->files),
            .fs = &e->fs,
            .tsconfigs = e->tsconfigs,
            .vite_config = e->vite_config,
            .node_options = e->env("NODE_OPTIONS"),
            .on_warning = on_sidecar_warning,
            .on_stale = on_stale,
            .ctx = e });
    sidecar = sidecar_backend(e->sidecar);
    transform_add(e->transform, &sidecar); /* first: what keeps components' state comes before it */
    transform_add(e->transform, &esbuild);
    packs = packs_create(&(struct packs_options){ .loop = e->loop,
            .transform = e->transform,
            .root = files_root(e->files),
            .fs = &e->fs,
            .vite_config = e->vite_config,
            .path = e->env("PATH"),
            .has_maps = has_maps,
            .ctx = e });
    transform_add(e->transform, &packs);
}

static void free_held(struct engine *e, struct held *h)
{
    e->held_bytes -= h->message.len;
    change_set_finish(&h->set);
    free((void *)(uintptr_t)h->message.ptr);
    vec_finish(&h->pending);
    free(h);
}

void transform_turn_stop(struct engine *e)
{
    transform_destroy(e->transform);
    e->transform = NULL;
    e->sidecar = NULL;
}

void transform_turn_close(struct engine *e)
{
    while (e->held) {
        struct held *h = e->held;

        DL_DELETE(e->held, h);
        free_held(e, h);
    }
    tsconfigs_destroy(e->tsconfigs);
    vite_config_destroy(e->vite_config);
}

static void set_pending(struct held *h, const struct str *paths, size_t count)
{
    h->pending.count = 0;
    for (size_t i = 0; i < count; i++) {
        vec_push(&h->pending, hash_bytes(paths[i]));
    }
}

/* Takes the path out; whether it was there. */
static bool take_pending(struct held *h, struct hash path)
{
    bool found = false;

    for (size_t i = h->pending.count; i > 0; i--) {
        if (hash_eq(h->pending.items[i - 1], path)) {
            vec_remove(&h->pending, i - 1);
            found = true;
        }
    }
    return found;
}

/* ---- change sets ---- */

static void add_all(struct change_set *to, const struct change_set *from)
{
    for (size_t i = 0; i < from->count; i++) {
        change_set_add(to, from->entries[i].path, from->entries[i].kind);
    }
    to->lost_events = to->lost_events || from->lost_events;
    if (to->first_ns == 0 || (from->first_ns > 0 && from->first_ns < to->first_ns)) {
        to->first_ns = from->first_ns;
    }
    if (from->git_note.len > 0) {
        to->git_note = arena_str(&to->arena, from->git_note);
    }
}

/* Whether vite.config is being read for the first time. */
static bool is_unsettled(const struct engine *e)
{
    return modules_is_unsettled(e->modules, STR("x.js"));
}

/* The names and one more. */
static struct str *with_name(
        struct engine *e, const struct str *names, struct str more, size_t *ret_count)
{
    struct str *all = arena_array(&e->turn, struct str, *ret_count + 1);

    for (size_t i = 0; i < *ret_count; i++) {
        all[i] = names[i];
    }
    all[(*ret_count)++] = more;
    return all;
}

/* What tools have to do before the set can be taken. */
static struct str *prepare(struct engine *e, const struct change_set *set, size_t *ret_count)
{
    struct str *paths = arena_array(&e->turn, struct str, set->count);
    struct str config = vite_turn_pending(e);
    bool waits = is_unsettled(e);

    for (size_t i = 0; i < set->count; i++) {
        paths[i] = set->entries[i].path;
        waits = waits || (config.len > 0 && vite_config_is_part(e->vite_config, paths[i]));
    }
    if (waits) {
        *ret_count = 0; /* what is to be compiled, and how, is known when that has been read */
        return with_name(e, NULL, config, ret_count);
    }
    return modules_prepare(e->modules, paths, set->count, &e->turn, ret_count);
}

/* A set that waits for a version of a file that is an old one now waits on as a part of the new one. */
static void absorb(struct engine *e, struct held *fresh)
{
    struct held *h;
    struct held *next;
    struct change_set all = { 0 };

    DL_FOREACH_SAFE(e->held, h, next)
    {
        bool same = false;

        for (size_t i = 0; h->page == 0 && i < fresh->set.count; i++) {
            same = take_pending(h, hash_bytes(fresh->set.entries[i].path)) || same;
        }
        if (same) {
            add_all(&all, &h->set);
            fresh->arrived_ns =
                    h->arrived_ns < fresh->arrived_ns ? h->arrived_ns : fresh->arrived_ns;
            DL_DELETE(e->held, h);
            free_held(e, h);
        }
    }
    if (all.count > 0) {
        add_all(&all, &fresh->set);
        change_set_finish(&fresh->set);
        fresh->set = all;
    }
}

/* Keeps the set if it has to wait. */
static bool hold(struct engine *e, const struct change_set *set)
{
    size_t count = 0;
    struct str *pending;
    struct held *h;

    pending = prepare(e, set, &count);
    if (count == 0) {
        return false;
    }
    h = mem_new(struct held);
    h->arrived_ns = sys_now_ns();
    add_all(&h->set, set);
    absorb(e, h);
    set_pending(h, pending, count);
    DL_APPEND(e->held, h);
    if (h->set.count > set->count) {
        pending = prepare(e, &h->set, &count); /* with what it has absorbed; not less than before */
        set_pending(h, pending, count);
    }
    arena_reset(&e->turn);
    return true;
}

bool transform_turn_hold(struct engine *e, const struct change_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->entries[i].kind != CHANGE_SAME) {
            modules_forget_made(e->modules, set->entries[i].path);
            sidecar_changed(e->sidecar, set->entries[i].path);
            vite_turn_changed(e, set->entries[i].path);
        }
    }
    return hold(e, set);
}

void transform_turn_remake(struct engine *e, struct str path, struct str note)
{
    struct change_set set = { .git_note = note };

    change_set_add(&set, path, CHANGE_MODIFIED);
    modules_forget_made(e->modules, path);
    if (!hold(e, &set)) {
        turn_take(e, &set);
    }
    change_set_finish(&set);
}

/* ---- messages ---- */

static bool has_held(const struct engine *e, page_id page)
{
    const struct held *h;

    DL_FOREACH(e->held, h)
    {
        if (h->page == page) {
            return true;
        }
    }
    return false;
}

/* The modules of a registration that have no edition before their tool has done its work. */
static struct str *waiting_of(struct engine *e, const struct client_message *m, size_t *ret_count)
{
    struct str *paths = arena_array(&e->turn, struct str, m->loaded_count);
    char buffer[PATH_MAX];
    struct str path;

    *ret_count = 0;
    for (size_t i = 0; i < m->loaded_count; i++) {
        path = STR("");
        (void)dev_server_resolve(e->server, m->loaded[i].url, buffer, sizeof(buffer), &path);
        /* what language a component is in is not known before it is read */
        if (modules_is_compiled(e->modules, path) || orbit_is_file(path)) {
            struct node *node = modules_get(e->modules, m->loaded[i].url, path);

            if (node_kind_of(node) <= NODE_CSS && !modules_refresh(e->modules, node, &e->turn)) {
                paths[(*ret_count)++] = modules_name_of(e->modules, node, &e->turn);
            }
        }
    }
    return paths;
}

bool transform_turn_hold_message(
        struct engine *e, page_id page, const struct client_message *m, struct str text)
{
    size_t count;
    struct str *paths;

    if (e->releasing || text.len > HELD_MESSAGES_MAX - e->held_bytes) {
        return false;
    }
    bool early = is_unsettled(e);

    count = 0;
    paths = early ? with_name(e, NULL, vite_turn_pending(e), &count) : waiting_of(e, m, &count);
    if (count == 0 && !has_held(e, page)) {
        return false;
    }
    struct held *h = mem_new(struct held);

    h->page = page;
    h->is_early = early;
    h->message = (struct str){ mem_strcopy(text), text.len };
    e->held_bytes += text.len;
    set_pending(h, paths, count);
    DL_APPEND(e->held, h);
    return true;
}

/* ---- going on ---- */

/* The oldest one that waits for nothing any more; of a page's messages the first only. */
static struct held *next_ready(struct engine *e)
{
    struct held *h;
    struct held *before;

    DL_FOREACH(e->held, h)
    {
        bool first = true;

        for (before = e->held; h->page > 0 && before != h; before = before->next) {
            first = first && before->page != h->page;
        }
        if (h->pending.count == 0 && first) {
            return h;
        }
    }
    return NULL;
}

static void go_on(struct engine *e, struct held *h)
{
    size_t count = 0;

    if (h->page == 0) {
        /* what was compiled may import what nobody has seen yet */
        struct str *pending = prepare(e, &h->set, &count);

        set_pending(h, pending, count);
        if (count > 0) {
            return;
        }
    }
    if (h->is_early) {
        struct client_message m;
        struct str *pending;

        h->is_early = false;
        if (message_parse(&e->turn, h->message, &m)) {
            pending = waiting_of(e, &m, &count);
            set_pending(h, pending, count);
        }
        if (count > 0) {
            return;
        }
    }
    DL_DELETE(e->held, h);
    if (h->page > 0) {
        e->releasing = true;
        page_on_message(e, h->page, h->message);
        e->releasing = false;
    } else {
        e->arrived_ns = h->arrived_ns;
        turn_take(e, &h->set);
        e->arrived_ns = 0;
    }
    free_held(e, h);
}

void transform_turn_done(void *ctx, struct str name)
{
    struct engine *e = ctx;
    struct hash hash = hash_bytes(name);
    struct held *h;

    if (e->closing) {
        return;
    }
    DL_FOREACH(e->held, h)
    {
        (void)take_pending(h, hash);
    }
    while ((h = next_ready(e)) != NULL) {
        go_on(e, h);
    }
    dev_server_release(e->server);
    rebuild_finish_syncs(e);
    arena_reset(&e->turn);
}
