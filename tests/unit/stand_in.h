/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TESTS_STAND_IN_H
#define ORBITON_TESTS_STAND_IN_H

/* A project's folder on disk, with shell scripts in it that stand in for the project's tools. */

#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "test.h"

#include "base/arena.h"
#include "transform/transform.h"

enum { STAND_IN_WATCHDOG_S = 100 };

/* A new folder with the folder `below` in it; in `a`. A test that takes too long ends. */
static inline struct str stand_in_folder(struct arena *a, const char *below)
{
    char name[] = "/tmp/orbiton-stand-in-XXXXXX";

    alarm(STAND_IN_WATCHDOG_S);
    assert_non_null(mkdtemp(name));
    assert_int_equal(system(arena_printf(a, "mkdir -p '%s/%s'", name, below).ptr), 0);
    return arena_str(a, str_from(name));
}

static inline void stand_in_remove_folder(struct arena *a, struct str folder)
{
    assert_int_equal(system(arena_printf(a, "rm -rf '%.*s'", STR_FMT(folder)).ptr), 0);
}

/* Writes a script; by a rename, since the former one may be running. */
static inline void stand_in_write(struct arena *a, struct str path, const char *script)
{
    struct str fresh = arena_printf(a, "%.*s.new", STR_FMT(path));
    FILE *f = fopen(fresh.ptr, "w");

    assert_non_null(f);
    assert_true(fprintf(f, "#!/bin/sh\n%s", script) > 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(fresh.ptr, 0700), 0);
    assert_int_equal(rename(fresh.ptr, arena_cstr(a, path)), 0);
}

/* Ends the tools, and the loop with what they have left in it. */
static inline void stand_in_end(struct transform *transform, uv_loop_t *loop)
{
    transform_destroy(transform);
    assert_int_equal(uv_run(loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(loop), 0);
}

#endif
