/* SPDX-License-Identifier: MIT */
/* Keeps what the scan notes, and pairs the brackets. */
#include "scan/js_tokens.h"

#include <string.h>

#include "base/vec.h"
#include "scan/js_state.h"

/* Open brackets, by the indices of their tokens. */
struct open_list {
    uint32_t *items;
    size_t count;
    size_t cap;
};

static char last_byte(const struct js_tokens *t, const struct js_token *token)
{
    return t->text.ptr[token->end - 1];
}

/* Whether something is open behind the token that was not before it, or goes on to be. */
static bool opens(const struct js_tokens *t, const struct js_token *token)
{
    if (token->class == JS_PAREN_OPEN || token->class == JS_BRACKET_OPEN ||
            token->class == JS_BRACE_OPEN) {
        return true;
    }
    if (token->class == JS_TEMPLATE || token->class == JS_BRACE_CLOSE) {
        return last_byte(t, token) == '{'; /* "${" */
    }
    return token->class == JS_WORD && last_byte(t, token) == '('; /* import( */
}

static bool closes(const struct js_token *token)
{
    return token->class == JS_PAREN_CLOSE || token->class == JS_BRACKET_CLOSE ||
           token->class == JS_BRACE_CLOSE;
}

static void pair(struct js_tokens *t)
{
    struct open_list open = { 0 };

    for (size_t i = 0; i < t->count; i++) {
        struct js_token *token = &t->items[i];

        token->match = (uint32_t)t->count;
        if (closes(token) && open.count > 0) {
            uint32_t partner = open.items[--open.count];

            token->match = partner;
            t->items[partner].match = (uint32_t)i;
        }
        if (opens(t, token)) {
            vec_push(&open, (uint32_t)i);
        }
    }
    vec_finish(&open);
}

void js_tokens(struct str text, struct arena *a, struct js_tokens *ret)
{
    struct js_token_list list = { 0 };
    struct js_facts facts;

    js_scan_into(text, a, &facts, &list);
    *ret = (struct js_tokens){
        .text = text, .items = arena_array(a, struct js_token, list.count + 1), .count = list.count
    };
    if (list.count > 0) {
        memcpy(ret->items, list.items, list.count * sizeof(*list.items));
    }
    ret->items[list.count].start = ret->items[list.count].end = (uint32_t)text.len;
    ret->items[list.count].match = (uint32_t)list.count;
    pair(ret);
    vec_finish(&list);
}
