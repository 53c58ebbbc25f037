/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_JS_STATE_H
#define ORBITON_SCAN_JS_STATE_H

/*
 * What the parts of the JavaScript scanner share: the state of one scan, its
 * open brackets, and how facts are noted. For js_*.c alone.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "scan/facts.h"
#include "scan/js_lex.h"
#include "scan/js_tokens.h"

/* What stands before the next token. A '/' divides after JS_VALUE only. */
enum js_prev {
    JS_STMT,        /* nothing: a statement begins */
    JS_OP,          /* an operator: a value begins */
    JS_VALUE,       /* a value */
    JS_MEMBER,      /* '.' or '?.': a name follows */
    JS_ARROW,       /* '=>' */
    JS_RETURN,      /* return, yield: a value begins, or a statement on the next line */
    JS_CONTROL,     /* if, while, ...: a head in parentheses follows */
    JS_CONTROL_FOR, /* for */
    JS_DEFAULT,     /* export default: as JS_OP, but functions and classes are declarations */
    JS_BINDING,     /* a name or pattern that is exported follows */
    JS_FN_DECL,     /* function, of a declaration: name and parameters follow */
    JS_FN_EXPR,
    JS_CLASS,     /* class: name, heritage or body follow */
    JS_BODY_DECL, /* parameters of a function declaration: the body follows */
    JS_BODY_EXPR,
    JS_BODY_METHOD,
};

enum js_frame_kind {
    JS_TOP, /* not a bracket: the module */
    JS_BLOCK,
    JS_OBJECT,
    JS_CLASS_BODY,
    JS_PAREN,
    JS_BRACKET,
    JS_SUBSTITUTION, /* "${" of a template */
};

#define JS_NO_DEP UINT32_MAX

/* One open bracket. */
struct js_frame {
    uint32_t open;            /* where the bracket is */
    uint32_t ternaries;       /* '?' whose ':' has not come */
    uint32_t arrow_ternaries; /* how many there were when the arrow came */
    uint32_t classes;         /* class heads without their body yet: a 1, then a bit each */
    uint32_t key, key_end;    /* in an exported object pattern: the last key */
    uint32_t dep;             /* of a call: the dep that ends with it */
    uint8_t kind;             /* enum js_frame_kind */
    uint8_t after;            /* enum js_prev: what its end is to what follows */
    bool in_key;              /* in objects and classes: a name stands here, not an expression */
    bool binding;             /* a pattern whose names are exported */
    bool in_function;         /* `await` is not that of the module */
    bool arrow;               /* in the expression that is an arrow function's body */
    bool is_for;
    bool first_argument; /* of a call with a dep: its end has not come */
};

struct js {
    struct str text;
    const char *end;
    struct arena *arena;
    struct js_facts *facts;
    struct js_frame *top; /* the innermost frame */
    struct js_frame *frames;
    size_t cap;       /* of frames */
    bool exporting;   /* within an exported let, const or var */
    uint32_t call_at; /* the '(' of the call that `call_dep` is, once it comes */
    uint32_t call_dep;
    uint32_t known_new;           /* the `new` of a URL that is part of a worker's dep */
    struct js_token_list *tokens; /* where they are noted; NULL: nowhere */
};

/* A vec. */
struct js_token_list {
    struct js_token *items;
    size_t count;
    size_t cap;
};

/* Scans as js_scan() does, and notes the tokens unless the list is NULL. */
void js_scan_into(
        struct str text, struct arena *a, struct js_facts *ret, struct js_token_list *tokens);

static inline uint32_t js_at(const struct js *s, const char *p)
{
    return (uint32_t)(p - s->text.ptr);
}

/* Notes the first error. NULL, for the caller to hand on. */
const char *js_fail(struct js *s, const char *at, struct str text);

/* A new dep and its index; the zeroed dep and JS_NO_DEP, with an error noted, if there are too
 * many. */
struct dep *js_add_dep(struct js *s, enum dep_kind kind, const char *start, uint32_t *ret_index);

/* The specifier of a dep, and its text. */
void js_set_specifier(struct js *s, struct dep *dep, const struct js_piece *t);

void js_add_imported(struct js *s, uint32_t dep, const char *at, struct str name);
void js_add_export(struct js *s, struct str name);
void js_add_accept(struct js *s, enum accept_kind kind, const struct js_piece *t);
void js_add_glob(struct js *s, struct js_glob glob);

void js_add_node_env(struct js *s, struct span span);

/* Opens a bracket; false, with an error noted, if there are too many. The frame is s->top. */
bool js_push(struct js *s, const char *open, enum js_frame_kind kind, enum js_prev after);

/*
 * The parts that js_scan.c calls at a keyword. `start` is the keyword, `p` is
 * behind it; each gives the place where the scan goes on, or NULL on an error,
 * and what stands before that place.
 */
const char *js_import(struct js *s, const char *start, const char *p, enum js_prev *ret_prev);
const char *js_export(struct js *s, const char *start, const char *p, enum js_prev *ret_prev);

/* import.meta: looks ahead, and leaves what it saw to the scan. `p` is behind "meta". */
void js_meta(struct js *s, const char *start, const char *p);

/* process: looks ahead for process.env.NODE_ENV. */
void js_process(struct js *s, const char *start, const char *p);

/* new: looks ahead for URLs and workers. */
void js_new(struct js *s, const char *start, const char *p);

/* The member `type` of the literal object behind `p`, or of its member `with`; empty if none. */
struct str js_option_type(struct js *s, const char *p, struct str within);

#endif
