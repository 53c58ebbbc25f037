/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_CSS_SCAN_H
#define ORBITON_SCAN_CSS_SCAN_H

/*
 * What a style sheet loads: its @import rules and the URLs in its declarations.
 *
 * Details of the facts:
 *  - DEP_CSS_IMPORT: `statement` spans the rule from "@" on, without the semicolon; `attributes`
 *    spans the conditions behind the URL (layer, supports, media), empty if there are none.
 *  - DEP_CSS_URL: `statement` spans the url() or src(), or the string of an image-set().
 *  - `text` is the URL with its escapes decoded, otherwise as written.
 *  - What a browser does not fetch is no dependency: an empty URL, a fragment, data: and the like;
 *    the URLs of @namespace, of @supports and of every other prelude.
 *  - An @import behind a rule that is surely valid is ignored, as browsers do; behind a rule that
 *    they may not know it is reported: an edge too many costs less than one that is missing.
 */

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "scan/facts.h"

enum {
    CSS_TEXT_MAX = 64 << 20,  /* bytes */
    CSS_DEPTH_MAX = 16 << 10, /* brackets within one another */
    CSS_DEPS_MAX = 1 << 18,
};

/* Scans a style sheet. What it finds lies in `text` and in the arena. */
void css_scan(struct str text, struct arena *a, struct css_facts *ret);

/* The same for declarations without a block around them, as a style attribute holds them. */
void css_scan_declarations(struct str text, struct arena *a, struct css_facts *ret);

/*
 * Appends `text` with the URL of each dependency in `facts` replaced by what `map` returns for its
 * text, escaped as the place asks for; where map returns the same text or the empty string, and
 * everywhere else, the bytes stay as they are.
 */
void css_absolutize(struct strbuf *out, struct str text, const struct css_facts *facts,
        struct str (*map)(void *ctx, struct str url), void *ctx);

#endif
