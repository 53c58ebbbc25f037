/* SPDX-License-Identifier: MIT */
/*
 * Prints what a scanner finds, one JSON object a line, for tests that compare it
 * with other tools and for golden files:
 *
 *     scan_dump js FILE...            a line a file, in their order; cjs, css, html too
 *     scan_dump js --list             the same, file names from stdin, one a line
 *     scan_dump js --bench N --list   scans each N times; prints bytes and seconds
 *
 * orbit prints sections, messages, table and descriptor of a component;
 * css-tokens prints the tokens of a style sheet as [kind, start, end, text].
 *
 * Facts are indented with --pretty. A mode is a line in `modes`.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "orbit_dump.h"
#include "scan/cjs_scan.h"
#include "scan/css_lex.h"
#include "scan/css_scan.h"
#include "scan/html_scan.h"
#include "scan/js_scan.h"

enum { FILE_MAX = 128 << 20, OUT_MAX = 512 << 20, NAME_MAX_LEN = 4096 };

typedef void dump_fn(struct str text, struct arena *a, struct strbuf *out);
typedef void scan_fn(struct str text, struct arena *a);

struct mode {
    const char *name;
    dump_fn *dump;
    scan_fn *scan; /* the scan alone, for --bench */
};

static const char *const kind_names[] = {
    [DEP_IMPORT] = "import",
    [DEP_REEXPORT] = "reexport",
    [DEP_DYNAMIC] = "dynamic",
    [DEP_DYNAMIC_EXPR] = "dynamic-expr",
    [DEP_NEW_URL] = "new-url",
    [DEP_WORKER] = "worker",
    [DEP_GLOB] = "glob",
    [DEP_CSS_IMPORT] = "css-import",
    [DEP_CSS_URL] = "css-url",
    [DEP_SCRIPT] = "script",
    [DEP_MODULE] = "module",
    [DEP_STYLESHEET] = "stylesheet",
    [DEP_PICTURE] = "picture",
};

/* A member's name; members of the outermost object begin a line in pretty output. */
static void add_key(struct strbuf *out, const char *key)
{
    char last = (char)(out->len > 0 ? out->ptr[out->len - 1] : 0);

    if (last != '{' && last != '[') {
        strbuf_addc(out, ',');
    }
    strbuf_addf(out, "\"%s\":", key);
}

static void add_text(struct strbuf *out, const char *key, struct str text)
{
    if (text.len > 0) {
        add_key(out, key);
        strbuf_add_json(out, text);
    }
}

static void add_flag(struct strbuf *out, const char *key, bool flag)
{
    if (flag) {
        add_key(out, key);
        strbuf_add(out, STR("true"));
    }
}

static void add_span(struct strbuf *out, const char *key, struct span span)
{
    if (span.end > 0) {
        add_key(out, key);
        strbuf_addf(out, "[%u,%u]", span.start, span.end);
    }
}

static void add_dep(struct strbuf *out, const struct dep *dep)
{
    strbuf_addc(out, '{');
    add_text(out, "kind", str_from(kind_names[dep->kind]));
    add_key(out, "text");
    strbuf_add_json(out, dep->text);
    add_span(out, "statement", dep->statement);
    add_span(out, "specifier", dep->specifier);
    add_span(out, "attributes", dep->attributes);
    add_text(out, "type", dep->type);
    add_text(out, "phase",
            dep->phase == PHASE_SOURCE  ? STR("source")
            : dep->phase == PHASE_DEFER ? STR("defer")
                                        : STR(""));
    add_flag(out, "ignore", dep->ignore);
    add_flag(out, "exportAll", dep->export_all);
    add_flag(out, "moduleWorker", dep->module_worker);
    add_flag(out, "inlineHtml", dep->inline_html);
    strbuf_addc(out, '}');
}

static void add_deps(struct strbuf *out, const struct dep *deps, uint32_t count)
{
    add_key(out, "deps");
    strbuf_addc(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        strbuf_add(out, i > 0 ? STR(",\n ") : STR("\n "));
        add_dep(out, &deps[i]);
    }
    strbuf_addc(out, ']');
}

static void add_error(struct strbuf *out, const struct scan_error *error)
{
    if (error->failed) {
        add_key(out, "error");
        strbuf_addf(out, "{\"offset\":%u", error->offset);
        add_text(out, "text", error->text);
        strbuf_addc(out, '}');
    }
}

static void add_texts(struct strbuf *out, const char *key, const struct str *texts, uint32_t count)
{
    add_key(out, key);
    strbuf_addc(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        strbuf_add(out, i > 0 ? STR(",") : STR(""));
        strbuf_add_json(out, texts[i]);
    }
    strbuf_addc(out, ']');
}

static void add_imported(struct strbuf *out, const struct js_facts *facts)
{
    add_key(out, "imported");
    strbuf_addc(out, '[');
    for (uint32_t i = 0; i < facts->imported_count; i++) {
        const struct imported_name *name = &facts->imported[i];
        strbuf_addf(out, "%s{\"dep\":%u,\"offset\":%u", i > 0 ? ",\n " : "\n ", name->dep,
                name->offset);
        add_key(out, "name");
        strbuf_add_json(out, name->name);
        strbuf_addc(out, '}');
    }
    strbuf_addc(out, ']');
}

static void add_accepts(struct strbuf *out, const struct js_facts *facts)
{
    static const char *const kinds[] = { "self", "dep", "exports" };

    add_key(out, "accepts");
    strbuf_addc(out, '[');
    for (uint32_t i = 0; i < facts->accept_count; i++) {
        const struct accept *accept = &facts->accepts[i];
        strbuf_add(out, i > 0 ? STR(",\n {") : STR("\n {"));
        add_text(out, "kind", str_from(kinds[accept->kind]));
        add_text(out, "text", accept->text);
        add_span(out, "specifier", accept->specifier);
        strbuf_addc(out, '}');
    }
    strbuf_addc(out, ']');
}

static void add_globs(struct strbuf *out, const struct js_facts *facts)
{
    add_key(out, "globs");
    strbuf_addc(out, '[');
    for (uint32_t i = 0; i < facts->glob_count; i++) {
        const struct js_glob *glob = &facts->globs[i];
        strbuf_addf(out, "%s{\"dep\":%u", i > 0 ? ",\n " : "\n ", glob->dep);
        add_texts(out, "patterns", glob->patterns, glob->pattern_count);
        add_flag(out, "eager", glob->eager);
        add_text(out, "import", glob->import);
        add_text(out, "query", glob->query);
        strbuf_addc(out, '}');
    }
    strbuf_addc(out, ']');
}

static void dump_js(struct str text, struct arena *a, struct strbuf *out)
{
    struct js_facts facts;

    js_scan(text, a, &facts);
    strbuf_addc(out, '{');
    add_deps(out, facts.deps, facts.dep_count);
    if (facts.imported_count > 0) {
        add_imported(out, &facts);
    }
    add_texts(out, "exports", facts.exports, facts.export_count);
    if (facts.accept_count > 0) {
        add_accepts(out, &facts);
    }
    if (facts.glob_count > 0) {
        add_globs(out, &facts);
    }
    add_flag(out, "hot", facts.has_hot);
    add_flag(out, "env", facts.has_env);
    add_flag(out, "module", facts.has_module_syntax);
    add_flag(out, "await", facts.has_await);
    if (facts.prefix_at > 0) {
        add_key(out, "prefixAt");
        strbuf_addf(out, "%u", facts.prefix_at);
    }
    add_error(out, &facts.error);
    strbuf_addc(out, '}');
}

static void dump_cjs(struct str text, struct arena *a, struct strbuf *out)
{
    struct cjs_facts facts;

    cjs_scan(text, a, &facts);
    strbuf_addc(out, '{');
    add_texts(out, "exports", facts.exports, (uint32_t)facts.export_count);
    add_texts(out, "reexports", facts.reexports, (uint32_t)facts.reexport_count);
    add_texts(out, "requires", facts.requires, (uint32_t)facts.require_count);
    add_flag(out, "process", facts.has_process);
    add_flag(out, "global", facts.has_global);
    strbuf_addc(out, '}');
}

static void scan_cjs(struct str text, struct arena *a)
{
    struct cjs_facts facts;

    cjs_scan(text, a, &facts);
}

static void scan_js(struct str text, struct arena *a)
{
    struct js_facts facts;

    js_scan(text, a, &facts);
}

static void dump_css(struct str text, struct arena *a, struct strbuf *out)
{
    struct css_facts facts;

    css_scan(text, a, &facts);
    strbuf_addc(out, '{');
    add_deps(out, facts.deps, facts.dep_count);
    add_error(out, &facts.error);
    strbuf_addc(out, '}');
}

static void scan_css(struct str text, struct arena *a)
{
    struct css_facts facts;

    css_scan(text, a, &facts);
}

/* The kinds as css-tree names them. */
static const char *const css_kinds[] = {
    [CSS_EOF] = "eof",
    [CSS_SPACE] = "whitespace-token",
    [CSS_COMMENT] = "comment-token",
    [CSS_IDENT] = "ident-token",
    [CSS_FUNCTION] = "function-token",
    [CSS_AT_KEYWORD] = "at-keyword-token",
    [CSS_HASH] = "hash-token",
    [CSS_STRING] = "string-token",
    [CSS_BAD_STRING] = "bad-string-token",
    [CSS_URL] = "url-token",
    [CSS_BAD_URL] = "bad-url-token",
    [CSS_NUMBER] = "number-token",
    [CSS_PERCENTAGE] = "percentage-token",
    [CSS_DIMENSION] = "dimension-token",
    [CSS_CDO] = "CDO-token",
    [CSS_CDC] = "CDC-token",
    [CSS_COLON] = "colon-token",
    [CSS_SEMICOLON] = "semicolon-token",
    [CSS_COMMA] = "comma-token",
    [CSS_LEFT_SQUARE] = "[-token",
    [CSS_RIGHT_SQUARE] = "]-token",
    [CSS_LEFT_PAREN] = "(-token",
    [CSS_RIGHT_PAREN] = ")-token",
    [CSS_LEFT_BRACE] = "{-token",
    [CSS_RIGHT_BRACE] = "}-token",
    [CSS_DELIM] = "delim-token",
};

static void dump_css_tokens(struct str text, struct arena *a, struct strbuf *out)
{
    struct css_lex lex;
    struct css_token t;

    css_lex_init(&lex, text);
    strbuf_addc(out, '[');
    for (css_lex_next(&lex, &t); t.kind != CSS_EOF; css_lex_next(&lex, &t)) {
        strbuf_addf(out, "%s[\"%s\",%zu,%zu,", out->len > 1 ? ",\n " : "\n ", css_kinds[t.kind],
                t.start, t.end);
        strbuf_add_json(out, css_unescape(&t, a));
        strbuf_addc(out, ']');
    }
    strbuf_addc(out, ']');
}

static void scan_css_tokens(struct str text, struct arena *a)
{
    struct css_lex lex;
    struct css_token t;

    (void)a;
    css_lex_init(&lex, text);
    do {
        css_lex_next(&lex, &t);
    } while (t.kind != CSS_EOF);
}

static void add_codes(struct strbuf *out, const struct html_facts *facts)
{
    static const char *const names[] = { "classic", "module", "import-map", "other", "style" };

    add_key(out, "codes");
    strbuf_addc(out, '[');
    for (uint32_t i = 0; i < facts->code_count; i++) {
        strbuf_add(out, i > 0 ? STR(",\n {") : STR("\n {"));
        add_text(out, "kind", str_from(names[facts->codes[i].kind]));
        add_span(out, "tag", facts->codes[i].tag);
        add_span(out, "text", facts->codes[i].text);
        add_text(out, "src", facts->codes[i].src);
        strbuf_addc(out, '}');
    }
    strbuf_addc(out, ']');
}

static void dump_html(struct str text, struct arena *a, struct strbuf *out)
{
    struct html_facts facts;

    html_scan(text, a, &facts);
    strbuf_addc(out, '{');
    add_deps(out, facts.deps, facts.dep_count);
    add_codes(out, &facts);
    add_text(out, "base", facts.base_href);
    add_error(out, &facts.error);
    strbuf_addc(out, '}');
}

static void scan_html(struct str text, struct arena *a)
{
    struct html_facts facts;

    html_scan(text, a, &facts);
}

static const struct mode modes[] = {
    { "js", dump_js, scan_js },
    { "cjs", dump_cjs, scan_cjs },
    { "css", dump_css, scan_css },
    { "css-tokens", dump_css_tokens, scan_css_tokens },
    { "html", dump_html, scan_html },
    { "orbit", orbit_dump, orbit_dump_scan },
};

static bool read_file(const char *path, struct strbuf *ret)
{
    FILE *f = fopen(path, "rb");
    char buffer[1 << 16];
    size_t n;

    if (!f) {
        return false;
    }
    strbuf_init(ret, FILE_MAX);
    while ((n = fread(buffer, 1, sizeof(buffer), f)) > 0) {
        strbuf_add(ret, (struct str){ buffer, n });
    }
    return fclose(f) == 0 && !ret->overflow;
}

/* Puts what stands on lines of its own on one line: facts hold no raw line ends elsewhere. */
static void join_lines(struct strbuf *out)
{
    size_t to = 0;

    for (size_t i = 0; i < out->len; i++) {
        if (out->ptr[i] == '\n') {
            i++;
            continue;
        }
        out->ptr[to++] = out->ptr[i];
    }
    out->len = to;
}

struct run {
    const struct mode *mode;
    bool pretty;
    unsigned rounds; /* of a benchmark; 0: dump */
    double seconds;
    uint64_t bytes;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int run_file(struct run *run, const char *path)
{
    struct arena arena = { NULL };
    struct strbuf text, out;

    if (!read_file(path, &text)) {
        fprintf(stderr, "scan_dump: cannot read '%s'\n", path);
        return 1;
    }
    if (run->rounds > 0) {
        double best = 0;
        for (unsigned i = 0; i < run->rounds; i++) {
            double start = now();
            run->mode->scan(strbuf_str(&text), &arena);
            double took = now() - start;
            best = i == 0 || took < best ? took : best;
            arena_reset(&arena);
        }
        run->seconds += best;
        run->bytes += text.len;
    } else {
        strbuf_init(&out, OUT_MAX);
        run->mode->dump(strbuf_str(&text), &arena, &out);
        if (!run->pretty) {
            join_lines(&out);
        }
        strbuf_addc(&out, '\n');
        fwrite(out.ptr, 1, out.len, stdout);
        strbuf_finish(&out);
    }
    strbuf_finish(&text);
    arena_finish(&arena);
    return 0;
}

static int run_list(struct run *run)
{
    char path[NAME_MAX_LEN];
    int status = 0;

    while (fgets(path, sizeof(path), stdin)) {
        path[strcspn(path, "\n")] = '\0';
        status |= run_file(run, path);
    }
    return status;
}

int main(int argc, char **argv)
{
    struct run run = { .mode = NULL };
    int status = 0;

    for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(argv[1], modes[i].name) == 0) {
            run.mode = &modes[i];
        }
    }
    if (!run.mode) {
        fprintf(stderr,
                "usage: scan_dump js|css|css-tokens|html|orbit [--pretty] [--bench N] --list | FILE...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--pretty") == 0) {
            run.pretty = true;
        } else if (strcmp(argv[i], "--bench") == 0 && i + 1 < argc) {
            run.rounds = (unsigned)strtoul(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--list") == 0) {
            status |= run_list(&run);
        } else {
            status |= run_file(&run, argv[i]);
        }
    }
    if (run.rounds > 0) {
        printf("{\"bytes\":%llu,\"seconds\":%.6f}\n", (unsigned long long)run.bytes, run.seconds);
    }
    return status;
}
