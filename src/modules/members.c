/* SPDX-License-Identifier: MIT */
#include "modules/members.h"

#include <stdlib.h>
#include <string.h>

static struct str skip_blanks(struct str s)
{
    while (s.len > 0 && memchr(" \t\r\n", s.ptr[0], 4)) {
        s = str_skip(s, 1);
    }
    return s;
}

/* The name that `s` begins with; empty if it begins with none. */
static struct str name_at(struct str s)
{
    size_t len = 0;

    while (len < s.len && str_is_name_byte(s.ptr[len])) {
        len++;
    }
    return len > 0 && s.ptr[0] >= '0' && s.ptr[0] <= '9' ? STR("") : str_sub(s, 0, len);
}

/* M of "* as M"; empty where something else stands there. */
static struct str local_name(struct str text, size_t offset)
{
    struct str rest = offset < text.len ? str_skip(text, offset) : STR("");

    if (!str_starts(rest, STR("*"))) {
        return STR("");
    }
    rest = skip_blanks(str_skip(rest, 1));
    return str_starts(rest, STR("as")) ? name_at(skip_blanks(str_skip(rest, 2))) : STR("");
}

/* The member that is asked for behind the namespace's name. */
static struct str member_at(struct str rest)
{
    rest = skip_blanks(rest);
    if (str_starts(rest, STR("?."))) {
        return name_at(skip_blanks(str_skip(rest, 2)));
    }
    return str_starts(rest, STR(".")) ? name_at(skip_blanks(str_skip(rest, 1))) : STR("");
}

static bool has(const struct str *names, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(names[i], name)) {
            return true;
        }
    }
    return false;
}

/* Whether what stands before a name makes it a part of a longer one, or a member of something. */
static bool is_part(struct str before)
{
    char last = before.len > 0 ? before.ptr[before.len - 1] : ' ';

    return str_is_name_byte(last) || (last == '.' && !str_ends(before, STR("...")));
}

static size_t add_members(struct str text, struct str local, struct str ret[MEMBERS_MAX])
{
    size_t count = 0;
    size_t at = 0;
    size_t found;

    while (count < MEMBERS_MAX && (found = str_find_str(str_skip(text, at), local)) != STR_NONE) {
        size_t start = at + found;

        at = start + local.len;
        struct str member =
                is_part(str_sub(text, 0, start)) ? STR("") : member_at(str_skip(text, at));

        if (member.len > 0 && !str_eq(member, STR("default")) && !has(ret, count, member)) {
            ret[count++] = member;
        }
    }
    return count;
}

static int compare(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

size_t members_sort_once(struct str *names, size_t count)
{
    size_t kept = 0;

    if (count > 1) {
        qsort(names, count, sizeof(*names), compare);
    }
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !str_eq(names[kept - 1], names[i])) {
            names[kept++] = names[i];
        }
    }
    return kept;
}

size_t members_asked(struct arena *a, struct str text, size_t offset,
        const struct imported_name *names, size_t count, struct str **ret)
{
    struct str local = STR("");
    size_t asked = 0;

    for (size_t i = 0; i < count; i++) {
        if (str_eq(names[i].name, STR("*"))) {
            local = names[i].offset < offset ? local : local_name(text, names[i].offset - offset);
        }
    }
    *ret = arena_array(a, struct str, count + (local.len > 0 ? MEMBERS_MAX : 1));
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(names[i].name, STR("default")) && !str_eq(names[i].name, STR("*"))) {
            (*ret)[asked++] = names[i].name;
        }
    }
    if (local.len > 0) {
        asked += add_members(text, local, *ret + asked);
    }
    return members_sort_once(*ret, asked);
}
