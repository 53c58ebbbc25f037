/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

struct str str_from(const char *cstr)
{
    return (struct str){ cstr, cstr ? strlen(cstr) : 0 };
}

struct str str_sub(struct str s, size_t from, size_t to)
{
    if (to > s.len) {
        to = s.len;
    }
    if (from >= to) {
        return (struct str){ NULL, 0 };
    }
    return (struct str){ s.ptr + from, to - from };
}

struct str str_skip(struct str s, size_t from)
{
    return str_sub(s, from, s.len);
}

bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_ieq(struct str a, struct str b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

int str_cmp(struct str a, struct str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;

    if (order != 0) {
        return order;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_eq(str_sub(s, 0, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_eq(str_skip(s, s.len - suffix.len), suffix);
}

size_t str_find(struct str s, char c)
{
    const char *at = s.len > 0 ? memchr(s.ptr, c, s.len) : NULL;

    return at ? (size_t)(at - s.ptr) : STR_NONE;
}

size_t str_rfind(struct str s, char c)
{
    const char *at = s.len > 0 ? memrchr(s.ptr, c, s.len) : NULL;

    return at ? (size_t)(at - s.ptr) : STR_NONE;
}

size_t str_find_str(struct str s, struct str needle)
{
    if (needle.len == 0) {
        return 0;
    }
    const char *at = s.len > 0 ? memmem(s.ptr, s.len, needle.ptr, needle.len) : NULL;

    return at ? (size_t)(at - s.ptr) : STR_NONE;
}

struct str str_trim(struct str s)
{
    while (s.len > 0 && is_space(s.ptr[0])) {
        s = str_skip(s, 1);
    }
    while (s.len > 0 && is_space(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

bool str_cut(struct str s, char sep, struct str *ret_head, struct str *ret_rest)
{
    size_t at = str_find(s, sep);

    if (at == STR_NONE) {
        *ret_head = s;
        *ret_rest = (struct str){ NULL, 0 };
        return false;
    }
    *ret_head = str_sub(s, 0, at);
    *ret_rest = str_skip(s, at + 1);
    return true;
}

bool str_parse_u64(struct str s, uint64_t *ret)
{
    uint64_t value = 0;

    if (s.len == 0) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') {
            return false;
        }
        if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
                __builtin_add_overflow(value, (uint64_t)(s.ptr[i] - '0'), &value)) {
            return false;
        }
    }
    *ret = value;
    return true;
}

size_t str_distance(struct str a, struct str b, size_t limit)
{
    enum { MAX_LEN = 64 };
    size_t rows[3][MAX_LEN + 1];
    size_t *before = rows[0]; /* two letters of `a` ago */
    size_t *last = rows[1];
    size_t *row = rows[2];

    if (a.len > MAX_LEN || b.len > MAX_LEN) {
        return limit + 1;
    }
    for (size_t j = 0; j <= b.len; j++) {
        last[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = last[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);

            best = last[j] + 1 < best ? last[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1] &&
                    before[j - 2] + 1 < best) {
                best = before[j - 2] + 1;
            }
            row[j] = best;
        }
        size_t *oldest = before;

        before = last;
        last = row;
        row = oldest;
    }
    return last[b.len] > limit ? limit + 1 : last[b.len];
}

static struct str to_lower(struct str s, char *buffer, size_t size)
{
    size_t len = s.len < size ? s.len : size;

    for (size_t i = 0; i < len; i++) {
        buffer[i] = lower(s.ptr[i]);
    }
    return (struct str){ buffer, len };
}

struct str str_nearest(struct str name, const struct str *names, size_t count)
{
    enum { NAME_MAX_LEN = 64, PART_MIN = 3 };
    char buffer[NAME_MAX_LEN];
    char other_buffer[NAME_MAX_LEN];
    struct str nearest = { 0 };
    /* A third of the letters may be wrong: more, and any two words would be neighbours. Two swapped
     * letters count as two, so it is rounded up. */
    size_t limit = (name.len + 2) / 3;
    size_t best = limit + 1;

    if (name.len > NAME_MAX_LEN) {
        return nearest;
    }
    name = to_lower(name, buffer, sizeof(buffer));
    for (size_t i = 0; i < count; i++) {
        size_t distance =
                str_distance(name, to_lower(names[i], other_buffer, sizeof(other_buffer)), limit);

        if (distance < best) {
            best = distance;
            nearest = names[i];
        }
    }
    for (size_t i = 0; i < count && nearest.len == 0; i++) {
        struct str other = to_lower(names[i], other_buffer, sizeof(other_buffer));

        if (name.len >= PART_MIN && other.len >= PART_MIN &&
                (str_find_str(other, name) != STR_NONE || str_find_str(name, other) != STR_NONE)) {
            nearest = names[i];
        }
    }
    return nearest;
}

/* The length of the sequence that starts at s.ptr[i], or 0 if it is malformed. */
static size_t utf8_sequence(struct str s, size_t i)
{
    const unsigned char *p = (const unsigned char *)s.ptr + i;
    size_t left = s.len - i;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    size_t len;

    if (p[0] < 0x80) {
        return 1;
    }
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        len = 2;
    } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
        len = 3;
        low = p[0] == 0xe0 ? 0xa0 : low;
        high = p[0] == 0xed ? 0x9f : high;
    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        len = 4;
        low = p[0] == 0xf0 ? 0x90 : low;
        high = p[0] == 0xf4 ? 0x8f : high;
    } else {
        return 0;
    }
    if (left < len || p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t k = 2; k < len; k++) {
        if (p[k] < 0x80 || p[k] > 0xbf) {
            return 0;
        }
    }
    return len;
}

bool str_is_utf8(struct str s)
{
    for (size_t i = 0; i < s.len;) {
        size_t len = utf8_sequence(s, i);

        if (len == 0) {
            return false;
        }
        i += len;
    }
    return true;
}

bool str_is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

size_t str_find_word(struct str s, struct str word, size_t from)
{
    size_t found;

    while (word.len > 0 && (found = str_find_str(str_skip(s, from), word)) != STR_NONE) {
        size_t start = from + found;
        size_t end = start + word.len;

        if ((start == 0 || !str_is_name_byte(s.ptr[start - 1])) &&
                (end == s.len || !str_is_name_byte(s.ptr[end]))) {
            return start;
        }
        from = start + 1;
    }
    return STR_NONE;
}

static int compare(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

size_t str_sort_once(struct str *items, size_t count)
{
    size_t kept = 0;

    if (count > 1) {
        qsort(items, count, sizeof(*items), compare);
    }
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !str_eq(items[kept - 1], items[i])) {
            items[kept++] = items[i];
        }
    }
    return kept;
}

unsigned str_utf16_units(char first)
{
    unsigned char byte = (unsigned char)first;

    return (byte & 0xC0) == 0x80 ? 0 : byte >= 0xF0 ? 2 : 1;
}
