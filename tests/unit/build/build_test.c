/* SPDX-License-Identifier: MIT */
/*
 * Real builds in temporary copies of the examples, with the toolchains that are installed; and
 * the cases of missing ones with stand-ins on PATH.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "base/arena.h"
#include "base/path.h"
#include "base/sys.h"
#include "build/build.h"
#include "spawn/spawn.h"

enum { WATCHDOG_S = 100 };

struct site {
    struct arena arena;
    uv_loop_t loop;
    struct files *files;
    struct build *build;
    struct str root;
    int started;
    int finished;
    enum build_status status;
    bool outputs_changed;
    struct str errors; /* of the last build, "path:line:col: [code] text\n" */
    struct str hints;
    struct str frames;
};

/* ---- a temporary project ---- */

static void sh(struct site *site, const char *script)
{
    struct str command =
            arena_printf(&site->arena, "cd '%.*s' && { %s\n} >&2", STR_FMT(site->root), script);

    assert_int_equal(system(command.ptr), 0);
}

static void site_init(struct site *site, const char *example)
{
    char name[] = "/tmp/orbiton-build-XXXXXX";
    const char *tests = getenv("ORBITON_TESTS");

    *site = (struct site){ 0 };
    alarm(WATCHDOG_S);
    assert_non_null(mkdtemp(name));
    site->root = arena_str(&site->arena, str_from(name));
    assert_int_equal(uv_loop_init(&site->loop), 0);
    if (example) {
        struct str from =
                arena_printf(&site->arena, "%s/../examples/%s", tests ? tests : "tests", example);
        struct str copy = arena_printf(&site->arena,
                "cp -r '%.*s/.' '%.*s' && cd '%.*s' && rm -rf target *.o *.d *.wasm", STR_FMT(from),
                STR_FMT(site->root), STR_FMT(site->root));

        assert_int_equal(system(copy.ptr), 0);
    }
}

static void on_started(void *ctx)
{
    ((struct site *)ctx)->started++;
}

static void on_finished(void *ctx, const struct build_result *result)
{
    struct site *site = ctx;

    site->finished++;
    site->status = result->status;
    site->outputs_changed = result->outputs_changed;
    site->errors = site->hints = site->frames = STR("");
    for (size_t i = 0; i < result->diags->count; i++) {
        const struct diag *d = &result->diags->items[i];

        site->errors =
                arena_printf(&site->arena, "%.*s%.*s:%u:%u: [%.*s] %.*s\n", STR_FMT(site->errors),
                        STR_FMT(d->path), d->line, d->col, STR_FMT(d->code), STR_FMT(d->text));
        site->hints =
                arena_printf(&site->arena, "%.*s%.*s\n", STR_FMT(site->hints), STR_FMT(d->hint));
        site->frames =
                arena_printf(&site->arena, "%.*s%.*s\n", STR_FMT(site->frames), STR_FMT(d->frame));
    }
}

static void site_open(struct site *site, struct build_options options)
{
    assert_int_equal(files_create(site->root, &site->files), 0);
    options.files = site->files;
    options.on_started = on_started;
    options.on_finished = on_finished;
    options.ctx = site;
    site->build = build_create(&site->loop, &options);
}

static void run_until_finished(struct site *site)
{
    int before = site->finished;

    while (site->finished == before) {
        uv_run(&site->loop, UV_RUN_ONCE);
    }
}

static void build(struct site *site)
{
    int started = site->started;

    build_start(site->build);
    assert_int_equal(site->started, started + 1);
    assert_true(build_is_running(site->build));
    run_until_finished(site);
    assert_false(build_is_running(site->build));
}

static void site_finish(struct site *site)
{
    struct str command;

    build_destroy(site->build);
    uv_run(&site->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&site->loop), 0);
    files_destroy(site->files);
    command = arena_printf(&site->arena, "rm -rf '%.*s'", STR_FMT(site->root));
    assert_int_equal(system(command.ptr), 0);
    arena_finish(&site->arena);
    alarm(0);
}

static void assert_has(struct str text, struct str part)
{
    if (str_find_str(text, part) == STR_NONE) {
        fail_msg("\"%.*s\" is not in \"%.*s\"", STR_FMT(part), STR_FMT(text));
    }
}

static const char *env_of(struct site *site, const char *name, struct str value)
{
    return arena_printf(&site->arena, "%s=%.*s", name, STR_FMT(value)).ptr;
}

/* ---- cargo ---- */

TEST(a_crate_is_built_broken_and_mended)
{
    struct site site;
    struct str path;

    site_init(&site, "rust-wasm");
    site_open(&site, (struct build_options){ 0 });
    assert_int_equal(build_get_tool(site.build), BUILD_CARGO);
    assert_true(build_find_artefact(site.build, STR("rust_wasm.wasm"), &path));
    assert_str(path, STR("target/orbiton/wasm32-unknown-unknown/debug/rust_wasm.wasm"));
    assert_true(build_is_input(site.build, STR("anything.rs")));
    assert_false(build_is_input(site.build, STR("README.md")));

    build(&site);
    assert_str(site.errors, STR(""));
    assert_int_equal(site.status, BUILD_COMPLETED);
    assert_true(site.outputs_changed);
    assert_true(str_starts(build_describe(site.build), STR("cargo ")));
    assert_has(build_describe(site.build), STR("), target wasm32-unknown-unknown"));
    assert_true(build_find_artefact(site.build, STR("rust_wasm.wasm"), &path));
    assert_str(path, STR("target/orbiton/wasm32-unknown-unknown/debug/rust_wasm.wasm"));
    assert_false(build_find_artefact(site.build, STR("other.wasm"), &path));

    assert_true(build_is_input(site.build, STR("src/flower.rs")));
    assert_true(build_is_input(site.build, STR("src/new.rs")));
    assert_true(build_is_input(site.build, STR("Cargo.toml")));
    assert_true(build_is_input(site.build, STR(".cargo/config.toml")));
    assert_true(build_is_input(site.build, STR("rust-toolchain.toml")));
    assert_false(build_is_input(site.build, STR("Cargo.lock")));
    assert_false(build_is_input(site.build, STR("README.md")));
    assert_false(build_is_input(site.build, STR("main.js")));
    assert_false(build_is_input(site.build, STR("other.rs")));
    assert_false(build_is_input(site.build, STR("target/orbiton/x/src/gen.rs")));
    assert_true(build_is_output(site.build, path));
    assert_false(build_is_output(site.build, STR("src/flower.rs")));

    sh(&site, "echo '# by hand' >> Cargo.lock");
    assert_true(build_is_input(site.build, STR("Cargo.lock")));

    /* A comment gives the same module. */
    sh(&site, "echo '// more' >> src/flower.rs");
    build(&site);
    assert_int_equal(site.status, BUILD_COMPLETED);
    assert_false(site.outputs_changed);

    sh(&site, "echo 'pub fn broken() -> i32 { \"x\" }' >> src/flower.rs");
    build(&site);
    assert_int_equal(site.status, BUILD_FAILED);
    assert_has(site.errors, STR("src/flower.rs:"));
    assert_has(site.errors, STR(":26: [E0308] mismatched types\n"));
    assert_has(site.frames, STR("expected `i32`, found `&str`"));
    assert_true(build_is_input(site.build, STR("other.rs")));
    assert_true(build_find_artefact(site.build, STR("rust_wasm.wasm"), &path));

    sh(&site, "sed -i '/broken/d; s/HUE: f32 = 280/HUE: f32 = 120/' src/flower.rs");
    build(&site);
    assert_str(site.errors, STR(""));
    assert_int_equal(site.status, BUILD_COMPLETED);
    assert_true(site.outputs_changed);

    sh(&site, "cp Cargo.toml keep; echo 'x y' >> Cargo.toml");
    build(&site);
    assert_int_equal(site.status, BUILD_FAILED);
    assert_has(site.errors, STR("Cargo.toml:12:3: [] failed to parse manifest"));

    sh(&site,
            "mv keep Cargo.toml; echo 'const X: &str = include_str!(\"data.txt\");' >> src/lib.rs");
    build(&site);
    assert_int_equal(site.status, BUILD_FAILED);
    assert_false(build_is_input(site.build, STR("src/other.txt")));
    assert_true(build_is_input(site.build, STR("src/data.txt")));
    sh(&site, "echo hello > src/data.txt");
    build(&site);
    assert_int_equal(site.status, BUILD_COMPLETED);
    assert_true(build_is_input(site.build, STR("src/data.txt")));
    site_finish(&site);
}

TEST(a_crate_that_is_no_wasm_says_how)
{
    struct site site;

    site_init(&site, NULL);
    sh(&site, "mkdir src; echo 'pub fn f() {}' > src/lib.rs; printf '[package]\\nname = \"a\"\\n"
              "version = \"0.1.0\"\\n' > Cargo.toml");
    site_open(&site, (struct build_options){ 0 });

    build(&site);

    assert_int_equal(site.status, BUILD_FAILED);
    assert_has(site.errors, STR("no target that can become a WebAssembly module"));
    assert_has(site.hints, STR("crate-type = [\"cdylib\"]"));
    site_finish(&site);
}

TEST(a_workspace_builds_its_cdylib_into_a_foreign_target_folder)
{
    struct site site;
    struct str path;

    site_init(&site, NULL);
    sh(&site,
            "mkdir -p app/src server/src; printf '[workspace]\\nmembers = [\"app\", \"server\"]\\n'"
            " > Cargo.toml; printf '[package]\\nname = \"my-app\"\\nversion = \"0.1.0\"\\n[lib]\\n"
            "crate-type = [\"cdylib\"]\\n' > app/Cargo.toml; printf '[package]\\nname = \"server\"\\n"
            "version = \"0.1.0\"\\n' > server/Cargo.toml; echo 'fn main() { bad }' >"
            " server/src/main.rs; echo '#[no_mangle] pub extern \"C\" fn f() -> i32 { 1 }' >"
            " app/src/lib.rs");
    struct str target = arena_printf(&site.arena, "%.*s-target", STR_FMT(site.root));
    const char *env[] = { env_of(&site, "CARGO_TARGET_DIR", target), NULL };

    site_open(&site, (struct build_options){ .env = env });
    build(&site);
    assert_str(site.errors, STR(""));
    assert_int_equal(site.status, BUILD_COMPLETED);
    assert_true(site.outputs_changed);
    assert_true(build_find_artefact(site.build, STR("my_app.wasm"), &path));
    assert_true(str_starts(path, target));
    assert_has(path, STR("-target/orbiton/wasm32-unknown-unknown/debug/my_app.wasm"));
    assert_true(build_is_input(site.build, STR("app/src/lib.rs")));
    assert_true(build_is_input(site.build, STR("app/Cargo.toml")));
    assert_false(build_is_input(site.build, STR("target/debug/build/x/src/gen.rs")));

    build(&site);
    assert_int_equal(site.status, BUILD_COMPLETED);
    assert_false(site.outputs_changed);
    sh(&site, "rm -rf \"$PWD-target\"");
    site_finish(&site);
}

/* ---- toolchains ---- */

/* A folder of PATH with a cargo and a rustc that answer as told. */
static void add_tools(struct site *site, const char *folder, const char *cargo, const char *rustc)
{
    sh(site, arena_printf(&site->arena,
                     "mkdir -p %s; printf '#!/bin/sh\\n%%s\\n' '%s' > %s/cargo; "
                     "printf '#!/bin/sh\\n%%s\\n' '%s' > %s/rustc; chmod +x %s/*",
                     folder, cargo, folder, rustc, folder, folder)
                     .ptr);
}

/* PATH is the site's folders "a" and "b" and then `more`. */
static void build_with_path(struct site *site, const char *more, bool beta)
{
    struct str path = arena_printf(
            &site->arena, "%.*s/a:%.*s/b%s", STR_FMT(site->root), STR_FMT(site->root), more);
    const char *env[] = { env_of(site, "PATH", path), NULL };

    site_open(site, (struct build_options){ .env = env, .use_beta = beta });
    build(site);
}

#define DEBIAN_TARGET "/usr/lib/rustlib/wasm32-unknown-unknown/lib"

/* The folder of PATH that holds a program; "" if none does. */
static struct str folder_of(struct site *site, const char *program)
{
    struct str rest = str_from(getenv("PATH"));
    struct str folder;

    while (rest.len > 0) {
        (void)str_cut(rest, ':', &folder, &rest);
        if (access(path_join(&site->arena, folder, str_from(program)).ptr, X_OK) == 0) {
            return folder;
        }
    }
    return STR("");
}

TEST(no_cargo_at_all)
{
    struct site site;

    site_init(&site, "rust-wasm");
    build_with_path(&site, "", false);

    assert_int_equal(site.status, BUILD_FAILED);
    assert_has(site.errors, STR("no cargo on PATH"));
    assert_has(site.hints, STR("rustup.rs"));
    site_finish(&site);
}

TEST(no_cargo_has_the_target)
{
    struct site site;

    site_init(&site, "rust-wasm");
    add_tools(&site, "a", "echo cargo 1.95.0", "echo /nowhere");
    build_with_path(&site, "", false);

    assert_int_equal(site.status, BUILD_FAILED);
    assert_has(site.errors, STR("no cargo on PATH has the target wasm32-unknown-unknown"));
    assert_has(site.hints, STR("apt install libstd-rust-dev-wasm32"));
    assert_has(site.frames, STR("/a/cargo: its rustc has no target"));

    /* What is missing is looked for again at each build. */
    sh(&site, "touch a/rustup; chmod +x a/rustup");
    build(&site);
    assert_has(site.hints, STR("rustup target add wasm32-unknown-unknown"));
    site_finish(&site);
}

TEST(a_cargo_without_the_target_is_passed_over)
{
    struct site site;

    if (access(DEBIAN_TARGET, F_OK) != 0) {
        skip();
    }
    site_init(&site, "rust-wasm");
    add_tools(&site, "a", "echo cargo 1.95.0", "echo /nowhere");
    add_tools(&site, "b", "exit 3", "exit 3");
    build_with_path(&site, ":/usr/bin", false);

    assert_str(site.errors, STR(""));
    assert_int_equal(site.status, BUILD_COMPLETED);
    assert_has(build_describe(site.build), STR("(/usr/bin)"));
    site_finish(&site);
}

TEST(beta_has_three_messages)
{
    struct site site;

    site_init(&site, "rust-wasm");
    add_tools(
            &site, "a", "echo \"error: no such subcommand: \\`+beta\\`\" >&2; exit 101", "exit 1");
    build_with_path(&site, ":/bin", true);
    assert_has(site.errors, STR("--beta needs rustup"));
    assert_has(site.hints, STR("https://rustup.rs"));

    add_tools(&site, "b", "echo \"error: toolchain beta-x86_64 is not installed\" >&2; exit 1",
            "exit 1");
    build(&site);
    assert_has(site.errors, STR("the beta toolchain is not installed"));
    assert_has(site.hints, STR("rustup toolchain install beta"));

    add_tools(&site, "b",
            "test \"$1\" = +beta && test \"$RUSTUP_AUTO_INSTALL\" = 0 && "
            "echo cargo 1.96.0-beta.1",
            "test \"$1\" = +beta && echo /nowhere");
    build(&site);
    assert_has(site.errors, STR("the beta toolchain has no target"));
    assert_has(site.hints, STR("rustup target add --toolchain beta wasm32-unknown-unknown"));
    assert_int_equal(site.status, BUILD_FAILED);
    site_finish(&site);
}

TEST(beta_builds_with_rustup)
{
    struct site site;
    struct str proxies;

    site_init(&site, "rust-wasm");
    proxies = folder_of(&site, "rustup");
    if (proxies.len == 0 || access(DEBIAN_TARGET, F_OK) != 0) {
        print_message("no rustup, or no " DEBIAN_TARGET ": not tested\n");
        site_open(&site, (struct build_options){ 0 });
        site_finish(&site);
        return;
    }
    /* A beta toolchain for rustup that is in fact the system's. */
    sh(&site, "mkdir -p home/toolchains; ln -s /usr home/toolchains/beta-x86_64-unknown-linux-gnu");
    const char *env[] = {
        env_of(&site, "PATH", arena_printf(&site.arena, "/usr/bin:%.*s", STR_FMT(proxies))),
        env_of(&site, "RUSTUP_HOME", path_join(&site.arena, site.root, STR("home"))),
        NULL,
    };

    site_open(&site, (struct build_options){ .env = env, .use_beta = true });
    build(&site);
    assert_str(site.errors, STR(""));
    assert_int_equal(site.status, BUILD_COMPLETED);
    assert_has(build_describe(site.build), proxies);
    site_finish(&site);
}

/* ---- commands ---- */

static const struct str c_outputs[] = { STR_INIT("app.wasm"), STR_INIT("*.o"), STR_INIT("*.d") };
static const struct str c_depfiles[] = { STR_INIT("*.d") };

static const struct build_options c_options = {
    .command = "make -s",
    .depfiles = c_depfiles,
    .depfile_count = 1,
    .outputs = c_outputs,
    .output_count = 3,
};

TEST(a_command_is_built_broken_and_mended)
{
    struct site site;

    site_init(&site, "c-wasm");
    site_open(&site, c_options);
    assert_int_equal(build_get_tool(site.build), BUILD_COMMAND);
    assert_true(build_is_input(site.build, STR("other.rs")));

    build(&site);
    assert_str(site.errors, STR(""));
    assert_int_equal(site.status, BUILD_COMPLETED);
    assert_true(site.outputs_changed);
    assert_true(build_is_input(site.build, STR("app.c")));
    assert_true(build_is_input(site.build, STR("page.h")));
    assert_true(build_is_input(site.build, STR("new.c")));
    assert_true(build_is_input(site.build, STR("Makefile")));
    assert_false(build_is_input(site.build, STR("other.rs")));
    assert_false(build_is_input(site.build, STR("main.js")));
    assert_false(build_is_input(site.build, STR("README.md")));
    assert_false(build_is_input(site.build, STR("app.wasm")));
    assert_true(build_is_output(site.build, STR("app.o")));

    build(&site);
    assert_int_equal(site.status, BUILD_COMPLETED);
    assert_false(site.outputs_changed);

    sh(&site, "echo 'int broken(void) { return x; }' >> app.c");
    build(&site);
    assert_int_equal(site.status, BUILD_FAILED);
    assert_has(site.errors, STR("app.c:"));
    assert_has(site.errors, STR(":27: [] use of undeclared identifier 'x'\n"));
    assert_has(site.frames, STR("int broken(void) { return x; }\n                          ^"));

    sh(&site, "sed -i 's/return x; }/return minutes; }/; s/f4d35e/ff0000/' app.c");
    build(&site);
    assert_int_equal(site.status, BUILD_COMPLETED);
    assert_true(site.outputs_changed);

    sh(&site, "sed -i 's/return minutes; }/extern int y(void); return y(); }/; "
              "s/int broken/EXPORT(\"broken\") int broken/' app.c");
    build(&site);
    assert_int_equal(site.status, BUILD_FAILED);
    assert_has(site.errors, STR("undefined symbol: y"));
    site_finish(&site);
}

static void build_command_line(struct site *site, const char *command)
{
    site_init(site, NULL);
    site_open(site, (struct build_options){ .command = command });
    build(site);
}

TEST(a_command_that_says_nothing_known_shows_its_last_lines)
{
    struct site site;

    build_command_line(&site, "echo first; echo last >&2; exit 3");
    assert_int_equal(site.status, BUILD_FAILED);
    assert_has(site.errors, STR("exited with status 3"));
    assert_has(site.frames, STR("first"));
    assert_has(site.frames, STR("last"));
    site_finish(&site);

    build_command_line(&site, "kill -9 $$");
    assert_has(site.errors, STR("was ended by signal 9 (Killed)"));
    site_finish(&site);
}

TEST(much_garbage_is_bounded)
{
    struct site site;

    build_command_line(&site, "head -c 50000000 /dev/urandom; head -c 50000000 /dev/zero; exit 1");
    assert_int_equal(site.status, BUILD_FAILED);
    assert_true(site.frames.len < (size_t)DIAG_MAX * DIAG_TEXT_MAX);
    site_finish(&site);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct site *site = poll->data;

    (void)status;
    (void)events;
    uv_close((uv_handle_t *)poll, NULL);
    build_cancel(site->build);
    build_cancel(site->build);
}

/* Opens a fifo in the site that a command writes to when it runs. */
static int make_fifo(struct site *site)
{
    struct str path = path_join(&site->arena, site->root, STR("ready"));

    assert_int_equal(mkfifo(path.ptr, 0600), 0);
    return open(path.ptr, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

TEST(a_cancelled_command_ends_with_all_its_children)
{
    struct site site;
    uv_poll_t poll;
    char text[32] = "";
    int fd;

    site_init(&site, NULL);
    fd = make_fifo(&site);
    site_open(&site,
            (struct build_options){
                    .command =
                            "if test -e again; then exit 0; fi; sleep 1000 & echo $! > ready; wait" });
    uv_poll_init(&site.loop, &poll, fd);
    poll.data = &site;
    uv_poll_start(&poll, UV_READABLE, on_ready);
    build(&site);

    assert_int_equal(site.status, BUILD_CANCELLED);
    assert_true(read(fd, text, sizeof(text) - 1) > 0);
    assert_int_equal(kill(atoi(text), 0), -1);
    sh(&site, "touch again");
    build(&site);
    assert_int_equal(site.status, BUILD_COMPLETED);
    close(fd);
    site_finish(&site);
}

TEST(destroying_ends_what_runs_without_a_callback)
{
    struct site site;
    char text[32] = "";
    int fd;

    site_init(&site, NULL);
    fd = make_fifo(&site);
    site_open(&site, (struct build_options){ .command = "echo $$ > ready; sleep 1000" });
    build_start(site.build);
    while (read(fd, text, sizeof(text) - 1) <= 0) {
        uv_run(&site.loop, UV_RUN_NOWAIT);
    }
    site_finish(&site);

    assert_int_equal(site.finished, 0);
    assert_int_equal(kill(atoi(text), 0), -1);
    close(fd);
}

TEST(inputs_of_the_configuration_decide)
{
    static const struct str inputs[] = { STR_INIT("shaders/"), STR_INIT("!shaders/old/") };
    static const struct str outputs[] = { STR_INIT("shaders/out.bin") };
    struct site site;

    site_init(&site, NULL);
    site_open(&site,
            (struct build_options){ .command = "mkdir -p shaders; date +%N > shaders/out.bin",
                    .inputs = inputs,
                    .input_count = 2,
                    .outputs = outputs,
                    .output_count = 1 });
    assert_true(build_is_input(site.build, STR("shaders/a.glsl")));
    assert_false(build_is_input(site.build, STR("shaders/old/a.glsl")));
    assert_false(build_is_input(site.build, STR("shaders/out.bin")));
    assert_false(build_is_input(site.build, STR("main.c")));
    build(&site);
    assert_true(site.outputs_changed);
    build(&site);
    assert_true(site.outputs_changed);
    site_finish(&site);
}

TEST(the_plain_web_has_nothing_to_build)
{
    struct site site;
    struct str path;

    site_init(&site, NULL);
    site_open(&site, (struct build_options){ 0 });
    assert_int_equal(build_get_tool(site.build), BUILD_NONE);
    assert_str(build_describe(site.build), STR(""));
    assert_false(build_is_input(site.build, STR("a.rs")));
    assert_false(build_is_output(site.build, STR("target/x")));
    assert_false(build_find_artefact(site.build, STR("a.wasm"), &path));
    site_finish(&site);
}

int main(int argc, char **argv)
{
    spawn_keeper_main(argc, argv);
    const struct CMUnitTest cases[] = {
        CASE(a_crate_is_built_broken_and_mended),
        CASE(a_crate_that_is_no_wasm_says_how),
        CASE(a_workspace_builds_its_cdylib_into_a_foreign_target_folder),
        CASE(no_cargo_at_all),
        CASE(no_cargo_has_the_target),
        CASE(a_cargo_without_the_target_is_passed_over),
        CASE(beta_has_three_messages),
        CASE(beta_builds_with_rustup),
        CASE(a_command_is_built_broken_and_mended),
        CASE(a_command_that_says_nothing_known_shows_its_last_lines),
        CASE(much_garbage_is_bounded),
        CASE(a_cancelled_command_ends_with_all_its_children),
        CASE(destroying_ends_what_runs_without_a_callback),
        CASE(inputs_of_the_configuration_decide),
        CASE(the_plain_web_has_nothing_to_build),
    };

    return RUN(cases);
}
