/* SPDX-License-Identifier: MIT */
/*
 * An .orbit file whose code is Rust, as a module of a crate: its map is true, its brackets pair, and
 * what stands in the code block keeps its lines, by which rustc and the reader of a panic go, but for
 * methods that are moved behind it.
 */
#include "orbit_fuzz.h"

static unsigned line_of(struct str text, size_t offset)
{
    unsigned line, col;

    diag_place(text, offset, &line, &col);
    return line;
}

static void check_lines(const struct orbit_component *c)
{
    size_t begin = (size_t)(c->block.ptr - c->text.ptr);
    struct str out = strbuf_str(&c->code.text);
    size_t at = begin;

    for (size_t i = 0; i < c->code.map.count; i++) {
        const struct orbit_map_entry *e = &c->code.map.items[i];

        if (e->source_offset < at || e->source_offset >= begin + c->block.len) {
            return; /* moved, or of the template, which stands behind the block */
        }
        check(line_of(out, e->out_offset) == line_of(c->text, e->source_offset));
        at = e->source_offset + e->len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct diag_list diags = { .count = 0 };
    struct orbit_component c;

    if (compile_alone(text, &c, &diags) && c.lang == ORBIT_RUST) {
        check_map(text, &c.code);
        check_brackets(ORBIT_RUST, strbuf_str(&c.code.text));
        check_lines(&c);
    }
    orbit_component_finish(&c);
    diag_list_finish(&diags);
    return 0;
}
