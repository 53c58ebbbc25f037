/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_GEN_C_H
#define ORBITON_ORBIT_GEN_C_H

/* private to gen_c*.c: the state of one run, and what the files offer one another. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "orbit/gen.h"
#include "orbit/items.h"

struct gen_c {
    const struct orbit_gen_input *in;
    struct arena *arena;
    struct orbit_gen_output *out;
    struct orbit_source source, markup; /* those of the input, with the caller's list */
    bool failed;                        /* something was reported */
    struct orbit_items items;
    const struct orbit_item *component; /* the struct of the component's name */
    const struct orbit_item *props;     /* the struct NAMEProps, or NULL */
    struct str code_path;               /* the file that has the code block, from the root */
    size_t line, line_at;               /* of the output: line_at bytes have line - 1 line ends */
    struct orbit_chains chains;
    bool *is_given; /* by scope: an o-for over an orbit_detail */
};

/* How the type of a struct of the block is written: "Todo" or "struct Todo". */
struct str gen_c_type(const struct gen_c *g, const struct orbit_item *item);

/* The struct or enum of the block that a type names, or NULL. Qualifiers do not count. */
const struct orbit_item *gen_c_item(const struct gen_c *g, struct str type);

/* Whether the item is a struct whose fields can be written and read. */
bool gen_c_is_struct(const struct orbit_item *item);

const struct orbit_member *gen_c_field(const struct orbit_item *item, struct str name);

/* The field of `item` that counts those behind `field`: todos_count, todos_len, todo_count. */
const struct orbit_member *gen_c_counter(
        const struct gen_c *g, const struct orbit_item *item, struct str field);

/* The function of the block with that name, defined or declared, or NULL. */
const struct orbit_item *gen_c_function(const struct gen_c *g, struct str name);

/* Whether the function's first parameter is the component. */
bool gen_c_takes_self(const struct gen_c *g, const struct orbit_item *function);

void gen_c_literal(struct strbuf *out, struct str text);

/* gen_c_items.c: save and restore of the structs of the block, and the macros for their values. */
void gen_c_items(struct gen_c *g);

/* gen_c_code.c: a piece in its line and column of the .orbit file. `before` is what the generated
 * code has in front. Behind it the lines are those of the generated file again. */
void gen_c_code(struct gen_c *g, const char *before, const struct orbit_piece *piece,
        struct str text, uint32_t scope, bool in_handler, const char *after);

/* Goes on with the lines of the generated file, which the pieces before have left. */
void gen_c_resume(struct gen_c *g);

/* Writes "#line" for an offset of the .orbit file (or of that of <code src>), and blanks up to its
 * column. */
void gen_c_place(struct gen_c *g, size_t offset, bool is_code);

/* The scope that declares the variable, or ORBIT_UNKNOWN. *ret_index: which of its variables. */
uint32_t gen_c_variable(const struct gen_c *g, uint32_t scope, struct str name, size_t *ret_index);

/* gen_c_handlers.c: the function that runs a handler. */
void gen_c_handlers(struct gen_c *g);

/* gen_c_way.c: how code comes to the variables of its place. */

/* Whether the code is an orbit_detail: a prop that a child gives to a slot, or a part of one. */
bool gen_c_is_given(const struct gen_c *g, uint32_t scope, struct str text);

/* Fills g->is_given. */
void gen_c_find_given(struct gen_c *g);

/* Opens the loop of a scope: its list and its count, as __lN and __nN. */
void gen_c_list(struct gen_c *g, uint32_t scope, bool in_handler);

/* Declares the variables of a scope's loop for the index __iN: in the loop itself, which comes to
 * each item, or for one alone. */
void gen_c_variables(struct gen_c *g, uint32_t scope, bool in_loop);

/* Declares the variables of a scope and of those around it: items of loops by the indexes in __path,
 * the props of slots' contents by __fills. Returns from the function if there are none such. */
void gen_c_open(struct gen_c *g, uint32_t scope, bool in_handler);

/* Something is wrong with what is in `span` of `source`. */
void gen_c_report(struct gen_c *g, const struct orbit_source *source, struct span span,
        struct str hint, struct str text);

#endif
