/* SPDX-License-Identifier: MIT */
/* .env files, with the cases of the dotenv package's own tests. */
#include "test.h"

#include "resolve/dotenv.h"

static void expect(const char *text, const char *name, const char *value)
{
    struct arena a = { 0 };
    struct dotenv *env = dotenv_create(&a);
    struct str copy = exact_copy(str_from(text));
    struct str got = STR("(none)");

    dotenv_parse(env, copy);
    dotenv_get(env, str_from(name), &got);
    assert_str(got, str_from(value));
    free((void *)(uintptr_t)copy.ptr);
    arena_finish(&a);
}

TEST(plain_values)
{
    expect("A=basic", "A", "basic");
    expect("A=basic\r\nB= x y \r\n", "B", "x y");
    expect("  A  =  x", "A", "x");
    expect("A=", "A", "");
    expect("A=\nB=1", "A", "");
    expect("A=\nB=1", "B", "1");
    expect("export A=1", "A", "1");
    expect("export=1", "export", "1");
    expect("A: yaml", "A", "yaml");
    expect("A:1", "A", "(none)");
    expect("A=1\nA=2", "A", "2");
    expect("a.b-c=1", "a.b-c", "1");
    expect("nothing\n=x\nA=1", "A", "1");
    expect("\xef\xbb\xbf"
           "A=1",
            "A", "1");
    expect("A=equals==", "A", "equals==");
}

TEST(comments)
{
    expect("# A=1\nA=2 # three", "A", "2");
    expect("A=a#b", "A", "a");
    expect("A=\"a#b\" # c", "A", "a#b");
    expect("A='a#b'#c", "A", "a#b");
}

TEST(quotes)
{
    expect("A='a b '", "A", "a b ");
    expect("A=`it's \"so\"`", "A", "it's \"so\"");
    expect("A=\"l1\\nl2\\rx\"", "A", "l1\nl2\rx");
    expect("A='l1\\nl2'", "A", "l1\\nl2");
    expect("A=\"l1\nl2\n\"\nB=1", "A", "l1\nl2\n");
    expect("A=\"l1\nl2\n\"\nB=1", "B", "1");
    expect("A=\"say \\\"x\\\"\"", "A", "say \\\"x\\\"");
    expect("A='C:\\'", "A", "C:\\");
    expect("A=\"x\" y", "A", "\"x\" y");
    expect("A=\"open\nB=1", "B", "1");
    expect("A={\"j\": \"x\"}", "A", "{\"j\": \"x\"}");
}

TEST(expansion)
{
    expect("A=1\nB=$A-${A}", "B", "1-1");
    expect("B=${A}\nA=late", "B", "late");
    expect("B=${NO}x", "B", "x");
    expect("B=${NO:-other}", "B", "other");
    expect("E=\nB=${E:-other}", "B", "other");
    expect("E=\nB=x${E-other}", "B", "x");
    expect("A=1\nB=${NO:-${A}}", "B", "1");
    expect("A=1\nB=\\$A", "B", "$A");
    expect("A=1\nB='$A'", "B", "$A");
    expect("B=$", "B", "$");
    expect("B=${", "B", "${");
    expect("A=x$B\nB=y$A", "A", "xy");
    expect("A=$A", "A", "");
}

TEST(doubling_values_stay_small)
{
    struct arena a = { 0 };
    struct dotenv *env = dotenv_create(&a);
    struct str value;

    dotenv_set(env, STR("V0"), STR("0123456789abcdef"));
    for (int i = 1; i < 60; i++) {
        dotenv_parse(env, arena_printf(&a, "V%d=$V%d$V%d", i, i - 1, i - 1));
    }
    assert_true(dotenv_get(env, STR("V59"), &value));
    assert_true(value.len <= DOTENV_VALUE_MAX);
    arena_finish(&a);
}

TEST(files_of_a_mode_in_order)
{
    struct arena a = { 0 };
    struct fs_mem *mem = fs_mem_create();
    struct fs fs = fs_mem_face(mem);
    struct str prefixes[] = { STR("VITE_"), STR("") };

    fs_mem_add(mem, STR("x/.env"), STR("VITE_A=1\nVITE_B=1\nSECRET=1"));
    fs_mem_add(mem, STR("x/.env.local"), STR("VITE_B=2\nVITE_C=2"));
    fs_mem_add(mem, STR("x/.env.development"), STR("VITE_C=3\nVITE_D=3"));
    fs_mem_add(mem, STR("x/.env.development.local"), STR("VITE_D='</script>'"));
    fs_mem_add(mem, STR("x/.env.production"), STR("VITE_A=no"));

    struct dotenv *env = dotenv_load(&a, &fs, STR("x"), STR("development"));

    dotenv_set(env, STR("VITE_A"), STR("$process"));
    assert_int_equal(dotenv_count(env), 5);
    assert_str(dotenv_name(env, 1), STR("VITE_B"));
    assert_str(dotenv_json(env, &a, STR("development"), STR("/"), prefixes, 2),
            STR("{\"MODE\":\"development\",\"DEV\":true,\"PROD\":false,\"SSR\":false,"
                "\"BASE_URL\":\"/\",\"VITE_A\":\"$process\",\"VITE_B\":\"2\",\"VITE_C\":\"3\","
                "\"VITE_D\":\"\\u003c/script>\"}"));
    fs_mem_destroy(mem);
    arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(plain_values),
        CASE(comments),
        CASE(quotes),
        CASE(expansion),
        CASE(doubling_values_stay_small),
        CASE(files_of_a_mode_in_order),
    };

    return RUN(cases);
}
