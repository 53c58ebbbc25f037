/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TESTS_TEST_H
#define ORBITON_TESTS_TEST_H

/* What every unit test includes: cmocka, and the helpers that all of them use. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

/* TEST(name_is_a_sentence) { ... }, listed in main's array as CASE(name). */
#define TEST(name) static void name(void **state __attribute__((unused)))
#define CASE(name) cmocka_unit_test(name)
#define RUN(cases) cmocka_run_group_tests(cases, NULL, NULL)

#define assert_str(actual, expected)                                                               \
    do {                                                                                           \
        struct str actual_ = (actual);                                                             \
        struct str expected_ = (expected);                                                         \
        if (!str_eq(actual_, expected_)) {                                                         \
            fail_msg("\"%.*s\" is not \"%.*s\"", STR_FMT(actual_), STR_FMT(expected_));            \
        }                                                                                          \
    } while (0)

/* A heap copy of exactly these bytes, so that ASan sees one byte too far. Free the pointer. */
static inline struct str exact_copy(struct str s)
{
    char *p = malloc(s.len > 0 ? s.len : 1);

    if (s.len > 0) {
        memcpy(p, s.ptr, s.len);
    }
    return (struct str){ p, s.len };
}

#endif
