/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TRANSFORM_ESBUILD_WIRE_H
#define ORBITON_TRANSFORM_ESBUILD_WIRE_H

/*
 * What esbuild's service speaks on its standard input and output. Pure.
 *
 *     packet:  u32 length of the rest, u32 id * 2 + (1 for an answer), value
 *     value:   a byte for its type, then
 *              0 nothing  1 one byte  2 u32  3 text: u32 length, bytes  4 bytes, likewise
 *              5 array: u32 count, values  6 map: u32 count, (u32 length, key, value)
 *
 * All numbers are little endian. The first packet of the service is its version as bare bytes. Only
 * the request `transform` is used, which has been what it is from esbuild 0.17 on; the protocol is
 * esbuild's own affair, so what is not understood is an error and never a guess.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"
#include "base/strbuf.h"

enum {
    ESBUILD_PACKET_MAX = 48 * 1024 * 1024, /* bytes; code and map of the largest output */
    ESBUILD_DEPTH_MAX = 16,                /* of values in values */
    ESBUILD_VALUES_MAX = 100 * 1000,       /* that are kept of one packet */
};

/* Appends the packet that asks for a transform of `text`. */
void esbuild_add_request(struct strbuf *out, uint32_t id, const struct str *flags,
        size_t flag_count, struct str text);

enum esbuild_read { ESBUILD_INCOMPLETE, ESBUILD_PACKET, ESBUILD_MALFORMED };

/* Cuts the first packet off `in`: *ret_used bytes, of which *ret_packet is all behind the length. */
enum esbuild_read esbuild_read_packet(struct str in, size_t *ret_used, struct str *ret_packet);

/* An answer to a transform. Texts are slices of the packet, or in the arena that was given. */
struct esbuild_answer {
    uint32_t id;
    bool is_request; /* the service asks something of us; nothing else counts */
    struct str code;
    struct str map;
    struct diag_list diags; /* the caller finishes it */
};

/*
 * Reads a packet. `source` is what was sent, for code frames. False if it is none of that form; then
 * nothing of *ret has to be freed.
 */
bool esbuild_read_answer(
        struct str packet, struct str source, struct arena *a, struct esbuild_answer *ret);

#endif
