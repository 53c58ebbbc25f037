/* SPDX-License-Identifier: MIT */
/*
 * Finds the place by walking tokens as tree construction would, up to the
 * moment in which it has a head: white space, comments, doctypes, <html> and
 * stray end tags may come first. The walk goes on behind the place, for a nonce
 * and for the policies that <meta> declares.
 *
 * A UTF-16 document is walked as one byte a unit; its offsets are doubled
 * afterwards. What is borrowed from the document is in the document's encoding.
 */
#include "serve/inject.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "scan/html_encoding.h"
#include "scan/html_lex.h"

/* What the walk works on. */
struct walk {
    struct html_lex lex;
    struct html_token token;
    size_t place;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool is_any(struct str name, const struct str *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_ieq(name, list[i])) {
            return true;
        }
    }
    return false;
}

#define IS_ANY(name, list) is_any(name, list, sizeof(list) / sizeof((list)[0]))

static size_t leading_spaces(struct str s)
{
    size_t i = 0;

    while (i < s.len && is_space(s.ptr[i])) {
        i++;
    }
    return i;
}

/* Sets encoding and charset; returns the length of the byte order mark. */
static size_t sniff(struct str document, struct inject_place *ret)
{
    struct str name;
    size_t mark = 0;

    if (str_starts(document, STR("\xEF\xBB\xBF"))) {
        name = STR("UTF-8");
        mark = 3;
    } else if (str_starts(document, STR("\xFF\xFE"))) {
        name = STR("UTF-16LE");
        mark = 2;
    } else if (str_starts(document, STR("\xFE\xFF"))) {
        name = STR("UTF-16BE");
        mark = 2;
    } else {
        name = html_encoding_prescan(document);
        if (name.len == 0 && str_is_utf8(document)) {
            name = STR("UTF-8");
        }
    }
    ret->charset = name;
    if (name.len == 0) {
        ret->encoding = INJECT_UNKNOWN;
    } else if (str_eq(name, STR("UTF-8"))) {
        ret->encoding = INJECT_UTF8;
    } else if (str_eq(name, STR("UTF-16LE"))) {
        ret->encoding = INJECT_UTF16LE;
    } else if (str_eq(name, STR("UTF-16BE"))) {
        ret->encoding = INJECT_UTF16BE;
    } else {
        ret->encoding = INJECT_OTHER;
    }
    return mark;
}

static bool is_utf16(enum inject_encoding encoding)
{
    return encoding == INJECT_UTF16LE || encoding == INJECT_UTF16BE;
}

/* One byte a unit, for the caller to free: what is not ASCII becomes a byte that means nothing to
 * the lexer. */
static char *narrow(struct str wide, bool big_endian)
{
    size_t count = wide.len / 2;
    char *bytes = mem_alloc(count > 0 ? count : 1, 1);

    for (size_t i = 0; i < count; i++) {
        unsigned char first = (unsigned char)wide.ptr[2 * i];
        unsigned char second = (unsigned char)wide.ptr[2 * i + 1];
        unsigned char high = big_endian ? first : second;
        unsigned char low = big_endian ? second : first;

        bytes[i] = (char)(high == 0 && low < 0x80 ? low : 0x80);
    }
    return bytes;
}

/* Walks to the place: the token that ends the walk is left in w->token. */
static void find_place(struct walk *w)
{
    static const struct str opens_head[] = {
        /* End tags that make the parser open the head; it ignores all others up to there. */
        STR_INIT("head"),
        STR_INIT("body"),
        STR_INIT("html"),
        STR_INIT("br"),
    };

    for (;;) {
        const struct html_token *t = &w->token;

        html_lex_next(&w->lex, &w->token);
        w->place = t->start;
        switch (t->kind) {
        case HTML_TEXT:
            w->place += leading_spaces(t->text);
            if (w->place < t->end) {
                return;
            }
            break;
        case HTML_COMMENT:
        case HTML_DOCTYPE:
            if (t->unclosed) {
                return; /* behind it is inside of it */
            }
            break;
        case HTML_START_TAG:
            if (str_ieq(t->name, STR("head"))) {
                w->place = t->end;
                return;
            }
            if (!str_ieq(t->name, STR("html"))) {
                return;
            }
            break;
        case HTML_END_TAG:
            if (IS_ANY(t->name, opens_head)) {
                return;
            }
            break;
        case HTML_CDATA:
        case HTML_EOF: return;
        }
    }
}

/* Whether the ';' at `i` ends a character reference such as "&#39;". */
static bool ends_reference(struct str s, size_t i)
{
    enum { LONGEST = 8 }; /* that templates write for a quote, with leading zeros */

    for (size_t back = 1; back <= LONGEST && back <= i; back++) {
        char c = s.ptr[i - back];

        if (c == '&') {
            return back > 1;
        }
        if (c != '#' && !(c >= '0' && c <= '9') && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z')) {
            return false;
        }
    }
    return false;
}

/* Cuts at the next ';' that separates directives. */
static struct str cut_directive(struct str *policy)
{
    struct str s = *policy;
    size_t i = 0;

    while (i < s.len && !(s.ptr[i] == ';' && !ends_reference(s, i))) {
        i++;
    }
    *policy = str_skip(s, i + 1);
    return str_trim(str_sub(s, 0, i));
}

static struct str cut_word(struct str *s)
{
    size_t end = 0;
    struct str word;

    *s = str_skip(*s, leading_spaces(*s));
    while (end < s->len && !is_space(s->ptr[end])) {
        end++;
    }
    word = str_sub(*s, 0, end);
    *s = str_skip(*s, end);
    return word;
}

/* Whether a source is 'self', its quotes plain or written as references. */
static bool is_self(struct str source)
{
    static const struct str quotes[] = {
        STR_INIT("'"),
        STR_INIT("&#39;"),
        STR_INIT("&#039;"),
        STR_INIT("&#x27;"),
        STR_INIT("&apos;"),
    };

    for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
        size_t len = quotes[i].len;

        if (source.len == 2 * len + 4 && str_ieq(str_sub(source, 0, len), quotes[i]) &&
                str_ieq(str_sub(source, len, len + 4), STR("self")) &&
                str_ieq(str_skip(source, len + 4), quotes[i])) {
            return true;
        }
    }
    return false;
}

/* Whether a source of a policy may match a WebSocket of our own origin. We do not know under which
 * name the page is asked for; a source for this machine or with a wildcard gets the benefit. */
static bool may_match_origin(struct str source)
{
    size_t host = str_find_str(source, STR("://"));
    struct str name = host == STR_NONE ? source : str_skip(source, host + 3);
    static const struct str schemes[] = { STR_INIT("ws:"), STR_INIT("wss:") };

    if (host != STR_NONE && !str_ieq(str_sub(source, 0, 2), STR("ws")) &&
            !str_ieq(str_sub(source, 0, 4), STR("http"))) {
        return false;
    }
    return is_self(source) || IS_ANY(source, schemes) || str_starts(name, STR("*")) ||
           str_ieq(str_sub(name, 0, 9), STR("localhost")) || str_starts(name, STR("127.")) ||
           str_starts(name, STR("[::1]"));
}

/* The directive of a policy that forbids the connection; empty if it is allowed. */
static struct str find_block(struct str policy)
{
    struct str connect = STR(""), fallback = STR("");
    struct str directive, sources, source;

    while (policy.len > 0) {
        directive = sources = cut_directive(&policy);
        source = cut_word(&sources);
        /* Of directives with one name the first counts. */
        if (connect.len == 0 && str_ieq(source, STR("connect-src"))) {
            connect = directive;
        } else if (fallback.len == 0 && str_ieq(source, STR("default-src"))) {
            fallback = directive;
        }
    }
    directive = sources = connect.len > 0 ? connect : fallback;
    (void)cut_word(&sources);
    while ((source = cut_word(&sources)).len > 0) {
        if (may_match_origin(source)) {
            return STR("");
        }
    }
    return directive;
}

/* A nonce is base64, or what a template puts there; a quote in it would end our attribute. */
static struct str find_nonce(const struct html_token *t)
{
    struct str nonce;

    if (!str_ieq(t->name, STR("script")) || !html_attribute(t, STR("nonce"), &nonce) ||
            str_find(nonce, '"') != STR_NONE) {
        return STR("");
    }
    return nonce;
}

static bool is_policy(const struct html_token *t, struct str *ret_policy)
{
    struct str value;

    return str_ieq(t->name, STR("meta")) && html_attribute(t, STR("http-equiv"), &value) &&
           str_ieq(value, STR("content-security-policy")) &&
           html_attribute(t, STR("content"), ret_policy);
}

/* Walks on from the place: the first nonce, and the first policy in the head that blocks us. A
 * policy in the body or in a template is none. */
static void find_rest(struct walk *w, struct inject_place *ret)
{
    static const struct str head_only[] = {
        STR_INIT("base"),
        STR_INIT("basefont"),
        STR_INIT("bgsound"),
        STR_INIT("head"),
        STR_INIT("html"),
        STR_INIT("link"),
        STR_INIT("meta"),
        STR_INIT("noframes"),
        STR_INIT("noscript"),
        STR_INIT("script"),
        STR_INIT("style"),
        STR_INIT("template"),
        STR_INIT("title"),
    };
    static const struct str ends_head[] = { STR_INIT("body"), STR_INIT("html"), STR_INIT("br") };
    const struct html_token *t = &w->token;
    enum html_mode mode = HTML_DATA; /* that the token was read in */
    size_t templates = 0;
    bool in_head = true;

    while (t->kind != HTML_EOF && (in_head || ret->nonce.len == 0)) {
        if (t->kind == HTML_START_TAG) {
            if (ret->nonce.len == 0) {
                ret->nonce = find_nonce(t);
            }
            if (str_ieq(t->name, STR("template"))) {
                templates++;
            }
            if (templates == 0) {
                in_head = in_head && IS_ANY(t->name, head_only);
            }
            struct str policy;

            if (templates == 0 && in_head && !ret->csp_blocks_connect && is_policy(t, &policy)) {
                ret->has_policy = true;
                ret->csp = find_block(policy);
                ret->csp_blocks_connect = ret->csp.len > 0;
            }
        } else if (t->kind == HTML_END_TAG && str_ieq(t->name, STR("template"))) {
            templates -= templates > 0;
        } else if (templates == 0 && ((t->kind == HTML_END_TAG && IS_ANY(t->name, ends_head)) ||
                                             (t->kind == HTML_TEXT && mode == HTML_DATA &&
                                                     leading_spaces(t->text) < t->text.len))) {
            in_head = false;
        }
        mode = w->lex.mode;
        html_lex_next(&w->lex, &w->token);
    }
}

void inject_find(struct str document, struct inject_place *ret)
{
    struct walk w;
    struct str text;
    char *narrowed = NULL;
    size_t mark;

    memset(ret, 0, sizeof(*ret));
    mark = sniff(document, ret);
    text = str_skip(document, mark);
    if (is_utf16(ret->encoding)) {
        narrowed = narrow(text, ret->encoding == INJECT_UTF16BE);
        text = (struct str){ narrowed, text.len / 2 };
    }
    html_lex_init(&w.lex, text);
    find_place(&w);
    find_rest(&w, ret);
    ret->offset = mark + w.place;
    if (is_utf16(ret->encoding)) {
        ret->offset = mark + 2 * w.place;
        if (ret->nonce.len > 0) {
            size_t start = mark + 2 * (size_t)(ret->nonce.ptr - text.ptr);

            ret->nonce = str_sub(document, start, start + 2 * ret->nonce.len);
        }
        if (ret->csp_blocks_connect) {
            /* The directive's own text is not ASCII here; its name is what the warning needs. */
            ret->csp = str_ieq(str_sub(ret->csp, 0, 7), STR("connect")) ? STR("connect-src")
                                                                        : STR("default-src");
        }
    }
    free(narrowed);
}

static void add_ascii(struct strbuf *out, enum inject_encoding encoding, struct str s)
{
    char *units;

    if (!is_utf16(encoding)) {
        strbuf_add(out, s);
        return;
    }
    units = strbuf_reserve(out, 2 * s.len);
    if (!units) {
        return;
    }
    for (size_t i = 0; i < s.len; i++) {
        units[2 * i] = encoding == INJECT_UTF16LE ? s.ptr[i] : '\0';
        units[2 * i + 1] = encoding == INJECT_UTF16LE ? '\0' : s.ptr[i];
    }
    strbuf_commit(out, 2 * s.len);
}

void inject_write(
        struct strbuf *out, struct str document, const struct inject_place *place, struct str tag)
{
    size_t script = place->nonce.len > 0 ? str_find_str(tag, STR("<script")) : STR_NONE;

    strbuf_add(out, str_sub(document, 0, place->offset));
    if (script != STR_NONE) {
        add_ascii(out, place->encoding, str_sub(tag, 0, script + 7));
        add_ascii(out, place->encoding, STR(" nonce=\""));
        strbuf_add(out, place->nonce);
        add_ascii(out, place->encoding, STR("\""));
        tag = str_skip(tag, script + 7);
    }
    add_ascii(out, place->encoding, tag);
    strbuf_add(out, str_skip(document, place->offset));
}
