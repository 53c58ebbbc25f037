/* SPDX-License-Identifier: MIT */
/*
 * A document: what is found lies inside of it; a URL without references is
 * written as it reads; wrapped into an inert template nothing of it is found, and
 * behind a comment everything is found again, moved by the comment's length.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "scan/html_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

static bool is_inside(struct span span, struct span outer)
{
    return span.start <= span.end && span.start >= outer.start && span.end <= outer.end;
}

static bool is_plain(struct str text)
{
    return str_find(text, '&') == STR_NONE && str_find(text, '\\') == STR_NONE &&
           str_find(text, '\0') == STR_NONE;
}

static void check_facts(struct str text, const struct html_facts *facts)
{
    struct span whole = { 0, (uint32_t)text.len };

    for (uint32_t i = 0; i < facts->dep_count; i++) {
        const struct dep *dep = &facts->deps[i];
        struct str written = str_sub(text, dep->specifier.start, dep->specifier.end);
        check(is_inside(dep->statement, whole) && dep->statement.end > dep->statement.start);
        check(is_inside(dep->specifier, dep->statement));
        check(dep->attributes.end == 0 || is_inside(dep->attributes, dep->statement));
        if (dep->text.len > 0 && !dep->inline_html && is_plain(written)) {
            check(str_eq(dep->text, written));
        }
    }
    for (uint32_t i = 0; i < facts->code_count; i++) {
        const struct html_code *code = &facts->codes[i];
        check(is_inside(code->tag, whole) && is_inside(code->text, whole));
        check(text.ptr[code->tag.start] == '<' && text.ptr[code->tag.end - 1] == '>');
        check(code->text.start >= code->tag.end);
    }
    check(!facts->error.failed || facts->error.offset <= text.len);
}

static struct str wrap(struct strbuf *out, struct str head, struct str text)
{
    strbuf_reset(out);
    strbuf_add(out, head);
    strbuf_add(out, text);
    return strbuf_str(out);
}

static struct span moved(struct span span, size_t by)
{
    return span.end > 0 ? (struct span){ span.start + (uint32_t)by, span.end + (uint32_t)by }
                        : span;
}

static bool same_span(struct span a, struct span b)
{
    return a.start == b.start && a.end == b.end;
}

static void check_moved(const struct html_facts *a, const struct html_facts *b, size_t by)
{
    check(a->dep_count == b->dep_count && a->code_count == b->code_count);
    check(str_eq(a->base_href, b->base_href) && a->error.failed == b->error.failed);
    for (uint32_t i = 0; i < a->dep_count; i++) {
        const struct dep *d = &a->deps[i], *e = &b->deps[i];
        check(d->kind == e->kind && str_eq(d->text, e->text));
        check(same_span(moved(d->statement, by), e->statement));
        check(same_span(moved(d->specifier, by), e->specifier));
        check(same_span(moved(d->attributes, by), e->attributes));
    }
    for (uint32_t i = 0; i < a->code_count; i++) {
        check(a->codes[i].kind == b->codes[i].kind);
        check(same_span(moved(a->codes[i].text, by), b->codes[i].text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size }, comment = STR("<!-- > -->");
    struct arena arena = { NULL };
    struct html_facts facts, other;
    struct strbuf out;

    strbuf_init(&out, size + 64);
    html_scan(text, &arena, &facts);
    check_facts(text, &facts);
    html_scan(wrap(&out, comment, text), &arena, &other);
    check_moved(&facts, &other, comment.len);
    if (str_find_str(text, STR("/")) == STR_NONE) {
        html_scan(wrap(&out, STR("<template>"), text), &arena, &other);
        check(other.dep_count == 0 && other.code_count == 0 && other.base_href.len == 0);
    }
    strbuf_finish(&out);
    arena_finish(&arena);
    return 0;
}
