/* SPDX-License-Identifier: MIT */
/*
 * What a template gives to components, against what their code declares: warnings as "line:col text".
 */
#include "orbit/props.h"

#include "base/strbuf.h"
#include "test.h"

static const char rust_row[] =
        "pub struct RowProps { pub item_count: u8, pub title: String, pub big: bool, part: f32,\n"
        "    step: Option<i8>, item: Item }\n"
        "impl orbit::Component for Row { type Other = u8; type Props = RowProps; fn new() {} }";
static const char c_row[] =
        "typedef struct { unsigned char itemCount; char title[32]; const char *text; bool big;\n"
        "    float part; const short step; Item item; } RowProps; typedef struct { int a; } Row;";

static void check(
        enum orbit_lang lang, const char *block, const char *attributes, const char *expected)
{
    struct arena a = { 0 };
    struct diag_list diags = { 0 }, none = { 0 };
    struct str text = arena_printf(&a, "<p><Row\n%s/></p><Other what=\"1\"/>", attributes);
    struct orbit_source source = { .path = STR("a.orbit"), .text = text, .diags = &none };
    const struct orbit_template_options options = { .lang = lang };
    struct orbit_template t;
    struct strbuf out;

    assert_true(orbit_template_parse(
            &source, (struct span){ 0, (uint32_t)text.len }, &options, &a, &t));
    struct orbit_givens given = orbit_props_given(&a, &t, &source);
    struct orbit_declared declared = orbit_props_declared(&a, lang, STR("Row"), str_from(block));
    orbit_props_check(STR("a.orbit"), &given, STR("Row"), &declared, &diags);
    strbuf_init(&out, 4096);
    for (size_t i = 0; i < diags.count; i++) {
        assert_int_equal(diags.items[i].severity, DIAG_WARNING);
        strbuf_addf(&out, "%s%u:%u %.*s", i > 0 ? "\n" : "", diags.items[i].line,
                diags.items[i].col, STR_FMT(diags.items[i].text));
    }
    assert_string_equal(arena_cstr(&a, strbuf_str(&out)), expected);
    strbuf_finish(&out);
    diag_list_finish(&diags);
    diag_list_finish(&none);
    arena_finish(&a);
}

static void a_name_that_is_no_prop_is_said_at_its_place(void **state)
{
    (void)state;
    check(ORBIT_RUST, rust_row,
            "title=\"x\" class=\"y\" :class=\"{ a: b }\" @click=\"f\" ref=\"r\"", "");
    check(ORBIT_RUST, rust_row, ":item-count=\"n\" itemCount=\"3\" :itemcount=\"3\"", "");
    check(ORBIT_RUST, rust_row, "titel=\"x\"\n  :count=\"n\" o-model=\"n\"",
            "2:1 Row.titel: there is no such prop\n3:3 Row.count: there is no such prop\n"
            "3:14 Row.model: there is no such prop");
    check(ORBIT_C, c_row, "titel=\"x\" item-count=\"3\"", "2:1 Row.titel: there is no such prop");
}

static void a_component_without_props_takes_none(void **state)
{
    (void)state;
    check(ORBIT_RUST, "impl Component for Row { type Props = (); }", "a=\"1\"",
            "2:1 Row.a: there is no such prop");
    check(ORBIT_C, "typedef struct { int a; } Row;", ":a=\"1\"",
            "2:1 Row.a: there is no such prop");
}

static void what_the_code_says_elsewhere_is_not_judged(void **state)
{
    (void)state;
    check(ORBIT_RUST, "use other::RowProps; impl Component for Row { type Props = RowProps; }",
            "a=\"1\"", "");
    check(ORBIT_RUST, "struct RowProps { a: u8 } impl Component for Row { type Props = RowProps ",
            "b=\"1\"", "");
    check(ORBIT_JS, "export default class { }", "a=\"1\"", "");
}

static void a_literal_that_does_not_fit_is_said_with_its_type(void **state)
{
    (void)state;
    check(ORBIT_RUST, rust_row,
            "item-count=\" 3 \" :title=\"3\" big :part=\"1\" :step=\"-3\" :item=\"3\"", "");
    check(ORBIT_RUST, rust_row, "big=\"true\" part=\"2.5e3\" :item-count=\"0x10\"", "");
    check(ORBIT_RUST, rust_row, "item-count=\"-1\" :big=\"1\" part=\"x\" :step=\"200\" title=\"\"",
            "2:1 Row.item_count: \"-1\" does not fit u8\n2:17 Row.big: 1 does not fit bool\n"
            "2:26 Row.part: \"x\" does not fit f32\n2:35 Row.step: 200 does not fit Option<i8>");
    check(ORBIT_RUST, rust_row, ":item-count=\"2.5\" big=\"yes\" :step=\"true\"",
            "2:1 Row.item_count: 2.5 does not fit u8\n2:19 Row.big: \"yes\" does not fit bool\n"
            "2:29 Row.step: true does not fit Option<i8>");
    check(ORBIT_C, c_row,
            ":itemCount=\"255\" title=\"x\" :text='\"y\"' :big=\"1\" part=\"1.5\" step=\"-3\"", "");
    /* neither is a number to the runtime of C; of code they are for the compiler to judge */
    check(ORBIT_C, c_row, "part=\"1e3\"", "2:1 Row.part: \"1e3\" does not fit float");
    check(ORBIT_C, c_row, "part=\"0x10\"", "2:1 Row.part: \"0x10\" does not fit float");
    check(ORBIT_C, c_row, ":part=\"1e3\"", "");
    check(ORBIT_C, c_row, ":itemCount=\"256\" :title=\"3\" :text=\"true\" big=\"no\" step=\"x\"",
            "2:1 Row.itemCount: 256 does not fit unsigned char\n"
            "2:18 Row.title: 3 does not fit char[32]\n2:29 Row.text: true does not fit const char *\n"
            "2:42 Row.big: \"no\" does not fit bool\n2:51 Row.step: \"x\" does not fit const short");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_is_no_prop_is_said_at_its_place),
        cmocka_unit_test(a_component_without_props_takes_none),
        cmocka_unit_test(what_the_code_says_elsewhere_is_not_judged),
        cmocka_unit_test(a_literal_that_does_not_fit_is_said_with_its_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
