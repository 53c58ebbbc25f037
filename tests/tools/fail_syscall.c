/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into the program by tests/e2e/sweep.test.mjs: lets one system call fail.
 *
 *     FAIL_CALL=KIND:N:ERRNO   the N-th call of that kind (from 1) fails with that number
 *     FAIL_IN=main | keeper    in which of the program's two processes; others are left alone
 *     FAIL_LOG=FILE            gets "KIND COUNT" for each kind at exit, and "failed" when it was
 *
 * Only what a kernel does is done: no EIO from a pipe, no ENOSPC from a socket. Such calls are not
 * counted when that error is asked for.
 */
#undef _FILE_OFFSET_BITS /* it would make open() another name of open64() */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum kind {
    OPEN,
    READ,
    WRITE,
    STAT,
    WATCH,
    SOCKET,
    LISTEN,
    ACCEPT,
    WAIT,
    FORK,
    PIPE,
    DIRECTORY,
    RANDOM,
    KINDS
};

static const char *const names[KINDS] = { "open", "read", "write", "stat", "watch", "socket",
    "listen", "accept", "wait", "fork", "pipe", "directory", "random" };

static unsigned long counts[KINDS];
static int wanted_kind = -1;
static unsigned long wanted_at;
static int wanted_errno;
static char log_path[4096];
static bool active;

static void *find(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

/* The next definition of this function: the sanitizer's or the C library's. */
#define REAL(name)                                                                                 \
    static __typeof__(name) *real;                                                                 \
    if (!real) {                                                                                   \
        *(void **)&real = find(#name);                                                             \
    }

static void note(const char *text)
{
    long fd = syscall(
            SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

    if (fd >= 0) {
        (void)!syscall(SYS_write, fd, text, strlen(text));
        (void)syscall(SYS_close, fd);
    }
}

/* Each build has a keeper of its own, and only one of them is to fail. */
static bool is_first(void)
{
    char path[sizeof(log_path) + 8];

    (void)snprintf(path, sizeof(path), "%s.once", log_path);
    long fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    if (fd >= 0) {
        (void)syscall(SYS_close, fd);
    }
    return fd >= 0;
}

static bool must_fail(enum kind kind)
{
    if (!active) {
        return false;
    }
    counts[kind]++;
    if ((int)kind != wanted_kind || counts[kind] != wanted_at || !is_first()) {
        return false;
    }
    note("failed\n");
    errno = wanted_errno;
    return true;
}

/* Whether the kernel could give the wanted error for this descriptor. */
static bool is_likely(int fd)
{
    struct stat st;

    if (!active || syscall(SYS_fstat, fd, &st) < 0) {
        return false;
    }
    bool file = S_ISREG(st.st_mode) || S_ISDIR(st.st_mode);

    if (wanted_errno == EIO || wanted_errno == ENOSPC) {
        return file;
    }
    if (wanted_errno == ENOMEM) {
        return file || S_ISSOCK(st.st_mode);
    }
    if (wanted_errno == EAGAIN) {
        return !file && (syscall(SYS_fcntl, fd, F_GETFL) & O_NONBLOCK);
    }
    return true;
}

/* A pipe of libuv's own is never full: only sockets and the terminal make a writer wait. */
static bool is_writing_likely(int fd)
{
    struct stat st;

    return wanted_errno != EAGAIN || fd <= STDERR_FILENO ||
           (syscall(SYS_fstat, fd, &st) == 0 && S_ISSOCK(st.st_mode));
}

static bool must_fail_on(enum kind kind, int fd)
{
    if (active && wanted_kind == (int)kind &&
            (!is_likely(fd) || (kind == WRITE && !is_writing_likely(fd)))) {
        return false;
    }
    return must_fail(kind);
}

static void __attribute__((constructor)) begin(int argc, char **argv)
{
    const char *call = getenv("FAIL_CALL");
    const char *in = getenv("FAIL_IN");
    const char *path = getenv("FAIL_LOG");
    bool keeper = argc > 0 && strstr(argv[0], "keeper");
    bool program = keeper || (argc > 1 && strcmp(argv[1], "dev") == 0);
    char kind[32];

    if (!call || !in || !path || !program || keeper != (strcmp(in, "keeper") == 0)) {
        return;
    }
    (void)snprintf(log_path, sizeof(log_path), "%s", path);
    if (sscanf(call, "%31[a-z]:%lu:%d", kind, &wanted_at, &wanted_errno) == 3) {
        for (int i = 0; i < KINDS; i++) {
            if (strcmp(kind, names[i]) == 0) {
                wanted_kind = i;
            }
        }
    }
    if (!keeper && strcmp(in, "main") == 0) {
        unsetenv("FAIL_CALL"); /* not for what the program starts */
    }
    active = true;
}

static void __attribute__((destructor)) end(void)
{
    if (active) {
        char text[64];

        for (int i = 0; i < KINDS; i++) {
            (void)snprintf(text, sizeof(text), "%s %lu\n", names[i], counts[i]);
            note(text);
        }
    }
}

/* The keeper ends in this manner. */
void _exit(int status)
{
    end();
    for (;;) {
        (void)syscall(SYS_exit_group, status);
    }
}

#define OPEN_MODE(flags, last)                                                                     \
    mode_t mode = 0;                                                                               \
    if ((flags) & (O_CREAT | __O_TMPFILE)) {                                                       \
        va_list args;                                                                              \
        va_start(args, last);                                                                      \
        mode = va_arg(args, mode_t);                                                               \
        va_end(args);                                                                              \
    }

#define DEFINE_OPEN(name)                                                                          \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        REAL(name)                                                                                 \
        OPEN_MODE(flags, flags)                                                                    \
        return must_fail(OPEN) ? -1 : real(path, flags, mode);                                     \
    }
#define DEFINE_OPENAT(name)                                                                        \
    int name(int dir, const char *path, int flags, ...)                                            \
    {                                                                                              \
        REAL(name)                                                                                 \
        OPEN_MODE(flags, flags)                                                                    \
        return must_fail(OPEN) ? -1 : real(dir, path, flags, mode);                                \
    }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)

long syscall(long number, ...)
{
    static long (*real)(long, ...);
    va_list args;
    long a[6];

    if (!real) {
        *(void **)&real = find("syscall");
    }
    va_start(args, number);
    for (int i = 0; i < 6; i++) {
        a[i] = va_arg(args, long);
    }
    va_end(args);
    if (number == SYS_openat2 && must_fail(OPEN)) {
        return -1;
    }
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* RESULT NAME(PARAMETERS), which fails as KIND under CONDITION. */
#define DEFINE(result, failure, name, condition, parameters, arguments)                            \
    result name parameters                                                                         \
    {                                                                                              \
        REAL(name)                                                                                 \
        return (condition) ? (failure) : real arguments;                                           \
    }

DEFINE(ssize_t, -1, read, must_fail_on(READ, fd), (int fd, void *to, size_t n), (fd, to, n))
DEFINE(ssize_t, -1, pread64, must_fail_on(READ, fd), (int fd, void *to, size_t n, off64_t at),
        (fd, to, n, at))
DEFINE(ssize_t, -1, recvmsg, must_fail_on(READ, fd), (int fd, struct msghdr *m, int flags),
        (fd, m, flags))
DEFINE(ssize_t, -1, write, must_fail_on(WRITE, fd), (int fd, const void *from, size_t n),
        (fd, from, n))
DEFINE(ssize_t, -1, writev, must_fail_on(WRITE, fd), (int fd, const struct iovec *v, int n),
        (fd, v, n))
DEFINE(ssize_t, -1, sendmsg, must_fail_on(WRITE, fd), (int fd, const struct msghdr *m, int flags),
        (fd, m, flags))
DEFINE(int, -1, fstat64, must_fail(STAT), (int fd, struct stat64 *st), (fd, st))
DEFINE(int, -1, stat64, must_fail(STAT), (const char *path, struct stat64 *st), (path, st))
DEFINE(int, -1, fstatat64, must_fail(STAT),
        (int dir, const char *path, struct stat64 *st, int flags), (dir, path, st, flags))
DEFINE(int, -1, inotify_init1, must_fail(WATCH), (int flags), (flags))
DEFINE(int, -1, inotify_add_watch, must_fail(WATCH), (int fd, const char *path, uint32_t mask),
        (fd, path, mask))
DEFINE(int, -1, socket, must_fail(SOCKET), (int domain, int type, int protocol),
        (domain, type, protocol))
DEFINE(int, -1, bind, must_fail(LISTEN), (int fd, __CONST_SOCKADDR_ARG a, socklen_t len),
        (fd, a, len))
DEFINE(int, -1, listen, must_fail(LISTEN), (int fd, int backlog), (fd, backlog))
DEFINE(int, -1, accept4, must_fail(ACCEPT), (int fd, __SOCKADDR_ARG a, socklen_t *len, int flags),
        (fd, a, len, flags))
DEFINE(int, -1, epoll_pwait, must_fail(WAIT),
        (int fd, struct epoll_event *events, int n, int timeout, const sigset_t *mask),
        (fd, events, n, timeout, mask))
DEFINE(pid_t, -1, waitpid, must_fail(WAIT), (pid_t pid, int *status, int options),
        (pid, status, options))
DEFINE(pid_t, -1, fork, must_fail(FORK), (void), ())
DEFINE(int, -1, pipe2, must_fail(PIPE), (int fds[2], int flags), (fds, flags))
DEFINE(int, -1, socketpair, must_fail(PIPE), (int domain, int type, int protocol, int fds[2]),
        (domain, type, protocol, fds))
DEFINE(int, -1, eventfd, must_fail(PIPE), (unsigned initial, int flags), (initial, flags))
DEFINE(int, -1, epoll_create1, must_fail(PIPE), (int flags), (flags))
DEFINE(DIR *, NULL, opendir, must_fail(DIRECTORY), (const char *path), (path))
DEFINE(DIR *, NULL, fdopendir, must_fail(DIRECTORY), (int fd), (fd))
DEFINE(struct dirent64 *, NULL, readdir64, must_fail(DIRECTORY), (DIR * dir), (dir))
DEFINE(ssize_t, -1, getrandom, must_fail(RANDOM), (void *to, size_t n, unsigned flags),
        (to, n, flags))
