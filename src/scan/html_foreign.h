/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_HTML_FOREIGN_H
#define ORBITON_SCAN_HTML_FOREIGN_H

/*
 * Where a document is in svg or math. The tokenizer must know it: there
 * <style>, <script> and <title> hold ordinary markup (so a self-closing
 * <title/> swallows nothing), and CDATA sections exist.
 *
 * Only svg, math and the elements in which HTML begins again are kept, not the
 * whole stack of open elements. An <svg> that is never closed therefore ends at
 * the next tag that breaks out of foreign content, not at its parent's end tag.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct html_token;

enum { HTML_FOREIGN_MAX = 16 }; /* deeper elements are counted, not told apart */

struct html_foreign {
    size_t depth;
    struct str open[HTML_FOREIGN_MAX]; /* names as written; borrowed from the source */
};

/* Takes note of a start tag or end tag; whether what follows it is foreign content. */
bool html_foreign_step(struct html_foreign *f, const struct html_token *tag);

#endif
