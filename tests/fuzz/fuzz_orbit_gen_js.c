/* SPDX-License-Identifier: MIT */
/*
 * An .orbit file whose code is JavaScript, as a module: what the map says is copied stands in both
 * texts, and what the generator wrote around it closes all that it opens, whatever the file says.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "orbit/component.h"
#include "orbit/lex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

static enum orbit_lookup find(
        void *ctx, struct str name, struct str *ret_path, struct str *ret_other)
{
    (void)ctx;
    (void)ret_other;
    *ret_path = STR("src/other.orbit");
    return name.len % 2 ? ORBIT_LOOKUP_FOUND : ORBIT_LOOKUP_NONE;
}

static bool read_none(void *ctx, struct str path, struct arena *a, struct str *ret)
{
    (void)ctx;
    (void)path;
    (void)a;
    (void)ret;
    return false;
}

static void check_map(struct str text, const struct orbit_gen_output *code)
{
    bool has_references = str_find(text, '&') != STR_NONE;
    size_t at = 0;

    for (size_t i = 0; i < code->map.count; i++) {
        const struct orbit_map_entry *e = &code->map.items[i];
        check(e->out_offset >= at && e->len > 0 && !e->is_other);
        at = e->out_offset + e->len;
        check(at <= code->text.len && e->source_offset <= text.len);
        check(has_references || (e->source_offset + e->len <= text.len &&
                                        memcmp(code->text.ptr + e->out_offset,
                                                text.ptr + e->source_offset, e->len) == 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct orbit_surroundings around = { .find = find, .read = read_none };
    struct diag_list diags = { .count = 0 };
    struct arena arena = { NULL };
    struct orbit_component c;
    bool good = orbit_component_compile(&c, STR("src/it.orbit"), text, NULL, NULL, &around, &diags);

    check(good == (diag_list_errors(&diags) == 0));
    if (good && (c.lang == ORBIT_JS || c.lang == ORBIT_TS)) {
        struct orbit_tokens t;
        check_map(text, &c.code);
        orbit_lex(&arena, ORBIT_JS, strbuf_str(&c.code.text), &t);
        check(t.error.len == 0);
    }
    orbit_component_finish(&c);
    diag_list_finish(&diags);
    arena_finish(&arena);
    return 0;
}
