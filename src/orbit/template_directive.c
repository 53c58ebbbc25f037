/* SPDX-License-Identifier: MIT */
/*
 * What stands in the values of directives: code, loops, the variables of a slot,
 * objects of class and style. The invariant: each piece knows its way back into
 * the source, also through character references.
 */
#include <string.h>

#include "orbit/expr.h"
#include "orbit/template_private.h"

enum { VARIABLES_MAX = 32 };

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

struct span orbit_piece_span(const struct orbit_piece *piece, size_t start, size_t end)
{
    return html_chars_span(&piece->chars, piece->at + start, piece->at + end);
}

/* The length of a character reference that ends in ';', or 0. Others are none in code, where "&lt"
 * may be a reference to a variable. */
static size_t reference_length(struct str s)
{
    size_t i = 1;

    while (i < s.len && i < 12 && (is_name_byte(s.ptr[i]) || (i == 1 && s.ptr[i] == '#'))) {
        i++;
    }
    return i > 1 && i < s.len && s.ptr[i] == ';' ? i + 1 : 0;
}

/* An attribute's code with its references decoded. */
static struct html_chars decode_code(struct template_parser *p, struct str raw)
{
    struct html_piece *pieces;
    struct html_chars ret;
    size_t count = 0, max = 1, from = 0;

    for (size_t i = 0; i < raw.len; i++) {
        max += raw.ptr[i] == '&' ? 2 : 0;
    }
    pieces = arena_array(&p->scratch, struct html_piece, max);
    for (size_t i = 0; max > 1 && i < raw.len; i++) {
        size_t len = raw.ptr[i] == '&' ? reference_length(str_skip(raw, i)) : 0;
        if (len > 0) {
            if (i > from) {
                pieces[count++] = (struct html_piece){ str_sub(raw, from, i), HTML_CHARS_RAW };
            }
            pieces[count++] = (struct html_piece){ str_sub(raw, i, i + len), HTML_CHARS_TEXT };
            from = i + len;
            i += len - 1;
        }
    }
    if (from < raw.len || count == 0) {
        pieces[count++] = (struct html_piece){ str_skip(raw, from), HTML_CHARS_RAW };
    }
    ret = html_chars_decode(p->source->text, pieces, count, p->arena);
    return ret;
}

static struct orbit_piece sub_piece(const struct orbit_piece *piece, size_t from, size_t to)
{
    struct orbit_piece ret = *piece;

    while (from < to && is_space(piece->text.ptr[from])) {
        from++;
    }
    while (to > from && is_space(piece->text.ptr[to - 1])) {
        to--;
    }
    ret.text = str_sub(piece->text, from, to);
    ret.at = piece->at + from;
    return ret;
}

static struct orbit_piece read_code(struct template_parser *p, struct str raw, bool is_attribute)
{
    struct html_piece as_is = { raw, HTML_CHARS_RAW };
    struct orbit_piece ret = { .at = 0 };

    ret.chars = is_attribute ? decode_code(p, raw)
                             : html_chars_decode(p->source->text, &as_is, 1, p->arena);
    ret.text = ret.chars.text;
    return sub_piece(&ret, 0, ret.text.len);
}

static void report_in(struct template_parser *p, const struct orbit_piece *piece, size_t start,
        size_t end, struct str hint, const char *text)
{
    struct span span = orbit_piece_span(piece, start, end);

    template_report(p, span.start, span.end, hint, "%s", text);
}

static bool is_too_long(struct template_parser *p, const struct orbit_piece *piece)
{
    if (piece->text.len <= ORBIT_CODE_MAX) {
        return false;
    }
    report_in(p, piece, 0, 0, STR("move it into the component's code"),
            "the code is longer than 16 KiB");
    return true;
}

static void check(struct template_parser *p, const struct orbit_piece *piece, bool allow_statement,
        struct str owner)
{
    size_t at = 0;
    struct str text = STR("");

    if (piece->text.len == 0) {
        size_t start = template_offset(p, owner);
        template_report(p, start, start + owner.len,
                allow_statement ? STR("expected a call, an assignment or a function")
                                : STR("expected an expression"),
                "no code in %.*s", STR_FMT(owner));
    } else if (!is_too_long(p, piece) &&
               !orbit_expr_check(p->options->lang, piece->text, allow_statement, &at, &text)) {
        struct span span = orbit_piece_span(piece, at < piece->text.len ? at : piece->text.len,
                at < piece->text.len ? at + 1 : piece->text.len);
        template_report(p, span.start, span.end, STR(""), "%.*s", STR_FMT(text));
    }
}

struct orbit_piece template_piece(struct template_parser *p, struct str raw, bool is_attribute,
        bool allow_statement, struct str owner)
{
    struct orbit_piece ret = read_code(p, raw, is_attribute);

    check(p, &ret, allow_statement, owner);
    return ret;
}

/* A reader of names and marks in a piece. */
struct cursor {
    struct template_parser *parser;
    const struct orbit_piece *piece;
    size_t at;
};

static void skip_space(struct cursor *c)
{
    while (c->at < c->piece->text.len && is_space(c->piece->text.ptr[c->at])) {
        c->at++;
    }
}

static bool take(struct cursor *c, char mark)
{
    skip_space(c);
    if (c->at < c->piece->text.len && c->piece->text.ptr[c->at] == mark) {
        c->at++;
        return true;
    }
    return false;
}

static struct str take_name(struct cursor *c)
{
    struct str s = c->piece->text;
    size_t start;

    skip_space(c);
    start = c->at;
    if (start < s.len && !is_digit(s.ptr[start])) {
        while (c->at < s.len && is_name_byte(s.ptr[c->at])) {
            c->at++;
        }
    }
    return str_sub(s, start, c->at);
}

static bool fail(struct cursor *c, struct str hint, const char *text)
{
    size_t end = c->at < c->piece->text.len ? c->at + 1 : c->at;

    report_in(c->parser, c->piece, c->at, end, hint, text);
    return false;
}

/* Names between commas up to `close`; false when something was reported. */
static bool take_names(
        struct cursor *c, char close, size_t max, struct str **ret, size_t *ret_count)
{
    struct str *names = arena_array(c->parser->arena, struct str, max);
    size_t count = 0;

    do {
        struct str name = take_name(c);
        if (name.len == 0) {
            return fail(c, STR("expected a name"), "a variable has no name");
        }
        for (size_t i = 0; i < count; i++) {
            if (str_eq(names[i], name)) {
                c->at -= name.len;
                return fail(c, STR("expected another name"), "two variables of one name");
            }
        }
        if (count == max) {
            c->at -= name.len;
            return fail(c, STR("expected no more names here"), "too many variables");
        }
        names[count++] = name;
    } while (take(c, ','));
    if (!take(c, close)) {
        return fail(c, arena_printf(c->parser->arena, "expected ',' or '%c'", close),
                "the list of variables does not end");
    }
    *ret = names;
    *ret_count = count;
    return true;
}

/* The ".." of a range, outside of brackets. */
static size_t find_range(struct str s, size_t from)
{
    size_t i = from;

    while ((i = orbit_find_outside(s, i, '.')) != STR_NONE) {
        if (i + 1 < s.len && s.ptr[i + 1] == '.') {
            return i;
        }
        i++;
    }
    return STR_NONE;
}

void template_read_loop(
        struct template_parser *p, const struct orbit_markup_attribute *a, struct template_tag *ret)
{
    static const char shape[] =
            "expected \"item in items\", \"(item, i) in items\" or \"i in 0..n\"";
    struct orbit_piece whole = read_code(p, a->value, true);
    struct cursor c = { p, &whole, 0 };
    struct str word;
    size_t range;

    ret->loop_name = a->name;
    if (whole.text.len == 0) {
        size_t at = template_offset(p, a->name);
        template_report(p, at, at + a->name.len, str_from(shape), "o-for without a loop");
        return;
    }
    if (is_too_long(p, &whole)) {
        return;
    }
    if (take(&c, '(')) {
        if (!take_names(&c, ')', 2, &ret->loop_variables, &ret->loop_variable_count)) {
            return;
        }
    } else {
        struct str name = take_name(&c);
        if (name.len == 0) {
            (void)fail(&c, str_from(shape), "the loop has no variable");
            return;
        }
        ret->loop_variables = arena_new(p->arena, struct str);
        ret->loop_variables[0] = name;
        ret->loop_variable_count = 1;
    }
    word = take_name(&c);
    if (!str_eq(word, STR("in")) && !str_eq(word, STR("of"))) {
        c.at -= word.len;
        (void)fail(&c, str_from(shape), "the loop has no \"in\"");
        return;
    }
    ret->list = sub_piece(&whole, c.at, whole.text.len);
    range = find_range(ret->list.text, 0);
    if (range != STR_NONE) {
        struct orbit_piece list = ret->list;
        size_t end = range + 2;

        ret->is_range = true;
        ret->is_inclusive = end < list.text.len && list.text.ptr[end] == '=';
        ret->list_end = sub_piece(&list, end + (ret->is_inclusive ? 1 : 0), list.text.len);
        ret->list = sub_piece(&list, 0, range);
        check(p, &ret->list_end, false, a->name);
    }
    check(p, &ret->list, false, a->name);
}

void template_read_fill(struct template_parser *p, const struct orbit_markup_attribute *a,
        struct str name, struct template_tag *ret)
{
    struct orbit_piece whole = read_code(p, a->value, true);
    struct cursor c = { p, &whole, 0 };

    ret->fill_name = a->name;
    ret->fill = name.len > 0 ? name : STR("default");
    for (size_t i = 0; i < name.len; i++) {
        if (!is_name_byte(name.ptr[i]) && name.ptr[i] != '-') {
            size_t at = template_offset(p, name);
            template_report(p, at, at + name.len, STR("expected letters, digits, '-' and '_'"),
                    "'%.*s' is no slot's name", STR_FMT(name));
            return;
        }
    }
    if (!a->has_value || is_too_long(p, &whole)) {
        return;
    }
    if (whole.text.len == 0) {
        size_t at = template_offset(p, a->name);
        template_report(p, at, at + a->name.len, STR("expected a name for them, or { names }"),
                "the slot's props have no name");
        return;
    }
    ret->fill_is_pattern = take(&c, '{');
    if (ret->fill_is_pattern) {
        if (!take_names(&c, '}', VARIABLES_MAX, &ret->fill_variables, &ret->fill_variable_count)) {
            return;
        }
    } else {
        struct str variable = take_name(&c);
        if (variable.len == 0) {
            (void)fail(&c, STR("expected a name for the slot's props, or { names }"),
                    "the slot's props have no name");
            return;
        }
        ret->fill_variables = arena_new(p->arena, struct str);
        ret->fill_variables[0] = variable;
        ret->fill_variable_count = 1;
    }
    skip_space(&c);
    if (c.at < whole.text.len) {
        (void)fail(&c, STR("expected nothing more"), "text behind the slot's props");
    }
}

/* The key of an entry: a name of CSS, or a string. */
static bool take_key(struct cursor *c, struct str *ret, bool *ret_quoted)
{
    struct str s = c->piece->text;
    size_t start;

    skip_space(c);
    start = c->at;
    *ret_quoted = start < s.len && (s.ptr[start] == '"' || s.ptr[start] == '\'');
    if (*ret_quoted) {
        size_t len = str_find(str_skip(s, start + 1), s.ptr[start]);
        if (len == STR_NONE) {
            return fail(c, STR("expected the string's end"), "a name does not end");
        }
        *ret = str_trim(str_sub(s, start + 1, start + 1 + len));
        c->at = start + len + 2;
    } else {
        while (c->at < s.len && (is_name_byte(s.ptr[c->at]) || s.ptr[c->at] == '-')) {
            c->at++;
        }
        *ret = str_sub(s, start, c->at);
    }
    if (ret->len == 0) {
        c->at = start;
        return fail(
                c, STR("expected name: expression, or 'name': expression"), "an entry has no name");
    }
    return true;
}

bool template_read_object(struct template_parser *p, const struct orbit_markup_attribute *a,
        template_entry_fn *add, void *ctx)
{
    struct orbit_piece whole = read_code(p, a->value, true), code;
    struct cursor c = { p, &whole, 0 };
    struct str s = whole.text, key;
    bool quoted;

    if (!take(&c, '{')) {
        return false;
    }
    if (is_too_long(p, &whole)) {
        return true;
    }
    while (!take(&c, '}')) {
        size_t start, end;

        skip_space(&c);
        start = c.at;
        if (!take_key(&c, &key, &quoted)) {
            return true;
        }
        end = c.at;
        if (take(&c, ':')) {
            size_t comma = orbit_find_outside(s, c.at, ',');

            end = comma != STR_NONE ? comma : orbit_find_outside(s, c.at, '}');
            if (end == STR_NONE) {
                (void)fail(&c, STR("expected '}'"), "the object does not end");
                return true;
            }
            code = sub_piece(&whole, c.at, end);
            c.at = end;
        } else if (quoted || str_find(key, '-') != STR_NONE) {
            (void)fail(&c, STR("expected ':' and an expression"), "an entry has no value");
            return true;
        } else {
            code = sub_piece(&whole, start, end);
        }
        check(p, &code, false, a->name);
        add(ctx, key, &code);
        if (!take(&c, ',')) {
            skip_space(&c);
            if (c.at >= s.len || s.ptr[c.at] != '}') {
                (void)fail(&c, STR("expected ',' or '}'"), "the object does not end");
                return true;
            }
        }
    }
    skip_space(&c);
    if (c.at < s.len) {
        (void)fail(&c, STR("expected nothing more"), "text behind the object");
    }
    return true;
}
