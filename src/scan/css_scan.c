/* SPDX-License-Identifier: MIT */
/*
 * One pass over the tokens with a stack of open brackets. A statement is what
 * stands between two semicolons or blocks: a declaration, or what precedes a
 * block. The invariant: each frame is a bracket that waits for its own closer,
 * and another closer is an ordinary token, as the standard says.
 */
#include "scan/css_scan.h"

#include <string.h>

#include "base/vec.h"
#include "scan/css_lex.h"
#include "scan/url_text.h"

enum frame_kind {
    FRAME_BLOCK, /* { } that holds statements */
    FRAME_OTHER,
    FRAME_URL,       /* url("x") or src("x"): the first token may be a URL */
    FRAME_IMAGE_SET, /* each string directly inside is a URL */
};

enum { NO_DEP = UINT32_MAX };

struct frame {
    enum css_token_kind closer;
    enum frame_kind kind;
    uint32_t start; /* where it begins */
    uint32_t dep;   /* of FRAME_URL: whose statement ends with it */
};

enum statement {
    AT_START,
    IN_AT_PRELUDE,
    IN_RULE_PRELUDE, /* of a style rule at the top level */
    IN_DECLARATION,  /* or what precedes a nested rule's block: the two look alike */
};

enum at_rule {
    AT_UNKNOWN,   /* to be ignored, or not known to all browsers */
    AT_IMPORT,    /* to be read */
    AT_LAYER,     /* lets imports follow if it has no block */
    AT_NAMESPACE, /* no block */
    AT_BLOCK,     /* a block */
};

/* Where the reading of an @import stands. */
enum import_state {
    IMPORT_NONE,
    IMPORT_URL,  /* its URL is expected */
    IMPORT_REST, /* its conditions are read */
};

struct scan {
    struct css_lex lex;
    struct arena *arena;
    struct {
        struct frame *items;
        size_t count, cap;
    } frames;
    struct {
        struct dep *items;
        size_t count, cap;
    } deps;
    size_t blocks; /* that are open */
    enum statement statement;
    enum at_rule at_rule;
    enum import_state import;
    uint32_t at_start; /* of an at-rule */
    bool surely_valid; /* of the style rule that is read, as far as it is read */
    bool may_import;   /* no rule has come yet that forbids it */
    bool wants_url;    /* the innermost frame is FRAME_URL and nothing stood in it yet */
    struct scan_error error;
};

static void fail(struct scan *s, size_t offset, const char *why)
{
    if (!s->error.failed) {
        s->error = (struct scan_error){ true, (uint32_t)offset, str_from(why) };
    }
}

static struct span span_of(struct scan *s, struct str text)
{
    uint32_t start = (uint32_t)(text.ptr - s->lex.source.ptr);

    return (struct span){ start, start + (uint32_t)text.len };
}

/* Whether what stands next is part of no bracket but blocks. */
static bool at_base(const struct scan *s)
{
    return s->frames.count == 0 || s->frames.items[s->frames.count - 1].kind == FRAME_BLOCK;
}

static struct frame *top(const struct scan *s)
{
    return s->frames.count > 0 ? &s->frames.items[s->frames.count - 1] : NULL;
}

static bool counts(const struct scan *s)
{
    return s->statement == IN_DECLARATION;
}

/* Adds the URL that `t` holds; false if it is none that is fetched. */
static bool add_dep(struct scan *s, enum dep_kind kind, size_t start, const struct css_token *t)
{
    struct dep dep = { .kind = kind, .text = css_unescape(t, s->arena) };

    if (!url_is_fetched(dep.text)) {
        return false;
    }
    if (s->deps.count == CSS_DEPS_MAX) {
        fail(s, t->start, "more URLs than orbiton reads");
        return false;
    }
    dep.statement = (struct span){ (uint32_t)start, (uint32_t)t->end };
    dep.specifier = span_of(s, t->text);
    vec_push(&s->deps, dep);
    return true;
}

static void push(
        struct scan *s, const struct css_token *t, enum css_token_kind closer, enum frame_kind kind)
{
    struct frame frame = { closer, kind, (uint32_t)t->start, NO_DEP };

    if (s->frames.count == CSS_DEPTH_MAX) {
        fail(s, t->start, "brackets nested more deeply than orbiton reads");
        return;
    }
    vec_push(&s->frames, frame);
}

static enum at_rule at_rule_of(struct str name)
{
    static const struct str blocks[] = {
        STR_INIT("media"),
        STR_INIT("supports"),
        STR_INIT("font-face"),
        STR_INIT("keyframes"),
        STR_INIT("-webkit-keyframes"),
        STR_INIT("page"),
        STR_INIT("container"),
        STR_INIT("property"),
        STR_INIT("counter-style"),
    };

    if (css_name_is(name, STR("import"))) {
        return AT_IMPORT;
    }
    if (css_name_is(name, STR("layer"))) {
        return AT_LAYER;
    }
    if (css_name_is(name, STR("namespace"))) {
        return AT_NAMESPACE;
    }
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        if (css_name_is(name, blocks[i])) {
            return AT_BLOCK;
        }
    }
    return AT_UNKNOWN;
}

static void begin_at_rule(struct scan *s, const struct css_token *t)
{
    s->statement = IN_AT_PRELUDE;
    s->at_start = (uint32_t)t->start;
    s->import = IMPORT_NONE;
    if (s->blocks == 0 && s->may_import) {
        s->at_rule = at_rule_of(t->text);
        s->import = s->at_rule == AT_IMPORT ? IMPORT_URL : IMPORT_NONE;
    }
}

/* Completes the @import that ends before `end`. */
static void end_import(struct scan *s, size_t end)
{
    struct dep *dep;
    struct str rest;

    if (s->import == IMPORT_REST) {
        dep = &s->deps.items[s->deps.count - 1];
        rest = str_trim(str_sub(s->lex.source, dep->statement.end, end));
        if (rest.len > 0) {
            dep->attributes = span_of(s, rest);
            end = dep->attributes.end;
        } else {
            end = dep->statement.end;
        }
        dep->statement = (struct span){ s->at_start, (uint32_t)end };
    }
    s->import = IMPORT_NONE;
}

static bool is_url_function(const struct css_token *t)
{
    return t->kind == CSS_FUNCTION &&
           (css_name_is(t->text, STR("url")) || css_name_is(t->text, STR("src")));
}

/* The URL of an @import, or what stands in its place. A function is read with its first token. */
static void read_import_url(struct scan *s, const struct css_token *t)
{
    if (t->kind == CSS_STRING || t->kind == CSS_URL) {
        s->import = add_dep(s, DEP_CSS_IMPORT, t->start, t) ? IMPORT_REST : IMPORT_NONE;
    } else if (!is_url_function(t)) {
        s->import = IMPORT_NONE;
    }
}

/* The first token of url( or src(. */
static void read_url_argument(struct scan *s, const struct css_token *t)
{
    struct frame *frame = top(s);
    bool is_import = s->import == IMPORT_URL;

    s->wants_url = false;
    s->import = is_import ? IMPORT_NONE : s->import;
    if (t->kind == CSS_STRING && (is_import || counts(s)) &&
            add_dep(s, is_import ? DEP_CSS_IMPORT : DEP_CSS_URL, frame->start, t)) {
        frame->dep = (uint32_t)s->deps.count - 1;
        s->import = is_import ? IMPORT_REST : s->import;
    }
}

static void open_function(struct scan *s, const struct css_token *t)
{
    enum frame_kind kind = FRAME_OTHER;

    if (is_url_function(t)) {
        kind = FRAME_URL;
    } else if (css_name_is(t->text, STR("image-set")) ||
               css_name_is(t->text, STR("-webkit-image-set"))) {
        kind = FRAME_IMAGE_SET;
    }
    push(s, t, CSS_RIGHT_PAREN, kind);
    s->wants_url = kind == FRAME_URL && !s->error.failed;
}

static void open_brace(struct scan *s, const struct css_token *t)
{
    if (!at_base(s)) {
        push(s, t, CSS_RIGHT_BRACE, FRAME_OTHER);
        return;
    }
    if (s->import == IMPORT_REST) {
        s->deps.count--;
    }
    s->import = IMPORT_NONE;
    if (s->blocks == 0) {
        bool is_rule = s->statement == IN_RULE_PRELUDE;
        bool is_block = s->at_rule == AT_BLOCK || s->at_rule == AT_LAYER;
        s->may_import = s->may_import && (is_rule ? !s->surely_valid : !is_block);
    }
    push(s, t, CSS_RIGHT_BRACE, FRAME_BLOCK);
    s->blocks++;
    s->statement = AT_START;
}

static void close_bracket(struct scan *s, const struct css_token *t)
{
    struct frame *frame = top(s);

    if (!frame || frame->closer != t->kind) {
        s->surely_valid = false;
        return;
    }
    if (frame->dep != NO_DEP) {
        s->deps.items[frame->dep].statement.end = (uint32_t)t->end;
    }
    if (frame->kind == FRAME_BLOCK) {
        s->blocks--;
        s->statement = AT_START;
    }
    s->frames.count--;
}

static void end_statement(struct scan *s, const struct css_token *t)
{
    if (!at_base(s)) {
        return;
    }
    if (s->statement == IN_RULE_PRELUDE) {
        s->surely_valid = false;
        return;
    }
    if (s->statement == IN_AT_PRELUDE) {
        end_import(s, t->start);
        if (s->blocks == 0 && s->may_import && s->at_rule == AT_NAMESPACE) {
            s->may_import = false;
        }
    }
    s->statement = AT_START;
}

/* Whether a token can stand in the simplest of selectors: names, ids, combinators. */
static bool is_plain_selector(const struct css_token *t)
{
    return t->kind == CSS_IDENT || t->kind == CSS_HASH || t->kind == CSS_COMMA ||
           (t->kind == CSS_DELIM && strchr(".>+~*", t->text.ptr[0]));
}

/* A token that begins a statement; false if it is read as no part of one. */
static bool begin_statement(struct scan *s, const struct css_token *t)
{
    bool is_top = s->blocks == 0;

    if (t->kind == CSS_AT_KEYWORD) {
        begin_at_rule(s, t);
        return false;
    }
    if (is_top && (t->kind == CSS_CDO || t->kind == CSS_CDC)) {
        return false;
    }
    if (!is_top && (t->kind == CSS_SEMICOLON || t->kind == CSS_RIGHT_BRACE)) {
        return true;
    }
    s->statement = is_top ? IN_RULE_PRELUDE : IN_DECLARATION;
    s->surely_valid = t->kind == CSS_IDENT || t->kind == CSS_HASH ||
                      (t->kind == CSS_DELIM && strchr(".*", t->text.ptr[0]));
    return true;
}

static void read_token(struct scan *s, const struct css_token *t)
{
    if (s->statement == AT_START && !begin_statement(s, t)) {
        return;
    }
    if (s->wants_url) {
        read_url_argument(s, t);
    } else if (s->import == IMPORT_URL) {
        read_import_url(s, t);
    }
    switch (t->kind) {
    case CSS_STRING:
        if (counts(s) && s->frames.count > 0 && top(s)->kind == FRAME_IMAGE_SET) {
            add_dep(s, DEP_CSS_URL, t->start, t);
        }
        break;
    case CSS_URL:
        if (counts(s)) {
            add_dep(s, DEP_CSS_URL, t->start, t);
        }
        break;
    case CSS_FUNCTION: open_function(s, t); break;
    case CSS_LEFT_PAREN: push(s, t, CSS_RIGHT_PAREN, FRAME_OTHER); break;
    case CSS_LEFT_SQUARE: push(s, t, CSS_RIGHT_SQUARE, FRAME_OTHER); break;
    case CSS_LEFT_BRACE: open_brace(s, t); break;
    case CSS_RIGHT_PAREN:
    case CSS_RIGHT_SQUARE:
    case CSS_RIGHT_BRACE: close_bracket(s, t); break;
    case CSS_SEMICOLON: end_statement(s, t); break;
    case CSS_EOF:
    case CSS_SPACE:
    case CSS_COMMENT:
    case CSS_IDENT:
    case CSS_AT_KEYWORD:
    case CSS_HASH:
    case CSS_BAD_STRING:
    case CSS_BAD_URL:
    case CSS_NUMBER:
    case CSS_PERCENTAGE:
    case CSS_DIMENSION:
    case CSS_CDO:
    case CSS_CDC:
    case CSS_COLON:
    case CSS_COMMA:
    case CSS_DELIM: break;
    }
    if (s->statement == IN_RULE_PRELUDE && s->may_import && !is_plain_selector(t)) {
        s->surely_valid = false;
    }
}

static void scan(struct scan *s, struct css_facts *ret)
{
    struct css_token t;

    memset(ret, 0, sizeof(*ret));
    if (s->lex.source.len > CSS_TEXT_MAX) {
        fail(s, 0, "a style sheet larger than orbiton reads");
    }
    while (!s->error.failed) {
        css_lex_next(&s->lex, &t);
        if (t.kind == CSS_EOF) {
            break;
        }
        if (t.kind != CSS_SPACE && t.kind != CSS_COMMENT) {
            read_token(s, &t);
        }
    }
    if (s->statement == IN_AT_PRELUDE) {
        end_import(s, s->lex.at);
    }
    for (size_t i = 0; i < s->frames.count; i++) {
        if (s->frames.items[i].dep != NO_DEP &&
                s->deps.items[s->frames.items[i].dep].kind == DEP_CSS_URL) {
            s->deps.items[s->frames.items[i].dep].statement.end = (uint32_t)s->lex.at;
        }
    }
    ret->error = s->error;
    ret->dep_count = (uint32_t)s->deps.count;
    if (s->deps.count > 0) {
        ret->deps = arena_array(s->arena, struct dep, s->deps.count);
        memcpy(ret->deps, s->deps.items, s->deps.count * sizeof(*ret->deps));
    }
    vec_finish(&s->deps);
    vec_finish(&s->frames);
}

void css_scan(struct str text, struct arena *a, struct css_facts *ret)
{
    struct scan s = { .arena = a, .may_import = true };

    css_lex_init(&s.lex, text);
    scan(&s, ret);
}

void css_scan_declarations(struct str text, struct arena *a, struct css_facts *ret)
{
    struct scan s = { .arena = a, .blocks = 1 };

    s.lex.source = text;
    scan(&s, ret);
}
