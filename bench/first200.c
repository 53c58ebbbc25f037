/* SPDX-License-Identifier: MIT */
/*
 * Milliseconds from the start of a server to the first byte of its first 200.
 *
 * `first200 PORT COMMAND [ARGS]` starts the command, asks for `/` every fifth of a millisecond,
 * prints the time and ends the command. What that started is in this program's own process group,
 * for the caller to end. In C, because the same loop in node costs some 15 ms of its own, which is
 * more than the servers that it has to tell apart take.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PAUSE_NS = 200000,
    GIVE_UP_MS = 60000,
    ANSWER_WAIT_S = 5, /* for one answer; a server may accept long before it is ready */
};

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static bool answers(const struct sockaddr_in *address, const char *request)
{
    static const char wanted[] = "HTTP/1.1 200";
    char got[sizeof wanted - 1];
    struct timeval wait = { .tv_sec = ANSWER_WAIT_S };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 &&
              connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 &&
              send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request) &&
              recv(fd, got, sizeof got, MSG_WAITALL) == (ssize_t)sizeof got &&
              memcmp(got, wanted, sizeof got) == 0;

    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

static pid_t start(char **command)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    errno = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
    if (errno != 0) {
        err(1, "%s", command[0]);
    }
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    char request[128];

    if (argc < 3) {
        errx(2, "usage: first200 PORT COMMAND [ARGS]");
    }
    address.sin_port = htons((uint16_t)atoi(argv[1]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)snprintf(request, sizeof request,
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: text/html\r\n\r\n", atoi(argv[1]));

    double began = now_ms();
    pid_t pid = start(argv + 2);
    bool ok, ended = false;

    while (!(ok = answers(&address, request)) && !ended && now_ms() - began < GIVE_UP_MS) {
        ended = waitpid(pid, NULL, WNOHANG) == pid;
        (void)nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
    }
    double took = now_ms() - began;

    if (!ended) {
        (void)kill(pid, SIGTERM);
    }
    for (int i = 0; i < 5000 && !ended; i++) {
        ended = waitpid(pid, NULL, WNOHANG) == pid;
        (void)nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
    }
    if (!ended) {
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
    }
    if (!ok) {
        errx(1, "%s: no 200 from port %s", argv[2], argv[1]);
    }
    printf("%.3f\n", took);
    return 0;
}
