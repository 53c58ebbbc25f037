/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HMR_UPDATE_H
#define ORBITON_HMR_UPDATE_H

/*
 * What a page must do about one URL that it has loaded: a plain fact that
 * travels from the page model to the wire.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/str.h"
#include "hmr/text_edit.h"

/* Which bytes a file or a page has. */
struct version {
    bool known;  /* false: the page could not tell */
    bool exists; /* false: the URL answered 404, or the file is gone */
    struct hash hash;
};

/*
 * Which instance of a module a page runs: the number of the transaction that made it, 0 for the one
 * that was loaded first; or, after transaction `seq` was taken back in page `page`, the old text
 * that was evaluated again there. In a URL: "12", "12r3".
 */
struct stamp {
    uint64_t seq;
    uint64_t page; /* 0: not taken back */
};

enum { STAMP_LEN = 44 };

/* Writes "12" or "12r3" and a zero byte. */
void stamp_format(struct stamp stamp, char ret[STAMP_LEN]);

/* Reads what stamp_format() wrote; false on anything else. */
bool stamp_parse(struct str text, struct stamp *ret);

bool stamp_eq(struct stamp a, struct stamp b);

enum update_type {
    UPDATE_CSS,
    UPDATE_ASSET, /* images and fonts, swapped where they stand */
    UPDATE_JS,
    UPDATE_HTML, /* the page's own document */
    UPDATE_WASM,
    UPDATE_OTHER, /* anything else that the page has fetched */
};

struct update {
    enum update_type type;
    struct str url;    /* as the page registered it */
    struct str path;   /* of the file, from the root */
    struct str module; /* its module's name */
    struct version to; /* what the page shall run */
    bool tried;        /* was sent, and not taken: it goes along with the next one */
    bool has_text;     /* the new text goes along */
    bool has_base;     /* the text that the page runs goes along */
    struct str text;
    struct str base;
    bool has_edit;    /* instead of both, what makes `text` of the text that the page runs */
    struct hash from; /* which is this one */
    struct text_edit edit;
    struct str part;      /* "template" or "style" of a component goes along; "": nothing does */
    struct str arguments; /* of that part: JSON values with commas between */
};

/* "css", "asset", "js", "html", "wasm", "other". */
struct str update_type_name(enum update_type type);

/* What an update of this file is; `is_document` says that it is the page itself. */
enum update_type update_type_of(struct str path, bool is_document);

bool version_eq(struct version a, struct version b);

#endif
