/* SPDX-License-Identifier: MIT */
/*
 * The states of the HTML standard's tokenizer, one function for each group of
 * states that share their ends. A function takes an offset and returns the one
 * behind what it read; the standard's "reconsume" is an offset not moved, and
 * its temporary buffer is a span. The invariant: nothing is read behind
 * source.len, and lex->at only grows.
 *
 * The character reference states are left out: references never change where
 * a token begins or ends.
 */
#include "scan/html_lex.h"

#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool ends_name(char c)
{
    return is_space(c) || c == '/' || c == '>';
}

/* The offset of the next `c` from `i` on, or the end of the source. */
static size_t find(struct str s, size_t i, char c)
{
    const char *p = i < s.len ? memchr(s.ptr + i, c, s.len - i) : NULL;

    return p ? (size_t)(p - s.ptr) : s.len;
}

static bool follows(struct str s, size_t i, struct str text)
{
    return str_starts(str_skip(s, i), text);
}

static bool follows_icase(struct str s, size_t i, struct str text)
{
    return s.len - i >= text.len && str_ieq(str_sub(s, i, i + text.len), text);
}

void html_lex_init(struct html_lex *lex, struct str source)
{
    memset(lex, 0, sizeof(*lex));
    lex->source = source;
}

bool html_attribute(const struct html_token *token, struct str name, struct str *ret)
{
    for (size_t i = 0; i < token->attribute_count; i++) {
        if (str_ieq(token->attributes[i].name, name)) {
            *ret = token->attributes[i].value;
            return true;
        }
    }
    return false;
}

/* Of attributes with one name only the first counts, so a later one is not listed. */
static void add_attribute(struct html_token *t, struct str name, struct str value)
{
    struct str earlier;

    if (t->attribute_count < HTML_ATTRIBUTES_MAX && !html_attribute(t, name, &earlier)) {
        t->attributes[t->attribute_count++] = (struct html_attribute){ name, value };
    }
}

/* "Before attribute value" and its three value states. */
static size_t read_value(struct str s, size_t i, struct str *ret)
{
    size_t start;

    *ret = str_sub(s, i, i);
    while (i < s.len && is_space(s.ptr[i])) {
        i++;
    }
    if (i == s.len || s.ptr[i] == '>') {
        return i;
    }
    if (s.ptr[i] == '"' || s.ptr[i] == '\'') {
        size_t end = find(s, i + 1, s.ptr[i]);

        *ret = str_sub(s, i + 1, end);
        return end < s.len ? end + 1 : end;
    }
    start = i;
    while (i < s.len && !is_space(s.ptr[i]) && s.ptr[i] != '>') {
        i++;
    }
    *ret = str_sub(s, start, i);
    return i;
}

/*
 * A tag from its name on: "tag name", the attribute states, "self-closing start tag". Returns the
 * offset behind '>', or 0 when the source ends first and there is no tag.
 */
static size_t read_tag(struct str s, size_t i, struct html_token *t)
{
    size_t start = i;

    while (i < s.len && !ends_name(s.ptr[i])) {
        i++;
    }
    t->name = str_sub(s, start, i);
    while (i < s.len) {
        struct str name, value;

        if (s.ptr[i] == '>') {
            return i + 1;
        }
        if (is_space(s.ptr[i])) {
            i++;
            continue;
        }
        if (s.ptr[i] == '/') {
            t->self_closing = i + 1 < s.len && s.ptr[i + 1] == '>';
            i++;
            continue;
        }
        /* An equals sign in front belongs to the name. */
        start = i++;
        while (i < s.len && !ends_name(s.ptr[i]) && s.ptr[i] != '=') {
            i++;
        }
        name = str_sub(s, start, i);
        value = str_sub(s, i, i);
        while (i < s.len && is_space(s.ptr[i])) {
            i++;
        }
        if (i < s.len && s.ptr[i] == '=') {
            i = read_value(s, i + 1, &value);
        }
        add_attribute(t, name, value);
    }
    return 0;
}

/* The comment states, from behind "<!--" on. */
static size_t read_comment(struct str s, size_t i, struct html_token *t)
{
    size_t start = i;

    t->text = str_sub(s, i, i);
    if (follows(s, i, STR(">"))) {
        return i + 1;
    }
    if (follows(s, i, STR("->"))) {
        return i + 2;
    }
    for (;;) {
        size_t dash = find(s, i, '-');
        size_t run = dash; /* behind the dashes */

        while (run < s.len && s.ptr[run] == '-') {
            run++;
        }
        /* The last two dashes belong to the end mark, those before them to the text. */
        t->text = str_sub(s, start, run - dash >= 2 ? run - 2 : dash);
        if (run == s.len) {
            t->unclosed = true;
            return run;
        }
        i = run;
        if (run - dash < 2) {
            continue;
        }
        if (s.ptr[run] == '>') {
            return run + 1;
        }
        if (s.ptr[run] == '!') {
            i = run + 1;
            if (i == s.len) {
                t->unclosed = true;
                return i;
            }
            if (s.ptr[i] == '>') {
                return i + 1;
            }
        }
    }
}

/* What ends at the next '>' whatever stands in between: bogus comments and doctypes. */
static size_t read_to_bracket(struct str s, size_t i, struct html_token *t)
{
    size_t end = find(s, i, '>');

    t->text = str_sub(s, i, end);
    t->unclosed = end == s.len;
    return t->unclosed ? end : end + 1;
}

/* The doctype states, from behind "<!doctype" on; each of them ends at '>', quoted or not. */
static size_t read_doctype(struct str s, size_t i, struct html_token *t)
{
    size_t end = read_to_bracket(s, i, t);
    struct str rest = str_trim(t->text);
    size_t len = 0;

    while (len < rest.len && !is_space(rest.ptr[len])) {
        len++;
    }
    t->name = str_sub(rest, 0, len);
    t->text = str_sub(s, i, i);
    return end;
}

static size_t read_cdata(struct str s, size_t i, struct html_token *t)
{
    size_t len = str_find_str(str_skip(s, i), STR("]]>"));

    t->unclosed = len == STR_NONE;
    t->text = t->unclosed ? str_skip(s, i) : str_sub(s, i, i + len);
    return t->unclosed ? s.len : i + len + 3;
}

/* Whether the markup at '<' is a token of its own in the data state; "</" alone at the end is text,
 * and so is every other '<'. */
static bool opens_markup(struct str s, size_t i)
{
    char c;

    if (i + 1 >= s.len) {
        return false;
    }
    c = s.ptr[i + 1];
    return is_letter(c) || c == '!' || c == '?' || (c == '/' && i + 2 < s.len);
}

/* Whether the "appropriate end tag" stands at '<': the one that closes the open element. */
static bool closes_element(const struct html_lex *lex, size_t i)
{
    struct str s = lex->source;
    size_t end = i + 2 + lex->last_tag.len;

    return lex->last_tag.len > 0 && follows(s, i, STR("</")) &&
           follows_icase(s, i + 2, lex->last_tag) && end < s.len && ends_name(s.ptr[end]);
}

static size_t read_data_text(struct str s, size_t i)
{
    while ((i = find(s, i, '<')) < s.len && !opens_markup(s, i)) {
        i++;
    }
    return i;
}

static size_t read_raw_text(const struct html_lex *lex, size_t i)
{
    while ((i = find(lex->source, i, '<')) < lex->source.len && !closes_element(lex, i)) {
        i++;
    }
    return i;
}

/* Whether "script" and an end of a name stand at `i`, as "double escape start" and "end" ask. */
static bool names_script(struct str s, size_t i)
{
    return follows_icase(s, i, STR("script")) && i + 6 < s.len && ends_name(s.ptr[i + 6]);
}

/*
 * Script data. Behind "<!--" it is escaped, behind a "<script" in there doubly escaped, where
 * "</script" does not end the element but takes one level back; "-->" ends both levels.
 */
static size_t read_script_text(const struct html_lex *lex, size_t i)
{
    struct str s = lex->source;
    enum { PLAIN, ESCAPED, DOUBLE_ESCAPED } level = PLAIN;
    size_t dashes = 0; /* in front of `i`, while escaped */

    while (i < s.len) {
        if (level == PLAIN) {
            i = find(s, i, '<');
            if (i == s.len || closes_element(lex, i)) {
                return i;
            }
            if (follows(s, i, STR("<!--"))) {
                level = ESCAPED;
                dashes = 2;
                i += 4;
            } else {
                i++;
            }
            continue;
        }
        if (s.ptr[i] == '-') {
            dashes++;
            i++;
            continue;
        }
        if (s.ptr[i] == '>' && dashes >= 2) {
            level = PLAIN;
        } else if (s.ptr[i] == '<' && level == ESCAPED) {
            if (closes_element(lex, i)) {
                return i;
            }
            if (names_script(s, i + 1)) {
                level = DOUBLE_ESCAPED;
                i += 7;
            }
        } else if (follows(s, i, STR("</")) && names_script(s, i + 2)) {
            level = ESCAPED;
            i += 8;
        }
        dashes = 0;
        i++;
    }
    return i;
}

static size_t read_text(const struct html_lex *lex, size_t i)
{
    switch (lex->mode) {
    case HTML_DATA: return read_data_text(lex->source, i);
    case HTML_RCDATA:
    case HTML_RAWTEXT: return read_raw_text(lex, i);
    case HTML_SCRIPT: return read_script_text(lex, i);
    case HTML_PLAINTEXT: break;
    }
    return lex->source.len;
}

static enum html_mode mode_after(struct str name)
{
    static const struct {
        struct str name;
        enum html_mode mode;
    } modes[] = {
        { STR_INIT("title"), HTML_RCDATA },
        { STR_INIT("textarea"), HTML_RCDATA },
        { STR_INIT("style"), HTML_RAWTEXT },
        { STR_INIT("xmp"), HTML_RAWTEXT },
        { STR_INIT("iframe"), HTML_RAWTEXT },
        { STR_INIT("noembed"), HTML_RAWTEXT },
        { STR_INIT("noframes"), HTML_RAWTEXT },
        { STR_INIT("noscript"), HTML_RAWTEXT },
        { STR_INIT("script"), HTML_SCRIPT },
        { STR_INIT("plaintext"), HTML_PLAINTEXT },
    };

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (str_ieq(name, modes[i].name)) {
            return modes[i].mode;
        }
    }
    return HTML_DATA;
}

/* The part of tree construction that the tokenizer needs. A start tag in svg or math switches
 * nothing, not even a <title> in which HTML begins again. */
static void switch_mode(struct html_lex *lex, const struct html_token *tag)
{
    bool was_foreign = lex->foreign;

    lex->mode = HTML_DATA;
    if (tag->kind == HTML_START_TAG) {
        lex->last_tag = tag->name;
    }
    if (lex->keep_mode) {
        return;
    }
    lex->foreign = html_foreign_step(&lex->nesting, tag);
    if (tag->kind == HTML_START_TAG && !was_foreign && !lex->foreign) {
        lex->mode = mode_after(tag->name);
    }
}

/* The markup at '<' in the data state, or the end tag that closes the open element: fills `t` and
 * returns the offset behind it; 0 for a tag that the source cuts off. */
static size_t read_markup(const struct html_lex *lex, size_t i, struct html_token *t)
{
    struct str s = lex->source;

    if (s.ptr[i + 1] == '!') {
        t->kind = HTML_COMMENT;
        if (follows(s, i, STR("<!--"))) {
            return read_comment(s, i + 4, t);
        }
        if (follows_icase(s, i + 2, STR("doctype"))) {
            t->kind = HTML_DOCTYPE;
            return read_doctype(s, i + 9, t);
        }
        if (lex->foreign && follows(s, i, STR("<![CDATA["))) {
            t->kind = HTML_CDATA;
            return read_cdata(s, i + 9, t);
        }
        return read_to_bracket(s, i + 2, t);
    }
    if (is_letter(s.ptr[i + 1])) {
        t->kind = HTML_START_TAG;
        return read_tag(s, i + 1, t);
    }
    if (s.ptr[i + 1] == '/' && is_letter(s.ptr[i + 2])) {
        t->kind = HTML_END_TAG;
        return read_tag(s, i + 2, t);
    }
    t->kind = HTML_COMMENT;
    return read_to_bracket(s, s.ptr[i + 1] == '?' ? i + 1 : i + 2, t);
}

void html_lex_next(struct html_lex *lex, struct html_token *ret)
{
    struct str s = lex->source;
    size_t end;

    while (lex->mode == HTML_DATA && follows(s, lex->at, STR("</>"))) {
        lex->at += 3;
    }
    ret->kind = HTML_EOF;
    ret->start = lex->at;
    ret->end = s.len;
    ret->name = ret->text = str_sub(s, lex->at, lex->at);
    ret->self_closing = ret->unclosed = false;
    ret->attribute_count = 0;
    if (lex->at == s.len) {
        return;
    }
    end = read_text(lex, lex->at);
    if (end > lex->at) {
        ret->kind = HTML_TEXT;
        ret->text = str_sub(s, lex->at, end);
    } else {
        end = read_markup(lex, lex->at, ret);
        if (end == 0) {
            ret->kind = HTML_EOF;
            ret->self_closing = false;
            ret->attribute_count = 0;
            ret->name = str_sub(s, lex->at, lex->at);
            lex->at = s.len;
            return;
        }
    }
    lex->at = ret->end = end;
    if (ret->kind == HTML_START_TAG || ret->kind == HTML_END_TAG) {
        switch_mode(lex, ret);
    }
}
