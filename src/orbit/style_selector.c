/* SPDX-License-Identifier: MIT */
/*
 * Selectors: where the attribute goes. A complex selector is read as compounds
 * with combinators between them; what cannot be read so is no selector, and
 * the list that holds it stays as it is. The cases are the table of
 * style_scope.h.
 */
#include "orbit/style_scope.h"
#include "orbit/style_tokens.h"

static bool is_combinator(const struct style *s, size_t i)
{
    return style_delim(s, i, '>') || style_delim(s, i, '+') || style_delim(s, i, '~');
}

static bool is_blank(const struct style *s, size_t i)
{
    return style_kind(s, i) == CSS_SPACE || style_kind(s, i) == CSS_COMMENT;
}

/* Whether a pseudo-class function of this name stands at the colon `i`. */
static bool is_function(const struct style *s, size_t i, struct str name)
{
    return style_kind(s, i) == CSS_COLON && style_kind(s, i + 1) == CSS_FUNCTION &&
           css_name_is(s->tokens[i + 1].text, name);
}

/* Behind the simple selector at `i`, or `i` if none stands there. */
static size_t simple_end(const struct style *s, size_t i)
{
    switch ((int)style_kind(s, i)) {
    case CSS_IDENT:
    case CSS_HASH: return i + 1;
    case CSS_LEFT_SQUARE: return s->match[i] < s->count ? s->match[i] + 1 : i;
    case CSS_COLON: {
        size_t name = i + 1 + (style_kind(s, i + 1) == CSS_COLON);
        if (style_kind(s, name) == CSS_IDENT) {
            return name + 1;
        }
        return style_kind(s, name) == CSS_FUNCTION && s->match[name] < s->count ? s->match[name] + 1
                                                                                : i;
    }
    case CSS_DELIM: break;
    default: return i;
    }
    if (style_delim(s, i, '.')) {
        return style_kind(s, i + 1) == CSS_IDENT ? i + 2 : i;
    }
    return style_delim(s, i, '*') || style_delim(s, i, '&') || style_delim(s, i, '|') ? i + 1 : i;
}

/* The end of the complex selector at `i`: its comma, or `to`. */
static size_t complex_end(const struct style *s, size_t i, size_t to)
{
    while (i < to && style_kind(s, i) != CSS_COMMA) {
        i = style_skip(s, i);
    }
    return i < to ? i : to;
}

/* Whether [from, to) is a complex selector. A broken token inside brackets breaks it too. */
static bool is_complex(const struct style *s, size_t from, size_t to, bool nested)
{
    bool compound = false; /* one stands before token i */
    bool combinator = nested;
    size_t i = from;

    for (size_t k = from; k < to; k++) {
        if (style_kind(s, k) == CSS_BAD_STRING || style_kind(s, k) == CSS_BAD_URL) {
            return false;
        }
    }
    while (i < to) {
        size_t end;
        if (is_blank(s, i)) {
            i++;
            continue;
        }
        if (is_combinator(s, i)) {
            if (!compound && !combinator) {
                return false;
            }
            combinator = false;
            compound = false;
            i++;
            continue;
        }
        end = simple_end(s, i);
        if (end == i || end > to) {
            return false;
        }
        compound = true;
        combinator = false;
        i = end;
    }
    return compound;
}

static bool holds(const struct style *s, size_t from, size_t to, struct str name)
{
    for (size_t i = from; i < to; i = style_skip(s, i)) {
        if (is_function(s, i, name)) {
            return true;
        }
    }
    return false;
}

/* The compound of [from, to) that gets the attribute. */
struct place {
    bool found;
    size_t start, end; /* of the compound */
};

/*
 * The last compound of [from, to) that is not :global(), alone or with pseudo-classes. *ret_any tells
 * whether there is any compound at all.
 */
static struct place last_compound(const struct style *s, size_t from, size_t to, bool *ret_any)
{
    struct place place = { false, from, from };
    size_t i = from;

    *ret_any = false;
    while (i < to) {
        size_t start = i;
        bool plain = false;
        bool global = false;
        while (i < to && !is_blank(s, i) && !is_combinator(s, i)) {
            size_t end = simple_end(s, i);
            plain = plain || style_kind(s, i) != CSS_COLON;
            global = global || is_function(s, i, STR("global"));
            *ret_any = true;
            i = end > i ? end : i + 1;
        }
        if (i > start && (plain || !global)) {
            place = (struct place){ true, start, i };
        }
        i += i == start;
    }
    return place;
}

static void scope_list(struct style *s, size_t from, size_t to);

/* Puts the attribute into a compound. */
static void scope_compound(struct style *s, size_t start, size_t end)
{
    size_t at = start;
    size_t first = s->count; /* :is() or :where() that begins the compound */

    for (size_t i = start; i < end;) {
        size_t behind = simple_end(s, i);
        if (style_kind(s, i) != CSS_COLON) {
            at = behind;
        } else if (style_kind(s, i + 1) == CSS_COLON) {
            break;
        } else if (i == start &&
                   (is_function(s, i, STR("is")) || is_function(s, i, STR("where")))) {
            first = i + 1;
        } else if (is_function(s, i, STR("global"))) {
            at = at == i ? behind : at;
        }
        i = behind > i ? behind : i + 1;
    }
    if (at == start && first < s->count && s->depth < ORBIT_STYLE_NEST_MAX &&
            style_solid(s, first + 1, s->match[first]) < s->match[first]) {
        s->depth++;
        scope_list(s, first + 1, s->match[first]);
        s->depth--;
    } else {
        style_insert(s, at, s->attribute);
    }
}

/* Takes ":global(" and its ")" out, wherever it stands. */
static void strip_global(struct style *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i = style_skip(s, i)) {
        if (is_function(s, i, STR("global"))) {
            size_t close = s->match[i + 1];
            bool list = complex_end(s, i + 2, close) < close;
            style_replace(
                    s, s->tokens[i].start, s->tokens[i + 1].end, list ? STR(":is(") : STR(""));
            if (!list) {
                style_replace(s, s->tokens[close].start, s->tokens[close].end, STR(""));
            }
            i++;
        }
    }
}

/* The selector [from, to) with :deep() at its colon `deep`. */
static void scope_deep(struct style *s, size_t from, size_t deep, size_t to, bool nested)
{
    size_t close = s->match[deep + 1];
    size_t solid = style_solid(s, from, to);
    bool list = complex_end(s, deep + 2, close) < close;
    bool any;
    struct place place = last_compound(s, from, deep, &any);
    bool apart = solid < deep && (is_blank(s, deep - 1) || is_combinator(s, deep - 1));

    if (place.found) {
        scope_compound(s, place.start, place.end);
    } else if (!any) {
        if (nested) {
            style_insert(s, solid, STR("&"));
        }
        style_insert(s, solid, s->attribute);
        if (nested && solid < deep) {
            style_insert(s, solid, STR(" "));
        }
    }
    strip_global(s, from, deep);
    style_replace(s, s->tokens[deep].start, s->tokens[deep + 1].end,
            list    ? (apart ? STR(":is(") : STR(" :is("))
            : apart ? STR("")
                    : STR(" "));
    if (!list) {
        style_replace(s, s->tokens[close].start, s->tokens[close].end, STR(""));
    }
    strip_global(s, style_skip(s, deep + 1), to);
}

static void scope_complex(struct style *s, size_t from, size_t to, bool nested, bool wrapped)
{
    struct place place;
    bool any;

    for (size_t i = from; i < to; i = style_skip(s, i)) {
        if (is_function(s, i, STR("deep"))) {
            scope_deep(s, from, i, to, nested);
            return;
        }
    }
    place = last_compound(s, from, to, &any);
    if (place.found && !wrapped) {
        scope_compound(s, place.start, place.end);
    }
    strip_global(s, from, to);
}

/* The arguments of :is() and :where(), which forgive what is no selector. */
static void scope_list(struct style *s, size_t from, size_t to)
{
    while (from < to) {
        size_t end = complex_end(s, from, to);
        if (is_complex(s, from, end, false)) {
            scope_complex(s, from, end, false, false);
        }
        from = end + 1;
    }
}

struct style_selectors style_selectors_look(struct style *s, size_t from, size_t to, bool nested)
{
    struct style_selectors found = { .valid = true };
    bool more = true; /* a selector must follow */

    while (more) {
        size_t end = complex_end(s, from, to);
        bool any;
        found.valid = found.valid && is_complex(s, from, end, nested);
        found.deep = found.deep || holds(s, from, end, STR("deep"));
        found.global = found.global || !last_compound(s, from, end, &any).found;
        more = end < to;
        from = end + 1;
    }
    return found;
}

void style_selectors_scope(struct style *s, size_t from, size_t to, bool nested, bool wrapped)
{
    while (from < to) {
        size_t end = complex_end(s, from, to);
        scope_complex(s, from, end, nested, wrapped);
        from = end + 1;
    }
}
