/* SPDX-License-Identifier: MIT */
/*
 * What is recognised by its words: import.meta.hot, .env, .glob, URLs and
 * workers beside import.meta.url, and process.env.NODE_ENV. All of it looks ahead over literals only, and
 * leaves the text to the scan, which passes it once more.
 */
#include "scan/js_state.h"

/* Beyond these an option object or a list of patterns is not taken for a literal. */
enum { OPTIONS_MAX = 16, PATTERNS_MAX = 256 };

/* One member of a literal object. */
struct option {
    struct str key;
    struct js_piece value; /* its first piece */
};

struct options {
    struct option items[OPTIONS_MAX];
    unsigned count;
    const char *end; /* behind the brace */
};

/* The name behind '.' or '?.'; its kind is not JS_PIECE_WORD if there is none. */
static struct js_piece member(const char *p, const char *end)
{
    struct js_piece t = js_piece_at(p, end);

    if (t.byte == '?' && t.end < end && *t.end == '.') {
        t = js_piece_at(t.end, end);
    }
    if (t.byte != '.') {
        t.kind = JS_PIECE_END;
        return t;
    }
    return js_piece_at(t.end, end);
}

/* Whether `p` goes on with a '(', perhaps behind '?.'; *ret is behind it. */
static bool is_call(const char *p, const char *end, const char **ret)
{
    struct js_piece t = js_piece_at(p, end);

    if (t.byte == '?' && t.end < end && *t.end == '.') {
        t = js_piece_at(t.end + 1, end);
    }
    *ret = t.end;
    return t.byte == '(';
}

static bool ends_argument(const struct js_piece *t)
{
    return t->byte == ',' || t->byte == ')';
}

/* The literal object at `brace`, whose members are texts, words or objects of one more level. */
static bool read_options(const struct js_piece *brace, const char *end, struct arena *a,
        unsigned depth, struct options *ret)
{
    struct options inner;
    const char *p = brace->end;

    *ret = (struct options){ .count = 0 };
    if (brace->byte != '{' || depth == 0) {
        return false;
    }
    for (;;) {
        struct js_piece key = js_piece_at(p, end);
        if (key.byte == '}') {
            ret->end = key.end;
            return true;
        }
        struct js_piece colon = js_piece_at(key.end, end);
        if ((key.kind != JS_PIECE_WORD && key.kind != JS_PIECE_STRING) || colon.byte != ':' ||
                ret->count == OPTIONS_MAX) {
            return false;
        }
        struct option *option = &ret->items[ret->count++];
        option->key = js_decode(js_piece_raw(&key), a);
        option->value = js_piece_at(colon.end, end);
        p = option->value.end;
        if (option->value.byte == '{') {
            if (!read_options(&option->value, end, a, depth - 1, &inner)) {
                return false;
            }
            p = inner.end;
        } else if (option->value.kind == JS_PIECE_END || option->value.kind == JS_PIECE_BYTE) {
            return false;
        }
        struct js_piece comma = js_piece_at(p, end);
        if (comma.byte != ',' && comma.byte != '}') {
            return false;
        }
        p = comma.byte == ',' ? comma.end : comma.start;
    }
}

static const struct option *find_option(const struct options *options, struct str key)
{
    for (unsigned i = 0; i < options->count; i++) {
        if (str_eq(options->items[i].key, key)) {
            return &options->items[i];
        }
    }
    return NULL;
}

struct str js_option_type(struct js *s, const char *p, struct str within)
{
    struct js_piece brace = js_piece_at(p, s->end);
    struct options options;
    const struct option *option;

    if (!read_options(&brace, s->end, s->arena, 2, &options)) {
        return STR("");
    }
    if (within.len > 0) {
        option = find_option(&options, within);
        if (!option) {
            return STR("");
        }
        brace = option->value;
        if (!read_options(&brace, s->end, s->arena, 1, &options)) {
            return STR("");
        }
    }
    option = find_option(&options, STR("type"));
    if (!option || !js_piece_is_text(&option->value)) {
        return STR("");
    }
    return js_decode(js_piece_raw(&option->value), s->arena);
}

/* The texts of a list; stops at the first element that is none, with false. */
static bool read_texts(const char *p, const char *end, struct js_piece *ret, unsigned max,
        unsigned *ret_count, const char **ret_end)
{
    *ret_count = 0;
    for (;;) {
        struct js_piece t = js_piece_at(p, end);
        if (t.byte == ']') {
            *ret_end = t.end;
            return true;
        }
        struct js_piece comma = js_piece_at(t.end, end);
        if (!js_piece_is_text(&t) || *ret_count == max ||
                (comma.byte != ',' && comma.byte != ']')) {
            return false;
        }
        ret[(*ret_count)++] = t;
        p = comma.byte == ',' ? comma.end : comma.start;
    }
}

/* accept(...) or acceptExports(...), behind its '('. */
static void read_accept(struct js *s, const char *p, bool exports)
{
    enum accept_kind kind = exports ? ACCEPT_EXPORTS : ACCEPT_DEP;
    struct js_piece t = js_piece_at(p, s->end);

    if (js_piece_is_text(&t)) {
        struct js_piece after = js_piece_at(t.end, s->end);
        if (ends_argument(&after)) {
            js_add_accept(s, kind, &t);
        }
    } else if (t.byte == '[') {
        for (;;) {
            t = js_piece_at(t.end, s->end);
            struct js_piece after = js_piece_at(t.end, s->end);
            if (!js_piece_is_text(&t) || (after.byte != ',' && after.byte != ']')) {
                break;
            }
            js_add_accept(s, kind, &t);
            t = after;
            if (t.byte == ']') {
                break;
            }
        }
    } else if (!exports && t.byte != '`' && t.kind != JS_PIECE_END) {
        js_add_accept(s, ACCEPT_SELF, NULL);
    }
}

/* { query: { a: "b" } } as "?a=b". */
static struct str query_text(struct js *s, const struct js_piece *value)
{
    struct options members;
    struct str query = STR("");

    if (js_piece_is_text(value)) {
        query = js_decode(js_piece_raw(value), s->arena);
        return query.len == 0 || query.ptr[0] == '?'
                       ? query
                       : arena_printf(s->arena, "?%.*s", STR_FMT(query));
    }
    if (!read_options(value, s->end, s->arena, 1, &members)) {
        return query;
    }
    for (unsigned i = 0; i < members.count; i++) {
        struct str text = js_decode(js_piece_raw(&members.items[i].value), s->arena);
        query = arena_printf(s->arena, "%.*s%c%.*s=%.*s", STR_FMT(query), i == 0 ? '?' : '&',
                STR_FMT(members.items[i].key), STR_FMT(text));
    }
    return query;
}

static bool read_glob_options(
        struct js *s, const struct js_piece *brace, struct js_glob *glob, const char **ret_end)
{
    struct options options;

    if (!read_options(brace, s->end, s->arena, 2, &options)) {
        return false;
    }
    const struct option *eager = find_option(&options, STR("eager"));
    const struct option *import = find_option(&options, STR("import"));
    const struct option *query = find_option(&options, STR("query"));
    glob->eager = eager && js_piece_is(&eager->value, STR("true"));
    if (import && js_piece_is_text(&import->value)) {
        glob->import = js_decode(js_piece_raw(&import->value), s->arena);
    }
    if (query) {
        glob->query = query_text(s, &query->value);
    }
    *ret_end = options.end;
    return true;
}

/* import.meta.glob(...), behind its '('. */
static void read_glob(struct js *s, const char *start, const char *p)
{
    struct js_piece pieces[PATTERNS_MAX];
    struct js_glob glob = { .dep = 0 };
    struct js_piece first = js_piece_at(p, s->end);
    const char *after = first.end;
    uint32_t index;

    if (js_piece_is_text(&first)) {
        pieces[0] = first;
        glob.pattern_count = 1;
    } else if (first.byte != '[' ||
               !read_texts(after, s->end, pieces, PATTERNS_MAX, &glob.pattern_count, &after)) {
        return;
    }
    struct span specifier = { js_at(s, first.start), js_at(s, after) };
    struct js_piece t = js_piece_at(after, s->end);
    if (t.byte == ',') {
        t = js_piece_at(t.end, s->end);
        if (t.byte == '{') {
            if (!read_glob_options(s, &t, &glob, &after)) {
                return;
            }
            t = js_piece_at(after, s->end);
            if (t.byte == ',') {
                t = js_piece_at(t.end, s->end);
            }
        }
    }
    if (t.byte != ')') {
        return;
    }
    struct dep *dep = js_add_dep(s, DEP_GLOB, start, &index);
    dep->specifier = specifier;
    dep->statement.end = js_at(s, t.end);
    glob.dep = index;
    glob.patterns = arena_array(s->arena, struct str, glob.pattern_count + 1);
    for (uint32_t i = 0; i < glob.pattern_count; i++) {
        glob.patterns[i] = js_decode(js_piece_raw(&pieces[i]), s->arena);
    }
    if (index != JS_NO_DEP) {
        js_add_glob(s, glob);
    }
}

void js_meta(struct js *s, const char *start, const char *p)
{
    struct js_piece name = member(p, s->end);
    const char *args;

    if (js_piece_is(&name, STR("env"))) {
        s->facts->has_env = true;
    } else if (js_piece_is(&name, STR("glob")) && is_call(name.end, s->end, &args)) {
        read_glob(s, start, args);
    } else if (js_piece_is(&name, STR("hot"))) {
        s->facts->has_hot = true;
        name = member(name.end, s->end);
        bool exports = js_piece_is(&name, STR("acceptExports"));
        if ((exports || js_piece_is(&name, STR("accept"))) && is_call(name.end, s->end, &args)) {
            read_accept(s, args, exports);
        }
    }
}

/* Reads URL("x", import.meta.url), from the piece behind `new`: the text of the specifier, and the
 * place behind the ')'. */
static bool read_url(
        struct js *s, struct js_piece t, struct js_piece *ret_text, struct js_piece *ret_close)
{
    static const struct str words[] = { STR_INIT("("), STR_INIT(""), STR_INIT(","),
        STR_INIT("import"), STR_INIT("."), STR_INIT("meta"), STR_INIT("."), STR_INIT("url") };

    if (!js_piece_is(&t, STR("URL"))) {
        return false;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        t = js_piece_at(t.end, s->end);
        if (words[i].len == 0) {
            *ret_text = t;
            if (!js_piece_is_text(&t)) {
                return false;
            }
        } else if (t.byte ? t.byte != words[i].ptr[0] || words[i].len != 1
                          : !js_piece_is(&t, words[i])) {
            return false;
        }
    }
    t = js_piece_at(t.end, s->end);
    if (t.byte == ',') {
        t = js_piece_at(t.end, s->end);
    }
    *ret_close = t;
    return t.byte == ')';
}

/* Worker(new URL(...)), from its '('; false if it is something else. */
static bool read_worker(struct js *s, const char *start, const struct js_piece *paren)
{
    struct js_piece t = js_piece_at(paren->end, s->end);
    struct js_piece text, close;
    const char *inner = t.start;
    uint32_t index;

    if (paren->byte != '(' || !js_piece_is(&t, STR("new"))) {
        return false;
    }
    t = js_piece_at(t.end, s->end);
    if (!read_url(s, t, &text, &close)) {
        return false;
    }
    t = js_piece_at(close.end, s->end);
    if (!ends_argument(&t)) {
        return false;
    }
    struct dep *dep = js_add_dep(s, DEP_WORKER, start, &index);
    js_set_specifier(s, dep, &text);
    if (t.byte == ',') {
        dep->module_worker = str_eq(js_option_type(s, t.end, STR("")), STR("module"));
    }
    s->call_at = js_at(s, paren->start);
    s->call_dep = index;
    s->known_new = js_at(s, inner);
    return true;
}

void js_new(struct js *s, const char *start, const char *p)
{
    struct js_piece name = js_piece_at(p, s->end);
    struct js_piece text, close;
    uint32_t index;

    if (js_at(s, start) == s->known_new) {
        return;
    }
    if (js_piece_is(&name, STR("URL"))) {
        if (read_url(s, name, &text, &close)) {
            struct dep *dep = js_add_dep(s, DEP_NEW_URL, start, &index);
            js_set_specifier(s, dep, &text);
            dep->statement.end = js_at(s, close.end);
        }
    } else if (js_piece_is(&name, STR("Worker")) || js_piece_is(&name, STR("SharedWorker"))) {
        struct js_piece paren = js_piece_at(name.end, s->end);
        read_worker(s, start, &paren);
    }
}

/* Whether the value at `p` is given and not asked for: "= x", but not "== x". */
static bool is_assigned(const char *p, const char *end)
{
    struct js_piece sign = js_piece_at(p, end);

    return sign.byte == '=' && !(sign.end < end && (*sign.end == '=' || *sign.end == '>'));
}

void js_process(struct js *s, const char *start, const char *p)
{
    struct js_piece env = member(p, s->end);
    struct js_piece name = { .kind = JS_PIECE_END };
    struct js_piece bracket;
    const char *behind;

    if (!js_piece_is(&env, STR("env"))) {
        return;
    }
    bracket = js_piece_at(env.end, s->end);
    if (bracket.byte == '[') {
        name = js_piece_at(bracket.end, s->end);
        bracket = js_piece_at(name.end, s->end);
        behind = bracket.end;
        if (bracket.byte != ']' || !js_piece_is_text(&name)) {
            return;
        }
    } else {
        name = member(env.end, s->end);
        behind = name.end;
    }
    if (name.kind != JS_PIECE_END && str_eq(js_piece_raw(&name), STR("NODE_ENV")) &&
            !is_assigned(behind, s->end)) {
        js_add_node_env(s, (struct span){ js_at(s, start), js_at(s, behind) });
    }
}
