/* SPDX-License-Identifier: MIT */
/* Which adapter a file gets, by what the project names and has installed. */
#include "test.h"

#include "resolve/tsconfig.h"
#include "resolve/vite_config.h"
#include "sidecar/adapters.h"

/* What is installed, separated by spaces. */
static bool installed(void *ctx, const char *name)
{
    struct str rest = str_from(ctx);
    struct str word;
    bool more = true;

    while (more) {
        more = str_cut(rest, ' ', &word, &rest);
        if (str_eq(word, str_from(name))) {
            return true;
        }
    }
    return false;
}

struct site {
    struct fs_mem *mem;
    struct tsconfigs *tsconfigs;
    struct vite_config *vite;
    struct adapters *adapters;
    char installed[256];
};

static void site_init(struct site *site, const char *packages, struct str manifest)
{
    *site = (struct site){ .mem = fs_mem_create() };
    struct fs fs = fs_mem_face(site->mem);

    fs_mem_add(site->mem, STR("package.json"), manifest);
    (void)snprintf(site->installed, sizeof(site->installed), "%s", packages);
    site->tsconfigs = tsconfigs_create(&fs);
    site->vite = vite_config_create(STR("/home/me/app"), STR(""));
    site->adapters = adapters_create(&fs, site->tsconfigs, site->vite, installed, site->installed);
}

static void site_finish(struct site *site)
{
    adapters_destroy(site->adapters);
    vite_config_destroy(site->vite);
    tsconfigs_destroy(site->tsconfigs);
    fs_mem_destroy(site->mem);
}

#define assert_adapter(site, path, expected)                                                       \
    assert_str(adapters_find((site).adapters, STR(path)), STR(expected))

TEST(plugins_of_vite_config_stand_around_what_compiles_a_module)
{
    struct site site;

    site_init(&site, "oxc-transform react-refresh esbuild",
            STR("{\"dependencies\":{\"react\":\"*\"},\"orbiton\":{\"plugins\":{\".own\":\"./own.mjs\"}}}"));
    assert_adapter(site, "src/a.svg?react", "");
    assert_true(
            vite_config_set(site.vite, STR("vite.config.js"), STR("{\"plugins\":\"1\"}"), NULL, 0));
    assert_adapter(site, "src/App.tsx", "plugins:react");
    assert_adapter(site, "src/App.vue", "plugins:vue");
    assert_adapter(site, "src/a.js", "plugins");
    assert_adapter(site, "src/a.svg?react", "plugins");
    assert_adapter(site, "src/a.tsx?x", "plugins:react");
    assert_adapter(site, "src/a.mdx", "plugins");
    assert_adapter(site, "vite.config.js?plugin=virtual:x", "plugins");
    assert_adapter(site, "vite.config.js?config", "config");
    assert_adapter(site, "src/a.own", "./own.mjs");
    assert_adapter(site, "src/a.png", "");
    assert_adapter(site, "src/a.png?w=100", "plugins");
    assert_adapter(site, "src/a.json", "");
    assert_adapter(site, "src/a.css", "");
    assert_adapter(site, "src/a.scss", "style");
    assert_adapter(site, "public/a.js", "");
    assert_adapter(site, "node_modules/a/a.js", "");
    assert_adapter(site, "node_modules/a/A.vue", "vue");
    site_finish(&site);
    site_init(&site, "esbuild", STR("{\"dependencies\":{\"solid-js\":\"*\"}}"));
    assert_adapter(site, "src/a.tsx", "solid");
    assert_true(
            vite_config_set(site.vite, STR("vite.config.js"), STR("{\"plugins\":\"1\"}"), NULL, 0));
    assert_adapter(site, "src/a.tsx", "plugins:script");
    assert_adapter(site, "src/a.ts", "plugins:script");
    site_finish(&site);
}

TEST(components_and_sheets_go_to_their_compilers_in_any_project)
{
    struct site site;

    site_init(&site, "", STR("not even JSON"));
    assert_adapter(site, "src/App.vue", "vue");
    assert_adapter(site, "src/App.svelte", "svelte");
    assert_adapter(site, "src/store.svelte.ts", "svelte");
    assert_adapter(site, "src/a.scss", "style");
    assert_adapter(site, "src/a.sass", "style");
    assert_adapter(site, "src/a.module.css", "style");
    assert_adapter(site, "src/a.css", "");
    assert_adapter(site, "src/a.ts", "");
    assert_adapter(site, "src/a.js", "");
    assert_adapter(site, "node_modules/lib/A.svelte", "svelte");
    assert_adapter(site, "src/a.less", "");
    assert_adapter(site, "src/a.styl", "");
    assert_adapter(site, "node_modules/lib/a.scss", "style");
    assert_adapter(site, "node_modules/lib/a.module.css", "");
    site_finish(&site);
}

/* elsewhere they are for a script in the page, less.js for one */
TEST(sheets_in_less_and_stylus_are_made_where_the_project_has_these)
{
    struct site site;

    site_init(&site, "", STR("{\"devDependencies\": {\"less\": \"4\"}}"));
    assert_adapter(site, "src/a.less", "style");
    assert_adapter(site, "node_modules/lib/a.less", "style");
    assert_adapter(site, "src/a.styl", "");
    site_finish(&site);

    site_init(&site, "stylus", STR("{}"));
    assert_adapter(site, "src/a.less", "");
    assert_adapter(site, "src/a.styl", "style");
    assert_adapter(site, "src/a.stylus", "style");
    site_finish(&site);
}

TEST(components_are_refreshed_where_a_compiler_and_the_runtime_are_installed)
{
    struct str react = STR("{\"dependencies\": {\"react\": \"19\"}}");
    struct str preact = STR("{\"devDependencies\": {\"preact\": \"10\"}}");
    struct site site;

    site_init(&site, "react react-refresh oxc-transform esbuild", react);
    assert_adapter(site, "src/App.tsx", "react");
    assert_adapter(site, "src/App.jsx", "react");
    assert_adapter(site, "src/useThing.ts", "react");
    assert_adapter(site, "src/types.d.ts", "");
    assert_adapter(site, "node_modules/lib/a.tsx", "");
    site_finish(&site);

    site_init(&site, "react @vitejs/plugin-react rolldown", react);
    assert_adapter(site, "src/App.tsx", "react");
    site_finish(&site);

    /* where pnpm has what only Vite has named */
    site_init(&site, "react @vitejs/plugin-react .pnpm/node_modules/rolldown", react);
    assert_adapter(site, "src/App.tsx", "react");
    site_finish(&site);
    site_init(&site, "react @vitejs/plugin-react .pnpm/node_modules/@babel/core", react);
    assert_adapter(site, "src/App.tsx", "react");
    site_finish(&site);

    site_init(&site, "react @vitejs/plugin-react-swc @swc/core esbuild", react);
    assert_adapter(site, "src/App.tsx", "react");
    site_finish(&site);

    site_init(&site, "react react-refresh esbuild", react);
    assert_adapter(site, "src/App.tsx", "");
    site_finish(&site);

    site_init(&site, "preact @prefresh/core @swc/core", preact);
    assert_adapter(site, "src/app.tsx", "preact");
    site_finish(&site);
}

TEST(jsx_of_a_framework_that_has_no_adapter_is_said_to_need_one)
{
    struct site site;

    site_init(&site, "esbuild rolldown", STR("{\"dependencies\": {\"solid-js\": \"1\"}}"));
    assert_adapter(site, "src/App.tsx", "solid");
    assert_adapter(site, "src/a.ts", "");
    site_finish(&site);

    site_init(&site, "rolldown",
            STR("{\"devDependencies\": {\"@builder.io/qwik\": \"1\"},"
                " \"orbiton\": {\"plugins\": {\".jsx\": \"./qwik.mjs\"}}}"));
    assert_adapter(site, "src/App.tsx", "qwik");
    assert_adapter(site, "src/App.jsx", "./qwik.mjs");
    assert_adapter(site, "src/a.ts", "script");
    site_finish(&site);
}

TEST(jsx_that_is_calls_needs_no_compiler_of_the_framework)
{
    struct site site;

    site_init(&site, "esbuild", STR("{\"dependencies\": {\"solid-js\": \"1\"}}"));
    fs_mem_add(site.mem, STR("tsconfig.json"),
            STR("{\"compilerOptions\": {\"jsx\": \"preserve\", \"jsxImportSource\": \"solid-js\"}}"));
    fs_mem_add(site.mem, STR("h/tsconfig.json"),
            STR("{\"compilerOptions\": {\"jsx\": \"react-jsx\","
                " \"jsxImportSource\": \"solid-js/h\"}}"));
    assert_adapter(site, "src/App.tsx", "solid");
    assert_adapter(site, "h/App.tsx", "");
    site_finish(&site);
}

TEST(types_are_stripped_here_only_where_there_is_no_esbuild)
{
    struct site site;

    site_init(&site, "rolldown vite", STR("{}"));
    assert_adapter(site, "src/a.ts", "script");
    site_finish(&site);

    site_init(&site, "typescript esbuild", STR("{}"));
    assert_adapter(site, "src/a.ts", "");
    site_finish(&site);
}

TEST(css_goes_through_postcss_or_tailwind_where_the_project_uses_it)
{
    struct site site;

    site_init(&site, "", STR("{\"devDependencies\": {\"@tailwindcss/postcss\": \"4\"}}"));
    assert_adapter(site, "src/a.css", "style");
    assert_adapter(site, "node_modules/lib/a.css", "");
    site_finish(&site);

    site_init(&site, "", STR("{\"devDependencies\": {\"@tailwindcss/vite\": \"4\"}}"));
    assert_adapter(site, "src/a.css", "style");
    site_finish(&site);

    site_init(&site, "", STR("{}"));
    assert_adapter(site, "src/a.css", "");
    fs_mem_add(site.mem, STR("postcss.config.mjs"), STR("export default {}"));
    assert_true(adapters_changed(site.adapters, STR("postcss.config.mjs")));
    assert_adapter(site, "src/a.css", "style");
    site_finish(&site);
}

TEST(a_plugin_of_the_project_has_the_longest_ending_and_comes_first)
{
    struct site site;

    site_init(&site, "",
            STR("{\"orbiton\": {\"plugins\": {\".md\": \"./tools/md.mjs\", \".page.md\": \"page.mjs\","
                " \".vue\": \"./mine.mjs\", \"md\": \"./no.mjs\", \".x\": \"../out.mjs\", \".y\": 1}}}"));
    assert_adapter(site, "a.md", "./tools/md.mjs");
    assert_adapter(site, "a.page.md", "./page.mjs");
    assert_adapter(site, "a.vue", "./mine.mjs");
    assert_adapter(site, "a.x", "");
    assert_adapter(site, "a.y", "");
    site_finish(&site);
}

TEST(what_decides_is_part_of_the_options)
{
    struct arena a = { 0 };
    struct site site;

    site_init(&site, "", STR("{\"orbiton\": {\"plugins\": {\".md\": \"./md.mjs\"}}}"));
    fs_mem_add(site.mem, STR("md.mjs"), STR("one"));
    struct str before = adapters_options(site.adapters, STR("a.md"), &a);

    assert_false(adapters_changed(site.adapters, STR("src/main.js")));
    assert_str(adapters_options(site.adapters, STR("a.md"), &a), before);
    fs_mem_add(site.mem, STR("md.mjs"), STR("two"));
    assert_true(adapters_changed(site.adapters, STR("md.mjs")));
    assert_false(str_eq(adapters_options(site.adapters, STR("a.md"), &a), before));
    arena_finish(&a);
    site_finish(&site);
}

TEST(what_is_installed_meanwhile_decides_too)
{
    struct site site;

    site_init(&site, "", STR("{\"dependencies\": {\"react\": \"19\"}}"));
    assert_adapter(site, "src/a.jsx", "");
    (void)snprintf(site.installed, sizeof(site.installed), "react react-refresh oxc-transform");
    assert_true(adapters_changed(site.adapters, STR("node_modules/.package-lock.json")));
    assert_adapter(site, "src/a.jsx", "react");
    site_finish(&site);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(plugins_of_vite_config_stand_around_what_compiles_a_module),
        CASE(components_and_sheets_go_to_their_compilers_in_any_project),
        CASE(sheets_in_less_and_stylus_are_made_where_the_project_has_these),
        CASE(components_are_refreshed_where_a_compiler_and_the_runtime_are_installed),
        CASE(jsx_of_a_framework_that_has_no_adapter_is_said_to_need_one),
        CASE(jsx_that_is_calls_needs_no_compiler_of_the_framework),
        CASE(types_are_stripped_here_only_where_there_is_no_esbuild),
        CASE(css_goes_through_postcss_or_tailwind_where_the_project_uses_it),
        CASE(a_plugin_of_the_project_has_the_longest_ending_and_comes_first),
        CASE(what_decides_is_part_of_the_options),
        CASE(what_is_installed_meanwhile_decides_too),
    };

    return RUN(cases);
}
