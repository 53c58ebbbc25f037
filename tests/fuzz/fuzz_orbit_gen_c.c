/* SPDX-License-Identifier: MIT */
/*
 * An .orbit file whose code is C, as a source file: its map is true, its brackets pair, and what was
 * copied is in its own line, as `#line` counts, so that clang's messages need no search.
 */
#include <stdio.h>

#include "orbit_fuzz.h"

/* Goes to `offset` from the begin of line `*at`, which the compiler takes for `*line`. */
static void go_to(struct str text, size_t offset, size_t *at, unsigned *line)
{
    for (;;) {
        struct str rest = str_skip(text, *at);
        size_t len = str_find(rest, '\n');
        unsigned told;

        if (len == STR_NONE || *at + len >= offset) {
            return;
        }
        /* a number never reaches the end of the text: there is a line end behind it */
        *line = str_starts(rest, STR("#line ")) && sscanf(rest.ptr + 6, "%u", &told) == 1
                        ? told
                        : *line + 1;
        *at += len + 1;
    }
}

static void check_lines(const struct orbit_component *c)
{
    struct str out = strbuf_str(&c->code.text);
    size_t at = 0;
    unsigned line = 1;

    for (size_t i = 0; i < c->code.map.count; i++) {
        const struct orbit_map_entry *e = &c->code.map.items[i];
        unsigned own, col;

        go_to(out, e->out_offset, &at, &line);
        diag_place(c->text, e->source_offset, &own, &col);
        check(line == own);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct diag_list diags = { .count = 0 };
    struct orbit_component c;

    if (compile_alone(text, &c, &diags) && c.lang == ORBIT_C) {
        check_map(text, &c.code);
        check_brackets(ORBIT_C, strbuf_str(&c.code.text));
        if (str_find_str(text, STR("line")) == STR_NONE) { /* the block may have a #line */
            check_lines(&c);
        }
    }
    orbit_component_finish(&c);
    diag_list_finish(&diags);
    return 0;
}
