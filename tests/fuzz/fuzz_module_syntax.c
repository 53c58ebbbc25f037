/* SPDX-License-Identifier: MIT */
/*
 * The look for module syntax. A statement in front makes any text a module, and a module stays one
 * whatever follows it.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "resolve/module_syntax.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct arena a = { 0 };

    if (str_find(text, '\0') == STR_NONE) {
        check(module_syntax_is_module(arena_printf(&a, "export {};\n%.*s", STR_FMT(text))));
        if (module_syntax_is_module(text)) {
            check(module_syntax_is_module(arena_printf(&a, "%.*s\n}'`", STR_FMT(text))));
        }
    }
    module_syntax_is_module(text);
    arena_finish(&a);
    return 0;
}
