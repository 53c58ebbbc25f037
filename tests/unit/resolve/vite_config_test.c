/* SPDX-License-Identifier: MIT */
/* What a vite.config says of names, and that the resolver goes by it. */
#include "resolve_fixture.h"

#include "resolve/vite_config.h"

static struct vite_config *config;

static void says(const char *json)
{
    assert_true(vite_config_set(config, STR("vite.config.js"), str_from(json), NULL, 0));
}

static void becomes(const char *specifier, const char *wanted)
{
    struct str got = STR("nothing");

    (void)vite_config_alias(config, str_from(specifier), &arena, &got);
    assert_str(got, str_from(wanted));
}

static int open_all(void **state)
{
    struct fs fs;

    (void)state;
    mem = fs_mem_create();
    fs = fs_mem_face(mem);
    config = vite_config_create(STR("/home/me/app"), STR("@workspace/app"));
    resolver = resolver_create(&(struct resolver_options){ .fs = fs, .vite_config = config });
    return 0;
}

static int close_all(void **state)
{
    int failed = teardown(state);

    vite_config_destroy(config);
    return failed;
}

TEST(the_file_is_the_first_that_vite_would_take)
{
    struct fs fs = fs_mem_face(mem);

    assert_str(vite_config_find(&fs), STR(""));
    add("vite.config.ts", "");
    assert_str(vite_config_find(&fs), STR("vite.config.ts"));
    add("vite.config.mjs", "");
    assert_str(vite_config_find(&fs), STR("vite.config.mjs"));
    assert_true(vite_config_is_name(STR("vite.config.cts")));
    assert_false(vite_config_is_name(STR("src/vite.config.js")));
}

TEST(only_a_text_that_names_what_is_read_is_worth_it)
{
    assert_true(vite_config_mentions(STR("resolve: { alias: { '@': '/src' } }")));
    assert_true(vite_config_mentions(STR("resolve:{alias}")));
    assert_true(vite_config_mentions(STR("defineConfig({ define: {} })")));
    assert_true(vite_config_mentions(STR("react({ jsxImportSource: '@emotion/react' })")));
    assert_true(vite_config_mentions(STR("import babel from '@rolldown/plugin-babel'")));
    assert_true(vite_config_mentions(STR("react({ plugins: [['@swc/plugin-emotion', {}]] })")));
    assert_false(vite_config_mentions(STR("import react from '@vitejs/plugin-react-swc'")));
    assert_false(
            vite_config_mentions(STR("export default defineConfig({ plugins: [aliases()] })")));
    assert_false(vite_config_mentions(STR("")));
}

TEST(plugins_that_orbiton_has_no_part_for_are_worth_it_too)
{
    assert_true(vite_config_mentions(STR("import svgr from 'vite-plugin-svgr'")));
    assert_true(vite_config_mentions(STR("const a = require( \"a\")")));
    assert_true(vite_config_mentions(STR("plugins: [(await import(\"a\")).default()]")));
    assert_true(vite_config_mentions(STR("import own from './own.js'")));
    assert_true(vite_config_mentions(STR("plugins: [{ name: 'own', transform(code) {} }]")));
    assert_false(vite_config_mentions(STR("import { defineConfig } from 'vite'\nimport vue from "
                                          "\"@vitejs/plugin-vue\"\nimport path from 'node:path'")));
}

static void asks_plugins(const char *name, const char *wanted)
{
    assert_str(vite_config_plugin_url(config, str_from(name), &arena), str_from(wanted));
}

TEST(a_name_that_nothing_resolves_is_a_url_of_the_plugins)
{
    asks_plugins("virtual:x", "");
    says("{\"plugins\":\"12ab\"}");
    assert_true(vite_config_has_plugins(config));
    asks_plugins("virtual:x", "/vite.config.js?plugin=virtual:x");
    asks_plugins("~icons/a?b&c=d e", "/vite.config.js?plugin=~icons/a%3Fb%26c%3Dd%20e");
    asks_plugins("/@solid-refresh", "/vite.config.js?plugin=/@solid-refresh");
    asks_plugins("./a.js", "");
    asks_plugins("fs", "");
    asks_plugins("node:fs", "");
    asks_plugins("https://host/x.js", "");
    asks_plugins("//host/x.js", "");
    asks_plugins("data:text/javascript,1", "");
    asks_plugins("", "");
    vite_config_reset(config);
    assert_false(vite_config_has_plugins(config));
    asks_plugins("virtual:x", "");
}

TEST(a_file_may_be_named_by_where_it_lies)
{
    assert_str(vite_config_file_url(config, STR("/home/me/app/src/a b.js"), &arena),
            STR("/src/a%20b.js"));
    assert_str(vite_config_file_url(config, STR("/home/me/lib/a.js"), &arena),
            STR("/@workspace/lib/a.js"));
    assert_str(vite_config_file_url(config, STR("/src/a.js"), &arena), STR(""));
    assert_str(vite_config_file_url(NULL, STR("/home/me/app/a.js"), &arena), STR(""));
}

TEST(an_alias_leads_to_urls_of_the_project_and_of_its_workspace)
{
    says("{\"alias\":[{\"find\":\"@\",\"replacement\":\"/home/me/app/src\"},"
         "{\"find\":\"@/later\",\"replacement\":\"/never\"},"
         "{\"find\":\"ui\",\"replacement\":\"/home/me/ui\"},"
         "{\"find\":\"out\",\"replacement\":\"/srv/out\"},"
         "{\"find\":\"src\",\"replacement\":\"/src\"},"
         "{\"find\":\"#\",\"replacement\":\"/home/me/app/src\"},"
         "{\"find\":\"react\",\"replacement\":\"preact/compat\"},"
         "{\"pattern\":\"^~\",\"flags\":\"\",\"replacement\":\"\"}]}");
    becomes("@/a b.js?raw#x", "/src/a%20b.js?raw#x");
    becomes("@/../x.js", "/x.js");
    becomes("@/../../x.js", "/@workspace/x.js");
    becomes("@/later", "/src/later");
    becomes("ui/x", "/@workspace/ui/x");
    becomes("out/x", "/srv/out/x");
    becomes("src//x", "/src/x");
    becomes("#/a.js", "/src/a.js");
    becomes("react", "preact/compat");
    becomes("~x/y?url", "x/y?url");
    becomes("vue", "nothing");
    becomes("", "nothing");
}

TEST(what_is_imported_goes_by_it)
{
    add("src/a.jsx", "");
    add("src/lib/index.js", "");
    add("node_modules/preact/compat/index.mjs", "");
    add("node_modules/react/index.mjs", "");
    says("{\"alias\":[{\"find\":\"@\",\"replacement\":\"/home/me/app/src\"},"
         "{\"find\":\"react\",\"replacement\":\"preact/compat\"}]}");
    imports("main.js", "@/a", "src/a.jsx /src/a.jsx");
    assert_true(result.by_alias);
    imports("main.js", "@/lib?x", "src/lib/index.js /src/lib/index.js?x");
    imports("main.js", "react",
            "node_modules/preact/compat/index.mjs /node_modules/preact/compat/index.mjs");
    imports("node_modules/lib/x.js", "react",
            "node_modules/preact/compat/index.mjs /node_modules/preact/compat/index.mjs");
    imports("main.js", "@/b", "MISSING");
    assert_str(result.message, STR("\"@/b\": there is no such file"));
    imports("main.js", "./src/a", "src/a.jsx /src/a.jsx");
    assert_false(result.by_alias);
    assert_str(ask(RESOLVE_URL, "main.js", "@/a.jsx"), STR("MISSING")); /* as in Vite */
    vite_config_reset(config);
    imports("main.js", "react", "node_modules/react/index.mjs /node_modules/react/index.mjs");
}

TEST(what_is_not_understood_is_named)
{
    size_t count;

    says("{\"alias\":[{\"pattern\":\"^(a|b)\",\"flags\":\"i\",\"replacement\":\"x\"},{},7],"
         "\"notes\":[\"a note\"]}");
    const struct str *notes = vite_config_notes(config, &count);

    assert_int_equal(count, 2);
    assert_str(notes[0], STR("a note"));
    assert_true(str_starts(notes[1], STR("resolve.alias: /^(a|b)/i is no pattern")));
    becomes("a", "nothing");
}

TEST(the_sidecar_is_told_with_each_file_what_it_needs)
{
    assert_str(vite_config_request(config), STR(""));
    says("{\"alias\":[],\"notes\":[]}");
    assert_str(vite_config_request(config), STR(""));
    says("{\"alias\":[{\"find\":\"@\",\"replacement\":\"/src\"}],\"css\":\"12ab\"}");
    assert_str(vite_config_request(config),
            STR("{\"alias\":[{\"find\":\"@\",\"replacement\":\"/src\"}],\"css\":\"vite.config.js\"}"));
    says("{\"alias\":[],\"react\":{\"importSource\":\"x\"}}");
    assert_str(vite_config_request(config), STR("{\"react\":{\"importSource\":\"x\"}}"));
    says("{\"alias\":[],\"react\":7}");
    assert_str(vite_config_request(config), STR(""));
    says("{\"plugins\":\"12ab\"}");
    assert_str(vite_config_request(config), STR("{\"plugins\":\"vite.config.js\"}"));
    vite_config_reset(config);
    assert_str(vite_config_request(config), STR(""));
}

TEST(what_is_defined_is_ascii_and_has_a_limit)
{
    size_t count;

    says("{\"envPrefix\":[\"APP_\",\"\",7]}");
    assert_str(vite_config_prefixes(config, &count)[0], STR("APP_"));
    assert_int_equal(count, 1);
    says("{\"define\":{\"B\":{\"is\":\"\u00e9\"},\"A.x\":{\"of\":\"window\"}},\"env\":{\"X\":1}}");
    assert_str(vite_config_define(config),
            STR("{\"A.x\":{\"of\":\"window\"},\"B\":{\"is\":\"\\u00E9\"}}"));
    assert_str(vite_config_env(config), STR("{\"X\":1}"));
    says(arena_printf(&arena, "{\"define\":{\"A\":{\"is\":\"%0*d\"}}}", VITE_CONFIG_DEFINE_MAX, 0)
                    .ptr);
    assert_str(vite_config_define(config), STR(""));
    assert_str(vite_config_notes(config, &count)[0],
            STR("define: more than 8192 bytes are not taken"));
    assert_int_equal(count, 1);
}

TEST(what_is_handed_to_other_servers_is_listed_in_its_order)
{
    size_t count;

    says("{\"proxy\":[{\"path\":\"/b\",\"target\":\"http://b\"},"
         "{\"path\":\"^/a\",\"target\":\"http://a\",\"strip\":\"/a\",\"add\":\"/v2\",\"ws\":true,"
         "\"changeOrigin\":true,\"headers\":\"X: y\\r\\nZ: \\r\\n\"},"
         "{\"path\":\"/c\"},7,"
         "{\"path\":\"/d\",\"target\":\"http://d\",\"add\":\"/x y\"},"
         "{\"path\":\"/e\",\"target\":\"http://e\",\"headers\":\"X: y\\nZ\\r\\n\"},"
         "{\"path\":\"/f\",\"target\":\"http://f\",\"headers\":\"X: y\"}]}");
    const struct vite_proxy *list = vite_config_proxies(config, &count);

    assert_int_equal(count, 2);
    assert_str(list[0].path, STR("/b"));
    assert_str(list[0].target, STR("http://b"));
    assert_false(list[0].change_origin);
    assert_false(list[0].ws);
    assert_str(list[1].path, STR("^/a"));
    assert_str(list[1].strip, STR("/a"));
    assert_str(list[1].add, STR("/v2"));
    assert_str(list[1].headers, STR("X: y\r\nZ: \r\n"));
    assert_true(list[1].change_origin);
    assert_true(list[1].ws);
    says("{}");
    (void)vite_config_proxies(config, &count);
    assert_int_equal(count, 0);
    (void)vite_config_proxies(NULL, &count);
    assert_int_equal(count, 0);
    assert_true(vite_config_mentions(STR("server: { proxy: {} }")));
}

TEST(an_answer_that_is_none_changes_nothing)
{
    const struct str deps[] = { STR("config/alias.js") };
    struct hash before;

    assert_true(vite_config_set(config, STR("vite.config.js"),
            STR("{\"alias\":[{\"find\":\"@\",\"replacement\":\"/src\"}]}"), deps, 1));
    before = vite_config_hash(config);
    assert_false(vite_config_set(config, STR("vite.config.js"), STR("[]"), NULL, 0));
    assert_false(vite_config_set(config, STR("vite.config.js"), STR(""), NULL, 0));
    assert_true(hash_eq(before, vite_config_hash(config)));
    becomes("@/a", "/src/a");
    assert_str(vite_config_file(config), STR("vite.config.js"));
    assert_true(vite_config_is_part(config, STR("config/alias.js")));
    assert_true(vite_config_is_part(config, STR("vite.config.ts")));
    assert_false(vite_config_is_part(config, STR("src/alias.js")));
    vite_config_set_wrong(config, STR("lib/bad.js"));
    becomes("@/a", "/src/a");
    assert_true(vite_config_is_part(config, STR("lib/bad.js")));
    assert_true(vite_config_is_part(config, STR("node_modules/.package-lock.json")));
    vite_config_reset(config);
    assert_true(
            vite_config_is_part(config, STR("lib/bad.js"))); /* it was, to the one who mended it */
    vite_config_reset(config);
    assert_false(vite_config_is_part(config, STR("lib/bad.js")));
    assert_false(vite_config_is_part(config, STR("config/alias.js")));
    assert_str(vite_config_file(config), STR(""));
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(the_file_is_the_first_that_vite_would_take),
        WITH(only_a_text_that_names_what_is_read_is_worth_it),
        WITH(plugins_that_orbiton_has_no_part_for_are_worth_it_too),
        WITH(a_name_that_nothing_resolves_is_a_url_of_the_plugins),
        WITH(a_file_may_be_named_by_where_it_lies),
        WITH(an_alias_leads_to_urls_of_the_project_and_of_its_workspace),
        WITH(what_is_imported_goes_by_it),
        WITH(what_is_not_understood_is_named),
        WITH(the_sidecar_is_told_with_each_file_what_it_needs),
        WITH(what_is_defined_is_ascii_and_has_a_limit),
        WITH(what_is_handed_to_other_servers_is_listed_in_its_order),
        WITH(an_answer_that_is_none_changes_nothing),
    };

    (void)setup;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
