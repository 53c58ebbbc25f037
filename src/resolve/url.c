/* SPDX-License-Identifier: MIT */
/*
 * The URL standard's join of a reference and a base, as far as resolution needs it: white space is
 * cut off, backslashes are slashes, dot segments (also as %2e) are resolved, and what may not stand
 * in a URL is percent-encoded. Host names are only put in lower case.
 *
 * Invariant: joining a result to any base of its kind gives the same result again.
 */
#include "resolve/url.h"

#include "base/strbuf.h"

enum { URL_MAX = 1024 * 1024 };

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The length of the scheme, without its colon; 0 if there is none. */
static size_t scheme_len(struct str s)
{
    size_t i = 0;

    if (s.len == 0 || !is_alpha(s.ptr[0])) {
        return 0;
    }
    while (i < s.len && (is_alpha(s.ptr[i]) || (s.ptr[i] >= '0' && s.ptr[i] <= '9') ||
                                s.ptr[i] == '+' || s.ptr[i] == '-' || s.ptr[i] == '.')) {
        i++;
    }
    return i < s.len && s.ptr[i] == ':' ? i : 0;
}

bool url_has_scheme(struct str text)
{
    return scheme_len(text) > 0;
}

bool url_is_like(struct str s)
{
    return str_starts(s, STR("/")) || str_starts(s, STR("./")) || str_starts(s, STR("../")) ||
           url_has_scheme(s);
}

bool url_is_special(struct str url)
{
    static const struct str schemes[] = { STR_INIT("http"), STR_INIT("https"), STR_INIT("ws"),
        STR_INIT("wss"), STR_INIT("ftp"), STR_INIT("file") };
    struct str scheme = str_sub(url, 0, scheme_len(url));

    if (scheme.len == 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (str_ieq(scheme, schemes[i])) {
            return true;
        }
    }
    return false;
}

void url_split(
        struct str url, struct str *ret_path, struct str *ret_query, struct str *ret_fragment)
{
    size_t hash = str_find(url, '#');
    struct str front = str_sub(url, 0, hash);
    size_t mark = str_find(front, '?');

    *ret_fragment = hash == STR_NONE ? STR("") : str_skip(url, hash);
    *ret_query = mark == STR_NONE ? STR("") : str_skip(front, mark);
    *ret_path = str_sub(front, 0, mark);
}

struct str url_decode(struct arena *a, struct str path)
{
    char *to = arena_alloc(a, path.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] == '%' && path.len - i > 2 && hex(path.ptr[i + 1]) >= 0 &&
                hex(path.ptr[i + 2]) >= 0) {
            to[len++] = (char)(hex(path.ptr[i + 1]) << 4 | hex(path.ptr[i + 2]));
            i += 2;
        } else {
            to[len++] = path.ptr[i];
        }
    }
    return (struct str){ to, len };
}

static void encode(struct strbuf *to, struct str s, struct str also)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (c <= 0x20 || c >= 0x7f || c == '"' || c == '<' || c == '>' ||
                str_find(also, s.ptr[i]) != STR_NONE) {
            strbuf_addf(to, "%%%02X", c);
        } else {
            strbuf_addc(to, s.ptr[i]);
        }
    }
}

/* "." is 1, ".." is 2, also percent-encoded; anything else is 0. */
static int dots(struct str segment)
{
    int count = 0;

    while (segment.len > 0) {
        if (segment.ptr[0] == '.') {
            segment = str_skip(segment, 1);
        } else if (segment.len >= 3 && str_ieq(str_sub(segment, 0, 3), STR("%2e"))) {
            segment = str_skip(segment, 3);
        } else {
            return 0;
        }
        if (++count > 2) {
            return 0;
        }
    }
    return count;
}

/* Appends the path with its dot segments resolved; a path is never empty. */
static void add_path(struct strbuf *to, struct str path)
{
    size_t root = to->len;
    bool last = path.len == 0;

    if (path.len > 0 && (path.ptr[0] == '/' || path.ptr[0] == '\\')) {
        path = str_skip(path, 1);
    }
    while (!last) {
        size_t end = 0;

        while (end < path.len && path.ptr[end] != '/' && path.ptr[end] != '\\') {
            end++;
        }
        struct str segment = str_sub(path, 0, end);
        int kind = dots(segment);

        last = end == path.len;
        path = str_skip(path, end + 1);
        if (kind == 2) {
            struct str so_far = str_skip(strbuf_str(to), root);
            size_t slash = str_rfind(so_far, '/');

            to->len = root + (slash == STR_NONE ? 0 : slash);
        }
        if (kind == 0) {
            strbuf_addc(to, '/');
            encode(to, segment, STR("#?`{}"));
        } else if (last) {
            strbuf_addc(to, '/');
        }
    }
    if (to->len == root) {
        strbuf_addc(to, '/');
    }
}

static void add_end(struct strbuf *to, struct str query, struct str fragment)
{
    encode(to, query, STR("'"));
    encode(to, fragment, STR("`"));
}

/* Without white space at both ends, tabs and line ends. */
static struct str clean(struct arena *a, struct str s)
{
    while (s.len > 0 && (unsigned char)s.ptr[0] <= 0x20) {
        s = str_skip(s, 1);
    }
    while (s.len > 0 && (unsigned char)s.ptr[s.len - 1] <= 0x20) {
        s.len--;
    }
    char *to = arena_alloc(a, s.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '\t' && s.ptr[i] != '\n' && s.ptr[i] != '\r') {
            to[len++] = s.ptr[i];
        }
    }
    return (struct str){ to, len };
}

static bool is_slash(struct str s, size_t i)
{
    return i < s.len && (s.ptr[i] == '/' || s.ptr[i] == '\\');
}

/* What stands between "//" and the path. */
static struct str authority_of(struct str s)
{
    size_t i = 0;

    while (i < s.len && !is_slash(s, i) && s.ptr[i] != '?' && s.ptr[i] != '#') {
        i++;
    }
    return str_sub(s, 0, i);
}

/* Appends "scheme://host" and "path?query#fragment"; false without a host. */
static bool add_absolute(struct strbuf *to, struct str scheme, struct str rest)
{
    struct str path;
    struct str query;
    struct str fragment;
    struct str host;

    while (is_slash(rest, 0)) {
        rest = str_skip(rest, 1);
    }
    bool file = str_ieq(scheme, STR("file"));

    host = file ? STR("") : authority_of(rest);
    if (host.len == 0 && !file) {
        return false;
    }
    rest = str_skip(rest, host.len);
    if (str_ieq(scheme, STR("http")) && str_ends(host, STR(":80"))) {
        host.len -= 3;
    } else if (str_ieq(scheme, STR("https")) && str_ends(host, STR(":443"))) {
        host.len -= 4;
    } else if (str_ends(host, STR(":"))) {
        host.len--;
    }
    for (size_t i = 0; i < scheme.len; i++) {
        strbuf_addc(to, is_alpha(scheme.ptr[i]) ? (char)(scheme.ptr[i] | 0x20) : scheme.ptr[i]);
    }
    strbuf_add(to, STR("://"));
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = (unsigned char)host.ptr[i];

        if (c <= 0x20 || c == 0x7f || c == '<' || c == '>' || c == '^' || c == '|' || c == '"') {
            return false;
        }
        strbuf_addc(to, is_alpha(host.ptr[i]) ? (char)(host.ptr[i] | 0x20) : host.ptr[i]);
    }
    url_split(rest, &path, &query, &fragment);
    add_path(to, path);
    add_end(to, query, fragment);
    return true;
}

/* An absolute URL with a scheme that has hosts, or a text with another scheme as it is. */
static enum url_form join_absolute(
        struct strbuf *to, struct arena *a, struct str origin, struct str text, struct str *ret)
{
    struct str scheme = str_sub(text, 0, scheme_len(text));

    if (!url_is_special(text)) {
        *ret = text;
        return URL_ABSOLUTE;
    }
    if (!add_absolute(to, scheme, str_skip(text, scheme.len + 1)) || to->overflow) {
        return URL_BAD;
    }
    struct str url = strbuf_str(to);

    while (str_ends(origin, STR("/"))) {
        origin.len--;
    }
    if (origin.len > 0 && url.len > origin.len && str_ieq(str_sub(url, 0, origin.len), origin) &&
            url.ptr[origin.len] == '/') {
        *ret = arena_str(a, str_skip(url, origin.len));
        return URL_OWN;
    }
    *ret = arena_str(a, url);
    return URL_ABSOLUTE;
}

static enum url_form join(struct strbuf *to, struct arena *a, struct str base, struct str origin,
        struct str ref, struct str *ret)
{
    if (url_has_scheme(ref)) {
        return join_absolute(to, a, origin, ref, ret);
    }
    struct str prefix = STR(""); /* "https://host" of an absolute base */
    struct str scheme = str_sub(base, 0, scheme_len(base));

    if (scheme.len > 0) {
        struct str rest = str_skip(base, scheme.len + 1);

        if (!url_is_special(base) || !str_starts(rest, STR("//"))) {
            return URL_BAD;
        }
        prefix = str_sub(base, 0, scheme.len + 3 + authority_of(str_skip(rest, 2)).len);
    } else if (!is_slash(base, 0)) {
        return URL_BAD;
    }
    if (is_slash(ref, 0) && is_slash(ref, 1)) {
        struct str own = str_sub(origin, 0, scheme_len(origin));
        struct str with = scheme.len > 0 ? scheme : own.len > 0 ? own : STR("http");

        return join_absolute(
                to, a, origin, arena_printf(a, "%.*s:%.*s", STR_FMT(with), STR_FMT(ref)), ret);
    }
    struct str base_path;
    struct str base_query;
    struct str path;
    struct str query;
    struct str fragment;

    url_split(str_skip(base, prefix.len), &base_path, &base_query, &fragment);
    url_split(ref, &path, &query, &fragment);
    strbuf_add(to, prefix);
    if (path.len == 0) {
        add_path(to, base_path);
        query = query.len > 0 ? query : base_query;
    } else if (is_slash(path, 0)) {
        add_path(to, path);
    } else {
        struct str folder = str_sub(base_path, 0, str_rfind(base_path, '/') + 1);

        add_path(to, arena_printf(a, "%.*s%.*s", STR_FMT(folder), STR_FMT(path)));
    }
    add_end(to, query, fragment);
    if (to->overflow) {
        return URL_BAD;
    }
    *ret = arena_str(a, strbuf_str(to));
    return prefix.len > 0 ? URL_ABSOLUTE : URL_OWN;
}

enum url_form url_join(
        struct arena *a, struct str base, struct str origin, struct str reference, struct str *ret)
{
    struct strbuf to;

    strbuf_init(&to, URL_MAX);
    enum url_form form = reference.len > URL_MAX
                                 ? URL_BAD
                                 : join(&to, a, base, origin, clean(a, reference), ret);

    strbuf_finish(&to);
    return form;
}
