/* SPDX-License-Identifier: MIT */
/*
 * Scoped styles: no line is added or lost; the bytes of the sheet come through in order, but for
 * :deep( and :global( with their ends; what is inserted holds the attribute, the suffix, or is one
 * of a few bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "orbit/style_scope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

static size_t lines(struct str s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.len; i++) {
        count += s.ptr[i] == '\n';
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str css = { (const char *)data, size };
    struct diag_list diags = { 0 };
    struct strbuf out;
    bool opens = false; /* the sheet may have :deep() or :global(), which are taken out */

    for (size_t i = 0; i < size; i++) {
        opens = opens || css.ptr[i] == ':';
    }
    strbuf_init(&out, size * 64 + 64);
    orbit_style_scope(&out, css, STR("data-zq"), &diags);
    check(!out.overflow);
    check(lines(strbuf_str(&out)) <= lines(css));
    if (!opens) {
        size_t at = 0;
        check(lines(strbuf_str(&out)) == lines(css));
        for (size_t i = 0; i < out.len && at < css.len; i++) {
            at += out.ptr[i] == css.ptr[at];
        }
        check(at == css.len);
    }
    for (size_t i = 0; i < diags.count; i++) {
        check(diags.items[i].line > 0 && diags.items[i].line <= lines(css) + 1 + size);
    }
    strbuf_finish(&out);
    diag_list_finish(&diags);
    return 0;
}
