/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_MODULES_H
#define ORBITON_MODULES_MODULES_H

/*
 * Between a file and the module that a page gets: scans files by their kind,
 * resolves what they name, tells the graph, and says what a request for a module
 * URL is served as. A file is sent as it is unless a specifier in it must change
 * (docs/modules.md has the rules).
 *
 * A file is scanned once for each of its texts: what was found is remembered by
 * (node, hash) as the graph's edition and a few dozen bytes here; texts lie in a
 * temporary file (text_store.h), never in memory.
 *
 * The *version* of a module is the hash of its file's bytes. For those that say
 * more than their bytes (import.meta.glob: which files match; import.meta.env: the
 * .env files; names of packages: the files they lead to) it is that hash mixed with
 * what else counts. It is the edition's hash and what Server-Timing tells the page.
 *
 * A document's node is named by its file ("/index.html"), whatever URL it was asked
 * for under. What its inline module scripts import are edges of the document; the
 * N-th of them, counted from 0, has the key "/index.html?inline=N" for import.meta.hot.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "files/files.h"
#include "hmr/graph.h"

struct modules;
struct orbit_store;
struct fs;
struct fs_memo;
struct transform;
struct tsconfigs;
struct vite_config;

enum {
    MODULES_TEXT_MAX = 8 * 1024 * 1024, /* a larger file is served as it is, and not scanned */
    MODULES_KEPT_MAX = 65536,           /* nodes that were served and are remembered for that */
    MODULES_VARIANTS_MAX = 64,          /* of them, of one file by URLs with a query */
    MODULES_WARNED_MAX = 1000,          /* warnings that are given, each once a file */
    CJS_KNOWN_MAX = 8192,               /* CommonJS files whose names are remembered */
    CJS_CHAIN_MAX = 256,                /* files that hand on their names to one */
    CARRY_TEXT_MAX =
            32 * 1024, /* of a module that is carried; a longer one costs more than a request */
    CARRY_MODULES_MAX = 16, /* of one transaction; of more none is */
    CJS_ASKED_BYTES = 4096, /* names that are imported and not seen in a text */
};

/* What a page ran before a transaction, as the owner of the page model says it. */
struct module_record {
    bool member; /* the transaction replaced it: `hash` is what ran before */
    struct hash hash;
    uint64_t stamp;      /* no member: what the page runs, "?orbit=STAMP" or "?orbit=STAMPrPAGE" */
    uint64_t stamp_page; /* 0: a plain stamp */
};

struct modules_options {
    struct files *files; /* borrowed, as everything here */
    struct graph *graph;
    const struct fs *fs;           /* the project's files, for resolving */
    struct fs_memo *memo;          /* that they are looked at by, or NULL */
    const struct str *static_dirs; /* folders searched after the root, relative to it; copied */
    size_t static_dir_count;
    bool hmr; /* false: no import.meta.hot, no stamps */
    struct str
            run; /* the name of this run, by which URLs of packages differ from those of others; copied */
    /* A warning that has no edition to belong to (a bare name that nothing resolves, ...): each
     * is told once a file. May be NULL. */
    void (*on_warning)(void *ctx, const struct diag *diag);
    /* What page `page` ran before transaction `transaction`; false if nothing is known of that
     * module. May be NULL. */
    bool (*find_record)(void *ctx, uint64_t transaction, uint64_t page, struct str url,
            struct module_record *ret);
    /* Whether some page runs that instance of a module, or is about to. May be NULL: it is so of each. */
    bool (*is_run)(void *ctx, const struct node *node, uint64_t stamp);
    /* Whether somebody is writing the file, so that `found` (NULL: no file) is not whole: then the
     * last whole text stands for it, if there is one. Whoever says yes has to tell of the file
     * later by modules_touch(), even if in the end it is what it was. May be NULL. */
    bool (*is_unfinished)(void *ctx, struct str path, const struct file_facts *found);
    struct transform *transform; /* what makes JavaScript of other languages; NULL: nothing */
    struct tsconfigs *tsconfigs; /* NULL: there are none */
    const struct vite_config *vite_config; /* NULL: there is none */
    /* A tool has done its work on a file, for which a request or a save may be waiting; `name` is that of
     * modules_name_of(). Called from the loop. May be NULL. */
    void (*on_transformed)(void *ctx, struct str name);
    void *ctx;
};

struct modules *modules_create(const struct modules_options *options);

/* Accepts NULL. Before the graph is destroyed. */
void modules_destroy(struct modules *modules);

/* Takes over other folders, and whether there is hot replacement: all that is asked for from now on
 * is resolved anew. */
void modules_configure(
        struct modules *modules, const struct str *static_dirs, size_t static_dir_count, bool hmr);

/* Says which files may not be shown; NULL: all may. The server, which has the rule, sets it. */
void modules_set_hidden(
        struct modules *modules, bool (*is_hidden)(void *ctx, struct str path), void *ctx);

/*
 * What decides on where names lead is being read for the first time: until it is there, nothing is to be served
 * that names files, and no page registers.
 */
void modules_set_unsettled(struct modules *modules, bool unsettled);

/* The globals that vite.config defines for pages, as of vite_config_define(). */
struct str modules_define(const struct modules *modules);

/* Whether the answer for a file has to wait for that. */
bool modules_is_unsettled(const struct modules *modules, struct str path);

/* What the module of a key (module_url.h) is, by its query and its file's ending. */
enum node_kind modules_kind(struct str key, struct str path);

/* The node of that key and file, made if it is not there; a document's is named by its file. */
struct node *modules_get(struct modules *modules, struct str key, struct str path);

/*
 * Brings the node's current edition up to what is on disk now: reads, scans, resolves and tells the
 * graph; does nothing if file and surroundings are what they were. Never fails: a missing file is
 * an edition too. Scratch is taken from `a` and given back. Borrowed from the node. While a tool has
 * to compile the file the edition stays what it was, which is NULL at first.
 */
struct edition *modules_refresh(struct modules *modules, struct node *node, struct arena *a);

/*
 * The same for a change that was announced: only the text with the hash `announced` is taken. False
 * if the file says something else by now; then the edition stays what it was, and another
 * announcement is to come.
 */
bool modules_refresh_to(
        struct modules *modules, struct node *node, struct hash announced, struct arena *a);

/* Whether a tool of the project has to do with the file. */
bool modules_is_compiled(const struct modules *modules, struct str path);

/* What a module goes by for the tools, in `a`: the path of its file, or the name of a pack, which is made of
 * the same file as a module of its own. */
struct str modules_name_of(const struct modules *modules, const struct node *node, struct arena *a);

/* The file was written, came or went: what tools have made with it (not of it) is out of date. */
void modules_forget_made(struct modules *modules, struct str path);

/*
 * What tools have to compile before the changes at `paths` can be taken, new imports among them: the
 * names of those files, in `a`, each of which options.on_transformed() will say. They have been
 * begun. None: modules_touch() and what follows will wait for nothing.
 */
struct str *modules_prepare(struct modules *modules, const struct str *paths, size_t count,
        struct arena *a, size_t *ret_count);

/* A file was written, or appeared or went (`came_or_went`). */
struct touch {
    struct str path;
    bool came_or_went;
};

/*
 * Takes the changes of one set. Forgets what was resolved by the absence or presence of these files,
 * and lists in `a`, each once, the nodes that may say something else now: those of the files, those
 * that looked for them in vain, those that led to them, globs that match them, the users of .env
 * files, and if packages were installed, what leads there. They are to be refreshed by
 * modules_refresh().
 */
struct node **modules_touch(struct modules *modules, const struct touch *changes, size_t count,
        struct arena *a, size_t *ret_count);

/* A request for a file, which is open. */
struct module_request {
    struct str url;  /* as asked for: path and query, raw */
    struct str path; /* of the file, from the root */
    int fd;
    struct stat st;
    struct file_facts facts;
    bool as_script;        /* the peer wants it as a script (Sec-Fetch-Dest), not as bytes */
    bool as_module;        /* it is imported, surely (Sec-Fetch-Dest and -Mode) */
    bool as_any;           /* it does not say: browsers do not where the page came by plain http */
    struct str origin;     /* by which it was asked for: "http://" and the host */
    struct str asker;      /* path and query of the Referer, if it is of this origin; else empty */
    struct str asker_path; /* its file; empty: none */
};

/* Whether any document has an import map: only then it matters who asks. */
bool modules_have_maps(const struct modules *modules);

/* A page of the document with the file at `document` runs the node, whose imports go by its map. */
void modules_set_document(struct modules *modules, struct node *node, struct str document);

enum module_form {
    MODULE_PLAIN,   /* the file as it is */
    MODULE_TEXT,    /* a text of ours, or the last whole one of a file that is being written */
    MODULE_WAIT,    /* a tool is at work; ask again when options.on_transformed() was called */
    MODULE_MISSING, /* 404: a rollback URL whose text is not kept, a query that cannot be served */
};

struct module_answer {
    enum module_form form;
    struct hash etag;    /* of TEXT: the hash of what is served */
    struct hash version; /* for Server-Timing */
    struct str type;     /* of TEXT: its media type. Static */
    struct str text;   /* of TEXT, if it had to be made for this: else ask modules_answer_text() */
    struct node *node; /* NULL if it is no module */
};

/* Says what a request is served as. Refreshes the node on the way. */
void modules_answer(struct modules *modules, const struct module_request *request, struct arena *a,
        struct module_answer *ret);

/* Moves a place that was found in the text of that node's edition to the file that a person has
 * written, if they differ: `d` has line and column, and gets its frame. */
bool modules_place(
        struct modules *modules, const struct node *node, struct diag *d, struct arena *a);

/* The text of a MODULE_TEXT answer, in `a`. False if the file cannot be read any more. */
bool modules_answer_text(struct modules *modules, const struct module_request *request,
        struct arena *a, struct module_answer *answer);

/*
 * What a document is served as: `text` itself, or a text in `a` with the specifiers of its module
 * scripts rewritten. Its import maps hold from now on for all modules. `facts` are of these bytes;
 * *ret_version is for Server-Timing.
 */
struct str modules_document(struct modules *modules, struct str path, struct str text,
        const struct file_facts *facts, struct arena *a, struct hash *ret_version);

/*
 * The version of the packages for a page of that document, which modules_document() was just asked for:
 * its modules have URLs below /@packages/VERSION/, whose answers it may keep. Another one when anything
 * that was answered below the last one would be answered otherwise now. Empty: they have their plain URLs,
 * as with an import map of the document's own. In `a`.
 */
struct str modules_packages(struct modules *modules, struct str document, struct arena *a);

/*
 * The project's own modules that a page of that document, which modules_document() was just asked for, may have
 * by URLs with a version: {"/src/app.tsx": "HASH"} says that it may import /src/app.tsx?v=HASH in place of
 * /src/app.tsx. They are modules that the page loads at its start, and that would now be answered as they
 * were last. Empty: none. In `a`.
 */
struct str modules_own_versions(struct modules *modules, struct str document, struct arena *a);

/*
 * Whether the answer for `url`, raw as it was asked for, may be kept for good. Of a package: it is below the
 * present version of the packages, and has always been `sent` there, the hash of what is sent. Of the
 * project's own: the URL's version is of exactly that, and of `version`, the module's. `node`: of modules_answer();
 * may be NULL.
 */
bool modules_keep(struct modules *modules, const struct node *node, struct str url,
        struct hash sent, struct hash version);

/*
 * The texts of modules that a page of `origin` may evaluate without asking for them, as the instances with that
 * stamp: all that they import is named by whole URLs, so that data: URLs can be made of them. `nodes` is all that
 * the transaction replaces, dependencies first; those are carried that are `wanted`. The page has to take exactly
 * these texts, percent-encoded as encodeURIComponent() does it: from now on the URL of such an instance is served as a
 * module that names the data: URL. `ret_texts` has one for each, in `a`, or an empty one: it has to be asked for.
 */
void modules_carry(struct modules *modules, struct node *const *nodes, const bool *wanted,
        size_t count, uint64_t stamp, struct str origin, struct arena *a, struct str *ret_texts);

/* Whether the URL of that instance, which a page of `origin` has made of a text, is served as that instance. */
bool modules_is_carried(
        const struct modules *modules, const struct node *node, uint64_t stamp, struct str origin);

/* Some page may not evaluate data: URLs (its content security policy): no module is carried any more, and the URLs of
 * those that were are the modules themselves, of which pages that run them may get another instance. */
void modules_carry_none(struct modules *modules);

/* A text that was served or read, by the hash of the file's bytes, in `a`; false if not kept. */
bool modules_text(struct modules *modules, struct hash hash, struct arena *a, struct str *ret);

/*
 * What a template's or a style's module of an .orbit file does, whose text has that hash, as
 * orbit_part_read() says it, in `a`; false if it is another module, longer than `max`, not kept any
 * more, or stands for an error.
 */
bool modules_part(struct modules *modules, struct str key, struct str path, struct hash hash,
        size_t max, struct arena *a, struct str *ret_name, struct str *ret_arguments);

/*
 * The text of a stylesheet, which has that hash, for a page to put in as it is: every URL in it from
 * the root of the server on. In `a`; false if it is longer than `max`, or neither kept nor on disk
 * any more.
 */
bool modules_css_text(struct modules *modules, struct str url, struct str path, struct hash hash,
        size_t max, struct arena *a, struct str *ret);

/* The components of the project. */
struct orbit_store *modules_orbit(struct modules *modules);

/* What was built of the components that are compiled to wasm has this URL, with its version. */
void modules_orbit_built(struct modules *modules, struct str wasm_url);

/* Marks all modules of a component's file (or of all of them: path "") as to be made anew, and lists
 * them as modules_touch() does. */
struct node **modules_touch_components(
        struct modules *modules, struct str path, struct arena *a, size_t *ret_count);

#endif
