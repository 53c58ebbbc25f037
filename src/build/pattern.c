/* SPDX-License-Identifier: MIT */
/*
 * See pattern.h. Matching backtracks to the last '*' only, so its time is at most the product of
 * both lengths; "**" recurses a part at a time, with a bound on how often it may stand in one
 * pattern.
 */
#include "build/pattern.h"

enum { STARS_MAX = 8 };

/* Whether `c` is in the class that begins behind "["; *ret_end is behind its "]". */
static bool in_class(struct str glob, size_t i, char c, size_t *ret_end)
{
    bool negated = i < glob.len && (glob.ptr[i] == '!' || glob.ptr[i] == '^');
    bool found = false;
    size_t first;

    i += negated;
    first = i;
    while (i < glob.len && (glob.ptr[i] != ']' || i == first)) {
        unsigned char low = (unsigned char)glob.ptr[i];
        unsigned char high = low;

        if (i + 2 < glob.len && glob.ptr[i + 1] == '-' && glob.ptr[i + 2] != ']') {
            high = (unsigned char)glob.ptr[i + 2];
            i += 2;
        }
        found = found || ((unsigned char)c >= low && (unsigned char)c <= high);
        i++;
    }
    *ret_end = i + 1;
    return i < glob.len && found != negated;
}

bool pattern_match_name(struct str glob, struct str name)
{
    size_t g = 0;
    size_t n = 0;
    size_t star = STR_NONE;
    size_t star_n = 0;

    while (n < name.len) {
        size_t end = g + 1;
        bool matches = false;

        if (g < glob.len && glob.ptr[g] == '*') {
            star = g++;
            star_n = n;
            continue;
        }
        if (g < glob.len) {
            char c = glob.ptr[g];

            if (c == '?') {
                matches = true;
            } else if (c == '[') {
                matches = in_class(glob, g + 1, name.ptr[n], &end);
            } else if (c == '\\' && g + 1 < glob.len) {
                matches = glob.ptr[g + 1] == name.ptr[n];
                end = g + 2;
            } else {
                matches = c == name.ptr[n];
            }
        }
        if (matches) {
            g = end;
            n++;
        } else if (star != STR_NONE) {
            g = star + 1;
            n = ++star_n;
        } else {
            return false;
        }
    }
    while (g < glob.len && glob.ptr[g] == '*') {
        g++;
    }
    return g == glob.len;
}

/* Part by part; true also when `path` lies below what the pattern names. */
static bool match_parts(struct str glob, struct str path, int stars)
{
    struct str part;
    struct str name;

    if (glob.len == 0) {
        return true;
    }
    (void)str_cut(glob, '/', &part, &glob);
    if (str_eq(part, STR("**"))) {
        if (glob.len == 0) {
            return path.len > 0;
        }
        for (; stars < STARS_MAX && path.len > 0; (void)str_cut(path, '/', &name, &path)) {
            if (match_parts(glob, path, stars + 1)) {
                return true;
            }
        }
        return false;
    }
    if (path.len == 0) {
        return false;
    }
    (void)str_cut(path, '/', &name, &path);
    return pattern_match_name(part, name) && match_parts(glob, path, stars);
}

static bool match_one(struct str glob, struct str path)
{
    bool only_folder = str_ends(glob, STR("/"));
    struct str name;
    bool more;

    if (only_folder) {
        glob = str_sub(glob, 0, glob.len - 1);
    }
    if (str_find(glob, '/') != STR_NONE) {
        glob = str_starts(glob, STR("/")) ? str_skip(glob, 1) : glob;
        if (only_folder) {
            /* The path itself is a file, so only a true folder above it counts. */
            size_t slash = str_rfind(path, '/');

            return glob.len > 0 && slash != STR_NONE &&
                   match_parts(glob, str_sub(path, 0, slash), 0);
        }
        return glob.len > 0 && match_parts(glob, path, 0);
    }
    do {
        more = str_cut(path, '/', &name, &path);
        if ((more || !only_folder) && pattern_match_name(glob, name)) {
            return true;
        }
    } while (more);
    return false;
}

bool pattern_list_match(const struct str *patterns, size_t count, struct str path)
{
    for (size_t i = count; i-- > 0;) {
        struct str p = patterns[i];
        bool taken_back = str_starts(p, STR("!"));

        p = taken_back ? str_skip(p, 1) : p;
        p = str_starts(p, STR("./")) ? str_skip(p, 1) : p;
        if (p.len > 0 && match_one(p, path)) {
            return !taken_back;
        }
    }
    return false;
}

bool pattern_is_glob(struct str text)
{
    return str_find(text, '*') != STR_NONE || str_find(text, '?') != STR_NONE ||
           str_find(text, '[') != STR_NONE || str_starts(text, STR("!")) ||
           str_ends(text, STR("/"));
}
