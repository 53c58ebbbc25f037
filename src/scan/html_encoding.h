/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_HTML_ENCODING_H
#define ORBITON_SCAN_HTML_ENCODING_H

/*
 * What an HTML document says of its own encoding (HTML, "13.2.3.2 Determining
 * the character encoding"). Names are the Encoding Standard's, in static memory,
 * so they may stand in a header whatever the document holds.
 */

#include "base/str.h"

/* The prescan reads no further than this, as browsers do. */
enum { HTML_PRESCAN_MAX = 1024 };

/* The encoding that a label names ("latin1" is "windows-1252"); empty if there is none. */
struct str html_encoding_get(struct str label);

/*
 * The encoding that a document without a byte order mark declares: by <meta>, else by an XML
 * declaration; empty if it declares none. "UTF-16LE" and "UTF-16BE" are answered only for a "<?x"
 * that is itself in that encoding.
 */
struct str html_encoding_prescan(struct str document);

#endif
