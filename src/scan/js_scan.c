/* SPDX-License-Identifier: MIT */
/*
 * The scan itself: forward over the tokens, with what stands before each
 * (enum js_prev) and a stack of open brackets. Invariant: s->top is the
 * innermost open bracket, and what its end means to the token behind it was
 * decided when it was opened.
 */
#include "scan/js_scan.h"
#include "scan/js_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/vec.h"

enum word {
    WORD_NAME, /* no keyword */
    WORD_ASYNC,
    WORD_AWAIT,
    WORD_BEFORE_STATEMENT, /* else, do, try, finally, debugger */
    WORD_BEFORE_VALUE,     /* case, typeof, extends, let, throw, ... */
    WORD_BETWEEN_VALUES,   /* in, instanceof */
    WORD_CLASS,
    WORD_CONTROL, /* if, while, with, switch, catch */
    WORD_DEFAULT,
    WORD_EXPORT,
    WORD_FOR,
    WORD_FUNCTION,
    WORD_IMPORT,
    WORD_JUMP, /* break, continue */
    WORD_NEW,
    WORD_OF,
    WORD_PROCESS,
    WORD_RETURN, /* return, yield */
};

enum { FRAMES_FIRST = 64 };

#define IS(tail) (n == sizeof(tail) && memcmp(w + 1, tail, sizeof(tail) - 1) == 0)

/* What the word of `n` bytes, two or more, is. */
static inline enum word word_of(const char *w, size_t n)
{
    switch (*w) {
    case 'a': return IS("sync") ? WORD_ASYNC : IS("wait") ? WORD_AWAIT : WORD_NAME;
    case 'b': return IS("reak") ? WORD_JUMP : WORD_NAME;
    case 'c':
        return IS("onst") || IS("ase") ? WORD_BEFORE_VALUE
               : IS("lass")            ? WORD_CLASS
               : IS("atch")            ? WORD_CONTROL
               : IS("ontinue")         ? WORD_JUMP
                                       : WORD_NAME;
    case 'd':
        return IS("o") || IS("ebugger") ? WORD_BEFORE_STATEMENT
               : IS("elete")            ? WORD_BEFORE_VALUE
               : IS("efault")           ? WORD_DEFAULT
                                        : WORD_NAME;
    case 'e':
        return IS("lse")      ? WORD_BEFORE_STATEMENT
               : IS("xport")  ? WORD_EXPORT
               : IS("xtends") ? WORD_BEFORE_VALUE
                              : WORD_NAME;
    case 'f':
        return IS("unction")  ? WORD_FUNCTION
               : IS("or")     ? WORD_FOR
               : IS("inally") ? WORD_BEFORE_STATEMENT
                              : WORD_NAME;
    case 'i':
        return IS("f")                      ? WORD_CONTROL
               : IS("n") || IS("nstanceof") ? WORD_BETWEEN_VALUES
               : IS("mport")                ? WORD_IMPORT
                                            : WORD_NAME;
    case 'l': return IS("et") ? WORD_BEFORE_VALUE : WORD_NAME;
    case 'n': return IS("ew") ? WORD_NEW : WORD_NAME;
    case 'o': return IS("f") ? WORD_OF : WORD_NAME;
    case 'p': return IS("rocess") ? WORD_PROCESS : WORD_NAME;
    case 'r': return IS("eturn") ? WORD_RETURN : WORD_NAME;
    case 's': return IS("witch") ? WORD_CONTROL : WORD_NAME;
    case 't':
        return IS("ypeof") || IS("hrow") ? WORD_BEFORE_VALUE
               : IS("ry")                ? WORD_BEFORE_STATEMENT
                                         : WORD_NAME;
    case 'v': return IS("ar") || IS("oid") ? WORD_BEFORE_VALUE : WORD_NAME;
    case 'w': return IS("hile") || IS("ith") ? WORD_CONTROL : WORD_NAME;
    case 'y': return IS("ield") ? WORD_RETURN : WORD_NAME;
    default: return WORD_NAME;
    }
}

bool js_push(struct js *s, const char *open, enum js_frame_kind kind, enum js_prev after)
{
    size_t depth = (size_t)(s->top - s->frames) + 1;
    bool in_function = s->top->in_function || s->top->arrow;

    if (depth == s->cap) {
        if (depth > JS_DEPTH_MAX) {
            js_fail(s, open, STR("too many brackets within one another"));
            return false;
        }
        /* The first frames lie on the stack of js_scan(). */
        bool first = s->cap == FRAMES_FIRST;
        struct js_frame *old = s->frames;
        s->cap *= 2;
        s->frames = mem_realloc(first ? NULL : old, s->cap, sizeof(*s->frames));
        if (first) {
            memcpy(s->frames, old, depth * sizeof(*s->frames));
        }
    }
    s->top = &s->frames[depth];
    *s->top = (struct js_frame){
        .open = js_at(s, open),
        .classes = 1,
        .dep = JS_NO_DEP,
        .kind = (uint8_t)kind,
        .after = (uint8_t)after,
        .in_function = in_function,
    };
    return true;
}

/* A statement begins, by its look or behind a semicolon that was not written. */
static inline void begin_statement(struct js *s)
{
    s->top->arrow = false;
    if (s->top->kind == JS_TOP) {
        s->exporting = false;
    }
}

/* Exports the last key of an object pattern, if it stands alone: { key } or { key = 1 }. */
static void export_key(struct js *s)
{
    struct js_frame *f = s->top;

    if (f->binding && f->key_end > f->key) {
        js_add_export(s, js_decode(str_sub(s->text, f->key, f->key_end), s->arena));
    }
    f->key_end = f->key;
}

/* Whether what comes now is the next member of a class whose last one has no semicolon. */
static inline bool begins_member(const struct js *s, enum js_prev prev)
{
    return s->top->kind == JS_CLASS_BODY && !s->top->in_key && prev == JS_VALUE;
}

/* Whether `function` follows on the same line. */
static bool function_follows(const struct js *s, const char *p)
{
    struct js_piece t = js_piece_at(p, s->end);

    return !t.line && js_piece_is(&t, STR("function"));
}

/* Behind the label of a break or continue, if there is one. */
static const char *label_end(const struct js *s, const char *p)
{
    struct js_piece t = js_piece_at(p, s->end);

    return t.kind == JS_PIECE_WORD && !t.line && js_class_of(*t.start) != JS_DIGIT ? t.end : p;
}

static bool is_declaration(enum js_prev prev, bool line)
{
    return prev == JS_STMT || prev == JS_VALUE || prev == JS_DEFAULT || (prev == JS_RETURN && line);
}

/* Takes the keyword before `p`: what stands before the next token. NULL in *p on an error. */
static enum js_prev take_keyword(struct js *s, enum word word, const char *start, const char **p,
        enum js_prev prev, bool line)
{
    switch (word) {
    case WORD_ASYNC: return function_follows(s, *p) ? prev : JS_VALUE;
    case WORD_AWAIT:
        if (!s->top->in_function && !s->top->arrow) {
            s->facts->has_await = true;
        }
        return prev == JS_CONTROL_FOR ? prev : JS_OP;
    case WORD_BEFORE_STATEMENT: return JS_STMT;
    case WORD_BEFORE_VALUE:
    case WORD_BETWEEN_VALUES: return JS_OP;
    case WORD_CLASS:
        if (s->top->classes >> JS_CLASSES_MAX != 0) {
            *p = js_fail(s, start, STR("too many classes within one another"));
            return JS_OP;
        }
        s->top->classes = s->top->classes << 1 | is_declaration(prev, line);
        return JS_CLASS;
    case WORD_CONTROL: return JS_CONTROL;
    case WORD_DEFAULT: return JS_VALUE;
    case WORD_EXPORT: *p = js_export(s, start, *p, &prev); return prev;
    case WORD_FOR: return JS_CONTROL_FOR;
    case WORD_FUNCTION: return is_declaration(prev, line) ? JS_FN_DECL : JS_FN_EXPR;
    case WORD_IMPORT: *p = js_import(s, start, *p, &prev); return prev;
    case WORD_JUMP: *p = label_end(s, *p); return JS_STMT;
    case WORD_NEW: js_new(s, start, *p); return JS_OP;
    case WORD_OF: return s->top->is_for && prev == JS_VALUE ? JS_OP : JS_VALUE;
    case WORD_RETURN: return JS_RETURN;
    case WORD_PROCESS:
    case WORD_NAME:
    default: return JS_VALUE;
    }
}

/* Takes the name or keyword [start, *p). */
static inline enum js_prev take_word(
        struct js *s, const char *start, const char **p, bool escaped, enum js_prev prev, bool line)
{
    struct js_frame *f = s->top;
    size_t n = (size_t)(*p - start);

    if (f->in_key) {
        if (f->binding) {
            f->key = js_at(s, start);
            f->key_end = js_at(s, *p);
        }
        return JS_VALUE;
    }
    if (prev == JS_MEMBER) {
        return JS_VALUE;
    }
    enum word word = n > 1 && n <= 10 && !escaped ? word_of(start, n) : WORD_NAME;
    if (word == WORD_PROCESS) {
        js_process(s, start, *p);
        word = WORD_NAME;
    }
    if (prev == JS_STMT || (prev == JS_VALUE && line && word != WORD_BETWEEN_VALUES)) {
        if (f->kind == JS_CLASS_BODY) {
            f->in_key = true;
            f->arrow = false;
            return JS_VALUE;
        }
        if (!(word == WORD_OF && f->is_for)) {
            begin_statement(s);
        }
    }
    if (prev == JS_BINDING) {
        js_add_export(s, js_decode((struct str){ start, n }, s->arena));
        return JS_VALUE;
    }
    if (word != WORD_NAME) {
        return take_keyword(s, word, start, p, prev, line);
    }
    return prev == JS_FN_DECL || prev == JS_FN_EXPR || prev == JS_CLASS ? prev : JS_VALUE;
}

/* A string, number, or private name: a value, or the name of a member. */
static inline enum js_prev take_value(struct js *s, enum js_prev prev)
{
    if (begins_member(s, prev)) {
        s->top->in_key = true;
        s->top->arrow = false;
    } else if (prev == JS_VALUE || prev == JS_STMT) {
        begin_statement(s);
    }
    s->top->key_end = s->top->key;
    return JS_VALUE;
}

static bool open_brace(struct js *s, const char *at, enum js_prev *prev, bool line)
{
    enum js_frame_kind kind = JS_OBJECT;
    enum js_prev after = JS_VALUE;
    bool function = false;
    bool binding = *prev == JS_BINDING;
    struct js_frame *f = s->top;

    if (f->in_key) {
        kind = JS_BLOCK;
        function = true;
    } else if (*prev == JS_STMT || *prev == JS_CONTROL || (*prev == JS_RETURN && line)) {
        begin_statement(s);
        kind = JS_BLOCK;
        after = JS_STMT;
    } else if (*prev == JS_ARROW || *prev == JS_BODY_DECL) {
        f->arrow = *prev == JS_ARROW ? false : f->arrow;
        kind = JS_BLOCK;
        after = JS_STMT;
        function = true;
    } else if (*prev == JS_BODY_EXPR || *prev == JS_BODY_METHOD) {
        kind = JS_BLOCK;
        function = true;
    } else if ((*prev == JS_VALUE || *prev == JS_CLASS) && f->classes > 1) {
        kind = JS_CLASS_BODY;
        after = f->classes & 1 ? JS_STMT : JS_VALUE;
        f->classes >>= 1;
    } else if (*prev == JS_VALUE) {
        begin_statement(s);
        kind = JS_BLOCK;
        after = JS_STMT;
    }
    if (!js_push(s, at, kind, after)) {
        return false;
    }
    f = s->top;
    f->in_key = kind != JS_BLOCK;
    f->binding = binding && kind == JS_OBJECT;
    f->in_function |= function;
    *prev = kind == JS_BLOCK ? JS_STMT : JS_OP;
    return true;
}

static bool open_paren(struct js *s, const char *at, enum js_prev *prev)
{
    enum js_prev before = *prev;
    enum js_prev after = JS_VALUE;
    bool method = s->top->in_key;

    if (method) {
        after = JS_BODY_METHOD;
    } else if (before == JS_CONTROL || before == JS_CONTROL_FOR) {
        after = JS_STMT;
    } else if (before == JS_FN_DECL) {
        after = JS_BODY_DECL;
    } else if (before == JS_FN_EXPR) {
        after = JS_BODY_EXPR;
    }
    if (!js_push(s, at, JS_PAREN, after)) {
        return false;
    }
    s->top->is_for = before == JS_CONTROL_FOR && !method;
    s->top->in_function |= after >= JS_BODY_DECL;
    if (js_at(s, at) == s->call_at) {
        s->top->dep = s->call_dep;
    }
    *prev = JS_OP;
    return true;
}

/* Without the white space at the end. */
static uint32_t trimmed(const struct js *s, uint32_t from, const char *to)
{
    while (js_at(s, to) > from &&
            (js_class_of(to[-1]) == JS_BLANK || js_class_of(to[-1]) == JS_LINE)) {
        to--;
    }
    return js_at(s, to);
}

/* The first argument of an import() ends before `at`. */
static void end_argument(struct js *s, const char *at)
{
    struct dep *dep = &s->facts->deps[s->top->dep];

    s->top->first_argument = false;
    if (dep->kind == DEP_DYNAMIC_EXPR) {
        dep->specifier.end = trimmed(s, dep->specifier.start, at);
    }
}

/* The call that is a dep ends with the ')' at `at`. */
static void end_call(struct js *s, const char *at)
{
    struct dep *dep = &s->facts->deps[s->top->dep];

    if (s->top->first_argument) {
        end_argument(s, at);
    }
    dep->statement.end = js_at(s, at + 1);
    if (dep->attributes.start > 0) {
        dep->attributes.end = trimmed(s, dep->attributes.start, at);
        if (s->text.ptr[dep->attributes.end - 1] == ',') {
            dep->attributes.end =
                    trimmed(s, dep->attributes.start, s->text.ptr + dep->attributes.end - 1);
        }
    }
}

static bool wrong_bracket(struct js *s, const char *at)
{
    js_fail(s, at, arena_printf(s->arena, "unexpected '%c'", *at));
    return false;
}

static bool close_bracket(struct js *s, const char *at, enum js_prev *prev)
{
    struct js_frame *f = s->top;

    if (f->kind != (*at == ')' ? JS_PAREN : JS_BRACKET)) {
        return wrong_bracket(s, at);
    }
    if (f->dep != JS_NO_DEP) {
        end_call(s, at);
    }
    *prev = (enum js_prev)f->after;
    s->top--;
    return true;
}

/* A '}': *ret_template says that a template goes on behind it. */
static bool close_brace(struct js *s, const char *at, enum js_prev *prev, bool *ret_template)
{
    struct js_frame *f = s->top;

    *ret_template = f->kind == JS_SUBSTITUTION;
    if (f->kind == JS_TOP || f->kind == JS_PAREN || f->kind == JS_BRACKET) {
        return wrong_bracket(s, at);
    }
    if (f->kind == JS_OBJECT && f->in_key) {
        export_key(s);
    }
    *prev = (enum js_prev)f->after;
    s->top--;
    /* Behind the block of an arrow function nothing goes on: the next member of a class comes. */
    if (f->kind == JS_BLOCK && *prev == JS_STMT && s->top->kind == JS_CLASS_BODY) {
        s->top->in_key = true;
        *prev = JS_VALUE;
    }
    return true;
}

static enum js_prev take_comma(struct js *s, const char *at)
{
    struct js_frame *f = s->top;

    f->arrow = false;
    if (f->kind == JS_OBJECT) {
        if (f->in_key) {
            export_key(s);
        }
        f->in_key = true;
        return JS_OP;
    }
    if (f->first_argument) {
        end_argument(s, at);
    }
    return f->binding || (f->kind == JS_TOP && s->exporting) ? JS_BINDING : JS_OP;
}

static enum js_prev take_colon(struct js *s)
{
    struct js_frame *f = s->top;

    if (f->ternaries > 0) {
        f->ternaries--;
        if (f->ternaries < f->arrow_ternaries) {
            f->arrow = false;
        }
        return JS_OP;
    }
    if (f->kind == JS_OBJECT) {
        f->in_key = false;
        f->key_end = f->key;
        return f->binding ? JS_BINDING : JS_OP;
    }
    return f->kind == JS_BLOCK || f->kind == JS_TOP ? JS_STMT : JS_OP;
}

static enum js_prev take_semicolon(struct js *s)
{
    struct js_frame *f = s->top;

    f->ternaries = 0;
    begin_statement(s);
    if (f->kind == JS_CLASS_BODY) {
        f->in_key = true;
    }
    return f->kind == JS_BLOCK || f->kind == JS_TOP ? JS_STMT : JS_OP;
}

static const char *take_question(struct js *s, const char *p, enum js_prev *prev)
{
    char next = (char)(s->end - p >= 2 ? p[1] : 0);

    *prev = JS_OP;
    if (next == '?') {
        return p + 2;
    }
    if (next == '.' && !(s->end - p >= 3 && js_class_of(p[2]) == JS_DIGIT)) {
        *prev = JS_MEMBER;
        return p + 2;
    }
    s->top->ternaries++;
    return p + 1;
}

static const char *take_equals(struct js *s, const char *p, enum js_prev *prev)
{
    struct js_frame *f = s->top;

    if (s->end - p >= 2 && p[1] == '>') {
        f->arrow = true;
        f->arrow_ternaries = f->ternaries;
        *prev = JS_ARROW;
        return p + 2;
    }
    if (f->in_key) {
        export_key(s);
        f->in_key = false;
    }
    *prev = JS_OP;
    return p + 1;
}

static const char *take_dot(struct js *s, const char *p, enum js_prev *prev)
{
    struct js_frame *f = s->top;

    if (s->end - p >= 3 && p[1] == '.' && p[2] == '.') {
        f->in_key = false;
        *prev = f->binding && (f->kind == JS_OBJECT || *prev == JS_BINDING) ? JS_BINDING : JS_OP;
        return p + 3;
    }
    if (s->end - p >= 2 && js_class_of(p[1]) == JS_DIGIT) {
        *prev = take_value(s, *prev);
        return js_number_end(p, s->end);
    }
    *prev = JS_MEMBER;
    return p + 1;
}

/* The stretch of template text at `p`. */
static const char *take_template(struct js *s, const char *p, const char *open, enum js_prev *prev)
{
    const char *behind = js_template_end(p, s->end);

    if (!behind) {
        return js_fail(s, open, STR("unterminated template"));
    }
    *prev = JS_VALUE;
    if (behind[-1] == '{') {
        *prev = JS_OP;
        return js_push(s, open, JS_SUBSTITUTION, JS_VALUE) ? behind : NULL;
    }
    return behind;
}

/* One token that is neither blank nor made of letters: the place behind it, or NULL. */
static const char *take_mark(
        struct js *s, const char *p, enum js_class class, enum js_prev *prev, bool line)
{
    bool in_template = false;
    const char *start = p;
    bool escaped;

    switch (class) {
    case JS_DIGIT: *prev = take_value(s, *prev); return js_number_end(p, s->end);
    case JS_QUOTE:
        *prev = take_value(s, *prev);
        p = js_string_end(p, s->end);
        return p ? p : js_fail(s, start, STR("unterminated string"));
    case JS_TEMPLATE: return take_template(s, p + 1, p, prev);
    case JS_SLASH:
        if (*prev == JS_VALUE) {
            *prev = JS_OP;
            return p + 1;
        }
        if (*prev == JS_STMT) {
            begin_statement(s);
        }
        *prev = JS_VALUE;
        p = js_regex_end(p, s->end);
        return p ? p : js_fail(s, start, STR("unterminated regular expression"));
    case JS_DOT: return take_dot(s, p, prev);
    case JS_COMMA: *prev = take_comma(s, p); return p + 1;
    case JS_SEMICOLON: *prev = take_semicolon(s); return p + 1;
    case JS_COLON: *prev = take_colon(s); return p + 1;
    case JS_QUESTION: return take_question(s, p, prev);
    case JS_EQUALS: return take_equals(s, p, prev);
    case JS_SIGN:
        if (s->end - p >= 2 && p[1] == *p) {
            if (*prev != JS_VALUE || line) {
                if (*prev == JS_VALUE || *prev == JS_STMT) {
                    begin_statement(s);
                }
                *prev = JS_OP;
            }
            return p + 2;
        }
        *prev = JS_OP;
        return p + 1;
    case JS_BANG:
        if (*prev == JS_STMT || (*prev == JS_VALUE && line && !(s->end - p >= 2 && p[1] == '='))) {
            begin_statement(s);
        }
        *prev = JS_OP;
        return p + 1;
    case JS_STAR:
        *prev = *prev == JS_FN_DECL || *prev == JS_FN_EXPR || *prev == JS_RETURN ? *prev : JS_OP;
        return p + 1;
    case JS_OPERATOR: *prev = JS_OP; return p + 1;
    case JS_HASH:
        p = js_word_end(p + 1, s->end, &escaped);
        *prev = *prev == JS_MEMBER ? JS_VALUE : take_value(s, *prev);
        return p > start + 1 ? p : js_fail(s, start, STR("unexpected '#'"));
    case JS_AT:
        if (begins_member(s, *prev)) {
            s->top->in_key = true;
        }
        return p + 1;
    case JS_PAREN_OPEN: return open_paren(s, p, prev) ? p + 1 : NULL;
    case JS_BRACKET_OPEN: {
        bool binding = *prev == JS_BINDING;
        s->top->key_end = s->top->key;
        if (!js_push(s, p, JS_BRACKET, JS_VALUE)) {
            return NULL;
        }
        s->top->binding = binding;
        *prev = binding ? JS_BINDING : JS_OP;
        return p + 1;
    }
    case JS_PAREN_CLOSE:
    case JS_BRACKET_CLOSE: return close_bracket(s, p, prev) ? p + 1 : NULL;
    case JS_BRACE_OPEN: return open_brace(s, p, prev, line) ? p + 1 : NULL;
    case JS_BRACE_CLOSE:
        if (!close_brace(s, p, prev, &in_template)) {
            return NULL;
        }
        return in_template ? take_template(s, p + 1, s->text.ptr + s->top[1].open, prev) : p + 1;
    case JS_WORD:
    case JS_ESCAPE:
    case JS_HIGH:
    case JS_BLANK:
    case JS_LINE:
    case JS_OTHER:
    default: return js_fail(s, p, STR("unexpected character"));
    }
}

static void note_token(
        struct js *s, const char *start, const char *p, enum js_class class, bool line)
{
    struct js_token token = {
        .start = js_at(s, start), .end = js_at(s, p), .class = (uint8_t) class, .line = line
    };

    vec_push(s->tokens, token);
}

static void scan(struct js *s, const char *p)
{
    const char *end = s->end;
    enum js_prev prev = JS_STMT;
    bool line = false; /* a line has ended since the last token */

    while (p < end) {
        enum js_class class = js_class_of(*p);
        const char *start = p;
        if (class == JS_WORD) {
            bool escaped = false;
            p = js_ascii_word_end(p + 1, end);
            if (p < end && (js_class_of(*p) == JS_HIGH || js_class_of(*p) == JS_ESCAPE)) {
                p = js_word_end(p, end, &escaped);
            }
            prev = take_word(s, start, &p, escaped, prev, line);
        } else if (class == JS_BLANK) {
            p++;
            continue;
        } else if (class == JS_LINE) {
            line = true;
            p++;
            continue;
        } else if (class == JS_SLASH && end - p >= 2 && (p[1] == '/' || p[1] == '*')) {
            p = js_comment_end(p, end, &line);
            if (!p) {
                js_fail(s, start, STR("unterminated comment"));
                return;
            }
            continue;
        } else if (class == JS_HIGH || class == JS_ESCAPE) {
            unsigned blank = class == JS_HIGH ? js_high_blank(p, end, &line) : 0;
            if (blank > 0) {
                p += blank;
                continue;
            }
            bool escaped = false;
            p = js_word_end(p, end, &escaped);
            prev = take_word(s, start, &p, escaped, prev, line);
        } else {
            p = take_mark(s, p, class, &prev, line);
        }
        if (!p) {
            return;
        }
        if (s->tokens) {
            note_token(s, start, p, class, line);
        }
        line = false;
    }
    if (s->top != s->frames) {
        const char *open = s->text.ptr + s->top->open;
        js_fail(s, open,
                arena_printf(
                        s->arena, *open == '`' ? "unterminated template" : "unclosed '%c'", *open));
    }
}

/* Behind a byte order mark and a hashbang line. */
static uint32_t prefix_end(struct str text)
{
    size_t at = str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0;
    bool line = false;

    if (!str_starts(str_skip(text, at), STR("#!"))) {
        return (uint32_t)at;
    }
    const char *p = text.ptr + at;
    const char *end = text.ptr + text.len;
    while (p < end && !line) {
        if (js_class_of(*p) == JS_LINE) {
            p += *p == '\r' && end - p >= 2 && p[1] == '\n' ? 2 : 1;
            break;
        }
        unsigned blank = js_class_of(*p) == JS_HIGH ? js_high_blank(p, end, &line) : 0;
        p += blank > 0 ? blank : 1;
    }
    return (uint32_t)(p - text.ptr);
}

void js_scan_into(
        struct str text, struct arena *a, struct js_facts *ret, struct js_token_list *tokens)
{
    struct js_frame first[FRAMES_FIRST];
    struct js s = {
        .text = text,
        .arena = a,
        .facts = ret,
        .top = first,
        .frames = first,
        .cap = FRAMES_FIRST,
        .call_at = UINT32_MAX,
        .known_new = UINT32_MAX,
        .tokens = tokens,
    };

    *ret = (struct js_facts){ .dep_count = 0 };
    first[0] = (struct js_frame){ .kind = JS_TOP, .classes = 1, .dep = JS_NO_DEP };
    if (text.len > JS_TEXT_MAX) {
        ret->error = (struct scan_error){ true, 0, STR("the file is too large to be scanned") };
        return;
    }
    ret->prefix_at = prefix_end(text);
    if (text.len > 0) {
        s.end = text.ptr + text.len;
        scan(&s, text.ptr + ret->prefix_at);
    }
    if (s.frames != first) {
        free(s.frames);
    }
}

void js_scan(struct str text, struct arena *a, struct js_facts *ret)
{
    js_scan_into(text, a, ret, NULL);
}
