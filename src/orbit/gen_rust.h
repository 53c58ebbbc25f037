/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_GEN_RUST_H
#define ORBITON_ORBIT_GEN_RUST_H

/* private to gen_rust*.c: the state of one run, and what the files offer one another. */

#include "orbit/gen.h"
#include "orbit/items.h"

struct gen_rust {
    const struct orbit_gen_input *in;
    struct arena *arena;
    struct orbit_gen_output *out;
    struct orbit_source source; /* that of the input, with the caller's list */
    struct orbit_items items;
    const struct orbit_item *component; /* the struct of the component's name */
    struct orbit_chains chains;
};

/* The component's method of that name, or NULL. */
const struct orbit_member *gen_rust_method(const struct gen_rust *g, struct str name);

/* Whether any type of the code block has such a method with &mut self. */
bool gen_rust_is_mut_method(const struct gen_rust *g, struct str name);

/* Whether the name is a variable of the scope or of one around it. */
bool gen_rust_is_variable(const struct gen_rust *g, uint32_t scope, struct str name);

/* Writes [text) of a piece, qualified for the scope. In a handler `event` is a variable. */
void gen_rust_code(struct gen_rust *g, const struct orbit_piece *piece, struct str text,
        uint32_t scope, bool in_handler);

/* Writes [text) of a piece as it is. */
void gen_rust_copy(struct gen_rust *g, const struct orbit_piece *piece, struct str text);

/* The iterator of an o-for, over what may be changed or not. */
void gen_rust_iterator(
        struct gen_rust *g, const struct orbit_scope *scope, bool in_handler, bool is_mutable);

/* The o-for loops and slot contents around a scope, the outermost first. */
struct gen_rust_way {
    uint32_t scopes[ORBIT_DEPTH_MAX];
    size_t count;
    size_t loop_count; /* how many of them are loops, each of which has an index in __path */
};

struct gen_rust_way gen_rust_way_to(const struct gen_rust *g, uint32_t scope);

/* Leaves the function if __path or __fills is too short for the way. */
void gen_rust_check(struct gen_rust *g, const struct gen_rust_way *way);

/* Opens a block for each loop of the way, with its item by __path and `let` for the props of slots
 * by __fills; writes `closing` for each of these blocks. */
void gen_rust_open(
        struct gen_rust *g, const struct gen_rust_way *way, bool in_handler, bool is_mutable);
void gen_rust_close(struct gen_rust *g, const struct gen_rust_way *way, const char *closing);

/* Whether the text is a prop of a slot, or a part of one: row, row["id"], an item of row["tags"]. */
bool gen_rust_is_slot_prop(const struct gen_rust *g, uint32_t scope, struct str text);

/* A string literal. */
void gen_rust_literal(struct strbuf *out, struct str text);

/* gen_rust_handlers.c: fn handle. */
void gen_rust_handlers(struct gen_rust *g);

/* gen_rust_items.c: the forms of the structs and enums of the code block. */
void gen_rust_items(struct gen_rust *g);

/* gen_rust_block.c: the code block, with its lines kept. Returns how many lines there are. */
unsigned gen_rust_block(struct gen_rust *g);

#endif
