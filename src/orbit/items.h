/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_ITEMS_H
#define ORBITON_ORBIT_ITEMS_H

/*
 * What a <code> block declares, as text with places: the items at its top, and
 * the fields, variants and methods inside of them. No name is resolved and no
 * macro expanded: what a macro declares is not seen. All texts are slices of
 * the block, from its first token to its last, with the comments between.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "orbit/expr.h"

enum orbit_item_kind {
    ORBIT_ITEM_STRUCT, /* also a union */
    ORBIT_ITEM_ENUM,
    ORBIT_ITEM_IMPL,  /* of Rust */
    ORBIT_ITEM_CLASS, /* of JavaScript */
    ORBIT_ITEM_FUNCTION,
    ORBIT_ITEM_TYPEDEF, /* of C, that declares no struct or enum of its own */
    ORBIT_ITEM_USE,     /* use, #include, import */
    ORBIT_ITEM_MOD,
    ORBIT_ITEM_OTHER,
};

enum orbit_shape {
    ORBIT_SHAPE_UNIT,
    ORBIT_SHAPE_TUPLE, /* the members have no names */
    ORBIT_SHAPE_NAMED,
};

enum orbit_receiver {
    ORBIT_RECEIVER_NONE, /* a function, or static */
    ORBIT_RECEIVER_VALUE,
    ORBIT_RECEIVER_REF, /* &self */
    ORBIT_RECEIVER_MUT, /* &mut self */
};

enum orbit_member_kind {
    ORBIT_MEMBER_FIELD, /* also a parameter */
    ORBIT_MEMBER_VARIANT,
    ORBIT_MEMBER_METHOD,
    ORBIT_MEMBER_GETTER, /* of JavaScript; "get" and "set" give one each */
    ORBIT_MEMBER_SETTER,
    ORBIT_MEMBER_RETURNED, /* a name in the object that a setup function returns */
};

struct orbit_member {
    enum orbit_member_kind kind;
    struct str name;        /* a pattern where a parameter has one; empty in a tuple */
    struct str type;        /* of a field or parameter; what a method returns; may be empty */
    struct str array;       /* C: "[4]" behind the name, or the parameters of a function pointer */
    struct str attributes;  /* Rust: "#[...] #[...]" */
    struct str visibility;  /* "pub", "pub(crate)", or empty; TypeScript: "private" and so on */
    size_t offset;          /* of the name, or of the type in a tuple */
    enum orbit_shape shape; /* of a variant */
    enum orbit_receiver receiver; /* of a method */
    struct orbit_member *members; /* fields of a variant; parameters of a method without self */
    size_t member_count;
};

struct orbit_item {
    enum orbit_item_kind kind;
    struct str name;       /* of an impl: the type, without its generic arguments */
    struct str alias;      /* C: the name that a typedef gives to a struct or enum */
    struct str trait_name; /* of "impl Trait for Type", as written */
    struct str generics;   /* "<T: Clone>" of Rust, behind the name or behind "impl" */
    struct str attributes;
    struct str visibility; /* "pub", "static", "export" */
    struct str type;       /* what a function returns; of USE and TYPEDEF: all of it */
    size_t offset;         /* of the name */
    size_t start, end;     /* the whole item, with its attributes */
    size_t body, body_end; /* between its braces; 0 if it has none */
    enum orbit_shape shape;
    bool is_union;                /* of a STRUCT */
    struct orbit_member *members; /* fields, variants, methods, parameters, names returned */
    size_t member_count;
};

struct orbit_items {
    struct orbit_item *items; /* in the arena, in the order of the text */
    size_t count;
    size_t error_offset;
    struct str error; /* empty: all was read. Else the items before the error are there */
};

/* Items under #[cfg(test)] and #[test] are left out. */
void orbit_rust_items(struct arena *a, struct str text, struct orbit_items *ret);

/* Structs, unions, enums, functions (also those that are only declared), typedefs, #include. */
void orbit_c_items(struct arena *a, struct str text, struct orbit_items *ret);

/*
 * Classes with their members, imports, functions. Of a function named setup, or the one that is
 * exported by default, the members are not its parameters but the names in the object literals
 * that it returns; a spread in one cannot be followed.
 */
void orbit_js_items(
        struct arena *a, enum orbit_lang lang, struct str text, struct orbit_items *ret);

/* Whether the derives among the attributes of an item name this trait ("Clone"). */
bool orbit_item_derives(const struct orbit_item *item, struct str trait_name);

#endif
