/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_HTML_CHARS_H
#define ORBITON_SCAN_HTML_CHARS_H

/*
 * Pieces of a document with their character references decoded, and where each
 * byte of the result came from.
 *
 * The names that are known are those of the ASCII characters; other names stay
 * as they are written: they do not occur in URLs and in CSS that names URLs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "scan/facts.h"

struct html_chars {
    struct str text;
    /* private */
    uint32_t *offsets; /* of each byte of `text`, and of its end; NULL: `start` and counting */
    uint32_t start;
};

/* Where a piece stands, which says how it is read. */
enum html_chars_kind {
    HTML_CHARS_ATTRIBUTE, /* a reference without ';' before '=', a letter or a digit is text */
    HTML_CHARS_TEXT,
    HTML_CHARS_RAW, /* nothing is decoded: CDATA, RAWTEXT */
};

struct html_piece {
    struct str text; /* a slice of the document */
    enum html_chars_kind kind;
};

/* Decodes pieces of a document, in their order, into one text. Where there is nothing to do, the
 * text is that of the document, else it lies in the arena. */
struct html_chars html_chars_decode(
        struct str document, const struct html_piece *pieces, size_t count, struct arena *a);

/* Where [start, end) of the text stands in the document. */
struct span html_chars_span(const struct html_chars *chars, size_t start, size_t end);

#endif
