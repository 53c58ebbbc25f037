/* SPDX-License-Identifier: MIT */
#include "hmr/context.h"

#include "test.h"

static struct str name_of(struct arena *a, const char *path)
{
    return hmr_module_name(a, str_from(path));
}

TEST(a_name_loses_src_and_ending_only_at_the_ends_of_the_path)
{
    struct arena a = { 0 };

    assert_str(name_of(&a, "src/a.rs"), STR("a"));
    assert_str(name_of(&a, "src/components/counter.orbit"), STR("components/counter"));
    assert_str(name_of(&a, "src/a/src/b.rs"), STR("a/src/b"));
    assert_str(name_of(&a, "src/a.rs.orbit"), STR("a.rs"));
    assert_str(name_of(&a, "lib/src/b.rs"), STR("lib/src/b.rs"));
    assert_str(name_of(&a, "src/style.css"), STR("src/style.css"));
    assert_str(name_of(&a, "style.css"), STR("style.css"));
    assert_str(name_of(&a, "src/.rs"), STR("src/.rs"));
    arena_finish(&a);
}

TEST(two_files_never_have_one_name)
{
    struct hmr_context *c = hmr_context_create();
    struct str first = hmr_context_record_file_change(c, STR("src/a.rs"), 1);
    struct str second = hmr_context_record_file_change(c, STR("src/a.orbit"), 1);
    struct str again = hmr_context_record_file_change(c, STR("src/a.orbit"), 2);

    assert_str(first, STR("a"));
    assert_str(second, STR("src/a.orbit"));
    assert_str(again, second);
    assert_str(hmr_context_record_file_change(c, STR("src/a/src/b.rs"), 3), STR("a/src/b"));
    assert_str(hmr_context_record_file_change(c, STR("src/a/b.rs"), 3), STR("a/b"));
    hmr_context_destroy(c);
}

TEST(a_change_is_pending_until_it_is_marked_updated)
{
    struct hmr_context *c = hmr_context_create();
    struct arena a = { 0 };
    size_t count;

    hmr_context_record_file_change(c, STR("src/b.rs"), 20);
    hmr_context_record_file_change(c, STR("src/a.rs"), 10);

    struct str *names = hmr_context_pending_updates(c, &a, &count);

    assert_int_equal(count, 2);
    assert_str(names[0], STR("a"));
    assert_str(names[1], STR("b"));
    assert_true(hmr_context_needs_update(c, STR("a")));
    hmr_context_mark_updated(c, STR("a"));
    assert_false(hmr_context_needs_update(c, STR("a")));
    assert_int_equal(hmr_context_oldest_age(c, 50), 30);
    hmr_context_stale_entries(c, 29, 50, &a, &count);
    assert_int_equal(count, 1);
    hmr_context_stale_entries(c, 30, 50, &a, &count);
    assert_int_equal(count, 0);
    arena_finish(&a);
    hmr_context_destroy(c);
}

TEST(what_is_pending_is_named_by_age_and_then_by_its_first_change)
{
    static const char *const want[] = { "c", "a", "d", "b" };
    struct hmr_context *c = hmr_context_create();
    struct arena a = { 0 };
    size_t count;

    hmr_context_record_file_change(c, STR("src/a.rs"), 20);
    hmr_context_record_file_change(c, STR("src/b.rs"), 10);
    hmr_context_record_file_change(c, STR("src/c.rs"), 5);
    hmr_context_record_file_change(c, STR("src/d.rs"), 20);
    hmr_context_mark_updated(c, STR("b"));
    hmr_context_record_file_change(c, STR("src/b.rs"), 30); /* is younger than the others now */

    struct str *names = hmr_context_pending_updates(c, &a, &count);

    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++) {
        assert_str(names[i], str_from(want[i]));
    }
    arena_finish(&a);
    hmr_context_destroy(c);
}

TEST(a_good_rebuild_returns_the_modules_that_it_took_along)
{
    struct hmr_context *c = hmr_context_create();
    struct arena a = { 0 };
    size_t count;

    hmr_context_record_file_change(c, STR("src/a.rs"), 10);
    hmr_context_rebuild_started(c);

    struct str *names = hmr_context_record_rebuild(c, true, 40, &a, &count);

    assert_int_equal(count, 1);
    assert_str(names[0], STR("a"));
    assert_false(hmr_context_should_rebuild(c, 0, 100));
    arena_finish(&a);
    hmr_context_destroy(c);
}

TEST(an_edit_during_a_rebuild_stays_pending_and_the_last_one_wins)
{
    struct hmr_context *c = hmr_context_create();
    struct arena a = { 0 };
    size_t count;

    hmr_context_record_file_change(c, STR("src/a.rs"), 10);
    hmr_context_rebuild_started(c);
    hmr_context_record_file_change(c, STR("src/a.rs"), 20);
    hmr_context_record_rebuild(c, true, 40, &a, &count);

    assert_int_equal(count, 0);
    assert_true(hmr_context_needs_update(c, STR("a")));
    assert_false(hmr_context_should_rebuild(c, 50, 89));
    assert_int_equal(hmr_context_rebuild_wait(c, 50, 89), 1);
    assert_true(hmr_context_should_rebuild(c, 50, 90));
    arena_finish(&a);
    hmr_context_destroy(c);
}

TEST(a_failed_rebuild_keeps_modules_pending_but_does_not_start_again_by_itself)
{
    struct hmr_context *c = hmr_context_create();
    struct arena a = { 0 };
    size_t count;

    hmr_context_record_file_change(c, STR("src/a.rs"), 10);
    hmr_context_rebuild_started(c);
    hmr_context_record_rebuild(c, false, 40, &a, &count);

    assert_int_equal(count, 0);
    assert_true(hmr_context_needs_update(c, STR("a")));
    assert_false(hmr_context_should_rebuild(c, 50, 1000));

    hmr_context_record_file_change(c, STR("src/b.rs"), 1001);
    assert_true(hmr_context_should_rebuild(c, 50, 1001));
    hmr_context_rebuild_started(c);
    hmr_context_record_rebuild(c, true, 1040, &a, &count);
    assert_int_equal(count, 2);
    arena_finish(&a);
    hmr_context_destroy(c);
}

TEST(the_debounce_counts_from_the_end_of_the_last_rebuild)
{
    struct hmr_context *c = hmr_context_create();
    struct arena a = { 0 };
    size_t count;

    hmr_context_record_file_change(c, STR("src/a.rs"), 0);
    assert_true(hmr_context_should_rebuild(c, 500, 0));
    hmr_context_rebuild_started(c);
    hmr_context_record_rebuild(c, true, 350, &a, &count);
    hmr_context_record_file_change(c, STR("src/a.rs"), 700);
    assert_false(hmr_context_should_rebuild(c, 500, 849));
    assert_true(hmr_context_should_rebuild(c, 500, 850));
    arena_finish(&a);
    hmr_context_destroy(c);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_name_loses_src_and_ending_only_at_the_ends_of_the_path),
        CASE(two_files_never_have_one_name),
        CASE(a_change_is_pending_until_it_is_marked_updated),
        CASE(what_is_pending_is_named_by_age_and_then_by_its_first_change),
        CASE(a_good_rebuild_returns_the_modules_that_it_took_along),
        CASE(an_edit_during_a_rebuild_stays_pending_and_the_last_one_wins),
        CASE(a_failed_rebuild_keeps_modules_pending_but_does_not_start_again_by_itself),
        CASE(the_debounce_counts_from_the_end_of_the_last_rebuild),
    };

    return RUN(cases);
}
