/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_TEMPLATE_H
#define ORBITON_ORBIT_TEMPLATE_H

/*
 * A template's text as a tree. The shape of the tree is that of what is rendered, not that of the
 * attributes: o-if and o-for become nodes of their own around the element that carries them, so
 * that whoever walks the tree meets each scope before what stands in it.
 *
 *     <p o-if="a">x</p>             IF
 *     <p o-else>y</p>                 BRANCH a       p "x"
 *                                     BRANCH (else)  p "y"
 *     <li o-for="t in l" :key="t">  FOR t in l (key t)
 *                                     li
 *
 * On one element o-if stands outside of o-for. A <template> that carries one of them adds nothing
 * of its own: its children stand in the BRANCH or FOR.
 *
 * The parser knows the syntax of attributes, and leaves expressions to expr.h. It numbers nothing:
 * the fields behind "numbers" are filled by slots.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "orbit/expr.h"
#include "orbit/source.h"
#include "scan/facts.h"
#include "scan/html_chars.h"

enum {
    ORBIT_TEMPLATE_MAX = 1 << 20, /* bytes */
    ORBIT_DEPTH_MAX = 200,        /* elements within one another */
    ORBIT_NODES_MAX = 20000,      /* of one template */
    ORBIT_ATTRIBUTES_MAX = 128,   /* of one element */
    ORBIT_CODE_MAX = 16 << 10,    /* bytes of one expression or handler */
};

/* A number that slots.h could not give: the running module does not know the piece. */
#define ORBIT_UNKNOWN UINT32_MAX

/* A piece of the component's language in a template: an expression, a handler. */
struct orbit_piece {
    struct str text;         /* without white space around it; references decoded in attributes */
    struct html_chars chars; /* private: the text's way back into the source */
    size_t at;               /* private: of `text` in chars.text */
};

/* Where [start, end) of the piece's text stands in the source. */
struct span orbit_piece_span(const struct orbit_piece *piece, size_t start, size_t end);

/* Text of a template that is not code. */
struct orbit_text {
    struct str text;
    bool has_references; /* holds character references that only a browser knows (&eacute;): the
                            text is then raw HTML text, else it is decoded */
};

enum orbit_attribute_kind {
    ORBIT_ATTRIBUTE_STATIC, /* name="value" */
    ORBIT_ATTRIBUTE_BIND,   /* :name="code"; on a component: a prop */
    ORBIT_ATTRIBUTE_CLASS,  /* one entry of :class="{ name: code }" */
    ORBIT_ATTRIBUTE_STYLE,  /* one entry of :style="{ name: code }" */
    ORBIT_ATTRIBUTE_EVENT,  /* @name.modifiers="code" */
    ORBIT_ATTRIBUTE_MODEL,  /* o-model.modifiers="code"; `name` is a component's prop */
    ORBIT_ATTRIBUTE_SHOW,   /* o-show="code" */
    ORBIT_ATTRIBUTE_HTML,   /* o-html="code" */
    ORBIT_ATTRIBUTE_KEY,    /* :key="code", or key="value" with an empty code */
    ORBIT_ATTRIBUTE_REF,    /* ref="value" */
};

enum orbit_modifier {
    ORBIT_PREVENT = 1 << 0,
    ORBIT_STOP = 1 << 1,
    ORBIT_ONCE = 1 << 2,
    ORBIT_SELF = 1 << 3,
    ORBIT_CAPTURE = 1 << 4,
    ORBIT_PASSIVE = 1 << 5,
    ORBIT_CTRL = 1 << 6,
    ORBIT_ALT = 1 << 7,
    ORBIT_SHIFT = 1 << 8,
    ORBIT_META = 1 << 9,
    ORBIT_EXACT = 1 << 10,
    ORBIT_BUTTON_LEFT = 1 << 11,
    ORBIT_BUTTON_MIDDLE = 1 << 12,
    ORBIT_BUTTON_RIGHT = 1 << 13,
    ORBIT_LAZY = 1 << 14,
    ORBIT_NUMBER = 1 << 15,
    ORBIT_TRIM = 1 << 16,
    ORBIT_PROP = 1 << 17, /* :name.prop: set the DOM property */
    ORBIT_ATTR = 1 << 18, /* :name.attr: set the attribute */
};
enum { ORBIT_MODIFIER_COUNT = 19 };

/* "prevent", "stop", ...; the buttons are "left", "middle", "right". `bit` is one modifier. */
struct str orbit_modifier_name(uint32_t bit);

struct orbit_attribute {
    enum orbit_attribute_kind kind;
    struct span name_at; /* the attribute's name as it is written */
    struct str name;
    struct orbit_text value; /* STATIC, REF, static KEY */
    bool has_value;          /* STATIC: written with '=' */
    struct orbit_piece code;
    uint32_t modifiers; /* bits of enum orbit_modifier */
    struct str *keys;   /* of a keyboard event, as KeyboardEvent.key has them ("Enter") */
    size_t key_count;
    /* numbers */
    uint32_t slot;    /* what is read */
    uint32_t handler; /* EVENT, MODEL */
};

enum orbit_node_kind {
    ORBIT_NODE_ROOT,
    ORBIT_NODE_TEXT,
    ORBIT_NODE_VALUE, /* {{ code }} */
    ORBIT_NODE_ELEMENT,
    ORBIT_NODE_COMPONENT, /* children that are not FILL are the content of its default slot */
    ORBIT_NODE_DYNAMIC,   /* <component :is="code">; `name` if it is is="name" */
    ORBIT_NODE_OUTLET,    /* <slot name="name" :prop="code">fallback</slot> */
    ORBIT_NODE_FILL,      /* <template #name="variables"> in a component, or one made for
                             <Component #name="variables"> */
    ORBIT_NODE_IF,        /* children are BRANCH */
    ORBIT_NODE_BRANCH,    /* `code` is the condition, empty for o-else */
    ORBIT_NODE_FOR,
};

enum orbit_namespace {
    ORBIT_NAMESPACE_HTML,
    ORBIT_NAMESPACE_SVG,
    ORBIT_NAMESPACE_MATH,
};

struct orbit_node {
    enum orbit_node_kind kind;
    enum orbit_namespace namespace; /* ELEMENT */
    struct span span;               /* the text, the {{ }}, or the start tag */
    struct str name;                /* of a tag, an outlet ("default"), a fill */
    struct orbit_text text;         /* TEXT */
    struct orbit_piece code; /* VALUE, BRANCH, DYNAMIC; FOR: the list, or the range's start */
    struct orbit_piece end;  /* FOR over a range: its end */
    bool is_range;
    bool is_inclusive;     /* a range with ..= */
    struct str *variables; /* FOR: item and perhaps index; FILL: the names of its props */
    size_t variable_count;
    bool is_pattern; /* FILL: { a, b } takes props apart; else one name stands for all */
    struct orbit_attribute *attributes; /* a FOR has its key here */
    size_t attribute_count;
    struct orbit_node *parent, *first, *last, *prev, *next;
    /* numbers */
    uint32_t slot;  /* VALUE, COMPONENT, DYNAMIC; a BRANCH whose condition is a known slot */
    uint32_t scope; /* BRANCH, FOR, FILL with variables */
};

struct orbit_template {
    struct orbit_node *root;
    size_t node_count;
    enum orbit_lang lang;
};

struct orbit_template_options {
    enum orbit_lang lang;
    const struct str *components; /* names that are components without a capital letter */
    size_t component_count;
};

/* Parses [content.start, content.end) of the source. False if something was reported: the tree is
 * there all the same, and must not be used but for further messages. It points into the source. */
bool orbit_template_parse(const struct orbit_source *source, struct span content,
        const struct orbit_template_options *options, struct arena *a, struct orbit_template *ret);

/* Whether HTML's element of that name has no content and no end tag. */
bool orbit_is_void_element(struct str name);

#endif
