/* SPDX-License-Identifier: MIT */
/* See depfile.h. One pass, one word at a time; a word that is too long is left out. */
#include "build/depfile.h"

#include <stdbool.h>

struct word {
    char bytes[DEPFILE_PATH_MAX];
    size_t len;
    bool is_too_long;
    bool is_target; /* it ends with the colon */
};

static void put(struct word *w, char c)
{
    if (w->len == sizeof(w->bytes)) {
        w->is_too_long = true;
        return;
    }
    w->bytes[w->len++] = c;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static char at(struct str s, size_t i)
{
    return i < s.len ? s.ptr[i] : '\n';
}

/* Whether a backslash at `i` continues the line; *ret_next is behind the line end then. */
static bool is_continuation(struct str s, size_t i, size_t *ret_next)
{
    size_t next = i + 1;

    if (at(s, next) == '\r') {
        next++;
    }
    *ret_next = next + 1;
    return at(s, i) == '\\' && at(s, next) == '\n';
}

/* Reads a word from `i`; returns the offset behind it. */
static size_t read_word(struct str s, size_t i, bool before_colon, struct word *w)
{
    w->len = 0;
    w->is_too_long = false;
    w->is_target = false;
    while (i < s.len && !is_blank(s.ptr[i]) && s.ptr[i] != '\n') {
        char c = s.ptr[i];
        char next = at(s, i + 1);
        size_t skip;

        if (is_continuation(s, i, &skip)) {
            break;
        }
        if (c == '\\' && (next == ' ' || next == '#' || next == '\t' || next == ':')) {
            put(w, next);
            i += 2;
        } else if (c == '$' && next == '$') {
            put(w, '$');
            i += 2;
        } else if (c == ':' && before_colon && (is_blank(next) || next == '\n')) {
            w->is_target = true;
            return i + 1;
        } else {
            put(w, c);
            i++;
        }
    }
    return i;
}

void depfile_parse(struct str text, void (*fn)(void *ctx, struct str path), void *ctx)
{
    bool before_colon = true;
    size_t i = 0;
    struct word w;

    while (i < text.len) {
        size_t next;

        if (is_blank(text.ptr[i])) {
            i++;
        } else if (text.ptr[i] == '\n') {
            before_colon = true;
            i++;
        } else if (is_continuation(text, i, &next)) {
            i = next;
        } else if (text.ptr[i] == '#') {
            while (i < text.len && text.ptr[i] != '\n') {
                i++;
            }
        } else {
            i = read_word(text, i, before_colon, &w);
            if (w.is_target) {
                before_colon = false;
            } else if (!before_colon && w.len > 0 && !w.is_too_long) {
                fn(ctx, (struct str){ w.bytes, w.len });
            }
        }
    }
}
