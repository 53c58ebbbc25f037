/* SPDX-License-Identifier: MIT */
#include "transform/esbuild_log.h"

#include "base/base64.h"

/* The line with that number, from 1. */
static struct str line_at(struct str text, uint64_t number)
{
    struct str line = STR("");

    for (uint64_t i = 0; i < number && text.ptr; i++) {
        if (!str_cut(text, '\n', &line, &text) && i + 1 < number) {
            return STR("");
        }
    }
    return line;
}

/* "    app.ts:2:4:"; columns are bytes, from 0. */
static bool read_place(struct str line, struct str source, struct diag *d)
{
    struct str rest = str_trim(line);
    uint64_t number;
    uint64_t column;

    if (!str_ends(rest, STR(":"))) {
        return false;
    }
    rest = str_sub(rest, 0, rest.len - 1);
    size_t colon = str_rfind(rest, ':');

    if (colon == STR_NONE || !str_parse_u64(str_skip(rest, colon + 1), &column)) {
        return false;
    }
    rest = str_sub(rest, 0, colon);
    colon = str_rfind(rest, ':');
    if (colon == STR_NONE || !str_parse_u64(str_skip(rest, colon + 1), &number) || number == 0 ||
            number > source.len + 1) {
        return false;
    }
    struct str before = str_sub(line_at(source, number), 0, (size_t)column);

    d->line = (unsigned)number;
    d->col = 1;
    for (size_t i = 0; i < before.len; i++) {
        d->col += ((unsigned char)before.ptr[i] & 0xC0) != 0x80;
    }
    return true;
}

static void add(struct diag_list *diags, struct diag *d, struct str source)
{
    struct arena a = { 0 };

    if (d->text.len > 0) {
        d->frame = d->line > 0 ? diag_frame(&a, source, d->line, d->col) : STR("");
        diag_list_add(diags, d);
    }
    arena_finish(&a);
}

void esbuild_read_log(struct str log, struct str source, struct diag_list *diags)
{
    static const struct {
        struct str mark;
        enum diag_severity severity;
    } marks[] = {
        { STR_INIT("[ERROR] "), DIAG_ERROR },
        { STR_INIT("[WARNING] "), DIAG_WARNING },
    };
    struct diag d = { 0 };
    bool more = true;

    while (more) {
        struct str line;

        more = str_cut(log, '\n', &line, &log);
        for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
            size_t at = str_find_str(line, marks[i].mark);

            if (at != STR_NONE && at < 8) { /* behind a sign of some bytes */
                add(diags, &d, source);
                d = (struct diag){ .severity = marks[i].severity,
                    .text = str_trim(str_skip(line, at + marks[i].mark.len)) };
            }
        }
        if (d.text.len > 0 && d.line == 0) {
            (void)read_place(line, source, &d);
        }
    }
    add(diags, &d, source);
}

void esbuild_cut_map(struct str output, struct arena *a, struct str *ret_code, struct str *ret_map)
{
    const struct str mark = STR("//# sourceMappingURL=data:application/json;base64,");
    size_t line = str_rfind(str_sub(output, 0, output.len > 0 ? output.len - 1 : 0), '\n');
    size_t at = line == STR_NONE ? 0 : line + 1;

    *ret_code = output;
    *ret_map = STR("");
    if (str_starts(str_skip(output, at), mark)) {
        *ret_code = str_sub(output, 0, at);
        *ret_map = base64_decode(a, str_skip(output, at + mark.len));
    }
}
