/* SPDX-License-Identifier: MIT */
/* tsconfig.json: what is read of it, in which order, and that it is read again when it must be. */
#include "test.h"

#include "base/arena.h"
#include "resolve/jsonc.h"
#include "resolve/tsconfig.h"

struct world {
    struct fs_mem *mem;
    struct tsconfigs *t;
    struct arena a;
};

static struct world open_world(void)
{
    struct world w = { .mem = fs_mem_create() };
    struct fs fs = fs_mem_face(w.mem);

    w.t = tsconfigs_create(&fs);
    return w;
}

static void close_world(struct world *w)
{
    tsconfigs_destroy(w->t);
    fs_mem_destroy(w->mem);
    arena_finish(&w->a);
}

/* Where the name leads: "a, b". */
static struct str leads(struct world *w, const char *path, const char *name)
{
    size_t count;
    struct str *paths =
            tsconfig_candidates(tsconfigs_get(w->t, str_from(path)), str_from(name), &w->a, &count);
    struct str all = STR("");

    for (size_t i = 0; i < count; i++) {
        all = arena_printf(&w->a, "%.*s%s%.*s", STR_FMT(all), i > 0 ? ", " : "", STR_FMT(paths[i]));
    }
    return all;
}

TEST(comments_and_last_commas_are_no_fault_and_move_nothing)
{
    struct arena a = { 0 };

    assert_str(jsonc_to_json(&a, STR("{ // x\n\"a\": /* , */ [1,\n],\n}")),
            STR("{     \n\"a\":         [1 \n] \n}"));
    assert_str(jsonc_to_json(&a, STR("\xEF\xBB\xBF{\"//\": \"/*\\\",]\"}")),
            STR("   {\"//\": \"/*\\\",]\"}"));
    assert_str(jsonc_to_json(&a, STR("[1,2] /*")), STR("[1,2]   "));
    assert_str(jsonc_to_json(&a, STR("\"a\\")), STR("\"a\\"));
    assert_str(jsonc_to_json(&a, STR("")), STR(""));
    arena_finish(&a);
}

TEST(only_options_that_change_the_code_are_taken)
{
    struct world w = open_world();

    fs_mem_add(w.mem, STR("tsconfig.json"),
            STR("{ \"compilerOptions\": { \"strict\": true, \"outDir\": \"x\", /* no */\n"
                "  \"jsx\": \"react-jsx\", \"experimentalDecorators\": true, }, }"));

    assert_str(tsconfigs_get(w.t, STR("src/a.ts"))->options,
            STR("{\"compilerOptions\":{\"experimentalDecorators\":true,\"jsx\":\"react-jsx\","
                "\"strict\":true}}"));
    assert_str(tsconfigs_get(w.t, STR("node_modules/x/a.ts"))->options, STR(""));
    close_world(&w);
}

TEST(the_nearest_file_holds_and_what_it_extends_is_read_first)
{
    struct world w = open_world();

    fs_mem_add(w.mem, STR("tsconfig.json"), STR("{\"compilerOptions\":{\"jsx\":\"react\"}}"));
    fs_mem_add(w.mem, STR("app/tsconfig.json"),
            STR("{\"extends\":[\"@x/base/strict\",\"../base\"],"
                "\"compilerOptions\":{\"target\":\"es2020\"}}"));
    fs_mem_add(w.mem, STR("node_modules/@x/base/strict.json"),
            STR("{\"compilerOptions\":{\"strict\":true,\"target\":\"es5\","
                "\"jsx\":\"react-jsx\"}}"));
    fs_mem_add(w.mem, STR("base.json"),
            STR("{\"compilerOptions\":{\"jsx\":\"react-jsxdev\",\"paths\":{\"~/*\":[\"./lib/*\"]}}}"));

    assert_str(tsconfigs_get(w.t, STR("app/src/a.ts"))->options,
            STR("{\"compilerOptions\":{\"jsx\":\"react-jsxdev\",\"strict\":true,"
                "\"target\":\"es2020\"}}"));
    /* from the file that says it */
    assert_str(leads(&w, "app/src/a.ts", "~/x"), STR("lib/x"));
    assert_str(tsconfigs_get(w.t, STR("b.ts"))->options,
            STR("{\"compilerOptions\":{\"jsx\":\"react\"}}"));
    close_world(&w);
}

TEST(a_file_that_only_refers_to_others_means_the_one_that_has_the_file)
{
    struct world w = open_world();

    fs_mem_add(w.mem, STR("tsconfig.json"),
            STR("{\"files\":[],\"references\":[{\"path\":\"./tsconfig.app.json\"},"
                "{\"path\":\"./tsconfig.node.json\"}]}"));
    fs_mem_add(w.mem, STR("tsconfig.app.json"),
            STR("{\"compilerOptions\":{\"jsx\":\"react-jsx\"},\"include\":[\"src/**/*.ts\"]}"));
    fs_mem_add(w.mem, STR("tsconfig.node.json"),
            STR("{\"compilerOptions\":{\"strict\":true},\"include\":[\"vite.config.ts\"]}"));

    assert_str(tsconfigs_get(w.t, STR("src/a/b.ts"))->options,
            STR("{\"compilerOptions\":{\"jsx\":\"react-jsx\"}}"));
    assert_str(tsconfigs_get(w.t, STR("vite.config.ts"))->options,
            STR("{\"compilerOptions\":{\"strict\":true}}"));
    assert_str(tsconfigs_get(w.t, STR("other.ts"))->options, STR("{\"compilerOptions\":{}}"));
    close_world(&w);
}

/* As Vue's starter has it: the other one comes first, and its pattern is none for a folder. */
TEST(a_pattern_of_names_is_not_one_of_folders)
{
    struct world w = open_world();

    fs_mem_add(w.mem, STR("tsconfig.json"),
            STR("{\"files\":[],\"references\":[{\"path\":\"./tsconfig.node.json\"},"
                "{\"path\":\"./tsconfig.app.json\"}]}"));
    fs_mem_add(w.mem, STR("tsconfig.node.json"),
            STR("{\"include\":[\"vite.config.*\",\"e2e/*\"],\"files\":[\"tool.ts\"],"
                "\"compilerOptions\":{\"paths\":{\"@/*\":[\"./wrong/*\"]}}}"));
    fs_mem_add(w.mem, STR("tsconfig.app.json"),
            STR("{\"include\":[\"src/**/*.ts\",\"tool.ts\"],\"exclude\":[\"src/**/__tests__/*\"],"
                "\"compilerOptions\":{\"paths\":{\"@/*\":[\"./src/*\"]}}}"));

    assert_str(leads(&w, "src/a.ts", "@/x"), STR("src/x"));
    assert_str(leads(&w, "src/views/App.vue", "@/x"), STR("src/x"));
    assert_str(leads(&w, "src/a/__tests__/a.ts", "@/x"), STR(""));
    assert_str(leads(&w, "vite.config.ts", "@/x"), STR("wrong/x"));
    assert_str(leads(&w, "tool.ts", "@/x"), STR("wrong/x"));
    close_world(&w);
}

TEST(jsx_that_would_be_left_in_the_text_is_compiled)
{
    struct world w = open_world();

    fs_mem_add(w.mem, STR("tsconfig.json"), STR("{\"compilerOptions\":{\"jsx\":\"preserve\"}}"));
    fs_mem_add(w.mem, STR("p/tsconfig.json"),
            STR("{\"compilerOptions\":{\"jsx\":\"preserve\",\"jsxImportSource\":\"preact\"}}"));

    assert_str(tsconfigs_get(w.t, STR("a.tsx"))->options, STR("{\"compilerOptions\":{}}"));
    assert_str(tsconfigs_get(w.t, STR("p/a.tsx"))->options,
            STR("{\"compilerOptions\":{\"jsx\":\"react-jsx\",\"jsxImportSource\":\"preact\"}}"));
    close_world(&w);
}

TEST(paths_lead_by_the_longest_name_and_base_url_is_for_the_rest)
{
    struct world w = open_world();

    fs_mem_add(w.mem, STR("tsconfig.json"),
            STR("{\"compilerOptions\":{\"baseUrl\":\"./src\",\"paths\":{"
                "\"@/*\":[\"*\",\"../gen/*\"],\"@/ui/*\":[\"components/*.tsx\"],"
                "\"config\":[\"settings/config.ts\"],\"up\":[\"../../../out\"]}}}"));

    assert_str(leads(&w, "src/a.ts", "@/b/c"), STR("src/b/c, gen/b/c"));
    assert_str(leads(&w, "src/a.ts", "@/ui/button"), STR("src/components/button.tsx"));
    assert_str(leads(&w, "src/a.ts", "config"), STR("src/settings/config.ts"));
    assert_str(leads(&w, "src/a.ts", "lib/x"), STR("src/lib/x"));
    assert_str(leads(&w, "src/a.ts", "up"), STR("")); /* out of the project */
    assert_str(leads(&w, "src/a.ts", "@/../../../x"), STR(""));
    close_world(&w);
}

TEST(what_changes_is_read_again_and_nothing_else)
{
    struct world w = open_world();

    fs_mem_add(w.mem, STR("tsconfig.json"), STR("{\"extends\":\"./base.json\"}"));
    assert_str(tsconfigs_get(w.t, STR("src/a.ts"))->bad_path, STR("tsconfig.json"));
    assert_true(tsconfigs_is_part(w.t, STR("base.json"))); /* which was looked for */
    assert_false(tsconfigs_is_part(w.t, STR("package.json")));

    fs_mem_add(w.mem, STR("base.json"), STR("{\"compilerOptions\":{\"strict\":true}}"));
    assert_str(tsconfigs_get(w.t, STR("src/a.ts"))->options,
            STR("{\"compilerOptions\":{\"strict\":true}}"));
    assert_str(tsconfigs_get(w.t, STR("src/a.ts"))->bad_path, STR(""));

    fs_mem_add(w.mem, STR("src/tsconfig.json"), STR("{\"compilerOptions\":{\"strict\":false}}"));
    assert_str(tsconfigs_get(w.t, STR("src/a.ts"))->options,
            STR("{\"compilerOptions\":{\"strict\":false}}"));
    close_world(&w);
}

TEST(a_package_of_the_workspace_can_be_extended)
{
    struct world w = { .mem = fs_mem_create() };
    struct fs fs = fs_mem_face(w.mem);

    fs.within = STR("@workspace/packages/app");
    w.t = tsconfigs_create(&fs);
    fs_mem_add(w.mem, STR("tsconfig.json"), STR("{\"extends\":\"@x/base/strict.json\"}"));
    fs_mem_add(w.mem, STR("@workspace/node_modules/@x/base/strict.json"),
            STR("{\"compilerOptions\":{\"strict\":true}}"));
    assert_str(tsconfigs_get(w.t, STR("src/a.ts"))->error, STR(""));
    assert_str(tsconfigs_get(w.t, STR("src/a.ts"))->options,
            STR("{\"compilerOptions\":{\"strict\":true}}"));
    close_world(&w);
}

TEST(a_configuration_of_the_workspace_can_be_extended_and_its_paths_lead_into_the_project)
{
    struct world w = { .mem = fs_mem_create() };
    struct fs fs = fs_mem_face(w.mem);

    fs.within = STR("@workspace/packages/app");
    w.t = tsconfigs_create(&fs);
    fs_mem_add(w.mem, STR("@workspace/tsconfig.base.json"),
            STR("{\"compilerOptions\":{\"strict\":true,\"paths\":{\"@app/*\":[\"packages/app/src/*\"],"
                "\"ui\":[\"./packages/ui/src\"]}}}"));
    fs_mem_add(w.mem, STR("tsconfig.json"), STR("{\"extends\":\"../../tsconfig.base.json\"}"));
    fs_mem_add(w.mem, STR("@workspace/packages/ui/tsconfig.json"),
            STR("{\"extends\":\"../../tsconfig.base.json\"}"));
    assert_str(tsconfigs_get(w.t, STR("src/a.ts"))->error, STR(""));
    assert_str(tsconfigs_get(w.t, STR("src/a.ts"))->options,
            STR("{\"compilerOptions\":{\"strict\":true}}"));
    assert_str(leads(&w, "src/a.ts", "@app/x"), STR("src/x"));
    assert_str(leads(&w, "src/a.ts", "ui"), STR("@workspace/packages/ui/src"));
    assert_str(leads(&w, "@workspace/packages/ui/src/b.ts", "@app/x"), STR("src/x"));
    assert_true(tsconfigs_is_part(w.t, STR("@workspace/tsconfig.base.json")));
    fs_mem_add(w.mem, STR("tsconfig.json"), STR("{\"extends\":\"../../../out.json\"}"));
    assert_str(tsconfigs_get(w.t, STR("src/a.ts"))->error,
            STR("the file that it extends, '../../../out.json', lies outside of the root and is not read"));
    close_world(&w);
}

TEST(a_file_that_is_wrong_or_extends_itself_is_named)
{
    struct world w = open_world();

    fs_mem_add(w.mem, STR("tsconfig.json"), STR("{\n  \"compilerOptions\": [\n}"));
    assert_str(tsconfigs_get(w.t, STR("a.ts"))->bad_path, STR("tsconfig.json"));
    assert_true(str_starts(tsconfigs_get(w.t, STR("a.ts"))->error, STR("line 3:")));
    assert_str(tsconfigs_get(w.t, STR("a.ts"))->options, STR("{\"compilerOptions\":{}}"));

    fs_mem_add(w.mem, STR("tsconfig.json"), STR("{\"extends\":\"./tsconfig.json\"}"));
    assert_str(tsconfigs_get(w.t, STR("a.ts"))->error, STR("it extends too many files, or itself"));

    fs_mem_add(w.mem, STR("tsconfig.json"), STR("{\"extends\":\"../tsconfig.base.json\"}"));
    assert_str(tsconfigs_get(w.t, STR("a.ts"))->error,
            STR("the file that it extends, '../tsconfig.base.json', lies outside of the root and is not read"));
    fs_mem_add(w.mem, STR("tsconfig.json"), STR("{\"extends\":\"./base.json\"}"));
    assert_str(tsconfigs_get(w.t, STR("a.ts"))->error,
            STR("the file that it extends, './base.json', is not there"));
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(comments_and_last_commas_are_no_fault_and_move_nothing),
        CASE(only_options_that_change_the_code_are_taken),
        CASE(the_nearest_file_holds_and_what_it_extends_is_read_first),
        CASE(a_file_that_only_refers_to_others_means_the_one_that_has_the_file),
        CASE(a_pattern_of_names_is_not_one_of_folders),
        CASE(jsx_that_would_be_left_in_the_text_is_compiled),
        CASE(paths_lead_by_the_longest_name_and_base_url_is_for_the_rest),
        CASE(what_changes_is_read_again_and_nothing_else),
        CASE(a_package_of_the_workspace_can_be_extended),
        CASE(a_configuration_of_the_workspace_can_be_extended_and_its_paths_lead_into_the_project),
        CASE(a_file_that_is_wrong_or_extends_itself_is_named),
    };

    return RUN(cases);
}
