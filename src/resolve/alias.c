/* SPDX-License-Identifier: MIT */
/* See alias.h. What fits and what replaces is by String.prototype.replace() of ECMAScript. */
#include "resolve/alias.h"

#include <ctype.h>
#include <string.h>

#include "base/strbuf.h"

/* What a rule has found in a name: [start, end), and in it what the wildcard stands for. */
struct match {
    size_t start, end;
    size_t any_start, any_end;
};

struct alias alias_of_text(struct str find, struct str replacement)
{
    if (find.len > 1 && str_ends(find, STR("/")) && str_ends(replacement, STR("/"))) {
        find = str_sub(find, 0, find.len - 1);
        replacement = str_sub(replacement, 0, replacement.len - 1);
    }
    return (struct alias){ .find = find, .replacement = replacement };
}

/* Takes ".*" or ".+" off the text, in a group or not; false if it does not begin with one. */
static bool take_any(struct str *text, struct alias *alias)
{
    static const struct {
        struct str text;
        bool is_one, is_group;
    } forms[] = {
        { STR_INIT("(.*)"), false, true },
        { STR_INIT("(.+)"), true, true },
        { STR_INIT(".*"), false, false },
        { STR_INIT(".+"), true, false },
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (str_starts(*text, forms[i].text)) {
            *text = str_skip(*text, forms[i].text.len);
            alias->has_any = true;
            alias->any_is_one = forms[i].is_one;
            alias->is_group = forms[i].is_group;
            return true;
        }
    }
    return false;
}

/* Takes plain text as far as it goes, which stands for itself; false if it is none. */
static bool take_plain(struct str *text, struct arena *a, struct str *ret)
{
    char *to = arena_alloc(a, text->len + 1);
    size_t len = 0;

    while (text->len > 0) {
        unsigned char c = (unsigned char)text->ptr[0];

        if (c == '\\') {
            unsigned char escaped = text->len > 1 ? (unsigned char)text->ptr[1] : 'a';

            if (isalnum(escaped) || escaped >= 0x80) {
                return false; /* a class, a back reference, a code */
            }
            c = escaped;
            *text = str_skip(*text, 1);
        } else if (strchr(".*+?()[]{}|^$", c)) {
            break;
        }
        to[len++] = (char)c;
        *text = str_skip(*text, 1);
    }
    *ret = (struct str){ to, len };
    return text->len == 0 || !strchr("*+?{", text->ptr[0]);
}

bool alias_of_pattern(struct arena *a, struct str source, struct str flags, struct str replacement,
        struct alias *ret)
{
    struct str rest = source;

    *ret = (struct alias){ .is_pattern = true, .replacement = replacement };
    if (source.len > ALIAS_NAME_MAX || (flags.len > 0 && !str_eq(flags, STR("u")))) {
        return false;
    }
    ret->at_start = str_starts(rest, STR("^"));
    rest = str_skip(rest, ret->at_start ? 1 : 0);
    if (!take_plain(&rest, a, &ret->find)) {
        return false;
    }
    if (take_any(&rest, ret) && !take_plain(&rest, a, &ret->after)) {
        return false;
    }
    ret->at_end = str_eq(rest, STR("$"));
    return rest.len == 0 || ret->at_end;
}

/* Whether the rest of the pattern fits behind `find`, which ends there. */
static bool fits_behind(const struct alias *alias, struct str name, struct match *m)
{
    size_t least = m->any_start + (alias->any_is_one ? 1 : 0);
    size_t at = name.len - alias->after.len;

    if (!alias->has_any) {
        m->any_end = m->end = m->any_start;
        return !alias->at_end || m->end == name.len;
    }
    if (name.len < alias->after.len + least) {
        return false;
    }
    /* a wildcard takes what it can get */
    while (!str_starts(str_skip(name, at), alias->after)) {
        if (alias->at_end || at == least) {
            return false;
        }
        at--;
    }
    m->any_end = at;
    m->end = at + alias->after.len;
    return true;
}

static bool find_match(const struct alias *alias, struct str name, struct match *m)
{
    *m = (struct match){ .end = alias->find.len };
    if (!alias->is_pattern) {
        return str_starts(name, alias->find) &&
               (name.len == alias->find.len || name.ptr[alias->find.len] == '/');
    }
    for (size_t at = 0; at + alias->find.len <= name.len; at++) {
        m->start = at;
        m->any_start = at + alias->find.len;
        if (str_starts(str_skip(name, at), alias->find) && fits_behind(alias, name, m)) {
            return true;
        }
        if (alias->at_start) {
            break;
        }
    }
    return false;
}

/* The replacement, in which "$1", "$&" and "$$" stand for something. */
static void add_replacement(
        struct strbuf *out, const struct alias *alias, struct str name, const struct match *m)
{
    struct str text = alias->replacement;

    for (size_t i = 0; i < text.len; i++) {
        char next = text.ptr[i] == '$' && i + 1 < text.len ? text.ptr[i + 1] : '\0';

        if (next == '$') {
            strbuf_addc(out, '$');
        } else if (next == '&') {
            strbuf_add(out, str_sub(name, m->start, m->end));
        } else if (next == '1' && alias->is_group) {
            strbuf_add(out, str_sub(name, m->any_start, m->any_end));
        } else {
            strbuf_addc(out, text.ptr[i]);
            continue;
        }
        i++;
    }
}

bool alias_apply(const struct alias *alias, struct str name, struct arena *a, struct str *ret)
{
    struct strbuf out;
    struct match m;

    if (name.len > ALIAS_NAME_MAX || !find_match(alias, name, &m)) {
        return false;
    }
    strbuf_init(&out, ALIAS_NAME_MAX);
    strbuf_add(&out, str_sub(name, 0, m.start));
    add_replacement(&out, alias, name, &m);
    strbuf_add(&out, str_skip(name, m.end));

    bool good = !out.overflow;

    *ret = good ? arena_str(a, strbuf_str(&out)) : STR("");
    strbuf_finish(&out);
    return good;
}
