/* SPDX-License-Identifier: MIT */
/*
 * Handlers. One that stands in loops finds its items by the indexes that the
 * page sends. They borrow from the component, which a method with &mut self
 * wants for itself: so the arguments of a call are made first, and owned, and
 * the items are given back before the call.
 *
 *     @click="pick(item.id, &item.name)"
 *     let (__a0, __a1,) = if let Some(item) = (&(self.items)).into_iter().nth(..) {
 *         ((item.id).clone(), ToOwned::to_owned(&item.name),)
 *     } else { return; };
 *     self.pick(__a0, &__a1);
 */
#include <string.h>

#include "orbit/gen_rust.h"
#include "orbit/lex.h"

enum { ARGUMENTS_MAX = 16 };

struct call {
    struct str name;
    const struct orbit_member *method;
    struct str arguments[ARGUMENTS_MAX];
    size_t count;
};

/* The text from token `from` up to token `to`. */
static struct str tokens_text(const struct orbit_tokens *t, size_t from, size_t to)
{
    return from < to ? str_sub(t->text, t->items[from].start, t->items[to - 1].end) : STR("");
}

/* "name" or "name(arguments)", perhaps with "self." and ";", of a method of the component. */
static bool read_call(const struct gen_rust *g, const struct orbit_tokens *t, struct call *ret)
{
    size_t count = t->count;
    size_t i = orbit_token_is(t, 0, "self") && orbit_token_is(t, 1, ".") ? 2 : 0;

    *ret = (struct call){ .count = 0 };
    if (t->error.len > 0 || count == 0) {
        return false;
    }
    if (orbit_token_is(t, count - 1, ";")) {
        count--;
    }
    if (i >= count || t->items[i].kind != ORBIT_TOKEN_WORD) {
        return false;
    }
    ret->name = orbit_token_text(t, i);
    ret->method = gen_rust_method(g, ret->name);
    if (!ret->method || i + 1 == count) {
        return ret->method != NULL;
    }
    if (!orbit_token_is(t, i + 1, "(") || t->items[i + 1].match != count - 1) {
        return false;
    }
    for (size_t at = i + 2; at < count - 1;) {
        size_t end = at;
        int angles = 0;
        for (; end < count - 1; end = orbit_token_skip(t, end)) {
            /* Only behind "::" is "<" a bracket. */
            if (orbit_token_is(t, end, "<") && orbit_token_is(t, end - 1, "::")) {
                angles++;
            } else if (angles > 0 && orbit_token_is(t, end, ">")) {
                angles--;
            } else if (angles == 0 && orbit_token_is(t, end, ",")) {
                break;
            }
        }
        if (ret->count == ARGUMENTS_MAX) {
            return false;
        }
        ret->arguments[ret->count++] = tokens_text(t, at, end);
        at = end + 1;
    }
    return ret->count == ret->method->member_count;
}

static bool is_reference(struct str type)
{
    return str_starts(type, STR("&")) && !str_starts(str_trim(str_skip(type, 1)), STR("mut ")) &&
           str_find_str(type, STR("dyn ")) == STR_NONE;
}

struct uses {
    const struct gen_rust *g;
    uint32_t scope;
    bool borrows;
};

static void note_use(void *ctx, const struct orbit_name *name)
{
    struct uses *u = ctx;

    if (gen_rust_is_variable(u->g, u->scope, name->text) || str_eq(name->text, STR("self"))) {
        u->borrows = true;
    }
    for (size_t i = 0; i < u->g->component->member_count; i++) {
        u->borrows = u->borrows || str_eq(u->g->component->members[i].name, name->text);
    }
}

/* Whether the argument may borrow from the component. */
static bool borrows(const struct gen_rust *g, struct str text, uint32_t scope)
{
    struct uses uses = { g, scope, false };

    orbit_expr_names(ORBIT_RUST, text, note_use, &uses);
    return uses.borrows || str_starts(text, STR("self."));
}

/* "item", "item.name", "items[0].name": something that a by-value use would move. */
static bool is_place(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && !strchr("_.[]*", c)) {
            return false;
        }
    }
    return text.len > 0 && !(text.ptr[0] >= '0' && text.ptr[0] <= '9');
}

static void put_argument(struct gen_rust *g, const struct orbit_handler *h,
        const struct orbit_member *parameter, struct str text)
{
    struct strbuf *out = &g->out->text;
    bool is_ref = str_starts(text, STR("&"));

    if (gen_rust_is_slot_prop(g, h->scope, is_ref ? str_trim(str_skip(text, 1)) : text)) {
        struct str type = parameter->type;
        if (is_reference(type)) {
            type = str_trim(str_skip(type, 1));
            type = str_eq(type, STR("str")) ? STR("::std::string::String") : type;
        }
        strbuf_addc(out, '(');
        gen_rust_code(g, h->code, text, h->scope, true);
        strbuf_addf(out, ").to::<%.*s>(), ", STR_FMT(type));
    } else if (is_reference(parameter->type)) {
        strbuf_add(out, STR("::std::borrow::ToOwned::to_owned("));
        gen_rust_code(g, h->code, text, h->scope, true);
        strbuf_add(out, STR("), "));
    } else {
        strbuf_addc(out, '(');
        gen_rust_code(g, h->code, text, h->scope, true);
        strbuf_add(out, is_place(text) ? STR(").clone(), ") : STR("), "));
    }
}

static void put_call(struct gen_rust *g, const struct orbit_handler *h, const struct call *call,
        const struct gen_rust_way *way)
{
    struct strbuf *out = &g->out->text;
    bool owned[ARGUMENTS_MAX] = { false };
    size_t count = 0;

    for (size_t i = 0; i < call->count; i++) {
        owned[i] = borrows(g, call->arguments[i], h->scope);
        count += owned[i];
    }
    if (count > 0) {
        strbuf_addc(out, '\n');
        strbuf_add(out, STR("                let ("));
        for (size_t i = 0; i < call->count; i++) {
            if (owned[i]) {
                strbuf_addf(out, "__a%zu, ", i);
            }
        }
        strbuf_add(out, STR(") = { "));
        gen_rust_open(g, way, true, false);
        strbuf_addc(out, '(');
        for (size_t i = 0; i < call->count; i++) {
            if (owned[i]) {
                put_argument(g, h, &call->method->members[i], call->arguments[i]);
            }
        }
        strbuf_addc(out, ')');
        gen_rust_close(g, way, " } else { return; }");
        strbuf_add(out, STR(" };"));
    }
    strbuf_add(out, STR("\n                self."));
    gen_rust_copy(g, h->code, call->name);
    strbuf_addc(out, '(');
    for (size_t i = 0; i < call->count; i++) {
        const struct orbit_member *parameter = &call->method->members[i];
        if (owned[i]) {
            strbuf_addf(out, "%s__a%zu", is_reference(parameter->type) ? "&" : "", i);
        } else {
            gen_rust_code(g, h->code, call->arguments[i], h->scope, true);
        }
        strbuf_add(out, i + 1 < call->count ? STR(", ") : STR(""));
    }
    strbuf_add(out, STR(");"));
}

/* A method's name alone: it gets the event, or what a component sent, if it wants one thing. */
static void put_name(struct gen_rust *g, const struct orbit_handler *h, const struct call *call)
{
    struct strbuf *out = &g->out->text;
    struct str type;

    strbuf_add(out, STR("\n                self."));
    gen_rust_copy(g, h->code, call->name);
    if (call->method->member_count != 1) {
        strbuf_add(out, STR("();"));
        return;
    }
    type = call->method->members[0].type;
    if (str_ends(type, STR("Event"))) {
        strbuf_addf(out, "(%sevent);", is_reference(type) ? "&" : "");
    } else if (is_reference(type)) {
        struct str target = str_trim(str_skip(type, 1));
        strbuf_addf(out, "(&event.detail::<%.*s>());",
                STR_FMT(str_eq(target, STR("str")) ? STR("::std::string::String") : target));
    } else {
        strbuf_add(out, STR("(event.detail());"));
    }
}

/* Whether the statements change an item of a loop: assign to it, or call a method that does. */
static bool changes_item(
        const struct gen_rust *g, const struct orbit_handler *h, const struct orbit_tokens *t)
{
    size_t first = 0; /* of the statement */

    for (size_t i = 0; i < t->count; i++) {
        struct str text = orbit_token_text(t, i);
        size_t at = first + (orbit_token_is(t, first, "*") ? 1 : 0);
        struct str root = orbit_token_text(t, at);
        if (t->items[i].kind == ORBIT_TOKEN_PUNCT &&
                orbit_word_in(text, "= += -= *= /= %= &= |= ^= <<= >>=") &&
                gen_rust_is_variable(g, h->scope, root)) {
            return true;
        }
        if (orbit_token_is(t, i + 1, "(") && i > 1 && orbit_token_is(t, i - 1, ".") &&
                gen_rust_is_variable(g, h->scope, root) &&
                (gen_rust_is_mut_method(g, text) ||
                        orbit_word_in(text, "push pop clear insert remove push_str toggle sort"))) {
            return true;
        }
        if (orbit_word_in(text, "; { }")) {
            first = i + 1 < t->count ? i + 1 : i;
        }
    }
    return false;
}

static void put_handler(struct gen_rust *g, const struct orbit_handler *h)
{
    struct strbuf *out = &g->out->text;
    struct gen_rust_way way = gen_rust_way_to(g, h->scope);
    struct orbit_tokens t;
    struct call call;
    bool is_model = h->kind == ORBIT_HANDLER_MODEL;
    bool is_name;

    gen_rust_check(g, &way);
    orbit_lex(g->arena, ORBIT_RUST, h->code->text, &t);
    is_name = t.count == 1 && t.items[0].kind == ORBIT_TOKEN_WORD;
    if (!is_model && read_call(g, &t, &call)) {
        if (is_name) {
            put_name(g, h, &call);
            return;
        }
        if (call.count == call.method->member_count && orbit_token_is(&t, t.count - 1, ")")) {
            put_call(g, h, &call, &way);
            return;
        }
    }
    strbuf_add(out, STR("\n                "));
    gen_rust_open(g, &way, true, is_model || changes_item(g, h, &t));
    if (is_model) {
        strbuf_add(out, STR("__o::model(&mut ("));
        gen_rust_code(g, h->code, h->code->text, h->scope, true);
        strbuf_add(out, STR("), &event);"));
    } else if (is_name && !gen_rust_is_variable(g, h->scope, h->code->text)) {
        /* No method that is seen: it may be one of another trait, and the compiler knows. */
        strbuf_add(out, STR("self."));
        gen_rust_code(g, h->code, h->code->text, h->scope, true);
        strbuf_add(out, STR("();"));
    } else {
        gen_rust_code(g, h->code, h->code->text, h->scope, true);
        strbuf_addc(out, ';');
    }
    gen_rust_close(g, &way, " }");
}

void gen_rust_handlers(struct gen_rust *g)
{
    struct strbuf *out = &g->out->text;

    strbuf_add(out, STR("\n    fn handle(&mut self, __handler: u32, __path: &[u32], "
                        "mut event: ::orbit::Event) {\n"
                        "        let __fills = ::core::mem::take(&mut event.fills);\n"
                        "        match __handler {"));
    for (size_t i = 0; i < g->in->table->handler_count; i++) {
        strbuf_addf(out, "\n            %zu => {", i);
        put_handler(g, &g->in->table->handlers[i]);
        strbuf_add(out, STR("\n            }"));
    }
    strbuf_add(out, STR("\n            _ => {}\n        }\n    }\n"));
}
