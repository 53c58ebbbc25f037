/* SPDX-License-Identifier: MIT */
/*
 * What becomes of texts when esbuild hangs, goes or is replaced while it has them. A shell script
 * stands in for it, whose answers are given beforehand: requests have numbers from 1 on.
 */
#include "stand_in.h"

#include <signal.h>
#include <unistd.h>
#include <uv.h>

#include "base/arena.h"
#include "spawn/spawn.h"
#include "transform/esbuild.h"

#define VERSION "case $1 in --version) echo 0.1.2; exit;; esac\n"
#define GREET   "printf '\\005\\000\\000\\0000.1.2'\n"
/* {"code": "done"} for the request whose number is in the octal digits: twice that, and one */
#define ANSWER(octal)                                                                              \
    "printf '\\032\\000\\000\\000\\" octal                                                         \
    "\\000\\000\\000\\006\\001\\000\\000\\000\\004\\000\\000\\000code\\003\\004\\000\\000\\000done'\n"
#define READ "exec cat >/dev/null\n"

struct site {
    struct arena arena;
    uv_loop_t loop;
    struct fs_mem *mem;
    struct tsconfigs *tsconfigs;
    struct transform *transform;
    struct str root;
    struct str program;
    size_t answers;
    size_t good;
    size_t missing; /* answers that say that esbuild is not installed */
};

/* Installs the script as esbuild. */
static void install(struct site *site, const char *script)
{
    stand_in_write(&site->arena, site->program, script);
}

static void site_init(struct site *site, const char *script)
{
    *site = (struct site){ .mem = fs_mem_create() };
    struct fs fs = fs_mem_face(site->mem);

    site->root = stand_in_folder(&site->arena, "node_modules/esbuild/bin");
    site->program = arena_printf(
            &site->arena, "%.*s/node_modules/esbuild/bin/esbuild", STR_FMT(site->root));
    install(site, script);
    assert_int_equal(uv_loop_init(&site->loop), 0);
    site->tsconfigs = tsconfigs_create(&fs);
    site->transform = transform_create(&site->loop);
    struct transform_backend backend = esbuild_create(&(struct esbuild_options){
            .loop = &site->loop, .root = site->root, .tsconfigs = site->tsconfigs });

    transform_add(site->transform, &backend);
}

static void site_finish(struct site *site)
{
    stand_in_end(site->transform, &site->loop);
    tsconfigs_destroy(site->tsconfigs);
    fs_mem_destroy(site->mem);
    stand_in_remove_folder(&site->arena, site->root);
    arena_finish(&site->arena);
}

static void on_done(void *ctx, const struct transform_output *output)
{
    struct site *site = ctx;

    site->answers++;
    site->good += str_eq(output->code, STR("done"));
    site->missing += output->diags->count > 0 &&
                     str_find_str(output->diags->items[0].text, STR("not installed")) != STR_NONE;
}

static void ask(struct site *site)
{
    transform_start(site->transform, STR("a.ts"), STR("let a"), STR(""), on_done, site);
}

static void wait_for(struct site *site, size_t answers)
{
    while (site->answers < answers) {
        uv_run(&site->loop, UV_RUN_ONCE);
    }
}

/* Until the script has written that file, which it does before it says something. */
static void wait_for_file(struct site *site, const char *name)
{
    struct str path = arena_printf(&site->arena, "%.*s/%s", STR_FMT(site->root), name);

    while (access(path.ptr, F_OK) != 0) {
        uv_run(&site->loop, UV_RUN_ONCE);
    }
}

/* Asks the backend what it is, as every lookup does. */
static void look(struct site *site)
{
    (void)transform_options(site->transform, STR("a.ts"), &site->arena);
}

TEST(of_those_that_were_given_with_one_that_hangs_the_others_are_answered)
{
    struct site site;

    /* the first service answers nothing; the second has what is left, as number 3 */
    site_init(&site,
            VERSION "if [ ! -e was ]; then >was; " GREET READ "fi\n" GREET ANSWER("007") READ);
    ask(&site);
    ask(&site);
    wait_for(&site, 2);
    assert_int_equal(site.good, 1);
    site_finish(&site);
}

TEST(one_that_does_not_say_its_version_is_asked_once_by_all_that_wait)
{
    struct site site;

    site_init(&site, "echo $1 >>asked\nexec sleep 1000\n");
    for (int i = 0; i < 5; i++) {
        ask(&site);
    }
    wait_for(&site, 5);
    assert_int_equal(site.good, 0);
    FILE *f = fopen(arena_printf(&site.arena, "%.*s/asked", STR_FMT(site.root)).ptr, "r");
    char text[64] = "";

    assert_non_null(f);
    assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
    assert_int_equal(fclose(f), 0);
    assert_string_equal(text, "--version\n");
    site_finish(&site);
}

TEST(what_one_that_is_replaced_had_is_given_to_the_new_one)
{
    struct site site;

    site_init(&site, VERSION ">was\n" GREET READ);
    ask(&site);
    wait_for_file(&site, "was");
    install(&site, VERSION GREET ANSWER("005") READ);
    look(&site);
    wait_for(&site, 1);
    assert_int_equal(site.good, 1);
    site_finish(&site);
}

TEST(what_one_that_is_gone_had_fails_with_what_is_asked_next)
{
    struct site site;

    site_init(&site, VERSION ">was\n" GREET READ);
    ask(&site);
    ask(&site);
    wait_for_file(&site, "was");
    assert_int_equal(unlink(site.program.ptr), 0);
    look(&site);
    ask(&site);
    wait_for(&site, 3);
    assert_int_equal(site.missing, 3);
    site_finish(&site);
}

int main(int argc, char **argv)
{
    spawn_keeper_main(argc, argv);
    (void)signal(SIGPIPE, SIG_IGN); /* as orbiton does */
    const struct CMUnitTest cases[] = {
        CASE(of_those_that_were_given_with_one_that_hangs_the_others_are_answered),
        CASE(one_that_does_not_say_its_version_is_asked_once_by_all_that_wait),
        CASE(what_one_that_is_replaced_had_is_given_to_the_new_one),
        CASE(what_one_that_is_gone_had_fails_with_what_is_asked_next),
    };

    return RUN(cases);
}
