/* SPDX-License-Identifier: MIT */
#include "orbit/c_headers.h"

#include <string.h>

#include "base/diag.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "orbit/lex.h"

struct header {
    struct str path, text;
    bool is_sure; /* included where no condition stands around it */
    struct orbit_items items;
    bool *is_sure_item; /* by item */
};

/* Texts and items lie in `scratch`, what is returned in `a`. */
struct reading {
    struct arena *a;
    struct arena scratch;
    struct str folder; /* of the component */
    bool (*read)(void *ctx, struct str path, struct arena *a, struct str *ret);
    void *ctx;
    struct header found[ORBIT_HEADERS_MAX];
    size_t count, bytes;
    struct orbit_headers ret;
};

/* ---- which they are ---- */

static bool was_tried(const struct reading *r, struct str path)
{
    for (size_t i = 0; i < r->ret.tried_count; i++) {
        if (str_eq(r->ret.tried[i], path)) {
            return true;
        }
    }
    return false;
}

static struct header *find_read(struct reading *r, struct str path)
{
    for (size_t i = 0; i < r->count; i++) {
        if (str_eq(r->found[i].path, path)) {
            return &r->found[i];
        }
    }
    return NULL;
}

static void leave_out(struct reading *r, struct str path)
{
    if (r->ret.left_out.len == 0) {
        r->ret.left_out = arena_str(r->a, path);
    }
}

/* False: the search goes on in another folder. */
static bool try_folder(struct reading *r, struct str folder, struct str name, bool is_sure)
{
    struct str path;
    struct str text;

    if (!path_normalise(&r->scratch, path_join(&r->scratch, folder, name), &path) ||
            path.len == 0) {
        return false;
    }
    if (was_tried(r, path)) {
        struct header *known = find_read(r, path);
        if (known) {
            known->is_sure = known->is_sure || is_sure;
        }
        return known;
    }
    if (r->ret.tried_count == ORBIT_HEADERS_TRIED_MAX || r->count == ORBIT_HEADERS_MAX) {
        leave_out(r, path);
        return true;
    }
    r->ret.tried[r->ret.tried_count++] = path = arena_str(r->a, path);
    if (!r->read(r->ctx, path, &r->scratch, &text)) {
        return false;
    }
    if (text.len > ORBIT_HEADERS_BYTES_MAX - r->bytes) {
        leave_out(r, path);
        return true;
    }
    r->bytes += text.len;
    r->found[r->count++] = (struct header){ .path = path, .text = text, .is_sure = is_sure };
    return true;
}

static void find_header(struct reading *r, struct str beside, struct str name, bool is_sure)
{
    if (try_folder(r, beside, name, is_sure)) {
        return;
    }
    for (struct str folder = r->folder;; folder = path_parent(folder)) {
        if (try_folder(r, folder, name, is_sure) || folder.len == 0) {
            return;
        }
    }
}

/* The word of the preprocessor's line that the item is; empty: it is none. */
static struct str directive(struct str text, const struct orbit_item *item)
{
    struct str line = str_sub(text, item->start, item->end);
    size_t len = 0;

    if (!str_starts(line, STR("#"))) {
        return STR("");
    }
    line = str_trim(str_skip(line, 1));
    while (len < line.len && line.ptr[len] >= 'a' && line.ptr[len] <= 'z') {
        len++;
    }
    return str_sub(line, 0, len);
}

/* Whether the header's conditions begin with the one that keeps it from being read twice. */
static bool is_guarded(const struct header *h)
{
    size_t i = 0;

    while (i < h->items.count && str_eq(directive(h->text, &h->items.items[i]), STR("pragma"))) {
        i++;
    }
    return i + 1 < h->items.count &&
           orbit_word_in(directive(h->text, &h->items.items[i]), "if ifndef") &&
           str_eq(directive(h->text, &h->items.items[i + 1]), STR("define"));
}

/* Fills the items of a text, and finds what it includes. */
static void read_items(struct reading *r, struct header *h, struct str folder)
{
    orbit_c_items(&r->scratch, h->text, &h->items);
    h->is_sure_item = arena_array(&r->scratch, bool, h->items.count + 1);
    size_t depth = 0, sure_at = is_guarded(h) ? 1 : 0;

    for (size_t i = 0; i < h->items.count; i++) {
        const struct orbit_item *item = &h->items.items[i];
        struct str word = directive(h->text, item);
        struct str name = item->type;

        if (str_eq(word, STR("endif"))) {
            depth -= depth > 0;
            sure_at = depth > 0 ? sure_at : 0;
        } else if (str_starts(word, STR("if"))) {
            depth++;
        }
        h->is_sure_item[i] = depth <= sure_at && h->is_sure;
        if (item->kind == ORBIT_ITEM_USE && str_starts(name, STR("\""))) {
            name = str_skip(name, 1);
            size_t end = str_find(name, '"');

            name = str_sub(name, 0, end == STR_NONE ? 0 : end);
            if (name.len > 0 && !str_eq(name, STR("orbit.h"))) {
                find_header(r, folder, name, h->is_sure_item[i]);
            }
        }
    }
}

/* ---- what the component needs of them ---- */

struct type {
    const struct orbit_item *item;
    struct str text; /* of all of it */
    bool is_out;     /* not to be taken */
    bool is_needed;
};

struct types {
    struct type *items; /* that headers declare */
    size_t count;
    size_t *queue; /* needed ones, whose own fields are looked at one by one */
    size_t queued;
};

static bool is_type(const struct orbit_item *item)
{
    return (item->kind == ORBIT_ITEM_STRUCT || item->kind == ORBIT_ITEM_ENUM) && item->body > 0 &&
           (item->name.len > 0 || item->alias.len > 0);
}

static bool has_name(const struct orbit_item *item, struct str name)
{
    return name.len > 0 && (str_eq(item->name, name) || str_eq(item->alias, name));
}

/* Whether a line of the text begins with "#if". */
static bool has_condition(struct str text)
{
    struct str line;

    while (text.len > 0) {
        (void)str_cut(text, '\n', &line, &text);
        line = str_trim(line);
        if (str_starts(line, STR("#")) && str_starts(str_trim(str_skip(line, 1)), STR("if"))) {
            return true;
        }
    }
    return false;
}

/* Two of one name: which one holds is not known, if they are not the same. */
static void leave_out_doubtful(struct types *t, const struct header *block)
{
    for (size_t i = 0; i < t->count; i++) {
        struct type *type = &t->items[i];
        const struct orbit_item *item = type->item;

        /* a condition may take fields and enumerators away */
        type->is_out = type->is_out || has_condition(type->text);
        for (size_t k = 0; k < block->items.count && !type->is_out; k++) {
            const struct orbit_item *own = &block->items.items[k];
            type->is_out =
                    is_type(own) && (has_name(own, item->name) || has_name(own, item->alias));
        }
        for (size_t k = i + 1; k < t->count; k++) {
            struct type *other = &t->items[k];
            if (has_name(other->item, item->name) || has_name(other->item, item->alias)) {
                type->is_out = type->is_out || !str_eq(type->text, other->text);
                other->is_out = true;
            }
        }
    }
}

static void need(struct types *t, struct str name)
{
    for (size_t i = 0; i < t->count; i++) {
        struct type *type = &t->items[i];
        if (has_name(type->item, name) && !type->is_out && !type->is_needed) {
            type->is_needed = true;
            t->queue[t->queued++] = i;
        }
    }
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The types that a declaration's text names, those it points to only if `points`. */
static void need_named(struct types *t, struct str text, bool points)
{
    for (size_t i = 0, end; i < text.len; i = end) {
        for (end = i; end < text.len && is_word_char(text.ptr[end]);) {
            end++;
        }
        if (end == i) {
            end++;
        } else if (points || !str_starts(str_trim(str_skip(text, end)), STR("*"))) {
            need(t, str_sub(text, i, end));
        }
    }
}

/* Whether a field of the struct may count what a pointer beside it leads to. */
static bool has_count(const struct orbit_item *item)
{
    for (size_t i = 0; i < item->member_count; i++) {
        struct str name = item->members[i].name;
        if (str_ends(name, STR("_count")) || str_ends(name, STR("_len")) ||
                str_ends(name, STR("_length"))) {
            return true;
        }
    }
    return false;
}

static void need_fields(struct types *t, const struct orbit_item *item)
{
    for (size_t i = 0; i < item->member_count && item->kind == ORBIT_ITEM_STRUCT; i++) {
        need_named(t, item->members[i].type, has_count(item));
    }
}

/* What declarations of a text give: functions, and variables. */
static void need_declared(struct types *t, const struct header *h, bool is_block)
{
    for (size_t i = 0; i < h->items.count; i++) {
        const struct orbit_item *item = &h->items.items[i];
        struct str text = str_sub(h->text, item->start, item->end);

        if (is_block && item->kind == ORBIT_ITEM_STRUCT) {
            need_fields(t, item);
        } else if (!h->is_sure_item[i]) {
            continue;
        } else if (item->kind == ORBIT_ITEM_FUNCTION) {
            need_named(t, item->type, false);
            for (size_t k = 0; k < item->member_count && is_block; k++) {
                need_named(t, item->members[k].type, false);
            }
        } else if (item->kind == ORBIT_ITEM_OTHER && directive(h->text, item).len == 0) {
            size_t end = str_find(text, '=');
            need_named(t, str_sub(text, 0, end == STR_NONE ? text.len : end), false);
        }
    }
}

/* Bodies of the types that the component needs, those of one text, in the order of the headers. */
static struct str needed_of(struct reading *r, const struct header *block, struct str name)
{
    struct types t = { .count = 0 };
    struct strbuf out;
    size_t count = 0;

    for (size_t i = 0; i < r->count; i++) {
        count += r->found[i].items.count;
    }
    t.items = arena_array(&r->scratch, struct type, count + 1);
    t.queue = arena_array(&r->scratch, size_t, count + 1);
    for (size_t i = 0; i < r->count; i++) {
        const struct header *h = &r->found[i];
        for (size_t k = 0; k < h->items.count && h->items.error.len == 0; k++) {
            const struct orbit_item *item = &h->items.items[k];
            if (is_type(item)) {
                t.items[t.count++] = (struct type){ .item = item,
                    .text = str_sub(h->text, item->start, item->end) };
            }
        }
    }
    leave_out_doubtful(&t, block);
    need(&t, name);
    need(&t, arena_printf(&r->scratch, "%.*sProps", STR_FMT(name)));
    need_declared(&t, block, true);
    for (size_t i = 0; i < r->count; i++) {
        if (r->found[i].items.error.len == 0) {
            need_declared(&t, &r->found[i], false);
        }
    }
    for (size_t i = 0; i < t.queued; i++) { /* which finds more of them, each once */
        need_fields(&t, t.items[t.queue[i]].item);
    }
    strbuf_init(&out, ORBIT_HEADERS_BYTES_MAX + count);
    for (size_t i = 0; i < t.count; i++) {
        if (t.items[i].is_needed) {
            strbuf_add(&out, t.items[i].text);
            strbuf_addc(&out, '\n');
        }
    }
    struct str ret = arena_str(r->a, strbuf_str(&out));
    strbuf_finish(&out);
    return ret;
}

struct orbit_headers orbit_c_headers_read(struct arena *a, struct str folder, struct str name,
        struct str block,
        bool (*read)(void *ctx, struct str path, struct arena *a, struct str *ret), void *ctx)
{
    struct reading r = { .a = a, .folder = folder, .read = read, .ctx = ctx };
    struct header own = { .text = block, .is_sure = true };

    if (str_find_str(block, STR("include")) == STR_NONE) {
        return r.ret;
    }
    r.ret.tried = arena_array(a, struct str, ORBIT_HEADERS_TRIED_MAX);
    read_items(&r, &own, folder);
    for (size_t i = 0; i < r.count; i++) { /* which finds more of them */
        struct header *h = &r.found[i];
        read_items(&r, h, path_parent(h->path));
        if (h->items.error.len > 0 && r.ret.bad.len == 0) {
            unsigned col;
            r.ret.bad = h->path;
            r.ret.bad_why = arena_str(a, h->items.error);
            diag_place(h->text, h->items.error_offset, &r.ret.bad_line, &col);
        }
    }
    if (r.count > 0) {
        r.ret.types = needed_of(&r, &own, name);
    }
    arena_finish(&r.scratch);
    return r.ret;
}

void orbit_c_headers_add(struct arena *a, struct str types, struct orbit_items *items)
{
    struct orbit_items all;

    if (types.len == 0) {
        return;
    }
    orbit_c_items(a, types, &all);
    struct orbit_item *joined = arena_array(a, struct orbit_item, all.count + items->count + 1);

    if (all.count > 0) {
        memcpy(joined, all.items, all.count * sizeof(*joined));
    }
    if (items->count > 0) {
        memcpy(joined + all.count, items->items, items->count * sizeof(*joined));
    }
    items->items = joined;
    items->count += all.count;
}
