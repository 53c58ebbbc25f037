/* SPDX-License-Identifier: MIT */
/*
 * See cargo.h. One run goes through at most four children, one after another:
 *
 *     the toolchain's two questions    until one is found
 *     cargo metadata                   when a manifest changed or the last build failed
 *     cargo build
 *
 * Everything is written below "orbiton" in the target folder that cargo would
 * use by itself: with a shared one, an editor's own cargo runs with other flags
 * would make each build a full one and hold its lock.
 */
#include "build/cargo.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "base/vec.h"
#include "build/cargo_json.h"
#include "build/depfile.h"
#include "build/lines.h"
#include "build/toolchain.h"
#include "spawn/spawn.h"

enum { MANIFEST_MAX = 1024 * 1024, ARTEFACTS_MAX = 64 };

struct artefact_list {
    struct cargo_artefact *items;
    size_t count;
    size_t cap;
    struct arena arena;
};

struct cargo {
    struct tool_host host;
    struct toolchain *toolchain;
    bool has_toolchain;
    struct spawn_child *child; /* metadata or build, while it runs */
    bool is_killed;
    struct diag_list *diags; /* borrowed while a run lasts */

    struct arena arena; /* of the last metadata */
    struct cargo_metadata metadata;
    struct hash manifest; /* of the root's Cargo.toml when metadata was asked */
    bool was_good;

    struct lines lines;
    struct strbuf out; /* metadata's document */
    struct strbuf tail;
    struct artefact_list artefacts; /* of the last good build */
    struct artefact_list made;      /* by the running one */
    struct path_set inputs;
    struct str target_folder; /* owned */
};

static void toolchain_cb(void *ctx, bool found);

static void set_target_folder(struct cargo *cargo, struct str absolute)
{
    struct arena arena = { 0 };
    struct str relative = absolute;

    (void)path_relative(&arena, cargo->host.root, cargo->host.root, absolute, &relative);
    free((void *)(uintptr_t)cargo->target_folder.ptr);
    cargo->target_folder = str_from(mem_strdup(arena_cstr(&arena, relative)));
    arena_finish(&arena);
}

static void add_artefact(
        struct cargo *cargo, struct artefact_list *list, struct str name, struct str path)
{
    struct cargo_artefact item = { .path = path };

    if (list->count == ARTEFACTS_MAX) {
        return;
    }
    (void)path_relative(&list->arena, cargo->host.root, cargo->host.root, path, &item.path);
    item.path = arena_str(&list->arena, item.path);
    item.name = arena_str(&list->arena, name);
    vec_push(list, item);
}

static void clear_artefacts(struct artefact_list *list)
{
    arena_reset(&list->arena);
    list->count = 0;
}

static int read_manifest(struct cargo *cargo, struct strbuf *text)
{
    struct arena arena = { 0 };
    int rc;

    strbuf_init(text, MANIFEST_MAX);
    rc = sys_read_file(path_join(&arena, cargo->host.root, STR("Cargo.toml")), text);
    arena_finish(&arena);
    return rc;
}

/* What the first build will make, so that a page may ask for it before. */
static void guess(struct cargo *cargo)
{
    struct arena arena = { 0 };
    struct str dir = tool_getenv(cargo->host.options, "CARGO_TARGET_DIR");
    struct strbuf text;
    struct str name = STR("");
    struct str folder;

    if (!str_starts(dir, STR("/"))) {
        dir = path_join(&arena, cargo->host.root, dir.len > 0 ? dir : STR("target"));
    }
    set_target_folder(cargo, dir);
    if (read_manifest(cargo, &text) == 0) {
        name = cargo_guess_name(&arena, strbuf_str(&text));
    }
    strbuf_finish(&text);
    if (name.len > 0) {
        name = arena_printf(&arena, "%.*s.wasm", STR_FMT(name));
        folder = path_join(&arena, dir,
                cargo->host.options->release ? STR("orbiton/" WASM_TARGET "/release")
                                             : STR("orbiton/" WASM_TARGET "/debug"));
        add_artefact(cargo, &cargo->artefacts, name, path_join(&arena, folder, name));
    }
    arena_finish(&arena);
}

struct cargo *cargo_create(const struct tool_host *host)
{
    struct cargo *cargo = mem_new(struct cargo);

    cargo->host = *host;
    cargo->toolchain = toolchain_create(host, toolchain_cb, cargo);
    guess(cargo);
    return cargo;
}

static void done(struct cargo *cargo, bool is_good)
{
    strbuf_finish(&cargo->out);
    strbuf_finish(&cargo->tail);
    lines_finish(&cargo->lines);
    cargo->was_good = is_good;
    cargo->host.on_done(cargo->host.ctx, is_good);
}

/* cargo said nothing in JSON: it says it in words on stderr. */
static void add_output_error(struct cargo *cargo, int status)
{
    struct arena arena = { 0 };
    struct diag d;

    cargo_manifest_error(&arena, cargo->host.root, tail_lines(&cargo->tail, 40), status, &d);
    diag_list_add(cargo->diags, &d);
    arena_finish(&arena);
}

struct argv {
    const char **items;
    size_t count;
    size_t cap;
};

static void start_child(struct cargo *cargo, struct argv *argv,
        void (*on_output)(void *, enum spawn_stream, struct str), void (*on_exit)(void *, int))
{
    struct arena arena = { 0 };

    vec_push(argv, NULL);
    cargo->child =
            spawn_start(cargo->host.loop, &(struct spawn_request){ .kind = SPAWN_BUILD,
                                                  .argv = argv->items,
                                                  .env = toolchain_env(cargo->toolchain, &arena),
                                                  .cwd = cargo->host.root.ptr,
                                                  .on_output = on_output,
                                                  .on_exit = on_exit,
                                                  .ctx = cargo });
    arena_finish(&arena);
    vec_finish(argv);
}

/* "FOLDER/cargo [+beta]" */
static void push_cargo(struct cargo *cargo, struct arena *a, struct argv *argv)
{
    struct str folder = toolchain_folder(cargo->toolchain);

    vec_push(argv, path_join(a, folder, STR("cargo")).ptr);
    if (cargo->host.options->use_beta) {
        vec_push(argv, "+beta");
    }
}

/* Whether the user's own arguments say already what to build. */
static bool selects_targets(const struct build_options *options)
{
    static const char *const flags[] = { "-p", "--package", "--lib", "--bin", "--bins", "--example",
        "--examples", "--workspace", "--all", "--manifest-path", "--all-targets" };

    for (size_t i = 0; i < options->cargo_arg_count; i++) {
        struct str flag;
        struct str value;

        (void)str_cut(options->cargo_args[i], '=', &flag, &value);
        for (size_t k = 0; k < sizeof(flags) / sizeof(flags[0]); k++) {
            if (str_eq(flag, str_from(flags[k]))) {
                return true;
            }
        }
    }
    return false;
}

/*
 * What of the workspace becomes WebAssembly: the root's own crate if it can,
 * else every cdylib of it, else its only program. A library crate-type says it
 * plainly; a program beside one is usually the native server.
 */
static bool push_targets(struct cargo *cargo, struct arena *a, struct argv *argv)
{
    const struct cargo_metadata *m = &cargo->metadata;
    struct str root_manifest = path_join(a, cargo->host.root, STR("Cargo.toml"));
    const struct cargo_package *program = NULL;
    size_t programs = 0;
    size_t libs = 0;

    for (size_t i = 0; i < m->package_count; i++) {
        const struct cargo_package *p = &m->packages[i];

        if (str_eq(p->manifest, root_manifest) && (p->lib.len > 0 || p->bins > 0)) {
            vec_push(argv, "-p");
            vec_push(argv, arena_cstr(a, p->name));
            vec_push(argv, p->lib.len > 0 ? "--lib" : "--bins");
            return true;
        }
    }
    for (size_t i = 0; i < m->package_count; i++) {
        const struct cargo_package *p = &m->packages[i];

        if (p->lib.len > 0) {
            vec_push(argv, "-p");
            vec_push(argv, arena_cstr(a, p->name));
            libs++;
        } else if (p->bins > 0) {
            program = p;
            programs++;
        }
    }
    if (libs > 0) {
        vec_push(argv, "--lib");
        return true;
    }
    if (programs == 1) {
        vec_push(argv, "-p");
        vec_push(argv, arena_cstr(a, program->name));
        vec_push(argv, "--bins");
        return true;
    }
    struct diag d = { .severity = DIAG_ERROR, .path = STR("Cargo.toml") };

    if (programs == 0) {
        d.text = STR("this crate has no target that can become a WebAssembly module");
        d.hint = STR("add to Cargo.toml: [lib] crate-type = [\"cdylib\"]");
    } else {
        d.text = STR("this workspace has several programs and no cdylib");
        d.hint = STR("name one in orbiton.toml: [build] cargo_args = [\"-p\", \"NAME\"]");
    }
    diag_list_add(cargo->diags, &d);
    return false;
}

static void wasm_cb(void *ctx, struct str path)
{
    struct cargo *cargo = ctx;

    add_artefact(cargo, &cargo->made, path_name(path), path);
}

static void message_cb(void *ctx, struct str line)
{
    struct cargo *cargo = ctx;
    struct cargo_places places = { cargo->host.root, cargo->metadata.workspace };

    (void)cargo_json_message(line, &places, cargo->diags, wasm_cb, cargo);
}

static void build_output_cb(void *ctx, enum spawn_stream stream, struct str bytes)
{
    struct cargo *cargo = ctx;

    if (stream == SPAWN_STDOUT) {
        lines_feed(&cargo->lines, bytes, message_cb, cargo);
        return;
    }
    tail_add(&cargo->tail, bytes);
    if (str_find_str(bytes, STR("Blocking waiting for file lock")) != STR_NONE) {
        log_line(LOG_BUILD, "another cargo holds the lock of %.*s; waiting for it",
                STR_FMT(cargo->target_folder));
    }
}

struct inputs_ctx {
    struct cargo *cargo;
    struct arena arena;
};

static void input_cb(void *ctx, struct str path)
{
    struct inputs_ctx *in = ctx;
    struct cargo *cargo = in->cargo;
    struct arena_mark mark = arena_get_mark(&in->arena);
    struct str relative;

    if (path_relative(&in->arena, cargo->host.root, cargo->metadata.workspace, path, &relative)) {
        path_set_add(&cargo->inputs, relative);
    }
    arena_rewind(&in->arena, mark);
}

/* NAME.d beside NAME.wasm, written after a good build: all it read, path dependencies too. */
static void read_inputs(struct cargo *cargo)
{
    struct inputs_ctx in = { .cargo = cargo };
    struct strbuf text;

    path_set_reset(&cargo->inputs);
    strbuf_init(&text, DEPFILE_MAX);
    for (size_t i = 0; i < cargo->artefacts.count; i++) {
        struct str path = cargo->artefacts.items[i].path;

        path = arena_printf(&in.arena, "%.*s.d", STR_FMT(str_sub(path, 0, path.len - 5)));
        if (!str_starts(path, STR("/"))) {
            path = path_join(&in.arena, cargo->host.root, path);
        }
        strbuf_reset(&text);
        if (sys_read_file(path, &text) == 0) {
            depfile_parse(strbuf_str(&text), input_cb, &in);
        }
    }
    strbuf_finish(&text);
    arena_finish(&in.arena);
}

static void build_exit_cb(void *ctx, int status)
{
    struct cargo *cargo = ctx;

    cargo->child = NULL;
    lines_end(&cargo->lines, message_cb, cargo);
    if (cargo->lines.dropped > 0) {
        log_line(LOG_BUILD, "%zu messages of cargo were too long", cargo->lines.dropped);
    }
    if (cargo->is_killed) {
        done(cargo, false);
        return;
    }
    if (status == 0 && cargo->made.count == 0) {
        diag_list_addf(cargo->diags, "cargo made no .wasm file");
        status = 1;
    }
    if (status == 0) {
        struct artefact_list old = cargo->artefacts;

        cargo->artefacts = cargo->made;
        cargo->made = old;
        read_inputs(cargo);
    } else if (diag_list_errors(cargo->diags) == 0) {
        add_output_error(cargo, status);
    }
    if (status < 0 || status == 127) {
        cargo->has_toolchain = false; /* it may have been removed: look again */
    }
    done(cargo, status == 0);
}

static void start_build(struct cargo *cargo)
{
    const struct build_options *options = cargo->host.options;
    struct arena arena = { 0 };
    struct argv argv = { 0 };
    struct str target = path_join(&arena, cargo->metadata.target_directory, STR("orbiton"));

    push_cargo(cargo, &arena, &argv);
    vec_push(&argv, "build");
    vec_push(&argv, "--target");
    vec_push(&argv, WASM_TARGET);
    vec_push(&argv, "--target-dir");
    vec_push(&argv, target.ptr);
    vec_push(&argv, "--message-format=json");
    if (options->release) {
        vec_push(&argv, "--release");
    }
    if (!selects_targets(options) && !push_targets(cargo, &arena, &argv)) {
        vec_finish(&argv);
        arena_finish(&arena);
        done(cargo, false);
        return;
    }
    for (size_t i = 0; i < options->cargo_arg_count; i++) {
        vec_push(&argv, arena_cstr(&arena, options->cargo_args[i]));
    }
    clear_artefacts(&cargo->made);
    lines_init(&cargo->lines, CARGO_LINE_MAX);
    start_child(cargo, &argv, build_output_cb, build_exit_cb);
    arena_finish(&arena);
}

static void metadata_output_cb(void *ctx, enum spawn_stream stream, struct str bytes)
{
    struct cargo *cargo = ctx;

    if (stream == SPAWN_STDOUT) {
        strbuf_add(&cargo->out, bytes);
    } else {
        tail_add(&cargo->tail, bytes);
    }
}

static void metadata_exit_cb(void *ctx, int status)
{
    struct cargo *cargo = ctx;
    bool is_good = false;

    cargo->child = NULL;
    if (cargo->is_killed) {
        done(cargo, false);
        return;
    }
    if (status != 0) {
        cargo->has_toolchain = cargo->has_toolchain && status > 0;
        add_output_error(cargo, status);
    } else if (cargo->out.overflow ||
               !cargo_json_metadata(&cargo->arena, strbuf_str(&cargo->out), &cargo->metadata)) {
        diag_list_addf(cargo->diags, "cargo metadata printed something unknown");
    } else {
        is_good = true;
    }
    strbuf_reset(&cargo->tail);
    if (!is_good) {
        cargo->metadata = (struct cargo_metadata){ 0 };
        done(cargo, false);
        return;
    }
    set_target_folder(cargo, cargo->metadata.target_directory);
    start_build(cargo);
}

static void start_metadata(struct cargo *cargo)
{
    struct arena arena = { 0 };
    struct argv argv = { 0 };
    struct strbuf text;
    struct hash manifest;
    bool is_known;

    (void)read_manifest(cargo, &text); /* a missing one is cargo's to report */
    manifest = hash_bytes(strbuf_str(&text));
    strbuf_finish(&text);
    is_known = cargo->was_good && hash_eq(manifest, cargo->manifest);
    cargo->manifest = manifest;
    if (is_known) {
        start_build(cargo);
        return;
    }
    arena_reset(&cargo->arena);
    cargo->metadata = (struct cargo_metadata){ 0 };
    push_cargo(cargo, &arena, &argv);
    vec_push(&argv, "metadata");
    vec_push(&argv, "--no-deps");
    vec_push(&argv, "--offline");
    vec_push(&argv, "--format-version");
    vec_push(&argv, "1");
    start_child(cargo, &argv, metadata_output_cb, metadata_exit_cb);
    arena_finish(&arena);
}

static void toolchain_cb(void *ctx, bool found)
{
    struct cargo *cargo = ctx;

    cargo->has_toolchain = found;
    if (!found || cargo->is_killed) {
        done(cargo, false);
        return;
    }
    log_debug(LOG_BUILD, "%.*s", STR_FMT(toolchain_describe(cargo->toolchain)));
    start_metadata(cargo);
}

void cargo_start(struct cargo *cargo, struct diag_list *diags)
{
    cargo->diags = diags;
    cargo->is_killed = false;
    strbuf_init(&cargo->out, CARGO_METADATA_MAX);
    strbuf_init(&cargo->tail, 2 * TAIL_MAX);
    if (cargo->has_toolchain) {
        start_metadata(cargo);
    } else {
        toolchain_find(cargo->toolchain, diags);
    }
}

void cargo_kill(struct cargo *cargo)
{
    cargo->is_killed = true;
    if (cargo->child) {
        spawn_kill(cargo->child);
    } else {
        toolchain_kill(cargo->toolchain);
    }
}

struct str cargo_describe(const struct cargo *cargo)
{
    return toolchain_describe(cargo->toolchain);
}

struct str cargo_target_folder(const struct cargo *cargo)
{
    return cargo->target_folder;
}

size_t cargo_artefacts(const struct cargo *cargo, const struct cargo_artefact **ret)
{
    *ret = cargo->artefacts.items;
    return cargo->artefacts.count;
}

struct path_set *cargo_inputs(struct cargo *cargo)
{
    return &cargo->inputs;
}

void cargo_destroy(struct cargo *cargo)
{
    if (!cargo) {
        return;
    }
    if (cargo->child) {
        spawn_abandon(cargo->child);
    }
    toolchain_destroy(cargo->toolchain);
    strbuf_finish(&cargo->out);
    strbuf_finish(&cargo->tail);
    lines_finish(&cargo->lines);
    arena_finish(&cargo->arena);
    arena_finish(&cargo->artefacts.arena);
    arena_finish(&cargo->made.arena);
    vec_finish(&cargo->artefacts);
    vec_finish(&cargo->made);
    path_set_finish(&cargo->inputs);
    free((void *)(uintptr_t)cargo->target_folder.ptr);
    free(cargo);
}
