/* SPDX-License-Identifier: MIT */
/*
 * The rules of a sheet, walked by the grammar of css-syntax-3 and css-nesting.
 * Nothing is written while walking: edits are collected and applied in order of
 * their places, so that all that is not edited comes through byte by byte.
 */
#include "orbit/style_scope.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "orbit/style_tokens.h"

void style_replace(struct style *s, size_t start, size_t end, struct str text)
{
    struct style_edit edit = { start, end, text, s->edits.count };

    vec_push(&s->edits, edit);
}

void style_insert(struct style *s, size_t i, struct str text)
{
    style_replace(s, s->tokens[i].start, s->tokens[i].start, text);
}

void style_warn(struct style *s, size_t i, struct str text)
{
    struct diag d = { .severity = DIAG_WARNING, .text = text };

    if (s->diags) {
        diag_place(s->css, s->tokens[i].start, &d.line, &d.col);
        diag_list_add(s->diags, &d);
    }
}

/* How a block of an at-rule is read. */
enum block {
    BLOCK_OTHER,
    BLOCK_RULES,
    BLOCK_KEYFRAMES,
};

static enum block block_of(const struct css_token *at)
{
    static const char *const rules[] = { "media", "supports", "layer", "container", "scope",
        "starting-style", "document", "-moz-document" };
    static const char *const keyframes[] = { "keyframes", "-webkit-keyframes", "-moz-keyframes",
        "-o-keyframes", "-ms-keyframes" };

    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        if (css_name_is(at->text, str_from(rules[i]))) {
            return BLOCK_RULES;
        }
    }
    for (size_t i = 0; i < sizeof(keyframes) / sizeof(*keyframes); i++) {
        if (css_name_is(at->text, str_from(keyframes[i]))) {
            return BLOCK_KEYFRAMES;
        }
    }
    return BLOCK_OTHER;
}

/* The "{" or ";" that ends the prelude at `i`, or `to`. */
static size_t prelude_end(const struct style *s, size_t i, size_t to)
{
    while (i < to && style_kind(s, i) != CSS_LEFT_BRACE && style_kind(s, i) != CSS_SEMICOLON) {
        i = style_skip(s, i);
    }
    return i < to ? i : to;
}

static bool is_animation(const struct style *s, const struct css_token *token)
{
    struct str name = css_unescape(token, s->arena);

    for (size_t i = 0; i < s->animations.count; i++) {
        if (str_eq(s->animations.items[i], name)) {
            return true;
        }
    }
    return false;
}

/* Puts the suffix behind the name of an animation. */
static void rename_animation(struct style *s, size_t i)
{
    const struct css_token *token = &s->tokens[i];
    size_t end = token->end;

    if (token->kind == CSS_STRING) {
        end = (size_t)(token->text.ptr - s->css.ptr) + token->text.len;
    }
    style_replace(s, end, end, s->suffix);
}

/* The name token in the prelude of @keyframes at `i`, or count. */
static size_t keyframes_name(const struct style *s, size_t i, size_t to)
{
    size_t name = style_solid(s, i + 1, to);

    return name < to && (style_kind(s, name) == CSS_IDENT || style_kind(s, name) == CSS_STRING)
                   ? name
                   : s->count;
}

static bool is_animation_property(struct str name)
{
    static const char *const names[] = { "animation", "animation-name", "-webkit-animation",
        "-webkit-animation-name", "-moz-animation", "-moz-animation-name", "-o-animation",
        "-o-animation-name" };

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (css_name_is(name, str_from(names[i]))) {
            return true;
        }
    }
    return false;
}

/* What stands at a place in a block. */
enum item {
    ITEM_DECLARATION,
    ITEM_RULE,
    ITEM_AT_RULE,
};

struct span {
    enum item item;
    size_t start;
    size_t open; /* the "{" of a rule; `end` if there is none */
    size_t end;  /* behind it */
};

/* Reads what stands at or behind `i`; false at the end. */
static bool next_item(const struct style *s, size_t i, size_t to, bool nested, struct span *ret)
{
    size_t colon;

    i = style_solid(s, i, to);
    while (i < to && (style_kind(s, i) == CSS_CDO || style_kind(s, i) == CSS_CDC ||
                             (nested && style_kind(s, i) == CSS_SEMICOLON))) {
        i = style_solid(s, i + 1, to);
    }
    if (i >= to) {
        return false;
    }
    *ret = (struct span){ ITEM_RULE, i, to, to };
    if (style_kind(s, i) == CSS_AT_KEYWORD) {
        ret->item = ITEM_AT_RULE;
        ret->open = prelude_end(s, i, to);
        ret->end = ret->open < to ? style_skip(s, ret->open) : to;
        if (ret->open < to && style_kind(s, ret->open) == CSS_SEMICOLON) {
            ret->open = ret->end;
        }
    } else if (nested) {
        colon = style_solid(s, i + 1, to);
        bool custom = style_kind(s, i) == CSS_IDENT && colon < to &&
                      style_kind(s, colon) == CSS_COLON && str_starts(s->tokens[i].text, STR("--"));
        ret->open = prelude_end(s, i, to);
        if (custom) {
            while (ret->open < to && style_kind(s, ret->open) == CSS_LEFT_BRACE) {
                ret->open = prelude_end(s, style_skip(s, ret->open), to);
            }
        }
        if (ret->open < to && style_kind(s, ret->open) == CSS_LEFT_BRACE) {
            ret->end = style_skip(s, ret->open);
        } else {
            ret->item = ITEM_DECLARATION;
            ret->end = ret->open < to ? ret->open + 1 : to;
        }
    } else {
        while (i < to && style_kind(s, i) != CSS_LEFT_BRACE) {
            i = style_skip(s, i);
        }
        ret->open = i < to ? i : to;
        ret->end = i < to ? style_skip(s, i) : to;
    }
    ret->end = ret->end < to ? ret->end : to;
    return true;
}

/* The end of what stands between the braces whose "{" is at `open`. */
static size_t body_end(const struct style *s, size_t open, size_t to)
{
    return s->match[open] < to ? s->match[open] : to;
}

static void find_animations(struct style *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (style_kind(s, i) == CSS_AT_KEYWORD && block_of(&s->tokens[i]) == BLOCK_KEYFRAMES) {
            size_t name = keyframes_name(s, i, s->count);
            if (name < s->count && s->animations.count < ORBIT_STYLE_ANIMATIONS_MAX &&
                    !is_animation(s, &s->tokens[name])) {
                vec_push(&s->animations, css_unescape(&s->tokens[name], s->arena));
            }
        }
    }
}

/* Whether the block [i, to) of a style rule holds style rules, also inside of @media. */
static bool holds_rules(const struct style *s, size_t i, size_t to, unsigned depth)
{
    struct span span;

    while (next_item(s, i, to, true, &span)) {
        if (span.item == ITEM_RULE) {
            return true;
        }
        if (span.item == ITEM_AT_RULE && span.open < span.end && depth < ORBIT_STYLE_NEST_MAX &&
                block_of(&s->tokens[span.start]) == BLOCK_RULES &&
                holds_rules(s, span.open + 1, body_end(s, span.open, to), depth + 1)) {
            return true;
        }
        i = span.end;
    }
    return false;
}

/* What the rules around say about those in a block. */
struct context {
    bool nested; /* in a style rule: declarations may stand here */
    bool wrap;   /* they get the attribute by a rule of their own */
    bool deep;   /* below :deep(): nothing is scoped */
    unsigned depth;
};

static void declaration(struct style *s, size_t start, size_t end)
{
    if (style_kind(s, start) != CSS_IDENT || !is_animation_property(s->tokens[start].text)) {
        return;
    }
    for (size_t i = start + 1; i < end; i = style_skip(s, i)) {
        if ((style_kind(s, i) == CSS_IDENT || style_kind(s, i) == CSS_STRING) &&
                is_animation(s, &s->tokens[i])) {
            rename_animation(s, i);
        }
    }
}

static void block(struct style *s, size_t i, size_t to, struct context context);

static void style_rule(struct style *s, const struct span *span, size_t to, struct context context)
{
    struct context inner = { true, false, context.deep, context.depth + 1 };
    struct style_selectors found;
    size_t end;

    if (span->open >= span->end) {
        style_warn(s, span->start, STR("expected '{' behind this selector"));
        return;
    }
    end = body_end(s, span->open, to);
    found = style_selectors_look(s, span->start, span->open, context.nested);
    if (!found.valid) {
        style_warn(s, span->start, STR("this is no selector: the rule is left as it is"));
        return;
    }
    if (!context.deep) {
        inner.deep = found.deep;
        inner.wrap = !found.deep && !found.global && holds_rules(s, span->open + 1, end, 0);
        style_selectors_scope(s, span->start, span->open, context.nested, inner.wrap);
    }
    block(s, span->open + 1, end, inner);
}

static void at_rule(struct style *s, const struct span *span, size_t to, struct context context)
{
    const struct css_token *at = &s->tokens[span->start];
    size_t name;

    switch (block_of(at)) {
    case BLOCK_RULES:
        if (span->open < span->end) {
            context.depth++;
            block(s, span->open + 1, body_end(s, span->open, to), context);
        }
        break;
    case BLOCK_KEYFRAMES:
        name = keyframes_name(s, span->start, span->open);
        if (name < s->count && is_animation(s, &s->tokens[name])) {
            rename_animation(s, name);
        }
        break;
    case BLOCK_OTHER: break;
    }
}

/* All that stands in [i, to). */
static void block(struct style *s, size_t i, size_t to, struct context context)
{
    bool wrapping = false; /* "&[x]{" stands open */
    size_t last = i;       /* behind the last declaration */
    struct span span;

    if (context.depth > ORBIT_STYLE_NEST_MAX) {
        style_warn(s, i < s->count ? i : s->count,
                STR("rules are nested too deeply: these are left as they are"));
        return;
    }
    while (next_item(s, i, to, context.nested, &span)) {
        bool declares = span.item == ITEM_DECLARATION;
        if (context.wrap && declares && !wrapping) {
            style_insert(s, span.start, arena_printf(s->arena, "&%.*s{", STR_FMT(s->attribute)));
            wrapping = true;
        } else if (wrapping && !declares) {
            style_insert(s, last, STR("}"));
            wrapping = false;
        }
        switch (span.item) {
        case ITEM_DECLARATION:
            declaration(s, span.start, span.end);
            last = span.end;
            break;
        case ITEM_RULE: style_rule(s, &span, to, context); break;
        case ITEM_AT_RULE: at_rule(s, &span, to, context); break;
        }
        i = span.end;
    }
    if (wrapping) {
        style_insert(s, last, STR("}"));
    }
}

/* Cuts the sheet into tokens and pairs its brackets. */
static void cut(struct style *s)
{
    struct {
        struct css_token *items;
        size_t count, cap;
    } tokens = { NULL, 0, 0 };
    struct css_token *copy;
    struct css_lex lex;
    struct css_token token;
    uint32_t *match;
    uint32_t *stack;
    size_t depth = 0;

    css_lex_init(&lex, s->css);
    do {
        css_lex_next(&lex, &token);
        vec_push(&tokens, token);
    } while (token.kind != CSS_EOF);
    s->count = tokens.count - 1;
    copy = arena_array(s->arena, struct css_token, tokens.count);
    memcpy(copy, tokens.items, tokens.count * sizeof(*copy));
    vec_finish(&tokens);
    match = arena_array(s->arena, uint32_t, s->count + 1);
    stack = arena_array(s->arena, uint32_t, s->count + 1);
    for (size_t i = 0; i < s->count; i++) {
        enum css_token_kind open = CSS_EOF;
        switch ((int)copy[i].kind) {
        case CSS_FUNCTION:
        case CSS_LEFT_PAREN:
        case CSS_LEFT_SQUARE:
        case CSS_LEFT_BRACE:
            match[i] = (uint32_t)s->count;
            stack[depth++] = (uint32_t)i;
            break;
        case CSS_RIGHT_PAREN: open = CSS_LEFT_PAREN; break;
        case CSS_RIGHT_SQUARE: open = CSS_LEFT_SQUARE; break;
        case CSS_RIGHT_BRACE: open = CSS_LEFT_BRACE; break;
        default: break;
        }
        if (open != CSS_EOF && depth > 0) {
            size_t top = stack[depth - 1];
            if (copy[top].kind == open ||
                    (open == CSS_LEFT_PAREN && copy[top].kind == CSS_FUNCTION)) {
                match[top] = (uint32_t)i;
                depth--;
            }
        }
    }
    s->tokens = copy;
    s->match = match;
}

static int by_place(const void *a, const void *b)
{
    const struct style_edit *x = a;
    const struct style_edit *y = b;

    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    return x->order < y->order ? -1 : x->order > y->order;
}

static void apply(struct style *s, struct strbuf *out)
{
    size_t at = 0;

    if (s->edits.count > 0) {
        qsort(s->edits.items, s->edits.count, sizeof(*s->edits.items), by_place);
    }
    for (size_t i = 0; i < s->edits.count; i++) {
        const struct style_edit *edit = &s->edits.items[i];
        strbuf_add(out, str_sub(s->css, at, edit->start));
        strbuf_add(out, edit->text);
        at = edit->end;
    }
    strbuf_add(out, str_skip(s->css, at));
}

void orbit_style_scope(
        struct strbuf *out, struct str css, struct str attribute, struct diag_list *diags)
{
    struct arena arena = { NULL };
    struct style s = { .css = css, .arena = &arena, .diags = diags };

    if (css.len > ORBIT_STYLE_MAX) {
        struct diag d = { .severity = DIAG_WARNING,
            .line = 1,
            .col = 1,
            .text = STR("this style is too long to be scoped") };
        if (diags) {
            diag_list_add(diags, &d);
        }
        strbuf_add(out, css);
        return;
    }
    s.attribute = arena_printf(&arena, "[%.*s]", STR_FMT(attribute));
    s.suffix = arena_printf(&arena, "-%.*s",
            STR_FMT(str_starts(attribute, STR("data-")) ? str_skip(attribute, 5) : attribute));
    cut(&s);
    find_animations(&s);
    block(&s, 0, s.count, (struct context){ false, false, false, 0 });
    apply(&s, out);
    vec_finish(&s.edits);
    vec_finish(&s.animations);
    arena_finish(&arena);
}
