/* SPDX-License-Identifier: MIT */
/* How packages beside the project are watched: from their first use on, by rules of their own. */
#include "watch_world.h"

#define UI "@workspace/packages/ui"

static void folder(const char *path)
{
    assert_int_equal(mkdir(path, 0755), 0);
}

/* A workspace in the present folder, `root`: the project, a package that it uses, and one that it does not. */
static void fill_workspace(void)
{
    static const char *const folders[] = { "packages", "packages/app", "packages/app/node_modules",
        "packages/ui", "packages/ui/src", "packages/ui/src/deep", "packages/ui/node_modules",
        "packages/other", "node_modules" };

    files_destroy(files);
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        folder(folders[i]);
    }
    put("package.json", "{\"workspaces\": [\"packages/*\"]}");
    put("packages/app/main.js", "app");
    put("packages/ui/package.json", "{}");
    put("packages/ui/src/index.js", "ui");
    put("packages/ui/src/deep/part.js", "part");
    put("packages/other/index.js", "other");
    assert_int_equal(symlink("../../ui", "packages/app/node_modules/ui"), 0);
    assert_int_equal(symlink("../../other", "packages/app/node_modules/other"), 0);
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/packages/app", root);
    assert_int_equal(files_create(str_from(path), &files), 0);
    files_find_workspace(files);
    assert_str(files_within(files), STR("@workspace/packages/app"));
}

static void make_workspace(void)
{
    make_root();
    fill_workspace();
}

static void on_use(void *ctx, struct str used, bool is_package)
{
    (void)ctx;
    watch_use(watch, used, is_package);
}

static void begin(void)
{
    make_workspace();
    start();
    files_on_use(files, on_use, NULL);
}

/* As the server does, and whoever resolves an import. */
static void use(const char *path)
{
    struct stat st;
    int fd = files_open(files, str_from(path), &st);

    assert_true(fd >= 0);
    sys_close(fd);
}

static void use_package(void)
{
    use("node_modules/ui/package.json");
    use(UI "/src/index.js");
    settle();
    hash_all();
    expect_nothing(); /* what was there is no news */
}

TEST(a_package_is_watched_from_its_first_use)
{
    begin();
    put("packages/ui/src/index.js", "nobody has asked for it yet");
    expect_nothing();
    use_package();
    put("packages/ui/src/index.js", "ui, changed");
    expect("modified " UI "/src/index.js");
    put("packages/ui/src/index.js", "ui, changed");
    expect("same " UI "/src/index.js");
    put("packages/ui/src/deep/part.js", "part, changed");
    put("packages/app/main.js", "app, changed");
    settle();
    assert_int_equal(handed_over, 1);
    expect("modified " UI "/src/deep/part.js", "modified main.js");
    put("packages/ui/src/.new.js.tmp", "new");
    assert_int_equal(rename("packages/ui/src/.new.js.tmp", "packages/ui/src/new.js"), 0);
    expect("created " UI "/src/new.js");
    assert_int_equal(unlink("packages/ui/src/new.js"), 0);
    expect("deleted " UI "/src/new.js");
    folder("packages/ui/more");
    put("packages/ui/more/m.js", "more");
    expect("created " UI "/more/m.js");
    put("packages/ui/package.json", "{\"main\": \"src/index.js\"}");
    expect("modified " UI "/package.json");
    stop();
}

TEST(nothing_else_of_the_workspace_is_watched)
{
    begin();
    use_package();
    put("package.json", "{\"workspaces\": [\"packages/*\"], \"private\": true}");
    put("loose.js", "in the workspace's own folder");
    put("tsconfig.base.json", "{}");
    put("packages/other/tsconfig.json", "{}");
    put("packages/loose.js", "beside the packages");
    put("packages/other/index.js", "other, changed");
    folder("packages/third");
    put("packages/third/index.js", "third");
    folder("packages/ui/node_modules/dep");
    put("packages/ui/node_modules/dep/index.js", "dep");
    expect("created @workspace/tsconfig.base.json"); /* which those of packages extend */
    assert_true(watch_ignores(watch, STR("@workspace/packages/other/index.js"), false));
    assert_true(watch_ignores(watch, STR("@workspace/loose.js"), false));
    assert_false(watch_ignores(watch, STR(UI "/src/index.js"), false));
    use("node_modules/other/index.js");
    settle();
    put("packages/other/index.js", "other, changed again");
    expect("modified @workspace/packages/other/index.js");
    stop();
}

TEST(no_save_falls_between_the_use_and_the_watch)
{
    begin();
    use("node_modules/ui/src/index.js");
    put("packages/ui/src/deep/part.js", "before the loop has turned once");
    expect("modified " UI "/src/deep/part.js");
    stop();
}

TEST(a_package_goes_by_its_own_rules)
{
    make_workspace();
    put(".gitignore", "*.log\n");
    put("packages/.gitignore", "tmp\n");
    put("packages/ui/.gitignore", "/coverage\n");
    put("packages/app/.gitignore", "src\n"); /* the project's, which has no say here */
    start();
    files_on_use(files, on_use, NULL);
    use_package();
    put("packages/ui/src/deep/a.log", "1");
    folder("packages/ui/tmp");
    put("packages/ui/tmp/t.js", "1");
    folder("packages/ui/coverage");
    put("packages/ui/coverage/c.js", "1");
    put("packages/ui/src/seen.js", "1");
    expect("created " UI "/src/seen.js");
    /* rules that change hold at once, also those above the package */
    put("packages/.gitignore", "coverage\n");
    expect("created " UI "/tmp/t.js");
    stop();
}

TEST(rules_of_a_repository_around_the_workspace_hold)
{
    char top[sizeof(root)];

    make_root();
    memcpy(top, root, sizeof(top));
    folder(".git");
    folder(".git/info");
    put(".git/info/exclude", "/mono/packages/ui/excluded\n");
    put(".gitignore", "/mono/packages/ui/generated\n/packages\n");
    folder("mono");
    assert_int_equal(chdir("mono"), 0);
    (void)snprintf(root, sizeof(root), "%.40s/mono", top);
    fill_workspace();
    start();
    files_on_use(files, on_use, NULL);
    use_package();
    folder("packages/ui/excluded");
    put("packages/ui/excluded/e.js", "1");
    folder("packages/ui/generated");
    put("packages/ui/generated/g.js", "1");
    put("packages/ui/src/seen.js", "1");
    expect("created " UI "/src/seen.js");
    stop();
    remove_tree(top);
}

TEST(a_built_folder_is_watched_if_it_is_used)
{
    make_workspace();
    put("packages/ui/.gitignore", "dist\nlib/**\n");
    folder("packages/ui/dist");
    folder("packages/ui/lib");
    put("packages/ui/dist/index.js", "built");
    put("packages/ui/lib/index.js", "built");
    start();
    files_on_use(files, on_use, NULL);
    use_package();
    put("packages/ui/dist/index.js", "built again");
    put("packages/ui/lib/index.js", "built again");
    expect_nothing();
    use(UI "/dist/index.js");
    use(UI "/lib/index.js");
    settle();
    expect_nothing();
    put("packages/ui/dist/index.js", "built a third time");
    put("packages/ui/lib/index.js", "built a third time");
    expect("modified " UI "/dist/index.js", "modified " UI "/lib/index.js");
    /* as tools with --clean do */
    assert_int_equal(unlink("packages/ui/dist/index.js"), 0);
    assert_int_equal(rmdir("packages/ui/dist"), 0);
    folder("packages/ui/dist");
    put("packages/ui/dist/index.js", "built a fourth time");
    put("packages/ui/dist/chunk.js", "new");
    expect("modified " UI "/dist/index.js", "created " UI "/dist/chunk.js");
    stop();
}

TEST(a_folder_below_an_ignored_one_is_watched_if_it_is_used)
{
    make_workspace();
    put("packages/ui/.gitignore", "dist\n");
    folder("packages/ui/dist");
    folder("packages/ui/dist/esm");
    put("packages/ui/dist/loose.js", "built");
    put("packages/ui/dist/esm/index.js", "built");
    start();
    files_on_use(files, on_use, NULL);
    use("node_modules/ui/dist/esm/index.js");
    settle();
    put("packages/ui/dist/loose.js", "built again");
    put("packages/ui/dist/esm/index.js", "built again");
    expect("modified " UI "/dist/esm/index.js");
    use(UI "/dist/loose.js");
    settle();
    expect_nothing();
    put("packages/ui/dist/loose.js", "built a third time");
    expect("modified " UI "/dist/loose.js");
    stop();
}

TEST(a_package_that_goes_and_comes_back_is_seen)
{
    begin();
    use_package();
    assert_int_equal(rename("packages/ui", "packages/ui.away"), 0);
    settle();
    expect("deleted " UI "/package.json", "deleted " UI "/src/index.js",
            "deleted " UI "/src/deep/part.js");
    put("packages/ui.away/src/index.js", "ui, changed while it was away");
    expect_nothing();
    assert_int_equal(rename("packages/ui.away", "packages/ui"), 0);
    expect("created " UI "/package.json", "created " UI "/src/index.js",
            "created " UI "/src/deep/part.js");
    put("packages/ui/src/index.js", "ui, changed again");
    expect("modified " UI "/src/index.js");
    stop();
}

TEST(the_root_may_go_and_come_back_and_its_packages_stay_watched)
{
    begin();
    use_package();
    assert_int_equal(rename("packages/app", "packages/app.away"), 0);
    settle();
    assert_non_null(strstr(notice, "is gone"));
    expect("deleted main.js");
    put("packages/ui/src/index.js", "ui, changed");
    expect("modified " UI "/src/index.js");
    assert_int_equal(rename("packages/app.away", "packages/app"), 0);
    settle();
    assert_non_null(strstr(notice, "is back"));
    expect("created main.js");
    put("packages/ui/src/index.js", "ui, changed again");
    put("packages/app/main.js", "app, changed");
    expect("modified " UI "/src/index.js", "modified main.js");
    stop();
}

TEST(lost_events_lead_to_a_listing_of_packages_too)
{
    struct strbuf text;
    uint64_t limit = 0;

    begin();
    use_package();
    strbuf_init(&text, 64);
    assert_int_equal(sys_read_file(STR("/proc/sys/fs/inotify/max_queued_events"), &text), 0);
    assert_true(str_parse_u64(str_trim(strbuf_str(&text)), &limit));
    strbuf_finish(&text);
    int a = open("packages/ui/src/index.js", O_WRONLY | O_CLOEXEC);
    int b = open("packages/app/main.js", O_WRONLY | O_CLOEXEC);

    for (uint64_t i = 0; i < limit / 2 + 2; i++) {
        assert_int_equal(pwrite(a, "x", 1, 0), 1);
        assert_int_equal(pwrite(b, "x", 1, 0), 1);
    }
    sys_close(a);
    sys_close(b);
    put("packages/ui/src/deep/part.js", "of this no event has told");
    settle();
    assert_true(lost_events);
    expect("modified main.js", "modified " UI "/src/index.js", "modified " UI "/src/deep/part.js");
    stop();
}

TEST(what_was_installed_for_the_workspace_is_told)
{
    begin();
    put("node_modules/.package-lock.json", "{}");
    expect("created @workspace/node_modules/.package-lock.json");
    put("node_modules/other.json", "{}");
    expect_nothing();
    stop();
}

TEST(more_folders_than_the_limit_are_not_watched_and_that_is_said)
{
    enum { FOLDERS = 300, FREE = 100 };
    struct watch_stats before;
    struct watch_stats after;
    char path[64];

    begin();
    for (int i = 0; i < FOLDERS; i++) {
        (void)snprintf(path, sizeof(path), "packages/ui/src/%d", i);
        folder(path);
    }
    watch_get_stats(watch, &before);
    watch->table.outside = PACKAGE_FOLDERS_MAX - FREE; /* as if so many were there */
    use("node_modules/ui/package.json");
    /* it may take more than a step to list all of it, but from the use on no save is missed */
    put("packages/ui/src/index.js", "before the loop has turned once");
    settle();
    assert_non_null(strstr(notice, "more than 8192 folders"));
    assert_non_null(change_set_find(&seen, STR(UI "/src/index.js")));
    watch_get_stats(watch, &after);
    assert_int_equal(after.folders, before.folders + FREE);
    forget();
    put("packages/ui/src/index.js", "after it");
    expect("modified " UI "/src/index.js");
    stop();
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_package_is_watched_from_its_first_use),
        CASE(nothing_else_of_the_workspace_is_watched),
        CASE(no_save_falls_between_the_use_and_the_watch),
        CASE(a_package_goes_by_its_own_rules),
        CASE(rules_of_a_repository_around_the_workspace_hold),
        CASE(a_built_folder_is_watched_if_it_is_used),
        CASE(a_folder_below_an_ignored_one_is_watched_if_it_is_used),
        CASE(a_package_that_goes_and_comes_back_is_seen),
        CASE(the_root_may_go_and_come_back_and_its_packages_stay_watched),
        CASE(lost_events_lead_to_a_listing_of_packages_too),
        CASE(what_was_installed_for_the_workspace_is_told),
        CASE(more_folders_than_the_limit_are_not_watched_and_that_is_said),
    };

    if (!has_events()) {
        print_message("no events arrive here, skipped\n");
        return 0;
    }
    return RUN(cases);
}
