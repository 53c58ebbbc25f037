/* SPDX-License-Identifier: MIT */
/*
 * Whether a text is one JavaScript or TypeScript expression: operators stand
 * between operands. Bodies and literals in braces are left to the engine.
 */
#include "orbit/expr_walk.h"

static bool is_word(const struct orbit_tokens *t, size_t i)
{
    return t->items[i].kind == ORBIT_TOKEN_WORD;
}

/* The pieces of the template whose head is at `i`. */
static bool template(const struct orbit_check *c, size_t i)
{
    const struct orbit_tokens *t = c->t;
    size_t tail = t->items[i].match;
    size_t from = i + 1;

    for (size_t k = from; k <= tail; k = k < tail ? orbit_token_skip(t, k) : k + 1) {
        if (k == tail || t->items[k].kind == ORBIT_TOKEN_TEMPLATE_MIDDLE) {
            if (!orbit_check_js(c, from, k, ORBIT_SEQUENCE)) {
                return false;
            }
            from = k + 1;
        }
    }
    return true;
}

/* The function or class at `i`: behind its body. */
static bool body(const struct orbit_check *c, size_t i, size_t *ret)
{
    const struct orbit_tokens *t = c->t;
    size_t close = orbit_group_end(t, i);
    size_t open = i;

    while (open < close && !orbit_token_is(t, open, "{")) {
        open = orbit_token_skip(t, open);
    }
    *ret = orbit_token_skip(t, open);
    return open < close || orbit_refuse(c, close, STR("expected '{'"));
}

static bool word(const struct orbit_check *c, size_t i, size_t *ret, bool *ret_value)
{
    const struct orbit_tokens *t = c->t;
    struct str text = orbit_token_text(t, i);

    if (orbit_token_is(t, i + 1, "=>")) {
        *ret = i + 2;
        if (orbit_token_is(t, i + 2, "{")) {
            *ret = orbit_token_skip(t, i + 2);
        } else {
            *ret_value = false;
        }
        return true;
    }
    if (orbit_word_in(text, "async") && !t->items[i + 1].line &&
            (is_word(t, i + 1) ? !orbit_word_in(orbit_token_text(t, i + 1), "in instanceof as")
                               : orbit_js_async_arrow(t, i, c->types) > 0)) {
        *ret_value = false;
        return true;
    }
    if (orbit_word_in(text, "function class")) {
        return body(c, i + 1, ret);
    }
    if (orbit_word_in(text, "typeof void delete await new yield")) {
        if (orbit_word_in(text, "new") && orbit_token_is(t, i + 1, ".")) {
            return true;
        }
        *ret_value = false;
        return true;
    }
    if (orbit_word_in(text, "let const var if for while do switch return break continue throw try "
                            "debugger import export with") &&
            !(orbit_word_in(text, "import") && orbit_word_in(orbit_token_text(t, i + 1), "( ."))) {
        return orbit_refuse(c, i, ORBIT_STATEMENT);
    }
    if (orbit_is_keyword(ORBIT_JS, text) &&
            !orbit_word_in(text, "this super null true false import static")) {
        return orbit_refuse(c, i, ORBIT_NO_OPERAND);
    }
    return true;
}

static bool operand(
        const struct orbit_check *c, size_t i, enum orbit_list list, size_t *ret, bool *ret_value)
{
    const struct orbit_tokens *t = c->t;
    struct str text = orbit_token_text(t, i);

    *ret = i + 1;
    *ret_value = true;
    switch ((int)t->items[i].kind) {
    case ORBIT_TOKEN_NUMBER:
    case ORBIT_TOKEN_STRING:
    case ORBIT_TOKEN_PRIVATE:
    case ORBIT_TOKEN_REGEX:
    case ORBIT_TOKEN_TEMPLATE: return true;
    case ORBIT_TOKEN_TEMPLATE_HEAD: *ret = orbit_token_skip(t, i); return template(c, i);
    case ORBIT_TOKEN_WORD: return word(c, i, ret, ret_value);
    case ORBIT_TOKEN_OPEN:
        *ret = orbit_token_skip(t, i);
        if (orbit_token_is(t, i, "(")) {
            size_t arrow = orbit_js_arrow(t, i, c->types);
            if (arrow > 0) {
                *ret_value = orbit_token_is(t, arrow, "{");
                *ret = *ret_value ? orbit_token_skip(t, arrow) : arrow;
                return true;
            }
            return orbit_check_js(c, i + 1, t->items[i].match, ORBIT_SEQUENCE);
        }
        return orbit_token_is(t, i, "{") || orbit_check_js(c, i + 1, t->items[i].match, ORBIT_LIST);
    default: break;
    }
    *ret_value = false;
    if (orbit_word_in(text, "++ --")) {
        return c->statements || orbit_refuse(c, i, ORBIT_ASSIGNMENT);
    }
    if (c->types && orbit_token_is(t, i, "<")) {
        *ret = orbit_ts_angle_end(t, i);
        return *ret > i || orbit_refuse(c, i, ORBIT_NO_OPERAND);
    }
    return orbit_word_in(text, "+ - ! ~") || (orbit_word_in(text, "...") && list == ORBIT_LIST) ||
           orbit_refuse(c, i, ORBIT_NO_OPERAND);
}

static bool postfix(const struct orbit_check *c, size_t i, size_t *ret)
{
    const struct orbit_tokens *t = c->t;
    bool optional = orbit_token_is(t, i, "?.");

    *ret = i;
    if (optional || orbit_token_is(t, i, ".")) {
        i++;
        if (is_word(t, i) || t->items[i].kind == ORBIT_TOKEN_PRIVATE) {
            *ret = i + 1;
            return true;
        }
        if (!optional || !orbit_word_in(orbit_token_text(t, i), "( [")) {
            return orbit_refuse(c, i, ORBIT_NO_NAME);
        }
    }
    if (orbit_token_is(t, i, "(") || orbit_token_is(t, i, "[")) {
        *ret = orbit_token_skip(t, i);
        return orbit_check_js(c, i + 1, t->items[i].match,
                orbit_token_is(t, i, "(") ? ORBIT_LIST : ORBIT_SEQUENCE);
    }
    if (t->items[i].kind == ORBIT_TOKEN_TEMPLATE || t->items[i].kind == ORBIT_TOKEN_TEMPLATE_HEAD) {
        *ret = orbit_token_skip(t, i);
        return t->items[i].kind == ORBIT_TOKEN_TEMPLATE || template(c, i);
    }
    if ((orbit_token_is(t, i, "++") || orbit_token_is(t, i, "--")) && !t->items[i].line) {
        *ret = i + 1;
        return c->statements || orbit_refuse(c, i, ORBIT_ASSIGNMENT);
    }
    if (c->types && orbit_token_is(t, i, "!") && !t->items[i].line) {
        *ret = i + 1;
    } else if (c->types && is_word(t, i) && orbit_word_in(orbit_token_text(t, i), "as satisfies")) {
        *ret = orbit_ts_type_end(t, i + 1);
        return *ret > i + 1 || orbit_refuse(c, i + 1, STR("expected a type"));
    } else if (c->types && orbit_token_is(t, i, "<")) {
        *ret = orbit_ts_arguments_end(t, i);
    }
    return true;
}

bool orbit_check_js(const struct orbit_check *c, size_t from, size_t to, enum orbit_list list)
{
    static const char assigning[] = "= += -= *= /= %= ^= &= |= <<= >>= >>>= **= &&= ||= ?\?=";
    static const char binary[] = "+ - * / % ^ & | && || << >> >>> == != === !== < > <= >= ?? ** in "
                                 "instanceof";
    const struct orbit_tokens *t = c->t;
    bool value = false;
    bool optional = list == ORBIT_LIST;
    size_t questions = 0;

    for (size_t i = from; i < to;) {
        struct str text = orbit_token_text(t, i);
        bool separator = orbit_word_in(text, ", ;");
        size_t next = i;
        if (!value && !(optional && separator)) {
            if (!operand(c, i, list, &next, &value)) {
                return false;
            }
            optional = false;
            i = next;
            continue;
        }
        if (value && !postfix(c, i, &next)) {
            return false;
        }
        if (next > i) {
            i = next;
            continue;
        }
        value = false;
        optional = false;
        if (orbit_word_in(text, "?")) {
            questions++;
        } else if (orbit_word_in(text, ":") && questions > 0) {
            questions--;
        } else if (orbit_word_in(text, ",")) {
            if (list == ORBIT_ONE) {
                return orbit_refuse(c, i, ORBIT_SECOND);
            }
            optional = list == ORBIT_LIST;
        } else if (orbit_word_in(text, ";")) {
            if (!c->statements || list != ORBIT_ONE) {
                return orbit_refuse(c, i, ORBIT_STATEMENT);
            }
            optional = true;
        } else if (orbit_word_in(text, assigning)) {
            if (!c->statements) {
                return orbit_refuse(c, i, ORBIT_ASSIGNMENT);
            }
        } else if (!orbit_word_in(text, binary)) {
            if (c->statements && list == ORBIT_ONE && t->items[i].line) {
                continue;
            }
            return orbit_refuse(c, i, ORBIT_NO_OPERATOR);
        }
        i++;
    }
    if (questions > 0) {
        return orbit_refuse(c, to, STR("expected ':' and an expression"));
    }
    return value || optional || orbit_refuse(c, to, ORBIT_NO_EXPRESSION);
}
