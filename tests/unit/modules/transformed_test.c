/* SPDX-License-Identifier: MIT */
/* Requests for modules that a tool has to make first, and what a tool that takes its time may not hold up. */
#include "world.h"

#include <uv.h>

#include "transform/transform.h"

/* A tool that answers when it is told to. */
static struct transform_job *given;

static bool takes(void *self, struct str path)
{
    (void)self;
    return str_ends(path, STR(".ts")) || str_starts(path, STR("node_modules/p/"));
}

static struct str options(void *self, struct str path, struct arena *a)
{
    (void)self;
    (void)path;
    (void)a;
    return STR("");
}

static void start(void *self, struct transform_job *job)
{
    (void)self;
    given = job;
}

static void cancel(void *self, struct transform_job *job, bool hangs)
{
    (void)self;
    (void)job;
    (void)hangs;
}

static void destroy(void *self)
{
    (void)self;
}

static void give(uv_loop_t *loop, struct str code)
{
    struct transform_job *job;

    while (!given) {
        uv_run(loop, UV_RUN_NOWAIT); /* a timer of no time starts it */
    }
    job = given;
    given = NULL;
    transform_job_done(job, &(struct transform_output){ .code = code });
}

static const struct transform_backend tool = {
    .takes = takes, .options = options, .start = start, .cancel = cancel, .destroy = destroy
};

TEST(a_version_that_is_there_again_waits_for_none_that_was_between)
{
    uv_loop_t loop;

    assert_int_equal(uv_loop_init(&loop), 0);
    struct transform *transform = transform_create(&loop);

    transform_add(transform, &tool);
    begin_as(true, transform);
    put("a.ts", "export let a: 1;\n");
    assert_int_equal(ask("/a.ts").form, MODULE_WAIT);
    give(&loop, STR("export let a;\n"));
    assert_int_equal(ask("/a.ts").form, MODULE_TEXT);

    put("a.ts", "export let a: 1; // longer\n");
    assert_int_equal(ask("/a.ts").form, MODULE_WAIT);
    put("a.ts", "export let a: 1;\n");
    assert_int_equal(ask("/a.ts").form, MODULE_TEXT);
    give(&loop, STR("export let a;\n"));
    assert_int_equal(ask("/a.ts").form, MODULE_TEXT);
    end();
    transform_destroy(transform);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

TEST(a_file_of_a_pack_and_the_pack_are_told_of_by_two_names)
{
    uv_loop_t loop;

    assert_int_equal(uv_loop_init(&loop), 0);
    struct transform *transform = transform_create(&loop);

    transform_add(transform, &tool);
    begin_as(true, transform);
    put("node_modules/p/index.js", "export let a;\n");
    assert_int_equal(ask("/node_modules/p/index.js").form, MODULE_WAIT);
    give(&loop, STR("export { a } from '/node_modules/p/index.js?pack'\n"));
    assert_str(p.transformed, STR("node_modules/p/index.js"));
    assert_int_equal(ask("/node_modules/p/index.js?pack").form, MODULE_WAIT);
    give(&loop, STR("export let a;\n"));
    assert_str(p.transformed, STR("node_modules/p/index.js?pack"));
    end();
    transform_destroy(transform);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_version_that_is_there_again_waits_for_none_that_was_between),
        CASE(a_file_of_a_pack_and_the_pack_are_told_of_by_two_names),
    };

    return RUN(cases);
}
