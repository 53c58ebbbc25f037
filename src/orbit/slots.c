/* SPDX-License-Identifier: MIT */
/*
 * One walk over the tree serves both: it looks each piece up by its key, and
 * where a new table is made it adds what is not there. A *frame* is a scope of
 * the template on the way to the place of the walk, with the number that it has
 * in the table.
 *
 * Which frame may serve a piece? The module computed it below the ancestors of
 * the frame's scope, and there only their variables hide names. So every other
 * frame on the way must have no variable that the piece names. The rule covers
 * a piece that moved inward, and a whole loop or condition that did.
 */
#include "orbit/slots.h"

#include <string.h>

#include "base/strbuf.h"
#include "base/table.h"
#include "base/vec.h"
#include "orbit/expr.h"

enum { KEY_MAX = 1 << 20, NAMES_MAX = 4096 };

struct entry {
    struct str key;
    uint32_t number;
    UT_hash_handle hh;
};

struct frame {
    const struct frame *outer;
    uint32_t scope;
    struct str *variables;
    size_t variable_count;
};

struct scope_vec {
    struct orbit_scope *items;
    size_t count, cap;
};
struct slot_vec {
    struct orbit_slot *items;
    size_t count, cap;
};
struct handler_vec {
    struct orbit_handler *items;
    size_t count, cap;
};
struct unknown_vec {
    struct orbit_unknown *items;
    size_t count, cap;
};
struct name_vec {
    struct str *items;
    size_t count, cap;
};

struct binder {
    enum orbit_lang lang;
    struct arena *arena;               /* of what stays */
    struct arena entries;              /* of the index */
    struct arena scratch;              /* of one piece */
    struct entry *index;               /* by key */
    bool grows;                        /* a new table is made */
    const struct orbit_source *source; /* where it grows */
    bool failed;
    struct strbuf key;
    struct name_vec names; /* that the piece uses */
    struct scope_vec scopes;
    struct slot_vec slots;
    struct handler_vec handlers;
    struct unknown_vec unknown;
};

static void set_key(struct binder *b, char what, unsigned kind, uint32_t scope, struct str text)
{
    strbuf_reset(&b->key);
    strbuf_addf(&b->key, "%c%u.%u ", what, kind, scope);
    strbuf_add(&b->key, text);
}

/* A scope's key has its variables and the branch before in front of the expression. */
static void set_scope_key(struct binder *b, const struct orbit_scope *scope, uint32_t parent)
{
    set_key(b, 's', (unsigned)scope->kind, parent, STR(""));
    strbuf_addf(&b->key, "%u%c", scope->after, scope->is_pattern ? '{' : '(');
    for (size_t i = 0; i < scope->variable_count; i++) {
        strbuf_addf(&b->key, "%.*s,", STR_FMT(scope->variables[i]));
    }
    strbuf_addc(&b->key, ')');
    strbuf_add(&b->key, scope->expression);
}

static uint32_t find(struct binder *b)
{
    struct entry *e = NULL;

    HASH_FIND(hh, b->index, b->key.ptr, (unsigned)b->key.len, e);
    return e ? e->number : ORBIT_UNKNOWN;
}

static void remember(struct binder *b, uint32_t number)
{
    struct entry *e = arena_new(&b->entries, struct entry);

    e->key = arena_str(&b->entries, strbuf_str(&b->key));
    e->number = number;
    HASH_ADD_KEYPTR(hh, b->index, e->key.ptr, (unsigned)e->key.len, e);
}

static void note_name(void *ctx, const struct orbit_name *name)
{
    struct binder *b = ctx;

    if (name->kind != ORBIT_NAME_PATH && name->kind != ORBIT_NAME_TYPE &&
            b->names.count < NAMES_MAX) {
        vec_push(&b->names, name->text);
    }
}

static struct str normalise(struct binder *b, const struct orbit_piece *piece)
{
    orbit_expr_names(b->lang, piece->text, note_name, b);
    return orbit_expr_normalise(&b->scratch, b->lang, piece->text);
}

static void begin_piece(struct binder *b)
{
    arena_reset(&b->scratch);
    b->names.count = 0;
}

static bool hides_a_name(const struct binder *b, const struct frame *frame)
{
    for (size_t i = 0; i < frame->variable_count; i++) {
        for (size_t k = 0; k < b->names.count; k++) {
            if (str_eq(frame->variables[i], b->names.items[k])) {
                return true;
            }
        }
    }
    return false;
}

/* Whether `scope` is `of` or encloses it. */
static bool is_ancestor(const struct binder *b, uint32_t scope, uint32_t of)
{
    while (of > scope) {
        of = b->scopes.items[of].parent;
    }
    return of == scope;
}

/* Whether the present piece means in the frame's scope what it means at the place of the walk. */
static bool may_serve(const struct binder *b, const struct frame *here, const struct frame *frame)
{
    for (const struct frame *at = here; at; at = at->outer) {
        if (at->variable_count > 0 && !is_ancestor(b, at->scope, frame->scope) &&
                hides_a_name(b, at)) {
            return false;
        }
    }
    return true;
}

/* The innermost frame one of whose variables the piece names, or the root. */
static const struct frame *home_of(const struct binder *b, const struct frame *here)
{
    while (here->outer && !hides_a_name(b, here)) {
        here = here->outer;
    }
    return here;
}

static bool is_full(struct binder *b, size_t count, struct span span, const char *what)
{
    if (count < ORBIT_NUMBERS_MAX) {
        return false;
    }
    if (!b->failed) {
        orbit_report(b->source, span.start, span.end, STR("make a component of a part"),
                "more than %d %s in a template", ORBIT_NUMBERS_MAX, what);
    }
    b->failed = true;
    return true;
}

static void add_unknown(struct binder *b, struct span span, struct str text)
{
    struct orbit_unknown one = { span, text };

    vec_push(&b->unknown, one);
}

static struct span piece_span(const struct orbit_piece *piece)
{
    return orbit_piece_span(piece, 0, piece->text.len);
}

static uint32_t bind_slot(struct binder *b, const struct frame *here, enum orbit_slot_kind kind,
        struct str expression, const struct orbit_piece *code, const struct orbit_node *node)
{
    struct span span = code ? piece_span(code) : node->span;
    uint32_t number;

    if (b->grows) {
        const struct frame *home =
                kind == ORBIT_SLOT_COMPONENT && str_find(expression, '\n') == STR_NONE
                        ? home_of(b, here)
                        : here;
        set_key(b, 'v', (unsigned)kind, home->scope, expression);
        number = find(b);
        if (number == ORBIT_UNKNOWN && !is_full(b, b->slots.count, span, "slots")) {
            struct orbit_slot slot = { kind, home->scope, arena_str(b->arena, expression), code,
                node };
            number = (uint32_t)b->slots.count;
            vec_push(&b->slots, slot);
            remember(b, number);
        }
        return number;
    }
    for (const struct frame *at = here; at; at = at->outer) {
        set_key(b, 'v', (unsigned)kind, at->scope, expression);
        number = find(b);
        if (number != ORBIT_UNKNOWN && may_serve(b, here, at)) {
            return number;
        }
    }
    return ORBIT_UNKNOWN;
}

/* The number of a value, ORBIT_UNKNOWN without more ado in a lost place (`here` is NULL). */
static uint32_t find_value(
        struct binder *b, const struct frame *here, const struct orbit_piece *code)
{
    if (!here) {
        return ORBIT_UNKNOWN;
    }
    begin_piece(b);
    return bind_slot(b, here, ORBIT_SLOT_VALUE, normalise(b, code), code, NULL);
}

static uint32_t bind_value(
        struct binder *b, const struct frame *here, const struct orbit_piece *code)
{
    uint32_t number = find_value(b, here, code);

    if (number == ORBIT_UNKNOWN && here) {
        add_unknown(b, piece_span(code), code->text);
    }
    return number;
}

static uint32_t bind_handler(struct binder *b, const struct frame *here,
        enum orbit_handler_kind kind, const struct orbit_piece *code)
{
    uint32_t number = ORBIT_UNKNOWN;
    struct str text;

    if (!here) {
        return number;
    }
    begin_piece(b);
    text = normalise(b, code);
    if (b->grows) {
        const struct frame *home = home_of(b, here);
        set_key(b, 'h', (unsigned)kind, home->scope, text);
        number = find(b);
        if (number == ORBIT_UNKNOWN &&
                !is_full(b, b->handlers.count, piece_span(code), "handlers")) {
            struct orbit_handler handler = { kind, home->scope, arena_str(b->arena, text), code };
            number = (uint32_t)b->handlers.count;
            vec_push(&b->handlers, handler);
            remember(b, number);
        }
        return number;
    }
    for (const struct frame *at = here; at; at = at->outer) {
        set_key(b, 'h', (unsigned)kind, at->scope, text);
        number = find(b);
        if (number != ORBIT_UNKNOWN && may_serve(b, here, at)) {
            return number;
        }
    }
    add_unknown(b, piece_span(code), code->text);
    return ORBIT_UNKNOWN;
}

/* The number of a scope whose expression is normalised; its parent is the frame it is found in. */
static uint32_t bind_scope(
        struct binder *b, const struct frame *here, struct orbit_scope *scope, struct span span)
{
    uint32_t number;

    if (b->grows) {
        set_scope_key(b, scope, here->scope);
        number = find(b);
        if (number == ORBIT_UNKNOWN && !is_full(b, b->scopes.count, span, "scopes")) {
            scope->parent = here->scope;
            scope->expression = arena_str(b->arena, scope->expression);
            number = (uint32_t)b->scopes.count;
            vec_push(&b->scopes, *scope);
            remember(b, number);
        }
        return number;
    }
    for (const struct frame *at = here; at; at = at->outer) {
        set_scope_key(b, scope, at->scope);
        number = find(b);
        if (number != ORBIT_UNKNOWN && may_serve(b, here, at)) {
            return number;
        }
    }
    return ORBIT_UNKNOWN;
}

static bool is_component(const struct orbit_node *node)
{
    return node->kind == ORBIT_NODE_COMPONENT || node->kind == ORBIT_NODE_DYNAMIC;
}

bool orbit_is_prop(const struct orbit_node *node, const struct orbit_attribute *a)
{
    return is_component(node) &&
           (a->kind == ORBIT_ATTRIBUTE_MODEL ||
                   (a->kind == ORBIT_ATTRIBUTE_BIND && !str_eq(a->name, STR("class")) &&
                           !str_eq(a->name, STR("style"))));
}

static int compare_props(const void *a, const void *b)
{
    const struct orbit_attribute *const *x = a, *const *y = b;

    return str_cmp((*x)->name, (*y)->name);
}

const struct orbit_attribute **orbit_component_props(
        const struct orbit_node *node, struct arena *a, size_t *ret_count)
{
    const struct orbit_attribute **props =
            arena_array(a, const struct orbit_attribute *, node->attribute_count + 1);
    size_t count = 0;

    for (size_t i = 0; i < node->attribute_count; i++) {
        if (orbit_is_prop(node, &node->attributes[i])) {
            props[count++] = &node->attributes[i];
        }
    }
    qsort(props, count, sizeof(*props), compare_props);
    *ret_count = count;
    return props;
}

static uint32_t bind_component(
        struct binder *b, const struct frame *here, const struct orbit_node *node)
{
    const struct orbit_attribute **props;
    struct strbuf text;
    uint32_t number;
    size_t count;

    if (!here) {
        return ORBIT_UNKNOWN;
    }
    begin_piece(b);
    strbuf_init(&text, KEY_MAX * 4);
    strbuf_add(&text, node->name.len > 0 ? node->name : STR("component"));
    if (node->kind == ORBIT_NODE_DYNAMIC && node->code.text.len > 0) {
        strbuf_add(&text, STR("\n:is="));
        strbuf_add(&text, normalise(b, &node->code));
    }
    props = orbit_component_props(node, &b->scratch, &count);
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(&text, "\n%.*s=", STR_FMT(props[i]->name));
        strbuf_add(&text, normalise(b, &props[i]->code));
    }
    number = bind_slot(b, here, ORBIT_SLOT_COMPONENT, strbuf_str(&text), NULL, node);
    strbuf_finish(&text);
    if (number == ORBIT_UNKNOWN) {
        add_unknown(b, node->span, node->name.len > 0 ? node->name : node->code.text);
    }
    return number;
}

static void bind_attributes(struct binder *b, const struct frame *here, struct orbit_node *node)
{
    for (size_t i = 0; i < node->attribute_count; i++) {
        struct orbit_attribute *a = &node->attributes[i];
        bool is_prop = orbit_is_prop(node, a);

        a->slot = a->handler = ORBIT_UNKNOWN;
        switch (a->kind) {
        case ORBIT_ATTRIBUTE_STATIC:
        case ORBIT_ATTRIBUTE_REF: break;
        case ORBIT_ATTRIBUTE_KEY:
        case ORBIT_ATTRIBUTE_BIND:
        case ORBIT_ATTRIBUTE_CLASS:
        case ORBIT_ATTRIBUTE_STYLE:
        case ORBIT_ATTRIBUTE_SHOW:
        case ORBIT_ATTRIBUTE_HTML:
            if (!is_prop && a->code.text.len > 0) {
                a->slot = bind_value(b, here, &a->code);
            }
            break;
        case ORBIT_ATTRIBUTE_EVENT:
            if (a->code.text.len > 0) {
                a->handler = bind_handler(b, here, ORBIT_HANDLER_EVENT, &a->code);
            }
            break;
        case ORBIT_ATTRIBUTE_MODEL:
            if (!is_prop) {
                a->slot = bind_value(b, here, &a->code);
            }
            a->handler = bind_handler(b, here, ORBIT_HANDLER_MODEL, &a->code);
            break;
        }
    }
}

static void bind_node(struct binder *b, const struct frame *here, struct orbit_node *node);

static void bind_children(struct binder *b, const struct frame *here, struct orbit_node *node)
{
    for (struct orbit_node *at = node->first; at; at = at->next) {
        bind_node(b, here, at);
    }
}

static void bind_branch(struct binder *b, const struct frame *here, struct orbit_node *node)
{
    struct orbit_scope scope = { .kind = ORBIT_SCOPE_IF, .node = node };
    struct frame frame = { .outer = here };

    node->slot = node->scope = ORBIT_UNKNOWN;
    if (node->prev) {
        scope.kind = node->code.text.len > 0 ? ORBIT_SCOPE_ELSE_IF : ORBIT_SCOPE_ELSE;
        scope.after = node->prev->scope;
    }
    if (here) {
        begin_piece(b);
        scope.expression = normalise(b, &node->code);
        node->scope = bind_scope(b, here, &scope, node->span);
    }
    if (node->scope != ORBIT_UNKNOWN) {
        frame.scope = node->scope;
        bind_children(b, &frame, node);
        return;
    }
    /* What stands in a scope that the module does not have may still be known outside of it. */
    if (here && node->code.text.len > 0 && !b->grows) {
        node->slot = bind_value(b, here, &node->code);
    }
    bind_children(b, here, node);
}

/* Children of a FOR or FILL, which are lost if the scope is unknown. */
static void bind_variables(struct binder *b, const struct frame *here, struct orbit_node *node,
        struct orbit_scope *scope, struct span span, struct str text)
{
    struct frame frame = { here, 0, node->variables, node->variable_count };
    const struct frame *inner = NULL;

    node->scope = ORBIT_UNKNOWN;
    if (here) {
        scope->variables = node->variables;
        scope->variable_count = node->variable_count;
        scope->node = node;
        node->scope = bind_scope(b, here, scope, span);
        if (node->scope != ORBIT_UNKNOWN) {
            frame.scope = node->scope;
            inner = &frame;
        } else {
            add_unknown(b, span, text);
        }
    }
    bind_attributes(b, inner, node);
    bind_children(b, inner, node);
}

static void bind_loop(struct binder *b, const struct frame *here, struct orbit_node *node)
{
    struct orbit_scope scope = { .kind = ORBIT_SCOPE_FOR };

    if (here) {
        begin_piece(b);
        scope.expression = normalise(b, &node->code);
        if (node->is_range) {
            scope.expression = arena_printf(&b->scratch, "%.*s%s%.*s", STR_FMT(scope.expression),
                    node->is_inclusive ? "..=" : "..", STR_FMT(normalise(b, &node->end)));
        }
    }
    bind_variables(b, here, node, &scope, piece_span(&node->code), node->code.text);
}

static void bind_fill(struct binder *b, const struct frame *here, struct orbit_node *node)
{
    struct orbit_scope scope = { .kind = ORBIT_SCOPE_FILL, .is_pattern = node->is_pattern };
    struct str name = node->parent->name;

    node->scope = ORBIT_UNKNOWN;
    if (node->variable_count == 0) {
        bind_children(b, here, node);
        return;
    }
    begin_piece(b);
    scope.expression = arena_printf(&b->scratch, "%.*s#%.*s",
            STR_FMT(name.len > 0 ? name : STR("component")), STR_FMT(node->name));
    bind_variables(b, here, node, &scope, node->span, node->name);
}

static void bind_node(struct binder *b, const struct frame *here, struct orbit_node *node)
{
    switch (node->kind) {
    case ORBIT_NODE_TEXT: return;
    case ORBIT_NODE_VALUE: node->slot = bind_value(b, here, &node->code); return;
    case ORBIT_NODE_BRANCH: bind_branch(b, here, node); return;
    case ORBIT_NODE_FOR: bind_loop(b, here, node); return;
    case ORBIT_NODE_FILL: bind_fill(b, here, node); return;
    case ORBIT_NODE_COMPONENT:
    case ORBIT_NODE_DYNAMIC: node->slot = bind_component(b, here, node); break;
    case ORBIT_NODE_ROOT:
    case ORBIT_NODE_ELEMENT:
    case ORBIT_NODE_OUTLET:
    case ORBIT_NODE_IF: break;
    }
    bind_attributes(b, here, node);
    bind_children(b, here, node);
}

static void finish(struct binder *b)
{
    HASH_CLEAR(hh, b->index);
    arena_finish(&b->entries);
    arena_finish(&b->scratch);
    strbuf_finish(&b->key);
    vec_finish(&b->names);
    vec_finish(&b->scopes);
    vec_finish(&b->slots);
    vec_finish(&b->handlers);
    vec_finish(&b->unknown);
}

/* A copy of a vec's items in the arena. */
static void *keep(struct arena *a, const void *items, size_t count, size_t size)
{
    void *ret = arena_alloc_array(a, count, size);

    if (count > 0) {
        memcpy(ret, items, count * size);
    }
    return ret;
}

bool orbit_table_build(struct orbit_template *t, const struct orbit_source *source, struct arena *a,
        struct orbit_table *ret)
{
    struct binder b = { .lang = t->lang, .arena = a, .grows = true, .source = source };
    struct orbit_scope root = { .kind = ORBIT_SCOPE_ROOT, .expression = STR("") };
    struct frame frame = { .scope = 0 };
    bool good;

    strbuf_init(&b.key, KEY_MAX * 4);
    vec_push(&b.scopes, root);
    bind_node(&b, &frame, t->root);
    ret->scope_count = b.scopes.count;
    ret->scopes = keep(a, b.scopes.items, b.scopes.count, sizeof(*ret->scopes));
    ret->slot_count = b.slots.count;
    ret->slots = keep(a, b.slots.items, b.slots.count, sizeof(*ret->slots));
    ret->handler_count = b.handlers.count;
    ret->handlers = keep(a, b.handlers.items, b.handlers.count, sizeof(*ret->handlers));
    good = !b.failed;
    finish(&b);
    return good;
}

static void index_table(struct binder *b, const struct orbit_table *table)
{
    for (size_t i = 0; i < table->scope_count; i++) {
        vec_push(&b->scopes, table->scopes[i]);
        if (i > 0) {
            set_scope_key(b, &table->scopes[i], table->scopes[i].parent);
            remember(b, (uint32_t)i);
        }
    }
    for (size_t i = 0; i < table->slot_count; i++) {
        const struct orbit_slot *slot = &table->slots[i];
        set_key(b, 'v', (unsigned)slot->kind, slot->scope, slot->expression);
        remember(b, (uint32_t)i);
    }
    for (size_t i = 0; i < table->handler_count; i++) {
        const struct orbit_handler *handler = &table->handlers[i];
        set_key(b, 'h', (unsigned)handler->kind, handler->scope, handler->text);
        remember(b, (uint32_t)i);
    }
}

static int compare_unknown(const void *a, const void *b)
{
    const struct orbit_unknown *x = a, *y = b;

    return x->span.start < y->span.start ? -1 : x->span.start > y->span.start;
}

size_t orbit_table_match(struct orbit_template *t, const struct orbit_table *running,
        struct arena *a, struct orbit_unknown **ret_unknown)
{
    struct binder b = { .lang = t->lang, .arena = a };
    struct frame frame = { .scope = 0 };
    size_t count;

    strbuf_init(&b.key, KEY_MAX * 4);
    index_table(&b, running);
    bind_node(&b, &frame, t->root);
    count = b.unknown.count;
    if (count > 0) {
        qsort(b.unknown.items, count, sizeof(*b.unknown.items), compare_unknown);
    }
    *ret_unknown = keep(a, b.unknown.items, count, sizeof(**ret_unknown));
    finish(&b);
    return count;
}

struct orbit_table orbit_table_copy(const struct orbit_table *table, struct arena *a)
{
    struct orbit_table ret = *table;

    ret.scopes = keep(a, table->scopes, table->scope_count, sizeof(*ret.scopes));
    ret.slots = keep(a, table->slots, table->slot_count, sizeof(*ret.slots));
    ret.handlers = keep(a, table->handlers, table->handler_count, sizeof(*ret.handlers));
    for (size_t i = 0; i < ret.scope_count; i++) {
        struct orbit_scope *scope = &ret.scopes[i];
        scope->expression = arena_str(a, scope->expression);
        scope->variables =
                keep(a, scope->variables, scope->variable_count, sizeof(*scope->variables));
        for (size_t k = 0; k < scope->variable_count; k++) {
            scope->variables[k] = arena_str(a, scope->variables[k]);
        }
        scope->node = NULL;
    }
    for (size_t i = 0; i < ret.slot_count; i++) {
        ret.slots[i].expression = arena_str(a, ret.slots[i].expression);
        ret.slots[i].code = NULL;
        ret.slots[i].node = NULL;
    }
    for (size_t i = 0; i < ret.handler_count; i++) {
        ret.handlers[i].text = arena_str(a, ret.handlers[i].text);
        ret.handlers[i].code = NULL;
    }
    return ret;
}
