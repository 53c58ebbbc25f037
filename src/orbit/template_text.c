/* SPDX-License-Identifier: MIT */
/*
 * Text that is not code: character references, and white space as it is
 * rendered. While the tree is built a TEXT node holds its raw slice, with
 * has_references where references count in it; here runs of them, which comments
 * have cut apart, become one node or none.
 */
#include <string.h>

#include "base/strbuf.h"
#include "orbit/template_private.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Whether the text names characters that html_chars does not know. */
static bool has_unknown_references(struct template_parser *p, struct html_piece piece)
{
    struct str s = piece.text;

    for (size_t i = 0; piece.kind != HTML_CHARS_RAW && i + 1 < s.len; i++) {
        struct html_piece one = { .kind = piece.kind };
        struct html_chars chars;
        struct arena_mark mark;
        size_t end = i + 1;
        bool unknown;

        if (s.ptr[i] != '&' || !is_alphanumeric(s.ptr[i + 1])) {
            continue;
        }
        while (end < s.len && end - i < 40 && is_alphanumeric(s.ptr[end])) {
            end++;
        }
        one.text = str_sub(s, i, end + 1);
        mark = arena_get_mark(&p->scratch);
        chars = html_chars_decode(p->source->text, &one, 1, &p->scratch);
        unknown = chars.text.len == one.text.len;
        arena_rewind(&p->scratch, mark);
        if (unknown) {
            return true;
        }
    }
    return false;
}

struct orbit_text template_attribute_text(struct template_parser *p, struct str raw)
{
    struct html_piece piece = { raw, HTML_CHARS_ATTRIBUTE };
    struct orbit_text ret = { .text = raw };

    ret.has_references = has_unknown_references(p, piece);
    if (!ret.has_references) {
        ret.text = html_chars_decode(p->source->text, &piece, 1, p->arena).text;
    }
    return ret;
}

/* The pieces of a run as one text; a piece that is raw is escaped if the others must stay HTML. */
static struct orbit_text join(
        struct template_parser *p, const struct html_piece *pieces, size_t count)
{
    struct orbit_text ret = { .text = STR("") };
    struct strbuf out;

    for (size_t i = 0; i < count; i++) {
        ret.has_references |= has_unknown_references(p, pieces[i]);
    }
    if (!ret.has_references) {
        ret.text = html_chars_decode(p->source->text, pieces, count, p->arena).text;
        return ret;
    }
    strbuf_init(&out, 5 * (size_t)ORBIT_TEMPLATE_MAX);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < pieces[i].text.len; k++) {
            char c = pieces[i].text.ptr[k];
            if (pieces[i].kind == HTML_CHARS_RAW && c == '&') {
                strbuf_add(&out, STR("&amp;"));
            } else if (c == '<') {
                strbuf_add(&out, STR("&lt;"));
            } else {
                strbuf_addc(&out, c);
            }
        }
    }
    ret.text = arena_str(p->arena, strbuf_str(&out));
    strbuf_finish(&out);
    return ret;
}

/* White space runs as one space, or, where it is kept, line ends as "\n". */
static struct str squeeze(struct template_parser *p, struct str text, bool keep)
{
    char *out = arena_alloc(p->arena, text.len + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (keep) {
            if (c == '\r') {
                c = '\n';
                i += i + 1 < text.len && text.ptr[i + 1] == '\n' ? 1 : 0;
            }
            out[n++] = c;
        } else if (!is_space(c)) {
            out[n++] = c;
        } else if (n == 0 || out[n - 1] != ' ') {
            out[n++] = ' ';
        }
    }
    return (struct str){ out, n };
}

static void unlink_node(struct orbit_node *node)
{
    struct orbit_node *parent = node->parent;

    *(node->prev ? &node->prev->next : &parent->first) = node->next;
    *(node->next ? &node->next->prev : &parent->last) = node->prev;
}

static bool is_element(const struct orbit_node *node)
{
    return node->kind != ORBIT_NODE_TEXT && node->kind != ORBIT_NODE_VALUE;
}

/* Whether white space between these two is nothing but the layout of the source. */
static bool is_layout(
        const struct orbit_node *before, const struct orbit_node *behind, bool has_line_end)
{
    return !before || !behind || (has_line_end && is_element(before) && is_element(behind));
}

/* A parser of HTML drops the first line end of these elements. */
static bool drops_line_end(const struct orbit_node *node)
{
    return node->kind == ORBIT_NODE_ELEMENT &&
           (str_eq(node->name, STR("pre")) || str_eq(node->name, STR("textarea")));
}

static bool keeps_space(const struct orbit_node *node)
{
    return drops_line_end(node) ||
           (node->kind == ORBIT_NODE_ELEMENT && str_eq(node->name, STR("xmp")));
}

/* Makes the run of text that begins at `first` one node, or none. Returns the node behind it. */
static struct orbit_node *condense_run(
        struct template_parser *p, struct orbit_node *first, bool keep)
{
    struct arena_mark mark = arena_get_mark(&p->scratch);
    struct orbit_node *behind = first;
    struct html_piece *pieces;
    struct str text;
    size_t count = 0;
    bool has_line_end;

    for (; behind && behind->kind == ORBIT_NODE_TEXT; behind = behind->next) {
        count++;
    }
    pieces = arena_array(&p->scratch, struct html_piece, count);
    count = 0;
    for (struct orbit_node *at = first; at != behind; at = at->next) {
        pieces[count++] = (struct html_piece){ at->text.text,
            at->text.has_references ? HTML_CHARS_TEXT : HTML_CHARS_RAW };
        first->span.end = at->span.end;
        if (at != first) {
            unlink_node(at);
        }
    }
    first->text = join(p, pieces, count);
    arena_rewind(&p->scratch, mark);
    text = first->text.text;
    has_line_end = str_find(text, '\n') != STR_NONE || str_find(text, '\r') != STR_NONE;
    text = squeeze(p, text, keep);
    if (!first->prev && drops_line_end(first->parent) && text.len > 0 && text.ptr[0] == '\n') {
        text = str_skip(text, 1);
    }
    first->text.text = text;
    if (text.len == 0 ||
            (!keep && str_trim(text).len == 0 && is_layout(first->prev, behind, has_line_end))) {
        unlink_node(first);
    }
    return behind;
}

static void condense(struct template_parser *p, struct orbit_node *node, bool keep)
{
    struct orbit_node *at = node->first;

    keep = keep || keeps_space(node);
    while (at) {
        if (at->kind == ORBIT_NODE_TEXT) {
            at = condense_run(p, at, keep);
        } else {
            condense(p, at, keep);
            at = at->next;
        }
    }
}

void template_condense(struct template_parser *p, struct orbit_node *root)
{
    condense(p, root, false);
}
