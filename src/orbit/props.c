/* SPDX-License-Identifier: MIT */
#include "orbit/props.h"

#include <stdint.h>
#include <stdlib.h>

#include "orbit/items.h"
#include "orbit/lex.h"
#include "orbit/slots.h"

/* ---- what is declared ---- */

static const struct orbit_item *find_struct(const struct orbit_items *items, struct str name)
{
    for (size_t i = 0; i < items->count; i++) {
        const struct orbit_item *item = &items->items[i];
        if (item->kind == ORBIT_ITEM_STRUCT &&
                (str_eq(item->name, name) || str_eq(item->alias, name))) {
            return item;
        }
    }
    return NULL;
}

/* What "type Props = ...;" of the component's impl says; empty: it says none. */
static struct str rust_props_type(
        struct arena *a, const struct orbit_items *items, struct str block, struct str name)
{
    for (size_t i = 0; i < items->count; i++) {
        const struct orbit_item *item = &items->items[i];
        struct orbit_tokens t;
        if (item->kind != ORBIT_ITEM_IMPL || !str_eq(item->name, name) ||
                !str_ends(item->trait_name, STR("Component"))) {
            continue;
        }
        orbit_lex(a, ORBIT_RUST, str_sub(block, item->body, item->body_end), &t);
        for (size_t k = 0; k + 3 < t.count; k = orbit_token_skip(&t, k)) {
            if (orbit_token_is(&t, k, "type") && orbit_token_is(&t, k + 1, "Props") &&
                    orbit_token_is(&t, k + 2, "=")) {
                size_t end = k + 3;
                while (end < t.count && !orbit_token_is(&t, end, ";")) {
                    end = orbit_token_skip(&t, end);
                }
                return end < t.count ? str_sub(t.text, t.items[k + 3].start, t.items[end].start)
                                     : STR("");
            }
        }
    }
    return STR("");
}

static struct orbit_declared members_of(
        struct arena *a, enum orbit_lang lang, const struct orbit_item *item)
{
    struct orbit_declared ret = { .is_known = true, .lang = lang };

    ret.items = arena_array(a, struct orbit_prop, item->member_count + 1);
    for (size_t i = 0; i < item->member_count; i++) {
        const struct orbit_member *m = &item->members[i];
        ret.items[ret.count++] = (struct orbit_prop){ .name = m->name,
            .type = m->array.len > 0
                            ? arena_printf(a, "%.*s%.*s", STR_FMT(m->type), STR_FMT(m->array))
                            : m->type };
    }
    return ret;
}

struct orbit_declared orbit_props_declared(
        struct arena *a, enum orbit_lang lang, struct str name, struct str block)
{
    struct orbit_declared none = { .is_known = true, .lang = lang };
    struct orbit_declared unknown = { .lang = lang };
    struct orbit_items items;
    const struct orbit_item *item;

    if (lang == ORBIT_C) {
        orbit_c_items(a, block, &items);
        item = find_struct(&items, arena_printf(a, "%.*sProps", STR_FMT(name)));
        return items.error.len > 0 ? unknown : item ? members_of(a, lang, item) : none;
    }
    if (lang != ORBIT_RUST) {
        return unknown;
    }
    orbit_rust_items(a, block, &items);
    struct str type = str_trim(rust_props_type(a, &items, block, name));

    if (items.error.len > 0) {
        return unknown;
    }
    if (str_eq(type, STR("()"))) {
        return none;
    }
    item = find_struct(&items, type);
    return item && item->shape == ORBIT_SHAPE_NAMED ? members_of(a, lang, item) : unknown;
}

/* ---- what is given ---- */

static void read_literal(
        struct arena *a, enum orbit_lang lang, struct str code, struct orbit_given *ret)
{
    struct orbit_tokens t;
    size_t last;

    orbit_lex(a, lang, code, &t);
    last = t.count > 0 && orbit_token_is(&t, 0, "-") ? 1 : 0;
    if (t.error.len > 0 || t.count != last + 1) {
        return;
    }
    struct str text = orbit_token_text(&t, last);
    if (t.items[last].kind == ORBIT_TOKEN_NUMBER) {
        ret->kind = ORBIT_GIVEN_NUMBER;
        ret->text = str_trim(code);
    } else if (last > 0) {
        return;
    } else if (t.items[0].kind == ORBIT_TOKEN_STRING && text.len >= 2 &&
               (text.ptr[0] == '"' || text.ptr[0] == '\'') && str_find(text, '\\') == STR_NONE) {
        ret->kind = ORBIT_GIVEN_TEXT;
        ret->text = str_sub(text, 1, text.len - 1);
    } else if (t.items[0].kind == ORBIT_TOKEN_WORD && orbit_word_in(text, "true false")) {
        ret->kind = ORBIT_GIVEN_BOOL;
        ret->text = text;
    }
}

struct giving {
    struct arena *a;
    const struct orbit_template *t;
    const struct orbit_source *source;
    struct orbit_givens ret;
    size_t cap;
};

static void add_given(struct giving *g, const struct orbit_given *given)
{
    if (g->ret.count == g->cap) {
        struct orbit_given *old = g->ret.items;
        g->cap = g->cap > 0 ? 2 * g->cap : 16;
        g->ret.items = arena_array(g->a, struct orbit_given, g->cap);
        for (size_t i = 0; i < g->ret.count; i++) {
            g->ret.items[i] = old[i];
        }
    }
    g->ret.items[g->ret.count++] = *given;
}

static void read_component(struct giving *g, const struct orbit_node *node)
{
    for (size_t i = 0; i < node->attribute_count; i++) {
        const struct orbit_attribute *at = &node->attributes[i];
        struct orbit_given given = { .child = node->name, .name = at->name };

        if (at->kind == ORBIT_ATTRIBUTE_STATIC && !str_eq(at->name, STR("class")) &&
                !str_eq(at->name, STR("style"))) {
            given.kind = at->value.has_references ? ORBIT_GIVEN_OTHER : ORBIT_GIVEN_TEXT;
            given.text = at->value.text;
        } else if (!orbit_is_prop(node, at)) {
            continue;
        } else if (at->kind == ORBIT_ATTRIBUTE_BIND) {
            read_literal(g->a, g->t->lang, at->code.text, &given);
        }
        if (given.name.len == 0) {
            given.name = STR("model");
        }
        diag_place(g->source->text, at->name_at.start, &given.line, &given.col);
        add_given(g, &given);
    }
}

static void read_nodes(struct giving *g, const struct orbit_node *node)
{
    for (; node; node = node->next) {
        if (node->kind == ORBIT_NODE_COMPONENT) {
            read_component(g, node);
        }
        read_nodes(g, node->first); /* at most ORBIT_DEPTH_MAX and a few deep */
    }
}

struct orbit_givens orbit_props_given(
        struct arena *a, const struct orbit_template *t, const struct orbit_source *source)
{
    struct giving g = { .a = a, .t = t, .source = source };

    read_nodes(&g, t->root);
    return g.ret;
}

/* ---- whether it fits ---- */

/* "item-count" and "itemCount" are "item_count". */
static bool is_same_name(struct str x, struct str y)
{
    size_t i = 0, k = 0;

    for (;;) {
        while (i < x.len && (x.ptr[i] == '-' || x.ptr[i] == '_')) {
            i++;
        }
        while (k < y.len && (y.ptr[k] == '-' || y.ptr[k] == '_')) {
            k++;
        }
        if (i == x.len || k == y.len) {
            return i == x.len && k == y.len;
        }
        if (!str_ieq(str_sub(x, i, i + 1), str_sub(y, k, k + 1))) {
            return false;
        }
        i++;
        k++;
    }
}

struct number_type {
    const char *name; /* without qualifiers */
    unsigned bits;    /* 0: with a fraction */
    bool is_signed;
};

static const struct number_type rust_numbers[] = { { "i8", 8, true }, { "i16", 16, true },
    { "i32", 32, true }, { "i64", 64, true }, { "isize", 32, true }, { "u8", 8, false },
    { "u16", 16, false }, { "u32", 32, false }, { "u64", 64, false }, { "usize", 32, false },
    { "f32", 0, true }, { "f64", 0, true } };

/* long and size_t are those of wasm32. */
static const struct number_type c_numbers[] = { { "short", 16, true }, { "int", 32, true },
    { "long", 32, true }, { "long long", 64, true }, { "unsigned char", 8, false },
    { "unsigned short", 16, false }, { "unsigned", 32, false }, { "unsigned int", 32, false },
    { "unsigned long", 32, false }, { "unsigned long long", 64, false }, { "int8_t", 8, true },
    { "int16_t", 16, true }, { "int32_t", 32, true }, { "int64_t", 64, true },
    { "uint8_t", 8, false }, { "uint16_t", 16, false }, { "uint32_t", 32, false },
    { "uint64_t", 64, false }, { "size_t", 32, false }, { "float", 0, true },
    { "double", 0, true } };

static const struct number_type *number_type(enum orbit_lang lang, struct str type)
{
    const struct number_type *all = lang == ORBIT_C ? c_numbers : rust_numbers;
    size_t count = lang == ORBIT_C ? sizeof(c_numbers) / sizeof(*c_numbers)
                                   : sizeof(rust_numbers) / sizeof(*rust_numbers);

    for (size_t i = 0; i < count; i++) {
        if (str_eq(type, str_from(all[i].name))) {
            return &all[i];
        }
    }
    return NULL;
}

/* Whether a decimal number fits; one that is written otherwise (0x10, 1_000) is left to the build. */
static bool fits_number(const struct number_type *type, struct str text, bool truncates)
{
    char digits[24];
    size_t at = 0;
    bool is_negative = str_starts(text, STR("-"));
    struct str rest = str_skip(text, is_negative || str_starts(text, STR("+")) ? 1 : 0);
    size_t point = str_find(rest, '.');
    struct str whole = point == STR_NONE ? rest : str_sub(rest, 0, point);

    if (type->bits == 0 || (point != STR_NONE && truncates)) {
        return true;
    }
    if (point != STR_NONE) {
        struct str fraction = str_skip(rest, point + 1);
        for (size_t i = 0; i < fraction.len; i++) {
            if (fraction.ptr[i] != '0') {
                return fraction.ptr[i] < '0' || fraction.ptr[i] > '9';
            }
        }
    }
    while (at < whole.len && at < sizeof(digits) - 1 && whole.ptr[at] >= '0' &&
            whole.ptr[at] <= '9') {
        digits[at] = whole.ptr[at];
        at++;
    }
    digits[at] = '\0';
    if (at != whole.len || at > 18) {
        return true;
    }
    unsigned long long n = strtoull(digits, NULL, 10);
    unsigned long long most = type->bits == 64 ? UINT64_MAX >> type->is_signed
                                               : (1ULL << (type->bits - type->is_signed)) - 1;
    return is_negative ? n == 0 || (type->is_signed && n <= most + 1) : n <= most;
}

/* A number, as the runtime of the language reads one in a text: that of C knows no exponent. */
static bool is_number(struct str text, bool has_fraction, bool has_exponent)
{
    size_t digits = 0, points = 0;

    text = str_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c >= '0' && c <= '9') {
            digits++;
        } else if (c == '.' && has_fraction) {
            points++;
        } else if ((c == 'e' || c == 'E') && has_exponent && digits > 0) {
            return true; /* the rest is seldom wrong */
        } else if ((c != '-' && c != '+') || i > 0) {
            return false;
        }
    }
    return digits > 0 && points <= 1;
}

static struct str without(struct str type, const char *before, const char *after)
{
    struct str inner = str_trim(type);

    if (!str_starts(inner, str_from(before)) || !str_ends(inner, str_from(after))) {
        return inner;
    }
    inner = str_skip(inner, str_from(before).len);
    return str_trim(str_sub(inner, 0, inner.len - str_from(after).len));
}

static bool fits(enum orbit_lang lang, struct str type, const struct orbit_given *given)
{
    bool is_c = lang == ORBIT_C;

    if (given->kind == ORBIT_GIVEN_OTHER) {
        return true;
    }
    type = is_c ? without(type, "const ", "") : without(type, "Option<", ">");
    const struct number_type *number = number_type(lang, type);
    if (number && given->kind == ORBIT_GIVEN_TEXT) {
        return is_number(given->text, is_c || number->bits == 0, !is_c && number->bits == 0) &&
               fits_number(number, str_trim(given->text), is_c);
    }
    if (number) {
        return given->kind == ORBIT_GIVEN_NUMBER ? fits_number(number, given->text, is_c) : is_c;
    }
    if (str_eq(type, STR("bool")) || str_eq(type, STR("_Bool"))) {
        return given->kind == ORBIT_GIVEN_BOOL ||
               (given->kind == ORBIT_GIVEN_NUMBER
                               ? is_c
                               : given->text.len == 0 || orbit_word_in(given->text, "true false"));
    }
    if (is_c && (str_starts(type, STR("char[")) || str_eq(type, STR("char *")) ||
                        str_eq(type, STR("char*")))) {
        return given->kind == ORBIT_GIVEN_TEXT;
    }
    return true;
}

static void warn(struct str path, const struct orbit_given *given, struct diag_list *diags,
        struct str text, struct str hint)
{
    diag_list_add(diags, &(struct diag){ .severity = DIAG_WARNING,
                                 .path = path,
                                 .line = given->line,
                                 .col = given->col,
                                 .text = text,
                                 .hint = hint });
}

bool orbit_props_gives(const struct orbit_givens *given, struct str child, struct str name)
{
    for (size_t i = 0; i < given->count; i++) {
        if (str_eq(given->items[i].child, child) && is_same_name(given->items[i].name, name)) {
            return true;
        }
    }
    return false;
}

void orbit_props_check(struct str path, const struct orbit_givens *given, struct str name,
        const struct orbit_declared *declared, struct diag_list *diags)
{
    struct arena a = { 0 };

    for (size_t i = 0; declared->is_known && i < given->count; i++) {
        const struct orbit_given *each = &given->items[i];
        const struct orbit_prop *prop = NULL;
        if (!str_eq(each->child, name)) {
            continue;
        }
        for (size_t k = 0; k < declared->count && !prop; k++) {
            prop = is_same_name(each->name, declared->items[k].name) ? &declared->items[k] : NULL;
        }
        if (!prop) {
            warn(path, each, diags,
                    arena_printf(&a, "%.*s.%.*s: there is no such prop", STR_FMT(name),
                            STR_FMT(each->name)),
                    STR(""));
        } else if (!fits(declared->lang, prop->type, each)) {
            const char *quote = each->kind == ORBIT_GIVEN_TEXT ? "\"" : "";
            warn(path, each, diags,
                    arena_printf(&a, "%.*s.%.*s: %s%.*s%s does not fit %.*s", STR_FMT(name),
                            STR_FMT(prop->name), quote, STR_FMT(each->text), quote,
                            STR_FMT(prop->type)),
                    STR(""));
        }
    }
    arena_finish(&a);
}
