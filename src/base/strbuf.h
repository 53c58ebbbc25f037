/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BASE_STRBUF_H
#define ORBITON_BASE_STRBUF_H

/*
 * The one string builder. It has a maximum from birth; an append that would
 * pass it appends nothing, and from then on the sticky flag `overflow` is set
 * and every append is ignored. Check the flag once, at the end.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct strbuf {
    char *ptr; /* always terminated when not NULL, for C functions; owned */
    size_t len;
    bool overflow; /* something did not fit; the content is a prefix of what was asked for */
    /* private */
    size_t cap;
    size_t max;
};

/* An empty builder that will hold at most `max` bytes. Allocates nothing. */
void strbuf_init(struct strbuf *b, size_t max);

/* Frees the memory. Accepts a zeroed builder; a new strbuf_init is needed afterwards. */
void strbuf_finish(struct strbuf *b);

/* Empties the builder, clears `overflow`, and keeps the memory. */
void strbuf_reset(struct strbuf *b);

void strbuf_add(struct strbuf *b, struct str s);
void strbuf_addc(struct strbuf *b, char c);
void strbuf_addf(struct strbuf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vaddf(struct strbuf *b, const char *format, va_list args)
        __attribute__((format(printf, 2, 0)));

/* Removes `count` bytes at the front (all of them if it has fewer). */
void strbuf_consume(struct strbuf *b, size_t count);

/* Room for `count` more bytes; NULL and `overflow` if they would pass the maximum. */
char *strbuf_reserve(struct strbuf *b, size_t count);

/* Counts `count` bytes that were written behind strbuf_reserve(). */
void strbuf_commit(struct strbuf *b, size_t count);

/* The content, borrowed until the next change. */
struct str strbuf_str(const struct strbuf *b);

/* The content as a terminated string that the caller frees; the builder is empty afterwards. */
char *strbuf_take(struct strbuf *b);

/* Appends `s` as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD, and '<',
 * U+2028, U+2029 are escaped, so that the result may stand in a <script>. */
void strbuf_add_json(struct strbuf *b, struct str s);

/* Appends `s` percent-encoded (RFC 3986), but for ASCII letters, digits, and the bytes of `plain`. */
void strbuf_add_encoded(struct strbuf *b, struct str s, struct str plain);

/* Appends `s` for a terminal: control bytes become \xNN, so that no name can move the cursor. */
void strbuf_add_printable(struct strbuf *b, struct str s);

#endif
