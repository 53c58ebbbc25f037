/* SPDX-License-Identifier: MIT */
/*
 * A component whose code is JavaScript or TypeScript, as a module: its code block in the lines that it has in the
 * .orbit file, and behind it what client/orbit/logic.js needs to drive it.
 *
 *     $code("src/x.orbit", TABLE, $logic(Counter, { name,
 *         render() { const $self = this; const $r0 = { up: null, s0: ($self.count), ... }; ... },
 *         handlers: [function ($r, $event) { ... }, ...],
 *     }));
 *
 * A record (client/orbit/record.js) is one object literal with all of its slots, so that engines
 * give it one shape; the scopes below are computed by statements behind it.
 *
 * Of TypeScript the types stay where they are: the module is TypeScript then, and a tool of the
 * project makes JavaScript of it as a whole (modules/transformed.c).
 *
 * Invariant: what the author wrote is copied without a change but for "$self." before a member.
 */
#include "orbit/gen_js.h"

#include "base/vec.h"
#include "orbit/expr.h"
#include "orbit/lex.h"

/* What a template may name without having it declared. */
static const char globals[] =
        "Infinity undefined NaN isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent "
        "encodeURI encodeURIComponent Math Number Date Array Object Boolean String RegExp Map Set "
        "WeakMap WeakSet JSON Intl BigInt Symbol Error Promise console window document globalThis "
        "navigator localStorage sessionStorage alert confirm prompt fetch setTimeout clearTimeout "
        "setInterval clearInterval requestAnimationFrame queueMicrotask structuredClone URL "
        "URLSearchParams performance crypto arguments";

enum { SCANS_MAX = 500 /* of the block, for names that it may not have */ };

struct gen {
    const struct orbit_gen_input *in;
    const struct orbit_table *table;
    struct orbit_source source, markup; /* those of the input, with the caller's list */
    struct arena *arena;
    struct orbit_gen_output *out;
    struct orbit_js_code code;
    struct orbit_chains chains;
    bool *is_followed; /* a branch that another one comes after */
    size_t scans;
    bool failed;
};

static void add(struct gen *g, const char *text)
{
    strbuf_add(&g->out->text, str_from(text));
}

#define addf(g, ...) strbuf_addf(&(g)->out->text, __VA_ARGS__)

/* Names. */

struct name_vec {
    struct orbit_name *items;
    size_t count, cap;
};

static void note_name(void *ctx, const struct orbit_name *name)
{
    struct name_vec *v = ctx;

    vec_push(v, *name);
}

static bool is_variable(const struct gen *g, uint32_t scope, struct str name)
{
    for (;; scope = g->table->scopes[scope].parent) {
        const struct orbit_scope *s = &g->table->scopes[scope];
        for (size_t i = 0; i < s->variable_count; i++) {
            if (str_eq(s->variables[i], name)) {
                return true;
            }
        }
        if (scope == 0) {
            return false;
        }
    }
}

static bool is_member(const struct gen *g, uint32_t scope, bool is_handler, struct str name)
{
    if (is_variable(g, scope, name) ||
            (is_handler && (str_eq(name, STR("event")) || str_eq(name, STR("$event"))))) {
        return false;
    }
    if (orbit_js_has_name(&g->code.members, name)) {
        return true;
    }
    return !orbit_js_has_name(&g->code.module, name) && !orbit_word_in(name, globals);
}

/* Keeps a name that is taken for a member, if nothing says that it is one: where it stands in the block, a
 * comment or a string may mean it too. */
static void note_undeclared(
        struct gen *g, const struct orbit_piece *piece, const struct orbit_name *name)
{
    const struct orbit_js_code *code = &g->code;
    struct str text = name->text;
    struct orbit_undeclared one = { .name = text };

    if (code->is_open || str_starts(text, STR("$")) || orbit_js_has_name(&code->members, text) ||
            g->scans++ >= SCANS_MAX || str_find_word(g->in->code, text, 0) != STR_NONE) {
        return;
    }
    for (size_t i = 0; i < g->out->undeclared.count; i++) {
        if (str_eq(g->out->undeclared.items[i].name, text)) {
            return;
        }
    }
    one.near = str_nearest(text, code->members.items, code->members.count);
    if (one.near.len == 0) {
        one.near = str_nearest(text, code->module.items, code->module.count);
    }
    diag_place(g->markup.text, orbit_piece_span(piece, name->offset, name->offset + text.len).start,
            &one.line, &one.col);
    vec_push(&g->out->undeclared, one);
}

/* Copies the piece with its members qualified. */
static void add_piece(
        struct gen *g, const struct orbit_piece *piece, uint32_t scope, bool is_handler)
{
    struct name_vec names = { NULL, 0, 0 };
    struct str text = piece->text;
    size_t done = 0;

    orbit_expr_names(g->in->template->lang, text, note_name, &names);
    for (size_t i = 0; i < names.count; i++) {
        const struct orbit_name *name = &names.items[i];
        bool is_short = name->kind == ORBIT_NAME_SHORTHAND;
        size_t upto = name->offset + (is_short ? name->text.len : 0);
        if (upto < done || !is_member(g, scope, is_handler, name->text)) {
            continue;
        }
        note_undeclared(g, piece, name);
        orbit_gen_copy(g->out, str_sub(text, done, upto), orbit_piece_span(piece, done, upto).start,
                orbit_gen_template_from(g->in));
        if (is_short) {
            addf(g, ": $self.%.*s", STR_FMT(name->text));
        } else {
            add(g, "$self.");
        }
        done = upto;
    }
    orbit_gen_copy(g->out, str_skip(text, done), orbit_piece_span(piece, done, text.len).start,
            orbit_gen_template_from(g->in));
    if (str_find_str(text, STR("//")) != STR_NONE) {
        add(g, "\n"); /* a comment may end it */
    }
    vec_finish(&names);
}

/* An expression, in parentheses. */
static void add_expression(struct gen *g, const struct orbit_piece *piece, uint32_t scope)
{
    add(g, "(");
    add_piece(g, piece, scope, false);
    add(g, ")");
}

/* Records. */

static void add_component_slot(struct gen *g, const struct orbit_slot *slot)
{
    const struct orbit_attribute **props;
    const char *comma = "";
    size_t count;

    add(g, "[");
    if (slot->node->kind == ORBIT_NODE_DYNAMIC && slot->node->code.text.len > 0) {
        add_expression(g, &slot->node->code, slot->scope);
        comma = ", ";
    }
    props = orbit_component_props(slot->node, g->arena, &count);
    for (size_t i = 0; i < count; i++) {
        add(g, comma);
        add_expression(g, &props[i]->code, slot->scope);
        comma = ", ";
    }
    add(g, "]");
}

static void add_record(struct gen *g, uint32_t number)
{
    const struct orbit_scope *scope = &g->table->scopes[number];

    addf(g, "const $r%u = { up: ", number);
    if (number == 0) {
        add(g, "null");
    } else {
        addf(g, "$r%u", scope->parent);
    }
    if (scope->variable_count > 0) {
        add(g, ", v: [");
        for (size_t i = 0; i < scope->variable_count; i++) {
            addf(g, "%s%.*s", i > 0 ? ", " : "", STR_FMT(scope->variables[i]));
        }
        add(g, "]");
    }
    for (uint32_t i = g->chains.first_slot[number]; i != ORBIT_UNKNOWN;
            i = g->chains.next_slot[i]) {
        const struct orbit_slot *slot = &g->table->slots[i];
        addf(g, ", s%u: ", i);
        if (slot->kind == ORBIT_SLOT_COMPONENT) {
            add_component_slot(g, slot);
        } else {
            add_expression(g, slot->code, number);
        }
    }
    for (uint32_t i = g->chains.first_scope[number]; i != ORBIT_UNKNOWN;
            i = g->chains.next_scope[i]) {
        addf(g, ", c%u: undefined", i);
    }
    add(g, " };\n");
}

static void add_scopes(struct gen *g, uint32_t parent);

static void add_body(struct gen *g, uint32_t number)
{
    add_record(g, number);
    add_scopes(g, number);
}

static void add_branch(struct gen *g, uint32_t number)
{
    const struct orbit_scope *scope = &g->table->scopes[number];
    bool is_first = scope->kind == ORBIT_SCOPE_IF;

    /* $d: this branch or one before it was entered. */
    if (g->is_followed[number]) {
        addf(g, "let $d%u = ", number);
        if (is_first) {
            add(g, "false;\n");
        } else {
            addf(g, "$d%u;\n", scope->after);
        }
    }
    add(g, "if (");
    if (!is_first) {
        addf(g, "!$d%u", scope->after);
    }
    if (scope->kind != ORBIT_SCOPE_ELSE) {
        add(g, is_first ? "" : " && ");
        add_expression(g, &scope->node->code, scope->parent);
    }
    add(g, ") {\n");
    if (g->is_followed[number]) {
        addf(g, "$d%u = true;\n", number);
    }
    add_body(g, number);
    addf(g, "$r%u.c%u = $r%u;\n}\n", scope->parent, number, number);
}

static void add_variables(struct gen *g, const struct orbit_scope *scope)
{
    for (size_t i = 0; i < scope->variable_count; i++) {
        addf(g, "%s%.*s", i > 0 ? ", " : "", STR_FMT(scope->variables[i]));
    }
}

static void add_loop(struct gen *g, uint32_t number)
{
    const struct orbit_scope *scope = &g->table->scopes[number];

    addf(g, "$r%u.c%u = ", scope->parent, number);
    if (scope->node->is_range) {
        add(g, "$range(");
        add_expression(g, &scope->node->code, scope->parent);
        add(g, ", ");
        add_expression(g, &scope->node->end, scope->parent);
        add(g, scope->node->is_inclusive ? ", true" : ", false");
    } else {
        add(g, "$each(");
        add_expression(g, &scope->node->code, scope->parent);
    }
    add(g, ", (");
    add_variables(g, scope);
    add(g, ") => {\n");
    add_body(g, number);
    addf(g, "return $r%u;\n});\n", number);
}

static void add_fill(struct gen *g, uint32_t number)
{
    const struct orbit_scope *scope = &g->table->scopes[number];

    addf(g, "$r%u.c%u = (%s", scope->parent, number, scope->is_pattern ? "{ " : "");
    add_variables(g, scope);
    addf(g, "%s) => {\n", scope->is_pattern ? " }" : "");
    add_body(g, number);
    addf(g, "return $r%u;\n};\n", number);
}

static void add_scopes(struct gen *g, uint32_t parent)
{
    for (uint32_t i = g->chains.first_scope[parent]; i != ORBIT_UNKNOWN;
            i = g->chains.next_scope[i]) {
        switch (g->table->scopes[i].kind) {
        case ORBIT_SCOPE_FOR: add_loop(g, i); break;
        case ORBIT_SCOPE_FILL: add_fill(g, i); break;
        case ORBIT_SCOPE_IF:
        case ORBIT_SCOPE_ELSE_IF:
        case ORBIT_SCOPE_ELSE: add_branch(g, i); break;
        case ORBIT_SCOPE_ROOT: break;
        }
    }
}

/* Handlers. */

/* The variables that are seen from a scope, from the records that the handler was given. */
static void add_locals(struct gen *g, uint32_t from)
{
    struct strbuf record;
    bool has_event = false;

    strbuf_init(&record, 1 << 20);
    strbuf_add(&record, STR("$r"));
    for (uint32_t at = from; at != 0; at = g->table->scopes[at].parent) {
        const struct orbit_scope *scope = &g->table->scopes[at];
        for (size_t i = 0; i < scope->variable_count; i++) {
            struct str name = scope->variables[i];
            bool is_hidden = false;
            for (uint32_t inner = from; inner != at && !is_hidden;
                    inner = g->table->scopes[inner].parent) {
                const struct orbit_scope *s = &g->table->scopes[inner];
                for (size_t k = 0; k < s->variable_count; k++) {
                    is_hidden = is_hidden || str_eq(s->variables[k], name);
                }
            }
            if (!is_hidden) {
                has_event = has_event || str_eq(name, STR("event"));
                addf(g, "let %.*s = %.*s.v[%zu]; ", STR_FMT(name), STR_FMT(strbuf_str(&record)), i);
            }
        }
        strbuf_add(&record, STR(".up"));
    }
    if (!has_event) {
        add(g, "let event = $event; ");
    }
    strbuf_finish(&record);
}

/* Whether a "!" that asserts something of what stands before it is at `i`. */
static bool is_assertion(const struct orbit_tokens *t, size_t i, enum orbit_lang lang)
{
    return lang == ORBIT_TS && i > 0 && orbit_token_is(t, i, "!");
}

/* "name" or "a.b.c"; in TypeScript "a!.b" too. */
static bool is_path(const struct orbit_tokens *t, enum orbit_lang lang)
{
    bool is_name = true; /* is next */

    if (t->count == 0 || t->error.len > 0) {
        return false;
    }
    for (size_t i = 0; i < t->count; i++) {
        if (!is_name && is_assertion(t, i, lang)) {
            continue;
        }
        if (is_name ? t->items[i].kind != ORBIT_TOKEN_WORD : !orbit_token_is(t, i, ".")) {
            return false;
        }
        is_name = !is_name;
    }
    if (is_name) {
        return false;
    }
    return !orbit_is_keyword(ORBIT_JS, orbit_token_text(t, 0)) ||
           (orbit_token_is(t, 0, "this") && t->count > 1);
}

/* A function is written where its call is meant. */
static bool is_function(const struct orbit_tokens *t)
{
    size_t i = t->count > 1 && orbit_token_is(t, 0, "async") ? 1 : 0;

    if (t->count < 2 || t->error.len > 0) {
        return false;
    }
    return orbit_token_is(t, i, "function") || orbit_token_is(t, orbit_token_skip(t, i), "=>");
}

static void add_event_body(struct gen *g, const struct orbit_handler *handler)
{
    enum orbit_lang lang = g->in->template->lang;
    struct orbit_tokens t;
    struct str ignored;
    size_t offset;

    orbit_lex(g->arena, lang, handler->code->text, &t);
    bool is_callable = is_path(&t, lang) || is_function(&t);
    bool is_value =
            is_callable || orbit_expr_check(lang, handler->code->text, false, &offset, &ignored);

    add(g, is_value ? "return (" : "{ ");
    add_piece(g, handler->code, handler->scope, true);
    add(g, is_callable ? ")($event); }" : is_value ? "); }" : "\n} }");
}

/* Whether the text names a place: a name, or a member of anything. */
static bool is_place(const struct orbit_tokens *t, enum orbit_lang lang)
{
    if (t->count == 0 || t->error.len > 0) {
        return false;
    }
    size_t last = t->count - 1;

    last -= is_assertion(t, last, lang);
    for (size_t i = 0; i < t->count; i = orbit_token_skip(t, i)) {
        bool is_dot = orbit_token_is(t, i, ".") || is_assertion(t, i, lang);
        if (t->items[i].kind != ORBIT_TOKEN_WORD && !is_dot &&
                t->items[i].kind != ORBIT_TOKEN_PRIVATE && !orbit_token_opens(t, i)) {
            return false;
        }
    }
    if (t->items[last].kind == ORBIT_TOKEN_WORD || t->items[last].kind == ORBIT_TOKEN_PRIVATE) {
        return last > 0 ? orbit_token_is(t, last - 1, ".")
                        : !orbit_is_keyword(ORBIT_JS, orbit_token_text(t, 0));
    }
    return orbit_token_is(t, last, "]") && t->items[last].match > 0;
}

static void add_model_body(struct gen *g, const struct orbit_handler *handler)
{
    const struct orbit_piece *code = handler->code;
    struct span at = orbit_piece_span(code, 0, code->text.len);
    enum orbit_lang lang = g->in->template->lang;
    struct orbit_tokens t;

    orbit_lex(g->arena, lang, code->text, &t);
    if (!is_place(&t, lang)) {
        orbit_report(&g->markup, at.start, at.end,
                STR("name a member, as in o-model=\"user.name\""),
                "o-model needs something that can be assigned to");
        g->failed = true;
    } else if (t.count == 1 && !is_member(g, handler->scope, true, code->text)) {
        orbit_report(&g->markup, at.start, at.end,
                STR("name the entry of the list, as in o-model=\"list[i]\""),
                "o-model would change a variable of the template only");
        g->failed = true;
    }
    add_piece(g, code, handler->scope, true);
    add(g, " = $event.detail; }");
}

static void add_handlers(struct gen *g)
{
    add(g, "handlers: [\n");
    for (size_t i = 0; i < g->table->handler_count; i++) {
        const struct orbit_handler *handler = &g->table->handlers[i];
        add(g, "function ($r, $event) { const $self = this; ");
        add_locals(g, handler->scope);
        if (handler->kind == ORBIT_HANDLER_MODEL) {
            add_model_body(g, handler);
        } else {
            add_event_body(g, handler);
        }
        add(g, ",\n");
    }
    add(g, "],\n");
}

/* The code block. */

/* Line N of the module is line N of the file that the block is from. */
static void add_padding(struct gen *g)
{
    struct str before = str_sub(g->source.text, 0, g->in->code_offset);
    size_t line = str_rfind(before, '\n');

    if (g->in->code_is_other) {
        return;
    }
    for (size_t i = 0; i < before.len; i++) {
        if (before.ptr[i] == '\n') {
            strbuf_addc(&g->out->text, '\n');
        }
    }
    /* The same column too, unless a line end follows. */
    if (g->in->code.len > 0 && g->in->code.ptr[0] != '\n') {
        for (size_t i = line == STR_NONE ? 0 : line + 1; i < before.len; i++) {
            strbuf_addc(&g->out->text, ' ');
        }
    }
}

static void add_code(struct gen *g)
{
    const struct orbit_js_code *code = &g->code;
    struct str text = g->in->code;
    size_t offset = g->in->code_offset;
    enum orbit_from from = orbit_gen_code_from(g->in);

    add_padding(g);
    if (code->export_at == code->default_at) {
        orbit_gen_copy(g->out, text, offset, from);
        return;
    }
    /* The words go, or become the declaration of a name, in the same columns. */
    size_t first_end = code->export_at + STR("export").len;
    size_t end = code->default_at + STR("default").len;
    orbit_gen_copy(g->out, str_sub(text, 0, code->export_at), offset, from);
    add(g, code->is_named ? "      " : "const ");
    orbit_gen_copy(g->out, str_sub(text, first_end, code->default_at), offset + first_end, from);
    add(g, code->is_named ? "       " : "$logic=");
    if (code->name_at > 0) {
        orbit_gen_copy(g->out, str_sub(text, end, code->name_at), offset + end, from);
        addf(g, " %.*s", STR_FMT(code->component));
        end = code->name_at;
    }
    orbit_gen_copy(g->out, str_skip(text, end), offset + end, from);
}

static void find_followed(struct gen *g)
{
    const struct orbit_table *t = g->table;

    g->is_followed = arena_array(g->arena, bool, t->scope_count + 1);
    for (size_t i = 1; i < t->scope_count; i++) {
        const struct orbit_scope *scope = &t->scopes[i];
        if (scope->kind == ORBIT_SCOPE_ELSE_IF || scope->kind == ORBIT_SCOPE_ELSE) {
            g->is_followed[scope->after] = true;
        }
    }
}

static void add_logic(struct gen *g)
{
    struct strbuf *out = &g->out->text;

    add(g, "\n;import { code as $code, each as $each, logic as $wrap, range as $range } from "
           "'/__orbit/runtime.js';\n$code(");
    strbuf_add_json(out, g->in->path);
    add(g, ", ");
    strbuf_add_json(out, g->in->table_id);
    addf(g, ", $wrap(%.*s, { name: ", STR_FMT(g->code.component));
    strbuf_add_json(out, g->in->name);
    add(g, ",\nrender() { const $self = this;\n");
    add_body(g, 0);
    add(g, "return $r0; },\n");
    add_handlers(g);
    if (g->code.privates.count > 0) {
        add(g, "privates: [");
        for (size_t i = 0; i < g->code.privates.count; i++) {
            add(g, i > 0 ? ", " : "");
            strbuf_add_json(out, g->code.privates.items[i]);
        }
        add(g, "],\n");
    }
    add(g, "}));\nif (import.meta.hot) import.meta.hot.accept();\n");
}

bool orbit_gen_js(const struct orbit_gen_input *in, struct arena *a, struct orbit_gen_output *ret,
        struct diag_list *diags)
{
    struct gen g = { .in = in,
        .table = in->table,
        .source = *in->source,
        .markup = *in->markup,
        .arena = a,
        .out = ret };

    g.source.diags = g.markup.diags = diags;
    g.chains = orbit_gen_chain(g.table, a);
    find_followed(&g);
    if (orbit_js_code_read(in, &g.source, a, &g.code)) {
        add_code(&g);
        add_logic(&g);
    } else {
        g.failed = true;
    }
    orbit_js_code_finish(&g.code);
    if (ret->text.overflow) {
        orbit_report(&g.source, 0, 0, STR("make components of its parts"),
                "the component's code would be more than %d bytes", ORBIT_GEN_MAX);
        g.failed = true;
    }
    return !g.failed;
}
