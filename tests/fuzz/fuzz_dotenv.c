/* SPDX-License-Identifier: MIT */
/*
 * .env files. Values stay within their limit, reading twice gives the same, the text for the page
 * is JSON that holds exactly the names with the prefix, and values in single quotes come back as
 * they are.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "resolve/dotenv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_json(struct dotenv *env, struct arena *a)
{
    struct str prefix = STR("V");
    struct str json = dotenv_json(env, a, STR("development"), STR("/"), &prefix, 1);
    json_t *root = json_loadb(json.ptr, json.len, JSON_ALLOW_NUL, NULL);
    size_t shown = 5;

    check(root != NULL);
    for (size_t i = 0; i < dotenv_count(env); i++) {
        struct str name = dotenv_name(env, i);
        bool has = json_object_get(root, arena_cstr(a, name)) != NULL;

        check(name.len > 0);
        shown += str_starts(name, prefix);
        check(!str_starts(name, prefix) || has);
    }
    check(json_object_size(root) == shown && memchr(json.ptr, '<', json.len) == NULL);
    json_decref(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct arena a = { 0 };
    struct dotenv *first = dotenv_create(&a);
    struct dotenv *second = dotenv_create(&a);
    struct dotenv *quoted = dotenv_create(&a);
    struct str value;
    struct str again = STR("");

    dotenv_parse(first, text);
    dotenv_parse(second, text);
    dotenv_parse(second, text);
    check(dotenv_count(first) == dotenv_count(second));
    for (size_t i = 0; i < dotenv_count(first); i++) {
        struct str name = dotenv_name(first, i);

        check(dotenv_get(first, name, &value) && dotenv_get(second, name, &again));
        check(value.len <= DOTENV_VALUE_MAX && str_eq(value, again));
        if (str_find(value, '\'') == STR_NONE && str_find(value, '\\') == STR_NONE) {
            dotenv_parse(quoted, arena_printf(&a, "Q='%.*s'", STR_FMT(value)));
            check(dotenv_get(quoted, STR("Q"), &again));
            check(str_find(value, '\0') != STR_NONE || str_eq(value, again));
        }
    }
    check_json(first, &a);
    arena_finish(&a);
    return 0;
}
