/* SPDX-License-Identifier: MIT */
/*
 * The `mappings` of a map are lines, divided by ';', of segments, divided by ','. A segment is a
 * column of the generated line and, mostly, a source, a line and a column in it, and a name; each is
 * the difference to the last number of its kind (the first begins anew on each line), in base 64 digits
 * of five bits, the lowest first, the lowest bit of all being the sign.
 */
#include "modules/source_map.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/base64.h"

enum { FIELDS = 5, FIELD_MAX = 1 << 30 };

struct segment {
    int32_t fields[FIELDS]; /* as sums: column, source, line, column, name */
    unsigned count;         /* 1, 4 or 5 */
};

struct walk {
    struct str rest;
    size_t line; /* of the segment that was taken last, from 0 */
    struct segment at;
    bool bad;
};

static bool take_number(struct walk *w, int64_t *ret)
{
    uint64_t value = 0;
    unsigned shift = 0;
    int digit;

    do {
        digit = w->rest.len > 0 ? base64_value(w->rest.ptr[0]) : -1;
        if (digit < 0 || shift > 30) {
            return false;
        }
        value |= (uint64_t)(digit & 31) << shift;
        shift += 5;
        w->rest = str_skip(w->rest, 1);
    } while (digit & 32);
    *ret = value & 1 ? -(int64_t)(value >> 1) : (int64_t)(value >> 1);
    return true;
}

static bool ends_segment(const struct walk *w)
{
    return w->rest.len == 0 || w->rest.ptr[0] == ',' || w->rest.ptr[0] == ';';
}

/* The next segment; false at the end, or if the rest is none. */
static bool next_segment(struct walk *w)
{
    while (w->rest.len > 0 && (w->rest.ptr[0] == ';' || w->rest.ptr[0] == ',')) {
        if (w->rest.ptr[0] == ';') {
            w->line++;
            w->at.fields[0] = 0;
        }
        w->rest = str_skip(w->rest, 1);
    }
    if (w->rest.len == 0) {
        return false;
    }
    for (w->at.count = 0; !ends_segment(w); w->at.count++) {
        int64_t delta;

        if (w->at.count == FIELDS || !take_number(w, &delta)) {
            w->bad = true;
            return false;
        }
        delta += w->at.fields[w->at.count];
        if (delta < 0 || delta > FIELD_MAX) {
            w->bad = true;
            return false;
        }
        w->at.fields[w->at.count] = (int32_t)delta;
    }
    w->bad = w->at.count != 1 && w->at.count != 4 && w->at.count != 5;
    return !w->bad;
}

static void add_number(struct strbuf *out, int64_t n)
{
    uint64_t value = n < 0 ? (uint64_t)-n << 1 | 1 : (uint64_t)n << 1;

    do {
        unsigned digit = value & 31;

        value >>= 5;
        strbuf_addc(out, base64_digits[digit | (value > 0 ? 32 : 0)]);
    } while (value > 0);
}

/* ---- places in a text ---- */

struct place {
    size_t line; /* from 0 */
    int64_t col; /* UTF-16 units */
};

/* The length of the line break at `i`, or 0. */
static size_t break_at(struct str text, size_t i)
{
    if (text.ptr[i] == '\n') {
        return 1;
    }
    if (text.ptr[i] == '\r') {
        return i + 1 < text.len && text.ptr[i + 1] == '\n' ? 2 : 1;
    }
    return i + 2 < text.len && text.ptr[i] == '\xE2' && text.ptr[i + 1] == '\x80' &&
                           (text.ptr[i + 2] == '\xA8' || text.ptr[i + 2] == '\xA9')
                   ? 3
                   : 0;
}

/* Moves a place over text. */
static struct place move(struct place at, struct str text)
{
    size_t i = 0;

    while (i < text.len) {
        size_t broken = break_at(text, i);

        at = broken > 0 ? (struct place){ at.line + 1, 0 }
                        : (struct place){ at.line, at.col + str_utf16_units(text.ptr[i]) };
        i += broken > 0 ? broken : 1;
    }
    return at;
}

/* ---- editing ---- */

/* An edit by places: what stood from `from` to `to` ends at `end` now, on the same line as `to`. */
struct shift {
    struct place from;
    struct place to;
    int64_t end; /* of what is there instead, as if nothing before it on the line had changed */
    int64_t by;  /* how far what stands behind it, on its last line, is moved */
};

static struct shift *shifts_of(
        struct arena *a, struct str code, const struct edit_list *edits, size_t *ret_count)
{
    struct shift *shifts = arena_array(a, struct shift, edits->count + 1);
    struct place at = { 0 };
    size_t done = 0;

    *ret_count = 0;
    for (size_t i = 0; i < edits->count; i++) {
        const struct edit *edit = &edits->items[i];

        /* the same edits as rewrite_apply() does */
        if (edit->at.start < done || edit->at.end < edit->at.start || edit->at.end > code.len) {
            continue;
        }
        struct shift *s = &shifts[(*ret_count)++];

        s->from = at = move(at, str_sub(code, done, edit->at.start));
        s->to = at = move(at, str_sub(code, edit->at.start, edit->at.end));
        s->end = move(s->from, edit->with).col;
        s->by = s->end - s->to.col;
        if (*ret_count > 1 && s[-1].to.line == s->to.line && s->from.line == s->to.line) {
            s->by += s[-1].by;
        }
        done = edit->at.end;
    }
    return shifts;
}

static bool is_before(struct place a, struct place b)
{
    return a.line < b.line || (a.line == b.line && a.col < b.col);
}

/* The column of a place after the shifts. */
static int64_t shifted(const struct shift *shifts, size_t count, struct place at)
{
    size_t behind = 0; /* shifts that end at the place or before it */
    size_t end = count;

    while (behind < end) {
        size_t middle = behind + (end - behind) / 2;

        if (is_before(at, shifts[middle].to)) {
            end = middle;
        } else {
            behind = middle + 1;
        }
    }
    int64_t by = behind > 0 && shifts[behind - 1].to.line == at.line ? shifts[behind - 1].by : 0;

    if (behind < count && is_before(shifts[behind].from, at)) { /* inside of one */
        return shifts[behind].from.line == at.line ? shifts[behind].from.col + by : 0;
    }
    return at.col + by;
}

static bool edit_mappings(
        struct strbuf *out, struct str mappings, const struct shift *shifts, size_t count)
{
    struct walk w = { .rest = mappings };
    struct segment last = { 0 };
    size_t line = 0;
    bool starts = true;

    while (next_segment(&w)) {
        struct segment now = w.at;

        for (; line < w.line; line++) {
            strbuf_addc(out, ';');
            last.fields[0] = 0;
            starts = true;
        }
        now.fields[0] = (int32_t)shifted(shifts, count, (struct place){ line, now.fields[0] });
        if (!starts) {
            strbuf_addc(out, ',');
        }
        starts = false;
        for (unsigned i = 0; i < now.count; i++) {
            add_number(out, (int64_t)now.fields[i] - last.fields[i]);
            last.fields[i] = now.fields[i];
        }
    }
    return !w.bad;
}

/* The map as an object with one source; NULL if it is none. The caller lets go of it. */
static json_t *read_map(struct str map, struct str *ret_mappings)
{
    json_error_t error;
    json_t *root = json_loadb(map.ptr, map.len, 0, &error);
    json_t *mappings = json_object_get(root, "mappings");

    if (!json_is_string(mappings) || json_array_size(json_object_get(root, "sources")) != 1) {
        json_decref(root);
        return NULL;
    }
    *ret_mappings = (struct str){ json_string_value(mappings), json_string_length(mappings) };
    return root;
}

bool source_map_edit(struct strbuf *out, struct str map, struct str source, struct str code,
        const struct edit_list *edits)
{
    struct arena a = { 0 };
    struct str mappings;
    json_t *root = read_map(map, &mappings);
    struct strbuf edited;
    size_t count;
    bool good = false;

    if (!root) {
        return false;
    }
    const struct shift *shifts = shifts_of(&a, code, edits, &count);

    strbuf_init(&edited, 4 * mappings.len + 64);
    if (edit_mappings(&edited, mappings, shifts, count) && !edited.overflow) {
        (void)json_object_set_new(
                root, "mappings", json_stringn(edited.ptr ? edited.ptr : "", edited.len));
        (void)json_object_set_new(
                root, "sources", json_pack("[s%]", source.ptr, (size_t)source.len));
        char *text = json_dumps(root, JSON_COMPACT);

        good = text != NULL;
        strbuf_add(out, str_from(text));
        free(text);
    }
    strbuf_finish(&edited);
    json_decref(root);
    arena_finish(&a);
    return good;
}

/* ---- finding ---- */

/* The text from a line on, counted from 0; empty if it has fewer. */
static struct str line_of(struct str text, size_t line)
{
    size_t i = 0;

    while (line > 0 && i < text.len) {
        size_t broken = break_at(text, i);

        line -= broken > 0;
        i += broken > 0 ? broken : 1;
    }
    return str_skip(text, i);
}

/* From characters to UTF-16 units and back, both from 0, on the line that `text` begins with. */
static int64_t units_before(struct str text, int64_t chars)
{
    int64_t units = 0;

    for (size_t i = 0; i < text.len && break_at(text, i) == 0; i++) {
        unsigned u = str_utf16_units(text.ptr[i]);

        if (u > 0 && chars-- == 0) {
            break;
        }
        units += u;
    }
    return units;
}

static unsigned chars_before(struct str text, int64_t units)
{
    unsigned chars = 0;

    for (size_t i = 0; i < text.len && units > 0 && break_at(text, i) == 0; i++) {
        unsigned u = str_utf16_units(text.ptr[i]);

        units -= u;
        chars += u > 0;
    }
    return chars;
}

bool source_map_find(struct str map, struct str code, unsigned line, unsigned col, struct arena *a,
        unsigned *ret_line, unsigned *ret_col, struct str *ret_text)
{
    struct str mappings;
    json_t *root = read_map(map, &mappings);
    const json_t *content = json_array_get(json_object_get(root, "sourcesContent"), 0);
    struct walk w = { .rest = mappings };
    struct segment best = { 0 };

    if (!json_is_string(content) || line == 0 || col == 0) {
        json_decref(root);
        return false;
    }
    int64_t units = units_before(line_of(code, line - 1), (int64_t)col - 1);

    /* the last one that begins at the place or before it, on its line */
    while (next_segment(&w) && w.line < line) {
        if (w.line == line - 1 && w.at.count >= 4 && (w.at.fields[0] <= units || best.count == 0)) {
            best = w.at;
        }
    }
    *ret_text =
            arena_str(a, (struct str){ json_string_value(content), json_string_length(content) });
    *ret_line = (unsigned)best.fields[2] + 1;
    *ret_col = chars_before(line_of(*ret_text, (size_t)best.fields[2]), best.fields[3]) + 1;
    json_decref(root);
    return best.count > 0;
}
