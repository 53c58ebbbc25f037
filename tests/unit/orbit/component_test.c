/* SPDX-License-Identifier: MIT */
/* What one .orbit file becomes, and what two compilations of it differ in. */
#include "orbit/component.h"

#include "test.h"

#include "base/path.h"

#define PATH STR("src/counter.orbit")
#define BASE                                                                                       \
    "<template><p :title=\"name\">{{ count }}</p><button @click=\"more\">+</button></template>\n"  \
    "<style>p { color: red }</style>\n"                                                            \
    "<code lang=\"js\">export default class Counter { count = 0; name = ''; more() {} }</code>\n"

/* Components that are found: "Item" once, "Two" twice. Files: "src/a.css", "src/t.html". */
static enum orbit_lookup find(void *ctx, struct str name, struct str *ret, struct str *ret_other)
{
    (void)ctx;
    if (str_eq(name, STR("Item"))) {
        *ret = STR("src/item.orbit");
        return ORBIT_LOOKUP_FOUND;
    }
    if (str_eq(name, STR("Two"))) {
        *ret = STR("a/two.orbit");
        *ret_other = STR("b/two.orbit");
        return ORBIT_LOOKUP_TWO;
    }
    return ORBIT_LOOKUP_NONE;
}

/* Headers as they are in the wild. */
static const struct {
    struct str path, text;
} headers[] = {
    { STR_INIT("src/wild.h"),
            STR_INIT("#ifndef WILD_H\n#define WILD_H\n#include \"odd.h\"\n#include \"copy.h\"\n"
                     "#ifdef __cplusplus\nextern \"C\" {\n#endif\n"
                     "typedef struct { int id; /* no. #if */ } Row;\n"
                     "typedef struct Node { struct Node *next; char data[]; } Node;\n"
                     "#ifdef DEEP\ntypedef struct { long x; } Both;\nBoth both(void);\n"
                     "typedef struct { int x; } Gone;\nGone gone(void);\n"
                     "#else\ntypedef struct { int x; } Both;\n#endif\n"
                     "typedef struct {\n  int a;\n# if 0\n  int b;\n#endif\n} Half;\n"
                     "#define COLOURS(X) X(RED) X(BLUE)\n#define X(a) a,\n"
                     "typedef enum { COLOURS(X) COLOUR_COUNT } Colour;\n"
                     "typedef struct { int v; } Given;\nextern Given given_of(int id);\n"
                     "typedef struct { int v; } Pointed;\ntypedef struct { int v; } Counted;\n"
                     "typedef struct { int v; } Var;\nextern const Var var;\n"
                     "#ifdef __cplusplus\n}\n#endif\n#endif\n") },
    { STR_INIT("src/odd.h"),
            STR_INIT("#pragma once\n#if 0\ndon't\n#endif\ntypedef struct { int o; } Odd;\n") },
    { STR_INIT("src/copy.h"), STR_INIT("typedef struct { int id; /* no. #if */ } Row;\n") },
};

static bool read_other(void *ctx, struct str path, struct arena *a, struct str *ret)
{
    (void)ctx;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        if (str_eq(path, headers[i].path)) {
            *ret = arena_str(a, headers[i].text);
            return true;
        }
    }
    if (str_eq(path, STR("src/large.h"))) { /* of 65 KiB */
        char *many = arena_alloc(a, 65 << 10);
        memset(many, '\n', 65 << 10);
        *ret = (struct str){ many, 65 << 10 };
        return true;
    }
    if (str_eq(path, STR("src/a.css"))) {
        *ret = arena_str(a, STR("b { color: blue }"));
        return true;
    }
    if (str_eq(path, STR("src/t.html"))) {
        *ret = arena_str(a, STR("<i>\n{{ a b }}</i>"));
        return true;
    }
    if (str_eq(path, STR("src/model.h"))) {
        *ret = arena_str(a, STR("#include \"kind.h\"\n#include \"model.h\"\n"
                                "typedef struct { Kind kind; Far far; } Row;\n"
                                "typedef struct { int x; } Other;\n"));
        return true;
    }
    if (str_eq(path, STR("src/kind.h"))) {
        *ret = arena_str(a, STR("typedef enum { LOW, HIGH } Kind;\n#include \"far.h\"\n"));
        return true;
    }
    if (str_eq(path, STR("far.h"))) {
        *ret = arena_str(a, STR("typedef struct { int metres; } Far;\n"));
        return true;
    }
    if (str_eq(path, STR("src/good.html"))) {
        *ret = arena_str(a, STR("<i>\n{{ count }}</i>"));
        return true;
    }
    return false;
}

static const struct orbit_surroundings around = { .find = find, .read = read_other };

static bool make(struct orbit_component *ret, const char *text, const struct orbit_component *old,
        const struct orbit_running *running, struct diag_list *diags)
{
    struct str copy = exact_copy(str_from(text));
    bool good = orbit_component_compile(ret, PATH, copy, old, running, &around, diags);

    free((void *)(uintptr_t)copy.ptr);
    return good;
}

/* How `to` differs from `from`, as the why line says it. */
static void expect_change(const char *from, const char *to, const char *expected)
{
    struct orbit_component a;
    struct orbit_component b;
    struct diag_list diags = { 0 };
    struct arena arena = { 0 };

    assert_true(make(&a, from, NULL, NULL, &diags));
    assert_true(make(&b, to, &a, NULL, &diags));
    struct orbit_change change = orbit_component_compare(&a, &b);

    assert_str(orbit_change_describe(&change, &arena), str_from(expected));
    /* the code is another exactly when the block or the table is */
    assert_int_equal(str_eq(strbuf_str(&a.code.text), strbuf_str(&b.code.text)),
            !change.code && change.unknown == 0);
    orbit_component_finish(&b);
    orbit_component_finish(&a);
    arena_finish(&arena);
    diag_list_finish(&diags);
}

static void expect_error(const char *text, const char *path, unsigned line, const char *message)
{
    struct orbit_component c;
    struct diag_list diags = { 0 };

    assert_false(make(&c, text, NULL, NULL, &diags));
    assert_true(diags.count > 0);
    assert_str(diags.items[0].path, str_from(path));
    assert_int_equal(diags.items[0].line, line);
    assert_true(str_find_str(diags.items[0].text, str_from(message)) != STR_NONE);
    orbit_component_finish(&c);
    diag_list_finish(&diags);
}

TEST(a_name_is_its_files)
{
    static const struct {
        const char *path, *name;
    } cases[] = {
        { "src/todo-item.orbit", "TodoItem" },
        { "todo_item.orbit", "TodoItem" },
        { "a/TodoItem.orbit", "TodoItem" },
        { "a/item2.orbit", "Item2" },
        { "a/2.orbit", "" },
        { "a/h\xC3\xA9.orbit", "" },
        { ".orbit", "Orbit" },
    };
    struct arena a = { 0 };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_str(orbit_component_name(&a, str_from(cases[i].path)), str_from(cases[i].name));
    }
    arena_finish(&a);
}

TEST(a_change_is_named_by_its_section)
{
    expect_change(BASE, BASE, "");
    expect_change(BASE, BASE "\n", "");
    expect_change("<template>a</template>", "<template>b</template>", "template");
    expect_change("<template>a</template><style>a{}</style>",
            "<template>a</template><style>b{}</style>", "style");
    expect_change("<template>{{ a }}</template>", "<template>{{ a }} {{ b }}</template>",
            "template, 1 new expression");
    expect_change("<template>{{ a }}</template>", "<template>{{ b }}<i>{{ c }}</i></template>",
            "template, 2 new expressions");
    expect_change(
            "<template>{{ a }}</template><code lang=\"js\">export default class { a = 1 }</code>",
            "<template>{{ a }}</template><code lang=\"js\">export default class { a = 2 }</code>",
            "code");
    expect_change(
            "<template>a</template><style>a{}</style><code lang=\"js\">export default class { x = 1 }</code>",
            "<template>b</template><style>b{}</style><code lang=\"js\">export default class { x = 2 }</code>",
            "style, code");
}

TEST(a_block_that_moves_is_the_same_code)
{
    expect_change("<template>a</template>\n<code lang=\"js\">export default class { a = 1 }</code>",
            "<template>\n\n<b>a</b></template>\n\n<code lang=\"js\">export default class { a = 1 }</code>",
            "template");
}

TEST(pieces_may_be_moved_and_taken_away)
{
    expect_change("<template><p>{{ a }}</p><b>{{ c }}</b></template>",
            "<template><b>{{ a }}</b></template>", "template");
}

TEST(a_template_is_numbered_by_what_runs)
{
    struct orbit_component a;
    struct orbit_component b;
    struct orbit_component c;
    struct orbit_running running = { 0 };
    struct diag_list diags = { 0 };

    assert_true(make(&a, "<template>{{ x }}</template>", NULL, NULL, &diags));
    orbit_running_take(&running, &a);
    assert_true(make(&b, "<template>{{ y }} {{ x }}</template>", &a, &running, &diags));
    assert_string_equal(b.template_table_id, a.table_id);
    assert_string_not_equal(b.table_id, a.table_id);
    assert_int_equal(b.unknown_count, 1);
    assert_str(b.unknown[0].text, STR("y"));
    assert_true(str_find_str(b.descriptor, STR("{\"s\":-1}")) != STR_NONE);
    assert_true(str_find_str(b.descriptor, STR("{\"s\":0}")) != STR_NONE);

    /* the build of it was good */
    orbit_running_take(&running, &b);
    assert_true(make(&c, "<template>{{ y }} {{ x }}</template>", &b, &running, &diags));
    assert_string_equal(c.template_table_id, b.table_id);
    assert_string_equal(c.table_id, b.table_id);
    assert_int_equal(c.unknown_count, 0);
    assert_true(str_find_str(c.descriptor, STR("-1")) == STR_NONE);
    orbit_component_finish(&c);
    orbit_component_finish(&b);
    orbit_component_finish(&a);
    orbit_running_finish(&running);
    diag_list_finish(&diags);
}

TEST(errors_are_at_their_place)
{
    expect_error("\n<template>\n<p>{{ a b }}</p></template>", "src/counter.orbit", 3, "operator");
    expect_error("<template>\n<Nothing></Nothing></template>", "src/counter.orbit", 2,
            "no component 'Nothing'");
    expect_error("<template><Two></Two></template>", "src/counter.orbit", 1,
            "a/two.orbit and b/two.orbit");
    expect_error("<template>a</template>\n<style src=\"none.css\"></style>", "src/counter.orbit", 2,
            "no file 'src/none.css'");
    expect_error("<template>a</template>\n<style src=\"../../x.css\"></style>", "src/counter.orbit",
            2, "out of the project");
    expect_error("<template src=\"t.html\"></template>", "src/t.html", 2, "operator");
    expect_error("<style>a{}</style>", "src/counter.orbit", 1, "no <template>");
    expect_error("", "src/counter.orbit", 1, "no <template>");
}

TEST(what_is_read_beside_the_file_is_listed)
{
    struct orbit_component c;
    struct diag_list diags = { 0 };

    assert_true(
            make(&c, "<template><Item></Item><Item></Item></template><style src=\"a.css\"></style>",
                    NULL, NULL, &diags));
    assert_int_equal(c.other_count, 1);
    assert_str(c.others[0], STR("src/a.css"));
    assert_int_equal(c.style_count, 1);
    assert_true(str_starts(c.styles[0].text, STR("b[data-o-")));
    assert_int_equal(c.child_count, 1);
    assert_str(c.children[0].path, STR("src/item.orbit"));
    orbit_component_finish(&c);
    diag_list_finish(&diags);
}

static bool lists(const struct orbit_component *c, struct str path)
{
    for (size_t i = 0; i < c->other_count; i++) {
        if (str_eq(c->others[i], path)) {
            return true;
        }
    }
    return false;
}

TEST(types_of_headers_are_those_of_the_block)
{
    struct orbit_component c;
    struct diag_list diags = { 0 };

    assert_true(make(&c,
            "<template>{{ row.kind }}</template><code lang=\"c\">#include <orbit.h>\n"
            "#include \"model.h\"\n#include \"none.h\"\ntypedef struct { Row row; } Counter;</code>",
            NULL, NULL, &diags));
    struct str code = strbuf_str(&c.code.text);

    assert_true(str_find_str(code, STR("__save_Row(")) != STR_NONE);
    assert_true(str_find_str(code, STR("__save_Kind(")) != STR_NONE);
    assert_true(str_find_str(code, STR("__save_Far(")) != STR_NONE);
    assert_true(str_find_str(code, STR("__save_Other(")) == STR_NONE);
    assert_true(lists(&c, STR("src/model.h")) && lists(&c, STR("src/kind.h")));
    assert_true(lists(&c, STR("src/far.h")) && lists(&c, STR("far.h")));
    assert_true(lists(&c, STR("src/none.h")) && lists(&c, STR("none.h")));
    assert_false(lists(&c, STR("orbit.h")));
    orbit_component_finish(&c);
    diag_list_finish(&diags);
}

TEST(types_of_headers_are_taken_where_no_doubt_is)
{
    static const char *const taken[] = { "Row", "Given", "Counted", "Var" };
    static const char *const left[] = { "Node", "Both", "Gone", "Half", "Colour", "Pointed",
        "Odd" };
    struct orbit_component c;
    struct diag_list diags = { 0 };

    assert_true(make(&c,
            "<template>{{ row.id }}</template><code lang=\"c\">\n#include \"wild.h\"\n"
            "typedef struct { Row row; Node *node; Both both; Half half; Colour colour; Odd odd; } "
            "Counter;\ntypedef struct { Counted *list; int list_count; } Lists;\n"
            "typedef struct { Pointed *one; } Points;\n"
            "#ifdef DEEP\nGone more(void);\n#endif\n</code>",
            NULL, NULL, &diags));
    struct str code = strbuf_str(&c.code.text);
    struct arena a = { 0 };

    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        struct str head = arena_printf(
                &a, "static void __save_%s(struct orbit_writer *w, %s *v)\n{", taken[i], taken[i]);
        size_t at = str_find_str(code, head);
        assert_true(at != STR_NONE);
        assert_true(str_find_str(str_skip(code, at + 1), head) == STR_NONE);
    }
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
        assert_true(str_find_str(code, arena_printf(&a, "__save_%s(", left[i])) == STR_NONE);
    }
    assert_int_equal(diags.count, 1);
    assert_int_equal(diags.items[0].severity, DIAG_WARNING);
    assert_str(diags.items[0].path, STR("src/odd.h"));
    assert_int_equal(diags.items[0].line, 3);
    assert_true(str_starts(diags.items[0].text, STR("the types of this header are not read: ")));
    arena_finish(&a);
    orbit_component_finish(&c);
    diag_list_finish(&diags);
}

TEST(large_headers_are_left_out_and_said_once)
{
    struct orbit_component c;
    struct diag_list diags = { 0 };

    assert_true(make(&c,
            "<template>{{ row.id }}</template><code lang=\"c\">\n#include \"large.h\"\n"
            "#include \"copy.h\"\n#include \"./large.h\"\n"
            "typedef struct { Row row; } Counter;</code>",
            NULL, NULL, &diags));
    assert_true(str_find_str(strbuf_str(&c.code.text), STR("__save_Row(")) != STR_NONE);
    assert_int_equal(diags.count, 1);
    assert_str(diags.items[0].text,
            STR("the types of 'src/large.h' are not read: the headers are too many"));
    assert_str(diags.items[0].hint, STR("include what it needs: up to 64 headers, 64 KiB in all"));
    orbit_component_finish(&c);
    diag_list_finish(&diags);
}

TEST(names_that_is_may_choose_are_children)
{
    struct orbit_component c;
    struct diag_list diags = { 0 };

    assert_true(make(&c,
            "<template><component :is=\"view\"/></template><code lang=\"js\">"
            "export default class Counter { view = 'Item'; no = 'Two'; other = 'Nothing'; }</code>",
            NULL, NULL, &diags));
    assert_int_equal(c.child_count, 1);
    assert_str(c.children[0].name, STR("Item"));
    assert_str(c.children[0].path, STR("src/item.orbit"));
    orbit_component_finish(&c);
    assert_true(make(&c,
            "<template><b/></template><code lang=\"js\">"
            "export default class Counter { view = 'Item'; }</code>",
            NULL, NULL, &diags));
    assert_int_equal(c.child_count, 0);
    orbit_component_finish(&c);
    diag_list_finish(&diags);
}

static struct str url_of(struct arena *a, struct str path)
{
    return arena_printf(a, "/%.*s", STR_FMT(path));
}

TEST(a_facade_changes_with_sections_and_children_only)
{
    static const char *const same[] = { BASE,
        "<style>p { color: blue }</style><template>{{ another }}</template>" };
    struct strbuf texts[2];

    for (size_t i = 0; i < 2; i++) {
        struct orbit_component c;
        struct diag_list diags = { 0 };

        assert_true(make(&c, same[i], NULL, NULL, &diags));
        strbuf_init(&texts[i], 10000);
        orbit_facade_write(&c, url_of, &texts[i]);
        orbit_component_finish(&c);
        diag_list_finish(&diags);
    }
    assert_str(strbuf_str(&texts[0]), strbuf_str(&texts[1]));
    assert_true(str_find_str(strbuf_str(&texts[0]),
                        STR("import \"/src/counter.orbit?orbit=style&n=0\";\n")) != STR_NONE);
    strbuf_finish(&texts[0]);
    strbuf_finish(&texts[1]);
}

TEST(what_the_modules_of_styles_and_templates_do_is_one_call)
{
    struct orbit_component c;
    struct diag_list diags = { 0 };
    struct str name, arguments;
    struct strbuf text;

    strbuf_init(&text, 10000);
    orbit_style_write(
            STR("src/a.orbit"), 1, STR("p { content: \"),import.meta.hot);\n\" }"), &text);
    assert_true(orbit_part_read(strbuf_str(&text), &name, &arguments));
    assert_str(name, STR("style"));
    assert_str(
            arguments, STR("\"src/a.orbit\",1,\"p { content: \\\"),import.meta.hot);\\n\\\" }\""));
    strbuf_reset(&text);
    assert_true(make(&c, BASE, NULL, NULL, &diags));
    orbit_template_write(&c, &text);
    assert_true(orbit_part_read(strbuf_str(&text), &name, &arguments));
    assert_str(name, STR("template"));
    assert_true(str_starts(arguments, STR("\"src/counter.orbit\",\"")));
    assert_true(str_ends(arguments, STR("}")));
    assert_false(orbit_part_read(STR("throw new Error(\"a\");\n"), &name, &arguments));
    orbit_component_finish(&c);
    diag_list_finish(&diags);
    strbuf_finish(&text);
}

TEST(a_file_that_is_no_text_is_an_error_at_its_place)
{
    struct orbit_component c;
    struct diag_list diags = { 0 };

    assert_false(orbit_component_compile(
            &c, PATH, STR("<template>\n<p>\0</p></template>"), NULL, NULL, &around, &diags));
    assert_int_equal(diags.count, 1);
    assert_int_equal(diags.items[0].line, 2);
    assert_int_equal(diags.items[0].col, 4);
    orbit_component_finish(&c);
    diag_list_finish(&diags);
}

/* Parts of a template, each whole, in the three languages. */
struct language {
    const char *code;
    const char *parts[7];
};

static const struct language languages[] = {
    { "<code lang=\"js\">export default class Counter { xs = []; on = true; go(x) {} }</code>",
            { "<p :title=\"on ? 'a' : 'b'\">{{ xs.length + 1 }}</p>",
                    "<b :class=\"{ on }\" @click=\"on = !on\">b</b>",
                    "<i o-if=\"on\">{{ xs.length }}</i><i o-else>{{ on }}</i>",
                    "<ul><li o-for=\"(x, i) in xs\" :key=\"x.id\" @click=\"go(x)\">{{ i }}{{ x.t }}"
                    "<s o-if=\"x.d\">{{ x.d }}</s></li></ul>",
                    "<Item :v=\"xs\" @close=\"go(0)\"><template #row=\"{ r }\">{{ r }}</template></Item>",
                    "<input o-model.trim=\"xs[0]\"><u o-for=\"n in 1..=3\">{{ n }}</u>",
                    "text <hr> <slot name=\"s\" :p=\"on\">{{ on }}</slot>" } },
    { "<code lang=\"rust\">use orbit::prelude::*;\n#[derive(Clone)] pub struct X { id: u32 }\n"
      "pub struct Counter { xs: Vec<X>, on: bool, text: String }\nimpl Component for Counter {\n"
      "type Props = (); fn new(_: ()) -> Self { todo!() } }\n"
      "impl Counter { fn go(&mut self, id: u32) {} }</code>",
            { "<p :title=\"if on { 1 } else { 2 }\">{{ xs.len() + 1 }}</p>",
                    "<b :class=\"{ on }\" @click=\"on = !on\">b</b>",
                    "<i o-if=\"on\">{{ xs.len() }}</i><i o-else>{{ on }}</i>",
                    "<ul><li o-for=\"(x, i) in xs\" :key=\"x.id\" @click=\"go(x.id)\">{{ i }}"
                    "<s o-if=\"x.id > 1\">{{ x.id }}</s></li></ul>",
                    "<Item :v=\"on\" @close=\"go(0)\"><template #row=\"{ r }\">{{ r }}</template></Item>",
                    "<input o-model.trim=\"text\"><u o-for=\"n in 1..=3\">{{ n }}</u>",
                    "text <hr> <slot name=\"s\" :p=\"on\">{{ text }}</slot>" } },
    { "<code lang=\"c\">#include <orbit.h>\ntypedef struct { int id; } X;\n"
      "typedef struct { X *xs; size_t xs_count; bool on; char text[9]; } Counter;\n"
      "void go(Counter *self, int id) {}</code>",
            { "<p :title=\"on ? 1 : 2\">{{ xs_count + 1 }}</p>",
                    "<b :class=\"{ on }\" @click=\"on = !on\">b</b>",
                    "<i o-if=\"on\">{{ xs_count }}</i><i o-else>{{ on }}</i>",
                    "<ul><li o-for=\"(x, i) in xs\" :key=\"x.id\" @click=\"go(x.id)\">{{ i }}"
                    "<s o-if=\"x.id > 1\">{{ x.id }}</s></li></ul>",
                    "<Item :v=\"on\" @close=\"go(0)\"/>",
                    "<input o-model.trim=\"text\"><u o-for=\"n in 1..=3\">{{ n }}</u>",
                    "text <hr> <slot name=\"s\" :p=\"on\">{{ text }}</slot>" } },
};

enum { LANGUAGES = sizeof(languages) / sizeof(languages[0]), PARTS = 7 };

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Some parts in some order, each perhaps twice, perhaps in an element more; all once without a seed. */
static void write_parts(struct strbuf *out, const struct language *l, uint32_t *seed)
{
    size_t count = seed ? next_random(seed) % (2 * PARTS) : PARTS;

    strbuf_reset(out);
    strbuf_add(out, STR("<template><main>"));
    for (size_t i = 0; i < count; i++) {
        const char *part = l->parts[seed ? next_random(seed) % PARTS : i];
        bool wrapped = seed && next_random(seed) % 2;

        strbuf_addf(out, wrapped ? "\n<div class=\"w\">%s</div>" : "\n%s ", part);
    }
    strbuf_addf(out, "</main></template>\n%s", l->code);
}

TEST(reordering_known_parts_never_asks_for_a_build_in_any_language)
{
    struct strbuf text;
    uint32_t seed = 7;

    strbuf_init(&text, 1 << 16);
    for (size_t l = 0; l < LANGUAGES; l++) {
        struct orbit_component first;
        struct orbit_running running = { 0 };
        struct diag_list diags = { 0 };

        write_parts(&text, &languages[l], NULL);
        strbuf_addc(&text, '\0');
        if (!make(&first, text.ptr, NULL, NULL, &diags)) {
            fail_msg("%.*s", STR_FMT(diags.items[0].text));
        }
        orbit_running_take(&running, &first);
        for (int round = 0; round < 100; round++) {
            struct orbit_component c;

            write_parts(&text, &languages[l], &seed);
            strbuf_addc(&text, '\0');
            assert_true(make(&c, text.ptr, &first, &running, &diags));
            struct orbit_change change = orbit_component_compare(&first, &c);

            if (c.unknown_count > 0 || change.code || change.unknown > 0 ||
                    !str_eq(strbuf_str(&first.code.text), strbuf_str(&c.code.text))) {
                fail_msg("something is new in %s", text.ptr);
            }
            orbit_component_finish(&c);
        }
        orbit_component_finish(&first);
        orbit_running_finish(&running);
        diag_list_finish(&diags);
    }
    strbuf_finish(&text);
}

TEST(the_map_leads_back_to_the_block)
{
    struct orbit_component c;
    struct diag_list diags = { 0 };
    size_t offset;
    enum orbit_from from;

    assert_true(make(&c, BASE, NULL, NULL, &diags));
    size_t at = str_find_str(strbuf_str(&c.code.text), STR("more() {}"));

    assert_true(at != STR_NONE);
    assert_true(orbit_map_find(&c.code.map, at, &offset, &from));
    assert_int_equal(from, ORBIT_FROM_FILE);
    assert_str(str_sub(c.mapped[from].text, offset, offset + 9), STR("more() {}"));
    orbit_component_finish(&c);
    diag_list_finish(&diags);
}

TEST(the_map_of_a_template_in_another_file_leads_into_that)
{
    struct orbit_component c;
    struct diag_list diags = { 0 };
    size_t offset;
    enum orbit_from from;

    assert_true(make(&c,
            "<template src=\"good.html\"></template>\n<code lang=\"js\">export default class "
            "Counter { count = 0; }</code>",
            NULL, NULL, &diags));
    size_t at = str_find_str(strbuf_str(&c.code.text), STR("$self.count")) + 6;

    assert_true(orbit_map_find(&c.code.map, at, &offset, &from));
    assert_int_equal(from, ORBIT_FROM_TEMPLATE);
    assert_str(c.mapped[from].path, STR("src/good.html"));
    assert_str(str_sub(c.mapped[from].text, offset, offset + 5), STR("count"));
    orbit_component_finish(&c);
    diag_list_finish(&diags);
}

TEST(a_default_class_without_a_name_may_be_decorated_or_abstract)
{
    static const struct {
        const char *code, *expected;
    } cases[] = {
        { "@all class { n = 1; }", "\n               @all class $logic { n = 1; }\n" },
        { "@a.b('}') @(c) class extends B { n = 1; }",
                "\n               @a.b('}') @(c) class $logic extends B { n = 1; }\n" },
        { "abstract class { n = 1; }", "\n               abstract class $logic { n = 1; }\n" },
        { "@all class Own { n = 1; }", "\n               @all class Own { n = 1; }\n" },
        { "class { n = 1; }", "\nconst  $logic= class { n = 1; }\n" },
    };
    struct strbuf text;

    strbuf_init(&text, 4096);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct orbit_component c;
        struct diag_list diags = { 0 };

        strbuf_reset(&text);
        strbuf_addf(&text,
                "<template>{{ n }}{{ m }}</template>\n<code lang=\"ts\">\nconst m = 1;\n"
                "export default %s\n</code>",
                cases[i].code);
        strbuf_addc(&text, '\0');
        assert_true(make(&c, text.ptr, NULL, NULL, &diags));
        struct str code = strbuf_str(&c.code.text);
        assert_true(str_find_str(code, str_from(cases[i].expected)) != STR_NONE);
        assert_true(str_find_str(code, STR("s0: ($self.n), s1: (m)")) != STR_NONE);
        orbit_component_finish(&c);
        diag_list_finish(&diags);
    }
    strbuf_finish(&text);
}

/* The names that nothing declares, as "LINE:COL name near". */
static void expect_names(const struct orbit_component *c, const char *expected)
{
    struct strbuf out;

    strbuf_init(&out, 4096);
    for (size_t i = 0; i < c->code.undeclared.count; i++) {
        const struct orbit_undeclared *u = &c->code.undeclared.items[i];
        strbuf_addf(&out, "%s%u:%u %.*s %.*s", i > 0 ? ", " : "", u->line, u->col, STR_FMT(u->name),
                STR_FMT(u->near));
    }
    assert_str(strbuf_str(&out), str_from(expected));
    strbuf_finish(&out);
}

static void expect_undeclared(const char *text, const char *expected)
{
    struct orbit_component c;
    struct diag_list diags = { 0 };

    assert_true(make(&c, text, NULL, NULL, &diags));
    expect_names(&c, expected);
    orbit_component_finish(&c);
    diag_list_finish(&diags);
}

#define NAMES                                                                                        \
    "<template>{{ cuont }}\n <i o-for=\"each in lsit\" @click=\"drop(each, event)\">{{ each.name }}" \
    " {{ [1].map((n) => n + Math.max(total, n)) }} {{ cuont }} {{ $props.a }}</i></template>\n"
#define FOUND "1:14 cuont count, 2:20 lsit list, 2:100 total , 2:34 drop "

TEST(names_that_nothing_declares_are_told)
{
    static const char *const open[] = { "class A extends B { count = 0; list; }",
        "class A { count = 0; list; constructor() { Object.assign(this, make()); } }",
        "class A { count = 0; list; constructor() { fill(this); } }",
        "class A { count = 0; list; constructor() { this[key] = 1; } }",
        "@all class A { count = 0; list; }", "class A { }",
        "function (props) { return { count: 0, list: [], ...props }; }",
        "function (props) { const made = make(); return made; }" };
    struct strbuf text;

    expect_undeclared(NAMES
            "<code lang=\"js\">export default class A { count = 0; list = []; }</code>",
            FOUND);
    expect_undeclared(NAMES "<code lang=\"ts\">export default class A { count: number = 0;\n"
                            "list: string[] = [...[]]; }</code>",
            FOUND);
    expect_undeclared(NAMES "<code lang=\"js\">export default (props) => ({ count: 0, list: 1 });"
                            "</code>",
            FOUND);
    /* what stands in the block is none of them, wherever it does */
    expect_undeclared(NAMES
            "<code lang=\"js\">const total = 1; export default class A { list = [];\n"
            "cuont() {} add() { this.drop = 1; 'lsit'; } }</code>",
            "");
    expect_undeclared(NAMES, "");
    strbuf_init(&text, 4096);
    for (size_t i = 0; i < sizeof(open) / sizeof(*open); i++) {
        strbuf_reset(&text);
        strbuf_addf(&text, NAMES "<code lang=\"js\">export default %s</code>", open[i]);
        strbuf_addc(&text, '\0');
        expect_undeclared(text.ptr, "");
    }
    strbuf_finish(&text);
}

TEST(names_that_nothing_declares_are_told_of_code_that_is_kept_too)
{
#define CODE "<code lang=\"js\">export default class A { count = 0; }</code>"
    static const struct {
        const char *text, *expected;
    } saves[] = {
        { "<template>{{ count }}{{ cuont }}<i>{{ total }}</i></template>" CODE,
                "1:25 cuont count, 1:39 total " },
        { "<style>i { top: 0 }</style>\n<template>{{ count }}{{ cuont }}<i>{{ total }}</i></template>" CODE,
                "2:25 cuont count, 2:39 total " },
        { "<template>\n<b>{{ total }}</b></template>" CODE, "2:7 total " },
        { "<template>{{ count }}</template>" CODE, "" },
        { "<template>{{ cuont }}{{ count }}</template>" CODE, "1:14 cuont count" },
    };
#undef CODE
    enum { COUNT = sizeof(saves) / sizeof(*saves) };
    struct orbit_component made[COUNT];
    struct diag_list diags = { 0 };

    for (size_t i = 0; i < COUNT; i++) {
        assert_true(make(&made[i], saves[i].text, i > 0 ? &made[i - 1] : NULL, NULL, &diags));
        expect_names(&made[i], saves[i].expected);
        assert_str(strbuf_str(&made[i].code.text), strbuf_str(&made[0].code.text));
        assert_string_equal(made[i].table_id, made[0].table_id);
    }
    for (size_t i = 0; i < COUNT; i++) {
        orbit_component_finish(&made[i]);
    }
    assert_int_equal(diags.count, 0);
    diag_list_finish(&diags);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_name_is_its_files),
        CASE(a_change_is_named_by_its_section),
        CASE(a_block_that_moves_is_the_same_code),
        CASE(pieces_may_be_moved_and_taken_away),
        CASE(a_template_is_numbered_by_what_runs),
        CASE(errors_are_at_their_place),
        CASE(what_is_read_beside_the_file_is_listed),
        CASE(types_of_headers_are_those_of_the_block),
        CASE(types_of_headers_are_taken_where_no_doubt_is),
        CASE(large_headers_are_left_out_and_said_once),
        CASE(names_that_is_may_choose_are_children),
        CASE(a_facade_changes_with_sections_and_children_only),
        CASE(what_the_modules_of_styles_and_templates_do_is_one_call),
        CASE(a_file_that_is_no_text_is_an_error_at_its_place),
        CASE(reordering_known_parts_never_asks_for_a_build_in_any_language),
        CASE(the_map_leads_back_to_the_block),
        CASE(the_map_of_a_template_in_another_file_leads_into_that),
        CASE(a_default_class_without_a_name_may_be_decorated_or_abstract),
        CASE(names_that_nothing_declares_are_told),
        CASE(names_that_nothing_declares_are_told_of_code_that_is_kept_too),
    };

    return RUN(cases);
}
