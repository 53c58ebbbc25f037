/* SPDX-License-Identifier: MIT */
/* What git does is one set with its name, whatever tree it works on. */
#include "watch_world.h"

static void git_start(void)
{
    make_root();
    run("git init -q -b main . && git config user.email a@b && git config user.name n && "
        "git config gc.auto 0 && git config commit.gpgsign false && mkdir -p s/d && "
        "i=0; while [ $i -lt 600 ]; do echo $i >s/d/f$i; i=$((i+1)); done; echo a >a.js; "
        "git add . && git commit -q -m one && git checkout -q -b other && "
        "i=0; while [ $i -lt 600 ]; do echo x$i >s/d/f$i; i=$((i+1)); done; "
        "git rm -q --cached s/d/f0; rm s/d/f0; echo n >s/new; git add . && git commit -q -m two && "
        "git checkout -q main");
    start();
}

TEST(git_checkout_is_one_set)
{
    git_start();
    run("git checkout -q other");
    settle();
    assert_int_equal(seen.count, 601);
    assert_int_equal(handed_over, 1);
    assert_string_equal(git_note, "switched to branch other");
    assert_int_equal(change_set_find(&seen, STR("s/d/f0"))->kind, CHANGE_DELETED);
    assert_int_equal(change_set_find(&seen, STR("s/new"))->kind, CHANGE_CREATED);
    forget();
    run("git checkout -q --detach main");
    settle();
    assert_int_equal(handed_over, 1);
    assert_true(strncmp(git_note, "switched to commit ", 19) == 0);
    stop();
}

TEST(git_stash_merge_and_rebase)
{
    git_start();
    run("echo b >a.js && echo c >s/d/f1");
    settle();
    forget();
    run("git stash -q");
    settle();
    assert_string_equal(git_note, "stash");
    expect("modified a.js", "modified s/d/f1");
    run("git stash drop -q && echo m >m.js && git add . && git commit -q -m three");
    settle();
    forget();
    run("git merge -q --no-edit other");
    settle();
    assert_string_equal(git_note, "merge");
    assert_int_equal(seen.count, 601);
    assert_int_equal(handed_over, 1);
    run("git reset -q --hard HEAD^");
    settle();
    forget();
    run("git rebase -q other 2>/dev/null");
    settle();
    assert_string_equal(git_note, "rebase");
    assert_int_equal(handed_over, 1);
    assert_int_equal(seen.count, 602); /* m.js went and came back */
    stop();
}

TEST(git_worktree_has_a_file_named_git)
{
    char tree[80];

    git_start();
    stop();
    git_start();
    (void)snprintf(tree, sizeof(tree), "%s/wt", root);
    run("git worktree add -q wt -b third");
    watch_destroy(watch);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    files_destroy(files);
    assert_int_equal(files_create(str_from(tree), &files), 0);
    start();
    run("git -C wt reset -q --hard other && git -C wt checkout -q --detach main");
    settle();
    assert_true(seen.count > 0);
    assert_true(strncmp(git_note, "switched to commit ", 19) == 0);
    stop();
}

TEST(stale_lock_does_not_hold_for_ever)
{
    make_root();
    run("git init -q . && touch .git/index.lock");
    start();
    put("a.js", "1");
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(handed_over, 1); /* it was there before: nobody holds it */
    stop();
}

#define MS UINT64_C(1000000)

static struct git git;

/* A repository of which the watcher has heard that its index is locked, 100 ms ago. */
static void open_locked_git(void)
{
    struct folder_event event = { .name = STR("index.lock"), .kind = EVENT_MADE };
    struct events *events;
    uint64_t until;

    make_root();
    run("git init -q -b main . && touch .git/index.lock");
    assert_int_equal(events_open(&events), 0);
    git_open(&git, events, str_from(root));
    event.folder = git.watch;
    assert_true(git_on_event(&git, &event, 1000 * MS));
    assert_true(git_is_busy(&git, 0, 1100 * MS, &until));
}

static void close_git(void)
{
    struct events *events = git.events;

    git_close(&git);
    events_close(events);
    start(); /* so that stop() has all that it takes away */
    stop();
}

static void on_git_event(const char *name, enum folder_event_kind kind, uint64_t now_ns)
{
    struct folder_event event = { .folder = git.watch, .name = str_from(name), .kind = kind };

    assert_true(git_on_event(&git, &event, now_ns));
}

/* The lock goes between two looks at the kernel's queue; HEAD is still to be written. */
TEST(git_is_busy_when_its_lock_has_gone_and_no_event_has_told)
{
    uint64_t until;

    open_locked_git();
    run("rm .git/index.lock");
    assert_true(git_is_busy(&git, 0, 1101 * MS, &until));
    assert_false(git_is_busy(&git, 0, until, &until));
    close_git();
}

/* "git checkout" compares all files with the new index before it takes the lock of HEAD. */
TEST(git_is_busy_for_as_long_again_as_it_had_the_lock)
{
    uint64_t until;

    open_locked_git();
    run("mv .git/index.lock .git/index");
    on_git_event("index.lock", EVENT_MOVED_AWAY, 1200 * MS);
    on_git_event("index", EVENT_MOVED_HERE, 1200 * MS);
    assert_true(git_is_busy(&git, 0, 1390 * MS, &until));
    run("touch .git/HEAD.lock");
    on_git_event("HEAD.lock", EVENT_MADE, 1390 * MS);
    assert_true(git_is_busy(&git, 0, 5000 * MS, &until));
    run("mv .git/HEAD.lock .git/HEAD");
    on_git_event("HEAD", EVENT_MOVED_HERE, 5000 * MS);
    assert_true(git_is_busy(&git, 0, 5001 * MS, &until));
    assert_int_equal(until, 5030 * MS);
    assert_false(git_is_busy(&git, 0, until, &until));
    close_git();
}

TEST(git_log_lines)
{
    struct arena a = { 0 };

    assert_str(git_note_of(&a, STR("1 2 me <m> 3 +0\tcheckout: moving from a to feat/x")),
            STR("switched to branch feat/x"));
    assert_str(
            git_note_of(&a, STR("1\trebase (finish): returning to refs/heads/x")), STR("rebase"));
    assert_str(git_note_of(&a, STR("1\tpull --rebase (finish): x")), STR("rebase"));
    assert_str(git_note_of(&a, STR("1\tpull: Fast-forward")), STR("merge"));
    assert_str(git_note_of(&a, STR("1\tmerge other: Merge made")), STR("merge"));
    assert_str(git_note_of(&a, STR("1\treset: moving to HEAD^")), STR("git"));
    assert_str(git_note_of(&a, STR("")), STR("git"));
    arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(git_checkout_is_one_set),
        CASE(git_stash_merge_and_rebase),
        CASE(git_worktree_has_a_file_named_git),
        CASE(stale_lock_does_not_hold_for_ever),
        CASE(git_is_busy_when_its_lock_has_gone_and_no_event_has_told),
        CASE(git_is_busy_for_as_long_again_as_it_had_the_lock),
        CASE(git_log_lines),
    };

    if (!has_events()) {
        print_message("no events arrive here, skipped\n");
        return 0;
    }
    return RUN(cases);
}
