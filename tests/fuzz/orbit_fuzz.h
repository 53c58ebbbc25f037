/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_FUZZ_ORBIT_FUZZ_H
#define ORBITON_FUZZ_ORBIT_FUZZ_H

/* What the targets that compile whole .orbit files share: a project around the file, and what is
 * true of every map. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "orbit/component.h"
#include "orbit/lex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* All names are components of the project but those that begin with "No". */
static inline enum orbit_lookup find_by_name(
        void *ctx, struct str name, struct str *ret_path, struct str *ret_other)
{
    (void)ctx;
    (void)ret_other;
    *ret_path = STR("src/other.orbit");
    return str_starts(name, STR("No")) ? ORBIT_LOOKUP_NONE : ORBIT_LOOKUP_FOUND;
}

static inline bool read_none(void *ctx, struct str path, struct arena *a, struct str *ret)
{
    (void)ctx;
    (void)path;
    (void)a;
    (void)ret;
    return false;
}

/* What the map says is copied stands in both texts; a character reference is decoded. */
static inline void check_map(struct str text, const struct orbit_gen_output *code)
{
    bool has_references = str_find(text, '&') != STR_NONE;
    size_t at = 0;

    for (size_t i = 0; i < code->map.count; i++) {
        const struct orbit_map_entry *e = &code->map.items[i];

        check(e->out_offset >= at && e->len > 0 && e->from == ORBIT_FROM_FILE);
        at = e->out_offset + e->len;
        check(at <= code->text.len && e->source_offset <= text.len);
        check(has_references || (e->source_offset + e->len <= text.len &&
                                        memcmp(code->text.ptr + e->out_offset,
                                                text.ptr + e->source_offset, e->len) == 0));
    }
}

/*
 * Compiles the file; true if it is good. `ret` and `diags` are the caller's to finish in any case.
 */
static inline bool compile_alone(
        struct str text, struct orbit_component *ret, struct diag_list *diags)
{
    const struct orbit_surroundings around = { .find = find_by_name, .read = read_none };
    bool good = orbit_component_compile(ret, STR("src/it.orbit"), text, NULL, NULL, &around, diags);

    check(good == (diag_list_errors(diags) == 0));
    return good;
}

/* Whatever the file says, what the generator wrote around it closes all that it opens. */
static inline void check_brackets(enum orbit_lang lang, struct str generated)
{
    struct arena arena = { NULL };
    struct orbit_tokens tokens;

    orbit_lex(&arena, lang, generated, &tokens);
    check(tokens.error.len == 0);
    arena_finish(&arena);
}

#endif
