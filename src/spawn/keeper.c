/* SPDX-License-Identifier: MIT */
/*
 * The keeper: a small process of this program between orbiton and a build.
 *
 *     orbiton <== control socket (fd 3) ==> keeper --> program --> its children
 *                                             |        \______ one process group ______/
 *
 * It does nothing but wait, for the program's end or for the control socket's.
 * The kernel closes that socket however orbiton ends, so that the group never
 * outlives it. The keeper has a session of its own, so Ctrl+C in the terminal
 * reaches orbiton alone and builds end in one way only.
 *
 * Invariant: when the keeper is gone, nobody of the group is left. A process
 * that left the group (a compiler cache's daemon) is let go.
 *
 * It runs between exec and _exit and uses system calls only.
 */
#include "spawn/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"
#include "spawn/spawn.h"

/* Tells orbiton how it ended and goes. */
static void report(int status) __attribute__((noreturn));

static void report(int status)
{
    struct str bytes = { (const char *)&status, sizeof(status) };

    (void)sys_write_all(KEEPER_FD, bytes); /* nobody is there to be told when it fails */
    _exit(0);
}

static void run_program(char **argv, int error_fd) __attribute__((noreturn));

static void run_program(char **argv, int error_fd)
{
    sigset_t none;
    int error;

    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* should somebody kill the keeper itself */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* What orbiton's own parent forgot to close is not for builds either. */
    (void)syscall(SYS_close_range, KEEPER_FD, ~0U, 1U << 2 /* CLOSE_RANGE_CLOEXEC */);
    execvp(argv[0], argv);
    error = errno;
    (void)sys_write_all(error_fd, (struct str){ (const char *)&error, sizeof(error) });
    _exit(127);
}

/* The errno of a program that could not be started, 0 once it runs. */
static int read_exec_error(int fd)
{
    int error = 0;
    ssize_t got;

    do {
        got = read(fd, &error, sizeof(error));
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof(error) ? error : 0;
}

/* Whether the program has ended. Its id stays taken until reap(), so that it cannot be reused. */
static bool has_ended(pid_t pid, siginfo_t *ret)
{
    memset(ret, 0, sizeof(*ret));
    return waitid(P_PID, (id_t)pid, ret, WEXITED | WNOHANG | WNOWAIT) < 0 || ret->si_pid == pid;
}

/* Ends whoever is left of the group; orphans of it are ours by PR_SET_CHILD_SUBREAPER. */
static void reap(pid_t pid)
{
    (void)kill(-pid, SIGKILL);
    while (waitpid(-pid, NULL, 0) > 0 || errno == EINTR) {
    }
}

static void watch_over(pid_t pid, int signal_fd) __attribute__((noreturn));

static void watch_over(pid_t pid, int signal_fd)
{
    struct pollfd fds[2] = { { .fd = KEEPER_FD, .events = POLLIN },
        { .fd = signal_fd, .events = POLLIN } };
    uint64_t kill_at = 0; /* 0: nobody asked for the end */
    siginfo_t end;

    while (!has_ended(pid, &end)) {
        int timeout = -1;

        if (kill_at != 0) {
            uint64_t now = sys_now_ns();

            if (now >= kill_at) {
                (void)kill(-pid, SIGKILL);
                kill_at = UINT64_MAX;
            }
            timeout = kill_at == UINT64_MAX ? -1 : (int)((kill_at - now) / 1000000) + 1;
        }
        if (poll(fds, 2, timeout) <= 0) {
            continue;
        }
        if (fds[1].revents) {
            struct signalfd_siginfo info;

            (void)!read(signal_fd, &info, sizeof(info));
        }
        if (fds[0].revents) {
            char order;
            ssize_t got = read(KEEPER_FD, &order, 1);

            if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) {
                reap(pid);
                _exit(0);
            }
            if (got == 1 && kill_at == 0) {
                (void)kill(-pid, SIGTERM);
                kill_at = sys_now_ns() + KEEPER_GRACE_NS;
            }
        }
    }
    reap(pid);
    report(end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status);
}

void spawn_keeper_main(int argc, char **argv)
{
    int errors[2];
    sigset_t child;
    int signal_fd;
    int error;
    int null;
    pid_t pid;

    if (argc < 2 || strcmp(argv[0], KEEPER_NAME) != 0) {
        return;
    }
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    signal_fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fcntl(KEEPER_FD, F_SETFD, FD_CLOEXEC) < 0 || signal_fd < 0 ||
            pipe2(errors, O_CLOEXEC) < 0) {
        report(-errno);
    }
    /* libuv's end of the socket is non-blocking; this end must wait when it writes. */
    (void)fcntl(KEEPER_FD, F_SETFL, fcntl(KEEPER_FD, F_GETFL) & ~O_NONBLOCK);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid = fork();
    if (pid < 0) {
        report(-errno);
    }
    if (pid == 0) {
        run_program(argv + 1, errors[1]);
    }
    (void)setpgid(pid, pid); /* both sides do it, so that it is done whoever comes first */
    /* The streams must end when the program's copies are closed. */
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(null, STDOUT_FILENO);
    (void)dup2(null, STDERR_FILENO);
    (void)close(errors[1]);
    error = read_exec_error(errors[0]);
    if (error != 0) {
        (void)waitpid(pid, NULL, 0);
        report(-error);
    }
    watch_over(pid, signal_fd);
}
