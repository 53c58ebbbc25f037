/* SPDX-License-Identifier: MIT */
/*
 * Source maps. The first line is the mappings, the rest the code. Without edits the mappings stay what
 * they mean: a second time gives the same text; a place that is found has a line and a column. Two
 * maps that can be read can be joined, and the map of a text that is one piece is one of the two.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/vec.h"
#include "modules/source_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static bool edit(struct strbuf *out, struct str map, struct str code, struct edit_list *edits)
{
    strbuf_init(out, 1 << 22);
    return source_map_edit(out, map, STR("a.ts"), code, edits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str code = { (const char *)data, size };
    struct str mappings;
    struct arena a = { 0 };
    struct edit_list edits = { 0 };
    struct strbuf map;
    struct strbuf once;
    struct strbuf twice;
    struct source_map_found found;

    str_cut(code, '\n', &mappings, &code);
    strbuf_init(&map, 1 << 22);
    strbuf_add(&map, STR("{\"sources\":[\"a.ts\"],\"sourcesContent\":[\"x\\ny\"],\"mappings\":"));
    strbuf_add_json(&map, mappings);
    strbuf_addc(&map, '}');
    if (edit(&once, strbuf_str(&map), code, &edits)) {
        check(edit(&twice, strbuf_str(&once), code, &edits));
        check(str_eq(strbuf_str(&once), strbuf_str(&twice)));
        strbuf_finish(&twice);
        if (source_map_find(strbuf_str(&once), code, 1, 1, &a, &found)) {
            check(found.line > 0 && found.col > 0);
        }
    }
    strbuf_reset(&once);
    source_map_write(&once, code, &(struct source_map_piece){ .len = code.len }, 1,
            &(struct source_map_source){ STR("a.js"), code }, 1);
    strbuf_init(&twice, 1 << 22);
    check(source_map_join(&twice, strbuf_str(&once), strbuf_str(&once)) || once.overflow);
    strbuf_reset(&twice);
    (void)source_map_join(&twice, strbuf_str(&map), strbuf_str(&once));
    strbuf_finish(&twice);
    strbuf_finish(&once);

    edit_add(&edits, code.len / 3, code.len / 2, STR("a\nb"));
    edit_add(&edits, code.len / 2, code.len / 2, STR("\xF0\x9F\x98\x80"));
    (void)edit(&once, strbuf_str(&map), code, &edits);
    strbuf_finish(&once);
    strbuf_finish(&map);
    vec_finish(&edits);
    arena_finish(&a);
    return 0;
}
