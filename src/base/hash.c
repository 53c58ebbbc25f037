/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

struct hash hash_bytes(struct str bytes)
{
    XXH128_hash_t h = XXH3_128bits(bytes.ptr, bytes.len);

    return (struct hash){ h.low64, h.high64 };
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
