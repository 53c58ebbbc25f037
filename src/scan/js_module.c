/* SPDX-License-Identifier: MIT */
/*
 * Import and export declarations, and import(). Their clauses hold names and
 * strings only, so they are read piece by piece; expressions are left to the
 * scan.
 */
#include "scan/js_state.h"

#include <assert.h>
#include <string.h>

/* A list in braces, as imports and exports have it. */
struct list {
    uint32_t dep; /* whose names are needed, JS_NO_DEP for none */
    bool exports; /* the names behind `as` are exported */
};

/* The comment without an end in the blank at `p`. */
static const char *open_comment(const char *p, const char *end)
{
    bool line = false;

    for (;;) {
        enum js_class class = js_class_of(*p);
        const char *behind = class == JS_SLASH ? js_comment_end(p, end, &line) : p + 1;
        if (!behind) {
            return p;
        }
        p = behind;
    }
}

/* The error for a piece that does not fit. */
static const char *unexpected(struct js *s, const struct js_piece *t, struct str where)
{
    bool line = false;

    if (t->kind != JS_PIECE_END) {
        return js_fail(s, t->start, where);
    }
    const char *at = js_blank_end(t->blank, s->end, &line);
    if (!at) {
        return js_fail(s, open_comment(t->blank, s->end), STR("unterminated comment"));
    }
    /* A piece that begins and is none is a string or template without an end. */
    return js_fail(s, at, at < s->end ? STR("unterminated string") : where);
}

static bool is_name(const struct js_piece *t)
{
    return (t->kind == JS_PIECE_WORD && js_class_of(*t->start) != JS_DIGIT) ||
           t->kind == JS_PIECE_STRING;
}

static struct str name_of(struct js *s, const struct js_piece *t)
{
    return js_decode(js_piece_raw(t), s->arena);
}

/* Reads "a, b as c }" behind the brace. */
static const char *read_list(struct js *s, const char *p, struct list list, struct str where)
{
    for (;;) {
        struct js_piece name = js_piece_at(p, s->end);
        if (name.byte == '}') {
            return name.end;
        }
        if (!is_name(&name)) {
            return unexpected(s, &name, where);
        }
        struct js_piece t = js_piece_at(name.end, s->end);
        struct js_piece as = name;
        if (js_piece_is(&t, STR("as"))) {
            as = js_piece_at(t.end, s->end);
            if (!is_name(&as)) {
                return unexpected(s, &as, where);
            }
            t = js_piece_at(as.end, s->end);
        }
        if (list.dep != JS_NO_DEP) {
            js_add_imported(s, list.dep, name.start, name_of(s, &name));
        }
        if (list.exports) {
            js_add_export(s, name_of(s, &as));
        }
        if (t.byte != '}' && t.byte != ',') {
            return unexpected(s, &t, where);
        }
        p = t.byte == ',' ? t.end : t.start;
    }
}

/* Reads `with { type: "json" }` if it is there; gives where the statement ends. */
static const char *read_attributes(struct js *s, const char *p, struct dep *dep)
{
    struct js_piece t = js_piece_at(p, s->end);
    struct js_piece key;

    if (!js_piece_is(&t, STR("with")) && (!js_piece_is(&t, STR("assert")) || t.line)) {
        return p;
    }
    dep->attributes.start = js_at(s, t.start);
    t = js_piece_at(t.end, s->end);
    if (t.byte != '{') {
        dep->attributes.start = 0;
        return p;
    }
    for (;;) {
        key = js_piece_at(t.end, s->end);
        if (key.byte == '}') {
            break;
        }
        struct js_piece colon = js_piece_at(key.end, s->end);
        struct js_piece value = js_piece_at(colon.end, s->end);
        t = js_piece_at(value.end, s->end);
        if (!is_name(&key) || colon.byte != ':' || value.kind != JS_PIECE_STRING) {
            return unexpected(s,
                    !is_name(&key)      ? &key
                    : colon.byte != ':' ? &colon
                                        : &value,
                    STR("malformed import attributes"));
        }
        if (str_eq(name_of(s, &key), STR("type"))) {
            dep->type = name_of(s, &value);
        }
        if (t.byte == '}') {
            key = t;
            break;
        }
        if (t.byte != ',') {
            return unexpected(s, &t, STR("malformed import attributes"));
        }
    }
    dep->attributes.end = js_at(s, key.end);
    return key.end;
}

/* Reads the specifier and what follows it. */
static const char *read_source(
        struct js *s, const struct js_piece *t, uint32_t index, struct str where)
{
    struct dep *dep = &s->facts->deps[index];

    if (t->kind != JS_PIECE_STRING) {
        return unexpected(s, t, where);
    }
    js_set_specifier(s, dep, t);
    const char *p = read_attributes(s, t->end, dep);
    if (p) {
        dep->statement.end = js_at(s, p);
    }
    return p;
}

/* Whether no bracket is open: only there may a declaration stand. */
static bool at_top(const struct js *s)
{
    return s->top->kind == JS_TOP;
}

/* `* as ns` behind the star: the name it binds. */
static const char *read_namespace(struct js *s, const char *p, struct js_piece *ret_name)
{
    struct js_piece as = js_piece_at(p, s->end);

    *ret_name = js_piece_at(as.end, s->end);
    if (!js_piece_is(&as, STR("as"))) {
        return unexpected(s, &as, STR("malformed import: expected 'as'"));
    }
    if (!is_name(ret_name)) {
        return unexpected(s, ret_name, STR("malformed import: expected a name"));
    }
    return ret_name->end;
}

/* Takes the word of a phase, if `t` is one: *t is the piece behind it then. */
static enum import_phase read_phase(struct js *s, struct js_piece *t)
{
    struct js_piece next = js_piece_at(t->end, s->end);

    if (js_piece_is(t, STR("defer")) && next.byte == '*') {
        *t = next;
        return PHASE_DEFER;
    }
    if (js_piece_is(t, STR("source")) && next.kind == JS_PIECE_WORD) {
        struct js_piece third = js_piece_at(next.end, s->end);
        if (!js_piece_is(&next, STR("from")) || js_piece_is(&third, STR("from"))) {
            *t = next;
            return PHASE_SOURCE;
        }
    }
    return PHASE_EVALUATION;
}

/* import a, { b as c } from "x", from the piece behind `import`. */
static const char *read_clause(struct js *s, struct js_piece t, uint32_t index)
{
    struct str where = STR("malformed import declaration");
    struct js_piece name;
    const char *p;

    s->facts->deps[index].phase = read_phase(s, &t);
    if (t.kind == JS_PIECE_STRING) {
        return read_source(s, &t, index, where);
    }
    if (t.kind == JS_PIECE_WORD && is_name(&t)) {
        js_add_imported(s, index, t.start, STR("default"));
        t = js_piece_at(t.end, s->end);
        if (t.byte == ',') {
            t = js_piece_at(t.end, s->end);
            if (t.byte != '*' && t.byte != '{') {
                return unexpected(s, &t, where);
            }
        }
    }
    if (t.byte == '*') {
        p = read_namespace(s, t.end, &name);
        if (!p) {
            return NULL;
        }
        js_add_imported(s, index, t.start, STR("*"));
        t = js_piece_at(p, s->end);
    } else if (t.byte == '{') {
        p = read_list(s, t.end, (struct list){ index, false }, where);
        if (!p) {
            return NULL;
        }
        t = js_piece_at(p, s->end);
    }
    if (!js_piece_is(&t, STR("from"))) {
        return unexpected(s, &t, where);
    }
    t = js_piece_at(t.end, s->end);
    return read_source(s, &t, index, where);
}

/* Gives up what a declaration that turned out bad has noted. */
static const char *drop(struct js *s, uint32_t deps, uint32_t imported, uint32_t exports)
{
    s->facts->dep_count = deps;
    s->facts->imported_count = imported;
    s->facts->export_count = exports;
    return NULL;
}

static bool says_ignore(struct str comment)
{
    return str_find_str(comment, STR("@vite-ignore")) != STR_NONE ||
           str_find_str(comment, STR("@orbiton-ignore")) != STR_NONE;
}

/* import(...), from its '('. */
static const char *read_call(
        struct js *s, const char *start, const char *paren, enum import_phase phase)
{
    struct js_piece t = js_piece_at(paren + 1, s->end);
    struct js_piece next = js_piece_at(t.end, s->end);
    bool literal = js_piece_is_text(&t) && (next.byte == ')' || next.byte == ',');
    uint32_t index;
    struct dep *dep = js_add_dep(s, literal ? DEP_DYNAMIC : DEP_DYNAMIC_EXPR, start, &index);

    dep->phase = phase;
    if (literal) {
        js_set_specifier(s, dep, &t);
    } else {
        dep->specifier = (struct span){ js_at(s, t.start), js_at(s, t.start) };
    }
    if (t.kind != JS_PIECE_END) {
        dep->ignore = says_ignore((struct str){ t.blank, (size_t)(t.start - t.blank) });
    }
    if (literal && next.byte == ',') {
        struct js_piece second = js_piece_at(next.end, s->end);
        if (second.byte != ')') {
            dep->attributes.start = js_at(s, second.start);
            dep->type = js_option_type(s, second.start, STR("with"));
        }
    }
    if (index == JS_NO_DEP || !js_push(s, paren, JS_PAREN, JS_VALUE)) {
        return NULL;
    }
    s->top->dep = index;
    s->top->first_argument = true;
    return paren + 1;
}

const char *js_import(struct js *s, const char *start, const char *p, enum js_prev *ret_prev)
{
    struct js_facts *facts = s->facts;
    struct js_piece t = js_piece_at(p, s->end);

    facts->has_module_syntax = true;
    if (t.byte == '(') {
        *ret_prev = JS_OP;
        return read_call(s, start, t.start, PHASE_EVALUATION);
    }
    if (t.byte == '.') {
        struct js_piece word = js_piece_at(t.end, s->end);
        struct js_piece paren = js_piece_at(word.end, s->end);
        bool source = js_piece_is(&word, STR("source"));
        *ret_prev = JS_OP;
        if ((source || js_piece_is(&word, STR("defer"))) && paren.byte == '(') {
            return read_call(s, start, paren.start, source ? PHASE_SOURCE : PHASE_DEFER);
        }
        if (!js_piece_is(&word, STR("meta"))) {
            return unexpected(s, &word, STR("expected 'meta' behind 'import.'"));
        }
        *ret_prev = JS_VALUE;
        js_meta(s, start, word.end);
        return word.end;
    }
    if (!at_top(s)) {
        return js_fail(s, start, STR("import declaration outside of the top level"));
    }
    uint32_t deps = facts->dep_count, imported = facts->imported_count;
    uint32_t index;
    js_add_dep(s, DEP_IMPORT, start, &index);
    if (index == JS_NO_DEP) {
        return NULL;
    }
    *ret_prev = JS_STMT;
    p = read_clause(s, t, index);
    return p ? p : drop(s, deps, imported, facts->export_count);
}

/* export * [as name] from "x", from the star. */
static const char *read_export_star(struct js *s, const char *start, const struct js_piece *star)
{
    struct str where = STR("malformed export declaration");
    struct js_facts *facts = s->facts;
    uint32_t deps = facts->dep_count, imported = facts->imported_count;
    uint32_t exports = facts->export_count;
    struct js_piece t = js_piece_at(star->end, s->end);
    uint32_t index;
    struct dep *dep = js_add_dep(s, DEP_REEXPORT, start, &index);

    if (index == JS_NO_DEP) {
        return NULL;
    }
    if (js_piece_is(&t, STR("as"))) {
        struct js_piece name = js_piece_at(t.end, s->end);
        if (!is_name(&name)) {
            unexpected(s, &name, where);
            return drop(s, deps, imported, exports);
        }
        js_add_imported(s, index, star->start, STR("*"));
        js_add_export(s, name_of(s, &name));
        t = js_piece_at(name.end, s->end);
    } else {
        dep->export_all = true;
    }
    if (!js_piece_is(&t, STR("from"))) {
        unexpected(s, &t, where);
        return drop(s, deps, imported, exports);
    }
    t = js_piece_at(t.end, s->end);
    const char *p = read_source(s, &t, index, where);
    return p ? p : drop(s, deps, imported, exports);
}

/* export { a as b } [from "x"], from the brace. */
static const char *read_export_list(struct js *s, const char *start, const struct js_piece *brace)
{
    struct str where = STR("malformed export declaration");
    struct js_facts *facts = s->facts;
    uint32_t deps = facts->dep_count, imported = facts->imported_count;
    uint32_t exports = facts->export_count;
    const char *p = read_list(s, brace->end, (struct list){ JS_NO_DEP, true }, where);
    struct js_piece t;
    uint32_t index;

    if (!p) {
        return drop(s, deps, imported, exports);
    }
    t = js_piece_at(p, s->end);
    if (!js_piece_is(&t, STR("from"))) {
        return p;
    }
    js_add_dep(s, DEP_REEXPORT, start, &index);
    if (index == JS_NO_DEP) {
        return NULL;
    }
    read_list(s, brace->end, (struct list){ index, false }, where);
    t = js_piece_at(t.end, s->end);
    p = read_source(s, &t, index, where);
    return p ? p : drop(s, deps, imported, exports);
}

/* The name behind `function`, `async function`, or `class`. */
static const char *read_named(struct js *s, struct js_piece t)
{
    const char *p = t.start;

    if (js_piece_is(&t, STR("async"))) {
        t = js_piece_at(t.end, s->end);
        if (!js_piece_is(&t, STR("function")) || t.line) {
            return unexpected(s, &t, STR("malformed export declaration"));
        }
    }
    t = js_piece_at(t.end, s->end);
    if (t.byte == '*') {
        t = js_piece_at(t.end, s->end);
    }
    if (t.kind != JS_PIECE_WORD || !is_name(&t)) {
        return unexpected(s, &t, STR("malformed export declaration: expected a name"));
    }
    js_add_export(s, name_of(s, &t));
    return p;
}

const char *js_export(struct js *s, const char *start, const char *p, enum js_prev *ret_prev)
{
    struct js_piece t = js_piece_at(p, s->end);

    s->facts->has_module_syntax = true;
    if (!at_top(s)) {
        return js_fail(s, start, STR("export declaration outside of the top level"));
    }
    *ret_prev = JS_STMT;
    if (t.byte == '{') {
        return read_export_list(s, start, &t);
    }
    if (t.byte == '*') {
        return read_export_star(s, start, &t);
    }
    if (js_piece_is(&t, STR("default"))) {
        js_add_export(s, STR("default"));
        *ret_prev = JS_DEFAULT;
        return t.end;
    }
    if (js_piece_is(&t, STR("const")) || js_piece_is(&t, STR("let")) ||
            js_piece_is(&t, STR("var"))) {
        s->exporting = true;
        *ret_prev = JS_BINDING;
        return t.end;
    }
    if (js_piece_is(&t, STR("function")) || js_piece_is(&t, STR("class")) ||
            js_piece_is(&t, STR("async"))) {
        return read_named(s, t);
    }
    return unexpected(s, &t, STR("malformed export declaration"));
}
