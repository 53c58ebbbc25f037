/* SPDX-License-Identifier: MIT */
/*
 * The ring of texts.
 *
 * Invariant: the items' places do not overlap; `first` is the oldest, and the
 * next place to write is behind `last` or at the start of the file. An item is
 * listed only when all of its bytes have been written or lie in `pending`.
 *
 * While a page of many modules is loaded there is a text for each answer: they
 * are gathered, and written some dozens at a time.
 */
#include "modules/text_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utlist.h>

#include "base/sys.h"
#include "base/table.h"

enum { PENDING_MAX = 32 * 1024 };

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
    struct item *first;  /* oldest first */
    uint64_t pending_at; /* where the first byte of `pending` goes */
    size_t pending_len;
    char pending[PENDING_MAX];
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

static bool write_pending(struct text_store *store)
{
    struct str text = { store->pending, store->pending_len };

    store->pending_len = 0;
    if (write_at(store->fd, text, store->pending_at)) {
        return true;
    }
    /* the disk is full: what was gathered last was lost */
    uint64_t end = store->pending_at + text.len;

    while (store->first && store->first->prev->at >= store->pending_at &&
            store->first->prev->at < end) {
        drop(store, store->first->prev);
    }
    return false;
}

/* Takes a text for the place `at`; false if it, or one before it, cannot be written. */
static bool put_bytes(struct text_store *store, struct str text, uint64_t at)
{
    bool follows = at == store->pending_at + store->pending_len;

    if (store->pending_len > 0 && (!follows || text.len > PENDING_MAX - store->pending_len) &&
            !write_pending(store)) {
        return false;
    }
    if (text.len > PENDING_MAX / 4) {
        return (store->pending_len == 0 || write_pending(store)) && write_at(store->fd, text, at);
    }
    if (store->pending_len == 0) {
        store->pending_at = at;
    }
    if (text.len > 0) {
        memcpy(store->pending + store->pending_len, text.ptr, text.len);
    }
    store->pending_len += text.len;
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
    if (!put_bytes(store, text, at)) {
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

    if (store->pending_len > 0 && item->at >= store->pending_at &&
            item->at + item->len <= store->pending_at + store->pending_len) {
        memcpy(to, store->pending + (item->at - store->pending_at), item->len);
        done = item->len;
    }
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
