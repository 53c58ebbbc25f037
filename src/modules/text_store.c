/* SPDX-License-Identifier: MIT */
/*
 * The ring of texts.
 *
 * Invariant: the items' places do not overlap; `first` is the oldest, and the
 * next place to write is behind `last` or at the start of the file. An item is
 * listed only when all of its bytes have been written.
 */
#include "modules/text_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utlist.h>

#include "base/sys.h"
#include "base/table.h"

struct item {
    struct hash hash;
    uint32_t at;
    uint32_t len;
    struct item *prev, *next;
    UT_hash_handle hh;
};

struct text_store {
    int fd; /* -1: not opened yet, or it cannot be */
    bool tried;
    uint64_t max;
    uint64_t at; /* where the next text goes */
    struct item *table;
    struct item *first; /* oldest first */
};

struct text_store *text_store_create(size_t max)
{
    struct text_store *store = mem_new(struct text_store);

    store->fd = -1;
    store->max = max < UINT32_MAX ? max : UINT32_MAX;
    return store;
}

static void drop(struct text_store *store, struct item *item)
{
    DL_DELETE(store->first, item);
    HASH_DEL(store->table, item);
    free(item);
}

void text_store_destroy(struct text_store *store)
{
    if (!store) {
        return;
    }
    while (store->first) {
        drop(store, store->first);
    }
    sys_close(store->fd);
    free(store);
}

static void open_file(struct text_store *store)
{
    const char *folder = getenv("TMPDIR");

    store->tried = true;
    store->fd = open(folder && folder[0] ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (store->fd < 0) {
        store->fd = memfd_create("orbiton-texts", MFD_CLOEXEC);
    }
}

static struct item *find(const struct text_store *store, struct hash hash)
{
    struct item *item;

    HASH_FIND(hh, store->table, &hash, sizeof(hash), item);
    return item;
}

bool text_store_has(const struct text_store *store, struct hash hash)
{
    return find(store, hash) != NULL;
}

static bool write_at(int fd, struct str text, uint64_t at)
{
    size_t done = 0;

    while (done < text.len) {
        ssize_t put = pwrite(fd, text.ptr + done, text.len - done, (off_t)(at + done));

        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return false;
        }
        done += (size_t)put;
    }
    return true;
}

/* The place that a text takes; an empty one has a place of its own too. */
static uint64_t room_of(size_t len)
{
    return len > 0 ? len : 1;
}

static bool overlaps(const struct item *item, uint64_t from, uint64_t to)
{
    return item->at < to && item->at + room_of(item->len) > from;
}

void text_store_put(struct text_store *store, struct hash hash, struct str text)
{
    if (text.len > store->max / 4 || find(store, hash)) {
        return; /* one text must not drive out all others */
    }
    if (!store->tried) {
        open_file(store);
    }
    if (store->fd < 0) {
        return;
    }
    uint64_t room = room_of(text.len);
    uint64_t at = store->at + room <= store->max ? store->at : 0;

    if (at == 0) {
        /* what lies between the last text and the end of the file belongs to the round before */
        while (store->first && store->first->at >= store->at && store->at > 0) {
            drop(store, store->first);
        }
    }
    while (store->first && (overlaps(store->first, at, at + room) ||
                                   HASH_COUNT(store->table) >= TEXT_STORE_ITEMS)) {
        drop(store, store->first);
    }
    if (!write_at(store->fd, text, at)) {
        return;
    }
    struct item *item = mem_new(struct item);

    item->hash = hash;
    item->at = (uint32_t)at;
    item->len = (uint32_t)text.len;
    HASH_ADD(hh, store->table, hash, sizeof(item->hash), item);
    DL_APPEND(store->first, item);
    store->at = at + room;
}

bool text_store_get(
        const struct text_store *store, struct hash hash, struct arena *a, struct str *ret)
{
    struct item *item = find(store, hash);
    size_t done = 0;

    if (!item) {
        return false;
    }
    char *to = arena_alloc(a, (size_t)item->len + 1);

    while (done < item->len) {
        ssize_t got = pread(store->fd, to + done, item->len - done, (off_t)(item->at + done));

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        done += (size_t)got;
    }
    *ret = (struct str){ to, item->len };
    return true;
}
