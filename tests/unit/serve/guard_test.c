/* SPDX-License-Identifier: MIT */
/* The rules at the door, as tables. */
#include "test.h"

#include "serve/guard.h"
#include "serve/text.h"

static const struct str allowed[] = { STR_INIT("dev.example.com"), STR_INIT("192.0.2.7"),
    STR_INIT("") };
static const struct str addresses[] = { STR_INIT("10.1.2.3"), STR_INIT("fe80::1") };

static struct guard make_guard(void)
{
    return (struct guard){ .port = 8000,
        .host = STR("box.lan"),
        .allowed = allowed,
        .allowed_count = 3,
        .addresses = addresses,
        .address_count = 2 };
}

TEST(guard_host_is_an_exact_list)
{
    static const struct {
        const char *host;
        bool allowed;
    } cases[] = {
        { "localhost", true },
        { "localhost:8000", true },
        { "LOCALHOST:8000", true },
        { "127.0.0.1:8000", true },
        { "[::1]:8000", true },
        { "[::1]", true },
        { "app.localhost:8000", true },
        { "box.lan:8000", true },
        { "dev.example.com", true },
        { "DEV.example.com:8000", true },
        { "192.0.2.7:8000", true },
        { "10.1.2.3:8000", true },
        { "[fe80::1]:8000", true },
        { "", false },
        { ":8000", false },
        { "localhost:8001", false },
        { "localhost:0", false },
        { "localhost:", false },
        { "localhost:08000", true },
        { "localhost:99999", false },
        { "localhost:8000x", false },
        { "localhost:80:00", false },
        { "localhost.", false },
        { "localhost.evil.com", false },
        { "evillocalhost", false },
        { ".localhost", false },
        { "xdev.example.com", false },
        { "dev.example.com.evil.com", false },
        { "evil.com", false },
        { "127.0.0.2", false },
        { "127.1", false },
        { "2130706433", false },
        { "::1", false },
        { "[::1", false },
        { "[::1]x", false },
        { "[::2]", false },
        { "0.0.0.0:8000", false },
        { "localhost@evil.com", false },
        { "evil.com@localhost", false },
        { "localhost/", false },
    };
    struct guard g = make_guard();

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str host = exact_copy(str_from(cases[i].host));

        if (guard_host(&g, host) != cases[i].allowed) {
            fail_msg("host '%s'", cases[i].host);
        }
        free((void *)(uintptr_t)host.ptr);
    }
}

TEST(guard_origin_is_ours_or_foreign)
{
    static const struct {
        const char *origin;
        const char *host;
        bool ours;
    } cases[] = {
        { "http://localhost:8000", "localhost:8000", true },
        { "http://127.0.0.1:8000", "localhost:8000", true },
        { "http://[::1]:8000", "[::1]:8000", true },
        { "http://app.localhost:8000", "app.localhost:8000", true },
        { "http://dev.example.com:8000", "dev.example.com:8000", true },
        /* behind a proxy that keeps the Host */
        { "https://dev.example.com", "dev.example.com", true },
        { "http://dev.example.com", "dev.example.com", true },
        { "http://localhost", "localhost", true },
        { "null", "localhost:8000", false },
        { "", "localhost:8000", false },
        { "http://", "localhost:8000", false },
        { "http://localhost", "localhost:8000", false },
        { "http://localhost:3000", "localhost:8000", false },
        { "https://localhost:8000", "localhost:8000", false },
        { "https://dev.example.com", "localhost:8000", false },
        { "https://dev.example.com:444", "dev.example.com", false },
        { "https://evil.com", "evil.com", false },
        { "http://evil.com", "localhost:8000", false },
        { "http://evil.com:8000", "localhost:8000", false },
        { "http://localhost:8000.evil.com", "localhost:8000", false },
        { "http://localhost:8000/", "localhost:8000", false },
        { "http://localhost:8000@evil.com", "localhost:8000", false },
        { "file://", "localhost:8000", false },
        { "chrome-extension://localhost:8000", "localhost:8000", false },
        { "HTTP://localhost:8000", "localhost:8000", false },
    };
    struct guard g = make_guard();

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str origin = exact_copy(str_from(cases[i].origin));

        if (guard_origin(&g, origin, str_from(cases[i].host)) != cases[i].ours) {
            fail_msg("origin '%s' at '%s'", cases[i].origin, cases[i].host);
        }
        free((void *)(uintptr_t)origin.ptr);
    }
}

TEST(guard_without_names_allows_loopback_only)
{
    struct guard g = { .port = 8000 };

    assert_true(guard_host(&g, STR("localhost:8000")));
    assert_false(guard_host(&g, STR("box.lan:8000")));
    assert_false(guard_host(&g, STR("")));
    assert_false(guard_host(&g, STR("[]")));
    g.port = 7;
    assert_true(guard_host(&g, STR("localhost:7")));
}

TEST(guard_own_origin_is_that_of_this_machine)
{
    struct arena a = { 0 };

    assert_str(guard_own_origin(&a, STR("localhost:8000")), STR("http://localhost:8000"));
    assert_str(guard_own_origin(&a, STR("a.localhost")), STR("http://a.localhost"));
    assert_str(guard_own_origin(&a, STR("[::1]:80")), STR("http://[::1]:80"));
    assert_str(guard_own_origin(&a, STR("box.lan:8000")), STR(""));
    assert_str(guard_own_origin(&a, STR("192.168.1.2")), STR(""));
    assert_str(guard_own_origin(&a, STR("localhost:x\"")), STR(""));
    assert_str(guard_own_origin(&a, STR("")), STR(""));
    arena_finish(&a);
}

TEST(guard_token_is_the_whole_token)
{
    struct str token = STR("0123456789abcdef0123456789abcdef");

    assert_true(guard_token(STR("0123456789abcdef0123456789abcdef"), token));
    assert_false(guard_token(STR("0123456789abcdef0123456789abcdee"), token));
    assert_false(guard_token(STR("1123456789abcdef0123456789abcdef"), token));
    assert_false(guard_token(STR("0123456789abcdef0123456789abcde"), token));
    assert_false(guard_token(STR("0123456789abcdef0123456789abcdef0"), token));
    assert_false(guard_token(STR(""), token));
    assert_false(guard_token(STR(""), STR("")));
}

TEST(guard_knows_private_names_by_their_shape)
{
    static const struct {
        const char *path;
        bool private;
    } cases[] = {
        { "", false },
        { "index.html", false },
        { "a.b/c.d", false },
        { ".well-known/security.txt", false },
        { "keys/keyboard.js", false },
        { "monkey", false },
        { "pem.js", false },
        { ".env", true },
        { ".env.local", true },
        { "a/.git/config", true },
        { ".well-known/.secret", true },
        { ".well-knownx/a", true },
        { "node_modules/.cache/a.js", true },
        { "node_modules/.pnpm/a@1/node_modules/a/i.js", false },
        { "p/node_modules/.store/a/i.js", false },
        { "node_modules/.pnpm/a@1/.env", true },
        { "node_modules/x/.pnpm/a.js", true },
        { ".pnpm/a.js", true },
        { "server.key", true },
        { "a/cert.PEM", true },
        { "a.crt", true },
        { "a.p12", true },
        { "a.PfX", true },
        { "x.key/readme.txt", true },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str path = exact_copy(str_from(cases[i].path));

        if (guard_is_private(path) != cases[i].private) {
            fail_msg("path '%s'", cases[i].path);
        }
        free((void *)(uintptr_t)path.ptr);
    }
}

TEST(guard_finds_each_target_folder)
{
    struct str folder;

    assert_false(guard_find_target(STR("targets/a"), 0, &folder));
    assert_false(guard_find_target(STR("a/target.js"), 0, &folder));
    assert_true(guard_find_target(STR("target"), 0, &folder));
    assert_str(folder, STR("target"));
    assert_true(guard_find_target(STR("a/Target/b/target/c"), 0, &folder));
    assert_str(folder, STR("a/Target"));
    assert_true(guard_find_target(STR("a/Target/b/target/c"), folder.len + 1, &folder));
    assert_str(folder, STR("a/Target/b/target"));
    assert_false(guard_find_target(STR("a/Target/b/target/c"), folder.len + 1, &folder));
}

TEST(guard_knows_foreign_includes)
{
    assert_true(guard_is_foreign_include(STR("cross-site"), STR("no-cors")));
    assert_true(guard_is_foreign_include(STR("cross-site"), STR("cors")));
    assert_true(guard_is_foreign_include(STR("cross-site"), STR("")));
    assert_false(guard_is_foreign_include(STR("cross-site"), STR("navigate")));
    assert_false(guard_is_foreign_include(STR("same-origin"), STR("cors")));
    assert_false(guard_is_foreign_include(STR("none"), STR("navigate")));
    assert_false(guard_is_foreign_include(STR(""), STR("")));
}

TEST(text_html_is_escaped)
{
    struct strbuf b;

    strbuf_init(&b, 1000);
    text_add_html(&b, STR("<a href=\"x\">'&\xff\x01\xc3\xa9"));
    assert_str(strbuf_str(&b), STR("&lt;a href=&quot;x&quot;&gt;&#39;&amp;"
                                   "\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9"));
    strbuf_finish(&b);
}

TEST(text_tag_holds_json_in_single_quotes)
{
    struct strbuf b;

    strbuf_init(&b, 1000);
    text_add_tag(&b, STR("ab"), STR("e'&<\""), 7, STR(""), STR(""), STR("{\"a\":\"'&\"}"));
    assert_true(str_starts(strbuf_str(&b),
            STR("<script src=\"/__orbit/client.js\" data-orbit='{\"token\":\"ab\",")));
    assert_true(str_ends(
            strbuf_str(&b), STR(",\"seq\":7,\"define\":{\"a\":\"&#39;&amp;\"}}'></script>")));
    struct str inside = str_skip(strbuf_str(&b), sizeof("<script src=\"/__orbit/client.js\""));

    assert_int_equal(str_find_str(str_skip(inside, sizeof("data-orbit='")), STR("'")),
            str_find_str(str_skip(inside, sizeof("data-orbit='")), STR("'></script>")));
    assert_int_equal(str_find_str(strbuf_str(&b), STR("&<")), STR_NONE);
    strbuf_finish(&b);
}

TEST(text_url_path_is_percent_encoded)
{
    struct strbuf b;

    strbuf_init(&b, 1000);
    text_add_url_path(&b, STR("a b/c%d?e#\xc3\xa9:f"));
    assert_str(strbuf_str(&b), STR("a%20b/c%25d%3Fe%23%C3%A9%3Af"));
    strbuf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(guard_host_is_an_exact_list),
        CASE(guard_origin_is_ours_or_foreign),
        CASE(guard_without_names_allows_loopback_only),
        CASE(guard_own_origin_is_that_of_this_machine),
        CASE(guard_token_is_the_whole_token),
        CASE(guard_knows_private_names_by_their_shape),
        CASE(guard_finds_each_target_folder),
        CASE(guard_knows_foreign_includes),
        CASE(text_html_is_escaped),
        CASE(text_tag_holds_json_in_single_quotes),
        CASE(text_url_path_is_percent_encoded),
    };

    return RUN(cases);
}
