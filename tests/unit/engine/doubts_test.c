/* SPDX-License-Identifier: MIT */
/* Files that were asked for while somebody wrote them, and what becomes of their announcement. */
#include "engine/state.h"

#include "base/vec.h"
#include "test.h"

static struct engine engine;
static struct change_set set;

static int begin(void **state)
{
    (void)state;
    engine = (struct engine){ 0 };
    set = (struct change_set){ 0 };
    change_set_add(&set, STR("a.js"), CHANGE_SAME);
    change_set_add(&set, STR("b.js"), CHANGE_SAME);
    change_set_add(&set, STR("c.js"), CHANGE_MODIFIED);
    return 0;
}

static int end(void **state)
{
    (void)state;
    change_set_finish(&set);
    vec_finish(&engine.doubts);
    arena_finish(&engine.turn);
    return 0;
}

static void check(const struct change_set *got, const enum change_kind *want)
{
    assert_int_equal(got->count, 3);
    for (size_t i = 0; i < got->count; i++) {
        assert_str(got->entries[i].path, set.entries[i].path);
        assert_int_equal(got->entries[i].kind, want[i]);
    }
}

static const enum change_kind as_announced[] = { CHANGE_SAME, CHANGE_SAME, CHANGE_MODIFIED };

TEST(a_file_in_doubt_that_is_the_same_counts_as_modified)
{
    static const enum change_kind want[] = { CHANGE_SAME, CHANGE_MODIFIED, CHANGE_MODIFIED };

    doubts_add(&engine, STR("b.js"));

    struct change_set settled = doubts_settle(&engine, &set);

    check(&settled, want);
    check(&set, as_announced); /* the watcher's own set is not written to */
}

TEST(what_is_announced_is_in_doubt_no_more)
{
    doubts_add(&engine, STR("b.js"));
    doubts_add(&engine, STR("b.js"));
    doubts_add(&engine, STR("c.js")); /* has changed anyway */
    (void)doubts_settle(&engine, &set);

    struct change_set again = doubts_settle(&engine, &set);

    check(&again, as_announced);
    assert_int_equal(engine.doubts.count, 0);
}

TEST(what_is_not_announced_stays_in_doubt)
{
    doubts_add(&engine, STR("d.js"));

    struct change_set settled = doubts_settle(&engine, &set);

    check(&settled, as_announced);
    assert_int_equal(engine.doubts.count, 1);
}

TEST(with_more_doubts_than_are_kept_all_files_are_in_doubt)
{
    static const enum change_kind want[] = { CHANGE_MODIFIED, CHANGE_MODIFIED, CHANGE_MODIFIED };
    char name[16];

    for (int i = 0; i <= DOUBTS_MAX; i++) {
        (void)snprintf(name, sizeof(name), "x%d.js", i);
        doubts_add(&engine, str_from(name));
    }

    struct change_set settled = doubts_settle(&engine, &set);

    check(&settled, want);
    assert_int_equal(engine.doubts.count, DOUBTS_MAX);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test_setup_teardown(
                a_file_in_doubt_that_is_the_same_counts_as_modified, begin, end),
        cmocka_unit_test_setup_teardown(what_is_announced_is_in_doubt_no_more, begin, end),
        cmocka_unit_test_setup_teardown(what_is_not_announced_stays_in_doubt, begin, end),
        cmocka_unit_test_setup_teardown(
                with_more_doubts_than_are_kept_all_files_are_in_doubt, begin, end),
    };

    return RUN(cases);
}
