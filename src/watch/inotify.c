/* SPDX-License-Identifier: MIT */
/*
 * Linux: inotify. One watch for each folder, added through an open descriptor
 * so that what is watched is what is listed, whatever is renamed meanwhile.
 * IN_EXCL_UNLINK keeps quiet about files that only a descriptor still holds.
 */
#include "watch/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sys.h"

enum { BUFFER = 64 * 1024 }; /* some 1,500 events a read */

struct events {
    int fd;
    size_t limit;
    size_t added;
    char *buffer;
};

static bool is_lost(uint32_t mask)
{
    return mask & IN_Q_OVERFLOW;
}

static bool is_unwatched(uint32_t mask)
{
    return mask & IN_IGNORED;
}

static bool is_folder_left(uint32_t mask)
{
    return mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT);
}

static bool is_saved(uint32_t mask)
{
    return mask & IN_CLOSE_WRITE;
}

static bool is_moved_here(uint32_t mask)
{
    return mask & IN_MOVED_TO;
}

static bool is_moved_away(uint32_t mask)
{
    return mask & IN_MOVED_FROM;
}

static bool is_gone(uint32_t mask)
{
    return mask & IN_DELETE;
}

static bool is_made(uint32_t mask)
{
    return mask & IN_CREATE;
}

static bool is_written(uint32_t mask)
{
    return mask & IN_MODIFY;
}

static bool is_touched(uint32_t mask)
{
    return mask & IN_ATTRIB;
}

static bool find_kind(uint32_t mask, enum folder_event_kind *ret)
{
    static const struct {
        bool (*is)(uint32_t mask);
        enum folder_event_kind kind;
    } kinds[] = {
        { is_lost, EVENT_LOST },
        { is_unwatched, EVENT_UNWATCHED },
        { is_folder_left, EVENT_FOLDER_LEFT },
        { is_saved, EVENT_SAVED },
        { is_moved_here, EVENT_MOVED_HERE },
        { is_moved_away, EVENT_MOVED_AWAY },
        { is_gone, EVENT_GONE },
        { is_made, EVENT_MADE },
        { is_written, EVENT_WRITTEN },
        { is_touched, EVENT_TOUCHED },
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].is(mask)) {
            *ret = kinds[i].kind;
            return true;
        }
    }
    return false;
}

static bool is_name(struct str name)
{
    return str_find(name, '/') == STR_NONE && !str_eq(name, STR(".")) && !str_eq(name, STR(".."));
}

void events_decode(struct str bytes, folder_event_fn fn, void *ctx)
{
    while (bytes.len >= sizeof(struct inotify_event)) {
        struct inotify_event raw;
        struct folder_event event = { 0 };

        memcpy(&raw, bytes.ptr, sizeof(raw)); /* the bytes may stand at any address */
        bytes = str_skip(bytes, sizeof(raw));
        if (raw.len > bytes.len) {
            return;
        }
        /* the kernel pads a name with zero bytes */
        struct str name = str_sub(bytes, 0, raw.len);

        bytes = str_skip(bytes, raw.len);
        (void)str_cut(name, '\0', &event.name, &name);
        if (!is_name(event.name)) {
            return;
        }
        event.folder = raw.wd;
        event.is_dir = raw.mask & IN_ISDIR;
        event.cookie = raw.cookie;
        if (find_kind(raw.mask, &event.kind)) {
            fn(ctx, &event);
        }
    }
}

int events_open(struct events **ret)
{
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    if (fd < 0) {
        return -errno;
    }
    struct events *events = mem_new(struct events);

    events->fd = fd;
    events->limit = SIZE_MAX;
    events->buffer = mem_alloc(BUFFER, 1);
    *ret = events;
    return 0;
}

void events_close(struct events *events)
{
    if (events) {
        sys_close(events->fd);
        free(events->buffer);
        free(events);
    }
}

int events_fd(const struct events *events)
{
    return events->fd;
}

static int add(struct events *events, int dir_fd, uint32_t mask)
{
    char name[40];

    if (events->added >= events->limit) {
        return -ENOSPC;
    }
    (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", dir_fd);
    int folder = inotify_add_watch(events->fd, name, mask | IN_ONLYDIR | IN_EXCL_UNLINK);

    if (folder < 0) {
        return -errno;
    }
    events->added++;
    return folder;
}

int events_add_folder(struct events *events, int dir_fd)
{
    return add(events, dir_fd,
            IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                    IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF);
}

int events_add_parent(struct events *events, int dir_fd)
{
    /* added to what the folder is watched for already, if it is */
    return add(events, dir_fd,
            IN_MASK_ADD | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF |
                    IN_MOVE_SELF);
}

void events_remove_folder(struct events *events, int folder)
{
    (void)inotify_rm_watch(events->fd, folder); /* it is gone already if the folder is */
}

int events_read(struct events *events, folder_event_fn fn, void *ctx)
{
    for (;;) {
        ssize_t got = read(events->fd, events->buffer, BUFFER);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return errno == EAGAIN ? 0 : -errno;
        }
        events_decode((struct str){ events->buffer, (size_t)got }, fn, ctx);
        return got > 0;
    }
}

void events_set_limit(struct events *events, size_t folders)
{
    events->limit = folders;
    events->added = 0;
}
