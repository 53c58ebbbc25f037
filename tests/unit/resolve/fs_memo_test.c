/* SPDX-License-Identifier: MIT */
/* What is remembered of a disk, and for how long. */
#include "test.h"

#include "resolve/fs_memo.h"

static struct fs_mem *mem;
static struct fs_memo *memo;
static struct fs fs;
static size_t looks;

static bool count_stat(void *ctx, struct str path, struct fs_stat *ret)
{
    struct fs disk = fs_mem_face(ctx);

    looks++;
    return disk.stat(ctx, path, ret);
}

static int setup(void **state)
{
    (void)state;
    mem = fs_mem_create();

    struct fs disk = fs_mem_face(mem);

    disk.stat = count_stat;
    looks = 0;
    memo = fs_memo_create(&disk);
    fs = fs_memo_face(memo);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fs_memo_destroy(memo);
    fs_mem_destroy(mem);
    return 0;
}

TEST(a_path_is_looked_at_once_whether_something_is_there_or_not)
{
    struct fs_stat first;
    struct fs_stat second;

    fs_mem_add(mem, STR("a.js"), STR("text"));
    fs_memo_begin(memo);
    assert_true(fs.stat(fs.ctx, STR("a.js"), &first));
    assert_false(fs.stat(fs.ctx, STR("b.js"), &second));
    assert_true(fs_kind_of(&fs, STR("")) == FS_FOLDER);
    assert_true(fs.stat(fs.ctx, STR("a.js"), &second));
    assert_true(second.kind == FS_FILE && second.version == first.version);
    assert_false(fs.stat(fs.ctx, STR("b.js"), &second));
    assert_true(second.kind == FS_NONE);
    assert_true(fs_kind_of(&fs, STR("")) == FS_FOLDER);
    assert_int_equal(looks, 3);
    fs_memo_end(memo);
}

TEST(what_has_changed_counts_from_the_next_time_on)
{
    fs_memo_begin(memo);
    assert_true(fs_kind_of(&fs, STR("a.js")) == FS_NONE);
    fs_mem_add(mem, STR("a.js"), STR("text"));
    assert_true(fs_kind_of(&fs, STR("a.js")) == FS_NONE);
    fs_memo_end(memo);
    assert_true(fs_kind_of(&fs, STR("a.js")) == FS_FILE);
    fs_mem_remove(mem, STR("a.js"));
    assert_true(fs_kind_of(&fs, STR("a.js")) == FS_NONE); /* nothing is remembered in between */
    fs_memo_begin(memo);
    assert_true(fs_kind_of(&fs, STR("a.js")) == FS_NONE);
    fs_mem_add(mem, STR("a.js"), STR("text"));
    fs_memo_begin(memo); /* something begins within it that is about what has changed */
    assert_true(fs_kind_of(&fs, STR("a.js")) == FS_FILE);
    fs_mem_remove(mem, STR("a.js"));
    fs_memo_end(memo);
    assert_true(fs_kind_of(&fs, STR("a.js")) == FS_FILE);
    fs_memo_end(memo);
    assert_true(fs_kind_of(&fs, STR("a.js")) == FS_NONE);
}

TEST(more_than_is_remembered_is_looked_at)
{
    char name[32];

    fs_memo_begin(memo);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < FS_MEMO_MAX + 10; i++) {
            size_t len = (size_t)snprintf(name, sizeof(name), "%d.js", i);

            assert_true(fs_kind_of(&fs, (struct str){ name, len }) == FS_NONE);
        }
    }
    assert_int_equal(looks, FS_MEMO_MAX + 20);
    fs_memo_end(memo);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest cases[] = {
        WITH(a_path_is_looked_at_once_whether_something_is_there_or_not),
        WITH(what_has_changed_counts_from_the_next_time_on),
        WITH(more_than_is_remembered_is_looked_at),
    };

    return cmocka_run_group_tests(cases, NULL, NULL);
}
