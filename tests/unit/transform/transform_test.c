/* SPDX-License-Identifier: MIT */
/* Jobs: whom they go to, how many at once, and that each is answered once and never too early. */
#include "test.h"

#include <uv.h>

#include "base/vec.h"
#include "transform/transform.h"

struct fake {
    const char *ending;
    struct {
        struct transform_job **items;
        size_t count, cap;
    } jobs;
    size_t cancelled;
    bool fails_at_once;
    bool destroyed;
};

static bool fake_takes(void *self, struct str path)
{
    const struct fake *f = self;

    return str_ends(path, str_from(f->ending));
}

static struct str fake_options(void *self, struct str path, struct arena *a)
{
    const struct fake *f = self;

    return arena_printf(a, "%s of %.*s", f->ending, STR_FMT(path));
}

static void fake_start(void *self, struct transform_job *job)
{
    struct fake *f = self;

    if (f->fails_at_once) {
        transform_job_fail(job, STR("not installed"), STR("install it"));
    } else {
        vec_push(&f->jobs, job);
    }
}

static void fake_cancel(void *self, struct transform_job *job, bool hangs)
{
    struct fake *f = self;

    (void)job;
    (void)hangs;
    f->cancelled++;
}

static void fake_destroy(void *self)
{
    struct fake *f = self;

    f->destroyed = true;
    vec_finish(&f->jobs);
}

static void add_fake(struct transform *t, struct fake *f)
{
    transform_add(t, &(struct transform_backend){ .name = f->ending,
                             .takes = fake_takes,
                             .options = fake_options,
                             .start = fake_start,
                             .cancel = fake_cancel,
                             .destroy = fake_destroy,
                             .self = f });
}

struct told {
    size_t times;
    size_t errors;
    char code[64];
};

static void on_done(void *ctx, const struct transform_output *output)
{
    struct told *told = ctx;

    told->times++;
    told->errors += diag_list_errors(output->diags);
    (void)snprintf(told->code, sizeof(told->code), "%.*s", STR_FMT(output->code));
}

static void answer(struct fake *f, size_t i, struct str code)
{
    struct diag_list none = { 0 };

    transform_job_done(
            f->jobs.items[i], &(struct transform_output){ .code = code, .diags = &none });
}

TEST(the_first_tool_that_takes_a_file_gets_it)
{
    struct arena a = { 0 };
    uv_loop_t loop;
    struct fake vue = { .ending = ".vue" };
    struct fake ts = { .ending = ".ts" };
    struct fake more = { .ending = "s" };

    assert_int_equal(uv_loop_init(&loop), 0);
    struct transform *t = transform_create(&loop);

    add_fake(t, &vue);
    add_fake(t, &ts);
    add_fake(t, &more);
    assert_true(transform_takes(t, STR("a.vue")));
    assert_true(transform_takes(t, STR("a.scss")));
    assert_false(transform_takes(t, STR("a.txt")));
    assert_str(transform_options(t, STR("a.ts"), &a), STR(".ts of a.ts"));
    assert_str(transform_options(t, STR("a.txt"), &a), STR(""));

    struct told told = { 0 };

    transform_start(t, STR("a.ts"), STR("let x: number"), STR("o"), on_done, &told);
    assert_int_equal(ts.jobs.count, 0); /* nobody is called from within */
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(ts.jobs.count, 1);
    assert_str(ts.jobs.items[0]->text, STR("let x: number"));
    assert_str(ts.jobs.items[0]->options, STR("o"));
    answer(&ts, 0, STR("let x"));
    assert_int_equal(told.times, 1);
    assert_string_equal(told.code, "let x");

    transform_destroy(t);
    assert_true(vue.destroyed && ts.destroyed && more.destroyed);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    arena_finish(&a);
}

TEST(a_tool_is_not_given_more_than_it_can_take)
{
    uv_loop_t loop;
    struct fake slow = { .ending = ".ts" };
    struct fake other = { .ending = ".scss" };
    struct told told = { 0 };

    assert_int_equal(uv_loop_init(&loop), 0);
    struct transform *t = transform_create(&loop);

    add_fake(t, &slow);
    add_fake(t, &other);
    for (size_t i = 0; i < TRANSFORM_AT_ONCE + 5; i++) {
        transform_start(t, STR("a.ts"), STR(""), STR(""), on_done, &told);
    }
    transform_start(t, STR("a.scss"), STR(""), STR(""), on_done, &told);
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(slow.jobs.count, TRANSFORM_AT_ONCE);
    assert_int_equal(other.jobs.count, 1); /* which does not stand behind the slow one */

    answer(&slow, 0, STR("x"));
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(slow.jobs.count, TRANSFORM_AT_ONCE + 1);
    assert_int_equal(told.times, 1);

    transform_destroy(t);
    assert_int_equal(told.times, 1);
    assert_int_equal(slow.cancelled, TRANSFORM_AT_ONCE);
    assert_int_equal(other.cancelled, 1);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

TEST(a_tool_that_fails_and_one_that_makes_too_much_are_errors)
{
    uv_loop_t loop;
    struct fake missing = { .ending = ".ts", .fails_at_once = true };
    struct fake huge = { .ending = ".vue" };
    struct told told = { 0 };

    assert_int_equal(uv_loop_init(&loop), 0);
    struct transform *t = transform_create(&loop);

    add_fake(t, &missing);
    add_fake(t, &huge);
    transform_start(t, STR("a.ts"), STR(""), STR(""), on_done, &told);
    transform_start(t, STR("a.css"), STR(""), STR(""), on_done, &told); /* nobody takes it */
    assert_int_equal(told.times, 0);
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(told.times, 2);
    assert_int_equal(told.errors, 2);

    transform_start(t, STR("a.vue"), STR(""), STR(""), on_done, &told);
    uv_run(&loop, UV_RUN_NOWAIT);
    answer(&huge, 0, (struct str){ "", (size_t)TRANSFORM_OUTPUT_MAX + 1 }); /* never looked into */
    assert_int_equal(told.times, 3);
    assert_int_equal(told.errors, 3);

    transform_destroy(t);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(the_first_tool_that_takes_a_file_gets_it),
        CASE(a_tool_is_not_given_more_than_it_can_take),
        CASE(a_tool_that_fails_and_one_that_makes_too_much_are_errors),
    };

    return RUN(cases);
}
