/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_EXPR_H
#define ORBITON_ORBIT_EXPR_H

/*
 * Expressions of a template, in the language of the component: whether a text
 * is one, what it is called when white space and comments do not count, which
 * names it takes from outside, and how it reads with its members qualified.
 *
 * Everything stands on real tokens of the language (lex.h), and on no tree: a
 * name is understood by what stands around it and by the scopes that closures,
 * patterns and declarations open. What types or macros could change is not
 * seen. In doubt a text is accepted, since the compiler has the last word.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum orbit_lang {
    ORBIT_RUST,
    ORBIT_C,
    ORBIT_JS,
    ORBIT_TS,
};

/* Longer texts are refused by orbit_expr_check() and pass through the others unchanged. */
enum { ORBIT_EXPR_MAX = 16 * 1024 };

/* The language of lang="rust", "c", "js" (or "javascript"), "ts" (or "typescript"). */
bool orbit_lang_parse(struct str name, enum orbit_lang *ret);

/*
 * Whether `text` is one complete expression: it ends, its brackets pair, operators stand between
 * operands. Assignments, "++", and statements are refused unless `allow_statement` is set, as it is
 * for event handlers. If not, *ret_offset is the place in `text` (its length: at the end) and
 * *ret_text the message, which needs no memory of its own ("expected an operator before this").
 * What stands inside braces and macros is only checked for its tokens and brackets.
 */
bool orbit_expr_check(enum orbit_lang lang, struct str text, bool allow_statement,
        size_t *ret_offset, struct str *ret_text);

/*
 * The text with canonical white space and without comments: two texts of the same tokens give the
 * same bytes, of different tokens different ones; idempotent. A line end that JavaScript could take
 * for a ";" counts as a token. A text that cannot be read as tokens is only trimmed.
 */
struct str orbit_expr_normalise(struct arena *a, enum orbit_lang lang, struct str text);

/* How a free name is used. */
enum orbit_name_kind {
    ORBIT_NAME_VALUE,
    ORBIT_NAME_CALL,      /* "(" follows: a function, or a method of the component */
    ORBIT_NAME_PATH,      /* "::" follows: a type or module of Rust, never a member */
    ORBIT_NAME_TYPE,      /* the path of a struct literal of Rust, never a member */
    ORBIT_NAME_SHORTHAND, /* { name } in an object or struct literal: name and value in one */
    ORBIT_NAME_FORMAT,    /* "{name}" in the string of format!() and its kin */
};

/* A free name: neither declared in the text itself, nor a field, keyword, macro or type. */
struct orbit_name {
    struct str text;
    size_t offset; /* in the text */
    enum orbit_name_kind kind;
    /* private: where the ")" of the format macro stands, and whether a comma stands before it */
    size_t format_end;
    bool format_comma;
};

typedef void orbit_name_fn(void *ctx, const struct orbit_name *name);

/* Calls `fn` for each free name, in the order of the text. A name that stands twice comes twice. */
void orbit_expr_names(enum orbit_lang lang, struct str text, orbit_name_fn *fn, void *ctx);

/* Whether this name is a member of the component. Not asked for paths and types. */
typedef bool orbit_is_member_fn(void *ctx, const struct orbit_name *name);

/*
 * The text with `prefix` ("self.", "self->", "this.") before each free name that is a member. A
 * shorthand becomes "name: self.name", and format!("{name}") gets ", name = self.name" at its end.
 * Nothing is changed but by insertion, so what the compiler says of the result can be moved back.
 * Inside a JavaScript `function` (not an arrow) "this" is another one; a prefix that is a variable
 * of the generated code holds there too.
 */
struct str orbit_expr_qualify(struct arena *a, enum orbit_lang lang, struct str text,
        orbit_is_member_fn *is_member, void *ctx, struct str prefix);

#endif
