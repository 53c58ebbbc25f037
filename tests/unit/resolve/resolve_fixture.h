/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TESTS_RESOLVE_FIXTURE_H
#define ORBITON_TESTS_RESOLVE_FIXTURE_H

/* A project in memory and one-line questions to a resolver of it. */

#include "test.h"

#include "resolve/resolve.h"

static struct arena arena;
static struct fs_mem *mem;
static struct resolver *resolver;
static struct resolved result;

/* The answer as text: "FILE path url", "EMPTY", "LEAVE", "LEAVE!" (with a warning), "MISSING". */
static struct str ask(enum resolve_kind kind, const char *importer, const char *specifier)
{
    struct str copy = exact_copy(str_from(specifier));
    struct resolve_request q = { .kind = kind, .specifier = copy, .importer = str_from(importer) };
    struct str text = STR("MISSING");

    resolve(resolver, &q, &arena, &result);
    switch (result.kind) {
    case RESOLVED_FILE:
        text = arena_printf(&arena, "%.*s %.*s%.*s%.*s%s%s", STR_FMT(result.path),
                STR_FMT(result.url), STR_FMT(result.query), STR_FMT(result.fragment),
                result.same_url ? " same" : "", result.is_commonjs ? " cjs" : "");
        break;
    case RESOLVED_EMPTY: text = STR("EMPTY"); break;
    case RESOLVED_LEAVE: text = result.warn ? STR("LEAVE!") : STR("LEAVE"); break;
    case RESOLVED_MISSING:
    default: assert_true(result.message.len > 0); break;
    }
    free((void *)(uintptr_t)copy.ptr);
    return text;
}

static void imports(const char *importer, const char *specifier, const char *answer)
{
    struct str got = ask(RESOLVE_IMPORT, importer, specifier);

    if (!str_eq(got, str_from(answer))) {
        fail_msg("%s from %s: \"%.*s\" is not \"%s\" (%.*s)", specifier, importer, STR_FMT(got),
                answer, STR_FMT(result.message));
    }
}

static void add(const char *path, const char *content)
{
    fs_mem_add(mem, str_from(path), str_from(content));
}

static int setup(void **state)
{
    static const struct str dirs[] = { STR_INIT("public"), STR_INIT("./static/") };

    (void)state;
    mem = fs_mem_create();
    resolver = resolver_create(&(struct resolver_options){
            .fs = fs_mem_face(mem), .static_dirs = dirs, .static_dir_count = 2 });
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    resolver_destroy(resolver);
    fs_mem_destroy(mem);
    arena_finish(&arena);
    return 0;
}

#define PROJECT(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
