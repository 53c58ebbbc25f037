/* SPDX-License-Identifier: MIT */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static bool terminate(struct str path, char to[PATH_MAX])
{
    if (path.len >= PATH_MAX || str_find(path, '\0') != STR_NONE) {
        return false;
    }
    if (path.len > 0) {
        memcpy(to, path.ptr, path.len);
    }
    to[path.len] = '\0';
    return true;
}

static int open_beneath(int root_fd, struct str path, int flags, uint64_t resolve)
{
    char name[PATH_MAX];
    struct open_how how = {
        .flags = (uint64_t)(unsigned)flags | O_CLOEXEC,
        .resolve = resolve,
    };

    /* openat2 refuses flags that mean nothing to O_PATH, which opens nothing that could block. */
    if (!(flags & O_PATH)) {
        how.flags |= O_NONBLOCK | O_NOCTTY;
    }
    if (!terminate(path.len > 0 ? path : STR("."), name)) {
        return -ENAMETOOLONG;
    }
    for (;;) {
        long fd = syscall(SYS_openat2, root_fd, name, &how, sizeof(how));

        if (fd >= 0) {
            return (int)fd;
        }
        /* EAGAIN: a rename raced with the walk; the manual asks to try again */
        if (errno != EINTR && errno != EAGAIN) {
            return -errno;
        }
    }
}

int sys_open_beneath(int root_fd, struct str path, int flags)
{
    return open_beneath(root_fd, path, flags, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
}

int sys_open_as_named(int root_fd, struct str path, int flags)
{
    return open_beneath(root_fd, path, flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

int sys_read_all(int fd, struct strbuf *into)
{
    enum { STEP = 64 * 1024 };

    for (;;) {
        size_t room = into->max - into->len < STEP ? into->max - into->len : STEP;
        char last;
        char *to = room > 0 ? strbuf_reserve(into, room) : &last;
        ssize_t got = read(fd, to, room > 0 ? room : 1);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -errno;
        }
        if (got == 0) {
            return 0;
        }
        if (room == 0) {
            into->overflow = true;
            return -EFBIG;
        }
        strbuf_commit(into, (size_t)got);
    }
}

int sys_read_file(struct str path, struct strbuf *into)
{
    char name[PATH_MAX];

    if (!terminate(path, name)) {
        return -ENAMETOOLONG;
    }
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0) {
        return -errno;
    }
    int result = sys_read_all(fd, into);

    sys_close(fd);
    return result;
}

int sys_write_all(int fd, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.ptr, bytes.len);

        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return -errno;
        }
        bytes = str_skip(bytes, (size_t)put);
    }
    return 0;
}

int sys_random(void *bytes, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t got = getrandom((char *)bytes + done, len - done, 0);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -errno;
        }
        done += (size_t)got;
    }
    return 0;
}

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t); /* cannot fail for these two clocks */
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t sys_now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

uint64_t sys_wall_ns(void)
{
    return clock_ns(CLOCK_REALTIME);
}

int sys_close(int fd)
{
    if (fd >= 0) {
        (void)close(fd); /* the descriptor is gone whatever it says */
    }
    return -1;
}

struct str sys_error(int negative_errno)
{
    static char text[128];
    const char *message = strerrordesc_np(-negative_errno);

    (void)snprintf(text, sizeof(text), "%s", message ? message : "unknown error");
    if (text[0] >= 'A' && text[0] <= 'Z') {
        text[0] = (char)(text[0] + ('a' - 'A'));
    }
    return str_from(text);
}
