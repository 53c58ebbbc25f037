/* SPDX-License-Identifier: MIT */
/*
 * See toolchain.h. Two questions for each folder of PATH that holds a cargo:
 *
 *     cargo [+beta] --version          does it run, does it know +beta, is beta there
 *     rustc [+beta] --print sysroot    where its targets are
 *
 * Both run in the project's folder, so that rust-toolchain files count.
 */
#include "build/toolchain.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/vec.h"
#include "spawn/spawn.h"

enum { ANSWER_MAX = 16 * 1024, FOLDERS_MAX = 64 };

enum problem {
    PROBLEM_NO_CARGO,
    PROBLEM_NO_RUSTUP, /* every cargo there is refuses +beta */
    PROBLEM_BROKEN,    /* they do not run */
    PROBLEM_NO_BETA,
    PROBLEM_NO_TARGET, /* the nearest to success: what is furthest down is reported */
};

struct toolchain {
    struct tool_host host;
    void (*done)(void *ctx, bool found);
    void *ctx;
    struct diag_list *diags; /* borrowed while searching */
    struct spawn_child *child;
    bool is_killed;
    bool has_rustup; /* some folder of PATH has it */

    struct arena arena; /* of one search */
    struct str folders[FOLDERS_MAX];
    size_t folder_count;
    size_t at; /* the folder being asked */
    struct str version;
    enum problem problem;
    struct strbuf out;
    struct strbuf err;
    struct strbuf seen; /* what was found and why it will not do */

    struct str folder; /* found; in `arena` */
    struct str description;
};

static void ask_version(struct toolchain *tc);

struct toolchain *toolchain_create(
        const struct tool_host *host, void (*done)(void *ctx, bool found), void *ctx)
{
    struct toolchain *tc = mem_new(struct toolchain);

    tc->host = *host;
    tc->done = done;
    tc->ctx = ctx;
    strbuf_init(&tc->out, ANSWER_MAX);
    strbuf_init(&tc->err, ANSWER_MAX);
    strbuf_init(&tc->seen, ANSWER_MAX);
    return tc;
}

static bool is_program(struct str folder, const char *name)
{
    struct arena arena = { 0 };
    bool is = access(arena_cstr(&arena, path_join(&arena, folder, str_from(name))), X_OK) == 0;

    arena_finish(&arena);
    return is;
}

/* Folders of PATH, each once by its real name: /bin is often /usr/bin. */
static void list_folders(struct toolchain *tc)
{
    struct str rest = tool_getenv(tc->host.options, "PATH");
    bool has_rustc = tool_getenv(tc->host.options, "RUSTC").len > 0;
    struct str real[FOLDERS_MAX];
    struct str folder;

    tc->folder_count = 0;
    tc->has_rustup = false;
    while (rest.len > 0 && tc->folder_count < FOLDERS_MAX) {
        char buf[PATH_MAX];
        bool known = false;

        (void)str_cut(rest, ':', &folder, &rest);
        if (!str_starts(folder, STR("/")) || !realpath(arena_cstr(&tc->arena, folder), buf)) {
            continue;
        }
        tc->has_rustup = tc->has_rustup || is_program(folder, "rustup");
        for (size_t i = 0; i < tc->folder_count; i++) {
            known = known || str_eq(real[i], str_from(buf));
        }
        if (known || !is_program(folder, "cargo") || (!has_rustc && !is_program(folder, "rustc"))) {
            continue;
        }
        real[tc->folder_count] = arena_str(&tc->arena, str_from(buf));
        tc->folders[tc->folder_count++] = arena_str(&tc->arena, folder);
    }
}

static void add_error(struct toolchain *tc, struct str text, struct str hint)
{
    diag_list_add(tc->diags, &(struct diag){ .severity = DIAG_ERROR,
                                     .text = text,
                                     .hint = hint,
                                     .frame = str_trim(strbuf_str(&tc->seen)) });
}

static void report(struct toolchain *tc)
{
    bool beta = tc->host.options->use_beta;

    switch (tc->problem) {
    case PROBLEM_NO_CARGO:
        add_error(tc, STR("there is a Cargo.toml but no cargo on PATH"),
                STR("install Rust from https://rustup.rs, or on Debian: "
                    "apt install cargo rustc libstd-rust-dev-wasm32 lld"));
        break;
    case PROBLEM_NO_RUSTUP:
        add_error(tc, STR("--beta needs rustup, and no cargo on PATH is rustup's"),
                STR("install rustup from https://rustup.rs, or build without --beta"));
        break;
    case PROBLEM_BROKEN:
        add_error(tc, STR("cargo or rustc does not run"),
                STR("see what `cargo --version` and `rustc --print sysroot` say in this folder"));
        break;
    case PROBLEM_NO_BETA:
        add_error(tc, STR("--beta: the beta toolchain is not installed"),
                STR("rustup toolchain install beta --target " WASM_TARGET));
        break;
    case PROBLEM_NO_TARGET:
        if (beta) {
            add_error(tc, STR("the beta toolchain has no target " WASM_TARGET),
                    STR("rustup target add --toolchain beta " WASM_TARGET));
        } else {
            add_error(tc, STR("no cargo on PATH has the target " WASM_TARGET),
                    tc->has_rustup ? STR("rustup target add " WASM_TARGET)
                                   : STR("apt install libstd-rust-dev-wasm32 lld"));
        }
        break;
    }
}

static void next(struct toolchain *tc, enum problem problem, const char *why)
{
    if (tc->is_killed) {
        tc->done(tc->ctx, false);
        return;
    }
    if (problem > tc->problem) {
        tc->problem = problem;
    }
    strbuf_addf(&tc->seen, "%.*s/cargo: %s\n", STR_FMT(tc->folders[tc->at]), why);
    tc->at++;
    ask_version(tc);
}

static void answer_cb(void *ctx, enum spawn_stream stream, struct str bytes)
{
    struct toolchain *tc = ctx;

    strbuf_add(stream == SPAWN_STDOUT ? &tc->out : &tc->err, bytes);
}

static void ask(struct toolchain *tc, struct str program, const char *const *args,
        void (*on_exit)(void *ctx, int status))
{
    struct arena arena = { 0 };
    const char *argv[6] = { arena_cstr(&arena, program) };
    size_t n = 1;

    if (tc->host.options->use_beta) {
        argv[n++] = "+beta";
    }
    for (; *args; args++) {
        argv[n++] = *args;
    }
    strbuf_reset(&tc->out);
    strbuf_reset(&tc->err);
    tc->folder = tc->folders[tc->at];
    tc->child = spawn_start(tc->host.loop, &(struct spawn_request){ .kind = SPAWN_BUILD,
                                                   .argv = argv,
                                                   .env = toolchain_env(tc, &arena),
                                                   .cwd = tc->host.root.ptr,
                                                   .on_output = answer_cb,
                                                   .on_exit = on_exit,
                                                   .ctx = tc });
    tc->folder = STR("");
    arena_finish(&arena);
}

static void sysroot_cb(void *ctx, int status)
{
    struct toolchain *tc = ctx;
    struct str sysroot = str_trim(strbuf_str(&tc->out));
    struct str target;

    tc->child = NULL;
    if (status != 0 || !str_starts(sysroot, STR("/"))) {
        next(tc, PROBLEM_BROKEN, "its rustc does not run");
        return;
    }
    target = path_join(&tc->arena, sysroot, STR("lib/rustlib/" WASM_TARGET "/lib"));
    if (access(target.ptr, F_OK) != 0) {
        next(tc, PROBLEM_NO_TARGET, "its rustc has no target " WASM_TARGET);
        return;
    }
    if (tc->is_killed) {
        tc->done(tc->ctx, false);
        return;
    }
    tc->folder = tc->folders[tc->at];
    tc->description = arena_printf(&tc->arena, "%.*s (%.*s), target " WASM_TARGET,
            STR_FMT(tc->version), STR_FMT(tc->folder));
    tc->done(tc->ctx, true);
}

static void version_cb(void *ctx, int status)
{
    static const char *const args[] = { "--print", "sysroot", NULL };
    struct toolchain *tc = ctx;
    struct str err = strbuf_str(&tc->err);
    struct str rest;
    struct str version;
    struct str rustc = tool_getenv(tc->host.options, "RUSTC");

    tc->child = NULL;
    (void)str_cut(strbuf_str(&tc->out), '\n', &version, &rest);
    if (status != 0 && tc->host.options->use_beta) {
        if (str_find_str(err, STR("is not installed")) != STR_NONE) {
            next(tc, PROBLEM_NO_BETA, "the beta toolchain is not installed");
        } else if (str_find_str(err, STR("no such ")) != STR_NONE) {
            next(tc, PROBLEM_NO_RUSTUP, "not rustup's, does not know +beta");
        } else {
            next(tc, PROBLEM_BROKEN, "does not run");
        }
        return;
    }
    if (status != 0 || tc->is_killed) {
        next(tc, PROBLEM_BROKEN, "does not run");
        return;
    }
    /* "cargo 0.66.0 (hash date)": what is behind the number is not for the banner */
    if (str_find_str(version, STR(" (")) != STR_NONE) {
        version = str_sub(version, 0, str_find_str(version, STR(" (")));
    }
    tc->version = arena_str(&tc->arena, version);
    if (rustc.len == 0) {
        rustc = path_join(&tc->arena, tc->folders[tc->at], STR("rustc"));
    }
    ask(tc, rustc, args, sysroot_cb);
}

static void ask_version(struct toolchain *tc)
{
    static const char *const args[] = { "--version", NULL };

    if (tc->at == tc->folder_count) {
        report(tc);
        tc->done(tc->ctx, false);
        return;
    }
    ask(tc, path_join(&tc->arena, tc->folders[tc->at], STR("cargo")), args, version_cb);
}

void toolchain_find(struct toolchain *tc, struct diag_list *diags)
{
    arena_reset(&tc->arena);
    strbuf_reset(&tc->seen);
    tc->diags = diags;
    tc->folder = tc->description = STR("");
    tc->at = 0;
    tc->problem = PROBLEM_NO_CARGO;
    tc->is_killed = false;
    list_folders(tc);
    ask_version(tc);
}

void toolchain_kill(struct toolchain *tc)
{
    if (tc->child) {
        tc->is_killed = true;
        spawn_kill(tc->child);
    }
}

struct str toolchain_folder(const struct toolchain *tc)
{
    return tc->folder;
}

struct str toolchain_describe(const struct toolchain *tc)
{
    return tc->description;
}

const char *const *toolchain_env(const struct toolchain *tc, struct arena *a)
{
    const struct build_options *options = tc->host.options;
    struct str path = tool_getenv(options, "PATH");
    const char **env;
    size_t n = 0;
    size_t count = 0;

    while (options->env && options->env[count]) {
        count++;
    }
    env = arena_array(a, const char *, count + 5);
    /* Newer versions of rustup install what is missing when they are run; ours is to say so. */
    env[n++] = "RUSTUP_AUTO_INSTALL=0";
    env[n++] = "CARGO_TERM_COLOR=never";
    env[n++] = "CARGO_TERM_PROGRESS_WHEN=never";
    for (size_t i = 0; i < count; i++) {
        env[n++] = options->env[i];
    }
    env[n++] = arena_printf(a, "PATH=%.*s:%.*s", STR_FMT(tc->folder), STR_FMT(path)).ptr;
    return env;
}

void toolchain_destroy(struct toolchain *tc)
{
    if (tc->child) {
        spawn_abandon(tc->child);
    }
    strbuf_finish(&tc->out);
    strbuf_finish(&tc->err);
    strbuf_finish(&tc->seen);
    arena_finish(&tc->arena);
    free(tc);
}
