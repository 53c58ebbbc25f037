/* SPDX-License-Identifier: MIT */
/*
 * A component from its text.
 *
 * Invariant: the table is the one that the code was generated with, and the
 * descriptor is numbered by the running table where there is one, else by that.
 */
#include "orbit/component.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/path.h"
#include "base/vec.h"
#include "orbit/c_headers.h"
#include "orbit/descriptor.h"
#include "orbit/lex.h"
#include "orbit/style_scope.h"

bool orbit_is_built(enum orbit_lang lang)
{
    return lang == ORBIT_RUST || lang == ORBIT_C;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct str orbit_component_name(struct arena *a, struct str path)
{
    struct str stem = path_name(path);
    char *name = arena_alloc(a, stem.len + 1);
    size_t len = 0;
    bool begins = true;

    stem.len -= path_ext(path).len;
    for (size_t i = 0; i < stem.len; i++) {
        char c = stem.ptr[i];

        if (c == '-' || c == '_' || c == '.') {
            begins = true;
        } else if (is_letter(c) || (is_digit(c) && len > 0)) {
            name[len++] = begins && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
            begins = false;
        } else {
            return STR("");
        }
    }
    return len <= ORBIT_NAME_MAX ? (struct str){ name, len } : STR("");
}

/* "TodoItem" is "todo_item". */
static struct str snake_case(struct arena *a, struct str name)
{
    char *out = arena_alloc(a, 2 * name.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool upper = c >= 'A' && c <= 'Z';

        if (upper && i > 0) {
            bool before = name.ptr[i - 1] >= 'A' && name.ptr[i - 1] <= 'Z';
            bool after = i + 1 < name.len && name.ptr[i + 1] >= 'a' && name.ptr[i + 1] <= 'z';

            if (!before || after) {
                out[len++] = '_';
            }
        }
        out[len++] = upper ? (char)(c - 'A' + 'a') : c;
    }
    return (struct str){ out, len };
}

static void put_hash(struct hash_stream *stream, struct str text)
{
    char len[24];
    int count = snprintf(len, sizeof(len), "%zu:", text.len);

    hash_stream_add(stream, (struct str){ len, (size_t)count });
    hash_stream_add(stream, text);
}

static void put_number(struct hash_stream *stream, unsigned number)
{
    char text[16];
    int count = snprintf(text, sizeof(text), "%u,", number);

    hash_stream_add(stream, (struct str){ text, (size_t)count });
}

static void identify(const struct orbit_table *t, char ret[ORBIT_TABLE_ID_LEN + 1])
{
    struct hash_stream *stream = hash_stream_create();

    for (size_t i = 0; i < t->scope_count; i++) {
        const struct orbit_scope *s = &t->scopes[i];

        put_number(stream, s->kind);
        put_number(stream, s->parent);
        put_number(stream, s->after);
        put_number(stream, s->is_pattern);
        put_hash(stream, s->expression);
        for (size_t k = 0; k < s->variable_count; k++) {
            put_hash(stream, s->variables[k]);
        }
    }
    hash_stream_add(stream, STR("|"));
    for (size_t i = 0; i < t->slot_count; i++) {
        put_number(stream, t->slots[i].kind);
        put_number(stream, t->slots[i].scope);
        put_hash(stream, t->slots[i].expression);
    }
    hash_stream_add(stream, STR("|"));
    for (size_t i = 0; i < t->handler_count; i++) {
        put_number(stream, t->handlers[i].kind);
        put_number(stream, t->handlers[i].scope);
        put_hash(stream, t->handlers[i].text);
    }
    struct hash hash = hash_stream_take(stream);

    hash_stream_destroy(stream);
    (void)snprintf(ret, ORBIT_TABLE_ID_LEN + 1, "%016" PRIx64, hash.low); /* always fits */
}

/* ---- the way of one compilation ---- */

struct compiling {
    struct orbit_component *c;
    const struct orbit_surroundings *around;
    struct diag_list *diags;
    struct orbit_source source; /* the .orbit file */
    struct orbit_source markup; /* of the template */
    struct orbit_file file;
    struct orbit_template template;
    struct str code;
    size_t code_offset;
    size_t child_cap;
};

static size_t errors_of(const struct compiling *k)
{
    return diag_list_errors(k->diags) + k->diags->dropped;
}

/* A zero byte would end what is printed with it, in generated code and in messages. */
static bool check_text(struct compiling *k, const struct orbit_source *source)
{
    size_t at = str_find(source->text, '\0');

    if (at != STR_NONE) {
        const struct orbit_source own = { source->path, source->text, k->diags };

        orbit_report(&own, at, at + 1, STR("is this a text?"), "there is a zero byte");
    }
    return at == STR_NONE;
}

/* The text of a section, which another file may have; `source` and `span` say where it is. */
static bool read_section(struct compiling *k, const struct orbit_section *s,
        struct orbit_source *ret_source, struct span *ret_span)
{
    struct orbit_component *c = k->c;
    struct arena *a = &c->arena;
    struct str path;
    struct str text;

    *ret_source = k->source;
    *ret_span = s->content;
    if (s->src.len == 0) {
        return true;
    }
    if (s->src.ptr[0] == '/') {
        path = str_skip(s->src, 1);
    } else {
        path = path_join(a, path_parent(c->path), s->src);
    }
    if (!path_normalise(a, path, &path) || path.len == 0) {
        orbit_report(&k->source, s->src_at.start, s->src_at.end, STR("name a file of the project"),
                "'%.*s' leads out of the project", STR_FMT(s->src));
        return false;
    }
    path = arena_str(a, path);
    c->others[c->other_count++] = path;
    if (!k->around->read(k->around->ctx, path, a, &text)) {
        orbit_report(&k->source, s->src_at.start, s->src_at.end,
                STR("it is looked for beside the .orbit file"), "there is no file '%.*s'",
                STR_FMT(path));
        return false;
    }
    *ret_source = (struct orbit_source){ .path = path, .text = text, .diags = k->diags };
    *ret_span = (struct span){ 0, (uint32_t)text.len };
    return check_text(k, ret_source);
}

static bool has_child(const struct orbit_component *c, struct str name)
{
    for (size_t i = 0; i < c->child_count; i++) {
        if (str_eq(c->children[i].name, name)) {
            return true;
        }
    }
    return false;
}

static void push_child(struct compiling *k, struct str name, struct str path)
{
    struct orbit_component *c = k->c;

    if (c->child_count == k->child_cap) {
        size_t cap = k->child_cap > 0 ? 2 * k->child_cap : 16;
        struct orbit_child *wider = arena_array(&c->arena, struct orbit_child, cap);

        if (c->child_count > 0) {
            memcpy(wider, c->children, c->child_count * sizeof(*wider));
        }
        c->children = wider;
        k->child_cap = cap;
    }
    c->children[c->child_count++] = (struct orbit_child){ .name = arena_str(&c->arena, name),
        .path = arena_str(&c->arena, path) };
}

static void add_child(struct compiling *k, const struct orbit_node *node)
{
    struct str path = { 0 };
    struct str other = { 0 };

    if (has_child(k->c, node->name)) {
        return;
    }
    switch (k->around->find(k->around->ctx, node->name, &path, &other)) {
    case ORBIT_LOOKUP_FOUND: push_child(k, node->name, path); return;
    case ORBIT_LOOKUP_NONE:
        orbit_report(&k->markup, node->span.start, node->span.end,
                STR("a component has the name of its file: <TodoItem> is todo-item.orbit"),
                "there is no component '%.*s'", STR_FMT(node->name));
        return;
    case ORBIT_LOOKUP_TWO:
        orbit_report(&k->markup, node->span.start, node->span.end, STR("rename one of them"),
                "two files are the component '%.*s': %.*s and %.*s", STR_FMT(node->name),
                STR_FMT(path), STR_FMT(other));
        return;
    }
}

/* Of what `:is` chooses when it runs: the components whose names are texts in this code. */
static void add_named(struct compiling *k, struct str code)
{
    struct arena a = { 0 };
    struct orbit_tokens t;
    struct str path;
    struct str other;

    orbit_lex(&a, k->c->lang, code, &t);
    for (size_t i = 0; i < t.count; i++) {
        struct str text = str_sub(code, t.items[i].start, t.items[i].end);
        struct str name = str_sub(text, 1, text.len - 1);
        bool is_text =
                t.items[i].kind == ORBIT_TOKEN_STRING || t.items[i].kind == ORBIT_TOKEN_TEMPLATE;

        if (is_text && text.len > 2 && name.len <= ORBIT_NAME_MAX && !has_child(k->c, name) &&
                k->around->find(k->around->ctx, orbit_component_name(&a, name), &path, &other) ==
                        ORBIT_LOOKUP_FOUND) {
            push_child(k, name, path);
        }
    }
    arena_finish(&a);
}

static void find_children(struct compiling *k, const struct orbit_node *node)
{
    for (; node; node = node->next) {
        if (node->kind == ORBIT_NODE_DYNAMIC && node->name.len == 0) {
            add_named(k, node->code.text);
            add_named(k, k->code);
        }
        if (node->kind == ORBIT_NODE_COMPONENT ||
                (node->kind == ORBIT_NODE_DYNAMIC && node->name.len > 0)) {
            add_child(k, node);
        }
        find_children(k, node->first); /* at most ORBIT_DEPTH_MAX and a few deep */
    }
}

static int by_name(const void *a, const void *b)
{
    const struct orbit_child *x = a;
    const struct orbit_child *y = b;

    return str_cmp(x->name, y->name);
}

static void read_styles(struct compiling *k)
{
    struct orbit_component *c = k->c;

    c->styles = arena_array(&c->arena, struct orbit_style, k->file.count);
    for (size_t i = 0; i < k->file.count; i++) {
        const struct orbit_section *s = &k->file.sections[i];
        struct orbit_source source;
        struct diag_list own = { 0 };
        struct strbuf out;
        struct span span;

        if (s->kind != ORBIT_SECTION_STYLE || !read_section(k, s, &source, &span)) {
            continue;
        }
        struct str css = str_sub(source.text, span.start, span.end);
        struct orbit_style *style = &c->styles[c->style_count++];

        style->path = source.path;
        style->text = css;
        if (s->global) {
            continue;
        }
        strbuf_init(&out, 8 * ORBIT_STYLE_MAX);
        orbit_style_scope(&out, css, c->id, &own);
        for (size_t d = 0; d < own.count; d++) {
            struct diag diag = own.items[d];
            unsigned line;
            unsigned col;

            /* the list counts from the begin of the sheet */
            diag_place(source.text, span.start, &line, &col);
            diag.col += diag.line == 1 ? col - 1 : 0;
            diag.line += diag.line > 0 ? line - 1 : 0;
            diag.path = source.path;
            diag_list_add(k->diags, &diag);
        }
        diag_list_finish(&own);
        style->text = out.overflow ? css : arena_str(&c->arena, strbuf_str(&out));
        strbuf_finish(&out);
    }
}

static bool generate(struct compiling *k)
{
    struct orbit_component *c = k->c;
    const struct orbit_gen_input in = {
        .source = &k->source,
        .markup = &k->markup,
        .file = &k->file,
        .code = k->code,
        .code_offset = k->code_offset,
        .code_is_other = !str_eq(c->code_path, c->path),
        .code_path = c->code_path,
        .headers = c->headers,
        .template = &k->template,
        .table = &c->table,
        .name = c->name,
        .path = c->path,
        .module = c->module,
        .id = c->id,
        .table_id = str_from(c->table_id),
    };

    switch (c->lang) {
    case ORBIT_RUST: return orbit_gen_rust(&in, &c->arena, &c->code, k->diags);
    case ORBIT_C: return orbit_gen_c(&in, &c->arena, &c->code, k->diags);
    case ORBIT_JS:
    case ORBIT_TS: break;
    }
    return orbit_gen_js(&in, &c->arena, &c->code, k->diags);
}

static bool same_children(const struct orbit_component *a, const struct orbit_component *b)
{
    if (a->child_count != b->child_count) {
        return false;
    }
    for (size_t i = 0; i < a->child_count; i++) {
        if (!str_eq(a->children[i].name, b->children[i].name) ||
                !str_eq(a->children[i].path, b->children[i].path)) {
            return false;
        }
    }
    return true;
}

/* Whether the code that was generated last serves this template too. */
static bool keep_code(struct compiling *k, const struct orbit_component *previous)
{
    struct orbit_component *c = k->c;
    struct orbit_unknown *unknown;

    if (!previous || previous->lang != c->lang || !str_eq(previous->block, k->code) ||
            !str_eq(previous->headers, c->headers) || !str_eq(previous->code_path, c->code_path) ||
            previous->code.text.len == 0 ||
            orbit_table_match(&k->template, &previous->table, &c->arena, &unknown) > 0) {
        return false;
    }
    c->table = orbit_table_copy(&previous->table, &c->arena);
    c->names_undeclared = previous->names_undeclared;
    memcpy(c->table_id, previous->table_id, sizeof(c->table_id));
    strbuf_add(&c->code.text, strbuf_str(&previous->code.text));
    /* the block may have moved since the code was generated: what it says has not */
    for (size_t i = 0; i < previous->code.map.count; i++) {
        vec_push(&c->code.map, previous->code.map.items[i]);
    }
    for (size_t i = 0; i < ORBIT_FROM_COUNT; i++) {
        c->mapped[i].path = arena_str(&c->arena, previous->mapped[i].path);
        c->mapped[i].text = arena_str(&c->arena, previous->mapped[i].text);
    }
    return true;
}

/* The code is kept, but in this text the names that nothing declares may stand elsewhere, or not at
 * all: what generates the code says where. False if something was reported. */
static bool place_undeclared(struct compiling *k)
{
    struct orbit_component *c = k->c;
    struct orbit_gen_output code = c->code;
    struct orbit_table table = c->table;
    struct orbit_unknown *unknown;

    orbit_gen_output_init(&c->code);
    bool good = orbit_table_build(&k->template, &k->markup, &c->arena, &c->table) && generate(k);

    code.undeclared = c->code.undeclared;
    c->code.undeclared.items = NULL;
    orbit_gen_output_finish(&c->code);
    c->code = code;
    c->table = table;
    (void)orbit_table_match(&k->template, &c->table, &c->arena, &unknown); /* it knows all */
    return good;
}

/* Generates the code, or keeps that of before; numbers the template; writes the descriptor. */
static bool number(struct compiling *k, const struct orbit_component *previous,
        const struct orbit_running *running)
{
    struct orbit_component *c = k->c;
    struct orbit_table used;
    struct strbuf out;

    if (keep_code(k, previous)) {
        if (c->names_undeclared && !place_undeclared(k)) {
            return false;
        }
    } else {
        if (!orbit_table_build(&k->template, &k->markup, &c->arena, &c->table)) {
            return false;
        }
        identify(&c->table, c->table_id);
        if (!generate(k) || c->code.text.overflow) {
            if (c->code.text.overflow) {
                orbit_report(&k->source, 0, 0, STR("divide the component"),
                        "the generated code is too large");
            }
            return false;
        }
        c->names_undeclared = c->code.undeclared.count > 0;
        c->mapped[ORBIT_FROM_FILE] = (struct orbit_mapped){ c->path, c->text };
        c->mapped[ORBIT_FROM_CODE] = (struct orbit_mapped){ c->code_path, c->code_file };
        c->mapped[ORBIT_FROM_TEMPLATE] = (struct orbit_mapped){ k->markup.path, k->markup.text };
    }
    used = c->table;
    memcpy(c->template_table_id, c->table_id, sizeof(c->table_id));
    if (running && running->id[0] && strcmp(running->id, c->table_id) != 0) {
        used = running->table;
        memcpy(c->template_table_id, running->id, sizeof(running->id));
        c->unknown_count = orbit_table_match(&k->template, &running->table, &c->arena, &c->unknown);
        for (size_t i = 0; i < c->unknown_count; i++) {
            c->unknown[i].text = arena_str(&c->arena, c->unknown[i].text);
        }
    }
    strbuf_init(&out, ORBIT_DESCRIPTOR_MAX);
    orbit_descriptor_write(&k->template, &used, &out);
    bool fits = !out.overflow;

    c->descriptor = arena_str(&c->arena, strbuf_str(&out));
    strbuf_finish(&out);
    if (!fits) {
        orbit_report(&k->source, 0, 0, STR("divide the component"), "the template is too large");
    }
    return fits;
}

static void warn(
        struct compiling *k, struct str path, unsigned line, struct str text, struct str hint)
{
    diag_list_add(k->diags, &(struct diag){ .severity = DIAG_WARNING,
                                    .path = path,
                                    .line = line,
                                    .col = 1,
                                    .text = text,
                                    .hint = hint });
}

static void read_headers(struct compiling *k)
{
    struct orbit_component *c = k->c;
    struct orbit_headers headers = orbit_c_headers_read(
            &c->arena, path_parent(c->path), c->name, c->block, k->around->read, k->around->ctx);
    struct str *others =
            arena_array(&c->arena, struct str, c->other_count + headers.tried_count + 1);

    for (size_t i = 0; i < c->other_count; i++) {
        others[i] = c->others[i];
    }
    for (size_t i = 0; i < headers.tried_count; i++) {
        others[c->other_count + i] = headers.tried[i];
    }
    if (headers.left_out.len > 0) {
        warn(k, c->path, k->file.code ? orbit_source_line(&k->source, k->file.code->tag.start) : 1,
                arena_printf(&c->arena,
                        "the types of '%.*s' are not read: the headers are too many",
                        STR_FMT(headers.left_out)),
                arena_printf(&c->arena, "include what it needs: up to %d headers, %d KiB in all",
                        ORBIT_HEADERS_MAX, ORBIT_HEADERS_BYTES_MAX >> 10));
    }
    if (headers.bad.len > 0) {
        warn(k, headers.bad, headers.bad_line,
                arena_printf(&c->arena, "the types of this header are not read: %.*s",
                        STR_FMT(headers.bad_why)),
                STR(""));
    }
    c->headers = headers.types;
    c->others = others;
    c->other_count += headers.tried_count;
}

static bool compile(struct compiling *k, const struct orbit_component *previous,
        const struct orbit_running *running)
{
    struct orbit_component *c = k->c;
    struct orbit_source code = k->source;
    struct span span = { 0 };
    size_t before = errors_of(k);

    if (c->name.len == 0) {
        orbit_report(&k->source, 0, 0,
                STR("a component has the name of its file: letters, digits, '-' and '_'"),
                "'%.*s' is no name of a component", STR_FMT(path_name(c->path)));
        return false;
    }
    if (!check_text(k, &k->source) || !orbit_file_parse(&k->source, &c->arena, &k->file)) {
        return false;
    }
    c->lang = k->file.lang;
    c->others = arena_array(&c->arena, struct str, k->file.count);
    read_styles(k);
    c->code_path = c->path;
    if (k->file.code && read_section(k, k->file.code, &code, &span)) {
        c->code_path = code.path;
    }
    k->code = str_sub(code.text, span.start, span.end);
    k->code_offset = span.start;
    c->code_file = code.text;
    c->block = k->code;
    if (!read_section(k, k->file.template_section, &k->markup, &span)) {
        return false;
    }
    if (c->lang == ORBIT_C) {
        read_headers(k);
    }
    const struct orbit_template_options options = { .lang = c->lang };

    if (!orbit_template_parse(&k->markup, span, &options, &c->arena, &k->template)) {
        return false;
    }
    find_children(k, k->template.root);
    if (c->child_count > 1) {
        qsort(c->children, c->child_count, sizeof(*c->children), by_name);
    }
    if (errors_of(k) > before || !number(k, previous, running) || errors_of(k) > before) {
        return false;
    }
    c->markup_path = arena_str(&c->arena, k->markup.path);
    c->props = orbit_props_declared(&c->arena, c->lang, c->name, c->block);
    c->givens = orbit_props_given(&c->arena, &k->template, &k->markup);
    return true;
}

bool orbit_component_compile(struct orbit_component *ret, struct str path, struct str text,
        const struct orbit_component *previous, const struct orbit_running *running,
        const struct orbit_surroundings *around, struct diag_list *diags)
{
    struct compiling k = { .c = ret, .around = around, .diags = diags };
    struct arena *a = &ret->arena;

    *ret = (struct orbit_component){ 0 };
    orbit_gen_output_init(&ret->code);
    ret->path = arena_str(a, path);
    ret->text = arena_str(a, text);
    ret->name = orbit_component_name(a, ret->path);
    ret->module = snake_case(a, ret->name);
    ret->id = arena_printf(a, "data-o-%08x", (unsigned)(hash_bytes(path).low & 0xFFFFFFFFu));
    k.source = (struct orbit_source){ .path = ret->path, .text = ret->text, .diags = diags };
    k.markup = k.source;
    return compile(&k, previous, running);
}

void orbit_component_finish(struct orbit_component *c)
{
    orbit_gen_output_finish(&c->code);
    arena_finish(&c->arena);
    *c = (struct orbit_component){ 0 };
}

void orbit_running_take(struct orbit_running *running, const struct orbit_component *c)
{
    arena_reset(&running->arena);
    running->table = orbit_table_copy(&c->table, &running->arena);
    memcpy(running->id, c->table_id, sizeof(running->id));
    running->block = hash_bytes(c->block);
}

struct orbit_change orbit_running_compare(
        const struct orbit_running *running, const struct orbit_running *built)
{
    bool known = running->id[0] && built->id[0];

    return (struct orbit_change){
        .code = known && !hash_eq(running->block, built->block),
        .template = known && strcmp(running->id, built->id) != 0,
    };
}

void orbit_running_finish(struct orbit_running *running)
{
    arena_finish(&running->arena);
    *running = (struct orbit_running){ 0 };
}

/* ---- comparing ---- */

static bool knows_slot(const struct orbit_table *t, const struct orbit_slot *slot)
{
    for (size_t i = 0; i < t->slot_count; i++) {
        if (t->slots[i].kind == slot->kind && str_eq(t->slots[i].expression, slot->expression)) {
            return true;
        }
    }
    return false;
}

static bool knows_handler(const struct orbit_table *t, const struct orbit_handler *handler)
{
    for (size_t i = 0; i < t->handler_count; i++) {
        if (t->handlers[i].kind == handler->kind && str_eq(t->handlers[i].text, handler->text)) {
            return true;
        }
    }
    return false;
}

/* How much of the table was not in the one before: by texts, as a person counts. */
static size_t count_new(const struct orbit_table *old, const struct orbit_table *t)
{
    size_t count = 0;

    for (size_t i = 0; i < t->slot_count; i++) {
        count += !knows_slot(old, &t->slots[i]);
    }
    for (size_t i = 0; i < t->handler_count; i++) {
        count += !knows_handler(old, &t->handlers[i]);
    }
    return count > 0 ? count : 1;
}

struct orbit_change orbit_component_compare(
        const struct orbit_component *old, const struct orbit_component *c)
{
    struct orbit_change change = { 0 };

    if (!old) {
        return (struct orbit_change){ .style = c->style_count > 0,
            .template = true,
            .code = c->block.len > 0,
            .children = true };
    }
    change.style = old->style_count != c->style_count;
    for (size_t i = 0; !change.style && i < c->style_count; i++) {
        change.style = !str_eq(old->styles[i].text, c->styles[i].text);
    }
    change.code = old->lang != c->lang || !str_eq(old->block, c->block);
    change.children = !same_children(old, c);
    change.template = !str_eq(old->descriptor, c->descriptor);
    if (!change.code && strcmp(old->table_id, c->table_id) != 0) {
        /* back to what runs, as after a mistake in an expression: nothing is new to the page */
        bool is_known = orbit_is_built(c->lang) && c->unknown_count == 0 &&
                        strcmp(old->template_table_id, c->template_table_id) == 0;

        change.template = true;
        change.unknown = is_known ? 0 : count_new(&old->table, &c->table);
    }
    return change;
}

struct str orbit_change_describe(const struct orbit_change *change, struct arena *a)
{
    struct str text = STR("");
    struct str parts[3];
    size_t count = 0;

    if (change->template && change->unknown > 0) {
        parts[count++] = arena_printf(a, "template, %zu new expression%s", change->unknown,
                change->unknown == 1 ? "" : "s");
    } else if (change->template && !change->code) {
        /* beside the code the template has changed by its numbers at least */
        parts[count++] = STR("template");
    }
    if (change->style) {
        parts[count++] = STR("style");
    }
    if (change->code) {
        parts[count++] = STR("code");
    }
    for (size_t i = 0; i < count; i++) {
        text = arena_printf(a, "%.*s%s%.*s", STR_FMT(text), i > 0 ? ", " : "", STR_FMT(parts[i]));
    }
    return text;
}

/* ---- the texts of its modules ---- */

#define ACCEPT STR("if(import.meta.hot)import.meta.hot.accept();\n")

static void add_import(struct strbuf *out, struct str url, const char *query)
{
    struct strbuf whole;

    strbuf_init(&whole, 16 * 1024);
    strbuf_add(&whole, url);
    strbuf_addf(&whole, "%s", query);
    strbuf_add(out, STR("import "));
    strbuf_add_json(out, strbuf_str(&whole));
    strbuf_add(out, STR(";\n"));
    strbuf_finish(&whole);
}

void orbit_facade_write(const struct orbit_component *c, orbit_url_fn *url_of, struct strbuf *out)
{
    struct arena a = { 0 };
    struct str own = url_of(&a, c->path);
    char query[40];

    strbuf_add(out, STR("import { component } from \"/__orbit/runtime.js\";\n"));
    for (size_t i = 0; i < c->style_count; i++) {
        (void)snprintf(query, sizeof(query), "?orbit=style&n=%zu", i); /* always fits */
        add_import(out, own, query);
    }
    for (size_t i = 0; i < c->child_count; i++) {
        if (!str_eq(c->children[i].path, c->path)) {
            add_import(out, url_of(&a, c->children[i].path), "");
        }
    }
    add_import(out, own, "?orbit=code");
    add_import(out, own, "?orbit=template");
    strbuf_add(out, STR("export default component("));
    strbuf_add_json(out, c->path);
    strbuf_add(out, STR(");\n"));
    strbuf_add(out, ACCEPT);
    arena_finish(&a);
}

/*
 * A part that is only data is a call of the runtime with JSON as its arguments, on a line of its own:
 * a message may bring that line's arguments alone.
 */
#define PART_ENDS STR(",import.meta.hot);\n")

static void part_begin(const char *name, struct strbuf *out)
{
    strbuf_addf(out, "import { %s } from \"/__orbit/runtime.js\";\n%s(", name, name);
}

static void part_end(struct strbuf *out)
{
    strbuf_add(out, PART_ENDS);
    strbuf_add(out, ACCEPT);
}

bool orbit_part_read(struct str text, struct str *ret_name, struct str *ret_arguments)
{
    struct str line;
    struct str call;

    if (!str_cut(text, '\n', &(struct str){ 0 }, &line) || !str_cut(line, '(', ret_name, &call)) {
        return false;
    }
    size_t end = str_find_str(call, PART_ENDS); /* strings have no line end of their own */

    *ret_arguments = str_sub(call, 0, end == STR_NONE ? 0 : end);
    return end != STR_NONE;
}

void orbit_template_write(const struct orbit_component *c, struct strbuf *out)
{
    part_begin("template", out);
    strbuf_add_json(out, c->path);
    strbuf_addf(out, ",\"%s\",", c->template_table_id);
    strbuf_add(out, c->descriptor);
    strbuf_addf(out, ",\"%.*s\",{", STR_FMT(c->id));
    for (size_t i = 0; i < c->child_count; i++) {
        strbuf_addf(out, "%s", i > 0 ? "," : "");
        strbuf_add_json(out, c->children[i].name);
        strbuf_addc(out, ':');
        strbuf_add_json(out, c->children[i].path);
    }
    strbuf_addc(out, '}');
    part_end(out);
}

void orbit_style_write(struct str path, size_t index, struct str css, struct strbuf *out)
{
    part_begin("style", out);
    strbuf_add_json(out, path);
    strbuf_addf(out, ",%zu,", index);
    strbuf_add_json(out, css);
    part_end(out);
}

void orbit_loader_write(struct str wasm, struct strbuf *out)
{
    strbuf_add(out, STR("import { load } from \"/__orbit/wasm.js\";\nawait load("));
    strbuf_add_json(out, wasm);
    strbuf_add(out, STR(");\n"));
    strbuf_add(out, ACCEPT);
}
