/* SPDX-License-Identifier: MIT */
#include "orbit/c_headers.h"

#include <string.h>

#include "base/path.h"
#include "base/strbuf.h"

struct header {
    struct str path, text;
};

struct reading {
    struct arena *a;
    struct str folder; /* of the component */
    bool (*read)(void *ctx, struct str path, struct arena *a, struct str *ret);
    void *ctx;
    struct header found[ORBIT_HEADERS_MAX];
    size_t count, bytes;
    struct orbit_headers ret;
};

static bool was_tried(const struct reading *r, struct str path)
{
    for (size_t i = 0; i < r->ret.tried_count; i++) {
        if (str_eq(r->ret.tried[i], path)) {
            return true;
        }
    }
    return false;
}

static bool is_found(const struct reading *r, struct str path)
{
    for (size_t i = 0; i < r->count; i++) {
        if (str_eq(r->found[i].path, path)) {
            return true;
        }
    }
    return false;
}

/* False: the search goes on in another folder. */
static bool try_folder(struct reading *r, struct str folder, struct str name)
{
    struct str path;
    struct str text;

    if (!path_normalise(r->a, path_join(r->a, folder, name), &path) || path.len == 0) {
        return false;
    }
    if (was_tried(r, path)) {
        return is_found(r, path);
    }
    if (r->ret.tried_count == ORBIT_HEADERS_TRIED_MAX || r->count == ORBIT_HEADERS_MAX) {
        return true;
    }
    r->ret.tried[r->ret.tried_count++] = path = arena_str(r->a, path);
    if (!r->read(r->ctx, path, r->a, &text)) {
        return false;
    }
    if (text.len <= ORBIT_HEADERS_BYTES_MAX - r->bytes) {
        r->bytes += text.len;
        r->found[r->count++] = (struct header){ path, text };
    }
    return true;
}

static void find_header(struct reading *r, struct str beside, struct str name)
{
    if (try_folder(r, beside, name)) {
        return;
    }
    for (struct str folder = r->folder;; folder = path_parent(folder)) {
        if (try_folder(r, folder, name) || folder.len == 0) {
            return;
        }
    }
}

static void read_includes(struct reading *r, struct str folder, struct str text)
{
    struct orbit_items items;

    orbit_c_items(r->a, text, &items);
    for (size_t i = 0; i < items.count; i++) {
        struct str name = items.items[i].type;

        if (items.items[i].kind == ORBIT_ITEM_USE && str_starts(name, STR("\""))) {
            name = str_skip(name, 1);
            size_t end = str_find(name, '"');

            name = str_sub(name, 0, end == STR_NONE ? 0 : end);
            if (name.len > 0 && !str_eq(name, STR("orbit.h"))) {
                find_header(r, folder, name);
            }
        }
    }
}

struct orbit_headers orbit_c_headers_read(struct arena *a, struct str folder, struct str block,
        bool (*read)(void *ctx, struct str path, struct arena *a, struct str *ret), void *ctx)
{
    struct reading r = { .a = a, .folder = folder, .read = read, .ctx = ctx };
    struct strbuf text;

    if (str_find_str(block, STR("include")) == STR_NONE) {
        return r.ret;
    }
    r.ret.tried = arena_array(a, struct str, ORBIT_HEADERS_TRIED_MAX);
    read_includes(&r, folder, block);
    strbuf_init(&text, ORBIT_HEADERS_BYTES_MAX + ORBIT_HEADERS_MAX);
    for (size_t i = 0; i < r.count; i++) { /* which finds more of them */
        read_includes(&r, path_parent(r.found[i].path), r.found[i].text);
        strbuf_add(&text, r.found[i].text);
        strbuf_addc(&text, '\n');
    }
    r.ret.text = arena_str(a, strbuf_str(&text));
    strbuf_finish(&text);
    return r.ret;
}

/* ---- what a block needs of them ---- */

static bool is_type(const struct orbit_item *item)
{
    return (item->kind == ORBIT_ITEM_STRUCT || item->kind == ORBIT_ITEM_ENUM) && item->body > 0;
}

static bool names(struct str text, const struct orbit_item *item)
{
    return str_find_word(text, item->name, 0) != STR_NONE ||
           str_find_word(text, item->alias, 0) != STR_NONE;
}

void orbit_c_headers_add(
        struct arena *a, struct str headers, struct str block, struct orbit_items *items)
{
    struct orbit_items all;
    bool *needed;
    size_t count = 0;

    if (headers.len == 0) {
        return;
    }
    orbit_c_items(a, headers, &all);
    needed = arena_array(a, bool, all.count + 1);
    memset(needed, 0, all.count + 1);
    /* A type stands before those that use it, so that one way from the end finds nearly all. */
    for (bool more = true; more;) {
        more = false;
        for (size_t i = all.count; i-- > 0;) {
            const struct orbit_item *item = &all.items[i];
            bool is_named = is_type(item) && !needed[i] && names(block, item);

            for (size_t k = 0; k < all.count && is_type(item) && !needed[i] && !is_named; k++) {
                const struct orbit_item *user = &all.items[k];
                is_named = needed[k] && names(str_sub(headers, user->start, user->end), item);
            }
            if (is_named) {
                needed[i] = more = true;
                count++;
            }
        }
    }
    struct orbit_item *joined = arena_array(a, struct orbit_item, count + items->count + 1);
    size_t at = 0;

    for (size_t i = 0; i < all.count; i++) {
        if (needed[i]) {
            joined[at++] = all.items[i];
        }
    }
    for (size_t i = 0; i < items->count; i++) {
        joined[at++] = items->items[i];
    }
    items->items = joined;
    items->count = at;
}
