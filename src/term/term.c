/* SPDX-License-Identifier: MIT */
/*
 * Renders events as text or as JSON. Each public function builds its whole text first and hands it
 * to out.c in one piece, so lines are never torn. On a terminal an event that
 * repeats is folded into the line above it, but only while that line is the last thing printed and
 * fits into one row: moving the cursor over a wrapped line would eat a neighbour.
 */
#include "term/term.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "base/sys.h"
#include "term/keys.h"
#include "term/out.h"

enum {
    TEXT_COLUMN = 44, /* the numbers of a line begin behind this many columns of text */
    BUILD_MAX = TERM_UNSENT_MAX / 2,
    ITEM_MAX = 64 * 1024, /* a JSON diagnostic is left out rather than passing BUILD_MAX */
};

struct term {
    struct term_options options;
    struct out *out;
    struct keys *keys;
    struct strbuf text; /* being built; empty between calls */
    size_t invisible;   /* bytes of it that take no column */

    struct strbuf last; /* what the last line said, without times; empty: something else was last */
    unsigned repeats;
    bool last_fits; /* the last line takes one row */

    struct strbuf urls; /* as the banner showed them */
    char *why[TERM_WHY_KEPT];
    size_t why_count; /* of all there were */
};

static const char RESET[] = "0";
static const char BOLD[] = "1";
static const char DIM[] = "2";
static const char RED[] = "31";
static const char GREEN[] = "32";
static const char YELLOW[] = "33";
static const char CYAN[] = "36";

void term_options_detect(struct term_options *ret, const char *(*env)(const char *name))
{
    struct str force = str_from(env("FORCE_COLOR"));

    *ret = (struct term_options){ .out_fd = STDOUT_FILENO, .in_fd = STDIN_FILENO };
    ret->tty = isatty(STDOUT_FILENO) == 1 && !str_eq(str_from(env("TERM")), STR("dumb"));
    ret->keys = ret->tty && isatty(STDIN_FILENO) == 1 && str_from(env("CI")).len == 0;
    ret->color = ret->tty;
    if (force.len > 0) {
        ret->color = !str_eq(force, STR("0"));
    }
    if (str_from(env("NO_COLOR")).len > 0) {
        ret->color = false;
    }
}

/* Switches a color on; RESET ends it. */
static void paint(struct term *t, const char *code)
{
    size_t before = t->text.len;

    if (t->options.color) {
        strbuf_addf(&t->text, "\033[%sm", code);
    }
    t->invisible += t->text.len - before;
}

static void painted(struct term *t, const char *code, struct str s)
{
    paint(t, code);
    strbuf_add_printable(&t->text, s);
    paint(t, RESET);
}

/* Several lines, each behind `indent`. */
static void add_lines(struct term *t, const char *indent, struct str lines)
{
    while (lines.len > 0) {
        struct str line;

        str_cut(lines, '\n', &line, &lines);
        if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
            line.len--;
        }
        strbuf_add(&t->text, str_from(indent));
        while (line.len > 0) { /* tabs are spaces, so that they do not become \x09 */
            struct str part;

            if (str_cut(line, '\t', &part, &line)) {
                strbuf_add_printable(&t->text, part);
                strbuf_add(&t->text, STR("    "));
            } else {
                strbuf_add_printable(&t->text, part);
            }
        }
        strbuf_addc(&t->text, '\n');
    }
}

static void flush(struct term *t)
{
    if (t->text.overflow) { /* a prefix would be a torn line or half an object */
        strbuf_reset(&t->text);
        strbuf_add(&t->text, t->options.json ? STR("{\"event\":\"dropped\",\"count\":1}\n")
                                             : STR("  a message was too long to be shown\n"));
    }
    out_write(t->out, strbuf_str(&t->text));
    strbuf_reset(&t->text);
    t->invisible = 0;
}

/* Prints what was built; it is not a line that the next one may be folded into. */
static void flush_other(struct term *t)
{
    strbuf_reset(&t->last);
    flush(t);
}

static bool is_known(double ms)
{
    return isfinite(ms) && ms >= 0;
}

/* "0.4", "11", "12.3 s": three digits are enough to compare. With --verbose, all there is. */
static void format_ms(const struct term *t, double ms, bool unit, char ret[32])
{
    const char *ms_unit = unit ? " ms" : "";

    if (t->options.verbose) {
        (void)snprintf(ret, 32, "%.2f%s", ms < 1e12 ? ms : 1e12, ms_unit);
    } else if (ms >= 9999.5) {
        (void)snprintf(ret, 32, "%.1f s", ms < 1e12 ? ms / 1000 : 1e9);
    } else {
        (void)snprintf(ret, 32, ms > 0 && ms < 0.95 ? "%.1f%s" : "%.0f%s", ms, ms_unit);
    }
}

static void add_clock(struct term *t)
{
    uint64_t now_ns = t->options.get_wall_ns ? t->options.get_wall_ns() : sys_wall_ns();
    time_t now = (time_t)(now_ns / 1000000000U);
    struct tm local = { 0 };
    char text[16] = "";

    if (localtime_r(&now, &local)) {
        (void)strftime(text, sizeof(text), "%H:%M:%S", &local);
    }
    paint(t, DIM);
    strbuf_addf(&t->text, "%-8s", text);
    paint(t, RESET);
}

/* Columns of the text so far: what is not ASCII may be as wide as two. */
static size_t width(const struct term *t)
{
    size_t columns = 0;

    for (size_t i = 0; i < t->text.len; i++) {
        unsigned char c = (unsigned char)t->text.ptr[i];

        columns += c < 0x80 ? 1 : c >= 0xc0 ? 2 : 0;
    }
    return columns - t->invisible;
}

static size_t get_columns(const struct term *t)
{
    struct winsize size;

    return ioctl(t->options.out_fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void add_json_ms(struct strbuf *b, const char *name, double ms)
{
    if (is_known(ms)) {
        strbuf_addf(b, ",\"%s\":%.3f", name, ms);
    }
}

static void add_json_text(struct strbuf *b, const char *name, struct str value)
{
    strbuf_addf(b, ",\"%s\":", name);
    strbuf_add_json(b, value);
}

static void add_event(struct term *t, const char *event, struct str text)
{
    strbuf_addf(&t->text, "{\"event\":\"%s\"", event);
    add_json_text(&t->text, "text", text);
    strbuf_add(&t->text, STR("}\n"));
}

static void on_key(void *ctx, char key)
{
    struct term *t = ctx;

    switch (key) {
    case 'h':
    case '?': term_help(t); return;
    case 'u': term_urls(t); return;
    case 'y': term_why(t); return;
    case 'c':
        strbuf_add(&t->text, STR("\033[2J\033[3J\033[H"));
        flush_other(t);
        return;
    case '\n':
    case '\r': /* people press Enter to set off what comes next */
        strbuf_addc(&t->text, '\n');
        flush_other(t);
        return;
    case 'r':
    case 'R':
    case 'o':
    case 's':
    case 'q':
    case '\004': break;
    default: return;
    }
    if (t->options.on_key) {
        t->options.on_key(t->options.ctx, key == '\004' ? 'q' : key);
    }
}

struct term *term_create(uv_loop_t *loop, const struct term_options *options)
{
    struct term *t = mem_new(struct term);

    t->options = *options;
    if (t->options.json) {
        t->options.color = false;
        t->options.keys = false;
        t->options.tty = false;
    }
    t->out = out_create(loop, options->out_fd, t->options.json);
    strbuf_init(&t->text, BUILD_MAX);
    strbuf_init(&t->last, BUILD_MAX);
    strbuf_init(&t->urls, ITEM_MAX);
    if (t->options.keys && options->in_fd >= 0) {
        t->keys = keys_create(loop, options->in_fd, on_key, t);
    }
    return t;
}

void term_destroy(struct term *t)
{
    if (!t) {
        return;
    }
    keys_destroy(t->keys);
    out_destroy(t->out);
    strbuf_finish(&t->text);
    strbuf_finish(&t->last);
    strbuf_finish(&t->urls);
    for (size_t i = 0; i < TERM_WHY_KEPT; i++) {
        free(t->why[i]);
    }
    free(t);
}

static void banner_json(struct term *t, const struct term_banner *banner)
{
    strbuf_add(&t->text, STR("{\"event\":\"ready\""));
    add_json_text(&t->text, "version", banner->version);
    add_json_ms(&t->text, "ms", banner->felt_ms);
    add_json_text(&t->text, "url", banner->url);
    strbuf_addf(&t->text, ",\"port\":%u,\"network\":[", banner->port);
    for (size_t i = 0; i < banner->network_count; i++) {
        strbuf_add(&t->text, i > 0 ? STR(",") : STR(""));
        strbuf_add_json(&t->text, banner->network[i]);
    }
    strbuf_addc(&t->text, ']');
    add_json_text(&t->text, "build", banner->build);
    strbuf_add(&t->text, STR("}\n"));
    for (size_t i = 0; i < banner->note_count; i++) {
        add_event(t, "note", banner->notes[i]);
    }
    flush(t);
}

static void add_label(struct term *t, const char *label)
{
    strbuf_add(&t->text, STR("  "));
    painted(t, GREEN, STR("->"));
    strbuf_addf(&t->text, "  %-8s  ", label);
}

static void add_urls(struct term *t, const struct term_banner *banner)
{
    add_label(t, "Local:");
    painted(t, CYAN, banner->url);
    strbuf_addc(&t->text, '\n');
    for (size_t i = 0; i < banner->network_count; i++) {
        add_label(t, "Network:");
        painted(t, CYAN, banner->network[i]);
        strbuf_addc(&t->text, '\n');
    }
    if (banner->network_count == 0 && !t->options.quiet) {
        add_label(t, "Network:");
        painted(t, DIM, STR("use --host to expose"));
        strbuf_addc(&t->text, '\n');
    }
}

void term_banner(struct term *t, const struct term_banner *banner)
{
    char ms[32];

    if (t->options.json) {
        banner_json(t, banner);
        return;
    }
    /* The addresses are kept as they are shown, for the key u. */
    strbuf_reset(&t->urls);
    add_urls(t, banner);
    strbuf_add(&t->urls, strbuf_str(&t->text));
    strbuf_reset(&t->text);
    t->invisible = 0;
    if (t->options.quiet) {
        strbuf_add(&t->text, strbuf_str(&t->urls));
        flush_other(t);
        return;
    }
    strbuf_add(&t->text, STR("\n  "));
    painted(t, BOLD, STR("ORBITON"));
    strbuf_addc(&t->text, ' ');
    strbuf_add_printable(&t->text, banner->version);
    if (is_known(banner->felt_ms)) {
        format_ms(t, banner->felt_ms, true, ms);
        strbuf_addf(&t->text, "  ready in %s", ms);
    }
    strbuf_add(&t->text, STR("\n\n"));
    strbuf_add(&t->text, strbuf_str(&t->urls));
    if (banner->build.len > 0) {
        add_label(t, "Build:");
        strbuf_add_printable(&t->text, banner->build);
        strbuf_addc(&t->text, '\n');
    }
    if (t->keys) {
        strbuf_add(&t->text, STR("  "));
        painted(t, GREEN, STR("->"));
        strbuf_add(&t->text, STR("  press h to show help\n"));
    }
    for (size_t i = 0; i < banner->note_count; i++) {
        strbuf_add(&t->text, STR("  "));
        painted(t, YELLOW, banner->notes[i]);
        strbuf_addc(&t->text, '\n');
    }
    strbuf_addc(&t->text, '\n');
    flush_other(t);
}

static const char *verb_color(struct str verb)
{
    static const struct {
        struct str verb;
        const char *color;
    } colors[] = {
        { STR_INIT("hot"), GREEN },
        { STR_INIT("back"), GREEN },
        { STR_INIT("reload"), YELLOW },
        { STR_INIT("wait"), YELLOW },
        { STR_INIT("build"), CYAN },
        { STR_INIT("note"), CYAN },
        { STR_INIT("error"), RED },
        { STR_INIT("throw"), RED },
    };

    for (size_t i = 0; i < sizeof(colors) / sizeof(colors[0]); i++) {
        if (str_eq(verb, colors[i].verb)) {
            return colors[i].color;
        }
    }
    return DIM;
}

static const char *const time_names[] = { "watch", "build", "send", "apply", "paint" };
enum { TIMES = 5 };

static void get_times(const struct term_line *line, double ret[TIMES])
{
    const struct term_times *times = &line->times;
    double all[TIMES] = { times->watch, times->build, times->send, times->apply, times->paint };

    memcpy(ret, all, sizeof(all));
}

static void line_json(struct term *t, const struct term_line *line)
{
    double times[TIMES];
    bool first = true;

    get_times(line, times);
    strbuf_add(&t->text, STR("{\"event\":\"update\""));
    add_json_text(&t->text, "verb", str_from(line->verb));
    add_json_text(&t->text, "what", line->what);
    add_json_text(&t->text, "why", line->why);
    if (line->pages >= 0) {
        strbuf_addf(&t->text, ",\"pages\":%d", line->pages);
    }
    add_json_ms(&t->text, "ms", line->ms);
    strbuf_add(&t->text, STR(",\"timing\":{"));
    for (size_t i = 0; i < TIMES; i++) {
        if (is_known(times[i])) {
            strbuf_addf(&t->text, "%s\"%s\":%.3f", first ? "" : ",", time_names[i], times[i]);
            first = false;
        }
    }
    strbuf_add(&t->text, STR("}}\n"));
    flush(t);
}

/* The line without its end; colors included. */
static void add_line(struct term *t, const struct term_line *line)
{
    struct str verb = str_from(line->verb);
    double times[TIMES];
    char ms[32];
    bool numbers = line->pages >= 0 || is_known(line->ms);

    add_clock(t);
    strbuf_add(&t->text, STR("  "));
    painted(t, verb_color(verb), verb);
    strbuf_addf(&t->text, "%*s  ", verb.len < 6 ? (int)(6 - verb.len) : 0, "");
    size_t start = width(t);

    strbuf_add_printable(&t->text, line->what);
    if (line->why.len > 0) {
        strbuf_add(&t->text, line->what.len > 0 ? STR("   ") : STR(""));
        painted(t, DIM, line->why);
    }
    get_times(line, times);
    for (size_t i = 0; i < TIMES; i++) {
        numbers = numbers || is_known(times[i]);
    }
    if (!numbers) {
        return;
    }
    size_t taken = width(t) - start;

    strbuf_addf(&t->text, "%*s", taken < TEXT_COLUMN ? (int)(TEXT_COLUMN - taken) : 0, "");
    if (line->pages >= 0) {
        strbuf_addf(&t->text, "  %d %-5s", line->pages, line->pages == 1 ? "page" : "pages");
    }
    if (is_known(line->ms)) {
        format_ms(t, line->ms, true, ms);
        strbuf_addf(&t->text, "  %6s", ms);
    }
    paint(t, DIM);
    bool first = true;

    for (size_t i = 0; i < TIMES; i++) {
        if (is_known(times[i])) {
            format_ms(t, times[i], false, ms);
            strbuf_addf(&t->text, "%s%s %s", first ? "  " : " ", time_names[i], ms);
            first = false;
        }
    }
    paint(t, RESET);
}

/* For the key y. */
static void keep_why(struct term *t, const struct term_line *line)
{
    struct strbuf b;
    char **slot = &t->why[t->why_count++ % TERM_WHY_KEPT];

    strbuf_init(&b, BUILD_MAX);
    strbuf_addf(&b, "%-6s  ", line->verb);
    strbuf_add_printable(&b, line->what);
    strbuf_addf(&b, "\n        ");
    strbuf_add_printable(&b, line->why.len > 0 ? line->why : STR("no other reason than the save"));
    free(*slot);
    *slot = strbuf_take(&b);
}

void term_line(struct term *t, const struct term_line *line)
{
    struct strbuf said;
    struct str verb = str_from(line->verb);
    bool is_thrown = str_eq(verb, STR("throw")); /* by the page, whatever was saved */
    bool is_error = is_thrown || str_eq(verb, STR("error"));

    if (t->options.json) {
        line_json(t, line);
        return;
    }
    if (!is_thrown) {
        keep_why(t, line);
    }
    if (t->options.quiet && !is_error) {
        return;
    }
    strbuf_init(&said, BUILD_MAX);
    strbuf_add(&said, verb);
    strbuf_addc(&said, '\0');
    strbuf_add(&said, line->what);
    strbuf_addc(&said, '\0');
    strbuf_add(&said, line->why);
    bool same = t->last.len > 0 && str_eq(strbuf_str(&said), strbuf_str(&t->last));

    t->repeats = same ? t->repeats + 1 : 1;
    strbuf_finish(&t->last);
    t->last = said;
    add_line(t, line);
    if (t->options.tty && same) {
        paint(t, DIM);
        strbuf_addf(&t->text, "  (x%u)", t->repeats);
        paint(t, RESET);
    }
    bool fits = width(t) < get_columns(t);

    strbuf_addc(&t->text, '\n');
    if (t->options.tty && same && t->last_fits && fits) {
        out_write(t->out, STR("\033[1A\r\033[2K"));
    }
    t->last_fits = fits;
    flush(t);
}

static void diags_json(struct term *t, const struct diag_list *list)
{
    size_t dropped = list->dropped;
    bool first = true;

    strbuf_add(&t->text, STR("{\"event\":\"diagnostics\",\"diagnostics\":["));
    for (size_t i = 0; i < list->count; i++) {
        const struct diag *d = &list->items[i];
        struct strbuf one;

        strbuf_init(&one, ITEM_MAX * 4);
        strbuf_add(&one, first ? STR("{\"severity\":") : STR(",{\"severity\":"));
        strbuf_add_json(&one, diag_severity_name(d->severity));
        add_json_text(&one, "path", d->path);
        strbuf_addf(&one, ",\"line\":%u,\"col\":%u,\"end_line\":%u,\"end_col\":%u", d->line, d->col,
                d->end_line, d->end_col);
        add_json_text(&one, "code", d->code);
        add_json_text(&one, "text", d->text);
        add_json_text(&one, "hint", d->hint);
        add_json_text(&one, "frame", d->frame);
        strbuf_addc(&one, '}');
        if (one.overflow || t->text.len + one.len + ITEM_MAX > BUILD_MAX) {
            dropped++;
        } else {
            strbuf_add(&t->text, strbuf_str(&one));
            first = false;
        }
        strbuf_finish(&one);
    }
    strbuf_addf(&t->text, "],\"dropped\":%zu}\n", dropped);
    flush(t);
}

static void add_diag(struct term *t, const struct diag *d)
{
    paint(t, d->severity == DIAG_ERROR ? RED : d->severity == DIAG_WARNING ? YELLOW : CYAN);
    strbuf_add(&t->text, diag_severity_name(d->severity));
    if (d->code.len > 0) {
        strbuf_addc(&t->text, '[');
        strbuf_add_printable(&t->text, d->code);
        strbuf_addc(&t->text, ']');
    }
    paint(t, RESET);
    strbuf_addc(&t->text, ' ');
    if (d->path.len > 0) {
        paint(t, BOLD);
        strbuf_add_printable(&t->text, d->path);
        if (d->line > 0) {
            strbuf_addf(&t->text, ":%u", d->line);
        }
        if (d->line > 0 && d->col > 0) {
            strbuf_addf(&t->text, ":%u", d->col);
        }
        paint(t, RESET);
        strbuf_addc(&t->text, ' ');
    }
    struct str first;
    struct str rest;

    str_cut(d->text, '\n', &first, &rest);
    add_lines(t, "", first.len > 0 ? first : STR("(no text)"));
    add_lines(t, "  ", rest);
    add_lines(t, "  ", d->frame);
    if (d->hint.len > 0) {
        add_lines(t, "  = ", d->hint);
    }
}

void term_diags(struct term *t, const struct diag_list *list)
{
    size_t shown = 0;
    size_t hidden = list->dropped;
    size_t limit = t->options.verbose ? DIAG_MAX : TERM_DIAGS_SHOWN;

    if (t->options.json) {
        diags_json(t, list);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (t->options.quiet && list->items[i].severity != DIAG_ERROR) {
            continue;
        }
        if (shown == limit || t->text.len + 4 * ITEM_MAX > BUILD_MAX) {
            hidden++;
            continue;
        }
        add_diag(t, &list->items[i]);
        shown++;
    }
    if (hidden > 0 && shown > 0) {
        paint(t, DIM);
        strbuf_addf(&t->text, "and %zu more", hidden);
        paint(t, RESET);
        strbuf_addc(&t->text, '\n');
    }
    if (t->text.len > 0) {
        flush_other(t);
    }
}

/* A sentence as a note or an error, in the form of the other lines. */
static void say(struct term *t, const char *verb, const char *format, va_list args)
        __attribute__((format(printf, 3, 0)));

static void say(struct term *t, const char *verb, const char *format, va_list args)
{
    struct strbuf b;

    strbuf_init(&b, ITEM_MAX);
    strbuf_vaddf(&b, format, args);
    if (t->options.json) {
        add_event(t, verb, strbuf_str(&b));
        flush(t);
    } else {
        struct str verb_str = str_from(verb);

        add_clock(t);
        strbuf_add(&t->text, STR("  "));
        painted(t, verb_color(verb_str), verb_str);
        strbuf_addf(&t->text, "%*s  ", verb_str.len < 6 ? (int)(6 - verb_str.len) : 0, "");
        struct str first;
        struct str rest;

        str_cut(strbuf_str(&b), '\n', &first, &rest);
        add_lines(t, "", first.len > 0 ? first : STR(" "));
        add_lines(t, "                  ", rest);
        flush_other(t);
    }
    strbuf_finish(&b);
}

void term_notef(struct term *t, const char *format, ...)
{
    va_list args;

    if (t->options.quiet && !t->options.json) {
        return;
    }
    va_start(args, format);
    say(t, "note", format, args);
    va_end(args);
}

void term_verbosef(struct term *t, const char *format, ...)
{
    va_list args;

    if (!t->options.verbose) {
        return;
    }
    va_start(args, format);
    say(t, "note", format, args);
    va_end(args);
}

void term_errorf(struct term *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(t, "error", format, args);
    va_end(args);
}

void term_text(struct term *t, struct str text)
{
    if (t->options.json) {
        add_event(t, "note", text);
        flush(t);
        return;
    }
    add_lines(t, "  ", text);
    flush_other(t);
}

void term_json(struct term *t, struct str object)
{
    if (t->options.json) {
        strbuf_add(&t->text, object);
        strbuf_addc(&t->text, '\n');
        flush(t);
    }
}

bool term_is_json(const struct term *t)
{
    return t->options.json;
}

void term_help(struct term *t)
{
    static const struct {
        char key;
        const char *text;
    } keys[] = {
        { 'r', "rebuild everything" },
        { 'R', "reload all pages" },
        { 'o', "open in the browser" },
        { 'u', "show the addresses" },
        { 'y', "why: the last updates and their reasons" },
        { 's', "show the status" },
        { 'c', "clear the screen" },
        { 'q', "quit" },
    };

    if (t->options.json) {
        return;
    }
    strbuf_addc(&t->text, '\n');
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        strbuf_add(&t->text, STR("  "));
        painted(t, BOLD, (struct str){ &keys[i].key, 1 });
        strbuf_addf(&t->text, "  %s\n", keys[i].text);
    }
    strbuf_addc(&t->text, '\n');
    flush_other(t);
}

void term_urls(struct term *t)
{
    if (t->options.json || t->urls.len == 0) {
        return;
    }
    strbuf_add(&t->text, strbuf_str(&t->urls));
    flush_other(t);
}

void term_why(struct term *t)
{
    size_t count = t->why_count < TERM_WHY_KEPT ? t->why_count : TERM_WHY_KEPT;

    if (t->options.json) {
        return;
    }
    if (count == 0) {
        strbuf_add(&t->text, STR("  nothing has been updated yet\n"));
    }
    for (size_t i = t->why_count - count; i < t->why_count; i++) {
        add_lines(t, "  ", str_from(t->why[i % TERM_WHY_KEPT]));
    }
    flush_other(t);
}
