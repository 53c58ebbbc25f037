/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a package's files when the bundler packs them, cannot, or is asked again. A shell script
 * stands in for esbuild, and for the Node that runs rolldown: it is told its two paths, and writes what it is to, or nothing.
 */
#include "stand_in.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/path.h"
#include "pack/packs.h"
#include "spawn/spawn.h"

#define P       "node_modules/p/"
#define PACKAGE "{\"type\":\"module\",\"sideEffects\":false}"
#define HOME    P "index.js"
#define PACK    HOME "?pack"

/* Reads its input, notes that it ran, and finds its two paths. */
#define BEGIN "cat >in; echo >>runs\n" PATHS
#define PATHS                                                                                      \
    "for a; do case $a in --outfile=*) out=${a#*=};; --metafile=*) meta=${a#*=};; esac; done\n"
#define META                                                                                       \
    "{ printf '{\"inputs\":{\"orbiton-pack.js\":{},\"node_modules/p/index.js\":{}'\n"              \
    "for n in 1 2 3 4 5 6 7 8 9; do printf ',\"node_modules/p/a%s.js\":{}' $n; done\n"             \
    "echo '}}'; } >\"$meta\"\n"
#define TAIL PATHS "echo 'let all' >\"$out\"\n" META
#define GOOD BEGIN "echo 'let all' >\"$out\"\n" META
/* Does as it is told: takes the files of its input. */
#define TRUE                                                                                       \
    BEGIN "echo 'let all' >\"$out\"; echo \"$*\" >said\n"                                          \
          "{ printf '{\"inputs\":{\"orbiton-pack.js\":{}'\n"                                       \
          "for f in $(grep -o 'node_modules/[^\"]*' in); do printf ',\"%s\":{}' $f; done\n"        \
          "echo '}}'; } >\"$meta\"\n"

struct site {
    struct arena arena;
    uv_loop_t loop;
    struct fs_mem *mem;
    struct fs fs;
    struct transform *transform;
    struct str root;
    size_t answers;
    struct str first;
    struct str hint; /* of the last error */
    char last[4096]; /* the code of the last one */
    bool failed;     /* it has an error */
    bool has_maps;   /* a page has an import map */
};

static void add_file(struct site *site, const char *path, const char *text)
{
    fs_mem_add(site->mem, str_from(path), str_from(text));
}

/* Jobs of this file have no time left when they are given to the tool. */
static const char *hurried = "";
static unsigned (*real_limit)(void *self, const struct transform_job *job);
static unsigned last_limit; /* of another job */

static unsigned limit_of(void *self, const struct transform_job *job)
{
    if (str_eq(job->path, str_from(hurried))) {
        return 0;
    }
    return last_limit = real_limit(self, job);
}

static bool has_maps(void *ctx)
{
    const struct site *site = ctx;

    return site->has_maps;
}

static void add_backend(struct site *site)
{
    struct transform_backend backend;

    backend = packs_create(&(struct packs_options){ .loop = &site->loop,
            .transform = site->transform,
            .root = site->root,
            .fs = &site->fs,
            .path = "",
            .has_maps = has_maps,
            .ctx = site });
    real_limit = backend.limit;
    backend.limit = limit_of;
    transform_add(site->transform, &backend);
}

static void open_site(struct site *site)
{
    assert_int_equal(uv_loop_init(&site->loop), 0);
    site->transform = transform_create(&site->loop);
    add_backend(site);
}

static void close_site(struct site *site)
{
    stand_in_end(site->transform, &site->loop);
}

/* Another run of the program in the same project. */
static void start_again(struct site *site)
{
    close_site(site);
    open_site(site);
}

/* Installs the script as esbuild. */
static void install(struct site *site, const char *script)
{
    stand_in_write(&site->arena,
            path_join(&site->arena, site->root, STR("node_modules/esbuild/bin/esbuild")), script);
}

static void site_init(struct site *site, const char *script)
{
    *site = (struct site){ .mem = fs_mem_create() };
    site->fs = fs_mem_face(site->mem);
    site->root = stand_in_folder(&site->arena, "node_modules/esbuild/bin");
    install(site, script);
    add_file(site, P "package.json", PACKAGE);
    add_file(site, HOME,
            "import './a1.js'; import './a2.js'; import './a3.js'; import './a4.js';"
            "import './a5.js'; import './a6.js'; import './a7.js'; import './a8.js';"
            "import './a9.js'; export let home");
    for (int i = 1; i <= 9; i++) {
        add_file(site, arena_printf(&site->arena, P "a%d.js", i).ptr,
                arena_printf(&site->arena, "export let n%d", i).ptr);
    }
    open_site(site);
}

static void site_finish(struct site *site)
{
    close_site(site);
    fs_mem_destroy(site->mem);
    stand_in_remove_folder(&site->arena, site->root);
    arena_finish(&site->arena);
}

static void on_done(void *ctx, const struct transform_output *output)
{
    struct site *site = ctx;

    site->answers++;
    site->failed = output->diags->count > 0;
    (void)snprintf(site->last, sizeof(site->last), "%.*s", STR_FMT(output->code));
    if (site->failed) {
        site->hint = arena_str(&site->arena, output->diags->items[0].hint);
    }
    if (site->answers == 1) {
        site->first = arena_str(&site->arena, output->code);
    }
}

static void ask(struct site *site, const char *path)
{
    transform_start(site->transform, str_from(path), STR("as it is"), STR(""), on_done, site);
}

/* The answer to that one question. */
static struct str answer_to(struct site *site, const char *path)
{
    size_t before = site->answers;

    ask(site, path);
    while (site->answers == before) {
        uv_run(&site->loop, UV_RUN_ONCE);
    }
    return str_from(site->last);
}

static bool takes(const struct site *site, const char *path)
{
    return transform_takes(site->transform, str_from(path));
}

/* The bytes of a file in the project's folder. */
static int size_of(struct site *site, const char *name)
{
    struct stat st;
    int found = stat(arena_printf(&site->arena, "%.*s/%s", STR_FMT(site->root), name).ptr, &st);

    return found == 0 ? (int)st.st_size : 0;
}

/* How often the script was run, or has made a pack. */
static int runs(struct site *site)
{
    return size_of(site, "runs");
}

/* What a file with one export is served as. */
static struct str facade(struct site *site, const char *path, const char *name)
{
    return arena_printf(&site->arena,
            "export { __%016" PRIx64 "_%s as %s } from \"/node_modules/p/index.js?pack\";\n",
            hash_bytes(str_from(path)).low, name, name);
}

static void run_until(struct site *site, bool (*is_there)(struct site *site))
{
    while (!is_there(site)) {
        uv_run(&site->loop, UV_RUN_ONCE);
    }
}

static bool has_run(struct site *site)
{
    return runs(site) > 0;
}

/* A shell's line in the project's folder. */
static void shell(struct site *site, const char *line)
{
    assert_int_equal(
            system(arena_printf(&site->arena, "cd '%.*s' && %s", STR_FMT(site->root), line).ptr),
            0);
}

TEST(each_file_is_a_facade_of_one_text_that_is_made_once)
{
    struct site site;

    site_init(&site, GOOD);
    assert_true(takes(&site, HOME));
    assert_true(takes(&site, PACK));
    assert_false(takes(&site, P "a3.js?pack"));
    assert_false(takes(&site, P "package.json"));
    assert_false(takes(&site, "src/a.js"));
    assert_str(answer_to(&site, HOME), facade(&site, HOME, "home"));
    assert_str(answer_to(&site, P "a3.js"), facade(&site, P "a3.js", "n3"));
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    assert_int_equal(runs(&site), 1);
    site_finish(&site);
}

TEST(the_next_run_has_the_text_from_disk_and_makes_one_that_is_damaged_again)
{
    struct site site;

    site_init(&site, GOOD);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    start_again(&site);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    assert_int_equal(runs(&site), 1);

    assert_int_equal(system(arena_printf(&site.arena,
                             "for f in '%.*s'/node_modules/.cache/orbiton/*.js; do "
                             "echo >>\"$f\"; done",
                             STR_FMT(site.root))
                                     .ptr),
            0);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    assert_int_equal(runs(&site), 2);
    site_finish(&site);
}

TEST(without_a_text_or_with_one_of_other_files_they_stay_as_they_are)
{
    static const char *const scripts[] = {
        "exit 1\n",
        BEGIN "exit 0\n",
        BEGIN "echo 'let all' >\"$out\"; echo '{\"inputs\":{}}' >\"$meta\"\n",
        BEGIN META "echo no >\"$out\"; exit 3\n",
    };

    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        struct site site;

        site_init(&site, scripts[i]);
        assert_true(takes(&site, HOME));
        ask(&site, P "a3.js");
        assert_str(answer_to(&site, HOME), STR("as it is"));
        assert_int_equal(site.answers, 2);
        assert_false(site.failed);
        assert_false(takes(&site, HOME));
        assert_false(takes(&site, P "a3.js"));
        site_finish(&site);
    }
}

TEST(a_file_that_is_another_now_counts_with_the_next_load)
{
    struct site site;
    struct arena *a = &site.arena;

    site_init(&site, GOOD);
    assert_true(takes(&site, HOME));
    assert_str(answer_to(&site, P "a3.js"), facade(&site, P "a3.js", "n3"));
    struct str before = transform_options(site.transform, STR(P "a3.js"), a);

    add_file(&site, P "a5.js", "export let other");
    assert_str(transform_options(site.transform, STR(P "a3.js"), a), before);
    transform_look_anew(site.transform);
    assert_false(str_eq(transform_options(site.transform, STR(P "a3.js"), a), before));
    assert_str(answer_to(&site, P "a5.js"), facade(&site, P "a5.js", "other"));
    assert_int_equal(runs(&site), 2);

    add_file(&site, P "a5.js", "export default import.meta.url");
    transform_look_anew(site.transform);
    assert_false(takes(&site, P "a3.js"));
    assert_str(answer_to(&site, P "a3.js"), STR("")); /* nobody takes it */
    site_finish(&site);
}

/* p imports m, which is there because of it. */
static void add_member(struct site *site)
{
    add_file(site, "node_modules/m/package.json", PACKAGE);
    add_file(site, "node_modules/m/index.js", "export let m");
    add_file(site, P "a1.js", "import { m } from 'm'; export let n1 = m");
}

#define MEMBER "node_modules/m/index.js"

TEST(a_file_of_another_package_is_a_facade_of_the_pack_that_it_is_part_of)
{
    struct site site;

    site_init(&site, TRUE);
    add_member(&site);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    assert_str(answer_to(&site, MEMBER), facade(&site, MEMBER, "m"));
    assert_int_equal(runs(&site), 1);
    shell(&site, "! grep -q external:m said");

    add_file(&site, MEMBER, "export let other");
    transform_look_anew(site.transform);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    assert_str(answer_to(&site, MEMBER), facade(&site, MEMBER, "other"));
    assert_int_equal(runs(&site), 2);
    site_finish(&site);
}

TEST(a_package_that_the_bundler_reads_otherwise_stays_an_import_of_the_pack)
{
    struct site site;

    site_init(
            &site, GOOD "for a; do case $a in --external:*) echo ${a#*:} >>outside;; esac; done\n");
    add_member(&site);
    assert_str(answer_to(&site, PACK), STR("let all\n")); /* it knows of no m */
    assert_int_equal(runs(&site), 2);
    shell(&site, "test \"$(cat outside)\" = m");
    assert_false(takes(&site, MEMBER));
    assert_str(answer_to(&site, HOME), facade(&site, HOME, "home"));
    site_finish(&site);
}

TEST(a_pack_of_which_the_bundler_says_nothing_is_made_without_other_packages)
{
    struct site site;

    site_init(&site, BEGIN "case $* in *external:m*) ;; *) exit 1;; esac\n"
                           "echo 'let all' >\"$out\"\n" META);
    add_member(&site);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    assert_int_equal(runs(&site), 2);
    site_finish(&site);
}

TEST(functions_that_may_become_the_text_of_a_worker_call_no_helper_for_their_names)
{
    struct site site;

    site_init(&site, TRUE);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    shell(&site, "grep -q -e '--keep-names ' said");
    add_file(&site, P "a5.js", "export let n5 = () => new Worker('x.js')");
    transform_look_anew(site.transform);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    shell(&site, "grep -q -e '--keep-names=false ' said");
    site_finish(&site);
}

TEST(what_the_project_names_while_pages_run_it_stays_in_the_pack)
{
    struct site site;

    site_init(&site, TRUE);
    add_member(&site);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    add_file(&site, "package.json", "{\"dependencies\":{\"m\":\"*\"}}");
    transform_look_anew(site.transform);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    assert_int_equal(runs(&site), 1);
    start_again(&site);
    assert_false(takes(&site, MEMBER));
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    assert_int_equal(runs(&site), 2);
    site_finish(&site);
}

TEST(a_page_with_an_import_map_may_name_another_file)
{
    struct site site;

    site_init(&site, TRUE);
    add_member(&site);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    site.has_maps = true;
    transform_look_anew(site.transform);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    assert_int_equal(runs(&site), 2);
    shell(&site, "grep -q external:m said");
    assert_false(takes(&site, MEMBER));
    site_finish(&site);
}

TEST(what_is_installed_nearer_is_another_file_for_the_same_name)
{
    struct site site;

    site_init(&site, TRUE);
    add_member(&site);
    add_file(&site, "package-lock.json", "1");
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    add_file(&site, P "node_modules/m/package.json", PACKAGE);
    add_file(&site, P "node_modules/m/index.js", "export let m = 2");
    transform_look_anew(site.transform);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    assert_int_equal(runs(&site), 1);
    add_file(&site, "package-lock.json", "2"); /* which says so */
    transform_look_anew(site.transform);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    assert_int_equal(runs(&site), 2);
    shell(&site, "grep -q p/node_modules/m/index.js in");
    site_finish(&site);
}

/* Whether the next run of the program reads the package's files to know what is in its pack. */
static bool reads_again(struct site *site)
{
    start_again(site);
    size_t before = fs_mem_reads(site->mem);

    assert_true(takes(site, HOME));
    return fs_mem_reads(site->mem) > before;
}

TEST(the_next_run_knows_what_a_pack_is_made_of_as_long_as_all_is_the_same)
{
    static const char *const files[][2] = { { P "a5.js", "export let other" },
        { MEMBER, "export let m = 2" }, { P "package.json", PACKAGE " " },
        { "node_modules/m/package.json", PACKAGE " " }, { "package-lock.json", "{}" } };
    struct site site;

    site_init(&site, TRUE);
    add_member(&site);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    assert_false(reads_again(&site));
    assert_str(answer_to(&site, MEMBER), facade(&site, MEMBER, "m"));
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        add_file(&site, files[i][0], files[i][1]);
        assert_true(reads_again(&site));
        assert_false(reads_again(&site));
    }
    assert_str(answer_to(&site, P "a5.js"), facade(&site, P "a5.js", "other"));

    start_again(&site);
    assert_false(takes(&site, P "a3.js")); /* it is a module of its own now */
    assert_true(takes(&site, HOME));
    assert_false(takes(&site, P "a3.js"));
    site.has_maps = true;
    assert_true(reads_again(&site));
    assert_false(takes(&site, MEMBER));
    site_finish(&site);
}

TEST(the_pack_of_a_package_that_cannot_be_packed_any_more_says_what_to_do)
{
    struct site site;

    site_init(&site, GOOD);
    assert_true(takes(&site, PACK));
    ask(&site, PACK); /* its tool is given it later, from the loop */
    add_file(&site, P "a5.js", "export default import.meta.url");
    transform_look_anew(site.transform);
    while (site.answers == 0) {
        uv_run(&site.loop, UV_RUN_ONCE);
    }
    assert_true(site.failed);
    site_finish(&site);
}

TEST(a_file_that_was_served_before_its_package_was_packed_stays_as_it_is)
{
    struct site site;

    site_init(&site,
            BEGIN "for a; do case $a in --external:*) echo ${a##*/} >>outside;; esac; done\n");
    assert_false(takes(&site, P "a3.js"));
    assert_true(takes(&site, HOME));
    assert_false(takes(&site, P "a3.js"));
    assert_str(answer_to(&site, HOME), STR("as it is"));
    assert_int_equal(system(arena_printf(&site.arena, "test \"$(cat '%.*s/outside')\" = a3.js",
                             STR_FMT(site.root))
                                     .ptr),
            0);
    site_finish(&site);
}

TEST(a_package_with_one_file_that_cannot_be_packed_is_served_as_it_is_until_it_is_installed_anew)
{
    struct site site;

    site_init(&site, GOOD);
    add_file(&site, P "deep.js",
            "import './index.js'; export default import.meta.url"); /* reads all others */
    assert_false(takes(&site, P "deep.js"));
    assert_false(takes(&site, HOME)); /* which could be packed by itself */
    assert_false(takes(&site, P "a3.js"));

    transform_look_anew(site.transform);
    add_file(&site, P "deep.js", "import './index.js'; export let n = 1");
    assert_false(takes(&site, P "deep.js"));
    add_file(&site, P "package.json",
            "{\"type\":\"module\",\"sideEffects\":false,\"version\":\"2\"}");
    assert_false(takes(&site, P "deep.js"));
    transform_look_anew(site.transform);
    assert_true(takes(&site, P "deep.js"));
    assert_true(takes(&site, HOME));
    site_finish(&site);
}

TEST(who_asks_is_told_what_a_file_is_a_part_of_or_what_is_in_the_way)
{
    struct site site;
    struct arena *a = &site.arena;

    site_init(&site, GOOD);
    assert_str(transform_remark(site.transform, STR(P "a3.js"), a),
            STR("")); /* nobody has asked for it */
    assert_true(takes(&site, HOME));
    assert_str(transform_remark(site.transform, STR(P "a3.js"), a),
            STR("bundled by esbuild, one of 10 files of node_modules/p/index.js?pack"));
    assert_str(transform_remark(site.transform, STR("src/a.js"), a), STR(""));

    add_file(&site, "node_modules/loud/package.json", "{\"type\":\"module\",\"version\":\"1\"}");
    add_file(&site, "node_modules/loud/index.js", "export let n = 1");
    assert_false(takes(&site, "node_modules/loud/index.js"));
    assert_str(transform_remark(site.transform, STR("node_modules/loud/index.js"), a),
            STR("its package is served file by file: node_modules/loud does not say "
                "\"sideEffects\": false"));
    site_finish(&site);
}

TEST(a_small_one_is_looked_at_again_when_it_was_installed_anew)
{
    struct site site;

    site_init(&site, GOOD);
    assert_false(takes(&site, P "a1.js"));
    add_file(&site, P "package.json",
            "{\"type\":\"module\",\"sideEffects\":false,\"version\":\"2\"}");
    add_file(&site, P "a1.js",
            "import './a2.js'; import './a3.js'; import './a4.js'; import './a5.js';"
            "import './a6.js'; import './a7.js'; import './a8.js'; import './a9.js'; export let n1");
    assert_false(takes(&site, P "a1.js"));
    transform_look_anew(site.transform);
    assert_true(takes(&site, P "a1.js"));
    site_finish(&site);
}

static bool is_a4(void *self, struct str path)
{
    (void)self;
    return str_eq(path, STR(P "a4.js"));
}

static void destroy_nothing(void *self)
{
    (void)self;
}

TEST(a_package_with_a_file_that_another_tool_makes_is_not_packed)
{
    struct site site;
    struct transform_backend other = {
        .name = "other", .takes = is_a4, .destroy = destroy_nothing, .self = &other
    };

    site_init(&site, GOOD);
    transform_add(site.transform, &other);
    assert_true(takes(&site, HOME)); /* one that comes behind has no say */
    close_site(&site);

    assert_int_equal(uv_loop_init(&site.loop), 0);
    site.transform = transform_create(&site.loop);
    transform_add(site.transform, &other);
    add_backend(&site);
    assert_false(takes(&site, HOME));
    assert_true(takes(&site, P "a4.js"));
    site_finish(&site);
}

TEST(a_file_that_becomes_another_while_it_is_bundled_is_bundled_again)
{
    struct site site;

    /* the first run says that it has begun, and waits for a line */
    site_init(&site, "cat >in; [ -e runs ] || { echo >>runs; echo >&2; read line <go; }\n"
                     "echo >>runs\n" TAIL);
    shell(&site, "mkfifo go");
    ask(&site, PACK);
    run_until(&site, has_run);
    add_file(&site, P "a5.js", "export let other");
    shell(&site, "echo >go");
    while (site.answers == 0) {
        uv_run(&site.loop, UV_RUN_ONCE);
    }
    assert_str(str_from(site.last), STR("let all\n"));
    assert_int_equal(runs(&site), 3);
    shell(&site, "grep -q other in");
    shell(&site,
            "test $(ls node_modules/.cache/orbiton | wc -l) = 2"); /* it, and what it is made of */
    assert_str(answer_to(&site, P "a5.js"), facade(&site, P "a5.js", "other"));
    site_finish(&site);
}

TEST(names_that_do_not_fit_are_not_given_to_esbuild)
{
    enum { NAME = 1900 * 1000 };
    struct site site;
    char *text;

    site_init(&site, GOOD);
    text = arena_alloc(&site.arena, NAME + 12);
    memset(text, 'a', NAME + 11);
    memcpy(text, "export let ", 11);
    text[NAME + 11] = '\0';
    for (int i = 1; i <= 8; i++) {
        add_file(&site, arena_printf(&site.arena, P "a%d.js", i).ptr, text);
    }
    assert_true(takes(&site, HOME));
    assert_str(answer_to(&site, HOME), STR("as it is"));
    assert_false(site.failed);
    assert_false(takes(&site, HOME));
    assert_int_equal(runs(&site), 0);
    site_finish(&site);
}

static bool has_run_twice(struct site *site)
{
    return runs(site) == 2;
}

#define HANG "cat >in; echo >>runs; echo >&2; exec sleep 1000\n"

TEST(a_program_that_hangs_is_left_and_its_package_served_as_it_is)
{
    struct site site;

    site_init(&site, HANG);
    ask(&site, HOME);
    run_until(&site, has_run);
    hurried = P "a3.js";
    ask(&site, P "a3.js");
    while (site.answers < 2) {
        uv_run(&site.loop, UV_RUN_ONCE);
    }
    hurried = "";
    assert_str(site.first, STR("as it is"));
    assert_true(site.failed);
    assert_true(str_starts(site.hint, STR("load the page again")));
    assert_false(takes(&site, HOME));
    assert_false(takes(&site, P "a3.js"));
    site_finish(&site);
}

/* Adds the package p0, p1, ..., whose index.js it gives, of 8 files. */
static const char *add_package(struct site *site, int n)
{
    struct str folder = arena_printf(&site->arena, "node_modules/p%d", n);
    struct str index = arena_printf(&site->arena, "%.*s/index.js", STR_FMT(folder));

    add_file(site, arena_printf(&site->arena, "%.*s/package.json", STR_FMT(folder)).ptr, PACKAGE);
    add_file(site, index.ptr,
            "import './a1.js'; import './a2.js'; import './a3.js'; import './a4.js';"
            "import './a5.js'; import './a6.js'; import './a7.js'; export let home");
    for (int i = 1; i <= 7; i++) {
        add_file(site, arena_printf(&site->arena, "%.*s/a%d.js", STR_FMT(folder), i).ptr,
                "export let a");
    }
    return index.ptr;
}

TEST(one_that_hangs_is_not_run_again_for_other_packages)
{
    struct site site;

    site_init(&site, GOOD);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    install(&site, HANG);
    const char *first = add_package(&site, 0);
    const char *second = add_package(&site, 1);

    site.answers = 0;
    ask(&site, first);
    run_until(&site, has_run_twice);
    hurried = "node_modules/p0/a1.js";
    ask(&site, hurried);
    while (site.answers < 2) {
        uv_run(&site.loop, UV_RUN_ONCE);
    }
    hurried = "";
    assert_str(answer_to(&site, second), STR("as it is"));
    assert_int_equal(runs(&site), 2);
    assert_str(transform_remark(site.transform, STR("node_modules/p1/a1.js"), &site.arena),
            STR("its package is served file by file: esbuild did not answer for another package"));
    assert_str(answer_to(&site, PACK), STR("let all\n")); /* what there is stays */
    site_finish(&site);
}

static bool have_run_as_may_at_once(struct site *site)
{
    return runs(site) == PACKS_AT_ONCE;
}

static bool has_run_one_more(struct site *site)
{
    return runs(site) == PACKS_AT_ONCE + 1;
}

TEST(the_time_of_one_that_waits_for_others_counts_from_when_it_runs)
{
    struct site site;

    site_init(&site,
            "cat >in; echo >>runs; echo >&2; read line <go\n"); /* until somebody writes to that */
    shell(&site, "mkfifo go");
    for (int n = 0; n <= PACKS_AT_ONCE; n++) {
        ask(&site, add_package(&site, n));
    }
    run_until(&site, have_run_as_may_at_once);
    assert_int_equal(last_limit, PACKS_WAIT_MS); /* of the last one, which does not run */
    shell(&site, "echo >go");
    run_until(&site, has_run_one_more);
    assert_int_equal(last_limit, PACKS_LIMIT_MS);
    site_finish(&site);
}

TEST(without_esbuild_or_a_place_for_its_texts_nothing_is_packed)
{
    struct site site;

    site_init(&site, GOOD);
    assert_int_equal(system(arena_printf(
                             &site.arena, "rm -r '%.*s/node_modules/esbuild'", STR_FMT(site.root))
                                     .ptr),
            0);
    assert_false(takes(&site, HOME));
    site_finish(&site);

    site_init(&site, GOOD);
    assert_int_equal(
            system(arena_printf(&site.arena, "echo >'%.*s/node_modules/.cache'", STR_FMT(site.root))
                            .ptr),
            0);
    assert_false(takes(&site, HOME));
    site_finish(&site);
}

/* Node, as it is called; for each line that it is given it notes that, and finds its two paths. */
#define NODE_BEGIN                                                                                 \
    "test \"$1\" = --input-type=module && test \"$2\" = --eval && folder=$4 || exit 9\n"           \
    "case $3 in *\"from 'node:module'\"*) ;; *) exit 9;; esac; echo >>starts; in=in$$\n"           \
    "field() { sed \"s/.*\\\"$1\\\":[[\\\"]\\([^]\\\"]*\\).*/\\1/\" $in; }\n"                      \
    "while read -r line; do printf '%s\\n' \"$line\" >$in; echo >>runs\n"                          \
    "out=$(field outfile) meta=$(field metafile)\n"
#define NODE_END "echo; echo 'orbiton: made'; done\n"
/* Takes the files of its input. */
#define NODE_GOOD                                                                                  \
    NODE_BEGIN                                                                                     \
    "echo 'let rolled' >\"$out\"\n"                                                                \
    "{ printf '{\"inputs\":{\"orbiton-pack.js\":{}'\n"                                             \
    "for f in $(sed 's/.*\"input\"://' $in | grep -o 'node_modules/[^\"\\]*' | sort -u)\n"         \
    "do printf ',\"%s\":{}' $f; done; echo '}}'; } >\"$meta\"\n" NODE_END

/* A project with that script as its Node, with rolldown and without esbuild. */
static void site_init_rolldown(struct site *site, const char *script)
{
    site_init(site, GOOD);
    shell(site, "rm -r node_modules/esbuild && mkdir bin node_modules/rolldown && "
                "echo '{\"version\":\"1.0.0\"}' >node_modules/rolldown/package.json");
    stand_in_write(&site->arena, path_join(&site->arena, site->root, STR("bin/node")), script);
    assert_int_equal(
            setenv("PATH",
                    arena_printf(&site->arena, "%.*s/bin:/usr/bin:/bin", STR_FMT(site->root)).ptr,
                    1),
            0);
}

TEST(without_esbuild_packs_are_made_by_rolldown_and_kept_for_that_version)
{
    struct site site;

    site_init_rolldown(&site, NODE_GOOD);
    assert_str(answer_to(&site, PACK), STR("let rolled\n"));
    assert_str(answer_to(&site, P "a3.js"), facade(&site, P "a3.js", "n3"));
    assert_str(transform_remark(site.transform, STR(P "a3.js"), &site.arena),
            STR("bundled by rolldown, one of 10 files of node_modules/p/index.js?pack"));
    shell(&site, "grep -q node_modules/p/a9.js in*");
    start_again(&site);
    assert_str(answer_to(&site, PACK), STR("let rolled\n"));
    assert_int_equal(runs(&site), 1);

    shell(&site, "echo '{\"version\":\"1.0.1\"}' >node_modules/rolldown/package.json");
    start_again(&site);
    assert_str(answer_to(&site, PACK), STR("let rolled\n"));
    assert_int_equal(runs(&site), 2);

    shell(&site, "mkdir -p node_modules/esbuild/bin");
    install(&site, GOOD);
    start_again(&site);
    assert_str(answer_to(&site, PACK), STR("let all\n"));
    assert_int_equal(runs(&site), 3);
    site_finish(&site);
}

TEST(rolldown_is_told_which_files_stay_outside)
{
    struct site site;

    site_init_rolldown(&site, NODE_BEGIN
            "echo $folder $(sed 's/.*\"files\":\\([^]]*]\\).*/\\1/' $in) >outside\n" NODE_END);
    assert_false(takes(&site, P "a3.js"));
    assert_str(answer_to(&site, HOME), STR("as it is"));
    shell(&site,
            "test \"$(cat outside)\" = \"$PWD/node_modules/rolldown [\\\"node_modules/p/a3.js\\\"]\"");
    site_finish(&site);
}

/* More packages like that of site_init(), with the names in `names`, a byte each. */
static void add_packages(struct site *site, const char *names)
{
    struct arena *a = &site->arena;

    for (const char *name = names; *name; name++) {
        struct str folder = arena_printf(a, "node_modules/%c/", *name);
        struct str index = STR("export let home");

        for (int i = 1; i <= 9; i++) {
            index = arena_printf(a, "import './a%d.js'; %.*s", i, STR_FMT(index));
            add_file(site, arena_printf(a, "%.*sa%d.js", STR_FMT(folder), i).ptr, "export let n");
        }
        add_file(site, arena_printf(a, "%.*sindex.js", STR_FMT(folder)).ptr, index.ptr);
        add_file(site, arena_printf(a, "%.*spackage.json", STR_FMT(folder)).ptr, PACKAGE);
    }
}

TEST(rolldown_is_started_once_for_packs_that_are_made_one_after_the_other)
{
    struct site site;

    site_init_rolldown(&site, NODE_GOOD);
    add_packages(&site, "q");
    assert_str(answer_to(&site, PACK), STR("let rolled\n"));
    assert_str(answer_to(&site, "node_modules/q/index.js?pack"), STR("let rolled\n"));
    assert_int_equal(runs(&site), 2);
    assert_int_equal(size_of(&site, "starts"), 1);
    site_finish(&site);
}

TEST(no_more_of_it_are_started_than_are_worth_it)
{
    struct site site;

    site_init_rolldown(&site, NODE_GOOD);
    add_packages(&site, "qrstu");
    for (const char *name = "qrstu"; *name; name++) {
        ask(&site, arena_printf(&site.arena, "node_modules/%c/index.js?pack", *name).ptr);
    }
    while (site.answers < 5) {
        uv_run(&site.loop, UV_RUN_ONCE);
        assert_false(site.failed);
    }
    assert_int_equal(runs(&site), 5);
    assert_int_equal(size_of(&site, "starts"), 2);
    site_finish(&site);
}

TEST(one_that_has_ended_since_it_made_a_pack_is_started_again)
{
    struct site site;

    site_init_rolldown(&site, NODE_BEGIN "echo 'let rolled' >\"$out\"\n" META
                                         "echo 'orbiton: made'; read -r line; exit 3; done\n");
    add_packages(&site, "q");
    assert_str(answer_to(&site, PACK), STR("let rolled\n"));
    stand_in_write(&site.arena, path_join(&site.arena, site.root, STR("bin/node")), NODE_GOOD);
    assert_str(answer_to(&site, "node_modules/q/index.js?pack"), STR("let rolled\n"));
    assert_int_equal(size_of(&site, "starts"), 2);
    site_finish(&site);
}

TEST(one_that_says_no_goes_on_with_others)
{
    struct site site;

    site_init_rolldown(&site,
            NODE_BEGIN "if test $(wc -l <runs) = 1; then echo 'orbiton: not this'; continue; fi\n"
                       "echo 'let rolled' >\"$out\"\n" NODE_END);
    add_packages(&site, "q");
    assert_str(answer_to(&site, HOME), STR("as it is"));
    assert_str(transform_remark(site.transform, STR(HOME), &site.arena),
            STR("its package is served file by file: rolldown said no: not this"));
    assert_str(answer_to(&site, "node_modules/q/index.js"), STR("as it is"));
    /* what it said of the first is not what it said of this */
    assert_str(transform_remark(site.transform, STR("node_modules/q/index.js"), &site.arena),
            STR("its package is served file by file: rolldown said no"));
    assert_int_equal(size_of(&site, "starts"), 1);
    site_finish(&site);
}

TEST(who_asks_is_told_what_the_bundler_has_said)
{
    struct site site;

    site_init_rolldown(
            &site, "read -r line; echo 'there is no such name' >&2; echo more >&2; exit 1\n");
    assert_str(answer_to(&site, HOME), STR("as it is"));
    assert_str(transform_remark(site.transform, STR(P "a3.js"), &site.arena),
            STR("its package is served file by file: rolldown said no: there is no such name"));
    site_finish(&site);

    site_init_rolldown(&site, /* what Node prints by itself is not why */
            NODE_BEGIN "echo '(node:1) Warning: old' >&2; echo 'orbiton: no such option'; done\n");
    assert_str(answer_to(&site, HOME), STR("as it is"));
    assert_str(transform_remark(site.transform, STR(P "a3.js"), &site.arena),
            STR("its package is served file by file: rolldown said no: no such option"));
    site_finish(&site);

    site_init_rolldown(&site, NODE_GOOD);
    shell(&site, "rm bin/node");
    assert_int_equal(setenv("PATH", "/", 1), 0);
    assert_str(answer_to(&site, HOME), STR("as it is"));
    assert_str(transform_remark(site.transform, STR(P "a3.js"), &site.arena),
            STR("its package is served file by file: rolldown said no: "
                "Node, which runs it, is not installed"));
    assert_int_equal(setenv("PATH", "/usr/bin:/bin", 1), 0);
    site_finish(&site);
}

TEST(the_bundler_is_not_debugged_with_what_starts_orbiton)
{
    struct site site;

    assert_int_equal(
            setenv("NODE_OPTIONS", "--inspect-brk=0 --no-warnings  --inspect --title=a", 1), 0);
    site_init_rolldown(&site, NODE_BEGIN "echo \"$NODE_OPTIONS\" >options\n" NODE_END);
    assert_str(answer_to(&site, HOME), STR("as it is"));
    shell(&site, "test \"$(cat options)\" = '--no-warnings --title=a'");
    assert_int_equal(unsetenv("NODE_OPTIONS"), 0);
    site_finish(&site);
}

TEST(what_is_under_way_ends_with_the_program)
{
    struct site site;

    site_init(&site, "exec sleep 1000\n");
    ask(&site, HOME);
    uv_run(&site.loop, UV_RUN_ONCE);
    site_finish(&site);
}

int main(int argc, char **argv)
{
    spawn_keeper_main(argc, argv);
    (void)signal(SIGPIPE, SIG_IGN); /* as orbiton does */
    const struct CMUnitTest cases[] = {
        CASE(each_file_is_a_facade_of_one_text_that_is_made_once),
        CASE(the_next_run_has_the_text_from_disk_and_makes_one_that_is_damaged_again),
        CASE(without_a_text_or_with_one_of_other_files_they_stay_as_they_are),
        CASE(a_file_that_is_another_now_counts_with_the_next_load),
        CASE(a_file_of_another_package_is_a_facade_of_the_pack_that_it_is_part_of),
        CASE(a_package_that_the_bundler_reads_otherwise_stays_an_import_of_the_pack),
        CASE(a_pack_of_which_the_bundler_says_nothing_is_made_without_other_packages),
        CASE(functions_that_may_become_the_text_of_a_worker_call_no_helper_for_their_names),
        CASE(what_the_project_names_while_pages_run_it_stays_in_the_pack),
        CASE(a_page_with_an_import_map_may_name_another_file),
        CASE(what_is_installed_nearer_is_another_file_for_the_same_name),
        CASE(the_next_run_knows_what_a_pack_is_made_of_as_long_as_all_is_the_same),
        CASE(the_pack_of_a_package_that_cannot_be_packed_any_more_says_what_to_do),
        CASE(a_file_that_was_served_before_its_package_was_packed_stays_as_it_is),
        CASE(a_package_with_one_file_that_cannot_be_packed_is_served_as_it_is_until_it_is_installed_anew),
        CASE(who_asks_is_told_what_a_file_is_a_part_of_or_what_is_in_the_way),
        CASE(a_small_one_is_looked_at_again_when_it_was_installed_anew),
        CASE(a_package_with_a_file_that_another_tool_makes_is_not_packed),
        CASE(a_file_that_becomes_another_while_it_is_bundled_is_bundled_again),
        CASE(names_that_do_not_fit_are_not_given_to_esbuild),
        CASE(a_program_that_hangs_is_left_and_its_package_served_as_it_is),
        CASE(one_that_hangs_is_not_run_again_for_other_packages),
        CASE(the_time_of_one_that_waits_for_others_counts_from_when_it_runs),
        CASE(without_esbuild_or_a_place_for_its_texts_nothing_is_packed),
        CASE(without_esbuild_packs_are_made_by_rolldown_and_kept_for_that_version),
        CASE(rolldown_is_told_which_files_stay_outside),
        CASE(rolldown_is_started_once_for_packs_that_are_made_one_after_the_other),
        CASE(no_more_of_it_are_started_than_are_worth_it),
        CASE(one_that_has_ended_since_it_made_a_pack_is_started_again),
        CASE(one_that_says_no_goes_on_with_others),
        CASE(who_asks_is_told_what_the_bundler_has_said),
        CASE(the_bundler_is_not_debugged_with_what_starts_orbiton),
        CASE(what_is_under_way_ends_with_the_program),
    };

    return RUN(cases);
}
