/* SPDX-License-Identifier: MIT */
/* What is kept between two runs, and what is not believed. */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/sys.h"
#include "pack/cache.h"

static struct arena arena;
static struct str above;
static struct str folder;
static struct strbuf text;

static struct hash key_of(unsigned n)
{
    return (struct hash){ .low = n, .high = 7 };
}

static int set_up(void **state)
{
    char name[] = "/tmp/orbiton-cache-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(name));
    above = arena_str(&arena, str_from(name));
    folder = arena_printf(&arena, "%s/.cache/orbiton", name);
    strbuf_init(&text, 1000);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(system(arena_printf(&arena, "rm -rf '%.*s'", STR_FMT(above)).ptr), 0);
    strbuf_finish(&text);
    arena_finish(&arena);
    return 0;
}

static size_t count_files(void)
{
    DIR *dir = opendir(arena_cstr(&arena, folder));
    size_t count = 0;
    const struct dirent *entry;

    while ((entry = readdir(dir)) != NULL) {
        count += entry->d_name[0] != '.';
    }
    assert_int_equal(closedir(dir), 0);
    return count;
}

TEST(a_text_is_found_by_its_key)
{
    assert_true(cache_make(folder));
    assert_true(cache_make(folder));
    assert_false(cache_read(folder, key_of(1), &text));
    assert_true(cache_write(folder, key_of(1), STR("let a\n")));
    assert_true(cache_write(folder, key_of(2), STR("")));
    assert_true(cache_read(folder, key_of(1), &text));
    assert_str(strbuf_str(&text), STR("let a\n"));
    assert_true(cache_read(folder, key_of(2), &text));
    assert_str(strbuf_str(&text), STR(""));
    assert_false(cache_read(folder, key_of(3), &text));
}

TEST(a_file_that_was_cut_or_changed_is_not_there)
{
    const struct str whole = STR("let a = 'some text'\n");

    assert_true(cache_make(folder));
    assert_true(cache_write(folder, key_of(1), whole));
    struct str path =
            arena_printf(&arena, "%.*s/01000000000000000700000000000000.js", STR_FMT(folder));
    char hex[HASH_HEX_LEN + 1];

    hash_format(key_of(1), hex);
    path = arena_printf(&arena, "%.*s/%s.js", STR_FMT(folder), hex);
    struct strbuf file;

    strbuf_init(&file, 1000);
    assert_int_equal(sys_read_file(path, &file), 0);
    for (size_t cut = 0; cut < file.len; cut++) {
        int fd = open(path.ptr, O_WRONLY | O_TRUNC | O_CLOEXEC);

        assert_int_equal(sys_write_all(fd, str_sub(strbuf_str(&file), 0, cut)), 0);
        sys_close(fd);
        assert_false(cache_read(folder, key_of(1), &text));
    }
    for (size_t at = 0; at < file.len; at++) {
        int fd = open(path.ptr, O_WRONLY | O_TRUNC | O_CLOEXEC);

        file.ptr[at] ^= 1;
        assert_int_equal(sys_write_all(fd, strbuf_str(&file)), 0);
        file.ptr[at] ^= 1;
        sys_close(fd);
        /* the end of the first line says nothing that counts */
        assert_true(!cache_read(folder, key_of(1), &text) || str_eq(strbuf_str(&text), whole));
    }
    strbuf_finish(&file);
}

TEST(there_are_never_more_than_so_many)
{
    assert_true(cache_make(folder));
    for (unsigned n = 0; n < CACHE_FILES_MAX + 5; n++) {
        assert_true(cache_write(folder, key_of(n), STR("x")));
    }
    assert_int_equal(count_files(), CACHE_FILES_MAX);
    assert_true(cache_read(folder, key_of(CACHE_FILES_MAX + 4), &text));
}

TEST(a_folder_that_cannot_be_made_and_a_text_beyond_the_limit)
{
    struct str gone = arena_printf(&arena, "%.*s/a/b/c", STR_FMT(above));
    char *large = arena_alloc(&arena, 2000);

    assert_false(cache_make(gone));
    assert_false(cache_write(gone, key_of(1), STR("x")));
    assert_true(cache_make(folder));
    assert_true(cache_write(folder, key_of(1), (struct str){ large, 2000 }));
    assert_false(cache_read(folder, key_of(1), &text));
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest cases[] = {
        EACH(a_text_is_found_by_its_key),
        EACH(a_file_that_was_cut_or_changed_is_not_there),
        EACH(there_are_never_more_than_so_many),
        EACH(a_folder_that_cannot_be_made_and_a_text_beyond_the_limit),
    };

    return RUN(cases);
}
