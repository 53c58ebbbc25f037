/* SPDX-License-Identifier: MIT */
/* How saves, folders, links, bursts and lost events are told. */
#include "watch_world.h"

#include "base/hash.h"

TEST(writing_in_place)
{
    make_root();
    put("a.js", "one");
    start();
    put("a.js", "two"); /* VS Code: cut, write, close */
    expect("modified a.js");
    int fd = open("a.js", O_WRONLY | O_APPEND | O_CLOEXEC);

    assert_int_equal(sys_write_all(fd, STR("three")), 0);
    sys_close(fd);
    expect("modified a.js");
    put("new.js", "x");
    expect("created new.js");
    assert_int_equal(unlink("new.js"), 0);
    expect("deleted new.js");
    stop();
}

TEST(same_bytes_are_not_a_change)
{
    make_root();
    put("a.js", "one");
    start();
    put("a.js", "one");
    settle();
    assert_int_equal(change_set_changes(&seen), 0);
    expect("same a.js");
    assert_int_equal(chmod("a.js", 0600), 0);
    expect_nothing();
    assert_int_equal(utimensat(AT_FDCWD, "a.js", NULL, 0), 0);
    expect_nothing();
    run("touch a.js");
    settle();
    assert_int_equal(change_set_changes(&seen), 0);
    stop();
}

TEST(single_save_goes_out_in_one_iteration)
{
    make_root();
    put("a.js", "one");
    put("b.js", "one");
    start();
    put("a.js", "two");
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(handed_over, 1);
    stop();
}

TEST(vim_backup_and_rename)
{
    make_root();
    put("a.js", "one");
    start();
    put("4913", "");
    assert_int_equal(unlink("4913"), 0);
    put(".a.js.swp", "swap");
    assert_int_equal(rename("a.js", "a.js~"), 0);
    put("a.js", "two");
    assert_int_equal(unlink("a.js~"), 0);
    assert_int_equal(unlink(".a.js.swp"), 0);
    expect("modified a.js");
    /* the same with a look between the two renames: the gap must not be announced */
    assert_int_equal(rename("a.js", "a.js~"), 0);
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    put("a.js", "three");
    settle();
    assert_int_equal(handed_over, 1);
    expect("modified a.js");
    stop();
}

TEST(emacs_lock_and_backup)
{
    make_root();
    put("a.js", "one");
    start();
    assert_int_equal(symlink("me@here.1:2", ".#a.js"), 0);
    put("#a.js#", "auto");
    assert_int_equal(rename("a.js", "a.js~"), 0);
    put("a.js", "two");
    assert_int_equal(unlink("#a.js#"), 0);
    assert_int_equal(unlink(".#a.js"), 0);
    expect("modified a.js");
    stop();
}

TEST(jetbrains_safe_write)
{
    make_root();
    put("a.js", "one");
    start();
    put("a.js___jb_tmp___", "two");
    assert_int_equal(rename("a.js", "a.js___jb_old___"), 0);
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(rename("a.js___jb_tmp___", "a.js"), 0);
    assert_int_equal(unlink("a.js___jb_old___"), 0);
    settle();
    assert_int_equal(handed_over, 1);
    expect("modified a.js");
    stop();
}

TEST(tools_that_rename)
{
    make_root();
    put("a.js", "one");
    put("b.js", "bee");
    start();
    run("sed -i s/one/two/ a.js");
    expect("modified a.js");
    run("cp b.js a.js");
    expect("modified a.js");
    run("mv b.js c.js");
    settle();
    assert_int_equal(handed_over, 1); /* both halves of a rename in one set */
    expect("deleted b.js", "created c.js");
    assert_int_equal(unlink("a.js"), 0);
    put("a.js", "again"); /* delete and create */
    expect("modified a.js");
    run("ln c.js d.js");
    expect("created d.js");
    put("sediments", "a name that sed could have chosen");
    expect("created sediments");
    stop();
}

TEST(half_a_file_is_not_announced)
{
    make_root();
    put("a.js", "one");
    start();
    int fd = open("a.js", O_WRONLY | O_TRUNC | O_CLOEXEC);

    for (int i = 0; i < 10; i++) {
        (void)uv_run(&loop, UV_RUN_NOWAIT);
    }
    assert_int_equal(handed_over, 0);
    /* as if its quiet time were over: cut and not yet filled, it is given more */
    struct pending *cut = settle_find(&watch->settle, STR("a.js"));

    assert_non_null(cut);
    cut->due_ns = 1;
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(handed_over, 0);
    assert_int_equal(sys_write_all(fd, STR("ha")), 0);
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(handed_over, 0);
    assert_int_equal(sys_write_all(fd, STR("lf")), 0);
    sys_close(fd);
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(handed_over, 1);
    expect("modified a.js");
    /* a writer that never closes is announced when it is quiet */
    fd = open("a.js", O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_int_equal(sys_write_all(fd, STR("open")), 0);
    expect("modified a.js");
    sys_close(fd);
    expect("same a.js");
    stop();
}

TEST(mapped_write_is_seen_when_it_ends)
{
    make_root();
    put("a.bin", "0123456789");
    start();
    int fd = open("a.bin", O_RDWR | O_CLOEXEC);
    char *map = mmap(NULL, 10, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    assert_ptr_not_equal(map, MAP_FAILED);
    map[0] = 'x';
    assert_int_equal(munmap(map, 10), 0);
    sys_close(fd);
    expect("modified a.bin");
    stop();
}

TEST(folders_come_filled)
{
    make_root();
    start();
    run("mkdir -p a/b/c && echo 1 >a/b/c/f.js && echo 2 >a/g.js");
    expect("created a/b/c/f.js", "created a/g.js");
    run("echo 3 >a/b/c/f.js");
    expect("modified a/b/c/f.js");
    run("mv a z");
    settle();
    assert_int_equal(handed_over, 1);
    expect("deleted a/b/c/f.js", "deleted a/g.js", "created z/b/c/f.js", "created z/g.js");
    run("echo 4 >z/b/c/f.js");
    expect("modified z/b/c/f.js");
    run("mkdir y && mv z/b y/b && echo 5 >y/b/c/f.js");
    expect("deleted z/b/c/f.js", "created y/b/c/f.js");
    run("rm -r z && mkdir z && echo 6 >z/h.js");
    expect("deleted z/g.js", "created z/h.js");
    run("rm -r y && mkdir -p y/b/c && echo 5 >y/b/c/f.js"); /* as it was */
    expect_nothing();
    run("echo 7 >y/b/c/f.js");
    expect("modified y/b/c/f.js");
    stop();
}

TEST(folders_move_in_and_out)
{
    char outside[80];
    char command[400];

    make_root();
    (void)snprintf(outside, sizeof(outside), "%s.outside", root);
    (void)snprintf(
            command, sizeof(command), "mkdir -p %s/d/e && echo 1 >%s/d/e/f.js", outside, outside);
    run(command);
    start();
    (void)snprintf(command, sizeof(command), "mv %s/d .", outside);
    run(command);
    expect("created d/e/f.js");
    (void)snprintf(command, sizeof(command), "mv d %s && echo 2 >%s/d/e/f.js", outside, outside);
    run(command);
    expect("deleted d/e/f.js");
    (void)snprintf(command, sizeof(command), "echo 3 >%s/d/e/f.js", outside);
    run(command);
    expect_nothing();
    stop();
    remove_tree(outside);
}

TEST(file_and_folder_change_places)
{
    make_root();
    put("x", "file");
    start();
    run("rm x && mkdir x && echo 1 >x/y");
    expect("deleted x", "created x/y");
    run("rm -r x && echo file >x");
    expect("created x", "deleted x/y");
    stop();
}

TEST(links)
{
    make_root();
    run("mkdir d && echo 1 >d/one && echo 2 >d/two && ln -s d/one cur && ln -s .. d/up && "
        "ln -s d link && ln -s nowhere dangling && ln -s /etc/passwd out && ln -s self self");
    start();
    struct watch_stats stats;

    watch_get_stats(watch, &stats);
    assert_int_equal(stats.folders, 2); /* no link was followed */
    run("ln -sfn d/two cur");
    expect("modified cur");
    run("echo 3 >d/two"); /* the link's content changes with its target's */
    expect("modified d/two", "modified cur");
    run("rm cur && ln -s d/two cur");
    settle();
    assert_int_equal(change_set_changes(&seen), 0);
    forget();
    run("ln -sfn missing cur");
    expect("deleted cur");
    run("echo here >missing");
    expect("created missing", "created cur");
    run("echo here >nowhere");
    expect("created nowhere", "created dangling");
    assert_true(watch_has_folder_links(watch));
    assert_true(watch_is_behind_link(watch, STR("link/one")));
    assert_true(watch_is_behind_link(watch, STR("link/more/one")));
    assert_false(watch_is_behind_link(watch, STR("link")));
    assert_false(watch_is_behind_link(watch, STR("d/one")));
    run("rm link && mkdir link && echo 1 >link/f");
    expect("deleted link", "created link/f");
    assert_false(watch_is_behind_link(watch, STR("link/f")));
    run("rm -r link && ln -s d link");
    expect("deleted link/f", "created link");
    run("ln -sfn .. link");
    expect("modified link");
    run("ln -sfn nowhere_at_all link");
    expect("deleted link");
    run("rm link");
    settle();
    assert_int_equal(change_set_changes(&seen), 0);
    forget();
    stop();
}

TEST(hard_links_change_together)
{
    make_root();
    run("mkdir d && echo 1 >a && ln a d/b && ln d/b c");
    start();
    run("echo 2 >a");
    expect("modified a", "modified d/b", "modified c");
    run("rm a && echo 3 >d/b");
    expect("deleted a", "modified d/b", "modified c");
    stop();
}

TEST(names_of_any_bytes)
{
    static const char *const names[] = { "new\nline", "\xff\xfe", "sp ace", "'\"\\", "\x1b[31m",
        "-rf", "*", "\xe2\x80\xa8" };
    make_root();
    start();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        put(names[i], "1");
        settle();
        const struct change *change = change_set_find(&seen, str_from(names[i]));

        assert_non_null(change);
        assert_int_equal(change->kind, CHANGE_CREATED);
    }
    stop();
}

TEST(burst_is_one_set)
{
    make_root();
    start();
    for (int i = 0; i < 300; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "f%d", i);
        put(name, "x");
    }
    settle();
    assert_int_equal(seen.count, 300);
    assert_int_equal(handed_over, 1);
    stop();
}

TEST(ignored_paths)
{
    make_root();
    run("mkdir -p node_modules/x dist/deep src target/debug && echo 1 >node_modules/x/i.js && "
        "echo 1 >dist/a.js && echo 1 >dist/deep/app.wasm && echo 1 >target/CACHEDIR.TAG && "
        "echo 1 >src/a.js && printf 'dist\\n*.log\\n!keep.log\\n' >.gitignore");
    const struct str unignore[] = { STR_INIT("dist/deep/app.wasm"), STR_INIT("built/") };
    const struct str more[] = { STR_INIT("*.tmp") };

    start_with((struct watch_options){
            .unignore_paths = unignore, .unignore_count = 2, .ignore = more, .ignore_count = 1 });
    assert_true(watch_ignores(watch, STR("node_modules"), true));
    assert_true(watch_ignores(watch, STR("node_modules/x/i.js"), false));
    assert_false(watch_ignores(watch, STR("node_modules/.package-lock.json"), false));
    assert_true(watch_ignores(watch, STR("node_modules/x/.package-lock.json"), false));
    assert_true(watch_ignores(watch, STR("dist/a.js"), false));
    assert_true(watch_ignores(watch, STR("dist"), true));
    assert_false(watch_ignores(watch, STR("dist/deep/app.wasm"), false));
    assert_true(watch_ignores(watch, STR("target/debug/x.rs"), false));
    assert_true(watch_ignores(watch, STR(".git/HEAD"), false));
    assert_true(watch_ignores(watch, STR("src/x.tmp"), false));
    assert_false(watch_ignores(watch, STR("src/a.js"), false));
    run("echo 2 >node_modules/x/i.js && echo 2 >dist/a.js && echo 2 >target/debug/x && "
        "echo 2 >src/x.log && echo 2 >x.tmp && echo 2 >src/a.js~");
    expect_nothing();
    run("echo 2 >dist/deep/app.wasm");
    expect("modified dist/deep/app.wasm");
    run("rm -r dist && mkdir -p dist/deep && echo 3 >dist/deep/app.wasm && echo 3 >dist/b.js");
    expect("modified dist/deep/app.wasm");
    run("echo 1 >src/keep.log");
    expect("created src/keep.log");
    /* rules that change apply at once */
    put(".gitignore", "src/keep.log\n");
    expect("modified .gitignore", "created dist/b.js", "created src/x.log");
    run("echo 2 >src/keep.log");
    expect_nothing();
    put("src/.gitignore", "a.js\n");
    expect("created src/.gitignore");
    run("echo 5 >src/a.js");
    expect_nothing();
    /* cargo makes its folder under another name and renames it */
    run("mkdir targetAbC && echo 1 >targetAbC/CACHEDIR.TAG && mv targetAbC out && "
        "echo 1 >out/lib.rs");
    expect_nothing();
    run("echo 2 >out/lib.rs");
    expect_nothing();
    stop();
}

TEST(exclude_file_and_rules_above_the_root)
{
    char top[64];

    make_root();
    (void)snprintf(top, sizeof(top), "%s", root);
    run("git init -q . && mkdir -p sub/dir && printf 'sub/dir/*.gen\\n' >.gitignore && "
        "echo '*.mine' >.git/info/exclude");
    files_destroy(files);
    (void)strcat(root, "/sub");
    assert_int_equal(files_create(str_from(root), &files), 0);
    start();
    run("echo 1 >sub/dir/x.gen && echo 1 >sub/a.mine && echo 1 >x.gen");
    expect_nothing();
    run("echo '*.other' >.git/info/exclude");
    expect("created a.mine");
    run("echo 1 >sub/b.other");
    expect_nothing();
    memcpy(root, top, sizeof(root));
    stop();
}

/* As many events as fit nowhere: the kernel itself drops some. */
TEST(overflow_leads_to_a_listing)
{
    struct strbuf text;
    uint64_t limit = 0;

    make_root();
    put("a.js", "1");
    put("b.js", "1");
    put("old.js", "1");
    run("mkdir d && echo 1 >d/old");
    start();
    strbuf_init(&text, 64);
    assert_int_equal(sys_read_file(STR("/proc/sys/fs/inotify/max_queued_events"), &text), 0);
    assert_true(str_parse_u64(str_trim(strbuf_str(&text)), &limit));
    strbuf_finish(&text);
    int a = open("a.js", O_WRONLY | O_CLOEXEC);
    int b = open("b.js", O_WRONLY | O_CLOEXEC);

    for (uint64_t i = 0; i < limit / 2 + 2; i++) {
        assert_int_equal(pwrite(a, "x", 1, 0), 1);
        assert_int_equal(pwrite(b, "x", 1, 0), 1);
    }
    sys_close(a);
    sys_close(b);
    run("rm -r old.js d && mkdir -p d/e && echo 1 >d/e/new && echo 1 >c.js");
    settle();
    assert_true(lost_events);
    expect("modified a.js", "modified b.js", "created c.js", "deleted d/old", "created d/e/new",
            "deleted old.js");
    struct watch_stats stats;

    watch_get_stats(watch, &stats);
    assert_true(stats.overflows > 0);
    run("echo 2 >d/e/new");
    expect("modified d/e/new");
    stop();
}

TEST(watch_limit_leads_to_polling)
{
    struct watch_stats stats;

    make_root();
    start();
    events_set_limit(watch->events, 1);
    run("mkdir -p a/b c && echo 1 >a/b/f && echo 1 >c/g");
    expect("created a/b/f", "created c/g");
    watch_get_stats(watch, &stats);
    assert_true(stats.polled_folders > 0);
    run("echo 22 >a/b/f");
    settle();
    expect("modified a/b/f");
    events_set_limit(watch->events, SIZE_MAX);
    settle();
    watch_get_stats(watch, &stats);
    assert_int_equal(stats.polled_folders, 0); /* watches were freed, so they are used */
    run("echo 3 >a/b/f && rm -r c");
    expect("modified a/b/f", "deleted c/g");
    stop();
}

TEST(limit_notice_names_the_sysctl)
{
    make_root();
    start();
    events_set_limit(watch->events, 0);
    run("mkdir a");
    settle();
    assert_non_null(strstr(notice, "'a'"));
    assert_non_null(strstr(notice, "fs.inotify.max_user_watches"));
    stop();
}

TEST(root_deleted_and_made_again)
{
    char command[400];

    make_root();
    run("mkdir d && echo 1 >d/f && echo 1 >g");
    start();
    (void)snprintf(command, sizeof(command), "rm -r %s", root);
    assert_int_equal(chdir("/"), 0);
    run(command);
    settle();
    assert_non_null(strstr(notice, "is gone"));
    expect("deleted d/f", "deleted g");
    assert_int_equal(mkdir(root, 0755), 0);
    assert_int_equal(chdir(root), 0);
    run("mkdir d && echo 2 >d/f");
    expect("created d/f");
    run("echo 3 >d/f");
    expect("modified d/f");
    /* so fast that nobody saw it missing */
    (void)snprintf(command, sizeof(command), "rm -r %s && mkdir -p %s/d && echo 4 >%s/d/f", root,
            root, root);
    run(command);
    assert_int_equal(chdir(root), 0);
    expect("modified d/f");
    run("echo 5 >d/f");
    expect("modified d/f");
    (void)snprintf(command, sizeof(command), "mv %s %s.moved", root, root);
    run(command);
    expect("deleted d/f");
    (void)snprintf(command, sizeof(command), "mv %s.moved %s", root, root);
    run(command);
    expect("created d/f");
    stop();
}

TEST(idle_watcher_has_no_timer)
{
    make_root();
    put("a.js", "1");
    start();
    put("a.js", "2");
    settle();
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    assert_false(uv_is_active((uv_handle_t *)&watch->idle));
    assert_false(uv_is_active((uv_handle_t *)&watch->poll_timer));
    assert_false(uv_is_active((uv_handle_t *)&watch->timer));
    stop();
}

TEST(large_tree_is_listed_in_slices)
{
    make_root();
    run("i=0; while [ $i -lt 60 ]; do mkdir -p t$i/a/b; for j in 1 2 3 4 5 6 7 8 9; do "
        "echo $j >t$i/f$j; echo $j >t$i/a/b/g$j; done; i=$((i+1)); done");
    struct watch_options options = { .files = files, .on_changes = on_changes, .poll_ms = 5 };
    struct watch_stats stats;

    forget();
    assert_int_equal(watch_create(&loop, &options, &watch), 0);
    put("t59/a/b/new", "1"); /* listed or not by now, it must be seen */
    settle();
    assert_int_equal(change_set_find(&seen, STR("t59/a/b/new"))->kind, CHANGE_CREATED);
    watch_get_stats(watch, &stats);
    assert_int_equal(stats.files, 60 * 18 + 1);
    assert_int_equal(stats.folders, 60 * 3 + 1);
    stop();
}

TEST(a_file_with_an_open_writer_is_unfinished)
{
    struct hash hash = { 0 };

    make_root();
    put("a.js", "one");
    start();
    assert_false(watch_is_unfinished(watch, STR("a.js"), NULL));
    assert_true(watch_find_hash(watch, STR("a.js"), &hash));
    assert_true(hash_eq(hash, hash_bytes(STR("one"))));
    int fd = open("a.js", O_WRONLY | O_TRUNC | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_true(watch_is_unfinished(watch, STR("a.js"), NULL));
    assert_false(watch_is_unfinished(watch, STR("b.js"), NULL));
    assert_int_equal(sys_write_all(fd, STR("second")), 0);
    assert_true(watch_is_unfinished(watch, STR("a.js"), NULL));
    sys_close(fd);
    assert_false(watch_is_unfinished(watch, STR("a.js"), NULL));
    /* what the questions have read from the queue is announced all the same */
    settle();
    assert_int_equal(seen.count, 1);
    assert_true(watch_find_hash(watch, STR("a.js"), &hash));
    assert_true(hash_eq(hash, hash_bytes(STR("second"))));
    assert_int_equal(unlink("a.js"), 0);
    assert_true(watch_is_unfinished(watch, STR("a.js"), NULL));
    settle();
    assert_false(watch_is_unfinished(watch, STR("a.js"), NULL));
    assert_false(watch_find_hash(watch, STR("a.js"), &hash));
    stop();
}

TEST(bytes_that_no_event_has_told_of_are_unfinished_while_they_are_fresh)
{
    struct file_facts found = { .size = 4, .mtime_ns = sys_wall_ns() };

    make_root();
    put("a.js", "one");
    start();
    found.hash = hash_bytes(STR("half"));
    assert_true(watch_is_unfinished(watch, STR("a.js"), &found));
    assert_false(watch_is_unfinished(watch, STR("unknown.js"), &found));
    found.mtime_ns -= UINT64_C(60000000000);
    assert_false(watch_is_unfinished(watch, STR("a.js"), &found));
    found.size = 0;
    assert_true(watch_is_unfinished(watch, STR("a.js"), &found));
    found.hash = hash_bytes(STR("one"));
    assert_false(watch_is_unfinished(watch, STR("a.js"), &found));
    /* a save that was told of is whole */
    put("a.js", "second");
    assert_int_equal(files_look(files, STR("a.js"), &found), 0);
    assert_false(watch_is_unfinished(watch, STR("a.js"), &found));
    stop();
}

/* One file, whose content is not known yet. */
static void list_one(void)
{
    struct watch_options options = { .on_changes = on_changes };
    struct watch_stats stats;

    make_root();
    put("a.js", "one");
    options.files = files;
    assert_int_equal(watch_create(&loop, &options, &watch), 0);
    watch_get_stats(watch, &stats);
    assert_true(stats.listed && !stats.hashed);
}

/* A page that comes to a server that has just started may ask before any content is known. */
TEST(bytes_of_a_file_that_was_only_listed_are_unfinished_if_they_are_fresh)
{
    struct file_facts found;

    list_one();
    assert_int_equal(files_look(files, STR("a.js"), &found), 0);
    assert_false(watch_is_unfinished(watch, STR("a.js"), &found));
    found.size = 0; /* cut, and the event is still to come */
    found.hash = hash_bytes(STR(""));
    assert_true(watch_is_unfinished(watch, STR("a.js"), &found));
    found.size = 3;
    found.mtime_ns = sys_wall_ns();
    found.hash = hash_bytes(STR("two"));
    assert_true(watch_is_unfinished(watch, STR("a.js"), &found));
    stop();
}

TEST(an_empty_file_that_was_only_listed_with_something_in_it_is_looked_at_again)
{
    list_one();
    put("a.js", "");
    watch_drain(watch);
    struct pending *p = settle_find(&watch->settle, STR("a.js"));

    assert_true(p && p->saved && p->opened_ns == 0);
    assert_false(watch_look_at(watch, p)); /* its next writer may have cut it */
    assert_true(watch_look_at(watch, p));
    settle_remove(&watch->settle, p);
    expect("modified a.js");
    stop();
}

TEST(destroy_within_a_callback)
{
    make_root();
    start();
    bool done = false;

    watch_sync(watch, on_sync, &done);
    stop();
    assert_false(done);
    watch_destroy(NULL);
}

TEST(file_systems_without_events)
{
    assert_str(poll_name_of(0x6969), STR("NFS"));
    assert_str(poll_name_of(0x65735546), STR("FUSE"));
    assert_str(poll_name_of(0xef53), STR(""));
    assert_str(poll_name_of((unsigned long)(long)(int)0xff534d42), STR("CIFS"));
}
int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(writing_in_place),
        CASE(same_bytes_are_not_a_change),
        CASE(single_save_goes_out_in_one_iteration),
        CASE(vim_backup_and_rename),
        CASE(emacs_lock_and_backup),
        CASE(jetbrains_safe_write),
        CASE(tools_that_rename),
        CASE(half_a_file_is_not_announced),
        CASE(mapped_write_is_seen_when_it_ends),
        CASE(folders_come_filled),
        CASE(folders_move_in_and_out),
        CASE(file_and_folder_change_places),
        CASE(links),
        CASE(hard_links_change_together),
        CASE(names_of_any_bytes),
        CASE(burst_is_one_set),
        CASE(ignored_paths),
        CASE(exclude_file_and_rules_above_the_root),
        CASE(overflow_leads_to_a_listing),
        CASE(watch_limit_leads_to_polling),
        CASE(limit_notice_names_the_sysctl),
        CASE(root_deleted_and_made_again),
        CASE(idle_watcher_has_no_timer),
        CASE(large_tree_is_listed_in_slices),
        CASE(a_file_with_an_open_writer_is_unfinished),
        CASE(bytes_that_no_event_has_told_of_are_unfinished_while_they_are_fresh),
        CASE(bytes_of_a_file_that_was_only_listed_are_unfinished_if_they_are_fresh),
        CASE(an_empty_file_that_was_only_listed_with_something_in_it_is_looked_at_again),
        CASE(destroy_within_a_callback),
        CASE(file_systems_without_events),
    };

    if (!has_events()) {
        print_message("no events arrive here, skipped\n");
        return 0;
    }
    return RUN(cases);
}
