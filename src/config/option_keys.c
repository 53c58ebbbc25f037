/* SPDX-License-Identifier: MIT */
#include "config/option_keys.h"

#include <string.h>

#include "base/path.h"

#define AT(field) offsetof(struct options, field)

// clang-format off
const struct option_key option_keys[OPTION_KEYS] = {
    { "project", "name", "ORBITON_NAME", NULL, 0, false, OPTION_TEXT, CHECK_NONE,
      AT(project_name), "NAME", "the folder's name",
      "the project's name, as the page's badge and the status show it" },

    { "dev_server", "port", "ORBITON_PORT", "port", 'p', false, OPTION_PORT, CHECK_NONE, AT(port),
      "N", "8000", "the port; if busy, the next free one; 0: any free one" },
    { "dev_server", "strict_port", "ORBITON_STRICT_PORT", "strict-port", 0, false, OPTION_BOOL,
      CHECK_NONE, AT(strict_port), NULL, "false", "fail when the port is in use" },
    { "dev_server", "host", "ORBITON_HOST", "host", 0, false, OPTION_TEXT, CHECK_HOST, AT(host),
      "[H]", "this machine only", "the address to listen on; alone: every address" },
    { "dev_server", "allowed_hosts", "ORBITON_ALLOWED_HOSTS", NULL, 0, false, OPTION_LIST,
      CHECK_HOST, AT(allowed_hosts), NULL, "none", "more names that the Host header may have" },
    { "dev_server", "auto_open", "ORBITON_OPEN", "open", 'o', false, OPTION_BOOL, CHECK_NONE,
      AT(open), NULL, "false", "open the page in the browser" },
    { "dev_server", "static_dirs", "ORBITON_STATIC_DIRS", NULL, 0, false, OPTION_LIST, CHECK_PATH,
      AT(static_dirs), NULL, "public, static", "folders searched after the project's root" },
    { "dev_server", "headers", NULL, NULL, 0, false, OPTION_HEADERS, CHECK_NONE, AT(headers),
      NULL, "none", "header fields added to every file" },
    { "dev_server", "proxy", NULL, NULL, 0, false, OPTION_PROXIES, CHECK_NONE, AT(proxies),
      NULL, "none", "paths that another server answers" },

    { "hmr", "enabled", "ORBITON_HMR", "hmr", 0, true, OPTION_BOOL, CHECK_NONE, AT(hmr), NULL,
      "true", "update running pages; off: a plain file server" },
    { "hmr", "hot_only", "ORBITON_HOT_ONLY", "hot-only", 0, false, OPTION_BOOL, CHECK_NONE,
      AT(hot_only), NULL, "false", "never reload a page; say what would have needed it" },
    { "hmr", "debounce_ms", "ORBITON_DEBOUNCE_MS", NULL, 0, false, OPTION_MS, CHECK_NONE,
      AT(debounce_ms), NULL, "50", "rest between two builds, in milliseconds" },
    { "hmr", "ignore_patterns", "ORBITON_IGNORE_PATTERNS", NULL, 0, false, OPTION_LIST, CHECK_NONE,
      AT(ignore_patterns), NULL, "none", "files not watched, written as in .gitignore" },
    { "hmr", "show_notifications", "ORBITON_SHOW_NOTIFICATIONS", NULL, 0, true, OPTION_BOOL,
      CHECK_NONE, AT(show_notifications), NULL, "true", "the status badge in the page" },
    { "hmr", "overlay", "ORBITON_OVERLAY", NULL, 0, true, OPTION_BOOL, CHECK_NONE, AT(overlay),
      NULL, "true", "errors over the page" },

    { "build", "command", "ORBITON_BUILD_COMMAND", NULL, 0, false, OPTION_TEXT, CHECK_NONE,
      AT(build_command), NULL, "cargo, if there is a Cargo.toml", "the build's command line" },
    { "build", "inputs", NULL, NULL, 0, false, OPTION_LIST, CHECK_NONE, AT(inputs), NULL, "none",
      "files that the command reads, written as in .gitignore" },
    { "build", "depfiles", NULL, NULL, 0, false, OPTION_LIST, CHECK_PATH, AT(depfiles), NULL,
      "none", "dependency files (Makefile form) that the command writes" },
    { "build", "outputs", NULL, NULL, 0, false, OPTION_LIST, CHECK_PATH, AT(outputs), NULL,
      "none", "files that the command writes" },
    { "build", "cargo_args", NULL, NULL, 0, false, OPTION_LIST, CHECK_NONE, AT(cargo_args), NULL,
      "none", "more arguments for cargo" },
    { "build", "env", NULL, NULL, 0, false, OPTION_ENV, CHECK_NONE, AT(build_env), NULL, "none",
      "environment variables for the build" },
    { "build", "release", "ORBITON_RELEASE", NULL, 0, false, OPTION_BOOL, CHECK_NONE, AT(release),
      NULL, "false", "build with cargo's release profile" },
    { "build", "use_beta_toolchain", "ORBITON_BETA", "beta", 0, false, OPTION_BOOL, CHECK_NONE,
      AT(beta), NULL, "false", "build with the beta toolchain (cargo +beta)" },

    { NULL, NULL, NULL, "dir", 0, false, OPTION_TEXT, CHECK_NONE, AT(dir), "D",
      "the current folder", "the project's folder; the same as DIR" },
    { NULL, NULL, "ORBITON_CONFIG", "config", 0, false, OPTION_TEXT, CHECK_NONE, AT(config), "F",
      "DIR/orbiton.toml", "the configuration file" },
    { NULL, NULL, "ORBITON_QUIET", "quiet", 'q', false, OPTION_BOOL, CHECK_NONE, AT(quiet), NULL,
      "false", "print only the address and errors" },
    { NULL, NULL, "ORBITON_VERBOSE", "verbose", 0, false, OPTION_BOOL, CHECK_NONE, AT(verbose),
      NULL, "false", "print more" },
    { NULL, NULL, "ORBITON_JSON", "json", 0, false, OPTION_BOOL, CHECK_NONE, AT(json), NULL,
      "false", "print one JSON object per event" },
};
// clang-format on

static void *target(struct options *o, const struct option_key *key)
{
    return (char *)o + key->offset;
}

const char *option_expected(const struct option_key *key)
{
    switch (key->type) {
    case OPTION_BOOL: return "true or false";
    case OPTION_PORT: return "a number from 0 to 65535";
    case OPTION_MS: return "a number from 0 to 60000";
    case OPTION_TEXT: return key->check == CHECK_HOST ? "a host name or address" : "a string";
    case OPTION_LIST: return "a list of strings";
    case OPTION_HEADERS:
    case OPTION_ENV: return "a table of strings";
    case OPTION_PROXIES: return "a table of targets";
    }
    return "";
}

static bool lists_are_equal(const struct str_list *a, const struct str_list *b)
{
    bool equal = a->count == b->count;

    for (size_t i = 0; equal && i < a->count; i++) {
        equal = str_eq(a->items[i], b->items[i]);
    }
    return equal;
}

static bool headers_are_equal(const struct options *a, const struct options *b)
{
    bool equal = a->header_count == b->header_count;

    for (size_t i = 0; equal && i < a->header_count; i++) {
        equal = str_eq(a->headers[i].name, b->headers[i].name) &&
                str_eq(a->headers[i].value, b->headers[i].value);
    }
    return equal;
}

static bool proxies_are_equal(const struct options *a, const struct options *b)
{
    bool equal = a->proxy_count == b->proxy_count;

    for (size_t i = 0; equal && i < a->proxy_count; i++) {
        const struct options_proxy *one = &a->proxies[i];
        const struct options_proxy *other = &b->proxies[i];

        equal = str_eq(one->path, other->path) && str_eq(one->target, other->target) &&
                str_eq(one->strip, other->strip) && str_eq(one->headers, other->headers) &&
                one->change_origin == other->change_origin && one->ws == other->ws;
    }
    return equal;
}

bool option_is_equal(const struct options *a, const struct options *b, const struct option_key *key)
{
    const void *left = (const char *)a + key->offset;
    const void *right = (const char *)b + key->offset;

    switch (key->type) {
    case OPTION_BOOL: return *(const bool *)left == *(const bool *)right;
    case OPTION_PORT: return *(const uint16_t *)left == *(const uint16_t *)right;
    case OPTION_MS: return *(const unsigned *)left == *(const unsigned *)right;
    case OPTION_TEXT: return str_eq(*(const struct str *)left, *(const struct str *)right);
    case OPTION_LIST:
    case OPTION_ENV:
        return lists_are_equal(left, right) &&
               (key->offset != AT(static_dirs) || a->static_dirs_given == b->static_dirs_given);
    case OPTION_HEADERS: return headers_are_equal(a, b);
    case OPTION_PROXIES: return proxies_are_equal(a, b);
    }
    return false;
}

bool option_set_bool(struct options *o, const struct option_key *key, bool value)
{
    if (key->type != OPTION_BOOL) {
        return false;
    }
    memcpy(target(o, key), &value, sizeof(value));
    return true;
}

bool option_set_number(
        struct options *o, const struct option_key *key, uint64_t value, const char **ret_expected)
{
    uint64_t max = key->type == OPTION_PORT ? 65535 : 60000;

    if ((key->type != OPTION_PORT && key->type != OPTION_MS) || value > max) {
        *ret_expected = option_expected(key);
        return false;
    }
    if (key->type == OPTION_PORT) {
        memcpy(target(o, key), &(uint16_t){ (uint16_t)value }, sizeof(uint16_t));
    } else {
        memcpy(target(o, key), &(unsigned){ (unsigned)value }, sizeof(unsigned));
    }
    return true;
}

static bool is_host(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!letter && (c == '\0' || !strchr(".-_:[]%*", c))) {
            return false;
        }
    }
    return s.len <= 253;
}

bool option_take_text(struct options *o, const struct option_key *key, struct str value,
        struct str *ret, const char **ret_expected)
{
    if (value.len > OPTION_TEXT_MAX || str_find(value, '\0') != STR_NONE) {
        *ret_expected = "a string of at most 16 KiB without zero bytes";
        return false;
    }
    switch (key->check) {
    case CHECK_NONE: break;
    case CHECK_HOST:
        if (!is_host(value) || value.len == 0) {
            *ret_expected = "a host name or address";
            return false;
        }
        break;
    case CHECK_PATH:
        if (!path_normalise(&o->arena, value, ret)) {
            *ret_expected = "a path inside the project, relative to its root";
            return false;
        }
        return true;
    }
    *ret = arena_str(&o->arena, value);
    return true;
}

bool option_set_text(struct options *o, const struct option_key *key, struct str value,
        const char **ret_expected)
{
    struct str text;

    if (key->type != OPTION_TEXT) {
        *ret_expected = option_expected(key);
        return false;
    }
    if (!option_take_text(o, key, value, &text, ret_expected)) {
        return false;
    }
    memcpy(target(o, key), &text, sizeof(text));
    return true;
}

bool option_set_list(struct options *o, const struct option_key *key, const struct str *items,
        size_t count, const char **ret_expected)
{
    if ((key->type != OPTION_LIST && key->type != OPTION_ENV) || count > OPTION_ITEMS_MAX) {
        *ret_expected = count > OPTION_ITEMS_MAX ? "at most 1000 items" : option_expected(key);
        return false;
    }
    struct str_list list = { arena_array(&o->arena, struct str, count), count };

    for (size_t i = 0; i < count; i++) {
        if (!option_take_text(o, key, items[i], &list.items[i], ret_expected)) {
            return false;
        }
    }
    memcpy(target(o, key), &list, sizeof(list));
    if (key->offset == AT(static_dirs)) {
        o->static_dirs_given = true;
    }
    return true;
}

static bool parse_bool(struct str text, bool *ret)
{
    static const char *const words[] = { "false", "0", "no", "off", "true", "1", "yes", "on" };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_ieq(text, str_from(words[i]))) {
            *ret = i >= 4;
            return true;
        }
    }
    return false;
}

/* "a, b" for a variable; spaces around the items do not count, empty ones are dropped. */
static bool set_comma_list(
        struct options *o, const struct option_key *key, struct str text, const char **ret_expected)
{
    struct str items[OPTION_ITEMS_MAX];
    size_t count = 0;
    struct str rest = text;

    while (rest.len > 0) {
        struct str item;

        str_cut(rest, ',', &item, &rest);
        item = str_trim(item);
        if (item.len == 0) {
            continue;
        }
        if (count == OPTION_ITEMS_MAX) {
            *ret_expected = "at most 1000 items";
            return false;
        }
        items[count++] = item;
    }
    return option_set_list(o, key, items, count, ret_expected);
}

bool option_set_from_text(
        struct options *o, const struct option_key *key, struct str text, const char **ret_expected)
{
    bool on;
    uint64_t number;

    *ret_expected = option_expected(key);
    switch (key->type) {
    case OPTION_BOOL: return parse_bool(text, &on) && option_set_bool(o, key, on);
    case OPTION_PORT:
    case OPTION_MS:
        return str_parse_u64(text, &number) && option_set_number(o, key, number, ret_expected);
    case OPTION_TEXT: return option_set_text(o, key, text, ret_expected);
    case OPTION_LIST: return set_comma_list(o, key, text, ret_expected);
    case OPTION_HEADERS:
    case OPTION_PROXIES:
    case OPTION_ENV: break; /* only in the file */
    }
    return false;
}
