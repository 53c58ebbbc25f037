/* SPDX-License-Identifier: MIT */
/*
 * How code of a component in C comes to the variables of its place: to items of
 * loops by their lists, or by the indexes that the page sends, each held against
 * the count of now; to the props that a child gives to a slot by the values that
 * the page sends.
 *
 * A list is an array, or a pointer with a field beside it that counts. What a
 * child gives is an orbit_detail, since nobody here knows its type; so is what
 * orbit_get() and orbit_at() take out of one.
 */
#include "orbit/gen_c.h"

#include "orbit/lex.h"

/* Whether the variable is an orbit_detail. */
static bool is_given_variable(const struct gen_c *g, uint32_t scope, struct str name)
{
    size_t index;
    uint32_t of = gen_c_variable(g, scope, name, &index);

    if (of == ORBIT_UNKNOWN) {
        return false;
    }
    const struct orbit_scope *at = &g->in->table->scopes[of];
    return at->kind == ORBIT_SCOPE_FILL || (g->is_given[of] && index == 0);
}

bool gen_c_is_given(const struct gen_c *g, uint32_t scope, struct str text)
{
    struct orbit_tokens t;
    size_t from = 0, to;

    orbit_lex(g->arena, ORBIT_C, text, &t);
    if (t.error.len > 0) {
        return false;
    }
    for (to = t.count; from < to && orbit_token_is(&t, from, "(") && t.items[from].match == to - 1;
            from++) {
        to--;
    }
    if (from >= to || t.items[from].kind != ORBIT_TOKEN_WORD) {
        return false;
    }
    struct str word = orbit_token_text(&t, from);
    if (from + 1 == to) {
        return is_given_variable(g, scope, word);
    }
    return orbit_word_in(word, "orbit_get orbit_at") && orbit_token_is(&t, from + 1, "(") &&
           t.items[from + 1].match == to - 1;
}

void gen_c_find_given(struct gen_c *g)
{
    const struct orbit_table *table = g->in->table;

    g->is_given = arena_array(g->arena, bool, table->scope_count);
    /* A scope's parent has a smaller number. */
    for (size_t i = 0; i < table->scope_count; i++) {
        const struct orbit_scope *at = &table->scopes[i];
        g->is_given[i] = at->kind == ORBIT_SCOPE_FOR && !at->node->is_range &&
                         gen_c_is_given(g, at->parent, at->node->code.text);
    }
}

struct list {
    struct str owner;                 /* "todo.": what the field stands in; empty: the component */
    const struct orbit_member *field; /* NULL: it is no field that is known */
    const struct orbit_member *counter; /* beside it; may be NULL */
};

static struct list read_list(const struct gen_c *g, struct str text)
{
    struct list ret = { .owner = STR("") };
    struct orbit_tokens t;

    orbit_lex(g->arena, ORBIT_C, text, &t);
    if (t.error.len > 0 || t.count == 0 || t.items[t.count - 1].kind != ORBIT_TOKEN_WORD) {
        return ret;
    }
    struct str name = orbit_token_text(&t, t.count - 1);
    const struct orbit_item *of = g->component;
    if (t.count > 1) {
        if (!orbit_token_is(&t, t.count - 2, ".") && !orbit_token_is(&t, t.count - 2, "->")) {
            return ret;
        }
        ret.owner = str_sub(text, 0, t.items[t.count - 2].end);
        for (size_t i = 0; i < g->items.count && !(t.count == 3 && orbit_token_is(&t, 0, "self"));
                i++) {
            const struct orbit_item *item = &g->items.items[i];
            if (gen_c_is_struct(item) && gen_c_field(item, name)) {
                of = item;
                break;
            }
        }
    }
    ret.field = gen_c_field(of, name);
    ret.counter = ret.field ? gen_c_counter(g, of, name) : NULL;
    return ret;
}

static void put_range(struct gen_c *g, uint32_t scope, bool in_handler)
{
    const struct orbit_scope *at = &g->in->table->scopes[scope];
    const struct orbit_node *node = at->node;
    char *text = arena_cstr(g->arena, arena_printf(g->arena, "__auto_type __l%u = (", scope));

    gen_c_code(g, text, &node->code, node->code.text, at->parent, in_handler, ");");
    text = arena_cstr(g->arena, arena_printf(g->arena, "\n        __auto_type __e%u = (", scope));
    gen_c_code(g, text, &node->end, node->end.text, at->parent, in_handler, ");");
    gen_c_resume(g);
    strbuf_addf(&g->out->text,
            "        size_t __n%u = __e%u %s __l%u ? (size_t)(__e%u - __l%u)%s : 0;\n        ",
            scope, scope, node->is_inclusive ? ">=" : ">", scope, scope, scope,
            node->is_inclusive ? " + 1" : "");
}

void gen_c_list(struct gen_c *g, uint32_t scope, bool in_handler)
{
    const struct orbit_scope *at = &g->in->table->scopes[scope];
    const struct orbit_piece *code = &at->node->code;
    struct strbuf *out = &g->out->text;
    char *text = arena_cstr(g->arena, arena_printf(g->arena, "__auto_type __l%u = &(", scope));

    if (at->node->is_range) {
        put_range(g, scope, in_handler);
        return;
    }
    if (g->is_given[scope]) {
        text = arena_cstr(
                g->arena, arena_printf(g->arena, "size_t __n%u; orbit_detail __l%u = orbit_items((",
                                  scope, scope));
        gen_c_code(g, text, code, code->text, at->parent, in_handler, ")");
        strbuf_addf(out, ", &__n%u);", scope);
        gen_c_resume(g);
        strbuf_add(out, STR("        "));
        return;
    }
    struct list list = read_list(g, code->text);
    bool is_array = list.field && str_starts(list.field->array, STR("["));
    if (list.field && !list.counter && !is_array && str_find(list.field->type, '*') != STR_NONE) {
        gen_c_report(g, &g->markup, orbit_piece_span(code, 0, code->text.len),
                arena_printf(g->arena, "declare \"size_t %.*s_count\" beside it",
                        STR_FMT(list.field->name)),
                arena_printf(g->arena, "nothing says how many items \"%.*s\" has",
                        STR_FMT(list.field->name)));
        return;
    }
    gen_c_code(g, text, code, code->text, at->parent, in_handler, ");");
    if (!list.counter) {
        strbuf_addf(out,
                " _Static_assert(!__builtin_types_compatible_p(__typeof__(*__l%u), "
                "__typeof__(&(*__l%u)[0])), \"o-for over a pointer needs its count in a field "
                "beside it\"); size_t __n%u = sizeof(*__l%u) / sizeof((*__l%u)[0]);",
                scope, scope, scope, scope, scope);
        gen_c_resume(g);
    } else {
        gen_c_resume(g);
        strbuf_addf(out, "        size_t __n%u = (size_t)(", scope);
        if (list.owner.len > 0) {
            struct str owner = list.owner;
            owner.len -= str_ends(owner, STR("->")) ? 2 : 1;
            gen_c_code(g, "(", code, owner, at->parent, in_handler, ")");
            strbuf_add(out, str_skip(list.owner, owner.len));
        } else {
            strbuf_add(out, STR("self->"));
        }
        strbuf_addf(out, "%.*s);", STR_FMT(list.counter->name));
        if (list.owner.len > 0) {
            gen_c_resume(g);
        }
        if (is_array) {
            strbuf_addf(out,
                    " if (__n%u > sizeof(*__l%u) / sizeof((*__l%u)[0])) { __n%u = sizeof(*__l%u) / "
                    "sizeof((*__l%u)[0]); }",
                    scope, scope, scope, scope, scope, scope);
        } else {
            strbuf_addf(out, " if (!*__l%u) { __n%u = 0; }", scope, scope);
        }
    }
    strbuf_add(out, STR("\n        "));
}

void gen_c_variables(struct gen_c *g, uint32_t scope, bool in_loop)
{
    const struct orbit_scope *at = &g->in->table->scopes[scope];
    struct strbuf *out = &g->out->text;

    if (at->node->is_range) {
        strbuf_addf(out, "        __auto_type %.*s = __l%u + (__typeof__(__l%u))__i%u;\n",
                STR_FMT(at->variables[0]), scope, scope, scope);
    } else if (g->is_given[scope]) {
        struct str skip = in_loop ? STR("0") : arena_printf(g->arena, "__i%u", scope);
        strbuf_addf(out, "        orbit_detail %.*s = orbit_step(&__l%u, %.*s);\n",
                STR_FMT(at->variables[0]), scope, STR_FMT(skip));
    } else {
        strbuf_addf(out, "        __auto_type %.*s = &(*__l%u)[__i%u];\n",
                STR_FMT(at->variables[0]), scope, scope);
    }
    strbuf_addf(out, "        (void)%.*s;\n", STR_FMT(at->variables[0]));
    if (at->variable_count > 1) {
        strbuf_addf(out, "        size_t %.*s = __i%u;\n        (void)%.*s;\n",
                STR_FMT(at->variables[1]), scope, STR_FMT(at->variables[1]));
    }
}

/* What is open: how many loops and contents of slots. */
struct opened {
    size_t loops, fills;
};

static void open_fill(struct gen_c *g, const struct orbit_scope *at, size_t index)
{
    struct strbuf *out = &g->out->text;

    strbuf_addf(out, "if (orbit_count(__fills) <= %zu) { return; }\n", index);
    for (size_t i = 0; i < at->variable_count; i++) {
        struct str name = at->variables[i];
        strbuf_addf(out, "        orbit_detail %.*s = ", STR_FMT(name));
        if (at->is_pattern) {
            strbuf_addf(out, "orbit_get(orbit_at(__fills, %zu), ", index);
            gen_c_literal(out, name);
            strbuf_add(out, STR(");\n"));
        } else {
            strbuf_addf(out, "orbit_at(__fills, %zu);\n", index);
        }
        strbuf_addf(out, "        (void)%.*s;\n", STR_FMT(name));
    }
    strbuf_add(out, STR("        "));
}

static struct opened open_scope(struct gen_c *g, uint32_t scope, bool in_handler)
{
    const struct orbit_scope *at = &g->in->table->scopes[scope];

    if (scope == 0) {
        return (struct opened){ 0, 0 };
    }
    struct opened ret = open_scope(g, at->parent, in_handler);
    if (at->kind == ORBIT_SCOPE_FILL) {
        open_fill(g, at, ret.fills++);
    } else if (at->kind == ORBIT_SCOPE_FOR) {
        gen_c_list(g, scope, in_handler);
        strbuf_addf(&g->out->text,
                "if (__count <= %zu || __path[%zu] >= __n%u) { return; }\n"
                "        size_t __i%u = __path[%zu];\n",
                ret.loops, ret.loops, scope, scope, ret.loops);
        gen_c_variables(g, scope, false);
        ret.loops++;
    }
    return ret;
}

void gen_c_open(struct gen_c *g, uint32_t scope, bool in_handler)
{
    (void)open_scope(g, scope, in_handler);
}
