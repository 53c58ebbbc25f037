/* SPDX-License-Identifier: MIT */
/* Maps that are edited, and asked for places. */
#include "modules/source_map.h"

#include "modules/mappings.h"
#include <jansson.h>

/* ---- editing ---- */

/* An edit by places: what stood from `from` to `to` ends at `end` now, on the same line as `to`. */
struct shift {
    struct map_place from;
    struct map_place to;
    int64_t end; /* of what is there instead, as if nothing before it on the line had changed */
    int64_t by;  /* how far what stands behind it, on its last line, is moved */
};

static struct shift *shifts_of(
        struct arena *a, struct str code, const struct edit_list *edits, size_t *ret_count)
{
    struct shift *shifts = arena_array(a, struct shift, edits->count + 1);
    struct map_place at = { 0 };
    size_t done = 0;

    *ret_count = 0;
    for (size_t i = 0; i < edits->count; i++) {
        const struct edit *edit = &edits->items[i];

        /* the same edits as rewrite_apply() does */
        if (edit->at.start < done || edit->at.end < edit->at.start || edit->at.end > code.len) {
            continue;
        }
        struct shift *s = &shifts[(*ret_count)++];

        s->from = at = map_move(at, str_sub(code, done, edit->at.start));
        s->to = at = map_move(at, str_sub(code, edit->at.start, edit->at.end));
        s->end = map_move(s->from, edit->with).col;
        s->by = s->end - s->to.col;
        if (*ret_count > 1 && s[-1].to.line == s->to.line && s->from.line == s->to.line) {
            s->by += s[-1].by;
        }
        done = edit->at.end;
    }
    return shifts;
}

static bool is_before(struct map_place a, struct map_place b)
{
    return a.line < b.line || (a.line == b.line && a.col < b.col);
}

/* The column of a place after the shifts. */
static int64_t shifted(const struct shift *shifts, size_t count, struct map_place at)
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
    struct mappings_reader r = { .rest = mappings };
    struct mappings_writer w = { .out = out };

    while (mappings_next(&r)) {
        struct mapping now = r.at;

        now.fields[0] =
                (int32_t)shifted(shifts, count, (struct map_place){ r.line, now.fields[0] });
        mappings_add(&w, r.line, &now);
    }
    return !r.bad;
}

bool source_map_edit(struct strbuf *out, struct str map, struct str source, struct str code,
        const struct edit_list *edits)
{
    struct arena a = { 0 };
    struct str mappings;
    json_t *root = source_map_read(map, &mappings);
    struct strbuf edited;
    size_t count;
    bool good = false;

    if (!root || (source.len > 0 && json_array_size(json_object_get(root, "sources")) != 1)) {
        json_decref(root);
        return false;
    }
    const struct shift *shifts = shifts_of(&a, code, edits, &count);

    strbuf_init(&edited, 4 * mappings.len + 64);
    if (edit_mappings(&edited, mappings, shifts, count) && !edited.overflow) {
        if (source.len > 0) {
            (void)json_object_set_new(
                    root, "sources", json_pack("[s%]", source.ptr, (size_t)source.len));
        }
        good = source_map_put(root, &edited, out);
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
        size_t broken = map_break_at(text, i);

        line -= broken > 0;
        i += broken > 0 ? broken : 1;
    }
    return str_skip(text, i);
}

/* From characters to UTF-16 units and back, both from 0, on the line that `text` begins with. */
static int64_t units_before(struct str text, int64_t chars)
{
    int64_t units = 0;

    for (size_t i = 0; i < text.len && map_break_at(text, i) == 0; i++) {
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

    for (size_t i = 0; i < text.len && units > 0 && map_break_at(text, i) == 0; i++) {
        unsigned u = str_utf16_units(text.ptr[i]);

        units -= u;
        chars += u > 0;
    }
    return chars;
}

static struct str string_at(const json_t *array, size_t i)
{
    const json_t *string = json_array_get(array, i);

    return (struct str){ json_string_value(string), json_string_length(string) };
}

bool source_map_find(struct str map, struct str code, unsigned line, unsigned col, struct arena *a,
        struct source_map_found *ret)
{
    struct str mappings;
    json_t *root = source_map_read(map, &mappings);
    struct mappings_reader r = { .rest = mappings };
    struct mapping best = { 0 };

    if (!root || line == 0 || col == 0) {
        json_decref(root);
        return false;
    }
    int64_t units = units_before(line_of(code, line - 1), (int64_t)col - 1);

    /* the last one that begins at the place or before it, on its line */
    while (mappings_next(&r) && r.line < line) {
        if (r.line == line - 1 && (r.at.fields[0] <= units || best.count == 0)) {
            best = r.at;
        }
    }
    struct str text = string_at(json_object_get(root, "sourcesContent"), (size_t)best.fields[1]);
    bool found = best.count >= 4 && text.ptr;

    if (found) {
        ret->source =
                arena_str(a, string_at(json_object_get(root, "sources"), (size_t)best.fields[1]));
        ret->text = arena_str(a, text);
        ret->line = (unsigned)best.fields[2] + 1;
        ret->col = chars_before(line_of(ret->text, (size_t)best.fields[2]), best.fields[3]) + 1;
    }
    json_decref(root);
    return found;
}
