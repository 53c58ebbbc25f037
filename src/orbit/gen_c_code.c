/* SPDX-License-Identifier: MIT */
/*
 * Expressions of a template in the generated C. Each stands in a line of its
 * own behind a #line, with blanks up to its column, so that clang's place is
 * that of the .orbit file. What is put in (self->, the item of a loop) goes in
 * a line before, and the text goes on at its column: nothing is moved by it.
 */
#include "orbit/gen_c.h"

#include "orbit/lex.h"

enum { INSERTS_MAX = 512 };

struct insert {
    size_t at;
    const char *text;
};

struct inserts {
    struct gen_c *g;
    struct str text;
    struct orbit_tokens tokens;
    uint32_t scope;
    bool in_handler;
    struct insert items[INSERTS_MAX];
    size_t count;
};

uint32_t gen_c_variable(const struct gen_c *g, uint32_t scope, struct str name, size_t *ret_index)
{
    for (;; scope = g->in->table->scopes[scope].parent) {
        const struct orbit_scope *at = &g->in->table->scopes[scope];
        for (size_t i = 0; i < at->variable_count; i++) {
            if (str_eq(at->variables[i], name)) {
                *ret_index = i;
                return scope;
            }
        }
        if (scope == 0) {
            return ORBIT_UNKNOWN;
        }
    }
}

void gen_c_place(struct gen_c *g, size_t offset, bool is_code)
{
    bool is_other = is_code && g->in->code_is_other;
    const struct orbit_source *source = is_code ? g->in->source : g->in->markup;
    struct str text = is_other ? g->in->code : source->text;
    struct str path = is_code ? g->code_path : source->path;
    size_t at = is_other ? offset - g->in->code_offset : offset;
    size_t begin = at;
    unsigned line, col;

    while (begin > 0 && begin <= text.len && text.ptr[begin - 1] != '\n') {
        begin--;
    }
    diag_place(text, at, &line, &col);
    strbuf_addf(&g->out->text, "\n#line %u ", line);
    gen_c_literal(&g->out->text, path);
    strbuf_addf(&g->out->text, "\n%*s", (int)(at - begin), "");
}

void gen_c_resume(struct gen_c *g)
{
    struct str text = strbuf_str(&g->out->text);

    for (; g->line_at < text.len; g->line_at++) {
        g->line += text.ptr[g->line_at] == '\n';
    }
    strbuf_addf(&g->out->text, "\n#line %zu \"build/orbit/%.*s.c\"\n", g->line + 2,
            STR_FMT(g->in->module));
}

static void add(struct inserts *in, size_t at, const char *text)
{
    if (in->count < INSERTS_MAX) {
        in->items[in->count++] = (struct insert){ at, text };
    }
}

static void add_self(struct inserts *in, const struct orbit_name *name)
{
    const struct orbit_tokens *t = &in->tokens;
    size_t i = 0;

    while (i < t->count && t->items[i].start < name->offset + name->text.len) {
        i++;
    }
    if (i < t->count && orbit_token_is(t, i, "(") && !orbit_token_is(t, i + 1, "self")) {
        add(in, t->items[i].end, orbit_token_is(t, i + 1, ")") ? "self" : "self, ");
    }
}

static void note_name(void *ctx, const struct orbit_name *name)
{
    struct inserts *in = ctx;
    const struct orbit_item *function;
    size_t index;
    uint32_t scope = gen_c_variable(in->g, in->scope, name->text, &index);

    if (scope != ORBIT_UNKNOWN) {
        const struct orbit_scope *at = &in->g->in->table->scopes[scope];
        if (at->kind == ORBIT_SCOPE_FOR && index == 0 && !at->node->is_range &&
                !in->g->is_given[scope]) {
            add(in, name->offset, "(*");
            add(in, name->offset + name->text.len, ")");
        }
        return;
    }
    if (in->in_handler && str_eq(name->text, STR("event"))) {
        return;
    }
    function = gen_c_function(in->g, name->text);
    if (name->kind == ORBIT_NAME_CALL && function) {
        if (gen_c_takes_self(in->g, function)) {
            add_self(in, name);
        }
        return;
    }
    if (gen_c_field(in->g->component, name->text)) {
        add(in, name->offset, "self->");
    }
}

/* Copies [from, to) of `text`, each byte from its place. */
static void copy(
        struct gen_c *g, const struct orbit_piece *piece, struct str text, size_t from, size_t to)
{
    size_t base = (size_t)(text.ptr - piece->text.ptr);

    for (size_t i = from; i < to; i++) {
        struct str byte = { text.ptr + i, 1 };
        struct span span = orbit_piece_span(piece, base + i, base + i + 1);
        if (span.end == span.start + 1) {
            orbit_gen_copy(g->out, byte, span.start, orbit_gen_template_from(g->in));
        } else {
            strbuf_add(&g->out->text, byte); /* a character reference has no such byte */
        }
    }
}

void gen_c_code(struct gen_c *g, const char *before, const struct orbit_piece *piece,
        struct str text, uint32_t scope, bool in_handler, const char *after)
{
    struct arena_mark mark = arena_get_mark(g->arena);
    struct inserts *in = arena_new(g->arena, struct inserts);
    size_t base = (size_t)(text.ptr - piece->text.ptr);
    size_t done = 0;

    *in = (struct inserts){ .g = g, .text = text, .scope = scope, .in_handler = in_handler };
    orbit_lex(g->arena, ORBIT_C, text, &in->tokens);
    orbit_expr_names(ORBIT_C, text, note_name, in);
    /* They come nearly sorted: only a "self" within the brackets of a call may be early. */
    for (size_t i = 1; i < in->count; i++) {
        for (size_t k = i; k > 0 && in->items[k].at < in->items[k - 1].at; k--) {
            struct insert swap = in->items[k];
            in->items[k] = in->items[k - 1];
            in->items[k - 1] = swap;
        }
    }
    strbuf_addf(&g->out->text, "%s", before);
    for (size_t i = 0; i <= in->count; i++) {
        size_t at = i < in->count ? in->items[i].at : text.len;
        if (done < at) {
            if (i == 0 || in->items[i - 1].text[0] != ')' || text.ptr[done] == '\n') {
                gen_c_place(g, orbit_piece_span(piece, base + done, base + done + 1).start, false);
            }
            copy(g, piece, text, done, at);
        }
        done = at;
        strbuf_addf(&g->out->text, "%s", i < in->count ? in->items[i].text : "");
    }
    if (str_find_str(text, STR("//")) != STR_NONE) {
        strbuf_addc(&g->out->text, '\n'); /* it may be a comment, which must end */
    }
    strbuf_addf(&g->out->text, "%s", after);
    arena_rewind(g->arena, mark);
}
