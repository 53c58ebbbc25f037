/* SPDX-License-Identifier: MIT */
/*
 * vite.config of the project: when it is evaluated, and what waits for that. At start all that names
 * files waits, since an alias decides what a name means; later the change set with the file waits, as for any
 * compiler, and what the last answer said holds until the next. A file that fails is told of and changes nothing.
 *
 * An answer of an earlier run holds at once (vite_kept.h). It is asked for again when the first page has been loaded,
 * so that it takes nothing from that; if another one comes, that is as if the file was saved then.
 *
 * Invariant: while one evaluation runs no other is begun; what has changed since is evaluated behind it.
 */
#include "engine/state.h"

#include "engine/vite_kept.h"
#include "resolve/vite_config.h"
#include "sidecar/sidecar.h"
#include "transform/transform.h"

static const struct str waiting_name = STR_INIT("vite.config" VITE_CONFIG_MARK);

struct str vite_turn_pending(const struct engine *e)
{
    return e->vite.is_running ? waiting_name : STR("");
}

/* Puts the errors, if there are any, in the place of those before; on all pages if either has some. */
static void tell(struct engine *e, const struct diag_list *diags)
{
    bool was_wrong = e->vite.diags.count > 0;

    diag_list_reset(&e->vite.diags);
    for (size_t i = 0; diags && i < diags->count; i++) {
        struct diag d = diags->items[i];

        d.path = d.path.len > 0 ? d.path : vite_config_find(&e->fs);
        d.path = str_ends(d.path, STR(VITE_CONFIG_MARK)) ? str_sub(d.path, 0, str_find(d.path, '?'))
                                                         : d.path;
        diag_list_add(&e->vite.diags, &d);
    }
    if (e->vite.diags.count > 0) {
        term_diags(e->term, &e->vite.diags);
    }
    if (e->vite.diags.count > 0 || was_wrong) {
        reconfigure_tell_problems(e);
    }
}

/* A new answer holds: a person is told what is not understood of it, and the server what it hands on. */
static void tell_news(struct engine *e)
{
    size_t count;
    const struct str *notes = vite_config_notes(e->vite_config, &count);

    for (size_t i = 0; i < count; i++) {
        turn_print(e, "warn", vite_config_file(e->vite_config), notes[i]);
    }
    proxy_turn_apply(e);
}

static struct vite_kept kept_of(const struct engine *e, struct str file)
{
    return (struct vite_kept){
        .fs = &e->fs, .root = files_root(e->files), .file = file, .text = e->vite.text
    };
}

static void start(struct engine *e);

/* What is defined is there when a page begins. */
static void reload_pages(struct engine *e)
{
    struct strbuf text;

    strbuf_init(&text, MESSAGE_TEXT_MAX);
    message_reload(&text, e->seq, STR("vite.config defines something else"), false);
    turn_broadcast(e, &text);
    strbuf_finish(&text);
}

static void take(struct engine *e, const struct transform_output *output)
{
    bool is_first = modules_is_unsettled(e->modules, STR("x.js"));
    bool was_kept = e->vite.is_kept;
    struct hash defined = hash_bytes(vite_config_define(e->vite_config));
    struct str file = vite_config_find(&e->fs);
    struct vite_kept kept = kept_of(e, file);
    bool is_other = false;

    e->vite.is_kept = false;
    if (output->diags && diag_list_errors(output->diags) > 0) {
        tell(e, output->diags);
        vite_config_set_wrong(e->vite_config, e->vite.diags.items[0].path);
    } else if (was_kept && vite_config_says(e->vite_config, output->code)) {
        /* so it holds already */
    } else if (vite_config_set(
                       e->vite_config, file, output->code, output->deps, output->dep_count)) {
        is_other = was_kept;
        tell(e, NULL);
        tell_news(e);
        (void)vite_kept_write(&kept, output->code, output->deps, output->dep_count);
    }
    if (!is_first && !hash_eq(defined, hash_bytes(vite_config_define(e->vite_config)))) {
        reload_pages(e);
    }
    if (is_other) {
        transform_turn_remake(e, file, STR("says something else than in the last run"));
    }
}

static void on_done(void *ctx, const struct transform_output *output)
{
    struct engine *e = ctx;

    if (e->vite.again) {
        start(e); /* the answer is to a question of before */
    } else {
        e->vite.is_running = false;
        take(e, output);
    }
    if (!e->vite.is_running) {
        modules_set_unsettled(e->modules, false);
        transform_turn_done(e, waiting_name);
    }
}

/* The file that is there now, if it says something that counts. */
static bool find(struct engine *e, struct str *ret_file, struct str *ret_text)
{
    *ret_file = vite_config_find(&e->fs);
    bool found = ret_file->len > 0 &&
                 e->fs.read(e->fs.ctx, *ret_file, &e->turn, ret_text, VITE_CONFIG_TEXT_MAX) &&
                 vite_config_mentions(*ret_text);

    e->vite.text = found ? hash_bytes(*ret_text) : (struct hash){ 0 };
    return found;
}

/* Begins to evaluate it. */
static void start(struct engine *e)
{
    struct str file;
    struct str text;

    e->vite.again = false;
    e->vite.is_running = find(e, &file, &text);
    if (e->vite.is_running) {
        struct str name = arena_printf(&e->turn, "%.*s%s", STR_FMT(file), VITE_CONFIG_MARK);

        transform_start(e->transform, name, text, STR(""), on_done, e);
    } else {
        bool defined = vite_config_define(e->vite_config).len > 0;
        bool was_there = vite_config_file(e->vite_config).len > 0;

        vite_config_reset(e->vite_config);
        if (was_there) {
            proxy_turn_apply(e);
        }
        tell(e, NULL);
        if (defined) {
            reload_pages(e);
        }
    }
}

void vite_turn_open(struct engine *e)
{
    struct str file;
    struct str text;

    /* without hot replacement no page would say that it has been loaded */
    if (e->options->hmr && find(e, &file, &text)) {
        struct vite_kept kept = kept_of(e, file);

        e->vite.is_kept = vite_kept_read(&kept, e->vite_config);
    }
    if (!e->vite.is_kept) {
        start(e);
    }
    modules_set_unsettled(e->modules, e->vite.is_running);
}

void vite_turn_opened(struct engine *e)
{
    if (e->vite.is_kept) {
        tell_news(e);
        sidecar_warm(e->sidecar); /* it will be needed, be it by the page */
    }
}

void vite_turn_confirm(struct engine *e)
{
    if (e->vite.is_kept && !e->vite.is_running) {
        start(e);
    }
}

void vite_turn_changed(struct engine *e, struct str path)
{
    if (!vite_config_is_part(e->vite_config, path)) {
        return;
    }
    e->vite.is_kept = false; /* what comes of it is taken with the change */
    if (e->vite.is_running) {
        e->vite.again = true;
    } else {
        start(e);
    }
}

void vite_turn_close(struct engine *e)
{
    diag_list_finish(&e->vite.diags);
}
