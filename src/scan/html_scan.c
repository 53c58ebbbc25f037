/* SPDX-License-Identifier: MIT */
/*
 * One pass over the tokens. Of the tree only this is known: the templates that
 * are open, and the script or style whose text is read. Everything found goes
 * through add_dep(), which knows what is not fetched; in an inert template
 * nothing is asked.
 */
#include "scan/html_scan.h"

#include <string.h>

#include "base/vec.h"
#include "scan/css_scan.h"
#include "scan/html_chars.h"
#include "scan/html_lex.h"
#include "scan/html_script.h"
#include "scan/html_srcset.h"
#include "scan/js_scan.h"
#include "scan/url_text.h"

struct scan {
    struct html_lex lex;
    struct arena *arena;
    struct {
        struct dep *items;
        size_t count, cap;
    } deps;
    struct {
        struct html_code *items;
        size_t count, cap;
    } codes;
    struct {
        struct html_piece *items;
        size_t count, cap;
    } pieces;              /* the text of the open script or style */
    struct html_code code; /* the open script or style */
    struct str code_name;  /* its name as written; empty: none is open */
    struct html_chars code_src;
    bool code_has_src;
    bool code_is_foreign;     /* it stands in svg or math */
    size_t templates;         /* that are open */
    size_t inert_from;        /* the count with the outermost that is inert; 0: none is */
    size_t foreign_templates; /* elements of svg that have the same name */
    bool has_base;
    struct str base_href;
    struct scan_error error;
};

static void fail(struct scan *s, size_t offset, struct str why)
{
    if (!s->error.failed) {
        s->error = (struct scan_error){ true, (uint32_t)offset, why };
    }
}

static void push_dep(struct scan *s, const struct dep *dep)
{
    if (s->deps.count == HTML_DEPS_MAX) {
        fail(s, dep->statement.start, STR("more URLs than orbiton reads"));
        return;
    }
    vec_push(&s->deps, *dep);
}

/* Adds the URL [from, to) of decoded text. */
static void add_dep(struct scan *s, enum dep_kind kind, struct span tag,
        const struct html_chars *chars, size_t from, size_t to)
{
    struct dep dep = { .kind = kind, .statement = tag };
    size_t start;

    dep.text = url_trim(str_sub(chars->text, from, to));
    if (!url_is_fetched(dep.text)) {
        return;
    }
    start = (size_t)(dep.text.ptr - chars->text.ptr);
    dep.specifier = html_chars_span(chars, start, start + dep.text.len);
    push_dep(s, &dep);
}

static struct span span_of(const struct html_token *t)
{
    return (struct span){ (uint32_t)t->start, (uint32_t)t->end };
}

/* The decoded value of an attribute. */
static bool get_attribute(
        struct scan *s, const struct html_token *t, struct str name, struct html_chars *ret)
{
    struct html_piece piece = { { NULL, 0 }, HTML_CHARS_ATTRIBUTE };

    if (!html_attribute(t, name, &piece.text)) {
        return false;
    }
    *ret = html_chars_decode(s->lex.source, &piece, 1, s->arena);
    return true;
}

static void add_attribute(
        struct scan *s, const struct html_token *t, struct str name, enum dep_kind kind)
{
    struct html_chars value;

    if (get_attribute(s, t, name, &value)) {
        add_dep(s, kind, span_of(t), &value, 0, value.text.len);
    }
}

static void add_srcset(struct scan *s, const struct html_token *t, struct str name)
{
    struct html_chars value;
    struct str url;
    size_t at = 0;

    if (!get_attribute(s, t, name, &value)) {
        return;
    }
    while (html_srcset_next(value.text, &at, &url)) {
        size_t start = (size_t)(url.ptr - value.text.ptr);
        add_dep(s, DEP_PICTURE, span_of(t), &value, start, start + url.len);
    }
}

static void move_span(struct span *span, const struct html_chars *chars)
{
    if (span->end > 0) {
        *span = html_chars_span(chars, span->start, span->end);
    }
}

/* Takes over what a scanner found in decoded text. */
static void add_found(struct scan *s, const struct dep *deps, uint32_t count, bool is_script,
        const struct html_chars *chars)
{
    for (uint32_t i = 0; i < count; i++) {
        struct dep dep = deps[i];
        if (dep.statement.end < dep.specifier.end) {
            continue; /* an error cut it off */
        }
        dep.inline_html = is_script;
        move_span(&dep.statement, chars);
        move_span(&dep.specifier, chars);
        move_span(&dep.attributes, chars);
        push_dep(s, &dep);
    }
}

static void note_error(
        struct scan *s, const struct scan_error *error, const struct html_chars *chars)
{
    if (error->failed) {
        fail(s, html_chars_span(chars, error->offset, error->offset).start, error->text);
    }
}

static void scan_style_attribute(struct scan *s, const struct html_token *t)
{
    struct html_chars value;
    struct css_facts facts;

    if (get_attribute(s, t, STR("style"), &value)) {
        css_scan_declarations(value.text, s->arena, &facts);
        add_found(s, facts.deps, facts.dep_count, false, &value);
        note_error(s, &facts.error, &value);
    }
}

static bool is_css(struct str type)
{
    struct str essence, parameters;

    str_cut(type, ';', &essence, &parameters);
    return type.len == 0 || str_ieq(str_trim(essence), STR("text/css"));
}

static bool has_word(struct str words, struct str word)
{
    size_t end = 0;

    for (size_t i = 0; i < words.len; i = end) {
        while (i < words.len && (unsigned char)words.ptr[i] <= ' ') {
            i++;
        }
        end = i;
        while (end < words.len && (unsigned char)words.ptr[end] > ' ') {
            end++;
        }
        if (end > i && str_ieq(str_sub(words, i, end), word)) {
            return true;
        }
    }
    return false;
}

static void scan_link(struct scan *s, const struct html_token *t)
{
    static const struct str fetched[] = {
        STR_INIT("icon"),
        STR_INIT("apple-touch-icon"),
        STR_INIT("apple-touch-icon-precomposed"),
        STR_INIT("apple-touch-startup-image"),
        STR_INIT("mask-icon"),
        STR_INIT("preload"),
        STR_INIT("prefetch"),
        STR_INIT("manifest"),
    };
    struct html_chars rel;
    struct str type = { NULL, 0 };

    if (!get_attribute(s, t, STR("rel"), &rel)) {
        return;
    }
    html_attribute(t, STR("type"), &type);
    if (has_word(rel.text, STR("stylesheet"))) {
        if (is_css(type)) {
            add_attribute(s, t, STR("href"), DEP_STYLESHEET);
        }
        return;
    }
    if (has_word(rel.text, STR("modulepreload"))) {
        add_attribute(s, t, STR("href"), DEP_MODULE);
        return;
    }
    for (size_t i = 0; i < sizeof(fetched) / sizeof(fetched[0]); i++) {
        if (has_word(rel.text, fetched[i])) {
            add_attribute(s, t, STR("href"), DEP_PICTURE);
            add_srcset(s, t, STR("imagesrcset"));
            return;
        }
    }
}

static void scan_media(struct scan *s, const struct html_token *t)
{
    static const struct {
        struct str tag, attribute;
    } media[] = {
        { STR_INIT("img"), STR_INIT("src") },
        { STR_INIT("image"), STR_INIT("src") },
        { STR_INIT("source"), STR_INIT("src") },
        { STR_INIT("video"), STR_INIT("src") },
        { STR_INIT("video"), STR_INIT("poster") },
        { STR_INIT("audio"), STR_INIT("src") },
        { STR_INIT("track"), STR_INIT("src") },
        { STR_INIT("embed"), STR_INIT("src") },
        { STR_INIT("object"), STR_INIT("data") },
        { STR_INIT("body"), STR_INIT("background") },
        { STR_INIT("table"), STR_INIT("background") },
        { STR_INIT("thead"), STR_INIT("background") },
        { STR_INIT("tbody"), STR_INIT("background") },
        { STR_INIT("tfoot"), STR_INIT("background") },
        { STR_INIT("tr"), STR_INIT("background") },
        { STR_INIT("td"), STR_INIT("background") },
        { STR_INIT("th"), STR_INIT("background") },
    };
    struct str type;

    for (size_t i = 0; i < sizeof(media) / sizeof(media[0]); i++) {
        if (str_ieq(t->name, media[i].tag)) {
            add_attribute(s, t, media[i].attribute, DEP_PICTURE);
        }
    }
    if (str_ieq(t->name, STR("img")) || str_ieq(t->name, STR("image")) ||
            str_ieq(t->name, STR("source"))) {
        add_srcset(s, t, STR("srcset"));
    }
    if (str_ieq(t->name, STR("input")) && html_attribute(t, STR("type"), &type) &&
            str_ieq(type, STR("image"))) {
        add_attribute(s, t, STR("src"), DEP_PICTURE);
    }
}

/* href, and its name of old if it is absent. */
static bool get_svg_href(struct scan *s, const struct html_token *t, struct html_chars *ret)
{
    return get_attribute(s, t, STR("href"), ret) || get_attribute(s, t, STR("xlink:href"), ret);
}

static void scan_svg(struct scan *s, const struct html_token *t)
{
    struct html_chars href;

    if ((str_ieq(t->name, STR("use")) || str_ieq(t->name, STR("image")) ||
                str_ieq(t->name, STR("feimage"))) &&
            get_svg_href(s, t, &href)) {
        add_dep(s, DEP_PICTURE, span_of(t), &href, 0, href.text.len);
    }
}

static void begin_code(struct scan *s, const struct html_token *t, bool is_foreign)
{
    bool is_style = str_ieq(t->name, STR("style"));
    struct str type = { NULL, 0 };

    s->pieces.count = 0;
    s->code_name = t->name;
    s->code_has_src = false;
    s->code_is_foreign = is_foreign;
    s->code = (struct html_code){ .kind = HTML_STYLE, .tag = span_of(t) };
    s->code.text = (struct span){ (uint32_t)t->end, (uint32_t)t->end };
    if (is_style) {
        html_attribute(t, STR("type"), &type);
        s->code_name = is_css(type) ? t->name : str_sub(t->name, 0, 0);
        return;
    }
    s->code.kind = html_script_kind(t);
    s->code_has_src = is_foreign ? get_svg_href(s, t, &s->code_src)
                                 : get_attribute(s, t, STR("src"), &s->code_src);
}

static void add_piece(struct scan *s, struct str text, enum html_chars_kind kind)
{
    struct html_piece piece = { text, kind };
    uint32_t start;

    if (text.len == 0) {
        return;
    }
    start = (uint32_t)(text.ptr - s->lex.source.ptr);
    if (s->pieces.count == 0) {
        s->code.text.start = start;
    }
    s->code.text.end = start + (uint32_t)text.len;
    vec_push(&s->pieces, piece);
}

static void scan_code(struct scan *s)
{
    struct html_chars chars;

    if (s->pieces.count == 0) {
        return;
    }
    chars = html_chars_decode(s->lex.source, s->pieces.items, s->pieces.count, s->arena);
    if (s->code.kind == HTML_STYLE) {
        struct css_facts css;
        css_scan(chars.text, s->arena, &css);
        add_found(s, css.deps, css.dep_count, false, &chars);
        note_error(s, &css.error, &chars);
    } else if (s->code.kind == HTML_MODULE_SCRIPT) {
        struct js_facts js;
        js_scan(chars.text, s->arena, &js);
        add_found(s, js.deps, js.dep_count, true, &chars);
        note_error(s, &js.error, &chars);
    }
}

/* The open script or style is complete. */
static void end_code(struct scan *s)
{
    enum html_code_kind kind = s->code.kind;

    s->code_name.len = 0;
    if (s->codes.count == HTML_CODES_MAX) {
        fail(s, s->code.tag.start, STR("more scripts than orbiton reads"));
        return;
    }
    if (s->code_has_src) {
        s->code.src = url_trim(s->code_src.text);
        s->code.text = (struct span){ s->code.tag.end, s->code.tag.end };
        if (kind == HTML_CLASSIC_SCRIPT || kind == HTML_MODULE_SCRIPT) {
            add_dep(s, kind == HTML_MODULE_SCRIPT ? DEP_MODULE : DEP_SCRIPT, s->code.tag,
                    &s->code_src, 0, s->code_src.text.len);
        }
    } else {
        scan_code(s);
    }
    vec_push(&s->codes, s->code);
}

/* Something else than its end tag ends the script or style: a style counts, a script does not. */
static void cut_code(struct scan *s)
{
    if (s->code_name.len > 0 && s->code.kind == HTML_STYLE) {
        end_code(s);
    }
    s->code_name.len = 0;
}

static void open_template(struct scan *s, const struct html_token *t)
{
    struct str mode;
    bool is_shadow = html_attribute(t, STR("shadowrootmode"), &mode) &&
                     (str_ieq(mode, STR("open")) || str_ieq(mode, STR("closed")));

    s->templates++;
    if (!is_shadow && s->inert_from == 0) {
        s->inert_from = s->templates;
    }
}

static void close_template(struct scan *s)
{
    if (s->foreign_templates > 0) {
        s->foreign_templates--;
    } else if (s->templates > 0) {
        s->inert_from = s->inert_from == s->templates ? 0 : s->inert_from;
        s->templates--;
    }
}

static void scan_base(struct scan *s, const struct html_token *t)
{
    struct html_chars href;

    if (!s->has_base && get_attribute(s, t, STR("href"), &href)) {
        s->has_base = true;
        s->base_href = url_trim(href.text);
    }
}

static void read_start_tag(struct scan *s, const struct html_token *t, bool is_foreign)
{
    bool is_script = str_ieq(t->name, STR("script"));

    if (s->code_is_foreign && !s->lex.foreign) {
        cut_code(s);
    }
    if (str_ieq(t->name, STR("template"))) {
        if (is_foreign) {
            s->foreign_templates += t->self_closing ? 0 : 1;
        } else {
            open_template(s, t);
        }
    }
    if (s->inert_from > 0) {
        return;
    }
    scan_style_attribute(s, t);
    if (is_script || str_ieq(t->name, STR("style"))) {
        begin_code(s, t, is_foreign);
        if (is_foreign && t->self_closing && s->code_name.len > 0) {
            end_code(s);
        }
    } else if (is_foreign) {
        scan_svg(s, t);
    } else if (str_ieq(t->name, STR("link"))) {
        scan_link(s, t);
    } else if (str_ieq(t->name, STR("base"))) {
        scan_base(s, t);
    } else {
        scan_media(s, t);
    }
}

static void read_end_tag(struct scan *s, const struct html_token *t, bool is_foreign)
{
    if (s->code_name.len > 0 && str_ieq(t->name, s->code_name)) {
        end_code(s);
    } else if (s->code_is_foreign && !s->lex.foreign) {
        cut_code(s);
    }
    if (!is_foreign && s->foreign_templates > 0) {
        s->foreign_templates = 0;
    }
    if (str_ieq(t->name, STR("template"))) {
        close_template(s);
    }
}

static void read_token(struct scan *s, const struct html_token *t, bool was_foreign)
{
    switch (t->kind) {
    case HTML_TEXT:
        if (s->code_name.len > 0) {
            add_piece(s, t->text, was_foreign ? HTML_CHARS_TEXT : HTML_CHARS_RAW);
        }
        break;
    case HTML_CDATA:
        if (s->code_name.len > 0) {
            add_piece(s, t->text, HTML_CHARS_RAW);
        }
        break;
    case HTML_START_TAG: read_start_tag(s, t, was_foreign && s->lex.foreign); break;
    case HTML_END_TAG: read_end_tag(s, t, was_foreign); break;
    case HTML_EOF: cut_code(s); break;
    case HTML_COMMENT:
    case HTML_DOCTYPE: break;
    }
}

static void give(struct scan *s, struct html_facts *ret)
{
    ret->base_href = s->base_href;
    ret->error = s->error;
    ret->dep_count = (uint32_t)s->deps.count;
    ret->code_count = (uint32_t)s->codes.count;
    if (s->deps.count > 0) {
        ret->deps = arena_array(s->arena, struct dep, s->deps.count);
        memcpy(ret->deps, s->deps.items, s->deps.count * sizeof(*ret->deps));
    }
    if (s->codes.count > 0) {
        ret->codes = arena_array(s->arena, struct html_code, s->codes.count);
        memcpy(ret->codes, s->codes.items, s->codes.count * sizeof(*ret->codes));
    }
}

void html_scan(struct str text, struct arena *a, struct html_facts *ret)
{
    struct scan s = { .arena = a };
    struct html_token t;

    memset(ret, 0, sizeof(*ret));
    if (text.len > HTML_TEXT_MAX) {
        fail(&s, 0, STR("a document larger than orbiton reads"));
        ret->error = s.error;
        return;
    }
    html_lex_init(&s.lex, text);
    do {
        bool was_foreign = s.lex.foreign;
        html_lex_next(&s.lex, &t);
        read_token(&s, &t, was_foreign);
    } while (t.kind != HTML_EOF);
    give(&s, ret);
    vec_finish(&s.deps);
    vec_finish(&s.codes);
    vec_finish(&s.pieces);
}
