/* SPDX-License-Identifier: MIT */
/*
 * The process and what becomes of requests when it dies, hangs or prints rubbish. A shell script
 * stands in for Node; what it does with a request is in the request's text.
 */
#include "stand_in.h"

#include <signal.h>
#include <unistd.h>
#include <uv.h>

#include "base/arena.h"
#include "base/path.h"
#include "base/vec.h"
#include "sidecar/sidecar.h"
#include "spawn/spawn.h"
#include "transform/transform.h"

enum {
    UNSENT_MAX = 1024 * 1024, /* bytes; enough for the sidecar's own files */
};

static const char script[] =
        "read -r files; read -r hello; echo '{\"ready\":{\"protocol\":1}}'\n"
        "while read -r line; do\n"
        "  id=$(expr \"$line\" : '{\"id\":\\([0-9]*\\)')\n"
        "  case $line in\n"
        "  *die-once*) if [ ! -e died ]; then : >died; exit 3; fi ;;\n"
        "  *die*) echo 'last words' >&2; exit 3 ;;\n"
        "  *kill*) kill -9 $$ ;;\n"
        "  *hang*) continue ;;\n"
        "  *stuck*) exec cat >/dev/null ;;\n"
        "  *rubbish*) echo 'Compiling...' ;;\n"
        "  *flood*) i=0; while [ $i -lt 200 ]; do echo no; i=$((i + 1)); done; continue ;;\n"
        "  *place*) echo \"{\\\"id\\\":$id,\\\"error\\\":{\\\"message\\\":\\\"no\\\",\\\"loc\\\":\"\\\n"
        "    \"{\\\"file\\\":\\\"$PWD/src/App.vue\\\",\\\"line\\\":1,\\\"column\\\":4}}}\"; continue ;;\n"
        "  *wrong*) echo '{\"id\":9999,\"code\":\"\"}' ;;\n"
        "  esac\n"
        "  test -n \"$id\" && echo \"{\\\"id\\\":$id,\\\"code\\\":\\\"done\\\"}\"\n"
        "done\n";

/* Answers each file with the number of changed files that it was told of before. */
static const char counting_script[] =
        "grep --line-buffered -oE '^\\{\"(id\":[0-9]+|op\":\"c)' | {\n"
        "  n=0\n"
        "  while read -r line; do\n"
        "    case $line in\n"
        "    *id*) echo \"$line,\\\"code\\\":\\\"$n\\\"}\" ;;\n"
        "    *) n=$((n + 1)) ;;\n"
        "    esac\n"
        "  done\n"
        "}\n";

struct site {
    struct arena arena;
    uv_loop_t loop;
    struct fs_mem *mem;
    struct transform *transform;
    struct sidecar *sidecar;
    struct str root;
    size_t answers;
    size_t good;
    size_t warnings;
    char text[512]; /* of the last error */
    unsigned col;
    char hint[512];
    char warning[512];
    char code[16]; /* of the last answer */
};

static void on_warning(void *ctx, struct str text, struct str hint)
{
    struct site *site = ctx;

    (void)hint;
    site->warnings++;
    (void)snprintf(site->warning, sizeof(site->warning), "%.*s", STR_FMT(text));
}

/* `with`: what stands in for Node; NULL: nothing. */
static void site_init_with(struct site *site, const char *with)
{
    *site = (struct site){ .mem = fs_mem_create() };
    struct fs fs = fs_mem_face(site->mem);

    site->root = stand_in_folder(&site->arena, "");
    struct str node = path_join(&site->arena, site->root, STR("node"));

    if (with) {
        stand_in_write(&site->arena, node, with);
    }
    assert_int_equal(uv_loop_init(&site->loop), 0);
    site->transform = transform_create(&site->loop);
    site->sidecar = sidecar_create(&(struct sidecar_options){ .loop = &site->loop,
            .root = site->root,
            .fs = &fs,
            .node = arena_cstr(&site->arena, node),
            .unsent_max = UNSENT_MAX,
            .on_warning = on_warning,
            .ctx = site });
    struct transform_backend backend = sidecar_backend(site->sidecar);

    transform_add(site->transform, &backend);
}

static void site_init(struct site *site, bool has_node)
{
    site_init_with(site, has_node ? script : NULL);
}

static void site_finish(struct site *site)
{
    stand_in_end(site->transform, &site->loop);
    fs_mem_destroy(site->mem);
    stand_in_remove_folder(&site->arena, site->root);
    arena_finish(&site->arena);
}

static void on_done(void *ctx, const struct transform_output *output)
{
    struct site *site = ctx;

    site->answers++;
    site->good += str_eq(output->code, STR("done"));
    (void)snprintf(site->code, sizeof(site->code), "%.*s", STR_FMT(output->code));
    if (output->diags->count > 0) {
        const struct diag *diag = &output->diags->items[0];

        (void)snprintf(site->text, sizeof(site->text), "%.*s", STR_FMT(diag->text));
        site->col = diag->col;
        (void)snprintf(site->hint, sizeof(site->hint), "%.*s", STR_FMT(diag->hint));
    }
}

static void ask(struct site *site, const char *text)
{
    transform_start(site->transform, STR("src/App.vue"), str_from(text), STR(""), on_done, site);
}

static void wait_for(struct site *site, size_t answers)
{
    while (site->answers < answers) {
        uv_run(&site->loop, UV_RUN_ONCE);
    }
}

TEST(it_is_started_by_the_first_file_and_answers_all)
{
    struct site site;

    site_init(&site, true);
    assert_int_equal(sidecar_starts(site.sidecar), 0);
    ask(&site, "a");
    ask(&site, "b");
    wait_for(&site, 2);
    ask(&site, "c");
    wait_for(&site, 3);
    assert_int_equal(site.good, 3);
    assert_int_equal(sidecar_starts(site.sidecar), 1);
    site_finish(&site);
}

TEST(it_is_started_once_if_it_is_asked_for_before_the_first_file)
{
    struct site site;

    site_init(&site, true);
    sidecar_warm(site.sidecar);
    assert_int_equal(sidecar_starts(site.sidecar), 1);
    sidecar_warm(site.sidecar);
    ask(&site, "a");
    wait_for(&site, 1);
    assert_int_equal(site.good, 1);
    assert_int_equal(sidecar_starts(site.sidecar), 1);
    site_finish(&site);
}

TEST(what_was_under_way_when_it_died_is_given_to_the_next_one)
{
    struct site site;

    site_init(&site, true);
    ask(&site, "die-once");
    ask(&site, "innocent");
    wait_for(&site, 2);
    assert_int_equal(site.good, 2);
    assert_int_equal(sidecar_starts(site.sidecar), 2);
    assert_non_null(strstr(site.warning, "ended with status 3"));
    site_finish(&site);
}

TEST(a_file_that_kills_its_compiler_is_an_error_with_its_last_words)
{
    struct site site;

    site_init(&site, true);
    ask(&site, "die");
    wait_for(&site, 1);
    assert_int_equal(site.good, 0);
    assert_int_equal(sidecar_starts(site.sidecar), 2);
    assert_non_null(strstr(site.text, "ended with status 3"));
    assert_string_equal(site.hint, "last words");
    ask(&site, "mended");
    wait_for(&site, 2);
    assert_int_equal(site.good, 1);
    site_finish(&site);
}

TEST(a_signal_is_named)
{
    struct site site;

    site_init(&site, true);
    ask(&site, "kill");
    wait_for(&site, 1);
    assert_non_null(strstr(site.text, "signal 9"));
    site_finish(&site);
}

TEST(one_that_hangs_is_ended_and_the_others_are_answered)
{
    struct site site;

    site_init(&site, true);
    ask(&site, "first"); /* which may take longer */
    wait_for(&site, 1);
    ask(&site, "stuck");
    ask(&site, "given at the same moment");
    wait_for(&site, 3);
    assert_non_null(strstr(site.text, "did not answer"));
    ask(&site, "next");
    wait_for(&site, 4);
    assert_int_equal(site.good, 3);
    assert_int_equal(sidecar_starts(site.sidecar), 2);
    site_finish(&site);
}

TEST(rubbish_is_skipped_and_told_once)
{
    struct site site;

    site_init(&site, true);
    ask(&site, "rubbish");
    ask(&site, "rubbish");
    ask(&site, "wrong");
    wait_for(&site, 3);
    assert_int_equal(site.good, 3);
    assert_int_equal(site.warnings, 1);
    assert_non_null(strstr(site.warning, "Compiling..."));
    site_finish(&site);
}

TEST(nothing_but_rubbish_ends_it)
{
    struct site site;

    site_init(&site, true);
    ask(&site, "flood");
    wait_for(&site, 1);
    assert_non_null(strstr(site.text, "no answer"));
    assert_int_equal(sidecar_starts(site.sidecar), 2);
    site_finish(&site);
}

TEST(a_place_behind_an_emoji_is_a_column_in_characters)
{
    struct site site;

    site_init(&site, true);
    ask(&site, "\xF0\x9F\x98\x80place"); /* two units of UTF-16 */
    wait_for(&site, 1);
    assert_string_equal(site.text, "no");
    assert_int_equal(site.col, 3);
    site_finish(&site);
}

TEST(more_than_the_pipe_takes_waits_until_there_is_room)
{
    enum { LARGE = 256 * 1024, JOBS = UNSENT_MAX / LARGE + 2, FILES = 300 };
    struct site site;
    char *large = mem_alloc(LARGE + 1, 1);
    char path[1024];

    memset(large, 'a', LARGE);
    memset(path, 'p', sizeof(path));
    site_init_with(&site, counting_script);
    for (size_t i = 0; i < JOBS; i++) {
        ask(&site, large);
    }
    uv_run(&site.loop, UV_RUN_NOWAIT);
    assert_int_equal(sidecar_starts(site.sidecar), 1);
    for (size_t i = 0; i < FILES; i++) { /* the pipe is full */
        sidecar_changed(site.sidecar, (struct str){ path, sizeof(path) });
    }
    ask(&site, "last");
    wait_for(&site, JOBS + 1);
    assert_string_equal(site.code, "300");
    assert_int_equal(site.warnings, 0);
    assert_int_equal(sidecar_starts(site.sidecar), 1);
    site_finish(&site);
    free(large);
}

TEST(without_node_the_error_says_what_to_install)
{
    struct site site;

    site_init(&site, false);
    ask(&site, "a");
    wait_for(&site, 1);
    assert_non_null(strstr(site.text, "is not installed"));
    assert_non_null(strstr(site.hint, "Node.js"));
    site_finish(&site);
}

TEST(it_ends_with_its_owner_whatever_it_does)
{
    struct site site;

    site_init(&site, true);
    ask(&site, "a");
    wait_for(&site, 1);
    ask(&site, "hang");
    uv_run(&site.loop, UV_RUN_NOWAIT);
    sidecar_changed(site.sidecar, STR("src/a.css"));
    site_finish(&site);
    assert_int_equal(site.answers, 1);
}

int main(int argc, char **argv)
{
    spawn_keeper_main(argc, argv);
    (void)signal(SIGPIPE, SIG_IGN); /* as orbiton does */
    const struct CMUnitTest cases[] = {
        CASE(it_is_started_by_the_first_file_and_answers_all),
        CASE(it_is_started_once_if_it_is_asked_for_before_the_first_file),
        CASE(what_was_under_way_when_it_died_is_given_to_the_next_one),
        CASE(a_file_that_kills_its_compiler_is_an_error_with_its_last_words),
        CASE(a_signal_is_named),
        CASE(one_that_hangs_is_ended_and_the_others_are_answered),
        CASE(rubbish_is_skipped_and_told_once),
        CASE(nothing_but_rubbish_ends_it),
        CASE(a_place_behind_an_emoji_is_a_column_in_characters),
        CASE(more_than_the_pipe_takes_waits_until_there_is_room),
        CASE(without_node_the_error_says_what_to_install),
        CASE(it_ends_with_its_owner_whatever_it_does),
    };

    return RUN(cases);
}
