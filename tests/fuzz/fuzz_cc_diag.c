/* SPDX-License-Identifier: MIT */
/*
 * Compiler output. Every path stays below the root, places are whole, texts are there, the list
 * is bounded, and the same output again adds nothing.
 */
#include <stdlib.h>

#include "base/path.h"
#include "build/cc_diag.h"
#include "build/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void on_line(void *ctx, struct str line)
{
    cc_diag_line(ctx, line);
}

static void parse(struct diag_list *list, struct str text, size_t step)
{
    struct cc_diag cc;
    struct lines lines;

    cc_diag_init(&cc, list, STR("/p"));
    lines_init(&lines, 1000);
    for (size_t i = 0; i < text.len; i += step) {
        lines_feed(&lines, str_sub(text, i, i + step), on_line, &cc);
    }
    lines_end(&lines, on_line, &cc);
    lines_finish(&lines);
    cc_diag_finish(&cc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct diag_list list = { 0 };
    struct arena a = { 0 };
    size_t count;

    parse(&list, text, 4096);
    count = list.count;
    check(count <= DIAG_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct diag *d = &list.items[i];
        struct str normal;

        check(path_normalise(&a, d->path, &normal) && str_eq(normal, d->path));
        check(d->path.len > 0 || (d->line == 0 && d->col == 0));
        check(d->text.len > 0 || d->code.len > 0);
        check(d->frame.len <= CC_DIAG_FRAME_MAX);
    }
    if (count < DIAG_MAX) {
        parse(&list, text, 7);
        check(list.count == count);
    }
    diag_list_finish(&list);
    arena_finish(&a);
    return 0;
}
