/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "base/mem.h"

struct hash hash_bytes(struct str bytes)
{
    XXH128_hash_t h = XXH3_128bits(bytes.ptr, bytes.len);

    return (struct hash){ h.low64, h.high64 };
}

/* The library's state wants an alignment that only its own allocator promises. */
struct hash_stream {
    XXH3_state_t *state;
};

struct hash_stream *hash_stream_create(void)
{
    struct hash_stream *stream = mem_new(struct hash_stream);

    stream->state = XXH3_createState();
    if (!stream->state) {
        mem_die();
    }
    (void)XXH3_128bits_reset(stream->state); /* fails for NULL only */
    return stream;
}

void hash_stream_add(struct hash_stream *stream, struct str bytes)
{
    if (bytes.len > 0) {
        (void)XXH3_128bits_update(stream->state, bytes.ptr, bytes.len); /* fails for NULL only */
    }
}

struct hash hash_stream_take(struct hash_stream *stream)
{
    XXH128_hash_t h = XXH3_128bits_digest(stream->state);

    (void)XXH3_128bits_reset(stream->state); /* fails for NULL only */
    return (struct hash){ h.low64, h.high64 };
}

void hash_stream_destroy(struct hash_stream *stream)
{
    if (stream) {
        (void)XXH3_freeState(stream->state); /* always XXH_OK */
        free(stream);
    }
}

bool hash_eq(struct hash a, struct hash b)
{
    return a.low == b.low && a.high == b.high;
}

void hash_format(struct hash h, char ret[HASH_HEX_LEN + 1])
{
    (void)snprintf(ret, HASH_HEX_LEN + 1, "%016" PRIx64 "%016" PRIx64, h.high, h.low);
}

static bool parse_half(struct str hex, uint64_t *ret)
{
    uint64_t value = 0;

    for (size_t i = 0; i < hex.len; i++) {
        char c = hex.ptr[i];
        uint64_t digit;

        if (c >= '0' && c <= '9') {
            digit = (uint64_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = (uint64_t)(c - 'a') + 10;
        } else {
            return false;
        }
        value = value << 4 | digit;
    }
    *ret = value;
    return true;
}

bool hash_parse(struct str hex, struct hash *ret)
{
    struct hash h;

    if (hex.len != HASH_HEX_LEN || !parse_half(str_sub(hex, 0, 16), &h.high) ||
            !parse_half(str_skip(hex, 16), &h.low)) {
        return false;
    }
    *ret = h;
    return true;
}
