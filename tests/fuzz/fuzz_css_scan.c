/* SPDX-License-Identifier: MIT */
/*
 * CSS: tokens follow one another without a gap; dependencies stand in order and
 * inside of the text; replacing URLs by themselves changes no byte, and replacing
 * them by others and scanning again finds exactly those others.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scan/css_lex.h"
#include "scan/css_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef void scan_fn(struct str text, struct arena *a, struct css_facts *ret);

static void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

static struct str same(void *ctx, struct str url)
{
    (void)ctx;
    return url;
}

static struct str other(void *ctx, struct str url)
{
    return arena_printf(ctx, "/ '\\\")\n%.*s", STR_FMT(url));
}

static void check_tokens(struct str text)
{
    struct css_lex lex;
    struct css_token t;
    size_t at;

    css_lex_init(&lex, text);
    at = lex.at;
    for (css_lex_next(&lex, &t); t.kind != CSS_EOF; css_lex_next(&lex, &t)) {
        check(t.start == at && t.end > at && t.end <= text.len);
        check(t.text.len == 0 ||
                (t.text.ptr >= text.ptr + at && t.text.ptr + t.text.len <= text.ptr + t.end));
        at = t.end;
    }
    check(at == text.len);
}

static void check_deps(struct str text, const struct css_facts *facts)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < facts->dep_count; i++) {
        const struct dep *dep = &facts->deps[i];
        check(dep->kind == DEP_CSS_IMPORT || dep->kind == DEP_CSS_URL);
        check(dep->text.len > 0);
        check(dep->statement.start >= at && dep->specifier.start >= dep->statement.start);
        check(dep->specifier.end > dep->specifier.start);
        check(dep->specifier.end <= dep->statement.end && dep->statement.end <= text.len);
        check(dep->attributes.end == 0 || (dep->attributes.start >= dep->specifier.end &&
                                                  dep->attributes.end == dep->statement.end));
        at = dep->specifier.end;
    }
}

static void check_scan(struct str text, scan_fn *scan)
{
    struct arena arena = { NULL };
    struct css_facts facts, again;
    struct strbuf out;

    scan(text, &arena, &facts);
    check_deps(text, &facts);
    strbuf_init(&out, (text.len + 64) * 64);
    css_absolutize(&out, text, &facts, same, &arena);
    check(str_eq(strbuf_str(&out), text));
    strbuf_reset(&out);
    css_absolutize(&out, text, &facts, other, &arena);
    check(!out.overflow);
    scan(strbuf_str(&out), &arena, &again);
    check(again.dep_count == facts.dep_count && again.error.failed == facts.error.failed);
    for (uint32_t i = 0; i < facts.dep_count; i++) {
        check(again.deps[i].kind == facts.deps[i].kind);
        check(str_eq(again.deps[i].text, other(&arena, facts.deps[i].text)));
    }
    strbuf_finish(&out);
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };

    check_tokens(text);
    check_scan(text, css_scan);
    check_scan(text, css_scan_declarations);
    return 0;
}
