/* SPDX-License-Identifier: MIT */
/*
 * The types of TypeScript, as far as they must be passed over in expressions:
 * unions, arrays, generics, functions, objects, literals, predicates. All give
 * a place in front of the closing bracket around them at the latest.
 */
#include "orbit/expr_walk.h"

enum { CONDITIONS_MAX = 16 }; /* types within types, by "?" */

size_t orbit_ts_angle_end(const struct orbit_tokens *t, size_t i)
{
    int depth = 0;

    for (size_t k = i; k < t->count && !orbit_token_closes(t, k) && !orbit_token_is(t, k, ";");
            k = orbit_token_skip(t, k)) {
        if (t->items[k].kind != ORBIT_TOKEN_PUNCT) {
            continue;
        }
        struct str op = orbit_token_text(t, k);
        if (!orbit_word_in(op, "< << > >> >>> , . | & => ? : - = ...")) {
            return i;
        }
        depth += str_eq(op, STR("<")) ? 1 : str_eq(op, STR("<<")) ? 2 : 0;
        depth -= str_eq(op, STR(">"))     ? 1
                 : str_eq(op, STR(">>"))  ? 2
                 : str_eq(op, STR(">>>")) ? 3
                                          : 0;
        if (depth <= 0) {
            return k + 1;
        }
    }
    return i;
}

size_t orbit_ts_arguments_end(const struct orbit_tokens *t, size_t i)
{
    size_t end = orbit_ts_angle_end(t, i);
    bool is_value = i > 0 && (t->items[i - 1].kind == ORBIT_TOKEN_WORD ||
                                     t->items[i - 1].kind == ORBIT_TOKEN_CLOSE);

    for (size_t k = i; k < end; k = orbit_token_skip(t, k)) {
        is_value = is_value && !orbit_token_is(t, k, "=");
    }
    if (end == i || !is_value) {
        return i;
    }
    switch (t->items[end].kind) {
    case ORBIT_TOKEN_TEMPLATE:
    case ORBIT_TOKEN_TEMPLATE_HEAD: return end;
    case ORBIT_TOKEN_OPEN: return orbit_token_is(t, end, "(") || t->items[end].line ? end : i;
    case ORBIT_TOKEN_PUNCT:
        return orbit_word_in(orbit_token_text(t, end), "< > + - ! ~ ++ --") ? i : end;
    case ORBIT_TOKEN_WORD:
        return t->items[end].line ||
                               orbit_word_in(orbit_token_text(t, end), "in instanceof as satisfies")
                       ? end
                       : i;
    case ORBIT_TOKEN_NUMBER:
    case ORBIT_TOKEN_STRING:
    case ORBIT_TOKEN_PRIVATE:
    case ORBIT_TOKEN_REGEX: return t->items[end].line ? end : i;
    case ORBIT_TOKEN_END:
    case ORBIT_TOKEN_CHAR:
    case ORBIT_TOKEN_LIFETIME:
    case ORBIT_TOKEN_TEMPLATE_MIDDLE:
    case ORBIT_TOKEN_TEMPLATE_TAIL:
    case ORBIT_TOKEN_CLOSE:
    case ORBIT_TOKEN_DIRECTIVE: break;
    }
    return end;
}

/* Behind one member of a union at `i`, or `i`. *ret_more: another type must follow. */
static size_t member_end(const struct orbit_tokens *t, size_t i, bool *ret_more)
{
    size_t start = i;

    while (t->items[i].kind == ORBIT_TOKEN_WORD &&
            orbit_word_in(orbit_token_text(t, i),
                    "typeof keyof readonly unique infer asserts abstract new") &&
            (t->items[i + 1].kind == ORBIT_TOKEN_WORD || orbit_token_opens(t, i + 1))) {
        i++;
    }
    if (orbit_token_is(t, i, "-") && t->items[i + 1].kind == ORBIT_TOKEN_NUMBER) {
        i++;
    }
    if (orbit_token_is(t, i, "<")) {
        i = orbit_ts_angle_end(t, i);
    }
    if (t->items[i].kind == ORBIT_TOKEN_STRING || t->items[i].kind == ORBIT_TOKEN_NUMBER ||
            t->items[i].kind == ORBIT_TOKEN_TEMPLATE) {
        i++;
    } else if (orbit_token_is(t, i, "(")) {
        i = orbit_token_skip(t, i);
        if (orbit_token_is(t, i, "=>")) {
            *ret_more = true;
            return i + 1;
        }
    } else if (orbit_token_opens(t, i)) {
        i = orbit_token_skip(t, i);
    } else if (t->items[i].kind == ORBIT_TOKEN_WORD) {
        i++;
        while (orbit_token_is(t, i, ".") && t->items[i + 1].kind == ORBIT_TOKEN_WORD) {
            i += 2;
        }
        if (orbit_token_is(t, i, "<")) {
            i = orbit_ts_angle_end(t, i);
        }
        if (orbit_token_is(t, i, "is") && !t->items[i].line) {
            *ret_more = true;
            return i + 1;
        }
    } else {
        return start;
    }
    while (orbit_token_is(t, i, "[") && !t->items[i].line) {
        i = orbit_token_skip(t, i);
    }
    return i;
}

static size_t union_end(const struct orbit_tokens *t, size_t i)
{
    for (;;) {
        bool more = false;
        size_t end;
        if (orbit_token_is(t, i, "|") || orbit_token_is(t, i, "&")) {
            i++;
        }
        end = member_end(t, i, &more);
        if (end == i || !(more || orbit_token_is(t, end, "|") || orbit_token_is(t, end, "&"))) {
            return end;
        }
        i = end;
    }
}

/* A type, conditional ones ("A extends B ? C : D") in it down to `depth`. */
static size_t type_end(const struct orbit_tokens *t, size_t i, int depth)
{
    for (;;) {
        size_t end = union_end(t, i);

        if (end == i || depth == 0 || !orbit_token_is(t, end, "extends")) {
            return end;
        }
        size_t test = union_end(t, end + 1);

        if (test == end + 1 || !orbit_token_is(t, test, "?")) {
            return end;
        }
        size_t then = type_end(t, test + 1, depth - 1);

        if (then == test + 1 || !orbit_token_is(t, then, ":")) {
            return end;
        }
        i = then + 1;
    }
}

size_t orbit_ts_type_end(const struct orbit_tokens *t, size_t i)
{
    return type_end(t, i, CONDITIONS_MAX);
}

bool orbit_ts_ends_value(const struct orbit_tokens *t, size_t i)
{
    while (i > 0 && orbit_token_is(t, i, "!") && !t->items[i].line) {
        i--;
    }
    return t->items[i].kind != ORBIT_TOKEN_PUNCT && !orbit_token_opens(t, i);
}

/* Whether a ":" follows the body of an arrow at `i`, which another condition's may not be. */
static bool is_before_colon(const struct orbit_tokens *t, size_t i)
{
    size_t questions = 0;

    if (orbit_token_is(t, i, "{")) {
        return orbit_token_is(t, orbit_token_skip(t, i), ":");
    }
    for (; i < t->count && !orbit_token_closes(t, i) &&
            t->items[i].kind != ORBIT_TOKEN_TEMPLATE_MIDDLE &&
            !orbit_word_in(orbit_token_text(t, i), ", ;");
            i = orbit_token_skip(t, i)) {
        if (orbit_token_is(t, i, "?")) {
            questions++;
        } else if (orbit_token_is(t, i, ":") && questions-- == 0) {
            return true;
        }
    }
    return false;
}

size_t orbit_js_arrow(const struct orbit_tokens *t, size_t i, bool types)
{
    size_t at = t->items[i].match + 1;
    bool has_type = types && orbit_token_is(t, at, ":");
    size_t first = i > 0 && orbit_token_is(t, i - 1, "async") ? i - 1 : i;

    if (has_type) {
        at = orbit_ts_type_end(t, at + 1);
    }
    if (!orbit_token_is(t, at, "=>")) {
        return 0;
    }
    if (has_type && first > 0 && orbit_token_is(t, first - 1, "?") && !is_before_colon(t, at + 1)) {
        return 0;
    }
    return at + 1;
}

size_t orbit_js_async_arrow(const struct orbit_tokens *t, size_t i, bool types)
{
    size_t open = i + 1;

    if (!orbit_token_is(t, i, "async") || t->items[open].line) {
        return 0;
    }
    if (types && orbit_token_is(t, open, "<")) {
        open = orbit_ts_angle_end(t, open);
    }
    return orbit_token_is(t, open, "(") && orbit_js_arrow(t, open, types) > 0 ? open : 0;
}

size_t orbit_js_decorator_end(const struct orbit_tokens *t, size_t i)
{
    i = orbit_token_skip(t, i + 1);
    while (orbit_token_is(t, i, ".") && t->items[i + 1].kind == ORBIT_TOKEN_WORD) {
        i += 2;
    }
    return orbit_token_is(t, i, "(") && !t->items[i].line ? orbit_token_skip(t, i) : i;
}

size_t orbit_js_decorators_end(const struct orbit_tokens *t, size_t i)
{
    while (orbit_token_is(t, i, "@")) {
        i = orbit_js_decorator_end(t, i);
    }
    return i;
}
