/* SPDX-License-Identifier: MIT */
/*
 * Finds the ends of statements and expressions well enough for branches. When it is not clear how
 * far a branch goes, it ends early: what is looked at in vain costs a module too many.
 */
#include "scan/cjs_dead.h"

#include "scan/cjs_tokens.h"
#include "scan/js_lex.h"

enum { UNKNOWN = -1 };

/* process.env.NODE_ENV at `i`; gives the token behind it, or 0. */
static size_t node_env(const struct js_tokens *t, size_t i)
{
    if (!token_is(t, i, "process") || token_is_member(t, i) || token_byte(t, i + 1) != '.' ||
            !token_is(t, i + 2, "env")) {
        return 0;
    }
    if (token_byte(t, i + 3) == '.' && token_is(t, i + 4, "NODE_ENV")) {
        return i + 5;
    }
    if (token_byte(t, i + 3) == '[' && token_is_string(t, i + 4) &&
            str_eq(token_string(t, i + 4), STR("NODE_ENV")) && token_byte(t, i + 5) == ']') {
        return i + 6;
    }
    return 0;
}

/* == or != or === or !== at `i`; gives the token behind it, or 0. */
static size_t equality(const struct js_tokens *t, size_t i, bool *ret_equal)
{
    *ret_equal = token_byte(t, i) == '=';
    if ((!*ret_equal && token_byte(t, i) != '!') || token_byte(t, i + 1) != '=') {
        return 0;
    }
    return token_byte(t, i + 2) == '=' ? i + 3 : i + 2;
}

/* The value of the comparison at `i`, or UNKNOWN; *ret_behind is the token behind it. */
static int compare(const struct js_tokens *t, size_t i, size_t *ret_behind)
{
    bool equal;
    size_t text = i;
    size_t sign = node_env(t, i);

    if (sign == 0 && !token_is_string(t, i)) {
        return UNKNOWN;
    }
    sign = sign > 0 ? sign : i + 1;
    size_t right = equality(t, sign, &equal);

    if (right == 0) {
        return UNKNOWN;
    }
    if (token_is_string(t, i)) {
        *ret_behind = node_env(t, right);
    } else {
        text = right;
        *ret_behind = right + 1;
    }
    if (*ret_behind == 0 || !token_is_string(t, text)) {
        return UNKNOWN;
    }
    return str_eq(token_string(t, text), STR("development")) == equal;
}

static bool is_doubled(const struct js_tokens *t, size_t i, char c)
{
    return token_byte(t, i) == c && token_byte(t, i + 1) == c;
}

/* Whether an operator before `i` takes what stands there away from what follows it. */
static bool is_bound(const struct js_tokens *t, size_t i)
{
    if (i == 0) {
        return false;
    }
    const struct js_token *before = &t->items[i - 1];

    return before->class == JS_SIGN || before->class == JS_BANG || before->class == JS_STAR ||
           before->class == JS_SLASH ||
           (before->class == JS_OPERATOR && token_byte(t, i - 1) != '&' &&
                   token_byte(t, i - 1) != '|') ||
           token_is(t, i - 1, "typeof") || token_is(t, i - 1, "void");
}

static bool ends_value(const struct js_tokens *t, size_t i)
{
    static const char *const words[] = { "return", "typeof", "void", "new", "in", "of",
        "instanceof", "delete", "case", "throw", "else", "do", "await", "yield" };
    const struct js_token *token = &t->items[i];

    for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
        if (token_is(t, i, words[k])) {
            return false;
        }
    }
    return token->class <= JS_HIGH || token->class == JS_QUOTE || token->class == JS_TEMPLATE ||
           token_closes(t, i) || (token->class == JS_SLASH && token->end > token->start + 1);
}

/* Whether a statement begins at `i` though none was ended by a semicolon before it. */
static bool begins_line(const struct js_tokens *t, size_t i)
{
    const struct js_token *token = &t->items[i];

    return token->line && i > 0 && ends_value(t, i - 1) &&
           (token->class <= JS_HIGH || token->class == JS_QUOTE || token->class == JS_BRACE_OPEN ||
                   token->class == JS_BANG) &&
           !token_is(t, i, "in") && !token_is(t, i, "instanceof");
}

/* The token that ends the expression at `i`: one of `stops`, or what no expression goes over. */
static size_t expression_end(const struct js_tokens *t, size_t i, struct str stops)
{
    size_t from = i;

    for (int steps = 0; i < t->count && steps < CJS_STEPS_MAX; steps++) {
        char byte = token_byte(t, i);

        if (byte == ';' || token_closes(t, i) || token_is(t, i, "else") ||
                (i > from && begins_line(t, i)) ||
                (byte != '\0' && str_find(stops, byte) != STR_NONE &&
                        (byte != '|' || is_doubled(t, i, '|')))) {
            return i;
        }
        i = token_behind(t, i);
    }
    return i;
}

static size_t statement_end(const struct js_tokens *t, size_t i, int depth);

/* Behind if, for, while, with and their statements. */
static size_t controlled_end(const struct js_tokens *t, size_t i, int depth)
{
    bool is_if = token_is(t, i, "if");
    size_t paren = token_is(t, i + 1, "await") ? i + 2 : i + 1;

    if (token_byte(t, paren) != '(') {
        return i;
    }
    size_t end = statement_end(t, token_behind(t, paren), depth + 1);

    return is_if && token_is(t, end, "else") ? statement_end(t, end + 1, depth + 1) : end;
}

/* The token behind the statement at `i`. */
static size_t statement_end(const struct js_tokens *t, size_t i, int depth)
{
    if (depth > CJS_STATEMENTS_MAX || i >= t->count) {
        return i < t->count ? i : t->count;
    }
    if (token_byte(t, i) == '{') {
        return token_behind(t, i);
    }
    if (token_is(t, i, "if") || token_is(t, i, "for") || token_is(t, i, "while") ||
            token_is(t, i, "with")) {
        return controlled_end(t, i, depth);
    }
    if (token_is(t, i, "switch") || token_is(t, i, "try") || token_is(t, i, "do") ||
            token_is(t, i, "function") || token_is(t, i, "class")) {
        for (int steps = 0; i < t->count && token_byte(t, i) != '{' && !token_closes(t, i) &&
                            steps < CJS_STEPS_MAX;
                steps++) {
            i = token_behind(t, i);
        }
        return token_byte(t, i) == '{' ? token_behind(t, i) : i;
    }
    i = expression_end(t, i, STR(""));
    return token_byte(t, i) == ';' ? i + 1 : i;
}

static void add(struct cjs_dead *d, size_t start, size_t end)
{
    if (end > start && d->count < CJS_DEAD_MAX) {
        d->branches[d->count].start = start;
        d->branches[d->count].end = end;
        d->count++;
    }
}

/* What the whole condition in `paren` comes to, of which `value` is the first part. */
static int condition(const struct js_tokens *t, size_t paren, size_t behind, int value)
{
    size_t close = t->items[paren].match;

    if (behind == close) {
        return value;
    }
    if (value == 1 && is_doubled(t, behind, '|')) {
        return 1;
    }
    /* "false && x" is false, as long as no "|| y" follows */
    return value == 0 && is_doubled(t, behind, '&') &&
                           expression_end(t, behind + 2, STR("|?,")) == close
                   ? 0
                   : UNKNOWN;
}

static void take_if(struct cjs_dead *d, size_t paren, size_t behind, int value)
{
    const struct js_tokens *t = d->tokens;
    size_t then = token_behind(t, paren);

    value = condition(t, paren, behind, value);
    if (value == UNKNOWN) {
        return;
    }
    size_t end = statement_end(t, then, 0);

    if (value == 0) {
        add(d, then, end);
    } else if (token_is(t, end, "else")) {
        add(d, end + 1, statement_end(t, end + 1, 0));
    }
}

/* The ':' of the '?' at `i`. */
static size_t colon_of(const struct js_tokens *t, size_t i)
{
    size_t open = 0;
    int steps = 0;

    for (i++;
            i < t->count && !token_closes(t, i) && token_byte(t, i) != ';' && steps < CJS_STEPS_MAX;
            i = token_behind(t, i), steps++) {
        if (token_byte(t, i) == '?') {
            open++;
        } else if (token_byte(t, i) == ':' && open-- == 0) {
            return i;
        }
    }
    return t->count;
}

/* A branch may begin behind the comparison at `i`. */
static void take_comparison(struct cjs_dead *d, size_t i)
{
    const struct js_tokens *t = d->tokens;
    size_t behind;
    int value = compare(t, i, &behind);

    if (value == UNKNOWN || is_bound(t, i)) {
        return;
    }
    if (i >= 2 && token_byte(t, i - 1) == '(' && token_is(t, i - 2, "if") &&
            !token_is_member(t, i - 2)) {
        take_if(d, i - 1, behind, value);
    } else if (token_byte(t, behind) == '?' && (i == 0 || t->items[i - 1].class != JS_OPERATOR)) {
        size_t colon = colon_of(t, behind);

        if (colon < t->count && value == 0) {
            add(d, behind + 1, colon);
        } else if (colon < t->count) {
            add(d, colon + 1, expression_end(t, colon + 1, STR(",:")));
        }
    } else if (value == 0 && is_doubled(t, behind, '&')) {
        add(d, behind + 2, expression_end(t, behind + 2, STR(",?:|")));
    } else if (value == 1 && is_doubled(t, behind, '|')) {
        add(d, behind + 2, expression_end(t, behind + 2, STR(",?:")));
    }
}

size_t cjs_dead_skip(struct cjs_dead *d, size_t i)
{
    for (size_t k = 0; k < d->count; k++) {
        if (d->branches[k].start <= i) {
            size_t end = d->branches[k].end;

            d->branches[k] = d->branches[--d->count];
            return end > i ? end : i;
        }
    }
    take_comparison(d, i);
    return i;
}

size_t cjs_dead_value(const struct js_tokens *t, size_t i)
{
    for (int hops = 0; hops < CJS_STATEMENTS_MAX; hops++) {
        size_t behind;
        int value = compare(t, i, &behind);

        if (value == UNKNOWN || token_byte(t, behind) != '?') {
            break;
        }
        i = value == 1 ? behind + 1 : colon_of(t, behind) + 1;
    }
    return i < t->count ? i : t->count;
}
