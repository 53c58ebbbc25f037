/* SPDX-License-Identifier: MIT */
#include "watch/package_folders.h"

#include "test.h"

#include "base/path.h"
#include "base/strbuf.h"

#define UI "@workspace/packages/ui"

TEST(folders_on_the_way_are_passages)
{
    struct package_folders f = { 0 };

    assert_true(package_folders_add(&f, STR(UI), true));
    assert_false(package_folders_add(&f, STR(UI), true));
    assert_false(package_folders_add(&f, STR(UI), false)); /* it stays what it is */
    assert_true(package_folders_add(&f, STR(UI "/dist/esm"), false));
    assert_int_equal(package_folders_find(&f, STR("@workspace")), PACKAGE_FOLDER_PASSAGE);
    assert_int_equal(package_folders_find(&f, STR("@workspace/packages")), PACKAGE_FOLDER_PASSAGE);
    assert_int_equal(package_folders_find(&f, STR(UI)), PACKAGE_FOLDER_OWN);
    assert_int_equal(package_folders_find(&f, STR(UI "/dist")), PACKAGE_FOLDER_PASSAGE);
    assert_int_equal(package_folders_find(&f, STR(UI "/dist/esm")), PACKAGE_FOLDER_USED);
    assert_int_equal(package_folders_find(&f, STR(UI "/src")), PACKAGE_FOLDER_NONE);
    assert_int_equal(package_folders_find(&f, STR("")), PACKAGE_FOLDER_NONE);
    assert_true(package_folders_add(&f, STR(UI "/dist"), false)); /* more than a passage now */
    assert_int_equal(package_folders_find(&f, STR(UI "/dist")), PACKAGE_FOLDER_USED);
    package_folders_finish(&f);
}

TEST(more_than_the_limit_are_not_taken)
{
    struct package_folders f = { 0 };
    char path[64];
    int taken = 0;

    for (int i = 0; i < PACKAGE_FOLDERS_MAX + 10; i++) {
        (void)snprintf(path, sizeof(path), UI "/src/%d", i);
        taken += package_folders_add(&f, str_from(path), false);
    }
    assert_true(package_folders_are_full(&f));
    assert_int_equal(taken, PACKAGE_FOLDERS_MAX - 4); /* those on the way count, too */
    package_folders_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(folders_on_the_way_are_passages),
        CASE(more_than_the_limit_are_not_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
