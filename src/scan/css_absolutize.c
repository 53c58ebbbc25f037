/* SPDX-License-Identifier: MIT */
/*
 * Other URLs for a sheet that is to be used elsewhere. What surrounds a URL
 * (quotes, or url( and its white space) stays, so the new text is escaped for
 * what surrounds it. Dependencies are taken in the order of their specifiers.
 */
#include "scan/css_scan.h"

/* Whether the byte needs a backslash in an unquoted url(), or in a string between `quote`. */
static bool is_special(char c, char quote)
{
    if (c == '\\') {
        return true;
    }
    return quote ? c == quote : c == '"' || c == '\'' || c == '(' || c == ')' || c == ' ';
}

static void add_escaped(struct strbuf *out, struct str url, char quote)
{
    for (size_t i = 0; i < url.len; i++) {
        char c = url.ptr[i];
        if ((unsigned char)c < ' ' || c == 0x7f) {
            strbuf_addf(out, "\\%x ", (unsigned)(unsigned char)c);
        } else {
            if (is_special(c, quote)) {
                strbuf_addc(out, '\\');
            }
            strbuf_addc(out, c);
        }
    }
}

/* The quote in front of a specifier; 0 in an unquoted url(), which cannot hold one unescaped. */
static char quote_before(struct str text, size_t start)
{
    char c = (char)(start > 0 ? text.ptr[start - 1] : 0);

    return (char)(c == '"' || c == '\'' ? c : 0);
}

void css_absolutize(struct strbuf *out, struct str text, const struct css_facts *facts,
        struct str (*map)(void *ctx, struct str url), void *ctx)
{
    size_t at = 0;

    for (uint32_t i = 0; i < facts->dep_count; i++) {
        const struct dep *dep = &facts->deps[i];
        struct str url = map(ctx, dep->text);
        if (url.len > 0 && !str_eq(url, dep->text)) {
            strbuf_add(out, str_sub(text, at, dep->specifier.start));
            add_escaped(out, url, quote_before(text, dep->specifier.start));
            at = dep->specifier.end;
        }
    }
    strbuf_add(out, str_skip(text, at));
}
