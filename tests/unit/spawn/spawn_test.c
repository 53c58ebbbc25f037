/* SPDX-License-Identifier: MIT */
/* Children: their output, their end in every manner, and that none outlives its parent. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "spawn/spawn.h"

enum { WATCHDOG_MS = 60 * 1000, OUTPUT_MAX = 1 << 20, NO_STATUS = 123456 };

struct run {
    uv_loop_t loop;
    struct spawn_child *child;
    struct strbuf out;
    struct strbuf err;
    uint64_t bytes;
    int status;
    int exits;
    const char *kill_at; /* the group is ended when the output holds this */
    bool abandon;
};

static void on_output(void *ctx, enum spawn_stream stream, struct str bytes)
{
    struct run *run = ctx;

    run->bytes += bytes.len;
    strbuf_add(stream == SPAWN_STDOUT ? &run->out : &run->err, bytes);
    if (run->kill_at && str_find_str(strbuf_str(&run->out), str_from(run->kill_at)) != STR_NONE) {
        run->kill_at = NULL;
        if (run->abandon) {
            spawn_abandon(run->child);
        } else {
            spawn_kill(run->child);
        }
    }
}

static void on_exit_status(void *ctx, int status)
{
    struct run *run = ctx;

    run->status = status;
    run->exits++;
}

static void run_argv(struct run *run, enum spawn_kind kind, const char *const *argv,
        const char *const *env, const char *cwd)
{
    alarm(WATCHDOG_MS / 1000);
    assert_int_equal(uv_loop_init(&run->loop), 0);
    strbuf_init(&run->out, OUTPUT_MAX);
    strbuf_init(&run->err, OUTPUT_MAX);
    run->status = NO_STATUS;
    run->child = spawn_start(&run->loop, &(struct spawn_request){ .kind = kind,
                                                 .argv = argv,
                                                 .env = env,
                                                 .cwd = cwd,
                                                 .on_output = on_output,
                                                 .on_exit = on_exit_status,
                                                 .ctx = run });
    uv_run(&run->loop, UV_RUN_DEFAULT);
    if (kind == SPAWN_BUILD) {
        assert_int_equal(uv_loop_close(&run->loop), 0);
    }
    alarm(0);
}

static void run_sh(struct run *run, const char *script)
{
    const char *argv[] = { "sh", "-c", script, NULL };

    run_argv(run, SPAWN_BUILD, argv, NULL, "/");
}

static void finish_run(struct run *run)
{
    strbuf_finish(&run->out);
    strbuf_finish(&run->err);
}

TEST(output_and_status_are_delivered)
{
    struct run run = { 0 };

    run_sh(&run, "echo out; echo err >&2; pwd; exit 7");

    assert_str(strbuf_str(&run.out), STR("out\n/\n"));
    assert_str(strbuf_str(&run.err), STR("err\n"));
    assert_int_equal(run.status, 7);
    assert_int_equal(run.exits, 1);
    finish_run(&run);
}

/* A service in sh; what it answers decides what it is told next. */
struct service {
    uv_loop_t loop;
    struct spawn_child *child;
    struct strbuf out;
    int status;
};

static void on_service_output(void *ctx, enum spawn_stream stream, struct str bytes)
{
    struct service *s = ctx;

    if (stream == SPAWN_STDOUT) {
        strbuf_add(&s->out, bytes);
    }
    if (str_ends(strbuf_str(&s->out), STR("got one\n"))) {
        assert_true(spawn_write(s->child, STR("two\n")));
    }
}

static void on_service_exit(void *ctx, int status)
{
    struct service *s = ctx;

    s->status = status;
    assert_false(spawn_write(s->child, STR("too late\n")));
}

TEST(a_service_is_written_to_and_answers)
{
    const char *argv[] = { "sh", "-c", "read a; echo got $a; read b; echo got $b; exit 3", NULL };
    struct service s = { .status = NO_STATUS };

    alarm(WATCHDOG_MS / 1000);
    assert_int_equal(uv_loop_init(&s.loop), 0);
    strbuf_init(&s.out, OUTPUT_MAX);
    s.child = spawn_start(&s.loop, &(struct spawn_request){ .kind = SPAWN_SERVICE,
                                           .argv = argv,
                                           .cwd = "/",
                                           .on_output = on_service_output,
                                           .on_exit = on_service_exit,
                                           .ctx = &s });
    assert_true(spawn_write(s.child, STR("one\n")));
    uv_run(&s.loop, UV_RUN_DEFAULT);

    assert_str(strbuf_str(&s.out), STR("got one\ngot two\n"));
    assert_int_equal(s.status, 3);
    assert_int_equal(uv_loop_close(&s.loop), 0);
    strbuf_finish(&s.out);
    alarm(0);
}

TEST(a_service_reads_the_end_of_what_it_is_given)
{
    const char *argv[] = { "wc", "-c", NULL };
    struct str piece = { mem_alloc(1, 1 << 20), 1 << 20 };
    struct service s = { .status = NO_STATUS };

    alarm(WATCHDOG_MS / 1000);
    assert_int_equal(uv_loop_init(&s.loop), 0);
    strbuf_init(&s.out, OUTPUT_MAX);
    s.child = spawn_start(&s.loop, &(struct spawn_request){ .kind = SPAWN_SERVICE,
                                           .argv = argv,
                                           .cwd = "/",
                                           .on_output = on_service_output,
                                           .on_exit = on_service_exit,
                                           .ctx = &s });
    assert_true(spawn_write(s.child, piece));
    spawn_end_input(s.child);
    assert_false(spawn_write(s.child, STR("more")));
    uv_run(&s.loop, UV_RUN_DEFAULT);

    assert_str(strbuf_str(&s.out), STR("1048576\n"));
    assert_int_equal(s.status, 0);
    assert_int_equal(uv_loop_close(&s.loop), 0);
    strbuf_finish(&s.out);
    free((void *)(uintptr_t)piece.ptr);
    alarm(0);
}

TEST(a_service_that_does_not_read_is_not_given_without_end)
{
    const char *argv[] = { "sleep", "1000", NULL };
    struct str piece = { mem_alloc(1, 1 << 20), 1 << 20 };
    struct service s = { .status = NO_STATUS };
    size_t taken = 0;

    alarm(WATCHDOG_MS / 1000);
    assert_int_equal(uv_loop_init(&s.loop), 0);
    s.child = spawn_start(&s.loop, &(struct spawn_request){ .kind = SPAWN_SERVICE,
                                           .argv = argv,
                                           .cwd = "/",
                                           .on_exit = on_service_exit,
                                           .ctx = &s });
    while (spawn_write(s.child, piece)) {
        taken += piece.len;
    }
    assert_in_range(taken, SPAWN_UNSENT_MAX / 2, SPAWN_UNSENT_MAX);
    spawn_kill(s.child);
    uv_run(&s.loop, UV_RUN_DEFAULT);

    assert_int_equal(s.status, 128 + SIGTERM);
    assert_int_equal(uv_loop_close(&s.loop), 0);
    free((void *)(uintptr_t)piece.ptr);
    alarm(0);
}

TEST(a_signal_is_128_and_its_number)
{
    struct run run = { 0 };

    run_sh(&run, "kill -SEGV $$");

    assert_int_equal(run.status, 128 + SIGSEGV);
    finish_run(&run);
}

TEST(a_missing_program_is_an_errno)
{
    struct run run = { 0 };
    const char *argv[] = { "no-such-program-anywhere", NULL };

    run_argv(&run, SPAWN_BUILD, argv, NULL, "/");

    assert_int_equal(run.status, -ENOENT);
    assert_int_equal(run.exits, 1);
    finish_run(&run);
}

TEST(a_missing_folder_is_an_errno)
{
    struct run run = { 0 };
    const char *argv[] = { "true", NULL };

    run_argv(&run, SPAWN_BUILD, argv, NULL, "/no/such/folder");

    assert_int_equal(run.status, -ENOENT);
    finish_run(&run);
}

TEST(environment_is_added_and_replaced)
{
    struct run run = { 0 };
    const char *argv[] = { "sh", "-c",
        "echo \"$SPAWN_A $SPAWN_B\"; env | grep -c ^SPAWN_A=", NULL };
    const char *env[] = { "SPAWN_A=old", "SPAWN_B=two words", "SPAWN_A=new", NULL };

    setenv("SPAWN_A", "ours", 1);
    run_argv(&run, SPAWN_BUILD, argv, env, "/");

    assert_str(strbuf_str(&run.out), STR("new two words\n1\n"));
    finish_run(&run);
}

TEST(path_of_the_added_environment_finds_the_program)
{
    struct run run = { 0 };
    const char *argv[] = { "sh", "-c", "true", NULL };
    const char *env[] = { "PATH=/nowhere", NULL };

    run_argv(&run, SPAWN_BUILD, argv, env, "/");

    assert_int_equal(run.status, -ENOENT);
    finish_run(&run);
}

TEST(standard_input_is_empty_and_no_descriptor_leaks)
{
    struct run run = { 0 };

    run_sh(&run, "cat; for f in /proc/self/fd/*; do echo ${f##*/}; done");

    /* 3 is the shell's own, for the folder that it lists. */
    assert_str(strbuf_str(&run.out), STR("0\n1\n2\n3\n"));
    finish_run(&run);
}

TEST(much_output_is_delivered_whole)
{
    struct run run = { 0 };

    run_sh(&run, "head -c 67108864 /dev/zero");

    assert_int_equal(run.bytes, 67108864);
    assert_int_equal(run.status, 0);
    finish_run(&run);
}

TEST(kill_ends_the_whole_group)
{
    struct run run = { .kill_at = "ready" };

    run_sh(&run, "sleep 1000 & echo ready; wait");

    assert_int_equal(run.status, 128 + SIGTERM);
    finish_run(&run);
}

TEST(kill_ends_what_ignores_sigterm)
{
    struct run run = { .kill_at = "ready" };

    run_sh(&run, "trap '' TERM; echo ready; while :; do sleep 1000; done");

    assert_int_equal(run.status, 128 + SIGKILL);
    finish_run(&run);
}

TEST(background_children_do_not_hold_the_end_back)
{
    struct run run = { 0 };

    run_sh(&run, "sleep 1000 & echo $!; exit 3");

    assert_int_equal(run.status, 3);
    /* The group was waited for before on_exit, so that the number is free. */
    assert_int_equal(kill(atoi(run.out.ptr), 0), -1);
    finish_run(&run);
}

TEST(a_daemon_that_holds_the_streams_does_not_hold_the_end_back)
{
    struct run run = { 0 };

    run_sh(&run, "setsid sleep 1000 & echo $!; exit 0");

    assert_int_equal(run.status, 0);
    assert_int_equal(run.exits, 1);
    (void)kill(atoi(run.out.ptr), SIGKILL);
    finish_run(&run);
}

TEST(abandon_calls_nobody_and_ends_the_group)
{
    struct run run = { .kill_at = "\n", .abandon = true };

    run_sh(&run, "echo $$; sleep 1000");

    assert_int_equal(run.exits, 0);
    assert_int_equal(kill(atoi(run.out.ptr), 0), -1);
    finish_run(&run);
}

static void on_watchdog(uv_timer_t *timer)
{
    (void)timer;
    abort();
}

TEST(an_editor_is_started_without_a_keeper)
{
    struct run run = { 0 };
    const char *argv[] = { "true", NULL };
    const char *missing[] = { "no-such-editor", NULL };
    uv_timer_t watchdog;

    run_argv(&run, SPAWN_EDITOR, argv, NULL, "/");
    uv_timer_init(&run.loop, &watchdog); /* keeps the loop alive, which the editor does not */
    uv_timer_start(&watchdog, on_watchdog, WATCHDOG_MS, 0);
    while (run.exits == 0) {
        uv_run(&run.loop, UV_RUN_ONCE);
    }
    assert_int_equal(run.status, 0);
    uv_close((uv_handle_t *)&watchdog, NULL);
    uv_run(&run.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&run.loop), 0);
    finish_run(&run);

    run = (struct run){ 0 };
    run_argv(&run, SPAWN_EDITOR, missing, NULL, "/");
    assert_int_equal(run.status, -ENOENT);
    assert_int_equal(uv_loop_close(&run.loop), 0);
    finish_run(&run);
}

static int told_fd;

static void tell(void *ctx, enum spawn_stream stream, struct str bytes)
{
    (void)ctx;
    (void)stream;
    (void)!write(told_fd, bytes.ptr, bytes.len);
}

/* What plays orbiton: starts a build that ignores SIGTERM, passes its output on, never ends. */
static void be_parent(int fd)
{
    const char *argv[] = { "sh", "-c", "trap '' TERM INT HUP; sleep 1000 & echo $$ $!; wait; wait",
        NULL };
    uv_loop_t loop;

    told_fd = fd;
    uv_loop_init(&loop);
    spawn_start(&loop, &(struct spawn_request){
                               .kind = SPAWN_BUILD, .argv = argv, .cwd = "/", .on_output = tell });
    uv_run(&loop, UV_RUN_DEFAULT);
    _exit(1);
}

/* Waits until a process is no more; orphans come to this process, which must wait for them. */
static void await_end(int pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

    if (fd < 0) {
        assert_int_equal(errno, ESRCH);
        return;
    }
    assert_int_equal(poll(&poll_fd, 1, WATCHDOG_MS), 1);
    close(fd);
}

TEST(the_group_ends_when_its_parent_is_killed)
{
    int fds[2];
    char text[64] = "";
    int main_pid = 0;
    int other_pid = 0;
    pid_t parent;

    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    alarm(WATCHDOG_MS / 1000);
    parent = fork();
    if (parent == 0) {
        be_parent(fds[1]);
    }
    assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
    assert_int_equal(sscanf(text, "%d %d", &main_pid, &other_pid), 2);
    assert_int_equal(kill(main_pid, 0), 0);

    kill(parent, SIGKILL);

    waitpid(parent, NULL, 0);
    await_end(main_pid);
    await_end(other_pid);
    alarm(0);
    close(fds[0]);
    close(fds[1]);
}

int main(int argc, char **argv)
{
    spawn_keeper_main(argc, argv);
    (void)signal(SIGPIPE, SIG_IGN); /* as orbiton does: a service may go while it is written to */
    const struct CMUnitTest cases[] = {
        CASE(output_and_status_are_delivered),
        CASE(a_service_is_written_to_and_answers),
        CASE(a_service_reads_the_end_of_what_it_is_given),
        CASE(a_service_that_does_not_read_is_not_given_without_end),
        CASE(a_signal_is_128_and_its_number),
        CASE(a_missing_program_is_an_errno),
        CASE(a_missing_folder_is_an_errno),
        CASE(environment_is_added_and_replaced),
        CASE(path_of_the_added_environment_finds_the_program),
        CASE(standard_input_is_empty_and_no_descriptor_leaks),
        CASE(much_output_is_delivered_whole),
        CASE(kill_ends_the_whole_group),
        CASE(kill_ends_what_ignores_sigterm),
        CASE(background_children_do_not_hold_the_end_back),
        CASE(a_daemon_that_holds_the_streams_does_not_hold_the_end_back),
        CASE(abandon_calls_nobody_and_ends_the_group),
        CASE(an_editor_is_started_without_a_keeper),
        CASE(the_group_ends_when_its_parent_is_killed),
    };

    return RUN(cases);
}
