/* SPDX-License-Identifier: MIT */
/*
 * A changed orbiton.toml, applied while the program runs. All layers are read
 * again into a fresh struct; what is wrong with them is shown as any other
 * error and the old options stay, whole. What a listening socket was made from
 * cannot change under it and is named instead. Invariant: no part holds a text
 * of options that have been let go.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "config/option_keys.h"
#include "engine/orbit_turn.h"
#include "engine/state.h"

enum { NAMES_MAX = 4096 };

/* Options that only a start reads. */
static bool is_fixed(const struct option_key *key)
{
    static const size_t fixed[] = { offsetof(struct options, port), offsetof(struct options, host),
        offsetof(struct options, strict_port), offsetof(struct options, open) };

    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        if (key->offset == fixed[i]) {
            return true;
        }
    }
    return false;
}

static bool is_in_table(const struct option_key *key, const char *table)
{
    return str_eq(str_from(key->table), str_from(table));
}

bool reconfigure_is_file(const struct engine *e, struct str path)
{
    struct str config = e->options->config;
    struct str dir = e->options->dir;

    if (config.len > dir.len + 1 && str_starts(config, dir) &&
            str_eq(str_skip(config, dir.len + 1), path)) {
        return true;
    }
    return str_eq(path, STR("orbiton.toml")) || str_eq(path, STR(".orbiton.toml"));
}

void reconfigure_collect_problems(struct engine *e, struct diag_list *ret)
{
    for (size_t i = 0; i < e->config_diags.count; i++) {
        diag_list_add(ret, &e->config_diags.items[i]);
    }
    for (size_t i = 0; i < e->vite.diags.count; i++) {
        diag_list_add(ret, &e->vite.diags.items[i]);
    }
    for (size_t i = 0; e->failing && i < e->diags.count; i++) {
        diag_list_add(ret, &e->diags.items[i]);
    }
}

void reconfigure_tell_problems(struct engine *e)
{
    struct diag_list all = { 0 };
    struct strbuf text;

    strbuf_init(&text, MESSAGE_TEXT_MAX);
    reconfigure_collect_problems(e, &all);
    if (all.count > 0) {
        message_error(&text, &all);
    } else {
        message_clear(&text);
    }
    turn_broadcast(e, &text);
    strbuf_finish(&text);
    diag_list_finish(&all);
}

static void swap_build(uv_timer_t *timer)
{
    struct engine *e = timer->data;

    e->debounce_armed = false;
    e->swap_due = false;
    build_destroy(e->build);
    engine_create_build(e);
    orbit_turn_open(e); /* there may have been no build, and so nothing generated, until now */
    if (e->failing) {
        e->failing = false;
        reconfigure_tell_problems(e);
    }
    rebuild_force(e);
    rebuild_finish_syncs(e);
    arena_reset(&e->turn);
}

void reconfigure_swap_build(struct engine *e)
{
    if (!e->swap_due || build_is_running(e->build)) {
        return;
    }
    /* from the loop: the build that is to go may be the one that is calling */
    (void)uv_timer_start(&e->debounce, swap_build, 0, 0);
    e->debounce_armed = true;
}

static void apply_to_pages(struct engine *e)
{
    const struct options *o = e->options;
    struct strbuf text;

    strbuf_init(&text, MESSAGE_TEXT_MAX);
    message_config(&text, &(struct message_config){ .hot_only = o->hot_only,
                                  .badge = o->show_notifications,
                                  .overlay = o->overlay });
    turn_broadcast(e, &text);
    strbuf_finish(&text);
}

static void add_name(struct strbuf *names, const struct option_key *key)
{
    strbuf_addf(names, "%s%s.%s", names->len > 0 ? ", " : "", key->table, key->key);
}

/* What of the options has changed, by who reads it. */
struct difference {
    struct strbuf applied;
    struct strbuf fixed;
    bool server, watch, build, pages;
};

static void compare(struct difference *d, const struct engine *e, const struct options *now)
{
    for (size_t i = 0; i < OPTION_KEYS; i++) {
        const struct option_key *key = &option_keys[i];

        if (!key->table) {
            continue;
        }
        if (is_fixed(key)) {
            if (!option_is_equal(e->first_options, now, key)) {
                add_name(&d->fixed, key);
            }
            continue;
        }
        if (option_is_equal(e->options, now, key)) {
            continue;
        }
        add_name(&d->applied, key);
        d->build = d->build || is_in_table(key, "build");
        d->server = d->server || is_in_table(key, "dev_server") ||
                    key->offset == offsetof(struct options, hmr);
        d->watch = d->watch || key->offset == offsetof(struct options, ignore_patterns) ||
                   key->offset == offsetof(struct options, outputs);
        d->pages = d->pages || is_in_table(key, "hmr");
    }
}

static void apply(struct engine *e, const struct difference *d)
{
    /* the server borrows texts of the options, so it is given the new ones in any case */
    engine_configure_server(e);
    if (d->watch) {
        engine_configure_watch(e);
    }
    if (d->pages) {
        apply_to_pages(e);
    }
    if (d->build) {
        e->swap_due = true;
        build_cancel(e->build);
        reconfigure_swap_build(e);
    }
}

static void free_options(struct options *options)
{
    if (options) {
        options_finish(options);
        free(options);
    }
}

/* Takes over `now`, and says what has come of it. */
static void take(struct engine *e, struct options *now)
{
    struct difference d = { 0 };
    struct options *before = e->own_options;
    struct str name = path_name(now->config.len > 0 ? now->config : e->options->config);

    strbuf_init(&d.applied, NAMES_MAX);
    strbuf_init(&d.fixed, NAMES_MAX);
    compare(&d, e, now);
    e->own_options = now;
    e->options = now;
    apply(e, &d);
    if (d.applied.len > 0) {
        term_notef(e->term, "%.*s: applied %.*s", STR_FMT(name), STR_FMT(strbuf_str(&d.applied)));
    }
    if (d.fixed.len > 0) {
        term_notef(e->term, "%.*s: restart orbiton to apply %.*s", STR_FMT(name),
                STR_FMT(strbuf_str(&d.fixed)));
    }
    strbuf_finish(&d.applied);
    strbuf_finish(&d.fixed);
    free_options(before);
}

void reconfigure_read(struct engine *e)
{
    if (!e->read_options) {
        return;
    }
    struct options *now = mem_new(struct options);
    bool was_wrong = e->config_diags.count > 0;
    struct strbuf err;

    strbuf_init(&err, MESSAGE_TEXT_MAX);
    diag_list_reset(&e->config_diags);
    bool ok = e->read_options(e->read_ctx, now, &err, &e->config_diags);

    if (!ok && diag_list_errors(&e->config_diags) == 0) {
        diag_list_addf(&e->config_diags, "%.*s", STR_FMT(str_trim(strbuf_str(&err))));
    }
    if (e->config_diags.count > 0) {
        term_diags(e->term, &e->config_diags);
    }
    if (ok) {
        take(e, now);
        diag_list_reset(&e->config_diags); /* warnings have been said */
    } else {
        free_options(now);
        term_errorf(e->term, "the configuration stays as it was");
    }
    if (!ok || was_wrong) {
        reconfigure_tell_problems(e);
    }
    strbuf_finish(&err);
}

void reconfigure_finish(struct engine *e)
{
    free_options(e->own_options);
    e->own_options = NULL;
    diag_list_finish(&e->config_diags);
}
