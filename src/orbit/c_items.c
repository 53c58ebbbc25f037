/* SPDX-License-Identifier: MIT */
/*
 * The items of C: one declaration after another, each up to its ";" or behind
 * the body of its function. Both sides of an #if are read. The name of a
 * declaration is the last word before its ";", "[", ":" or parameters, which
 * is right for all but declarators in parentheses, and of those pointers to
 * functions are known. An enum that macros write is none that is known.
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

/* The declarator of one field or parameter in [from, to). False: it has no name. */
static bool read_declarator(
        const struct reader *r, size_t from, size_t to, struct orbit_member *ret)
{
    size_t end = orbit_find(&r->t, from, to, "[ : =");
    size_t name = end;

    for (size_t i = from; i < end; i = orbit_token_skip(&r->t, i)) {
        if (is(r, i, "(") && is(r, i + 1, "*")) {
            size_t inner = i + 1;
            while (is(r, inner, "*") || is(r, inner, "const")) {
                inner++;
            }
            if (!is_word(r, inner) || r->t.items[i].match >= to) {
                return false;
            }
            ret->name = orbit_token_text(&r->t, inner);
            ret->offset = r->t.items[inner].start;
            ret->type = slice(r, from, inner);
            ret->array = slice(r, inner + 1, to);
            return true;
        }
    }
    if (name == from || !is_word(r, name - 1)) {
        return false;
    }
    name--;
    ret->name = orbit_token_text(&r->t, name);
    ret->offset = r->t.items[name].start;
    ret->type = slice(r, from, name);
    ret->array = slice(r, end, orbit_find(&r->t, end, to, "="));
    return !orbit_is_keyword(ORBIT_C, ret->name);
}

/* Where the type of "type a, *b" ends: behind its words, without the first name and its stars. */
static size_t specifiers_end(const struct reader *r, size_t from, size_t to)
{
    size_t end = orbit_find(&r->t, from, to, ", [ : = (");

    while (end > from && (is_word(r, end - 1) || is(r, end - 1, "*"))) {
        end--;
        if (is_word(r, end) && !(end > from && is(r, end - 1, "*"))) {
            break;
        }
    }
    return end;
}

/* The fields of a struct in [i, to). */
static void read_fields(struct reader *r, size_t i, size_t to, struct member_vec *v)
{
    while (i < to) {
        size_t end = orbit_find(&r->t, i, to, ";");
        size_t type = specifiers_end(r, i, end);
        size_t from = i;
        if (r->t.items[i].kind == ORBIT_TOKEN_DIRECTIVE) {
            i++;
            continue;
        }
        while (from < end) {
            size_t comma = orbit_find(&r->t, from, end, ",");
            struct orbit_member field = { .kind = ORBIT_MEMBER_FIELD };
            if (read_declarator(r, from, comma, &field)) {
                if (from != i) {
                    struct str stars = str_trim(field.type);
                    field.type = stars.len == 0
                                         ? slice(r, i, type)
                                         : arena_printf(r->arena, "%.*s %.*s",
                                                   STR_FMT(slice(r, i, type)), STR_FMT(stars));
                }
                vec_push(v, field);
            }
            from = comma + 1;
        }
        i = end + 1;
    }
}

static void read_params(struct reader *r, size_t i, size_t to, struct member_vec *v)
{
    while (i < to) {
        size_t comma = orbit_find(&r->t, i, to, ",");
        struct orbit_member param = { .kind = ORBIT_MEMBER_FIELD };
        if (!read_declarator(r, i, comma, &param)) {
            param = (struct orbit_member){ .kind = ORBIT_MEMBER_FIELD,
                .offset = r->t.items[i].start,
                .type = slice(r, i, comma) };
        }
        if (!(comma == to && i + 1 == to && is(r, i, "void"))) {
            vec_push(v, param);
        }
        i = comma + 1;
    }
}

/* False: macros write some of them. */
static bool read_variants(struct reader *r, size_t i, size_t to, struct member_vec *v)
{
    while (i < to) {
        bool is_line = r->t.items[i].kind == ORBIT_TOKEN_DIRECTIVE;

        if (!is_line &&
                !(is_word(r, i) && (i + 1 == to || is(r, i + 1, ",") || is(r, i + 1, "=") ||
                                           r->t.items[i + 1].kind == ORBIT_TOKEN_DIRECTIVE))) {
            return false;
        }
        if (!is_line) {
            struct orbit_member variant = { .kind = ORBIT_MEMBER_VARIANT,
                .name = orbit_token_text(&r->t, i),
                .offset = r->t.items[i].start };
            vec_push(v, variant);
        }
        i = is_line ? i + 1 : orbit_find(&r->t, i, to, ",") + 1;
    }
    return true;
}

static void set_name(const struct reader *r, struct orbit_item *item, size_t i)
{
    item->name = orbit_token_text(&r->t, i);
    item->offset = r->t.items[i].start;
}

static void set_body(const struct reader *r, struct orbit_item *item, size_t open)
{
    item->body = r->t.items[open].end;
    item->body_end = r->t.items[r->t.items[open].match].start;
}

/* The struct, union or enum whose keyword is at `i` in the declaration [from, end). */
static void read_tag(struct reader *r, size_t i, size_t end, bool alias, struct orbit_item *item,
        struct member_vec *v)
{
    bool variants = is(r, i, "enum");
    size_t open = orbit_find(&r->t, i, end, "{");

    item->kind = variants ? ORBIT_ITEM_ENUM : ORBIT_ITEM_STRUCT;
    item->shape = ORBIT_SHAPE_NAMED;
    item->is_union = is(r, i, "union");
    item->offset = r->t.items[i].start;
    if (is_word(r, i + 1) && i + 1 < open && !is(r, i + 1, "__attribute__")) {
        set_name(r, item, i + 1);
    }
    set_body(r, item, open);
    if (variants) {
        if (!read_variants(r, open + 1, r->t.items[open].match, v)) {
            item->kind = ORBIT_ITEM_OTHER;
        }
    } else {
        read_fields(r, open + 1, r->t.items[open].match, v);
    }
    for (size_t k = orbit_token_skip(&r->t, open); alias && k < end; k++) {
        if (is_word(r, k) && !is(r, k, "__attribute__") && is_word(r, k) &&
                (is(r, k + 1, ";") || is(r, k + 1, ","))) {
            item->alias = orbit_token_text(&r->t, k);
            break;
        }
    }
}

/* The declaration at `i`; gives the token behind it. */
static size_t read_declaration(
        struct reader *r, size_t i, struct orbit_item *item, struct member_vec *v)
{
    const struct orbit_tokens *t = &r->t;
    size_t tag = t->count;    /* struct, union or enum with a body */
    size_t params = t->count; /* the "(" behind the name of a function */
    bool is_typedef = is(r, i, "typedef");
    size_t end = i;

    for (; end < t->count && !is(r, end, ";"); end = orbit_token_skip(t, end)) {
        if (t->items[end].kind == ORBIT_TOKEN_DIRECTIVE || is(r, end, "}")) {
            break;
        }
        if (tag == t->count && params == t->count && is_word(r, end) &&
                orbit_word_in(orbit_token_text(t, end), "struct union enum") &&
                (is(r, end + 1, "{") || (is_word(r, end + 1) && is(r, end + 2, "{")))) {
            tag = end;
        } else if (params == t->count && end > i && is(r, end, "(") && is_word(r, end - 1) &&
                   !orbit_is_keyword(ORBIT_C, orbit_token_text(t, end - 1)) &&
                   !is(r, end + 1, "*")) {
            params = end;
        } else if (is(r, end, "=")) {
            end = orbit_find(t, end, t->count, ";");
            params = t->count;
            break;
        } else if (params < t->count && is(r, end, "{")) {
            break;
        }
    }
    if (is(r, i, "static") || is(r, i, "extern")) {
        item->visibility = orbit_token_text(t, i);
    }
    if (tag < t->count) {
        read_tag(r, tag, end, is_typedef, item, v);
    } else if (is_typedef) {
        struct orbit_member member = { 0 };
        item->kind = ORBIT_ITEM_TYPEDEF;
        if (read_declarator(r, i + 1, end, &member)) {
            item->name = member.name;
            item->offset = member.offset;
        }
        item->type = slice(r, i + 1, end);
    } else if (params < t->count) {
        item->kind = ORBIT_ITEM_FUNCTION;
        set_name(r, item, params - 1);
        item->type = slice(r, i, params - 1);
        read_params(r, params + 1, t->items[params].match, v);
        if (is(r, end, "{")) {
            set_body(r, item, end);
        }
    }
    if (end < t->count && (t->items[end].kind == ORBIT_TOKEN_DIRECTIVE || is(r, end, "}"))) {
        return end > i ? end : end + 1;
    }
    return orbit_token_skip(t, end);
}

void orbit_c_items(struct arena *a, struct str text, struct orbit_items *ret)
{
    struct reader r;
    size_t i = 0;

    if (!begin(&r, a, ORBIT_C, text, ret)) {
        return;
    }
    while (i < r.t.count) {
        struct orbit_item item = { .kind = ORBIT_ITEM_OTHER, .start = r.t.items[i].start };
        struct member_vec members = { NULL, 0, 0 };
        if (is(&r, i, ";") || is(&r, i, "}")) {
            i++;
            continue;
        }
        if (is(&r, i, "extern") && r.t.items[i + 1].kind == ORBIT_TOKEN_STRING &&
                is(&r, i + 2, "{")) { /* what is inside is as what is outside */
            i += 3;
            continue;
        }
        if (r.t.items[i].kind == ORBIT_TOKEN_DIRECTIVE) {
            struct str line = orbit_token_text(&r.t, i);
            struct str word = str_trim(str_skip(line, 1));
            if (str_starts(word, STR("include"))) {
                item.kind = ORBIT_ITEM_USE;
                item.type = str_trim(str_skip(word, 7));
            }
            i++;
        } else {
            i = read_declaration(&r, i, &item, &members);
        }
        item.end = r.t.items[i - 1].end;
        keep_members(&r, &members, &item.members, &item.member_count);
        vec_push(&r.items, item);
    }
    keep_items(&r);
}
