/* SPDX-License-Identifier: MIT */
/*
 * Request targets. The order is the safety: decode percent once, look at the
 * decoded bytes, then take the segments apart. Everybody behind this works on
 * the result, so that no check and no use can see two different strings.
 */
#include "http/http_char.h"
#include "http/http_parse.h"

#include <string.h>

static bool is_target(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!http_is_target(s.ptr[i])) {
            return false;
        }
    }
    return true;
}

/*
 * Cuts "http://HOST" off an absolute form. The authority must be the Host field byte for byte:
 * RFC 9112 would let it override Host, and then two readers could see two hosts.
 */
static bool cut_authority(struct str host, struct str *target)
{
    struct str scheme = STR("http://");

    if (target->len < scheme.len || !str_ieq(str_sub(*target, 0, scheme.len), scheme)) {
        return false;
    }
    struct str rest = str_skip(*target, scheme.len);
    size_t len = 0;

    while (len < rest.len && rest.ptr[len] != '/' && rest.ptr[len] != '?') {
        len++;
    }
    if (len == 0 || !str_eq(str_sub(rest, 0, len), host)) {
        return false;
    }
    *target = str_skip(rest, len);
    return true;
}

/* A percent triplet at s.ptr[i] as a byte value, or -1. */
static int triplet(struct str s, size_t i)
{
    if (s.len - i < 3 || s.ptr[i] != '%') {
        return -1;
    }
    int high = http_hex(s.ptr[i + 1]);
    int low = http_hex(s.ptr[i + 2]);

    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Decodes every triplet once, into `a`, terminated; NULL if one is malformed. */
static char *decode(struct arena *a, struct str in, size_t *ret_len)
{
    char *out = arena_alloc(a, in.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < in.len; i++) {
        if (in.ptr[i] == '%') {
            int byte = triplet(in, i);

            if (byte < 0) {
                return NULL;
            }
            out[len++] = (char)byte;
            i += 2;
        } else {
            out[len++] = in.ptr[i];
        }
    }
    *ret_len = len;
    return out;
}

/* An encoded slash would make one segment of what another reader takes for two. */
static bool has_encoded_slash(struct str raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        if (triplet(raw, i) == '/') {
            return true;
        }
    }
    return false;
}

/*
 * A name may hold "%20" as it is written. But none may become another path, or a hidden one, for
 * somebody who decodes once more.
 */
static bool is_treacherous(int byte)
{
    return byte == '.' || byte == '/' || byte == '\\' || (byte >= 0 && byte < 0x20) || byte == 0x7f;
}

/* What no name of ours may hold once it is decoded. */
static bool is_plain(struct str path)
{
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];

        if (c < 0x20 || c == 0x7f || c == '\\' || is_treacherous(triplet(path, i))) {
            return false;
        }
    }
    return str_is_utf8(path);
}

/* Resolves dot segments within `path` itself, which starts with '/': the result is never longer. */
static bool resolve(char *path, size_t len, struct http_target *ret)
{
    size_t out = 0; /* without a slash at the end */
    size_t i = 0;

    ret->folder = true;
    while (i < len) {
        size_t from = ++i; /* behind the slash */

        while (i < len && path[i] != '/') {
            i++;
        }
        struct str segment = { path + from, i - from };

        ret->folder = true;
        if (segment.len == 0) {
            if (i < len) {
                return false;
            }
        } else if (str_eq(segment, STR(".."))) {
            if (out == 0) {
                return false;
            }
            while (out > 0 && path[out - 1] != '/') {
                out--;
            }
            out -= out > 0;
        } else if (!str_eq(segment, STR("."))) {
            if (out > 0) {
                path[out++] = '/';
            }
            memmove(path + out, segment.ptr, segment.len);
            out += segment.len;
            ret->folder = false;
        }
    }
    path[out] = '\0';
    ret->path = (struct str){ path, out };
    return true;
}

bool http_target_parse(struct arena *a, struct str target, struct str host, struct http_target *ret)
{
    struct http_target parsed;
    struct str raw;
    size_t len;

    if (target.len == 0 || !is_target(target)) {
        return false;
    }
    if (target.ptr[0] != '/') {
        if (!cut_authority(host, &target)) {
            return false;
        }
        if (target.len == 0 || target.ptr[0] == '?') {
            parsed.query = str_skip(target, 1);
            parsed.path = arena_str(a, (struct str){ NULL, 0 });
            parsed.folder = true;
            *ret = parsed;
            return true;
        }
    }
    (void)str_cut(target, '?', &raw, &parsed.query); /* a query is not needed */
    if (has_encoded_slash(raw)) {
        return false;
    }
    char *path = decode(a, raw, &len);

    if (!path || !is_plain((struct str){ path, len }) || !resolve(path, len, &parsed)) {
        return false;
    }
    *ret = parsed;
    return true;
}

/* '+' is a space in a query, as URLSearchParams and forms write it. */
static struct str plus_to_space(struct arena *a, struct str s)
{
    char *copy = arena_cstr(a, s);

    for (size_t i = 0; i < s.len; i++) {
        if (copy[i] == '+') {
            copy[i] = ' ';
        }
    }
    return (struct str){ copy, s.len };
}

bool http_query_get(struct arena *a, struct str query, struct str name, struct str *ret)
{
    struct str value = { NULL, 0 };
    bool found = false;
    bool more = query.len > 0;

    while (more) {
        struct str pair;
        struct str key;
        struct str text;

        more = str_cut(query, '&', &pair, &query);
        (void)str_cut(pair, '=', &key, &text); /* "name" alone has an empty value */
        if (str_eq(key, name)) {
            if (found) {
                return false; /* first or last? readers differ */
            }
            found = true;
            value = text;
        }
    }
    if (!found) {
        return false;
    }
    size_t len = 0;
    char *text = decode(a, plus_to_space(a, value), &len);
    struct str decoded = { text, len };

    if (!text || str_find(decoded, '\0') != STR_NONE || !str_is_utf8(decoded)) {
        return false;
    }
    *ret = decoded;
    return true;
}
