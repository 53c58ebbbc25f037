/* SPDX-License-Identifier: MIT */
/*
 * The last file that sets a key wins, so that all are read in git's order. What
 * cannot be read or understood sets nothing: git will complain about it in its
 * own words, and a server need not.
 */
#include "watch/git_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/sys.h"

static bool is_key_char(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (!first && ((c >= '0' && c <= '9') || c == '-'));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct str skip_blanks(struct str s)
{
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s = str_skip(s, 1);
    }
    return s;
}

static struct str skip_line(struct str s)
{
    size_t end = str_find(s, '\n');

    return end == STR_NONE ? str_skip(s, s.len) : str_skip(s, end + 1);
}

/* `[name]`, `[name.sub]`, or `[name "sub"]`; leaves `rest` behind the bracket. */
static bool read_section(struct git_config_reader *r)
{
    struct str s = str_skip(r->rest, 1);
    size_t len = 0;

    while (len < s.len && (is_key_char(s.ptr[len], false) || s.ptr[len] == '.')) {
        len++;
    }
    r->section = str_sub(s, 0, len);
    r->has_subsection = str_find(r->section, '.') != STR_NONE;
    s = skip_blanks(str_skip(s, len));
    if (s.len > 0 && s.ptr[0] == '"') {
        r->has_subsection = true;
        for (s = str_skip(s, 1); s.len > 0 && s.ptr[0] != '"'; s = str_skip(s, 1)) {
            if (s.ptr[0] == '\n') {
                return false;
            }
            if (s.ptr[0] == '\\') {
                s = str_skip(s, 1);
            }
        }
        s = str_skip(s, 1);
    }
    if (s.len == 0 || s.ptr[0] != ']') {
        return false;
    }
    r->rest = str_skip(s, 1);
    return true;
}

/* Appends what `\c` stands for; false if it stands for nothing. */
static bool add_escape(struct strbuf *b, char c)
{
    switch (c) {
    case '\n': break;
    case 'n': strbuf_addc(b, '\n'); break;
    case 't': strbuf_addc(b, '\t'); break;
    case 'b': strbuf_addc(b, '\b'); break;
    case '"':
    case '\\': strbuf_addc(b, c); break;
    default: return false;
    }
    return true;
}

/* The value behind '=', up to the end of its line, which quotes and backslashes may put off. */
static bool read_value(struct git_config_reader *r, struct strbuf *into)
{
    struct str s = skip_blanks(r->rest);
    size_t kept = 0; /* white space at the end of a value is no part of it, if not quoted */
    bool quoted = false;

    for (; s.len > 0 && (quoted || (s.ptr[0] != '\n' && s.ptr[0] != '#' && s.ptr[0] != ';'));
            s = str_skip(s, 1)) {
        char c = s.ptr[0];

        if (c == '\\' && str_starts(s, STR("\\\r\n"))) {
            s = str_skip(s, 2);
            continue;
        }
        if (c == '\\') {
            s = str_skip(s, 1);
            if (s.len == 0 || !add_escape(into, s.ptr[0])) {
                return false;
            }
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == '\n') {
            return false;
        } else if (quoted || !is_blank(c) || into->len > 0) {
            strbuf_addc(into, c);
        }
        if (quoted || !is_blank(c)) {
            kept = into->len;
        }
    }
    into->len = kept < into->len ? kept : into->len;
    r->rest = skip_line(s);
    return !quoted;
}

static bool read_setting(struct git_config_reader *r, struct arena *a, struct git_setting *ret)
{
    size_t len = 0;

    while (len < r->rest.len && is_key_char(r->rest.ptr[len], len == 0)) {
        len++;
    }
    *ret = (struct git_setting){
        .section = r->section, .has_subsection = r->has_subsection, .key = str_sub(r->rest, 0, len)
    };
    r->rest = skip_blanks(str_skip(r->rest, len));
    if (len == 0) {
        return false;
    }
    if (r->rest.len == 0 || r->rest.ptr[0] != '=') {
        struct str behind = r->rest;

        r->rest = skip_line(r->rest);
        return behind.len == 0 || str_find(STR("\n#;"), behind.ptr[0]) != STR_NONE;
    }
    struct strbuf value;

    r->rest = str_skip(r->rest, 1);
    strbuf_init(&value, GIT_CONFIG_TEXT_MAX);
    bool good = read_value(r, &value);

    ret->has_value = true;
    ret->value = arena_str(a, strbuf_str(&value));
    strbuf_finish(&value);
    return good;
}

bool git_config_next(struct git_config_reader *reader, struct arena *a, struct git_setting *ret)
{
    if (str_starts(reader->rest, STR("\xef\xbb\xbf"))) {
        reader->rest = str_skip(reader->rest, 3);
    }
    for (;;) {
        reader->rest = skip_blanks(reader->rest);
        if (reader->rest.len == 0) {
            return false;
        }
        char c = reader->rest.ptr[0];
        bool good = true;

        if (c == '\n' || c == '#' || c == ';') {
            reader->rest = skip_line(reader->rest);
        } else if (c == '[') {
            good = read_section(reader);
        } else {
            good = read_setting(reader, a, ret);
            if (good) {
                return true;
            }
        }
        if (!good) {
            reader->rest = (struct str){ 0 };
            return false;
        }
    }
}

struct search {
    struct arena *a;
    struct str home; /* "" if nobody said */
    struct str top;
    unsigned files;
    bool found;
    struct str path;
};

/* A path as git writes it: `~/` is the home folder, a relative one begins at `base`. */
static struct str resolve(struct search *s, struct str path, struct str base)
{
    if (str_starts(path, STR("~/"))) {
        return s->home.len == 0 ? STR("")
                                : arena_printf(s->a, "%.*s%.*s", STR_FMT(s->home),
                                          STR_FMT(str_skip(path, 1)));
    }
    if (path.len == 0 || path.ptr[0] == '/') {
        return path;
    }
    return arena_printf(s->a, "%.*s/%.*s", STR_FMT(base), STR_FMT(path));
}

static void read_path(struct search *s, struct str path, unsigned depth);

static void read_text(struct search *s, struct str text, struct str folder, unsigned depth)
{
    struct git_config_reader reader = { .rest = text };
    struct git_setting setting;

    while (git_config_next(&reader, s->a, &setting)) {
        if (setting.has_subsection || !setting.has_value) {
            continue;
        }
        if (str_ieq(setting.section, STR("core")) && str_ieq(setting.key, STR("excludesfile"))) {
            s->found = true;
            s->path = resolve(s, setting.value, s->top);
        } else if (str_ieq(setting.section, STR("include")) && str_ieq(setting.key, STR("path")) &&
                   depth < GIT_CONFIG_DEPTH_MAX) {
            read_path(s, resolve(s, setting.value, folder), depth + 1);
        }
    }
}

static void read_open(struct search *s, int fd, struct str folder, unsigned depth)
{
    struct strbuf text;

    strbuf_init(&text, GIT_CONFIG_TEXT_MAX);
    if (fd >= 0 && s->files++ < GIT_CONFIG_FILES_MAX && sys_read_all(fd, &text) == 0) {
        read_text(s, strbuf_str(&text), folder, depth);
    }
    strbuf_finish(&text);
    sys_close(fd);
}

static void read_path(struct search *s, struct str path, unsigned depth)
{
    if (path.len > 0) {
        size_t slash = str_rfind(path, '/');

        read_open(s, open(arena_cstr(s->a, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY),
                str_sub(path, 0, slash == STR_NONE ? 0 : slash), depth);
    }
}

/* $XDG_CONFIG_HOME/git/NAME, or the same below ~/.config. */
static struct str in_xdg(struct search *s, struct str xdg, const char *name)
{
    if (xdg.len > 0) {
        return arena_printf(s->a, "%.*s/git/%s", STR_FMT(xdg), name);
    }
    return s->home.len == 0 ? STR("")
                            : arena_printf(s->a, "%.*s/.config/git/%s", STR_FMT(s->home), name);
}

static void read_global(struct search *s, struct str xdg, const char *instead)
{
    if (instead) {
        read_path(s, str_from(instead), 0);
        return;
    }
    read_path(s, in_xdg(s, xdg, "config"), 0);
    if (s->home.len > 0) {
        read_path(s, arena_printf(s->a, "%.*s/.gitconfig", STR_FMT(s->home)), 0);
    }
}

static bool is_true(const char *text)
{
    struct str s = str_from(text);

    return str_ieq(s, STR("true")) || str_ieq(s, STR("yes")) || str_ieq(s, STR("on")) ||
           str_eq(s, STR("1"));
}

struct str git_config_excludes_file(
        struct arena *a, const char *(*env)(const char *name), int config_fd, struct str top)
{
    struct search s = { .a = a, .home = str_from(env("HOME")), .top = top };
    struct str xdg = str_from(env("XDG_CONFIG_HOME"));
    const char *system = env("GIT_CONFIG_SYSTEM");

    if (!is_true(env("GIT_CONFIG_NOSYSTEM"))) {
        read_path(&s, system ? str_from(system) : STR("/etc/gitconfig"), 0);
    }
    read_global(&s, xdg, env("GIT_CONFIG_GLOBAL"));
    if (config_fd >= 0) {
        read_open(&s, openat(config_fd, "config", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY),
                arena_printf(a, "/proc/self/fd/%d", config_fd), 0);
    }
    return s.found ? s.path : in_xdg(&s, xdg, "ignore");
}
