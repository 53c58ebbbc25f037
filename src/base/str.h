/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BASE_STR_H
#define ORBITON_BASE_STR_H

/*
 * Counted strings, by value. A struct str may hold any byte, is never
 * terminated, and never owns its bytes: whoever hands one out says how long
 * they live. All functions return slices of the same bytes; none allocates.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *ptr; /* may be NULL when len is 0 */
    size_t len;      /* bytes */
};

/* A struct str from a string literal, usable as an initialiser and as a value. */
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_INIT(literal)                                                                          \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }

/* Arguments for "%.*s". */
#define STR_FMT(s) ((int)(s).len), ((s).ptr ? (s).ptr : "")

/* A slice of a terminated string; NULL gives the empty string. */
struct str str_from(const char *cstr);

/* The slice [from, to); both are clamped to the string. */
struct str str_sub(struct str s, size_t from, size_t to);

/* Everything from `from` on. */
struct str str_skip(struct str s, size_t from);

bool str_eq(struct str a, struct str b);

/* Equality that ignores ASCII case. */
bool str_ieq(struct str a, struct str b);

/* Byte order, as memcmp; a prefix sorts first. */
int str_cmp(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

#define STR_NONE SIZE_MAX

/* The offset of the first / last `c`, or STR_NONE. */
size_t str_find(struct str s, char c);
size_t str_rfind(struct str s, char c);

/* The offset of the first `needle`, or STR_NONE. */
size_t str_find_str(struct str s, struct str needle);

/* Without the ASCII white space (space, \t, \r, \n, \f) at both ends. */
struct str str_trim(struct str s);

/*
 * Cuts at the first `sep`: *ret_head is what stands before it and the result
 * is true; without a `sep` *ret_head is the whole string, *rest is empty, and
 * the result is false. `rest` must be given and may be the source itself.
 */
bool str_cut(struct str s, char sep, struct str *ret_head, struct str *ret_rest);

/* Reads a decimal number that is the whole of `s`; false on anything else or overflow. */
bool str_parse_u64(struct str s, uint64_t *ret);

/* The UTF-16 units of the UTF-8 character that begins with that byte; 0 inside of one. */
unsigned str_utf16_units(char first);

/* Whether a byte may be part of a name in JavaScript. All beyond ASCII may. */
bool str_is_name_byte(char c);

/* Where `word` stands in `s` at or behind `from`, and is no part of a longer name of JavaScript; or
 * STR_NONE. An empty word stands nowhere. */
size_t str_find_word(struct str s, struct str word, size_t from);

/* Sorts the items by str_cmp(); how many are left, each once. */
size_t str_sort_once(struct str *items, size_t count);

/* The number of edits (a byte added, removed, replaced, or two neighbours swapped) between two
 * names, at most `limit` + 1: for "did you mean". */
size_t str_distance(struct str a, struct str b, size_t limit);

/* The name that `name` was probably meant to be (a few edits away, or one holds the other; case
 * does not count), or the empty string. */
struct str str_nearest(struct str name, const struct str *names, size_t count);

/* Whether the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool str_is_utf8(struct str s);

#endif
