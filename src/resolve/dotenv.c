/* SPDX-License-Identifier: MIT */
/*
 * .env files in the language of the npm packages dotenv and dotenv-expand. A quote that does not
 * close, or that something follows, is part of a bare value, as there.
 *
 * Invariant: names are unique; a value is expanded at most once, and one that is needed for itself
 * is empty, so that neither circles nor doubling values can run away.
 */
#include "resolve/dotenv.h"

#include <stdlib.h>

#include "base/path.h"
#include "base/strbuf.h"

enum state { RAW, BUSY, DONE };

enum {
    CHAIN_MAX = 64,       /* values that need one another */
    OTHERWISE_MAX = 4096, /* bytes between ${ and } */
};

struct var {
    struct str name;
    struct str raw;
    struct str value; /* when DONE */
    enum state state;
};

struct dotenv {
    struct arena *a;
    struct var *vars;
    size_t count;
    size_t expanded; /* bytes of the values that are DONE */
    int chain;       /* values that wait for one another */
};

struct dotenv *dotenv_create(struct arena *a)
{
    struct dotenv *env = arena_new(a, struct dotenv);

    env->a = a;
    env->vars = arena_array(a, struct var, DOTENV_NAMES_MAX);
    return env;
}

static struct var *find(struct dotenv *env, struct str name)
{
    for (size_t i = 0; i < env->count; i++) {
        if (str_eq(env->vars[i].name, name)) {
            return &env->vars[i];
        }
    }
    return NULL;
}

static void set(struct dotenv *env, struct str name, struct str value, bool literal)
{
    struct var *v = find(env, name);

    if (!v && env->count == DOTENV_NAMES_MAX) {
        return;
    }
    if (!v) {
        v = &env->vars[env->count++];
        v->name = arena_str(env->a, name);
    }
    /* Others may have been expanded with the old value. */
    for (size_t i = 0; env->expanded > 0 && i < env->count; i++) {
        if (env->vars[i].state == DONE && env->vars[i].raw.ptr) {
            env->vars[i].state = RAW;
        }
    }
    env->expanded = 0;
    v->raw = literal ? (struct str){ NULL, 0 } : arena_str(env->a, value);
    v->value = literal ? arena_str(env->a, value) : (struct str){ NULL, 0 };
    v->state = literal ? DONE : RAW;
}

void dotenv_set(struct dotenv *env, struct str name, struct str value)
{
    set(env, name, str_sub(value, 0, DOTENV_VALUE_MAX), true);
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f' || c == '\v';
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

static size_t skip_blank(struct str s, size_t i)
{
    while (i < s.len && is_blank(s.ptr[i])) {
        i++;
    }
    return i;
}

static size_t line_end(struct str s, size_t i)
{
    while (i < s.len && !is_line_end(s.ptr[i])) {
        i++;
    }
    return i;
}

/* Whether only a comment follows on the line. */
static bool ends_here(struct str s, size_t i)
{
    i = skip_blank(s, i);
    return i >= s.len || s.ptr[i] == '#' || is_line_end(s.ptr[i]);
}

/* The end of a quoted value that begins at `i`, or STR_NONE. */
static size_t quote_end(struct str s, size_t i)
{
    char quote = s.ptr[i];
    size_t escaped = STR_NONE; /* the last \" that could end it if nothing else does */

    for (size_t k = i + 1; k < s.len; k++) {
        if (s.ptr[k] == '\\' && k + 1 < s.len && s.ptr[k + 1] == quote) {
            k++;
            escaped = ends_here(s, k + 1) ? k : escaped;
        } else if (s.ptr[k] == quote) {
            return ends_here(s, k + 1) ? k : escaped;
        }
    }
    return escaped;
}

/* The text within double quotes. */
static struct str unescape(struct arena *a, struct str s)
{
    char *to = arena_alloc(a, s.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < s.len; i++) {
        char next = i + 1 < s.len ? s.ptr[i + 1] : '\0';

        if (s.ptr[i] == '\\' && (next == 'n' || next == 'r')) {
            to[len++] = next == 'n' ? '\n' : '\r';
            i++;
        } else {
            to[len++] = s.ptr[i];
        }
    }
    return (struct str){ to, len };
}

/* Reads the value at `i` and returns where it ends. */
static size_t parse_value(struct dotenv *env, struct str name, struct str text, size_t i)
{
    size_t end = line_end(text, i);

    if (i < text.len && (text.ptr[i] == '"' || text.ptr[i] == '\'' || text.ptr[i] == '`')) {
        size_t close = quote_end(text, i);

        if (close != STR_NONE) {
            struct str inside = str_sub(text, i + 1, close);

            set(env, name, text.ptr[i] == '"' ? unescape(env->a, inside) : inside,
                    text.ptr[i] == '\'');
            return line_end(text, close);
        }
    }
    struct str line = str_sub(text, i, end);

    set(env, name, str_trim(str_sub(line, 0, str_find(line, '#'))), false);
    return end;
}

/* Reads "export NAME =" at `i`; false if the line says nothing. */
static bool parse_name(struct str text, size_t *i, struct str *ret)
{
    struct str word = STR("export");
    size_t at = skip_blank(text, *i);

    if (str_starts(str_skip(text, at), word) && at + word.len < text.len &&
            is_blank(text.ptr[at + word.len])) {
        size_t behind = skip_blank(text, at + word.len);

        at = behind < text.len && (is_name(text.ptr[behind]) || text.ptr[behind] == '.' ||
                                          text.ptr[behind] == '-')
                     ? behind
                     : at;
    }
    size_t from = at;

    while (at < text.len && (is_name(text.ptr[at]) || text.ptr[at] == '.' || text.ptr[at] == '-')) {
        at++;
    }
    *ret = str_sub(text, from, at);
    size_t sign = skip_blank(text, at);

    if (ret->len > 0 && sign < text.len && text.ptr[sign] == '=') {
        *i = skip_blank(text, sign + 1);
        return true;
    }
    if (ret->len > 0 && at + 1 < text.len && text.ptr[at] == ':' && is_blank(text.ptr[at + 1])) {
        *i = skip_blank(text, at + 1);
        return true;
    }
    return false;
}

void dotenv_parse(struct dotenv *env, struct str text)
{
    size_t i = str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0;
    struct str name;

    text = str_sub(text, 0, DOTENV_FILE_MAX);
    while (i < text.len) {
        i = parse_name(text, &i, &name) ? parse_value(env, name, text, i) : line_end(text, i);
        while (i < text.len && is_line_end(text.ptr[i])) {
            i++;
        }
    }
}

static struct str value_of(struct dotenv *env, struct var *v);

/* The '}' that belongs to the "${" before `i`, or STR_NONE. */
static size_t close_brace(struct str s, size_t i)
{
    size_t depth = 1;

    s = str_sub(s, 0, i + OTHERWISE_MAX);
    for (; i < s.len; i++) {
        if (s.ptr[i] == '{' && s.ptr[i - 1] == '$') {
            depth++;
        } else if (s.ptr[i] == '}' && --depth == 0) {
            return i;
        }
    }
    return STR_NONE;
}

static void expand(struct dotenv *env, struct str s, struct strbuf *to, int depth);

/* Expands the "$..." at `i` and returns where it ends. */
static size_t expand_one(struct dotenv *env, struct str s, size_t i, struct strbuf *to, int depth)
{
    bool braces = i + 1 < s.len && s.ptr[i + 1] == '{';
    size_t from = i + (braces ? 2 : 1);
    size_t end = from;

    while (end < s.len && is_name(s.ptr[end])) {
        end++;
    }
    size_t close = braces ? close_brace(s, from) : end;

    if (end == from || close == STR_NONE) {
        strbuf_addc(to, '$');
        return i + 1;
    }
    struct var *v = find(env, str_sub(s, from, end));
    struct str value = v ? value_of(env, v) : STR("");
    struct str rest = str_sub(s, end, close);

    if (str_starts(rest, STR(":-")) ? value.len == 0 : str_starts(rest, STR("-")) && !v) {
        expand(env, str_skip(rest, rest.ptr[0] == ':' ? 2 : 1), to, depth + 1);
    } else {
        strbuf_add(to, value);
    }
    return braces ? close + 1 : end;
}

static void expand(struct dotenv *env, struct str s, struct strbuf *to, int depth)
{
    enum { DEPTH_MAX = 16 };
    size_t i = 0;

    while (i < s.len && depth < DEPTH_MAX) {
        if (s.ptr[i] == '\\' && i + 1 < s.len && s.ptr[i + 1] == '$') {
            strbuf_addc(to, '$');
            i += 2;
        } else if (s.ptr[i] == '$') {
            i = expand_one(env, s, i, to, depth);
        } else {
            strbuf_addc(to, s.ptr[i++]);
        }
    }
}

static struct str value_of(struct dotenv *env, struct var *v)
{
    struct strbuf to;

    if (v->state == DONE) {
        return v->value;
    }
    if (v->state == BUSY || env->expanded >= DOTENV_TOTAL_MAX || env->chain == CHAIN_MAX) {
        return STR("");
    }
    env->chain++;
    v->state = BUSY;
    strbuf_init(&to, DOTENV_VALUE_MAX);
    expand(env, v->raw, &to, 0);
    v->value = arena_str(env->a, strbuf_str(&to));
    v->state = DONE;
    env->expanded += v->value.len + 1;
    env->chain--;
    strbuf_finish(&to);
    return v->value;
}

bool dotenv_get(struct dotenv *env, struct str name, struct str *ret)
{
    struct var *v = find(env, name);

    if (!v) {
        return false;
    }
    *ret = value_of(env, v);
    return true;
}

size_t dotenv_count(const struct dotenv *env)
{
    return env->count;
}

struct str dotenv_name(const struct dotenv *env, size_t index)
{
    return index < env->count ? env->vars[index].name : STR("");
}

void dotenv_files(struct arena *a, struct str mode, struct str ret[DOTENV_FILES])
{
    ret[0] = STR(".env");
    ret[1] = STR(".env.local");
    ret[2] = arena_printf(a, ".env.%.*s", STR_FMT(mode));
    ret[3] = arena_printf(a, ".env.%.*s.local", STR_FMT(mode));
}

struct dotenv *dotenv_load(struct arena *a, const struct fs *fs, struct str dir, struct str mode)
{
    struct dotenv *env = dotenv_create(a);
    struct str files[DOTENV_FILES];
    struct str text;

    dotenv_files(a, mode, files);
    for (size_t i = 0; i < DOTENV_FILES; i++) {
        if (fs->read(fs->ctx, path_join(a, dir, files[i]), a, &text, DOTENV_FILE_MAX)) {
            dotenv_parse(env, text);
        }
    }
    return env;
}

static int by_name(const void *left, const void *right)
{
    return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

static bool is_shown(struct str name, const struct str *prefixes, size_t count)
{
    static const struct str own[] = { STR_INIT("MODE"), STR_INIT("DEV"), STR_INIT("PROD"),
        STR_INIT("SSR"), STR_INIT("BASE_URL") };

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (str_eq(name, own[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (prefixes[i].len > 0 && str_starts(name, prefixes[i])) {
            return true;
        }
    }
    return false;
}

struct str dotenv_json(struct dotenv *env, struct arena *a, struct str mode, struct str base_url,
        const struct str *prefixes, size_t prefix_count)
{
    struct str *names = arena_array(a, struct str, env->count + 1);
    size_t count = 0;
    struct strbuf to;

    for (size_t i = 0; i < env->count; i++) {
        if (is_shown(env->vars[i].name, prefixes, prefix_count)) {
            names[count++] = env->vars[i].name;
        }
    }
    if (count > 0) {
        qsort(names, count, sizeof(*names), by_name);
    }
    /* A byte takes at most six when it is escaped. */
    strbuf_init(&to, ((size_t)DOTENV_TOTAL_MAX + DOTENV_NAMES_MAX * (size_t)DOTENV_VALUE_MAX) * 6);
    strbuf_add(&to, STR("{\"MODE\":"));
    strbuf_add_json(&to, mode);
    strbuf_add(&to, STR(",\"DEV\":true,\"PROD\":false,\"SSR\":false,\"BASE_URL\":"));
    strbuf_add_json(&to, base_url);
    for (size_t i = 0; i < count; i++) {
        struct str value = STR("");

        dotenv_get(env, names[i], &value);
        strbuf_addc(&to, ',');
        strbuf_add_json(&to, names[i]);
        strbuf_addc(&to, ':');
        strbuf_add_json(&to, value);
    }
    strbuf_addc(&to, '}');
    struct str text = arena_str(a, strbuf_str(&to));

    strbuf_finish(&to);
    return text;
}
