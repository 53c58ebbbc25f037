/* SPDX-License-Identifier: MIT */
/*
 * A strict JSON reader that keeps nothing but the top object's names.
 *
 * Invariant: `at` never passes the end, and each level of depth is one bit of
 * `objects`, so nesting costs no stack.
 */
#include "modules/json_scan.h"

#include <stdint.h>
#include <string.h>

#include "base/table.h"

struct scan {
    struct str text;
    size_t at;
    const char *error;
    uint8_t objects[(JSON_DEPTH_MAX + 8) / 8]; /* a bit a level: it is an object */
    size_t depth;
};

static char peek(const struct scan *s)
{
    return s->at < s->text.len ? s->text.ptr[s->at] : '\0';
}

static bool fail(struct scan *s, const char *error)
{
    if (!s->error) {
        s->error = s->at >= s->text.len ? "the text ends too early" : error;
    }
    return false;
}

static void skip_space(struct scan *s)
{
    while (s->at < s->text.len && memchr(" \t\r\n", s->text.ptr[s->at], 4)) {
        s->at++;
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* At the opening quote. *ret is what is between the quotes; *ret_plain: it has no escape. */
static bool scan_string(struct scan *s, struct str *ret, bool *ret_plain)
{
    size_t start = ++s->at;

    *ret_plain = true;
    while (s->at < s->text.len) {
        char c = s->text.ptr[s->at];

        if (c == '"') {
            *ret = str_sub(s->text, start, s->at++);
            return true;
        }
        if ((unsigned char)c < 0x20) {
            return fail(s, "a control character in a string");
        }
        s->at++;
        if (c != '\\') {
            continue;
        }
        *ret_plain = false;
        if (peek(s) == 'u') {
            s->at++;
            for (int i = 0; i < 4; i++, s->at++) {
                if (!is_hex(peek(s))) {
                    return fail(s, "an escape that is none");
                }
            }
        } else if (peek(s) == '\0' || !strchr("\"\\/bfnrt", peek(s))) {
            return fail(s, "an escape that is none");
        } else {
            s->at++;
        }
    }
    return fail(s, "");
}

static bool scan_digits(struct scan *s)
{
    size_t start = s->at;

    while (is_digit(peek(s))) {
        s->at++;
    }
    return s->at > start || fail(s, "a number without a digit");
}

static bool scan_number(struct scan *s)
{
    s->at += peek(s) == '-';
    if (peek(s) == '0') {
        s->at++;
    } else if (!scan_digits(s)) {
        return false;
    }
    if (peek(s) == '.') {
        s->at++;
        if (!scan_digits(s)) {
            return false;
        }
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        s->at += peek(s) == '+' || peek(s) == '-';
        return scan_digits(s);
    }
    return true;
}

static bool scan_word(struct scan *s)
{
    static const struct str words[] = { STR_INIT("true"), STR_INIT("false"), STR_INIT("null") };

    for (size_t i = 0; i < 3; i++) {
        if (str_starts(str_skip(s->text, s->at), words[i])) {
            s->at += words[i].len;
            return true;
        }
    }
    return fail(s, "no value");
}

static bool is_object(const struct scan *s)
{
    return s->objects[(s->depth - 1) / 8] >> ((s->depth - 1) % 8) & 1;
}

static bool enter(struct scan *s, bool object)
{
    if (s->depth == JSON_DEPTH_MAX) {
        return fail(s, "nested too deeply");
    }
    uint8_t bit = (uint8_t)(1u << (s->depth % 8));

    if (object) {
        s->objects[s->depth / 8] |= bit;
    } else {
        s->objects[s->depth / 8] &= (uint8_t)~bit;
    }
    s->depth++;
    s->at++;
    return true;
}

bool json_is_name(struct str name)
{
    static const char *const reserved[] = {
        "arguments",
        "await",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "enum",
        "eval",
        "export",
        "extends",
        "false",
        "finally",
        "for",
        "function",
        "if",
        "implements",
        "import",
        "in",
        "instanceof",
        "interface",
        "let",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "static",
        "super",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "typeof",
        "var",
        "void",
        "while",
        "with",
        "yield",
    };

    if (name.len == 0 || is_digit(name.ptr[0])) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!is_digit(c) && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && c != '_' && c != '$') {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (str_eq(name, str_from(reserved[i]))) {
            return false;
        }
    }
    return true;
}

/* The names that were met, to have each once. */
struct seen {
    struct str name;
    UT_hash_handle hh;
};

static void note_name(
        struct json_facts *facts, struct arena *a, struct seen **seen, struct str name)
{
    struct seen *known;

    if (facts->name_count == JSON_NAMES_MAX || !json_is_name(name)) {
        return;
    }
    HASH_FIND(hh, *seen, name.ptr, name.len, known);
    if (known) {
        return;
    }
    known = arena_new(a, struct seen);
    HASH_ADD_KEYPTR(hh, *seen, name.ptr, name.len, known);
    if (!facts->names) {
        facts->names = arena_array(a, struct str, JSON_NAMES_MAX);
    }
    facts->names[facts->name_count++] = name;
}

/* A key and its colon. */
static bool scan_key(struct scan *s, struct str *ret, bool *ret_plain)
{
    skip_space(s);
    if (peek(s) != '"') {
        return fail(s, "no name in quotes");
    }
    if (!scan_string(s, ret, ret_plain)) {
        return false;
    }
    skip_space(s);
    if (peek(s) != ':') {
        return fail(s, "no ':' behind a name");
    }
    s->at++;
    return true;
}

/* One value, and all that follows it in the objects and arrays that it opens. */
static bool scan_all(struct scan *s, struct json_facts *facts, struct arena *a, struct seen **seen)
{
    struct str text = { 0 };
    bool plain = false;

    for (;;) {
        skip_space(s);
        char c = peek(s);

        if (c == '{' || c == '[') {
            if (!enter(s, c == '{')) {
                return false;
            }
            skip_space(s);
            if (peek(s) != (c == '{' ? '}' : ']')) {
                if (c == '{' && !scan_key(s, &text, &plain)) {
                    return false;
                }
                if (c == '{' && s->depth == 1 && plain) {
                    note_name(facts, a, seen, text);
                }
                continue;
            }
        } else if (c == '"'                  ? !scan_string(s, &text, &plain)
                   : c == '-' || is_digit(c) ? !scan_number(s)
                                             : !scan_word(s)) {
            return false;
        }
        for (;;) {
            skip_space(s);
            if (s->depth == 0) {
                return s->at == s->text.len || fail(s, "something behind the value");
            }
            char end = is_object(s) ? '}' : ']';

            if (peek(s) == end) {
                s->at++;
                s->depth--;
                continue;
            }
            if (peek(s) != ',') {
                return fail(s, end == '}' ? "no ',' or '}'" : "no ',' or ']'");
            }
            s->at++;
            if (end == '}') {
                if (!scan_key(s, &text, &plain)) {
                    return false;
                }
                if (s->depth == 1 && plain) {
                    note_name(facts, a, seen, text);
                }
            }
            break;
        }
    }
}

bool json_scan(struct str text, struct arena *a, struct json_facts *ret)
{
    struct scan s = { .text = text };
    struct seen *seen = NULL;

    *ret = (struct json_facts){ 0 };
    (void)scan_all(&s, ret, a, &seen); /* s.error says it */
    HASH_CLEAR(hh, seen);
    ret->error = s.error;
    ret->error_at = s.at < text.len ? s.at : text.len;
    return !s.error;
}
