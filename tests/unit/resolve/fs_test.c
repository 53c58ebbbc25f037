/* SPDX-License-Identifier: MIT */
/* The disk and the table answer alike; the disk never leads out of the root. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/files.h"
#include "resolve/fs.h"

static char root[] = "/tmp/orbiton-fs-XXXXXX";
static struct files *files;
static struct fs_mem *mem;
static struct arena arena;

static const char *const names[] = { "a.js", "sub/b.js", "sub/deep/c.js", ".env" };

static int setup(void **state)
{
    char path[256];

    (void)state;
    assert_non_null(mkdtemp(root));
    mem = fs_mem_create();
    snprintf(path, sizeof(path), "%s/sub/", root);
    mkdir(path, 0777);
    snprintf(path, sizeof(path), "%s/sub/deep", root);
    mkdir(path, 0777);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", root, names[i]);
        int fd = open(path, O_WRONLY | O_CREAT, 0666);

        assert_true(write(fd, "text", 4) == 4);
        close(fd);
        fs_mem_add(mem, str_from(names[i]), STR("text"));
    }
    snprintf(path, sizeof(path), "%s/link", root);
    assert_int_equal(symlink("sub/deep", path), 0);
    fs_mem_add_link(mem, STR("link"), STR("sub/deep"));
    assert_int_equal(files_create(str_from(root), &files), 0);
    return 0;
}

static int teardown(void **state)
{
    char command[300];

    (void)state;
    files_destroy(files);
    fs_mem_destroy(mem);
    arena_finish(&arena);
    snprintf(command, sizeof(command), "rm -rf %s", root);
    return system(command);
}

static void check(const struct fs *fs)
{
    struct fs_stat st;
    struct fs_entry *entries;
    struct str text;
    size_t count;

    assert_true(fs->stat(fs->ctx, STR("a.js"), &st));
    assert_int_equal(st.kind, FS_FILE);
    assert_int_equal(fs_kind_of(fs, STR("sub")), FS_FOLDER);
    assert_int_equal(fs_kind_of(fs, STR("")), FS_FOLDER);
    assert_int_equal(fs_kind_of(fs, STR("none")), FS_NONE);
    assert_int_equal(fs_kind_of(fs, STR("a.js/x")), FS_NONE);
    assert_int_equal(fs_kind_of(fs, STR("link/c.js")), FS_FILE);
    assert_true(fs->read(fs->ctx, STR("link/c.js"), &arena, &text, 4));
    assert_str(text, STR("text"));
    assert_false(fs->read(fs->ctx, STR("a.js"), &arena, &text, 3));
    assert_false(fs->read(fs->ctx, STR("sub"), &arena, &text, 100));
    assert_true(fs->real(fs->ctx, STR("link/c.js"), &arena, &text));
    assert_str(text, STR("sub/deep/c.js"));
    assert_true(fs->link(fs->ctx, STR("link"), &arena, &text));
    assert_str(text, STR("sub/deep"));
    assert_false(fs->link(fs->ctx, STR("a.js"), &arena, &text));
    assert_false(fs->link(fs->ctx, STR("sub"), &arena, &text));
    assert_false(fs->link(fs->ctx, STR("none"), &arena, &text));
    assert_true(fs->real(fs->ctx, STR("a.js"), &arena, &text));
    assert_str(text, STR("a.js"));
    assert_false(fs->real(fs->ctx, STR("none"), &arena, &text));
    assert_int_equal(fs->list(fs->ctx, STR(""), &arena, &entries, &count, 100), 0);
    assert_int_equal(count, 4);
    assert_str(entries[0].name, STR(".env"));
    assert_str(entries[2].name, STR("link"));
    assert_int_equal(entries[2].kind, FS_FOLDER);
    assert_true(entries[2].link);
    assert_false(entries[3].link);
    assert_int_equal(fs->list(fs->ctx, STR(""), &arena, &entries, &count, 2), -E2BIG);
    assert_int_equal(count, 2);
    assert_int_equal(fs->list(fs->ctx, STR("a.js"), &arena, &entries, &count, 2), -ENOENT);
}

TEST(the_table)
{
    struct fs fs = fs_mem_face(mem);

    check(&fs);
}

TEST(the_disk)
{
    struct fs fs = fs_real(files);

    check(&fs);
}

TEST(no_link_leads_out)
{
    struct fs fs = fs_real(files);
    char path[256];
    struct str text;

    snprintf(path, sizeof(path), "%s/out", root);
    assert_int_equal(symlink("/etc", path), 0);
    assert_int_equal(fs_kind_of(&fs, STR("out")), FS_NONE);
    assert_int_equal(fs_kind_of(&fs, STR("out/passwd")), FS_NONE);
    assert_false(fs.read(fs.ctx, STR("out/passwd"), &arena, &text, 1 << 20));
    assert_false(fs.real(fs.ctx, STR("out/passwd"), &arena, &text));
    unlink(path);
}

TEST(a_root_that_is_moved_is_still_the_root)
{
    struct fs fs = fs_real(files);
    char moved[256];
    struct str text;

    snprintf(moved, sizeof(moved), "%s-moved", root);
    assert_true(fs.real(fs.ctx, STR("a.js"), &arena, &text));
    assert_int_equal(rename(root, moved), 0);
    assert_true(fs.real(fs.ctx, STR("a.js"), &arena, &text));
    assert_str(text, STR("a.js"));
    assert_int_equal(rename(moved, root), 0);
    assert_true(fs.real(fs.ctx, STR("sub/b.js"), &arena, &text));
    assert_str(text, STR("sub/b.js"));
}

TEST(a_file_newer_than_the_clock_has_no_stamp)
{
    struct fs fs = fs_real(files);
    struct fs_stat st;
    char path[256];

    snprintf(path, sizeof(path), "%s/sub/b.js", root);
    assert_int_equal(utimensat(AT_FDCWD, path,
                             (struct timespec[]){ { 4102444800, 0 }, { 4102444800, 0 } }, 0),
            0);
    assert_true(fs.stat(fs.ctx, STR("sub/b.js"), &st));
    assert_true(st.version == 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(the_table),
        CASE(the_disk),
        CASE(no_link_leads_out),
        CASE(a_root_that_is_moved_is_still_the_root),
        CASE(a_file_newer_than_the_clock_has_no_stamp),
    };

    return cmocka_run_group_tests(cases, setup, teardown);
}
