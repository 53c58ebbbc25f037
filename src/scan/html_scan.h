/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_HTML_SCAN_H
#define ORBITON_SCAN_HTML_SCAN_H

/*
 * What a document loads: scripts, links, pictures and other media, the URLs in
 * its styles, and what its inline module scripts import. It stands on the
 * tokenizer alone: no tree is built, so what tree construction would move or
 * drop counts where it is written.
 *
 * Details of the facts:
 *  - `statement` spans the start tag, and of CSS and of inline modules what css_scan() and
 *    js_scan() say, in the document.
 *  - `specifier` spans one URL as written, without white space around it; of a srcset each URL is
 *    a dependency of its own. `text` has its character references decoded.
 *  - What a browser does not fetch is no dependency: see url_is_fetched(); what stands in
 *    <noscript> or in a <template> (but not one that declares a shadow root); scripts of unknown
 *    types, nomodule, and those whose end tag is missing; style sheets that are not text/css.
 *  - `codes` holds the scripts that have src too. A script in svg may have its text interrupted by
 *    CDATA marks: then `text` spans all of it.
 *  - The names and the import maps of inline modules are left to whoever reads `codes`.
 */

#include "base/arena.h"
#include "base/str.h"
#include "scan/facts.h"

enum {
    HTML_TEXT_MAX = 64 << 20, /* bytes */
    HTML_DEPS_MAX = 1 << 18,
    HTML_CODES_MAX = 1 << 18,
};

/* Scans a document. What it finds lies in `text` and in the arena. */
void html_scan(struct str text, struct arena *a, struct html_facts *ret);

#endif
