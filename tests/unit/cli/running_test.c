/* SPDX-License-Identifier: MIT */
#include "cli/running.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

static char folder[64];

static const char *env(const char *name)
{
    return strcmp(name, "XDG_RUNTIME_DIR") == 0 ? folder : NULL;
}

static int begin(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/orbiton-test-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
    char command[128];

    (void)state;
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}

static struct running server(const char *token)
{
    return (struct running){
        .root = STR("/home/me/site"),
        .token = str_from(token),
        .port = 8000,
    };
}

TEST(a_server_is_found_from_its_root_and_from_below)
{
    struct arena arena = { 0 };
    struct running written = server("secret");
    struct running found;

    assert_int_equal(running_write(&written, env), 0);

    assert_true(running_find(STR("/home/me/site"), env, &arena, &found));
    assert_true(running_find(STR("/home/me/site/src/a"), env, &arena, &found));
    assert_str(found.token, STR("secret"));
    assert_str(found.root, STR("/home/me/site"));
    assert_int_equal(found.port, 8000);
    assert_false(running_find(STR("/home/me"), env, &arena, &found));
    assert_false(running_find(STR("/home/me/site2"), env, &arena, &found));
    assert_false(running_find(STR("/"), env, &arena, &found));
    arena_finish(&arena);
}

TEST(a_server_takes_back_its_own_word_only)
{
    struct arena arena = { 0 };
    struct running old = server("old");
    struct running newer = server("newer");
    struct running found;

    assert_int_equal(running_write(&old, env), 0);
    assert_int_equal(running_write(&newer, env), 0);

    running_remove(&old, env);
    assert_true(running_find(STR("/home/me/site"), env, &arena, &found));
    assert_str(found.token, STR("newer"));

    running_remove(&newer, env);
    assert_false(running_find(STR("/home/me/site"), env, &arena, &found));
    arena_finish(&arena);
}

TEST(a_folder_that_others_can_enter_is_not_trusted)
{
    char path[128];
    struct running written = server("secret");

    (void)snprintf(path, sizeof(path), "%s/orbiton", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chmod(path, 0755), 0);

    assert_int_equal(running_write(&written, env), -EACCES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_server_is_found_from_its_root_and_from_below, begin, end),
        cmocka_unit_test_setup_teardown(a_server_takes_back_its_own_word_only, begin, end),
        cmocka_unit_test_setup_teardown(a_folder_that_others_can_enter_is_not_trusted, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
