/* SPDX-License-Identifier: MIT */
#include "term/keys.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "term/term.h"

enum {
    BUFFER = 64,
    PASTE_MIN = 8, /* so many keys in one read were not typed: a paste must not quit or rebuild */
    HANDLES = 3,
};

struct keys {
    void (*on_key)(void *ctx, char key);
    void *ctx;
    int open; /* handles not yet closed */
    uv_tty_t tty;
    uv_signal_t stop;
    uv_signal_t cont;
    char buffer[BUFFER];
};

/* For term_restore(), which has no other way to know: one terminal a process. */
static volatile sig_atomic_t raw_fd = -1;
static struct termios saved;

/* A program in the background that sets a terminal's mode or reads is stopped by the kernel. A
 * terminal that is not ours to control has no background. */
static bool is_foreground(int fd)
{
    pid_t group = tcgetpgrp(fd);

    return group < 0 || group == getpgrp();
}

void term_restore(void)
{
    int error = errno;
    int fd = raw_fd;

    if (fd >= 0 && is_foreground(fd)) {
        (void)tcsetattr(fd, TCSANOW, &saved);
    }
    raw_fd = -1;
    errno = error;
}

static void on_crash(int number)
{
    term_restore();
    (void)raise(number); /* the handler is gone (SA_RESETHAND): now it ends the program */
}

/* Signals that another tool handles (a sanitizer) stay with it. */
static void guard_crashes(void)
{
    static const int numbers[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
    static bool done;

    if (done) {
        return;
    }
    done = true;
    (void)atexit(term_restore);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction old;

        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL) {
            struct sigaction ours = { .sa_handler = on_crash };

            ours.sa_flags = (int)SA_RESETHAND | SA_NODEFER;
            (void)sigaction(numbers[i], &ours, NULL);
        }
    }
}

static void make_raw(int fd)
{
    struct termios mode;

    if (raw_fd >= 0 || !is_foreground(fd) || tcgetattr(fd, &mode)) {
        return;
    }
    saved = mode;
    mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    if (tcsetattr(fd, TCSANOW, &mode) == 0) {
        raw_fd = fd;
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    struct keys *keys = handle->data;

    (void)suggested;
    *ret = uv_buf_init(keys->buffer, BUFFER);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct keys *keys = stream->data;

    if (len < 0) {
        (void)uv_read_stop(stream); /* the terminal is gone; SIGHUP says so to those who care */
        return;
    }
    if (len >= PASTE_MIN) {
        return;
    }
    char typed[PASTE_MIN];
    size_t count = 0;

    for (ssize_t i = 0; i < len && buf->base[i] != '\033'; i++) {
        typed[count++] = buf->base[i];
    }
    for (size_t i = 0; i < count && uv_is_active((uv_handle_t *)stream); i++) {
        keys->on_key(keys->ctx, typed[i]); /* may destroy us; then the handle is not active */
    }
}

static void start(struct keys *keys)
{
    int fd;

    if (uv_fileno((uv_handle_t *)&keys->tty, &fd) == 0 && is_foreground(fd)) {
        make_raw(fd);
        (void)uv_read_start((uv_stream_t *)&keys->tty, on_alloc, on_read);
        uv_unref((uv_handle_t *)&keys->tty);
    }
}

static void on_stop(uv_signal_t *signal, int number)
{
    struct keys *keys = signal->data;

    (void)number;
    term_restore();
    (void)uv_read_stop((uv_stream_t *)&keys->tty);
    /* SIGTSTP is caught, so the stop itself is this one; the shell sees no difference. */
    (void)kill(getpid(), SIGSTOP);
}

static void on_cont(uv_signal_t *signal, int number)
{
    (void)number;
    start(signal->data); /* after "bg" this does nothing, after "fg" it comes again */
}

static void on_close(uv_handle_t *handle)
{
    struct keys *keys = handle->data;

    if (--keys->open == 0) {
        free(keys);
    }
}

struct keys *keys_create(uv_loop_t *loop, int fd, void (*on_key)(void *ctx, char key), void *ctx)
{
    struct keys *keys = mem_new(struct keys);

    keys->on_key = on_key;
    keys->ctx = ctx;
    if (uv_tty_init(loop, &keys->tty, fd, 0)) {
        free(keys);
        return NULL;
    }
    (void)uv_signal_init(loop, &keys->stop);
    (void)uv_signal_init(loop, &keys->cont);
    keys->open = HANDLES;
    keys->tty.data = keys->stop.data = keys->cont.data = keys;
    guard_crashes();
    (void)uv_signal_start(&keys->stop, on_stop, SIGTSTP);
    (void)uv_signal_start(&keys->cont, on_cont, SIGCONT);
    uv_unref((uv_handle_t *)&keys->stop);
    uv_unref((uv_handle_t *)&keys->cont);
    start(keys);
    return keys;
}

void keys_destroy(struct keys *keys)
{
    if (!keys) {
        return;
    }
    term_restore();
    uv_close((uv_handle_t *)&keys->tty, on_close);
    uv_close((uv_handle_t *)&keys->stop, on_close);
    uv_close((uv_handle_t *)&keys->cont, on_close);
}
