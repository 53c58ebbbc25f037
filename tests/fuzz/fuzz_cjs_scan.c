/* SPDX-License-Identifier: MIT */
/*
 * Tokens and the CommonJS scanner on any bytes: tokens lie in the text in order, partners name one
 * another, no name is empty or listed twice, and a second scan of a copy elsewhere gives the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scan/cjs_scan.h"
#include "scan/js_tokens.h"

enum { COMPARED_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_tokens(const struct js_tokens *t)
{
    uint32_t end = 0;

    for (size_t i = 0; i < t->count; i++) {
        const struct js_token *token = &t->items[i];

        check(token->start >= end && token->start < token->end && token->end <= t->text.len);
        end = token->end;
        check(token->match <= t->count && token->match != i);
        /* the middle of a template has two partners, and names the later one */
        check(token->match == t->count || t->items[token->match].match != t->count);
        check(token->match > i || t->items[token->match].match == i);
    }
    check(t->items[t->count].start == t->text.len);
}

static void check_list(const struct str *items, size_t count)
{
    for (size_t i = 0; i < count && i < COMPARED_MAX; i++) {
        for (size_t k = 0; k < i; k++) {
            check(!str_eq(items[i], items[k]));
        }
    }
}

static void check_same(const struct str *a, size_t a_count, const struct str *b, size_t b_count)
{
    check(a_count == b_count);
    for (size_t i = 0; i < a_count; i++) {
        check(str_eq(a[i], b[i]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct arena a = { NULL };
    struct cjs_facts facts, again;
    struct js_tokens tokens;
    char *copy = malloc(size + 1);

    check(copy != NULL);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    js_tokens(text, &a, &tokens);
    check_tokens(&tokens);
    cjs_scan(text, &a, &facts);
    cjs_scan((struct str){ copy, size }, &a, &again);
    free(copy);
    check_list(facts.exports, facts.export_count);
    check_list(facts.requires, facts.require_count);
    check_same(facts.exports, facts.export_count, again.exports, again.export_count);
    check_same(facts.reexports, facts.reexport_count, again.reexports, again.reexport_count);
    check_same(facts.requires, facts.require_count, again.requires, again.require_count);
    for (size_t i = 0; i < facts.export_count; i++) {
        check(facts.exports[i].len > 0);
        check(cjs_has_export(&facts, facts.exports[i]));
    }
    arena_finish(&a);
    return 0;
}
