/* SPDX-License-Identifier: MIT */
/*
 * Template expressions in all languages (the first byte chooses): tokens and the gaps between them
 * are the text; the canonical text has the same tokens and is its own canonical text; free names
 * lie in the text; qualification only inserts;
 * items follow one another.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "orbit/expr.h"
#include "orbit/items.h"
#include "orbit/lex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_name(void *ctx, const struct orbit_name *name)
{
    const struct str *text = ctx;

    check(name->offset + name->text.len <= text->len);
    check(memcmp(text->ptr + name->offset, name->text.ptr, name->text.len) == 0);
}

static bool every(void *ctx, const struct orbit_name *name)
{
    (void)ctx;
    return name->text.len % 2 == 1;
}

static void check_tokens(struct str text, const struct orbit_tokens *t)
{
    size_t at = 0;

    for (size_t i = 0; i < t->count; i++) {
        const struct orbit_token *token = &t->items[i];
        check(token->start >= at && token->end > token->start && token->end <= text.len);
        at = token->end;
        if (t->error.len == 0 && (orbit_token_opens(t, i) || orbit_token_closes(t, i))) {
            check(token->match < t->count && t->items[token->match].match == i);
        }
    }
    check(t->error_offset <= text.len);
}

static void check_items(struct arena *a, enum orbit_lang lang, struct str text)
{
    struct orbit_items found;
    size_t at = 0;

    if (lang == ORBIT_RUST) {
        orbit_rust_items(a, text, &found);
    } else if (lang == ORBIT_C) {
        orbit_c_items(a, text, &found);
    } else {
        orbit_js_items(a, lang, text, &found);
    }
    check(found.error_offset <= text.len);
    for (size_t i = 0; i < found.count; i++) {
        const struct orbit_item *item = &found.items[i];
        check(item->start >= at && item->end > item->start && item->end <= text.len);
        check(item->body <= item->body_end && item->body_end <= item->end);
        check(item->offset + item->name.len <= text.len);
        at = item->end;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = { NULL };
    struct orbit_tokens before, after;
    struct str text = { (const char *)data + 1, size - 1 };
    struct str error, once, twice, qualified;
    enum orbit_lang lang;
    size_t offset = 0;
    size_t at = 0;

    if (size == 0 || size > ORBIT_EXPR_MAX) {
        return 0;
    }
    lang = (enum orbit_lang)(data[0] & 3);
    orbit_lex(&arena, lang, text, &before);
    check_tokens(text, &before);
    for (int statement = 0; statement < 2; statement++) {
        if (!orbit_expr_check(lang, text, statement == 1, &offset, &error)) {
            check(offset <= text.len && error.len > 0);
        }
    }
    once = orbit_expr_normalise(&arena, lang, text);
    twice = orbit_expr_normalise(&arena, lang, once);
    check(str_eq(once, twice));
    if (before.error.len == 0) {
        orbit_lex(&arena, lang, once, &after);
        check(after.error.len == 0 && after.count == before.count);
        for (size_t i = 0; i < before.count; i++) {
            check(after.items[i].kind == before.items[i].kind);
            check(str_eq(orbit_token_text(&before, i), orbit_token_text(&after, i)));
        }
    }
    orbit_expr_names(lang, text, check_name, &text);
    qualified = orbit_expr_qualify(&arena, lang, text, every, NULL, STR("self."));
    check(qualified.len >= text.len);
    for (size_t i = 0; i < qualified.len && at < text.len; i++) {
        at += qualified.ptr[i] == text.ptr[at];
    }
    check(at == text.len);
    check_items(&arena, lang, text);
    arena_finish(&arena);
    return 0;
}
