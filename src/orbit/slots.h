/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_SLOTS_H
#define ORBITON_ORBIT_SLOTS_H

/*
 * The identity rule: what makes two pieces of two templates the same, so that a module that was
 * built for the one can serve the other.
 *
 *     scope    (parent, kind, expression, variables, branch before)
 *     slot     (scope, kind, normalised expression)
 *     handler  (scope, kind, normalised text)
 *
 * A slot is a value that the module computes, where it stands: below an o-if only when that is
 * true, below an o-for once for each item. A handler is run on an event only, so it belongs to the
 * innermost scope one of whose variables it names, wherever it stands. The same is true for a
 * component that is given no expression.
 *
 * A table is what a built module knows. orbit_table_build() numbers a template as the source of a
 * new module; orbit_table_match() numbers it for the module that runs, and says what that does not
 * know. A piece is known if the table has it in the same scope or in an enclosing one, unless a
 * variable of a scope in between hides a name that it uses.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "orbit/source.h"
#include "orbit/template.h"

enum { ORBIT_NUMBERS_MAX = 0x7ff0 }; /* scopes, slots, handlers of a template: u16 on the wire */

enum orbit_scope_kind {
    ORBIT_SCOPE_ROOT, /* number 0 of each table */
    ORBIT_SCOPE_IF,
    ORBIT_SCOPE_ELSE_IF,
    ORBIT_SCOPE_ELSE,
    ORBIT_SCOPE_FOR,
    ORBIT_SCOPE_FILL, /* the content of a slot that is given props */
};

struct orbit_scope {
    enum orbit_scope_kind kind;
    uint32_t parent;
    uint32_t after;        /* ELSE_IF, ELSE: the branch before; else 0 */
    struct str expression; /* normalised: condition, list, "a..b", "a..=b"; FILL: "Name#slot" */
    struct str *variables; /* FOR, FILL */
    size_t variable_count;
    bool is_pattern;               /* FILL: { a, b } */
    const struct orbit_node *node; /* first use; valid as long as the template is */
};

enum orbit_slot_kind {
    ORBIT_SLOT_VALUE,
    ORBIT_SLOT_COMPONENT, /* `expression` is "Name" and "\nprop=code" for each, by name */
};

struct orbit_slot {
    enum orbit_slot_kind kind;
    uint32_t scope;
    struct str expression;          /* normalised */
    const struct orbit_piece *code; /* first use of a VALUE; valid as long as the template is */
    const struct orbit_node *node;  /* first use of a COMPONENT; the same */
};

enum orbit_handler_kind {
    ORBIT_HANDLER_EVENT,
    ORBIT_HANDLER_MODEL, /* assigns to the expression */
};

struct orbit_handler {
    enum orbit_handler_kind kind;
    uint32_t scope;
    struct str text;                /* normalised */
    const struct orbit_piece *code; /* first use; valid as long as the template is */
};

/* What a module knows, in the order of first use. The texts lie in the arena. */
struct orbit_table {
    struct orbit_scope *scopes;
    size_t scope_count;
    struct orbit_slot *slots;
    size_t slot_count;
    struct orbit_handler *handlers;
    size_t handler_count;
};

/* A piece that the running module does not know. */
struct orbit_unknown {
    struct span span;
    struct str text; /* as it is written */
};

/* Numbers the template as the source of a new module. False if there are more than
 * ORBIT_NUMBERS_MAX of something, which is reported. */
bool orbit_table_build(struct orbit_template *t, const struct orbit_source *source, struct arena *a,
        struct orbit_table *ret);

/*
 * Numbers the template for a module that was built with `running`. Returns how many pieces that
 * does not know, in the order of the source, and numbers them ORBIT_UNKNOWN; 0: no build is needed.
 * What stands in an unknown loop is not counted by itself. A BRANCH whose scope is unknown has
 * scope ORBIT_UNKNOWN and, if its condition is known as a slot, that one's number; an o-else needs
 * neither: it is shown when no branch before it is.
 */
size_t orbit_table_match(struct orbit_template *t, const struct orbit_table *running,
        struct arena *a, struct orbit_unknown **ret_unknown);

/* A copy of the table that needs neither the template nor its source; nodes and codes are NULL. */
struct orbit_table orbit_table_copy(const struct orbit_table *table, struct arena *a);

/* Whether the attribute gives a component a prop from code (:prop, o-model). */
bool orbit_is_prop(const struct orbit_node *node, const struct orbit_attribute *a);

/* The props that a component is given from code, sorted by name: the order of their values. */
const struct orbit_attribute **orbit_component_props(
        const struct orbit_node *node, struct arena *a, size_t *ret_count);

#endif
