/* SPDX-License-Identifier: MIT */
/* What is kept between two runs, and what is not believed. */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
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

/* Sets when a file of the folder was written. */
static void set_time(struct str path, time_t seconds)
{
    const struct timespec when[2] = { { .tv_sec = seconds }, { .tv_sec = seconds } };

    assert_int_equal(utimensat(AT_FDCWD, arena_cstr(&arena, path), when, 0), 0);
}

static struct str path_of(unsigned n)
{
    char hex[HASH_HEX_LEN + 1];

    hash_format(key_of(n), hex);
    return arena_printf(&arena, "%.*s/%s.js", STR_FMT(folder), hex);
}

TEST(one_that_was_just_written_or_read_is_not_the_one_that_goes)
{
    const time_t future = time(NULL) + 100000;

    assert_true(cache_make(folder));
    for (unsigned n = 0; n < CACHE_FILES_MAX; n++) {
        assert_true(cache_write(folder, key_of(n), STR("x")));
        set_time(path_of(n), n < 2 ? 1000 + n : future);
    }
    assert_true(cache_read(folder, key_of(0), &text));
    assert_true(cache_write(folder, key_of(500), STR("x"))); /* written before all but one */
    assert_true(cache_read(folder, key_of(0), &text));
    assert_false(cache_read(folder, key_of(1), &text));

    set_time(path_of(0), future);
    set_time(path_of(500), future);
    assert_true(cache_write(folder, key_of(501), STR("x"))); /* written before all others */
    assert_true(cache_read(folder, key_of(501), &text));
    assert_int_equal(count_files(), CACHE_FILES_MAX);
}

TEST(what_a_run_that_was_killed_has_begun_goes_after_an_hour)
{
    static const char *const names[] = { ".pack-abcdef.js", ".pack-abcdef.json",
        "01000000000000000700000000000000.js.abcdef" };

    assert_true(cache_make(folder));
    assert_true(cache_write(folder, key_of(1), STR("x")));
    set_time(path_of(1), 1000);
    for (int old = 0; old < 2; old++) {
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            struct str path = arena_printf(&arena, "%.*s/%s", STR_FMT(folder), names[i]);
            int fd = open(path.ptr, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

            assert_true(fd >= 0);
            sys_close(fd);
            if (old) {
                set_time(path, time(NULL) - 7200);
            }
        }
        assert_true(cache_make(folder));
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            struct str path = arena_printf(&arena, "%.*s/%s", STR_FMT(folder), names[i]);

            assert_int_equal(access(path.ptr, F_OK), old ? -1 : 0);
        }
    }
    assert_true(cache_read(folder, key_of(1), &text));
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
        EACH(one_that_was_just_written_or_read_is_not_the_one_that_goes),
        EACH(what_a_run_that_was_killed_has_begun_goes_after_an_hour),
        EACH(a_folder_that_cannot_be_made_and_a_text_beyond_the_limit),
    };

    return RUN(cases);
}
