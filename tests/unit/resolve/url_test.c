/* SPDX-License-Identifier: MIT */
/* URLs as the standard joins them. */
#include "test.h"

#include "resolve/url.h"

static void expect(const char *base, const char *ref, enum url_form form, const char *url)
{
    struct arena a = { 0 };
    struct str got = STR("");
    struct str copy = exact_copy(str_from(ref));

    assert_int_equal(url_join(&a, str_from(base), STR("http://localhost:8000"), copy, &got), form);
    if (form != URL_BAD) {
        assert_str(got, str_from(url));
    }
    free((void *)(uintptr_t)copy.ptr);
    arena_finish(&a);
}

TEST(relative_references_start_from_the_folder)
{
    expect("/src/a.js?x#y", "./b.js", URL_OWN, "/src/b.js");
    expect("/src/a.js", "../b.js", URL_OWN, "/b.js");
    expect("/src/a.js", "../../../b.js", URL_OWN, "/b.js");
    expect("/src/a.js", "/b.js?q#f", URL_OWN, "/b.js?q#f");
    expect("/src/a.js", ".", URL_OWN, "/src/");
    expect("/src/a.js", "..", URL_OWN, "/");
    expect("/src/a.js", "./x/..", URL_OWN, "/src/");
    expect("/src/a.js?q", "", URL_OWN, "/src/a.js?q");
    expect("/src/a.js?q", "?r", URL_OWN, "/src/a.js?r");
    expect("/src/a.js?q", "#f", URL_OWN, "/src/a.js?q#f");
    expect("/src/a.js", ".\\b\\c.js", URL_OWN, "/src/b/c.js");
}

TEST(what_may_not_stand_in_a_url_is_encoded)
{
    expect("/", "./a b\"<>`{}.js", URL_OWN, "/a%20b%22%3C%3E%60%7B%7D.js");
    expect("/", "./\xc3\xa4.js?\xc3\xa4 '", URL_OWN, "/%C3%A4.js?%C3%A4%20%27");
    expect("/", "./%61%2f.js", URL_OWN, "/%61%2f.js");
    expect("/a/b", "%2e%2E/c/%2e", URL_OWN, "/c/");
    expect("/", " \n./a\t.js \r", URL_OWN, "/a.js");
}

TEST(other_origins_stay_absolute)
{
    expect("/", "https://Esm.SH/a/../b", URL_ABSOLUTE, "https://esm.sh/b");
    expect("/", "HTTPS:esm.sh:443", URL_ABSOLUTE, "https://esm.sh/");
    expect("/", "//cdn/x", URL_ABSOLUTE, "http://cdn/x");
    expect("/", "data:text/javascript,1", URL_ABSOLUTE, "data:text/javascript,1");
    expect("/", "http://localhost:8000/x?y", URL_OWN, "/x?y");
    expect("/", "http://localhost:80001/x", URL_ABSOLUTE, "http://localhost:80001/x");
    expect("https://esm.sh/a/b", "./c", URL_ABSOLUTE, "https://esm.sh/a/c");
    expect("https://esm.sh/a/b", "/c", URL_ABSOLUTE, "https://esm.sh/c");
    expect("/", "http://", URL_BAD, "");
    expect("data:x", "./c", URL_BAD, "");
}

TEST(texts_are_split_and_decoded)
{
    struct arena a = { 0 };
    struct str path;
    struct str query;
    struct str fragment;

    url_split(STR("/a?b?c#d#e"), &path, &query, &fragment);
    assert_str(path, STR("/a"));
    assert_str(query, STR("?b?c"));
    assert_str(fragment, STR("#d#e"));
    assert_str(url_decode(&a, STR("a%20b%2")), STR("a b%2"));
    assert_str(url_decode(&a, STR("%zz%41")), STR("%zzA"));
    assert_true(url_is_like(STR("node:fs")));
    assert_true(url_is_like(STR("../x")));
    assert_false(url_is_like(STR("react")));
    assert_false(url_is_like(STR(".x")));
    arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(relative_references_start_from_the_folder),
        CASE(what_may_not_stand_in_a_url_is_encoded),
        CASE(other_origins_stay_absolute),
        CASE(texts_are_split_and_decoded),
    };

    return RUN(cases);
}
