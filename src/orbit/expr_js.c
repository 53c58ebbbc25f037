/* SPDX-License-Identifier: MIT */
/*
 * The names of JavaScript and TypeScript expressions: arrows, functions,
 * classes, patterns and declarations open scopes as ranges of tokens. A name
 * that is declared with let, const, class or function holds in its whole
 * block, as the language has it; var too, which reaches further in truth.
 */
#include "orbit/expr_walk.h"

static bool is_word(const struct orbit_tokens *t, size_t i)
{
    return t->items[i].kind == ORBIT_TOKEN_WORD;
}

/* Marks the type behind the ":" at `i`, if one stands there; gives the token behind it. */
static size_t annotation(struct orbit_walk *w, size_t i)
{
    size_t end;

    if (!w->types) {
        return i;
    }
    if (orbit_token_is(w->t, i, "?") || orbit_token_is(w->t, i, "!")) {
        i++;
    }
    if (!orbit_token_is(w->t, i, ":")) {
        return i;
    }
    end = orbit_ts_type_end(w->t, i + 1);
    orbit_walk_skip(w, i, end);
    return end;
}

/* The binding target at `i`: a name, or a pattern. Its names hold in [from, until). */
static size_t target(struct orbit_walk *w, size_t i, size_t from, size_t until)
{
    const struct orbit_tokens *t = w->t;
    size_t close;

    if (orbit_token_is(t, i, "...")) {
        i++;
    }
    if (is_word(t, i)) {
        orbit_walk_bind(w, i, from, until);
        return annotation(w, i + 1);
    }
    if (!orbit_token_is(t, i, "{") && !orbit_token_is(t, i, "[")) {
        return i;
    }
    close = t->items[i].match;
    for (size_t k = i + 1; k < close; k = orbit_find(t, k, close, ",") + 1) {
        bool key = orbit_token_is(t, i, "{") && !orbit_token_is(t, k, "...");
        size_t colon = k + (orbit_token_is(t, k, "[") ? orbit_token_skip(t, k) - k : 1);
        if (key && orbit_token_is(t, colon, ":")) {
            if (is_word(t, k)) {
                w->roles[k] = ORBIT_ROLE_SKIP;
            }
            k = colon + 1;
        }
        if (k < close) {
            k = target(w, k, from, until);
        }
    }
    return annotation(w, close + 1);
}

/* The parameters in [from, to). */
static void params(struct orbit_walk *w, size_t from, size_t to, size_t until)
{
    const struct orbit_tokens *t = w->t;
    size_t begin = from;

    for (size_t i = from; i < to; i = orbit_find(t, i, to, ",") + 1) {
        while (w->types && is_word(t, i) && is_word(t, i + 1) &&
                orbit_word_in(orbit_token_text(t, i), "public private protected readonly")) {
            i++;
        }
        i = target(w, i, begin, until);
    }
}

/* Behind the body of the arrow that begins at `i`: a block, or an expression. */
static size_t body_end(const struct orbit_tokens *t, size_t i)
{
    if (orbit_token_is(t, i, "{")) {
        return orbit_token_skip(t, i);
    }
    while (i < t->count && !orbit_token_closes(t, i) &&
            t->items[i].kind != ORBIT_TOKEN_TEMPLATE_MIDDLE &&
            !orbit_word_in(orbit_token_text(t, i), ", ;")) {
        i = orbit_token_skip(t, i);
    }
    return i;
}

/* A function's parameters at or behind `i`, with its body; gives the token behind the function. */
static size_t function(struct orbit_walk *w, size_t i, size_t name)
{
    const struct orbit_tokens *t = w->t;
    size_t type;
    size_t end;

    if (w->types && orbit_token_is(t, i, "<")) {
        end = orbit_ts_angle_end(t, i);
        orbit_walk_skip(w, i, end);
        i = end;
    }
    if (!orbit_token_is(t, i, "(")) {
        return i;
    }
    type = annotation(w, t->items[i].match + 1);
    end = orbit_token_is(t, type, "{") ? orbit_token_skip(t, type) : type;
    params(w, i + 1, t->items[i].match, end);
    if (end > type) {
        w->roles[type] = ORBIT_ROLE_BLOCK;
    }
    if (name < t->count) {
        orbit_walk_bind(w, name, i, end);
    }
    return end;
}

/* The end of the member of an object or class at `i`: its "," or, in a class, ";" or line. */
static size_t member_end(const struct orbit_tokens *t, size_t i, size_t close, bool class)
{
    for (size_t k = i; k < close; k = orbit_token_skip(t, k)) {
        if (orbit_token_is(t, k, class ? ";" : ",")) {
            return k + 1;
        }
        if (class && k > i && t->items[k].line &&
                (is_word(t, k) || t->items[k].kind == ORBIT_TOKEN_PRIVATE ||
                        orbit_token_is(t, k, "[") || orbit_token_is(t, k, "*") ||
                        orbit_token_is(t, k, "@"))) {
            return k;
        }
    }
    return close;
}

/* The members between the braces of an object literal or a class. */
static void members(struct orbit_walk *w, size_t open, bool class)
{
    const struct orbit_tokens *t = w->t;
    size_t close = t->items[open].match;

    for (size_t i = open + 1; i < close;) {
        size_t behind;
        while (i < close &&
                (orbit_token_is(t, i, "*") || orbit_token_is(t, i, ";") ||
                        (is_word(t, i) &&
                                orbit_word_in(orbit_token_text(t, i),
                                        "get set async static readonly public private "
                                        "protected declare override abstract") &&
                                !orbit_word_in(orbit_token_text(t, i + 1), ", : ( = ; } ? ! <")))) {
            w->roles[i++] = ORBIT_ROLE_SKIP;
        }
        if (i == close) {
            return;
        }
        if (orbit_token_is(t, i, "...") || orbit_token_is(t, i, "@") ||
                (class && orbit_token_is(t, i, "{"))) {
            behind = i + 1;
        } else {
            behind = orbit_token_skip(t, i);
            bool method =
                    orbit_token_is(t, behind, "(") || (w->types && orbit_token_is(t, behind, "<"));
            if (is_word(t, i) && (class || method || orbit_token_is(t, behind, ":"))) {
                w->roles[i] = ORBIT_ROLE_SKIP;
            } else if (is_word(t, i) && w->roles[i] == ORBIT_ROLE_FREE) {
                w->roles[i] = ORBIT_ROLE_SHORTHAND;
            }
            if (method) {
                size_t end = function(w, behind, t->count);
                behind = end > behind ? end : behind + 1;
                if (class) {
                    i = behind;
                    continue;
                }
            } else if (class) {
                behind = annotation(w, behind);
            }
        }
        i = class && orbit_token_is(t, i, "{") ? orbit_token_skip(t, i)
                                               : member_end(t, behind, close, class);
    }
}

/* let, const, var at `i`: names that hold in [from, until). */
static void declaration(struct orbit_walk *w, size_t i, size_t from, size_t until)
{
    const struct orbit_tokens *t = w->t;
    size_t close = orbit_group_end(t, i);
    size_t end = orbit_find(t, i, close, ";");

    w->roles[i] = ORBIT_ROLE_SKIP;
    for (size_t k = i + 1; k < end; k = orbit_find(t, k, end, ",") + 1) {
        size_t before = k;
        k = target(w, k, from, until);
        if (k == before) {
            return;
        }
    }
}

static bool declares(const struct orbit_walk *w, size_t i)
{
    const struct orbit_tokens *t = w->t;

    return is_word(t, i) && w->roles[i] != ORBIT_ROLE_SKIP &&
           orbit_word_in(orbit_token_text(t, i), "let const var") &&
           (is_word(t, i + 1) || orbit_token_opens(t, i + 1));
}

/* All that the statements in [from, to) declare holds in all of them. */
static void block(struct orbit_walk *w, size_t from, size_t to)
{
    const struct orbit_tokens *t = w->t;

    for (size_t i = from; i < to; i = orbit_token_skip(t, i)) {
        if (declares(w, i)) {
            declaration(w, i, from, to);
        } else if (is_word(t, i) && is_word(t, i + 1) && w->roles[i] != ORBIT_ROLE_SKIP &&
                   orbit_word_in(orbit_token_text(t, i), "function class") &&
                   !(i > from && t->items[i - 1].kind == ORBIT_TOKEN_PUNCT &&
                           !orbit_word_in(orbit_token_text(t, i - 1), ";"))) {
            orbit_walk_bind(w, i + 1, from, to);
        }
    }
}

/* A statement "for (...) body" or "catch (...) body" whose "(" is at `open`. */
static size_t clause_end(const struct orbit_tokens *t, size_t open)
{
    size_t body = t->items[open].match + 1;

    if (orbit_token_is(t, body, "{")) {
        return orbit_token_skip(t, body);
    }
    return orbit_find(t, body, orbit_group_end(t, body), ";");
}

static void arrow(struct orbit_walk *w, size_t i, size_t body)
{
    const struct orbit_tokens *t = w->t;
    size_t end = body_end(t, body);

    if (orbit_token_is(t, i, "(")) {
        (void)annotation(w, t->items[i].match + 1);
        params(w, i + 1, t->items[i].match, end);
    } else {
        orbit_walk_bind(w, i, i, end);
    }
    if (i > 0 && orbit_token_is(t, i - 1, "async")) {
        w->roles[i - 1] = ORBIT_ROLE_SKIP;
    }
    if (orbit_token_is(t, body, "{")) {
        w->roles[body] = ORBIT_ROLE_BLOCK;
    }
}

static void word(struct orbit_walk *w, size_t i)
{
    const struct orbit_tokens *t = w->t;
    struct str text = orbit_token_text(t, i);

    if (orbit_token_is(t, i + 1, "=>")) {
        arrow(w, i, i + 2);
    } else if (orbit_word_in(text, "async") &&
               (orbit_token_is(t, i + 1, "function") || orbit_js_async_arrow(t, i, w->types) > 0)) {
        w->roles[i] = ORBIT_ROLE_SKIP;
    } else if (orbit_word_in(text, "function")) {
        size_t at = i + 1 + orbit_token_is(t, i + 1, "*");
        bool named = is_word(t, at);
        (void)function(w, at + named, named ? at : t->count);
    } else if (orbit_word_in(text, "class")) {
        size_t open = orbit_find(t, i + 1, orbit_group_end(t, i), "{");
        if (orbit_token_is(t, open, "{")) {
            w->roles[open] = ORBIT_ROLE_BLOCK;
            members(w, open, true);
            if (is_word(t, i + 1) && !orbit_token_is(t, i + 1, "extends")) {
                orbit_walk_bind(w, i + 1, i, t->items[open].match);
            }
        }
    } else if (declares(w, i)) {
        size_t until = orbit_group_end(t, i);
        if (orbit_token_is(t, until, ")")) {
            until = clause_end(t, t->items[until].match);
        }
        declaration(w, i, i, until);
    } else if (orbit_word_in(text, "catch") && orbit_token_is(t, i + 1, "(")) {
        (void)target(w, i + 2, i, clause_end(t, i + 1));
    } else if (orbit_word_in(text, "break continue") && is_word(t, i + 1) &&
               !t->items[i + 1].line) {
        w->roles[i + 1] = ORBIT_ROLE_SKIP;
    } else if (i > 0 && orbit_word_in(text, "of") &&
               (is_word(t, i - 1) || t->items[i - 1].kind == ORBIT_TOKEN_CLOSE)) {
        w->roles[i] = ORBIT_ROLE_SKIP;
    } else if (w->types && i > 0 && orbit_word_in(text, "as satisfies") &&
               w->roles[i] == ORBIT_ROLE_FREE && orbit_ts_ends_value(t, i - 1) &&
               orbit_ts_type_end(t, i + 1) > i + 1) {
        orbit_walk_skip(w, i, orbit_ts_type_end(t, i + 1));
    } else if (orbit_token_is(t, i + 1, ":") &&
               (i == 0 || orbit_word_in(orbit_token_text(t, i - 1), "; }") ||
                       (orbit_token_is(t, i - 1, "{") && t->items[i - 1].block))) {
        w->roles[i] = ORBIT_ROLE_SKIP;
    }
}

/* "<" of TypeScript: type arguments before a call, parameters of an arrow, or an assertion. */
static void angle(struct orbit_walk *w, size_t i)
{
    const struct orbit_tokens *t = w->t;
    bool after_name = i > 0 && (is_word(t, i - 1) || t->items[i - 1].kind == ORBIT_TOKEN_CLOSE);

    orbit_walk_skip(w, i, after_name ? orbit_ts_arguments_end(t, i) : orbit_ts_angle_end(t, i));
}

void orbit_walk_js(struct orbit_walk *w)
{
    const struct orbit_tokens *t = w->t;

    block(w, 0, t->count);
    for (size_t i = 0; i < t->count; i++) {
        if (orbit_token_is(t, i, ".") || orbit_token_is(t, i, "?.")) {
            if (is_word(t, i + 1)) {
                w->roles[i + 1] = ORBIT_ROLE_SKIP;
                i++;
            }
        } else if (is_word(t, i) && w->roles[i] != ORBIT_ROLE_SKIP) {
            word(w, i);
        } else if (orbit_token_is(t, i, "(")) {
            size_t body = orbit_js_arrow(t, i, w->types);
            if (body > 0) {
                arrow(w, i, body);
            }
        } else if (orbit_token_is(t, i, "{")) {
            if (w->roles[i] == ORBIT_ROLE_BLOCK || t->items[i].block) {
                block(w, i + 1, t->items[i].match);
            } else if (w->roles[i] == ORBIT_ROLE_FREE) {
                members(w, i, false);
            }
        } else if (w->types && orbit_token_is(t, i, "<") && w->roles[i] == ORBIT_ROLE_FREE) {
            angle(w, i);
        }
    }
}
