/* SPDX-License-Identifier: MIT */
/*
 * Request targets: the host, a line end, the target. Properties: a path is
 * canonical, has no dot segment, no NUL, no backslash, is UTF-8, and written
 * out again with every byte encoded it is read as the same path.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "http/http_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void demand_canonical(struct str path)
{
    struct str rest = path;
    bool more = path.len > 0;

    demand(path.ptr[path.len] == '\0');
    demand(str_is_utf8(path));
    for (size_t i = 0; i < path.len; i++) {
        demand((unsigned char)path.ptr[i] >= 0x20 && path.ptr[i] != '\\' && path.ptr[i] != 0x7f);
    }
    while (more) {
        struct str segment;

        more = str_cut(rest, '/', &segment, &rest);
        demand(segment.len > 0);
        demand(!str_eq(segment, STR(".")) && !str_eq(segment, STR("..")));
    }
}

/* Everything but the slashes as a triplet: the most that a client could encode. */
static struct str encode(struct arena *a, const struct http_target *target)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = arena_alloc(a, target->path.len * 3 + 3);
    size_t len = 0;

    out[len++] = '/';
    for (size_t i = 0; i < target->path.len; i++) {
        unsigned char c = (unsigned char)target->path.ptr[i];

        if (c == '/') {
            out[len++] = '/';
            continue;
        }
        out[len++] = '%';
        out[len++] = digits[c >> 4];
        out[len++] = digits[c & 15];
    }
    if (target->folder && target->path.len > 0) {
        out[len++] = '/';
    }
    return (struct str){ out, len };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = { 0 };
    struct str in = { (const char *)data, size };
    struct str host;
    struct str text;
    struct http_target target;
    struct str value;

    (void)str_cut(in, '\n', &host, &text); /* without a line end the target is empty */
    if (http_target_parse(&arena, text, host, &target)) {
        struct http_target again;
        struct str normal;

        demand_canonical(target.path);
        demand(target.path.len > 0 || target.folder);
        demand(path_normalise(&arena, target.path, &normal) && str_eq(normal, target.path));
        demand(http_target_parse(&arena, encode(&arena, &target), host, &again));
        demand(str_eq(again.path, target.path) && again.folder == target.folder);
        demand(again.query.len == 0);
        if (http_query_get(&arena, target.query, STR("a"), &value)) {
            demand(str_is_utf8(value) && str_find(value, '\0') == STR_NONE);
            demand(value.len <= target.query.len);
        }
    }
    (void)http_query_get(&arena, in, STR("a"), &value); /* any bytes; only ASan judges */
    arena_finish(&arena);
    return 0;
}
