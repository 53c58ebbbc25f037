/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_MODULES_PRIVATE_H
#define ORBITON_MODULES_MODULES_PRIVATE_H

/*
 * What the files of this folder share. The way of one file:
 *
 *     bytes -> scan -> facts -> edges (edges.c) -> the graph's edition (modules.c)
 *     facts + the edition's edges + stamps -> edits (edits.c) -> served text (answer.c)
 *
 * Edits are made from the edges that the graph has, in the order of the facts: so
 * what was resolved once is not resolved again when only a stamp has changed.
 */

#include "base/table.h"
#include "modules/module_url.h"
#include "modules/modules.h"
#include "modules/orbit_store.h"
#include "modules/rewrite.h"
#include "modules/text_store.h"
#include "resolve/glob.h"
#include "resolve/import_map.h"
#include "resolve/resolve.h"
#include "scan/facts.h"
#include "scan/html_scan.h"

/* `problem` of an import that a package.json turns off; the edge leads nowhere. */
#define EMPTY_MODULE     STR("an empty module")
#define NODE_MODULE      STR("a part of Node")
#define EMPTY_MODULE_URL STR("data:text/javascript,export%20default%20{}")

/* The globs of a module, for files that come and go. */
struct glob_use {
    struct arena arena;
    struct glob **globs;
    size_t count;
};

/* What a tool made of one text of a file; see transformed.c. */
struct made {
    UT_hash_handle hh;
    struct made *prev, *next; /* of those that are dependent */
    struct hash key;          /* of source, path and options */
    struct hash source;       /* of the text that the tool was given */
    struct hash code;         /* in the text store, unless ... */
    struct str held;          /* ... it could not be kept there: the code, on the heap */
    struct hash map;          /* in the text store */
    bool has_map;
    bool is_bad;            /* there are errors, and nothing else */
    bool is_old;            /* what it was made with has changed */
    bool is_passing;        /* they are the tool's, not the text's */
    struct diag_list diags; /* errors */
    struct arena arena;     /* the texts below */
    struct str path;
    bool is_dependent; /* other files may make it old */
    struct str *deps;  /* these, beside the source */
    size_t dep_count;
};

/* An instance of a module that pages have made of a text; see carry.c. On the heap. */
struct carried {
    struct carried *next; /* an older one */
    uint64_t stamp;
    struct hash version; /* of the module */
    uint64_t documents;  /* how many had been asked for when it was made */
    bool has_default;
    struct str text;   /* what pages were sent */
    struct str origin; /* of these pages */
    char bytes[];      /* of both */
};

struct transforming;

struct transformed {
    struct made *table;             /* by key, oldest first */
    struct made *dependent;         /* those of them that have `deps` or are passing */
    struct transforming *under_way; /* by key */
    size_t held;                    /* bytes of code in memory */
    bool is_used;                   /* a file that needs a tool was seen */
};

/* What is remembered of a node that was refreshed. */
struct entry {
    struct node *node;     /* one reference */
    struct hash file_hash; /* of the bytes that the edition was made from; may not be on disk now */
    struct hash served;    /* of the text that was served last */
    uint64_t signature;    /* of the stamps in that text */
    uint64_t env;          /* of import.meta.env in it */
    uint32_t generation;
    uint64_t map;      /* by which it is resolved; 0: none */
    bool map_said;     /* it is known who asks for it */
    uint64_t read_by;  /* the map of a known asker by which the edition was resolved; or 0 */
    bool plain;        /* without stamps nothing has to change */
    bool stale;        /* its surroundings changed */
    struct hash made;  /* of a compiled module: the key of what the edition was made from */
    struct hash asked; /* of what it is to be made from next */
    bool is_compiled;  /* it has such a key */
    bool is_waiting;   /* a tool is at work; the edition, if there is one, is of an earlier text */
    bool uses_env;
    bool uses_names;           /* a facade of CommonJS: */
    uint64_t names;            /* what it exports by name, also from other files */
    bool has_served;           /* `served` and `signature` count */
    struct carried *carried;   /* the newest first; NULL: pages have asked for all instances */
    struct hash kept;          /* what browsers keep of it ... */
    uint64_t kept_in;          /* ... under that number; see kept.c */
    struct glob_use *globs;    /* NULL: none */
    struct entry *prev, *next; /* oldest first */
    struct entry *glob_prev, *glob_next; /* of those with globs */
    UT_hash_handle hh;                   /* by node */
};

struct warned {
    UT_hash_handle hh;
    char text[]; /* path and text */
};

struct modules {
    struct modules_options options;
    bool (*is_hidden)(void *ctx, struct str path); /* NULL: no file is */
    void *hidden_ctx;
    struct resolver *resolver;
    bool unsettled; /* see modules_set_unsettled() */
    struct text_store *store;
    struct orbit_store *orbit;
    struct transformed transformed;
    struct strbuf orbit_wasm; /* the URL of what was built of the components; empty: nothing yet */
    struct entry *table;
    struct entry *entries;
    struct entry *glob_users;
    struct warned *warned;
    struct cjs_known *cjs_known;

    struct page_map *maps; /* import maps, by document */
    uint64_t map_ids;
    uint64_t last_map; /* of the document that was served last; 0: it has none */

    /* import.meta.env as JSON, in its arena. */
    struct arena env_arena;
    struct str env;
    uint64_t env_stamp; /* of the files it was read from */

    struct {
        bool none;          /* modules_carry_none() */
        size_t bytes;       /* of all texts */
        uint64_t documents; /* that were asked for */
    } carry;

    uint32_t generation; /* raised when a package.json changes */

    struct {
        struct hash run;
        uint64_t number; /* of what browsers keep; from 1 on */
        char version[PACKAGES_VERSION_LEN];
    } kept;
    struct strbuf scratch;
};

/* What was found in one file on the way to its edition. */
struct reading {
    struct modules *modules;
    struct arena *arena;
    const struct import_map *map; /* NULL: none */
    struct module_url url;        /* of the node */
    struct str path;
    struct str text;
    struct hash version; /* at first of the bytes; mixed with what else counts by those who know */
    struct edge *edges;
    size_t edge_count;
    size_t edge_cap;
    struct edition_facts facts;
    struct diag error;
    bool uses_env;
    bool uses_names;
    const struct made *made; /* `text` is the code of that; NULL: it is the file's */
    struct glob_use *globs;  /* owned until an entry takes it; NULL: none */
};

/* Which stamp a dependency gets. */
struct stamps {
    struct modules *modules;
    struct arena *arena;
    const struct import_map *map; /* of the page; NULL: none */
    bool none;                    /* as if nothing had a stamp */
    uint64_t transaction;         /* of a rollback; 0: the present stamps of the nodes */
    uint64_t page;
    struct str origin; /* in front of each URL, for a text that has none of its own; or empty */
    struct str before; /* what the text begins with, on its first line; or empty */
};

/* edges.c: fills r->edges and r->facts for a node of that kind. */
void edges_read(struct reading *r, enum node_kind kind);

/* One specifier of a script; `mark` is put where edges keep it. */
void edges_read_js(struct reading *r, const struct js_facts *js, size_t offset);
void edges_add(struct reading *r, struct edge edge);
/* Resolves `specifier` into an edge. `type`: the import's attribute; `is_import`: it is the
 * specifier of a module, so that what is no JavaScript gets its mark. */
struct edge edges_resolve(struct reading *r, enum resolve_kind kind, enum dep_kind dep,
        struct str specifier, struct str type, bool is_import);
/* What else the version of the module says. */
void edges_mix(struct reading *r, struct str with);
void edges_set_error(struct reading *r, size_t offset, struct str text, struct str hint);
/* The URL that relative specifiers of an inline script or a tag start from. */
struct str edges_document_base(struct arena *a, struct str url, const struct html_facts *html);

/* The glob of a call in the file at `path`, by patterns that an alias may fit. NULL and an error as from
 * glob_parse(). */
struct glob *glob_of_call(const struct modules *modules, struct arena *a,
        const struct js_glob *call, struct str path, struct str *ret_error);

/* The object key and the URL that a glob's file is imported by. */
struct str glob_file_url(struct arena *a, struct str path, struct str query);

/* edits.c: the edits that a module's text needs. `edges` are those of its edition. */
struct edge_list {
    const struct edition *edition; /* or NULL: */
    const struct edge *edges;
    size_t count;
    size_t next; /* the first edge that has not been used */
};
void edits_js(struct edit_list *list, const struct stamps *stamps, struct str path, struct str base,
        struct str text, size_t offset, const struct js_facts *js, struct edge_list *edges,
        struct str hot_key);
void edits_document(struct edit_list *list, const struct stamps *stamps, struct str url,
        struct str path, struct str text, const struct html_facts *html, struct edge_list *edges);
const struct edge *edge_list_next(struct edge_list *edges);
/* "orbit=12" for the node of that URL, or empty. */
struct str stamps_get(const struct stamps *stamps, struct str url);

/* cjs.c: an import of what was found leads to CommonJS; its edge's URL gets the mark of that. */
bool cjs_is_target(const struct resolved *found, const struct edge *edge);
void cjs_mark(struct reading *r, enum resolve_kind kind, struct edge *edge);
/* The URL of an edge whose names are known now. */
void cjs_finish_edge(struct reading *r, struct edge *edge);
void cjs_read_facade(struct reading *r);
void cjs_read_factory(struct reading *r);
void cjs_make_facade(struct strbuf *out, const struct module_url *url, struct str path,
        const struct stamps *stamps);
void cjs_make_factory(struct strbuf *out, const struct module_url *url, struct str path,
        struct str text, const struct stamps *stamps, struct edge_list *edges);

/* cjs_names.c: the names that a CommonJS file exports as far as its text and those that it hands on
 * show, sorted, each once, in `a`. */
void cjs_names(struct modules *modules, struct str path, struct arena *a, struct str **ret_names,
        size_t *ret_count);
bool cjs_names_have(const struct str *names, size_t count, struct str name);
/* A number of all these names. */
uint64_t cjs_names_mark(struct modules *modules, struct str path);
/* Whether the file was asked for its names. */
bool cjs_names_know(const struct modules *modules, struct str path);
void cjs_names_forget(struct modules *modules);

/* packages.c: calls `fn` for each node that may say something else after packages were installed or removed
 * (resolve/markers.h), or lead elsewhere. Looks at every file that was resolved in packages. */
void packages_each_changed(
        struct modules *modules, void (*fn)(void *ctx, struct node *node), void *ctx);
/* Whether a file that was looked for in vain is there now. */
bool packages_are_healed(const struct modules *modules, const struct edition *ed);

/* maps.c: the map of that number, or NULL. */
const struct import_map *maps_get(const struct modules *modules, uint64_t id);
/* The number of the document's map; 0 if it has none. */
uint64_t maps_of_document(const struct modules *modules, struct str document);
/* Reads the maps of a document; returns their number. */
uint64_t maps_take(struct modules *modules, struct str document, struct str base, struct str text,
        const struct html_facts *html, struct str path);
/* By which map whoever asks is resolved: a document or a module, by its URL and its file. False if
 * that is not known. */
bool maps_of_asker(struct modules *modules, const struct node *node, struct str url,
        struct str path, uint64_t *ret);
/* The entry is about to get the edges of `next`, by its present map: warns, once a module, if the map of
 * another document led them elsewhere. */
void maps_compare(struct modules *modules, struct entry *e, const struct reading *next);
/* The node is asked for by pages of that map from now on. */
void maps_set(struct modules *modules, struct node *node, uint64_t map);
/* It is asked for, by whom is not known. */
void maps_guess(struct modules *modules, struct node *node);
void maps_finish(struct modules *modules);

/* env.c: the present text of import.meta.env; read again if a file has changed. */
struct str env_get(struct modules *modules);

/* The text of a document with the values in the place of %NAME%, as the template of Vite has it: `text`
 * itself, or a text in `a`. What is no name that a page may see stays as it is, and so does a document
 * that is no UTF-8. *ret_uses: the .env files decide on the text. */
struct str env_fill(struct modules *modules, struct str text, struct arena *a, bool *ret_uses);
bool env_is_file(struct str path);

/* orbit_parts.c: whether a URL is one of the modules that an .orbit file is. */
bool parts_is(const struct module_url *url, struct str path);

/* Whether the URL is that of an .orbit file itself, whose text nobody has written. */
bool parts_is_facade(const struct module_url *url, struct str path);
/* Whether the URL is that of a component's code. */
bool parts_is_code(const struct module_url *url, struct str path);
/* Whether it is the code of one that was last compiled as TypeScript: a tool makes it. */
bool parts_is_typed(const struct modules *modules, const struct module_url *url, struct str path);
/*
 * Puts in the place of a file's text and its hash what a tool is given for the URL: the generated module
 * of a component in TypeScript, borrowed from its record. The component is compiled before if the
 * text has a pointer. Other URLs: nothing.
 */
void parts_source(struct modules *modules, const struct module_url *url, struct str path,
        struct str *text, struct hash *hash);
/* The source map of a component's generated module with that hash; false if that is another now. */
bool parts_map(struct modules *modules, const struct module_url *url, struct str path,
        struct hash hash, struct arena *a, struct str *ret);
/* Moves a place in that module to where it was written; without a line if nobody wrote it. */
bool parts_place(struct modules *modules, const struct module_url *url, struct str path,
        struct hash hash, struct diag *d, struct arena *a);
/* Makes r->text, which is the .orbit file's, and r->version those of the part. */
void parts_read(struct reading *r);
/* The text of a part as it was made last; false if there is none. */
bool parts_text(struct modules *modules, const struct module_url *url, struct str path,
        struct arena *a, struct str *ret);

/* wrapped.c: the text of a module that is not its file's; false if the node is served as a file. */
bool wrapped_make(const struct module_url *url, struct str path, struct str text,
        struct hash version, const struct stamps *stamps, struct edge_list *edges,
        struct strbuf *out);
/* Whether a URL is served as a module of ours, whatever its text. */
bool wrapped_is(const struct modules *modules, const struct module_url *url, struct str path);
/* Whether the file's text is needed for it. */
bool wrapped_needs_text(
        const struct modules *modules, const struct module_url *url, struct str path);
/* Edges, exports and error of such a module. */
void wrapped_read(struct reading *r);
/* A stylesheet's text with its URLs from the root on. */
void css_text_add(struct strbuf *out, struct arena *a, struct str text, struct str url);

/* transformed.c: what a tool makes of the file for a URL. */
enum transformed_as {
    TRANSFORMED_NOT,    /* nothing: the file is served, or a module of ours */
    TRANSFORMED_SCRIPT, /* the module */
    TRANSFORMED_SHEET,  /* the sheet, or what its wrapper loads */
};
enum transformed_as transformed_as(
        const struct modules *modules, const struct module_url *url, struct str path);
bool transformed_is(const struct modules *modules, const struct module_url *url, struct str path);
/* What a file goes by for the tools, and for options.on_transformed(): its path, that of a pack, or
 * "x.orbit.ts" for the code of a component. */
struct str transformed_name(
        const struct modules *m, struct arena *a, const struct module_url *url, struct str path);
/* The key of what is made of a source for a URL at present. */
struct hash transformed_key(
        struct modules *modules, const struct module_url *url, struct str path, struct hash source);
/* What was made under that key; NULL if nothing was, or it is not kept any more. */
struct made *transformed_find(const struct modules *modules, struct hash key);
/* Whether it can be had now (or never): if not, the tool has been given the text. */
bool transformed_ask(struct modules *modules, const struct module_url *url, struct str path,
        struct str text, struct hash source, struct hash *ret_key);
/* Makes r->text, which is the source (no pointer: too large), and r->version those of the code. */
void transformed_read(struct reading *r, struct hash key);
bool transformed_text(
        const struct modules *modules, const struct made *made, struct arena *a, struct str *ret);
/* Moves a place in r->text, which `d` has, to the source. False if nothing is known of it. */
bool transformed_place_in(struct reading *r, struct diag *d);
/* Appends the comment that names the map of the code with its edits, and keeps that map. `made` is NULL
 * for the code of a component that no tool has made. */
void transformed_add_map(struct modules *modules, const struct made *made,
        const struct module_url *url, struct str path, struct str code,
        const struct edit_list *edits, struct arena *a, struct strbuf *out);
/* The map that a URL of such a comment asks for. */
bool transformed_map(struct modules *modules, const struct module_url *url, struct arena *a,
        struct hash *ret_hash, struct str *ret);
/* Calls `fn` for the nodes that a changed file beside their own concerns. */
void transformed_each_user(struct modules *modules, struct str path,
        void (*fn)(void *ctx, struct node *node), void *ctx);
/* Failures of tools are no reason to wait for another save. */
void transformed_forget_passing(struct modules *modules);
void transformed_finish(struct modules *modules);

/* ahead.c */
/* Gives tools the files that the edition imports and nobody has asked for: somebody is about to. */
void transformed_begin_imports(
        struct modules *modules, const struct edition *edition, struct arena *a);

/* carry.c: an instance that pages of `origin` have made of a text; NULL if there is none. `entry` may be NULL. */
const struct carried *carry_find(const struct entry *entry, uint64_t stamp, struct str origin);
/* The URL of an instance, from the root on. */
struct str carry_url(struct arena *a, const struct node *node, uint64_t stamp);
void carry_forget(struct modules *modules, struct entry *entry);
/* Forgets the instances that no page runs, if a document was asked for since they were made: without one no page
 * has come or gone, and one that does not answer may be back. */
void carry_forget_ended(struct modules *modules, struct entry *entry);
/* The URL of a module with that text, as encodeURIComponent() makes it; empty if it is too long. */
struct str carry_data_url(struct arena *a, struct str text);

/* instance.c: whether a URL of a node that is up to date leads to another URL's module; then `ret` names that. */
bool instance_answer(struct modules *modules, const struct module_request *request,
        const struct module_url *url, struct entry *entry, struct arena *a,
        struct module_answer *ret);

/* answer.c: the text of a node that is up to date, before its edits. *ret_made: what a tool made, if it is
 * the code of that. False if it is not at hand. */
bool source_text(struct modules *modules, const struct module_url *url, struct str path,
        const struct entry *entry, struct hash version, struct arena *a, struct str *ret,
        const struct made **ret_made);
/* The text that a module is served as, in the arena of `stamps`; false if that is `text` itself. */
bool served_text(const struct module_url *url, struct str path, struct str text,
        struct hash version, const struct stamps *stamps, struct edge_list *edges,
        const struct made *made, struct str *ret);

/* answer.c: a number of all stamps that the node's dependencies have now; 0 if none has one. */
uint64_t signature_of(const struct modules *modules, const struct edition *edition);

/* kept.c: pages that are loaded from now on ask for all packages anew. */
void kept_forget(struct modules *modules);

/* modules.c */
/* Opens the node's file and looks at it; -errno. The caller closes it. */
int open_node(struct modules *modules, struct node *node, struct arena *a, struct file_facts *ret);
struct entry *entry_find(const struct modules *modules, const struct node *node);
/* The same, made if it is not there. */
struct entry *entry_get(struct modules *modules, struct node *node);
/* Brings the node up to date from an open file, unless its last whole text stands for it; `ret_text`
 * gets the text if it was read. The entry's file_hash says what it was made from. */
struct edition *refresh_open(struct modules *modules, struct node *node, int fd,
        const struct file_facts *facts, struct arena *a, struct str *ret_text);
/* The same for a text that was read already. */
struct edition *refresh_text(struct modules *modules, struct node *node, struct str text,
        const struct file_facts *facts, struct arena *a);
/* Whether the file's last whole text stands for it; see is_unfinished() of the options. */
bool stands_for_file(
        struct modules *modules, const struct node *node, const struct file_facts *found);
/* Whether browsers may keep it: of one file's variants half, so that there is always one to drop that
 * they do not. */
bool may_keep_variant(struct modules *modules, const struct node *node);
/* Whether the node's edition, made of a file with that hash, is what the file and its surroundings say now. */
bool entry_is_current(struct modules *modules, const struct entry *e, const struct edition *ed,
        struct hash file_hash);
/* A file's bytes; false if there are more than are scanned, or they cannot be read. */
bool read_text(struct modules *modules, int fd, const struct file_facts *facts, struct arena *a,
        struct str *ret);
bool hidden(const struct modules *modules, struct str path);
/* Tells a warning, once for a file and a text: where it stands may move with each edit. */
void warn_at(struct modules *modules, const struct diag *diag);
void warn(struct modules *modules, struct str path, struct str text, struct str hint);

#endif
