/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_GEN_H
#define ORBITON_ORBIT_GEN_H

/*
 * Generators: a component's code block and its numbered template become a source text in the
 * component's language. What the author wrote is copied verbatim and in the same lines where the
 * language allows it, and each copied piece is listed in a map, so that whatever a compiler says of
 * the generated text can be said of the .orbit file instead.
 *
 * Pure: the same input gives the same bytes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "orbit/section.h"
#include "orbit/slots.h"
#include "orbit/source.h"
#include "orbit/template.h"

enum { ORBIT_GEN_MAX = 16 << 20 }; /* bytes of a generated text; give the builder this limit */

/* Which file a text was written in: the .orbit file, or that of its <code src> or <template src>. */
enum orbit_from { ORBIT_FROM_FILE, ORBIT_FROM_CODE, ORBIT_FROM_TEMPLATE, ORBIT_FROM_COUNT };

struct orbit_gen_input {
    const struct orbit_source *source;
    const struct orbit_source *markup; /* of the template; `source` without a <template src> */
    const struct orbit_file *file;
    struct str code;      /* the code block's text, or that of its <code src>; empty if none */
    size_t code_offset;   /* of `code` in the source it is from */
    bool code_is_other;   /* that source is the file of <code src>, and not the .orbit file */
    struct str code_path; /* of that source */
    struct str headers;   /* C: the types of headers that it needs (c_headers.h) */
    const struct orbit_template *template; /* numbered with `table` */
    const struct orbit_table *table;
    struct str name;     /* "TodoItem" */
    struct str path;     /* "src/todo-item.orbit" */
    struct str module;   /* an identifier in Rust and C: "todo_item" */
    struct str id;       /* the scope attribute: "data-o-1f2e3d4c" */
    struct str table_id; /* 16 hex digits */
};

/* A text that was copied verbatim: an expression of the template, or (a part of) the code block. */
struct orbit_map_entry {
    size_t out_offset;    /* in the generated text */
    size_t source_offset; /* in the .orbit file, or in the file of <code src> */
    size_t len;
    enum orbit_from from;
};

/* A name of the template that nothing in the component declares. Texts are those of the input. */
struct orbit_undeclared {
    struct str name;
    struct str near;    /* a name that is declared and nearly the same; may be empty */
    unsigned line, col; /* of its first use, in the file of the template */
};

/* Made empty by orbit_gen_output_init(). */
struct orbit_gen_output {
    struct strbuf text;
    struct { /* JavaScript: they may be props; compilers tell of the others */
        struct orbit_undeclared *items;
        size_t count;
        size_t cap;
    } undeclared;
    struct orbit_map {
        struct orbit_map_entry *items; /* sorted by out_offset, without overlap */
        size_t count;
        size_t cap;
    } map;
};

/*
 * Each appends to `ret` and returns false if something was reported: the text must not be used
 * then. Diagnostics have the path of the input and line and column of the .orbit file.
 */
bool orbit_gen_js(const struct orbit_gen_input *in, struct arena *a, struct orbit_gen_output *ret,
        struct diag_list *diags);
bool orbit_gen_rust(const struct orbit_gen_input *in, struct arena *a, struct orbit_gen_output *ret,
        struct diag_list *diags);
bool orbit_gen_c(const struct orbit_gen_input *in, struct arena *a, struct orbit_gen_output *ret,
        struct diag_list *diags);

/* Rust's mod.rs and C's orbit-app.c, which bring the components of one wasm file together. The inputs
 * are sorted by path; only name, path, module, and table_id are read. */
void orbit_gen_rust_mod(const struct orbit_gen_input *inputs, size_t count, struct strbuf *out);
void orbit_gen_c_app(const struct orbit_gen_input *inputs, size_t count, struct strbuf *out);

/* Whether a file's text is one that orbit_gen_c_app() made. */
bool orbit_gen_c_is_app(struct str text);

/* What stands directly in each scope of a table, as chains of numbers: `first_*` by the scope, `next_*`
 * by the number before, both ended by ORBIT_UNKNOWN; in the order of the numbers. */
struct orbit_chains {
    uint32_t *first_slot, *next_slot, *first_scope, *next_scope;
};

/* The chains lie in the arena. */
struct orbit_chains orbit_gen_chain(const struct orbit_table *table, struct arena *a);

/* Where pieces of the template and of the code block are from. */
enum orbit_from orbit_gen_template_from(const struct orbit_gen_input *in);
enum orbit_from orbit_gen_code_from(const struct orbit_gen_input *in);

void orbit_gen_output_init(struct orbit_gen_output *out);

/* Appends a text and notes where it is from. Places that join are one entry. */
void orbit_gen_copy(
        struct orbit_gen_output *out, struct str text, size_t source_offset, enum orbit_from from);

/* Where the byte at `out_offset` of a generated text was written: false if it was written by the
 * generator. The end of a copied text counts as within it. */
bool orbit_map_find(const struct orbit_map *map, size_t out_offset, size_t *ret_source_offset,
        enum orbit_from *ret_from);

/* Gives the memory back. */
void orbit_gen_output_finish(struct orbit_gen_output *out);

#endif
