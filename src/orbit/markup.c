/* SPDX-License-Identifier: MIT */
/*
 * HTML's tokenizer, fed piece by piece: what is text is found here, since {{ }}
 * may hold a "<", and the tokenizer goes on where the text ends. It is in its
 * data state there, in which nothing but the offset counts.
 */
#include "orbit/markup.h"

#include <string.h>

#include "scan/html_foreign.h"

enum {
    BRACKETS_MAX = 64,
    SEARCH_MAX = 32 << 10, /* of a {{ }}; longer ones are too long for an expression anyway */
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

bool orbit_is_component_name(struct str name)
{
    return name.len > 0 && name.ptr[0] >= 'A' && name.ptr[0] <= 'Z';
}

void orbit_markup_init(struct orbit_markup *m, struct str source, size_t at)
{
    memset(m, 0, sizeof(*m));
    html_lex_init(&m->lex, source);
    m->lex.keep_mode = true;
    m->lex.at = at;
    m->text_end = at;
}

/*
 * Behind the quote at `i`, or `i` + 1 where it quotes nothing: the apostrophe of a Rust lifetime
 * is followed by no other one on its line. Up to *dead no quote of that kind has a second one,
 * which keeps a text full of them from being read once for each.
 */
static size_t skip_quoted(struct str s, size_t i, size_t *dead)
{
    char quote = s.ptr[i];
    size_t at = i + 1;

    if (i < *dead) {
        return i + 1;
    }
    for (; at < s.len; at++) {
        if (s.ptr[at] == '\\') {
            at++;
        } else if (s.ptr[at] == quote) {
            return at + 1;
        } else if (s.ptr[at] == '\n' && quote == '\'') {
            break;
        }
    }
    *dead = at;
    return i + 1;
}

size_t orbit_find_outside(struct str s, size_t i, char c)
{
    char open[BRACKETS_MAX];
    size_t depth = 0, dead[3] = { 0, 0, 0 };

    while (i < s.len) {
        char at = s.ptr[i];

        if (at == c && depth == 0) {
            return i;
        }
        switch (at) {
        case '"': i = skip_quoted(s, i, &dead[0]); continue;
        case '\'': i = skip_quoted(s, i, &dead[1]); continue;
        case '`': i = skip_quoted(s, i, &dead[2]); continue;
        case '(':
        case '[':
        case '{':
            if (depth == BRACKETS_MAX) {
                return STR_NONE;
            }
            open[depth++] = (char)(at == '(' ? ')' : at == '[' ? ']' : '}');
            break;
        case ')':
        case ']':
        case '}':
            if (depth == 0 || open[--depth] != at) {
                return STR_NONE;
            }
            break;
        default: break;
        }
        i++;
    }
    return STR_NONE;
}

/* The offset of the "}}" of the "{{" at `i`, or STR_NONE. */
static size_t find_close(struct str s, size_t i)
{
    size_t end = orbit_find_outside(str_sub(s, 0, i + SEARCH_MAX), i + 2, '}'), first;

    if (end != STR_NONE && end + 1 < s.len && s.ptr[end + 1] == '}') {
        return end;
    }
    first = str_find_str(str_skip(s, i + 2), STR("}}"));
    return first == STR_NONE ? STR_NONE : i + 2 + first;
}

static bool opens_value(struct str s, size_t i)
{
    return s.ptr[i] == '{' && i + 1 < s.len && s.ptr[i + 1] == '{';
}

/* Whether the "<" at `i` begins a token of the data state that is no text. */
static bool opens_markup(struct str s, size_t i)
{
    char c = (char)(i + 1 < s.len ? s.ptr[i + 1] : 0);

    if (s.ptr[i] != '<') {
        return false;
    }
    /* "</>", which the standard drops, stays text: a tag without a name must be seen. */
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '!' || c == '?' ||
           (c == '/' && i + 2 < s.len && s.ptr[i + 2] != '>');
}

/* Up to where a {{ at `at` may look for its end: the next end tag of a template, or the source's
 * end. One that is not closed must not reach for a }} in the code. */
static size_t value_limit(struct orbit_markup *m, size_t at)
{
    if (m->value_limit < at || m->value_limit == 0) {
        struct str rest = str_skip(m->lex.source, at);
        size_t end = str_find_str(rest, STR("</template"));
        m->value_limit = end == STR_NONE ? m->lex.source.len : at + end;
    }
    return m->value_limit;
}

/* Text or {{ }} at `at`, where the source is text up to `limit` at most; "<" ends it if it opens
 * markup and the text is data. */
static void read_text(
        struct orbit_markup *m, size_t at, size_t limit, bool is_data, struct orbit_markup_token *t)
{
    struct str s = m->lex.source;
    size_t i = at;

    t->start = at;
    if (opens_value(s, at)) {
        size_t bound = value_limit(m, at), end;

        bound = bound < limit ? bound : limit;
        /* Behind one that is not closed no other one is. */
        end = at < m->unclosed_to ? STR_NONE : find_close(str_sub(s, 0, bound), at);
        if (end == STR_NONE) {
            m->unclosed_to = bound;
            t->kind = ORBIT_MARKUP_UNCLOSED;
            t->end = at + 2;
        } else {
            t->kind = ORBIT_MARKUP_VALUE;
            t->end = end + 2;
            t->text = str_sub(s, at + 2, end);
        }
        return;
    }
    while (i < limit && !opens_value(s, i) && !(is_data && opens_markup(s, i))) {
        i++;
    }
    t->kind = ORBIT_MARKUP_TEXT;
    t->end = i;
    t->text = str_sub(s, at, i);
}

static enum html_mode mode_of(const struct orbit_markup *m, const struct html_token *tag)
{
    static const struct str raw[] = {
        STR_INIT("style"),
        STR_INIT("xmp"),
        STR_INIT("iframe"),
        STR_INIT("noembed"),
        STR_INIT("noframes"),
        STR_INIT("noscript"),
        STR_INIT("script"),
    };

    if (tag->self_closing || m->lex.foreign || orbit_is_component_name(tag->name)) {
        return HTML_DATA;
    }
    if (str_eq(tag->name, STR("textarea")) || str_eq(tag->name, STR("title"))) {
        return HTML_RCDATA;
    }
    for (size_t i = 0; i < sizeof(raw) / sizeof(raw[0]); i++) {
        if (str_eq(tag->name, raw[i])) {
            return HTML_RAWTEXT;
        }
    }
    return HTML_DATA;
}

static void switch_mode(struct orbit_markup *m, const struct html_token *tag)
{
    if (!orbit_is_component_name(tag->name)) {
        bool was_foreign = m->lex.foreign;

        m->lex.foreign = html_foreign_step(&m->lex.nesting, tag);
        if (was_foreign) {
            return;
        }
    }
    if (tag->kind == HTML_START_TAG) {
        m->lex.mode = mode_of(m, tag);
    }
}

void orbit_markup_next(struct orbit_markup *m, struct orbit_markup_token *ret)
{
    struct str s = m->lex.source;
    size_t at = m->lex.at;

    memset(ret, 0, sizeof(*ret));
    if (at < m->text_end) {
        /* Inside of a text that the tokenizer gave: RCDATA. */
        m->lex.at = m->text_end;
        read_text(m, at, m->text_end, false, ret);
        m->lex.at = ret->end;
        return;
    }
    if (m->lex.mode == HTML_DATA && at < s.len && !opens_markup(s, at)) {
        read_text(m, at, s.len, true, ret);
        m->lex.at = ret->end;
        return;
    }
    m->text_mode = m->lex.mode;
    html_lex_next(&m->lex, &m->token);
    ret->start = m->token.start;
    ret->end = m->token.end;
    ret->name = m->token.name;
    ret->text = m->token.text;
    switch (m->token.kind) {
    case HTML_TEXT:
        ret->kind = ORBIT_MARKUP_TEXT;
        ret->is_raw = m->text_mode == HTML_RAWTEXT;
        if (m->text_mode == HTML_RCDATA) {
            m->text_end = ret->end;
            read_text(m, ret->start, ret->end, false, ret);
            m->lex.at = ret->end;
        }
        break;
    case HTML_START_TAG:
        ret->kind = ORBIT_MARKUP_START;
        ret->self_closing = m->token.self_closing;
        switch_mode(m, &m->token);
        break;
    case HTML_END_TAG:
        ret->kind = ORBIT_MARKUP_END;
        switch_mode(m, &m->token);
        break;
    case HTML_COMMENT:
        ret->kind = m->token.unclosed ? ORBIT_MARKUP_EOF : ORBIT_MARKUP_COMMENT;
        break;
    case HTML_DOCTYPE: ret->kind = ORBIT_MARKUP_OTHER; break;
    case HTML_CDATA:
        ret->kind = ORBIT_MARKUP_TEXT;
        ret->is_raw = true;
        break;
    case HTML_EOF: ret->kind = ORBIT_MARKUP_EOF; break;
    }
}

/* "Attribute value" and its states: the offset behind the value, from behind the "=". */
static size_t read_value(struct str s, size_t i, struct str *ret)
{
    size_t start;

    while (i < s.len && is_space(s.ptr[i])) {
        i++;
    }
    start = i;
    if (i < s.len && (s.ptr[i] == '"' || s.ptr[i] == '\'')) {
        size_t len = str_find(str_skip(s, i + 1), s.ptr[i]);
        size_t end = len == STR_NONE ? s.len : i + 1 + len;

        *ret = str_sub(s, i + 1, end);
        return end < s.len ? end + 1 : end;
    }
    while (i < s.len && !is_space(s.ptr[i]) && s.ptr[i] != '>') {
        i++;
    }
    *ret = str_sub(s, start, i);
    return i;
}

struct orbit_markup_attribute *orbit_markup_attributes(struct str source,
        const struct orbit_markup_token *tag, size_t max, struct arena *a, size_t *ret_count)
{
    /* Without its '>': the tokenizer has found the tag complete. */
    struct str s = str_sub(source, 0, tag->end - 1);
    size_t i = tag->start + 1 + tag->name.len, count = 0;
    struct orbit_markup_attribute *all = arena_array(a, struct orbit_markup_attribute, max);

    while (i < s.len) {
        struct orbit_markup_attribute one = { .has_value = false };
        size_t start, equals;

        if (is_space(s.ptr[i]) || s.ptr[i] == '/') {
            i++;
            continue;
        }
        start = i++;
        while (i < s.len && !is_space(s.ptr[i]) && s.ptr[i] != '/' && s.ptr[i] != '=') {
            i++;
        }
        one.name = str_sub(s, start, i);
        one.value = str_sub(s, i, i);
        for (equals = i; equals < s.len && is_space(s.ptr[equals]);) {
            equals++;
        }
        if (equals < s.len && s.ptr[equals] == '=') {
            one.has_value = true;
            i = read_value(s, equals + 1, &one.value);
        }
        if (count == max) {
            count++;
            break;
        }
        all[count++] = one;
    }
    *ret_count = count;
    return all;
}
