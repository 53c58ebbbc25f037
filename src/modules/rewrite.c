/* SPDX-License-Identifier: MIT */
/*
 * Edits to a text.
 *
 * Invariant: what is appended is the text's bytes in their order, each at most
 * once, with the edits' texts between them.
 */
#include "modules/rewrite.h"

#include <stdlib.h>

#include "base/vec.h"

void edit_add(struct edit_list *list, size_t start, size_t end, struct str with)
{
    struct edit edit = { .at = { (uint32_t)start, (uint32_t)end }, .with = with };
    size_t i = list->count;

    vec_push(list, edit);
    /* nearly always in order already */
    while (i > 0 && list->items[i - 1].at.start > edit.at.start) {
        list->items[i] = list->items[i - 1];
        i--;
    }
    list->items[i] = edit;
}

void rewrite_apply(struct strbuf *out, struct str text, struct edit_list *edits)
{
    size_t at = str_starts(text, STR("\xEF\xBB\xBF")) ? 3 : 0;

    for (size_t i = 0; i < edits->count; i++) {
        const struct edit *edit = &edits->items[i];

        if (edit->at.start < at || edit->at.end < edit->at.start || edit->at.end > text.len) {
            continue;
        }
        strbuf_add(out, str_sub(text, at, edit->at.start));
        strbuf_add(out, edit->with);
        at = edit->at.end;
    }
    strbuf_add(out, str_skip(text, at));
}

/* The length of the line break at `i`, or 0. U+2028 and U+2029 break lines in JavaScript too. */
static size_t break_at(struct str text, size_t i)
{
    if (text.ptr[i] == '\n' || text.ptr[i] == '\r') {
        return 1;
    }
    return i + 2 < text.len && text.ptr[i] == '\xE2' && text.ptr[i + 1] == '\x80' &&
                           (text.ptr[i + 2] == '\xA8' || text.ptr[i + 2] == '\xA9')
                   ? 3
                   : 0;
}

static struct str copy_breaks(struct arena *a, struct str text, struct span span, bool blank)
{
    struct str inside = str_sub(text, span.start, span.end);
    char *to = arena_alloc(a, inside.len + 1);
    size_t len = 0;
    size_t i = 0;

    while (i < inside.len) {
        size_t broken = break_at(inside, i);

        for (size_t k = 0; k < broken; k++) {
            to[len++] = inside.ptr[i + k];
        }
        if (broken == 0 && blank) {
            to[len++] = ' ';
        }
        i += broken > 0 ? broken : 1;
    }
    return (struct str){ to, len };
}

struct str rewrite_blank(struct arena *a, struct str text, struct span span)
{
    return copy_breaks(a, text, span, true);
}

struct str rewrite_breaks(struct arena *a, struct str text, struct span span)
{
    return copy_breaks(a, text, span, false);
}

void rewrite_add_quoted(struct strbuf *out, struct str s, char quote)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if ((unsigned char)c < 0x20) {
            strbuf_addf(out, "\\x%02x", (unsigned)c);
            continue;
        }
        if (c == quote || c == '\\' || (quote == '`' && c == '$')) {
            strbuf_addc(out, '\\');
        }
        strbuf_addc(out, c);
    }
}
