/* SPDX-License-Identifier: MIT */
/*
 * Looks for the forms in which exports are written, each at the token where it begins. In comments
 * E stands for `exports` or `module.exports`.
 */
#include "scan/cjs_scan.h"

#include "base/table.h"
#include "scan/cjs_dead.h"
#include "scan/cjs_tokens.h"

enum {
    BOUND_MAX = 4096, /* variables that hold a module */
    MEMBERS_MAX = 16, /* of a property's descriptor */
    KEYS_MAX = 512, /* tokens of a function that hands on each key; bodies may lie in one another */
};

/* A text that is in a list already. */
struct seen {
    UT_hash_handle hh;
    struct str text;
};

/* Texts, each once. */
struct list {
    struct str *items;
    size_t count;
    struct seen *seen;
};

/* var NAME = require("SPECIFIER") */
struct bound {
    struct str name;
    struct str specifier;
};

struct cjs {
    const struct js_tokens *t;
    struct arena *arena;
    struct cjs_facts *facts;
    struct list exports, reexports, requires;
    struct bound *bound;
    size_t bound_count;
    size_t foreign_end; /* until here `require` is a parameter that a bundler has made */
};

static void list_add(struct cjs *s, struct list *list, struct str text)
{
    struct seen *seen;

    HASH_FIND(hh, list->seen, text.ptr, text.len, seen);
    if (seen || list->count >= CJS_NAMES_MAX) {
        return;
    }
    if (list->count == 0 || (list->count >= 8 && (list->count & (list->count - 1)) == 0)) {
        size_t cap = list->count == 0 ? 8 : list->count * 2;
        struct str *wider = arena_array(s->arena, struct str, cap);

        if (list->count > 0) {
            memcpy(wider, list->items, list->count * sizeof(*wider));
        }
        list->items = wider;
    }
    list->items[list->count++] = text;
    seen = arena_new(s->arena, struct seen);
    seen->text = text;
    HASH_ADD_KEYPTR(hh, list->seen, text.ptr, text.len, seen);
}

/* The text of a name or string. */
static struct str text_of(struct cjs *s, size_t i)
{
    return js_decode(
            token_is_string(s->t, i) ? token_string(s->t, i) : token_text(s->t, i), s->arena);
}

static void add_export(struct cjs *s, size_t i)
{
    struct str text = text_of(s, i);

    if (text.len > 0) {
        list_add(s, &s->exports, text);
    }
}

/* require("x") at `i`: the index of the text, or 0. */
static size_t require_text(const struct cjs *s, size_t i)
{
    const struct js_tokens *t = s->t;

    return token_is(t, i, "require") && !token_is_member(t, i) && token_byte(t, i + 1) == '(' &&
                           token_is_string(t, i + 2) && token_byte(t, i + 3) == ')' &&
                           i >= s->foreign_end
                   ? i + 2
                   : 0;
}

static bool is_word_of(const struct js_tokens *t, size_t i, const char *const *words, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        if (token_is(t, i, words[k])) {
            return true;
        }
    }
    return false;
}

/* Functions that give the module they are given, with its names. */
static bool is_interop(const struct js_tokens *t, size_t i)
{
    static const char *const words[] = { "_interopRequireWildcard", "_interop_require_wildcard",
        "__importStar", "__toESM", "_interopRequireDefault", "_interop_require_default" };

    return is_word_of(t, i, words, sizeof(words) / sizeof(words[0]));
}

static bool is_star(const struct js_tokens *t, size_t i)
{
    static const char *const words[] = { "__export", "__exportStar", "_export_star",
        "_exportStar" };

    return is_word_of(t, i, words, sizeof(words) / sizeof(words[0]));
}

/* The specifier of require("x") at `i`, perhaps within an interop function; empty if it is none. */
static struct str required(struct cjs *s, size_t i)
{
    const struct js_tokens *t = s->t;

    if (is_interop(t, i) && token_byte(t, i + 1) == '(') {
        i += 2;
    }
    size_t text = require_text(s, i);

    return text > 0 ? text_of(s, text) : STR("");
}

static struct str bound_of(const struct cjs *s, size_t i)
{
    struct str name = token_text(s->t, i);

    for (size_t k = s->bound_count; k-- > 0;) {
        if (str_eq(s->bound[k].name, name)) {
            return s->bound[k].specifier;
        }
    }
    return STR("");
}

static void add_reexport(struct cjs *s, struct str specifier)
{
    if (specifier.len > 0) {
        list_add(s, &s->reexports, specifier);
    }
}

/* E at `i`: the token behind it, or 0. */
static size_t exports_end(const struct js_tokens *t, size_t i)
{
    if (token_is_member(t, i)) {
        return 0;
    }
    if (token_is(t, i, "exports")) {
        return i + 1;
    }
    return token_is(t, i, "module") && token_byte(t, i + 1) == '.' && token_is(t, i + 2, "exports")
                   ? i + 3
                   : 0;
}

/* A '=' that gives, and is no part of "==". */
static bool is_assignment(const struct js_tokens *t, size_t i)
{
    return token_byte(t, i) == '=' &&
           !(token_byte(t, i + 1) == '=' && t->items[i + 1].start == t->items[i].end);
}

/* The comma behind the member of an object that goes on at `i`, or the object's end. */
static size_t member_end(const struct js_tokens *t, size_t i, size_t end)
{
    while (i < end && token_byte(t, i) != ',') {
        i = token_behind(t, i);
    }
    return i < end ? i : end;
}

/* The name of the member at `i`: "a: 1", "'a': 1", "a", "a() {}", "get a() {}"; `end` if none. */
static size_t member_name(const struct js_tokens *t, size_t i, size_t end)
{
    static const char *const prefixes[] = { "get", "set", "async" };

    while (i + 1 < end && (token_byte(t, i) == '*' ||
                                  (is_word_of(t, i, prefixes, 3) &&
                                          (token_is_name(t, i + 1) || token_is_string(t, i + 1) ||
                                                  token_byte(t, i + 1) == '*')))) {
        i++;
    }
    return token_is_name(t, i) || token_is_string(t, i) ? i : end;
}

/* The names of the object literal at `open`. */
static void take_object(struct cjs *s, size_t open)
{
    const struct js_tokens *t = s->t;
    size_t end = t->items[open].match;

    for (size_t i = open + 1; i < end; i = member_end(t, i, end) + 1) {
        size_t name = member_name(t, i, end);

        if (str_eq(token_text(t, i), STR("..."))) {
            struct str specifier = required(s, i + 1);

            add_reexport(s, specifier.len > 0 ? specifier : bound_of(s, i + 1));
        } else if (name < end) {
            add_export(s, name);
        }
    }
}

/* What all exports are given at once, at `i`. */
static void take_value(struct cjs *s, size_t i)
{
    const struct js_tokens *t = s->t;

    i = cjs_dead_value(t, i);
    struct str specifier = required(s, i);

    if (token_byte(t, i) == '{') {
        take_object(s, i);
    } else if (specifier.len > 0) {
        add_reexport(s, specifier);
    } else if (token_is_name(t, i) && (i + 1 >= t->count || token_byte(t, i + 1) == ';' ||
                                              token_closes(t, i + 1) || t->items[i + 1].line)) {
        add_reexport(s, bound_of(s, i));
    }
}

/* E.name = x, E["name"] = x, E = x */
static void take_exports(struct cjs *s, size_t i)
{
    const struct js_tokens *t = s->t;
    size_t behind = exports_end(t, i);

    if (behind == 0) {
        return;
    }
    if (token_byte(t, behind) == '.' && token_is_name(t, behind + 1) &&
            is_assignment(t, behind + 2)) {
        add_export(s, behind + 1);
    } else if (token_byte(t, behind) == '[' && token_is_string(t, behind + 1) &&
               token_byte(t, behind + 2) == ']' && is_assignment(t, behind + 3)) {
        add_export(s, behind + 1);
    } else if (is_assignment(t, behind) &&
               (behind > i + 1 || (i > 0 && token_byte(t, i - 1) == '='))) {
        take_value(s, behind + 1);
    }
}

/* Whether the getter, from behind its `get` or name on, only gives a variable or a member of one:
 * others may have side effects, and reading them is not for us to do. */
static bool is_plain_getter(const struct js_tokens *t, size_t i)
{
    bool arrow = false;

    i += token_byte(t, i) == ':';
    i += token_is(t, i, "function");
    i += token_is_name(t, i);
    if (token_byte(t, i) != '(' || token_byte(t, i + 1) != ')') {
        return false;
    }
    i += 2;
    if (str_eq(token_text(t, i), STR("=>"))) {
        i++;
        arrow = token_byte(t, i) != '{';
    }
    if (!arrow) {
        if (token_byte(t, i) != '{' || !token_is(t, i + 1, "return")) {
            return false;
        }
        i += 2;
    }
    if (!token_is_name(t, i)) {
        return false;
    }
    i++;
    if (token_byte(t, i) == '.' && token_is_name(t, i + 1)) {
        i += 2;
    } else if (token_byte(t, i) == '[' && token_is_string(t, i + 1) &&
               token_byte(t, i + 2) == ']') {
        i += 3;
    }
    i += token_byte(t, i) == ';';
    return token_byte(t, i) == '}' || (arrow && token_byte(t, i) == ',');
}

static bool is_plain_descriptor(const struct js_tokens *t, size_t open)
{
    size_t end = t->items[open].match;
    size_t i = open + 1;

    for (int n = 0; i < end && n < MEMBERS_MAX; n++) {
        if (token_is(t, i, "value")) {
            return true;
        }
        if (token_is(t, i, "get")) {
            return is_plain_getter(t, i + 1);
        }
        i = member_end(t, i, end) + 1;
    }
    return false;
}

/* Object.defineProperty(E, "name", { ... }) */
static void take_define(struct cjs *s, size_t i)
{
    const struct js_tokens *t = s->t;

    if (token_byte(t, i + 3) != '(') {
        return;
    }
    size_t comma = exports_end(t, i + 4);

    if (comma > 0 && token_byte(t, comma) == ',' && token_is_string(t, comma + 1) &&
            token_byte(t, comma + 2) == ',' && token_byte(t, comma + 3) == '{' &&
            is_plain_descriptor(t, comma + 3)) {
        add_export(s, comma + 1);
    }
}

/* Whether the block at `open` gives exports the member that `key` names. */
static bool hands_on(const struct js_tokens *t, size_t open, struct str key)
{
    for (size_t i = open + 1; i < t->items[open].match && i < open + KEYS_MAX; i++) {
        size_t behind = exports_end(t, i);
        char sign = behind > 0 ? token_byte(t, behind) : '\0';

        if ((sign == '[' || (sign == ',' && token_byte(t, i - 1) == '(')) &&
                str_eq(token_text(t, behind + 1), key)) {
            return true;
        }
    }
    return false;
}

/* Object.keys(NAME).forEach(function (key) { ... E[key] ... }) */
static void take_keys(struct cjs *s, size_t i)
{
    const struct js_tokens *t = s->t;
    size_t paren = i + 8;
    bool function = token_is(t, paren + 1, "function");
    size_t key = paren + 1;

    if (token_byte(t, i + 3) != '(' || !token_is_name(t, i + 4) || token_byte(t, i + 5) != ')' ||
            token_byte(t, i + 6) != '.' || !token_is(t, i + 7, "forEach") ||
            token_byte(t, paren) != '(') {
        return;
    }
    key += function;
    key += token_byte(t, key) == '(';
    size_t open = key + 1;

    open += token_byte(t, open) == ')';
    open += str_eq(token_text(t, open), STR("=>"));
    if (token_is_name(t, key) && token_byte(t, open) == '{' &&
            hands_on(t, open, token_text(t, key))) {
        add_reexport(s, bound_of(s, i + 4));
    }
}

/* __exportStar(require("x"), exports), (0, tslib.__exportStar)(require("x"), exports),
 * _export(exports, { name: getter }) */
static void take_helper(struct cjs *s, size_t i)
{
    const struct js_tokens *t = s->t;
    size_t paren = i + 1;

    paren += token_byte(t, paren) == ')';
    if (token_byte(t, paren) != '(') {
        return;
    }
    size_t comma = exports_end(t, paren + 1);

    if (is_star(t, i)) {
        add_reexport(s, required(s, paren + 1));
    }
    if ((token_is(t, i, "_export") || token_is(t, i, "__export")) && comma > 0 &&
            token_byte(t, comma) == ',' && token_byte(t, comma + 1) == '{') {
        take_object(s, comma + 1);
    }
}

/* NAME = require("x") before the require at `i`. */
static void bind(struct cjs *s, size_t i, struct str specifier)
{
    const struct js_tokens *t = s->t;

    if (i >= 2 && token_byte(t, i - 1) == '(' && is_interop(t, i - 2)) {
        i -= 2;
    }
    if (i < 2 || token_byte(t, i - 1) != '=' || !token_is_name(t, i - 2) ||
            token_is_member(t, i - 2) || s->bound_count >= BOUND_MAX) {
        return;
    }
    if (s->bound_count == 0) {
        s->bound = arena_array(s->arena, struct bound, BOUND_MAX);
    }
    s->bound[s->bound_count++] = (struct bound){ token_text(t, i - 2), specifier };
}

/* [function (require, module, exports) { ... }: what it requires is in the bundle. */
static void take_function(struct cjs *s, size_t i)
{
    const struct js_tokens *t = s->t;
    size_t open = i + 7;

    if (i > 0 && token_byte(t, i - 1) == '[' && token_byte(t, i + 1) == '(' &&
            token_is(t, i + 2, "require") && token_byte(t, i + 3) == ',' &&
            t->items[i + 1].match < t->count) {
        open = t->items[i + 1].match + 1;
        if (token_byte(t, open) == '{' && t->items[open].match > s->foreign_end) {
            s->foreign_end = t->items[open].match;
        }
    }
}

static void take_word(struct cjs *s, size_t i)
{
    const struct js_tokens *t = s->t;
    size_t text = require_text(s, i);

    if (text > 0) {
        struct str specifier = text_of(s, text);

        list_add(s, &s->requires, specifier);
        bind(s, i, specifier);
    } else if (is_star(t, i) || token_is(t, i, "_export")) {
        take_helper(s, i);
    } else if (token_is_member(t, i)) {
        return;
    } else if (token_is(t, i, "Object") && token_byte(t, i + 1) == '.') {
        if (token_is(t, i + 2, "defineProperty")) {
            take_define(s, i);
        } else if (token_is(t, i + 2, "keys")) {
            take_keys(s, i);
        }
    } else if (token_is(t, i, "function")) {
        take_function(s, i);
    } else if (token_is(t, i, "global")) {
        s->facts->has_global = true;
    } else if (token_is(t, i, "process")) {
        s->facts->has_process = s->facts->has_process ||
                                !(token_is(t, i + 2, "env") && (token_is(t, i + 4, "NODE_ENV") ||
                                                                       token_is_string(t, i + 4)));
    } else {
        take_exports(s, i);
    }
}

void cjs_scan(struct str text, struct arena *a, struct cjs_facts *ret)
{
    struct js_tokens tokens;
    struct cjs s = { .t = &tokens, .arena = a, .facts = ret };
    struct cjs_dead dead = { .tokens = &tokens };

    *ret = (struct cjs_facts){ .exports = NULL };
    js_tokens(text, a, &tokens);
    for (size_t i = 0; i < tokens.count;) {
        size_t behind = cjs_dead_skip(&dead, i);

        if (behind > i) {
            i = behind;
            continue;
        }
        if (tokens.items[i].class == JS_WORD) {
            take_word(&s, i);
        }
        i++;
    }
    HASH_CLEAR(hh, s.exports.seen);
    HASH_CLEAR(hh, s.reexports.seen);
    HASH_CLEAR(hh, s.requires.seen);
    ret->exports = s.exports.items;
    ret->export_count = s.exports.count;
    ret->reexports = s.reexports.items;
    ret->reexport_count = s.reexports.count;
    ret->requires = s.requires.items;
    ret->require_count = s.requires.count;
}

bool cjs_has_export(const struct cjs_facts *facts, struct str name)
{
    for (size_t i = 0; i < facts->export_count; i++) {
        if (str_eq(facts->exports[i], name)) {
            return true;
        }
    }
    return false;
}
