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
            answer.form == MODULE_PLAIN ? facts.hash : answer.etag);
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

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_version_of_the_packages_is_cut_off_a_url),
        CASE(packages_have_one_version_until_something_of_them_is_served_otherwise),
        CASE(many_variants_of_one_file_give_no_other_version),
        CASE(what_nobody_has_asked_for_gives_no_version),
        CASE(some_documents_have_packages_by_their_plain_urls),
        CASE(a_relative_way_out_of_the_packages_is_one_from_the_root),
    };

    return RUN(cases);
}
