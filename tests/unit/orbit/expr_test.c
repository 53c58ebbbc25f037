/* SPDX-License-Identifier: MIT */
/*
 * Template expressions. Names are written in one line, "a b() c:: D{ {e} "f"": a value, a call, a
 * path, the type of a literal, a shorthand, a name in a format string.
 */
#include "orbit/expr.h"

#include "base/strbuf.h"
#include "base/vec.h"
#include "orbit/lex.h"
#include "test.h"

static void on_name(void *ctx, const struct orbit_name *name)
{
    struct strbuf *out = ctx;
    char text[256];

    (void)snprintf(text, sizeof(text), "%.*s", STR_FMT(name->text));
    if (out->len > 0) {
        strbuf_addc(out, ' ');
    }
    switch (name->kind) {
    case ORBIT_NAME_VALUE: strbuf_addf(out, "%s", text); break;
    case ORBIT_NAME_CALL: strbuf_addf(out, "%s()", text); break;
    case ORBIT_NAME_PATH: strbuf_addf(out, "%s::", text); break;
    case ORBIT_NAME_TYPE: strbuf_addf(out, "%s{", text); break;
    case ORBIT_NAME_SHORTHAND: strbuf_addf(out, "{%s}", text); break;
    case ORBIT_NAME_FORMAT: strbuf_addf(out, "\"%s\"", text); break;
    }
}

static void names(enum orbit_lang lang, const char *source, const char *expected)
{
    struct str text = exact_copy(str_from(source));
    struct strbuf out;

    strbuf_init(&out, 65536);
    orbit_expr_names(lang, text, on_name, &out);
    if (!str_eq(strbuf_str(&out), str_from(expected))) {
        fail_msg("%s: \"%.*s\" is not \"%s\"", source, STR_FMT(strbuf_str(&out)), expected);
    }
    strbuf_finish(&out);
    free((void *)(uintptr_t)text.ptr);
}

/* `marked` has a caret behind the place of the error; without one it is good. */
static void check(enum orbit_lang lang, bool statement, const char *marked, const char *error)
{
    struct str all = str_from(marked);
    size_t caret = str_find_str(all, STR("<!>"));
    struct strbuf joined;
    size_t offset = SIZE_MAX;
    struct str text = STR("");

    strbuf_init(&joined, 65536);
    strbuf_add(&joined, str_sub(all, 0, caret));
    strbuf_add(&joined, caret == STR_NONE ? STR("") : str_skip(all, caret + 3));
    struct str exact = exact_copy(strbuf_str(&joined));
    bool good = orbit_expr_check(lang, exact, statement, &offset, &text);
    if (good != (caret == STR_NONE) || (!good && offset != caret) ||
            !str_eq(text, str_from(error))) {
        fail_msg("%s: %s at %zu: %.*s", marked, good ? "good" : "bad", offset, STR_FMT(text));
    }
    free((void *)(uintptr_t)exact.ptr);
    strbuf_finish(&joined);
}

static void good(enum orbit_lang lang, const char *source)
{
    check(lang, false, source, "");
}

static void normal(enum orbit_lang lang, const char *source, const char *expected)
{
    struct arena arena = { NULL };
    struct str text = exact_copy(str_from(source));
    struct str once = orbit_expr_normalise(&arena, lang, text);

    assert_str(once, str_from(expected));
    assert_str(orbit_expr_normalise(&arena, lang, once), once);
    free((void *)(uintptr_t)text.ptr);
    arena_finish(&arena);
}

static bool in_list(void *ctx, const struct orbit_name *name)
{
    return orbit_word_in(name->text, ctx);
}

static void qualify(enum orbit_lang lang, const char *source, const char *expected)
{
    static char members[] = "count items name draft visible add select x a b user r#type";
    struct arena arena = { NULL };
    struct str text = exact_copy(str_from(source));
    struct str prefix = lang == ORBIT_RUST ? STR("self.")
                        : lang == ORBIT_C  ? STR("self->")
                                           : STR("this.");

    assert_str(
            orbit_expr_qualify(&arena, lang, text, in_list, members, prefix), str_from(expected));
    free((void *)(uintptr_t)text.ptr);
    arena_finish(&arena);
}

TEST(rust_names_are_what_comes_from_outside)
{
    names(ORBIT_RUST, "count + other.field.count", "count other");
    names(ORBIT_RUST, "self.count + 1", "");
    names(ORBIT_RUST, "items.len() as f64 * scale", "items scale");
    names(ORBIT_RUST, "total(a, &b, *c)", "total() a b c");
    names(ORBIT_RUST, "Vec::<Item>::new().len() + std::mem::size_of::<u8>()", "Vec:: std::");
    names(ORBIT_RUST, "<Item as Default>::default().name", "");
    names(ORBIT_RUST, "t.0.1 + pair.0", "t pair");
    names(ORBIT_RUST, "'a' == c && b'x' == d && '\\'' != e", "c d e");
    names(ORBIT_RUST, "r#\"a \" b\"#.len() + \"count\".len()", "");
    names(ORBIT_RUST, "1_000u64 + 0xffusize + 1e-5f32 + 2.5f64", "");
    names(ORBIT_RUST, "a /* b /* c */ d */ + e // f", "a e");
    names(ORBIT_RUST, "r#type + r#match.x", "r#type r#match");
    names(ORBIT_RUST, "a..b", "a b");
    names(ORBIT_RUST, "if on { a } else if off { b } else { c }", "on a off b c");
    names(ORBIT_RUST, "0..n.max(1)", "n");
}

TEST(rust_closures_shadow_their_parameters)
{
    names(ORBIT_RUST, "items.iter().filter(|x| x.done && all).count()", "items all");
    names(ORBIT_RUST, "items.iter().map(|(i, x)| i + x + y).sum::<i32>()", "items y");
    names(ORBIT_RUST, "f(|x| x + 1, x)", "f() x");
    names(ORBIT_RUST, "f(|x: &Item, y: Map<K, V>| -> bool { x == y && z })", "f() z");
    names(ORBIT_RUST, "f(move || a, || b)", "f() a b");
    names(ORBIT_RUST, "a || b | c", "a b c");
    names(ORBIT_RUST, "f(|_, &mut Point { x, y: yy }| x + yy + y)", "f() y");
    names(ORBIT_RUST, "f(|a| |b| a + b + c) + a", "f() c a");
    names(ORBIT_RUST, "xs.fold(0, |a, x| a + x) | mask", "xs mask");
}

TEST(rust_patterns_bind_for_their_bodies)
{
    names(ORBIT_RUST, "match status { Status::Done(n) if n > limit => n, Open => m, k => k + n }",
            "status limit m n");
    names(ORBIT_RUST, "match p { Point { x, y: 0 } => x + y, _ => { let q = x; q } }", "p y x");
    names(ORBIT_RUST, "if let Some(x) = first { x } else { x }", "first x");
    names(ORBIT_RUST, "if let Some(x) = a && x > y { x } else { z }", "a y z");
    names(ORBIT_RUST, "{ let x = x + 1; let (a, b): (i32, i32) = pair; x + a + b + c }",
            "x pair c");
    names(ORBIT_RUST, "for (i, item) in items { use_it(i, item, other); }", "items use_it() other");
    names(ORBIT_RUST, "while let Some(top) = stack.pop() { f(top) }", "stack f()");
    names(ORBIT_RUST, "{ fn twice(x: i32) -> i32 { x * y } twice(z) }", "z");
    names(ORBIT_RUST, "matches!(state, State::Done(n) if n > limit)", "state limit");
    names(ORBIT_RUST, "'outer: loop { break 'outer x; }", "x");
}

TEST(rust_literals_have_fields_not_names)
{
    names(ORBIT_RUST, "Point { x: a, y, ..base }", "Point{ a {y} base");
    names(ORBIT_RUST, "geo::Point { x: x }", "geo:: x");
    names(ORBIT_RUST, "if ready { Point { x } } else { origin }", "ready Point{ {x} origin");
    names(ORBIT_RUST, "match mode { m => Foo { m } }", "mode Foo{");
    names(ORBIT_RUST, "vec![a, b; n].len()", "a b n");
}

TEST(rust_format_strings_name_values)
{
    names(ORBIT_RUST, "format!(\"{count} {0} {:?} {{no}} {name:>width$}\", x)",
            "\"count\" \"name\" \"width\" x");
    names(ORBIT_RUST, "format!(\"{a} {b}\", a = b)", "\"b\" b");
    names(ORBIT_RUST, "format!(r#\"\"{a}\"\"#)", "\"a\"");
    names(ORBIT_RUST, "write!(out, \"{a}\")", "out \"a\"");
    names(ORBIT_RUST, "f(|a| format!(\"{a}{b} \\u{61}\"))", "f() \"b\"");
    names(ORBIT_RUST, "other!(\"{a}\")", "");
    names(ORBIT_RUST, "std::format!(\"{a}\")", "std:: \"a\"");
    qualify(ORBIT_RUST, "format!(\"{count}/{count} {name}\")",
            "format!(\"{count}/{count} {name}\", count = self.count, name = self.name)");
    qualify(ORBIT_RUST, "format!(\"{count} {}\", x,)",
            "format!(\"{count} {}\", self.x, count = self.count)");
}

TEST(rust_members_are_qualified_by_insertion)
{
    qualify(ORBIT_RUST, "count+ 1", "self.count+ 1");
    qualify(ORBIT_RUST, "items.iter().map(|x| x.count + count)",
            "self.items.iter().map(|x| x.count + self.count)");
    qualify(ORBIT_RUST, "Point { x, y: count }", "Point { x: self.x, y: self.count }");
    qualify(ORBIT_RUST, "count::f(count())", "count::f(self.count())");
    qualify(ORBIT_RUST, "add(item.name, name)", "self.add(item.name, self.name)");
    qualify(ORBIT_RUST, "r#type", "self.r#type");
    qualify(ORBIT_RUST, "'count", "'count");
    qualify(ORBIT_RUST, "count as count", "self.count as count");
    qualify(ORBIT_RUST, "\"unterminated count", "\"unterminated count");
}

TEST(rust_expressions_are_checked)
{
    static const char *const fine[] = { "a", "a + b * -c", "&mut a", "&&a", "!a", "a.b.0.1?.c()",
        "f(a, b,)", "f()", "[1, 2, 3]", "[0; 4]", "()", "(a,)", "a[0]", "a as u8 + 1",
        "a as *const T", "|x| x", "move |x: i32| -> i32 { x }", "|| 1", "a..", "..b", "a..=b", "..",
        "if a { b } else { c }", "match a { _ => b }", "Foo { a: 1 }", "Foo::<u8>::bar(1)",
        "<T as X>::f()", "vec![1]", "format!(\"{}\", a)", "unsafe { f() }", "a == b && c != d",
        "'x'", "b\"x\"", "r#\"x\"#", "1.0e5", "x.iter().sum::<i32>()", "{ let a = 1; a }",
        "a\n + b", "async move { 1 }", "&a[1..]", "x as &dyn Fn(i32) -> i32", "std::vec![1]" };

    for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
        good(ORBIT_RUST, fine[i]);
    }
    check(ORBIT_RUST, false, "<!>", "expected an expression");
    check(ORBIT_RUST, false, " // c<!>", "expected an expression");
    check(ORBIT_RUST, false, "a <!>b", "expected an operator before this");
    check(ORBIT_RUST, false, "a +<!>", "expected an expression");
    check(ORBIT_RUST, false, "a + * <!>/ b", "expected an expression before this");
    check(ORBIT_RUST, false, "f(a <!>b)", "expected an operator before this");
    check(ORBIT_RUST, false, "<!>(a", "this bracket is not closed");
    check(ORBIT_RUST, false, "a<!>)", "this bracket closes nothing");
    check(ORBIT_RUST, false, "(a<!>]", "expected ')' before this bracket");
    check(ORBIT_RUST, false, "a<!>, b", "expected only one expression");
    check(ORBIT_RUST, false, "a <!>= 1", "an assignment cannot stand in an expression");
    check(ORBIT_RUST, false, "a <!>+= 1", "an assignment cannot stand in an expression");
    check(ORBIT_RUST, false, "a<!>;", "a statement cannot stand in an expression");
    check(ORBIT_RUST, false, "<!>let a = 1", "a statement cannot stand in an expression");
    check(ORBIT_RUST, false, "a.<!>", "expected a name");
    check(ORBIT_RUST, false, "a::<!>", "expected a name");
    check(ORBIT_RUST, false, "<!>\"a", "this string has no end");
    check(ORBIT_RUST, false, "a<!> /* b", "this comment has no end");
    check(ORBIT_RUST, false, "a + <!>'",
            "this character has no end; a text stands in double quotes");
    check(ORBIT_RUST, false, "<!>` a", "Rust has no such character");
    check(ORBIT_RUST, false, "if a<!>", "expected '{'");
    check(ORBIT_RUST, false, "a as <!>", "expected a type");
    check(ORBIT_RUST, true, "count += 1; add(2)", "");
    check(ORBIT_RUST, true, "let x = 1; count = x", "");
    check(ORBIT_RUST, true, "count = <!>", "expected an expression");
}

TEST(rust_has_one_text_for_the_same_tokens)
{
    normal(ORBIT_RUST, " a+b /* c */ ", "a + b");
    normal(ORBIT_RUST, "self . items . len ( ) as  u32", "self.items.len() as u32");
    normal(ORBIT_RUST, "f( a,b , & mut c)", "f(a, b, &mut c)");
    normal(ORBIT_RUST, "& & a", "& &a");
    normal(ORBIT_RUST, "&&a", "&& a");
    normal(ORBIT_RUST, "vec ! [ 1 , 2 ]", "vec![1, 2]");
    normal(ORBIT_RUST, "\"a  b\"  // end", "\"a  b\"");
    normal(ORBIT_RUST, "a.0 .1", "a.0.1");
    normal(ORBIT_RUST, "1 .max(2)", "1 .max(2)");
    normal(ORBIT_RUST, " \" ", "\"");
}

TEST(c_names_are_what_comes_from_outside)
{
    names(ORBIT_C, "count + p->count * q.x", "count p q");
    names(ORBIT_C, "fmt(\"%d\", count) ? a : b", "fmt() count a b");
    names(ORBIT_C, "(struct item *)p + sizeof(struct item)", "p");
    names(ORBIT_C, "(item_t *)p", "p");
    names(ORBIT_C, "(struct point){ .x = a, .y = 2 }.x", "a");
    names(ORBIT_C, "({ int i = n; i + m; })", "n m");
    names(ORBIT_C, "int i = 0; count += i; i++", "count");
    names(ORBIT_C, "item_t *it = find(x), *next; next = it->next", "find() x");
    names(ORBIT_C, "for (int i = 0; i < n; i++) add(i); i", "n add() i");
    names(ORBIT_C, "{ size_t k = 1; f(k); } k", "f() k");
    names(ORBIT_C, "a * b", "a b");
    names(ORBIT_C, "L'x' + u8\"count\"[0] + 0x1p-3", "");
    names(ORBIT_C, "a /* b */ // c", "a");
}

TEST(c_members_are_qualified_by_insertion)
{
    qualify(ORBIT_C, "count+1", "self->count+1");
    qualify(ORBIT_C, "user.name[count]", "self->user.name[self->count]");
    qualify(ORBIT_C, "self->count", "self->count");
    qualify(ORBIT_C, "int count = 1; x = count", "int count = 1; self->x = count");
}

TEST(c_expressions_are_checked)
{
    static const char *const fine[] = { "a", "a->b.c[1](2)", "a ? b : c ? d : e", "a ?: b",
        "(int)a", "(foo_t *)a", "(foo_t)a", "(struct x){ 1 }", "sizeof(int)", "sizeof a", "-a + ~b",
        "\"a\" \"b\"", "\"%\" PRIu64 \"x\"", "({ int a = 1; a; })", "f()", "f(a, b)", "*p", "&a",
        "(a, b)", "a == 'x'", ".5f + 1u", "va_arg(ap, int)", "(unsigned long)a", "a && !b",
        "offsetof(struct x, y)", "true" };

    for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
        good(ORBIT_C, fine[i]);
    }
    check(ORBIT_C, false, "a <!>b", "expected an operator before this");
    check(ORBIT_C, false, "a ? b<!>", "expected ':' and an expression");
    check(ORBIT_C, false, "a <!>: b", "expected an operator before this");
    check(ORBIT_C, false, "a<!>, b", "expected only one expression");
    check(ORBIT_C, false, "a <!>= b", "an assignment cannot stand in an expression");
    check(ORBIT_C, false, "a<!>++", "an assignment cannot stand in an expression");
    check(ORBIT_C, false, "<!>return 1", "a statement cannot stand in an expression");
    check(ORBIT_C, false, "<!>#define x", "expected an expression before this");
    check(ORBIT_C, false, "<!>\"a\n\"", "this string has no end");
    check(ORBIT_C, false, "f(a,<!>)", "expected an expression");
    check(ORBIT_C, false, "(<!>)", "expected an expression");
    check(ORBIT_C, true, "count++; x = 2", "");
    check(ORBIT_C, true, "if (a) { count = 0; }", "");
}

TEST(c_has_one_text_for_the_same_tokens)
{
    normal(ORBIT_C, "self -> count+ 1", "self->count + 1");
    normal(ORBIT_C, "a - - b", "a - -b");
    normal(ORBIT_C, "a \\\n + b", "a + b");
    normal(ORBIT_C, "a -- - b", "a -- -b");
    normal(ORBIT_C, "!a && * p", "!a && *p");
}

TEST(js_names_are_what_comes_from_outside)
{
    names(ORBIT_JS, "count + a.count + a?.b[c]", "count a a c");
    names(ORBIT_JS, "this.count", "");
    names(ORBIT_JS, "f(a, ...b)", "f() a b");
    names(ORBIT_JS, "`${a} b ${`${c}`}`", "a c");
    names(ORBIT_JS, "{ a, b: c, [d]: e, f() { return g }, 'h': i, ...j, get k() { return l } }",
            "{a} c d e g i j l");
    names(ORBIT_JS, "{ active: on, 'is-big': big }", "on big");
    names(ORBIT_JS, "/count/.test(a) ? b / c / d : e", "a b c d e");
    names(ORBIT_JS, "typeof a === 'b' && c instanceof D", "a c D");
    names(ORBIT_JS, "new Foo(a).b", "Foo() a");
    names(ORBIT_JS, "import.meta.url", "");
}

TEST(js_functions_shadow_their_parameters)
{
    names(ORBIT_JS, "xs.map(x => x + y)", "xs y");
    names(ORBIT_JS, "xs.map((x, i) => ({ x, i, z })) + x", "xs {z} x");
    names(ORBIT_JS, "f(({ a, b: { c }, d = e, ...r }, [g, , h] = i) => a + b + c + d + r + g + h)",
            "f() e i b");
    names(ORBIT_JS, "async x => await x(y)", "y");
    names(ORBIT_JS, "a => b => a + b + c", "c");
    names(ORBIT_JS, "f(function g(a) { return g(a, b) }, a)", "f() b a");
    names(ORBIT_JS, "() => { use(x); let x = 1; const { y } = z; return y }", "use() z");
    names(ORBIT_JS, "() => { for (const x of xs) { f(x) } return x }", "xs f() x");
    names(ORBIT_JS, "() => { try { a() } catch (e) { b(e) } }", "a() b()");
    names(ORBIT_JS, "() => { function g() { return x } return g() }", "x");
    names(ORBIT_JS, "class A extends B { c = d; e(f) { return f + g + A } }", "B d g");
    names(ORBIT_JS, "let n = 1; count += n", "count");
    names(ORBIT_JS, "x => x, x", "x");
}

TEST(ts_types_are_not_names)
{
    names(ORBIT_TS, "(a as Foo<Bar>).b! + c", "a c");
    names(ORBIT_TS, "xs.map((x: Item, i?: number): string => x.name + y)", "xs y");
    names(ORBIT_TS, "f<Item[]>(a) + b", "f a b");
    names(ORBIT_TS, "a < b && c > d", "a b c d");
    names(ORBIT_TS, "{ a, b } satisfies Props", "{a} {b}");
    names(ORBIT_TS, "let x: Map<string, Foo> = y; x", "y");
    good(ORBIT_TS, "(a as string | null)!.length");
    good(ORBIT_TS, "f<Item>(a)");
    good(ORBIT_TS, "(a: number, b?: Foo<Bar>): string => a");
    check(ORBIT_JS, false, "a <!>as string", "expected an operator before this");
    names(ORBIT_TS, "async <T>(x: T) => await f(x, y)", "f() y");
    names(ORBIT_TS, "new Set<string>", "Set");
    names(ORBIT_TS, "[new Map<K, V[]>, n]", "Map n");
    names(ORBIT_TS, "make<T>.name + a < b", "make a b");
    names(ORBIT_TS, "ok ? (a) : b => a + b", "ok a a");
    names(ORBIT_TS, "ok ? (a): b => a : c", "ok c");
    names(ORBIT_TS, "ok ? (a): b => { a } : c", "ok c");
    names(ORBIT_TS, "ok ? (a) : b => a ? b : c", "ok a a c");
    names(ORBIT_TS, "a < b, c > d", "a b c d");
    names(ORBIT_TS, "1 < n && m > (k)", "n m k");
    names(ORBIT_TS, "f<T>`${x}`", "f x");
    good(ORBIT_TS, "async <T>(x: T) => x");
    good(ORBIT_TS, "new Set<string>");
    good(ORBIT_TS, "[new Map<K, V[]>, n]");
    good(ORBIT_TS, "ok ? (a) : b => c");
    good(ORBIT_TS, "ok ? (a): b => a : c");
    check(ORBIT_TS, false, "a < b <!>c", "expected an operator before this");
}

TEST(js_members_are_qualified_by_insertion)
{
    qualify(ORBIT_JS, "count+1", "this.count+1");
    qualify(ORBIT_JS, "{ a, b: name }", "{ a: this.a, b: this.name }");
    qualify(ORBIT_JS, "items.map(x => x + count)", "this.items.map(x => x + this.count)");
    qualify(ORBIT_JS, "`${count}`", "`${this.count}`");
    qualify(ORBIT_JS, "{ a = 1 } = b", "{ a: this.a = 1 } = this.b");
    qualify(ORBIT_JS, "this.count", "this.count");
}

TEST(js_expressions_are_checked)
{
    static const char *const fine[] = { "a", "a ? b : c", "a?.b?.[c]?.(d)", "{ a: 1 }", "[a, , b]",
        "[...a]", "f(...a)", "x => x", "(a = 1, { b }) => ({ a })", "async () => { await a }",
        "function () {}", "class {}", "new Foo", "typeof a", "`a${b}c${d}`", "tag`a`", "/a[/]b/g",
        "a / b / c", "-a ** b", "!a", "a ?? b", "a in b", "void 0", "import('x')", "#a in b",
        "(a, b)", "a\n+ b", "async", "new.target", "a.class", "1..toFixed()" };

    for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
        good(ORBIT_JS, fine[i]);
    }
    check(ORBIT_JS, false, "a <!>b", "expected an operator before this");
    check(ORBIT_JS, false, "a<!>, b", "expected only one expression");
    check(ORBIT_JS, false, "a <!>= b", "an assignment cannot stand in an expression");
    check(ORBIT_JS, false, "a<!>++", "an assignment cannot stand in an expression");
    check(ORBIT_JS, false, "a <!>?\?= b", "an assignment cannot stand in an expression");
    check(ORBIT_JS, false, "<!>if (a) b", "a statement cannot stand in an expression");
    check(ORBIT_JS, false, "a<!>; b", "a statement cannot stand in an expression");
    check(ORBIT_JS, false, "<!>`a${b", "this template has no end");
    check(ORBIT_JS, false, "`a${b <!>c}`", "expected an operator before this");
    check(ORBIT_JS, false, "`${<!>}`", "expected an expression");
    check(ORBIT_JS, false, "<!>'a", "this string has no end");
    check(ORBIT_JS, false, "<!>/a", "this regular expression has no end");
    check(ORBIT_JS, false, "a ? b<!>", "expected ':' and an expression");
    check(ORBIT_JS, false, "(<!>)", "expected an expression");
    check(ORBIT_JS, false, "a<!>.1", "expected an operator before this");
    check(ORBIT_JS, true, "count++; add(2)", "");
    check(ORBIT_JS, true, "a = 1\nb = 2", "");
    check(ORBIT_JS, true, "if (a) { b = 1 }", "");
    check(ORBIT_JS, true, "a <!>b", "expected an operator before this");
}

TEST(js_has_one_text_for_the_same_tokens)
{
    normal(ORBIT_JS, "a+b /* c */", "a + b");
    normal(ORBIT_JS, "a\n + b", "a + b");
    normal(ORBIT_JS, "a = 1\nb = 2", "a = 1\nb = 2");
    normal(ORBIT_JS, "a = 1 ; b = 2", "a = 1; b = 2");
    normal(ORBIT_JS, "`a ${ b }  c`", "`a ${b}  c`");
    normal(ORBIT_JS, "x=>x . y", "x => x.y");
    normal(ORBIT_JS, "a ? . 5 : b", "a ? . 5 : b");
    normal(ORBIT_JS, "/a  b/ . test ( c )", "/a  b/ .test(c)");
    normal(ORBIT_JS, "1 .toFixed()", "1 .toFixed()");
    normal(ORBIT_JS, "return\na", "return\na");
}

TEST(limits_are_kept)
{
    struct strbuf long_text;
    size_t offset = 0;
    struct str error = STR("");
    struct arena arena = { NULL };

    strbuf_init(&long_text, 1 << 20);
    for (size_t i = 0; i < ORBIT_EXPR_MAX; i++) {
        strbuf_addc(&long_text, '(');
    }
    assert_false(orbit_expr_check(ORBIT_RUST, strbuf_str(&long_text), true, &offset, &error));
    assert_str(error, STR("brackets are nested too deeply"));
    assert_int_equal(offset, ORBIT_NEST_MAX);
    strbuf_addc(&long_text, '(');
    assert_false(orbit_expr_check(ORBIT_RUST, strbuf_str(&long_text), true, &offset, &error));
    assert_str(error, STR("this expression is too long"));
    assert_str(
            orbit_expr_normalise(&arena, ORBIT_C, strbuf_str(&long_text)), strbuf_str(&long_text));
    strbuf_finish(&long_text);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(rust_names_are_what_comes_from_outside),
        CASE(rust_closures_shadow_their_parameters),
        CASE(rust_patterns_bind_for_their_bodies),
        CASE(rust_literals_have_fields_not_names),
        CASE(rust_format_strings_name_values),
        CASE(rust_members_are_qualified_by_insertion),
        CASE(rust_expressions_are_checked),
        CASE(rust_has_one_text_for_the_same_tokens),
        CASE(c_names_are_what_comes_from_outside),
        CASE(c_members_are_qualified_by_insertion),
        CASE(c_expressions_are_checked),
        CASE(c_has_one_text_for_the_same_tokens),
        CASE(js_names_are_what_comes_from_outside),
        CASE(js_functions_shadow_their_parameters),
        CASE(ts_types_are_not_names),
        CASE(js_members_are_qualified_by_insertion),
        CASE(js_expressions_are_checked),
        CASE(js_has_one_text_for_the_same_tokens),
        CASE(limits_are_kept),
    };

    return RUN(cases);
}
