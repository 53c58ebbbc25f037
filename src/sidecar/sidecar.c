/* SPDX-License-Identifier: MIT */
/*
 * See sidecar.h.
 *
 * Invariant: every job that transform has given is in `jobs` until it is answered or cancelled. A job
 * is `sent` if the present process has been given it; those that are not wait for the next start.
 */
#include "sidecar/sidecar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "build/lines.h"
#include "resolve/vite_config.h"
#include "sidecar/adapters.h"
#include "sidecar/protocol.h"
#include "sidecar/sidecar_files.h"
#include "spawn/spawn.h"

struct entry {
    struct transform_job *job;
    struct str plugin; /* owned */
    bool sent;
    bool was_lost; /* a process ended with it under way */
    struct entry *prev, *next;
};

struct sidecar {
    uv_loop_t *loop;
    struct str root;
    char *root_text;
    char *node;
    size_t unsent_max;
    bool has_heap; /* NODE_OPTIONS says how large it may be */
    void (*on_warning)(void *ctx, struct str text, struct str hint);
    void (*on_stale)(void *ctx, const struct str *paths, size_t count);
    void *ctx;
    struct tsconfigs *tsconfigs;
    const struct vite_config *vite_config;
    size_t workspace_len; /* of the part of `root` that is the workspace; 0: there is none */
    struct adapters *adapters;
    struct entry *jobs;        /* oldest first */
    struct spawn_child *child; /* NULL: none */
    bool is_full;              /* its pipe is, until on_drained() */
    bool is_ending;            /* the present process was told to end; what it says is dropped */
    const char *why_ending;    /* a reason of ours; NULL: none */
    struct lines lines;
    struct strbuf tail; /* of its standard error */
    struct strbuf out;
    struct strbuf changed; /* lines of changed files that the present process has not got yet */
    struct {
        struct hash *items; /* of the names of adapters that the present process has loaded */
        size_t count, cap;
    } loaded;
    size_t rubbish;
    size_t starts;
    uint64_t backoff_ms; /* until the next start; 0 while all is well */
    uv_timer_t timer;    /* runs between a failure and the next start */
};

static void start_process(struct sidecar *s);

static struct sidecar_folders folders_of(const struct sidecar *s)
{
    return (struct sidecar_folders){ s->root, str_sub(s->root, 0, s->workspace_len) };
}

static bool is_installed(void *ctx, const char *name)
{
    const struct sidecar *s = ctx;
    struct arena a = { 0 };
    struct str folder = s->root;
    bool found = false;

    for (bool more = true; more && !found;) {
        struct str path =
                arena_printf(&a, "%.*s/node_modules/%s/package.json", STR_FMT(folder), name);

        found = access(path.ptr, R_OK) == 0;
        more = folder.len > 0;
        folder = path_parent(folder);
    }
    arena_finish(&a);
    return found;
}

struct sidecar *sidecar_create(const struct sidecar_options *options)
{
    struct sidecar *s = mem_new(struct sidecar);
    struct str name;
    struct str within; /* the workspace */

    s->loop = options->loop;
    s->root_text = mem_strcopy(options->root);
    s->root = (struct str){ s->root_text, options->root.len };
    s->node = mem_strdup(options->node ? options->node : "node");
    s->has_heap = options->node_options && strstr(options->node_options, "max-old-space-size");
    s->on_warning = options->on_warning;
    s->on_stale = options->on_stale;
    s->ctx = options->ctx;
    s->unsent_max = options->unsent_max > 0 ? options->unsent_max : SPAWN_UNSENT_MAX;
    s->tsconfigs = options->tsconfigs;
    s->vite_config = options->vite_config;
    if (str_cut(options->fs->within, '/', &name, &within)) {
        s->workspace_len = s->root.len - within.len - 1;
    }
    s->adapters = adapters_create(options->fs, s->tsconfigs, s->vite_config, is_installed, s);
    lines_init(&s->lines, SIDECAR_LINE_MAX);
    strbuf_init(&s->tail, 2 * TAIL_MAX);
    strbuf_init(&s->out, s->unsent_max);
    strbuf_init(&s->changed, SIDECAR_CHANGED_MAX);
    (void)uv_timer_init(s->loop, &s->timer); /* cannot fail */
    s->timer.data = s;
    return s;
}

static void warn(struct sidecar *s, struct str text, struct str hint)
{
    if (s->on_warning) {
        s->on_warning(s->ctx, text, hint);
    }
}

static struct entry *entry_of(const struct sidecar *s, uint64_t id)
{
    struct entry *e;

    DL_FOREACH(s->jobs, e)
    {
        if (e->job->id == id) {
            return e;
        }
    }
    return NULL;
}

/* Takes the entry out; the job is the caller's. */
static struct transform_job *take_out(struct sidecar *s, struct entry *e)
{
    struct transform_job *job = e->job;

    DL_DELETE(s->jobs, e);
    free((char *)(uintptr_t)e->plugin.ptr);
    free(e);
    return job;
}

/* Ends the process for a reason of ours; what is under way is dealt with when it has ended. */
static void end_process(struct sidecar *s, const char *why)
{
    if (s->child && !s->is_ending) {
        s->is_ending = true;
        s->why_ending = why;
        spawn_kill(s->child);
    }
}

/* False if the pipe has no room for it (on_drained() comes) or the process has ended. */
static bool write_out(struct sidecar *s, struct strbuf *out)
{
    s->is_full = !spawn_write(s->child, strbuf_str(out));
    if (!s->is_full) {
        strbuf_reset(out);
    }
    return !s->is_full;
}

static bool is_loaded(const struct sidecar *s, struct str plugin)
{
    struct hash hash = hash_bytes(plugin);

    for (size_t i = 0; i < s->loaded.count; i++) {
        if (hash_eq(s->loaded.items[i], hash)) {
            return true;
        }
    }
    return false;
}

/* Columns of the file itself, which compilers count in UTF-16. */
static void place_diags(struct diag_list *diags, const struct transform_job *job)
{
    for (size_t i = 0; i < diags->count; i++) {
        struct diag *d = &diags->items[i];

        if (d->path.len == 0 || str_eq(d->path, job->path)) {
            d->col = sidecar_column(job->text, d->line, d->col);
        }
    }
}

static void on_line(void *ctx, struct str line)
{
    struct sidecar *s = ctx;
    struct arena a = { 0 };
    struct sidecar_message message;

    if (s->is_ending) {
        return;
    }
    sidecar_read(line, folders_of(s), &a, &message);
    if (message.kind == SIDECAR_RUBBISH) {
        if (s->rubbish++ == 0) {
            warn(s,
                    arena_printf(&a, "a compiler prints on the sidecar's output: %.*s",
                            STR_FMT(str_sub(line, 0, 200))),
                    STR("such lines are skipped"));
        }
        if (s->rubbish > SIDECAR_RUBBISH_MAX) {
            end_process(s, "it printed what is no answer");
        }
    } else if (message.kind == SIDECAR_ANSWER) {
        struct entry *e = entry_of(s, message.id);

        if (e && e->sent) {
            s->backoff_ms = 0;
            if (!is_loaded(s, e->plugin)) {
                vec_push(&s->loaded, hash_bytes(e->plugin));
            }
            place_diags(&message.diags, e->job);
            transform_job_done(take_out(s, e), &message.output);
        }
    } else if (message.kind == SIDECAR_STALE && s->on_stale && message.output.dep_count > 0) {
        s->on_stale(s->ctx, message.output.deps, message.output.dep_count);
    }
    diag_list_finish(&message.diags);
    arena_finish(&a);
}

static void on_output(void *ctx, enum spawn_stream stream, struct str bytes)
{
    struct sidecar *s = ctx;

    if (stream == SPAWN_STDERR) {
        log_debug(LOG_BUILD, "sidecar: %.*s", STR_FMT(bytes));
        tail_add(&s->tail, bytes);
        return;
    }
    lines_feed(&s->lines, bytes, on_line, s);
    if (s->lines.dropped > 0) {
        end_process(s, "it said more than can be taken");
    }
}

/* How a process ended, for people. */
static struct str describe_end(const struct sidecar *s, int status, struct arena *a)
{
    if (s->why_ending) {
        return arena_printf(a, "the sidecar (%s) was ended: %s", s->node, s->why_ending);
    }
    if (strstr(s->tail.ptr ? s->tail.ptr : "", "heap out of memory")) {
        return arena_printf(a, "the sidecar (%s) ran out of memory", s->node);
    }
    if (status > 128) {
        return arena_printf(a, "the sidecar (%s) was ended by signal %d", s->node, status - 128);
    }
    return arena_printf(a, "the sidecar (%s) ended with status %d", s->node, status);
}

/* The jobs that were under way: given to the next process, or failed if that was done before. */
static void give_back(struct sidecar *s, struct str text, struct str hint, bool fail_all)
{
    struct entry *failed = NULL;
    struct entry *e;
    struct entry *next;

    DL_FOREACH_SAFE(s->jobs, e, next)
    {
        if (!e->sent && !fail_all) {
            continue;
        }
        if (e->was_lost || fail_all) {
            DL_DELETE(s->jobs, e);
            DL_APPEND(failed, e);
        } else {
            e->sent = false;
            e->was_lost = true;
        }
    }
    /* Last: who is told of a failure may ask for the next thing. */
    while ((e = failed) != NULL) {
        struct transform_job *job = e->job;

        DL_DELETE(failed, e);
        free((char *)(uintptr_t)e->plugin.ptr);
        free(e);
        transform_job_fail(job, text, hint);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct sidecar *s = timer->data;

    if (s->jobs && !s->child) {
        start_process(s);
    }
}

static void on_exit_of(void *ctx, int status)
{
    struct sidecar *s = ctx;
    struct arena a = { 0 };
    bool is_missing = status == -ENOENT || status == -EACCES;
    struct str text =
            is_missing ? arena_printf(&a, "%s is not installed, and this file needs it", s->node)
                       : describe_end(s, status, &a);
    struct str hint = is_missing ? STR("install Node.js 18 or later: apt install nodejs")
                                 : arena_str(&a, tail_lines(&s->tail, 5));

    s->child = NULL;
    s->is_ending = false;
    s->why_ending = NULL;
    lines_finish(&s->lines);
    lines_init(&s->lines, SIDECAR_LINE_MAX);
    strbuf_reset(&s->tail);
    s->backoff_ms = s->backoff_ms == 0 ? SIDECAR_BACKOFF_MIN_MS : s->backoff_ms * 2;
    if (s->backoff_ms > SIDECAR_BACKOFF_MAX_MS) {
        s->backoff_ms = SIDECAR_BACKOFF_MAX_MS;
    }
    if (!is_missing) {
        warn(s, text, hint);
    }
    (void)uv_timer_start(&s->timer, on_timer, s->backoff_ms, 0);
    give_back(s, text, hint, is_missing);
    arena_finish(&a);
}

/* Where the names lead that a file writes, as JSON; empty if there is nothing to say. */
static struct str paths_for(const struct sidecar *s, struct str path, struct arena *a)
{
    return s->tsconfigs ? sidecar_paths(tsconfigs_get(s->tsconfigs, path), folders_of(s), a)
                        : STR("");
}

/* What tsconfig.json says of compiling the file; empty if that is nothing. */
static struct str tsconfig_for(const struct sidecar *s, struct str path)
{
    return s->tsconfigs ? tsconfigs_get(s->tsconfigs, path)->options : STR("");
}

/*
 * Gives the process what it has not been given, as far as the pipe has room. Of a file, its
 * compiler must know which others have changed: so these lines go first.
 */
static void send_jobs(struct sidecar *s)
{
    struct entry *e;
    struct entry *next;

    if (s->changed.overflow) {
        end_process(s, "it does not read what it is given");
        return;
    }
    if (s->is_full || !write_out(s, &s->changed)) {
        return;
    }
    DL_FOREACH_SAFE(s->jobs, e, next)
    {
        if (e->sent) {
            continue;
        }
        struct arena a = { 0 };

        strbuf_reset(&s->out);
        sidecar_write_transform(&s->out, e->job->id, e->plugin, folders_of(s), e->job->path,
                paths_for(s, e->job->path, &a), vite_config_request(s->vite_config),
                tsconfig_for(s, e->job->path), e->job->text);
        arena_finish(&a);
        if (s->out.overflow) {
            transform_job_fail(
                    take_out(s, e), STR("this file is too large for the sidecar"), STR(""));
        } else if (write_out(s, &s->out)) {
            e->sent = true;
            transform_job_again(e->job); /* its time begins now */
        } else {
            break;
        }
    }
    strbuf_reset(&s->out);
}

static void on_drained(void *ctx)
{
    struct sidecar *s = ctx;

    s->is_full = false;
    if (!s->is_ending) {
        send_jobs(s);
    }
}

static void start_process(struct sidecar *s)
{
    struct arena a = { 0 };
    struct str heap = arena_printf(&a, "--max-old-space-size=%d", SIDECAR_HEAP_MIB);
    const char *boot = arena_cstr(&a, sidecar_files[0].bytes);
    const char *argv[6] = { s->node };
    size_t argc = 1;
    const char *const env[] = { "NO_COLOR=1", "FORCE_COLOR=0", "NODE_ENV=development", NULL };

    if (!s->has_heap) {
        argv[argc++] = heap.ptr;
    }
    argv[argc++] = "--input-type=module";
    argv[argc++] = "--eval";
    argv[argc++] = boot;
    argv[argc] = NULL;
    s->starts++;
    s->loaded.count = 0;
    s->rubbish = 0;
    s->lines.dropped = 0;
    s->child = spawn_start(s->loop, &(struct spawn_request){ .kind = SPAWN_SERVICE,
                                            .argv = argv,
                                            .env = env,
                                            .cwd = s->root_text,
                                            .on_output = on_output,
                                            .on_exit = on_exit_of,
                                            .on_drained = on_drained,
                                            .unsent_max = s->unsent_max,
                                            .ctx = s });
    arena_finish(&a);
    s->is_full = false;
    strbuf_reset(&s->changed);
    strbuf_reset(&s->out);
    sidecar_write_files(&s->out, sidecar_files + 1, sidecar_file_count - 1);
    sidecar_write_hello(&s->out, folders_of(s));
    (void)write_out(s, &s->out); /* if that fails it has ended, and on_exit_of() will say so */
    send_jobs(s);
}

static bool backend_takes(void *self, struct str path)
{
    const struct sidecar *s = self;

    return adapters_find(s->adapters, path).len > 0;
}

static struct str backend_options(void *self, struct str path, struct arena *a)
{
    const struct sidecar *s = self;
    char hex[HASH_HEX_LEN + 1];

    hash_format(vite_config_hash(s->vite_config), hex);
    return arena_printf(a, "%.*s %.*s %.*s %s", STR_FMT(adapters_options(s->adapters, path, a)),
            STR_FMT(paths_for(s, path, a)), STR_FMT(tsconfig_for(s, path)), hex);
}

static void backend_start(void *self, struct transform_job *job)
{
    struct sidecar *s = self;
    struct entry *e = mem_new(struct entry);
    struct str plugin = adapters_find(s->adapters, job->path);

    e->job = job;
    e->plugin = (struct str){ mem_strcopy(plugin), plugin.len };
    DL_APPEND(s->jobs, e);
    if (!s->child) {
        sidecar_warm(s);
    } else if (!s->is_ending) {
        send_jobs(s);
    }
}

static unsigned backend_limit(void *self, const struct transform_job *job)
{
    const struct sidecar *s = self;
    bool warm = s->child && is_loaded(s, adapters_find(s->adapters, job->path));

    return warm ? TRANSFORM_MS : SIDECAR_LOAD_MS;
}

static void backend_cancel(void *self, struct transform_job *job, bool hangs)
{
    struct sidecar *s = self;
    struct entry *e = entry_of(s, job->id);
    bool sent = e && e->sent;

    if (e) {
        (void)take_out(s, e);
    }
    if (!sent || !s->child || s->is_ending) {
        return;
    }
    if (hangs) {
        struct entry *other;

        end_process(s, "it did not answer in time");
        DL_FOREACH(s->jobs, other)
        {
            transform_job_again(other->job); /* they were given at the same moment */
        }
        return;
    }
    strbuf_reset(&s->out);
    sidecar_write_cancel(&s->out, job->id);
    (void)write_out(s, &s->out); /* without it there will be an answer that nobody reads */
    strbuf_reset(&s->out);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void backend_destroy(void *self)
{
    struct sidecar *s = self;
    struct entry *e;
    struct entry *next;

    if (s->child) {
        spawn_abandon(s->child);
    }
    DL_FOREACH_SAFE(s->jobs, e, next)
    {
        (void)take_out(s, e);
    }
    adapters_destroy(s->adapters);
    lines_finish(&s->lines);
    strbuf_finish(&s->tail);
    strbuf_finish(&s->out);
    strbuf_finish(&s->changed);
    vec_finish(&s->loaded);
    free(s->root_text);
    free(s->node);
    uv_close((uv_handle_t *)&s->timer, on_closed);
}

struct transform_backend sidecar_backend(struct sidecar *s)
{
    return (struct transform_backend){ .name = "the sidecar",
        .takes = backend_takes,
        .options = backend_options,
        .start = backend_start,
        .limit = backend_limit,
        .cancel = backend_cancel,
        .destroy = backend_destroy,
        .self = s };
}

void sidecar_warm(struct sidecar *s)
{
    if (!s->child && !uv_is_active((uv_handle_t *)&s->timer)) {
        start_process(s);
    }
}

void sidecar_changed(struct sidecar *s, struct str path)
{
    (void)adapters_changed(s->adapters, path);
    if (s->child && !s->is_ending) {
        sidecar_write_changed(&s->changed, folders_of(s), path);
        send_jobs(s);
    }
}

size_t sidecar_starts(const struct sidecar *s)
{
    return s->starts;
}
