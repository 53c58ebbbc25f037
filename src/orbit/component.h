/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_COMPONENT_H
#define ORBITON_ORBIT_COMPONENT_H

/*
 * One .orbit file, compiled: what the browser gets of it, and what it gives the compiler of its
 * language. Pure: whoever compiles says what is in the other files that it names.
 *
 * Three numberings meet here. The *previous* compilation says what code was generated last: as
 * long as the code block is the same and its table knows all pieces of the template, that code
 * stays, byte by byte, wherever the block has moved to. The *running* table is that of the module
 * that runs in pages; with Rust and C it changes when a build was good. The template is numbered by
 * the running table; by that of the code where nothing has to be built.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/hash.h"
#include "base/str.h"
#include "orbit/gen.h"
#include "orbit/props.h"

enum {
    ORBIT_TABLE_ID_LEN = 16,
    ORBIT_NAME_MAX = 100, /* bytes of a component's name */
};

/* Where the names of a template lead. */
enum orbit_lookup { ORBIT_LOOKUP_FOUND, ORBIT_LOOKUP_NONE, ORBIT_LOOKUP_TWO };

struct orbit_surroundings {
    /* The file of that component; with TWO also the other one. */
    enum orbit_lookup (*find)(
            void *ctx, struct str name, struct str *ret_path, struct str *ret_other);
    /* The text of the file that a `src` names (from the root), in `a`. */
    bool (*read)(void *ctx, struct str path, struct arena *a, struct str *ret);
    void *ctx;
};

/* A table with its number, that outlives its compilation. Owned by its arena. */
struct orbit_running {
    struct arena arena;
    struct orbit_table table;
    char id[ORBIT_TABLE_ID_LEN + 1]; /* "": nothing is known of what runs */
    struct hash block;               /* of the code block */
};

struct orbit_style {
    struct str text; /* scoped, unless it is global */
    struct str path; /* the file it was written in */
};

/* A component that the template names. */
struct orbit_child {
    struct str name; /* as the template writes it: "TodoItem" */
    struct str path; /* from the root: "src/todo-item.orbit" */
};

/* A compiled component. Everything lies in its arena, but for the code. */
struct orbit_component {
    struct arena arena;
    struct str path, name, module, id;
    enum orbit_lang lang;
    struct str text;      /* the .orbit file */
    struct str code_path; /* the file of <code src>, or `path` */
    struct str code_file; /* the text of that file */
    struct str block;     /* the code block */
    struct str headers;   /* of C: the types that it needs of those that it includes by quotes */
    struct orbit_table table; /* what `code` was generated with */
    char table_id[ORBIT_TABLE_ID_LEN + 1];
    struct orbit_gen_output code;
    bool names_undeclared; /* in the table is a name that nothing declares, if not in the template */
    struct orbit_mapped {  /* what the map of the code leads into: pieces may have moved since */
        struct str path, text;
    } mapped[ORBIT_FROM_COUNT];
    struct str descriptor;
    char template_table_id[ORBIT_TABLE_ID_LEN + 1]; /* what the descriptor is numbered by */
    struct orbit_unknown *unknown; /* pieces that wait for a build; texts in the arena */
    size_t unknown_count;
    struct orbit_style *styles;
    size_t style_count;
    struct orbit_child *children; /* sorted by name */
    size_t child_count;
    struct orbit_declared props; /* that the code declares */
    struct orbit_givens givens; /* what the template gives to others; places are in `markup_path` */
    struct str markup_path;
    struct str *others; /* files that were read or looked for beside the .orbit file */
    size_t other_count;
};

/*
 * Compiles `text`. `previous` (of the same path) and `running` may be NULL. False if an error was
 * reported; what is there then serves for nothing but `others`. `diags` gets warnings too. The
 * result is to be given back by orbit_component_finish() in any case.
 */
bool orbit_component_compile(struct orbit_component *ret, struct str path, struct str text,
        const struct orbit_component *previous, const struct orbit_running *running,
        const struct orbit_surroundings *around, struct diag_list *diags);

void orbit_component_finish(struct orbit_component *c);

/* Takes over what the component's code was generated with as what runs. */
void orbit_running_take(struct orbit_running *running, const struct orbit_component *c);
void orbit_running_finish(struct orbit_running *running);

/* What is another in a newer compilation. */
struct orbit_change {
    bool style;
    bool template;
    bool code;
    bool children;
    size_t unknown; /* new pieces of the template that the code before did not know */
};

/* `old` may be NULL: then all that there is has changed. */
struct orbit_change orbit_component_compare(
        const struct orbit_component *old, const struct orbit_component *c);

/* What the code that was built has over what runs; nothing, if that is not known. */
struct orbit_change orbit_running_compare(
        const struct orbit_running *running, const struct orbit_running *built);

/* "style", "template", "template, 1 new expression", "code", or several of them: in `a`. */
struct str orbit_change_describe(const struct orbit_change *change, struct arena *a);

/* Whether the language is compiled to wasm. */
bool orbit_is_built(enum orbit_lang lang);

/* "src/todo-item.orbit" is "TodoItem"; empty if the stem is no name. In `a`. */
struct str orbit_component_name(struct arena *a, struct str path);

/* ---- the texts of its modules ---- */

/* `url` is the file's URL; child URLs are made by `url_of`. Appended to `out`. */
typedef struct str orbit_url_fn(struct arena *a, struct str path);
void orbit_facade_write(const struct orbit_component *c, orbit_url_fn *url_of, struct strbuf *out);
void orbit_template_write(const struct orbit_component *c, struct strbuf *out);
/* The sheet of that number; `css` is its text as it stands in the page. */
void orbit_style_write(struct str path, size_t index, struct str css, struct strbuf *out);

/*
 * What the module of a style or a template, as written by the two above, does: the name of the
 * runtime's function, and its arguments as JSON values with commas between. Borrowed from `text`.
 * False for any other text, as that of a part with an error.
 */
bool orbit_part_read(struct str text, struct str *ret_name, struct str *ret_arguments);

/* Of Rust and C: `wasm` is the URL of the built file. */
void orbit_loader_write(struct str wasm, struct strbuf *out);

#endif
