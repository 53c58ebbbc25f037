/* SPDX-License-Identifier: MIT */
/* The rules at the door and the escapes: whatever comes in, what goes on is harmless. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/strbuf.h"
#include "serve/guard.h"
#include "serve/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct str allowed[] = { STR_INIT("dev.example.com") };

/* What is allowed begins with a name of ours, and goes on with our port or ends. */
static void check_host(const struct guard *g, struct str host)
{
    static const struct str names[] = { STR_INIT("localhost"), STR_INIT("127.0.0.1"),
        STR_INIT("[::1]"), STR_INIT("dev.example.com") };
    size_t colon = str_rfind(host, ':');
    struct str name = host;
    uint64_t port;

    if (!guard_host(g, host)) {
        return;
    }
    if (colon != STR_NONE && host.ptr[host.len - 1] != ']') {
        assert(str_parse_u64(str_skip(host, colon + 1), &port) && port == g->port);
        name = str_sub(host, 0, colon);
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_ieq(name, names[i])) {
            return;
        }
    }
    assert(name.len > 10 && str_ieq(str_skip(name, name.len - 10), STR(".localhost")));
}

static void check_origin(const struct guard *g, struct str origin, struct str host)
{
    if (!guard_origin(g, origin, host)) {
        return;
    }
    size_t slashes = str_find_str(origin, STR("://"));

    assert(slashes == 4 || slashes == 5);
    struct str authority = str_skip(origin, slashes + 3);

    if (slashes == 5) {
        assert(str_ieq(authority, host));
        assert(str_ieq(str_sub(authority, 0, allowed[0].len), allowed[0]));
    } else {
        struct guard any = *g;
        size_t colon = str_rfind(authority, ':');
        uint64_t port = 80;

        if (colon != STR_NONE && authority.ptr[authority.len - 1] != ']') {
            assert(str_parse_u64(str_skip(authority, colon + 1), &port) && port <= 99999);
        }
        assert(port == g->port || str_ieq(authority, host));
        any.port = (uint16_t)port;
        assert(port > UINT16_MAX || guard_host(&any, authority));
    }
}

static void check_private(struct str path)
{
    struct str folder = { 0 };
    size_t from = 0;

    if (str_find_str(path, STR("/.git")) != STR_NONE || str_ends(path, STR(".key"))) {
        assert(guard_is_private(path));
    }
    while (guard_find_target(path, from, &folder)) {
        assert(folder.ptr == path.ptr && folder.len > from);
        assert(str_ieq(str_skip(folder, folder.len - 6), STR("target")));
        from = folder.len + 1;
    }
}

static void check_text(struct str s)
{
    struct strbuf b;

    strbuf_init(&b, 1 << 24);
    text_add_html(&b, s);
    assert(str_is_utf8(strbuf_str(&b)));
    for (size_t i = 0; i < b.len; i++) {
        assert(!strchr("<>\"'", b.ptr[i]) && (unsigned char)b.ptr[i] >= 0x20);
    }
    strbuf_reset(&b);
    text_add_url_path(&b, s);
    for (size_t i = 0; i < b.len; i++) {
        assert(b.ptr[i] > 0x20 && b.ptr[i] < 0x7f && !strchr("<>\"'?#\\:&", b.ptr[i]));
    }
    strbuf_reset(&b);
    text_add_tag(&b, s, s, 1, s, STR(""), STR(""));
    struct str inside = str_skip(strbuf_str(&b), sizeof("<script src=\"\"/__orbit/client.js") - 1);

    /* two quotes: those of the attribute */
    assert(b.overflow ||
            str_find(str_skip(inside, str_find(inside, '\'') + 1), '\'') ==
                    str_find_str(str_skip(inside, str_find(inside, '\'') + 1), STR("'></script>")));
    assert(str_find_str(inside, STR("</")) == inside.len - sizeof("</script>") + 1);
    strbuf_finish(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct guard g = { .port = 8000, .allowed = allowed, .allowed_count = 1 };
    struct str s = { (const char *)bytes, len };
    struct str first;
    struct str rest;

    (void)str_cut(s, '\n', &first, &rest);
    check_host(&g, s);
    check_host(&g, first);
    check_origin(&g, first, rest);
    check_private(s);
    check_text(s);
    return 0;
}
