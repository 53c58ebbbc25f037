/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_MAPPINGS_H
#define ORBITON_MODULES_MAPPINGS_H

/*
 * private to source_map*.c: a map as an object, its `mappings` read and written segment by segment, and
 * places in the texts that they speak of.
 *
 * They are lines, divided by ';', of segments, divided by ','. A segment is a column of the generated
 * line and, mostly, a source, a line and a column in it, and a name; each is the difference to the last
 * number of its kind (the first begins anew on each line), in base 64 digits of five bits, the lowest
 * first, the lowest bit of all being the sign.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/strbuf.h"

/* The map as an object with at least one source; NULL if it is none. The caller lets go of it. */
json_t *source_map_read(struct str map, struct str *ret_mappings);

/* Appends the object's text with these mappings. False, and nothing appended, if it has none. */
bool source_map_put(json_t *root, const struct strbuf *mappings, struct strbuf *out);

enum { MAPPING_FIELDS = 5 };

struct mapping {
    int32_t fields[MAPPING_FIELDS]; /* as sums: column, source, line, column, name */
    unsigned count;                 /* 1, 4 or 5 */
};

/* Reading: begin with the text as `rest`. */
struct mappings_reader {
    struct str rest;
    size_t line; /* of the segment that was taken last, from 0 */
    struct mapping at;
    bool bad;
};

/* The next segment; false at the end, or if the rest is none. */
bool mappings_next(struct mappings_reader *reader);

/* Writing: begin with `out`. */
struct mappings_writer {
    struct strbuf *out;
    size_t line;    /* from 0 */
    bool is_within; /* the line has a segment */
    struct mapping last;
};

/* Appends a segment on a line that is not before the last one. */
void mappings_add(struct mappings_writer *writer, size_t line, const struct mapping *mapping);

/* ---- places in a text ---- */

struct map_place {
    size_t line; /* from 0 */
    int64_t col; /* UTF-16 units, from 0 */
};

/* The length of the line break at `i`, or 0. */
size_t map_break_at(struct str text, size_t i);

/* Moves a place over text. */
struct map_place map_move(struct map_place at, struct str text);

#endif
