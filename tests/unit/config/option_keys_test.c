/* SPDX-License-Identifier: MIT */
/* The table agrees with itself and with docs/configuration.md, in both directions. */
#include "config/option_keys.h"

#include "base/strbuf.h"
#include "base/sys.h"
#include "test.h"

static struct strbuf doc;

static int read_doc(void **state)
{
    char path[4096];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/../docs/configuration.md", getenv("ORBITON_TESTS"));
    strbuf_init(&doc, 1024 * 1024);
    return sys_read_file(str_from(path), &doc);
}

static int free_doc(void **state)
{
    (void)state;
    strbuf_finish(&doc);
    return 0;
}

/* The section of a table; an empty one if there is none. */
static struct str find_section(const char *table)
{
    char heading[64];
    struct str text = strbuf_str(&doc);

    (void)snprintf(heading, sizeof(heading), "## [%s]\n", table);
    size_t at = str_find_str(text, str_from(heading));

    if (at == STR_NONE) {
        return (struct str){ 0 };
    }
    text = str_skip(text, at + strlen(heading));
    return str_sub(text, 0, str_find_str(text, STR("\n## ")));
}

static struct str find_row(struct str section, const char *key)
{
    char start[64];

    (void)snprintf(start, sizeof(start), "\n| `%s` |", key);
    size_t at = str_find_str(section, str_from(start));

    if (at == STR_NONE) {
        return (struct str){ 0 };
    }
    section = str_skip(section, at + 1);
    return str_sub(section, 0, str_find(section, '\n'));
}

static bool holds(struct str text, const char *before, const char *name, const char *after)
{
    char needle[128];

    (void)snprintf(needle, sizeof(needle), "%s%s%s", before, name, after);
    return str_find_str(text, str_from(needle)) != STR_NONE;
}

TEST(every_key_stands_in_the_documentation_with_its_variable_and_flag)
{
    for (size_t i = 0; i < OPTION_KEYS; i++) {
        const struct option_key *key = &option_keys[i];
        struct str row = strbuf_str(&doc);

        if (key->table) {
            row = find_row(find_section(key->table), key->key);
            if (row.len == 0) {
                fail_msg("%s.%s is not documented", key->table, key->key);
            }
        }
        if (key->env && !holds(row, "`", key->env, "`")) {
            fail_msg("%s is not documented", key->env);
        }
        if (key->flag && !holds(row, key->negative ? "`--no-" : "`--", key->flag, "")) {
            fail_msg("--%s is not documented", key->flag);
        }
    }
}

TEST(every_documented_key_is_read)
{
    static const char *const tables[] = { "project", "dev_server", "hmr", "build" };
    size_t rows = 0;
    size_t keys = 0;

    for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
        struct str rest = find_section(tables[t]);

        while (rest.len > 0) {
            struct str line;
            struct str name;

            str_cut(rest, '\n', &line, &rest);
            if (!str_starts(line, STR("| `"))) {
                continue;
            }
            str_cut(str_skip(line, 3), '`', &name, &line);
            bool known = false;

            for (size_t i = 0; i < OPTION_KEYS; i++) {
                known = known ||
                        (option_keys[i].table && strcmp(option_keys[i].table, tables[t]) == 0 &&
                                str_eq(name, str_from(option_keys[i].key)));
            }
            if (!known) {
                fail_msg("%s.%.*s is documented and not read", tables[t], STR_FMT(name));
            }
            rows++;
        }
    }
    for (size_t i = 0; i < OPTION_KEYS; i++) {
        keys += option_keys[i].table != NULL;
    }
    assert_int_equal(rows, keys);
}

TEST(no_name_is_given_twice)
{
    for (size_t i = 0; i < OPTION_KEYS; i++) {
        const struct option_key *a = &option_keys[i];

        assert_non_null(a->help);
        assert_true(a->table || a->flag);
        for (size_t k = 0; k < i; k++) {
            const struct option_key *b = &option_keys[k];

            assert_false(a->flag && b->flag && strcmp(a->flag, b->flag) == 0);
            assert_false(a->letter && a->letter == b->letter);
            assert_false(a->env && b->env && strcmp(a->env, b->env) == 0);
            assert_false(a->table && b->table && strcmp(a->table, b->table) == 0 &&
                         strcmp(a->key, b->key) == 0);
            assert_true(a->offset != b->offset);
        }
    }
}

TEST(documented_numbers_are_the_defaults)
{
    struct options o;

    options_init(&o);

    assert_int_equal(o.port, 8000);
    assert_int_equal(o.debounce_ms, 50);
    for (size_t i = 0; i < OPTION_KEYS; i++) {
        const struct option_key *key = &option_keys[i];

        if (key->type == OPTION_BOOL) {
            bool on = *((const char *)&o + key->offset);

            assert_string_equal(key->fallback, on ? "true" : "false");
        }
        if (key->type == OPTION_BOOL && key->table) {
            struct str row = find_row(find_section(key->table), key->key);

            assert_true(holds(row, "| ", key->fallback, " |"));
        }
    }
    options_finish(&o);
}

/* Gives the key another value, of whatever type it is. */
static void change(struct options *o, const struct option_key *key)
{
    const char *expected;
    const struct str item = STR("A=b");
    bool on = false;

    switch (key->type) {
    case OPTION_BOOL:
        memcpy(&on, (char *)o + key->offset, sizeof(on));
        assert_true(option_set_bool(o, key, !on));
        break;
    case OPTION_PORT:
    case OPTION_MS: assert_true(option_set_number(o, key, 77, &expected)); break;
    case OPTION_TEXT: assert_true(option_set_text(o, key, STR("other"), &expected)); break;
    case OPTION_LIST: assert_true(option_set_list(o, key, &STR("other"), 1, &expected)); break;
    case OPTION_ENV: assert_true(option_set_list(o, key, &item, 1, &expected)); break;
    case OPTION_HEADERS:
        o->headers = arena_array(&o->arena, struct options_header, 1);
        o->headers[0] = (struct options_header){ STR("X-A"), STR("b") };
        o->header_count = 1;
        break;
    case OPTION_PROXIES:
        o->proxies = arena_array(&o->arena, struct options_proxy, 1);
        o->proxies[0] = (struct options_proxy){ .path = STR("/api"), .target = STR("http://a") };
        o->proxy_count = 1;
        break;
    }
}

TEST(a_changed_value_differs_for_its_own_key_only)
{
    for (size_t i = 0; i < OPTION_KEYS; i++) {
        struct options a;
        struct options b;

        options_init(&a);
        options_init(&b);
        change(&b, &option_keys[i]);
        for (size_t k = 0; k < OPTION_KEYS; k++) {
            assert_int_equal(option_is_equal(&a, &b, &option_keys[k]), k != i);
        }
        change(&a, &option_keys[i]); /* equal again, by value: the texts are copies */
        assert_true(option_is_equal(&a, &b, &option_keys[i]));
        options_finish(&a);
        options_finish(&b);
    }
}

TEST(each_part_of_a_value_counts)
{
    const struct option_key *headers = NULL;
    const struct option_key *folders = NULL;
    struct options_header one = { STR("X-A"), STR("1") };
    struct options_header two = { STR("X-A"), STR("2") };
    struct options a;
    struct options b;

    for (size_t i = 0; i < OPTION_KEYS; i++) {
        headers = option_keys[i].type == OPTION_HEADERS ? &option_keys[i] : headers;
        folders = str_eq(str_from(option_keys[i].key), STR("static_dirs")) ? &option_keys[i]
                                                                           : folders;
    }
    options_init(&a);
    options_init(&b);
    a.headers = &one;
    b.headers = &two;
    a.header_count = b.header_count = 1;
    assert_false(option_is_equal(&a, &b, headers));
    two = (struct options_header){ STR("X-B"), STR("1") };
    assert_false(option_is_equal(&a, &b, headers));
    b.static_dirs_given = true; /* none is not the same as nothing said */
    assert_false(option_is_equal(&a, &b, folders));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(every_key_stands_in_the_documentation_with_its_variable_and_flag),
        CASE(every_documented_key_is_read),
        CASE(no_name_is_given_twice),
        CASE(documented_numbers_are_the_defaults),
        CASE(a_changed_value_differs_for_its_own_key_only),
        CASE(each_part_of_a_value_counts),
    };

    return cmocka_run_group_tests(cases, read_doc, free_doc);
}
