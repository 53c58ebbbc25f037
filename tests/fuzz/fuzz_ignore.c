/* SPDX-License-Identifier: MIT */
/*
 * Rules, a zero byte, a path. Properties: the verdict is the same twice; a rule
 * appended with "!" that names the path literally turns it into "not ignored";
 * rules cut at a line end keep their meaning when empty lines are put between.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "watch/ignore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum ignore_verdict ask(struct str text, struct str path, bool is_dir)
{
    struct ignore_rules rules = { 0 };

    ignore_rules_parse(&rules, text);
    enum ignore_verdict verdict = ignore_rules_match(&rules, path, is_dir);

    ignore_rules_finish(&rules);
    return verdict;
}

static void must(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* A rule that matches this path and says so literally. */
static void add_literal_rule(struct strbuf *b, struct str path)
{
    strbuf_add(b, STR("\n!/"));
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] != '/') {
            strbuf_addc(b, '\\');
        }
        strbuf_addc(b, path.ptr[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str input = { (const char *)data, size };
    struct str text;
    struct str path;
    struct strbuf more;

    if (!str_cut(input, '\0', &text, &path) || path.len > 512 || text.len > 4096) {
        return 0;
    }
    for (int is_dir = 0; is_dir < 2; is_dir++) {
        enum ignore_verdict verdict = ask(text, path, is_dir);

        must(verdict == ask(text, path, is_dir));
        strbuf_init(&more, 1 << 20);
        strbuf_add(&more, text);
        strbuf_add(&more, STR("\n\n# nothing\n\n"));
        must(verdict == ask(strbuf_str(&more), path, is_dir));
        /* a newline cannot be written in a rule, a path's parts are not empty */
        if (path.len > 0 && str_find(path, '\n') == STR_NONE && str_find(path, '\0') == STR_NONE &&
                str_find(path, '\r') == STR_NONE && path.ptr[0] != '/' &&
                path.ptr[path.len - 1] != '/') {
            add_literal_rule(&more, path);
            must(ask(strbuf_str(&more), path, is_dir) == IGNORE_NO);
        }
        strbuf_finish(&more);
    }
    (void)ignore_is_dropping(path_name(path));
    (void)ignore_is_passing(path_name(path));
    return 0;
}
