/* SPDX-License-Identifier: MIT */
/*
 * Builds the tree from the tokens. The stack of open elements is the chain of
 * parents. The invariant: p->parent is where the next node goes, and is never a
 * node that takes no children (IF, TEXT, VALUE).
 *
 * No element is closed by another one's start or end, as HTML would: a missing
 * end tag is an error, so that an edit that is half done is not rendered.
 */
#include "orbit/template.h"

#include "orbit/expr.h"
#include "orbit/template_private.h"

bool orbit_is_void_element(struct str name)
{
    static const struct str names[] = { STR_INIT("area"), STR_INIT("base"), STR_INIT("br"),
        STR_INIT("col"), STR_INIT("embed"), STR_INIT("hr"), STR_INIT("img"), STR_INIT("input"),
        STR_INIT("link"), STR_INIT("meta"), STR_INIT("param"), STR_INIT("source"),
        STR_INIT("track"), STR_INIT("wbr") };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_eq(names[i], name)) {
            return true;
        }
    }
    return false;
}

/* Elements that make no sense in a component. */
static const struct {
    struct str name;
    const char *text;
    struct str hint;
} forbidden[] = {
    { STR_INIT("script"), "a script in a template would never run",
            STR_INIT("expected it in <code>") },
    { STR_INIT("style"), "a style sheet in a template",
            STR_INIT("expected <style> as a section of its own") },
    { STR_INIT("plaintext"), "<plaintext> has no end", STR_INIT("expected <pre>") },
    { STR_INIT("html"), "<html> in a component", STR_INIT("expected what stands in <body>") },
    { STR_INIT("head"), "<head> in a component", STR_INIT("expected what stands in <body>") },
    { STR_INIT("body"), "<body> in a component", STR_INIT("expected what stands in <body>") },
};

static bool is_component(const struct template_parser *p, struct str name)
{
    for (size_t i = 0; i < p->options->component_count; i++) {
        if (str_eq(p->options->components[i], name)) {
            return true;
        }
    }
    return orbit_is_component_name(name) || str_eq(name, STR("component"));
}

/* A new last child of `parent`. */
static struct orbit_node *append(struct template_parser *p, struct orbit_node *parent,
        enum orbit_node_kind kind, size_t start, size_t end)
{
    struct orbit_node *node = arena_new(p->arena, struct orbit_node);

    node->kind = kind;
    node->span = (struct span){ (uint32_t)start, (uint32_t)end };
    node->slot = node->scope = ORBIT_UNKNOWN;
    node->parent = parent;
    node->prev = parent->last;
    *(parent->last ? &parent->last->next : &parent->first) = node;
    parent->last = node;
    p->tree->node_count++;
    return node;
}

static bool is_blank_text(const struct orbit_node *node)
{
    return node->kind == ORBIT_NODE_TEXT && str_trim(node->text.text).len == 0;
}

/* The IF that an o-else continues, if it is the last thing that is not white space. */
static struct orbit_node *find_chain(struct orbit_node *parent)
{
    struct orbit_node *at = parent->last;

    while (at && is_blank_text(at)) {
        at = at->prev;
    }
    return at && at->kind == ORBIT_NODE_IF && at->last->code.text.len > 0 ? at : NULL;
}

/* The BRANCH that a tag with a condition stands in. */
static struct orbit_node *add_branch(
        struct template_parser *p, struct orbit_node *parent, const struct template_tag *tag)
{
    const struct orbit_markup_token *t = tag->token;
    struct orbit_node *chain = NULL, *branch;

    if (!str_eq(tag->condition_name, STR("o-if"))) {
        chain = find_chain(parent);
        if (!chain) {
            size_t at = template_offset(p, tag->condition_name);
            template_report(p, at, at + tag->condition_name.len,
                    STR("expected an element with o-if or o-else-if right before it"),
                    "%.*s without o-if", STR_FMT(tag->condition_name));
        } else {
            parent->last = chain;
            chain->next = NULL;
        }
    }
    if (!chain) {
        chain = append(p, parent, ORBIT_NODE_IF, t->start, t->end);
    }
    branch = append(p, chain, ORBIT_NODE_BRANCH, t->start, t->end);
    branch->code = tag->condition;
    return branch;
}

/* The key of an element with o-for belongs to the loop. */
static void move_key(struct template_parser *p, struct template_tag *tag, struct orbit_node *loop)
{
    for (size_t i = 0; i < tag->attribute_count; i++) {
        struct orbit_attribute key = tag->attributes[i];
        if (key.kind != ORBIT_ATTRIBUTE_KEY) {
            continue;
        }
        if (key.code.text.len == 0) {
            template_report(p, key.name_at.start, key.name_at.end, STR("expected :key=\"...\""),
                    "all items of the loop have the same key");
        }
        loop->attributes = arena_new(p->arena, struct orbit_attribute);
        loop->attributes[0] = key;
        loop->attribute_count = 1;
        tag->attribute_count--;
        for (; i < tag->attribute_count; i++) {
            tag->attributes[i] = tag->attributes[i + 1];
        }
    }
}

static struct orbit_node *add_loop(
        struct template_parser *p, struct orbit_node *parent, struct template_tag *tag)
{
    struct orbit_node *loop = append(p, parent, ORBIT_NODE_FOR, tag->token->start, tag->token->end);

    loop->code = tag->list;
    loop->end = tag->list_end;
    loop->is_range = tag->is_range;
    loop->is_inclusive = tag->is_inclusive;
    loop->variables = tag->loop_variables;
    loop->variable_count = tag->loop_variable_count;
    move_key(p, tag, loop);
    return loop;
}

static void report_attributes(struct template_parser *p, const struct template_tag *tag,
        uint32_t allowed_kinds, struct str hint)
{
    for (size_t i = 0; i < tag->attribute_count; i++) {
        const struct orbit_attribute *one = &tag->attributes[i];
        if (!(allowed_kinds & (1u << one->kind))) {
            template_report(p, one->name_at.start, one->name_at.end, hint,
                    "'%.*s' cannot stand here",
                    STR_FMT(str_sub(p->source->text, one->name_at.start, one->name_at.end)));
        }
    }
}

static struct orbit_node *add_fill(
        struct template_parser *p, struct orbit_node *parent, const struct template_tag *tag)
{
    size_t at = template_offset(p, tag->fill_name);
    struct orbit_node *fill;

    for (struct orbit_node *other = parent->first; other; other = other->next) {
        if (other->kind == ORBIT_NODE_FILL && str_eq(other->name, tag->fill)) {
            template_report(p, at, at + tag->fill_name.len,
                    STR("expected each slot of the component once"),
                    "the slot '%.*s' is filled twice", STR_FMT(tag->fill));
            break;
        }
    }
    fill = append(p, parent, ORBIT_NODE_FILL, tag->token->start, tag->token->end);
    fill->name = tag->fill;
    fill->variables = tag->fill_variables;
    fill->variable_count = tag->fill_variable_count;
    fill->is_pattern = tag->fill_is_pattern;
    return fill;
}

static bool takes_fills(const struct orbit_node *node)
{
    return node->kind == ORBIT_NODE_COMPONENT || node->kind == ORBIT_NODE_DYNAMIC;
}

/* <template>: no node of its own, but for that which its attributes ask for. */
static struct orbit_node *add_template(
        struct template_parser *p, struct orbit_node *place, const struct template_tag *tag)
{
    const struct orbit_markup_token *t = tag->token;
    size_t at = template_offset(p, tag->fill_name);

    report_attributes(
            p, tag, 0, STR("a <template> makes no element; expected o-if, o-for, :key or #name"));
    if (tag->fill_name.len > 0 && place != p->parent) {
        template_report(p, at, at + tag->fill_name.len, STR("expected o-if or o-for inside of it"),
                "a slot's content with a condition or loop");
    } else if (tag->fill_name.len > 0 && !takes_fills(place)) {
        template_report(p, at, at + tag->fill_name.len,
                STR("expected it as a child of the component whose slot it fills"),
                "%.*s outside of a component", STR_FMT(tag->fill_name));
    } else if (tag->fill_name.len > 0) {
        return add_fill(p, place, tag);
    } else if (place == p->parent) {
        template_report(p, t->start, t->end, STR("expected o-if, o-else, o-for or #name"),
                "a <template> without a directive");
    }
    return place;
}

static struct orbit_node *add_outlet(
        struct template_parser *p, struct orbit_node *place, struct template_tag *tag)
{
    struct orbit_node *node =
            append(p, place, ORBIT_NODE_OUTLET, tag->token->start, tag->token->end);
    size_t kept = 0;

    report_attributes(p, tag,
            1u << ORBIT_ATTRIBUTE_STATIC | 1u << ORBIT_ATTRIBUTE_BIND | 1u << ORBIT_ATTRIBUTE_KEY,
            STR("a <slot> makes no element; expected name=\"...\" or :prop=\"...\""));
    node->name = STR("default");
    for (size_t i = 0; i < tag->attribute_count; i++) {
        struct orbit_attribute one = tag->attributes[i];
        if (!str_eq(one.name, STR("name"))) {
            tag->attributes[kept++] = one;
        } else if (one.kind != ORBIT_ATTRIBUTE_STATIC || str_trim(one.value.text).len == 0) {
            template_report(p, one.name_at.start, one.name_at.end, STR("expected name=\"...\""),
                    "a slot has a fixed name");
        } else {
            node->name = str_trim(one.value.text);
        }
    }
    tag->attribute_count = kept;
    return node;
}

static struct orbit_node *add_component(
        struct template_parser *p, struct orbit_node *place, struct template_tag *tag)
{
    const struct orbit_markup_token *t = tag->token;
    bool is_dynamic = str_eq(t->name, STR("component"));
    struct orbit_node *node = append(
            p, place, is_dynamic ? ORBIT_NODE_DYNAMIC : ORBIT_NODE_COMPONENT, t->start, t->end);

    report_attributes(p, tag, ~(1u << ORBIT_ATTRIBUTE_HTML | 1u << ORBIT_ATTRIBUTE_SHOW),
            STR("expected it on an element; around a component o-if does the same"));
    node->name = is_dynamic ? tag->is_name : t->name;
    node->code = tag->is_code;
    if (is_dynamic && node->name.len == 0 && node->code.text.len == 0) {
        template_report(p, t->start, t->end, STR("expected :is=\"...\""),
                "<component> without a component");
    }
    return node;
}

static void check_forbidden(struct template_parser *p, const struct orbit_markup_token *t)
{
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        if (str_ieq(forbidden[i].name, t->name)) {
            template_report(p, t->start, t->end, forbidden[i].hint, "%s", forbidden[i].text);
        }
    }
}

static enum orbit_namespace namespace_of(const struct orbit_node *parent, struct str name)
{
    const struct orbit_node *at = parent;

    if (str_eq(name, STR("svg"))) {
        return ORBIT_NAMESPACE_SVG;
    }
    if (str_eq(name, STR("math"))) {
        return ORBIT_NAMESPACE_MATH;
    }
    while (at->kind == ORBIT_NODE_IF || at->kind == ORBIT_NODE_BRANCH ||
            at->kind == ORBIT_NODE_FOR) {
        at = at->parent;
    }
    if (at->kind != ORBIT_NODE_ELEMENT || str_eq(at->name, STR("foreignObject"))) {
        return ORBIT_NAMESPACE_HTML;
    }
    return at->namespace;
}

static bool has_attribute(const struct template_tag *tag, struct str name, struct str value)
{
    for (size_t i = 0; i < tag->attribute_count; i++) {
        const struct orbit_attribute *one = &tag->attributes[i];
        if (one->kind == ORBIT_ATTRIBUTE_STATIC && str_eq(one->name, name) &&
                str_ieq(one->value.text, value)) {
            return true;
        }
    }
    return false;
}

static struct orbit_node *add_element(
        struct template_parser *p, struct orbit_node *place, const struct template_tag *tag)
{
    const struct orbit_markup_token *t = tag->token;
    struct orbit_node *node = append(p, place, ORBIT_NODE_ELEMENT, t->start, t->end);

    node->name = t->name;
    node->namespace = namespace_of(place, t->name);
    check_forbidden(p, t);
    for (size_t i = 0; i < tag->attribute_count; i++) {
        const struct orbit_attribute *one = &tag->attributes[i];
        if (one->kind == ORBIT_ATTRIBUTE_MODEL && has_attribute(tag, STR("type"), STR("file"))) {
            template_report(p, one->name_at.start, one->name_at.end, STR("expected @change"),
                    "the value of a file input cannot be set");
        }
    }
    return node;
}

static bool has_html(const struct orbit_node *node)
{
    for (size_t i = 0; i < node->attribute_count; i++) {
        if (node->attributes[i].kind == ORBIT_ATTRIBUTE_HTML) {
            return true;
        }
    }
    return false;
}

/* Reports what may not stand in an element with o-html; white space does not come here. */
static void check_child(struct template_parser *p, size_t start, size_t end)
{
    if (has_html(p->parent)) {
        template_report(p, start, end, STR("expected an empty element"),
                "o-html replaces what stands in the element");
    }
}

/* Content of a component stands in #default or beside it, not both. */
static void check_fills(struct template_parser *p, const struct orbit_node *component)
{
    const struct orbit_node *content = NULL;
    bool has_default = false;

    for (const struct orbit_node *at = component->first; at; at = at->next) {
        if (at->kind == ORBIT_NODE_FILL) {
            has_default |= str_eq(at->name, STR("default"));
        } else if (!content && !is_blank_text(at)) {
            content = at;
        }
    }
    if (has_default && content) {
        template_report(p, content->span.start, content->span.end,
                STR("expected it inside of #default"), "content beside the slot #default");
    }
}

static void push(
        struct template_parser *p, const struct orbit_markup_token *t, struct orbit_node *inner)
{
    if (p->depth == ORBIT_DEPTH_MAX) {
        template_report(p, t->start, t->end, STR("make a component of a part"),
                "more than %d elements within one another", ORBIT_DEPTH_MAX);
        p->stopped = true;
        return;
    }
    p->open[p->depth++] =
            (struct template_open){ t->name, { (uint32_t)t->start, (uint32_t)t->end }, p->parent };
    p->parent = inner;
}

static void pop(struct template_parser *p)
{
    if (takes_fills(p->parent)) {
        check_fills(p, p->parent);
    }
    p->parent = p->open[--p->depth].outer;
}

static void open_tag(struct template_parser *p, const struct orbit_markup_token *t)
{
    bool component = is_component(p, t->name), is_template = str_eq(t->name, STR("template"));
    struct orbit_node *place = p->parent, *node, *inner;
    struct template_tag tag;

    template_read_tag(p, t, component, &tag);
    check_child(p, t->start, t->end);
    if (tag.condition_name.len > 0) {
        place = add_branch(p, place, &tag);
    }
    if (tag.loop_name.len > 0) {
        place = add_loop(p, place, &tag);
    }
    if (is_template) {
        node = add_template(p, place, &tag);
    } else if (str_eq(t->name, STR("slot"))) {
        node = add_outlet(p, place, &tag);
    } else if (component) {
        node = add_component(p, place, &tag);
    } else {
        node = add_element(p, place, &tag);
    }
    if (!is_template) {
        node->attributes = tag.attributes;
        node->attribute_count = tag.attribute_count;
    }
    inner = node;
    if (tag.fill_name.len > 0 && component) {
        inner = add_fill(p, node, &tag);
    } else if (tag.fill_name.len > 0 && !is_template) {
        size_t at = template_offset(p, tag.fill_name);
        template_report(p, at, at + tag.fill_name.len,
                STR("expected <template #name> in a component"), "a slot's name on an element");
    }
    arena_reset(&p->scratch);
    if (!t->self_closing && (component || !orbit_is_void_element(t->name))) {
        push(p, t, inner);
    }
}

static void report_unclosed(struct template_parser *p, const struct template_open *open)
{
    template_report(p, open->tag.start, open->tag.end,
            arena_printf(p->arena, "expected </%.*s>", STR_FMT(open->name)), "<%.*s> is not closed",
            STR_FMT(open->name));
}

static void close_tag(struct template_parser *p, const struct orbit_markup_token *t)
{
    size_t depth = p->depth;

    while (depth > 0 && !str_eq(p->open[depth - 1].name, t->name)) {
        depth--;
    }
    if (depth == 0) {
        struct str hint = STR("expected a start tag before it");

        if (orbit_is_void_element(t->name)) {
            hint = arena_printf(p->arena, "expected <%.*s>", STR_FMT(t->name));
        } else if (p->depth > 0) {
            const struct template_open *open = &p->open[p->depth - 1];
            hint = arena_printf(p->arena, "expected </%.*s> for line %u", STR_FMT(open->name),
                    orbit_source_line(p->source, open->tag.start));
        }
        template_report(p, t->start, t->end, hint, "</%.*s> closes nothing", STR_FMT(t->name));
        return;
    }
    while (p->depth > depth) {
        report_unclosed(p, &p->open[p->depth - 1]);
        pop(p);
    }
    pop(p);
}

static void add_text(struct template_parser *p, const struct orbit_markup_token *t)
{
    struct orbit_node *node = append(p, p->parent, ORBIT_NODE_TEXT, t->start, t->end);

    node->text = (struct orbit_text){ t->text, !t->is_raw };
    if (!is_blank_text(node)) {
        check_child(p, t->start, t->end);
    }
}

static void add_value(struct template_parser *p, const struct orbit_markup_token *t)
{
    struct str written = str_sub(p->source->text, t->start, t->end);
    struct orbit_node *node;

    check_child(p, t->start, t->end);
    node = append(p, p->parent, ORBIT_NODE_VALUE, t->start, t->end);
    node->code = template_piece(p, t->text, false, false, written);
}

static void read_token(struct template_parser *p, const struct orbit_markup_token *t)
{
    switch (t->kind) {
    case ORBIT_MARKUP_TEXT: add_text(p, t); break;
    case ORBIT_MARKUP_VALUE: add_value(p, t); break;
    case ORBIT_MARKUP_UNCLOSED:
        template_report(p, t->start, t->start + 2, STR("expected \"}}\""), "\"{{\" is not closed");
        break;
    case ORBIT_MARKUP_START: open_tag(p, t); break;
    case ORBIT_MARKUP_END: close_tag(p, t); break;
    case ORBIT_MARKUP_COMMENT: break;
    case ORBIT_MARKUP_OTHER:
        template_report(
                p, t->start, t->end, STR("expected elements and text"), "a doctype in a component");
        break;
    case ORBIT_MARKUP_EOF:
        if (t->end > t->start) {
            template_report(p, t->start, t->start + 1, STR("expected its end"),
                    "the template ends in a tag or comment");
        }
        break;
    }
}

static void read_tokens(struct template_parser *p, struct span content)
{
    struct orbit_markup_token t;
    struct orbit_markup m;

    orbit_markup_init(&m, str_sub(p->source->text, 0, content.end), content.start);
    do {
        orbit_markup_next(&m, &t);
        read_token(p, &t);
        if (p->tree->node_count > ORBIT_NODES_MAX) {
            template_report(p, t.start, t.end, STR("make a component of a part"),
                    "more than %d nodes", ORBIT_NODES_MAX);
            p->stopped = true;
        }
    } while (t.kind != ORBIT_MARKUP_EOF && !p->stopped);
    while (p->depth > 0) {
        if (!p->stopped) {
            report_unclosed(p, &p->open[p->depth - 1]);
        }
        pop(p);
    }
}

bool orbit_template_parse(const struct orbit_source *source, struct span content,
        const struct orbit_template_options *options, struct arena *a, struct orbit_template *ret)
{
    struct template_parser p = { .source = source, .options = options, .arena = a, .tree = ret };

    *ret = (struct orbit_template){ .lang = options->lang };
    ret->root = arena_new(a, struct orbit_node);
    ret->root->slot = ret->root->scope = ORBIT_UNKNOWN;
    ret->root->span = content;
    p.parent = ret->root;
    if (content.end - content.start > ORBIT_TEMPLATE_MAX) {
        template_report(&p, content.start, content.start, STR("make a component of a part"),
                "the template is longer than 1 MiB");
        return false;
    }
    read_tokens(&p, content);
    if (!p.failed) {
        template_condense(&p, ret->root);
    }
    arena_finish(&p.scratch);
    return !p.failed;
}
