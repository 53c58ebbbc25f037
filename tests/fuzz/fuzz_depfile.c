/* SPDX-License-Identifier: MIT */
/*
 * Dependency files. No path is empty or too long or longer than the text, the sum of them is not
 * either, and parsing what was found, escaped again, finds the same.
 */
#include <stdlib.h>

#include "base/strbuf.h"
#include "build/depfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct found {
    struct strbuf paths;   /* each with a zero byte behind it */
    struct strbuf escaped; /* a dependency file of them */
    size_t bytes;
};

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void collect(void *ctx, struct str path)
{
    struct found *found = ctx;

    check(path.len > 0 && path.len <= DEPFILE_PATH_MAX);
    found->bytes += path.len;
    strbuf_add(&found->paths, path);
    strbuf_addc(&found->paths, 0);
    strbuf_addc(&found->escaped, ' ');
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];

        if (c == ' ' || c == '#' || c == '\t' || c == ':') {
            strbuf_addc(&found->escaped, '\\');
        } else if (c == '$') {
            strbuf_addc(&found->escaped, '$');
        }
        strbuf_addc(&found->escaped, c);
    }
}

static void parse(struct found *found, struct str text)
{
    strbuf_init(&found->paths, 1 << 24);
    strbuf_init(&found->escaped, 1 << 24);
    found->bytes = 0;
    strbuf_add(&found->escaped, STR("target:"));
    depfile_parse(text, collect, found);
    strbuf_add(&found->escaped, STR("\n"));
}

static void finish(struct found *found)
{
    strbuf_finish(&found->paths);
    strbuf_finish(&found->escaped);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct found first;
    struct found second;

    parse(&first, text);
    check(first.bytes <= size);
    /* A backslash at a path's end cannot be written so that every reader reads it back. */
    if (str_find(strbuf_str(&first.paths), '\\') == STR_NONE) {
        parse(&second, strbuf_str(&first.escaped));
        check(str_eq(strbuf_str(&first.paths), strbuf_str(&second.paths)));
        finish(&second);
    }
    finish(&first);
    return 0;
}
