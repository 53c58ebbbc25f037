/* SPDX-License-Identifier: MIT */
/*
 * Items of code blocks, written in one line each: "struct Name <generics> { visibility name: type;
 * }", methods as "name(params) -> type", receivers as "self", "&self", "&mut".
 */
#include "orbit/items.h"

#include "base/strbuf.h"
#include "test.h"

static void put(struct strbuf *out, const char *before, struct str s, const char *after)
{
    if (s.len > 0) {
        strbuf_addf(out, "%s%.*s%s", before, STR_FMT(s), after);
    }
}

static void put_members(struct strbuf *out, const struct orbit_member *members, size_t count)
{
    static const char *const receivers[] = { "", "self", "&self", "&mut" };

    for (size_t i = 0; i < count; i++) {
        const struct orbit_member *m = &members[i];
        bool method = m->kind == ORBIT_MEMBER_METHOD || m->kind == ORBIT_MEMBER_GETTER ||
                      m->kind == ORBIT_MEMBER_SETTER;
        strbuf_add(out, i > 0 ? STR("; ") : STR(""));
        put(out, "", m->attributes, " ");
        put(out, "", m->visibility, " ");
        strbuf_add(out, m->kind == ORBIT_MEMBER_GETTER   ? STR("get ")
                        : m->kind == ORBIT_MEMBER_SETTER ? STR("set ")
                                                         : STR(""));
        strbuf_add(out, m->name);
        if (method) {
            strbuf_addf(out, "(%s", receivers[m->receiver]);
            strbuf_add(out, m->receiver && m->member_count ? STR(", ") : STR(""));
            put_members(out, m->members, m->member_count);
            strbuf_addc(out, ')');
            put(out, " -> ", m->type, "");
        } else if (m->kind == ORBIT_MEMBER_VARIANT && m->shape != ORBIT_SHAPE_UNIT) {
            strbuf_add(out, m->shape == ORBIT_SHAPE_TUPLE ? STR("(") : STR("{"));
            put_members(out, m->members, m->member_count);
            strbuf_add(out, m->shape == ORBIT_SHAPE_TUPLE ? STR(")") : STR("}"));
        } else {
            put(out, ": ", m->type, "");
            put(out, " ", m->array, "");
        }
    }
}

static void dump(struct strbuf *out, const struct orbit_items *items)
{
    static const char *const kinds[] = { "struct", "enum", "impl", "class", "fn", "typedef", "use",
        "mod", "other" };

    for (size_t i = 0; i < items->count; i++) {
        const struct orbit_item *item = &items->items[i];
        strbuf_add(out, i > 0 ? STR("\n") : STR(""));
        put(out, "", item->attributes, " ");
        put(out, "", item->visibility, " ");
        strbuf_add(out, str_from(kinds[item->kind]));
        put(out, " ", item->trait_name, " for");
        put(out, " ", item->name, "");
        put(out, " ", item->generics, "");
        put(out, " as ", item->alias, "");
        if (item->kind == ORBIT_ITEM_FUNCTION || item->member_count > 0) {
            strbuf_add(out, STR(" { "));
            put_members(out, item->members, item->member_count);
            strbuf_add(out, STR(" }"));
        }
        put(out, " -> ", item->type, "");
    }
    put(out, "\nerror: ", items->error, "");
}

static void items(enum orbit_lang lang, const char *source, const char *expected)
{
    struct arena arena = { NULL };
    struct orbit_items found;
    struct str text = exact_copy(str_from(source));
    struct strbuf out;

    strbuf_init(&out, 1 << 16);
    if (lang == ORBIT_RUST) {
        orbit_rust_items(&arena, text, &found);
    } else if (lang == ORBIT_C) {
        orbit_c_items(&arena, text, &found);
    } else {
        orbit_js_items(&arena, lang, text, &found);
    }
    dump(&out, &found);
    for (size_t i = 0; i < found.count; i++) {
        const struct orbit_item *item = &found.items[i];
        assert_true(item->start < item->end && item->end <= text.len);
        assert_true(item->body == 0 || (item->start < item->body && item->body_end < item->end));
        assert_true(item->name.len == 0 ||
                    memcmp(text.ptr + item->offset, item->name.ptr, item->name.len) == 0);
    }
    if (!str_eq(strbuf_str(&out), str_from(expected))) {
        fail_msg("%s\n--- is\n%.*s\n--- not\n%s", source, STR_FMT(strbuf_str(&out)), expected);
    }
    strbuf_finish(&out);
    arena_finish(&arena);
    free((void *)(uintptr_t)text.ptr);
}

TEST(rust_structs_and_enums_have_members)
{
    items(ORBIT_RUST,
            "pub struct A<T: Into<Vec<u8>>> where T: Copy { a: i32, pub(crate) b: "
            "HashMap<String, Vec<(u8, T)>>, #[x] r#c: [u8; 4], }",
            "pub struct A <T: Into<Vec<u8>>> { a: i32; pub(crate) b: HashMap<String, Vec<(u8, "
            "T)>>; #[x] r#c: [u8; 4] }");
    items(ORBIT_RUST, "#[derive(Clone)] struct P(pub i32, &'static str); struct U;",
            "#[derive(Clone)] struct P { pub : i32; : &'static str }\nstruct U");
    items(ORBIT_RUST, "enum E { A, B(i32, Vec<u8>), C { x: f64 }, D = 1 << 2 }",
            "enum E { A; B(: i32; : Vec<u8>); C{x: f64}; D }");
    items(ORBIT_RUST, "struct F { f: Box<dyn Fn(i32, u8) -> Vec<Vec<u8>>>, g: fn() -> u8 }",
            "struct F { f: Box<dyn Fn(i32, u8) -> Vec<Vec<u8>>>; g: fn() -> u8 }");
    items(ORBIT_RUST, "/* struct X { */ const S: &str = \"struct Y {\"; // }\nstruct Z { a: u8 }",
            "other S\nstruct Z { a: u8 }");
}

TEST(rust_impls_have_methods)
{
    items(ORBIT_RUST,
            "impl Component for Counter { type P = (); fn new() -> Self { Self { n: 0 } } }\n"
            "impl<T> Counter<T> { pub fn inc(&mut self, by: i32) { self.n += by; } const X: u8 = 1;"
            " fn get<'a>(&'a self) -> &'a str where T: Copy { \"}\" } async fn take(self) {} }",
            "impl Component for Counter { new() -> Self }\n"
            "impl Counter <T> { pub inc(&mut, by: i32); get(&self) -> &'a str; take(self) }");
    items(ORBIT_RUST, "impl fmt::Display for crate::a::B<'_> {}", "impl fmt::Display for B");
}

TEST(rust_keeps_uses_and_leaves_tests_out)
{
    items(ORBIT_RUST,
            "use a::{b, c};\nmod d;\n#[cfg(test)] mod tests { struct No; }\n"
            "#[test] fn no() {}\nmacro_rules! m { () => {} }\nm!{ struct No { } }\n"
            "pub fn f(x: u8) -> Option<u8> { None }\nstatic A: [u8; 2] = [1, 2];",
            "use -> a::{b, c}\nmod d\nother\nother\npub fn f { x: u8 } -> Option<u8>\nother A");
}

TEST(rust_errors_have_places)
{
    struct arena arena = { NULL };
    struct orbit_items found;

    orbit_rust_items(&arena, STR("struct A { a i32 }"), &found);
    assert_str(found.error, STR("expected ':' and a type"));
    assert_int_equal(found.error_offset, 17);
    orbit_rust_items(&arena, STR("struct A {} + b"), &found);
    assert_str(found.error, STR("expected an item"));
    assert_int_equal(found.error_offset, 12);
    assert_int_equal(found.count, 1);
    orbit_rust_items(&arena, STR("fn f() {"), &found);
    assert_int_equal(found.error_offset, 7);
    arena_finish(&arena);
}

TEST(derives_are_found_by_name)
{
    struct orbit_item item = { .attributes = STR("#[x] #[derive(Clone, serde::Serialize)]") };

    assert_true(orbit_item_derives(&item, STR("Clone")));
    assert_true(orbit_item_derives(&item, STR("Serialize")));
    assert_false(orbit_item_derives(&item, STR("serde")));
    assert_false(orbit_item_derives(&item, STR("Copy")));
}

TEST(c_structs_and_functions_are_found)
{
    items(ORBIT_C,
            "#include <a.h>\n#define X 1\nstruct state { int a, *b; char name[16]; const "
            "char *s; unsigned f : 3; void (*cb)(int); struct p *next; };",
            "use -> <a.h>\nother\nstruct state { a: int; b: int *; name: char [16]; s: const char "
            "*; f: unsigned : 3; cb: void (* )(int); next: struct p * }");
    items(ORBIT_C,
            "typedef struct { int a; } item_t;\ntypedef unsigned long size;\n"
            "enum kind { A, B = 2, };\n",
            "struct as item_t { a: int }\ntypedef size -> unsigned long size\nenum kind { A; B }");
    items(ORBIT_C,
            "extern \"C\" {\nenum { ALL(X) N };\ntypedef enum { A,\n#if 1\nB = F(1),\n#endif\nC } e;\n"
            "int f(void) }\nstruct s { int a; };",
            "other\nenum as e { A; B; C }\nfn f {  } -> int\nstruct s { a: int }");
    items(ORBIT_C,
            "static void inc(struct state *self, int by) { self->a += by; }\n"
            "int get(void);\nstatic int x = 1, y[2] = { 1, 2 };\nint (*table[2])(void);",
            "static fn inc { self: struct state *; by: int } -> static void\nfn get {  } -> int\n"
            "static other\nother");
}

TEST(js_members_and_returned_names_are_found)
{
    items(ORBIT_JS,
            "import a from 'a'\nexport default class Counter extends B {\n  count = 0\n  "
            "items = [1, 2]; static x = 1\n  inc(by, c = 1) { this.count += by }\n  get "
            "double() { return 2 }\n  #p = () => { }\n  async load() {}\n}",
            "use -> import a from 'a'\nexport default class Counter { count; items; x; inc(self, "
            "by; c); get double(self); #p; load(self) }");
    items(ORBIT_JS,
            "export default function setup(props) { let a = 1; const f = () => { return { "
            "no: 1 } }; function b() { return { no: 2 } } return { a, b, c: 1, get d() { "
            "return 1 }, ...e } }",
            "export default fn setup { a; b; c; d }");
    items(ORBIT_JS, "const setup = () => ({ a, 'b': 1 })\nfunction other(x, y) {}\nlet z = 1",
            "fn setup { a; b }\nfn other { x; y }\nother z");
    items(ORBIT_TS,
            "class A { private n: number = 0; list?: Map<string, X>[]\n f<T>(x: T): void "
            "{} }",
            "class A { private n: number; list: Map<string, X>[]; f(self, x: T) -> void }");
    items(ORBIT_TS,
            "class A<T extends { a: 1 }> extends B<T> implements C { @state() n!: T; "
            "@(x.y) m = 1 }\nfunction f(a: string): void\nfunction f(a: any): { b: 1 } {}",
            "class A { n: T; m }\nother\nfn f { a: any }");
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(rust_structs_and_enums_have_members),
        CASE(rust_impls_have_methods),
        CASE(rust_keeps_uses_and_leaves_tests_out),
        CASE(rust_errors_have_places),
        CASE(derives_are_found_by_name),
        CASE(c_structs_and_functions_are_found),
        CASE(js_members_and_returned_names_are_found),
    };

    return RUN(cases);
}
