/* SPDX-License-Identifier: MIT */
/* The pure parts: edits, URLs, JSON, wasm, wrappers, and the store of texts. */
#include "base/vec.h"
#include "modules/json_scan.h"
#include "modules/module_url.h"
#include "modules/rewrite.h"
#include "modules/text_store.h"
#include "modules/wasm_scan.h"
#include "modules/wrap.h"
#include "test.h"

static struct arena arena;

static void check_rewrite(struct str text, const struct edit *edits, size_t count, struct str want)
{
    struct edit_list list = { 0 };
    struct strbuf out;

    for (size_t i = 0; i < count; i++) {
        edit_add(&list, edits[i].at.start, edits[i].at.end, edits[i].with);
    }
    strbuf_init(&out, 4096);
    rewrite_apply(&out, text, &list);
    assert_str(strbuf_str(&out), want);
    strbuf_finish(&out);
    vec_finish(&list);
}

TEST(edits_replace_insert_and_keep_the_rest)
{
    const struct edit edits[] = {
        { { 7, 8 }, STR_INIT("XYZ") },
        { { 0, 0 }, STR_INIT("<") },
        { { 3, 3 }, STR_INIT("1") },
        { { 3, 3 }, STR_INIT("2") },
        { { 10, 10 }, STR_INIT(">") },
    };

    check_rewrite(STR("0123456789"), edits, 5,
            STR("<01212"
                "3456XYZ89>"));
    check_rewrite(STR("0123456789"), NULL, 0, STR("0123456789"));
}

TEST(edits_that_overlap_or_lie_outside_are_left_out)
{
    const struct edit edits[] = {
        { { 2, 5 }, STR_INIT("A") },
        { { 4, 6 }, STR_INIT("B") },
        { { 9, 99 }, STR_INIT("C") },
    };

    check_rewrite(STR("0123456789"), edits, 3, STR("01A56789"));
}

TEST(a_byte_order_mark_is_dropped)
{
    const struct edit edits[] = { { { 3, 3 }, STR_INIT("p;") } };

    check_rewrite(STR("\xEF\xBB\xBFx"), edits, 1, STR("p;x"));
    check_rewrite(STR("\xEF\xBB\xBFx"), NULL, 0, STR("x"));
}

/* Whatever the edits: the bytes between them stay, and so do the lines. */
TEST(random_edits_leave_all_other_bytes_and_lines_alone)
{
    unsigned seed = 12345;

    for (int round = 0; round < 2000; round++) {
        char text[64];
        char want[64];
        struct edit_list list = { 0 };
        struct strbuf out;
        size_t end = sizeof(text);

        for (size_t i = 0; i < sizeof(text); i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = (seed >> 24) % 7 == 0 ? '\n' : (char)('a' + (seed >> 16) % 26);
        }
        memcpy(want, text, sizeof(text));
        /* from the end to the start, so that their order is put right */
        while (end > 16) {
            seed = seed * 1664525u + 1013904223u;
            size_t to = end - (seed >> 20) % 8;
            size_t from = to - (seed >> 12) % 8;
            struct span span = { (uint32_t)from, (uint32_t)to };

            edit_add(&list, from, to,
                    rewrite_blank(&arena, (struct str){ text, sizeof(text) }, span));
            for (size_t i = from; i < to; i++) {
                want[i] = text[i] == '\n' ? '\n' : ' ';
            }
            end = from;
        }
        strbuf_init(&out, 4096);
        rewrite_apply(&out, (struct str){ text, sizeof(text) }, &list);
        assert_str(strbuf_str(&out), ((struct str){ want, sizeof(want) }));
        strbuf_finish(&out);
        vec_finish(&list);
    }
    arena_reset(&arena);
}

TEST(line_breaks_of_every_kind_are_kept)
{
    struct str text = STR("a\r\nb\xE2\x80\xA8"
                          "c\rd");
    struct span all = { 0, (uint32_t)text.len };

    assert_str(rewrite_blank(&arena, text, all), STR(" \r\n \xE2\x80\xA8 \r "));
    assert_str(rewrite_breaks(&arena, text, all), STR("\r\n\xE2\x80\xA8\r"));
    /* a separator at the very start, and one that the end cuts off */
    for (uint32_t len = 0; len <= 3; len++) {
        struct str cut = exact_copy(str_sub(STR("\xE2\x80\xA9"), 0, len));

        assert_str(rewrite_breaks(&arena, cut, (struct span){ 0, len }),
                len == 3 ? STR("\xE2\x80\xA9") : STR(""));
        free((void *)(uintptr_t)cut.ptr);
    }
}

TEST(text_is_escaped_for_its_quotes)
{
    struct strbuf out;

    strbuf_init(&out, 100);
    rewrite_add_quoted(&out, STR("/it's\\\n"), '\'');
    assert_str(strbuf_str(&out), STR("/it\\'s\\\\\\x0a"));
    strbuf_reset(&out);
    rewrite_add_quoted(&out, STR("`${x}'"), '`');
    assert_str(strbuf_str(&out), STR("\\`\\${x}'"));
    strbuf_finish(&out);
}

TEST(a_key_is_the_url_without_our_parameters)
{
    static const struct {
        const char *url;
        const char *key;
        uint64_t stamp, page;
        enum module_want want;
    } cases[] = {
        { "/a.js", "/a.js", 0, 0, WANT_FILE },
        { "/a.js?", "/a.js", 0, 0, WANT_FILE },
        { "/a.js?orbit=12", "/a.js", 12, 0, WANT_FILE },
        { "/a.js?orbit=12r3", "/a.js", 12, 3, WANT_FILE },
        { "/a.js?x=1&orbit=12", "/a.js?x=1", 12, 0, WANT_FILE },
        { "/a.js?orbit=12&x=1#f", "/a.js?x=1", 12, 0, WANT_FILE },
        { "/a.js?orbit=x&v=1", "/a.js?orbit=x&v=1", 0, 0, WANT_FILE },
        { "/a.css?import&orbit=3", "/a.css?import", 3, 0, WANT_IMPORT },
        { "/a.css?v=0123456789abcdef0123456789abcdef", "/a.css", 0, 0, WANT_FILE },
        { "/a.css?v=missing&raw", "/a.css?raw", 0, 0, WANT_RAW },
        { "/a.css?import&inline", "/a.css?import&inline", 0, 0, WANT_INLINE },
        { "/a.js?worker", "/a.js?worker", 0, 0, WANT_WORKER },
        { "/a.js?sharedworker", "/a.js?sharedworker", 0, 0, WANT_SHARED_WORKER },
        { "/a.wasm?init", "/a.wasm?init", 0, 0, WANT_INIT },
        { "/a.js?cjs&names=a,b", "/a.js?cjs&names=a,b", 0, 0, WANT_CJS },
        { "/a.js?require&orbit=2", "/a.js?require", 2, 0, WANT_REQUIRE },
        { "/a.js?url=1", "/a.js?url=1", 0, 0, WANT_FILE },
        { "http://localhost:8000/a.js?url", "/a.js?url", 0, 0, WANT_URL },
        { "/a.js?orbit=99999999999999999999", "/a.js?orbit=99999999999999999999", 0, 0, WANT_FILE },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct module_url url;
        struct module_url again;

        module_url_parse(&arena, str_from(cases[i].url), &url);
        assert_str(url.key, str_from(cases[i].key));
        assert_int_equal(url.stamp, cases[i].stamp);
        assert_int_equal(url.stamp_page, cases[i].page);
        assert_int_equal(url.want, cases[i].want);
        module_url_parse(&arena, url.key, &again);
        assert_str(again.key, url.key);
    }
}

TEST(what_is_no_javascript_gets_a_mark)
{
    assert_str(module_import_mark(STR("a.js"), STR(""), STR("")), STR(""));
    assert_str(module_import_mark(STR("a.MJS"), STR(""), STR("")), STR(""));
    assert_str(module_import_mark(STR("a.css"), STR(""), STR("")), STR("import"));
    assert_str(module_import_mark(STR("a.css"), STR("?x"), STR("")), STR("import"));
    assert_str(module_import_mark(STR("a.css"), STR("?raw"), STR("")), STR(""));
    assert_str(module_import_mark(STR("a.css"), STR(""), STR("css")), STR("import&type=css"));
    assert_str(module_import_mark(STR("a.json"), STR(""), STR("json")), STR("import"));
    assert_str(module_import_mark(STR("a.txt"), STR(""), STR("json")), STR("import&type=json"));
    assert_str(module_import_mark(STR("a.js"), STR(""), STR("text")), STR("import&type=text"));
    assert_str(module_import_mark(STR("a.wasm"), STR("?init"), STR("")), STR(""));
}

TEST(a_stylesheet_that_is_imported_for_its_effect_is_a_kind_of_its_own)
{
    static const struct {
        const char *url;
        enum node_kind kind;
    } cases[] = {
        { "/a.css", NODE_CSS },
        { "/a.css?import", NODE_CSS_JS },
        { "/a.css?import&type=css", NODE_JS },
        { "/a.css?raw", NODE_JS },
        { "/a.png?import", NODE_JS },
        { "/a.png", NODE_ASSET },
        { "/a.html", NODE_DOCUMENT },
        { "/a.js", NODE_JS },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str text = str_from(cases[i].url);
        struct str path = str_sub(text, 1, str_find(text, '?'));
        struct module_url url;

        module_url_parse(&arena, text, &url);
        assert_int_equal(module_node_kind(&url, path), cases[i].kind);
    }
    arena_reset(&arena);
}

TEST(json_is_told_from_what_is_none)
{
    static const char *const good[] = { "{}", "[]", "0", "-0.5e+10", "\"\\u00e9\\n\"", " true ",
        "{\"a\":[1,{\"b\":null}],\"c\":{}}", "[[],[],{}]", "12345678901234567890", "1e999",
        "\"\\ud800\"" };
    static const struct {
        const char *text;
        size_t at;
    } bad[] = { { "", 0 }, { "{", 1 }, { "[1,]", 3 }, { "{\"a\":1,}", 7 }, { "{a:1}", 1 },
        { "01", 1 }, { "1.", 2 }, { "\"\t\"", 1 }, { "nul", 0 }, { "1 2", 2 }, { "{\"a\" 1}", 5 },
        { "[1}", 2 }, { "\"\\x\"", 2 }, { "// c\n1", 0 }, { "'a'", 0 }, { "\"abc", 4 },
        { "-", 1 } };
    struct json_facts facts;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct str copy = exact_copy(str_from(good[i]));

        assert_true(json_scan(copy, &arena, &facts));
        free((void *)(uintptr_t)copy.ptr);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct str copy = exact_copy(str_from(bad[i].text));

        assert_false(json_scan(copy, &arena, &facts));
        if (facts.error_at != bad[i].at) {
            fail_msg("%s: %zu is not %zu", bad[i].text, facts.error_at, bad[i].at);
        }
        free((void *)(uintptr_t)copy.ptr);
    }
}

TEST(json_nests_up_to_a_limit)
{
    char text[2 * JSON_DEPTH_MAX + 3];
    struct json_facts facts;

    memset(text, '[', JSON_DEPTH_MAX);
    memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    assert_true(json_scan((struct str){ text, 2 * JSON_DEPTH_MAX }, &arena, &facts));
    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    assert_false(json_scan((struct str){ text, 2 * JSON_DEPTH_MAX + 2 }, &arena, &facts));
    assert_string_equal(facts.error, "nested too deeply");
}

TEST(the_names_of_the_top_object_are_listed_once)
{
    struct json_facts facts;

    assert_true(
            json_scan(STR("{\"a\":{\"x\":1},\"class\":2,\"b-c\":3,\"a\":4,\"$d\":5,\"\\u0061b\":6,"
                          "\"2e\":7}"),
                    &arena, &facts));
    assert_int_equal(facts.name_count, 2);
    assert_str(facts.names[0], STR("a"));
    assert_str(facts.names[1], STR("$d"));
    assert_true(json_scan(STR("[{\"a\":1}]"), &arena, &facts));
    assert_int_equal(facts.name_count, 0);
}

/* imports env.f (function), ./m.js g (global), env.mem; exports add, memory */
#define WASM                                                                                       \
    "\0asm\1\0\0\0"                                                                                \
    "\x02\x20\x03\x03"                                                                             \
    "env\x01"                                                                                      \
    "f\x00\x00"                                                                                    \
    "\x06./m.js\x01"                                                                               \
    "g\x03\x7f\x00"                                                                                \
    "\x03"                                                                                         \
    "env\x03"                                                                                      \
    "mem\x02\x00\x01"                                                                              \
    "\x07\x10\x02\x03"                                                                             \
    "add\x00\x00"                                                                                  \
    "\x06memory\x02\x00"

TEST(a_wasm_module_names_what_it_imports_and_exports)
{
    struct wasm_facts facts;
    struct str bytes = exact_copy(STR(WASM));

    assert_true(wasm_scan(bytes, &arena, &facts));
    assert_int_equal(facts.module_count, 2);
    assert_str(facts.modules[0], STR("env"));
    assert_str(facts.modules[1], STR("./m.js"));
    assert_int_equal(facts.export_count, 2);
    assert_str(facts.exports[0], STR("add"));
    assert_str(facts.exports[1], STR("memory"));
    for (size_t len = 0; len < bytes.len; len++) {
        struct str cut = exact_copy(str_sub(bytes, 0, len));

        (void)wasm_scan(cut, &arena, &facts); /* must end, and read nothing outside */
        free((void *)(uintptr_t)cut.ptr);
    }
    free((void *)(uintptr_t)bytes.ptr);
    assert_false(wasm_scan(STR("\0asm\1\0\0\0\x02\x03\xff\xff\x7f"), &arena, &facts));
    assert_false(wasm_scan(STR("no wasm"), &arena, &facts));
}

TEST(wrappers_are_what_they_should_be)
{
    struct strbuf out;
    struct str names[] = { STR_INIT("a") };

    strbuf_init(&out, 4096);
    wrap_css(&out, STR("/a.css?import"), STR("/a.css"), true);
    assert_str(strbuf_str(&out),
            STR("await globalThis.__orbiton__?.style(\"/a.css?import\",\"/a.css\");\n"
                "export {};\n"));
    strbuf_reset(&out);
    wrap_json(&out, STR("\xEF\xBB\xBF{\"a\":1}"), names, 1);
    assert_str(strbuf_str(&out),
            STR("const value=JSON.parse(\"{\\\"a\\\":1}\");\nexport default value;\n"
                "const _0=value[\"a\"];export{_0 as a};\n"));
    strbuf_reset(&out);
    wrap_data(&out, STR("text/plain; charset=utf-8"), STR("abcd"));
    assert_str(strbuf_str(&out),
            STR("export default \"data:text/plain;charset=utf-8;base64,YWJjZA==\";\n"));
    strbuf_reset(&out);
    wrap_string(&out, STR("a\"</script>\n"));
    assert_str(strbuf_str(&out), STR("export default \"a\\\"\\u003c/script>\\n\";\n"));
    strbuf_finish(&out);
}

static struct hash hash_of(size_t i)
{
    return hash_bytes((struct str){ (const char *)&i, sizeof(i) });
}

TEST(texts_are_kept_by_hash_and_the_oldest_goes)
{
    struct text_store *store = text_store_create(1000);
    char bytes[200];
    struct str text;

    for (size_t i = 0; i < 500; i++) {
        size_t len = i % 7 == 0 ? 0 : i % 200;

        memset(bytes, (int)('a' + i % 26), sizeof(bytes));
        text_store_put(store, hash_of(i), (struct str){ bytes, len });
        /* what the store says it has is whole */
        for (size_t k = i > 30 ? i - 30 : 0; k <= i; k++) {
            if (text_store_get(store, hash_of(k), &arena, &text)) {
                assert_int_equal(text.len, k % 7 == 0 ? 0 : k % 200);
                for (size_t n = 0; n < text.len; n++) {
                    assert_int_equal(text.ptr[n], 'a' + (int)(k % 26));
                }
            } else {
                assert_true(k != i);
            }
        }
    }
    assert_false(text_store_has(store, hash_of(1)));
    arena_reset(&arena);
    text_store_destroy(store);
}

static size_t length_of(size_t i)
{
    return i * i * 7919 % (i % 9 == 0 ? 20000 : 3000);
}

/* Some are gathered before they are written, others are not; the ring comes round many times. */
TEST(texts_of_all_sizes_come_back_whole)
{
    struct text_store *store = text_store_create(100000);
    char *bytes = mem_alloc(20000, 1);
    struct str text;
    size_t last = 0;

    for (size_t i = 0; i < 3000; i++) {
        memset(bytes, (int)('a' + i % 26), length_of(i));
        text_store_put(store, hash_of(i), (struct str){ bytes, length_of(i) });
        size_t k = i - (i * 31 % 50 < i ? i * 31 % 50 : 0);

        if (text_store_get(store, hash_of(k), &arena, &text)) {
            assert_int_equal(text.len, length_of(k));
            memset(bytes, (int)('a' + k % 26), length_of(k));
            assert_str(text, ((struct str){ bytes, length_of(k) }));
            last = k;
        } else {
            assert_true(k + 3 < i);
        }
        arena_reset(&arena);
    }
    assert_true(last > 2900);
    free(bytes);
    text_store_destroy(store);
}

TEST(a_text_that_is_too_long_is_not_kept)
{
    struct text_store *store = text_store_create(100);
    char bytes[26] = { 0 };
    struct str text;

    text_store_put(store, hash_of(1), (struct str){ bytes, 25 });
    text_store_put(store, hash_of(2), (struct str){ bytes, 26 });
    assert_true(text_store_get(store, hash_of(1), &arena, &text));
    assert_false(text_store_get(store, hash_of(2), &arena, &text));
    text_store_destroy(store);
    text_store_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(edits_replace_insert_and_keep_the_rest),
        CASE(edits_that_overlap_or_lie_outside_are_left_out),
        CASE(a_byte_order_mark_is_dropped),
        CASE(random_edits_leave_all_other_bytes_and_lines_alone),
        CASE(line_breaks_of_every_kind_are_kept),
        CASE(text_is_escaped_for_its_quotes),
        CASE(a_key_is_the_url_without_our_parameters),
        CASE(what_is_no_javascript_gets_a_mark),
        CASE(a_stylesheet_that_is_imported_for_its_effect_is_a_kind_of_its_own),
        CASE(json_is_told_from_what_is_none),
        CASE(json_nests_up_to_a_limit),
        CASE(the_names_of_the_top_object_are_listed_once),
        CASE(a_wasm_module_names_what_it_imports_and_exports),
        CASE(wrappers_are_what_they_should_be),
        CASE(texts_are_kept_by_hash_and_the_oldest_goes),
        CASE(texts_of_all_sizes_come_back_whole),
        CASE(a_text_that_is_too_long_is_not_kept),
    };
    int failed = RUN(cases);

    arena_finish(&arena);
    return failed;
}
