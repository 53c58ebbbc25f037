/* SPDX-License-Identifier: MIT */
/*
 * Writes the tree as JSON. Members that say nothing are left out; a list of
 * children is always there where the grammar has one. The members' names are
 * short since a descriptor is sent on each save.
 */
#include "orbit/descriptor.h"

#include "base/arena.h"

static void write_children(struct strbuf *out, const struct orbit_node *node);

/* A member's name, with a comma where one stands before it. */
static void add_key(struct strbuf *out, const char *key)
{
    if (out->len > 0 && out->ptr[out->len - 1] != '{') {
        strbuf_addc(out, ',');
    }
    strbuf_addf(out, "\"%s\":", key);
}

static void add_comma(struct strbuf *out)
{
    char last = (char)(out->len > 0 ? out->ptr[out->len - 1] : 0);

    if (last != '[' && last != '{') {
        strbuf_addc(out, ',');
    }
}

static void add_number(struct strbuf *out, uint32_t number)
{
    if (number == ORBIT_UNKNOWN) {
        strbuf_add(out, STR("-1"));
    } else {
        strbuf_addf(out, "%u", number);
    }
}

/* Text that only a browser can decode stands in an array of one. */
static void add_text(struct strbuf *out, const struct orbit_text *text)
{
    if (text->has_references) {
        strbuf_addc(out, '[');
    }
    strbuf_add_json(out, text->text);
    if (text->has_references) {
        strbuf_addc(out, ']');
    }
}

static void add_name(struct strbuf *out, const char *prefix, struct str name)
{
    add_comma(out);
    if (prefix[0]) {
        /* A mark and a name in one string: the mark stands behind the quote that JSON begins with. */
        size_t at = out->len;
        strbuf_addc(out, ' ');
        strbuf_add_json(out, name);
        if (!out->overflow) {
            out->ptr[at] = '"';
            out->ptr[at + 1] = prefix[0];
        }
    } else {
        strbuf_add_json(out, name);
    }
    strbuf_addc(out, ':');
}

static bool is_in_group(const struct orbit_node *node, const struct orbit_attribute *a,
        enum orbit_attribute_kind kind)
{
    return a->kind == kind && !orbit_is_prop(node, a);
}

/* An object of the attributes of one kind: static ones with their text, others with their slot. */
static void write_group(struct strbuf *out, const struct orbit_node *node, const char *key,
        enum orbit_attribute_kind kind)
{
    bool opened = false;

    for (size_t i = 0; i < node->attribute_count; i++) {
        const struct orbit_attribute *a = &node->attributes[i];
        if (!is_in_group(node, a, kind)) {
            continue;
        }
        if (!opened) {
            add_key(out, key);
            strbuf_addc(out, '{');
            opened = true;
        }
        add_name(out,
                a->modifiers & ORBIT_PROP   ? "."
                : a->modifiers & ORBIT_ATTR ? "^"
                                            : "",
                a->name);
        if (kind == ORBIT_ATTRIBUTE_STATIC) {
            add_text(out, &a->value);
        } else {
            add_number(out, a->slot);
        }
    }
    if (opened) {
        strbuf_addc(out, '}');
    }
}

/* The modifiers as a list of names, or of keys, with the comma before it. */
static void add_modifiers(struct strbuf *out, const struct orbit_attribute *a)
{
    if (a->modifiers == 0 && a->key_count == 0) {
        return;
    }
    strbuf_add(out, STR(",["));
    for (uint32_t bit = 1; bit < 1u << ORBIT_MODIFIER_COUNT; bit <<= 1) {
        if (a->modifiers & bit) {
            add_comma(out);
            strbuf_add_json(out, orbit_modifier_name(bit));
        }
    }
    strbuf_addc(out, ']');
    if (a->key_count == 0) {
        return;
    }
    strbuf_add(out, STR(",["));
    for (size_t i = 0; i < a->key_count; i++) {
        add_comma(out);
        strbuf_add_json(out, a->keys[i]);
    }
    strbuf_addc(out, ']');
}

/* Events as [name, handler, modifiers, keys], models as [prop, slot, handler, modifiers]. */
static void write_list(struct strbuf *out, const struct orbit_node *node, const char *key,
        enum orbit_attribute_kind kind)
{
    bool opened = false;

    for (size_t i = 0; i < node->attribute_count; i++) {
        const struct orbit_attribute *a = &node->attributes[i];
        if (a->kind != kind) {
            continue;
        }
        if (!opened) {
            add_key(out, key);
            strbuf_addc(out, '[');
            opened = true;
        }
        add_comma(out);
        strbuf_addc(out, '[');
        strbuf_add_json(out, a->name);
        if (kind == ORBIT_ATTRIBUTE_MODEL) {
            strbuf_addc(out, ',');
            if (orbit_is_prop(node, a)) {
                strbuf_add(out, STR("null"));
            } else {
                add_number(out, a->slot);
            }
        }
        strbuf_addc(out, ',');
        if (a->code.text.len == 0) {
            strbuf_add(out, STR("null"));
        } else {
            add_number(out, a->handler);
        }
        add_modifiers(out, a);
        strbuf_addc(out, ']');
    }
    if (opened) {
        strbuf_addc(out, ']');
    }
}

/* What stands once at most: show, html, key, ref. */
static void write_singles(struct strbuf *out, const struct orbit_node *node)
{
    for (size_t i = 0; i < node->attribute_count; i++) {
        const struct orbit_attribute *a = &node->attributes[i];
        switch (a->kind) {
        case ORBIT_ATTRIBUTE_SHOW:
            add_key(out, "show");
            add_number(out, a->slot);
            break;
        case ORBIT_ATTRIBUTE_HTML:
            add_key(out, "html");
            add_number(out, a->slot);
            break;
        case ORBIT_ATTRIBUTE_REF:
            add_key(out, "ref");
            strbuf_add_json(out, a->value.text);
            break;
        case ORBIT_ATTRIBUTE_KEY:
            add_key(out, "key");
            if (a->code.text.len > 0) {
                add_number(out, a->slot);
            } else {
                strbuf_add_json(out, a->value.text);
            }
            break;
        case ORBIT_ATTRIBUTE_STATIC:
        case ORBIT_ATTRIBUTE_BIND:
        case ORBIT_ATTRIBUTE_CLASS:
        case ORBIT_ATTRIBUTE_STYLE:
        case ORBIT_ATTRIBUTE_EVENT:
        case ORBIT_ATTRIBUTE_MODEL: break;
        }
    }
}

static void write_attributes(struct strbuf *out, const struct orbit_node *node)
{
    write_group(out, node, "a", ORBIT_ATTRIBUTE_STATIC);
    write_group(out, node, "d", ORBIT_ATTRIBUTE_BIND);
    write_group(out, node, "class", ORBIT_ATTRIBUTE_CLASS);
    write_group(out, node, "style", ORBIT_ATTRIBUTE_STYLE);
    write_list(out, node, "e", ORBIT_ATTRIBUTE_EVENT);
    write_list(out, node, "m", ORBIT_ATTRIBUTE_MODEL);
    write_singles(out, node);
}

static void add_strings(struct strbuf *out, const char *key, const struct str *all, size_t count)
{
    add_key(out, key);
    strbuf_addc(out, '[');
    for (size_t i = 0; i < count; i++) {
        add_comma(out);
        strbuf_add_json(out, all[i]);
    }
    strbuf_addc(out, ']');
}

static void write_fills(struct strbuf *out, const struct orbit_node *node)
{
    bool opened = false;

    for (const struct orbit_node *at = node->first; at; at = at->next) {
        if (at->kind != ORBIT_NODE_FILL) {
            continue;
        }
        if (!opened) {
            add_key(out, "fills");
            strbuf_addc(out, '{');
            opened = true;
        }
        add_name(out, "", at->name);
        strbuf_addc(out, '{');
        if (at->variable_count > 0) {
            add_key(out, "scope");
            add_number(out, at->scope);
            add_strings(out, at->is_pattern ? "names" : "props", at->variables, at->variable_count);
        }
        write_children(out, at);
        strbuf_addc(out, '}');
    }
    if (opened) {
        strbuf_addc(out, '}');
    }
}

static void write_component(struct strbuf *out, const struct orbit_node *node)
{
    struct arena scratch = { NULL };
    const struct orbit_attribute **props;
    bool is_dynamic = node->kind == ORBIT_NODE_DYNAMIC && node->code.text.len > 0;
    size_t count;

    add_key(out, "o");
    strbuf_add_json(out, is_dynamic ? STR("") : node->name);
    add_key(out, "s");
    add_number(out, node->slot);
    props = orbit_component_props(node, &scratch, &count);
    if (count > 0) {
        struct str *names = arena_array(&scratch, struct str, count);
        for (size_t i = 0; i < count; i++) {
            names[i] = props[i]->name;
        }
        add_strings(out, "props", names, count);
    }
    arena_finish(&scratch);
    write_attributes(out, node);
    write_fills(out, node);
}

/* What decides over a branch: its scope, the value of a slot, or nothing but those before it. */
static void write_test(struct strbuf *out, const struct orbit_node *branch)
{
    if (branch->scope != ORBIT_UNKNOWN) {
        add_number(out, branch->scope);
    } else if (branch->code.text.len == 0) {
        strbuf_add(out, STR("null"));
    } else if (branch->slot != ORBIT_UNKNOWN) {
        strbuf_addf(out, "[%u]", branch->slot);
    } else {
        strbuf_add(out, STR("-1"));
    }
}

static void write_branches(struct strbuf *out, const struct orbit_node *node)
{
    add_key(out, "if");
    strbuf_addc(out, '[');
    for (const struct orbit_node *at = node->first; at; at = at->next) {
        add_comma(out);
        strbuf_addc(out, '{');
        add_key(out, "test");
        write_test(out, at);
        write_children(out, at);
        strbuf_addc(out, '}');
    }
    strbuf_addc(out, ']');
}

static void write_node(struct strbuf *out, const struct orbit_node *node)
{
    if (node->kind == ORBIT_NODE_TEXT) {
        add_text(out, &node->text);
        return;
    }
    strbuf_addc(out, '{');
    switch (node->kind) {
    case ORBIT_NODE_VALUE:
        add_key(out, "s");
        add_number(out, node->slot);
        break;
    case ORBIT_NODE_ELEMENT:
        add_key(out, "t");
        strbuf_add_json(out, node->name);
        if (node->namespace != ORBIT_NAMESPACE_HTML) {
            add_key(out, "ns");
            strbuf_addf(out, "%d", node->namespace);
        }
        write_attributes(out, node);
        write_children(out, node);
        break;
    case ORBIT_NODE_COMPONENT:
    case ORBIT_NODE_DYNAMIC:
        write_component(out, node);
        write_children(out, node);
        break;
    case ORBIT_NODE_OUTLET:
        add_key(out, "slot");
        strbuf_add_json(out, node->name);
        write_attributes(out, node);
        write_children(out, node);
        break;
    case ORBIT_NODE_IF: write_branches(out, node); break;
    case ORBIT_NODE_FOR:
        add_key(out, "for");
        add_number(out, node->scope);
        write_attributes(out, node);
        write_children(out, node);
        break;
    case ORBIT_NODE_ROOT:
    case ORBIT_NODE_TEXT:
    case ORBIT_NODE_FILL:
    case ORBIT_NODE_BRANCH: break;
    }
    strbuf_addc(out, '}');
}

static void write_children(struct strbuf *out, const struct orbit_node *node)
{
    add_key(out, "c");
    strbuf_addc(out, '[');
    for (const struct orbit_node *at = node->first; at; at = at->next) {
        if (at->kind != ORBIT_NODE_FILL) {
            add_comma(out);
            write_node(out, at);
        }
    }
    strbuf_addc(out, ']');
}

static void write_scopes(struct strbuf *out, const struct orbit_table *table)
{
    add_key(out, "scopes");
    strbuf_addc(out, '[');
    for (size_t i = 0; i < table->scope_count; i++) {
        add_comma(out);
        strbuf_addf(out, "[%u,%d]", table->scopes[i].parent, table->scopes[i].kind);
    }
    strbuf_addc(out, ']');
}

void orbit_descriptor_write(
        const struct orbit_template *t, const struct orbit_table *table, struct strbuf *out)
{
    strbuf_addc(out, '{');
    add_key(out, "v");
    strbuf_addc(out, '1');
    write_scopes(out, table);
    add_key(out, "slots");
    strbuf_addc(out, '[');
    for (size_t i = 0; i < table->slot_count; i++) {
        add_comma(out);
        strbuf_addf(out, "%u", table->slots[i].scope);
    }
    strbuf_addc(out, ']');
    add_key(out, "handlers");
    strbuf_addc(out, '[');
    for (size_t i = 0; i < table->handler_count; i++) {
        add_comma(out);
        strbuf_addf(out, "%u", table->handlers[i].scope);
    }
    strbuf_addc(out, ']');
    write_children(out, t->root);
    strbuf_addc(out, '}');
}
