/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_FACTS_H
#define ORBITON_SCAN_FACTS_H

/*
 * What a scanner found in one source: facts, as plain structs. All offsets are
 * bytes into the text that was scanned; all texts lie in the arena that the
 * scanner was given. Nothing here knows of files, URLs or the graph.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct span {
    uint32_t start, end; /* [start, end) */
};

enum dep_kind {
    DEP_IMPORT,       /* import ... from "x"; import "x" */
    DEP_REEXPORT,     /* export ... from "x" */
    DEP_DYNAMIC,      /* import("x"), import(`x`) */
    DEP_DYNAMIC_EXPR, /* import(expression): `specifier` spans the first argument, text is empty */
    DEP_NEW_URL,      /* new URL("x", import.meta.url) */
    DEP_WORKER,       /* new Worker(new URL("x", import.meta.url), ...), SharedWorker too */
    DEP_GLOB,         /* import.meta.glob(...): `statement` spans the call, see js_glob */
    DEP_CSS_IMPORT,   /* @import */
    DEP_CSS_URL,      /* url(), src(), a string of image-set() */
    DEP_SCRIPT,       /* <script src> that is classic */
    DEP_MODULE,       /* <script type=module src>, <link rel=modulepreload> */
    DEP_STYLESHEET,   /* <link rel=stylesheet> */
    DEP_PICTURE,      /* img, srcset, poster, icon, use, preload, object, ...: fetched as it is */
};

enum import_phase {
    PHASE_EVALUATION,
    PHASE_SOURCE, /* import source x from */
    PHASE_DEFER,  /* import defer * as x from */
};

/* One edge of a source. */
struct dep {
    enum dep_kind kind;
    enum import_phase phase;
    bool ignore;            /* a comment in the import() says @vite-ignore or @orbiton-ignore */
    bool export_all;        /* export * from "x": every name but "default" is needed and exported */
    bool module_worker;     /* DEP_WORKER: its options say type: "module" */
    bool inline_html;       /* found in an inline module script of an HTML document */
    struct span statement;  /* the whole statement, call, url() token, or tag */
    struct span specifier;  /* the text inside the quotes or url( ), as written */
    struct span attributes; /* the clause "with { ... }" or "assert { ... }", empty if none */
    struct str text;        /* the specifier with its escapes decoded */
    struct str type;        /* the value of the attribute `type`, empty if none */
};

/* A name that the source needs from a dependency ("default" too; "*" for a namespace). */
struct imported_name {
    uint32_t dep;    /* index into deps */
    uint32_t offset; /* where it is written */
    struct str name;
};

enum accept_kind {
    ACCEPT_SELF,    /* accept(), accept(fn) */
    ACCEPT_DEP,     /* a specifier of accept("x", fn) or accept(["x"], fn) */
    ACCEPT_EXPORTS, /* acceptExports("a" or ["a"]): `text` is an export's name */
};

struct accept {
    enum accept_kind kind;
    struct span specifier; /* inside the quotes; empty for ACCEPT_SELF */
    struct str text;
};

/* import.meta.glob(patterns, options) whose arguments are all literals. */
struct js_glob {
    uint32_t dep; /* index into deps */
    struct str *patterns;
    uint32_t pattern_count;
    bool eager;
    struct str import; /* the option `import`, empty if none */
    struct str query;  /* the option `query`, with its '?', empty if none */
};

/* Why a source is bad. */
struct scan_error {
    bool failed;
    uint32_t offset;
    struct str text; /* "unterminated string", ... */
};

/* What a JavaScript module says of itself. */
struct js_facts {
    struct dep *deps;
    uint32_t dep_count;
    struct imported_name *imported;
    uint32_t imported_count;
    struct str *exports; /* names, "default" too; those of `export *` are not among them */
    uint32_t export_count;
    struct accept *accepts;
    uint32_t accept_count;
    struct js_glob *globs;
    uint32_t glob_count;
    struct span *node_envs; /* process.env.NODE_ENV where its value is asked for */
    uint32_t node_env_count;
    bool has_hot;           /* import.meta.hot occurs in code */
    bool has_env;           /* import.meta.env occurs in code */
    bool has_module_syntax; /* import, export or import.meta occurs */
    bool has_await;         /* await at the top level occurs */
    uint32_t prefix_at;     /* where text may stand before the code: behind BOM and hashbang line */
    struct scan_error error;
};

struct css_facts {
    struct dep *deps;
    uint32_t dep_count;
    struct scan_error error; /* CSS has none but a text beyond a limit */
};

/* An element of a document that runs or holds code. */
enum html_code_kind {
    HTML_CLASSIC_SCRIPT, /* with or without src */
    HTML_MODULE_SCRIPT,
    HTML_IMPORT_MAP,
    HTML_OTHER_SCRIPT, /* a data block, speculation rules, ...: not run */
    HTML_STYLE,        /* <style> */
};

struct html_code {
    enum html_code_kind kind;
    struct span tag;  /* the start tag */
    struct span text; /* between the tags; empty with src */
    struct str src;   /* decoded; empty if none */
};

struct html_facts {
    struct dep *deps; /* of tags, of inline styles, and of inline module scripts (inline_html) */
    uint32_t dep_count;
    struct html_code *codes;
    uint32_t code_count;
    struct str base_href;    /* of the first <base href>, decoded; empty if none */
    struct scan_error error; /* that of the first inline module script that is bad */
};

#endif
