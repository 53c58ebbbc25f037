/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_PROPS_H
#define ORBITON_ORBIT_PROPS_H

/*
 * What a template gives to a component of Rust or C, held against the props that its code declares:
 * a name that is none of them, and a literal that does not fit its type, are known before anything
 * is built. Values of other expressions are known when they run; components in JavaScript say then
 * what they do not know.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"
#include "orbit/source.h"
#include "orbit/template.h"

/* What the code of a component says of its props. */
struct orbit_declared {
    bool is_known; /* else the code says it elsewhere, or is JavaScript */
    enum orbit_lang lang;
    struct orbit_prop {
        struct str name, type; /* C: with the array behind it, "char[32]" */
    } * items;
    size_t count;
};

/* A prop as a template gives it. */
struct orbit_given {
    struct str child; /* "TodoItem" */
    struct str name;
    enum orbit_given_kind {
        ORBIT_GIVEN_OTHER, /* not known before it runs */
        ORBIT_GIVEN_TEXT,
        ORBIT_GIVEN_NUMBER,
        ORBIT_GIVEN_BOOL,
    } kind;
    struct str text; /* of a literal, without quotes */
    unsigned line, col;
};

struct orbit_givens {
    struct orbit_given *items;
    size_t count;
};

/* The props that `block` declares for the component `name`. Texts are borrowed from it; the list lies
 * in `a`. */
struct orbit_declared orbit_props_declared(
        struct arena *a, enum orbit_lang lang, struct str name, struct str block);

/* What the components of a template are given. All lies in `a`, and texts of the template. */
struct orbit_givens orbit_props_given(
        struct arena *a, const struct orbit_template *t, const struct orbit_source *source);

/* Whether a component that is called so is given a prop of that name. */
bool orbit_props_gives(const struct orbit_givens *given, struct str child, struct str name);

/* Adds a warning, with a place in the file at `path`, for each of `given` that is for the component
 * `name` and does not fit what that declares. */
void orbit_props_check(struct str path, const struct orbit_givens *given, struct str name,
        const struct orbit_declared *declared, struct diag_list *diags);

#endif
