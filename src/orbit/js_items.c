/* SPDX-License-Identifier: MIT */
/*
 * The items of JavaScript and TypeScript, as far as the text says them: a
 * member that is assigned in a method or computed is not seen.
 */
#include "orbit/expr_walk.h"
#include "orbit/items_vec.h"

static bool is(const struct reader *r, size_t i, const char *text)
{
    return orbit_token_is(&r->t, i, text);
}

static bool is_word(const struct reader *r, size_t i)
{
    return r->t.items[i].kind == ORBIT_TOKEN_WORD;
}

static bool is_name(const struct reader *r, size_t i)
{
    return is_word(r, i) || r->t.items[i].kind == ORBIT_TOKEN_PRIVATE ||
           r->t.items[i].kind == ORBIT_TOKEN_STRING;
}

static void set_body(const struct reader *r, struct orbit_item *item, size_t open)
{
    item->body = r->t.items[open].end;
    item->body_end = r->t.items[r->t.items[open].match].start;
}

/* Parameters in [i, to): the pattern, and in TypeScript its type. */
static void read_params(struct reader *r, size_t i, size_t to, struct member_vec *v)
{
    while (i < to) {
        size_t comma = orbit_find(&r->t, i, to, ",");
        size_t end = orbit_find(&r->t, i, comma, ": =");
        struct orbit_member param = {
            .kind = ORBIT_MEMBER_FIELD, .name = slice(r, i, end), .offset = r->t.items[i].start
        };
        if (end < comma && is(r, end, ":")) {
            param.type = slice(r, end + 1, orbit_find(&r->t, end, comma, "="));
        }
        vec_push(v, param);
        i = comma + 1;
    }
}

/* The end of the field of a class whose value is at `i`: its ";", or the line that ends it. */
static size_t field_end(const struct reader *r, size_t i, size_t to)
{
    for (size_t k = i; k < to; k = orbit_token_skip(&r->t, k)) {
        if (is(r, k, ";")) {
            return k + 1;
        }
        if (k > i && r->t.items[k].line && (is_name(r, k) || is(r, k, "[") || is(r, k, "*")) &&
                orbit_ts_ends_value(&r->t, k - 1)) {
            return k;
        }
    }
    return to;
}

static void read_members(struct reader *r, size_t i, size_t to, struct member_vec *v)
{
    static const char modifiers[] = "static async get set readonly public private protected "
                                    "declare override abstract accessor";

    while (i < to) {
        struct orbit_member member = { .kind = ORBIT_MEMBER_FIELD,
            .receiver = ORBIT_RECEIVER_VALUE };
        struct member_vec params = { NULL, 0, 0 };
        while (i < to &&
                ((is_word(r, i) && orbit_word_in(orbit_token_text(&r->t, i), modifiers) &&
                         !orbit_word_in(orbit_token_text(&r->t, i + 1), "( = ; : } ? ! , <")) ||
                        is(r, i, "*") || is(r, i, ";") || is(r, i, "@"))) {
            if (is(r, i, "@")) {
                i = orbit_js_decorator_end(&r->t, i);
                continue;
            }
            struct str word = orbit_token_text(&r->t, i++);
            member.kind = str_eq(word, STR("get"))   ? ORBIT_MEMBER_GETTER
                          : str_eq(word, STR("set")) ? ORBIT_MEMBER_SETTER
                                                     : member.kind;
            member.receiver = str_eq(word, STR("static")) ? ORBIT_RECEIVER_NONE : member.receiver;
            if (orbit_word_in(word, "public private protected")) {
                member.visibility = word;
            }
        }
        if (i >= to) {
            return;
        }
        if (!is_name(r, i)) {
            i = orbit_token_skip(&r->t, i);
            i = is(r, i, "(") || is(r, i - 1, "}") ? i : field_end(r, i, to);
            i = i < to && is(r, i, "(") ? orbit_token_skip(&r->t, orbit_token_skip(&r->t, i)) : i;
            continue;
        }
        member.name = orbit_token_text(&r->t, i);
        member.offset = r->t.items[i].start;
        i++;
        if (is(r, i, "<")) {
            i = orbit_ts_angle_end(&r->t, i);
        }
        if (is(r, i, "(")) {
            member.kind = member.kind == ORBIT_MEMBER_FIELD ? ORBIT_MEMBER_METHOD : member.kind;
            read_params(r, i + 1, r->t.items[i].match, &params);
            i = orbit_token_skip(&r->t, i);
            if (is(r, i, ":")) {
                size_t end = orbit_ts_type_end(&r->t, i + 1);
                member.type = slice(r, i + 1, end);
                i = end;
            }
            i = i < to ? orbit_token_skip(&r->t, i) : to;
        } else {
            i += is(r, i, "?") || is(r, i, "!");
            if (is(r, i, ":")) {
                size_t end = orbit_ts_type_end(&r->t, i + 1);
                member.type = slice(r, i + 1, end);
                i = end;
            }
            if (i < to && is(r, i, "=")) {
                i = field_end(r, i + 1, to);
            }
        }
        keep_members(r, &params, &member.members, &member.member_count);
        vec_push(v, member);
    }
}

/* The keys of the object literal whose "{" is at `open`. */
static void read_keys(struct reader *r, size_t open, struct member_vec *v)
{
    size_t close = r->t.items[open].match;

    for (size_t i = open + 1; i < close; i = orbit_find(&r->t, i, close, ",") + 1) {
        struct orbit_member key = { .kind = ORBIT_MEMBER_RETURNED };
        while (is_word(r, i) && orbit_word_in(orbit_token_text(&r->t, i), "async get set") &&
                is_name(r, i + 1)) {
            i++;
        }
        if (is_name(r, i)) {
            key.name = orbit_token_text(&r->t, i);
            key.offset = r->t.items[i].start;
            if (r->t.items[i].kind == ORBIT_TOKEN_STRING) {
                key.name = str_sub(key.name, 1, key.name.len - 1);
            }
            vec_push(v, key);
        }
    }
}

/* The names in the objects that the body at `open` returns at its own level or in its blocks. */
static void read_returned(struct reader *r, size_t open, struct member_vec *v)
{
    size_t close = r->t.items[open].match;

    for (size_t i = open + 1; i < close; i++) {
        if (is(r, i, "return") && is(r, i + 1, "{")) {
            read_keys(r, i + 1, v);
            i = r->t.items[i + 1].match;
        } else if (is(r, i, "return") && is(r, i + 1, "(") && is(r, i + 2, "{")) {
            read_keys(r, i + 2, v);
            i = r->t.items[i + 1].match;
        } else if (is(r, i, "function") || is(r, i, "class") || is(r, i, "=>")) {
            size_t body = is(r, i, "=>") ? i + 1 : orbit_find(&r->t, i, close, "{");
            i = body < close && is(r, body, "{") ? r->t.items[body].match : i;
        } else if (is(r, i, "{") && !r->t.items[i].block) {
            i = r->t.items[i].match;
        }
    }
}

/* The function with its "(" at `open`; `body` is its "{" or an expression. */
static void read_function(struct reader *r, size_t open, size_t body, bool setup,
        struct orbit_item *item, struct member_vec *v)
{
    item->kind = ORBIT_ITEM_FUNCTION;
    if (is(r, body, "{")) {
        set_body(r, item, body);
    }
    if (!setup) {
        read_params(r, open + 1, r->t.items[open].match, v);
    } else if (is(r, body, "{")) {
        read_returned(r, body, v);
    } else if (is(r, body, "(") && is(r, body + 1, "{")) {
        read_keys(r, body + 1, v);
    }
}

/* Behind the statement at `i`: its ";", its block, or the line that ends it. */
static size_t statement_end(const struct reader *r, size_t i)
{
    for (size_t k = i; k < r->t.count; k = orbit_token_skip(&r->t, k)) {
        if (is(r, k, ";")) {
            return k + 1;
        }
        if (is(r, k, "{") && r->t.items[k].block) {
            return orbit_token_skip(&r->t, k);
        }
        if (k > i && r->t.items[k].line && is_word(r, k) &&
                orbit_word_in(orbit_token_text(&r->t, k),
                        "import export class function async const let var if for while interface "
                        "type enum namespace declare abstract")) {
            return k;
        }
    }
    return r->t.count;
}

/* The "{" of the class at `i`, past the arguments of types; or count. */
static size_t class_open(const struct reader *r, size_t i)
{
    for (;;) {
        i = orbit_find(&r->t, i, r->t.count, "{ <");
        size_t end = is(r, i, "<") ? orbit_ts_angle_end(&r->t, i) : i;

        if (end == i) {
            return is(r, i, "<") ? orbit_find(&r->t, i, r->t.count, "{") : i;
        }
        i = end;
    }
}

/* Behind the parameters at `open` and the type of what the function gives. */
static size_t function_head_end(const struct reader *r, size_t open)
{
    size_t i = open < r->t.count ? r->t.items[open].match + 1 : open;

    return is(r, i, ":") ? orbit_ts_type_end(&r->t, i + 1) : i;
}

static void set_name(const struct reader *r, struct orbit_item *item, size_t i)
{
    item->name = orbit_token_text(&r->t, i);
    item->offset = r->t.items[i].start;
}

/* The statement at `i`; gives the token behind it. */
static size_t read_statement(
        struct reader *r, size_t i, struct orbit_item *item, struct member_vec *v)
{
    i = orbit_js_decorators_end(&r->t, i);
    bool exported = is(r, i, "export");
    bool main_one = exported && is(r, i + 1, "default");
    size_t at = i + exported + main_one;
    size_t end = statement_end(r, at);

    item->visibility = slice(r, i, at);
    at = orbit_js_decorators_end(&r->t, at);
    at += is(r, at, "async") || is(r, at, "abstract");
    if (is(r, at, "import") && !is(r, at + 1, "(") && !is(r, at + 1, ".")) {
        item->kind = ORBIT_ITEM_USE;
        end = statement_end(r, at + 1);
        item->type = slice(r, at, end > at && is(r, end - 1, ";") ? end - 1 : end);
        return end;
    }
    if (is(r, at, "class")) {
        size_t open = class_open(r, at);
        item->kind = ORBIT_ITEM_CLASS;
        if (is_word(r, at + 1) && !is(r, at + 1, "extends")) {
            set_name(r, item, at + 1);
        }
        if (open == r->t.count) {
            fail_at(r, open, STR("expected '{' behind the class"));
            return open;
        }
        set_body(r, item, open);
        read_members(r, open + 1, r->t.items[open].match, v);
        return orbit_token_skip(&r->t, open);
    }
    if (is(r, at, "function")) {
        size_t name = at + 1 + is(r, at + 1, "*");
        size_t behind = name + (is_word(r, name) ? 1 : 0);
        size_t open = is(r, behind, "<") ? orbit_ts_angle_end(&r->t, behind)
                                         : orbit_find(&r->t, at, r->t.count, "(");
        size_t body = function_head_end(r, open);

        if (body < r->t.count && (is(r, body, ";") || r->t.items[body].line)) {
            return body; /* of TypeScript: what follows has the body */
        }
        if (!is(r, body, "{")) {
            fail_at(r, body, STR("expected '{' behind the function"));
            return body;
        }
        if (is_word(r, name)) {
            set_name(r, item, name);
        }
        read_function(r, open, body, main_one || str_eq(item->name, STR("setup")), item, v);
        return orbit_token_skip(&r->t, body);
    }
    if (is_word(r, at) && orbit_word_in(orbit_token_text(&r->t, at), "const let var") &&
            is_word(r, at + 1)) {
        size_t open = orbit_find(&r->t, at, end, "=") + 1;
        set_name(r, item, at + 1);
        open += open < end && is(r, open, "async");
        size_t body = open < end && is(r, open, "(") ? orbit_js_arrow(&r->t, open, true) : 0;
        if (body > 0) {
            read_function(r, open, body, str_eq(item->name, STR("setup")), item, v);
            end = is(r, body, "{") ? orbit_token_skip(&r->t, body) : end;
        }
        return end;
    }
    if (main_one && is(r, at, "(") && orbit_js_arrow(&r->t, at, true) > 0) {
        read_function(r, at, orbit_js_arrow(&r->t, at, true), true, item, v);
    }
    return end;
}

void orbit_js_items(struct arena *a, enum orbit_lang lang, struct str text, struct orbit_items *ret)
{
    struct reader r;
    size_t i = 0;

    if (!begin(&r, a, lang, text, ret)) {
        return;
    }
    while (i < r.t.count && ret->error.len == 0) {
        struct orbit_item item = { .kind = ORBIT_ITEM_OTHER, .start = r.t.items[i].start };
        struct member_vec members = { NULL, 0, 0 };
        size_t end = read_statement(&r, i, &item, &members);
        i = end > i ? end : i + 1;
        item.end = r.t.items[i - 1].end;
        keep_members(&r, &members, &item.members, &item.member_count);
        vec_push(&r.items, item);
    }
    keep_items(&r);
}
