/* SPDX-License-Identifier: MIT */
/*
 * The questions of expr.h, answered from tokens and from what the files of the
 * languages say about them. The invariant of all: a text that cannot be cut
 * into tokens comes through unchanged and names nothing.
 */
#include "orbit/expr.h"

#include <string.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "orbit/expr_walk.h"

void orbit_walk_bind(struct orbit_walk *w, size_t i, size_t from, size_t until)
{
    struct orbit_binding binding = { orbit_token_text(w->t, i), from, until };

    w->roles[i] = ORBIT_ROLE_SKIP;
    vec_push(w, binding);
}

void orbit_walk_skip(struct orbit_walk *w, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        w->roles[i] = ORBIT_ROLE_SKIP;
    }
}

size_t orbit_group_end(const struct orbit_tokens *t, size_t i)
{
    while (i < t->count && !orbit_token_closes(t, i)) {
        i = orbit_token_skip(t, i);
    }
    return i;
}

size_t orbit_find(const struct orbit_tokens *t, size_t i, size_t to, const char *stops)
{
    while (i < to && !orbit_word_in(orbit_token_text(t, i), stops)) {
        i = orbit_token_skip(t, i);
    }
    return i < to ? i : to;
}

bool orbit_refuse(const struct orbit_check *c, size_t token, struct str text)
{
    c->ret->offset = c->t->items[token].start;
    c->ret->text = text;
    return false;
}

/* Whether a word of statements stands outside of all brackets. */
static bool has_statement(const struct orbit_tokens *t, enum orbit_lang lang)
{
    static const char rust[] = "let return break continue use fn const static struct enum for "
                               "while loop if match";
    static const char c[] = "if else for while do switch return break continue goto int char long "
                            "short float double unsigned signed struct union enum const bool void";
    static const char js[] =
            "let const var if else for while do switch return break continue throw try debugger "
            "function class";
    const char *words = lang == ORBIT_RUST ? rust : lang == ORBIT_C ? c : js;

    for (size_t i = 0; i < t->count; i = orbit_token_skip(t, i)) {
        if (t->items[i].kind == ORBIT_TOKEN_WORD && orbit_word_in(orbit_token_text(t, i), words)) {
            return true;
        }
    }
    return false;
}

bool orbit_expr_check(enum orbit_lang lang, struct str text, bool allow_statement,
        size_t *ret_offset, struct str *ret_text)
{
    struct arena arena = { NULL };
    struct orbit_tokens t;
    struct orbit_refusal refusal = { 0, STR("") };
    struct orbit_check c = { &t, allow_statement, lang == ORBIT_TS, &refusal };
    bool good = false;

    if (text.len > ORBIT_EXPR_MAX) {
        *ret_offset = ORBIT_EXPR_MAX;
        *ret_text = STR("this expression is too long");
        return false;
    }
    orbit_lex(&arena, lang, text, &t);
    if (t.error.len > 0) {
        refusal = (struct orbit_refusal){ t.error_offset, t.error };
    } else if (t.count == 0) {
        refusal = (struct orbit_refusal){ text.len, ORBIT_NO_EXPRESSION };
    } else if (allow_statement && has_statement(&t, lang)) {
        good = true;
    } else if (lang == ORBIT_RUST) {
        good = orbit_check_rust(&c, 0, t.count, ORBIT_ONE);
    } else if (lang == ORBIT_C) {
        good = orbit_check_c(&c, 0, t.count, ORBIT_ONE);
    } else {
        good = orbit_check_js(&c, 0, t.count, ORBIT_ONE);
    }
    if (!good) {
        *ret_offset = refusal.offset;
        *ret_text = refusal.text;
    }
    arena_finish(&arena);
    return good;
}

/* Whether token `i` can be the last of a value, so that an operator behind it has two sides. */
static bool ends_value(const struct orbit_tokens *t, enum orbit_lang lang, size_t i)
{
    switch (t->items[i].kind) {
    case ORBIT_TOKEN_WORD: return !orbit_is_keyword(lang, orbit_token_text(t, i));
    case ORBIT_TOKEN_NUMBER:
    case ORBIT_TOKEN_STRING:
    case ORBIT_TOKEN_CHAR:
    case ORBIT_TOKEN_LIFETIME:
    case ORBIT_TOKEN_PRIVATE:
    case ORBIT_TOKEN_REGEX:
    case ORBIT_TOKEN_TEMPLATE:
    case ORBIT_TOKEN_TEMPLATE_TAIL:
    case ORBIT_TOKEN_CLOSE: return true;
    case ORBIT_TOKEN_END:
    case ORBIT_TOKEN_TEMPLATE_HEAD:
    case ORBIT_TOKEN_TEMPLATE_MIDDLE:
    case ORBIT_TOKEN_OPEN:
    case ORBIT_TOKEN_PUNCT:
    case ORBIT_TOKEN_DIRECTIVE: break;
    }
    return false;
}

/* Whether the line end before token `i` of JavaScript could end a statement. */
static bool line_counts(const struct orbit_tokens *t, size_t i)
{
    static const char restricted[] = "return break continue throw yield async";

    if (!t->items[i].line || i == 0) {
        return false;
    }
    if (t->items[i - 1].kind == ORBIT_TOKEN_WORD &&
            orbit_word_in(orbit_token_text(t, i - 1), restricted)) {
        return true;
    }
    if (!ends_value(t, ORBIT_JS, i - 1) && !orbit_token_is(t, i - 1, "++") &&
            !orbit_token_is(t, i - 1, "--") &&
            !(t->items[i - 1].kind == ORBIT_TOKEN_WORD &&
                    orbit_word_in(orbit_token_text(t, i - 1),
                            "this super null true false let static debugger"))) {
        return false;
    }
    switch (t->items[i].kind) {
    case ORBIT_TOKEN_WORD:
        return !orbit_word_in(orbit_token_text(t, i), "in instanceof") ||
               orbit_token_is(t, i - 1, ";");
    case ORBIT_TOKEN_NUMBER:
    case ORBIT_TOKEN_STRING:
    case ORBIT_TOKEN_PRIVATE:
    case ORBIT_TOKEN_REGEX: return true;
    case ORBIT_TOKEN_OPEN: return orbit_token_is(t, i, "{");
    case ORBIT_TOKEN_PUNCT: return orbit_word_in(orbit_token_text(t, i), "++ -- ! ~ @");
    case ORBIT_TOKEN_CHAR:
    case ORBIT_TOKEN_LIFETIME:
    case ORBIT_TOKEN_TEMPLATE:
    case ORBIT_TOKEN_TEMPLATE_HEAD:
    case ORBIT_TOKEN_TEMPLATE_MIDDLE:
    case ORBIT_TOKEN_TEMPLATE_TAIL:
    case ORBIT_TOKEN_CLOSE:
    case ORBIT_TOKEN_END:
    case ORBIT_TOKEN_DIRECTIVE: break;
    }
    return false;
}

static bool is_dot(const struct orbit_tokens *t, size_t i)
{
    return orbit_token_is(t, i, ".");
}

/*
 * Whether tokens i - 1 and i may touch: they stay two tokens for certain, and it is how people
 * write them. All else gets one space, which never changes a token.
 */
static bool touch(const struct orbit_tokens *t, enum orbit_lang lang, size_t i)
{
    struct str a = orbit_token_text(t, i - 1);
    struct str b = orbit_token_text(t, i);
    enum orbit_token_kind before = t->items[i - 1].kind;
    enum orbit_token_kind kind = t->items[i].kind;
    bool value = ends_value(t, lang, i - 1);
    bool index = lang == ORBIT_RUST && (kind == ORBIT_TOKEN_NUMBER || before == ORBIT_TOKEN_NUMBER);
    bool name = before == ORBIT_TOKEN_WORD && (value || orbit_word_in(a, "self super this Self"));

    if (before == ORBIT_TOKEN_TEMPLATE_HEAD || before == ORBIT_TOKEN_TEMPLATE_MIDDLE ||
            kind == ORBIT_TOKEN_TEMPLATE_MIDDLE || kind == ORBIT_TOKEN_TEMPLATE_TAIL) {
        return true;
    }
    if (orbit_word_in(a, "( [") || orbit_word_in(b, ") ] , ;")) {
        return before != ORBIT_TOKEN_DIRECTIVE;
    }
    if (orbit_word_in(b, "( [")) {
        return name || before == ORBIT_TOKEN_CLOSE || orbit_word_in(a, "! . ?.");
    }
    if (orbit_word_in(b, ". ?. -> ::")) {
        return name || before == ORBIT_TOKEN_CLOSE || (index && i > 1 && is_dot(t, i - 2));
    }
    if (orbit_word_in(a, ". ?. -> ::")) {
        return kind == ORBIT_TOKEN_WORD || (index && is_dot(t, i - 1));
    }
    if (orbit_word_in(a, "- ! & *") && before == ORBIT_TOKEN_PUNCT &&
            (i == 1 || !ends_value(t, lang, i - 2)) && kind == ORBIT_TOKEN_WORD) {
        return !(lang == ORBIT_RUST && orbit_token_is(t, i - 1, "!"));
    }
    return lang == ORBIT_RUST && orbit_word_in(b, "!") && name;
}

struct str orbit_expr_normalise(struct arena *a, enum orbit_lang lang, struct str text)
{
    struct arena own = { NULL };
    struct orbit_tokens t;
    struct strbuf out;
    struct str result;

    if (text.len > ORBIT_EXPR_MAX) {
        return arena_str(a, str_trim(text));
    }
    orbit_lex(&own, lang, text, &t);
    strbuf_init(&out, text.len * 2 + 64);
    for (size_t i = 0; i < t.count && t.error.len == 0; i++) {
        bool after_directive = i > 0 && t.items[i - 1].kind == ORBIT_TOKEN_DIRECTIVE;
        if (after_directive || (i > 0 && t.items[i].kind == ORBIT_TOKEN_DIRECTIVE) ||
                ((lang == ORBIT_JS || lang == ORBIT_TS) && line_counts(&t, i))) {
            strbuf_addc(&out, '\n');
        } else if (i > 0 && !touch(&t, lang, i)) {
            strbuf_addc(&out, ' ');
        }
        strbuf_add(&out, orbit_token_text(&t, i));
    }
    result = arena_str(a, t.error.len > 0 || out.overflow ? str_trim(text) : strbuf_str(&out));
    strbuf_finish(&out);
    arena_finish(&own);
    return result;
}

static bool is_bound(const struct orbit_walk *w, struct str name, size_t i)
{
    for (size_t k = 0; k < w->count; k++) {
        const struct orbit_binding *b = &w->items[k];
        if (b->from <= i && i < b->until && str_eq(b->name, name)) {
            return true;
        }
    }
    return false;
}

static bool in_format_name(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80 || (!first && c >= '0' && c <= '9');
}

/* Whether the arguments of the macro around token `i` say themselves what `name` is. */
static bool is_argument(const struct orbit_walk *w, size_t close, struct str name)
{
    const struct orbit_tokens *t = w->t;

    for (size_t i = t->items[close].match + 1; i < close; i = orbit_token_skip(t, i)) {
        if (t->items[i].kind == ORBIT_TOKEN_WORD && orbit_token_is(t, i + 1, "=") &&
                str_eq(orbit_token_text(t, i), name)) {
            return true;
        }
    }
    return false;
}

/* Reports the names in the braces of format string `i`: {name}, {name:?}, {:width$}. */
static void report_format(const struct orbit_walk *w, size_t i, orbit_name_fn *fn, void *ctx)
{
    const struct orbit_tokens *t = w->t;
    struct str text = orbit_token_text(t, i);
    bool raw = str_find(str_sub(text, 0, str_find(text, '"')), 'r') != STR_NONE;
    size_t close = orbit_group_end(t, i);
    bool inside = false;

    for (size_t at = str_find(text, '"') + 1; at < text.len; at++) {
        char c = text.ptr[at];
        if (c == '\\' && !raw) {
            if (str_starts(str_skip(text, at), STR("\\u{"))) {
                size_t end = str_find(str_skip(text, at), '}');
                at += end == STR_NONE ? 1 : end;
            } else {
                at++;
            }
        } else if (!inside && c == '{') {
            if (at + 1 < text.len && text.ptr[at + 1] == '{') {
                at++;
            } else {
                inside = true;
            }
        } else if (c == '}') {
            inside = false;
        } else if (inside && in_format_name(c, true) && !in_format_name(text.ptr[at - 1], false)) {
            size_t end = at + 1;
            while (end < text.len && in_format_name(text.ptr[end], false)) {
                end++;
            }
            char next = end < text.len ? text.ptr[end] : '\0';
            struct orbit_name name = { str_sub(text, at, end), t->items[i].start + at,
                ORBIT_NAME_FORMAT, t->items[close].start, orbit_token_is(t, close - 1, ",") };
            bool used = next == '$' || (text.ptr[at - 1] == '{' && (next == '}' || next == ':'));
            if (used && !is_bound(w, name.text, i) && !is_argument(w, close, name.text)) {
                fn(ctx, &name);
            }
            at = end - 1;
        }
    }
}

static void report(
        const struct orbit_walk *w, enum orbit_lang lang, size_t i, orbit_name_fn *fn, void *ctx)
{
    const struct orbit_tokens *t = w->t;
    struct orbit_name name = { .text = orbit_token_text(t, i), .offset = t->items[i].start };

    if (w->roles[i] == ORBIT_ROLE_FORMAT) {
        report_format(w, i, fn, ctx);
        return;
    }
    if (t->items[i].kind != ORBIT_TOKEN_WORD || w->roles[i] == ORBIT_ROLE_SKIP ||
            orbit_is_keyword(lang, name.text) || is_bound(w, name.text, i)) {
        return;
    }
    if (w->roles[i] == ORBIT_ROLE_SHORTHAND) {
        name.kind = ORBIT_NAME_SHORTHAND;
    } else if (w->roles[i] == ORBIT_ROLE_TYPE) {
        name.kind = ORBIT_NAME_TYPE;
    } else if (lang == ORBIT_RUST && orbit_token_is(t, i + 1, "::")) {
        name.kind = ORBIT_NAME_PATH;
    } else if (orbit_token_is(t, i + 1, "(")) {
        name.kind = ORBIT_NAME_CALL;
    }
    fn(ctx, &name);
}

void orbit_expr_names(enum orbit_lang lang, struct str text, orbit_name_fn *fn, void *ctx)
{
    struct arena arena = { NULL };
    struct orbit_tokens t;

    if (text.len > ORBIT_EXPR_MAX) {
        return;
    }
    orbit_lex(&arena, lang, text, &t);
    if (t.error.len == 0 && t.count > 0) {
        struct orbit_walk w = { .t = &t, .types = lang == ORBIT_TS };
        w.roles = arena_alloc(&arena, t.count + 1);
        if (lang == ORBIT_RUST) {
            orbit_walk_rust(&w);
        } else if (lang == ORBIT_C) {
            orbit_walk_c(&w);
        } else {
            orbit_walk_js(&w);
        }
        for (size_t i = 0; i < t.count; i++) {
            report(&w, lang, i, fn, ctx);
        }
        vec_finish(&w);
    }
    arena_finish(&arena);
}

struct insertion {
    size_t at;
    struct str before, text; /* `before` stands between a shorthand or argument and its value */
    bool format;
};

struct insertions {
    struct insertion *items;
    size_t count, cap;
    orbit_is_member_fn *is_member;
    void *ctx;
    struct arena *arena;
    struct str prefix;
};

static void on_name(void *ctx, const struct orbit_name *name)
{
    struct insertions *list = ctx;
    struct insertion one = { .at = name->offset, .text = list->prefix };

    if (name->kind == ORBIT_NAME_PATH || name->kind == ORBIT_NAME_TYPE ||
            !list->is_member(list->ctx, name)) {
        return;
    }
    if (name->kind == ORBIT_NAME_SHORTHAND) {
        one.text =
                arena_printf(list->arena, "%.*s: %.*s", STR_FMT(name->text), STR_FMT(list->prefix));
    } else if (name->kind == ORBIT_NAME_FORMAT) {
        bool comma = name->format_comma;
        one.format = true;
        one.at = name->format_end;
        one.before = name->text;
        for (size_t i = 0; i < list->count; i++) {
            if (list->items[i].format && list->items[i].at == one.at) {
                if (str_eq(list->items[i].before, name->text)) {
                    return;
                }
                comma = false;
            }
        }
        one.text = arena_printf(list->arena, "%s%.*s = %.*s%.*s", comma ? " " : ", ",
                STR_FMT(name->text), STR_FMT(list->prefix), STR_FMT(name->text));
    }
    vec_push(list, one);
}

/* Stable, by place: only the insertions of format macros stand out of order. */
static void sort(struct insertions *list)
{
    for (size_t i = 1; i < list->count; i++) {
        struct insertion one = list->items[i];
        size_t k = i;
        while (k > 0 && list->items[k - 1].at > one.at) {
            list->items[k] = list->items[k - 1];
            k--;
        }
        list->items[k] = one;
    }
}

struct str orbit_expr_qualify(struct arena *a, enum orbit_lang lang, struct str text,
        orbit_is_member_fn *is_member, void *ctx, struct str prefix)
{
    struct arena own = { NULL };
    struct insertions list = { NULL, 0, 0, is_member, ctx, &own, prefix };
    size_t len = text.len;
    size_t at = 0;
    char *out;
    char *p;

    orbit_expr_names(lang, text, on_name, &list);
    sort(&list);
    for (size_t i = 0; i < list.count; i++) {
        len += list.items[i].text.len;
    }
    out = arena_alloc(a, len + 1);
    p = out;
    for (size_t i = 0; i < list.count; i++) {
        const struct insertion *one = &list.items[i];
        memcpy(p, text.ptr + at, one->at - at);
        p += one->at - at;
        at = one->at;
        if (one->text.len > 0) {
            memcpy(p, one->text.ptr, one->text.len);
        }
        p += one->text.len;
    }
    if (text.len > at) {
        memcpy(p, text.ptr + at, text.len - at);
    }
    vec_finish(&list);
    arena_finish(&own);
    return (struct str){ out, len };
}
