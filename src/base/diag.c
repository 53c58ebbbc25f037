/* SPDX-License-Identifier: MIT */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/strbuf.h"
#include "base/vec.h"

static struct str copy(struct arena *a, struct str s)
{
    return arena_str(a, str_sub(s, 0, DIAG_TEXT_MAX));
}

void diag_list_add(struct diag_list *list, const struct diag *d)
{
    if (list->count == DIAG_MAX) {
        list->dropped++;
        return;
    }
    struct diag own = *d;

    own.path = copy(&list->arena, d->path);
    own.code = copy(&list->arena, d->code);
    own.text = copy(&list->arena, d->text);
    own.hint = copy(&list->arena, d->hint);
    own.frame = copy(&list->arena, d->frame);
    vec_push(list, own);
}

void diag_list_addf(struct diag_list *list, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args); /* a longer text is cut */
    va_end(args);
    diag_list_add(list, &(struct diag){ .severity = DIAG_ERROR, .text = str_from(text) });
}

size_t diag_list_errors(const struct diag_list *list)
{
    size_t errors = 0;

    for (size_t i = 0; i < list->count; i++) {
        errors += list->items[i].severity == DIAG_ERROR;
    }
    return errors;
}

void diag_list_reset(struct diag_list *list)
{
    arena_reset(&list->arena);
    list->count = 0;
    list->dropped = 0;
}

void diag_list_finish(struct diag_list *list)
{
    arena_finish(&list->arena);
    vec_finish(list);
}

struct str diag_severity_name(enum diag_severity severity)
{
    switch (severity) {
    case DIAG_ERROR: return STR("error");
    case DIAG_WARNING: return STR("warning");
    case DIAG_NOTE: return STR("note");
    }
    return STR("error");
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

void diag_place(struct str text, size_t offset, unsigned *ret_line, unsigned *ret_col)
{
    unsigned line = 1;
    unsigned col = 1;

    for (size_t i = 0; i < offset && i < text.len; i++) {
        if (text.ptr[i] == '\n') {
            line++;
            col = 1;
        } else if (!is_continuation(text.ptr[i])) {
            col++;
        }
    }
    *ret_line = line;
    *ret_col = col;
}

struct str diag_frame(struct arena *a, struct str text, unsigned line, unsigned col)
{
    enum { MAX_LINE = 200 };
    struct strbuf b;
    unsigned number = 0;
    struct str rest = text;

    strbuf_init(&b, DIAG_TEXT_MAX);
    while (rest.len > 0 && number <= line) {
        struct str one;

        str_cut(rest, '\n', &one, &rest);
        number++;
        if (number + 2 < line) {
            continue;
        }
        strbuf_addf(&b, "%c %5u | %.*s\n", number == line ? '>' : ' ', number,
                STR_FMT(str_sub(one, 0, MAX_LINE)));
        if (number == line && col > 0 && col <= MAX_LINE) {
            strbuf_addf(&b, "        | %*s^\n", (int)col - 1, "");
        }
    }
    struct str frame = arena_str(a, strbuf_str(&b));

    strbuf_finish(&b);
    return frame;
}
