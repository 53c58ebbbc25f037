/* SPDX-License-Identifier: MIT */
/*
 * The JavaScript or TypeScript code block of a component: where its default export stands, and which names an
 * expression of the template can mean. Read from tokens, as everything of this folder.
 *
 * Invariant: a name that is not found here is taken to be a member of the component.
 */
#include "orbit/gen_js.h"

#include "base/vec.h"
#include "orbit/expr_walk.h"
#include "orbit/items.h"
#include "orbit/lex.h"

struct reader {
    const struct orbit_gen_input *in;
    const struct orbit_source *source;
    struct orbit_tokens t;
    struct orbit_js_code *ret;
    bool types; /* TypeScript: they are passed over */
};

bool orbit_js_has_name(const struct orbit_js_names *names, struct str name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (str_eq(names->items[i], name)) {
            return true;
        }
    }
    return false;
}

void orbit_js_code_finish(struct orbit_js_code *code)
{
    vec_finish(&code->module);
    vec_finish(&code->members);
    vec_finish(&code->privates);
}

/* A mistake in the block; one of another file is shown where that file is named. */
static void fail(const struct reader *r, size_t start, size_t end, struct str hint,
        const char *text, struct str name)
{
    if (r->in->code_is_other) {
        struct span at = r->in->file->code->src_at;
        unsigned line, col;
        diag_place(r->in->code, start, &line, &col);
        orbit_report(r->source, at.start, at.end, hint, "%.*s:%u:%u: %s%.*s",
                STR_FMT(r->in->file->code->src), line, col, text, STR_FMT(name));
        return;
    }
    orbit_report(r->source, r->in->code_offset + start, r->in->code_offset + end, hint, "%s%.*s",
            text, STR_FMT(name));
}

static void fail_token(const struct reader *r, size_t i, struct str hint, const char *text)
{
    fail(r, r->t.items[i].start, r->t.items[i].end, hint, text, STR(""));
}

static bool is(const struct reader *r, size_t i, const char *text)
{
    return i < r->t.count && orbit_token_is(&r->t, i, text);
}

static bool is_word(const struct reader *r, size_t i)
{
    return i < r->t.count && r->t.items[i].kind == ORBIT_TOKEN_WORD;
}

static void add_name(struct reader *r, size_t i)
{
    vec_push(&r->ret->module, orbit_token_text(&r->t, i));
}

/* The names of an import at `i`; behind it. */
static size_t read_import(struct reader *r, size_t i)
{
    size_t k = i + 1;

    if (is(r, k, "(") || is(r, k, ".")) {
        return k;
    }
    bool is_type = r->types && is(r, k, "type") && !is(r, k + 1, "from") && !is(r, k + 1, ",");

    if (r->types && is(r, k + 1, "=")) { /* import name = require("...") */
        add_name(r, k);
        return k + 2;
    }
    for (; k < r->t.count && r->t.items[k].kind != ORBIT_TOKEN_STRING; k++) {
        if (r->types && is(r, k, "type") && is_word(r, k + 1) && !is(r, k + 1, "as") &&
                !is(r, k + 1, "from")) {
            k = is(r, k + 2, "as") ? k + 3 : k + 1; /* a type of the list */
        } else if (is_word(r, k) && !is_type && !is(r, k, "from") && !is(r, k, "as") &&
                   !is(r, k + 1, "as")) {
            add_name(r, k);
        }
    }
    return k + 1;
}

/* The names that a pattern at `i` declares; behind it. */
static size_t read_pattern(struct reader *r, size_t i)
{
    size_t first = i;
    size_t end = orbit_token_skip(&r->t, i);

    for (; i < end; i++) {
        /* within a pattern a word before ":" is a key; behind a name stands its type */
        if (is_word(r, i) && (i == first || !is(r, i + 1, ":")) && (i == 0 || !is(r, i - 1, "."))) {
            add_name(r, i);
        }
    }
    return end;
}

/* Whether a statement may end before token `i`, which begins a line. */
static bool may_end_before(const struct reader *r, size_t i)
{
    return r->t.items[i].line && is_word(r, i) &&
           (r->types ? orbit_ts_ends_value(&r->t, i - 1)
                     : r->t.items[i - 1].kind != ORBIT_TOKEN_PUNCT);
}

/* const, let, var at `i`; behind the statement. */
static size_t read_declaration(struct reader *r, size_t i)
{
    do {
        i = read_pattern(r, i + 1);
        i += r->types && is(r, i, "!");
        if (r->types && is(r, i, ":")) {
            i = orbit_ts_type_end(&r->t, i + 1);
        }
        while (i < r->t.count && !is(r, i, ",") && !is(r, i, ";") && !may_end_before(r, i)) {
            size_t end = r->types && is(r, i, "<") ? orbit_ts_arguments_end(&r->t, i) : i;

            i = end > i ? end : orbit_token_skip(&r->t, i);
        }
    } while (is(r, i, ","));
    return i;
}

/* function or class at `i`: behind its name, if it has one. */
static size_t read_named(struct reader *r, size_t i)
{
    size_t k = i + 1;

    if (is(r, k, "*")) {
        k++;
    }
    if (is_word(r, k) && !is(r, k, "extends")) {
        add_name(r, k);
        return k + 1;
    }
    return k;
}

/* An enum or namespace of TypeScript, which is a value too, at `i`. */
static bool is_named_value(const struct reader *r, size_t i)
{
    return r->types && (is(r, i, "enum") || is(r, i, "namespace")) && is_word(r, i + 1) &&
           !r->t.items[i + 1].line;
}

/* "export default" at `i`. A class that is decorated or abstract has to be a declaration. */
static void read_default(struct reader *r, size_t i, bool is_decorated)
{
    struct orbit_js_code *ret = r->ret;
    size_t k = i + 2;
    size_t name;

    ret->export_at = r->t.items[i].start;
    ret->default_at = r->t.items[i + 1].start;
    ret->component = STR("$logic");
    size_t first = k;

    k = orbit_js_decorators_end(&r->t, k);
    k += r->types && is(r, k, "abstract") && is(r, k + 1, "class");
    is_decorated = is_decorated || k > first;
    k += is(r, k, "async");
    name = k + 1 + is(r, k + 1, "*");
    if ((is(r, k, "class") || is(r, k, "function")) && is_word(r, name) &&
            !is(r, name, "extends")) {
        ret->is_named = true;
        ret->component = orbit_token_text(&r->t, name);
    } else if (is_decorated && is(r, k, "class")) {
        ret->is_named = true;
        ret->name_at = r->t.items[k].end;
    }
}

static bool read_statements(struct reader *r)
{
    bool good = true;
    size_t i = 0;

    while (i < r->t.count) {
        size_t first = i;

        i = orbit_js_decorators_end(&r->t, i);
        if (is(r, i, "export") && is(r, i + 1, "default")) {
            read_default(r, i, i > first);
            i += 2;
        } else if (is(r, i, "export") && is(r, i + 1, "{")) {
            size_t end = orbit_token_skip(&r->t, i + 1);
            for (; i < end; i++) {
                if (is(r, i, "as") && is(r, i + 1, "default")) {
                    fail_token(r, i + 1, STR("write export default before it"),
                            "a component cannot be exported by a list");
                    good = false;
                }
            }
        } else if (is(r, i, "import")) {
            i = read_import(r, i);
        } else if (is_named_value(r, i + is(r, i, "const"))) {
            i += is(r, i, "const");
            i = read_named(r, i);
        } else if (is(r, i, "const") || is(r, i, "let") || is(r, i, "var")) {
            i = read_declaration(r, i);
        } else if (is(r, i, "function") || is(r, i, "class")) {
            i = read_named(r, i);
        } else if (i == first) {
            i = orbit_token_skip(&r->t, i);
        }
    }
    return good;
}

/* A parameter of a constructor that is a field too: "private name". */
static void read_parameter_field(struct reader *r, const struct orbit_member *param)
{
    size_t blank = str_rfind(param->name, ' ');
    struct str first;

    if (blank != STR_NONE && str_cut(param->name, ' ', &first, &(struct str){ 0 }) &&
            orbit_word_in(first, "public private protected readonly override")) {
        struct str name = str_skip(param->name, blank + 1);

        vec_push(
                &r->ret->members, str_ends(name, STR("?")) ? str_sub(name, 0, name.len - 1) : name);
    }
}

/* The members of the class or function that is exported by default, or named so. */
static void read_members(struct reader *r, const struct orbit_items *items)
{
    struct orbit_js_code *ret = r->ret;

    for (size_t i = 0; i < items->count; i++) {
        const struct orbit_item *item = &items->items[i];
        bool is_default = ret->export_at != ret->default_at && item->end > ret->default_at &&
                          item->start <= ret->default_at + STR("default").len + 1;
        bool is_function = item->kind == ORBIT_ITEM_FUNCTION;
        if ((item->kind != ORBIT_ITEM_CLASS && !is_function) ||
                (!is_default && !str_eq(item->name, ret->component))) {
            continue;
        }
        for (size_t k = 0; k < item->member_count; k++) {
            const struct orbit_member *m = &item->members[k];
            for (size_t n = 0;
                    r->types && str_eq(m->name, STR("constructor")) && n < m->member_count; n++) {
                read_parameter_field(r, &m->members[n]);
            }
            if (is_function ? m->kind != ORBIT_MEMBER_RETURNED
                            : m->receiver == ORBIT_RECEIVER_NONE) {
                continue;
            }
            if (str_starts(m->name, STR("#"))) {
                if (m->kind == ORBIT_MEMBER_FIELD) {
                    vec_push(&ret->privates, m->name);
                }
            } else {
                vec_push(&ret->members, m->name);
            }
        }
    }
}

/*
 * Whether the object may have members whose names do not stand in the block: by a base class, a
 * decorator, what is assigned or defined by an expression, or when the object itself is handed on. Of
 * a function's object also by a spread, or by what is returned without being a literal.
 */
static bool is_open(const struct reader *r)
{
    static const char words[] = "extends assign defineProperty defineProperties setPrototypeOf "
                                "Reflect Proxy eval with";
    const struct orbit_tokens *t = &r->t;
    bool is_function = true;

    for (size_t i = 0; i < t->count; i++) {
        struct str text = orbit_token_text(t, i);

        if (is_word(r, i) && orbit_word_in(text, words)) {
            return true;
        }
        if (is(r, i, "@") || (is(r, i, "this") && is(r, i + 1, "["))) {
            return true;
        }
        if (is(r, i, "this") && i > 1 && (is(r, i + 1, ")") || is(r, i + 1, ",")) &&
                !orbit_word_in(orbit_token_text(t, i - 2), "bind call apply")) {
            return true;
        }
        is_function = is_function && !(is(r, i, "class") && r->ret->export_at < t->items[i].start);
    }
    for (size_t i = 0; is_function && i < t->count; i++) {
        bool is_given = is(r, i, "return") && !is(r, i + 1, "{") &&
                        !(is(r, i + 1, "(") && is(r, i + 2, "{"));
        if (is(r, i, "...") || is_given) {
            return true;
        }
    }
    return r->ret->members.count == 0;
}

bool orbit_js_code_read(const struct orbit_gen_input *in, const struct orbit_source *source,
        struct arena *a, struct orbit_js_code *ret)
{
    struct reader r = {
        .in = in, .source = source, .ret = ret, .types = in->file->lang == ORBIT_TS
    };
    struct orbit_items items;
    enum orbit_lang lang = r.types ? ORBIT_TS : ORBIT_JS;
    bool good;

    *ret = (struct orbit_js_code){ .component = STR("undefined") };
    orbit_lex(a, lang, in->code, &r.t);
    if (r.t.error.len > 0) {
        fail(&r, r.t.error_offset, r.t.error_offset + 1, STR(""), "", r.t.error);
        return false;
    }
    if (r.t.count == 0) {
        ret->is_open = true;
        return true;
    }
    good = read_statements(&r);
    orbit_js_items(a, lang, in->code, &items);
    if (good && ret->export_at == ret->default_at) {
        ret->component = orbit_js_has_name(&ret->module, STR("setup")) ? STR("setup")
                         : orbit_js_has_name(&ret->module, in->name)   ? in->name
                                                                       : ret->component;
        if (str_eq(ret->component, STR("undefined"))) {
            fail_token(&r, 0,
                    STR("write export default class NAME { }, or a function that returns an object"),
                    "the code exports no component");
            return false;
        }
    }
    read_members(&r, &items);
    ret->is_open = is_open(&r);
    return good;
}
