/* SPDX-License-Identifier: MIT */
/* The patterns of `include` and `exclude`. */
#include "test.h"

#include "resolve/tsconfig_files.h"

static void has(const char *pattern, const char *path, enum tsconfig_fit fit, bool is)
{
    struct str copy = exact_copy(str_from(path));
    struct str of = exact_copy(str_from(pattern));

    if (tsconfig_pattern_has(of, copy, fit) != is) {
        fail_msg("%s %s %s", pattern, is ? "should have" : "should not have", path);
    }
    free((void *)(uintptr_t)copy.ptr);
    free((void *)(uintptr_t)of.ptr);
}

static void exactly(const char *pattern, const char *path, bool is)
{
    has(pattern, path, TSCONFIG_FIT_EXACT, is);
}

TEST(names_and_wildcards)
{
    exactly("vite.config.ts", "vite.config.ts", true);
    exactly("vite.config.ts", "a/vite.config.ts", false);
    exactly("vite.config.*", "vite.config.mts", true);
    exactly("vite.config.*", "src/main.ts", false);
    exactly("src/?.ts", "src/a.ts", true);
    exactly("src/?.ts", "src/ab.ts", false);
    exactly("src/*", "src/a.ts", true);
    exactly("src/*", "src/a/b.ts", false);
    exactly("src/*a*b.ts", "src/xaxab.ts", true);
    exactly("src/*a*b.ts", "src/xb.ts", false);
    exactly("src/a.ts", "src/a.ts/b.ts", false);
}

TEST(folders)
{
    exactly("", "a.ts", true);
    exactly("src", "src/a/b.ts", true);
    exactly("src", "srcs/a.ts", false);
    exactly("src", "src", true);
    exactly("src/a.b", "src/a.b/c.ts", false);
    exactly("src/**/*", "src/a.ts", true);
    exactly("src/**/*", "src/a/b/c.ts", true);
    exactly("src/**/*", "lib/a.ts", false);
    exactly("src/**", "src/a/b.ts", true);
    exactly("**/*.ts", "a.ts", true);
    exactly("**/*.ts", "a.ts/b.vue", false);
    exactly("**/a/**/b.ts", "a/a/x/b.ts/b.ts", true);
    exactly("**/a/**/b.ts", "x/b.ts", false);
    exactly("packages/*/src/**/*.ts", "packages/ui/src/x/y.ts", true);
    exactly("packages/*/src/**/*.ts", "packages/ui/x/src/y.ts", false);
}

TEST(another_ending_and_what_lies_below)
{
    exactly("src/**/*.ts", "src/App.vue", false);
    has("src/**/*.ts", "src/App.vue", TSCONFIG_FIT_ANY_ENDING, true);
    has("src/**/*.ts", "lib/App.vue", TSCONFIG_FIT_ANY_ENDING, false);
    has("src/**/*", "src/App.vue", TSCONFIG_FIT_ANY_ENDING, true);
    has("vite.config.*", "App.vue", TSCONFIG_FIT_ANY_ENDING, false);
    has("src/**/*.spec.ts", "src/App.vue", TSCONFIG_FIT_ANY_ENDING, false);
    has("src/**/*.spec.ts", "src/App.spec.ts", TSCONFIG_FIT_ANY_ENDING, true);
    has("src/*Test.ts", "src/App.vue", TSCONFIG_FIT_ANY_ENDING, false);
    has("src/**/__tests__/*", "src/a/__tests__/b/c.ts", TSCONFIG_FIT_BELOW, true);
    has("src/**/__tests__/*", "src/a/b.ts", TSCONFIG_FIT_BELOW, false);
    has("node_modules", "node_modules/a.b/c.ts", TSCONFIG_FIT_BELOW, true);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(names_and_wildcards),
        CASE(folders),
        CASE(another_ending_and_what_lies_below),
    };

    return RUN(cases);
}
