/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_DOTENV_H
#define ORBITON_RESOLVE_DOTENV_H

/*
 * .env files, and what of them a page may see.
 *
 * The language is that of the npm packages dotenv and dotenv-expand: NAME=value,
 * also with "export" in front or ':' for '='; values bare, or in ', " or ` over
 * several lines; \n and \r in double quotes; # comments; $NAME, ${NAME} and
 * ${NAME:-otherwise} in all values but those in single quotes; \$ is a dollar.
 *
 * Secrets stay at home: only names with one of the prefixes reach the page. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "resolve/fs.h"

enum {
    DOTENV_FILE_MAX = 256 * 1024, /* bytes of one file */
    DOTENV_NAMES_MAX = 1024,
    DOTENV_VALUE_MAX = 64 * 1024, /* bytes of one value, expanded; a longer one is cut off */
    DOTENV_TOTAL_MAX = 4 << 20,   /* bytes of all expanded values; what is behind it is empty */
    DOTENV_FILES = 4,
};

/* Names and values; a later value of a name replaces an earlier one. */
struct dotenv;

/* An empty one in `a`. */
struct dotenv *dotenv_create(struct arena *a);

/* Adds what a file says; what cannot be read is skipped. */
void dotenv_parse(struct dotenv *env, struct str text);

/* Adds one name with a value that is taken as it is: variables of the process win over files. */
void dotenv_set(struct dotenv *env, struct str name, struct str value);

/* The value, expanded; false if there is none. */
bool dotenv_get(struct dotenv *env, struct str name, struct str *ret);

size_t dotenv_count(const struct dotenv *env);
struct str dotenv_name(const struct dotenv *env, size_t index);

/* The files of a mode in the order they are read, later ones winning: .env, .env.local, .env.MODE,
 * .env.MODE.local. The names lie in `a`. */
void dotenv_files(struct arena *a, struct str mode, struct str ret[DOTENV_FILES]);

/* Reads the files of a mode that are there, in the folder `dir` ("" is the root). */
struct dotenv *dotenv_load(struct arena *a, const struct fs *fs, struct str dir, struct str mode);

/*
 * The text of import.meta.env as a JSON object that may stand in a script: MODE, DEV (true), PROD
 * and SSR (false), BASE_URL, and the names that begin with one of the prefixes, sorted. An empty
 * prefix matches nothing. In `a`.
 */
struct str dotenv_json(struct dotenv *env, struct arena *a, struct str mode, struct str base_url,
        const struct str *prefixes, size_t prefix_count);

#endif
