/* SPDX-License-Identifier: MIT */
/*
 * Import maps. The first line is a specifier, the second the importer's URL, the rest the map.
 * Asking twice gives the same; merging a map with itself changes no answer; a URL of our own begins
 * with a slash and has no dot segment; an answer through a map with prefixes stays a URL.
 */
#include <stdlib.h>

#include "resolve/import_map.h"
#include "resolve/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_url(struct arena *a, struct str url)
{
    struct str again;
    struct str path;
    struct str query;
    struct str fragment;
    enum url_form form = url_join(a, STR("/"), STR(""), url, &again);

    if (!str_starts(url, STR("/"))) {
        check(url_has_scheme(url) && form != URL_BAD);
        return;
    }
    url_split(url, &path, &query, &fragment);
    for (struct str part; path.len > 0;) {
        str_cut(path, '/', &part, &path);
        check(!str_eq(part, STR(".")) && !str_eq(part, STR("..")));
    }
    /* Two slashes in front would be a host if the URL were read again. */
    check(str_starts(url, STR("//")) || (form == URL_OWN && str_eq(again, url)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct str specifier;
    struct str importer;
    struct str error = STR("");
    struct arena a = { 0 };

    str_cut(text, '\n', &specifier, &text);
    str_cut(text, '\n', &importer, &text);
    if (!str_starts(importer, STR("/"))) {
        importer = STR("/a/b.js");
    }
    struct import_map *map = import_map_parse(&a, text, STR("/app/"), STR("http://own"), &error);

    if (map) {
        struct str url = STR("");
        struct str again = STR("");
        enum import_map_answer answer = import_map_resolve(map, specifier, importer, &a, &url);

        if (answer == IMPORT_MAP_URL) {
            check_url(&a, url);
        }
        import_map_merge(
                &a, map, import_map_parse(&a, text, STR("/app/"), STR("http://own"), &error));
        check(import_map_resolve(map, specifier, importer, &a, &again) == answer);
        check(answer != IMPORT_MAP_URL || str_eq(url, again));
    } else {
        check(error.len > 0);
    }
    arena_finish(&a);
    return 0;
}
