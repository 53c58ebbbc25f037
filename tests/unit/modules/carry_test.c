/* SPDX-License-Identifier: MIT */
/* Texts of modules for messages, and what their URLs lead to then. */
#include "world.h"

#define ORIGIN "http://localhost:3000"
#define HOT    "import.meta.hot=globalThis.__orbiton__?.hot(import.meta.url);"
#define OWN    "import.meta.url=\"" ORIGIN "/src/m.js?orbit=5\";"
#define END    "\n//# sourceURL=" ORIGIN "/src/m.js?orbit=5\n"

/* The texts that pages of that origin are sent of these as instances 5. */
static void carry(const char *const *urls, size_t count, const char *origin, struct str *ret_texts)
{
    struct node *nodes[4];

    for (size_t i = 0; i < count; i++) {
        nodes[i] = graph_find(p.graph, str_from(urls[i]));
        node_raise_stamp(nodes[i], 5);
    }
    modules_carry(p.modules, nodes, (const bool[4]){ true, true, true, true }, count, 5,
            str_from(origin), &p.arena, ret_texts);
}

/* That of /src/m.js alone; empty: they have to ask for it. */
static struct str carried_for(const char *origin)
{
    const char *url = "/src/m.js";
    struct str text;

    carry(&url, 1, origin, &text);
    return text;
}

/* The same of a page that has loaded this text of it. */
static struct str carried(const char *text)
{
    (void)served(text);
    return carried_for(ORIGIN);
}

/* A document's script asks for a module. */
static struct module_answer import_from(const char *origin, const char *url)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%.*s", (int)strcspn(url + 1, "?"), url + 1);
    return ask_with((struct module_request){
            .url = str_from(url),
            .path = str_from(path),
            .as_script = true,
            .as_module = true,
            .origin = str_from(origin),
    });
}

TEST(all_that_a_carried_text_imports_is_named_by_whole_urls)
{
    begin();
    put_files();
    assert_str(carried("import { x } from './x.js';import 'dep';export * from \"./dir\";\n"
                       "import './a.css';import('./x.js#f');import(name);import.meta.hot.accept()"),
            STR(OWN HOT "import { x } from '" ORIGIN "/src/x.js';"
                        "import '" ORIGIN "/node_modules/dep/main.js';"
                        "export * from \"" ORIGIN "/src/dir/index.js\";\n"
                        "import '" ORIGIN "/src/a.css?import';import('" ORIGIN "/src/x.js#f');"
                        "import((globalThis.__orbiton__?.at\?\?(x=>x))(name,import.meta.url));"
                        "import.meta.hot.accept()" END));
    end();
}

TEST(a_carried_text_names_the_newest_instances)
{
    begin();
    put_files();
    (void)served("import './x.js';import('./gone.js');");
    node_raise_stamp(graph_find(p.graph, STR("/src/x.js")), 4);
    node_raise_stamp(graph_find(p.graph, STR("/src/gone.js")), 3);
    assert_str(carried_for(ORIGIN), STR(OWN "import '" ORIGIN "/src/x.js?orbit=4';import('" ORIGIN
                                            "/src/gone.js?orbit=3');" END));
    end();
}

TEST(what_is_not_of_the_project_stays_in_a_carried_text)
{
    begin();
    put_files();
    put("src/glob/a.js", "export {}");
    assert_str(carried("import 'https://x.org/a.js';import('data:text/javascript,1');"
                       "const g = import.meta.glob('./glob/*.js');"),
            STR(OWN "import 'https://x.org/a.js';import('data:text/javascript,1');"
                    "const g = Object.assign({\"./glob/a.js\":()=>import(\"" ORIGIN
                    "/src/glob/a.js\"),});" END));
    end();
}

TEST(what_is_replaced_with_it_and_not_wanted_is_named_by_its_url)
{
    static const char *const urls[] = { "/src/low.js", "/src/m.js" };
    struct node *nodes[2];
    struct str texts[2];

    begin();
    put_files();
    put("src/low.js", "export const low = 1");
    (void)ask("/src/low.js");
    (void)served("import { low } from './low.js'");
    for (int i = 0; i < 2; i++) {
        nodes[i] = graph_find(p.graph, str_from(urls[i]));
        node_raise_stamp(nodes[i], 5);
    }
    modules_carry(
            p.modules, nodes, (const bool[]){ false, true }, 2, 5, STR(ORIGIN), &p.arena, texts);
    assert_str(texts[0], STR(""));
    assert_str(texts[1], STR(OWN "import { low } from '" ORIGIN "/src/low.js?orbit=5'" END));
    end();
}

TEST(a_circle_is_asked_for)
{
    static const char *const urls[] = { "/src/low.js", "/src/m.js" };
    struct str texts[2];

    begin();
    put_files();
    put("src/low.js", "import './m.js'");
    (void)ask("/src/low.js");
    (void)served("import './low.js'");
    carry(urls, 2, ORIGIN, texts);
    assert_str(texts[0], STR(""));
    assert_str(texts[1], STR(""));
    end();
}

TEST(import_meta_resolve_is_made_to_work_where_it_may_be_used)
{
    begin();
    put_files();
    assert_true(str_starts(carried("export const u = import.meta.resolve('./x.js');"),
            STR(OWN "import.meta.resolve=(f=>s=>f(/^\\.{0,2}\\//.test(s)?new "
                    "URL(s,import.meta.url).href:s))(import.meta.resolve);export const u")));
    end();
}

TEST(the_url_of_a_carried_instance_is_that_instance)
{
    begin();
    put_files();
    assert_str(carried("export default 1;export const a = '\"ä\"';"),
            STR(OWN "export default 1;export const a = '\"ä\"';" END));
    struct str url = STR(
            "\"data:text/javascript,import.meta.url%3D%22http%3A%2F%2Flocalhost%3A3000%2Fsrc%2Fm.js"
            "%3Forbit%3D5%22%3Bexport%20default%201%3Bexport%20const%20a%20%3D%20'%22%C3%A4%22'%3B"
            "%0A%2F%2F%23%20sourceURL%3Dhttp%3A%2F%2Flocalhost%3A3000%2Fsrc%2Fm.js%3Forbit%3D5%0A"
            "\"");
    struct module_answer answer = import_from(ORIGIN, "/src/m.js?orbit=5");

    assert_str(answer.text,
            arena_printf(&p.arena, "export * from %.*s;\nexport { default } from %.*s;\n",
                    STR_FMT(url), STR_FMT(url)));
    assert_true(
            hash_eq(answer.version, hash_bytes(STR("export default 1;export const a = '\"ä\"';"))));
    /* the same text for all pages of the transaction; none for those of another origin */
    assert_str(carried_for(ORIGIN), STR(OWN "export default 1;export const a = '\"ä\"';" END));
    assert_str(carried_for("http://127.0.0.1:3000"), STR(""));
    assert_int_equal(import_from("http://127.0.0.1:3000", "/src/m.js?orbit=5").form, MODULE_PLAIN);
    end();
}

TEST(bytes_are_those_of_the_file)
{
    begin();
    put_files();
    assert_true(carried("export const a = 1;").len > 0);
    assert_int_equal(ask_with((struct module_request){ .url = STR("/src/m.js?orbit=5"),
                                      .path = STR("src/m.js"),
                                      .origin = STR(ORIGIN) })
                             .form,
            MODULE_PLAIN);
    end();
}

TEST(a_file_that_has_changed_since_is_not_what_was_carried)
{
    begin();
    put_files();
    assert_true(carried("export const a = 1;").len > 0);
    put("src/m.js", "export const a = 22;");
    assert_int_equal(import_from(ORIGIN, "/src/m.js?orbit=5").form, MODULE_PLAIN);
    end();
}

TEST(of_older_instances_some_are_remembered)
{
    struct node *node;
    struct str text;

    begin();
    put_files();
    (void)served("export const a = 1;");
    node = graph_find(p.graph, STR("/src/m.js"));
    for (uint64_t stamp = 1; stamp <= 10; stamp++) {
        node_raise_stamp(node, stamp);
        modules_carry(p.modules, &node, &(bool){ true }, 1, stamp, STR(ORIGIN), &p.arena, &text);
    }
    put("src/m.js", "export const a = 22;");
    struct module_answer answer = import_from(ORIGIN, "/src/m.js?orbit=3");

    assert_true(str_find_str(answer.text, STR("src%2Fm.js%3Forbit%3D3%22")) != STR_NONE);
    assert_true(hash_eq(answer.version, hash_bytes(STR("export const a = 1;"))));
    assert_str(import_from(ORIGIN, "/src/m.js?orbit=2").text,
            STR("export * from \"/src/m.js?orbit=10\";\n"));
    assert_int_equal(import_from(ORIGIN, "/src/m.js?orbit=10").form, MODULE_PLAIN);
    end();
}

TEST(once_no_page_runs_it_a_carried_module_is_itself_again)
{
    struct node *node;

    begin();
    put_files();
    assert_true(carried("export const a = 1;").len > 0);
    node = graph_find(p.graph, STR("/src/m.js"));
    assert_true(modules_is_carried(p.modules, node, 5, STR(ORIGIN)));
    assert_false(modules_is_carried(p.modules, node, 4, STR(ORIGIN)));
    p.ended = true;
    /* a page may come back that was only disconnected */
    assert_int_equal(import_from(ORIGIN, "/src/m.js?orbit=5").form, MODULE_TEXT);
    (void)document("<p>another page");
    assert_int_equal(import_from(ORIGIN, "/src/m.js?orbit=5").form, MODULE_PLAIN);
    assert_false(modules_is_carried(p.modules, node, 5, STR(ORIGIN)));
    end();
}

TEST(an_import_of_an_older_instance_is_that_of_the_newest)
{
    begin();
    put_files();
    (void)served("export default 1;export const a = 1;");
    (void)ask("/src/d.json?import");
    (void)ask("/node_modules/dep/main.js");
    node_raise_stamp(graph_find(p.graph, STR("/src/m.js")), 7);
    node_raise_stamp(graph_find(p.graph, STR("/src/d.json?import")), 7);
    node_raise_stamp(graph_find(p.graph, STR("/node_modules/dep/main.js")), 7);
    struct str newest = STR("export * from \"/src/m.js?orbit=7\";\n"
                            "export { default } from \"/src/m.js?orbit=7\";\n");

    assert_str(import_from(ORIGIN, "/src/m.js").text, newest);
    assert_str(import_from(ORIGIN, "/src/m.js?orbit=3").text, newest);
    assert_int_equal(import_from(ORIGIN, "/src/m.js?orbit=7").form, MODULE_PLAIN);
    assert_true(str_starts(import_from(ORIGIN, "/src/d.json?import").text,
            STR("export * from \"/src/d.json?import&orbit=7\";\n")));
    /* what is not surely imported; and what browsers keep */
    assert_int_equal(ask("/src/m.js").form, MODULE_PLAIN);
    assert_int_equal(import_from(ORIGIN, "/node_modules/dep/main.js").form, MODULE_PLAIN);
    end();
}

TEST(what_a_data_url_cannot_be_made_of_is_not_carried)
{
    static char text[40 * 1024];

    begin();
    put_files();
    memset(text, ' ', sizeof(text) - 1);
    memcpy(text, "export {};", strlen("export {};"));
    assert_str(carried(text), STR(""));
    assert_str(carried("export const a = '\xff';"), STR(""));
    (void)served("export const a = 1;");
    assert_str(carried_for(""), STR(""));
    (void)document(
            "<script type=importmap>{\"scopes\":{\"/src/\":{\"dep\":\"/src/x.js\"}}}</script>");
    assert_str(carried("import 'dep';"), STR(""));
    end();
}

TEST(where_a_page_may_not_run_them_none_is_carried)
{
    begin();
    put_files();
    assert_true(carried("export const a = 1;").len > 0);
    modules_carry_none(p.modules);
    assert_int_equal(import_from(ORIGIN, "/src/m.js?orbit=5").form, MODULE_PLAIN);
    assert_str(carried("export const a = 2;"), STR(""));
    end();
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(all_that_a_carried_text_imports_is_named_by_whole_urls),
        CASE(a_carried_text_names_the_newest_instances),
        CASE(what_is_not_of_the_project_stays_in_a_carried_text),
        CASE(what_is_replaced_with_it_and_not_wanted_is_named_by_its_url),
        CASE(a_circle_is_asked_for),
        CASE(import_meta_resolve_is_made_to_work_where_it_may_be_used),
        CASE(the_url_of_a_carried_instance_is_that_instance),
        CASE(bytes_are_those_of_the_file),
        CASE(a_file_that_has_changed_since_is_not_what_was_carried),
        CASE(of_older_instances_some_are_remembered),
        CASE(once_no_page_runs_it_a_carried_module_is_itself_again),
        CASE(an_import_of_an_older_instance_is_that_of_the_newest),
        CASE(what_a_data_url_cannot_be_made_of_is_not_carried),
        CASE(where_a_page_may_not_run_them_none_is_carried),
    };

    return RUN(cases);
}
