/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_CONFIG_OPTION_KEYS_H
#define ORBITON_CONFIG_OPTION_KEYS_H

/*
 * The one table of everything that can be set: key in the file, variable, flag,
 * type, target and help. The three readers, the help text, the "did you mean"
 * and the test of docs/configuration.md all go through it, so nothing can be
 * documented and not read, or read and not documented.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/options.h"

enum option_type {
    OPTION_BOOL,
    OPTION_PORT, /* uint16_t */
    OPTION_MS,   /* unsigned: milliseconds, at most a minute */
    OPTION_TEXT, /* struct str */
    OPTION_LIST, /* struct str_list; with commas in a variable */
    OPTION_HEADERS,
    OPTION_PROXIES,
    OPTION_ENV, /* struct str_list of NAME=value */
};

/* What a text must be beyond its type. */
enum option_check {
    CHECK_NONE,
    CHECK_HOST, /* a name or address */
    CHECK_PATH, /* relative, inside the project; kept in base/path.h's form */
};

struct option_key {
    const char *table; /* "dev_server"; NULL: not in the file */
    const char *key;
    const char *env;  /* "ORBITON_PORT"; NULL: no variable */
    const char *flag; /* "port", without dashes; NULL: no flag */
    char letter;      /* of the short flag; 0: none */
    bool negative;    /* help shows --no-FLAG, because it is on by default */
    enum option_type type;
    enum option_check check;
    size_t offset;        /* in struct options */
    const char *argument; /* "N", as help shows it; NULL for switches */
    const char *fallback; /* the default, as documented */
    const char *help;
};

enum {
    OPTION_KEYS = 28,
    OPTION_ITEMS_MAX = 1000,
    OPTION_PROXIES_MAX = 100,
    OPTION_TEXT_MAX = 16 * 1024
};

extern const struct option_key option_keys[OPTION_KEYS];

/*
 * Setters shared by the readers. False when the value is out of bounds; then *ret_expected says
 * what would have been right ("a number from 0 to 65535").
 */
bool option_set_bool(struct options *o, const struct option_key *key, bool value);
bool option_set_number(
        struct options *o, const struct option_key *key, uint64_t value, const char **ret_expected);
bool option_take_text(struct options *o, const struct option_key *key, struct str value,
        struct str *ret, const char **ret_expected); /* only checks and copies */
bool option_set_text(struct options *o, const struct option_key *key, struct str value,
        const char **ret_expected);
bool option_set_list(struct options *o, const struct option_key *key, const struct str *items,
        size_t count, const char **ret_expected);

/* From a flag's or a variable's text, by the key's type. */
bool option_set_from_text(struct options *o, const struct option_key *key, struct str text,
        const char **ret_expected);

/* Whether both have the same value for the key. */
bool option_is_equal(
        const struct options *a, const struct options *b, const struct option_key *key);

/* "a number from 0 to 65535", "true or false", ... */
const char *option_expected(const struct option_key *key);

#endif
