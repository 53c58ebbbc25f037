/* SPDX-License-Identifier: MIT */
#include "engine/why.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/sys.h"
#include "test.h"

/* A log whose lines are JSON in memory. */
static uv_loop_t loop;
static struct term_options options;
static struct term *term;
static struct why_log *why;
static struct strbuf text;

static int begin(void **state)
{
    (void)state;
    strbuf_init(&text, 1024 * 1024);
    options = (struct term_options){ .in_fd = -1, .json = true };
    options.out_fd = memfd_create("out", MFD_CLOEXEC);
    assert_int_equal(uv_loop_init(&loop), 0);
    term = term_create(&loop, &options);
    why = why_create(&loop, term);
    return 0;
}

static int end(void **state)
{
    (void)state;
    why_destroy(why);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    term_destroy(term);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    strbuf_finish(&text);
    (void)close(options.out_fd);
    return uv_loop_close(&loop);
}

/* The lines until now, and none of them the next time. */
static struct str lines(void)
{
    strbuf_reset(&text);
    assert_int_equal(lseek(options.out_fd, 0, SEEK_SET), 0);
    assert_int_equal(sys_read_all(options.out_fd, &text), 0);
    assert_int_equal(ftruncate(options.out_fd, 0), 0);
    assert_int_equal(lseek(options.out_fd, 0, SEEK_SET), 0);
    return strbuf_str(&text);
}

static bool says(struct str line, const char *part)
{
    return str_find_str(line, str_from(part)) != STR_NONE;
}

static void go_out(uint64_t seq, size_t pages)
{
    why_begin(why,
            &(struct why_begin){ .seq = seq, .what = STR("a.js"), .pages = pages, .build_ms = -1 },
            0);
}

static void answer(uint64_t seq, uint64_t page)
{
    why_answer(why, page,
            &(struct client_message){ .type = MESSAGE_APPLIED,
                    .seq = seq,
                    .ok = true,
                    .mode = APPLIED_HOT,
                    .apply_ms = 1,
                    .paint_ms = 2 },
            1000000);
}

TEST(the_line_comes_with_the_last_answer)
{
    go_out(1, 2);
    answer(1, 7);
    assert_str(lines(), STR(""));
    answer(1, 8);
    assert_true(says(lines(), "\"verb\":\"hot\""));
    answer(1, 8);
    assert_str(lines(), STR(""));
}

TEST(a_late_answer_has_a_line_of_its_own)
{
    go_out(1, 1);
    for (uint64_t seq = 2; seq <= WHY_OPEN_MAX + 1; seq++) {
        go_out(seq, 1); /* the last one ends the wait for the first, as time would */
    }
    struct str first = lines();

    assert_true(says(first, "\"verb\":\"wait\""));
    assert_true(says(first, "1 of 1 page did not answer"));
    answer(1, 7);
    struct str second = lines();

    assert_true(says(second, "\"verb\":\"hot\""));
    assert_false(says(second, "did not answer"));
    answer(1, 7);
    assert_str(lines(), STR(""));
    assert_int_equal(why_open(why), WHY_OPEN_MAX);
}

TEST(a_version_that_is_taken_back_again_is_counted)
{
    const struct client_message taken_back = { .type = MESSAGE_APPLIED,
        .mode = APPLIED_FAILED,
        .rolled_back = true,
        .reason = STR_INIT("boom") };

    term_destroy(term);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    why_destroy(why);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    options.json = false;
    options.tty = true;
    term = term_create(&loop, &options);
    why = why_create(&loop, term);
    for (uint64_t seq = 1; seq <= 3; seq++) {
        struct client_message said = taken_back;

        said.seq = seq;
        go_out(seq, 1);
        why_answer(why, 7, &said, 1000000);

        struct str line = lines();

        assert_true(says(line, "rolled back: boom"));
        assert_int_equal(says(line, "(x2)"), seq == 2);
        assert_int_equal(says(line, "(x3)"), seq == 3);
    }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test_setup_teardown(the_line_comes_with_the_last_answer, begin, end),
        cmocka_unit_test_setup_teardown(a_late_answer_has_a_line_of_its_own, begin, end),
        cmocka_unit_test_setup_teardown(a_version_that_is_taken_back_again_is_counted, begin, end),
    };

    return RUN(cases);
}
