/* SPDX-License-Identifier: MIT */
/* The identity rule: which edits of a template need a build, and which do not. */
#include "test.h"

#include "base/strbuf.h"
#include "orbit/descriptor.h"
#include "orbit/section.h"
#include "orbit/slots.h"
#include "orbit/template.h"

struct compiled {
    struct arena arena;
    struct diag_list diags;
    struct orbit_source source;
    struct orbit_template tree;
    struct orbit_table table;
};

static void parse(struct compiled *c, struct str text)
{
    struct orbit_template_options options = { .lang = ORBIT_JS };
    struct span all = { 0, (uint32_t)text.len };

    *c = (struct compiled){ .source = { STR("it.orbit"), text, NULL } };
    c->source.diags = &c->diags;
    if (!orbit_template_parse(&c->source, all, &options, &c->arena, &c->tree)) {
        fail_msg("%.*s: %.*s", STR_FMT(text), STR_FMT(c->diags.items[0].text));
    }
}

static void finish(struct compiled *c)
{
    diag_list_finish(&c->diags);
    arena_finish(&c->arena);
}

static void build(struct compiled *c, struct str text)
{
    parse(c, text);
    assert_true(orbit_table_build(&c->tree, &c->source, &c->arena, &c->table));
}

/* How many pieces of `after` a module that was built from `before` does not know; the descriptor
 * of the result is checked against `expected` unless that is NULL. */
static size_t unknown_after(struct str before, struct str after, struct str first)
{
    struct compiled old, new;
    struct orbit_unknown *unknown;
    struct orbit_table table;
    size_t count;

    build(&old, before);
    table = orbit_table_copy(&old.table, &old.arena);
    parse(&new, after);
    count = orbit_table_match(&new.tree, &table, &new.arena, &unknown);
    if (first.len > 0) {
        assert_true(count > 0);
        assert_str(unknown[0].text, first);
        assert_str(str_sub(after, unknown[0].span.start, unknown[0].span.end), first);
    }
    finish(&new);
    finish(&old);
    return count;
}

#define assert_known(before, after)                                                                \
    assert_int_equal(unknown_after(STR(before), STR(after), STR("")), 0)
#define assert_unknown(before, after, first)                                                       \
    assert_int_not_equal(unknown_after(STR(before), STR(after), STR(first)), 0)

TEST(text_and_markup_around_known_parts_need_no_build)
{
    assert_known("<p>{{ a }}</p>", "<section class=x>now <b>{{a}}</b> and {{ a }}</section>");
    assert_known("<p :id=\"a\" @click=\"f( x )\">{{ b }}</p>",
            "<i @keyup.enter=\"f(x)\" :title=\"b\">{{ a }}</i>");
    assert_known("<p>{{ a }}</p>", "");
}

TEST(a_new_expression_is_named_with_its_place)
{
    assert_unknown("<p>{{ a }}</p>", "<p>{{ a }}{{ b + 1 }}</p>", "b + 1");
    assert_unknown("<p @click=\"f()\">x</p>", "<p @click=\"g()\">x</p>", "g()");
    assert_unknown("<p>{{ a }}</p>", "<p o-for=\"x in xs\">{{ x }}</p>", "xs");
}

TEST(an_unknown_loop_counts_once)
{
    assert_int_equal(unknown_after(STR("<p>x</p>"), STR("<p o-for=\"x in xs\">{{ x }}{{ y }}</p>"),
                             STR("xs")),
            1);
}

TEST(a_value_may_move_inward_and_not_outward)
{
    assert_known("{{ a }}<p o-if=\"c\">x</p>", "<p o-if=\"c\">{{ a }}</p>");
    assert_unknown("<p o-if=\"c\">{{ a }}</p>", "{{ a }}<p o-if=\"c\">x</p>", "a");
    assert_known(
            "{{ a }}<p o-for=\"x in xs\">{{ x }}</p>", "<p o-for=\"x in xs\">{{ x }}{{ a }}</p>");
}

TEST(a_variable_that_hides_a_name_makes_another_value)
{
    assert_unknown("{{ x }}<p o-for=\"x in xs\">y</p>", "<p o-for=\"x in xs\">{{ x }}</p>", "x");
    assert_unknown("{{ f({ x }) }}<p o-for=\"x in xs\">y</p>",
            "<p o-for=\"x in xs\">{{ f({ x }) }}</p>", "f({ x })");
    assert_known("{{ y.x }}<p o-for=\"x in xs\">y</p>", "<p o-for=\"x in xs\">{{ y.x }}</p>");
}

TEST(a_block_that_moves_into_a_loop_does_not_take_its_variable)
{
    assert_unknown("<p o-if=\"c\">{{ x }}</p><i o-for=\"x in xs\">y</i>",
            "<i o-for=\"x in xs\"><p o-if=\"c\">{{ x }}</p></i>", "x");
    assert_known("<p o-if=\"c\">{{ z }}</p><i o-for=\"x in xs\">y</i>",
            "<i o-for=\"x in xs\"><p o-if=\"c\">{{ z }}</p></i>");
    assert_unknown("<p o-if=\"x\">z</p><i o-for=\"x in xs\">y</i>",
            "<i o-for=\"x in xs\"><p o-if=\"x\">z</p></i>", "x");
}

TEST(a_loop_may_move_with_all_that_is_in_it)
{
    assert_known(
            "<i o-for=\"x in xs\">{{ x }}<b o-for=\"y in x\">{{ y }}</b></i><p o-if=\"c\">z</p>",
            "<p o-if=\"c\"><i o-for=\"x in xs\"><b o-for=\"y in x\">{{ y }}{{ x }}</b></i></p>");
    assert_unknown("<i o-for=\"x in xs\"><b o-for=\"y in x\">{{ y }}</b></i>",
            "<b o-for=\"y in x\">{{ y }}</b>", "x");
}

TEST(a_handler_belongs_to_the_variables_that_it_names)
{
    assert_known("<p o-if=\"c\" @click=\"f()\">x</p>", "<p @click=\"f()\">x</p>");
    assert_known("<i o-for=\"x in xs\"><b o-if=\"x\" @click=\"f(x)\">y</b></i>",
            "<i o-for=\"x in xs\" @click=\"f(x)\"></i>");
    assert_unknown("<i o-for=\"x in xs\" @click=\"f(x)\"></i>", "<i @click=\"f(x)\"></i>", "f(x)");
}

TEST(a_new_condition_may_be_a_known_value)
{
    assert_known("{{ a }}{{ b }}", "<p o-if=\"a\">{{ b }}</p>");
    assert_known("<p o-if=\"a\">{{ b }}</p>", "<p o-if=\"a\">{{ b }}</p><i o-else>none</i>");
    assert_unknown(
            "<p o-if=\"a\">{{ b }}</p>", "<p o-if=\"a\">{{ b }}</p><i o-else>{{ b }}</i>", "b");
    assert_unknown("{{ b }}", "<p o-if=\"a\">{{ b }}</p>", "a");
}

TEST(a_branch_depends_on_those_before_it)
{
    assert_known("<p o-if=\"a\">1</p><p o-else-if=\"b\">{{ x }}</p><p o-else>2</p>",
            "<p o-if=\"a\">1</p><p o-else-if=\"b\">{{ x }}</p>");
    assert_unknown("<p o-if=\"a\">1</p><p o-else-if=\"b\">2</p>", "<p o-if=\"b\">2</p>", "b");
}

TEST(a_component_is_known_by_its_name_and_props)
{
    assert_known("<Card :a=\"x\" :b=\"y\" t=\"1\"/>",
            "<div><Card :b=\"y\" :a=\" x \" t=\"2\">z</Card></div>");
    assert_known("<p o-if=\"c\"><Card/></p>", "<Card/>");
    assert_int_equal(unknown_after(STR("<Card :a=\"x\"/>"), STR("<Card :a=\"y\"/>"), STR("")), 1);
    assert_int_equal(unknown_after(STR("<Card/>"), STR("<Cart/>"), STR("")), 1);
    assert_known("<L><template #r=\"p\">{{ p }}</template></L>",
            "<p><L><template #r=\"p\"><b>{{ p }}</b></template></L></p>");
    assert_unknown("<L><template #r=\"p\">{{ p }}</template></L>", "<L/>{{ p }}", "p");
}

TEST(numbers_are_given_in_the_order_of_first_use)
{
    struct compiled c;
    struct strbuf out;

    build(&c, STR("<p :a=\"x\">{{ y }}</p>{{ x }}"));
    assert_int_equal(c.table.slot_count, 2);
    assert_str(c.table.slots[0].expression, STR("x"));
    strbuf_init(&out, ORBIT_DESCRIPTOR_MAX);
    orbit_descriptor_write(&c.tree, &c.table, &out);
    assert_str(strbuf_str(&out),
            STR("{\"v\":1,\"scopes\":[[0,0]],\"slots\":[0,0],\"handlers\":[],\"c\":"
                "[{\"t\":\"p\",\"d\":{\"a\":0},\"c\":[{\"s\":1}]},{\"s\":0}]}"));
    strbuf_finish(&out);
    finish(&c);
}

TEST(tests_of_unknown_scopes_are_written_as_values_or_not_at_all)
{
    struct compiled old, new;
    struct orbit_unknown *unknown;
    struct strbuf out;

    build(&old, STR("{{ a }}{{ b }}"));
    parse(&new, STR("<p o-if=\"b\">1</p><p o-else-if=\"n\">{{ m }}</p><p o-else>2</p>"));
    assert_int_equal(orbit_table_match(&new.tree, &old.table, &new.arena, &unknown), 2);
    strbuf_init(&out, ORBIT_DESCRIPTOR_MAX);
    orbit_descriptor_write(&new.tree, &old.table, &out);
    assert_str(strbuf_str(&out),
            STR("{\"v\":1,\"scopes\":[[0,0]],\"slots\":[0,0],\"handlers\":[],\"c\":[{\"if\":["
                "{\"test\":[1],\"c\":[{\"t\":\"p\",\"c\":[\"1\"]}]},"
                "{\"test\":-1,\"c\":[{\"t\":\"p\",\"c\":[{\"s\":-1}]}]},"
                "{\"test\":null,\"c\":[{\"t\":\"p\",\"c\":[\"2\"]}]}]}]}"));
    strbuf_finish(&out);
    finish(&new);
    finish(&old);
}

/* A template of known parts: each part is whole, so that any order and any subset is a template. */
static const struct str parts[] = {
    STR_INIT("<p>{{ title }}</p>"),
    STR_INIT("<b :class=\"{ on: active, off: !active }\" @click=\"toggle()\">b</b>"),
    STR_INIT(
            "<i o-if=\"user\">{{ user.name }}</i><i o-else-if=\"guest\">{{ guest }}</i><i o-else>{{ no }}</i>"),
    STR_INIT(
            "<ul><li o-for=\"(x, i) in xs\" :key=\"x.id\" @click=\"pick(x, title)\">{{ i }}{{ x.t }}<s o-if=\"x.d\">{{ x.d.e }}</s></li></ul>"),
    STR_INIT(
            "<Card :v=\"title\" @close=\"toggle()\"><template #row=\"{ r }\">{{ r }}{{ active }}</template></Card>"),
    STR_INIT("<input o-model.trim=\"text\"><u o-for=\"n in 1..=count\">{{ n }}</u>"),
    STR_INIT("text <hr> <slot name=\"s\" :p=\"title\">{{ no2 }}</slot>"),
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Some parts in some order, each perhaps twice, perhaps in an element more. */
static void shuffle(struct strbuf *out, uint32_t *seed)
{
    size_t count = next_random(seed) % (2 * PARTS);

    strbuf_reset(out);
    for (size_t i = 0; i < count; i++) {
        bool wrapped = next_random(seed) % 2;
        strbuf_add(out, wrapped ? STR("\n<div class=\"w\">") : STR("\n"));
        strbuf_add(out, parts[next_random(seed) % PARTS]);
        strbuf_add(out, wrapped ? STR("</div>") : STR(" "));
    }
}

TEST(reordering_copying_and_deleting_known_parts_never_asks_for_a_build)
{
    struct compiled old, new;
    struct orbit_unknown *unknown;
    struct strbuf out;
    uint32_t seed = 7;

    strbuf_init(&out, 1 << 16);
    for (size_t i = 0; i < PARTS; i++) {
        strbuf_add(&out, parts[i]);
    }
    build(&old, strbuf_str(&out));
    for (int round = 0; round < 300; round++) {
        struct strbuf text;
        strbuf_init(&text, 1 << 16);
        shuffle(&text, &seed);
        parse(&new, strbuf_str(&text));
        if (orbit_table_match(&new.tree, &old.table, &new.arena, &unknown) > 0) {
            fail_msg("%.*s is unknown in %.*s", STR_FMT(unknown[0].text),
                    STR_FMT(strbuf_str(&text)));
        }
        finish(&new);
        strbuf_finish(&text);
    }
    finish(&old);
    strbuf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(text_and_markup_around_known_parts_need_no_build),
        CASE(a_new_expression_is_named_with_its_place),
        CASE(an_unknown_loop_counts_once),
        CASE(a_value_may_move_inward_and_not_outward),
        CASE(a_variable_that_hides_a_name_makes_another_value),
        CASE(a_block_that_moves_into_a_loop_does_not_take_its_variable),
        CASE(a_loop_may_move_with_all_that_is_in_it),
        CASE(a_handler_belongs_to_the_variables_that_it_names),
        CASE(a_new_condition_may_be_a_known_value),
        CASE(a_branch_depends_on_those_before_it),
        CASE(a_component_is_known_by_its_name_and_props),
        CASE(numbers_are_given_in_the_order_of_first_use),
        CASE(tests_of_unknown_scopes_are_written_as_values_or_not_at_all),
        CASE(reordering_copying_and_deleting_known_parts_never_asks_for_a_build),
    };

    return RUN(cases);
}
