/* SPDX-License-Identifier: MIT */
/*
 * Git's configuration files: reading ends, names are parts of the text, values are not longer than
 * it, and a setting written again with its value quoted is read as the same.
 */
#include <stdlib.h>

#include "base/strbuf.h"
#include "watch/git_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_again(struct arena *a, const struct git_setting *first)
{
    struct strbuf text;
    struct git_setting again;

    strbuf_init(&text, 1 << 22);
    strbuf_addf(&text, "[x]\n%.*s = \"", STR_FMT(first->key));
    for (size_t i = 0; i < first->value.len; i++) {
        char c = first->value.ptr[i];

        if (c == '"' || c == '\\' || c == '\n') {
            strbuf_addc(&text, '\\');
        }
        strbuf_addc(&text, c == '\n' ? 'n' : c);
    }
    strbuf_add(&text, STR("\" ; end"));
    struct git_config_reader reader = { .rest = strbuf_str(&text) };

    check(git_config_next(&reader, a, &again));
    check(str_eq(again.key, first->key) && str_eq(again.section, STR("x")));
    check(again.has_value && str_eq(again.value, first->value));
    check(!git_config_next(&reader, a, &again));
    strbuf_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct git_config_reader reader = { .rest = { (const char *)data, size } };
    struct git_setting setting;
    size_t bytes = 0;

    while (git_config_next(&reader, &a, &setting)) {
        check(setting.key.len > 0);
        bytes += setting.key.len + setting.value.len;
        check(bytes <= size && setting.section.len <= size);
        if (setting.has_value) {
            check_again(&a, &setting);
        }
    }
    check(reader.rest.len == 0);
    arena_finish(&a);
    return 0;
}
