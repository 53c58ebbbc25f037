/* SPDX-License-Identifier: MIT */
/*
 * Foreign content, from the tags alone (HTML, "13.2.6.5 The rules for parsing
 * tokens in foreign content"). The entries of `open` alternate as they do in
 * a document: svg or math, then perhaps an integration point inside of it, then
 * perhaps svg or math again.
 */
#include "scan/html_foreign.h"

#include "scan/html_lex.h"

static const struct str breakouts[] = {
    STR_INIT("b"),
    STR_INIT("big"),
    STR_INIT("blockquote"),
    STR_INIT("body"),
    STR_INIT("br"),
    STR_INIT("center"),
    STR_INIT("code"),
    STR_INIT("dd"),
    STR_INIT("div"),
    STR_INIT("dl"),
    STR_INIT("dt"),
    STR_INIT("em"),
    STR_INIT("embed"),
    STR_INIT("h1"),
    STR_INIT("h2"),
    STR_INIT("h3"),
    STR_INIT("h4"),
    STR_INIT("h5"),
    STR_INIT("h6"),
    STR_INIT("head"),
    STR_INIT("hr"),
    STR_INIT("i"),
    STR_INIT("img"),
    STR_INIT("li"),
    STR_INIT("listing"),
    STR_INIT("menu"),
    STR_INIT("meta"),
    STR_INIT("nobr"),
    STR_INIT("ol"),
    STR_INIT("p"),
    STR_INIT("pre"),
    STR_INIT("ruby"),
    STR_INIT("s"),
    STR_INIT("small"),
    STR_INIT("span"),
    STR_INIT("strong"),
    STR_INIT("strike"),
    STR_INIT("sub"),
    STR_INIT("sup"),
    STR_INIT("table"),
    STR_INIT("tt"),
    STR_INIT("u"),
    STR_INIT("ul"),
    STR_INIT("var"),
};

static const struct str svg_points[] = {
    STR_INIT("foreignobject"),
    STR_INIT("desc"),
    STR_INIT("title"),
};

static const struct str math_points[] = {
    STR_INIT("mi"),
    STR_INIT("mo"),
    STR_INIT("mn"),
    STR_INIT("ms"),
    STR_INIT("mtext"),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_in(struct str name, const struct str *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_ieq(name, list[i])) {
            return true;
        }
    }
    return false;
}

static bool is_root(struct str name)
{
    return str_ieq(name, STR("svg")) || str_ieq(name, STR("math"));
}

/* The innermost entry; the empty string outside of foreign content. */
static struct str innermost(const struct html_foreign *f)
{
    if (f->depth == 0) {
        return (struct str){ NULL, 0 };
    }
    return f->open[(f->depth < HTML_FOREIGN_MAX ? f->depth : HTML_FOREIGN_MAX) - 1];
}

static void push(struct html_foreign *f, struct str name)
{
    if (f->depth < HTML_FOREIGN_MAX) {
        f->open[f->depth] = name;
    }
    f->depth++;
}

static bool breaks_out(const struct html_token *tag)
{
    struct str value;

    if (tag->kind == HTML_END_TAG) {
        return str_ieq(tag->name, STR("br")) || str_ieq(tag->name, STR("p"));
    }
    if (str_ieq(tag->name, STR("font"))) {
        return html_attribute(tag, STR("color"), &value) ||
               html_attribute(tag, STR("face"), &value) || html_attribute(tag, STR("size"), &value);
    }
    return is_in(tag->name, breakouts, COUNT(breakouts));
}

static bool is_point(struct str root, const struct html_token *tag)
{
    struct str encoding;

    if (str_ieq(root, STR("svg"))) {
        return is_in(tag->name, svg_points, COUNT(svg_points));
    }
    if (str_ieq(tag->name, STR("annotation-xml"))) {
        return html_attribute(tag, STR("encoding"), &encoding) &&
               (str_ieq(encoding, STR("text/html")) ||
                       str_ieq(encoding, STR("application/xhtml+xml")));
    }
    return is_in(tag->name, math_points, COUNT(math_points));
}

bool html_foreign_step(struct html_foreign *f, const struct html_token *tag)
{
    struct str top = innermost(f);

    if (tag->kind == HTML_END_TAG && f->depth > 0 && str_ieq(tag->name, top)) {
        f->depth--;
    } else if (is_root(top) && breaks_out(tag)) {
        while (is_root(innermost(f))) {
            f->depth--;
        }
    } else if (tag->kind == HTML_START_TAG && !tag->self_closing &&
               (is_root(tag->name) || (is_root(top) && is_point(top, tag)))) {
        push(f, tag->name);
    }
    return is_root(innermost(f));
}
