/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_EXPR_WALK_H
#define ORBITON_ORBIT_EXPR_WALK_H

/*
 * private to expr*.c: what each language says about the tokens of an
 * expression. It gives roles to tokens and ranges to the names that the text
 * declares itself; what is left over is free, and expr.c reports it.
 */

#include "orbit/lex.h"

enum orbit_role {
    ORBIT_ROLE_FREE, /* a name that means something from outside, unless it is bound here */
    ORBIT_ROLE_SKIP, /* a field, key, type, label, or the place where a name is declared */
    ORBIT_ROLE_TYPE, /* of a struct literal */
    ORBIT_ROLE_SHORTHAND,
    ORBIT_ROLE_FORMAT, /* a string with names in braces */
    ORBIT_ROLE_BLOCK,  /* a "{" that certainly begins no literal */
};

struct orbit_binding {
    struct str name;
    size_t from, until; /* tokens: inside of [from, until) the name is this one */
};

struct orbit_walk {
    const struct orbit_tokens *t;
    uint8_t *roles; /* enum orbit_role, one a token and one for END */
    bool types;     /* TypeScript */
    /* private: a vec */
    struct orbit_binding *items;
    size_t count, cap;
};

/* Token `i` declares a name that holds in [from, until). */
void orbit_walk_bind(struct orbit_walk *w, size_t i, size_t from, size_t until);

/* Gives all tokens of [from, to) the role SKIP. */
void orbit_walk_skip(struct orbit_walk *w, size_t from, size_t to);

/* The closing bracket around token `i`, or the END token. */
size_t orbit_group_end(const struct orbit_tokens *t, size_t i);

/* From `i` up to the first token of `stops` (as orbit_word_in) outside brackets, or `to`. */
size_t orbit_find(const struct orbit_tokens *t, size_t i, size_t to, const char *stops);

void orbit_walk_rust(struct orbit_walk *w);
void orbit_walk_c(struct orbit_walk *w);
void orbit_walk_js(struct orbit_walk *w);

/* A refusal, and false. */
struct orbit_refusal {
    size_t offset;
    struct str text;
};

struct orbit_check {
    const struct orbit_tokens *t;
    bool statements; /* they are allowed, and assignments */
    bool types;      /* TypeScript */
    struct orbit_refusal *ret;
};

bool orbit_refuse(const struct orbit_check *c, size_t token, struct str text);

/* What may stand between the brackets, or in the whole text, that is checked. */
enum orbit_list {
    ORBIT_ONE,      /* exactly one expression */
    ORBIT_SEQUENCE, /* at least one, with commas */
    ORBIT_LIST,     /* any number, with commas; one may stand last */
};

bool orbit_check_rust(const struct orbit_check *c, size_t from, size_t to, enum orbit_list list);
bool orbit_check_c(const struct orbit_check *c, size_t from, size_t to, enum orbit_list list);
bool orbit_check_js(const struct orbit_check *c, size_t from, size_t to, enum orbit_list list);

#define ORBIT_NO_OPERAND    STR("expected an expression before this")
#define ORBIT_NO_OPERATOR   STR("expected an operator before this")
#define ORBIT_NO_EXPRESSION STR("expected an expression")
#define ORBIT_NO_NAME       STR("expected a name")
#define ORBIT_STATEMENT     STR("a statement cannot stand in an expression")
#define ORBIT_ASSIGNMENT    STR("an assignment cannot stand in an expression")
#define ORBIT_SECOND        STR("expected only one expression")

/* Rust: behind the type at `i`, or `i`; behind the "<...>" at `i`, or `i` if it has no end. */
size_t orbit_rust_type_end(const struct orbit_tokens *t, size_t i);
size_t orbit_rust_angle_end(const struct orbit_tokens *t, size_t i);

/* TypeScript: the same. */
size_t orbit_ts_type_end(const struct orbit_tokens *t, size_t i);
size_t orbit_ts_angle_end(const struct orbit_tokens *t, size_t i);

/* Behind the "<...>" at `i` if it gives types to the value before it, as in "f<T>(x)" and "new Set<T>";
 * `i` if "<" compares. */
size_t orbit_ts_arguments_end(const struct orbit_tokens *t, size_t i);

/* The "(" of "async (x) =>" and "async <T>(x) =>" whose "async" is at `i`; 0: it is none. */
size_t orbit_js_async_arrow(const struct orbit_tokens *t, size_t i, bool types);

/* Behind the decorator at `i`: "@name", "@a.b", "@make(...)", "@(...)". */
size_t orbit_js_decorator_end(const struct orbit_tokens *t, size_t i);

/* Behind all of them that begin at `i`; `i` if none does. */
size_t orbit_js_decorators_end(const struct orbit_tokens *t, size_t i);

/* Whether a value may end with token `i`: a word, a literal, a bracket, and a "!" behind one. */
bool orbit_ts_ends_value(const struct orbit_tokens *t, size_t i);

/* Behind the "=>" whose parameters are the group at `i`, past a return type; 0: it is no arrow. What
 * may be either in "a ? (b) : c => d" is one if a ":" follows its body, as the language has it. */
size_t orbit_js_arrow(const struct orbit_tokens *t, size_t i, bool types);

#endif
