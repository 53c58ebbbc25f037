/* SPDX-License-Identifier: MIT */
/*
 * The items of Rust. Types are not parsed: one ends at the comma outside of
 * all brackets and angles, which nothing but a comparison in a const generic
 * without braces could break, and that is no Rust.
 */
#include "orbit/expr_walk.h"
#include "orbit/items_vec.h"

struct lead {
    size_t start; /* of the attributes */
    struct str attributes, visibility;
    bool test; /* #[cfg(test)] or #[test] */
    size_t at; /* behind them */
};

static bool is(const struct reader *r, size_t i, const char *text)
{
    return orbit_token_is(&r->t, i, text);
}

static bool is_word(const struct reader *r, size_t i)
{
    return r->t.items[i].kind == ORBIT_TOKEN_WORD;
}

/* Attributes and visibility at `i`. */
static struct lead read_lead(const struct reader *r, size_t i)
{
    struct lead lead = { .start = i };

    while (is(r, i, "#")) {
        size_t open = i + 1 + is(r, i + 1, "!");
        if (!is(r, open, "[")) {
            break;
        }
        lead.test = lead.test || (is(r, open + 1, "test") && r->t.items[open].match == open + 2) ||
                    (is(r, open + 1, "cfg") && is(r, open + 2, "(") && is(r, open + 3, "test") &&
                            r->t.items[open + 2].match == open + 4);
        i = orbit_token_skip(&r->t, open);
    }
    lead.attributes = slice(r, lead.start, i);
    if (is(r, i, "pub")) {
        size_t from = i++;
        i = is(r, i, "(") && orbit_word_in(orbit_token_text(&r->t, i + 1), "crate super self in")
                    ? orbit_token_skip(&r->t, i)
                    : i;
        lead.visibility = slice(r, from, i);
    }
    lead.at = i;
    return lead;
}

/* Behind the type at `i`: the first of `stops` outside of brackets and angles, or `to`. */
static size_t type_end(const struct reader *r, size_t i, size_t to, const char *stops)
{
    int depth = 0;

    for (; i < to; i = orbit_token_skip(&r->t, i)) {
        struct str text = orbit_token_text(&r->t, i);
        if (depth <= 0 && orbit_word_in(text, stops)) {
            return i;
        }
        if (r->t.items[i].kind == ORBIT_TOKEN_PUNCT) {
            depth += orbit_word_in(text, "<") ? 1 : orbit_word_in(text, "<<") ? 2 : 0;
            depth -= orbit_word_in(text, "> >=") ? 1 : orbit_word_in(text, ">> >>=") ? 2 : 0;
        }
    }
    return to;
}

static size_t generics_end(const struct reader *r, size_t i)
{
    return is(r, i, "<") ? orbit_rust_angle_end(&r->t, i) : i;
}

/* Fields, or parameters, in [i, to). */
static void read_fields(
        struct reader *r, size_t i, size_t to, enum orbit_shape shape, struct member_vec *v)
{
    while (i < to) {
        struct lead lead = read_lead(r, i);
        struct orbit_member field = {
            .kind = ORBIT_MEMBER_FIELD, .attributes = lead.attributes, .visibility = lead.visibility
        };
        size_t type = lead.at;
        if (type >= to) {
            return;
        }
        field.offset = r->t.items[type].start;
        if (shape == ORBIT_SHAPE_NAMED) {
            size_t colon = type_end(r, type, to, ": ,");
            field.name = slice(r, type, colon);
            if (colon == to || !is(r, colon, ":")) {
                fail_at(r, colon, STR("expected ':' and a type"));
                return;
            }
            type = colon + 1;
        }
        i = type_end(r, type, to, ",");
        field.type = slice(r, type, i);
        vec_push(v, field);
        i++;
    }
}

static void read_variants(struct reader *r, size_t i, size_t to, struct member_vec *v)
{
    while (i < to) {
        struct lead lead = read_lead(r, i);
        struct orbit_member variant = { .kind = ORBIT_MEMBER_VARIANT,
            .attributes = lead.attributes };
        struct member_vec fields = { NULL, 0, 0 };
        i = lead.at;
        if (i >= to || !is_word(r, i)) {
            fail_at(r, i, STR("expected the name of a variant"));
            return;
        }
        variant.name = orbit_token_text(&r->t, i);
        variant.offset = r->t.items[i].start;
        i++;
        if (is(r, i, "(") || is(r, i, "{")) {
            variant.shape = is(r, i, "(") ? ORBIT_SHAPE_TUPLE : ORBIT_SHAPE_NAMED;
            variant.type = slice(r, i, r->t.items[i].match + 1);
            read_fields(r, i + 1, r->t.items[i].match, variant.shape, &fields);
            i = orbit_token_skip(&r->t, i);
        }
        keep_members(r, &fields, &variant.members, &variant.member_count);
        vec_push(v, variant);
        i = orbit_find(&r->t, i, to, ",") + 1;
    }
}

/* What a function says between its name, at `i`, and its body, at the result. */
static size_t read_signature(struct reader *r, size_t i, struct str *ret_generics,
        struct str *ret_type, enum orbit_receiver *ret_receiver, struct member_vec *v)
{
    size_t open = generics_end(r, i + 1);
    size_t close, first, end;

    *ret_generics = slice(r, i + 1, open);
    if (!is(r, open, "(")) {
        fail_at(r, open, STR("expected '(' behind the name of the function"));
        return open;
    }
    close = r->t.items[open].match;
    first = open + 1;
    while (first < close && (orbit_word_in(orbit_token_text(&r->t, first), "& mut") ||
                                    r->t.items[first].kind == ORBIT_TOKEN_LIFETIME)) {
        first++;
    }
    if (is(r, first, "self")) {
        bool ref = is(r, open + 1, "&");
        *ret_receiver = !ref                      ? ORBIT_RECEIVER_VALUE
                        : is(r, first - 1, "mut") ? ORBIT_RECEIVER_MUT
                                                  : ORBIT_RECEIVER_REF;
        first = type_end(r, first, close, ",") + 1;
    } else {
        first = open + 1;
    }
    read_fields(r, first, close, ORBIT_SHAPE_NAMED, v);
    end = close + 1;
    if (is(r, end, "->")) {
        size_t type = end + 1;
        end = type_end(r, type, r->t.count, "{ ; where");
        *ret_type = slice(r, type, end);
    }
    return type_end(r, end, r->t.count, "{ ;");
}

/* Past const, async, unsafe, extern "C" before `fn`; the place of `fn`, or `i`. */
static size_t fn_at(const struct reader *r, size_t i)
{
    size_t at = i;

    while (orbit_word_in(orbit_token_text(&r->t, at), "const async unsafe extern default") ||
            (r->t.items[at].kind == ORBIT_TOKEN_STRING && at > i && is(r, at - 1, "extern"))) {
        at++;
    }
    return is(r, at, "fn") ? at : i;
}

/* Behind an item that is of no interest: its ";", or its braces. */
static size_t other_end(const struct reader *r, size_t i, size_t to, bool braces)
{
    while (i < to && !is(r, i, ";")) {
        if (braces && is(r, i, "{")) {
            return orbit_token_skip(&r->t, i);
        }
        i = orbit_token_skip(&r->t, i);
    }
    return i < to ? i + 1 : to;
}

static void read_methods(struct reader *r, size_t i, size_t to, struct member_vec *v)
{
    while (i < to) {
        struct lead lead = read_lead(r, i);
        size_t fn = fn_at(r, lead.at);
        struct orbit_member method = { .kind = ORBIT_MEMBER_METHOD,
            .attributes = lead.attributes,
            .visibility = lead.visibility };
        struct member_vec params = { NULL, 0, 0 };
        struct str generics;
        if (lead.at >= to) {
            return;
        }
        if (!is(r, fn, "fn") || !is_word(r, fn + 1)) {
            i = other_end(r, lead.at, to, !is(r, lead.at, "const") && !is(r, lead.at, "type"));
            continue;
        }
        method.name = orbit_token_text(&r->t, fn + 1);
        method.offset = r->t.items[fn + 1].start;
        i = read_signature(r, fn + 1, &generics, &method.type, &method.receiver, &params);
        keep_members(r, &params, &method.members, &method.member_count);
        i = i < to ? orbit_token_skip(&r->t, i) : to;
        if (!lead.test) {
            vec_push(v, method);
        }
    }
}

static void set_body(const struct reader *r, struct orbit_item *item, size_t open)
{
    if (is(r, open, "{") || is(r, open, "(")) {
        item->body = r->t.items[open].end;
        item->body_end = r->t.items[r->t.items[open].match].start;
    }
}

/* struct, union, enum with the keyword at `i`; gives the token behind the item. */
static size_t read_type(struct reader *r, size_t i, struct orbit_item *item, struct member_vec *v)
{
    bool variants = is(r, i, "enum");
    size_t at = generics_end(r, i + 2);

    item->kind = variants ? ORBIT_ITEM_ENUM : ORBIT_ITEM_STRUCT;
    item->name = orbit_token_text(&r->t, i + 1);
    item->offset = r->t.items[i + 1].start;
    item->generics = slice(r, i + 2, at);
    if (is(r, at, "where")) {
        at = type_end(r, at, r->t.count, "{ ;");
    }
    set_body(r, item, at);
    if (is(r, at, "{")) {
        item->shape = ORBIT_SHAPE_NAMED;
        if (variants) {
            read_variants(r, at + 1, r->t.items[at].match, v);
        } else {
            read_fields(r, at + 1, r->t.items[at].match, ORBIT_SHAPE_NAMED, v);
        }
        return orbit_token_skip(&r->t, at);
    }
    if (is(r, at, "(")) {
        item->shape = ORBIT_SHAPE_TUPLE;
        read_fields(r, at + 1, r->t.items[at].match, ORBIT_SHAPE_TUPLE, v);
        return other_end(r, at, r->t.count, false);
    }
    if (!is(r, at, ";")) {
        fail_at(r, at, STR("expected '{', '(' or ';' behind the name"));
        return at;
    }
    return at + 1;
}

/* The name of the type in [from, to): the last word of its path. */
static void name_impl(const struct reader *r, size_t from, size_t to, struct orbit_item *item)
{
    for (size_t i = from; i < to && !is(r, i, "<"); i++) {
        if (is_word(r, i) && !orbit_word_in(orbit_token_text(&r->t, i), "dyn mut const")) {
            item->name = orbit_token_text(&r->t, i);
            item->offset = r->t.items[i].start;
        }
    }
}

static size_t read_impl(struct reader *r, size_t i, struct orbit_item *item, struct member_vec *v)
{
    size_t at = generics_end(r, i + 1);
    size_t type = at;
    size_t end;

    item->kind = ORBIT_ITEM_IMPL;
    item->generics = slice(r, i + 1, at);
    end = type_end(r, at, r->t.count, "for where { ;");
    if (is(r, end, "for")) {
        item->trait_name = slice(r, at, end);
        type = end + 1;
        end = type_end(r, type, r->t.count, "where { ;");
    }
    name_impl(r, type, end, item);
    end = type_end(r, end, r->t.count, "{ ;");
    if (!is(r, end, "{")) {
        fail_at(r, end, STR("expected '{' behind this impl"));
        return end;
    }
    set_body(r, item, end);
    read_methods(r, end + 1, r->t.items[end].match, v);
    return orbit_token_skip(&r->t, end);
}

/* The item whose keyword is at `i`; gives the token behind it. */
static size_t read_item(struct reader *r, size_t i, struct orbit_item *item, struct member_vec *v)
{
    size_t fn = fn_at(r, i);
    bool unsafe_impl = is(r, i, "unsafe") && is(r, i + 1, "impl");
    enum orbit_receiver receiver;

    if (is(r, fn, "fn") && is_word(r, fn + 1)) {
        item->kind = ORBIT_ITEM_FUNCTION;
        item->name = orbit_token_text(&r->t, fn + 1);
        item->offset = r->t.items[fn + 1].start;
        i = read_signature(r, fn + 1, &item->generics, &item->type, &receiver, v);
        set_body(r, item, i);
        return orbit_token_skip(&r->t, i);
    }
    if (orbit_word_in(orbit_token_text(&r->t, i), "struct enum union") && is_word(r, i + 1)) {
        return read_type(r, i, item, v);
    }
    if (is(r, i, "impl") || unsafe_impl) {
        return read_impl(r, i + unsafe_impl, item, v);
    }
    item->kind = is(r, i, "use")   ? ORBIT_ITEM_USE
                 : is(r, i, "mod") ? ORBIT_ITEM_MOD
                                   : ORBIT_ITEM_OTHER;
    if (is(r, i, "use")) {
        size_t end = other_end(r, i, r->t.count, false);
        item->type = slice(r, i + 1, end > 0 && is(r, end - 1, ";") ? end - 1 : end);
        return end;
    }
    if (!is_word(r, i) && !is(r, i, "::") && !is(r, i, ";")) {
        fail_at(r, i, STR("expected an item"));
        return r->t.count;
    }
    if (is_word(r, i + 1)) {
        item->name = orbit_token_text(&r->t, i + 1);
        item->offset = r->t.items[i + 1].start;
    }
    i = other_end(
            r, i, r->t.count, !orbit_word_in(orbit_token_text(&r->t, i), "const static type"));
    return i;
}

void orbit_rust_items(struct arena *a, struct str text, struct orbit_items *ret)
{
    struct reader r;
    size_t i = 0;

    if (!begin(&r, a, ORBIT_RUST, text, ret)) {
        return;
    }
    while (i < r.t.count && ret->error.len == 0) {
        struct lead lead = read_lead(&r, i);
        struct orbit_item item = {
            .kind = ORBIT_ITEM_OTHER, .attributes = lead.attributes, .visibility = lead.visibility
        };
        struct member_vec members = { NULL, 0, 0 };
        if (lead.at >= r.t.count) {
            break;
        }
        i = read_item(&r, lead.at, &item, &members);
        i = i > lead.at ? i : lead.at + 1;
        item.start = r.t.items[lead.start].start;
        item.end = r.t.items[i - 1].end;
        keep_members(&r, &members, &item.members, &item.member_count);
        if (!lead.test && ret->error.len == 0) {
            vec_push(&r.items, item);
        }
    }
    keep_items(&r);
}

bool orbit_item_derives(const struct orbit_item *item, struct str trait_name)
{
    struct arena arena = { NULL };
    struct orbit_tokens t;
    bool found = false;

    orbit_lex(&arena, ORBIT_RUST, item->attributes, &t);
    for (size_t i = 0; i + 1 < t.count && t.error.len == 0; i++) {
        if (orbit_token_is(&t, i, "derive") && orbit_token_is(&t, i + 1, "(")) {
            for (size_t k = i + 2; k < t.items[i + 1].match; k++) {
                found = found || (str_eq(orbit_token_text(&t, k), trait_name) &&
                                         !orbit_token_is(&t, k + 1, "::"));
            }
        }
    }
    arena_finish(&arena);
    return found;
}
