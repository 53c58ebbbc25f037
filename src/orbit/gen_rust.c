/* SPDX-License-Identifier: MIT */
/*
 * A component in Rust: the code block in its own lines, and behind it the
 * template as a function that writes all values as one buffer, the handlers,
 * and the forms of the types that the block declares.
 *
 * Loops are evaluated in Rust, by `for`, so that the types of items are
 * inferred. How an expression of any type becomes a value is decided by the
 * compiler too, by autoref (crates/orbit/src/show.rs); nothing here knows types.
 *
 * The names of generated variables begin with "__", so that expressions of the
 * template cannot meet them.
 */
#include "orbit/gen_rust.h"

#include <string.h>

#include "base/vec.h"
#include "orbit/lex.h"

static const struct orbit_scope *scope_at(const struct gen_rust *g, uint32_t scope)
{
    return &g->in->table->scopes[scope];
}

static bool is_own_impl(const struct gen_rust *g, const struct orbit_item *item)
{
    return item->kind == ORBIT_ITEM_IMPL && str_eq(item->name, g->in->name);
}

const struct orbit_member *gen_rust_method(const struct gen_rust *g, struct str name)
{
    for (size_t i = 0; i < g->items.count; i++) {
        const struct orbit_item *item = &g->items.items[i];
        for (size_t k = 0; is_own_impl(g, item) && k < item->member_count; k++) {
            const struct orbit_member *m = &item->members[k];
            if (m->kind == ORBIT_MEMBER_METHOD && m->receiver != ORBIT_RECEIVER_NONE &&
                    str_eq(m->name, name)) {
                return m;
            }
        }
    }
    return NULL;
}

bool gen_rust_is_mut_method(const struct gen_rust *g, struct str name)
{
    for (size_t i = 0; i < g->items.count; i++) {
        const struct orbit_item *item = &g->items.items[i];
        for (size_t k = 0; item->kind == ORBIT_ITEM_IMPL && k < item->member_count; k++) {
            if (item->members[k].receiver == ORBIT_RECEIVER_MUT &&
                    str_eq(item->members[k].name, name)) {
                return true;
            }
        }
    }
    return false;
}

static bool is_field(const struct gen_rust *g, struct str name)
{
    for (size_t i = 0; i < g->component->member_count; i++) {
        if (str_eq(g->component->members[i].name, name)) {
            return true;
        }
    }
    return false;
}

bool gen_rust_is_variable(const struct gen_rust *g, uint32_t scope, struct str name)
{
    for (;; scope = scope_at(g, scope)->parent) {
        const struct orbit_scope *at = scope_at(g, scope);
        for (size_t i = 0; i < at->variable_count; i++) {
            if (str_eq(at->variables[i], name)) {
                return true;
            }
        }
        if (scope == 0) {
            return false;
        }
    }
}

struct place {
    const struct gen_rust *g;
    uint32_t scope;
    bool in_handler;
};

static bool is_member(void *ctx, const struct orbit_name *name)
{
    const struct place *p = ctx;

    if (gen_rust_is_variable(p->g, p->scope, name->text) ||
            (p->in_handler && str_eq(name->text, STR("event")))) {
        return false;
    }
    if (name->kind == ORBIT_NAME_CALL) {
        return gen_rust_method(p->g, name->text) || str_eq(name->text, STR("request_update"));
    }
    return is_field(p->g, name->text);
}

/* Whether `event.detail`, which is a function in Rust, ends at token `i` without its "()". */
static bool is_detail(const struct orbit_tokens *t, size_t i)
{
    return i >= 2 && orbit_token_is(t, i, "detail") && orbit_token_is(t, i - 1, ".") &&
           orbit_token_is(t, i - 2, "event") && !orbit_token_is(t, i + 1, "(") &&
           !orbit_token_is(t, i + 1, "::");
}

static void copy_byte(struct gen_rust *g, const struct orbit_piece *piece, size_t at)
{
    struct str byte = { piece->text.ptr + at, 1 };
    struct span span = orbit_piece_span(piece, at, at + 1);

    if (span.end == span.start + 1) {
        orbit_gen_copy(g->out, byte, span.start, orbit_gen_template_from(g->in));
    } else {
        strbuf_add(&g->out->text, byte); /* a character reference has no such byte */
    }
}

void gen_rust_copy(struct gen_rust *g, const struct orbit_piece *piece, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        copy_byte(g, piece, (size_t)(text.ptr - piece->text.ptr) + i);
    }
}

void gen_rust_code(struct gen_rust *g, const struct orbit_piece *piece, struct str text,
        uint32_t scope, bool in_handler)
{
    struct arena_mark mark = arena_get_mark(g->arena);
    struct place place = { g, scope, in_handler };
    const struct str self = STR("self.");
    struct str full = orbit_expr_qualify(g->arena, ORBIT_RUST, text, is_member, &place, self);
    size_t base = (size_t)(text.ptr - piece->text.ptr);
    struct orbit_tokens t = { .count = 0 };
    size_t token = 0;
    size_t i = 0;

    if (in_handler) {
        orbit_lex(g->arena, ORBIT_RUST, text, &t);
    }
    /* Qualified text is the text with insertions: what is equal is the author's. */
    for (size_t j = 0; j < full.len;) {
        if (str_starts(str_skip(full, j), self) && !str_starts(str_skip(text, i), self)) {
            strbuf_add(&g->out->text, self);
            j += self.len;
            continue;
        }
        if (i >= text.len || text.ptr[i] != full.ptr[j]) {
            strbuf_addc(&g->out->text, full.ptr[j++]);
            continue;
        }
        copy_byte(g, piece, base + i);
        i++;
        j++;
        while (token < t.count && t.items[token].end < i) {
            token++;
        }
        if (token < t.count && t.items[token].end == i && is_detail(&t, token)) {
            strbuf_add(&g->out->text, STR("()"));
        }
    }
    if (str_find_str(text, STR("//")) != STR_NONE) {
        strbuf_addc(&g->out->text, '\n'); /* it may be a comment, which must end */
    }
    arena_rewind(g->arena, mark);
}

static void put_expression(struct gen_rust *g, const char *before, const struct orbit_piece *piece,
        uint32_t scope, const char *after)
{
    strbuf_addf(&g->out->text, "%s", before);
    gen_rust_code(g, piece, piece->text, scope, false);
    strbuf_addf(&g->out->text, "%s", after);
}

void gen_rust_literal(struct strbuf *out, struct str text)
{
    strbuf_addc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"' || c == '\\') {
            strbuf_addf(out, "\\%c", c);
        } else if (c < 0x20 || c == 0x7f) {
            strbuf_addf(out, "\\u{%x}", c);
        } else {
            strbuf_addc(out, (char)c);
        }
    }
    strbuf_addc(out, '"');
}

/*
 * What a call gives is an iterator, a reference, or a value that nobody else needs: it is taken as
 * it is. All other expressions are places, whose items are borrowed.
 */
static bool is_call(struct str expression)
{
    return expression.len > 0 && expression.ptr[expression.len - 1] == ')' &&
           expression.ptr[0] != '(';
}

void gen_rust_iterator(
        struct gen_rust *g, const struct orbit_scope *scope, bool in_handler, bool is_mutable)
{
    const struct orbit_node *node = scope->node;
    struct strbuf *out = &g->out->text;

    if (node->is_range) {
        strbuf_add(out, STR("((("));
        gen_rust_code(g, &node->code, node->code.text, scope->parent, in_handler);
        strbuf_add(out, node->is_inclusive ? STR(")..=(") : STR(")..("));
        gen_rust_code(g, &node->end, node->end.text, scope->parent, in_handler);
        strbuf_add(out, STR(")))"));
    } else {
        strbuf_add(out, is_call(scope->expression) ? STR("((")
                        : is_mutable               ? STR("(&mut (")
                                                   : STR("(&("));
        gen_rust_code(g, &node->code, node->code.text, scope->parent, in_handler);
        strbuf_add(out, STR("))"));
    }
    strbuf_add(out, STR(".into_iter()"));
}

static void put_line(struct gen_rust *g, unsigned depth)
{
    strbuf_addf(&g->out->text, "\n%*s", (int)(depth * 4), "");
}

static void put_component(struct gen_rust *g, const struct orbit_slot *slot, unsigned depth)
{
    struct arena_mark mark = arena_get_mark(g->arena);
    size_t count;
    const struct orbit_attribute **props = orbit_component_props(slot->node, g->arena, &count);
    bool is = slot->node->kind == ORBIT_NODE_DYNAMIC && slot->node->code.text.len > 0;

    strbuf_addf(&g->out->text, "__w.list(%zu);", count + is);
    if (is) {
        put_line(g, depth);
        put_expression(
                g, "(&&&__o::Give(&(", &slot->node->code, slot->scope, "))).orbit_give(__w);");
    }
    for (size_t i = 0; i < count; i++) {
        put_line(g, depth);
        put_expression(g, "(&&&__o::Give(&(", &props[i]->code, slot->scope, "))).orbit_give(__w);");
    }
    arena_rewind(g->arena, mark);
}

static void put_scope(struct gen_rust *g, uint32_t number, unsigned depth);

/* What a scope writes between its marks. */
static void put_content(struct gen_rust *g, uint32_t number, unsigned depth)
{
    for (uint32_t i = g->chains.first_slot[number]; i != ORBIT_UNKNOWN;
            i = g->chains.next_slot[i]) {
        const struct orbit_slot *slot = &g->in->table->slots[i];
        put_line(g, depth);
        strbuf_addf(&g->out->text, "__w.slot(%u); ", i);
        if (slot->kind == ORBIT_SLOT_COMPONENT) {
            put_component(g, slot, depth);
        } else {
            put_expression(g, "(&&&&__o::Show(&(", slot->code, number, "))).orbit_show(__w);");
        }
    }
    for (uint32_t i = g->chains.first_scope[number]; i != ORBIT_UNKNOWN;
            i = g->chains.next_scope[i]) {
        put_scope(g, i, depth);
    }
}

static void put_branch(struct gen_rust *g, uint32_t number, unsigned depth)
{
    const struct orbit_scope *scope = scope_at(g, number);
    struct strbuf *out = &g->out->text;

    /* __n: no branch up to this one was true. Several chains may go on from one branch. */
    put_line(g, depth);
    switch (scope->kind) {
    case ORBIT_SCOPE_ELSE: strbuf_addf(out, "let __c%u = __n%u;", number, scope->after); break;
    case ORBIT_SCOPE_ELSE_IF:
        strbuf_addf(out, "let __c%u = __n%u && ", number, scope->after);
        put_expression(g, "__o::truth(&(", &scope->node->code, scope->parent, "));");
        strbuf_addf(out, " let __n%u = __n%u && !__c%u;", number, scope->after, number);
        break;
    case ORBIT_SCOPE_IF:
    case ORBIT_SCOPE_ROOT:
    case ORBIT_SCOPE_FOR:
    case ORBIT_SCOPE_FILL:
        strbuf_addf(out, "let __c%u = ", number);
        put_expression(g, "__o::truth(&(", &scope->node->code, scope->parent, "));");
        strbuf_addf(out, " let __n%u = !__c%u;", number, number);
        break;
    }
    put_line(g, depth);
    strbuf_addf(out, "if __c%u {", number);
    put_line(g, depth + 1);
    strbuf_addf(out, "__w.begin(%u);", number);
    put_content(g, number, depth + 1);
    put_line(g, depth + 1);
    strbuf_add(out, STR("__w.end();"));
    put_line(g, depth);
    strbuf_addc(out, '}');
}

static void put_loop(struct gen_rust *g, uint32_t number, unsigned depth)
{
    const struct orbit_scope *scope = scope_at(g, number);
    struct strbuf *out = &g->out->text;

    put_line(g, depth);
    strbuf_addf(out, "__w.begin(%u);", number);
    put_line(g, depth);
    if (scope->variable_count > 1) {
        strbuf_addf(out, "for (%.*s, %.*s) in ", STR_FMT(scope->variables[1]),
                STR_FMT(scope->variables[0]));
    } else {
        strbuf_addf(out, "for %.*s in ", STR_FMT(scope->variables[0]));
    }
    gen_rust_iterator(g, scope, false, false);
    strbuf_add(out, scope->variable_count > 1 ? STR(".enumerate() {") : STR(" {"));
    put_line(g, depth + 1);
    strbuf_add(out, STR("__w.item();"));
    put_content(g, number, depth + 1);
    put_line(g, depth);
    strbuf_addc(out, '}');
    put_line(g, depth);
    strbuf_add(out, STR("__w.end();"));
}

static void put_scope(struct gen_rust *g, uint32_t number, unsigned depth)
{
    switch (scope_at(g, number)->kind) {
    case ORBIT_SCOPE_IF:
    case ORBIT_SCOPE_ELSE_IF:
    case ORBIT_SCOPE_ELSE: put_branch(g, number, depth); break;
    case ORBIT_SCOPE_FOR: put_loop(g, number, depth); break;
    case ORBIT_SCOPE_FILL:
        put_line(g, depth);
        strbuf_addf(&g->out->text, "__w.fill(%u);", number);
        break;
    case ORBIT_SCOPE_ROOT: break;
    }
}

/* The contents of slots, which the page asks for with the props that the child gives. */
static void put_fills(struct gen_rust *g)
{
    struct strbuf *out = &g->out->text;

    strbuf_add(out, STR("\n    fn fill_slots(&self, __scope: u32, __path: &[u32], "
                        "__fills: &[__o::Value], __w: &mut __o::Writer) {\n"
                        "        match __scope {"));
    for (size_t i = 0; i < g->in->table->scope_count; i++) {
        if (g->in->table->scopes[i].kind == ORBIT_SCOPE_FILL) {
            struct gen_rust_way way = gen_rust_way_to(g, (uint32_t)i);
            strbuf_addf(out, "\n            %zu => {", i);
            gen_rust_check(g, &way);
            put_line(g, 4);
            gen_rust_open(g, &way, false, false);
            put_content(g, (uint32_t)i, 4);
            gen_rust_close(g, &way, " }");
            strbuf_add(out, STR("\n            }"));
        }
    }
    strbuf_add(out, STR("\n            _ => {}\n        }\n    }\n"));
}

static void put_template(struct gen_rust *g)
{
    struct strbuf *out = &g->out->text;
    struct str name = g->in->name;

    strbuf_addf(out, "\nimpl __o::Template for %.*s {", STR_FMT(name));
    strbuf_add(out, STR("\n    fn render_slots(&self, __w: &mut __o::Writer) {"));
    put_content(g, 0, 2);
    strbuf_add(out, STR("\n    }\n"));
    put_fills(g);
    gen_rust_handlers(g);
    strbuf_addf(out,
            "\n    fn props_of(__v: &__o::Value, __l: &mut __o::Losses)\n"
            "            -> ::core::option::Option<<%.*s as ::orbit::Component>::Props> {\n"
            "        ::orbit::props!(%.*s, __v, __l)\n    }\n}\n",
            STR_FMT(name), STR_FMT(name));
}

/* A text and where its lines begin. */
struct lines {
    struct str text;
    size_t *starts;
    size_t count;
};

static struct lines lines_of(struct str text, struct arena *a)
{
    struct lines ret = { .text = text };

    for (size_t i = 0; i < text.len; i++) {
        ret.count += text.ptr[i] == '\n';
    }
    ret.starts = arena_array(a, size_t, ret.count + 1);
    ret.starts[0] = 0;
    ret.count = 1;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\n') {
            ret.starts[ret.count++] = i + 1;
        }
    }
    return ret;
}

enum { COLUMN_BYTES_MAX = 2000 }; /* nobody looks further into a line */

/* Line and column, from 1, columns in characters. False: too far into its line. */
static bool lines_find(const struct lines *l, size_t at, unsigned *ret_line, unsigned *ret_col)
{
    size_t low = 0, high = l->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (l->starts[middle] <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *ret_line = (unsigned)low + 1;
    *ret_col = 1;
    if (at - l->starts[low] > COLUMN_BYTES_MAX) {
        return false;
    }
    for (size_t i = l->starts[low]; i < at && i < l->text.len; i++) {
        *ret_col += ((unsigned char)l->text.ptr[i] & 0xC0) != 0x80;
    }
    return true;
}

/* One row for each line of what was copied to behind the code block: where it stands and where it
 * was written. A panic is placed by it. */
static void put_places(struct gen_rust *g, unsigned block_lines)
{
    const struct orbit_gen_input *in = g->in;
    struct strbuf *out = &g->out->text;
    struct lines made = lines_of(arena_str(g->arena, strbuf_str(out)), g->arena);
    const struct lines written[ORBIT_FROM_COUNT] = {
        [ORBIT_FROM_FILE] = lines_of(in->source->text, g->arena),
        [ORBIT_FROM_CODE] = lines_of(in->code_is_other ? in->code : STR(""), g->arena),
        [ORBIT_FROM_TEMPLATE] = lines_of(in->markup->text, g->arena),
    };

    for (size_t i = 0; i < g->out->map.count; i++) {
        const struct orbit_map_entry *entry = &g->out->map.items[i];
        size_t begin = entry->from == ORBIT_FROM_CODE ? in->code_offset : 0;
        unsigned line, col, end_col, from_line, from_col;

        for (size_t at = 0; at < entry->len;) {
            struct str rest =
                    str_sub(made.text, entry->out_offset + at, entry->out_offset + entry->len);
            size_t sign = str_find(rest, '\n');
            size_t len = sign == STR_NONE ? rest.len : sign;
            bool is_near = lines_find(&made, entry->out_offset + at, &line, &col) &&
                           lines_find(&made, entry->out_offset + at + len, &line, &end_col) &&
                           lines_find(&written[entry->from], entry->source_offset - begin + at,
                                   &from_line, &from_col);

            if (is_near && line > block_lines && len > 0) {
                strbuf_addf(out, "        (%u, %u, %u, %d, %u, %u),\n", line, col, end_col,
                        (int)entry->from, from_line, from_col);
            }
            at += len + 1;
        }
    }
}

static void put_entry(struct gen_rust *g, unsigned lines)
{
    const struct orbit_gen_input *in = g->in;
    struct strbuf *out = &g->out->text;

    strbuf_add(out, STR("#[doc(hidden)]\npub static ORBIT_ENTRY: ::orbit::export::Entry = "
                        "::orbit::export::Entry {\n    name: "));
    gen_rust_literal(out, in->name);
    strbuf_add(out, STR(",\n    path: "));
    gen_rust_literal(out, in->path);
    strbuf_add(out, STR(",\n    table: "));
    gen_rust_literal(out, in->table_id);
    strbuf_add(out, STR(",\n    file: ::core::file!(),\n    sources: ["));
    gen_rust_literal(out, in->path);
    strbuf_add(out, STR(", "));
    gen_rust_literal(out, in->code_path);
    strbuf_add(out, STR(", "));
    gen_rust_literal(out, in->markup->path);
    strbuf_addf(
            out, "],\n    lines: (%u, %d),\n    places: &[\n", lines, (int)orbit_gen_code_from(in));
    put_places(g, lines);
    strbuf_addf(out, "    ],\n    make: ::orbit::export::make::<%.*s>,\n};\n", STR_FMT(in->name));
}

/* Where a message about the code block stands: at `offset` in it, or at its tag. */
static void report_code(struct gen_rust *g, size_t offset, struct str hint, struct str text)
{
    size_t start = g->in->code_offset + offset;
    size_t end = start;

    if (g->in->code_is_other || g->in->code.len == 0) {
        start = g->in->file->code ? g->in->file->code->tag.start : 0;
        end = g->in->file->code ? g->in->file->code->tag.end : 0;
    }
    orbit_report(&g->source, start, end, hint, "%.*s", STR_FMT(text));
}

static bool find_component(struct gen_rust *g)
{
    orbit_rust_items(g->arena, g->in->code, &g->items);
    for (size_t i = 0; i < g->items.count; i++) {
        const struct orbit_item *item = &g->items.items[i];
        if (item->kind == ORBIT_ITEM_STRUCT && str_eq(item->name, g->in->name)) {
            g->component = item;
            if (item->generics.len == 0) {
                return true;
            }
            report_code(g, item->offset, STR("give its fields types of their own"),
                    STR("a component has no generic parameters"));
            return false;
        }
    }
    if (g->items.error.len > 0) {
        report_code(g, g->items.error_offset, STR("expected items of Rust"), g->items.error);
        return false;
    }
    report_code(g, 0, STR("it has the name of the file"),
            arena_printf(g->arena, "the code declares no struct %.*s", STR_FMT(g->in->name)));
    return false;
}

bool orbit_gen_rust(const struct orbit_gen_input *in, struct arena *a, struct orbit_gen_output *ret,
        struct diag_list *diags)
{
    struct gen_rust g = { .in = in, .arena = a, .out = ret, .source = *in->source };
    struct strbuf *out = &ret->text;
    unsigned lines;

    g.source.diags = diags;
    if (!find_component(&g)) {
        return false;
    }
    g.chains = orbit_gen_chain(in->table, a);
    lines = gen_rust_block(&g);
    strbuf_addf(out, "// Made by orbiton of %.*s; changes are lost.\n", STR_FMT(in->path));
    /* A glob import of a name that the standard library's prelude has too would be ambiguous. */
    strbuf_add(out, STR("#[allow(unused_imports)]\n"
                        "use ::orbit::{eprint, eprintln, print, println};\n"));
    strbuf_add(out, STR("#[allow(warnings, clippy::all)]\nconst _: () = {\n"
                        "use ::orbit::export as __o;\n"
                        "use ::orbit::export::{GiveDebug as _, GiveDisplay as _, GiveWire as _};\n"
                        "use ::orbit::export::{KeepAny as _, KeepWire as _};\n"
                        "use ::orbit::export::{MakeAny as _, MakeDefault as _};\n"
                        "use ::orbit::export::{MakeWire as _, MakeWireDefault as _};\n"
                        "use ::orbit::export::{PatchAny as _, PatchWire as _};\n"
                        "use ::orbit::export::{ShowDebug as _, ShowDisplay as _};\n"
                        "use ::orbit::export::{ShowPlain as _, ShowWire as _};\n"
                        "use ::orbit::Component as _;\n"));
    put_template(&g);
    gen_rust_items(&g);
    strbuf_add(out, STR("};\n"));
    put_entry(&g, lines);
    if (out->overflow) {
        orbit_report(&g.source, 0, 0, STR("make components of its parts"),
                "the generated code is larger than %d bytes", ORBIT_GEN_MAX);
        return false;
    }
    return true;
}

void orbit_gen_rust_mod(const struct orbit_gen_input *inputs, size_t count, struct strbuf *out)
{
    strbuf_add(out, STR("// Made by orbiton of the project's .orbit files; changes are lost.\n"));
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(out, "pub mod %.*s;\n", STR_FMT(inputs[i].module));
    }
    strbuf_add(out, STR("\n::orbit::exports! {\n"));
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(out, "    self::%.*s::ORBIT_ENTRY,\n", STR_FMT(inputs[i].module));
    }
    strbuf_add(out, STR("}\n"));
}
