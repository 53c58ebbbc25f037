/* SPDX-License-Identifier: MIT */
/* Request targets: one canonical form, and every known way around one is refused. */
#include "http/http_parse.h"
#include "test.h"

static struct arena arena;

static bool parse(struct str target, struct http_target *ret)
{
    struct str copy = exact_copy(target);
    bool good = http_target_parse(&arena, copy, STR("localhost:8080"), ret);

    if (good) {
        ret->query = arena_str(&arena, ret->query);
    }
    free((void *)(uintptr_t)copy.ptr);
    return good;
}

TEST(canonical_forms)
{
    // clang-format off
    static const struct {
        struct str target;
        struct str path;
        struct str query;
        bool folder;
    } rows[] = {
        { STR_INIT("/"), STR_INIT(""), STR_INIT(""), true },
        { STR_INIT("/a"), STR_INIT("a"), STR_INIT(""), false },
        { STR_INIT("/a/"), STR_INIT("a"), STR_INIT(""), true },
        { STR_INIT("/src/app.js"), STR_INIT("src/app.js"), STR_INIT(""), false },
        { STR_INIT("/."), STR_INIT(""), STR_INIT(""), true },
        { STR_INIT("/./"), STR_INIT(""), STR_INIT(""), true },
        { STR_INIT("/./a/./b"), STR_INIT("a/b"), STR_INIT(""), false },
        { STR_INIT("/a/."), STR_INIT("a"), STR_INIT(""), true },
        { STR_INIT("/a/.."), STR_INIT(""), STR_INIT(""), true },
        { STR_INIT("/a/../"), STR_INIT(""), STR_INIT(""), true },
        { STR_INIT("/a/../b"), STR_INIT("b"), STR_INIT(""), false },
        { STR_INIT("/a/b/../c"), STR_INIT("a/c"), STR_INIT(""), false },
        { STR_INIT("/a/b/../../c/d"), STR_INIT("c/d"), STR_INIT(""), false },
        { STR_INIT("/a/b/.."), STR_INIT("a"), STR_INIT(""), true },
        { STR_INIT("/a/%2e%2e/b"), STR_INIT("b"), STR_INIT(""), false },
        { STR_INIT("/a/%2E./b"), STR_INIT("b"), STR_INIT(""), false },
        { STR_INIT("/%2e/a"), STR_INIT("a"), STR_INIT(""), false },
        { STR_INIT("/.../..a/a.."), STR_INIT(".../..a/a.."), STR_INIT(""), false },
        /* The deny rules behind this see the file's own name, whatever was written. */
        { STR_INIT("/.env/."), STR_INIT(".env"), STR_INIT(""), true },
        { STR_INIT("/x/../.env"), STR_INIT(".env"), STR_INIT(""), false },
        { STR_INIT("/%2eenv"), STR_INIT(".env"), STR_INIT(""), false },
        { STR_INIT("/.env?raw"), STR_INIT(".env"), STR_INIT("raw"), false },
        { STR_INIT("/.env?import&raw??"), STR_INIT(".env"), STR_INIT("import&raw??"), false },
        { STR_INIT("/.env?.svg?.wasm?init"), STR_INIT(".env"), STR_INIT(".svg?.wasm?init"), false },
        { STR_INIT("/.ENV"), STR_INIT(".ENV"), STR_INIT(""), false },
        { STR_INIT("/@fs/etc/passwd"), STR_INIT("@fs/etc/passwd"), STR_INIT(""), false },
        /* A query changes nothing: no byte of it is part of the path. */
        { STR_INIT("/?"), STR_INIT(""), STR_INIT(""), true },
        { STR_INIT("/a?b=c&d"), STR_INIT("a"), STR_INIT("b=c&d"), false },
        { STR_INIT("/a?/../../x%2f%5c%00"), STR_INIT("a"), STR_INIT("/../../x%2f%5c%00"), false },
        { STR_INIT("/a%3Fb"), STR_INIT("a?b"), STR_INIT(""), false },
        { STR_INIT("/a%23b"), STR_INIT("a#b"), STR_INIT(""), false },
        /* Names as people have them. */
        { STR_INIT("/my%20file.css"), STR_INIT("my file.css"), STR_INIT(""), false },
        { STR_INIT("/a+b"), STR_INIT("a+b"), STR_INIT(""), false },
        { STR_INIT("/%C3%BC.css"), STR_INIT("\xc3\xbc.css"), STR_INIT(""), false },
        { STR_INIT("/%e6%97%a5/%F0%9F%9A%80"), STR_INIT("\xe6\x97\xa5/\xf0\x9f\x9a\x80"),
                STR_INIT(""), false },
        { STR_INIT("/100%25.txt"), STR_INIT("100%.txt"), STR_INIT(""), false },
        { STR_INIT("/%25"), STR_INIT("%"), STR_INIT(""), false },
        { STR_INIT("/a%2520b"), STR_INIT("a%20b"), STR_INIT(""), false },
        { STR_INIT("/%25C3%25A4"), STR_INIT("%C3%A4"), STR_INIT(""), false },
        { STR_INIT("/a;b=c,d:e|f[1]{2}^~'"), STR_INIT("a;b=c,d:e|f[1]{2}^~'"), STR_INIT(""), false
                },
        /* Absolute form of our own host. */
        { STR_INIT("http://localhost:8080/a/./b?c"), STR_INIT("a/b"), STR_INIT("c"), false },
        { STR_INIT("HTTP://localhost:8080/"), STR_INIT(""), STR_INIT(""), true },
        { STR_INIT("http://localhost:8080"), STR_INIT(""), STR_INIT(""), true },
        { STR_INIT("http://localhost:8080?q"), STR_INIT(""), STR_INIT("q"), true },
    };
    // clang-format on

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct http_target target;

        if (!parse(rows[i].target, &target)) {
            fail_msg("\"%.*s\" was refused", STR_FMT(rows[i].target));
        }
        assert_str(target.path, rows[i].path);
        assert_str(target.query, rows[i].query);
        assert_int_equal(target.folder, rows[i].folder);
        assert_int_equal(target.path.ptr[target.path.len], 0);
    }
    arena_finish(&arena);
}

TEST(attacks_are_refused)
{
    // clang-format off
    static const struct str rows[] = {
        /* Not origin-form. */
        STR_INIT(""), STR_INIT("*"), STR_INIT("a"), STR_INIT("?a"), STR_INIT("../a"),
        STR_INIT("localhost:8080"),
        STR_INIT("http://evil.example/"), STR_INIT("http://localhost/"),
        STR_INIT("http://localhost:80800/"),
        STR_INIT("http://localhost:8080@evil.example/"),
        STR_INIT("http://evil.example@localhost:8080/"),
        STR_INIT("http://localhost:8080.evil.example/"), STR_INIT("http://LOCALHOST:8080/"),
        STR_INIT("http:///a"), STR_INIT("http://"), STR_INIT("http:/a"),
        STR_INIT("https://localhost:8080/"),
        STR_INIT("file:///etc/passwd"), STR_INIT("javascript:alert(1)"),
        STR_INIT("http://localhost:8080//a"),
        STR_INIT("http://localhost:8080/../a"),
        /* Above the root. */
        STR_INIT("/.."), STR_INIT("/../"), STR_INIT("/../etc/passwd"), STR_INIT("/a/../../b"),
        STR_INIT("/./../a"), STR_INIT("/%2e%2e/a"), STR_INIT("/.%2e/a"), STR_INIT("/%2E%2E"),
        STR_INIT("/a/%2e%2e/%2e%2e/etc/passwd"), STR_INIT("/@fs/../../etc/passwd"),
        STR_INIT("/a/../.."),
        /* Empty segments. */
        STR_INIT("//"), STR_INIT("//x"), STR_INIT("//@fs//etc/passwd"), STR_INIT("/a//b"),
        STR_INIT("/a//"),
        STR_INIT("/a//../b"), STR_INIT("//evil.example/%2e%2e"), STR_INIT("/.//a"),
        STR_INIT("/..//a"),
        /* Encoded slashes and backslashes. */
        STR_INIT("/a%2fb"), STR_INIT("/a%2Fb"), STR_INIT("/%2f"), STR_INIT("/..%2f..%2fetc/passwd"),
        STR_INIT("/a\\b"), STR_INIT("/.env\\"), STR_INIT("/..\\..\\x"), STR_INIT("/a%5cb"),
        STR_INIT("/.env%5C"),
        STR_INIT("\\a"), STR_INIT("/%2e%2e%5cx"),
        /* Double encoding. */
        STR_INIT("/%252e%252e/a"), STR_INIT("/%252fa"), STR_INIT("/a%2500"), STR_INIT("/%25%32%65"),
        STR_INIT("/%2%35"), STR_INIT("/a%255cb"), STR_INIT("/%257f"),
        /* Malformed percent. */
        STR_INIT("/%"), STR_INIT("/%2"), STR_INIT("/a%"), STR_INIT("/%g0"), STR_INIT("/%0g"),
        STR_INIT("/%%20"),
        STR_INIT("/%u002e"), STR_INIT("/%-1"), STR_INIT("/%/20"),
        /* Bytes no name may have. */
        STR_INIT("/a%00"), STR_INIT("/%00"), STR_INIT("/a.js%00.png"), STR_INIT("/a%0a"),
        STR_INIT("/a%0d%0aX:y"),
        STR_INIT("/%09"), STR_INIT("/%1b[2J"), STR_INIT("/%7f"), STR_INIT("/a\0b"),
        STR_INIT("/a b"), STR_INIT("/\t"),
        STR_INIT("/a\r\nX: y"), STR_INIT("/a\x7f"), STR_INIT("/a#b"), STR_INIT("/#/../.env"),
        STR_INIT("/a?b#c"),
        STR_INIT("/a?b c"), STR_INIT("/a?\xc3\xa4"), STR_INIT("/\xc3\xa4"), STR_INIT("/a?b\0"),
        /* Not UTF-8 once decoded: overlong, surrogate, cut, beyond U+10FFFF, alone. */
        STR_INIT("/%c0%ae%c0%ae/a"), STR_INIT("/%c0%af"), STR_INIT("/%e0%80%af"),
        STR_INIT("/%ed%a0%80"),
        STR_INIT("/%c3"), STR_INIT("/%c3/%a4"), STR_INIT("/%f4%90%80%80"), STR_INIT("/%80"),
        STR_INIT("/%ff"),
    };
    // clang-format on

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct http_target target;

        if (parse(rows[i], &target)) {
            fail_msg("\"%.*s\" became \"%.*s\"", STR_FMT(rows[i]), STR_FMT(target.path));
        }
    }
    arena_finish(&arena);
}

TEST(absolute_form_needs_a_host)
{
    struct http_target target;

    assert_false(http_target_parse(&arena, STR("http:///a"), STR(""), &target));
    assert_false(http_target_parse(&arena, STR("http://a/"), STR(""), &target));
    assert_true(http_target_parse(&arena, STR("http://[::1]:80/a"), STR("[::1]:80"), &target));
    assert_str(target.path, STR("a"));
    arena_finish(&arena);
}

TEST(query_values)
{
    // clang-format off
    static const struct {
        struct str query;
        bool found;
        struct str value;
    } rows[] = {
        { STR_INIT("file=a"), true, STR_INIT("a") },
        { STR_INIT("x=1&file=a%2Fb%20c+d&y"), true, STR_INIT("a/b c d") },
        { STR_INIT("file"), true, STR_INIT("") },
        { STR_INIT("file="), true, STR_INIT("") },
        { STR_INIT("file=a=b%2B%25"), true, STR_INIT("a=b+%") },
        { STR_INIT("file=%C3%A4"), true, STR_INIT("\xc3\xa4") },
        { STR_INIT(""), false, STR_INIT("") },
        { STR_INIT("&&"), false, STR_INIT("") },
        { STR_INIT("files=a&xfile=b"), false, STR_INIT("") },
        { STR_INIT("File=a"), false, STR_INIT("") },
        { STR_INIT("file=a&file=b"), false, STR_INIT("") },
        { STR_INIT("file=%"), false, STR_INIT("") },
        { STR_INIT("file=%zz"), false, STR_INIT("") },
        { STR_INIT("file=a%00b"), false, STR_INIT("") },
        { STR_INIT("file=%ff"), false, STR_INIT("") },
    };
    // clang-format on

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str copy = exact_copy(rows[i].query);
        struct str value = STR("untouched");

        if (http_query_get(&arena, copy, STR("file"), &value) != rows[i].found) {
            fail_msg("\"%.*s\"", STR_FMT(rows[i].query));
        }
        assert_str(value, rows[i].found ? rows[i].value : STR("untouched"));
        free((void *)(uintptr_t)copy.ptr);
    }
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(canonical_forms),
        CASE(attacks_are_refused),
        CASE(absolute_form_needs_a_host),
        CASE(query_values),
    };

    return RUN(cases);
}
