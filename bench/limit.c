/* SPDX-License-Identifier: MIT */
/*
 * The floor for a reload server: the least that goes from inotify through a WebSocket to the page.
 *
 * One epoll, one inotify watch a folder, whole files per reply, a frame with the path for each file
 * that was closed after writing or moved into place. It compares no contents, waits for nothing,
 * keeps no state, checks no origin, injects nothing (the page names limit.js itself) and rescues
 * nothing after lost events, all of which a real server must do: it exists to be measured, so that
 * "how much slower than possible" has a number. With `push` the frame carries the file's text too,
 * and the page needs to ask for nothing.
 * Usage: limit ROOT PORT [push]; loopback only.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FD_MAX = 1024,
    HEAD_MAX = 8192,
    FOLDER_MAX = 65536,
    EVENT_BUFFER = 65536,
    SEND_WAIT_S = 2, /* a reader this slow is dropped */
    SHORT_FRAME = 125,
    FRAME_MAX = 65535,
    PUSH_MAX = 16384, /* a text six times as long when it is escaped still fits a frame */
};

struct conn {
    bool page; /* upgraded: gets a frame for each change */
    size_t len;
    char head[HEAD_MAX + 1];
};

static struct conn *conns[FD_MAX]; /* by descriptor */
static char *folders[FOLDER_MAX];  /* by watch descriptor, relative to the root, as "./a/b/" */
static int epoll_fd, inotify_fd, root_fd;
static bool push;

static bool listen_to(int fd)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void drop(int fd)
{
    free(conns[fd]);
    conns[fd] = NULL;
    close(fd);
}

/* Blocks while the peer's window is full, for as long as SO_SNDTIMEO says. */
static bool send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

        if (sent <= 0) {
            return false;
        }
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

static const char *mime(const char *path)
{
    const char *dot = strrchr(path, '.');

    if (dot && strcmp(dot, ".html") == 0) {
        return "text/html";
    }
    return dot && strcmp(dot, ".css") == 0 ? "text/css" : "text/javascript";
}

static bool reply(int fd, const char *status, const char *type, const char *body, size_t len)
{
    char head[256];
    int n = snprintf(head, sizeof head,
            "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
            "Cache-Control: no-cache\r\n\r\n",
            status, type, len);

    return send_all(fd, head, (size_t)n) && send_all(fd, body, len);
}

static bool reply_file(int fd, char *target)
{
    target[strcspn(target, "?#")] = '\0';
    const char *path = strcmp(target, "/") == 0 ? "index.html" : target + 1;
    bool below = target[0] == '/' && path[0] != '/' && !strstr(path, "..");
    int file = below ? openat(root_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    struct stat st = { 0 };
    char *body = file >= 0 && fstat(file, &st) == 0 ? malloc((size_t)st.st_size + 1) : NULL;
    ssize_t got = body ? read(file, body, (size_t)st.st_size) : -1;
    bool ok = got >= 0 ? reply(fd, "200 OK", mime(path), body, (size_t)got)
                       : reply(fd, "404 Not Found", "text/plain", "not found\n", 10);

    free(body);
    if (file >= 0) {
        close(file);
    }
    return ok;
}

static bool upgrade(struct conn *conn, int fd, const char *key)
{
    char text[128], accept[32], head[256];
    unsigned char digest[SHA_DIGEST_LENGTH];
    int n = snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);

    SHA1((const unsigned char *)text, (size_t)n, digest);
    EVP_EncodeBlock((unsigned char *)accept, digest, sizeof digest);
    n = snprintf(head, sizeof head,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: %s\r\n\r\n",
            accept);
    conn->page = true;
    return send_all(fd, head, (size_t)n);
}

static bool answer(struct conn *conn, int fd, char *head)
{
    char target[1024];
    const char *key = strcasestr(head, "\r\nSec-WebSocket-Key: ");

    if (sscanf(head, "GET %1023s HTTP/1.1", target) != 1) {
        return false;
    }
    return key ? upgrade(conn, fd, key + strlen("\r\nSec-WebSocket-Key: "))
               : reply_file(fd, target);
}

static void on_conn_readable(int fd)
{
    struct conn *conn = conns[fd];
    ssize_t got = recv(fd, conn->head + conn->len, HEAD_MAX - conn->len, MSG_DONTWAIT);

    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        drop(fd);
        return;
    }
    if (conn->page || got < 0) {
        return; /* pages have nothing to say; a close frame is followed by the end */
    }
    conn->len += (size_t)got;
    conn->head[conn->len] = '\0';

    char *end;
    while ((end = strstr(conn->head, "\r\n\r\n")) != NULL) {
        size_t used = (size_t)(end + 4 - conn->head);

        end[2] = '\0';
        if (!answer(conn, fd, conn->head)) {
            drop(fd);
            return;
        }
        conn->len -= used;
        memmove(conn->head, conn->head + used, conn->len + 1);
    }
    if (conn->len == HEAD_MAX) {
        drop(fd);
    }
}

static void on_listener_readable(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0 || fd >= FD_MAX || !(conns[fd] = calloc(1, sizeof *conns[fd]))) {
        close(fd);
        return;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){ .tv_sec = SEND_WAIT_S },
            sizeof(struct timeval));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    if (!listen_to(fd)) {
        drop(fd);
    }
}

static void watch_folder(const char *parent, const char *name)
{
    char below[PATH_MAX];
    struct dirent *entry;
    int n = snprintf(below, sizeof below, "%s%s/", parent, name);
    int wd = inotify_add_watch(inotify_fd, below,
            IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR | IN_EXCL_UNLINK);
    DIR *dir = opendir(below);

    if (!dir || wd < 0 || wd >= FOLDER_MAX || (size_t)n >= sizeof below) {
        warn("cannot watch '%s'", below);
    } else {
        free(folders[wd]);
        folders[wd] = strdup(below);
        while ((entry = readdir(dir)) != NULL) {
            if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
                watch_folder(below, entry->d_name);
            }
        }
    }
    if (dir) {
        closedir(dir);
    }
}

static size_t add_escaped(char *to, const char *text, size_t len)
{
    size_t at = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c < 0x20) {
            at += (size_t)sprintf(to + at, "\\u%04x", c);
        } else {
            if (c == '"' || c == '\\') {
                to[at++] = '\\';
            }
            to[at++] = (char)c;
        }
    }
    return at;
}

/* Appends ,"text":"..." with what the file holds. */
static size_t add_text(char *to, const char *path)
{
    char text[PUSH_MAX];
    int file = openat(root_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t got = file >= 0 ? read(file, text, sizeof text) : -1;
    size_t at = (size_t)sprintf(to, ",\"text\":\"");

    if (file >= 0) {
        close(file);
    }
    at += add_escaped(to + at, text, got > 0 ? (size_t)got : 0);
    to[at++] = '"';
    return at;
}

static void tell_pages(const char *folder, const char *name)
{
    static char frame[4 + PUSH_MAX * 6 + PATH_MAX * 2];
    char path[PATH_MAX];
    size_t len = 4;
    char *start = frame;

    if (strpbrk(name, "\"\\") ||
            snprintf(path, sizeof path, "%s%s", folder + 2, name) >= (int)sizeof path) {
        return;
    }
    len += (size_t)sprintf(frame + len, "{\"path\":\"%s\"", path);
    len += push ? add_text(frame + len, path) : 0;
    frame[len++] = '}';

    size_t payload = len - 4;
    if (payload > FRAME_MAX) {
        return;
    }
    if (payload <= SHORT_FRAME) {
        start = frame + 2;
        start[1] = (char)payload;
    } else {
        start[1] = 126;
        start[2] = (char)(payload >> 8);
        start[3] = (char)payload;
    }
    start[0] = (char)0x81;
    for (int fd = 0; fd < FD_MAX; fd++) {
        if (conns[fd] && conns[fd]->page && !send_all(fd, start, len - (size_t)(start - frame))) {
            drop(fd);
        }
    }
}

static void on_inotify_readable(void)
{
    static _Alignas(struct inotify_event) char buffer[EVENT_BUFFER];
    ssize_t got = read(inotify_fd, buffer, sizeof buffer);

    for (ssize_t at = 0; at < got;) {
        const struct inotify_event *event = (const void *)(buffer + at);
        bool folder_known = event->wd >= 0 && folders[event->wd];

        at += (ssize_t)(sizeof *event + event->len);
        if (!folder_known || event->len == 0) {
            continue;
        }
        if (event->mask & IN_ISDIR) {
            watch_folder(folders[event->wd], event->name);
        } else if (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) {
            tell_pages(folders[event->wd], event->name);
        }
    }
}

int main(int argc, char **argv)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET };

    if (argc != 3 && !(argc == 4 && strcmp(argv[3], "push") == 0)) {
        errx(2, "usage: limit ROOT PORT [push]");
    }
    push = argc == 4;
    address.sin_port = htons((uint16_t)atoi(argv[2]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    root_fd = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0 || fchdir(root_fd) < 0) {
        err(1, "%s", argv[1]);
    }
    inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    watch_folder("", ".");
    (void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
            listen(listener, 128) < 0 || !listen_to(listener) || !listen_to(inotify_fd)) {
        err(1, "port %s", argv[2]);
    }
    for (;;) {
        struct epoll_event events[64];
        int n = epoll_wait(epoll_fd, events, 64, -1);

        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;

            if (fd == listener) {
                on_listener_readable(fd);
            } else if (fd == inotify_fd) {
                on_inotify_readable();
            } else if (conns[fd]) {
                on_conn_readable(fd);
            }
        }
    }
}
