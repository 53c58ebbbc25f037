/* SPDX-License-Identifier: MIT */
/* The merge table, and that a set of thousands stays right and in order. */
#include "watch/change_set.h"

#include "test.h"

enum { C = CHANGE_CREATED, M = CHANGE_MODIFIED, D = CHANGE_DELETED, S = CHANGE_SAME, NONE = 9 };

TEST(merging_keeps_the_strongest_fact)
{
    static const struct {
        int first;
        int then;
        int result;
    } table[] = {
        { C, C, C },
        { C, M, C },
        { C, D, NONE },
        { C, S, C },
        { M, C, M },
        { M, M, M },
        { M, D, D },
        { M, S, M },
        { D, C, M },
        { D, M, M },
        { D, D, D },
        { D, S, M },
        { S, C, M },
        { S, M, M },
        { S, D, D },
        { S, S, S },
    };
    struct change_set set = { 0 };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        change_set_reset(&set);
        change_set_add(&set, STR("a/b.js"), (enum change_kind)table[i].first);
        change_set_add(&set, STR("a/b.js"), (enum change_kind)table[i].then);
        const struct change *entry = change_set_find(&set, STR("a/b.js"));

        if (table[i].result == NONE) {
            assert_null(entry);
            assert_int_equal(set.count, 0);
        } else {
            assert_int_equal(entry->kind, table[i].result);
            assert_int_equal(set.count, 1);
        }
    }
    change_set_finish(&set);
}

TEST(a_reset_set_has_nothing_of_the_one_before)
{
    struct change_set set = { 0 };

    change_set_add(&set, STR("a"), CHANGE_MODIFIED);
    set.first_ns = 7;
    set.lost_events = true;
    set.git_note = STR("merge");
    change_set_reset(&set);
    assert_int_equal(set.count, 0);
    assert_int_equal(set.first_ns, 0);
    assert_false(set.lost_events);
    assert_int_equal(set.git_note.len, 0);
    assert_null(change_set_find(&set, STR("a")));
    change_set_finish(&set);
}

TEST(same_is_not_a_change)
{
    struct change_set set = { 0 };

    change_set_add(&set, STR("a"), CHANGE_SAME);
    change_set_add(&set, STR("b"), CHANGE_MODIFIED);
    assert_int_equal(change_set_changes(&set), 1);
    change_set_finish(&set);
    change_set_finish(&set);
}

TEST(thousands_keep_their_order_when_some_are_dropped)
{
    enum { COUNT = 3000 };
    struct change_set set = { 0 };
    char name[32];

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < COUNT; i++) {
            (void)snprintf(name, sizeof(name), "dir/%d", i);
            change_set_add(&set, str_from(name), CHANGE_CREATED);
        }
        for (int i = 0; i < COUNT; i += 3) {
            (void)snprintf(name, sizeof(name), "dir/%d", i);
            change_set_add(&set, str_from(name), CHANGE_DELETED);
        }
        assert_int_equal(set.count, COUNT - COUNT / 3);
        size_t at = 0;

        for (int i = 0; i < COUNT; i++) {
            (void)snprintf(name, sizeof(name), "dir/%d", i);
            const struct change *entry = change_set_find(&set, str_from(name));

            if (i % 3 == 0) {
                assert_null(entry);
            } else {
                assert_ptr_equal(entry, &set.entries[at++]);
                assert_str(entry->path, str_from(name));
            }
        }
        set.lost_events = true;
        change_set_reset(&set);
        assert_false(set.lost_events);
        assert_null(change_set_find(&set, STR("dir/1")));
    }
    change_set_finish(&set);
}

TEST(kinds_have_names)
{
    assert_str(change_kind_name(CHANGE_CREATED), STR("created"));
    assert_str(change_kind_name(CHANGE_SAME), STR("same"));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(merging_keeps_the_strongest_fact),
        CASE(a_reset_set_has_nothing_of_the_one_before),
        CASE(same_is_not_a_change),
        CASE(thousands_keep_their_order_when_some_are_dropped),
        CASE(kinds_have_names),
    };

    return RUN(cases);
}
