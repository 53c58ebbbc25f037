/* SPDX-License-Identifier: MIT */
/*
 * The file's keys into struct options. Pure. All problems of a file are
 * reported, each with its place, not only the first: a person mends a file once.
 */
#include <string.h>

#include "base/strbuf.h"
#include "config/option_keys.h"
#include "config/options.h"
#include "config/toml.h"
#include "http/http_forward.h"
#include "http/http_pattern.h"

struct reader {
    struct options *options;
    struct str name;
    struct str text;
    struct diag_list *diags;
};

static void complain(
        struct reader *r, unsigned line, unsigned col, struct str text, struct str hint)
{
    struct arena_mark mark = arena_get_mark(&r->options->arena);
    struct diag d = {
        .severity = DIAG_ERROR,
        .path = r->name,
        .line = line,
        .col = col,
        .text = text,
        .hint = hint,
    };

    if (line > 0) {
        d.frame = diag_frame(&r->options->arena, r->text, line, col);
    }
    diag_list_add(r->diags, &d);
    arena_rewind(&r->options->arena, mark);
}

/* Names are quoted as they are: whoever prints a diagnostic makes it printable. */
static struct str quote(struct reader *r, struct str s)
{
    return arena_printf(
            &r->options->arena, "%.*s%s", STR_FMT(str_sub(s, 0, 80)), s.len > 80 ? "..." : "");
}

static void complain_unknown(struct reader *r, const struct toml_node *node, const char *what,
        struct str where, const struct str *names, size_t count)
{
    struct arena *a = &r->options->arena;
    struct str nearest = str_nearest(node->key, names, count);
    struct strbuf list;
    struct str hint;

    strbuf_init(&list, 4096);
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(&list, "%s%.*s", i > 0 ? ", " : "", STR_FMT(names[i]));
    }
    if (nearest.len > 0) {
        hint = arena_printf(a, "did you mean %.*s?", STR_FMT(nearest));
    } else {
        hint = arena_printf(a, "known here: %.*s", STR_FMT(strbuf_str(&list)));
    }
    strbuf_finish(&list);
    complain(r, node->key_line, node->key_col,
            arena_printf(a, "unknown %s %.*s%.*s%s", what, STR_FMT(quote(r, node->key)),
                    STR_FMT(where), where.len > 0 ? "]" : ""),
            hint);
}

static void complain_type(
        struct reader *r, const struct toml_node *node, struct str key, const char *expected)
{
    struct arena *a = &r->options->arena;
    struct str found = str_from(toml_type_name(node->type));

    if (node->type == TOML_INTEGER) {
        found = arena_printf(a, "%lld", (long long)node->integer);
    } else if (node->type == TOML_STRING) {
        found = arena_printf(a, "\"%.*s\"", STR_FMT(quote(r, node->text)));
    } else if (node->type == TOML_BOOL) {
        found = str_from(node->boolean ? "true" : "false");
    }
    complain(r, node->line, node->col,
            arena_printf(a, "%.*s must be %s, not %.*s", STR_FMT(key), expected, STR_FMT(found)),
            (struct str){ 0 });
}

static void read_list(struct reader *r, const struct option_key *key, const struct toml_node *node)
{
    struct arena *a = &r->options->arena;
    const char *expected = option_expected(key);
    struct str name = str_from(key->key);

    if (node->type != TOML_ARRAY) {
        complain_type(r, node, name, expected);
        return;
    }
    struct str *items = arena_array(a, struct str, node->count);

    for (size_t i = 0; i < node->count; i++) {
        struct str checked;

        if (node->items[i].type != TOML_STRING) {
            complain_type(r, &node->items[i], name, expected);
            return;
        }
        items[i] = node->items[i].text;
        /* Each item alone first, so that a wrong one is named with its place. */
        if (!option_take_text(r->options, key, items[i], &checked, &expected)) {
            complain_type(r, &node->items[i], arena_printf(a, "an item of %s", key->key), expected);
            return;
        }
    }
    if (!option_set_list(r->options, key, items, node->count, &expected)) {
        complain_type(r, node, name, expected);
    }
}

static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!letter && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c))) {
            return false;
        }
    }
    return s.len > 0;
}

static bool is_field_value(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Fields that frame the message: another value would make answers unreadable. */
static bool is_framing(struct str name)
{
    static const char *const names[] = { "connection", "content-length", "content-range", "date",
        "keep-alive", "transfer-encoding", "upgrade" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_ieq(name, str_from(names[i]))) {
            return true;
        }
    }
    return false;
}

/* A table of header fields; *ret_count of them are good. */
static struct options_header *read_fields(
        struct reader *r, const char *name, const struct toml_node *node, size_t *ret_count)
{
    struct arena *a = &r->options->arena;
    size_t count = 0;

    *ret_count = 0;
    if (node->type != TOML_TABLE || node->count > OPTION_ITEMS_MAX) {
        complain_type(r, node, str_from(name), "a table of strings");
        return NULL;
    }
    struct options_header *headers = arena_array(a, struct options_header, node->count);

    for (size_t i = 0; i < node->count; i++) {
        const struct toml_node *item = &node->items[i];

        if (!is_token(item->key)) {
            complain(r, item->key_line, item->key_col,
                    arena_printf(
                            a, "%.*s is not a header field's name", STR_FMT(quote(r, item->key))),
                    (struct str){ 0 });
        } else if (is_framing(item->key)) {
            complain(r, item->key_line, item->key_col,
                    arena_printf(a, "%.*s is set by the server itself", STR_FMT(item->key)),
                    STR("remove the line"));
        } else if (item->type != TOML_STRING || !is_field_value(item->text) ||
                   item->text.len > OPTION_TEXT_MAX) {
            complain_type(r, item, quote(r, item->key), "a string without control characters");
        } else {
            headers[count++] = (struct options_header){ item->key, item->text };
        }
    }
    *ret_count = count;
    return headers;
}

static bool read_switch(struct reader *r, const struct toml_node *node)
{
    if (node->type != TOML_BOOL) {
        complain_type(r, node, node->key, "true or false");
    }
    return node->type == TOML_BOOL && node->boolean;
}

static void read_target(
        struct reader *r, struct str name, const struct toml_node *node, struct options_proxy *ret)
{
    struct http_upstream to;
    const char *expected = NULL;

    if (node->type == TOML_STRING && http_upstream_parse(node->text, &to, &expected)) {
        ret->target = node->text;
    } else {
        complain_type(r, node, name, expected ? expected : "a string");
    }
}

static struct str read_proxy_headers(struct reader *r, const struct toml_node *node)
{
    size_t count = 0;
    const struct options_header *fields = read_fields(r, "headers", node, &count);
    struct strbuf text;

    strbuf_init(&text, OPTION_TEXT_MAX);
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(&text, "%.*s: %.*s\r\n", STR_FMT(fields[i].name), STR_FMT(fields[i].value));
    }
    if (text.overflow) {
        complain_type(r, node, node->key, "at most 16 KiB");
    }
    struct str made = arena_str(&r->options->arena, strbuf_str(&text));

    strbuf_finish(&text);
    return made;
}

static void read_proxy_table(
        struct reader *r, const struct toml_node *node, struct options_proxy *ret)
{
    static const struct str names[] = { STR_INIT("target"), STR_INIT("change_origin"),
        STR_INIT("ws"), STR_INIT("strip"), STR_INIT("headers") };
    bool has_target = false;

    for (size_t i = 0; i < node->count; i++) {
        const struct toml_node *item = &node->items[i];

        if (str_eq(item->key, names[0])) {
            read_target(r, names[0], item, ret);
            has_target = true;
        } else if (str_eq(item->key, names[1])) {
            ret->change_origin = read_switch(r, item);
        } else if (str_eq(item->key, names[2])) {
            ret->ws = read_switch(r, item);
        } else if (str_eq(item->key, names[3])) {
            if (item->type == TOML_STRING && str_starts(item->text, STR("/"))) {
                ret->strip = item->text;
            } else {
                complain_type(r, item, names[3], "the begin of a path, such as \"/api\"");
            }
        } else if (str_eq(item->key, names[4])) {
            ret->headers = read_proxy_headers(r, item);
        } else {
            complain_unknown(r, item, "key",
                    arena_printf(&r->options->arena, " in [dev_server.proxy.\"%.*s\"",
                            STR_FMT(quote(r, node->key))),
                    names, sizeof(names) / sizeof(names[0]));
        }
    }
    if (!has_target) {
        complain(r, node->key_line, node->key_col,
                arena_printf(
                        &r->options->arena, "%.*s has no target", STR_FMT(quote(r, node->key))),
                STR("write target = \"http://localhost:8080\""));
    }
}

static bool is_proxy_path(struct str path)
{
    struct http_pattern *pattern = http_pattern_create(path);
    bool good = pattern || str_starts(path, STR("/"));

    http_pattern_destroy(pattern);
    return good;
}

static void read_proxies(
        struct reader *r, const struct option_key *key, const struct toml_node *node)
{
    struct options *o = r->options;

    if (node->type != TOML_TABLE || node->count > OPTION_PROXIES_MAX) {
        complain_type(r, node, str_from(key->key), option_expected(key));
        return;
    }
    o->proxies = arena_array(&o->arena, struct options_proxy, node->count);
    for (size_t i = 0; i < node->count; i++) {
        const struct toml_node *item = &node->items[i];
        struct options_proxy *proxy = &o->proxies[i];

        *proxy = (struct options_proxy){ .path = item->key, .change_origin = true };
        if (!is_proxy_path(item->key)) {
            complain(r, item->key_line, item->key_col,
                    arena_printf(&o->arena, "%.*s is neither the begin of a path nor a pattern",
                            STR_FMT(quote(r, item->key))),
                    STR("write \"/api\", or \"^/(api|login)/\""));
        } else if (item->type == TOML_TABLE) {
            read_proxy_table(r, item, proxy);
        } else {
            read_target(r, quote(r, item->key), item, proxy);
        }
    }
    o->proxy_count = node->count;
}

static void read_env(struct reader *r, const struct option_key *key, const struct toml_node *node)
{
    struct arena *a = &r->options->arena;
    const char *expected = option_expected(key);

    if (node->type != TOML_TABLE) {
        complain_type(r, node, str_from(key->key), expected);
        return;
    }
    struct str *items = arena_array(a, struct str, node->count);

    for (size_t i = 0; i < node->count; i++) {
        const struct toml_node *item = &node->items[i];

        if (item->type != TOML_STRING || str_find(item->text, '\0') != STR_NONE) {
            complain_type(r, item, quote(r, item->key), "a string");
            return;
        }
        if (item->key.len == 0 || str_find(item->key, '=') != STR_NONE ||
                str_find(item->key, '\0') != STR_NONE) {
            complain(r, item->key_line, item->key_col,
                    STR("an environment variable's name has no '=' and is not empty"),
                    (struct str){ 0 });
            return;
        }
        items[i] = arena_printf(a, "%.*s=%.*s", STR_FMT(item->key), STR_FMT(item->text));
    }
    if (!option_set_list(r->options, key, items, node->count, &expected)) {
        complain_type(r, node, str_from(key->key), expected);
    }
}

static void read_value(struct reader *r, const struct option_key *key, const struct toml_node *node)
{
    const char *expected = option_expected(key);
    bool ok = false;

    switch (key->type) {
    case OPTION_BOOL:
        ok = node->type == TOML_BOOL && option_set_bool(r->options, key, node->boolean);
        break;
    case OPTION_PORT:
    case OPTION_MS:
        ok = node->type == TOML_INTEGER && node->integer >= 0 &&
             option_set_number(r->options, key, (uint64_t)node->integer, &expected);
        break;
    case OPTION_TEXT:
        ok = node->type == TOML_STRING && option_set_text(r->options, key, node->text, &expected);
        break;
    case OPTION_LIST: read_list(r, key, node); return;
    case OPTION_HEADERS:
        r->options->headers = read_fields(r, key->key, node, &r->options->header_count);
        return;
    case OPTION_PROXIES: read_proxies(r, key, node); return;
    case OPTION_ENV: read_env(r, key, node); return;
    }
    if (!ok) {
        complain_type(r, node, str_from(key->key), expected);
    }
}

static bool is_in(const struct option_key *key, struct str table)
{
    return key->table && str_eq(str_from(key->table), table);
}

static void read_table(struct reader *r, const struct toml_node *table)
{
    struct str names[OPTION_KEYS];
    size_t count = 0;

    for (size_t k = 0; k < OPTION_KEYS; k++) {
        if (is_in(&option_keys[k], table->key)) {
            names[count++] = str_from(option_keys[k].key);
        }
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct toml_node *node = &table->items[i];
        bool known = false;

        for (size_t k = 0; k < OPTION_KEYS && !known; k++) {
            if (is_in(&option_keys[k], table->key) &&
                    str_eq(str_from(option_keys[k].key), node->key)) {
                known = true;
                read_value(r, &option_keys[k], node);
            }
        }
        if (!known) {
            complain_unknown(r, node, "key",
                    arena_printf(&r->options->arena, " in [%.*s", STR_FMT(table->key)), names,
                    count);
        }
    }
}

void options_read_toml(
        struct options *options, struct str name, struct str text, struct diag_list *diags)
{
    static const struct str tables[] = { STR_INIT("project"), STR_INIT("dev_server"),
        STR_INIT("hmr"), STR_INIT("build") };
    enum { TABLES = sizeof(tables) / sizeof(tables[0]) };
    struct reader r = { options, name, text, diags };
    struct toml_error error = { 0 };
    struct toml_node *root = toml_parse(&options->arena, text, &error);

    if (!root) {
        complain(&r, error.line, error.col, error.text, (struct str){ 0 });
        return;
    }
    for (size_t i = 0; i < root->count; i++) {
        const struct toml_node *node = &root->items[i];
        bool known = false;

        for (size_t t = 0; t < TABLES; t++) {
            known = known || str_eq(tables[t], node->key);
        }
        if (known && node->type == TOML_TABLE) {
            read_table(&r, node);
            continue;
        }
        if (known) {
            complain_type(&r, node, node->key, "a table");
            continue;
        }
        /* A key that stands above its table's header is the usual slip: name the table. */
        const struct option_key *home = NULL;

        for (size_t k = 0; k < OPTION_KEYS; k++) {
            if (option_keys[k].table && str_eq(str_from(option_keys[k].key), node->key)) {
                home = &option_keys[k];
            }
        }
        if (home) {
            complain(&r, node->key_line, node->key_col,
                    arena_printf(&options->arena, "unknown key %s outside of a table", home->key),
                    arena_printf(&options->arena, "it belongs into [%s]", home->table));
        } else {
            complain_unknown(&r, node, node->type == TOML_TABLE ? "table" : "key",
                    (struct str){ 0 }, tables, TABLES);
        }
    }
}
