/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_GEN_JS_H
#define ORBITON_ORBIT_GEN_JS_H

/*
 * private to gen_js*.c: what the generator has to know of a JavaScript code block.
 */

#include "orbit/gen.h"

struct orbit_js_names {
    struct str *items;
    size_t count, cap;
};

struct orbit_js_code {
    struct str component;         /* the expression that gives the class or setup function */
    size_t export_at, default_at; /* of the words "export default"; equal if there are none */
    bool is_named;                /* a declaration with a name follows them */
    size_t name_at;               /* behind "class", where that has to be given `component`; or 0 */
    struct orbit_js_names module; /* what is declared at the top of the block */
    struct orbit_js_names members;  /* what the class declares or the setup function returns */
    struct orbit_js_names privates; /* "#name" fields of the class */
    bool is_open;                   /* the object may have members that the code does not name */
};

/* Reads the block. False if something was reported; finish it in any case. */
bool orbit_js_code_read(const struct orbit_gen_input *in, const struct orbit_source *source,
        struct arena *a, struct orbit_js_code *ret);
void orbit_js_code_finish(struct orbit_js_code *code);

bool orbit_js_has_name(const struct orbit_js_names *names, struct str name);

#endif
