/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_TEXT_H
#define ORBITON_SERVE_TEXT_H

/* Text for pages: what came from a request is escaped here, and nowhere else is HTML made. Pure. */

#include "base/str.h"
#include "base/strbuf.h"

/* Appends `s` as HTML text, also fit for an attribute in either quotes. Bytes that are not UTF-8
 * and control characters become U+FFFD. */
void text_add_html(struct strbuf *b, struct str s);

/* Appends a path as a URL's path, percent-encoded but for its slashes. */
void text_add_url_path(struct strbuf *b, struct str path);

enum { TEXT_TAG_MAX = 4 * 1024 * 1024 };

/* The client's script tag. `packages`: the version that the page has them in, or empty. `own`: a JSON text,
 * the versions of modules (modules_own_versions()), or empty. `define`: one of the globals of the page
 * (modules_define()), or empty. */
void text_add_tag(struct strbuf *b, struct str token, struct str epoch, uint64_t seq,
        struct str packages, struct str own, struct str define);

/* The page for a missing file: `tag` goes into its head, `near` are paths that exist. */
void text_add_missing_page(struct strbuf *b, struct str path, struct str tag,
        const struct str *near, size_t near_count);

#endif
