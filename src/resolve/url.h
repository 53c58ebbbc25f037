/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_URL_H
#define ORBITON_RESOLVE_URL_H

/*
 * References and bases, as the URL standard joins them, for what resolution
 * needs: a URL of the page's own origin is written without it ("/a%20b.js?x#y"),
 * every other one is absolute. Pure; percent-encoded bytes stay as they are written.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

enum url_form {
    URL_BAD,      /* no URL */
    URL_OWN,      /* of the page's origin */
    URL_ABSOLUTE, /* of another one, or of another scheme */
};

/*
 * Joins a reference to a base ("/..." or absolute) and gives the URL in `a`. `origin` may be empty;
 * an absolute result that begins with it becomes URL_OWN.
 */
enum url_form url_join(
        struct arena *a, struct str base, struct str origin, struct str reference, struct str *ret);

/* Whether the text begins with a scheme and a colon. */
bool url_has_scheme(struct str text);

/* Whether the URL has hosts and folders: http and its kin; one of our own origin has. */
bool url_is_special(struct str url);

/* Whether the specifier is one that a module loader takes as a URL without a map: "./x", "../x",
 * "/x" or one with a scheme. */
bool url_is_like(struct str specifier);

/* Cuts "path?query#fragment"; query and fragment keep their signs. */
void url_split(
        struct str url, struct str *ret_path, struct str *ret_query, struct str *ret_fragment);

/* Percent-decodes a path in `a`; an incomplete triplet stays as it is. */
struct str url_decode(struct arena *a, struct str path);

#endif
