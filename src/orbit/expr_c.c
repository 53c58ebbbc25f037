/* SPDX-License-Identifier: MIT */
/*
 * C expressions: what each token is to the names of an expression, and whether
 * operators stand between operands. A name in parentheses before a value is a
 * cast, since nothing here knows which names are types.
 */
#include "orbit/expr_walk.h"

static const char type_words[] =
        "const volatile restrict signed unsigned char short int long float double void _Bool bool "
        "_Complex _Atomic static register extern auto _Thread_local inline __restrict";

static bool is_type_word(const struct orbit_tokens *t, size_t i)
{
    return t->items[i].kind == ORBIT_TOKEN_WORD &&
           orbit_word_in(orbit_token_text(t, i), type_words);
}

static bool is_tag_word(const struct orbit_tokens *t, size_t i)
{
    return t->items[i].kind == ORBIT_TOKEN_WORD &&
           orbit_word_in(orbit_token_text(t, i), "struct union enum");
}

static bool is_name(const struct orbit_tokens *t, size_t i)
{
    return t->items[i].kind == ORBIT_TOKEN_WORD &&
           !orbit_is_keyword(ORBIT_C, orbit_token_text(t, i));
}

/* Behind the words of a type at `i`, without stars; `i` if there are none. */
static size_t specifiers_end(const struct orbit_tokens *t, size_t i)
{
    bool named = false;

    for (;;) {
        if (is_tag_word(t, i) && t->items[i + 1].kind == ORBIT_TOKEN_WORD) {
            named = true;
            i += 2;
        } else if (is_type_word(t, i)) {
            named = named || !orbit_word_in(orbit_token_text(t, i),
                                     "const volatile static register extern auto");
            i++;
        } else if (!named && is_name(t, i)) {
            named = true;
            i++;
        } else {
            return i;
        }
    }
}

static size_t stars_end(const struct orbit_tokens *t, size_t i)
{
    while (orbit_token_is(t, i, "*") || is_type_word(t, i)) {
        i++;
    }
    return i;
}

/*
 * Whether a declaration stands at `i`; *ret_name is its first name. "a * b" is one only if
 * something is declared with it.
 */
static bool declares(const struct orbit_tokens *t, size_t i, size_t *ret_name)
{
    size_t type = specifiers_end(t, i);
    size_t name = stars_end(t, type);
    size_t behind;

    if (type == i || !is_name(t, name)) {
        return false;
    }
    behind = name + 1;
    while (orbit_token_is(t, behind, "[")) {
        behind = orbit_token_skip(t, behind);
    }
    *ret_name = name;
    return orbit_word_in(orbit_token_text(t, behind), "= ;") ||
           (orbit_token_is(t, behind, ",") && orbit_find(t, behind, orbit_group_end(t, behind),
                                                      ";") < orbit_group_end(t, behind));
}

static void declaration(struct orbit_walk *w, size_t i, size_t name, size_t until)
{
    const struct orbit_tokens *t = w->t;
    size_t end = orbit_find(t, name, orbit_group_end(t, name), ";");

    orbit_walk_skip(w, i, name);
    while (name < end && is_name(t, name)) {
        orbit_walk_bind(w, name, name, until);
        name = orbit_find(t, name, end, ",");
        name = name < end ? stars_end(t, name + 1) : end;
    }
}

/* Behind the statement at `i`: a block, or up to its ";". */
static size_t statement_end(const struct orbit_tokens *t, size_t i)
{
    if (orbit_token_is(t, i, "{")) {
        return orbit_token_skip(t, i);
    }
    return orbit_find(t, i, orbit_group_end(t, i), ";");
}

static bool begins_statement(const struct orbit_tokens *t, size_t i)
{
    return i == 0 || t->items[i - 1].kind == ORBIT_TOKEN_DIRECTIVE ||
           orbit_word_in(orbit_token_text(t, i - 1), "{ } ;") ||
           (i > 1 && orbit_token_is(t, i - 1, "(") && orbit_token_is(t, i - 2, "for"));
}

void orbit_walk_c(struct orbit_walk *w)
{
    const struct orbit_tokens *t = w->t;

    for (size_t i = 0; i < t->count; i++) {
        size_t name;
        if (orbit_token_is(t, i, ".") || orbit_token_is(t, i, "->") || is_tag_word(t, i) ||
                orbit_token_is(t, i, "goto")) {
            if (t->items[i + 1].kind == ORBIT_TOKEN_WORD) {
                w->roles[i + 1] = ORBIT_ROLE_SKIP;
            }
        } else if (orbit_token_is(t, i, "(") && is_name(t, i + 1) &&
                   orbit_token_is(t, i + 2, "*") && stars_end(t, i + 2) == t->items[i].match) {
            w->roles[i + 1] = ORBIT_ROLE_SKIP;
        }
        if (begins_statement(t, i) && w->roles[i] == ORBIT_ROLE_FREE && declares(t, i, &name)) {
            size_t until = orbit_group_end(t, i);
            if (i > 1 && orbit_token_is(t, i - 1, "(") && until < t->count) {
                until = statement_end(t, until + 1);
            }
            declaration(w, i, name, until);
        }
    }
}

/* Whether the group at `open` can be a type in parentheses. */
static bool is_cast(const struct orbit_tokens *t, size_t open)
{
    size_t close = t->items[open].match;
    size_t end = specifiers_end(t, open + 1);
    bool certain = is_type_word(t, open + 1) || is_tag_word(t, open + 1);

    if (end == open + 1) {
        return false;
    }
    while (end < close && (orbit_token_is(t, end, "*") || is_type_word(t, end) ||
                                  (certain && orbit_token_opens(t, end)))) {
        certain = certain || orbit_token_is(t, end, "*");
        end = orbit_token_skip(t, end);
    }
    if (end != close || certain) {
        return end == close;
    }
    switch ((int)t->items[close + 1].kind) {
    case ORBIT_TOKEN_NUMBER:
    case ORBIT_TOKEN_STRING:
    case ORBIT_TOKEN_CHAR: return true;
    case ORBIT_TOKEN_WORD: return true;
    default: return orbit_word_in(orbit_token_text(t, close + 1), "! ~ {");
    }
}

static bool operand(const struct orbit_check *c, size_t i, size_t *ret, bool *ret_value)
{
    const struct orbit_tokens *t = c->t;
    struct str text = orbit_token_text(t, i);

    *ret = i + 1;
    *ret_value = true;
    switch ((int)t->items[i].kind) {
    case ORBIT_TOKEN_NUMBER:
    case ORBIT_TOKEN_CHAR:
    case ORBIT_TOKEN_STRING: return true;
    case ORBIT_TOKEN_OPEN:
        *ret = orbit_token_skip(t, i);
        if (orbit_token_is(t, i, "(") && orbit_token_is(t, i + 1, "{")) {
            return true;
        }
        if (orbit_token_is(t, i, "(") && is_cast(t, i)) {
            *ret_value = orbit_token_is(t, *ret, "{");
            *ret = *ret_value ? orbit_token_skip(t, *ret) : *ret;
            return true;
        }
        if (orbit_token_is(t, i, "(")) {
            return orbit_check_c(c, i + 1, t->items[i].match, ORBIT_SEQUENCE);
        }
        break;
    case ORBIT_TOKEN_WORD:
        if (orbit_word_in(text, "sizeof _Alignof _Generic typeof __typeof__") &&
                orbit_token_is(t, i + 1, "(")) {
            *ret = orbit_token_skip(t, i + 1);
            return true;
        }
        if (orbit_word_in(text, "sizeof __extension__")) {
            *ret_value = false;
            return true;
        }
        if (is_type_word(t, i) || is_tag_word(t, i)) {
            size_t end = stars_end(t, specifiers_end(t, i));
            *ret = end > i ? end : i + 1;
            return orbit_token_is(t, orbit_group_end(t, i), ")") ||
                   orbit_refuse(c, i, ORBIT_NO_OPERAND);
        }
        if (!orbit_is_keyword(ORBIT_C, text) || orbit_word_in(text, "true false NULL")) {
            return true;
        }
        return orbit_refuse(c, i, ORBIT_STATEMENT);
    default: break;
    }
    *ret_value = false;
    if (orbit_word_in(text, "++ --")) {
        return c->statements || orbit_refuse(c, i, ORBIT_ASSIGNMENT);
    }
    return (t->items[i].kind == ORBIT_TOKEN_PUNCT && orbit_word_in(text, "& * + - ! ~")) ||
           orbit_refuse(c, i, ORBIT_NO_OPERAND);
}

static bool postfix(const struct orbit_check *c, size_t i, size_t *ret)
{
    const struct orbit_tokens *t = c->t;
    struct str text = orbit_token_text(t, i);

    *ret = i;
    if (orbit_word_in(text, ". ->")) {
        *ret = i + 2;
        return t->items[i + 1].kind == ORBIT_TOKEN_WORD || orbit_refuse(c, i + 1, ORBIT_NO_NAME);
    }
    if (orbit_word_in(text, "++ --")) {
        *ret = i + 1;
        return c->statements || orbit_refuse(c, i, ORBIT_ASSIGNMENT);
    }
    if (orbit_token_is(t, i, "(") || orbit_token_is(t, i, "[")) {
        bool call = orbit_token_is(t, i, "(");
        *ret = orbit_token_skip(t, i);
        if (call && t->items[i].match == i + 1) {
            return true;
        }
        return orbit_check_c(c, i + 1, t->items[i].match, ORBIT_SEQUENCE);
    }
    /* Strings beside strings are one, and macros may stand for some of them ("%" PRIu64). */
    if (i > 0 &&
            (t->items[i].kind == ORBIT_TOKEN_STRING ||
                    (is_name(t, i) && t->items[i - 1].kind == ORBIT_TOKEN_STRING)) &&
            (t->items[i - 1].kind == ORBIT_TOKEN_STRING || is_name(t, i - 1))) {
        *ret = i + 1;
    }
    return true;
}

bool orbit_check_c(const struct orbit_check *c, size_t from, size_t to, enum orbit_list list)
{
    static const char assigning[] = "= += -= *= /= %= ^= &= |= <<= >>=";
    static const char binary[] = "+ - * / % ^ & | && || << >> == != < > <= >=";
    const struct orbit_tokens *t = c->t;
    bool value = false;
    bool optional = false;
    size_t questions = 0;

    for (size_t i = from; i < to;) {
        struct str text = orbit_token_text(t, i);
        bool punct = t->items[i].kind == ORBIT_TOKEN_PUNCT;
        size_t next = i;
        if (!value && !(optional && orbit_word_in(text, ": ;"))) {
            if (!operand(c, i, &next, &value)) {
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
        optional = false;
        if (orbit_word_in(text, "?")) {
            questions++;
            optional = orbit_token_is(t, i + 1, ":");
        } else if (orbit_word_in(text, ":") && questions > 0) {
            questions--;
        } else if (orbit_word_in(text, ",")) {
            if (list == ORBIT_ONE) {
                return orbit_refuse(c, i, ORBIT_SECOND);
            }
        } else if (orbit_word_in(text, ";")) {
            if (!c->statements || list != ORBIT_ONE) {
                return orbit_refuse(c, i, ORBIT_STATEMENT);
            }
            optional = true;
        } else if (punct && orbit_word_in(text, assigning)) {
            if (!c->statements) {
                return orbit_refuse(c, i, ORBIT_ASSIGNMENT);
            }
        } else if (!punct || !orbit_word_in(text, binary)) {
            return orbit_refuse(c, i, ORBIT_NO_OPERATOR);
        }
        value = false;
        i++;
    }
    if (questions > 0) {
        return orbit_refuse(c, to, STR("expected ':' and an expression"));
    }
    return value || optional || orbit_refuse(c, to, ORBIT_NO_EXPRESSION);
}
