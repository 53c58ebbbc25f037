/* SPDX-License-Identifier: MIT */
/*
 * See esbuild_wire.h. A packet is read as a tree of values, which keep slices of it. Of a list only the
 * first are kept, since nobody reads a thousand messages; the others are walked over.
 */
#include "transform/esbuild_wire.h"

enum {
    NOTES_MAX = 8,      /* of one message */
    MESSAGES_DEPTH = 1, /* of the lists of messages; those deeper are of notes */
};

enum value_type {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_NUMBER,
    VALUE_TEXT,
    VALUE_BYTES,
    VALUE_ARRAY,
    VALUE_MAP,
};

struct member;

struct value {
    enum value_type type;
    uint32_t number;
    struct str text;
    struct member *members; /* of an array without keys */
    size_t count;
};

struct member {
    struct str key;
    struct value value;
};

struct reader {
    struct str in;
    size_t kept;     /* members */
    bool is_walking; /* what is read now is not kept */
    struct arena *arena;
};

/* ---- writing ---- */

static void add_u32(struct strbuf *out, uint32_t n)
{
    for (int i = 0; i < 4; i++) {
        strbuf_addc(out, (char)(unsigned char)(n >> (8 * i)));
    }
}

static void add_bare(struct strbuf *out, struct str s)
{
    add_u32(out, (uint32_t)s.len);
    strbuf_add(out, s);
}

static void add_text(struct strbuf *out, enum value_type type, struct str s)
{
    strbuf_addc(out, (char)type);
    add_bare(out, s);
}

void esbuild_add_request(struct strbuf *out, uint32_t id, const struct str *flags,
        size_t flag_count, struct str text)
{
    struct strbuf body;

    strbuf_init(&body, ESBUILD_PACKET_MAX);
    add_u32(&body, id << 1);
    strbuf_addc(&body, VALUE_MAP);
    add_u32(&body, 4);
    add_bare(&body, STR("command"));
    add_text(&body, VALUE_TEXT, STR("transform"));
    add_bare(&body, STR("flags"));
    strbuf_addc(&body, VALUE_ARRAY);
    add_u32(&body, (uint32_t)flag_count);
    for (size_t i = 0; i < flag_count; i++) {
        add_text(&body, VALUE_TEXT, flags[i]);
    }
    add_bare(&body, STR("inputFS"));
    strbuf_addc(&body, VALUE_BOOL);
    strbuf_addc(&body, 0);
    add_bare(&body, STR("input"));
    add_text(&body, VALUE_BYTES, text);
    add_bare(out, strbuf_str(&body));
    out->overflow = out->overflow || body.overflow;
    strbuf_finish(&body);
}

/* ---- reading ---- */

static uint32_t u32_at(struct str s, size_t at)
{
    const unsigned char *p = (const unsigned char *)s.ptr + at;

    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

enum esbuild_read esbuild_read_packet(struct str in, size_t *ret_used, struct str *ret_packet)
{
    if (in.len < 4) {
        return ESBUILD_INCOMPLETE;
    }
    size_t len = u32_at(in, 0);

    if (len > ESBUILD_PACKET_MAX) {
        return ESBUILD_MALFORMED;
    }
    if (in.len - 4 < len) {
        return ESBUILD_INCOMPLETE;
    }
    *ret_packet = str_sub(in, 4, 4 + len);
    *ret_used = 4 + len;
    return ESBUILD_PACKET;
}

static bool take_u32(struct reader *r, uint32_t *ret)
{
    if (r->in.len < 4) {
        return false;
    }
    *ret = u32_at(r->in, 0);
    r->in = str_skip(r->in, 4);
    return true;
}

static bool take_text(struct reader *r, struct str *ret)
{
    uint32_t len;

    if (!take_u32(r, &len) || len > r->in.len) {
        return false;
    }
    *ret = str_sub(r->in, 0, len);
    r->in = str_skip(r->in, len);
    return true;
}

static bool take_value(struct reader *r, unsigned depth, struct value *ret);

/* How many of so many members are kept. */
static size_t kept_of(const struct reader *r, enum value_type type, unsigned depth, size_t count)
{
    size_t most = type == VALUE_MAP ? count : depth <= MESSAGES_DEPTH ? DIAG_MAX : NOTES_MAX;
    size_t room = ESBUILD_VALUES_MAX - r->kept;

    most = r->is_walking ? 0 : most < room ? most : room;
    return count < most ? count : most;
}

static bool take_members(struct reader *r, unsigned depth, struct value *ret)
{
    bool was_walking = r->is_walking;
    uint32_t count;

    /* each has one byte at least */
    if (!take_u32(r, &count) || count > r->in.len || depth >= ESBUILD_DEPTH_MAX) {
        return false;
    }
    ret->count = kept_of(r, ret->type, depth, count);
    ret->members = arena_array(r->arena, struct member, ret->count);
    r->kept += ret->count;
    for (uint32_t i = 0; i < count; i++) {
        struct member walked;
        struct member *m = i < ret->count ? &ret->members[i] : &walked;

        r->is_walking = was_walking || i >= ret->count;
        if ((ret->type == VALUE_MAP && !take_text(r, &m->key)) ||
                !take_value(r, depth + 1, &m->value)) {
            return false;
        }
    }
    r->is_walking = was_walking;
    return true;
}

static bool take_value(struct reader *r, unsigned depth, struct value *ret)
{
    if (r->in.len == 0) {
        return false;
    }
    unsigned char type = (unsigned char)r->in.ptr[0];

    *ret = (struct value){ .type = (enum value_type)type };
    r->in = str_skip(r->in, 1);
    switch (type) {
    case VALUE_NULL: return true;
    case VALUE_BOOL:
        if (r->in.len == 0) {
            return false;
        }
        ret->number = r->in.ptr[0] != 0;
        r->in = str_skip(r->in, 1);
        return true;
    case VALUE_NUMBER: return take_u32(r, &ret->number);
    case VALUE_TEXT:
    case VALUE_BYTES: return take_text(r, &ret->text);
    case VALUE_ARRAY:
    case VALUE_MAP: return take_members(r, depth, ret);
    default: return false;
    }
}

static const struct value *get(const struct value *map, struct str key, enum value_type type)
{
    static const struct value none = { .type = VALUE_NULL };

    for (size_t i = 0; map->type == VALUE_MAP && i < map->count; i++) {
        if (str_eq(map->members[i].key, key)) {
            const struct value *v = &map->members[i].value;

            /* texts have become bytes here and there from one version to the next */
            return v->type == type || (type == VALUE_TEXT && v->type == VALUE_BYTES) ? v : &none;
        }
    }
    return &none;
}

/* Places are 0-based bytes there, 1-based characters here. */
static unsigned column_of(struct str line, uint32_t bytes)
{
    unsigned col = 1;

    for (size_t i = 0; i < line.len && i < bytes; i++) {
        col += ((unsigned char)line.ptr[i] & 0xC0) != 0x80;
    }
    return col;
}

static struct str notes_of(struct arena *a, const struct value *message)
{
    const struct value *notes = get(message, STR("notes"), VALUE_ARRAY);
    struct str all = STR("");

    for (size_t i = 0; i < notes->count && i < NOTES_MAX; i++) {
        struct str text = get(&notes->members[i].value, STR("text"), VALUE_TEXT)->text;

        all = arena_printf(a, "%.*s%s%.*s", STR_FMT(all), all.len > 0 ? "; " : "", STR_FMT(text));
    }
    return all;
}

static void add_diag(struct diag_list *diags, const struct value *message, struct str source,
        enum diag_severity severity, struct arena *a)
{
    const struct value *place = get(message, STR("location"), VALUE_MAP);
    struct diag d = {
        .severity = severity,
        .text = get(message, STR("text"), VALUE_TEXT)->text,
        .hint = notes_of(a, message),
    };

    if (place->type == VALUE_MAP) {
        struct str line = get(place, STR("lineText"), VALUE_TEXT)->text;
        uint32_t column = get(place, STR("column"), VALUE_NUMBER)->number;
        uint32_t length = get(place, STR("length"), VALUE_NUMBER)->number;

        d.line = get(place, STR("line"), VALUE_NUMBER)->number;
        d.col = column_of(line, column);
        if (length > 0 && length <= line.len && column <= line.len - length) {
            d.end_line = d.line;
            d.end_col = column_of(line, column + length);
        }
        d.frame = diag_frame(a, source, d.line, d.col);
    }
    diag_list_add(diags, &d);
}

bool esbuild_read_answer(
        struct str packet, struct str source, struct arena *a, struct esbuild_answer *ret)
{
    struct reader r = { .in = packet, .arena = a };
    struct value root;
    uint32_t id;

    *ret = (struct esbuild_answer){ 0 };
    if (!take_u32(&r, &id)) {
        return false;
    }
    ret->id = id >> 1;
    ret->is_request = (id & 1) == 0;
    if (!take_value(&r, 0, &root) || r.in.len > 0 || root.type != VALUE_MAP) {
        return false;
    }
    if (ret->is_request) {
        return true;
    }
    const struct value *errors = get(&root, STR("errors"), VALUE_ARRAY);
    const struct value *warnings = get(&root, STR("warnings"), VALUE_ARRAY);
    struct str failure = get(&root, STR("error"), VALUE_TEXT)->text; /* of the request itself */

    if (failure.len == 0 && get(&root, STR("code"), VALUE_TEXT)->type == VALUE_NULL) {
        return false;
    }
    ret->code = get(&root, STR("code"), VALUE_TEXT)->text;
    ret->map = get(&root, STR("map"), VALUE_TEXT)->text;
    if (failure.len > 0) {
        diag_list_add(&ret->diags, &(struct diag){ .severity = DIAG_ERROR, .text = failure });
    }
    for (size_t i = 0; i < errors->count && i < DIAG_MAX; i++) {
        add_diag(&ret->diags, &errors->members[i].value, source, DIAG_ERROR, a);
    }
    for (size_t i = 0; i < warnings->count && ret->diags.count < DIAG_MAX; i++) {
        add_diag(&ret->diags, &warnings->members[i].value, source, DIAG_WARNING, a);
    }
    return true;
}
