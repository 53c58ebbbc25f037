/* SPDX-License-Identifier: MIT */
/*
 * The tokenizer as a filter, for tests/html5lib.test.mjs. Each line of standard
 * input is one case:
 *
 *     MODE LAST_TAG HEX
 *
 * MODE is data, rcdata, rawtext, script, plaintext or foreign; LAST_TAG is the
 * start tag that is open, or "-"; HEX is the source, two digits a byte. Each line
 * of output is the JSON array of the case's tokens, close to the form of html5lib's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "scan/html_lex.h"

enum { OUTPUT_MAX = 1 << 24 };

static void die(const char *why) __attribute__((noreturn));

static void die(const char *why)
{
    (void)fprintf(stderr, "html5lib_driver: %s\n", why);
    exit(2);
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    die("not a hexadecimal digit");
}

/* Decodes into an allocation of exactly the size, so that ASan sees one byte too far. */
static struct str decode(struct str hex)
{
    size_t len = hex.len / 2;
    char *bytes = malloc(len > 0 ? len : 1);

    if (!bytes) {
        die("out of memory");
    }
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (char)(digit(hex.ptr[2 * i]) * 16 + digit(hex.ptr[2 * i + 1]));
    }
    return (struct str){ bytes, len };
}

static void set_mode(struct html_lex *lex, struct str mode)
{
    static const struct {
        struct str name;
        enum html_mode mode;
        bool foreign;
    } modes[] = {
        { STR_INIT("data"), HTML_DATA, false },
        { STR_INIT("rcdata"), HTML_RCDATA, false },
        { STR_INIT("rawtext"), HTML_RAWTEXT, false },
        { STR_INIT("script"), HTML_SCRIPT, false },
        { STR_INIT("plaintext"), HTML_PLAINTEXT, false },
        { STR_INIT("foreign"), HTML_DATA, true },
    };

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (str_eq(mode, modes[i].name)) {
            lex->mode = modes[i].mode;
            lex->foreign = modes[i].foreign;
            return;
        }
    }
    die("unknown mode");
}

static void add_pair(struct strbuf *out, const char *kind, struct str text)
{
    strbuf_addf(out, "[\"%s\",", kind);
    strbuf_add_json(out, text);
    strbuf_addc(out, ']');
}

static void add_start_tag(struct strbuf *out, const struct html_token *t)
{
    strbuf_add(out, STR("[\"StartTag\","));
    strbuf_add_json(out, t->name);
    strbuf_add(out, STR(",["));
    for (size_t i = 0; i < t->attribute_count; i++) {
        strbuf_add(out, i > 0 ? STR(",[") : STR("["));
        strbuf_add_json(out, t->attributes[i].name);
        strbuf_addc(out, ',');
        strbuf_add_json(out, t->attributes[i].value);
        strbuf_addc(out, ']');
    }
    strbuf_add(out, t->self_closing ? STR("],true]") : STR("],false]"));
}

static void add_token(struct strbuf *out, const struct html_token *t)
{
    switch (t->kind) {
    case HTML_TEXT: add_pair(out, "Text", t->text); break;
    case HTML_CDATA: add_pair(out, "Cdata", t->text); break;
    case HTML_START_TAG: add_start_tag(out, t); break;
    case HTML_END_TAG: add_pair(out, "EndTag", t->name); break;
    case HTML_COMMENT: add_pair(out, "Comment", t->text); break;
    case HTML_DOCTYPE: add_pair(out, "DOCTYPE", t->name); break;
    case HTML_EOF: break;
    }
}

static void run_case(struct str line, struct strbuf *out)
{
    struct str mode, last_tag, source;
    struct html_lex lex;
    struct html_token token;

    if (!str_cut(line, ' ', &mode, &line) || !str_cut(line, ' ', &last_tag, &line)) {
        die("a line is MODE LAST_TAG HEX");
    }
    source = decode(line);
    html_lex_init(&lex, source);
    lex.keep_mode = true;
    set_mode(&lex, mode);
    if (!str_eq(last_tag, STR("-"))) {
        lex.last_tag = last_tag;
    }
    strbuf_addc(out, '[');
    for (html_lex_next(&lex, &token); token.kind != HTML_EOF; html_lex_next(&lex, &token)) {
        if (token.start > 0 && out->ptr[out->len - 1] == ']') {
            strbuf_addc(out, ',');
        }
        add_token(out, &token);
    }
    strbuf_addc(out, ']');
    free((void *)(uintptr_t)source.ptr);
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    struct strbuf out;

    strbuf_init(&out, OUTPUT_MAX);
    while ((len = getline(&line, &size, stdin)) > 0) {
        strbuf_reset(&out);
        run_case((struct str){ line, (size_t)len - (line[len - 1] == '\n') }, &out);
        if (out.overflow) {
            die("a case is too large");
        }
        (void)puts(out.ptr);
    }
    free(line);
    strbuf_finish(&out);
    return 0;
}
