/* SPDX-License-Identifier: MIT */
/*
 * The lexer of JavaScript and TypeScript on the pieces of scan/js_lex.h. The
 * question it answers beyond them is what a '/' and a '{' are, from the token
 * before: enough for expressions, handlers and the bodies of classes. Where a
 * statement may begin with a regular expression behind a '}', it is one.
 */
#include "orbit/lex.h"
#include "scan/js_lex.h"

/* Whether a value ends with token `i`, so that an operator follows. */
static bool ends_value(const struct orbit_tokens *t, size_t i)
{
    const struct orbit_token *token = &t->items[i];

    switch (token->kind) {
    case ORBIT_TOKEN_NUMBER:
    case ORBIT_TOKEN_STRING:
    case ORBIT_TOKEN_PRIVATE:
    case ORBIT_TOKEN_REGEX:
    case ORBIT_TOKEN_TEMPLATE:
    case ORBIT_TOKEN_TEMPLATE_TAIL: return true;
    case ORBIT_TOKEN_WORD:
        if (i > 0 && (orbit_token_is(t, i - 1, ".") || orbit_token_is(t, i - 1, "?."))) {
            return true;
        }
        return !orbit_word_in(orbit_token_text(t, i),
                "return typeof instanceof in of new delete void throw case do else await yield "
                "extends default");
    case ORBIT_TOKEN_CLOSE:
        if (orbit_token_is(t, i, "}")) {
            return !t->items[token->match].block;
        }
        if (orbit_token_is(t, i, ")") && token->match > 0) {
            return !orbit_word_in(orbit_token_text(t, token->match - 1), "if while for with") ||
                   (token->match > 1 && orbit_token_is(t, token->match - 2, "."));
        }
        return true;
    case ORBIT_TOKEN_PUNCT:
        return (orbit_token_is(t, i, "++") || orbit_token_is(t, i, "--")) && i > 0 &&
               !t->items[i].line && t->items[i - 1].kind != ORBIT_TOKEN_PUNCT &&
               ends_value(t, i - 1);
    case ORBIT_TOKEN_END:
    case ORBIT_TOKEN_CHAR:
    case ORBIT_TOKEN_LIFETIME:
    case ORBIT_TOKEN_TEMPLATE_HEAD:
    case ORBIT_TOKEN_TEMPLATE_MIDDLE:
    case ORBIT_TOKEN_OPEN:
    case ORBIT_TOKEN_DIRECTIVE: break;
    }
    return false;
}

/* Whether the '{' that follows the tokens so far holds statements or members, not properties. */
static bool begins_block(const struct orbit_tokens *t, const struct orbit_token *open)
{
    size_t last = t->count - 1;

    if (t->count == 0) {
        return false;
    }
    switch (t->items[last].kind) {
    case ORBIT_TOKEN_WORD:
        return orbit_word_in(orbit_token_text(t, last), "do else try finally static") ||
               ends_value(t, last);
    case ORBIT_TOKEN_CLOSE: return true;
    case ORBIT_TOKEN_OPEN: return open->block;
    case ORBIT_TOKEN_PUNCT:
        return orbit_token_is(t, last, "=>") || orbit_token_is(t, last, ";") ||
               orbit_token_is(t, last, ">") ||
               (orbit_token_is(t, last, ":") && open && open->block);
    case ORBIT_TOKEN_PRIVATE: return true;
    case ORBIT_TOKEN_END:
    case ORBIT_TOKEN_NUMBER:
    case ORBIT_TOKEN_STRING:
    case ORBIT_TOKEN_CHAR:
    case ORBIT_TOKEN_LIFETIME:
    case ORBIT_TOKEN_REGEX:
    case ORBIT_TOKEN_TEMPLATE:
    case ORBIT_TOKEN_TEMPLATE_HEAD:
    case ORBIT_TOKEN_TEMPLATE_MIDDLE:
    case ORBIT_TOKEN_TEMPLATE_TAIL:
    case ORBIT_TOKEN_DIRECTIVE: break;
    }
    return false;
}

static const char *fail(struct orbit_tokens *t, struct str error)
{
    t->error = error;
    return NULL;
}

static const char *template_end(struct orbit_tokens *t, const char *p, const char *end,
        enum orbit_token_kind with_hole, enum orbit_token_kind without, struct orbit_token *ret)
{
    const char *behind = js_template_end(p + 1, end);

    if (!behind) {
        return fail(t, STR("this template has no end"));
    }
    ret->kind = behind[-1] == '{' ? with_hole : without;
    return behind;
}

static const char *punct_end(const char *p, const char *end)
{
    static const char operators[] =
            ">>>= ... === !== **= <<= >>= >>> &&= ||= ?"
            "?= => == != <= >= && || ?? ?. ++ -- += -= "
            "*= /= %= &= |= ^= << >> ** = < > ! ~ + - * / % & | ^ . , ; : ? @";
    const char *behind = orbit_operator_end(p, end, operators);

    if (behind && behind - p == 2 && p[0] == '?' && p[1] == '.' && behind < end &&
            js_class_of(*behind) == JS_DIGIT) {
        return p + 1;
    }
    return behind;
}

/* What begins with a byte of no word, number or string. */
static const char *other(struct orbit_tokens *t, const char *p, const char *end,
        struct orbit_token *ret, const struct orbit_token *open)
{
    const char *behind;
    bool escaped = false;

    switch (*p) {
    case '(':
    case '[': ret->kind = ORBIT_TOKEN_OPEN; return p + 1;
    case '{':
        ret->kind = ORBIT_TOKEN_OPEN;
        ret->block = begins_block(t, open);
        return p + 1;
    case '}':
        if (open && open->kind == ORBIT_TOKEN_TEMPLATE_HEAD) {
            return template_end(
                    t, p, end, ORBIT_TOKEN_TEMPLATE_MIDDLE, ORBIT_TOKEN_TEMPLATE_TAIL, ret);
        }
        ret->kind = ORBIT_TOKEN_CLOSE;
        return p + 1;
    case ')':
    case ']': ret->kind = ORBIT_TOKEN_CLOSE; return p + 1;
    case '#':
        behind = js_word_end(p + 1, end, &escaped);
        if (behind == p + 1 || behind > end) {
            return fail(t, STR("expected a name behind '#'"));
        }
        ret->kind = ORBIT_TOKEN_PRIVATE;
        return behind;
    case '/':
        if (t->count == 0 || !ends_value(t, t->count - 1)) {
            behind = js_regex_end(p, end);
            ret->kind = ORBIT_TOKEN_REGEX;
            return behind ? behind : fail(t, STR("this regular expression has no end"));
        }
        break;
    default: break;
    }
    ret->kind = ORBIT_TOKEN_PUNCT;
    behind = punct_end(p, end);
    return behind ? behind : fail(t, STR("JavaScript has no such character"));
}

const char *orbit_lex_js(struct orbit_tokens *t, const char *p, const char *end,
        struct orbit_token *ret, const struct orbit_token *open)
{
    const char *behind;
    bool escaped = false;

    switch ((int)js_class_of(*p)) {
    case JS_WORD:
    case JS_ESCAPE:
    case JS_HIGH:
        ret->kind = ORBIT_TOKEN_WORD;
        behind = js_word_end(p, end, &escaped);
        if (behind <= p || behind > end) {
            return fail(t, STR("JavaScript has no such character"));
        }
        return behind;
    case JS_DIGIT: ret->kind = ORBIT_TOKEN_NUMBER; return js_number_end(p, end);
    case JS_DOT:
        if (end - p >= 2 && js_class_of(p[1]) == JS_DIGIT) {
            ret->kind = ORBIT_TOKEN_NUMBER;
            return js_number_end(p, end);
        }
        break;
    case JS_QUOTE:
        ret->kind = ORBIT_TOKEN_STRING;
        behind = js_string_end(p, end);
        return behind ? behind : fail(t, STR("this string has no end"));
    case JS_TEMPLATE:
        return template_end(t, p, end, ORBIT_TOKEN_TEMPLATE_HEAD, ORBIT_TOKEN_TEMPLATE, ret);
    default: break;
    }
    return other(t, p, end, ret, open);
}
