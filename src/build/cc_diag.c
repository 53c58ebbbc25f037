/* SPDX-License-Identifier: MIT */
/*
 * See cc_diag.h. The parser is a table of heads tried in turn; a line that is
 * no head may continue the diagnostic before it.
 */
#include "build/cc_diag.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/vec.h"
#include "build/path_set.h"

enum { PLACE_MAX = 10 * 1000 * 1000 }; /* a larger line number is no place */

void cc_diag_init(struct cc_diag *cc, struct diag_list *list, struct str root)
{
    *cc = (struct cc_diag){ .list = list, .root = root };
    strbuf_init(&cc->frame, CC_DIAG_FRAME_MAX);
}

void diag_list_add_once(struct diag_list *list, const struct diag *d)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct diag *old = &list->items[i];

        if (old->line == d->line && old->col == d->col && old->severity == d->severity &&
                str_eq(old->path, d->path) && str_eq(old->text, d->text)) {
            return;
        }
    }
    for (size_t i = list->count; list->count == DIAG_MAX && d->severity == DIAG_ERROR && i-- > 0;) {
        if (list->items[i].severity != DIAG_ERROR) {
            vec_remove(list, i);
            list->dropped++;
        }
    }
    diag_list_add(list, d);
}

static void flush(struct cc_diag *cc)
{
    if (cc->has_current) {
        cc->current.frame = strbuf_str(&cc->frame);
        diag_list_add_once(cc->list, &cc->current);
    }
    cc->has_current = false;
    cc->wants_source = false;
    strbuf_reset(&cc->frame);
    arena_reset(&cc->arena);
}

static bool read_number(struct str *s, unsigned *ret)
{
    size_t len = 0;
    uint64_t value;

    while (len < s->len && s->ptr[len] >= '0' && s->ptr[len] <= '9') {
        len++;
    }
    if (!str_parse_u64(str_sub(*s, 0, len), &value) || value > PLACE_MAX) {
        return false;
    }
    *ret = (unsigned)value;
    *s = str_skip(*s, len);
    return true;
}

static bool skip_prefix(struct str *s, struct str prefix)
{
    if (!str_starts(*s, prefix)) {
        return false;
    }
    *s = str_skip(*s, prefix.len);
    return true;
}

/* "error: " and its kin at the front of `s`. */
static bool read_severity(struct str *s, enum diag_severity *ret)
{
    static const struct {
        struct str word;
        enum diag_severity severity;
    } words[] = {
        { STR_INIT("error: "), DIAG_ERROR },
        { STR_INIT("fatal error: "), DIAG_ERROR },
        { STR_INIT("internal compiler error: "), DIAG_ERROR },
        { STR_INIT("Error: "), DIAG_ERROR },
        { STR_INIT("warning: "), DIAG_WARNING },
        { STR_INIT("Warning: "), DIAG_WARNING },
        { STR_INIT("note: "), DIAG_NOTE },
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (skip_prefix(s, words[i].word)) {
            *ret = words[i].severity;
            return true;
        }
    }
    return false;
}

/* "path:line:col: severity: text" or without the column; go has no severity. */
static bool read_colon_head(struct str line, struct diag *d)
{
    for (size_t from = 0; from < line.len;) {
        size_t colon = str_find(str_skip(line, from), ':');
        struct str rest;
        bool has_severity;

        if (colon == STR_NONE || from + colon == 0) {
            return false;
        }
        colon += from;
        from = colon + 1;
        rest = str_skip(line, from);
        d->col = 0;
        if (rest.len == 0 || rest.ptr[0] < '0' || rest.ptr[0] > '9') {
            continue; /* a colon within the path */
        }
        if (!read_number(&rest, &d->line)) {
            return false;
        }
        if (!skip_prefix(&rest, STR(":"))) {
            continue;
        }
        if (read_number(&rest, &d->col) && !skip_prefix(&rest, STR(":"))) {
            return false;
        }
        rest = str_trim(rest);
        d->path = str_sub(line, 0, colon);
        has_severity = read_severity(&rest, &d->severity);
        if (!has_severity && str_eq(path_ext(path_name(d->path)), STR(".go"))) {
            d->severity = DIAG_ERROR;
            has_severity = true;
        }
        d->text = rest;
        return has_severity && rest.len > 0;
    }
    return false;
}

/* "path(line,col): error CODE: text" */
static bool read_paren_head(struct str line, struct diag *d)
{
    size_t open = str_find_str(line, STR("("));
    struct str rest;
    struct str code;

    if (open == STR_NONE || open == 0) {
        return false;
    }
    rest = str_skip(line, open + 1);
    if (!read_number(&rest, &d->line) || !skip_prefix(&rest, STR(",")) ||
            !read_number(&rest, &d->col) || !skip_prefix(&rest, STR("): "))) {
        return false;
    }
    if (skip_prefix(&rest, STR("error "))) {
        d->severity = DIAG_ERROR;
    } else if (skip_prefix(&rest, STR("warning "))) {
        d->severity = DIAG_WARNING;
    } else {
        return false;
    }
    if (!str_cut(rest, ':', &code, &rest) || str_find(code, ' ') != STR_NONE) {
        return false;
    }
    d->path = str_sub(line, 0, open);
    d->code = code;
    d->text = str_trim(rest);
    return d->text.len > 0;
}

/* "wasm-ld: error: text"; the tool's name may have a path before it. */
static bool read_tool_head(struct str line, struct diag *d)
{
    size_t colon = str_find_str(line, STR(": "));
    struct str tool = str_sub(line, 0, colon);
    struct str rest;

    if (colon == STR_NONE || colon == 0 || str_find(tool, ' ') != STR_NONE ||
            str_find(tool, ':') != STR_NONE) {
        return false;
    }
    rest = str_skip(line, colon + 2);
    if (!read_severity(&rest, &d->severity) || rest.len == 0) {
        return false;
    }
    d->text = rest;
    return true;
}

/* "[-Wname]" at the end of the text is the tool's code. */
static void take_code(struct diag *d)
{
    size_t open = str_rfind(d->text, '[');

    if (str_ends(d->text, STR("]")) && open != STR_NONE && open > 0 &&
            str_starts(str_skip(d->text, open), STR("[-W"))) {
        d->code = str_sub(d->text, open + 1, d->text.len - 1);
        d->text = str_trim(str_sub(d->text, 0, open));
    }
}

/* Where the text of an assertion begins behind its requirement, or STR_NONE. */
static size_t find_assertion(struct str text)
{
    size_t ret = STR_NONE;

    if (str_starts(text, STR("static_assert failed due to requirement '")) &&
            str_ends(text, STR("\""))) {
        size_t quote = str_rfind(str_sub(text, 0, text.len - 1), '"');
        return quote == STR_NONE ? quote : quote + 1;
    }
    if (str_starts(text, STR("static assertion failed due to requirement '"))) {
        size_t at = 0;
        for (size_t next; (next = str_find_str(str_skip(text, at), STR("': "))) != STR_NONE;) {
            at = ret = at + next + 3;
        }
    }
    return ret;
}

/* clang's "static_assert failed due to requirement '...' "text"", or since clang 16 "static assertion
 * failed due to requirement '...': text": the requirement is a macro's whole text. */
static void take_assertion(struct cc_diag *cc, struct diag *d)
{
    size_t at = find_assertion(d->text);

    if (at != STR_NONE) {
        size_t end = d->text.len - str_starts(d->text, STR("static_assert")); /* its quote */
        d->text = arena_printf(
                &cc->arena, "static_assert failed: %.*s", STR_FMT(str_sub(d->text, at, end)));
    }
}

static struct str current_dir(const struct cc_diag *cc)
{
    return cc->dir_count > 0 ? str_from(cc->dirs[cc->dir_count - 1]) : cc->root;
}

static void start(struct cc_diag *cc, const struct diag *head)
{
    struct diag d = *head;

    flush(cc);
    d.text = arena_str(&cc->arena, d.text);
    take_code(&d);
    take_assertion(cc, &d);
    d.code = arena_str(&cc->arena, d.code);
    if (d.path.len > 0 && !path_relative(&cc->arena, cc->root, current_dir(cc), d.path, &d.path)) {
        /* A system header: its place is worth reading, but it is none of the project's files. */
        d.text = arena_printf(
                &cc->arena, "%.*s (%.*s:%u)", STR_FMT(d.text), STR_FMT(d.path), d.line);
        d.path = STR("");
        d.line = 0;
        d.col = 0;
    }
    cc->current = d;
    cc->has_current = true;
    cc->wants_source = head->col > 0;
}

static void add_frame(struct cc_diag *cc, struct str line)
{
    if (cc->frame.len + line.len + 1 > CC_DIAG_FRAME_MAX) {
        return;
    }
    if (cc->frame.len > 0) {
        strbuf_addc(&cc->frame, '\n');
    }
    strbuf_add(&cc->frame, line);
}

/* make's way of saying where relative paths begin from now on. */
static bool read_directory(struct cc_diag *cc, struct str line)
{
    size_t at = str_find_str(line, STR(": Entering directory '"));
    size_t leaving = str_find_str(line, STR(": Leaving directory '"));

    if (leaving != STR_NONE) {
        if (cc->dir_count > 0) {
            free(cc->dirs[--cc->dir_count]);
        }
        return true;
    }
    if (at == STR_NONE) {
        return false;
    }
    line = str_skip(line, at + STR(": Entering directory '").len);
    if (cc->dir_count < CC_DIAG_DIRS_MAX && str_ends(line, STR("'"))) {
        cc->dirs[cc->dir_count++] = mem_strcopy(str_sub(line, 0, line.len - 1));
    }
    return true;
}

static bool continues(const struct cc_diag *cc, struct str line)
{
    bool is_indented = line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t');

    if (line.len == 0 || str_ends(line, STR(" generated.")) ||
            (!is_indented && str_ends(line, STR(":")))) {
        return false; /* counts, and gcc's "a.c: In function 'f':" */
    }
    return cc->wants_source || is_indented || line.ptr[0] == '^' || line.ptr[0] == '~' ||
           str_starts(line, STR(">>>"));
}

void cc_diag_line(struct cc_diag *cc, struct str line)
{
    struct diag d = { 0 };
    bool is_head = read_colon_head(line, &d);

    if (!is_head) {
        d = (struct diag){ 0 };
        is_head = read_paren_head(line, &d);
    }
    if (!is_head) {
        d = (struct diag){ 0 };
        is_head = read_tool_head(line, &d);
    }
    if (is_head && d.severity == DIAG_NOTE && cc->has_current) {
        add_frame(cc, line);
        cc->wants_source = d.col > 0;
    } else if (is_head) {
        start(cc, &d);
    } else if (read_directory(cc, line) || !cc->has_current) {
        return;
    } else if (continues(cc, line)) {
        add_frame(cc, line);
        cc->wants_source = false;
    } else {
        flush(cc);
    }
}

void cc_diag_finish(struct cc_diag *cc)
{
    flush(cc);
    while (cc->dir_count > 0) {
        free(cc->dirs[--cc->dir_count]);
    }
    strbuf_finish(&cc->frame);
    arena_finish(&cc->arena);
}
