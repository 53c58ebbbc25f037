/* SPDX-License-Identifier: MIT */
/*
 * A tokenizer that knows just enough to find `import` and `export` in code: comments, strings,
 * templates, and whether a slash divides or begins a regular expression (by the token before it,
 * and for ')' by what stood before its '('). It stops at the first sign of a module.
 *
 * What is nested deeper than NESTING_MAX is not looked at: the answer is then "no module", which is
 * what such a file would be taken for without its text.
 */
#include "resolve/module_syntax.h"

#include <stddef.h>

enum { NESTING_MAX = 4096 };

enum before {
    BEFORE_OPERAND, /* an operand may follow: a slash begins a regular expression */
    BEFORE_DOT,
    BEFORE_VALUE,   /* a value has ended: a slash divides */
    BEFORE_CONTROL, /* if, for, while, with: their ')' is followed by a statement */
};

enum open {
    OPEN_PAREN,
    OPEN_CONTROL_PAREN,
    OPEN_BRACKET,
    OPEN_BRACE,
    OPEN_TEMPLATE, /* "${" */
};

struct scan {
    struct str text;
    size_t at;
    enum before before;
    size_t depth;
    unsigned char open[NESTING_MAX];
};

static char peek(const struct scan *s, size_t ahead)
{
    return ahead < s->text.len - s->at ? s->text.ptr[s->at + ahead] : '\0';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

/* Skips one comment; false if there is none. */
static bool skip_comment(struct scan *s)
{
    size_t len = s->text.len;

    if (peek(s, 0) != '/' || (peek(s, 1) != '/' && peek(s, 1) != '*')) {
        return false;
    }
    bool line = peek(s, 1) == '/';

    for (s->at += 2; s->at < len; s->at++) {
        if (line && s->text.ptr[s->at] == '\n') {
            return true;
        }
        if (!line && s->text.ptr[s->at] == '*' && peek(s, 1) == '/') {
            s->at += 2;
            return true;
        }
    }
    return true;
}

static void skip_blank(struct scan *s)
{
    while (s->at < s->text.len) {
        if (is_space(s->text.ptr[s->at])) {
            s->at++;
        } else if (!skip_comment(s)) {
            return;
        }
    }
}

static void skip_string(struct scan *s, char quote)
{
    for (s->at++; s->at < s->text.len; s->at++) {
        char c = s->text.ptr[s->at];

        if (c == '\\') {
            s->at++;
        } else if (c == quote || c == '\n') {
            s->at++;
            break;
        }
    }
    if (s->at > s->text.len) {
        s->at = s->text.len;
    }
}

static void skip_regex(struct scan *s)
{
    bool in_class = false;

    for (s->at++; s->at < s->text.len; s->at++) {
        char c = s->text.ptr[s->at];

        if (c == '\n') {
            return;
        }
        if (c == '\\') {
            s->at++;
        } else if (c == '[') {
            in_class = true;
        } else if (c == ']') {
            in_class = false;
        } else if (c == '/' && !in_class) {
            s->at++;
            break;
        }
    }
    if (s->at > s->text.len) {
        s->at = s->text.len;
    }
    while (s->at < s->text.len && str_is_name_byte(s->text.ptr[s->at])) {
        s->at++;
    }
}

static bool push(struct scan *s, enum open open)
{
    if (s->depth == NESTING_MAX) {
        s->at = s->text.len;
        return false;
    }
    s->open[s->depth++] = (unsigned char)open;
    return true;
}

/* Goes on in a template behind its '`' or behind the '}' of a "${". */
static void scan_template(struct scan *s)
{
    while (s->at < s->text.len) {
        char c = s->text.ptr[s->at++];

        if (c == '\\') {
            s->at += s->at < s->text.len ? 1 : 0;
        } else if (c == '`') {
            s->before = BEFORE_VALUE;
            return;
        } else if (c == '$' && peek(s, 0) == '{') {
            s->at++;
            push(s, OPEN_TEMPLATE);
            s->before = BEFORE_OPERAND;
            return;
        }
    }
}

/* What may follow `import` or `export` in a statement; `.meta` makes a module anywhere. */
static bool is_statement(struct scan *s, bool import)
{
    size_t depth = s->depth;

    skip_blank(s);
    char c = peek(s, 0);

    if (import && c == '.') {
        s->at++;
        skip_blank(s);
        return str_starts(str_skip(s->text, s->at), STR("meta")) && !str_is_name_byte(peek(s, 4));
    }
    if (depth > 0 || s->at >= s->text.len) {
        return false;
    }
    return c == '{' || c == '*' || str_is_name_byte(c) || (import && (c == '"' || c == '\''));
}

static bool one_of(struct str word, const struct str *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(word, words[i])) {
            return true;
        }
    }
    return false;
}

/* Reads a word; true if it shows that this is a module. */
static bool scan_word(struct scan *s)
{
    static const struct str operators[] = { STR_INIT("return"), STR_INIT("typeof"),
        STR_INIT("case"), STR_INIT("in"), STR_INIT("of"), STR_INIT("do"), STR_INIT("else"),
        STR_INIT("void"), STR_INIT("delete"), STR_INIT("instanceof"), STR_INIT("new"),
        STR_INIT("throw"), STR_INIT("yield"), STR_INIT("await") };
    static const struct str controls[] = { STR_INIT("if"), STR_INIT("for"), STR_INIT("while"),
        STR_INIT("with") };
    size_t from = s->at;
    bool member = s->before == BEFORE_DOT;

    while (s->at < s->text.len && str_is_name_byte(s->text.ptr[s->at])) {
        s->at++;
    }
    struct str word = str_sub(s->text, from, s->at);

    s->before = BEFORE_VALUE;
    if (member) {
        return false;
    }
    if (str_eq(word, STR("import")) || str_eq(word, STR("export"))) {
        return is_statement(s, word.ptr[0] == 'i');
    }
    if (one_of(word, operators, sizeof(operators) / sizeof(operators[0]))) {
        s->before = BEFORE_OPERAND;
    } else if (one_of(word, controls, sizeof(controls) / sizeof(controls[0]))) {
        s->before = BEFORE_CONTROL;
    }
    return false;
}

static void scan_close(struct scan *s)
{
    enum open open = s->depth > 0 ? (enum open)s->open[s->depth - 1] : OPEN_BRACE;
    char c = s->text.ptr[s->at++];

    if (s->depth > 0) {
        s->depth--;
    }
    s->before = c == '}' || open == OPEN_CONTROL_PAREN ? BEFORE_OPERAND : BEFORE_VALUE;
    if (c == '}' && open == OPEN_TEMPLATE) {
        scan_template(s);
    }
}

static void scan_sign(struct scan *s)
{
    char c = peek(s, 0);

    if (c == '"' || c == '\'') {
        skip_string(s, c);
        s->before = BEFORE_VALUE;
    } else if (c == '`') {
        s->at++;
        scan_template(s);
    } else if (c == '/' && s->before != BEFORE_VALUE) {
        skip_regex(s);
        s->before = BEFORE_VALUE;
    } else if (c == '(' || c == '[' || c == '{') {
        s->at++;
        push(s, c == '['                      ? OPEN_BRACKET
                : c == '{'                    ? OPEN_BRACE
                : s->before == BEFORE_CONTROL ? OPEN_CONTROL_PAREN
                                              : OPEN_PAREN);
        s->before = BEFORE_OPERAND;
    } else if (c == ')' || c == ']' || c == '}') {
        scan_close(s);
    } else if ((c == '+' || c == '-') && peek(s, 1) == c) {
        s->at += 2; /* x++ stays a value, ++x waits for one */
    } else {
        bool spread = c == '.' && peek(s, 1) == '.';

        s->at += spread ? 3 : 1;
        s->at = s->at > s->text.len ? s->text.len : s->at;
        s->before = c == '.' && !spread ? BEFORE_DOT : BEFORE_OPERAND;
    }
}

bool module_syntax_is_module(struct str text)
{
    struct scan s = { .text = text, .before = BEFORE_OPERAND };

    if (str_starts(text, STR("#!"))) {
        size_t end = str_find(text, '\n');

        s.at = end == STR_NONE ? text.len : end;
    }
    for (;;) {
        skip_blank(&s);
        if (s.at >= text.len) {
            return false;
        }
        if (str_is_name_byte(text.ptr[s.at])) {
            if (scan_word(&s)) {
                return true;
            }
        } else {
            scan_sign(&s);
        }
    }
}
