/* SPDX-License-Identifier: MIT */
/*
 * The attributes of a start tag: which directive each one is, its modifiers,
 * and what may not stand beside it. What stands in the values is read in
 * template_directive.c.
 */
#include <string.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "orbit/template_private.h"

enum { KEYS_MAX = 16 }; /* of one event */

struct attribute_vec {
    struct orbit_attribute *items;
    size_t count, cap;
};

struct tag_reader {
    struct template_parser *parser;
    struct template_tag *tag;
    struct attribute_vec all;
    const struct orbit_markup_attribute *at; /* the one that is being read */
    enum orbit_attribute_kind entry_kind;
};

/* A directive's name, taken apart: o-bind:ARGUMENT.MODIFIERS. */
struct directive {
    struct str name;      /* "bind", "on", "if", ... */
    struct str argument;  /* may be empty */
    struct str modifiers; /* behind the first '.' of the rest */
    bool has_modifiers;
};

static const struct str modifier_names[ORBIT_MODIFIER_COUNT] = {
    STR_INIT("prevent"),
    STR_INIT("stop"),
    STR_INIT("once"),
    STR_INIT("self"),
    STR_INIT("capture"),
    STR_INIT("passive"),
    STR_INIT("ctrl"),
    STR_INIT("alt"),
    STR_INIT("shift"),
    STR_INIT("meta"),
    STR_INIT("exact"),
    STR_INIT("left"),
    STR_INIT("middle"),
    STR_INIT("right"),
    STR_INIT("lazy"),
    STR_INIT("number"),
    STR_INIT("trim"),
    STR_INIT("prop"),
    STR_INIT("attr"),
};

enum {
    EVENT_MODIFIERS = ORBIT_PREVENT | ORBIT_STOP | ORBIT_ONCE | ORBIT_SELF | ORBIT_CAPTURE |
                      ORBIT_PASSIVE | ORBIT_CTRL | ORBIT_ALT | ORBIT_SHIFT | ORBIT_META |
                      ORBIT_EXACT,
    BUTTON_MODIFIERS = ORBIT_BUTTON_LEFT | ORBIT_BUTTON_MIDDLE | ORBIT_BUTTON_RIGHT,
    MODEL_MODIFIERS = ORBIT_LAZY | ORBIT_NUMBER | ORBIT_TRIM,
    BIND_MODIFIERS = ORBIT_PROP | ORBIT_ATTR,
};

/* What a key is called in a template, and in KeyboardEvent.key. */
static const struct {
    struct str name, key;
} key_names[] = {
    { STR_INIT("enter"), STR_INIT("Enter") },
    { STR_INIT("tab"), STR_INIT("Tab") },
    { STR_INIT("delete"), STR_INIT("Delete") },
    { STR_INIT("backspace"), STR_INIT("Backspace") },
    { STR_INIT("esc"), STR_INIT("Escape") },
    { STR_INIT("escape"), STR_INIT("Escape") },
    { STR_INIT("space"), STR_INIT(" ") },
    { STR_INIT("up"), STR_INIT("ArrowUp") },
    { STR_INIT("down"), STR_INIT("ArrowDown") },
    { STR_INIT("left"), STR_INIT("ArrowLeft") },
    { STR_INIT("right"), STR_INIT("ArrowRight") },
    { STR_INIT("home"), STR_INIT("Home") },
    { STR_INIT("end"), STR_INIT("End") },
    { STR_INIT("page-up"), STR_INIT("PageUp") },
    { STR_INIT("page-down"), STR_INIT("PageDown") },
    { STR_INIT("insert"), STR_INIT("Insert") },
};
enum { KEY_COUNT = sizeof(key_names) / sizeof(key_names[0]) };

struct str orbit_modifier_name(uint32_t bit)
{
    return modifier_names[__builtin_ctz(bit)];
}

static void report_at(struct tag_reader *r, struct str where, struct str hint, const char *text)
{
    size_t at = template_offset(r->parser, where);

    template_report(r->parser, at, at + where.len, hint, "%s", text);
}

/* The KeyboardEvent.key of a modifier: a name of the table, one character, or f1 to f12. */
static bool find_key(struct template_parser *p, struct str name, struct str *ret)
{
    uint64_t number;

    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (str_eq(key_names[i].name, name)) {
            *ret = key_names[i].key;
            return true;
        }
    }
    if (name.len == 1) {
        *ret = name;
        return true;
    }
    if (name.ptr[0] == 'f' && name.ptr[1] != '0' && str_parse_u64(str_skip(name, 1), &number) &&
            number <= 12) {
        *ret = arena_printf(p->arena, "F%.*s", STR_FMT(str_skip(name, 1)));
        return true;
    }
    return false;
}

static uint32_t find_modifier(struct str name, uint32_t allowed)
{
    for (unsigned i = 0; i < ORBIT_MODIFIER_COUNT; i++) {
        if ((allowed & (1u << i)) && str_eq(modifier_names[i], name)) {
            return 1u << i;
        }
    }
    return 0;
}

/* What a modifier was meant to be, or the list of what may stand here. */
static struct str modifier_hint(
        struct template_parser *p, struct str name, uint32_t allowed, bool with_keys)
{
    struct str names[ORBIT_MODIFIER_COUNT + KEY_COUNT], near;
    struct strbuf list;
    struct str ret;
    size_t count = 0;

    for (unsigned i = 0; i < ORBIT_MODIFIER_COUNT; i++) {
        if (allowed & (1u << i)) {
            names[count++] = modifier_names[i];
        }
    }
    strbuf_init(&list, 1024);
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(&list, "%s.%.*s", i > 0 ? ", " : "", STR_FMT(names[i]));
    }
    for (size_t i = 0; with_keys && i < KEY_COUNT; i++) {
        names[count++] = key_names[i].name;
    }
    near = str_nearest(name, names, count);
    if (near.len > 0) {
        ret = arena_printf(p->arena, "did you mean .%.*s?", STR_FMT(near));
    } else if (count == 0) {
        ret = STR("expected no modifier");
    } else {
        ret = arena_printf(p->arena, "expected %.*s%s", STR_FMT(strbuf_str(&list)),
                with_keys ? ", or a key" : "");
    }
    strbuf_finish(&list);
    return ret;
}

static void read_modifiers(struct tag_reader *r, const struct directive *d, uint32_t allowed,
        bool with_keys, struct orbit_attribute *ret)
{
    struct str rest = d->modifiers, name;
    struct str *keys = with_keys ? arena_array(r->parser->arena, struct str, KEYS_MAX) : NULL;
    bool more = d->has_modifiers;

    while (more) {
        uint32_t bit;
        size_t at;

        more = str_cut(rest, '.', &name, &rest);
        at = template_offset(r->parser, name);
        bit = find_modifier(name, allowed);
        if (name.len == 0) {
            report_at(
                    r, r->at->name, STR("expected a modifier behind '.'"), "a modifier is missing");
        } else if (bit) {
            ret->modifiers |= bit;
        } else if (with_keys && ret->key_count < KEYS_MAX &&
                   find_key(r->parser, name, &keys[ret->key_count])) {
            ret->key_count++;
        } else {
            template_report(r->parser, at, at + name.len,
                    modifier_hint(r->parser, name, allowed, with_keys), "unknown modifier '.%.*s'",
                    STR_FMT(name));
        }
    }
    ret->keys = keys;
}

static struct orbit_attribute *add(
        struct tag_reader *r, enum orbit_attribute_kind kind, struct str name)
{
    size_t at = template_offset(r->parser, r->at->name);
    struct orbit_attribute one = { .kind = kind,
        .name_at = { (uint32_t)at, (uint32_t)(at + r->at->name.len) },
        .name = name,
        .slot = ORBIT_UNKNOWN,
        .handler = ORBIT_UNKNOWN };

    vec_push(&r->all, one);
    return &r->all.items[r->all.count - 1];
}

static void add_entry(void *ctx, struct str name, const struct orbit_piece *code)
{
    struct tag_reader *r = ctx;

    if (r->all.count < ORBIT_ATTRIBUTES_MAX) {
        add(r, r->entry_kind, name)->code = *code;
        return;
    }
    if (r->all.count == ORBIT_ATTRIBUTES_MAX) {
        report_at(r, r->at->name, STR("use an expression"), "more than 128 attributes and entries");
        (void)add(r, r->entry_kind, name);
    }
}

static struct orbit_piece read_code(struct tag_reader *r, bool allow_statement)
{
    return template_piece(r->parser, r->at->value, true, allow_statement, r->at->name);
}

static bool is_keyboard_event(struct str name)
{
    return str_eq(name, STR("keydown")) || str_eq(name, STR("keyup")) ||
           str_eq(name, STR("keypress"));
}

static bool is_mouse_event(struct str name)
{
    static const struct str names[] = { STR_INIT("click"), STR_INIT("dblclick"),
        STR_INIT("auxclick"), STR_INIT("contextmenu") };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_eq(names[i], name)) {
            return true;
        }
    }
    return str_starts(name, STR("mouse")) || str_starts(name, STR("pointer"));
}

static void read_event(struct tag_reader *r, const struct directive *d)
{
    struct orbit_attribute *one;
    bool keyboard = is_keyboard_event(d->argument) && !r->tag->is_component;
    uint32_t allowed = r->tag->is_component ? (uint32_t)ORBIT_ONCE : (uint32_t)EVENT_MODIFIERS;

    if (is_mouse_event(d->argument) && !r->tag->is_component) {
        allowed |= BUTTON_MODIFIERS;
    }
    if (d->argument.len == 0) {
        report_at(r, r->at->name, STR("expected @event=\"...\""), "no event is named");
        return;
    }
    one = add(r, ORBIT_ATTRIBUTE_EVENT, d->argument);
    read_modifiers(r, d, allowed, keyboard, one);
    if ((one->modifiers & ORBIT_PASSIVE) && (one->modifiers & ORBIT_PREVENT)) {
        report_at(r, r->at->name, STR("expected one of them"),
                ".passive promises not to call preventDefault(), which .prevent does");
    }
    /* @submit.prevent without code is what a form needs that is sent by other means. */
    if (r->at->value.len > 0 || one->modifiers == 0) {
        one->code = read_code(r, true);
    }
}

static void read_bind(struct tag_reader *r, const struct directive *d)
{
    struct str name = d->argument;
    bool is_style = str_eq(name, STR("style"));
    struct orbit_attribute *one;

    if (name.len == 0 || name.ptr[0] == '[') {
        report_at(r, r->at->name, STR("expected :name=\"expression\""), "no attribute is named");
        return;
    }
    if (str_eq(name, STR("ref"))) {
        report_at(r, r->at->name, STR("expected ref=\"name\""), "a ref has a fixed name");
        return;
    }
    if (str_eq(name, STR("is")) && str_eq(r->tag->token->name, STR("component"))) {
        r->tag->is_code = read_code(r, false);
        return;
    }
    if (is_style || str_eq(name, STR("class"))) {
        r->entry_kind = is_style ? ORBIT_ATTRIBUTE_STYLE : ORBIT_ATTRIBUTE_CLASS;
        if (template_read_object(r->parser, r->at, add_entry, r)) {
            return;
        }
    }
    one = add(r, str_eq(name, STR("key")) ? ORBIT_ATTRIBUTE_KEY : ORBIT_ATTRIBUTE_BIND, name);
    read_modifiers(r, d, r->tag->is_component ? 0 : (uint32_t)BIND_MODIFIERS, false, one);
    one->code = read_code(r, false);
}

static void read_model(struct tag_reader *r, const struct directive *d)
{
    static const struct str tags[] = { STR_INIT("input"), STR_INIT("textarea"),
        STR_INIT("select") };
    bool fits = r->tag->is_component;
    struct orbit_attribute *one;

    for (size_t i = 0; i < 3; i++) {
        fits |= str_eq(tags[i], r->tag->token->name);
    }
    if (!fits) {
        report_at(r, r->at->name, STR("expected <input>, <textarea>, <select> or a component"),
                "o-model on an element without a value");
    } else if (d->argument.len > 0 && !r->tag->is_component) {
        report_at(r, r->at->name, STR("expected o-model=\"...\""),
                "only a component's o-model has a name");
    }
    one = add(r, ORBIT_ATTRIBUTE_MODEL,
            d->argument.len > 0 || !r->tag->is_component ? d->argument : STR("model"));
    read_modifiers(r, d,
            r->tag->is_component ? ORBIT_NUMBER | ORBIT_TRIM : (uint32_t)MODEL_MODIFIERS, false,
            one);
    one->code = read_code(r, false);
}

static void read_condition(struct tag_reader *r, bool with_code)
{
    if (r->tag->condition_name.len > 0) {
        report_at(r, r->at->name, STR("expected one of o-if, o-else-if, o-else"),
                "a second condition");
        return;
    }
    r->tag->condition_name = r->at->name;
    if (with_code) {
        r->tag->condition = read_code(r, false);
    } else if (r->at->has_value) {
        report_at(r, r->at->name, STR("expected o-else-if=\"...\", or o-else alone"),
                "o-else with a condition");
    }
}

static const struct str known[] = { STR_INIT("bind"), STR_INIT("on"), STR_INIT("if"),
    STR_INIT("else-if"), STR_INIT("else"), STR_INIT("for"), STR_INIT("show"), STR_INIT("model"),
    STR_INIT("html"), STR_INIT("slot") };

enum { KNOWN_COUNT = sizeof(known) / sizeof(known[0]) };

/* Its place in `known`; KNOWN_COUNT if it is none. */
static size_t find_known(struct str name)
{
    size_t i = 0;

    while (i < KNOWN_COUNT && !str_eq(known[i], name)) {
        i++;
    }
    return i;
}

static void read_directive(struct tag_reader *r, const struct directive *d)
{
    size_t i = find_known(d->name);

    if (i >= 2 && i <= 8 && i != 7 && (d->argument.len > 0 || d->has_modifiers)) {
        report_at(r, r->at->name,
                arena_printf(r->parser->arena, "expected o-%.*s", STR_FMT(d->name)),
                "this directive has neither a name nor modifiers");
        return;
    }
    switch (i) {
    case 0: read_bind(r, d); break;
    case 1: read_event(r, d); break;
    case 2:
    case 3: read_condition(r, true); break;
    case 4: read_condition(r, false); break;
    case 5: template_read_loop(r->parser, r->at, r->tag); break;
    case 6: add(r, ORBIT_ATTRIBUTE_SHOW, STR(""))->code = read_code(r, false); break;
    case 7: read_model(r, d); break;
    case 8: add(r, ORBIT_ATTRIBUTE_HTML, STR(""))->code = read_code(r, false); break;
    case 9: template_read_fill(r->parser, r->at, d->argument, r->tag); break;
    default: {
        struct str near = str_nearest(d->name, known, KNOWN_COUNT);
        report_at(r, r->at->name,
                near.len > 0 ? arena_printf(r->parser->arena, "did you mean o-%.*s?", STR_FMT(near))
                             : STR("expected o-if, o-else-if, o-else, o-for, o-show, o-model, "
                                   "o-html, o-bind, o-on or o-slot"),
                "unknown directive");
    }
    }
}

/* Whoever comes from Vue writes v-if, which would be an attribute that does nothing. */
static bool is_of_vue(struct str name)
{
    struct str rest = str_skip(name, 2);
    size_t colon = str_find(rest, ':'), dot = str_find(rest, '.');

    return str_starts(name, STR("v-")) &&
           find_known(str_sub(rest, 0, colon < dot ? colon : dot)) < KNOWN_COUNT;
}

static void read_static(struct tag_reader *r)
{
    struct str name = r->at->name;
    struct orbit_text value = template_attribute_text(r->parser, r->at->value);
    struct orbit_attribute *one;
    bool is_ref = str_eq(name, STR("ref")), is_key = str_eq(name, STR("key"));

    if (is_of_vue(name)) {
        report_at(r, name,
                arena_printf(r->parser->arena, "expected o%.*s", STR_FMT(str_skip(name, 1))),
                "no directive of this language");
    } else if (str_eq(name, STR("is")) && str_eq(r->tag->token->name, STR("component"))) {
        r->tag->is_name = value.text;
    } else if ((is_ref || is_key) && str_trim(value.text).len == 0) {
        report_at(r, name, is_ref ? STR("expected ref=\"name\"") : STR("expected :key=\"...\""),
                is_ref ? "a ref without a name" : "a key without a value");
    } else {
        one = add(r,
                is_ref   ? ORBIT_ATTRIBUTE_REF
                : is_key ? ORBIT_ATTRIBUTE_KEY
                         : ORBIT_ATTRIBUTE_STATIC,
                name);
        one->value = value;
        one->has_value = r->at->has_value;
    }
}

/* Takes a directive's name apart; false if the attribute is none. */
static bool parse_name(struct str written, struct directive *ret)
{
    struct str rest = written, behind;
    char c = written.ptr[0];
    size_t dot;

    *ret = (struct directive){ .name = STR("") };
    if (c == ':' || c == '@' || c == '#') {
        ret->name = c == ':' ? STR("bind") : c == '@' ? STR("on") : STR("slot");
        rest = str_skip(written, 1);
    } else if (str_starts(written, STR("o-"))) {
        size_t colon = str_find(written, ':');
        dot = str_find(written, '.');
        ret->name = str_sub(written, 2, colon < dot ? colon : dot);
        rest = colon < dot ? str_skip(written, colon + 1) : str_skip(written, 2 + ret->name.len);
    } else {
        return false;
    }
    dot = str_find(rest, '.');
    behind = str_skip(rest, dot);
    ret->argument = str_sub(rest, 0, dot);
    ret->has_modifiers = dot != STR_NONE;
    ret->modifiers = str_skip(behind, 1);
    return true;
}

/* An attribute that stands twice, or as text and as code. */
static void check_twice(struct tag_reader *r, size_t i)
{
    const struct orbit_attribute *one = &r->all.items[i];
    bool may_be_both = str_eq(one->name, STR("class")) || str_eq(one->name, STR("style"));

    for (size_t k = 0; k < i; k++) {
        const struct orbit_attribute *other = &r->all.items[k];
        bool both_values = one->kind <= ORBIT_ATTRIBUTE_BIND && other->kind <= ORBIT_ATTRIBUTE_BIND;
        bool same_kind = one->kind == other->kind && one->kind != ORBIT_ATTRIBUTE_EVENT;

        if (str_eq(one->name, other->name) && (same_kind || (both_values && !may_be_both))) {
            template_report(r->parser, one->name_at.start, one->name_at.end,
                    STR("expected it once, as text or with ':'"), "'%.*s' is given twice",
                    STR_FMT(one->name.len > 0 ? one->name : STR("this")));
            return;
        }
    }
}

void template_read_tag(struct template_parser *p, const struct orbit_markup_token *token,
        bool is_component, struct template_tag *ret)
{
    struct tag_reader r = { .parser = p, .tag = ret };
    struct orbit_markup_attribute *all;
    size_t count;

    *ret = (struct template_tag){ .token = token, .is_component = is_component };
    all = orbit_markup_attributes(
            p->source->text, token, ORBIT_ATTRIBUTES_MAX, &p->scratch, &count);
    if (count > ORBIT_ATTRIBUTES_MAX) {
        template_report(p, token->start, token->end, STR("leave some out"),
                "more than %d attributes", ORBIT_ATTRIBUTES_MAX);
        count = ORBIT_ATTRIBUTES_MAX;
    }
    for (size_t i = 0; i < count; i++) {
        struct directive d;
        bool again = false;

        r.at = &all[i];
        for (size_t k = 0; k < i; k++) {
            again |= str_eq(all[k].name, all[i].name);
        }
        if (again) {
            report_at(&r, all[i].name, STR("expected each attribute once"), "duplicate attribute");
        } else if (parse_name(all[i].name, &d)) {
            read_directive(&r, &d);
        } else {
            read_static(&r);
        }
    }
    for (size_t i = 0; i < r.all.count; i++) {
        check_twice(&r, i);
    }
    ret->attribute_count = r.all.count;
    ret->attributes = arena_array(p->arena, struct orbit_attribute, r.all.count);
    if (r.all.count > 0) {
        memcpy(ret->attributes, r.all.items, r.all.count * sizeof(*ret->attributes));
    }
    vec_finish(&r.all);
}
