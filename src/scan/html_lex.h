/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_HTML_LEX_H
#define ORBITON_SCAN_HTML_LEX_H

/*
 * The HTML standard's tokenizer (HTML, "13.2.5 Tokenization"), giving spans of
 * the source: nothing is copied, decoded or allocated. A caller walks tokens
 * with html_lex_next(); the lexer itself switches to RCDATA, RAWTEXT, script
 * data and PLAINTEXT after the start tags that ask for it, as tree construction
 * does for a document (scripting on).
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "scan/html_foreign.h"

enum html_token_kind {
    HTML_TEXT,
    HTML_START_TAG,
    HTML_END_TAG,
    HTML_COMMENT, /* bogus comments too */
    HTML_DOCTYPE,
    HTML_CDATA, /* only in foreign content, see html_lex.foreign */
    HTML_EOF,
};

struct html_attribute {
    struct str name;  /* as written; compare with str_ieq */
    struct str value; /* raw, without its quotes; character references are not decoded */
};

enum { HTML_ATTRIBUTES_MAX = 64 };

struct html_token {
    enum html_token_kind kind;
    size_t start, end; /* byte offsets of the whole token in the source */
    struct str name;   /* of a tag or doctype, as written */
    struct str text;   /* of text, comment (without its marks), CDATA */
    bool self_closing;
    bool unclosed; /* a comment, doctype or CDATA section that the end of the source cuts off */
    size_t attribute_count; /* attributes beyond the maximum are scanned but not listed */
    struct html_attribute attributes[HTML_ATTRIBUTES_MAX];
};

/* What the text that follows is read as. */
enum html_mode {
    HTML_DATA,
    HTML_RCDATA,
    HTML_RAWTEXT,
    HTML_SCRIPT,
    HTML_PLAINTEXT,
};

struct html_lex {
    struct str source; /* borrowed: tokens point into it */
    size_t at;         /* the next byte */
    enum html_mode mode;
    struct str last_tag; /* the start tag whose end tag closes RCDATA, RAWTEXT, script */
    bool foreign;        /* in svg or math: CDATA sections are allowed, no tag switches the mode */
    bool keep_mode;      /* tests: switch neither `mode` nor `foreign` by tag name */
    struct html_foreign nesting;
};

void html_lex_init(struct html_lex *lex, struct str source);

/*
 * The next token; HTML_EOF at the end and for ever after. Tokens follow one another without a gap,
 * but for "</>", which the standard drops. A tag that the source cuts off is no token: the first
 * HTML_EOF spans it. Text may come in several tokens. NUL, CR and bytes that are no UTF-8 stand in
 * the spans as they are; whoever compares texts replaces them as the standard's stream does.
 */
void html_lex_next(struct html_lex *lex, struct html_token *ret);

/* The value of the first attribute of that name (ASCII case ignored); false if absent. */
bool html_attribute(const struct html_token *token, struct str name, struct str *ret);

#endif
