/* SPDX-License-Identifier: MIT */
#include "resolve/jsonc.h"

#include <string.h>

/* The end of the string that begins at `i`. */
static size_t skip_string(const char *p, size_t len, size_t i)
{
    for (i++; i < len && p[i] != '"' && p[i] != '\n'; i++) {
        i += p[i] == '\\';
    }
    return i < len ? i + 1 : len;
}

static void blank(char *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        p[i] = p[i] == '\n' || p[i] == '\r' ? p[i] : ' ';
    }
}

/* The end of the comment that begins at `i`; `i` itself if none does. */
static size_t skip_comment(const char *p, size_t len, size_t i)
{
    size_t end = i + 2;

    if (i + 1 >= len || p[i] != '/' || (p[i + 1] != '/' && p[i + 1] != '*')) {
        return i;
    }
    if (p[i + 1] == '/') {
        while (end < len && p[end] != '\n') {
            end++;
        }
        return end;
    }
    while (end + 1 < len && !(p[end] == '*' && p[end + 1] == '/')) {
        end++;
    }
    return end + 1 < len ? end + 2 : len;
}

struct str jsonc_to_json(struct arena *a, struct str text)
{
    char *p = arena_cstr(a, text);
    size_t comma = STR_NONE; /* the last token, if it is a comma */
    size_t i = 0;

    if (str_starts(text, STR("\xEF\xBB\xBF"))) {
        memset(p, ' ', 3);
    }
    while (i < text.len) {
        size_t end = skip_comment(p, text.len, i);

        if (end > i) {
            blank(p, i, end);
            i = end;
            continue;
        }
        switch (p[i]) {
        case '"':
            i = skip_string(p, text.len, i);
            comma = STR_NONE;
            continue;
        case ',': comma = i; break;
        case '}':
        case ']':
            if (comma != STR_NONE) {
                p[comma] = ' ';
            }
            comma = STR_NONE;
            break;
        case ' ':
        case '\t':
        case '\r':
        case '\n': break;
        default: comma = STR_NONE; break;
        }
        i++;
    }
    return (struct str){ p, text.len };
}
