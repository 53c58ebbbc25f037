/* SPDX-License-Identifier: MIT */
/* Maps that are made: of pieces, and of two maps. */
#include "base/vec.h"
#include "modules/mappings.h"
#include "modules/source_map.h"

/* ---- pieces ---- */

/* The begins of a text's lines. */
struct lines {
    struct str text;
    size_t *items;
    size_t count, cap;
};

static void read_lines(struct lines *lines, struct str text)
{
    lines->text = text;
    vec_push(lines, 0);
    for (size_t i = 0; i < text.len;) {
        size_t broken = map_break_at(text, i);

        i += broken > 0 ? broken : 1;
        if (broken > 0) {
            vec_push(lines, i);
        }
    }
}

static struct map_place place_in(const struct lines *lines, size_t offset)
{
    size_t low = 0;
    size_t high = lines->count;

    offset = offset < lines->text.len ? offset : lines->text.len;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (lines->items[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return map_move(
            (struct map_place){ .line = low }, str_sub(lines->text, lines->items[low], offset));
}

static void add_place(
        struct mappings_writer *w, struct map_place at, size_t source, struct map_place from)
{
    mappings_add(w, at.line,
            &(struct mapping){ .fields = { (int32_t)at.col, (int32_t)source, (int32_t)from.line,
                                       (int32_t)from.col },
                    .count = 4 });
}

/* The words and signs of a piece, but for what is at its begin; gives the place of its end. */
static struct map_place add_words(struct mappings_writer *w, struct str text, struct map_place at,
        size_t source, struct map_place from)
{
    bool is_within = true;

    for (size_t i = 0; i < text.len;) {
        char c = text.ptr[i];
        size_t broken = map_break_at(text, i);
        size_t len = broken > 0 ? broken : 1;

        if (broken == 0 && c != ' ' && c != '\t' && i > 0 && !(is_within && str_is_name_byte(c))) {
            add_place(w, at, source, from);
        }
        is_within = str_is_name_byte(c) && broken == 0;
        at = map_move(at, str_sub(text, i, i + len));
        from = map_move(from, str_sub(text, i, i + len));
        i += len;
    }
    return at;
}

static void add_pieces(struct mappings_writer *w, struct str text,
        const struct source_map_piece *pieces, size_t count, const struct lines *lines)
{
    struct map_place at = { 0 };
    size_t done = 0;

    for (size_t i = 0; i < count; i++) {
        const struct source_map_piece *p = &pieces[i];
        struct map_place gap = at;
        struct map_place from = place_in(&lines[p->source], p->from);

        at = map_move(at, str_sub(text, done, p->at));
        if (gap.line < at.line) {
            if (i > 0) {
                mappings_add(w, gap.line,
                        &(struct mapping){ .fields = { (int32_t)gap.col }, .count = 1 });
            }
            gap = (struct map_place){ .line = at.line };
        }
        add_place(w, gap, p->source, from);
        if (gap.col < at.col) {
            add_place(w, at, p->source, from);
        }
        done = p->at + p->len;
        at = add_words(w, str_sub(text, p->at, done), at, p->source, from);
    }
    if (count > 0) {
        mappings_add(w, at.line, &(struct mapping){ .fields = { (int32_t)at.col }, .count = 1 });
    }
}

void source_map_write(struct strbuf *out, struct str text, const struct source_map_piece *pieces,
        size_t count, const struct source_map_source *sources, size_t source_count)
{
    struct arena a = { 0 };
    struct lines *lines = arena_array(&a, struct lines, source_count);
    struct mappings_writer w = { .out = out };

    strbuf_add(out, STR("{\"version\":3,\"sources\":["));
    for (size_t i = 0; i < source_count; i++) {
        strbuf_add(out, i > 0 ? STR(",") : STR(""));
        strbuf_add_json(out, sources[i].name);
        lines[i] = (struct lines){ 0 };
        read_lines(&lines[i], sources[i].text);
    }
    strbuf_add(out, STR("],\"sourcesContent\":["));
    for (size_t i = 0; i < source_count; i++) {
        strbuf_add(out, i > 0 ? STR(",") : STR(""));
        strbuf_add_json(out, sources[i].text);
    }
    strbuf_add(out, STR("],\"names\":[],\"mappings\":\""));
    add_pieces(&w, text, pieces, count, lines);
    strbuf_add(out, STR("\"}"));
    for (size_t i = 0; i < source_count; i++) {
        vec_finish(&lines[i]);
    }
    arena_finish(&a);
}

/* ---- two maps ---- */

struct located {
    size_t line;
    struct mapping at;
};

struct located_list {
    struct located *items; /* by line and column, as maps are */
    size_t count, cap;
};

/* The last one on that line that begins at the column or before it; NULL: none. */
static const struct located *find_located(const struct located_list *list, size_t line, int32_t col)
{
    size_t low = 0;
    size_t high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct located *l = &list->items[middle];

        if (l->line < line || (l->line == line && l->at.fields[0] <= col)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && list->items[low - 1].line == line ? &list->items[low - 1] : NULL;
}

static bool join(struct strbuf *out, struct str outer, struct str inner)
{
    struct mappings_reader from = { .rest = inner };
    struct mappings_reader r = { .rest = outer };
    struct mappings_writer w = { .out = out };
    struct located_list list = { 0 };

    while (mappings_next(&from)) {
        vec_push(&list, ((struct located){ from.line, from.at }));
    }
    while (mappings_next(&r)) {
        struct mapping now = r.at;
        const struct located *found =
                now.count >= 4 ? find_located(&list, (size_t)now.fields[2], now.fields[3]) : NULL;

        if (found && found->at.count >= 4) {
            memcpy(&now.fields[1], &found->at.fields[1], 3 * sizeof(now.fields[0]));
        } else {
            now.count = 1;
        }
        mappings_add(&w, r.line, &now);
    }
    vec_finish(&list);
    return !r.bad && !from.bad;
}

bool source_map_join(struct strbuf *out, struct str outer, struct str inner)
{
    struct str mappings[2];
    json_t *over = source_map_read(outer, &mappings[0]);
    json_t *below = source_map_read(inner, &mappings[1]);
    struct strbuf joined;
    bool good = false;

    if (over && below) {
        strbuf_init(&joined, 4 * (mappings[0].len + mappings[1].len) + 64);
        if (join(&joined, mappings[0], mappings[1]) && !joined.overflow) {
            (void)json_object_set(over, "sources", json_object_get(below, "sources"));
            (void)json_object_set(over, "sourcesContent", json_object_get(below, "sourcesContent"));
            good = source_map_put(over, &joined, out);
        }
        strbuf_finish(&joined);
    }
    json_decref(over);
    json_decref(below);
    return good;
}
