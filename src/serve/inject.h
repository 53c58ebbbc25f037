/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_INJECT_H
#define ORBITON_SERVE_INJECT_H

/*
 * The HMR injector: puts the client's script tag into an HTML document. Pure.
 *
 * The tag goes right after <head ...>, or where the parser would open the head,
 * on the line that is there: no line of the document moves. Encodings follow
 * the standard's sniffing (BOM, then the 1,024-byte prescan of <meta>).
 */

#include <stdbool.h>

#include "base/str.h"
#include "base/strbuf.h"

enum inject_encoding {
    INJECT_UTF8,
    INJECT_UTF16LE,
    INJECT_UTF16BE,
    INJECT_OTHER,   /* `charset` names it; an ASCII superset */
    INJECT_UNKNOWN, /* nothing declared and not UTF-8: send no charset */
};

struct inject_place {
    size_t offset; /* where the tag goes, in bytes */
    enum inject_encoding encoding;
    struct str charset; /* the standard's name, for Content-Type; empty when unknown. Static */

    /* Of the first script that has one, raw, in the document's encoding; empty if none. Borrowed
     * from the document. */
    struct str nonce;

    bool has_policy;         /* a <meta> in the head has a content security policy */
    bool csp_blocks_connect; /* a <meta> policy forbids the WebSocket to our own origin */

    /* That policy's directive, for the warning; of a UTF-16 document only the directive's name.
     * Borrowed from the document, or static. */
    struct str csp;
};

/* Finds the place in a document. Never fails: any bytes are some document. */
void inject_find(struct str document, struct inject_place *ret);

/*
 * Appends to `out` the document with `tag` (ASCII) at its place, encoded as the document is. When
 * the document has a nonce, ` nonce="..."` is put behind the first "<script" of the tag.
 */
void inject_write(
        struct strbuf *out, struct str document, const struct inject_place *place, struct str tag);

#endif
