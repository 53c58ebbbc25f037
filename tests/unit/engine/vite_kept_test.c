/* SPDX-License-Identifier: MIT */
/* What vite.config said in an earlier run, and when that does not hold any more. The folder of the cache is a real
 * one. */
#include "test.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/sys.h"
#include "engine/vite_kept.h"
#include "pack/cache.h"
#include "resolve/vite_config.h"

static struct arena arena;
static struct fs_mem *mem;
static struct fs fs;
static struct vite_config *config;
static struct vite_kept kept;

static const struct str answer =
        STR_INIT("{\"alias\":[{\"find\":\"@\",\"replacement\":\"/src\"}],\"other\":[1,2]}\n\n");
static const struct str deps[] = { STR_INIT("vite.config.ts"), STR_INIT("config/alias.ts") };

static void add(const char *path, const char *text)
{
    fs_mem_add(mem, str_from(path), str_from(text));
}

static int set_up(void **state)
{
    char root[] = "/tmp/orbiton-kept-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(root));
    assert_int_equal(mkdir(arena_printf(&arena, "%s/node_modules", root).ptr, 0777), 0);
    mem = fs_mem_create();
    fs = fs_mem_face(mem);
    add("vite.config.ts", "the text");
    add("config/alias.ts", "a helper");
    add("node_modules/vite/package.json", "{\"version\":\"7.0.0\"}");
    kept = (struct vite_kept){ .fs = &fs,
        .root = arena_str(&arena, str_from(root)),
        .file = deps[0],
        .text = hash_bytes(STR("the text")) };
    config = vite_config_create(kept.root, STR(""));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(system(arena_printf(&arena, "rm -rf '%.*s'", STR_FMT(kept.root)).ptr), 0);
    vite_config_destroy(config);
    fs_mem_destroy(mem);
    arena_finish(&arena);
    return 0;
}

static bool keep(void)
{
    return vite_kept_write(&kept, answer, deps, 2);
}

static bool fits(void)
{
    vite_config_reset(config);
    return vite_kept_read(&kept, config);
}

TEST(an_answer_is_found_again_with_the_files_that_it_was_made_of)
{
    struct str name;

    assert_false(fits());
    assert_true(keep());
    assert_true(fits());
    assert_str(vite_config_file(config), STR("vite.config.ts"));
    assert_true(vite_config_says(config, answer));
    assert_false(vite_config_says(config, STR("{}")));
    assert_true(vite_config_alias(config, STR("@/a.js"), &arena, &name));
    assert_str(name, STR("/src/a.js"));
    assert_true(vite_config_is_part(config, STR("config/alias.ts")));
    assert_false(vite_config_is_part(config, STR("config/other.ts")));
}

TEST(an_answer_that_was_made_of_something_else_is_none)
{
    struct vite_kept good = kept;

    assert_true(keep());
    kept.text = hash_bytes(STR("another text"));
    assert_false(fits());
    kept = good;
    kept.file = STR("vite.config.js");
    assert_false(fits());
    kept = good;
    add("config/alias.ts", "another helper");
    assert_false(fits());
    fs_mem_remove(mem, STR("config/alias.ts"));
    assert_false(fits());
    add("config/alias.ts", "a helper");
    assert_true(fits());
}

TEST(an_answer_of_another_installation_is_none)
{
    static const struct {
        const char *path;
        const char *text;
    } others[] = { { "package.json", "{}" }, { "node_modules/.package-lock.json", "{}" },
        { ".env", "A=1" }, { ".env.development.local", "A=1" } };

    assert_true(keep());
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        add(others[i].path, others[i].text);
        assert_false(fits());
        fs_mem_remove(mem, str_from(others[i].path));
        assert_true(fits());
    }
    add("node_modules/vite/package.json", "{\"version\":\"7.0.1\"}");
    assert_false(fits());
    fs_mem_remove(mem, STR("node_modules/vite"));
    assert_false(fits());
    assert_false(keep());
}

TEST(a_project_that_was_copied_with_its_answer_has_none)
{
    struct str copy = arena_printf(&arena, "%.*s/copy", STR_FMT(kept.root));

    assert_true(keep());
    assert_int_equal(system(arena_printf(&arena, "mkdir '%.*s' && cp -a '%.*s/node_modules' '%.*s'",
                             STR_FMT(copy), STR_FMT(kept.root), STR_FMT(copy))
                                     .ptr),
            0);
    struct vite_kept there = kept;

    there.root = copy;
    assert_false(vite_kept_read(&there, config));
    assert_true(fits());
}

TEST(vite_may_lie_above_the_project_in_its_workspace)
{
    fs_mem_remove(mem, STR("node_modules/vite"));
    fs.within = STR("@workspace/packages/app");
    assert_false(keep());
    add("@workspace/node_modules/vite/package.json", "{\"version\":\"7.0.0\"}");
    assert_true(keep());
    assert_true(fits());
    add("@workspace/packages/node_modules/vite/package.json", "{\"version\":\"6.0.0\"}");
    assert_false(fits());
}

/* Calls `change` with each file of the cache. */
static void each_kept(const char *change)
{
    assert_int_equal(system(arena_printf(&arena, "for f in '%.*s'/" CACHE_FOLDER "/*; do %s; done",
                             STR_FMT(kept.root), change)
                                     .ptr),
            0);
}

TEST(a_file_that_is_broken_is_not_believed)
{
    assert_true(keep());
    each_kept("printf x >> \"$f\"");
    assert_false(fits());
    assert_true(keep());
    each_kept("head -c 60 \"$f\" > \"$f.x\" && mv \"$f.x\" \"$f\"");
    assert_false(fits());
    assert_true(keep());
    each_kept(": > \"$f\"");
    assert_false(fits());
    assert_str(vite_config_file(config), STR(""));
}

/* Puts `text` where the answer is. */
static bool fits_with(struct str text)
{
    assert_true(keep());
    struct str from = arena_printf(&arena, "%.*s/other", STR_FMT(kept.root));
    struct hash key = { 1, 2 };
    char hex[HASH_HEX_LEN + 1];

    hash_format(key, hex);
    (void)mkdir(from.ptr, 0777);
    assert_true(cache_write(from, key, text));
    each_kept(arena_printf(&arena, "cp '%.*s/%s.js' \"$f\"", STR_FMT(from), hex).ptr);
    return fits();
}

TEST(a_text_of_another_form_is_not_believed)
{
    char hex[HASH_HEX_LEN + 1];
    struct strbuf many;

    hash_format(hash_bytes(STR("a helper")), hex);
    assert_true(fits_with(arena_printf(&arena, "%s config/alias.ts\n\n{}", hex)));
    assert_true(fits_with(STR("\n{}")));
    assert_false(fits_with(STR("")));
    assert_false(fits_with(STR("{}")));
    assert_false(fits_with(STR("\n")));
    assert_false(fits_with(STR("\n[]")));
    assert_false(fits_with(STR("0123 config/alias.ts\n\n{}")));
    assert_false(fits_with(arena_printf(&arena, "%s\n\n{}", hex)));
    assert_false(fits_with(arena_printf(&arena, "%s config/alias.ts\n{}", hex)));
    assert_false(fits_with(arena_printf(&arena, "%s ../config/alias.ts\n\n{}", hex)));

    strbuf_init(&many, 1024 * 1024);
    for (size_t i = 0; i <= VITE_KEPT_DEPS_MAX; i++) {
        strbuf_addf(&many, "%s config/alias.ts\n", hex);
    }
    strbuf_add(&many, STR("\n{}"));
    assert_false(fits_with(strbuf_str(&many)));
    assert_true(fits_with(str_skip(strbuf_str(&many), strlen(hex) + strlen(" config/alias.ts\n"))));
    strbuf_finish(&many);
}

TEST(what_cannot_be_kept_is_not)
{
    static const struct str gone[] = { STR_INIT("vite.config.ts"), STR_INIT("config/gone.ts") };
    static const struct str odd[] = { STR_INIT("odd\nname") };
    struct str many[VITE_KEPT_DEPS_MAX + 1];
    char *large = arena_alloc(&arena, VITE_KEPT_TEXT_MAX);

    assert_false(vite_kept_write(&kept, answer, gone, 2));
    add("odd\nname", "");
    assert_false(vite_kept_write(&kept, answer, odd, 1));
    for (size_t i = 0; i <= VITE_KEPT_DEPS_MAX; i++) {
        many[i] = deps[0];
    }
    assert_false(vite_kept_write(&kept, answer, many, VITE_KEPT_DEPS_MAX + 1));
    assert_true(vite_kept_write(&kept, answer, many, VITE_KEPT_DEPS_MAX));
    assert_false(vite_kept_write(&kept, (struct str){ large, VITE_KEPT_TEXT_MAX }, deps, 2));
    assert_int_equal(
            system(arena_printf(&arena, "rm -r '%.*s/node_modules'", STR_FMT(kept.root)).ptr), 0);
    assert_false(keep());
    assert_false(fits());
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest cases[] = {
        EACH(an_answer_is_found_again_with_the_files_that_it_was_made_of),
        EACH(an_answer_that_was_made_of_something_else_is_none),
        EACH(an_answer_of_another_installation_is_none),
        EACH(a_project_that_was_copied_with_its_answer_has_none),
        EACH(vite_may_lie_above_the_project_in_its_workspace),
        EACH(a_file_that_is_broken_is_not_believed),
        EACH(a_text_of_another_form_is_not_believed),
        EACH(what_cannot_be_kept_is_not),
    };

    return RUN(cases);
}
