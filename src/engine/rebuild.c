/* SPDX-License-Identifier: MIT */
/*
 * When to build, and what to do with what came of it. The rules: only a changed
 * input starts a build; the debounce counts from the end of the last one; a
 * change that arrives while one runs makes it stale; the last edit always wins;
 * a failed build changes nothing on the page but the overlay; a file that its
 * own build keeps changing stops with its name.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/sys.h"
#include "engine/orbit_turn.h"
#include "engine/state.h"

static uint64_t now_ms(void)
{
    return sys_now_ns() / 1000000;
}

static void copy_diags(struct diag_list *to, const struct diag_list *from)
{
    diag_list_reset(to);
    for (size_t i = 0; i < from->count; i++) {
        diag_list_add(to, &from->items[i]);
    }
    to->dropped = from->dropped;
}

/*
 * Whether the change came while a build ran, or so soon after that it may be the build's own. What
 * was written after the build's end is not, however soon: a script may save as fast as it likes.
 */
static bool is_from_build(struct engine *e, struct str path, uint64_t first_ns)
{
    struct file_facts facts;

    if (build_is_running(e->build)) {
        return first_ns >= e->build_began_ns;
    }
    return e->build_ended_ns > 0 && first_ns >= e->build_began_ns &&
           first_ns < e->build_ended_ns + (uint64_t)AFTER_BUILD_MS * 1000000 &&
           (files_look(e->files, path, &facts) < 0 || facts.mtime_ns <= e->build_ended_wall_ns);
}

static void forget_self(struct engine *e)
{
    free((void *)(uintptr_t)e->self.path.ptr);
    e->self = (struct self_trigger){ 0 };
}

/*
 * Notes the first change that comes while a build runs. A build that writes its own input does so
 * at about the same moment of each build; a person who saves while builds run does not.
 */
static void watch_self(struct engine *e, struct str path, uint64_t first_ns)
{
    struct self_trigger *self = &e->self;

    if (!is_from_build(e, path, first_ns)) {
        forget_self(e);
        return;
    }
    if (self->seen) {
        return;
    }
    uint64_t offset_ms = (first_ns - e->build_began_ns) / 1000000;
    uint64_t apart_ms =
            offset_ms > self->offset_ms ? offset_ms - self->offset_ms : self->offset_ms - offset_ms;

    if (str_eq(self->path, path) && apart_ms <= LOOP_JITTER_MS + offset_ms / 8) {
        self->builds++;
    } else {
        forget_self(e);
        self->path = (struct str){ mem_strcopy(path), path.len };
        self->builds = 1;
    }
    self->offset_ms = offset_ms;
    self->seen = true;
}

void rebuild_add_cause(struct engine *e, struct str path, uint64_t first_ns)
{
    struct causes *c = &e->causes;

    watch_self(e, path, first_ns);
    for (size_t i = 0; i < c->count && i < CAUSES_MAX; i++) {
        if (str_eq(c->paths[i], path)) {
            return;
        }
    }
    if (c->count < CAUSES_MAX) {
        c->paths[c->count] = arena_str(&c->arena, path);
    }
    if (c->count++ == 0) {
        c->first_ns = first_ns;
    }
}

/* "src/a.orbit", or after a good build "src/a.orbit (code)". */
static struct str describe_cause(struct engine *e, struct str path, bool is_built)
{
    struct str part = is_built ? orbit_turn_describe_built(e, path) : STR("");

    return part.len == 0 ? path
                         : arena_printf(&e->turn, "%.*s (%.*s)", STR_FMT(path), STR_FMT(part));
}

static struct str describe_causes(struct engine *e, bool is_built)
{
    const struct causes *c = &e->causes;

    if (c->count == 0) {
        return STR("the project");
    }
    if (c->count > CAUSES_MAX) {
        return arena_printf(&e->turn, "%zu files", c->count);
    }
    struct str text = describe_cause(e, c->paths[0], is_built);

    for (size_t i = 1; i < c->count; i++) {
        struct str next = describe_cause(e, c->paths[i], is_built);

        text = arena_printf(&e->turn, "%.*s, %.*s", STR_FMT(text), STR_FMT(next));
    }
    return text;
}

static void forget_causes(struct engine *e)
{
    e->causes.count = 0;
    arena_reset(&e->causes.arena);
}

void rebuild_on_started(void *ctx)
{
    struct engine *e = ctx;
    struct strbuf text;

    e->build_began_ns = sys_now_ns();
    e->self.seen = false;
    hmr_context_rebuild_started(e->context);
    orbit_turn_build_started(e);
    strbuf_init(&text, MESSAGE_TEXT_MAX);
    message_rebuild(&text, STR("started"), 0, NULL);
    turn_broadcast(e, &text);
    strbuf_finish(&text);
    report_changed(e);
}

static void start(struct engine *e)
{
    (void)uv_timer_stop(&e->debounce); /* cannot fail on an open timer */
    e->debounce_armed = false;
    build_start(e->build);
}

void rebuild_force(struct engine *e)
{
    forget_self(e);
    if (build_get_tool(e->build) == BUILD_NONE) {
        return;
    }
    if (build_is_running(e->build) || e->swap_due) {
        return;
    }
    start(e);
}

static void on_debounced(uv_timer_t *timer)
{
    struct engine *e = timer->data;

    e->debounce_armed = false;
    rebuild_consider(e);
    rebuild_finish_syncs(e);
    arena_reset(&e->turn);
}

/* True when the next build would only be started by what the last ones wrote; says so once. */
static bool is_loop(struct engine *e)
{
    struct self_trigger *self = &e->self;

    if (self->builds < LOOP_BUILDS) {
        return false;
    }
    if (!self->stopped) {
        self->stopped = true;
        term_errorf(e->term,
                "build loop: '%.*s' has changed during each of the last %u builds, so it seems to "
                "be their own output; name it in [build] outputs, or press r to build once more",
                STR_FMT(self->path), self->builds);
    }
    return true;
}

void rebuild_consider(struct engine *e)
{
    uint64_t now = now_ms();

    if (e->closing || e->swap_due || build_get_tool(e->build) == BUILD_NONE) {
        return;
    }
    if (build_is_running(e->build)) {
        build_cancel(e->build);
        return;
    }
    if (hmr_context_should_rebuild(e->context, e->options->debounce_ms, now)) {
        if (!is_loop(e)) {
            start(e);
        }
        return;
    }
    uint64_t wait = hmr_context_rebuild_wait(e->context, e->options->debounce_ms, now);

    if (wait > 0 && hmr_context_should_rebuild(e->context, 0, now)) {
        (void)uv_timer_start(&e->debounce, on_debounced, wait, 0);
        e->debounce_armed = true;
    }
}

bool rebuild_is_due(const struct engine *e)
{
    return build_is_running(e->build) || e->debounce_armed;
}

static void touch_output(void *ctx, struct str path)
{
    struct engine *e = ctx;

    if (build_is_output(e->build, path)) {
        modules_turn_touch(e, &(struct touch){ .path = path, .came_or_went = true }, 1);
    }
}

static void mark_output(void *ctx, struct str path)
{
    struct engine *e = ctx;

    if (build_is_output(e->build, path) && !orbit_turn_is_artefact(e, path)) {
        (void)pages_mark(e->pages, path, turn_module(e, path), turn_look(e, path));
    }
}

static void print_build(
        struct engine *e, const char *verb, struct str what, struct str why, uint64_t ms)
{
    term_line(e->term, &(struct term_line){ .verb = verb,
                               .what = what,
                               .why = why,
                               .pages = -1,
                               .ms = (double)ms,
                               .times = TERM_TIMES_NONE });
}

static void completed(struct engine *e, const struct build_result *result)
{
    size_t module_count;
    struct str *modules =
            hmr_context_record_rebuild(e->context, true, now_ms(), &e->turn, &module_count);
    uint64_t ended_ns = sys_now_ns();
    uint64_t first_ns = e->causes.count > 0 ? e->causes.first_ns : e->build_began_ns;
    size_t sent = 0;

    pages_each_path(e->pages, touch_output, e);
    orbit_turn_built(e, result->outputs_changed);
    modules_turn_read(e, NULL);
    pages_each_path(e->pages, mark_output, e);
    modules_turn_mark(e);
    e->seq++;
    struct message_timing timing = { .watch = 0, .build = (double)result->ms };

    sent = turn_send_updates(e, modules, module_count, STR("built"), &timing);
    struct str what = describe_causes(e, true);

    if (result->diags->count > 0) {
        term_diags(e->term, result->diags);
    }
    if (sent > 0) {
        why_begin(e->why,
                &(struct why_begin){ .seq = e->seq,
                        .what = what,
                        .pages = sent,
                        .targets = e->targets.items,
                        .target_count = e->targets.count,
                        .first_ns = first_ns,
                        .taken_ns = e->build_began_ns > first_ns ? e->build_began_ns : first_ns,
                        .build_ms = (double)result->ms },
                ended_ns);
    } else if (!result->outputs_changed && e->built_once) {
        print_build(
                e, "same", what, STR("built, no effect: the output is what it was"), result->ms);
    } else {
        print_build(e, "build", what,
                pages_count(e->pages) > 0 ? STR("no open page has loaded it")
                                          : STR("no page is open"),
                result->ms);
    }
    e->built_once = true;
    e->failing = false;
    forget_causes(e);
}

static void send_result(struct engine *e, const struct build_result *result, bool was_failing)
{
    struct strbuf text;

    strbuf_init(&text, MESSAGE_TEXT_MAX);
    message_rebuild(&text, result->status == BUILD_COMPLETED ? STR("completed") : STR("failed"),
            result->ms, result->diags);
    turn_broadcast(e, &text);
    if (was_failing && result->status == BUILD_COMPLETED) {
        strbuf_reset(&text);
        message_clear(&text);
        turn_broadcast(e, &text);
    }
    strbuf_finish(&text);
}

static void failed(struct engine *e, const struct build_result *result)
{
    size_t errors = diag_list_errors(result->diags);
    size_t count;

    (void)hmr_context_record_rebuild(e->context, false, now_ms(), &e->turn, &count);
    copy_diags(&e->diags, result->diags);
    e->failing = true;
    term_diags(e->term, result->diags);
    print_build(e, "error", describe_causes(e, false),
            arena_printf(&e->turn, "the build failed with %zu error%s; the page stays as it is",
                    errors, errors == 1 ? "" : "s"),
            result->ms);
}

void rebuild_on_finished(void *ctx, const struct build_result *built)
{
    struct engine *e = ctx;
    struct diag_list placed = { 0 };
    struct build_result with_places = *built;
    const struct build_result *result = &with_places;
    bool was_failing = e->failing;

    if (e->closing) {
        return;
    }
    orbit_turn_place_diags(e, built->diags, &placed);
    with_places.diags = &placed;
    e->build_ended_ns = sys_now_ns();
    e->build_ended_wall_ns = sys_wall_ns();
    switch (result->status) {
    case BUILD_COMPLETED:
        send_result(e, result, was_failing);
        completed(e, result);
        break;
    case BUILD_FAILED:
        send_result(e, result, was_failing);
        failed(e, result);
        break;
    case BUILD_CANCELLED: break; /* a newer save is pending and starts the next one below */
    }
    if (e->config_diags.count + e->vite.diags.count > 0) {
        reconfigure_tell_problems(e); /* the build's result has taken their place */
    }
    reconfigure_swap_build(e);
    rebuild_consider(e);
    if (!build_is_running(e->build)) {
        dev_server_release(e->server);
    }
    rebuild_finish_syncs(e);
    report_changed(e);
    diag_list_finish(&placed);
    arena_reset(&e->turn);
}

void rebuild_finish_syncs(struct engine *e)
{
    if (rebuild_is_due(e) || e->held) {
        return;
    }
    for (size_t i = 0; i < e->sync_count; i++) {
        struct str json = arena_printf(&e->turn,
                "{\"epoch\":\"%s\",\"seq\":%" PRIu64 ",\"pages\":%zu,\"failing\":%s}\n", e->epoch,
                e->seq, pages_count(e->pages), e->failing ? "true" : "false");

        dev_server_sync_done(e->server, e->syncs[i], json);
    }
    e->sync_count = 0;
}
