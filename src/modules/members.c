/* SPDX-License-Identifier: MIT */
#include "modules/members.h"

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

/* Whether what stands before a name makes it a member of something else. */
static bool is_member(struct str before)
{
    return str_ends(before, STR(".")) && !str_ends(before, STR("..."));
}

static size_t add_members(struct str text, struct str local, struct str ret[MEMBERS_MAX])
{
    size_t count = 0;
    size_t at = 0;

    while (count < MEMBERS_MAX && (at = str_find_word(text, local, at)) != STR_NONE) {
        bool is_other = is_member(str_sub(text, 0, at));

        at += local.len;
        struct str member = is_other ? STR("") : member_at(str_skip(text, at));

        if (member.len > 0 && !str_eq(member, STR("default")) && !has(ret, count, member)) {
            ret[count++] = member;
        }
    }
    return count;
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
    return str_sort_once(*ret, asked);
}
