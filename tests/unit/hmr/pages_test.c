/* SPDX-License-Identifier: MIT */
#include "hmr/pages.h"

#include "test.h"

static struct version v(uint64_t n)
{
    return (struct version){ .known = true, .exists = true, .hash = { n, n } };
}

static const struct version gone = { .known = true, .exists = false };

TEST(the_types_of_updates_are_named_as_the_protocol_names_them)
{
    assert_str(update_type_name(UPDATE_CSS), STR("css"));
    assert_str(update_type_name(UPDATE_ASSET), STR("asset"));
    assert_str(update_type_name(UPDATE_JS), STR("js"));
    assert_str(update_type_name(UPDATE_HTML), STR("html"));
    assert_str(update_type_name(UPDATE_WASM), STR("wasm"));
    assert_str(update_type_name(UPDATE_OTHER), STR("other"));
}

TEST(what_is_not_known_equals_nothing)
{
    const struct version unknown = { .exists = true, .hash = { 1, 1 } };

    assert_true(version_eq(v(1), v(1)));
    assert_false(version_eq(v(1), v(2)));
    assert_false(version_eq(v(1), unknown));
    assert_false(version_eq(unknown, v(1)));
    assert_false(version_eq(unknown, unknown));
    assert_false(version_eq(v(1), gone));
    assert_true(version_eq(gone, gone));
}

TEST(only_the_page_that_loaded_a_file_is_told_of_it)
{
    struct pages *pages = pages_create(NULL);
    struct page *one = pages_add(pages, 1);
    struct page *two = pages_add(pages, 2);
    size_t count;

    page_set_url(one, STR("/"));
    page_set_url(two, STR("/other.html"));
    page_register(pages, one, STR("/a.css"), STR("a.css"), v(1));
    page_register(pages, two, STR("/b.css"), STR("b.css"), v(1));

    assert_int_equal(pages_mark(pages, STR("a.css"), STR("a.css"), v(2)), 1);
    const struct update *updates = page_updates(one, &count);

    assert_int_equal(count, 1);
    assert_str(updates[0].url, STR("/a.css"));
    assert_int_equal(updates[0].type, UPDATE_CSS);
    page_updates(two, &count);
    assert_int_equal(count, 0);
    assert_int_equal(pages_mark(pages, STR("c.css"), STR("c.css"), v(2)), 0);
    pages_destroy(pages);
}

TEST(a_page_is_not_told_what_it_already_has)
{
    struct pages *pages = pages_create(NULL);
    struct page *page = pages_add(pages, 1);
    size_t count;

    page_register(pages, page, STR("/a.js"), STR("a.js"), v(1));
    assert_int_equal(pages_mark(pages, STR("a.js"), STR("a.js"), v(1)), 1);
    page_updates(page, &count);
    assert_int_equal(count, 0);

    pages_mark(pages, STR("a.js"), STR("a.js"), v(2));
    page_sent(pages, page, 1);
    pages_mark(pages, STR("a.js"), STR("a.js"), v(2));
    page_updates(page, &count);
    assert_int_equal(count, 0);

    pages_mark(pages, STR("a.js"), STR("a.js"), v(1));
    page_updates(page, &count);
    assert_int_equal(count, 1);
    pages_destroy(pages);
}

TEST(the_document_is_html_whatever_its_ending_and_query)
{
    struct pages *pages = pages_create(NULL);
    struct page *page = pages_add(pages, 1);
    size_t count;

    page_set_url(page, STR("/?x=1"));
    page_register(pages, page, STR("/?x=1"), STR("index.html"), v(1));
    page_register(pages, page, STR("/part.html"), STR("part.html"), v(1));
    pages_mark(pages, STR("index.html"), STR("index.html"), v(2));
    pages_mark(pages, STR("part.html"), STR("part.html"), v(2));

    const struct update *updates = page_updates(page, &count);

    assert_int_equal(count, 2);
    assert_int_equal(updates[0].type, UPDATE_HTML);
    assert_int_equal(updates[1].type, UPDATE_OTHER);
    pages_destroy(pages);
}

TEST(a_missing_file_that_appears_and_a_file_that_goes_are_updates)
{
    struct pages *pages = pages_create(NULL);
    struct page *page = pages_add(pages, 1);
    size_t count;

    page_register(pages, page, STR("/a.js"), STR("a.js"), gone);
    pages_mark(pages, STR("a.js"), STR("a.js"), gone);
    page_updates(page, &count);
    assert_int_equal(count, 0);
    pages_mark(pages, STR("a.js"), STR("a.js"), v(1));
    page_sent(pages, page, 1);
    pages_mark(pages, STR("a.js"), STR("a.js"), gone);

    const struct update *updates = page_updates(page, &count);

    assert_int_equal(count, 1);
    assert_false(updates[0].to.exists);
    pages_destroy(pages);
}

TEST(two_changes_before_sending_are_one_update_with_the_last_version)
{
    struct pages *pages = pages_create(NULL);
    struct page *page = pages_add(pages, 1);
    size_t count;

    page_register(pages, page, STR("/a.js?v=1"), STR("a.js"), v(1));
    page_register(pages, page, STR("/a.js"), STR("a.js"), v(1));
    pages_mark(pages, STR("a.js"), STR("a.js"), v(2));
    assert_int_equal(pages_mark(pages, STR("a.js"), STR("a.js"), v(3)), 1);

    const struct update *updates = page_updates(page, &count);

    assert_int_equal(count, 2);
    assert_true(version_eq(updates[0].to, v(3)));
    pages_destroy(pages);
}

TEST(a_page_that_is_gone_uses_nothing)
{
    struct pages *pages = pages_create(NULL);
    struct page *page = pages_add(pages, 1);

    page_register(pages, page, STR("/a.js"), STR("a.js"), v(1));
    pages_remove(pages, 1);
    assert_int_equal(pages_mark(pages, STR("a.js"), STR("a.js"), v(2)), 0);
    assert_int_equal(pages_count(pages), 0);
    pages_destroy(pages);
}

TEST(urls_over_the_limit_are_refused)
{
    struct pages *pages = pages_create(NULL);
    struct page *page = pages_add(pages, 1);
    char url[PAGE_URL_MAX + 1];

    memset(url, 'a', sizeof(url));
    assert_false(page_register(pages, page, (struct str){ url, sizeof(url) }, STR("a"), v(1)));
    pages_destroy(pages);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(the_types_of_updates_are_named_as_the_protocol_names_them),
        CASE(what_is_not_known_equals_nothing),
        CASE(only_the_page_that_loaded_a_file_is_told_of_it),
        CASE(a_page_is_not_told_what_it_already_has),
        CASE(the_document_is_html_whatever_its_ending_and_query),
        CASE(a_missing_file_that_appears_and_a_file_that_goes_are_updates),
        CASE(two_changes_before_sending_are_one_update_with_the_last_version),
        CASE(a_page_that_is_gone_uses_nothing),
        CASE(urls_over_the_limit_are_refused),
    };

    return RUN(cases);
}
