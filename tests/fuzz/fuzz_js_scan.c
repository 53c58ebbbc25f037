/* SPDX-License-Identifier: MIT */
/*
 * The JavaScript scanner on any bytes: every span lies in the text and in its
 * statement, deps come in the order of their statements, a decoded text is never
 * longer than what is written, indices lead somewhere, and a second scan of a
 * copy elsewhere gives the same. A text without an error takes one more import()
 * at its end, which changes nothing of what stood before it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scan/js_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_span(struct str text, struct span span)
{
    check(span.start <= span.end && span.end <= text.len);
}

static bool is_glob(const struct dep *dep)
{
    return dep->kind == DEP_GLOB;
}

static void check_dep(struct str text, const struct dep *dep, bool failed)
{
    check(dep->kind <= DEP_GLOB);
    check_span(text, dep->statement);
    check(dep->specifier.start <= text.len);
    /* A call whose end never came has no statement. */
    bool open = dep->statement.end == dep->statement.start;
    check(!open || failed);
    if (open) {
        return;
    }
    check_span(text, dep->specifier);
    check_span(text, dep->attributes);
    check(dep->specifier.start > dep->statement.start);
    check(dep->specifier.end < dep->statement.end || dep->kind == DEP_DYNAMIC_EXPR);
    check(dep->attributes.end <= dep->statement.end);
    check(dep->text.len <= dep->specifier.end - dep->specifier.start);
    check((dep->kind != DEP_DYNAMIC_EXPR && !is_glob(dep)) || dep->text.len == 0);
}

static void check_facts(struct str text, const struct js_facts *facts)
{
    bool failed = facts->error.failed;

    check(facts->prefix_at <= text.len);
    check(!failed || (facts->error.offset <= text.len && facts->error.text.len > 0));
    for (uint32_t i = 0; i < facts->dep_count; i++) {
        check_dep(text, &facts->deps[i], failed);
        check(i == 0 || facts->deps[i].statement.start > facts->deps[i - 1].statement.start);
    }
    for (uint32_t i = 0; i < facts->imported_count; i++) {
        const struct imported_name *name = &facts->imported[i];
        check(name->dep < facts->dep_count && name->offset < text.len);
        check(i == 0 || name->dep >= facts->imported[i - 1].dep);
        check(facts->deps[name->dep].kind <= DEP_REEXPORT);
    }
    for (uint32_t i = 0; i < facts->accept_count; i++) {
        check_span(text, facts->accepts[i].specifier);
        check(facts->has_hot);
    }
    for (uint32_t i = 0; i < facts->glob_count; i++) {
        check(facts->globs[i].dep < facts->dep_count);
        check(is_glob(&facts->deps[facts->globs[i].dep]));
    }
    for (uint32_t i = 0; i < facts->node_env_count; i++) {
        check_span(text, facts->node_envs[i]);
        check(str_starts(str_skip(text, facts->node_envs[i].start), STR("process")));
    }
    check(facts->dep_count == 0 || facts->has_module_syntax || facts->deps[0].kind >= DEP_NEW_URL);
    check(facts->export_count == 0 || facts->has_module_syntax);
}

static bool same_span(struct span a, struct span b)
{
    return a.start == b.start && a.end == b.end;
}

/* The first facts of `b` are those of `a`. */
static void check_same(const struct js_facts *a, const struct js_facts *b)
{
    check(a->dep_count <= b->dep_count && a->export_count <= b->export_count);
    check(a->imported_count <= b->imported_count && a->accept_count <= b->accept_count);
    check(a->prefix_at == b->prefix_at && a->has_await <= b->has_await);
    for (uint32_t i = 0; i < a->dep_count; i++) {
        const struct dep *x = &a->deps[i], *y = &b->deps[i];
        check(x->kind == y->kind && same_span(x->statement, y->statement));
        check(same_span(x->specifier, y->specifier) && str_eq(x->text, y->text));
        check(same_span(x->attributes, y->attributes) && str_eq(x->type, y->type));
    }
    for (uint32_t i = 0; i < a->export_count; i++) {
        check(str_eq(a->exports[i], b->exports[i]));
    }
    for (uint32_t i = 0; i < a->imported_count; i++) {
        check(a->imported[i].dep == b->imported[i].dep);
        check(str_eq(a->imported[i].name, b->imported[i].name));
    }
}

/* Scans text + tail in an allocation of exactly its size. */
static void scan_with(struct str text, struct str tail, struct arena *a, struct js_facts *ret)
{
    char *copy = malloc(text.len + tail.len + 1);

    check(copy != NULL);
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    memcpy(copy + text.len, tail.ptr, tail.len);
    js_scan((struct str){ copy, text.len + tail.len }, a, ret);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct arena a = { NULL };
    struct js_facts facts, again;

    scan_with(text, STR(""), &a, &facts);
    check_facts(text, &facts);
    scan_with(text, STR(""), &a, &again);
    check_same(&facts, &again);
    check_same(&again, &facts);
    check(facts.error.failed == again.error.failed && facts.error.offset == again.error.offset);
    if (!facts.error.failed) {
        scan_with(text, STR("\n;import(\"z\");"), &a, &again);
        check(facts.prefix_at == size || again.error.failed ||
                again.dep_count == facts.dep_count + 1);
        if (facts.prefix_at < size) {
            check_same(&facts, &again);
        }
    }
    arena_finish(&a);
    return 0;
}
