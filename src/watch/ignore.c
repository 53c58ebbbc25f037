/* SPDX-License-Identifier: MIT */
/*
 * gitignore rules as git itself reads them: where its manual is silent
 * (an escape at the end, an unclosed class, "a**"), what `git check-ignore`
 * says is right, and a differential test holds us to it.
 *
 * Invariant: a match costs at most STEPS_MAX steps; a pattern that wants more
 * (a dozen stars against a long name) matches nothing.
 */
#include "watch/ignore.h"

#include "base/path.h"
#include "base/vec.h"

enum { STEPS_MAX = 20000, DEPTH_MAX = 2000 };

/* One attempt to match; positions are offsets, so that no read passes an end. */
struct attempt {
    struct str glob;
    struct str text;
    bool is_path; /* '*', '?' and classes stop at slashes */
    unsigned steps;
};

static bool is_special(char c)
{
    return c == '*' || c == '?' || c == '[' || c == '\\';
}

static unsigned char at(struct str s, size_t i)
{
    return i < s.len ? (unsigned char)s.ptr[i] : 0;
}

static bool in_range(unsigned char c, unsigned char low, unsigned char high)
{
    return c >= low && c <= high;
}

/* ASCII only: the program's locale must not change what is ignored. */
static bool in_named_class(unsigned char c, struct str name, bool *ret_known)
{
    bool lower = in_range(c, 'a', 'z');
    bool upper = in_range(c, 'A', 'Z');
    bool digit = in_range(c, '0', '9');
    bool graph = in_range(c, 0x21, 0x7e);
    const struct {
        struct str name;
        bool is_in;
    } classes[] = {
        { STR("alnum"), lower || upper || digit },
        { STR("alpha"), lower || upper },
        { STR("blank"), c == ' ' || c == '\t' },
        { STR("cntrl"), c < 0x20 || c == 0x7f },
        { STR("digit"), digit },
        { STR("graph"), graph },
        { STR("lower"), lower },
        { STR("print"), graph || c == ' ' },
        { STR("punct"), graph && !lower && !upper && !digit },
        { STR("space"), c == ' ' || in_range(c, '\t', '\r') },
        { STR("upper"), upper },
        { STR("xdigit"), digit || in_range(c, 'a', 'f') || in_range(c, 'A', 'F') },
    };

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (str_eq(classes[i].name, name)) {
            *ret_known = true;
            return classes[i].is_in;
        }
    }
    *ret_known = false;
    return false;
}

/*
 * Whether `c` is in the class whose '[' stands at *p; moves *p behind its ']'.
 * A class without an end or with an unknown name matches nothing: *ret_valid.
 */
static bool in_class(struct str glob, size_t *p, unsigned char c, bool *ret_valid)
{
    size_t i = *p + 1;
    bool negated = at(glob, i) == '!' || at(glob, i) == '^';
    bool is_in = false;
    unsigned char previous = 0; /* where a range may begin; 0 if none may */

    i += negated;
    *ret_valid = false;
    for (bool first = true; first || at(glob, i) != ']'; first = false) {
        unsigned char g = at(glob, i);

        if (g == 0) {
            return false;
        }
        if (g == '\\') {
            g = at(glob, ++i);
            if (g == 0) {
                return false;
            }
            is_in = is_in || c == g;
            previous = g;
        } else if (g == '-' && previous && at(glob, i + 1) && at(glob, i + 1) != ']') {
            g = at(glob, ++i);
            if (g == '\\') {
                g = at(glob, ++i);
            }
            if (g == 0) {
                return false;
            }
            is_in = is_in || in_range(c, previous, g);
            previous = 0;
        } else if (g == '[' && at(glob, i + 1) == ':') {
            struct str rest = str_skip(glob, i + 2);
            size_t end = str_find(rest, ']');
            bool known;

            if (end == STR_NONE) {
                return false;
            }
            if (end == 0 || rest.ptr[end - 1] != ':') {
                is_in = is_in || c == '['; /* no ":]", so an ordinary member */
                previous = '[';
            } else {
                is_in = in_named_class(c, str_sub(rest, 0, end - 1), &known) || is_in;
                if (!known) {
                    return false;
                }
                i += 2 + end;
                previous = 0;
            }
        } else {
            is_in = is_in || c == g;
            previous = g;
        }
        i++;
    }
    *p = i + 1;
    *ret_valid = true;
    return is_in != negated;
}

static bool match(struct attempt *a, size_t p, size_t t, unsigned depth);

/* The stars at `p`: tries the rest of the pattern at every place they may reach. */
static bool match_stars(struct attempt *a, size_t p, size_t t, unsigned depth)
{
    struct str glob = a->glob;
    size_t begin = p;
    bool crosses = !a->is_path;

    while (at(glob, p) == '*') {
        p++;
    }
    if (a->is_path && p - begin >= 2) {
        bool opens = begin == 0 || glob.ptr[begin - 1] == '/';
        bool closes = p == glob.len || glob.ptr[p] == '/' ||
                      (glob.ptr[p] == '\\' && at(glob, p + 1) == '/');

        crosses = opens && closes;
        /* between slashes two stars stand for no folder, too */
        if (crosses && at(glob, p) == '/' && match(a, p + 1, t, depth + 1)) {
            return true;
        }
    }
    if (p == glob.len) {
        return crosses || str_find(str_skip(a->text, t), '/') == STR_NONE;
    }
    for (; t < a->text.len; t++) {
        /* most places can be refused by their first byte */
        if (is_special(glob.ptr[p]) || glob.ptr[p] == a->text.ptr[t]) {
            if (match(a, p, t, depth + 1)) {
                return true;
            }
        }
        if (++a->steps > STEPS_MAX || (!crosses && a->text.ptr[t] == '/')) {
            return false;
        }
    }
    return false;
}

static bool match(struct attempt *a, size_t p, size_t t, unsigned depth)
{
    if (depth > DEPTH_MAX) {
        return false;
    }
    while (p < a->glob.len) {
        char g = a->glob.ptr[p];
        bool valid = true;

        if (++a->steps > STEPS_MAX) {
            return false;
        }
        if (g == '*') {
            return match_stars(a, p, t, depth);
        }
        if (t == a->text.len) {
            return false;
        }
        char c = a->text.ptr[t++];

        if (g == '?') {
            valid = !(a->is_path && c == '/');
            p++;
        } else if (g == '[') {
            bool is_in = in_class(a->glob, &p, (unsigned char)c, &valid);

            valid = valid && is_in && !(a->is_path && c == '/');
        } else if (g == '\\') {
            valid = p + 1 < a->glob.len && a->glob.ptr[p + 1] == c;
            p += 2;
        } else {
            valid = g == c;
            p++;
        }
        if (!valid) {
            return false;
        }
    }
    return t == a->text.len;
}

static bool match_glob(struct str glob, struct str text, bool is_path)
{
    struct attempt a = { .glob = glob, .text = text, .is_path = is_path };

    return match(&a, 0, 0, 0);
}

static bool matches(const struct ignore_pattern *pattern, struct str path, bool is_dir)
{
    struct str glob = pattern->glob;

    if (pattern->dir_only && !is_dir) {
        return false;
    }
    struct str text = pattern->name_only ? path_name(path) : path;

    if (pattern->literal == glob.len) {
        return str_eq(glob, text);
    }
    if (pattern->name_only) {
        return match_glob(glob, text, false);
    }
    /* as git does, the literal front is compared first and the rest is a pattern of its own: the
     * two stars of "a/b**" then stand at its beginning and cross slashes */
    return str_starts(text, str_sub(glob, 0, pattern->literal)) &&
           match_glob(str_skip(glob, pattern->literal), str_skip(text, pattern->literal), true);
}

/* Spaces at the end do not count unless a backslash precedes them. */
static struct str trim_spaces(struct str line)
{
    size_t end = line.len;
    bool in_spaces = false;

    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == ' ') {
            end = in_spaces ? end : i;
            in_spaces = true;
        } else {
            if (line.ptr[i] == '\\') {
                i++;
            }
            in_spaces = false;
        }
    }
    return in_spaces ? str_sub(line, 0, end) : line;
}

static void parse_line(struct ignore_rules *rules, struct str line)
{
    struct ignore_pattern pattern = { 0 };

    if (line.len == 0 || line.ptr[0] == '#') {
        return;
    }
    if (line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    (void)str_cut(line, '\0', &line, &(struct str){ 0 }); /* a name ends there, so a pattern does */
    line = trim_spaces(line);
    if (line.len > 0 && line.ptr[0] == '!') {
        pattern.negated = true;
        line = str_skip(line, 1);
    }
    if (line.len > 0 && line.ptr[line.len - 1] == '/') {
        pattern.dir_only = true;
        line.len--;
    }
    pattern.name_only = str_find(line, '/') == STR_NONE;
    if (line.len > 0 && line.ptr[0] == '/') {
        line = str_skip(line, 1);
    }
    if (line.len == 0) {
        return;
    }
    while (pattern.literal < line.len && !is_special(line.ptr[pattern.literal])) {
        pattern.literal++;
    }
    pattern.glob = arena_str(&rules->arena, line);
    vec_push(rules, pattern);
}

void ignore_rules_parse(struct ignore_rules *rules, struct str text)
{
    struct str line;
    struct str rest = str_sub(text, 0, IGNORE_TEXT_MAX);

    if (str_starts(rest, STR("\xef\xbb\xbf"))) {
        rest = str_skip(rest, 3);
    }
    while (rest.len > 0 && rules->count < IGNORE_PATTERNS_MAX) {
        (void)str_cut(rest, '\n', &line, &rest);
        parse_line(rules, line);
    }
}

void ignore_rules_finish(struct ignore_rules *rules)
{
    vec_finish(rules);
    arena_finish(&rules->arena);
}

enum ignore_verdict ignore_rules_match(
        const struct ignore_rules *rules, struct str path, bool is_dir)
{
    for (size_t i = rules->count; i-- > 0;) {
        if (matches(&rules->items[i], path, is_dir)) {
            return rules->items[i].negated ? IGNORE_NO : IGNORE_YES;
        }
    }
    return IGNORE_UNDECIDED;
}

static bool is_vim_swap(struct str name)
{
    /* .app.js.swp, then .swo, .swn and so on down when several are open; .swx is a probe */
    return name.len > 5 && name.ptr[0] == '.' &&
           str_eq(str_sub(name, name.len - 4, name.len - 1), STR(".sw")) &&
           (in_range((unsigned char)name.ptr[name.len - 1], 'k', 'p') ||
                   name.ptr[name.len - 1] == 'x');
}

/* Up to 5, Vite evaluates "vite.config.ts" as "vite.config.ts.timestamp-1795995617625-611dbb61.mjs" beside it. */
static bool is_vite_text(struct str name)
{
    return str_starts(name, STR("vite.config.")) &&
           str_find_str(name, STR(".timestamp-")) != STR_NONE;
}

bool ignore_is_dropping(struct str name)
{
    return str_eq(name, STR("4913")) ||   /* vim: may I create files here? */
           str_starts(name, STR(".#")) || /* emacs: lock link */
           (name.len > 1 && name.ptr[0] == '#' && str_ends(name, STR("#"))) || /* emacs: autosave */
           str_ends(name, STR("~")) ||                                         /* backups */
           is_vim_swap(name) ||
           str_find_str(name, STR("___jb_")) != STR_NONE || /* JetBrains: safe write */
           str_starts(name, STR(".goutputstream-")) ||      /* GNOME */
           is_vite_text(name) ||                            /* what a vite.config is bundled to */
           str_eq(name, STR(".DS_Store"));
}

/* LLVM's linkers write "app.wasm.tmp1a2b3c4" and rename it. */
static bool is_linker_output(struct str name)
{
    enum { DIGITS = 7 };

    if (name.len <= DIGITS || !str_ends(str_sub(name, 0, name.len - DIGITS), STR(".tmp"))) {
        return false;
    }
    for (size_t i = name.len - DIGITS; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];

        if (!in_range(c, '0', '9') && !in_range(c, 'a', 'f')) {
            return false;
        }
    }
    return true;
}

bool ignore_is_passing(struct str name)
{
    if (str_ends(name, STR(".tmp")) || str_ends(name, STR(".temp")) || is_linker_output(name)) {
        return true; /* write-and-rename savers of many tools */
    }
    if (name.len != 9 || !str_starts(name, STR("sed"))) {
        return false;
    }
    for (size_t i = 3; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];

        if (!in_range(c, 'a', 'z') && !in_range(c, 'A', 'Z') && !in_range(c, '0', '9')) {
            return false;
        }
    }
    return true;
}
