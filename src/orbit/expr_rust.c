/* SPDX-License-Identifier: MIT */
/*
 * Rust expressions: what each token is to the names of an expression, and
 * whether operators stand between operands. Types are skipped by their own
 * small grammar; closures, let, match, for and if let open scopes as ranges of
 * tokens, so that one pass forward sees all, however deep it nests.
 */
#include "orbit/expr_walk.h"

size_t orbit_rust_angle_end(const struct orbit_tokens *t, size_t i)
{
    int depth = 0;

    for (size_t k = i; k < t->count && !orbit_token_closes(t, k) && !orbit_token_is(t, k, ";");
            k = orbit_token_skip(t, k)) {
        if (t->items[k].kind != ORBIT_TOKEN_PUNCT) {
            continue;
        }
        struct str op = orbit_token_text(t, k);
        depth += str_eq(op, STR("<")) ? 1 : str_eq(op, STR("<<")) ? 2 : 0;
        depth -= orbit_word_in(op, "> >=") ? 1 : orbit_word_in(op, ">> >>=") ? 2 : 0;
        if (depth <= 0) {
            return k + 1;
        }
    }
    return i;
}

/* Behind the path at `i` with its generic arguments. */
static size_t path_end(const struct orbit_tokens *t, size_t i)
{
    for (;;) {
        if (t->items[i].kind != ORBIT_TOKEN_WORD) {
            return i;
        }
        bool callable = orbit_word_in(orbit_token_text(t, i), "Fn FnMut FnOnce");
        i++;
        if (orbit_token_is(t, i, "::") && orbit_token_is(t, i + 1, "<")) {
            i++;
        }
        if (orbit_token_is(t, i, "<")) {
            i = orbit_rust_angle_end(t, i);
        } else if (callable && orbit_token_is(t, i, "(")) {
            i = orbit_token_skip(t, i);
            return orbit_token_is(t, i, "->") ? orbit_rust_type_end(t, i + 1) : i;
        }
        if (!orbit_token_is(t, i, "::")) {
            return i;
        }
        i++;
    }
}

size_t orbit_rust_type_end(const struct orbit_tokens *t, size_t i)
{
    bool open = false;

    for (;;) {
        if (t->items[i].kind == ORBIT_TOKEN_LIFETIME ||
                orbit_word_in(orbit_token_text(t, i), "& && * mut const unsafe extern")) {
            i++;
        } else if (t->items[i].kind == ORBIT_TOKEN_STRING && i > 0 &&
                   orbit_token_is(t, i - 1, "extern")) {
            i++;
        } else if (orbit_word_in(orbit_token_text(t, i), "dyn impl ?")) {
            open = true;
            i++;
        } else if (orbit_token_is(t, i, "for") && orbit_token_is(t, i + 1, "<")) {
            size_t end = orbit_rust_angle_end(t, i + 1);
            if (end == i + 1) {
                return i;
            }
            i = end;
        } else if (orbit_token_is(t, i, "fn") && orbit_token_is(t, i + 1, "(")) {
            i = orbit_token_skip(t, i + 1);
            if (!orbit_token_is(t, i, "->")) {
                return i;
            }
            i++;
        } else {
            if (orbit_token_is(t, i, "(") || orbit_token_is(t, i, "[")) {
                i = orbit_token_skip(t, i);
            } else if (orbit_token_is(t, i, "!")) {
                i++;
            } else if (orbit_token_is(t, i, "<")) {
                size_t end = orbit_rust_angle_end(t, i);
                i = end > i && orbit_token_is(t, end, "::") ? path_end(t, end + 1) : end;
            } else {
                i = path_end(t, orbit_token_is(t, i, "::") ? i + 1 : i);
            }
            if (!open || !orbit_token_is(t, i, "+")) {
                return i;
            }
            i++;
        }
    }
}

/* Whether a value ends with the token before `i`. */
static bool value_before(const struct orbit_tokens *t, size_t i)
{
    if (i == 0) {
        return false;
    }
    switch (t->items[i - 1].kind) {
    case ORBIT_TOKEN_WORD:
        return !orbit_is_keyword(ORBIT_RUST, orbit_token_text(t, i - 1)) ||
               orbit_word_in(orbit_token_text(t, i - 1), "self Self super crate true false await");
    case ORBIT_TOKEN_NUMBER:
    case ORBIT_TOKEN_STRING:
    case ORBIT_TOKEN_CHAR:
    case ORBIT_TOKEN_CLOSE: return true;
    case ORBIT_TOKEN_PUNCT: return orbit_token_is(t, i - 1, "?");
    case ORBIT_TOKEN_END:
    case ORBIT_TOKEN_LIFETIME:
    case ORBIT_TOKEN_PRIVATE:
    case ORBIT_TOKEN_REGEX:
    case ORBIT_TOKEN_TEMPLATE:
    case ORBIT_TOKEN_TEMPLATE_HEAD:
    case ORBIT_TOKEN_TEMPLATE_MIDDLE:
    case ORBIT_TOKEN_TEMPLATE_TAIL:
    case ORBIT_TOKEN_OPEN:
    case ORBIT_TOKEN_DIRECTIVE: break;
    }
    return false;
}

/* The "{" of the body behind the head that begins at `i`, or count. */
static size_t body_of(const struct orbit_tokens *t, size_t i)
{
    unsigned inner = 0; /* bodies that belong to expressions in the head */

    for (; i < t->count && !orbit_token_closes(t, i); i = orbit_token_skip(t, i)) {
        if (orbit_token_is(t, i, ";")) {
            return t->count;
        }
        if (t->items[i].kind == ORBIT_TOKEN_WORD &&
                orbit_word_in(orbit_token_text(t, i), "match unsafe async loop")) {
            inner++;
        } else if (orbit_token_is(t, i, "{")) {
            if (inner == 0) {
                return i;
            }
            inner--;
        }
    }
    return t->count;
}

/* The pattern [from, to): its names hold in [bind, until). */
static void pattern(struct orbit_walk *w, size_t from, size_t to, size_t bind, size_t until)
{
    const struct orbit_tokens *t = w->t;

    orbit_walk_skip(w, from, to);
    for (size_t i = from; i < to; i++) {
        if (t->items[i].kind != ORBIT_TOKEN_WORD ||
                orbit_is_keyword(ORBIT_RUST, orbit_token_text(t, i)) ||
                (i > 0 && (orbit_token_is(t, i - 1, "::") || orbit_token_is(t, i - 1, ".")))) {
            continue;
        }
        char first = t->text.ptr[t->items[i].start];
        bool other = orbit_word_in(orbit_token_text(t, i + 1), ":: ( { ! :") && i + 1 < to;
        if (!other && !(first >= 'A' && first <= 'Z')) {
            orbit_walk_bind(w, i, bind, until);
        }
    }
}

/* Parameters "pattern: type, ..." in [from, to). */
static void params(struct orbit_walk *w, size_t from, size_t to, size_t until)
{
    const struct orbit_tokens *t = w->t;

    while (from < to) {
        size_t end = orbit_find(t, from, to, ": ,");
        pattern(w, from, end, from, until);
        if (end < to && orbit_token_is(t, end, ":")) {
            size_t behind = orbit_rust_type_end(t, end + 1);
            behind = orbit_find(t, behind < to ? behind : to, to, ",");
            orbit_walk_skip(w, end, behind);
            end = behind;
        }
        from = end + 1;
    }
}

/* Behind the "|" that ends the parameters of the closure whose "|" or "||" is at `i`. */
static size_t closure_params_end(const struct orbit_tokens *t, size_t i)
{
    if (orbit_token_is(t, i, "||")) {
        return i + 1;
    }
    for (i++; i < t->count && !orbit_token_closes(t, i); i = orbit_token_skip(t, i)) {
        if (orbit_token_is(t, i, "|")) {
            return i + 1;
        }
    }
    return i;
}

static void closure(struct orbit_walk *w, size_t i)
{
    const struct orbit_tokens *t = w->t;
    size_t body = closure_params_end(t, i);
    size_t end;

    if (orbit_token_is(t, body, "->")) {
        size_t block = orbit_rust_type_end(t, body + 1);
        orbit_walk_skip(w, body, block);
        end = orbit_token_skip(t, block);
        if (block < t->count) {
            w->roles[block] = ORBIT_ROLE_BLOCK;
        }
    } else {
        for (end = body; end < t->count && !orbit_token_closes(t, end) &&
                         !orbit_word_in(orbit_token_text(t, end), ", ; =>");
                end = orbit_token_skip(t, end)) {
        }
    }
    if (orbit_token_is(t, i, "|") && body > i + 1) {
        bool closed = orbit_token_is(t, body - 1, "|");
        params(w, i + 1, closed ? body - 1 : body, end);
    }
}

static void match_arms(struct orbit_walk *w, size_t open)
{
    const struct orbit_tokens *t = w->t;
    size_t close = t->items[open].match;
    size_t i = open + 1;

    while (i < close) {
        size_t arrow = orbit_find(t, i, close, "=>");
        size_t guard = orbit_find(t, i, arrow, "if");
        size_t end;
        if (arrow == close) {
            return;
        }
        if (orbit_token_is(t, arrow + 1, "{")) {
            end = orbit_token_skip(t, arrow + 1);
            w->roles[arrow + 1] = ORBIT_ROLE_BLOCK;
        } else {
            end = orbit_find(t, arrow + 1, close, ",");
        }
        pattern(w, i, guard, i, end);
        i = end < close && orbit_token_is(t, end, ",") ? end + 1 : end;
    }
}

/* if, while, match, for: their head ends at a body, and may bind for it. */
static void head(struct orbit_walk *w, size_t i)
{
    const struct orbit_tokens *t = w->t;
    size_t body = body_of(t, i + 1);
    size_t until = body < t->count ? t->items[body].match + 1 : t->count;

    if (orbit_token_is(t, i + 1, "<")) {
        return;
    }
    if (body < t->count) {
        w->roles[body] = ORBIT_ROLE_BLOCK;
    }
    if (orbit_token_is(t, i, "match")) {
        if (body < t->count) {
            match_arms(w, body);
        }
        return;
    }
    if (orbit_token_is(t, i, "for")) {
        size_t in = orbit_find(t, i + 1, body, "in");
        pattern(w, i + 1, in, body, until);
        return;
    }
    for (size_t k = i + 1; k < body; k = orbit_token_skip(t, k)) {
        if (orbit_token_is(t, k, "let")) {
            size_t equals = orbit_find(t, k + 1, body, "=");
            size_t end = orbit_find(t, equals, body, "&&");
            pattern(w, k + 1, equals, end, until);
            w->roles[k] = ORBIT_ROLE_SKIP;
        }
    }
}

static void let_statement(struct orbit_walk *w, size_t i)
{
    const struct orbit_tokens *t = w->t;
    size_t close = orbit_group_end(t, i);
    size_t end = orbit_find(t, i + 1, close, ";");
    size_t stop = orbit_find(t, i + 1, end, "= :");
    size_t type = stop;

    if (w->roles[i] == ORBIT_ROLE_SKIP) {
        return;
    }
    if (stop < end && orbit_token_is(t, stop, ":")) {
        type = orbit_rust_type_end(t, stop + 1);
        type = type < end ? type : end;
        orbit_walk_skip(w, stop, type);
    }
    pattern(w, i + 1, stop, end, close);
}

/* A nested item takes no names from around it, and gives its own to its block. */
static size_t item(struct orbit_walk *w, size_t i)
{
    const struct orbit_tokens *t = w->t;
    size_t close = orbit_group_end(t, i);
    size_t end = i + 1;

    while (end < close && !orbit_token_is(t, end, ";") && !orbit_token_is(t, end, "{")) {
        end = orbit_token_skip(t, end);
    }
    if (end < close) {
        end = orbit_token_skip(t, end);
    }
    orbit_walk_skip(w, i, end);
    if (t->items[i + 1].kind == ORBIT_TOKEN_WORD) {
        orbit_walk_bind(w, i + 1, 0, close);
    }
    return end;
}

/* The struct literal whose "{" is at `open`. */
static void literal(struct orbit_walk *w, size_t open)
{
    const struct orbit_tokens *t = w->t;
    size_t close = t->items[open].match;

    if (t->items[open - 1].kind == ORBIT_TOKEN_WORD && w->roles[open - 1] == ORBIT_ROLE_FREE) {
        w->roles[open - 1] = ORBIT_ROLE_TYPE;
    }
    for (size_t i = open + 1; i < close; i = orbit_find(t, i, close, ",") + 1) {
        while (i < close && orbit_token_is(t, i, "#")) {
            i = orbit_token_skip(t, i + 1);
        }
        if (t->items[i].kind != ORBIT_TOKEN_WORD || w->roles[i] != ORBIT_ROLE_FREE) {
            continue;
        }
        if (orbit_token_is(t, i + 1, ":")) {
            w->roles[i] = ORBIT_ROLE_SKIP;
        } else if (orbit_token_is(t, i + 1, ",") || i + 1 == close) {
            w->roles[i] = ORBIT_ROLE_SHORTHAND;
        }
    }
}

static bool begins_literal(const struct orbit_walk *w, size_t i)
{
    const struct orbit_tokens *t = w->t;

    if (i == 0 || w->roles[i] != ORBIT_ROLE_FREE) {
        return false;
    }
    if (t->items[i - 1].kind == ORBIT_TOKEN_WORD) {
        char first = t->text.ptr[t->items[i - 1].start];
        return orbit_token_is(t, i - 1, "Self") ||
               (!orbit_is_keyword(ORBIT_RUST, orbit_token_text(t, i - 1)) &&
                       ((first >= 'A' && first <= 'Z') ||
                               (i > 1 && orbit_token_is(t, i - 2, "::"))));
    }
    return orbit_token_is(t, i - 1, ">") && w->roles[i - 1] == ORBIT_ROLE_SKIP;
}

/* The macro whose name is at `i`, its "!" at i + 1 and its arguments at i + 2. */
static void macro(struct orbit_walk *w, size_t i)
{
    static const struct {
        const char *names;
        unsigned format; /* which argument is a format string, or the first that may be one */
    } known[] = {
        { "format print println eprint eprintln panic format_args todo unimplemented unreachable "
          "info warn error debug trace log",
                0 },
        { "write writeln assert debug_assert", 1 },
        { "assert_eq assert_ne debug_assert_eq debug_assert_ne", 2 },
    };
    const struct orbit_tokens *t = w->t;
    struct str name = orbit_token_text(t, i);
    size_t close = t->items[i + 2].match;

    w->roles[i] = ORBIT_ROLE_SKIP;
    if (str_eq(name, STR("matches"))) {
        size_t comma = orbit_find(t, i + 3, close, ",");
        if (comma < close) {
            pattern(w, comma + 1, orbit_find(t, comma, close, "if"), comma, close);
        }
        return;
    }
    for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
        size_t at = i + 3;
        if (!orbit_word_in(name, known[k].names)) {
            continue;
        }
        for (unsigned argument = 0; at < close; argument++) {
            size_t comma = orbit_find(t, at, close, ",");
            if (argument == known[k].format && t->items[at].kind == ORBIT_TOKEN_STRING) {
                w->roles[at] = ORBIT_ROLE_FORMAT;
            }
            if (t->items[at].kind == ORBIT_TOKEN_WORD && orbit_token_is(t, at + 1, "=")) {
                w->roles[at] = ORBIT_ROLE_SKIP;
            }
            at = comma + 1;
        }
    }
}

static size_t word(struct orbit_walk *w, size_t i)
{
    const struct orbit_tokens *t = w->t;
    struct str text = orbit_token_text(t, i);

    if (w->roles[i] == ORBIT_ROLE_SKIP) {
        return i + 1;
    }
    if (!orbit_is_keyword(ORBIT_RUST, text)) {
        if (orbit_token_is(t, i + 1, "!") && orbit_token_opens(t, i + 2)) {
            macro(w, i);
        }
    } else if (orbit_word_in(text, "if while match for")) {
        head(w, i);
    } else if (orbit_word_in(text, "let")) {
        let_statement(w, i);
    } else if (orbit_word_in(text, "as")) {
        orbit_walk_skip(w, i, orbit_rust_type_end(t, i + 1));
    } else if (orbit_word_in(text, "fn struct enum use mod trait type static impl") ||
               (orbit_word_in(text, "const") && t->items[i + 1].kind == ORBIT_TOKEN_WORD)) {
        return item(w, i);
    }
    return i + 1;
}

void orbit_walk_rust(struct orbit_walk *w)
{
    const struct orbit_tokens *t = w->t;

    for (size_t i = 0; i < t->count;) {
        if (t->items[i].kind == ORBIT_TOKEN_WORD) {
            i = word(w, i);
            continue;
        }
        if (orbit_token_is(t, i, ".") || orbit_token_is(t, i, "::")) {
            if (t->items[i + 1].kind == ORBIT_TOKEN_WORD) {
                w->roles[i + 1] = ORBIT_ROLE_SKIP;
                if (orbit_token_is(t, i + 2, "!") && orbit_token_opens(t, i + 3)) {
                    macro(w, i + 1);
                }
                i++;
            } else if (orbit_token_is(t, i + 1, "<")) {
                orbit_walk_skip(w, i + 1, orbit_rust_angle_end(t, i + 1));
            }
        } else if (orbit_token_is(t, i, "->")) {
            orbit_walk_skip(w, i, orbit_rust_type_end(t, i + 1));
        } else if (orbit_token_is(t, i, "<") && w->roles[i] == ORBIT_ROLE_FREE &&
                   !value_before(t, i)) {
            orbit_walk_skip(w, i, orbit_rust_angle_end(t, i));
        } else if ((orbit_token_is(t, i, "|") || orbit_token_is(t, i, "||")) &&
                   w->roles[i] == ORBIT_ROLE_FREE && !value_before(t, i)) {
            closure(w, i);
            orbit_walk_skip(w, i, closure_params_end(t, i));
        } else if (orbit_token_is(t, i, "#") && orbit_token_is(t, i + 1, "[")) {
            orbit_walk_skip(w, i, orbit_token_skip(t, i + 1));
        } else if (orbit_token_is(t, i, "{") && begins_literal(w, i)) {
            literal(w, i);
        }
        i++;
    }
}

/* Behind the value that begins with a keyword at `i`, or 0 with a refusal. */
static size_t keyword_end(const struct orbit_check *c, size_t i)
{
    const struct orbit_tokens *t = c->t;
    struct str text = orbit_token_text(t, i);

    if (orbit_word_in(text, "self Self super crate true false")) {
        return i + 1;
    }
    if (orbit_word_in(text, "if while match for loop unsafe async")) {
        for (;;) {
            size_t body = orbit_token_is(t, i, "loop") || orbit_token_is(t, i, "unsafe")
                                  ? i + 1
                                  : body_of(t, i + 1);
            if (body >= t->count || !orbit_token_is(t, body, "{")) {
                orbit_refuse(
                        c, body < t->count ? body : orbit_group_end(t, i), STR("expected '{'"));
                return 0;
            }
            i = orbit_token_skip(t, body);
            if (!orbit_token_is(t, i, "else")) {
                return i;
            }
            if (orbit_token_is(t, i + 1, "{")) {
                return orbit_token_skip(t, i + 1);
            }
            i++;
            if (!orbit_token_is(t, i, "if")) {
                orbit_refuse(c, i, STR("expected '{' or 'if' behind 'else'"));
                return 0;
            }
        }
    }
    orbit_refuse(c, i,
            orbit_word_in(text, "let return break continue use fn const static struct enum impl "
                                "mod trait type pub")
                    ? ORBIT_STATEMENT
                    : ORBIT_NO_OPERAND);
    return 0;
}

/* Behind what a value begins with at `i`, in *ret; *ret_value tells whether the value is there. */
static bool operand(const struct orbit_check *c, size_t i, size_t *ret, bool *ret_value)
{
    const struct orbit_tokens *t = c->t;

    *ret_value = true;
    *ret = i + 1;
    switch ((int)t->items[i].kind) {
    case ORBIT_TOKEN_NUMBER:
    case ORBIT_TOKEN_STRING:
    case ORBIT_TOKEN_CHAR: return true;
    case ORBIT_TOKEN_LIFETIME:
        *ret_value = false;
        *ret = i + 2;
        return orbit_token_is(t, i + 1, ":") || orbit_refuse(c, i, ORBIT_NO_OPERAND);
    case ORBIT_TOKEN_OPEN:
        *ret = orbit_token_skip(t, i);
        if (orbit_token_is(t, i, "{")) {
            return true;
        }
        return orbit_check_rust(c, i + 1, t->items[i].match, ORBIT_LIST);
    case ORBIT_TOKEN_WORD:
        if (orbit_token_is(t, i, "move") ||
                (orbit_token_is(t, i, "async") &&
                        orbit_word_in(orbit_token_text(t, i + 1), "move | ||"))) {
            *ret_value = false;
            return true;
        }
        if (orbit_is_keyword(ORBIT_RUST, orbit_token_text(t, i))) {
            *ret = keyword_end(c, i);
            return *ret > 0;
        }
        if (orbit_token_is(t, i + 1, "!") && orbit_token_opens(t, i + 2)) {
            *ret = orbit_token_skip(t, i + 2);
        }
        return true;
    default: break;
    }
    *ret_value = false;
    if (orbit_token_is(t, i, "|") || orbit_token_is(t, i, "||")) {
        *ret = closure_params_end(t, i);
        if (orbit_token_is(t, i, "|") && !orbit_token_is(t, *ret - 1, "|")) {
            return orbit_refuse(c, *ret, STR("expected '|' behind the parameters"));
        }
        if (*ret == i + 1 && orbit_token_is(t, i, "|")) {
            return orbit_refuse(c, i, ORBIT_NO_OPERAND);
        }
        if (orbit_token_is(t, *ret, "->")) {
            *ret = orbit_rust_type_end(t, *ret + 1);
        }
        return true;
    }
    if (orbit_token_is(t, i, "<")) {
        *ret = orbit_rust_angle_end(t, i);
        *ret_value = *ret > i && orbit_token_is(t, *ret, "::");
        return *ret_value || orbit_refuse(c, i, ORBIT_NO_OPERAND);
    }
    if (orbit_token_is(t, i, "&") || orbit_token_is(t, i, "&&")) {
        *ret += orbit_token_is(t, i + 1, "mut");
        return true;
    }
    if (orbit_token_is(t, i, "#") && orbit_token_is(t, i + 1, "[")) {
        *ret = orbit_token_skip(t, i + 1);
        return true;
    }
    return orbit_word_in(orbit_token_text(t, i), "* - ! ::") ||
           orbit_refuse(c, i, ORBIT_NO_OPERAND);
}

/* Behind what may follow a value at `i` and still leaves one; `i` itself if nothing does. */
static bool postfix(const struct orbit_check *c, size_t i, size_t *ret)
{
    const struct orbit_tokens *t = c->t;

    *ret = i;
    if (orbit_token_is(t, i, ".")) {
        *ret = i + 2;
        return t->items[i + 1].kind == ORBIT_TOKEN_WORD ||
               t->items[i + 1].kind == ORBIT_TOKEN_NUMBER || orbit_refuse(c, i + 1, ORBIT_NO_NAME);
    }
    if (orbit_token_is(t, i, "::")) {
        *ret = t->items[i + 1].kind == ORBIT_TOKEN_WORD ? i + 2 : orbit_rust_angle_end(t, i + 1);
        if (*ret == i + 1) {
            return orbit_refuse(c, i + 1, ORBIT_NO_NAME);
        }
        if (orbit_token_is(t, *ret, "!") && orbit_token_opens(t, *ret + 1)) {
            *ret = orbit_token_skip(t, *ret + 1);
        }
        return true;
    }
    if (orbit_token_is(t, i, "?")) {
        *ret = i + 1;
    } else if (orbit_token_is(t, i, "as")) {
        *ret = orbit_rust_type_end(t, i + 1);
        return *ret > i + 1 || orbit_refuse(c, i + 1, STR("expected a type"));
    } else if (orbit_token_is(t, i, "(") || orbit_token_is(t, i, "[")) {
        *ret = orbit_token_skip(t, i);
        return orbit_check_rust(
                c, i + 1, t->items[i].match, orbit_token_is(t, i, "(") ? ORBIT_LIST : ORBIT_ONE);
    } else if (orbit_token_is(t, i, "{") &&
               (t->items[i - 1].kind == ORBIT_TOKEN_WORD || orbit_token_is(t, i - 1, ">"))) {
        *ret = orbit_token_skip(t, i);
    }
    return true;
}

bool orbit_check_rust(const struct orbit_check *c, size_t from, size_t to, enum orbit_list list)
{
    static const char assigning[] = "= += -= *= /= %= ^= &= |= <<= >>=";
    static const char binary[] = "+ - * / % ^ & | && || << >> == != < > <= >=";
    const struct orbit_tokens *t = c->t;
    bool value = false;                 /* one stands before token i */
    bool optional = list == ORBIT_LIST; /* none is needed at i */

    for (size_t i = from; i < to;) {
        size_t next;
        struct str text = orbit_token_text(t, i);
        bool range = orbit_word_in(text, ".. ..=");
        bool separator = orbit_word_in(text, ", ;");
        if (range) {
            value = false;
            optional = true;
            i++;
        } else if (!value && !(optional && separator)) {
            if (!operand(c, i, &next, &value)) {
                return false;
            }
            optional = false;
            i = next;
        } else if (separator) {
            bool comma = orbit_token_is(t, i, ",");
            bool repeat = !comma && list == ORBIT_LIST && orbit_token_is(t, to, "]");
            if (comma ? list != ORBIT_LIST : !repeat && !(c->statements && list == ORBIT_ONE)) {
                return orbit_refuse(c, i, comma ? ORBIT_SECOND : ORBIT_STATEMENT);
            }
            value = false;
            optional = true;
            i++;
        } else {
            if (!postfix(c, i, &next)) {
                return false;
            }
            if (next > i) {
                i = next;
                continue;
            }
            bool assigns = orbit_word_in(text, assigning);
            if (assigns && !c->statements) {
                return orbit_refuse(c, i, ORBIT_ASSIGNMENT);
            }
            if (!assigns &&
                    !(t->items[i].kind == ORBIT_TOKEN_PUNCT && orbit_word_in(text, binary))) {
                return orbit_refuse(c, i, ORBIT_NO_OPERATOR);
            }
            value = false;
            i++;
        }
    }
    return value || optional || orbit_refuse(c, to, ORBIT_NO_EXPRESSION);
}
