/* SPDX-License-Identifier: MIT */
#include "base/blob.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct blob *blob_create(struct str bytes)
{
    struct blob *b = mem_alloc(1, sizeof(*b) + bytes.len);

    b->refs = 1;
    b->len = bytes.len;
    if (bytes.len > 0) {
        memcpy(b->bytes, bytes.ptr, bytes.len);
    }
    return b;
}

struct blob *blob_ref(struct blob *b)
{
    b->refs++;
    return b;
}

void blob_unref(struct blob *b)
{
    if (!b) {
        return;
    }
    assert(b->refs > 0);
    if (--b->refs == 0) {
        free(b);
    }
}

struct str blob_str(const struct blob *b)
{
    return (struct str){ b->bytes, b->len };
}
