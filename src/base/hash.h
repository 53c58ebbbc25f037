/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BASE_HASH_H
#define ORBITON_BASE_HASH_H

/*
 * Content hashes: XXH3-128, for telling whether bytes changed. Fast, not
 * cryptographic: never use one as a secret or against a forger.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct hash {
    uint64_t low;
    uint64_t high;
};

enum { HASH_HEX_LEN = 32 };

struct hash hash_bytes(struct str bytes);

/*
 * The hash of bytes that come in pieces: equal to hash_bytes() of all pieces
 * joined. hash_stream_take() gives the hash of what was added and begins anew.
 */
struct hash_stream;
struct hash_stream *hash_stream_create(void);
void hash_stream_add(struct hash_stream *stream, struct str bytes);
struct hash hash_stream_take(struct hash_stream *stream);

/* Accepts NULL. */
void hash_stream_destroy(struct hash_stream *stream);

bool hash_eq(struct hash a, struct hash b);

/* Writes 32 lower-case hexadecimal digits and a zero byte. */
void hash_format(struct hash h, char ret[HASH_HEX_LEN + 1]);

/* Reads what hash_format() wrote; false on anything else. */
bool hash_parse(struct str hex, struct hash *ret);

#endif
