/* SPDX-License-Identifier: MIT */
/*
 * The face of a build: which tool, when it is over, what it depends on and
 * what it made. The tool itself is cargo.c or command.c.
 *
 * What makes an endless loop of builds impossible: an output is never an
 * input; Cargo.lock, which cargo writes itself, is one only when it differs from
 * what the last build left; and whether an output changed is told by content.
 *
 * on_finished always comes from the loop, never from within build_start(),
 * however early a build fails.
 */
#include "build/build.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "base/vec.h"
#include "build/cargo.h"
#include "build/command.h"
#include "build/pattern.h"
#include "build/tool.h"
#include "files/workspace.h"

/*
 * A build is nearly done between these shares of the last one's time. Past the
 * second it takes longer than could be foreseen, and how long nobody knows.
 */
enum { NEARLY_DONE_PERCENT = 80, TOO_LONG_PERCENT = 150 };

struct output_state {
    struct str path;
    struct hash hash;
};

struct output_list {
    struct output_state *items;
    size_t count;
    size_t cap;
    struct arena arena;
};

struct build {
    struct arena arena; /* the options' texts and the lists below */
    struct build_options options;
    struct str root;
    enum build_tool tool;
    struct cargo *cargo;
    struct command *command;
    uv_timer_t timer; /* brings on_finished to the loop */

    bool is_running;
    bool is_killed;
    bool is_good; /* how the running build ended */
    uint64_t started_ns;
    uint64_t good_ms;   /* the last good build's time; 0 before there is one */
    bool has_good;      /* there was a good build */
    bool last_was_good; /* and no failed one since */
    struct diag_list diags;
    struct output_list outputs; /* as the last good build left them */
    struct hash lock;           /* Cargo.lock as the last build left it */
};

/* Sources of any tool, when neither the configuration nor a dependency file says better. */
static const struct str source_patterns[] = {
    STR_INIT("*.c"),
    STR_INIT("*.h"),
    STR_INIT("*.cc"),
    STR_INIT("*.cpp"),
    STR_INIT("*.cxx"),
    STR_INIT("*.hpp"),
    STR_INIT("*.hh"),
    STR_INIT("*.s"),
    STR_INIT("*.S"),
    STR_INIT("*.rs"),
    STR_INIT("*.zig"),
    STR_INIT("*.go"),
    STR_INIT("*.swift"),
    STR_INIT("*.kt"),
    STR_INIT("*.ts"),
    STR_INIT("*.tsx"),
    STR_INIT("*.as"),
    STR_INIT("*.wat"),
    STR_INIT("*.ll"),
    STR_INIT("*.orbit"),
};

static const struct str recipe_patterns[] = {
    STR_INIT("Makefile"),
    STR_INIT("makefile"),
    STR_INIT("GNUmakefile"),
    STR_INIT("*.mk"),
    STR_INIT("CMakeLists.txt"),
    STR_INIT("meson.build"),
    STR_INIT("build.zig"),
    STR_INIT("go.mod"),
    STR_INIT("Cargo.toml"),
};

static const struct str cargo_patterns[] = {
    STR_INIT("Cargo.toml"),
    STR_INIT(".cargo/**"),
    STR_INIT("**/.cargo/**"),
    STR_INIT("rust-toolchain"),
    STR_INIT("rust-toolchain.toml"),
};

#define match(list, path) pattern_list_match((list), sizeof(list) / sizeof((list)[0]), (path))

static const struct str *copy_list(struct arena *a, const struct str *items, size_t count)
{
    struct str *copy = arena_array(a, struct str, count);

    for (size_t i = 0; i < count; i++) {
        copy[i] = arena_str(a, items[i]);
    }
    return copy;
}

static void copy_options(struct build *build, const struct build_options *options)
{
    struct arena *a = &build->arena;
    struct build_options *own = &build->options;
    size_t count = 0;

    *own = *options;
    own->command = options->command && options->command[0]
                           ? arena_cstr(a, str_from(options->command))
                           : NULL;
    own->inputs = copy_list(a, options->inputs, options->input_count);
    own->depfiles = copy_list(a, options->depfiles, options->depfile_count);
    own->outputs = copy_list(a, options->outputs, options->output_count);
    own->cargo_args = copy_list(a, options->cargo_args, options->cargo_arg_count);
    while (options->env && options->env[count]) {
        count++;
    }
    const char **env = arena_array(a, const char *, count + 1);

    for (size_t i = 0; i < count; i++) {
        env[i] = arena_cstr(a, str_from(options->env[i]));
    }
    own->env = env;
}

/* The root as the kernel names it: tools print such paths, whatever way led to the folder. */
static struct str real_root(struct arena *a, struct str root)
{
    char buf[PATH_MAX];

    if (realpath(arena_cstr(a, root), buf)) {
        root = str_from(buf);
    }
    return arena_str(a, root);
}

static bool look(const struct build *build, struct str path, struct hash *ret)
{
    struct file_facts facts;

    if (str_starts(path, STR("/"))) {
        /* A target folder outside the root, which `files` does not look into. */
        struct strbuf text;
        bool found;

        strbuf_init(&text, FILES_HASH_MAX);
        found = sys_read_file(path, &text) == 0;
        *ret = hash_bytes(strbuf_str(&text));
        strbuf_finish(&text);
        return found;
    }
    if (files_look(build->options.files, path, &facts) != 0) {
        return false;
    }
    *ret = facts.hash;
    return true;
}

static void take_output(struct build *build, struct output_list *list, struct str path)
{
    struct output_state state = { .path = arena_str(&list->arena, path) };

    if (look(build, path, &state.hash)) {
        vec_push(list, state);
    }
}

static struct output_list take_outputs(struct build *build)
{
    struct output_list list = { 0 };
    const struct cargo_artefact *artefacts = NULL;
    size_t count = build->cargo ? cargo_artefacts(build->cargo, &artefacts) : 0;

    for (size_t i = 0; i < count; i++) {
        take_output(build, &list, artefacts[i].path);
    }
    for (size_t i = 0; i < build->options.output_count; i++) {
        struct arena arena = { 0 };
        struct str path = build->options.outputs[i];

        if (!pattern_is_glob(path) && path_normalise(&arena, path, &path)) {
            take_output(build, &list, path);
        }
        arena_finish(&arena);
    }
    return list;
}

static void finish_outputs(struct output_list *list)
{
    arena_finish(&list->arena);
    vec_finish(list);
}

static bool outputs_differ(const struct output_list *before, const struct output_list *after)
{
    for (size_t i = 0; i < after->count; i++) {
        bool same = false;

        for (size_t k = 0; k < before->count && !same; k++) {
            same = str_eq(before->items[k].path, after->items[i].path) &&
                   hash_eq(before->items[k].hash, after->items[i].hash);
        }
        if (!same) {
            return true;
        }
    }
    return before->count > after->count;
}

static void timer_cb(uv_timer_t *timer)
{
    struct build *build = timer->data;
    struct build_result result = {
        .ms = (sys_now_ns() - build->started_ns) / 1000000,
        .diags = &build->diags,
    };

    build->is_running = false;
    if (build->cargo && !look(build, STR("Cargo.lock"), &build->lock)) {
        build->lock = (struct hash){ 0 };
    }
    if (build->is_killed) {
        result.status = BUILD_CANCELLED;
    } else if (!build->is_good) {
        result.status = BUILD_FAILED;
        build->last_was_good = false;
    } else {
        struct output_list outputs = take_outputs(build);

        result.status = BUILD_COMPLETED;
        result.outputs_changed = outputs_differ(&build->outputs, &outputs);
        finish_outputs(&build->outputs);
        build->outputs = outputs;
        build->has_good = true;
        build->last_was_good = true;
        build->good_ms = result.ms;
    }
    log_debug(LOG_BUILD, "ended after %llu ms: %s", (unsigned long long)result.ms,
            result.status == BUILD_COMPLETED ? "good"
            : result.status == BUILD_FAILED  ? "failed"
                                             : "cancelled");
    build->options.on_finished(build->options.ctx, &result);
}

static void done_cb(void *ctx, bool is_good)
{
    struct build *build = ctx;

    build->is_good = is_good;
    uv_timer_start(&build->timer, timer_cb, 0, 0);
}

static bool has_crate(struct build *build)
{
    struct stat st;
    int fd = files_open(build->options.files, STR("Cargo.toml"), &st);

    (void)sys_close(fd);
    return fd >= 0;
}

struct build *build_create(uv_loop_t *loop, const struct build_options *options)
{
    struct build *build = mem_new(struct build);

    copy_options(build, options);
    build->root = real_root(&build->arena, files_root(options->files));
    struct tool_host host = {
        .loop = loop,
        .options = &build->options,
        .root = build->root,
        .on_done = done_cb,
        .ctx = build,
    };

    uv_timer_init(loop, &build->timer);
    build->timer.data = build;
    if (build->options.command) {
        build->tool = BUILD_COMMAND;
        build->command = command_create(&host);
    } else if (has_crate(build)) {
        build->tool = BUILD_CARGO;
        build->cargo = cargo_create(&host);
    }
    return build;
}

enum build_tool build_get_tool(const struct build *build)
{
    return build->tool;
}

struct str build_describe(const struct build *build)
{
    if (build->cargo) {
        return cargo_describe(build->cargo);
    }
    return str_from(build->options.command);
}

bool build_is_output(const struct build *build, struct str path)
{
    /* "target" even if ours is elsewhere: an editor's cargo may use it. */
    if (build->cargo && (path_is_below(path, cargo_target_folder(build->cargo)) ||
                                path_is_below(path, STR("target")))) {
        return true;
    }
    return build->tool != BUILD_NONE &&
           pattern_list_match(build->options.outputs, build->options.output_count, path);
}

/*
 * Whether a compiler's message of the failed build names this file: it may be the one that is
 * missing. A message without a place is the tool's or ours and may quote the whole command line,
 * with the names of its outputs.
 */
static bool is_named_in_diags(const struct build *build, struct str path)
{
    struct str name = path_name(path);

    for (size_t i = 0; i < build->diags.count; i++) {
        const struct diag *d = &build->diags.items[i];

        if (d->path.len > 0 && (str_find_str(d->text, name) != STR_NONE ||
                                       str_find_str(d->frame, name) != STR_NONE)) {
            return true;
        }
    }
    return false;
}

static bool is_cargo_input(const struct build *build, struct str path)
{
    struct path_set *inputs = cargo_inputs(build->cargo);
    struct str ext = path_ext(path_name(path));
    bool is_source = str_eq(ext, STR(".rs")) || str_eq(ext, STR(".orbit"));

    if (str_eq(path_name(path), STR("Cargo.lock"))) {
        struct hash lock = { 0 };

        (void)look(build, STR("Cargo.lock"), &lock);
        return str_eq(path, STR("Cargo.lock")) && !build->is_running && !hash_eq(lock, build->lock);
    }
    if (match(cargo_patterns, path) || path_set_has(inputs, path)) {
        return true;
    }
    if (!build->last_was_good) {
        return is_source || is_named_in_diags(build, path);
    }
    /* A new file is in no dep-info yet. */
    return is_source &&
           (str_starts(path, STR("src/")) || str_find_str(path, STR("/src/")) != STR_NONE);
}

static bool is_command_input(const struct build *build, struct str path)
{
    struct path_set *inputs = command_inputs(build->command);
    const struct build_options *options = &build->options;

    if (options->input_count > 0 &&
            pattern_list_match(options->inputs, options->input_count, path)) {
        return true;
    }
    if (path_set_has(inputs, path) || (!build->last_was_good && is_named_in_diags(build, path))) {
        return true;
    }
    if (options->input_count > 0) {
        return false;
    }
    if (match(recipe_patterns, path)) {
        return true;
    }
    /* With dependency files a source of another language than theirs is somebody else's. */
    return match(source_patterns, path) &&
           (inputs->count == 0 || !build->last_was_good ||
                   path_set_has_ext(inputs, path_ext(path_name(path))));
}

bool build_is_input(const struct build *build, struct str path)
{
    if (build->tool == BUILD_NONE || build_is_output(build, path) ||
            path_is_below(path, WORKSPACE_NAME)) {
        return false;
    }
    return build->cargo ? is_cargo_input(build, path) : is_command_input(build, path);
}

void build_start(struct build *build)
{
    if (build->tool == BUILD_NONE || build->is_running) {
        return;
    }
    build->is_running = true;
    build->is_killed = false;
    build->started_ns = sys_now_ns();
    diag_list_reset(&build->diags);
    if (!build->has_good) {
        finish_outputs(&build->outputs);
        build->outputs = take_outputs(build);
    }
    if (build->options.on_started) {
        build->options.on_started(build->options.ctx);
    }
    if (build->cargo) {
        cargo_start(build->cargo, &build->diags);
    } else {
        command_start(build->command, &build->diags);
    }
}

bool build_is_running(const struct build *build)
{
    return build->is_running;
}

void build_cancel(struct build *build)
{
    uint64_t ms = (sys_now_ns() - build->started_ns) / 1000000;

    if (!build->is_running || build->is_killed || uv_is_active((uv_handle_t *)&build->timer) ||
            (build->good_ms > 0 && ms * 100 >= build->good_ms * NEARLY_DONE_PERCENT &&
                    ms * 100 <= build->good_ms * TOO_LONG_PERCENT)) {
        return;
    }
    build->is_killed = true;
    if (build->cargo) {
        cargo_kill(build->cargo);
    } else {
        command_kill(build->command);
    }
}

bool build_find_artefact(const struct build *build, struct str url_path, struct str *ret_path)
{
    const struct cargo_artefact *artefacts = NULL;
    size_t count = build->cargo ? cargo_artefacts(build->cargo, &artefacts) : 0;

    for (size_t i = count; i-- > 0;) {
        if (str_eq(artefacts[i].name, url_path)) {
            *ret_path = artefacts[i].path;
            return true;
        }
    }
    return false;
}

bool build_find_wasm(const struct build *build, struct str *ret_url, struct str *ret_path)
{
    const struct cargo_artefact *artefacts = NULL;
    size_t count = build->cargo ? cargo_artefacts(build->cargo, &artefacts) : 0;

    if (count > 0) {
        *ret_url = artefacts[count - 1].name;
        *ret_path = artefacts[count - 1].path;
        return true;
    }
    for (size_t i = 0; i < build->options.output_count; i++) {
        struct str output = build->options.outputs[i];

        if (str_ends(output, STR(".wasm")) && str_find(output, '*') == STR_NONE) {
            *ret_url = *ret_path = output;
            return true;
        }
    }
    return false;
}

static void close_cb(uv_handle_t *handle)
{
    struct build *build = handle->data;

    diag_list_finish(&build->diags);
    finish_outputs(&build->outputs);
    arena_finish(&build->arena);
    free(build);
}

void build_destroy(struct build *build)
{
    if (!build) {
        return;
    }
    cargo_destroy(build->cargo);
    command_destroy(build->command);
    build->cargo = NULL;
    build->command = NULL;
    uv_close((uv_handle_t *)&build->timer, close_cb);
}
