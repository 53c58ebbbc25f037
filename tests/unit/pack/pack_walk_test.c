/* SPDX-License-Identifier: MIT */
/* Which files become a pack, and what keeps them from it. */
#include "test.h"

#include "pack/walk.h"

#define P    "node_modules/p/"
#define FREE "{\"module\":\"index.js\",\"sideEffects\":false}"

static struct fs_mem *mem;
static struct resolver *resolver;
static struct arena arena;
static struct pack_list list;
static const char *taken;   /* a file that is served already */
static const char *foreign; /* one that another tool makes */
static const char *left;    /* one whose package is served as it is */
static const char *packed;  /* a package of which another pack has files, */
static const char *packer;  /* and the first package of that pack */
static bool alone;
static const struct pack_list *kept;
static struct str why;

static void add(const char *path, const char *text)
{
    fs_mem_add(mem, str_from(path), str_from(text));
}

/* A package that can be packed: index.js imports a1.js to a9.js, each of which imports "q". */
static int set_up(void **state)
{
    char path[64];
    char text[128];

    (void)state;
    mem = fs_mem_create();
    struct fs fs = fs_mem_face(mem);

    resolver = resolver_create(&(struct resolver_options){ .fs = fs });
    taken = foreign = left = packed = packer = "";
    alone = false;
    kept = NULL;
    add(P "package.json", FREE);
    add("node_modules/q/package.json", "{\"type\":\"module\",\"sideEffects\":true}");
    add("node_modules/q/index.js", "export let q");
    for (int i = 1; i <= 9; i++) {
        (void)snprintf(path, sizeof(path), P "a%d.js", i);
        (void)snprintf(
                text, sizeof(text), "import q from 'q'; export default q; export let n%d", i);
        add(path, text);
    }
    add(P "index.js", "export * from './a1'; import './a2.js'; import './a3.js'; import './a4.js';"
                      "import './a5.js'; import './a6.js'; import './a7.js';"
                      "export { default, n8 as eight } from './a8.js'; import './a9.js';"
                      "export * from 'q'; export function f() { return import('q') }");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    resolver_destroy(resolver);
    fs_mem_destroy(mem);
    arena_finish(&arena);
    return 0;
}

static enum pack_place place(void *ctx, struct str path)
{
    (void)ctx;
    return str_eq(path, str_from(foreign)) ? PACK_FOREIGN
           : str_eq(path, str_from(taken)) ? PACK_OUTSIDE
           : str_eq(path, str_from(left))  ? PACK_LEFT
                                           : PACK_FREE;
}

static struct str pack_of(void *ctx, struct str folder, size_t i)
{
    (void)ctx;
    return i == 0 && str_eq(folder, str_from(packed)) ? str_from(packer) : STR("");
}

static enum pack_answer walk_from(const char *entry)
{
    struct fs fs = fs_mem_face(mem);

    return pack_walk(&(struct pack_question){ .fs = &fs,
                             .resolver = resolver,
                             .entry = str_from(entry),
                             .alone = alone,
                             .kept = kept,
                             .place = place,
                             .pack_of = pack_of },
            &arena, &list, &why);
}

static bool walk(void)
{
    return walk_from(P "index.js") == PACK_GOOD;
}

TEST(the_entry_and_what_it_imports_in_its_package_with_what_they_export)
{
    assert_true(walk());

    assert_int_equal(list.count, 10);
    assert_str(list.files[0].path, STR(P "index.js"));
    assert_int_equal(list.files[0].export_count, 3);
    assert_str(list.files[0].exports[1], STR("eight"));
    assert_int_equal(list.files[0].star_count, 2);
    assert_int_equal(list.files[0].stars[0].file, 1);
    assert_str(list.files[0].stars[1].specifier, STR("q"));
    assert_str(list.files[1].path, STR(P "a1.js"));
    assert_str(list.files[9].path, STR(P "a9.js"));
}

TEST(a_file_with_other_bytes_makes_another_key)
{
    assert_true(walk());
    struct hash before = list.key;

    assert_true(walk());
    assert_true(hash_eq(list.key, before));
    add(P "a5.js", "export let other");
    assert_true(walk());
    assert_false(hash_eq(list.key, before));
}

TEST(what_a_file_does_that_depends_on_its_place_or_its_bundler)
{
    static const char *const texts[] = {
        "export default import.meta.url",
        "export default new URL('x.png', import.meta.url)",
        "export default await 1",
        "export default () => import('./a4.js')",
        "import data from './data.json' with { type: 'json' }; export { data }",
        "import './style.css'",
        "import '#inner'",
        "import 'https://example.com/x.js'",
        "import '/src/x.js'",
        "import './not-there.js'",
        "import './a4.js?x'",
        "import './old.cjs'",
        "import '../q/index.js'",
        "import defer * as x from './a4.js'",
        "export { a as 'a b' } from './a4.js'",
        "module.exports = 1",
        "export default (",
        "export default (x) => import(x)",
        "export default require('q')",
        "export default typeof require",
        "export default eval('n3')",
        "export default () => import('p')",
        "import './runes.svelte.js'",
    };

    add(P "old.cjs", "exports.a = 1");
    add(P "data.json", "{}");
    add(P "style.css", "");
    add(P "runes.svelte.js", "export let count = $state(0)");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        add(P "a3.js", texts[i]);
        if (walk_from(P "index.js") != PACK_NO) {
            fail_msg("packed: %s", texts[i]);
        }
        assert_int_equal(list.count, 0);
        assert_true(str_starts(why, STR(P))); /* a file, and what it does */
    }
    add(P "a3.js", "export default module.require // eval or require, 'require'");
    assert_true(walk());
}

TEST(a_package_packs_only_if_it_says_that_its_files_may_as_well_not_run)
{
    static const char *const manifests[] = { "{}", "{\"sideEffects\":true}", "{\"sideEffects\":{}}",
        "{\"sideEffects\":[1]}", "{\"sideEffects\":\"false\"}", "{\"sideEffects\":null}",
        "{\"sideEffects\":false", "\"sideEffects\":false", "" };

    for (size_t i = 0; i < sizeof(manifests) / sizeof(manifests[0]); i++) {
        add(P "package.json", manifests[i]);
        if (walk_from(P "index.js") != PACK_NO) {
            fail_msg("packed: %s", manifests[i]);
        }
    }
    add(P "package.json", "{\"sideEffects\": false}");
    assert_true(walk());
}

TEST(folders_are_their_index_files_those_of_the_importer_too)
{
    add(P "a3.js", "import './sub'; export let n3");
    add(P "sub/index.js", "export let sub");
    add(P "sub/b.js", "import { sub } from '.'; export * from '..'; export let b = sub");
    add(P "a4.js", "import './sub/b.js'; import '.'; export let n4");

    assert_true(walk());
    assert_int_equal(list.count, 12);
    assert_str(list.files[10].path, STR(P "sub/index.js"));
    assert_str(list.files[11].path, STR(P "sub/b.js"));
    assert_int_equal(list.files[11].stars[0].file, 0);
}

TEST(a_package_that_names_the_files_that_have_effects_packs_without_them_only)
{
    static const char *const good[] = { "", "\"*.css\"", "\"*.css\",\"./dist/*\"", "\"sub/*.js\"",
        "\"a*/style/*\"", "\"./other.js\"", "\"q/index.js\"", "\"**/*.{css,scss}\"" };
    static const char *const bad[] = { "\"*.js\"", "\"a3.js\"", "\"./a3.js\"", "\"**\"",
        "\"*.css\",\"a[0-9].js\"", "\"**/a3.js\"", "\"{a3,b}.js\"", "\"!*.css\"", "\"/a3.js\"",
        "\"\"", "\"*.css\",null", "\"*.@(css|scss)\"", "\"!(index).js\"" };
    char text[128];

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        (void)snprintf(text, sizeof(text), "{\"sideEffects\":[%s]}", good[i]);
        add(P "package.json", text);
        if (!walk()) {
            fail_msg("not packed: %s", text);
        }
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        (void)snprintf(text, sizeof(text), "{\"sideEffects\":[%s]}", bad[i]);
        add(P "package.json", text);
        if (walk_from(P "index.js") != PACK_NO) {
            fail_msg("packed: %s", text);
        }
    }
    add(P "package.json", "{\"sideEffects\":[\"a3.js\"]}");
    assert_false(walk());
    assert_str(why, STR(P "a3.js has side effects, as its package says"));

    add(P "sub/b.js", "export let b");
    add(P "a3.js", "import './sub/b.js'; export let n3");
    add(P "package.json", "{\"sideEffects\":[\"./b.js\"]}"); /* that one file */
    assert_true(walk());
    add(P "package.json", "{\"sideEffects\":[\"b.js\"]}");
    assert_false(walk());

    add(P "a3.js", "import './.own/b.js'; export let n3");
    add(P ".own/b.js", "export let b");
    add(P "package.json", "{\"sideEffects\":[\"*.css\"]}"); /* as bundlers differ in what '*' is */
    assert_false(walk());
    assert_str(why, STR(P ".own/b.js has side effects, as its package says"));
    add(P "package.json", "{\"sideEffects\":[]}");
    assert_true(walk());
}

TEST(side_effects_that_are_not_understood_are_told_from_those_that_a_package_has)
{
    static const char *const odd[] = { "[\"*.+(a|b)\"]", "[1]", "\"false\"", "null", "{}" };
    char text[128];

    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        (void)snprintf(text, sizeof(text), "{\"sideEffects\":%s}", odd[i]);
        add(P "package.json", text);
        assert_false(walk());
        assert_str(why, STR("node_modules/p has a \"sideEffects\" that is not understood"));
    }
    add(P "package.json", "{\"sideEffects\":true}");
    assert_false(walk());
    assert_str(why, STR("node_modules/p does not say \"sideEffects\": false"));
}

TEST(a_file_that_another_tool_makes)
{
    foreign = P "a4.js";
    assert_int_equal(walk_from(P "index.js"), PACK_NO);
    assert_str(why, STR(P "a4.js is made by another tool"));
}

TEST(a_name_that_means_another_package_where_the_file_lies_than_where_its_entry_does)
{
    add(P "sub/b.js", "import { q } from 'q'; export let b = q");
    add(P "a3.js", "import './sub/b.js'; export let n3");
    assert_true(walk());
    add(P "sub/node_modules/q/package.json", "{\"type\":\"module\"}");
    add(P "sub/node_modules/q/index.js", "export let q = 'another'");
    assert_false(walk());
    fs_mem_remove(mem, STR(P "sub/node_modules"));
    add(P "node_modules/q/package.json", "{\"type\":\"module\"}"); /* for all of them */
    add(P "node_modules/q/index.js", "export let q = 'another'");
    assert_true(walk());
    add(P "sub/b.js", "import * as all from 'not-there'; export { all }");
    assert_true(walk()); /* whoever imports it gets the same error */
}

TEST(a_package_that_imports_one_which_needs_it_in_the_end)
{
    add("node_modules/q/package.json", "{\"sideEffects\":true,\"dependencies\":{\"r\":\"*\"}}");
    add("node_modules/r/package.json", "{\"peerDependencies\":{\"p\":\"*\"}}");
    assert_false(walk());
    assert_str(why, STR("node_modules/p imports a package that needs it in the end"));
}

TEST(a_package_that_imports_one_which_needs_it)
{
    static const char *const fields[] = { "dependencies", "peerDependencies",
        "optionalDependencies" };
    char text[128];

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        (void)snprintf(
                text, sizeof(text), "{\"sideEffects\":true,\"%s\":{\"p\":\"*\"}}", fields[i]);
        add("node_modules/q/package.json", text);
        assert_false(walk());
    }
    add("node_modules/q/package.json", "{\"type\":\"module\",\"sideEffects\":true,"
                                       "\"dependencies\":{\"r\":\"*\"},"
                                       "\"devDependencies\":{\"p\":\"*\"}}");
    assert_true(walk());
}

TEST(a_file_that_is_served_already_stays_outside)
{
    taken = P "a4.js";
    add(P "a5.js", "export * from './a4.js'");
    assert_true(walk());
    assert_int_equal(list.count, 9);
    assert_int_equal(list.outside_count, 1);
    assert_str(list.outside[0], STR(P "a4.js"));
    assert_str(list.files[4].path, STR(P "a5.js"));
    assert_str(list.files[4].stars[0].specifier, STR("/" P "a4.js"));
    taken = P "index.js";
    assert_false(walk());
    assert_int_equal(list.count, 0);
}

TEST(a_package_of_few_files)
{
    add(P "index.js", "import './a1.js'; export let a");
    assert_int_equal(walk_from(P "index.js"), PACK_SMALL);
    assert_int_equal(list.count, 2);
}

TEST(a_manifest_below_that_of_the_package_by_which_names_mean_something_else)
{
    add(P "sub/b.js", "import 'q'; export let b");
    add(P "a3.js", "import './sub/b.js'; export let n3");
    add(P "sub/package.json", "{\"sideEffects\":false}");
    assert_true(walk());
    add(P "sub/package.json", "{\"sideEffects\":[\"b.js\"]}");
    assert_false(walk());
    add(P "sub/package.json", "{\"name\":\"q\",\"exports\":\"./b.js\"}");
    assert_false(walk());
    add(P "sub/package.json", "{\"browser\":{\"q\":false}}");
    assert_false(walk());
    add(P "sub/package.json", "{\"type\":\"module\"}");
    assert_true(walk());
    add("node_modules/c/package.json", "{}");
    add("node_modules/c/index.js", "exports.c = 1");
    add(P "sub/b.js", "import c from 'c'; export let b"); /* imports CommonJS otherwise */
    assert_false(walk());
    add(P "sub/b.js", "export let b");
    add(P "sub/package.json", "{}");
    add(P "package.json",
            "{\"module\":\"index.js\",\"sideEffects\":false,\"browser\":{\"q\":false}}");
    assert_false(walk());
}

TEST(an_entry_that_is_commonjs_or_lies_in_no_package)
{
    add(P "index.js", "exports.a = require('./a1')");
    assert_false(walk());
    add("node_modules/x.js", "export let x");
    assert_int_equal(walk_from("node_modules/x.js"), PACK_NO);
    assert_int_equal(walk_from(P "gone.js"), PACK_NO);
}

/* The packages of the list, and those that stay imports. */
static void assert_packages(const char *members, const char *imports)
{
    struct str have = STR("");

    for (size_t i = 0; i < list.package_count; i++) {
        have = arena_printf(&arena, "%.*s %.*s", STR_FMT(have),
                STR_FMT(str_skip(list.packages[i], STR("node_modules/").len)));
    }
    assert_str(have, str_from(members));
    have = STR("");
    for (size_t i = 0; i < list.name_count; i++) {
        have = arena_printf(&arena, "%.*s %.*s", STR_FMT(have), STR_FMT(list.names[i]));
    }
    assert_str(have, str_from(imports));
}

/* p imports m and n, which imports m; all can be packed. */
static void add_members(void)
{
    add("package.json", "{\"dependencies\":{\"p\":\"*\"}}");
    add("node_modules/m/package.json", "{\"sideEffects\":false,\"module\":\"index.js\"}");
    add("node_modules/m/index.js", "export * from './inner.js'");
    add("node_modules/m/inner.js", "export let inner");
    add("node_modules/@s/n/package.json", "{\"type\":\"module\"}");
    add("node_modules/@s/n/index.js", "import { inner } from 'm/inner.js'; export let n = inner");
    add(P "a2.js", "export * from '@s/n'; export * from 'm'; export let n2");
}

TEST(packages_that_are_there_because_of_the_entry_are_part_of_the_pack)
{
    add_members();
    assert_true(walk());
    assert_packages(" p @s/n m", " q");
    assert_int_equal(list.count, 13);
    assert_str(list.files[10].path, STR("node_modules/@s/n/index.js"));
    assert_str(list.files[11].path, STR("node_modules/m/index.js"));
    assert_str(list.files[12].path, STR("node_modules/m/inner.js"));
    assert_int_equal(list.files[2].star_count, 2);
    assert_int_equal(list.files[2].stars[0].file, 10);
    assert_int_equal(list.files[2].stars[1].file, 11);
    assert_int_equal(list.files[2].stars[1].specifier.len, 0);
    struct hash key = list.key;

    alone = true;
    assert_true(walk());
    assert_packages(" p", " q @s/n m");
    assert_int_equal(list.count, 10);
    assert_str(list.files[2].stars[1].specifier, STR("m"));
    assert_false(hash_eq(list.key, key));
}

TEST(its_own_package_by_its_name)
{
    add(P "a3.js", "export * from 'p/a4.js'");
    assert_true(walk());
    assert_int_equal(list.count, 10);
    assert_int_equal(list.files[3].stars[0].file, 4);
    alone = true;
    assert_false(walk());
    assert_str(why, STR(P "a3.js imports its own package by its name"));
}

TEST(a_package_that_the_project_names_stays_an_import)
{
    static const char *const fields[] = { "dependencies", "devDependencies", "peerDependencies",
        "optionalDependencies" };
    char text[128];

    add_members();
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        (void)snprintf(text, sizeof(text), "{\"%s\":{\"m\":\"*\"}}", fields[i]);
        add("package.json", text);
        assert_true(walk());
        assert_packages(" p @s/n", " q m");
    }
}

TEST(a_package_of_which_one_file_cannot_be_packed_stays_an_import)
{
    static const char *const texts[] = { "export let inner = import.meta.url",
        "export let inner = await 1", "import './style.css'; export let inner",
        "export let inner = require('q')", "export let inner = (" };

    add_members();
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        add("node_modules/m/inner.js", texts[i]);
        assert_true(walk());
        assert_packages(" p @s/n", " q m");
        assert_int_equal(list.count, 11);
    }
    add("node_modules/m/inner.js", "export let inner");
    add(P "a9.js", "export let later = () => import('m')"); /* it may run later, or never */
    assert_true(walk());
    assert_packages(" p @s/n", " q m");
    add(P "a9.js", "export let n9");
    left = "node_modules/m/index.js";
    assert_true(walk());
    assert_packages(" p @s/n", " q m");
}

TEST(of_a_package_that_says_nothing_no_file_may_run_for_its_effects_alone)
{
    add_members();
    add("node_modules/@s/n/other.js", "globalThis.other = 1");
    add("node_modules/@s/n/index.js", "import './other.js'; export let n");
    assert_true(walk());
    assert_packages(" p m", " q @s/n");
    add("node_modules/@s/n/package.json", "{\"type\":\"module\",\"sideEffects\":false}");
    assert_true(walk());
    assert_packages(" p @s/n m", " q");
    add("node_modules/@s/n/package.json", "{\"type\":\"module\",\"sideEffects\":true}");
    assert_true(walk());
    assert_packages(" p m", " q @s/n");
}

TEST(a_package_that_says_nothing_and_is_imported_for_its_effects_alone_stays_an_import)
{
    add_members();
    add(P "a2.js", "import '@s/n'; import 'm'; export let n2");
    assert_true(walk());
    assert_packages(" p m", " q @s/n");
}

TEST(a_package_by_whose_names_others_are_imported_than_by_those_of_the_entry_stays_an_import)
{
    static const char *const texts[] = { "import { q } from 'q'", "export * from 'q'",
        "export let later = () => import('q')" };

    add_members();
    add("node_modules/@s/n/index.js", "import q from 'q'; export * from './deep.js'");
    add("node_modules/@s/n/deep.js", "export let deep");
    assert_true(walk());
    assert_packages(" p @s/n m", " q");
    add("node_modules/@s/n/node_modules/q/package.json", "{\"sideEffects\":true}");
    add("node_modules/@s/n/node_modules/q/index.js", "exports.q = 2");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        add("node_modules/@s/n/deep.js", texts[i]);
        assert_true(walk());
        assert_packages(" p m", " q @s/n");
    }
    fs_mem_remove(mem, STR("node_modules/@s/n/node_modules"));
    add("node_modules/@s/n/index.js", "export let n");
    assert_true(walk());
    assert_packages(" p @s/n m", " q");
    add("node_modules/@s/n/node_modules/o/index.js", "exports.o = 1"); /* the entry has none */
    add("node_modules/@s/n/index.js", "export let later = () => import('o')");
    assert_true(walk());
    assert_packages(" p m", " q @s/n");
    add("node_modules/@s/n/package.json",
            "{\"type\":\"module\",\"exports\":\"./index.js\",\"browser\":{\"q\":false}}");
    add("node_modules/@s/n/index.js", "import q from 'q'");
    assert_true(walk());
    assert_packages(" p m", " q @s/n");
}

TEST(what_the_project_names_now_is_still_one_of_a_pack_that_has_it)
{
    struct pack_list before;

    add_members();
    assert_true(walk());
    before = list;
    add("package.json", "{\"dependencies\":{\"p\":\"*\",\"m\":\"*\",\"@s/n\":\"*\"}}");
    kept = &before;
    assert_true(walk());
    assert_packages(" p @s/n m", " q");
    assert_true(hash_eq(list.key, before.key));
    kept = NULL;
    assert_true(walk());
    assert_packages(" p", " q @s/n m");
}

TEST(a_name_that_leads_to_another_of_the_files_makes_another_key)
{
    add_members();
    add("node_modules/m/package.json", "{\"sideEffects\":false,\"module\":\"inner.js\"}");
    add("node_modules/@s/n/index.js", "import { inner } from 'm/index.js'; export let n = inner");
    assert_true(walk());
    struct hash before = list.key;

    add("node_modules/m/package.json", "{\"sideEffects\":false,\"module\":\"index.js\"}");
    assert_true(walk());
    assert_int_equal(list.count, 13);
    assert_false(hash_eq(list.key, before));
}

TEST(what_may_make_workers_of_its_functions_is_told)
{
    assert_true(walk());
    assert_false(list.makes_workers);
    add(P "a7.js",
            "export let n7 = (f) => new Worker(URL.createObjectURL(new Blob([`(${f})()`])))");
    assert_true(walk());
    assert_true(list.makes_workers);
}

TEST(a_package_that_another_one_between_leads_back_to_stays_an_import)
{
    add_members();
    add("node_modules/q/package.json", "{\"sideEffects\":true,\"dependencies\":{\"r\":\"*\"}}");
    add("node_modules/q/node_modules/r/package.json", "{\"peerDependencies\":{\"m\":\"*\"}}");
    assert_true(walk());
    assert_packages(" p @s/n", " q m");
    add("node_modules/q/node_modules/r/package.json", "{\"devDependencies\":{\"m\":\"*\"}}");
    assert_true(walk());
    assert_packages(" p @s/n m", " q");
}

TEST(a_package_that_a_linked_one_leads_back_to_stays_an_import)
{
    add_members();
    fs_mem_remove(mem, STR("node_modules/q"));
    fs_mem_add_link(mem, STR("node_modules/q"), STR("packages/q"));
    add("packages/q/package.json", "{\"dependencies\":{\"m\":\"*\"}}");
    add("packages/q/index.js", "export let q");
    assert_true(walk());
    assert_packages(" p @s/n", " q m");
    add("packages/q/package.json", "{\"dependencies\":{\"p\":\"*\"}}");
    assert_false(walk());
}

TEST(what_is_too_much_with_others_is_packed_without_them)
{
    enum { SIZE = 2 * 1024 * 1024 - 100 };
    char *text = arena_alloc(&arena, SIZE + 1);

    add_members();
    memset(text, ' ', SIZE);
    memcpy(text, "export{};", 9);
    for (int i = 3; i <= 8; i++) {
        add(arena_printf(&arena, P "a%d.js", i).ptr, text);
    }
    add(P "a1.js", text);
    add(P "a9.js", "import './b.js'; export let n9");
    add(P "b.js", "import './c.js'; export let b");
    add(P "c.js", "import './d.js'; export let c");
    add(P "d.js", "export let d");
    add("node_modules/m/inner.js", text);
    assert_true(walk());
    assert_packages(" p @s/n m", " q");
    add(P "d.js", text); /* it is found behind the files of m */
    assert_true(walk());
    assert_packages(" p", " q @s/n m");
}

TEST(a_package_with_a_file_that_another_tool_makes_stays_an_import)
{
    add_members();
    foreign = "node_modules/m/index.js";
    assert_true(walk());
    assert_packages(" p @s/n", " q m");
}

TEST(a_package_that_another_pack_leads_back_to_stays_an_import)
{
    add_members();
    add("node_modules/@s/n/part.js", "export let part");
    add("node_modules/@s/n/index.js", "export * from './part.js'");
    taken = "node_modules/@s/n/part.js";
    assert_true(walk());
    assert_packages(" p @s/n m", " q");
    assert_int_equal(list.outside_count, 1);
    add("node_modules/o/package.json", "{\"dependencies\":{\"m\":\"*\"}}");
    packed = "node_modules/@s/n";
    packer = "node_modules/o";
    assert_true(walk());
    assert_packages(" p @s/n", " q m");
}

TEST(a_package_that_says_nothing_and_has_one_entry)
{
    static const char *const one[] = { "\"./index.js\"",
        "{\".\":{\"import\":\"./index.js\",\"require\":\"./index.cjs\"},\"./x.css\":\"./x.css\"}",
        "{\".\":[\"./index.js\"],\"./old\":\"./old.js\",\"./styles/*\":\"./styles/*.css\"}" };
    static const char *const more[] = { "{\".\":\"./index.js\",\"./a1\":\"./a1.js\"}",
        "{\".\":\"./index.js\",\"./*\":\"./*\"}", "{\".\":\"./index.js\",\"./*\":\"./*.js\"}",
        "{\".\":\"./a1.js\"}" };

    add_members();
    add(P "old.js", "exports.old = 1");
    add(P "index.js", "export * from './a1.js'; export * from './a2.js'; export * from './a3.js';"
                      "export * from './a4.js'; export * from './a5.js'; export * from './a6.js';"
                      "export * from './a7.js'; export * from './a8.js'; export * from './a9.js'");
    for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++) {
        add(P "package.json", arena_printf(&arena, "{\"exports\":%s}", one[i]).ptr);
        assert_true(walk());
        assert_packages(" p", " q @s/n m"); /* these may be imported without it */
    }
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        add(P "package.json", arena_printf(&arena, "{\"exports\":%s}", more[i]).ptr);
        assert_false(walk());
    }
    add(P "package.json", "{\"module\":\"index.js\"}");
    assert_false(walk());
    assert_str(why, STR("node_modules/p does not say \"sideEffects\": false"));
    add(P "package.json", "{\"sideEffects\":true,\"exports\":\"./index.js\"}");
    assert_false(walk());
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest cases[] = {
        EACH(the_entry_and_what_it_imports_in_its_package_with_what_they_export),
        EACH(a_file_with_other_bytes_makes_another_key),
        EACH(what_a_file_does_that_depends_on_its_place_or_its_bundler),
        EACH(a_package_packs_only_if_it_says_that_its_files_may_as_well_not_run),
        EACH(folders_are_their_index_files_those_of_the_importer_too),
        EACH(a_package_that_names_the_files_that_have_effects_packs_without_them_only),
        EACH(side_effects_that_are_not_understood_are_told_from_those_that_a_package_has),
        EACH(a_file_that_another_tool_makes),
        EACH(a_name_that_means_another_package_where_the_file_lies_than_where_its_entry_does),
        EACH(a_package_that_imports_one_which_needs_it_in_the_end),
        EACH(a_package_that_imports_one_which_needs_it),
        EACH(a_file_that_is_served_already_stays_outside),
        EACH(a_package_of_few_files),
        EACH(a_manifest_below_that_of_the_package_by_which_names_mean_something_else),
        EACH(an_entry_that_is_commonjs_or_lies_in_no_package),
        EACH(packages_that_are_there_because_of_the_entry_are_part_of_the_pack),
        EACH(its_own_package_by_its_name),
        EACH(a_package_that_the_project_names_stays_an_import),
        EACH(a_package_of_which_one_file_cannot_be_packed_stays_an_import),
        EACH(of_a_package_that_says_nothing_no_file_may_run_for_its_effects_alone),
        EACH(a_package_that_says_nothing_and_is_imported_for_its_effects_alone_stays_an_import),
        EACH(a_package_by_whose_names_others_are_imported_than_by_those_of_the_entry_stays_an_import),
        EACH(what_the_project_names_now_is_still_one_of_a_pack_that_has_it),
        EACH(a_name_that_leads_to_another_of_the_files_makes_another_key),
        EACH(what_may_make_workers_of_its_functions_is_told),
        EACH(a_package_that_another_one_between_leads_back_to_stays_an_import),
        EACH(a_package_that_a_linked_one_leads_back_to_stays_an_import),
        EACH(what_is_too_much_with_others_is_packed_without_them),
        EACH(a_package_with_a_file_that_another_tool_makes_stays_an_import),
        EACH(a_package_that_another_pack_leads_back_to_stays_an_import),
        EACH(a_package_that_says_nothing_and_has_one_entry),
    };

    return RUN(cases);
}
