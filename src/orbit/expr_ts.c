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

size_t orbit_js_arrow(const struct orbit_tokens *t, size_t i, bool types)
{
    size_t at = t->items[i].match + 1;

    if (types && orbit_token_is(t, at, ":")) {
        at = orbit_ts_type_end(t, at + 1);
    }
    return orbit_token_is(t, at, "=>") ? at + 1 : 0;
}
