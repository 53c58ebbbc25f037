/* SPDX-License-Identifier: MIT */
/* A pseudo terminal stands for the user's; a watchdog ends a test that waits in vain. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/sys.h"
#include "term/term.h"
#include "test.h"

enum { WATCHDOG_MS = 20000 };

static int master = -1;
static int slave = -1;
static uv_loop_t loop;
static uv_timer_t watchdog;
static struct term *term;
static char keys[64];
static size_t key_count;

static void on_watchdog(uv_timer_t *timer)
{
    (void)timer;
    abort();
}

static void on_key(void *ctx, char key)
{
    (void)ctx;
    keys[key_count++] = key;
    if (key == 'q') {
        uv_stop(&loop);
    }
}

static const char *no_env(const char *name)
{
    (void)name;
    return NULL;
}

static int begin(void **state)
{
    (void)state;
    key_count = 0;
    memset(keys, 0, sizeof(keys));
    master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) || unlockpt(master)) {
        return -1;
    }
    slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    (void)uv_loop_init(&loop);
    (void)uv_timer_init(&loop, &watchdog);
    (void)uv_timer_start(&watchdog, on_watchdog, WATCHDOG_MS, 0);
    return slave < 0;
}

static void start(void)
{
    struct term_options options;

    term_options_detect(&options, no_env);
    options.out_fd = slave;
    options.in_fd = slave;
    options.tty = options.keys = true;
    options.color = false;
    options.on_key = on_key;
    term = term_create(&loop, &options);
}

static int end(void **state)
{
    (void)state;
    term_destroy(term);
    term = NULL;
    uv_close((uv_handle_t *)&watchdog, NULL);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    (void)close(slave);
    (void)close(master);
    return uv_loop_close(&loop);
}

static tcflag_t local_mode(void)
{
    struct termios mode;

    assert_int_equal(tcgetattr(slave, &mode), 0);
    return mode.c_lflag;
}

static void type(const char *text)
{
    assert_int_equal(sys_write_all(master, str_from(text)), 0);
}

TEST(keys_arrive_without_enter)
{
    start();
    type("rR");
    type("so");
    type("q");
    (void)uv_run(&loop, UV_RUN_DEFAULT);

    assert_string_equal(keys, "rRsoq");
}

TEST(the_mode_is_raw_with_signals_and_restored)
{
    tcflag_t before = local_mode();

    start();
    assert_int_equal(local_mode() & (ICANON | ECHO), 0);
    assert_true(local_mode() & ISIG);
    term_restore();
    assert_int_equal(local_mode(), before);
    term_restore();
    term_destroy(term);
    term = NULL;
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    start();
    assert_int_equal(local_mode() & (ICANON | ECHO), 0);
    term_destroy(term);
    term = NULL;
    assert_int_equal(local_mode(), before);
}

/* Types one piece and runs the loop until it has been read. */
static void type_and_run(const char *text)
{
    int left;

    type(text);
    do {
        (void)uv_run(&loop, UV_RUN_NOWAIT);
        assert_int_equal(ioctl(slave, FIONREAD, &left), 0);
    } while (left > 0);
}

TEST(other_keys_pastes_and_arrows_do_nothing)
{
    start();
    type_and_run("x");
    type_and_run("\033[A");
    type_and_run("\033q"); /* Alt+Q */
    type_and_run("quit rebuild");
    assert_int_equal(key_count, 0);
    type("\004"); /* Ctrl+D */
    (void)uv_run(&loop, UV_RUN_DEFAULT);

    assert_string_equal(keys, "q");
}

/* Reads what was printed until `end` came. */
static void expect_printed(const char *text)
{
    struct strbuf b;
    char chunk[256];

    strbuf_init(&b, 65536);
    while (str_find_str(strbuf_str(&b), str_from(text)) == STR_NONE) {
        ssize_t n = read(master, chunk, sizeof(chunk));

        assert_true(n > 0);
        strbuf_add(&b, (struct str){ chunk, (size_t)n });
    }
    strbuf_finish(&b);
}

TEST(help_urls_and_why_are_printed_here)
{
    (void)alarm(WATCHDOG_MS / 1000);
    start();
    term_banner(
            term, &(struct term_banner){ .version = STR("0"), .url = STR("http://localhost:1/") });
    expect_printed("press h to show help");
    type_and_run("h");
    expect_printed("  q  quit");
    type_and_run("u");
    expect_printed("->  Local:    http://localhost:1/");
    type_and_run("y");
    expect_printed("nothing has been updated yet");
    type_and_run("c");
    expect_printed("\033[2J");
    (void)alarm(0);

    assert_int_equal(key_count, 0);
}

/* A process with the pseudo terminal as its own, stopped from the keyboard and continued. */
static void run_child(int ready)
{
    if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) || tcsetpgrp(slave, getpgrp())) {
        _exit(3);
    }
    (void)uv_loop_init(&loop);
    (void)uv_timer_init(&loop, &watchdog);
    (void)uv_timer_start(&watchdog, on_watchdog, WATCHDOG_MS, 0);
    start();
    (void)sys_write_all(ready, STR("x"));
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    term_destroy(term);
    uv_close((uv_handle_t *)&watchdog, NULL);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    _exit(key_count == 1 && uv_loop_close(&loop) == 0 ? 0 : 4);
}

TEST(ctrl_z_restores_stops_and_comes_back)
{
    int fds[2];
    int status;
    char byte;
    tcflag_t before = local_mode();

    (void)alarm(WATCHDOG_MS / 1000);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)alarm(WATCHDOG_MS / 1000);
        memset(&loop, 0, sizeof(loop)); /* the parent's, which is of no use here */
        run_child(fds[1]);
    }
    assert_int_equal(read(fds[0], &byte, 1), 1);
    assert_int_equal(local_mode() & ICANON, 0);

    type("\032");
    assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
    assert_true(WIFSTOPPED(status));
    assert_int_equal(local_mode(), before);

    assert_int_equal(kill(pid, SIGCONT), 0);
    /* Canonical mode would hold the key back until Enter: it arrives once the mode is raw again,
     * or is waiting when it becomes so. */
    type("q");
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(local_mode(), before);
    (void)alarm(0);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

#define ON_PTY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest cases[] = {
        ON_PTY(keys_arrive_without_enter),
        ON_PTY(the_mode_is_raw_with_signals_and_restored),
        ON_PTY(other_keys_pastes_and_arrows_do_nothing),
        ON_PTY(help_urls_and_why_are_printed_here),
        ON_PTY(ctrl_z_restores_stops_and_comes_back),
    };

    return RUN(cases);
}
