/* SPDX-License-Identifier: MIT */
/* Files and hashes on a real temporary folder. */
#include "files/files.h"

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

#include "base/sys.h"

static char root[64];
static struct files *files;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void begin(void)
{
    (void)snprintf(root, sizeof(root), "/tmp/orbiton-files-XXXXXX");
    assert_non_null(mkdtemp(root));
    assert_int_equal(files_create(str_from(root), &files), 0);
    assert_int_equal(chdir(root), 0);
}

static void end(void)
{
    files_destroy(files);
    assert_int_equal(chdir("/"), 0);
    (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void put(const char *path, struct str bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(sys_write_all(fd, bytes), 0);
    sys_close(fd);
}

static struct hash look(const char *path)
{
    struct file_facts facts;

    assert_int_equal(files_look(files, str_from(path), &facts), 0);
    return facts.hash;
}

TEST(hash_is_that_of_the_bytes)
{
    struct file_facts facts;

    begin();
    put("a.css", STR("body {}"));
    assert_int_equal(files_look(files, STR("a.css"), &facts), 0);
    assert_true(hash_eq(facts.hash, hash_bytes(STR("body {}"))));
    assert_int_equal(facts.size, 7);
    assert_true(facts.mtime_ns > 0);
    put("empty", STR(""));
    assert_true(hash_eq(look("empty"), hash_bytes(STR(""))));
    end();
}

TEST(large_file_is_hashed_in_pieces)
{
    size_t len = 3 * 256 * 1024 + 17;
    char *bytes = malloc(len);

    begin();
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (char)(i * 31 >> 3);
    }
    put("big", (struct str){ bytes, len });
    assert_true(hash_eq(look("big"), hash_bytes((struct str){ bytes, len })));
    free(bytes);
    end();
}

TEST(second_write_within_a_tick_is_seen)
{
    char text[16];

    begin();
    for (int i = 0; i < 2000; i++) {
        (void)snprintf(text, sizeof(text), "%08d", i);
        int fd = open("f", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

        assert_int_equal(pwrite(fd, text, 8, 0), 8); /* same size, same inode */
        sys_close(fd);
        assert_true(hash_eq(look("f"), hash_bytes(str_from(text))));
    }
    end();
}

TEST(old_file_is_not_read_again)
{
    struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000, .tv_nsec = 5 } };
    struct stat st;
    struct file_facts facts;

    begin();
    put("f", STR("one"));
    int fd = files_open(files, STR("f"), &st);

    st.st_mtim = old[1];
    st.st_ctim = old[1]; /* as if both were old: no one can set a ctime */
    assert_int_equal(files_look_open(files, STR("f"), fd, &st, &facts), 0);
    put("f", STR("two"));
    assert_int_equal(files_look_open(files, STR("f"), fd, &st, &facts), 0);
    assert_true(hash_eq(facts.hash, hash_bytes(STR("one"))));
    /* but one hashed within a tick of its last write is */
    st.st_mtim = (struct timespec){ .tv_sec = (time_t)(sys_wall_ns() / 1000000000u),
        .tv_nsec = (long)(sys_wall_ns() % 1000000000u) };
    assert_int_equal(files_look_open(files, STR("f"), fd, &st, &facts), 0);
    put("f", STR("six"));
    assert_int_equal(files_look_open(files, STR("f"), fd, &st, &facts), 0);
    assert_true(hash_eq(facts.hash, hash_bytes(STR("six"))));
    sys_close(fd);
    assert_true(hash_eq(look("f"), hash_bytes(STR("six"))));
    end();
}

TEST(what_is_forgotten_is_read_again)
{
    struct timespec old = { .tv_sec = 1000, .tv_nsec = 5 };
    struct stat st;
    struct file_facts facts;

    begin();
    put("f", STR("one"));
    int fd = files_open(files, STR("f"), &st);

    st.st_mtim = old;
    st.st_ctim = old;
    assert_int_equal(files_look_open(files, STR("f"), fd, &st, &facts), 0);
    put("f", STR("two"));
    files_forget(files, STR("g")); /* of which nothing is known */
    assert_int_equal(files_look_open(files, STR("f"), fd, &st, &facts), 0);
    assert_true(hash_eq(facts.hash, hash_bytes(STR("one"))));

    files_forget(files, STR("f"));
    files_forget(files, STR("f"));

    assert_int_equal(files_look_open(files, STR("f"), fd, &st, &facts), 0);
    assert_true(hash_eq(facts.hash, hash_bytes(STR("two"))));
    sys_close(fd);
    end();
}

TEST(only_regular_files_beneath_the_root)
{
    struct stat st;

    begin();
    assert_int_equal(mkdir("d", 0755), 0);
    assert_int_equal(mkfifo("fifo", 0644), 0);
    assert_int_equal(symlink("/etc/passwd", "out"), 0);
    assert_int_equal(symlink("../..", "up"), 0);
    assert_int_equal(symlink("loop", "loop"), 0);
    put("d/f", STR("x"));
    assert_int_equal(symlink("d/f", "in"), 0);
    static const char *const bad[] = { "", "d", "fifo", "out", "up/etc/passwd", "loop", "missing",
        "d/f/g", "../etc/passwd", "/etc/passwd" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(files_open(files, str_from(bad[i]), &st), -ENOENT);
    }
    assert_int_equal(files_open(files, STR("d\0/f"), &st), -ENOENT);
    char longest[5000];

    memset(longest, 'a', sizeof(longest));
    assert_int_equal(files_open(files, (struct str){ longest, sizeof(longest) }, &st), -ENOENT);
    assert_true(hash_eq(look("in"), hash_bytes(STR("x"))));
    end();
}

#define HEADER  "\0asm\1\0\0\0"
#define TYPES   "\x01\x02hi"
#define CODE    "\x0a\x83\x00xyz" /* a length that is longer than it must be */
#define CUSTOM1 "\x00\x05\x04name"
#define CUSTOM2                                                                                    \
    "\x00\x07\x06"                                                                                 \
    "source"

TEST(wasm_hash_leaves_custom_sections_out)
{
    struct hash plain = hash_bytes(STR(HEADER TYPES CODE));

    begin();
    put("a.wasm", STR(HEADER TYPES CODE));
    put("b.wasm", STR(HEADER CUSTOM1 TYPES CUSTOM2 CODE CUSTOM1));
    put("c.wasm", STR(HEADER TYPES "\x0a\x83\x00xyZ"));
    put("d.bin", STR(HEADER TYPES CODE CUSTOM1));
    assert_true(hash_eq(look("a.wasm"), plain));
    assert_true(hash_eq(look("b.wasm"), plain));
    assert_false(hash_eq(look("c.wasm"), plain));
    assert_false(hash_eq(look("d.bin"), plain));
    end();
}

TEST(malformed_wasm_is_hashed_whole)
{
    static const struct str bad[] = {
        STR_INIT("\0as"),
        STR_INIT(HEADER "\x00"),
        STR_INIT(HEADER CUSTOM1 "\x0a\x7f"),
        STR_INIT(HEADER CUSTOM1 "\x0a\xff\xff\xff\xff\xff\x01"),
        STR_INIT(HEADER CUSTOM1 "\x0a\xff\xff\xff\xff\x0f"),
    };

    begin();
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        put("m.wasm", bad[i]);
        assert_true(hash_eq(look("m.wasm"), hash_bytes(bad[i])));
    }
    end();
}

TEST(sparse_giant_is_known_by_its_times)
{
    struct file_facts facts;

    begin();
    put("giant", STR("x"));
    assert_int_equal(truncate("giant", (off_t)FILES_HASH_MAX + 1), 0);
    assert_int_equal(files_look(files, STR("giant"), &facts), 0);
    struct hash first = facts.hash;

    assert_int_equal(truncate("giant", (off_t)FILES_HASH_MAX + 2), 0);
    assert_int_equal(files_look(files, STR("giant"), &facts), 0);
    assert_false(hash_eq(first, facts.hash));
    end();
}

TEST(reopen_finds_a_root_made_again)
{
    begin();
    char old[80];

    (void)snprintf(old, sizeof(old), "%s-old", root);
    assert_int_equal(rename(root, old), 0);
    assert_int_equal(files_reopen(files), -ENOENT);
    assert_int_equal(mkdir(root, 0755), 0);
    assert_int_equal(files_reopen(files), 0);
    assert_int_equal(chdir(root), 0);
    put("f", STR("new"));
    assert_true(hash_eq(look("f"), hash_bytes(STR("new"))));
    assert_int_equal(rmdir(old), 0);
    end();
}

TEST(bytes_that_were_hashed_last_are_at_hand)
{
    struct str bytes = { 0 };

    begin();
    put("f", STR("one"));
    struct hash one = look("f");

    assert_true(files_last_bytes(files, one, &bytes));
    assert_str(bytes, STR("one"));
    put("f", STR("the second"));
    struct hash second = look("f");

    assert_false(files_last_bytes(files, one, &bytes));
    assert_true(files_last_bytes(files, second, &bytes));
    assert_str(bytes, STR("the second"));
    put("w.wasm", STR("\0asm\1\0\0\0"));
    assert_false(files_last_bytes(files, look("w.wasm"), &bytes));
    put("empty", STR(""));
    assert_true(files_last_bytes(files, look("empty"), &bytes));
    assert_int_equal(bytes.len, 0);
    end();
}

TEST(create_refuses_what_is_no_folder)
{
    struct files *none = NULL;

    assert_int_equal(files_create(STR("relative"), &none), -EINVAL);
    assert_int_equal(files_create(STR(""), &none), -EINVAL);
    assert_int_equal(files_create(STR("/etc/passwd"), &none), -ENOTDIR);
    assert_int_equal(files_create(STR("/nowhere"), &none), -ENOENT);
    assert_null(none);
    assert_int_equal(files_create(STR("/tmp//"), &none), 0);
    assert_str(files_root(none), STR("/tmp"));
    files_destroy(none);
    files_destroy(NULL);
}

static int open_state(struct files *project, const char *path)
{
    int fd = files_open_beneath(project, str_from(path), O_PATH);

    sys_close(fd);
    return fd < 0 ? fd : 0;
}

/* A workspace in the temporary folder, and a project in it. */
static struct files *begin_workspace(void)
{
    static const char *const folders[] = { "all", "all/.git", "all/app", "all/app/node_modules",
        "all/node_modules", "all/node_modules/dep", "all/shared", "all/shared/src", "all/other",
        "out" };
    struct files *project;
    char path[128];

    begin();
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        assert_int_equal(mkdir(folders[i], 0755), 0);
    }
    put("package.json", STR("{\"workspaces\": []}"));
    put("all/package.json", STR("{\"workspaces\": [\"*\"]}"));
    put("all/secret.js", STR("secret"));
    put("all/node_modules/dep/i.js", STR("dep"));
    put("all/shared/src/s.js", STR("shared"));
    put("all/other/o.js", STR("other"));
    put("out/x.js", STR("out"));
    assert_int_equal(symlink("../../shared", "all/app/node_modules/shared"), 0);
    assert_int_equal(symlink("../../../out", "all/app/node_modules/out"), 0);
    assert_int_equal(symlink("../other", "all/app/link"), 0);
    (void)snprintf(path, sizeof(path), "%s/all/app", root);
    assert_int_equal(files_create(str_from(path), &project), 0);
    return project;
}

TEST(packages_of_the_workspace_can_be_opened_and_nothing_else_of_it)
{
    struct files *project = begin_workspace();
    struct arena a = { 0 };
    struct str path;

    assert_int_equal(open_state(project, "node_modules/shared/src/s.js"), -EXDEV);
    assert_str(files_within(project), STR(""));
    files_find_workspace(project);
    assert_str(files_within(project), STR("@workspace/app"));
    assert_int_equal(open_state(project, "@workspace/node_modules/dep/i.js"), 0);
    int fd = files_open_beneath(project, STR("node_modules/shared/src/s.js"), O_PATH);

    assert_true(fd >= 0);
    assert_true(files_path_of(project, fd, &a, &path));
    assert_str(path, STR("@workspace/shared/src/s.js"));
    sys_close(fd);
    assert_int_equal(open_state(project, "@workspace/shared/src/s.js"), 0);
    assert_int_equal(open_state(project, "@workspace/shared2"), -ENOENT);
    assert_int_equal(open_state(project, "@workspace/other/o.js"), -ENOENT);
    assert_int_equal(open_state(project, "@workspace/secret.js"), -ENOENT);
    assert_int_equal(open_state(project, "@workspace/package.json"), -ENOENT);
    put("all/tsconfig.base.json", STR("{}"));
    put("all/.git/tsconfig.json", STR("{}"));
    assert_int_equal(open_state(project, "@workspace/tsconfig.base.json"), 0);
    assert_int_equal(open_state(project, "@workspace/.git/tsconfig.json"), -ENOENT);
    assert_int_equal(open_state(project, "@workspace"), -ENOENT);
    assert_int_equal(open_state(project, "@workspace/node_modules/dep/../../secret.js"), -ENOENT);
    assert_int_equal(open_state(project, "@workspace/node_modules/../../out/x.js"), -EXDEV);
    /* out of the workspace leads no link, and out of the root only one in node_modules */
    assert_int_equal(open_state(project, "node_modules/out/x.js"), -EXDEV);
    assert_int_equal(open_state(project, "link/o.js"), -EXDEV);
    arena_finish(&a);
    files_destroy(project);
    end();
}

TEST(a_package_is_opened_by_its_own_name_before_its_link_is_walked)
{
    struct files *project = begin_workspace();

    /* links in scopes, and of a package that a link leads to, count too; a link made later when walked */
    assert_int_equal(mkdir("all/node_modules/@acme", 0755), 0);
    assert_int_equal(mkdir("all/scoped", 0755), 0);
    assert_int_equal(mkdir("all/scoped/node_modules", 0755), 0);
    assert_int_equal(mkdir("all/late", 0755), 0);
    put("all/late/l.js", STR("late"));
    assert_int_equal(symlink("../../scoped", "all/node_modules/@acme/scoped"), 0);
    assert_int_equal(symlink("../../other", "all/scoped/node_modules/other"), 0);
    files_find_workspace(project);
    assert_int_equal(open_state(project, "@workspace/shared/src/s.js"), 0);
    assert_int_equal(open_state(project, "@workspace/scoped"), 0);
    assert_int_equal(open_state(project, "@workspace/other/o.js"), 0);
    assert_int_equal(open_state(project, "@workspace/secret.js"), -ENOENT);
    assert_int_equal(open_state(project, "@workspace/late/l.js"), -ENOENT);
    assert_int_equal(symlink("../../late", "all/app/node_modules/late"), 0);
    assert_int_equal(open_state(project, "node_modules/late/l.js"), 0);
    assert_int_equal(open_state(project, "@workspace/late/l.js"), 0);
    files_destroy(project);
    end();
}

static char used[512];

static void on_use(void *ctx, struct str folder, bool is_package)
{
    size_t len = strlen(used);

    (void)ctx;
    (void)snprintf(
            used + len, sizeof(used) - len, "%.*s%s ", STR_FMT(folder), is_package ? "!" : "");
}

TEST(who_asks_is_told_which_folders_of_packages_are_used)
{
    struct files *project = begin_workspace();

    files_find_workspace(project);
    files_on_use(project, on_use, NULL);
    (void)open_state(project, "@workspace/node_modules/dep/i.js");
    (void)open_state(project, "@workspace/secret.js");
    assert_string_equal(used, "");
    (void)open_state(project, "node_modules/shared/src/s.js");
    assert_string_equal(used, "@workspace/shared! @workspace/shared/src ");
    (void)open_state(project, "@workspace/shared/src");
    assert_string_equal(used, "@workspace/shared! @workspace/shared/src @workspace/shared! ");
    files_on_use(project, NULL, NULL);
    (void)open_state(project, "@workspace/shared/src/s.js");
    assert_string_equal(used, "@workspace/shared! @workspace/shared/src @workspace/shared! ");
    files_destroy(project);
    end();
}

TEST(paths_of_the_workspace_have_their_own_places)
{
    struct files *project = begin_workspace();
    struct arena a = { 0 };
    struct str inner;

    assert_int_equal(files_base(project, STR("@workspace/x"), &inner), files_root_fd(project));
    files_find_workspace(project);
    assert_int_equal(files_base(project, STR("src/x"), &inner), files_root_fd(project));
    assert_str(inner, STR("src/x"));
    assert_int_not_equal(files_base(project, STR("@workspace/x"), &inner), files_root_fd(project));
    assert_str(inner, STR("x"));
    assert_str(
            files_full_path(project, STR("src/x"), &a), arena_printf(&a, "%s/all/app/src/x", root));
    assert_str(files_full_path(project, STR("@workspace/shared/x"), &a),
            arena_printf(&a, "%s/all/shared/x", root));
    arena_finish(&a);
    files_destroy(project);
    end();
}

TEST(a_link_to_a_folder_that_the_project_lies_in_opens_nothing)
{
    struct files *project = begin_workspace();

    files_find_workspace(project);
    assert_int_equal(symlink("../..", "all/app/node_modules/workspace"), 0);
    assert_int_equal(open_state(project, "node_modules/workspace/secret.js"), -ENOENT);
    assert_int_equal(open_state(project, "@workspace/secret.js"), -ENOENT);
    assert_int_equal(open_state(project, "@workspace/other/o.js"), -ENOENT);
    files_destroy(project);
    end();
}

TEST(a_path_that_ends_in_node_modules_names_no_package)
{
    struct files *project = begin_workspace();
    struct str path = exact_copy(STR("@workspace/node_modules/"));

    files_find_workspace(project);
    assert_int_equal(files_open_beneath(project, path, O_RDONLY | O_DIRECTORY), -ENOENT);
    free((void *)(uintptr_t)path.ptr);
    files_destroy(project);
    end();
}

TEST(a_repository_ends_the_search_for_a_workspace)
{
    struct files *project = begin_workspace();

    assert_int_equal(mkdir("all/app/.git", 0755), 0);
    files_find_workspace(project);
    assert_str(files_within(project), STR(""));
    files_destroy(project);
    end();
}

TEST(a_folder_of_its_name_is_left_alone)
{
    struct files *project = begin_workspace();

    assert_int_equal(mkdir("all/app/@workspace", 0755), 0);
    put("all/app/@workspace/own.js", STR("own"));
    files_find_workspace(project);
    assert_int_equal(open_state(project, "@workspace/own.js"), 0);
    assert_int_equal(open_state(project, "@workspace/node_modules/dep/i.js"), -ENOENT);
    files_destroy(project);
    end();
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(hash_is_that_of_the_bytes),
        CASE(large_file_is_hashed_in_pieces),
        CASE(second_write_within_a_tick_is_seen),
        CASE(old_file_is_not_read_again),
        CASE(what_is_forgotten_is_read_again),
        CASE(only_regular_files_beneath_the_root),
        CASE(wasm_hash_leaves_custom_sections_out),
        CASE(malformed_wasm_is_hashed_whole),
        CASE(sparse_giant_is_known_by_its_times),
        CASE(reopen_finds_a_root_made_again),
        CASE(bytes_that_were_hashed_last_are_at_hand),
        CASE(create_refuses_what_is_no_folder),
        CASE(packages_of_the_workspace_can_be_opened_and_nothing_else_of_it),
        CASE(a_package_is_opened_by_its_own_name_before_its_link_is_walked),
        CASE(who_asks_is_told_which_folders_of_packages_are_used),
        CASE(paths_of_the_workspace_have_their_own_places),
        CASE(a_link_to_a_folder_that_the_project_lies_in_opens_nothing),
        CASE(a_path_that_ends_in_node_modules_names_no_package),
        CASE(a_repository_ends_the_search_for_a_workspace),
        CASE(a_folder_of_its_name_is_left_alone),
    };

    return RUN(cases);
}
