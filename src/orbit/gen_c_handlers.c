/* SPDX-License-Identifier: MIT */
/*
 * Handlers of a component in C.
 */
#include "orbit/gen_c.h"

#include "orbit/lex.h"

static bool mentions(struct str type, struct str name)
{
    return str_find_str(type, name) != STR_NONE;
}

/* Calls a function with what the event has for its one parameter beside the component. */
static void put_with_event(
        struct gen_c *g, const struct orbit_handler *h, const struct orbit_item *f, struct str name)
{
    struct strbuf *out = &g->out->text;
    bool self = gen_c_takes_self(g, f);
    size_t extra = f->member_count - (self ? 1 : 0);
    const char *before = self ? "(self" : "(";

    if (extra == 0 || extra > 1) {
        gen_c_code(g, "", h->code, name, h->scope, true, before);
        strbuf_add(out, STR(");"));
        return;
    }
    const struct orbit_member *parameter = &f->members[f->member_count - 1];
    const struct orbit_item *item = gen_c_item(g, parameter->type);
    if (mentions(parameter->type, STR("orbit_event"))) {
        gen_c_code(g, "", h->code, name, h->scope, true, before);
        strbuf_addf(out, "%s%sevent);", self ? ", " : "",
                str_find(parameter->type, '*') != STR_NONE ? "&" : "");
        return;
    }
    if (mentions(parameter->type, STR("orbit_detail"))) {
        gen_c_code(g, "", h->code, name, h->scope, true, before);
        strbuf_addf(out, "%sevent.detail);", self ? ", " : "");
        return;
    }
    strbuf_addf(out,
            "%.*s __d = { 0 };\n"
            "        struct orbit_reader __r = orbit_detail_reader(&event);\n        ",
            STR_FMT(parameter->type));
    if (item && gen_c_is_struct(item) && str_find(parameter->type, '*') == STR_NONE) {
        struct str of = item->alias.len > 0 ? item->alias : item->name;
        strbuf_addf(out, "__load_%.*s(&__r, &__d);", STR_FMT(of));
    } else {
        strbuf_add(out, STR("orbit_load(&__r, __d);"));
    }
    gen_c_code(g, "", h->code, name, h->scope, true, before);
    strbuf_add(out, self ? STR(", __d);") : STR("__d);"));
}

/* The function that the whole handler is: "name", or "name(event.detail)". */
static const struct orbit_item *named_function(
        struct gen_c *g, const struct orbit_handler *h, struct str *ret_name)
{
    struct str text = h->code->text;
    struct orbit_tokens t;

    orbit_lex(g->arena, ORBIT_C, text, &t);
    if (t.error.len > 0 || t.count == 0 || t.items[0].kind != ORBIT_TOKEN_WORD) {
        return NULL;
    }
    *ret_name = orbit_token_text(&t, 0);
    bool alone = t.count == 1 || (t.count == 2 && orbit_token_is(&t, 1, ";"));
    bool detail = t.count == 6 && orbit_token_is(&t, 1, "(") && orbit_token_is(&t, 2, "event") &&
                  orbit_token_is(&t, 3, ".") && orbit_token_is(&t, 4, "detail");
    const struct orbit_item *f = gen_c_function(g, *ret_name);
    if (!f || !(alone || detail)) {
        return NULL;
    }
    if (detail && mentions(f->member_count > 0 ? f->members[f->member_count - 1].type : STR(""),
                          STR("orbit_detail"))) {
        return NULL;
    }
    return f;
}

void gen_c_handlers(struct gen_c *g)
{
    struct strbuf *out = &g->out->text;
    struct str type = gen_c_type(g, g->component);

    strbuf_addf(out,
            "static void __handle(void *__self, uint32_t __handler, const uint32_t *__path, "
            "uint32_t __count, const orbit_event *__event)\n{\n    %.*s *self = __self;\n"
            "    orbit_event event = *__event;\n    orbit_detail __fills = event.fills;\n"
            "    (void)self, (void)event, (void)__path, (void)__count, (void)__fills;\n"
            "    switch (__handler) {\n",
            STR_FMT(type));
    for (size_t i = 0; i < g->in->table->handler_count; i++) {
        const struct orbit_handler *h = &g->in->table->handlers[i];
        struct str name = STR("");
        strbuf_addf(out, "    case %zu: {\n        ", i);
        gen_c_open(g, h->scope, true);
        const struct orbit_item *f = named_function(g, h, &name);
        if (h->kind == ORBIT_HANDLER_MODEL) {
            gen_c_code(g, "__auto_type __m = &(", h->code, h->code->text, h->scope, true, ");");
            gen_c_resume(g);
            strbuf_add(out,
                    STR("        _Static_assert(ORBIT_KIND(*__m) != ORBIT_NONE, \"o-model needs a "
                        "number, a bool or a text\");\n        orbit_model(*__m, &event);"));
        } else if (f) {
            put_with_event(g, h, f, name);
        } else {
            gen_c_code(g, "", h->code, h->code->text, h->scope, true, ";");
        }
        gen_c_resume(g);
        strbuf_add(out, STR("        return;\n    }\n"));
    }
    strbuf_add(out, STR("    default: return;\n    }\n}\n"));
}
