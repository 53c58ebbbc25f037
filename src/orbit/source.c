/* SPDX-License-Identifier: MIT */
/* Errors at offsets, turned into diagnostics at lines and columns. */
#include "orbit/source.h"

#include <stdarg.h>

#include "base/strbuf.h"

unsigned orbit_source_line(const struct orbit_source *source, size_t offset)
{
    unsigned line, col;

    diag_place(source->text, offset, &line, &col);
    return line;
}

void orbit_report(const struct orbit_source *source, size_t start, size_t end, struct str hint,
        const char *format, ...)
{
    struct diag d = { .severity = DIAG_ERROR, .path = source->path, .hint = hint };
    struct strbuf text;
    va_list args;

    /* A place costs a walk through the text, which a text full of mistakes should not pay for. */
    if (source->diags->count >= DIAG_MAX) {
        source->diags->dropped++;
        return;
    }
    strbuf_init(&text, DIAG_TEXT_MAX);
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    diag_place(source->text, start, &d.line, &d.col);
    diag_place(source->text, end > start ? end : start, &d.end_line, &d.end_col);
    d.text = strbuf_str(&text);
    diag_list_add(source->diags, &d);
    strbuf_finish(&text);
}
