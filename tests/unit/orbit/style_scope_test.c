/* SPDX-License-Identifier: MIT */
/*
 * Scoped styles: pairs of a sheet and what becomes of it with the attribute "data-x", and the
 * golden files of tests/golden/orbit_style (NAME.css and NAME.css.scoped; ORBITON_GOLDEN=write
 * rewrites the second).
 */
#include "orbit/style_scope.h"

#include <dirent.h>

#include "test.h"

/* Scopes an exact copy; the warnings are counted. */
static char *scoped(struct str css, size_t *ret_warnings)
{
    struct diag_list diags = { 0 };
    struct strbuf out;
    struct str exact = exact_copy(css);

    strbuf_init(&out, 16 << 20);
    orbit_style_scope(&out, exact, STR("data-x"), &diags);
    strbuf_add(&out, STR(""));
    *ret_warnings = diags.count;
    diag_list_finish(&diags);
    free((void *)(uintptr_t)exact.ptr);
    return strbuf_take(&out);
}

static void same(const char *css, const char *expected)
{
    size_t warnings;
    char *out = scoped(str_from(css), &warnings);

    assert_str(str_from(out), str_from(expected));
    assert_int_equal(warnings, 0);
    free(out);
}

static void warned(const char *css, const char *expected)
{
    size_t warnings;
    char *out = scoped(str_from(css), &warnings);

    assert_str(str_from(out), str_from(expected));
    assert_int_equal(warnings, 1);
    free(out);
}

TEST(the_last_compound_gets_the_attribute)
{
    same("h1 { color: red }", "h1[data-x] { color: red }");
    same(".a .b{}", ".a .b[data-x]{}");
    same("a > b + c ~ d {}", "a > b + c ~ d[data-x] {}");
    same("a>b{}", "a>b[data-x]{}");
    same(".a.b#c[d=\"e, f\"] {}", ".a.b#c[d=\"e, f\"][data-x] {}");
    same("h1, h2\n,.c {}", "h1[data-x], h2[data-x]\n,.c[data-x] {}");
    same("* {}", "*[data-x] {}");
    same("svg|a, *|* {}", "svg|a[data-x], *|*[data-x] {}");
    same(".a /* x */ .b /* { */ {}", ".a /* x */ .b[data-x] /* { */ {}");
    same(".\\31 0\\:a {} .a\\31 {}", ".\\31 0\\:a[data-x] {} .a\\31 [data-x]{}");
    same("", "");
    same("/* only */", "/* only */");
    same("\xef\xbb\xbf.a {}", "\xef\xbb\xbf.a[data-x] {}");
}

TEST(it_stands_before_pseudo_classes_and_elements)
{
    same(".a:hover {}", ".a[data-x]:hover {}");
    same(".a::before, .b:after {}", ".a[data-x]::before, .b[data-x]:after {}");
    same("::selection {}", "[data-x]::selection {}");
    same(".a :first-child {}", ".a [data-x]:first-child {}");
    same(".a:nth-child(2n + 1 of .b):hover {}", ".a[data-x]:nth-child(2n + 1 of .b):hover {}");
    same(":not(.a) {} .b:not(.a, .c) {}", "[data-x]:not(.a) {} .b[data-x]:not(.a, .c) {}");
    same(".a:hover.b {}", ".a:hover.b[data-x] {}");
    same("a::part(b):hover {}", "a[data-x]::part(b):hover {}");
}

TEST(is_and_where_are_entered_if_nothing_stands_before_them)
{
    same(":is(.a, .b .c) {}", ":is(.a[data-x], .b .c[data-x]) {}");
    same(":where(.a):hover {}", ":where(.a[data-x]):hover {}");
    same(".d :is(.a) {}", ".d :is(.a[data-x]) {}");
    same(".a:is(.b) {}", ".a[data-x]:is(.b) {}");
    same(":is(:where(.a)) {}", ":is(:where(.a[data-x])) {}");
    same(":is() {}", "[data-x]:is() {}");
    same(":is(.a, %) {}", ":is(.a[data-x], %) {}");
}

TEST(deep_and_global_open_the_scope)
{
    same(".a :deep(.b) {}", ".a[data-x] .b {}");
    same(".a:deep(.b) .c {}", ".a[data-x] .b .c {}");
    same(".a > :deep(.b) {}", ".a[data-x] > .b {}");
    same(":deep(.b) {}", "[data-x] .b {}");
    same(".a:hover :deep(.b, .c):hover {}", ".a[data-x]:hover :is(.b, .c):hover {}");
    same(".a :deep(.b), .c {}", ".a[data-x] .b, .c[data-x] {}");
    same(":global(.a) {}", ".a {}");
    same(":global(.a) .b {}", ".a .b[data-x] {}");
    same(".a :global(.b) {}", ".a[data-x] .b {}");
    same(".a:global(.b) {}", ".a.b[data-x] {}");
    same(":global(.a):hover {}", ".a:hover {}");
    same(":global(.a, .b) .c {}", ":is(.a, .b) .c[data-x] {}");
    same(":global(.a) :deep(.b) {}", ".a .b {}");
}

TEST(nested_rules_are_scoped_as_if_written_flat)
{
    same(".a { color: red; }", ".a[data-x] { color: red; }");
    same(".a { .b { c: d } }", ".a { .b[data-x] { c: d } }");
    same(".a { c: d; .b { e: f } g: h }",
            ".a { &[data-x]{c: d;} .b[data-x] { e: f } &[data-x]{g: h }}");
    same(".a { &:hover { c: d } & + & {} .e & {} > .f {} }",
            ".a { &[data-x]:hover { c: d } & + &[data-x] {} .e &[data-x] {} > .f[data-x] {} }");
    same(".a { c: d; @media print { e: f; } .b {} }",
            ".a { &[data-x]{c: d;} @media print { &[data-x]{e: f;} } .b[data-x] {} }");
    same(".a { c: d; @media print { e: f } }", ".a[data-x] { c: d; @media print { e: f } }");
    same(".a { @media print { .b {} } }", ".a { @media print { .b[data-x] {} } }");
    same(".a { --b: { c: d }; e: f }", ".a[data-x] { --b: { c: d }; e: f }");
    same(".a { a:hover {} }", ".a { a[data-x]:hover {} }");
    same(".a :deep(.b) { c: d; .e { f: g } }", ".a[data-x] .b { c: d; .e { f: g } }");
    same(".a { :deep(.b) {} > :deep(.c) {} & :deep(.d) {} }",
            ".a { &[data-x] .b {} &[data-x] > .c {} &[data-x] .d {} }");
    same(":global(.a) { c: d; .b { e: f } }", ".a { c: d; .b[data-x] { e: f } }");
}

TEST(at_rules_are_entered_or_left_alone)
{
    same("@media (min-width: 1px) { .a {} }", "@media (min-width: 1px) { .a[data-x] {} }");
    same("@supports (a: b) { @layer c { .a {} } }",
            "@supports (a: b) { @layer c { .a[data-x] {} } }");
    same("@container x (width > 1px) { .a {} }", "@container x (width > 1px) { .a[data-x] {} }");
    same("@layer a, b; @import \"c\"; .a {}", "@layer a, b; @import \"c\"; .a[data-x] {}");
    same("@font-face { font-family: a; src: url(b) }",
            "@font-face { font-family: a; src: url(b) }");
    same("@page :first { margin: 0 } @property --x { syntax: '*' }",
            "@page :first { margin: 0 } @property --x { syntax: '*' }");
    same("@MEDIA print { .a {} }", "@MEDIA print { .a[data-x] {} }");
}

TEST(animations_get_names_of_their_own)
{
    same(".a { animation: fade 1s, other 2s } @keyframes fade { from { a: b } 50% {} }",
            ".a[data-x] { animation: fade-x 1s, other 2s } @keyframes fade-x { from { a: b } 50% {} }");
    same("@-webkit-keyframes f {} .a { -webkit-animation-name: f; animation-name: f, g }",
            "@-webkit-keyframes f-x {} .a[data-x] { -webkit-animation-name: f-x; "
            "animation-name: f-x, g }");
    same("@keyframes \"a b\" {} .a { animation: 'a b' 1s }",
            "@keyframes \"a b-x\" {} .a[data-x] { animation: 'a b-x' 1s }");
    same("@keyframes f {} .a { color: f; transition: f 1s; animation: steps(f) }",
            "@keyframes f-x {} .a[data-x] { color: f; transition: f 1s; animation: steps(f) }");
    same("@keyframes \\66 oo {} .a { ANIMATION: foo }",
            "@keyframes \\66 oo-x {} .a[data-x] { ANIMATION: foo-x }");
}

TEST(what_is_no_css_stays_as_it_is)
{
    warned("%a { b: c }", "%a { b: c }");
    warned(".a,, .b {}", ".a,, .b {}");
    warned(".a, {}", ".a, {}");
    warned("a > {} .b {}", "a > {} .b[data-x] {}");
    warned("> a {}", "> a {}");
    warned(". a {}", ". a {}");
    warned("} .a {}", "} .a {}");
    warned(".a", ".a");
    warned("{}", "{}");
    warned("a[b {} ", "a[b {} ");
    warned(".a { .b, { c: d } }", ".a { .b, { c: d } }");
    same(".a { b: \"c", ".a[data-x] { b: \"c");
    same(".a { b: c", ".a[data-x] { b: c");
}

TEST(a_warning_has_its_place)
{
    struct diag_list diags = { 0 };
    struct strbuf out;

    strbuf_init(&out, 1024);
    orbit_style_scope(&out, STR(".a {}\n  %b {}"), STR("data-x"), &diags);
    orbit_style_scope(&out, STR("%"), STR("data-x"), NULL);
    assert_int_equal(diags.count, 1);
    assert_int_equal(diags.items[0].severity, DIAG_WARNING);
    assert_int_equal(diags.items[0].line, 2);
    assert_int_equal(diags.items[0].col, 3);
    diag_list_finish(&diags);
    strbuf_finish(&out);
}

TEST(deep_nesting_ends_at_its_limit)
{
    static const struct str pieces[] = { STR_INIT(".a{"), STR_INIT(":is("), STR_INIT("@media{"),
        STR_INIT("/**/"), STR_INIT("("), STR_INIT(".a,") };
    size_t warnings;

    for (size_t k = 0; k < sizeof(pieces) / sizeof(*pieces); k++) {
        struct strbuf css;
        strbuf_init(&css, 1 << 20);
        for (size_t i = 0; i < 20000; i++) {
            strbuf_add(&css, pieces[k]);
        }
        char *out = scoped(strbuf_str(&css), &warnings);
        assert_true(strlen(out) >= css.len);
        free(out);
        strbuf_finish(&css);
    }
}

static struct str read_file(const char *path, char *buffer, size_t max)
{
    FILE *f = fopen(path, "rb");
    struct str text = { buffer, 0 };

    if (f) {
        text.len = fread(buffer, 1, max, f);
        (void)fclose(f);
    }
    return text;
}

TEST(golden_sheets_stay_as_they_were)
{
    static char css[1 << 16], wanted[1 << 16];
    const char *tests = getenv("ORBITON_TESTS");
    const char *write = getenv("ORBITON_GOLDEN");
    char folder[4096], path[8192];
    struct dirent *entry;
    size_t warnings;
    size_t seen = 0;

    (void)snprintf(folder, sizeof(folder), "%s/golden/orbit_style", tests ? tests : "tests");
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        if (!str_ends(str_from(entry->d_name), STR(".css"))) {
            continue;
        }
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        char *out = scoped(read_file(path, css, sizeof(css)), &warnings);
        (void)snprintf(path, sizeof(path), "%s/%s.scoped", folder, entry->d_name);
        if (write && strcmp(write, "write") == 0) {
            FILE *f = fopen(path, "wb");
            assert_non_null(f);
            assert_int_equal(fwrite(out, 1, strlen(out), f), strlen(out));
            assert_int_equal(fclose(f), 0);
        }
        assert_str(str_from(out), read_file(path, wanted, sizeof(wanted)));
        free(out);
        seen++;
    }
    (void)closedir(dir);
    assert_true(seen >= 3);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(the_last_compound_gets_the_attribute),
        CASE(it_stands_before_pseudo_classes_and_elements),
        CASE(is_and_where_are_entered_if_nothing_stands_before_them),
        CASE(deep_and_global_open_the_scope),
        CASE(nested_rules_are_scoped_as_if_written_flat),
        CASE(at_rules_are_entered_or_left_alone),
        CASE(animations_get_names_of_their_own),
        CASE(what_is_no_css_stays_as_it_is),
        CASE(a_warning_has_its_place),
        CASE(deep_nesting_ends_at_its_limit),
        CASE(golden_sheets_stay_as_they_were),
    };

    return RUN(cases);
}
