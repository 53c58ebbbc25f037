/* SPDX-License-Identifier: MIT */
/*
 * See http_pattern.h. JavaScript's words are put into those of POSIX: classes (\d, \w, \s), groups that capture
 * nothing, and a look ahead at the begin, "^(?!...)", which becomes a second expression that must not fit. What
 * has no such word, or would be large when POSIX writes it out, is not understood.
 */
#include "http/http_pattern.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"

enum { PATTERN_MAX = 1024 };

struct http_pattern {
    regex_t fits;
    regex_t not ; /* with has_not */
    bool has_not;
};

/* One escape, from its backslash on; false if it has no word. *ret_used: its bytes. */
static bool add_escape(struct strbuf *b, struct str text, bool in_class, size_t *ret_used)
{
    static const struct {
        char letter;
        struct str alone;
        struct str in_class;
    } classes[] = {
        { 'd', STR_INIT("[0-9]"), STR_INIT("0-9") },
        { 'D', STR_INIT("[^0-9]"), STR_INIT("") },
        { 'w', STR_INIT("[A-Za-z0-9_]"), STR_INIT("A-Za-z0-9_") },
        { 'W', STR_INIT("[^A-Za-z0-9_]"), STR_INIT("") },
        { 's', STR_INIT("[[:space:]]"), STR_INIT("[:space:]") },
        { 'S', STR_INIT("[^[:space:]]"), STR_INIT("") },
        { 'b', STR_INIT("\\b"), STR_INIT("") },
    };
    char c = text.len > 1 ? text.ptr[1] : '\0';
    bool alnum = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');

    *ret_used = 2;
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (classes[i].letter == c) {
            strbuf_add(b, in_class ? classes[i].in_class : classes[i].alone);
            return !in_class || classes[i].in_class.len > 0;
        }
    }
    if (c == '\0' || alnum) {
        return false;
    }
    if (in_class) {
        strbuf_addf(b, strchr("]^-", c) ? "[.%c.]" : "%c", c); /* a backslash is itself there */
    } else {
        strbuf_addf(b, strchr(".*+?()[]{}|^$\\", c) ? "\\%c" : "%c", c);
    }
    return true;
}

/* "{2,30}": once in a pattern, and of two digits, since POSIX writes such things out. */
static bool is_short_count(struct str rest, unsigned times)
{
    struct str inner = str_sub(rest, 1, str_find(rest, '}'));
    struct str first;

    (void)str_cut(inner, ',', &first, &inner);
    return times == 0 && first.len <= 2 && inner.len <= 2;
}

static bool translate(struct strbuf *b, struct str text)
{
    bool in_class = false;
    unsigned counts = 0;
    size_t used;

    for (size_t i = 0; i < text.len; i += used) {
        struct str rest = str_skip(text, i);
        char c = text.ptr[i];

        used = 1;
        if (c == '\\') {
            if (!add_escape(b, rest, in_class, &used)) {
                return false;
            }
        } else if (in_class) {
            in_class = c != ']';
            strbuf_addc(b, c);
            if (c == '[') {
                return false; /* "[[:" is something else here */
            }
        } else if (c == '[') {
            in_class = true;
            used = str_starts(rest, STR("[^")) ? 2 : 1;
            strbuf_add(b, str_sub(rest, 0, used));
            if (str_starts(str_skip(rest, used), STR("]"))) {
                return false; /* nothing, or anything */
            }
        } else if (str_starts(rest, STR("(?:"))) {
            strbuf_addc(b, '(');
            used = 3;
        } else if (c == '\0' || str_starts(rest, STR("(?")) ||
                   (c == '{' && !is_short_count(rest, counts++))) {
            return false;
        } else {
            strbuf_addc(b, c);
        }
    }
    return !in_class && !b->overflow;
}

static bool compile(struct str head, struct str text, struct str tail, regex_t *ret)
{
    struct strbuf b;
    bool good;

    strbuf_init(&b, 16 * (size_t)PATTERN_MAX);
    strbuf_add(&b, head);
    good = translate(&b, text);
    strbuf_add(&b, tail);
    good = good && regcomp(ret, b.ptr ? b.ptr : "", REG_EXTENDED | REG_NOSUB) == 0;
    strbuf_finish(&b);
    return good;
}

/* The offset behind the group that begins at 0; STR_NONE if it has no end. */
static size_t group_end(struct str text)
{
    size_t depth = 0;
    bool in_class = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '\\') {
            i++;
        } else if (in_class) {
            in_class = c != ']';
        } else if (c == '[') {
            in_class = true;
        } else if (c == '(') {
            depth++;
        } else if (c == ')' && --depth == 0) {
            return i + 1;
        }
    }
    return STR_NONE;
}

struct http_pattern *http_pattern_create(struct str source)
{
    struct http_pattern *p = mem_new(struct http_pattern);
    struct str text = str_skip(source, 1);
    bool good = source.len <= PATTERN_MAX && str_starts(source, STR("^"));

    /* "^(?!a)b"; what stands before it may be slashes, which are then the begin of both */
    size_t slashes = str_starts(text, STR("\\/")) ? 2 : str_starts(text, STR("/")) ? 1 : 0;
    struct str rest = str_skip(text, slashes);

    if (good && str_starts(rest, STR("(?!"))) {
        size_t end = group_end(rest);
        struct str head = slashes > 0 ? STR("^/(") : STR("^(");

        good = end != STR_NONE && compile(head, str_sub(rest, 3, end - 1), STR(")"), &p->not );
        p->has_not = good;
        good = good &&
               compile(str_sub(head, 0, head.len - 1), str_skip(rest, end), STR(""), &p->fits);
    } else {
        good = good && compile(STR("^"), text, STR(""), &p->fits);
    }
    if (!good) {
        if (p->has_not) {
            regfree(&p->not );
        }
        free(p);
        return NULL;
    }
    return p;
}

bool http_pattern_fits(const struct http_pattern *p, const char *text)
{
    return regexec(&p->fits, text, 0, NULL, 0) == 0 &&
           !(p->has_not && regexec(&p->not, text, 0, NULL, 0) == 0);
}

void http_pattern_destroy(struct http_pattern *p)
{
    if (p) {
        regfree(&p->fits);
        if (p->has_not) {
            regfree(&p->not );
        }
        free(p);
    }
}
