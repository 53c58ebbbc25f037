/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_CONFIG_TOML_H
#define ORBITON_CONFIG_TOML_H

/*
 * TOML text into a tree with the place of every key and value. The parser
 * behind it (toml++) is the only C++ in the program; nothing of it shows here.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum {
    TOML_TEXT_MAX = 256 * 1024,
    TOML_DOTS_MAX = 8, /* in one key: each dot is a level that the parser recurses into */
};

enum toml_type {
    TOML_STRING,
    TOML_INTEGER,
    TOML_FLOAT,
    TOML_BOOL,
    TOML_DATE,
    TOML_ARRAY,
    TOML_TABLE,
};

struct toml_node {
    struct str key;    /* empty for an array's item and for the root */
    unsigned key_line; /* from 1; of the value where there is no key */
    unsigned key_col;
    unsigned line;
    unsigned col;
    enum toml_type type;
    struct str text;         /* TOML_STRING */
    int64_t integer;         /* TOML_INTEGER */
    bool boolean;            /* TOML_BOOL */
    struct toml_node *items; /* TOML_ARRAY and TOML_TABLE, in the order of the text */
    size_t count;
};

struct toml_error {
    struct str text;
    unsigned line;
    unsigned col;
};

/* The root table in `a`, or NULL with *ret_error (its text is in `a`, too). */
struct toml_node *toml_parse(struct arena *a, struct str text, struct toml_error *ret_error);

/* "a string", "an integer", ... for messages. */
const char *toml_type_name(enum toml_type type);

#endif
