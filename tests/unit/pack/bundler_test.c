/* SPDX-License-Identifier: MIT */
/* Which bundler a project's packs are made by, and what makes it another one. */
#include "stand_in.h"

#include <stdlib.h>

#include "base/path.h"
#include "pack/bundler.h"

static struct arena arena;
static struct str root; /* of the project; there is another folder above it */
static struct str above;

static int set_up(void **state)
{
    (void)state;
    above = stand_in_folder(&arena, "app/node_modules");
    root = path_join(&arena, above, STR("app"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    stand_in_remove_folder(&arena, above);
    arena_finish(&arena);
    return 0;
}

/* A shell's line in the project's folder. */
static void shell(const char *line)
{
    assert_int_equal(system(arena_printf(&arena, "cd '%.*s' && %s", STR_FMT(root), line).ptr), 0);
}

/* Installs a rolldown of that version in the folder, a path from the root. */
static void add_rolldown(const char *folder, const char *version)
{
    shell(arena_printf(&arena, "mkdir -p %s && echo '{\"version\":\"%s\"}' >%s/package.json",
            folder, version, folder)
                    .ptr);
}

static void add_esbuild(void)
{
    shell("mkdir -p node_modules/esbuild/bin && echo >node_modules/esbuild/bin/esbuild && "
          "chmod +x node_modules/esbuild/bin/esbuild");
}

static struct hash key_now(void)
{
    struct bundler b;

    assert_true(bundler_find(root, NULL, &b));
    struct hash key = b.key;

    bundler_finish(&b);
    return key;
}

/* The path of what is found, as the tests write it; "" if nothing is. */
static struct str found(const char *name)
{
    struct bundler b;

    if (!bundler_find(root, NULL, &b)) {
        assert_null(b.name);
        assert_false(bundler_is_rolldown(&b));
        return STR("");
    }
    assert_string_equal(b.name, name);
    assert_int_equal(bundler_is_rolldown(&b), strcmp(name, "rolldown") == 0);
    struct str path = arena_str(&arena, str_from(b.path));

    bundler_finish(&b);
    return str_starts(path, root) ? str_skip(path, root.len + 1) : str_skip(path, above.len + 1);
}

TEST(rolldown_is_taken_where_there_is_no_esbuild)
{
    assert_str(found(""), STR(""));
    add_rolldown("node_modules/rolldown", "1.0.0");
    assert_str(found("rolldown"), STR("node_modules/rolldown"));
    add_esbuild();
    assert_str(found("esbuild"), STR("node_modules/esbuild/bin/esbuild"));
}

TEST(it_is_found_where_package_managers_put_it)
{
    add_rolldown("../node_modules/rolldown", "1.0.0");
    assert_str(found("rolldown"), STR("node_modules/rolldown")); /* above the project */

    add_rolldown("node_modules/.pnpm/vite@8/node_modules/rolldown", "1.0.0");
    shell("mkdir node_modules/.pnpm/vite@8/node_modules/vite && "
          "ln -s .pnpm/vite@8/node_modules/vite node_modules/vite");
    assert_str(found("rolldown"), STR("node_modules/.pnpm/vite@8/node_modules/rolldown"));

    add_rolldown("node_modules/.pnpm/node_modules/rolldown", "1.0.0");
    assert_str(found("rolldown"), STR("node_modules/.pnpm/node_modules/rolldown"));
}

TEST(a_folder_without_a_package_is_none)
{
    shell("mkdir node_modules/rolldown");
    assert_str(found(""), STR(""));
}

TEST(a_rolldown_before_its_first_stable_version_is_none)
{
    static const char *const old[] = { "0.15.1", "1.0.0-beta.53", "1.0.0-rc.1", "", "latest" };
    static const char *const good[] = { "1.0.0", "1.3.3", "1.1.0-beta.1", "10.0.0" };

    for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
        add_rolldown("node_modules/rolldown", old[i]);
        assert_str(found(""), STR(""));
    }
    shell("echo '{}' >node_modules/rolldown/package.json");
    assert_str(found(""), STR(""));
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        add_rolldown("node_modules/rolldown", good[i]);
        assert_str(found("rolldown"), STR("node_modules/rolldown"));
    }
}

TEST(another_version_has_another_key)
{
    add_rolldown("node_modules/rolldown", "1.0.0");
    struct hash first = key_now();

    assert_true(hash_eq(key_now(), first));
    add_rolldown("node_modules/rolldown", "1.0.1");
    assert_false(hash_eq(key_now(), first));
    add_rolldown("node_modules/rolldown", "1.0.0");
    assert_true(hash_eq(key_now(), first));
    add_esbuild();
    assert_false(hash_eq(key_now(), first));
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest cases[] = {
        EACH(rolldown_is_taken_where_there_is_no_esbuild),
        EACH(it_is_found_where_package_managers_put_it),
        EACH(a_folder_without_a_package_is_none),
        EACH(a_rolldown_before_its_first_stable_version_is_none),
        EACH(another_version_has_another_key),
    };

    return RUN(cases);
}
