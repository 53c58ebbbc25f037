/* SPDX-License-Identifier: MIT */
/*
 * What the lexers of all languages share: the loop over a text, the pairing of
 * brackets, and questions about tokens. The invariants are those of lex.h.
 */
#include "orbit/lex.h"

#include <string.h>

#include "base/vec.h"
#include "scan/js_lex.h"

struct token_vec {
    struct orbit_token *items;
    size_t count, cap;
};

const char *orbit_operator_end(const char *p, const char *end, const char *operators)
{
    while (*operators) {
        size_t len = strcspn(operators, " ");
        if ((size_t)(end - p) >= len && memcmp(p, operators, len) == 0) {
            return p + len;
        }
        operators += len;
        operators += strspn(operators, " ");
    }
    return NULL;
}

bool orbit_word_in(struct str word, const char *list)
{
    while (*list) {
        size_t len = strcspn(list, " ");
        if (len == word.len && memcmp(word.ptr, list, len) == 0) {
            return true;
        }
        list += len;
        list += strspn(list, " ");
    }
    return false;
}

bool orbit_is_keyword(enum orbit_lang lang, struct str word)
{
    static const char rust[] =
            "as async await break const continue crate dyn else enum extern false fn for if impl "
            "in let loop match mod move mut pub ref return self Self static struct super trait "
            "true type unsafe use where while _";
    static const char c[] =
            "auto break case char const continue default do double else enum extern float for "
            "goto if inline int long register restrict return short signed sizeof static struct "
            "switch typedef union unsigned void volatile while _Alignas _Alignof _Atomic _Bool "
            "_Complex _Generic _Imaginary _Noreturn _Static_assert _Thread_local __attribute__ "
            "typeof __typeof__ __extension__ __inline __restrict asm __asm__ bool true false "
            "NULL";
    static const char js[] =
            "await break case catch class const continue debugger default delete do else enum "
            "export extends false finally for function if import in instanceof let new null "
            "return static super switch this throw true try typeof var void while with yield";

    switch (lang) {
    case ORBIT_RUST: return orbit_word_in(word, rust);
    case ORBIT_C: return orbit_word_in(word, c);
    case ORBIT_JS:
    case ORBIT_TS: break;
    }
    return orbit_word_in(word, js);
}

bool orbit_lang_parse(struct str name, enum orbit_lang *ret)
{
    if (str_eq(name, STR("rust"))) {
        *ret = ORBIT_RUST;
    } else if (str_eq(name, STR("c"))) {
        *ret = ORBIT_C;
    } else if (str_eq(name, STR("js")) || str_eq(name, STR("javascript"))) {
        *ret = ORBIT_JS;
    } else if (str_eq(name, STR("ts")) || str_eq(name, STR("typescript"))) {
        *ret = ORBIT_TS;
    } else {
        return false;
    }
    return true;
}

bool orbit_token_is(const struct orbit_tokens *t, size_t i, const char *text)
{
    switch (t->items[i].kind) {
    case ORBIT_TOKEN_WORD:
    case ORBIT_TOKEN_OPEN:
    case ORBIT_TOKEN_CLOSE:
    case ORBIT_TOKEN_PUNCT: return str_eq(orbit_token_text(t, i), str_from(text));
    case ORBIT_TOKEN_END:
    case ORBIT_TOKEN_NUMBER:
    case ORBIT_TOKEN_STRING:
    case ORBIT_TOKEN_CHAR:
    case ORBIT_TOKEN_LIFETIME:
    case ORBIT_TOKEN_PRIVATE:
    case ORBIT_TOKEN_REGEX:
    case ORBIT_TOKEN_TEMPLATE:
    case ORBIT_TOKEN_TEMPLATE_HEAD:
    case ORBIT_TOKEN_TEMPLATE_MIDDLE:
    case ORBIT_TOKEN_TEMPLATE_TAIL:
    case ORBIT_TOKEN_DIRECTIVE: break;
    }
    return false;
}

bool orbit_token_opens(const struct orbit_tokens *t, size_t i)
{
    return t->items[i].kind == ORBIT_TOKEN_OPEN || t->items[i].kind == ORBIT_TOKEN_TEMPLATE_HEAD;
}

bool orbit_token_closes(const struct orbit_tokens *t, size_t i)
{
    return t->items[i].kind == ORBIT_TOKEN_CLOSE || t->items[i].kind == ORBIT_TOKEN_TEMPLATE_TAIL;
}

size_t orbit_token_skip(const struct orbit_tokens *t, size_t i)
{
    if (i >= t->count) {
        return t->count;
    }
    return orbit_token_opens(t, i) ? t->items[i].match + 1 : i + 1;
}

static void fail(struct orbit_tokens *t, size_t offset, struct str error)
{
    t->error_offset = offset;
    t->error = error;
}

static char closing(const struct orbit_tokens *t, const struct orbit_token *open)
{
    switch (t->text.ptr[open->start]) {
    case '(': return ')';
    case '[': return ']';
    default: return '}';
    }
}

/* Pairs the token with the innermost open bracket; false if they do not belong together. */
static bool pair(struct orbit_tokens *t, struct token_vec *tokens, uint32_t *stack, size_t *depth,
        struct orbit_token *token)
{
    uint32_t self = (uint32_t)tokens->count;

    if (token->kind == ORBIT_TOKEN_CLOSE || token->kind == ORBIT_TOKEN_TEMPLATE_TAIL) {
        if (*depth == 0) {
            fail(t, token->start, STR("this bracket closes nothing"));
            return false;
        }
        struct orbit_token *open = &tokens->items[stack[*depth - 1]];
        if (closing(t, open) != t->text.ptr[token->start]) {
            fail(t, token->start,
                    closing(t, open) == ')'   ? STR("expected ')' before this bracket")
                    : closing(t, open) == ']' ? STR("expected ']' before this bracket")
                                              : STR("expected '}' before this bracket"));
            return false;
        }
        token->match = stack[--*depth];
        open->match = self;
    } else if (token->kind == ORBIT_TOKEN_OPEN || token->kind == ORBIT_TOKEN_TEMPLATE_HEAD) {
        if (*depth == ORBIT_NEST_MAX) {
            fail(t, token->start, STR("brackets are nested too deeply"));
            return false;
        }
        stack[(*depth)++] = self;
    }
    return true;
}

static const char *blank_end(enum orbit_lang lang, const char *p, const char *end, bool *ret_line)
{
    switch (lang) {
    case ORBIT_RUST: return orbit_blank_end_rust(p, end, ret_line);
    case ORBIT_C: return orbit_blank_end_c(p, end, ret_line);
    case ORBIT_JS:
    case ORBIT_TS: break;
    }
    return js_blank_end(p, end, ret_line);
}

/* Fills `tokens` up to the end of the text or the first error. */
static void cut(struct orbit_tokens *t, enum orbit_lang lang, struct token_vec *tokens)
{
    uint32_t stack[ORBIT_NEST_MAX];
    size_t depth = 0;
    const char *base = t->text.ptr;
    const char *end = base + t->text.len;
    const char *p = base;

    for (;;) {
        struct orbit_token token = { .kind = ORBIT_TOKEN_END };
        const char *at = blank_end(lang, p, end, &token.line);
        const char *behind = NULL;
        if (!at) {
            fail(t, (size_t)(p - base), STR("this comment has no end"));
            return;
        }
        if (at == end) {
            break;
        }
        t->items = tokens->items;
        t->count = tokens->count;
        token.start = (uint32_t)(at - base);
        t->error_offset = token.start;
        switch (lang) {
        case ORBIT_RUST: behind = orbit_lex_rust(t, at, end, &token); break;
        case ORBIT_C: behind = orbit_lex_c(t, at, end, &token); break;
        case ORBIT_JS:
        case ORBIT_TS:
            behind = orbit_lex_js(
                    t, at, end, &token, depth > 0 ? &tokens->items[stack[depth - 1]] : NULL);
            break;
        }
        if (!behind) {
            return;
        }
        token.end = (uint32_t)(behind - base);
        if (!pair(t, tokens, stack, &depth, &token)) {
            return;
        }
        vec_push(tokens, token);
        p = behind;
    }
    if (depth > 0) {
        const struct orbit_token *open = &tokens->items[stack[depth - 1]];
        fail(t, open->start,
                open->kind == ORBIT_TOKEN_TEMPLATE_HEAD ? STR("this template has no end")
                                                        : STR("this bracket is not closed"));
    }
}

void orbit_lex(struct arena *a, enum orbit_lang lang, struct str text, struct orbit_tokens *ret)
{
    struct token_vec tokens = { NULL, 0, 0 };

    if (!text.ptr) {
        text = STR("");
    }
    *ret = (struct orbit_tokens){ .text = text };
    if (text.len > ORBIT_LEX_MAX) {
        fail(ret, 0, STR("this text is too long"));
    } else {
        cut(ret, lang, &tokens);
    }
    ret->count = tokens.count;
    ret->items = arena_array(a, struct orbit_token, tokens.count + 1);
    if (tokens.count > 0) {
        memcpy(ret->items, tokens.items, tokens.count * sizeof(*tokens.items));
    }
    ret->items[tokens.count] = (struct orbit_token){
        .kind = ORBIT_TOKEN_END,
        .start = (uint32_t)(text.len > ORBIT_LEX_MAX ? 0 : text.len),
        .end = (uint32_t)(text.len > ORBIT_LEX_MAX ? 0 : text.len),
    };
    vec_finish(&tokens);
}
