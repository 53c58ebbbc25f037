/* SPDX-License-Identifier: MIT */
/* The mappings of a source map; mappings.h draws them. */
#include "modules/mappings.h"

#include <stdlib.h>

#include "base/base64.h"

enum { FIELD_MAX = 1 << 30 };

json_t *source_map_read(struct str map, struct str *ret_mappings)
{
    json_error_t error;
    json_t *root = json_loadb(map.ptr, map.len, 0, &error);
    json_t *mappings = json_object_get(root, "mappings");

    if (!json_is_string(mappings) || json_array_size(json_object_get(root, "sources")) == 0) {
        json_decref(root);
        return NULL;
    }
    *ret_mappings = (struct str){ json_string_value(mappings), json_string_length(mappings) };
    return root;
}

bool source_map_put(json_t *root, const struct strbuf *mappings, struct strbuf *out)
{
    (void)json_object_set_new(
            root, "mappings", json_stringn(mappings->ptr ? mappings->ptr : "", mappings->len));
    char *text = json_dumps(root, JSON_COMPACT);
    bool good = text != NULL;

    strbuf_add(out, str_from(text));
    free(text);
    return good;
}

static bool take_number(struct mappings_reader *w, int64_t *ret)
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

static bool ends_segment(const struct mappings_reader *w)
{
    return w->rest.len == 0 || w->rest.ptr[0] == ',' || w->rest.ptr[0] == ';';
}

bool mappings_next(struct mappings_reader *w)
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

        if (w->at.count == MAPPING_FIELDS || !take_number(w, &delta)) {
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

void mappings_add(struct mappings_writer *w, size_t line, const struct mapping *mapping)
{
    for (; w->line < line; w->line++) {
        strbuf_addc(w->out, ';');
        w->last.fields[0] = 0;
        w->is_within = false;
    }
    if (w->is_within) {
        strbuf_addc(w->out, ',');
    }
    w->is_within = true;
    for (unsigned i = 0; i < mapping->count; i++) {
        add_number(w->out, (int64_t)mapping->fields[i] - w->last.fields[i]);
        w->last.fields[i] = mapping->fields[i];
    }
}

size_t map_break_at(struct str text, size_t i)
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

struct map_place map_move(struct map_place at, struct str text)
{
    size_t i = 0;

    while (i < text.len) {
        size_t broken = map_break_at(text, i);

        at = broken > 0 ? (struct map_place){ at.line + 1, 0 }
                        : (struct map_place){ at.line, at.col + str_utf16_units(text.ptr[i]) };
        i += broken > 0 ? broken : 1;
    }
    return at;
}
