/* SPDX-License-Identifier: MIT */
/*
 * A component in C: the code block under its own lines, and behind it the
 * template as a function that writes all values, the handlers, and the forms of
 * the structs that the block declares. Types are left to clang: each value goes
 * into an __auto_type variable, whose kind orbit.h finds out.
 *
 * Functions of the block get names of their own for the linker, so that two
 * components may both have an "increment". The names of generated variables
 * begin with "__", so that expressions of the template cannot meet them.
 */
#include "orbit/gen_c.h"

#include <string.h>

#include "orbit/c_headers.h"
#include "orbit/lex.h"

static const struct orbit_scope *scope_at(const struct gen_c *g, uint32_t scope)
{
    return &g->in->table->scopes[scope];
}

const struct orbit_item *gen_c_function(const struct gen_c *g, struct str name)
{
    for (size_t i = 0; i < g->items.count; i++) {
        const struct orbit_item *item = &g->items.items[i];
        if (item->kind == ORBIT_ITEM_FUNCTION && str_eq(item->name, name)) {
            return item;
        }
    }
    return NULL;
}

bool gen_c_takes_self(const struct gen_c *g, const struct orbit_item *function)
{
    return function->member_count > 0 && str_find(function->members[0].type, '*') != STR_NONE &&
           gen_c_item(g, function->members[0].type) == g->component;
}

void gen_c_literal(struct strbuf *out, struct str text)
{
    strbuf_addc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"' || c == '\\') {
            strbuf_addf(out, "\\%c", c);
        } else if (c < 0x20 || c == 0x7f) {
            strbuf_addf(out, "\\%03o", c);
        } else {
            strbuf_addc(out, (char)c);
        }
    }
    strbuf_addc(out, '"');
}

void gen_c_report(struct gen_c *g, const struct orbit_source *source, struct span span,
        struct str hint, struct str text)
{
    orbit_report(source, span.start, span.end, hint, "%.*s", STR_FMT(text));
    g->failed = true;
}

/* ---- the template ---- */

/* Whether the expression is a comparison or the like, which C calls an int. */
static bool is_truth(const struct gen_c *g, struct str text)
{
    struct orbit_tokens t;
    bool found = false;
    bool other = false;

    orbit_lex(g->arena, ORBIT_C, text, &t);
    for (size_t i = 0; i < t.count; i = orbit_token_skip(&t, i)) {
        struct str token = orbit_token_text(&t, i);
        if (t.items[i].kind != ORBIT_TOKEN_PUNCT) {
            found = found || (t.items[i].kind == ORBIT_TOKEN_WORD &&
                                     orbit_word_in(token, "true false") && t.count == 1);
        } else if (orbit_word_in(token, "== != < > <= >= && ||")) {
            found = true;
        } else if (orbit_word_in(token, "? , | ^ =")) {
            return false;
        } else if (!orbit_word_in(token, "! . ->")) {
            other = true;
        }
    }
    return found || (!other && orbit_token_is(&t, 0, "!"));
}

static void put_value(
        struct gen_c *g, const struct orbit_piece *code, struct str text, uint32_t scope)
{
    struct strbuf *out = &g->out->text;

    strbuf_add(out, STR("    { "));
    gen_c_code(g, is_truth(g, text) ? "bool __v = (" : "__auto_type __v = (", code, text, scope,
            false, "); _Static_assert(__shows(__v), \"a value of this type cannot be shown\");");
    gen_c_resume(g);
    strbuf_add(out, STR("    __show(__w, __v); }\n"));
}

static void put_component(struct gen_c *g, const struct orbit_slot *slot)
{
    size_t count;
    const struct orbit_attribute **props = orbit_component_props(slot->node, g->arena, &count);
    const struct orbit_piece *is = &slot->node->code;
    bool has_is = slot->node->kind == ORBIT_NODE_DYNAMIC && is->text.len > 0;

    strbuf_addf(&g->out->text, "    orbit_list(__w, %zu);\n", count + has_is);
    if (has_is) {
        put_value(g, is, is->text, slot->scope);
    }
    for (size_t i = 0; i < count; i++) {
        put_value(g, &props[i]->code, props[i]->code.text, slot->scope);
    }
}

static void put_scope(struct gen_c *g, uint32_t number);

/* What a scope writes between its marks. */
static void put_content(struct gen_c *g, uint32_t number)
{
    for (uint32_t i = g->chains.first_slot[number]; i != ORBIT_UNKNOWN;
            i = g->chains.next_slot[i]) {
        const struct orbit_slot *slot = &g->in->table->slots[i];
        strbuf_addf(&g->out->text, "    orbit_mark(__w, %u);\n", i);
        if (slot->kind == ORBIT_SLOT_COMPONENT) {
            put_component(g, slot);
        } else {
            put_value(g, slot->code, slot->code->text, number);
        }
    }
    for (uint32_t i = g->chains.first_scope[number]; i != ORBIT_UNKNOWN;
            i = g->chains.next_scope[i]) {
        put_scope(g, i);
    }
}

static void put_branch(struct gen_c *g, uint32_t number)
{
    const struct orbit_scope *scope = scope_at(g, number);
    struct strbuf *out = &g->out->text;

    /* __n: no branch up to this one was true. Several chains may go on from one branch. */
    if (scope->kind == ORBIT_SCOPE_ELSE) {
        strbuf_addf(out, "    bool __c%u = __n%u;\n", number, scope->after);
    } else {
        bool chained = scope->kind == ORBIT_SCOPE_ELSE_IF;
        strbuf_addf(out, "    bool __c%u = ", number);
        if (chained) {
            strbuf_addf(out, "__n%u && ", scope->after);
        }
        struct str test = scope->node->code.text;
        gen_c_code(g, gen_c_is_given(g, scope->parent, test) ? "orbit_bool(" : "!!(",
                &scope->node->code, test, scope->parent, false, ");");
        gen_c_resume(g);
        if (chained) {
            strbuf_addf(out, "    bool __n%u = __n%u && !__c%u;\n", number, scope->after, number);
        } else {
            strbuf_addf(out, "    bool __n%u = !__c%u;\n", number, number);
        }
    }
    strbuf_addf(out, "    if (__c%u) {\n    orbit_mark(__w, %u);\n", number, 0x8000u | number);
    put_content(g, number);
    strbuf_add(out, STR("    orbit_mark(__w, 0xffff);\n    }\n"));
}

static void put_scope(struct gen_c *g, uint32_t number)
{
    const struct orbit_scope *scope = scope_at(g, number);
    struct strbuf *out = &g->out->text;

    switch (scope->kind) {
    case ORBIT_SCOPE_ROOT: return;
    case ORBIT_SCOPE_IF:
    case ORBIT_SCOPE_ELSE_IF:
    case ORBIT_SCOPE_ELSE: put_branch(g, number); return;
    case ORBIT_SCOPE_FOR: break;
    case ORBIT_SCOPE_FILL:
        strbuf_addf(
                out, "    orbit_mark(__w, %u);\n    orbit_mark(__w, 0xfffd);\n", 0x8000u | number);
        return;
    }
    strbuf_addf(out, "    {\n    orbit_mark(__w, %u);\n        ", 0x8000u | number);
    gen_c_list(g, number, false);
    strbuf_addf(out, "for (size_t __i%u = 0; __i%u < __n%u; __i%u++) {\n", number, number, number,
            number);
    gen_c_variables(g, number, true);
    strbuf_add(out, STR("    orbit_mark(__w, 0xfffe);\n"));
    put_content(g, number);
    strbuf_add(out, STR("    }\n    orbit_mark(__w, 0xffff);\n    }\n"));
}

/* The contents of slots, which the page asks for with the props that the child gives. */
static void put_fills(struct gen_c *g)
{
    struct strbuf *out = &g->out->text;

    strbuf_addf(out,
            "static void __fill(void *__self, uint32_t __scope, const uint32_t *__path, "
            "uint32_t __count,\n        orbit_detail __fills, struct orbit_writer *__w)\n{\n"
            "    %.*s *self = __self;\n"
            "    (void)self, (void)__path, (void)__count, (void)__fills, (void)__w;\n"
            "    switch (__scope) {\n",
            STR_FMT(gen_c_type(g, g->component)));
    for (size_t i = 0; i < g->in->table->scope_count; i++) {
        if (g->in->table->scopes[i].kind == ORBIT_SCOPE_FILL) {
            strbuf_addf(out, "    case %zu: {\n        ", i);
            gen_c_open(g, (uint32_t)i, false);
            put_content(g, (uint32_t)i);
            strbuf_add(out, STR("        return;\n    }\n"));
        }
    }
    strbuf_add(out, STR("    default: return;\n    }\n}\n"));
}

/* ---- the whole ---- */

/* "counter_mounted" or "mounted", if the block defines it. */
static const struct orbit_item *life_function(const struct gen_c *g, const char *name)
{
    const struct orbit_item *f =
            gen_c_function(g, arena_printf(g->arena, "%.*s_%s", STR_FMT(g->in->module), name));

    return f ? f : gen_c_function(g, str_from(name));
}

static void put_life_call(struct gen_c *g, const char *name, const char *indent)
{
    const struct orbit_item *f = life_function(g, name);

    if (f && gen_c_takes_self(g, f)) {
        strbuf_addf(&g->out->text, "%s%.*s(self%s);\n", indent, STR_FMT(f->name),
                f->member_count > 1 ? (g->props ? ", &__props" : ", NULL") : "");
    }
}

static void put_init(struct gen_c *g)
{
    struct strbuf *out = &g->out->text;
    struct str type = gen_c_type(g, g->component);

    strbuf_addf(out,
            "static void __init(void *__self, struct orbit_reader *r, bool __is_new)\n{\n"
            "    %.*s *self = __self;\n    (void)self;\n",
            STR_FMT(type));
    if (g->props) {
        struct str name = g->props->alias.len > 0 ? g->props->alias : g->props->name;
        strbuf_addf(out, "    %.*s __props = { 0 };\n    __load_%.*s(r, &__props);\n",
                STR_FMT(gen_c_type(g, g->props)), STR_FMT(name));
        for (size_t i = 0; i < g->component->member_count; i++) {
            const struct orbit_member *field = &g->component->members[i];
            if (gen_c_item(g, field->type) == g->props && field->array.len == 0 &&
                    str_find(field->type, '*') == STR_NONE) {
                strbuf_addf(out, "    self->%.*s = __props;\n", STR_FMT(field->name));
            }
        }
    } else {
        strbuf_add(out, STR("    orbit_skip(r);\n"));
    }
    strbuf_add(out, STR("    if (__is_new) {\n"));
    put_life_call(g, "new", "        ");
    strbuf_add(out, STR("    } else {\n"));
    put_life_call(g, "props", "        ");
    strbuf_add(out, STR("    }\n}\n"));
}

static void put_hooks(struct gen_c *g)
{
    static const char *const names[] = { "mounted", "updated", "unmounted" };
    struct strbuf *out = &g->out->text;
    struct str type = gen_c_type(g, g->component);
    struct str name = g->in->name;

    strbuf_addf(out,
            "static void __hook(void *__self, uint32_t __which)\n{\n    %.*s *self = __self;\n"
            "    (void)self, (void)__which;\n",
            STR_FMT(type));
    for (size_t i = 0; i < 3; i++) {
        const struct orbit_item *f = life_function(g, names[i]);
        if (f && gen_c_takes_self(g, f) && f->member_count == 1) {
            strbuf_addf(out, "    if (__which == %zu) { %.*s(self); }\n", i, STR_FMT(f->name));
        }
    }
    strbuf_addf(out,
            "}\nstatic void __save(void *__self, struct orbit_writer *w)\n{\n"
            "    __save_%.*s(w, __self);\n}\n"
            "static void __restore(void *__self, struct orbit_reader *r)\n{\n"
            "    __load_%.*s(r, __self);\n}\n",
            STR_FMT(name), STR_FMT(name));
}

static void put_class(struct gen_c *g)
{
    struct strbuf *out = &g->out->text;

    strbuf_addf(out, "extern const struct orbit_class orbit_class_%.*s;\n", STR_FMT(g->in->module));
    strbuf_addf(out,
            "const struct orbit_class orbit_class_%.*s = {\n    .name = ", STR_FMT(g->in->module));
    gen_c_literal(out, g->in->name);
    strbuf_add(out, STR(", .path = "));
    gen_c_literal(out, g->in->path);
    strbuf_add(out, STR(", .table = "));
    gen_c_literal(out, g->in->table_id);
    strbuf_addf(out,
            ",\n    .size = sizeof(%.*s), .init = __init, .render = __render, .fill = __fill,\n"
            "    .handle = __handle, .hook = __hook, .save = __save, .restore = __restore,\n};\n",
            STR_FMT(gen_c_type(g, g->component)));
}

/* Where the code block's file is, from the root. */
static struct str code_path(const struct gen_c *g)
{
    struct str path = g->in->path;
    size_t slash = str_rfind(path, '/');

    if (!g->in->code_is_other || !g->in->file->code) {
        return path;
    }
    struct str src = g->in->file->code->src;
    while (str_starts(src, STR("./"))) {
        src = str_skip(src, 2);
    }
    if (str_starts(src, STR("/"))) {
        return str_skip(src, 1);
    }
    path = str_sub(path, 0, slash == STR_NONE ? 0 : slash + 1);
    return arena_printf(g->arena, "%.*s%.*s", STR_FMT(path), STR_FMT(src));
}

static bool is_same_type(const struct orbit_item *a, const struct orbit_item *b)
{
    struct str name = a->alias.len > 0 ? a->alias : a->name;

    return (b->kind == ORBIT_ITEM_STRUCT || b->kind == ORBIT_ITEM_ENUM) && b->body > 0 &&
           name.len > 0 && str_eq(name, b->alias.len > 0 ? b->alias : b->name);
}

/* Both sides of an #if may declare a type: the first one counts. */
static void keep_first_types(struct gen_c *g)
{
    for (size_t i = 0; i < g->items.count; i++) {
        struct orbit_item *item = &g->items.items[i];
        bool is_type = (item->kind == ORBIT_ITEM_STRUCT || item->kind == ORBIT_ITEM_ENUM) &&
                       item->body > 0;
        for (size_t k = 0; k < i && is_type && item->kind != ORBIT_ITEM_OTHER; k++) {
            if (is_same_type(item, &g->items.items[k])) {
                item->kind = ORBIT_ITEM_OTHER;
            }
        }
    }
}

static bool find_component(struct gen_c *g)
{
    const struct orbit_gen_input *in = g->in;
    const struct orbit_section *code = in->file->code;
    struct span place = { 0, 0 };

    orbit_c_items(g->arena, in->code, &g->items);
    orbit_c_headers_add(g->arena, in->headers, &g->items);
    keep_first_types(g);
    g->component = gen_c_item(g, in->name);
    if (g->component && gen_c_is_struct(g->component)) {
        g->props = gen_c_item(g, arena_printf(g->arena, "%.*sProps", STR_FMT(in->name)));
        if (g->props && !gen_c_is_struct(g->props)) {
            g->props = NULL;
        }
        return true;
    }
    if (code) {
        place = code->tag;
    }
    if (g->items.error.len > 0 && !in->code_is_other) {
        place.start = place.end = (uint32_t)(in->code_offset + g->items.error_offset);
        gen_c_report(g, &g->source, place, STR(""), g->items.error);
        return false;
    }
    gen_c_report(g, &g->source, place,
            arena_printf(g->arena, "typedef struct { ... } %.*s;", STR_FMT(in->name)),
            arena_printf(g->arena, "the code declares no struct %.*s", STR_FMT(in->name)));
    return false;
}

static void put_block(struct gen_c *g)
{
    struct strbuf *out = &g->out->text;

    strbuf_addf(out, "/* Made by orbiton of %.*s; changes are lost. */\n#include <orbit.h>\n",
            STR_FMT(g->in->path));
    for (size_t i = 0; i < g->items.count; i++) {
        const struct orbit_item *item = &g->items.items[i];
        if (item->kind == ORBIT_ITEM_FUNCTION && item->body > 0 &&
                !str_eq(item->visibility, STR("static"))) {
            strbuf_addf(out, "#pragma redefine_extname %.*s %.*s__%.*s\n", STR_FMT(item->name),
                    STR_FMT(g->in->module), STR_FMT(item->name));
        }
    }
    gen_c_place(g, g->in->code_offset, true);
    orbit_gen_copy(g->out, g->in->code, g->in->code_offset, orbit_gen_code_from(g->in));
    gen_c_resume(g);
    strbuf_add(out, STR("#pragma clang diagnostic ignored \"-Wunused\"\n"
                        "#pragma clang diagnostic ignored \"-Wpointer-bool-conversion\"\n"
                        "#pragma clang diagnostic ignored \"-Wtautological-compare\"\n"));
}

bool orbit_gen_c(const struct orbit_gen_input *in, struct arena *a, struct orbit_gen_output *ret,
        struct diag_list *diags)
{
    struct gen_c g = {
        .in = in, .arena = a, .out = ret, .source = *in->source, .markup = *in->markup, .line = 1
    };
    struct strbuf *out = &ret->text;

    g.source.diags = g.markup.diags = diags;
    g.code_path = code_path(&g);
    if (!find_component(&g)) {
        return false;
    }
    g.chains = orbit_gen_chain(in->table, a);
    gen_c_find_given(&g);
    put_block(&g);
    gen_c_items(&g);
    strbuf_addf(out,
            "static void __render(void *__self, struct orbit_writer *__w)\n{\n"
            "    %.*s *self = __self;\n    (void)self, (void)__w;\n",
            STR_FMT(gen_c_type(&g, g.component)));
    put_content(&g, 0);
    strbuf_add(out, STR("}\n"));
    put_fills(&g);
    gen_c_handlers(&g);
    put_init(&g);
    put_hooks(&g);
    put_class(&g);
    if (out->overflow) {
        gen_c_report(&g, &g.source, (struct span){ 0, 0 }, STR("make components of its parts"),
                STR("the generated code is too large"));
    }
    return !g.failed;
}

static const char app_head[] =
        "/* Made by orbiton of the project's .orbit files; changes are lost. */\n"
        "#define ORBIT_IMPLEMENTATION\n#include <orbit.h>\n\n";

bool orbit_gen_c_is_app(struct str text)
{
    return str_starts(text, str_from(app_head));
}

void orbit_gen_c_app(const struct orbit_gen_input *inputs, size_t count, struct strbuf *out)
{
    strbuf_add(out, str_from(app_head));
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(out, "extern const struct orbit_class orbit_class_%.*s;\n",
                STR_FMT(inputs[i].module));
    }
    strbuf_add(out, STR("\nconst struct orbit_class *const orbit_classes[] = {\n"));
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(out, "    &orbit_class_%.*s,\n", STR_FMT(inputs[i].module));
    }
    strbuf_addf(out, "    NULL,\n};\nconst uint32_t orbit_class_count = %zu;\n", count);
}
