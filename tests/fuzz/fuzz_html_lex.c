/* SPDX-License-Identifier: MIT */
/*
 * The tokenizer: the first byte chooses the mode, the rest is the source.
 * Tokens follow one another without a gap but "</>", what they hold lies inside
 * of them, and the end comes. A source cut anywhere gives the same tokens up to
 * the cut, but for text, which may go on.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scan/html_lex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Above this a source is cut in one place only: trying all of them is quadratic. */
enum { ALL_CUTS_MAX = 64 };

static void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void start(struct html_lex *lex, struct str source, uint8_t choice)
{
    html_lex_init(lex, source);
    lex->mode = (enum html_mode)((choice & 7) % (HTML_PLAINTEXT + 1));
    lex->foreign = (choice & 8) != 0;
    lex->keep_mode = choice != 0;
    if (choice != 0) {
        lex->last_tag = STR("title");
    }
}

/* Whether a slice lies in the token; empty slices lie anywhere. */
static void check_inside(struct str source, const struct html_token *t, struct str slice)
{
    if (slice.len > 0) {
        check(slice.ptr >= source.ptr + t->start);
        check(slice.ptr + slice.len <= source.ptr + t->end);
    }
}

static bool is_dropped(struct str source, size_t from, size_t to)
{
    for (; from < to; from += 3) {
        if (!str_starts(str_skip(source, from), STR("</>"))) {
            return false;
        }
    }
    return from == to;
}

static void check_token(struct str source, const struct html_token *t, size_t at)
{
    check(t->start >= at && t->end >= t->start && t->end <= source.len);
    check(is_dropped(source, at, t->start));
    check(t->kind == HTML_EOF || t->end > t->start);
    check(!t->unclosed || t->end == source.len);
    check(t->attribute_count <= HTML_ATTRIBUTES_MAX);
    check_inside(source, t, t->name);
    check_inside(source, t, t->text);
    for (size_t i = 0; i < t->attribute_count; i++) {
        check(t->attributes[i].name.len > 0);
        check_inside(source, t, t->attributes[i].name);
        check_inside(source, t, t->attributes[i].value);
        for (size_t k = 0; k < i; k++) {
            check(!str_ieq(t->attributes[i].name, t->attributes[k].name));
        }
    }
    if (t->kind == HTML_TEXT) {
        check(t->text.len == t->end - t->start);
    }
    if (t->kind == HTML_START_TAG || t->kind == HTML_END_TAG) {
        check(t->name.len > 0 && source.ptr[t->end - 1] == '>');
        check(source.ptr[t->start] == '<');
    }
}

static void check_whole(struct str source, uint8_t choice)
{
    struct html_lex lex;
    struct html_token t;
    size_t at = 0;

    start(&lex, source, choice);
    do {
        html_lex_next(&lex, &t);
        check_token(source, &t, at);
        at = t.end;
    } while (t.kind != HTML_EOF);
    check(at == source.len);
    html_lex_next(&lex, &t);
    check(t.kind == HTML_EOF && t.start == source.len && t.end == source.len);
}

static void check_cut(struct str source, size_t cut, uint8_t choice)
{
    char *copy = malloc(cut > 0 ? cut : 1);
    struct html_lex whole, part;
    struct html_token a, b;

    check(copy != NULL);
    if (cut > 0) {
        memcpy(copy, source.ptr, cut);
    }
    start(&whole, source, choice);
    start(&part, (struct str){ copy, cut }, choice);
    do {
        html_lex_next(&whole, &a);
        html_lex_next(&part, &b);
        if (a.kind == HTML_EOF || a.end >= cut) {
            break;
        }
        check(b.kind == a.kind && b.start == a.start);
        if (b.end != a.end) {
            check(a.kind == HTML_TEXT && b.end == cut);
            break;
        }
        check(str_eq(a.name, b.name) && str_eq(a.text, b.text));
        check(a.attribute_count == b.attribute_count && a.self_closing == b.self_closing);
    } while (b.kind != HTML_EOF);
    while (b.kind != HTML_EOF) {
        html_lex_next(&part, &b);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str source;

    if (size == 0) {
        return 0;
    }
    source = (struct str){ (const char *)data + 1, size - 1 };
    check_whole(source, data[0]);
    for (size_t cut = source.len < ALL_CUTS_MAX ? 0 : source.len / 2; cut < source.len; cut++) {
        check_cut(source, cut, data[0]);
        if (source.len >= ALL_CUTS_MAX) {
            break;
        }
    }
    return 0;
}
