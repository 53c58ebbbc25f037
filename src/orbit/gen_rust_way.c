/* SPDX-License-Identifier: MIT */
/*
 * How code that runs for one place of the page comes to the variables of that
 * place: items of loops by the indexes in __path, the props that a child gives
 * to a slot by the values in __fills.
 */
#include "orbit/gen_rust.h"

#include <string.h>

struct gen_rust_way gen_rust_way_to(const struct gen_rust *g, uint32_t scope)
{
    struct gen_rust_way found = { .count = 0 }, ret;

    for (; scope != 0; scope = g->in->table->scopes[scope].parent) {
        enum orbit_scope_kind kind = g->in->table->scopes[scope].kind;
        if ((kind == ORBIT_SCOPE_FOR || kind == ORBIT_SCOPE_FILL) &&
                found.count < ORBIT_DEPTH_MAX) {
            found.scopes[found.count++] = scope;
            found.loop_count += kind == ORBIT_SCOPE_FOR;
        }
    }
    ret = found;
    for (size_t i = 0; i < found.count; i++) {
        ret.scopes[i] = found.scopes[found.count - 1 - i];
    }
    return ret;
}

void gen_rust_check(struct gen_rust *g, const struct gen_rust_way *way)
{
    if (way->loop_count > 0) {
        strbuf_addf(&g->out->text, "\n                if __path.len() < %zu { return; }",
                way->loop_count);
    }
    if (way->count > way->loop_count) {
        strbuf_addf(&g->out->text, "\n                if __fills.len() < %zu { return; }",
                way->count - way->loop_count);
    }
}

static void open_fill(struct gen_rust *g, const struct orbit_scope *scope, size_t index)
{
    struct strbuf *out = &g->out->text;

    for (size_t i = 0; i < scope->variable_count; i++) {
        struct str name = scope->variables[i];
        if (scope->is_pattern) {
            strbuf_addf(out, "let %.*s = __o::fill_prop(&__fills[%zu], ", STR_FMT(name), index);
            gen_rust_literal(out, name);
            strbuf_add(out, STR("); "));
        } else {
            strbuf_addf(out, "let %.*s = __fills[%zu].clone(); ", STR_FMT(name), index);
        }
    }
}

void gen_rust_open(
        struct gen_rust *g, const struct gen_rust_way *way, bool in_handler, bool is_mutable)
{
    struct strbuf *out = &g->out->text;
    size_t loop = 0;

    for (size_t i = 0; i < way->count; i++) {
        const struct orbit_scope *scope = &g->in->table->scopes[way->scopes[i]];
        if (scope->kind == ORBIT_SCOPE_FILL) {
            open_fill(g, scope, i - loop);
            continue;
        }
        strbuf_addf(out, "if let ::core::option::Option::Some(%s%.*s) = ",
                is_mutable && scope->node->is_range ? "mut " : "", STR_FMT(scope->variables[0]));
        gen_rust_iterator(g, scope, in_handler, is_mutable);
        strbuf_addf(out, ".nth(__path[%zu] as usize) { ", loop);
        if (scope->variable_count > 1) {
            strbuf_addf(
                    out, "let %.*s = __path[%zu] as usize; ", STR_FMT(scope->variables[1]), loop);
        }
        loop++;
    }
}

void gen_rust_close(struct gen_rust *g, const struct gen_rust_way *way, const char *closing)
{
    for (size_t i = 0; i < way->loop_count; i++) {
        strbuf_addf(&g->out->text, "%s", closing);
    }
}

bool gen_rust_is_slot_prop(const struct gen_rust *g, uint32_t scope, struct str text)
{
    struct str root = text;

    for (size_t i = 0; i < text.len; i++) {
        if (strchr("(+-*/!|&?:{", text.ptr[i])) {
            return false;
        }
        if (strchr(".[ ", text.ptr[i]) && root.len == text.len) {
            root.len = i;
        }
    }
    for (; scope != 0; scope = g->in->table->scopes[scope].parent) {
        const struct orbit_scope *at = &g->in->table->scopes[scope];
        for (size_t i = 0; i < at->variable_count; i++) {
            if (str_eq(at->variables[i], root)) {
                bool is_item = at->kind == ORBIT_SCOPE_FOR && i == 0 && !at->node->is_range;
                return at->kind == ORBIT_SCOPE_FILL ||
                       (is_item && gen_rust_is_slot_prop(g, at->parent, at->node->code.text));
            }
        }
    }
    return false;
}
