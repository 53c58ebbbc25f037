/* SPDX-License-Identifier: MIT */
/*
 * Sections: the tags at the top of the file. The reader goes from one start tag
 * to its end tag and looks at nothing in between but, in a template, at tags.
 * The invariant: sections stand in their order and do not overlap.
 */
#include "orbit/section.h"

#include "orbit/markup.h"
#include "scan/html_chars.h"

struct reader {
    const struct orbit_source *source;
    struct arena *arena;
    struct orbit_file *file;
    bool failed;
};

static const struct str lang_names[] = {
    [ORBIT_RUST] = STR_INIT("rust"),
    [ORBIT_C] = STR_INIT("c"),
    [ORBIT_JS] = STR_INIT("js"),
    [ORBIT_TS] = STR_INIT("ts"),
};

static const struct str section_names[] = {
    [ORBIT_SECTION_TEMPLATE] = STR_INIT("template"),
    [ORBIT_SECTION_STYLE] = STR_INIT("style"),
    [ORBIT_SECTION_CODE] = STR_INIT("code"),
};

#define report(r, start, end, hint, ...)                                                           \
    do {                                                                                           \
        (r)->failed = true;                                                                        \
        orbit_report((r)->source, start, end, hint, __VA_ARGS__);                                  \
    } while (0)

struct str orbit_lang_name(enum orbit_lang lang)
{
    return lang_names[lang];
}

static size_t offset_of(const struct reader *r, struct str slice)
{
    return (size_t)(slice.ptr - r->source->text.ptr);
}

static bool is_section(struct str name, enum orbit_section_kind *ret)
{
    for (size_t i = 0; i < sizeof(section_names) / sizeof(section_names[0]); i++) {
        if (str_eq(name, section_names[i])) {
            *ret = (enum orbit_section_kind)i;
            return true;
        }
    }
    return false;
}

static void report_unknown_section(struct reader *r, const struct orbit_markup_token *tag)
{
    struct str near = str_nearest(tag->name, section_names, 3);
    struct str hint = STR("expected <template>, <style> or <code lang=\"...\">");

    if (str_ieq(tag->name, STR("script"))) {
        hint = STR("expected <code lang=\"js\">: a component's code stands in <code>");
    } else if (near.len > 0) {
        hint = arena_printf(r->arena, "did you mean <%.*s>?", STR_FMT(near));
    }
    report(r, tag->start, tag->end, hint, "unknown section <%.*s>", STR_FMT(tag->name));
}

static void read_lang(
        struct reader *r, struct orbit_section *section, const struct orbit_markup_attribute *a)
{
    struct str where = a->value.len > 0 ? a->value : a->name;
    size_t at = offset_of(r, where), end = at + where.len;

    if (section->kind == ORBIT_SECTION_CODE && !orbit_lang_parse(a->value, &section->lang)) {
        report(r, at, end, STR("expected \"rust\", \"c\", \"js\" or \"ts\""),
                "unknown language \"%.*s\"", STR_FMT(a->value));
    } else if (section->kind == ORBIT_SECTION_STYLE && !str_eq(a->value, STR("css"))) {
        report(r, at, end, STR("expected plain CSS"), "unknown style language \"%.*s\"",
                STR_FMT(a->value));
    }
}

static void read_src(
        struct reader *r, struct orbit_section *section, const struct orbit_markup_attribute *a)
{
    struct html_piece piece = { a->value, HTML_CHARS_ATTRIBUTE };
    struct str where = a->value.len > 0 ? a->value : a->name;
    size_t at = offset_of(r, where);

    section->src = html_chars_decode(r->source->text, &piece, 1, r->arena).text;
    section->src_at = (struct span){ (uint32_t)at, (uint32_t)(at + where.len) };
    if (str_trim(section->src).len == 0) {
        report(r, at, at + where.len, STR("expected the name of a file beside this one"),
                "empty src");
        section->src = STR("");
    }
}

static void read_attributes(
        struct reader *r, const struct orbit_markup_token *tag, struct orbit_section *section)
{
    static const struct str expected[] = {
        [ORBIT_SECTION_TEMPLATE] = STR_INIT("expected src=\"...\" or nothing"),
        [ORBIT_SECTION_STYLE] = STR_INIT("expected global, scoped, or src=\"...\""),
        [ORBIT_SECTION_CODE] = STR_INIT("expected lang=\"...\" or src=\"...\""),
    };
    struct orbit_markup_attribute *all;
    size_t count;
    bool has_lang = false;

    all = orbit_markup_attributes(r->source->text, tag, HTML_ATTRIBUTES_MAX, r->arena, &count);
    for (size_t i = 0; i < count && i < HTML_ATTRIBUTES_MAX; i++) {
        struct str name = all[i].name;
        size_t at = offset_of(r, name);
        bool again = false;

        for (size_t k = 0; k < i; k++) {
            again |= str_eq(all[k].name, name);
        }
        if (again) {
            report(r, at, at + name.len, STR("expected each attribute once"),
                    "duplicate attribute '%.*s'", STR_FMT(name));
        } else if (str_eq(name, STR("src"))) {
            read_src(r, section, &all[i]);
        } else if (str_eq(name, STR("lang")) && section->kind != ORBIT_SECTION_TEMPLATE) {
            has_lang = true;
            read_lang(r, section, &all[i]);
        } else if (section->kind == ORBIT_SECTION_STYLE && str_eq(name, STR("global"))) {
            section->global = true;
        } else if (section->kind != ORBIT_SECTION_STYLE || !str_eq(name, STR("scoped"))) {
            report(r, at, at + name.len, expected[section->kind],
                    "unknown attribute '%.*s' of <%.*s>", STR_FMT(name), STR_FMT(tag->name));
        }
    }
    if (section->kind == ORBIT_SECTION_CODE && !has_lang) {
        report(r, tag->start, tag->end,
                STR("expected lang=\"rust\", lang=\"c\", lang=\"js\" or lang=\"ts\""),
                "<code> without a language");
    }
}

/* Reads to the section's end tag and gives the token of it, or that of the end of the file. */
static void read_content(struct orbit_markup *m, const struct orbit_section *section,
        struct orbit_markup_token *ret_end)
{
    size_t depth = 1;

    if (section->kind != ORBIT_SECTION_TEMPLATE) {
        m->lex.mode = HTML_RAWTEXT;
        do {
            orbit_markup_next(m, ret_end);
        } while (ret_end->kind == ORBIT_MARKUP_TEXT);
        return;
    }
    while (depth > 0) {
        orbit_markup_next(m, ret_end);
        if (ret_end->kind == ORBIT_MARKUP_EOF) {
            return;
        }
        if (str_eq(ret_end->name, STR("template"))) {
            if (ret_end->kind == ORBIT_MARKUP_START && !ret_end->self_closing) {
                depth++;
            } else if (ret_end->kind == ORBIT_MARKUP_END) {
                depth--;
            }
        }
    }
}

static void check_repeated(
        struct reader *r, const struct orbit_section *section, const struct orbit_section **first)
{
    struct str name = section_names[section->kind];

    if (*first) {
        report(r, section->tag.start, section->tag.end,
                arena_printf(r->arena, "expected one <%.*s>; the first stands in line %u",
                        STR_FMT(name), orbit_source_line(r->source, (*first)->tag.start)),
                "a second <%.*s>", STR_FMT(name));
    } else {
        *first = section;
    }
}

static void read_section(struct reader *r, struct orbit_markup *m,
        const struct orbit_markup_token *tag, enum orbit_section_kind kind)
{
    struct orbit_section *section = &r->file->sections[r->file->count];
    struct orbit_markup_token end = { .kind = ORBIT_MARKUP_EOF, .start = tag->end };
    struct str content;

    section->kind = kind;
    section->lang = ORBIT_JS;
    section->tag = (struct span){ (uint32_t)tag->start, (uint32_t)tag->end };
    read_attributes(r, tag, section);
    if (!tag->self_closing) {
        read_content(m, section, &end);
        if (end.kind != ORBIT_MARKUP_END) {
            end.start = r->source->text.len;
            report(r, tag->start, tag->end,
                    arena_printf(r->arena, "expected </%.*s>", STR_FMT(tag->name)),
                    "<%.*s> is not closed", STR_FMT(tag->name));
        }
    }
    section->content = (struct span){ (uint32_t)tag->end, (uint32_t)end.start };
    content = str_trim(str_sub(r->source->text, tag->end, end.start));
    if (section->src.len > 0 && content.len > 0) {
        size_t at = offset_of(r, content);
        report(r, at, at + content.len, STR("expected the content here or in the file, not both"),
                "<%.*s src> has content", STR_FMT(tag->name));
    }
    r->file->count++;
    if (kind == ORBIT_SECTION_TEMPLATE) {
        check_repeated(r, section, &r->file->template_section);
    } else if (kind == ORBIT_SECTION_CODE) {
        check_repeated(r, section, &r->file->code);
    }
}

/* A section that is none, with what stands in it, so that its content is not reported as well. */
static void skip_section(struct orbit_markup *m, const struct orbit_markup_token *tag)
{
    struct str rest = str_skip(m->lex.source, tag->end);
    struct orbit_markup_token token;

    for (size_t i = 0; !tag->self_closing && i + 2 + tag->name.len <= rest.len; i++) {
        if (rest.ptr[i] == '<' && rest.ptr[i + 1] == '/' &&
                str_ieq(str_sub(rest, i + 2, i + 2 + tag->name.len), tag->name)) {
            orbit_markup_init(m, m->lex.source, tag->end + i);
            orbit_markup_next(m, &token);
            return;
        }
    }
    m->lex.mode = HTML_DATA;
}

static void read_text(struct reader *r, const struct orbit_markup_token *token)
{
    struct str text = str_trim(str_sub(r->source->text, token->start, token->end));
    size_t at;

    if (text.len > 0) {
        at = offset_of(r, text);
        report(r, at, at + text.len, STR("expected <template>, <style>, <code> or a comment"),
                "text outside of a section");
    }
}

static void read_sections(struct reader *r)
{
    size_t bom = str_starts(r->source->text, STR("\xef\xbb\xbf")) ? 3 : 0;
    struct orbit_markup m;
    struct orbit_markup_token token;
    enum orbit_section_kind kind;

    orbit_markup_init(&m, r->source->text, bom);
    /* A file that is no component at all is not read to its end: each unknown section costs a
     * search. */
    while (!r->failed || r->source->diags->count < DIAG_MAX) {
        orbit_markup_next(&m, &token);
        switch (token.kind) {
        case ORBIT_MARKUP_START:
            if (!is_section(token.name, &kind)) {
                report_unknown_section(r, &token);
                skip_section(&m, &token);
            } else if (r->file->count == ORBIT_SECTIONS_MAX) {
                report(r, token.start, token.end, STR("split the component"),
                        "more than %d sections", ORBIT_SECTIONS_MAX);
                return;
            } else {
                read_section(r, &m, &token, kind);
            }
            break;
        case ORBIT_MARKUP_END:
            report(r, token.start, token.end, STR("expected a start tag"), "</%.*s> closes nothing",
                    STR_FMT(token.name));
            break;
        case ORBIT_MARKUP_TEXT:
        case ORBIT_MARKUP_VALUE:
        case ORBIT_MARKUP_UNCLOSED:
        case ORBIT_MARKUP_OTHER: read_text(r, &token); break;
        case ORBIT_MARKUP_COMMENT: break;
        case ORBIT_MARKUP_EOF:
            if (token.end > token.start) {
                report(r, token.start, token.end, STR("expected its end"),
                        "the file ends in a tag or comment");
            }
            return;
        }
    }
}

bool orbit_file_parse(const struct orbit_source *source, struct arena *a, struct orbit_file *ret)
{
    struct reader r = { .source = source, .arena = a, .file = ret };

    *ret = (struct orbit_file){
        .sections = arena_array(a, struct orbit_section, ORBIT_SECTIONS_MAX), .lang = ORBIT_JS
    };
    if (source->text.len > ORBIT_FILE_MAX) {
        report(&r, 0, 0, STR("split the component"), "more than %d bytes", ORBIT_FILE_MAX);
        return false;
    }
    read_sections(&r);
    if (ret->code) {
        ret->lang = ret->code->lang;
    }
    if (!ret->template_section && !r.failed) {
        report(&r, 0, 0, STR("expected <template> ... </template>"),
                "the component has no <template>");
    }
    return !r.failed;
}
