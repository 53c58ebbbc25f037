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
    taken = foreign = "";
    add(P "package.json", FREE);
    add("node_modules/q/package.json", "{\"type\":\"module\"}");
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
                                           : PACK_FREE;
}

static enum pack_answer walk_from(const char *entry)
{
    struct fs fs = fs_mem_face(mem);

    return pack_walk(
            &(struct pack_question){
                    .fs = &fs, .resolver = resolver, .entry = str_from(entry), .place = place },
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
        "import 'p/a4.js'",
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

TEST(a_package_that_imports_one_which_needs_it)
{
    static const char *const fields[] = { "dependencies", "peerDependencies",
        "optionalDependencies" };
    char text[128];

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        (void)snprintf(text, sizeof(text), "{\"type\":\"module\",\"%s\":{\"p\":\"*\"}}", fields[i]);
        add("node_modules/q/package.json", text);
        assert_false(walk());
    }
    add("node_modules/q/package.json",
            "{\"type\":\"module\",\"dependencies\":{\"r\":\"*\"},\"devDependencies\":{\"p\":\"*\"}}");
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
    add(P "sub/package.json", "{\"type\":\"module\"}"); /* imports CommonJS otherwise */
    assert_false(walk());
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
        EACH(a_package_that_imports_one_which_needs_it),
        EACH(a_file_that_is_served_already_stays_outside),
        EACH(a_package_of_few_files),
        EACH(a_manifest_below_that_of_the_package_by_which_names_mean_something_else),
        EACH(an_entry_that_is_commonjs_or_lies_in_no_package),
    };

    return RUN(cases);
}
