/* SPDX-License-Identifier: MIT */
/* Which URLs of packages a page has, and what a browser may keep of what it gets there. */
#include "modules/module_url.h"
#include "world.h"

static struct str packages(void)
{
    return modules_packages(p.modules, STR("index.html"), &p.arena);
}

/* Whether a browser may keep what it gets for `url` below that version. */
static bool is_kept(struct str version, const char *url)
{
    char whole[256];
    char path[256];
    struct file_facts facts;

    (void)snprintf(whole, sizeof(whole), "/@packages/%.*s%s", STR_FMT(version), url);
    (void)snprintf(path, sizeof(path), "%.*s", (int)strcspn(url + 1, "?"), url + 1);
    struct module_answer answer = ask_as(whole, path, true);

    assert_int_equal(files_look(p.files, str_from(path), &facts), 0);
    return modules_keep(p.modules, answer.node, str_from(whole),
            answer.form == MODULE_PLAIN ? facts.hash : answer.etag, answer.version);
}

static struct str own(void)
{
    (void)packages();
    return modules_own_versions(p.modules, STR("index.html"), &p.arena);
}

/* The version of that module in such a list, or an empty one. */
static struct str version_in(struct str list, const char *url)
{
    char name[256];

    (void)snprintf(name, sizeof(name), "\"%s\":\"", url);
    size_t at = str_find_str(list, str_from(name));

    return at == STR_NONE ? STR("")
                          : str_sub(list, at + strlen(name), at + strlen(name) + HASH_HEX_LEN);
}

/* Whether a browser may keep what it gets for that URL, which has a query, with that version. */
static bool is_own_kept(const char *url, struct str version)
{
    char whole[256];

    (void)snprintf(whole, sizeof(whole), "%s&v=%.*s", url, STR_FMT(version));
    struct module_answer answer = ask(whole);

    assert_int_equal(answer.form, MODULE_TEXT);
    return modules_keep(p.modules, answer.node, str_from(whole), answer.etag, answer.version);
}

TEST(a_version_of_the_packages_is_cut_off_a_url)
{
    struct str version;
    struct str url = STR("/@packages/0123456789ab/node_modules/a.js?x");

    assert_true(module_url_cut_packages(&url, &version));
    assert_str(url, STR("/node_modules/a.js?x"));
    assert_str(version, STR("0123456789ab"));
    static const char *const others[] = { "/node_modules/a.js", "/@packages/",
        "/@packages/0123456789ab", "/@packages/0123456789aB/a.js", "/@packages/0123456789a/a.js",
        "/@packages/0123456789abc/a.js" };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        url = str_from(others[i]);
        assert_false(module_url_cut_packages(&url, &version));
        assert_str(url, str_from(others[i]));
    }
}

TEST(packages_have_one_version_until_something_of_them_is_served_otherwise)
{
    begin();
    put_files();
    put("node_modules/dep/main.js", "import './more.js';");
    put("node_modules/dep/more.js", "export const more = 1;");
    put("node_modules/old/index.js", "exports.old = 1;");
    (void)document("<script type=module src=/src/x.js></script>");
    struct str first = packages();

    assert_int_equal(first.len, PACKAGES_VERSION_LEN);
    for (int i = 0; i < 2; i++) {
        assert_true(is_kept(first, "/node_modules/dep/main.js"));
        assert_true(is_kept(first, "/node_modules/dep/more.js"));
        assert_true(is_kept(first, "/node_modules/old/index.js?cjs"));
        assert_true(is_kept(first, "/node_modules/old/index.js?require"));
        assert_str(packages(), first);
    }
    /* what is no URL of a node, of a package, or of this version */
    assert_false(is_kept(first, "/node_modules/dep/main.js?orbit=3"));
    assert_false(is_kept(first, "/src/x.js"));
    assert_false(is_kept(STR("0123456789ab"), "/node_modules/dep/main.js"));
    assert_str(packages(), first);

    put("node_modules/old/index.js", "exports.old = 22;");
    assert_false(is_kept(first, "/node_modules/old/index.js?require"));
    struct str second = packages();

    assert_false(str_eq(second, first));
    assert_false(is_kept(first, "/node_modules/dep/main.js"));
    assert_true(is_kept(second, "/node_modules/dep/main.js"));
    assert_true(is_kept(second, "/node_modules/dep/more.js"));
    assert_str(packages(), second);

    /* an instance that a page has got of what it imports is another text of the importer */
    node_raise_stamp(graph_find(p.graph, STR("/node_modules/dep/more.js")), 4);
    struct str third = packages();

    assert_false(str_eq(third, second));
    assert_true(is_kept(third, "/node_modules/dep/main.js"));
    assert_str(packages(), third);
    assert_int_equal(unlink("node_modules/dep/main.js"), 0);
    assert_false(str_eq(packages(), third));
    end();
}

TEST(many_variants_of_one_file_give_no_other_version)
{
    char url[64];
    int kept = 0;

    begin();
    put_files();
    put("node_modules/old/index.js", "module.exports = make();");
    (void)document("<script type=module src=/src/x.js></script>");
    struct str version = packages();

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 2 * MODULES_VARIANTS_MAX; i++) {
            (void)snprintf(url, sizeof(url), "/node_modules/old/index.js?cjs&names=n%d", i);
            kept += is_kept(version, url);
        }
        assert_str(packages(), version);
    }
    assert_int_equal(kept, MODULES_VARIANTS_MAX); /* the same half each time */
    end();
}

TEST(what_nobody_has_asked_for_gives_no_version)
{
    begin();
    put_files();
    (void)document("<script type=module src=/src/x.js></script>");
    struct str first = packages();

    (void)ask("/node_modules/dep/main.js"); /* by its plain URL, as from a worker */
    put("node_modules/dep/main.js", "export const dep = 22;");
    assert_str(packages(), first);
    end();
}

TEST(some_documents_have_packages_by_their_plain_urls)
{
    begin();
    put_files();
    (void)document("<script type=module src=/node_modules/dep/main.js></script>");
    assert_str(packages(), STR(""));
    (void)document("<p>x");
    assert_int_equal(packages().len, PACKAGES_VERSION_LEN);
    (void)document("<script type=importmap>{\"imports\":{\"dep\":\"/vendor/dep.js\"}}</script>");
    assert_str(packages(), STR(""));
    end();
    begin();
    (void)document("<p>x");
    assert_str(packages(), STR(""));
    end();
}

TEST(a_relative_way_out_of_the_packages_is_one_from_the_root)
{
    begin();
    put_files();
    put("node_modules/dep/out.js",
            "import '../../src/x.js';import './main.js';import('../../src/x.js#a')");
    assert_str(ask("/node_modules/dep/out.js").text,
            STR("import '/src/x.js';import './main.js';import('/src/x.js#a')"));
    end();
}

#define SHEET "/src/a.css?import"
#define DATA  "/src/d.json?import"

static void ask_all(void)
{
    static const char *const urls[] = { "/src/main.js", "/src/name.js", SHEET, DATA,
        "/src/late.css?import", "/src/tag.css?import" };

    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        (void)ask(urls[i]);
    }
}

static void begin_own(void)
{
    begin();
    put_files();
    put("src/late.css", "p { color: red }");
    put("src/tag.css", "p { color: red }");
    put("src/name.js", "import './x';");
    put("src/main.js", "import './a.css';import './d.json';import './name.js';import './tag.css';"
                       "import('./late.css');");
    (void)document("<script type=module src=/src/main.js></script>"
                   "<link rel=modulepreload href='/src/tag.css?import'>");
}

TEST(what_a_page_loads_at_its_start_has_versions_once_it_was_served)
{
    begin_own();
    assert_str(own(), STR(""));
    ask_all();
    struct str list = own();
    struct str sheet = version_in(list, SHEET);

    assert_int_equal(sheet.len, HASH_HEX_LEN);
    assert_int_equal(version_in(list, DATA).len, HASH_HEX_LEN);
    /* as they are written; later, when it may be another one; by a tag, which no import map leads */
    assert_str(version_in(list, "/src/name.js"), STR(""));
    assert_str(version_in(list, "/src/late.css?import"), STR(""));
    assert_str(version_in(list, "/src/tag.css?import"), STR(""));

    assert_true(is_own_kept(SHEET, sheet));
    assert_false(is_own_kept(DATA, sheet));
    assert_false(is_own_kept(SHEET "&orbit=3", sheet));
    assert_str(own(), list);
    end();
}

TEST(a_version_is_of_one_text)
{
    begin_own();
    ask_all();
    struct str first = own();

    put("src/a.css", "body { color: green }");
    assert_str(version_in(own(), SHEET), STR(""));
    assert_str(version_in(own(), DATA), version_in(first, DATA));
    assert_false(is_own_kept(SHEET, version_in(first, SHEET)));
    struct str second = own();

    assert_int_equal(version_in(second, SHEET).len, HASH_HEX_LEN);
    assert_false(str_eq(version_in(second, SHEET), version_in(first, SHEET)));
    assert_true(is_own_kept(SHEET, version_in(second, SHEET)));
    put("src/a.css", "body { background: url(p.png) }");
    (void)ask(SHEET);
    assert_str(own(), first);
    end();
}

TEST(what_pages_have_other_instances_of_has_no_version)
{
    begin_own();
    ask_all();
    assert_true(version_in(own(), DATA).len > 0);
    node_raise_stamp(graph_find(p.graph, STR(DATA)), 4);
    assert_str(version_in(own(), DATA), STR(""));
    assert_true(version_in(own(), SHEET).len > 0);
    end();
}

TEST(what_a_changed_module_imports_has_no_version)
{
    begin_own();
    ask_all();
    assert_true(own().len > 0);
    put("src/main.js", "import('./a.css');import('./d.json');");
    assert_str(own(), STR(""));
    (void)ask("/src/main.js");
    assert_str(own(), STR(""));
    end();
}

TEST(without_updates_or_with_an_import_map_there_are_no_versions)
{
    begin_own();
    ask_all();
    assert_true(own().len > 0);
    (void)document("<script type=importmap>{\"imports\":{\"dep\":\"/vendor/dep.js\"}}</script>"
                   "<script type=module src=/src/main.js></script>");
    ask_all();
    assert_str(own(), STR(""));
    end();
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_version_of_the_packages_is_cut_off_a_url),
        CASE(packages_have_one_version_until_something_of_them_is_served_otherwise),
        CASE(many_variants_of_one_file_give_no_other_version),
        CASE(what_nobody_has_asked_for_gives_no_version),
        CASE(some_documents_have_packages_by_their_plain_urls),
        CASE(what_a_page_loads_at_its_start_has_versions_once_it_was_served),
        CASE(a_version_is_of_one_text),
        CASE(what_pages_have_other_instances_of_has_no_version),
        CASE(what_a_changed_module_imports_has_no_version),
        CASE(without_updates_or_with_an_import_map_there_are_no_versions),
        CASE(a_relative_way_out_of_the_packages_is_one_from_the_root),
    };

    return RUN(cases);
}
