/* SPDX-License-Identifier: MIT */
/*
 * The forms of the structs and enums of the code block: ToWire writes a value
 * by the names of its fields, FromWire makes one, or overwrites the fields of
 * one that is there. Both stand in the block's own module, so that private
 * fields and types are in reach. A type that cannot have a form (it has
 * lifetimes, or parts that depend on cfg) has none, which the fields that have
 * it bear: autoref finds out.
 */
#include <string.h>

#include "orbit/gen_rust.h"
#include "orbit/lex.h"

struct form {
    struct gen_rust *g;
    const struct orbit_item *item;
    struct str parameters; /* "<T: Clone>" */
    struct str arguments;  /* "<T>" */
    struct str *types;     /* the parameters that are types */
    size_t type_count;
};

static struct str bare(struct str name)
{
    return str_starts(name, STR("r#")) ? str_skip(name, 2) : name;
}

static bool is_conditional(struct str attributes)
{
    return str_find_str(attributes, STR("cfg")) != STR_NONE;
}

static bool has_conditional_member(const struct orbit_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_conditional(members[i].attributes) ||
                has_conditional_member(members[i].members, members[i].member_count)) {
            return true;
        }
    }
    return false;
}

/* Takes "<T: A, const N: usize>" apart. False if it cannot be written again. */
static bool read_generics(struct form *f)
{
    struct arena *a = f->g->arena;
    struct orbit_tokens t;
    struct strbuf arguments;
    int depth = 0;
    bool good = true;

    f->arguments = STR("");
    f->parameters = f->item->generics;
    if (f->item->generics.len == 0) {
        return true;
    }
    orbit_lex(a, ORBIT_RUST, f->item->generics, &t);
    f->types = arena_array(a, struct str, t.count + 1);
    strbuf_init(&arguments, 4096);
    for (size_t i = 0; i < t.count; i = orbit_token_skip(&t, i)) {
        bool starts = depth == 1 && (orbit_token_is(&t, i, ",") || orbit_token_is(&t, i, "<"));
        depth += orbit_token_is(&t, i, "<");
        starts = starts || (depth == 1 && i == 0);
        depth -= orbit_token_is(&t, i, ">");
        good = good && !orbit_token_is(&t, i, "=") && t.items[i].kind != ORBIT_TOKEN_LIFETIME &&
               !orbit_token_is(&t, i, ">>");
        if (starts && t.items[i + 1].kind == ORBIT_TOKEN_WORD) {
            bool is_const = orbit_token_is(&t, i + 1, "const");
            struct str name = orbit_token_text(&t, i + 1 + is_const);
            strbuf_addf(&arguments, "%s%.*s", arguments.len > 0 ? ", " : "<", STR_FMT(name));
            if (!is_const) {
                f->types[f->type_count++] = name;
            }
        }
    }
    strbuf_add(&arguments, STR(">"));
    f->arguments = arena_str(a, strbuf_str(&arguments));
    strbuf_finish(&arguments);
    return good && t.error.len == 0;
}

/* Whether the item can have a form. */
static bool read_form(struct gen_rust *g, const struct orbit_item *item, struct form *ret)
{
    struct str head = str_sub(g->in->code, item->offset, item->body ? item->body : item->end);
    struct str lead = str_sub(g->in->code, item->start, item->offset);

    *ret = (struct form){ .g = g, .item = item };
    if (item->kind != ORBIT_ITEM_STRUCT && item->kind != ORBIT_ITEM_ENUM) {
        return false;
    }
    if (item == g->component) {
        return true;
    }
    if (item->kind == ORBIT_ITEM_ENUM &&
            (item->member_count == 0 ||
                    has_conditional_member(item->members, item->member_count))) {
        return false;
    }
    return !is_conditional(item->attributes) && !str_ends(str_trim(lead), STR("union")) &&
           str_find_str(head, STR("where")) == STR_NONE && read_generics(ret);
}

static void begin_impl(const struct form *f, const char *trait)
{
    struct strbuf *out = &f->g->out->text;

    strbuf_addf(out, "\nimpl%.*s __o::%s for %.*s%.*s", STR_FMT(f->parameters), trait,
            STR_FMT(f->item->name), STR_FMT(f->arguments));
    for (size_t i = 0; i < f->type_count; i++) {
        strbuf_addf(out, "%s%.*s: __o::%s", i > 0 ? ", " : " where ", STR_FMT(f->types[i]), trait);
    }
    strbuf_add(out, STR(" {\n"));
}

/* The name of a field in the wire's records, and behind "self.". */
static struct str field_name(const struct form *f, const struct orbit_member *field, size_t i)
{
    return field->name.len > 0 ? field->name : arena_printf(f->g->arena, "%zu", i);
}

static void put_place(
        const struct form *f, struct str owner, const struct orbit_member *field, size_t i)
{
    struct strbuf *out = &f->g->out->text;

    strbuf_add(out, STR("__o::Place { owner: "));
    gen_rust_literal(out, owner);
    strbuf_add(out, STR(", field: "));
    gen_rust_literal(out, bare(field_name(f, field, i)));
    strbuf_add(out, STR(", kind: "));
    gen_rust_literal(out, field->type);
    strbuf_add(out, STR(" }"));
}

/* Writes the values of fields, each of which is `before` and its name or number. */
static void put_fields(const struct form *f, enum orbit_shape shape, struct str name,
        const struct orbit_member *fields, size_t count, const char *before, bool numbered,
        const char *indent)
{
    struct strbuf *out = &f->g->out->text;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        kept += !is_conditional(fields[i].attributes);
    }
    switch (shape) {
    case ORBIT_SHAPE_UNIT: strbuf_addf(out, "%s__w.none();\n", indent); return;
    case ORBIT_SHAPE_TUPLE: strbuf_addf(out, "%s__w.list(%zu);\n", indent, kept); break;
    case ORBIT_SHAPE_NAMED:
        strbuf_addf(out, "%s__w.record(", indent);
        gen_rust_literal(out, name);
        strbuf_addf(out, ", %zu);\n", kept);
        break;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_conditional(fields[i].attributes)) {
            continue;
        }
        strbuf_addf(out, "%s", indent);
        if (shape == ORBIT_SHAPE_NAMED) {
            strbuf_add(out, STR("__w.field("));
            gen_rust_literal(out, bare(fields[i].name));
            strbuf_add(out, STR("); "));
        }
        strbuf_addf(out, "(&&__o::Keep(%s", before);
        if (numbered) {
            strbuf_addf(out, "%zu", i);
        } else {
            strbuf_add(out, field_name(f, &fields[i], i));
        }
        strbuf_add(out, STR(")).orbit_keep(__w);\n"));
    }
}

static void put_pattern(const struct form *f, const struct orbit_member *variant)
{
    struct strbuf *out = &f->g->out->text;

    strbuf_addf(out, "%.*s::%.*s", STR_FMT(f->item->name), STR_FMT(variant->name));
    for (size_t i = 0; i < variant->member_count; i++) {
        strbuf_addf(out, "%s", i > 0 ? ", " : variant->shape == ORBIT_SHAPE_NAMED ? " { " : "(");
        if (variant->shape == ORBIT_SHAPE_NAMED) {
            strbuf_addf(out, "%.*s: ", STR_FMT(variant->members[i].name));
        }
        strbuf_addf(out, "__f%zu", i);
    }
    if (variant->member_count > 0) {
        strbuf_add(out, variant->shape == ORBIT_SHAPE_NAMED ? STR(" }") : STR(")"));
    } else if (variant->shape != ORBIT_SHAPE_UNIT) {
        strbuf_add(out, variant->shape == ORBIT_SHAPE_NAMED ? STR(" {}") : STR("()"));
    }
}

static void put_to_wire(const struct form *f)
{
    const struct orbit_item *item = f->item;
    struct strbuf *out = &f->g->out->text;

    begin_impl(f, "ToWire");
    strbuf_add(out, STR("    fn put(&self, __w: &mut __o::Writer) {\n"
                        "        __w.nested(|__w| {\n"));
    if (item->kind == ORBIT_ITEM_STRUCT) {
        put_fields(f, item->shape, bare(item->name), item->members, item->member_count, "&self.",
                false, "            ");
    } else {
        strbuf_add(out, STR("            match self {\n"));
        for (size_t i = 0; i < item->member_count; i++) {
            const struct orbit_member *variant = &item->members[i];
            strbuf_add(out, STR("                "));
            put_pattern(f, variant);
            strbuf_add(out, STR(" => {\n                    __w.variant("));
            gen_rust_literal(out, bare(item->name));
            strbuf_add(out, STR(", "));
            gen_rust_literal(out, bare(variant->name));
            strbuf_add(out, STR(");\n"));
            put_fields(f, variant->shape, bare(variant->name), variant->members,
                    variant->member_count, "__f", true, "                    ");
            strbuf_add(out, STR("                }\n"));
        }
        strbuf_add(out, STR("            }\n"));
    }
    strbuf_add(out, STR("        });\n    }\n}\n"));
}

/* The expression of #[prop(default = expression)]; "" for #[prop(default)]; false without. */
static bool prop_default(const struct form *f, struct str attributes, struct str *ret)
{
    struct orbit_tokens t;

    orbit_lex(f->g->arena, ORBIT_RUST, attributes, &t);
    for (size_t i = 0; t.error.len == 0 && i + 3 < t.count; i++) {
        if (orbit_token_is(&t, i, "prop") && orbit_token_is(&t, i + 1, "(") &&
                (orbit_token_is(&t, i + 2, "default") || orbit_token_is(&t, i + 2, "optional"))) {
            size_t close = t.items[i + 1].match;
            bool value = orbit_token_is(&t, i + 3, "=") && close > i + 4;
            *ret = value ? str_sub(t.text, t.items[i + 4].start, t.items[close - 1].end) : STR("");
            return true;
        }
    }
    return false;
}

/* "let __r0 = ...;" for each field, out of __f. */
static void put_makes(const struct form *f, struct str owner, const struct orbit_member *fields,
        size_t count, const char *indent)
{
    struct strbuf *out = &f->g->out->text;

    for (size_t i = 0; i < count; i++) {
        struct str value = STR("");
        bool has_default = prop_default(f, fields[i].attributes, &value);
        strbuf_addf(out, "%slet __r%zu: ::core::option::Option<%.*s> = ", indent, i,
                STR_FMT(fields[i].type));
        if (has_default) {
            strbuf_add(out, STR("if __f.get("));
            gen_rust_literal(out, bare(field_name(f, &fields[i], i)));
            strbuf_addf(out, ").is_none() { ::core::option::Option::Some(%.*s) } else { ",
                    STR_FMT(value.len > 0 ? value : STR("::core::default::Default::default()")));
        }
        strbuf_addf(
                out, "(&&&&__o::Make::<%.*s>::new()).orbit_make(&__f, ", STR_FMT(fields[i].type));
        put_place(f, owner, &fields[i], i);
        strbuf_addf(out, ", __l)%s;\n", has_default ? " }" : "");
    }
}

/* "Some(Name { field: __r0?, ... })" */
static void put_some(const struct form *f, enum orbit_shape shape, struct str variant,
        const struct orbit_member *fields, size_t count)
{
    struct strbuf *out = &f->g->out->text;

    strbuf_addf(out, "::core::option::Option::Some(%.*s%s%.*s", STR_FMT(f->item->name),
            variant.len > 0 ? "::" : "", STR_FMT(variant));
    if (shape == ORBIT_SHAPE_NAMED) {
        strbuf_add(out, STR(" { "));
        for (size_t i = 0; i < count; i++) {
            strbuf_addf(out, "%.*s: __r%zu?, ", STR_FMT(fields[i].name), i);
        }
        strbuf_addc(out, '}');
    } else if (shape == ORBIT_SHAPE_TUPLE) {
        strbuf_addc(out, '(');
        for (size_t i = 0; i < count; i++) {
            strbuf_addf(out, "__r%zu?, ", i);
        }
        strbuf_addc(out, ')');
    }
    strbuf_addc(out, ')');
}

static void put_open(const struct form *f)
{
    struct strbuf *out = &f->g->out->text;

    strbuf_add(out, STR("__o::Fields::of_struct(__v, &["));
    for (size_t i = 0; i < f->item->member_count; i++) {
        gen_rust_literal(out, bare(field_name(f, &f->item->members[i], i)));
        strbuf_add(out, STR(", "));
    }
    strbuf_add(out, STR("])"));
}

static void put_struct(const struct form *f)
{
    const struct orbit_item *item = f->item;
    struct strbuf *out = &f->g->out->text;
    struct str owner = bare(item->name);

    if (has_conditional_member(item->members, item->member_count)) {
        strbuf_add(out, STR("        ::core::option::Option::None\n    }\n"));
    } else {
        strbuf_add(out, STR("        let __f = "));
        put_open(f);
        strbuf_add(out, STR("?;\n"));
        put_makes(f, owner, item->members, item->member_count, "        ");
        strbuf_add(out, STR("        "));
        put_some(f, item->shape, STR(""), item->members, item->member_count);
        strbuf_add(out, STR("\n    }\n"));
    }
    strbuf_add(
            out, STR("\n    fn patch(&mut self, __v: &__o::Value, __l: &mut __o::Losses) -> bool "
                     "{\n        let __f = match "));
    put_open(f);
    strbuf_add(out, STR(" {\n            ::core::option::Option::Some(f) => f,\n"
                        "            ::core::option::Option::None => return false,\n        };\n"));
    for (size_t i = 0; i < item->member_count; i++) {
        struct str name = field_name(f, &item->members[i], i);
        if (!is_conditional(item->members[i].attributes)) {
            strbuf_addf(out,
                    "        (&&__o::Patch::new(&self.%.*s)).orbit_patch(&mut self.%.*s, &__f, ",
                    STR_FMT(name), STR_FMT(name));
            put_place(f, owner, &item->members[i], i);
            strbuf_add(out, STR(", __l);\n"));
        }
    }
    strbuf_add(out, STR("        true\n    }\n"));
}

static void put_enum(const struct form *f)
{
    const struct orbit_item *item = f->item;
    struct strbuf *out = &f->g->out->text;

    strbuf_add(out, STR("        let (__name, __p) = __o::variant_of(__v)?;\n"
                        "        match __name {\n"));
    for (size_t i = 0; i < item->member_count; i++) {
        const struct orbit_member *variant = &item->members[i];
        struct str owner = arena_printf(
                f->g->arena, "%.*s::%.*s", STR_FMT(bare(item->name)), STR_FMT(bare(variant->name)));
        strbuf_add(out, STR("            "));
        gen_rust_literal(out, bare(variant->name));
        strbuf_add(out, STR(" => {\n                let __f = __o::Fields::of(__p)?;\n"));
        put_makes(f, owner, variant->members, variant->member_count, "                ");
        strbuf_add(out, STR("                "));
        put_some(f, variant->shape, variant->name, variant->members, variant->member_count);
        strbuf_add(out, STR("\n            }\n"));
    }
    strbuf_add(out, STR("            _ => {\n"
                        "                __l.add(::std::format!(\"{}: variant {} is gone\", "));
    gen_rust_literal(out, bare(item->name));
    strbuf_add(out, STR(", __name));\n                ::core::option::Option::None\n"
                        "            }\n        }\n    }\n"));
}

static void put_from_wire(const struct form *f)
{
    struct strbuf *out = &f->g->out->text;

    begin_impl(f, "FromWire");
    strbuf_add(out, STR("    fn from_wire(__v: &__o::Value, __l: &mut __o::Losses)\n"
                        "            -> ::core::option::Option<Self> {\n"));
    if (f->item->kind == ORBIT_ITEM_STRUCT) {
        put_struct(f);
    } else {
        put_enum(f);
    }
    strbuf_add(out, STR("}\n"));
}

void gen_rust_items(struct gen_rust *g)
{
    for (size_t i = 0; i < g->items.count; i++) {
        struct form form;
        if (read_form(g, &g->items.items[i], &form)) {
            put_to_wire(&form);
            put_from_wire(&form);
        }
    }
}
